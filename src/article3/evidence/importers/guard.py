"""Refusals before a file is read: too large, not what it seems, locked, with macros.

An official file comes from a download folder and may be anything. Nothing here unpacks more than the table of
contents and a few kilobytes.
"""

from __future__ import annotations

import html
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from article3.errors import Fault, ImportFileError

MAX_FILE_BYTES: Final = 50 * 1024 * 1024
MAX_UNPACKED_BYTES: Final = 500 * 1024 * 1024
# Sheets of figures shrink 10 to 30 times; only a file made to fill the memory shrinks 200 times.
MAX_RATIO: Final = 200
RATIO_MATTERS_FROM: Final = 20 * 1024 * 1024

OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC: Final = b"PK\x03\x04"
_SHEET: Final = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?\bname="([^"]*)"')
_SHARED_TEXT_BYTES: Final = 20 * 1024 * 1024
_SHEET_BYTES: Final = 20_000
# What the archive reader raises for bytes that are not as they should be.
_DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)
_SAVE: Final = "Open it in a spreadsheet program and save it as an Excel workbook (.xlsx)"


@dataclass(frozen=True, slots=True)
class WorkbookContents:
    """What can be told of a workbook without reading its sheets.

    Parameters
    ----------
    sheets
        Their names.
    texts
        Texts of the cells, raw and not complete: enough to recognise a title in.
    external_links
        How many other workbooks it refers to.
    """

    sheets: tuple[str, ...]
    texts: bytes
    external_links: int


def refuse(what: str, path: Path, found: str = "", expected: str = "", mend: str = "") -> ImportFileError:
    """Return the error for a file as a whole."""
    return ImportFileError(Fault(what, where=path.name, found=found, expected=expected, mend=mend))


def check_file(path: Path) -> None:
    """Refuse a path that is no file, is empty or is larger than any official file.

    Raises
    ------
    ImportFileError
        With the reason.
    """
    if not path.exists():
        raise ImportFileError(Fault("there is no such file", where=str(path), mend="Check the name and the folder."))
    if not path.is_file():
        raise ImportFileError(Fault("not a file", where=str(path), mend="Name the file itself, not its folder."))
    try:
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except OSError as error:
        raise refuse("the file cannot be read", path, found=str(error)) from error
    if size == 0:
        raise refuse("the file is empty", path, mend="Download it again.")
    if size > MAX_FILE_BYTES:
        raise refuse(
            "the file is too large to be an official table; it was not opened",
            path,
            found=f"{size / 1024**2:,.0f} MB",
            expected=f"at most {MAX_FILE_BYTES // 1024**2} MB",
            mend="Download the official file again.",
        )


def head_of(path: Path, count: int = 65536) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(count)


def check_workbook(path: Path) -> WorkbookContents:
    """Refuse what is not a plain, unlocked workbook without macros; return what it holds.

    Raises
    ------
    ImportFileError
        With the reason.
    """
    check_file(path)
    head = head_of(path, 8)
    if head == OLE_MAGIC:
        raise _ole_error(path)
    if not head.startswith(ZIP_MAGIC):
        raise refuse("not an Excel workbook (.xlsx)", path, expected="a workbook", mend=f"{_SAVE}.")
    try:
        with zipfile.ZipFile(path) as archive:
            faults = _archive_faults(archive, path.name)
            if faults:
                raise ImportFileError(faults)
            return _contents(archive)
    except _DAMAGE as error:
        raise refuse("the workbook is damaged", path, found=str(error), mend="Download the file again.") from error


def _archive_faults(archive: zipfile.ZipFile, where: str) -> list[Fault]:
    entries = archive.infolist()
    faults: list[Fault] = []
    unpacked = sum(entry.file_size for entry in entries)
    swollen = any(
        entry.file_size > RATIO_MATTERS_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
        for entry in entries
    )
    if unpacked > MAX_UNPACKED_BYTES or swollen:
        # Nothing else is looked at: looking would mean unpacking.
        return [
            Fault(
                "the workbook would unpack to far more than an official table holds; it was not unpacked",
                where=where,
                found=f"{unpacked / 1024**2:,.0f} MB",
                expected=f"at most {MAX_UNPACKED_BYTES // 1024**2} MB",
                mend="Download the official file again.",
            )
        ]
    if any(entry.flag_bits & 1 for entry in entries):
        return [Fault("the workbook is locked with a password", where=where, mend="Save it without one.")]
    names = {entry.filename.replace("\\", "/").lower() for entry in entries}
    if "xl/workbook.xml" not in names:
        return [_not_xlsx(names, where)]
    macros = sorted(n for n in names if n.endswith("vbaproject.bin") or n.startswith("xl/macrosheets/"))
    if macros:
        faults.append(
            Fault(
                "the workbook carries macros",
                where=where,
                found=macros[0],
                expected="a workbook without programs in it",
                mend=f"{_SAVE}: that leaves the macros out.",
            )
        )
    declared = [
        name
        for entry in entries
        if (name := entry.filename).lower().endswith((".xml", ".rels")) and b"<!DOCTYPE" in _start(archive, entry)
    ]
    if declared:
        # No spreadsheet program writes these; they are only of use for expanding entities without end.
        faults.append(
            Fault(
                "the workbook holds a document type declaration",
                where=where,
                found=declared[0],
                mend=f"{_SAVE}.",
            )
        )
    return faults


def _start(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        return file.read(1024)


def _contents(archive: zipfile.ZipFile) -> WorkbookContents:
    # Names of parts differ in case between writers.
    parts = {entry.filename.lower(): entry for entry in archive.infolist()}
    with archive.open(parts["xl/workbook.xml"]) as file:
        sheets = tuple(html.unescape(raw.decode("utf-8", "replace")) for raw in _SHEET.findall(file.read()))
    texts = b""
    for name, entry in parts.items():
        # Texts stand in a part of their own, or in the sheets where a program other than Excel wrote them.
        limit = _SHARED_TEXT_BYTES if name == "xl/sharedstrings.xml" else _SHEET_BYTES
        if name == "xl/sharedstrings.xml" or name.startswith("xl/worksheets/sheet"):
            with archive.open(entry) as file:
                texts += file.read(limit)
    links = sum(name.startswith("xl/externallinks/") and name.endswith(".xml") for name in parts)
    return WorkbookContents(sheets, texts, links)


def _not_xlsx(names: set[str], where: str) -> Fault:
    if "xl/workbook.bin" in names:
        found = "an Excel binary workbook (.xlsb)"
    elif "content.xml" in names:
        found = "an OpenDocument file (.ods)"
    else:
        found = f"a zip archive with {', '.join(sorted(names)[:3]) or 'nothing in it'}"
    return Fault(
        "not an Excel workbook (.xlsx)",
        where=where,
        found=found,
        expected="a workbook",
        mend=f"{_SAVE}.",
    )


def _ole_error(path: Path) -> ImportFileError:
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        return refuse(
            "the workbook is encrypted",
            path,
            mend="Open it with its password, remove the password and save it as an Excel workbook (.xlsx).",
        )
    return refuse("the workbook is in the old Excel format", path, found=".xls", expected=".xlsx", mend=f"{_SAVE}.")
