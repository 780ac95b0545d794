"""The planning tables: who holds what, how much of it can be used, what it gives and what it costs.

``forces/columns.csv`` says of every column of every table what it means and how its cells are written. Counts that
stand under terms of their own (GlobalFirepower) lie in a folder of their own, ``forces_gfp``, which may be deleted:
the program then runs and says what it can no longer answer. Over the tables lie the user's own figures: those kept in
the user's evidence folder, and those of a workbook that one scenario names.
"""

from __future__ import annotations

import csv
import functools
import hashlib
import io
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import polars as pl

from article3.domain import Column, force_element, force_elements
from article3.domain.vocabulary import Row, parse, read_columns
from article3.errors import EvidenceError, Fault, InputError, UnknownNameError
from article3.evidence import atomic
from article3.evidence.longtable import decode
from article3.evidence.planning_checks import Rows, faults_of, given_by
from article3.evidence.releases import read_rows
from article3.evidence.store import SHIPPED, user_folder

FORCES: Final = "forces"
SEPARABLE: Final = "forces_gfp"
OWN: Final = "planning/own.csv"
"""Where the user's own planning figures are kept inside an evidence folder."""

_SCHEMA: Final = SHIPPED / FORCES / "columns.csv"
_TEXT: Final = pl.String()
_KINDS: Final = {"number": pl.Float64(), "window": pl.Int32()}
_MAX_FAULTS: Final = 200


@dataclass(frozen=True, slots=True)
class Overlay:
    """One figure of the user's own, laid over the planning tables.

    Parameters
    ----------
    table
        ``holdings``, ``availability``, ``costs`` or ``requirements``.
    key
        Names that identify the row: holder and element; element and window; element; contingency, capability and
        window.
    low, central, high
        The figure.
    unit
        Its unit; refused where the table has another.
    source, note
        Where the user has it from (``yours`` where nothing is said), and a remark.
    where
        Sheet and cell, or file and line.
    """

    table: str
    key: tuple[str, ...]
    low: float
    central: float
    high: float
    unit: str
    source: str = "yours"
    note: str = ""
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Planning:
    """The planning tables, checked, with the user's own figures laid over them.

    Parameters
    ----------
    folders
        Evidence folders they were read from.
    overlays
        The user's own figures, kept ones first.
    sources
        Standing of every source that is held, by identifier.
    givers
        Who holds something that gives a capability, by capability.
    missing
        What can no longer be answered because a separable part is not there; empty where all is there.
    """

    folders: tuple[Path, ...]
    overlays: tuple[Overlay, ...]
    sources: Mapping[str, str] = field(repr=False)
    givers: Mapping[str, frozenset[str]] = field(repr=False)
    missing: str
    _tables: Mapping[str, pl.DataFrame] = field(repr=False)

    def table(self, name: str) -> pl.DataFrame:
        """Return a planning table: the columns and the order of its file.

        Numbers are ``Float64``, ``window_days`` is ``Int32``, everything else is text; an empty number is null.

        Raises
        ------
        UnknownNameError
            There is no such table.
        """
        if name not in self._tables:
            raise UnknownNameError("planning table", name, tuple(self._tables))
        return self._tables[name]

    def columns(self, name: str) -> tuple[Column, ...]:
        """Return what the columns of a table mean.

        Raises
        ------
        UnknownNameError
            There is no such table.
        """
        return planning_columns(name)

    def digest(self) -> str:
        """Return the SHA-256 of all tables and of the user's own requirements: same digest, same figures."""
        total = hashlib.sha256()
        for name, frame in self._tables.items():
            total.update(name.encode() + b"\0" + frame.write_csv().encode())
        total.update(write_overlays(self.requirements))
        return total.hexdigest()

    @property
    def requirements(self) -> tuple[Overlay, ...]:
        """The user's own requirements, which scenarios lay over their contingencies."""
        return tuple(item for item in self.overlays if item.table == "requirements")


def planning_tables() -> tuple[str, ...]:
    """Return the names of the planning tables, in the order in which they are described."""
    return tuple(_described())


def planning_columns(name: str) -> tuple[Column, ...]:
    """Return what the columns of a planning table mean.

    Raises
    ------
    UnknownNameError
        There is no such table.
    """
    if name not in _described():
        raise UnknownNameError("planning table", name, planning_tables())
    return _described()[name]


