"""Figures of Allies held against the level of a pledge, and of the pace to it."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from article3.errors import AddressError
from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, MUTED, SOFT, VERMILLION, Canvas, Figure, Spec
from article3.report.rows import Plot, Row, dot_rows
from article3.report.sources import measure_at, measure_words, source_line
from article3.report.words import allies, cite, level, listed, listed_up_to, number
from article3.run.analysis import Run

_SHARE: Final = "defence_pct_gdp"
_OF: Final = {
    _SHARE: " of GDP",
    "equipment_share_pct": " for major equipment",
    "defence_real_change_pct": " real growth",
}
_COLUMNS: Final = (
    "ally",
    "ally_name",
    "year",
    "level_pct",
    "value_pct",
    "met",
    "vintage",
    "status",
    "standing",
    "address",
)

_PACE: Final = (
    "ally",
    "ally_name",
    "base_year",
    "base_value_pct",
    "year",
    "value_pct",
    "pace_needed_pct",
    "pace_realised_pct",
    "met",
    "standing",
)
_STEP: Final = (
    "ally",
    "ally_name",
    "year",
    "value_pct",
    "level_pct",
    "deadline",
    "step_pct",
    "met",
    "exception",
    "status",
    "standing",
)
"""Columns of the data that go with the figures."""


def judged_on(run: Run, measure: str) -> list[Finding]:
    """Return the ledgers of pledges that bind several Allies and are judged on a measure, in the run's order."""
    return [
        finding
        for finding in run.findings
        if finding.name == "pledge"
        and finding.table.height > 1
        and finding.table["value_pct"].drop_nulls().len() > 1
        and finding.table["measure"][0] == measure
    ]


def _estimated(row: dict[str, Any]) -> bool:
    return row["status"] in ("estimate", "forecast")


def _year(finding: Finding) -> int:
    return int(finding.table["year"].max())  # type: ignore[arg-type]


def _known(finding: Finding, column: str = "value_pct") -> pl.DataFrame:
    return finding.table.filter(pl.col(column).is_not_null()).sort([column, "ally"], descending=[True, False])


def binds_all(run: Run, finding: Finding) -> bool:
    """Return whether the pledge of a ledger binds the whole Alliance."""
    return any(item.id == finding.part and "alliance" in item.members for item in run.inputs.pledges)


def _count_row(run: Run, finding: Finding, year: int) -> tuple[Finding, dict[str, Any]] | None:
    """Return the count of a pledge for a year as known on the date of its ledger, if it is counted.

    A count is over all Allies, so that it says nothing of a pledge that binds some of them.
    """
    if not binds_all(run, finding):
        return None
    try:
        count = run.find("count", finding.part, finding.when)
    except AddressError:
        return None
    rows = count.table.filter(pl.col("year") == year, pl.col("met").is_not_null())
    return (count, rows.row(0, named=True)) if rows.height else None


def _counted(run: Run, finding: Finding, year: int) -> list[str | Cited]:
    """Return ``n of k Allies`` with addresses; from the rows drawn where the pledge is not counted."""
    found = _count_row(run, finding, year)
    if found is None:
        known = finding.table.filter(pl.col("value_pct").is_not_null())
        return [f"{known.filter(pl.col('met')).height} of {known.height} Allies"]
    count, row = found
    open_: list[str | Cited] = [" (", cite(count, row, "undecidable"), " undecidable)"] if row["undecidable"] else []
    return [cite(count, row, "met"), " of ", cite(count, row, "reported"), " Allies", *open_]


def _bar(finding: Finding) -> str:
    """Return the level of a pledge with what it is a share of."""
    first = finding.table.row(0, named=True)
    return f"{level(first['level_pct'])}{_OF.get(first['measure'], '')}"


