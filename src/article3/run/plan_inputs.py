"""What a number of the plan rests on: prices, lines, operation, holdings, requirements, money, each with its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import polars as pl

from article3.domain import capability, force_element, force_elements
from article3.evidence.addresses import EvidenceAddress
from article3.evidence.findings import Finding
from article3.run.gap_inputs import Given, holdings, needs
from article3.scenario.resolve import Inputs

Row = Mapping[str, Any]
_DEAREST: Final = 3
"""Force elements named where a number is about many."""


def plan_inputs_of(finding: Finding, row: Row, column: str, inputs: Inputs) -> list[Given]:
    """Return the figures a row of the plan's tables rests on; none where it rests on all of them.

    Parameters
    ----------
    finding, row, column
        The table, the row and the column asked for.
    inputs
        The scenario it belongs to.
    """
    when = _when(finding.when, inputs)
    found = _OF[finding.name](inputs, row, column, when) if finding.name in _OF else []
    return list(dict.fromkeys(found))


def _when(when: str, inputs: Inputs) -> str:
    """Return the date and scenario of the gap's tables beside a plan: what the plan changes, they do not know."""
    if "~own-" not in when:
        return when
    from article3.gap.analysis import when_of  # noqa: PLC0415 - the solver's arrays, for scenarios of one's own

    return when_of(inputs)


def _order(inputs: Inputs, row: Row, column: str, when: str) -> list[Given]:
    if column == "fit":
        return _fit(inputs, row, column, when)
    return [
        *_price(inputs, row["element"]),
        *_line(inputs, row["line"]),
        *_entry(inputs, row["element"]),
        *_held(inputs, when, row["ally"], row["element"]),
    ]


def _held(inputs: Inputs, when: str, code: str, element: str) -> list[Given]:
    """Return what an Ally holds of an element, or the agreement of a fleet."""
    fleet = inputs.planning.table("pooling").filter(pl.col("pool") == code)
    if fleet.height:
        row = fleet.row(0, named=True)
        what = "share of the cost of entering"
        return [(f"pooling: {code}", row["entry"], what, row["standing"], row["source_id"], row["note"])]
    return holdings(inputs.planning, when, [element], code)


def _price(inputs: Inputs, element: str) -> list[Given]:
    return [
        (f"costs: {element}", row["central"], f"million US$ of {row['price_year']}", *_said(row))
        for row in inputs.planning.table("costs").filter(pl.col("element") == element).iter_rows(named=True)
    ]


def _entry(inputs: Inputs, element: str) -> list[Given]:
    """Return what operating a unit costs, and what fielding the first does."""
    found = []
    for row in inputs.planning.table("upkeep").filter(pl.col("element") == element).iter_rows(named=True):
        money = f"million US$ of {row['price_year']}"
        found.append((f"upkeep: {element}", row["central"], f"{money} a unit and year", *_said(row)))
        found.append((f"upkeep: {element}", row["personnel"], "people a unit", *_said(row)))
        found.append((f"upkeep: {element}", row["entry_usd_m"], f"{money} to enter", *_said(row)))
    return found


def _line(inputs: Inputs, name: str) -> list[Given]:
    found = []
    for row in inputs.planning.table("lines").filter(pl.col("line") == name).iter_rows(named=True):
        found.append((f"lines: {name}", row["central"], f"units a year from {row['opens']} on", *_said(row)))
        found.append((f"lines: {name}", row["lead_years"], "years from order to delivery", *_said(row)))
    return found


def _said(row: Row) -> tuple[str, str, str]:
    return row["standing"], row["source_id"], row.get("note") or ""


def _lines_of(inputs: Inputs, element: str) -> list[Given]:
    """Return the largest lines of an element."""
    rows = inputs.planning.table("lines").filter(pl.col("element") == element)
    names = rows.sort("central", "line", descending=[True, False])["line"].head(_DEAREST)
    return [item for name in names for item in _line(inputs, name)]


def _element(inputs: Inputs, row: Row, column: str, when: str) -> list[Given]:  # noqa: ARG001 - as all of them
    return element_inputs(inputs, row["element"], when)


def element_inputs(inputs: Inputs, name: str, when: str) -> list[Given]:
    """Return price, operation, largest lines and largest holdings of a force element."""
    return [*_price(inputs, name), *_entry(inputs, name), *_lines_of(inputs, name), *_most(inputs, when, name)]


def _most(inputs: Inputs, when: str, element: str) -> list[Given]:
    return holdings(inputs.planning, when, [element])


def _one_line(inputs: Inputs, row: Row, column: str, when: str) -> list[Given]:  # noqa: ARG001
    return [*_line(inputs, row["line"]), *_price(inputs, row["element"])]


