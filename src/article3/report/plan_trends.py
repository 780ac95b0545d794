"""Figures of the plan by year: what can be met with and without it, and what Europe carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, PAPER, SOFT, Canvas, Figure, Spec
from article3.report.gap_words import Names, called, lower
from article3.report.plan_sheet import Frame, Sheet, with_key
from article3.report.plan_words import MET, at, changing, met_words, names_in, per_cent, source
from article3.report.words import FIXED, cardinal, wrapped
from article3.scenario.resolve import Inputs

_BAND: Final = "#c3dcee"
_BEFORE: Final = "#6f6f6f"
_TICKS: Final = ((0.0, "0"), (0.5, "50"), (1.0, "100"))
_MOST: Final = 12
"""Panels drawn: those that move most; the table has all."""
_GOAL: Final = 2030
"""Year that headlines on Europe's share speak of; the last one judged where it is not judged."""
_APART: Final = 12.0
"""Pixels between two numbers beside one another."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One panel: values by year, with a second course and a band where there are.

    Parameters
    ----------
    title
        What it shows.
    values, other
        Year and value from 0 to 1, and the same for what it is held against.
    band
        Year, low and high.
    level
        A level line with its words, where there is one.
    marked
        Year whose value is written beside the line, other than the last.
    """

    title: str
    values: Sequence[tuple[int, float]]
    other: Sequence[tuple[int, float]] = ()
    band: Sequence[tuple[int, float, float]] = ()
    level: tuple[float, str] | None = None
    marked: int | None = None


def curves(found: Sequence[Curve], canvas: Canvas, columns: int, height: int) -> Spec:
    """Draw panels beside one another, all on the same scales."""
    sheet = Sheet()
    left, right, gap = (28.0, 40.0, 2.0) if canvas.narrow else (34.0, 44.0, 8.0)
    wide = (canvas.width - left * columns - (right + gap) * columns + gap) / columns
    years = [year for item in found for year, _ in item.values]
    ends = (float(min(years)), float(max(years)))
    top = 0.0
    for start in range(0, len(found), columns):
        some = found[start : start + columns]
        heads = [wrapped(item.title, wide + right + left - 10, canvas.size, bold=True) for item in some]
        head = max(map(len, heads)) * (canvas.size + 2) + 12
        for place, (item, lines) in enumerate(zip(some, heads, strict=True)):
            x = left + place * (left + wide + right + gap)
            sheet.text(x - left + 2, top + 8, lines, fontWeight="bold", lineHeight=canvas.size + 2)
            _curve(sheet, Frame(x, top + head, wide, height, ends, (0.0, 1.0)), item)
        top += head + height + 34
    return sheet.spec(canvas.width, top - 8)


def _curve(sheet: Sheet, frame: Frame, item: Curve) -> None:
    frame.levels(sheet, _TICKS)
    for year in (frame.xs[0], frame.xs[1]):
        sheet.text(frame.x(year), frame.top + frame.height + 13, str(int(year)), align="center", color=SOFT)
    if item.band:
        sheet.band(
            [(frame.x(year), frame.y(low), frame.y(high)) for year, low, high in item.band], color=_BAND, opacity=1
        )
    if item.level:
        y = frame.y(item.level[0])
        sheet.rule(frame.left, y, frame.left + frame.width, y, color=INK, strokeWidth=1.2, strokeDash=(2, 2))
        sheet.text(frame.left + 2, y + 9, item.level[1], color=INK)
    if item.other:
        sheet.line([(frame.x(year), frame.y(value)) for year, value in item.other], color=_BEFORE, strokeWidth=1.6)
    points = [(frame.x(year), frame.y(value)) for year, value in item.values]
    sheet.line(points, color=BLUE, strokeWidth=2.2)
    for x, y in points:
        sheet.point(x, y, shape="circle", size=14, fill=BLUE, stroke=BLUE)
    _numbers(sheet, frame, item)


