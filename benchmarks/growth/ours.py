"""The questions, answered by article3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from article3.evidence.store import Evidence, open_evidence
from benchmarks.growth.question import ADDRESS, DATASETS, DAY, MEASURE, Operation, same


def open_all(folder: Path) -> dict[str, pl.DataFrame]:
    """Open both datasets: from the Parquet copy where there is one, else from CSV, writing the copy."""
    evidence = open_evidence(folders=(folder,))
    return {dataset: evidence.table(dataset) for dataset in DATASETS}


def describe(tables: dict[str, pl.DataFrame]) -> list[Any]:
    """Return number of figures and largest value for each vintage."""
    grouped = {
        name: table.group_by("vintage").agg(pl.len(), pl.col("value").max()).sort("vintage")
        for name, table in tables.items()
    }
    return [[name, *row] for name, table in grouped.items() for row in table.iter_rows()]


def prepare(folder: Path) -> Evidence:
    """Return opened evidence with NATO's figures loaded."""
    evidence = open_evidence(folders=(folder,))
    evidence.table("nato")
    return evidence


def newest(evidence: Evidence) -> pl.DataFrame:
    """Return the newest value for each Ally and year as known on the day."""
    return open_evidence(DAY, folders=evidence.folders).newest(MEASURE)


def rows(found: pl.DataFrame) -> list[Any]:
    """Return the rows of the answer."""
    return [list(row) for row in found.select("ally", "period", "value", "vintage").iter_rows()]


def lookup(evidence: Evidence) -> float:
    """Return the value at the address."""
    return evidence.value(ADDRESS).value


OPERATIONS = {
    "open": Operation(same, open_all, describe),
    "newest": Operation(prepare, newest, rows, again=7),
    "lookup": Operation(prepare, lookup, same, again=7),
}
