"""What a step towards a level means for public finances, and whether a share rose by spending or by a fall of GDP."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from article3.domain import Pledge, ally, reporting_members
from article3.errors import Fault, InputError, NotKnownError, UnknownNameError
from article3.evidence.addresses import EvidenceAddress
from article3.evidence.findings import Check, Cited, Finding, Sentence, sentence, worst_standing
from article3.evidence.releases import Vintage
from article3.evidence.store import Evidence
from article3.pledge.levels import reached
from article3.pledge.revisions import logarithmic_mean
from article3.pledge.rules import Rules, ally_name, columns, evidence_measure, framed, judged_year, release_for

SHARE, SPENDING, GDP = "defence_pct_gdp", "defence_exp_usd_constant", "gdp_usd_constant"
TERMS: Final = {
    "gap_revenue": ("gap_revenue_pct", 1, "gap to revenue"),
    "debt": ("debt_pct", 1, "debt"),
    "net_lending": ("net_lending_pct", -1, "net lending"),
    "effort": ("effort_ratio", 1, "effort"),
}
"""Terms of the rank: the column, whether more (1) or less (-1) is harder, and the name for people."""
EFFORT_YEARS: Final = 5
FOCUS: Final = ("ESP", "ITA", "BEL")
"""Allies often called those for whom it is hardest: the sentence says where they stand."""
REBOUND_FROM: Final = (2009, 2010, 2020)
"""Troughs of the financial crisis and the pandemic: an improvement from there is largely the slump passing."""
HIGH_INFLATION_PCT: Final = 10.0
GDP_APART: Final = 0.1
"""Warn where NATO's GDP and the IMF's differ by more: for Luxembourg NATO prints national income."""
TOLD: Final = (
    " is number {rank:0} of {ranked:0} (gap {gap_revenue_pct:1} % of revenue, debt {debt_pct:0} %, net lending "
    "{net_lending_pct:1} %, step {effort_ratio:2} of the best past effort)."
)
"""What the sentence tells of an Ally: columns with their decimals."""
STILL: Final = 0.005
"""A share that moved by less, in points, is called unchanged."""

_Row = dict[str, Any]


def strain(
    evidence: Evidence, pledge: Pledge, weights: Mapping[str, float] | None = None, rules: Rules | None = None
) -> Finding:
    """Hold the step that a pledge still asks for against each Ally's public finances.

    Parameters
    ----------
    evidence
        Evidence as known on the date of interest: one release of NATO's, the newest edition of the IMF's WEO.
    pledge
        A pledge of a share of GDP by a deadline, such as ``hague_2025``.
    weights
        Weights of the terms of the rank by name (:data:`TERMS`); a term not named weighs nothing. Equal by default.
    rules
        Settings of the ledger: which release is counted.

    Returns
    -------
    Finding
        Table ``strain``: one row per Ally with forces bound by the pledge; rank 1 is hardest. An Ally at the level is
        shown and not ranked.

    Raises
    ------
    InputError
        The pledge is no share of GDP, its deadline has passed, or a weight is wrong.
    NotKnownError
        The pledge was not yet agreed, or no release or WEO edition was known.
    """
    rules, day = rules or Rules(), evidence.day.isoformat()
    weighed = _weights(weights)
    year, release, edition = _basis(evidence, pledge, rules)
    book = _Book(evidence, pledge, year, release, edition)
    rows = [book.row(code) for code in pledge.parties(evidence.day)]
    _rank(rows, weighed)
    table = framed("strain", rows)
    return Finding(
        "strain",
        day,
        f"{pledge.title}: the step against public finances",
        table,
        columns()["strain"],
        _sentence(table, pledge, day, cited=weighed == _weights(None)),
        worst_standing(book.standings),
        sources=tuple(sorted(book.sources | {pledge.source_id})),
        checks=(_check(table),),
        warnings=(*_row_warnings(table, book), *_gdp_warning(evidence, table["ally"].to_list())),
        figure="strain",
        part=pledge.id,
    )


def _weights(weights: Mapping[str, float] | None) -> dict[str, float]:
    """Return the weight of every term, checked."""
    given = dict.fromkeys(TERMS, 1.0) if weights is None else dict(weights)
    for name, weight in given.items():
        if name not in TERMS:
            raise UnknownNameError("term of the rank", name, tuple(TERMS))
        if not math.isfinite(weight) or weight < 0:
            raise InputError(Fault(f"the weight of {name} cannot be used", found=f"{weight}", expected="0 or more"))
    if not sum(given.values()):
        raise InputError(Fault("all weights are zero", mend=f"Give one of {', '.join(TERMS)} a weight."))
    return {name: float(given.get(name, 0.0)) for name in TERMS}


def _basis(evidence: Evidence, pledge: Pledge, rules: Rules) -> tuple[int, Vintage, str]:
    """Return the year judged, the release it is counted in, and the WEO edition known by then."""
    if evidence_measure(pledge) != SHARE or pledge.op != ">=":
        raise InputError(Fault(f"'{pledge.id}' is not a pledge of a share of GDP for which figures are published"))
    if pledge.agreed > evidence.day:
        raise NotKnownError(Fault(f"'{pledge.id}' was agreed on {pledge.agreed}, after {evidence.day}"))
    year = judged_year(evidence, pledge, rules)
    if year >= pledge.deadline:
        what = f"the deadline of '{pledge.id}' has passed: no step is left after {pledge.deadline}"
        raise InputError(Fault(what, mend="Choose an earlier date or another pledge."))
    release = release_for(evidence, SHARE, year, rules)
    editions = [item.vintage for item in evidence.vintages if item.dataset == "weo"]
    if release is None or not editions:
        missing = "no edition of the WEO" if release else f"no release that reports enough Allies for {year}"
        raise NotKnownError(Fault(f"{missing} was known on {evidence.day}"))
    return year, release, editions[-1]


class _Book:
    """The figures of all Allies, read once: shares of every release, public finances of one WEO edition."""

    def __init__(self, evidence: Evidence, pledge: Pledge, year: int, release: Vintage, edition: str) -> None:
        self.pledge, self.year, self.release, self.edition = pledge, year, release, edition
        self.left = pledge.deadline - year
        self.standings: set[str] = set()
        self.sources: set[str] = set()
        met = reached(pl.col("value"), pl.col("decimals"), pledge.level_pct, pledge.op).alias("met")
        self.shares: dict[tuple[str, str], dict[int, _Row]] = {}
        nato = evidence.table("nato").filter(pl.col("measure") == SHARE, pl.col("value") > 0).with_columns(met)
        for row in nato.iter_rows(named=True):
            self.shares.setdefault((row["vintage"], row["ally"]), {})[row["period"]] = row
        self.newest_first = [item.vintage for item in reversed(evidence.vintages) if item.dataset == "nato"]
        weo = evidence.table("weo").filter(pl.col("vintage") == edition)
        self.weo = {(row["measure"], row["ally"], row["period"]): row for row in weo.iter_rows(named=True)}

    def row(self, code: str) -> _Row:
        """Return the row of one Ally, without the ranks."""
        out: _Row = {
            "pledge": self.pledge.id,
            "ally": code,
            "ally_name": ally_name(code),
            "level_pct": self.pledge.level_pct,
            "year": self.year,
            "deadline": self.pledge.deadline,
            "vintage": self.release.vintage,
            "edition": self.edition,
            "exception": "declared otherwise" if code in self.pledge.exceptions else None,
        }
        share = self.shares.get((self.release.vintage, code), {}).get(self.year)
        out |= self._fiscal(code) | self._best_effort(code) | self._best_rise(code)
        if share is None:
            return out | {"reason": f"not known: the release counted does not report {self.year}"}
        gap = 0.0 if share["met"] else max(0.0, self.pledge.level_pct - share["value"])
        out |= {"value_pct": share["value"], "gap_pp": gap, "step_pp": gap / self.left, "address": _address(share)}
        out["standing"] = str(worst_standing([self._used(share)["standing"], *out.pop("standings")]))
        out |= self._held_against(out)
        if gap == 0:
            out["reason"] = "at the level: no step is left"
        elif any(out.get(column) is None for column, _, _ in TERMS.values()):
            out["reason"] = "not known: the WEO edition lacks a term, or holds no past effort"
        return out

    def _held_against(self, row: _Row) -> _Row:
        """Return the gap and the step as shares of what they would have to come from."""
        out: _Row = {}
        revenue, best, rise = row.get("revenue_pct"), row.get("best_effort_pp"), row.get("share_rise_pp")
        if revenue:
            out["gap_revenue_pct"] = 100 * row["gap_pp"] / revenue
        if row.get("primary_spending_pct"):
            out["other_primary_pct"] = row["primary_spending_pct"] - row["value_pct"]
            out["gap_other_pct"] = 100 * row["gap_pp"] / out["other_primary_pct"]
        if best and best > 0:
            out["effort_ratio"] = row["step_pp"] / best
        if rise and rise > 0:
            out["rise_ratio"] = row["gap_pp"] / rise
        return out

    def _fiscal(self, code: str) -> _Row:
        """Return public finances of the year judged, per cent of GDP."""
        names = ("gross_debt", "net_lending", "primary_balance", "revenue", "expenditure")
        given = {name: self.weo.get((f"gov_{name}_pct_gdp", code, self.year)) for name in names}
        found = {name: float(self._used(row)["value"]) for name, row in given.items() if row}
        out: _Row = {
            "debt_pct": found.get("gross_debt"),
            "net_lending_pct": found.get("net_lending"),
            "primary_balance_pct": found.get("primary_balance"),
            "revenue_pct": found.get("revenue"),
            "standings": [row["standing"] for row in given.values() if row],
        }
        if "net_lending" in found and "primary_balance" in found:
            # WEO's primary balance leaves out net interest, so that the difference is net interest.
            out["interest_pct"] = found["primary_balance"] - found["net_lending"]
            if "expenditure" in found:
                out["primary_spending_pct"] = found["expenditure"] - out["interest_pct"]
        return out

    def _best_effort(self, code: str) -> _Row:
        """Return the largest rise of the primary balance over five years that are no forecasts, a year."""
        measure = "gov_primary_balance_pct_gdp"
        own = ((key[2], row) for key, row in self.weo.items() if key[:2] == (measure, code))
        years = {year: row for year, row in own if row["status"] == "actual"}
        return _largest_rise(years, EFFORT_YEARS, "effort", "best_effort_pp", EFFORT_YEARS, "weo")

    def _best_rise(self, code: str) -> _Row:
        """Return the largest rise of the share over as many years as are left, in the newest release spanning them."""
        for vintage in self.newest_first:
            found = _largest_rise(self.shares.get((vintage, code), {}), self.left, "rise", "share_rise_pp", 1, "nato")
            if found:
                return found
        return {}

    def _used(self, row: _Row) -> _Row:
        self.standings.add(row["standing"])
        self.sources.add(row["source_id"])
        return row


def _largest_rise(years: Mapping[int, _Row], span: int, name: str, column: str, per: int, dataset: str) -> _Row:
    pairs = [(row["value"] - years[year - span]["value"], year) for year, row in years.items() if year - span in years]
    if not pairs:
        return {}
    rise, year = max(pairs)
    return {
        column: rise / per,
        f"{name}_from_address": _address(years[year - span], dataset),
        f"{name}_to_address": _address(years[year], dataset),
    }


def _address(row: _Row, dataset: str = "nato") -> str:
    return str(EvidenceAddress(dataset, row["vintage"], row["measure"], row["ally"], row["period"]))


def mean_ranks(values: Mapping[str, float]) -> dict[str, float]:
    """Return the rank of each value, 1 for the largest; equal values share the mean of their ranks."""
    order = sorted(values.values(), reverse=True)
    return {key: order.index(value) + (order.count(value) + 1) / 2 for key, value in values.items()}


def _rank(rows: list[_Row], weights: Mapping[str, float]) -> None:
    """Add ranks to the rows that have no reason against it."""
    ranked = {row["ally"]: row for row in rows if row.get("reason") is None}
    ranks = {
        name: mean_ranks({code: sign * row[column] for code, row in ranked.items()})
        for name, (column, sign, _) in TERMS.items()
    }
    used = [name for name in TERMS if weights[name] > 0]
    places = _places(ranks, weights)
    spared = [_places(ranks, {**weights, name: 0.0}) for name in used] if len(used) > 1 else [places]
    for code, row in ranked.items():
        hardest = min(ranks[name][code] for name in used)
        row |= {f"rank_{name}": ranks[name][code] for name in TERMS}
        row |= {
            "mean_rank": _mean(ranks, weights, code),
            "rank": places[code],
            "ranked": len(ranked),
            "rank_easiest": max(item[code] for item in spared),
            "rank_hardest": min(item[code] for item in spared),
            "binding": ", ".join(TERMS[name][2] for name in used if ranks[name][code] == hardest),
        }


def _mean(ranks: Mapping[str, Mapping[str, float]], weights: Mapping[str, float], code: str) -> float:
    return math.fsum(weights[name] * ranks[name][code] for name in TERMS) / math.fsum(weights.values())


def _places(ranks: Mapping[str, Mapping[str, float]], weights: Mapping[str, float]) -> dict[str, float]:
    means = {code: round(_mean(ranks, weights, code), 9) for code in ranks["debt"]}
    return {code: 1.0 + sum(other < mean for other in means.values()) for code, mean in means.items()}


def _sentence(table: pl.DataFrame, pledge: Pledge, day: str, *, cited: bool) -> Sentence:
    ranked = table.filter(pl.col("rank").is_not_null()).sort("rank", "ally")
    lead = f"{pledge.level_pct:g} % by {pledge.deadline}"
    if ranked.height == 0:
        return sentence(f"{lead}: no Ally can be ranked.")

    def cite(row: _Row, column: str, text: str) -> str | Cited:
        # With weights of the user's own the cell of that address, computed anew, would be another number.
        return Cited(text, f"strain@{day}/{column}#{pledge.id}/{row['ally']}") if cited else text

    if ranked.height < 3:  # a pledge of one Ally has no third
        codes, parts = ranked["ally"].to_list(), list[str | Cited]([f"{lead}, by public finances."])
    else:
        third = ranked.filter(pl.col("rank") * 3 <= ranked.height)["ally_name"].to_list()
        count = f"the top third of {ranked.height} Allies with a step left"
        parts = [f"Hardest for public finances ({lead}), {count}: {', '.join(third) or 'none'}."]
        codes = [code for code in FOCUS if code in table["ally"]]
    for code in codes:
        row = table.filter(pl.col("ally") == code).row(0, named=True)
        if row["rank"] is None:
            parts.append(f" {ally_name(code)}: {row['reason']}.")
            continue
        told = re.split(r"\{(\w+):(\d)\}", TOLD)
        parts += [f" {row['ally_name']}", told[0]]
        for column, places, after in zip(told[1::3], told[2::3], told[3::3], strict=True):
            parts += [cite(row, column, f"{row[column]:.{places}f}"), after]
    return sentence(*parts)


def _check(table: pl.DataFrame) -> Check:
    ranked = table.filter(pl.col("rank").is_not_null())
    total = ranked.height * (ranked.height + 1) / 2
    off = max((abs(sum(ranked[f"rank_{name}"].to_list()) - total) for name in TERMS), default=0.0)
    return Check("ranks", off < 1e-6, "The ranks of each term sum to n (n + 1) / 2.")


def _row_warnings(table: pl.DataFrame, book: _Book) -> tuple[str, ...]:
    found = [f"Balances of {book.year} are the IMF's ({book.edition}) and may already hold part of the step."]
    starts = pl.col("effort_from_address").str.split("/").list.last().cast(pl.Int32, strict=False)
    rebound = table.filter(pl.col("rank").is_not_null(), starts.is_in(REBOUND_FROM))["ally_name"].to_list()
    if rebound:
        years = ", ".join(map(str, REBOUND_FROM))
        found.append(
            f"The best past effort starts in a slump ({years}) and is partly its passing: {', '.join(rebound)}."
        )
    prices = {code: book.weo.get(("inflation_cpi_avg_pct", code, book.year)) for code in table["ally"]}
    high = [ally_name(code) for code, row in prices.items() if row and row["value"] > HIGH_INFLATION_PCT]
    if high:
        lead = f"Prices rise by more than {HIGH_INFLATION_PCT:g} % in {book.year}; balances and debt say less"
        found.append(f"{lead}: {', '.join(high)}.")
    others = table.filter(pl.col("exception").is_not_null())["ally_name"].to_list()
    if others:
        found.append(f"Declared otherwise when the pledge was agreed: {', '.join(others)}.")
    unknown = table.filter(pl.col("reason").str.starts_with("not known"))["ally_name"].to_list()
    return (*found, f"Not ranked for want of figures: {', '.join(unknown)}.") if unknown else tuple(found)


def _gdp_warning(evidence: Evidence, codes: list[str]) -> tuple[str, ...]:
    """Name Allies whose GDP as NATO prints it is not the IMF's: their shares of GDP do not add up with the IMF's."""
    printed = evidence.table("nato").filter(pl.col("measure") == "gdp_usd_current", pl.col("ally").is_in(codes))
    names = set(printed["vintage"])
    release = next((v for v in reversed(evidence.vintages) if v.dataset == "nato" and v.vintage in names), None)
    editions = [v for v in evidence.vintages if v.dataset == "weo" and release and v.known_from <= release.known_from]
    if release is None or not editions:
        return ()
    other = evidence.table("weo").filter(vintage=editions[-1].vintage, measure="gdp_usd_current")
    both = printed.filter(pl.col("vintage") == release.vintage).join(other, on=["ally", "period"], suffix="_weo")
    newest = both.sort("period").group_by("ally", maintain_order=True).last().sort("ally")
    ratios = newest.select("ally", "period", pl.col("value") / (1000 * pl.col("value_weo")))
    return tuple(
        f"{ally_name(code)}: GDP as NATO prints it is {100 * ratio:.0f} % of the IMF's ({year}): what joins the two "
        "(gap to revenue, to other spending, effort) is out by as much."
        for code, year, ratio in ratios.iter_rows()
        if abs(ratio - 1) > GDP_APART
    )


def share_split(evidence: Evidence, code: str | None, year_a: int, year_b: int, release: str) -> Finding:
    """Split the change of the share of GDP between two years into spending and GDP.

    Parameters
    ----------
    evidence, code
        Evidence as known on the date of interest; the Ally, or ``None`` for all that the release reports.
    year_a, year_b, release
        First and last year; vintage of NATO's that prints share, and expenditure and GDP at constant prices.

    Returns
    -------
    Finding
        Table ``share_split``, in percentage points of GDP: spending + GDP + rounding = change. Exact by the
        logarithmic mean (see ``revisions``). Parts are null, with the reason, where a table is not printed.

    Raises
    ------
    InputError
        The years are not in order, or the Ally has no forces.
    UnknownNameError
        There is no such Ally or visible release.
    NotKnownError
        The release does not print the share of both years for anyone asked for.
    """
    if year_a >= year_b:
        raise InputError(Fault("a change runs from an earlier to a later year", found=f"{year_a} to {year_b}"))
    who = ally(code) if code else None
    if who and not who.has_forces:
        raise InputError(Fault(f"{who.name} has no armed forces: it reports no share to split"))
    vintage = evidence.find_vintage("nato", release)
    wanted = evidence.table("nato").filter(
        pl.col("vintage") == release,
        pl.col("measure").is_in([SHARE, SPENDING, GDP]),
        pl.col("period").is_in([year_a, year_b]),
        pl.col("ally").is_in([who.code] if who else [item.code for item in reporting_members(evidence.day)]),
        pl.col("value") > 0,
    )
    figures = {(row["ally"], row["measure"], row["period"]): row for row in wanted.iter_rows(named=True)}
    codes = sorted({ally for ally, _, _ in figures if all((ally, SHARE, y) in figures for y in (year_a, year_b))})
    if not codes:
        what = f"the release of {vintage.label} does not print the share of {year_a} and {year_b}"
        raise NotKnownError(Fault(what, where=code or ""))
    rows = [_split_row(figures, item, year_a, year_b) | {"vintage": release} for item in codes]
    table, day = framed("share_split", rows), evidence.day.isoformat()
    return Finding(
        "share_split",
        day,
        f"The share of GDP from {year_a} to {year_b}: spending or GDP?",
        table,
        columns()["share_split"],
        _split_sentence(table, vintage, year_a, year_b, day),
        worst_standing(wanted["standing"].unique().to_list()),
        sources=tuple(sorted(wanted["source_id"].unique())),
        figure="share_split",
        part=f"{release}.{year_a}.{year_b}",
    )


def health_crisis(evidence: Evidence) -> Finding:
    """Split the rise of shares from 2019 to 2020 in the newest release that prints what it needs.

    Raises
    ------
    NotKnownError
        No release known by then prints share, expenditure and GDP of 2020.
    """
    of_2020 = evidence.table("nato").filter(period=2020)
    for item in reversed(evidence.vintages):
        printed = of_2020.filter(vintage=item.vintage)["measure"]
        if item.dataset == "nato" and {SHARE, SPENDING, GDP} <= set(printed):
            return share_split(evidence, None, 2019, 2020, item.vintage)
    raise NotKnownError(Fault(f"no release known on {evidence.day} prints share, expenditure and GDP of 2020"))


def _split_row(figures: Mapping[tuple[str, str, int], _Row], code: str, year_a: int, year_b: int) -> _Row:
    pairs = {name: [figures.get((code, name, year)) for year in (year_a, year_b)] for name in (SHARE, SPENDING, GDP)}
    given = {name: [row for row in pair if row] for name, pair in pairs.items()}
    first, last = (float(row["value"]) for row in given[SHARE])
    out: _Row = {
        "ally": code,
        "ally_name": ally_name(code),
        "base_year": year_a,
        "year": year_b,
        "base_value_pct": first,
        "value_pct": last,
        "total_pp": last - first,
        "standing": str(worst_standing(row["standing"] for pair in given.values() for row in pair)),
    }
    for name in (SPENDING, GDP):
        if len(given[name]) < 2 or given[name][0]["price_base"] != given[name][1]["price_base"]:
            return out | {"reason": f"not known: the release does not print {name} for both years"}
    mean = logarithmic_mean(first, last)
    spent, real = (given[name][1]["value"] / given[name][0]["value"] for name in (SPENDING, GDP))
    spending, gdp = mean * math.log(spent), -mean * math.log(real)
    return out | {
        "spending_pp": spending,
        "gdp_pp": gdp,
        "rest_pp": (last - first) - math.fsum((spending, gdp)),
        "spending_change_pct": 100 * (spent - 1),
        "gdp_change_pct": 100 * (real - 1),
        "reading": _reading(last - first, spending, gdp),
    }


def _reading(total: float, spending: float, gdp: float) -> str:
    if abs(total) < STILL:
        return "unchanged"
    word, with_sign = ("up", 1) if total > 0 else ("down", -1)
    if spending * with_sign <= 0:
        return f"{word} though spending {'fell' if with_sign > 0 else 'rose'}"
    if gdp * with_sign <= 0:
        return f"{word} by spending alone"
    return f"{word} by both, chiefly {'GDP' if abs(gdp) > abs(spending) else 'spending'}"


def _split_sentence(table: pl.DataFrame, release: Vintage, year_a: int, year_b: int, day: str) -> Sentence:
    known, lead = table.filter(pl.col("reading").is_not_null()), f"{year_a} to {year_b} (release of {release.label})"
    if known.height == 1:
        row = known.row(0, named=True)
        where = f"{release.vintage}/{row['ally']}/{year_a}/{year_b}"
        names = ("total_pp", "spending_pp", "gdp_pp")
        cell = {name: Cited(f"{row[name]:+.2f}", f"share_split@{day}/{name}#{where}") for name in names}
        parts = (" points, by spending ", cell["spending_pp"], ", by GDP ", cell["gdp_pp"], f" ({row['reading']}).")
        return sentence(f"{row['ally_name']}, {lead}: ", cell["total_pp"], *parts)

    def listed(condition: pl.Expr) -> str:
        found = known.filter(condition)["ally_name"].to_list()
        return f"{len(found)} ({', '.join(found)})" if 0 < len(found) <= 8 else str(len(found))

    up, fell = pl.col("total_pp") >= STILL, known.filter(pl.col("gdp_pp") > 0).height
    half, less = up & (pl.col("gdp_pp") > pl.col("total_pp") / 2), up & (pl.col("spending_pp") < 0)
    alone = known.filter(pl.col("spending_pp") >= STILL).height
    return sentence(
        f"{lead}, {known.height} Allies: the share rose in {known.filter(up).height}; GDP fell in {fell}. Where the "
        f"share rose, the fall of GDP made more than half of it in {listed(half)}, and spending at constant prices "
        f"fell in {listed(less)}. By spending alone it would have risen in {alone}."
    )
