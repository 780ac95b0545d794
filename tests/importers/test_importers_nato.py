"""NATO's yearly workbook: what is read, and every refusal."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from synthetic import AGGREGATES, ALLIES, NatoBook, nato_book

from article3.errors import Fault, ImportFileError
from article3.evidence.importers import Extract, grid, read_official, recognise
from article3.evidence.importers.guard import MAX_FILE_BYTES
from article3.evidence.table import SCHEMA


@pytest.fixture
def nato() -> NatoBook:
    return nato_book()


def faults_of(nato: NatoBook, folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(ImportFileError) as error:
        read_official(nato.save(folder))
    for fault in error.value.faults:
        assert fault.where
        assert fault.what
        assert fault.mend or fault.expected
    return error.value.faults


def only_fault(nato: NatoBook, folder: Path) -> Fault:
    (fault,) = faults_of(nato, folder)
    return fault


def values_of(extract: Extract) -> dict[tuple[str, str, int], float]:
    rows = extract.table.select("measure", "ally", "period", "value").iter_rows()
    return {(measure, ally, period): value for measure, ally, period, value in rows}


# Reading


def test_every_figure_comes_back(nato: NatoBook, tmp_path: Path) -> None:
    extract = read_official(nato.save(tmp_path))
    assert values_of(extract) == nato.values
    assert extract.table.height == len(nato.values)
    units = extract.table.select("measure", "ally", "unit", "price_base").unique()
    assert {(m, a): (u, p) for m, a, u, p in units.iter_rows()} == nato.units


def test_columns_are_those_of_the_long_table(nato: NatoBook, tmp_path: Path) -> None:
    extract = read_official(nato.save(tmp_path))
    assert dict(extract.table.schema) == {**SCHEMA, "cell": pl.String()}
    row = extract.table.row(0, named=True)
    assert (row["vintage"], row["source_id"], row["standing"]) == ("", "", "official")
    assert (row["low"], row["high"], row["decimals"]) == (None, None, None)
    status = dict(extract.table.select("period", "status").unique().iter_rows())
    assert status == {2020: "actual", 2021: "actual", 2022: "actual", 2023: "estimate", 2024: "estimate"}


def test_every_figure_names_its_cell(nato: NatoBook, tmp_path: Path) -> None:
    extract = read_official(nato.save(tmp_path))
    for measure, ally, period, value, cell in extract.table.select(
        "measure", "ally", "period", "value", "cell"
    ).iter_rows():
        sheet, address = cell.split("!")
        assert nato.book[sheet][address].value == value, (measure, ally, period)
    assert extract.table["cell"].is_unique().all()


def test_what_the_extract_says_of_the_file(nato: NatoBook, tmp_path: Path) -> None:
    extract = read_official(nato.save(tmp_path))
    assert (extract.dataset, extract.producer, extract.edition) == ("nato", "NATO", "2020-2024")
    assert extract.suggested_vintage == "2024-06-17"
    assert extract.definition == ""
    assert "Table 4 was not read" in extract.notes[0]
    assert any("without a label" in note and "TABLE8a" in note for note in extract.notes)


@pytest.mark.parametrize(("down", "right"), [(0, 0), (7, 0), (0, 3), (11, 5)])
def test_no_row_or_column_is_taken_for_granted(tmp_path: Path, down: int, right: int) -> None:
    nato = nato_book(down=down, right=right)
    assert values_of(read_official(nato.save(tmp_path))) == nato.values


def test_other_years_and_another_price_base(tmp_path: Path) -> None:
    nato = nato_book(years=(2021, 2022, 2023, 2024, 2025, 2026), base=2021)
    extract = read_official(nato.save(tmp_path, "def-exp.xlsx"))
    assert values_of(extract) == nato.values
    assert extract.edition == "2021-2026"
    assert extract.suggested_vintage is None
    bases = extract.table.filter(pl.col("measure") == "gdp_usd_constant")["price_base"].unique()
    assert bases.to_list() == ["2021"]
    notes = extract.table.filter(pl.col("measure") == "defence_pct_gdp")["note"].unique()
    assert notes.to_list() == ["ratio at 2021 prices"]


def test_heading_with_the_year_first(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE2", nato.find("TABLE2", "Constant"), "2015 prices and exchange rates")
    assert values_of(read_official(nato.save(tmp_path))) == nato.values


@pytest.mark.parametrize(
    ("title", "hint"),
    [
        ("Table 1 : Core defence expenditure", "core defence"),
        ("Table 1 : Defence Investment", "defence investment"),
    ],
)
def test_a_title_hints_at_another_definition(nato: NatoBook, tmp_path: Path, title: str, hint: str) -> None:
    nato.put("TABLE1", nato.find("TABLE1", "Table 1"), title)
    assert read_official(nato.save(tmp_path)).definition == hint


@pytest.mark.parametrize("label", ["  Albania ** ", "Albania\u00a0(a)", "ALBANIA¹", "Albania†"])
def test_labels_carry_footnote_marks_and_spaces(nato: NatoBook, tmp_path: Path, label: str) -> None:
    nato.put("TABLE3", nato.find("TABLE3", "Albania"), label)
    assert values_of(read_official(nato.save(tmp_path))) == nato.values


def test_an_accent_may_be_written_in_two_ways(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE2", nato.find("TABLE2", "Türkiye"), "Tu\u0308rkiye")
    assert values_of(read_official(nato.save(tmp_path))) == nato.values


@pytest.mark.parametrize("nothing", [None, "-", "..", " ", "–", "…"])
def test_a_missing_figure_is_left_out(nato: NatoBook, tmp_path: Path, nothing: str | None) -> None:
    nato.put("TABLE3", nato.at("TABLE3", "Poland", 2023), nothing)
    extract = read_official(nato.save(tmp_path))
    assert ("defence_pct_gdp", "POL", 2023) not in values_of(extract)
    assert extract.table.height == len(nato.values) - 1
    assert "1 cells hold no figure." in extract.notes


def test_names_of_sheets_may_differ(nato: NatoBook, tmp_path: Path) -> None:
    nato.book["TABLE3"].title = "Table 3"
    nato.book["TABLE5"].title = "Sheet5"
    nato.book.create_sheet("Notes")["A1"] = "Nothing"
    extract = read_official(nato.save(tmp_path))
    assert values_of(extract) == nato.values
    assert extract.table.filter(pl.col("cell").str.starts_with("'Table 3'!")).height > 0
    assert "Sheets not read: Notes." in extract.notes


def test_a_workbook_without_table_4_is_read(nato: NatoBook, tmp_path: Path) -> None:
    nato.book.remove(nato.book["TABLE4"])
    extract = read_official(nato.save(tmp_path))
    assert values_of(extract) == nato.values
    assert not any("Table 4" in note for note in extract.notes)


def test_a_workbook_from_before_an_accession(tmp_path: Path) -> None:
    nato = nato_book(years=(2020, 2021, 2022))
    for number in ("1", "2", "3", "5", "6", "7", "8a", "8b"):
        sheet = nato.book[f"TABLE{number}"]
        for row in range(sheet.max_row, 0, -1):
            texts = [str(cell.value or "") for cell in sheet[row]]
            if any(text.startswith(("Finland", "Sweden")) for text in texts):
                sheet.delete_rows(row)
    allies = set(read_official(nato.save(tmp_path)).table["ally"])
    assert len(allies) == len(ALLIES) - 2 + len(AGGREGATES)


def test_external_links_are_not_followed(nato: NatoBook, tmp_path: Path) -> None:
    path = nato.save(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    extract = read_official(path)
    assert values_of(extract) == nato.values
    assert "1 links to other workbooks were not followed." in extract.notes


def test_a_format_far_below_costs_nothing(nato: NatoBook, tmp_path: Path) -> None:
    nato.put("TABLE3", (1_000_000, 1), "far")
    nato.put("TABLE3", (1, 16_000), "away")
    assert values_of(read_official(nato.save(tmp_path))) == nato.values


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
        "without a year" in fault.what and fault.expected == f"a year in {address.split('!')[1]}"
        for fault in faults
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


# Refusals: the file


def test_no_such_file_folder_or_content(tmp_path: Path) -> None:
    (tmp_path / "empty.xlsx").touch()
    for name, what in (("none.xlsx", "no such file"), ("", "not a file"), ("empty.xlsx", "is empty")):
        with pytest.raises(ImportFileError, match=what):
            read_official(tmp_path / name)


def test_macros(nato: NatoBook, tmp_path: Path) -> None:
    path = nato.save(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    with pytest.raises(ImportFileError, match="carries macros") as error:
        read_official(path)
    assert "vbaproject.bin" in error.value.faults[0].found


def test_the_old_format_and_an_encrypted_file(tmp_path: Path) -> None:
    magic = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    old, locked = tmp_path / "old.xlsx", tmp_path / "locked.xlsx"
    old.write_bytes(magic + b"\x00" * 2000)
    locked.write_bytes(magic + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 600)
    with pytest.raises(ImportFileError, match=r"old Excel format.*save it as an Excel workbook"):
        read_official(old)
    with pytest.raises(ImportFileError, match=r"encrypted.*remove the password"):
        read_official(locked)


def test_a_locked_archive(nato: NatoBook, tmp_path: Path) -> None:
    path = nato.save(tmp_path)
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x01\x02")
    while at >= 0:  # the flag "encrypted" of every entry in the table of contents
        data[at + 8] |= 1
        at = data.rfind(b"PK\x01\x02", 0, at)
    path.write_bytes(data)
    with pytest.raises(ImportFileError, match="locked with a password"):
        read_official(path)


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.xlsx"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(ImportFileError, match=r"too large.*at most 50 MB"):
        read_official(path)


@pytest.mark.parametrize(("size", "count"), [(30, 1), (9, 60)], ids=["one swollen part", "too much in all"])
def test_a_bomb_is_not_unpacked(nato: NatoBook, tmp_path: Path, size: int, count: int) -> None:
    path = nato.save(tmp_path)
    block = b"\x00" * (size * 1024 * 1024)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"xl/media/{number}.bin", block)
    with pytest.raises(ImportFileError, match="was not unpacked"):
        read_official(path)


def test_a_document_type_declaration(nato: NatoBook, tmp_path: Path) -> None:
    path = nato.save(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/extra.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>')
    with pytest.raises(ImportFileError, match="document type declaration"):
        read_official(path)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20000])


def _spoil(path: Path) -> None:
    spoilt = path.with_suffix(".new")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(spoilt, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, data[:300] if entry.filename.endswith("sheet3.xml") else data)
    shutil.move(spoilt, path)


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 50] = bytes(50)
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [_cut, _spoil, _flip])
def test_a_damaged_file(nato: NatoBook, tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = nato.save(tmp_path)
    damage(path)
    with pytest.raises(ImportFileError, match="damaged"):
        read_official(path)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("xl/workbook.bin", "xlsb"),
        ("content.xml", "OpenDocument"),
        ("readme.txt", "a zip archive with readme"),
    ],
)
def test_other_archives(tmp_path: Path, part: str, found: str) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    with pytest.raises(ImportFileError, match=found):
        recognise(path)
