"""From a scenario file to inputs: extend, override, validate, open the evidence; all faults in one report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from article3.domain import Pledge, ally, expand, pledge, pledges
from article3.errors import (
    Article3Error,
    EvidenceError,
    Fault,
    ScenarioError,
    UnknownNameError,
    suggest,
    unknown_name_fault,
)
from article3.evidence.own import with_tables
from article3.evidence.planning import Overlay, Planning
from article3.evidence.store import Evidence, open_evidence
from article3.scenario.contingency import Contingency
from article3.scenario.paths import inside
from article3.scenario.planned import WORKBOOK, gap_digest, plan, planning_of
from article3.scenario.schema import LEVEL_CEILING_PCT, Caveat, OwnPledge, Scenario, Situation
from article3.scenario.shift_schema import Drawdown
from article3.scenario.wording import meant, value_faults
from article3.scenario.yamlfile import Document, Where, parse_yaml, read_yaml

SHIPPED: Final = Path(__file__).with_name("shipped")
_PARTED: Final = ("plan", "shift")
"""Keys of a scenario of which single parts can be left out."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """A resolved scenario with the evidence it opens.

    Parameters
    ----------
    name
        Name of the scenario: that of the shipped one, or of the file without its ending.
    scenario
        The assumptions, complete.
    evidence
        Everything known by the scenario's as-of date.
    pledges
        The pledges to judge.
    folder
        Folder in which paths of the scenario are looked for.
    changed
        Keys that differ from ``baseline``.
    warnings
        What was left out of an extended scenario because it no longer fits, and what to mind of the planning tables.
    contingencies
        The contingencies to assess; none where no gap is assessed.
    situations
        Contingencies that run at once.
    without
        Codes of the Allies that are absent in the posture *without*.
    overlays
        All planning figures of the user's own where the scenario names a workbook; None where only kept ones hold.
    drawdowns
        The drawdowns to judge, as schedules; hosts are codes of Allies or ``any``.
    """

    name: str
    scenario: Scenario
    evidence: Evidence
    pledges: tuple[Pledge, ...]
    folder: Path
    changed: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    contingencies: tuple[Contingency, ...] = ()
    situations: tuple[Situation, ...] = ()
    without: tuple[str, ...] = ("USA",)
    overlays: tuple[Overlay, ...] | None = None
    drawdowns: tuple[Drawdown, ...] = ()

    @property
    def planning(self) -> Planning:
        """The planning tables with the user's own figures; opened when first asked for.

        Raises
        ------
        EvidenceError
            A planning table breaks its rules; cannot happen to a scenario with contingencies, which has read them.
        """
        return planning_of(self.overlays)

    def gap_digest(self) -> str:
        """Return the SHA-256 of planning tables and contingencies; empty where no gap is assessed."""
        return gap_digest(self.planning, self.contingencies) if self.contingencies else ""

    def canonical(self) -> str:
        """Return the scenario as canonical JSON, drawdowns written out: same assumptions, same text."""
        data = self.scenario.model_dump(mode="json")
        data["shift"]["drawdowns"] = [item.model_dump(mode="json") for item in self.drawdowns]
        return json.dumps(data, sort_keys=True, separators=(",", ":"))


def shipped_scenarios() -> tuple[str, ...]:
    """Return the names of the shipped scenarios."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def resolve(scenario: str | Path = "baseline", overrides: Mapping[str, str] | None = None) -> Inputs:
    """Read a scenario and open its evidence.

    Parameters
    ----------
    scenario
        Name of a shipped scenario, or path of a file.
    overrides
        Values by dotted key, as YAML text: ``{"horizon.end": "2040"}``.

    Raises
    ------
    ScenarioError
        Any fault, all of them at once, by file and line, with suggestions.
    NotKnownError
        Nothing had been published by the as-of date.
    """
    path = _find(scenario)
    chain = _chain(path)
    for key, value in (overrides or {}).items():
        chain.append(_override_document(key, value))
    data, origin = _merge(chain)
    try:
        parsed = Scenario.model_validate(data)
    except ValidationError as error:
        found = value_faults(error, origin.where)
        raise ScenarioError(dict.fromkeys([*found, *_further(data, error, origin, path.parent)])) from error
    parsed, warnings = _without_outdated(parsed, origin)
    faults = list(_semantic_faults(parsed, origin, path.parent))
    planned = plan(parsed, path.parent, origin.where)
    if faults or planned.faults:
        raise ScenarioError(dict.fromkeys([*faults, *planned.faults]))
    parsed = _with_codes(parsed)
    evidence = open_evidence(parsed.as_of)
    tables = [path.parent / name for name in parsed.evidence if not name.lower().endswith(WORKBOOK)]
    if tables:
        try:
            evidence = with_tables(evidence, tables)
        except EvidenceError as error:
            raise ScenarioError(error.faults) from error
    judged = tuple(_pledge(item) for item in parsed.pledges)
    early = [item for item in judged if item.agreed > parsed.as_of]
    warnings += tuple(f"Left out: {item.id} was agreed on {item.agreed}, after {parsed.as_of}." for item in early)
    return Inputs(
        path.stem,
        parsed,
        evidence,
        tuple(item for item in judged if item not in early),
        path.parent,
        _changed(parsed),
        (*warnings, *planned.warnings),
        planned.contingencies,
        parsed.situations,
        expand(parsed.without),
        planned.overlays,
        planned.drawdowns,
    )


