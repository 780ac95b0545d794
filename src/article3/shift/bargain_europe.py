"""Europe's side of the bargain: what it pays, gets and leads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from article3.evidence.findings import Check
from article3.gap.forces import WINDOWS, Array
from article3.plan.found_money import money
from article3.plan.make import Made
from article3.scenario.resolve import Inputs
from article3.shift.alone import SEEN
from article3.shift.bargain_sheet import Row, Sheet
from article3.shift.bargain_usa import below
from article3.shift.exposure import LOST, Exposure
from article3.shift.field import DAY, MONTH, Field
from article3.shift.half_draws import GOAL_YEAR, shares
from article3.shift.handed import Handed
from article3.shift.post_line import led
from article3.shift.posts import decide, handover_rows
from article3.shift.rule import KeptModel

_SIDE: Final = "europe"
_HALF: Final = 0.5
_CLOSE: Final = 1e-6
_KEPT: Final = 1e-5
"""Parts of a requirement below this do not break the rule."""
_PAYMENTS: Final = {
    "outlay": "Orders of single Allies",
    "paid_to_fleets": "Paid into fleets, all of it",
    "entering": "Fielding something for the first time",
    "setting_up": "Setting up lines",
    "running": "Operation and pay of what is added",
    "owed": "Orders signed before",
}


def pays(sheet: Sheet) -> tuple[list[Row], Check]:
    """Return what the plan costs, as the plan's own table has it, and whether the parts are what it spends."""
    made = sheet.handed.made
    table = money(made, sheet.when).table.filter(pl.col("year") <= sheet.years[-1])
    by_year = table.group_by("year").agg(pl.col(name).sum() for name in (*_PAYMENTS, "spent")).sort("year")
    people = people_added(made)[: len(sheet.years)]
    rows = [
        sheet.row((_SIDE, "pays", name), title, by_year[name].to_numpy(), period=sheet.span)
        for name, title in _PAYMENTS.items()
        if by_year[name].sum() > SEEN
    ]
    note = "By all who plan, Canada too. Pay of the people added is in it; what the United States frees is without pay."
    found = sheet.with_total(rows, "All that the plan costs", of=(_SIDE, "pays"), period=sheet.span, note=note)
    found[-1] |= {"people": float(people[-1]), "person_years": float(people.sum())}
    paid, spent = found[-1]["value_usd2021_m"] or 0.0, float(by_year["spent"].sum())
    check = Check(
        f"pays as the plan spends, {sheet.handed.name}",
        abs(paid - spent) <= _CLOSE * max(spent, 1.0),
        f"{paid:,.0f} and {spent:,.0f} million 2021 US$",
    )
    return found, check


def people_added(made: Made) -> Array:
    """Return people of the units added, by the plan and by orders signed before, by year of money, (Y,)."""
    given = made.shared.given
    planned = np.einsum("py,p->y", made.shared.added, given.lot * given.items.people[given.pair_element])
    return np.asarray(planned + np.einsum("bey,e->y", given.begun, given.items.people))


def gets(sheet: Sheet, exposures: Iterable[tuple[Handed, Exposure]]) -> tuple[list[Row], Check]:
    """Return what safety Europe gets, in measures; and whether the schedule itself exposes nothing."""
    without, own = (_exposed(sheet, field) for field in (sheet.bare, sheet.handed.field))
    days = {"unit": "days", "counts": "no", "period": f"{sheet.handed.field.today} to {sheet.last}"}
    note = (
        "Days on which less is kept of today's cover than with nobody leaving, added up over contingencies and windows."
    )
    rows = [
        *_risks(sheet),
        sheet.row(
            (_SIDE, "gets", "days_without_plan"), "Days exposed by the same US steps without the plan", None,
            amount=without, note=note, **days,
        ),
        sheet.row(
            (_SIDE, "gets", "days_with_plan"), "Days exposed by these steps with the plan", None, amount=own,
            note="None, by the rule of the schedule.", **days,
        ),
    ]  # fmt: skip
    rows += [
        sheet.row(
            (_SIDE, "gets", f"days_{item.path.drawdown.drawdown}"),
            f"Days exposed by another schedule: {item.path.drawdown.title}",
            None,
            amount=float(item.exposed.sum()),
            note="With the same plan.",
            **{**days, "period": f"{item.days[0]} to {sheet.last}"},
        )
        for _, item in exposures
    ]
    most = float(max(below(sheet.handed)))
    check = Check(
        f"the schedule keeps what is kept of today, {sheet.handed.name}",
        most <= _KEPT,
        f"no requirement falls below it by more than {most:.0e} of itself",
    )
    return [*rows, *_shares(sheet)], check


