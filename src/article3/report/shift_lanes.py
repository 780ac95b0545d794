"""Bars of time in lanes: one or two drawdowns beside one another, each with its steps above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from article3.report.drawing import INK, PAPER, RUST, SOFT, Canvas, Spec
from article3.report.plan_sheet import Frame, Sheet
from article3.report.shift_sheet import years_axis
from article3.report.words import wrapped

LOOKS: Final = ({"fill": PAPER, "stroke": RUST}, {"fill": RUST, "stroke": RUST})
"""Hollow and filled bars: told apart without colour."""
_BAR: Final = 14.0
_GAP: Final = 4.0
_NAMES: Final = 246.0
_WORD: Final = 6.1
"""Pixels that a letter beside a bar takes."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A time in one drawdown.

    Parameters
    ----------
    which
        Number of the drawdown.
    start, end
        Places on the axis of years; no end where there is none in sight.
    words
        What stands beside it.
    marks
        Places of steps on it.
    """

    which: int
    start: float
    end: float | None
    words: str
    marks: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """One row: its title, and the bars of the drawdowns in it."""

    title: str
    bars: Sequence[Bar]


def look_of(which: int, beside: int) -> dict[str, Any]:
    """Return how the bars of a drawdown look: the first hollow where there are two."""
    return dict(LOOKS[which] if beside > 1 else LOOKS[1])


def lanes(
    found: Sequence[Lane], heads: Sequence[tuple[str, Sequence[float]]], ends: tuple[float, float], canvas: Canvas
) -> Spec:
    """Draw lanes of bars under one axis of years; above them each drawdown with its steps.

    Parameters
    ----------
    found
        The lanes.
    heads
        Titles of the drawdowns, and places of their steps.
    ends
        First and last year of the axis.
    canvas
        The room.
    """
    sheet = Sheet()
    left = 6.0 if canvas.narrow else _NAMES
    titles = [
        wrapped(title, canvas.width - 30 if canvas.narrow else left - 34, canvas.size, bold=True) for title, _ in heads
    ]
    talls = [_tall(lane, canvas, left) for lane in found]
    top = 24.0
    above = sum(_head_tall(lines, canvas) for lines in titles)
    frame = Frame(left, top, canvas.width - left - 8, above + sum(talls), ends, (0, 1))
    years = range(int(ends[0]), int(ends[1]) + 1)
    every = 1 if len(years) * 42 < frame.width else 2 if len(years) * 21 < frame.width else 3
    years_axis(sheet, frame, years, above=True, words=[year for year in years if year % every == 0])
    y = top
    for which, (lines, (_, steps)) in enumerate(zip(titles, heads, strict=True)):
        _head(sheet, frame, (lines, steps), y, look_of(which, len(heads)), canvas)
        y += _head_tall(lines, canvas)
    for lane, tall in zip(found, talls, strict=True):
        sheet.guide(2, y, canvas.width - 2, y)
        _lane(sheet, frame, lane, (y, tall, len(heads)), canvas)
        y += tall
    return sheet.spec(canvas.width, y + 4)


def _head_tall(lines: Sequence[str], canvas: Canvas) -> float:
    return len(lines) * 15 + (24 if canvas.narrow else 8)


def _head(
    sheet: Sheet, frame: Frame, words: tuple[list[str], Sequence[float]], y: float, look: dict[str, Any], canvas: Canvas
) -> None:
    """Write the title of a drawdown with the look of its bars, and mark its steps."""
    lines, steps = words
    if canvas.narrow:
        sheet.rect(4, y + 4, 14, y + 14, strokeWidth=1.6, **look)
        sheet.text(20, y + 9, lines, fontWeight="bold", lineHeight=15)
        middle = y + len(lines) * 15 + 10
    else:
        middle = y + len(lines) * 7.5 + 4
        sheet.text(
            frame.left - 28, middle - (len(lines) - 1) * 7.5, lines, align="right", fontWeight="bold", lineHeight=15
        )
        sheet.rect(frame.left - 20, middle - 5, frame.left - 10, middle + 5, strokeWidth=1.6, **look)
    sheet.rule(frame.left, middle, frame.left + frame.width, middle, color="#bdbdbd", strokeWidth=1)
    for step in steps:
        sheet.point(frame.x(step), middle, shape="triangle-down", size=56, fill=look["fill"], stroke=look["stroke"])


def _tall(lane: Lane, canvas: Canvas, left: float) -> float:
    bars = (_BAR + _GAP) * len(lane.bars)
    if canvas.narrow:
        return len(_title(lane, canvas, left)) * 14 + bars + 10
    return max(bars, len(_title(lane, canvas, left)) * 14.0) + 8


def _title(lane: Lane, canvas: Canvas, left: float) -> list[str]:
    return wrapped(lane.title, canvas.width - 12 if canvas.narrow else left - 16, canvas.size)


def _lane(sheet: Sheet, frame: Frame, lane: Lane, place: tuple[float, float, int], canvas: Canvas) -> None:
    y, tall, beside = place
    lines = _title(lane, canvas, frame.left)
    if canvas.narrow:
        sheet.text(2, y + 10, lines, lineHeight=14, fontWeight="bold")
        first = y + len(lines) * 14 + 6
    else:
        sheet.text(frame.left - 10, y + tall / 2 - (len(lines) - 1) * 7, lines, align="right", lineHeight=14)
        first = y + (tall - (_BAR + _GAP) * len(lane.bars)) / 2
    for number, bar in enumerate(lane.bars):
        _bar(sheet, frame, bar, first + (_BAR + _GAP) * (number + 0.5), look_of(bar.which, beside))


def _bar(sheet: Sheet, frame: Frame, bar: Bar, middle: float, look: dict[str, Any]) -> None:
    x, right = frame.x(bar.start), frame.left + frame.width
    end = right if bar.end is None else frame.x(bar.end)
    sheet.rect(x, middle - _BAR / 2, max(end, x + 2), middle + _BAR / 2, strokeWidth=1.6, **look)
    dark = look["fill"] == RUST
    if bar.end is None:
        over = PAPER if dark else RUST
        sheet.point(right - 7, middle, shape="triangle-right", size=54, fill=over, stroke=over)
    for mark in bar.marks:
        over = PAPER if dark else RUST
        sheet.rule(frame.x(mark), middle - _BAR / 2, frame.x(mark), middle + _BAR / 2, color=over, strokeWidth=1.4)
    wide = len(bar.words) * _WORD
    if end + 6 + wide <= right + 4:
        sheet.text(end + 6, middle, bar.words)
    elif x - 6 - wide >= frame.left:
        sheet.text(x - 6, middle, bar.words, align="right")
    else:
        # A bar that leaves no room beside it has room inside; white on the filled one has 6:1.
        inside = frame.x(max([bar.start, *bar.marks])) + 6
        sheet.text(inside, middle, bar.words, color=PAPER if dark else INK, fontSize=11)


__all__ = ["LOOKS", "SOFT", "Bar", "Lane", "lanes", "look_of"]
