"""Ways out of an impossible plan: the smallest changes that make one possible, each found and proven by solving.

A way changes one thing, or two where one is not enough. *Smallness* makes them comparable: the part that changes of
what is asked or of what limits it, 0 nothing and 1 all of it. For a date: years over those of the plan; for a share:
1 - new / old; for what grows f times: 1 - 1/f; for lead times: years over the longest; for a list: what is left out
over all. Two changes add up, and of all pairs the most even one is taken. Asking something else counts 1, and giving up
the limit 2: the last resort.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from article3.domain import capability
from article3.gap.forces import Ints
from article3.plan.bare import bare, elements_of, faster, possible, with_limits, with_lines
from article3.plan.clash_words import few, low, percent
from article3.plan.decide import build
from article3.plan.make import Asked, ask
from article3.program import Session
from article3.scenario.plan_schema import Goal, Plan, Target

COUNT: Final = 3
LATER: Final = 10
"""Years beyond the horizon in which a later date is looked for."""
_LAST_YEAR: Final = 2060
FACTORS: Final = tuple(round(float(value), 1) for value in (*np.arange(1.1, 10.05, 0.1), *np.arange(11.0, 100.5, 1.0)))
"""Factors tried, to two figures."""
_GROWTH: Final = 0.2
"""Growth of forces in a year up to which it is tried."""
_SAME: Final = 1e-9
_INSTEAD, _UP = 1.0, 2.0


@dataclass(frozen=True, slots=True)
class Change:
    """What is changed: settings of the plan, and lines of the elements it is about.

    Parameters
    ----------
    kind
        ``later``, ``less``, ``fewer``, ``sooner``, ``lines``, ``money``, ``commitment``, ``people``, ``export``,
        ``ukraine``, ``reading``, ``priced``, or two of these.
    text, key
        In words, and as lines of the scenario.
    amount, unit
        The new value, and its unit.
    smallness
        See the module.
    settings
        Settings of the plan with the change.
    factor, sooner
        Times the units a year of lines, and years by which their lead times are shorter.
    parts
        Of two changes the kind and smallness of each.
    """

    kind: str
    text: str
    key: str
    amount: float
    unit: str
    smallness: float
    settings: Plan
    factor: float = 1.0
    sooner: int = 0
    parts: tuple[tuple[str, float], ...] = ()

    @property
    def larger(self) -> float:
        """Smallness of the larger part."""
        return max((size for _, size in self.parts), default=self.smallness)


@dataclass(frozen=True, slots=True)
class Way:
    """A way out.

    Parameters
    ----------
    change
        What is changed.
    asked
        The question with the change.
    proven
        How it was proven.
    """

    change: Change
    asked: Asked
    proven: str


class Ways:
    """The search for ways out of one question.

    Parameters
    ----------
    asked
        What is asked; it has no plan.
    kept
        What clashes, by name of its block of rows.
    lacking
        Capabilities, and contingencies, that keep a goal from being held.
    """

    def __init__(self, asked: Asked, kept: Sequence[str], lacking: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
        self.asked, self.kept, self.lacking = asked, tuple(kept), lacking
        self.elements = elements_of(bare(asked))
        self.span = asked.settings.until - asked.settings.first_year + 1
        self._read: dict[str, Asked] = {}

    def smallest(self) -> tuple[Way, ...]:
        """Return the smallest ways out, three at most, each proven by solving the coarse program once more."""
        found = [*self._singles()]
        if len(found) < COUNT:
            # One of two changes is idle where it has to be as large as it would be alone.
            alone = {way.change.kind: way.change.smallness for way in found}
            pairs = [(way, way.change.parts) for way in self._pairs()]
            found += [way for way, parts in pairs if all(size < alone.get(kind, np.inf) for kind, size in parts)]
        found += self._given_up() if len(found) < COUNT else []
        proven: list[Way] = []
        for way in sorted(found, key=lambda item: item.change.smallness):
            small = way.asked.coarse
            held = way.asked.held
            if len(proven) < COUNT and Session(build(small, held, way.asked.wanted).feasibility()).solve().optimal:
                proven.append(way)
        return tuple(proven)

    def applied(self, change: Change) -> Asked:
        """Return the question with a change."""
        return with_lines(self._asked_with(change.settings), self.elements, change.factor, change.sooner)

    def _asked_with(self, settings: Plan) -> Asked:
        """Return the question with other settings; what they share is read once."""
        dates = tuple(goal.by for goal in settings.goals)
        key = f"{settings.model_dump_json(exclude={'goals', 'targets'})} {dates}"
        if key not in self._read:
            self._read[key] = ask(self.asked.inputs, settings)
        return with_limits(self._read[key], settings)

    def _frees(self, change: Change) -> bool:
        found = bare(self._asked_with(change.settings))
        return possible(faster(found, self.elements, change.factor, change.sooner))

    def _first(self, changes: Sequence[Change], *, even: bool = True) -> Iterator[Way]:
        """Yield the first change that frees the plan; by bisection where a larger change never does harm."""
        if not changes or (even and not self._frees(changes[-1])):
            return
        low, high = 0, len(changes) - 1
        if even:
            while low < high:
                middle = (low + high) // 2
                low, high = (low, middle) if self._frees(changes[middle]) else (middle + 1, high)
        else:
            high = next((place for place, change in enumerate(changes) if self._frees(change)), -1)
        if high >= 0:
            before = f"; {changes[high - 1].text}: no plan" if high else ""
            yield Way(changes[high], self.applied(changes[high]), f"solved: a plan exists{before}")

    def _singles(self) -> Iterator[Way]:
        now = self.asked.settings
        for names in self._sets():
            yield from self._first([self._later(names, step) for step in self._steps(names)], even=False)
            yield from self._first(self._less(now, names))
            if len(names) == 1:
                yield from self._fewer(names[0])
                yield from self._reading(names[0])
        yield from self._first(self._sooner(now))
        yield from self._first(self._faster(now))
        for changes in _means(now):
            yield from self._first(changes)

    def _pairs(self) -> Iterator[Way]:
        """Yield the smallest pairs: a later date or shorter lead times, with what is then least of another."""
        for names in self._sets():
            dates = [self._later(names, step) for step in self._steps(names)]
            yield from self._best(dates, self._faster)
            yield from self._best(dates, functools.partial(self._less, names=names))
        yield from self._best(self._sooner(self.asked.settings), self._faster)

    def _best(self, firsts: Sequence[Change], second: Callable[[Plan], list[Change]]) -> Iterator[Way]:
        """Yield the pair of one of some changes and one of others on top of it whose larger part is smallest.

        The more of the first, the less of the second: the best lies where they cross, which bisection finds.
        """
        if not firsts:
            return

        def crossed(first: Change) -> bool:
            pairs = _both(first, [item for item in second(first.settings) if item.smallness <= first.smallness])
            return bool(pairs) and self._frees(pairs[-1])

        low, high = 0, len(firsts) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if crossed(firsts[middle]) else (middle + 1, high)
        near = [firsts[place] for place in (low, low - 1) if place >= 0]
        found = [way for first in near for way in self._first(_both(first, second(first.settings)))]
        yield from sorted(found, key=lambda item: item.change.larger)[:1]

    def _given_up(self) -> Iterator[Way]:
        """Yield what is left when nothing else helps: no limit any more."""
        now = self.asked.settings
        names = {name for kept in self._sets() for name in kept}
        goals = tuple(goal.model_copy(update={"hard": False}) if _name(goal) in names else goal for goal in now.goals)
        targets = tuple(target for target in now.targets if _name(target) not in names)
        text = "a price on falling short instead of a limit" if goals != now.goals else "the target left out"
        key = "'hard: false'" if goals != now.goals else "no such line in 'targets'"
        new = now.model_copy(update={"goals": goals, "targets": targets})
        yield from self._first([Change("priced", text, key, 0.0, "", _UP, new)])

    def _sets(self) -> list[tuple[str, ...]]:
        """Return what has to change together: what is impossible by itself; else each of what clashes."""
        whole = bare(self.asked)
        alone = tuple(name for name in whole.names if not possible(whole.only((name,))))
        return [alone] if alone else [(name,) for name in self.kept]

    def _steps(self, names: tuple[str, ...]) -> range:
        now = self.asked.settings
        last = max(item.by for item in _asked_of(now) if _name(item) in names)
        return range(1, min(now.until + LATER, _LAST_YEAR) - last + 1)

    def _later(self, names: tuple[str, ...], step: int) -> Change:
        now = self.asked.settings
        new = _with(now, names, lambda item: {"by": item.by + step})
        dates = [(item.by, item.by + step) for item in _asked_of(now) if _name(item) in names]
        more = max(0, max(after for _, after in dates) - now.until)
        longer: dict[str, Any] = {"until": now.until + more, "last_year": now.last_year + more} if more else {}
        if now.evaluate:
            longer["evaluate"] = tuple(sorted({*now.evaluate, *(after for _, after in dates)}))
        new = new.model_copy(update=longer)
        if len(dates) == 1:
            text = f"by {dates[0][1]} instead of {dates[0][0]}"
            key = f"'by: {dates[0][1]}'{self._whose(names[0])}"
        else:
            text = f"{_years(step)} later each"
            key = ", ".join(
                f"'by: {item.by + step}' of '{_id(item)}'" for item in _asked_of(now) if _name(item) in names
            )
        key += "".join(f", '{name}: {list(value) if name == 'evaluate' else value}'" for name, value in longer.items())
        return Change("later", text, key, float(step), "years", step / self.span, new)

    def _less(self, now: Plan, names: tuple[str, ...]) -> list[Change]:
        """Return smaller shares and levels, in steps of a thousandth of a requirement."""
        mine = [item for item in _asked_of(now) if _name(item) in names]
        steps = round(_level(mine[0]) * 1000) if len(mine) == 1 else 1000
        found = []
        for step in range(1, steps):
            part = 1 - step / steps
            new = _with(now, names, functools.partial(_times, part))
            after = [_level(item) for item in _asked_of(new) if _name(item) in names]
            if min(after) <= 0:
                break
            if len(mine) == 1:
                text = f"{percent(after[0])} instead of {percent(_level(mine[0]))}"
            else:
                text = f"{percent(part)} of each"
            keys = [(f"'{_word(item)}: {value:g}'", _id(item)) for item, value in zip(mine, after, strict=True)]
            key = (
                f"{keys[0][0]}{self._whose(names[0])}"
                if len(mine) == 1
                else ", ".join(f"{value} of '{name}'" for value, name in keys)
            )
            found.append(Change("less", text, key, after[0] if len(mine) == 1 else part, "share", 1 - part, new))
        return found

    def _fewer(self, name: str) -> Iterator[Way]:
        """Yield a goal with fewer capabilities, and one with fewer contingencies."""
        goal = next((goal for goal in self.asked.settings.goals if _name(goal) == name), None)
        if goal is None or goal.of == "mean":
            return
        axes = self.asked.given.judged.axes
        given: dict[str, tuple[str, ...]] = {
            "capabilities": goal.capabilities or _required(self.asked, goal),
            "contingencies": goal.contingencies or tuple(item.id for item in axes.contingencies),
        }
        for (field, names), out in zip(given.items(), self.lacking, strict=True):
            if field == "contingencies" and goal.of == "inventory":
                continue
            left = [item for item in names if item in out]
            if not left or len(left) == len(names) or not self._frees(self._left_out(goal, field, names, left)):
                continue
            for item in list(left):
                fewer = [other for other in left if other != item]
                if fewer and self._frees(self._left_out(goal, field, names, fewer)):
                    left = fewer
            change = self._left_out(goal, field, names, left)
            yield Way(change, self.applied(change), "solved: a plan exists; with any one of these kept: no plan")

    def _left_out(self, goal: Goal, field: str, names: Sequence[str], out: Sequence[str]) -> Change:
        rest = tuple(name for name in names if name not in out)
        new = _with(self.asked.settings, (_name(goal),), lambda _: {field: rest})
        titles = {item.id: item.title for item in self.asked.given.judged.axes.contingencies}
        said = [titles[name] if field == "contingencies" else low(capability(name).title) for name in out]
        text = f"without {few(said)}"
        return Change(
            "fewer",
            text,
            f"'{field}: [{', '.join(rest)}]'{self._whose(_name(goal))}",
            len(out),
            field,
            len(out) / len(names),
            new,
        )

    def _reading(self, name: str) -> Iterator[Way]:
        """Yield a share of requirements in place of one of inventories."""
        goal = next((goal for goal in self.asked.settings.goals if _name(goal) == name), None)
        if goal is not None and goal.of == "inventory":
            new = _with(self.asked.settings, (name,), lambda _: {"of": "requirement"})
            text = "the same share of each requirement instead of inventories"
            yield from self._first(
                [Change("reading", text, f"'of: requirement'{self._whose(name)}", 0.0, "", _INSTEAD, new)]
            )

    def _sooner(self, now: Plan) -> list[Change]:
        """Return shorter lead times: less delay first, then shorter ones of the lines."""
        items = self.asked.given.items
        mine = np.isin(items.line_element, self.elements) & items.capacity.any(axis=1)
        longest = int(items.lead[mine].max(initial=0))
        found = []
        for step in range(1, longest):
            delay = min(step, now.delay_years)
            new = now.model_copy(update={"delay_years": now.delay_years - delay})
            key = f"'delay_years: {new.delay_years}'" if delay else ""
            if step > delay:
                key += f"{', and ' if key else ''}'lead_years' of {self._told()} less {step - delay} in table 'lines'"
            text = f"lead times {_years(step)} shorter"
            found.append(Change("sooner", text, key, float(step), "years", step / longest, new, 1.0, step - delay))
        return found

    def _faster(self, now: Plan) -> list[Change]:
        key = f"rates of {self._told()} in table 'lines'"
        return [
            Change("lines", f"lines {factor:g} times as fast", key, factor, "times", 1 - 1 / factor, now, factor)
            for factor in FACTORS
        ]

    def _whose(self, name: str) -> str:
        """Return of which limit a setting is, where there are several."""
        limits = _asked_of(self.asked.settings)
        return "" if len(limits) == 1 else next(f" of '{_id(item)}'" for item in limits if _name(item) == name)

    def _told(self) -> str:
        return few([self.asked.given.items.elements[place] for place in self.elements])


def _means(now: Plan) -> Iterator[list[Change]]:
    """Yield more money, commitments, people, exports, and less for Ukraine."""
    money = now.money
    if money.envelope != "none":
        yield [
            Change(
                "money", f"{factor:g} times the money", f"'money: {{factor: {factor * money.factor:g}}}'", factor,
                "times", 1 - 1 / factor,
                now.model_copy(update={"money": money.model_copy(update={"factor": factor * money.factor})}),
            )
            for factor in FACTORS if factor * money.factor <= 100
        ]  # fmt: skip
        yield [
            Change(
                "commitment", f"{factor:g} times as much ordered and not yet paid",
                f"'commitment_years: {factor * now.commitment_years:g}'", factor, "times", 1 - 1 / factor,
                now.model_copy(update={"commitment_years": factor * now.commitment_years}),
            )
            for factor in FACTORS
        ]  # fmt: skip
    for name, field, rising, text in (
        ("people", "people", True, "forces that grow by {} a year"),
        ("export", "us_export", True, "{} of what lines of the United States could export"),
        ("ukraine", "ukraine", False, "{} of Ukraine's part of the lines kept up"),
    ):
        old = getattr(now, field)
        step = 0.001 if name == "people" else 0.01
        last = max(_GROWTH, min(2 * old, 1.0)) if name == "people" else 1.0 if rising else 0.0
        grid = np.round(np.arange(min(old, last), max(old, last) + step / 2, step), 3).tolist()
        values = [value for value in grid if value > old + _SAME] if rising else grid[::-1]
        values = values if rising else [value for value in values if value < old - _SAME]
        yield [
            Change(
                name, text.format(percent(value)), f"'{field}: {value:g}'", value, "share",
                1 - old / value if name == "people" else abs(value - old), now.model_copy(update={field: value}),
            )
            for value in values
        ]  # fmt: skip


def _both(first: Change, seconds: Sequence[Change]) -> list[Change]:
    """Return pairs of a change and each of others that were made on top of it."""
    return [
        Change(
            f"{first.kind} and {second.kind}",
            f"{first.text} and {second.text}",
            f"{first.key} and {second.key}",
            second.amount,
            second.unit,
            first.smallness + second.smallness,
            second.settings,
            first.factor * second.factor,
            first.sooner + second.sooner,
            ((first.kind, first.smallness), (second.kind, second.smallness)),
        )
        for second in seconds
    ]


def _asked_of(settings: Plan) -> tuple[Goal | Target, ...]:
    return (*(goal for goal in settings.goals if goal.hard), *settings.targets)


def _name(item: Goal | Target) -> str:
    return f"goal: {item.goal}" if isinstance(item, Goal) else f"target: {item.contingency} {item.window_days}"


def _id(item: Goal | Target) -> str:
    return item.goal if isinstance(item, Goal) else item.contingency


def _word(item: Goal | Target) -> str:
    return "share" if isinstance(item, Goal) else "level"


def _level(item: Goal | Target) -> float:
    return item.share if isinstance(item, Goal) else item.level


def _times(part: float, item: Goal | Target) -> dict[str, Any]:
    return {_word(item): round(_level(item) * part, 3)}


def _with(now: Plan, names: Sequence[str], changed: Callable[[Any], dict[str, Any]]) -> Plan:
    """Return settings with some goals and targets changed."""
    found = {
        field: tuple(
            item.model_copy(update=changed(item)) if _name(item) in names else item for item in getattr(now, field)
        )
        for field in ("goals", "targets")
    }
    return now.model_copy(update=found)


def _required(asked: Asked, goal: Goal) -> tuple[str, ...]:
    """Return the capabilities that a goal speaks of where it names none."""
    axes, form = asked.given.judged.axes, asked.given.judged.form
    if goal.of == "inventory":
        return tuple(axes.capabilities)
    named = {
        place
        for place, item in enumerate(axes.contingencies)
        if not goal.contingencies or item.id in goal.contingencies
    }
    mine: Ints = form.need_capability[np.isin(form.need_contingency, sorted(named))]
    return tuple(axes.capabilities[place] for place in np.unique(mine))


def _years(count: int) -> str:
    return "1 year" if count == 1 else f"{count} years"
