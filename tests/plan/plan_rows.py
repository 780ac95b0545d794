"""Plans as rows by table, as ``article3 plan --json`` gives them, and the world they are checked against."""

from __future__ import annotations

from typing import Any

from plan_scenarios import SMALL, inputs, made
from plan_world import World, overlaid, scenario

from article3.plan.analysis import Plan

TABLES = (
    "orders", "plan_money", "plan_total", "plan_pool", "specialisation", "line", "plan_risk", "plan_attainment",
    "certificate", "effort", "effort_money",
)  # fmt: skip
Rows = dict[str, list[dict[str, Any]]]


def rows_of(answer: Plan) -> Rows:
    """Return the rows of the tables that the checker reads, of those that there are."""
    return {name: answer.table(name).table.to_dicts() for name in TABLES if answer.applies(name)}


def small_rows(posture: str, **changed: Any) -> tuple[Rows, World]:
    """Return the rows of a small plan, and its world rebuilt from the files."""
    answer = Plan(inputs(posture), "small", made(posture, **changed))
    data = overlaid(scenario("baseline"), {"us": {"focus": posture}, "plan": {**SMALL, **changed}})
    data["contingencies"] = ["baltic_defence", "air_missile_defence"]
    return rows_of(answer), World(data)
