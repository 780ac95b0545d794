"""Questions asked of a finished plan: which limits bind, risk against money, what else would do."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import plan_scenarios as scenarios
import pytest

from article3.errors import InputError
from article3.evidence.findings import Finding
from article3.plan.alternatives import SLACK, alternatives
from article3.plan.decide import Decider
from article3.plan.described import columns
from article3.plan.frontier import GIVEN_UP, Warm, frontier, money_for_risk, risk_for_money
from article3.plan.limits import BINDS, LIMITS, limits, move, reduced
from article3.plan.make import Asked, Made
from article3.plan.problem import BILLION, problem
from article3.program import Status

WHEN = "2026-07-31~small"
RELAXED = {item.limit for item in LIMITS if not item.tightened}


@pytest.fixture(scope="module")
def asked() -> Asked:
    return scenarios.asked()


@pytest.fixture(scope="module")
def made() -> Made:
    return scenarios.made()


@pytest.fixture(scope="module")
def bound(asked: Asked, made: Made) -> Finding:
    return limits(asked, made, WHEN)


@pytest.fixture(scope="module")
def priced(asked: Asked, made: Made) -> Finding:
    return frontier(asked, made, WHEN)


def by(found: Finding, key: str) -> dict[Any, dict[str, Any]]:
    return {row[key]: row for row in found.table.iter_rows(named=True)}


def numbers(found: Finding) -> list[float]:
    """Return the numbers of the sentence that carry an address, and check that each is the table's own."""
    said = []
    for part in found.sentence.parts:
        if isinstance(part, str):
            continue
        shown, address = float(part.text.split()[0]), part.address
        column, _, key = address.partition("/")[2].partition("#")
        value = found.row(key.split("/"))[column]
        assert abs(abs(value) - abs(shown)) <= (0.5 if "." not in part.text else 0.05) + 1e-9, part
        said.append(shown)
    return said


# Which limits bind


def test_all_limits_are_asked_about(bound: Finding) -> None:
    assert set(bound.table["limit"]) == {item.limit for item in LIMITS}
    assert all(check.passed for check in bound.checks)


def test_relaxing_a_limit_never_raises_risk_and_tightening_never_lowers_it(asked: Asked) -> None:
    # Of what stage one makes least: risk, and a trace of cost. No row is rounded towards what it must be.
    given, held, wanted = reduced(asked)
    base = Warm(given, held, wanted).least_risk().objective
    for item in LIMITS:
        if item.limit in ("suitability", "us_export"):
            continue
        found = Warm(item.change(given), held, wanted).least_risk().objective
        assert found >= base - 1e-7 if item.tightened else found <= base + 1e-7, item.limit


def test_changes_are_those_of_risk_and_have_the_sign_of_what_was_done(asked: Asked, bound: Finding) -> None:
    given, held, wanted = reduced(asked)
    warm = Warm(given, held, wanted)
    base = warm.read(warm.least_risk()).risk
    for row in bound.table.iter_rows(named=True):
        change = row["risk_change_pct"]
        assert change <= 0 if row["limit"] in RELAXED else change >= 0
        assert change == pytest.approx(100 * (row["risk"] / base - 1), abs=0.02)


def test_a_limit_binds_if_risk_falls_by_more_than_half_a_per_cent(bound: Finding) -> None:
    rows = by(bound, "limit")
    for name, row in rows.items():
        assert row["binds"] is (None if name not in RELAXED else row["risk_change_pct"] < -BINDS)
    assert rows["lines"]["binds"]
    assert rows["lead_times"]["binds"]
    assert rows["money"]["binds"] is False


def test_the_sentence_names_what_binds_in_the_order_of_its_effect(bound: Finding) -> None:
    text = str(bound.sentence)
    rows = by(bound, "limit")
    order = sorted((name for name in rows if rows[name]["binds"]), key=lambda name: rows[name]["risk_change_pct"])
    words = {"lines": "lines", "lead_times": "lead times"}
    assert text.lower().startswith(f"{words[order[0]]} and {words[order[1]]} bind, not money: risk falls by")
    assert "half the money" in text
    assert len(numbers(bound)) == 5
    assert "\n" not in text


def test_money_binds_where_there_is_little_of_it() -> None:
    poor = scenarios.made(money={"factor": 0.02})
    found = limits(poor.asked, poor, WHEN)
    rows = by(found, "limit")
    assert rows["money"]["binds"]
    assert rows["money_half"]["risk_change_pct"] > 1
    assert "not money" not in str(found.sentence)


def test_what_is_left_out_cannot_be_relaxed() -> None:
    free = scenarios.made(without=["lines", "money"], us_export=0.0)
    found = limits(free.asked, free, WHEN)
    assert {"lines", "money", "money_half", "us_export"}.isdisjoint(found.table["limit"])
    assert {"people", "lead_times", "commitment"} <= set(found.table["limit"])


