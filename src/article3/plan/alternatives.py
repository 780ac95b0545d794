"""Nearly as good: plans that cost hardly more, carry no more risk, and are as different as can be found.

Modelling to generate alternatives: within limits on cost and risk, what earlier plans rest on is made as small as
possible (hop, skip and jump: Brill, Chang and Hopkins, Management Science 28, 1982; DeCarolis, Energy Economics 33,
2011), with the smallest distance to any earlier plan made as large as possible. By Ally, who orders is asked again and
what arrives stays; by force element, what is ordered is asked again, before sharing out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from article3.domain import force_element
from article3.errors import Fault, InputError
from article3.evidence.findings import Check, Cited, Finding, sentence
from article3.gap.forces import WINDOWS, Array
from article3.plan import sharing
from article3.plan.apportion import DUST, Needs, build
from article3.plan.decide import Decision
from article3.plan.frontier import Warm
from article3.plan.goals import potential
from article3.plan.make import Asked, Made, models
from article3.plan.problem import BILLION, Problem, by_class, narrowed
from article3.plan.rows import finding
from article3.program import Program, Session, Solution, certify

SLACK: Final = 1e-4
"""How far an alternative may lie beyond a limit by rounding, and by pieces finer than the program's, as a part."""
_SEEN: Final = 0.5
"""Million US$ below which a buyer's orders of an element are not shown."""
_TRACE: Final = 1e-3
Flags = NDArray[np.bool_]
By = Literal["ally", "element"]
DIFFERENT: Final = 0.005
"""Part of the money that must be moved against every earlier plan for an alternative to be one."""
_NO_MORE: Final = f"no further plan was found that moves {100 * DIFFERENT:g} % of the money"
MOST: Final = 20
"""Alternatives that can be asked for."""
EVERYONE: Final = "all"
"""What stands in place of an Ally where alternatives differ by force element."""
PASSES: Final = 4
"""Solves for one alternative: each takes for granted what goes down in the last, and the charges for entering."""
HAIR: Final = 1e-6
"""Part by which what the first plan brings may be missed: more than the solver's own tolerance."""
NO_ORDER: Final = 0.01
"""Lots below which a pair orders nothing."""


@dataclass(frozen=True, slots=True)
class Way:
    """One plan among those that are nearly as good.

    Parameters
    ----------
    units
        Units ordered over all years, by buyer (one row for everyone where it is by force element) and element, (B, E).
    money
        What they cost, million 2021 US$, (B, E).
    cost
        Discounted spending, billion 2021 US$; by Ally with all that entering costs.
    risk
        psi by the gap's own model, mean over the years judged.
    proven
        Whether the certificate of its solve holds.
    """

    units: Array
    money: Array
    cost: float
    risk: float
    proven: bool = True

    def moved(self, other: Way) -> float:
        """Return the part of the other plan's money that this one does not spend where the other does."""
        total = float(other.money.sum())
        return float(np.clip(other.money - self.money, 0.0, None).sum()) / total if total > 0 else 0.0

    def apart(self, others: Sequence[Way]) -> float:
        """Return the least that is moved against any of some plans."""
        return min(self.moved(other) for other in others)


def alternatives(asked: Asked, made: Made, number: int, within: float, by: By = "ally", when: str = "") -> Finding:
    """Return plans that cost nearly as little, carry no more risk than allowed, and differ.

    Parameters
    ----------
    asked, made
        What was asked, and the plan made of it.
    number
        How many are wanted.
    within
        Part by which they may cost more than the plan.
    by
        ``ally``: other buyers of what the plan brings; ``element``: other force elements, risk within the tolerance.
    when
        Date and scenario for the addresses.

    Raises
    ------
    InputError
        Number, part or ``by`` cannot be used.
    SolveError
        An alternative could not be solved.
    """
    _check(number, within, by)
    first, found = _by_ally(made, number, within) if by == "ally" else _by_element(asked, made, number, within)
    names = made.shared.given.buyers.codes if by == "ally" else (EVERYONE,)
    rows = [
        row
        for place, way in enumerate(found, start=1)
        for row in _rows(str(place), way, (first, *found[: place - 1]), (names, asked.given.items.elements))
    ]
    table = finding(
        "alternative",
        when,
        "Nearly as good",
        rows,
        sentence(""),
        checks=_checks(first, found, within, asked.settings.tolerance if by == "element" else 0.0),
        warnings=() if len(found) == number else (f"Asked for {number}, found {len(found)}: {_NO_MORE}.",),
    )
    return replace(table, sentence=sentence(*_told(table, rows, by, within)))


