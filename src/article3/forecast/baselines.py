"""What anyone could have used instead: baselines, on the same panel, stated at the same quantiles."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from article3.forecast.method import PROBABILITIES, Array, Panel, changes

Baseline = Callable[[Panel, int, int], Array]
"""From panel, origin and number of horizons to quantiles in per cent of GDP, shape ``(allies, horizons, 99)``."""

WINDOW: Final = 45
"""Years of history a baseline sees."""

_NORMAL: Final[Array] = np.array([NormalDist().inv_cdf(p) for p in PROBABILITIES])


def random_walk(panel: Panel, origin: int, horizons: int, window: int = WINDOW) -> Array:
    """Return a random walk on log share: last value, spread growing with the root of the horizon."""
    return _walk(panel, origin, horizons, window, drifting=False)


def random_walk_drift(panel: Panel, origin: int, horizons: int) -> Array:
    """Return a random walk with the Ally's own average change over the window."""
    return _walk(panel, origin, horizons, WINDOW, drifting=True)


def _walk(panel: Panel, origin: int, horizons: int, window: int, *, drifting: bool) -> Array:
    end = panel.column(origin) + 1
    past = changes(panel)[:, max(1, end - window) : end]
    count = np.maximum((~np.isnan(past)).sum(axis=1), 1)
    mean = np.where(count > 0, np.nansum(past, axis=1) / count, 0.0) if drifting else np.zeros(len(panel.allies))
    spread = np.sqrt(np.nansum((past - mean[:, None]) ** 2, axis=1) / np.maximum(count - drifting, 1))
    ahead = np.arange(1, horizons + 1)
    # An estimated drift adds its own uncertainty, which grows with the square of the horizon.
    variance = ahead[None, :] + (ahead[None, :] ** 2 / count[:, None] if drifting else 0.0)
    centre = panel.log_share[:, panel.column(origin)][:, None] + mean[:, None] * ahead[None, :]
    walk: Array = np.exp(centre[:, :, None] + spread[:, None, None] * np.sqrt(variance)[:, :, None] * _NORMAL)
    return walk


def climatology(panel: Panel, origin: int, horizons: int, window: int = 20) -> Array:
    """Return the panel's own past changes over the same number of years, pooled and unscaled."""
    end = panel.column(origin) + 1
    values = panel.log_share[:, max(0, end - window) : end]
    out = np.full((len(panel.allies), horizons, PROBABILITIES.size), np.nan)
    last = panel.log_share[:, panel.column(origin)]
    for step in range(1, horizons + 1):
        moved = values[:, step:] - values[:, :-step]
        moved = moved[~np.isnan(moved)]
        if moved.size:
            out[:, step - 1, :] = np.exp(last[:, None] + np.quantile(moved, PROBABILITIES)[None, :])
    return out


def _from_statsforecast(name: str) -> Baseline:
    """Return a baseline of the library statsforecast, fitted to each Ally's log share."""

    def make(panel: Panel, origin: int, horizons: int) -> Array:
        from statsforecast import models  # noqa: PLC0415 - an extra, used only here

        levels = [int(level) for level in range(2, 100, 2)]
        out = np.full((len(panel.allies), horizons, PROBABILITIES.size), np.nan)
        end = panel.column(origin) + 1
        for index in range(len(panel.allies)):
            series = panel.log_share[index, max(0, end - WINDOW) : end]
            series = series[~np.isnan(series)]
            if series.size < 8 or np.isnan(panel.log_share[index, end - 1]):
                continue
            options: dict[str, Any] = {"max_p": 3, "max_q": 3, "approximation": True} if name == "AutoARIMA" else {}
            model = getattr(models, name)(season_length=1, **options)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = model.forecast(y=series, h=horizons, level=levels)
            out[index] = np.exp(_quantiles(found, levels))
        return out

    return make


def _quantiles(found: dict[str, Any], levels: list[int]) -> Array:
    """Return the 99 quantiles of central bands of 2, 4 ... 98 per cent and the median."""
    columns = [np.asarray(found[f"lo-{level}"]) for level in reversed(levels)]
    columns += [np.asarray(found["mean"])]
    columns += [np.asarray(found[f"hi-{level}"]) for level in levels]
    sorted_rows: Array = np.sort(np.stack(columns, axis=1), axis=1)
    return sorted_rows


PLAIN: Final[dict[str, Baseline]] = {"random walk": random_walk, "random walk with drift": random_walk_drift}
_EXTRA: Final = {"ETS": "AutoETS", "ARIMA": "AutoARIMA", "Theta": "AutoTheta", "CES": "AutoCES"}


def available(*, extra: bool = True) -> tuple[dict[str, Baseline], tuple[str, ...]]:
    """Return the baselines that can be run here, and the names of those that cannot.

    ETS, ARIMA, Theta and CES need the extra ``backtest`` (statsforecast).
    """
    if not extra or importlib.util.find_spec("statsforecast") is None:
        return dict(PLAIN), tuple(_EXTRA)
    return {**PLAIN, **{name: _from_statsforecast(model) for name, model in _EXTRA.items()}}, ()
