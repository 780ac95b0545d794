"""The figure of an announced rise: its parts as steps that sum to the whole, the unknown ones shown as unknown."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, sentence
from article3.report.drawing import BLUE, HAIR, INK, PAPER, SOFT, VERMILLION, Canvas, Figure, Spec, marks, pixel
from article3.report.panels import axis
from article3.report.words import MINUS, NOT_KNOWN, capital, day, listed, release, unique, wrapped

_WHOLE: Final = "whole"
_OPEN: Final = "not_separable"
_HATCH: Final = 7
"""Pixels between the lines of a hatched bar."""


def waterfall(finding: Finding) -> Figure | None:
    """Draw the parts of one Ally's rise, one step after the other, and the whole they sum to.

    Returns
    -------
    Figure or None
        ``None`` where the finding is about no rise in money, or about several.
    """
    if finding.name != "additionality" or finding.table["case"].n_unique() != 1:
        return None
    rows = finding.table.filter(pl.col("amount_nc_m").is_not_null())
    whole = rows.filter(pl.col("part") == _WHOLE)
    if whole.height != 1 or rows.height < 2:
        return None
    row = whole.row(0, named=True)
    used = unique(release(row[name]) for name in ("base_vintage", "vintage"))
    return Figure(
        f"waterfall_{finding.part}",
        sentence(*_title(finding, rows, row)),
        f"Rise of defence expenditure from {row['base_year']} to {row['year']} at current prices, in thousand million "
        f"{row['currency']}, and its parts, which sum to it. Hatched: what no source held tells apart.",
        f"Source: NATO, {'releases' if len(used) > 1 else 'release'} of {listed(used)}. {capital(row['basis'] or '')}. "
        f"Standing: {finding.standing}. As known on {day(finding.when)}.",
        finding,
        finding.table.select("part", "title", "amount_nc_m", "currency", "amount_pp", "known", "reason", "standing"),
        lambda canvas: _chart(finding, canvas),
    )


def _title(finding: Finding, rows: pl.DataFrame, whole: dict[str, Any]) -> list[str | Cited]:
    """Return how much of the rise cannot be told apart, or else that all of it can."""
    head = f"{whole['ally_name']}, {whole['base_year']} to {whole['year']}: "
    left = rows.filter(pl.col("part") == _OPEN)
    unit = f" million {whole['currency']}"
    if left.height == 0 or not left["amount_nc_m"][0]:
        return [head + "every part of the rise of ", _money(finding, whole), f"{unit} is known"]
    row = left.row(0, named=True)
    return [
        head + "of a rise of ",
        _money(finding, whole),
        f"{unit}, ",
        _money(finding, row),
        f" is {str(row['title']).removesuffix(', not separable')}, which cannot be told apart",
    ]


def _money(finding: Finding, row: dict[str, Any]) -> Cited:
    """Return an amount with its thousands set apart."""
    text = f"{row['amount_nc_m']:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace("-", MINUS)
    return Cited(text, finding.address(row, "amount_nc_m"))


def _steps(finding: Finding) -> list[dict[str, Any]]:
    """Return the steps in the table's order, the whole last; unknown ones have no ends."""
    steps, reached = [], 0.0
    table = finding.table
    for row in pl.concat([table.filter(pl.col("part") != _WHOLE), table.filter(pl.col("part") == _WHOLE)]).to_dicts():
        amount = None if row["amount_nc_m"] is None else row["amount_nc_m"] / 1000
        step = {"part": row["part"], "title": capital(row["title"]), "amount": amount, "low": None, "high": None}
        if amount is not None and row["part"] == _WHOLE:
            step |= {"low": 0.0, "high": amount}
        elif amount is not None:
            step |= {"low": reached, "high": reached + amount}
            reached += amount
        steps.append(step)
    return steps


def _chart(finding: Finding, canvas: Canvas) -> Spec:
    steps = _steps(finding)
    names = 120 if canvas.narrow else 200
    width, height = canvas.width - names - 20, 34 if canvas.narrow else 27
    ends = [end for step in steps for end in (step["low"], step["high"]) if end is not None]
    low, high = min(0.0, *ends), max(0.0, *ends)
    # Room for the number behind the longest bar.
    room = (high - low) * (0.28 if canvas.narrow else 0.12)
    domain = (low - (room if low < 0 else 0), high + room)
    x = axis("low", domain, tickCount=4)
    scale = width / (domain[1] - domain[0])
    place = {"type": "quantitative", "scale": None}
    y, y2 = {"field": "top", **place, "axis": None}, {"field": "bottom"}
    bars: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    hatch: list[dict[str, Any]] = []
    for number, step in enumerate(steps):
        top, bottom = number * height + 5, (number + 1) * height - 5
        middle = (top + bottom) / 2
        lines = wrapped(step["title"], names - 8, canvas.size)
        labels.append({"y": middle - (len(lines) - 1) * canvas.size * 0.55, "words": lines})
        if step["amount"] is None:
            words.append({"at": 0.0, "y": middle, "words": NOT_KNOWN, "known": False})
            continue
        colour = INK if step["part"] == _WHOLE else BLUE if step["amount"] >= 0 else VERMILLION
        bars.append(
            {
                "low": step["low"],
                "high": step["high"],
                "top": top,
                "bottom": bottom,
                "fill": PAPER if step["part"] == _OPEN else colour,
                "stroke": colour,
            }
        )
        amount = f"{step['amount']:+.1f}".replace("-", MINUS)
        words.append({"at": max(step["low"], step["high"]), "y": middle, "words": amount, "known": True})
        if step["part"] == _OPEN:
            left = (min(step["low"], step["high"]) - domain[0]) * scale
            right = (max(step["low"], step["high"]) - domain[0]) * scale
            tall = bottom - top
            for start in range(int(left - tall) + _HATCH, int(right), _HATCH):
                # Each line runs up from left to right, cut off where the bar ends.
                a, b = max(left, start), min(right, start + tall)
                if a < b:
                    hatch.append({"a": a, "b": b, "top": bottom - (a - start), "bottom": bottom - (b - start)})
    rows = [{"top": (number + 1) * height} for number in range(len(steps) - 1)]
    text: Spec = {"y": {"field": "y", **place, "axis": None}, "text": {"field": "words"}}
    box = {"y": y, "y2": y2, "x": x, "x2": {"field": "high"}}
    paint = {"fill": {"field": "fill", "scale": None}, "stroke": {"field": "stroke", "scale": None}}
    layers = [
        marks("rule", rows, {"y": y, "x": pixel(-names), "x2": pixel(width)}, color=HAIR),
        marks("rule", [{"low": 0}], {"x": x}, color=INK),
        marks("rect", bars, {**box, **paint}, strokeWidth=1.2),
        marks(
            "rule",
            hatch,
            {"x": {"field": "a", **place, "axis": None}, "x2": {"field": "b"}, "y": y, "y2": y2},
            color=BLUE,
            strokeWidth=1,
        ),
        *(
            marks(
                "text",
                [item for item in words if item["known"] == known],
                {**text, "x": {**x, "field": "at"}},
                align="left",
                baseline="middle",
                dx=6,
                **({} if known else {"fontStyle": "italic", "color": SOFT}),
            )
            for known in (True, False)
        ),
        marks("text", labels, {**text, "x": pixel(-names + 2)}, align="left", baseline="middle", lineHeight=13),
    ]
    return {
        "layer": [item for item in layers if item["data"]["values"]],
        "width": width,
        "height": height * len(steps),
        "resolve": {"scale": {"x": "shared"}},
    }
