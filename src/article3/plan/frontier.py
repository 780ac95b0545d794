"""Risk against money: what the last bit of safety costs, and the same question asked from either side.

One program is built for all points. Only the limit on risk moves from one to the next, from loose to tight, and simplex
goes on from the basis it has: a tenth of the time of solving each from nothing (``docs/methods/plan-questions.md``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from article3.errors import Fault, InputError
from article3.evidence.findings import Check, Cited, Finding, sentence
from article3.plan.decide import COST_TRACE, Decider, Decision, Wanted, order_value
from article3.plan.goals import Held
from article3.plan.make import Asked, Made
from article3.plan.problem import BILLION, Problem
from article3.plan.rows import finding
from article3.program import Certificate, Session, Solution, Status

GIVEN_UP: Final = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5)
"""Parts of the least risk that are given up for less money."""
SAME: Final = 1e-5
"""Relative difference within which two solves of one question agree."""
_EQUAL: Final = 1e-9
_TOLD: Final = 0.1
"""Risk given up that the sentence speaks of beside the plan's own."""


@dataclass(frozen=True, slots=True)
class Point:
    """One answer of the program of risk and money.

    Parameters
    ----------
    risk
        psi: mean over years judged and windows of the sum over contingencies, by pieces of a quarter.
    discounted, spent, orders
        Million 2021 US$: spending over all years of money, discounted and as it is, and price of what is ordered.
    decision
        What is decided; by class of reach.
    """

    risk: float
    discounted: float
    spent: float
    orders: float
    decision: Decision


class Warm(Decider):
    """The program of stages one and two, solved from basis to basis by simplex, with a limit on money beside risk's.

    For questions that ask for many solves; the plan itself is solved from nothing by interior point. Rows ``money``:
    discounted spending, billion 2021 US$.

    Parameters
    ----------
    given, held, wanted
        As in :class:`Decider`.
    """

    def __init__(self, given: Problem, held: tuple[Held, ...] = (), wanted: Wanted = ()) -> None:
        super().__init__(given, held, wanted)
        self._money = self.program.rows("money", {"cap": ["money"]}, upper=np.inf)
        spent = self.program.column_block("spent").index
        self.program.add_terms(np.broadcast_to(self._money.index, spent.shape), spent, self._costs)
        self._more()
        self.session = Session(self.program, "simplex")

    def _more(self) -> None:
        """Add what a question needs beside risk and money; nothing here."""

    def least_risk(
        self,
        time_limit: float | None = None,
        stop: Callable[[], bool] | None = None,
        *,
        money: float = np.inf,
    ) -> Solution:
        """Solve for least risk, with at most ``money`` billion 2021 US$ (discounted) spent."""
        self.session.set_row_bounds(self._cap, upper=np.inf)
        self.session.set_row_bounds(self._money, upper=money)
        self._price(risk=1.0, cost=COST_TRACE)
        return self.session.solve(time_limit, stop)

    def least_cost(
        self, risk: float, time_limit: float | None = None, stop: Callable[[], bool] | None = None
    ) -> Solution:
        """Solve for least discounted cost with risk (and price of goals missed) at most a given one."""
        self.session.set_row_bounds(self._cap, upper=risk)
        self.session.set_row_bounds(self._money, upper=np.inf)
        self._price(risk=0.0, cost=1.0)
        return self.session.solve(time_limit, stop)

    def point(self, solution: Solution) -> Point:
        """Return a solve as a point of risk and money."""
        found = self.read(solution)
        return Point(
            found.risk,
            found.cost * BILLION,
            float(found.spent.sum()) * BILLION,
            float(order_value(self.given, found.ordered).sum()),
            found,
        )


