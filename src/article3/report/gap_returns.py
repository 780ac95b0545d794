"""The figure of modest investments: return against cost, with names on the marks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, PAPER, RUST, SOFT, VERMILLION, Canvas, Figure, Spec, field, marks, pixel
from article3.report.gap_lanes import at
from article3.report.gap_words import Names, lower, percent, source
from article3.report.panels import legend
from article3.report.words import wrapped
from article3.scenario.resolve import Inputs

_COLUMNS: Final = (
    "item", "posture", "kind", "title", "rank", "units", "cost_usd2021_m", "gain", "gain_per_1000m", "initial_slope",
    "overstated", "p_top_five", "lead_years", "in_time", "standing",
)  # fmt: skip
_PLACES: Final = tuple(
    (shift, left) for shift in (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5, -6, 6) for left in (True, False)
)
"""Places of a name, in order: lines above or below the mark, and whether at its left."""
_NAMED: Final = 8
_WEIGHTY: Final = 0.1
"""Named are the best by return, and whatever has such odds of being among the five best."""
_PROMISE: Final = "M-.5,-1H.5M0,-1V1"
"""Shape of a promise: an upright line with a bar on top."""
_ROOM: Final = 1.14
"""Headroom above the best return; a slope beyond it is written down instead of drawn."""


def gap_returns(finding: Finding, package: Finding | None, inputs: Inputs) -> Figure | None:
    """Draw the return of every single investment that helps, by posture, against its cost.

    Parameters
    ----------
    finding, package
        Tables ``multiplier`` and ``package``.
    inputs
        The scenario, for names.

    Returns
    -------
    Figure or None
        ``None`` where nothing helps.
    """
    rows = finding.table.filter(pl.col("gain_per_1000m") > 0).sort(
        ["posture", "gain_per_1000m", "item"], descending=[False, True, False]
    )
    if rows.height == 0:
        return None
    names = Names.of(inputs)
    members = set() if package is None else set(package.table.select("posture", "item").iter_rows())
    ceiling = inputs.scenario.gap.ceiling_usd_m
    chance = " Size: odds of being among the five best over the draws." if _drawn(rows) else ""
    return Figure(
        "gap_returns",
        _title(finding, rows, names),
        f"Up: fall of risk for each 1,000 million 2021 US$, by solving again with the units added. Across: cost of the "
        f"whole lots that fit under {ceiling:,.0f} million.{chance} Upright line: what the first unit promises, which "
        "overstates. Marks without a name are in the table.",
        source(finding, "costs, lead times and effects are mostly illustrative"),
        finding,
        rows.select(_COLUMNS),
        lambda canvas: _chart(rows, members, names, canvas),
    )


def _drawn(rows: pl.DataFrame) -> bool:
    return rows["p_top_five"].drop_nulls().len() > 0


def _title(finding: Finding, rows: pl.DataFrame, names: Names) -> Sentence:
    """Return what has the highest return in each posture, with its odds of being among the five best."""
    best = rows.sort(["posture", "gain_per_1000m"], descending=[False, True]).unique(
        "posture", keep="first", maintain_order=True
    )
    parts: list[str | Cited] = ["Highest return for the money: "]
    before = ""
    for place, row in enumerate(best.to_dicts()):
        name = lower(row["title"].split(",")[0])
        parts.append(f"{'; ' if place and name != before else ' and ' if place else ''}")
        parts.append(f"{'' if name == before else f'{name} '}{names.inside(row['posture'], again=place > 0)}")
        if row["p_top_five"] is not None:
            odds = Cited(percent(row["p_top_five"]), finding.address(row, "p_top_five"))
            parts += [" (among the five best in " if not place else " (in ", odds, " of draws)"]
        before = name
    return sentence(*parts)


class _Panel:
    """One posture on one pair of scales, in pixels."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], size: tuple[int, int], ends: tuple[float, float]) -> None:
        self.rows, self.size, self.ends = rows, size, ends

    def across(self, cost: float) -> float:
        """Return the place of a cost."""
        return cost / self.ends[0] * self.size[0]

    def up(self, value: float) -> float:
        """Return the place of a return."""
        return self.size[1] * (1 - value / self.ends[1])


def _chart(rows: pl.DataFrame, members: set[tuple[str, str]], names: Names, canvas: Canvas) -> Spec:
    postures = rows["posture"].unique(maintain_order=True).to_list()
    size = (canvas.width - 56, 340)
    top = float(rows["gain_per_1000m"].max()) * _ROOM  # type: ignore[arg-type]
    right = float(rows["cost_usd2021_m"].max()) * 1.06  # type: ignore[arg-type]
    panels = []
    for posture in postures:
        some = rows.filter(pl.col("posture") == posture).to_dicts()
        panel = _Panel(some, size, (right, top))
        panels.append(_panel(panel, {item for name, item in members if name == posture}, names.head(posture), canvas))
    key = [("circle", BLUE, BLUE, "return (in brackets: odds)"), (_PROMISE, SOFT, SOFT, "promised by the first unit")]
    if members:
        key.insert(1, ("circle", VERMILLION, RUST, "in the illustrative package"))
    return {"vconcat": [legend(key, canvas, size[0]), *panels], "spacing": 20}


