"""Values in words: how numbers, releases, statuses and lists are written for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from article3.evidence.findings import Cited, Column, Finding
from article3.evidence.releases import vintage_label
from article3.run.explain import shown

NOT_KNOWN: Final = "not known"
FIXED: Final = "\N{NO-BREAK SPACE}"
MINUS: Final = "\N{MINUS SIGN}"

_CARDINALS: Final = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)

_VERDICTS: Final = {True: "met", False: "not met"}
_SHORT_UNITS: Final = {
    "percent": "%",
    "percent of defence expenditure": "% of defence expenditure",
    "percentage points": "points",
    "percentage points a year": "points a year",
    "Allies": "",
}


def number(value: Any, column: Column, *, signed: bool = False) -> str:
    """Return a value as :func:`shown` has it, without the unit: for cells whose heading names the unit.

    Parameters
    ----------
    value
        The exact value.
    column
        Its description.
    signed
        Write a plus before positive numbers, as for changes.
    """
    text = shown(value, column)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return text
    text = text.split(" ")[0]
    if text.startswith("-"):
        return MINUS + text[1:]
    return f"+{text}" if signed and value > 0 and float(text) != 0 else text


def unit_words(column: Column) -> str:
    """Return a column's unit as a heading has it; empty where there is none."""
    return _SHORT_UNITS.get(column.unit, column.unit)


def cite(finding: Finding, row: Mapping[str, Any], column: str) -> Cited:
    """Return a cell of a finding as a number that keeps its address."""
    return Cited(number(row[column], finding.column(column)), finding.address(row, column))


def cardinal(count: int) -> str:
    """Return a small count in words: ``six``; larger ones in figures."""
    return _CARDINALS[count] if count < len(_CARDINALS) else str(count)


def allies(count: int) -> str:
    """Return a count of Allies in words: ``one Ally``, ``six Allies``."""
    return f"{cardinal(count)} {'Ally' if count == 1 else 'Allies'}"


def capital(text: str) -> str:
    """Return a text with its first letter in upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them: ``A, B and C``."""
    return " and ".join([*([", ".join(names[:-1])] if names[:-1] else []), *names[-1:]])


def listed_up_to(names: Sequence[str], most: int) -> str:
    """Return names in full where they are few; else how many there are."""
    return listed(names) if len(names) <= most else allies(len(names))


def release(vintage: str | None) -> str:
    """Return a release as people name it, unbroken over lines; what is no date stays as it is."""
    if not vintage:
        return NOT_KNOWN
    try:
        return vintage_label(vintage).replace(" ", FIXED)
    except (ValueError, IndexError):
        return "several releases" if vintage == "mixed" else vintage


def day(value: str | date) -> str:
    """Return a day as people write it: ``31 July 2026``; a comparison as two of them."""
    if isinstance(value, date):
        return release(value.isoformat())
    return " and ".join(release(part) for part in value.split(".."))


def verdict(met: bool | None, value: Any) -> str:
    """Return a verdict in words; without one, *undecidable* where there is a figure, else *not known*."""
    if met is None:
        return NOT_KNOWN if value is None else "undecidable"
    return _VERDICTS[met]


def level(value: float) -> str:
    """Return a level of a pledge: ``3.5 %``."""
    return f"{value:g}{FIXED}%"


def wrapped(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Return a text in lines that fit a width.

    Parameters
    ----------
    text
        The text.
    width
        Room in pixels.
    size
        Size of the type in pixels.
    bold
        Whether it is set in bold.
    """
    # Mean width of a letter in Liberation Sans (metrically Arial), with a little room to spare.
    letter = size * (0.56 if bold else 0.51)
    return textwrap.wrap(text, max(8, int(width / letter)), break_long_words=False) or [""]


def unique(items: Iterable[str | None]) -> list[str]:
    """Return what is there, each once, in order of first appearance."""
    return list(dict.fromkeys(item for item in items if item))
