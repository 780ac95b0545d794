"""How figures are drawn: sizes, colours, frame, and the way from a specification to Altair, SVG and PNG.

A figure is a Vega-Lite specification. It is built as plain mappings and handed to vl-convert as it is; Altair
wraps the same specification for notebooks (:meth:`Figure.chart`). Building it from Altair's objects gave the
same pictures at three times the time (ADR on charts). Both load on first use, not before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import polars as pl

from article3.evidence.findings import Finding, Sentence
from article3.report.words import wrapped

Spec: TypeAlias = dict[str, Any]
"""A Vega-Lite specification, or a part of one."""

FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
"""vl-convert carries Liberation Sans, so that text is measured alike on every machine; Arial and Helvetica,
which browsers have, are as wide."""

INK: Final = "#1b1b1b"
SOFT: Final = "#595959"
"""Second voice for text: 7:1 on white."""
MUTED: Final = "#8a8a8a"
"""Marks that stand back: 3.5:1 on white."""
RULE: Final = "#dcdcdc"
HAIR: Final = "#efefef"
BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
RUST: Final = "#A84300"
"""Vermillion dark enough for text (6:1 on white)."""
PAPER: Final = "#ffffff"

CIRCLE: Final = 60
DIAMOND: Final = 34
"""Sizes of the marks of two definitions: where they fall together, the one still shows behind the other."""

_VEGA_LITE: Final = "6.1"
_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
"""Names the language of a specification; nothing is read from there."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """Room for a figure.

    Parameters
    ----------
    width
        Width of the whole figure, in pixels.
    names
        Room for names at the left.
    row
        Height of one row.
    size
        Size of the type.
    narrow
        Whether it is meant for a phone: shorter words, more lines.
    """

    width: int
    names: int
    row: int
    size: int
    narrow: bool


WIDE: Final = Canvas(width=800, names=118, row=17, size=12, narrow=False)
NARROW: Final = Canvas(width=350, names=94, row=22, size=11, narrow=True)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with what must stand around it.

    Parameters
    ----------
    name
        Short name, for files and anchors.
    title
        The finding in one sentence; its numbers keep their addresses.
    subtitle
        What is shown, with unit and vintage.
    source
        Source line.
    finding, table
        The finding drawn, if there is one, and the rows and columns that were drawn.
    body
        Draws it on a canvas, without title and source.
    """

    name: str
    title: Sentence
    subtitle: str
    source: str
    finding: Finding | None
    table: pl.DataFrame
    body: Callable[[Canvas], Spec]

    @property
    def summary(self) -> str:
        """The figure in words, for those who do not see it."""
        return f"{self.title}. {self.subtitle}"

    def to_dict(self, canvas: Canvas = WIDE) -> Spec:
        """Return the Vega-Lite specification, complete with title, subtitle and source line."""
        return styled(framed(self.body(canvas), str(self.title), self.subtitle, self.source, canvas), canvas)

    def bare(self, canvas: Canvas = WIDE) -> Spec:
        """Return the specification without the words around it, for a page that sets them itself."""
        return styled(self.body(canvas), canvas)

    def chart(self, canvas: Canvas = WIDE) -> Any:
        """Return the figure as an Altair chart, for notebooks."""
        import altair as alt  # noqa: PLC0415 - loads when a notebook asks for it

        return alt.Chart.from_dict(self.to_dict(canvas))


def marks(kind: str, values: Sequence[Mapping[str, Any]], encoding: Spec, **properties: Any) -> Spec:
    """Return one layer: marks of one kind over some values."""
    return {"data": {"values": list(values)}, "mark": {"type": kind, **properties}, "encoding": encoding}


def pixel(value: float) -> Spec:
    """Return a place in pixels, as an encoding."""
    return {"value": round(value, 2)}


def field(name: str) -> Spec:
    """Return an encoding that takes a column's values as they are: a colour, a size in pixels."""
    return {"field": name, "type": "nominal", "scale": None}


def key_above(entries: Sequence[tuple[str, str, str, str]], canvas: Canvas) -> list[Spec]:
    """Explain marks above a plot: side by side, or below one another where there is no room.

    Parameters
    ----------
    entries
        Shape, fill, stroke and words of each mark.
    canvas
        The room.
    """
    layers, left, top = [], 6.0, -16.0 - (18.0 * (len(entries) - 1) if canvas.narrow else 0.0)
    for shape, fill, stroke, words in entries:
        place = {"x": pixel(left), "y": pixel(top)}
        style = {"shape": shape, "fill": fill, "stroke": stroke, "strokeWidth": 1.6, "size": 46, "opacity": 1}
        layers.append(marks("point", [{}], place, **style))
        text = {"x": pixel(left + 9), "y": pixel(top), "text": {"value": words}}
        layers.append(marks("text", [{}], text, align="left", color=SOFT))
        if canvas.narrow:
            top += 18
        else:
            left += 9 + len(words) * canvas.size * 0.52 + 22
    return layers


