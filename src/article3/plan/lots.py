"""Whole lots: the sharing out as a mixed-integer program, in which entering and setting up a line are a yes or a no.

It starts from the linear sharing out: the pairs that order something there, from the same lines, in the same years and
a year before and after. So restricted it is small enough for branch and bound. What the restriction leaves out is
measured against the linear program of the whole stage. Method: ``docs/methods/plan-lots.md``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.errors import Cancelled
from article3.gap.forces import Array, Ints
from article3.plan import apportion, sharing
from article3.plan.apportion import Needs, Sharing
from article3.plan.apportion import _read as read_sharing
from article3.plan.problem import Problem, narrowed
from article3.program import Program, Session, Solution, SolveError, Status
from article3.program.blocks import Block
from article3.program.solution import Point, relative_gap

TIME_LIMIT: Final = 60.0
"""Seconds for all solves together."""
GAP: Final = 0.01
"""Gap at which the search ends."""
_LINEAR: Final = 0.3
"""Part of the time for the linear bound."""
_TOTALS: Final = 0.25
"""Part of the time for the first step of the start, lots in all by pair."""
_TIMES: Final = 0.15
"""Part of the time for its second step, when they are ordered."""
_SEARCH: Final = 5.0
"""Seconds that the search has at least: with less there may be no plan at all."""
_LEAST: Final = 1e-6
_HALF: Final = 0.5
Stop = Callable[[], bool]
Left = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Whole(Sharing):
    """Who orders what, in whole lots; ``solution`` has the bound and the gap, and is an incumbent if it was stopped.

    Parameters
    ----------
    linear
        Least objective with parts of lots, free entry, and every buyer and order that the stage allows; no plan in
        whole lots can be below it. Minus infinity if it was stopped before that was known.
    eased
        Largest part of a supply that a target holds firm which falls short, because lots are whole.
    seconds
        Wall clock of all solves.
    """

    linear: float
    eased: float
    seconds: float

    @property
    def linear_gap(self) -> float:
        """Distance of the objective and the linear bound over the objective."""
        return relative_gap(self.solution.objective, self.linear)

    def said(self) -> str:
        """Return in words how good the plan is known to be."""
        ended = {
            Status.TIME_LIMIT: ", when the time was up",
            Status.INTERRUPTED: ", when it was stopped: the best plan found until then",
        }.get(self.solution.status, "")
        return (
            f"Whole lots: {_within(self.solution.gap)} of the best for the buyers and years chosen, after "
            f"{self.seconds:.0f} s{ended}; {_within(self.linear_gap)} of the least with parts of lots."
        )


def _within(gap: float) -> str:
    return f"within {gap:.1%}".replace("%", " %") if np.isfinite(gap) else "at a distance not known"


def whole_lots(
    given: Problem,
    needs: Needs,
    shared: Sharing,
    time_limit: float = TIME_LIMIT,
    stop: Stop | None = None,
    gap: float = GAP,
) -> Whole:
    """Share out again what the least-cost plan needs, in whole lots.

    Parameters
    ----------
    given
        The problem, with all possible orders.
    needs
        What is to be shared out.
    shared
        The linear sharing out of it.
    time_limit
        Seconds for all solves together.
    stop
        Asked now and then; ends the search with the best plan found.
    gap
        At which the search ends before its time.

    Raises
    ------
    Cancelled
        It was stopped before there was a plan in whole lots.
    SolveError
        There is no plan in whole lots, or none was found in time.
    """
    began = time.perf_counter()

    def left(part: float) -> float:
        return max(min(part * time_limit, time_limit - (time.perf_counter() - began)), 0.1)

    open_ = _around(needs.used > _LEAST)
    wide = in_whole(narrowed(given, open_[given.order_line, given.order_year]))
    chosen, linear = _chosen(wide, needs, shared, left, stop)
    program = build(chosen, needs, "ordered")
    session = session_of(program, chosen, gap)
    start, bound = _start(program, chosen, needs, left, stop)
    if start is not None:
        session.start_from(start.columns)
    solution = session.solve(max(left(1.0), _SEARCH), stop)
    if solution.point is None and solution.status in (Status.INTERRUPTED, Status.TIME_LIMIT):
        solution = replace(solution, point=start)
    if solution.point is None:
        _nothing(solution, time_limit)
    # The program of totals and the linear one leave out some of the conditions: their bounds hold here too.
    solution = replace(solution, bound=max(solution.bound, bound, linear))
    return _read(chosen, needs, program, solution, linear, time.perf_counter() - began)


def _nothing(solution: Solution, seconds: float) -> None:
    if solution.status is Status.INTERRUPTED:
        raise Cancelled("The work was stopped before there was a plan in whole lots; nothing was written.")
    if solution.status is Status.TIME_LIMIT:
        raise SolveError(f"No plan in whole lots was found within {seconds:g} s. Give it more time, or leave lots out.")
    raise SolveError(
        f"There is no plan in whole lots (the solve ended as {solution.status.value}): a goal that is a limit, people "
        f"or money leave no room for them. Leave lots out, or make the limit a goal."
    )


def in_whole(given: Problem) -> Problem:
    """Return the problem with lines that make whole lots: what each can make up to a year, rounded to the nearest lot.

    A line of 0.7 lots a year takes an order in two years out of three; it is never more than half a lot ahead.
    """
    lot = given.items.lot[given.items.line_element][:, None]
    made = np.floor(np.cumsum(given.items.capacity / lot, axis=1) + 0.5)
    return replace(given, items=replace(given.items, capacity=np.diff(made, axis=1, prepend=0.0) * lot))


def build(given: Problem, needs: Needs, whole: str = "") -> Program:
    """Return the program of sharing out with entering as a decision.

    Parameters
    ----------
    given, needs
        The problem and what is to be shared out.
    whole
        Block that comes in whole lots: ``ordered``, or ``of_pair`` for the lots of a pair over all years. Without one
        the program is linear, and entering is free.
    """
    program = apportion.build(given, needs, np.zeros(len(given.pair_buyer)))
    if whole:
        in_lots(program, whole)
        if "set_up" in program.blocks:
            in_lots(program, "set_up")
        entering(program, given)
    return program


def in_lots(program: Program, name: str) -> None:
    """Add that a block of variables comes in whole numbers. Block ``whole name``, rows ``whole of name``."""
    block = program.column_block(name)
    count = program.variables(f"whole {name}", block.axes, integer=True)
    rows = program.rows(f"whole of {name}", block.axes, lower=0.0, upper=0.0)
    program.add_terms(rows, block, 1.0)
    program.add_terms(rows, count, -1.0)


def entering(program: Program, given: Problem) -> None:
    """Add what entering costs, paid once and wholly, in the year of the first order.

    ::

        ordered(p, l, t) <= what the line can take x sum of enters(p, tau) over tau <= t
        sum over years of enters(p, tau) <= 1

    Block ``enters`` (pairs that pay x T), 0 or 1; rows ``entry``, ``once``.
    """
    due = sharing.entering(given)
    pairs = np.nonzero(due > 1e-9)[0]
    if not len(pairs):
        return
    span = given.items.capacity.shape[1]
    axes = {"pair": pairs.tolist(), "year": given.years[:span]}
    enters = program.variables("enters", axes, upper=1.0, integer=True).index
    program.add_terms(program.rows("once", {"pair": pairs.tolist()}, upper=1.0).index[:, None], enters, 1.0)
    spending = program.row_block("spending").index[given.pair_buyer[pairs], :span]
    program.add_terms(spending, enters, -due[pairs][:, None])
    orders = np.nonzero(due[given.order_pair] > 1e-9)[0]
    most = (given.items.capacity[given.order_line, given.order_year] / given.lot[given.order_pair])[orders]
    rows = program.rows("entry", {"order": orders.tolist()}, upper=0.0).index
    program.add_terms(rows, program.column_block("ordered").index[orders], 1.0)
    order, year = np.nonzero(np.arange(span)[None, :] <= given.order_year[orders][:, None])
    pair = np.searchsorted(pairs, given.order_pair[orders[order]])
    program.add_terms(rows[order], enters[pair, year], -most[order])


def _around(used: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the years used, and those before and after them, along the last axis."""
    near = used.copy()
    near[..., 1:] |= used[..., :-1]
    near[..., :-1] |= used[..., 1:]
    return near


