"""Command posts as a timeline: who holds which post until when, what is agreed, and what is proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import polars as pl

from article3.evidence.findings import Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, PAPER, RULE, RUST, SOFT, VERMILLION, Canvas, Figure, Spec
from article3.report.plan_sheet import Frame, Sheet, with_key
from article3.report.shift_sheet import hatch, years_axis
from article3.report.shift_words import dated, place, source
from article3.report.words import day, wrapped
from article3.scenario.resolve import Inputs

KINDS: Final = ("command", "deputy", "staff", "component", "force")
"""Posts drawn; headquarters that an Ally provides and operations centres are in the table."""
COMING: Final = ("agreed", "given", "proposed")
_FILLS: Final = {"usa": "#3b3b3b", "europe": "#a9d0ea", "canada": "#f2d58a"}
_PAST: Final = 6
"""Years before today that are shown."""
_AFTER: Final = 3
"""Years after the last handover that are shown."""
_BAR: Final = 15.0
_LETTER: Final = 6.4
_CODE: Final = 26
"""Pixels that a letter in a bar takes, and a code of three."""
_LEVELS: Final = {
    "strategic": "Strategic level",
    "operational": "Operational level",
    "tactical": "Component commands and forces",
}
_BESIDE: Final = "posts, tours and what Allies have agreed as listed in the table"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tenure:
    """One Ally in one post without a break.

    Parameters
    ----------
    start, end
        Places on the axis of years; no end where none is in sight.
    ally, group
        Code and name of the Ally, and its group.
    status
        held, agreed, given or proposed.
    shared
        Whether Allies take turns.
    """

    start: float
    end: float | None
    ally: str
    name: str
    group: str
    status: str
    shared: bool


def shown_posts(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the posts that are drawn."""
    return table.filter(pl.col("kind").is_in(KINDS))


def today_of(rows: Sequence[Row]) -> Row:
    """Return the tenure of today: the last that is held."""
    return [row for row in rows if row["status"] not in COMING][-1]


def counts(table: pl.DataFrame, *, component: bool) -> tuple[int, int, int, int]:
    """Return of the component commands, or of the posts above them: how many there are, and Europeans hold.

    Parameters
    ----------
    table
        Table ``post``.
    component
        Whether the component commands are counted, else the posts at the strategic and operational levels.

    Returns
    -------
    tuple
        Posts; held by Europeans today, once all that is agreed has come, and once all proposals have.
    """
    mine = table.filter(pl.col("kind") == "component" if component else pl.col("level") != "tactical")
    each = [part.sort("n").to_dicts() for part in mine.partition_by("post", maintain_order=True)]

    def european(rows: Sequence[Row], allowed: Sequence[str]) -> bool:
        last = [row for row in rows if row["status"] not in COMING or row["status"] in allowed][-1]
        return bool(last["group"] == "europe")

    found = (sum(european(rows, allowed) for rows in each) for allowed in ((), COMING[:2], COMING))
    return (len(each), *found)  # type: ignore[return-value]


def shift_posts(finding: Finding, inputs: Inputs) -> Figure | None:
    """Draw who holds which command post until when.

    Parameters
    ----------
    finding
        Table ``post``.
    inputs
        The scenario, for today.

    Returns
    -------
    Figure or None
        ``None`` where no post is held.
    """
    drawn = shown_posts(finding.table)
    if drawn.height == 0:
        return None
    today = inputs.scenario.shift.today or inputs.scenario.as_of
    return Figure(
        "shift_posts",
        _title(finding.table),
        "Who holds each post, by Ally; hatched: Allies take turns. No day of an agreed handover is published: days to "
        "come are the end of a usual "
        "tour, the line under a diamond runs from the earliest to the latest. Proposals follow a score of ours, keep "
        "what an Ally and a year can bear, and are no nomination. Where a past day is not known the middle between "
        "the known ones is drawn.",
        source(finding, _BESIDE),
        finding,
        drawn.select(
            "post", "n", "post_title", "ally", "group", "from", "to", "status", "known", "date", "date_low", "date_high"
        ),
        lambda canvas: _chart(drawn, today, canvas),
    )


