"""The figure of what replacing the United States would cost: ours, steps, the published figure, what is left over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, PAPER, RUST, SOFT, Canvas, Figure, Spec
from article3.report.plan_sheet import Frame, Sheet, cut, with_key
from article3.report.plan_words import source
from article3.report.words import FIXED, MINUS, capital, cardinal, wrapped

COMPARISONS: Final = {
    "iiss_one_off": "US forces bought once, as IISS (2025) prices them",
    "iiss_25_years": "The same bought, operated and paid for 25 years (IISS)",
    "bruegel_year": "A gap of budgets, each year (Bruegel and Kiel 2025)",
}
"""Titles of the comparisons."""
_GROUPS: Final = {
    "without_": "What is not counted there: taken out",
    "number_": "Other numbers",
    "price_": "Other prices",
}
"""Steps drawn as one, by how their names begin; the table has each."""
_OWN: Final = "price_level"
_UP: Final = "#56B4E9"
_DOWN: Final = "#d9822b"
_FULL: Final = "#a9a9a9"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a bridge: words, kind, where it starts and ends, and the range of what is published."""

    words: str
    kind: str
    start: float
    end: float
    low: float | None = None
    high: float | None = None


def steps(rows: Sequence[dict[str, Any]]) -> list[Bar]:
    """Return the bars of one comparison: ours, steps towards the published figure, both ends, what is left over."""
    ours = [row for row in rows if row["kind"] == "ours"]
    total = sum(row["sign"] * row["amount_usd_bn"] for row in ours)
    bars = [Bar("Ours, prices of 2021", "ours", 0.0, total)]
    sums: dict[str, float] = {}
    for row in rows:
        if row["kind"] == "bridge":
            group = next((head for head in _GROUPS if row["item"].startswith(head)), "")
            words = _GROUPS[group] if group and row["item"] != _OWN else row["title"]
            sums[words] = sums.get(words, 0.0) + row["sign"] * row["amount_usd_bn"]
    for words, amount in sums.items():
        if abs(amount) > 0.05:
            bars.append(Bar(words, "step", total, total + amount))
            total += amount
    bars.append(Bar("Ours, counted as there", "ours", 0.0, total))
    printed = next((row for row in rows if row["kind"] == "published"), None)
    if printed is not None:
        low, high = printed["low_usd_bn"], printed["high_usd_bn"]
        bars.append(Bar("Published", "published", 0.0, printed["amount_usd_bn"], low, high))
        bars.append(Bar("Left over", "residual", total, printed["amount_usd_bn"]))
    return bars


def plan_bridge(finding: Finding) -> Figure | None:
    """Draw how our figures lead to the published ones, one panel for each question, each on a scale of its own.

    Parameters
    ----------
    finding
        Table ``replacement``.

    Returns
    -------
    Figure or None
        ``None`` where nothing is compared.
    """
    if finding.table.height == 0:
        return None
    return Figure(
        "plan_bridge",
        _title(finding),
        "Three questions, three scales: the panels cannot be added or set beside one another. Thousand million "
        "US$ of 2025, "
        "but for the first bar of each. Left over: the published figure less ours counted as there. None of it is "
        "what the plan spends, which fills shortfalls. Steps that belong together are one bar; the tables have each.",
        source(finding, "our package of US forces, and published studies named in the table"),
        finding,
        finding.table,
        lambda canvas: _chart(finding.table, canvas),
    )


def _title(finding: Finding) -> Sentence:
    """Return what is left over in each comparison."""
    left = finding.table.filter(pl.col("kind") == "residual").to_dicts()
    near = [row for row in left if row["verdict"] == "reconciled"]
    count = capital(cardinal(len(near))) if near else "None"
    parts: list[str | Cited] = [
        f"{count} of {cardinal(len(left))} published figures can be reconciled with ours; left over: "
    ]
    brief = {"iiss_one_off": "bought once", "iiss_25_years": "over 25 years", "bruegel_year": "budgets a year"}
    for place, row in enumerate(left):
        size = Cited(f"{abs(100 * (row['share'] or 0)):.0f}{FIXED}%", finding.address(row, "share"))
        parts += [", " if place else "", f"{brief.get(row['comparison'], row['comparison'])} ", size]
    return sentence(*parts)


