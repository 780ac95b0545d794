"""One row an Ally: the plot that most figures of the ledger are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from article3.report import drawing
from article3.report.drawing import HAIR, INK, MUTED, PAPER, SOFT, Canvas, Spec, marks, pixel
from article3.report.words import NOT_KNOWN, wrapped

_KEY_ROW: Final = " "
"""Name of the empty row at the top, in which the marks are explained."""

_TICK: Final[Spec] = {"shape": "stroke", "angle": 90, "size": 90}
_CIRCLE: Final[Spec] = {"shape": "circle", "size": 54}
_NOTE: Final = 100
"""Pixels for a note on a phone."""


@dataclass(frozen=True, slots=True)
class Row:
    """One Ally.

    Parameters
    ----------
    name
        Name at the left.
    value
        Position of the main mark; ``None`` writes the note, or *not known*.
    figure
        Text at the right.
    hollow
        Whether the value is an estimate or the earlier of two: drawn hollow.
    other
        Position of a second mark.
    colour
        Colour of the marks.
    note
        Words beside the marks.
    strong
        Whether the row is to stand out.
    """

    name: str
    value: float | None
    figure: str = ""
    hollow: bool = False
    other: float | None = None
    colour: str = INK
    note: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """What is common to the rows.

    Parameters
    ----------
    rows
        The Allies, topmost first.
    axis
        Title of the axis: measure and unit.
    levels
        Lines to hold the marks against, each with its words.
    key
        What the marks mean: mark (``filled``, ``hollow``, ``tick``) and words.
    other
        Shape of the second mark: ``hollow`` or ``tick``.
    note_colour
        Colour of notes.
    zero
        Whether the scale has to show zero, with a line.
    figures
        Letters of the longest text at the right.
    limits
        Ends of the scale.
    """

    rows: Sequence[Row]
    axis: str
    levels: Sequence[tuple[float, str]] = ()
    key: Sequence[tuple[str, str]] = ()
    other: str = "tick"
    note_colour: str = INK
    zero: bool = False
    figures: int = field(init=False)
    limits: tuple[float, float] = field(init=False)

    def __post_init__(self) -> None:
        found = [x for row in self.rows for x in (row.value, row.other) if x is not None]
        found += [level for level, _ in self.levels] + ([0.0] if self.zero else [])
        low, high = min(found, default=0.0), max(found, default=1.0)
        room = (high - low or 1.0) * 0.04
        object.__setattr__(self, "figures", max((len(row.figure) for row in self.rows), default=0))
        object.__setattr__(self, "limits", (low - (0.0 if low == 0 else room), high + room))


def dot_rows(plot: Plot, canvas: Canvas) -> Spec:
    """Draw one row an Ally: a mark, a second mark joined to it, a note, a figure at the right."""
    draw = _Draw(plot, canvas)
    layers = [draw.lanes(), *draw.levels(), *draw.marks(), *draw.figures(), *draw.notes(), *draw.key()]
    height = canvas.row * (len(plot.rows) + (1 if plot.key else 0))
    return {"layer": layers, "width": draw.width, "height": height}


class _Draw:
    """The layers of one plot, on one pair of scales."""

    def __init__(self, plot: Plot, canvas: Canvas) -> None:
        self.plot, self.canvas = plot, canvas
        # Bold figures are wider than half their height.
        self.right = plot.figures * canvas.size * 0.56 + 10
        self.width = round(canvas.width - canvas.names - self.right)
        self.known = [row for row in plot.rows if row.value is not None]
        room = canvas.names - 6
        self.y: Spec = {
            "field": "name",
            "type": "nominal",
            "sort": None,
            "scale": {"domain": [*([_KEY_ROW] if plot.key else []), *(row.name for row in plot.rows)], "padding": 0},
            "axis": {"title": None, "labelColor": INK, "minExtent": room, "maxExtent": room},
        }
        self.x: Spec = {
            "field": "value",
            "type": "quantitative",
            "scale": {"domain": list(plot.limits), "nice": False, "zero": False},
            "axis": {
                "title": plot.axis,
                "titleAnchor": "start",
                "titleAlign": "left",
                "grid": True,
                "tickCount": 4 if canvas.narrow else 8,
            },
        }

    def lanes(self) -> Spec:
        """Hair lines that lead the eye from the name to the marks."""
        values = [{"name": row.name} for row in self.plot.rows]
        return marks("rule", values, {"y": self.y, "x": pixel(0), "x2": pixel(self.width)}, color=HAIR)

    def levels(self) -> list[Spec]:
        levels = [*self.plot.levels, *([(0.0, "")] if self.plot.zero else [])]
        values = [{"value": value, "words": words} for value, words in levels]
        named = [value for value in values if value["words"]]
        layers = [marks("rule", values, {"x": self.x}, color=INK, strokeWidth=1.2)] if values else []
        if named:
            # The first row starts at 0: the words stand above it, free of the marks.
            places = {"x": self.x, "y": pixel(-3), "text": {"field": "words"}}
            layers.append(marks("text", named, places, baseline="bottom", fontWeight="bold"))
        return layers

    def marks(self) -> list[Spec]:
        stroke = drawing.field("colour")
        values = [
            {
                "name": row.name,
                "value": row.value,
                "colour": row.colour,
                "fill": PAPER if row.hollow else row.colour,
                "weight": 2.4 if row.strong else 1.4,
                **({} if row.other is None else {"other": row.other}),
            }
            for row in self.known
        ]
        layers = []
        paired = [value for value in values if "other" in value]
        if paired:
            lines = {
                "y": self.y,
                "x": self.x,
                "x2": {"field": "other"},
                "color": stroke,
                "size": drawing.field("weight"),
            }
            second = _TICK if self.plot.other == "tick" else {**_CIRCLE, "size": 46}
            ends = [{**value, "value": value["other"]} for value in paired]
            layers.append(marks("rule", paired, lines))
            layers.append(
                marks(
                    "point",
                    ends,
                    {"y": self.y, "x": self.x, "stroke": stroke},
                    **second,
                    strokeWidth=1.8,
                    fill=PAPER,
                    opacity=1,
                )
            )
        places = {"y": self.y, "x": self.x, "stroke": stroke, "fill": drawing.field("fill")}
        layers.append(marks("point", values, places, **_CIRCLE, strokeWidth=1.8, opacity=1))
        return layers

    def figures(self) -> list[Spec]:
        places = {"y": self.y, "x": pixel(self.width + self.right - 2), "text": {"field": "words"}}
        layers = []
        for strong, weight in ((False, "normal"), (True, "bold")):
            values = [
                {"name": row.name, "words": row.figure} for row in self.plot.rows if row.figure and row.strong == strong
            ]
            if values:
                layers.append(marks("text", values, places, align="right", fontWeight=weight))
        return layers

    def notes(self) -> list[Spec]:
        canvas, layers = self.canvas, []
        size = canvas.size - 1 if canvas.narrow else canvas.size
        values: list[dict[str, Any]] = [
            {
                "name": row.name,
                "value": max(x for x in (row.value, row.other) if x is not None),
                "words": wrapped(row.note, _NOTE, size) if canvas.narrow else row.note,
            }
            for row in self.known
            if row.note
        ]
        # Where the marks leave no room at the right, words stand at their left.
        low, high = self.plot.limits
        for align, side in (("left", 9), ("right", -9)):
            some = [
                {**value, "value": value["value"] if align == "left" else self._leftmost(value["name"])}
                for value in values
                if (align == "left") == ((high - value["value"]) / (high - low) * self.width > _NOTE - 10)
            ]
            if some:
                places = {"y": self.y, "x": self.x, "text": {"field": "words"}}
                style = {"fontSize": size, "lineHeight": size, "baseline": "middle", "color": self.plot.note_colour}
                layers.append(marks("text", some, places, align=align, dx=side, **style))
        blank = [{"name": row.name, "words": row.note or NOT_KNOWN} for row in self.plot.rows if row.value is None]
        if blank:
            places = {"y": self.y, "x": pixel(4), "text": {"field": "words"}}
            layers.append(marks("text", blank, places, align="left", fontStyle="italic", color=SOFT))
        return layers

    def _leftmost(self, name: str) -> float:
        return min(x for row in self.known if row.name == name for x in (row.value, row.other) if x is not None)

    def key(self) -> list[Spec]:
        """Explain the marks in the top row, one beside the other."""
        layers: list[Spec] = []
        left = 6.0
        for mark, words in self.plot.key:
            values: list[dict[str, Any]] = [{"name": _KEY_ROW, "words": words}]
            shape = _TICK if mark == "tick" else _CIRCLE
            fill = MUTED if mark == "filled" else PAPER
            point = {"y": self.y, "x": pixel(left)}
            layers.append(marks("point", values, point, **shape, strokeWidth=1.8, stroke=MUTED, fill=fill, opacity=1))
            place = {"y": self.y, "x": pixel(left + 9), "text": {"field": "words"}}
            # Words cover the lines behind them.
            wide = len(words) * self.canvas.size * 0.52
            back = {"y": self.y, "x": pixel(left + 7), "x2": pixel(left + 11 + wide)}
            layers.insert(0, marks("bar", values, back, color=PAPER, height=self.canvas.row - 3))
            layers.append(marks("text", values, place, align="left", color=SOFT))
            left += 9 + wide + 22
        return layers
