"""What is judged: cells, years, what is there without the plan, and what one more unit of each buyer brings.

Contingencies alone are judged by default: assignment of forces by Ally is projected out, because holders of one class
of reach are alike. Situations of several contingencies keep one row for each class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from article3.evidence.planning import Planning
from article3.gap.forces import GROUPS, Array, Axes, Forces, Ints, Values
from article3.gap.layout import Layout, cells_of, layout, stock, worth
from article3.gap.postures import Posture, Supply, supply, taking_part
from article3.gap.risk import need_weights
from article3.plan.buyers import Buyers
from article3.plan.catalogue import Catalogue
from article3.scenario.plan_schema import Plan

YEARS: Final = 8
"""Years judged where the scenario names none."""
EUROPE: Final = GROUPS.index("europe")


@dataclass(frozen=True, slots=True)
class Judged:
    """What is judged. Shapes: Q years, R rows of supply, U rows of need, V uses, J additions.

    Parameters
    ----------
    axes, values
        Names and central values.
    posture
        The posture planned for.
    form
        Sparse shape of the gap model.
    scale
        Units by which each row of supply is measured, (R,).
    per_use
        What the stock behind each use covers of its need, (V,).
    weights
        Weight of each need in risk, (U,).
    years, year_weights
        Years judged, and what each stands for; the weights sum to 1, (Q,).
    holdings
        Units held without the plan, (Q, H, E).
    base, european
        Units of all, and of European holders, without the plan, (Q, R).
    add_row, add_class, add_units
        Rows of supply, classes of buyers, and what one unit brings there, (J,).
    european_class
        Classes of buyers that are European.
    """

    axes: Axes
    values: Values
    posture: Posture
    form: Layout
    scale: Array
    per_use: Array
    weights: Array
    years: tuple[int, ...]
    year_weights: Array
    holdings: Array
    base: Array
    european: Array
    add_row: Ints
    add_class: Ints
    add_units: Array
    european_class: Ints

    def arriving(self, fielded: Array, year: int | None = None) -> Array:
        """Return units by row of supply with additions by class and element, (Q, R) or (R,) for one year.

        Parameters
        ----------
        fielded
            Units added, (classes, E, Q), or (classes, E) for one year.
        year
            Place among the years; all where none is given.
        """
        element = self.form.supply_element[self.add_row]
        moved = fielded[self.add_class, element] * (self.add_units if fielded.ndim == 2 else self.add_units[:, None])
        added = np.zeros((len(self.scale), *fielded.shape[2:]))
        np.add.at(added, self.add_row, moved)
        return np.asarray(self.base[year] + added if year is not None else self.base + added.T)


def years_judged(items: Catalogue, settings: Plan) -> tuple[int, ...]:
    """Return the years judged: those named, or eight from the first delivery to the last year, denser at first."""
    if settings.evaluate:
        return tuple(sorted(set(settings.evaluate)))
    lead = items.lead[items.capacity.any(axis=1)]
    first = settings.first_year + int(lead.min(initial=1))
    if settings.until - first + 1 <= YEARS:
        return tuple(range(first, settings.until + 1)) or (settings.until,)
    goals = {goal.by for goal in settings.goals if settings.first_year <= goal.by < settings.until}
    spread = first + (settings.until - first) * (np.arange(YEARS) / (YEARS - 1)) ** 1.2
    found = {int(year) for year in np.round(spread)}
    for year in sorted(goals):
        nearest = min(found - {first, settings.until}, key=lambda other: abs(other - year))
        found = (found - ({nearest} if year > first else set())) | {year}
    return tuple(sorted(found))


def weights_of(years: tuple[int, ...], settings: Plan) -> Array:
    """Return what each year judged stands for: the trapezoid rule times the discount, summing to 1."""
    time = np.array(years, dtype=float)
    if len(years) == 1:
        return np.ones(1)
    steps = np.diff(time)
    width = np.concatenate([[steps[0] / 2], (steps[1:] + steps[:-1]) / 2, [steps[-1] / 2]])
    weight = width * (1 + settings.discount) ** -(time - settings.first_year)
    return np.asarray(weight / weight.sum())


def judged(  # noqa: PLR0913 - all that is judged, said once
    planning: Planning,
    forces: Forces,
    posture: Posture,
    situations: list[tuple[str, tuple[str, ...]]],
    made: Buyers,
    years: tuple[int, ...],
    settings: Plan,
    *,
    values: Values | None = None,
    begun: Array | None = None,
    offers: Mapping[int, Array] | None = None,
) -> Judged:
    """Return what is judged.

    Parameters
    ----------
    planning, forces
        Tables and arrays; committed deliveries and retirements come from table ``changes``.
    posture
        The posture planned for.
    situations
        Contingencies alone, and situations of several that are judged too.
    made, years, settings
        Buyers, years judged, and settings.
    values
        Values to judge by; the central ones by default.
    begun
        Units in service out of orders signed before, by buyer, element and year judged, (B, E, Q).
    offers
        Units the United States offers in a year, (E,), where its offer is not the same in all.
    """
    axes, central = forces.axes, forces.central()
    values = values or central
    cells = cells_of(axes, situations, values.needs)
    everything = np.ones((len(axes.contingencies), len(axes.capabilities)), dtype=bool)
    form = layout(axes, values, cells, everything, widest(axes, values, posture))
    scale = np.maximum(form.whole, 1e-9)
    by_year = [_offering(at(values, axes, planning, year), posture, (offers or {}).get(year)) for year in years]
    supplies = [supply(axes, item, posture) for item in by_year]
    row, klass, units = _additions(axes, values, form, made, posture)
    codes = np.unique(made.klass)
    european = np.array([made.group[np.argmax(made.klass == item)] == EUROPE for item in codes])
    seen = Judged(
        axes,
        values,
        posture,
        form,
        scale,
        worth(form, axes, values, scale),
        need_weights(axes, form),
        years,
        weights_of(years, settings),
        np.stack([item.holdings for item in by_year]),
        np.stack([stock(form, item) for item in supplies]),
        np.stack([stock(form, _only_european(item)) for item in supplies]),
        row,
        klass,
        units,
        codes[european],
    )
    return seen if begun is None or not begun.any() else _with(seen, begun, made, planning)


def _with(seen: Judged, begun: Array, made: Buyers, planning: Planning) -> Judged:
    """Return what is judged with orders signed before: like new orders, they keep nothing back."""
    by_class = np.zeros((max(int(made.klass.max()), int(seen.add_class.max(initial=0))) + 1, *begun.shape[1:]))
    np.add.at(by_class, made.klass, begun)
    ours = np.zeros_like(by_class)
    ours[seen.european_class] = by_class[seen.european_class]
    nothing = replace(seen, base=np.zeros_like(seen.base))
    base = dict(planning.table("pooling").select("pool", "located").iter_rows())
    holder = seen.axes.place["holder"]
    holdings = seen.holdings.copy()
    for number, code in enumerate(made.codes):
        holdings[:, holder[code if code in holder else base[code]]] += begun[number].T
    return replace(
        seen,
        holdings=holdings,
        base=seen.base + nothing.arriving(by_class),
        european=seen.european + nothing.arriving(ours),
    )


def at(values: Values, axes: Axes, planning: Planning, year: int) -> Values:
    """Return the values on 1 July of a year: committed deliveries in, retirements out, never below nothing."""
    holdings = values.holdings.copy()
    places = axes.place["holder"], axes.place["element"]
    for row in planning.table("changes").filter(pl.col("year") <= str(year)).iter_rows(named=True):
        if row["holder"] in places[0]:
            sign = 1.0 if row["kind"] == "delivery" else -1.0
            holdings[places[0][row["holder"]], places[1][row["element"]]] += sign * row["units"]
    return replace(values, holdings=np.maximum(holdings, 0.0))


def _offering(values: Values, posture: Posture, offer: Array | None) -> Values:
    """Return the values with an offer of the United States in the place of its version's."""
    if offer is None or not posture.version:
        return values
    return replace(values, offers={**values.offers, posture.version: offer})


