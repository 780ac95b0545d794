"""What tests of the plan share: the plan of the baseline, made once a session."""

from __future__ import annotations

import pytest
from plan_rows import Rows, rows_of
from plan_world import World, scenario
from tests.made_once import made_once

from article3.plan.analysis import Plan, plan
from article3.scenario.resolve import resolve


@pytest.fixture(scope="session")
def baseline_plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The plan of the shipped baseline."""
    return made_once(tmp_path_factory, "baseline_plan", lambda: plan(resolve("baseline")))


@pytest.fixture(scope="session")
def baseline_rows(baseline_plan: Plan) -> Rows:
    """Its rows by table; a test that changes them copies them first."""
    return rows_of(baseline_plan)


@pytest.fixture(scope="session")
def baseline_world() -> World:
    """Its means, rebuilt from the files on disk."""
    return World(scenario("baseline"))
