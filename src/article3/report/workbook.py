"""The run as a workbook: every table with exact values, what its columns mean, and where it comes from."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

import polars as pl

from article3.evidence.findings import Column, Finding
from article3.report.sources import STANDINGS, address_of, used_sources
from article3.report.words import FIXED, day, release, unique
from article3.run.analysis import Run

_READ_ME: Final = "Read me"
_ADDRESS: Final = "Address of main value"
_HEADER_ROWS: Final = 2
_WIDEST: Final = 60
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\]")

_MAIN: Final[Mapping[str, str]] = {
    "pledge": "value_pct",
    "count": "met",
    "count_by_release": "met",
    "then_now": "value_now_pct",
    "revision": "value_pct",
    "decline": "real_change_pct",
    "claims": "verdict_now",
    "coverage": "coverage",
    "twice": "over",
    "european_share": "share",
    "us_cut": "uncovered",
    "us_cut_case": "uncovered",
    "cut_cost": "change",
    "multiplier": "gain",
    "flip": "turns_at",
    "published_set": "published_central",
    "holding": "central",
    "requirement": "central",
    "orders": "units",
    "plan_money": "spent",
    "plan_attainment": "attainment",
    "plan_share": "share",
    "plan_goal": "share_with_plan",
    "plan_risk": "risk",
    "plan_limit": "risk_change_pct",
    "plan_frontier": "cost_usd2021_m",
    "plan_total": "units",
    "plan_pool": "paid_usd2021_m",
    "effort": "cost_usd2021_m",
    "effort_money": "usd2021_m",
    "milestones": "date",
    "down_payment": "cost_usd2021_m",
    "specialisation": "quotient",
    "fit": "fit",
    "entry_effect": "buyers",
    "caveat": "risk_change_pct",
    "certificate": "objective",
    "replacement": "amount_usd_bn",
    "catalogue": "cost_usd2021_m",
    "line": "ordered",
    "assumption": "value",
    "handover": "units",
    "fastest": "stays",
    "leaving": "us",
    "exposure": "exposure_days",
    "exposure_step": "exposed_days",
    "closing": "cost_usd2021_m",
    "shift_frontier": "us_years",
    "half_by_2030": "share_2030",
    "half_path": "share",
    "force_used": "europe",
    "post": "ally",
    "post_candidate": "score",
    "post_pilot": "coverage",
    "trust": "expected_risk",
    "trust_state": "risk",
    "trust_knowing": "worth_pct",
    "bargain": "value_usd2021_m",
    "notice": "state",
    "shift_solve": "bound",
    "shift_assumption": "value",
}
"""Column whose address stands at the end of each row."""

_HOW_TO_READ: Final = (
    "One sheet for each table. The first row of a sheet names its columns, the second gives the column's name in the "
    "files and its unit. Cells hold exact values and show them rounded. An empty cell means: not known. Values in "
    "per cent stay in per cent: 2 is two per cent. Values whose unit is ratio are shares of one: 0.55 is 55 per cent."
)


def workbook(run: Run) -> bytes:
    """Return a run as an XLSX workbook: exact values, no formulas; same run, same bytes.

    Parameters
    ----------
    run
        The run.
    """
    import xlsxwriter  # noqa: PLC0415 - loads with the workbook

    buffer = io.BytesIO()
    # Text is text: nothing a user wrote becomes a formula, a link or a number.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    book = xlsxwriter.Workbook(buffer, options)
    created = datetime.combine(run.inputs.evidence.as_of or run.inputs.scenario.as_of, time())
    book.set_properties(
        {"title": run.inputs.scenario.title, "subject": "article3", "created": created, "comments": f"Run {run.digest}"}
    )
    sheets = _Sheets(book, _exact(xlsxwriter.worksheet.Worksheet))
    sheets.read_me(run)
    for name, table in run.tables().items():
        sheets.table(name, table, [finding for finding in run.findings if finding.name == name])
    sheets.plain("Sources", ("source", "citation", "url", "published", "standing"), _sources(run))
    sheets.plain(
        "Vintages",
        ("dataset", "vintage", "known from", "title", "definition", "constant prices", "note"),
        _vintages(run),
    )
    book.close()
    return buffer.getvalue()


def _exact(base: Any) -> Any:
    """Return the library's kind of sheet, writing numbers in full: its own keeps 16 digits of 17."""

    class Exact(base):  # type: ignore[misc]
        def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, Any]] = ()) -> None:
            text = "".join(f' {key}="{self._escape_attributes(value)}"' for key, value in attributes)
            self.fh.write(f"<c{text}><v>{number!r}</v></c>")

    return Exact


