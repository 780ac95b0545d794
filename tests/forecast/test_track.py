"""The bars: regression tests on years the structure has seen. No parameter may be changed to meet them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from article3.errors import NotKnownError
from article3.evidence.findings import Finding
from article3.evidence.store import SHIPPED, Evidence, open_evidence
from article3.forecast import track
from article3.forecast.backtest import WINDOWS, Data, Window, ours, run_windows, sample
from article3.forecast.baselines import PLAIN
from article3.forecast.method import Parameters, forecast


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return open_evidence(folders=(SHIPPED,))


@pytest.fixture(scope="module")
def record(evidence: Evidence) -> dict[str, Finding]:
    return {finding.name: finding for finding in track.track_record(evidence, extra=False)}


STUDY = {
    # What the study this method comes from measured: CRPS of the method, number of forecasts, 80 % coverage.
    "long history 2005-23": (0.1522, 2018, 0.86),
    "calm years 2005-13": (0.1329, 660, 0.88),
    "long history 2014-23": (0.1744, 930, 0.82),
    "before the invasion 2014-20": (0.1436, 558, 0.84),
    "shock 2021-23": (0.1964, 186, 0.78),
    "NATO vintages 2014-24": (0.2389, 1178, 0.77),
    "NATO as known 2019 and 2024": (0.2156, 155, 0.82),
}


@pytest.mark.parametrize(("window", "expected"), STUDY.items())
def test_the_study_is_reproduced(record: dict[str, Finding], window: str, expected: tuple[float, int, float]) -> None:
    row = record["backtest"].table.filter(pl.col("window") == window).row(0, named=True)
    assert row["n"] == expected[1]
    assert row["crps"] == pytest.approx(expected[0], rel=0.02)
    assert row["coverage_80"] == pytest.approx(expected[2], abs=0.03)


@pytest.mark.parametrize(("window", "bar"), track.BARS.items())
def test_skill_against_the_best_plain_baseline(record: dict[str, Finding], window: str, bar: float) -> None:
    row = record["backtest"].table.filter(pl.col("window") == window, pl.col("best")).row(0, named=True)
    assert row["crps_skill"] >= bar
    assert row["skill_low"] < row["crps_skill"] < row["skill_high"]
    assert row["bar"] == bar


@pytest.mark.parametrize(
    ("window", "low", "high"),
    [("long history 2005-23", 0.76, 0.88), ("long history 2014-23", 0.76, 0.84), ("NATO vintages 2014-24", 0.76, 0.84)],
)
def test_bands_cover_about_80_per_cent(record: dict[str, Finding], window: str, low: float, high: float) -> None:
    row = record["backtest"].table.filter(pl.col("window") == window).row(0, named=True)
    assert low <= row["coverage_80"] <= high
    assert 0.9 <= row["coverage_95"] <= 1.0


@pytest.mark.parametrize(("key", "bar"), track.EVENT_BARS.items())
def test_brier_of_two_per_cent_by_2024(record: dict[str, Finding], key: tuple[int, str, str], bar: float) -> None:
    origin, vintage, forecaster = key
    row = record["event"].table.filter(origin_year=origin, outcome_vintage=vintage, forecaster=forecaster)
    assert row["brier"].item() <= bar
    assert row["n"].item() == 28


def test_an_unkept_pledge_is_no_worse_than_a_random_walk(record: dict[str, Finding]) -> None:
    rows = record["backtest"].table.filter(pl.col("window") == track.UNKEPT, pl.col("baseline") == "random walk")
    assert rows["crps_skill"].item() >= rows["bar"].item() == 0.0


def test_the_outcome_vintage_is_named_everywhere(record: dict[str, Finding]) -> None:
    assert record["backtest"].table["outcome_vintage"].null_count() == 0
    assert set(record["event"].table["outcome_vintage"]) == {"2026-07", "2024-06-17"}


def test_a_planted_leak_turns_the_score(evidence: Evidence) -> None:
    """Were later years visible at the origin, the score would be far better: the cut is what makes it honest."""
    data = Data(evidence)
    window = WINDOWS[2]
    honest = run_windows(data, [window], dict(PLAIN))[0]["crps"]
    assert data.history is not None
    panel = data.history

    class Leaky(Data):
        def inputs(self, dataset: str, origin: int):  # type: ignore[no-untyped-def]
            values = panel.log_share.copy()
            column = panel.column(origin)
            values[:, column] = panel.log_share[:, column + 1]
            return type(panel)(panel.allies, panel.years, values, panel.near).cut(origin)

    leaked = run_windows(Leaky(evidence), [Window("leak", "long", window.origins, (2,), 2024)], dict(PLAIN))[0]
    clean = run_windows(data, [Window("clean", "long", window.origins, (2,), 2024)], dict(PLAIN))[0]
    assert leaked["crps"] < 0.9 * clean["crps"]
    assert honest == pytest.approx(0.174, abs=0.003)


def test_later_years_change_nothing_at_an_origin(evidence: Evidence) -> None:
    data = Data(evidence)
    assert data.history is not None
    whole, cut = data.history, data.history.cut(2015)
    one = forecast(whole, 2015, 5, WINDOWS[0].targets)
    two = forecast(cut, 2015, 5, WINDOWS[0].targets)
    assert np.array_equal(one.quantiles_pct(), two.quantiles_pct(), equal_nan=True)


def test_without_long_history_it_says_so(evidence: Evidence, tmp_path_factory: pytest.TempPathFactory) -> None:
    import shutil

    folder = tmp_path_factory.mktemp("part") / "data"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("sipri", "weo"))
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(NotKnownError, match=r"long history of spending is not there.*Import SIPRI"):
        track.track_record(open_evidence(folders=(folder,)), extra=False)


def test_missing_baselines_are_named(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "statsforecast" else find(name))
    monkeypatch.setattr(track, "WINDOWS", WINDOWS[:1])
    monkeypatch.setattr(track, "_pit", lambda data, day: None)
    found = track.track_record(evidence)[0]
    assert "ETS, ARIMA, Theta, CES" in found.warnings[0]


def test_wider_bands_hold_more(evidence: Evidence) -> None:
    data = Data(evidence)
    narrow = sample(data, WINDOWS[2], ours(WINDOWS[2].targets, Parameters(width=1.0)))
    wide = sample(data, WINDOWS[2], ours(WINDOWS[2].targets, Parameters(width=1.5)))
    held = [((s.outcomes >= s.quantiles[:, 9]) & (s.outcomes <= s.quantiles[:, 89])).mean() for s in (narrow, wide)]
    assert held[0] < held[1]


def test_the_record_is_the_same_twice(evidence: Evidence, record: dict[str, Finding]) -> None:
    again = {finding.name: finding for finding in track.track_record(evidence, extra=False)}
    for name, finding in record.items():
        assert finding.table.equals(again[name].table), name
