"""Findings: an analysis's answer as table, sentence, lineage and checks.

A column of a finding's table is described as data (:class:`Column`, read from a ``columns.csv`` beside the
analysis): unit, decimals for people, formula in words, and templates of the addresses it was computed from. One
description serves *explain*, the workbook's headers, the report and the documentation.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl

from article3.errors import AddressError, Fault, NotKnownError
from article3.evidence.addresses import ResultAddress
from article3.quantity import Standing


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table of results.

    Parameters
    ----------
    table, column
        Where it stands.
    title, unit
        Heading for people; unit of the values, empty for names and flags.
    decimals
        Decimals shown to people; files hold the exact value. ``None`` for what is not a number.
    key
        Whether it identifies the row; the keys, in order, make the address.
    formula
        How it is computed, in words.
    inputs
        Templates of addresses, filled from the row, such as ``nato/{vintage}/{measure}#{ally}/{year}``.
    """

    table: str
    column: str
    title: str
    unit: str
    decimals: int | None
    key: bool
    formula: str
    inputs: tuple[str, ...]

    def input_addresses(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the addresses this row's value was computed from.

        A template whose fields are empty in the row is left out. A field that holds a list of addresses
        stands alone in its template and is taken over whole.
        """
        found: list[str] = []
        for template in self.inputs:
            names = [part.split("}")[0] for part in template.split("{")[1:]]
            values = [row.get(name) for name in names]
            if template == f"{{{names[0]}}}" if names else False:
                value = values[0]
                found += [] if not value else value if isinstance(value, list) else str(value).split(" ")
            elif all(value is not None and value != "" for value in values):
                found.append(template.format(**row))
        return tuple(dict.fromkeys(found))


def read_columns(path: Path) -> dict[str, tuple[Column, ...]]:
    """Read a ``columns.csv`` and return its columns by table, in order."""
    tables: dict[str, list[Column]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            tables.setdefault(row["table"], []).append(
                Column(
                    row["table"],
                    row["column"],
                    row["title"],
                    row["unit"],
                    int(row["decimals"]) if row["decimals"] else None,
                    row["key"] == "true",
                    row["formula"],
                    tuple(row["inputs"].split("; ")) if row["inputs"] else (),
                )
            )
    return {name: tuple(columns) for name, columns in tables.items()}


def frame(described: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Return rows as a table with the described columns, in their order and with stable types.

    Types follow the unit (numbers have one, names and flags have none) but for the columns named in ``_TYPES``.
    """
    schema: dict[str, pl.DataType] = {}
    for column in described:
        by_unit = pl.Int32() if column.unit == "Allies" else pl.Float64() if column.unit else pl.String()
        # In tables of counts 'met' is a number of Allies, elsewhere a flag.
        named = None if column.unit == "Allies" and column.column == "met" else _TYPES.get(column.column)
        schema[column.column] = named or by_unit
    table = pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema, orient="row")
    for name, kind in schema.items():
        if kind == pl.Float64() and not table[name].drop_nulls().is_finite().all():
            # Unknown is null, with a reason beside it. Anything else that is no number is stopped here, not shown.
            where = f"table {described[0].table}, column {name}"
            raise NotKnownError(Fault("a figure could not be computed", where, mend="Please report this as a fault."))
    return table


_TYPES: Final[dict[str, pl.DataType]] = {
    **dict.fromkeys(
        (
            "year",
            "deadline",
            "base_year",
            "year_first_met",
            "equipment_year",
            "latest_year",
            "halted_since",
            "origin",
            "last_safe_year",
            "last_safe_year_own",
            "first_call",
            "window_days",
            "agreement",
            "draws",
            "order_year",
            "by",
            "year_reached",
            "latest_order_year",
            "year_crossed",
            "year_early",
            "year_middle",
            "year_late",
        ),
        pl.Int32(),
    ),
    **dict.fromkeys(
        (
            "met",
            "met_then",
            "met_now",
            "met_before",
            "met_after",
            "halted",
            "decline_halted",
            "definition_differs",
            "met_june_2024",
            "met_july_2026",
            "right",
            "essential",
            "small",
            "claimed_twice",
            "half",
            "overstated",
            "in_time",
            "holds",
            "eligible",
            "own",
            "before_summit",
            "binds",
        ),
        pl.Boolean(),
    ),
    "falls": pl.Int32(),
    **dict.fromkeys(("n", "origin_year"), pl.Int32()),
    "mean": pl.Float64(),
    "best": pl.Boolean(),
    **dict.fromkeys(("addresses", "addresses_then", "addresses_now"), pl.List(pl.String())),
    "known_from": pl.Date(),
}


