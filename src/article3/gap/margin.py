"""Attainment: the largest common share of all essential requirements that can be met at once.

For every cell: largest rho <= 2 with supply >= rho x requirement for every contingency and essential capability of the
situation; attainment is min(1, rho), the weakest link. It is unique and monotone: a unit more never lowers it, an Ally
less never raises it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.gap.forces import Array, Axes, Values
from article3.gap.layout import Cell, Layout, layout, stock, worth
from article3.gap.postures import Supply
from article3.program import Certificate, Program, Session, Solution, certify

CEILING: Final = 2.0
"""Margins are not followed beyond twice the requirement."""
_SLACK: Final = 0.01
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Margins:
    """Margins of all cells in one posture.

    Parameters
    ----------
    margin
        By cell, from 0 to ``CEILING``.
    binding
        By row of need: whether it is one of the weakest links, ties included; all false where the ceiling binds.
    iterations, seconds
        Effort of the solver.
    """

    margin: Array
    binding: NDArray[np.bool_]
    iterations: int
    seconds: float

    @property
    def attainment(self) -> Array:
        """Share that can be met, by cell: the margin, at most 1."""
        return np.minimum(self.margin, 1.0)


class MarginModel:
    """The margin program of all cells, built once and solved for many postures."""

    def __init__(self, axes: Axes, values: Values, cells: tuple[Cell, ...], whole: Supply) -> None:
        self.axes, self.values = axes, values
        self.form: Layout = layout(axes, values, cells, essential(axes), whole)
        self.scale: Array = np.maximum(self.form.whole, 1e-9)
        self._program = Program("margin", sense="max")
        form = self.form
        self._use = self._program.variables("use", {"use": range(len(form.var_supply))})
        self._margin = self._program.variables(
            "margin", {"cell": range(len(cells))}, lower=0.0, upper=CEILING, cost=1.0
        )
        self._spare = self._program.variables("spare", {"need": range(len(form.need_cell))}, lower=0.0, upper=0.0)
        self._supply = self._program.rows("supply", {"supply": range(len(form.supply_cell))}, upper=1.0)
        self._need = self._program.rows("need", {"need": range(len(form.need_cell))}, lower=0.0)
        self.per_use: Array = worth(form, axes, values, self.scale)
        add = self._program.add_terms
        add(self._supply.index[form.var_supply], self._use.index, 1.0)
        add(self._need.index[form.var_need], self._use.index, self.per_use)
        add(self._need.index, self._margin.index[form.need_cell], -1.0)
        add(self._need.index, self._spare.index, -1.0)
        self._session = Session(self._program)
        self._last: Solution | None = None

    def solve(self, given: Supply, *, names: bool = True) -> Margins:
        """Solve all cells for one posture; with ``names``, find every weakest link too."""
        return self.solve_stock(stock(self.form, given), names=names)

    def solve_stock(self, units: Array, *, names: bool = True) -> Margins:
        """Solve all cells for the units each row of supply holds; with ``names``, find every weakest link too."""
        self._session.set_row_bounds(self._supply, upper=units / self.scale)
        solution = self._last = self._session.solve()
        margin = np.clip(solution.value(self._margin), 0.0, CEILING)
        iterations, seconds = solution.iterations, solution.seconds
        binding = np.zeros(len(self.form.need_cell), dtype=bool)
        if names:
            binding, more, longer = self._weakest(margin)
            iterations, seconds = iterations + more, seconds + longer
        return Margins(margin, binding, iterations, seconds)

    def certificate(self) -> Certificate:
        """Return the certificate of the last solve for margins, by arithmetic that owes the solver nothing."""
        if self._last is None:
            raise ValueError("nothing was solved yet")
        return certify(self._program, self._last)

    def _weakest(self, margin: Array) -> tuple[NDArray[np.bool_], int, float]:
        """Return the needs that cannot be served beyond the margin while every other is served to it.

        Needs that some assignment serves a little better are struck off until none is left that can be.
        """
        form, session = self.form, self._session
        cells = margin < CEILING - _TOLERANCE
        candidates = cells[form.need_cell]
        session.set_bounds(self._margin, lower=np.maximum(margin - 1e-9, 0.0), upper=margin)
        session.set_costs(self._margin, 0.0)
        iterations, seconds = 0, 0.0
        while candidates.any():
            session.set_bounds(self._spare, lower=0.0, upper=np.where(candidates, _SLACK, 0.0))
            session.set_costs(self._spare, np.where(candidates, 1.0, 0.0))
            solution = session.solve()
            iterations, seconds = iterations + solution.iterations, seconds + solution.seconds
            spare = candidates & (solution.value(self._spare) > 1e-5)
            if not spare.any():
                break
            candidates &= ~spare
        session.set_bounds(self._spare, lower=0.0, upper=0.0)
        session.set_costs(self._spare, 0.0)
        session.set_bounds(self._margin, lower=0.0, upper=CEILING)
        session.set_costs(self._margin, 1.0)
        return candidates, iterations, seconds

    def relieved(self, given: Supply, need: int) -> tuple[float, float]:
        """Return the margin of a cell without one need, and the most of that need that can be served at this margin.

        The margin is followed to 1 only: where it is more, nothing falls short without the need.

        Parameters
        ----------
        given
            What arrives.
        need
            Row of need that is left out.

        Returns
        -------
        tuple of float
            The margin of the cell's other needs, at most 1; supply over requirement of the one left out.
        """
        form, session = self.form, self._session
        cell = form.need_cell == form.need_cell[need]
        here = np.arange(len(form.cells)) == form.need_cell[need]
        only = np.arange(len(form.need_cell)) == need
        session.set_row_bounds(self._supply, upper=stock(form, given) / self.scale)
        # Left out, the need no longer holds; its surplus is measured by its own spare variable afterwards.
        session.set_row_bounds(self._need, lower=np.where(only, -np.inf, 0.0))
        session.set_costs(self._margin, np.where(here, 1.0, 0.0))
        margin = float(np.clip(session.solve().value(self._margin)[form.need_cell[need]], 0.0, 1.0))
        session.set_row_bounds(self._need, lower=0.0)
        level = np.where(here, max(margin - 1e-9, 0.0), 0.0)
        session.set_bounds(self._margin, lower=0.0, upper=np.where(here, 0.0, CEILING))
        session.set_costs(self._margin, 0.0)
        # Every other need of the cell is served to the margin: need - spare >= 0 with spare fixed at the margin.
        floor = np.where(cell & ~only, level[form.need_cell], 0.0)
        session.set_bounds(self._spare, lower=floor, upper=np.where(only, np.inf, floor))
        session.set_costs(self._spare, np.where(only, 1.0, 0.0))
        most = float(session.solve().value(self._spare)[need])
        session.set_bounds(self._spare, lower=0.0, upper=0.0)
        session.set_costs(self._spare, 0.0)
        session.set_bounds(self._margin, lower=0.0, upper=CEILING)
        session.set_costs(self._margin, 1.0)
        return margin, most

    def forget(self) -> None:
        """Solve the next posture from scratch; for measurements."""
        self._session.forget_basis()


def essential(axes: Axes) -> NDArray[np.bool_]:
    """Return which capability is essential in which contingency, (C, K)."""
    found = np.zeros((len(axes.contingencies), len(axes.capabilities)), dtype=bool)
    for place, contingency in enumerate(axes.contingencies):
        found[place, [axes.of("capability", item) for item in contingency.essential]] = True
    return found
