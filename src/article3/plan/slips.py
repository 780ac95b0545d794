"""What each line of effort is worth: what a year's delay loses, and the risk it takes away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from article3.gap.forces import Array
from article3.plan.efforts import Effort
from article3.plan.make import Made, by_margin, models
from article3.plan.problem import by_class

_SEEN: Final = 1e-6
"""Falls of attainment below this are none."""


def lost(made: Made, efforts: Sequence[Effort]) -> dict[str, float]:
    """Return what a year's delay of each line of effort loses.

    Parameters
    ----------
    made
        The plan.
    efforts
        Its lines of effort.

    Returns
    -------
    dict
        By effort: the largest fall of attainment in any contingency, window and year when all its deliveries come a
        year later.
    """
    margin, _ = models(made.asked, made.seen.values)
    found: dict[str, float] = {}
    for effort in efforts:
        added = _added(made, effort)
        if not added.any():
            continue
        year_later = np.concatenate([np.zeros_like(added[:, :1]), added[:, :-1]], axis=1)
        less = _units(made, added - year_later)
        worst = 0.0
        for year in np.nonzero(np.abs(less).max(axis=1) > 1e-9)[0]:
            there = margin.solve_stock(by_margin(margin, made.seen, made.stock[year] - less[year]), names=False)
            worst = max(worst, float((made.margins[0][year].attainment - there.attainment).max()))
        found[effort.effort] = worst if worst > _SEEN else 0.0
    return found


def gained(made: Made, efforts: Sequence[Effort], payments: pl.DataFrame) -> dict[str, float]:
    """Return what each down payment takes away of the risk that the whole plan takes away.

    Parameters
    ----------
    made, efforts
        The plan and its lines of effort.
    payments
        Table ``down_payment``: effort, and who takes part.

    Returns
    -------
    dict
        By effort: the rise of psi, mean over the years weighed, when these orders of the first year fall away, over the
        rise when the whole plan does. Orders that need one another do not add up.
    """
    _, risk = models(made.asked, made.seen.values)
    judged = made.asked.given.judged
    places = made.asked.given.place(judged.years)
    whole = float((judged.year_weights * (made.risk(plan=False) - made.risk())[places]).sum())
    by_name = {item.effort: item for item in efforts}
    found = {}
    for row in payments.iter_rows(named=True):
        added = _added(made, by_name[row["effort"]], set(row["participants"].split(";")), 0)
        without = made.stock[places] - _units(made, added)[places]
        rise = np.array([float(risk.solve_stock(units).risk.sum()) / 3 for units in without]) - made.risk()[places]
        found[row["effort"]] = float((judged.year_weights * rise).sum()) / whole if whole > 1e-12 else 0.0
    return found


def _added(made: Made, effort: Effort, allies: set[str] | None = None, year: int | None = None) -> Array:
    """Return lots in service out of a line of effort by pair and year of money, (P, Y).

    Of some Allies and one year of ordering, by its place, where these are given.
    """
    given, shared = made.shared.given, made.shared
    mine = np.array(
        [
            given.items.elements[given.pair_element[pair]] == effort.element
            and (
                given.buyers.codes[given.pair_buyer[pair]] == effort.source
                if effort.fleet
                else given.items.lines[line] == effort.source and given.pair_buyer[pair] < given.buyers.allies
            )
            for pair, line in zip(given.order_pair, given.order_line, strict=True)
        ],
        dtype=bool,
    )
    found = np.zeros(shared.added.shape)
    if allies is not None and not effort.fleet:
        codes = np.array(given.buyers.codes)[given.pair_buyer[given.order_pair]]
        mine &= np.isin(codes, sorted(allies))
    if year is not None:
        mine &= given.order_year == year
    for place in np.nonzero(mine & (shared.ordered > 1e-9))[0]:
        ends = given.delivered[place] + given.items.life[given.pair_element[given.order_pair[place]]]
        found[given.order_pair[place], given.delivered[place] : ends] += shared.ordered[place]
    return found


def _units(made: Made, added: Array) -> Array:
    """Return units by year of money and row of supply that lots in service bring, (Y, R)."""
    fielded = by_class(made.shared.given, added, made.years)
    return made.seen.arriving(fielded) - made.seen.base
