"""Tables of the shift about leaving: what gates what, what stays, what given drawdowns uncover, and pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.evidence.findings import Finding
from article3.report.gap_tables import NOTHING, counted, said
from article3.report.gap_words import amount, called, lower
from article3.report.markup import Table
from article3.report.plan_tables import Cells, summed
from article3.report.plan_words import at, money
from article3.report.shift_exposed import too_early
from article3.report.shift_grid import grid
from article3.report.shift_leaving import shown
from article3.report.shift_pace import lines_of
from article3.report.shift_words import (
    GROUPS,
    SCHEDULES,
    STAYING,
    counted_words,
    drawdowns,
    fall,
    gates,
    gates_words,
    last_date,
    shown_plan,
    title_of,
    when_words,
)
from article3.report.words import FIXED, listed
from article3.scenario.resolve import Inputs

if TYPE_CHECKING:
    from markupsafe import Markup

Row = Mapping[str, Any]

_GATES: Final = 14
"""Deliveries shown: those without which most people would have to stay, then most units of the offer."""
_UNCLOSED: Final = f"To close it {NOTHING}: not worked out; name a drawdown under shift, close."
_LEAST: Final = 0.005
"""Part of an offer from which on what would have to stay is worth a word."""
_YEARS: Final = (2028, 2029, 2030, 2032, 2035, 2040)
"""Years on whose 1 July the table behind the figure reads its lines, and the first and last day."""


def date_cell(finding: Finding, row: Row, column: str) -> Markup:
    """Return a day with its address, as people write it."""
    return said(finding, row, column, when_words(row[column]))


def year_cell(finding: Finding, row: Row, column: str) -> Markup:
    """Return the year of a day, with the day's address."""
    return said(finding, row, column, str(row[column] or "")[:4])


def gating(handover: Finding, fastest: Finding) -> Table | None:
    """Return the European deliveries that let most US forces leave, and what would stay without each of them.

    Parameters
    ----------
    handover, fastest
        Tables of these names.

    Returns
    -------
    Table or None
        ``None`` where no step waits for a delivery.
    """
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    plan = shown_plan(fastest)
    offers = dict(fastest.table.filter(pl.col("plan") == plan).select("element", "offer").iter_rows())
    steps = handover.table.filter(pl.col("schedule") == SCHEDULES[plan], pl.col("waits_for") == "deliveries")
    held: dict[tuple[str, int], list[tuple[float, float, Markup]]] = {}
    for row in steps.iter_rows(named=True):
        each = (row["people"] or 0.0) / row["units"] if row["units"] else 0.0
        for gate in gates(row["gated_by"]):
            units = gate.units or 0.0
            if units < _LEAST * offers.get(row["subject"], 0.0):
                continue
            text = said(handover, row, "gated_by", counted_words(row["subject"], units), "n words")
            part = units / offers.get(row["subject"], 0.0) if offers.get(row["subject"]) else 0.0
            held.setdefault((gate.element, gate.year), []).append((units * each, part, text))
    if not held:
        return None
    order = sorted(held, key=lambda key: (-_sum(held[key], 0), -_sum(held[key], 1), key))
    rows: list[Cells] = []
    for element, year in order[:_GATES]:
        mine = sorted(held[element, year], key=lambda item: (-item[0], -item[1]))
        people = _sum(mine, 0)
        words = Markup(", ").join(text for _, _, text in mine)
        rows.append([title_of(element), str(year), words, amount(round(people)) if people else NOTHING])
    heads = [
        ("European delivery", "", False), ("By 1 July", "", True), ("US forces that would stay without it", "", False),
        ("Their people", "sum", True),
    ]  # fmt: skip
    left = len(order) - len(rows)
    notes = [f"{left} more deliveries hold something: in the file."] if left > 0 else []
    return grid(
        handover, "table-shift-gates", "The deliveries that let most US forces leave", heads, rows,
        notes=notes, how=("gated_by", "waits_for"), drawn=steps,
    )  # fmt: skip


def _sum(items: Sequence[tuple[float, float, Any]], place: int) -> float:
    return float(sum(item[place] for item in items))


