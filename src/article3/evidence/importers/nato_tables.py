"""What NATO's yearly workbook holds: its tables, their blocks of rows, and the measures these become."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

CURRENT: Final = "current"
CONSTANT: Final = "constant"
"""Stands for the year of the constant prices, which is read from the headings of each workbook."""

Kind = Literal["amount", "percentage", "change"]

BOUNDS: Final[dict[Kind, tuple[float, float, str]]] = {
    "amount": (0.0, float("inf"), "a number not below 0"),
    "percentage": (0.0, 100.0, "a percentage from 0 to 100"),
    "change": (-100.0, float("inf"), "a change not below -100 %"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """A run of rows under one heading: one measure.

    Parameters
    ----------
    measure, unit, price_base
        As in the long table; ``{currency}`` in the unit is the Ally's own, ``constant`` the year that the
        headings name.
    heading
        Pattern of the heading, with the group ``year`` where it names the price base; None where the sheet
        has one block and no heading.
    reads
        The heading as NATO writes it, for messages.
    kind
        Bounds of the figures.
    iceland
        Iceland has a row: it has a GDP and no forces.
    """

    measure: str
    unit: str
    price_base: str
    heading: re.Pattern[str] | None
    reads: str
    kind: Kind = "amount"
    iceland: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the workbook.

    Parameters
    ----------
    number
        ``1``, ``8a``.
    subject, subject_reads
        Pattern of the title behind the number, and how NATO writes it.
    unit, unit_reads
        Pattern of the line of units between title and header (group ``year``: price base), and how it reads.
    blocks
        Its blocks, in order.
    aggregates
        Rows for NATO Europe and Canada and for NATO in total stand in every block.
    """

    number: str
    subject: re.Pattern[str]
    subject_reads: str
    unit: re.Pattern[str]
    unit_reads: str
    blocks: tuple[Block, ...]
    aggregates: bool = True

    @property
    def reads(self) -> str:
        """The title as NATO writes it."""
        return f"Table {self.number} : {self.subject_reads}"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


TITLE: Final = _pattern(r"^\s*table\s*(?P<number>\d+\s?[a-z]?)\s*[:.–—-]\s*(?P<subject>.+?)\s*$")
SHEET_NAME: Final = _pattern(r"^\s*table[\s_]*(?P<number>\d+\s?[a-z]?)\s*$")

_CURRENT_HEADING: Final = _pattern(r"^current\s+prices")
_CONSTANT_HEADING: Final = _pattern(r"^(?:constant\s+)?\(?(?P<year>\d{4})\)?\s+(?:constant\s+)?prices")
_EXPENDITURE: Final = _pattern(
    r"^(?:core\s+)?defence\s+(?:expenditure|investment)s?\b(?!.*(?:share|change|categor|per capita))"
)
_CATEGORY: Final = _pattern(r"distribution .* by main category")
_MILLION_DOLLARS: Final = _pattern(r"^million\s+(?:us|u\.s\.)\s+dollars")
_SHARE_UNIT: Final = "percent of defence expenditure"


def _money(measure: str, unit: str, *, exchange: str, iceland: bool = False) -> tuple[Block, Block]:
    """Return the two blocks of a table of money: at current and at constant prices."""
    current, constant = f"Current prices{exchange}", f"Constant <year> prices{exchange}"
    return (
        Block(f"{measure}_current", unit, CURRENT, _CURRENT_HEADING, current, iceland=iceland),
        Block(f"{measure}_constant", unit, CONSTANT, _CONSTANT_HEADING, constant, iceland=iceland),
    )


def _category(measure: str, word: str, mark: str) -> Block:
    heading = _pattern(rf"^{word}\b")
    return Block(measure, _SHARE_UNIT, "", heading, f"{word.capitalize()} ({mark})", "percentage")


TABLES: Final[tuple[Table, ...]] = (
    Table(
        "1",
        _EXPENDITURE,
        "Defence expenditure",
        _pattern(r"^million\s+national\s+currency"),
        "Million national currency units",
        _money("defence_exp_nc", "million {currency}", exchange=""),
        aggregates=False,
    ),
    Table(
        "2",
        _EXPENDITURE,
        "Defence expenditure",
        _MILLION_DOLLARS,
        "Million US dollars",
        _money("defence_exp_usd", "million USD", exchange=" and exchange rates"),
    ),
    Table(
        "3",
        _pattern(r"defence .* share of (?:real )?gdp"),
        "Defence expenditure as a share of GDP and annual real change",
        _pattern(r"^based on (?P<year>\d{4}) prices"),
        "Based on <year> prices",
        (
            Block(
                "defence_pct_gdp",
                "percent of GDP",
                "",
                _pattern(r"^share of (?:real )?gdp"),
                "Share of real GDP (%)",
                "percentage",
            ),
            Block(
                "defence_real_change_pct",
                "percent",
                "",
                _pattern(r"^annual real change"),
                "Annual real change (%)",
                "change",
            ),
        ),
    ),
    Table(
        "5",
        _pattern(r"^gdp\b(?!.*per capita)"),
        "GDP",
        _MILLION_DOLLARS,
        "Million US dollars",
        _money("gdp_usd", "million USD", exchange=" and exchange rates", iceland=True),
    ),
    Table(
        "6",
        _pattern(r"^gdp per capita and defence .* per capita"),
        "GDP per capita and defence expenditure per capita",
        _pattern(r"^(?P<year>\d{4}) prices"),
        "<year> prices and exchange rates",
        (
            Block(
                "gdp_per_capita_usd_constant",
                "thousand USD / person",
                CONSTANT,
                _pattern(r"^gdp per capita \(thousand"),
                "GDP per capita (thousand US dollars)",
                iceland=True,
            ),
            Block(
                "defence_per_capita_usd_constant",
                "USD / person",
                CONSTANT,
                _pattern(r"^(?:core )?defence \w+ per capita \((?:us|u\.s\.) dollars"),
                "Defence expenditure per capita (US dollars)",
            ),
        ),
    ),
    Table(
        "7",
        _pattern(r"^military personnel"),
        "Military personnel",
        _pattern(r"^thousands?\b"),
        "Thousands",
        (Block("military_personnel", "thousand persons", "", None, "the whole table"),),
    ),
    Table(
        "8a",
        _CATEGORY,
        "Distribution of defence expenditure by main category",
        _pattern(r"^percentage of total"),
        "Percentage of total defence expenditure",
        (
            _category("equipment_share_pct", "equipment", "a"),
            _category("personnel_share_pct", "personnel", "b"),
        ),
        aggregates=False,
    ),
    Table(
        "8b",
        _CATEGORY,
        "Distribution of defence expenditure by main category",
        _pattern(r"^percentage of total"),
        "Percentage of total defence expenditure",
        (
            _category("infrastructure_share_pct", "infrastructure", "c"),
            _category("other_share_pct", "other", "d"),
        ),
        aggregates=False,
    ),
)

SUMMARY: Final = "4"
"""Table 4 repeats figures of Tables 2 and 3 and is not read."""


def price_year(match: re.Match[str]) -> str:
    """Return the price base a heading or line of units names, or an empty text."""
    return match.groupdict().get("year") or ""


def squeeze(number: str) -> str:
    """Return a table number as we write it: ``8a`` for ``8 A``."""
    return number.replace(" ", "").lower()
