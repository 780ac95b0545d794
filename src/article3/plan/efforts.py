"""Lines of effort: a force element and the coalition that orders it, with an owner.

A line of effort is a fleet's order of its element, or what all Allies order of an element from one production line.
Nothing is decided here; the orders of the plan are gathered as people act on them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from article3.domain import capabilities, force_element
from article3.evidence.planning import Planning
from article3.gap.rows import worst
from article3.plan.catalogue import Catalogue
from article3.plan.states import STATES, StateRow

STILL: Final = 1e-9
"""Units that are none."""
SPLIT: Final = "illustrative split"


@dataclass(frozen=True, slots=True)
class Fleet:
    """Allies that own units together.

    Parameters
    ----------
    code, title
        Code and name.
    members
        Codes of the members that plan.
    lead
        The Ally where it is located; the first member where that one does not plan.
    """

    code: str
    title: str
    members: tuple[str, ...]
    lead: str


@dataclass(frozen=True, slots=True)
class Step:
    """One order inside a line of effort: of the plan, or of a state file.

    Parameters
    ----------
    ally
        Code of the Ally or fleet.
    order_year
        Year of the order.
    delivery
        Day of delivery.
    units, cost
        Units, and million 2021 US$.
    state
        How far it has come.
    split, standing
        Whether who orders is illustrative, and its standing.
    """

    ally: str
    order_year: int
    delivery: date
    units: float
    cost: float
    state: str
    split: str
    standing: str


@dataclass(frozen=True, slots=True)
class Effort:
    """A line of effort.

    Parameters
    ----------
    effort
        Identifier: ``sam_medium.irist_slm_deu``, ``tanker.MMF``.
    element, source
        Force element, and production line or fleet.
    title
        Name for people.
    capability
        What the element gives.
    national
        Whether it is raised at home instead of bought.
    makers
        Allies in which it is made.
    fleet
        The fleet, or None.
    steps
        Orders, the first first.
    """

    effort: str
    element: str
    source: str
    title: str
    capability: str
    national: bool
    makers: tuple[str, ...]
    fleet: Fleet | None
    steps: tuple[Step, ...]

    @property
    def units(self) -> float:
        """Units of all orders."""
        return sum(step.units for step in self.steps)

    @property
    def cost(self) -> float:
        """Million 2021 US$ of all orders."""
        return sum(step.cost for step in self.steps)

    @property
    def participants(self) -> tuple[str, ...]:
        """Members of the fleet, or those who order, who spend most first."""
        return self.who(self.steps)

    @property
    def lead(self) -> str:
        """Owner."""
        return self.owner(self.steps)

    @property
    def split(self) -> str:
        """``illustrative split`` where it rests on notional holdings who orders."""
        return SPLIT if any(step.split for step in self.steps) else ""

    @property
    def standing(self) -> str:
        """Worst standing of its orders."""
        return worst(step.standing for step in self.steps)

    def who(self, steps: Sequence[Step]) -> tuple[str, ...]:
        """Return who takes part in some of its orders."""
        if self.fleet:
            return self.fleet.members
        cost: dict[str, float] = defaultdict(float)
        for step in steps:
            cost[step.ally] += step.cost
        return tuple(sorted(cost, key=lambda code: (-cost[code], code)))

    def owner(self, steps: Sequence[Step]) -> str:
        """Return who leads some of its orders: where the fleet is, else the largest buyer among makers, else of all."""
        if self.fleet:
            return self.fleet.lead
        buyers = self.who(steps)
        return next((code for code in buyers if code in self.makers), buyers[0])

    def delivered(self, day: date) -> float:
        """Return units that have come by a day."""
        return sum(step.units for step in self.steps if step.delivery <= day)

    def reached(self, part: float) -> str:
        """Return the furthest state that a part of the units has reached; of part 0 any unit at all."""
        for number in range(len(STATES) - 1, 0, -1):
            there = sum(step.units for step in self.steps if STATES.index(step.state) >= number)
            if there > STILL and there >= part * self.units - STILL:
                return STATES[number]
        return STATES[0]


def fleets(planning: Planning, planners: Collection[str] | None = None) -> dict[str, Fleet]:
    """Return the fleets by code.

    Parameters
    ----------
    planning
        Table ``pooling``.
    planners
        Allies that plan; members are all where it is None.
    """
    found: dict[str, Fleet] = {}
    for row in planning.table("pooling").filter(pl.col("kind") == "fleet").iter_rows(named=True):
        members = tuple(code for code in row["members"].split(";") if planners is None or code in planners)
        if members:
            lead = row["located"] if row["located"] in members else members[0]
            found[row["pool"]] = Fleet(row["pool"], row["title"], members, lead)
    return found


def efforts(
    orders: pl.DataFrame,
    planning: Planning,
    items: Catalogue,
    states: Sequence[StateRow] = (),
    planners: Collection[str] | None = None,
) -> tuple[Effort, ...]:
    """Return the lines of effort, the dearest first.

    Parameters
    ----------
    orders
        Table ``orders`` of the plan.
    planning
        Tables ``pooling``, ``lines`` and ``effects``.
    items
        Catalogue: lead times, prices and makers.
    states
        How far earlier orders have come; those not started have been planned again and are left out.
    planners
        Allies that plan.
    """
    known = fleets(planning, planners)
    titles = dict(planning.table("lines").select("line", "title").iter_rows())
    gathered: dict[tuple[str, str], list[Step]] = defaultdict(list)
    lines: dict[tuple[str, str], str] = {}
    for element, line, step in [*_planned(orders), *_begun(states, items)]:
        key = (element, step.ally if step.ally in known else line)
        gathered[key].append(step)
        lines[key] = line
    found = []
    for (element, source), steps in gathered.items():
        number = items.lines.index(lines[element, source])
        fleet = known.get(source)
        name = force_element(element).title
        national = items.origin[number] == "national" and not fleet
        title = titles[source] if national else f"{name}: {fleet.title if fleet else titles[source]}"
        steps.sort(key=lambda step: (step.order_year, step.delivery, step.ally))
        what = _capability(element, planning)
        makers = items.makers[number]
        found.append(Effort(f"{element}.{source}", element, source, title, what, national, makers, fleet, tuple(steps)))
    return tuple(sorted(found, key=lambda item: (-item.cost, item.effort)))


def _planned(orders: pl.DataFrame) -> list[tuple[str, str, Step]]:
    return [
        (
            row["element"],
            row["line"],
            Step(
                row["ally"], int(row["order_year"]), date.fromisoformat(row["delivery_date"]), float(row["units"]),
                float(row["cost_usd2021_m"]), STATES[0], row["split"] or "", row["standing"],
            ),
        )
        for row in orders.iter_rows(named=True)
        if row["units"] > STILL
    ]  # fmt: skip


def _begun(states: Sequence[StateRow], items: Catalogue) -> list[tuple[str, str, Step]]:
    found = []
    for row in states:
        if row.state != STATES[0]:
            number = items.lines.index(row.line)
            cost = row.units * float(items.price[number])
            standing = worst(["yours", *items.line_standing[number].split()])
            step = Step(row.ally, row.order_year, row.arrives(items), row.units, cost, row.state, "", standing)
            found.append((row.element, row.line, step))
    return found


def _capability(element: str, planning: Planning) -> str:
    """Return what an element gives like with like; where it gives none so, the one on which it has most effect."""
    for item in capabilities():
        if item.element == element:
            return item.id
    effects = planning.table("effects").filter(pl.col("element") == element).sort("central", descending=True)
    return str(effects["capability"][0]) if effects.height else ""