def test_us_exports_closed_are_lines_of_the_united_states_without_capacity(asked: Asked, bound: Finding) -> None:
    given, held, wanted = reduced(asked)
    american = np.array([origin == "usa" for origin in given.items.origin])
    items = replace(given.items, capacity=np.where(american[:, None], 0.0, given.items.capacity))
    none = problem(given.settings, given.means, items, given.buyers, given.judged, (given.begun, given.owed))
    warm = Warm(none, held, wanted)
    assert by(bound, "limit")["us_export"]["risk"] == pytest.approx(warm.read(warm.least_risk()).risk, rel=1e-4)


def test_lead_times_are_two_thirds_rounded_up(asked: Asked) -> None:
    given, _, _ = reduced(asked)
    change = next(item for item in LIMITS if item.limit == "lead_times").change
    shorter = change(given).items.lead
    assert dict(zip(given.items.lead.tolist(), shorter.tolist(), strict=True)) == {
        years: -(-2 * years // 3) for years in set(given.items.lead.tolist())
    }


def test_moved_in_place_a_program_answers_as_one_solved_from_nothing(asked: Asked) -> None:
    given, held, wanted = reduced(asked)
    change = next(item for item in LIMITS if item.limit == "lines").change
    cold, warm = Warm(change(given), held, wanted), Warm(given, held, wanted)
    warm.least_risk()
    assert move(warm, cold.program.assemble())
    assert warm.least_risk().objective == pytest.approx(cold.least_risk().objective, rel=1e-6)


def test_a_program_of_another_shape_is_left_alone(asked: Asked) -> None:
    given, held, wanted = reduced(asked)
    change = next(item for item in LIMITS if item.limit == "lead_times").change
    warm = Warm(given, held, wanted)
    before = warm.session.arrays
    assert not move(warm, Warm(change(given), held, wanted).program.assemble())
    assert warm.session.arrays is before


def test_goals_that_are_limits_stay_where_years_are_left_out() -> None:
    goal = {"goal": "lift", "title": "Lift", "capabilities": ["strategic_airlift"], "of": "inventory", "share": 0.5,
            "by": 2030, "hard": True}  # fmt: skip
    asked = scenarios.asked(goals=[goal], evaluate=list(range(2027, 2034)))
    given, held, _ = reduced(asked)
    assert [item.goal.goal for item in held] == ["lift"]
    assert given.judged.years[held[0].year] == 2030


# Risk against money


def test_the_frontier_falls_and_is_convex(priced: Finding) -> None:
    table = priced.table
    given_up, cost = table["given_up_pct"].to_numpy(), table["discounted_usd2021_m"].to_numpy()
    assert (np.diff(given_up) > 0).all()
    slopes = np.diff(cost) / np.diff(given_up)
    assert (slopes < 0).all()
    assert (np.diff(slopes) >= -1e-6 * abs(slopes[0])).all()
    assert np.allclose(given_up / 100, GIVEN_UP)
    assert np.allclose(table["saved_pct"].to_numpy(), 100 * (1 - cost / cost[0]))
    assert all(check.passed for check in priced.checks)


def test_risk_stays_within_what_is_given_up(priced: Finding, made: Made) -> None:
    for row in priced.table.iter_rows(named=True):
        assert row["risk"] <= made.first.risk * (1 + row["given_up_pct"] / 100) + 1e-7


def test_the_points_are_those_of_the_plan_solved_from_nothing(priced: Finding, asked: Asked, made: Made) -> None:
    rows = by(priced, "given_up_pct")
    assert rows[1.0]["discounted_usd2021_m"] == pytest.approx(made.second.cost * BILLION, rel=1e-6)
    decider = Decider(asked.coarse, asked.held, asked.wanted)
    cold = decider.read(decider.least_cost((made.first.risk + made.first.missed) * 1.25))
    assert rows[25.0]["discounted_usd2021_m"] == pytest.approx(cold.cost * BILLION, rel=1e-6)


def test_the_sentence_marks_the_plans_own_tolerance(priced: Finding) -> None:
    assert re.match(
        r"Giving up 1 % \(as the plan does\) of risk saves \d+ % of the money, 10 % saves", str(priced.sentence)
    )
    assert len(numbers(priced)) == 2


def test_a_tolerance_of_ones_own_is_a_point() -> None:
    own = scenarios.made(tolerance=0.02)
    found = frontier(own.asked, own, WHEN)
    assert 2.0 in found.table["given_up_pct"].to_list()
    assert "2 % (as the plan does)" in str(found.sentence)
    assert all(check.passed for check in found.checks)


def test_fixing_the_money_and_fixing_the_risk_are_one_question(asked: Asked, made: Made) -> None:
    money = money_for_risk(asked, made.first.risk * 1.1)
    risk = risk_for_money(asked, money.discounted)
    assert risk.risk == pytest.approx(made.first.risk * 1.1, rel=1e-4)
    assert risk.discounted <= money.discounted * (1 + 1e-6)


def test_more_money_never_means_more_risk(asked: Asked, made: Made) -> None:
    whole = made.second.cost * BILLION
    found = [risk_for_money(asked, part * whole).risk for part in (0.0, 0.25, 0.5, 1.0, 4.0)]
    assert all(more <= less + 1e-7 for less, more in pairwise(found))
    assert found[0] > found[-1]
    assert found[-1] == pytest.approx(made.first.risk, rel=1e-3)


def test_no_money_orders_nothing(asked: Asked) -> None:
    assert risk_for_money(asked, 0.0).orders == pytest.approx(0.0, abs=1e-3)


def test_risk_that_no_plan_reaches_is_refused_with_the_least_there_is(asked: Asked, made: Made) -> None:
    with pytest.raises(InputError, match="no plan brings risk down to 0.01") as refused:
        money_for_risk(asked, 0.01)
    (fault,) = refused.value.faults
    assert float(fault.expected.split()[0]) == pytest.approx(made.first.risk, rel=1e-3)


@pytest.mark.parametrize("money", [-1.0, float("nan")])
def test_money_that_is_none_is_refused(asked: Asked, money: float) -> None:
    with pytest.raises(InputError, match="cannot be planned with"):
        risk_for_money(asked, money)


def test_money_too_small_for_what_must_be_reached_is_refused() -> None:
    target = {"contingency": "baltic_defence", "window_days": 30, "level": 0.8, "by": 2033}
    forced = scenarios.asked(targets=[target])
    warm = Warm(forced.coarse, forced.held, forced.wanted)
    assert warm.least_risk(money=0.0).status is Status.INFEASIBLE
    with pytest.raises(InputError, match="do not pay for"):
        risk_for_money(forced, 0.0)


# Nearly as good


@pytest.mark.parametrize("kind", ["ally", "element"])
def test_alternatives_differ_and_stay_within_the_limits(asked: Asked, made: Made, kind: Any) -> None:
    found = alternatives(asked, made, 2, 0.05, kind, WHEN)
    rows = list(found.table.iter_rows(named=True))
    assert {row["alternative"] for row in rows} == {"1", "2"}
    for row in rows:
        assert row["cost_change_pct"] <= 5.0 + 100 * SLACK
        assert row["risk_change_pct"] <= (100 * SLACK if kind == "ally" else 1.0 + 100 * SLACK)
        assert row["moved_pct"] >= row["apart_pct"] > 0.5
        assert row["difference"] == pytest.approx(row["units"] - row["units_first"])
    assert all(check.passed for check in found.checks)
    assert len(numbers(found)) == 6


@pytest.mark.parametrize(("kind", "least"), [("ally", 40.0), ("element", 3.0)])
def test_an_alternative_is_far_away_and_not_just_another(asked: Asked, made: Made, kind: Any, least: float) -> None:
    # Of the small plan half the money can go to other buyers within 2 %; sharing out again for cost moves less.
    assert alternatives(asked, made, 1, 0.02, kind, WHEN).table["moved_pct"][0] > least


def test_by_ally_the_plans_own_orders_are_what_it_is_measured_against(asked: Asked, made: Made) -> None:
    found = alternatives(asked, made, 1, 0.02, "ally", WHEN)
    shared = made.shared
    lots = np.bincount(shared.given.order_pair, weights=shared.ordered, minlength=len(shared.given.pair_buyer))
    place = {
        (shared.given.buyers.codes[b], shared.given.items.elements[e]): float(amount)
        for b, e, amount in zip(
            shared.given.pair_buyer, shared.given.pair_element, lots * shared.given.lot, strict=True
        )
    }
    for row in found.table.iter_rows(named=True):
        assert row["units_first"] == pytest.approx(place.get((row["ally"], row["element"]), 0.0))


def test_by_element_there_is_one_row_for_everyone(asked: Asked, made: Made) -> None:
    found = alternatives(asked, made, 1, 0.02, "element", WHEN)
    assert set(found.table["ally"]) == {"all"}
    assert found.table["element"].is_unique().all()


def test_the_first_is_the_farthest_and_more_room_means_no_less_difference(asked: Asked, made: Made) -> None:
    def moved(within: float) -> list[float]:
        table = alternatives(asked, made, 2, within, "element", WHEN).table
        return table.unique("alternative", maintain_order=True)["moved_pct"].to_list()

    near, far = moved(0.01), moved(0.1)
    assert near == sorted(near, reverse=True)
    assert far[0] >= near[0]


def test_the_same_question_has_the_same_answer(asked: Asked, made: Made) -> None:
    first, again = (alternatives(asked, made, 1, 0.02, "ally", WHEN).table for _ in range(2))
    assert first.equals(again)


def test_what_cannot_be_asked_is_refused_all_at_once(asked: Asked, made: Made) -> None:
    with pytest.raises(InputError) as refused:
        alternatives(asked, made, 0, -0.1, "year", WHEN)  # type: ignore[arg-type]
    assert len(refused.value.faults) == 3


# All


def test_every_column_is_described(bound: Finding, priced: Finding, asked: Asked, made: Made) -> None:
    other = alternatives(asked, made, 1, 0.02, "element", WHEN)
    for found in (bound, priced, other):
        assert [column.column for column in columns()[found.name]] == found.table.columns
        row = found.table.row(0, named=True)
        assert found.address(row, found.table.columns[-1]).startswith(f"{found.name}@{WHEN}/")