def shares(run: Run) -> Figure | None:
    """Draw every Ally's share of GDP in the latest year judged, against all levels pledged, with the base year.

    Returns
    -------
    Figure or None
        ``None`` where no pledge of the run is judged on shares of GDP.
    """
    ledgers = judged_on(run, _SHARE)
    if not ledgers:
        return None
    latest = max(ledgers, key=_year)
    bars = {float(ledger.table["level_pct"][0]): ledger for ledger in sorted(ledgers, key=_year)}
    year, known = _year(latest), _known(latest)
    oldest = min(ledgers, key=lambda ledger: int(ledger.table["base_year"].min()))  # type: ignore[arg-type]
    base_year = oldest.table["base_year"][0]
    base = {row["ally"]: row["base_value_pct"] for row in oldest.table.iter_rows(named=True)}
    estimated = any(_estimated(row) for row in known.iter_rows(named=True))
    parts: list[str | Cited] = []
    for position, bar in enumerate(sorted(bars)):
        counted = _counted(run, bars[bar], year)
        parts += (
            [", ", *counted, f" at {level(bar)}"] if position else [*counted, f" stand at {_bar(bars[bar])} for {year}"]
        )
    measure = measure_words(measure_at(known["address"][0], run.inputs.evidence))

    def body(canvas: Canvas) -> Spec:
        rows = [
            Row(
                row["ally_name"],
                row["value_pct"],
                number(row["value_pct"], latest.column("value_pct")) + (" e" if _estimated(row) else ""),
                hollow=_estimated(row),
                other=base.get(row["ally"]),
                colour=BLUE,
            )
            for row in known.iter_rows(named=True)
        ]
        key = [
            ("hollow" if estimated else "filled", f"{year}{' (e: estimate)' if estimated else ''}"),
            ("tick", str(base_year)),
        ]
        axis = "Per cent" if canvas.narrow else measure
        return dot_rows(Plot(rows, axis, [(bar, level(bar)) for bar in sorted(bars)], key), canvas)

    return Figure(
        "shares",
        sentence("By estimate, " if estimated else "", *parts),
        f"{measure}, {year} (circle; hollow where NATO calls it an estimate) and {base_year} (bar).",
        source_line(latest, run.inputs.evidence),
        latest,
        known.select(_COLUMNS),
        body,
    )


def against_level(finding: Finding, run: Run) -> Figure | None:
    """Draw all Allies bound by a pledge against its level; this is also the figure of equipment.

    Returns
    -------
    Figure or None
        ``None`` where fewer than two Allies have a figure.
    """
    known = _known(finding)
    if known.height < 2:
        return None
    first = known.row(0, named=True)
    bar, year = first["level_pct"], _year(finding)
    below = known.filter(~pl.col("met"))["ally_name"].sort().to_list()
    tail = f"; {listed_up_to(below, 3)} below" if below else ""
    measure = measure_words(measure_at(first["address"], run.inputs.evidence))
    actual = {_estimated(row) for row in known.iter_rows(named=True)}

    def body(canvas: Canvas) -> Spec:
        rows = [
            Row(
                row["ally_name"],
                row["value_pct"],
                number(row["value_pct"], finding.column("value_pct")) + (" e" if _estimated(row) else ""),
                hollow=_estimated(row),
                other=row["base_value_pct"],
                colour=BLUE if row["met"] else VERMILLION if row["met"] is False else MUTED,
                note="" if row["met"] else "below" if row["met"] is False else "undecidable",
            )
            for row in known.iter_rows(named=True)
        ]
        key = [("hollow", f"{year}, estimate (e)")] if True in actual else []
        key += [("filled", str(year))] if False in actual else []
        key += [("tick", str(first["base_year"]))] if known["base_value_pct"].drop_nulls().len() else []
        return dot_rows(Plot(rows, "Per cent" if canvas.narrow else measure, [(bar, level(bar))], key), canvas)

    return Figure(
        f"level_{finding.part}",
        sentence(*count_title(finding, run).parts, tail),
        f"{measure}, {year} (circle; hollow where NATO calls it an estimate) and {first['base_year']} (bar).",
        source_line(finding, run.inputs.evidence),
        finding,
        known.select(_COLUMNS),
        body,
    )


