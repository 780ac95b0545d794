"""Claims: public statements in a declared form, judged as known when they were said and as known now."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from article3.domain import aggregates, expand, members, pledges, reporting_members
from article3.errors import (
    ClaimError,
    EvidenceError,
    Fault,
    NotKnownError,
    UnknownNameError,
    unknown_name_fault,
)
from article3.evidence.addresses import EvidenceAddress
from article3.evidence.findings import Finding, sentence, worst_standing
from article3.evidence.releases import known_from
from article3.evidence.store import Evidence
from article3.pledge.levels import OPS, reached
from article3.pledge.rules import Rules, ally_name, columns, framed, release_for
from article3.scenario.resolve import level_fault
from article3.scenario.yamlfile import Document, read_yaml

EXAMPLE: Final = Path(__file__).with_name("data") / "claims.yaml"
SUPPORTED, NOT_SUPPORTED, UNCHECKABLE = "supported", "not supported", "cannot be checked"
_COMPARE: Final[dict[str, Callable[[int, int], bool]]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
}
_KEYS: Final = ("id", "said", "text", "measure", "allies", "op", "level_pct", "period", "count", "reading")
_MEMBERS, _PLEDGED, _STEPS = "members", "pledged_pct", "pledged_steps"


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement; ``measure`` is ``None`` where it has no machine form."""

    id: str
    said: date
    text: str
    measure: str | None = None
    allies: tuple[str, ...] = ()
    op: str = ">="
    level_pct: float = 0.0
    period: int = 0
    count: tuple[str, int] | None = None
    reading: str = ""

    @property
    def test(self) -> str:
        """The machine form in one line."""
        if self.measure is None:
            return "no machine form"
        level = "" if self.measure == _MEMBERS else f" {self.op} {self.level_pct:g}"
        who = (
            f"number of {' '.join(self.allies)} {self.count[0]} {self.count[1]}"
            if self.count
            else " ".join(self.allies)
        )
        return f"{self.measure}{level} in {self.period}: {who}"


@dataclass(frozen=True, slots=True)
class _Verdict:
    verdict: bool | None
    value: float | None
    addresses: tuple[str, ...]
    reason: str
    standings: tuple[str, ...] = ()


def read_claims(path: Path, known_measures: Iterable[str]) -> tuple[Claim, ...]:
    """Read a list of claims.

    Parameters
    ----------
    path
        YAML file; see the shipped example for its form.
    known_measures
        Measures of the evidence.

    Raises
    ------
    ClaimError
        Any fault in the file, all of them at once, by line.
    """
    document = read_yaml(path)
    measures = (*known_measures, _MEMBERS, _PLEDGED, _STEPS)
    if not isinstance(document.data, list):
        raise ClaimError(Fault("a list of claims starts each claim with '- id: ...'", where=document.name))
    faults: list[Fault] = []
    claims = [_claim(item, index, document, measures, faults) for index, item in enumerate(document.data)]
    names = [claim.id for claim in claims if claim]
    faults += [
        Fault(f"two claims have the id '{name}'", where=document.name)
        for name in sorted(set(names))
        if names.count(name) > 1
    ]
    if faults:
        raise ClaimError(faults)
    return tuple(claim for claim in claims if claim)


def _claim(item: Any, index: int, document: Document, measures: tuple[str, ...], faults: list[Fault]) -> Claim | None:
    where = document.where((index,))
    if not isinstance(item, dict):
        faults.append(Fault("a claim is a list of 'key: value' lines", where=where))
        return None
    before = len(faults)
    faults += [
        unknown_name_fault("key", str(key), _KEYS, document.where((index, key))) for key in item if key not in _KEYS
    ]
    faults += [Fault(f"'{key}' is missing", where=where) for key in ("id", "said", "text") if not item.get(key)]
    if "said" in item:
        said = _said(item["said"], document.where((index, "said")), faults)
    if "measure" in item:
        _check_form(item, index, document, measures, faults)
    if len(faults) > before:
        return None
    count = item.get("count")
    return Claim(
        str(item["id"]),
        said,
        str(item["text"]),
        item.get("measure"),
        tuple(str(name) for name in item.get("allies", ())),
        str(item.get("op", ">=")),
        float(item.get("level_pct", 0)),
        int(item.get("period", 0)),
        (str(count["op"]), int(count["value"])) if count else None,
        str(item.get("reading", "")),
    )


