"""Pace against money and risk: how soon forces can leave with a part of the plan delivered, and safety given up.

::

    point (money a, risk b):  the fastest drawdown with  announced deliveries + a x the plan's deliveries
                              and  supply >= (1 - b) x floor x requirement

A part of the plan costs that part of its money, since the plan is linear; a plan made for less money would choose
better, so that the frontier is an upper bound on what money must buy. Every point is the same program with other right
sides, solved from the basis of its neighbour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from article3.gap.forces import Array
from article3.scenario.shift_schema import Shift
from article3.shift.alone import DEAR
from article3.shift.fastest import SLACK, Fastest
from article3.shift.field import Field
from article3.shift.rule import Floors

MONEY: Final = tuple(np.linspace(0.0, 1.0, 20).tolist())
RISK: Final = tuple(np.linspace(0.0, 0.27, 10).tolist())
HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the frontier.

    Parameters
    ----------
    money
        Part of the plan that is delivered.
    risk
        Part of today's safety given up in every requirement.
    left
        Share of each offer that is left, (D, E').
    short
        What falls short of the floors although everybody may stay: weight x part of the floor, summed over days.
    iterations, seconds
        Effort of the solver.
    """

    money: float
    risk: float
    left: Array
    short: float
    iterations: int
    seconds: float


class Frontier:
    """The program of all points, built once.

    Parameters
    ----------
    given, kept, shift
        What arrives, what has to be kept, and the settings.
    """

    def __init__(self, given: Field, kept: Floors, shift: Shift) -> None:
        self.fastest = Fastest(given, kept, shift)
        model = self.fastest.model
        bound = np.array(self.fastest.calendar.bound)[:, None]
        stays = np.isin(model.elements, [given.axes.of("element", name) for name in shift.keep])[None, :]
        model.session.set_bounds(model.left, lower=np.where(bound | stays, 1.0, 0.0), upper=1.0)
        costs = self.fastest.calendar.years[:, None] * self.fastest.weights[None, :]
        # Beside falling short, even the dearest offer over all days counts for one: nothing is bought by a shortfall.
        model.price(costs / costs.sum(axis=0).max())
        for part, block in zip(model.parts, model.short, strict=True):
            weight = given.risk.weights[part.need]
            model.session.set_bounds(block, lower=0.0, upper=np.inf)
            model.session.set_costs(block, DEAR * np.broadcast_to(1.0 + weight / weight.max(), block.shape))

    def point(self, money: float, risk: float, *, cold: bool = False) -> Point:
        """Solve one point, from the basis of the last one or from nothing."""
        model, given = self.fastest.model, self.fastest.given
        home = given.home - (1.0 - money) * given.planned
        days = list(self.fastest.calendar.place)
        for part, (supply, need) in zip(model.parts, model.rows, strict=True):
            model.session.set_row_bounds(supply, upper=part.stock(np.maximum(home, 0.0)[days]))
            model.session.set_row_bounds(need, lower=part.floor * (1.0 - SLACK) * (1.0 - risk))
        if cold:
            model.session.forget_basis()
        solution = model.session.solve()
        left = np.clip(solution.value(model.left), 0.0, 1.0)
        short = sum(float(np.clip(solution.value(block), 0.0, None).sum()) for block in model.short)
        return Point(money, risk, left, short, solution.iterations, solution.seconds)

    def grid(
        self, money: Sequence[float] = MONEY, risk: Sequence[float] = RISK, *, cold: bool = False
    ) -> tuple[Point, ...]:
        """Solve all points of a grid, neighbour after neighbour, in the order of money and risk."""
        found = {}
        for number, part in enumerate(money):
            row = list(risk) if number % 2 == 0 else list(risk)[::-1]
            for given_up in row:
                found[part, given_up] = self.point(part, given_up, cold=cold)
        return tuple(found[part, given_up] for part in money for given_up in risk)
