"""What can be ordered: force elements with their cost, operation and people, and the lines that make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from article3.domain import force_elements
from article3.evidence.planning import Planning
from article3.gap.forces import Array, Ints
from article3.scenario.plan_schema import Plan

_WITHOUT_LIMIT: Final = 1000.0
"""Times today's rate where lines are no limit: a line that cannot be ordered from still cannot."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What can be ordered. Shapes: E force elements, L lines, T years of ordering.

    Parameters
    ----------
    elements, lot
        Force elements, and the smallest order of each in units, (E,).
    cost
        Million 2021 US$ for one unit on the contract basis, (E,).
    upkeep
        Million 2021 US$ for one unit and year without pay, (E,).
    people
        Persons in uniform for one unit, (E,).
    life
        Years from delivery to retirement, (E,).
    entry
        Million 2021 US$ an Ally pays when it fields the first unit, (E,).
    lines, line_element
        Lines, and the element each makes, (L,).
    capacity
        Units that can be ordered of a line in a year, (L, T); 0 before it opens.
    lead
        Years from order to delivery, (L,).
    price
        Million 2021 US$ for one unit of a line, (L,).
    setup
        Million 2021 US$ to set a line up, (L,).
    origin, makers
        Group of the supplier, and Allies in which it is made.
    standing, line_standing
        Worst standing of an element's cost and upkeep, and of a line.
    """

    elements: tuple[str, ...]
    lot: Array
    cost: Array
    upkeep: Array
    people: Array
    life: Ints
    entry: Array
    lines: tuple[str, ...]
    line_element: Ints
    capacity: Array
    lead: Ints
    price: Array
    setup: Array
    origin: tuple[str, ...]
    makers: tuple[tuple[str, ...], ...]
    standing: tuple[str, ...]
    line_standing: tuple[str, ...]


def catalogue(planning: Planning, deflators: Mapping[int, float], settings: Plan) -> Catalogue:
    """Read the catalogue.

    Parameters
    ----------
    planning
        Tables ``costs``, ``upkeep`` and ``lines``.
    deflators
        2021 US$ per US$ of a year.
    settings
        First and last year of ordering, delay, export availability, Ukraine's part.
    """
    elements = tuple(item.id for item in force_elements())
    costs = {row["element"]: row for row in planning.table("costs").iter_rows(named=True)}
    runs = {row["element"]: row for row in planning.table("upkeep").iter_rows(named=True)}
    lines = list(planning.table("lines").iter_rows(named=True))
    place = {name: number for number, name in enumerate(elements)}

    def priced(rows: Mapping[str, Mapping[str, float]], column: str) -> Array:
        return np.array([rows[name][column] * deflators[int(rows[name]["price_year"])] for name in elements])

    cost = priced(costs, "central")
    element = np.array([place[row["element"]] for row in lines], dtype=np.int64)
    return Catalogue(
        elements,
        np.array([costs[name]["lot"] for name in elements]),
        cost,
        priced(runs, "central"),
        np.array([runs[name]["personnel"] for name in elements]),
        np.array([int(runs[name]["life_years"]) for name in elements], dtype=np.int64),
        priced(runs, "entry_usd_m") if settings.entry else np.zeros(len(elements)),
        tuple(row["line"] for row in lines),
        element,
        _capacity(lines, settings),
        _leads(lines, settings),
        cost[element] * np.array([row["cost_factor"] for row in lines]),
        np.array([row["setup_usd_m"] * deflators[int(row["price_year"])] for row in lines]),
        tuple(row["origin"] for row in lines),
        tuple(tuple(part for part in (row["makers"] or "").split(";") if part) for row in lines),
        tuple(f"{costs[name]['standing']} {runs[name]['standing']}" for name in elements),
        tuple(row["standing"] for row in lines),
    )


def _capacity(lines: list[dict[str, Any]], settings: Plan) -> Array:
    """Return units a year: today's rate less Ukraine's part, grown each year since the line opened, up to its limit."""
    years = np.arange(settings.first_year, settings.last_year + 1)
    found = np.zeros((len(lines), len(years)))
    for number, row in enumerate(lines):
        opens = int(row["opens"])
        # A line grows from its first year of orders on; none has been ordered from before the plan begins.
        since = years - max(opens, settings.first_year)
        grown = np.minimum((1 + row["growth"]) ** np.maximum(since, 0), row["times"])
        rate = row["central"] * (1 - row["ukraine"] * settings.ukraine)
        rate *= settings.us_export if row["origin"] == "usa" else 1.0
        found[number] = np.where(years >= opens, rate * grown, 0.0)
    return found * (_WITHOUT_LIMIT if "lines" in settings.without else 1.0)


def _leads(lines: list[dict[str, Any]], settings: Plan) -> Ints:
    """Return years from order to delivery, delay included; a year at most where lead times are left out."""
    years = np.array([int(row["lead_years"]) for row in lines], dtype=np.int64)
    return (np.minimum(years, 1) if "lead_times" in settings.without else years) + settings.delay_years
