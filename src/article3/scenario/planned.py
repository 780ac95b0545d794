"""The part of a scenario that rests on the planning tables: contingencies, situations, postures, own workbooks."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from article3.domain import allies, ally, capability, expand
from article3.errors import Article3Error, Fault, InputError, ScenarioError, unknown_name_fault
from article3.evidence.planbook import Line, capability_line, held_lines
from article3.evidence.planbook_reading import read_workbook
from article3.evidence.planning import Overlay, Planning, open_planning, planning_folders, read_kept
from article3.evidence.releases import read_sources
from article3.scenario.contingency import (
    CONTINGENCIES,
    Contingency,
    given_faults,
    read_contingency,
    shipped_contingencies,
    with_own,
)
from article3.scenario.drawdown import with_codes
from article3.scenario.paths import inside
from article3.scenario.plan_checks import OWN_FILE, Assessed, At, assessed, plan_faults
from article3.scenario.schema import Scenario
from article3.scenario.shift_checks import leaving, shift_faults
from article3.scenario.shift_schema import Drawdown
from article3.scenario.yamlfile import Where

WORKBOOK: Final = ".xlsx"


@dataclass(frozen=True, slots=True)
class Planned:
    """What a scenario makes of the planning tables.

    Parameters
    ----------
    contingencies
        The contingencies, with requirements of the user's own in their place.
    overlays
        All figures of the user's own where the scenario names a workbook; None where only kept ones hold.
    warnings
        What a reader must know.
    faults
        Everything that is wrong.
    drawdowns
        The drawdowns to judge; none where something is wrong.
    """

    contingencies: tuple[Contingency, ...] = ()
    overlays: tuple[Overlay, ...] | None = None
    warnings: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    drawdowns: tuple[Drawdown, ...] = ()


def planning_of(overlays: tuple[Overlay, ...] | None) -> Planning:
    """Return the planning tables under a scenario's own figures; those kept by the user where it brings none."""
    return open_planning() if overlays is None else open_planning(planning_folders()[:1], overlays)


def plan(parsed: Scenario, folder: Path, at: At, unread: Collection[Where] = ()) -> Planned:
    """Read a scenario's contingencies and workbooks, and check all that rests on the planning tables.

    A scenario without contingencies and workbooks opens no planning table.

    Parameters
    ----------
    parsed
        The scenario.
    folder
        Folder in which its files are looked for.
    at
        Where a path of the scenario stands.
    unread
        Paths of the scenario that cannot be read and were left out.
    """
    faults = [*_who_faults(parsed, at), *_situation_names(parsed, at)]
    # A file that is not there is told elsewhere, with the other files the scenario names.
    books = [
        (name, at(("evidence", place)))
        for place, name in enumerate(parsed.evidence)
        if name.lower().endswith(WORKBOOK) and (folder / name).is_file()
    ]
    if not parsed.contingencies and not books:
        schedules = leaving(parsed, folder, None, at, unread)
        known = assessed(parsed, (), unread)
        faults += [*_members(parsed, known, at), *plan_faults(parsed, known, folder, at, unread)]
        faults += [*schedules.faults, *shift_faults(parsed, None, at, unread)]
        return Planned(faults=tuple(faults), drawdowns=() if faults else with_codes(schedules.found))
    try:
        planning = open_planning()
    except InputError as error:
        more = tuple(plan_faults(parsed, assessed(parsed, (), unread), folder, at, unread))
        more += (*leaving(parsed, folder, None, at, unread).faults, *shift_faults(parsed, None, at, unread))
        return Planned(faults=(*faults, *error.faults, *more))
    faults += _version_faults(parsed, planning, at)
    found, more = _read(parsed, folder, planning, at)
    known = assessed(parsed, found, unread)
    faults += [*more, *_members(parsed, known, at), *plan_faults(parsed, known, folder, at, unread)]
    schedules = leaving(parsed, folder, planning, at, unread)
    faults += [*schedules.faults, *shift_faults(parsed, planning, at, unread)]
    overlays = None
    warnings: tuple[str, ...] = ()
    if books:
        try:
            overlays, warnings = _books(books, folder, found)
            planning = planning_of(overlays)
        except InputError as error:
            return Planned(faults=(*faults, *error.faults))
        faults += [fault for item in found for fault in given_faults(item, planning)] if not faults else []
    try:
        found = tuple(with_own(item, planning.requirements) for item in found)
    except ScenarioError as error:
        faults += error.faults
    warnings += tuple(_passed_over(planning.requirements, found))
    warnings += (*_notices(parsed, planning), *schedules.warnings) if parsed.contingencies else ()
    return Planned(found, overlays, warnings, tuple(faults), () if faults else with_codes(schedules.found))


