"""Read the compiled reports of the US Department of Defense on its people by country (DMDC), from 1950 on.

The file is a copy that others make of the Department's quarterly reports (``troopdata-rebuild-reports.csv``): one line
per report and country, a column per service. Read are the active-duty people assigned to each Ally but the United
States, one measure per quarter. Rotational forces are not in these reports.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from article3.errors import Fault, ImportFileError, suggest
from article3.evidence.importers.extract import Extract, Figure, to_table
from article3.evidence.importers.guard import check_file
from article3.evidence.importers.labels import labels, take_apart
from article3.evidence.importers.weo_text import Record, delimiter_of, read_text, records

PRODUCER: Final = "Defense Manpower Data Center"
MONTHS: Final = {"march": 3, "june": 6, "september": 9, "december": 12}
"""Months at whose end the reports stand, with their numbers."""
MEASURE: Final = "us_personnel_{month}"
"""Measure of the people assigned at the end of a month."""

_MARK: Final = "troops_ad"
_COLUMNS: Final = ("location", "iso3c", "year", "month", _MARK)
_SERVICES: Final = tuple(
    f"{name} active duty" for name in ("army", "navy", "marine corps", "air force", "coast guard", "space force")
)
"""Columns of the services as the reports since 2008 have them; in the copy's own ``navy_ad`` the Navy is missing."""
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_COUNT: Final = re.compile(r"\d{1,7}")
_MISSING: Final = frozenset({"", "NA", "N/A"})
_MOST: Final = 3_000_000
"""More people than the United States had under arms in any of these years: a slip."""
_AGAIN: Final = "Download the file again and do not change it."
_LINES_SHOWN: Final = 10


@dataclass(slots=True)
class _Reading:
    """A file being read: its columns, and what was found."""

    file: str
    columns: dict[str, int]
    width: int
    faults: list[Fault] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    reports: set[tuple[int, int]] = field(default_factory=set)
    first: dict[tuple[str, int, str], tuple[int, int]] = field(default_factory=dict)
    ragged: list[int] = field(default_factory=list)
    unnamed: Counter[str] = field(default_factory=Counter)
    others: int = 0
    silent: int = 0
    repeated: int = 0
    uneven: list[int] = field(default_factory=list)

    def fault(self, what: str, line: int, found: str = "", expected: str = "", mend: str = _AGAIN) -> None:
        self.faults.append(Fault(what, f"{self.file}, line {line}", found, expected, mend))

    def text(self, record: Record, column: str) -> str:
        """Return a field without blanks; empty where the column is not there."""
        place = self.columns.get(column)
        return "" if place is None else record.fields[place].strip()


def looks_like(header: Iterable[str]) -> bool:
    """Tell from the names of its columns whether a text table holds these reports.

    Parameters
    ----------
    header
        Names of the columns.
    """
    names = {name.strip().casefold() for name in header}
    # Which of the others are missing is for the reader to say.
    return _MARK in names or ("total active duty" in names and "iso3c" in names)


def read(path: Path) -> Extract:
    """Read the people assigned to each Ally, by quarter.

    Parameters
    ----------
    path
        The file as downloaded; its ending does not matter.

    Returns
    -------
    Extract
        Figures in persons; standing ``reported``, because the file is a copy. The release suggested is the month of
        the newest report.

    Raises
    ------
    ImportFileError
        With every fault found; nothing was read then.
    """
    check_file(path)
    text, _ = read_text(path)
    lines = records(text, delimiter_of(text.partition("\n")[0]))
    try:
        reading = _header(next(lines, Record(1, [])), path.name)
        for record in lines:
            _read_line(record, reading)
    except csv.Error as error:
        raise ImportFileError(Fault(f"the text is damaged: {error}", path.name, mend=_AGAIN)) from error
    _check_whole(reading)
    if reading.faults:
        raise ImportFileError(reading.faults)
    (first, _), (last, month) = min(reading.reports), max(reading.reports)
    name = next(name for name, number in MONTHS.items() if number == month)
    return Extract(
        dataset="dmdc",
        title=f"DoD personnel by location, reports from {first} to {name.capitalize()} {last}",
        producer=PRODUCER,
        edition=f"{first}-{last}",
        suggested_vintage=f"{last}-{month:02d}",
        table=to_table(reading.figures, standing="reported"),
        notes=tuple(_notes(reading)),
    )


def _header(record: Record, file: str) -> _Reading:
    """Return a reading with its columns; refuse a header that lacks one, or has one twice."""
    names = [name.strip().casefold() for name in record.fields]
    faults = []
    for column in _COLUMNS:
        if names.count(column) != 1:
            what = f"the column '{column}' {'stands twice' if column in names else 'is missing'}"
            close = suggest(column, names) if column not in names else ()
            mend = f"Is it '{close[0]}'? {_AGAIN}" if close else _AGAIN
            faults.append(Fault(what, f"{file}, line {record.line}", ", ".join(record.fields[:12]), mend=mend))
    if faults:
        raise ImportFileError(faults)
    return _Reading(file, {name: place for place, name in enumerate(names)}, len(names))


