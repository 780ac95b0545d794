"""The live test: forecasts from the release of July 2026, scored anew whenever a later release is there."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from article3.evidence.findings import Finding, frame, sentence
from article3.evidence.store import Evidence
from article3.forecast import scores
from article3.forecast.baselines import random_walk
from article3.forecast.method import Target, forecast
from article3.forecast.panel import long_history, nato_release
from article3.forecast.vocabulary import columns
from article3.quantity import Standing

ORIGIN_RELEASE: Final = "2026-07"
ORIGIN: Final = 2026
HISTORY: Final = "2025-04"
BAR: Final = 0.05
RELEASES_NEEDED: Final = 2
TARGETS: Final = (Target(2.0, 2014, 2024), Target(3.5, 2025, 2035, capped=True))
MIN_ALLIES: Final = 28


def scoreboard(evidence: Evidence) -> Finding:
    """Score the forecasts made from July 2026 by every later release held, the user's own imports included.

    Nothing is refitted: release, history, parameters and Allies on a random walk are those of July 2026. The bar is a
    skill of 5 % over the random walk after two yearly releases; it is published even if missed.

    Returns
    -------
    Finding
        Table ``scoreboard``: one row per later release and year; one row that waits if there is none.
    """
    later = [
        vintage
        for vintage in evidence.vintages
        if vintage.dataset == "nato" and vintage.known_from > evidence.find_vintage("nato", ORIGIN_RELEASE).known_from
    ]
    last_year = max([ORIGIN + 9, *(vintage.known_from.year + 1 for vintage in later)])
    panel = nato_release(evidence, ORIGIN_RELEASE, long_history(evidence, HISTORY, last_year), last_year)
    made = forecast(panel, ORIGIN, last_year - ORIGIN, TARGETS, ("USA",)).quantiles_pct()
    walk = random_walk(panel.cut(ORIGIN), ORIGIN, last_year - ORIGIN)
    rows: list[dict[str, Any]] = []
    for vintage in later:
        came = np.exp(nato_release(evidence, vintage.vintage, None, last_year).log_share)
        for year in range(ORIGIN + 1, last_year + 1):
            outcome = came[:, panel.column(year)]
            known = ~np.isnan(outcome) & ~np.isnan(made[:, 0, 0])
            if known.sum() < MIN_ALLIES:
                continue
            step = year - ORIGIN - 1
            ours = float(scores.crps(made[known, step], outcome[known]).mean())
            theirs = float(scores.crps(walk[known, step], outcome[known]).mean())
            rows.append(
                {
                    "release": vintage.vintage,
                    "year": year,
                    "n": int(known.sum()),
                    "crps": ours,
                    "crps_random_walk": theirs,
                    "crps_skill": 1 - ours / theirs,
                    "coverage_80": float(scores.covered(made[known, step], outcome[known], 0.8).mean()),
                    "bar": BAR,
                }
            )
    waiting = {"release": "none yet", "year": ORIGIN + 1, "bar": BAR}
    return Finding(
        "scoreboard",
        evidence.day.isoformat(),
        "The live test of the forecasts from July 2026",
        frame(columns()["scoreboard"], rows or [waiting]),
        columns()["scoreboard"],
        sentence(_verdict(rows)),
        Standing.ESTIMATED,
    )


def _verdict(rows: list[dict[str, Any]]) -> str:
    releases = sorted({row["release"] for row in rows})
    if len(releases) < RELEASES_NEEDED:
        return (
            f"The live test has {len(releases)} of the {RELEASES_NEEDED} yearly releases it needs after July 2026: "
            "no verdict yet. A new release that is imported is scored."
        )
    newest = [row for row in rows if row["release"] == releases[-1]]
    total = sum(row["n"] for row in newest)
    ours, theirs = (sum(row[name] * row["n"] for row in newest) / total for name in ("crps", "crps_random_walk"))
    skill = 1 - ours / theirs
    word = "kept" if skill >= BAR else "missed"
    return (
        f"By the release of {releases[-1]} the forecasts from July 2026 have a skill of {100 * skill:.0f} % over the "
        f"random walk: the bar of {100 * BAR:.0f} % is {word}."
    )
