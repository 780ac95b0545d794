"""The fastest drawdown that the rule of no surprises allows.

::

    least    sum over days and elements of  weight x offer x share left x years until the next day
    so that  for every day, contingency and window an assignment exists with  supply >= floor x requirement
             supply of a row = what is at home + usable units of one x offer x share left
             share left never rises, is 1 until notice has run, and falls by at most the pace in a calendar year

Weights are the people of the United States that a unit takes, so that most people are free soonest. The date at which
each element alone could leave, all others staying, does not depend on weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

import numpy as np

from article3.gap.forces import Array, Ints
from article3.program import Certificate, Program, Session, Solution, certify
from article3.scenario.shift_schema import Shift
from article3.shift.field import Field
from article3.shift.rule import TOLERANCE, Assignment, Floors, assign, assignments

YEAR_DAYS: Final = 365.25
SLACK: Final = 1e-7
"""Part of its floor by which every need is held lower, so that rounding of numbers ends nothing."""
WITHOUT_PEOPLE: Final = 100.0
"""People that the whole offer of an element counts for where its units take none: rounds, missiles."""
FIRST: Final = 10.0
"""Times that what the scenario gives priority counts."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days on which something may change.

    Parameters
    ----------
    days
        The day notice has run, and every day of deliveries after today, in order.
    place
        Place of the field's year whose deliveries count on each day.
    years
        Years until the next day; one after the last.
    before
        Years from today to the first day: with everybody there.
    bound
        Whether notice still runs, by day.
    """

    days: tuple[date, ...]
    place: tuple[int, ...]
    years: Array
    before: float
    bound: tuple[bool, ...]


def calendar(given: Field, shift: Shift) -> Calendar:
    """Return the days on which United States forces may leave."""
    free = given.today + timedelta(days=max(shift.notice_days, 1))
    days = sorted({*given.deliveries(given.today), *([free] if free < date(given.years[-1], 7, 1) else [])})
    gaps = [(after - before).days / YEAR_DAYS for before, after in pairwise(days)]
    return Calendar(
        tuple(days),
        tuple(given.place(day) for day in days),
        np.array([*gaps, 1.0]),
        (days[0] - given.today).days / YEAR_DAYS,
        tuple(day < free for day in days),
    )


class StayModel:
    """The program over some days, built once and solved for many questions.

    Parameters
    ----------
    given
        What arrives.
    kept
        What has to be kept.
    places
        Place of the field's year of each day.
    """

    def __init__(self, given: Field, kept: Floors, places: Sequence[int]) -> None:
        self.given, self.kept, self.places = given, kept, tuple(places)
        self.elements: Ints = given.offered
        self.parts: tuple[Assignment, ...] = assignments(given, kept)
        days = range(len(self.places))
        program = self.program = Program("shift", sense="min")
        names = [given.axes.elements[place] for place in self.elements]
        self.left = program.variables("left", {"day": days, "element": names}, upper=1.0)
        self.rows = []
        self.short = []
        element = np.full(len(given.axes.elements), -1, dtype=np.int64)
        element[self.elements] = np.arange(len(self.elements))
        for part in self.parts:
            _, supply, need = assign(program, replace(part, floor=part.floor * (1 - SLACK)), len(self.places))
            mine = element[given.form.supply_element[part.row]]
            has = np.nonzero((mine >= 0) & (given.brings[part.row] > 0))[0]
            brings = given.brings[part.row[has]] * given.offer[self.elements[mine[has]]] / part.scale[has]
            program.add_terms(supply.index[:, has], self.left.index[:, mine[has]], -brings)
            short = program.variables(f"short, {part.name}", {"day": days, "need": range(len(part.floor))}, upper=0.0)
            program.add_terms(need.index, short.index, 1.0)
            self.rows.append((supply, need))
            self.short.append(short)
        self.session: Session

    def begin(self) -> None:
        """Hand the program to the solver; nothing is added afterwards."""
        self.session = Session(self.program)
        self.at(self.given, self.places)

    def at(self, given: Field, places: Sequence[int]) -> None:
        """Set what is at home on every day."""
        home = given.home[list(places)]
        for part, (supply, _) in zip(self.parts, self.rows, strict=True):
            self.session.set_row_bounds(supply, upper=part.stock(home))

    def price(self, costs: Array, short: float = 0.0) -> None:
        """Set the cost of what is left, (days, elements) or what broadcasts to it, and of what falls short."""
        self.session.set_costs(self.left, costs)
        for part, block in zip(self.parts, self.short, strict=True):
            weight = self.given.risk.weights[part.need] if short else np.zeros(len(part.need))
            self.session.set_costs(block, short * np.broadcast_to(weight, block.shape))

    def excuse(self) -> tuple[Array, ...]:
        """Return what falls short of every floor although nobody leaves, by assignment, and allow it from now on.

        Europe's own retirements can break the rule; the United States is not held to what it cannot mend.
        """
        self.session.set_bounds(self.left, lower=1.0, upper=1.0)
        for block in self.short:
            self.session.set_bounds(block, upper=np.inf)
        self.price(np.zeros(self.left.shape), 1.0)
        solution = self.session.solve()
        found = tuple(np.clip(solution.value(block), 0.0, None) for block in self.short)
        for block, item in zip(self.short, found, strict=True):
            self.session.set_bounds(block, lower=0.0, upper=item + SLACK)
        self.session.set_bounds(self.left, lower=0.0, upper=1.0)
        self.price(np.zeros(self.left.shape))
        return tuple(np.where(item > TOLERANCE, item, 0.0) for item in found)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A drawdown. Shapes: D days, E' elements of which something is offered.

    Parameters
    ----------
    calendar
        Its days.
    elements
        Places of the elements.
    left
        Share of the offer that is left after each day, (D, E').
    excused
        What falls short of floors with nobody leaving, (D, needs), by assignment.
    solution, certificate
        Of the solver; None where nothing was solved.
    """

    calendar: Calendar
    elements: Ints
    left: Array
    excused: tuple[Array, ...]
    solution: Solution | None = None
    certificate: Certificate | None = None

    def excused_by_year(self) -> dict[int, tuple[Array, ...]]:
        """Return what is excused by place of the field's year, by assignment and need; years with none are left out."""
        found = {
            place: tuple(item[number] for item in self.excused) for number, place in enumerate(self.calendar.place)
        }
        return {place: items for place, items in found.items() if any(item.any() for item in items)}


