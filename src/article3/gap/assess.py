"""The full assessment: every situation, window and posture, with ranges over draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.compute import Progress, Step
from article3.domain import pools
from article3.gap.forces import Array, Axes, Forces, Values
from article3.gap.layout import Cell, cells_of
from article3.gap.margin import MarginModel, Margins
from article3.gap.postures import Posture, Supply, supply
from article3.gap.risk import Purchase, RiskModel, Risks
from article3.program import Certificate
from article3.scenario.resolve import Inputs


@dataclass(frozen=True, slots=True)
class Assessment:
    """What can be met, by posture.

    Parameters
    ----------
    forces, values
        All estimates, and the central values assessed.
    postures
        The postures, by name, in order.
    cells
        Situations by window; those of one contingency first.
    supplies, margins, risks
        Results by posture.
    certificates
        Certificate of every solve, by model and posture.
    margin_model, risk_model
        The built models, for further questions.
    """

    forces: Forces
    values: Values
    postures: Mapping[str, Posture]
    cells: tuple[Cell, ...]
    supplies: Mapping[str, Supply]
    margins: Mapping[str, Margins]
    risks: Mapping[str, Risks]
    certificates: Mapping[str, Certificate] = field(repr=False)
    margin_model: MarginModel = field(repr=False)
    risk_model: RiskModel = field(repr=False)

    @property
    def axes(self) -> Axes:
        """Names along the axes."""
        return self.forces.axes

    def cell(self, situation: str, window: int) -> int | None:
        """Return the place of a cell; None where the situation requires nothing in the window."""
        found = [i for i, cell in enumerate(self.cells) if cell.situation == situation and cell.window == window]
        return found[0] if found else None


def postures_of(inputs: Inputs) -> dict[str, Posture]:
    """Return the postures of a scenario by name: with, reduced, its variants, without."""
    us = inputs.scenario.us
    limited = frozenset(item.ally for item in inputs.scenario.caveats)
    out = with_pools(inputs.without)
    found = {"with": Posture("with", us.with_us, frozenset(), limited)}
    found["reduced"] = Posture("reduced", us.reduced, frozenset(), limited)
    for variant in us.variants:
        found[f"reduced_{variant.rsplit('_', maxsplit=1)[-1]}"] = Posture(variant, variant, frozenset(), limited)
    found["without"] = Posture("without", "" if "USA" in out else us.with_us, out, limited)
    return found


def with_pools(absent: Iterable[str]) -> frozenset[str]:
    """Return absent Allies and the pools that go with them: those more than half of whose members are absent."""
    gone = frozenset(absent)
    return gone | {item.code for item in pools() if 2 * len(gone.intersection(item.members)) > len(item.members)}


def situations_of(inputs: Inputs) -> list[tuple[str, tuple[str, ...]]]:
    """Return every contingency alone, then the planning situations."""
    alone = [(item.id, (item.id,)) for item in inputs.contingencies]
    return [*alone, *((item.situation, tuple(item.contingencies)) for item in inputs.situations)]


def assess(
    forces: Forces,
    postures: Mapping[str, Posture],
    situations: Sequence[tuple[str, Sequence[str]]],
    purchase: Purchase | None = None,
    values: Values | None = None,
) -> Assessment:
    """Assess all situations and windows in all postures.

    Parameters
    ----------
    forces
        All estimates.
    postures
        Postures by name.
    situations
        Names with their contingencies.
    purchase
        What can be bought, for questions about investments.
    values
        Values to assess; the central ones by default.
    """
    values = values or forces.central()
    cells = cells_of(forces.axes, situations, values.needs)
    whole = everybody(forces, values, postures)
    supplies = {name: supply(forces.axes, values, posture) for name, posture in postures.items()}
    margin_model = MarginModel(forces.axes, values, cells, whole)
    risk_model = RiskModel(forces.axes, values, cells, whole, purchase)
    margins: dict[str, Margins] = {}
    risks: dict[str, Risks] = {}
    certificates: dict[str, Certificate] = {}
    for name, given in supplies.items():
        margins[name], risks[name] = margin_model.solve(given), risk_model.solve(given)
        certificates |= {f"margin, {name}": margin_model.certificate(), f"risk, {name}": risk_model.certificate()}
    return Assessment(
        forces, values, dict(postures), cells, supplies, margins, risks, certificates, margin_model, risk_model
    )


def everybody(forces: Forces, values: Values, postures: Mapping[str, Posture]) -> Supply:
    """Return what arrives when nobody is absent and the United States offers the most of all versions."""
    limited = frozenset().union(*(item.limited for item in postures.values()))
    most = np.max(np.stack(list(values.offers.values())), axis=0) if values.offers else None
    offers = {**values.offers, "most": most} if most is not None else values.offers
    widest = Values(
        values.holdings, values.retained, offers, values.availability, values.reach, values.interoperability,
        values.effects, values.needs,
    )  # fmt: skip
    return supply(forces.axes, widest, Posture("everybody", "most" if most is not None else "", frozenset(), limited))


EVERY: Final = 4
"""Situations of several contingencies are assessed in every fourth draw: they take most of the time."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """Attainment over draws.

    Parameters
    ----------
    attainment
        By posture, (draws, cells); not a number where a cell was left out of a draw.
    binding
        By posture, (draws, needs): the weakest links.
    """

    attainment: Mapping[str, Array]
    binding: Mapping[str, NDArray[np.bool_]]

    def band(self, posture: str) -> tuple[Array, Array, Array]:
        """Return the 10th, 50th and 90th percentile of attainment by cell."""
        low, median, high = np.nanquantile(self.attainment[posture], [0.1, 0.5, 0.9], axis=0)
        return low, median, high

    def count(self, posture: str, cell: int) -> int:
        """Return how many draws assessed a cell."""
        return int(np.isfinite(self.attainment[posture][:, cell]).sum())


def ranges(found: Assessment, draws: int, seed: int, progress: Progress | None = None) -> Ranges:
    """Assess every cell again for draws of everything uncertain; the same draws for all postures.

    Parameters
    ----------
    found
        The central assessment.
    draws
        Number of draws; 64 by default of the scenario.
    seed
        Seed of the draws.
    progress
        Called after each draw.
    """
    # Cells of one contingency come first, and with them their needs; the others are some five times as dear.
    alone = tuple(cell for cell in found.cells if len(cell.contingencies) == 1)
    joint = found.cells[len(alone) :]
    needs = int(np.count_nonzero(found.margin_model.form.need_cell < len(alone)))
    size = len(found.cells), len(found.margin_model.form.need_cell)
    attainment = {name: np.full((draws, size[0]), np.nan) for name in found.postures}
    binding = {name: np.zeros((draws, size[1]), dtype=bool) for name in found.postures}
    for number in range(draws):
        rng = np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, number]))
        values = same_shape(found.forces.draw(rng), found.values)
        whole = everybody(found.forces, values, found.postures)
        parts = [(alone, slice(0, len(alone)), slice(0, needs))]
        if joint and number % EVERY == 0:
            parts.append((joint, slice(len(alone), size[0]), slice(needs, size[1])))
        for cells, columns, rows in parts:
            model = MarginModel(found.axes, values, cells, whole)
            for name, posture in found.postures.items():
                margins = model.solve(supply(found.axes, values, posture))
                attainment[name][number, columns] = margins.attainment
                binding[name][number, rows] = margins.binding
        if progress:
            progress(Step(number + 1, draws, "draws"))
    return Ranges(attainment, binding)


def same_shape(values: Values, central: Values) -> Values:
    """Keep what is positive positive and what is zero zero, so that every draw has the same rows of need.

    A low estimate of zero would otherwise let a need or an effect vanish from a draw.
    """
    tiny = 1e-6
    return Values(
        values.holdings,
        values.retained,
        values.offers,
        values.availability,
        values.reach,
        values.interoperability,
        np.where(central.effects > 0, np.maximum(values.effects, tiny * central.effects), 0.0),
        np.where(central.needs > 0, np.maximum(values.needs, tiny * central.needs), 0.0),
    )
