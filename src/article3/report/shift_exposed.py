"""A given drawdown: which contingencies it exposes, for how long, and from when it would be safe."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import Canvas, Figure, Spec
from article3.report.shift_lanes import Bar, Lane, lanes
from article3.report.shift_words import case, days_words, drawdowns, fall, inside, place, plural, source, title_of
from article3.report.words import capital, cardinal, day
from article3.scenario.resolve import Inputs

BESIDE: Final = 2
"""Drawdowns drawn beside one another: the first of the scenario."""
_MOST: Final = 14
"""Contingencies and windows drawn: those exposed longest; the table has all."""

Row = dict[str, Any]


def first_of(exposure: Finding, inputs: Inputs) -> dict[str, str]:
    """Return the drawdowns that are drawn beside one another, with their titles."""
    return dict(list(drawdowns(inputs, exposure.table).items())[:BESIDE]) if exposure.table.height else {}


def shift_exposed(exposure: Finding, steps: Finding, inputs: Inputs) -> Figure | None:
    """Draw for how long the first drawdowns of a scenario expose each contingency and window, on one axis.

    Parameters
    ----------
    exposure, steps
        Tables ``exposure`` and ``exposure_step``.
    inputs
        The scenario, for names.

    Returns
    -------
    Figure or None
        ``None`` where no drawdown is judged, or the first ones expose nothing.
    """
    names = first_of(exposure, inputs)
    mine = exposure.table.filter(pl.col("drawdown").is_in(list(names)), pl.col("exposure_days") > 0)
    if mine.height == 0:
        return None
    shown = _shown(exposure.table, mine)
    until = inputs.scenario.shift.until
    left = mine.select("contingency", "window_days").unique().height - len(shown)
    more = f" The {cardinal(len(shown))} exposed longest are drawn; the table has all." if left else ""
    beside = exposure.table["drawdown"].n_unique() - len(names)
    others = f" {capital(cardinal(beside))} more drawdowns of the scenario are in the table." if beside > 0 else ""
    return Figure(
        "shift_exposed",
        _title(exposure, mine, names),
        "A contingency is exposed on days on which less of today's safety is kept than if nobody left. Each bar runs "
        "from the first such day to the first from which the whole drawdown, all steps taken, is safe for good; an "
        f"arrow: on no day to {until}. Beside it: days exposed, and the most of today's safety lost. Triangles: steps."
        f"{more}{others}",
        source(exposure),
        exposure,
        mine.drop("standing", "address"),
        lambda canvas: _chart(shown, names, steps.table, until, canvas),
    )


def _shown(every: pl.DataFrame, mine: pl.DataFrame) -> list[list[Row]]:
    """Return the rows of each contingency and window, those exposed longest, in the scenario's order."""
    parts = mine.partition_by("contingency", "window_days", maintain_order=True)
    longest = sorted(parts, key=lambda part: -float(part["exposure_days"].max()))[:_MOST]  # type: ignore[arg-type]
    order = every["contingency"].unique(maintain_order=True).to_list()
    kept = [part.to_dicts() for part in longest]
    return sorted(kept, key=lambda rows: (order.index(rows[0]["contingency"]), rows[0]["window_days"]))


def _title(exposure: Finding, mine: pl.DataFrame, names: dict[str, str]) -> Sentence:
    """Return for how many days each drawdown exposes how many contingencies and windows, and the worst drop."""
    parts: list[str | Cited] = []
    for name, title in names.items():
        every = exposure.table.filter(pl.col("drawdown") == name)
        exposed = every.filter(pl.col("exposure_days") > 0)
        days, many = float(exposed["exposure_days"].sum()), f"of {every.height} contingencies and windows"
        text = (
            f"{days:,.0f}, in {exposed.height}" if parts else f"{days_words(days)} exposed, in {exposed.height} {many}"
        )
        parts.append(f"{'; ' if parts else ''}{title}: {text if exposed.height else 'nothing exposed'}")
    worst = mine.sort("worst_drop", descending=True, maintain_order=True).row(0, named=True)
    parts += ["; up to ", Cited(fall(worst["worst_drop"]), exposure.address(worst, "worst_drop"))]
    return sentence(*parts, " of today's safety lost")


def _chart(shown: list[list[Row]], names: dict[str, str], steps: pl.DataFrame, until: int, canvas: Canvas) -> Spec:
    order = list(names)
    found = [Lane(case(rows[0]), [_bar(row, order.index(row["drawdown"]), until) for row in rows]) for rows in shown]
    heads = [(title, _steps(steps, name)) for name, title in names.items()]
    return lanes(found, heads, _ends(found, heads, until), canvas)


def _bar(row: Row, which: int, until: int) -> Bar:
    safe = row["earliest_safe_date"]
    words = f"{days_words(row['exposure_days'])}, {fall(row['worst_drop'])} lost"
    words += "" if safe else f", not safe again by {until}"
    return Bar(which, place(row["first_date"]), place(safe) if safe else None, words)


def _steps(steps: pl.DataFrame, name: str) -> list[float]:
    return [place(when) for when in steps.filter(pl.col("drawdown") == name)["date"]]


