"""Joint paths: draws of all Allies' shares together, because counts hang on shocks that Allies share.

Past years are drawn in blocks, the same block for all Allies of a draw, so that a year like 2022 strikes everyone at
once; within a draw each Ally takes the scaled surprise of one randomly chosen Ally of that year, so that all share the
panel's experience; the sign of a draw is a coin. The surprises are scaled at each horizon so that the spread of the
draws is that of the forecast's own quantiles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from article3.forecast.method import (
    Forecast,
    Panel,
    Parameters,
    Target,
    centre,
    volatility,
)

BLOCK_YEARS: Final = 3
CHUNK: Final = 8_192
"""Draws made at a time: a few megabytes of single precision, whatever the number asked for."""
NOWCAST_SD: Final = 0.06
"""Standard deviation of the log revision of the latest estimated year: first print against July 2026. The revisions
of 2023 and 2024 had 0.059 and 0.097, that of a final year 0.021."""

Single = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Surprises:
    """Past one-year errors of the method in units of volatility.

    Parameters
    ----------
    years
        Outcome years, oldest first; years without any figure are left out.
    scaled
        Shape ``(years, allies)``; Allies unknown in a year are filled with that year's median.
    weights
        Probability of starting a block in a year.
    """

    years: tuple[int, ...]
    scaled: Single
    weights: npt.NDArray[np.float64]


def surprises(panel: Panel, origin: int, targets: tuple[Target, ...], fixed: Parameters) -> Surprises:
    """Collect the one-year errors of the last :attr:`Parameters.window` years, as known at ``origin``."""
    known = panel.cut(origin)
    nobody = np.zeros(len(panel.allies), dtype=bool)
    years = range(origin - fixed.window + 1, origin + 1)
    rows, held = [], []
    for year in years:
        guess = centre(known, year - 1, 1, targets, fixed, nobody).used[:, 0]
        moved = known.log_share[:, known.column(year)] - known.log_share[:, known.column(year - 1)]
        scaled = (moved - guess) / volatility(known, year - 1, fixed)
        if np.isnan(scaled).all():
            continue  # a hole between the long history and the first release that goes on from it
        rows.append(np.where(np.isnan(scaled), np.nanmedian(scaled), scaled))
        held.append(year)
    weights = 0.5 ** ((origin - np.array(held)) / fixed.half_life)
    return Surprises(tuple(held), np.array(rows, dtype=np.float32), weights / weights.sum())


def draw(
    made: Forecast, past: Surprises, number: int, seed: int, *, nowcast: npt.NDArray[np.bool_] | None = None
) -> Iterator[Single]:
    """Draw joint paths of shares in per cent of GDP, a chunk at a time.

    Parameters
    ----------
    made
        The forecast whose centre, volatility and spread the draws have.
    past
        Surprises to draw from.
    number
        How many draws in all.
    seed
        Seed of a counter-based generator (Philox): the same seed gives the same draws, chunk for chunk.
    nowcast
        Allies whose last value is an estimate; it gets noise of :data:`NOWCAST_SD`. All by default.

    Yields
    ------
    numpy.ndarray
        Single precision, shape ``(draws, horizons, allies)``; at most :data:`CHUNK` draws.
    """
    horizons = made.centre.shape[1]
    level = (made.last[:, None] + made.centre).T.astype(np.float32)
    scale = _scale(made, past)[:, None] * made.volatility[None, :].astype(np.float32)
    noisy = np.ones(len(made.allies), dtype=bool) if nowcast is None else nowcast
    for start in range(0, number, CHUNK):
        # One counter-based stream for each chunk: a chunk can be drawn again alone.
        rng = np.random.Generator(np.random.Philox(key=np.array([seed, start], dtype=np.uint64)))
        size = min(CHUNK, number - start)
        moves = _moves(past, size, horizons, rng)
        np.multiply(moves, scale, out=moves)
        np.add(moves, level, out=moves)
        first = rng.standard_normal((size, len(made.allies)), dtype=np.float32) * np.float32(NOWCAST_SD)
        first[:, ~noisy] = 0
        np.add(moves, first[:, None, :], out=moves)
        np.exp(moves, out=moves)
        yield moves


def _moves(past: Surprises, size: int, horizons: int, rng: np.random.Generator) -> Single:
    """Return cumulated surprises of ``size`` draws. Shape ``(size, horizons, allies)``."""
    blocks = -(-horizons // BLOCK_YEARS)
    starts = rng.choice(len(past.years), size=(size, blocks), p=past.weights)
    ahead = (starts[:, :, None] + np.arange(BLOCK_YEARS)).reshape(size, -1)[:, :horizons] % len(past.years)
    # Rotating the Allies by a random number, with a random reflection, mixes their experience at the price of one
    # number a draw: each Ally still meets the same shared year.
    allies = past.scaled.shape[1]
    shift = rng.integers(0, allies, size)
    columns = (np.arange(allies)[None, :] + shift[:, None]) % allies
    moves: Single = past.scaled[ahead[:, :, None], columns[:, None, :]]
    sign = rng.integers(0, 2, size).astype(np.float32) * 2 - 1
    np.multiply(moves, sign[:, None, None], out=moves)
    np.cumsum(moves, axis=1, out=moves)
    return moves


def _scale(made: Forecast, past: Surprises) -> Single:
    """Return the factor at each horizon that gives draws the 10 to 90 per cent spread of the forecast's errors."""
    rng = np.random.Generator(np.random.Philox(key=np.array([0, 0], dtype=np.uint64)))
    sample = _moves(past, 4_096, made.centre.shape[1], rng)
    low, high = np.quantile(sample, [0.1, 0.9], axis=(0, 2))
    wanted = made.errors[:, 89] - made.errors[:, 9]
    factor: Single = (wanted / (high - low)).astype(np.float32)
    return factor
