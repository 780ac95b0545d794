"""What Europe and Canada bring on every date, and what one unit of the United States' offer adds.

Everything that arrives or retires does so on 1 July of its year, and counts from that day; what leaves does so on a day
of its own. Between two such days nothing changes, so that exposure in days is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from article3.domain import force_element
from article3.evidence.planning import Planning
from article3.gap.assess import postures_of
from article3.gap.forces import GROUPS, Array, Axes, Values
from article3.gap.layout import Layout, cells_of, stock
from article3.gap.margin import MarginModel
from article3.gap.postures import USA, Posture, Supply, supply
from article3.gap.risk import RiskModel
from article3.plan.judged import at, widest
from article3.plan.make import Asked, Made, seen_in
from article3.plan.problem import by_class
from article3.scenario.shift_schema import Late, Shift
from article3.shift.people import personnel_per_unit

EUROPE: Final = GROUPS.index("europe")
MONTH, DAY = 7, 1
"""Deliveries and retirements count from 1 July of their year."""
_SEEN: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Field:
    """What can arrive in every contingency and window. Shapes: Y years, R rows of supply, E elements.

    Parameters
    ----------
    axes, values
        Names and central values.
    posture
        The posture with the United States, whose offer leaves.
    risk, margin
        The gap's models of contingencies alone; ``risk.form`` is the form of all arrays here.
    today
        Day with which safety is compared.
    years
        From the year whose 1 July is the last one not after today, to the last looked at.
    home
        Units of all but the United States by row of supply, (Y, R).
    planned
        Of these, units that the plan's orders add, (Y, R).
    gain
        Of ``home``, units that are delivered on 1 July of the year, (Y, R); retirements are not set against them.
    delivered
        Units of each element delivered on 1 July of the year, as counted at the factory gate, (Y, E).
    held
        Units of each element that all but the United States hold on 1 July of the year, (Y, E).
    brings
        Usable units by row of supply for one unit of the United States' offer of the row's element, (R,).
    offer
        Units the United States offers today, (E,).
    people
        Its people that one unit takes, (E,).
    late
        Deliveries that come later than planned, as they are counted here already.
    """

    axes: Axes
    values: Values
    posture: Posture
    risk: RiskModel
    margin: MarginModel
    today: date
    years: tuple[int, ...]
    home: Array
    planned: Array
    gain: Array
    delivered: Array
    held: Array
    brings: Array
    offer: Array
    people: Array
    late: tuple[Late, ...] = ()

    @property
    def form(self) -> Layout:
        """Index arrays of the rows of supply and of need."""
        return self.risk.form

    @property
    def offered(self) -> NDArray[np.int64]:
        """Places of the elements of which the United States offers something."""
        return np.nonzero(self.offer > 0)[0]

    def place(self, day: date) -> int:
        """Return the place of the year whose deliveries count on a day."""
        year = day.year if (day.month, day.day) >= (MONTH, DAY) else day.year - 1
        return int(np.clip(year - self.years[0], 0, len(self.years) - 1))

    def deliveries(self, after: date) -> tuple[date, ...]:
        """Return the days after a day on which something can be delivered, to the last year looked at."""
        return tuple(day for year in self.years if (day := date(year, MONTH, DAY)) > after)

    def units(self, year: int, offer: Array) -> Array:
        """Return units by row of supply in a year, by its place, with an offer of the United States, (R,)."""
        return np.asarray(self.home[year] + self.brings * offer[self.form.supply_element])

    def instead(self, asked: Asked, fielded: Array) -> Field:
        """Return the field with other orders in the place of the plan's.

        Parameters
        ----------
        asked
            The question these orders answer.
        fielded
            Units in service by class of buyers, element and year, (classes, E, Y).
        """
        planned = _usable(asked, self.form, fielded)
        for item in self.late:  # what is late stays late, whoever ordered it
            planned -= self._missing(planned, item)
        gain = self.gain - np.maximum(np.diff(self.planned, axis=0, prepend=0.0), 0.0)
        return replace(
            self,
            home=self.home - self.planned + planned,
            planned=planned,
            gain=gain + np.maximum(np.diff(planned, axis=0, prepend=0.0), 0.0),
        )

    def later(self, late: Sequence[Late]) -> Field:
        """Return the field with some deliveries later than planned."""
        home, planned, gain = self.home.copy(), self.planned.copy(), self.gain.copy()
        delivered, held = self.delivered.copy(), self.held.copy()
        for item in late:
            if item.year not in self.years:
                continue
            element, y = self.axes.of("element", item.element), self.years.index(item.year)
            until = min(y + item.years, len(self.years))
            moved = self.gain[y] * (self.form.supply_element == element)
            home[y:until] -= moved
            planned -= self._missing(self.planned, item)
            gain[y] -= moved
            count = self.delivered[y, element]
            held[y:until, element] -= count
            delivered[y, element] -= count
            if until < len(self.years):
                gain[until] += moved
                delivered[until, element] += count
        return replace(
            self,
            home=np.maximum(home, 0.0),
            planned=planned,
            gain=gain,
            delivered=delivered,
            held=np.maximum(held, 0.0),
            late=tuple(late),
        )

    def _missing(self, planned: Array, item: Late) -> Array:
        """Return the units of planned orders that a late delivery leaves out meanwhile, (Y, R)."""
        found = np.zeros_like(planned)
        if item.year in self.years:
            y = self.years.index(item.year)
            step = np.maximum(np.diff(planned, axis=0, prepend=0.0)[y], 0.0)
            rows = self.form.supply_element == self.axes.of("element", item.element)
            found[y : y + item.years] = step * rows
        return found


def starting(made: Made) -> str:
    """Return the posture from which forces leave: that of the scenario's focus, or *with* where that is without."""
    focus = made.asked.inputs.scenario.us.focus
    return "with" if focus == "without" else focus


