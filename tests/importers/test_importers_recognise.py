"""Files are told by content, labels by the table, releases by the name."""

from __future__ import annotations

import gzip
from pathlib import Path

import openpyxl
import pytest
from synthetic import nato_book, text, weo_by_subject, weo_classic

from article3.domain import aggregates, allies, ally, currencies
from article3.errors import ImportFileError
from article3.evidence.importers import recognise
from article3.evidence.importers.extract import is_vintage, vintage_in_name
from article3.evidence.importers.labels import labels, take_apart


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a", "a.xls"])
def test_the_ending_of_the_name_does_not_matter(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    nato_book().book.save(path)
    assert recognise(path) == "nato_workbook"
    path.write_text(text(weo_by_subject()), encoding="utf-8")
    assert recognise(path) == "imf_weo"
    path.write_text(text(weo_classic(), "\t"), encoding="utf-16-le")
    assert recognise(path) == "imf_weo"


def test_a_nato_workbook_whose_titles_are_gone_is_still_one(tmp_path: Path) -> None:
    nato = nato_book()
    for sheet in nato.book:
        nato.put(sheet.title, nato.find(sheet.title, "Table"), None)
    assert recognise(nato.save(tmp_path)) == "nato_workbook"


def test_another_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Budget & more"
    book.active["A1"] = "Table of contents"
    book.save(tmp_path / "own.xlsx")
    with pytest.raises(ImportFileError) as error:
        recognise(tmp_path / "own.xlsx")
    (fault,) = error.value.faults
    assert fault.found == "an Excel workbook with the sheets Budget & more"
    assert "NATO's yearly workbook" in fault.expected
    assert "World Economic Outlook" in fault.expected


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"%PDF-1.7 ...", "a PDF"),
        (gzip.compress(b"x" * 100, mtime=0), "gzip"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "a web page"),
        (b'{"a": 1}', "JSON"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b"country,iso,month\nPoland,POL,1\n", "columns 'country', 'iso', 'month'"),
        ("Name;Größe\nA;1\n".encode("latin-1"), "columns 'Name', 'Gr"),
        (b"Just a sentence.", "text that begins 'Just a sentence.'"),
        (bytes(range(128, 256)) + b"\x00" * 50, "unknown kind"),
    ],
    ids=["pdf", "gzip", "html", "json", "xml", "csv", "latin-1", "text", "bytes"],
)
def test_other_files(tmp_path: Path, data: bytes, found: str) -> None:
    path = tmp_path / "nato.xlsx"
    path.write_bytes(data)
    with pytest.raises(ImportFileError) as error:
        recognise(path)
    (fault,) = error.value.faults
    assert found in fault.found
    assert fault.where == "nato.xlsx"


@pytest.mark.parametrize(
    ("name", "vintage"),
    [
        ("nato-defence-expenditure-2024-06-17.xlsx", "2024-06-17"),
        ("imf-weo-2026-04.csv", "2026-04"),
        ("240617-def-exp-2024-TABLES-en.xlsx", "2024-06-17"),
        ("WEOApr2024all.xls", "2024-04"),
        ("WEOOct2019all.xls", "2019-10"),
        ("weo_october_2021.csv", "2021-10"),
        ("def-exp-2014-2024.xlsx", None),
        ("def-exp-2024-en.xlsx", None),
        ("249917-def-exp.xlsx", None),
        ("2024-02-31.xlsx", None),
        ("PR-2019-069-eng.xlsx", None),
    ],
)
def test_the_release_in_a_name(name: str, vintage: str | None) -> None:
    assert vintage_in_name(Path(name)) == vintage


def test_what_is_a_release() -> None:
    assert is_vintage("2026-04")
    assert is_vintage("2024-02-29")
    assert not any(map(is_vintage, ("2026", "2026-00", "2023-02-29", "2026-4", "2026-04-", "٢٠٢٦-٠٤")))


def test_labels_say_the_same_as_the_domain() -> None:
    table = labels()
    for spelling, code in table.allies.items():
        assert ally(spelling).code == code
    for spelling, code in table.sipri.items():
        assert ally(spelling).code == code
        assert table.code(spelling) is None  # else the row would say nothing new, or something else than NATO's
        assert table.sipri_code(spelling) == code
    assert table.codes == {item.code for item in allies()}
    assert set(table.aggregates.values()) == {item.code for item in aggregates()}
    known = {(item.ally, item.code) for item in currencies()}
    assert {(code, iso) for (code, _), iso in table.currencies.items() if code} <= known
    words = {code for code, _ in table.currencies}
    assert {item.code for item in allies() if (item.code, "EUR") not in known} <= words


@pytest.mark.parametrize(
    ("label", "name", "currency"),
    [
        ("Czechia*   (Koruny)", "Czechia", "Koruny"),
        ("Canada   (Canadian dollars)", "Canada", "Canadian dollars"),
        ("Türkiye **", "Türkiye", ""),
        ("Poland (1)", "Poland", ""),
        ("Poland* (a)", "Poland", ""),
        ("Romania* (New Lei)*", "Romania", "New Lei"),
        ("9" * 5000, "", ""),
    ],
)
def test_labels_are_taken_apart(label: str, name: str, currency: str) -> None:
    part = take_apart(label)
    assert (part.name, part.currency) == (name, currency)
