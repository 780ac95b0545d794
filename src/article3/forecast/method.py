"""The forecast: a pooled, scaled random walk with regime drift and a learned closing rate.

For Ally *i*, origin *T* and horizon *h* in years, with *y* the share of GDP::

    log y[i,T+h] = log y[i,T] + c[i,h] + w * v[i] * q[h](p)

* ``v``: the Ally's volatility, an exponentially weighted mean of its absolute yearly log changes, shrunk to the panel;
* ``c``: the centre, the larger of *drift* (average change since the last declared break, damped) and *closing*
  (the rate at which Allies below a pledged level have been closing the gap, learned since the pledge, times what
  would be needed), the latter only for those below the level;
* ``q``: weighted quantiles of past scaled errors of the whole panel at that horizon, made symmetric;
* ``w``: a fixed widening.

Nothing is iterated and nothing is tuned to a target. The parameters were fixed by a study on long history (see
``docs/methods/forecast.md``, with the years it had seen) and may not be changed to meet a bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

PROBABILITIES: Final[Array] = np.arange(1, 100) / 100
"""The 99 probabilities at which a forecast is stated."""


MIN_VOLATILITY: Final = 1e-4
"""Smallest mean yearly log change of a panel: a hundredth of a per cent."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Fixed numbers of the method; dimensionless unless said otherwise.

    Parameters
    ----------
    decay, window, outlier, volatility_prior
        Yearly decay and length in years of the volatility's memory; cap on one change as a multiple of the panel's
        mean; weight of the panel's mean in years.
    breaks
        Years in which the security order changed: drift is averaged since the last of them.
    change_cap, drift_prior, group_prior, drift_damping
        Cap on one log change; years of no drift the average is shrunk with, for the panel and for the eastern group;
        yearly damping of drift.
    rate_prior, rate_prior_weight, rate_cap, need_cap, overshoot
        Prior closing rate and its weight (40 Ally-years of a need of 0.05); upper bound of the rate; cap on the
        yearly log rise that counts as needed; log overshoot of the level allowed to the closing term.
    half_life
        Years after which a past error counts half.
    width
        Widening of the bands.
    """

    decay: float = 0.85
    window: int = 25
    outlier: float = 3.0
    volatility_prior: float = 6.0
    breaks: tuple[int, ...] = (1990, 2014, 2022)
    change_cap: float = 0.3
    drift_prior: float = 3.0
    group_prior: float = 6.0
    drift_damping: float = 0.95
    rate_prior: float = 0.3
    rate_prior_weight: float = 0.1
    rate_cap: float = 1.5
    need_cap: float = 0.25
    overshoot: float = 0.05
    half_life: float = 8.0
    width: float = 1.2


@dataclass(frozen=True, slots=True)
class Target:
    """A pledged level that Allies below it may close in on.

    Parameters
    ----------
    level_pct
        Level in per cent of GDP.
    agreed, deadline
        Calendar years.
    capped
        Whether the centre may not pass the level: for a level far above what most have, drift must not carry on
        beyond it.
    """

    level_pct: float
    agreed: int
    deadline: int
    capped: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Shares of GDP of several Allies over the years.

    Parameters
    ----------
    allies
        Codes, one per row.
    years
        Calendar years without gap, one per column.
    log_share
        Natural logarithm of the share in per cent; NaN where not known. Shape ``(allies, years)``.
    near
        Which Allies belong to the group near Russia. Shape ``(allies,)``.
    """

    allies: tuple[str, ...]
    years: tuple[int, ...]
    log_share: Array
    near: npt.NDArray[np.bool_]

    def column(self, year: int) -> int:
        """Return the column of a year."""
        return year - self.years[0]

    def cut(self, origin: int) -> Panel:
        """Return the panel as if nothing after ``origin`` were known."""
        values = self.log_share.copy()
        values[:, self.column(origin) + 1 :] = np.nan
        return Panel(self.allies, self.years, values, self.near)


@dataclass(frozen=True, slots=True)
class Forecast:
    """A distribution over share paths, and what it is made of.

    Parameters
    ----------
    allies, origin
        Codes; last year used.
    last
        Log share at the origin. Shape ``(allies,)``.
    drift, closing, centre
        Log change to each horizon by drift, by closing, and used. Shape ``(allies, horizons)``.
    rate
        Closing rate of each Ally's group. Shape ``(allies,)``.
    volatility
        Mean absolute yearly log change. Shape ``(allies,)``.
    errors
        Quantiles of scaled errors, widened. Shape ``(horizons, 99)``.
    """

    allies: tuple[str, ...]
    origin: int
    last: Array
    drift: Array
    closing: Array
    centre: Array
    rate: Array
    volatility: Array
    errors: Array

    def quantiles_pct(self) -> Array:
        """Return the forecast's quantiles in per cent of GDP. Shape ``(allies, horizons, 99)``."""
        spread: Array = self.volatility[:, None, None] * self.errors[None, :, :]
        return np.exp(self.last[:, None, None] + self.centre[:, :, None] + spread)

    def odds(self, level_pct: float, horizon: int) -> Array:
        """Return the probability that the rounded share is at or above a level at a horizon. Shape ``(allies,)``.

        NATO rounds to two decimals, so the level counts as reached half a hundredth below it.
        """
        values = self.quantiles_pct()[:, horizon - 1, :]
        return np.array([above(row, level_pct - 0.005) for row in values])


