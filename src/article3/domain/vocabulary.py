"""Reads the vocabulary: CSV tables inside the package, checked against ``columns.csv``.

``columns.csv`` says of every column of every table what it means, how its cells are written, which values are
allowed and which columns form the key. The same file feeds this reader, the tests and the documentation, so
that the three cannot drift apart.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from article3.errors import Fault, InputError, UnknownNameError

_FOLDER: Final = Path(__file__).with_name("data")
_HEADER: Final = ("table", "column", "type", "key", "required", "allowed", "refers_to", "unit", "description")


@dataclass(frozen=True, slots=True)
class Column:
    """What one column of the vocabulary means and how its cells are written.

    Parameters
    ----------
    table, column
        Table (file name without its ending) and name of the column.
    type
        ``text``, ``id``, ``code``, ``day``, ``partial_day``, ``year``, ``number``, ``flag`` or ``list``.
    key
        Whether the column belongs to those that together name a row.
    required
        Whether a cell may not be empty.
    allowed
        The only values there are; empty where any will do.
    refers_to
        Table whose key the values must be; empty where there is none.
    unit
        Unit of a number; empty where there is none.
    description
        What the column says.
    """

    table: str
    column: str
    type: str
    key: bool
    required: bool
    allowed: tuple[str, ...]
    refers_to: str
    unit: str
    description: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a vocabulary table, with its place for error messages.

    Parameters
    ----------
    cells
        Text of every cell by column.
    where
        File and line.
    """

    cells: dict[str, str]
    where: str

    def text(self, column: str) -> str:
        """Return a cell as it is written."""
        return self.cells[column]

    def items(self, column: str) -> tuple[str, ...]:
        """Return the entries of a list cell; none for an empty cell."""
        return _items(self.cells[column])

    def flag(self, column: str) -> bool:
        """Return a flag cell."""
        return self.cells[column] == "true"

    def day(self, column: str) -> date:
        """Return a required day cell."""
        return date.fromisoformat(self.cells[column])

    def day_or_none(self, column: str) -> date | None:
        """Return a day cell, None where it is empty."""
        return self.day(column) if self.cells[column] else None

    def year(self, column: str) -> int:
        """Return a required year cell."""
        return int(self.cells[column])

    def year_or_none(self, column: str) -> int | None:
        """Return a year cell, None where it is empty."""
        return self.year(column) if self.cells[column] else None

    def number(self, column: str) -> float:
        """Return a required number cell, in the unit its column states."""
        return float(self.cells[column])

    def number_or_none(self, column: str) -> float | None:
        """Return a number cell, None where it is empty."""
        return self.number(column) if self.cells[column] else None


def tables() -> tuple[str, ...]:
    """Return the names of the vocabulary tables, in the order in which they are described."""
    return tuple(dict.fromkeys(column.table for column in _all_columns()))


def columns(table: str) -> tuple[Column, ...]:
    """Return the columns of a vocabulary table, in the order of the file.

    Parameters
    ----------
    table
        Name of the table, such as ``"allies"``.

    Raises
    ------
    UnknownNameError
        There is no such table.
    """
    found = tuple(column for column in _all_columns() if column.table == table)
    if not found:
        raise UnknownNameError("vocabulary table", table, tables())
    return found


@cache
def rows(table: str) -> tuple[Row, ...]:
    """Return the rows of a vocabulary table, read once.

    Parameters
    ----------
    table
        Name of the table, such as ``"allies"``.

    Raises
    ------
    UnknownNameError
        There is no such table.
    InputError
        The file breaks the rules of ``columns.csv``; carries every fault found.
    """
    described = columns(table)
    return parse(_read(table), described, f"{table}.csv")


def parse(text: str, described: Sequence[Column], file: str) -> tuple[Row, ...]:
    """Return the rows of a CSV text that keeps the rules of its columns.

    Parameters
    ----------
    text
        The whole file, header first.
    described
        The columns it must have, in this order.
    file
        Name of the file, for error messages.

    Raises
    ------
    InputError
        A header or cell breaks a rule, or two rows share a key; carries every fault found.
    """
    lines = list(csv.reader(io.StringIO(text, newline="")))
    header = [column.column for column in described]
    if not lines or lines[0] != header:
        found = ",".join(lines[0]) if lines else "an empty file"
        raise InputError(Fault("wrong columns", where=f"{file}:1", found=found, expected=",".join(header)))
    faults: list[Fault] = []
    read: list[Row] = []
    # A quoted cell may not hold a line break here, so that the number of a record is the number of its line.
    for number, cells in enumerate(lines[1:], start=2):
        where = f"{file}:{number}"
        if len(cells) != len(header):
            faults.append(Fault("wrong number of cells", where, str(len(cells)), str(len(header))))
            continue
        row = Row(dict(zip(header, cells, strict=True)), where)
        faults.extend(_cell_faults(row, described))
        read.append(row)
    faults.extend(_key_faults(read, described))
    if faults:
        raise InputError(faults)
    return tuple(read)


