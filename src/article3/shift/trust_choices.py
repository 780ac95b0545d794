"""What can be chosen before it is known which way the United States goes, and what each choice comes to.

Plans made for one state as if it were certain, and plans of least expected risk, least CVaR and least largest regret;
all with the same money, all judged alike in every state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from article3.gap.forces import Array
from article3.gap.risk import RiskModel
from article3.plan.judged import widest
from article3.plan.make import Made
from article3.plan.problem import BILLION, by_class
from article3.program import Certificate, Solution
from article3.scenario.shift_schema import Trust
from article3.shift.trust_branch import Branch, Flags, Outcome, Stop, likely
from article3.shift.trust_states import States, seen_in, states_of
from article3.shift.trust_tree import NEVER, Tree

HEDGES: Final = {"expected": "Least expected risk", "cvar": "Least CVaR", "regret": "Least largest regret"}
"""Plans made without knowing the state, with their titles."""
AHEAD: Final = (0, 1, 3, 5)
"""Years after the first of ordering in which it may become known."""
SAME: Final = 1e-6
"""Relative difference within which two choices are alike."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A plan that is decided before the state is known. Shapes: O possible orders, S states.

    Parameters
    ----------
    choice, title
        Identifier and name for people: of the state it is made for, or of the criterion.
    placed
        Lots placed, (O,).
    outcomes
        What comes of it in each state.
    """

    choice: str
    title: str
    placed: Array
    outcomes: tuple[Outcome, ...]

    @property
    def risks(self) -> Array:
        """Risk in each state, (S,)."""
        return np.array([item.risk for item in self.outcomes])


@dataclass(frozen=True, slots=True)
class Knowing:
    """What could be reached if the state became known in a year.

    Parameters
    ----------
    year
        The year; ``NEVER`` where nothing is learned before the last order.
    risk
        Least expected risk with the same money.
    placed
        Lots placed before that year, the same in all states, (O,).
    money
        Least expected discounted money, million 2021 US$, with no state's risk above that of the plan of least expected
        risk; None where not asked.
    """

    year: int
    risk: float
    placed: Array
    money: float | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """Everything that is known about the choice. Shapes: S states.

    Parameters
    ----------
    states, trust
        States and settings.
    money
        Billion 2021 US$ that every plan may spend, discounted.
    choices
        Plans: one for each state, then the three that serve them all.
    before
        Risk with committed deliveries alone, (S,).
    knowing
        By year of knowing.
    known_money
        Least discounted money, million 2021 US$, with which each state's risk under the plan of least expected risk
        were reached had the state been known, (S,).
    decided
        Expected risk of the plan of least expected risk as the program of all states has it.
    certificates
        Of every solve, by name.
    """

    states: States
    trust: Trust
    money: float
    choices: tuple[Choice, ...]
    before: Array
    knowing: tuple[Knowing, ...]
    known_money: Array
    decided: float
    certificates: dict[str, Certificate]

    @property
    def best(self) -> Array:
        """Risk of each state with the plan made for it, (S,)."""
        return np.array([item.risks[place] for place, item in enumerate(self.choices[: len(self.before)])])

    @property
    def weights(self) -> Array:
        """Weights of the states, (S,)."""
        return self.states.weights

    def choice(self, name: str) -> Choice:
        """Return a choice by its identifier."""
        return next(item for item in self.choices if item.choice == name)

    def regret(self, choice: Choice) -> Array:
        """Return risk less that of the plan made for each state, (S,); rounding is not regret."""
        return np.asarray(np.maximum(choice.risks - self.best, 0.0))

    def measures(self, choice: Choice) -> dict[str, float]:
        """Return what each criterion counts, by its name."""
        return {
            "expected": float(self.weights @ choice.risks),
            "cvar": tail_mean(choice.risks, self.weights, self.trust.tail),
            "regret": float(self.regret(choice).max()),
        }


def weigh(
    made: Made, trust: Trust, years: tuple[int, ...] | None = None, ahead: Sequence[int] = AHEAD, stop: Stop = None
) -> Weighed:
    """Make the plans among which the choice is, and judge them.

    Parameters
    ----------
    made
        The plan of the scenario: its limits hold, and its money is what every plan may spend where none is named.
    trust
        States with weights, tail, year of knowing.
    years
        Years judged; six of the plan's own by default.
    ahead
        Years after the first of ordering in which it may become known.
    stop
        Asked now and then.

    Raises
    ------
    InputError
        The money does not pay for what is owed already.
    Cancelled
        It was stopped.
    """
    states = states_of(made.asked, trust.states, years)
    money = made.second.cost if trust.money_usd_m is None else trust.money_usd_m / BILLION
    branches = tuple(Branch(given, money) for given in states.given)
    proofs: dict[str, Certificate] = {}
    placed = _certain(states, branches, proofs, stop)
    best = np.array([item.risk for item in placed])
    first = np.stack([likely(states.given[0], item.placed) for item in placed])
    solved, tree = _hedges(states, branches, (trust.tail, best, first), proofs, stop)
    named = [(item.state, f"For: {item.title}", found.placed) for item, found in zip(trust.states, placed, strict=True)]
    named += [(name, HEDGES[name], tree.placed(solution)) for name, solution in solved.items()]
    choices = tuple(Choice(name, title, lots, _judged(branches, states, lots, stop)) for name, title, lots in named)
    first |= np.stack([likely(states.given[0], lots) for lots in tree.orders(solved["expected"])])
    hedge = choices[len(placed)]
    known = [
        branch.least_money(item.risk, mine, stop)
        for branch, item, mine in zip(branches, hedge.outcomes, first, strict=True)
    ]
    proofs |= {f"money: {name}": item.certificate for name, item in zip(states.names, known, strict=True)}
    spent = np.array([item.discounted for item in hedge.outcomes])
    known_money = np.minimum([item.discounted for item in known], spent)
    none = np.zeros_like(hedge.placed)
    at_once = Knowing(
        int(states.order_years.min()), float(states.weights @ best), none, float(states.weights @ known_money)
    )
    decided = float(states.weights @ tree.risks(solved["expected"]))
    never = Knowing(NEVER, decided, hedge.placed, float(states.weights @ spent))
    between = _between(states, branches, (trust.known, ahead), (first, hedge.risks), proofs, stop)
    before = np.array([item.risk for item in _judged(branches, states, none, stop)])
    return Weighed(
        states, trust, money, choices, before, (at_once, *between, never), np.asarray(known_money), decided, proofs
    )


def _hedges(
    states: States,
    branches: tuple[Branch, ...],
    given: tuple[float, Array, Flags],
    proofs: dict[str, Certificate],
    stop: Stop,
) -> tuple[dict[str, Solution], Tree]:
    """Return the plans that serve all states, by criterion, and the program they are solutions of."""
    part, best, first = given
    tree = Tree(states, branches, NEVER, np.broadcast_to(first.any(axis=0), first.shape))
    found = {"expected": tree.expected(stop), "cvar": tree.tail(part, stop), "regret": tree.regret(best, stop)}
    proofs |= {name: tree.certificate(solution) for name, solution in found.items()}
    return found, tree


def _certain(states: States, branches: tuple[Branch, ...], proofs: dict[str, Certificate], stop: Stop) -> list[Outcome]:
    """Return the plan of each state as if it were certain."""
    first = np.ones(states.share.shape[1], dtype=bool)
    found = []
    for name, branch in zip(states.names, branches, strict=True):
        found.append(branch.read(branch.least_risk(first, stop)))
        first = likely(branch.given, found[-1].placed)
        proofs[name] = found[-1].certificate
    return found


def _judged(branches: tuple[Branch, ...], states: States, placed: Array, stop: Stop) -> tuple[Outcome, ...]:
    return tuple(branch.judge(placed, most, stop) for branch, most in zip(branches, states.most, strict=True))


def _between(
    states: States,
    branches: tuple[Branch, ...],
    when: tuple[int, Sequence[int]],
    given: tuple[Flags, Array],
    proofs: dict[str, Certificate],
    stop: Stop,
) -> list[Knowing]:
    """Return what knowing after the first year of ordering would reach; money for the year in which it is expected."""
    (known, ahead), (first, risks) = when, given
    begins, ends = int(states.order_years.min()), int(states.order_years.max())
    years = sorted({begins + step for step in ahead} | {known})
    found: list[Knowing] = []
    for year in reversed([year for year in years if begins < year <= ends]):
        tree = Tree(states, branches, year, first)
        solution = tree.expected(stop)
        first = first | np.stack([likely(states.given[0], lots) for lots in tree.orders(solution)])
        proofs[str(year)] = tree.certificate(solution)
        money = None
        if year == known:
            money, proofs[f"money: {year}"] = tree.least_money(risks, stop)
        early = np.where(states.order_years < year, tree.placed(solution), 0.0)
        found.append(Knowing(year, float(states.weights @ tree.risks(solution)), early, money))
    return found[::-1]


def tail_mean(risks: Array, weights: Array, part: float) -> float:
    """Return the mean of risk over the worst part of the futures (CVaR).

    Parameters
    ----------
    risks, weights
        By state; weights sum to 1.
    part
        The worst part, above 0, at most 1.
    """
    order = np.argsort(-risks, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(weights[order])[:-1]])
    counted = np.clip(part - before, 0.0, weights[order])
    return float(counted @ risks[order] / counted.sum())


def best_where(weighed: Weighed) -> list[tuple[float, float] | None]:
    """Return between which weights of the worst state each choice has the least expected risk of all; None if nowhere.

    The weights of the other states keep their ratios. Risk is linear in the weight, so that each choice is best on one
    stretch.
    """
    worst = int(weighed.before.argmax())
    others = weighed.weights.copy()
    others[worst] = 0.0
    others = others / others.sum()
    ends = np.array([(float(others @ item.risks), item.risks[worst]) for item in weighed.choices])
    return [_stretch(mine, ends) for mine in ends]


def _stretch(mine: Array, ends: Array) -> tuple[float, float] | None:
    """Return where a line from weight 0 to weight 1 lies below all lines."""
    low, high = 0.0, 1.0
    for other in ends:
        at_none, at_all = (float(value) for value in mine - other)
        slack = SAME * max(float(other.max()), 1e-12)
        if at_none <= slack and at_all <= slack:
            continue
        if at_none > slack and at_all > slack:
            return None
        cross = min(max(at_none / (at_none - at_all), 0.0), 1.0)
        low, high = (max(low, cross), high) if at_none > slack else (low, min(high, cross))
    return (low, high) if low <= high + 1e-9 else None


def every_year(weighed: Weighed, choice: Choice) -> float:
    """Return the expected risk of a choice by the gap's own models: eight pieces, every year from the first judged."""
    states, first, last = weighed.states, weighed.states.years[0], weighed.states.years[-1]
    years = tuple(range(first, last + 1))
    total = 0.0
    for weight, item, given, found in zip(
        weighed.weights, states.commitments, states.given, choice.outcomes, strict=True
    ):
        seen = seen_in(states.asked, item, years)
        model = RiskModel(seen.axes, seen.values, seen.form.cells, widest(seen.axes, seen.values, seen.posture))
        stock = seen.arriving(by_class(given, found.added, years))
        risk = np.array([model.solve_stock(units).risk.sum() / 3 for units in stock])
        total += float(weight * (seen.year_weights @ risk))
    return total