def _effort(inputs: Inputs, row: Row, column: str, when: str) -> list[Given]:  # noqa: ARG001
    """Return what a line of effort rests on: its name is that of an element and of a line or fleet."""
    element, _, source = row["effort"].partition(".")
    fleet = inputs.planning.table("pooling").filter(pl.col("pool") == source).height > 0
    made = [*_held(inputs, when, source, element), *_lines_of(inputs, element)] if fleet else _line(inputs, source)
    return [*_price(inputs, element), *made]


def _pool(inputs: Inputs, row: Row, column: str, when: str) -> list[Given]:  # noqa: ARG001
    return [*_held(inputs, when, row["pool"], row["element"]), *_price(inputs, row["element"])]


def _needed(inputs: Inputs, row: Row, column: str, when: str) -> list[Given]:  # noqa: ARG001
    """Return requirements and holdings behind what is met or carried; of what is met wholly, the essential ones."""
    cases = str(row["contingency"]).split(";")
    names = [name for name in str(row.get("capability") or row.get("binding_capability") or "").split(";") if name]
    own = {item.id: item for item in inputs.contingencies if item.id in cases}
    if not names or names == ["all"]:
        some = list(own.values()) or list(inputs.contingencies)
        own, names = {item.id: item for item in some}, list(some[0].essential[:_DEAREST])
    found: list[Given] = []
    for name in names:
        for case in own:
            found += needs(inputs, when, case, name, row["window_days"] or None)
        found += _most(inputs, when, capability(name).element)
    return found


def _special(inputs: Inputs, row: Row, column: str, when: str) -> list[Given]:  # noqa: ARG001
    """Return what an Ally holds in a domain, the most first, and the prices of it."""
    mine = [item.id for item in force_elements() if item.domain == row["domain"]]
    rows = inputs.planning.table("holdings").filter(pl.col("holder") == row["ally"], pl.col("element").is_in(mine))
    held = rows.sort("central", descending=True)["element"].head(_DEAREST).to_list() or mine[:_DEAREST]
    found = [item for name in held for item in holdings(inputs.planning, when, [name], row["ally"])]
    return [*found, *(item for name in held for item in _price(inputs, name))]


def _fit(inputs: Inputs, row: Row, column: str, when: str) -> list[Given]:  # noqa: ARG001
    """Return holdings, and what is said of the Ally and the element, its domain or anything."""
    subjects = [row["element"], force_element(row["element"]).domain, "any"]
    said = inputs.planning.table("fit").filter(pl.col("ally") == row["ally"], pl.col("subject").is_in(subjects))
    return [
        *(
            (f"fit: {item['ally']}/{item['term']}/{item['subject']}", item["value"], "from 0 to 1", *_said(item))
            for item in said.iter_rows(named=True)
        ),
        *_held(inputs, when, row["ally"], row["element"]),
        *_most(inputs, when, row["element"]),
    ]


def _money(inputs: Inputs, row: Row, column: str, when: str) -> list[Given]:  # noqa: ARG001
    """Return the Ally's figures behind its envelope: shares of GDP and of equipment, and GDP."""
    from article3.plan.means import BASE, PRICES  # noqa: PLC0415 - numpy, for those who ask

    evidence = inputs.evidence
    found = []
    measures = (
        ("nato", "defence_pct_gdp", BASE),
        ("nato", "equipment_share_pct", BASE),
        ("weo", "gdp_usd_current", PRICES),
        ("weo", "gdp_real_growth_pct", BASE),
    )
    for dataset, measure, year in measures:
        table = evidence.table(dataset)
        rows = table.filter(pl.col("measure") == measure, pl.col("ally") == row["ally"], pl.col("period") <= year)
        if rows.height:
            last = rows.sort("period", "vintage").row(-1, named=True)
            address = EvidenceAddress(dataset, last["vintage"], measure, row["ally"], int(last["period"]))
            found.append((str(address), last["value"], last["unit"], last["standing"], last["source_id"], ""))
    return found


def _replaced(inputs: Inputs, row: Row, column: str, when: str) -> list[Given]:  # noqa: ARG001
    unit = "thousand million US$"
    names = [name for name in str(row["source"] or "").split(";") if name]
    return [(f"replacement: {row['item']}", row[column] or 0.0, unit, row["standing"], name, "") for name in names]


_OF: Final[dict[str, Callable[[Inputs, Row, str, str], list[Given]]]] = {
    "orders": _order,
    "plan_money": _money,
    **dict.fromkeys(("plan_attainment", "plan_share", "plan_goal"), _needed),
    **dict.fromkeys(("plan_total", "catalogue"), _element),
    "plan_pool": _pool,
    **dict.fromkeys(("effort", "effort_money", "milestones", "down_payment"), _effort),
    "specialisation": _special,
    "fit": _fit,
    "line": _one_line,
    "replacement": _replaced,
}
"""What stands behind the rows of each table; tables that sum up everything rest on all of it and are left out."""
