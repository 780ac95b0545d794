"""The live test is scored when a new release comes, and never refitted."""

from __future__ import annotations

from datetime import date

import polars as pl

from article3.evidence.releases import Source, Vintage
from article3.evidence.store import SHIPPED, Evidence, open_evidence
from article3.forecast.scoreboard import scoreboard
from article3.quantity import Standing


def _with_release(evidence: Evidence, year: int, growth: float) -> Evidence:
    table = evidence.table().filter(pl.col("vintage") == "2026-07", pl.col("period") == 2026)
    table = table.filter(pl.col("measure") == "defence_pct_gdp", pl.col("ally").str.len_chars() == 3)
    frames = [
        table.with_columns(
            vintage=pl.lit(f"{year}-07"),
            period=pl.lit(later, dtype=pl.Int32),
            value=pl.col("value") * growth ** (later - 2026),
        )
        for later in range(2026, year + 1)
    ]
    source = Source("test", "t", "t", "", "", "", "c", Standing.REPORTED)
    vintage = Vintage("nato", f"{year}-07", date(year, 7, 31), "t", "core_defence_2026", "")
    return evidence.overlaid([(vintage, source, pl.concat(frames))])


def test_it_waits_and_says_so() -> None:
    found = scoreboard(open_evidence(folders=(SHIPPED,)))
    assert "0 of the 2 yearly releases" in str(found.sentence)
    assert found.table["release"].to_list() == ["none yet"]


def test_two_later_releases_bring_a_verdict() -> None:
    evidence = open_evidence(folders=(SHIPPED,))
    risen = _with_release(_with_release(evidence, 2027, 1.08), 2028, 1.08)
    found = scoreboard(risen)
    assert found.table.select("release", "year").rows() == [("2027-07", 2027), ("2028-07", 2027), ("2028-07", 2028)]
    assert "is kept" in str(found.sentence)
    flat = scoreboard(_with_release(_with_release(evidence, 2027, 1.0), 2028, 1.0))
    assert "is missed" in str(flat.sentence)
