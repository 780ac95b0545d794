"""The main job: from a scenario to all findings."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from article3.compute import CancelToken, Executor, Progress, Task, executor_for
from article3.domain import Pledge
from article3.errors import AddressError, Fault, NotKnownError
from article3.evidence.findings import Finding, worst_standing
from article3.evidence.store import Evidence, open_evidence
from article3.plan.described import TABLES as PLAN_TABLES
from article3.pledge import additionality, claims, counts, decline, ledger, revisions, shock, strain
from article3.pledge.rules import Rules
from article3.run.plan_files import state_digest
from article3.scenario.resolve import Inputs, resolve
from article3.scenario.schema import Comparison
from article3.shift.described import TABLES as SHIFT_TABLES


@dataclass(frozen=True, slots=True)
class Run:
    """One complete execution of a scenario.

    Parameters
    ----------
    name
        Name of the scenario.
    inputs
        The resolved scenario and its evidence.
    findings
        All findings, in the order of the report.
    digest
        SHA-256 of scenario, evidence, claims and version: same digest, same tables.
    """

    name: str
    inputs: Inputs
    findings: tuple[Finding, ...]
    digest: str

    def find(self, name: str, part: str = "", when: str = "") -> Finding:
        """Return a finding by table, and by pledge and date where there are several.

        Raises
        ------
        AddressError
            The run has no such finding.
        """
        for finding in self.findings:
            if finding.name == name and part in ("", finding.part) and when in ("", finding.when):
                return finding
        raise AddressError(Fault(f"the run has no table {' '.join(item for item in (name, part, when) if item)}"))

    def tables(self) -> dict[str, pl.DataFrame]:
        """Return the tables as they are saved: findings of one name joined, with the date in column ``when``."""
        return joined_tables(self.findings)

    def lookup(self) -> dict[tuple[str, str], Finding]:
        """Return findings by table and date with the rows of all pledges, for *explain* and for citations."""
        found: dict[tuple[str, str], Finding] = {}
        for finding in self.findings:
            key = (finding.name, finding.when)
            found[key] = _joined(found[key], finding) if key in found else finding
        return found


def joined_tables(findings: tuple[Finding, ...]) -> dict[str, pl.DataFrame]:
    """Return the tables of some findings by name, one below the other, with their date in column ``when``."""
    tables: dict[str, list[pl.DataFrame]] = {}
    for finding in findings:
        dated = finding.table.select(pl.lit(finding.when).alias("when"), pl.all())
        tables.setdefault(finding.name, []).append(dated)
    return {name: pl.concat(frames) for name, frames in tables.items()}


def _joined(first: Finding, second: Finding) -> Finding:
    """Join two findings of one table and date; what holds of one pledge only, its title above all, falls away."""
    return Finding(
        first.name,
        first.when,
        first.name.replace("_", " "),
        pl.concat([first.table, second.table]).unique(list(first.keys), keep="first", maintain_order=True),
        first.columns,
        first.sentence,
        worst_standing([first.standing, second.standing]),
        warnings=first.warnings if first.warnings == second.warnings else (),
    )


def run(
    scenario: str | Path | Inputs = "baseline",
    overrides: Mapping[str, str] | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancel: CancelToken | None = None,
) -> Run:
    """Run a scenario.

    Parameters
    ----------
    scenario
        Name of a shipped scenario, path of a file, or inputs resolved before.
    overrides
        Values by dotted key, as YAML text.
    executor
        Where the work runs; in this process by default.
    progress, cancel
        Called after each step; asked before each step.

    Raises
    ------
    ScenarioError, NotKnownError, EvidenceError, ClaimError
        The input cannot be used; every fault found.
    Cancelled
        The user stopped it.

    Examples
    --------
    >>> result = run("tiny")
    >>> print(result.find("count", when="2026-07-31").sentence)
    17 Allies at 2 % for 2024, of 31 reported (release of July 2026; core defence basis of 2026).
    """
    inputs = scenario if isinstance(scenario, Inputs) else resolve(scenario, overrides)
    listed = _claims_file(inputs)
    known = claims.read_claims(listed, inputs.evidence.measures) if listed else ()
    results = (executor or executor_for(None)).run(_tasks(inputs, known), progress=progress, cancel=cancel)
    return Run(inputs.name, inputs, tuple(item for group in results for item in group), _digest(inputs, listed))


def _tasks(inputs: Inputs, known: tuple[claims.Claim, ...]) -> list[Task[tuple[Finding, ...]]]:
    rules = rules_of(inputs)
    evidence = inputs.evidence
    tasks = [
        Task(f"then and now, {item.year}", compare_years, (evidence, _pledge(inputs, item.pledge), item, rules))
        for item in inputs.scenario.compare
    ]
    tasks += [Task(pledge.title, judge_pledge, (evidence, pledge, rules)) for pledge in inputs.pledges]
    if inputs.scenario.shock == "health_crisis":
        tasks += [
            Task(f"shock, {pledge.title}", _shock, (evidence, pledge, rules))
            for pledge in inputs.pledges
            if pledge.measure == "defence_pct_gdp" and not pledge.national
        ]
    tasks += [
        Task(f"early warning, {pledge.title}", warn, (evidence, pledge, rules))
        for pledge in inputs.pledges
        if _can_warn(evidence, pledge, rules)
    ]
    tasks += [
        Task(f"strain, {pledge.title}", _strain, (evidence, pledge, rules))
        for pledge in inputs.pledges
        if not pledge.national and _can_warn(evidence, pledge, rules) and evidence.table("weo").height
    ]
    if evidence.table("weo").height:
        tasks.append(Task("additionality", additionality.cases, (evidence,)))
        tasks.append(Task("share in the health crisis", _split_2020, (evidence,)))
    if evidence.table("sipri").height and any(task.name.startswith("early warning") for task in tasks):
        tasks.append(Task("track record", _track, (evidence,)))
    if inputs.contingencies:
        tasks += [Task(f"gap, {name}", assess_gap, (inputs, tables)) for name, tables in GAP_PARTS]
        tasks += [Task(f"plan and shift, {name}", make_plan, (inputs, tables)) for name, tables in PLAN_PARTS]
    tasks.append(Task("revisions", _revisions, (evidence,)))
    if known:
        tasks.append(Task("claims", _check, (evidence, known, rules)))
    return tasks


GAP_PARTS: Final = (
    ("what can be met", ("attainment", "coverage", "twice")),
    ("shares and cuts", ("european_share", "preponderance", "us_cut", "us_cut_case", "cut_cost")),
    ("modest investments", ("multiplier", "package")),
    ("inputs and flip numbers", ("flip", "published_set", "holding", "requirement")),
)
"""Tables of the gap that are worked out in one task."""


def assess_gap(inputs: Inputs, tables: tuple[str, ...]) -> tuple[Finding, ...]:
    """Return some tables of the gap of a scenario."""
    from article3.gap.analysis import gap  # noqa: PLC0415 - the solver, for scenarios with contingencies

    return gap(inputs).findings(tables)


PLAN_PARTS: Final = (
    ("who orders what, who leaves when", tuple(name for name in PLAN_TABLES if name != "alternative")),
)  # fmt: skip
"""Tables of the plan that are made in one task, with all those of the shift: one, so that the plan is made once."""


def make_plan(inputs: Inputs, tables: tuple[str, ...]) -> tuple[Finding, ...]:
    """Return some tables of the plan of a scenario, and all of the shift that rests on it."""
    from article3.plan.analysis import plan  # noqa: PLC0415 - the solver, for scenarios with contingencies
    from article3.run.shifting import shifted, table  # noqa: PLC0415

    try:
        made = plan(inputs)
    except NotKnownError:  # before NATO's and the IMF's figures of every Ally that plans were out there is a gap only
        return ()
    handed = shifted(inputs, made)
    return (*made.findings(tables), *(table(handed, name)[0] for name in SHIFT_TABLES))


def rules_of(inputs: Inputs) -> Rules:
    """Return the ledger's settings of a scenario."""
    return Rules(inputs.scenario.ledger.min_reporting, inputs.scenario.ledger.mixed)


