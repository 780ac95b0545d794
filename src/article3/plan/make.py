"""Making a plan: read, decide, share out, and judge what came out by the gap's own models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.compute import Progress, Step
from article3.errors import Cancelled, Fault, NotKnownError
from article3.gap.analysis import deflators
from article3.gap.assess import postures_of, same_shape, situations_of
from article3.gap.forces import Array, Forces, Values, forces
from article3.gap.margin import MarginModel, Margins
from article3.gap.risk import RiskModel, Risks
from article3.plan.apportion import Needs, Sharing, share_out
from article3.plan.buyers import buyers
from article3.plan.catalogue import Catalogue, catalogue
from article3.plan.coarse import coarse
from article3.plan.coverage import target_needs
from article3.plan.decide import Decider, Decision, Wanted
from article3.plan.goals import Held, hold, potential
from article3.plan.judged import Judged, judged, widest, years_judged
from article3.plan.lots import whole_lots
from article3.plan.means import means, who_plans
from article3.plan.problem import BILLION, Problem, by_class, problem
from article3.plan.states import Committed, StateRow, committed, read_states
from article3.program import Certificate, Solution, Status
from article3.scenario.paths import inside
from article3.scenario.plan_schema import Plan
from article3.scenario.resolve import Inputs

STEPS: Final = ("reading", "least risk", "least cost", "sharing out", "judging")
STILL: Final = 0.002
"""How much less of a goal the sharing out may reach than the least-cost plan, as a share of the requirement."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a plan is made for, where it is not the scenario's requirements with the offer of one posture.

    Parameters
    ----------
    needs
        Requirement, (C, windows, K); 0 where nothing is required.
    offers
        Units the United States offers, (E,), by year.
    states
        Orders that are signed, beside those of the scenario's state file.
    """

    needs: Array
    offers: Mapping[int, Array]
    states: tuple[StateRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is solved: the full problem, the coarse one, and what both hold.

    Parameters
    ----------
    inputs, settings
        The scenario and its plan settings.
    forces
        All estimates of the gap.
    given, coarse
        The problem by Ally, and by class of reach.
    held
        Goals as the coarse program holds them.
    hopeless
        Of each goal, the rows that no line could reach by its year.
    wanted
        Targets with the place of the first year judged in which they hold.
    situations
        What is judged: contingencies alone, and situations.
    states
        How far earlier orders have come.
    """

    inputs: Inputs
    settings: Plan
    forces: Forces
    given: Problem
    coarse: Problem
    held: tuple[Held, ...]
    hopeless: tuple[NDArray[np.bool_], ...]
    wanted: Wanted
    situations: tuple[tuple[str, tuple[str, ...]], ...]
    states: tuple[StateRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A plan.

    Parameters
    ----------
    asked
        What was asked.
    first, second
        Least risk, and least cost within the tolerance.
    needs
        What the least-cost plan needs, shared out.
    shared
        Who orders what.
    certificates
        Of every stage, by name, with the solve it is of.
    years
        Years of which the outcome is judged: all years of money.
    seen
        What is judged in these years.
    margins, risks
        Outcome with the plan, and without it, by year.
    stock
        Units by row of supply with the plan, (Y, R).
    """

    asked: Asked
    first: Decision
    second: Decision
    needs: Needs
    shared: Sharing
    certificates: dict[str, tuple[Certificate, Solution]]
    years: tuple[int, ...]
    seen: Judged
    margins: tuple[tuple[Margins, ...], tuple[Margins, ...]]
    risks: tuple[tuple[Risks, ...], tuple[Risks, ...]]
    stock: Array

    @property
    def fielded(self) -> Array:
        """Units added by class of buyers, element and year of money, (classes, E, Y)."""
        return by_class(self.shared.given, self.shared.added, self.years)

    def risk(self, places: Sequence[int] | None = None, *, plan: bool = True) -> Array:
        """Return psi by year with the plan or without it, as the gap's model judges it."""
        found = np.array([item.risk.sum() / 3 for item in self.risks[0 if plan else 1]])
        return found if places is None else found[list(places)]


def ask(inputs: Inputs, settings: Plan | None = None, aim: Aim | None = None) -> Asked:
    """Read everything a plan needs.

    Parameters
    ----------
    inputs
        The scenario.
    settings
        Settings in place of the scenario's.
    aim
        Requirements and offers in place of the scenario's; the posture is *with* then.

    Raises
    ------
    NotKnownError
        The scenario names no contingency, or money, people or growth of an Ally are not known by then.
    """
    settings = settings or inputs.scenario.plan
    if not inputs.contingencies:
        mend = "Add 'contingencies', or let it extend 'baseline'."
        raise NotKnownError(
            Fault("the scenario names no contingency, so there is nothing to plan for", inputs.name, mend=mend)
        )
    held_forces = forces(inputs.planning, inputs.contingencies)
    name = inputs.scenario.us.focus if settings.posture == "focus" else settings.posture
    name = "with" if aim else name
    posture = postures_of(inputs)[name]
    years = tuple(range(settings.first_year, settings.until + 1))
    codes = who_plans(held_forces.axes.holders, posture.absent)
    money = means(inputs.evidence, codes, years, settings.money)
    items = catalogue(inputs.planning, deflators(inputs.evidence), settings)
    states = read_states(inside(inputs.folder, settings.state, "plan.state"), inputs.planning) if settings.state else ()
    states = (*states, *aim.states) if aim else states
    signed = committed(states, items, settings.first_year)
    items = _less(items, signed, settings)
    who = buyers(inputs.planning, held_forces, items, money, settings, posture.limited)
    situations = tuple(item for item in situations_of(inputs) if len(item[1]) == 1 or item[0] in settings.situations)
    weighed = years_judged(items, settings)
    begun = signed.in_service(who.codes, items.elements, weighed)
    values = replace(held_forces.central(), needs=aim.needs) if aim else None
    seen = judged(
        inputs.planning, held_forces, posture, list(situations), who, weighed, settings,
        values=values, begun=begun, offers=aim.offers if aim else None,
    )  # fmt: skip
    earlier = signed.in_service(who.codes, items.elements, years), signed.to_pay(who.codes, years) / BILLION
    full = problem(settings, money, items, who, seen, earlier)
    small = coarse(full)
    goals = [hold(small, goal) for goal in settings.goals] if full.keeps("goals") else []
    wanted = tuple((target, int(np.argmax(np.array(seen.years) >= target.by))) for target in settings.targets)
    return Asked(
        inputs, settings, held_forces, full, small, tuple(item for item, _ in goals),
        tuple(item for _, item in goals), wanted, situations, states,
    )  # fmt: skip


def _less(items: Catalogue, signed: Committed, settings: Plan) -> Catalogue:
    """Return the catalogue without the places on lines that orders signed before have taken."""
    taken = signed.taken(items.lines, range(settings.first_year, settings.last_year + 1))
    return replace(items, capacity=np.maximum(items.capacity - taken, 0.0))


def make(asked: Asked, progress: Progress | None = None, stop: Callable[[], bool] | None = None) -> Made:
    """Make a plan.

    Parameters
    ----------
    asked
        What is asked.
    progress
        Called after each step.
    stop
        Asked now and then; a solve that is stopped ends with the best it found, or not at all.

    Raises
    ------
    SolveError
        A stage found no plan; see :mod:`article3.plan.impossible` for the reasons.
    Cancelled
        It was stopped before there was any plan.
    """

    def tell(step: int) -> None:
        if progress:
            progress(Step(step + 1, len(STEPS), STEPS[step]))

    tell(0)
    decider = Decider(asked.coarse, asked.held, asked.wanted)
    first = decider.read(_found(decider.least_risk(stop=stop)))
    certificates = {"risk": (decider.certificate(first.solution), first.solution)}
    tell(1)
    cheap = decider.least_cost((first.risk + first.missed) * (1 + asked.settings.tolerance), stop=stop)
    certificates["cost"] = (decider.certificate(cheap), cheap)
    # Stopped between the two, the plan of least risk stands: dearer than it need be, and said so.
    second = decider.read(cheap) if cheap.point or not stopped(cheap) else first
    tell(2)
    needs = needs_of(asked, decider, second)
    shared = share_out(asked.given, needs, stop)
    if asked.settings.lots:
        shared = whole_lots(asked.given, needs, shared, stop=stop)
    certificates["apportionment"] = (shared.certificate, shared.solution)
    tell(3)
    made = judge(asked, (first, second), needs, shared, certificates)
    tell(4)
    return made


def stopped(solution: Solution) -> bool:
    """Return whether a solve was stopped, by the user or by its time limit."""
    return solution.status in (Status.INTERRUPTED, Status.TIME_LIMIT)


def _found(solution: Solution) -> Solution:
    if solution.point is None and stopped(solution):
        raise Cancelled("The work was stopped before there was any plan; nothing was written.")
    return solution


def needs_of(asked: Asked, decider: Decider, second: Decision) -> Needs:
    """Return what the least-cost plan needs, with what it reaches of goals and targets."""
    small, seen = asked.coarse, asked.given.judged
    fielded = by_class(small, second.added)
    used = np.zeros(small.items.capacity.shape)
    np.add.at(used, (small.order_line, small.order_year), second.ordered)
    worth = (
        second.solution.dual(decider.program.row_block("supply")) if second.solution.prices else np.ones_like(seen.base)
    )
    firm = np.zeros(len(seen.scale), dtype=bool)
    for target, _ in asked.wanted:
        needs = target_needs(asked.given, target)
        firm[seen.form.var_supply[np.isin(seen.form.var_need, needs)]] = True
    held = []
    for item in asked.held:
        if item.goal.of == "requirement" and len(item.rows):
            reached = potential(small, fielded[:, :, item.year], item.year)[item.rows]
            item = replace(item, level=np.minimum(item.level, reached - STILL))  # noqa: PLW2901 - the level reached
        held.append(replace(item, soft=item.soft or item.goal.of == "requirement"))
    return Needs(seen.arriving(fielded) - seen.base, np.abs(worth), used, tuple(held), firm)


def judge(
    asked: Asked,
    decided: tuple[Decision, Decision],
    needs: Needs,
    shared: Sharing,
    certificates: dict[str, tuple[Certificate, Solution]],
) -> Made:
    """Judge a plan in every year of money by the gap's own models: eight pieces, exact weakest links."""
    years = asked.given.years
    seen = seen_in(asked, years)
    stock = seen.arriving(by_class(shared.given, shared.added, years))
    margin, risk = models(asked, seen.values)
    outcomes = [
        (
            tuple(margin.solve_stock(by_margin(margin, seen, row)) for row in rows),
            tuple(risk.solve_stock(row) for row in rows),
        )
        for rows in (stock, seen.base)
    ]
    return Made(
        asked,
        *decided,
        needs,
        shared,
        certificates,
        years,
        seen,
        (outcomes[0][0], outcomes[1][0]),
        (outcomes[0][1], outcomes[1][1]),
        stock,
    )


def seen_in(asked: Asked, years: tuple[int, ...], values: Values | None = None) -> Judged:
    """Return what is judged in some years, by the central values or by others."""
    return judged(
        asked.inputs.planning,
        asked.forces,
        asked.given.judged.posture,
        list(asked.situations),
        asked.given.buyers,
        years,
        asked.settings,
        values=values,
        begun=asked.given.begun[:, :, asked.given.place(years)],
    )


def models(asked: Asked, values: Values) -> tuple[MarginModel, RiskModel]:
    """Return the gap's models over what is judged."""
    axes, posture = asked.forces.axes, asked.given.judged.posture
    cells = asked.given.judged.form.cells
    whole = widest(axes, values, posture)
    return MarginModel(axes, values, cells, whole), RiskModel(axes, values, cells, whole)


def by_margin(margin: MarginModel, seen: Judged, units: Array) -> Array:
    """Return units by the margin model's rows of supply, which are some of the risk model's."""
    elements = len(seen.axes.elements)
    place = {int(code): row for row, code in enumerate(seen.form.supply_class * elements + seen.form.supply_element)}
    mine = margin.form.supply_class * elements + margin.form.supply_element
    return np.asarray(units[[place[int(code)] for code in mine]])


def drawn(asked: Asked, shared: Sharing, years: tuple[int, ...], draws: int, seed: int) -> Array:
    """Return attainment over draws of everything uncertain, (draws, years, cells); the same orders in each."""
    found = []
    for number in range(draws):
        rng = np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, number]))
        values = same_shape(asked.forces.draw(rng), asked.forces.central())
        seen = seen_in(asked, years, values)
        stock = seen.arriving(by_class(shared.given, shared.added, years))
        margin, _ = models(asked, values)
        found.append([margin.solve_stock(by_margin(margin, seen, row), names=False).attainment for row in stock])
    return np.array(found)
