"""All states in one program: one plan until it is known which way the United States goes, one for each state after.

The extensive form of a two-stage program (Birge and Louveaux, Introduction to Stochastic Programming, 2nd ed. 2011,
chapters 2 and 3): the programs of the states side by side, with the orders before the year of knowing in common. What
follows from common orders alone (additions, spending, coverage until the states differ) is common too and stands there
once, so that the program holds a third of what four copies would.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.gap.forces import Array, Ints
from article3.plan import coverage
from article3.plan.decide import COST_TRACE, SCALE
from article3.plan.problem import BILLION
from article3.program import Certificate, Program, Session, Solution, certify
from article3.program.assembly import Arrays
from article3.shift.trust_branch import HAIR, Branch, Flags, Stop, priced
from article3.shift.trust_states import States

NEVER: Final = 9999
"""Year of knowing where nothing is learned before the last order."""
TIE: Final = 1e-3
"""Part of expected risk that is added to the tail and to regret: of plans that are alike in the worst, the better."""
_SEED: Final = 20260731


class Tree:
    """The program of all states.

    Parameters
    ----------
    states
        The states.
    branches
        The program of each.
    known
        Year from which orders may differ by state; ``NEVER`` where one plan has to serve them all.
    first
        Orders to begin a solve with, by state, (S, O).
    """

    def __init__(self, states: States, branches: tuple[Branch, ...], known: int, first: Flags) -> None:
        self.states, self.branches = states, branches
        arrays = [branch.program.assemble() for branch in branches]
        own = columns_of(states, branches, arrays, known)
        self._columns = own.reshape(len(branches), -1)
        program = self.program = Program("trust")
        count = int(own.max()) + 1
        lower, upper = np.zeros(count), np.full(count, np.inf)
        for mine, item in zip(self._columns, arrays, strict=True):
            lower[mine], upper[mine] = item.lower, item.upper
        program.variables("decided", {"column": range(count)}, lower=lower, upper=upper)
        for place, kept in enumerate(rows_kept(self._columns, arrays)):
            self._add_rows(states.names[place], arrays[place], self._columns[place], kept)
        self._psi = np.array([mine[branch.psi.index] for mine, branch in zip(self._columns, branches, strict=True)])
        self._placed(known)
        self._criteria()
        orders = np.stack([mine[branch.ordered.index] for mine, branch in zip(self._columns, branches, strict=True)])
        self._orders, where = np.unique(orders, return_inverse=True)
        self._first = np.bincount(where.reshape(-1), first.reshape(-1)) > 0
        self.session = Session(program, "ipx")

    def _add_rows(self, name: str, arrays: Arrays, columns: Ints, kept: Flags) -> None:
        if not kept.any():
            return
        rows = self.program.rows(
            f"rows: {name}", {"row": np.nonzero(kept)[0].tolist()}, lower=arrays.row_lower[kept],
            upper=arrays.row_upper[kept],
        )  # fmt: skip
        mine = kept[arrays.row_of]
        number = np.cumsum(kept) - 1
        self.program.add_terms(
            rows.index[number[arrays.row_of[mine]]], columns[arrays.indices[mine]], arrays.values[mine]
        )

    def _placed(self, known: int) -> None:
        """Add that a state gets no more of an order than was placed, where it gets less than the others."""
        state, order = np.nonzero(~self.states.most & (self.states.order_years < known)[None, :])
        if not len(order):
            return
        first = self.states.most.argmax(axis=0)
        rows = self.program.rows("placed", {"order": range(len(order))}, upper=0.0)
        mine = np.stack([columns[branch.ordered.index] for columns, branch in self._pairs()])
        self.program.add_terms(rows.index, mine[state, order], 1.0)
        self.program.add_terms(rows.index, mine[first[order], order], -1.0)

    def _criteria(self) -> None:
        """Add what the criteria need: the tail of risk above a threshold, and the largest regret."""
        program, names = self.program, self.states.names
        self._threshold = program.variables("threshold", {"at": ["at"]}, lower=-np.inf)
        self._above = program.variables("above", {"state": names})
        tail = program.rows("tail", {"state": names}, upper=0.0)
        program.add_terms(tail.index, self._psi, 1.0)
        program.add_terms(tail.index, np.broadcast_to(self._threshold.index, self._psi.shape), -1.0)
        program.add_terms(tail.index, self._above.index, -1.0)
        self._largest = program.variables("largest", {"of": ["of"]}, lower=-np.inf)
        self._regret = program.rows("regret", {"state": names}, upper=np.inf)
        program.add_terms(self._regret.index, self._psi, 1.0)
        program.add_terms(self._regret.index, np.broadcast_to(self._largest.index, self._psi.shape), -1.0)

    def expected(self, stop: Stop = None) -> Solution:
        """Solve for the least expected risk: sum over states of weight x risk."""
        return self._solve(self._costs(self.states.weights), stop)

    def tail(self, part: float, stop: Stop = None) -> Solution:
        """Solve for the least mean of risk over the worst part of the futures.

        ::

            CVaR = min over threshold of threshold + sum over states of weight x max(0, risk - threshold) / part

        Rockafellar and Uryasev, Optimization of conditional value-at-risk, Journal of Risk 2 (2000).
        """
        costs = self._costs(TIE * self.states.weights)
        costs[self._threshold.index] = SCALE
        costs[self._above.index] = SCALE * self.states.weights / part
        return self._solve(costs, stop)

    def regret(self, best: Array, stop: Stop = None) -> Solution:
        """Solve for the least largest regret (Savage 1951): risk less that of the plan made knowing the state.

        Parameters
        ----------
        best
            Least risk of each state with the same money, (S,).
        stop
            Asked now and then.
        """
        costs = self._costs(TIE * self.states.weights)
        costs[self._largest.index] = SCALE
        self.session.set_row_bounds(self._regret, upper=best)
        found = self._solve(costs, stop)
        self.session.set_row_bounds(self._regret, upper=np.inf)
        return found

    def least_money(self, risks: Array, stop: Stop = None) -> tuple[float, Certificate]:
        """Return the least expected discounted money, million 2021 US$, with no state's risk above a given one.

        Parameters
        ----------
        risks
            Most risk by state, (S,).
        stop
            Asked now and then.
        """
        self.session.set_bounds(self._psi, upper=risks * (1 + HAIR))
        solution = self._solve(self._costs(np.zeros(len(self._psi)), money=1.0), stop)
        self.session.set_bounds(self._psi, upper=np.inf)
        return self.money(solution), self.certificate(solution)

    def risks(self, solution: Solution) -> Array:
        """Return the risk of each state, (S,)."""
        values = solution.value(self.program.column_block("decided"))
        costs = coverage.risk_costs(self.states.given[0])
        return np.array(
            [(np.clip(values[mine[item.missing.index]], 0.0, None) * costs).sum() for mine, item in self._pairs()]
        )

    def money(self, solution: Solution) -> float:
        """Return expected discounted money, million 2021 US$."""
        values = solution.value(self.program.column_block("decided"))
        spent = [(values[mine[item.spent.index]] * item.discount).sum() for mine, item in self._pairs()]
        return float(self.states.weights @ np.array(spent)) * BILLION

    def orders(self, solution: Solution) -> Array:
        """Return lots delivered by state and possible order, (S, O)."""
        values = solution.value(self.program.column_block("decided"))
        return np.clip(np.stack([values[mine[item.ordered.index]] for mine, item in self._pairs()]), 0.0, None)

    def placed(self, solution: Solution) -> Array:
        """Return lots placed where orders are common: what a state gets that gets most of what can be made, (O,)."""
        found = self.orders(solution)
        return np.asarray(found[self.states.most.argmax(axis=0), np.arange(found.shape[1])])

    def certificate(self, solution: Solution) -> Certificate:
        """Return the certificate of a solve, by arithmetic that owes the solver nothing."""
        return certify(self.program, solution)

    def _pairs(self) -> list[tuple[Ints, Branch]]:
        return list(zip(self._columns, self.branches, strict=True))

    def _costs(self, weights: Array, money: float = SCALE * COST_TRACE) -> Array:
        found = np.zeros(self.program.shape[1])
        for (mine, item), weight, share in zip(self._pairs(), weights, self.states.weights, strict=True):
            costs = item.costs(SCALE * weight, share * money)
            use = item.program.column_block("use").index.ravel()
            found[mine[use]] = costs[use]
            rest = np.ones(len(costs), dtype=bool)
            rest[use] = False
            np.add.at(found, mine[rest], costs[rest])
        return found

    def _solve(self, costs: Array, stop: Stop) -> Solution:
        self.session.set_costs(np.arange(len(costs)), costs)
        return priced(self.session, self._orders, self._first, stop)


def columns_of(states: States, branches: tuple[Branch, ...], arrays: list[Arrays], known: int) -> Ints:
    """Return the number of each state's columns in the program of all, (S, n): one number for what is in common."""
    number = len(branches)
    width = arrays[0].lower.size
    found = np.arange(number * width).reshape(number, width)
    ordered = branches[0].ordered.index
    early = states.order_years < known
    first = states.most.argmax(axis=0)
    for place in range(number):
        mine = early & states.most[place]
        found[place, ordered[mine]] = first[mine] * width + ordered[mine]
    if "set_up" in branches[0].program.blocks:
        block = branches[0].program.column_block("set_up")
        given = states.given[0]
        paid = np.array([_paid_from(states, str(name)) for name in block.axes["line"]]) + given.years[0]
        found[:, block.index[paid < known]] = block.index[paid < known]
    for later in range(1, number):
        for earlier in range(later):
            same = _follows(branches, arrays, (earlier, later), found[earlier] == found[later])
            mine = same & (found[later] == later * width + np.arange(width))
            found[later, mine] = found[earlier, mine]
    return np.unique(found, return_inverse=True)[1].reshape(found.shape).astype(np.int64)


