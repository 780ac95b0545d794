"""Modest investments: which addition multiplies most what is already there.

Gains are found by solving again with whole lots added, never from duals; a dual is shown as the *initial slope*. The
list of modest investments is a package: least risk under a ceiling of money and a number of years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from article3.domain import force_element, force_elements
from article3.evidence.planning import Planning
from article3.gap.assess import everybody
from article3.gap.forces import GROUPS, WINDOWS, Array, Axes, Forces, Values
from article3.gap.layout import Layout, cells_of, layout
from article3.gap.postures import Posture, Supply, europe, supply
from article3.gap.risk import Purchase, RiskModel, Risks

_MOST_UNITS: Final = 1e7


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What can be bought, in the order of the purchase.

    Parameters
    ----------
    names, titles, kinds
        Identifier, title, and ``element`` or ``improvement``.
    lot
        Smallest order.
    lead_years
        Years to the first delivery.
    cost
        Million 2021 US$ for one unit.
    standing
        Of the cost.
    """

    names: tuple[str, ...]
    titles: tuple[str, ...]
    kinds: tuple[str, ...]
    lot: Array
    lead_years: Array
    cost: Array
    standing: tuple[str, ...]


def catalogue(planning: Planning, deflators: Mapping[int, float]) -> Catalogue:
    """Read what can be bought.

    Parameters
    ----------
    planning
        Tables ``costs`` and ``improvements``.
    deflators
        2021 US$ per US$ of a year.
    """
    order = {item.id: place for place, item in enumerate(force_elements())}
    costs = sorted(planning.table("costs").iter_rows(named=True), key=lambda row: order[row["element"]])
    better = list(planning.table("improvements").iter_rows(named=True))
    return Catalogue(
        (*(row["element"] for row in costs), *(row["improvement"] for row in better)),
        (*(force_element(row["element"]).title for row in costs), *(row["title"] for row in better)),
        (*("element" for _ in costs), *("improvement" for _ in better)),
        np.array([*(row["lot"] for row in costs), *(1.0 for _ in better)]),
        np.array([*(row["lead_years"] for row in costs), *(row["lead_years"] for row in better)]),
        np.array(
            [
                *(row["central"] * deflators[int(row["price_year"])] for row in costs),
                *(row["cost_usd_m"] * deflators[int(row["price_year"])] for row in better),
            ]
        ),
        (*(row["standing"] for row in costs), *(row["standing"] for row in better)),
    )


def purchase(items: Catalogue, planning: Planning, axes: Axes, values: Values, form: Layout, given: Supply) -> Purchase:
    """Return what one unit of every investment adds to every row of supply of a model of contingencies alone.

    A new unit is European, keeps nothing back, and reaches a theatre as the European holders of its element do on
    average, weighted by what they offer (all European holders alike where none offers any). An improvement raises the
    interoperability factor of its group in its domain, at most to 1, for what the posture has.
    """
    contingency = np.array([cell.contingencies[0] for cell in form.cells])[form.supply_cell]
    window = np.array([cell.window for cell in form.cells])[form.supply_cell]
    arrives = _new_unit(axes, values, given)
    rows, numbers, units = [], [], []
    better = {row["improvement"]: row for row in planning.table("improvements").iter_rows(named=True)}
    for number, name in enumerate(items.names):
        if items.kinds[number] == "element":
            added, e = arrives, axes.of("element", name)
            mine = np.nonzero(form.supply_element == e)[0]
        else:
            added = _improved(values, given, better[name])
            mine = np.arange(len(form.supply_element))
        amount = added[contingency[mine], window[mine], form.supply_element[mine]]
        rows.append(mine[amount > 0])
        units.append(amount[amount > 0])
        numbers.append(np.full(len(rows[-1]), number))
    most = np.where(np.array(items.kinds) == "element", _MOST_UNITS, 1.0)
    row, item, unit = (np.concatenate(part) for part in (rows, numbers, units))
    return Purchase(items.names, row, item, unit, items.cost, most)


def _new_unit(axes: Axes, values: Values, given: Supply) -> Array:
    """Return what arrives of one more European unit, (C, windows, E)."""
    ours = europe(axes)
    present = given.reach[: len(ours)].max(axis=(1, 2)) > 0
    weight = np.where((ours & present)[:, None], given.offered, 0.0)
    weight = np.where(weight.sum(axis=0) > 0, weight, ours[:, None].astype(float))
    reach = np.einsum("hcw,he->cwe", values.reach[axes.band], weight / weight.sum(axis=0))
    reach = np.where(axes.rival, reach, 1.0)
    usable = values.availability * values.interoperability[GROUPS.index("europe")][:, None]
    return np.asarray(reach * usable.T[None, :, :])


def _improved(values: Values, given: Supply, better: Mapping[str, Any]) -> Array:
    """Return what an improvement done wholly adds to what arrives, (C, windows, E)."""
    group = GROUPS.index(better["group"])
    factor = values.interoperability[group]
    domain = np.array([item.domain == better["domain"] for item in force_elements()])
    gain = np.where(domain & (factor > 0), np.minimum(1.0, factor + better["gain"]) / np.maximum(factor, 1e-9) - 1, 0.0)
    return np.asarray(given.arriving()[given.group == group].sum(axis=0) * gain)


@dataclass(frozen=True, slots=True)
class Investor:
    """The risk model of one posture with everything that can be bought, and its risk when nothing is.

    Parameters
    ----------
    model
        Risk model over contingencies alone.
    base
        Risk when nothing is bought.
    slopes
        Fall of risk that the first unit of each item promises, by the dual.
    items
        The catalogue.
    """

    model: RiskModel
    base: Risks
    slopes: Array
    items: Catalogue

    def total(self, risks: Risks) -> float:
        """Return risk summed over contingencies and averaged over windows."""
        return float(risks.risk.sum()) / len(WINDOWS)

    def lots(self, ceiling: float) -> Array:
        """Return the whole lots of each item that a sum buys, in units."""
        bought = np.floor(ceiling / (self.items.cost * self.items.lot) + 1e-9) * self.items.lot
        return np.asarray(np.minimum(bought, self.model.purchase.ceiling if self.model.purchase else bought))

    def gain(self, number: int, units: float) -> float:
        """Return the fall of risk when units of one item are added."""
        amounts = np.zeros(len(self.items.names))
        amounts[number] = units
        return self.total(self.base) - self.total(self.model.buy(amounts))


def investor(
    forces: Forces, values: Values, postures: Mapping[str, Posture], name: str, planning: Planning, items: Catalogue
) -> Investor:
    """Build the risk model of the contingencies alone in one posture, with everything that can be bought."""
    axes = forces.axes
    cells = cells_of(axes, [(item.id, (item.id,)) for item in axes.contingencies], values.needs)
    everything = np.ones((len(axes.contingencies), len(axes.capabilities)), dtype=bool)
    whole = everybody(forces, values, postures)
    given = supply(axes, values, postures[name])
    form = layout(axes, values, cells, everything, whole)
    model = RiskModel(axes, values, cells, whole, purchase(items, planning, axes, values, form, given))
    return Investor(model, model.solve(given), model.slopes(), items)
