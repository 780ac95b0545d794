"""What a number of the shift rests on: offers, people, requirements, holdings, counts, posts, each with its source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import polars as pl

from article3.domain import capability, force_element, force_elements
from article3.evidence.findings import Finding
from article3.run.gap_inputs import Given, holdings, needs
from article3.run.plan_inputs import element_inputs
from article3.scenario.resolve import Inputs

Row = Mapping[str, Any]
_NAMED: Final = 3
"""Capabilities, elements or contingencies named where a number is about many."""
_PILOT: Final = "ukraine_force"
_TOTAL: Final = "total"


def shift_inputs_of(finding: Finding, row: Row, inputs: Inputs) -> list[Given]:
    """Return the figures a row of the shift's tables rests on; none where it rests on all of them, or on settings.

    Parameters
    ----------
    finding, row
        The table and the row asked for.
    inputs
        The scenario it belongs to.
    """
    found = _OF[finding.name](inputs, row, _when(finding.when, inputs)) if finding.name in _OF else []
    return list(dict.fromkeys(found))


def _when(when: str, inputs: Inputs) -> str:
    """Return the date and scenario of the gap's tables beside a shift: its settings, they do not know."""
    if "~" not in when:
        return when
    from article3.gap.analysis import when_of  # noqa: PLC0415 - the solver's arrays, for some scenarios

    return when_of(inputs)


def _leaving(inputs: Inputs, row: Row, when: str) -> list[Given]:
    """Return what leaves of an element, what asks for it, and who else has it; of a post its staff."""
    name = row.get("element") or row.get("subject") or ""
    if name not in {item.id for item in force_elements()}:
        return _staff(inputs, {"post": row.get("post") or name}, when)
    given = [*_offer(inputs, name), *_people(inputs, name)]
    asking = [
        item
        for case in inputs.contingencies
        for item in _asked(inputs, when, case.id, _serving(dict.fromkeys(need.capability for need in case.needs), name))
    ]
    return [*given, *asking[:_NAMED], *holdings(inputs.planning, when, [name], absent=("USA",))]


def _serving(names: Iterable[str], element: str) -> list[str]:
    """Return the capabilities among some that an element gives like with like."""
    return [name for name in names if capability(name).element == element]


def _offer(inputs: Inputs, element: str) -> list[Given]:
    version = inputs.scenario.us.with_us
    rows = inputs.planning.table("offers").filter(pl.col("version") == version, pl.col("element") == element)
    return [
        (f"offers: {version}/{element}", row["central"], "units offered", *_said(row))
        for row in rows.iter_rows(named=True)
    ]


def _people(inputs: Inputs, element: str) -> list[Given]:
    rows = inputs.planning.table("upkeep").filter(pl.col("element") == element)
    return [
        (f"upkeep: {element}", row["personnel"], "people a unit", *_said(row)) for row in rows.iter_rows(named=True)
    ]


def _said(row: Row) -> tuple[str, str, str]:
    return row["standing"], row["source_id"], row.get("note") or ""


def _asked(inputs: Inputs, when: str, case: str, names: Iterable[str], window: Any = None) -> list[Given]:
    return [item for name in names for item in needs(inputs, when, case, name, window)]


def _exposed(inputs: Inputs, row: Row, when: str) -> list[Given]:
    """Return the drawdown, who is there, and requirements and holdings of what is least covered."""
    case = next(item for item in inputs.contingencies if item.id == row["contingency"])
    names = [name for name in str(row.get("weakest") or "").split(";") if name] or list(case.essential)
    found = [*_drawdown(inputs, row["drawdown"]), *_present(inputs)]
    found += _asked(inputs, when, case.id, names[:_NAMED], row["window_days"])
    elements = [capability(name).element for name in names[:_NAMED]]
    return [*found, *(item for name in elements for item in holdings(inputs.planning, when, [name]))]


def _drawdown(inputs: Inputs, name: str) -> list[Given]:
    """Return a schedule: what leaves in all."""
    for item in inputs.drawdowns:
        if item.drawdown == name:
            people = float(sum(step.personnel or 0 for step in item.steps))
            units = float(sum(step.units or 0 for step in item.steps))
            amount = (people, "people that leave in all") if people else (units, "units that leave in all")
            return [(f"drawdown: {name}", *amount, item.standing, item.source, item.note)]
    return []


def _present(inputs: Inputs) -> list[Given]:
    rows = inputs.planning.table("troops").filter(pl.col("measure") == "presence")
    most = rows.sort("central", descending=True).head(1)
    return [
        (f"troops: {row['host']}", row["central"], f"people present, {row['as_of']}", *_said(row))
        for row in most.iter_rows(named=True)
    ]


