"""Scores of forecasts: proper scores, calibration, and intervals for differences.

CRPS is computed as twice the mean pinball loss over 99 quantiles (Gneiting and Raftery 2007, *Strictly proper scoring
rules, prediction, and estimation*, JASA 102), in the unit of the outcome: percentage points of GDP.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from article3.forecast.method import PROBABILITIES, Array

MAX_SHARE_PCT = 8.0
"""Upper end of the uniform density that is mixed into the log score, so that no outcome is impossible."""


def pinball(quantiles: Array, outcomes: Array) -> Array:
    """Return the pinball loss of each of the 99 quantiles. Shapes ``(..., 99)`` and ``(...)``."""
    miss = outcomes[..., None] - quantiles
    return np.where(miss >= 0, PROBABILITIES * miss, (PROBABILITIES - 1) * miss)


def crps(quantiles: Array, outcomes: Array) -> Array:
    """Return the continuous ranked probability score, in the outcomes' unit. Shape of ``outcomes``."""
    score: Array = 2 * pinball(quantiles, outcomes).mean(axis=-1)
    return score


def covered(quantiles: Array, outcomes: Array, probability: float) -> npt.NDArray[np.bool_]:
    """Return whether outcomes lie in the central band of a probability (0.80 or 0.95).

    The outermost quantiles are 1 and 99 per cent; 95 per cent is interpolated between them.
    """
    low, high = (1 - probability) / 2, (1 + probability) / 2
    ends = [_at(quantiles, level) for level in (low, high)]
    inside: npt.NDArray[np.bool_] = (outcomes >= ends[0]) & (outcomes <= ends[1])
    return inside


def _at(quantiles: Array, level: float) -> Array:
    position = level * 100 - 1
    below = min(int(np.floor(position + 1e-9)), 97)
    part = position - below
    value: Array = quantiles[..., below] * (1 - part) + quantiles[..., below + 1] * part
    return value


def pit(quantiles: Array, outcomes: Array) -> Array:
    """Return the probability integral transform: the forecast probability below the outcome."""
    flat, values = quantiles.reshape(-1, quantiles.shape[-1]), outcomes.reshape(-1)
    found = [np.interp(v, q, PROBABILITIES, left=0.005, right=0.995) for q, v in zip(flat, values, strict=True)]
    return np.array(found).reshape(outcomes.shape)


def log_score(quantiles: Array, outcomes: Array) -> Array:
    """Return the negative log density of the outcomes, the density read off the quantiles.

    One per cent of a uniform density on 0 to 8 per cent of GDP is mixed in. Lower is better.
    """
    flat, values = quantiles.reshape(-1, quantiles.shape[-1]), outcomes.reshape(-1)
    density = np.zeros(values.shape)
    for index, (row, value) in enumerate(zip(flat, values, strict=True)):
        right = int(np.searchsorted(row, value))
        if 0 < right < row.size:
            density[index] = 0.01 / max(row[right] - row[right - 1], 1e-9)
    mixed = 0.99 * density + 0.01 / MAX_SHARE_PCT
    score: Array = -np.log(mixed)
    return score.reshape(outcomes.shape)


def brier(odds: Array, happened: npt.NDArray[np.bool_]) -> float:
    """Return the Brier score: the mean squared difference between odds and what happened (0 or 1)."""
    return float(np.mean((odds - happened) ** 2))


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of a reliability diagram: forecasts between two odds, their mean, and how often it came true."""

    low: float
    high: float
    number: int
    stated: float
    observed: float


def reliability(odds: Array, happened: npt.NDArray[np.bool_], edges: tuple[float, ...]) -> list[Bin]:
    """Return a reliability diagram; bins without forecasts are left out."""
    found = []
    for low, high in itertools.pairwise(edges):
        inside = (odds >= low) & ((odds < high) | (high == edges[-1]))
        if inside.any():
            found.append(Bin(low, high, int(inside.sum()), float(odds[inside].mean()), float(happened[inside].mean())))
    return found


@dataclass(frozen=True, slots=True)
class Interval:
    """A skill and its bootstrap interval (5 to 95 per cent)."""

    skill: float
    low: float
    high: float


def skill(ours: Array, theirs: Array, allies: npt.NDArray[np.int64], origins: npt.NDArray[np.int64]) -> Interval:
    """Return ``1 - mean(ours) / mean(theirs)`` with a two-way block bootstrap.

    Allies are drawn with replacement, and blocks of three successive origins: errors of one Ally hang together over
    the years, and those of one year over the Allies. It does not cure that 2022 happened once.

    Parameters
    ----------
    ours, theirs
        Scores, one per forecast.
    allies, origins
        Which Ally and origin each forecast belongs to.
    """
    rng = np.random.default_rng(3)
    names, years = np.unique(allies), np.unique(origins)
    position = {year: index for index, year in enumerate(years)}
    table = [np.zeros((names.size, years.size)) for _ in range(3)]
    row = np.searchsorted(names, allies)
    column = np.array([position[year] for year in origins])
    for target, values in zip(table, (ours, theirs, np.ones_like(ours)), strict=True):
        np.add.at(target, (row, column), values)
    found = []
    for _ in range(400):
        picked = rng.integers(0, names.size, names.size)
        starts = rng.integers(0, max(1, years.size - 2), -(-years.size // 3))
        blocks = np.concatenate([np.arange(start, min(start + 3, years.size)) for start in starts])[: years.size]
        one, two, number = (item[np.ix_(picked, blocks)].sum() for item in table)
        if number and two:
            found.append(1 - one / two)
    low, high = np.quantile(found, [0.05, 0.95])
    return Interval(float(1 - ours.mean() / theirs.mean()), float(low), float(high))
