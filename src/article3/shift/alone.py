"""When each element could leave alone, all others staying; and which delivery holds a step of a schedule.

Both are answered day by day: what is kept on a day depends on that day alone. What an element must leave behind for a
later day it cannot take away before, since nothing comes back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.gap.forces import Array
from article3.scenario.shift_schema import Shift
from article3.shift.fastest import SLACK, Calendar, Schedule, StayModel, weights
from article3.shift.field import Field
from article3.shift.rule import Floors

SEEN: Final = 1e-5
"""Parts of an offer below this are none."""
MATTERS: Final = 1e-3
"""Parts of an offer below this gate nothing: what is left of them is noise of numbers."""
DEAR: Final = 1e4
"""What a requirement that falls short wholly counts, where the dearest offer counts for one at most."""


class DayModel:
    """The program of one day, solved again and again.

    Parameters
    ----------
    given, kept
        What arrives, and what has to be kept.
    excused
        What falls short with nobody leaving, (D, needs), by assignment.
    place
        Place of the field's year of each day.
    """

    def __init__(self, given: Field, kept: Floors, excused: Sequence[Array], place: Sequence[int]) -> None:
        self.given, self.excused, self.place = given, tuple(excused), tuple(place)
        self.model = StayModel(given, kept, [0])
        self.model.begin()
        for block in self.model.short:
            self.model.session.set_bounds(block, upper=np.inf)
            self.model.session.set_costs(block, DEAR)

    def day(self, number: int, home: Array | None = None) -> None:
        """Set the day, by its place in the calendar; with other units at home than expected, (R,)."""
        model = self.model
        units = self.given.home[self.place[number]] if home is None else home
        for part, (supply, need), item in zip(model.parts, model.rows, self.excused, strict=True):
            model.session.set_row_bounds(supply, upper=part.stock(units)[None, :])
            model.session.set_row_bounds(need, lower=(part.floor * (1 - SLACK) - item[number])[None, :])

    def least(self, lower: Array, upper: Array, costs: Array) -> Array:
        """Return the least that has to be left, (E',), between bounds, where as little as can be falls short."""
        session, left = self.model.session, self.model.left
        session.set_bounds(left, lower=lower[None, :], upper=upper[None, :])
        session.set_costs(left, costs[None, :])
        return np.asarray(session.solve().value(left)[0])


@dataclass(frozen=True, slots=True)
class Alone:
    """When each element could leave alone. Shapes: D days, E' elements offered.

    Parameters
    ----------
    needed
        Share of its offer that has to stay on each day, all others staying, (D, E').
    today
        The same without any delivery to come, (E',).
    left
        Share left when it leaves as fast as notice and pace allow, (D, E').
    gates
        By day and element, in places: force elements without whose deliveries of that day more of it would have to
        stay, those that hold most first.
    """

    needed: Array
    today: Array
    left: Array
    gates: Mapping[tuple[int, int], tuple[int, ...]]

    @property
    def free(self) -> NDArray[np.bool_]:
        """Elements that no requirement gates: they could leave today, alone, with nothing delivered."""
        return np.asarray(self.today <= SEEN)


def alone(given: Field, kept: Floors, schedule: Schedule, shift: Shift) -> Alone:
    """Return when each element could leave alone.

    Parameters
    ----------
    given, kept
        What arrives, and what has to be kept.
    schedule
        The joint schedule: its days, elements and what is excused.
    shift
        Notice, pace and what stays.
    """
    days, count = schedule.calendar, len(schedule.elements)
    model = DayModel(given, kept, schedule.excused, days.place)
    needed = np.ones((len(days.days), count))
    ones, cost = np.ones(count), np.eye(count)
    for number in range(len(days.days)):
        model.day(number)
        for place in range(count):
            needed[number, place] = model.least(ones - cost[place], ones, cost[place])[place]
    nothing = tuple(np.zeros_like(item) for item in schedule.excused)
    now = DayModel(given, kept, nothing, [0])
    now.day(0)
    today = np.array([now.least(ones - cost[place], ones, cost[place])[place] for place in range(count)])
    needed = np.where(needed < SEEN, 0.0, needed)
    stays = np.isin(schedule.elements, [given.axes.of("element", name) for name in shift.keep])
    left = paced(days, np.where(stays, 1.0, needed), shift.pace)
    return Alone(needed, today, left, _alone_gates(model, given, days, needed, today))


def _alone_gates(
    model: DayModel, given: Field, days: Calendar, needed: Array, today: Array
) -> dict[tuple[int, int], tuple[int, ...]]:
    """Return, by day on which less of an element is needed than before, the deliveries that make the difference."""
    found: dict[tuple[int, int], list[tuple[float, int]]] = {}
    ones, cost = np.ones(needed.shape[1]), np.eye(needed.shape[1])
    for number, where in enumerate(days.place):
        before = needed[number - 1] if number else today
        falls = np.nonzero(needed[number] < before - SEEN)[0]
        if not len(falls):
            continue
        for element in np.unique(given.form.supply_element[given.gain[where] > 0]):
            model.day(number, given.home[where] - given.gain[where] * (given.form.supply_element == element))
            for place in falls:
                more = model.least(ones - cost[place], ones, cost[place])[place] - needed[number, place]
                if more > MATTERS:
                    found.setdefault((number, int(place)), []).append((-more, int(element)))
    return {key: tuple(element for _, element in sorted(item)) for key, item in found.items()}


def paced(days: Calendar, needed: Array, pace: float) -> Array:
    """Return what is left when as much leaves as notice, pace and every later day allow, (D, E').

    Parameters
    ----------
    days
        The days.
    needed
        Share that has to be there on each day, (D, E').
    pace
        Most that leaves in a calendar year.
    """
    must = np.maximum.accumulate(needed[::-1], axis=0)[::-1]
    found = np.ones_like(needed)
    before, year = np.ones(needed.shape[1]), 0
    for number, day in enumerate(days.days):
        if day.year != year:
            before, year = (found[number - 1] if number else before), day.year
        last = found[number - 1] if number else np.ones(needed.shape[1])
        least = 1.0 if days.bound[number] else np.maximum(must[number], before - pace)
        found[number] = np.minimum(last, least)
    return found


@dataclass(frozen=True, slots=True)
class Gate:
    """A delivery that a step waits for.

    Parameters
    ----------
    day
        Place of the day in the calendar.
    year
        Year on whose 1 July it comes: that of the day, or before it where nothing may leave sooner.
    element
        Force element delivered, by its place.
    held
        Share of each offer that would have to stay if it did not come, beside what stays anyway, (E',).
    """

    day: int
    year: int
    element: int
    held: Array


def gates(given: Field, kept: Floors, schedule: Schedule, shift: Shift) -> tuple[Gate, ...]:
    """Return the deliveries that steps of a schedule wait for.

    A delivery holds a step if, without it, the forces that leave on its day could not leave: the least that has to stay
    instead is worked out by weight. Deliveries that can stand in for one another each hold nothing.
    """
    days = schedule.calendar
    model = DayModel(given, kept, schedule.excused, days.place)
    costs = weights(given, schedule.elements, shift)
    costs = costs / costs.max()
    found = []
    for number in range(len(days.days)):
        before = schedule.left[number - 1] if number else np.ones(len(schedule.elements))
        now = np.minimum(schedule.left[number], before)
        if (before - now).max() < SEEN:
            continue
        for where in _since(days, number):
            for element in np.unique(given.form.supply_element[given.gain[where] > 0]):
                less = given.gain[where] * (given.form.supply_element == element)
                model.day(number, given.home[days.place[number]] - less)
                stays = model.least(now, before, costs)
                held = np.where(stays - now > MATTERS, stays - now, 0.0)
                if held.any():
                    found.append(Gate(number, given.years[where], int(element), held))
    return tuple(found)


def _since(days: Calendar, number: int) -> range:
    """Return the places of years whose deliveries come since something last could leave: first of all, since today."""
    last = days.place[number]
    bound = number == 0 or days.bound[number - 1]
    return range(1 if bound else days.place[number - 1] + 1, last + 1)
