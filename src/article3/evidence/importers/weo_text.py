"""From the bytes of a text file to its records, with the line each begins on."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from article3.errors import Fault, ImportFileError
from article3.evidence.importers.guard import refuse

CLASSIC_MARK: Final = "WEO Subject Code"
"""A column that only IMF's classic download has."""

_SAVE_UTF8: Final = "Open it and save it as CSV in UTF-8, or download it again."


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a text table, and the line it begins on."""

    line: int
    fields: list[str]


def decode(data: bytes, file: str) -> tuple[str, str]:
    """Return the text of a file and a note where the encoding had to be assumed.

    Parameters
    ----------
    data
        The whole file, or its first bytes.
    file
        Its name, for the message.

    Raises
    ------
    ImportFileError
        Naming line and byte, if the file is neither UTF-8 nor one of IMF's own encodings.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16(data, "utf-16", file), ""
    if data[:64].count(0) > 16:
        # IMF's download is UTF-16 without always saying so: every second byte of its header is zero.
        return _utf16(data, "utf-16-be" if data[0] == 0 else "utf-16-le", file), ""
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        if CLASSIC_MARK.encode() in data[:2000]:
            # Downloads up to 2020; only names and notes, which are not read, hold other letters than ASCII.
            return data.decode("latin-1"), "The file is not UTF-8; it was read as Latin-1, as IMF's older downloads."
        raise _not_utf8(data, error.start, file) from error


def records(text: str, delimiter: str) -> Iterator[Record]:
    """Yield the records of a text table, blank lines left out.

    Parameters
    ----------
    text
        The whole text.
    delimiter
        What separates its fields.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins = 1
    for fields in reader:
        if any(field and not field.isspace() for field in fields):
            yield Record(begins, fields)
        begins = reader.line_num + 1


def delimiter_of(header: str) -> str:
    """Return what separates the columns of a header: the most frequent of tab, comma and semicolon."""
    return max("\t,;", key=header.count)


def read_text(path: Path) -> tuple[str, str]:
    """Return the text of a file and a note on its encoding."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise refuse("the file cannot be read", path, found=str(error)) from error
    return decode(data, path.name)


def _utf16(data: bytes, encoding: str, file: str) -> str:
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ImportFileError(
            Fault(
                "the text breaks off or is damaged",
                where=file,
                found=f"byte {error.start + 1} of {len(data)}",
                expected="UTF-16 text to the end",
                mend="Download the file again.",
            )
        ) from error


def _not_utf8(data: bytes, start: int, file: str) -> ImportFileError:
    line_start = data.rfind(b"\n", 0, start) + 1
    line = data.count(b"\n", 0, start) + 1
    return ImportFileError(
        Fault(
            "the file is not UTF-8 text",
            where=f"{file}, line {line}",
            found=f"byte 0x{data[start]:02X} at position {start - line_start + 1} of the line",
            expected="UTF-8",
            mend=_SAVE_UTF8,
        )
    )
