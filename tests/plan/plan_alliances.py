"""Small plans made up for tests: a few Allies, tankers and batteries, three to five years, numbers that fit on paper.

Everything is round: GDP and envelopes are given, wages and upkeep are 0 unless said otherwise, each element has one line
and serves one requirement, one unit brings one unit. A test changes what it is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from article3.gap.forces import GROUPS, Axes, Values
from article3.gap.layout import Cell, Layout
from article3.gap.postures import Posture
from article3.plan.buyers import TERMS, Buyers
from article3.plan.catalogue import Catalogue
from article3.plan.judged import Judged, weights_of
from article3.plan.means import Means
from article3.plan.problem import Problem, problem
from article3.program import Program, Session, Solution
from article3.scenario.contingency import Contingency
from article3.scenario.plan_schema import Plan

ELEMENTS = ("tanker", "sam_medium")
CAPABILITIES = ("air_refuelling", "medium_range_air_defence")
EUROPE = GROUPS.index("europe")


@dataclass(frozen=True)
class Small:
    """A small plan; every field has a default that a test may change.

    Parameters
    ----------
    allies, groups, klass
        Allies, their groups, and their classes of reach (each its own by default).
    fleets
        Members of fleets by code; a fleet is of its first member's class and fields the first element only.
    elements
        How many of the elements there are.
    until, last
        Last year of money, and of ordering; the first is 2027.
    judged
        Years judged.
    gdp, envelope, personnel, wage
        By Ally: million US$, million US$ by year or one for all, persons, million US$.
    lot, cost, upkeep, people, life, entry
        By element.
    lines
        Of each line: element, capacity in units by year or one for all, lead, setup, makers.
    need, base, held
        Units required by element; what is there without the plan; held by Ally and element.
    american
        Units the United States holds, by element: it counts for inventories only.
    """

    allies: tuple[str, ...] = ("DEU",)
    groups: tuple[str, ...] = ()
    klass: tuple[int, ...] = ()
    fleets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    elements: int = 1
    until: int = 2031
    last: int = 2029
    judged: tuple[int, ...] = (2029, 2031)
    gdp: ArrayLike = 1e6
    envelope: ArrayLike = 1e6
    personnel: ArrayLike = 100_000.0
    wage: ArrayLike = 0.0
    lot: ArrayLike = 1.0
    cost: ArrayLike = 90.0
    upkeep: ArrayLike = 0.0
    people: ArrayLike = 0.0
    life: ArrayLike = 30
    entry: ArrayLike = 0.0
    lines: tuple[dict[str, Any], ...] = ()
    need: ArrayLike = 10.0
    base: ArrayLike = 0.0
    held: ArrayLike = 0.0
    american: ArrayLike = 0.0
    settings: dict[str, Any] = field(default_factory=dict)

    def problem(self) -> Problem:
        """Return the problem."""
        settings = Plan(
            **{"goals": (), "first_year": 2027, "last_year": self.last, "until": self.until} | self.settings
        )
        items, means = self._items(settings), self._means(settings)
        buyers = self._buyers(means)
        return problem(settings, means, items, buyers, self._judged(settings, buyers))

    def but(self, **changes: Any) -> Small:
        """Return the small plan with some fields changed."""
        return replace(self, **changes)

    def _each(self, value: ArrayLike) -> np.ndarray:
        return np.broadcast_to(np.asarray(value, dtype=float), (self.elements,)).copy()

    def _items(self, settings: Plan) -> Catalogue:
        span = settings.last_year - settings.first_year + 1
        lines = self.lines or tuple({"element": place} for place in range(self.elements))
        lines = tuple({"capacity": 100.0, "lead": 2, "setup": 0.0, "makers": ()} | line for line in lines)
        element = np.array([line["element"] for line in lines], dtype=np.int64)
        cost = self._each(self.cost)
        return Catalogue(
            ELEMENTS[: self.elements], self._each(self.lot), cost, self._each(self.upkeep), self._each(self.people),
            self._each(self.life).astype(np.int64), self._each(self.entry),
            tuple(f"line{number}" for number in range(len(lines))), element,
            np.array([np.broadcast_to(np.asarray(line["capacity"], dtype=float), (span,)) for line in lines]),
            np.array([line["lead"] for line in lines], dtype=np.int64), cost[element],
            np.array([line["setup"] for line in lines], dtype=float), tuple("europe" for _ in lines),
            tuple(tuple(line["makers"]) for line in lines), tuple("notional" for _ in range(self.elements)),
            tuple("notional" for _ in lines),
        )  # fmt: skip

    def _means(self, settings: Plan) -> Means:
        years = tuple(range(settings.first_year, settings.until + 1))
        count, shape = len(self.allies), (len(self.allies), len(years))

        def by_ally(value: ArrayLike) -> np.ndarray:
            return np.broadcast_to(np.asarray(value, dtype=float), (count,)).copy()

        def by_year(value: ArrayLike) -> np.ndarray:
            given = np.asarray(value, dtype=float)
            return np.broadcast_to(given[:, None] if given.ndim == 1 else given, shape).copy()

        nought = np.zeros(shape)
        return Means(
            self.allies, years, by_year(self.gdp), np.zeros(count), nought, nought, by_year(self.envelope),
            by_ally(self.personnel), by_ally(self.wage), (),
        )  # fmt: skip

    def _buyers(self, means: Means) -> Buyers:
        allies, count = len(self.allies), len(self.allies) + len(self.fleets)
        group = [GROUPS.index(name) for name in self.groups or ("europe",) * allies]
        klass = list(self.klass or range(allies))
        member, eligible = np.zeros((count, allies)), np.ones((count, self.elements), dtype=bool)
        member[:allies] = np.eye(allies)
        for number, members in enumerate(self.fleets.values(), start=allies):
            mine = np.isin(np.array(self.allies), members)
            member[number] = np.where(mine, means.gdp[:, 0], 0.0) / means.gdp[mine, 0].sum()
            eligible[number, 1:] = False
            group.append(group[self.allies.index(members[0])])
            klass.append(klass[self.allies.index(members[0])])
        held = np.zeros((count, self.elements))
        held[:allies] = self.held
        codes = (*self.allies, *self.fleets)
        return Buyers(
            codes, allies, member, np.array(group), np.zeros((count, 1), dtype=np.int64), np.zeros(count, dtype=bool),
            np.array(klass), eligible, held, np.full((len(TERMS), count, self.elements), 0.5),
            np.zeros((len(TERMS), count, self.elements), dtype=bool), np.where(held > 0, 0.0, 1.0), codes,
        )  # fmt: skip

    def _judged(self, settings: Plan, made: Buyers) -> Judged:
        capabilities = CAPABILITIES[: self.elements]
        numbers = np.arange(self.elements)
        holders, zero = ("USA", *self.allies), np.zeros(self.elements, dtype=np.int64)
        east = Contingency("east", "East", "", "east", True, "high", 1.0, capabilities, (), "")
        names = {
            "holder": holders, "element": ELEMENTS[: self.elements], "capability": capabilities, "contingency": ("east",)
        }  # fmt: skip
        axes = Axes(
            holders, np.array([0, *made.group[: made.allies]]), ELEMENTS[: self.elements], capabilities, (east,), ("",),
            np.zeros((len(holders), 1), dtype=np.int64), np.ones(self.elements, dtype=bool),
            {axis: {name: place for place, name in enumerate(listed)} for axis, listed in names.items()},
        )  # fmt: skip
        need, none = self._each(self.need), np.zeros((0, 0))
        needs = np.zeros((1, 3, self.elements))
        needs[0, 0] = need
        values = Values(none, none, {}, none, none, none, np.eye(self.elements), needs)
        form = Layout(
            (Cell("east", 0, (0,)),), numbers, numbers, numbers, zero, zero, numbers, zero, zero, numbers, zero[:1],
            np.ones((1, 2 * len(holders)), dtype=bool), need,
        )  # fmt: skip
        count = len(self.judged)
        holdings = np.zeros((count, len(holders), self.elements))
        holdings[:, 0] = self.american
        holdings[:, 1:] = made.held[: made.allies]
        base = np.broadcast_to(self._each(self.base), (count, self.elements)).copy()
        classes = np.unique(made.klass)
        european = np.array([made.group[np.argmax(made.klass == item)] == EUROPE for item in classes])
        return Judged(
            axes, values, Posture("with", "before"), form, need, np.ones(self.elements),
            np.full(self.elements, 1.0 / self.elements), self.judged, weights_of(self.judged, settings), holdings, base,
            base.copy(), np.tile(numbers, len(classes)), np.repeat(classes, self.elements),
            np.ones(len(classes) * self.elements), classes[european],
        )  # fmt: skip


def best(program: Program, block: str, worth: ArrayLike = -1.0) -> Solution:
    """Solve with costs on one block only: by default as much of it as there can be."""
    session = Session(program)
    session.set_costs(program.block(block), worth)
    return session.solve()


def fixed(program: Program, values: Sequence[float]) -> Session:
    """Return a session in which the orders are given."""
    session = Session(program)
    session.set_bounds(program.block("ordered"), lower=values, upper=values)
    return session