def _numbers(sheet: Sheet, frame: Frame, item: Curve) -> None:
    """Write the last values beside their lines, apart from one another, and the one that is marked below its point."""
    end = frame.left + frame.width + 7
    last, before = item.values[-1][1], item.other[-1][1] if item.other else None
    y = frame.y(last)
    sheet.text(end, y, met_words(last).replace("over ", ">"), color=BLUE, fontWeight="bold")
    if before is not None and met_words(before) != met_words(last):
        place = frame.y(before)
        if abs(place - y) < _APART:
            place = y + (_APART if place >= y else -_APART)
        sheet.text(end, place, met_words(before).replace("over ", ">"), color=_BEFORE)
    for year, value in item.values:
        if year == item.marked and year != item.values[-1][0]:
            x, y = frame.x(year), frame.y(value)
            sheet.point(x, y, shape="circle", size=46, fill=PAPER, stroke=BLUE)
            below = value > 0.25
            sheet.text(x, y + (14 if below else -14), f"{met_words(value)} in {year}", color=INK,
                       align="left" if x < frame.left + frame.width / 2 else "right")  # fmt: skip


def plan_attainment(finding: Finding, inputs: Inputs) -> Figure | None:
    """Draw what can be met by year, with the plan and without it, for what the plan changes or leaves short.

    Parameters
    ----------
    finding
        Table ``plan_attainment``.
    inputs
        The scenario, for names.

    Returns
    -------
    Figure or None
        ``None`` where everything is met in every year.
    """
    table = changing(finding.table)
    if table.height == 0:
        return None
    names = Names.of(inputs)
    posture = names.inside(table["posture"][0])
    bands = table["low"].drop_nulls().len() > 0
    shown = _shown(table)
    left = table.select("situation", "window_days").unique().height - len(shown)
    more = f" The {len(shown)} that move most are drawn; {cardinal(left)} more are in the table." if left else ""
    return Figure(
        "plan_attainment",
        _attainment_title(finding, names),
        f"Per cent of the weakest essential requirement that can be met, {posture}, on 1 July of each year. Grey: with "
        "committed deliveries and retirements alone; where no grey shows, both are the same."
        + (" Band: eight in ten of the draws of everything uncertain, the same orders in each." if bands else "")
        + f" Contingencies and windows met throughout are not shown.{more}",
        source(finding, "holdings and requirements listed under What goes in, orders of the plan"),
        finding,
        table,
        lambda canvas: _attainment_chart(shown, names, canvas, bands=bands),
    )


def _shown(table: pl.DataFrame) -> list[list[dict[str, Any]]]:
    """Return the rows of each panel: those that move most, in the scenario's order."""
    parts = table.partition_by("situation", "window_days", maintain_order=True)
    moves = sorted(parts, key=lambda part: -float((part["attainment"] - part["before"]).max()))[:_MOST]  # type: ignore[arg-type]
    keys = {(part["situation"][0], part["window_days"][0]) for part in moves}
    return [part.sort("year").to_dicts() for part in parts if (part["situation"][0], part["window_days"][0]) in keys]


def _attainment_title(finding: Finding, names: Names) -> Sentence:
    """Return how many contingencies and windows are met in the last year, with the plan and without; what is short."""
    table = finding.table.filter(~pl.col("contingency").str.contains(";", literal=True))
    year = int(table["year"].max())  # type: ignore[arg-type]
    last = table.filter(pl.col("year") == year)
    met, before = (last.filter(pl.col(name) >= MET).height for name in ("attainment", "before"))
    short = last.filter(pl.col("attainment") < MET).sort("attainment", "situation", "window_days")
    text = f"Of {last.height} contingencies and windows {met} can be met in {year} with the plan, {before} without it"
    if short.height == 0:
        return sentence(text)
    row = short.row(0, named=True)
    where = f"{names.situation(row['situation'])} within {row['window_days']} days"
    return sentence(
        f"{text}; least met is {where}, ", Cited(met_words(row["attainment"]), finding.address(row, "attainment"))
    )


