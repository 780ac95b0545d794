"""A given drawdown: which contingency drops when and by how much, for how many days, and when each step would be safe.

What is lost is measured against the same days with nobody leaving, so that Europe's own retirements are not laid at the
door of a drawdown. Between two days on which something leaves, arrives or retires nothing changes: days are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.evidence.planning import Planning
from article3.gap.forces import WINDOWS, Array, Axes
from article3.scenario.shift_schema import Drawdown, Shift
from article3.shift.field import DAY, MONTH, Field
from article3.shift.people import ANY, freed, taken
from article3.shift.rule import Floors, Kept, KeptModel, rows_in

LOST: Final = 1e-5
"""Parts of what is covered below this are not lost."""


@dataclass(frozen=True, slots=True)
class Path:
    """A drawdown in units of force elements. Shapes: S steps, E elements.

    Parameters
    ----------
    drawdown
        The schedule as given.
    days
        Days of the steps, in order.
    units
        Units that leave the offer, or Europe, at each step, (S, E).
    away
        Whether the units of a step left Europe and may still be offered to later windows, (S,).
    people, europe
        People that leave at each step, and those of them that are in Europe today, (S,).
    """

    drawdown: Drawdown
    days: tuple[date, ...]
    units: Array
    away: NDArray[np.bool_]
    people: Array
    europe: Array

    def gone(self, day: date, *, away: bool) -> Array:
        """Return units gone by a day, (E,): those that left the offer, or those that left Europe."""
        done = np.array([item <= day for item in self.days]) & (self.away == away)
        return np.asarray((self.units * done[:, None]).sum(axis=0))


def path_of(drawdown: Drawdown, planning: Planning, axes: Axes) -> Path:
    """Return a drawdown in units of force elements; what leaves on one day is one step.

    Parameters
    ----------
    drawdown
        The schedule as given: units, or people that take units with them by the rule of :mod:`article3.shift.people`.
    planning
        Tables ``troops`` and ``basing``.
    axes
        Names of the elements.
    """
    given = sorted(drawdown.steps, key=lambda step: step.date)
    days = sorted({(step.date, step.personnel is not None) for step in given})
    units = np.zeros((len(days), len(axes.elements)))
    people, europe = np.zeros(len(days)), np.zeros(len(days))
    for step, found in zip(given, taken(planning, given), strict=True):
        place = days.index((step.date, step.personnel is not None))
        for element, amount in found.items():
            units[place, axes.of("element", element)] += amount
        count = float(step.personnel) if step.personnel is not None else freed(planning, found)
        people[place] += count
        europe[place] += count if step.personnel is not None or step.host != ANY else 0.0
    away = np.array([item for _, item in days], dtype=bool)
    return Path(drawdown, tuple(day for day, _ in days), units, away, people, europe)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a drawdown uncovers. Shapes: D days from which something differs, C cells, S steps.

    Parameters
    ----------
    path
        The drawdown.
    days
        Days on which something changes, today first.
    length
        Days until the next, (D,).
    kept, stayed
        Share of today's safety kept with the drawdown, and with nobody leaving, (D, C).
    attained, could
        Attainment with the drawdown, and with nobody leaving, (D, C).
    risk, risk_stayed
        psi with the drawdown, and with nobody leaving, (D, C).
    binding
        Needs that hold the share of their cell down, (D, U).
    safe
        By step: place of the day from which on all steps to this one are safe in a cell; -1 never, (S, C).
    """

    path: Path
    days: tuple[date, ...]
    length: Array
    kept: Array
    stayed: Array
    attained: Array
    could: Array
    risk: Array
    risk_stayed: Array
    binding: NDArray[np.bool_]
    safe: NDArray[np.int64]

    @property
    def lost(self) -> Array:
        """Part of what would be kept of today's safety that is lost, by day and cell, (D, C)."""
        part = 1.0 - self.kept / np.maximum(self.stayed, 1e-12)
        there = (self.stayed > 0) & (self.length > 0)[:, None]  # the last day looked at has no length
        return np.where((part > LOST) & there, part, 0.0)

    @property
    def exposed(self) -> Array:
        """Days exposed, by cell, (C,)."""
        return np.asarray(((self.lost > 0) * self.length[:, None]).sum(axis=0))


