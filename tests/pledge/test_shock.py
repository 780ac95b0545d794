"""The what-if of 2020: shares that rise because GDP falls."""

from __future__ import annotations

import polars as pl
import pytest

from article3.domain import pledge
from article3.errors import NotKnownError
from article3.evidence.store import SHIPPED, open_evidence
from article3.pledge.shock import health_crisis


def test_spain_by_hand() -> None:
    evidence = open_evidence("2026-07-31", folders=(SHIPPED,))
    row = health_crisis(evidence, pledge("hague_2025")).table.filter(pl.col("ally") == "ESP").row(0, named=True)
    before = evidence.value("weo/2019-10/gdp_real_growth_pct#ESP/2020").value
    after = evidence.value("weo/2021-10/gdp_real_growth_pct#ESP/2020").value
    surprise = (1 + after / 100) / (1 + before / 100) - 1
    assert row["surprise_pct"] == pytest.approx(100 * surprise)
    assert surprise < -0.1
    assert row["value_after_pct"] == pytest.approx(2.0 / (1 + surprise))


def test_money_does_not_move_so_a_larger_fall_lifts_more() -> None:
    table = health_crisis(open_evidence("2026-07-31", folders=(SHIPPED,)), pledge("hague_2025")).table
    ratio = table["value_after_pct"] / table["value_pct"] * (1 + table["surprise_pct"] / 100)
    assert (ratio - 1).abs().max() < 1e-12  # type: ignore[operator]
    assert table.height == 31


def test_before_2021_the_shock_is_not_known() -> None:
    with pytest.raises(NotKnownError, match="needs the IMF's editions"):
        health_crisis(open_evidence("2020-12-31", folders=(SHIPPED,)), pledge("wales_2014"))