def _panel(panel: _Panel, members: set[str], head: str, canvas: Canvas) -> Spec:
    width, height = panel.size
    points = [_point(panel, row, row["item"] in members) for row in panel.rows]
    place = {"x": at("x"), "y": at("y")}
    slopes = [point for point in points if point["slope"] < point["y"] - 4]
    x = _scale("x", panel.ends[0], "Cost, million 2021 US$")
    y = _scale("y", panel.ends[1], None)
    size = {"field": "size", "type": "quantitative", "scale": None}
    look = {**place, "fill": field("fill"), "stroke": field("stroke"), "size": size}
    layers = [
        marks("point", [{"x": 0, "y": 0}], {"x": x, "y": y}, opacity=0),
        marks("rule", slopes, {**place, "y2": {"field": "slope"}}, color=SOFT, strokeWidth=1.4),
        marks("tick", slopes, {**place, "y": at("slope")}, color=SOFT, thickness=1.6, width=9, orient="horizontal"),
        marks("point", points, look, strokeWidth=1.4, opacity=1),
        *_named(panel, points, canvas),
    ]
    beyond = [point for point in slopes if point["beyond"]]
    if beyond:
        words = {**place, "y": pixel(8), "text": {"field": "beyond"}}
        layers.append(marks("text", beyond, words, align="right", dx=-7, baseline="middle", color=SOFT, fontSize=10))
    title = {"text": head, "anchor": "start", "fontSize": canvas.size, "color": INK, "offset": 8}
    return {"layer": layers, "width": width, "height": height, "title": title, "resolve": {"scale": {}}}


def _scale(name: str, end: float, title: str | None) -> Spec:
    """Return an axis whose scale runs from nothing to the end: places in pixels fall on it."""
    return {
        "field": name,
        "type": "quantitative",
        "scale": {"domain": [0, end], "nice": False},
        "axis": {"title": title, "titleAnchor": "start", "titleAlign": "left", "tickCount": 5, "grid": True},
    }


def _point(panel: _Panel, row: Mapping[str, Any], member: bool) -> dict[str, Any]:
    odds = row["p_top_five"]
    slope = row["initial_slope"]
    beyond = slope > panel.ends[1]
    return {
        "item": row["item"],
        "title": row["title"],
        "x": round(panel.across(row["cost_usd2021_m"]), 1),
        "y": round(panel.up(row["gain_per_1000m"]), 1),
        "slope": round(panel.up(min(slope, panel.ends[1])), 1),
        "beyond": f"promised {slope:.3f}" if beyond else "",
        "size": 26 if odds is None else round(26 + 190 * odds, 1),
        "odds": "" if odds is None else f"{odds:.2f}",
        "fill": VERMILLION if member else BLUE if odds else PAPER,
        "stroke": RUST if member else BLUE,
        "member": member,
        "weighty": member or (odds or 0.0) >= _WEIGHTY,
    }


def _named(panel: _Panel, points: list[dict[str, Any]], canvas: Canvas) -> list[Spec]:
    """Name the marks that matter, the best first, beside them or joined to them by a line; none over another."""
    taken = [(point["x"] - 7, point["x"] + 7, point["y"] - 6, point["y"] + 6) for point in points]
    # What the first unit promises is kept free too.
    taken += [(point["x"] - 3, point["x"] + 3, point["slope"], point["y"]) for point in points]
    labels = []
    step = canvas.size + 1
    for number, point in sorted(enumerate(points), key=lambda item: (not item[1]["member"], item[0])):
        if number >= _NAMED and not point["weighty"]:
            continue
        words = _brief(point["title"]) + (f" ({point['odds']})" if point["odds"] else "")
        lines = wrapped(words, 130, canvas.size) if canvas.narrow else [words]
        wide, tall = max(map(len, lines)) * canvas.size * 0.53, (len(lines) - 1) * step
        for shift, left in _PLACES:
            x = point["x"] + (-10 if left else 10)
            y = point["y"] + shift * step - tall / 2
            box = (x - wide, x, y - 6, y + tall + 6) if left else (x, x + wide, y - 6, y + tall + 6)
            inside = box[0] >= 0 and box[1] <= panel.size[0] + 14 and box[2] >= 0 and box[3] <= panel.size[1]
            # A mark may stand in the way of its own name where a line joins them.
            others = [one for place, one in enumerate(taken) if place != number]
            if inside and not any(_meet(box, one) for one in others):
                taken.append(box)
                labels.append(
                    {"x": x, "y": y, "words": lines, "left": left, "shift": shift, "at": point["y"] + shift * step,
                     "px": point["x"], "py": point["y"]}
                )  # fmt: skip
                break
    layers = []
    moved = [label for label in labels if label["shift"]]
    if moved:
        line = {"x": at("x"), "y": at("at"), "x2": {"field": "px"}, "y2": {"field": "py"}}
        layers.append(marks("rule", moved, line, color="#9a9a9a", strokeWidth=0.9))
    for left in (True, False):
        some = [label for label in labels if label["left"] == left]
        if some:
            text = {"x": at("x"), "y": at("y"), "text": {"field": "words"}}
            layers.append(
                marks("text", some, text, align="right" if left else "left", baseline="middle", lineHeight=step)
            )
    return layers


def _brief(title: str) -> str:
    """Return a title without its explanation: the table has it in full."""
    return re.split(r",| for | and ", title)[0]


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]
