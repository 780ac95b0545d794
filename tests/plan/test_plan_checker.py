"""The independent checker: green on plans as they are made, red as soon as one figure is off."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plan_checker import TOLERANCE, Answer, check, unfair
from plan_rows import Rows, small_rows
from plan_world import World

from article3.plan.analysis import Plan

CAPS = {"challenge", "one Ally"}
SMALL_PLANS = [
    ("without", {}),
    ("with", {"delay_years": 1, "ukraine": 0.5, "us_export": 0.5}),
    ("without", {"money": {"factor": 0.05}}),
    ("reduced", {"money": {"envelope": "fixed", "fixed_usd_m": 20_000}}),
    ("without", {"money": {"envelope": "none"}, "without": ["people"]}),
]
Change = Callable[[Rows], None]


def test_the_checker_shares_no_code_with_what_it_checks() -> None:
    names = "import sys, plan_checker; print([name for name in sys.modules if name.startswith('article3')])"
    here = Path(__file__).parent
    found = subprocess.run([sys.executable, "-c", names], cwd=here, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_baseline_keeps_every_limit(baseline_rows: Rows, baseline_world: World) -> None:
    found = check(baseline_rows, baseline_world)
    assert len(found.worst) > 40, "limits checked"
    assert set(found.red()) <= CAPS


@pytest.mark.parametrize(("posture", "changed"), SMALL_PLANS)
def test_small_plans_keep_every_limit(posture: str, changed: dict[str, Any]) -> None:
    assert set(check(*small_rows(posture, **changed)).red()) <= CAPS


def test_the_baseline_keeps_the_caps(baseline_rows: Rows, baseline_world: World) -> None:
    assert check(baseline_rows, baseline_world).red() == {}


@pytest.mark.parametrize(("posture", "changed"), SMALL_PLANS)
def test_small_plans_keep_the_caps(posture: str, changed: dict[str, Any]) -> None:
    assert check(*small_rows(posture, **changed)).red() == {}


def test_what_passes_the_ceiling_of_fairness_is_what_was_paid_for(
    baseline_plan: Plan, baseline_rows: Rows, baseline_world: World
) -> None:
    excess = unfair(Answer(baseline_world, baseline_rows))
    shared = baseline_plan.made.shared
    for place, code in enumerate(shared.given.means.allies):
        worst = max(value for (ally, _), value in excess.items() if ally == code)
        assert worst == pytest.approx(shared.unfair[place] * 1000, abs=1.0), code


def test_a_plan_of_nothing_keeps_every_limit(baseline_world: World) -> None:
    """No Ally is made to spend: there is no floor."""
    nought = dict.fromkeys(
        ("spent", "outlay", "entering", "setting_up", "running", "paid_to_fleets", "gdp_share_pct", "step_pct"), 0.0
    )
    money = [
        {"ally": code, "year": year, "envelope": baseline_world.envelope[code, year], **nought}
        for code in baseline_world.allies
        for year in baseline_world.years
    ]
    assert check({"orders": [], "plan_money": money}, baseline_world).red() == {}


def _fullest(rows: Rows, world: World) -> dict[str, Any]:
    """Return an order of a line that is full in its year."""
    for order in rows["orders"]:
        mine = [
            o["units"] for o in rows["orders"] if (o["line"], o["order_year"]) == (order["line"], order["order_year"])
        ]
        line = world.lines[order["line"]]
        if not line["setup"] and sum(mine) > line["capacity"][order["order_year"]] * (1 - 1e-9):
            return order
    raise AssertionError("no line is full")


def test_one_per_cent_more_of_a_full_line_is_red(baseline_rows: Rows, baseline_world: World) -> None:
    rows = copy.deepcopy(baseline_rows)
    order = _fullest(rows, baseline_world)
    order["units"] *= 1.01
    red = check(rows, baseline_world).red()
    assert {"line capacity", "price", "totals: units", "ordered by line"} <= set(red)


def test_one_per_cent_more_cost_is_red(baseline_rows: Rows, baseline_world: World) -> None:
    rows = copy.deepcopy(baseline_rows)
    rows["orders"][0]["cost_usd2021_m"] *= 1.01
    assert {"price", "totals: cost_usd2021_m"} <= set(check(rows, baseline_world).red())


def test_cost_that_breaks_an_envelope_is_red() -> None:
    """One per cent on an order, carried through every table, ends beyond the envelope of its buyer."""
    rows, world = small_rows("without", money={"factor": 0.05})
    rows = copy.deepcopy(rows)
    full = {(row["ally"], row["year"]) for row in rows["plan_money"] if row["spent"] > row["envelope"] - 1e-3 > 100}
    order = next(o for o in rows["orders"] if (o["ally"], o["order_year"]) in full)
    more = 0.01 * order["cost_usd2021_m"] / max(world.lines[order["line"]]["lead"], 1)
    row = next(m for m in rows["plan_money"] if (m["ally"], m["year"]) == (order["ally"], order["order_year"]))
    row["outlay"] += more
    row["spent"] += more
    red = check(rows, world).red()
    assert red["envelope"][1] == str((order["ally"], order["order_year"]))
    assert "outlays" in red


def _late(rows: Rows) -> None:
    year = int(rows["orders"][0]["delivery_date"][:4]) + 1
    rows["orders"][0]["delivery_date"] = f"{year}-07-01"


def _early(rows: Rows) -> None:
    rows["orders"][0]["order_year"] -= 1


def _landlocked(rows: Rows) -> None:
    """Give Czechia a frigate."""
    rows["orders"].append(rows["orders"][0] | {"ally": "CZE", "element": "frigate"})


def _everything(rows: Rows) -> None:
    """Let one Ally order all medium batteries."""
    for order in rows["orders"]:
        if order["element"] == "sam_medium":
            order["ally"] = "DEU"


def _in_debt(rows: Rows) -> None:
    """Let Montenegro order what costs more than it can owe."""
    for order in rows["orders"]:
        if order["element"] == "sam_medium":
            order["ally"] = "MNE"


def _unmanned(rows: Rows) -> None:
    rows["plan_total"][0]["people"] *= 1.01


def _unpaid(rows: Rows) -> None:
    row = max(rows["plan_pool"], key=lambda row: row["paid_usd2021_m"])
    row["paid_usd2021_m"] *= 0.99
    row["share"] *= 0.99


def _step(rows: Rows) -> None:
    row = max(rows["plan_money"], key=lambda row: row["spent"])
    row["gdp_share_pct"] += 0.01
    row["step_pct"] += 0.01


def _worse(rows: Rows) -> None:
    rows["plan_risk"][-1]["risk"] = rows["plan_risk"][-1]["risk_before"] * 1.01


def _uncertain(rows: Rows) -> None:
    rows["certificate"][0]["primal_residual"] = 2e-6


@pytest.mark.parametrize(
    ("change", "limits"),
    [
        (_late, {"date of delivery"}),
        (_early, {"date of delivery", "efforts: money by year"}),
        (_landlocked, {"eligibility", "element of the line"}),
        (_everything, {"challenge", "one Ally"}),
        (_in_debt, {"commitment", "people", "challenge"}),
        (_unmanned, {"totals: people"}),
        (_unpaid, {"paid into fleets by member", "shares of a fleet"}),
        (_step, {"share of GDP", "step"}),
        (_worse, {"risk with the plan"}),
        (_uncertain, {"certificate: primal_residual"}),
    ],
    ids=lambda item: item.__name__.strip("_") if callable(item) else "",
)
def test_one_figure_off_is_red(change: Change, limits: set[str], baseline_rows: Rows, baseline_world: World) -> None:
    rows = copy.deepcopy(baseline_rows)
    change(rows)
    red = check(rows, baseline_world).red()
    assert limits <= set(red), sorted(red)
    assert all(size > TOLERANCE for size, _ in red.values())


@pytest.mark.parametrize(
    "figure", ["outlay", "running", "setting_up", "entering", "envelope", "spent", "paid_to_fleets"]
)
def test_every_part_of_money_is_rebuilt(figure: str, baseline_rows: Rows, baseline_world: World) -> None:
    rows = copy.deepcopy(baseline_rows)
    row = max(rows["plan_money"], key=lambda row: row[figure])
    assert row[figure] > 1.0, "somebody pays it"
    row[figure] *= 1.01
    assert any(
        row["ally"] in where or str(row["year"]) == where for _, where in check(rows, baseline_world).red().values()
    )