def _paid_from(states: States, line: str) -> int:
    """Return the place of the first year in which setting up a line is paid for in some state."""
    numbers = [given.items.lines.index(line) for given in states.given]
    opens = [int(np.argmax(given.items.capacity[at] > 0)) for given, at in zip(states.given, numbers, strict=True)]
    return max(0, min(opens) - 2)


def _follows(branches: tuple[Branch, ...], arrays: list[Arrays], pair: tuple[int, int], same: Flags) -> Flags:
    """Return which columns are the same in two states because all they follow from is.

    Parameters
    ----------
    branches, arrays
        Programs of the states.
    pair
        The two states.
    same
        Decisions that they have in common, by column.
    """
    one, other = (arrays[place] for place in pair)
    branch, given = branches[pair[0]], branches[pair[0]].given
    block, rows = branch.program.column_block, branch.program.row_block
    found = same.copy()
    apart = np.zeros((len(given.pair_buyer), len(given.years)), dtype=bool)
    mine = ~same[branch.ordered.index]
    np.logical_or.at(apart, (given.order_pair[mine], given.delivered[mine]), True)
    found[block("added").index] = ~np.logical_or.accumulate(apart, axis=1)
    for name, cause in (("spent", "spending"), ("fielded", "class_sum")):
        own = block(name).index
        found[own] = ~_apart(one, found, own)[rows(cause).index]
    supply = rows("supply").index
    alike = ~_apart(one, found, block("use").index)[supply] & (one.row_upper == other.row_upper)[supply]
    years = alike.all(axis=1)
    found[block("use").index[years]] = True
    found[branch.missing.index[years]] = True
    return found


def _apart(arrays: Arrays, same: Flags, own: Ints) -> Flags:
    """Return the rows that hold a column which is not the same, other than some of their own."""
    differs = ~same
    differs[own] = False
    return np.asarray(np.bincount(arrays.row_of, differs[arrays.indices], arrays.row_lower.size) > 0)


def rows_kept(columns: Ints, arrays: list[Arrays]) -> list[NDArray[np.bool_]]:
    """Return the rows of each state that no earlier state has already, word for word.

    Two rows are one if bounds agree and so does the sum of coefficients times random marks of their columns, exactly.
    """
    marks = np.random.Generator(np.random.Philox(_SEED)).standard_normal((2, int(columns.max()) + 1))
    signs = [
        np.array(
            [np.bincount(item.row_of, item.values * mark[mine[item.indices]], item.row_lower.size) for mark in marks]
            + [item.row_lower, item.row_upper]
        )
        for mine, item in zip(columns, arrays, strict=True)
    ]
    kept = []
    for later, sign in enumerate(signs):
        known = np.zeros(sign.shape[1], dtype=bool)
        for earlier in signs[:later]:
            known |= (sign == earlier).all(axis=0)
        kept.append(~known)
    return kept
