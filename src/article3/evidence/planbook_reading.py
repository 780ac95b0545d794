"""Reading a planning workbook that a user has edited: every fault at once, by sheet and cell."""

from __future__ import annotations

import math
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from article3.domain import force_element, pool
from article3.domain.allies import ally_spellings
from article3.domain.capabilities import capability_spellings
from article3.domain.pools import pool_spellings
from article3.errors import Article3Error, Fault, ImportFileError, UnknownNameError, unknown_name_fault
from article3.evidence.importers.grid import ERROR_VALUES, Grid, Place, letters
from article3.evidence.importers.guard import ZIP_MAGIC, check_workbook, head_of, refuse
from article3.evidence.planbook import DEFAULT, SHEETS, YOURS, Figure, Key, Line, Sheet, unit_of_sheet
from article3.evidence.planning import Overlay, laid_over
from article3.evidence.planning_checks import RANGE, falling_fault, share_fault

MAX_ROW: Final = 20_000
MAX_COLUMN: Final = 60
_MAX_FAULTS: Final = 200
_BACK: Final = "default"


@dataclass(frozen=True, slots=True)
class Edits:
    """What a workbook says.

    Parameters
    ----------
    overlays
        Figures written under ``yours``.
    back
        Table and key of rows where ``default`` was written: own figures to be given up.
    warnings
        What a reader must know, such as that the workbook is of another edition.
    """

    overlays: tuple[Overlay, ...]
    back: tuple[tuple[str, Key], ...]
    warnings: tuple[str, ...]

    def over(self, kept: Iterable[Overlay]) -> tuple[Overlay, ...]:
        """Return the own figures that hold once these edits are laid over those kept before."""
        return laid_over((item for item in kept if (item.table, item.key) not in self.back), self.overlays)


def is_planning_workbook(path: Path) -> bool:
    """Return whether a file looks like a planning workbook: at least two of its sheets are there.

    Raises
    ------
    ImportFileError
        The file is a workbook that must not be opened.
    """
    try:
        if not head_of(path, 4).startswith(ZIP_MAGIC):
            return False
    except OSError:
        return False  # whoever reads the file says why it cannot be read
    names = {name.strip().casefold() for name in check_workbook(path).sheets}
    return len(names & {sheet.name for sheet in SHEETS}) >= 2


def read_workbook(path: Path, held: Mapping[str, Sequence[Line]], kept: Sequence[Overlay] = ()) -> Edits:
    """Read what a user wrote into a planning workbook.

    Parameters
    ----------
    path
        The workbook.
    held
        Rows as they are held: :func:`held_lines`.
    kept
        Own figures kept before, over which these will lie.

    Raises
    ------
    ImportFileError
        Any fault, all of them at once, by sheet and cell.
    """
    check_workbook(path)
    grids = _grids(path)
    readers = []
    faults: list[Fault] = []
    for sheet in SHEETS:
        grid = grids.get(sheet.name)
        if grid is None:
            mend = "Start from a workbook written by 'article3 evidence export --workbook FILE'."
            faults.append(Fault(f"the sheet '{sheet.name}' is missing", path.name, mend=mend))
            continue
        mine = [item for item in kept if item.table == sheet.name]
        readers.append(_SheetReader(sheet, grid, path.name, held[sheet.name], mine))
    for reader in readers:
        reader.read()
        faults += reader.faults
    if faults:
        raise ImportFileError(faults[:_MAX_FAULTS])
    return Edits(
        tuple(item for reader in readers for item in reader.overlays),
        tuple((reader.sheet.name, key) for reader in readers for key in reader.back),
        tuple(warning for reader in readers for warning in reader.warnings()),
    )


def _grids(path: Path) -> dict[str, Grid]:
    """Return the workbook's sheets by name; stored results of formulas are not taken for values."""
    import openpyxl  # noqa: PLC0415 - slow to import, and only wanted when a workbook is read

    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(file, data_only=False, keep_links=False)
            return {sheet.title.strip().casefold(): _grid(sheet, path) for sheet in book.worksheets}
        except Article3Error:
            raise
        except Exception as error:  # whatever a damaged file makes the library raise
            found = f"{type(error).__name__}: {error}"
            mend = "Open it in a spreadsheet program and save it as .xlsx, or export it again."
            raise refuse("the workbook is damaged", path, found=found, mend=mend) from error


