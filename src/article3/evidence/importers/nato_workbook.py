"""Read NATO's yearly workbook "Defence Expenditure of NATO Countries".

Tables 1, 2, 3, 5, 6, 7, 8a and 8b are read; Table 4 is a summary of Tables 2 and 3. Titles, units, years,
headings and Allies are looked for; no row or column number is taken for granted. Either the whole workbook is
read or nothing of it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from article3.domain import allies
from article3.errors import Fault, ImportFileError
from article3.evidence.importers.extract import Extract, Figure, to_table, vintage_in_name
from article3.evidence.importers.grid import Grid, read_grids
from article3.evidence.importers.guard import WorkbookContents, check_workbook
from article3.evidence.importers.labels import labels
from article3.evidence.importers.nato_sheet import Part, SheetReader
from article3.evidence.importers.nato_tables import SHEET_NAME, SUMMARY, TABLES, TITLE, Table, squeeze

TITLE_TEXT: Final = re.compile(
    rb"table\s*\d\s?[a-z]?\s*[:.]\s*(?:core\s+)?(?:defence|gdp|military personnel)", re.IGNORECASE
)
_DEFINITIONS: Final = (
    ("core defence", re.compile(r"core[\s-]+defence", re.IGNORECASE)),
    ("defence investment", re.compile(r"defence\s+investment", re.IGNORECASE)),
)
_OWN_FILE: Final = "Use NATO's own file."
_ICELAND: Final = "ISL"


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet with the table number that its name and its title give."""

    grid: Grid
    by_name: str
    by_title: str
    subject: str
    place: tuple[int, int] | None


def looks_like(contents: WorkbookContents) -> bool:
    """Tell from a workbook's sheet names and texts whether it is NATO's."""
    if TITLE_TEXT.search(contents.texts):
        return True
    named = sum(bool(SHEET_NAME.match(name)) for name in contents.sheets)
    return named >= 3 and b"defence" in contents.texts.lower()


def read(path: Path) -> Extract:
    """Read NATO's yearly workbook.

    Parameters
    ----------
    path
        The file as downloaded; its ending does not matter.

    Raises
    ------
    ImportFileError
        With every fault found; nothing was read then.
    """
    contents = check_workbook(path)
    sheets = [_identify(grid) for grid in read_grids(path)]
    faults: list[Fault] = []
    parts = [
        SheetReader(sheet.grid, table, sheet.place[0], path.name, faults).read()
        for table in TABLES
        if (sheet := _find(table, sheets, path.name, faults)) and sheet.place
    ]
    _check_years(parts, path.name, faults)
    _check_bases(parts, path.name, faults)
    _check_allies(parts, path.name, faults)
    if faults:
        raise ImportFileError(faults)
    years = sorted(year for year, _ in parts[0].years.values())
    edition = f"{years[0]}-{years[-1]}"
    return Extract(
        dataset="nato",
        title=f"Defence Expenditure of NATO Countries ({edition})",
        producer="NATO",
        edition=edition,
        suggested_vintage=vintage_in_name(path),
        table=to_table(_figures(parts)),
        definition=_definition(sheets),
        notes=tuple(_notes(parts, sheets, contents)),
    )


# Which sheet holds which table


def _identify(grid: Grid) -> _Sheet:
    match = SHEET_NAME.match(grid.name)
    by_name = squeeze(match["number"]) if match else ""
    for row, cells in grid.rows.items():
        for column in cells:
            if title := TITLE.match(grid.text(row, column)):
                return _Sheet(grid, by_name, squeeze(title["number"]), title["subject"], (row, column))
    return _Sheet(grid, by_name, "", "", None)


def _find(table: Table, sheets: list[_Sheet], file: str, faults: list[Fault]) -> _Sheet | None:
    """Return the sheet whose title is the table's; a fault if there is none, or name and title disagree."""
    titled = [sheet for sheet in sheets if sheet.by_title == table.number]
    named = [sheet for sheet in sheets if sheet.by_name == table.number]
    expected = f"a sheet TABLE{table.number} with the title '{table.reads}'"
    if len(titled) > 1:
        found = ", ".join(sheet.grid.name for sheet in titled)
        faults.append(Fault(f"two sheets are titled Table {table.number}", file, found, expected, _OWN_FILE))
        return None
    if not titled:
        if named:
            sheet = named[0]
            found = f"'Table {sheet.by_title} : {sheet.subject}'" if sheet.place else "no title"
            what = f"the sheet {sheet.grid.name} does not hold Table {table.number}"
            faults.append(Fault(what, f"{file}, {_title_at(sheet)}", found, expected, _OWN_FILE))
        else:
            found = "the sheets " + ", ".join(sheet.grid.name for sheet in sheets)
            faults.append(Fault(f"Table {table.number} is missing", file, found, expected, _OWN_FILE))
        return None
    sheet = titled[0]
    if not table.subject.search(sheet.subject):
        what, found, expected = f"Table {table.number} has another title", sheet.subject, table.subject_reads
        faults.append(Fault(what, f"{file}, {_title_at(sheet)}", f"'{found}'", f"'{expected}'", _OWN_FILE))
        return None
    if sheet.by_name and sheet.by_name != table.number:
        what = f"the sheet {sheet.grid.name} holds Table {table.number}"
        faults.append(Fault(what, f"{file}, {_title_at(sheet)}", f"'{sheet.grid.name}'", expected, _OWN_FILE))
    return sheet


