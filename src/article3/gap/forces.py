"""From planning tables to arrays: who holds, keeps, offers and can move what, and what each contingency needs.

Every estimate has low, central and high values, read as the 10th, 50th and 90th percentile of a two-piece linear
distribution: :meth:`Spread.at` gives the value at a standard normal score.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from article3.domain import allies, ally, capabilities, force_elements, pool, pools
from article3.evidence.planning import Planning
from article3.scenario.contingency import Contingency

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

GROUPS: Final = ("usa", "canada", "europe")
WINDOWS: Final = (10, 30, 180)
BANDS: Final = ("home", "near", "far", "overseas")
TEN_PERCENT: Final = 1.2815515655446004
"""Standard normal score of the 90th percentile."""
EARTH_KM: Final = 6371.0


@dataclass(frozen=True, slots=True)
class Spread:
    """An array of estimates with low, central and high values of one shape."""

    low: Array
    central: Array
    high: Array

    def at(self, score: Array | float = 0.0, ceiling: float = math.inf) -> Array:
        """Return the values at standard normal scores that broadcast to the shape, within 0 and the ceiling."""
        steps = np.asarray(score) / TEN_PERCENT
        moved = np.where(steps < 0, (self.central - self.low) * steps, (self.high - self.central) * steps)
        return np.clip(self.central + moved, 0.0, ceiling)


@dataclass(frozen=True, slots=True)
class Axes:
    """Names along every axis of the arrays, and the places of names.

    Parameters
    ----------
    holders
        Allies with forces and pools.
    group
        Index into ``GROUPS`` by holder.
    elements, capabilities
        Force elements and capabilities, in the order of the vocabulary.
    contingencies
        The contingencies of the scenario.
    versions
        Versions of the offer of the United States.
    band
        Index into ``BANDS`` by holder and contingency: how far its forces have to go.
    rival
        By element: whether a unit used in one contingency is missing in another.
    """

    holders: tuple[str, ...]
    group: Ints
    elements: tuple[str, ...]
    capabilities: tuple[str, ...]
    contingencies: tuple[Contingency, ...]
    versions: tuple[str, ...]
    band: Ints
    rival: NDArray[np.bool_]
    place: dict[str, dict[str, int]] = field(repr=False)

    def of(self, axis: str, name: str) -> int:
        """Return the place of a name on an axis."""
        return self.place[axis][name]


@dataclass(frozen=True, slots=True)
class Values:
    """One realisation of everything uncertain. Shapes: H holders, E elements, K capabilities, C contingencies.

    Parameters
    ----------
    holdings, retained
        Units held and share kept back, (H, E).
    offers
        Units the United States offers, by version, (E,) each.
    availability
        Usable share of what is offered inside a window, (E, windows).
    reach
        Share of the effect that arrives, (bands, windows).
    interoperability
        Share of the effect that reaches a force of several nations, (groups, E).
    effects
        Units of a capability per unit of an element, (E, K).
    needs
        Requirement, (C, windows, K); 0 where nothing is required.
    """

    holdings: Array
    retained: Array
    offers: dict[str, Array]
    availability: Array
    reach: Array
    interoperability: Array
    effects: Array
    needs: Array


@dataclass(frozen=True, slots=True)
class Forces:
    """All estimates of a scenario as arrays: shapes as in :class:`Values`, each with low, central and high."""

    axes: Axes
    holdings: Spread
    retained: Spread
    offers: dict[str, Spread]
    availability: Spread
    reach: Spread
    interoperability: Spread
    effects: Spread
    needs: Spread

    def central(self) -> Values:
        """Return the central values."""
        return self.draw(None)

    def draw(self, rng: np.random.Generator | None) -> Values:
        """Return one draw; without a generator, the central values.

        What one error of judgement would move together moves together: the windows of an availability or a
        requirement, an element in all versions of an offer. Counts of one element share half of their variance over
        holders, because they come from the same sources.
        """
        held, kept = self.holdings.central.shape, self.retained.central.shape

        def score(*shape: int) -> Array:
            return np.clip(rng.standard_normal(shape), -2.5, 2.5) if rng else np.zeros(shape)

        common, own = score(1, held[1]), score(*held)
        offered = score(held[1])
        return Values(
            self.holdings.at((common + own) / math.sqrt(2)),
            self.retained.at(score(kept[0], 1), 1.0),
            {version: spread.at(offered) for version, spread in self.offers.items()},
            self.availability.at(score(held[1], 1), 1.0),
            self.reach.at(score(1, 1), 1.0),
            self.interoperability.at(score(len(GROUPS), 1), 1.0),
            self.effects.at(score(*self.effects.central.shape)),
            self.needs.at(score(self.needs.central.shape[0], 1, self.needs.central.shape[2])),
        )


def forces(planning: Planning, contingencies: Sequence[Contingency]) -> Forces:
    """Read all arrays of a scenario.

    Parameters
    ----------
    planning
        The planning tables.
    contingencies
        The contingencies judged.
    """
    axes = _axes(planning, tuple(contingencies))
    holders, elements = len(axes.holders), len(axes.elements)
    versions = {
        version: _spread(planning.table("offers").filter(pl.col("version") == version), axes, ("element",), (elements,))
        for version in axes.versions
    }
    return Forces(
        axes,
        _spread(planning.table("holdings"), axes, ("holder", "element"), (holders, elements)),
        _defaults(planning.table("retained"), axes, "holder", axes.holders, "default", "element", "any"),
        versions,
        _spread(planning.table("availability"), axes, ("element", "window_days"), (elements, len(WINDOWS))),
        _spread(planning.table("reach"), axes, ("distance", "window_days"), (len(BANDS), len(WINDOWS))),
        _by_domain(planning.table("interoperability")),
        _spread(planning.table("effects"), axes, ("element", "capability"), (elements, len(axes.capabilities))),
        _needs(axes),
    )


def _axes(planning: Planning, contingencies: tuple[Contingency, ...]) -> Axes:
    elements = force_elements()
    known = set(planning.table("holdings")["holder"].unique().to_list())
    everyone = (*(item.code for item in allies()), *(item.code for item in pools()))
    order = [code for code in everyone if code in known]
    group = np.array([GROUPS.index(_group(code)) for code in order], dtype=np.int64)
    names: dict[str, Sequence[str]] = {
        "holder": order,
        "element": [item.id for item in elements],
        "capability": [item.id for item in capabilities()],
        "contingency": [item.id for item in contingencies],
        "distance": BANDS,
        "group": GROUPS,
    }
    return Axes(
        tuple(order),
        group,
        tuple(names["element"]),
        tuple(names["capability"]),
        contingencies,
        tuple(planning.table("offers")["version"].unique(maintain_order=True).to_list()),
        _bands(planning, order, group, contingencies),
        np.array([item.rival for item in elements]),
        {axis: {name: place for place, name in enumerate(listed)} for axis, listed in names.items()},
    )


def _group(code: str) -> str:
    return pool(code).group if code in {item.code for item in pools()} else ally(code).region


def _bands(planning: Planning, holders: Sequence[str], group: Ints, contingencies: Sequence[Contingency]) -> Ints:
    """Return the band of every holder in every contingency, from great-circle distances."""
    where = {row["place"]: (row["lat"], row["lon"]) for row in planning.table("places").iter_rows(named=True)}
    upper = [row["up_to_km"] for row in planning.table("bands").iter_rows(named=True)]
    limits = [math.inf if limit is None else limit for limit in upper]
    found = np.zeros((len(holders), len(contingencies)), dtype=np.int64)
    for place, contingency in enumerate(contingencies):
        theatre = where[contingency.theatre]
        for row, holder in enumerate(holders):
            if GROUPS[group[row]] != "europe":
                found[row, place] = BANDS.index("overseas")
            elif theatre[0] is not None:
                away = distance_km(where[holder], theatre)
                found[row, place] = next(band for band, limit in enumerate(limits) if away <= limit)
    return found


def distance_km(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the great-circle distance between two places given as (degrees north, degrees east), in km."""
    (north, east), (north_, east_) = (tuple(map(math.radians, item)) for item in (first, second))
    half = math.sin((north_ - north) / 2) ** 2 + math.cos(north) * math.cos(north_) * math.sin((east_ - east) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def _spread(table: pl.DataFrame, axes: Axes, keys: tuple[str, ...], shape: tuple[int, ...]) -> Spread:
    """Return a table's estimates at the places its keys name; 0 where it has no row."""
    places = [_places(table[key], axes, key) for key in keys]
    known = np.logical_and.reduce([place >= 0 for place in places]) if places else np.array([])
    spread = []
    for column in ("low", "central", "high"):
        array = np.zeros(shape)
        array[tuple(place[known] for place in places)] = table[column].to_numpy()[known]
        spread.append(array)
    return Spread(*spread)


def _places(column: pl.Series, axes: Axes, key: str) -> Ints:
    if key == "window_days":
        return np.array([WINDOWS.index(int(item)) for item in column], dtype=np.int64)
    return np.array([axes.place[key].get(item, -1) for item in column], dtype=np.int64)


def _defaults(
    table: pl.DataFrame, axes: Axes, key: str, names: Sequence[str], default: str, second: str, any_: str
) -> Spread:
    """Return a table with default lines spread over holders and elements: the more particular line wins."""
    rows = {(row[key], row[second]): row for row in table.iter_rows(named=True)}
    found = [np.zeros((len(names), len(axes.elements))) for _ in range(3)]
    for i, name in enumerate(names):
        for e, element in enumerate(axes.elements):
            tried = ((name, element), (name, any_), (default, element), (default, any_))
            row = next((rows[item] for item in tried if item in rows), None)
            for array, column in zip(found, ("low", "central", "high"), strict=True):
                array[i, e] = row[column] if row else 0.0
    return Spread(*found)


def _by_domain(table: pl.DataFrame) -> Spread:
    domains = [item.domain for item in force_elements()]
    rows = {(row["group"], row["domain"]): row for row in table.iter_rows(named=True)}
    found = [np.ones((len(GROUPS), len(domains))) for _ in range(3)]
    for g, group in enumerate(GROUPS):
        for e, domain in enumerate(domains):
            row = rows.get((group, domain)) or rows.get((group, "any"))
            for array, column in zip(found, ("low", "central", "high"), strict=True):
                array[g, e] = row[column] if row else 1.0
    return Spread(*found)


def _needs(axes: Axes) -> Spread:
    found = [np.zeros((len(axes.contingencies), len(WINDOWS), len(axes.capabilities))) for _ in range(3)]
    for place, contingency in enumerate(axes.contingencies):
        for need in contingency.needs:
            where = (place, WINDOWS.index(need.window_days), axes.of("capability", need.capability))
            for array, value in zip(found, (need.low, need.central, need.high), strict=True):
                array[where] = value
    return Spread(*found)