def above(quantiles: Array, level: float) -> float:
    """Return the probability mass at or above a level, from 99 quantiles in ascending order.

    Between quantiles it is interpolated; beyond the outermost it is 0.5 %.
    """
    if np.isnan(quantiles).any():
        return float("nan")
    return float(1 - np.interp(level, quantiles, PROBABILITIES, left=0.005, right=0.995))


def changes(panel: Panel) -> Array:
    """Return yearly log changes; column *k* is the change into year *k*, the first column is NaN."""
    blank = np.full((len(panel.allies), 1), np.nan)
    return np.hstack([blank, np.diff(panel.log_share, axis=1)])


def volatility(panel: Panel, origin: int, fixed: Parameters) -> Array:
    """Return each Ally's mean absolute yearly log change as known at ``origin``. Shape ``(allies,)``."""
    end = panel.column(origin) + 1
    recent = np.abs(changes(panel)[:, max(1, end - fixed.window) : end])
    known = ~np.isnan(recent)
    recent = np.where(known, np.minimum(recent, fixed.outlier * np.nanmean(recent)), 0.0)
    weights = known * fixed.decay ** np.arange(recent.shape[1])[::-1]
    pooled = (recent * weights).sum() / weights.sum()
    # A panel that never moved has no scale of its own; the floor keeps its errors finite.
    pooled = max(pooled, MIN_VOLATILITY)
    shrunk: Array = ((recent * weights).sum(axis=1) + fixed.volatility_prior * pooled) / (
        weights.sum(axis=1) + fixed.volatility_prior
    )
    return shrunk


def drift(panel: Panel, origin: int, horizons: int, fixed: Parameters) -> Array:
    """Return the log change by drift: average change since the last break, damped. Shape ``(allies, horizons)``.

    Zero in the year of a break, and before the first one.
    """
    since = max((year for year in fixed.breaks if year <= origin), default=origin)
    out = np.zeros((len(panel.allies), horizons))
    count = origin - since
    if count == 0:
        return out
    columns = slice(panel.column(since) + 1, panel.column(origin) + 1)
    recent = np.clip(changes(panel)[:, columns], -fixed.change_cap, fixed.change_cap)
    if np.isnan(recent).all():
        return out
    mean = np.nanmean(recent)
    yearly = np.full(len(panel.allies), mean * count / (count + fixed.drift_prior))
    if panel.near.any() and not np.isnan(recent[panel.near]).all():
        yearly[panel.near] += (np.nanmean(recent[panel.near]) - mean) * count / (count + fixed.group_prior)
    damped: Array = yearly[:, None] * np.cumsum(fixed.drift_damping ** np.arange(1, horizons + 1))[None, :]
    return damped


def needed(panel: Panel, year: int, target: Target, fixed: Parameters) -> tuple[Array, Array]:
    """Return the log gap to a level, and the yearly log rise needed to close it by the deadline."""
    gap = np.maximum(0.0, np.log(target.level_pct) - panel.log_share[:, panel.column(year)])
    return gap, np.minimum(gap / max(1, target.deadline - year), fixed.need_cap)


def closing_rates(panel: Panel, origin: int, target: Target, fixed: Parameters) -> Array:
    """Return the learned closing rate of each Ally's group: realised rise ÷ needed rise. Shape ``(allies,)``.

    Over all Ally-years since the pledge; 0 is no pull, 1 is on the way. The prior keeps few years from saying much.
    """
    out = np.full(len(panel.allies), fixed.rate_prior)
    yearly = changes(panel)
    for group in (panel.near, ~panel.near):
        top, bottom = fixed.rate_prior * fixed.rate_prior_weight, fixed.rate_prior_weight
        for year in range(target.agreed, min(origin, target.deadline)):
            _, need = needed(panel, year, target, fixed)
            rise = yearly[:, panel.column(year + 1)]
            known = group & ~np.isnan(need) & ~np.isnan(rise)
            top += float((rise[known] * need[known]).sum())
            bottom += float((need[known] ** 2).sum())
        out[group] = np.clip(top / bottom, 0.0, fixed.rate_cap)
    return out


