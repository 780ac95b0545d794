"""Risk: scarcity shared sensibly, and still telling something where attainment is zero.

psi = sum over contingencies of weight x sum over capabilities of omega x (1 - coverage)^2 / sum of omega, with omega
3 for essential capabilities and 1 for others; the square by eight chords that touch it at every eighth. Coverage is
supply over requirement, at most 1. A trace of cost on every use keeps idle units idle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from article3.gap.forces import Array, Axes, Ints, Values
from article3.gap.layout import Cell, Layout, layout, stock, worth
from article3.gap.margin import essential
from article3.gap.postures import Supply
from article3.program import Certificate, Program, Session, Solution, certify

PIECES: Final = 8
ESSENTIAL_WEIGHT: Final = 3.0
_TRACE: Final = 1e-6
"""Cost of using the whole stock of an element: small beside any gain in coverage that a person would see."""


@dataclass(frozen=True, slots=True)
class Risks:
    """Risk and coverage of all cells in one posture.

    Parameters
    ----------
    risk
        psi by cell.
    coverage
        By row of need, from 0 to 1.
    used
        Share of its scale that each variable uses.
    iterations, seconds
        Effort of the solver.
    """

    risk: Array
    coverage: Array
    used: Array
    iterations: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Purchase:
    """Something that can be added: units per row of supply for each unit bought, as sparse arrays.

    Parameters
    ----------
    names
        What can be bought.
    row, item, units
        Row of supply, place in ``names``, units it adds there.
    cost
        Million 2021 US$ for one, by item.
    ceiling
        Most that can be bought, by item.
    """

    names: tuple[str, ...]
    row: Ints
    item: Ints
    units: Array
    cost: Array
    ceiling: Array


class RiskModel:
    """The risk program of all cells, built once and solved for many postures and purchases."""

    def __init__(
        self,
        axes: Axes,
        values: Values,
        cells: tuple[Cell, ...],
        whole: Supply,
        purchase: Purchase | None = None,
    ) -> None:
        self.axes, self.values = axes, values
        everything = np.ones((len(axes.contingencies), len(axes.capabilities)), dtype=bool)
        self.form: Layout = layout(axes, values, cells, everything, whole)
        self.scale: Array = np.maximum(self.form.whole, 1e-9)
        self.per_use: Array = worth(self.form, axes, values, self.scale)
        self.weights: Array = need_weights(axes, self.form)
        form = self.form
        program = self._program = Program("risk", sense="min")
        self._use = program.variables("use", {"use": range(len(form.var_supply))}, cost=_TRACE)
        slopes = (2 * np.arange(PIECES) + 1) / PIECES
        self._gap = program.variables(
            "gap",
            {"need": range(len(form.need_cell)), "piece": range(PIECES)},
            upper=1.0 / PIECES,
            cost=self.weights[:, None] * slopes[None, :],
        )
        self._supply = program.rows("supply", {"supply": range(len(form.supply_cell))}, upper=1.0)
        self._need = program.rows("need", {"need": range(len(form.need_cell))}, lower=1.0)
        program.add_terms(self._supply.index[form.var_supply], self._use.index, 1.0)
        program.add_terms(self._need.index[form.var_need], self._use.index, self.per_use)
        program.add_terms(self._need.index[:, None], self._gap.index, 1.0)
        self.purchase = purchase
        if purchase:
            self._bought = program.variables("bought", {"item": purchase.names}, upper=0.0)
            self._budget = program.rows("budget", {"budget": ["money"]})
            rows = purchase.row
            shares = -purchase.units / self.scale[rows]
            program.add_terms(self._supply.index[rows], self._bought.index[purchase.item], shares)
            program.add_terms(
                np.broadcast_to(self._budget.index, purchase.cost.shape), self._bought.index, purchase.cost
            )
        self._session = Session(program)
        self._last: Solution | None = None

    def solve(self, given: Supply) -> Risks:
        """Solve all cells for one posture, nothing bought."""
        return self.solve_stock(stock(self.form, given))

    def solve_stock(self, units: Array) -> Risks:
        """Solve all cells for the units each row of supply holds, nothing bought."""
        self._session.set_row_bounds(self._supply, upper=units / self.scale)
        return self._solved()

    def slopes(self) -> Array:
        """Return the fall of risk that the first unit of each purchase promises, by the dual of the last solve.

        Summed over cells. A slope only: it holds up to the next bottleneck and can overstate many times.
        """
        return -self._last.reduced_cost(self._bought) if self._last else np.zeros(0)

    def certificate(self) -> Certificate:
        """Return the certificate of the last solve, by arithmetic that owes the solver nothing."""
        if self._last is None:
            raise ValueError("nothing was solved yet")
        return certify(self._program, self._last)

    def buy(self, amounts: Array) -> Risks:
        """Solve the posture set last with fixed purchases added, by item."""
        self._session.set_bounds(self._bought, lower=amounts, upper=amounts)
        found = self._solved()
        self._session.set_bounds(self._bought, lower=0.0, upper=0.0)
        return found

    def choose(self, money: float, allowed: Array) -> tuple[Array, Risks]:
        """Return the purchases that lower risk most for a sum of money, and what is left of risk.

        Parameters
        ----------
        money
            Million 2021 US$.
        allowed
            1 for items that may be bought, by item.
        """
        if self.purchase is None:
            raise ValueError("nothing can be bought in this model")
        self._session.set_bounds(self._bought, lower=0.0, upper=self.purchase.ceiling * allowed)
        self._session.set_row_bounds(self._budget, upper=money)
        solution = self._session.solve()
        amounts = solution.value(self._bought)
        found = self._read(solution)
        self._session.set_bounds(self._bought, lower=0.0, upper=0.0)
        self._session.set_row_bounds(self._budget, upper=np.inf)
        return amounts, found

    def _solved(self) -> Risks:
        self._last = self._session.solve()
        return self._read(self._last)

    def _read(self, solution: Solution) -> Risks:
        gap = solution.value(self._gap)
        short = np.clip(gap.sum(axis=1), 0.0, 1.0)
        slopes = (2 * np.arange(PIECES) + 1) / PIECES
        risk: Array = np.bincount(
            self.form.need_cell,
            weights=self.weights * (np.clip(gap, 0.0, None) @ slopes),
            minlength=len(self.form.cells),
        ).astype(np.float64)
        used = np.clip(solution.value(self._use), 0.0, None)
        return Risks(risk, 1.0 - short, used, solution.iterations, solution.seconds)

    def forget(self) -> None:
        """Solve the next posture from scratch; for measurements."""
        self._session.forget_basis()


def need_weights(axes: Axes, form: Layout) -> Array:
    """Return weight x omega / sum of omega for every row of need: what a missing unit of coverage counts."""
    omega = np.where(essential(axes)[form.need_contingency, form.need_capability], ESSENTIAL_WEIGHT, 1.0)
    weight = np.array([item.weight for item in axes.contingencies])[form.need_contingency]
    group = form.need_cell * len(axes.contingencies) + form.need_contingency
    return np.asarray(weight * omega / np.bincount(group, weights=omega)[group])
