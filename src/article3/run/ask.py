"""Questions about pledges: who keeps one, as known when, and will they."""

from __future__ import annotations

from datetime import date
from typing import Any

from article3.domain import Pledge, ally, pledge, pledges
from article3.errors import Fault, InputError, NotKnownError
from article3.evidence.findings import Finding
from article3.evidence.store import Evidence, open_evidence
from article3.pledge import counts, decline, ledger, revisions
from article3.pledge.rules import Rules, judged_year
from article3.run.answers import Answer, from_findings

HEADLINE = ("wales_2014", "hague_2025")
"""Pledges shown where none is named."""


def known(as_of: date | None) -> Evidence:
    """Open the evidence as known on a day, by default on the day of the newest release held.

    Raises
    ------
    NotKnownError
        Nothing had been published by then.
    """
    return open_evidence(as_of or open_evidence().day)


def ask_pledge(
    who: str | None = None,
    name: str | None = None,
    as_of: date | None = None,
    year: int | None = None,
    then: date | None = None,
    rules: Rules | None = None,
    *,
    every_year: bool = False,
    odds: bool = False,
) -> Answer:
    """Answer who keeps a pledge, as known on a date.

    Parameters
    ----------
    who
        An Ally; by default all that are bound.
    name
        A pledge; by default those of Wales and The Hague, and for one Ally all that bind it.
    as_of
        Nothing published later is used.
    year
        Judge this year instead of the deadline or the latest year.
    then
        Compare with what was known on this earlier date.
    rules
        How to count.
    every_year
        Judge every year from the base year on.
    odds
        Add early warning: odds, warning level, step, last safe year.

    Raises
    ------
    UnknownNameError, NotKnownError, InputError
        The Ally or pledge does not exist, does not bind, or nothing was known.
    """
    evidence, rules = known(as_of), rules or Rules()
    code = ally(who).code if who else None
    chosen = _chosen(name, code, evidence)
    findings: list[Finding] = []
    for item in chosen:
        findings += _findings(evidence, item, code, year, rules, every_year=every_year)
        findings += _compared(evidence, item, year, then, rules, alone=name is not None) if then else []
    if odds:
        findings = _with_odds(evidence, chosen, findings, rules, alone=name is not None)
    answer = from_findings("pledge", evidence, findings)
    rows = tuple(row for row in answer.rows if code is None or row.get("ally", code) == code)
    if odds:
        rows = _joined_odds(rows)
    if code:
        text = " ".join(str(_of_ally(finding, code)) for finding in findings if finding.name == "pledge")
        text += "".join(
            f" {row['deadline']}: {row['warning']}, odds {row['odds_words']} ({row['kind']}); {row['reason']}."
            for row in rows
            if row["table"] == "warning" and row["odds"] is not None
        )
        return Answer("pledge", rows, text.strip(), answer.sources, _about(answer.warnings, code), answer.meta)
    return Answer("pledge", rows, answer.sentence, answer.sources, answer.warnings, answer.meta)


def _chosen(name: str | None, code: str | None, evidence: Evidence) -> tuple[Pledge, ...]:
    if name:
        item = pledge(name)
        if evidence.as_of and item.agreed > evidence.as_of:
            raise NotKnownError(
                Fault(
                    f"'{item.id}' was agreed on {item.agreed}, after {evidence.as_of}",
                    mend="Choose a later --as-of.",
                )
            )
        if code and code not in item.parties(evidence.as_of):
            raise InputError(Fault(f"{ally(code).name} is not bound by '{item.id}' on {evidence.as_of}"))
        return (item,)
    made = pledges(evidence.as_of)
    if code:
        bound = tuple(item for item in made if code in item.parties(evidence.as_of))
        if not bound:
            name_of = ally(code).name
            why = "has no armed forces" if not ally(code).has_forces else f"was bound by none on {evidence.as_of}"
            raise InputError(Fault(f"no pledge binds {name_of}: it {why}"))
        return bound
    return tuple(item for item in made if item.id in HEADLINE)


