"""SIPRI's workbook: what is read of it, and how it becomes a release."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import polars as pl
import pytest
from synthetic_sipri import SHEET, TITLE, WITH_FORCES, SipriBook, Values, sipri_book

from article3.domain import allies
from article3.errors import ImportFileError
from article3.evidence import own
from article3.evidence.importers import Extract, read_official, recognise
from article3.evidence.importers.extract import EXTRACT_SCHEMA
from article3.evidence.releases import read_measures
from article3.evidence.store import SHIPPED, open_evidence

OWN_FILE = "SIPRI-Milex-data-1949-2024_2.xlsx"


@pytest.fixture
def sipri() -> SipriBook:
    return sipri_book()


def values_of(extract: Extract) -> Values:
    return {(ally, year): value for ally, year, value in extract.table.select("ally", "period", "value").iter_rows()}


def test_the_shares_of_the_allies(sipri: SipriBook, tmp_path: Path) -> None:
    extract = read_official(sipri.save(tmp_path))
    assert values_of(extract) == sipri.percentages()
    assert set(extract.table["ally"]) == set(WITH_FORCES) == {item.code for item in allies() if item.has_forces}
    assert extract.table.schema == EXTRACT_SCHEMA
    measure = read_measures(SHIPPED)["milex_pct_gdp"]
    for column, value in (
        ("measure", "milex_pct_gdp"),
        ("unit", measure.unit),
        ("standing", "official"),
        ("price_base", ""),
        ("vintage", ""),
        ("source_id", ""),
        ("status", ""),
        ("note", ""),
        ("decimals", None),
    ):
        assert extract.table[column].unique().to_list() == [value], column


def test_what_the_extract_says(sipri: SipriBook, tmp_path: Path) -> None:
    extract = read_official(sipri.save(tmp_path))
    assert (extract.dataset, extract.edition, extract.definition) == ("sipri", "1988-2024", "")
    assert extract.title == f"{TITLE}, 1988-2024"
    assert extract.producer == own.DATASETS["sipri"][0]
    notes = "\n".join(extract.notes)
    for told in (
        "multiplied by 100 and not rounded",
        "Sheets not read: Front page, Regional totals, Current US$, Per capita, Footnotes.",
        "9 rows of countries that are no Allies were not read",
        "colours of the cells were not read: blue marks SIPRI's estimates, red",
        "Albania §¶3, Bulgaria †13",
        "'...' (not available)",
    ):
        assert told in notes


def test_every_figure_has_its_cell(sipri: SipriBook, tmp_path: Path) -> None:
    table = read_official(sipri.save(tmp_path)).table
    for cell, value in table.select("cell", "value").iter_rows():
        sheet, _, place = cell.partition("!")
        assert sheet == f"'{SHEET}'"
        assert sipri.sheet[place].value * 100 == value


@pytest.mark.parametrize(("down", "right"), [(3, 0), (0, 2), (10, 5)])
def test_the_table_may_stand_elsewhere(tmp_path: Path, down: int, right: int) -> None:
    moved = sipri_book(down=down, right=right)
    assert values_of(read_official(moved.save(tmp_path))) == moved.percentages()


def test_sheets_of_another_name_or_order(sipri: SipriBook, tmp_path: Path) -> None:
    sipri.book.move_sheet(SHEET, -3)
    sipri.sheet.title = "share of gdp "
    assert values_of(read_official(sipri.save(tmp_path))) == sipri.percentages()


def test_years_as_text(sipri: SipriBook, tmp_path: Path) -> None:
    sipri.put(sipri.find(1990), "1990")
    sipri.put(sipri.find(1991), " 1991 ")
    assert values_of(read_official(sipri.save(tmp_path))) == sipri.percentages()


def test_all_years_from_1949_and_many_to_come(tmp_path: Path) -> None:
    # In 2027 the sheet will have 81 columns.
    long = sipri_book(years=tuple(range(1949, 2041)))
    extract = read_official(long.save(tmp_path))
    assert extract.edition == "1949-2040"
    assert values_of(extract) == long.percentages()


@pytest.mark.parametrize(
    ("country", "spelling"),
    [
        ("United States of America", "USA"),
        ("United States of America", "United States"),
        ("United Kingdom", "UK"),
        ("Czechia", "Czech Republic"),
        ("Slovakia", "Slovak Republic"),
        ("Türkiye", "Turkey"),
        ("Türkiye", "Tu\u0308rkiye"),
        ("Netherlands", " netherlands "),
    ],
)
def test_spellings(sipri: SipriBook, tmp_path: Path, country: str, spelling: str) -> None:
    sipri.put(sipri.find(country), spelling)
    assert values_of(read_official(sipri.save(tmp_path))) == sipri.percentages()


def test_what_sipri_writes_for_no_figure(sipri: SipriBook, tmp_path: Path) -> None:
    for year, written in ((2001, "..."), (2002, ". ."), (2003, " . .  "), (2004, "xxx"), (2005, "XXX"), (2006, "…")):
        sipri.put(sipri.at("Poland", year), written)
        del sipri.values["POL", year]
    extract = read_official(sipri.save(tmp_path))
    assert values_of(extract) == sipri.percentages()
    assert "2 'xxx' (did not exist)" in extract.notes[-1]


def test_empty_before_the_first_figure(sipri: SipriBook, tmp_path: Path) -> None:
    for year in (1988, 1989, 1990, 1991):
        sipri.put(sipri.at("Poland", year), None)
        sipri.values.pop(("POL", year), None)
    extract = read_official(sipri.save(tmp_path))
    assert values_of(extract) == sipri.percentages()
    assert "4 empty before the first figure" in extract.notes[-1]


def test_iceland_may_have_figures_or_no_row(sipri: SipriBook, tmp_path: Path) -> None:
    sipri.put(sipri.at("Iceland", 2024), 0.001)
    extract = read_official(sipri.save(tmp_path))
    assert values_of(extract)["ISL", 2024] == 0.001 * 100
    sipri.sheet.delete_rows(sipri.find("Iceland")[0])
    assert values_of(read_official(sipri.save(tmp_path))) == sipri.percentages()


def test_bounds_are_allowed(sipri: SipriBook, tmp_path: Path) -> None:
    for year, value in ((2023, 0), (2024, 0.6)):
        sipri.put(sipri.at("Poland", year), value)
        sipri.values["POL", year] = value
    assert values_of(read_official(sipri.save(tmp_path))) == sipri.percentages()


def test_rows_and_cells_that_are_not_read_may_hold_anything(sipri: SipriBook, tmp_path: Path) -> None:
    sipri.put(sipri.at("Libya", 2020), "=1/0")
    sipri.put(sipri.at("Kuwait", 2020), -3)
    sipri.put((sipri.find("Poland")[0], sipri.find(2024)[1] + 3), 17.5)
    sipri.put((sipri.find("Poland")[0], 2), 78)
    row, column = sipri.find("Western Europe")
    sipri.sheet.merge_cells(start_row=row, end_row=row, start_column=column, end_column=column + 4)
    assert values_of(read_official(sipri.save(tmp_path))) == sipri.percentages()


# Which file it is


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a"])
def test_it_is_recognised_by_content(sipri: SipriBook, tmp_path: Path, name: str) -> None:
    assert recognise(sipri.save(tmp_path, name)) == "sipri_milex"


def test_it_is_recognised_by_its_sheets_when_titles_are_gone(sipri: SipriBook, tmp_path: Path) -> None:
    for sheet in sipri.book:
        sheet.cell(1, 1).value = None
    for row in range(2, 5):
        sipri.put((row, 1), None)
    assert recognise(sipri.save(tmp_path)) == "sipri_milex"


def test_it_is_recognised_by_its_title_alone(sipri: SipriBook, tmp_path: Path) -> None:
    for name in set(sipri.book.sheetnames) - {SHEET}:
        sipri.book.remove(sipri.book[name])
    sipri.sheet.title = "Sheet1"
    path = sipri.save(tmp_path)
    assert recognise(path) == "sipri_milex"
    extract = read_official(path)
    assert values_of(extract) == sipri.percentages()
    assert not any("Sheets not read" in note for note in extract.notes)


def test_a_workbook_of_another_kind_is_not_sipris(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = SHEET
    book.active["A1"] = "Budget as a share of GDP"
    book.save(tmp_path / "own.xlsx")
    with pytest.raises(ImportFileError, match="SIPRI's workbook of military expenditure"):
        recognise(tmp_path / "own.xlsx")


@pytest.mark.parametrize(
    ("name", "vintage"),
    [
        (OWN_FILE, None),
        ("SIPRI-Milex-data-1949-2025_v1.2.xlsx", None),
        ("SIPRI-Milex-data-1988-2012.xlsx", None),
        ("sipri-milex-1949-2024.xlsx", None),
        ("sipri-2025-04.xlsx", "2025-04"),
        ("milex-april-2025.xlsx", "2025-04"),
    ],
)
def test_the_release_in_the_name(sipri: SipriBook, tmp_path: Path, name: str, vintage: str | None) -> None:
    assert read_official(sipri.save(tmp_path, name)).suggested_vintage == vintage


# As a release


def test_the_release_must_be_named(sipri: SipriBook, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match=r"does not say when it was released.*--vintage"):
        own.read_release(sipri.save(tmp_path), None, open_evidence())


def test_as_a_release(sipri: SipriBook, tmp_path: Path) -> None:
    path = sipri.save(tmp_path)
    (release,) = own.read_release(path, "2025-05", open_evidence())
    assert (release.dataset, release.vintage.vintage, release.vintage.definition) == ("sipri", "2025-05", "sipri")
    assert release.vintage.constant_prices == ""
    assert release.source.producer == "Stockholm International Peace Research Institute"
    assert release.vintage.title == f"{TITLE}, 1988-2024"
    assert release.table["source_id"].unique().to_list() == ["import-sipri-2025-05"]
    comparison = own.compare(release, open_evidence())
    assert (comparison.held, comparison.added) == (False, len(sipri.values))


def test_added_it_is_known_again_by_its_figures(sipri: SipriBook, tmp_path: Path, own_evidence: Path) -> None:
    path = sipri.save(tmp_path)
    (release,) = own.read_release(path, "2025-05", open_evidence())
    own.add(release, own_evidence)
    evidence = open_evidence()
    assert evidence.table("sipri").filter(pl.col("vintage") == "2025-05").height == len(sipri.values)
    (again,) = own.read_release(path, None, evidence)
    assert again.vintage.vintage == "2025-05"
    comparison = own.compare(again, evidence)
    assert (comparison.held, comparison.added, comparison.missing) == (True, 0, 0)
    assert comparison.differences.is_empty()


def test_a_changed_figure_is_shown_with_its_cell(sipri: SipriBook, tmp_path: Path, own_evidence: Path) -> None:
    (release,) = own.read_release(sipri.save(tmp_path), "2025-05", open_evidence())
    own.add(release, own_evidence)
    address = sipri.put(sipri.at("Poland", 2024), 0.05)
    evidence = open_evidence()
    (changed,) = own.read_release(sipri.save(tmp_path), None, evidence)
    (row,) = own.compare(changed, evidence).differences.iter_rows(named=True)
    assert (row["address"], row["cell"], row["found"]) == ("sipri/2025-05/milex_pct_gdp#POL/2024", address, 5.0)