def _chart(table: pl.DataFrame, canvas: Canvas) -> Spec:
    sheet, top = Sheet(), 0.0
    for (name,), some in table.group_by("comparison", maintain_order=True):
        top = _panel(sheet, COMPARISONS.get(str(name), str(name)), steps(some.to_dicts()), top, canvas)
    key = [
        ("square", BLUE, BLUE, "ours"), ("square", _UP, _UP, "step up"), ("square", _DOWN, _DOWN, "step down"),
        ("square", _FULL, "#4d4d4d", "published"), ("square", PAPER, RUST, "left over"),
    ]  # fmt: skip
    return with_key(key, sheet.spec(canvas.width, top - 10), canvas)


def _panel(sheet: Sheet, title: str, bars: Sequence[Bar], top: float, canvas: Canvas) -> float:
    lines = wrapped(title, canvas.width, canvas.size, bold=True)
    sheet.text(2, top + 10, lines, fontWeight="bold", lineHeight=canvas.size + 3)
    top += len(lines) * (canvas.size + 3) + 12
    names = 0 if canvas.narrow else 280
    tall = 36.0 if canvas.narrow else 21.0
    end = max(max(bar.start, bar.end, bar.high or 0.0) for bar in bars) or 1.0
    low = min(0.0, *(min(bar.start, bar.end) for bar in bars))
    frame = Frame(names + 4.0, top, canvas.width - names - 62.0, tall * len(bars), (low, end), (0, 1))
    for place, bar in enumerate(bars):
        y = top + tall * place
        middle = y + (25 if canvas.narrow else tall / 2)
        bold = {"fontWeight": "normal" if bar.kind == "step" else "bold"}
        if canvas.narrow:
            sheet.text(2, y + 9, cut(bar.words, canvas.width, canvas.size), **bold)
            sheet.rule(frame.x(0), middle - 9, frame.x(0), middle + 9, color=INK, strokeWidth=1)
        else:
            sheet.text(names - 4, middle, cut(bar.words, names, canvas.size), align="right", **bold)
        _bar(sheet, frame, bar, middle)
        if place + 1 < len(bars) and bar.kind in ("ours", "step") and not canvas.narrow:
            x = frame.x(bar.end)
            sheet.rule(x, middle + 7, x, middle + tall - 7, color="#9a9a9a", strokeWidth=0.8)
    if not canvas.narrow:
        sheet.rule(frame.x(0), top, frame.x(0), top + frame.height, color=INK, strokeWidth=1)
    return top + frame.height + 26


def _bar(sheet: Sheet, frame: Frame, bar: Bar, middle: float) -> None:
    left, right = sorted((frame.x(bar.start), frame.x(bar.end)))
    rises = bar.end >= bar.start
    looks: dict[str, dict[str, Any]] = {
        "ours": {"fill": BLUE, "stroke": BLUE},
        "step": {"fill": _UP if rises else _DOWN, "stroke": _UP if rises else _DOWN},
        "published": {"fill": _FULL, "stroke": "#4d4d4d"},
        "residual": {"fill": PAPER, "stroke": RUST, "strokeWidth": 1.4, "strokeDash": (3, 2)},
    }
    sheet.guide(frame.left, middle, frame.left + frame.width, middle)
    sheet.rect(left, middle - 7, right, middle + 7, **looks[bar.kind])
    size = bar.end - bar.start
    words = f"{abs(size):,.0f}" if abs(size) >= 9.95 else f"{abs(size):.1f}"
    sign = "" if bar.kind in ("ours", "published") else "+" if size > 0 else MINUS
    end = right
    if bar.low is not None and bar.high is not None:
        ends = frame.x(bar.low), frame.x(bar.high)
        sheet.rule(ends[0], middle, ends[1], middle, color=INK, strokeWidth=1.4)
        for x in ends:
            sheet.rule(x, middle - 5, x, middle + 5, color=INK, strokeWidth=1.4)
        end = max(right, ends[1])
    sheet.text(end + 6, middle, f"{sign}{words}", color=SOFT if bar.kind == "step" else INK)
