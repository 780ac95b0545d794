"""What the ledger's analyses share: settings, the evidence behind a pledge's measure, release for a count."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from article3.domain import Pledge, ally, reporting_members
from article3.evidence.findings import Column, frame, read_columns
from article3.evidence.releases import Vintage
from article3.evidence.store import Evidence

NO_EVIDENCE: Final = frozenset({"related_pct_gdp", "core_plus_related_pct_gdp"})
"""Measures of pledges for which nobody publishes figures: always not known, so that 5 % is never called met."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How the ledger counts.

    Parameters
    ----------
    min_reporting
        Fewest Allies a release must report for a year to be used for a count of that year. Where fewer Allies
        had forces on the day of the release, all of them suffice.
    mixed
        Count the newest figure of each Ally instead of one release. Never a headline.
    """

    min_reporting: int = 28
    mixed: bool = False


@functools.cache
def columns() -> dict[str, tuple[Column, ...]]:
    """Return the description of every column of the ledger's tables."""
    folder = Path(__file__).with_name("data")
    found: dict[str, tuple[Column, ...]] = {}
    for path in sorted(folder.glob("columns*.csv")):
        found |= read_columns(path)
    return found


def framed(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return rows as a table with the described columns, in their order and with stable types."""
    return frame(columns()[table], rows)


def evidence_measure(pledge: Pledge) -> str | None:
    """Return the measure of the long table that a pledge is judged on; ``None`` where there is no evidence."""
    return None if pledge.measure in NO_EVIDENCE else pledge.measure


def needed_reports(vintage: Vintage, rules: Rules) -> int:
    """Return how many Allies a release must report to be used for a count."""
    return min(rules.min_reporting, len(reporting_members(vintage.known_from)))


def release_for(evidence: Evidence, measure: str, year: int, rules: Rules) -> Vintage | None:
    """Return the release to count a year with: the latest that reports enough Allies; ``None`` if there is none."""
    usable = releases_for(evidence, measure, rules)
    return next((vintage for vintage, years in reversed(usable) if year in years), None)


def releases_for(evidence: Evidence, measure: str, rules: Rules) -> list[tuple[Vintage, dict[int, int]]]:
    """Return the releases usable for counts, oldest first, with the number of Allies by year."""
    rows = evidence.table("nato").filter(pl.col("measure") == measure, pl.col("ally").str.len_chars() == 3)
    by_vintage: dict[str, dict[int, int]] = {}
    for vintage, year, number in rows.group_by("vintage", "period").agg(pl.len()).iter_rows():
        by_vintage.setdefault(vintage, {})[year] = number
    found = []
    for vintage in evidence.vintages:
        if vintage.dataset == "nato" and vintage.vintage in by_vintage:
            needed = needed_reports(vintage, rules)
            years = {year: n for year, n in by_vintage[vintage.vintage].items() if n >= needed}
            if years:
                found.append((vintage, years))
    return found


def judged_year(evidence: Evidence, pledge: Pledge, rules: Rules) -> int:
    """Return the year a pledge is judged for: its deadline, or the latest year with a usable release."""
    measure = evidence_measure(pledge)
    years = [year for _, known in releases_for(evidence, measure, rules) for year in known] if measure else []
    return min(pledge.deadline, max(years)) if years else pledge.deadline


def ally_name(code: str) -> str:
    """Return the short name of an Ally, or the code of an aggregate as it is."""
    return ally(code).name if len(code) == 3 else code.replace("_", " ").title().replace("Nato", "NATO")