def _check(number: int, within: float, by: str) -> None:
    faults = []
    if not 1 <= number <= MOST:
        faults.append(
            Fault(f"{number} alternatives cannot be made", expected=f"1 to {MOST}", mend="Give --alternatives 3.")
        )
    if not (math.isfinite(within) and within > 0):
        faults.append(
            Fault(
                f"within {within} of the cost there is nothing to look for",
                expected="a part above 0",
                mend="Give --within 2%.",
            )
        )
    if by not in ("ally", "element"):
        faults.append(Fault(f"alternatives cannot differ by '{by}'", expected="ally or element"))
    if faults:
        raise InputError(faults)


class _Far(Warm):
    """The program of risk and money, solved for the plan farthest from some others by force element.

    ::

        apart <= sum over the elements that go down of (money in plan k - money),   for every plan k

    in billions of 2021 US$. Blocks ``apart``, ``of_element`` (E); rows ``apart_from`` (plans), ``element_sum`` (E).
    """

    def _more(self) -> None:
        given, elements = self.given, self.given.items.elements
        self.apart = self.program.variables("apart", {})
        self.of_element = self.program.variables("of_element", {"element": elements})
        sums = self.program.rows("element_sum", {"element": elements}, lower=0.0, upper=0.0).index
        self.program.add_terms(sums, self.of_element, 1.0)
        ordered = self.program.column_block("ordered").index
        self.program.add_terms(sums[given.pair_element[given.order_pair]], ordered, -given.order_price)
        self.rows = self.program.rows("apart_from", {"plan": range(MOST)})
        self.program.add_terms(self.rows, self.apart.index, 1.0)

    def farthest(self, plans: Sequence[Array], falls: Sequence[Flags], risk: float, money: float) -> Solution:
        """Solve for the plan farthest from others.

        Parameters
        ----------
        plans, falls
            Billions by element in each plan, and the elements that go down, (E,).
        risk, money
            The limits: psi with the price of goals missed, and discounted billions.
        """
        self.session.set_row_bounds(self._cap, upper=risk)
        self.session.set_row_bounds(self._money, upper=money)
        self._price(risk=0.0, cost=_TRACE)
        self.session.set_costs(self.apart, -1.0)
        for row, plan, down in zip(self.rows.index, plans, falls, strict=False):
            self.session.set_coefficients(np.array(row), self.of_element.index, down.astype(float))
            self.session.set_row_bounds(np.array([row]), upper=float(plan[down].sum()))
        # From one of these questions to the next simplex takes many times as long as interior point from nothing.
        self.session.forget_basis()
        return self.session.solve(method="ipx")


def _by_element(asked: Asked, made: Made, number: int, within: float) -> tuple[Way, list[Way]]:
    """Return the least-cost plan before sharing out, and others that rest on other force elements."""
    given, count = asked.coarse, len(asked.coarse.items.elements)
    element = given.pair_element[given.order_pair]

    def way(decision: Decision, *, proven: bool = True) -> Way:
        lots = np.bincount(element, weights=decision.ordered, minlength=count).astype(float)
        money = np.bincount(element, weights=decision.ordered * given.order_price, minlength=count).astype(float)
        risk = _risk(asked, given, decision.added)
        return Way((lots * given.items.lot)[None, :], (money * BILLION)[None, :], decision.cost, risk, proven)

    first = way(made.second)
    warm = _Far(given, asked.held, asked.wanted)
    risk = (made.first.risk + made.first.missed) * (1 + asked.settings.tolerance)
    found: list[Way] = []
    for _ in range(number):
        before = (first, *found)
        plans = [item.money[0] / BILLION for item in before]
        # First what no alternative has less of yet: else it stays near those there are. Then everything.
        fresh = ~np.any([item.money[0] < first.money[0] * (1 - HAIR) for item in found], axis=0) if found else None
        tried: list[Way] = []
        for start in ([fresh] if found else []) + [np.ones(count, dtype=bool)]:
            falls = [start & (plan > 0) for plan in plans]
            for _ in range(PASSES):
                solution = warm.farthest(plans, falls, risk, made.second.cost * (1 + within))
                if not solution.optimal:
                    break
                tried.append(way(warm.read(solution), proven=warm.certificate(solution).holds))
                down = [tried[-1].money[0] / BILLION < plan * (1 - HAIR) for plan in plans]
                if all(np.array_equal(old, new) for old, new in zip(falls, down, strict=True)):
                    break
                falls = down
            if any(item.apart(before) >= DIFFERENT for item in tried):
                break
        best = max(tried, key=lambda item: item.apart(before), default=None)
        if best is None or best.apart(before) < DIFFERENT:
            break
        found.append(best)
    return first, sorted(found, key=lambda item: -item.moved(first))