def field(made: Made, shift: Shift, posture: str = "") -> Field:
    """Return what can arrive with a plan, or with committed deliveries alone.

    Parameters
    ----------
    made
        The plan.
    shift
        Settings: today, the last year, whether the plan's deliveries are counted on, which come later.
    posture
        Posture whose offer of the United States leaves; :func:`starting` where none is named.
    """
    asked = made.asked
    planning, axes = asked.inputs.planning, asked.forces.axes
    values = asked.forces.central()
    stands = postures_of(asked.inputs)[posture or starting(made)]
    alone = [item for item in asked.situations if len(item[1]) == 1]
    cells = cells_of(axes, alone, values.needs)
    whole = widest(axes, values, stands)
    risk, margin = RiskModel(axes, values, cells, whole), MarginModel(axes, values, cells, whole)
    today = shift.today or asked.inputs.scenario.as_of
    first = today.year if (today.month, today.day) >= (MONTH, DAY) else today.year - 1
    years = tuple(range(first, max(shift.until, first + 1) + 1))
    without = Posture("home", "", stands.absent, stands.limited)
    base, gain, delivered, held = _announced(planning, axes, values, years, without, risk.form)
    planned, more = _planned(made, years, risk.form, shift)
    steps = np.diff(planned, axis=0, prepend=0.0)
    found = Field(
        axes,
        values,
        stands,
        risk,
        margin,
        today,
        years,
        base + planned,
        planned,
        gain + np.maximum(steps, 0.0),
        delivered + np.maximum(np.diff(more, axis=0, prepend=0.0), 0.0),
        held + more,
        _brings(axes, values, stands, risk.form),
        _offer(axes, values, stands),
        _people(planning, axes),
    )
    return found.later(shift.late) if shift.late else found


