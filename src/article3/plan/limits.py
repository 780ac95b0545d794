"""Which limits bind: each is relaxed alone, and stage one (least risk) is solved again.

Measured on a reduced problem: Allies of one class of reach act as one, and some of the years judged are left out. Most
relaxations only move bounds of the program at hand, and simplex goes on from the basis it has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from article3.evidence.findings import Check, Cited, Finding, sentence
from article3.gap.rows import in_words
from article3.plan.buyers import buyers
from article3.plan.coarse import coarse
from article3.plan.decide import Wanted
from article3.plan.frontier import Warm
from article3.plan.goals import Held, hold
from article3.plan.make import Asked, Made, seen_in
from article3.plan.problem import Problem, problem
from article3.plan.rows import finding
from article3.program import Arrays, Solution, Status

Flags = NDArray[np.bool_]

BINDS: Final = 0.5
"""A limit binds if risk falls by more than this, in per cent, when it is relaxed."""
FEW: Final = 6
"""Years judged that are kept: the first, the last, and evenly between."""
_WHOLE: Final = 9.5
"""Per cent from which the sentence leaves decimals out."""
_NONE: Final = 1000.0
"""Times what it is where a limit is taken away: more than any plan takes, and still a number."""


def _unfit(given: Problem, eligible: Flags) -> Flags:
    """Return the orders of pairs that geography, policy or attitude rule out."""
    return np.asarray(~eligible[given.pair_buyer, given.pair_element][given.order_pair])


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit and what is done to it.

    Parameters
    ----------
    limit, family
        Identifier, and the family of constraints it is of; without that family there is nothing to relax.
    name, told
        What binds, as the sentence names it; what was done, as the subject of a sentence.
    change
        The problem with the limit moved.
    closed
        Orders that cannot be placed, of a problem in which every Ally may field everything: (O,) from the problem and
        who may field what, (B, E).
    tightened
        Whether it is made tighter instead: shows how far it is from binding.
    applies
        Whether there is anything to change.
    """

    limit: str
    family: str
    name: str
    told: str
    change: Callable[[Problem], Problem] = lambda given: given
    closed: Callable[[Problem, Flags], Flags] = _unfit
    tightened: bool = False
    applies: Callable[[Problem], bool] = lambda _: True


