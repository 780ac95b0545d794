"""What every importer returns: the figures of one official file, each with the cell it was read from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Final, Literal

import polars as pl

from article3.evidence.table import SCHEMA

Dataset = Literal["nato", "weo", "sipri", "dmdc"]

EXTRACT_SCHEMA: Final[dict[str, pl.DataType]] = {**SCHEMA, "cell": pl.String()}
"""The long table, and where in the file each figure stands."""

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)-(0[1-9]|1[0-2])(?:-([0-3]\d))?(?!\d)")
_SHORT_DATE: Final = re.compile(r"^(\d\d)(\d\d)(\d\d)(?=[-_ ])")
_MONTH_YEAR: Final = re.compile(rf"({'|'.join(_MONTHS)})[a-z]*[-_ ]?((?:19|20)\d\d)(?!\d)", re.IGNORECASE)
_VINTAGE: Final = re.compile(r"\d{4}-\d\d(?:-\d\d)?")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as an importer reads it, before the caller gives it a vintage and a source."""

    ally: str
    measure: str
    period: int
    value: float
    unit: str
    price_base: str
    status: str
    cell: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """The figures of one official file.

    Parameters
    ----------
    dataset
        ``nato``, ``weo``, ``sipri`` or ``dmdc``.
    title, producer
        What was read and who published it.
    edition
        Years the file covers: ``2014-2024``.
    suggested_vintage
        Release date as far as the file's *name* tells it; nothing inside the file is trusted for that,
        because files are saved again by others. Of compiled reports, the month of the newest.
    definition
        ``core defence`` or ``defence investment`` where a title of the workbook says so; empty otherwise.
        A hint that the figures may stand on another definition, never more.
    table
        The long table plus ``cell``: where in the file the figure stands. ``vintage`` and ``source_id`` are
        empty: the caller decides them.
    notes
        What the reader did not read or could not know.
    """

    dataset: Dataset
    title: str
    producer: str
    edition: str
    suggested_vintage: str | None
    table: pl.DataFrame
    definition: str = ""
    notes: tuple[str, ...] = field(default=())


def to_table(figures: Iterable[Figure], standing: str = "official") -> pl.DataFrame:
    """Return figures as the long table plus ``cell``, sorted by measure, Ally and year.

    Parameters
    ----------
    figures
        What an importer read; every one becomes a row.
    standing
        Standing of all rows: ``official`` for a producer's own file, ``reported`` for a copy by others.
    """
    read = list(figures)
    rows = pl.DataFrame(
        {
            name: pl.Series(name, [getattr(figure, name) for figure in read], dtype=EXTRACT_SCHEMA[name])
            for name in (part.name for part in fields(Figure))
        }
    )
    constant: dict[str, str | None] = {"vintage": "", "standing": standing, "source_id": ""}
    constant |= dict.fromkeys(("low", "high", "decimals"))
    return (
        rows.with_columns(pl.lit(value, dtype=EXTRACT_SCHEMA[name]).alias(name) for name, value in constant.items())
        .select(*EXTRACT_SCHEMA)
        .sort("measure", "ally", "period")
    )


def is_vintage(text: str) -> bool:
    """Tell whether a text names a release: ``2026-04`` or ``2024-06-17``, and such a day exists."""
    if not _VINTAGE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    except ValueError:
        return False
    return True


def vintage_in_name(path: Path) -> str | None:
    """Return the release that a file's name tells, or None.

    Understood are ``...2024-06-17...``, ``...2026-04...``, NATO's own ``240617-def-exp-2024-TABLES-en`` and
    IMF's ``WEOApr2024all``.
    """
    stem = path.stem
    candidates: list[str] = []
    if match := _DATE.search(stem):
        candidates.append("-".join(part for part in match.groups() if part))
    if match := _SHORT_DATE.match(stem):
        candidates.append("20{}-{}-{}".format(*match.groups()))
    if match := _MONTH_YEAR.search(stem):
        month = _MONTHS.index(match[1].lower()) + 1
        candidates.append(f"{match[2]}-{month:02d}")
    return next((text for text in candidates if is_vintage(text)), None)