def gap_digest(planning: Planning, contingencies: Iterable[Contingency]) -> str:
    """Return the SHA-256 of the planning tables and the contingencies: same digest, same requirements and means."""
    total = hashlib.sha256(planning.digest().encode())
    for item in contingencies:
        # Where a line stands makes no difference to what it says.
        needs = tuple(replace(need, where="") for need in item.needs)
        total.update(repr(replace(item, where="", needs=needs)).encode())
    return total.hexdigest()


def requirement_lines(contingencies: Iterable[Contingency]) -> list[Line]:
    """Return the requirements of contingencies as rows of a planning workbook."""
    return [
        capability_line(
            (item.id, need.capability, str(need.window_days)),
            item.title,
            (need.low, need.central, need.high),
            (need.standing, need.source_id, need.note),
        )
        for item in contingencies
        for need in item.needs
    ]


def read_shipped(planning: Planning) -> tuple[Contingency, ...]:
    """Return the shipped contingencies.

    Raises
    ------
    ScenarioError
        One of them has faults; carries those of all.
    """
    found: list[Contingency] = []
    faults: list[Fault] = []
    for name in shipped_contingencies():
        try:
            found.append(read_contingency(CONTINGENCIES / f"{name}.yaml", planning))
        except ScenarioError as error:
            faults += error.faults
    if faults:
        raise ScenarioError(faults)
    return tuple(found)


def _who_faults(parsed: Scenario, at: At) -> Iterator[Fault]:
    """Yield absent and limited Allies that do not exist."""
    try:
        out = expand(parsed.without)
    except InputError as error:
        yield from (Fault(fault.what, at(("without",)), mend=fault.mend) for fault in error.faults)
        out = ()
    if len(out) == len(allies()):
        yield Fault("without all Allies nobody is left", at(("without",)), ", ".join(parsed.without))
    seen: dict[str, str] = {}
    for place, item in enumerate(parsed.caveats):
        where = at(("caveats", place))
        try:
            code = ally(item.ally).code
        except Article3Error as error:
            yield Fault(error.faults[0].what, where, mend=error.faults[0].mend)
            continue
        if code in seen:
            yield Fault(f"'{code}' has two caveats", where, f"{seen[code]} too", mend="Keep one.")
        seen.setdefault(code, where)


def _version_faults(parsed: Scenario, planning: Planning, at: At) -> Iterator[Fault]:
    """Yield versions of the offer of the United States that are not held."""
    known = planning.table("offers")["version"].unique(maintain_order=True).to_list()
    named: list[tuple[str, Where]] = [(parsed.us.with_us, ("us", "with_us")), (parsed.us.reduced, ("us", "reduced"))]
    named += [(name, ("us", "variants", place)) for place, name in enumerate(parsed.us.variants)]
    for name, path in named:
        if name not in known:
            yield unknown_name_fault("version of the offer of the United States", name, known, at(path))
    if len({parsed.us.reduced, *parsed.us.variants}) <= len(parsed.us.variants):
        yield Fault("a version is named twice", at(("us", "variants")), ", ".join(parsed.us.variants))


def _read(
    parsed: Scenario, folder: Path, planning: Planning, at: At
) -> tuple[tuple[Contingency, ...], tuple[Fault, ...]]:
    """Return the scenario's contingencies, and the faults of those that cannot be read."""
    found: dict[str, Contingency] = {}
    faults: list[Fault] = []
    for place, name in enumerate(parsed.contingencies):
        where = at(("contingencies", place))
        try:
            item = read_contingency(_file(name, folder, where), planning)
        except InputError as error:
            faults += error.faults
            continue
        if item.id in found:
            mend = "Name each once; a file of your own needs a name of its own in its first line."
            faults.append(Fault(f"the contingency '{item.id}' is named twice", where, name, mend=mend))
        found[item.id] = item
    return tuple(found.values()), tuple(faults)


