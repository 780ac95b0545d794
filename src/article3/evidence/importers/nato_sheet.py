"""Read one sheet of NATO's workbook by what stands in it, never by row or column numbers."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import Final

from article3.errors import Fault, unknown_name_fault
from article3.evidence.importers.extract import Figure
from article3.evidence.importers.grid import Grid, Place, letters
from article3.evidence.importers.labels import fold, labels, take_apart
from article3.evidence.importers.nato_tables import BOUNDS, CONSTANT, Block, Table, price_year
from article3.evidence.importers.sheet import SheetFaults

_YEAR: Final = re.compile(r"((?:19|20)\d\d)\s*([ef])?", re.IGNORECASE)
_STATUS: Final = {"": "actual", "e": "estimate", "f": "forecast"}
_MISSING: Final = frozenset({"", "-", "–", "—", "..", "...", "…"})


@dataclass(frozen=True, slots=True)
class Base:
    """A year of constant prices and the cell that names it."""

    year: str
    cell: str


@dataclass(slots=True)
class Part:
    """What one sheet gave: its figures, and what must agree with the other sheets."""

    grid: Grid
    table: Table
    figures: list[Figure] = field(default_factory=list)
    years: dict[int, tuple[int, str]] = field(default_factory=dict)
    header_row: int = 0
    bases: list[Base] = field(default_factory=list)
    seen: dict[str, dict[str, int]] = field(default_factory=dict)
    skipped_rows: list[int] = field(default_factory=list)
    missing: int = 0


class SheetReader(SheetFaults):
    """Reads one sheet; every problem becomes a fault and reading goes on.

    Parameters
    ----------
    grid
        The sheet.
    table
        The table it should hold.
    title_row
        Row of its title.
    file
        Name of the file, for messages.
    faults
        Where problems are put.
    """

    def __init__(self, grid: Grid, table: Table, title_row: int, file: str, faults: list[Fault]) -> None:
        super().__init__(grid, file, faults, "NATO")
        self.table, self.title_row = table, title_row
        self.part = Part(grid, table)
        self._block: Block | None = table.blocks[0] if table.blocks[0].heading is None else None
        self._base: dict[str, str] = {}
        self._heading_rows: set[int] = set()
        self._stray: tuple[str, str] | None = None
        if self._block is not None:
            self.part.seen[self._block.measure] = {}

    def read(self) -> Part:
        """Return what the sheet holds; faults are in the list given."""
        body = [row for row in self.grid.rows if self._is_body(row)]
        if not any(self._ally_in(row) for row in body):
            self._fault("the sheet has no rows of Allies", expected="rows named Albania, Belgium ...")
            self.part.seen.clear()
            return self.part
        self._read_unit(body[0])
        if not self._read_header(body[0]):
            return self.part
        last = max(row for row in body if self._ally_in(row))
        for row in (row for row in self.grid.rows if self.part.header_row < row):
            self._read_row(row, last)
        self._check_merged(last)
        for block in self.table.blocks:
            if block.measure not in self.part.seen:
                self._fault("a block of rows is missing", expected=f"the heading '{block.reads}'")
        return self.part

    # What stands where

    def _is_body(self, row: int) -> bool:
        if row <= self.title_row:
            return False
        return self._ally_in(row) or any(self._heading(self.grid.text(row, column)) for column in self.grid.rows[row])

    def _ally_in(self, row: int) -> bool:
        return any(
            labels().code(take_apart(text).name)
            for column in self.grid.rows[row]
            if (text := self.grid.text(row, column))
        )

    def _heading(self, text: str) -> tuple[Block, str] | None:
        """Return the block a heading opens and the price base it names."""
        for block in self.table.blocks:
            if block.heading is not None and (match := block.heading.search(text)):
                return block, price_year(match)
        return None

    def _read_unit(self, first_body: int) -> None:
        lines: list[tuple[Place, str]] = [
            ((row, column), text)
            for row in self.grid.rows
            if self.title_row < row < first_body
            for column in self.grid.rows[row]
            if (text := self.grid.text(row, column)) and not _YEAR.fullmatch(text)
        ]
        for place, text in lines:
            if match := self.table.unit.search(text):
                if year := price_year(match):
                    self.part.bases.append(Base(year, self.grid.at(*place)))
                return
        self._fault(
            "the line of units is missing or differs",
            found=", ".join(f"'{text}' ({letters(col)}{row})" for (row, col), text in lines) or "nothing",
            expected=f"'{self.table.unit_reads}'",
            mend="The figures would be read in the wrong unit; use NATO's own file.",
        )

    # The header of years

    def _read_header(self, first_body: int) -> bool:
        above = [row for row in self.grid.rows if self.title_row < row < first_body]
        formulas = [place for place in sorted(self.grid.formulas) if self.title_row < place[0] < first_body]
        if formulas:
            self._formula_fault(formulas)
        found = {row: years for row in above if (years := self._years_in(row))}
        best = max(found, key=lambda row: len(found[row]), default=0)
        if len(found.get(best, {})) < 2:
            if not formulas:
                self._fault(
                    "the header row of years is missing",
                    expected="years such as 2014, 2015 ... 2024e between the title and the first rows",
                    mend="Columns may have been moved or rows deleted; use NATO's own file.",
                )
            return False
        self.part.header_row, self.part.years = best, found[best]
        self._check_header(best, {column: year for column, (year, _) in found[best].items()})
        return True

    def _years_in(self, row: int) -> dict[int, tuple[int, str]]:
        years = {}
        for column, value in self.grid.rows[row].items():
            if isinstance(value, bool) or (row, column) in self.grid.formulas:
                continue
            text = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value).strip()
            if match := _YEAR.fullmatch(text):
                years[column] = (int(match[1]), _STATUS[(match[2] or "").lower()])
        return years

    # The rows

    def _label(self, row: int) -> tuple[int, str]:
        """Return column and text of the label: the text nearest to the figures, on their left."""
        first = min(self.part.years)
        for column in sorted((c for c in self.grid.rows[row] if c < first), reverse=True):
            if text := self.grid.text(row, column):
                return column, text
            if (row, column) in self.grid.formulas:
                return column, "="
        return 0, ""

    def _read_row(self, row: int, last: int) -> None:
        column, text = self._label(row)
        filled = [c for c in self.part.years if (row, c) in self.grid.values]
        if not text:
            if filled:
                self.part.skipped_rows.append(row)
            return
        if text == "=":
            self._formula_fault([(row, column)])
            return
        label = take_apart(text)
        code = labels().code(label.name)
        heading = None if filled else self._heading(text)
        if code:
            self._read_figures(row, column, code, label.currency)
        elif heading and row < last:
            self._open(row, column, *heading)
        elif filled or (row < last and self._like_an_ally(label.name)):
            self.faults.append(unknown_name_fault("Ally", label.name, labels().spellings(), self._at((row, column))))
        elif row < last:
            self._block, self._stray = None, (text, self._at((row, column)))
            self._heading_rows.add(row)

    def _like_an_ally(self, name: str) -> bool:
        known = [fold(spelling) for spelling in labels().spellings()]
        return bool(difflib.get_close_matches(fold(name), known, n=1, cutoff=0.8))

    def _open(self, row: int, column: int, block: Block, year: str) -> None:
        self._heading_rows.add(row)
        if block.measure in self.part.seen:
            heading = self.grid.text(row, column)
            self._fault("a block of rows stands twice", (row, column), f"'{heading}'", "one such heading")
        self.part.seen.setdefault(block.measure, {})
        self._block, self._stray = block, None
        if year:
            self._base[block.measure] = year
            self.part.bases.append(Base(year, self.grid.at(row, column)))

    def _read_figures(self, row: int, column: int, code: str, currency: str) -> None:
        self._check_outside(row, column)
        if self._block is None:
            self._rows_without_block(row, column)
            return
        block = self._block
        rows = self.part.seen[block.measure]
        if code in rows:
            self._fault(
                f"{labels().name(code)} stands twice in the block '{block.reads}'",
                (row, column),
                found=f"rows {rows[code]} and {row}",
                expected="one row",
                mend="Delete the row that is not NATO's, or use NATO's own file.",
            )
            return
        rows[code] = row
        unit = self._unit(block, row, column, code, currency)
        base = self._price_base(block)
        formulas = [(row, c) for c in self.part.years if (row, c) in self.grid.formulas]
        if formulas:
            self._formula_fault(formulas)
        for year_column, (year, status) in self.part.years.items():
            value = self._number(row, year_column, block)
            if value is not None:
                cell = self.grid.at(row, year_column)
                self.part.figures.append(Figure(code, block.measure, year, value, unit, base, status, cell))

    def _rows_without_block(self, row: int, column: int) -> None:
        if self._stray is None:
            self._stray = ("", self._at((row, column)))
        heading, where = self._stray
        expected = " or ".join(f"'{b.reads}'" for b in self.table.blocks if b.measure not in self.part.seen)
        fault = Fault(
            "rows of Allies stand under a heading that is not known",
            where=where,
            found=f"'{heading}'" if heading else "no heading",
            expected=expected or "no further block",
            mend="Use NATO's own file; if NATO changed the heading, report it.",
        )
        if fault not in self.faults:
            self.faults.append(fault)

    def _unit(self, block: Block, row: int, column: int, code: str, currency: str) -> str:
        if "{currency}" not in block.unit:
            return block.unit
        iso = labels().currency(code, currency) if currency else None
        if iso is None:
            known = ", ".join(sorted({word for ally, word in labels().currencies if ally in (code, "")}))
            self._fault(
                f"the currency of {labels().name(code)} is {'not known' if currency else 'missing'}",
                (row, column),
                found=f"'{currency}'" if currency else "no currency in parentheses",
                expected=known,
                mend="Use NATO's own file; if NATO changed the currency, report it.",
            )
        return block.unit.format(currency=iso)

    def _price_base(self, block: Block) -> str:
        if block.price_base != CONSTANT:
            return block.price_base
        named = self._base.get(block.measure)
        return named or (self.part.bases[0].year if self.part.bases else "")

    def _number(self, row: int, column: int, block: Block) -> float | None:
        value = self.grid.values.get((row, column))
        if (row, column) in self.grid.formulas:
            return None
        if value is None or (isinstance(value, str) and value.strip() in _MISSING):
            self.part.missing += 1
            return None
        low, high, expected = BOUNDS[block.kind]
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._no_number_fault((row, column), f"{expected}, or '..' or nothing where there is no figure")
            return None
        if not low <= value <= high:
            what = "the figure is impossible"
            self._fault(what, (row, column), f"{value:g}", expected)
            return None
        return float(value)

    # What should not be there

    def _check_outside(self, row: int, label_column: int) -> None:
        """Refuse a figure that no year heads: the header has lost a year or a column was moved."""
        columns = sorted(self.part.years)
        for column, value in self.grid.rows[row].items():
            inside = label_column < column <= columns[-1] + 1 and column not in self.part.years
            if inside and isinstance(value, int | float):
                self._fault(
                    "a figure stands in a column without a year",
                    (row, column),
                    found=f"{value:g}",
                    expected=f"a year in {letters(column)}{self.part.header_row}",
                    mend="Columns may have been moved; use NATO's own file.",
                )

    def _check_merged(self, last: int) -> None:
        columns = sorted(self.part.years)
        left = min(self._left(row) for row in self.grid.rows if self.part.header_row < row <= last)
        for area in self.grid.merged:
            top, first, bottom, final = area
            if bottom < self.part.header_row or top > last or final < left or first > columns[-1]:
                continue
            if top == bottom and top in self._heading_rows:
                continue  # a heading stretched over its block hides no figure
            self._merged_fault(area)

    def _left(self, row: int) -> int:
        return self._label(row)[0] or min(self.part.years)
