"""Constraint families of what orders are for: coverage of requirements, and attainments to reach."""

from __future__ import annotations

from typing import Final

import numpy as np

from article3.gap.forces import WINDOWS, Array, Ints
from article3.gap.margin import essential
from article3.plan.problem import Problem
from article3.program import Program
from article3.scenario.plan_schema import Target

PIECES: Final = 4
"""Pieces of the square of a missing coverage; results are judged again by the gap's own models with eight."""
TRACE: Final = 1e-7
"""Cost of using a whole row of supply, so that idle units stay idle."""


def slopes() -> Array:
    """Return the slope of the square on each piece: chords that touch it at the ends."""
    return np.asarray((2 * np.arange(PIECES) + 1) / PIECES)


def risk_costs(given: Problem) -> Array:
    """Return what a missing piece of coverage adds to risk, (Q, U, pieces): averaged over windows and years."""
    weight = given.judged.year_weights[:, None] * given.judged.weights[None, :] / len(WINDOWS)
    return np.asarray(weight[:, :, None] * slopes())


def fielded(program: Program, given: Problem) -> None:
    """Add what each class of buyers fields of each element in the years judged, in lots.

    Members of a class have the same reach, so that risk depends on their sum only. Blocks ``fielded`` (G x Q).
    """
    klass, pair_of = class_groups(given)
    program.variables("fielded", {"group": range(len(klass)), "year": given.judged.years})
    rows = program.rows(
        "class_sum", {"group": range(len(klass)), "year": given.judged.years}, lower=0.0, upper=0.0
    ).index
    program.add_terms(rows, program.column_block("fielded").index, 1.0)
    places = given.place(given.judged.years)
    program.add_terms(rows[pair_of], program.column_block("added").index[:, places], -1.0)


def class_groups(given: Problem) -> tuple[Ints, Ints]:
    """Return class times elements plus element of each group, and the group of each pair."""
    code = given.buyers.klass[given.pair_buyer] * len(given.items.elements) + given.pair_element
    klass, place = np.unique(code, return_inverse=True)
    return klass, place.reshape(-1)


def coverage(program: Program, given: Problem) -> None:
    """Add coverage of every requirement in every year judged.

    ::

        sum of uses of a row of supply <= (what is there + what the plan adds) / scale
        sum of uses x what they cover + missing >= 1,    missing in pieces of 1/4

    Risk is psi = sum of year weight x weight x omega / sum of omega x missing^2, by pieces, over windows. Blocks
    ``use`` (Q x V), ``missing`` (Q x U x pieces); rows ``supply`` (Q x R), ``need`` (Q x U).
    """
    seen, years = given.judged, given.judged.years
    form = seen.form
    use = program.variables("use", {"year": years, "use": range(len(form.var_supply))}, cost=TRACE).index
    missing = program.variables(
        "missing",
        {"year": years, "need": range(len(form.need_cell)), "piece": range(PIECES)},
        upper=1.0 / PIECES,
        cost=risk_costs(given),
    ).index
    supply = program.rows("supply", {"year": years, "row": range(len(seen.scale))}, upper=seen.base / seen.scale).index
    need = program.rows("need", {"year": years, "need": range(len(form.need_cell))}, lower=1.0).index
    program.add_terms(supply[:, form.var_supply], use, 1.0)
    program.add_terms(need[:, form.var_need], use, seen.per_use)
    program.add_terms(need[:, :, None], missing, 1.0)
    _add_supply(program, given, supply)


def _add_supply(program: Program, given: Problem, supply: Ints) -> None:
    """Add to each row of supply what the plan fields."""
    seen = given.judged
    klass, _ = class_groups(given)
    element = seen.form.supply_element[seen.add_row]
    group = place_of(klass, seen.add_class * len(given.items.elements) + element)
    known = group >= 0
    units = seen.add_units[known] * given.items.lot[element[known]] / seen.scale[seen.add_row[known]]
    large = units > 1e-9
    rows, which = seen.add_row[known][large], group[known][large]
    program.add_terms(supply[:, rows], program.column_block("fielded").index[which].T, -units[large])


def place_of(values: Ints, wanted: Ints) -> Ints:
    """Return the place of wanted numbers among ascending values; -1 where they are not among them."""
    at = np.searchsorted(values, wanted)
    at = np.minimum(at, len(values) - 1)
    return np.asarray(np.where(values[at] == wanted, at, -1), dtype=np.int64)


def targets(program: Program, given: Problem, wanted: tuple[tuple[Target, int], ...]) -> None:
    """Add attainments to reach: the missing part of every essential requirement is at most 1 - level, from a year on.

    Parameters
    ----------
    program, given
        The program and the problem.
    wanted
        Targets with the place of the first year judged in which they hold.
    """
    missing = program.column_block("missing").index
    for target, year in wanted:
        needs = target_needs(given, target)
        rows = program.rows(
            f"target: {target.contingency} {target.window_days}",
            {"year": given.judged.years[year:], "need": needs.tolist()},
            upper=1.0 - target.level,
        ).index
        program.add_terms(rows[:, :, None], missing[year:, needs, :], 1.0)


def target_needs(given: Problem, target: Target) -> Ints:
    """Return the essential needs of a contingency alone in a window."""
    form, axes = given.judged.form, given.judged.axes
    cells = [
        place
        for place, cell in enumerate(form.cells)
        if cell.situation == target.contingency and WINDOWS[cell.window] == target.window_days
    ]
    wanted = essential(axes)[form.need_contingency, form.need_capability]
    return np.nonzero(np.isin(form.need_cell, cells) & wanted)[0]
