"""Leaving against arriving: what is left of the US offer and what Europe has been delivered, kind by kind."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, RULE, RUST, SOFT, VERMILLION, Canvas, Figure, Spec
from article3.report.gap_words import amount
from article3.report.plan_sheet import Frame, Sheet, with_key
from article3.report.shift_sheet import apart, hatch, stairs, years_axis
from article3.report.shift_words import SCHEDULES, STAYING, place, several, shown_plan, source, title_of
from article3.report.words import cardinal, listed, wrapped

_ARRIVING: Final = "#c3dcee"
_BEFORE: Final = "#6f6f6f"
_MOST: Final = 12
"""Kinds drawn: those that stay longest; the table has all."""
_ABOVE: Final = 1.5
"""Arrivals are drawn up to this many times the offer; beyond, the number is written."""
_NAMED: Final = 3
_THOUSANDS: Final = 10_000
_APART: Final = 13.0

Row = dict[str, Any]


def shift_leaving(leaving: Finding, fastest: Finding, handover: Finding) -> Figure | None:
    """Draw, for the kinds of US forces that stay longest, what is left of the offer and what Europe has received.

    Parameters
    ----------
    leaving, fastest, handover
        Tables of these names.

    Returns
    -------
    Figure or None
        ``None`` where nothing is offered, or nothing waits for anything.
    """
    if leaving.table.height == 0 or fastest.table.height == 0:
        return None
    plan = shown_plan(fastest)
    chosen = shown(fastest, plan)
    if not chosen:
        return None
    names = [row["element"] for row in chosen]
    drawn = leaving.table.filter(pl.col("element").is_in(names))
    steps = handover.table.filter(pl.col("schedule") == SCHEDULES[plan], pl.col("waits_for") == "deliveries")
    both = plan == "aimed" and (leaving.table["plan"] == "plan").any()
    other = " Grey dashes: what would be left under the plan as it is." if both else ""
    made = "the plan made again so that forces can leave" if plan == "aimed" else "the scenario's plan"
    return Figure(
        "shift_leaving",
        _title(fastest, plan),
        f"The fastest drawdown, under {made}, in which no requirement is less covered than today because they leave. "
        "Black: units left of what the United States offers, in whole steps. Blue: units that Europe and Canada have "
        "received since today, announced and planned, as they leave the factory; part of them replaces what is "
        f"retired. Far more than the offer is cut off and its number written.{other} Each panel has its own scale. The "
        f"{cardinal(len(chosen))} kinds that stay longest for what is offered are drawn; the table has all.",
        source(leaving),
        leaving,
        drawn.drop("standing", "address"),
        lambda canvas: _chart(chosen, drawn, steps, plan, canvas),
    )


def shown(fastest: Finding, plan: str) -> list[Row]:
    """Return the kinds drawn: those held by some requirement that stay longest, the first to be gone first."""
    mine = fastest.table.filter(pl.col("plan") == plan, pl.col("group") != "free", pl.col("offer") > 0)
    rows = mine.with_columns((pl.col("unit_years") / pl.col("offer")).alias("years")).to_dicts()
    rows = sorted(rows, key=lambda row: (-row["years"], row["element"]))[:_MOST]
    return sorted(rows, key=lambda row: (row["gone_date"] or "9", row["years"], row["element"]))


def _title(fastest: Finding, plan: str) -> Sentence:
    """Return how many kinds are held by nothing, leave, or stay; and which leaves last."""
    mine = fastest.table.filter(pl.col("plan") == plan)
    groups = mine["group"].to_list()
    free, stays = groups.count("free"), sum(group in STAYING for group in groups)
    text = (
        f"Of {len(groups)} kinds of US forces {free} are held by no requirement and {groups.count('gated')} can leave"
    )
    parts: list[str | Cited] = [f"{text} as Europe delivers"]
    gated = mine.filter(pl.col("group") == "gated").sort("element")
    last = gated.filter(pl.col("gone_date") == pl.col("gone_date").max()).to_dicts()
    if last:
        named = [several(row["element"]) for row in last]
        parts += [f", {listed(named[:_NAMED])} last, in "]
        parts.append(Cited(last[0]["gone_date"][:4], fastest.address(last[0], "gone_date")))
    parts.append(f"; {stays} stay wholly or in part" if stays else "; none has to stay")
    return sentence(*parts)


def _chart(chosen: list[Row], drawn: pl.DataFrame, steps: pl.DataFrame, plan: str, canvas: Canvas) -> Spec:
    columns = min(2 if canvas.narrow else 3, len(chosen))
    sheet = Sheet()
    gap, left, right = (6.0, 34.0, 36.0) if canvas.narrow else (14.0, 44.0, 46.0)
    each = (canvas.width - gap * (columns - 1)) / columns
    tall = 74 if canvas.narrow else 96
    days = [place(item) for item in drawn["date"]]
    ends = (min(days), max(days))
    top = 0.0
    for start in range(0, len(chosen), columns):
        some = chosen[start : start + columns]
        heads = [wrapped(title_of(row["element"]), each - 8, canvas.size, bold=True) for row in some]
        head = max(map(len, heads)) * (canvas.size + 2) + canvas.size + 16
        for spot, (row, lines) in enumerate(zip(some, heads, strict=True)):
            x = spot * (each + gap)
            sheet.text(x + 2, top + 8, lines, fontWeight="bold", lineHeight=canvas.size + 2)
            sheet.text(x + 2, top + 10 + len(lines) * (canvas.size + 2), _fate(row), color=SOFT)
            high = _high(drawn.filter(pl.col("element") == row["element"], pl.col("plan") == plan), row["offer"])
            frame = Frame(x + left, top + head, each - left - right, tall, ends, (0.0, high))
            _panel(sheet, frame, row, drawn, steps, plan, narrow=canvas.narrow)
        top += head + tall + 30
    key = [("line", INK, INK, "left of the US offer"), ("band", _ARRIVING, _ARRIVING, "received by Europe and Canada")]
    key += [("diamond", VERMILLION, RUST, "step that waits for a European delivery")]
    key += [("dashes", _BEFORE, _BEFORE, "left under the plan as it is")] if plan == "aimed" else []
    return with_key(key, sheet.spec(canvas.width, top - 6), canvas)


def _fate(row: Row) -> str:
    if row["gone_date"]:
        return f"gone in {row['gone_date'][:4]}"
    if row["group"] == "kept":
        return "kept by the scenario"
    stays = "none can leave" if row["stays"] >= row["offer"] else f"{amount(row['stays'])} stay"
    return f"{stays}: no European path" if row["group"] == "no_path" else stays


def _high(mine: pl.DataFrame, offer: float) -> float:
    return max(offer, min(float(mine["arrived"].max() or 0.0), _ABOVE * offer)) * 1.06  # type: ignore[arg-type]


def _panel(
    sheet: Sheet, frame: Frame, row: Row, drawn: pl.DataFrame, steps: pl.DataFrame, plan: str, *, narrow: bool
) -> None:
    foot, right = frame.top + frame.height, frame.left + frame.width
    first, last = int(frame.xs[0]) + 1, int(frame.xs[1])
    years = [year for year in range(first, last + 1) if year % 5 == 0 or year == last]
    years_axis(sheet, frame, years, words=[2030, last] if narrow else years)
    for value in (0.0, row["offer"]):
        y = frame.y(value)
        sheet.guide(frame.left, y, right, y, color=RULE)
        sheet.text(frame.left - 5, y, _brief(value), align="right", color=SOFT)
    mine = drawn.filter(pl.col("element") == row["element"])
    if row["group"] == "no_path":
        hatch(sheet, (frame.left, frame.top, right, foot), 9, color="#d0d0d0", strokeWidth=1)
    rows = mine.filter(pl.col("plan") == plan).sort("date").to_dicts()
    arrived = stairs(
        [(frame.x(place(item["date"])), frame.y(min(item["arrived"], frame.ys[1]))) for item in rows], right
    )
    if rows[-1]["arrived"] > 0:
        sheet.band([(x, foot, y) for x, y in arrived], color=_ARRIVING, opacity=1)
        sheet.line(arrived, color=BLUE, strokeWidth=1.4)
    before = mine.filter(pl.col("plan") == "plan").sort("date").to_dicts() if plan == "aimed" else []
    if before and any(a["us"] != b["us"] for a, b in zip(before, rows, strict=False)):
        points = stairs([(frame.x(place(item["date"])), frame.y(item["us"])) for item in before], right)
        sheet.line(points, color=_BEFORE, strokeWidth=1.4, strokeDash=(4, 3))
    sheet.line(
        stairs([(frame.x(place(item["date"])), frame.y(item["us"])) for item in rows], right),
        color=INK,
        strokeWidth=2.2,
    )
    for step in steps.filter(pl.col("subject") == row["element"]).iter_rows(named=True):
        sheet.point(
            frame.x(place(step["date"])), frame.y(step["left"]), shape="diamond", size=42, fill=VERMILLION, stroke=RUST
        )
    _ends(sheet, frame, rows[-1], right + 5)


def _ends(sheet: Sheet, frame: Frame, last: Row, x: float) -> None:
    """Write what is left and what has come by the last day beside the lines."""
    values = [(last["us"], _brief(last["us"]), INK)]
    if last["arrived"] > 0:
        values.append((min(last["arrived"], frame.ys[1]), f"+{_brief(last['arrived'])}", BLUE))
    places = apart([frame.y(value) for value, _, _ in values], _APART)
    for y, (_, words, colour) in zip(places, values, strict=True):
        sheet.text(x, y, words, color=colour, fontWeight="bold")


def _brief(value: float) -> str:
    """Return a number of units in a few letters: thousands as ``500k``."""
    return amount(value) if value < _THOUSANDS else f"{amount(value / 1000)}k"