def _lacking(wide: Problem, ordered: Array, shared: Sharing) -> Array:
    """Return the orders of the linear program of the whole stage for elements that the linear plan has too few of.

    It strikes out what is less than half a lot of a pair: of what is needed in ones and twos nothing may be left.
    """
    count = len(wide.items.elements)
    wanted, there = (
        np.bincount(given.items.line_element[given.order_line], weights=lots, minlength=count)
        for given, lots in ((wide, ordered), (shared.given, shared.ordered))
    )
    few = wanted - there > _HALF
    return np.where(few[wide.items.line_element[wide.order_line]], ordered, 0.0)


def _near(wide: Problem, *plans: tuple[Problem, Array]) -> Problem:
    """Return the problem with the orders of some plans only, and those a year before and after."""
    used = np.zeros((len(wide.buyers.codes), *wide.items.capacity.shape), dtype=bool)
    for given, ordered in plans:
        mine = ordered > _LEAST
        used[given.pair_buyer[given.order_pair[mine]], given.order_line[mine], given.order_year[mine]] = True
    near = _around(used)[wide.pair_buyer[wide.order_pair], wide.order_line, wide.order_year]
    return narrowed(wide, near if near.any() else np.ones(len(near), dtype=bool))


def _numbers(block: Block) -> Ints:
    return np.array(block.axes["pair"], dtype=np.int64)


