"""Half by 2030: Europe's share over time with its band and the line of one half, in two readings; odds of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, PAPER, RUST, SOFT, VERMILLION, Canvas, Figure, Spec
from article3.report.gap_words import called, lower
from article3.report.plan_sheet import Frame, Sheet, cut, with_key
from article3.report.plan_words import per_cent
from article3.report.shift_sheet import thinned, years_axis
from article3.report.shift_words import source
from article3.report.words import FIXED, cardinal, listed

GOAL: Final = 2030
"""Year of the odds."""
READINGS: Final = (("requirement", "every", "needed"), ("inventory", "our_holdings", "held"))
"""The two readings: of the hardest requirement, and of what Europe and the United States hold; case, word."""
LIKELY: Final = 0.9
_HALF: Final = 0.5
_MOST: Final = 9
"""Capabilities drawn over time: those with the lowest odds; the table has all."""
_NAMED: Final = 3
_TICKS: Final = ((0.0, "0"), (0.5, "50"), (1.0, "100"))
_BAND: Final = "#c3dcee"
_OTHER: Final = "#6f6f6f"
_BESIDE: Final = "holdings, requirements, lines and delays as listed under What the shift rests on"

Row = dict[str, Any]


def of_reading(table: pl.DataFrame, reading: str, case: str, basis: str = "plan") -> pl.DataFrame:
    """Return the rows of one reading and basis."""
    return table.filter(pl.col("reading") == reading, pl.col("case") == case, pl.col("basis") == basis)


def hardest(odds: Finding, most: int = _MOST) -> list[str]:
    """Return the capabilities with the lowest odds of half of the hardest requirement, lowest first."""
    mine = of_reading(odds.table, *READINGS[0][:2])
    if mine.height == 0:
        mine = of_reading(odds.table, *READINGS[1][:2])
    chance = pl.coalesce("odds", "share_2030")
    return mine.sort(chance, "share_2030", "capability").head(most)["capability"].to_list()


def shift_half(path: Finding, odds: Finding) -> Figure | None:
    """Draw Europe's share over time for the capabilities least likely to reach one half, in two readings.

    Parameters
    ----------
    path, odds
        Tables ``half_path`` and ``half_by_2030``.

    Returns
    -------
    Figure or None
        ``None`` where no share is known.
    """
    names = hardest(odds)
    drawn = path.table.filter(
        pl.col("capability").is_in(names), pl.col("case").is_in([case for _, case, _ in READINGS])
    )
    if drawn.height == 0:
        return None
    bands = drawn["low"].drop_nulls().len() > 0
    band = " Band: eight in ten of the draws of money, delays and ranges." if bands else ""
    announced = (drawn["basis"] == "announced").any()
    other = " Grey dashes: announced deliveries alone, where that differs." if announced else ""
    return Figure(
        "shift_half",
        _title(odds),
        "Europe's share in per cent, with the plan on time. Left, needed: of the hardest requirement of each "
        "capability, if European units did nothing else. Right, held: of what Europe and the United States hold "
        f"together. Odds: that the share is at least one half on 1 July {GOAL}. Shares above 100 are cut off."
        f"{band}{other} The {cardinal(len(names))} capabilities with the lowest odds are drawn.",
        source(path, _BESIDE),
        path,
        drawn.drop("standing", "address"),
        lambda canvas: _chart(names, drawn, odds.table, canvas, bands=bands, announced=bool(announced)),
    )


def below(odds: Finding, reading: str, case: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the capabilities below one half in 2030 with the plan on time, and those with odds below nine in ten."""
    mine = of_reading(odds.table, reading, case)
    return (
        mine.filter(pl.col("share_2030") < _HALF).sort("share_2030", "capability"),
        mine.filter(pl.col("odds") < LIKELY).sort("odds", "capability"),
    )


def _title(odds: Finding) -> Sentence:
    """Return how many capabilities are below one half in 2030, and how many are unlikely to reach it, by reading."""
    reading, case, _ = READINGS[0]
    mine = of_reading(odds.table, reading, case)
    short, unlikely = below(odds, reading, case)
    names = [lower(called(name)) for name in short["capability"]]
    but = f", all but {listed(names)}" if 0 < len(names) <= _NAMED else ""
    text = f"In {GOAL} Europe could carry half of every requirement in {mine.height - short.height} of {mine.height} "
    parts: list[str | Cited] = [f"{text}capabilities{but}"]
    if unlikely.height:
        row = unlikely.row(0, named=True)
        parts += [f"; in {unlikely.height} the odds are below nine in ten"]
        if row["odds"] > 0:
            parts += [f", lowest {lower(called(row['capability']))} with "]
            parts.append(Cited(per_cent(row["odds"]), odds.address(row, "odds")))
    held = of_reading(odds.table, *READINGS[1][:2])
    if held.height:
        less = below(odds, *READINGS[1][:2])[0].height
        parts.append(f"; of what is held it has half in {held.height - less} of {held.height}")
    return sentence(*parts)