def planning_folders() -> tuple[Path, ...]:
    """Return the folders that hold planning tables and the user's own figures: the shipped one and the user's."""
    own = user_folder()
    return (SHIPPED, own) if own.is_dir() else (SHIPPED,)


def open_planning(folders: Sequence[Path] | None = None, overlays: Iterable[Overlay] = ()) -> Planning:
    """Open the planning tables.

    Parameters
    ----------
    folders
        Evidence folders: tables come from the first, kept figures of the user's own from each; by default the
        shipped folder and, where it exists, the user's own.
    overlays
        Further figures of the user's own, laid over the kept ones.

    Raises
    ------
    EvidenceError
        A table or an own figure breaks a rule; carries every fault of every file.
    """
    chosen = tuple(folders) if folders is not None else planning_folders()
    return _open(chosen, tuple(overlays), tuple(_stamp(folder) for folder in chosen))


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what tells whether a folder's planning files have changed: names, sizes and times."""
    paths = [*sorted((folder / FORCES).glob("*.csv")), folder / SEPARABLE / "holdings.csv", folder / OWN]
    stats = [(path, path.stat()) for path in [*paths, folder / "sources.csv"] if path.exists()]
    return tuple((str(path), stat.st_size, stat.st_mtime_ns) for path, stat in stats)


@functools.lru_cache(maxsize=8)
def _open(folders: tuple[Path, ...], overlays: tuple[Overlay, ...], _stamps: tuple[object, ...]) -> Planning:
    rows, faults = _read(folders[0])
    kept: list[Overlay] = []
    for folder in folders:
        try:
            kept += read_kept(folder)
        except EvidenceError as error:
            faults += error.faults
    sources = {row["source_id"]: row["standing"] for row in read_rows(folders[0] / "sources.csv")}
    own = laid_over(kept, overlays)
    faults += _lay(rows, own)
    faults += faults_of(rows, _described(), sources)
    if faults:
        raise EvidenceError(faults[:_MAX_FAULTS])
    tables = {name: _frame(rows[name], described) for name, described in _described().items()}
    return Planning(folders, own, sources, given_by(rows), _missing(folders[0]), tables)


def _read(folder: Path) -> tuple[dict[str, list[Row]], list[Fault]]:
    """Return the rows of every table that keep the rules of their columns, and the faults of the others."""
    faults: list[Fault] = []
    rows: dict[str, list[Row]] = {}
    for name, described in _described().items():
        rows[name] = _read_table(folder / FORCES / f"{name}.csv", described, faults)
    separable = folder / SEPARABLE / "holdings.csv"
    if separable.exists():
        # A count that does not stand under terms of its own is the better one.
        held = {_key(row, "holdings") for row in rows["holdings"]}
        more = _read_table(separable, _described()["holdings"], faults)
        rows["holdings"] += [row for row in more if _key(row, "holdings") not in held]
    else:
        # Without the part that can be deleted nobody is known to hold some of what is offered: it cannot count.
        american = {row.text("element") for row in rows["holdings"] if row.text("holder") == "USA"}
        lost = set(SEPARABLE_ELEMENTS) - american
        for table in ("offers", "basing"):
            rows[table] = [row for row in rows[table] if row.text("element") not in lost]
        # What nobody is known to hold cannot leave service either.
        held = {_key(row, "holdings") for row in rows["holdings"]}
        rows["changes"] = [row for row in rows["changes"] if not _leaves_unknown(row, held)]
    return rows, faults


def _leaves_unknown(row: Row, held: Container[tuple[str, ...]]) -> bool:
    """Return whether a change retires what only the deleted separable part would have counted."""
    element = row.text("element")
    return (
        row.text("kind") == "retirement" and element in SEPARABLE_ELEMENTS and (row.text("holder"), element) not in held
    )