def _grid(sheet: Any, path: Path) -> Grid:
    if sheet.max_row > MAX_ROW:
        raise ImportFileError(
            Fault(
                "the sheet is longer than any planning table",
                f"{path.name}, sheet {sheet.title}",
                f"{sheet.max_row:,} rows",
                f"at most {MAX_ROW:,}",
                "Delete the empty rows below the table.",
            )
        )
    values: dict[Place, object] = {}
    formulas: set[Place] = set()
    for row, cells in enumerate(sheet.iter_rows(1, sheet.max_row, 1, min(sheet.max_column, MAX_COLUMN)), start=1):
        for column, cell in enumerate(cells, start=1):
            value = cell.value
            if value is None or (isinstance(value, str) and not value.strip()):
                continue
            values[row, column] = value
            if cell.data_type == "f" or (isinstance(value, str) and value.startswith("=")):
                formulas.add((row, column))
    merged = tuple((area.min_row, area.min_col, area.max_row, area.max_col) for area in sheet.merged_cells.ranges)
    return Grid(sheet.title, values, frozenset(formulas), tuple(sorted(merged)))


class _SheetReader:
    """Reads one sheet; every problem becomes a fault and reading goes on."""

    def __init__(self, sheet: Sheet, grid: Grid, file: str, held: Sequence[Line], kept: Sequence[Overlay]) -> None:
        self.sheet, self.grid, self.file = sheet, grid, file
        self.held = {line.key: line for line in held}
        self.kept = {item.key: item for item in kept}
        self.columns: dict[str, int] = {}
        self.overlays: list[Overlay] = []
        self.back: list[Key] = []
        self.faults: list[Fault] = []
        self.rows: dict[Key, int] = {}
        self.differing: list[int] = []

    def at(self, row: int, column: str) -> str:
        """Return the address of a cell."""
        return f"{self.file}, {self.grid.name}!{letters(self.columns[column])}{row}"

    def fault(self, what: str, row: int, column: str, found: object = "", expected: str = "", mend: str = "") -> None:
        """Note a problem with a cell."""
        self.faults.append(Fault(what, self.at(row, column), str(found)[:60], expected, mend))

    def cell(self, row: int, column: str) -> object:
        """Return what stands in a cell; None for an empty one."""
        return self.grid.values.get((row, self.columns[column]))

    def read(self) -> None:
        """Read every row below the header."""
        if not self.header():
            return
        for row in self.grid.rows:
            if row > 1:
                self.row(row)
        if self.sheet.cumulative and not self.faults:
            self.faults += self.falling()

    def header(self) -> bool:
        """Find the columns by their names in the first row; note those that are missing."""
        names = {str(value).strip().casefold(): column for column, value in self.grid.rows.get(1, {}).items()}
        wanted = (*self.sheet.keys, *DEFAULT, *YOURS, "unit", "source", "note")
        missing = [name for name in wanted if name not in names]
        for name in missing:
            mend = "Columns may stand in any order; their names in the first row may not change."
            self.faults.append(
                Fault(f"the column '{name}' is missing", f"{self.file}, {self.grid.name}!1:1", mend=mend)
            )
        for area in self.grid.merged:
            if area[2] > 1 and any(area[1] <= names.get(name, 0) <= area[3] for name in wanted):
                place = f"{self.file}, {self.grid.span(area)}"
                self.faults.append(Fault("merged cells", place, mend="Unmerge them: every figure has its own cell."))
        self.columns = {name: names[name] for name in wanted if name in names}
        return not missing

    def row(self, row: int) -> None:
        """Read one row: what is under ``yours``, or whether its default is still the one that is held."""
        given = {name: self.cell(row, name) for name in YOURS if self.cell(row, name) is not None}
        if not given:
            self.compare(row)
            return
        before = len(self.faults)
        for name in (*self.sheet.keys, *YOURS, "unit"):
            if (row, self.columns[name]) in self.grid.formulas:
                mend = "Save the cell as a value (copy, paste special, values)."
                self.fault("a formula stands where a value should be", row, name, self.cell(row, name), mend=mend)
        if len(self.faults) > before:
            return
        key = self.key(row)
        if key is not None and key in self.rows:
            self.fault(f"the row stands twice ({', '.join(key)})", row, self.sheet.keys[0], f"row {self.rows[key]} too")
        if key is not None:
            self.rows.setdefault(key, row)
            self.compare(row)
        if str(given.get(YOURS[1])).strip().casefold() == _BACK:
            self.back += [key] if key else []
            return
        figure = self.figure(row, given)
        unit = self.unit(row, key) if key is not None else None
        if key is not None and figure is not None and unit is not None and len(self.faults) == before:
            self.overlays.append(self.overlay(row, key, figure, unit))

    def overlay(self, row: int, key: Key, figure: Figure, unit: str) -> Overlay:
        """Return the row as an own figure; a source or note left as it was is that of the default, not of this."""
        line = self.held.get(key)
        source, note = self.words(row, "source"), self.words(row, "note")
        if line:
            source = "" if source == _squeezed(line.source) else source
            note = "" if note == _squeezed(line.note) else note
        return Overlay(self.sheet.name, key, *figure, unit, source or "yours", note, self.at(row, YOURS[1]))

    def words(self, row: int, column: str) -> str:
        """Return the text of a cell on one line."""
        value = self.cell(row, column)
        return "" if value is None else _squeezed(str(value))

    def key(self, row: int) -> Key | None:
        """Return the names that identify the row; None where one is not known."""
        names: list[str] = []
        for column in self.sheet.keys:
            text = self.words(row, column)[:80]
            try:
                names.append(_KNOWN[column](text) if text else "")
            except UnknownNameError as error:
                fault = error.faults[0]
                self.fault(fault.what, row, column, mend=fault.mend)
                continue
            if not text:
                self.fault(f"'{column}' is empty", row, column, mend="It says what the figure is about.")
        if len(names) < len(self.sheet.keys) or "" in names:
            return None
        key = tuple(names)
        if key not in self.held and key not in self.kept and not self.sheet.grows:
            self.unknown(row, key)
            return None
        return key

    def unknown(self, row: int, key: Key) -> None:
        """Note a row that is not there to be replaced."""
        first = self.sheet.keys[0]
        if self.sheet.name != "requirements":
            self.fault(f"{self.sheet.name} have no row {', '.join(key)} to replace", row, first)
            return
        known = tuple(dict.fromkeys(line.key[0] for line in self.held.values()))
        if key[0] not in known:
            fault = unknown_name_fault("contingency", key[0], known)
            self.fault(fault.what, row, first, mend=fault.mend)
        else:
            mend = "Add it to a contingency file of your own and name that in the scenario."
            self.fault(f"{key[0]} requires no {key[1]} at {key[2]} days", row, self.sheet.keys[2], mend=mend)

    def figure(self, row: int, given: Mapping[str, object]) -> Figure | None:
        """Return low, central and high; a central figure alone stands for all three."""
        read = {name: self.number(row, name, value) for name, value in given.items()}
        if None in read.values():
            return None
        central = read.get(YOURS[1])
        if central is None:
            self.fault("the central figure is missing", row, YOURS[1], mend="Low and high alone do not say it.")
            return None
        low, high = read.get(YOURS[0]), read.get(YOURS[2])
        figure = (central if low is None else low, central, central if high is None else high)
        for lower, upper in pairwise(range(3)):
            if figure[lower] > figure[upper]:
                found = f"{figure[lower]:g} and {figure[upper]:g}"
                self.fault(f"{RANGE[lower]} is above {RANGE[upper]}", row, YOURS[lower], found)
                return None
        if self.sheet.name == "costs" and central == 0:
            mend = "What costs nothing would be bought without end."
            self.fault("central is zero", row, YOURS[1], mend=mend)
        return figure

    def number(self, row: int, column: str, value: object) -> float | None:
        """Return a number that is not negative and, for a share, not above 1."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            kind = "an error value" if str(value).strip().upper() in ERROR_VALUES else "text"
            kind = kind if isinstance(value, str) else "a date or a truth value"
            mend = f"Write a number, or '{_BACK}' to go back to the default."
            self.fault(f"{kind} stands where a number should be", row, column, f"'{str(value).strip()}'", mend=mend)
            return None
        if not math.isfinite(value) or value < 0:
            self.fault("the number is negative or not finite", row, column, f"{value:g}", mend="Check the sign.")
            return None
        if self.sheet.share and value > 1:
            self.faults.append(share_fault(column, float(value), self.at(row, column)))
            return None
        return float(value)

    def unit(self, row: int, key: Key) -> str | None:
        """Return the unit, which must be the one that is held."""
        line = self.held.get(key)
        wanted = line.unit if line else unit_of_sheet(self.sheet.name, key[1])
        found = self.words(row, "unit")
        if found.casefold() == wanted.casefold():
            return wanted
        mend = "A figure without its unit has no meaning; give it in the unit of the table."
        what = "the unit is not that of the table" if found else "the unit is missing"
        self.fault(what, row, "unit", f"'{found}'" if found else "", f"'{wanted}'", mend)
        return None

    def compare(self, row: int) -> None:
        """Note a default that is not, or no longer, the one that is held."""
        try:
            key = tuple(_KNOWN[column](self.words(row, column)) for column in self.sheet.keys)
        except UnknownNameError:
            return
        shown = [self.cell(row, name) for name in DEFAULT]
        line = self.held.get(key)
        if line is None:
            same = not any(value is not None for value in shown)
        else:
            same = all(
                isinstance(value, int | float) and math.isclose(value, held, rel_tol=1e-9, abs_tol=1e-12)
                for value, held in zip(shown, line.figure, strict=True)
            )
        if not same:
            self.differing.append(row)

    def falling(self) -> Iterator[Fault]:
        """Yield series that fall with the window once everything is laid over everything else."""
        figures = {line.key: line.figure for line in self.held.values()}
        figures |= {item.key: (item.low, item.central, item.high) for item in self.kept.values()}
        figures |= {key: self.held[key].figure for key in self.back if key in self.held}
        figures |= {item.key: (item.low, item.central, item.high) for item in self.overlays}
        series: dict[Key, list[Key]] = defaultdict(list)
        for key in figures:
            series[key[:-1]].append(key)
        for name, keys in series.items():
            for earlier, later in pairwise(sorted(keys, key=lambda key: int(key[-1]))):
                touched = [key for key in (later, earlier) if key in self.rows]
                falls = [place for place in range(3) if figures[later][place] < figures[earlier][place]]
                if touched and falls:
                    yield falling_fault(
                        f"{self.sheet.name} of {', '.join(name)}",
                        (earlier[-1], later[-1]),
                        ", ".join(RANGE[place] for place in falls),
                        [(figures[earlier][place], figures[later][place]) for place in falls],
                        self.at(self.rows[touched[0]], YOURS[1 if 1 in falls else falls[0]]),
                    )

    def warnings(self) -> Iterator[str]:
        """Yield what is to be said of the sheet as a whole."""
        if self.differing:
            count = len(self.differing)
            yield (
                f"{self.at(self.differing[0], DEFAULT[1])}: "
                f"{'1 default figure is' if count == 1 else f'{count} default figures are'} not what is held. The "
                "workbook is of another edition, or a figure was written into the wrong column: only what stands "
                "under 'yours' counts."
            )


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _holder(text: str) -> str:
    found = ally_spellings().find(text)
    if found:
        return found.code
    if pool_spellings().find(text):
        return pool(text).code
    known = ally_spellings().known_for(text)
    raise UnknownNameError("Ally or pool", text, known if len(known) == 1 else known | pool_spellings().known)


def _capability(text: str) -> str:
    return capability_spellings().get(text).id


def _window(text: str) -> str:
    if text not in ("10", "30", "180"):
        raise UnknownNameError("readiness window", text, ("10", "30", "180"))
    return text


_KNOWN: Final = {
    "holder": _holder,
    "element": lambda text: force_element(text).id,
    "capability": _capability,
    "contingency": lambda text: text.strip().casefold().replace(" ", "_"),
    "window_days": _window,
}
"""How a name in a cell is understood, by column."""
