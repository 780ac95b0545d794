"""What figures and tables of the shift share: names, dates on an axis, gates in words, and the plan that is shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.domain import force_element
from article3.errors import Article3Error
from article3.evidence.findings import Finding
from article3.report.gap_words import amount, lower
from article3.report.gap_words import source as gap_source
from article3.report.words import FIXED, capital, day, listed
from article3.scenario.resolve import Inputs

if TYPE_CHECKING:
    from article3.report.blocks import Book

Row = Mapping[str, Any]

SCHEDULES: Final = {"plan": "fastest", "aimed": "aimed"}
"""Schedule of table ``handover`` that belongs to a plan of the other tables."""
UNDER: Final = {"plan": "under the plan", "aimed": "under the plan made again for the handover"}
GROUPS: Final = {
    "free": "held by no requirement",
    "gated": "leaves as Europe delivers",
    "partly": "stays in part",
    "stays": "stays wholly",
    "no_path": "no European path",
    "kept": "kept by the scenario",
}
"""Classes of elements, in words."""
STAYING: Final = ("partly", "stays", "no_path", "kept")
"""Classes of what is not gone by the last year."""

_BESIDE: Final = "offers, requirements and people as listed under What the shift rests on; deliveries of the plan"
_GATE: Final = re.compile(r"([a-z0-9_]+) (\d{4})(?: \(([\d.,e+-]+) would stay\))?")
_DAYS: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_ISO: Final = re.compile(r"\d{4}(?:-\d{2}){0,2}")
_MIDDLE: Final = (7, 1)
_DAY: Final = 15
"""Month and day that stand for a year of which no more is known, and day that stands for a month."""
_HALF: Final = 0.5
_SEEN: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Gate:
    """A European delivery that holds a US step: element, year, and US units that would have to stay without it."""

    element: str
    year: int
    units: float | None


def found(book: Book, name: str) -> Finding | None:
    """Return a finding with rows; nothing where the run has none or it is empty."""
    finding = next(iter(book.named(name)), None)
    return finding if finding is not None and finding.table.height else None


def source(finding: Finding, beside: str = _BESIDE) -> str:
    """Return the source line of a figure of the shift."""
    return gap_source(finding, beside)


def title_of(element: str) -> str:
    """Return a force element as a heading; what is not known stays as it is."""
    try:
        return force_element(element).title
    except Article3Error:
        return capital(element.replace("_", " "))


def inside(element: str) -> str:
    """Return a force element as a sentence has it."""
    title = title_of(element)
    return title if "400M" in title or title[:1].isdigit() else lower(title)


def several(element: str, units: float = 2.0) -> str:
    """Return a force element as a sentence has it, in the plural but for one unit."""
    name, comma, more = inside(element).partition(",")
    if amount(units) == "1" or name.endswith(("s", "aircraft")):
        return name + comma + more
    return (f"{name[:-1]}ies" if name.endswith("y") else f"{name}s") + comma + more


def counted_words(element: str, units: float) -> str:
    """Return units of an element with its name: ``3 heavy brigades``."""
    return f"{amount(units)}{FIXED}{several(element, units)}"


def shown_plan(finding: Finding) -> str:
    """Return the plan that figures show: the one made again where there is one, else the scenario's."""
    return "aimed" if (finding.table["plan"] == "aimed").any() else str(finding.table["plan"][0])


def drawdowns(inputs: Inputs, table: pl.DataFrame) -> dict[str, str]:
    """Return titles of the drawdowns of a table by identifier, in its order; as the scenario has them."""
    titles = {item.drawdown: item.title for item in inputs.drawdowns}
    names = table["drawdown"].unique(maintain_order=True).to_list()
    return {name: titles.get(name, capital(name.replace("_", " "))) for name in names}


def case(row: Row) -> str:
    """Return a contingency with its window."""
    return f"{row['title']}, {row['window_days']}{FIXED}days"


def place(iso: str) -> float:
    """Return where a day stands on an axis of years; the middle of a year or month where no more is known."""
    year, *rest = (int(part) for part in iso.split("-"))
    month, of_month = (*rest, _DAY)[:2] if rest else _MIDDLE
    return year + (date(year, month, of_month).timetuple().tm_yday - 1) / 365.25


def dated(text: str | None) -> bool:
    """Return whether a text is a day, a month or a year."""
    return bool(text) and _ISO.fullmatch(str(text)) is not None


def when_words(text: str | None) -> str:
    """Return a day, month or year as people write it."""
    return day(str(text)) if dated(text) else str(text or "")


def plain_days(text: str | None) -> str:
    """Return a text with its days as people write them."""
    return _DAYS.sub(lambda found: day(found[0]), text or "")


def days_words(count: float) -> str:
    """Return a number of days."""
    return f"{count:,.0f}{FIXED}day{'' if round(count) == 1 else 's'}"


def fall(share: float) -> str:
    """Return a part of today's safety that is lost, in per cent, to one decimal where it is small."""
    size = 100 * share
    return f"{size:.1f}{FIXED}%" if size < 9.95 else f"{size:.0f}{FIXED}%"


def gates(text: str | None) -> list[Gate]:
    """Return the European deliveries that a text of table ``handover`` names, in its order."""
    return [
        Gate(element, int(year), float(units.replace(",", "")) if units else None)
        for element, year, units in _GATE.findall(text or "")
    ]


def gates_words(text: str | None) -> str:
    """Return the gates of a step in a sentence: element and year."""
    parts = [f"{inside(gate.element)} {gate.year}" for gate in gates(text)]
    return listed(list(dict.fromkeys(parts))) if parts else str(text or "")


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def last_date(values: Sequence[str | None]) -> str | None:
    """Return the last of some days; nothing where one is missing."""
    return None if None in values or not values else max(str(value) for value in values)


def half_free(handover: Finding, fastest: Finding, plan: str, inputs: Inputs) -> tuple[Row | None, float]:
    """Return the step after which half of the people behind the US offer are free, and how many people those are.

    Parameters
    ----------
    handover, fastest
        Tables of these names.
    plan
        ``plan`` or ``aimed``.
    inputs
        The scenario, for people of one unit.

    Returns
    -------
    tuple
        The row of the step; ``None`` where half is never free. All people behind the offer (persons).
    """
    from article3.shift.people import personnel_per_unit  # noqa: PLC0415 - loads with the page

    each = personnel_per_unit(inputs.planning)
    mine = fastest.table.filter(pl.col("plan") == plan)
    total = sum(
        offer * each.get(name, 0.0)
        for name, offer in mine.select("element", "offer").iter_rows()
        if not force_element(name).part_of
    )
    steps = handover.table.filter(pl.col("schedule") == SCHEDULES[plan], pl.col("kind") == "element").sort(
        "date", "subject", maintain_order=True
    )
    gone = 0.0
    for row in steps.iter_rows(named=True):
        gone += row["people"] or 0.0
        if gone >= _HALF * total - _SEEN and total > 0:
            return row, total
    return None, total
