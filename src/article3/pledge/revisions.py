"""What changed between releases: the same year then and now, split into GDP and spending or definition."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from article3.domain import Pledge, changeovers
from article3.errors import Fault, NotKnownError
from article3.evidence.addresses import EvidenceAddress, ResultAddress
from article3.evidence.findings import Cited, Finding, sentence, sources_in, worst_standing
from article3.evidence.releases import Vintage
from article3.evidence.store import Evidence
from article3.pledge.levels import reached, rounded
from article3.pledge.rules import Rules, ally_name, columns, evidence_measure, framed, release_for

ALONE: Final = 0.15
GDP_CHIEFLY: Final = 0.6
SPENDING_CHIEFLY: Final = 0.4
"""GDP is named alone where it explains the change to within 15 %; chiefly from 60 %; up to 40 % it is chiefly
spending or definition; in between it is both."""


def logarithmic_mean(first: float, second: float) -> float:
    """Return the logarithmic mean of two positive numbers.

    It makes the split of a difference by factors exact: ``b - a = L(a, b) * ln(b / a)``
    (Ang 2004, *Decomposition analysis for policymaking in energy*, Energy Policy 32).
    """
    return first if math.isclose(first, second) else (second - first) / math.log(second / first)


def then_now(
    then: Evidence, now: Evidence, pledge: Pledge, year: int | None = None, rules: Rules | None = None
) -> Finding:
    """Compare the count of one year as known on two dates, Ally by Ally, and say why it changed.

    Parameters
    ----------
    then, now
        The evidence as known on the earlier and on the later date.
    pledge
        The pledge whose level divides.
    year
        The year counted; by default the pledge's deadline.
    rules
        Settings of the ledger.

    Returns
    -------
    Finding
        Table ``then_now``: one row per Ally that either release reports; parts in percentage points of GDP.

    Raises
    ------
    NotKnownError
        One of the dates has no usable release for the year.
    """
    rules, year = rules or Rules(), year or pledge.deadline
    measure = evidence_measure(pledge)
    when = f"{then.day.isoformat()}..{now.day.isoformat()}"
    pair = [release_for(evidence, measure, year, rules) if measure else None for evidence in (then, now)]
    if pair[0] is None or pair[1] is None:
        missing = then.day.isoformat() if pair[0] is None else now.day.isoformat()
        raise NotKnownError(
            Fault(
                f"no release known on {missing} reports enough Allies for {year}",
                mend="Choose another year or date; 'article3 evidence list' shows what is held.",
            )
        )
    split = _Split(then, now, pledge, year, pair[0], pair[1])
    rows = split.rows()
    table = framed("then_now", rows)
    return Finding(
        "then_now",
        when,
        f"{pledge.title}: {year} as known then and now",
        table,
        columns()["then_now"],
        _sentence(table, pledge, when, pair[0], pair[1], now),
        worst_standing(table["standing"].unique().to_list()),
        sources=sources_in(split.figures(then, pair[0]), split.figures(now, pair[1])),
        warnings=split.warnings(),
        figure="then_now",
        part=pledge.id,
    )


@dataclass(frozen=True, slots=True)
class _Split:
    """One year in two releases, with the GDP figures that go with each."""

    then: Evidence
    now: Evidence
    pledge: Pledge
    year: int
    release_then: Vintage
    release_now: Vintage

    def figures(self, evidence: Evidence, release: Vintage) -> pl.DataFrame:
        return (
            evidence.table("nato")
            .filter(
                pl.col("measure") == evidence_measure(self.pledge),
                pl.col("vintage") == release.vintage,
                pl.col("period") == self.year,
                pl.col("ally").str.len_chars() == 3,
            )
            .with_columns(
                reached(pl.col("value"), pl.col("decimals"), self.pledge.level_pct, self.pledge.op).alias("met")
            )
        )

    def rows(self) -> list[dict[str, Any]]:
        before = {row["ally"]: row for row in self.figures(self.then, self.release_then).iter_rows(named=True)}
        after = {row["ally"]: row for row in self.figures(self.now, self.release_now).iter_rows(named=True)}
        return [self._row(code, before.get(code), after.get(code)) for code in sorted(before.keys() | after.keys())]

    def _row(self, code: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
        given = [row for row in (before, after) if row]
        out: dict[str, Any] = {
            "pledge": self.pledge.id,
            "year": self.year,
            "ally": code,
            "ally_name": ally_name(code),
            "level_pct": self.pledge.level_pct,
            "vintage_then": self.release_then.vintage,
            "vintage_now": self.release_now.vintage,
            "change": _change(before, after),
            "note": "; ".join(f"{row['vintage']}: {row['note']}" for row in given if row["note"]) or None,
            "standing": str(worst_standing(row["standing"] for row in given)),
        }
        if before:
            out |= {
                "value_then_pct": before["value"],
                "met_then": before["met"],
                "address_then": _address(before),
            }
        if after:
            out |= {"value_now_pct": after["value"], "met_now": after["met"], "address_now": _address(after)}
        if before and after and before["value"] > 0 and after["value"] > 0:
            out |= self._parts(code, before["value"], after["value"])
        return out

    def _parts(self, code: str, first: float, second: float) -> dict[str, Any]:
        total, mean = second - first, logarithmic_mean(first, second)
        out: dict[str, Any] = {"total_pp": total}
        rest = total
        gdp = self._gdp(code)
        if gdp:
            out |= gdp[1] | {"gdp_pp": -mean * math.log(gdp[0])}
            rest -= out["gdp_pp"]
        spending = self._spending(code)
        if spending:
            out |= spending[1] | {"spending_pp": mean * math.log(spending[0])}
            rest -= out["spending_pp"]
        out["unseparated_pp"] = rest
        out["cause"] = _cause(first, second, out.get("gdp_pp"))
        return out

    def _gdp(self, code: str) -> tuple[float, dict[str, Any]] | None:
        """Return GDP now over GDP then in one currency and one producer's concept, with addresses."""
        printed = self._pair("gdp_usd_constant", code)
        if printed:
            basis = f"NATO, {printed[0]['price_base']} prices"
            ratio = printed[1]["value"] / printed[0]["value"]
            return ratio, self._gdp_addresses("nato", printed[0], printed[1], basis)
        editions = [_edition(evidence, release) for evidence, release in self._sides()]
        found = [
            self._find(evidence, "weo", edition, "gdp_nc_current", code) if edition else None
            for (evidence, _), edition in zip(self._sides(), editions, strict=True)
        ]
        if not found[0] or not found[1]:
            return None
        rate = changeover_rate(code, found[0]["unit"], found[1]["unit"])
        if rate is None:
            return None
        basis = f"IMF WEO {editions[0]} and {editions[1]}" + (f", converted at {rate:g}" if rate != 1 else "")
        return found[1]["value"] / (found[0]["value"] / rate), self._gdp_addresses("weo", found[0], found[1], basis)

    def _gdp_addresses(self, dataset: str, first: dict[str, Any], second: dict[str, Any], basis: str) -> dict[str, Any]:
        return {
            "gdp_basis": basis,
            "gdp_then_address": _address(first, dataset),
            "gdp_now_address": _address(second, dataset),
        }

    def _spending(self, code: str) -> tuple[float, dict[str, Any]] | None:
        # With NATO's own GDP the share is exactly the ratio of the two constant-price tables.
        own_gdp = self._pair("gdp_usd_constant", code) is not None
        found = self._pair("defence_exp_usd_constant" if own_gdp else "defence_exp_nc_current", code)
        if found is None:
            return None
        return found[1]["value"] / found[0]["value"], {
            "spending_then_address": _address(found[0]),
            "spending_now_address": _address(found[1]),
        }

    def _pair(self, measure: str, code: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Return a figure of NATO's as both releases print it, if both do, in one unit and at one price base."""
        before, after = (self._find(e, "nato", r.vintage, measure, code) for e, r in self._sides())
        if before is None or after is None:
            return None
        same = all(before[name] == after[name] for name in ("unit", "price_base"))
        return (before, after) if same else None

    def _sides(self) -> tuple[tuple[Evidence, Vintage], tuple[Evidence, Vintage]]:
        return (self.then, self.release_then), (self.now, self.release_now)

    def _find(self, evidence: Evidence, dataset: str, vintage: str, measure: str, code: str) -> dict[str, Any] | None:
        rows = evidence.table(dataset).filter(
            pl.col("vintage") == vintage,
            pl.col("measure") == measure,
            pl.col("ally") == code,
            pl.col("period") == self.year,
        )
        row = rows.row(0, named=True) if rows.height else None
        return row if row and row["value"] > 0 else None

    def warnings(self) -> tuple[str, ...]:
        found = []
        if self.release_then.definition != self.release_now.definition:
            titles = [self.now.definitions[r.definition].title for r in (self.release_then, self.release_now)]
            found.append(
                f"The two releases stand on different definitions ({titles[0]}; {titles[1]}): what is not GDP cannot "
                "be split into spending and definition unless both releases print the money."
            )
        return tuple(found)


def _edition(evidence: Evidence, release: Vintage) -> str | None:
    """Return the WEO edition of the same months: the latest published by the day the release is known."""
    names = [v.vintage for v in evidence.vintages if v.dataset == "weo" and v.known_from <= release.known_from]
    return names[-1] if names else None


def changeover_rate(code: str, unit_then: str, unit_now: str) -> float | None:
    """Return units of the old currency per unit of the new one; 1 where it did not change, null if unknown."""
    if unit_then == unit_now:
        return 1.0
    for change in changeovers():
        if change.ally == code and unit_then.endswith(change.from_currency) and unit_now.endswith(change.to_currency):
            return change.rate
    return None


def _address(row: dict[str, Any], dataset: str = "nato") -> str:
    return str(EvidenceAddress(dataset, row["vintage"], row["measure"], row["ally"], row["period"]))


def _change(before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    if before is None or after is None:
        return "reported only now" if before is None else "reported only then"
    if before["met"] is None or after["met"] is None:
        return "undecidable"
    names = {(False, True): "entered", (True, False): "left", (True, True): "stayed above"}
    return names.get((before["met"], after["met"]), "stayed below")


def _cause(first: float, second: float, gdp_pp: float | None) -> str:
    if abs(rounded(second) - rounded(first)) < 0.01 + 1e-9:
        return "within 0.01"
    if gdp_pp is None:
        return "not known: GDP of one of the releases is not held"
    part = gdp_pp / (second - first)
    if abs(part - 1) <= ALONE:
        return "GDP alone"
    if part > 1:
        return "GDP, partly offset by spending or definition"
    if part >= GDP_CHIEFLY:
        return "chiefly GDP"
    return "chiefly spending or definition" if part <= SPENDING_CHIEFLY else "GDP and spending or definition"


def _sentence(table: pl.DataFrame, pledge: Pledge, when: str, then: Vintage, now: Vintage, evidence: Evidence) -> Any:
    then_day, now_day = when.split("..")
    year = table["year"][0]

    def cite(day: str, column: str, number: int) -> Cited:
        return Cited(str(number), str(ResultAddress("count", day, column, (pledge.id, str(year)))))

    numbers = {
        side: (
            table.filter(pl.col(f"met_{side}")).height,
            table[f"value_{side}_pct"].drop_nulls().len(),
        )
        for side in ("then", "now")
    }
    parts: list[str | Cited] = [
        f"In the release of {then.label}, ",
        cite(then_day, "met", numbers["then"][0]),
        " of ",
        cite(then_day, "reported", numbers["then"][1]),
        f" Allies stood at {pledge.level_pct:g} % for {year}; in that of {now.label}, ",
        cite(now_day, "met", numbers["now"][0]),
        " of ",
        cite(now_day, "reported", numbers["now"][1]),
        ". ",
    ]
    for change, verb in (("left", "Out of the count"), ("entered", "Into the count")):
        rows = table.filter(pl.col("change") == change)
        if rows.height:
            causes = [
                f"{group['ally_name'].str.join(', ').item()} ({cause[0]})"
                for cause, group in rows.sort("cause", "ally").group_by("cause", maintain_order=True)
            ]
            parts.append(f"{verb}: {'; '.join(causes)}. ")
    if then.definition != now.definition:
        parts.append(f"The later release is on another definition ({evidence.definitions[now.definition].title}).")
    return sentence(*parts[:-1], str(parts[-1]).rstrip())


def revisions(evidence: Evidence, measure: str = "defence_pct_gdp", from_year: int = 2012) -> Finding:
    """List what each release said of the same Ally and year.

    Returns
    -------
    Finding
        Table ``revision``: one row per Ally, year and release, in order of release.
    """
    order = {v.vintage: position for position, v in enumerate(evidence.vintages) if v.dataset == "nato"}
    definitions = {v.vintage: v.definition for v in evidence.vintages if v.dataset == "nato"}
    source = evidence.table("nato").filter(
        pl.col("measure") == measure, pl.col("period") >= from_year, pl.col("ally").str.len_chars() == 3
    )
    rows = (
        source.with_columns(
            pl.col("vintage").replace_strict(order, return_dtype=pl.Int32).alias("_order"),
            pl.col("vintage").replace_strict(definitions, return_dtype=pl.String).alias("definition"),
            pl.format("nato/{}/{}#{}/{}", "vintage", "measure", "ally", "period").alias("address"),
            pl.col("period").alias("year"),
            pl.col("value").alias("value_pct"),
        )
        .sort("ally", "period", "_order")
        .with_columns(
            (pl.col("value") - pl.col("value").shift(1).over("ally", "period")).alias("change_pp"),
            (pl.col("value") - pl.col("value").first().over("ally", "period")).alias("change_from_first_pp"),
            pl.col("address").shift(1).over("ally", "period").alias("previous_address"),
            pl.col("address").first().over("ally", "period").alias("first_address"),
        )
    )
    table = rows.select([column.column for column in columns()["revision"]])
    moved = table.filter(pl.col("change_pp").abs() >= 0.1)
    return Finding(
        "revision",
        evidence.day.isoformat(),
        "The same year in one release after another",
        table,
        columns()["revision"],
        sentence(
            f"{moved.height} of {table['change_pp'].drop_nulls().len()} revisions moved a figure by 0.1 points or more."
        ),
        worst_standing(table["standing"].unique().to_list()),
        sources=sources_in(source),
    )
