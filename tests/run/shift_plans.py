"""Plans for tests of the shift: the baseline's is made once, and serves every scenario that differs in its shift only."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

from article3.plan.analysis import Plan, plan, plan_when
from article3.run.shift_wishes import ShiftWishes
from article3.run.shifting import shifted
from article3.scenario.resolve import Inputs, resolve
from article3.shift.analysis import Shifted


@functools.cache
def baseline() -> Plan:
    """Return the plan of the baseline, made once in a session."""
    return plan(resolve("baseline"))


def reused(inputs: Inputs) -> Plan:
    """Return the plan of a scenario that differs from the baseline in its shift only: its plan, under other settings."""
    made = baseline().made
    assert plan_when(inputs) == baseline().when, "another plan is needed"
    return Plan(
        inputs, plan_when(inputs), dataclasses.replace(made, asked=dataclasses.replace(made.asked, inputs=inputs))
    )


def instead(inputs: Inputs, _settings: Any = None, _progress: Any = None, _stop: Any = None) -> Plan:
    """Stand in for :func:`article3.plan.analysis.plan`."""
    return reused(inputs)


def fastest(overrides: dict[str, str] | None = None, **wishes: Any) -> Shifted:
    """Return the fastest safe drawdown of the baseline with some wishes; the same ones are solved once."""
    return _fastest(ShiftWishes(**wishes), tuple(sorted((overrides or {}).items())))


@functools.cache
def _fastest(wishes: ShiftWishes, overrides: tuple[tuple[str, str], ...]) -> Shifted:
    inputs = wishes.inputs("baseline", dict(overrides), None)
    return shifted(inputs, reused(inputs), again=False, drawdowns=False)


@functools.cache
def judged(scenario: str) -> Shifted:
    """Return the shift of a shipped scenario that has the baseline's plan, its drawdowns judged once."""
    inputs = resolve(scenario)
    return shifted(inputs, reused(inputs), again=False)
