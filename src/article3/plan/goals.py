"""Goals: the share of requirements that Europe is to carry by a year.

Three readings: of each requirement, of their weighted mean, and of inventories (what Europe and the United States hold
together). A goal is priced; a limit (``hard``) is not. What no line could deliver by the date is left out and named.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from article3.domain import capability
from article3.gap.forces import GROUPS, WINDOWS, Array, Ints
from article3.plan.coverage import class_groups, place_of
from article3.plan.problem import Problem
from article3.program import Program
from article3.scenario.plan_schema import Goal


@dataclass(frozen=True, slots=True)
class Held:
    """A goal as a program holds it.

    Parameters
    ----------
    goal
        The goal.
    year
        Place of its year among the years judged.
    rows
        Needs it speaks of; elements, where it is of inventories.
    level
        Share to carry of each, less what is carried without the plan is the row's lower bound.
    soft
        Whether falling short is allowed, at the goal's price.
    """

    goal: Goal
    year: int
    rows: Ints
    level: Array
    soft: bool

    @property
    def name(self) -> str:
        """Name of its block of rows."""
        return f"goal: {self.goal.goal}"

    @property
    def short(self) -> str:
        """Name of the block of what falls short."""
        return f"short: {self.goal.goal}"


def year_of(given: Problem, goal: Goal) -> int:
    """Return the place of the last year judged that is not after a goal's."""
    years = np.array(given.judged.years)
    return int(np.nonzero(years <= max(goal.by, years[0]))[0][-1])


def rows_of(given: Problem, goal: Goal) -> Ints:
    """Return what a goal speaks of: needs of contingencies alone, or elements where it is of inventories."""
    form, axes = given.judged.form, given.judged.axes
    if goal.of == "inventory":
        names = goal.capabilities or tuple(axes.capabilities)
        wanted = {axes.of("element", capability(name).element) for name in names}
        return np.array(sorted(wanted), dtype=np.int64)
    alone = np.array([len(cell.contingencies) == 1 for cell in form.cells])[form.need_cell]
    names_ = np.array(axes.capabilities)[form.need_capability]
    cases = np.array([item.id for item in axes.contingencies])[form.need_contingency]
    wanted_ = alone & (np.isin(names_, goal.capabilities) if goal.capabilities else True)
    return np.nonzero(wanted_ & (np.isin(cases, goal.contingencies) if goal.contingencies else True))[0]


def carried(given: Problem, goal: Goal, year: int) -> Array:
    """Return the share Europe carries without the plan of all a goal may speak of: needs (U,) or elements (E,)."""
    if goal.of == "inventory":
        ours, theirs = _inventories(given, year)
        return np.divide(ours, ours + theirs, out=np.ones_like(ours), where=ours + theirs > 0)
    return european_share(given, year)


def _inventories(given: Problem, year: int) -> tuple[Array, Array]:
    """Return what European holders and the United States hold in a year judged, by element."""
    axes, holdings = given.judged.axes, given.judged.holdings[year]
    return (
        holdings[axes.group == GROUPS.index("europe")].sum(axis=0),
        holdings[axes.group == GROUPS.index("usa")].sum(axis=0),
    )


def european_share(given: Problem, year: int) -> Array:
    """Return what European holders could give of each requirement without the plan, as a fraction of it, (U,)."""
    seen = given.judged
    parts = seen.per_use * (seen.european[year] / seen.scale)[seen.form.var_supply]
    return np.bincount(seen.form.var_need, weights=parts, minlength=len(seen.form.need_cell)).astype(np.float64)


def reachable(given: Problem, goal: Goal, year: int) -> Array:
    """Return the most Europe could carry by a goal's year if all that lines can deliver by then went to it alone.

    An upper bound: every unit of every element goes to the one need, through the European class that reaches it best.
    """
    items, seen = given.items, given.judged
    when = seen.years[year] - given.years[0]
    years = np.arange(items.capacity.shape[1])
    in_time = years[None, :] + items.lead[:, None] <= when
    units = np.bincount(
        items.line_element, weights=(items.capacity * in_time).sum(axis=1), minlength=len(items.elements)
    )
    if goal.of == "inventory":
        ours, theirs = _inventories(given, year)
        total = ours + units + theirs
        return np.divide(ours + units, total, out=np.ones_like(ours), where=total > 0)
    mine = np.isin(seen.add_class, seen.european_class)
    best = np.zeros(len(seen.scale))
    np.maximum.at(best, seen.add_row[mine], seen.add_units[mine])
    parts = seen.per_use * (best * units[seen.form.supply_element] / seen.scale)[seen.form.var_supply]
    added = np.bincount(seen.form.var_need, weights=parts, minlength=len(seen.form.need_cell))
    return np.asarray(european_share(given, year) + added)


def hold(given: Problem, goal: Goal) -> tuple[Held, NDArray[np.bool_]]:
    """Return a goal as the program holds it, and which of its rows no line could reach by its year.

    A limit is held as it stands: if it cannot be reached, the plan is impossible and says so.
    """
    year = year_of(given, goal)
    rows = rows_of(given, goal)
    hopeless = reachable(given, goal, year)[rows] < goal.share - 1e-9
    kept = rows if goal.hard or goal.of == "mean" else rows[~hopeless]
    return Held(goal, year, kept, np.full(len(kept), goal.share), not goal.hard), hopeless