def _by_ally(made: Made, number: int, within: float) -> tuple[Way, list[Way]]:
    """Return the plan, and others in which what it brings is ordered by other buyers."""
    shared = made.shared
    lots = np.bincount(shared.given.order_pair, weights=shared.ordered, minlength=len(shared.given.pair_buyer))
    charge = np.divide(shared.entry_paid, lots, out=np.zeros_like(lots), where=lots > NO_ORDER)
    cost = _whole_cost(shared.given, shared.ordered, shared.spent, charge)
    first = _way(made.asked, shared.given, shared.ordered, shared.added, cost)
    field = _open(made, first, charge, first.cost * (1 + within))
    found: list[Way] = []
    for _ in range(number):
        way = field.farthest((first, *found))
        if way is None or way.apart((first, *found)) < DIFFERENT:
            break
        found.append(way)
    return first, sorted(found, key=lambda item: -item.moved(first))


@dataclass(frozen=True, slots=True)
class _Field:
    """Who may order what the plan brings, and the limits other plans keep to.

    Parameters
    ----------
    made
        The plan.
    given, needs
        The problem with all who may order, and what the plan brings as what is needed.
    theirs
        Pairs among which the plan's are, (P,).
    share
        Part of the plan's units of its element that each pair orders, (P,).
    charge
        Billion 2021 US$ for entering that falls on each lot at first, (P,).
    limit
        Discounted cost, billion 2021 US$, with all that entering costs.
    """

    made: Made
    given: Problem
    needs: Needs
    theirs: Flags
    share: Array
    charge: Array
    limit: float

    def farthest(self, before: tuple[Way, ...]) -> Way | None:
        """Return the plan farthest from earlier ones, by pair of buyer and element; None if none is within the limit.

        Entering is a step: it is spread over the lots of the last solve, and what is missing taken off the room for
        cost.
        """
        given, charge, room = self.given, self.charge, self.limit
        pairs = given.pair_buyer, given.pair_element
        plans = [way.money[pairs] / BILLION for way in before]
        falls = [plan > 0 for plan in plans]
        shut = np.zeros(len(pairs[0]), dtype=bool)
        tried: list[Way] = []
        for number in range(PASSES):
            program = build(given, self.needs, charge)
            solution = self._solve(program, plans, falls, room, shut)
            if not solution.optimal:
                break
            ordered = np.clip(solution.value(program.column_block("ordered")), 0.0, None)
            added = np.clip(solution.value(program.column_block("added")), 0.0, None)
            cost = _whole_cost(given, ordered, solution.value(program.column_block("spent")), charge)
            proven = certify(program, solution).holds
            way = _way(self.made.asked, given, ordered, added, cost, proven=proven)
            if cost <= self.limit * (1 + HAIR):
                tried.append(way)
            missing = cost - float(solution.value(program.column_block("cost")))
            # The charges of the next pass make up for what the first lacked; from then on the room does.
            room = self.limit - (max(0.0, missing) if number else 0.0)
            falls = [way.money[pairs] / BILLION < plan * (1 - HAIR) for plan in plans]
            lots = way.units[pairs] / given.lot
            # Who orders a few lots only, and is not among the plan's buyers, is left out: entering is paid whole.
            shut |= (lots < DUST) & ~self.theirs
            charge = np.where(lots > NO_ORDER, sharing.entering(given) / np.maximum(lots, DUST), charge)
        return max(tried, key=lambda item: item.apart(before)) if tried else None

    def _solve(
        self, program: Program, plans: Sequence[Array], falls: Sequence[Flags], room: float, shut: Flags
    ) -> Solution:
        """Solve for the plan farthest from others; nothing falls short, and nothing is less fair."""
        given, pairs = self.given, program.column_block("of_pair")
        apart = program.variables("apart", {})
        rows = program.rows(
            "apart_from",
            {"plan": range(len(plans))},
            upper=[float(plan[down].sum()) for plan, down in zip(plans, falls, strict=True)],
        ).index
        program.add_terms(rows, apart.index, 1.0)
        for row, down in zip(rows, falls, strict=True):
            mine = down[given.order_pair]
            program.add_terms(row, program.column_block("ordered").index[mine], given.order_price[mine])
        session, blocks, shared = Session(program, "ipx"), program.blocks, self.made.shared
        session.set_costs(np.nonzero(session.arrays.cost)[0], 0.0)
        session.set_bounds(program.column_block("short"), upper=0.0)
        known = shared.solution.arrays.columns
        for item in self.needs.held:
            if item.short in blocks and item.short in known:
                most = np.clip(shared.solution.value(known[item.short]), 0.0, None)
                session.set_bounds(program.column_block(item.short), upper=most + HAIR)
        if "unfair" in blocks:
            block = program.column_block("unfair")
            session.set_bounds(block, upper=np.broadcast_to(shared.unfair[:, None] + HAIR, block.shape))
        self._allow(session, program)
        cost = program.column_block("cost")
        session.set_bounds(cost, upper=room)
        session.set_costs(cost, _TRACE)  # nothing is ordered that serves nobody
        session.set_costs(apart, -1.0)
        if shut.any():
            session.set_bounds(pairs.index[shut], upper=0.0)
        return session.solve()

    def _allow(self, session: Session, program: Program) -> None:
        """Let each of the plan's buyers take what it takes in the plan: caps rise where few were left to share."""
        if "challenge" not in program.blocks:
            return
        block, given = program.row_block("challenge"), self.given
        pairs = np.array(block.axes["pair"])
        share = self.share[pairs]
        above = share > sharing.caps(given)[pairs]
        if above.any():
            whole = program.column_block("of_element").index[given.pair_element[pairs[above]]]
            session.set_coefficients(block.index[above], whole, -np.minimum(share[above] * (1 + HAIR), 1.0))


