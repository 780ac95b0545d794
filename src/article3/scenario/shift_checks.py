"""What can be wrong in the part of a scenario that says how the burden shifts, beyond single values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from article3.domain import allies, ally, force_elements
from article3.errors import Article3Error, Fault, suggest, unknown_name_fault
from article3.evidence.planning import SEPARABLE_ELEMENTS, Planning
from article3.evidence.troops_checks import ALL_EUROPE
from article3.scenario.drawdown import ANY, Schedule, host_code, schedules, shipped_drawdowns
from article3.scenario.plan_checks import At
from article3.scenario.posts_checks import post_faults
from article3.scenario.schema import Scenario
from article3.scenario.shift_schema import Shift, Step
from article3.scenario.yamlfile import Where

_SLACK: Final = 1e-9
_PLANS: Final = ("expected", "cvar", "regret")
"""What the plans for all states are called, beside those made for one."""
_DRAWDOWNS: Final[Where] = ("shift", "drawdowns")


@dataclass(frozen=True, slots=True)
class Leaving:
    """The drawdowns of a scenario: those that hold, what is wrong with others, and what to say of them."""

    found: tuple[Schedule, ...] = ()
    faults: tuple[Fault, ...] = ()
    warnings: tuple[str, ...] = ()


def first_day(parsed: Scenario) -> date:
    """Return the day with which a scenario compares safety."""
    return parsed.shift.today or parsed.as_of


def last_day(parsed: Scenario) -> date:
    """Return the last day a scenario looks at: 1 July of its last year."""
    return date(parsed.shift.until, 7, 1)


def leaving(
    parsed: Scenario, folder: Path, planning: Planning | None, at: At, unread: Collection[Where] = ()
) -> Leaving:
    """Read the drawdowns of a scenario and check them.

    A shipped one that stands there by default and does not fit the scenario's day or offer is left out with a warning.

    Parameters
    ----------
    parsed, folder
        The scenario, and the folder in which its files are looked for.
    planning
        The planning tables; None where they are not opened: nothing is then held against what they say.
    at
        Where a path of the scenario stands.
    unread
        Paths of the scenario that cannot be read and were left out.
    """
    if {("shift",), _DRAWDOWNS} & set(unread):
        return Leaving()
    default = parsed.shift.drawdowns == Shift().drawdowns
    today = None if {("as_of",), ("shift", "today")} & set(unread) else first_day(parsed)
    found, told = schedules(parsed, folder, at)
    kept: list[Schedule] = []
    faults: list[Fault] = [*told, *_name_faults(found, at)]
    warnings: list[str] = []
    for item in found:
        wrong = list(_schedule_faults(item, parsed, planning, today))
        if default and wrong:
            warnings.append(f"Left out: drawdown {item.drawdown.drawdown}, {wrong[0].what}.")
            continue
        # Nobody can mend a shipped file: what is wrong with it is wrong with the scenario that names it.
        place: Where = (*_DRAWDOWNS, parsed.shift.drawdowns.index(item.drawdown.drawdown)) if item.shipped else ()
        faults += [replace(fault, where=at(place)) if place else fault for fault in wrong]
        kept.append(item)
    names = tuple(item.drawdown.drawdown for item in found)
    faults += [
        unknown_name_fault("drawdown", name, names, at(("shift", "close", place)))
        for place, name in enumerate(parsed.shift.close)
        if name not in names and not told
    ]
    warnings += _beyond(kept, last_day(parsed))
    return Leaving(tuple(kept), tuple(faults), tuple(warnings))


def _schedule_faults(
    item: Schedule, parsed: Scenario, planning: Planning | None, today: date | None
) -> Iterator[Fault]:
    """Yield everything that is wrong with one drawdown."""
    yield from _step_faults(item)
    today = item.drawdown.today or today
    if today:
        yield from _early(item, today)
    if planning:
        yield from _source_faults(item, planning)
        yield from _too_many_units(item, parsed, planning)
        yield from _too_many_people(item, planning)


def _beyond(found: Sequence[Schedule], last: date) -> Iterator[str]:
    """Yield what a reader must know of drawdowns that go on beyond the last day looked at."""
    for item in found:
        late, of = sum(step.date > last for step in item.drawdown.steps), len(item.drawdown.steps)
        if late:
            which = f"{late} of its {of} steps" if of > 1 else "its step"
            yield f"Not counted of drawdown {item.drawdown.drawdown}: {which}, after {last}, the last day looked at."


def shift_faults(
    parsed: Scenario, planning: Planning | None, at: At, unread: Collection[Where] = ()
) -> Iterator[Fault]:
    """Yield everything that is wrong in how the burden shifts, but for drawdowns.

    Parameters
    ----------
    parsed, planning, at, unread
        As for :func:`leaving`. Nothing is held against what stands by default in the place of what cannot be read.
    """
    # Days in disorder, or that cannot be read, bound nothing.
    blind = bool({("as_of",), ("shift",), ("shift", "today"), ("shift", "until")} & set(unread))
    days = [] if blind else list(_day_faults(parsed, at))
    yield from days
    yield from _element_faults(parsed, at)
    if not {("shift",), ("shift", "trust")} & set(unread):
        yield from _trust_faults(parsed, planning, None if blind or days else parsed.shift.until, at)
    if planning and not {("shift",), ("shift", "posts")} & set(unread):
        yield from post_faults(parsed, planning, at)


def _day_faults(parsed: Scenario, at: At) -> Iterator[Fault]:
    """Yield a today after the last day, and a notice that lasts longer than anybody looks."""
    today, last, notice = first_day(parsed), last_day(parsed), parsed.shift.notice_days
    if today >= last:
        where = at(("shift", "today") if parsed.shift.today else ("shift", "until"))
        mend = "Change 'today', or 'until' of the shift."
        yield Fault("today is not before the last day looked at", where, f"{today}, until {last}", mend=mend)
    elif today + timedelta(days=notice) >= last:
        where = at(("shift", "notice_days"))
        expected = f"fewer than {(last - today).days} days"
        mend = "Nothing could leave. Give less, or a later 'until'."
        yield Fault(f"notice runs beyond the last day looked at, {last}", where, f"{notice} days", expected, mend)


def _name_faults(found: Sequence[Schedule], at: At) -> Iterator[Fault]:
    """Yield two drawdowns of one name, and the user's own under the name of a shipped one."""
    seen: dict[str, str] = {}
    for item in found:
        name, where = item.drawdown.drawdown, item.at(("drawdown",))
        if name in seen:
            mend = "Name each once." if item.shipped else "Give one of them another name."
            place = f"{seen[name]} too" if seen[name] != where else "named twice"
            where = at(_DRAWDOWNS) if item.shipped else where
            yield Fault(f"two drawdowns are called '{name}'", where, place, mend=mend)
        elif not item.shipped and name in shipped_drawdowns():
            yield Fault(f"'{name}' is the name of a shipped drawdown", where, mend="Choose another name.")
        seen.setdefault(name, where)


