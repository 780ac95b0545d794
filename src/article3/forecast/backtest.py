"""Rolling-origin back-tests: what the method would have said, held against what came, and against baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from article3.compute import CancelToken, Progress, Step
from article3.evidence.store import Evidence
from article3.forecast import scores
from article3.forecast.baselines import Baseline, available
from article3.forecast.method import Array, Forecast, Panel, Parameters, Target, above, forecast
from article3.forecast.panel import long_history, nato_release

WALES: Final = Target(2.0, 2014, 2024)
RIGA: Final = Target(2.0, 2006, 2016)
"""The guideline of 2006 entered as if it had been a pledge by 2016: it was not kept."""

MIN_YEARS: Final = 8
MAX_HORIZON: Final = 10
OUTCOME_NATO: Final = "2026-07"
LONG_HISTORY: Final = "2025-04"


@dataclass(frozen=True, slots=True)
class Window:
    """One test: which data, origins, horizons and last outcome."""

    name: str
    dataset: str
    origins: tuple[int, ...]
    horizons: tuple[int, ...]
    last_outcome: int
    targets: tuple[Target, ...] = (WALES,)


SHORT: Final = (2, 3, 4, 5)
WINDOWS: Final = (
    Window("long history 2005-23", "long", tuple(range(2005, 2024)), SHORT, 2024),
    Window("calm years 2005-13", "long", tuple(range(2005, 2014)), SHORT, 2013),
    Window("long history 2014-23", "long", tuple(range(2014, 2024)), SHORT, 2024),
    Window("before the invasion 2014-20", "long", tuple(range(2014, 2021)), SHORT, 2021),
    Window("shock 2021-23", "long", (2021, 2022, 2023), (1, 2, 3, 4, 5), 2024),
    Window("NATO vintages 2014-24", "nato", tuple(range(2014, 2025)), SHORT, 2026),
    Window("NATO as known 2019 and 2024", "nato", (2019, 2024), SHORT, 2026),
    Window("NATO shock 2021-24", "nato", (2021, 2022, 2023, 2024), (1, 2, 3, 4, 5), 2026),
    Window("unkept guideline of Riga 2006-13", "long", tuple(range(2006, 2014)), SHORT, 2024, (RIGA, WALES)),
    Window("ten years ahead 2005-14", "long", tuple(range(2005, 2015)), (10,), 2024),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """Forecasts of one window with their outcomes, flattened: one entry per Ally, origin and horizon."""

    quantiles: Array
    outcomes: Array
    allies: npt.NDArray[np.int64]
    origins: npt.NDArray[np.int64]
    horizons: npt.NDArray[np.int64]


class Data:
    """The panels a back-test needs, opened once.

    Parameters
    ----------
    evidence
        All evidence, without date limit: the test cuts it at each origin.
    """

    def __init__(self, evidence: Evidence) -> None:
        self.history = long_history(evidence, LONG_HISTORY)
        self.releases = {
            name: nato_release(evidence, name, self.history) for name in ("2019-06", "2024-06-17", OUTCOME_NATO)
        }

    def inputs(self, dataset: str, origin: int) -> Panel:
        """Return the panel as known at an origin; what no release of the time holds is cut from a later one."""
        if dataset == "long":
            assert_held(self.history)
            return self.history.cut(origin)  # type: ignore[union-attr]
        return self.releases["2019-06" if origin <= 2019 else "2024-06-17"].cut(origin)

    def outcomes(self, dataset: str) -> Panel:
        """Return the panel that forecasts are judged on."""
        return self.history if dataset == "long" else self.releases[OUTCOME_NATO]  # type: ignore[return-value]


def assert_held(history: Panel | None) -> None:
    """Refuse a test that needs the long history where it is not there.

    Raises
    ------
    NotKnownError
        The separable part is missing.
    """
    from article3.errors import Fault, NotKnownError  # noqa: PLC0415

    if history is None:
        raise NotKnownError(
            Fault(
                "the long history of spending is not there",
                mend="Import SIPRI's military expenditure workbook with 'article3 evidence import FILE'.",
            )
        )


Model = Callable[[Panel, int, int], Array]


def sample(data: Data, window: Window, model: Model) -> Sample:
    """Return the forecasts of a model for a window with their outcomes."""
    outcome = data.outcomes(window.dataset)
    parts: list[tuple[Array, Array, npt.NDArray[np.int64], int, int]] = []
    for origin in window.origins:
        known = data.inputs(window.dataset, origin)
        stated = model(known, origin, max(window.horizons))
        enough = (~np.isnan(known.log_share)).sum(axis=1) >= MIN_YEARS
        for horizon in (h for h in window.horizons if origin + h <= window.last_outcome):
            came = np.exp(outcome.log_share[:, outcome.column(origin + horizon)])
            usable = enough & ~np.isnan(came) & ~np.isnan(stated[:, horizon - 1]).any(axis=1)
            parts.append(
                (stated[usable, horizon - 1], came[usable], np.flatnonzero(usable).astype(np.int64), origin, horizon)
            )
    return Sample(
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        np.concatenate([part[2] for part in parts]),
        np.concatenate([np.full(part[1].size, part[3]) for part in parts]),
        np.concatenate([np.full(part[1].size, part[4]) for part in parts]),
    )


def ours(targets: tuple[Target, ...], fixed: Parameters | None = None) -> Model:
    """Return the shipped method as a model."""

    def make(panel: Panel, origin: int, horizons: int) -> Array:
        return forecast(panel, origin, horizons, targets, fixed=fixed).quantiles_pct()

    return make


def run_windows(
    data: Data,
    windows: Iterable[Window] = WINDOWS,
    baselines: dict[str, Baseline] | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> list[dict[str, Any]]:
    """Score the method against every baseline in every window.

    Returns
    -------
    list of dict
        One row per window and baseline; ``best`` marks the baseline that did best *after the fact*.
    """
    baselines = {name: _kept(model) for name, model in (available()[0] if baselines is None else baselines).items()}
    rows: list[dict[str, Any]] = []
    chosen = list(windows)
    for number, window in enumerate(chosen):
        if cancel:
            cancel.raise_if_cancelled()
        rows += _score_window(data, window, baselines)
        if progress:
            progress(Step(number + 1, len(chosen), window.name))
    return rows


def _kept(model: Baseline) -> Baseline:
    """Return a baseline that is fitted once for each origin: windows overlap, and fitting is what takes long."""
    made: dict[tuple[str, int], Array] = {}

    def again(panel: Panel, origin: int, horizons: int) -> Array:
        key = (str(hash(panel.log_share.tobytes())), origin)
        if key not in made:
            made[key] = model(panel, origin, MAX_HORIZON)
        return made[key][:, :horizons]

    return again


def _score_window(data: Data, window: Window, baselines: dict[str, Baseline]) -> list[dict[str, Any]]:
    mine = sample(data, window, ours(window.targets))
    own = scores.crps(mine.quantiles, mine.outcomes)
    common: dict[str, Any] = {
        "window": window.name,
        "dataset": window.dataset,
        "origins": f"{window.origins[0]}-{window.origins[-1]}",
        "horizons": "-".join(dict.fromkeys((str(window.horizons[0]), str(window.horizons[-1])))),
        "outcome_vintage": f"sipri/{LONG_HISTORY}" if window.dataset == "long" else f"nato/{OUTCOME_NATO}",
        "n": int(own.size),
        "crps": float(own.mean()),
        "coverage_80": float(scores.covered(mine.quantiles, mine.outcomes, 0.80).mean()),
        "coverage_95": float(scores.covered(mine.quantiles, mine.outcomes, 0.95).mean()),
        "pinball_90": float(scores.pinball(mine.quantiles, mine.outcomes)[:, 89].mean()),
        "brier": _brier(mine),
        "log_score": float(scores.log_score(mine.quantiles, mine.outcomes).mean()),
    }
    rows: list[dict[str, Any]] = []
    for name, model in baselines.items():
        other = sample(data, window, model)
        if other.outcomes.size != mine.outcomes.size:
            raise AssertionError(f"{name} forecasts {other.outcomes.size} outcomes, ours {mine.outcomes.size}")
        theirs = scores.crps(other.quantiles, other.outcomes)
        interval = scores.skill(own, theirs, mine.allies, mine.origins)
        rows.append(
            common
            | {
                "baseline": name,
                "crps_baseline": float(theirs.mean()),
                "coverage_80_baseline": float(scores.covered(other.quantiles, other.outcomes, 0.80).mean()),
                "crps_skill": interval.skill,
                "skill_low": interval.low,
                "skill_high": interval.high,
            }
        )
    best = min(rows, key=lambda row: row["crps_baseline"])["baseline"]
    return [row | {"best": row["baseline"] == best} for row in rows]


def _brier(made: Sample) -> float:
    """Return the Brier score of the odds, in every window and horizon, that the rounded share is at 2 % or above."""
    odds = np.array([above(row, 1.995) for row in made.quantiles])
    return scores.brier(odds, np.round(made.outcomes + 1e-9, 2) >= 2.0)


def event_odds(
    data: Data, origin: int, level_pct: float = 2.0, year: int = 2024
) -> tuple[tuple[str, ...], Array, Forecast]:
    """Return the odds of reaching a level by a year, as the method would have stated them at an origin."""
    made = forecast(data.inputs("nato", origin), origin, year - origin, (WALES,))
    return made.allies, made.odds(level_pct, year - origin), made


def pooled(odds: Array, plans: npt.NDArray[np.bool_], stated: tuple[float, float] = (0.8, 0.2)) -> Array:
    """Return odds pooled with declared plans, with equal weight on the logit scale.

    ``stated`` is what a plan to reach the level, and no plan, count for.
    """
    given = np.where(plans, stated[0], stated[1])
    clipped = np.clip(odds, 0.005, 0.995)
    logit = (np.log(clipped / (1 - clipped)) + np.log(given / (1 - given))) / 2
    return np.asarray(1 / (1 + np.exp(-logit)))


__all__ = ["WINDOWS", "Data", "Sample", "Window", "above", "event_odds", "ours", "pooled", "run_windows", "sample"]
