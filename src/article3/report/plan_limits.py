"""Figures of what holds the plan back, and of risk against money."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, PAPER, RULE, RUST, SOFT, VERMILLION, Canvas, Figure, Spec
from article3.report.plan_sheet import Frame, Sheet, cut, scale_top, with_key
from article3.report.plan_words import BILLION, money, source
from article3.report.words import FIXED, MINUS, capital
from article3.scenario.resolve import Inputs

_TOLD: Final = 10.0
"""Risk given up that the title speaks of, in per cent; the nearest row where it is not computed."""


def plan_limits(finding: Finding) -> Figure | None:
    """Draw how much least risk moves when each limit is relaxed or tightened alone.

    Parameters
    ----------
    finding
        Table ``plan_limit``.

    Returns
    -------
    Figure or None
        ``None`` where nothing was relaxed.
    """
    drawn = finding.table.filter(pl.col("risk_change_pct").is_not_null())
    if drawn.height == 0:
        return None
    return Figure(
        "plan_limits",
        _limits_title(finding, drawn),
        "Change of the least risk when one limit is moved and everything else stays, in per cent, in a reduced "
        "problem: "
        "Allies of one class of reach as one, some of the years judged, without priced goals. A limit binds where risk "
        "falls by more than half a per cent.",
        source(finding),
        finding,
        drawn,
        lambda canvas: _limits_chart(drawn, canvas),
    )


def change_words(value: float) -> str:
    """Return a change in per cent with its sign: ``−23 %``; small ones to one decimal."""
    size = f"{abs(value):.1f}" if 0.05 <= abs(value) < 9.95 else f"{abs(value):.0f}"
    sign = "" if float(size) == 0 else "+" if value > 0 else MINUS
    return f"{sign}{size}{FIXED}%"


def _limits_title(finding: Finding, drawn: pl.DataFrame) -> Sentence:
    """Return what lowers risk most, what comes next, and what money does."""
    rows = drawn.filter(pl.col("binds").fill_null(value=False)).sort("risk_change_pct", "limit").to_dicts()
    paid = next((row for row in drawn.to_dicts() if row["limit"] == "money"), None)
    if not rows:
        best = drawn.sort("risk_change_pct", "limit").row(0, named=True)
        return sentence(f"No single limit binds: {best['relaxed']} would lower risk by ", _cited(finding, best))
    parts: list[str | Cited] = []
    for place, row in enumerate(rows[:2]):
        parts += [f", {row['relaxed']} by " if place else f"{capital(row['relaxed'])} would lower risk by "]
        parts.append(_cited(finding, row))
    if paid is not None and paid not in rows[:2]:
        parts += [f", {paid['relaxed']} by ", _cited(finding, paid)]
    return sentence(*parts)


def _cited(finding: Finding, row: dict[str, Any]) -> Cited:
    return Cited(change_words(row["risk_change_pct"]).lstrip(f"+{MINUS}"), finding.address(row, "risk_change_pct"))


def _limits_chart(drawn: pl.DataFrame, canvas: Canvas) -> Spec:
    rows = sorted(drawn.to_dicts(), key=lambda row: (row["binds"] is None, row["risk_change_pct"]))
    low = min(0.0, *(row["risk_change_pct"] for row in rows))
    high = max(0.0, *(row["risk_change_pct"] for row in rows))
    span = (high - low) or 1.0
    names, beside = (0, 54) if canvas.narrow else (250, 96)
    tall = 40.0 if canvas.narrow else 24.0
    groups = len({row["binds"] is None for row in rows})
    height = tall * len(rows) + 28 * groups
    frame = Frame(names + beside, 4, canvas.width - names - beside - 60, height, (low, low + span), (0, 1))
    sheet, zero = Sheet(), frame.x(0)
    y, before = frame.top, None
    for row in rows:
        tightened = row["binds"] is None
        if tightened != before:
            before = tightened
            sheet.text(2, y + 16, "If made tighter" if tightened else "If relaxed", fontWeight="bold")
            y += 28
        middle = y + (28 if canvas.narrow else tall / 2)
        words = capital(row["relaxed"])
        bold = {"fontWeight": "bold"} if row["binds"] else {}
        if canvas.narrow:
            sheet.text(2, y + 9, cut(words, canvas.width, canvas.size), **bold)
        else:
            sheet.text(names, middle, words, align="right", **bold)
        sheet.guide(frame.left, middle, frame.left + frame.width, middle)
        x = frame.x(row["risk_change_pct"])
        falls = row["risk_change_pct"] < 0
        colour = BLUE if falls else VERMILLION
        if abs(x - zero) >= 0.5:
            sheet.rect(
                min(x, zero), middle - 7, max(x, zero), middle + 7, fill=colour, stroke=colour if falls else RUST
            )
        words = change_words(row["risk_change_pct"]) + (", binds" if row["binds"] and not canvas.narrow else "")
        sheet.text(x + (-7 if falls else 7), middle, words, align="right" if falls else "left", **bold)
        y += tall
    sheet.rule(zero, frame.top, zero, frame.top + height, color=INK, strokeWidth=1)
    return sheet.spec(canvas.width, height + 10)


def plan_frontier(finding: Finding, inputs: Inputs) -> Figure | None:
    """Draw least spending against risk: what the last bit of safety costs.

    Parameters
    ----------
    finding
        Table ``plan_frontier``.
    inputs
        The scenario, for the plan's own tolerance.

    Returns
    -------
    Figure or None
        ``None`` where there are fewer than two points.
    """
    if finding.table.height < 2 or float(finding.table["cost_usd2021_m"].sum()) <= 0:
        return None
    own = 100 * inputs.scenario.plan.tolerance
    return Figure(
        "plan_frontier",
        _frontier_title(finding, own),
        "Across: spending over all years of money, thousand million 2021 US$, not discounted. Up: risk, where 0 "
        "means that "
        "nothing falls short in the years the plan weighs. Each mark is the cheapest plan that gives up so many "
        "per cent of "
        "the least risk. Of the program before sharing out, Allies of one class of reach as one.",
        source(finding),
        finding,
        finding.table,
        lambda canvas: _frontier_chart(finding.table, own, canvas),
    )


def _frontier_title(finding: Finding, own: float) -> Sentence:
    """Return what the plan spends, and what giving up more risk would save of it."""
    rows = finding.table.to_dicts()
    mine = min(rows, key=lambda row: abs(row["given_up_pct"] - own))
    others = [row for row in rows if row["given_up_pct"] > mine["given_up_pct"]]
    if not others or not mine["discounted_usd2021_m"]:
        row = mine
        return sentence("The plan of least risk costs ", _spent(finding, row), " over all years")
    other = min(others, key=lambda row: abs(row["given_up_pct"] - _TOLD))
    return sentence(
        f"A plan with {100 * (other['risk'] / mine['risk'] - 1):.0f}{FIXED}% more risk would cost ",
        _spent(finding, other),
        " in place of ",
        _spent(finding, mine),
    )


def _spent(finding: Finding, row: dict[str, Any]) -> Cited:
    return Cited(money(row["cost_usd2021_m"]), finding.address(row, "cost_usd2021_m"))


def _frontier_chart(table: pl.DataFrame, own: float, canvas: Canvas) -> Spec:
    rows = table.sort("cost_usd2021_m").to_dicts()
    right, across = scale_top(max(row["cost_usd2021_m"] for row in rows) / BILLION)
    top, up = scale_top(max(row["risk"] for row in rows))
    frame = Frame(48, 22, canvas.width - 76, 230 if canvas.narrow else 280, (0, right), (0, top))
    sheet = Sheet()
    frame.levels(sheet, [(value, f"{value:g}") for value in up])
    sheet.text(2, 6, "risk", color=SOFT)
    foot = frame.top + frame.height
    for value in across:
        sheet.rule(frame.x(value), foot, frame.x(value), foot + 4, color=RULE)
        sheet.text(frame.x(value), foot + 14, f"{value:g}", align="center", color=SOFT)
    sheet.text(frame.left, foot + 32, "spending over all years, thousand million 2021 US$", color=SOFT)
    points = [(frame.x(row["cost_usd2021_m"] / BILLION), frame.y(row["risk"])) for row in rows]
    sheet.line(points, color=BLUE, strokeWidth=2)
    taken = (-1.0, 0.0)
    for row, (x, y) in zip(rows, points, strict=True):
        mine = abs(row["given_up_pct"] - own) < 1e-9
        look = {"shape": "diamond", "fill": VERMILLION, "stroke": RUST, "size": 90} if mine else {
            "shape": "circle", "fill": PAPER, "stroke": BLUE, "size": 50}  # fmt: skip
        sheet.point(x, y, **look)
        words = f"{row['given_up_pct']:g}{FIXED}%" + (", the plan" if mine else "")
        if row["given_up_pct"] <= own + 1e-9:
            sheet.text(x, y + 17, words, align="right" if mine else "center", fontWeight="bold" if mine else "normal")
        else:
            left, place = x + 5, y - 11
            if left < taken[0] and abs(place - taken[1]) < 13:
                # Two marks near one another: the name of the second stands further right, joined to it by a line.
                left = taken[0] + 4
                sheet.rule(x + 4, y - 3, left - 2, place + 1, color=SOFT, strokeWidth=0.8)
            sheet.text(left, place, words)
            taken = (left + len(words) * canvas.size * 0.55, place)
    key = [("diamond", VERMILLION, RUST, "the plan"), ("circle", PAPER, BLUE, "others, by risk given up")]
    return with_key(key, sheet.spec(canvas.width, foot + 42), canvas)
