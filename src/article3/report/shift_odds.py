"""Half by 2030 for every capability: share with its band and odds, in two readings side by side."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from article3.evidence.findings import Finding, Sentence, sentence
from article3.report.drawing import BLUE, HAIR, INK, PAPER, RUST, SOFT, VERMILLION, Canvas, Figure, Spec
from article3.report.gap_words import called
from article3.report.plan_sheet import Frame, Sheet, cut, with_key
from article3.report.shift_half import GOAL, LIKELY, READINGS, odds_words, of_reading
from article3.report.shift_words import source

_HALF: Final = 0.5
_TOP: Final = 1.2
"""Shares are drawn up to here; beyond, an arrow."""
_BESIDE: Final = "holdings, requirements, lines and delays as listed under What the shift rests on"

Row = dict[str, Any]


def shift_odds(finding: Finding) -> Figure | None:
    """Draw every capability's share in 2030 with its band, in both readings, the least likely first.

    Parameters
    ----------
    finding
        Table ``half_by_2030``.

    Returns
    -------
    Figure or None
        ``None`` where neither reading is there.
    """
    found = {reading: of_reading(finding.table, reading, case) for reading, case, _ in READINGS}
    if all(table.height == 0 for table in found.values()):
        return None
    order = _order(found)
    drawn = pl.concat(list(found.values()))
    return Figure(
        "shift_odds",
        _title(found),
        f"Europe's share on 1 July {GOAL} with the plan, in per cent; left of the hardest requirement of each "
        "capability, right of what Europe and the United States hold together. Mark: on time; line: eight in ten of "
        "the draws of money, delays and ranges; small upright line: share in 2026. Number: odds of one half; in bold "
        f"where below nine in ten. Shares above {_TOP:.0%} are cut off. The least likely of a requirement stand first."
        .replace("%", " %"),
        source(finding, _BESIDE),
        finding,
        drawn.select("reading", "capability", "share_2026", "share_2030", "low_2030", "high_2030", "odds"),
        lambda canvas: _chart(order, found, canvas),
    )  # fmt: skip


def _order(found: dict[str, pl.DataFrame]) -> list[str]:
    """Return capabilities by odds of the requirement, the least likely first; those only held come last."""
    names: list[str] = []
    for table in found.values():
        chance = pl.coalesce("odds", "share_2030")
        names += table.sort(chance, "share_2030", "capability")["capability"].to_list()
    return list(dict.fromkeys(names))


def _title(found: dict[str, pl.DataFrame]) -> Sentence:
    """Return in how many capabilities one half is likely, by reading."""
    parts = []
    for (reading, _, _), words in zip(READINGS, ("the hardest requirement", "what is held"), strict=True):
        table = found[reading]
        if table.height and table["odds"].drop_nulls().len():
            likely = table.filter(pl.col("odds") >= LIKELY).height
            parts.append(f"of {words} in {likely} of {table.height} capabilities")
    text = f"Half by {GOAL} has odds of nine in ten or better " + " and ".join(parts)
    return sentence(text if parts else f"Europe's share of what is needed and held in {GOAL}")


def _chart(order: list[str], found: dict[str, pl.DataFrame], canvas: Canvas) -> Spec:
    names = 0.0 if canvas.narrow else 262.0
    number, gap, row = (40.0, 10.0, 34.0) if canvas.narrow else (56.0, 14.0, 19.0)
    wide = (canvas.width - names - 2 * number - gap - 6) / 2
    top = 44.0
    sheet = Sheet()
    height = row * len(order)
    frames = [
        Frame(names + 4 + side * (wide + number + gap), top, wide, height, (0.0, _TOP), (0, 1)) for side in range(2)
    ]
    for frame, words in zip(frames, ("hardest requirement", "what is held"), strict=True):
        sheet.text(frame.left, 8, words, fontWeight="bold")
        sheet.text(frame.left + frame.width + 9, 30, "odds", color=SOFT)
        for value in (0.0, 0.5, 1.0):
            x = frame.x(value)
            sheet.guide(x, top, x, top + (0 if canvas.narrow else height), color="#dcdcdc")
            sheet.text(x, 30, f"{100 * value:.0f}", align="center", color=SOFT)
        if not canvas.narrow:
            _half(sheet, frame, top - 4, top + height)
    tables = [{item["capability"]: item for item in found[reading].to_dicts()} for reading, _, _ in READINGS]
    for place, name in enumerate(order):
        y = top + row * place
        middle = y + (row - 9 if canvas.narrow else row / 2)
        sheet.guide(2, y, canvas.width - 2, y, color=HAIR)
        for frame in frames if canvas.narrow else ():  # beside names the line would strike them through
            _half(sheet, frame, middle - 8, middle + 8)
        if canvas.narrow:
            sheet.text(2, y + 9, cut(called(name), canvas.width - 6, canvas.size))
        else:
            sheet.text(names - 8, middle, cut(called(name), names - 12, canvas.size), align="right")
        for frame, rows in zip(frames, tables, strict=True):
            if name in rows:
                _mark(sheet, frame, rows[name], middle)
            else:
                sheet.text(frame.left + 2, middle, "no requirement" if frame is frames[0] else "not held", color=SOFT)
    key = [("circle", PAPER, BLUE, "half or more, on time"), ("triangle-down", VERMILLION, RUST, "less than half")]
    return with_key(key, sheet.spec(canvas.width, top + height + 4), canvas)


def _half(sheet: Sheet, frame: Frame, top: float, foot: float) -> None:
    sheet.rule(frame.x(_HALF), top, frame.x(_HALF), foot, color=INK, strokeWidth=1.2, strokeDash=(2, 2))


def _mark(sheet: Sheet, frame: Frame, row: Row, middle: float) -> None:
    share = row["share_2030"]
    if row["low_2030"] is not None:
        low, high = min(row["low_2030"], _TOP), min(row["high_2030"], _TOP)
        sheet.rule(frame.x(low), middle, frame.x(high), middle, color="#8fb9d6", strokeWidth=5)
    if row["share_2026"] is not None and row["share_2026"] <= _TOP:
        x = frame.x(row["share_2026"])
        sheet.rule(x, middle - 5, x, middle + 5, color=SOFT, strokeWidth=1.4)
    if share is not None and share > _TOP:
        sheet.point(frame.x(_TOP) - 4, middle, shape="triangle-right", size=52, fill=PAPER, stroke=BLUE)
    elif share is not None:
        less = share < _HALF
        look = {"shape": "triangle-down", "fill": VERMILLION, "stroke": RUST} if less else {
            "shape": "circle", "fill": PAPER, "stroke": BLUE}  # fmt: skip
        sheet.point(frame.x(share), middle, size=44, **look)
    if row["odds"] is not None:
        unlikely = row["odds"] < LIKELY
        words = odds_words(row["odds"]).replace("under ", "<").replace("over ", ">")
        sheet.text(frame.left + frame.width + 9, middle, words,
                   fontWeight="bold" if unlikely else "normal", color=INK if unlikely else SOFT)  # fmt: skip
