"""The same year in two releases: what changed, split exactly, and why."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from article3.domain import pledge
from article3.errors import NotKnownError
from article3.evidence.findings import Finding
from article3.evidence.store import open_evidence
from article3.pledge.revisions import logarithmic_mean, then_now

WALES = pledge("wales_2014")


@pytest.fixture(scope="module")
def finding() -> Finding:
    return then_now(open_evidence("2024-06-30"), open_evidence("2026-07-31"), WALES)


def _row(finding: Finding, ally: str) -> dict[str, object]:
    return finding.table.filter(pl.col("ally") == ally).row(0, named=True)


def test_who_left_the_count_of_2024_and_why(finding: Finding) -> None:
    left = finding.table.filter(pl.col("change") == "left")
    assert set(left["ally"]) == {"ALB", "BGR", "CZE", "MKD", "MNE", "SVK"}
    assert finding.table.filter(pl.col("change") == "entered").height == 0
    causes = dict(left.select("ally", "cause").iter_rows())
    assert causes["CZE"] == "GDP alone"
    assert causes["SVK"] == "within 0.01"
    assert {causes[ally] for ally in ("ALB", "MNE", "MKD")} == {"chiefly spending or definition"}


def test_czechia_printed_its_money_in_both_releases(finding: Finding) -> None:
    row = _row(finding, "CZE")
    assert row["spending_pp"] == pytest.approx(0.003, abs=0.001)
    assert _row(finding, "ALB")["spending_pp"] is None


def test_bulgaria_s_changeover_is_converted(finding: Finding) -> None:
    row = _row(finding, "BGR")
    assert "converted at 1.95583" in str(row["gdp_basis"])
    assert abs(float(str(row["gdp_pp"]))) < 0.2


def test_parts_sum_to_the_whole(finding: Finding) -> None:
    parts = finding.table.select("total_pp", pl.sum_horizontal("gdp_pp", "spending_pp", "unseparated_pp").alias("sum"))
    assert (parts["total_pp"] - parts["sum"]).abs().max() < 1e-12  # type: ignore[operator]


def test_the_sentence_cites_the_counts(finding: Finding) -> None:
    text = str(finding.sentence)
    assert "23 of 31" in text
    assert "17 of 31" in text
    assert "count@2024-06-30/met#wales_2014/2024" in finding.sentence.addresses
    assert "count@2026-07-31/reported#wales_2014/2024" in finding.sentence.addresses


def test_slovakia_s_round_two_is_noted(finding: Finding) -> None:
    assert "round 2" in str(_row(finding, "SVK")["note"])


def test_with_nato_s_own_gdp_the_split_is_complete() -> None:
    found = then_now(open_evidence("2019-06-30"), open_evidence("2024-06-30"), WALES, 2018)
    assert set(found.table["gdp_basis"].drop_nulls()) == {"NATO, 2015 prices"}
    rest = found.table["unseparated_pp"].drop_nulls().abs()
    assert rest.len() == 28
    assert rest.max() < 0.002  # type: ignore[operator]


def test_a_change_of_definition_is_said(finding: Finding) -> None:
    assert "different definitions" in finding.warnings[0]
    same = then_now(open_evidence("2024-06-30"), open_evidence("2025-12-31"), WALES)
    assert same.warnings == ()


def test_croatia_is_reported_only_then() -> None:
    same = then_now(open_evidence("2024-06-30"), open_evidence("2025-12-31"), WALES)
    row = _row(same, "HRV")
    assert row["change"] == "reported only then"
    assert row["total_pp"] is None


def test_a_year_nobody_had_reported() -> None:
    with pytest.raises(NotKnownError, match="no release known on 2019-12-31 reports enough Allies for 2024"):
        then_now(open_evidence("2019-12-31"), open_evidence("2026-07-31"), WALES)


@given(st.floats(0.1, 10), st.floats(0.5, 2), st.floats(0.5, 2))
def test_the_split_by_the_logarithmic_mean_is_exact(share: float, spending: float, gdp: float) -> None:
    after = share * spending / gdp
    mean = logarithmic_mean(share, after)
    assert min(share, after) - 1e-9 <= mean <= max(share, after) + 1e-9
    parts = mean * math.log(spending) - mean * math.log(gdp)
    assert parts == pytest.approx(after - share, abs=1e-7)
