"""A small shift: the small plan of ``tests/plan/plan_scenarios.py`` with the United States, made once."""

from __future__ import annotations

import functools
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import plan_scenarios

from article3.gap.forces import WINDOWS, Array
from article3.plan.make import Made
from article3.scenario.drawdown import read_drawdown, with_codes
from article3.scenario.shift_schema import Drawdown, Shift
from article3.shift.exposure import Exposer, Exposure, Path, path_of
from article3.shift.fastest import Schedule
from article3.shift.field import Field
from article3.shift.handed import Handed, hand_over

SMALL: dict[str, Any] = {"until": 2033}
END = date(2033, 7, 1)
Need = tuple[str, int, str]
"""Contingency, window in days, capability."""


def settings(**changed: Any) -> Shift:
    """Return settings of the small shift with some of them changed, validated as a scenario's are."""
    return Shift.model_validate(SMALL | changed)


@functools.cache
def made() -> Made:
    """Return the small plan with the United States."""
    return plan_scenarios.made("with")


@functools.cache
def _handed(text: str) -> Handed:
    return hand_over(made(), Shift.model_validate_json(text))


def handed(**changed: Any) -> Handed:
    """Return the handover under the small plan, made once for the same settings."""
    return _handed(settings(**changed).model_dump_json())


def spent(given: Field, schedule: Schedule, weights: Array) -> float:
    """Return what a schedule leaves behind, from today to the last day: weight x share left x years."""
    days = (given.today, *schedule.calendar.days)
    years = np.array([(after - day).days / 365.25 for day, after in pairwise(days)])
    left = np.vstack([np.ones(schedule.left.shape[1]), schedule.left])
    return float((left[:-1] * years[:, None] * weights).sum() + left[-1] @ weights)


def by_need(given: Handed, values: Array) -> dict[Need, float]:
    """Return values by the program's rows of need under the names of the needs."""
    form, axes = given.field.form, given.field.axes
    return {
        (axes.contingencies[place].id, WINDOWS[window], axes.capabilities[name]): float(value)
        for place, window, name, value in zip(
            form.need_contingency, form.need_window, form.need_capability, values, strict=True
        )
    }


@functools.cache
def exposer(today: str = "2026-07-31", returns: int = 0, until: int = 2033) -> Exposer:
    """Return the judge of drawdowns from a day, built once, as the analysis builds it."""
    given = handed(today=today, until=until)
    return Exposer(given.field, given.kept, settings(returns_days=returns), given.schedule.excused_by_year())


@functools.cache
def shipped(name: str) -> Drawdown:
    """Return a shipped drawdown."""
    return with_codes([read_drawdown(name)])[0]


def written(*steps_: dict[str, Any], today: str | None = None) -> Drawdown:
    """Return a drawdown as a user writes it."""
    return Drawdown.model_validate({"drawdown": "mine", "title": "Mine", "today": today, "steps": steps_})


def path(drawdown: Drawdown | str, given: Field | None = None) -> Path:
    """Return a drawdown in units."""
    item = shipped(drawdown) if isinstance(drawdown, str) else drawdown
    return path_of(item, made().asked.inputs.planning, (given or handed().field).axes)


@functools.cache
def judged(name: str, returns: int = 0) -> Exposure:
    """Return what a shipped drawdown uncovers under the small plan, judged once."""
    return exposer(returns=returns).judge(path(name))
