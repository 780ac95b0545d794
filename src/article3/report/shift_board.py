"""The notice board: US steps, notices, the European deliveries that gate them, and posts, for the next two years."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, RULE, RUST, SOFT, VERMILLION, Canvas, Figure, Spec
from article3.report.plan_sheet import Frame, Sheet, cut, with_key
from article3.report.shift_words import place, plural, source
from article3.report.words import day, wrapped
from article3.scenario.resolve import Inputs

MONTHS: Final = 24
"""Months that the board shows."""
SLIPS: Final = ("late", "moved", "stays", "early", "past", "overdue")
"""States that ask for somebody's attention."""
FASTEST: Final = ("fastest", "aimed")
_GIVEN: Final = 4
"""Given drawdowns with lanes of their own; the list has all."""
_TITLES: Final = {
    "notice_given": "Notice of the fastest drawdown",
    "us_step": "US forces leave, fastest",
    "delivery": "European deliveries waited for",
    "post": "Posts change hands",
    "summit": "Summit",
}
_MONTH: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BESIDE: Final = "handover, exposure, posts and road map as in the tables above"
_LETTER: Final = 6.2

Row = dict[str, Any]


def today_of(inputs: Inputs) -> date:
    """Return the day on which the board is read."""
    return inputs.scenario.shift.today or inputs.scenario.as_of


def until_of(today: date) -> date:
    """Return the last day that the board shows."""
    months = today.month - 1 + MONTHS
    year, month = today.year + months // 12, months % 12 + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def upcoming(finding: Finding, inputs: Inputs) -> pl.DataFrame:
    """Return the rows of the next two years, in order of days."""
    today = today_of(inputs)
    known = pl.col("date").is_between(pl.lit(today.isoformat()), pl.lit(until_of(today).isoformat()))
    return finding.table.filter(known).sort("date", maintain_order=True)


def slipping(finding: Finding) -> pl.DataFrame:
    """Return the rows that carry a warning: what is late, what moves, what comes too early."""
    return finding.table.filter(pl.col("warning").fill_null("") != "").sort("date", maintain_order=True)


def shift_board(finding: Finding, inputs: Inputs) -> Figure | None:
    """Draw the notice board as a calendar.

    Parameters
    ----------
    finding
        Table ``notice``.
    inputs
        The scenario, for today and the titles of drawdowns.

    Returns
    -------
    Figure or None
        ``None`` where nothing falls into the next two years.
    """
    drawn = upcoming(finding, inputs)
    if drawn.height == 0:
        return None
    today = today_of(inputs)
    until = until_of(today)
    return Figure(
        "shift_board",
        _title(finding, drawn, until),
        f"The next {MONTHS} months, {day(today)} to {day(until)}. Marks: how many fall on one day. Steps and notices "
        "of the fastest drawdown under the plan, and of given drawdowns; European deliveries for which a step waits, "
        "on 1 July of their year; posts on the end of a usual tour. Triangles: late, too early, or already past.",
        source(finding, _BESIDE),
        finding,
        drawn.select("date", "kind", "schedule", "subject", "units", "state", "new_date", "sign_by"),
        lambda canvas: _chart(_lanes(drawn, inputs), today, until, canvas),
    )


def _title(finding: Finding, drawn: pl.DataFrame, until: date) -> Sentence:
    """Return how many steps and deliveries are ahead, what slips, and which contract is due first."""
    steps = drawn.filter(pl.col("kind") == "us_step", pl.col("schedule").is_in(FASTEST)).height
    comes = drawn.filter(pl.col("kind") == "delivery").height
    waits = "delivery for which steps wait" if comes == 1 else "deliveries for which steps wait"
    parts: list[str | Cited] = [
        f"{plural(steps, 'US step')} of the fastest drawdown and {comes} European {waits} fall before {day(until)}"
    ]
    late = finding.table.filter(pl.col("kind") == "delivery", pl.col("state") == "late").height
    parts.append(
        f"; {plural(late, 'delivery is late', 'deliveries are late')}" if late else "; none is known to be late"
    )
    due = finding.table.filter(pl.col("sign_by").fill_null("") != "").sort("sign_by", "subject")
    if due.height:
        row = due.row(0, named=True)
        parts += [", the first still to be signed by ", Cited(day(row["sign_by"]), finding.address(row, "sign_by"))]
    return sentence(*parts)


def _lanes(drawn: pl.DataFrame, inputs: Inputs) -> list[tuple[str, list[Row]]]:
    """Return the lanes: title, and marks with their days, words and whether they ask for attention."""
    fastest = pl.col("schedule").is_in(FASTEST)
    found = []
    for kind, title in _TITLES.items():
        mine = drawn.filter(pl.col("kind") == kind)
        mine = mine.filter(fastest) if kind in ("us_step", "notice_given") else mine
        if mine.height:
            found.append((title, _marks(mine, kind)))
    given = drawn.filter(pl.col("kind") == "us_step", ~fastest)
    each = ((item.title, given.filter(pl.col("schedule") == item.drawdown)) for item in inputs.drawdowns)
    return [*found, *[(title, _marks(mine, "given")) for title, mine in each if mine.height][:_GIVEN]]


