"""What a number about the gap rests on: the requirements and holdings behind it, each with source and standing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import polars as pl

from article3.domain import capability
from article3.evidence.addresses import ResultAddress
from article3.evidence.findings import Finding
from article3.evidence.planning import Planning
from article3.scenario.resolve import Inputs

_LARGEST: Final = 5
"""Holdings named of every element: the largest ones."""

Row = Mapping[str, Any]
Given = tuple[str, float, str, str, str, str]
"""Address, value, unit, standing, source, remark of one input."""


def inputs_of(finding: Finding, row: Row, inputs: Inputs) -> list[Given]:
    """Return the figures a row of the gap's tables rests on, the requirement first, then the largest holdings.

    Parameters
    ----------
    finding, row
        The table and the row.
    inputs
        The scenario it belongs to.
    """
    when, planning = finding.when, inputs.planning
    if finding.name == "holding":
        return holdings(planning, when, [row["element"]], row["holder"])
    if finding.name == "published_set":
        return _planning_row(planning, "published", {"set": row["set"], "item": row["item"]}, "unit", when)
    if finding.name == "european_share" and row["denominator"] == "inventory" and row["case"] != "our_holdings":
        return _counted(planning, row, when)
    if finding.name == "us_cut":
        return [*_offers(inputs, row, when), *holdings(planning, when, [row["element"]])]
    found: list[Given] = []
    absent = inputs.without if row.get("posture") == "without" else ()
    for contingency, name in _needs_of(row, inputs):
        found += needs(inputs, when, contingency, name, row.get("window_days"))
        found += holdings(planning, when, [capability(name).element], absent=absent)
    if row.get("element") and not found:
        found += holdings(planning, when, [row["element"]], absent=absent)
    if finding.name in ("multiplier", "package"):
        found += _planning_row(planning, "costs", {"element": row["item"]}, "", when)
        found += _planning_row(planning, "improvements", {"improvement": row["item"]}, "", when)
    return list(dict.fromkeys(found))


def _needs_of(row: Row, inputs: Inputs) -> Iterable[tuple[str, str]]:
    """Yield contingency and capability of the requirements a row speaks of: one, or what holds a contingency back."""
    cases = str(row.get("contingency") or row.get("case") or row.get("situation") or "").split(";")
    known = {item.id for item in inputs.contingencies}
    names = row.get("capability") or row.get("binding_capability") or ""
    own = [item for item in inputs.contingencies if item.id in cases]
    if not names:
        names = ";".join(own[0].essential[:3]) if own and row.get("margin") is not None else ""
    for case in cases:
        for name in str(names).split(";"):
            if case in known and name:
                yield case, name


def needs(inputs: Inputs, when: str, contingency: str, name: str, window: Any) -> list[Given]:
    """Return the requirements of a capability in a contingency, in one window or in all."""
    item = next(found for found in inputs.contingencies if found.id == contingency)
    return [
        (
            str(ResultAddress("requirement", when, "central", (contingency, name, str(need.window_days)))),
            need.central,
            capability(name).unit,
            need.standing,
            need.source_id,
            need.note,
        )
        for need in item.needs
        if need.capability == name and window in (None, need.window_days)
    ]


def holdings(
    planning: Planning, when: str, elements: list[str], holder: str = "", absent: Iterable[str] = ()
) -> list[Given]:
    """Return the largest holdings of some elements among those who take part, or what one holder has."""
    rows = planning.table("holdings").filter(pl.col("element").is_in(elements), ~pl.col("holder").is_in(list(absent)))
    rows = rows.filter(pl.col("holder") == holder) if holder else rows.sort("central", descending=True).head(_LARGEST)
    return [
        (
            str(ResultAddress("holding", when, "central", (row["holder"], row["element"]))),
            row["central"],
            f"held {row['as_of']}",
            row["standing"],
            row["source_id"],
            row["note"],
        )
        for row in rows.iter_rows(named=True)
    ]


def _offers(inputs: Inputs, row: Row, when: str) -> list[Given]:
    us = inputs.scenario.us
    versions = {"reduced": us.reduced, **{f"reduced_{item.rsplit('_', 1)[-1]}": item for item in us.variants}}
    found = []
    for version, column in ((us.with_us, "before"), (versions.get(row["variant"], us.reduced), "after")):
        rows = inputs.planning.table("offers").filter(pl.col("version") == version, pl.col("element") == row["element"])
        for offer in rows.iter_rows(named=True):
            address = ResultAddress("us_cut", when, column, (row["variant"], row["element"]))
            found.append(
                (str(address), offer["central"], version, offer["standing"], offer["source_id"], offer["note"])
            )
    return found


def _counted(planning: Planning, row: Row, when: str) -> list[Given]:
    rows = planning.table("inventories").filter(
        pl.col("capability") == row["capability"], pl.col("source_id") == row["case"]
    )
    keys = (row["capability"], "inventory", row["case"], "0")
    return [
        (
            str(ResultAddress("european_share", when, column, keys)),
            value,
            f"{who}, {found['year']}",
            found["standing"],
            found["source_id"],
            found["definition"],
        )
        for found in rows.iter_rows(named=True)
        for who, value, column in (
            ("Europe", found["europe"], "europe"),
            ("United States and Europe", found["usa"] + found["europe"], "required"),
        )
    ]


def _planning_row(planning: Planning, table: str, keys: dict[str, str], unit: str, when: str) -> list[Given]:
    rows = planning.table(table).filter(*(pl.col(name) == value for name, value in keys.items()))
    found = []
    for row in rows.iter_rows(named=True):
        value = row.get("central", row.get("cost_usd_m"))
        what = row[unit] if unit else f"million US$ of {row['price_year']}"
        where = f"{table}: {'/'.join(keys.values())}" if unit != "unit" else _published(row, when)
        found.append((where, float(value or 0.0), what, row["standing"], row["source_id"], row.get("note") or ""))
    return found


def _published(row: Row, when: str) -> str:
    keys = (row["set"], row["item"], str(int(row["window_days"] or 0)))
    return str(ResultAddress("published_set", when, "published_central", keys))
