"""The sparse shape of the gap models: which element can serve which need in which cell.

A *cell* is a planning situation inside a readiness window; cells share no variable, so that all of them are solved as
one program. Holders whose forces reach the contingencies of a situation alike form one *class*: assignment by holder is
projected out without changing the optimum (one class where a situation has one contingency). A holder has two parts,
what it offers and what it keeps back for contingencies at home.

Units are measured in shares of a fixed scale, what arrives with everybody present. Postures and purchases then change
only the right-hand side of the rows that say what there is, and a built model serves all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.gap.forces import BANDS, WINDOWS, Array, Axes, Ints, Values
from article3.gap.postures import Supply

_TRACE: Final = 1e-8


@dataclass(frozen=True, slots=True)
class Cell:
    """A planning situation inside a window; contingencies by their place on the axis."""

    situation: str
    window: int
    contingencies: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Index arrays of variables, rows of supply and rows of need.

    Parameters
    ----------
    cells
        Cells, in order.
    var_supply, var_need, var_element
        Row of supply and row of need each variable stands in, and its element.
    supply_cell, supply_class, supply_element
        What a row of supply is about.
    need_cell, need_contingency, need_capability
        What a row of need is about.
    class_cell, class_members
        Cell of each class, and a mask over the parts of holders, (classes, P).
    whole
        Units each row of supply holds with everybody present.
    """

    cells: tuple[Cell, ...]
    var_supply: Ints
    var_need: Ints
    var_element: Ints
    supply_cell: Ints
    supply_class: Ints
    supply_element: Ints
    need_cell: Ints
    need_contingency: Ints
    need_capability: Ints
    class_cell: Ints
    class_members: NDArray[np.bool_]
    whole: Array

    @property
    def need_window(self) -> Ints:
        """Window of every row of need."""
        return np.array([cell.window for cell in self.cells], dtype=np.int64)[self.need_cell]


def cells_of(axes: Axes, situations: Sequence[tuple[str, Sequence[str]]], needs: Array) -> tuple[Cell, ...]:
    """Return every situation in every window in which each of its contingencies requires something."""
    found = []
    for name, contingencies in situations:
        places = tuple(axes.of("contingency", item) for item in contingencies)
        found += [
            Cell(name, window, places)
            for window in range(len(WINDOWS))
            if all(needs[place, window].any() for place in places)
        ]
    return tuple(found)


def layout(axes: Axes, values: Values, cells: Sequence[Cell], wanted: NDArray[np.bool_], whole: Supply) -> Layout:
    """Lay out the variables and rows of some cells.

    Parameters
    ----------
    axes, values
        Names and central values; only which effects and needs are positive matters.
    cells
        The cells.
    wanted
        Needs to be served, (C, K): all of them for risk, the essential ones for the margin.
    whole
        What arrives with everybody present.
    """
    # A place is a contingency inside a cell; a slot is a class of holders at a place.
    place_cell = np.repeat(np.arange(len(cells)), [len(cell.contingencies) for cell in cells])
    place_contingency = np.array([item for cell in cells for item in cell.contingencies], dtype=np.int64)
    window = np.array([cell.window for cell in cells], dtype=np.int64)
    grouped = [_classes(cell, whole) for cell in cells]
    class_cell = np.repeat(np.arange(len(cells)), [len(classes) for classes in grouped])
    members = np.concatenate(grouped)
    needed = (values.needs[place_contingency, window[place_cell]] > 0) & wanted[place_contingency]
    need_place, need_capability = np.nonzero(needed)
    need_number = np.full(needed.shape, -1, dtype=np.int64)
    need_number[need_place, need_capability] = np.arange(len(need_place))
    slot_class, slot_place = np.nonzero(class_cell[:, None] == place_cell[None, :])
    units = _by_class(cells, class_cell, members, whole)
    there = units > 0
    reach = whole.reach[:, place_contingency[slot_place], window[place_cell[slot_place]]].T
    there_in_slot = there[slot_class] & (np.where(members[slot_class], reach, 0.0).max(axis=1) > 0)[:, None]
    giver, given_ = np.nonzero(values.effects > 0)
    slot, pair = np.nonzero(there_in_slot[:, giver] & needed[slot_place][:, given_])
    element, capability = giver[pair], given_[pair]
    # A unit of a rival element is used once in the whole situation; what is not used up serves every contingency.
    shared = np.where(axes.rival[element], 0, 1 + slot_place[slot])
    key = (slot_class[slot] * len(axes.elements) + element) * (len(place_cell) + 1) + shared
    _, first, row = np.unique(key, return_index=True, return_inverse=True)
    supply_class = slot_class[slot][first]
    return Layout(
        tuple(cells),
        row.reshape(-1),
        need_number[slot_place[slot], capability],
        element,
        class_cell[supply_class],
        supply_class,
        element[first],
        place_cell[need_place],
        place_contingency[need_place],
        need_capability,
        class_cell,
        members,
        units[supply_class, element[first]],
    )


def _classes(cell: Cell, whole: Supply) -> NDArray[np.bool_]:
    """Return groups of parts whose reach into the cell's contingencies is alike, as masks, (classes, P)."""
    if len(cell.contingencies) == 1:
        return np.ones((1, len(whole.group)), bool)
    places = list(cell.contingencies)
    # Limits on who fights where are part of a class, so that a posture never has to split one.
    marks = whole.band[:, places] * 2 + (whole.reach[:, places, cell.window] > 0)
    code = marks @ (2 * len(BANDS)) ** np.arange(len(places))
    return np.asarray(np.unique(code)[:, None] == code[None, :])


def stock(form: Layout, given: Supply) -> Array:
    """Return the units each row of supply holds, before distance bites (after it, where there is one contingency)."""
    table = _by_class(form.cells, form.class_cell, form.class_members, given)
    return np.asarray(table[form.supply_class, form.supply_element])


def _by_class(cells: Sequence[Cell], class_cell: Ints, members: NDArray[np.bool_], given: Supply) -> Array:
    """Return the units every class of parts holds for its cell, (classes, E)."""
    alone = given.total()
    table = np.zeros((len(members), alone.shape[-1]))
    for place, cell in enumerate(cells):
        mine = class_cell == place
        if len(cell.contingencies) == 1:
            table[mine] = alone[cell.contingencies[0], cell.window]
        else:
            table[mine] = members[mine].astype(float) @ given.inside(cell.contingencies, cell.window)
    return table


def worth(form: Layout, axes: Axes, values: Values, scale: Array) -> Array:
    """Return what the stock behind each variable would cover of its need: effect x reach x stock / requirement."""
    need = form.var_need
    contingency, capability = form.need_contingency[need], form.need_capability[need]
    window = form.need_window[need]
    required = values.needs[contingency, window, capability]
    effect = values.effects[form.var_element, capability]
    single = np.array([len(cell.contingencies) == 1 for cell in form.cells])[form.need_cell[need]]
    first = np.array([int(np.argmax(mask)) for mask in form.class_members], dtype=np.int64)
    band = axes.band[first[form.supply_class[form.var_supply]] % len(axes.holders), contingency]
    still = ~axes.rival[form.var_element]  # satellites do not travel
    pace = np.where(single | still, 1.0, values.reach[band, window])
    covers = effect * pace * scale[form.var_supply] / required
    # What covers less than a hundred-millionth of a need helps nobody, and the solver cannot tell it from nothing.
    return np.where(covers < _TRACE, 0.0, covers)
