"""The rule of no surprises: what today covers, and how much of it is kept on another day.

Today's coverage of every requirement is what the gap shows: the assignment of least risk. Where that covers a
requirement wholly, what else there is raises coverage up to 1 + margin. No later day may offer less of any of these,
nor of the attainment of any contingency and window: coverage >= min(today's, 1 + margin), attainment >= today's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.gap.forces import Array, Ints
from article3.gap.layout import Layout
from article3.program import Program, Rows, Session, Variables
from article3.shift.field import Field

PIECES: Final = 4
TOLERANCE: Final = 1e-6
"""What is kept to this part of itself is kept."""


@dataclass(frozen=True, slots=True)
class Floors:
    """What has to be kept. Shapes: U needs, C cells, U' needs of the margin model.

    Parameters
    ----------
    coverage
        Supply over requirement of every need, at most 1 + margin, (U,).
    attainment
        Of every cell, (C,).
    also
        Cells whose attainment the coverages do not already keep: the assignment of least risk leaves the weakest link
        below it, (C,).
    risk
        Risk of every cell today, (C,).
    """

    coverage: Array
    attainment: Array
    also: NDArray[np.bool_]
    risk: Array


def floors(given: Field, margin: float) -> Floors:
    """Return what today keeps.

    Parameters
    ----------
    given
        What arrives today.
    margin
        Coverage above 1 that is kept where it is there.
    """
    units = given.units(0, given.offer)
    risks = given.risk.solve_stock(units)
    reached = given.margin.solve_stock(units[rows_in(given.margin.form, given.form)], names=False).attainment
    coverage = np.where(risks.coverage > 1 - TOLERANCE, 1.0, risks.coverage)
    if margin > 0:
        coverage = coverage + _spare(given, units, coverage, margin)
    weakest = np.full(len(given.form.cells), np.inf)
    essential = _essential(given)
    np.minimum.at(weakest, given.form.need_cell[essential], coverage[essential])
    return Floors(coverage, reached, reached > weakest + TOLERANCE, risks.risk)


def _essential(given: Field) -> Ints:
    """Return the needs that are essential, by place."""
    form, small = given.form, given.margin.form
    pairs = set(zip(small.need_cell.tolist(), small.need_capability.tolist(), strict=True))
    mine = [(int(cell), int(name)) in pairs for cell, name in zip(form.need_cell, form.need_capability, strict=True)]
    return np.nonzero(np.array(mine, dtype=bool))[0]


def _spare(given: Field, units: Array, coverage: Array, margin: float) -> Array:
    """Return coverage above 1 by need, up to the margin, where today covers the need wholly.

    The margin that is missing is squared like risk, so that what is to spare is shared sensibly.
    """
    form, model = given.form, given.risk
    whole = coverage >= 1.0
    program = Program("spare", sense="min")
    use = program.variables("use", {"use": range(len(form.var_supply))}, cost=1e-6)
    slopes = (2 * np.arange(PIECES) + 1) / PIECES
    missing = program.variables(
        "missing",
        {"need": range(len(coverage)), "piece": range(PIECES)},
        upper=np.where(whole, margin / PIECES, 0.0)[:, None],
        cost=model.weights[:, None] * slopes[None, :],
    )
    supply = program.rows("supply", {"supply": range(len(form.supply_cell))}, upper=units / model.scale)
    target = coverage - TOLERANCE * 0.1 + np.where(whole, margin, 0.0)
    need = program.rows("need", {"need": range(len(coverage))}, lower=target)
    program.add_terms(supply.index[form.var_supply], use.index, 1.0)
    program.add_terms(need.index[form.var_need], use.index, model.per_use)
    program.add_terms(need.index[:, None], missing.index, 1.0)
    # What is covered but for rounding lacks that, at a price nothing else is worth.
    rounding = program.variables("rounding", {"need": range(len(coverage))}, upper=2 * TOLERANCE, cost=1e3)
    program.add_terms(need.index, rounding.index, 1.0)
    short = Session(program).solve().value(missing).sum(axis=1)
    return np.where(whole, np.clip(margin - short, 0.0, margin), 0.0)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One way of sharing out what there is: the units of each row of supply among the needs it can serve.

    Parameters
    ----------
    name
        ``coverage``: every need at its floor; ``attainment``: essential needs at today's attainment of their cell.
    var_row, var_need
        Row of supply and need of each use, (V,).
    per_use
        What the scale of its row covers of its need, (V,).
    row
        Place among the field's rows of supply, (R',).
    scale
        Units by which each row is measured, (R',).
    floor, cell, need
        Floor, cell, and place among the field's needs of each need kept, (U',).
    """

    name: str
    var_row: Ints
    var_need: Ints
    per_use: Array
    row: Ints
    scale: Array
    floor: Array
    cell: Ints
    need: Ints

    def stock(self, units: Array) -> Array:
        """Return units by the field's rows of supply, (..., R), as shares of the scale of the rows here, (..., R')."""
        return np.asarray(units[..., self.row] / self.scale)