def _title(table: pl.DataFrame) -> Sentence:
    """Return how many posts Europeans hold today, after what is agreed, and after the proposal."""
    every, now, agreed, proposed = counts(table, component=False)
    text = (
        f"Europeans hold {now} of {every} posts at the strategic and operational levels today, {agreed} after what is"
    )
    text += " agreed"
    text += f" and {proposed} after the proposal" if proposed != agreed else ""
    each, now, agreed, proposed = counts(table, component=True)
    if each:
        text += f"; of {each} component commands {now}, then {agreed}, and {proposed} after the proposal"
    return sentence(text)


def tenures(rows: Sequence[Row], left: float) -> list[Tenure]:
    """Return the tenures of one post, those of one Ally that follow one another as one.

    Parameters
    ----------
    rows
        Rows of the post in order of time.
    left
        Begin of the axis, where the first has no day.
    """
    starts = [place(row["from"]) if dated(row["from"]) else None for row in rows]
    ends = [place(row["to"]) if dated(row["to"]) else None for row in rows]
    found: list[Tenure] = []
    for number, row in enumerate(rows):
        coming = row["status"] in COMING
        last = found[-1] if found else None
        same = last is not None and last.ally == row["ally"] and last.status == _state(row) and not coming
        start = starts[number]
        if start is None:
            start = last.end if last and last.end is not None else left
        end = _end(starts, ends, number, start)
        if same and last is not None:
            found[-1] = Tenure(last.start, end, last.ally, last.name, last.group, last.status, last.shared)
        else:
            if last is not None and last.end is None:
                found[-1] = Tenure(last.start, start, last.ally, last.name, last.group, last.status, last.shared)
            shared = bool(row["shared"]) and coming
            found.append(Tenure(start, end, row["ally"], row["ally_name"], row["group"], _state(row), shared))
    return found


def _state(row: Row) -> str:
    return row["status"] if row["status"] in COMING else "held"