def _chart(
    names: Sequence[str], drawn: pl.DataFrame, odds: pl.DataFrame, canvas: Canvas, *, bands: bool, announced: bool
) -> Spec:
    sheet = Sheet()
    columns = 1 if canvas.narrow else min(3, len(names))
    gap, left, inner, right = (0.0, 28.0, 14.0, 6.0) if canvas.narrow else (22.0, 28.0, 10.0, 4.0)
    each = (canvas.width - gap * (columns - 1)) / columns
    wide = (each - left - inner - right) / 2
    tall = 78 if canvas.narrow else 84
    ends = (float(drawn["year"].min()), float(drawn["year"].max()))  # type: ignore[arg-type]
    top = 0.0
    for start in range(0, len(names), columns):
        for spot, name in enumerate(names[start : start + columns]):
            x = spot * (each + gap)
            sheet.text(x + 2, top + 8, cut(called(name), each - 4, canvas.size, bold=True), fontWeight="bold")
            for side, (reading, case, words) in enumerate(READINGS):
                frame = Frame(x + left + side * (wide + inner), top + 40, wide, tall, ends, (0.0, 1.0))
                mine = drawn.filter(pl.col("capability") == name, pl.col("reading") == reading, pl.col("case") == case)
                row = _row(odds, name, reading, case)
                chance = f", odds {odds_words(row['odds'])}" if row and row["odds"] is not None else ""
                sheet.text(frame.left, top + 25, words + chance, color=SOFT)
                _panel(sheet, frame, mine, words=side == 0)
        top += tall + 66
    key = [("line", BLUE, BLUE, "Europe's share"), ("dots", INK, INK, "one half")]
    key += [("band", _BAND, _BAND, "eight in ten draws")] if bands else []
    key += [("dashes", _OTHER, _OTHER, "announced deliveries alone")] if announced else []
    return with_key(key, sheet.spec(canvas.width, top - 6), canvas)


def _row(odds: pl.DataFrame, name: str, reading: str, case: str) -> Row | None:
    mine = of_reading(odds, reading, case).filter(pl.col("capability") == name)
    return mine.row(0, named=True) if mine.height else None


def _panel(sheet: Sheet, frame: Frame, mine: pl.DataFrame, *, words: bool) -> None:
    frame.levels(sheet, _TICKS, words=words)
    first, last = int(frame.xs[0]), int(frame.xs[1])
    years_axis(sheet, frame, [year for year in range(first, last + 1) if year in (first, last) or year % 5 == 0],
               words=[GOAL, last] if last - GOAL > 4 else [first, last])  # fmt: skip
    rows = mine.filter(pl.col("basis") == "plan").sort("year").to_dicts()
    if not rows:
        sheet.text(frame.left + 4, frame.top + frame.height / 2, "nothing held to compare", color=SOFT, fontSize=10)
        return
    if rows[0]["low"] is not None:
        ends_of = [(frame.x(item["year"]), *(frame.y(_cap(item[end])) for end in ("low", "high"))) for item in rows]
        sheet.band([(x, low, high) for x, low, high in thinned(ends_of)], color=_BAND, opacity=1)
    y = frame.y(_HALF)
    sheet.rule(frame.left, y, frame.left + frame.width, y, color=INK, strokeWidth=1.2, strokeDash=(2, 2))
    before = mine.filter(pl.col("basis") == "announced").sort("year").to_dicts()
    if before and any(abs(a["share"] - b["share"]) > 0.005 for a, b in zip(before, rows, strict=False)):
        sheet.line(_course(frame, before), color=_OTHER, strokeWidth=1.4, strokeDash=(4, 3))
    sheet.line(_course(frame, rows), color=BLUE, strokeWidth=2.2)
    at = next((item for item in rows if item["year"] == GOAL), None)
    if at is not None:
        short = at["share"] < _HALF
        look = {"fill": VERMILLION, "stroke": RUST} if short else {"fill": PAPER, "stroke": BLUE}
        shape = "triangle-down" if short else "circle"
        sheet.point(frame.x(GOAL), frame.y(_cap(at["share"])), shape=shape, size=52, **look)


def _course(frame: Frame, rows: Sequence[Row]) -> list[tuple[float, float]]:
    points = [(frame.x(row["year"]), frame.y(_cap(row["share"]))) for row in rows]
    return [(x, y) for x, y in thinned(points)]


def _cap(value: float) -> float:
    return min(value, 1.0)


def odds_words(value: float) -> str:
    """Return odds in per cent; those that are not sure are never called so."""
    if 0 < value < 0.01:
        return f"under 1{FIXED}%"
    if 0.99 < value < 1:
        return f"over 99{FIXED}%"
    return f"{100 * value:.0f}{FIXED}%"