def closing(panel: Panel, origin: int, horizons: int, target: Target, rate: Array, fixed: Parameters) -> Array:
    """Return the log change by closing in on a level. Shape ``(allies, horizons)``; zero for those at the level."""
    gap, need = needed(panel, origin, target, fixed)
    ahead = np.minimum(np.arange(1, horizons + 1), max(target.deadline - origin, 0))
    pull = np.minimum((rate * need)[:, None] * ahead[None, :], gap[:, None] + fixed.overshoot)
    return np.nan_to_num(pull, nan=0.0)


@dataclass(frozen=True, slots=True)
class Centre:
    """The centre of a forecast and its parts; see :class:`Forecast`."""

    drift: Array
    closing: Array
    used: Array
    rate: Array


def centre(
    panel: Panel,
    origin: int,
    horizons: int,
    targets: tuple[Target, ...],
    fixed: Parameters,
    kept: npt.NDArray[np.bool_],
) -> Centre:
    """Return the centre: drift, or closing where that is larger and an Ally is below a pledged level.

    Allies in ``kept`` stay a random walk: their centre is zero.
    """
    by_drift = drift(panel, origin, horizons, fixed)
    used, by_closing = by_drift, np.zeros_like(by_drift)
    rate = np.full(len(panel.allies), np.nan)
    for target in (item for item in targets if item.agreed <= origin):
        rate = closing_rates(panel, origin, target, fixed)
        by_closing = closing(panel, origin, horizons, target, rate, fixed)
        used = np.where(by_closing > 0, np.maximum(used, by_closing), used)
        if target.capped:
            room = np.log(target.level_pct) + fixed.overshoot - panel.log_share[:, panel.column(origin)]
            used = np.minimum(used, np.maximum(room, 0.0)[:, None])
    used = np.where(kept[:, None], 0.0, used)
    return Centre(by_drift, by_closing, used, rate)


def scaled_errors(
    panel: Panel, origin: int, horizons: int, targets: tuple[Target, ...], fixed: Parameters
) -> tuple[list[Array], list[Array]]:
    """Return past errors of the method at each horizon, in units of volatility, with the weights by age.

    For every earlier origin the method is applied to what was known there; outcomes reach to ``origin`` only.
    """
    errors: list[list[Array]] = [[] for _ in range(horizons)]
    weights: list[list[Array]] = [[] for _ in range(horizons)]
    nobody = np.zeros(len(panel.allies), dtype=bool)
    first = max(panel.years[0] + 9, origin - fixed.window - horizons)
    for start in range(first, origin):
        reach = min(horizons, origin - start)
        scale = volatility(panel, start, fixed)
        guess = centre(panel, start, reach, targets, fixed, nobody).used
        for step in range(1, reach + 1):
            if start + step <= origin - fixed.window:
                continue
            moved = panel.log_share[:, panel.column(start + step)] - panel.log_share[:, panel.column(start)]
            scaled = (moved - guess[:, step - 1]) / scale
            scaled = scaled[~np.isnan(scaled)]
            errors[step - 1].append(scaled)
            weights[step - 1].append(np.full(scaled.size, 0.5 ** ((origin - start - step) / fixed.half_life)))
    return [np.concatenate(item) for item in errors], [np.concatenate(item) for item in weights]


def weighted_quantiles(values: Array, weights: Array) -> Array:
    """Return the 99 quantiles of weighted values, made symmetric about zero."""
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(weights[order]) - weights[order] / 2
    quantiles = np.interp(PROBABILITIES, mass / weights.sum(), values[order])
    symmetric: Array = (quantiles - quantiles[::-1]) / 2
    return symmetric


def forecast(
    panel: Panel,
    origin: int,
    horizons: int,
    targets: tuple[Target, ...] = (),
    random_walk: tuple[str, ...] = (),
    fixed: Parameters | None = None,
) -> Forecast:
    """Forecast the shares of all Allies of a panel from an origin.

    Parameters
    ----------
    panel
        Shares by Ally and year; nothing after ``origin`` is used.
    origin
        Last calendar year used.
    horizons
        Number of years ahead.
    targets
        Pledged levels, oldest first; those agreed after ``origin`` are not used.
    random_walk
        Allies whose centre is held at the last value.
    fixed
        Parameters; the shipped ones by default.

    Returns
    -------
    Forecast
        NaN for Allies without a value at the origin.
    """
    fixed = fixed or Parameters()
    known = panel.cut(origin)
    kept = np.isin(np.array(known.allies), random_walk)
    middle = centre(known, origin, horizons, targets, fixed, kept)
    errors, weights = scaled_errors(known, origin, horizons, targets, fixed)
    shape = np.array([weighted_quantiles(e, w) for e, w in zip(errors, weights, strict=True)])
    return Forecast(
        known.allies,
        origin,
        known.log_share[:, known.column(origin)],
        middle.drift,
        middle.closing,
        middle.used,
        middle.rate,
        volatility(known, origin, fixed),
        fixed.width * shape,
    )
