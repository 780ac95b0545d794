"""NATO's yearly workbook: every refusal of what stands in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from nato_checks import faults_of, only_fault, values_of
from synthetic import NatoBook

from article3.evidence.importers import grid, read_official

# Refusals: header and columns


def test_header_missing(nato: NatoBook, tmp_path: Path) -> None:
    row, _ = nato.find("TABLE3", "2021")
    nato.book["TABLE3"].delete_rows(row)
    fault = only_fault(nato, tmp_path)
    assert "header row of years is missing" in fault.what
    assert "TABLE3" in fault.where


def test_one_year_lost_from_the_header(nato: NatoBook, tmp_path: Path) -> None:
    address = nato.put("TABLE3", nato.find("TABLE3", "2022"), None)
    faults = faults_of(nato, tmp_path)
    assert any("not consecutive" in fault.what and fault.found == "2023 after 2021" for fault in faults)
    assert any(
        "without a year" in fault.what and fault.expected == f"a year in {address.split('!')[1]}" for fault in faults
    )


@pytest.mark.parametrize("year", ["2020", "2024e"])
def test_first_or_last_year_lost_from_the_header(nato: NatoBook, tmp_path: Path, year: str) -> None:
    nato.put("TABLE3", nato.find("TABLE3", year), None)
    assert any("without a year" in fault.what for fault in faults_of(nato, tmp_path))


def test_a_column_moved(nato: NatoBook, tmp_path: Path) -> None:
    _, column = nato.find("TABLE2", "2021")
    sheet = nato.book["TABLE2"]
    for row in range(1, nato.find("TABLE2", "NATO Total", nth=2)[0] + 1):
        left, right = sheet.cell(row, column), sheet.cell(row, column + 1)
        left.value, right.value = right.value, left.value
    faults = faults_of(nato, tmp_path)
    assert [fault.found for fault in faults if "not consecutive" in fault.what] == [
        "2022 after 2020",
        "2021 after 2022",
        "2023 after 2021",
    ]


def test_a_column_put_in(nato: NatoBook, tmp_path: Path) -> None:
    _, column = nato.find("TABLE5", "2022")
    nato.book["TABLE5"].insert_cols(column)
    nato.put("TABLE5", (nato.find("TABLE5", "Canada")[0], column), 1.0)
    fault = only_fault(nato, tmp_path)
    assert "without a year" in fault.what


def test_a_year_twice(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE6", nato.find("TABLE6", "2022"), 2021)
    faults = faults_of(nato, tmp_path)
    assert any("2021 stands twice" in fault.what for fault in faults)


def test_something_else_than_a_year(nato: NatoBook, tmp_path: Path) -> None:
    address = nato.put("TABLE6", nato.find("TABLE6", "2022"), "mean")
    faults = faults_of(nato, tmp_path)
    assert any(address in fault.where and fault.found == "'mean'" for fault in faults)


def test_years_differ_between_tables(nato: NatoBook, tmp_path: Path) -> None:
    for year, written in zip(nato.years, (2019, 2020, 2021, 2022, 2023), strict=True):
        nato.put("TABLE7", nato.find("TABLE7", str(year)), written)
    fault = only_fault(nato, tmp_path)
    assert "differ from those of the others" in fault.what
    assert "TABLE7" in fault.where


def test_an_estimate_mark_lost(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE7", nato.find("TABLE7", "2023e"), 2023)
    assert "2023e" in only_fault(nato, tmp_path).expected


@pytest.mark.parametrize(("label", "year"), [("2021", 2021), ("Belgium", 2022)], ids=["header", "figures"])
def test_merged_cells(nato: NatoBook, tmp_path: Path, label: str, year: int) -> None:
    row, column = nato.at("TABLE3", label, year)
    nato.book["TABLE3"].merge_cells(start_row=row, end_row=row, start_column=column, end_column=column + 1)
    faults = faults_of(nato, tmp_path)
    span = f"TABLE3!{grid.letters(column)}{row}:{grid.letters(column + 1)}{row}"
    assert any("merged cells" in fault.what and span in fault.where for fault in faults)


def test_a_merged_heading_or_note_hides_nothing(nato: NatoBook, tmp_path: Path) -> None:
    row, column = nato.find("TABLE3", "Annual real change")
    nato.book["TABLE3"].merge_cells(start_row=row, end_row=row, start_column=column, end_column=column + 4)
    assert values_of(read_official(nato.save(tmp_path))) == nato.values


# Refusals: sheets, units, headings


def test_sheet_missing(nato: NatoBook, tmp_path: Path) -> None:
    nato.book.remove(nato.book["TABLE5"])
    fault = only_fault(nato, tmp_path)
    assert fault.what == "Table 5 is missing"
    assert "TABLE6" in fault.found
    assert "TABLE5" in fault.expected


def test_sheets_exchanged(nato: NatoBook, tmp_path: Path) -> None:
    nato.book["TABLE2"].title, nato.book["TABLE3"].title = "x", "TABLE2"
    nato.book["x"].title = "TABLE3"
    faults = faults_of(nato, tmp_path)
    assert [(fault.what, fault.found) for fault in faults] == [
        ("the sheet TABLE3 holds Table 2", "'TABLE3'"),
        ("the sheet TABLE2 holds Table 3", "'TABLE2'"),
    ]


def test_title_missing(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE3", nato.find("TABLE3", "Table 3"), "Defence")
    fault = only_fault(nato, tmp_path)
    assert fault.what == "the sheet TABLE3 does not hold Table 3"
    assert fault.found == "no title"


def test_title_of_another_table(nato: NatoBook, tmp_path: Path) -> None:
    address = nato.put("TABLE3", nato.find("TABLE3", "Table 3"), "Table 3 : Military personnel")
    fault = only_fault(nato, tmp_path)
    assert address in fault.where
    assert (fault.found, fault.what) == ("'Military personnel'", "Table 3 has another title")


def test_two_sheets_with_one_title(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE7", nato.find("TABLE7", "Table 7"), "Table 6 : GDP per capita and defence per capita")
    faults = faults_of(nato, tmp_path)
    assert [fault.what for fault in faults] == [
        "two sheets are titled Table 6",
        "the sheet TABLE7 does not hold Table 7",
    ]


@pytest.mark.parametrize("unit", ["Billion US dollars", None])
def test_another_unit(nato: NatoBook, tmp_path: Path, unit: str | None) -> None:
    nato.put("TABLE5", nato.find("TABLE5", "Million US dollars"), unit)
    fault = only_fault(nato, tmp_path)
    assert "line of units" in fault.what
    assert (unit or "nothing") in fault.found


def test_a_heading_that_is_not_known(nato: NatoBook, tmp_path: Path) -> None:
    address = nato.put("TABLE2", nato.find("TABLE2", "Constant"), "Prices of long ago")
    faults = faults_of(nato, tmp_path)
    assert [fault.what for fault in faults] == [
        "rows of Allies stand under a heading that is not known",
        "a block of rows is missing",
    ]
    assert address in faults[0].where
    assert faults[0].found == "'Prices of long ago'"


def test_a_heading_missing_makes_rows_stand_twice(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE2", nato.find("TABLE2", "Constant"), None)
    faults = faults_of(nato, tmp_path)
    assert any("Albania stands twice" in fault.what for fault in faults)
    assert any("block of rows is missing" in fault.what for fault in faults)


def test_no_heading_at_all(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE2", nato.find("TABLE2", "Current"), None)
    faults = faults_of(nato, tmp_path)
    assert faults[0].found == "no heading"


def test_a_heading_twice(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE2", nato.find("TABLE2", "Constant"), "Current prices and exchange rates")
    assert any("stands twice" in fault.what for fault in faults_of(nato, tmp_path))


def test_price_bases_differ(nato: NatoBook, tmp_path: Path) -> None:
    address = nato.put("TABLE5", nato.find("TABLE5", "Constant"), "Constant 2021 prices and exchange rates")
    fault = only_fault(nato, tmp_path)
    assert address in fault.where
    assert (fault.found, fault.expected) == ("2021", "2015")


def test_a_sheet_without_allies(nato: NatoBook, tmp_path: Path) -> None:
    sheet = nato.book["TABLE7"]
    sheet.delete_rows(21, 60)
    assert "no rows of Allies" in only_fault(nato, tmp_path).what


# Refusals: rows and cells


def test_an_unknown_label_with_a_suggestion(nato: NatoBook, tmp_path: Path) -> None:
    address = nato.put("TABLE3", nato.find("TABLE3", "Portugal"), "Portugul")
    faults = faults_of(nato, tmp_path)
    assert any(address in f.where and "Portugul" in f.what and "Portugal" in f.mend for f in faults)
    assert any("Portugal has no row" in fault.what for fault in faults)


def test_an_unknown_label_without_figures(nato: NatoBook, tmp_path: Path) -> None:
    row, column = nato.find("TABLE3", "Portugal")
    nato.put("TABLE3", (row, column), "Portugul")
    for year in nato.years:
        nato.put("TABLE3", nato.at("TABLE3", "Portugul", year), None)
    assert any("Portugul" in fault.what for fault in faults_of(nato, tmp_path))


def test_a_word_that_is_also_a_code_is_no_ally(nato: NatoBook, tmp_path: Path) -> None:
    row, column = nato.find("TABLE3", "Portugal")
    nato.put("TABLE3", (row, column), "NO")
    assert any("unknown Ally 'NO'" in fault.what for fault in faults_of(nato, tmp_path))


@pytest.mark.parametrize("label", ["Poland", "NATO Total"])
def test_a_row_missing(nato: NatoBook, tmp_path: Path, label: str) -> None:
    row, _ = nato.find("TABLE3", label, nth=2)
    nato.book["TABLE3"].delete_rows(row)
    fault = only_fault(nato, tmp_path)
    assert f"{label} has no row in the block 'Annual real change (%)'" in fault.what
    assert "TABLE3" in fault.where
    assert fault.found == "32 of 33 rows"


def test_a_label_lost(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE3", nato.find("TABLE3", "Poland"), None)
    assert "Poland has no row" in only_fault(nato, tmp_path).what


def test_an_ally_missing_everywhere(nato: NatoBook, tmp_path: Path) -> None:
    for sheet in nato.book:
        for row in range(sheet.max_row, 0, -1):
            if any(str(cell.value or "").startswith("Poland") for cell in sheet[row]):
                sheet.delete_rows(row)
    faults = faults_of(nato, tmp_path)
    assert len(faults) == 15
    assert all("Poland has no row" in fault.what for fault in faults)


def test_iceland_is_due_in_tables_of_gdp_only(nato: NatoBook, tmp_path: Path) -> None:
    row, _ = nato.find("TABLE5", "Iceland")
    nato.book["TABLE5"].delete_rows(row)
    assert "Iceland has no row" in only_fault(nato, tmp_path).what


def test_an_ally_twice(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE3", nato.find("TABLE3", "Belgium"), "Albania")
    faults = faults_of(nato, tmp_path)
    assert any("Albania stands twice" in fault.what for fault in faults)


@pytest.mark.parametrize("value", ["2.05", "about two", "1,234", True, "n.a."])
def test_text_where_a_number_should_be(nato: NatoBook, tmp_path: Path, value: object) -> None:
    address = nato.put("TABLE3", nato.at("TABLE3", "Poland", 2022), value)
    fault = only_fault(nato, tmp_path)
    assert fault.where.endswith(address)
    assert "where a number should be" in fault.what
    assert str(value) in fault.found


def test_an_error_value_in_a_labelled_row(nato: NatoBook, tmp_path: Path) -> None:
    place = nato.at("TABLE8b", "Norway", 2024)
    address = nato.put("TABLE8b", place, "#REF!")
    nato.book["TABLE8b"].cell(*place).data_type = "e"
    fault = only_fault(nato, tmp_path)
    assert fault.where.endswith(address)
    assert fault.what.startswith("an error value")


@pytest.mark.parametrize(
    ("sheet", "value"),
    [
        ("TABLE1", -1.0),
        ("TABLE2", -0.5),
        ("TABLE5", -1000),
        ("TABLE7", -2),
        ("TABLE3", -0.1),
        ("TABLE3", 100.5),
        ("TABLE8a", 101),
        ("TABLE8b", -1),
    ],
)
def test_impossible_figures(nato: NatoBook, tmp_path: Path, sheet: str, value: float) -> None:
    address = nato.put(sheet, nato.at(sheet, "Poland", 2022), value)
    fault = only_fault(nato, tmp_path)
    assert fault.where.endswith(address)
    assert "impossible" in fault.what
    assert fault.found == f"{value:g}"


def test_a_fall_of_more_than_everything(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE3", nato.at("TABLE3", "Poland", 2022, nth=2), -100.5)
    assert "not below -100 %" in only_fault(nato, tmp_path).expected


@pytest.mark.parametrize(
    ("label", "expected"), [("Poland   (Crowns)", "'Crowns'"), ("Poland", "no currency in parentheses")]
)
def test_a_currency_that_is_not_known(nato: NatoBook, tmp_path: Path, label: str, expected: str) -> None:
    address = nato.put("TABLE1", nato.find("TABLE1", "Poland"), label)
    fault = only_fault(nato, tmp_path)
    assert fault.where.endswith(address)
    assert fault.found == expected
    assert "zlotys" in fault.expected


def test_the_currency_of_another_ally(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE1", nato.find("TABLE1", "Poland"), "Poland (Kroner)")
    assert "currency of Poland is not known" in only_fault(nato, tmp_path).what


def test_formulas(nato: NatoBook, tmp_path: Path) -> None:
    address = nato.put("TABLE2", nato.at("TABLE2", "NATO Total", 2022), "=SUM(F11:F42)")
    fault = only_fault(nato, tmp_path)
    assert fault.where.endswith(address)
    assert fault.found == "=SUM(F11:F42)"
    assert "save the sheet as values" in fault.mend


def test_formulas_of_a_row_are_one_fault(nato: NatoBook, tmp_path: Path) -> None:
    first = nato.put("TABLE2", nato.at("TABLE2", "Spain", 2021), "=1+1")
    second = nato.put("TABLE2", nato.at("TABLE2", "Spain", 2023), "=1+2")
    fault = only_fault(nato, tmp_path)
    assert all(address.split("!")[1] in f"{fault.where} {fault.found}" for address in (first, second))


def test_formulas_in_header_and_label(nato: NatoBook, tmp_path: Path) -> None:
    header = nato.put("TABLE2", nato.find("TABLE2", "2022"), "=E8+1")
    label = nato.put("TABLE2", nato.find("TABLE2", "Spain"), "=TABLE3!C37")
    where = [fault.where for fault in faults_of(nato, tmp_path) if "formula" in fault.what]
    assert [text.split(", ")[1] for text in where] == [header, label]


def test_a_formula_in_a_row_without_label_is_skipped(nato: NatoBook, tmp_path: Path) -> None:
    row, _ = nato.find("TABLE1", "Constant")
    nato.put("TABLE1", (row - 1, 5), "=SUM(E11:E41)")
    assert values_of(read_official(nato.save(tmp_path))) == nato.values


def test_all_faults_at_once(nato: NatoBook, tmp_path: Path) -> None:
    mutations: list[tuple[str, tuple[int, int], object]] = [
        ("TABLE1", nato.at("TABLE1", "Poland", 2022), "many"),
        ("TABLE2", nato.at("TABLE2", "Spain", 2023), -5),
        ("TABLE3", nato.find("TABLE3", "Norway"), "Norwegen"),
        ("TABLE7", nato.find("TABLE7", "Thousands"), "Millions"),
    ]
    addresses = [nato.put(*mutation) for mutation in mutations]
    nato.book.remove(nato.book["TABLE6"])
    told = "\n".join(str(fault) for fault in faults_of(nato, tmp_path))
    for address in (*addresses[:3], "Table 6 is missing", "Millions", "Norway has no row"):
        assert address in told
