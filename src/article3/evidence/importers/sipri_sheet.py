"""Read the sheet 'Share of GDP' of SIPRI's workbook by what stands in it, never by row or column numbers.

SIPRI writes the shares as fractions of GDP (0.0273, which the number format shows as 2.73%). They become per cent
by one multiplication with 100 in double precision and are not rounded.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from article3.domain import allies
from article3.errors import Fault
from article3.evidence.importers.extract import Figure
from article3.evidence.importers.grid import Grid, Place, letters
from article3.evidence.importers.labels import fold, labels, take_apart
from article3.evidence.importers.sheet import SheetFaults

MEASURE: Final = "milex_pct_gdp"
UNIT: Final = "percent of GDP"
PER_CENT: Final = 100.0

LARGEST: Final = 0.6
"""No Ally has spent 60 per cent of GDP; only countries at war on their own soil have, Kuwait in 1991."""
LARGEST_MEDIAN: Final = 0.2
"""The middle of all shares is near 0.02. Above this they are per cent: 2 instead of 0.02."""

_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_UNAVAILABLE: Final = frozenset({"..", "...", "…"})
_NO_COUNTRY: Final = "xxx"
_EXPECTED: Final = "a fraction of GDP from 0 to 0.6, '...' (not available) or 'xxx' (did not exist)"


@dataclass(slots=True)
class Shares:
    """What the sheet gave.

    Parameters
    ----------
    years
        Year by column.
    figures
        The shares of the Allies, in per cent.
    marks
        What stands in the column of notes, by Ally.
    unavailable, no_country, empty
        Cells of Allies without a figure: ``...``, ``xxx``, and nothing before the first figure.
    others
        Rows of countries that are no Allies.
    """

    years: dict[int, int] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    unavailable: int = 0
    no_country: int = 0
    empty: int = 0
    others: int = 0


class SharesReader(SheetFaults):
    """Reads the sheet; every problem becomes a fault and reading goes on.

    Parameters
    ----------
    grid
        The sheet.
    title
        Row of its title.
    span
        First and last year that the title names, if it does.
    file
        Name of the file, for messages.
    faults
        Where problems are put.
    """

    def __init__(self, grid: Grid, title: int, span: tuple[int, int] | None, file: str, faults: list[Fault]) -> None:
        super().__init__(grid, file, faults, "SIPRI")
        self.title, self.span = title, span
        self.shares = Shares()
        self._header: Place = (0, 0)
        self._rows: dict[str, int] = {}
        self._unknown: dict[str, Place] = {}
        self._numbers: dict[Place, tuple[str, float]] = {}

    def read(self) -> Shares:
        """Return what the sheet holds; faults are in the list given."""
        if not self._read_header():
            return self.shares
        top, label = self._header
        for row in (row for row in self.grid.rows if row > top):
            self._read_row(row, label)
        if not self._rows:
            self._fault(
                "the sheet has no rows of Allies",
                expected=f"rows named Albania, Belgium ... in column {letters(label)}",
            )
            return self.shares
        self._check_outside()
        self._check_merged()
        self._check_allies()
        self._check_size()
        for (row, column), (code, value) in self._numbers.items():
            cell = self.grid.at(row, column)
            year = self.shares.years[column]
            self.shares.figures.append(Figure(code, MEASURE, year, value * PER_CENT, UNIT, "", "", cell))
        return self.shares

    # The header

    def _read_header(self) -> bool:
        below = [(row, column) for row, column in sorted(self.grid.values) if row > self.title]
        corners = [place for place in below if fold(self.grid.text(*place)) == "country"]
        if not corners:
            self._fault(
                "the header is missing",
                expected="a row with 'Country', 'Notes' and the years",
                mend="Rows or columns may have been deleted; use SIPRI's own file.",
            )
            return False
        years = {place: self._years_right_of(place) for place in corners}
        self._header = max(years, key=lambda place: len(years[place]))
        self.shares.years = years[self._header]
        row, corner = self._header
        formulas = [place for place in sorted(self.grid.formulas) if place[0] == row and place[1] > corner]
        if formulas:
            self._formula_fault(formulas)
        if len(self.shares.years) < 2:
            if not formulas:
                self._fault(
                    "the header has no years",
                    self._header,
                    expected="years such as 1949, 1950 ... 2024 beside 'Country' and 'Notes'",
                    mend="Columns may have been moved; use SIPRI's own file.",
                )
            return False
        self._check_header(row, self.shares.years)
        self._check_span(row)
        return True

    def _years_right_of(self, corner: Place) -> dict[int, int]:
        row, first = corner
        years = {}
        for column, value in self.grid.rows[row].items():
            if column <= first or isinstance(value, bool) or (row, column) in self.grid.formulas:
                continue
            text = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value).strip()
            if _YEAR.fullmatch(text):
                years[column] = int(text)
        return years

    def _check_span(self, row: int) -> None:
        """Refuse a header that begins or ends with another year than the title says."""
        years = self.shares.years
        found = (min(years.values()), max(years.values()))
        if self.span and found != self.span:
            self._fault(
                "the years of the header are not those of the title",
                (row, min(years)),
                found=f"{found[0]} to {found[1]}",
                expected=f"{self.span[0]} to {self.span[1]}",
                mend="Columns may have been moved or deleted; use SIPRI's own file.",
            )

    # The rows

    def _read_row(self, row: int, label: int) -> None:
        if (row, label) in self.grid.formulas:
            self._formula_fault([(row, label)])
            return
        text = self.grid.text(row, label)
        if not text:
            return
        name = take_apart(text).name
        code = labels().sipri_code(name)
        if code is None:
            self._unknown[name] = (row, label)
            self.shares.others += self._filled(row)
        elif code in self._rows:
            self._fault(
                f"{labels().name(code)} stands twice",
                (row, label),
                found=f"rows {self._rows[code]} and {row}",
                expected="one row",
                mend="Delete the row that is not SIPRI's, or use SIPRI's own file.",
            )
        else:
            self._rows[code] = row
            self._read_figures(row, code)

    def _filled(self, row: int) -> bool:
        return any((row, column) in self.grid.values for column in self.shares.years)

    def _read_figures(self, row: int, code: str) -> None:
        columns = sorted(self.shares.years)
        formulas = [(row, column) for column in columns if (row, column) in self.grid.formulas]
        if formulas:
            self._formula_fault(formulas)
        empty: list[int] = []
        for column in columns:
            place = (row, column)
            value = self.grid.values.get(place)
            if value is None:
                empty.append(column)
            elif place not in self.grid.formulas:
                self._read_cell(place, value, code)
        self._check_empty(row, code, empty)
        if note := self.grid.values.get((row, self._notes_column())):
            self.shares.marks[code] = str(note).strip()

    def _read_cell(self, place: Place, value: object, code: str) -> None:
        text = "".join(value.split()).casefold() if isinstance(value, str) else None
        if text in _UNAVAILABLE:
            self.shares.unavailable += 1
        elif text == _NO_COUNTRY:
            self.shares.no_country += 1
        elif isinstance(value, bool) or not isinstance(value, int | float):
            self._no_number_fault(place, _EXPECTED)
        else:
            self._numbers[place] = (code, float(value))

    def _check_empty(self, row: int, code: str, empty: list[int]) -> None:
        """Refuse a hole in a series: where it has no figure, SIPRI says so."""
        columns = [column for at, column in self._numbers if at == row]
        holes = [column for column in empty if columns and column > columns[0]]
        self.shares.empty += len(empty) - len(holes)
        if holes:
            cells = ", ".join(f"{letters(column)}{row}" for column in holes)
            self._fault(
                f"{labels().name(code)} has empty cells behind its first figure",
                (row, holes[0]),
                found=f"nothing in {cells}",
                expected=_EXPECTED,
                mend="Figures may have been deleted or moved; use SIPRI's own file.",
            )

    def _notes_column(self) -> int:
        row, corner = self._header
        return next((c for c in self.grid.rows[row] if c > corner and fold(self.grid.text(row, c)) == "notes"), 0)

    # What must hold for the whole sheet

    def _check_outside(self) -> None:
        """Refuse figures that no year heads: the header has lost a year or was moved."""
        row, corner = self._header
        last = max(self.shares.years) + 1
        headed = {*self.shares.years, self._notes_column()}
        stray: dict[int, list[int]] = {}
        for ally_row in sorted(self._rows.values()):
            for column, value in self.grid.rows[ally_row].items():
                inside = corner < column <= last and column not in headed and (row, column) not in self.grid.formulas
                if inside and isinstance(value, int | float):
                    stray.setdefault(column, []).append(ally_row)
        for column, rows in sorted(stray.items()):
            self._fault(
                "figures stand in a column without a year",
                (rows[0], column),
                found=f"{len(rows)} figures of Allies in column {letters(column)}" if len(rows) > 1 else "a figure",
                expected=f"a year in {letters(column)}{row}",
                mend="Columns may have been moved; use SIPRI's own file.",
            )

    def _check_merged(self) -> None:
        top, label = self._header
        last = max(self.shares.years)
        bottom = max(row for row in self.grid.rows if self._filled(row) and self.grid.text(row, label))
        for area in self.grid.merged:
            first_row, first, last_row, final = area
            if last_row < top or first_row > bottom or final < label or first > last:
                continue
            if first_row == last_row and not self._filled(first_row):
                continue  # the name of a region stretched over its line hides no figure
            self._merged_fault(area)

    def _check_allies(self) -> None:
        with_figures = {code for code, _ in self._numbers.values()}
        due = [item.code for item in allies() if item.has_forces]
        for code in due:
            name = labels().name(code)
            if code not in self._rows:
                self._fault(
                    f"{name} has no row",
                    found=f"{sum(c in self._rows for c in due)} of {len(due)} Allies",
                    expected=f"a row named {name}",
                    mend=self._meant(code) or "The row may have been deleted or lost its name; use SIPRI's own file.",
                )
            elif code not in with_figures and not self._formulas_in(self._rows[code]):
                self._fault(
                    f"{name} has no figure in any year",
                    (self._rows[code], self._header[1]),
                    expected="the shares of GDP of an Ally with forces",
                )

    def _meant(self, code: str) -> str:
        """Return advice where a row that is no Ally's is named nearly like this one."""
        unknown = {fold(name): place for name, place in self._unknown.items()}
        for spelling in (name for name, known in labels().sipri_spellings().items() if known == code):
            if close := difflib.get_close_matches(fold(spelling), unknown, n=1, cutoff=0.8):
                place = unknown[close[0]]
                return f"Is it '{self.grid.text(*place)}' in {self.grid.at(*place)}? Mend the name there."
        return ""

    def _formulas_in(self, row: int) -> bool:
        return any((row, column) in self.grid.formulas for column in self.shares.years)

    def _check_size(self) -> None:
        """Refuse shares out of bounds; where most look like per cent, once instead of cell by cell."""
        if self._numbers and (middle := _median(self._numbers.values())) > LARGEST_MEDIAN:
            place, (_, value) = next(iter(self._numbers.items()))
            self._fault(
                "the shares look like per cent, not like fractions of GDP",
                place,
                found=f"{value:g} here, {middle:g} in the middle of all",
                expected="fractions as SIPRI writes them: 0.02 for 2 per cent",
                mend="Somebody has multiplied them by 100; use SIPRI's own file.",
            )
            return
        for place, (_, value) in self._numbers.items():
            if not 0 <= value <= LARGEST:
                self._fault("the share is impossible", place, f"{value:g}", _EXPECTED)


def _median(numbers: Iterable[tuple[str, float]]) -> float:
    return median(value for _, value in numbers)
