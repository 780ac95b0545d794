"""Schedules in steps that match real units: squadrons, battalions, ships.

What is left is rounded up to whole steps, so that no day is less safe than in the schedule it is made from.
"""

from __future__ import annotations

import numpy as np

from article3.evidence.planning import Planning
from article3.gap.forces import Array, Axes
from article3.shift.fastest import Schedule
from article3.shift.field import Field

_SEEN = 1e-5


def step_units(planning: Planning, axes: Axes) -> Array:
    """Return the units that leave as one, by element, (E,)."""
    by = dict(planning.table("leaving").select("element", "units").iter_rows())
    return np.array([float(by[name]) for name in axes.elements])


def step_names(planning: Planning) -> dict[str, str]:
    """Return what the units that leave as one are called, by element."""
    return dict(planning.table("leaving").select("element", "name").iter_rows())


def whole(given: Field, schedule: Schedule, pace: float, planning: Planning) -> Array:
    """Return units left after each day, in whole steps away from today's offer, (D, E').

    In a calendar year at most the pace leaves in whole steps, and one step may always leave: staying is always safe.

    Parameters
    ----------
    given
        What the United States offers today.
    schedule
        Its days, elements and shares left.
    pace
        Most that leaves in a calendar year, as a share of the offer.
    planning
        Table ``leaving``: what leaves as one.
    """
    offer = given.offer[schedule.elements]
    step = step_units(planning, given.axes)[schedule.elements]
    may = np.maximum(np.floor(pace * offer / step + _SEEN), 1.0) * step
    away = np.floor((1.0 - schedule.left) * offer / step + _SEEN) * step
    away = np.where(schedule.left <= _SEEN, offer, np.minimum(away, offer))
    found = np.zeros_like(away)
    before, year = np.zeros(len(offer)), 0
    for number, day in enumerate(schedule.calendar.days):
        if day.year != year:
            before, year = (found[number - 1] if number else before), day.year
        found[number] = np.maximum(np.minimum(away[number], before + may), found[number - 1] if number else 0.0)
    return np.asarray(offer - found)