def _title_at(sheet: _Sheet) -> str:
    return sheet.grid.at(*sheet.place) if sheet.place else f"sheet {sheet.grid.name}"


# What the sheets must agree on


def _check_years(parts: list[Part], file: str, faults: list[Fault]) -> None:
    headers = {part.table.number: tuple(part.years[c] for c in sorted(part.years)) for part in parts}
    common = Counter(header for header in headers.values() if header).most_common(1)
    if not common:
        return
    usual = common[0][0]
    for part in parts:
        header = headers[part.table.number]
        if header and header != usual:
            faults.append(
                Fault(
                    "the years of this table differ from those of the others",
                    where=f"{file}, {part.grid.at(part.header_row, min(part.years))}",
                    found=_shown(header),
                    expected=_shown(usual),
                    mend=_OWN_FILE,
                )
            )


def _shown(header: tuple[tuple[int, str], ...]) -> str:
    return " ".join(f"{year}{'' if status == 'actual' else status[0]}" for year, status in header)


def _check_bases(parts: list[Part], file: str, faults: list[Fault]) -> None:
    bases = [base for part in parts for base in part.bases]
    if len({base.year for base in bases}) > 1:
        usual = Counter(base.year for base in bases).most_common(1)[0][0]
        faults.extend(
            Fault(
                "the year of the constant prices differs from that of the other tables",
                where=f"{file}, {base.cell}",
                found=base.year,
                expected=usual,
                mend=_OWN_FILE,
            )
            for base in bases
            if base.year != usual
        )


def _check_allies(parts: list[Part], file: str, faults: list[Fault]) -> None:
    """Refuse a block without a row for every Ally.

    Who is due: everyone who joined before the last year of the workbook, and whoever has a row anywhere (a
    workbook published in the year of an accession has the new Ally in all tables or in none).
    """
    known = labels()
    last = max((year for part in parts for year, _ in part.years.values()), default=0)
    anywhere = {code for part in parts for rows in part.seen.values() for code in rows}
    due = {item.code for item in allies() if item.joined.year < last or item.code in anywhere}
    for part in parts:
        for block in part.table.blocks:
            rows = part.seen.get(block.measure)
            if rows is None:
                continue
            wanted = due if block.iceland else due - {_ICELAND}
            if part.table.aggregates:
                wanted = wanted | set(known.aggregates.values())
            absent = sorted(known.name(code) for code in wanted - set(rows))
            faults.extend(
                Fault(
                    f"{name} has no row in the block '{block.reads}'",
                    where=f"{file}, sheet {part.grid.name}",
                    found=f"{len(wanted) - len(absent)} of {len(wanted)} rows",
                    expected=f"a row named {name}",
                    mend="The row may have been deleted or lost its name; use NATO's own file.",
                )
                for name in absent
            )


# The answer


def _figures(parts: list[Part]) -> list[Figure]:
    figures: list[Figure] = []
    for part in parts:
        for figure in part.figures:
            if figure.measure == "defence_pct_gdp" and part.bases:
                # At current prices the ratio is another one where defence and GDP have different deflators.
                note = f"ratio at {part.bases[0].year} prices"
                figures.append(replace(figure, note=note))
            else:
                figures.append(figure)
    return figures


def _definition(sheets: list[_Sheet]) -> str:
    return next((name for name, pattern in _DEFINITIONS if any(pattern.search(sheet.subject) for sheet in sheets)), "")


def _notes(parts: list[Part], sheets: list[_Sheet], contents: WorkbookContents) -> list[str]:
    numbers = {part.table.number for part in parts}
    notes = []
    if any(SUMMARY in (sheet.by_title, sheet.by_name) for sheet in sheets):
        notes.append("Table 4 was not read: it is a summary of Tables 2 and 3.")
    others = [s.grid.name for s in sheets if s.by_title not in numbers | {SUMMARY} and s.by_name != SUMMARY]
    if others:
        notes.append(f"Sheets not read: {', '.join(others)}.")
    if skipped := [f"{part.grid.name} {row}" for part in parts for row in part.skipped_rows]:
        notes.append(f"Rows without a label were skipped: {', '.join(skipped)}.")
    if missing := sum(part.missing for part in parts):
        notes.append(f"{missing} cells hold no figure.")
    if contents.external_links:
        notes.append(f"{contents.external_links} links to other workbooks were not followed.")
    return notes
