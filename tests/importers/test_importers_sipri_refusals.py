"""SIPRI's workbook: every refusal of what stands in it."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl.worksheet.formula import ArrayFormula
from synthetic_sipri import SHEET, WITH_FORCES, SipriBook, sipri_book

from article3.errors import Fault, ImportFileError
from article3.evidence.importers import grid, read_official


@pytest.fixture
def sipri() -> SipriBook:
    return sipri_book()


def faults_of(sipri: SipriBook, folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(ImportFileError) as error:
        read_official(sipri.save(folder))
    for fault in error.value.faults:
        assert fault.what
        assert fault.where.startswith("SIPRI-Milex-data-1949-2024_2.xlsx")
        assert fault.mend
        assert "NATO" not in str(fault)
    return error.value.faults


def only_fault(sipri: SipriBook, folder: Path) -> Fault:
    (fault,) = faults_of(sipri, folder)
    return fault


# The file


def test_macros(sipri: SipriBook, tmp_path: Path) -> None:
    path = sipri.save(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    with pytest.raises(ImportFileError, match="carries macros"):
        read_official(path)


def test_a_damaged_sheet(sipri: SipriBook, tmp_path: Path) -> None:
    path, spoilt = sipri.save(tmp_path), tmp_path / "new"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(spoilt, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, data[:300] if entry.filename.endswith("sheet4.xml") else data)
    shutil.move(spoilt, path)
    with pytest.raises(ImportFileError, match="damaged"):
        read_official(path)


# The sheet


def test_sheet_missing(sipri: SipriBook, tmp_path: Path) -> None:
    sipri.book.remove(sipri.sheet)
    fault = only_fault(sipri, tmp_path)
    assert fault.what == "the sheet 'Share of GDP' is missing"
    assert "Current US$" in fault.found
    assert "percentage of gross domestic product" in fault.expected


@pytest.mark.parametrize("title", ["Military expenditure per capita  by country, 1988-2024", None])
def test_another_title(sipri: SipriBook, tmp_path: Path, title: str | None) -> None:
    address = sipri.put((1, 1), title)
    fault = only_fault(sipri, tmp_path)
    assert fault.what == "the sheet 'Share of GDP' has another title"
    assert (title or "Countries are grouped") in fault.found
    assert fault.where.endswith(address if title else "A2")


def test_an_empty_sheet(sipri: SipriBook, tmp_path: Path) -> None:
    sipri.sheet.delete_rows(1, sipri.sheet.max_row)
    assert only_fault(sipri, tmp_path).found == "no title"


def test_two_sheets_with_the_title(sipri: SipriBook, tmp_path: Path) -> None:
    sipri.book["Per capita"]["A1"] = sipri.sheet["A1"].value
    fault = only_fault(sipri, tmp_path)
    assert fault.what == "two sheets are titled as the shares of GDP"
    assert "'Per capita'!A1" in fault.found


def test_sheets_exchanged(sipri: SipriBook, tmp_path: Path) -> None:
    sipri.sheet.title, sipri.book["Per capita"].title = "x", SHEET
    sipri.book["x"].title = "Per capita"
    fault = only_fault(sipri, tmp_path)
    assert fault.what == "the sheet 'Per capita' is titled as the shares of GDP"


# The header


def test_header_missing(sipri: SipriBook, tmp_path: Path) -> None:
    sipri.sheet.delete_rows(sipri.find("Country")[0])
    fault = only_fault(sipri, tmp_path)
    assert fault.what == "the header is missing"
    assert SHEET in fault.where


def test_years_missing(sipri: SipriBook, tmp_path: Path) -> None:
    for year in sipri.years:
        sipri.put(sipri.find(year), None)
    assert only_fault(sipri, tmp_path).what == "the header has no years"


def test_a_year_lost(sipri: SipriBook, tmp_path: Path) -> None:
    address = sipri.put(sipri.find(2010), None)
    faults = faults_of(sipri, tmp_path)
    assert [fault.what for fault in faults] == [
        "the years of the header are not consecutive",
        "figures stand in a column without a year",
    ]
    assert (faults[0].found, faults[0].expected) == ("2011 after 2009", "2010")
    assert faults[1].found.startswith("31 figures of Allies in column")
    assert faults[1].expected == f"a year in {address.split('!')[1]}"


@pytest.mark.parametrize("year", [1988, 2024])
def test_first_or_last_year_lost(sipri: SipriBook, tmp_path: Path, year: int) -> None:
    sipri.put(sipri.find(year), None)
    whats = [fault.what for fault in faults_of(sipri, tmp_path)]
    assert whats == ["the years of the header are not those of the title", "figures stand in a column without a year"]


def test_the_header_moved(sipri: SipriBook, tmp_path: Path) -> None:
    row, first = sipri.find(1988)
    for offset, year in enumerate(sipri.years):
        sipri.put((row, first + 1 + offset), year)
    sipri.put((row, first), None)
    faults = faults_of(sipri, tmp_path)
    assert any(fault.what == "figures stand in a column without a year" for fault in faults)


def test_the_header_moved_over_the_notes(sipri: SipriBook, tmp_path: Path) -> None:
    row, first = sipri.find(1988)
    for offset, year in enumerate(sipri.years):
        sipri.put((row, first - 1 + offset), year)
    sipri.put((row, first - 1 + len(sipri.years)), None)
    whats = {fault.what for fault in faults_of(sipri, tmp_path)}
    assert {"figures stand in a column without a year", "text stands where a number should be"} <= whats


def test_all_years_one_later_than_the_title(sipri: SipriBook, tmp_path: Path) -> None:
    row, first = sipri.find(1988)
    for offset, year in enumerate(sipri.years):
        sipri.put((row, first + offset), year + 1)
    fault = only_fault(sipri, tmp_path)
    assert (fault.found, fault.expected) == ("1989 to 2025", "1988 to 2024")


def test_years_exchanged(sipri: SipriBook, tmp_path: Path) -> None:
    first, second = sipri.find(2010), sipri.find(2011)
    sipri.put(first, 2011)
    sipri.put(second, 2010)
    found = [fault.found for fault in faults_of(sipri, tmp_path)]
    assert found == ["2011 after 2009", "2010 after 2011", "2012 after 2010"]


def test_a_year_twice(sipri: SipriBook, tmp_path: Path) -> None:
    address = sipri.put(sipri.find(2011), 2010)
    faults = faults_of(sipri, tmp_path)
    assert faults[0].what == "the year 2010 stands twice in the header"
    assert faults[0].where.endswith(address)


@pytest.mark.parametrize("value", ["mean", 210, "2010e", date(2010, 1, 1)])
def test_something_else_than_a_year(sipri: SipriBook, tmp_path: Path, value: object) -> None:
    address = sipri.put(sipri.find(2010), value)
    faults = faults_of(sipri, tmp_path)
    assert any(address in fault.where and "something else than a year" in fault.what for fault in faults)


# Rows


@pytest.mark.parametrize("country", ["Poland", "Albania", "Türkiye", "United States of America"])
def test_an_ally_missing(sipri: SipriBook, tmp_path: Path, country: str) -> None:
    sipri.sheet.delete_rows(sipri.find(country)[0])
    fault = only_fault(sipri, tmp_path)
    assert fault.what.endswith("has no row")
    assert fault.found == "30 of 31 Allies"
    assert SHEET in fault.where


def test_an_ally_misspelt(sipri: SipriBook, tmp_path: Path) -> None:
    address = sipri.put(sipri.find("Portugal"), "Portugul")
    fault = only_fault(sipri, tmp_path)
    assert fault.what == "Portugal has no row"
    assert fault.mend == f"Is it 'Portugul' in {address}? Mend the name there."


def test_a_word_that_is_also_a_code_is_no_ally(sipri: SipriBook, tmp_path: Path) -> None:
    sipri.put(sipri.find("Norway"), "NO")
    assert only_fault(sipri, tmp_path).what == "Norway has no row"


def test_an_ally_twice(sipri: SipriBook, tmp_path: Path) -> None:
    address = sipri.put(sipri.find("Austria"), "Belgium")
    row, _ = sipri.find("Belgium")
    fault = only_fault(sipri, tmp_path)
    assert (fault.what, fault.found) == ("Belgium stands twice", f"rows {row} and {row + 1}")
    assert not fault.where.endswith(address)


def test_no_allies_at_all(sipri: SipriBook, tmp_path: Path) -> None:
    sipri.sheet.delete_rows(sipri.find("Country")[0] + 1, 100)
    assert only_fault(sipri, tmp_path).what == "the sheet has no rows of Allies"


@pytest.mark.parametrize("written", ["...", "xxx", None])
def test_an_ally_without_a_figure(sipri: SipriBook, tmp_path: Path, written: str | None) -> None:
    for year in sipri.years:
        sipri.put(sipri.at("Poland", year), written)
    assert only_fault(sipri, tmp_path).what == "Poland has no figure in any year"


def test_holes_in_a_series(sipri: SipriBook, tmp_path: Path) -> None:
    first = sipri.put(sipri.at("Poland", 2010), None)
    second = sipri.put(sipri.at("Poland", 2024), "  ")
    fault = only_fault(sipri, tmp_path)
    assert fault.what == "Poland has empty cells behind its first figure"
    assert fault.where.endswith(first)
    assert fault.found == f"nothing in {first.split('!')[1]}, {second.split('!')[1]}"


def test_a_row_moved_by_one_cell(sipri: SipriBook, tmp_path: Path) -> None:
    row, first = sipri.at("Poland", 1988)
    cells = [sipri.sheet.cell(row, first + offset).value for offset in range(len(sipri.years))]
    for offset, value in enumerate([*cells[1:], None]):
        sipri.put((row, first + offset), value)
    assert "empty cells" in only_fault(sipri, tmp_path).what
    for offset, value in enumerate([None, *cells]):
        sipri.put((row, first + offset), value)
    assert "without a year" in only_fault(sipri, tmp_path).what


# Cells


@pytest.mark.parametrize("value", ["0.02", "2.1%", "about two", "0,02", True, "n.a.", "-", date(2020, 1, 1)])
def test_text_where_a_number_should_be(sipri: SipriBook, tmp_path: Path, value: object) -> None:
    address = sipri.put(sipri.at("Poland", 2020), value)
    fault = only_fault(sipri, tmp_path)
    assert fault.where.endswith(address)
    assert "where a number should be" in fault.what
    assert str(value) in fault.found
    assert "0 to 0.6" in fault.expected


def test_an_error_value(sipri: SipriBook, tmp_path: Path) -> None:
    place = sipri.at("Norway", 2020)
    address = sipri.put(place, "#REF!")
    sipri.sheet.cell(*place).data_type = "e"
    fault = only_fault(sipri, tmp_path)
    assert fault.what.startswith("an error value")
    assert fault.where.endswith(address)


@pytest.mark.parametrize("value", [-0.01, -1e-9, 0.601, 2.05, 1e300])
def test_impossible_shares(sipri: SipriBook, tmp_path: Path, value: float) -> None:
    address = sipri.put(sipri.at("Poland", 2020), value)
    fault = only_fault(sipri, tmp_path)
    assert (fault.what, fault.found) == ("the share is impossible", f"{value:g}")
    assert fault.where.endswith(address)


def test_per_cent_instead_of_fractions_is_one_fault(sipri: SipriBook, tmp_path: Path) -> None:
    for row in sipri.sheet.iter_rows(min_row=sipri.find("Algeria")[0], min_col=3):
        for cell in row:
            if isinstance(cell.value, float):
                cell.value *= 100
    fault = only_fault(sipri, tmp_path)
    assert fault.what == "the shares look like per cent, not like fractions of GDP"
    assert f"'{SHEET}'!" in fault.where
    assert "0.02 for 2 per cent" in fault.expected


def test_one_ally_in_per_cent(sipri: SipriBook, tmp_path: Path) -> None:
    for year in sipri.years:
        cell = sipri.sheet.cell(*sipri.at("Poland", year))
        if isinstance(cell.value, float):
            cell.value *= 100
    faults = faults_of(sipri, tmp_path)
    assert {fault.what for fault in faults} == {"the share is impossible"}


# Formulas and merged cells


def test_a_formula(sipri: SipriBook, tmp_path: Path) -> None:
    address = sipri.put(sipri.at("Poland", 2020), "=AG10*1.02")
    fault = only_fault(sipri, tmp_path)
    assert fault.where.endswith(address)
    assert fault.found == "=AG10*1.02"
    assert fault.mend.startswith("Use SIPRI's own file, or save the sheet as values")


def test_formulas_of_a_row_are_one_fault(sipri: SipriBook, tmp_path: Path) -> None:
    for year in sipri.years:
        row, column = sipri.at("Poland", year)
        sipri.put((row, column), ArrayFormula(f"{grid.letters(column)}{row}", "=1+1"))
    fault = only_fault(sipri, tmp_path)
    assert fault.what == "formulas stand where a value should be"


def test_formulas_in_header_and_label(sipri: SipriBook, tmp_path: Path) -> None:
    header = sipri.put(sipri.find(2010), "=X6+1")
    label = sipri.put(sipri.find("Spain"), "=Sheet1!A1")
    faults = faults_of(sipri, tmp_path)
    assert [fault.where.split(", ")[1] for fault in faults if "formula" in fault.what] == [header, label]
    assert "Spain has no row" in {fault.what for fault in faults}


def test_a_header_of_formulas(sipri: SipriBook, tmp_path: Path) -> None:
    for year in sipri.years:
        sipri.put(sipri.find(year), f"={year}")
    assert only_fault(sipri, tmp_path).what == "formulas stand where a value should be"


@pytest.mark.parametrize(("label", "year"), [("Country", 2010), ("Poland", 2010), ("Kuwait", 2010)])
def test_merged_cells(sipri: SipriBook, tmp_path: Path, label: str, year: int) -> None:
    row, column = sipri.at(label, year)
    sipri.sheet.merge_cells(start_row=row, end_row=row, start_column=column, end_column=column + 1)
    span = f"'{SHEET}'!{grid.letters(column)}{row}:{grid.letters(column + 1)}{row}"
    assert any("merged cells" in fault.what and span in fault.where for fault in faults_of(sipri, tmp_path))


def test_names_merged_over_two_rows(sipri: SipriBook, tmp_path: Path) -> None:
    row, column = sipri.find("Kuwait")
    sipri.sheet.merge_cells(start_row=row - 1, end_row=row, start_column=column, end_column=column)
    assert any("merged cells" in fault.what for fault in faults_of(sipri, tmp_path))


# Together


def test_all_faults_at_once(sipri: SipriBook, tmp_path: Path) -> None:
    addresses = [
        sipri.put(sipri.find(2010), None),
        sipri.put(sipri.at("Poland", 2020), "many"),
        sipri.put(sipri.at("Spain", 2021), -0.5),
        sipri.put(sipri.at("Italy", 2022), "=1+1"),
        sipri.put(sipri.at("Greece", 2023), None),
        sipri.put(sipri.find("Norway"), "Norvay"),
    ]
    row, column = sipri.at("Sweden", 2015)
    sipri.sheet.merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=column)
    told = "\n".join(str(fault) for fault in faults_of(sipri, tmp_path))
    for address in (*addresses[1:], "2011 after 2009", "Norway has no row", "merged cells", addresses[0].split("!")[1]):
        assert address in told
    assert f"{len(WITH_FORCES) - 1} of {len(WITH_FORCES)} Allies" in told
