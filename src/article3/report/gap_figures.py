"""Figures of the gap: coverage by contingency, what binds first, Europe's share."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, sentence
from article3.report.drawing import BLUE, INK, PAPER, RUST, VERMILLION, Canvas, Figure, Spec, marks, pixel
from article3.report.gap_lanes import TICK, Kind, Lane, Room, at, lanes
from article3.report.gap_words import (
    Names,
    amount,
    at_window,
    called,
    first_window,
    lower,
    percent,
    postures_of,
    source,
    units,
)
from article3.report.panels import axis
from article3.report.words import cardinal, wrapped
from article3.scenario.resolve import Inputs

_FULL: Final = 1 - 1e-6
_HALF: Final = 0.5
_WITHOUT: Final = "without"

_COVERED: Final = (
    "situation", "contingency", "capability", "window_days", "posture", "essential", "required", "able", "assigned",
    "coverage", "shortfall", "claimed_twice", "standing",
)  # fmt: skip


def covered(finding: Finding, names: Names) -> pl.DataFrame:
    """Return coverage of the conventional contingencies, each alone, at the window that headlines speak of."""
    alone = finding.table.filter(
        pl.col("situation") == pl.col("contingency"), pl.col("contingency").is_in(list(names.conventional))
    )
    return at_window(alone, "contingency")


def short_rows(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of every requirement that falls short in at least one posture."""
    falls = (pl.col("coverage").min() < _FULL).over("contingency", "capability")
    return table.filter(falls)


def gap_coverage(finding: Finding, inputs: Inputs) -> Figure | None:
    """Draw the coverage of every requirement of a conventional contingency that falls short in some posture.

    Returns
    -------
    Figure or None
        ``None`` where there is no conventional contingency, or nothing falls short.
    """
    names = Names.of(inputs)
    table = covered(finding, names)
    rows = short_rows(table)
    if rows.height == 0:
        return None
    return Figure(
        "gap_coverage",
        sentence(*_coverage_title(finding, table, names)),
        "Supply over requirement, from 0 to 1, within 30 days, or 180 where a contingency has no other window: each "
        "unit used once, scarce ones spread at least risk. Bold: essential. Shown are requirements that fall short in "
        "at least one posture; all others are covered in every one.",
        source(finding),
        finding,
        table.select(_COVERED),
        lambda canvas: _coverage_chart(rows, table, names, canvas),
    )


def _coverage_title(finding: Finding, table: pl.DataFrame, names: Names) -> list[str | Cited]:
    """Return how many requirements fall short in the first and the last posture, and which least is covered."""
    postures = postures_of(table)
    ends = [postures[0], postures[-1]] if len(postures) > 1 else postures
    counts = {
        name: table.filter(pl.col("posture") == name, pl.col("coverage") < _FULL).height for name in dict.fromkeys(ends)
    }
    total = table.filter(pl.col("posture") == ends[-1])
    worst = total.sort("coverage", "contingency", "capability").row(0, named=True)
    said = " and ".join(
        f"{count} {names.inside(name, again=place > 0)}" for place, (name, count) in enumerate(counts.items())
    )
    where = names.situation(worst["contingency"])
    text = (
        f"Of {total.height} requirements of the conventional contingencies {said} fall short; least covered, "
        f"{names.inside(ends[-1], again=True)}, is {lower(called(worst['capability']))} ({where}), at "
    )
    return [
        text,
        Cited(percent(worst["coverage"]), finding.address(worst, "coverage")),
    ]


def _coverage_chart(rows: pl.DataFrame, table: pl.DataFrame, names: Names, canvas: Canvas) -> Spec:
    postures = postures_of(rows)
    looks = {
        "with": ("circle", PAPER, INK),
        "reduced": (TICK, BLUE, BLUE),
        _WITHOUT: ("circle", VERMILLION, RUST),
    }
    spare = ("square", PAPER, BLUE)
    kinds = [
        Kind(name, *looks.get(name, spare), names.head(name), 90 if name == "reduced" else 50) for name in postures
    ]
    lanes_: list[Lane] = []
    for contingency in rows["contingency"].unique(maintain_order=True):
        some = rows.filter(pl.col("contingency") == contingency)
        lanes_.append(Lane(f"{names.situation(contingency)}, {some['window_days'][0]} days"))
        order = some.filter(pl.col("posture") == postures[-1]).sort("coverage", "capability")["capability"]
        for capability in order:
            mine = {row["posture"]: row for row in some.filter(pl.col("capability") == capability).to_dicts()}
            last = mine[postures[-1]]
            lanes_.append(
                Lane(
                    called(capability),
                    {name: row["coverage"] for name, row in mine.items()},
                    f"{last['coverage']:.2f}",
                    last["essential"],
                )
            )
    whole = [
        names.situation(name)
        for name in table["contingency"].unique(maintain_order=True)
        if name not in set(rows["contingency"])
    ]
    if whole:
        lanes_.append(Lane(f"Nothing falls short in: {', '.join(whole)}"))
    room = Room(132, 38) if canvas.narrow else Room(250, 44)
    return lanes(lanes_, kinds, canvas, room, [(1.0, "required")], ("Share of the requirement covered", "without"))


