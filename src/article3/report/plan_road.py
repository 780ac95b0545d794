"""The road map: lines of effort as lanes on an axis of years, with who owns them."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import polars as pl

from article3.evidence.findings import Finding, Sentence, sentence
from article3.report.drawing import BLUE, HAIR, INK, PAPER, RULE, RUST, SOFT, VERMILLION, Canvas, Figure, Spec
from article3.report.gap_words import amount
from article3.report.plan_sheet import Frame, Sheet, cut, with_key
from article3.report.plan_words import money, source, units_words, who, year_of
from article3.report.words import day, wrapped
from article3.scenario.resolve import Inputs

_MOST: Final = 24
"""Lanes drawn: those that cost most; the table has all."""
_MARKS: Final = (
    ("contract", "diamond", VERMILLION, RUST, "contract"),
    ("first_delivery", "circle", PAPER, BLUE, "first delivery"),
    ("initial", "triangle-right", PAPER, BLUE, "a third there"),
    ("full", "circle", BLUE, BLUE, "all there"),
)
"""Milestones: mark, fill, stroke, words."""
_HEAD: Final = 28


def plan_road(finding: Finding, milestones: Finding, inputs: Inputs) -> Figure | None:
    """Draw lines of effort from contract to last delivery; those whose contract is due before the summit stand first.

    Parameters
    ----------
    finding, milestones
        Tables ``effort`` and ``milestones``.
    inputs
        The scenario, for the day of the summit.

    Returns
    -------
    Figure or None
        ``None`` where nothing is ordered.
    """
    if finding.table.height == 0 or milestones.table.height == 0:
        return None
    summit = inputs.scenario.plan.summit
    shown, drawn = _shown(finding, milestones)
    left = finding.table.height - len(shown)
    part = sum(row["cost_usd2021_m"] for row in shown) / (float(finding.table["cost_usd2021_m"].sum()) or 1.0)
    more = f" Drawn are the {len(shown)} dearest, {100 * part:.0f} % of the money; the table has all." if left else ""
    return Figure(
        "plan_road",
        _title(milestones, summit),
        "Lines of effort: a force element from one line or fleet, with the Ally that would lead it, its units and "
        "price. Whole years of lead time, orders and deliveries on 1 July: read the year. Owners are proposals of "
        "a rule, "
        f"and illustrative where holdings are.{more}",
        source(finding),
        milestones,
        drawn,
        lambda canvas: _chart(shown, summit, canvas),
    )


def _shown(finding: Finding, milestones: Finding) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    """Return the lanes, those due before the summit first, and the milestones behind them."""
    dated: dict[str, dict[str, Any]] = {}
    for row in milestones.table.iter_rows(named=True):
        dated.setdefault(row["effort"], {})[row["milestone"]] = row
    rows = [row for row in finding.table.to_dicts() if row["effort"] in dated]
    rows = sorted(rows, key=lambda row: (-row["cost_usd2021_m"], row["effort"]))[:_MOST]
    rows = [{**row, "dates": dated[row["effort"]]} for row in rows]
    rows.sort(key=lambda row: (not _due(row), _contract(row), -row["cost_usd2021_m"]))
    names = [row["effort"] for row in rows]
    return rows, milestones.table.filter(pl.col("effort").is_in(names)).drop("slips", "evidence")


def _due(row: dict[str, Any]) -> bool:
    first = row["dates"].get("contract")
    return bool(first and first["before_summit"])


def _contract(row: dict[str, Any]) -> str:
    first = row["dates"].get("contract")
    return str(first["date"]) if first else str(row["first_contract"])


def _title(milestones: Finding, summit: date) -> Sentence:
    """Return how many contracts are due before the summit, when the first deliver, and by when half of them do."""
    table = milestones.table
    contracts = table.filter(pl.col("milestone") == "contract")
    due = contracts.filter(pl.col("before_summit")).height
    years = sorted(year_of(item) for item in table.filter(pl.col("milestone") == "first_delivery")["date"])
    first = f"; the first deliver in {years[0]}, half by {years[(len(years) - 1) // 2]}" if years else ""
    return sentence(f"{due} of {contracts.height} first contracts are due before the summit of {day(summit)}{first}")


def _products(shown: list[dict[str, Any]]) -> dict[str, str]:
    """Return what each line of effort buys; with its maker where two would read alike, never with the place."""
    parts = {row["effort"]: str(row["title"]).rpartition(": ")[2].split(", ") for row in shown}
    first = [words[0] for words in parts.values()]
    return {name: ", ".join(words[: 2 if first.count(words[0]) > 1 else 1]) for name, words in parts.items()}


def _chart(shown: list[dict[str, Any]], summit: date, canvas: Canvas) -> Spec:
    names = 0 if canvas.narrow else 300
    products = _products(shown)
    begins = min(summit.year, *(year_of(_contract(row)) for row in shown))
    ends = max(year_of(item["date"]) for row in shown for item in row["dates"].values())
    top, tall = 40.0, 44.0 if canvas.narrow else 30.0
    heads = len({_due(row) for row in shown})
    height = tall * len(shown) + _HEAD * heads
    left = names + 12.0
    frame = Frame(left, top, canvas.width - left - 14, height, (begins, ends + 0.6), (0, 1))
    sheet = Sheet()
    for year in range(begins, ends + 1):
        x = frame.x(year + 0.496)
        sheet.guide(x, top - 4, x, top + (0 if canvas.narrow else height), color=RULE if year % 5 == 0 else HAIR)
        if ends - begins <= 8 or not canvas.narrow or year % 2 == begins % 2:
            sheet.text(x, top - 12, str(year), align="center", color=SOFT)
    at = frame.x(summit.year + (summit.timetuple().tm_yday - 1) / 365.25)
    sheet.rule(at, top - 4, at, top + (6 if canvas.narrow else height), color=RUST, strokeWidth=1.4, strokeDash=(4, 3))
    sheet.text(at - 6, top - 28, f"summit, {day(summit)}", color=RUST, fontWeight="bold")
    y, before = top, None
    for row in shown:
        if _due(row) != before:
            before = _due(row)
            words = "Contract due before the summit" if before else "Contract later"
            sheet.text(2, y + _HEAD - 12, words, fontWeight="bold")
            y += _HEAD
        _lane(sheet, frame, {**row, "product": products[row["effort"]]}, (y, tall, names), canvas)
        y += tall
    key = [(shape, fill, stroke, words) for _, shape, fill, stroke, words in _MARKS]
    return with_key(key, sheet.spec(canvas.width, top + height + 4), canvas)


def _lane(sheet: Sheet, frame: Frame, row: dict[str, Any], place: tuple[float, float, int], canvas: Canvas) -> None:
    """Draw one line of effort: its name with its owner, and its milestones joined by a line."""
    y, tall, names = place
    owner, price = f"{who(row['lead'])}: {row['product']}", money(row["cost_usd2021_m"])
    if canvas.narrow:
        whole = f"{owner}, {units_words(row['element'], row['units'])}, {price}"
        fits = len(wrapped(whole, canvas.width, canvas.size)) == 1
        sheet.text(2, y + 9, whole if fits else cut(owner, canvas.width, canvas.size), color=INK)
        middle = y + 28
        for year in range(int(frame.xs[0]), int(frame.xs[1]) + 1):
            sheet.guide(frame.x(year + 0.496), middle - 7, frame.x(year + 0.496), middle + 7)
    else:
        sheet.text(names, y + 9, cut(owner, names, canvas.size), align="right", color=INK)
        about = f"{row['element_title']}: {amount(row['units'])} for {price}"
        sheet.text(names, y + 22, cut(about, names, 11), align="right", color=SOFT, fontSize=11)
        middle = y + tall / 2
    sheet.guide(2, y, canvas.width - 2, y)
    dates = {name: frame.x(_years(row["dates"][name]["date"])) for name, *_ in _MARKS if name in row["dates"]}
    first = dates.get("first_delivery", dates.get("full", 0.0))
    if "contract" in dates:
        sheet.rule(dates["contract"], middle, first, middle, color=SOFT, strokeWidth=1.2, strokeDash=(2, 3))
    sheet.rule(first, middle, dates.get("full", first), middle, color=BLUE, strokeWidth=3)
    for name, shape, fill, stroke, _ in _MARKS:
        # A third that comes at once, or with all the rest, is told by those marks.
        others = [x for other, x in dates.items() if other != name]
        if name in dates and not (name == "initial" and any(abs(x - dates[name]) < 1 for x in others)):
            sheet.point(dates[name], middle, shape=shape, size=58, fill=fill, stroke=stroke)


def _years(iso: str) -> float:
    found = date.fromisoformat(iso)
    return found.year + (found.timetuple().tm_yday - 1) / 365.25
