"""The bare problem: what is left of a plan when only limits to be held are asked for, and nothing is priced.

Whether a plan exists does not depend on most of it. Orders of elements that no limit speaks of can be nothing, and a
requirement that no target speaks of can be missed. Without both the program is small enough to be solved many times;
it has a solution exactly where the whole coarse program has one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from article3.gap.forces import Ints
from article3.plan import coverage, goals, ordering
from article3.plan.coarse import coarse
from article3.plan.decide import Wanted
from article3.plan.goals import Held, carried, hold
from article3.plan.judged import Judged
from article3.plan.make import Asked
from article3.plan.problem import Problem, narrowed, problem
from article3.program import Program, Session, Solution, SolveError, Status
from article3.scenario.plan_schema import Plan

FAMILIES: Final = ("people", "commitment", "money", "lines", "lead_times")
"""Families of limits that can clash with what is asked, in the order in which they are tried without: what can be
spared first is no part of the clash, so that lead times are named where they clash by themselves."""
_MET: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Bare:
    """Limits to be held, and the problem in which they are to be.

    Parameters
    ----------
    given
        The coarse problem.
    held
        Goals that are limits, as the program holds them.
    wanted
        Targets with the place of the first year judged in which they hold.
    """

    given: Problem
    held: tuple[Held, ...]
    wanted: Wanted

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the blocks of rows of all that is asked: goals, then targets."""
        targets = (f"target: {target.contingency} {target.window_days}" for target, _ in self.wanted)
        return (*(item.name for item in self.held), *targets)

    def only(self, kept: tuple[str, ...]) -> Bare:
        """Return what is left of it when only some of what is asked is kept, by name."""
        names = self.names
        held = tuple(item for item, name in zip(self.held, names, strict=False) if name in kept)
        wanted = tuple(item for item, name in zip(self.wanted, names[len(self.held) :], strict=True) if name in kept)
        return Bare(self.given, held, wanted)


def bare(asked: Asked) -> Bare:
    """Return the limits of a question; goals that are priced limit nothing."""
    given = asked.coarse
    held = tuple(item for item in asked.held if not item.soft) if given.keeps("goals") else ()
    return Bare(given, held, asked.wanted if given.keeps("targets") else ())


def with_limits(asked: Asked, settings: Plan) -> Asked:
    """Return the question with other shares, levels or readings of what is asked, everything else as it was read."""
    if settings == asked.settings:
        return asked
    given = replace(asked.given, settings=settings)
    small = replace(asked.coarse, settings=settings)
    goals_ = [hold(small, goal) for goal in settings.goals] if small.keeps("goals") else []
    years = np.array(small.judged.years)
    wanted = tuple((target, int(np.argmax(years >= target.by))) for target in settings.targets)
    return replace(
        asked, settings=settings, given=given, coarse=small, held=tuple(item for item, _ in goals_),
        hopeless=tuple(item for _, item in goals_), wanted=wanted,
    )  # fmt: skip


def with_lines(asked: Asked, elements: Ints, factor: float = 1.0, sooner: int = 0) -> Asked:
    """Return the question with lines of some elements faster, or with shorter lead times.

    Parameters
    ----------
    asked
        What is asked.
    elements
        Places of the elements.
    factor
        Times the units a year.
    sooner
        Years by which lead times are shorter, one year at least left.
    """
    if factor == 1.0 and not sooner:
        return asked
    given = faster(bare(replace(asked, coarse=asked.given)), elements, factor, sooner).given
    return replace(asked, given=given, coarse=coarse(given))


def faster(asked: Bare, elements: Ints, factor: float = 1.0, sooner: int = 0) -> Bare:
    """Return the bare question with lines changed as by :func:`with_lines`."""
    given, items = asked.given, asked.given.items
    mine = np.isin(items.line_element, elements)
    if factor != 1.0:
        given = replace(
            given, items=replace(items, capacity=np.where(mine[:, None], items.capacity * factor, items.capacity))
        )
    if sooner:
        given = _leads(given, np.where(mine, np.maximum(items.lead - sooner, np.minimum(items.lead, 1)), items.lead))
    return replace(asked, given=given)


def _leads(given: Problem, lead: Ints) -> Problem:
    """Return the problem with other lead times: other orders come within its years."""
    items, earlier = replace(given.items, lead=lead), (given.begun, given.owed)
    return problem(given.settings, given.means, items, given.buyers, given.judged, earlier)


def unmet(given: Problem, item: Held) -> Ints:
    """Return the places among a goal's rows that are not carried to its level without the plan."""
    level = 1.0 if item.goal.of == "mean" else item.level
    return np.nonzero(carried(given, item.goal, item.year)[item.rows] < level - _MET)[0]


