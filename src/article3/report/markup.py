"""Numbers, sentences and tables as HTML in which every number keeps its address and exact value."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.evidence.addresses import EvidenceAddress, ResultAddress, parse_address
from article3.evidence.findings import Cited, Column, Finding, Sentence
from article3.report.sources import Findings, address_of, holder
from article3.report.words import FIXED, NOT_KNOWN, capital, number, release, unique, unit_words, verdict
from article3.run.folder import table_csv

if TYPE_CHECKING:
    from markupsafe import Markup

_ESTIMATES: Final = ("estimate", "forecast")
_NOTHING: Final = {
    "year_first_met": "not yet",
    "spending_pp": "not separated",
    "change_pp": "first release",
    "value_then_pct": "no figure",
    "value_now_pct": "no figure",
    "exception": "",
    "reason": "",
    "vintage": "none",
    "standing": "none",
    "bar": "none set",
    "last_safe_year": "none",
    "right": "no call",
}
"""What a missing value means, where *not known* would say too little."""

_SHORT: Final = 15
"""Words shorter than this are kept on one line."""

_WORDS: Final = ("exception", "reason", "vintage", "standing")
"""Columns of words: empty where there is nothing to say, whether or not the figure is known."""

_SIGNED: Final = ("total_pp", "gdp_pp", "spending_pp", "unseparated_pp", "change_pp", "change_from_first_pp")


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a table on the page.

    Parameters
    ----------
    column
        Column of the finding.
    head
        Heading; by default the column's title.
    """

    column: str
    head: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """One heading: words, unit, and whether figures stand below it."""

    title: str
    unit: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the template sets it.

    Parameters
    ----------
    name
        Anchor.
    caption
        What it holds.
    heads, rows
        Headings; rows of cells, the first of which heads its row.
    notes
        Release, definition, standing, marks.
    how
        How each column is computed: title and words.
    example
        An address in it, to show how a number is explained.
    csv
        The rows with exact values as a data URI, and the file's name.
    """

    name: str
    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Markup, ...], ...]
    notes: tuple[str, ...]
    how: tuple[tuple[str, str], ...]
    example: str
    csv: tuple[str, str]
    kind: str = "table"


def exact(value: Any) -> str:
    """Return a value as machines read it: full precision, ``true`` and ``false``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def data(text: str, value: Any, address: str, css: str = "n") -> Markup:
    """Return a number as HTML that keeps its exact value and its address; mere text where it has none."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    if not address:
        return escape(text)

    return Markup('<data class="{}" value="{}" data-address="{}" title="{}">{}</data>').format(
        css, exact(value), address, address, text
    )


def sentence_html(sentence: Sentence, findings: Findings) -> Markup:
    """Return a sentence whose numbers keep exact values and addresses."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    parts = [
        data(part.text, _looked_up(part, findings), part.address) if isinstance(part, Cited) else escape(part)
        for part in sentence.parts
    ]
    return Markup("").join(parts)


def _looked_up(cited: Cited, findings: Findings) -> Any:
    """Return the exact value behind a cited number; its text where the run does not hold the finding."""
    where = parse_address(cited.address)
    finding = holder(findings, where) if isinstance(where, ResultAddress) else None
    return finding.row(where.keys)[where.column] if finding and isinstance(where, ResultAddress) else cited.text


def cell(finding: Finding, row: Mapping[str, Any], name: str, *, room: bool = False) -> Markup:
    """Return one cell of a finding as HTML; what is missing is said in words.

    Parameters
    ----------
    finding, row, name
        The finding, one of its rows, and the column.
    room
        Leave room for the mark of an estimate where there is none, so that figures stand in line.
    """
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    column, value = finding.column(name), row[name]
    if name == "met" or name.startswith("met_"):
        words = verdict(value, row.get("value_pct", row.get(name.replace("met_", "value_") + "_pct")))
        text = Markup('<span class="status {}">{}</span>').format(words.replace(" ", "-"), words)
        return (
            text
            if value is None
            else data(words, value, address_of(finding, row, name), "n status " + words.replace(" ", "-"))
        )
    if value is None:
        known = row.get("value_pct", 0) is not None or name in _WORDS
        return Markup('<span class="unknown">{}</span>').format(_NOTHING.get(name, NOT_KNOWN) if known else NOT_KNOWN)
    if name.startswith("vintage"):
        return escape(release(value))
    if isinstance(value, str):
        words = _release_at(value) if name.endswith("address") else value
        return escape(words.replace(" ", FIXED) if len(words) < _SHORT else words)
    text = data(number(value, column, signed=name in _SIGNED), value, address_of(finding, row, name))
    if name != "value_pct":
        return text
    if row.get("status") in _ESTIMATES:
        return text + Markup(' <abbr class="mark" title="estimate">e</abbr>')
    return text + Markup(' <span class="mark"></span>') if room else text