def _leads(given: Problem) -> Problem:
    """Return the problem with lead times a third shorter: other orders become possible."""
    items = replace(given.items, lead=(2 * given.items.lead + 2) // 3)
    return problem(given.settings, given.means, items, given.buyers, given.judged, (given.begun, given.owed))


def _lines(given: Problem) -> Problem:
    return replace(given, items=replace(given.items, capacity=2 * given.items.capacity))


def _money(factor: float) -> Callable[[Problem], Problem]:
    return lambda given: replace(given, means=replace(given.means, envelope=factor * given.means.envelope))


def _setting(name: str) -> Callable[[Problem], Problem]:
    """Return a change that takes a limit away which a setting of the scenario measures."""

    def change(given: Problem) -> Problem:
        return replace(given, settings=given.settings.model_copy(update={name: _NONE * getattr(given.settings, name)}))

    return change


def _american(given: Problem, eligible: Flags) -> Flags:
    american = np.array([origin == "usa" for origin in given.items.origin])
    return np.asarray(_unfit(given, eligible) | american[given.order_line])


def _limited_money(given: Problem) -> bool:
    return bool(np.isfinite(given.envelope).all())


LIMITS: Final = (
    Limit("money", "money", "money", "twice the money", _money(2.0), applies=_limited_money),
    Limit("money_half", "money", "money", "half the money", _money(0.5), tightened=True, applies=_limited_money),
    Limit("people", "people", "people", "no limit of people", _setting("people")),
    Limit("commitment", "commitment", "commitments", "no limit of commitments", _setting("commitment_years"),
          applies=_limited_money),
    Limit("suitability", "suitability", "suitability", "every Ally free to field everything",
          closed=lambda given, _: np.zeros(len(given.order_pair), dtype=bool)),
    Limit("us_export", "", "US exports", "no exports of the United States", closed=_american, tightened=True,
          applies=lambda given: given.settings.us_export > 0 and "usa" in given.items.origin),
    Limit("lines", "lines", "lines", "twice the lines", _lines),
    Limit("lead_times", "lead_times", "lead times", "lead times a third shorter", _leads),
)  # fmt: skip
"""In the order in which the basis moves least: the table is sorted by effect."""


def limits(asked: Asked, made: Made, when: str = "") -> Finding:
    """Return which limits bind, each measured by relaxing it.

    Parameters
    ----------
    asked, made
        What was asked, and the plan made of it.
    when
        Date and scenario for the addresses.

    Raises
    ------
    SolveError
        The reduced problem could not be solved.
    """
    given, held, wanted = reduced(asked)
    # Every Ally may field everything, and what it may not is closed: so the one program serves all questions.
    eligible, open_ = given.buyers.eligible, _any_ally(given, asked)
    warm = Warm(open_, held, wanted)
    _close(warm, _unfit(open_, eligible))
    first = warm.least_risk()
    base, proofs = _risk(warm, first), [warm.certificate(first)]
    rows: list[dict[str, Any]] = []
    for item in LIMITS:
        if not given.keeps(item.family) or not item.applies(given):
            continue
        changed = item.change(open_)
        other = Warm(changed, held, wanted)
        _close(other, item.closed(changed, eligible))
        # Where bounds alone have moved, simplex goes on from the last basis; else it starts from nothing.
        used = warm if move(warm, other.session.arrays) else other
        solution = used.least_risk()
        if solution.optimal:
            proofs.append(used.certificate(solution))
        rows.append(_row(item, base, _risk(used, solution)))
    rows.sort(key=_rank)
    found = finding("plan_limit", when, "Which limits bind", rows, sentence(""), figure="plan_limits")
    good = sum(proof.holds for proof in proofs)
    years, all_years = len(given.judged.years), len(asked.given.judged.years)
    note = (
        f"Measured with Allies of one class of reach as one, in {years} of {all_years} years judged and without priced "
        f"goals; least risk is {base:.4f} there and {made.first.risk:.4f} in the plan."
    )
    return replace(
        found,
        sentence=sentence(*_told(found, rows)),
        checks=(Check("certificates", good == len(proofs), f"{good} of {len(proofs)} solves proven best"),),
        warnings=(note,),
    )


def reduced(asked: Asked) -> tuple[Problem, tuple[Held, ...], Wanted]:
    """Return the reduced problem, with the goals that are limits and the targets it holds.

    Some of the years judged are kept, the first and the last among them, and the years of targets and of goals that are
    limits. Priced goals fall away, so that risk alone is weighed.
    """
    years = asked.coarse.judged.years
    kept = {years[place] for place in np.round(np.linspace(0, len(years) - 1, min(FEW, len(years)))).astype(int)}
    firm = [item for item in asked.held if not item.soft]
    kept |= {years[item.year] for item in firm} | {years[place] for _, place in asked.wanted}
    chosen = tuple(sorted(kept))
    given = replace(asked.coarse, judged=seen_in(asked, chosen))
    held = tuple(hold(given, item.goal)[0] for item in firm)
    wanted = tuple((target, chosen.index(years[place])) for target, place in asked.wanted)
    return given, held, wanted


def _any_ally(given: Problem, asked: Asked) -> Problem:
    """Return the problem with nothing ruled out by geography, policy or attitude."""
    full, settings = asked.given, asked.settings
    loose = settings.model_copy(update={"without": (*settings.without, "suitability")})
    who = buyers(asked.inputs.planning, asked.forces, full.items, full.means, loose, full.judged.posture.limited)
    return coarse(problem(settings, full.means, full.items, who, given.judged, (full.begun, full.owed)))


def _close(warm: Warm, closed: Flags) -> None:
    """Close some of the possible orders."""
    orders = warm.program.column_block("ordered").index[closed]
    if len(orders):
        warm.session.set_bounds(orders, upper=0.0)


def move(warm: Warm, to: Arrays) -> bool:
    """Move all bounds and coefficients of a program to those of another; return whether that could be done.

    It can where both have the same blocks and coefficients in the same places; nothing is changed where not.
    """
    session, now = warm.session, warm.session.arrays
    alike = (now.columns, now.rows) == (to.columns, to.rows)
    if not alike or not (np.array_equal(now.starts, to.starts) and np.array_equal(now.indices, to.indices)):
        return False
    rows = np.nonzero((now.row_lower != to.row_lower) | (now.row_upper != to.row_upper))[0]
    if len(rows):
        session.set_row_bounds(rows, to.row_lower[rows], to.row_upper[rows])
    columns = np.nonzero((now.lower != to.lower) | (now.upper != to.upper))[0]
    if len(columns):
        session.set_bounds(columns, to.lower[columns], to.upper[columns])
    places = np.nonzero(now.values != to.values)[0]
    if len(places):
        session.set_coefficients(now.row_of[places], now.indices[places], to.values[places])
    return True


def _risk(warm: Warm, solution: Solution) -> float | None:
    """Return the least risk; None where no plan holds what must be reached."""
    return None if solution.status is Status.INFEASIBLE else warm.read(solution).risk


def _row(item: Limit, base: float | None, risk: float | None) -> dict[str, Any]:
    change = None
    if base and risk is not None:
        change = 100 * (risk / base - 1)
        # The trace of cost in the objective may move risk a hair against what the change can do: that is no effect.
        change = max(change, 0.0) if item.tightened else min(change, 0.0)
    return {
        "limit": item.limit,
        "relaxed": item.told,
        "risk": risk,
        "risk_change_pct": change,
        "binds": None if item.tightened or change is None else change < -BINDS,
        "_item": item,
    }


def _rank(row: dict[str, Any]) -> tuple[bool, float]:
    """Sort what was relaxed before what was tightened, and each by effect."""
    change = row["risk_change_pct"]
    return row["_item"].tightened, -abs(change) if change is not None else -np.inf


def _told(found: Finding, rows: list[dict[str, Any]]) -> list[str | Cited]:
    """Return the sentence: what binds, in the order of its effect; money too where it does not; what was tightened."""
    loose = [row for row in rows if not row["_item"].tightened]
    binding = [row for row in loose if row["binds"]]
    money = [row for row in loose if row["limit"] == "money" and not row["binds"]]
    names = in_words(row["_item"].name for row in binding)
    verb = "binds" if len(binding) == 1 and not names.endswith("s") else "bind"
    head = f"{names[:1].upper()}{names[1:]} {verb}" if binding else "None of the limits that were relaxed binds"
    told: list[str | Cited] = [f"{head}{', not money' if money and binding else ''}"]
    shown = [*binding, *money] or loose[:1]
    tight = [row for row in rows if row["_item"].tightened and row["risk_change_pct"] is not None]
    for part, verb in ((shown, ": risk falls by "), (tight, "; it rises by ")):
        for place, row in enumerate(part):
            told += [", by " if place else verb, *_effect(found, row)]
    none = [row["_item"].told for row in rows if row["risk_change_pct"] is None]
    return [*told, f"; with {in_words(none)} there is no plan." if none else "."]


def _effect(found: Finding, row: dict[str, Any]) -> list[str | Cited]:
    size = abs(row["risk_change_pct"])
    text = f"{size:.0f} %" if size >= _WHOLE else f"{size:.1f} %"
    return [Cited(text, found.address(row, "risk_change_pct")), f" with {row['_item'].told}"]