def _end(starts: Sequence[float | None], ends: Sequence[float | None], number: int, start: float) -> float | None:
    """Return when a tenure ends: as known, when the next begins, or in the middle of what is not known."""
    if ends[number] is not None:
        return ends[number]
    later = [place for pair in zip(starts[number + 1 :], ends[number + 1 :], strict=True) for place in pair]
    if not later:
        return None
    if later[0] is not None:
        return later[0]
    known = next(((spot, item) for spot, item in enumerate(later) if item is not None), None)
    # So many tenures share the time to the next known day.
    return start + (known[1] - start) / (known[0] // 2 + 2) if known else None


def _chart(drawn: pl.DataFrame, today: date, canvas: Canvas) -> Spec:
    now = place(today.isoformat())
    first = float(int(now) - _PAST)
    coming = drawn.filter(pl.col("status").is_in(COMING), pl.col("shared") == "")["from"].to_list()
    coming += drawn.filter(~pl.col("status").is_in(COMING))["date"].drop_nulls().to_list()
    last = float(int(max([now + 1, *(place(item) for item in coming if dated(item))])) + _AFTER)
    names = 0.0 if canvas.narrow else 236.0
    row = 40.0 if canvas.narrow else 26.0
    sheet = Sheet()
    posts = [part.sort("n").to_dicts() for part in drawn.partition_by("post", maintain_order=True)]
    levels = list(dict.fromkeys(rows[0]["level"] for rows in posts))
    top, head = 40.0, 26.0
    frame = Frame(
        names + 6, top, canvas.width - names - 14, row * len(posts) + head * len(levels), (first, last), (0, 1)
    )
    every = 2 if canvas.narrow or last - first > 18 else 1
    years = range(int(first), int(last) + 1)
    years_axis(sheet, frame, [] if canvas.narrow else years, above=True, words=[])
    for year in years:
        if year % every == 0:
            sheet.text(frame.x(year), top - 10, str(year), align="center", color=SOFT)
    y, level = top, ""
    for rows in posts:
        if rows[0]["level"] != level:
            level = rows[0]["level"]
            sheet.text(2, y + head - 10, _LEVELS.get(level, level), fontWeight="bold")
            y += head
        _post(sheet, frame, rows, (y, row), canvas)
        y += row
    if not canvas.narrow:
        sheet.guide(frame.x(now), top - 2, frame.x(now), y, color=RUST)
    sheet.text(frame.x(now), top - 27, f"today, {day(today)}", align="center", color=RUST, fontWeight="bold")
    key = [
        ("square", _FILLS["usa"], _FILLS["usa"], "United States"),
        ("square", _FILLS["europe"], BLUE, "European Ally"),
    ]
    key += [("square", _FILLS["canada"], "#8a6d1f", "Canada")] if (drawn["group"] == "canada").any() else []
    key += [
        ("diamond", VERMILLION, RUST, "handover, agreed: solid outline"),
        ("diamond", PAPER, RUST, "proposed: broken outline"),
    ]
    return with_key(key, sheet.spec(canvas.width, y + 6), canvas)


def _post(sheet: Sheet, frame: Frame, rows: list[Row], spot: tuple[float, float], canvas: Canvas) -> None:
    y, tall = spot
    title = rows[0]["post_title"].removeprefix("Commander, ")
    if canvas.narrow:
        sheet.text(2, y + 9, wrapped(title, canvas.width - 4, canvas.size)[0])
        middle = y + 26
    else:
        lines = wrapped(title, frame.left - 12, 11)[:2]
        middle = y + tall / 2
        sheet.text(frame.left - 10, middle - (len(lines) - 1) * 6, lines, align="right", fontSize=11, lineHeight=12)
    sheet.guide(2, y, canvas.width - 2, y, color=RULE)
    for item in tenures(rows, frame.xs[0]):
        _tenure(sheet, frame, item, middle)
    for row in rows:
        if row["status"] in COMING and dated(row["from"]):
            _handover(sheet, frame, row, rows, middle)


def _tenure(sheet: Sheet, frame: Frame, item: Tenure, middle: float) -> None:
    right = frame.left + frame.width
    x = max(frame.x(item.start), frame.left)
    end = min(right if item.end is None else frame.x(item.end), right)
    if end <= x + 1:
        return
    box = (x, middle - _BAR / 2, end, middle + _BAR / 2)
    fill, proposed = _FILLS.get(item.group, PAPER), item.status == "proposed"
    look: dict[str, Any] = {"fill": PAPER if proposed else fill, "stroke": PAPER}
    if item.status in COMING:
        look = {**look, "stroke": INK, "strokeWidth": 1.4} | ({"strokeDash": (4, 3)} if proposed else {})
    sheet.rect(*box, **look)
    name = item.name if len(item.name) * _LETTER + 6 <= end - x else item.ally if end - x >= _CODE else ""
    if item.shared:
        # Turns are hatched beside the name, not behind it.
        wide = len(name) * _LETTER / 2 + 3
        for left, right in ((x, (x + end) / 2 - wide), ((x + end) / 2 + wide, end)):
            hatch(sheet, (left, box[1], right, box[3]), 8, color=BLUE, strokeWidth=1)
    if name:
        dark = item.group == "usa" and not proposed
        sheet.text((x + end) / 2, middle, name, align="center", fontSize=11, color=PAPER if dark else INK)


def _handover(sheet: Sheet, frame: Frame, row: Row, rows: list[Row], middle: float) -> None:
    """Mark a handover on its day, with the range from the earliest to the latest below it."""
    x = frame.x(place(row["from"]))
    before = next((item for item in rows if item["n"] == row["n"] - 1), None)
    if x > frame.left + frame.width:
        return
    if before and dated(before["date_low"]) and dated(before["date_high"]):
        low, high = (frame.x(place(before[name])) for name in ("date_low", "date_high"))
        sheet.rule(
            min(low, x),
            middle + 10,
            min(max(high, x), frame.left + frame.width),
            middle + 10,
            color=RUST,
            strokeWidth=1.6,
        )
    proposed = row["status"] == "proposed"
    sheet.point(x, middle, shape="diamond", size=46, fill=PAPER if proposed else VERMILLION, stroke=RUST)