def _with_codes(parsed: Scenario) -> Scenario:
    """Return a checked scenario with the codes of Allies in caveats, fit and posts, however they were spelled."""
    caveats = tuple(Caveat(ally=ally(item.ally).code, only=item.only) for item in parsed.caveats)
    fit = tuple(item.model_copy(update={"ally": ally(item.ally).code}) for item in parsed.plan.fit)
    posts = parsed.shift.posts
    leads = tuple(item.model_copy(update={"ally": ally(item.ally).code}) for item in posts.fixed)
    shift = parsed.shift.model_copy(update={"posts": posts.model_copy(update={"fixed": leads})})
    plan_ = parsed.plan.model_copy(update={"fit": fit})
    return parsed.model_copy(update={"caveats": caveats, "plan": plan_, "shift": shift})


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where each value of a merged scenario stands."""

    documents: tuple[Document, ...]

    def where(self, path: Where) -> str:
        """Return the place of a path in the document that set it last."""
        for end in range(len(path), 0, -1):
            for document in reversed(self.documents):
                if path[:end] in document.lines:
                    return document.where(path[:end])
        return self.documents[-1].name


def _find(scenario: str | Path) -> Path:
    text = str(scenario)
    if text in shipped_scenarios():
        return SHIPPED / f"{text}.yaml"
    path = Path(scenario)
    if path.suffix.lower() in (".yaml", ".yml") or path.exists():
        return path
    raise ScenarioError(unknown_name_fault("scenario", text, shipped_scenarios()))


def _chain(path: Path) -> list[Document]:
    """Return the documents a scenario is made of, the most basic first."""
    chain: list[Document] = []
    seen: list[Path] = []
    current: Path | None = path
    while current is not None:
        real = current.resolve()
        if real in seen:
            names = " -> ".join(item.name for item in [*seen, real])
            raise ScenarioError(
                Fault(
                    "the scenario extends itself",
                    where=chain[-1].where(("extends",)),
                    found=names,
                    mend="Let it extend a shipped scenario, such as 'extends: baseline'.",
                )
            )
        seen.append(real)
        document = read_yaml(current)
        if not isinstance(document.data, dict):
            raise ScenarioError(
                Fault(
                    "a scenario is a list of 'key: value' lines",
                    where=document.name,
                    expected="such as 'extends: baseline'",
                )
            )
        chain.append(document)
        current = _parent(document, current)
    return chain[::-1]


def _parent(document: Document, path: Path) -> Path | None:
    parent = document.data.get("extends")
    if parent is None:
        return None
    where = document.where(("extends",))
    if not isinstance(parent, str):
        raise ScenarioError(Fault("'extends' names one scenario", where=where, found=repr(parent)))
    if parent in shipped_scenarios() and (path.parent != SHIPPED or parent != path.stem):
        return SHIPPED / f"{parent}.yaml"
    if not parent.lower().endswith((".yaml", ".yml")):
        if parent == path.stem:
            return path
        raise ScenarioError(unknown_name_fault("scenario", parent, shipped_scenarios(), where))
    return inside(path.parent, parent, where)


def _override_document(key: str, value: str) -> Document:
    document = parse_yaml(value, f"--set {key}")
    data: Any = document.data
    keys = key.split(".")
    for part in reversed(keys):
        data = {part: data}
    lines: dict[Where, int] = {tuple(keys[: end + 1]): 1 for end in range(len(keys))}
    return Document(f"--set {key}={value}", data, lines)


def _merge(chain: list[Document]) -> tuple[dict[str, Any], _Origin]:
    merged: dict[str, Any] = {}
    for document in chain:
        merged = _overlay(merged, document.data)
    merged.pop("extends", None)
    return merged, _Origin(tuple(chain))


def _overlay(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` with the values of ``top``; mappings merge, lists and scalars replace."""
    out = dict(base)
    for key, value in top.items():
        old = out.get(key)
        out[key] = _overlay(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out


def _further(data: Mapping[Any, Any], error: ValidationError, origin: _Origin, folder: Path) -> list[Fault]:
    """Return the faults of the keys that can be read, so that one look at the message is enough to mend all.

    What cannot be read is left out: of plan and shift the part of it, otherwise the whole key.
    """
    own = {name: data[name] for name in _PARTED if isinstance(data.get(name), dict)}
    paths = {item["loc"][:2] for item in error.errors(include_url=False)}
    bad = {path if path[-1] in own.get(str(path[0]), ()) else path[:1] for path in paths}
    baseline, _ = _merge(_chain(SHIPPED / "baseline.yaml"))
    readable = {**baseline, **{key: data[key] for key in data if isinstance(key, str) and (key,) not in bad}}
    for name in _PARTED:
        if name in readable:
            readable[name] = {key: value for key, value in readable[name].items() if (name, key) not in bad}
    parsed = Scenario.model_validate(readable)
    unread = {place for path in bad for place in meant(path)}
    return [*_semantic_faults(parsed, origin, folder), *plan(parsed, folder, origin.where, unread).faults]


def _without_outdated(parsed: Scenario, origin: _Origin) -> tuple[Scenario, tuple[str, ...]]:
    """Leave out comparisons that a shipped scenario brought along and that an earlier as-of date makes void.

    Comparisons that the user wrote stay, and are faults if they cannot be made.
    """
    brought = next((doc for doc in reversed(origin.documents) if ("compare",) in doc.lines), None)
    if brought is None or brought.name not in {f"{name}.yaml" for name in shipped_scenarios()}:
        return parsed, ()
    judged = {item if isinstance(item, str) else item.pledge for item in parsed.pledges}
    kept = tuple(item for item in parsed.compare if item.then < (item.now or parsed.as_of) and item.pledge in judged)
    dropped = [f"{item.pledge} {item.year} as known on {item.then}" for item in parsed.compare if item not in kept]
    warnings = tuple(f"Left out, because it does not fit this scenario: comparison of {text}." for text in dropped)
    return parsed.model_copy(update={"compare": kept}), warnings


def _semantic_faults(parsed: Scenario, origin: _Origin, folder: Path) -> Iterable[Fault]:
    if parsed.as_of > date.today():  # noqa: DTZ011 - a calendar day, not a moment
        yield Fault("the as-of date lies in the future", where=origin.where(("as_of",)), found=str(parsed.as_of))
    if parsed.horizon.end < parsed.horizon.start:
        yield Fault(
            "the horizon ends before it starts",
            where=origin.where(("horizon",)),
            found=f"{parsed.horizon.start} to {parsed.horizon.end}",
        )
    for index, item in enumerate(parsed.pledges):
        yield from _pledge_faults(item, origin.where(("pledges", index)))
    known = [item if isinstance(item, str) else item.pledge for item in parsed.pledges]
    for index, comparison in enumerate(parsed.compare):
        where = origin.where(("compare", index))
        if comparison.pledge not in known:
            yield from _unknown_pledge(comparison.pledge, where, known)
        now = comparison.now or parsed.as_of
        if not comparison.then < now <= parsed.as_of:
            yield Fault(
                "'then' must come before 'now', and 'now' not after the scenario's as_of",
                where=where,
                found=f"then {comparison.then}, now {now}, as_of {parsed.as_of}",
            )
    for key, names in (("evidence", parsed.evidence), ("claims", (parsed.claims,))):
        for index, name in enumerate(names):
            if key == "claims" and name in ("example", "none"):
                continue
            where = origin.where((key, index) if key == "evidence" else (key,))
            try:
                path = inside(folder, name, where)
            except ScenarioError as error:
                yield from error.faults
                continue
            if not path.is_file():
                yield Fault("there is no such file", where=where, found=f"'{name}'", mend=f"Looked in {folder}.")
            elif key == "evidence" and path.suffix.lower() not in (".csv", WORKBOOK):
                yield Fault("evidence is a table (.csv) or a planning workbook (.xlsx)", where, f"'{name}'")


def _unknown_pledge(name: str, where: str, known: Iterable[str]) -> Iterable[Fault]:
    close = suggest(name, known)
    mend = f"Did you mean {close[0]}?" if close else "Add it to 'pledges' as well."
    yield Fault(f"'compare' names pledge '{name}', which the scenario does not judge", where=where, mend=mend)


def _pledge_faults(item: str | OwnPledge, where: str) -> Iterable[Fault]:
    if isinstance(item, str):
        try:
            pledge(item)
        except UnknownNameError as error:
            yield Fault(error.faults[0].what, where=where, mend=error.faults[0].mend)
        return
    ceiling = LEVEL_CEILING_PCT.get(item.measure, 100.0)
    if item.level_pct > ceiling:
        yield level_fault(item.level_pct, ceiling, where)
    if item.deadline <= item.base_year:
        yield Fault("the deadline is not after the base year", where=where, found=f"{item.base_year}, {item.deadline}")
    if item.pledge in {shipped.id for shipped in pledges()}:
        yield Fault(f"'{item.pledge}' is the name of a shipped pledge", where=where, mend="Choose another name.")
    try:
        expand(item.allies)
    except UnknownNameError as error:
        yield Fault(error.faults[0].what, where=where, mend=error.faults[0].mend)


def level_fault(level_pct: float, ceiling: float, where: str) -> Fault:
    """Return the fault for a level that is out of reach, with the number probably meant."""
    meant = level_pct / 100 if level_pct / 100 <= ceiling else None
    return Fault(
        f"a level above {ceiling:g} % cannot be meant",
        where=where,
        found=f"{level_pct:g}",
        mend=f"Did you mean {meant:g}?" if meant else "Levels are in per cent.",
    )


def _pledge(item: str | OwnPledge) -> Pledge:
    if isinstance(item, str):
        return pledge(item)
    return Pledge(
        id=item.pledge,
        family=item.pledge,
        title=item.title,
        measure=item.measure,
        op=">=",
        level_pct=item.level_pct,
        applies="by_deadline",
        agreed=date(item.base_year, 1, 1),
        base_year=item.base_year,
        deadline=item.deadline,
        review=None,
        members=item.allies,
        exceptions=(),
        definition="nato_definition" if item.base_year < 2025 else "core_defence_2026",
        text="A pledge of the user's own.",
        clauses=(),
        milestones=(),
        national=len(item.allies) == 1,
        source_ids=("yours",),
        standing="yours",
        note="",
    )


def _changed(parsed: Scenario) -> tuple[str, ...]:
    try:
        data, _ = _merge(_chain(SHIPPED / "baseline.yaml"))
        base = Scenario.model_validate(data).model_dump()
    except Article3Error:
        return ()
    mine = parsed.model_dump()
    return tuple(key for key in mine if mine[key] != base[key])
