"""What figures and tables of the gap share: names of postures and situations, status in words, amounts, source line."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from article3.domain import ally, capability
from article3.evidence.findings import Finding
from article3.report.words import FIXED, MINUS, day, listed
from article3.scenario.resolve import Inputs

Row = Mapping[str, Any]

WINDOW: Final = 30
"""Window that headlines speak of, in days; the longest one where a contingency does not have it."""

FULL: Final = 1 - 1e-9
_HALF: Final = 0.5
_FEW: Final = 2
_MANY: Final = 10_000
_LARGE: Final = 100_000
"""From here on what is computed, and all that is counted, is written in four digits."""
_SAME: Final = ("aircraft", "headquarters")
"""Units whose plural is the singular."""


@dataclass(frozen=True, slots=True)
class Status:
    """How far a situation is met, told by word and shape before colour.

    Parameters
    ----------
    word, css
        In words, and as a class of the style sheet.
    shape, filled
        Mark in figures.
    """

    word: str
    css: str
    shape: str
    filled: bool


MET: Final = Status("met", "gap-met", "circle", True)
UNSAFE: Final = Status("met, not safely", "gap-unsafe", "circle", False)
SHORT: Final = Status("short", "gap-short", "triangle-down", False)
FAR: Final = Status("far short", "gap-far", "triangle-down", True)
STATUSES: Final = (
    (MET, "met"),
    (UNSAFE, "met at central values, short in part of the draws"),
    (SHORT, "short"),
    (FAR, "far short: less than half"),
)
"""Every status with what it means, from best to worst."""


def status(row: Row) -> Status:
    """Return the status of a row of attainment: *met* only where the low end of the range is met too."""
    if row["attainment"] >= FULL:
        return MET if row["low"] is None or row["low"] >= FULL else UNSAFE
    return SHORT if row["attainment"] >= _HALF else FAR


@dataclass(frozen=True, slots=True)
class Names:
    """How a scenario's postures and situations are called.

    Parameters
    ----------
    situations
        Titles of contingencies and planning situations by identifier.
    postures
        Postures by identifier, in order: in a sentence, there again, as a heading, as a heading on a phone.
    conventional, joint
        Identifiers of the contingencies that count as conventional, and of the situations in which several run at once.
    """

    situations: Mapping[str, str]
    postures: Mapping[str, tuple[str, str, str, str]]
    conventional: frozenset[str]
    joint: frozenset[str]

    @classmethod
    def of(cls, inputs: Inputs) -> Names:
        """Return the names of a scenario."""
        titles = {item.id: item.title for item in inputs.contingencies}
        titles |= {item.situation: item.title for item in inputs.situations}
        us = inputs.scenario.us
        postures = {"with": ("with the United States", "with it", "With the US", "with")}
        # Where reports conflict, every version says whose it is.
        for name, version in (("reduced", us.reduced), *((_variant(item), item) for item in us.variants)):
            report = f", report {_letter(version)}" if us.variants else ""
            letter = f" {_letter(version)}" if us.variants else ""
            postures[name] = (
                f"with less of the United States{report}", f"with less of it{report}", f"With less of the US{report}",
                f"less{letter}",
            )  # fmt: skip
        if tuple(inputs.without) == ("USA",):
            postures["without"] = ("without the United States", "without it", "Without the US", "without")
        else:
            who = ["the United States" if code == "USA" else ally(code).name for code in inputs.without]
            named = listed(who) if len(who) <= _FEW else f"{len(who)} Allies"
            postures["without"] = (f"without {named}", f"without {named}", f"Without {named}", "without")
        conventional = frozenset(item.id for item in inputs.contingencies if item.conventional)
        joint = frozenset(item.situation for item in inputs.situations)
        return cls(titles, postures, conventional, joint)

    def situation(self, name: str) -> str:
        """Return the title of a contingency or a situation; what is not known stays as it is."""
        return self.situations.get(name, name)

    def head(self, posture: str) -> str:
        """Return a posture as a heading."""
        return self.postures[posture][2] if posture in self.postures else posture

    def brief(self, posture: str) -> str:
        """Return a posture as a heading on a phone."""
        return self.postures[posture][3] if posture in self.postures else posture

    def inside(self, posture: str, *, again: bool = False) -> str:
        """Return a posture as a sentence has it; ``again`` where the sentence has named the United States before."""
        return self.postures[posture][1 if again else 0] if posture in self.postures else posture


def _letter(version: str) -> str:
    return version.rsplit("_", maxsplit=1)[-1]


def _variant(version: str) -> str:
    return f"reduced_{_letter(version)}"


def postures_of(table: pl.DataFrame) -> list[str]:
    """Return the postures of a table in their order."""
    return list(table["posture"].unique(maintain_order=True))


def called(name: str) -> str:
    """Return a capability as a heading."""
    return capability(name).title


def lower(title: str) -> str:
    """Return a title inside a sentence: in lower case but for abbreviations."""
    return title if title[:2].isupper() or not title[1:2].isalpha() else title[:1].lower() + title[1:]


def units(name: str, count: float = 2.0) -> str:
    """Return the unit of a capability in the plural, or in the singular for one."""
    unit = capability(name).unit
    if count == 1 or unit in _SAME:
        return unit
    return f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"


def amount(value: float) -> str:
    """Return a number of units as people write it: whole where it is large, four digits where it is very large."""
    size = abs(value)
    if size >= _LARGE or (size >= _MANY and value != round(value)):
        value = round(value, 3 - math.floor(math.log10(size)))
    if value == round(value) or size >= 9.95:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.1f}".removesuffix(".0") if size >= 0.95 else f"{value:.2g}"
    return text.replace("-", MINUS, 1) if value < 0 else text


def percent(value: float) -> str:
    """Return a share in per cent; 100 only where it is whole."""
    if 0.995 <= value < FULL:
        return f"over 99{FIXED}%"
    return f"{100 * value:.0f}{FIXED}%"


def span(row: Row) -> str:
    """Return the range of a share met over the draws; nothing where none were drawn."""
    if row["low"] is None or row["high"] is None:
        return ""
    return f"{100 * row['low']:.0f} to {100 * row['high']:.0f}"


def held_back(row: Row) -> str:
    """Return what holds a row of attainment back; nothing where fewer than eight draws in ten agree."""
    from article3.gap.attainment import AGREEMENT  # noqa: PLC0415 - the one place where the rule is written

    if not row["binding_capability"] or row["agreement"] is None or row["agreement"] < AGREEMENT * row["draws"]:
        return ""
    return called(row["binding_capability"].split(";")[0])


def at_window(table: pl.DataFrame, by: str) -> pl.DataFrame:
    """Return the rows of each case at the window that headlines speak of, else at its longest one."""
    has = pl.col("window_days").eq(WINDOW).any().over(by)
    longest = pl.col("window_days").max().over(by)
    return table.filter(pl.when(has).then(pl.lit(WINDOW)).otherwise(longest) == pl.col("window_days"))


def first_window(table: pl.DataFrame) -> int:
    """Return the window that headlines speak of where a table has it, else its longest one."""
    windows: list[int] = table["window_days"].unique().to_list()
    return WINDOW if WINDOW in windows else max(windows)


def source(finding: Finding, beside: str = "") -> str:
    """Return the source line of a figure of the gap: a model, what it rests on, and how far to trust it."""
    words = {"notional": "illustrative (notional)"}.get(str(finding.standing), str(finding.standing))
    return (
        f"Source: own model; {beside or 'holdings and requirements listed under What goes in'}. Standing: {words}. "
        f"As known on {day(finding.when.partition('~')[0])}."
    )
