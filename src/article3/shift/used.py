"""Preponderance over the years: whose force is used in each conventional contingency, with the plan and without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from article3.evidence.findings import Finding, sentence
from article3.gap.assess import postures_of
from article3.gap.forces import GROUPS, WINDOWS, Array
from article3.gap.layout import stock
from article3.gap.postures import Posture, Supply, supply
from article3.gap.risk import RiskModel, Risks
from article3.gap.rows import in_words
from article3.plan.judged import Judged, judged, widest
from article3.plan.make import Made
from article3.plan.means import BASE
from article3.scenario.shift_schema import Shift
from article3.shift.half_draws import BASES, GOAL_YEAR, as_planned
from article3.shift.half_flows import EUROPE, Flows, changes, orders, signed
from article3.shift.rows import finding

HALF: Final = 0.5
SHOWN: Final = (GOAL_YEAR, 2035)
"""Years that stand first, beside the first and the last."""
CAUTION: Final = (
    "The United States offers what it offers today in every year, unless an offer by year is given. Which of several "
    "equally good assignments is taken is the solver's: parts of a few hundredths say nothing."
)
_SLACK: Final = 1e-9
_CANADA: Final = GROUPS.index("canada")


@dataclass(frozen=True, slots=True)
class Parts:
    """Usable units by row of supply, year and group of holders. Shape: Y years, R rows, in the order of ``GROUPS``.

    Parameters
    ----------
    units
        By basis, (groups, Y, R).
    """

    units: dict[str, Array]


def force_used(made: Made, shift: Shift, when: str, offers_by_year: Mapping[int, Array] | None = None) -> Finding:
    """Return Europe's, Canada's and the United States' part of the force used, by contingency, window and year.

    The part is that of the gap (:func:`article3.gap.shares.preponderance`), in the assignment of least risk by central
    values with deliveries on time: with the plan, and with committed deliveries alone.

    Parameters
    ----------
    made
        A plan.
    shift
        Last year looked at, deliveries that come later.
    when
        As-of date.
    offers_by_year
        Units the United States offers, (E,), by year; today's offer in years not named, and where none is given.
    """
    years = tuple(range(BASE, max(shift.until, *SHOWN) + 1))
    posture, central = posture_of(made), made.asked.forces.central()
    seen = _form(made, posture)
    model = RiskModel(seen.axes, central, seen.form.cells, widest(seen.axes, central, posture))
    parts = _parts(made, shift, seen, posture, (years, offers_by_year or {}))
    rows = [
        row
        for basis in reversed(BASES)
        for y, year in enumerate(years)
        for row in _of_year(seen, model, parts.units[basis][:, y], (basis, year))
    ]
    rows.sort(key=lambda row: row["year"] not in (years[0], *SHOWN, years[-1]))
    text = sentence(_said(made, rows, years))
    return finding("force_used", when, "Whose force is used", rows, text, warnings=(CAUTION,), figure="force_used")


def posture_of(made: Made) -> Posture:
    """Return the posture whose offer counts: the plan's where the United States takes part in it, else *with*."""
    planned = made.asked.given.judged.posture
    return planned if planned.version else postures_of(made.asked.inputs)["with"]


def _form(made: Made, posture: Posture) -> Judged:
    """Return conventional contingencies alone, as they are judged in one year."""
    asked = made.asked
    names = {item.id for item in asked.forces.axes.contingencies if item.conventional}
    alone = [item for item in asked.situations if len(item[1]) == 1 and item[1][0] in names]
    years = asked.given.years[:1]
    return judged(asked.inputs.planning, asked.forces, posture, alone, asked.given.buyers, years, asked.settings)


def _parts(
    made: Made, shift: Shift, seen: Judged, posture: Posture, offered: tuple[tuple[int, ...], Mapping[int, Array]]
) -> Parts:
    """Return usable units of each group by year and row of supply, by basis."""
    years, offers = offered
    axes, central, drawn = seen.axes, made.asked.forces.central(), as_planned(made)
    klass = made.asked.given.buyers.klass
    moved = np.zeros((*central.holdings.shape, len(years)))
    flows = changes(made, shift)
    np.add.at(moved, (flows.place, flows.element), flows.there(years, drawn)[:, 0])
    base = np.zeros((len(GROUPS), len(years), len(seen.scale)))
    for y, year in enumerate(years):
        values = replace(central, holdings=np.maximum(central.holdings + moved[:, :, y], 0.0))
        if year in offers:
            values = replace(values, offers={**values.offers, posture.version: offers[year]})
        whole = supply(axes, values, posture)
        for group in range(len(GROUPS)):
            base[group, y] = stock(seen.form, _only(whole, group))
    empty = replace(seen, base=np.zeros((len(years), len(seen.scale))))
    found = {}
    for basis, flow in zip(BASES, (signed(made, shift, klass), orders(made, shift, klass)), strict=True):
        fielded = _by_class(flow, int(klass.max()) + 1, len(axes.elements), flow.there(years, drawn)[:, 0])
        ours = np.zeros_like(fielded)
        ours[seen.european_class] = fielded[seen.european_class]
        base = base.copy()
        base[EUROPE] += empty.arriving(ours)
        base[_CANADA] += empty.arriving(fielded - ours)
        found[basis] = base
    return Parts(found)