def _attainment_chart(shown: list[list[dict[str, Any]]], names: Names, canvas: Canvas, *, bands: bool) -> Spec:
    found = [
        Curve(
            f"{names.situation(rows[0]['situation'])}, {rows[0]['window_days']}{FIXED}days",
            [(row["year"], row["attainment"]) for row in rows],
            [(row["year"], row["before"]) for row in rows],
            [(row["year"], row["low"], row["high"]) for row in rows if row["low"] is not None],
        )
        for rows in shown
    ]
    columns = min(2 if canvas.narrow else 3, len(found))
    body = curves(found, canvas, columns, 76 if canvas.narrow else 108)
    key = [("line", BLUE, BLUE, "with the plan"), ("line", _BEFORE, _BEFORE, "without it")]
    key += [("band", _BAND, _BAND, "range with the plan")] if bands else []
    return with_key(key, body, canvas)


def share_rows(finding: Finding) -> pl.DataFrame:
    """Return by year what Europe carries: mean, and cases of which it carries or holds half, as number and share."""
    counts = finding.table.group_by("year", "denominator", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("cases"),
        pl.col("half").sum().cast(pl.Int64).alias("half"),
        pl.col("share").first(),
    )
    mean = pl.col("denominator") == "mean"
    part = pl.when(mean).then(pl.col("share")).otherwise(pl.col("half") / pl.col("cases"))
    return counts.with_columns(part.alias("part")).select("year", "denominator", "cases", "half", "part").sort(
        "denominator", "year"
    )  # fmt: skip


def goal_year(years: Sequence[int]) -> int:
    """Return the year that headlines on Europe's share speak of."""
    return _GOAL if _GOAL in years else max(years)


def plan_shares(finding: Finding, goal: Finding | None) -> Figure | None:
    """Draw what Europe carries by year: the mean of requirements, those it could carry half of, and inventories.

    Parameters
    ----------
    finding, goal
        Tables ``plan_share`` and ``plan_goal``.

    Returns
    -------
    Figure or None
        ``None`` where there is no share.
    """
    if finding.table.height == 0:
        return None
    drawn = share_rows(finding)
    return Figure(
        "plan_shares",
        _shares_title(finding, drawn, goal),
        "What European units could give of each requirement if each did nothing else (an upper bound), with the "
        "plan, on "
        "1 July of the years the plan weighs. Weighted mean: each share counts at most 100 %. The others: cases "
        "in which "
        "Europe has at least half; of inventories, of what it and the United States hold together.",
        source(finding),
        finding,
        drawn,
        lambda canvas: _shares_chart(drawn, canvas),
    )


def _shares_title(finding: Finding, drawn: pl.DataFrame, goal: Finding | None) -> Sentence:
    by = goal_year(drawn["year"].to_list())
    parts: list[str | Cited] = [f"In {by} Europe could carry half of "]
    each, held = at(drawn, year=by, denominator="requirement"), at(drawn, year=by, denominator="inventory")
    mean = at(finding.table, year=by, denominator="mean")
    parts.append(f"{each['half']} of {each['cases']} requirements one by one" if each else "no requirement")
    parts += [f", and holds half of the inventory in {held['half']} of {held['cases']} capabilities"] if held else []
    out = goal.table.filter(pl.col("verdict") == "cannot").to_dicts() if goal else []
    mine = [row for row in out if row["goal"] == out[0]["goal"]]
    if mine:
        level, names = per_cent(mine[0]["level"]), [lower(called(row["capability"])) for row in mine]
        parts.append(f"; {cardinal(len(mine))} cannot reach {level} by {mine[0]['by']}: {names_in(names)}")
    elif mean:
        parts += ["; of all, ", Cited(per_cent(mean["share"]), finding.address(mean, "share")), " on the weighted mean"]
    return sentence(*parts)


def _shares_chart(drawn: pl.DataFrame, canvas: Canvas) -> Spec:
    found = []
    by = goal_year(drawn["year"].to_list())
    titles = {
        "mean": "Requirements: weighted mean",
        "requirement": "Requirements of which it could carry half, of {}",
        "inventory": "Inventories of which it holds half, of {}",
    }
    for name, title in titles.items():
        rows = drawn.filter(pl.col("denominator") == name).to_dicts()
        if rows:
            values = [(row["year"], row["part"]) for row in rows]
            level = (0.5, "half") if name == "mean" else None
            found.append(Curve(title.format(rows[-1]["cases"]), values, level=level, marked=by))
    return curves(found, canvas, 1 if canvas.narrow else len(found), 96 if canvas.narrow else 140)
