"""One state of the commitment as a program: least risk with limited money, given orders judged, least money for a risk.

Orders are many and few of them help: a solve begins with those that helped before, and lets in others as long as their
price says that they could; the last solve has all of them open, so that its certificate is of the whole program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.errors import Cancelled, Fault, InputError
from article3.gap.forces import Array, Ints
from article3.plan import coverage
from article3.plan.decide import COST_TRACE, SCALE, build
from article3.plan.make import stopped
from article3.plan.problem import BILLION, Problem
from article3.program import Certificate, Session, Solution, Status, certify
from article3.program.session import Method

Flags = NDArray[np.bool_]
Stop = Callable[[], bool] | None

BATCH: Final = 3000
"""Most orders let in at a time."""
ROUNDS: Final = 12
"""Solves after which all orders are let in at once."""
PLACED: Final = 1e-9
"""Lots below which an order is none."""
HAIR: Final = 1e-8
"""Part by which a risk that has been reached may be passed, so that rounding forbids nothing."""
_ROUNDED: Final = 1e-7
"""Part of the money by which rounding may miss it."""
_HELPS: Final = 1e-6
"""Reduced cost, in thousandths of risk, below which an order could help."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What orders come to in one state. Shapes: O possible orders, P pairs, Y years of money.

    Parameters
    ----------
    risk
        psi: mean over years judged and windows of the sum over contingencies, by pieces of a quarter.
    placed
        Lots delivered, by possible order, (O,).
    added
        Lots in service, (P, Y).
    discounted, spent
        Million 2021 US$ over all years of money: discounted, and as it is.
    certificate
        Of the solve.
    """

    risk: float
    placed: Array
    added: Array
    discounted: float
    spent: float
    certificate: Certificate


class Branch:
    """The program of one state, built once.

    Parameters
    ----------
    given
        The problem of the state.
    money
        Billion 2021 US$ that may be spent over all years of money, discounted.

    Raises
    ------
    InputError
        Orders signed before take more than the money.
    """

    def __init__(self, given: Problem, money: float) -> None:
        owed = float((given.bound * given.discount).sum())
        self.given, self.money = given, max(money, owed)
        if owed > money * (1 + _ROUNDED) + _ROUNDED:
            what = f"{money * BILLION:,.0f} million 2021 US$ do not pay for the {owed * BILLION:,.0f} owed already"
            raise InputError(Fault(what, "shift.trust.money_usd_m", mend="Allow more money."))
        program = self.program = build(given, (), ())
        block = program.column_block
        self.ordered, self.spent, self.missing = block("ordered"), block("spent"), block("missing")
        self.psi = program.variables("psi", {})
        total = program.rows("risk", {}, lower=0.0, upper=0.0)
        program.add_terms(total, self.psi, 1.0)
        costs = coverage.risk_costs(given)
        program.add_terms(np.broadcast_to(total.index, costs.shape), self.missing, -costs)
        self._purse = program.rows("money", {}, upper=money)
        self.discount: Array = np.broadcast_to(given.discount, self.spent.shape).copy()
        program.add_terms(np.broadcast_to(self._purse.index, self.spent.shape), self.spent, self.discount)
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """The program in the solver."""
        if self._session is None:
            self._session = Session(self.program, "ipx")
        return self._session

    def costs(self, risk: float = SCALE, money: float = SCALE * COST_TRACE) -> Array:
        """Return the objective: so much for risk, so much for each billion, and a trace on every use."""
        found = np.zeros(self.program.shape[1])
        found[self.psi.index] = risk
        found[self.spent.index] = self.discount * money
        found[self.program.column_block("use").index] = coverage.TRACE
        return found

    def least_risk(self, first: Flags, stop: Stop = None) -> Solution:
        """Solve for least risk with the money there is.

        Parameters
        ----------
        first
            Orders to begin with, (O,).
        stop
            Asked now and then.

        Raises
        ------
        Cancelled
            It was stopped.
        """
        self._set(self.costs(), np.zeros(len(first)), np.full(len(first), np.inf), self.money)
        return priced(self.session, self.ordered.index, first, stop)

    def judge(self, placed: Array, most: Flags, stop: Stop = None) -> Outcome:
        """Return what given orders come to in this state.

        Parameters
        ----------
        placed
            Lots placed, by possible order, (O,).
        most
            Orders that are delivered as placed; of others at most what the lines deliver in this state, (O,).
        stop
            Asked now and then.
        """
        lots = np.where(placed > PLACED, placed, 0.0)
        self._set(self.costs(), np.where(most, lots, 0.0), lots, np.inf)
        return self.read(solved(self.session, "simplex", stop))

    def least_money(self, risk: float, first: Flags, stop: Stop = None) -> Outcome:
        """Return the plan of least discounted money with risk at most a given one, a hair for rounding allowed."""
        self._set(self.costs(risk=0.0, money=1.0), np.zeros(len(first)), np.full(len(first), np.inf), np.inf)
        self.session.set_bounds(self.psi, upper=risk * (1 + HAIR))
        return self.read(priced(self.session, self.ordered.index, first, stop))

    def read(self, solution: Solution) -> Outcome:
        """Return a solve as an outcome."""
        spent = solution.value(self.spent)
        missing = np.clip(solution.value(self.missing), 0.0, None)
        return Outcome(
            float((missing * coverage.risk_costs(self.given)).sum()),
            np.clip(solution.value(self.ordered), 0.0, None),
            np.clip(solution.value(self.program.column_block("added")), 0.0, None),
            float((spent * self.discount).sum()) * BILLION,
            float(spent.sum()) * BILLION,
            certify(self.program, solution),
        )

    def _set(self, costs: Array, lower: Array, upper: Array, money: float) -> None:
        self.session.set_costs(np.arange(len(costs)), costs)
        self.session.set_bounds(self.ordered, lower=lower, upper=upper)
        self.session.set_bounds(self.psi, upper=np.inf)
        self.session.set_row_bounds(self._purse, upper=money)


def likely(given: Problem, placed: Array) -> Flags:
    """Return the orders to begin a solve with, (O,): all of what some class of buyers places of some element.

    Parameters
    ----------
    given
        The problem.
    placed
        Lots placed in a solve that is alike, (O,).
    """
    pairs = np.zeros(len(given.pair_buyer), dtype=bool)
    pairs[given.order_pair[placed > PLACED]] = True
    return np.asarray(pairs[given.order_pair])


def priced(session: Session, orders: Ints, first: Flags, stop: Stop = None) -> Solution:
    """Solve with some of the orders, then with those whose price says that they may help, at last with all.

    Parameters
    ----------
    session
        A program that has a plan whatever may be ordered.
    orders
        Columns of orders, (n,).
    first
        Orders to begin with, (n,).
    stop
        Asked now and then.
    """
    allowed, method = first.copy(), "ipx"
    session.forget_basis()
    for _ in range(ROUNDS):
        session.set_bounds(orders, upper=np.where(allowed, np.inf, 0.0))
        solution = solved(session, "ipx" if method == "ipx" else "simplex", stop)
        method = "simplex"
        cost = solution.prices.columns[orders] if solution.prices else np.zeros(len(orders))
        helps = ~allowed & (cost < -_HELPS)
        if not helps.any():
            break
        if helps.sum() > BATCH:
            helps &= cost <= np.partition(cost[helps], BATCH)[BATCH]
        allowed |= helps
    session.set_bounds(orders, upper=np.inf)
    return solved(session, "simplex", stop)


def solved(session: Session, method: Method, stop: Stop = None) -> Solution:
    """Solve, from nothing by the other method where the first ends without an answer.

    Raises
    ------
    Cancelled
        It was stopped.
    SolveError
        There is no plan: raised where its values are read.
    """
    solution = session.solve(stop=stop, method=method)
    if not (solution.optimal or stopped(solution) or solution.status is Status.INFEASIBLE):
        session.forget_basis()
        solution = session.solve(stop=stop, method="ipx" if method == "simplex" else "simplex")
    if stopped(solution):
        raise Cancelled("The work was stopped before there was an answer; nothing was written.")
    return solution
