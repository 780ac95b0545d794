"""Shares in money: GDP's own past errors, and nothing published later."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from article3.domain import pledge
from article3.errors import NotKnownError
from article3.evidence.store import SHIPPED, open_evidence
from article3.pledge.money import gdp_errors, money


def test_one_error_by_hand() -> None:
    evidence = open_evidence("2026-07-31", folders=(SHIPPED,))

    def gdp(edition: str, year: int) -> float:
        return evidence.value(f"weo/{edition}/gdp_nc_current#DEU/{year}").value

    wanted = np.log((gdp("2026-04", 2023) / gdp("2026-04", 2020)) / (gdp("2021-04", 2023) / gdp("2021-04", 2020)))
    assert np.isclose(gdp_errors(evidence, 5)[2], wanted).any()


def test_changes_of_currency_fall_out() -> None:
    errors = gdp_errors(open_evidence("2026-07-31", folders=(SHIPPED,)), 5)
    assert all(abs(np.median(pool)) < 0.25 for pool in errors)
    assert errors[0].std() < errors[3].std()


def test_money_of_germany() -> None:
    evidence = open_evidence("2026-07-31", folders=(SHIPPED,))
    found = money(evidence, pledge("hague_2025"))
    row = found.table.filter(pl.col("ally") == "DEU", pl.col("year") == 2027).row(0, named=True)
    gdp = evidence.value("weo/2026-04/gdp_nc_current#DEU/2027").value
    assert row["gdp_nc_bn"] == gdp
    assert row["currency"] == "EUR"
    assert row["at_level_nc_bn"] == pytest.approx(0.035 * gdp)
    assert 0.02 * gdp < row["q10_nc_bn"] < row["q50_nc_bn"] < row["q90_nc_bn"] < 0.06 * gdp
    assert found.table["ally"].n_unique() == 31


def test_only_editions_of_the_time() -> None:
    early = gdp_errors(open_evidence("2022-12-31", folders=(SHIPPED,)), 5)
    late = gdp_errors(open_evidence("2026-07-31", folders=(SHIPPED,)), 5)
    assert early[0].size < late[0].size
    assert early[4].size == 0
    with pytest.raises(NotKnownError):
        money(open_evidence("2019-12-31", folders=(SHIPPED,)), pledge("wales_2014"))
