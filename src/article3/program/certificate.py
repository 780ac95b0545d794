"""A certificate: whether a solver's answer is what it says, by arithmetic that owes the solver nothing.

Computed from the program's arrays and the values alone. With the program turned to a minimum, *a = A x*, *y* the duals
and *z = c − A'y*: the definitions are in ``docs/methods/program.md``. Every residual is relative to one plus the size
of what it is measured on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from article3.program.assembly import Arrays, Program
from article3.program.blocks import Floats
from article3.program.errors import SolveError
from article3.program.solution import Point, Prices, Solution, Status, relative_gap

TOLERANCE = 1e-6
ABSOLUTE_GAP = 1e-6  # at which HiGHS too ends a mixed-integer solve


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was checked, how far it was off, and where.

    Parameters
    ----------
    status
        The solver's.
    bound
        Dual objective, computed here, of a linear program; the solver's word for a mixed-integer one.
    gap
        Of the objective, computed here, and the bound.
    primal_residual
        Largest violation of a row, a bound or wholeness; None without values.
    dual_residual
        Largest violation of dual feasibility; None without duals.
    complementarity
        Largest product of a price and the slack it should not have; None without duals.
    objective_residual
        Difference of the objective computed here from the solver's; None without values.
    worst
        Where the primal residual is.
    tolerance
        Within which residuals are none.
    faults
        Each check that failed, in a sentence; empty if the certificate holds.
    """

    status: Status
    bound: float
    gap: float
    primal_residual: float | None = None
    dual_residual: float | None = None
    complementarity: float | None = None
    objective_residual: float | None = None
    worst: str = ""
    tolerance: float = TOLERANCE
    faults: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the values are what the status claims; never true of a solve without values."""
        return not self.faults


def certify(program: Program, solution: Solution, tolerance: float = TOLERANCE) -> Certificate:
    """Check a solution against the arrays it was solved from, changes by its session included.

    Parameters
    ----------
    program
        The program the solution is meant to be of.
    solution
        What :meth:`Session.solve` gave.
    tolerance
        Within which residuals are none.

    Raises
    ------
    SolveError
        The solution is of another program.
    """
    arrays = solution.arrays
    if (program.name, program.blocks) != (arrays.name, {**arrays.columns, **arrays.rows}):
        raise SolveError(
            f"The solution of program '{arrays.name}' is not one of program '{program.name}' as it stands."
        )
    if solution.point is None:
        fault = f"the solve ended as {solution.status.value}: there are no values to check"
        return Certificate(solution.status, solution.bound, np.inf, tolerance=tolerance, faults=(fault,))
    point = solution.point
    objective = arrays.constant + float(arrays.cost @ point.columns)
    primal, worst = _primal(arrays, point)
    off = abs(objective - point.objective) / (1 + abs(objective))
    bound, dual, slack = solution.bound, None, None
    if solution.prices is not None:
        bound, dual, slack = _dual(arrays, point, solution.prices, objective)
    gap = relative_gap(objective, bound)
    allowed = max(tolerance, solution.gap_allowed, ABSOLUTE_GAP / max(1.0, abs(objective)))
    checks = [
        ("primal residual", primal, tolerance, f" at {worst}"),
        ("objective residual", off, tolerance, ""),
        ("dual residual", dual, tolerance, ""),
        ("complementarity", slack, tolerance, ""),
        ("gap", gap if solution.optimal else None, allowed, ""),
    ]
    faults = [
        f"{what} {size:.2g}{where}, allowed {limit:.2g}"
        for what, size, limit, where in checks
        if size is not None and not size <= limit
    ]
    if solution.optimal and solution.prices is None and not arrays.whole:
        faults.append("a linear program called optimal came without duals")
    return Certificate(solution.status, bound, gap, primal, dual, slack, off, worst, tolerance, tuple(faults))


def _primal(arrays: Arrays, point: Point) -> tuple[float, str]:
    """Return the largest violation and where it is."""
    x, height, width = point.columns, arrays.row_lower.size, arrays.lower.size
    residuals = np.concatenate(
        [
            _outside(arrays.activity(x), arrays.row_lower, arrays.row_upper),
            _outside(x, arrays.lower, arrays.upper),
            np.where(arrays.integer & np.isfinite(x), np.abs(x - np.round(x)), 0.0),
        ]
    )
    at = int(residuals.argmax())
    if residuals[at] == 0:
        return 0.0, ""
    return float(residuals[at]), arrays.row_label(at) if at < height else arrays.column_label((at - height) % width)


def _dual(arrays: Arrays, point: Point, prices: Prices, objective: float) -> tuple[float, float, float]:
    """Return the dual objective, the dual residual and the largest complementarity product."""
    sign = 1.0 if arrays.sense == "min" else -1.0
    cost, y = sign * arrays.cost, sign * prices.rows
    z = cost - arrays.priced(y)
    scale = 1 + np.abs(cost) + _magnitude(arrays, y)
    unlike = np.abs(z - sign * prices.columns) / scale
    value_y, wrong_y, slack_y = _priced(y, arrays.activity(point.columns), arrays.row_lower, arrays.row_upper)
    value_z, wrong_z, slack_z = _priced(z, point.columns, arrays.lower, arrays.upper)
    residual = max(_largest(unlike), _largest(wrong_y) / (1 + _largest(np.abs(cost))), _largest(wrong_z / scale))
    slack = max(_largest(slack_y), _largest(slack_z)) / (1 + abs(objective))
    return arrays.constant + sign * (value_y + value_z), residual, slack


def _priced(price: Floats, at: Floats, lower: Floats, upper: Floats) -> tuple[float, Floats, Floats]:
    """Return the part of the dual objective, prices of bounds that are not there, and price times slack.

    A price above zero is one of the lower bound, a price below zero one of the upper.
    """
    bound = np.where(price > 0, lower, upper)
    there = np.isfinite(bound)
    finite = np.where(there, bound, 0.0)
    wrong = np.where(there, 0.0, np.abs(price))
    slack = np.where(there, np.abs(price * (at - finite)), 0.0)
    return float(price @ finite), wrong, slack


def _outside(values: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return how far values lie outside their bounds, over one plus the size of the bound."""
    worst = np.zeros_like(values)
    for bound, sign in ((lower, 1.0), (upper, -1.0)):
        there = np.isfinite(bound)
        worst[there] = np.maximum(worst[there], sign * (bound - values)[there] / (1 + np.abs(bound[there])))
    worst[~np.isfinite(values)] = np.inf
    return worst


def _magnitude(arrays: Arrays, y: Floats) -> Floats:
    """Return |A|'|y|, the size of what cancels in a reduced cost."""
    return np.bincount(arrays.indices, np.abs(arrays.values * y[arrays.row_of]), minlength=arrays.lower.size).astype(
        np.float64
    )


def _largest(values: Floats) -> float:
    return float(values.max()) if values.size else 0.0
