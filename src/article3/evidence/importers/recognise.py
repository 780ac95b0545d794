"""Tell an official file by what is in it, and read it."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from article3.errors import Fault, ImportFileError
from article3.evidence.importers import dmdc, imf_weo, nato_workbook, sipri_workbook
from article3.evidence.importers.extract import Extract
from article3.evidence.importers.guard import OLE_MAGIC, ZIP_MAGIC, check_file, check_workbook, head_of
from article3.evidence.importers.weo_text import decode, delimiter_of

Kind = Literal["nato_workbook", "imf_weo", "sipri_milex", "dmdc_reports"]

KINDS: Final[dict[Kind, str]] = {
    "nato_workbook": "NATO's yearly workbook 'Defence Expenditure of NATO Countries' (.xlsx)",
    "imf_weo": "IMF's World Economic Outlook database (CSV, or the text file named WEO...all.xls)",
    "sipri_milex": "SIPRI's workbook of military expenditure by country (.xlsx)",
    "dmdc_reports": "the compiled DMDC reports of US people by country (CSV)",
}
"""What can be read, by kind."""

_MAGIC: Final = (
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"7z\xbc\xaf", "a compressed file (7z)"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a database"),
)


def recognise(path: Path) -> Kind:
    """Return which official file this is, by its content; the ending of the name does not matter.

    Parameters
    ----------
    path
        The file as downloaded.

    Raises
    ------
    ImportFileError
        Saying what the file looks like and which kinds there are.
    """
    check_file(path)
    head = head_of(path)
    if head.startswith((ZIP_MAGIC, OLE_MAGIC)):
        contents = check_workbook(path)
        if nato_workbook.looks_like(contents):
            return "nato_workbook"
        if sipri_workbook.looks_like(contents):
            return "sipri_milex"
        shown = ", ".join(contents.sheets[:8]) or "none"
        raise _unknown(path, f"an Excel workbook with the sheets {shown}")
    header = _header(head)
    if header and imf_weo.layout_of(header) and len(header) > 1:
        return "imf_weo"
    if len(header) > 1 and dmdc.looks_like(header):
        return "dmdc_reports"
    raise _unknown(path, _describe(head, header))


def read_official(path: Path, vintage: str | None = None) -> Extract:
    """Read an official file of any kind we know.

    Parameters
    ----------
    path
        The file as downloaded.
    vintage
        The release, ``2026-04``. Only IMF's file needs it, for the currency of national series, and only if
        its name does not tell; the rows come back without vintage in any case.

    Raises
    ------
    ImportFileError
        With every fault found; nothing was read then.
    """
    kind = recognise(path)
    if kind == "imf_weo":
        return imf_weo.read(path, vintage)
    if kind == "dmdc_reports":
        return dmdc.read(path)
    return sipri_workbook.read(path) if kind == "sipri_milex" else nato_workbook.read(path)


def _header(head: bytes) -> list[str]:
    """Return the columns of the first line, or nothing if this is not text."""
    text = head.decode("utf-8", "replace")
    for cut in range(4):
        # The head may end in the middle of a letter, which must not spoil the first line.
        try:
            text, _ = decode(head[: len(head) - cut], "")
            break
        except ImportFileError:
            continue
    line = next((line for line in text.splitlines() if line.strip()), "")
    if "\x00" in line:
        return []
    return [name.strip().strip('"') for name in line.split(delimiter_of(line))]


def _describe(head: bytes, header: list[str]) -> str:
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    start = head[:2000].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start[:500]:
        return "a web page: the download may have failed"
    if start.startswith((b"{", b"[")):
        return "JSON"
    if start.startswith(b"<?xml"):
        return "XML"
    if len(header) > 1:
        shown = ", ".join(f"'{name[:40]}'" for name in header[:8])
        return f"a text table with the columns {shown}{' ...' if len(header) > 8 else ''}"
    if not header:
        return "data of an unknown kind"
    return f"text that begins '{header[0][:60]}'"


def _unknown(path: Path, found: str) -> ImportFileError:
    return ImportFileError(
        Fault(
            "not an official file that can be read",
            where=path.name,
            found=found,
            expected=" or ".join(KINDS.values()),
            mend="Download the file from its producer and do not change it.",
        )
    )
