"""What a solve gave: status, bound and gap always; values only when the status allows it.

Signs. ``dual`` and ``reduced_cost`` are derivatives of the objective *as stated*, for ``min`` and ``max`` alike: by how
much the objective rises when the binding bound of a row, or of a variable, rises by one. So when minimising, a row held
at its lower bound has a dual of zero or more, one held at its upper bound of zero or less; when maximising the reverse.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from article3.program.assembly import Arrays
from article3.program.blocks import Floats, Rows, Variables
from article3.program.errors import SolveError


class Status(Enum):
    """How a solve ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    INFEASIBLE_OR_UNBOUNDED = "infeasible or unbounded"
    TIME_LIMIT = "time limit"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown"
    ERROR = "error"


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Values of all variables, activities of all rows, and the objective there."""

    columns: Floats
    rows: Floats
    objective: float


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """Duals of all rows and reduced costs of all variables."""

    rows: Floats
    columns: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """The outcome of one solve; frozen, and independent of what its session does next.

    Parameters
    ----------
    arrays
        The program as it stood when it was solved.
    status
        How the solve ended.
    bound
        No point has a better objective than this; infinite where nothing is known.
    gap_allowed
        Relative gap at which a mixed-integer solve was told to stop.
    iterations, nodes
        Of simplex, interior point and crossover together; of branch and bound.
    seconds
        Wall clock.
    solver
        Name and version.
    note
        Why, where the status does not say.
    point
        Present only when the status allows values: optimal, or stopped with a feasible point in hand.
    prices
        Present only for a linear program solved to optimality.
    """

    arrays: Arrays
    status: Status
    bound: float
    gap_allowed: float
    iterations: int
    nodes: int
    seconds: float
    solver: str
    note: str = ""
    point: Point | None = None
    prices: Prices | None = None

    @property
    def optimal(self) -> bool:
        """Whether the solver calls it optimal (within ``gap_allowed`` if some variables are whole)."""
        return self.status is Status.OPTIMAL

    @property
    def incumbent(self) -> bool:
        """Whether the solve was stopped with a feasible point in hand that may not be the best."""
        return self.point is not None and not self.optimal

    @property
    def objective(self) -> float:
        """Objective at the point found.

        Raises
        ------
        SolveError
            The status allows no values.
        """
        return self._point("objective").objective

    @property
    def gap(self) -> float:
        """Distance of objective and bound over the objective (over 1 if that is smaller); infinite without a point."""
        return np.inf if self.point is None else relative_gap(self.point.objective, self.bound)

    def value(self, block: Variables) -> Floats:
        """Return the values of a block of variables, shaped like its axes.

        Raises
        ------
        SolveError
            The status allows no values.
        """
        return self._point(f"value of '{block.name}'").columns[self.arrays.own(block)].reshape(block.shape)

    def activity(self, block: Rows) -> Floats:
        """Return the sums of the terms of a block of rows, shaped like its axes.

        Raises
        ------
        SolveError
            The status allows no values.
        """
        return self._point(f"activity of '{block.name}'").rows[self.arrays.own(block)].reshape(block.shape)

    def dual(self, block: Rows) -> Floats:
        """Return by how much the objective rises with the binding bound of each row.

        Raises
        ------
        SolveError
            The program is not linear, or not solved to optimality.
        """
        return self._prices(f"dual of '{block.name}'").rows[self.arrays.own(block)].reshape(block.shape)

    def reduced_cost(self, block: Variables) -> Floats:
        """Return by how much the objective rises with the binding bound of each variable.

        Raises
        ------
        SolveError
            The program is not linear, or not solved to optimality.
        """
        return self._prices(f"reduced cost of '{block.name}'").columns[self.arrays.own(block)].reshape(block.shape)

    def __str__(self) -> str:
        head = f"{self.arrays.name}: {self.status.value}"
        found = f", objective {self.objective:g}, gap {self.gap:.2g}" if self.point else ""
        return f"{head}{found}, {self.iterations} iterations, {self.seconds:.2f} s, {self.solver}"

    def _point(self, what: str) -> Point:
        if self.point is None:
            raise SolveError(f"Program '{self.arrays.name}' has no {what}: {self._why()}.")
        return self.point

    def _prices(self, what: str) -> Prices:
        if self.prices is None:
            why = "some variables are whole numbers" if self.arrays.whole else self._why()
            raise SolveError(f"Program '{self.arrays.name}' has no {what}: {why}.")
        return self.prices

    def _why(self) -> str:
        return f"the solve ended as {self.status.value}{f' ({self.note})' if self.note else ''}"


def relative_gap(objective: float, bound: float) -> float:
    """Return the distance of objective and bound over the size of the objective, or over 1 if that is smaller."""
    return abs(objective - bound) / max(1.0, abs(objective))
