"""Marks that figures of the shift share: stairs, hatching, an axis of years, numbers that keep apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from article3.report.drawing import HAIR, RULE, SOFT
from article3.report.plan_sheet import Frame, Sheet


def stairs(points: Sequence[tuple[float, float]], end: float) -> list[tuple[float, float]]:
    """Return the corners of a line that keeps its height until the next point; the last goes on to the end."""
    found: list[tuple[float, float]] = []
    for x, y in points:
        if found and y == found[-1][1]:
            continue  # a corner only where it steps: every point costs the renderer
        if found:
            found.append((x, found[-1][1]))
        found.append((x, y))
    if found and found[-1][0] < end:
        found.append((end, found[-1][1]))
    return found


def thinned(points: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Return the points of a line without those inside a level run, which nobody sees."""
    return [
        item
        for number, item in enumerate(points)
        if number in (0, len(points) - 1) or not (points[number - 1][1:] == item[1:] == points[number + 1][1:])
    ]


def hatch(sheet: Sheet, box: tuple[float, float, float, float], gap: float = 7.0, **look: Any) -> None:
    """Fill a box with lines that rise to the right; they end at its edges.

    Parameters
    ----------
    sheet
        The sheet.
    box
        Left, top, right and foot, in pixels.
    gap
        Pixels between two lines.
    look
        How the lines look.
    """
    left, top, right, foot = box
    at = left - (foot - top) + gap
    while at < right:
        # The line y = foot - (x - at), between the edges.
        x, x2 = max(left, at), min(right, at + foot - top)
        if x2 > x:
            sheet.rule(x, foot - (x - at), x2, foot - (x2 - at), **look)
        at += gap


def years_axis(
    sheet: Sheet, frame: Frame, years: Sequence[int], *, above: bool = False, words: Sequence[int] = ()
) -> None:
    """Draw a thin line at 1 January of some years, and write those named at the foot or above."""
    for year in years:
        x = frame.x(year)
        sheet.guide(x, frame.top, x, frame.top + frame.height, color=RULE if year % 5 == 0 else HAIR)
        if year in (words or years):
            y = frame.top - 10 if above else frame.top + frame.height + 13
            sheet.text(x, y, str(year), align="center", color=SOFT)


def apart(places: Sequence[float], least: float) -> list[float]:
    """Return places moved down where two are nearer to one another than a number is tall; their order stays."""
    order = sorted(range(len(places)), key=lambda item: places[item])
    moved = list(places)
    for before, item in pairwise(order):
        moved[item] = max(moved[item], moved[before] + least)
    return moved
