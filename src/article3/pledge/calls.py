"""Since when could a miss be called? The Wales pledge in hindsight, with nothing used that came later."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from article3.domain import Pledge, pledge, reporting_members
from article3.errors import Fault, NotKnownError
from article3.evidence.findings import Finding, sentence, worst_standing
from article3.evidence.store import Evidence, open_evidence
from article3.forecast.method import Panel, forecast
from article3.forecast.panel import long_history, nato_release
from article3.pledge.levels import rounded
from article3.pledge.rules import ally_name, columns, framed
from article3.pledge.warning import WALES

CALLED = 0.2
"""Odds of keeping a pledge at or below which a miss counts as called: 4 to 1."""


def first_calls(evidence: Evidence, item: Pledge | None = None) -> Finding:
    """Say for the Wales pledge since when a miss could have been called, knowing nothing later.

    For each year from the pledge on the method is applied to what can be reconstructed as known: NATO's releases of
    2019 and 2024 and the long history, cut at that year.

    Returns
    -------
    Finding
        Table ``call``: one row per Ally of the time.
    """
    item = item or pledge("wales_2014")
    full = open_evidence(folders=evidence.folders)
    history = long_history(full)
    if history is None:
        raise NotKnownError(Fault("the long history of spending is not there", mend="Import SIPRI's workbook."))
    releases = {name: nato_release(full, name, history) for name in ("2019-06", "2024-06-17", "2026-07")}
    years = range(item.agreed.year, item.deadline)
    chances: dict[str, dict[int, float]] = {}
    for year in years:
        panel = releases["2019-06" if year <= 2019 else "2024-06-17"]
        made = forecast(panel, year, item.deadline - year, (WALES,), ())
        for code, chance in zip(made.allies, made.odds(item.level_pct, item.deadline - year), strict=True):
            if not math.isnan(chance):
                chances.setdefault(code, {})[year] = float(chance)
    members = {member.code for member in reporting_members(date(item.agreed.year, 12, 31))}
    rows = [_call_row(item, code, chances[code], releases) for code in item.parties() if code in members]
    table = framed("call", rows)
    called = table.filter(pl.col("first_call").is_not_null())
    right = called.filter(pl.col("right")).height
    low = [code for code in table["ally"] if chances[code].get(item.agreed.year, 1.0) <= CALLED]
    missed = table.filter(pl.col("ally").is_in(low), ~pl.col("met_july_2026")).height
    text = (
        f"For {called.height} of {table.height} Allies a miss of {item.level_pct:g} % by {item.deadline} could have "
        f"been called with 4 to 1 odds that held from then on; {right} of these calls were right by the release of "
        f"July 2026. That picks calls after the fact: of the {len(low)} Allies with such odds in {item.agreed.year} "
        f"itself, {missed} missed."
    )
    return Finding(
        "call",
        evidence.day.isoformat(),
        f"{item.title}: since when a miss could be called",
        table,
        columns()["call"],
        sentence(text),
        worst_standing(["estimated"]),
        part=item.id,
    )


def _call_row(item: Pledge, code: str, chances: Mapping[int, float], releases: Mapping[str, Panel]) -> dict[str, Any]:
    def met(name: str) -> bool:
        panel = releases[name]
        share = np.exp(panel.log_share[panel.allies.index(code), panel.column(item.deadline)])
        return bool(rounded(float(share)) >= item.level_pct)

    years = sorted(chances)
    called = [year for year in years if all(chances[later] <= CALLED for later in years if later >= year)]
    first = called[0] if called else None
    return {
        "pledge": item.id,
        "ally": code,
        "ally_name": ally_name(code),
        "first_call": first,
        "odds_then": chances[first] if first else None,
        "met_june_2024": met("2024-06-17"),
        "met_july_2026": met("2026-07"),
        "right": None if first is None else not met("2026-07"),
    }
