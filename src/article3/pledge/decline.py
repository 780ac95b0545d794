"""Has the decline halted? Expenditure at constant prices, not the share of GDP."""

from __future__ import annotations

import itertools
from typing import Any, Final

import polars as pl

from article3.domain import Pledge, ally
from article3.evidence.addresses import EvidenceAddress
from article3.evidence.findings import Finding, sentence, sources_in, worst_standing
from article3.evidence.store import Evidence
from article3.pledge.rules import ally_name, columns, framed

SERIES: Final = ("defence_exp_nc_constant", "defence_exp_usd_constant")
"""Series to judge by, best first. Within one release the US-dollar series at constant prices *and exchange
rates* grows exactly as the one in national currency, so it serves where that is not printed."""

SWING_PCT: Final = 15.0
"""Above this yearly move of the implied deflator a real change is flagged: Norway's oil prices, Türkiye's lira."""


def decline_rows(evidence: Evidence, pledge: Pledge) -> list[dict[str, Any]]:
    """Return one row per Ally bound by the pledge: halted or not, since when, on which figures."""
    prices = _Prices(evidence, pledge.base_year)
    return [_row(prices, pledge, code) for code in pledge.parties(evidence.as_of)]


def decline(evidence: Evidence, pledge: Pledge) -> Finding:
    """Say for each Ally whether defence expenditure at constant prices has stopped falling since the pledge.

    Returns
    -------
    Finding
        Table ``decline``: one row per Ally; ``halted`` is null where constant prices are missing.
    """
    table = framed("decline", decline_rows(evidence, pledge))
    day = evidence.day.isoformat()
    halted = table.filter(pl.col("halted")).height
    fallen = table.filter(~pl.col("halted"))["ally_name"].to_list()
    unknown = table["halted"].null_count()
    text = (
        f"Since {pledge.base_year} defence expenditure at constant prices has risen or stood still, first year to "
        f"latest, in {halted} Allies"
    )
    text += f"; it has fallen in {', '.join(fallen)}" if fallen else ""
    text += f"; not known for {unknown}." if unknown else "."
    swings = table.filter(pl.col("deflator_swing_pct") > SWING_PCT)["ally_name"].to_list()
    warnings = (
        (f"Prices moved more than {SWING_PCT:g} % in a year for {', '.join(swings)}: read real changes with care.",)
        if swings
        else ()
    )
    return Finding(
        "decline",
        day,
        f"Decline halted since {pledge.base_year}",
        table,
        columns()["decline"],
        sentence(text),
        worst_standing(table["standing"].drop_nulls().unique().to_list()),
        sources=(pledge.source_id, *_sources(evidence, table)),
        warnings=warnings,
        part=pledge.id,
    )


def _sources(evidence: Evidence, table: pl.DataFrame) -> tuple[str, ...]:
    used = table.select("vintage", "measure").drop_nulls().unique()
    return sources_in(evidence.table("nato").join(used, on=["vintage", "measure"], how="semi"))


def _row(prices: _Prices, pledge: Pledge, code: str) -> dict[str, Any]:
    out: dict[str, Any] = {
        "pledge": pledge.id,
        "ally": code,
        "ally_name": ally_name(code),
        "base_year": pledge.base_year,
    }
    if not ally(code).has_forces:
        return out | {"reason": "no armed forces"}
    series = prices.series(code)
    if series is None:
        return out | {"reason": f"not known: no release held by then prints constant prices from {pledge.base_year} on"}
    base, latest = series[0], series[-1]
    values = [row["value"] for row in series]
    below = [row["period"] for row in series if row["value"] < base["value"]]
    halted = latest["value"] >= base["value"]
    since = (max(below) + 1 if below else pledge.base_year + 1) if halted else None
    return out | {
        "latest_year": latest["period"],
        "real_change_pct": 100 * (latest["value"] / base["value"] - 1),
        "halted": halted,
        "halted_since": since,
        "falls": sum(after < before for before, after in itertools.pairwise(values)),
        "deflator_swing_pct": prices.swing_pct(code),
        "measure": base["measure"],
        "vintage": base["vintage"],
        "status": latest["status"],
        "standing": base["standing"],
        "base_address": _address(base),
        "latest_address": _address(latest),
    }


def _address(row: dict[str, Any]) -> str:
    return str(EvidenceAddress("nato", row["vintage"], row["measure"], row["ally"], row["period"]))


class _Prices:
    """Expenditure by release, measure and Ally from the year of the pledge on, read once."""

    def __init__(self, evidence: Evidence, base_year: int) -> None:
        self.base_year = base_year
        self.newest_first = [v.vintage for v in reversed(evidence.vintages) if v.dataset == "nato"]
        self.rows: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        wanted = (*SERIES, "defence_exp_nc_current")
        rows = evidence.table("nato").filter(pl.col("measure").is_in(wanted), pl.col("period") >= base_year)
        for row in rows.sort("period").iter_rows(named=True):
            self.rows.setdefault((row["vintage"], row["measure"], row["ally"]), []).append(row)

    def series(self, code: str) -> list[dict[str, Any]] | None:
        """Return the series of the newest release that has it from the base year on: one release, never spliced."""
        for vintage in self.newest_first:
            for measure in SERIES:
                series = self.rows.get((vintage, measure, code), [])
                years = [row["period"] for row in series]
                unbroken = years == list(range(self.base_year, self.base_year + len(years)))
                if len(years) > 1 and unbroken and series[0]["value"] > 0:
                    return series
        return None

    def swing_pct(self, code: str) -> float | None:
        """Return the largest yearly move of the implied deflator, per cent.

        From the newest release that prints both price bases in national currency; null if none does.
        """
        for vintage in self.newest_first:
            constant = {r["period"]: r["value"] for r in self.rows.get((vintage, "defence_exp_nc_constant", code), [])}
            current = self.rows.get((vintage, "defence_exp_nc_current", code), [])
            levels: list[float] = [
                row["value"] / constant[row["period"]] for row in current if constant.get(row["period"])
            ]
            if len(levels) > 1:
                return max(100 * abs(after / before - 1) for before, after in itertools.pairwise(levels))
        return None