def staying(fastest: Finding) -> Table | None:
    """Return the forces that have no European path, or stay in part, and why.

    Parameters
    ----------
    fastest
        Table of that name.

    Returns
    -------
    Table or None
        ``None`` where everything can leave.
    """
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    plan = shown_plan(fastest)
    mine = fastest.table.filter(pl.col("plan") == plan, pl.col("group").is_in(list(STAYING)))
    if mine.height == 0:
        return None
    mine = mine.with_columns((pl.col("stays") / pl.col("offer")).alias("part")).sort(
        "part", "element", descending=[True, False]
    )  # fmt: skip
    rows: list[Cells] = []
    for row in mine.iter_rows(named=True):
        words = said(fastest, row, "group", GROUPS.get(row["group"], row["group"]), "n words")
        other = at(fastest.table, plan="plan", element=row["element"]) if plan == "aimed" else None
        before = (
            Markup(" <small>{} under the plan as it is</small>").format(counted(fastest, other, "stays"))
            if other
            else ""
        )
        cells: Cells = [row["element_title"], Markup("{}{}").format(counted(fastest, row, "stays"), before)]
        cells += [counted(fastest, row, "offer"), words, row["reason"] or NOTHING]
        rows.append(cells)
    heads = [
        ("US force", "", False), ("Stays", "units, last year", True), ("Offered", "units", True),
        ("Verdict", "", False),
        ("Why", "", False),
    ]  # fmt: skip
    return grid(
        fastest, "table-shift-stays", "What has no European path, or stays in part", heads, rows,
        how=("stays", "group", "reason"), drawn=mine.drop("part"),
    )  # fmt: skip


def kinds(fastest: Finding) -> Table:
    """Return every kind of force once: when it leaves, alone too, what stays, what holds it."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    plan = shown_plan(fastest)
    rows: list[Cells] = []
    for row in fastest.table.filter(pl.col("plan") == plan).iter_rows(named=True):
        other = at(fastest.table, plan="plan", element=row["element"]) if plan == "aimed" else None
        gone = year_cell(fastest, row, "gone_date")
        if other and other["gone_date"] != row["gone_date"]:
            gone = Markup("{} <small>{}</small>").format(gone, year_cell(fastest, other, "gone_date"))
        held = [title_of(name) for name in (row["gated_by"] or "").split(";") if name]
        cells: Cells = [row["element_title"], counted(fastest, row, "offer")]
        cells += [year_cell(fastest, row, name) for name in ("first_date", "half_date")]
        cells += [gone, year_cell(fastest, row, "alone_date"), counted(fastest, row, "stays")]
        cells += [summed(fastest, row, "people"), GROUPS.get(row["group"], row["group"]), ", ".join(held) or NOTHING]
        rows.append(cells)
    beside = "small: the plan as it is" if plan == "aimed" else ""
    heads = [
        ("US force", "", False), ("Offered", "units", True), ("First leaves", "", True), ("Half gone", "", True),
        ("All gone", beside, True), ("Alone", "all gone", True), ("Stays", "units", True), ("People", "freed", True),
        ("Class", "", False), ("Held by", "European deliveries of", False),
    ]  # fmt: skip
    return grid(
        fastest, "table-shift-kinds", "When each kind of US force can leave", heads, rows, drawn=fastest.table,
        how=("first_date", "gone_date", "alone_date", "stays", "group", "gated_by"),
    )  # fmt: skip


def courses(leaving: Finding, fastest: Finding) -> Table:
    """Return what is left and what has arrived in some years, for the kinds that are drawn."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    plan = shown_plan(fastest)
    mine = leaving.table.filter(pl.col("plan") == plan)
    days = sorted(mine["date"].unique())
    wanted = [day for day in days if int(day[:4]) in _YEARS and day[5:] == "07-01"] or days[-1:]
    chosen = list(dict.fromkeys((days[0], *wanted, days[-1])))
    rows: list[Cells] = []
    known = {(row["element"], row["date"]): row for row in mine.iter_rows(named=True)}
    for kind in shown(fastest, plan):
        cells: Cells = [title_of(kind["element"])]
        for day in chosen:
            row = known.get((kind["element"], day))
            if row is None:
                cells.append(NOTHING)
                continue
            come = Markup("<small>+{}</small>").format(counted(leaving, row, "arrived"))
            cells.append(Markup("{} {}").format(counted(leaving, row, "us"), come))
        rows.append(cells)
    heads = [
        ("US force", "", False),
        *((when_words(day), "left; received by Europe and Canada", True) for day in chosen),
    ]
    return grid(
        leaving, "table-shift-leaving", "Left of the US offer, and received since today", heads, rows,
        how=("us", "arrived"), drawn=mine,
    )  # fmt: skip


