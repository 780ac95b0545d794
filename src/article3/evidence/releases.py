"""Sources, vintages and definitions: who published what, when, on which basis."""

from __future__ import annotations

import calendar
import csv
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Final

from article3.errors import EvidenceError, Fault
from article3.quantity import Standing


@dataclass(frozen=True, slots=True)
class Source:
    """One publication that figures were read from."""

    source_id: str
    producer: str
    title: str
    published: str
    url: str
    licence: str
    citation: str
    standing: Standing
    note: str = ""


@dataclass(frozen=True, slots=True)
class Vintage:
    """One release of a dataset; never overwritten.

    Parameters
    ----------
    dataset, vintage
        ``nato``/``2024-06-17``; a release named by its month has ``2026-07``.
    known_from
        First day on which its figures count as known: the last day of the month where only that is known.
    definition
        Key into the definitions; a change of it between two vintages is a break.
    constant_prices
        Year of the constant-price tables, ``own <vintage>``, or empty.
    """

    dataset: str
    vintage: str
    known_from: date
    title: str
    definition: str
    constant_prices: str
    note: str = ""

    @property
    def label(self) -> str:
        """Name for people: ``17 June 2024`` or ``July 2026``."""
        return vintage_label(self.vintage)


@dataclass(frozen=True, slots=True)
class Definition:
    """What a producer counts, and since when."""

    definition: str
    dataset: str
    title: str
    in_force_from: date
    is_break: bool
    note: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of figure: unit, bounds and where it comes from."""

    measure: str
    datasets: tuple[str, ...]
    title: str
    unit: str
    floor: float | None
    ceiling: float | None
    description: str


FIRST_YEAR: Final = 1949
"""Nothing was published about the Alliance before it was founded."""


def vintage_label(vintage: str) -> str:
    """Return a vintage as people write it: ``2024-06-17`` is ``17 June 2024``, ``2026-07`` is ``July 2026``."""
    year, month, *day = (int(part) for part in vintage.split("-"))
    return f"{day[0]} {calendar.month_name[month]} {year}" if day else f"{calendar.month_name[month]} {year}"


def known_from(vintage: str) -> date:
    """Return the first day on which a release counts as known.

    A release named by its month counts as known from the last day of that month.

    Raises
    ------
    EvidenceError
        The name is neither ``YYYY-MM`` nor ``YYYY-MM-DD``.
    """
    try:
        parts = [int(part) for part in vintage.split("-")]
        if len(vintage) == 7 and len(parts) == 2 and parts[0] >= FIRST_YEAR:
            return date(parts[0], parts[1], calendar.monthrange(parts[0], parts[1])[1])
        if len(vintage) == 10 and len(parts) == 3 and parts[0] >= FIRST_YEAR:
            return date(*parts)
    except (ValueError, calendar.IllegalMonthError):
        pass
    raise EvidenceError(
        Fault(
            "a vintage is named by its day or month of release",
            found=f"'{vintage}'",
            expected="YYYY-MM-DD or YYYY-MM, from 1949 on",
            mend="For example 2024-06-17 or 2026-07.",
        )
    )


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a small CSV with a header; a missing file has no rows."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_sources(folder: Path) -> dict[str, Source]:
    """Read ``sources.csv`` of an evidence folder."""
    return {
        row["source_id"]: Source(**{**row, "standing": Standing(row["standing"])})  # type: ignore[arg-type]
        for row in read_rows(folder / "sources.csv")
    }


def read_vintages(folder: Path) -> list[Vintage]:
    """Read ``vintages.csv`` of an evidence folder, oldest first within a dataset."""
    rows = [
        Vintage(**{**row, "known_from": date.fromisoformat(row["known_from"])})  # type: ignore[arg-type]
        for row in read_rows(folder / "vintages.csv")
    ]
    return sorted(rows, key=lambda row: (row.dataset, row.known_from, row.vintage))


def read_definitions(folder: Path) -> dict[str, Definition]:
    """Read ``definitions.csv``: the breaks as metadata."""
    return {
        row["definition"]: Definition(
            row["definition"],
            row["dataset"],
            row["title"],
            date.fromisoformat(row["in_force_from"]),
            row["break"] == "true",
            row["note"],
            row["source_id"],
        )
        for row in read_rows(folder / "definitions.csv")
    }


def read_measures(folder: Path) -> dict[str, Measure]:
    """Read ``measures.csv``: the vocabulary of measures."""

    def bound(text: str) -> float | None:
        return float(text) if text else None

    return {
        row["measure"]: Measure(
            row["measure"],
            tuple(row["dataset"].split(";")),
            row["title"],
            row["unit"],
            bound(row["floor"]),
            bound(row["ceiling"]),
            row["description"],
        )
        for row in read_rows(folder / "measures.csv")
    }


SOURCE_COLUMNS: Final = tuple(field.name for field in fields(Source))
VINTAGE_COLUMNS: Final = tuple(field.name for field in fields(Vintage))