def _said(value: Any, where: str, faults: list[Fault]) -> date:
    """Return the last day of the day, month or year of a statement."""
    if isinstance(value, date):
        return value
    text = str(value)
    try:
        day = date(int(text), 12, 31) if len(text) == 4 else known_from(text)
        if day.year > date.today().year:  # noqa: DTZ011 - a calendar day, not a moment
            faults.append(Fault("the day lies in the future", where=where, found=f"'{text}'"))
        return day
    except (ValueError, EvidenceError):
        faults.append(
            Fault(
                "not a day, month or year",
                where=where,
                found=f"'{text}'",
                expected="2026, 2026-02 or 2026-02-28",
            )
        )
        return date.min


def _check_form(
    item: dict[str, Any], index: int, document: Document, measures: tuple[str, ...], faults: list[Fault]
) -> None:
    def where(key: str) -> str:
        return document.where((index, key))

    measure = item["measure"]
    if measure not in measures:
        faults.append(unknown_name_fault("measure", str(measure), measures, where("measure")))
    needed = ("allies", "period", "count") if measure == _MEMBERS else ("allies", "period", "op", "level_pct")
    faults += [Fault(f"'{key}' is missing", where=where("measure")) for key in needed if key not in item]
    if str(item.get("op", ">=")) not in OPS:
        faults.append(unknown_name_fault("op", str(item["op"]), OPS, where("op")))
    level = item.get("level_pct", 0)
    if not isinstance(level, int | float) or isinstance(level, bool):
        faults.append(Fault("'level_pct' is not a number", where=where("level_pct"), found=f"'{level}'"))
    elif level < 0 and measure != "defence_real_change_pct" and not str(measure).startswith("gov_"):
        faults.append(Fault("a level below zero cannot be meant", where=where("level_pct"), found=f"{level:g}"))
    elif measure in ("defence_pct_gdp", _PLEDGED) and level > 20:
        faults.append(level_fault(level, 20, where("level_pct")))
    period = item.get("period", 2000)
    if not isinstance(period, int) or not 1949 <= period <= 2100:
        faults.append(Fault("'period' is not a year", where=where("period"), found=f"'{period}'"))
    count = item.get("count")
    if count is not None and not (
        isinstance(count, dict) and count.get("op") in _COMPARE and isinstance(count.get("value"), int)
    ):
        faults.append(Fault("'count' needs an op and a value", where("count"), mend='Such as {op: "<=", value: 5}.'))
    allies = item.get("allies", [])
    if not isinstance(allies, list) or not allies:
        faults.append(Fault("'allies' is a list such as [DEU, ITA]", where=where("allies")))
        return
    try:
        _codes(tuple(str(name) for name in allies), None)
    except UnknownNameError as error:
        faults += [Fault(fault.what, where=where("allies"), mend=fault.mend) for fault in error.faults]


def _codes(names: tuple[str, ...], on: date | None) -> tuple[str, ...]:
    sums = {item.code for item in aggregates()}
    codes = [name.upper() for name in names if name.upper() in sums]
    return (*codes, *expand([name for name in names if name.upper() not in sums], on))


def check_claims(now: Evidence, claims: Iterable[Claim], rules: Rules | None = None) -> Finding:
    """Judge claims as known when they were said, and as known now.

    Parameters
    ----------
    now
        The evidence as known on the later date; what was known when a claim was said is taken from it.
    claims
        The claims.
    rules
        Settings of the ledger, for counts.

    Returns
    -------
    Finding
        Table ``claims``: for each claim a row ``ALL``, and below it one for each Ally it names.
    """
    rules = rules or Rules()
    rows = [row for claim in claims for row in _rows(now, claim, rules)]
    table = framed("claims", rows)
    whole = table.filter(pl.col("ally") == "ALL")
    tally = {
        verdict: whole.filter(pl.col("verdict_now") == verdict).height
        for verdict in (SUPPORTED, NOT_SUPPORTED, UNCHECKABLE)
    }
    text = (
        f"Of {whole.height} claims, {tally[SUPPORTED]} are supported by what is known now, {tally[NOT_SUPPORTED]} are "
        f"not, and {tally[UNCHECKABLE]} cannot be checked."
    )
    return Finding(
        "claims",
        now.day.isoformat(),
        "Claims, as known then and now",
        table,
        columns()["claims"],
        sentence(text),
        worst_standing(table["standing"].drop_nulls().unique().to_list()),
        sources=_sources(now, table),
    )


