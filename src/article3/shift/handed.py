"""The handover under one plan: the joint schedule, each element alone, what gates every step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from article3.gap.forces import Array
from article3.plan.make import Made
from article3.scenario.shift_schema import Shift
from article3.shift.alone import Alone, Gate, alone, gates
from article3.shift.fastest import Fastest, Schedule
from article3.shift.field import DAY, MONTH, Field, field
from article3.shift.rule import Floors, floors
from article3.shift.steps import whole


@dataclass(frozen=True, slots=True)
class Handed:
    """The handover under one plan. Shapes: D days, E' elements offered.

    Parameters
    ----------
    name
        ``plan``: the scenario's plan; ``aimed``: the plan made again with the gates as requirements.
    made
        The plan.
    field, kept
        What arrives, and what has to be kept.
    schedule
        The fastest joint schedule, in shares of the offer.
    alone
        Each element alone.
    gates
        Deliveries that steps wait for.
    units
        Units left after each day, in whole steps, (D, E').
    shift
        Settings it was made with.
    """

    name: str
    made: Made
    field: Field
    kept: Floors
    schedule: Schedule
    alone: Alone
    gates: tuple[Gate, ...]
    units: Array
    shift: Shift

    @property
    def days(self) -> tuple[date, ...]:
        """Days of the schedule."""
        return self.schedule.calendar.days

    @property
    def people(self) -> Array:
        """People of the offer that are left after each day, (D,)."""
        return np.asarray(self.units @ self.field.people[self.schedule.elements])

    def offers(self) -> dict[int, Array]:
        """Return units the United States offers on 1 July of every year, (E,)."""
        found = {}
        for year in self.field.years:
            offer = self.field.offer.copy()
            done = [number for number, day in enumerate(self.days) if day <= date(year, MONTH, DAY)]
            if done:
                offer[self.schedule.elements] = self.units[done[-1]]
            found[year] = offer
        return found


def hand_over(made: Made, shift: Shift, name: str = "plan", posture: str = "") -> Handed:
    """Return the fastest safe handover under a plan.

    Parameters
    ----------
    made
        The plan.
    shift
        Settings.
    name
        What the plan is called in tables.
    posture
        Posture whose offer leaves, where it is not the one the scenario speaks of.
    """
    given = field(made, shift, posture)
    kept = floors(given, shift.margin)
    schedule = Fastest(given, kept, shift).solve()
    return Handed(
        name,
        made,
        given,
        kept,
        schedule,
        alone(given, kept, schedule, shift),
        gates(given, kept, schedule, shift),
        whole(given, schedule, shift.pace, made.asked.inputs.planning),
        shift,
    )