def _read_table(path: Path, described: Sequence[Column], faults: list[Fault]) -> list[Row]:
    """Return the rows of a file that are well formed; what is wrong with the others is added to ``faults``."""
    file = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        faults.append(Fault("the table is missing", where=file, mend="Install the program again, or put it back."))
        return []
    try:
        text = decode(path)
    except EvidenceError as error:
        faults += error.faults
        return []
    try:
        return list(parse(text, described, file))
    except InputError as error:
        faults += error.faults
        return _well_formed(text, described, file, {fault.where for fault in error.faults})


def _well_formed(text: str, described: Sequence[Column], file: str, faulty: set[str]) -> list[Row]:
    """Return the rows of a text without those already found faulty, so that all else can still be checked."""
    lines = list(csv.reader(io.StringIO(text, newline="")))
    good = [(number, cells) for number, cells in enumerate(lines[1:], start=2) if f"{file}:{number}" not in faulty]
    if f"{file}:1" in faulty:
        return []
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([lines[0], *(cells for _, cells in good)])
    again = parse(buffer.getvalue(), described, file)
    return [Row(row.cells, f"{file}:{number}") for row, (number, _) in zip(again, good, strict=True)]


def _key(row: Row, table: str) -> tuple[str, ...]:
    return tuple(row.text(column.column) for column in _described()[table] if column.key)


def _frame(rows: Sequence[Row], described: Sequence[Column]) -> pl.DataFrame:
    data: dict[str, pl.Series] = {}
    for column in described:
        cells = [row.text(column.column) for row in rows]
        kind = _KINDS.get("window" if column.column == "window_days" else column.type, _TEXT)
        # An empty number is not known; an empty text is an empty text.
        data[column.column] = pl.Series([cell or None for cell in cells], dtype=_TEXT).cast(kind)
        if kind == _TEXT:
            data[column.column] = data[column.column].fill_null("")
    return pl.DataFrame(data)


def unit_of(table: str, key: Sequence[str], rows: Rows) -> str | None:
    """Return the unit of the figure an overlay replaces or adds; None where nothing of that name can be replaced."""
    if table == "holdings":
        return force_element(key[1]).unit
    found = next((row for row in rows[table] if _key(row, table) == tuple(key)), None)
    if found is None:
        return None
    return "share" if table == "availability" else cost_unit(found.text("element"), found.text("price_year"))


def cost_unit(element: str, price_year: str) -> str:
    """Return the unit of an element's cost, as people read it."""
    return f"million US$ of {price_year} per {force_element(element).unit}"


def _lay(rows: dict[str, list[Row]], overlays: Sequence[Overlay]) -> list[Fault]:
    """Lay the user's own figures over the rows, in place; return what cannot be laid."""
    faults: list[Fault] = []
    for item in overlays:
        if item.table == "requirements":
            continue  # scenarios lay them over their contingencies
        try:
            unit = unit_of(item.table, item.key, rows)
        except UnknownNameError as error:
            faults += [Fault(fault.what, item.where, mend=fault.mend) for fault in error.faults]
            continue
        named = ", ".join(item.key)
        if unit is None:
            faults.append(Fault(f"{item.table} have no row {named} to replace", item.where))
        elif unit != item.unit:
            faults.append(Fault(f"another unit than that of {item.table} of {named}", item.where, item.unit, unit))
        else:
            _replace(rows[item.table], item)
    return faults


def _replace(rows: list[Row], item: Overlay) -> None:
    """Put one figure in the place of the row it replaces, or below all of them."""
    place = next((place for place, row in enumerate(rows) if _key(row, item.table) == item.key), None)
    described = _described()[item.table]
    keys = [column.column for column in described if column.key]
    cells = dict.fromkeys((column.column for column in described), "") if place is None else dict(rows[place].cells)
    cells |= dict(zip(keys, item.key, strict=True))
    cells |= {name: plain(getattr(item, name)) for name in ("low", "central", "high")}
    cells |= {"source_id": item.source, "standing": "yours", "note": item.note}
    if item.table == "holdings":
        cells |= {"basis": "yours", "key": "", "as_of": ""}
    elif item.table == "costs":
        cells["basis"] = "yours"
    row = Row(cells, item.where)
    if place is None:
        rows.append(row)
    else:
        rows[place] = row


