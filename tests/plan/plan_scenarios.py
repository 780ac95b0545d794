"""A small plan that solves in well under a second: two contingencies, three years judged, orders to 2029.

Shared by the tests of the plan. Change settings of the plan with :func:`asked`; ask for the same twice and it is read
once.
"""

from __future__ import annotations

import functools
from typing import Any

from article3.plan.make import Asked, Made, ask, make
from article3.scenario.plan_schema import Plan
from article3.scenario.resolve import Inputs, resolve

CONTINGENCIES = "[baltic_defence, air_missile_defence]"
YEARS = (2029, 2031, 2033)
SMALL: dict[str, Any] = {"last_year": 2029, "until": 2033, "evaluate": YEARS}


@functools.cache
def inputs(posture: str = "without", plan: str = "{}") -> Inputs:
    """Return the inputs of the small scenario; ``plan`` is YAML text of further settings of the plan."""
    return resolve(
        "baseline",
        {
            "contingencies": CONTINGENCIES,
            "situations": "[]",
            "pledges": "[hague_2025]",
            "compare": "[]",
            "claims": "none",
            "us.focus": posture,
            "plan": plan,
        },
    )


def settings(**changed: Any) -> Plan:
    """Return the settings of the small plan with some of them changed, validated as a scenario's are."""
    return Plan.model_validate(SMALL | changed)


@functools.cache
def _asked(posture: str, changed: str) -> Asked:
    return ask(inputs(posture), Plan.model_validate_json(changed))


def asked(posture: str = "without", **changed: Any) -> Asked:
    """Return a small question, read once for the same settings."""
    return _asked(posture, settings(**changed).model_dump_json())


@functools.cache
def _made(posture: str, changed: str) -> Made:
    return make(_asked(posture, changed))


def made(posture: str = "without", **changed: Any) -> Made:
    """Return a small plan, made once for the same settings."""
    return _made(posture, settings(**changed).model_dump_json())