def _read_line(record: Record, reading: _Reading) -> None:
    if len(record.fields) != reading.width:
        reading.ragged.append(record.line)
        return
    code = reading.text(record, "iso3c").upper()
    location = reading.text(record, "location")
    meant = labels().code(take_apart(location).name)
    if code not in labels().codes:
        if meant in labels().codes:
            what = f"'{location}' is an Ally, and its code is not"
            reading.fault(what, record.line, f"'{code}'", f"'{meant}'")
        elif code in _MISSING:
            reading.unnamed[location] += 1
        else:
            reading.others += 1
        return
    if meant is not None and meant != code:
        reading.fault(f"the code is not that of '{location}'", record.line, f"'{code}'", f"'{meant}'")
        return
    when = _when(record, reading)
    if when is None:
        return
    if code == "USA":
        reading.others += 1
        return
    _add(code, when, record, reading)


def _when(record: Record, reading: _Reading) -> tuple[int, str] | None:
    """Return year and month of a line, as far as they are those of a report."""
    year, month = reading.text(record, "year"), reading.text(record, "month").casefold()
    if not _YEAR.fullmatch(year):
        reading.fault("not a year", record.line, f"'{year}'", "a year such as 2025")
    elif month not in MONTHS:
        expected = ", ".join(name.capitalize() for name in MONTHS)
        reading.fault("not a month of these reports", record.line, f"'{month}'", f"one of {expected}")
    else:
        return int(year), month
    return None


def _add(code: str, when: tuple[int, str], record: Record, reading: _Reading) -> None:
    """Put the figure of a line with the others, if there is one."""
    year, month = when
    text = reading.text(record, _MARK)
    if text in _MISSING:
        reading.silent += 1
        return
    cell = f"line {record.line}, column {_MARK}"
    if not _COUNT.fullmatch(text) or int(text) > _MOST:
        where, expected = f"{reading.file}, {cell}", f"a whole number from 0 to {_MOST:,}"
        reading.faults.append(Fault("not a number of people", where, f"'{text[:60]}'", expected, _AGAIN))
        return
    value = int(text)
    key = (code, year, month)
    line, before = reading.first.setdefault(key, (record.line, value))
    if line != record.line:
        if before == value:
            reading.repeated += 1
        else:
            what = f"{code} of {month.capitalize()} {year} stands twice, with different figures"
            found = f"{before} in line {line} and {value} in line {record.line}"
            reading.fault(what, record.line, found, "one line", "Delete the line that is not the producer's.")
        return
    parts = [part for name in _SERVICES if (part := reading.text(record, name)) not in _MISSING]
    if parts and all(map(_COUNT.fullmatch, parts)) and sum(map(int, parts)) != value:
        reading.uneven.append(record.line)
    reading.reports.add((year, MONTHS[month]))
    measure = MEASURE.format(month=month)
    reading.figures.append(Figure(code, measure, year, float(value), "persons", "", "actual", cell))


def _check_whole(reading: _Reading) -> None:
    if reading.ragged:
        shown = ", ".join(str(line) for line in reading.ragged[:_LINES_SHOWN])
        more = len(reading.ragged) - _LINES_SHOWN
        found = f"lines {shown}" + (f" and {more} more" if more > 0 else "")
        what = "lines have more or fewer fields than the header"
        reading.fault(what, reading.ragged[0], found, f"{reading.width} fields")
    elif not reading.figures and not reading.faults:
        expected = "lines of Allies with a number of people"
        reading.faults.append(Fault("no figure of any Ally was found", reading.file, expected=expected, mend=_AGAIN))


def _notes(reading: _Reading) -> list[str]:
    notes = [
        "The file is a copy that others made of the Department's reports: its figures stand as reported, not official.",
        "People on rotation are not counted in these reports: they have hundreds in Poland, where about 10,000 are.",
        f"{_lines(reading.others)} of the United States and of countries that are no Allies not read.",
    ]
    if reading.unnamed:
        names = ", ".join(sorted(reading.unnamed)[:6])
        notes.append(f"{_lines(sum(reading.unnamed.values()))} without a code not read: {names} ...")
    if reading.silent:
        notes.append(f"{_lines(reading.silent)} of Allies without a figure.")
    if reading.repeated:
        notes.append(f"{_lines(reading.repeated)} that stood there before with the same figure not read again.")
    if reading.uneven:
        lines = ", ".join(str(line) for line in reading.uneven[:_LINES_SHOWN])
        notes.append(
            f"{_lines(len(reading.uneven))} whose services do not add up to the total, which was read: {lines}."
        )
    return notes


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
