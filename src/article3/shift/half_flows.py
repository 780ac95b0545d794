"""What comes and leaves, and how late: committed deliveries, retirements, orders signed before, the plan's orders.

Delays are years of table ``delays``. Units that come late come evenly between two 1 Julys: a delivery half a year late
counts half in its year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from article3.domain import force_elements
from article3.evidence.delay_checks import STAGES
from article3.evidence.planning import Planning
from article3.gap.forces import GROUPS, Array, Axes, Ints, Spread, Values
from article3.plan.make import Made
from article3.plan.means import BASE
from article3.plan.states import committed
from article3.scenario.shift_schema import Shift

EUROPE: Final = GROUPS.index("europe")
_SEEN: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Drawn:
    """Draws, the first of them the plan as it stands. Shapes as in :class:`Values`, with D draws before.

    Parameters
    ----------
    values
        Everything the gap draws.
    scores
        Standard normal scores of delays, (D, S).
    on_time
        Whether everything comes on time, (D,).
    money
        Part of the new money that is there, by buyer and year of order, (D, B, T).
    """

    values: Values
    scores: Array
    on_time: NDArray[np.bool_]
    money: Array


@dataclass(frozen=True, slots=True)
class Flows:
    """Units that come or leave, one in a row. Shape: N flows.

    Parameters
    ----------
    place, element
        What they are added to (a holder, or a class of reach), and of which element, (N,).
    due, life
        Year on whose 1 July they are due, and years until they leave again, (N,).
    units
        Units; below zero for those that leave, (N,).
    score
        Place among the scores of delays, (N,).
    delay
        Years by which they come later than they are due, each (N,).
    fixed
        Years by which the scenario lets them come later, whatever is drawn, (N,).
    buyer, ordered
        Buyer and place of the year of order, (N,); -1 where no new money is needed.
    """

    place: Ints
    element: Ints
    due: Array
    life: Array
    units: Array
    score: Ints
    delay: Spread
    fixed: Array
    buyer: Ints
    ordered: Ints

    def there(self, years: tuple[int, ...], drawn: Drawn) -> Array:
        """Return units that have come and not left again by 1 July of each year, (N, D, Y)."""
        late = self.delay.at(drawn.scores[:, self.score]) * ~drawn.on_time[:, None] + self.fixed
        since = np.array(years, dtype=float) - (self.due + late).T[:, :, None] + 1.0
        found = np.clip(since, 0.0, 1.0) - np.clip(since - self.life[:, None, None], 0.0, 1.0)
        paid = np.where(self.buyer >= 0, drawn.money[:, self.buyer, self.ordered], 1.0)
        return np.asarray(found * (paid * self.units).T[:, :, None])


def scores_of(axes: Axes, lines: tuple[str, ...]) -> int:
    """Return how many scores of delays there are: one for each line, one for each holder and domain."""
    return len(lines) + len(axes.holders) * len(_domains())


def _domains() -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.domain for item in force_elements()))


def ranges(planning: Planning, axes: Axes) -> dict[str, Spread]:
    """Return years by which deliveries come later, by stage, each (E,); nothing where the table has no line."""
    domain = {item.id: item.domain for item in force_elements()}
    rows = {(row["stage"], row["subject"]): row for row in planning.table("delays").iter_rows(named=True)}
    found = {}
    for stage in STAGES:
        lines = [
            next((rows[stage, name] for name in (element, domain[element], "any") if (stage, name) in rows), None)
            for element in axes.elements
        ]
        found[stage] = Spread(
            *(np.array([line[column] if line else 0.0 for line in lines]) for column in ("low", "central", "high"))
        )
    return found


def changes(made: Made, shift: Shift) -> Flows:
    """Return committed deliveries and retirements by holder.

    A retirement waits as long as what the holder gets in its place: deliveries to it in the same domain of elements.
    """
    asked, axes = made.asked, made.asked.forces.axes
    names = _domains()
    domain = {item.id: item.domain for item in force_elements()}
    table = asked.inputs.planning.table("changes").filter(pl.col("holder").is_in(list(axes.holders)))
    rows = list(table.iter_rows(named=True))
    comes = np.array([row["kind"] == "delivery" for row in rows], dtype=bool)
    pairs = [(row["holder"], domain[row["element"]]) for row in rows]
    replaced = {pair for pair, coming in zip(pairs, comes, strict=True) if coming}
    due = np.array([float(row["year"]) for row in rows])
    # What was due by now is here, on time or not.
    open_ = np.array([pair in replaced for pair in pairs], dtype=bool) & (due > BASE)
    element = np.array([axes.of("element", row["element"]) for row in rows], dtype=np.int64)
    holder = np.array([axes.of("holder", row["holder"]) for row in rows], dtype=np.int64)
    where = np.array([names.index(pair[1]) for pair in pairs], dtype=np.int64)
    spread = ranges(asked.inputs.planning, axes)["committed"]
    return Flows(
        holder,
        element,
        due,
        np.full(len(rows), np.inf),
        np.array([row["units"] for row in rows], dtype=float) * np.where(comes, 1.0, -1.0),
        len(asked.given.items.lines) + holder * len(names) + where,
        _some(spread, element, open_),
        _later(shift, axes, element, due, comes & (axes.group[holder] == EUROPE)),
        np.full(len(rows), -1, dtype=np.int64),
        np.full(len(rows), -1, dtype=np.int64),
    )


def _some(spread: Spread, element: Ints, open_: NDArray[np.bool_]) -> Spread:
    return Spread(spread.low[element] * open_, spread.central[element] * open_, spread.high[element] * open_)


def _later(shift: Shift, axes: Axes, element: Ints, due: Array, ours: NDArray[np.bool_]) -> Array:
    """Return years by which the scenario lets European deliveries come later."""
    found = np.zeros(len(element))
    for item in shift.late:
        if item.element in axes.place["element"]:
            mine = ours & (element == axes.of("element", item.element)) & (due == item.year)
            found[mine] = np.maximum(found[mine], item.years)
    return found


def signed(made: Made, shift: Shift, klass: Ints) -> Flows:
    """Return orders signed before, out of the state file, by class of their buyer: like new ones, all of it is offered.

    ``klass`` is the class of each buyer; those below 0 are left out.
    """
    asked, axes = made.asked, made.asked.forces.axes
    items, who, names = asked.given.items, asked.given.buyers, _domains()
    domain = {item.id: item.domain for item in force_elements()}
    base = dict(asked.inputs.planning.table("pooling").select("pool", "located").iter_rows())
    found = committed(asked.states, items, asked.settings.first_year).arriving if asked.states else {}
    rows = [(key, units) for key, units in found.items() if klass[who.codes.index(key[0])] >= 0]
    holder = [axes.of("holder", code if code in axes.place["holder"] else base[code]) for (code, _, _), _ in rows]
    element = np.array([axes.of("element", name) for (_, name, _), _ in rows], dtype=np.int64)
    due = np.array([float(year) for (_, _, year), _ in rows])
    where = np.array([names.index(domain[name]) for (_, name, _), _ in rows], dtype=np.int64)
    return Flows(
        np.array([klass[who.codes.index(code)] for (code, _, _), _ in rows], dtype=np.int64),
        element,
        due,
        np.full(len(rows), np.inf),
        np.array([units for _, units in rows], dtype=float),
        len(items.lines) + np.array(holder, dtype=np.int64) * len(names) + where,
        _some(ranges(asked.inputs.planning, axes)["committed"], element, due > BASE),
        _later(shift, axes, element, due, who.group[[who.codes.index(code) for (code, _, _), _ in rows]] == EUROPE),
        np.full(len(rows), -1, dtype=np.int64),
        np.full(len(rows), -1, dtype=np.int64),
    )


def orders(made: Made, shift: Shift, klass: Ints) -> Flows:
    """Return the plan's orders by class of their buyer; buyers of a class below 0 are left out."""
    given, axes, planning = made.shared.given, made.asked.forces.axes, made.asked.inputs.planning
    buyer = given.pair_buyer[given.order_pair]
    kept = np.nonzero((made.shared.ordered > _SEEN) & (klass[buyer] >= 0))[0]
    pair, line, buyer = given.order_pair[kept], given.order_line[kept], buyer[kept]
    element = given.pair_element[pair]
    opens = dict(planning.table("lines").select("line", "opens").iter_rows())
    late = np.array([int(opens[name]) > BASE for name in given.items.lines])[line]
    spreads = ranges(planning, axes)
    parts = [
        np.where(late, getattr(spreads["opening"], name)[element], getattr(spreads["ordered"], name)[element])
        for name in ("low", "central", "high")
    ]
    due = (given.years[0] + given.delivered[kept]).astype(float)
    return Flows(
        klass[buyer],
        element,
        due,
        given.items.life[element].astype(float),
        made.shared.ordered[kept] * given.lot[pair],
        line,
        Spread(*parts),
        _later(shift, axes, element, due, made.asked.given.buyers.group[buyer] == EUROPE),
        buyer,
        given.order_year[kept],
    )
