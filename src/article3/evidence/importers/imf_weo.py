"""Read IMF's World Economic Outlook database, in either of two layouts.

*By subject*: comma-separated, one line per country and year, a column per subject (``country, iso, year, ...,
ngdp_rpch, ...``). It does not tell actual figures from forecasts.

*Classic*: IMF's ``WEOApr2024all.xls``, which is tab-separated text in UTF-16; one line per country and
subject, a column per year, and *Estimates Start After*.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

from article3.domain import currency
from article3.errors import Fault, ImportFileError, InputError
from article3.evidence.importers.extract import Extract, Figure, is_vintage, to_table, vintage_in_name
from article3.evidence.importers.guard import check_file
from article3.evidence.importers.labels import labels
from article3.evidence.importers.weo_subjects import BY_CODE, ESSENTIAL, SUBJECTS, Subject
from article3.evidence.importers.weo_text import CLASSIC_MARK, Record, delimiter_of, read_text, records

Layout = Literal["by_subject", "classic"]

_PLAIN: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_MISSING: Final = frozenset({"", "n/a", "--"})
_YEAR: Final = re.compile(r"(?:19|20|21)\d\d")
_FOOTER: Final = re.compile(r"World Economic Outlook Database,?\s+([A-Z][a-z]+)\s+(\d{4})")
_AGAIN: Final = "Download the file again from IMF."
_LINES_SHOWN: Final = 10


@dataclass(slots=True)
class _Reading:
    """A file being read: where it has got to, and what was found."""

    file: str
    vintage: str
    header: list[str]
    classic: bool
    currencies: dict[str, str]
    faults: list[Fault] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    subjects: set[str] = field(default_factory=set)
    ragged: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    undated: bool = False
    footer: str = ""

    def fault(self, what: str, line: int, found: str = "", expected: str = "", mend: str = _AGAIN) -> None:
        self.faults.append(Fault(what, f"{self.file}, line {line}", found, expected, mend))

    def number(self, text: str, subject: Subject, cell: str) -> float | None:
        """Return the figure in a field; None where it is missing, or a fault."""
        text = text.strip()
        if text in _MISSING:
            return None
        expected = "a number" if subject.negative else "a number not below 0"
        if not _PLAIN.fullmatch(text):
            if not (self.classic and _THOUSANDS.fullmatch(text)):
                what = "text stands where a number should be"
                self.faults.append(Fault(what, f"{self.file}, {cell}", f"'{text[:60]}'", expected, _AGAIN))
                return None
            text = text.replace(",", "")
        value = float(text)
        if (value < 0 and not subject.negative) or abs(value) == float("inf"):
            what = f"{subject.code} is impossible"
            self.faults.append(Fault(what, f"{self.file}, {cell}", text, expected, _AGAIN))
            return None
        return value

    def add(self, ally: str, subject: Subject, year: int, text: str, status: str, cell: str) -> None:
        """Put the figure of a field with the others, if there is one."""
        value = self.number(text, subject, cell)
        if value is None:
            return
        unit = subject.unit
        if "{currency}" in unit:
            unit = unit.format(currency=self.currencies.get(ally, ""))
        self.figures.append(Figure(ally, subject.measure, year, value, unit, subject.price_base, status, cell))


def layout_of(header: Iterable[str]) -> Layout | None:
    """Return the layout that a header belongs to, or None if it is not WEO's.

    Parameters
    ----------
    header
        Names of the columns.
    """
    names = {name.strip().casefold() for name in header}
    if {CLASSIC_MARK.casefold(), "iso"} <= names:
        return "classic"
    # One subject will do: which are missing is for the reader to say.
    if {"iso", "year"} <= names and names & {subject.code.casefold() for subject in SUBJECTS}:
        return "by_subject"
    return None


def read(path: Path, vintage: str | None = None) -> Extract:
    """Read a WEO file.

    Parameters
    ----------
    path
        The file as downloaded, in either layout; its ending does not matter.
    vintage
        The release, ``2026-04``; needed for the currency of national series (Croatia counts in euros from the
        first release of 2023 on). Without it, the release that the file's name tells.

    Raises
    ------
    ImportFileError
        With every fault found; nothing was read then.
    """
    check_file(path)
    text, encoding_note = read_text(path)
    suggested = vintage_in_name(path)
    release, faults = _release(vintage, suggested, path.name)
    reading = _read_lines(text, path.name, release, faults)
    _check_whole(reading, text)
    if reading.faults:
        raise ImportFileError(reading.faults)
    years = sorted({figure.period for figure in reading.figures})
    edition = f"{years[0]}-{years[-1]}"
    notes = [encoding_note] if encoding_note else []
    if vintage and suggested and not (vintage.startswith(suggested) or suggested.startswith(vintage)):
        notes.append(f"The name of the file tells {suggested}; it was read as {vintage}.")
    return Extract(
        dataset="weo",
        title=f"World Economic Outlook Database{f', {reading.footer}' if reading.footer else ''} ({edition})",
        producer="International Monetary Fund",
        edition=edition,
        suggested_vintage=suggested,
        table=to_table(reading.figures),
        notes=(*notes, *_notes(reading)),
    )


def _read_lines(text: str, file: str, release: str, faults: list[Fault]) -> _Reading:
    lines = records(text, delimiter_of(text.partition("\n")[0]))
    try:
        header = [name.strip() for name in next(lines, Record(1, [])).fields]
        layout = layout_of(header)
        if layout is None:
            raise ImportFileError([*faults, _no_layout(header, file)])
        currencies = _currencies(release, faults)
        reading = _Reading(file, release, header, layout == "classic", currencies, faults)
        _check_header(reading)
        body = _whole(lines, reading)
        if reading.classic:
            _read_classic(body, reading)
        else:
            _read_by_subject(body, reading)
    except csv.Error as error:
        raise ImportFileError([*faults, Fault(f"the text is damaged: {error}", file, mend=_AGAIN)]) from error
    return reading


# Before the figures


def _release(vintage: str | None, suggested: str | None, file: str) -> tuple[str, list[Fault]]:
    """Return the release to read units for; a fault where it is unknown."""
    if vintage is None and suggested is None:
        what = "the release is not known: the file does not tell it, nor does its name"
        return "", [Fault(what, file, expected="the month of the release", mend="Add --vintage 2026-04.")]
    if vintage is not None and not is_vintage(vintage):
        fault = Fault("not a release", "--vintage", f"'{vintage}'", "a month or a day", "Write --vintage 2026-04.")
        return "", [fault]
    return vintage or suggested or "", []


def _currencies(release: str, faults: list[Fault]) -> dict[str, str]:
    """Return the currency of every Ally's national series in a release.

    The release decides, not the year of a figure: at a changeover the whole series is converted.
    """
    if not release:
        return {}
    day = date.fromisoformat(release if len(release) == 10 else f"{release}-01")
    units = {}
    for code in sorted(labels().codes):
        try:
            units[code] = currency(code, day).code
        except InputError as error:
            faults.extend(error.faults)
    return units


def _no_layout(header: list[str], file: str) -> Fault:
    return Fault(
        "the columns are not those of IMF's World Economic Outlook",
        where=f"{file}, line 1",
        found=", ".join(header[:8]) or "no columns",
        expected=f"iso, year and columns such as {', '.join(code.lower() for code in ESSENTIAL)}; or IMF's "
        f"classic columns ISO, {CLASSIC_MARK}, 1980 ...",
        mend=_AGAIN,
    )


def _check_header(reading: _Reading) -> None:
    names = [name.casefold() for name in reading.header]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        reading.fault("columns stand twice", 1, ", ".join(twice), "every column once")
    if not reading.classic:
        return
    years = [int(name) for name in names if _YEAR.fullmatch(name)]
    if not years:
        reading.fault("there are no columns of years", 1, expected="columns such as 1980 ... 2029")
    for before, year in pairwise(years):
        if year != before + 1:
            what = "the years of the header are not consecutive"
            reading.fault(what, 1, f"{year} after {before}", str(before + 1))


def _whole(lines: Iterable[Record], reading: _Reading) -> Iterable[Record]:
    """Yield the records that have a field for every column; keep the lines of the others."""
    width = len(reading.header)
    for record in lines:
        if "International Monetary Fund" in record.fields[0]:
            continue  # the footer of the classic download
        count = len(record.fields)
        if reading.classic and count == width - 1:
            record.fields.append("")  # an empty last column, its tab stripped
        elif reading.classic and count > width and not any(record.fields[width:]):
            pass
        elif count != width:
            reading.ragged.append(record.line)
            continue
        yield record


def _column(reading: _Reading, name: str) -> int | None:
    folded = [column.casefold() for column in reading.header]
    return folded.index(name.casefold()) if name.casefold() in folded else None


# The two layouts


def _read_by_subject(body: Iterable[Record], reading: _Reading) -> None:
    iso, year = _column(reading, "iso"), _column(reading, "year")
    columns = [(subject, at) for subject in SUBJECTS if (at := _column(reading, subject.code)) is not None]
    reading.subjects = {subject.code for subject, _ in columns}
    known: dict[tuple[str, int], Record] = {}
    allies = labels().codes
    for record in body:
        ally = record.fields[iso or 0].strip().upper()
        if ally not in allies:
            continue
        text = record.fields[year or 0].strip()
        if not _YEAR.fullmatch(text):
            reading.fault("not a year", record.line, f"'{text}'", "a year such as 2026")
            continue
        period = int(text)
        fields = [record.fields[at].strip() for _, at in columns]
        first = known.setdefault((ally, period), record)
        if first is not record:
            before = [first.fields[at].strip() for _, at in columns]
            _repeated(reading, f"{ally} {period}", first.line, record.line, before, fields)
            continue
        for (subject, at), field_text in zip(columns, fields, strict=True):
            cell = f"line {record.line}, column {reading.header[at]}"
            reading.add(ally, subject, period, field_text, "", cell)


def _read_classic(body: Iterable[Record], reading: _Reading) -> None:
    iso, code = _column(reading, "ISO"), _column(reading, CLASSIC_MARK)
    scale, after = _column(reading, "Scale"), _column(reading, "Estimates Start After")
    years = [(int(name), at) for at, name in enumerate(reading.header) if _YEAR.fullmatch(name)]
    known: dict[tuple[str, str], Record] = {}
    allies = labels().codes
    for record in body:
        ally = record.fields[iso or 0].strip().upper()
        subject = BY_CODE.get(record.fields[code or 0].strip().upper())
        if ally not in allies or subject is None:
            continue
        reading.subjects.add(subject.code)
        first = known.setdefault((ally, subject.code), record)
        if first is not record:
            before, now = ([row.fields[at].strip() for _, at in years] for row in (first, record))
            _repeated(reading, f"{ally} {subject.code}", first.line, record.line, before, now)
            continue
        if scale is not None and record.fields[scale].strip() != subject.scale:
            what, found = f"{subject.code} has another scale", record.fields[scale].strip()
            reading.fault(what, record.line, found or "none", subject.scale or "none")
        last_actual = _last_actual(record, after, reading)
        for year, at in years:
            status = "" if last_actual is None else "forecast" if year > last_actual else "actual"
            cell = f"line {record.line}, column {reading.header[at]}"
            reading.add(ally, subject, year, record.fields[at], status, cell)


def _last_actual(record: Record, after: int | None, reading: _Reading) -> int | None:
    """Return the year after which the figures of a line are forecasts; None where the file is silent."""
    text = record.fields[after].strip() if after is not None else ""
    if not text or text in _MISSING:
        reading.undated = True
        return None
    if not _YEAR.fullmatch(text):
        reading.fault("Estimates Start After is not a year", record.line, f"'{text}'", "a year")
        return None
    return int(text)


def _repeated(reading: _Reading, what: str, first: int, second: int, before: list[str], now: list[str]) -> None:
    if before == now:
        reading.repeated.append(second)
        return
    reading.fault(
        f"{what} stands twice, with different figures",
        second,
        found=f"line {first} and line {second}",
        expected="one line",
        mend="Delete the line that is not IMF's, or download the file again.",
    )


# After the figures


def _check_whole(reading: _Reading, text: str) -> None:
    if reading.ragged:
        lines = ", ".join(str(line) for line in reading.ragged[:_LINES_SHOWN])
        more = len(reading.ragged) - _LINES_SHOWN
        reading.fault(
            "lines have more or fewer fields than the header",
            reading.ragged[0],
            found=f"lines {lines}" + (f" and {more} more" if more > 0 else ""),
            expected=f"{len(reading.header)} fields",
        )
    missing = [subject.code for subject in SUBJECTS if subject.code not in reading.subjects]
    if set(ESSENTIAL) <= set(missing):
        what = "the file lacks the series it is read for"
        found = f"missing: {', '.join(missing)}"
        reading.faults.append(Fault(what, reading.file, found, f"at least one of {', '.join(ESSENTIAL)}", _AGAIN))
    elif not reading.figures and not reading.faults:
        reading.faults.append(
            Fault("no figure of any Ally was found", reading.file, expected="lines of Allies", mend=_AGAIN)
        )
    footer = _FOOTER.search(text[-2000:]) if reading.classic else None
    if footer:
        reading.footer = f"{footer[1]} {footer[2]}"
        told = vintage_in_name(Path(f"{footer[1]}{footer[2]}"))
        if told and reading.vintage and not reading.vintage.startswith(told):
            reading.faults.append(
                Fault(
                    "the file says it is another release",
                    reading.file,
                    found=f"'{footer[0]}' in the last line",
                    expected=reading.vintage,
                    mend=f"Add --vintage {told}.",
                )
            )


def _notes(reading: _Reading) -> list[str]:
    notes = []
    if missing := [subject.code for subject in SUBJECTS if subject.code not in reading.subjects]:
        notes.append(f"Series missing in the file: {', '.join(missing)}.")
    allies = {figure.ally for figure in reading.figures}
    if absent := [code for code in sorted(labels().codes) if code not in allies]:
        notes.append(f"Allies without any figure in the file: {', '.join(absent)}.")
    if reading.repeated:
        notes.append(f"Lines that repeat another were skipped: {', '.join(map(str, reading.repeated))}.")
    if not reading.classic:
        notes.append("This layout does not tell actual figures from forecasts; status is empty.")
    elif reading.undated:
        notes.append("Where Estimates Start After is empty, status is empty.")
    return notes