def _file(name: str, folder: Path, where: str) -> Path:
    if name.lower().endswith(OWN_FILE):
        path = inside(folder, name, where)
        if not path.is_file():
            raise ScenarioError(Fault("there is no such file", where, f"'{name}'", mend=f"Looked in {folder}."))
        return path
    if name not in shipped_contingencies():
        fault = unknown_name_fault("contingency", name, shipped_contingencies(), where)
        raise ScenarioError(Fault(fault.what, where, mend=f"{fault.mend} A file of your own ends in .yaml."))
    return CONTINGENCIES / f"{name}.yaml"


def _situation_names(parsed: Scenario, at: At) -> Iterator[Fault]:
    """Yield situations of one name, and members named twice."""
    seen: dict[str, str] = {}
    for place, item in enumerate(parsed.situations):
        where = at(("situations", place))
        if item.situation in seen:
            yield Fault(f"the situation '{item.situation}' stands twice", where, f"{seen[item.situation]} too")
        seen.setdefault(item.situation, where)
        for name in dict.fromkeys(item.contingencies):
            if item.contingencies.count(name) > 1:
                yield Fault(f"'{item.situation}' names '{name}' twice", where, mend="A contingency runs once.")


def _members(parsed: Scenario, known: Assessed, at: At) -> Iterator[Fault]:
    """Yield members of situations that the scenario does not assess, and names used for both."""
    for place, item in enumerate(parsed.situations):
        where = at(("situations", place))
        if item.situation in known.ids:
            yield Fault(f"'{item.situation}' is the name of a contingency", where, mend="Choose another name.")
        for name in dict.fromkeys(item.contingencies):
            for fault in known.unknown(name, where):
                yield replace(fault, what=f"'{item.situation}': {fault.what}")


def _books(
    books: Sequence[tuple[str, str]], folder: Path, found: Sequence[Contingency]
) -> tuple[tuple[Overlay, ...], tuple[str, ...]]:
    """Return all own figures once the scenario's workbooks are laid over those kept, and what to say of them."""
    default = open_planning(planning_folders()[:1])
    shipped = {item.id: item for item in read_shipped(default)}
    held = held_lines(default, requirement_lines((shipped | {item.id: item for item in found}).values()))
    own = tuple(item for place in planning_folders() for item in read_kept(place))
    warnings: list[str] = []
    faults: list[Fault] = []
    for name, where in books:
        try:
            edits = read_workbook(inside(folder, name, where), held, own)
        except InputError as error:
            faults += error.faults
            continue
        own = edits.over(own)
        warnings += edits.warnings
    if faults:
        raise ScenarioError(faults)
    return own, tuple(warnings)


def _passed_over(own: Iterable[Overlay], found: Iterable[Contingency]) -> Iterator[str]:
    """Yield own requirements for which a contingency has no place any more."""
    needs = {(item.id, need.capability, str(need.window_days)) for item in found for need in item.needs}
    names = {key[0] for key in needs}
    for item in own:
        if item.key[0] in names and (item.key not in needs or item.unit != capability(item.key[1]).unit):
            yield f"Your own requirement {', '.join(item.key)} ({item.where}) has no place here and was passed over."


def _notices(parsed: Scenario, planning: Planning) -> Iterator[str]:
    """Yield what a reader of any answer must know of the planning tables."""
    if planning.missing:
        yield planning.missing
    used = {name for table in ("holdings", "offers", "effects") for name in planning.table(table)["source_id"].unique()}
    published = [source.published for name, source in read_sources(planning.folders[0]).items() if name in used]
    newest = max(published, default="")
    if parsed.as_of.isoformat()[: len(newest)] < newest:
        yield (
            f"Holdings, offers and requirements are not held by release: this scenario, as known on {parsed.as_of}, "
            f"uses figures published up to {newest}."
        )
