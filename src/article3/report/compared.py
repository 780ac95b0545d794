"""Figures of one year as known on two dates."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from article3.evidence.findings import Finding, Sentence, sentence
from article3.evidence.store import Evidence
from article3.report.drawing import BLUE, INK, MUTED, RUST, SOFT, VERMILLION, Canvas, Figure, Spec, marks
from article3.report.rows import Plot, Row, dot_rows
from article3.report.sources import measure_at, measure_words, source_line
from article3.report.words import allies, capital, level, listed, number, release, unique, wrapped

_MOVED: Final = ("left", "entered")
_COLOURS: Final = {"left": VERMILLION, "entered": BLUE}
_COLUMNS: Final = (
    "ally",
    "ally_name",
    "vintage_then",
    "value_then_pct",
    "vintage_now",
    "value_now_pct",
    "change",
    "total_pp",
    "gdp_pp",
    "spending_pp",
    "unseparated_pp",
    "cause",
    "standing",
)
_GAP: Final = 14
_FIGURE: Final = 44
"""Pixels between panels, and for a figure at the end of a bar."""

_RELEASES: Final = ("vintage_then", "vintage_now", "gdp_then_address", "gdp_now_address")

_CAUSES: Final = {
    "GDP alone": "GDP alone moved {}",
    "chiefly GDP": "chiefly GDP moved {}",
    "GDP and spending or definition": "GDP and spending or definition together moved {}",
    "chiefly spending or definition": "chiefly spending or definition moved {}",
    "within 0.01": "{} moved by no more than 0.01",
}


def then_now_title(finding: Finding) -> Sentence:
    """Return in one sentence who entered or left a count between two releases."""
    table = finding.table
    first = table.row(0, named=True)
    between = f"between the releases of {release(first['vintage_then'])} and {release(first['vintage_now'])}"
    count = f"the {level(first['level_pct'])} count for {first['year']}"
    left, entered = (table.filter(pl.col("change") == change).height for change in _MOVED)
    if left and entered:
        return sentence(f"{capital(allies(left))} dropped out of {count} and {allies(entered)} came in, {between}")
    if left or entered:
        verb = "dropped out of" if left else "came into"
        return sentence(f"{capital(allies(left or entered))} {verb} {count} {between}")
    return sentence(f"No Ally left or entered {count} {between}")


def then_now(finding: Finding, evidence: Evidence) -> Figure:
    """Draw each Ally's value then and now against the level; who entered or left stands out with the cause.

    Parameters
    ----------
    finding
        Table ``then_now``.
    evidence
        Evidence of the later date, for names of measures and releases.
    """
    first = finding.table.row(0, named=True)
    measure = measure_words(measure_at(first["address_now"] or first["address_then"], evidence))
    then, now = release(first["vintage_then"]), release(first["vintage_now"])

    def body(canvas: Canvas) -> Spec:
        rows = [_row(finding, row, canvas) for row in _by_value(finding.table).iter_rows(named=True)]
        key = [("hollow", "then" if canvas.narrow else f"release of {then}")]
        key.append(("filled", "now" if canvas.narrow else f"release of {now}"))
        lines = [(first["level_pct"], level(first["level_pct"]))]
        axis = "Per cent" if canvas.narrow else measure
        return dot_rows(Plot(rows, axis, lines, key, other="hollow", note_colour=RUST), canvas)

    return Figure(
        "then_now",
        then_now_title(finding),
        f"{measure}, for {first['year']}: hollow as released {then} (then), filled as released {now} (now). "
        "Allies that left or entered the count stand in colour, with the cause.",
        source_line(finding, evidence, _RELEASES),
        finding,
        _by_value(finding.table).select(_COLUMNS),
        body,
    )


def _by_value(table: pl.DataFrame) -> pl.DataFrame:
    return table.sort(["value_now_pct", "value_then_pct", "ally"], descending=[True, True, False], nulls_last=True)


def _row(finding: Finding, row: dict[str, Any], canvas: Canvas) -> Row:
    moved = row["change"] in _MOVED
    then, now = (number(row[name], finding.column(name)) for name in ("value_then_pct", "value_now_pct"))
    note = ""
    if moved:
        cause = row["cause"] or "cause not known"
        note = cause if canvas.narrow else f"{row['change']}: {cause}"
    elif row["change"].startswith("reported only"):
        note = row["change"]
    value, other = row["value_now_pct"], row["value_then_pct"]
    return Row(
        row["ally_name"],
        other if value is None else value,
        f"{then} → {now}" if value is not None and other is not None else "",
        hollow=value is None,
        other=None if value is None else other,
        colour=_COLOURS.get(row["change"], MUTED),
        note=note,
        strong=moved,
    )


def revision_split(finding: Finding, evidence: Evidence) -> Figure | None:
    """Draw why Allies entered or left: the change by GDP, by spending, and what cannot be separated.

    Returns
    -------
    Figure or None
        ``None`` where nobody entered or left.
    """
    moved = finding.table.filter(pl.col("change").is_in(_MOVED), pl.col("total_pp").is_not_null())
    if moved.height == 0:
        return None
    moved = moved.sort("total_pp", "ally")
    first = moved.row(0, named=True)
    parts = [name for name in ("total_pp", "gdp_pp", "spending_pp", "unseparated_pp") if moved[name].drop_nulls().len()]
    basis = unique(moved["gdp_basis"].to_list())
    return Figure(
        "revision_split",
        sentence(_split_title(moved)),
        f"Change of the value for {first['year']} between the releases of {release(first['vintage_then'])} and "
        f"{release(first['vintage_now'])}, in percentage points; the parts add up to the change. "
        "Expenditure is split off only where both releases print it.",
        f"{source_line(finding, evidence, _RELEASES)} GDP: {'; '.join(basis) or 'not known'}.",
        finding,
        moved.select([*_COLUMNS, "gdp_basis"]),
        lambda canvas: _split_chart(finding, moved, parts, canvas),
    )


def _split_title(moved: pl.DataFrame) -> str:
    groups = {
        str(cause): names["ally_name"].to_list()
        for (cause,), names in moved.sort("ally_name").group_by("cause", maintain_order=True)
    }
    known = [template.format(listed(groups[cause])) for cause, template in _CAUSES.items() if cause in groups]
    known += [f"{listed(names)}: {cause}" for cause, names in groups.items() if cause not in _CAUSES]
    return capital("; ".join(known))


def _split_chart(finding: Finding, moved: pl.DataFrame, parts: list[str], canvas: Canvas) -> Spec:
    """Draw one panel of bars for the change and for each of its parts, on one scale.

    Panels stand side by side, or below one another where there is no room.
    """
    found = [value for name in parts for value in moved[name].drop_nulls()]
    low, high = min(0.0, *found), max(0.0, *found)
    beside = 1 if canvas.narrow else len(parts)
    width = round((canvas.width - canvas.names - _GAP * (beside - 1)) / beside)
    # Figures stand at the ends of the bars, so that each side needs room for one.
    room = (high - low or 1.0) * _FIGURE / max(_FIGURE, width - 2 * _FIGURE)
    limits = [low - (room if low < 0 else 0.0), high + (room if high > 0 else 0.2 * room)]
    x = {"field": "value", "type": "quantitative", "scale": {"domain": limits, "nice": False}, "axis": None}
    panels = []
    for position, name in enumerate(parts):
        extent = canvas.names - 6 if canvas.narrow or position == 0 else 0
        y = {
            "field": "name",
            "type": "nominal",
            "sort": None,
            "scale": {"domain": moved["ally_name"].to_list(), "paddingInner": 0.3},
            "axis": {"title": None, "labels": extent > 0, "labelColor": INK, "minExtent": extent, "maxExtent": extent},
        }
        panels.append(
            {
                "layer": _bars(finding, moved, name, {"x": x, "y": y}),
                "width": width,
                "height": 22 * moved.height,
                "title": _head(finding, name, width, canvas),
            }
        )
    return {"vconcat": panels, "spacing": 10} if canvas.narrow else {"hconcat": panels, "spacing": _GAP}


def _head(finding: Finding, name: str, width: float, canvas: Canvas) -> Spec:
    return {
        "text": wrapped(capital(finding.column(name).title.removeprefix("... ")), width, canvas.size),
        "anchor": "start",
        "frame": "group",
        "offset": 6,
        "fontSize": canvas.size,
        "lineHeight": canvas.size + 2,
        "fontWeight": "bold" if name == "total_pp" or canvas.narrow else "normal",
        "color": INK,
    }


def _bars(finding: Finding, moved: pl.DataFrame, name: str, places: Spec) -> list[Spec]:
    column = finding.column(name)
    rows = [
        {"name": row["ally_name"], "value": row[name], "words": number(row[name], column, signed=True)}
        for row in moved.iter_rows(named=True)
    ]
    known = [row for row in rows if row["value"] is not None]
    words = {**places, "text": {"field": "words"}}
    layers = [
        marks("rule", [{"value": 0}], {"x": places["x"]}, color=MUTED),
        marks("bar", known, places, color=INK if name == "total_pp" else BLUE),
    ]
    below, above = ([row for row in known if (row["value"] < 0) == side] for side in (True, False))
    layers += [marks("text", below, words, align="right", dx=-4)] if below else []
    layers += [marks("text", above, words, align="left", dx=4)] if above else []
    blank = [{**row, "value": 0.0, "words": "not separated"} for row in rows if row["value"] is None]
    layers += [marks("text", blank, words, align="right", dx=-6, fontStyle="italic", color=SOFT)] if blank else []
    return layers
