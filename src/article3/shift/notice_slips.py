"""What comes late: deliveries in parts, each with the day it is due and the day it comes, and the schedule with both.

A delivery is due when its line delivers it: 1 July of the year of the order plus the lead time. It is late where the
state file lets it come later, where it has not come although its day is past, where its order has not been signed on
the last day that keeps it on time, or where the scenario says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from article3.gap.forces import Array
from article3.gap.postures import USA
from article3.plan.found_orders import SEEN as ORDERED
from article3.plan.make import Made
from article3.plan.problem import by_class
from article3.plan.roadmap import contract_day
from article3.plan.states import STATES, counted_from
from article3.scenario.shift_schema import Late, Shift
from article3.shift.alone import gates
from article3.shift.fastest import Fastest
from article3.shift.field import DAY, MONTH, Field, field
from article3.shift.handed import Handed
from article3.shift.steps import whole

PLANNED: Final = "planned"
_NOBODY: Final = -1


@dataclass(frozen=True, slots=True)
class Part:
    """Part of a delivery.

    Parameters
    ----------
    holder
        Ally or fleet that gets it.
    klass
        Class of reach of its buyer; -1 where it was announced before.
    element
        Force element.
    units
        Units.
    due, comes
        Year on whose 1 July it is due, and from which it counts as far as is known today.
    expected
        Year from which the field of the handover counts it.
    state
        ``planned``, or how far the order has come.
    sign_by
        Last day on which its order can be signed to be on time; None where it is signed.
    assumed
        Years by which the scenario lets it come later.
    """

    holder: str
    klass: int
    element: str
    units: float
    due: int
    comes: int
    expected: int
    state: str
    sign_by: date | None = None
    assumed: int = 0

    @property
    def late(self) -> bool:
        """Whether it comes later than it is due."""
        return self.comes > self.due


def seen_from(made: Made) -> date:
    """Return the day from which states are judged: the as-of day, or the newest delivery of the state file if later."""
    days = [row.day for row in made.asked.states if row.state in STATES[2:] and row.day]
    return max([made.asked.inputs.scenario.as_of, *days])


def parts_of(handed: Handed, shift: Shift) -> tuple[Part, ...]:
    """Return every European and Canadian delivery to come in parts: planned, signed, announced.

    Parameters
    ----------
    handed
        The handover.
    shift
        Settings: deliveries that the scenario lets come later.
    """
    made, today = handed.made, seen_from(handed.made)
    found = [*_orders(made, today), *_signed(made, today), *_announced(handed)]
    if shift.plan == "announced":
        found = [part for part in found if part.state != PLANNED]
    after = handed.field.years[0]
    moved = [_later(part, shift) for part in found]
    return tuple(part for part in moved if max(part.due, part.comes) > after)


def _orders(made: Made, today: date) -> Iterable[Part]:
    """Yield what the plan orders; late where the last day to sign has passed."""
    given, shared = made.shared.given, made.shared
    codes, items, settings = given.buyers.codes, given.items, made.asked.settings
    for order in np.nonzero(shared.ordered > ORDERED)[0]:
        pair = given.order_pair[order]
        buyer, element = int(given.pair_buyer[pair]), int(given.pair_element[pair])
        year, lead = given.years[given.order_year[order]], int(given.lead[order])
        sign_by = contract_day(year, settings.summit)
        comes = max(counted_from(today) + lead, year + lead) if today > sign_by else year + lead
        units = float(shared.ordered[order] * given.lot[pair])
        klass, due = int(given.buyers.klass[buyer]), year + lead
        yield Part(codes[buyer], klass, items.elements[element], units, due, comes, due, PLANNED, sign_by)


def _signed(made: Made, today: date) -> Iterable[Part]:
    """Yield what was signed before, of the state file; late where it comes after the lead time of its line."""
    given = made.asked.given
    items, buyers = given.items, given.buyers
    for row in made.asked.states:
        if row.state == STATES[0]:
            continue
        due = row.order_year + int(items.lead[items.lines.index(row.line)])
        expected = counted_from(row.arrives(items))
        overdue = row.state == STATES[1] and row.arrives(items) <= today
        comes = max(expected, today.year + (today >= date(today.year, MONTH, DAY))) if overdue else expected
        klass = int(buyers.klass[buyers.codes.index(row.ally)])
        yield Part(row.ally, klass, row.element, row.units, due, max(comes, due), expected, row.state)


def _announced(handed: Handed) -> Iterable[Part]:
    """Yield what was announced before: table ``changes``."""
    axes = handed.field.axes
    table = handed.made.asked.inputs.planning.table("changes").filter(pl.col("kind") == "delivery")
    for row in table.iter_rows(named=True):
        if row["holder"] in axes.holders and axes.group[axes.of("holder", row["holder"])] != USA:
            year = int(row["year"])
            yield Part(row["holder"], _NOBODY, row["element"], float(row["units"]), year, year, year, STATES[1])


def _later(part: Part, shift: Shift) -> Part:
    """Return a part as late as the scenario lets it come; the field of the handover counts that already."""
    years = [item.years for item in shift.late if (item.element, item.year) == (part.element, part.expected)]
    more = max(years, default=0)
    comes = max(part.comes, part.expected + more)
    return replace(part, comes=comes, expected=part.expected + more, assumed=more)


def on_time(handed: Handed, shift: Shift, parts: Sequence[Part]) -> Field:
    """Return the field with everything delivered when it is due."""
    base = handed.field
    if shift.late:
        timely = shift.model_copy(update={"late": (), "today": base.today})
        base = field(handed.made, timely, handed.field.posture.name)
        parts = [replace(part, expected=part.expected - part.assumed) for part in parts]
    early = [replace(part, comes=part.expected) for part in parts if part.expected > part.due]
    return moved(base, handed.made, early, 1.0)


def as_known(handed: Handed, parts: Sequence[Part]) -> Field:
    """Return the field of the handover with what is late beyond what it counts: overdue, or not signed in time."""
    later = [replace(part, due=part.expected) for part in parts if part.comes > part.expected]
    return moved(handed.field, handed.made, later, -1.0)


def moved(given: Field, made: Made, parts: Sequence[Part], sign: float) -> Field:
    """Return a field in which units of some parts are there, or not there, from the year due until the year they come.

    Parameters
    ----------
    given
        The field.
    made
        The plan.
    parts
        Parts by class of reach; those announced before are left as they are.
    sign
        1: they are there; -1: they are not.
    """
    parts = [part for part in parts if part.klass != _NOBODY and part.comes > part.due]
    if not parts:
        return given
    problem = made.shared.given
    shape = by_class(problem, np.zeros_like(made.shared.added), problem.years[:1]).shape
    extra = np.zeros((*shape[:2], len(given.years)))
    years = np.array(given.years)
    for part in parts:
        there = (years >= part.due) & (years < part.comes)
        extra[part.klass, given.axes.of("element", part.element)] += part.units * there
    rows = sign * given.instead(made.asked, extra).planned
    counts = sign * extra.sum(axis=0).T
    step, count = np.diff(rows, axis=0, prepend=0.0), np.diff(counts, axis=0, prepend=0.0)
    return replace(
        given,
        home=np.maximum(given.home + rows, 0.0),
        planned=given.planned + rows,
        gain=np.maximum(given.gain + step, 0.0),
        delivered=np.maximum(given.delivered + count, 0.0),
        held=np.maximum(given.held + counts, 0.0),
    )


@dataclass(frozen=True, slots=True)
class Board:
    """A schedule as it would be on time, and as it is known.

    Parameters
    ----------
    promised
        With everything delivered when it is due.
    known
        With what is late coming late. When each element could leave alone is the handover's in both.
    parts
        Deliveries in parts.
    effects
        Units that have to stay longer, by late delivery (element, year due, year it comes), each alone, (D, E').
    """

    promised: Handed
    known: Handed
    parts: tuple[Part, ...]
    effects: dict[tuple[str, int, int], Array]


ALONE: Final = 12
"""Late deliveries of which it is worked out, one by one, what each of them holds back; those with most units."""


def board(handed: Handed, shift: Shift) -> Board:
    """Return the schedule on time and as known; nothing is solved again where nothing is late.

    Parameters
    ----------
    handed
        The handover.
    shift
        Settings.
    """
    parts = parts_of(handed, shift)
    late = [part for part in parts if part.late]
    if not late:
        return Board(handed, handed, parts, {})
    first = on_time(handed, shift, parts)
    model = Fastest(first, handed.kept, shift)
    promised = _scheduled(handed, shift, model, first)
    known = handed
    if any(part.comes > part.expected for part in late):
        now = as_known(handed, parts)
        known = _scheduled(handed, shift, model, now)
    groups: dict[tuple[str, int, int], list[Part]] = {}
    for part in late:
        groups.setdefault((part.element, part.due, part.comes), []).append(part)
    some = sorted(groups, key=lambda key: -_weight(handed, groups[key]))[:ALONE]
    effects = {}
    for key in some:
        if len(groups) == 1:
            units = known.units
        else:
            schedule = model.solve(_alone(first, handed.made, groups[key]))
            units = whole(first, schedule, shift.pace, handed.made.asked.inputs.planning)
        effects[key] = np.maximum(units - promised.units, 0.0)
    return Board(promised, known, parts, effects)


def _alone(given: Field, made: Made, parts: Sequence[Part]) -> Field:
    """Return the field with one late delivery; what was announced before is late only as the scenario assumes."""
    if all(part.klass != _NOBODY for part in parts):
        return moved(given, made, parts, -1.0)
    one = parts[0]
    return given.later([Late(element=one.element, year=one.due, years=one.comes - one.due)])


def _weight(handed: Handed, parts: Sequence[Part]) -> float:
    """Return how large a late delivery is beside what is held of its element."""
    held = handed.field.held[0, handed.field.axes.of("element", parts[0].element)]
    return sum(part.units for part in parts) / max(float(held), 1.0)


def _scheduled(handed: Handed, shift: Shift, model: Fastest, given: Field) -> Handed:
    schedule = model.solve(given)
    return replace(
        handed,
        field=given,
        schedule=schedule,
        gates=gates(given, handed.kept, schedule, shift),
        units=whole(given, schedule, shift.pace, handed.made.asked.inputs.planning),
    )
