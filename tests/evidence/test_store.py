"""Opening evidence as known on a date."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from article3.errors import AddressError, EvidenceError, NotKnownError, UnknownNameError
from article3.evidence import package
from article3.evidence.releases import known_from, vintage_label
from article3.evidence.store import SHIPPED, open_evidence
from article3.evidence.table import SCHEMA
from article3.quantity import Standing

FIRST, LAST = date(2017, 2, 28), date(2026, 7, 31)


def test_the_shipped_evidence_is_sealed() -> None:
    assert package.broken(SHIPPED) == []


def test_every_held_vintage_is_shipped() -> None:
    evidence = open_evidence()
    held = {dataset: [v.vintage for v in evidence.vintages if v.dataset == dataset] for dataset in ("nato", "weo")}
    assert len(held["nato"]) == 14
    assert len(held["weo"]) == 14
    assert set(evidence.table("weo")["ally"].unique()) == {
        *evidence.table("nato").filter(pl.col("ally").str.len_chars() == 3)["ally"].unique(),
        "ISL",
    }


def test_the_table_has_the_described_columns() -> None:
    assert dict(open_evidence().table().schema) == SCHEMA


@given(st.dates(FIRST, LAST))
def test_nothing_published_later_is_visible(day: date) -> None:
    evidence = open_evidence(day)
    for dataset in ("nato", "weo"):
        visible = evidence.table(dataset)["vintage"].unique()
        assert all(known_from(vintage) <= day for vintage in visible)


@given(st.dates(FIRST, LAST), st.integers(0, 400))
def test_what_is_known_only_grows(day: date, later: int) -> None:
    first = open_evidence(day).table().height
    assert first <= open_evidence(min(day + timedelta(later), LAST)).table().height


def test_a_release_named_by_its_month_is_known_from_the_last_day() -> None:
    assert known_from("2026-07") == date(2026, 7, 31)
    assert known_from("2024-02") == date(2024, 2, 29)
    before, after = open_evidence("2026-07-30"), open_evidence("2026-07-31")
    assert "2026-07" not in before.table()["vintage"].unique()
    assert "2026-07" in after.table()["vintage"].unique()


@pytest.mark.parametrize("name", ["2026", "26-07", "2026-13", "July 2026", "2026-02-30", ""])
def test_a_vintage_has_a_day_or_a_month(name: str) -> None:
    with pytest.raises(EvidenceError, match="named by its day or month"):
        known_from(name)


def test_vintages_read_like_dates() -> None:
    assert vintage_label("2024-06-17") == "17 June 2024"
    assert vintage_label("2026-07") == "July 2026"


def test_a_date_before_the_first_release_is_refused_with_the_first_date() -> None:
    with pytest.raises(NotKnownError, match="2017-02-28"):
        open_evidence("2016-12-31")


def test_one_vintage_alone() -> None:
    evidence = open_evidence(vintage="2024-06-17")
    assert evidence.table()["vintage"].unique().to_list() == ["2024-06-17"]
    assert max(known_from(v) for v in evidence.table("weo")["vintage"].unique()) <= date(2024, 6, 17)
    with pytest.raises(UnknownNameError, match=r"2024-06-17"):
        open_evidence(vintage="2024-06-18")


def test_a_figure_carries_unit_price_base_standing_and_lineage() -> None:
    evidence = open_evidence()
    address = "nato/2024-06-17/defence_exp_usd_constant#POL/2024"
    figure = evidence.value(address)
    assert figure.standing is Standing.OFFICIAL
    assert figure.lineage.inputs == (address,)
    assert "2015" in str(figure.unit)
    gdp = evidence.value("nato/2024-06-17/gdp_usd_constant#POL/2024")
    share = evidence.value("nato/2024-06-17/defence_pct_gdp#POL/2024")
    ratio = (figure / gdp).to(share.unit)
    assert ratio.value == pytest.approx(share.value, abs=5e-4)
    assert ratio.lineage.inputs == (*figure.lineage.inputs, *gdp.lineage.inputs)


def test_prices_of_2015_and_2021_never_add() -> None:
    evidence = open_evidence()
    old = evidence.value("nato/2024-06-17/defence_exp_usd_constant#POL/2024")
    new = evidence.value("nato/2025-08-28/defence_exp_usd_constant#POL/2024")
    with pytest.raises(Exception, match="2021"):
        _ = old + new


def test_the_newest_release_that_has_a_figure_speaks_for_an_ally() -> None:
    newest = open_evidence("2025-12-31").newest("defence_pct_gdp").filter(pl.col("period") == 2024)
    by_ally = dict(newest.select("ally", "vintage").iter_rows())
    assert by_ally["DEU"] == "2025-08-28"
    assert by_ally["POL"] == "2025-04"
    assert by_ally["HRV"] == "2025-08-28"
    assert newest.height == newest["ally"].n_unique()


def test_an_address_that_names_nothing() -> None:
    with pytest.raises(AddressError, match="nothing stands at"):
        open_evidence().row("nato/2024-06-17/defence_pct_gdp#ISL/2024")
    with pytest.raises(AddressError, match="is not an address"):
        open_evidence().row("../../etc/passwd")


def test_a_damaged_cache_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from article3.evidence import store

    monkeypatch.setenv("ARTICLE3_CACHE", str(tmp_path))
    first = store._read_folder(SHIPPED, "nato")
    (cached,) = tmp_path.glob("nato-*.parquet")
    cached.write_bytes(b"not parquet")
    assert store._read_folder(SHIPPED, "nato").equals(first)
    assert pl.read_parquet(cached).equals(first)


def test_without_weo_the_ledger_still_opens(tmp_path: Path) -> None:
    import shutil

    part = tmp_path / "data"
    shutil.copytree(SHIPPED, part, ignore=shutil.ignore_patterns("weo"))
    (part / "SHA256SUMS").unlink()
    evidence = open_evidence("2026-07-31", folders=(part,))
    assert evidence.table("weo").height == 0
    assert evidence.table("nato").height > 9000
