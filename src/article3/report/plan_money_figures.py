"""Figures of the plan's money: spending by year against the envelope, and the part of it that each Ally uses."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, PAPER, RULE, RUST, SOFT, VERMILLION, Canvas, Figure, Spec
from article3.report.plan_sheet import Frame, Sheet, scale_top, with_key
from article3.report.plan_words import BILLION, at, by_ally, by_year, horizon, money, per_cent, source
from article3.report.words import FIXED

_PARTS: Final = (
    ("outlay", "prices of orders", BLUE),
    ("running", "operation and pay", "#E69F00"),
    ("paid_to_fleets", "paid into fleets", "#8fd0f0"),
    ("rest", "entering, lines, owed before", "#4d4d4d"),
)
"""Parts of what is spent: column, words, colour. Their lightness differs in grey too, and white parts them."""
_NEAR: Final = 2.5
"""The envelope is drawn where its scale does not make bars too small: up to this many times the dearest year."""


def plan_money(finding: Finding) -> Figure | None:
    """Draw what all Allies spend by year, by what for, with the part of the envelope that is.

    Parameters
    ----------
    finding
        Table ``plan_money``.

    Returns
    -------
    Figure or None
        ``None`` where nothing is spent.
    """
    if finding.table.height == 0 or float(finding.table["spent"].sum()) <= 0:
        return None
    rest = pl.col("entering") + pl.col("setting_up") + pl.col("owed")
    drawn = by_year(finding.table).with_columns(rest.alias("rest"))
    limited = drawn["envelope"].null_count() == 0
    above = " Above each bar: part of the year's envelope of new money, all Allies together." if limited else ""
    return Figure(
        "plan_money",
        _money_title(drawn),
        f"Spending on the plan by year, thousand million US$ at prices of 2021.{above} Orders are paid in equal parts "
        "from order to delivery; operation and pay stay after the last order.",
        source(finding),
        finding,
        drawn.drop("rest"),
        lambda canvas: _money_chart(drawn, canvas),
    )


def _money_title(drawn: pl.DataFrame) -> Sentence:
    """Return spending to the horizon against the envelope, the dearest year, and what stays to be paid each year."""
    to = horizon(drawn)
    until = drawn.filter(pl.col("year") <= to)
    spent = float(until["spent"].sum())
    most = drawn.sort("spent", "year", descending=[True, False]).row(0, named=True)
    text = f"The plan spends {money(spent)} to {to}"
    free = float(until["envelope"].sum()) if until["envelope"].null_count() == 0 else 0.0
    text += f", {per_cent(spent / free)} of {money(free)} of new money" if free else ""
    last = drawn.row(-1, named=True)
    after = (
        f", and operation and pay still take {money(last['running'])} in {last['year']}" if last["running"] > 0 else ""
    )
    return sentence(f"{text}; most in {most['year']}, {money(most['spent'])}{after}")


def _money_chart(drawn: pl.DataFrame, canvas: Canvas) -> Spec:
    rows = drawn.to_dicts()
    most = max(row["spent"] for row in rows)
    envelopes = [row["envelope"] for row in rows if row["envelope"] is not None]
    near = envelopes if max(envelopes, default=0.0) <= _NEAR * most else []
    top, ticks = scale_top(max([most, *near]) / BILLION)
    frame = Frame(34, 24, canvas.width - 40, 210 if canvas.narrow else 260, (0, len(rows)), (0, top))
    sheet = Sheet()
    frame.levels(sheet, [(value, f"{value:g}") for value in ticks])
    wide = frame.width / len(rows)
    size = canvas.size if wide > 30 else 9
    for place, row in enumerate(rows):
        left, base = frame.x(place), 0.0
        for name, _, colour in _PARTS:
            value = row[name] / BILLION
            if value > 0:
                look = {"fill": colour, "stroke": PAPER, "strokeWidth": 0.8}
                sheet.rect(left + wide * 0.1, frame.y(base + value), left + wide * 0.9, frame.y(base), **look)
            base += value
        _beside(sheet, frame, row, (left, wide, base, size))
    used = [(part, words, colour) for part, words, colour in _PARTS if any(row[part] > 0 for row in rows)]
    key = [("square", colour, colour, words) for _, words, colour in used]
    key += [("line", INK, INK, "envelope")] if near else []
    return with_key(key, sheet.spec(canvas.width, frame.top + frame.height + 24), canvas)


def _beside(sheet: Sheet, frame: Frame, row: dict[str, Any], place: tuple[float, float, float, float]) -> None:
    """Write the year below a bar and the part of the envelope above it."""
    left, wide, base, size = place
    middle, envelope = left + wide / 2, row["envelope"]
    year = str(row["year"]) if wide > 30 else f"\N{RIGHT SINGLE QUOTATION MARK}{row['year'] % 100:02d}"
    sheet.text(middle, frame.top + frame.height + 13, year, align="center", color=SOFT, fontSize=size)
    if envelope is None:
        return
    if envelope / BILLION <= frame.ys[1]:  # all years' envelopes are in sight, or none is
        y = frame.y(envelope / BILLION)
        sheet.rule(left, y, left + wide, y, color=INK, strokeWidth=2)
    share = row["spent"] / envelope if envelope > 0 else None
    words = "" if share is None else f"{100 * share:.0f}{FIXED}%"
    sheet.text(middle, frame.y(base) - 9, words if wide > 26 else words.replace(f"{FIXED}%", ""), align="center",
               color=INK, fontSize=size)  # fmt: skip


def plan_allies(finding: Finding) -> Figure | None:
    """Draw the part of its envelope that each Ally spends, with its steepest rise.

    Parameters
    ----------
    finding
        Table ``plan_money``.

    Returns
    -------
    Figure or None
        ``None`` where nothing limits money, or nothing is spent.
    """
    drawn = by_ally(finding.table) if finding.table.height else finding.table
    if drawn.height == 0 or float(drawn["spent"].sum()) <= 0 or drawn["share"].drop_nulls().len() == 0:
        return None
    mean = float(drawn["spent"].sum()) / float(drawn["envelope"].sum())
    years = finding.table["year"].to_list()
    return Figure(
        "plan_allies",
        _allies_title(finding, drawn),
        f"Share of its own envelope of new money that each Ally spends on the plan from {min(years)} to {max(years)}, "
        f"contributions "
        "to fleets included, in per cent. At the right: the steepest rise from one year to the next, in points of GDP, "
        "and its year. Who orders what within a class of reach is an illustrative split.",
        source(finding),
        finding,
        drawn,
        lambda canvas: _allies_chart(drawn, mean, canvas),
    )


def _allies_title(finding: Finding, drawn: pl.DataFrame) -> Sentence:
    """Return who spends most of its envelope, and who rises most steeply."""
    most = drawn.filter(pl.col("share").is_not_null()).row(0, named=True)
    steep = drawn.sort("step_pct", "ally", descending=[True, False]).row(0, named=True)
    row = at(finding.table, ally=steep["ally"], year=steep["step_year"])
    rise: list[str | Cited] = []
    if row is not None and steep["step_pct"] > 0:
        step = Cited(f"{row['step_pct']:.2f}", finding.address(row, "step_pct"))
        rise = ["; the steepest rise is ", step, f" points of GDP, {row['ally_name']} in {row['year']}"]
    return sentence(
        f"No Ally spends more of its own envelope than {most['ally_name']}, {per_cent(most['share'])}", *rise
    )


def _allies_chart(drawn: pl.DataFrame, mean: float, canvas: Canvas) -> Spec:
    rows = drawn.filter(pl.col("share").is_not_null()).to_dicts()
    end, ticks = scale_top(100 * max(mean, *(row["share"] for row in rows)))
    left, right = (canvas.names, 96) if canvas.narrow else (canvas.names + 10, 130)
    tall = 17
    frame = Frame(left, 26, canvas.width - left - right, tall * len(rows), (0, end), (0, 1))
    sheet = Sheet()
    for value in ticks:
        x = frame.x(value)
        sheet.guide(x, frame.top, x, frame.top + frame.height, color=RULE)
        sheet.text(x, frame.top + frame.height + 12, f"{value:g}{FIXED}%", align="center", color=SOFT)
    x = frame.x(100 * mean)
    sheet.text(x, frame.top - 14, f"all Allies, {per_cent(mean)}", align="left" if x < canvas.width / 2 else "right",
               fontWeight="bold")  # fmt: skip
    sheet.text(canvas.width - right + 12, frame.top - 14, "step" if canvas.narrow else "steepest step", color=SOFT)
    for place, row in enumerate(rows):
        y = frame.top + tall * (place + 0.5)
        sheet.guide(frame.left, y, frame.left + frame.width, y)
        sheet.rule(frame.left, y, frame.x(100 * row["share"]), y, color="#9a9a9a", strokeWidth=1.3)
        above = row["share"] > mean
        look = {"fill": VERMILLION, "stroke": RUST} if above else {"fill": BLUE, "stroke": BLUE}
        sheet.point(frame.x(100 * row["share"]), y, shape="diamond" if above else "circle", size=48, **look)
        sheet.text(left - 8, y, row["ally_name"], align="right")
        if row["spent"] > 0:
            words = f"{row['step_pct']:.2f} in {row['step_year']}"
            sheet.text(canvas.width - right + 12, y, words, color=SOFT)
    sheet.rule(x, frame.top - 4, x, frame.top + frame.height, color=INK, strokeWidth=1.4)
    key = [("diamond", VERMILLION, RUST, "more than all together"), ("circle", BLUE, BLUE, "less")]
    return with_key(key, sheet.spec(canvas.width, frame.top + frame.height + 22), canvas)
