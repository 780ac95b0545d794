"""Findings about the fastest safe drawdown: what leaves when, what it waits for, what stays, what it frees."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np

from article3.domain import force_element
from article3.evidence.findings import Check, Finding, sentence
from article3.gap.forces import Array
from article3.gap.rows import in_words
from article3.plan.rows import element_words
from article3.scenario.shift_schema import Shift
from article3.shift.alone import SEEN
from article3.shift.handed import Handed
from article3.shift.rows import CAUTION, finding
from article3.shift.steps import step_names, step_units

SCHEDULES: Final = {"plan": "fastest", "aimed": "aimed"}
"""What the fastest schedule under each plan is called."""
NAMED: Final = 3
"""Gates named for one step."""
FREE: Final = "free"
STAYS: Final = ("partly", "stays", "no_path")
"""Classes of which something is left in the last year."""


def steps_of(handed: Handed) -> list[dict[str, Any]]:
    """Return the rows of table ``handover`` of one plan: every whole step of every element."""
    rows = []
    names = step_names(handed.made.asked.inputs.planning)
    for place, element in enumerate(handed.schedule.elements):
        before = float(handed.field.offer[element])
        for number in range(len(handed.days)):
            left = float(handed.units[number, place])
            if before - left > SEEN:
                rows.append(_step(handed, place, number, (before - left, left), names))
            before = left
    return sorted(rows, key=lambda row: (row["date"], row["subject"]))


def _step(handed: Handed, place: int, number: int, units: tuple[float, float], names: dict[str, str]) -> dict[str, Any]:
    element = int(handed.schedule.elements[place])
    name = handed.field.axes.elements[element]
    held = gated_by(handed, place, number)
    away, left = units
    return {
        "schedule": SCHEDULES[handed.name],
        "kind": "element",
        "subject": name,
        "date": handed.days[number].isoformat(),
        "element": name,
        "subject_title": force_element(name).title,
        "units": away,
        "left": left,
        "step_name": names[name],
        "people": away * float(handed.field.people[element]),
        "saved_usd2021_m": away * upkeep_of(handed, element),
        "waits_for": _waits(handed, place, number, bool(held)),
        "gated_by": held,
        "earliest_safe_date": _first(handed, handed.alone.left[:, place], left / handed.field.offer[element]),
        "standing": "notional",
    }


def gated_by(handed: Handed, place: int, number: int) -> str:
    """Return the deliveries without which an element could not leave on a day, in words, the largest first."""
    element = int(handed.schedule.elements[place])
    offer = float(handed.field.offer[element])
    mine = [gate for gate in handed.gates if gate.day == number and gate.held[place] > SEEN]
    mine.sort(key=lambda gate: -gate.held[place])
    return "; ".join(
        f"{handed.field.axes.elements[gate.element]} {gate.year} ({gate.held[place] * offer:.3g} would stay)"
        for gate in mine[:NAMED]
    )


def _waits(handed: Handed, place: int, number: int, gated: bool) -> str:
    """Return what a step waits for; what limits it first."""
    if gated:
        return "deliveries"
    if handed.alone.free[place]:
        calendar = handed.schedule.calendar
        first = next(n for n, bound in enumerate(calendar.bound) if not bound)
        return "notice" if number == first else "pace"
    calendar = handed.schedule.calendar
    return "pace" if any(not bound for bound in calendar.bound[:number]) else "notice"


def _first(handed: Handed, left: Array, share: float) -> str | None:
    """Return the first day on which at most a share of the offer is left; None where there is none."""
    there = np.nonzero(left <= share + SEEN)[0]
    return handed.days[int(there[0])].isoformat() if len(there) else None


def upkeep_of(handed: Handed, element: int) -> float:
    """Return the operation of one unit; none of a part of a unit that is counted with it."""
    part = force_element(handed.field.axes.elements[element]).part_of
    return 0.0 if part else float(handed.made.asked.given.items.upkeep[element])


def handover(found: Sequence[Handed], more: Sequence[dict[str, Any]], when: str) -> Finding:
    """Return who hands over what, when: the fastest schedules, given drawdowns, command posts.

    Parameters
    ----------
    found
        Handovers by plan.
    more
        Rows of given drawdowns and of posts.
    when
        Date and scenario.
    """
    rows = [row for handed in found for row in steps_of(handed)] + list(more)
    made = finding(
        "handover", when, "What is handed over, when, and what it waits for", rows, sentence(""), figure="handover"
    )
    text = _sentence(found)
    return Finding(
        made.name, when, made.title, made.table, made.columns, sentence(text), made.standing,
        warnings=(CAUTION,), checks=tuple(_check(handed) for handed in found), figure=made.figure,
    )  # fmt: skip


def _check(handed: Handed) -> Check:
    certificate = handed.schedule.certificate
    holds = certificate is not None and not certificate.faults
    return Check(f"certificate, {handed.name}", holds, "optimal" if holds else str(certificate))


def _sentence(found: Sequence[Handed]) -> str:
    parts = []
    for handed in found:
        whose = "Under the plan" if handed.name == "plan" else "With the plan made again for the handover"
        half = half_date(handed)
        rows = classes(handed)
        gone = sum(row == "gated" for row in rows)
        free = sum(row == "free" for row in rows)
        stays = len(rows) - gone - free
        last = handed.field.years[-1]
        when = (
            f"half of the people behind the US offer could be gone by {half.year}"
            if half
            else f"less than half of the people behind the US offer could be gone by {last}"
        )
        parts.append(
            f"{whose}, {when}, with no requirement less covered than today because they leave: {free} of {len(rows)} "
            f"kinds of forces are held by no requirement, {gone} leave as Europe delivers, {stays} stay in part or "
            f"wholly to {last}."
        )
    return " ".join(parts)


def half_date(handed: Handed) -> date | None:
    """Return the first day on which half of the people behind the offer or more are free; None where there is none."""
    all_of_them = float(handed.field.offer @ handed.field.people)
    there = np.nonzero(handed.people <= all_of_them / 2 + SEEN)[0]
    return handed.days[int(there[0])] if len(there) else None


def classes(handed: Handed) -> list[str]:
    """Return the class of every element offered: free, gated, partly, stays, no_path, kept."""
    keep = handed.shift.keep
    found = []
    for place, element in enumerate(handed.schedule.elements):
        offer, last = float(handed.field.offer[element]), float(handed.units[-1, place])
        if handed.field.axes.elements[element] in keep:
            found.append("kept")
        elif handed.alone.free[place] and last <= SEEN:
            found.append(FREE)
        elif last <= SEEN:
            found.append("gated")
        else:
            path = _lines(handed, handed.field.axes.elements[element])
            found.append("no_path" if not path else "partly" if last < offer - SEEN else "stays")
    return found


def fastest(found: Sequence[Handed], shift: Shift, when: str) -> Finding:
    """Return every element once: when it leaves with the others and alone, what gates it, what stays and why."""
    rows = [row for handed in found for row in _elements(handed)]
    last = found[-1]
    free = [element_words(row["element"]) for row in rows if row["plan"] == last.name and row["group"] == FREE]
    lost = [row for row in rows if row["plan"] == last.name and row["group"] in STAYS]
    lost.sort(key=lambda row: -(row["stays"] / row["offer"]))
    none = [element_words(row["element"]) for row in lost if row["group"] == "no_path"]
    some = [element_words(row["element"]) for row in lost if row["group"] != "no_path"]
    text = (
        f"Free to leave, each alone, after {shift.notice_days} days' notice, since no requirement held asks for it "
        f"(which is not to say that it is safe): {in_words(free)}. "
        + (f"No European path by {last.field.years[-1]}: {in_words(none)}. " if none else "")
        + (
            f"Left in part or wholly in {last.field.years[-1]}, since the plan does not order enough in time: "
            f"{in_words(some)}."
            if some
            else "Everything else can leave by then."
        )
    )
    return finding(
        "fastest",
        when,
        "When each kind of force can leave",
        rows,
        sentence(text),
        warnings=(CAUTION,),
        figure="fastest",
    )


def _elements(handed: Handed) -> list[dict[str, Any]]:
    rows = []
    years = handed.schedule.calendar.years
    step = step_units(handed.made.asked.inputs.planning, handed.field.axes)
    for place, (element, group) in enumerate(zip(handed.schedule.elements, classes(handed), strict=True)):
        name, offer = handed.field.axes.elements[element], float(handed.field.offer[element])
        units, alone = handed.units[:, place], handed.alone.left[:, place]
        stays = float(units[-1])
        rows.append(
            {
                "plan": handed.name,
                "element": name,
                "element_title": force_element(name).title,
                "offer": offer,
                "held": float(handed.field.held[0, element]),
                "group": group,
                "reason": _reason(handed, name, group),
                "first_date": _first(handed, units, offer - min(float(step[element]), offer)),
                "half_date": _first(handed, units, offer / 2),
                "gone_date": _first(handed, units, 0.0),
                "alone_date": _first(handed, alone, 0.0),
                "stays": stays,
                "stays_alone": float(alone[-1]) * offer,
                "unit_years": float(units @ years) + offer * handed.schedule.calendar.before,
                "people": (offer - stays) * float(handed.field.people[element]),
                "saved_usd2021_m": (offer - stays) * upkeep_of(handed, int(element)),
                "gated_by": _all_gates(handed, place),
                "standing": "notional",
            }
        )
    return rows


def _reason(handed: Handed, name: str, group: str) -> str | None:
    if group not in STAYS:
        return None
    return "this plan does not order enough in time" if _lines(handed, name) else "no line delivers it to Europe"


def _lines(handed: Handed, name: str) -> bool:
    """Return whether any line could deliver an element to a European Ally or Canada."""
    items = handed.made.asked.given.items
    element = items.elements.index(name)
    return bool(((items.line_element == element) & items.capacity.any(axis=1)).any())


def _all_gates(handed: Handed, place: int) -> str:
    offer = float(handed.field.offer[handed.schedule.elements[place]])
    held: dict[str, float] = {}
    for gate in handed.gates:
        name = handed.field.axes.elements[gate.element]
        if gate.held[place] > SEEN:
            held[name] = held.get(name, 0.0) + gate.held[place] * offer
    return ";".join(sorted(held, key=lambda name: -held[name])[:NAMED])


def leaving(found: Sequence[Handed], when: str) -> Finding:
    """Return, by element and day, what is left of the US offer, what has arrived, and what Europe and Canada hold."""
    rows = []
    for handed in found:
        places = (0, *handed.schedule.calendar.place)
        days = (handed.field.today, *handed.days)
        arrived = np.cumsum(handed.field.delivered[1:], axis=0)
        for place, element in enumerate(handed.schedule.elements):
            name, offer = handed.field.axes.elements[element], float(handed.field.offer[element])
            us = (offer, *handed.units[:, place])
            alone = (offer, *(handed.alone.left[:, place] * offer))
            rows += [
                {
                    "plan": handed.name,
                    "element": name,
                    "date": day.isoformat(),
                    "element_title": force_element(name).title,
                    "us": float(us[number]),
                    "alone": float(alone[number]),
                    "arrived": float(arrived[where - 1, element]) if where else 0.0,
                    "held": float(handed.field.held[where, element]),
                    "standing": "notional",
                }
                for number, (day, where) in enumerate(zip(days, places, strict=True))
            ]
    text = "What is left of the US offer, and what Europe and Canada have by then, day by day."
    return finding("leaving", when, "Leaving against arriving", rows, sentence(text), figure="leaving")
