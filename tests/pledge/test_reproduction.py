"""Published tables recomputed: the same numbers, or the difference explained."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import polars as pl
import pytest

from article3.domain import pledge
from article3.evidence.store import open_evidence
from article3.pledge import counts

COUNTS_JUNE_2024 = {
    # Allies of 31 at 2 % of GDP and at 20 % equipment, counted from Tables 3 and 8a of NATO's release of
    # 17 June 2024. 2014: "3" also in the release itself; 2024: 23 as announced on the day.
    2014: (3, 8),
    2015: (5, 9),
    2016: (5, 10),
    2017: (4, 12),
    2018: (6, 13),
    2019: (7, 17),
    2020: (9, 17),
    2021: (6, 22),
    2022: (7, 24),
    2023: (10, 26),
    2024: (23, 29),
}

PUBLISHED_AT_THE_TIME = {
    # What NATO or its Secretary General said on the day, and the release it came from.
    ("2023-07-31", 2023): 11,  # 7 July 2023
    ("2024-04-30", 2023): 11,  # annual report of March 2024
    ("2024-06-30", 2024): 23,  # 17 June 2024
    ("2019-06-30", 2019): 7,  # June 2019; "8 expected" for 2018 in the year before
}

VINTAGE_ERRORS = {
    # First estimate in June of the year, and the release of June 2024.
    2021: ("2021-06", {"HRV": (2.79, 1.955), "EST": (2.28, 2.034), "GRC": (3.82, 3.7), "POL": (2.1, 2.216)}),
    2022: ("2022-06", {"HRV": (2.03, 1.783), "GRC": (3.76, 3.881), "SVK": (2.0, 1.807), "USA": (3.47, 3.312)}),
}


@pytest.mark.parametrize(("year", "expected"), COUNTS_JUNE_2024.items())
def test_counts_of_june_2024(year: int, expected: tuple[int, int]) -> None:
    evidence = open_evidence("2024-06-30")
    found = [
        counts.count(evidence, pledge(name)).table.filter(pl.col("year") == year)["met"].item()
        for name in ("wales_2014", "wales_2014_equipment")
    ]
    assert tuple(found) == expected


@pytest.mark.parametrize(("when", "met"), PUBLISHED_AT_THE_TIME.items())
def test_counts_as_published_at_the_time(when: tuple[str, int], met: int) -> None:
    as_of, year = when
    table = counts.count(open_evidence(as_of), pledge("wales_2014")).table
    assert table.filter(pl.col("year") == year)["met"].item() == met


@pytest.mark.parametrize("year", VINTAGE_ERRORS)
def test_vintage_errors(year: int) -> None:
    vintage, expected = VINTAGE_ERRORS[year]
    evidence = open_evidence()
    for ally, (first, later) in expected.items():
        assert evidence.value(f"nato/{vintage}/defence_pct_gdp#{ally}/{year}").value == first
        assert evidence.value(f"nato/2024-06-17/defence_pct_gdp#{ally}/{year}").value == pytest.approx(later, abs=6e-4)


def test_revision_of_the_2024_estimates() -> None:
    """Estimates for 2024 fell by 3.8 % of the share on average (sd 9.7 %) between June 2024 and July 2026."""
    table = open_evidence().table().filter(measure="defence_pct_gdp", period=2024)
    first = table.filter(vintage="2024-06-17").select("ally", first="value")
    later = table.filter(vintage="2026-07").select("ally", later="value")
    change = first.join(later, on="ally").select((pl.col("later") / pl.col("first")).log() * 100).to_series()
    assert change.len() == 31
    assert change.mean() == pytest.approx(-3.8, abs=0.6)
    assert change.std() == pytest.approx(9.7, abs=1.2)


@pytest.mark.raw
def test_the_published_tables_themselves() -> None:
    shared = Path(os.environ.get("ARTICLE3_SHARED", Path(__file__).parents[3] / "shared"))
    folder = shared / "evidence" / "published"
    if not folder.exists():
        pytest.skip(f"published tables not at {folder}")
    evidence = open_evidence()
    _compare_counts(folder / "E4_counts_at_2pct_and_20pct.csv")
    with (folder / "E3_vintage_errors.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    from article3.domain import ally

    for row in rows:
        code, year = ally(row["ally"]).code, int(row["year"])
        vintage = "2021-06" if year == 2021 else "2022-06"
        later = evidence.value(f"nato/2024-06-17/defence_pct_gdp#{code}/{year}").value
        if (code, year) == ("HRV", 2022):
            # The list says 1.778; NATO's workbook says 1.7826, and its Tables 2 and 5 agree with the workbook.
            assert round(later, 3) == 1.783
            continue
        assert round(later, 3) == float(row["jun2024_release"])
        held = evidence.table().filter(vintage=vintage, measure="defence_pct_gdp", ally=code, period=year)
        if held.height:
            assert held["value"].item() == float(row["first_estimate"])
            assert held["value"].item() - later == pytest.approx(float(row["error_pp"]), abs=6e-4)


def _compare_counts(path: Path) -> None:
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["allies_at_2pct_jun2024_release_of_31"]:
                year = int(row["year"])
                expected = (
                    int(row["allies_at_2pct_jun2024_release_of_31"]),
                    int(row["allies_at_20pct_equipment_of_31"]),
                )
                assert COUNTS_JUNE_2024[year] == expected
