"""Read SIPRI's workbook of military expenditure by country; of its sheets only the shares of GDP.

The sheet is found by its title, its header and rows by what stands in them. Either all shares of the Allies are
read or none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from article3.errors import Fault, ImportFileError
from article3.evidence.importers.extract import Extract, to_table, vintage_in_name
from article3.evidence.importers.grid import Grid, Place, read_grids
from article3.evidence.importers.guard import WorkbookContents, check_workbook
from article3.evidence.importers.labels import fold, labels
from article3.evidence.importers.sipri_sheet import Shares, SharesReader

PRODUCER: Final = "Stockholm International Peace Research Institute"
SHEET: Final = "Share of GDP"
TITLE_READS: Final = "Military expenditure by country as percentage of gross domestic product, 1949-2024"

_TITLE: Final = re.compile(
    r"military expenditure by country,? as (?:a )?(?:percentage|share) of (?:gross domestic product|gdp)\b"
    r"(?:.*?(?P<first>(?:19|20)\d\d)\s*[-–]\s*(?P<last>(?:19|20)\d\d))?",
    re.IGNORECASE,
)
_ANY_TITLE: Final = b"military expenditure by country"
_OTHER_SHEETS: Final = frozenset(
    {
        "regional totals",
        "local currency financial years",
        "local currency calendar years",
        "current us$",
        "current usd",
        "per capita",
        "share of govt. spending",
    }
)
_OWN_FILE: Final = "Use SIPRI's own file."


@dataclass(frozen=True, slots=True)
class _Title:
    """The sheet with the shares of GDP, where its title stands and the years that it names."""

    grid: Grid
    place: Place
    text: str
    span: tuple[int, int] | None


def looks_like(contents: WorkbookContents) -> bool:
    """Tell from a workbook's sheet names and texts whether it is SIPRI's."""
    texts = contents.texts.lower()
    if _ANY_TITLE in texts and b"sipri" in texts:
        return True
    names = {fold(name) for name in contents.sheets}
    return len(names & (_OTHER_SHEETS | {fold(SHEET)})) >= 3


def read(path: Path) -> Extract:
    """Read the shares of GDP of the Allies from SIPRI's workbook.

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
    grids = read_grids(path)
    faults: list[Fault] = []
    title = _find(grids, path.name, faults)
    shares = Shares()
    if title is not None:
        shares = SharesReader(title.grid, title.place[0], title.span, path.name, faults).read()
    if faults or title is None:
        raise ImportFileError(faults)
    edition = f"{min(shares.years.values())}-{max(shares.years.values())}"
    return Extract(
        dataset="sipri",
        title=title.text,
        producer=PRODUCER,
        edition=edition,
        suggested_vintage=vintage_in_name(path),
        table=to_table(shares.figures),
        notes=tuple(_notes(shares, title, grids, contents)),
    )


# Which sheet holds the shares


def _find(grids: list[Grid], file: str, faults: list[Fault]) -> _Title | None:
    """Return the sheet that is titled as the shares of GDP; a fault if there is none, or more than one."""
    titled = [title for grid in grids if (title := _title_of(grid))]
    named = [grid for grid in grids if fold(grid.name) == fold(SHEET)]
    expected = f"a sheet '{SHEET}' with the title '{TITLE_READS}'"
    if len(titled) > 1:
        found = ", ".join(title.grid.at(*title.place) for title in titled)
        faults.append(Fault("two sheets are titled as the shares of GDP", file, found, expected, _OWN_FILE))
        return None
    if not titled and named:
        first = min(named[0].values, default=(1, 1))
        found = f"'{named[0].text(*first)[:120]}'" if named[0].text(*first) else "no title"
        what = f"the sheet '{SHEET}' has another title"
        faults.append(Fault(what, f"{file}, {named[0].at(*first)}", found, expected, _OWN_FILE))
        return None
    if not titled:
        found = "the sheets " + ", ".join(grid.name for grid in grids)
        faults.append(Fault(f"the sheet '{SHEET}' is missing", file, found, expected, _OWN_FILE))
        return None
    title = titled[0]
    if named and named[0] is not title.grid:
        what, found = f"the sheet '{title.grid.name}' is titled as the shares of GDP", f"'{title.grid.name}'"
        faults.append(Fault(what, f"{file}, {title.grid.at(*title.place)}", found, expected, _OWN_FILE))
        return None
    return title


def _title_of(grid: Grid) -> _Title | None:
    for row, column in sorted(grid.values):
        # Behind the title stands "© SIPRI" and a year that is not always the year of release.
        text = " ".join(grid.text(row, column).partition("©")[0].split())
        if match := _TITLE.match(text):
            span = (int(match["first"]), int(match["last"])) if match["first"] else None
            return _Title(grid, (row, column), text, span)
    return None


# The answer


def _notes(shares: Shares, title: _Title, grids: list[Grid], contents: WorkbookContents) -> list[str]:
    notes = ["SIPRI writes fractions of GDP; they were multiplied by 100 and not rounded."]
    if others := [grid.name for grid in grids if grid is not title.grid]:
        notes.append(f"Sheets not read: {', '.join(others)}.")
    notes.append(f"{shares.others} rows of countries that are no Allies were not read.")
    notes.append("The colours of the cells were not read: blue marks SIPRI's estimates, red highly uncertain figures.")
    if shares.marks:
        marked = ", ".join(f"{labels().name(code)} {mark}" for code, mark in sorted(shares.marks.items()))
        notes.append(f"SIPRI's footnotes were not read; marked are {marked}.")
    missing = [
        f"{count} {what}"
        for count, what in (
            (shares.unavailable, "'...' (not available)"),
            (shares.no_country, "'xxx' (did not exist)"),
            (shares.empty, "empty before the first figure"),
        )
        if count
    ]
    if missing:
        notes.append(f"Cells of Allies without a figure: {', '.join(missing)}.")
    if contents.external_links:
        notes.append(f"{contents.external_links} links to other workbooks were not followed.")
    return notes
