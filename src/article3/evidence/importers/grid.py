"""One sheet of a workbook as plain values, free of the library that read it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from article3.evidence.importers.guard import refuse

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

# NATO's tables end at row 97, column AT; SIPRI's at row 199, column BZ, and grow by a column a year. A format on a
# whole column must not make us walk a million rows.
MAX_ROW: Final = 400
MAX_COLUMN: Final = 120

ERROR_VALUES: Final = frozenset(
    {"#REF!", "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)

Place = tuple[int, int]
"""Row and column, from 1."""


@dataclass(frozen=True)
class Grid:
    """The values of a sheet.

    Parameters
    ----------
    name
        Name of the sheet.
    values
        Every cell that holds something, by row and column.
    formulas
        Cells that hold a formula instead of a value.
    merged
        Merged ranges: first row, first column, last row, last column.
    """

    name: str
    values: dict[Place, object]
    formulas: frozenset[Place] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()

    @cached_property
    def rows(self) -> dict[int, dict[int, object]]:
        """Values by row, then by column, both ascending."""
        rows: dict[int, dict[int, object]] = {}
        for (row, column), value in sorted(self.values.items(), key=lambda item: item[0]):
            rows.setdefault(row, {})[column] = value
        return rows

    def text(self, row: int, column: int) -> str:
        """Return the text of a cell; empty if it holds none, or a formula."""
        value = self.values.get((row, column))
        return value.strip() if isinstance(value, str) and (row, column) not in self.formulas else ""

    def at(self, row: int, column: int) -> str:
        """Return the address of a cell: ``TABLE3!N35``."""
        name = self.name if self.name.isascii() and self.name.isalnum() else f"'{self.name}'"
        return f"{name}!{letters(column)}{row}"

    def span(self, area: tuple[int, int, int, int]) -> str:
        """Return the address of a range: ``TABLE3!D8:E8``."""
        return f"{self.at(area[0], area[1])}:{letters(area[3])}{area[2]}"


def letters(column: int) -> str:
    """Return the letters of a column: ``AA`` for 27."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def read_grids(path: Path) -> list[Grid]:
    """Return the sheets of a workbook that has passed the guard.

    Links to other workbooks are not followed and formulas are kept as such: a stored result may be stale.

    Raises
    ------
    ImportFileError
        If the workbook is damaged.
    """
    import openpyxl  # noqa: PLC0415 - slow to import, and only wanted when a workbook is read

    # A handle instead of the path: the library would judge the file by the ending of its name.
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(file, data_only=False, keep_links=False)
            return [_grid(sheet) for sheet in book.worksheets]
        except Exception as error:  # whatever a damaged file makes the library raise
            raise refuse(
                "the workbook is damaged",
                path,
                found=f"{type(error).__name__}: {error}",
                mend="Download it again, or open it in a spreadsheet program and save it as .xlsx.",
            ) from error


def _grid(sheet: Worksheet) -> Grid:
    values: dict[Place, object] = {}
    formulas: set[Place] = set()
    height, width = min(sheet.max_row, MAX_ROW), min(sheet.max_column, MAX_COLUMN)
    for number, row in enumerate(sheet.iter_rows(1, height, 1, width), start=1):
        for column, cell in enumerate(row, start=1):
            value = cell.value
            if value is None or (isinstance(value, str) and not value.strip()):
                continue
            place = (number, column)
            values[place] = value
            if cell.data_type == "f" or (isinstance(value, str) and value.startswith("=")):
                formulas.add(place)
    merged = tuple((area.min_row, area.min_col, area.max_row, area.max_col) for area in sheet.merged_cells.ranges)
    return Grid(sheet.title, values, frozenset(formulas), tuple(sorted(merged)))
