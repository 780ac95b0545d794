"""Marks in pixels, gathered by look: for figures whose places no scale of the chart library gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from article3.report.drawing import HAIR, INK, SOFT, Canvas, Spec, field, marks
from article3.report.gap_lanes import at
from article3.report.panels import legend
from article3.report.words import wrapped

Look = tuple[tuple[str, Any], ...]

_ENDS: Final = {"x": at("x"), "y": at("y"), "x2": {"field": "x2"}, "y2": {"field": "y2"}}
_PLACE: Final = {"x": at("x"), "y": at("y")}
_ORDER: Final = ("guide", "rect", "area", "rule", "line", "point", "text")
"""Kinds of marks, those behind first; of one kind, those used first."""
_VARIED: Final = {
    "guide": ("color",),
    "rule": ("color",),
    "rect": ("fill", "stroke"),
    "point": ("shape", "fill", "stroke"),
    "text": ("color",),
}
"""What marks of one layer may differ in."""


class Sheet:
    """A drawing in pixels. Marks alike in kind and look are one layer; areas lie behind lines, lines behind words."""

    def __init__(self) -> None:
        self._layers: dict[tuple[str, tuple[str, ...], Look], list[dict[str, Any]]] = {}
        self._lines = 0

    def _add(self, kind: str, look: dict[str, Any], *values: dict[str, Any]) -> None:
        # A layer takes the renderer far longer than a mark: what a column can say of a mark makes no layer of its own.
        varied = {name: look[name] for name in _VARIED.get(kind, ()) if name in look}
        kept = {name: value for name, value in look.items() if name not in varied}
        key = (kind, tuple(sorted(varied)), tuple(sorted(kept.items())))
        self._layers.setdefault(key, []).extend({**value, **varied} for value in values)

    def rule(self, x: float, y: float, x2: float, y2: float, **look: Any) -> None:
        """Add a straight line."""
        self._add("rule", look, _round(x=x, y=y, x2=x2, y2=y2))

    def guide(self, x: float, y: float, x2: float, y2: float, color: str = HAIR) -> None:
        """Add a thin line behind everything that leads the eye."""
        self._add("guide", {"color": color}, _round(x=x, y=y, x2=x2, y2=y2))

    def rect(self, x: float, y: float, x2: float, y2: float, **look: Any) -> None:
        """Add a rectangle."""
        self._add("rect", look, _round(x=x, y=y, x2=x2, y2=y2))

    def text(self, x: float, y: float, words: str | list[str], **look: Any) -> None:
        """Add words, in lines where there are several."""
        self._add(
            "text", {"baseline": "middle", "align": "left", "color": INK, **look}, {**_round(x=x, y=y), "words": words}
        )

    def point(self, x: float, y: float, **look: Any) -> None:
        """Add a mark."""
        self._add("point", {"opacity": 1, "strokeWidth": 1.6, **look}, _round(x=x, y=y))

    def line(self, points: Sequence[tuple[float, float]], **look: Any) -> None:
        """Add a line through points."""
        self._lines += 1
        self._add("line", look, *({**_round(x=x, y=y), "line": self._lines} for x, y in points))

    def band(self, points: Sequence[tuple[float, float, float]], **look: Any) -> None:
        """Add a band from low to high along a line."""
        self._lines += 1
        self._add("area", look, *({**_round(x=x, y=low, y2=high), "line": self._lines} for x, low, high in points))

    def spec(self, width: float, height: float) -> Spec:
        """Return the drawing."""
        layers = []
        for (kind, varied, look), values in sorted(self._layers.items(), key=lambda item: _ORDER.index(item[0][0])):
            encoding: Spec = dict(_ENDS if kind in ("guide", "rule", "rect") else _PLACE)
            encoding |= {name: field(name) for name in varied}
            if kind == "text":
                encoding["text"] = {"field": "words"}
            elif kind in ("line", "area"):
                encoding["detail"] = {"field": "line"}
                encoding |= {"y2": {"field": "y2"}} if kind == "area" else {}
            plain = {name: list(value) if isinstance(value, tuple) else value for name, value in look}
            layers.append(marks("rule" if kind == "guide" else kind, values, encoding, **plain))
        return {"layer": layers, "width": round(width), "height": round(height)}


def _round(**places: float) -> dict[str, Any]:
    return {name: round(value, 1) for name, value in places.items()}


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot on a sheet: where it stands, and the values at its ends.

    Parameters
    ----------
    left, top, width, height
        Where it stands, in pixels.
    xs, ys
        Values at its left and right, and at its foot and top.
    """

    left: float
    top: float
    width: float
    height: float
    xs: tuple[float, float]
    ys: tuple[float, float]

    def x(self, value: float) -> float:
        """Return the place of a value across."""
        return self.left + self.width * (value - self.xs[0]) / ((self.xs[1] - self.xs[0]) or 1.0)

    def y(self, value: float) -> float:
        """Return the place of a value upward."""
        return self.top + self.height * (1 - (value - self.ys[0]) / ((self.ys[1] - self.ys[0]) or 1.0))

    def levels(self, sheet: Sheet, ticks: Sequence[tuple[float, str]], *, words: bool = True) -> None:
        """Draw level lines, with their words at the left where there is room."""
        for value, label in ticks:
            y = self.y(value)
            sheet.guide(self.left, y, self.left + self.width, y)
            if words:
                sheet.text(self.left - 6, y, label, align="right", color=SOFT)


def with_key(entries: Sequence[tuple[str, str, str, str]], body: Spec, canvas: Canvas) -> Spec:
    """Put what the marks mean above a drawing."""
    key = legend(entries, canvas, min(int(body["width"]), canvas.width))
    return {"vconcat": [key, body], "spacing": 12}


def cut(text: str, width: float, size: float, bold: bool = False) -> str:
    """Return a text on one line, cut with dots where it does not fit."""
    lines = wrapped(text, width, size, bold)
    return (
        lines[0]
        if len(lines) == 1
        else f"{wrapped(text, width - size, size, bold)[0].rstrip(',:')}\N{HORIZONTAL ELLIPSIS}"
    )


def scale_top(value: float) -> tuple[float, list[float]]:
    """Return the end of a scale that starts at nothing, and round values along it."""
    if value <= 0:
        return 1.0, [0.0, 1.0]
    step = next(
        base * 10.0**power for power in range(-6, 9) for base in (1, 2, 2.5, 5) if value / (base * 10.0**power) <= 4.2
    )
    count = int(-(-value // step))
    return step * count, [step * place for place in range(count + 1)]