def _sources(now: Evidence, table: pl.DataFrame) -> tuple[str, ...]:
    """Return the sources of all figures that verdicts rest on."""
    used = {address for row in table["addresses"].to_list() for address in row}
    found: set[str] = set()
    for dataset in {address.split("/", 1)[0] for address in used}:
        one = pl.format("{}/{}/{}#{}/{}", pl.lit(dataset), "vintage", "measure", "ally", "period")
        every = pl.format("{}/{}/{}#*/{}", pl.lit(dataset), "vintage", "measure", "period")
        rows = now.table(dataset).filter(one.is_in(list(used)) | every.is_in(list(used)))
        found.update(rows["source_id"].unique())
    return tuple(sorted(found))


def _rows(now: Evidence, claim: Claim, rules: Rules) -> list[dict[str, Any]]:
    base: dict[str, Any] = {"id": claim.id, "said": claim.said.isoformat(), "text": claim.text, "test": claim.test}
    base |= {"measure": claim.measure, "reading": claim.reading or None}
    if claim.measure is None:
        none = _Verdict(None, None, (), "no machine form")
        return [base | {"ally": "ALL"} | _cells(none, none)]
    try:
        then: Evidence | None = now.known_on(claim.said)
    except NotKnownError:
        then = None
    judge = {_MEMBERS: _members, _PLEDGED: _pledged, _STEPS: _pledged}.get(claim.measure, _figures)
    verdicts = [judge(evidence, claim, rules) for evidence in (then, now)]
    rows = [base | {"ally": "ALL"} | _cells(verdicts[0][0], verdicts[1][0])]
    for code in sorted(verdicts[1][1]):
        before = verdicts[0][1].get(code, _Verdict(None, None, (), "not known then"))
        rows.append(base | {"ally": code} | _cells(before, verdicts[1][1][code]))
    return rows


def _cells(then: _Verdict, now: _Verdict) -> dict[str, Any]:
    names = {True: SUPPORTED, False: NOT_SUPPORTED, None: UNCHECKABLE}
    reasons = [f"then: {then.reason}" if then.reason else "", f"now: {now.reason}" if now.reason else ""]
    if then.reason == now.reason:
        reasons = [now.reason]
    standings = (*then.standings, *now.standings)
    return {
        "verdict_then": names[then.verdict],
        "value_then_pct": then.value,
        "verdict_now": names[now.verdict],
        "value_now_pct": now.value,
        "reason": "; ".join(reason for reason in reasons if reason) or None,
        "standing": str(worst_standing(standings)) if standings else None,
        "addresses_then": list(then.addresses),
        "addresses_now": list(now.addresses),
        "addresses": list(dict.fromkeys((*then.addresses, *now.addresses))),
    }


Judged = tuple[_Verdict, dict[str, _Verdict]]


def _members(evidence: Evidence | None, claim: Claim, rules: Rules) -> Judged:  # noqa: ARG001
    number = len(members(date(claim.period, 12, 31)))
    op, value = claim.count or (">=", 0)
    verdict = _COMPARE[op](number, value)
    return _Verdict(verdict, None, (), f"{number} members by the dates of accession", ("official",)), {}


def _pledged(evidence: Evidence | None, claim: Claim, rules: Rules) -> Judged:  # noqa: ARG001
    """Look for a pledge of at least the level by the period; with a count, count the steps it names."""
    known_by = (evidence.as_of if evidence else None) or claim.said
    codes = set(expand(claim.allies, claim.said))
    found = [
        item
        for item in pledges(known_by)
        if codes <= set(expand(item.members, claim.said))
        and item.measure == "defence_pct_gdp"
        and item.level_pct >= claim.level_pct
        and item.deadline <= claim.period
    ]
    if not found:
        return _Verdict(False, None, (), "no such pledge is on record", ("reported",)), {}
    # Allies' own pledges speak for them before those of all; then the nearest deadline to the one claimed.
    best = min(found, key=lambda item: (len(expand(item.members)), claim.period - item.deadline))
    if claim.measure == _STEPS:
        op, value = claim.count or ("==", 0)
        steps = len(best.milestones)
        text = f"pledge {best.id} names {steps} step{'' if steps == 1 else 's'} on the way"
        return _Verdict(_COMPARE[op](steps, value), None, (), text, (best.standing,)), {}
    return _Verdict(True, best.level_pct, (), f"pledge {best.id}: {best.title}", (best.standing,)), {}