def _findings(
    evidence: Evidence,
    item: Pledge,
    code: str | None,
    year: int | None,
    rules: Rules,
    *,
    every_year: bool,
) -> list[Finding]:
    last = judged_year(evidence, item, rules)
    years = (year,) if year else tuple(range(item.base_year, max(last, _latest(evidence)) + 1)) if every_year else None
    status = ledger.status(evidence, item, rules, years)
    if code:
        return [status, *([decline.decline(evidence, item)] if "halt_decline" in item.clauses else [])]
    found = [status]
    if not item.national:
        found.insert(0, counts.count(evidence, item, rules))
    return found


def _compared(
    evidence: Evidence, item: Pledge, year: int | None, then: date, rules: Rules, *, alone: bool
) -> list[Finding]:
    """Compare with an earlier date; a pledge that had no usable release then is refused only if asked for alone."""
    if then >= evidence.day:
        raise InputError(
            Fault("'then' must come before the as-of date", where="--then", found=f"{then}, as of {evidence.day}")
        )
    earlier = evidence.known_on(then)
    try:
        shared = min(judged_year(earlier, item, rules), judged_year(evidence, item, rules))
        return [revisions.then_now(earlier, evidence, item, year or shared, rules)]
    except NotKnownError:
        if alone:
            raise
        return []


def _about(warnings: tuple[str, ...], code: str) -> tuple[str, ...]:
    """Return the warnings that concern one Ally: lists of Allies are kept only where it is named."""
    name = ally(code).name
    lists = "read real changes with care"
    return tuple(
        f"{text.split(' for ', maxsplit=1)[0]} for {name}: {lists}." if lists in text else text
        for text in warnings
        if lists not in text or name in text
    )


def _with_odds(
    evidence: Evidence, chosen: tuple[Pledge, ...], findings: list[Finding], rules: Rules, *, alone: bool
) -> list[Finding]:
    """Put early warnings before the ledger; pledges that cannot be forecast are refused only if asked for alone."""
    from article3.pledge import strain, warning  # noqa: PLC0415 - numpy, for those who ask for odds

    made: list[Finding] = []
    refused: NotKnownError | None = None
    for item in chosen:
        try:
            found = warning.early_warning(evidence, item, rules)
        except NotKnownError as error:
            refused = error
            continue
        made += [finding for finding in found if finding.part or finding.name not in {other.name for other in made}]
        if not item.national and evidence.table("weo").height:
            made.append(strain.strain(evidence, item, rules=rules))
    if refused and (alone or not made):
        raise refused
    return [*made, *findings]


def _joined_odds(rows: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """Return the rows with odds, warning and last safe year beside each Ally's row of the ledger."""
    warned = {(row["pledge"], row["ally"]): row for row in rows if row["table"] == "warning"}
    names = ("odds", "odds_words", "kind", "odds_random_walk", "odds_with_plan", "warning", "last_safe_year")
    out = []
    for row in rows:
        found = warned.get((row.get("pledge"), row.get("ally"))) if row["table"] == "pledge" else None
        added = {key: found.get(key) for key in names} | {"warning_reason": found["reason"]} if found else {}
        out.append(row | added)
    return tuple(out)


def _latest(evidence: Evidence) -> int:
    return int(str(evidence.table("nato")["period"].max()))


def _of_ally(finding: Finding, code: str) -> str:
    rows = [row for row in finding.table.iter_rows(named=True) if row["ally"] == code]
    if not rows:
        return ""
    row = rows[-1]
    title = finding.title.split(":", maxsplit=1)[0] if row["value_pct"] is None else finding.title.rsplit(":", 1)[0]
    if row["value_pct"] is None:
        return f"{finding.title.rsplit(':', 1)[0]}: {row['reason']}."
    word = {True: "met", False: "not met", None: "undecidable"}[row["met"]]
    status = f", {row['status']}" if row["status"] else ""
    value = f"{row['value_pct']:.2f} % for {row['year']}{status} (release {row['vintage']})"
    return f"{title}: {row['ally_name']} {value}: {word}."