class Fastest:
    """The joint program over all days: built once, solved for the plan and for late deliveries.

    Parameters
    ----------
    given, kept
        What arrives, and what has to be kept.
    shift
        Notice, pace, priorities, what stays.
    """

    def __init__(self, given: Field, kept: Floors, shift: Shift) -> None:
        self.given, self.shift, self.calendar = given, shift, calendar(given, shift)
        model = self.model = StayModel(given, kept, self.calendar.place)
        days = self.calendar.days
        left = model.left.index
        if len(days) > 1:
            later = range(1, len(days))
            fall = model.program.rows("never rises", {"day": later, "element": range(left.shape[1])}, upper=0.0)
            model.program.add_terms(fall.index, left[1:], 1.0)
            model.program.add_terms(fall.index, left[:-1], -1.0)
        self._pace(left)
        self.weights = weights(given, model.elements, shift)
        model.begin()
        self.excused = model.excuse()

    def _pace(self, left: Ints) -> None:
        """Limit what leaves in a calendar year: left at its end >= left at the end of the year before - pace."""
        days, program = self.calendar.days, self.model.program
        last = {day.year: place for place, day in enumerate(days)}
        years = sorted(last)
        lower = np.full((len(years), left.shape[1]), -self.shift.pace)
        lower[0] += 1.0  # today nothing has left
        rows = program.rows("pace", {"year": years, "element": range(left.shape[1])}, lower=lower)
        for number, year in enumerate(years):
            program.add_terms(rows.index[number], left[last[year]], 1.0)
            if number:
                program.add_terms(rows.index[number], left[last[years[number - 1]]], -1.0)

    def solve(self, given: Field | None = None) -> Schedule:
        """Return the fastest schedule of all elements together.

        Parameters
        ----------
        given
            What arrives, where it is not what was expected: deliveries that come later.
        """
        model = self.model
        model.at(given or self.given, self.calendar.place)
        excused = model.excuse()
        stays = np.isin(model.elements, [self.given.axes.of("element", name) for name in self.shift.keep])
        bound = np.array(self.calendar.bound)[:, None] | stays[None, :]
        model.session.set_bounds(model.left, lower=np.where(bound, 1.0, 0.0), upper=1.0)
        model.price(self.calendar.years[:, None] * self.weights[None, :])
        solution = model.session.solve()
        left = np.clip(solution.value(model.left), 0.0, 1.0)
        return Schedule(self.calendar, model.elements, left, excused, solution, certify(model.program, solution))


def weights(given: Field, elements: Ints, shift: Shift) -> Array:
    """Return what the whole offer of each element counts: its people, more for what has priority, (E',)."""
    people = given.people[elements] * given.offer[elements]
    first = np.isin(elements, [given.axes.of("element", name) for name in shift.priorities])
    return np.asarray(np.maximum(people, WITHOUT_PEOPLE) * np.where(first, FIRST, 1.0) / 1000.0)