def _open(made: Made, first: Way, charge: Array, limit: float) -> _Field:
    """Return who may order what the plan brings.

    The lines and years are those of the plan, a year before and after: who orders is open, what and when is decided.
    """
    asked, shared = made.asked, made.shared
    used = np.zeros(asked.given.items.capacity.shape)
    np.add.at(used, (shared.given.order_line, shared.given.order_year), shared.ordered)
    near = used > 0
    near[:, 1:] |= used[:, :-1] > 0
    near[:, :-1] |= used[:, 1:] > 0
    given = narrowed(asked.given, near[asked.given.order_line, asked.given.order_year])
    seen, fielded = asked.given.judged, by_class(shared.given, shared.added)
    held = []
    for item in made.needs.held:
        reached = item.level
        if item.goal.of == "requirement" and len(item.rows):
            reached = np.minimum(reached, potential(shared.given, fielded[:, :, item.year], item.year)[item.rows])
        held.append(replace(item, level=reached - HAIR))
    needs = replace(made.needs, units=(seen.arriving(fielded) - seen.base) * (1 - HAIR), used=used, held=tuple(held))
    pairs = given.pair_buyer, given.pair_element
    now, whole = first.units[pairs] / given.lot, (first.units.sum(axis=0) / given.items.lot)[given.pair_element]
    spread = sharing.entering(given) / np.maximum(sharing.caps(given) * whole / 2, 2.0)
    paid = np.zeros(first.units.shape)
    paid[shared.given.pair_buyer, shared.given.pair_element] = charge
    theirs = now > NO_ORDER
    share = np.divide(now, whole, out=np.zeros_like(now), where=whole > 0)
    return _Field(made, given, needs, theirs, share, np.where(theirs, paid[pairs], spread), limit)


def _way(asked: Asked, given: Problem, ordered: Array, added: Array, cost: float, *, proven: bool = True) -> Way:
    """Return a plan by buyer and element."""
    place = given.pair_buyer[given.order_pair], given.pair_element[given.order_pair]
    units, money = (np.zeros((len(given.buyers.codes), len(given.items.elements))) for _ in range(2))
    np.add.at(units, place, ordered * given.lot[given.order_pair])
    np.add.at(money, place, ordered * given.order_price * BILLION)
    return Way(units, money, cost, _risk(asked, given, added), proven)