def goals(program: Program, given: Problem, held: tuple[Held, ...]) -> None:
    """Add shares of requirements that Europe is to carry.

    ::

        (what European holders could give, all their units to this one task + additions) / requirement + short >= share

    in fractions of the requirement; of inventories, additions x (1 - share) + short >= share x (Europe + United States)
    - Europe, in shares of that sum; of the mean, carried(n) <= 1 and <= the first line, and the mean of carried by
    weight >= share. Rows ``goal: name``, blocks ``short: name``.
    """
    for item in held:
        if not len(item.rows):
            continue
        if item.goal.of == "mean":
            _mean(program, given, item)
            continue
        row, group, units, base = _additions(given, item)
        rows = program.rows(item.name, {"row": item.rows.tolist()}, lower=item.level - base).index
        program.add_terms(rows[row], program.column_block("fielded").index[group, item.year], units)
        if item.soft:
            short = program.variables(item.short, {"row": item.rows.tolist()}, upper=1.0, cost=prices(given, item))
            program.add_terms(rows, short.index, 1.0)


def prices(given: Problem, item: Held) -> Array:
    """Return what a whole requirement missed costs beside the risk, by row of a goal."""
    if item.goal.of == "requirement":
        return np.asarray(item.goal.price * given.judged.weights[item.rows] / len(WINDOWS))
    if item.goal.of == "mean":
        return np.full(1, item.goal.price)
    return np.full(len(item.rows), item.goal.price / max(len(item.rows), 1))


def _mean(program: Program, given: Problem, item: Held) -> None:
    row, group, units, base = _additions(given, item)
    names = item.rows.tolist()
    part = program.variables(f"carried: {item.goal.goal}", {"row": names}, upper=1.0).index
    rows = program.rows(f"carried of: {item.goal.goal}", {"row": names}, upper=base).index
    program.add_terms(rows, part, 1.0)
    program.add_terms(rows[row], program.column_block("fielded").index[group, item.year], -units)
    weight = given.judged.weights[item.rows]
    whole = program.rows(item.name, {"mean": ["mean"]}, lower=float(item.level.mean())).index
    program.add_terms(np.broadcast_to(whole, part.shape), part, weight / weight.sum())
    if item.soft:
        short = program.variables(item.short, {"mean": ["mean"]}, upper=1.0, cost=prices(given, item)[:1])
        program.add_terms(whole, short.index, 1.0)


def _additions(given: Problem, item: Held) -> tuple[Ints, Ints, Array, Array]:
    """Return what a lot of each European group adds to each row of a goal (place, group, share), and the base."""
    if item.goal.of == "inventory":
        ours, theirs = _inventories(given, item.year)
        total = np.maximum(ours + theirs, 1e-9)[item.rows]
        klass, _ = class_groups(given)
        element, which = klass % len(given.items.elements), klass // len(given.items.elements)
        place, group = np.nonzero(
            (item.rows[:, None] == element[None, :]) & np.isin(which, given.judged.european_class)[None, :]
        )
        units = given.items.lot[item.rows[place]] * (1 - item.goal.share) / total[place]
        # Additions raise the sum too: the base is measured so that the row still reads share carried >= level.
        base = item.goal.share + (ours[item.rows] * (1 - item.goal.share) - item.goal.share * theirs[item.rows]) / total
        return place, group, units, base
    row, group, units = european_additions(given, item.rows)
    return row, group, units, european_share(given, item.year)[item.rows]


def european_additions(given: Problem, needs: Ints) -> tuple[Ints, Ints, Array]:
    """Return what a lot of each European group adds to each of some needs: place among them, group, fraction."""
    seen, form = given.judged, given.judged.form
    klass, _ = class_groups(given)
    mine = np.isin(seen.add_class, seen.european_class)
    add_row, add_class = seen.add_row[mine], seen.add_class[mine]
    units = seen.add_units[mine] * given.items.lot[form.supply_element[add_row]] / seen.scale[add_row]
    place = {int(need): number for number, need in enumerate(needs)}
    order = np.argsort(add_row, kind="stable")
    starts = np.searchsorted(add_row[order], np.arange(len(seen.scale) + 1))
    rows, found, values = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0)]
    for use in np.nonzero(np.isin(form.var_need, needs))[0]:
        supply = form.var_supply[use]
        here = order[starts[supply] : starts[supply + 1]]
        group = place_of(klass, add_class[here] * len(given.items.elements) + form.var_element[use])
        value = units[here] * seen.per_use[use]
        good = (group >= 0) & (value > 1e-9)
        rows.append(np.full(int(good.sum()), place[int(form.var_need[use])], dtype=np.int64))
        found.append(group[good])
        values.append(value[good])
    return np.concatenate(rows), np.concatenate(found), np.concatenate(values)


def potential(given: Problem, fielded: Array, year: int) -> Array:
    """Return what Europe could carry of each requirement in a year judged with the plan, as a fraction, (U,).

    Parameters
    ----------
    given
        The problem.
    fielded
        Units added by class and element in that year, (classes, E).
    year
        Place among the years judged.
    """
    seen = given.judged
    ours = np.zeros_like(fielded)
    ours[seen.european_class] = fielded[seen.european_class]
    element = seen.form.supply_element[seen.add_row]
    added = np.zeros(len(seen.scale))
    np.add.at(added, seen.add_row, ours[seen.add_class, element] * seen.add_units)
    parts = seen.per_use * ((seen.european[year] + added) / seen.scale)[seen.form.var_supply]
    return np.bincount(seen.form.var_need, weights=parts, minlength=len(seen.form.need_cell)).astype(np.float64)
