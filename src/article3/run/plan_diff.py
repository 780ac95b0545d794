"""Compare the plans of two runs: who orders what, money by year, what can be met, goals; not cell by cell.

Rows of a plan are named by what was decided, so that two plans share few of them: sums by Ally and element do compare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from article3.plan.described import TABLES

Frames = Mapping[str, pl.DataFrame]

TOLERANCE: Final = 1e-6
"""Relative difference below which two sums are the same: what a solver leaves open."""


def plan_changes(first: Frames, second: Frames) -> list[dict[str, Any]]:
    """Return what differs between two plans.

    Parameters
    ----------
    first, second
        Tables of two runs by name.

    Returns
    -------
    list of dict
        Rows of the tables ``orders_changed`` (units and price by element and buyer), ``money_changed`` (all Allies by
        year), ``attainment_changed`` (situation, window, year) and ``goals_changed`` (verdict by requirement).
    """
    if "orders" not in first or "orders" not in second:
        return []
    return [*_orders(first, second), *_money(first, second), *_attainment(first, second), *_goals(first, second)]


def compared_here(name: str) -> bool:
    """Return whether a table is compared here instead of cell by cell."""
    return name in TABLES


def plan_sentence(changes: Sequence[Mapping[str, Any]]) -> str:
    """Say in a sentence how two plans differ."""
    found = {
        name: [row for row in changes if row["table"] == name] for name in dict.fromkeys(r["table"] for r in changes)
    }
    if not found:
        return ""
    parts = []
    if orders := found.get("orders_changed"):
        cost = [sum(row[f"cost_{side}"] for row in orders) / 1000 for side in ("first", "second")]
        elements = len({row["element"] for row in orders})
        parts.append(f"orders of {elements} kinds of forces (worth {cost[0]:,.1f} and {cost[1]:,.1f} bn US$)")
    if money := found.get("money_changed"):
        parts.append(f"money in {len(money)} years")
    if met := found.get("attainment_changed"):
        better = sum(row["change"] > 0 for row in met)
        parts.append(f"what can be met in {len(met)} cases ({better} better, {len(met) - better} worse in the second)")
    if goals := found.get("goals_changed"):
        parts.append(f"{len(goals)} goals")
    return f"The plans differ in {', '.join(parts)}."


def _joined(first: Frames, second: Frames, name: str, keys: Sequence[str], values: Mapping[str, str]) -> pl.DataFrame:
    """Return sums of some columns by key on both sides; nothing on one side counts as 0."""
    sides = []
    for frames, side in ((first, "first"), (second, "second")):
        sums = [pl.col(column).sum().alias(f"{label}{side}") for column, label in values.items()]
        sides.append(frames[name].group_by(list(keys), maintain_order=True).agg(sums))
    joined = sides[0].join(sides[1], on=list(keys), how="full", coalesce=True).sort(list(keys))
    return joined.with_columns(pl.col(pl.Float64).fill_null(0.0))


def _differ(one: float, two: float) -> bool:
    return abs(one - two) > TOLERANCE * max(abs(one), abs(two), 1e-3)


def _orders(first: Frames, second: Frames) -> list[dict[str, Any]]:
    values = {"units": "", "cost_usd2021_m": "cost_"}
    rows = _joined(first, second, "orders", ("element", "ally"), values).iter_rows(named=True)
    return [
        {"table": "orders_changed", **row, "change": row["second"] - row["first"]}
        for row in rows
        if _differ(row["first"], row["second"])
    ]


def _money(first: Frames, second: Frames) -> list[dict[str, Any]]:
    values = {"spent": "", "envelope": "envelope_"}
    return [
        {"table": "money_changed", **row, "change": row["second"] - row["first"]}
        for row in _joined(first, second, "plan_money", ("year",), values).iter_rows(named=True)
        if _differ(row["first"], row["second"]) or _differ(row["envelope_first"], row["envelope_second"])
    ]


def _attainment(first: Frames, second: Frames) -> list[dict[str, Any]]:
    """Return changes of what can be met; the posture may differ, as it does where the United States is absent."""
    keys = ["situation", "window_days", "year"]
    sides = [frames["plan_attainment"].select(*keys, "attainment") for frames in (first, second)]
    joined = sides[0].join(sides[1], on=keys, how="inner", suffix="_second").sort(keys)
    return [
        {
            "table": "attainment_changed",
            **{key: row[key] for key in keys},
            "first": row["attainment"],
            "second": row["attainment_second"],
            "change": row["attainment_second"] - row["attainment"],
        }
        for row in joined.iter_rows(named=True)
        if _differ(row["attainment"], row["attainment_second"])
    ]


def _goals(first: Frames, second: Frames) -> list[dict[str, Any]]:
    keys = ["goal", "contingency", "capability", "window_days"]
    shown = ["verdict", "share_with_plan", "year_reached"]
    sides = [frames["plan_goal"].select(*keys, *shown) for frames in (first, second)]
    joined = sides[0].join(sides[1], on=keys, how="full", coalesce=True, suffix="_second").sort(keys)
    return [
        {
            "table": "goals_changed",
            **{key: row[key] for key in keys},
            "first": row["verdict"],
            "second": row["verdict_second"],
            "share_first": row["share_with_plan"],
            "share_second": row["share_with_plan_second"],
            "year_first": row["year_reached"],
            "year_second": row["year_reached_second"],
        }
        for row in joined.iter_rows(named=True)
        if row["verdict"] != row["verdict_second"] or row["year_reached"] != row["year_reached_second"]
    ]