def _risks(sheet: Sheet) -> list[Row]:
    """Return mean risk over the years summed, with and without plan and drawdown, and today's."""
    handed, given = sheet.handed, sheet.handed.field
    offers = handed.offers()
    places = [given.place(date(year, MONTH, DAY)) for year in sheet.years]

    def mean(field: Field, *, leaves: bool) -> float:
        found = [
            field.risk.solve_stock(field.units(place, offers[year] if leaves else given.offer)).risk.sum()
            for place, year in zip(places, sheet.years, strict=True)
        ]
        return float(np.mean(found)) / len(WINDOWS)

    today = float(handed.kept.risk.sum()) / len(WINDOWS)
    cases = (
        ("risk", "Mean risk with the plan, US forces leaving", mean(given, leaves=True), sheet.span),
        ("risk_same_steps", "Mean risk if they left so without the plan", mean(sheet.bare, leaves=True), sheet.span),
        ("risk_no_deal", "Mean risk if nobody left and no plan were made", mean(sheet.bare, leaves=False), sheet.span),
        ("risk_all_stay", "Mean risk with the plan if nobody left", mean(given, leaves=False), sheet.span),
        ("risk_today", "Risk today", today, given.today.isoformat()),
    )
    return [
        sheet.row((_SIDE, "gets", item), title, amount=value, unit="psi", period=when, counts="no")
        for item, title, value, when in cases
    ]


def _exposed(sheet: Sheet, field: Field) -> float:
    """Return days exposed by the schedule, added up over contingencies and windows, with what a field brings."""
    handed = sheet.handed
    model = KeptModel(field, handed.kept)
    days = handed.days
    stayed: dict[int, Array] = {}
    found = 0.0
    for number, (day, end) in enumerate(zip(days, [*days[1:], days[-1]], strict=True)):
        place = handed.schedule.calendar.place[number]
        if place not in stayed:
            stayed[place] = model.solve(field.units(place, field.offer)).share
        offer = field.offer.copy()
        offer[handed.schedule.elements] = handed.units[number]
        share = model.solve(field.units(place, offer)).share
        lost = 1.0 - share / np.maximum(stayed[place], 1e-12)
        found += float(((lost > LOST) & (stayed[place] > 0)).sum()) * (end - day).days
    return found


def _shares(sheet: Sheet) -> list[Row]:
    """Return of how many requirements Europe could carry half, with the plan and by announced deliveries alone."""
    made = sheet.handed.made
    last = {"draws": 0, "until": sheet.handed.field.years[-1]}
    found = shares(made, made.asked.inputs.scenario.shift.model_copy(update=last))
    rows = []
    for year in dict.fromkeys((GOAL_YEAR, sheet.years[-1])):
        place = found.years.index(year)
        count = {basis: int((share[0, place] >= _HALF - _CLOSE).sum()) for basis, share in found.given.items()}
        rows.append(
            sheet.row(
                (_SIDE, "gets", f"half_{year}"),
                f"Requirements of which Europe could carry half in {year}",
                amount=float(count["plan"]),
                unit=f"of {len(found.need)} requirements",
                period=str(year),
                counts="no",
                note=f"{count['announced']} by announced deliveries alone. Upper bounds: a unit counts for every task.",
            )
        )
    return rows


def posts_of(inputs: Inputs) -> list[Row]:
    """Return handovers of posts by day, each with who leads it the day before.

    Parameters
    ----------
    inputs
        The scenario.
    """
    made = decide(inputs)
    found = []
    for row in handover_rows(inputs, made):
        eve = date.fromisoformat(row["date"]) - timedelta(days=1)
        found.append(row | {"from_ally": led(made.lines, row["subject"], eve)})
    return sorted(found, key=lambda row: (row["date"], row["subject"]))


def leads(sheet: Sheet, posts: Sequence[Row]) -> list[Row]:
    """Return posts that pass from the United States to others, or to it, by day: one more, or one less."""
    rows: list[Row] = []
    for row in posts:
        more = (row["from_ally"] == "USA") - (row["to_ally"] == "USA")
        if not more:
            continue
        again = row["subject"] in {old["item"] for old in rows}
        words = "" if more > 0 else "One less: it passes to the United States. "
        rows.append(
            sheet.row(
                (_SIDE, "leads", f"{row['subject']}_{row['date']}" if again else row["subject"]),
                row["subject_title"],
                amount=float(more),
                unit="post",
                period=row["date"],
                note=f"{words}{_waits(row)}.",
                standing=row["standing"],
            )
        )
    found = sheet.with_total(
        rows, "Posts more that others than the United States lead in the end", of=(_SIDE, "leads"),
        note="What a command is worth in money nothing held says. The same under every plan.",
    )  # fmt: skip
    found[-1] |= {"amount": float(sum(row["amount"] for row in rows)), "unit": "post"}
    return found


def _waits(row: Row) -> str:
    """Return what a handover of a post rests on: agreed, given or proposed, and what it waits for."""
    state, gate = str(row.get("step") or ""), str(row["gated_by"] or "")
    text = gate if gate.startswith(state) else f"{state}; {gate}" if gate else state
    return text[:1].upper() + text[1:]
