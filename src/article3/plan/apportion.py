"""The stage of sharing out: who orders what the least-cost plan needs.

First at least cost, entry included, under the ceilings; then, with a half per cent more, as it suits best. The cost of
entering is a step, which a linear program cannot see; it is put on each lot as entry / lots expected, and the program
is solved again with the lots found until they agree (dynamic slope scaling; Kim and Pardalos, Operations Research
Letters 24, 1999). With whole lots it is a binary decision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.gap.forces import Array
from article3.plan import coverage, goals, ordering, sharing
from article3.plan.goals import Held
from article3.plan.problem import Problem, narrowed
from article3.program import Certificate, Program, Session, Solution, certify

PASSES: Final = 3
ROOM: Final = 0.005
"""Cost given up for fit, as a part of the least."""
DUST: Final = 0.5
"""Lots below which a pair's orders are struck out."""
CARE: Final = 4.0
"""What falls short of the least-cost plan is priced at this many times its worth at the margin."""
ABROAD: Final = 0.5
"""How little it suits, from 0 to 1, to order abroad what is made at home; counts beside fit, where cost is alike."""
UNFAIR: Final = 2.0
"""Billions that a billion beyond the ceiling of fairness costs: more than any saving it brings."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who orders what.

    Parameters
    ----------
    given
        The problem with the orders and pairs that are left.
    ordered, added, spent
        Lots by possible order, lots in service (P, Y), billion 2021 US$ (B, Y).
    paid
        Billion 2021 US$ paid into fleets, by fleet and Ally, (B, N, Y).
    set_up
        Part of each line under licence that is set up, by name.
    entry_paid, entry_due
        Billion 2021 US$ for entering: as the program charged it by lot, and as it is due, (P,).
    unfair
        Billion 2021 US$ beyond the ceiling of fairness, by Ally at the worst check.
    least, cost
        Discounted cost before and after fit, billion 2021 US$.
    solution
        Of the last solve.
    certificate
        Of the last solve.
    """

    given: Problem
    ordered: Array
    added: Array
    spent: Array
    paid: Array
    set_up: dict[str, float]
    entry_paid: Array
    entry_due: Array
    unfair: Array
    least: float
    cost: float
    solution: Solution
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Needs:
    """What is to be shared out: what the least-cost plan needs.

    Parameters
    ----------
    units
        Units the least-cost plan adds, by year judged and row of supply, (Q, R).
    duals
        Billion US$ that a whole scale of each row of supply is worth at the margin of the least-cost plan, (Q, R).
    used
        Lots the least-cost plan orders, by line and year of ordering, (L, T).
    held
        Goals with what the plan reaches of them.
    firm
        Rows of supply on which an attainment to reach rests, (R,).
    """

    units: Array
    duals: Array
    used: Array
    held: tuple[Held, ...]
    firm: NDArray[np.bool_]

    @property
    def price(self) -> Array:
        """Billion US$ that a whole scale of each row of supply costs where it falls short, (Q, R)."""
        return np.asarray(np.maximum(self.duals, 0.0) * CARE + 1e-4)


def share_out(given: Problem, needs: Needs, stop: Callable[[], bool] | None = None) -> Sharing:
    """Share out what the least-cost plan needs.

    Parameters
    ----------
    given
        The problem.
    needs
        What is to be shared out.
    stop
        Asked now and then; when it returns true the orders of the last pass that was finished stand.
    """
    used = needs.used
    # The same lines in the same years, a year before and after: who orders is open, what and when is decided.
    near = used > 1e-6
    near[:, 1:] |= used[:, :-1] > 1e-6
    near[:, :-1] |= used[:, 1:] > 1e-6
    given = narrowed(given, near[given.order_line, given.order_year])
    lots = _expected(given, used)
    for number in range(PASSES):
        due = sharing.entering(given)
        charge = np.divide(due, lots, out=np.zeros_like(due), where=lots > 0)
        program = build(given, needs, charge)
        session = Session(program, "ipx")
        # The first pass is always finished: stopped before it there would be needs, and nobody to order.
        last = session.solve(stop=stop if number else None)
        if number and last.point is None and stop is not None and stop():
            break  # the orders of the pass before stand
        solution, chosen = last, (given, program, charge, due)
        if number + 1 < PASSES:
            found = np.clip(solution.value(program.column_block("of_pair")), 0.0, None)
            # What is less than half a lot in all is no order; the rest is shared out again.
            kept = _kept(given, found, needs)
            given = narrowed(given, kept[given.order_pair])
            lots = np.maximum(found[kept], DUST)
    given, program, charge, due = chosen
    least = solution.objective
    suited = _suited(session, program, given, stop) if last.point else last
    return _read(given, program, suited if suited.point else solution, charge, due, least)


def _kept(given: Problem, found: Array, needs: Needs) -> NDArray[np.bool_]:
    """Return the pairs that order half a lot at least, and enough of the largest to take all under their caps.

    Where all pairs together order less than a lot of an element nothing is kept of it, but for what an attainment to
    reach rests on.
    """
    kept, cap = found >= DUST, sharing.caps(given)
    firm = given.judged.form.supply_element[needs.firm]
    for element in np.unique(given.pair_element):
        mine = np.nonzero(given.pair_element == element)[0]
        if found[mine].sum() < 1.0 and element not in firm:
            continue
        order = mine[np.argsort(-found[mine], kind="stable")]
        before = np.cumsum(cap[order]) - cap[order]
        kept[order[before < 1.0 - 1e-9]] = True
    return np.asarray(kept)