def widest(axes: Axes, values: Values, posture: Posture) -> Supply:
    """Return what arrives when every Ally has a unit more of everything: no row of supply is left out."""
    more = replace(values, holdings=values.holdings + 1.0, retained=np.minimum(values.retained, 0.99))
    most = np.max(np.stack(list(values.offers.values())), axis=0)
    return supply(axes, replace(more, offers={**values.offers, posture.version or "none": most}), posture)


def _only_european(given: Supply) -> Supply:
    mine = given.group == EUROPE
    return replace(given, usable=np.where(mine[:, None, None], given.usable, 0.0))


def _additions(axes: Axes, values: Values, form: Layout, made: Buyers, posture: Posture) -> tuple[Ints, Ints, Array]:
    """Return what one unit of each class of buyers brings to each row of supply, as sparse arrays."""
    here = taking_part(axes, posture)
    first = {code: number for number, code in enumerate(axes.holders)}
    rows: list[Ints] = []
    classes: list[Ints] = []
    units: list[Array] = []
    single = np.array([len(cell.contingencies) == 1 for cell in form.cells])
    window = np.array([cell.window for cell in form.cells])[form.supply_cell]
    element = form.supply_element
    for klass in np.unique(made.klass):
        buyer = int(np.argmax(made.klass == klass))
        code = made.codes[buyer]
        present = here[first[code]] if code in first else ~_fights_only_softly(axes, made.limited[buyer])
        usable = values.availability[element, window] * values.interoperability[made.group[buyer], element]
        found = np.zeros(len(element))
        for place, cell in enumerate(form.cells):
            mine = form.supply_cell == place
            cases = list(cell.contingencies)
            reach = np.where(present[cases], values.reach[made.band[buyer, cases], cell.window], 0.0)
            if single[place]:
                still = ~axes.rival[element[mine]]
                found[mine] = usable[mine] * np.where(still, float(reach[0] > 0), reach[0])
            else:
                like = _alike(form, made.band[buyer, cases], reach > 0, place, axes)
                found[mine] = np.where(like[form.supply_class[mine]], usable[mine] * (reach.max() > 0), 0.0)
        there = np.nonzero(found > 1e-9)[0]
        rows.append(there)
        classes.append(np.full(len(there), klass))
        units.append(found[there])
    return np.concatenate(rows), np.concatenate(classes), np.concatenate(units)


def _fights_only_softly(axes: Axes, limited: bool) -> NDArray[np.bool_]:
    high = np.array([item.intensity == "high" for item in axes.contingencies])
    return np.asarray(high & limited)


def _alike(form: Layout, band: Ints, there: NDArray[np.bool_], cell: int, axes: Axes) -> NDArray[np.bool_]:
    """Return which classes of a cell have holders whose forces reach it as a buyer's do."""
    places = list(form.cells[cell].contingencies)
    found = np.zeros(len(form.class_cell), dtype=bool)
    for number in np.nonzero(form.class_cell == cell)[0]:
        members = np.nonzero(form.class_members[number])[0]
        offered = members[members < len(axes.holders)]
        if len(offered):
            found[number] = bool((axes.band[offered[0], places] == band).all())
    return found & there.any()
