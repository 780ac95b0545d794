"""Early warning: odds with words, steps, last safe years, and plain refusals."""

from __future__ import annotations

import math

import polars as pl
import pytest

from article3.domain import pledge
from article3.errors import NotKnownError
from article3.evidence.findings import Finding
from article3.evidence.store import SHIPPED, open_evidence
from article3.pledge import calls, plans, warning

HAGUE = pledge("hague_2025")


@pytest.fixture(scope="module")
def found() -> dict[str, Finding]:
    evidence = open_evidence("2026-07-31", folders=(SHIPPED,))
    return {finding.name: finding for finding in warning.early_warning(evidence, HAGUE)}


def _row(found: dict[str, Finding], ally: str) -> dict[str, object]:
    return found["warning"].table.filter(pl.col("ally") == ally).row(0, named=True)


def test_every_ally_has_odds_or_a_reason(found: dict[str, Finding]) -> None:
    table = found["warning"].table
    assert table.height == 31
    for row in table.iter_rows(named=True):
        assert row["warning"]
        assert row["reason"]
        assert 0 < row["odds"] < 1
        assert row["odds_low"] <= row["odds"] <= row["odds_high"]
        assert all(value is None or not (isinstance(value, float) and math.isnan(value)) for value in row.values())


def test_the_study_s_odds_are_reproduced(found: dict[str, Finding]) -> None:
    """Odds for 2035 by closing at the Wales rate, from the study (same release, to 0.04)."""
    expected = {"POL": 0.73, "DEU": 0.49, "ROU": 0.49, "SVN": 0.15, "GRC": 0.53, "TUR": 0.43, "GBR": 0.29}
    for ally, odds in expected.items():
        assert _row(found, ally)["odds"] == pytest.approx(odds, abs=0.04), ally


def test_the_united_states_is_not_dragged_up(found: dict[str, Finding]) -> None:
    row = _row(found, "USA")
    assert row["odds"] == row["odds_random_walk"] == row["odds_low"] == row["odds_high"]
    assert row["odds"] == pytest.approx(0.38, abs=0.03)


def test_nine_years_ahead_is_a_scenario(found: dict[str, Finding]) -> None:
    assert set(found["warning"].table["kind"]) == {"scenario"}
    assert "scenarios, not forecasts" in found["warning"].warnings[0]
    assert found["fan"].table["year"].max() == 2031
    kinds = dict(found["expected"].table.select("year", "kind").iter_rows())
    assert kinds[2031] == "forecast"
    assert kinds[2035] == "scenario"


def test_expected_numbers_in_the_variants(found: dict[str, Finding]) -> None:
    table = found["expected"].table.filter(pl.col("year") == 2035)
    means = dict(table.select("variant", "mean").iter_rows())
    assert means["closing at the Wales rate"] == pytest.approx(12.7, abs=0.6)
    assert means["method"] == pytest.approx(16.0, abs=0.6)
    assert means["random walk"] < means["closing at the Wales rate"]


def test_step_and_last_safe_year(found: dict[str, Finding]) -> None:
    row = _row(found, "BEL")
    assert row["step_pct"] == pytest.approx(1.5 / 9)
    years = math.ceil(1.5 / float(str(row["best_rise_pct"])))
    assert row["last_safe_year"] == 2035 - years
    assert _row(found, "POL")["last_safe_year"] == 2035


def test_odds_in_words() -> None:
    assert [warning.in_words(value) for value in (0.01, 0.07, 0.68, 0.94, 0.97)] == [
        "under 1 in 20",
        "about 1 in 10",
        "about 7 in 10",
        "about 9 in 10",
        "over 19 in 20",
    ]


def test_who_stands_at_the_level_is_told_apart_from_who_will(found: dict[str, Finding]) -> None:
    assert _row(found, "GRC")["warning"] == "at the level"
    assert _row(found, "DNK")["warning"] == "open"
    assert "0.1 of the level" in str(_row(found, "DNK")["reason"])
    assert "Denmark" in found["warning"].warnings[1]


def test_declared_plans_are_apart_and_their_weight_is_learned(found: dict[str, Finding]) -> None:
    spain = _row(found, "ESP")
    assert spain["plan"] == "declared otherwise"
    assert spain["odds_with_plan"] is not None
    assert _row(found, "DEU")["odds_with_plan"] is None
    table = found["credibility"].table.filter(outcome_vintage="2026-07")
    assert dict(table.select("plan", "came_true").iter_rows()) == {"declared": 11, "none declared": 4}
    earlier = plans.credibility(open_evidence("2020-12-31", folders=(SHIPPED,)))
    assert earlier.table.height == 0


@pytest.mark.parametrize(
    ("name", "as_of", "message"),
    [
        ("wales_2014", "2026-07-31", "lies in the past"),
        ("wales_2014_equipment", "2020-12-31", "only pledges of a share of GDP"),
        ("hague_2025_related", "2026-07-31", "only pledges of a share of GDP"),
        ("dpc_1978", "2026-07-31", "only pledges of a share of GDP"),
    ],
)
def test_what_cannot_be_forecast_is_said(name: str, as_of: str, message: str) -> None:
    with pytest.raises(NotKnownError, match=message):
        warning.early_warning(open_evidence(as_of, folders=(SHIPPED,)), pledge(name))


def test_an_earlier_date_uses_only_what_was_known() -> None:
    evidence = open_evidence("2019-12-31", folders=(SHIPPED,))
    basis = warning.basis(evidence)
    assert (basis.release.vintage, basis.origin) == ("2019-06", 2019)
    assert "a later one is cut at 2019" in basis.warnings[0]
    assert math.isnan(basis.panel.log_share[0, basis.panel.column(2020)])
    later = warning.basis(open_evidence("2026-07-31", folders=(SHIPPED,)))
    assert later.warnings == ()


def test_since_when_a_miss_could_be_called() -> None:
    table = calls.first_calls(open_evidence(folders=(SHIPPED,))).table
    rows = {row["ally"]: row for row in table.iter_rows(named=True)}
    assert rows["ESP"]["first_call"] == 2014
    assert rows["ESP"]["right"] is True
    assert rows["NLD"]["first_call"] == 2014
    assert rows["NLD"]["right"] is False
    assert rows["POL"]["first_call"] is None
    assert all(row["odds_then"] <= 0.2 for row in rows.values() if row["first_call"])
