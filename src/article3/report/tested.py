"""Figures of how good the forecasts were: reliability, where outcomes fell, and the band of the count."""

from __future__ import annotations

from typing import Any

import polars as pl

from article3.evidence.findings import Finding, sentence
from article3.report.drawing import BLUE, INK, MUTED, RUST, SOFT, VERMILLION, Canvas, Figure, Spec, marks, pixel
from article3.report.panels import PANEL, axis, layer, legend, panels
from article3.report.words import cite, day, number, release


def _source(finding: Finding) -> str:
    return f"Source: own back-test. Standing: {finding.standing}. As known on {day(finding.when)}."


def reliability(finding: Finding) -> Figure | None:
    """Draw the odds stated against the share that came true.

    Returns
    -------
    Figure or None
        ``None`` where nothing was tested.
    """
    rows = finding.table.filter(pl.col("observed").is_not_null(), pl.col("stated").is_not_null()).sort("low")
    if rows.height == 0:
        return None
    more = rows.filter(pl.col("observed") > pl.col("stated")).height
    worst = rows.sort([(pl.col("observed") - pl.col("stated")).abs(), pl.col("low")], descending=[True, False])
    row = worst.row(0, named=True)
    return Figure(
        "reliability",
        sentence(
            f"In {more} of {rows.height} groups of odds more came true than was stated; furthest off, odds of ",
            cite(finding, row, "stated"),
            " came true ",
            cite(finding, row, "observed"),
            " of the time",
        ),
        f"Odds stated (across) and share that came true (up) by the release of {release(row['outcome_vintage'])}: 2 % "
        "of GDP one to five years ahead. Larger circles: more forecasts, their number beside them. On the line: as "
        "stated; above it: too timid.",
        _source(finding),
        finding,
        rows,
        lambda canvas: _reliability_chart(finding, rows, canvas),
    )


def _reliability_chart(finding: Finding, rows: pl.DataFrame, canvas: Canvas) -> Spec:
    side = 270 if canvas.narrow else 380
    most = int(rows["n"].max())  # type: ignore[arg-type]
    x = axis("stated", (0, 1.04), tickCount=5, format=".1f", title="Odds stated", titleAnchor="start")
    y = axis("observed", (0, 1.04), tickCount=5, format=".1f")
    values = [
        {
            "stated": row["stated"],
            "observed": row["observed"],
            "size": round(50 + 550 * row["n"] / most, 1),
            "words": number(row["n"], finding.column("n")),
        }
        for row in rows.iter_rows(named=True)
    ]
    both = {"x": x, "y": y}
    # Words stand outside the largest circle, on the side away from the line.
    text = {**both, "text": {"field": "words"}}
    size = {"field": "size", "type": "quantitative", "scale": None}
    low = [value for value in values if value["stated"] < 0.1]
    high = [value for value in values if value["stated"] > 0.92]
    rest = [value for value in values if 0.1 <= value["stated"] <= 0.92]
    layers = [
        marks("line", [{"stated": 0, "observed": 0}, {"stated": 1, "observed": 1}], both, color=MUTED, strokeWidth=1.4),
        marks("point", values, {**both, "size": size}, stroke=BLUE, fill=BLUE, fillOpacity=0.35, opacity=1),
        marks(
            "text",
            [{"stated": 0.7, "observed": 0.62, "words": "as stated"}],
            text,
            align="left",
            color=SOFT,
            dx=4,
        ),
        *(
            marks("text", some, text, baseline="middle", **side)
            for some, side in (
                (low, {"align": "left", "dx": 20}),
                (rest, {"align": "right", "dx": -14}),
                (high, {"align": "center", "dy": 18}),
            )
            if some
        ),
        marks(
            "text",
            [{"words": "Share that came true"}],
            {"x": pixel(0), "y": pixel(-8), "text": {"field": "words"}},
            align="left",
            color=SOFT,
        ),
    ]
    return {"layer": layers, "width": side, "height": side}