def _pledge(inputs: Inputs, name: str) -> Pledge:
    return next(item for item in inputs.pledges if item.id == name)


def compare_years(evidence: Evidence, pledge: Pledge, item: Comparison, rules: Rules) -> tuple[Finding, ...]:
    """Return what one year looked like then and now, with both counts."""
    then = evidence.known_on(item.then)
    now = evidence.known_on(item.now) if item.now else evidence
    return (revisions.then_now(then, now, pledge, item.year, rules), counts.count(then, pledge, rules))


def judge_pledge(evidence: Evidence, pledge: Pledge, rules: Rules) -> tuple[Finding, ...]:
    """Return all findings about one pledge as known on the evidence's date."""
    found = [ledger.status(evidence, pledge, rules)]
    if not pledge.national:
        found += [counts.count(evidence, pledge, rules), counts.count_by_release(evidence, pledge, rules)]
    if "halt_decline" in pledge.clauses:
        found.append(decline.decline(evidence, pledge))
    return tuple(found)


def _can_warn(evidence: Evidence, pledge: Pledge, rules: Rules) -> bool:
    """Return whether a pledge can be forecast: a share of GDP by a deadline still ahead, from enough figures."""
    from article3.pledge import warning  # noqa: PLC0415 - numpy, not for every verb

    try:
        return (
            pledge.measure == warning.MEASURE
            and pledge.applies == "by_deadline"
            and pledge.deadline > warning.basis(evidence, rules).origin
        )
    except NotKnownError:
        return False