def _release_at(address: str) -> str:
    where = parse_address(address)
    return release(where.vintage) if isinstance(where, EvidenceAddress) else address


def table(
    finding: Finding,
    rows: pl.DataFrame,
    cells: Sequence[Cell],
    *,
    name: str,
    caption: str,
    titles: Mapping[str, str],
    first: str = "ally_name",
    heads: Mapping[str, Markup] | None = None,
) -> Table:
    """Return some rows and columns of a finding as a table for the page.

    Columns without any value are left out. Release, definition and standing become columns where they differ
    between rows, and a note where they do not.

    Parameters
    ----------
    finding, rows
        The finding, and those of its rows to show, in order.
    cells
        Columns to show.
    name, caption
        Anchor and caption.
    titles
        Titles of definitions.
    first
        Column that heads the rows.
    heads
        Text of row headings by their value, where it is not that value.
    """
    from markupsafe import escape  # noqa: PLC0415 - loads with the page

    shown = [item for item in (*cells, *_varying(rows, cells)) if rows[item.column].drop_nulls().len()]
    columns = [finding.column(item.column) for item in shown]
    lead = finding.column(first)
    room = "status" in rows.columns and rows["status"].is_in(_ESTIMATES).any()
    body = [
        (
            (heads or {}).get(str(row[first])) or escape(str(row[first])),
            *(cell(finding, row, item.column, room=room) for item in shown),
        )
        for row in rows.iter_rows(named=True)
    ]
    return Table(
        name,
        caption,
        (Head("Ally" if first == "ally_name" else lead.title, "", False), *map(_head, shown, columns)),
        tuple(body),
        tuple(_notes(rows, titles)),
        tuple((_title(column), column.formula) for column in columns if column.formula),
        _example(finding, rows, columns),
        csv_link(rows.select([column.column for column in finding.columns]), name),
    )


def _varying(rows: pl.DataFrame, cells: Sequence[Cell]) -> list[Cell]:
    """Return release and standing as columns where they differ between rows and are not shown anyway."""
    named = {item.column for item in cells}
    return [
        Cell(name)
        for name in ("vintage", "standing")
        if name in rows.columns and name not in named and rows[name].drop_nulls().n_unique() > 1
    ]


def _title(column: Column) -> str:
    return capital(column.title.removeprefix("... "))


def _head(item: Cell, column: Column) -> Head:
    numeric = column.decimals is not None
    return Head(item.head or _title(column), unit_words(column) if column.unit else "", numeric)


def _notes(rows: pl.DataFrame, titles: Mapping[str, str]) -> list[str]:
    notes = []
    for name, words in (("vintage", "Release"), ("standing", "Standing")):
        values = unique(rows[name].to_list()) if name in rows.columns else []
        if len(values) == 1:
            notes.append(f"{words}: {release(values[0]) if name == 'vintage' else values[0]}.")
    found = (
        [titles.get(value, value) for value in unique(rows["definition"].to_list())]
        if "definition" in rows.columns
        else []
    )
    if len(found) == 1:
        notes.append(f"Definition: {found[0]}.")
    if "status" in rows.columns and "value_pct" in rows.columns and rows["status"].is_in(_ESTIMATES).any():
        notes.append("e: estimate.")
    return notes


def _example(finding: Finding, rows: pl.DataFrame, columns: Sequence[Column]) -> str:
    for column in columns:
        known = rows.filter(pl.col(column.column).is_not_null())
        if column.inputs and known.height:
            return address_of(finding, known.row(0, named=True), column.column)
    return ""


def csv_link(rows: pl.DataFrame, name: str) -> tuple[str, str]:
    """Return rows as a data URI, so that the page carries its data, and the file's name."""
    return "data:text/csv;base64," + base64.b64encode(table_csv(rows)).decode(), f"{name}.csv"
