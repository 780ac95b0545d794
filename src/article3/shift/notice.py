"""The notice board: every planned US step and every European delivery that gates it, on one calendar, with warnings.

Dates are those on which everything comes when it is due. Where a delivery slips the schedule is solved again with it,
and every step says on which day it can be taken instead. Method: ``docs/methods/shift-notice.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from article3.domain import force_element
from article3.evidence.findings import Finding, sentence
from article3.gap.forces import Array
from article3.gap.rows import element_title, in_words
from article3.plan.states import STATES
from article3.scenario.shift_schema import Shift
from article3.shift.alone import SEEN
from article3.shift.exposure import Exposure
from article3.shift.field import DAY, MONTH
from article3.shift.found_exposure import element_rows
from article3.shift.found_handover import SCHEDULES, gated_by
from article3.shift.handed import Handed
from article3.shift.notice_slips import PLANNED, Board, Part, board, seen_from
from article3.shift.posts import handover_rows
from article3.shift.rows import CAUTION, finding

NAMED: Final = 3
"""Elements named in one warning, and warnings in the sentence."""
SAID: Final = 10
"""Warnings that stand beside the table."""
_ORDER: Final = (PLANNED, *STATES[1:])
_KINDS: Final = ("notice_given", "delivery", "us_step", "post", "summit")
_SAME: Final = ("aircraft", "headquarters")
MATTERS: Final = 1e-3
"""Part of an offer below which nothing waits for a delivery."""
PEOPLE: Final = "people"
"""Subject of a step in people."""
GIVEN: Final = "given"
"""Schedule of deliveries that only given drawdowns wait for."""
Row = dict[str, Any]


def notice(
    handed: Handed, exposures: Sequence[tuple[Handed, Exposure]], when: str, shift: Shift | None = None
) -> Finding:
    """Return the notice board.

    Parameters
    ----------
    handed
        The handover under the plan.
    exposures
        Given drawdowns, each with the handover it is compared with.
    when
        Date and scenario.
    shift
        Settings the handover was made with; the scenario's where none are given.

    Raises
    ------
    NotKnownError
        What posts rest on is not known by the as-of date.
    """
    inputs = handed.made.asked.inputs
    shift = shift or inputs.scenario.shift
    today = seen_from(handed.made)
    found = board(handed, shift)
    steps = list(_steps(found))
    given, waiting = [], set()
    for other, item in exposures:
        more, wanted = _given(other, item, today)
        given += more
        waiting |= {(name, year, item.path.drawdown.drawdown) for name, year in wanted}
    deliveries = list(_deliveries(found, waiting))
    rows = [*steps, *deliveries, *given]
    rows += _notices([row for row in rows if row["kind"] == "us_step"], shift.notice_days, today)
    rows += [_post(row) for row in handover_rows(inputs)]
    rows.append(_summit(handed))
    rows.sort(key=lambda row: (row["date"], _KINDS.index(row["kind"]), row["schedule"], row["subject"]))
    late = [row["warning"] for row in deliveries if row["state"] == "late"]
    return finding(
        "notice", when, "Notice board: US steps and the European deliveries they wait for", rows,
        sentence(_sentence(found, steps, deliveries)), warnings=(*late[:SAID], CAUTION), figure="notice",
    )  # fmt: skip


def many(element: str) -> str:
    """Return a force element in the plural, as people read it inside a sentence."""
    name = element_title(element)
    if name.endswith(("s", *_SAME)):
        return name
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def number(units: float) -> str:
    """Return a number of units as people read it: whole where it nearly is, one decimal below a hundred."""
    if units >= 100 or abs(units - round(units)) < 0.05 <= units or not units:
        return f"{units:,.0f}"
    return f"{units:.1f}" if units >= 0.1 else f"{units:.2g}"


# The fastest schedule.


def _steps(found: Board) -> Iterator[Row]:
    """Yield every whole step of the schedule as promised, with the day on which it can be taken as things are known."""
    handed, known = found.promised, found.known
    for place, element in enumerate(handed.schedule.elements):
        name, before = handed.field.axes.elements[element], float(handed.field.offer[element])
        for number_, day in enumerate(handed.days):
            left = float(handed.units[number_, place])
            away, before = before - left, left
            if away <= SEEN:
                continue
            there = np.nonzero(known.units[:, place] <= left + SEEN)[0]
            new = handed.days[int(there[0])] if len(there) else None
            state = "stays" if new is None else "on_time" if new == day else "moved"
            yield {
                "date": day.isoformat(),
                "kind": "us_step",
                "subject": name,
                "schedule": SCHEDULES[handed.name],
                "title": f"{force_element(name).title}: departure of {number(away)}, {number(left)} left",
                "units": away,
                "left": left,
                "gated_by": gated_by(handed, place, number_),
                "state": state,
                "new_date": new.isoformat() if new and new != day else None,
                "warning": _moves(found, name, (away, left), day, new),
                "owner": "USA",
                "standing": "notional",
            }


def _moves(found: Board, name: str, units: tuple[float, float], day: date, new: date | None) -> str:
    """Return the warning of a step that comes later than promised; nothing where it does not."""
    if new is not None and new <= day:
        return ""
    place = [found.promised.field.axes.elements[e] for e in found.promised.schedule.elements].index(name)
    then = float(found.known.units[found.promised.days.index(day), place])
    causes = [key for key, effect in found.effects.items() if effect[:, place].max(initial=0.0) > SEEN]
    why = in_words(f"{many(element)} due {due}" for element, due, _ in causes[:NAMED]) or "what comes late together"
    stuck = min(then - units[1], units[0])
    until = f"stay until {new}" if new else f"do not leave by {found.promised.days[-1].year}"
    return f"{number(stuck)} of {number(units[0])} US {many(name)} that were to leave on {day} {until}. Late: {why}."


def _deliveries(found: Board, waiting: Collection[tuple[str, int, str]]) -> Iterator[Row]:
    """Yield every delivery that a step waits for, and every one that is late.

    Parameters
    ----------
    found
        The schedule on time and as known.
    waiting
        Deliveries that given drawdowns wait for: element, year, drawdown.
    """
    handed = found.promised
    held: dict[tuple[str, int], Array] = {}
    for gate in handed.gates:
        key = handed.field.axes.elements[gate.element], gate.year
        if gate.held.max() > MATTERS:
            held[key] = np.maximum(gate.held, held.get(key, 0.0))
    ours = {*held, *((part.element, part.due) for part in found.parts if part.late)}
    also: dict[tuple[str, int], list[str]] = {}
    for element, year, drawdown in sorted(waiting):
        also.setdefault((element, year), []).append(drawdown)
    for element, year in sorted({*ours, *also}, key=lambda item: (item[1], item[0])):
        schedule = SCHEDULES[handed.name] if (element, year) in ours else GIVEN
        gates = [_waiting(handed, held.get((element, year))), *also.get((element, year), ())]
        yield _delivery(found, (element, year), schedule, "; ".join(text for text in gates if text))


def _waiting(handed: Handed, held: Array | None) -> str:
    """Return the US forces that could not leave without a delivery, and how many would stay, most people first."""
    if held is None:
        return ""
    offer = handed.field.offer[handed.schedule.elements]
    weight = held * offer * handed.field.people[handed.schedule.elements]
    order = sorted(np.nonzero(held > MATTERS)[0], key=lambda place: (-weight[place], -held[place], place))
    names = [handed.field.axes.elements[element] for element in handed.schedule.elements]
    texts = [f"{number(float(held[n] * offer[n]))} of {number(float(offer[n]))} would stay" for n in order]
    return "; ".join(f"{names[n]} ({text})" for n, text in zip(order, texts, strict=True))


def _delivery(found: Board, what: tuple[str, int], schedule: str, waiting: str) -> Row:
    element, year = what
    parts = [part for part in found.parts if (part.element, part.due) == (element, year)]
    units = sum(part.units for part in parts)
    late = [part for part in parts if part.late]
    owner, owned = _owner(parts)
    unsigned = [part.sign_by for part in parts if part.sign_by]
    comes = max((part.comes for part in late), default=year)
    state = "late" if late else min((part.state for part in parts), key=_ORDER.index, default=PLANNED)
    return {
        "date": date(year, MONTH, DAY).isoformat(),
        "kind": "delivery",
        "subject": element,
        "schedule": schedule,
        "title": f"{force_element(element).title}: delivery of {number(units)}",
        "units": units,
        "gates": waiting,
        "state": state,
        "late_units": sum(part.units for part in late) if late else None,
        "sign_by": min(unsigned).isoformat() if unsigned else None,
        "new_date": date(comes, MONTH, DAY).isoformat() if late else None,
        "warning": _slips(found, element, year, late, units) if late else "",
        "owner": owner,
        "owner_units": owned,
        "standing": "notional",
    }


def _owner(parts: Iterable[Part]) -> tuple[str, float]:
    """Return the Ally or fleet that gets most of a delivery, and its units."""
    units: dict[str, float] = {}
    for part in parts:
        units[part.holder] = units.get(part.holder, 0.0) + part.units
    return max(units.items(), key=lambda item: (item[1], item[0]), default=("", 0.0))


def _slips(found: Board, element: str, year: int, late: Sequence[Part], units: float) -> str:
    """Return what a late delivery does: how much comes when, and which US forces have to stay until when."""
    texts = []
    for comes in sorted({part.comes for part in late}):
        mine = [part for part in late if part.comes == comes]
        some = sum(part.units for part in mine)
        why = _reason(mine)
        text = f"{many(element)} due {date(year, MONTH, DAY)}: {number(some)} of {number(units)} slip to {comes}{why}: "
        texts.append(text[:1].upper() + text[1:] + _stay(found, found.effects.get((element, year, comes))))
    return " ".join(texts)


def _reason(parts: Sequence[Part]) -> str:
    """Return why something slips that no state file says: nobody signed it in time, or the scenario lets it."""
    unsigned = [part.sign_by for part in parts if part.sign_by and part.comes > part.expected]
    if unsigned:
        return f", not signed by {max(unsigned)}"
    return ", as the scenario assumes" if any(part.assumed for part in parts) else ""


def _stay(found: Board, effect: Array | None) -> str:
    """Return in words which US forces a late delivery holds back by itself."""
    if effect is None:
        return "what it holds back by itself is not worked out."
    handed = found.promised
    most = effect.max(axis=0)
    people = most * handed.field.people[handed.schedule.elements]
    order = sorted(np.nonzero(most > SEEN)[0], key=lambda place: (-people[place], -most[place]))
    if not order:
        return "no US step waits for it by itself."
    texts = []
    for place in order[:NAMED]:
        element = handed.schedule.elements[place]
        last = int(np.nonzero(effect[:, place] > SEEN)[0][-1]) + 1
        until = f"until {handed.days[last]}" if last < len(handed.days) else f"to {handed.days[-1].year} and beyond"
        offer = number(float(handed.field.offer[element]))
        name = handed.field.axes.elements[element]
        texts.append(f"{number(float(most[place]))} of {offer} US {many(name)} must stay {until}")
    more = f" and parts of {len(order) - NAMED} more kinds of forces" if len(order) > NAMED else ""
    return f"{in_words(texts)}{more}."


# Given drawdowns, notice, posts, the summit.


def _given(handed: Handed, item: Exposure, today: date) -> tuple[list[Row], set[tuple[str, int]]]:
    """Return the steps of a given drawdown, and the deliveries they would wait for, element by element.

    A step of people is one row, since it takes a share of every unit with it; a step of units has a row for each
    element.
    """
    waiting: set[tuple[str, int]] = set()
    by_day: dict[str, list[Row]] = {}
    for row in element_rows(handed, item):
        by_day.setdefault(row["date"], []).append(row)
        for text in filter(None, str(row["gated_by"] or "").split("; ")):
            name, _, year = text.rpartition(" ")
            waiting.add((name, int(year)))
    rows: list[Row] = []
    path = item.path
    for number_, day in enumerate(path.days):
        mine = by_day.get(day.isoformat(), [])
        gate = "; ".join(
            dict.fromkeys(text for row in mine for text in filter(None, str(row["gated_by"] or "").split("; ")))
        )
        safe = int(item.safe[number_].max()) if (item.safe[number_] >= 0).all() else None
        first = item.days[safe] if safe is not None else None
        early = first is None or first > day
        same: Row = {
            "date": day.isoformat(),
            "kind": "us_step",
            "schedule": path.drawdown.drawdown,
            "gated_by": gate,
            "state": "gone" if day <= today else "early" if early else "on_time",
            "new_date": first.isoformat() if first and early and day > today else None,
            "warning": "",
            "owner": "USA",
            "standing": "notional",
        }
        if path.away[number_]:
            people = f"{path.people[number_]:,.0f} people"
            rows.append(
                same | {"subject": PEOPLE, "title": f"{people}, and a share of every unit based there: departure"}
            )
        else:
            taken = [row for row in mine if path.units[number_, _place(handed, row["subject"])] > SEEN]
            rows += [
                same
                | {
                    "subject": row["subject"],
                    "title": f"{row['subject_title']}: departure of {number(row['units'])}, {number(row['left'])} left",
                    "units": row["units"],
                    "left": row["left"],
                    "gated_by": row["gated_by"],
                }
                for row in taken
            ]
    for row in rows:
        if row["state"] == "early":
            row["warning"] = f"Planned for {row['date']}, safe {_safe(row['new_date'], item)}."
    return rows, waiting


def _safe(day: str | None, item: Exposure) -> str:
    return f"from {day}" if day else f"on no day to {item.days[-1].year}"


def _place(handed: Handed, element: str) -> int:
    return handed.field.axes.of("element", element)


def _notices(steps: Iterable[Row], days: int, today: date) -> list[Row]:
    """Return the last day on which notice can be given, of every step still to come: its day less the days of notice.

    Steps of the fastest schedule are counted from the day on which they can be taken, given ones from their own.
    """
    found: dict[tuple[str, str, date], Row] = {}
    for row in steps:
        day = date.fromisoformat(row["new_date"] if row["state"] == "moved" else row["date"])
        if day <= today or row["state"] == "stays":
            continue
        last = day - timedelta(days=days)
        past = last < today
        key = row["subject"], row["schedule"], day
        if key in found and row.get("units"):
            found[key]["units"] += row["units"]
        found.setdefault(
            key,
            {
                "date": last.isoformat(),
                "kind": "notice_given",
                "subject": row["subject"],
                "schedule": row["schedule"],
                "units": row.get("units"),
                "state": "past" if past else "due",
                "warning": f"{days} days of notice for {day} had to begin by then: {(day - today).days} are left."
                if past
                else "",
                "owner": "USA",
                "standing": "notional",
                "leaves": day,
            },
        )
    for row in found.values():
        what = force_element(row["subject"]).title if row["subject"] != PEOPLE else "People"
        some = f" of {number(row['units'])}" if row["units"] else ""
        row["title"] = f"{what}: notice of the departure{some} on {row['leaves']}"
    return list(found.values())


def _post(row: Row) -> Row:
    return {
        "date": row["date"],
        "kind": "post",
        "subject": row["subject"],
        "schedule": row["schedule"],
        "title": row["subject_title"],
        "gated_by": row["gated_by"],
        "state": row.get("step"),
        "warning": "",
        "owner": row["to_ally"],
        "standing": row["standing"],
    }


def _summit(handed: Handed) -> Row:
    return {
        "date": handed.made.asked.settings.summit.isoformat(),
        "kind": "summit",
        "subject": "summit",
        "schedule": "summit",
        "title": "Next summit",
        "state": PLANNED,
        "warning": "",
        "standing": "notional",
    }


def _sentence(found: Board, steps: Sequence[Row], deliveries: Sequence[Row]) -> str:
    if not steps:
        return "No US step is planned: no whole step can leave by the last year looked at."
    gating = [row for row in deliveries if row["gates"] and row["schedule"] != GIVEN]
    late = [row for row in deliveries if row["state"] == "late"]
    moved = [row for row in steps if row["warning"]]
    first, last = min(row["date"] for row in steps), max(row["date"] for row in steps)
    text = f"{len(steps)} US steps from {first} to {last}; they wait for {len(gating)} European deliveries"
    signed = [row["sign_by"] for row in gating if row["sign_by"]]
    text += f", the first of which has to be signed by {min(signed)}." if signed else "."
    if not late:
        file = "" if found.promised.made.asked.states else "; no state file says how far orders have come"
        return f"{text} Nothing is known to slip{file}."
    warned = [row["warning"] for row in sorted(late, key=lambda row: (not row["gates"], row["date"]))]
    return f"{text} {len(late)} slip, and {len(moved)} steps come later than promised. {' '.join(warned[:NAMED])}"
