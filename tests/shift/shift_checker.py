"""An independent checker of schedules: every day's gap solved by itself from the files on disk and the tables given.

Nothing is imported from article3. Holders are not pooled into classes: each holder's units of each element are shared
out among capabilities by a linear program of their own (:func:`scipy.optimize.linprog`), the plan's orders buyer by
buyer. The United States offers what table ``offers`` says less what the rows of table ``handover`` have taken away.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from typing import Any

import numpy as np
import yaml
from plan_world import CONTINGENCIES, domain, split, table
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

WINDOWS = (10, 30, 180)
BANDS = ("home", "near", "far", "overseas")
PIECES = 8
Rows = Sequence[Mapping[str, Any]]
Need = tuple[str, int, str]
"""Contingency, window in days, capability."""


@dataclass(frozen=True)
class Parts:
    """What can serve one contingency inside one window: units of holders, each usable for several capabilities."""

    units: np.ndarray
    uses: list[tuple[int, str, float]]
    """Place among the units, capability, and what one unit gives of it."""

    def solve(self, floors: Mapping[str, float]) -> float:
        """Return the largest part, at most 1, of every floor of supply (units of the capability) that can be met."""
        wanted = {name: place for place, name in enumerate(floors)}
        uses = [item for item in self.uses if item[1] in wanted]
        if not wanted:
            return 1.0
        count, last = len(self.units), len(uses)
        rows = [item[0] for item in uses] + [count + wanted[item[1]] for item in uses]
        rows += [count + place for place in wanted.values()]
        columns = [*range(last), *range(last), *([last] * len(wanted))]
        # Every need is measured in shares of its floor, so that no row is a million times another.
        values = [1.0] * last + [-effect / floors[name] for _, name, effect in uses] + [1.0] * len(wanted)
        scale = np.ones(count + len(wanted))
        limits = np.concatenate([self.units, np.zeros(len(wanted))])
        matrix = coo_matrix((values, (rows, columns)), shape=(len(scale), last + 1))
        cost = np.zeros(last + 1)
        cost[last] = -1.0
        found = linprog(cost, matrix.tocsr(), limits, bounds=[*([(0, None)] * last), (0, 1)], method="highs")
        assert found.status == 0, found.message
        return float(found.x[last])

    def risk(self, wanted: Mapping[str, tuple[float, float]]) -> float:
        """Return the least of sum over needs of weight x (1 - coverage) squared, by eight chords.

        Parameters
        ----------
        wanted
            Requirement and weight by capability.
        """
        names = list(wanted)
        uses = [item for item in self.uses if item[1] in wanted]
        count, last = len(self.units), len(uses)
        gaps = last + np.arange(len(names) * PIECES).reshape(len(names), PIECES)
        rows = [item[0] for item in uses] + [count + names.index(item[1]) for item in uses]
        values = [1.0] * last + [-effect / wanted[name][0] for _, name, effect in uses]
        columns = [*range(last), *range(last)]
        for place in range(len(names)):
            rows += [count + place] * PIECES
            columns += gaps[place].tolist()
            values += [-1.0] * PIECES
        limits = np.concatenate([self.units, -np.ones(len(names))])
        matrix = coo_matrix((values, (rows, columns)), shape=(len(limits), last + len(names) * PIECES))
        slopes = (2 * np.arange(PIECES) + 1) / PIECES
        cost = np.zeros(matrix.shape[1])
        for place, name in enumerate(names):
            cost[gaps[place]] = wanted[name][1] * slopes
        bounds = [*([(0, None)] * last), *([(0, 1 / PIECES)] * (len(names) * PIECES))]
        found = linprog(cost, matrix.tocsr(), limits, bounds=bounds, method="highs")
        assert found.status == 0, found.message
        return float(found.fun)


def chords(coverage: float) -> float:
    """Return (1 - coverage) squared by eight chords, with coverage at most 1."""
    short, total = max(1.0 - coverage, 0.0), 0.0
    for piece in range(PIECES):
        total += min(max(short - piece / PIECES, 0.0), 1 / PIECES) * (2 * piece + 1) / PIECES
    return total


@dataclass(frozen=True)
class Theatre:
    """What a scenario rests on, from the files alone.

    Parameters
    ----------
    data
        The scenario, overlaid.
    orders
        Rows of table ``orders``: buyer, element, units, day of delivery.
    handover
        Rows of table ``handover`` of one schedule: element, day, units leaving.
    late
        Years by which deliveries are late, by element and the year in which they were to come.
    """

    data: Mapping[str, Any] = field(repr=False)
    orders: Rows = field(default=(), repr=False)
    handover: Rows = field(default=(), repr=False)
    late: Mapping[tuple[str, int], int] = field(default_factory=dict)
    _seen: dict[tuple[tuple[str, int], date], Parts] = field(default_factory=dict, repr=False)

    @cached_property
    def groups(self) -> dict[str, str]:
        """Group of every holder: Allies by region, pools by their group."""
        found = {row["code"]: row["region"] for row in domain("allies")}
        return found | {row["pool"]: row["group"] for row in domain("pools")}

    @cached_property
    def held(self) -> dict[tuple[str, str], float]:
        """Units held, by holder and element."""
        rows = [*table("forces", "holdings.csv"), *table("forces_gfp", "holdings.csv")]
        return {(row["holder"], row["element"]): float(row["central"]) for row in rows}

    def held_in(self, day: date) -> dict[tuple[str, str], float]:
        """Return units held on a day: what is delivered or retired in a year counts from its 1 July."""
        found = defaultdict(float, self.held)
        holders = {holder for holder, _ in self.held}
        for row in table("forces", "changes.csv"):
            comes, year = row["kind"] == "delivery", int(row["year"])
            year += self.late.get((row["element"], year), 0) if comes else 0
            if row["holder"] in holders and date(year, 7, 1) <= day:
                found[row["holder"], row["element"]] += (1 if comes else -1) * float(row["units"])
        return {key: max(units, 0.0) for key, units in found.items()}

    def ordered_by(self, day: date) -> dict[tuple[str, str], float]:
        """Return units of the plan's orders delivered by a day, by the holder where they stand and element.

        A fleet's stand at its base; an order leaves when the element's life is over.
        """
        base = {row["pool"]: row["located"] for row in table("forces", "pooling.csv")}
        life = {row["element"]: int(row["life_years"]) for row in table("forces", "upkeep.csv")}
        found: dict[tuple[str, str], float] = defaultdict(float)
        for row in self.orders:
            came = date.fromisoformat(row["delivery_date"])
            over = came.replace(year=came.year + life[row["element"]])
            came = came.replace(year=came.year + self.late.get((row["element"], came.year), 0))
            if came <= day < over:
                found[base.get(row["ally"], row["ally"]), row["element"]] += float(row["units"])
        return found

    @cached_property
    def offer(self) -> dict[str, float]:
        """Units the United States offers, never more than it holds."""
        version = self.data.get("us", {}).get("with_us", "before_2026")
        rows = [row for row in table("forces", "offers.csv") if row["version"] == version]
        return {row["element"]: min(float(row["central"]), self.held.get(("USA", row["element"]), 0.0)) for row in rows}

    def offered(self, day: date) -> dict[str, float]:
        """Return units the United States still offers on a day."""
        left = dict(self.offer)
        for row in self.handover:
            if date.fromisoformat(row["date"]) <= day:
                left[row["element"]] -= float(row["units"])
        return left

    @cached_property
    def retained(self) -> dict[tuple[str, str], float]:
        """Share of what a holder has that it keeps back, by the most particular line there is."""
        rows = {(row["holder"], row["element"]): float(row["central"]) for row in table("forces", "retained.csv")}
        found = {}
        for holder, element in self.held_in(date.max):
            tried = ((holder, element), (holder, "any"), ("default", element), ("default", "any"))
            found[holder, element] = next((rows[key] for key in tried if key in rows), 0.0)
        return found

    @cached_property
    def elements(self) -> dict[str, Mapping[str, str]]:
        """Rows of the vocabulary by element."""
        return {row["element"]: row for row in domain("force_elements")}

    @cached_property
    def contingencies(self) -> dict[str, dict[str, Any]]:
        """Contingencies of the scenario, as they are written."""
        return {name: _contingency(name) for name in self.data["contingencies"]}

    @cached_property
    def needs(self) -> dict[Need, float]:
        """Requirement by contingency, window and capability; a rate is for a day."""
        found = {}
        for name, item in self.contingencies.items():
            for need in item["needs"]:
                for window, (_, central, _) in need["windows"].items():
                    if central > 0:
                        days = int(window) if need["basis"] == "rate" else 1
                        found[name, int(window), need["capability"]] = float(central) * days
        return found

    @cached_property
    def cells(self) -> list[tuple[str, int]]:
        """Contingencies and windows in which something is required."""
        return [
            (name, window)
            for name in self.contingencies
            for window in WINDOWS
            if any(key[:2] == (name, window) for key in self.needs)
        ]

    @cached_property
    def essential(self) -> dict[str, set[str]]:
        """Essential capabilities by contingency."""
        return {name: set(item["essential"]) for name, item in self.contingencies.items()}

    def weights(self, cell: tuple[str, int]) -> dict[str, float]:
        """Return weight x omega / sum of omega of every need of a cell; omega 3 for essential ones and 1 for others."""
        mine = [key[2] for key in self.needs if key[:2] == cell]
        omega = {name: 3.0 if name in self.essential[cell[0]] else 1.0 for name in mine}
        weight = float(self.contingencies[cell[0]].get("weight", 1.0))
        return {name: weight * value / sum(omega.values()) for name, value in omega.items()}

    def band(self, holder: str, contingency: str) -> str:
        """Return how far a holder's forces have to go."""
        if self.groups[holder] != "europe":
            return "overseas"
        where = {row["place"]: row for row in table("forces", "places.csv")}
        theatre = where[self.contingencies[contingency]["theatre"]]
        if not theatre["lat"]:
            return "home"
        away = _km(where[holder], theatre)
        for row in table("forces", "bands.csv"):
            if not row["up_to_km"] or away <= float(row["up_to_km"]):
                return row["distance"]
        raise AssertionError(holder)

    @cached_property
    def bands(self) -> dict[tuple[str, str], str]:
        """Band of every holder in every contingency."""
        return {
            (holder, name): self.band(holder, name)
            for holder in {holder for holder, _ in self.held} | set(split("NLD;HUN;DEU;ITA;LVA"))
            for name in self.contingencies
        }

    @cached_property
    def effects(self) -> dict[str, list[tuple[str, float]]]:
        """What one unit of an element gives, by capability."""
        found: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for row in table("forces", "effects.csv"):
            if float(row["central"]) > 0:
                found[row["element"]].append((row["capability"], float(row["central"])))
        return found

    @cached_property
    def _availability(self) -> dict[tuple[str, int], float]:
        rows = table("forces", "availability.csv")
        return {(row["element"], int(row["window_days"])): float(row["central"]) for row in rows}

    @cached_property
    def _reach(self) -> dict[tuple[str, int], float]:
        rows = table("forces", "reach.csv")
        return {(row["distance"], int(row["window_days"])): float(row["central"]) for row in rows}

    @cached_property
    def _common(self) -> dict[tuple[str, str], float]:
        return {(row["group"], row["domain"]): float(row["central"]) for row in table("forces", "interoperability.csv")}

    def gives(self, holder: str, element: str, cell: tuple[str, int]) -> float:
        """Return which part of a unit offered arrives and works with others."""
        name, window = cell
        item, group = self.elements[element], self.groups[holder]
        caveats = {row["ally"] for row in self.data.get("caveats", ())}
        if holder in caveats and self.contingencies[name]["intensity"] == "high":
            return 0.0
        common = self._common.get((group, item["domain"]), self._common.get((group, "any"), 1.0))
        moved = 1.0 if item["rival"] == "false" else self._reach[self.bands[holder, name], window]
        return self._availability.get((element, window), 0.0) * common * moved

    def _standing(self, cell: tuple[str, int], day: date) -> Parts:
        """Return what all but the United States bring; worked out once for a day and cell."""
        if (cell, day) not in self._seen:
            stock = []
            home = bool(self.contingencies[cell[0]].get("home", False))
            for (holder, element), number in self.held_in(day).items():
                if holder != "USA":
                    kept = self.retained[holder, element]
                    stock += [(holder, element, number * (1.0 - kept))] + [(holder, element, number * kept)] * home
            stock += [(holder, element, number) for (holder, element), number in self.ordered_by(day).items()]
            self._seen[cell, day] = self._parts(stock, cell)
        return self._seen[cell, day]

    def _parts(self, stock: Sequence[tuple[str, str, float]], cell: tuple[str, int]) -> Parts:
        required = {key[2] for key in self.needs if key[:2] == cell}
        units: list[float] = []
        uses: list[tuple[int, str, float]] = []
        for holder, element, number in stock:
            mine = [(name, effect) for name, effect in self.effects.get(element, ()) if name in required]
            usable = number * self.gives(holder, element, cell) if mine and number > 0 else 0.0
            if usable > 0:
                uses += [(len(units), name, effect) for name, effect in mine]
                units.append(usable)
        return Parts(np.array(units), uses)

    def parts(self, cell: tuple[str, int], day: date) -> Parts:
        """Return what can serve a cell on a day."""
        ours = self._standing(cell, day)
        theirs = self._parts([("USA", element, units) for element, units in self.offered(day).items()], cell)
        shifted = [(len(ours.units) + place, name, effect) for place, name, effect in theirs.uses]
        return Parts(np.concatenate([ours.units, theirs.units]), ours.uses + shifted)

    def kept(
        self, floors: Mapping[Need, float], day: date, excused: Mapping[Need, float] | None = None
    ) -> dict[tuple[str, int], float]:
        """Return the part of every floor that is kept on a day, by cell.

        Parameters
        ----------
        floors
            Coverage to be kept, by need.
        day
            The day.
        excused
            Coverage that need not be there on the day.
        """
        found = {}
        for cell in self.cells:
            lowered = {
                key[2]: (floor - (excused or {}).get(key, 0.0)) * self.needs[key]
                for key, floor in floors.items()
                if key[:2] == cell
            }
            wanted = {name: value for name, value in lowered.items() if value > 1e-6 * self.needs[(*cell, name)]}
            found[cell] = self.parts(cell, day).solve(wanted)
        return found

    def attained(self, day: date) -> dict[tuple[str, int], float]:
        """Return the largest common share, at most 1, of all essential requirements, by cell."""
        found = {}
        for cell in self.cells:
            wanted = {
                key[2]: value
                for key, value in self.needs.items()
                if key[:2] == cell and key[2] in self.essential[cell[0]]
            }
            found[cell] = self.parts(cell, day).solve(wanted)
        return found

    def risks(self, day: date) -> dict[tuple[str, int], float]:
        """Return the least risk by cell."""
        found = {}
        for cell in self.cells:
            weights = self.weights(cell)
            wanted = {name: (self.needs[(*cell, name)], weight) for name, weight in weights.items()}
            found[cell] = self.parts(cell, day).risk(wanted)
        return found

    def risk_of(self, coverage: Mapping[Need, float]) -> dict[tuple[str, int], float]:
        """Return the risk that some coverages are, by cell."""
        return {
            cell: sum(weight * chords(coverage[(*cell, name)]) for name, weight in self.weights(cell).items())
            for cell in self.cells
        }


@cache
def _contingency(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CONTINGENCIES / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def _km(first: Mapping[str, str], second: Mapping[str, str]) -> float:
    """Return the great-circle distance by the spherical law of cosines (the program uses the haversine)."""
    north, east, north_, east_ = (math.radians(float(row[name])) for row in (first, second) for name in ("lat", "lon"))
    cosine = math.sin(north) * math.sin(north_) + math.cos(north) * math.cos(north_) * math.cos(east_ - east)
    return 6371.0 * math.acos(min(1.0, max(-1.0, cosine)))