class Exposer:
    """Judges drawdowns that share a today: models are built once.

    Parameters
    ----------
    given, kept
        What arrives, and what has to be kept.
    shift
        Settings: until, and whether units that left Europe come back.
    excused
        By place of the year: what falls short of floors with nobody leaving, by assignment and need. Without it, a need
        that Europe's own retirements leave short would hide what a drawdown takes from the others of its cell.
    """

    def __init__(
        self, given: Field, kept: Floors, shift: Shift, excused: Mapping[int, tuple[Array, ...]] | None = None
    ) -> None:
        self.given, self.kept, self.shift = given, kept, shift
        self.excused = dict(excused or {})
        self._models: dict[int, KeptModel] = {}
        window = np.array([WINDOWS[cell.window] for cell in given.form.cells])[given.form.supply_cell]
        self._back = window >= shift.returns_days if shift.returns_days else np.zeros(len(window), dtype=bool)
        self.full = [self._judge(given.units(place, given.offer), place) for place in range(len(given.years))]

    def judge(self, path: Path, beside: Exposer | None = None) -> Exposure:
        """Return what a drawdown uncovers.

        Parameters
        ----------
        path
            The drawdown.
        beside
            Whose forces, with nobody leaving, it is measured against; those judged here by default.
        """
        given = self.given
        end = date(given.years[-1], MONTH, DAY)
        days = sorted({given.today, *(day for day in path.days if day < end), *given.deliveries(given.today)})
        length = np.array([(after - day).days for day, after in zip(days, [*days[1:], end], strict=True)], dtype=float)
        place = [given.place(day) for day in days]
        now = [self._judge(self._units(path, day, where), where) for day, where in zip(days, place, strict=True)]
        full = [(beside or self).full[where] for where in place]
        kept, stayed = np.stack([item[0].share for item in now]), np.stack([item[0].share for item in full])
        return Exposure(
            path,
            tuple(days),
            length,
            kept,
            stayed,
            np.stack([item[1] for item in now]),
            np.stack([item[1] for item in full]),
            np.stack([item[2] for item in now]),
            np.stack([item[2] for item in full]),
            np.stack([item[0].binding for item in now]),
            self._safe(path, days, place, stayed),
        )

    def model(self, place: int) -> KeptModel:
        """Return the program that says how much is kept in a year, by its place."""
        key = place if place in self.excused else -1
        if key not in self._models:
            self._models[key] = KeptModel(self.given, self.kept, self.excused.get(place, ()))
        return self._models[key]

    def _judge(self, units: Array, place: int) -> tuple[Kept, Array, Array]:
        margin = self.given.margin
        attained = margin.solve_stock(units[rows_in(margin.form, self.given.form)], names=False).attainment
        return self.model(place).solve(units), attained, self.given.risk.solve_stock(units).risk

    def _units(self, path: Path, day: date, place: int) -> Array:
        """Return units by row of supply on a day, in the year of a place."""
        given, element = self.given, self.given.form.supply_element
        left = given.offer - path.gone(day, away=False)
        away = np.where(self._back, 0.0, path.gone(day, away=True)[element])
        return np.asarray(given.home[place] + given.brings * np.maximum(left[element] - away, 0.0))

    def _safe(self, path: Path, days: list[date], place: list[int], stayed: Array) -> NDArray[np.int64]:
        """Return from which day on the state after each step is safe in each cell, by its place; -1 where never."""
        found = np.full((len(path.days), stayed.shape[1]), -1, dtype=np.int64)
        seen: dict[tuple[int, int], Array] = {}
        for step, when in enumerate(path.days):
            safe = np.ones(stayed.shape[1], dtype=bool)
            for number in range(len(days) - 1, -1, -1):
                key = (step, place[number])
                if key not in seen:
                    seen[key] = self.model(place[number]).solve(self._units(path, when, place[number])).share
                safe &= seen[key] >= stayed[number] * (1 - LOST)
                found[step, safe] = number
                if not safe.any():
                    break
        return found