def pit(finding: Finding) -> Figure | None:
    """Draw the share of outcomes in each tenth of the forecasts.

    Returns
    -------
    Figure or None
        ``None`` where nothing was tested.
    """
    rows = finding.table.filter(pl.col("share").is_not_null()).sort("window", "low", maintain_order=True)
    if rows.height == 0:
        return None
    worst = rows.sort([(pl.col("share") - 0.1).abs(), pl.col("window"), pl.col("low")], descending=[True, False, False])
    row = worst.row(0, named=True)
    place = "highest" if row["low"] > 0.85 else "lowest" if row["low"] < 0.05 else "a middle"
    tenth = f"{'a middle' if place == 'a middle' else 'the ' + place} tenth of the forecasts"
    windows = finding.table["window"].unique(maintain_order=True).to_list()

    def body(canvas: Canvas) -> Spec:
        values: list[dict[str, Any]] = [
            {
                PANEL: item["window"],
                "kind": "bar",
                "low": item["low"] + 0.006,
                "high": item["low"] + 0.094,
                "share": item["share"],
                "zero": 0,
            }
            for name in windows
            for item in rows.filter(pl.col("window") == name).iter_rows(named=True)
        ]
        values += [{PANEL: name, "kind": "even", "share": 0.1} for name in windows]
        top = max(item["share"] for item in values) * 1.1
        x, y = axis("low", (0, 1), tickCount=5, format=".1f", grid=False), axis("share", (0, top), tickCount=4)
        bars = {"x": x, "x2": {"field": "high"}, "y": y, "y2": {"field": "zero"}}
        layers = [
            layer("bar", "rect", bars, color=BLUE),
            layer("even", "rule", {"y": y}, color=INK, strokeWidth=1.4, strokeDash=[4, 3]),
        ]
        key = legend([("dashes", "", INK, "0.1: what a calibrated forecast has")], canvas)
        return panels(values, layers, key, canvas, (2, 1, 130))

    return Figure(
        "pit",
        sentence(
            "A share of ",
            cite(finding, row, "share"),
            f" of outcomes fell in {tenth}, where a tenth was due ({row['window']})",
        ),
        "Share of outcomes (up) by the probability the forecast gave to less (across). A high bar at the right: more "
        "was spent than forecast; low bars at both ends: bands wider than needed.",
        _source(finding),
        finding,
        rows,
        body,
    )


def count_band(finding: Finding) -> Figure | None:
    """Draw how many Allies were expected at the level, with the band, and how many came.

    Returns
    -------
    Figure or None
        ``None`` where nothing was tested.
    """
    known = finding.table.filter(pl.col("happened").is_not_null())
    if known.height == 0:
        return None
    over = known.filter(pl.col("happened") > pl.col("high"))
    under = known.filter(pl.col("happened") < pl.col("low"))
    inside = known.height - over.height - under.height
    text = f"The band of the count held {inside} of {known.height} times"
    if over.height:
        since = int(over["origin_year"].min())  # type: ignore[arg-type]
        text += f"; {over.height} times more Allies came than it allowed, all in forecasts made from {since} on"
    if under.height:
        text += f"; {under.height} times fewer"
    rows = known.with_columns((pl.col("year") - pl.col("origin_year")).alias("ahead")).sort("ahead", "year")

    def body(canvas: Canvas) -> Spec:
        values: list[dict[str, Any]] = []
        for row in rows.iter_rows(named=True):
            held = row["low"] <= row["happened"] <= row["high"]
            name = {PANEL: f"{row['ahead']} year{'s' if row['ahead'] > 1 else ''} ahead", "year": row["year"]}
            values += [
                {**name, "kind": "band", "value": row["low"], "high": row["high"]},
                {**name, "kind": "mean", "value": row["mean"]},
                {**name, "kind": "held" if held else "missed", "value": row["happened"]},
            ]
        years = [row["year"] for row in values]
        ticks = [year for year in range(min(years), max(years) + 1) if year % 5 == 0]
        x = axis("year", (min(years) - 0.8, max(years) + 0.8), format="d", values=ticks, grid=False)
        top = max(row.get("high", row["value"]) for row in values)
        both = {"x": x, "y": axis("value", (0, top + 1), tickCount=4)}
        layers = [
            layer("band", "rule", {**both, "y2": {"field": "high"}}, color="#a9cfe6", strokeWidth=7),
            layer("mean", "tick", both, color=INK, thickness=1.8, width=9, orient="horizontal"),
            layer("held", "point", both, size=36, stroke=BLUE, fill=BLUE, opacity=1),
            layer("missed", "point", both, shape="diamond", size=56, stroke=RUST, fill=VERMILLION, opacity=1),
        ]
        kinds = {row["kind"] for row in values}
        used = [item for item in layers if item["transform"][0]["filter"].split("'")[1] in kinds]
        key = [
            ("band", "", "#a9cfe6", "80 % band"),
            ("line", "", INK, "expected"),
            ("circle", BLUE, BLUE, "happened, within"),
            *([("diamond", VERMILLION, RUST, "happened, outside")] if "missed" in kinds else []),
        ]
        return panels(values, used, legend(key, canvas), canvas, (5, 2, 150 if canvas.narrow else 190))

    return Figure(
        "count_band",
        sentence(text),
        "Number of Allies at 2 % of GDP by year, forecast one to five years before, and the number in the release of "
        "July 2026.",
        _source(finding),
        finding,
        rows.drop("ahead"),
        body,
    )
