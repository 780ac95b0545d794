"""Small multiples: one panel beside the other, all on the same scales, with the marks explained above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from article3.report.drawing import INK, RULE, SOFT, Canvas, Spec, marks, pixel

PANEL: Final = "panel"
"""Field that names the panel of a row."""

_GAP: Final = 16
_AXIS: Final = 42
"""Pixels for the labels of the axis at the left."""


def panels(
    values: Sequence[Mapping[str, Any]], layers: Sequence[Spec], key: Spec, canvas: Canvas, shape: tuple[int, int, int]
) -> Spec:
    """Draw rows in panels, in the order in which their panels first appear.

    Parameters
    ----------
    values
        Rows, each with the name of its panel and the kind of mark it is for.
    layers
        Layers made by :func:`layer`.
    key
        What the marks mean, made by :func:`legend`.
    canvas
        The room.
    shape
        Panels beside one another on a wide page and on a phone, and the height of a panel.
    """
    wide, narrow, height = shape
    order = list(dict.fromkeys(row[PANEL] for row in values))
    columns = min(narrow if canvas.narrow else wide, len(order))
    width = (canvas.width - _AXIS - _GAP * (columns - 1)) / columns
    header = {"title": None, "labelAnchor": "start", "labelFontWeight": "bold", "labelColor": INK, "labelPadding": 5}
    facet = {"field": PANEL, "type": "nominal", "sort": order, "header": {**header, "labelFontSize": canvas.size}}
    body = {
        "data": {"values": list(values)},
        "facet": facet,
        "columns": columns,
        "spacing": _GAP,
        "spec": {"width": int(width), "height": height, "layer": list(layers)},
    }
    return {"vconcat": [key, body], "spacing": 14}


def layer(kind: str, mark: str, encoding: Spec, **properties: Any) -> Spec:
    """Return one layer of a panel: marks for the rows of one kind."""
    return {
        "transform": [{"filter": f"datum.kind === '{kind}'"}],
        "mark": {"type": mark, **properties},
        "encoding": encoding,
    }


def axis(name: str, domain: tuple[float, float], **properties: Any) -> Spec:
    """Return a place on a scale that all panels share."""
    return {
        "field": name,
        "type": "quantitative",
        "scale": {"domain": list(domain), "nice": False, "zero": False},
        "axis": {"title": None, "gridColor": RULE, **properties},
    }


def legend(entries: Sequence[tuple[str, str, str, str]], canvas: Canvas, room: int = 0) -> Spec:
    """Return a strip that explains the marks: shape (or ``line``, ``dashes``, ``dots``, ``band``), fill, stroke, words.

    Parameters
    ----------
    entries
        The marks.
    canvas
        The room.
    room
        Width of the plot below, where it is not that of panels.
    """
    room = room or canvas.width - _AXIS
    layers, left, top = [], 0.0, 6.0
    for shape, fill, stroke, words in entries:
        wide = 24 + len(words) * canvas.size * 0.53
        if left and left + wide > room:
            left, top = 0.0, top + 17
        if shape in ("line", "dashes", "dots", "band"):
            ends = {"x": pixel(left), "x2": pixel(left + 16), "y": pixel(top)}
            dash = {"dashes": [5, 3], "dots": [2, 2]}.get(shape, [1, 0])
            style = {"color": stroke, "strokeWidth": 9 if shape == "band" else 1.8, "strokeDash": dash}
            layers.append(marks("rule", [{}], ends, **style))
        else:
            place = {"x": pixel(left + 8), "y": pixel(top)}
            style = {"shape": shape, "fill": fill, "stroke": stroke, "strokeWidth": 1.6, "size": 44, "opacity": 1}
            layers.append(marks("point", [{}], place, **style))
        text = {"x": pixel(left + 21), "y": pixel(top), "text": {"field": "words"}}
        layers.append(marks("text", [{"words": words}], text, align="left", baseline="middle", color=SOFT))
        left += wide + 14
    return {"layer": layers, "width": room, "height": int(top) + 6}
