"""The United States' side of the bargain: what it frees, sells and gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from article3.domain import force_element
from article3.gap.forces import WINDOWS, Array
from article3.gap.rows import in_words
from article3.plan.found_orders import SEEN as ORDERED
from article3.plan.make import Made
from article3.plan.problem import BILLION
from article3.plan.rows import element_words, money_words
from article3.plan.states import committed
from article3.shift.alone import SEEN, DayModel
from article3.shift.bargain_sheet import Row, Sheet, from_to, lines_of
from article3.shift.field import Field
from article3.shift.handed import Handed

TRIFLE: Final = 1e-3
"""Parts of a requirement below this do not fall short."""
_SIDE: Final = "usa"
_SENSORS: Final = "c4isr"
_PART: Final = "It belongs to brigades: money and people are counted with them, whatever leaves one by one."
_NO_LINE: Final = "No line sells it: its price stands for nothing that can be ordered."
_MARGIN: Final = "Without it every requirement is still covered: what falls is the margin above one that today has."
_NOTHING: Final = "Without it alone no requirement falls below what is kept of today."


def frees(sheet: Sheet) -> list[Row]:
    """Return what leaves the offer: units, people, and what they take to operate."""
    handed, field = sheet.handed, sheet.handed.field
    offers = handed.offers()
    gone = np.stack([field.offer - offers[year] for year in sheet.years])
    upkeep = handed.made.asked.given.items.upkeep
    rows = []
    for place, element in enumerate(handed.schedule.elements):
        name, left = field.axes.elements[element], handed.units[:, place]
        away = float(field.offer[element] - left[-1])
        if away <= SEEN:
            continue
        part = bool(force_element(name).part_of)
        before = np.concatenate([[field.offer[element]], left[:-1]])
        days = [handed.days[number].isoformat() for number in np.nonzero(before - left > SEEN)[0]]
        rows.append(
            sheet.row(
                (_SIDE, "frees", name),
                force_element(name).title,
                None if part else gone[:, element] * upkeep[element],
                amount=away,
                unit=force_element(name).unit,
                people=None if part else away * float(field.people[element]),
                person_years=None if part else float((gone[:, element] * field.people[element]).sum()),
                period=days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}",
                counts="no" if part else "yes",
                note=_PART if part else "",
            )
        )
    rows.sort(key=lambda row: -(row["value_usd2021_m"] or 0.0))
    note = (
        f"Once all of it has left: {money_words(operation(handed, rows))} a year. Forces offered, in Europe and at "
        "home: not all of these people are in Europe."
    )
    return sheet.with_total(rows, "All that leaves", of=(_SIDE, "frees"), period=sheet.span, note=note)


def operation(handed: Handed, rows: list[Row]) -> float:
    """Return what the units of some rows take to operate in a year, million 2021 US$; rows that do not count do not."""
    items = handed.made.asked.given.items
    counted = [row for row in rows if row["counts"] == "yes"]
    return float(sum(row["amount"] * items.upkeep[items.elements.index(row["item"])] for row in counted))


def paid_by_line(made: Made) -> Array:
    """Return what is paid to each line (million 2021 US$), by line and year of money, (L, Y).

    Orders of the plan and orders signed before, in equal parts over the years from order to delivery, as the plan pays;
    without what fielding for the first time and setting up lines cost.
    """
    given, shared = made.shared.given, made.shared
    items, years = given.items, given.years
    found = np.zeros((len(items.lines), len(years)))
    parts = np.maximum(given.lead, 1)
    price = shared.ordered * given.order_price * BILLION / parts
    for step in range(int(parts.max(initial=0))):
        mine = (parts > step) & (given.order_year + step < len(years))
        np.add.at(found, (given.order_line[mine], given.order_year[mine] + step), price[mine])
    for row in made.asked.states:
        for (_, year), amount in committed((row,), items, years[0]).owed.items():
            if year in years:
                found[items.lines.index(row.line), years.index(year)] += amount
    return found


def ordered_by_line(made: Made) -> tuple[Array, list[list[int]]]:
    """Return units ordered of each line, (L,), and the years of ordering: by the plan, and signed and still to pay."""
    given, shared = made.shared.given, made.shared
    there = shared.ordered > ORDERED
    units = np.zeros(len(given.items.lines))
    np.add.at(units, given.order_line[there], (shared.ordered * given.lot[given.order_pair])[there])
    years: list[list[int]] = [[] for _ in given.items.lines]
    for line, year in zip(given.order_line[there], given.order_year[there], strict=True):
        years[line].append(given.years[year])
    for row in made.asked.states:
        if row.state == "contracted":
            line = given.items.lines.index(row.line)
            units[line] += row.units
            years[line].append(row.order_year)
    return units, years


def sells(sheet: Sheet) -> list[Row]:
    """Return what lines of the United States sell. What of it is profit nothing held says."""
    made = sheet.handed.made
    paid, (units, years) = paid_by_line(made), ordered_by_line(made)
    items, titles = made.asked.given.items, lines_of(made, "title")
    rows = [
        sheet.row(
            (_SIDE, "sells", items.lines[line]),
            titles[items.lines[line]],
            paid[line, : len(sheet.years)],
            amount=float(units[line]),
            unit=force_element(items.elements[items.line_element[line]]).unit,
            period=from_to(years[line]),
        )
        for line, origin in enumerate(items.origin)
        if origin == "usa" and units[line]
    ]
    rows.sort(key=lambda row: -row["value_usd2021_m"])
    note = "Sales, not profit: no margin is held." if rows else "Nothing is ordered of US lines."
    return sheet.with_total(rows, "All that is sold", of=(_SIDE, "sells"), period=sheet.span, note=note)


def gives(sheet: Sheet) -> list[Row]:
    """Return what stays and what would fall short without it, licences, and intelligence."""
    rows = _stays(sheet)
    needed = sum(row["a_year_usd2021_m"] for row in rows if row["counts"] == "yes" and not _hung(row))
    note = (
        f"To the United States it goes on costing {money_words(operation(sheet.handed, rows))} a year to operate, as "
        f"today. Of what it would cost to replace, {money_words(needed)} a year holds requirements up; the rest keeps "
        "the margin above requirements that today has."
    )
    total = sheet.with_total(
        rows, "All that stays, at what it would cost to replace", of=(_SIDE, "gives"), period=sheet.last.isoformat(),
        note=note if rows else "Nothing stays.",
    )  # fmt: skip
    return [*total, *_licences(sheet), _intelligence(sheet, rows)]


def _stays(sheet: Sheet) -> list[Row]:
    """Return every element of which something stays to the last day, with the requirement that hangs on it."""
    handed, field = sheet.handed, sheet.handed.field
    items = handed.made.asked.given.items
    fall = falling(handed)
    rows = []
    for place, element in enumerate(handed.schedule.elements):
        left = float(handed.units[-1, place])
        if left <= SEEN:
            continue
        name = field.axes.elements[element]
        mine = items.elements.index(name)
        part = bool(force_element(name).part_of)
        people = left * float(items.people[mine])
        hangs = _hangs(handed, fall(place))
        lines = (items.line_element == mine) & items.capacity.any(axis=1)
        notes = (_PART if part else "", _hung(hangs), "" if lines.any() else _NO_LINE)
        a_year = left * float(items.cost[mine] / items.life[mine] + items.upkeep[mine])
        rows.append(
            sheet.row(
                (_SIDE, "gives", name),
                force_element(name).title,
                None if part else sheet.every_year(a_year),
                amount=left,
                unit=force_element(name).unit,
                people=None if part else people,
                person_years=None if part else people * len(sheet.years),
                period=sheet.last.isoformat(),
                counts="no" if part else "yes",
                **hangs,
                note=" ".join(note for note in notes if note),
            )
        )
    return sorted(rows, key=lambda row: -(row["value_usd2021_m"] or 0.0))


def falling(handed: Handed) -> Callable[[int], Array]:
    """Return what says by how much every requirement falls below what is kept of it, without one element that stays.

    Judged on the last day, everything else that stays being there: the least sum over requirements of what falls short
    of the floors of the rule, in parts of the requirement, (U,). Takes the element's place in the schedule.

    Parameters
    ----------
    handed
        The handover.
    """
    judge = _day_model(handed)
    judge.day(len(handed.days) - 1)
    stays = handed.units[-1] / handed.field.offer[handed.schedule.elements]

    def fall(place: int) -> Array:
        left = stays.copy()
        left[place] = 0.0
        return _short(judge, left)

    return fall


def below(handed: Handed) -> Array:
    """Return by how much the requirement that falls furthest lies below what is kept of it, by day, (D,).

    In parts of the requirement; nothing where the schedule keeps the rule.

    Parameters
    ----------
    handed
        The handover.
    """
    judge, offer = _day_model(handed), handed.field.offer[handed.schedule.elements]
    found = np.zeros(len(handed.days))
    for number in range(len(found)):
        judge.day(number)
        found[number] = _short(judge, handed.units[number] / offer).max(initial=0.0)
    return found


def _day_model(handed: Handed) -> DayModel:
    schedule = handed.schedule
    return DayModel(handed.field, handed.kept, schedule.excused, schedule.calendar.place)


def _short(judge: DayModel, left: Array) -> Array:
    """Return what falls short of every floor with some share of each offer left, (U,): as little as can be in all."""
    model = judge.model
    model.session.set_bounds(model.left, lower=left[None, :], upper=left[None, :])
    model.session.set_costs(model.left, np.zeros((1, len(left))))
    solution = model.session.solve()
    found = np.zeros(len(judge.given.form.need_cell))
    for part, block in zip(model.parts, model.short, strict=True):
        np.maximum.at(found, part.need, solution.value(block)[0])
    return found


def _hangs(handed: Handed, fall: Array) -> dict[str, Any]:
    """Return the requirement that falls shortest of itself without something, else furthest into its margin."""
    if fall.max(initial=0.0) <= TRIFLE:
        return {"need": "", "kept": None, "covered_without": None, "short": None}
    field, kept = handed.field, handed.kept.coverage.copy()
    kept[kept > 0] -= handed.schedule.excused[0][-1]  # what Europe's own retirements take
    without = np.maximum(kept - fall, 0.0)
    lacks = np.where(fall > TRIFLE, np.minimum(kept, 1.0) - without, 0.0)
    need = int(lacks.argmax() if lacks.max() > TRIFLE else fall.argmax())
    form, axes = field.form, field.axes
    contingency, window, capability = form.need_contingency[need], form.need_window[need], form.need_capability[need]
    return {
        "need": f"{axes.contingencies[contingency].id}/{WINDOWS[window]}/{axes.capabilities[capability]}",
        "kept": float(kept[need]),
        "covered_without": float(without[need]),
        "short": float(max(lacks[need], 0.0) * field.values.needs[contingency, window, capability]),
    }


def _hung(hangs: dict[str, Any]) -> str:
    """Return in words what hangs on something where that is no requirement: margin above one, or nothing."""
    if not hangs["need"]:
        return _NOTHING
    return _MARGIN if hangs["covered_without"] >= min(hangs["kept"], 1.0) - TRIFLE else ""


def _licences(sheet: Sheet) -> list[Row]:
    """Return orders on lines that build a US product under licence elsewhere; fees are not held."""
    made = sheet.handed.made
    items, titles, of = made.asked.given.items, lines_of(made, "title"), lines_of(made, "licence_of")
    american = {line for line, origin in zip(items.lines, items.origin, strict=True) if origin == "usa"}
    there = [line for line in items.lines if of[line] in american and line not in american]
    paid, (units, years) = paid_by_line(made), ordered_by_line(made)
    rows = []
    for name in there:
        line = items.lines.index(name)
        if units[line]:
            money = money_words(float(paid[line, : len(sheet.years)].sum()))
            rows.append(
                sheet.row(
                    (_SIDE, "gives", f"licence_{name}"),
                    f"Licence: {titles[name]}",
                    amount=float(units[line]),
                    unit=force_element(items.elements[items.line_element[line]]).unit,
                    period=from_to(years[line]),
                    counts="no",
                    note=f"Made under licence of: {titles[of[name]]}. {money} are paid to the line to "
                    f"{sheet.years[-1]}; no fee is held.",
                )
            )
    if rows:
        return rows
    note = f"Nothing is ordered on a line under US licence: {'; '.join(titles[line] for line in there)}."
    return [
        sheet.row(
            (_SIDE, "gives", "licences"), "Licences", amount=0.0, unit="licence", counts="no",
            note=note if there else "No line under US licence is held.",
        )
    ]  # fmt: skip


def _intelligence(sheet: Sheet, rows: list[Row]) -> Row:
    """Return what is given of intelligence, in words: what gathers it is counted, what is shared is not."""
    field: Field = sheet.handed.field
    offered = [field.axes.elements[element] for element in field.offered]
    stay = {row["item"]: row["amount"] for row in rows}
    gather = [name for name in offered if force_element(name).domain == _SENSORS]
    words = in_words(f"{element_words(name)} ({stay.get(name, 0.0):,.0f})" for name in gather)
    note = "Reports, warning and data for targets are counted nowhere in what is held: no amount, no money."
    if gather:
        note += (
            f" Of what gathers it this stays in the offer: {words}. What has left it gathers on; whether it is shared "
            "then no requirement held asks."
        )
    return sheet.row(
        (_SIDE, "gives", "intelligence"),
        "Intelligence that is shared",
        counts="no",
        period=sheet.last.isoformat(),
        note=note,
    )