def _step(inputs: Inputs, row: Row, when: str) -> list[Given]:  # noqa: ARG001 - as all of them
    return [*_drawdown(inputs, row["drawdown"]), *_present(inputs)]


def _closed(inputs: Inputs, row: Row, when: str) -> list[Given]:
    """Return the drawdown that is closed, and price, operation and lines of what is ordered."""
    own = [] if row["element"] == _TOTAL else element_inputs(inputs, row["element"], when)
    return [*_drawdown(inputs, row["drawdown"]), *own]


def _half(inputs: Inputs, row: Row, when: str) -> list[Given]:
    """Return a count as published, or requirements and holdings."""
    name, case = row["capability"], row["case"]
    rows = inputs.planning.table("inventories").filter(pl.col("capability") == name, pl.col("source_id") == case)
    if rows.height:
        return [
            (f"inventories: {name}/{case}", count[who], f"{title}, {count['year']}", *_counted(count))
            for count in rows.iter_rows(named=True)
            for who, title in (("europe", "Europe"), ("usa", "United States"))
        ]
    found: list[Given] = []
    if row["reading"] == "requirement":
        cases = [item.id for item in inputs.contingencies if case in (item.id, "every")]
        window = row.get("window_days") or None
        found = [item for one in cases for item in needs(inputs, when, one, name, window)][: 2 * _NAMED]
    return [*found, *holdings(inputs.planning, when, [capability(name).element])]


def _counted(row: Row) -> tuple[str, str, str]:
    return row["standing"], row["source_id"], row["definition"]


def _used(inputs: Inputs, row: Row, when: str) -> list[Given]:
    case = next(item for item in inputs.contingencies if item.id == row["contingency"])
    found = []
    for name in case.essential[:_NAMED]:
        found += needs(inputs, when, case.id, name, row["window_days"])
        found += holdings(inputs.planning, when, [capability(name).element])
    return found


def _staff(inputs: Inputs, row: Row, when: str) -> list[Given]:  # noqa: ARG001 - as all of them
    """Return what is held of a post: its staff, and the terms by which officers are counted."""
    mine = inputs.planning.table("post_staff").filter(pl.col("post") == row["post"])
    staff = [
        (f"post_staff: {row['post']}", found["central"], "people in its headquarters", *_said(found))
        for found in mine.iter_rows(named=True)
    ]
    return [*staff, *_terms(inputs)]


def _terms(inputs: Inputs) -> list[Given]:
    return [
        (f"post_terms: {row['term']}", row["central"], row["unit"], *_said(row))
        for row in inputs.planning.table("post_terms").iter_rows(named=True)
    ]


def _candidate(inputs: Inputs, row: Row, when: str) -> list[Given]:
    """Return what is held of a post, and what the Ally has most of in the domains of the post."""
    posts = inputs.planning.table("posts").filter(pl.col("post") == row["post"])
    domains = posts["domains"][0].split(";") if posts.height and posts["domains"][0] else []
    rows = inputs.planning.table("holdings").filter(pl.col("holder") == row["ally"]).sort("central", descending=True)
    names = [name for name in rows["element"] if force_element(name).domain in domains][:_NAMED]
    return [
        *_staff(inputs, row, when),
        *(one for name in names for one in holdings(inputs.planning, when, [name], row["ally"])),
    ]


def _pilot(inputs: Inputs, row: Row, when: str) -> list[Given]:
    """Return what the force for Ukraine asks of an enabler and who has most of it; of a post its terms."""
    if row["kind"] != "enabler" or _PILOT not in {item.id for item in inputs.contingencies}:
        return _terms(inputs)
    element = capability(row["item"]).element
    asked = needs(inputs, when, _PILOT, row["item"], row["window_days"] or None)
    return [*asked, *_offer(inputs, element), *holdings(inputs.planning, when, [element])]


_OF: Final[dict[str, Callable[[Inputs, Row, str], list[Given]]]] = {
    **dict.fromkeys(("handover", "fastest", "leaving", "bargain", "notice"), _leaving),
    "exposure": _exposed,
    "exposure_step": _step,
    "closing": _closed,
    **dict.fromkeys(("half_by_2030", "half_path"), _half),
    "force_used": _used,
    "post": _staff,
    "post_candidate": _candidate,
    "post_pilot": _pilot,
}
"""What stands behind the rows of each table; the others rest on settings, or on all of it, and say so in a sentence."""
