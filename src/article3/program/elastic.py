"""The least total violation of some rows: what an infeasible program lacks, by label.

HiGHS' own irreducible sets come back empty with its default strategy, and for conflicts that exist only because
variables are whole; this relaxation always has an answer if the other rows have one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from article3.program.assembly import Program
from article3.program.blocks import Floats, Rows
from article3.program.session import Method, Session
from article3.program.solution import Solution


@dataclass(frozen=True, slots=True, eq=False)
class Violation:
    """How far rows must give way.

    Parameters
    ----------
    total
        Weighted sum over all rows that may give way; zero if the program is feasible.
    by_row
        By name of the block, shaped like its axes: above zero what is missing to a lower bound, below zero what is
        beyond an upper bound.
    solution
        Of the relaxed program.
    """

    total: float
    by_row: dict[str, Floats]
    solution: Solution


def least_violation(program: Program, weights: Mapping[Rows, ArrayLike], method: Method = "simplex") -> Violation:
    """Return the least weighted sum of violations with which the program has a solution.

    Parameters
    ----------
    program
        Left as it is; its objective plays no part.
    weights
        Rows that may give way, each with the weight of one unit: a number, or an array over the axes. Rows in
        different units need weights that make them comparable, such as one over the requirement.
    method
        Of the solve.

    Raises
    ------
    SolveError
        The rows that may not give way have no solution either.
    """
    relaxed = program.feasibility()
    given = {}
    for rows, weight in weights.items():
        missing = relaxed.variables(f"{rows.name}: missing", rows.axes, cost=weight)
        beyond = relaxed.variables(f"{rows.name}: beyond", rows.axes, cost=weight)
        relaxed.add_terms(rows, missing, 1.0)
        relaxed.add_terms(rows, beyond, -1.0)
        given[rows.name] = missing, beyond
    solution = Session(relaxed, method).solve()
    total = max(0.0, solution.objective)
    by_row = {
        name: np.asarray(solution.value(missing) - solution.value(beyond)) for name, (missing, beyond) in given.items()
    }
    return Violation(total, by_row, solution)