def elements_of(asked: Bare) -> Ints:
    """Return the elements that could bring what is asked and is not there."""
    form = asked.given.judged.form
    found: list[Ints] = [np.zeros(0, dtype=np.int64)]
    for item in asked.held:
        rows = item.rows[unmet(asked.given, item)]
        found.append(rows if item.goal.of == "inventory" else form.var_element[np.isin(form.var_need, rows)])
    for target, _ in asked.wanted:
        found.append(form.var_element[np.isin(form.var_need, coverage.target_needs(asked.given, target))])
    return np.unique(np.concatenate(found))


def build(asked: Bare, off: frozenset[str] = frozenset()) -> Program | None:
    """Return the bare program, without some families; none where everything asked is there already.

    Parameters
    ----------
    asked
        What is asked.
    off
        Families of :data:`FAMILIES` that are left out.
    """
    given = asked.given
    if "lead_times" in off:
        given = _leads(given, np.zeros_like(given.items.lead))
    held = tuple(item for item in (_needed(given, item) for item in asked.held) if len(item.rows))
    if not held and not asked.wanted:
        return None
    useful = np.isin(given.pair_element[given.order_pair], elements_of(asked))
    if not useful.any():
        useful[:1] = True  # a program of nothing is none; an order that helps nobody changes no answer
    given = narrowed(given, useful)
    program = Program("impossible")
    ordering.orders(program, given)
    ordering.balance(program, given)
    ordering.spending(program, given)
    means = {
        "lines": (ordering.lines, "lines"), "money": (ordering.envelope, "money"),
        "commitment": (ordering.commitment, "commitment"), "people": (ordering.people, "people"),
    }  # fmt: skip
    for family, (add, name) in means.items():
        if family not in off and given.keeps(name):
            add(program, given)
    coverage.fielded(program, given)
    goals.goals(program, given, held)
    if asked.wanted:
        part = replace(given, judged=_of_targets(given, asked.wanted))
        coverage.coverage(program, part)
        coverage.targets(program, part, asked.wanted)
    return program


def solved(program: Program | None) -> Solution | None:
    """Return the solution of a bare program, or none where it has none.

    Raises
    ------
    SolveError
        The solver does not say whether there is one.
    """
    if program is None:
        return None
    solution = Session(program.feasibility()).solve()
    if solution.status in (Status.INFEASIBLE, Status.INFEASIBLE_OR_UNBOUNDED):
        return None
    if not solution.optimal:
        raise SolveError(f"Whether a plan exists is not known: {solution}.")
    return solution


def possible(asked: Bare, off: frozenset[str] = frozenset()) -> bool:
    """Return whether a plan exists, without some families of limits."""
    program = build(asked, off)
    return program is None or solved(program) is not None


def clash(asked: Bare) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return an irreducible conflict: what is asked, and families of limits; without any one of these a plan exists.

    A deletion filter (Chinneck and Dravnieks, ORSA Journal on Computing 3, 1991) over families and what is asked,
    because the solver's own irreducible sets cannot be relied on. What is asked must have no solution.
    """
    off: frozenset[str] = frozenset()
    for family in FAMILIES:
        if not possible(asked, off | {family}):
            off |= {family}
    kept = asked.names
    for name in asked.names:
        rest = tuple(other for other in kept if other != name)
        if rest and not possible(asked.only(rest), off):
            kept = rest
    return kept, tuple(family for family in FAMILIES if family not in off)


def _needed(given: Problem, item: Held) -> Held:
    """Return a goal with the rows that are not held already; a mean needs them all."""
    if item.goal.of == "mean":
        return item
    rows = unmet(given, item)
    return replace(item, rows=item.rows[rows], level=item.level[rows])


def _of_targets(given: Problem, wanted: Wanted) -> Judged:
    """Return what is judged with the needs of targets only."""
    seen, form = given.judged, given.judged.form
    needs = np.unique(np.concatenate([coverage.target_needs(given, target) for target, _ in wanted]))
    uses = np.isin(form.var_need, needs)
    supply = np.unique(form.var_supply[uses])
    added = np.isin(seen.add_row, supply)
    return replace(
        seen,
        form=replace(
            form,
            var_supply=_place(supply, form.var_supply[uses]),
            var_need=_place(needs, form.var_need[uses]),
            var_element=form.var_element[uses],
            supply_cell=form.supply_cell[supply],
            supply_class=form.supply_class[supply],
            supply_element=form.supply_element[supply],
            need_cell=form.need_cell[needs],
            need_contingency=form.need_contingency[needs],
            need_capability=form.need_capability[needs],
            whole=form.whole[supply],
        ),
        scale=seen.scale[supply],
        per_use=seen.per_use[uses],
        weights=seen.weights[needs],
        base=seen.base[:, supply],
        european=seen.european[:, supply],
        add_row=_place(supply, seen.add_row[added]),
        add_class=seen.add_class[added],
        add_units=seen.add_units[added],
    )


def _place(kept: Ints, values: Ints) -> Ints:
    return np.searchsorted(kept, values).astype(np.int64)