def _ends(found: list[Lane], heads: list[tuple[str, list[float]]], until: int) -> tuple[float, float]:
    """Return the ends of the axis: from the first step to the year after the last safe day."""
    starts = [bar.start for lane in found for bar in lane.bars] + [step for _, steps in heads for step in steps]
    ends = [bar.end or until for lane in found for bar in lane.bars]
    return float(int(min(starts))), float(int(max(ends)) + 1)


def too_early(handover: Finding, names: dict[str, str]) -> list[Row]:
    """Return, by drawdown and kind of force, the step that comes longest before it would be safe alone.

    Parameters
    ----------
    handover
        Table of that name.
    names
        Drawdowns.

    Returns
    -------
    list of dict
        Rows of the table with ``early`` (days, or None where there is no safe day) and ``dates`` of all steps that come
        too early; those without a safe day first, then the longest waits.
    """
    table = handover.table.filter(pl.col("schedule").is_in(list(names)), pl.col("kind") == "element")
    worst: dict[tuple[str, str], Row] = {}
    dates: dict[tuple[str, str], list[str]] = {}
    for row in table.sort("date", maintain_order=True).iter_rows(named=True):
        safe, key = row["earliest_safe_date"], (row["schedule"], row["subject"])
        early = None if safe is None else (date.fromisoformat(safe) - date.fromisoformat(row["date"])).days
        if early is not None and early <= 0:
            continue
        dates.setdefault(key, []).append(row["date"])
        if key not in worst or (worst[key]["early"] is not None and (early is None or early > worst[key]["early"])):
            worst[key] = {**row, "early": early}
    found = [{**row, "dates": dates[key]} for key, row in worst.items()]
    return sorted(found, key=lambda row: (row["early"] is not None, -(row["early"] or 0), row["subject"]))


def shift_early(handover: Finding, exposure: Finding, steps: Finding, inputs: Inputs) -> Figure | None:
    """Draw, kind by kind, how long US forces leave before Europe is ready under the first drawdowns.

    Parameters
    ----------
    handover, exposure, steps
        Tables ``handover``, ``exposure`` and ``exposure_step``.
    inputs
        The scenario, for names.

    Returns
    -------
    Figure or None
        ``None`` where no kind of force leaves before Europe is ready.
    """
    names = first_of(exposure, inputs)
    rows = too_early(handover, names)
    if not rows:
        return None
    until = inputs.scenario.shift.until
    keys = [(row["schedule"], row["subject"], when) for row in rows for when in row["dates"]]
    named = pl.DataFrame(keys, schema=["schedule", "subject", "date"], orient="row")
    drawn = handover.table.join(named, on=["schedule", "subject", "date"], how="semi")
    return Figure(
        "shift_early",
        _early_title(handover, rows, names),
        "US out and Europe ready, kind by kind: each bar runs from the step that comes longest before it would be safe "
        "to the day from which so much of this kind could be gone with nobody else leaving, no requirement less "
        f"covered than today; an arrow: no such day to {until}. Upright lines: later steps that come too early as "
        "well. Kinds that could go on the day are left out.",
        source(handover),
        handover,
        drawn.select("schedule", "subject", "date", "units", "left", "gated_by", "earliest_safe_date"),
        lambda canvas: _early_chart(rows, names, steps.table, until, canvas),
    )


def _early_title(handover: Finding, rows: list[Row], names: dict[str, str]) -> Sentence:
    """Return how many kinds leave too early under each drawdown, and the longest wait."""
    parts: list[str | Cited] = []
    for name, title in names.items():
        count = sum(row["schedule"] == name for row in rows)
        kinds = plural(count, "kind of forces leaves", "kinds of forces leave")
        parts.append(f"; {title}: {count}" if parts else f"{title}: {kinds} before Europe is ready")
    waits = [row for row in rows if row["early"] is not None]
    if waits:
        row = max(waits, key=lambda row: (row["early"], row["subject"]))
        parts += [f"; longest {inside(row['subject'])}, {days_words(row['early'])}, safe from "]
        parts.append(Cited(day(row["earliest_safe_date"]), handover.address(row, "earliest_safe_date")))
    return sentence(*parts)


def _early_chart(rows: list[Row], names: dict[str, str], steps: pl.DataFrame, until: int, canvas: Canvas) -> Spec:
    order = list(names)
    found = []
    for subject in dict.fromkeys(row["subject"] for row in rows):
        mine = sorted((row for row in rows if row["subject"] == subject), key=lambda row: order.index(row["schedule"]))
        found.append(Lane(title_of(subject), [_early_bar(row, order.index(row["schedule"])) for row in mine]))
    heads = [(title, _steps(steps, name)) for name, title in names.items()]
    return lanes(found, heads, _ends(found, heads, until), canvas)


def _early_bar(row: Row, which: int) -> Bar:
    safe, start = row["earliest_safe_date"], place(row["date"])
    words = days_words(row["early"]) if row["early"] is not None else "no safe day"
    marks = [place(when) for when in row["dates"] if place(when) > start]
    return Bar(which, start, place(safe) if safe else None, words, marks)
