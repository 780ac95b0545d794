"""The stages of deciding: least risk, then least cost with risk within the tolerance.

Risk is nearly blind to who buys; who does is settled in a stage of its own (:mod:`article3.plan.apportion`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from article3.gap.forces import Array
from article3.plan import coverage, goals, ordering
from article3.plan.goals import Held
from article3.plan.problem import BILLION, Problem
from article3.program import Certificate, Program, Session, Solution, certify
from article3.scenario.plan_schema import Target

SCALE = 1000.0
"""The objective of stage one is risk times this: what an order is worth stays clear of the solver's tolerances."""
COST_TRACE = 1e-6
"""Risk that a billion costs in stage one, so that nothing is ordered that helps nobody."""
Wanted = tuple[tuple[Target, int], ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided in a stage.

    Parameters
    ----------
    ordered
        Lots, by possible order.
    added
        Lots in service, (P, Y).
    spent
        Billion 2021 US$ by buyer and year, (B, Y).
    set_up
        Part of each line under licence that is set up, by name.
    risk
        psi: mean over years judged and windows of the sum over contingencies, by pieces of a quarter.
    missed
        Price of goals missed.
    cost
        Billion 2021 US$, discounted.
    solution
        Of the solver.
    """

    ordered: Array
    added: Array
    spent: Array
    set_up: dict[str, float]
    risk: float
    missed: float
    cost: float
    solution: Solution


class Decider:
    """The program of stages one and two, built once and solved for many questions.

    Parameters
    ----------
    given
        The problem.
    held
        Goals as the program holds them.
    wanted
        Targets with the place of the first year judged in which they hold.
    """

    def __init__(self, given: Problem, held: tuple[Held, ...] = (), wanted: Wanted = ()) -> None:
        began = time.perf_counter()
        self.given = given
        self.program = build(given, held, wanted)
        self.held = held
        self._costs = self._cost_of()
        cap = self.program.rows("risk", {"cap": ["psi"]}, upper=np.inf)
        self.program.add_terms(cap.index, self._risk_index(), self._risk_costs())
        self.session = Session(self.program, "ipx")
        self.building = time.perf_counter() - began
        self._cap = cap

    def least_risk(self, time_limit: float | None = None, stop: Callable[[], bool] | None = None) -> Solution:
        """Solve stage one: least risk, and least price of goals missed."""
        self.session.forget_basis()
        self.session.set_row_bounds(self._cap, upper=np.inf)
        self._price(risk=SCALE, cost=SCALE * COST_TRACE)
        return self.session.solve(time_limit, stop, method="ipx")

    def least_cost(
        self, risk: float, time_limit: float | None = None, stop: Callable[[], bool] | None = None
    ) -> Solution:
        """Solve stage two: least discounted cost with risk (and price of goals missed) at most a given one."""
        self.session.forget_basis()  # from the basis of least risk simplex takes ten times as long
        self.session.set_row_bounds(self._cap, upper=risk)
        self._price(risk=0.0, cost=1.0)
        return self.session.solve(time_limit, stop, method="ipx")

    def certificate(self, solution: Solution) -> Certificate:
        """Return the certificate of a solve, by arithmetic that owes the solver nothing."""
        return certify(self.program, solution)

    def read(self, solution: Solution) -> Decision:
        """Return what was decided."""
        block, blocks = self.program.column_block, self.program.blocks
        ordered = np.clip(solution.value(block("ordered")), 0.0, None)
        missing = np.clip(solution.value(block("missing")), 0.0, None)
        risk = float((missing * coverage.risk_costs(self.given)).sum())
        missed = sum(
            float((goals.prices(self.given, item) * np.clip(solution.value(block(item.short)), 0.0, None)).sum())
            for item in self.held
            if item.short in blocks
        )
        spent = solution.value(block("spent"))
        set_up = block("set_up") if "set_up" in blocks else None
        opened = solution.value(set_up) if set_up is not None else np.zeros(0)
        names = set_up.axes["line"] if set_up is not None else ()
        return Decision(
            ordered,
            np.clip(solution.value(block("added")), 0.0, None),
            spent,
            {str(name): float(value) for name, value in zip(names, opened, strict=True)},
            risk,
            missed,
            float((spent * self.given.discount).sum()),
            solution,
        )

    def _priced(self) -> list[Held]:
        return [item for item in self.held if item.short in self.program.blocks]

    def _risk_index(self) -> Array:
        names = ["missing", *(item.short for item in self._priced())]
        return np.concatenate([self.program.column_block(name).index.ravel() for name in names])

    def _risk_costs(self) -> Array:
        found = [coverage.risk_costs(self.given).ravel()]
        found += [
            goals.prices(self.given, item)[: self.program.column_block(item.short).size] for item in self._priced()
        ]
        return np.concatenate(found)

    def _cost_of(self) -> Array:
        return np.broadcast_to(self.given.discount, self.program.column_block("spent").shape).copy()

    def _price(self, risk: float, cost: float) -> None:
        self.session.set_costs(self._risk_index(), self._risk_costs() * risk)
        self.session.set_costs(self.program.column_block("use"), coverage.TRACE)
        self.session.set_costs(self.program.column_block("spent"), self._costs * cost)


def build(given: Problem, held: tuple[Held, ...], wanted: Wanted) -> Program:
    """Return the program of stages one and two, one function for each family of constraints."""
    program = Program("plan", sense="min")
    ordering.orders(program, given)
    ordering.balance(program, given)
    if given.keeps("lines"):
        ordering.lines(program, given)
    ordering.spending(program, given)
    if given.keeps("money"):
        ordering.envelope(program, given)
    if given.keeps("commitment"):
        ordering.commitment(program, given)
    if given.keeps("people"):
        ordering.people(program, given)
    coverage.fielded(program, given)
    coverage.coverage(program, given)
    if given.keeps("goals"):
        goals.goals(program, given, held)
    if given.keeps("targets"):
        coverage.targets(program, given, wanted)
    return program


def order_value(given: Problem, ordered: Array) -> Array:
    """Return million 2021 US$ by possible order."""
    return np.asarray(ordered * given.order_price * BILLION)