def framed(body: Spec, title: str, subtitle: str, source: str, canvas: Canvas) -> Spec:
    """Return a specification with title, subtitle and source line.

    Parameters
    ----------
    body
        The figure.
    title
        The finding.
    subtitle
        What is shown, with unit and vintage.
    source
        Where it comes from.
    canvas
        The room it was drawn for.
    """
    head = 15 if canvas.narrow else 18
    above = {
        "text": wrapped(title, canvas.width, head, bold=True),
        "subtitle": wrapped(subtitle, canvas.width, canvas.size),
        "anchor": "start",
        "frame": "bounds",
        "fontSize": head,
        "lineHeight": head + 4,
        "fontWeight": "bold",
        "color": INK,
        "subtitleFontSize": canvas.size,
        "subtitleLineHeight": canvas.size + 4,
        "subtitleColor": SOFT,
        "subtitlePadding": 6,
        "offset": 14,
    }
    below = {
        "text": wrapped(source, canvas.width, 11),
        "anchor": "start",
        "orient": "bottom",
        "frame": "bounds",
        "fontSize": 11,
        "lineHeight": 14,
        "fontWeight": "normal",
        "color": SOFT,
        "offset": 10,
    }
    return {"vconcat": [{"vconcat": [body], "title": above}], "title": below}


def styled(spec: Spec, canvas: Canvas) -> Spec:
    """Return a specification in the house style."""
    config = {
        "font": FONT,
        "background": PAPER,
        "padding": 6,
        "axis": {
            "labelFontSize": canvas.size,
            "labelColor": SOFT,
            # Without a limit, labels need not be measured one by one to be cut.
            "labelLimit": 0,
            "titleFontSize": canvas.size,
            "titleFontWeight": "normal",
            "titleColor": SOFT,
            "gridColor": RULE,
            "domain": False,
            "ticks": False,
            "labelPadding": 6,
        },
        "view": {"stroke": None},
        "text": {"fontSize": canvas.size, "color": INK},
    }
    return {"$schema": _SCHEMA, "config": config, **spec}


def svg(chart: Any, prefix: str = "") -> str:
    """Return a chart as SVG text; same chart, same bytes.

    Parameters
    ----------
    chart
        A figure, an Altair chart, or a Vega-Lite specification.
    prefix
        Put before every identifier, so that several pictures can stand in one page.
    """
    import vl_convert  # noqa: PLC0415 - loads when something is drawn

    text: str = vl_convert.vegalite_to_svg(_specification(chart), vl_version=_VEGA_LITE, allowed_base_urls=[])
    return _tidied(text, prefix)


def png(chart: Any, scale: float = 2.0) -> bytes:
    """Return a chart as PNG bytes; same chart, same bytes.

    Parameters
    ----------
    chart
        A figure, an Altair chart, or a Vega-Lite specification.
    scale
        Pixels of the picture per pixel of the chart.
    """
    import vl_convert  # noqa: PLC0415 - loads when something is drawn

    data: bytes = vl_convert.vegalite_to_png(
        _specification(chart), vl_version=_VEGA_LITE, scale=scale, allowed_base_urls=[]
    )
    return data


def _specification(chart: Any) -> Spec:
    found: Spec = chart if isinstance(chart, dict) else chart.to_dict()
    return found


_DROPPED: Final = re.compile(
    r"<path class=\"(?:fore|back)ground\"[^>]*?(?:display=\"none\"|d=\"M0,0h0v0h0Z\")[^>]*/>"
    r"| (?:role|aria-[a-z]+|class|pointer-events)=\"[^\"]*\""
    r"| opacity=\"1\"| stroke-miterlimit=\"10\""
)
_FAMILY: Final = re.compile(r" font-family=\"([^\"]*)\"")


def _tidied(text: str, prefix: str) -> str:
    """Return an SVG with identifiers counted anew, without what a reader never sees.

    The renderer counts identifiers on from picture to picture, so that the same chart would not give the same
    bytes. Its roles for single marks are noise to a screen reader: the picture is described as a whole.
    """
    names = dict.fromkeys(re.findall(r"\bid=\"([^\"]+)\"", text))
    for position, name in enumerate(names):
        new = f"{prefix}s{position}"
        text = re.sub(rf"(\bid=\"|url\(#|href=\"#){re.escape(name)}(?=[\")])", rf"\g<1>{new}", text)
    text = _DROPPED.sub("", text)
    family = _FAMILY.search(text)
    if family:
        text = _FAMILY.sub("", text).replace("<svg ", f'<svg font-family="{family[1]}" ', 1)
    return text
