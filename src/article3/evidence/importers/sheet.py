"""What the readers of sheets share: faults with their cells, and the rules for a header of years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from article3.errors import Fault
from article3.evidence.importers.grid import ERROR_VALUES, Grid, Place, letters


class SheetFaults:
    """Collects what is wrong with one sheet; every problem becomes a fault and reading goes on.

    Parameters
    ----------
    grid
        The sheet.
    file
        Name of the file, for messages.
    faults
        Where problems are put.
    producer
        Who published the file, for messages.
    """

    def __init__(self, grid: Grid, file: str, faults: list[Fault], producer: str) -> None:
        self.grid, self.file, self.faults, self.producer = grid, file, faults, producer

    def _at(self, place: Place | None) -> str:
        return f"{self.file}, {self.grid.at(*place) if place else f'sheet {self.grid.name}'}"

    def _fault(
        self,
        what: str,
        place: Place | None = None,
        found: str = "",
        expected: str = "",
        mend: str = "",
    ) -> None:
        mend = mend or f"Use {self.producer}'s own file."
        self.faults.append(Fault(what, where=self._at(place), found=found, expected=expected, mend=mend))

    def _no_number_fault(self, place: Place, expected: str) -> None:
        value = self.grid.values[place]
        text = str(value).strip()
        what = "an error value" if text.upper() in ERROR_VALUES else "text"
        kind = what if isinstance(value, str) else "a date or a truth value"
        self._fault(f"{kind} stands where a number should be", place, f"'{text[:60]}'", expected)

    def _formula_fault(self, places: Sequence[Place]) -> None:
        cells = ", ".join(f"{letters(column)}{row}" for row, column in places)
        value = self.grid.values[places[0]]
        shown = value if isinstance(value, str) else "an array formula"
        self._fault(
            f"{'a formula stands' if len(places) == 1 else 'formulas stand'} where a value should be",
            places[0],
            found=f"{shown[:60]}" + (f" (cells {cells})" if len(places) > 1 else ""),
            expected="values",
            mend=f"Use {self.producer}'s own file, or save the sheet as values (copy, paste special, values) "
            "and import again.",
        )

    def _merged_fault(self, area: tuple[int, int, int, int]) -> None:
        self.faults.append(
            Fault(
                "merged cells in the header or among the figures",
                where=f"{self.file}, {self.grid.span(area)}",
                expected="every figure in a cell of its own",
                mend=f"Unmerge the cells, or use {self.producer}'s own file.",
            )
        )

    def _check_header(self, row: int, years: Mapping[int, int]) -> None:
        """Refuse a header whose years are not one after the other, each once.

        Parameters
        ----------
        row
            The row of the header.
        years
            Year by column.
        """
        columns = sorted(years)
        for column, value in self.grid.rows[row].items():
            stray = columns[0] < column < columns[-1] and column not in years
            if stray and (row, column) not in self.grid.formulas:
                what = "the header holds something else than a year"
                self._fault(what, (row, column), f"'{value}'", "a year")
        first_at: dict[int, int] = {}
        for before, column in zip([0, *columns], columns, strict=False):
            year = years[column]
            if year in first_at:
                self._fault(
                    f"the year {year} stands twice in the header",
                    (row, column),
                    found=f"{letters(first_at[year])}{row} and {letters(column)}{row}",
                    expected="every year once",
                )
            elif before and year != years[before] + 1:
                self._fault(
                    "the years of the header are not consecutive",
                    (row, column),
                    found=f"{year} after {years[before]}",
                    expected=str(years[before] + 1),
                    mend=f"Columns may have been moved or deleted; use {self.producer}'s own file.",
                )
            first_at.setdefault(year, column)