def assignments(given: Field, kept: Floors) -> tuple[Assignment, ...]:
    """Return the assignments that have to be possible on every day: for coverage, and for attainment where it adds."""
    form, model = given.form, given.risk
    everything = np.arange(len(form.supply_cell), dtype=np.int64)
    found = [
        _assignment(
            "coverage", form, model.per_use, model.scale, everything, kept.coverage, np.arange(len(form.need_cell))
        )
    ]
    small = given.margin
    floor = np.where(kept.also[small.form.need_cell], kept.attainment[small.form.need_cell], 0.0)
    if (floor > 0).any():
        row, need = rows_in(small.form, form), _needs_in(small.form, form)
        found.append(_assignment("attainment", small.form, small.per_use, small.scale, row, floor, need))
    return tuple(found)


def _assignment(
    name: str, form: Layout, per_use: Array, scale: Array, row: Ints, floor: Array, need: Ints
) -> Assignment:
    """Return an assignment without the needs that nothing has to be kept of, and without rows that serve no other."""
    wanted = floor > 0
    used = wanted[form.var_need] & (per_use > 0)
    rows, var_row = np.unique(form.var_supply[used], return_inverse=True)
    needs = np.nonzero(wanted)[0]
    place = np.cumsum(wanted) - 1
    return Assignment(
        name,
        var_row.reshape(-1).astype(np.int64),
        place[form.var_need[used]].astype(np.int64),
        per_use[used],
        row[rows],
        scale[rows],
        floor[needs],
        form.need_cell[needs],
        np.asarray(need[needs], dtype=np.int64),
    )


def rows_in(form: Layout, other: Layout) -> Ints:
    """Return the rows of supply of another form, of the same cells, that stand for the rows of this one."""
    elements = int(max(form.supply_element.max(), other.supply_element.max())) + 1
    place = {code: n for n, code in enumerate((other.supply_cell * elements + other.supply_element).tolist())}
    return np.array([place[code] for code in (form.supply_cell * elements + form.supply_element).tolist()])


def _needs_in(form: Layout, other: Layout) -> Ints:
    names = zip(other.need_cell.tolist(), other.need_capability.tolist(), strict=True)
    place = {name: n for n, name in enumerate(names)}
    mine = zip(form.need_cell.tolist(), form.need_capability.tolist(), strict=True)
    return np.array([place[name] for name in mine])


def assign(program: Program, part: Assignment, days: int) -> tuple[Variables, Rows, Rows]:
    """Add an assignment for every day; the caller bounds its rows of supply and moves its needs.

    ::

        sum of use over needs <= stock / scale        rows ``supply``
        sum of per_use x use >= floor                 rows ``need``
    """
    use = program.variables(f"use, {part.name}", {"day": range(days), "use": range(len(part.var_row))})
    supply = program.rows(f"supply, {part.name}", {"day": range(days), "supply": range(len(part.row))}, upper=np.inf)
    need = program.rows(f"need, {part.name}", {"day": range(days), "need": range(len(part.floor))}, lower=part.floor)
    program.add_terms(supply.index[:, part.var_row], use.index, 1.0)
    program.add_terms(need.index[:, part.var_need], use.index, part.per_use)
    return use, supply, need


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of today's safety is kept on a day.

    Parameters
    ----------
    share
        Largest part of every floor of a cell that can be kept at once, at most 1, (C,).
    binding
        Needs that hold the share of their cell down, all false where everything is kept, (U,).
    """

    share: Array
    binding: NDArray[np.bool_]


class KeptModel:
    """The program that says how much of every floor is kept, built once and solved for many days.

    share of a cell = max theta <= 1 with supply >= theta x floor for every need of the cell at once, and, by an
    assignment of its own, theta x today's attainment for every essential need.

    Parameters
    ----------
    given
        What arrives.
    kept
        The floors.
    excused
        What falls short of them with nobody leaving, by assignment and need: taken off, where there is any.
    """

    def __init__(self, given: Field, kept: Floors, excused: Sequence[Array] = ()) -> None:
        self.given, self.parts = given, assignments(given, kept)
        if excused:
            less = zip(self.parts, excused, strict=True)
            self.parts = tuple(replace(part, floor=np.maximum(part.floor - item, 0.0)) for part, item in less)
        program = Program("kept", sense="max")
        self._share = program.variables("share", {"cell": range(len(given.form.cells))}, upper=1.0, cost=1.0)
        self._rows = []
        for part in self.parts:
            _, supply, need = assign(program, replace(part, floor=np.zeros_like(part.floor)), 1)
            program.add_terms(need.index[0], self._share.index[part.cell], -part.floor)
            self._rows.append((supply, need))
        self._session = Session(program)

    def solve(self, units: Array) -> Kept:
        """Return how much is kept with some units by row of supply, (R,)."""
        for part, (supply, _) in zip(self.parts, self._rows, strict=True):
            self._session.set_row_bounds(supply, upper=part.stock(units)[None, :])
        solution = self._session.solve()
        share = np.clip(solution.value(self._share), 0.0, 1.0)
        share[share > 1 - TOLERANCE] = 1.0
        price = np.zeros(len(self.given.form.need_cell))
        for part, (_, need) in zip(self.parts, self._rows, strict=True):
            np.add.at(price, part.need, np.abs(solution.dual(need)[0]) * part.floor)
        binding = (price > TOLERANCE) & (share < 1)[self.given.form.need_cell]
        return Kept(share, binding)
