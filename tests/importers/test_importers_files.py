"""Workbooks that are refused before a sheet is read."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from synthetic import NatoBook

from article3.errors import ImportFileError
from article3.evidence.importers import read_official, recognise
from article3.evidence.importers.guard import MAX_FILE_BYTES


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