class _Sheets:
    """Writes sheets of one workbook, with its formats."""

    def __init__(self, book: Any, kind: Any) -> None:
        self.book, self.kind = book, kind
        base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
        self.text = book.add_format({**base, "num_format": "@"})
        self.wrap = book.add_format({**base, "text_wrap": True})
        self.title = book.add_format({**base, "bold": True, "font_size": 14})
        self.bold = book.add_format({**base, "bold": True})
        self.head = book.add_format({**base, "bold": True, "text_wrap": True, "bottom": 0})
        self.unit = book.add_format({**base, "font_color": "#595959", "text_wrap": True, "bottom": 1})
        self.day = book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "left"})
        self.base, self.numbers = base, dict[int, Any]()

    def number(self, decimals: int) -> Any:
        """Return the format that shows a number of decimals; the cell keeps the exact value."""
        if decimals not in self.numbers:
            shape = "0" if decimals == 0 else "0." + "0" * decimals
            self.numbers[decimals] = self.book.add_format({**self.base, "num_format": shape})
        return self.numbers[decimals]

    def read_me(self, run: Run) -> None:
        sheet = self.book.add_worksheet(_READ_ME, self.kind)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 110)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, run.inputs.scenario.title, self.title)
        row = 2
        for name, text in _read_me(run):
            sheet.write_string(row, 0, name, self.bold)
            sheet.write_string(row, 1, text.replace(FIXED, " "), self.wrap)
            row += 1

    def table(self, name: str, table: pl.DataFrame, findings: Sequence[Finding]) -> None:
        """Write a table of the run: titles and units above, exact values, an address at the end of each row."""
        described = {column.column: column for column in findings[0].columns}
        columns = [described.get(title) for title in table.columns]
        numbers = [column.column for column in findings[0].columns if column.decimals is not None and not column.key]
        main = _MAIN.get(name) or (numbers[0] if numbers else None)
        heads = [column.title if column else "As known on" for column in columns]
        units = [_unit(column, title) for column, title in zip(columns, table.columns, strict=True)]
        rows = [list(row) for row in table.iter_rows()]
        if main:
            heads, units = [*heads, _ADDRESS], [*units, main]
            places = [
                address_of(finding, row, main) for finding in findings for row in finding.table.iter_rows(named=True)
            ]
            for values, place in zip(rows, places, strict=True):
                values.append(place or None)
        decimals = [column.decimals if column else None for column in columns] + [None]
        self._grid(name, heads, units, rows, decimals)

    def plain(self, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Write a sheet of words."""
        body = [list(row) for row in rows]
        self._grid(name, [head.capitalize() for head in heads], ["" for _ in heads], body, [None for _ in heads])

    def _grid(
        self,
        name: str,
        heads: Sequence[str],
        units: Sequence[str],
        rows: Sequence[Sequence[Any]],
        decimals: Sequence[int | None],
    ) -> None:
        sheet = self.book.add_worksheet(_FORBIDDEN.sub(" ", name)[:31], self.kind)
        for place, (head, unit) in enumerate(zip(heads, units, strict=True)):
            sheet.write_string(0, place, head, self.head)
            sheet.write_string(1, place, unit, self.unit)
        for line, values in enumerate(rows, start=_HEADER_ROWS):
            for place, value in enumerate(values):
                self._write(sheet, line, place, value, decimals[place])
        for place, head in enumerate(heads):
            longest = max((len(_words(row[place])) for row in rows[:400]), default=0)
            sheet.set_column(place, place, min(_WIDEST, max(9, longest + 2, min(len(head), 16) + 2)))
        sheet.set_row(0, 42 if any(len(head) > 18 for head in heads) else 28)
        sheet.freeze_panes(_HEADER_ROWS, 0)
        sheet.autofilter(_HEADER_ROWS - 1, 0, _HEADER_ROWS - 1 + max(1, len(rows)), len(heads) - 1)

    def _write(self, sheet: Any, line: int, place: int, value: Any, decimals: int | None) -> None:
        if value is None:
            return
        if isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write_number(line, place, value, self.number(decimals or 0) if decimals is not None else None)
        elif isinstance(value, date):
            sheet.write_datetime(line, place, datetime.combine(value, time()), self.day)
        else:
            sheet.write_string(line, place, _words(value), self.text)


def _words(value: Any) -> str:
    """Return a value as text; flags as words, lists joined by blanks, as in the CSV files."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _unit(column: Column | None, name: str) -> str:
    return f"{name}; {column.unit}" if column and column.unit else name


def _read_me(run: Run) -> list[tuple[str, str]]:
    from article3 import __version__  # noqa: PLC0415

    inputs = run.inputs
    as_of = day(inputs.evidence.as_of or inputs.scenario.as_of)
    quoted = f"article3 {__version__}, {inputs.scenario.title}, as known on {as_of}, run {run.digest[:12]}"
    newest = [vintage for vintage in inputs.evidence.vintages if vintage.dataset == "nato"]
    sentences = unique(str(finding.sentence) for finding in run.findings if finding.sentence.parts)
    cautions = unique(warning for finding in run.findings for warning in finding.warnings)
    return [
        ("What it is", inputs.scenario.description or "The tables of one run of article3."),
        ("As known on", as_of),
        ("Newest figures", f"NATO release of {release(newest[-1].vintage)}" if newest else "none"),
        ("Changed from baseline", ", ".join(inputs.changed) or "nothing"),
        ("Version", f"article3 {__version__}"),
        ("Run", run.digest),
        *((("Findings" if place == 0 else ""), text) for place, text in enumerate(sentences)),
        *((("Cautions" if place == 0 else ""), text) for place, text in enumerate(cautions)),
        (
            "How to read it",
            _HOW_TO_READ,
        ),
        (
            "Addresses",
            "Every number has an address. In a terminal, article3 explain ADDRESS gives formula, inputs and sources.",
        ),
        *((f"Standing: {name}", text) for name, text in STANDINGS),
        ("How to cite", f"{quoted}. Name NATO as the source of its figures."),
    ]


def _sources(run: Run) -> list[tuple[str, ...]]:
    names = ("source_id", "citation", "url", "published", "standing")
    return [tuple(row[name] for name in names) for row in used_sources(run)]


def _vintages(run: Run) -> list[tuple[Any, ...]]:
    titles = {name: item.title for name, item in run.inputs.evidence.definitions.items()}
    return [
        (v.dataset, v.vintage, v.known_from, v.title, titles.get(v.definition, v.definition), v.constant_prices, v.note)
        for v in run.inputs.evidence.vintages
    ]
