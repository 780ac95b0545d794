"""How many Allies reach the level: one release for each count, and what each release said of the same year."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from article3.domain import Pledge, expand, members
from article3.evidence.addresses import ResultAddress
from article3.evidence.findings import Cited, Finding, sentence, sources_in, worst_standing
from article3.evidence.releases import Vintage
from article3.evidence.store import Evidence
from article3.pledge.levels import reached
from article3.pledge.rules import Rules, columns, evidence_measure, framed, judged_year, releases_for


def count(evidence: Evidence, pledge: Pledge, rules: Rules | None = None) -> Finding:
    """Count the Allies at the level, year by year, as known on the evidence's date.

    Each year is counted within one release: the latest that reports enough Allies for it. With ``mixed`` the
    newest figure of each Ally is counted instead, whatever release it stands in.

    Returns
    -------
    Finding
        Table ``count``: one row per year from the base year of the pledge on, newest last.
    """
    rules = rules or Rules()
    measure = evidence_measure(pledge)
    when = evidence.day.isoformat()
    rows: list[dict[str, Any]] = []
    if measure and pledge.national is False:
        newest = {year: vintage for vintage, years in releases_for(evidence, measure, rules) for year in years}
        make = _mixed_row if rules.mixed else _row
        rows = [
            make(evidence, pledge, measure, year, newest[year]) for year in sorted(newest) if _counted(pledge, year)
        ]
    for row in rows:
        row["address"] = str(ResultAddress("count", when, "met", (pledge.id, str(row["year"]))))
    if not rows:
        rows = [_unknown(pledge, measure, judged_year(evidence, pledge, rules))]
    table = framed("count", rows)
    used = table["vintage"].drop_nulls().to_list()
    source_rows = evidence.table("nato").filter(pl.col("measure") == (measure or ""), pl.col("vintage").is_in(used))
    return Finding(
        "count",
        when,
        f"{pledge.title}: how many Allies",
        table,
        columns()["count"],
        _sentence(table, pledge, evidence, rules),
        worst_standing(table["standing"].drop_nulls().unique().to_list()),
        sources=sources_in(source_rows),
        warnings=_warnings(table, evidence, rules),
        part=pledge.id,
    )


def count_by_release(evidence: Evidence, pledge: Pledge, rules: Rules | None = None) -> Finding:
    """Count the Allies at the level in every release that could be used: what was known when.

    Returns
    -------
    Finding
        Table ``count_by_release``: one row per year and release.
    """
    rules = rules or Rules()
    measure = evidence_measure(pledge)
    rows = []
    if measure and pledge.national is False:
        for vintage, years in releases_for(evidence, measure, rules):
            for year in sorted(year for year in years if _counted(pledge, year)):
                figures = _figures(evidence, pledge, measure, vintage.vintage, year)
                rows.append(
                    {
                        "pledge": pledge.id,
                        "year": year,
                        "vintage": vintage.vintage,
                        "known_from": vintage.known_from,
                        **_tally(figures),
                        "definition": vintage.definition,
                        "standing": str(worst_standing(figures["standing"].unique())),
                        "evidence_measure": measure,
                    }
                )
    table = framed("count_by_release", rows).sort("year", "known_from")
    spread = table.group_by("year").agg(low=pl.col("met").min(), high=pl.col("met").max()).sort("year")
    moved = spread.filter(pl.col("low") != pl.col("high"))
    text = (
        "The count changed between releases for "
        + ", ".join(f"{year} ({low} to {high})" for year, low, high in moved.iter_rows())
        if moved.height
        else "No count changed between the releases held"
    )
    return Finding(
        "count_by_release",
        evidence.day.isoformat(),
        f"{pledge.title}: what each release said",
        table,
        columns()["count_by_release"],
        sentence(f"{text}."),
        worst_standing(table["standing"].unique().to_list()),
        sources=sources_in(
            evidence.table("nato").filter(
                pl.col("measure") == (measure or ""), pl.col("vintage").is_in(table["vintage"].unique().to_list())
            )
        ),
        part=pledge.id,
    )


def _counted(pledge: Pledge, year: int) -> bool:
    """Return whether a year is worth counting: after a deadline still, after the last year of a yearly aim not."""
    return pledge.base_year <= year and (pledge.applies == "by_deadline" or year <= pledge.deadline)


def _figures(evidence: Evidence, pledge: Pledge, measure: str, vintage: str, year: int) -> pl.DataFrame:
    return (
        evidence.table("nato")
        .filter(
            pl.col("measure") == measure,
            pl.col("vintage") == vintage,
            pl.col("period") == year,
            pl.col("ally").is_in(_bound(pledge)),
        )
        .with_columns(reached(pl.col("value"), pl.col("decimals"), pledge.level_pct, pledge.op).alias("met"))
        .sort("ally")
    )


def _bound(pledge: Pledge) -> list[str]:
    """Return the codes a pledge binds today, whenever they joined: releases print past years of later Allies too."""
    return list(expand(pledge.members))


def _tally(figures: pl.DataFrame) -> dict[str, int]:
    return {
        "met": figures.filter(pl.col("met")).height,
        "undecidable": figures["met"].null_count(),
        "reported": figures.height,
    }


def _describe(figures: pl.DataFrame, pledge: Pledge, measure: str, year: int) -> dict[str, Any]:
    then = {ally.code for ally in members(date(year, 12, 31))}
    inside = figures.filter(pl.col("ally").is_in(list(then)))
    statuses = figures["status"].unique().to_list()
    return {
        "pledge": pledge.id,
        "year": year,
        "measure": pledge.measure,
        "level_pct": pledge.level_pct,
        **_tally(figures),
        "members_met": inside.filter(pl.col("met")).height,
        "members_reported": inside.height,
        "allies_met": " ".join(figures.filter(pl.col("met"))["ally"]),
        "allies_undecidable": " ".join(figures.filter(pl.col("met").is_null())["ally"]),
        "status": statuses[0] if len(statuses) == 1 else "mixed",
        "standing": str(worst_standing(figures["standing"].unique())),
        "evidence_measure": measure,
    }


def _row(evidence: Evidence, pledge: Pledge, measure: str, year: int, vintage: Vintage) -> dict[str, Any]:
    figures = _figures(evidence, pledge, measure, vintage.vintage, year)
    return _describe(figures, pledge, measure, year) | {
        "vintage": vintage.vintage,
        "definition": vintage.definition,
        "definition_differs": vintage.definition != pledge.definition,
    }


def _mixed_row(
    evidence: Evidence,
    pledge: Pledge,
    measure: str,
    year: int,
    _vintage: Vintage,
) -> dict[str, Any]:
    figures = (
        evidence.newest(measure)
        .filter(pl.col("period") == year, pl.col("ally").is_in(_bound(pledge)))
        .with_columns(reached(pl.col("value"), pl.col("decimals"), pledge.level_pct, pledge.op).alias("met"))
    )
    definitions = {evidence.find_vintage("nato", name).definition for name in figures["vintage"].unique()}
    return _describe(figures, pledge, measure, year) | {
        "vintage": "mixed",
        "definition": " ".join(sorted(definitions)),
        "definition_differs": definitions != {pledge.definition},
    }


def _unknown(pledge: Pledge, measure: str | None, year: int) -> dict[str, Any]:
    if pledge.national:
        reason = "a pledge of one Ally is not counted"
    elif measure is None:
        reason = "not known, nobody publishes figures for this part of the pledge"
    else:
        reason = "not known: no release held by then reports enough Allies"
    return {
        "pledge": pledge.id,
        "year": year,
        "measure": pledge.measure,
        "level_pct": pledge.level_pct,
        "reason": reason,
    }


def _sentence(table: pl.DataFrame, pledge: Pledge, evidence: Evidence, rules: Rules) -> Any:
    year = judged_year(evidence, pledge, rules)
    rows = table.filter(pl.col("year") == year, pl.col("met").is_not_null())
    if rows.height == 0:
        reasons = [*table["reason"].drop_nulls(), f"not known for {year}"]
        return sentence(f"{pledge.title}: {reasons[0]}.")
    row, when = rows.row(0, named=True), evidence.day.isoformat()

    def cite(column: str) -> Cited:
        return Cited(str(row[column]), str(ResultAddress("count", when, column, (row["pledge"], str(year)))))

    if rules.mixed:
        release, basis = "newest figures of several releases", "definitions mixed"
    else:
        release = f"release of {evidence.find_vintage('nato', row['vintage']).label}"
        basis = evidence.definitions[row["definition"]].title
    open_ = (cite("undecidable"), " undecidable, ") if row["undecidable"] else ()
    parts = (cite("met"), f" Allies at {pledge.level_pct:g} % for {year}, ", *open_, "of ", cite("reported"))
    return sentence(*parts, f" reported ({release}; {basis}).")


def _warnings(table: pl.DataFrame, evidence: Evidence, rules: Rules) -> tuple[str, ...]:
    found = []
    if rules.mixed:
        found.append("Counted over the newest figure of each Ally from several releases: a count nobody published.")
    differs = table.filter(pl.col("definition_differs"))
    if differs.height:
        years = differs["year"].to_list()
        names = ", ".join(
            evidence.definitions[name].title
            for name in differs["definition"].unique().sort()
            if name in evidence.definitions
        )
        found.append(f"{years[0]}-{years[-1]}: on another definition than the pledge ({names}): a break, not spliced.")
    return tuple(found)