def _elements() -> dict[str, str]:
    """Return force elements by all names that are understood well enough to suggest one."""
    return {item.title: item.id for item in force_elements()} | {item.id: item.id for item in force_elements()}


def _element_fault(name: str, where: str) -> Iterator[Fault]:
    names = _elements()
    if name not in names.values():
        yield unknown_name_fault("force element", name, names, where)


def _step_faults(item: Schedule) -> Iterator[Fault]:
    """Yield steps that say both or neither of units and people, and names that do not exist."""
    for place, step in enumerate(item.drawdown.steps):
        path: Where = ("steps", place)
        if step.units is not None and step.personnel is not None:
            mend = "Make two steps of it, one of units and one of people."
            yield Fault("a step has both units and people", item.at(path), mend=mend)
        elif step.units is None and step.personnel is None:
            example = "such as 'element: tanker, units: 16' or 'personnel: 4000'"
            yield Fault("a step says neither which units leave nor how many people", item.at(path), expected=example)
        elif step.personnel is not None and step.element:
            mend = "Leave the element out: people take units with them by rule. Or give units of it."
            yield Fault("people leave, and an element is named", item.at((*path, "element")), step.element, mend=mend)
        elif step.units is not None and not step.element:
            mend = "Add 'element', such as 'element: tanker'."
            yield Fault("units leave, and no force element is named", item.at((*path, "units")), mend=mend)
        if step.element:
            yield from _element_fault(step.element, item.at((*path, "element")))
        yield from _host_faults(step.host, item.at((*path, "host")))