def session_of(program: Program, given: Problem, gap: float) -> Session:
    """Return a session in which the caps on one Ally are rounded up to whole lots.

    of_pair <= 1 + cap x (of_element - 1): the first lot of an element is open to anybody, the cap is on the rest.
    """
    session = Session(program, "ipx", gap=gap)
    if "challenge" in program.blocks:
        rows = program.row_block("challenge")
        session.set_row_bounds(rows, upper=1.0 - sharing.caps(given)[_numbers(rows)])
    return session


def _chosen(wide: Problem, needs: Needs, shared: Sharing, left: Left, stop: Stop | None) -> tuple[Problem, float]:
    """Return the problem with the orders to choose from, and the least objective of the linear program of the stage."""
    program = build(wide, needs)
    session = session_of(program, wide, GAP)
    solution = session.solve(left(_LINEAR), stop)
    if not solution.optimal:
        return _near(wide, (shared.given, shared.ordered)), -np.inf
    lacking = _lacking(wide, solution.value(program.column_block("ordered")), shared)
    chosen = _near(wide, (shared.given, shared.ordered), (wide, lacking))
    if "challenge" in program.blocks:
        # Where fewer can field an element, their caps rise: the bound must leave them the same room.
        rows, count = program.row_block("challenge"), len(wide.items.elements)
        caps = np.zeros(len(wide.buyers.codes) * count)
        for given in (wide, chosen):
            np.maximum.at(caps, given.pair_buyer * count + given.pair_element, sharing.caps(given))
        pairs = _numbers(rows)
        cap = caps[(wide.pair_buyer * count + wide.pair_element)[pairs]]
        of_element = program.column_block("of_element").index[wide.pair_element[pairs]]
        session.set_coefficients(rows.index, of_element, -cap)
        session.set_row_bounds(rows, upper=1.0 - cap)
        solution = session.solve(left(_LINEAR), stop, "simplex")
    return chosen, solution.objective if solution.optimal else -np.inf


def _start(program: Program, given: Problem, needs: Needs, left: Left, stop: Stop | None) -> tuple[Point | None, float]:
    """Return a plan to start from, if one was found, and a bound: first how many lots in all, then when.

    Rounding the linear plan does not do: it breaks the caps on one Ally.
    """
    rough = build(given, needs, "of_pair")
    totals = session_of(rough, given, GAP / 2).solve(left(_TOTALS), stop)
    if totals.point is None:
        return None, totals.bound
    lots = np.round(totals.value(rough.column_block("of_pair")))
    session = session_of(program, given, GAP / 2)
    session.set_bounds(program.column_block("of_pair"), lower=lots, upper=lots)
    return session.solve(left(_TIMES), stop).point, totals.bound


def _read(given: Problem, needs: Needs, program: Program, solution: Solution, linear: float, seconds: float) -> Whole:
    due = sharing.entering(given)
    found = read_sharing(given, program, solution, np.zeros(len(due)), due, solution.objective)
    paid = np.zeros(len(due))
    if "enters" in program.blocks:
        enters = program.column_block("enters")
        pairs = _numbers(enters)
        paid[pairs] = due[pairs] * np.round(solution.value(enters)).sum(axis=1)
    _, row = np.nonzero(needs.units / given.judged.scale > 1e-7)
    short = solution.value(program.column_block("short"))[needs.firm[row]]
    return Whole(
        **{item.name: getattr(found, item.name) for item in fields(Sharing)}
        | {
            "ordered": np.round(found.ordered),
            "entry_paid": paid,
            "set_up": {name: float(np.round(part)) for name, part in found.set_up.items()},
        },
        linear=linear,
        eased=float(short.max(initial=0.0)),
        seconds=seconds,
    )