def _expected(given: Problem, used: Array) -> Array:
    """Return lots each pair may be expected to order: half its cap of what the least-cost plan orders, two at least."""
    whole = np.bincount(given.items.line_element, weights=used.sum(axis=1), minlength=len(given.items.elements))
    return np.maximum(sharing.caps(given) * whole[given.pair_element] / 2, 2.0)


def build(given: Problem, needs: Needs, charge: Array) -> Program:
    """Return the program of sharing out, one function for each family of constraints."""
    program = Program("apportionment", sense="min")
    ordering.orders(program, given)
    ordering.balance(program, given)
    if given.keeps("lines"):
        ordering.lines(program, given)
    ordering.spending(program, given, charge)
    if given.keeps("money"):
        ordering.envelope(program, given)
    if given.keeps("commitment"):
        ordering.commitment(program, given)
    if given.keeps("people"):
        ordering.people(program, given)
    coverage.fielded(program, given)
    sharing.arrivals(program, given, needs.units / given.judged.scale, needs.price, needs.firm)
    if given.keeps("goals"):
        goals.goals(program, given, needs.held)
    sharing.totals(program, given)
    if given.keeps("challenge") or given.keeps("one_ally"):
        sharing.challenge(program, given)
        sharing.fleets(program, given)
    if given.keeps("fairness"):
        sharing.fairness(program, given, UNFAIR)
    cost = program.variables("cost", {}, cost=1.0)
    total = program.rows("cost_sum", {}, lower=0.0, upper=0.0)
    program.add_terms(total.index, cost.index, 1.0)
    discount = np.broadcast_to(given.discount, program.column_block("spent").shape)
    program.add_terms(np.broadcast_to(total.index, discount.shape), program.column_block("spent").index, -discount)
    return program


def _suited(session: Session, program: Program, given: Problem, stop: Callable[[], bool] | None) -> Solution:
    """Solve again for fit, with the objective of cost held within the room for it."""
    columns = session.arrays.cost
    priced = np.nonzero(columns)[0]
    price = columns[priced].copy()
    # The old objective becomes a limit by way of the variables that carry it: cost may rise by the room, slack not.
    block = program.column_block("cost")
    now = session.solve(stop=stop, method="simplex")
    cost = float(now.value(block))
    others = priced[priced != block.first]
    values = np.clip(now.point.columns[others] if now.point else 0.0, 0.0, None)
    session.set_bounds(block, upper=cost * (1 + ROOM) + 1e-9)
    session.set_bounds(others, upper=values + 1e-9)
    session.set_costs(priced, np.zeros(len(price)))
    pairs = program.column_block("of_pair")
    worth = given.items.cost[given.pair_element] * given.lot / 1000.0
    unsuited = 1.0 - given.buyers.fit[given.pair_buyer, given.pair_element]
    session.set_costs(pairs, unsuited * worth)
    session.set_costs(program.column_block("ordered"), ABROAD * foreign(given) * given.order_price)
    session.set_costs(block, 1e-3)
    return session.solve(stop=stop, method="simplex")


def foreign(given: Problem) -> NDArray[np.bool_]:
    """Return which possible orders go abroad although the buyer, or a member of the fleet, makes the element, (O,)."""
    names = np.array(given.means.allies)
    makes = np.array([np.isin(names, list(makers)) for makers in given.items.makers])
    member = given.buyers.member[given.pair_buyer[given.order_pair]] > 0
    home = (member & makes[given.order_line]).any(axis=1)
    element = given.items.line_element
    able = np.array([makes[element == place].any(axis=0) for place in range(len(given.items.elements))])
    return np.asarray((member & able[given.pair_element[given.order_pair]]).any(axis=1) & ~home)


def _read(given: Problem, program: Program, solution: Solution, charge: Array, due: Array, least: float) -> Sharing:
    block, blocks = program.column_block, program.blocks
    of_pair = np.clip(solution.value(block("of_pair")), 0.0, None)
    paid = np.zeros((len(given.buyers.codes), len(given.means.allies), len(given.years)))
    if "paid" in blocks:
        values = np.clip(solution.value(block("paid")), 0.0, None)
        for row, label in zip(values, block("paid").axes["member"], strict=True):
            fleet, member = str(label).split()
            paid[given.buyers.codes.index(fleet), given.means.allies.index(member)] = row
    opened = block("set_up") if "set_up" in blocks else None
    values = solution.value(opened) if opened is not None else np.zeros(0)
    names = opened.axes["line"] if opened is not None else ()
    unfair = solution.value(block("unfair")).max(axis=1) if "unfair" in blocks else np.zeros(given.buyers.allies)
    return Sharing(
        given,
        np.clip(solution.value(block("ordered")), 0.0, None),
        np.clip(solution.value(block("added")), 0.0, None),
        solution.value(block("spent")),
        paid,
        {str(name): float(value) for name, value in zip(names, values, strict=True)},
        charge * of_pair,
        np.where(of_pair > 1e-6, due, 0.0),
        np.clip(unfair, 0.0, None),
        least,
        float(solution.value(block("cost"))),
        solution,
        certify(program, solution),
    )
