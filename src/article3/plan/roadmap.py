"""The road map: lines of effort with owner, money by year, milestones, and what can be signed before the summit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from article3.domain import ally, force_element
from article3.evidence.findings import Cited, Finding, frame, sentence
from article3.gap.rows import capability_title, worst
from article3.plan.catalogue import Catalogue
from article3.plan.described import columns
from article3.plan.efforts import STILL, Effort
from article3.plan.states import STATES, counted_from
from article3.quantity import Standing
from article3.scenario.plan_schema import Plan

INITIAL: Final = 1 / 3
"""Part of the units from which a line of effort counts as usable at first (notional)."""
_SAME: Final = ("aircraft", "headquarters")
"""Units whose plural is their singular."""
_WHOLE: Final = "whole effort"
_FIRST: Final = "orders of the first year"
_SOME: Final = "orders of the first year by some of its Allies"


def contract_day(order_year: int, summit: date) -> date:
    """Return the day of a contract: 1 July as in the plan; in the year of the summit the day before it if earlier."""
    planned, eve = date(order_year, 7, 1), summit - timedelta(days=1)
    return eve if eve.year == order_year and eve < planned else planned


def roadmap(
    found: Sequence[Effort],
    items: Catalogue,
    settings: Plan,
    when: str,
    slip_loss: Mapping[str, float] | None = None,
    gains: Mapping[str, float] | None = None,
) -> tuple[Finding, ...]:
    """Return the tables ``effort``, ``effort_money``, ``milestones`` and ``down_payment``.

    Parameters
    ----------
    found
        Lines of effort.
    items
        Catalogue: lots.
    settings
        First year of ordering, summit, ceiling of down payments.
    when
        As-of date, with the scenario where it is not the baseline.
    slip_loss
        Largest fall of the share met (fraction) when a line of effort comes a year late, by its identifier.
    gains
        Fall of risk by a down payment alone, by the identifier of its line of effort.
    """
    losses = slip_loss or {}
    return (
        _efforts(found, settings, when, losses),
        _money(found, when),
        _milestones(found, settings, when, losses),
        _down_payments(found, items, settings, when, gains or {}),
    )


def _finding(name: str, when: str, title: str, rows: list[dict[str, Any]], standing: str, **more: Any) -> Finding:
    table = frame(columns()[name], rows)
    return Finding(name, when, title, table, columns()[name], sentence(""), Standing(standing), **more)


def _standing(found: Sequence[Effort]) -> str:
    return worst(item.standing for item in found)


def _efforts(found: Sequence[Effort], settings: Plan, when: str, losses: Mapping[str, float]) -> Finding:
    rows: list[dict[str, Any]] = [
        {
            "effort": item.effort,
            "title": item.title,
            "element": item.element,
            "element_title": force_element(item.element).title,
            "capability": item.capability,
            "lead": item.lead,
            "participants": ";".join(item.participants),
            "units": item.units,
            "cost_usd2021_m": item.cost,
            "first_contract": str(contract_day(item.steps[0].order_year, settings.summit)),
            "first_delivery": str(min(_days(item))),
            "full": str(max(_days(item))),
            "slip_loss": losses.get(item.effort),
            "split": item.split,
            "standing": item.standing,
        }
        for item in found
    ]
    warnings = (
        ("Who takes part, and so who owns, is an illustrative split where holdings are notional.",)
        if any(item.split for item in found)
        else ()
    )
    made = _finding("effort", when, "Lines of effort", rows, _standing(found), warnings=warnings, figure="roadmap")
    if not rows:
        return replace(made, sentence=sentence("The plan orders nothing: there is no line of effort."))
    first = rows[0]
    return replace(
        made,
        sentence=sentence(
            f"The plan has {len(rows)} line{'s' if len(rows) > 1 else ''} of effort; the dearest is {first['title']}: ",
            Cited(_amount(found[0].units, found[0].element), made.address(first, "units")),
            " for ",
            Cited(f"{first['cost_usd2021_m']:,.0f}", made.address(first, "cost_usd2021_m")),
            f" million US$ of 2021, led by {ally(found[0].lead).name}, complete in {max(_days(found[0])).year}.",
        ),
    )


def _days(item: Effort) -> set[date]:
    return {step.delivery for step in item.steps}


def _money(found: Sequence[Effort], when: str) -> Finding:
    rows = []
    for item in found:
        paid: dict[int, float] = defaultdict(float)
        for step in item.steps:
            # As the plan pays: equal parts over the years from order to delivery, the first in the year of the order.
            parts = max(counted_from(step.delivery) - step.order_year, 1)
            for year in range(step.order_year, step.order_year + parts):
                paid[year] += step.cost / parts
        rows += [{"effort": item.effort, "year": year, "usd2021_m": paid[year]} for year in sorted(paid)]
    return _finding("effort_money", when, "Money of each line of effort by year", rows, _standing(found))


def _milestones(found: Sequence[Effort], settings: Plan, when: str, losses: Mapping[str, float]) -> Finding:
    rows = [row for item in found for row in _of_effort(item, settings.summit, losses.get(item.effort))]
    made = _finding("milestones", when, "Milestones", rows, _standing(found))
    soon = sum(row["milestone"] == "contract" and row["before_summit"] for row in rows)
    text = (
        f"First contracts and decisions before the summit of {_day(settings.summit)}: {soon} of {len(found)}."
        if rows
        else "The plan orders nothing: there are no milestones."
    )
    return replace(made, sentence=sentence(text))


def _of_effort(item: Effort, summit: date, loss: float | None) -> list[dict[str, Any]]:
    first_year = item.steps[0].order_year
    days = sorted(_days(item))
    initial = next(day for day in days if item.delivered(day) >= INITIAL * item.units - STILL)
    signed = sum(step.units for step in item.steps if step.order_year == first_year)
    points = (
        ("contract", contract_day(first_year, summit), signed, 0.0),
        ("first_delivery", days[0], item.delivered(days[0]), 0.0),
        ("initial", initial, item.delivered(initial), INITIAL),
        ("full", days[-1], item.units, 1.0),
    )
    heads = {
        "contract": "Decision" if item.national else "First contract",
        "first_delivery": "First units raised" if item.national else "First delivery",
        "initial": "A third raised" if item.national else "A third delivered",
        "full": "All raised" if item.national else "All delivered",
    }
    rows = []
    for name, day, units, part in points:
        state = item.reached(part)
        rows.append(
            {
                "effort": item.effort,
                "milestone": name,
                "title": f"{heads[name]}: {item.title}",
                "owner": item.lead,
                "participants": ";".join(item.participants),
                "date": str(day),
                "units": units,
                "evidence": _evidence(item, name),
                "before_summit": day < summit,
                "state": state if name != "contract" or state == STATES[0] else STATES[1],
                "slips": _slips(item, name, state, day, loss),
            }
        )
    return rows


def _evidence(item: Effort, milestone: str) -> str:
    """Return what shows that a milestone is reached."""
    if milestone == "contract":
        if item.national:
            return "Published decision with number, place and year, and posts and money in the budget."
        return "Signed contract with quantity, price and delivery dates."
    if force_element(item.element).consumable:
        return {
            "first_delivery": "Delivery note accepted by the depot.",
            "initial": "Stock return that shows a third of the order in depots.",
            "full": "Stock return that shows the whole order in depots.",
        }[milestone]
    proof = (
        "Order that activates the unit, with its people and equipment" if item.national else "Acceptance certificate"
    )
    return {
        "first_delivery": f"{proof}.",
        "initial": f"{proof}; a third of the units declared to the NATO Force Model with their days of notice.",
        "full": f"{proof}; all units declared to the NATO Force Model with their days of notice.",
    }[milestone]


def _slips(item: Effort, milestone: str, state: str, day: date, loss: float | None) -> str:
    """Return what slips if a milestone comes a year late."""
    start = milestone in ("contract", "first_delivery")
    if STATES.index(state) >= (1 if milestone == "contract" else 2):
        return "Reached: nothing slips."
    if milestone == "contract":
        # What a late signature delays is the first delivery of what is signed then.
        mine = [step for step in item.steps if step.order_year == item.steps[0].order_year]
        day = min(step.delivery for step in mine)
        units = sum(step.units for step in mine if step.delivery == day)
    else:
        units = item.delivered(day)
    what = _amount(units, item.element)
    if not start and units < item.units - STILL:
        what = f"{_number(units)} of {_amount(item.units, item.element)}"
    elif not start and not _one(units):
        what = f"all {what}"
    aim = f" for {capability_title(item.capability)}" if item.capability else ""
    come = ("arrives" if start else "is there") if _one(units) else ("arrive" if start else "are there")
    before = item.delivered(day - timedelta(days=1))
    late = ("Decided" if item.national else "Signed") + " a year late" if milestone == "contract" else "A year late"
    then = f"there {'is' if _one(before) else 'are'} {_number(before)}" if before > STILL else "there is none of it"
    text = f"{late}, {what}{aim} {come} in {day.year + 1} instead of {day.year}; until then {then}."
    if loss is not None and start:
        text += f" If all of it comes a year late, the share met is up to {100 * loss:.0f} points lower."
    return text


def _down_payments(
    found: Sequence[Effort], items: Catalogue, settings: Plan, when: str, gains: Mapping[str, float]
) -> Finding:
    by = contract_day(settings.first_year, settings.summit)
    rows: list[dict[str, Any]] = [
        row
        for item in found
        if by < settings.summit and (row := _down_payment(item, items, settings, by, gains.get(item.effort)))
    ]
    rows.sort(key=lambda row: (-(row["gain"] or 0.0), row["first_delivery"], row["cost_usd2021_m"], row["effort"]))
    standing = worst(row["standing"] for row in rows)
    made = _finding("down_payment", when, "Down payments before the summit", rows, standing)
    ceiling = f"{settings.down_payment_usd_m:,.0f} million US$ of 2021"
    if not rows:
        text = (
            f"No order of {settings.first_year} can be signed before the summit of {_day(settings.summit)}."
            if by >= settings.summit
            else f"No line of effort has orders of {settings.first_year} that cost at most {ceiling}."
        )
        return replace(made, sentence=sentence(text))
    total = sum(row["cost_usd2021_m"] for row in rows)
    earliest = min(row["first_delivery"] for row in rows)[:4]
    count = f"{len(rows)} down payment{'s' if len(rows) > 1 else ''}"
    return replace(
        made,
        sentence=sentence(
            f"{count} of at most {ceiling} each can be signed before the summit of {_day(settings.summit)}, "
            f"{total:,.0f} million in all; the first delivers in {earliest}."
        ),
    )


def _down_payment(
    item: Effort, items: Catalogue, settings: Plan, by: date, gain: float | None
) -> dict[str, Any] | None:
    """Return what of a line of effort can be signed in the first year for less than the ceiling, or None."""
    open_ones = [step for step in item.steps if step.state == STATES[0]]
    first = [step for step in open_ones if step.order_year == settings.first_year]
    cost: dict[str, float] = defaultdict(float)
    for step in first:
        cost[step.ally] += step.cost
    coalition: set[str] = set()
    total = 0.0
    for code in sorted(cost, key=lambda code: (cost[code], code)):
        if total + cost[code] > settings.down_payment_usd_m:
            break
        coalition.add(code)
        total += cost[code]
    mine = [step for step in first if step.ally in coalition]
    units = sum(step.units for step in mine)
    if not mine or units < items.lot[items.elements.index(item.element)] - 1e-6:
        return None  # nobody signs for half a battery
    return {
        "effort": item.effort,
        "title": item.title,
        "part": _WHOLE if len(mine) == len(item.steps) else _FIRST if len(mine) == len(first) else _SOME,
        "owner": item.owner(mine),
        "participants": ";".join(item.who(mine)),
        "sign_by": str(by),
        "units": units,
        "cost_usd2021_m": total,
        "first_delivery": str(min(step.delivery for step in mine)),
        "gain": gain,
        "standing": worst(step.standing for step in mine),
    }


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _one(units: float) -> bool:
    return _number(units) == "1"


def _number(units: float) -> str:
    """Return a number of units as people read it: whole where it nearly is, one decimal below a hundred."""
    if units >= 100 or abs(units - round(units)) < 0.05 <= units:
        return f"{units:,.0f}"
    return f"{units:.1f}" if units >= 0.1 else f"{units:.2g}"


def _amount(units: float, element: str) -> str:
    """Return units with what they are: ``6 batteries``, ``1 aircraft``."""
    name = force_element(element).unit
    if not _one(units) and name not in _SAME:
        name = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
    return f"{_number(units)} {name}"
