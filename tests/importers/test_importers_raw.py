"""The official files as users download them, against the tables compiled from them by others."""

from __future__ import annotations

import os
import time
from pathlib import Path

import polars as pl
import pytest

from article3.evidence import own
from article3.evidence.importers import Extract, read_official, recognise
from article3.evidence.store import SHIPPED, open_evidence

pytestmark = pytest.mark.raw

SHARED = Path(__file__).parents[3] / "shared"
RAW = Path(os.environ.get("ARTICLE3_RAW", SHARED / "raw"))
NATO = RAW / "nato-defence-expenditure-2024-06-17.xlsx"
WEO = RAW / "imf-weo-2026-04.csv"
SIPRI = RAW / "sipri-milex-1949-2024.xlsx"
KEY = ["ally", "measure", "period"]


def extract_of(path: Path) -> Extract:
    if not path.is_file():
        pytest.skip(f"needs {path.name} in {path.parent}; set ARTICLE3_RAW")
    return read_official(path)


@pytest.fixture(scope="module")
def nato() -> Extract:
    return extract_of(NATO)


@pytest.fixture(scope="module")
def weo() -> Extract:
    return extract_of(WEO)


@pytest.fixture(scope="module")
def sipri() -> Extract:
    return extract_of(SIPRI)


def compiled(name: str, vintage: str) -> pl.DataFrame:
    path = SHARED / "evidence/economy" / name
    if not path.is_file():
        pytest.skip(f"needs {path}")
    table = pl.read_csv(path, infer_schema_length=None, schema_overrides={"year": pl.Int32})
    measure = pl.col("indicator").str.replace("_2015$", "").str.replace("_thousand$", "").str.replace("_lcu_", "_nc_")
    return table.filter(pl.col("vintage") == vintage).select(
        pl.col("ally_iso3").alias("ally"),
        measure.alias("measure"),
        pl.col("year").alias("period"),
        theirs="value",
    )


def test_nato_equals_the_compiled_table_at_four_decimals(nato: Extract) -> None:
    theirs = compiled("nato_defence_expenditure.csv", "2024-06-17")
    both = nato.table.join(theirs, on=KEY, how="full", coalesce=True)
    assert both.height == theirs.height == nato.table.height == 5346
    # One figure lies half-way between two fourth decimals.
    worst = both.group_by("measure").agg((pl.col("value") - pl.col("theirs")).abs().max())
    assert worst.height == 15
    assert worst["value"].max() <= 0.5e-4 + 1e-9


def test_nato_in_particular(nato: Extract) -> None:
    row = nato.table.row(
        by_predicate=(pl.col("ally") == "POL")
        & (pl.col("measure") == "defence_exp_nc_constant")
        & (pl.col("period") == 2024),
        named=True,
    )
    assert (row["unit"], row["price_base"], row["status"]) == ("million PLN", "2015", "estimate")
    assert row["cell"] == "TABLE1!N65"
    assert (nato.edition, nato.suggested_vintage, nato.definition) == ("2014-2024", "2024-06-17", "")


def test_nato_identities_hold_in_what_was_read(nato: Extract) -> None:
    wide = nato.table.pivot(on="measure", index=["ally", "period"], values="value")
    ratio = 100 * wide["defence_exp_usd_constant"] / wide["gdp_usd_constant"] - wide["defence_pct_gdp"]
    assert ratio.abs().max() < 0.02
    parts = wide.select(
        pl.sum_horizontal("equipment_share_pct", "personnel_share_pct", "infrastructure_share_pct", "other_share_pct")
    )
    sums = parts.to_series().filter(wide["other_share_pct"].is_not_null())
    assert (sums - 100).abs().max() < 0.01


def test_weo_equals_the_compiled_table(weo: Extract) -> None:
    theirs = compiled("macro.csv", "2026-04").filter(~pl.col("ally").is_in(["EU", "EURO_AREA"]))
    ours = weo.table.filter(pl.col("period") >= theirs["period"].min())
    both = ours.join(theirs, on=KEY, how="full", coalesce=True)
    assert both.height == theirs.height == ours.height == 15188
    unequal = both.filter(pl.col("value").ne_missing(pl.col("theirs")))
    assert unequal.is_empty()
    assert both["measure"].n_unique() == 13


def test_weo_in_particular(weo: Extract) -> None:
    units = weo.table.filter(pl.col("measure") == "gdp_nc_current").select("ally", "unit").unique()
    currency = dict(units.iter_rows())
    assert (currency["BGR"], currency["HRV"], currency["POL"]) == (
        "billion EUR",
        "billion EUR",
        "billion PLN",
    )
    assert (weo.edition, weo.suggested_vintage) == ("1980-2031", "2026-04")


def test_sipri_equals_the_shipped_release_at_six_decimals(sipri: Extract) -> None:
    shipped = pl.read_csv(SHIPPED / "sipri/2025-04.csv", schema_overrides={"period": pl.Int32})
    both = sipri.table.join(shipped, on=[*KEY, "unit"], how="full", coalesce=True, suffix="_shipped")
    assert both.height == shipped.height == sipri.table.height == 1732
    assert both.filter(pl.col("value").round(6).ne_missing(pl.col("value_shipped"))).is_empty()
    assert sipri.table["ally"].n_unique() == 31


def test_sipri_is_found_as_the_release_held() -> None:
    extract_of(SIPRI)
    evidence = open_evidence()
    (release,) = own.read_release(SIPRI, None, evidence)
    assert (release.dataset, release.vintage.vintage, release.vintage.definition) == ("sipri", "2025-04", "sipri")
    comparison = own.compare(release, evidence)
    assert (comparison.held, comparison.added, comparison.missing) == (True, 0, 0)
    assert comparison.differences.is_empty()


def test_sipri_in_particular(sipri: Extract) -> None:
    row = sipri.table.row(by_predicate=(pl.col("ally") == "POL") & (pl.col("period") == 2024), named=True)
    # The cell holds 0.041543938797535616.
    assert (row["cell"], row["value"], row["decimals"]) == ("'Share of GDP'!BZ146", 4.1543938797535616, None)
    assert (sipri.edition, sipri.suggested_vintage) == ("1949-2024", None)
    assert sipri.title == "Military expenditure by country as percentage of gross domestic product, 1949-2024"


@pytest.mark.parametrize(
    ("path", "kind", "seconds"),
    [(NATO, "nato_workbook", 4.0), (WEO, "imf_weo", 3.0), (SIPRI, "sipri_milex", 8.0)],
)
def test_reading_is_quick(path: Path, kind: str, seconds: float) -> None:
    # About 0.5 s, 0.3 s and 1.2 s; the bounds leave room for a busy machine.
    extract_of(path)
    start = time.perf_counter()
    assert recognise(path) == kind
    read_official(path)
    assert time.perf_counter() - start < seconds
