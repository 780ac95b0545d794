"""What can be wrong in the part of a scenario that says how the plan is made, beyond single values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from article3.domain import ally, capabilities, force_elements
from article3.errors import Article3Error, Fault, ScenarioError, unknown_name_fault
from article3.scenario.contingency import Contingency
from article3.scenario.paths import inside
from article3.scenario.plan_schema import Plan, Target
from article3.scenario.schema import Scenario
from article3.scenario.yamlfile import Where

At = Callable[[Where], str]
"""Returns file and line of a path in the scenario."""

OWN_FILE: Final = (".yaml", ".yml")
_FROM: Final = 2026
"""The last year with figures: paths start from it, so they cannot end in it."""
_YEARS: Final = frozenset(("plan", name) for name in ("first_year", "last_year", "until"))


@dataclass(frozen=True, slots=True)
class Assessed:
    """The contingencies of a scenario, as far as they could be read.

    Parameters
    ----------
    found
        Those that could be.
    ids
        Names of these and of the others, as far as they are known.
    named
        Whether all names are known: what a file is called that cannot be read is not.
    complete
        Whether all could be read.
    """

    found: tuple[Contingency, ...]
    ids: tuple[str, ...]
    named: bool
    complete: bool

    def required(self, names: Collection[str] = (), window_days: int = 0) -> set[str]:
        """Return the capabilities required by some contingencies, or by all, in a window, or in any."""
        return {
            need.capability
            for item in self.found
            for need in item.needs
            if (not names or item.id in names) and (not window_days or need.window_days == window_days)
        }

    def unknown(self, name: str, where: str) -> Iterator[Fault]:
        """Yield the fault of a contingency that the scenario does not assess."""
        if name not in self.ids and self.named:
            fault = unknown_name_fault("contingency", name, self.ids, where)
            yield fault if self.ids else Fault(fault.what, where, mend="The scenario names no contingencies.")


def assessed(parsed: Scenario, found: Sequence[Contingency], unread: Collection[Where] = ()) -> Assessed:
    """Return what is known of the contingencies of a scenario.

    Parameters
    ----------
    parsed, found
        The scenario, and the contingencies that could be read.
    unread
        Paths of the scenario that cannot be read and were left out.
    """
    files = {name for name in parsed.contingencies if name.lower().endswith(OWN_FILE)}
    ids = [*(item.id for item in found), *(name for name in parsed.contingencies if name not in files)]
    told = ("contingencies",) not in unread
    places = {Path(name).name for name in files}
    named = told and len(files) <= sum(item.where in places for item in found)
    complete = told and len(found) == len(set(parsed.contingencies))
    return Assessed(tuple(found), tuple(dict.fromkeys(ids)), named, complete)


def plan_faults(
    parsed: Scenario, known: Assessed, folder: Path, at: At, unread: Collection[Where] = ()
) -> Iterator[Fault]:
    """Yield everything that is wrong in how the plan is made.

    Parameters
    ----------
    parsed, known
        The scenario, and what is known of its contingencies.
    folder
        Folder in which its files are looked for.
    at
        Where a path of the scenario stands.
    unread
        Paths of the scenario that cannot be read and were left out: nothing is held against what stands there by
        default.
    """
    settings = parsed.plan
    years = [] if _YEARS & set(unread) else list(_year_faults(settings, at))
    yield from years
    # Years in disorder, or that cannot be read, bound nothing.
    span = None if years or _YEARS & set(unread) else settings
    if span:
        for place, year in enumerate(settings.evaluate):
            yield from _outside(span, year, "a year judged", at(("plan", "evaluate", place)))
    yield from _money_faults(settings, at)
    yield from _goal_faults(settings, span, known, at)
    yield from _target_faults(settings, span, known, at)
    yield from _fit_faults(settings, at)
    if ("situations",) not in unread:
        yield from _situation_faults(parsed, at)
    yield from _state_faults(settings.state, folder, at(("plan", "state")))


def _year_faults(settings: Plan, at: At) -> Iterator[Fault]:
    for early, late in (("first_year", "last_year"), ("last_year", "until")):
        before, after = getattr(settings, early), getattr(settings, late)
        if before > after:
            # What stands there by default has no line of its own: the later of the two keys has one, or the plan has.
            where = at(("plan", early if before != getattr(Plan(), early) else late))
            found = f"{early} {before}, {late} {after}"
            mend = f"Name both, '{late}' not before '{early}'."
            yield Fault(f"'{early}' of the plan lies after '{late}'", where, found, mend=mend)


def _outside(span: Plan, year: int, what: str, where: str, mend: str = "") -> Iterator[Fault]:
    if not span.first_year <= year <= span.until:
        expected = f"{span.first_year} to {span.until}"
        mend = mend or "Change it, or 'first_year' or 'until' of the plan."
        yield Fault(f"{what} lies outside the years of the plan", where, str(year), expected, mend)


def _money_faults(settings: Plan, at: At) -> Iterator[Fault]:
    money = settings.money
    if money.envelope == "fixed" and money.fixed_usd_m is None:
        yield Fault(
            "the envelope is 'fixed' and no sum is given",
            at(("plan", "money", "envelope")),
            mend="Add 'fixed_usd_m': million US$ of 2021 a year for all Allies but the United States.",
        )
    if money.envelope != "fixed" and money.fixed_usd_m is not None:
        mend = "Add 'envelope: fixed', or leave the sum out."
        found = f"'envelope: {money.envelope}'"
        yield Fault(
            "a sum is given and the envelope is not 'fixed'", at(("plan", "money", "fixed_usd_m")), found, mend=mend
        )
    # What may be invested is a part of the pledged path only; a fixed sum is what may be spent.
    parts = {"pledge": ("factor", "investable"), "fixed": ("factor",), "none": ()}[money.envelope]
    for name in parts:
        if getattr(money, name) == 0:
            mend = "Give more than 0; to see what a force costs without a limit, 'envelope: none'."
            what = "an envelope of nothing: nothing can be ordered"
            yield Fault(what, at(("plan", "money", name)), f"'{name}: 0'", "above 0", mend)
    for name in ("by", "released_by"):
        year = getattr(money, name)
        if year <= _FROM:
            what = f"'{name}' is the year from which the path starts"
            mend = f"Money changes step by step from {_FROM} on."
            yield Fault(what, at(("plan", "money", name)), str(year), f"{_FROM + 1} or later", mend)


def _goal_faults(settings: Plan, span: Plan | None, known: Assessed, at: At) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for place, goal in enumerate(settings.goals):
        path: Where = ("plan", "goals", place)
        if goal.goal in seen:
            found = f"{seen[goal.goal]} too"
            yield Fault(f"two goals are called '{goal.goal}'", at(path), found, mend="Give one another name.")
        seen.setdefault(goal.goal, at(path))
        if span:
            own = "" if goal not in Plan().goals else "It stands there by default: 'goals: []' leaves it out."
            yield from _outside(span, goal.by, f"the year of the goal '{goal.goal}'", at((*path, "by")), own)
        for number, name in enumerate(goal.contingencies):
            yield from known.unknown(name, at((*path, "contingencies", number)))
        cases = [name for name in goal.contingencies if name in known.ids]
        for number, name in enumerate(goal.capabilities):
            where = at((*path, "capabilities", number))
            yield from _capability_fault(name, known, cases if len(cases) == len(goal.contingencies) else (), where)


def _capability_fault(name: str, known: Assessed, cases: Collection[str], where: str) -> Iterator[Fault]:
    """Yield the fault of a capability that is none, or that no contingency requires, or none of some."""
    there = {item.id: item for item in capabilities()}
    if name not in there:
        # A force element, such as tanker, is understood well enough to suggest what it gives.
        wanted = sorted(known.required()) or list(there)
        meant = {there[item].element: item for item in wanted} | {item: item for item in wanted}
        yield unknown_name_fault("capability", name, meant, where)
    elif known.complete and name not in known.required(cases):
        what = f"none of its contingencies requires '{name}'" if cases else f"no contingency requires '{name}'"
        here = sorted(known.required(cases))
        mend = f"Required there: {', '.join(here)}." if here else "The scenario names no contingencies."
        yield Fault(what, where, mend=mend)


def _target_faults(settings: Plan, span: Plan | None, known: Assessed, at: At) -> Iterator[Fault]:
    seen: dict[tuple[str, int], str] = {}
    for place, target in enumerate(settings.targets):
        path: Where = ("plan", "targets", place)
        key = (target.contingency, target.window_days)
        if key in seen:
            what = f"'{target.contingency}' has two targets within {target.window_days} days"
            yield Fault(what, at(path), f"{seen[key]} too", mend="Keep one.")
        seen.setdefault(key, at(path))
        if span:
            yield from _outside(span, target.by, f"the year of the target '{target.contingency}'", at((*path, "by")))
        yield from known.unknown(target.contingency, at((*path, "contingency")))
        yield from _window_fault(target, known, at((*path, "window_days")))


def _window_fault(target: Target, known: Assessed, where: str) -> Iterator[Fault]:
    """Yield the fault of a target that asks for nothing: only what is essential is asked for."""
    for item in known.found:
        if item.id == target.contingency:
            windows = sorted({need.window_days for need in item.needs})
            asked = [days for days in windows if known.required((item.id,), days) & set(item.essential)]
            if target.window_days not in asked:
                kind = "essential is" if target.window_days in windows else "is"
                what = f"nothing {kind} required by '{item.id}' within {target.window_days} days"
                expected = " or ".join(str(days) for days in asked)
                yield Fault(what, where, str(target.window_days), expected, "Choose a window that asks for something.")


def _fit_faults(settings: Plan, at: At) -> Iterator[Fault]:
    elements = force_elements()
    subjects = {item.title: item.id for item in elements} | {item.id: item.id for item in elements}
    subjects = {"any": "any"} | {item.domain: item.domain for item in elements} | subjects
    seen: dict[tuple[str, str], str] = {}
    for place, item in enumerate(settings.fit):
        path: Where = ("plan", "fit", place)
        if item.subject not in subjects.values():
            what = "force element or domain"
            yield unknown_name_fault(what, item.subject, subjects, at((*path, "subject")))
        if item.excludes and item.value > 0:
            what, mend = "an Ally that cannot field it fits nevertheless", "Give it a value of 0, or drop 'excludes'."
            yield Fault(what, at((*path, "value")), f"{item.value:g}", "0", mend)
        try:
            code = ally(item.ally).code
        except Article3Error as error:
            told = error.faults[0]
            yield Fault(told.what, at((*path, "ally")), mend=told.mend)
            continue
        if code == "USA":
            what, mend = "the plan orders nothing for the United States", "Leave it out: nothing has to fit it."
            yield Fault(what, at((*path, "ally")), item.ally, mend=mend)
        if (code, item.subject) in seen:
            what = f"'{code}' has two judgements of '{item.subject}'"
            yield Fault(what, at(path), f"{seen[code, item.subject]} too", mend="Keep one.")
        seen.setdefault((code, item.subject), at(path))


def _situation_faults(parsed: Scenario, at: At) -> Iterator[Fault]:
    known = [item.situation for item in parsed.situations]
    for place, name in enumerate(parsed.plan.situations):
        where = at(("plan", "situations", place))
        if name not in known:
            fault = unknown_name_fault("situation", name, known, where)
            yield fault if known else Fault(fault.what, where, mend="The scenario names no situations.")
        elif name in parsed.plan.situations[:place]:
            yield Fault(f"the plan names '{name}' twice", where, mend="A situation is judged once.")


def _state_faults(name: str, folder: Path, where: str) -> Iterator[Fault]:
    if not name:
        return
    try:
        path = inside(folder, name, where)
    except ScenarioError as error:
        yield from error.faults
        return
    if path.suffix.lower() != ".csv":
        mend = "Give a file that a plan wrote and you filled in."
        yield Fault("the state of earlier orders is a table (.csv)", where, f"'{name}'", mend=mend)
    elif not path.is_file():
        yield Fault("there is no such file", where, f"'{name}'", mend=f"Looked in {folder}.")