def warn(evidence: Evidence, pledge: Pledge, rules: Rules) -> tuple[Finding, ...]:
    """Return the early warning of one pledge; what a declared plan counts for is shown once, by the track record."""
    from article3.pledge import warning  # noqa: PLC0415

    return tuple(item for item in warning.early_warning(evidence, pledge, rules) if item.name != "credibility")


def _track(evidence: Evidence) -> tuple[Finding, ...]:
    from article3.forecast import scoreboard, track  # noqa: PLC0415
    from article3.pledge import calls, plans  # noqa: PLC0415

    everything = open_evidence(folders=evidence.folders).overlaid(evidence.overlays)
    return (
        *track.track_record(everything, extra=False),
        scoreboard.scoreboard(everything),
        plans.credibility(evidence),
        calls.first_calls(evidence),
    )


def _strain(evidence: Evidence, pledge: Pledge, rules: Rules) -> tuple[Finding, ...]:
    from article3.pledge import money  # noqa: PLC0415 - numpy, not for every verb

    found = [strain.strain(evidence, pledge, rules=rules)]
    with contextlib.suppress(NotKnownError):  # before 2021 no edition's levels can be held against outcomes
        found.append(money.money(evidence, pledge, rules))
    return tuple(found)


def _split_2020(evidence: Evidence) -> tuple[Finding, ...]:
    try:
        return (strain.health_crisis(evidence),)
    except NotKnownError:
        return ()


def _shock(evidence: Evidence, pledge: Pledge, rules: Rules) -> tuple[Finding, ...]:
    return (shock.health_crisis(evidence, pledge, rules),)


def _revisions(evidence: Evidence) -> tuple[Finding, ...]:
    return (revisions.revisions(evidence),)


def _check(evidence: Evidence, known: tuple[claims.Claim, ...], rules: Rules) -> tuple[Finding, ...]:
    return (claims.check_claims(evidence, known, rules),)


def _claims_file(inputs: Inputs) -> Path | None:
    name = inputs.scenario.claims
    return None if name == "none" else claims.EXAMPLE if name == "example" else inputs.folder / name


def digest_of(inputs: Inputs) -> str:
    """Return the digest that a run of some inputs has: known before it is run."""
    return _digest(inputs, _claims_file(inputs))


def _digest(inputs: Inputs, listed: Path | None) -> str:
    from article3 import __version__  # noqa: PLC0415

    parts: dict[str, Any] = {
        "article3": __version__,
        "scenario": inputs.canonical(),
        "evidence": inputs.evidence.digest(),
        "planning": inputs.gap_digest(),
        "claims": hashlib.sha256(listed.read_bytes()).hexdigest() if listed else None,
    }
    if state := state_digest(inputs):
        parts["state"] = state
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