def _figures(evidence: Evidence | None, claim: Claim, rules: Rules) -> Judged:
    if evidence is None:
        return _Verdict(None, None, (), "nothing was published yet"), {}
    if claim.count:
        return _count(evidence, claim, rules), {}
    measure = claim.measure or ""
    rows = {
        row["ally"]: row
        for row in evidence.newest(measure, _dataset(evidence, measure))
        .filter(pl.col("period") == claim.period)
        .with_columns(met=reached(pl.col("value"), pl.col("decimals"), claim.level_pct, claim.op))
        .iter_rows(named=True)
    }
    single = {code: _single(evidence, claim, code, rows.get(code)) for code in _codes(claim.allies, None)}
    if len(single) == 1:
        return next(iter(single.values())), {}
    verdicts = [item.verdict for item in single.values()]
    verdict = False if False in verdicts else None if None in verdicts else True
    wrong = [ally_name(code) for code, item in single.items() if item.verdict is False]
    open_ = [ally_name(code) for code, item in single.items() if item.verdict is None]
    reason = "; ".join(
        text
        for text in (
            f"not so for {', '.join(wrong)}" if wrong else "",
            f"not known for {', '.join(open_)}" if open_ else "",
        )
        if text
    )
    addresses = tuple(address for item in single.values() for address in item.addresses)
    standings = tuple(standing for item in single.values() for standing in item.standings)
    return _Verdict(verdict, None, addresses, reason, standings), single


def _dataset(evidence: Evidence, measure: str) -> str:
    return evidence.measures[measure].datasets[0]


def _single(evidence: Evidence, claim: Claim, code: str, row: dict[str, Any] | None) -> _Verdict:
    if row is None:
        return _Verdict(None, None, (), f"no figure for {claim.period} was published")
    address = EvidenceAddress(_dataset(evidence, row["measure"]), row["vintage"], row["measure"], code, claim.period)
    text = f"{row['value']:.2f} in the release of {evidence.find_vintage(address.dataset, row['vintage']).label}"
    return _Verdict(row["met"], row["value"], (str(address),), text, (row["standing"],))


def _count(evidence: Evidence, claim: Claim, rules: Rules) -> _Verdict:
    measure, (op, value) = claim.measure or "", claim.count or (">=", 0)
    release = release_for(evidence, measure, claim.period, rules)
    if release is None:
        return _Verdict(None, None, (), f"no release reported enough Allies for {claim.period}")
    figures = (
        evidence.table("nato")
        .filter(
            pl.col("measure") == measure,
            pl.col("vintage") == release.vintage,
            pl.col("period") == claim.period,
            pl.col("ally").is_in(_codes(claim.allies, release.known_from)),
        )
        .with_columns(met=reached(pl.col("value"), pl.col("decimals"), claim.level_pct, claim.op))
    )
    low = figures.filter(pl.col("met")).height
    # Allies with forces that the release does not report might pass or not, as those printed too coarsely.
    expected = {item.code for item in reporting_members(release.known_from)} & set(
        _codes(claim.allies, release.known_from)
    )
    high = low + figures["met"].null_count() + len(expected - set(figures["ally"]))
    outcomes = {_COMPARE[op](number, value) for number in range(low, high + 1)}
    verdict = outcomes.pop() if len(outcomes) == 1 else None
    shown = str(low) if low == high else f"{low} to {high}"
    text = f"{shown} of {len(expected | set(figures['ally']))} in the release of {release.label}"
    return _Verdict(
        verdict,
        None,
        (f"nato/{release.vintage}/{measure}#*/{claim.period}",),
        text,
        tuple(figures["standing"].unique()),
    )