def _only(whole: Supply, group: int) -> Supply:
    return replace(whole, usable=np.where((whole.group == group)[:, None, None], whole.usable, 0.0))


def _by_class(flow: Flows, classes: int, elements: int, units: Array) -> Array:
    """Return units added by class of buyers, element and year, (classes, E, Y)."""
    found = np.zeros((classes, elements, units.shape[1]))
    np.add.at(found, (flow.place, flow.element), units)
    return found


def _of_year(seen: Judged, model: RiskModel, units: Array, key: tuple[str, int]) -> list[dict[str, Any]]:
    """Return whose force is used in every contingency and window of a year.

    Parameters
    ----------
    seen, model
        What is judged, and the program of least risk over it.
    units
        Usable units by group and row of supply, (groups, R).
    key
        Basis and year.
    """
    total = units.sum(axis=0)
    model.forget()  # of several assignments with the least risk the same is found, whatever was solved before
    risks = model.solve_stock(total)
    part = units / np.maximum(total, _SLACK)
    form, counted = model.form, _counted(model, risks)
    cell = form.need_cell[form.var_need]
    rows = []
    for place, item in enumerate(form.cells):
        mine, whole = cell == place, form.need_cell == place
        used = (counted[mine] * part[:, form.var_supply[mine]]).sum(axis=1)
        share = used / max(used.sum(), _SLACK)
        rows.append(
            {
                "basis": key[0],
                "contingency": seen.axes.contingencies[item.contingencies[0]].id,
                "window_days": WINDOWS[item.window],
                "year": key[1],
                **{group: float(value) for group, value in zip(GROUPS, share, strict=True)},
                "half": bool(share[EUROPE] >= HALF - _SLACK),
                "coverage": float(np.average(risks.coverage[whole], weights=model.weights[whole])),
                "standing": "notional",
            }
        )
    return rows


def _counted(model: RiskModel, risks: Risks) -> Array:
    """Return what each use counts: the coverage it gives, times the weight of its need, (V,)."""
    form = model.form
    given = model.per_use * risks.used
    by_need = np.bincount(form.var_need, weights=given, minlength=len(form.need_cell))
    # Supply beyond the requirement is not used: it is scaled back to what is covered.
    factor = np.minimum(risks.coverage / np.maximum(by_need, 1e-12), 1.0)
    return np.asarray(given * factor[form.var_need] * model.weights[form.var_need])


def _said(made: Made, rows: list[dict[str, Any]], years: tuple[int, ...]) -> str:
    if not rows:
        return "No contingency is conventional, so there is no preponderance to speak of."
    of = sum(row["basis"] == "plan" and row["year"] == years[0] for row in rows)
    count = {
        (basis, year): sum(row["half"] for row in rows if row["basis"] == basis and row["year"] == year)
        for basis in BASES
        for year in years
    }
    if set(count.values()) == {of}:
        parts = [f"all {of} conventional contingencies and windows in every year to {years[-1]}, plan or no plan"]
    else:
        parts = [
            f"{count['plan', year]} of {of} in {year}"
            + (f" ({count['announced', year]} by announced deliveries alone)" if year == GOAL_YEAR else "")
            for year in dict.fromkeys((years[0], *SHOWN, years[-1]))
        ]
    titles = {item.id: item.title for item in made.asked.forces.axes.contingencies}
    behind = dict.fromkeys(
        titles[row["contingency"]]
        for row in rows
        if row["basis"] == "plan" and row["year"] == GOAL_YEAR and not row["half"]
    )
    return (
        "With the plan, and the United States bringing what it offers today, European forces are at least half of the "
        f"force used in {in_words(parts)}"
        + (f"; less than half in {GOAL_YEAR} in {in_words(behind)}." if behind else ".")
    )