def _whole_cost(given: Problem, ordered: Array, spent: Array, charge: Array) -> float:
    """Return discounted cost, billion 2021 US$, with entering paid whole in the year of a pair's first order.

    Parameters
    ----------
    given, ordered, spent
        The problem, lots by possible order, and billion 2021 US$ by buyer and year.
    charge
        What of entering is in ``spent``, by lot of each pair.
    """
    pair, discount = given.order_pair, given.discount
    cost = float((spent * discount).sum() - (charge[pair] * ordered * discount[given.order_year]).sum())
    lots = np.bincount(pair, weights=ordered, minlength=len(given.pair_buyer))
    placed = ordered > 0
    year = np.full(len(lots), len(discount) - 1)
    np.minimum.at(year, pair[placed], given.order_year[placed])
    due = np.where(lots > NO_ORDER, sharing.entering(given), 0.0)
    return cost + float((due * discount[year]).sum())


def _risk(asked: Asked, given: Problem, added: Array) -> float:
    """Return psi of a plan by the gap's own model: mean over the years judged, by what each stands for."""
    seen = asked.given.judged
    _, model = models(asked, seen.values)
    stock = seen.arriving(by_class(given, added, seen.years))
    return float(seen.year_weights @ [model.solve_stock(row).risk.sum() / len(WINDOWS) for row in stock])


def _rows(
    name: str, way: Way, before: Sequence[Way], names: tuple[tuple[str, ...], tuple[str, ...]]
) -> list[dict[str, Any]]:
    """Return the rows of one alternative: pairs in which it or the plan orders something."""
    (buyers, elements), first, apart = names, before[0], way.apart(before)
    seen = np.maximum(way.money, first.money) >= _SEEN
    return [
        {
            "alternative": name,
            "ally": buyers[b],
            "element": elements[e],
            "element_title": force_element(elements[e]).title,
            "units": float(way.units[b, e]),
            "units_first": float(first.units[b, e]),
            "difference": float(way.units[b, e] - first.units[b, e]),
            "moved_pct": 100 * way.moved(first),
            "apart_pct": 100 * apart,
            "cost_change_pct": 100 * (way.cost / first.cost - 1) if first.cost > 0 else 0.0,
            "risk": way.risk,
            "risk_change_pct": 100 * (way.risk / first.risk - 1) if first.risk > 0 else 0.0,
        }
        for b, e in zip(*np.nonzero(seen), strict=True)
    ]


def _checks(first: Way, found: list[Way], within: float, room: float) -> tuple[Check, ...]:
    """Return what was verified of every alternative: cost, risk, certificate."""
    cost = [way.cost / max(first.cost, 1e-9) - 1 for way in found]
    risk = [way.risk / max(first.risk, 1e-9) - 1 for way in found]
    proven = sum(way.proven for way in found)
    return (
        Check(
            "cost",
            max(cost, default=0.0) <= within + SLACK,
            f"largest rise of cost {100 * max(cost, default=0.0):.2f} %",
        ),
        Check(
            "risk", max(risk, default=0.0) <= room + SLACK, f"largest rise of risk {100 * max(risk, default=0.0):.2f} %"
        ),
        Check("certificates", proven == len(found), f"{proven} of {len(found)} proven by their certificates"),
    )


def _told(found: Finding, rows: list[dict[str, Any]], by: By, within: float) -> list[str | Cited]:
    """Return the sentence: how far each alternative is, at which cost and risk."""
    if not rows:
        return [f"Within {100 * within:g} % of the cost {_NO_MORE}."]
    heads = [
        next(row for row in rows if row["alternative"] == name)
        for name in dict.fromkeys(r["alternative"] for r in rows)
    ]
    what = "other buyers" if by == "ally" else "other force elements"
    told: list[str | Cited] = [f"Within {100 * within:g} % of the cost: "]
    for row in heads:
        told += [
            "; " if row is not heads[0] else "",
            f"alternative {row['alternative']} moves ",
            Cited(f"{row['moved_pct']:.0f} %", found.address(row, "moved_pct")),
            f" of the money to {what} (cost ",
            Cited(f"{row['cost_change_pct']:+.1f} %", found.address(row, "cost_change_pct")),
            ", risk ",
            Cited(f"{row['risk_change_pct']:+.1f} %", found.address(row, "risk_change_pct")),
            ")",
        ]
    return [*told, "."]
