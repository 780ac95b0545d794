"""NATO's yearly workbook: what is read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl
import pytest
from nato_checks import values_of
from synthetic import AGGREGATES, ALLIES, NatoBook, nato_book

from article3.evidence.importers import read_official
from article3.evidence.table import SCHEMA


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