def overview(exposure: Finding, steps: Finding | None, closing: Finding | None, inputs: Inputs) -> Table:
    """Return every drawdown once: people, days exposed, worst drop, when it would be safe, what would close it."""
    rows: list[Cells] = []
    for name, title in drawdowns(inputs, exposure.table).items():
        mine = exposure.table.filter(pl.col("drawdown") == name)
        hit = mine.filter(pl.col("exposure_days") > 0)
        own = steps.table.filter(pl.col("drawdown") == name) if steps else None
        people = amount(float(own["people"].sum())) if own is not None else NOTHING
        count = str(own.height) if own is not None else NOTHING
        cells: Cells = [title, people, count]
        if hit.height == 0:
            rows.append([*cells, "none", f"0 of {mine.height}", *4 * [NOTHING]])
            continue
        worst = hit.sort("worst_drop", descending=True, maintain_order=True).row(0, named=True)
        first = hit.sort("first_date", maintain_order=True).row(0, named=True)
        safe = last_date(hit["earliest_safe_date"].to_list())
        never = hit["earliest_safe_date"].null_count()
        last = hit.filter(pl.col("earliest_safe_date") == safe).row(0, named=True) if safe else None
        cells += [amount(float(hit["exposure_days"].sum())), f"{hit.height} of {mine.height}"]
        cells.append(said(exposure, worst, "worst_drop", fall(worst["worst_drop"])))
        cells.append(date_cell(exposure, first, "first_date"))
        cells.append(
            date_cell(exposure, last, "earliest_safe_date") if last else f"{never} not by {inputs.scenario.shift.until}"
        )
        cells.append(_closed(closing, name))
        rows.append(cells)
    heads = [
        ("Drawdown", "", False), ("People", "", True), ("Steps", "", True), ("Days exposed", "sum", True),
        ("Contingencies", "and windows exposed", True), ("Worst", "of today's safety lost", True),
        ("First exposed", "", False), ("Safe from", "all steps taken", False),
        ("To close it", "European orders beyond the plan", False),
    ]  # fmt: skip
    return grid(
        exposure, "table-shift-drawdowns", "What each drawdown uncovers", heads, rows, drawn=exposure.table,
        notes=(_UNCLOSED,) if closing else (), how=("exposure_days", "worst_drop", "earliest_safe_date"),
    )  # fmt: skip


def _closed(closing: Finding | None, name: str) -> Markup | str:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    row = at(closing.table, drawdown=name, element="total") if closing else None
    if closing is None or row is None:
        return NOTHING
    cost = said(closing, row, "cost_usd2021_m", money(row["cost_usd2021_m"]))
    days = counted(closing, row, "exposure_days")
    return Markup("{} <small>leaves {} days</small>").format(cost, days)


def cells_exposed(exposure: Finding, inputs: Inputs) -> Table | None:
    """Return every contingency and window that a drawdown exposes."""
    names = drawdowns(inputs, exposure.table)
    rows: list[Cells] = []
    for row in exposure.table.filter(pl.col("exposure_days") > 0).iter_rows(named=True):
        cells: Cells = [names[row["drawdown"]], row["title"], str(row["window_days"])]
        cells += [counted(exposure, row, "exposure_days"), said(exposure, row, "worst_drop", fall(row["worst_drop"]))]
        cells += [date_cell(exposure, row, name) for name in ("first_date", "worst_date", "earliest_safe_date")]
        weak = [lower(called(name)) for name in (row["weakest"] or "").split(";") if name]
        cells.append(listed(weak) or NOTHING)
        rows.append(cells)
    if not rows:
        return None
    heads = [
        ("Drawdown", "", False), ("Contingency", "", False), ("Within", "days", True), ("Exposed", "days", True),
        ("Worst", "of today's safety lost", True), ("First exposed", "", False), ("Worst from", "", False),
        ("Safe from", "", False), ("Held down by", "on the worst day", False),
    ]  # fmt: skip
    return grid(
        exposure, "table-shift-exposure", "Contingencies and windows exposed", heads, rows, drawn=exposure.table,
        how=("exposure_days", "worst_drop", "first_date", "earliest_safe_date", "weakest"),
    )  # fmt: skip


def dated_steps(steps: Finding) -> Table:
    """Return every step of every drawdown, with people left and when it would be safe."""
    rows: list[Cells] = []
    for row in steps.table.iter_rows(named=True):
        cells: Cells = [row["drawdown_title"], said(steps, row, "date", when_words(row["date"]))]
        cells += [summed(steps, row, "people"), summed(steps, row, "people_left")]
        cells += [
            said(steps, row, "below_floor", row["below_floor"] or "", "n words"),
            date_cell(steps, row, "earliest_safe_date"),
        ]
        cells.append(counted(steps, row, "exposed_days"))
        rows.append(cells)
    heads = [
        ("Drawdown", "", False), ("Step", "", False), ("People", "leave", True), ("Left", "US people in Europe", True),
        ("Below the legal floor", "", False), ("Safe from", "with all steps before it", False),
        ("Too early", "days", True),
    ]  # fmt: skip
    return grid(
        steps, "table-shift-steps", "Steps, and when each would be safe", heads, rows, drawn=steps.table,
        how=("people_left", "earliest_safe_date", "exposed_days"),
    )  # fmt: skip


