"""The planning workbook: holdings, availability, costs and requirements out, for the user to edit.

Each sheet has the names of a row, what is held (``default``), room for the user's own figure (``yours``), and unit,
source and note. :mod:`article3.evidence.planbook_reading` reads it in again: only rows with something under ``yours``
count, everything else is for reading.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from article3.domain import ally, capability, force_element
from article3.domain.pools import pool_spellings
from article3.evidence.planning import Overlay, Planning, cost_unit
from article3.evidence.planning_checks import RANGE
from article3.evidence.releases import Source

Key = tuple[str, ...]
Figure = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the workbook as it is held: names, figure, unit, and where it is from."""

    key: Key
    titles: tuple[str, ...]
    figure: Figure
    unit: str
    standing: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet holds: the columns that name a row, whether figures are shares, whether they may fall."""

    name: str
    keys: tuple[str, ...]
    titles: tuple[str, ...]
    share: bool = False
    cumulative: bool = False
    grows: bool = False


SHEETS: Final = (
    Sheet("holdings", ("holder", "element"), ("holder name", "element title"), grows=True),
    Sheet("availability", ("element", "window_days"), ("element title",), share=True, cumulative=True),
    Sheet("costs", ("element",), ("element title",)),
    Sheet("requirements", ("contingency", "capability", "window_days"), ("contingency title", "capability title"),
          cumulative=True),
)  # fmt: skip
DEFAULT: Final = tuple(f"default {name}" for name in RANGE)
YOURS: Final = tuple(f"yours {name}" for name in RANGE)


def held_lines(planning: Planning, requirements: Iterable[Line]) -> dict[str, list[Line]]:
    """Return every row of the workbook as it is held, by sheet.

    Parameters
    ----------
    planning
        The planning tables without figures of the user's own.
    requirements
        Rows of the sheet ``requirements``.
    """
    lines: dict[str, list[Line]] = {sheet.name: [] for sheet in SHEETS}
    for sheet in SHEETS[:3]:
        for row in planning.table(sheet.name).iter_rows(named=True):
            key = tuple(str(row[name]) for name in sheet.keys)
            title = force_element(row["element"]).title
            titles = (_holder_title(key[0]), title) if sheet.name == "holdings" else (title,)
            unit = unit_of_sheet(sheet.name, row["element"], row.get("price_year", ""))
            figure = (row["low"], row["central"], row["high"])
            lines[sheet.name].append(Line(key, titles, figure, unit, row["standing"], row["source_id"], row["note"]))
    lines["requirements"] += requirements
    return lines


def unit_of_sheet(sheet: str, element: str, price_year: str = "") -> str:
    """Return the unit of a figure about a force element, as the workbook shows it."""
    if sheet == "availability":
        return "share"
    return cost_unit(element, price_year) if sheet == "costs" else force_element(element).unit


def _holder_title(code: str) -> str:
    found = pool_spellings().find(code)
    return found.title if found else ally(code).name


def capability_line(key: Key, title: str, figure: Figure, origin: tuple[str, str, str]) -> Line:
    """Return a row of the sheet ``requirements``.

    Parameters
    ----------
    key
        Contingency, capability and window.
    title
        Title of the contingency.
    figure
        Low, central and high, cumulative by window.
    origin
        Standing, source and note.
    """
    item = capability(key[1])
    return Line(key, (title, item.title), figure, item.unit, *origin)


_READ_ME: Final = (
    ("What it is", "The planning figures of article3, for you to replace where you have better ones."),
    (
        "How to use it",
        (
            "Write your figure under 'yours central'; 'yours low' and 'yours high' say how sure you are and may stay "
            "empty. Say under 'source' where you have it from. Leave every other row as it is: only rows with "
            "something under 'yours' count. What stands under 'default' is what the program holds."
        ),
    ),
    (
        "New rows",
        (
            "On the sheet 'holdings' you may add rows below the table for a holder and an element that are not listed; "
            "give the unit of the element."
        ),
    ),
    ("Going back", "Write the word default under 'yours central' to give up a figure of your own that is kept."),
    (
        "Units",
        (
            "The unit may not change. Availability is a share (0.55, not 55). Requirements and availability are "
            "cumulative by readiness window: they may not fall from 10 to 30 to 180 days. A requirement that is a rate "
            "a day is shown multiplied by the days of its window."
        ),
    ),
    (
        "How to bring it back",
        (
            "For one scenario: put the file beside the scenario and write 'evidence: [name-of-this-file.xlsx]' in it. "
            "For every run: 'article3 evidence import FILE' (with --dry-run it only shows what would change). "
            "'article3 check FILE' tells all faults by sheet and cell. Figures of your own carry the standing 'yours'."
        ),
    ),
    (
        "Standing of the defaults",
        (
            "official: read from an official file. reported: a published study or the press. estimated: computed from "
            "evidence by a stated method. notional: an illustrative assumption."
        ),
    ),
)
_WIDTHS: Final = {"holder name": 30, "element title": 34, "contingency title": 34, "capability title": 36, "source": 30}
_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp: same figures, same bytes


def write_workbook(
    held: Mapping[str, Sequence[Line]], kept: Sequence[Overlay], sources: Mapping[str, Source], version: str
) -> bytes:
    """Return the planning workbook as XLSX: same figures, same bytes.

    Parameters
    ----------
    held
        Rows as they are held: :func:`held_lines`.
    kept
        Own figures that are kept: shown under ``yours``.
    sources
        Sources by identifier, for the sheet of sources.
    version
        Version of the program and digest of the tables, for the first sheet.
    """
    import xlsxwriter  # noqa: PLC0415 - loads with the workbook

    buffer = io.BytesIO()
    # Text is text: nothing a user wrote becomes a formula, a link or a number.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": "Planning figures", "subject": "article3", "created": _MADE, "comments": version})
    writer = _Writer(book)
    writer.words("Read me", [*_READ_ME, ("Edition", version)], (24, 110))
    for sheet in SHEETS:
        writer.sheet(sheet, held[sheet.name], [item for item in kept if item.table == sheet.name])
    used = dict.fromkeys(line.source for lines in held.values() for line in lines)
    cited = [(name, sources[name].citation, sources[name].url) for name in sorted(used) if name in sources]
    writer.words("Sources", [("source", "citation", "address"), *cited], (28, 110, 60))
    book.close()
    return buffer.getvalue()


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any) -> None:
        self.book = book
        base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
        self.text = book.add_format({**base, "num_format": "@"})
        self.wrap = book.add_format({**base, "text_wrap": True})
        self.bold = book.add_format({**base, "bold": True})
        self.head = book.add_format({**base, "bold": True, "text_wrap": True, "bottom": 1})
        self.number = book.add_format({**base, "font_color": "#595959"})
        self.yours = book.add_format({**base, "bg_color": "#FFF7D6", "border": 1, "border_color": "#D9D9D9"})

    def words(self, name: str, rows: Iterable[Sequence[str]], widths: Sequence[int]) -> None:
        """Write a sheet of words."""
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for line, texts in enumerate(rows):
            for column, text in enumerate(texts):
                sheet.write_string(line, column, text, self.bold if column == 0 else self.wrap)

    def sheet(self, kind: Sheet, lines: Sequence[Line], kept: Sequence[Overlay]) -> None:
        """Write a sheet of figures."""
        heads = (*kind.keys, *kind.titles, *DEFAULT, "default standing", *YOURS, "unit", "source", "note")
        sheet = self.book.add_worksheet(kind.name)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, head, self.head)
            sheet.set_column(column, column, _WIDTHS.get(head, 60 if head == "note" else 15))
        own = {item.key: item for item in kept}
        known = {line.key for line in lines}
        added = [_added(kind, item) for item in kept if item.key not in known]
        for row, line in enumerate((*lines, *added), start=1):
            self.row(sheet, row, kind, line, own.get(line.key))
        sheet.freeze_panes(1, len(kind.keys))
        sheet.autofilter(0, 0, max(1, len(lines) + len(added)), len(heads) - 1)

    def row(self, sheet: Any, row: int, kind: Sheet, line: Line, own: Overlay | None) -> None:
        """Write one row."""
        for column, (name, text) in enumerate(zip(kind.keys, line.key, strict=True)):
            if name == "window_days":
                sheet.write_number(row, column, int(text), self.text)
            else:
                sheet.write_string(row, column, text, self.text)
        column = len(kind.keys)
        for text in line.titles:
            sheet.write_string(row, column, text, self.text)
            column += 1
        for place, value in enumerate(line.figure):
            if line.standing:
                sheet.write_number(row, column + place, value, self.number)
        sheet.write_string(row, column + 3, line.standing, self.number)
        figure = (own.low, own.central, own.high) if own else (None, None, None)
        for place, given in enumerate(figure, start=column + 4):
            if given is None:
                sheet.write_blank(row, place, None, self.yours)
            else:
                sheet.write_number(row, place, given, self.yours)
        texts = (line.unit, own.source if own else line.source, own.note if own else line.note)
        for place, text in enumerate(texts, start=column + 7):
            sheet.write_string(row, place, text, self.text)


def _added(kind: Sheet, item: Overlay) -> Line:
    """Return an own figure that replaces nothing as a row without a default."""
    titles = (_holder_title(item.key[0]), force_element(item.key[1]).title) if kind.grows else ("",) * len(kind.titles)
    return Line(item.key, titles, (0.0, 0.0, 0.0), item.unit, "", "", "")