def _host_faults(host: str, where: str) -> Iterator[Fault]:
    if host_code(host) == ANY:
        return
    try:
        found = ally(host)
    except Article3Error as error:
        told = error.faults[0]
        yield Fault(told.what, where, mend=told.mend or f"Or '{ANY}' for all of Europe.")
        return
    if found.region != "europe":
        what = f"{found.name} is not in Europe"
        yield Fault(what, where, host, f"a European Ally, or '{ANY}' for all of Europe", "A drawdown is from Europe.")


def _early(item: Schedule, today: date) -> Iterator[Fault]:
    for place, step in enumerate(item.drawdown.steps):
        if step.date <= today:
            what = f"a step of '{item.drawdown.drawdown}' is not after today"
            mend = "For a schedule of the past, name in the drawdown its 'today', the day before its first step."
            mend = "Leave the drawdown out, or give the shift an earlier 'today'." if item.shipped else mend
            yield Fault(what, item.at(("steps", place, "date")), str(step.date), f"after {today}", mend)


def _source_faults(item: Schedule, planning: Planning) -> Iterator[Fault]:
    source = item.drawdown.source
    if source not in planning.sources and source != "yours":
        close = suggest(source, tuple(planning.sources))
        mend = f"Did you mean {' or '.join(close)}? " if close else ""
        mend += "A source of your own: write 'source: yours', and name it in the note."
        yield Fault(f"unknown source '{source}'", item.at(("source",)), mend=mend)


def _ordered(steps: Sequence[Step]) -> list[tuple[int, Step]]:
    return sorted(enumerate(steps), key=lambda entry: entry[1].date)


def _too_many_units(item: Schedule, parsed: Scenario, planning: Planning) -> Iterator[Fault]:
    """Yield steps by which more units have left than the United States offers, or than are in a host."""
    version = parsed.us.with_us
    offers = planning.table("offers")
    offered = {row["element"]: row["central"] for row in offers.iter_rows(named=True) if row["version"] == version}
    based: dict[tuple[str, str], float] = defaultdict(float)
    for row in planning.table("basing").iter_rows(named=True):
        based[row["element"], row["host"]] += row["high"]
    known = set(_elements().values())
    hosts = {item.code for item in allies() if item.region == "europe"}
    gone: dict[tuple[str, str], float] = defaultdict(float)
    told: set[str] = set()
    for place, step in _ordered(item.drawdown.steps):
        element, host = step.element, host_code(step.host)
        # What was counted in a part that has been deleted is not known, so nothing is held against it.
        lost = planning.missing and element in SEPARABLE_ELEMENTS and element not in offered
        if step.units is None or element not in known or lost or not offered:
            continue
        where = item.at(("steps", place, "units"))
        gone[element, ANY] += step.units
        there = offered.get(element, 0.0)
        if gone[element, ANY] > there + _SLACK and element not in told:
            told.add(element)
            what = f"more of {element} leaves than the United States offers"
            yield Fault(what, where, f"{gone[element, ANY]:g} in all", f"at most {there:g}, as in {version}")
        if host in hosts:
            gone[element, host] += step.units
            there = based[element, host]
            if gone[element, host] > there + _SLACK:
                what = f"{gone[element, host]:g} of {element} leave {host}, where at most {there:g} are"
                mend = f"Give fewer, or 'host: {ANY}': what is not in Europe leaves the offer too."
                yield Fault(what, where, mend=mend)


