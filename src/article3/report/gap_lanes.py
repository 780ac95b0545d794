"""Lanes: one row a capability, in groups, with marks of several kinds on one scale from nothing to all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from article3.report.drawing import HAIR, INK, SOFT, Canvas, Spec, marks, pixel
from article3.report.panels import axis, legend
from article3.report.words import wrapped

TICK: Final = "M0,-1V1"
"""Shape of a short upright line."""

_LATE: Final = 0.9
_HEAD: Final = 26
"""Pixels for the heading of a group."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mark.

    Parameters
    ----------
    name
        Key of its value in a lane.
    shape, fill, stroke
        How it is drawn.
    words
        What it means.
    size
        Area of the mark.
    """

    name: str
    shape: str
    fill: str
    stroke: str
    words: str
    size: int = 52


@dataclass(frozen=True, slots=True)
class Lane:
    """One row.

    Parameters
    ----------
    name
        Name at the left; a group's heading where there are no values and no label.
    values
        Position of the mark of each kind.
    label
        Text at the right.
    strong
        Whether the name stands in bold.
    """

    name: str
    values: Mapping[str, float] = field(default_factory=dict)
    label: str = ""
    strong: bool = False

    @property
    def head(self) -> bool:
        """Whether it heads a group."""
        return not self.values and not self.label


@dataclass(frozen=True, slots=True)
class Room:
    """Pixels for names at the left and for labels at the right."""

    names: int
    labels: int


def lanes(
    rows: Sequence[Lane],
    kinds: Sequence[Kind],
    canvas: Canvas,
    room: Room,
    levels: Sequence[tuple[float, str]],
    titles: tuple[str, str],
) -> Spec:
    """Draw lanes.

    Parameters
    ----------
    rows, kinds
        The lanes, topmost first, and the kinds of marks, those behind first.
    canvas, room
        The room.
    levels
        Lines to hold the marks against, each with its words.
    titles
        Title of the axis, and heading of the labels.
    """
    title, heading = titles
    width = canvas.width - room.names - room.labels
    placed, height = _placed(rows, canvas, room.names)
    x = axis("value", (0, 1), tickCount=5, format=".1f", title=title, titleAnchor="start", titleAlign="left")
    points = [row for row in placed if not row["head"]]
    ruled = {"y": at("y"), "x": pixel(0), "x2": pixel(width)}
    lines: list[dict[str, Any]] = [{"value": value, "words": words} for value, words in levels]
    layers = [
        marks("rule", points, ruled, color=HAIR),
        marks("rule", lines, {"x": x}, color=INK, strokeWidth=1.2),
        *_joined(points, kinds, x),
    ]
    # Words stand before a line at the end of the scale, where labels follow it.
    for late in (False, True):
        some = [line for line in lines if (line["value"] > _LATE) == late]
        if some:
            above = {"x": x, "y": pixel(-4), "text": {"field": "words"}}
            side = {"align": "right", "dx": 2} if late else {"align": "center"}
            layers.append(marks("text", some, above, baseline="bottom", fontWeight="bold", **side))
    if heading:
        above = {"x": pixel(width + 10), "y": pixel(-4), "text": {"field": "words"}}
        layers.append(marks("text", [{"words": heading}], above, baseline="bottom", align="left", color=SOFT))
    for kind in kinds:
        values = [{"y": row["y"], "value": row["values"][kind.name]} for row in points if kind.name in row["values"]]
        if values:
            look = {"shape": kind.shape, "size": kind.size, "fill": kind.fill, "stroke": kind.stroke}
            layers.append(marks("point", values, {"y": at("y"), "x": x}, **look, strokeWidth=1.7, opacity=1))
    layers += _words(placed, canvas, room, width)
    used = [kind for kind in kinds if any(kind.name in row["values"] for row in points)]
    key = [(kind.shape, kind.fill, kind.stroke, kind.words) for kind in used]
    body = {"layer": layers, "width": width, "height": height}
    return {"vconcat": [legend(key, canvas, width + room.labels), body], "spacing": 14}


def _placed(rows: Sequence[Lane], canvas: Canvas, names: int) -> tuple[list[dict[str, Any]], int]:
    """Return rows with their middles in pixels, and the height of all; names of two lines take more room."""
    placed, top = [], 0.0
    for row in rows:
        size = canvas.size + (0.5 if row.strong else 0)
        lines = [row.name] if row.head else wrapped(row.name, names - 10, size, row.strong)
        tall = _HEAD if row.head else max(canvas.row, len(lines) * (canvas.size + 1) + 3)
        placed.append(
            {"y": top + tall - 9 if row.head else top + tall / 2, "lines": lines, "words": row.label,
             "head": row.head, "strong": row.strong, "values": row.values, "count": len(lines)}
        )  # fmt: skip
        top += tall
    return placed, round(top)


def _joined(points: list[dict[str, Any]], kinds: Sequence[Kind], x: Spec) -> list[Spec]:
    """Join the first and the last kind of mark of each lane."""
    ends = [kinds[0].name, kinds[-1].name]
    values = [
        {"y": row["y"], "value": row["values"][ends[0]], "other": row["values"][ends[1]]}
        for row in points
        if all(end in row["values"] for end in ends)
    ]
    line = {"y": at("y"), "x": x, "x2": {"field": "other"}}
    return [marks("rule", values, line, color="#9a9a9a", strokeWidth=1.3)] if values else []


def _words(placed: list[dict[str, Any]], canvas: Canvas, room: Room, width: int) -> list[Spec]:
    layers = []
    place: Spec = {"y": at("y"), "text": {"field": "lines"}}
    step = canvas.size + 1
    for head, strong in ((True, False), (False, True), (False, False)):
        some = [
            {"lines": row["lines"], "y": row["y"] - (row["count"] - 1) * step / 2}
            for row in placed
            if row["head"] == head and row["strong"] == strong
        ]
        if some:
            left = {"x": pixel(4 - room.names)} if head else {"x": pixel(-8)}
            style: Spec = {"align": "left"} if head else {"align": "right"}
            weight = "bold" if head or strong else "normal"
            layers.append(
                marks("text", some, {**place, **left}, **style, fontWeight=weight, baseline="middle", lineHeight=step)
            )
    labelled = [{"y": row["y"], "words": row["words"]} for row in placed if row["words"]]
    if labelled:
        text = {"y": at("y"), "x": pixel(width + 10), "text": {"field": "words"}}
        layers.append(marks("text", labelled, text, align="left", baseline="middle", color=SOFT))
    return layers


def at(name: str) -> Spec:
    """Return a place that a column gives in pixels."""
    return {"field": name, "type": "quantitative", "scale": None, "axis": None}
