"""Declared national plans: a separate, visible input, with a credibility learned from how past ones came true."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

from article3.domain import reporting_members
from article3.evidence.findings import Finding, sentence, worst_standing
from article3.evidence.store import Evidence
from article3.pledge.levels import rounded
from article3.pledge.rules import Rules, columns, framed, releases_for

MEASURE = "defence_pct_gdp"


@cache
def _plans() -> tuple[dict[str, str], ...]:
    with (Path(__file__).with_name("data") / "plans.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def declared(name: str, on: date) -> Mapping[str, bool]:
    """Return the Allies with a declared plan for a pledge known on a day: whether it reaches the level."""
    return {
        row["ally"]: row["reaches"] == "true"
        for row in _plans()
        if row["pledge"] == name and date.fromisoformat(row["stated"]) <= on
    }


def credibility(evidence: Evidence) -> Finding:
    """Learn what a declared plan counts for from how the plans of February 2018 came true, by release of the outcome.

    Returns
    -------
    Finding
        Table ``credibility``: with and without a plan, and for each outcome release known.
    """
    listed = declared("wales_2014", date(2018, 12, 31))
    planned = {code for code, reaches in listed.items() if reaches}
    others = {item.code for item in reporting_members(date(2018, 12, 31))} - planned
    rows = []
    for vintage, years in releases_for(evidence, MEASURE, Rules()):
        if 2024 not in years or years[2024] < len(planned | others):
            continue
        table = evidence.table("nato").filter(measure=MEASURE, vintage=vintage.vintage, period=2024)
        met = {code for code, value in table.select("ally", "value").iter_rows() if rounded(value) >= 2}
        for name, group in (("declared", planned), ("none declared", others)):
            true = len(group & met)
            rows.append(
                {
                    "plan": name,
                    "outcome_vintage": vintage.vintage,
                    "came_true": true,
                    "number": len(group),
                    "counts_for": (true + 1) / (len(group) + 2),
                }
            )
    return Finding(
        "credibility",
        evidence.day.isoformat(),
        "What a declared plan counts for",
        framed("credibility", rows),
        columns()["credibility"],
        sentence(
            "How far declared plans are believed was learned from one list, that of February 2018, and one year: thin."
            if rows
            else ""
        ),
        worst_standing(["reported"]),
    )


def pooled_odds(chance: float, reaches: bool, learned: Mapping[bool, float]) -> float:
    """Return odds pooled with a declared plan, with equal weight on the logit scale."""
    given = learned[reaches]
    clipped = min(0.995, max(0.005, chance))
    logit = (math.log(clipped / (1 - clipped)) + math.log(given / (1 - given))) / 2
    found = 1 / (1 + math.exp(-logit))
    # To say that one will not is never a reason for better odds.
    return found if reaches else min(chance, found)


def learned_from(trust: Finding) -> dict[bool, float]:
    """Return what a plan and no plan count for, by the newest release of the outcome; empty before there is one."""
    table = trust.table
    if table.height == 0:
        return {}
    newest = table.filter(pl.col("outcome_vintage") == table["outcome_vintage"].max())
    found = dict(newest.select("plan", "counts_for").iter_rows())
    return {True: found["declared"], False: found["none declared"]}
