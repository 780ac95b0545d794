"""The pledge ledger: who keeps a pledge, as known on a date."""

from __future__ import annotations

from typing import Any

import polars as pl

from article3.domain import Pledge, ally
from article3.evidence.addresses import EvidenceAddress, ResultAddress
from article3.evidence.findings import Cited, Finding, sentence, worst_standing
from article3.evidence.store import Evidence
from article3.pledge.decline import decline_rows
from article3.pledge.levels import interval_text, reached
from article3.pledge.rules import Rules, ally_name, columns, evidence_measure, framed, judged_year

EQUIPMENT = "equipment_share_pct"


def status(
    evidence: Evidence, pledge: Pledge, rules: Rules | None = None, years: tuple[int, ...] | None = None
) -> Finding:
    """Judge each Ally against a pledge.

    Parameters
    ----------
    evidence
        Evidence as known on the date of interest.
    pledge
        The pledge.
    rules
        Settings of the ledger.
    years
        Years to judge; by default the deadline, or the latest year with a usable release before it.

    Returns
    -------
    Finding
        Table ``pledge``: one row per Ally bound by the pledge and year; shares in per cent of GDP.
    """
    rules = rules or Rules()
    years = years or (judged_year(evidence, pledge, rules),)
    book = _Book(evidence, pledge)
    rows = [book.row(code, year) for year in years for code in pledge.parties(evidence.as_of)]
    table = framed("pledge", rows)
    when = evidence.day.isoformat()
    return Finding(
        "pledge",
        when,
        f"{pledge.title}: who keeps it",
        table,
        columns()["pledge"],
        _status_sentence(table, pledge, when),
        worst_standing(table["standing"].drop_nulls().unique().to_list()),
        sources=book.sources(table),
        warnings=_warnings(table, evidence),
        part=pledge.id,
    )


class _Book:
    """The figures one pledge is judged on, looked up once."""

    def __init__(self, evidence: Evidence, pledge: Pledge) -> None:
        self.evidence, self.pledge = evidence, pledge
        measure = evidence_measure(pledge)
        self.measure = measure
        self.newest: dict[tuple[str, int], dict[str, Any]] = {}
        self.exact: dict[tuple[str, int, str], dict[str, Any]] = {}
        if measure:
            met = reached(pl.col("value"), pl.col("decimals"), pledge.level_pct, pledge.op).alias("met")
            for row in evidence.newest(measure).with_columns(met).iter_rows(named=True):
                self.newest[row["ally"], row["period"]] = row
            rows = evidence.table("nato").filter(pl.col("measure") == measure)
            for row in rows.with_columns(met).iter_rows(named=True):
                self.exact[row["ally"], row["period"], row["vintage"]] = row
        self.equipment = {row["ally"]: row for row in evidence.newest(EQUIPMENT).sort("period").iter_rows(named=True)}
        self.decline = {row["ally"]: row for row in decline_rows(evidence, pledge)}
        self.definitions = {v.vintage: v.definition for v in evidence.vintages if v.dataset == "nato"}

    def address(self, row: dict[str, Any]) -> str:
        return str(EvidenceAddress("nato", row["vintage"], row["measure"], row["ally"], row["period"]))

    def row(self, code: str, year: int) -> dict[str, Any]:
        pledge, found = self.pledge, self.newest.get((code, year))
        out: dict[str, Any] = {
            "pledge": pledge.id,
            "ally": code,
            "year": year,
            "ally_name": ally_name(code),
            "measure": pledge.measure,
            "level_pct": pledge.level_pct,
            "deadline": pledge.deadline,
            "base_year": pledge.base_year,
            "exception": "declared otherwise" if code in pledge.exceptions else None,
            "reason": self._reason(code, year, found),
        }
        equipment, decline = self.equipment.get(code), self.decline.get(code)
        if equipment:
            out |= {
                "equipment_share_pct": equipment["value"],
                "equipment_year": equipment["period"],
                "equipment_address": self.address(equipment),
            }
        if decline and "halted" in decline:
            out |= {
                "decline_halted": decline["halted"],
                "decline_base_address": decline["base_address"],
                "decline_latest_address": decline["latest_address"],
            }
        if found is None:
            return out
        definition = self.definitions[found["vintage"]]
        out |= {
            "value_pct": found["value"],
            "met": found["met"],
            "vintage": found["vintage"],
            "status": found["status"],
            "standing": found["standing"],
            "definition": definition,
            "note": found["note"] or None,
            "definition_differs": definition != pledge.definition,
            "address": self.address(found),
        }
        return out | self._first_met(code) | self._pace(code, year, found)

    def _first_met(self, code: str) -> dict[str, Any]:
        met = sorted(
            period
            for (who, period), row in self.newest.items()
            if who == code and period >= self.pledge.base_year and row["met"]
        )
        if not met:
            return {}
        return {"year_first_met": met[0], "first_met_address": self.address(self.newest[code, met[0]])}

    def _pace(self, code: str, year: int, found: dict[str, Any]) -> dict[str, Any]:
        pledge, out = self.pledge, dict[str, Any]()
        if pledge.applies != "by_deadline":
            return out  # a yearly aim has no path towards a deadline
        if year < pledge.deadline:
            gap = 0.0 if found["met"] else max(0.0, pledge.level_pct - found["value"])
            out["step_pct"] = gap / (pledge.deadline - year)
        base = self.exact.get((code, pledge.base_year, found["vintage"])) or self.newest.get((code, pledge.base_year))
        if base is None:
            return out
        gap = 0.0 if base["met"] else max(0.0, pledge.level_pct - base["value"])
        out |= {"base_value_pct": base["value"], "base_address": self.address(base)}
        if pledge.deadline > pledge.base_year:
            out["pace_needed_pct"] = gap / (pledge.deadline - pledge.base_year)
        if year > pledge.base_year:
            out["pace_realised_pct"] = (found["value"] - base["value"]) / (year - pledge.base_year)
        return out

    def _reason(self, code: str, year: int, found: dict[str, Any] | None) -> str | None:
        if self.measure is None:
            return "not known, nobody publishes figures for this part of the pledge"
        if not ally(code).has_forces:
            return "no armed forces, no figure"
        if found is None:
            known = [period for who, period in self.newest if who == code]
            span = f" (held: {min(known)} to {max(known)})" if known else ""
            return f"not known, no release held by then reports {year}{span}"
        if found["met"] is None:
            return f"undecidable: printed {found['value']:.{found['decimals']}f}, which may be " + interval_text(
                found["value"], found["decimals"]
            )
        return None

    def sources(self, table: pl.DataFrame) -> tuple[str, ...]:
        used = {address for name in table.columns if name.endswith("address") for address in table[name].drop_nulls()}
        sources = {
            row["source_id"] for row in [*self.newest.values(), *self.exact.values()] if self.address(row) in used
        }
        sources |= {row["source_id"] for row in self.equipment.values()}
        return tuple(sorted(sources | {self.pledge.source_id}))


