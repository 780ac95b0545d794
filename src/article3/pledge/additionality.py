"""Is announced money new? A rise split into price, GDP, definition, already planned, moved and new."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from article3.domain import ally, pledge, pledges
from article3.errors import Fault, InputError, NotKnownError
from article3.evidence.addresses import EvidenceAddress, ResultAddress
from article3.evidence.findings import Check, Cited, Finding, Sentence, sentence, worst_standing
from article3.evidence.releases import Vintage, known_from
from article3.evidence.store import Evidence
from article3.pledge.revisions import changeover_rate, then_now
from article3.pledge.rules import ally_name, columns, framed
from article3.quantity import Standing
from article3.scenario.yamlfile import read_yaml

CASES: Final = Path(__file__).with_name("data") / "cases.yaml"
SHARE, MONEY, FIXED = "defence_pct_gdp", "defence_exp_nc_current", "defence_exp_nc_constant"
REST: Final = "not_separable"
PARTS: Final = ("whole", "price", "gdp", "definition", "already_planned", "moved", "new")
TITLES: Final = {name: name.replace("_", " ") for name in PARTS} | {"gdp": "GDP"}
OFF: Final = 0.02
"""Warn where the share at current prices differs by more from that printed: the deflator is not that of GDP."""

_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One announcement or restatement to take apart.

    ``kind``: ``rise`` (one Ally, ``year_from`` to ``year_to``), ``restated`` (``year_to`` in two releases, all Allies)
    or ``units`` (what pages report, no money). ``release`` prints the rise, ``base_release`` the first figure if other.
    Only what was known before ``announced`` (default: the day of the release) can have been planned already.
    ``moved_nc_m``: million national currency that ``moved_source`` says was moved.
    """

    id: str
    kind: str = "rise"
    title: str = ""
    text: str = ""
    ally: str = ""
    year_from: int = 0
    year_to: int = 0
    release: str = ""
    base_release: str = ""
    announced: date | None = None
    moved_nc_m: float | None = None
    moved_source: str = ""
    sources: tuple[str, ...] = ()
    reports: tuple[_Row, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    part: str
    nc: float | None
    reason: str | None = None
    addresses: tuple[str, ...] = ()
    pp: float | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class _Figure:
    """A number made of evidence, in words where from, with its addresses."""

    value: float
    basis: str
    addresses: tuple[str, ...]


def read_cases(path: Path = CASES) -> tuple[Case, ...]:
    """Read a file of cases, in its order."""
    found = []
    for item in read_yaml(path).data:
        reports = tuple(row | {"known": known_from(str(row["known"]))} for row in item.get("reports", ()))
        found.append(Case(**{**item, "sources": tuple(item.get("sources", ())), "reports": reports}))
    return tuple(found)


def cases(evidence: Evidence) -> tuple[Finding, ...]:
    """Work every shipped case that had happened by the evidence's date.

    Returns
    -------
    tuple[Finding, ...]
        Findings ``additionality``, one a case, and ``backfill`` for cases of units. A case whose releases or
        announcement are of a later day is left out: nothing of it was known.
    """
    visible = {item.vintage for item in evidence.vintages if item.dataset == "nato"}
    found: list[Finding] = []
    for case in read_cases():
        printed = {case.release, case.base_release or case.release} <= visible
        if printed if case.kind != "units" else case.announced and case.announced <= evidence.day:
            found += [additionality(evidence, case), *([backfill(evidence, case)] if case.reports else [])]
    return tuple(found)


def additionality(evidence: Evidence, case: Case | tuple[str, int, int, str]) -> Finding:
    """Take an announced rise apart.

    Parameters
    ----------
    evidence, case
        Evidence as known on a date; a case, or Ally, first year, last year and vintage of NATO's that prints both.

    Returns
    -------
    Finding
        Table ``additionality``: one row per part, in million national currency at current prices and in percentage
        points of GDP. The parts sum to the whole; what cannot be told apart stands together in the last part.

    Raises
    ------
    UnknownNameError
        There is no such Ally or visible release.
    InputError
        The Ally has no forces, or the years are not in order.
    NotKnownError
        The release does not print the money of one of the years.
    """
    if not isinstance(case, Case):
        code = ally(case[0]).code
        name = f"{code}.{case[1]}-{case[2]}.{case[3]}"
        case = Case(name, ally=code, year_from=case[1], year_to=case[2], release=case[3])
    return {"rise": _rise, "restated": _restated, "units": _units}[case.kind](evidence, case)


class _Book:
    """The figures of one rise, looked up by name; remembers which were used."""

    def __init__(self, evidence: Evidence, case: Case) -> None:
        self.who, self.case, self.evidence = ally(case.ally), case, evidence
        self.release = evidence.find_vintage("nato", case.release)
        self.base = evidence.find_vintage("nato", case.base_release or case.release)
        self.years = (case.year_from, case.year_to)
        self.used: dict[str, _Row] = {}
        self.rows: dict[str, _Row] = {}
        for dataset in ("nato", "weo"):
            table = evidence.table(dataset).filter(pl.col("ally") == self.who.code, pl.col("value") > 0)
            for row in table.iter_rows(named=True):
                where = EvidenceAddress(dataset, row["vintage"], row["measure"], row["ally"], row["period"])
                self.rows[str(where)] = row | {"address": str(where)}
        days = [v for v in evidence.vintages if v.dataset == "weo" and v.known_from <= self.release.known_from]
        self.edition = days[-1].vintage if days else "none"
        self.start, self.end = self._spent(self.base, self.years[0]), self._spent(self.release, self.years[1])
        # Real GDP: NATO's at constant prices, else the IMF's.
        own = self._ratio(self.release.vintage, "gdp_usd_constant", "GDP: NATO", "nato")
        self.volume = own or self._ratio(self.edition, "gdp_nc_constant", "GDP: IMF WEO", "weo")
        self.price, self.gdp, self.plan = self._price(), self._gdp(), self._plan()

    def find(self, vintage: str, measure: str, year: int, dataset: str = "nato") -> _Row | None:
        found = self.rows.get(f"{dataset}/{vintage}/{measure}#{self.who.code}/{year}")
        if found:
            self.used[found["address"]] = found
        return found

    def _spent(self, release: Vintage, year: int) -> _Row:
        row = self.find(release.vintage, MONEY, year)
        if row is None:
            held = [key.split("/")[1] for key in self.rows if f"/{MONEY}#{self.who.code}/{year}" in key]
            what = f"does not print what {self.who.name} spent in {year} in national currency"
            mend = f"Releases held that do: {', '.join(held) or 'none'}."
            raise NotKnownError(Fault(f"the release of {release.label} {what}", mend=mend))
        return row

    def _price(self) -> _Figure | None:
        """Return the ratio of price levels: NATO's current over constant prices, else the IMF's GDP deflator."""
        basis = f"prices: NATO {self.release.vintage}, current over constant"
        now, fixed = (self._ratio(self.release.vintage, name, "", "nato") for name in (MONEY, FIXED))
        if now and fixed:
            return _Figure(now.value / fixed.value, basis, (*now.addresses, *fixed.addresses))
        return self._ratio(self.edition, "gdp_deflator", "prices: IMF WEO", "weo")

    def _ratio(self, vintage: str, measure: str, words: str, dataset: str) -> _Figure | None:
        first, last = (self.find(vintage, measure, year, dataset) for year in self.years)
        if not first or not last or first["price_base"] != last["price_base"]:
            return None
        return _Figure(last["value"] / first["value"], f"{words} {vintage}", (first["address"], last["address"]))

    def _gdp(self) -> _Figure | None:
        """Return GDP of the last year at current prices, as NATO's share implies it."""
        share = self.find(self.release.vintage, SHARE, self.years[1])
        if share is None:
            return None
        return _Figure(100 * self.end["value"] / share["value"], "share", (self.end["address"], share["address"]))

    def _plan(self) -> _Figure | None:
        """Return the newest plan for the last year known before the announcement, per cent of GDP."""
        by, year = self.case.announced or self.release.known_from, self.years[1]
        found: list[tuple[date, _Figure, _Row]] = []
        for item in self.evidence.vintages:
            row = self.rows.get(f"nato/{item.vintage}/{SHARE}#{self.who.code}/{year}")
            if row and item.dataset == "nato" and item.known_from < by and item.definition == self.release.definition:
                words = f"{row['value']:.2f} % for {year} in the release of {item.label}"
                found.append((item.known_from, _Figure(row["value"], words, (row["address"],)), row))
        for plan in pledges(by):
            own = plan.national and plan.members == (self.who.code,) and plan.measure == SHARE
            if own and plan.agreed < by and plan.definition == self.release.definition:
                steps = re.findall(r"(\d{4}): ([\d.]+) % of GDP", "; ".join(plan.milestones))
                level = ({int(y): float(v) for y, v in steps} | {plan.deadline: plan.level_pct}).get(year)
                if level is not None:
                    words = f"{level:g} % for {year} announced on {plan.agreed.isoformat()} ({plan.id})"
                    declared = {"standing": plan.standing, "source_id": plan.source_id}
                    found.append((plan.agreed, _Figure(level, words, ()), declared))
        if not found:
            return None
        _, figure, row = max(found, key=lambda item: item[0])
        self.used[figure.basis] = row
        return figure


def _rise(evidence: Evidence, case: Case) -> Finding:
    who = ally(case.ally)
    if not who.has_forces:
        raise InputError(Fault(f"{who.name} has no armed forces: it reports no expenditure to take apart"))
    if case.year_from >= case.year_to:
        years = f"{case.year_from} to {case.year_to}"
        raise InputError(Fault("a rise runs from an earlier to a later year", found=years, mend="Exchange the years."))
    book = _Book(evidence, case)
    parts = _parts(book)
    shared = {
        "base_vintage": book.base.vintage,
        "vintage": book.release.vintage,
        "currency": book.end["unit"].removeprefix("million "),
        "plan": book.plan.basis if book.plan else None,
        "basis": "; ".join(item.basis for item in (book.price, book.volume) if item) or None,
        "gdp_addresses": " ".join(book.gdp.addresses) if book.gdp else None,
    }
    standing = worst_standing(row["standing"] for row in book.used.values())
    rows = _rows(case, who.code, parts, shared | {"standing": str(standing)})
    text = _rise_sentence(book, parts, shared["currency"] or "")
    sources = {row["source_id"] for row in book.used.values()}
    titled = replace(case, title=case.title or f"{who.name} {case.year_from}-{case.year_to}")
    more = {"standing": standing, "sources": sources, "checks": _checks(book, parts), "warnings": _warnings(book)}
    return _found(evidence, titled, "additionality", rows, text, figure="waterfall", **more)


def _parts(book: _Book) -> list[_Part]:
    """Return the parts of a rise, the whole first."""
    rate = changeover_rate(book.who.code, book.start["unit"], book.end["unit"])
    if rate is None:
        raise NotKnownError(Fault(f"no fixed rate is known from {book.start['unit']} to {book.end['unit']}"))
    first, last, price, volume = book.start["value"] / rate, float(book.end["value"]), book.price, book.volume
    ends, lacking = (book.start["address"], book.end["address"]), "held for neither the release nor a WEO edition"
    parts = [_Part("price", None, lacking), _Part("gdp", None, lacking)]
    if price:
        parts[0] = _Part("price", first * (price.value - 1), None, (ends[0], *price.addresses))
    if price and volume:
        used = (ends[0], *price.addresses, *volume.addresses)
        parts[1] = _Part("gdp", first * price.value * (volume.value - 1), None, used)
    parts.append(_definition(book, first))
    parts.append(_planned(book, first, last, parts))
    stated, moved = f"as stated in {book.case.moved_source}", book.case.moved_nc_m
    parts.append(_Part("moved", moved, "no source held says what was moved" if moved is None else stated))
    rest = (last - first) - math.fsum(part.nc for part in parts if part.nc is not None)
    everything = (*ends, *(item for part in parts for item in part.addresses))
    unknown = [TITLES[part.part] for part in parts if part.nc is None]
    if unknown:
        parts.append(_Part("new", None, f"not separable from: {', '.join(unknown)}"))
    name = REST if unknown else "new"
    parts.append(
        _Part(name, rest, f"all of the rise that no {'known' if unknown else 'other'} part explains", everything)
    )
    parts.insert(0, _Part("whole", last - first, None, ends))
    scale = 100 / book.gdp.value if book.gdp else None
    return [replace(p, pp=None if scale is None or p.nc is None else p.nc * scale) for p in parts]


def _definition(book: _Book, first: float) -> _Part:
    """Return the restatement of the first year, carried to the last year by price and GDP."""
    base, release, year = book.base, book.release, book.years[0]
    if base.vintage == release.vintage:
        return _Part("definition", 0.0, "both years stand in one release, on one definition")
    again = book.find(release.vintage, MONEY, year)
    if again and book.price and book.volume:
        amount = (again["value"] - first) * book.price.value * book.volume.value
        used = (book.start["address"], again["address"], *book.price.addresses, *book.volume.addresses)
        return _Part("definition", amount, f"{year} in both releases; ordinary revision of it is in this part", used)
    if base.definition == release.definition:
        return _Part("definition", 0.0, "both releases are on one definition")
    return _Part("definition", None, f"the definitions differ, and the money of {year} is not held on both")


def _planned(book: _Book, first: float, last: float, before: list[_Part]) -> _Part:
    """Return what an earlier plan had for the last year beyond price, GDP and definition.

    Never more than is left of the rise, nor of the other sign: a plan that asked for less than keeping the share has
    planned nothing of a rise; one that asked for more than came was not kept in full, which the reason says.
    """
    plan, gdp = book.plan, book.gdp
    if plan is None:
        return _Part("already_planned", None, f"no release or plan held from before names {book.years[1]}")
    if gdp is None or any(part.nc is None for part in before):
        return _Part("already_planned", None, "cannot be told without the parts before it")
    kept = first + math.fsum(part.nc for part in before if part.nc is not None)
    rest, asked, reason = last - kept, plan.value / 100 * gdp.value - kept, plan.basis
    if asked * rest <= 0:
        reason += f": no {'more' if rest > 0 else 'less'} than keeping the share"
    elif abs(asked) > abs(rest):
        reason += f", {100 * abs(asked - rest) / gdp.value:.2f} points of GDP more than came"
    used = (*plan.addresses, *gdp.addresses, *(item for part in before for item in part.addresses))
    return _Part("already_planned", min(max(asked, min(0.0, rest)), max(0.0, rest)), reason, used)


def _listed(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _title(part: _Part, parts: list[_Part]) -> str:
    """Return the part's name; that of the last part says what it may contain."""
    unknown = [item.title or TITLES[item.part] for item in parts if item.part != REST and item.nc is item.pp is None]
    rest = f"{_listed(unknown or ['rounding', 'other GDP'])}, not separable"
    return rest if part.part == REST else part.title or TITLES[part.part]


def _rows(case: Case, code: str, parts: list[_Part], shared: _Row) -> list[_Row]:
    return [
        shared
        | {
            "case": case.id if case.ally or not code else f"{case.id}.{code}",
            "part": part.part,
            "title": _title(part, parts),
            "ally": code or None,
            "ally_name": ally_name(code) if code else None,
            "base_year": case.year_from or case.year_to or None,
            "year": case.year_to or None,
            "amount_nc_m": part.nc,
            "amount_pp": part.pp,
            "reason": part.reason,
            "addresses": list(dict.fromkeys(part.addresses)),
        }
        for part in parts
    ]


def _found(evidence: Evidence, case: Case, name: str, rows: list[_Row], text: Sentence, **more: Any) -> Finding:
    table, day = framed(name, rows), evidence.day.isoformat()
    if name == "additionality":
        known = pl.any_horizontal(pl.col("amount_nc_m", "amount_pp").is_not_null()) & (pl.col("part") != REST)
        table = table.with_columns(known.alias("known"))
    more["sources"] = tuple(sorted({*more.get("sources", ()), *case.sources}))
    return Finding(name, day, case.title, table, columns()[name], text, part=case.id, **more)


def _rise_sentence(book: _Book, parts: list[_Part], currency: str) -> Sentence:
    case, day, years = book.case, book.evidence.day.isoformat(), f"{book.years[0]} to {book.years[1]}"

    def cite(part: _Part, column: str, text: str) -> Cited:
        return Cited(text, str(ResultAddress("additionality", day, column, (case.id, part.part))))

    out: list[str | Cited] = [
        f"{case.text} ".lstrip(),
        f"{book.who.name}, {years} (release of {book.release.label}), million {currency}",
    ]
    for part in (part for part in parts if part.nc is not None):
        lead = ": " if part.part == "whole" else f", {_title(part, parts)} "
        out += [lead, cite(part, "amount_nc_m", f"{part.nc:+,.0f}")]
        if part.pp is not None and part.part in ("whole", REST, "new"):
            out += [" (", cite(part, "amount_pp", f"{part.pp:+.2f}"), " points of GDP)"]
    shares = [(item, book.find(item.vintage, SHARE, case.year_to)) for item in book.evidence.vintages]
    printed = [(item, row) for item, row in shares if row and item.dataset == "nato"]
    for index, (item, row) in enumerate(printed):
        places = 2 if row["decimals"] is None else min(2, row["decimals"])
        other = "" if item.definition == book.release.definition else ", another definition"
        out += [", " if index else f". The share of {case.year_to} by release: "]
        out += [Cited(f"{row['value']:.{places}f}", row["address"]), f" ({item.label}{other})"]
    return sentence(*out, ".")


def _checks(book: _Book, parts: list[_Part]) -> tuple[Check, ...]:
    """Check that the parts sum to the whole, and that all beyond price and GDP is the change of the share."""
    whole, gap = parts[0].nc or 0.0, (parts[0].nc or 0.0) - math.fsum(p.nc for p in parts[1:] if p.nc is not None)
    found = [Check("parts", abs(gap) <= 1e-9 * max(1.0, abs(whole)), f"The parts sum to the whole but for {gap:.1g}.")]
    shares = [row for row in (book.find(book.release.vintage, SHARE, year) for year in book.years) if row]
    if len(shares) == 2 and book.base.vintage == book.release.vintage and book.price and book.volume:
        change = shares[1]["value"] - shares[0]["value"]
        beyond = math.fsum(part.pp for part in parts[3:] if part.pp is not None)
        # With coarser shares, or GDP from the IMF, the two agree less closely: then it only informs.
        held = abs(beyond - change) < 0.005 if shares[1]["decimals"] == 4 and "GDP: NATO" in book.volume.basis else None
        found.append(Check("share", held, f"Beyond price and GDP {beyond:+.3f} points; the share {change:+.3f}."))
    return tuple(found)


def _warnings(book: _Book) -> tuple[str, ...]:
    names, year = ("gdp_usd_current", "defence_exp_usd_current", SHARE), book.years[1]
    rows = [row for row in (book.find(book.release.vintage, name, year) for name in names) if row]
    if len(rows) < 3 or abs(rows[2]["value"] / (now := 100 * rows[1]["value"] / rows[0]["value"]) - 1) <= OFF:
        return ()
    printed = (
        f"{book.who.name}: the share of {year} is {rows[2]['value']:.2f} % as printed, {now:.2f} % at current prices"
    )
    return (f"{printed}: the deflator is not that of GDP, and the parts for price and GDP suffer from it.",)


def _restated(evidence: Evidence, case: Case) -> Finding:
    """Take apart the same year in two releases, Ally by Ally, by means of table ``then_now``."""
    pair = [evidence.find_vintage("nato", name) for name in (case.base_release, case.release)]
    sides = [evidence.known_on(item.known_from) for item in pair]
    told = then_now(sides[0], sides[1], pledge("hague_2025"), case.year_to)
    both = told.table.filter(pl.col("total_pp").is_not_null())
    if both.select("vintage_then", "vintage_now").unique().rows() != [(case.base_release, case.release)]:
        raise NotKnownError(Fault(f"{case.base_release} or {case.release} is not the release counted on its day"))
    rows, money, causes = list[_Row](), list[str | Cited](), both["cause"].to_list()
    for row in both.iter_rows(named=True):
        shared = {"base_vintage": row["vintage_then"], "vintage": row["vintage_now"], "basis": row["gdp_basis"]}
        shared["standing"] = row["standing"]
        if row["spending_now_address"]:
            shared["currency"] = str(evidence.row(row["spending_now_address"])["unit"]).removeprefix("million ")
            cell = Cited(f"{round(row['spending_pp'], 3) + 0.0:.3f}", told.address(row, "spending_pp"))
            money += [", " if money else " ", row["ally_name"], " (", cell, " points)"]
        rows += _rows(case, row["ally"], _restated_parts(evidence, row), shared)
    near, gdp = causes.count("within 0.01"), causes.count("GDP alone") + causes.count("chiefly GDP")
    text = (
        f"{case.text} {case.year_to} in the releases of {pair[0].label} and {pair[1].label}, {both.height} Allies: the "
        f"share of {near} moved by no more than 0.01, that of {gdp} by GDP alone or chiefly. The rest is definition or "
        "revised spending; both releases print the money, so that it stands by itself, for"
    )
    more = {"standing": told.standing, "sources": told.sources, "warnings": told.warnings, "figure": "waterfall"}
    return _found(evidence, case, "additionality", rows, sentence(text, *(money or [" none"]), "."), **more)


def _restated_parts(evidence: Evidence, row: _Row) -> list[_Part]:
    """Return the parts for one Ally; a year told twice announces nothing, so that nothing of it is planned or new."""
    shares = (row["address_then"], row["address_now"])
    gdp = tuple(row[name] for name in ("gdp_then_address", "gdp_now_address") if row[name])
    spent = tuple(row[name] for name in ("spending_then_address", "spending_now_address") if row[name])
    amounts = [float(str(evidence.row(address)["value"])) for address in spent]
    money, zero = (amounts[1] - amounts[0], 0.0) if spent else (None, None)
    same, lacking = "the same year told twice", "not held for both releases"
    joint = "what definition and revision of the figure make together" if spent else f"the money is {lacking}"
    rest = "what no known part explains, with rounding and GDP other than the IMF's"
    return [
        _Part("whole", money, None, (*shares, *spent), row["total_pp"]),
        _Part("price", zero, same, shares, 0.0),
        _Part("gdp", zero, None if gdp else f"GDP is {lacking}", (*shares, *gdp), row["gdp_pp"]),
        _Part("definition", money, joint, (*shares, *spent), row["spending_pp"], "definition or revised spending"),
        _Part("already_planned", zero, same, shares, 0.0),
        _Part("moved", zero, f"{same}: what is newly counted is definition", shares, 0.0),
        _Part("new", zero, f"{same}: revised spending stands with definition", shares, 0.0),
        _Part(REST, zero, rest, (*shares, *gdp, *spent), row["unseparated_pp"]),
    ]


def _units(evidence: Evidence, case: Case) -> Finding:
    """Return the parts of a case without money: every one not known, and why."""
    reason = "units, not money: no source held puts a sum on it"
    told = "no source held says whether the units are additional, were declared before or taken from another task"
    parts = [_Part(name, None, told if name in ("already_planned", "moved", "new") else reason) for name in TITLES]
    parts.append(_Part(REST, None, told))
    rows = [row for row in case.reports if row["known"] <= evidence.day]
    said = "; ".join(f"{row['capability']}: {row['said']}" for row in rows if row["side"] != "us_cut")
    text = f"{case.text} Replies reported: {said or 'none by then'}. Whether any is new or moved is not known: {told}."
    given = _rows(case, "", parts, {"standing": str(Standing.REPORTED)})
    return _found(evidence, case, "additionality", given, sentence(text), standing=Standing.REPORTED)


def backfill(evidence: Evidence, case: Case) -> Finding:
    """List what pages known by the evidence's date say of units no longer offered, and of the replies.

    Returns
    -------
    Finding
        Table ``backfill``: one row per report, in units; conflicting versions stand side by side.
    """
    rows = [
        row
        | {
            "case": case.id,
            "report": row["id"],
            "change": row["after"] - row["before"] if {"after", "before"} <= row.keys() else None,
            "new_or_moved": None if row["side"] == "us_cut" else "not known",
            "known": row["known"].isoformat(),
            "standing": str(Standing.REPORTED),
        }
        for row in case.reports
        if row["known"] <= evidence.day
    ]
    text = f"{len(rows)} reports, counted in units; where versions conflict both stand. None puts money on it."
    return _found(evidence, case, "backfill", rows, sentence(text), standing=Standing.REPORTED)