def _announced(
    planning: Planning, axes: Axes, values: Values, years: Sequence[int], posture: Posture, form: Layout
) -> tuple[Array, Array, Array, Array]:
    """Return units by row of supply with committed deliveries and retirements, and deliveries among them, (Y, R).

    Then the count of what is delivered, and of what all but the United States hold, (Y, E).
    """
    changes = planning.table("changes").filter((pl.col("kind") == "delivery") & pl.col("holder").is_in(axes.holders))
    base, gain = [], []
    delivered, held = np.zeros((len(years), len(axes.elements))), np.zeros((len(years), len(axes.elements)))
    for place, year in enumerate(years):
        now = at(values, axes, planning, year)
        here = stock(form, supply(axes, now, posture))
        less = now.holdings.copy()
        for row in changes.filter(pl.col("year") == str(year)).iter_rows(named=True):
            element = axes.of("element", row["element"])
            less[axes.of("holder", row["holder"]), element] -= row["units"]
            delivered[place, element] += row["units"]
        before = stock(form, supply(axes, replace(now, holdings=np.maximum(less, 0.0)), posture))
        held[place] = now.holdings[axes.group != USA].sum(axis=0)
        base.append(here)
        gain.append(here - before)
    return np.stack(base), np.stack(gain), delivered, held


def _planned(made: Made, years: Sequence[int], form: Layout, shift: Shift) -> tuple[Array, Array]:
    """Return usable units by row of supply that the plan's orders add, (Y, R), and their count, (Y, E)."""
    given = made.asked.given
    known = tuple(year for year in years if year in given.years)
    fielded = by_class(made.shared.given, made.shared.added, known)
    if shift.plan == "announced":
        fielded = np.zeros_like(fielded)
    signed = given.begun[:, :, given.place(known)]
    np.add.at(fielded, given.buyers.klass, signed)  # signed before: theirs whatever is planned now
    every = over_years(fielded, known, years)
    return _usable(made.asked, form, every), every.sum(axis=0).T


def over_years(fielded: Array, known: Sequence[int], years: Sequence[int]) -> Array:
    """Return units in service over other years: none before the first known, those of the last known after it.

    Shapes (classes, E, known years), (classes, E, years).
    """
    found = np.zeros((*fielded.shape[:2], len(years)))
    for place, year in enumerate(years):
        if year >= known[0]:
            found[:, :, place] = fielded[:, :, known.index(min(year, known[-1]))]
    return found


def _usable(asked: Asked, form: Layout, fielded: Array) -> Array:
    """Return usable units by row of supply of units in service by class, element and year, (Y, R)."""
    year = asked.given.years[:1]
    seen = seen_in(asked, year)
    where = _same_rows(form, seen.form)
    seen = replace(seen, base=np.zeros((fielded.shape[2], len(seen.scale))))
    units = seen.arriving(fielded)
    return np.where(where[None, :] >= 0, units[:, np.maximum(where, 0)], 0.0)


def _same_rows(form: Layout, other: Layout) -> NDArray[np.int64]:
    """Return the row of another form that stands for the same cell and element; -1 where it has none."""

    def names(item: Layout) -> list[tuple[str, int, int]]:
        cells = [(cell.situation, cell.window) for cell in item.cells]
        pairs = zip(item.supply_cell, item.supply_element, strict=True)
        return [(*cells[int(cell)], int(element)) for cell, element in pairs]

    place = {name: number for number, name in enumerate(names(other))}
    return np.array([place.get(name, -1) for name in names(form)], dtype=np.int64)


def _brings(axes: Axes, values: Values, posture: Posture, form: Layout) -> Array:
    """Return usable units by row of supply for one unit offered by the United States, (R,)."""
    one = np.ones(len(axes.elements))
    more = np.where((axes.group == USA)[:, None], np.maximum(values.holdings, 1.0), values.holdings)
    given = supply(axes, replace(values, holdings=more, offers={**values.offers, posture.version: one}), posture)
    mine = np.where((given.group == USA)[:, None, None], given.usable, 0.0)
    only = Supply(given.offered, mine, given.reach, given.group, given.band, given.anywhere)
    return stock(form, only)


def _offer(axes: Axes, values: Values, posture: Posture) -> Array:
    """Return units the United States offers, never more than it holds, (E,)."""
    held = values.holdings[axes.group == USA].sum(axis=0)
    return np.asarray(np.minimum(held, values.offers[posture.version]))


def _people(planning: Planning, axes: Axes) -> Array:
    """Return people that one unit takes, (E,); none for what is a part of a unit that is counted with its people."""
    by = personnel_per_unit(planning)
    return np.array([0.0 if force_element(name).part_of else by.get(name, 0.0) for name in axes.elements])