def _status_sentence(table: pl.DataFrame, pledge: Pledge, when: str) -> Any:
    level = f"{pledge.level_pct:g} %"
    known = table.filter(pl.col("value_pct").is_not_null()).sort("value_pct")
    if known.height == 0:
        reason = table["reason"].drop_nulls().mode().sort().to_list()
        return sentence(f"{pledge.title}: {reason[0] if reason else 'no figures'}.")
    low, high = known.row(0, named=True), known.row(-1, named=True)

    def cite(row: dict[str, Any]) -> Cited:
        keys = (row["pledge"], row["ally"], str(row["year"]))
        return Cited(f"{row['value_pct']:.2f}", str(ResultAddress("pledge", when, "value_pct", keys)))

    year = high["year"]
    if known.height == 1:
        word = {True: "at or above", False: "below", None: "undecidable against"}[high["met"]]
        parts = (
            f"{high['ally_name']}: ",
            cite(high),
            f" for {year} ({high['status']}), {word} the level of {level}.",
        )
        return sentence(*parts)
    text = f"Newest figure of each Ally known on {when}, held against {level} for {year}: from "
    tail = "."
    if known["vintage"].n_unique() == 1:
        # Of several releases a number at the level would be a count that nobody published: table count has one.
        tail = f"; {known.filter(pl.col('met')).height} at the level."
    return sentence(text, cite(low), f" ({low['ally_name']}) to ", cite(high), f" ({high['ally_name']})", tail)


def _warnings(table: pl.DataFrame, evidence: Evidence) -> tuple[str, ...]:
    found = []
    vintages = table["vintage"].drop_nulls().unique().to_list()
    if len(vintages) > 1:
        found.append(
            f"Figures of single Allies come from {len(vintages)} releases; a count uses one release (table count)."
        )
    if table["definition_differs"].any():
        names = sorted(set(table.filter(pl.col("definition_differs"))["definition"].to_list()))
        titles = "; ".join(evidence.definitions[name].title for name in names)
        found.append(f"On another definition than the pledge: {titles}.")
    return tuple(found)
