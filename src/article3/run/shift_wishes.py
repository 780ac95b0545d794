"""What a user wishes of the shift: short forms of settings of the scenario, checked and put into it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from article3.errors import Fault, InputError, ScenarioError
from article3.run.plan_wishes import Wishes
from article3.scenario.drawdown import read_drawdown
from article3.scenario.plan_checks import OWN_FILE
from article3.scenario.resolve import Inputs
from article3.scenario.shift_checks import leaving

_LATE: Final = re.compile(r"([a-z0-9_]+)/(\d{4})=(\d+)")
_DRAWDOWN: Final = "--drawdown"
_OPTIONS: Final = {
    "shift.drawdowns": _DRAWDOWN,
    "shift.notice_days": "--notice",
    "shift.pace": "--pace",
    "shift.margin": "--margin",
    "shift.late": "--late",
    "shift.keep": "--keep",
    "shift.priorities": "--first",
    "shift.today": "--today",
    "shift.plan": "--plan",
    "shift.posts.chain": "--chain",
    "as_of": "--as-of",
}
"""Option behind an override, for messages."""


@dataclass(frozen=True, slots=True)
class ShiftWishes:
    """What is asked of the shift, and what is changed in its settings; nothing where all are left out.

    Parameters
    ----------
    fastest
        Whether the fastest safe drawdown is asked for; given ones are judged too where some are named.
    again
        Whether the plan is made again with the gates as requirements, and the shift with it.
    drawdowns
        Drawdowns judged in place of the scenario's: names of shipped ones, or .yaml files.
    notice
        Days from today before anything leaves.
    pace, margin
        Most of an offer that leaves in a year, and coverage above 1 that is kept, as parts (34 % is 0.34).
    late
        European deliveries that come later, beside those of the scenario: ``tanker/2031=1``.
    keep, first
        Force elements that stay whatever happens, and that are wanted back first, beside those of the scenario.
    today
        Day with which safety is compared.
    plan
        European deliveries counted on: ``plan`` or ``announced``.
    chain
        Who commands: ``nato`` or ``berlin_plus``.
    state
        State file of earlier orders, in place of the scenario's.
    """

    fastest: bool = False
    again: bool = False
    drawdowns: tuple[str, ...] = ()
    notice: int | None = None
    pace: float | None = None
    margin: float | None = None
    late: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    today: date | None = None
    plan: str | None = None
    chain: str | None = None
    state: Path | None = None

    def inputs(self, scenario: str, overrides: Mapping[str, str] | None, as_of: date | None) -> Inputs:
        """Return the scenario with these wishes.

        Raises
        ------
        InputError, ScenarioError, NotKnownError
            A wish or the scenario cannot be used; every fault of the wishes first.
        """
        faults = [*self._faults()]
        if faults:
            raise InputError(faults)
        changes = dict(overrides or {}) | self._changes()
        if self.late or self.keep or self.first or self.drawdowns:
            # These add to what the scenario has, or are held against it, so that was read first.
            changes |= self._added(self._resolved(scenario, changes | {"shift.drawdowns": "[]"}, as_of))
        return self._resolved(scenario, changes, as_of)

    def _resolved(self, scenario: str, changes: Mapping[str, str], as_of: date | None) -> Inputs:
        try:
            return Wishes(state=self.state).inputs(scenario, changes, as_of)
        except ScenarioError as error:
            mine = {*self._changes(), *self._adding()}
            raise ScenarioError([_as_option(fault, mine) for fault in error.faults]) from error

    def _adding(self) -> dict[str, Any]:
        """Return wishes that add to a setting, by its key."""
        lists = {
            "shift.late": self.late, "shift.keep": self.keep, "shift.priorities": self.first,
            "shift.drawdowns": self.drawdowns,
        }  # fmt: skip
        return {key: value for key, value in lists.items() if value}

    def _added(self, given: Inputs) -> dict[str, str]:
        """Return settings that are lists, with what is added to those of a scenario."""
        shift = given.scenario.shift
        added = {
            "shift.late": [*(item.model_dump() for item in shift.late), *(_late(text) for text in self.late)],
            "shift.keep": list(dict.fromkeys((*shift.keep, *self.keep))),
            "shift.priorities": list(dict.fromkeys((*shift.priorities, *self.first))),
            "shift.drawdowns": self._schedules(given) if self.drawdowns else [],
        }
        return {key: json.dumps(added[key]) for key in self._adding()}

    def _schedules(self, given: Inputs) -> list[Any]:
        """Return the drawdowns as a scenario has them: names of shipped ones, files written out.

        Raises
        ------
        ScenarioError
            A name or a file cannot be used: every fault, those of a file by its line.
        """
        found: list[Any] = []
        faults: list[Fault] = []
        for text in self.drawdowns:
            if text.lower().endswith(OWN_FILE):
                read, wrong = _from_file(Path(text), given)
                found += read
                faults += wrong
                continue
            try:
                found.append(text)
                read_drawdown(text, None, _DRAWDOWN)
            except ScenarioError as error:
                faults += error.faults
        if faults:
            raise ScenarioError(faults)
        return found

    def _changes(self) -> dict[str, str]:
        numbers = {
            "shift.notice_days": self.notice,
            "shift.pace": self.pace,
            "shift.margin": self.margin,
            "shift.today": self.today,
            "shift.plan": self.plan,
            "shift.posts.chain": self.chain,
        }
        return {key: str(value) for key, value in numbers.items() if value is not None}

    def _faults(self) -> Iterator[Fault]:
        if self.pace is not None and not 0 < self.pace <= 1:
            yield Fault("not a part of the offer", "--pace", f"{100 * self.pace:g}%", "above 0 %, to 100 %")
        if self.margin is not None and not 0 <= self.margin <= 1:
            yield Fault("not a part of the requirement", "--margin", f"{100 * self.margin:g}%", "from 0 % to 100 %")
        if self.state and not self.state.is_file():
            mend = "Write one with 'article3 plan --write-state FILE.csv'."
            yield Fault("there is no such file", "--state", str(self.state), mend=mend)
        for text in self.late:
            if not _LATE.fullmatch(text.strip()):
                expected = "ELEMENT/YEAR=YEARS, such as tanker/2031=1"
                yield Fault("not a delivery that comes later", "--late", f"'{text}'", expected)


def _late(text: str) -> dict[str, Any]:
    match = _LATE.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)  # has been checked
    return {"element": match[1], "year": int(match[2]), "years": int(match[3])}


def _from_file(path: Path, given: Inputs) -> tuple[list[Any], tuple[Fault, ...]]:
    """Return the drawdown of a file, wherever it lies, and what is wrong with it by file and line."""
    shift = given.scenario.shift.model_copy(update={"drawdowns": (path.name,)})
    parsed = given.scenario.model_copy(update={"shift": shift})
    planning = given.planning if given.contingencies else None
    found = leaving(parsed, path.parent, planning, lambda _path: _DRAWDOWN)
    return [item.drawdown.model_dump(mode="json") for item in found.found], found.faults


def _as_option(fault: Fault, mine: Collection[str]) -> Fault:
    """Return a fault of an override under the name of the option that made it."""
    for key in mine:
        if fault.where.startswith(f"--set {key}="):
            # Another entry of the same option is no place a reader could look at.
            found = "given twice" if fault.found.startswith(f"--set {key}=") else fault.found
            return replace(fault, where=_OPTIONS[key], found=found)
    return fault
