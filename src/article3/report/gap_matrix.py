"""The matrix: how far each situation is met, by readiness window and posture, as tiles with number, bar and shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from article3.evidence.findings import Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, PAPER, RULE, RUST, SOFT, Canvas, Figure, Spec, field, marks, pixel
from article3.report.gap_lanes import at
from article3.report.gap_words import FAR, FULL, MET, SHORT, STATUSES, UNSAFE, Names, at_window, postures_of, status
from article3.report.gap_words import source as source_of
from article3.report.panels import legend
from article3.report.words import cardinal, wrapped
from article3.scenario.resolve import Inputs

_COLUMNS: Final = (
    "situation", "title", "window_days", "posture", "attainment", "low", "high", "margin", "coverage", "tail",
    "binding_capability", "agreement", "draws", "us_only", "small", "note", "standing",
)  # fmt: skip
_GROUPS: Final = ("Large contingencies, each alone", "Several at once", "Small tasks alone: no test, see below")
_TINTS: Final = {MET: "#e9f1f7", UNSAFE: PAPER, SHORT: "#fbe9dd", FAR: "#f0c3a2"}
_FIGURES: Final = 2.0
"""Width of three figures in bold with a little room, in sizes of their type."""
_HEAD: Final = 24
_GAP: Final = 12
"""Pixels: height of a group's heading, and between windows."""


def gap_matrix(finding: Finding, inputs: Inputs) -> Figure | None:
    """Draw the share met of every situation, window and posture.

    Parameters
    ----------
    finding
        Table ``attainment``.
    inputs
        The scenario, for names.

    Returns
    -------
    Figure or None
        ``None`` where nothing was assessed.
    """
    if finding.table.height == 0:
        return None
    names = Names.of(inputs)
    rows = grouped(finding.table)
    drawn = finding.table["draws"].drop_nulls().unique().sort(descending=True).to_list()
    fewer = f", of {drawn[-1]} where several run at once" if len(drawn) > 1 else ""
    ranges = f" Ranges (small figures; all in the table): eight in ten of {drawn[0]} draws{fewer}." if drawn else ""
    return Figure(
        "gap_matrix",
        _title(finding, names),
        "Share of the weakest essential requirement that can be met, in per cent, within 10, 30 and 180 days of the "
        f"order; bars show the same.{ranges} Requirements and readiness are illustrative.",
        source_of(finding),
        finding,
        pl.concat([table for _, table in rows]).select(_COLUMNS),
        lambda canvas: _Tiles(rows, names, canvas).spec(),
    )


