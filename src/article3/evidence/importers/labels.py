"""How the workbooks of NATO and SIPRI write Allies, aggregates and currencies, and what we call them.

Only what stands in a producer's tables is accepted here: :func:`article3.domain.ally` also takes ``NO`` for
Norway, which in a workbook is a word. ``labels.csv`` has four kinds of rows:

``ally``, ``aggregate``
    a spelling and the code; the first spelling of a code is its name;
``sipri``
    a spelling that stands in SIPRI's workbook only, and the code;
``currency``
    a word in the table of national currencies, the Ally it belongs to (empty: any) and the ISO code.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final

# Footnote marks behind a label ("Czechia*", "Poland 1", "Albania (a)"), after compatibility folding.
_MARKS: Final = re.compile(r"(?:[\s*†‡§\d]|\((?:\w|\d+)\))+$")
_LONGEST_LABEL: Final = 120  # a footnote is longer, and need not be searched
_CURRENCY: Final = re.compile(r"^(?P<name>[^()]*?)\s*\((?P<currency>[^()]{2,})\)$")


@dataclass(frozen=True, slots=True)
class Label:
    """A row label taken apart: the name without footnote marks, and the currency in parentheses."""

    name: str
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """The label table, as read from ``labels.csv``.

    Parameters
    ----------
    allies, aggregates
        Spelling to code, as written.
    folded
        The same of both, by the spelling as it is compared.
    sipri
        Spelling in SIPRI's workbook only to code, as written.
    currencies
        Ally (empty: any) and currency word to ISO code.
    """

    allies: dict[str, str] = field(default_factory=dict)
    aggregates: dict[str, str] = field(default_factory=dict)
    folded: dict[str, str] = field(default_factory=dict)
    sipri: dict[str, str] = field(default_factory=dict)
    currencies: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all Allies."""
        return frozenset(self.allies.values())

    def code(self, name: str) -> str | None:
        """Return the code of an Ally or aggregate, or None for an unknown label."""
        return self.folded.get(fold(name))

    def sipri_code(self, name: str) -> str | None:
        """Return the code of an Ally as SIPRI writes it, or None for any other label."""
        wanted = fold(name)
        return next((code for spelling, code in self.sipri_spellings().items() if fold(spelling) == wanted), None)

    def sipri_spellings(self) -> dict[str, str]:
        """Return every spelling of an Ally that may stand in SIPRI's workbook, and its code."""
        return {**self.allies, **self.sipri}

    def spellings(self) -> dict[str, str]:
        """Return every known spelling, mapped to itself, for suggestions."""
        return {spelling: spelling for spelling in (*self.allies, *self.aggregates)}

    def name(self, code: str) -> str:
        """Return the first spelling of a code."""
        return next(name for name, known in (*self.allies.items(), *self.aggregates.items()) if known == code)

    def currency(self, ally: str, word: str) -> str | None:
        """Return the ISO code for a currency word beside an Ally's name, or None."""
        wanted = fold(word)
        return self.currencies.get((ally, wanted)) or self.currencies.get(("", wanted))


def fold(text: str) -> str:
    """Return a text in the form labels are compared in: single spaces, no case, accents one way."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def take_apart(text: str) -> Label:
    """Split a row label such as ``Czechia*   (Koruny)`` into name and currency, without footnote marks."""
    clean = _MARKS.sub("", " ".join(unicodedata.normalize("NFKC", text[:_LONGEST_LABEL]).split()))
    match = _CURRENCY.match(clean)
    if not match:
        return Label(clean)
    return Label(_MARKS.sub("", match["name"]), match["currency"].strip())


@cache
def labels() -> Labels:
    """Return the label table of the package."""
    table = Labels()
    text = resources.files(__package__).joinpath("labels.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        kind, label, code = row["kind"], row["label"], row["code"]
        if kind == "currency":
            table.currencies[code, fold(label)] = row["currency"]
        elif kind == "sipri":
            table.sipri[label] = code
        else:
            spellings = table.allies if kind == "ally" else table.aggregates
            spellings[label] = table.folded[fold(label)] = code
    return table
