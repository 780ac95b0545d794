"""Pace of the drawdown against European money: one line for each part of today's safety that is given up."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, RULE, SOFT, Canvas, Figure, Spec
from article3.report.plan_sheet import Frame, Sheet, scale_top, with_key
from article3.report.plan_words import BILLION, money
from article3.report.shift_sheet import apart
from article3.report.shift_words import UNDER, shown_plan, source
from article3.report.words import FIXED

LINES: Final = 5
"""Lines drawn, evenly over the parts of safety given up; the table has all."""
_TOLD: Final = 10.0
"""Safety given up that the title speaks of, in per cent: the first that is no less."""
_SHORT: Final = 0.005
"""Short parts of floors from which a point counts as one at which today's safety is not kept anyhow."""
_SHADES: Final = (INK, BLUE, "#3d8fc4", "#6f9fbe", "#8a8a8a")
_APART: Final = 14.0

Row = dict[str, Any]


def lines_of(table: pl.DataFrame) -> list[float]:
    """Return the parts of safety given up that are drawn, in per cent: none first, then every second one."""
    each = table["given_up_pct"].unique().sort().to_list()
    step = max(1, round(len(each) / LINES))
    return each[::step][:LINES]


def shift_pace(finding: Finding) -> Figure | None:
    """Draw how long US forces have to stay against European money, by the safety that is given up.

    Parameters
    ----------
    finding
        Table ``shift_frontier``.

    Returns
    -------
    Figure or None
        ``None`` where there are fewer than two points of money, or the plan costs nothing.
    """
    if finding.table.height == 0:
        return None
    plan = shown_plan(finding)
    mine = finding.table.filter(pl.col("plan") == plan)
    drawn = mine.filter(pl.col("given_up_pct").is_in(lines_of(mine)))
    if drawn["delivered_pct"].n_unique() < 2 or float(drawn["cost_usd2021_m"].max() or 0.0) <= 0:  # type: ignore[arg-type]
        return None
    dashed = bool((drawn["short"] > _SHORT).any())
    more = " Dashed: so little money that today's safety is not kept even if nobody leaves." if dashed else ""
    return Figure(
        "shift_pace",
        _title(finding, mine),
        f"Across: European money {UNDER[plan]}, thousand million 2021 US$, discounted, where only a part of its "
        "deliveries comes. Up: years that the people behind the US offer stay on average, to the last year looked at. "
        f"Each line: a part of today's safety that is given up in every contingency.{more}",
        source(finding),
        finding,
        drawn.drop("standing", "address", "iterations"),
        lambda canvas: _chart(drawn, canvas, dashed=dashed),
    )


def _title(finding: Finding, mine: pl.DataFrame) -> Sentence:
    """Return what the whole plan shortens the stay to, and what giving up safety would."""
    strict = mine.filter(pl.col("given_up_pct") == 0).sort("delivered_pct")
    if strict.height < 2:
        strict = mine.sort("given_up_pct", "delivered_pct").head(2)
    none, whole = strict.row(0, named=True), strict.row(-1, named=True)
    parts: list[str | Cited] = [
        "With ",
        Cited(money(whole["cost_usd2021_m"]), finding.address(whole, "cost_usd2021_m")),
    ]
    parts += [" of European money US forces stay ", _years(finding, whole), " years on average"]
    parts += [", without it ", _years(finding, none)]
    loose = mine.filter(pl.col("delivered_pct") == whole["delivered_pct"], pl.col("given_up_pct") > 0).to_dicts()
    if loose:
        row = min(loose, key=lambda row: (row["given_up_pct"] < _TOLD, abs(row["given_up_pct"] - _TOLD)))
        parts += [f"; giving up {row['given_up_pct']:g}{FIXED}% of today's safety would make it ", _years(finding, row)]
    return sentence(*parts)


def _years(finding: Finding, row: Row) -> Cited:
    return Cited(f"{row['us_years']:.1f}", finding.address(row, "us_years"))


def _chart(drawn: pl.DataFrame, canvas: Canvas, *, dashed: bool) -> Spec:
    right, across = scale_top(float(drawn["cost_usd2021_m"].max()) / BILLION)  # type: ignore[arg-type]
    top, up = scale_top(float(drawn["us_years"].max()))  # type: ignore[arg-type]
    room = 108 if canvas.narrow else 178
    frame = Frame(34, 24, canvas.width - 34 - room, 240 if canvas.narrow else 290, (0, right), (0, top))
    sheet = Sheet()
    frame.levels(sheet, [(value, f"{value:g}") for value in up])
    sheet.text(2, 6, "years that US people stay", color=SOFT)
    foot = frame.top + frame.height
    for value in across:
        sheet.rule(frame.x(value), foot, frame.x(value), foot + 4, color=RULE)
        sheet.text(frame.x(value), foot + 14, f"{value:g}", align="center", color=SOFT)
    sheet.text(frame.left, foot + 32, "European money, thousand million 2021 US$", color=SOFT)
    ends: list[tuple[float, str, str]] = []
    parts = drawn.sort("given_up_pct", "cost_usd2021_m").partition_by("given_up_pct", maintain_order=True)
    for number, part in enumerate(parts):
        rows = part.to_dicts()
        colour, strict = _SHADES[min(number, len(_SHADES) - 1)], rows[0]["given_up_pct"] == 0
        _line(sheet, frame, rows, colour, 2.6 if strict else 1.8)
        last = rows[-1]
        share = f"{last['given_up_pct']:g}{FIXED}%"
        words = share if canvas.narrow else f"{share} of safety given up"
        if strict:
            words = "nothing given up"
        ends.append((frame.y(last["us_years"]), f"{last['us_years']:.1f}: {words}", colour))
    x = frame.x(float(drawn["cost_usd2021_m"].max()) / BILLION) + 8  # type: ignore[arg-type]
    for y, (_, words, _) in zip(apart([place for place, _, _ in ends], _APART), ends, strict=True):
        first = words.endswith("nothing given up")
        sheet.text(x, y, words, color=INK if first else SOFT, fontWeight="bold" if first else "normal")
    body = sheet.spec(canvas.width, foot + 42)
    if not dashed:
        return body
    key = [("line", INK, INK, "today's safety is kept"), ("dashes", INK, INK, "not kept even with nobody leaving")]
    return with_key(key, body, canvas)


def _line(sheet: Sheet, frame: Frame, rows: list[Row], colour: str, width: float) -> None:
    """Draw one line, dashed to the last point at which floors are short with nobody leaving."""
    points = [(frame.x(row["cost_usd2021_m"] / BILLION), frame.y(row["us_years"])) for row in rows]
    short = [number for number, row in enumerate(rows) if row["short"] > _SHORT]
    cut = max(short) + 1 if short else 0
    if cut:
        sheet.line(points[: cut + 1], color=colour, strokeWidth=width, strokeDash=(5, 4))
    if len(points) - cut > 1:
        sheet.line(points[cut:], color=colour, strokeWidth=width)
    for (x, y), row in zip(points, rows, strict=True):
        if row is rows[-1]:
            sheet.point(x, y, shape="circle", size=34, fill=colour, stroke=colour)