def pace(finding: Finding, run: Run) -> Figure | None:
    """Draw the pace realised since the base year beside the pace that was needed to keep the pledge.

    Returns
    -------
    Figure or None
        ``None`` where no pace is known.
    """
    known = _known(finding, "pace_realised_pct").filter(pl.col("pace_needed_pct").is_not_null())
    if known.height < 2:
        return None
    fastest = known.row(0, named=True)
    most = known.sort(["pace_needed_pct", "ally"], descending=[True, False]).row(0, named=True)
    base, year, bar = fastest["base_year"], _year(finding), level(fastest["level_pct"])

    def body(canvas: Canvas) -> Spec:
        rows = [
            Row(
                row["ally_name"],
                row["pace_realised_pct"],
                number(row["pace_realised_pct"], finding.column("pace_realised_pct"), signed=True),
                other=row["pace_needed_pct"],
                colour=BLUE if row["met"] else VERMILLION if row["met"] is False else MUTED,
                note="" if row["met"] else "below" if row["met"] is False else "undecidable",
            )
            for row in known.iter_rows(named=True)
        ]
        key = [("filled", "realised"), ("tick", "needed")]
        axis = "Points a year" if canvas.narrow else "Percentage points a year"
        return dot_rows(Plot(rows, axis, key=key, zero=True), canvas)

    return Figure(
        f"pace_{finding.part}",
        sentence(
            f"{fastest['ally_name']} rose fastest, by ",
            cite(finding, fastest, "pace_realised_pct"),
            f" points a year from {base} to {year}; {most['ally_name']} had the most to do, ",
            cite(finding, most, "pace_needed_pct"),
            " points a year",
        ),
        f"Yearly rise of the value, {base} to {year} (circle), and the yearly rise needed from {base} on to reach "
        f"{bar} by {fastest['deadline']} (bar; 0 where it was reached already). Allies below the level for {year} are "
        "marked so.",
        source_line(finding, run.inputs.evidence),
        finding,
        known.select(_PACE),
        body,
    )


def step(finding: Finding, run: Run) -> Figure | None:
    """Draw the yearly step that is needed now, beside the pace realised in the longest past the run judges.

    Returns
    -------
    Figure or None
        ``None`` where the deadline has passed or no step is known.
    """
    known = _known(finding, "step_pct")
    if known.height < 2:
        return None
    past = _longest_past(run, finding)
    realised = {row["ally"]: row["pace_realised_pct"] for row in past.table.iter_rows(named=True)} if past else {}
    most = known.row(0, named=True)
    there = known.filter(pl.col("met")).height
    year, deadline, bar = _year(finding), most["deadline"], level(most["level_pct"])
    span = f"{past.table['base_year'][0]} to {_year(past)}" if past else ""

    def body(canvas: Canvas) -> Spec:
        rows = [
            Row(
                row["ally_name"],
                row["step_pct"],
                "reached" if row["met"] else number(row["step_pct"], finding.column("step_pct"), signed=True),
                hollow=_estimated(row),
                other=realised.get(row["ally"]),
                colour=INK if row["exception"] else BLUE,
                note="" if canvas.narrow else row["exception"] or "",
            )
            for row in known.iter_rows(named=True)
        ]
        key = [("hollow", f"needed, {year} to {deadline}")] + ([("tick", f"realised, {span}")] if past else [])
        if canvas.narrow:
            key = [("hollow", "needed"), *([("tick", span)] if past else [])]
        axis = "Points a year" if canvas.narrow else "Percentage points a year"
        return dot_rows(Plot(rows, axis, key=key, zero=True, note_colour=SOFT), canvas)

    otherwise = listed(known.filter(pl.col("exception").is_not_null())["ally_name"].to_list())
    beside = f" Bar: the yearly rise realised {span}." if past else ""
    beside += f" {otherwise} declared otherwise." if otherwise else ""
    return Figure(
        f"step_{finding.part}",
        sentence(
            f"{most['ally_name']} needs the largest rise to reach {bar} by {deadline}, ",
            cite(finding, most, "step_pct"),
            f" points a year; {allies(there)} {'is' if there == 1 else 'are'} there by estimate",
        ),
        f"Circle: yearly rise needed from {year} to {deadline} to reach {bar}; hollow: it rests on an estimate for "
        f"{year}.{beside}",
        source_line(finding, run.inputs.evidence),
        finding,
        known.select(_STEP),
        body,
    )


def _longest_past(run: Run, finding: Finding) -> Finding | None:
    """Return the ledger on the same measure that looks back furthest, if it is another one."""
    others = [
        ledger
        for ledger in judged_on(run, finding.table["measure"][0])
        if ledger is not finding and ledger.table["pace_realised_pct"].drop_nulls().len() > 1
    ]
    return min(others, key=lambda ledger: int(ledger.table["base_year"].min()), default=None)  # type: ignore[arg-type]


def count_title(finding: Finding, run: Run) -> Sentence:
    """Return how many Allies stand at the level of a pledge, for the year it is judged for."""
    year = _year(finding)
    return sentence(*_counted(run, finding, year), f" stand at {_bar(finding)} for {year}")