def _cell_faults(row: Row, described: Sequence[Column]) -> Iterator[Fault]:
    """Yield every cell of a row that breaks the rule of its column."""
    for column in described:
        cell = row.text(column.column)
        if cell == "":
            if column.required:
                yield Fault(f"{column.column} is empty", row.where, mend="It must be filled in.")
            continue
        well_formed, expected = _TYPES[column.type]
        if "\n" in cell or cell != cell.strip() or not well_formed(cell):
            yield Fault(f"{column.column} is not a {column.type}", row.where, cell, expected)
            continue
        values = _items(cell) if column.type == "list" else (cell,)
        for value in values:
            if column.allowed and value not in column.allowed:
                yield Fault(f"{column.column} is not known", row.where, value, " or ".join(column.allowed))


def _key_faults(read: Sequence[Row], described: Sequence[Column]) -> Iterator[Fault]:
    """Yield every row that repeats the key of an earlier one."""
    key = [column.column for column in described if column.key]
    first: dict[tuple[str, ...], Row] = {}
    for row in read:
        values = tuple(row.text(column) for column in key)
        earlier = first.setdefault(values, row)
        if earlier is not row:
            named = ", ".join(value for value in values if value)
            yield Fault(f"the same {' and '.join(key)} twice", row.where, named, f"other than {earlier.where}")


def read_columns(text: str) -> tuple[Column, ...]:
    """Return the columns that the text of a ``columns.csv`` describes."""
    return tuple(
        Column(
            table=line["table"],
            column=line["column"],
            type=line["type"],
            key=line["key"] == "true",
            required=line["required"] == "true",
            allowed=_items(line["allowed"]),
            refers_to=line["refers_to"],
            unit=line["unit"],
            description=line["description"],
        )
        for line in csv.DictReader(io.StringIO(text, newline=""))
    )


@cache
def _all_columns() -> tuple[Column, ...]:
    """Read ``columns.csv``, which describes itself as well."""
    described = read_columns(_read("columns"))
    own = tuple(column for column in described if column.table == "columns")
    if tuple(column.column for column in own) != _HEADER:
        raise InputError(Fault("columns.csv does not describe itself", "columns.csv", expected=",".join(_HEADER)))
    parse(_read("columns"), own, "columns.csv")
    return described


def _read(table: str) -> str:
    return (_FOLDER / f"{table}.csv").read_text(encoding="utf-8")


def _items(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(";")) if cell else ()


def _is_day(cell: str) -> bool:
    # date.fromisoformat alone also takes 20240101 and 2024-W01-1.
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        return False
    try:
        date.fromisoformat(cell)
    except ValueError:
        return False
    return True


def _is_partial_day(cell: str) -> bool:
    missing = {4: "-01-01", 7: "-01"}.get(len(cell), "")
    return _is_day(cell + missing)


def _is_list(cell: str) -> bool:
    items = _items(cell)
    return all(item and item == item.strip() for item in items) and len(set(items)) == len(items)


_TYPES: Final[dict[str, tuple[Callable[[str], bool], str]]] = {
    "text": (lambda _: True, "text"),
    "id": (
        lambda cell: re.fullmatch(r"[a-z][a-z0-9_]*", cell) is not None,
        "lower-case letters, digits and _",
    ),
    "code": (lambda cell: re.fullmatch(r"[A-Z]{3}", cell) is not None, "three capital letters"),
    "day": (_is_day, "YYYY-MM-DD"),
    "partial_day": (_is_partial_day, "YYYY-MM-DD, YYYY-MM or YYYY"),
    "year": (lambda cell: re.fullmatch(r"(19|20)\d\d", cell) is not None, "a year"),
    "number": (lambda cell: re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None, "a decimal number"),
    "flag": (lambda cell: cell in {"true", "false"}, "true or false"),
    "list": (_is_list, "entries separated by semicolons, none empty, none twice"),
}
"""How the cells of each type are written: the test, and what to say where it fails."""