def ladder_rows(finding: Finding, inputs: Inputs) -> pl.DataFrame:
    """Return what falls short in the first contingency without the United States: essential first, least covered first.

    Parameters
    ----------
    finding
        Table ``coverage``.
    inputs
        The scenario: its first contingency is the one headlines speak of.
    """
    first = inputs.contingencies[0].id
    alone = finding.table.filter(
        pl.col("situation") == first, pl.col("contingency") == first, pl.col("posture") == _WITHOUT
    )
    if alone.height == 0:
        return alone
    window = first_window(alone)
    rows = alone.filter(pl.col("window_days") == window, pl.col("coverage") < _FULL)
    return rows.sort(["essential", "coverage", "capability"], descending=[True, False, False])


def turning(flip: Finding | None, row: dict[str, Any]) -> dict[str, Any] | None:
    """Return the flip number of a capability that holds a contingency back, where there is one."""
    if flip is None:
        return None
    found = flip.table.filter(
        pl.col("statement") == "binding",
        *(pl.col(name) == row[name] for name in ("contingency", "capability", "window_days", "posture")),
    )
    return found.row(0, named=True) if found.height else None


def gap_ladder(finding: Finding, flip: Finding | None, inputs: Inputs) -> Figure | None:
    """Draw what binds first, next and so on in the first contingency without the United States.

    Parameters
    ----------
    finding, flip
        Tables ``coverage`` and ``flip``.
    inputs
        The scenario.

    Returns
    -------
    Figure or None
        ``None`` where nothing falls short.
    """
    rows = ladder_rows(finding, inputs)
    if rows.height == 0:
        return None
    names = Names.of(inputs)
    first = rows.row(0, named=True)
    parts: list[str | Cited] = [
        f"{names.situation(first['contingency'])} within {first['window_days']} days, {names.inside(_WITHOUT)}: "
    ]
    for place, row in enumerate(rows.filter(pl.col("essential")).head(3).iter_rows(named=True)):
        name = lower(called(row["capability"]))
        parts += [", then " if place else "", f"{name} is short by " if not place else f"{name} by "]
        parts += [Cited(amount(row["shortfall"]), finding.address(row, "shortfall"))]
        parts.append(f" of {amount(row['required'])} {units(row['capability'], row['required'])}")
    if len(parts) == 1:
        parts.append(f"no essential capability is short, {cardinal(rows.height)} others are")
    return Figure(
        "gap_ladder",
        sentence(*parts),
        "Bars: share of each requirement that is covered; the open part is short, in units at the right. An essential "
        "capability holds the contingency back, the others do not. Turns below: the requirement under which it "
        "would no longer hold it back.",
        source(finding),
        finding,
        rows.select(_COVERED),
        lambda canvas: _ladder_chart(rows, flip, canvas),
    )


def _short_words(row: dict[str, Any], turns: dict[str, Any] | None) -> str:
    words = f"short {amount(row['shortfall'])} of {amount(row['required'])} {units(row['capability'], row['required'])}"
    if turns is not None and turns["turns_at"] is not None:
        words += f"; turns below {amount(turns['turns_at'])}"
    return words


def _ladder_chart(rows: pl.DataFrame, flip: Finding | None, canvas: Canvas) -> Spec:
    left, right = (6, 6) if canvas.narrow else (250, 250)
    width = canvas.width - left - right
    bars, labels, heads = [], [], []
    top = 0.0
    for essential in (True, False):
        some = rows.filter(pl.col("essential") == essential).to_dicts()
        if some:
            heads.append({"y": top + 14, "words": "Essential" if essential else "Not essential"})
            top += 26
        for row in some:
            name, words = called(row["capability"]), _short_words(row, turning(flip, row))
            lines = wrapped(f"{name}: {words}", width, canvas.size) if canvas.narrow else []
            step = 26 + 13 * len(lines)
            bars.append({"low": 0.0, "covered": row["coverage"], "full": 1.0, "top": top + step - 20,
                         "bottom": top + step - 6})  # fmt: skip
            middle = top + (8 if lines else step - 13)
            labels.append({"y": middle, "name": name, "words": words, "lines": lines})
            top += step
    x = axis("low", (0, 1), tickCount=5, format=".1f", title="Share of the requirement covered", titleAnchor="start",
             titleAlign="left")  # fmt: skip
    box = {"y": at("top"), "y2": {"field": "bottom"}, "x": x}
    short = {**box, "x": {**x, "field": "covered"}, "x2": {"field": "full"}}
    layers = [
        marks("rect", bars, short, fill=PAPER, stroke=RUST, strokeWidth=1.2, strokeDash=[3, 2]),
        marks("rect", bars, {**box, "x2": {"field": "covered"}}, fill=BLUE),
        marks("text", heads, {"y": at("y"), "x": pixel(4 - left), "text": {"field": "words"}}, align="left",
              fontWeight="bold", baseline="middle"),
    ]  # fmt: skip
    if canvas.narrow:
        layers.append(
            marks("text", labels, {"y": at("y"), "x": pixel(0), "text": {"field": "lines"}}, align="left",
                  baseline="middle", lineHeight=13)
        )  # fmt: skip
    else:
        layers.append(
            marks("text", labels, {"y": at("y"), "x": pixel(-8), "text": {"field": "name"}}, align="right",
                  baseline="middle")
        )  # fmt: skip
        layers.append(
            marks("text", labels, {"y": at("y"), "x": pixel(width + 8), "text": {"field": "words"}}, align="left",
                  baseline="middle")
        )  # fmt: skip
    return {"layer": layers, "width": width, "height": int(top) + 2}
