"""Compare the shifts of two runs: when forces can leave, what drawdowns uncover and cost to close, half by 2030, posts.

Not cell by cell: a step that moves by a day has another address, and one that is put off has none on the other side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from article3.shift.described import TABLES

Frames = Mapping[str, pl.DataFrame]

TOLERANCE: Final = 1e-6
"""Relative difference below which two numbers are the same: what a solver leaves open."""
_SIDES: Final = ("first", "second")


def shift_changes(first: Frames, second: Frames) -> list[dict[str, Any]]:
    """Return what differs between two shifts.

    Parameters
    ----------
    first, second
        Tables of two runs by name.

    Returns
    -------
    list of dict
        Rows of the tables ``fastest_changed`` (day on which an element is gone, units that stay, by plan),
        ``exposure_changed`` (days exposed in all and worst drop, by drawdown), ``closing_changed`` (price of the orders
        that close it), ``half_changed`` (share, odds and year crossed, by capability) and ``posts_changed`` (day and
        Ally, by post). A drawdown that is judged on one side only has nothing on the other.
    """
    if "fastest" not in first or "fastest" not in second:
        return []
    return [
        *_fastest(first, second),
        *_exposure(first, second),
        *_closing(first, second),
        *_half(first, second),
        *_posts(first, second),
    ]


def compared_here(name: str) -> bool:
    """Return whether a table is compared here instead of cell by cell."""
    return name in TABLES


def shift_sentence(changes: Sequence[Mapping[str, Any]]) -> str:
    """Say in a sentence how two shifts differ."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in changes:
        found.setdefault(row["table"], []).append(row)
    parts = []
    if gone := found.get("fastest_changed"):
        later = sum((row["days"] is not None and row["days"] > 0) or row["second"] is None for row in gone)
        kinds = len({row["element"] for row in gone})
        parts.append(f"when {kinds} kinds of forces can leave ({later} of {len(gone)} dates later in the second)")
    if exposed := found.get("exposure_changed"):
        totals = [sum(row[side] or 0.0 for row in exposed) for side in _SIDES]
        parts.append(f"days exposed under {len(exposed)} drawdowns ({totals[0]:,.0f} and {totals[1]:,.0f})")
    if closed := found.get("closing_changed"):
        parts.append(f"what closes {len(closed)} of them")
    if half := found.get("half_changed"):
        parts.append(f"Europe's share of {len({row['capability'] for row in half})} capabilities in 2030")
    if posts := found.get("posts_changed"):
        parts.append(f"{len(posts)} command posts")
    return f"The shifts differ in {', '.join(parts)}." if parts else ""


def _joined(first: pl.DataFrame, second: pl.DataFrame, keys: Sequence[str], shown: Sequence[str]) -> pl.DataFrame:
    """Return some columns of both sides by key, sorted; nulls where a side has no such row."""
    sides = [frame.select(*keys, *shown) for frame in (first, second)]
    return sides[0].join(sides[1], on=list(keys), how="full", coalesce=True, suffix="_second").sort(list(keys))


def _differ(one: float | None, two: float | None) -> bool:
    if one is None or two is None:
        return one is not two
    return abs(one - two) > TOLERANCE * max(abs(one), abs(two), 1e-3)


def _change(one: float | None, two: float | None) -> float | None:
    return None if one is None or two is None else two - one


def _fastest(first: Frames, second: Frames) -> list[dict[str, Any]]:
    rows = _joined(first["fastest"], second["fastest"], ("plan", "element"), ("gone_date", "stays"))
    return [
        {
            "table": "fastest_changed",
            "plan": row["plan"],
            "element": row["element"],
            "first": row["gone_date"],
            "second": row["gone_date_second"],
            "days": _days(row["gone_date"], row["gone_date_second"]),
            "stays_first": row["stays"],
            "stays_second": row["stays_second"],
        }
        for row in rows.iter_rows(named=True)
        if row["gone_date"] != row["gone_date_second"] or _differ(row["stays"], row["stays_second"])
    ]


def _days(one: str | None, two: str | None) -> int | None:
    """Return the days by which a date is later; None where one of them is never."""
    return (date.fromisoformat(two) - date.fromisoformat(one)).days if one and two else None


def _exposure(first: Frames, second: Frames) -> list[dict[str, Any]]:
    sums = [pl.col("exposure_days").sum(), pl.col("worst_drop").max()]
    sides = [frames["exposure"].group_by("drawdown", maintain_order=True).agg(sums) for frames in (first, second)]
    return [
        {
            "table": "exposure_changed",
            "drawdown": row["drawdown"],
            "first": row["exposure_days"],
            "second": row["exposure_days_second"],
            "change": _change(row["exposure_days"], row["exposure_days_second"]),
            "worst_first": row["worst_drop"],
            "worst_second": row["worst_drop_second"],
        }
        for row in _joined(sides[0], sides[1], ("drawdown",), ("exposure_days", "worst_drop")).iter_rows(named=True)
        if _differ(row["exposure_days"], row["exposure_days_second"])
        or _differ(row["worst_drop"], row["worst_drop_second"])
    ]


def _closing(first: Frames, second: Frames) -> list[dict[str, Any]]:
    sides = [frames["closing"].filter(pl.col("element") == "total") for frames in (first, second)]
    return [
        {
            "table": "closing_changed",
            "drawdown": row["drawdown"],
            "first": row["cost_usd2021_m"],
            "second": row["cost_usd2021_m_second"],
            "change": _change(row["cost_usd2021_m"], row["cost_usd2021_m_second"]),
        }
        for row in _joined(sides[0], sides[1], ("drawdown",), ("cost_usd2021_m",)).iter_rows(named=True)
        if _differ(row["cost_usd2021_m"], row["cost_usd2021_m_second"])
    ]


def _half(first: Frames, second: Frames) -> list[dict[str, Any]]:
    """Return changes of a capability's requirements together, and of what is held; not requirement by requirement."""
    keys = ("basis", "reading", "capability", "case")
    wide = (pl.col("case") == "every") | (pl.col("reading") != "requirement")
    sides = [frames["half_by_2030"].filter(wide) for frames in (first, second)]
    shown = ("share_2030", "odds", "year_crossed")
    return [
        {
            "table": "half_changed",
            **{key: row[key] for key in keys},
            "share_first": row["share_2030"],
            "share_second": row["share_2030_second"],
            "odds_first": row["odds"],
            "odds_second": row["odds_second"],
            "first": row["year_crossed"],
            "second": row["year_crossed_second"],
        }
        for row in _joined(sides[0], sides[1], keys, shown).iter_rows(named=True)
        if _differ(row["share_2030"], row["share_2030_second"])
        or _differ(row["odds"], row["odds_second"])
        or row["year_crossed"] != row["year_crossed_second"]
    ]


def _posts(first: Frames, second: Frames) -> list[dict[str, Any]]:
    """Return posts whose next handover is on another day or to another Ally."""
    sides = [
        frames["post"].filter(pl.col("date").is_not_null()).unique("post", keep="first", maintain_order=True)
        for frames in (first, second)
    ]
    return [
        {
            "table": "posts_changed",
            "post": row["post"],
            "first": row["date"],
            "second": row["date_second"],
            "ally_first": row["next_ally"],
            "ally_second": row["next_ally_second"],
        }
        for row in _joined(sides[0], sides[1], ("post",), ("date", "next_ally")).iter_rows(named=True)
        if (row["date"], row["next_ally"]) != (row["date_second"], row["next_ally_second"])
    ]