def frontier(asked: Asked, made: Made, when: str = "") -> Finding:
    """Return least cost by risk given up: of the coarse program, before sharing out.

    Parameters
    ----------
    asked, made
        What was asked, and the plan made of it; its least risk is what is given up from.
    when
        Date and scenario for the addresses.

    Raises
    ------
    SolveError
        A point could not be solved.
    """
    least = made.first.risk + made.first.missed
    parts = sorted({*GIVEN_UP, asked.settings.tolerance})
    warm = Warm(asked.coarse, asked.held, asked.wanted)
    points: dict[float, Point] = {}
    proofs: list[Certificate] = []
    for part in reversed(parts):  # loose first: each tighter limit needs a few steps of dual simplex more
        solution = warm.least_cost(least * (1 + part))
        points[part] = warm.point(solution)
        proofs.append(warm.certificate(solution))
    whole = points[parts[0]].discounted
    rows: list[dict[str, Any]] = [
        {
            "given_up_pct": 100 * part,
            "risk": points[part].risk,
            "cost_usd2021_m": points[part].spent,
            "discounted_usd2021_m": points[part].discounted,
            "orders_usd2021_m": points[part].orders,
            "saved_pct": 100 * (1 - points[part].discounted / whole) if whole > 0 else None,
        }
        for part in parts
    ]
    found = finding(
        "plan_frontier",
        when,
        "Risk against money",
        rows,
        sentence(""),
        figure="plan_frontier",
        checks=(_proven(proofs), _as_the_plan(points[asked.settings.tolerance], made)),
    )
    return replace(found, sentence=sentence(*_told(found, rows, asked.settings.tolerance)))


def _proven(proofs: list[Certificate]) -> Check:
    good = sum(proof.holds for proof in proofs)
    return Check(
        "certificates", good == len(proofs), f"{good} of {len(proofs)} points proven best by their certificates"
    )


def _as_the_plan(point: Point, made: Made) -> Check:
    plan = made.second.cost * BILLION
    off = abs(point.discounted - plan) / max(1.0, plan)
    text = f"cost at the plan's own tolerance differs from the plan's by {off:.1g} of it"
    return Check("as the plan", off <= SAME, text)


def _told(found: Finding, rows: list[dict[str, Any]], tolerance: float) -> list[str | Cited]:
    """Return the sentence: what the plan's tolerance saves, and what giving up more would."""
    first, *others = rows
    if not first["discounted_usd2021_m"]:
        return ["No money lowers risk: the frontier is a point."]
    told: list[str | Cited] = []
    for row in others:
        mine = abs(row["given_up_pct"] - 100 * tolerance) < _EQUAL
        if mine or abs(row["given_up_pct"] - 100 * _TOLD) < _EQUAL:
            saved = Cited(f"{row['saved_pct']:.0f} %", found.address(row, "saved_pct"))
            part = f"{row['given_up_pct']:g} %{' (as the plan does)' if mine else ''}"
            told += (
                [f", {part} saves ", saved] if told else [f"Giving up {part} of risk saves ", saved, " of the money"]
            )
    return [*told, f", against giving up {first['given_up_pct']:g} %."]


def risk_for_money(asked: Asked, usd_m: float) -> Point:
    """Fix the money and see the force: least risk with limited spending.

    Parameters
    ----------
    asked
        What is asked.
    usd_m
        Million 2021 US$ that may be spent over all years of money, discounted; the envelope of each year holds too.

    Raises
    ------
    InputError
        It is no number, below zero, or less than what orders signed before and limits of the scenario take.
    """
    if not usd_m >= 0:
        raise InputError(Fault(f"money of {usd_m} cannot be planned with", expected="million 2021 US$, zero or more"))
    warm = Warm(asked.coarse, asked.held, asked.wanted)
    solution = warm.least_risk(money=usd_m / BILLION)
    if solution.status is Status.INFEASIBLE:
        what = f"{usd_m:,.0f} million 2021 US$ do not pay for what is owed already or must be reached"
        raise InputError(Fault(what, mend="Allow more money, or leave out targets and goals that are limits."))
    return warm.point(solution)


def money_for_risk(asked: Asked, risk: float) -> Point:
    """Fix the risk and see the money: least discounted cost with risk at most a given one.

    Parameters
    ----------
    asked
        What is asked.
    risk
        psi, goals missed by their price included.

    Raises
    ------
    InputError
        No plan brings risk that low; the least that can be reached is named.
    """
    warm = Warm(asked.coarse, asked.held, asked.wanted)
    solution = warm.least_cost(risk)
    if solution.status is Status.INFEASIBLE:
        least = warm.read(warm.least_risk())
        what = f"no plan brings risk down to {risk:g}"
        raise InputError(
            Fault(
                what, expected=f"{least.risk + least.missed:.6g} or more", mend="Ask for more risk, or relax a limit."
            )
        )
    return warm.point(solution)