def grouped(table: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Return the rows of attainment by kind: large contingencies alone, several at once, small tasks alone."""
    joint, task = pl.col("contingency").str.contains(";"), pl.col("small")
    kinds = (~joint & ~task, joint, ~joint & task)
    found = [(head, table.filter(kind)) for head, kind in zip(_GROUPS, kinds, strict=True)]
    return [(head, some) for head, some in found if some.height]


def _title(finding: Finding, names: Names) -> Sentence:
    """Return how many large contingencies are met in each posture, within every window they are asked in."""
    head, table = grouped(finding.table)[0]
    rows = table
    count = rows["situation"].n_unique()
    what = {_GROUPS[0]: "large contingency", _GROUPS[1]: "situation"}.get(head, "small task")
    many = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    parts = []
    for place, posture in enumerate(postures_of(rows)):
        held = rows.filter(pl.col("posture") == posture).group_by("situation").agg(pl.col("attainment").min())
        met = int((held["attainment"] >= FULL).sum())
        parts.append(f"{cardinal(met) if met else 'none'} {names.inside(posture, again=place > 0)}")
    if count == 1:
        rows = at_window(table, "situation")
        row = rows.row(0, named=True)
        words = [f"{status(one).word} {names.inside(one['posture'])}" for one in rows.to_dicts()]
        return sentence(f"{row['title']} within {row['window_days']} days: {', '.join(words)}")
    first, *rest = parts
    met_, posture_ = first.split(" ", 1)
    return sentence(
        f"Of {cardinal(count)} {many}, {', '.join([f'{met_} can be met within every window {posture_}', *rest])}"
        ", at central estimates"
    )


class _Tiles:
    """The layers of the matrix on one canvas."""

    def __init__(self, groups: list[tuple[str, pl.DataFrame]], names: Names, canvas: Canvas) -> None:
        self.groups, self.names, self.canvas = groups, names, canvas
        table = pl.concat([table for _, table in groups])
        self.windows = sorted(table["window_days"].unique())
        self.postures = postures_of(table)
        self.room = 108 if canvas.narrow else 196
        gap = 6 if canvas.narrow else _GAP
        columns = len(self.windows) * len(self.postures)
        self.wide = (canvas.width - self.room - gap * (len(self.windows) - 1)) / columns
        self.block = self.wide * len(self.postures) + gap
        self.tall = 42 if canvas.narrow else 34
        self.top = 58.0 if canvas.narrow else 32.0

    def left(self, row: Mapping[str, Any]) -> float:
        """Return the left edge of a tile."""
        window, posture = self.windows.index(row["window_days"]), self.postures.index(row["posture"])
        return self.block * window + self.wide * posture

    def spec(self) -> Spec:
        """Return the whole: key, headings, tiles."""
        tiles: list[dict[str, Any]] = []
        heads: list[dict[str, Any]] = []
        labels: list[dict[str, Any]] = []
        top = self.top
        for head, table in self.groups:
            heads.append({"y": top + 15, "words": head})
            top += _HEAD
            for situation in table["situation"].unique(maintain_order=True):
                some = table.filter(pl.col("situation") == situation)
                title = some["title"][0]
                lines = wrapped(title, self.room - 8, self.canvas.size)
                tall = max(self.tall, len(lines) * (self.canvas.size + 1))
                middle = top + tall / 2 - (len(lines) - 1) * (self.canvas.size + 1) / 2
                labels.append({"y": middle, "words": lines, "small": some["small"][0]})
                tiles += [self._tile(row, top + (tall - self.tall) / 2) for row in some.iter_rows(named=True)]
                top += tall + 4
            top += 6
        used = [item for item in STATUSES if any(tile["status"] == item[0].word for tile in tiles)]
        key = [
            (item.shape, (BLUE if item in (MET, UNSAFE) else RUST) if item.filled else PAPER,
             BLUE if item in (MET, UNSAFE) else RUST, words)
            for item, words in used
        ]  # fmt: skip
        width = round(self.canvas.width - self.room)
        body = {"layer": [*self._columns(), *self._names(heads, labels), *self._draw(tiles)], "width": width,
                "height": int(top)}  # fmt: skip
        return {"vconcat": [legend(key, self.canvas, width), body], "spacing": 8}

    def _tile(self, row: dict[str, Any], top: float) -> dict[str, Any]:
        kind, left = status(row), self.left(row)
        value = row["attainment"]
        # A range that is all at 100 says nothing that the mark does not.
        wide = row["low"] is not None and kind is not MET
        plain = row["small"]
        return {
            "x": round(left + 1, 1),
            "x2": round(left + self.wide - 1, 1),
            "y": top,
            "y2": top + self.tall,
            "middle": round(left + self.wide / 2, 1),
            "bar": round(left + 1 + (self.wide - 2) * min(1.0, value), 1),
            "status": kind.word,
            "tint": PAPER if plain else _TINTS[kind],
            "colour": SOFT if plain else BLUE if kind in (MET, UNSAFE) else RUST,
            "line": RULE if plain or kind is not UNSAFE else "#9fb9cb",
            "shape": kind.shape,
            "fill": (SOFT if plain else BLUE if kind is MET else RUST) if kind.filled else PAPER,
            "number": "99+" if 0.995 <= value < 1 - 1e-9 else f"{100 * value:.0f}",
            "range": f"{100 * row['low']:.0f}\N{EN DASH}{100 * row['high']:.0f}" if wide and not plain else "",
            "small": plain,
        }

    def _columns(self) -> list[Spec]:
        """Return the headings: windows above, postures below them."""
        canvas = self.canvas
        windows, heads = [], []
        for window in self.windows:
            left = self.block * self.windows.index(window)
            windows.append({"x": left, "y": 8, "words": f"{window} days" if canvas.narrow else f"Within {window} days"})
            for number, posture in enumerate(self.postures):
                heads.append({"x": left + self.wide * (number + 0.5), "y": 28, "words": self.names.brief(posture)})
        place = {"x": at("x"), "y": at("y"), "text": {"field": "words"}}
        style: Spec = {"align": "center", "color": SOFT}
        if canvas.narrow:
            # Turned, because a tile is narrower than the words.
            style = {"align": "right", "angle": 270, "baseline": "middle", "color": SOFT}
            heads = [{**head, "y": 20} for head in heads]
        return [
            marks("text", windows, place, align="left", fontWeight="bold"),
            marks("text", heads, place, **style),
        ]

    def _names(self, heads: list[dict[str, Any]], labels: list[dict[str, Any]]) -> list[Spec]:
        edge = {"x": pixel(4 - self.room), "y": at("y"), "text": {"field": "words"}}
        layers = [marks("text", heads, edge, align="left", fontWeight="bold")]
        styles: tuple[tuple[bool, Spec], ...] = ((False, {}), (True, {"fontStyle": "italic", "color": SOFT}))
        for slanted, style in styles:
            some = [label for label in labels if label["small"] == slanted]
            if some:
                size = self.canvas.size
                layers.append(marks("text", some, edge, align="left", baseline="middle", lineHeight=size + 1, **style))
        return layers

    def _draw(self, tiles: list[dict[str, Any]]) -> list[Spec]:
        box = {"x": at("x"), "x2": {"field": "x2"}, "y": at("y"), "y2": {"field": "y2"}}
        fill, stroke = {"fill": field("tint")}, {"stroke": field("line")}
        narrow = self.canvas.narrow
        middle = {"x": at("middle"), "y": at("y")}
        bars = [{**tile, "x2": tile["bar"], "y": tile["y2"] - 4} for tile in tiles if not tile["small"]]
        layers = [
            marks("rect", tiles, {**box, **fill, **stroke}, strokeWidth=1),
            marks("rect", bars, {**box, "fill": field("colour")}),
        ]
        offset = 0 if narrow else 9
        shaped = [tile for tile in tiles if not tile["small"]]
        if shaped:
            look = {"shape": field("shape"), "fill": field("fill"), "stroke": field("colour")}
            moves = {"xOffset": pixel(0 if narrow else 9 - self.wide / 2), "yOffset": pixel(28 if narrow else 10)}
            layers.append(marks("point", shaped, {**middle, **look, **moves}, size=34, strokeWidth=1.4, opacity=1))
        styles: tuple[tuple[bool, Spec], ...] = (
            (False, {"fontWeight": "bold", "color": INK}),
            (True, {"fontStyle": "italic", "color": SOFT}),
        )
        for plain, style in styles:
            some = [tile for tile in tiles if tile["small"] == plain]
            if some:
                words: Spec = {**middle, "text": {"field": "number"}}
                shift = 0 if plain else offset / 2
                size = min(self.canvas.size, self.wide / _FIGURES)
                layers.append(
                    marks("text", some, words, dy=12, dx=shift, baseline="middle", fontSize=round(size, 1), **style)
                )
        if not narrow:
            text: Spec = {**middle, "text": {"field": "range"}}
            ranged = [tile for tile in tiles if tile["range"]]
            if ranged:
                layers.append(marks("text", ranged, text, dy=23, baseline="middle", fontSize=10, color=SOFT))
        return layers
