"""The workbook: every table with exact values, text as text, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from report_html import row_at

from article3.report import workbook
from article3.run.analysis import Run

LEDGER = ("then_now", "count", "count_by_release", "pledge", "decline", "revision", "claims")


def opened(run: Run) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook(run)))


def expected(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a workbook's dates have no zone
    return " ".join(value) or None if isinstance(value, list) else value


def test_every_table_is_there_with_exact_values(any_run: Run) -> None:
    book = opened(any_run)
    assert book.sheetnames[0] == "Read me"
    assert book.sheetnames[-2:] == ["Sources", "Vintages"]
    for name, table in any_run.tables().items():
        sheet = book[name]
        assert sheet.max_row == table.height + 2
        for line, row in enumerate(table.iter_rows(), start=3):
            given = [cell.value for cell in sheet[line]][: len(row)]
            wanted = [expected(value) for value in row]
            assert [value or None for value in given] == [value or None for value in wanted], (name, line)


def test_headers_name_columns_and_units(baseline: Run) -> None:
    sheet = opened(baseline)["pledge"]
    heads = {cell.value: sheet.cell(2, cell.column).value for cell in sheet[1]}
    assert heads["Value"] == "value_pct; percent"
    assert heads["Pace needed"] == "pace_needed_pct; percentage points a year"
    assert heads["As known on"] == "when"
    assert sheet.freeze_panes == "A3"
    assert sheet.auto_filter.ref.startswith("A2:")


def test_numbers_show_the_decimals_of_the_page_and_keep_the_rest(baseline: Run) -> None:
    sheet = opened(baseline)["pledge"]
    places = {cell.value: cell.column for cell in sheet[1]}
    value = sheet.cell(3, places["Pace realised"])
    assert value.number_format == "0.000"
    assert value.value == baseline.tables()["pledge"]["pace_realised_pct"][0]
    assert sheet.cell(3, places["Year judged"]).value == 2024


def test_every_row_has_the_address_of_its_main_value(any_run: Run) -> None:
    book = opened(any_run)
    for name in any_run.tables():
        sheet = book[name]
        last = sheet.max_column
        main = sheet.cell(2, last).value
        assert sheet.cell(1, last).value == "Address of main value"
        assert main in any_run.tables()[name].columns
        place = next(cell.column for cell in sheet[2] if str(cell.value).split(";")[0] == main and cell.column != last)
        for line in range(3, min(sheet.max_row, 40) + 1):
            if sheet.cell(line, last).value is None:
                # A key that cannot stand in an address; never so in the tables of the ledger.
                assert name not in LEDGER
                continue
            column, row = row_at(any_run, sheet.cell(line, last).value)
            assert column == main
            assert (sheet.cell(line, place).value or None) == (row[main] or None)


def test_text_never_becomes_a_formula_or_a_link(own: Run) -> None:
    data = workbook(own)
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert any(cell.value.startswith("=cmd|") for cell in cells)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any("<f>" in sheet or "hyperlink" in sheet for sheet in sheets)


def test_the_first_sheet_says_what_it_is(baseline: Run) -> None:
    sheet = opened(baseline)["Read me"]
    text = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    assert baseline.inputs.scenario.title in text
    assert baseline.digest in text
    assert str(baseline.find("then_now").sentence) in text
    assert "31 July 2026" in text
    assert "Standing: notional" in text
    assert "Values in per cent stay in per cent" in text


def test_sources_and_vintages_are_listed(baseline: Run) -> None:
    book = opened(baseline)
    vintages = {(row[0].value, row[1].value) for row in book["Vintages"].iter_rows(min_row=3)}
    assert vintages == {(v.dataset, v.vintage) for v in baseline.inputs.evidence.vintages}
    sources = {row[0].value for row in book["Sources"].iter_rows(min_row=3)}
    assert {"nato-2024-06", "imf-weo-2024-04", "imf-weo-2026-04"} <= sources


def test_the_same_run_gives_the_same_bytes(baseline: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    first = workbook(baseline)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert workbook(baseline) == first
    created = openpyxl.load_workbook(io.BytesIO(first)).properties.created
    assert created.date() == date(2026, 7, 31)
