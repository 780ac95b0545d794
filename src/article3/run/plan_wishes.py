"""What a user wishes of a plan: short forms of settings of the scenario, checked and put into it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from article3.errors import Fault, InputError, ScenarioError, unknown_name_fault
from article3.evidence.findings import Finding
from article3.scenario.plan_schema import FAMILIES
from article3.scenario.resolve import Inputs, resolve

if TYPE_CHECKING:
    from article3.plan.analysis import Plan

_REACH: Final = re.compile(r"([a-z][a-z0-9_]*)/(\d+)=([0-9.]+%?)@(\d{4})")
_OPTIONS: Final = {
    "plan.targets": "--reach",
    "plan.money": "--money",
    "plan.delay_years": "--delay",
    "plan.without": "--without-limit",
    "plan.lots": "--lots",
    "as_of": "--as-of",
}
"""Option behind an override, for messages."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is changed in the settings of the plan.

    Parameters
    ----------
    money
        Million US$ of 2021 a year for all Allies but the United States, in place of the scenario's envelope.
    reach
        Attainments to reach whatever they cost, beside those of the scenario: ``baltic_defence/30=1.0@2032``.
    delay
        Years by which every delivery comes later.
    without
        Families of limits that are left out, beside those of the scenario.
    lots
        Whether orders are whole lots.
    alternatives, within, by
        How many nearly-as-good plans, within which part of the cost (2 % is 0.02), different by what.
    state
        State file of earlier orders, in place of the scenario's.
    """

    money: float | None = None
    reach: tuple[str, ...] = ()
    delay: int | None = None
    without: tuple[str, ...] = ()
    lots: bool = False
    alternatives: int = 0
    within: float = 0.02
    by: str = "ally"
    state: Path | None = None

    def inputs(self, scenario: str, overrides: Mapping[str, str] | None, as_of: date | None) -> Inputs:
        """Return the scenario with these wishes.

        Raises
        ------
        InputError, ScenarioError, NotKnownError
            A wish or the scenario cannot be used; every fault of the wishes first.
        """
        faults = [*self._faults(), *_reach_faults(self.reach)]
        if faults:
            raise InputError(faults)
        given = dict(overrides or {}) | ({"as_of": as_of.isoformat()} if as_of else {})
        changes = given | self._changes()
        mine = set(changes) - set(overrides or {})
        found = _resolved(scenario, changes, mine)
        if self.reach or self.without:
            # These add to what the scenario has, so that was read first.
            more = self._added(found)
            found = _resolved(scenario, changes | more, mine | more.keys())
        return _with_state(found, self.state) if self.state else found

    def _added(self, given: Inputs) -> dict[str, str]:
        targets = [item.model_dump(mode="json") for item in given.scenario.plan.targets]
        added = {
            "plan.targets": [*targets, *(_target(text) for text in self.reach)] if self.reach else [],
            "plan.without": list(dict.fromkeys((*given.scenario.plan.without, *self.without))) if self.without else [],
        }
        return {key: json.dumps(value) for key, value in added.items() if value}

    def _changes(self) -> dict[str, str]:
        changes: dict[str, str] = {}
        if self.money is not None:
            changes |= {"plan.money.envelope": "fixed", "plan.money.fixed_usd_m": repr(float(self.money))}
        if self.delay is not None:
            changes["plan.delay_years"] = str(self.delay)
        if self.lots:
            changes["plan.lots"] = "true"
        return changes

    def _faults(self) -> list[Fault]:
        faults = []
        if self.money is not None and not (math.isfinite(self.money) and self.money > 0):
            mend = "To see what a force costs without a limit: --set plan.money.envelope=none."
            faults.append(Fault("an envelope of nothing", "--money", f"{self.money:g}", "million US$ above 0", mend))
        if not 0 < self.within <= 1:
            faults.append(Fault("not a part of the cost", "--within", f"{100 * self.within:g}%", "above 0 %, to 100 %"))
        if self.by not in ("ally", "element"):
            faults.append(unknown_name_fault("difference", self.by, ("ally", "element"), "--by"))
        faults += [
            unknown_name_fault("family of limits", name, FAMILIES, "--without-limit")
            for name in self.without
            if name not in FAMILIES
        ]
        if self.state and not self.state.is_file():
            faults.append(
                Fault("there is no such file", "--state", str(self.state), mend="Write one with --write-state.")
            )
        elif self.state and self.state.suffix.lower() != ".csv":
            faults.append(Fault("the state of earlier orders is a table (.csv)", "--state", str(self.state)))
        return faults

    def alternatives_of(self, made: Plan) -> Sequence[Finding]:
        """Return the nearly-as-good plans asked for."""
        from article3.plan.alternatives import alternatives  # noqa: PLC0415 - solves again, for those who ask

        by: Literal["ally", "element"] = "element" if self.by == "element" else "ally"
        return (alternatives(made.made.asked, made.made, self.alternatives, self.within, by, made.when),)


def _resolved(scenario: str, changes: Mapping[str, str], mine: Collection[str]) -> Inputs:
    try:
        return resolve(scenario, changes)
    except ScenarioError as error:
        raise ScenarioError([_as_option(fault, mine) for fault in error.faults]) from error


def _reach_faults(reach: Sequence[str]) -> list[Fault]:
    faults = []
    for text in reach:
        match = _REACH.fullmatch(text.strip())
        if match is None or not 0 < _level(match[3]) <= 1:
            what = "not an attainment to reach" if match is None else "a share above 0 and at most 1 is meant"
            expected = "CONTINGENCY/DAYS=SHARE@YEAR, such as baltic_defence/30=1.0@2032"
            faults.append(Fault(what, "--reach", f"'{text}'", expected))
    return faults


def _level(text: str) -> float:
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return math.nan


def _target(text: str) -> dict[str, Any]:
    match = _REACH.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)  # has been checked
    contingency, window, level, year = match.groups()
    return {"contingency": contingency, "window_days": int(window), "level": _level(level), "by": int(year)}


def _as_option(fault: Fault, mine: Collection[str]) -> Fault:
    """Return a fault of an override under the name of the option that made it."""
    for key in mine:
        option = next((name for start, name in _OPTIONS.items() if key.startswith(start)), "")
        if option and fault.where.startswith(f"--set {key}="):
            return replace(fault, where=option)
    return fault


def _with_state(inputs: Inputs, path: Path) -> Inputs:
    """Return a scenario whose state file is one of the user's, wherever it lies."""
    settings = inputs.scenario.plan.model_copy(update={"state": path.name})
    return replace(inputs, folder=path.parent, scenario=inputs.scenario.model_copy(update={"plan": settings}))