@dataclass(frozen=True, slots=True)
class Cited:
    """A number inside a sentence, with its address."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence whose numbers keep their addresses."""

    parts: tuple[str | Cited, ...]

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Addresses of the numbers it quotes."""
        return tuple(part.address for part in self.parts if isinstance(part, Cited))


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a finding; ``passed`` is ``None`` where it informs only."""

    name: str
    passed: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """An analysis's answer.

    Parameters
    ----------
    name
        Name of the table, such as ``count``.
    when
        As-of date, or ``then..now``.
    title
        What the table holds.
    table
        The rows; every column is described in ``columns``.
    columns
        Descriptions of the columns, in order.
    sentence
        The finding in one sentence.
    standing
        The worst standing among the inputs that matter.
    sources
        Identifiers of the sources used.
    checks, warnings
        What was verified; what a reader must know.
    figure
        Name of the figure that shows it, drawn by the report.
    """

    name: str
    when: str
    title: str
    table: pl.DataFrame
    columns: tuple[Column, ...]
    sentence: Sentence
    standing: Standing
    sources: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    warnings: tuple[str, ...] = ()
    figure: str = ""
    part: str = ""
    keys: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        described = [column.column for column in self.columns]
        if described != self.table.columns:
            raise ValueError(f"table {self.name}: columns {self.table.columns} are described as {described}")
        object.__setattr__(self, "keys", tuple(column.column for column in self.columns if column.key))

    def address(self, row: Mapping[str, Any], column: str) -> str:
        """Return the address of one cell."""
        # Blanks inside a key ("random walk") are written as underscores, so that an address is one word.
        keys = tuple(str(row[key]).replace(" ", "_") for key in self.keys)
        return str(ResultAddress(self.name, self.when, column, keys))

    def row(self, keys: Sequence[str]) -> dict[str, Any]:
        """Return the row with these keys.

        Raises
        ------
        AddressError
            There is no such row.
        """
        match = self.table
        if len(keys) == len(self.keys):
            for name, key in zip(self.keys, keys, strict=True):
                match = match.filter(pl.col(name).cast(pl.String).str.replace_all(" ", "_", literal=True) == key)
            if match.height == 1:
                return match.row(0, named=True)
        raise AddressError(
            Fault(
                f"table {self.name} has no row {'/'.join(keys)}",
                expected="/".join(self.keys).upper(),
                mend="Copy the address from a row of the answer.",
            )
        )

    def column(self, name: str) -> Column:
        """Return the description of a column.

        Raises
        ------
        AddressError
            There is no such column.
        """
        for column in self.columns:
            if column.column == name:
                return column
        known = ", ".join(column.column for column in self.columns)
        raise AddressError(Fault(f"table {self.name} has no column '{name}'", mend=f"Known: {known}."))

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries that name their table."""
        return [{"table": self.name, **row} for row in self.table.iter_rows(named=True)]


def sentence(*parts: str | Cited) -> Sentence:
    """Join text and cited numbers into a sentence; neighbouring texts are merged."""
    merged: list[str | Cited] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return Sentence(tuple(merged))


def sources_in(*frames: pl.DataFrame) -> tuple[str, ...]:
    """Return the identifiers of all sources in some long tables, sorted."""
    found: set[str] = set()
    for frame in frames:
        found.update(frame["source_id"].unique().to_list())
    return tuple(sorted(found))


def worst_standing(values: Iterable[str], default: Standing = Standing.REPORTED) -> Standing:
    """Return the worst of some standings; ``default`` where there are none."""
    order = list(Standing)
    return max((Standing(value) for value in values), key=order.index, default=default)