def _too_many_people(item: Schedule, planning: Planning) -> Iterator[Fault]:
    """Yield steps by which more people have left a host, or Europe, than are there."""
    rows = planning.table("troops").iter_rows(named=True)
    there: Mapping[str, float] = {row["host"]: row["central"] for row in rows if row["measure"] == "presence"}
    gone: dict[str, int] = defaultdict(int)
    for place, step in _ordered(item.drawdown.steps):
        if step.personnel is None:
            continue
        code, where = host_code(step.host), item.at(("steps", place, "personnel"))
        for host, name in ((code, code), (ALL_EUROPE, "Europe")):
            if host == ANY or host not in there:
                continue
            before, after = gone[host], gone[host] + step.personnel
            gone[host] = after
            if before <= there[host] < after:  # once: later steps only make it more
                yield Fault(
                    f"{after:,} people leave {name}, where {there[host]:,.0f} are",
                    where,
                    mend="All steps up to this day are added. How many are there: see table troops.",
                )
                break


def _element_faults(parsed: Scenario, at: At) -> Iterator[Fault]:
    """Yield elements of keep, priorities and late deliveries that do not exist, stand twice, or contradict."""
    shift = parsed.shift
    for key, names in (("keep", shift.keep), ("priorities", shift.priorities)):
        for place, name in enumerate(names):
            where = at(("shift", key, place))
            yield from _element_fault(name, where)
            if name in names[:place]:
                yield Fault(f"'{name}' stands twice in '{key}'", where, mend="Name it once.")
    for place, name in enumerate(shift.priorities):
        if name in shift.keep:
            what = f"'{name}' is wanted back first and does not leave whatever happens"
            yield Fault(what, at(("shift", "priorities", place)), mend="Leave it out of 'keep' or of 'priorities'.")
    seen: dict[tuple[str, int], str] = {}
    for place, late in enumerate(shift.late):
        where = at(("shift", "late", place))
        yield from _element_fault(late.element, at(("shift", "late", place, "element")))
        if (late.element, late.year) in seen:
            what = f"deliveries of {late.element} of {late.year} are late twice"
            yield Fault(what, where, f"{seen[late.element, late.year]} too", mend="Keep one.")
        seen.setdefault((late.element, late.year), where)


def _trust_faults(parsed: Scenario, planning: Planning | None, until: int | None, at: At) -> Iterator[Fault]:
    """Yield what is wrong with the ways the United States may go."""
    trust = parsed.shift.trust
    domains = sorted({item.domain for item in force_elements()})
    versions = planning.table("offers")["version"].unique(maintain_order=True).to_list() if planning else []
    seen: dict[str, str] = {}
    for place, state in enumerate(trust.states):
        path: Where = ("shift", "trust", "states", place)
        if state.state in seen:
            found = f"{seen[state.state]} too"
            yield Fault(f"two states are called '{state.state}'", at(path), found, mend="Give one another name.")
        seen.setdefault(state.state, at(path))
        if state.state in _PLANS:
            mend = "Give the state another name."
            yield Fault(f"'{state.state}' is the name of a plan for all states", at(path), mend=mend)
        if planning and state.offer and state.offer not in versions:
            what = "version of the offer of the United States"
            yield unknown_name_fault(what, state.offer, versions, at((*path, "offer")))
        for number, name in enumerate(state.domains):
            if name not in domains:
                yield unknown_name_fault("domain of force elements", name, domains, at((*path, "domains", number)))
        if until and state.since > until:
            yield _late_year(f"'{state.state}' begins", state.since, until, at((*path, "since")))
    if until and trust.known > until:
        yield _late_year("which way it goes becomes known", trust.known, until, at(("shift", "trust", "known")))


def _late_year(what: str, year: int, until: int, where: str) -> Fault:
    mend = "Give an earlier year, or a later 'until' of the shift."
    return Fault(f"{what} after the last year looked at", where, str(year), f"{until} or earlier", mend)
