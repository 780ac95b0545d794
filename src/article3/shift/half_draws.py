"""Draws of what Europe could give of every requirement: money, delays and ranges, all years and draws as arrays.

The first of all draws is the plan as it stands: central values, every delivery on time, all money there. In the others

* holdings, what is kept back, availability, reach, interoperability, effects and needs are drawn as in the gap
  (:meth:`article3.gap.forces.Forces.draw`), with the same generators;
* deliveries come later by table ``delays``: half of the variance is common to all, because works share suppliers;
* an order is as large as the part of the new money of its year that is there: what a joint draw of the forecast leaves
  above the committed baseline, over what the path to the pledge would, from 0 to 1.

Any of these kinds can be left out, so that one sees which of them lowers odds.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.domain import pledge
from article3.errors import NotKnownError
from article3.forecast.method import Parameters
from article3.forecast.paths import draw, surprises
from article3.gap.assess import same_shape
from article3.gap.forces import GROUPS, Array, Axes, Ints, Values
from article3.gap.postures import taking_part
from article3.plan.make import Made
from article3.plan.means import BASE
from article3.pledge.warning import basis, odds, targets_of
from article3.scenario.shift_schema import Shift
from article3.shift.half_flows import EUROPE, Drawn, Flows, changes, orders, scores_of, signed

USA: Final = GROUPS.index("usa")
BASES: Final = ("announced", "plan")
"""Committed deliveries and known retirements alone; the plan on top."""
KINDS: Final = ("money", "delays", "ranges")
"""What is drawn."""
GOAL_YEAR: Final = 2030
PLEDGE: Final = "hague_2025"
"""The pledge to which the forecast draws new money."""
_PATHS: Final = 1000
"""Joint paths drawn, however few are used, so that more draws leave the first ones as they were."""
_CHUNK: Final = 64
_CLIP: Final = 2.5
_SEEN: Final = 1e-9


@dataclass(frozen=True, slots=True)
class World:
    """What does not depend on a draw. Shapes: H holders, P classes of reach of European forces, C, W, K, E, U needs.

    Parameters
    ----------
    axes
        Names.
    years
        Years, ascending, from the first looked at.
    need
        Contingency, window and capability of every requirement, (U, 3).
    klass
        Class of reach of each holder; -1 for those not European, (H,).
    band, present
        How far a class has to go, and whether it takes part, (P, C).
    changes, signed, orders
        Committed deliveries and retirements by holder; orders signed before and orders of the plan by class of reach.
    """

    axes: Axes
    years: tuple[int, ...]
    need: Ints
    klass: Ints
    band: Ints
    present: NDArray[np.bool_]
    changes: Flows
    signed: Flows
    orders: Flows


@dataclass(frozen=True, slots=True)
class Shares:
    """What Europe could give and what it holds, by draw and year.

    Parameters
    ----------
    years, need
        As in :class:`World`.
    given
        What European holders could give of each requirement, each unit counted again for each, as a fraction of it, by
        basis, (D, Y, U).
    europe
        Units European holders have, by basis, (D, Y, E).
    usa
        Units the United States has, (D, Y, E).
    unpaid
        Why no draw lacks money; empty where money was drawn.
    """

    years: tuple[int, ...]
    need: Ints
    given: dict[str, Array]
    europe: dict[str, Array]
    usa: Array
    unpaid: str


def shares(made: Made, shift: Shift, kinds: tuple[str, ...] = KINDS) -> Shares:
    """Return European shares of requirements and holdings, for the plan as it stands and for every draw.

    Parameters
    ----------
    made
        A plan.
    shift
        Last year, number of draws, deliveries that come later.
    kinds
        What is drawn, of :data:`KINDS`; all of it by default. What is not stays as planned, the rest is as it was.
    """
    there = world(made, shift)
    money, unpaid = money_there(made, shift.draws if "money" in kinds else 0)
    if "money" not in kinds:
        money = np.repeat(money, shift.draws + 1, axis=0)
    parts = [_given(there, drawn) for drawn in draws(made, shift.draws, money, kinds)]
    return Shares(
        there.years,
        there.need,
        {name: np.concatenate([part[0][name] for part in parts]) for name in BASES},
        {name: np.concatenate([part[1][name] for part in parts]) for name in BASES},
        np.concatenate([part[2] for part in parts]),
        unpaid,
    )


def draws(made: Made, number: int, money: Array, kinds: tuple[str, ...] = KINDS) -> Iterator[Drawn]:
    """Yield the plan as it stands and then its draws, a chunk at a time.

    Every draw has counter-based generators of its own (Philox): one that the gap and the plan use too, one for delays.
    """
    asked = made.asked
    seed, size = asked.inputs.scenario.seed, scores_of(made.asked.forces.axes, asked.given.items.lines)
    central = asked.forces.central()
    for start in range(0, number + 1, _CHUNK):
        places = range(start, min(start + _CHUNK, number + 1))
        values, scores = [], np.zeros((len(places), size))
        for row, place in enumerate(places):
            if place == 0 or "ranges" not in kinds:
                values.append(central)
            else:
                rng = np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, place - 1]))
                values.append(same_shape(asked.forces.draw(rng), central))
            late = np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 1, place - 1]))
            common, own = late.standard_normal(), late.standard_normal(size)
            scores[row] = np.clip((common + own) / math.sqrt(2), -_CLIP, _CLIP)
        yield Drawn(
            _stacked(values),
            scores,
            np.array([not place or "delays" not in kinds for place in places]),
            money[list(places)],
        )


def as_planned(made: Made) -> Drawn:
    """Return the plan as it stands: central values, everything on time, all money there."""
    return next(draws(made, 0, money_there(made, 0)[0]))


def _stacked(values: list[Values]) -> Values:
    names = [item.name for item in fields(Values) if item.name != "offers"]
    return Values(offers={}, **{name: np.stack([getattr(item, name) for item in values]) for name in names})


def money_there(made: Made, number: int) -> tuple[Array, str]:
    """Return the part of the new money that is there, by draw, buyer and year of order, and why none is missing.

    ::

        part(i, t) = (share drawn - committed) / (path - committed), from 0 to 1

    in shares of GDP of Ally i in year t; the members' mean by GDP for a fleet; that of the last year forecast for later
    years. All of it in the first draw, which is the plan as it stands. Shape (1 + number, B, T).
    """
    given, cash = made.shared.given, made.asked.settings.money
    found = np.ones((number + 1, len(given.means.allies), given.items.capacity.shape[1]))
    why = ""
    if cash.envelope != "pledge":
        why = f"Money is given by the scenario ('{cash.envelope}'), so that no draw lacks any."
    elif number:
        try:
            found[1:] = _paid(made, number)
        except NotKnownError as error:
            why = f"Money is not drawn, because it cannot be forecast: {error.faults[0].what}."
    return np.minimum(np.einsum("bn,dnt->dbt", given.buyers.member, found), 1.0), why


def _paid(made: Made, number: int) -> Array:
    asked, means = made.asked, made.shared.given.means
    known = basis(asked.inputs.evidence)
    item = pledge(PLEDGE)
    stated = odds(known, item).made
    past = surprises(known.panel, known.origin, targets_of(item), Parameters())
    noisy = np.isin(np.array(stated.allies), known.estimated)
    drawn = np.concatenate(list(draw(stated, past, _PATHS, asked.inputs.scenario.seed, nowcast=noisy)))
    years = np.array(means.years[: made.shared.given.items.capacity.shape[1]])
    ahead = np.clip(years - known.origin - 1, 0, drawn.shape[1] - 1)
    ally = [stated.allies.index(code) if code in stated.allies else -1 for code in means.allies]
    share = drawn[:number][:, ahead][:, :, ally].transpose(0, 2, 1) / 100.0
    committed_, wanted = means.committed[:, : len(years)], (means.path - means.committed)[:, : len(years)]
    part = np.clip((share - committed_) / np.maximum(wanted, _SEEN), 0.0, 1.0)
    # Years already reported, and Allies that no forecast speaks of, keep to their path.
    still = (wanted <= _SEEN) | (np.array(ally) < 0)[:, None] | (years <= known.origin)[None, :]
    return np.where(still[None] | np.isnan(part), 1.0, part)


def world(made: Made, shift: Shift) -> World:
    """Return what does not depend on a draw: classes of reach, needs, and what comes and leaves."""
    asked = made.asked
    axes, posture, who = asked.forces.axes, asked.given.judged.posture, asked.given.buyers
    years = tuple(range(BASE, max(shift.until, GOAL_YEAR) + 1))
    here = taking_part(axes, posture)
    high = np.array([item.intensity == "high" for item in axes.contingencies])
    place = axes.place["holder"]
    buyers = zip(who.codes, who.limited, strict=True)
    buying = np.stack([here[place[code]] if code in place else ~(high & few) for code, few in buyers])
    marks = np.concatenate(
        [np.concatenate([axes.band, who.band]), np.concatenate([here, buying]).astype(np.int64)], axis=1
    )
    group = np.concatenate([axes.group, who.group])
    found, inverse = np.unique(marks[group == EUROPE], axis=0, return_inverse=True)
    klass = np.full(len(group), -1, dtype=np.int64)
    klass[group == EUROPE] = inverse.reshape(-1)
    cases, holders = len(axes.contingencies), len(axes.holders)
    mine = klass[holders:]
    return World(
        axes,
        years,
        np.argwhere(asked.forces.needs.central > 0).astype(np.int64),
        klass[:holders],
        found[:, :cases],
        found[:, cases:] > 0,
        changes(made, shift),
        signed(made, shift, mine),
        orders(made, shift, mine),
    )


def _given(there: World, drawn: Drawn) -> tuple[dict[str, Array], dict[str, Array], Array]:
    """Return shares of requirements and holdings of Europe, by basis, and holdings of the United States."""
    values, ours = drawn.values, there.klass >= 0
    size = len(drawn.on_time), len(there.years), len(there.band), len(there.axes.elements)
    member = (there.klass[None, :] == np.arange(size[2])[:, None]).astype(float)
    kept = np.broadcast_to(np.einsum("ph,dhe->dpe", member, values.retained * values.holdings)[:, None], size).copy()
    free = np.einsum("ph,dhe->dpe", member, (1.0 - values.retained) * values.holdings)
    free = np.broadcast_to(free[:, None], size).copy()
    europe = np.broadcast_to(values.holdings[:, ours].sum(axis=1)[:, None], (size[0], size[1], size[3])).copy()
    american = there.axes.group == USA
    usa = np.broadcast_to(values.holdings[:, american].sum(axis=1)[:, None], europe.shape).copy()
    for holder, element, moved in _moved(there, drawn):
        if american[holder]:
            usa[:, :, element] += moved
        if there.klass[holder] < 0:
            continue
        part = values.retained[:, holder, element][:, None]
        free[:, :, there.klass[holder], element] += (1.0 - part) * moved
        kept[:, :, there.klass[holder], element] += part * moved
        europe[:, :, element] += moved
    found, held = {}, {}
    for name, flows in zip(BASES, (there.signed, there.orders), strict=True):
        more = np.zeros((size[2] * size[3], size[0], size[1]))
        np.add.at(more, flows.place * size[3] + flows.element, flows.there(there.years, drawn))
        added = more.reshape(size[2], size[3], size[0], size[1]).transpose(2, 3, 0, 1)
        free, europe = free + added, europe + added.sum(axis=2)
        found[name], held[name] = _covered(there, drawn, free, kept), europe
    return found, held, usa


def _moved(there: World, drawn: Drawn) -> Iterator[tuple[int, int, Array]]:
    """Yield what holdings change by, (D, Y), for each holder and element; nobody has less than nothing."""
    flows, elements = there.changes, len(there.axes.elements)
    code, place = np.unique(flows.place * elements + flows.element, return_inverse=True)
    total = np.zeros((len(code), len(drawn.on_time), len(there.years)))
    np.add.at(total, place.reshape(-1), flows.there(there.years, drawn))
    for row, number in enumerate(code):
        holder, element = int(number) // elements, int(number) % elements
        yield holder, element, np.maximum(total[row], -drawn.values.holdings[:, holder, element][:, None])


def _covered(there: World, drawn: Drawn, free: Array, kept: Array) -> Array:
    """Return what could be given of each requirement, as a fraction of it, (D, Y, U).

    ::

        sum over elements of effect x availability x interoperability x
            (sum over classes of reach x (offered + kept back, where the contingency is at home)) / requirement
    """
    values, axes = drawn.values, there.axes
    home = np.array([item.home for item in axes.contingencies], dtype=bool)
    reach = values.reach[:, there.band] * there.present[None, :, :, None]
    factor = values.availability.transpose(0, 2, 1) * values.interoperability[:, EUROPE][:, None, :]
    units = _arriving(axes, reach, free) + _arriving(axes, reach * home[None, None, :, None], kept)
    able = (units * factor[:, None, :, None, :]).reshape(len(units), -1, len(axes.elements)) @ values.effects
    case, window, name = there.need.T
    # Indices come first: (U, D, Y).
    given = able.reshape(*units.shape[:-1], -1)[:, case, window, :, name]
    return np.asarray(given.transpose(1, 2, 0) / values.needs[:, case, window, name][:, None, :])


def _arriving(axes: Axes, reach: Array, units: Array) -> Array:
    """Return units that arrive in each contingency and window, (D, C, W, Y, E).

    Parameters
    ----------
    axes
        Names.
    reach
        Share that arrives, by class of reach, contingency and window; 0 where it takes no part, (D, P, C, W).
    units
        Units by class of reach, (D, Y, P, E).
    """
    size, years, classes, elements = units.shape
    found = np.empty((size, *reach.shape[2:], years, elements))
    # What has nowhere to travel, such as satellites, is there wherever its holder takes part.
    for mine, weight in ((axes.rival, reach), (~axes.rival, (reach > 0).astype(float))):
        left = weight.transpose(0, 2, 3, 1).reshape(size, -1, classes)
        right = units[..., mine].transpose(0, 2, 1, 3).reshape(size, classes, -1)
        found[..., mine] = (left @ right).reshape(*found.shape[:-1], -1)
    return found
