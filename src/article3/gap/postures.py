"""Postures: with the United States, with less of it, without it or any other Ally."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from article3.gap.forces import GROUPS, Array, Axes, Ints, Values

USA = GROUPS.index("usa")


@dataclass(frozen=True, slots=True)
class Posture:
    """Who takes part, and with what offer of the United States.

    Parameters
    ----------
    name
        ``with``, ``reduced``, ``without``, or the name of a variant.
    version
        Version of the offer of the United States; empty where it is absent.
    absent
        Holders that take no part.
    limited
        Allies that take part in contingencies of low intensity only.
    """

    name: str
    version: str
    absent: frozenset[str] = frozenset()
    limited: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Supply:
    """What arrives. Shapes: H holders, C contingencies, E elements, P = 2 H parts.

    Every holder has two parts: what it offers, and what it keeps back, which serves contingencies at home alone.

    Parameters
    ----------
    offered
        Units offered, (H, E).
    usable
        Units usable inside a window before distance bites, times interoperability, (P, windows, E).
    reach
        Share that arrives, (P, C, windows); 0 for parts that take no part.
    group, band
        Group of holders of every part, (P,), and how far it has to go, (P, C).
    anywhere
        By element: whether distance does not matter, because nothing has to travel (satellites).
    """

    offered: Array
    usable: Array
    reach: Array
    group: Ints
    band: Ints
    anywhere: NDArray[np.bool_]

    def arriving(self) -> Array:
        """Return units that arrive, (P, C, windows, E)."""
        moved = self.usable[:, None, :, :] * self.reach[:, :, :, None]
        there = self.usable[:, None, :, :] * (self.reach > 0)[:, :, :, None]
        return np.where(self.anywhere, there, moved)

    def total(self) -> Array:
        """Return units of all that arrive, (C, windows, E)."""
        moved: Array = np.einsum("pwe,pcw->cwe", self.usable, self.reach)
        still = self.anywhere
        moved[:, :, still] = np.einsum("pwe,pcw->cwe", self.usable[:, :, still], (self.reach > 0).astype(float))
        return moved

    def inside(self, contingencies: Sequence[int], window: int) -> Array:
        """Return units for a cell, (P, E): those that arrive where it has one contingency, else those that set out."""
        usable = self.usable[:, window, :]
        reach = self.reach[:, list(contingencies), window]
        present = usable * (reach.max(axis=1) > 0)[:, None]
        if len(contingencies) > 1:
            return np.asarray(present)
        return np.where(self.anywhere, present, usable * reach)


def supply(axes: Axes, values: Values, posture: Posture) -> Supply:
    """Return what every holder brings to every contingency and window in a posture.

    Europe and Canada offer (1 - retained) x holding; the United States the units of its offer, never more than it
    holds. Usable = offered x availability x interoperability; what arrives = usable x reach. What is kept back is
    usable in the same way, but for contingencies at home only.
    """
    offered = (1.0 - values.retained) * values.holdings
    kept = values.retained * values.holdings
    american = axes.group == USA
    offer = values.offers[posture.version] if posture.version else np.zeros(len(axes.elements))
    offered[american] = np.minimum(values.holdings[american], offer)
    kept[american] = 0.0
    group, band = np.tile(axes.group, 2), np.tile(axes.band, (2, 1))
    factor = values.availability.T[None, :, :] * values.interoperability[group][:, None, :]
    usable = np.concatenate([offered, kept])[:, None, :] * factor
    here = taking_part(axes, posture)
    home = np.array([item.home for item in axes.contingencies], dtype=bool)
    reach = np.where(np.concatenate([here, here & home])[:, :, None], values.reach[band], 0.0)
    return Supply(offered, usable, reach, group, band, ~axes.rival)


def taking_part(axes: Axes, posture: Posture) -> NDArray[np.bool_]:
    """Return who takes part in which contingency, (H, C)."""
    here = np.array([holder not in posture.absent for holder in axes.holders])
    if not posture.version:
        here &= axes.group != USA
    high = np.array([item.intensity == "high" for item in axes.contingencies])
    limited = np.array([holder in posture.limited for holder in axes.holders])
    return np.asarray(here[:, None] & ~(limited[:, None] & high[None, :]))


def europe(axes: Axes) -> NDArray[np.bool_]:
    """Return which holders are European."""
    return np.asarray(axes.group == GROUPS.index("europe"))