def before_ready(handover: Finding, names: Mapping[str, str]) -> Table | None:
    """Return the kinds of force that leave before Europe is ready, the longest waits first."""
    rows: list[Cells] = []
    for row in too_early(handover, dict(names)):
        days = NOTHING if row["early"] is None else f"{row['early']:,}"
        cells: Cells = [names[row["schedule"]], title_of(row["subject"]), counted(handover, row, "units")]
        cells += [said(handover, row, "date", when_words(row["date"])), date_cell(handover, row, "earliest_safe_date")]
        cells += [days, gates_words(row["gated_by"]) or NOTHING]
        rows.append(cells)
    if not rows:
        return None
    heads = [
        ("Drawdown", "", False), ("US force", "", False), ("Units", "of the step", True), ("US out", "", False),
        ("Europe ready", "", False), ("Too early", "days", True), ("Waits for", "European delivery and year", False),
    ]  # fmt: skip
    return grid(
        handover, "table-shift-early", "US out before Europe is ready: the step that comes longest before", heads, rows,
        how=("units", "earliest_safe_date", "gated_by"),
    )  # fmt: skip


def closes(closing: Finding, inputs: Inputs) -> Table:
    """Return the cheapest European orders that would close drawdowns in time."""
    names = drawdowns(inputs, closing.table)
    rows: list[Cells] = []
    for row in closing.table.iter_rows(named=True):
        cells: Cells = [names[row["drawdown"]], row["element_title"]]
        cells += [counted(closing, row, name) for name in ("units", "planned")]
        cells += [
            row["first_order"] or NOTHING,
            year_cell(closing, row, "first_delivery"),
            year_cell(closing, row, "last_delivery"),
        ]
        cells += [summed(closing, row, "cost_usd2021_m")]
        cells += [counted(closing, row, name) for name in ("exposure_days", "exposure_before")]
        rows.append(cells)
    heads = [
        ("Drawdown", "", False), ("Order", "", False), ("Units", "beyond the plan", True),
        ("Units", "in the plan", True),
        ("First order", "", False), ("First", "delivery", True), ("Last", "delivery", True),
        ("Price", "million 2021 US$", True), ("Days exposed", "with it", True), ("Days exposed", "with the plan", True),
    ]  # fmt: skip
    return grid(
        closing, "table-shift-closing", "The cheapest European orders that would close a drawdown", heads, rows,
        how=("units", "cost_usd2021_m", "exposure_days"), drawn=closing.table,
    )  # fmt: skip


def pace(finding: Finding) -> Table:
    """Return years that US people stay, by part of the plan delivered and safety given up."""
    plan = shown_plan(finding)
    mine = finding.table.filter(pl.col("plan") == plan)
    lines = lines_of(mine)
    rows: list[Cells] = []
    points: dict[float, dict[float, Row]] = {}
    for row in mine.iter_rows(named=True):
        points.setdefault(row["delivered_pct"], {})[row["given_up_pct"]] = row
    for part in sorted(points, reverse=True):
        some = points[part]
        first = next(iter(some.values()))
        cells: Cells = [f"{part:.0f}{FIXED}%", summed(finding, first, "cost_usd2021_m")]
        for given_up in lines:
            mark = some.get(given_up)
            cells.append(NOTHING if mark is None else said(finding, mark, "us_years", f"{mark['us_years']:.1f}"))
        strict = some.get(lines[0])
        cells.append(year_cell(finding, strict, "half_date") if strict else NOTHING)
        rows.append(cells)
    heads = [("Plan delivered", "", False), ("European money", "million 2021 US$, discounted", True)]
    heads += [(f"{given_up:g}{FIXED}%", "given up: years they stay", True) for given_up in lines]
    heads += [("Half free", "nothing given up", True)]
    return grid(
        finding, "table-shift-pace", "Years that US people stay, by European money and safety given up", heads, rows,
        how=("cost_usd2021_m", "us_years", "half_date", "short"), drawn=mine,
    )  # fmt: skip