def _marks(mine: pl.DataFrame, kind: str) -> list[Row]:
    found = []
    for (when,), some in mine.group_by(["date"], maintain_order=True):
        slips = bool(some["state"].is_in(SLIPS).any())
        found.append({"date": str(when), "words": _words(some, kind), "slips": slips})
    return found


def _words(some: pl.DataFrame, kind: str) -> str:
    count = some.height
    if kind == "post":
        return "; ".join(title.rpartition(" to ")[2].removeprefix("the ") for title in some["title"])
    if kind == "summit":
        return ""
    if kind == "delivery":
        return plural(count, "delivery", "deliveries")
    if kind == "given":
        early = some.filter(pl.col("state") == "early").height
        return "too early" if early else "step"
    return plural(count, "kind", "kinds")


def _chart(found: Sequence[tuple[str, list[Row]]], today: date, until: date, canvas: Canvas) -> Spec:
    left = 8.0 if canvas.narrow else 226.0
    tall = 52.0 if canvas.narrow else 38.0
    sheet = Sheet()
    top = 30.0
    ends = (place(today.isoformat()) - 0.03, place(until.isoformat()) + 0.05)
    frame = Frame(left, top, canvas.width - left - 12, tall * len(found), ends, (0, 1))
    named = False
    for year, month in _months(today, until):
        x = frame.x(year + (month - 1) / 12)
        sheet.guide(x, top, x, top + frame.height, color=RULE if month == 1 else "#efefef")
        step = 6 if canvas.narrow else 3
        if (month - 1) % step == 0:
            whole = month == 1 or canvas.narrow or not named
            words = f"{_MONTH[month - 1]} {year}" if whole else _MONTH[month - 1]
            sheet.text(x, top - 12, words, align="center", color=SOFT)
            named = True
    for number, (title, marks) in enumerate(found):
        y = top + tall * number
        sheet.guide(2, y, canvas.width - 2, y, color=RULE)
        middle = y + (32 if canvas.narrow else tall / 2)
        if canvas.narrow:
            sheet.text(2, y + 11, cut(title, canvas.width - 4, canvas.size, bold=True), fontWeight="bold")
        else:
            lines = wrapped(title, left - 14, canvas.size)[:2]
            sheet.text(left - 12, middle - (len(lines) - 1) * 7, lines, align="right", lineHeight=14)
        _lane(sheet, frame, marks, middle)
    slips = any(item["slips"] for _, marks in found for item in marks)
    body = sheet.spec(canvas.width, top + frame.height + 4)
    key = [("circle", BLUE, BLUE, "as planned")]
    key += [("triangle-down", VERMILLION, RUST, "late, too early, or past")] if slips else []
    return with_key(key, body, canvas)


def _months(today: date, until: date) -> list[tuple[int, int]]:
    first, last = today.year * 12 + today.month, until.year * 12 + until.month - 1
    return [(number // 12, number % 12 + 1) for number in range(first, last + 1)]


def _lane(sheet: Sheet, frame: Frame, marks: Sequence[Row], middle: float) -> None:
    """Draw the marks of one lane; words stand where they meet neither the next mark nor the edge."""
    spots = [frame.x(place(item["date"])) for item in marks]
    right = frame.left + frame.width
    sheet.rule(frame.left, middle, right, middle, color="#d8d8d8", strokeWidth=1)
    taken = frame.left - 8
    for number, (x, item) in enumerate(zip(spots, marks, strict=True)):
        look = {"shape": "triangle-down", "fill": VERMILLION, "stroke": RUST} if item["slips"] else {
            "shape": "circle", "fill": BLUE, "stroke": BLUE}  # fmt: skip
        sheet.point(x, middle, size=64, **look)
        wide = len(item["words"]) * _LETTER
        after = spots[number + 1] - 8 if number + 1 < len(spots) else right + 6
        if not item["words"]:
            taken = x + 8
        elif x + 8 + wide <= after:
            sheet.text(x + 8, middle - 9, item["words"], color=INK)
            taken = x + 8 + wide
        elif x - 8 - wide >= taken:
            sheet.text(x - 8, middle - 9, item["words"], align="right", color=INK)
            taken = x + 8
        else:
            at = max(min(x, right - wide / 2), frame.left + wide / 2 - 6)
            sheet.text(at, middle + 12, item["words"], align="center", color=INK, fontSize=10)
            taken = x + 8