def plain(number: float) -> str:
    """Return a number as a plain decimal that reads back as the same number."""
    text = format(Decimal(repr(float(number))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def laid_over(first: Iterable[Overlay], second: Iterable[Overlay]) -> tuple[Overlay, ...]:
    """Return own figures with others laid over them: one for each row, in the order of first appearance."""
    found = {(item.table, item.key): item for item in first}
    found |= {(item.table, item.key): item for item in second}
    return tuple(found.values())


def _column(name: str, kind: str, *, required: bool = True) -> Column:
    return Column("own", name, kind, name in ("sheet", "key"), required, (), "", "", "")


_OWN: Final = (
    _column("sheet", "id"),
    _column("key", "text"),
    *(_column(name, "number") for name in ("low", "central", "high")),
    _column("unit", "text"),
    _column("source", "text"),
    _column("note", "text", required=False),
)


def read_kept(folder: Path) -> tuple[Overlay, ...]:
    """Return the planning figures of the user's own that an evidence folder keeps; none where it keeps none.

    Raises
    ------
    EvidenceError
        The file breaks its rules; carries every fault by line.
    """
    path = folder / OWN
    if not path.is_file():
        return ()
    try:
        rows = parse(decode(path), _OWN, OWN)
    except InputError as error:
        raise EvidenceError(error.faults) from error
    known = {"holdings": 2, "availability": 2, "costs": 1, "requirements": 3}
    faults = [
        Fault("names no row of a planning table", row.where, f"{row.text('sheet')} {row.text('key')}")
        for row in rows
        if known.get(row.text("sheet")) != len(row.text("key").split("/"))
    ]
    if faults:
        raise EvidenceError(faults)
    return tuple(
        Overlay(
            row.text("sheet"),
            tuple(row.text("key").split("/")),
            row.number("low"),
            row.number("central"),
            row.number("high"),
            row.text("unit"),
            row.text("source"),
            row.text("note"),
            row.where,
        )
        for row in rows
    )


def write_overlays(overlays: Iterable[Overlay]) -> bytes:
    """Return own figures as CSV, one a line."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column.column for column in _OWN])
    for item in overlays:
        numbers = [plain(value) for value in (item.low, item.central, item.high)]
        writer.writerow([item.table, "/".join(item.key), *numbers, item.unit, item.source, item.note])
    return buffer.getvalue().encode()


def keep(overlays: Sequence[Overlay], folder: Path) -> Path:
    """Keep own figures in an evidence folder, in place of those kept before; without any, remove the file.

    Raises
    ------
    CannotWriteError
        The disk is full or the folder cannot be written.
    """
    path = folder / OWN
    if overlays:
        atomic.write_file(path, write_overlays(overlays))
    else:
        path.unlink(missing_ok=True)
    return path


def _missing(folder: Path) -> str:
    if (folder / SEPARABLE / "holdings.csv").exists():
        return ""
    titles = ", ".join(item.title.lower() for item in force_elements() if item.id in SEPARABLE_ELEMENTS)
    return (
        f"The folder '{SEPARABLE}' (counts by GlobalFirepower, under terms of their own) is not there. For some Allies "
        f"nothing else is held of: {titles}. These read as none, so that what rests on them cannot be answered."
    )


SEPARABLE_ELEMENTS: Final = (
    "mbt",
    "artillery",
    "attack_helicopter",
    "fighter_4th",
    "destroyer",
    "frigate",
    "ssn",
    "ssk",
    "mcm",
    "rocket_artillery",
)
"""Elements of which the separable folder holds national counts; kept here, because a deleted folder cannot tell."""


@functools.cache
def _described() -> dict[str, tuple[Column, ...]]:
    """Read ``forces/columns.csv``: what every column of every planning table means."""
    tables: dict[str, list[Column]] = {}
    for column in read_columns(_SCHEMA.read_text(encoding="utf-8") if _SCHEMA.is_file() else ""):
        # Several codes in one cell are written as every list is; that each is one of an Ally is a rule of its own.
        kept = replace(column, type="list") if column.type == "codes" else column
        tables.setdefault(column.table, []).append(kept)
    if not tables:
        where, mend = f"{FORCES}/columns.csv", "Install the program again, or put it back."
        raise EvidenceError(Fault("the description of the planning tables is missing", where, mend=mend))
    return {name: tuple(columns) for name, columns in tables.items()}
