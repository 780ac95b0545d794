"""Pace against money and risk, and the cheapest orders that close a given drawdown."""

from __future__ import annotations

import functools
from itertools import pairwise

import numpy as np
import pytest
from shift_small import exposer, handed, judged, made, path, spent, written
from shift_small import settings as shift

from article3.gap.forces import Array
from article3.scenario.shift_schema import Late
from article3.shift.again import Closing, aim, aimed_plan, closing, signed, soonest
from article3.shift.exposure import Exposer, Exposure
from article3.shift.fastest import Fastest
from article3.shift.field import field
from article3.shift.found_exposure import closing as closing_table
from article3.shift.found_frontier import frontier
from article3.shift.frontier import Frontier, Point
from article3.shift.handed import hand_over

MONEY = (0.0, 0.25, 0.5, 1.0)
RISK = (0.0, 0.03, 0.1, 0.3)


@functools.cache
def model(**changed: object) -> Frontier:
    """Return the program of all points, built once for the same settings."""
    given = handed(**{name: list(value) if isinstance(value, tuple) else value for name, value in changed.items()})
    asked = shift(**{name: list(value) if isinstance(value, tuple) else value for name, value in changed.items()})
    return Frontier(given.field, given.kept, asked)


@functools.cache
def grid() -> dict[tuple[float, float], Point]:
    """Return the points of a small grid, solved one from the other."""
    return {(point.money, point.risk): point for point in model().grid(MONEY, RISK)}


def objective(left: Array, of: Frontier | None = None) -> float:
    """Return what is left by weight and years, as the joint program counts it."""
    fastest = (of or model()).fastest
    return float((left * fastest.weights * fastest.calendar.years[:, None]).sum())


def test_more_money_and_more_safety_given_up_free_more() -> None:
    found = grid()
    for money in MONEY:
        spans = [objective(found[money, risk].left) for risk in RISK]
        assert all(later < sooner for sooner, later in pairwise(spans)), spans
    for risk in RISK:
        spans = [objective(found[money, risk].left) for money in MONEY]
        assert all(later <= sooner + 1e-6 for sooner, later in pairwise(spans)), spans
        assert spans[-1] < spans[0]
    assert all(point.short < 1e-6 for point in found.values())


def test_from_its_neighbour_or_from_nothing_is_the_same() -> None:
    """Twelve points, warm and cold, and each against a program built for it alone."""
    warm = [point for key, point in grid().items() if key[1] < 0.3]
    assert len(warm) == 12
    for point in warm:
        cold = model().point(point.money, point.risk, cold=True)
        assert objective(cold.left) == pytest.approx(objective(point.left), rel=1e-6)
        assert cold.short == pytest.approx(point.short, abs=1e-6)
    assert sum(point.iterations for point in warm) < sum(
        model().point(point.money, point.risk, cold=True).iterations for point in warm
    )


@pytest.mark.parametrize("priorities", [(), ("brigade_heavy", "fighter_5th", "brigade_light")])
def test_the_whole_plan_with_nothing_given_up_is_the_fastest(priorities: tuple[str, ...]) -> None:
    """Whatever weighs most: what falls short is never bought by people who leave."""
    given, of = handed(priorities=list(priorities)), model(priorities=priorities)
    point = of.point(1.0, 0.0)
    assert objective(point.left, of) == pytest.approx(objective(given.schedule.left, of), rel=1e-5)
    assert point.short == pytest.approx(sum(item.sum() for item in given.schedule.excused), abs=1e-6)


def test_what_cannot_be_kept_by_anybody_is_all_that_falls_short() -> None:
    given, of = handed(until=2040), model(until=2040)
    excused = sum(item.sum() for item in given.schedule.excused)
    assert excused > 0.01
    assert of.point(1.0, 0.0).short == pytest.approx(excused, abs=1e-5)


def test_without_money_only_what_is_announced_comes() -> None:
    announced = hand_over(made(), shift(plan="announced"))
    of = model()
    assert objective(of.point(0.0, 0.0).left) == pytest.approx(objective(announced.schedule.left), rel=1e-6)


def test_without_money_late_orders_of_the_plan_cost_nothing() -> None:
    """What never comes cannot be late: only announced deliveries are."""
    late = [Late(element="sam_long", year=2031, years=2), Late(element="brigade_medium", year=2029)]
    given = handed().field.later(late)
    announced = field(made(), shift(plan="announced")).later(late)
    of = Frontier(given, handed().kept, shift())
    alone = Fastest(announced, handed().kept, shift()).solve()
    home = given.home - given.planned
    np.testing.assert_allclose(home, announced.home, atol=1e-6)
    assert objective(of.point(0.0, 0.0).left) == pytest.approx(objective(alone.left), rel=1e-6)


def test_the_table_has_every_point_once() -> None:
    points = tuple(grid().values())
    rows = frontier([(handed(), model(), points)], "x").table.to_dicts()
    assert {(row["delivered_pct"], row["given_up_pct"]) for row in rows} == {
        (100 * money, 100 * risk) for money in MONEY for risk in RISK
    }
    full = next(row for row in rows if (row["delivered_pct"], row["given_up_pct"]) == (100, 0))
    assert full["cost_usd2021_m"] == pytest.approx(1000 * made().second.cost)
    assert {row["cost_usd2021_m"] for row in rows if row["delivered_pct"] == 0} == {0}
    schedule, weights = handed().schedule, model().fastest.weights
    assert full["us_years"] == pytest.approx(spent(handed().field, schedule, weights) / weights.sum(), abs=1e-3)


@functools.cache
def closed(name: str, until: int = 2033) -> tuple[Exposure, Closing, Exposure]:
    """Return a drawdown's exposure under the plan, closing orders, and its exposure with them."""
    if until == 2033:
        given, judge, before = handed(), exposer(), judged(name)
    else:
        given = handed(until=until)
        judge = Exposer(given.field, given.kept, shift(until=until))
        before = judge.judge(judged(name).path)
    orders = closing(made(), given.field, given.kept, before.path)
    instead = given.field.instead(orders.asked, orders.fielded)
    return before, orders, Exposer(instead, given.kept, shift(until=until)).judge(before.path, judge)


DRAWDOWNS = ("orderly_50000", "abrupt_50000")


@pytest.mark.parametrize("name", DRAWDOWNS)
def test_closing_orders_expose_fewer_days_for_a_price(name: str) -> None:
    before, orders, after = closed(name)
    assert (after.exposed <= before.exposed).all()
    assert after.exposed.sum() < before.exposed.sum()
    assert (after.lost <= before.lost + 1e-6).all()
    assert orders.cost > 0
    assert orders.decided.risk <= orders.least.risk * 1.002 + 2e-6


@pytest.mark.parametrize("name", DRAWDOWNS)
def test_closing_orders_are_certified(name: str) -> None:
    assert closed(name)[1].certificate.faults == ()


def test_closing_orders_close_what_can_be_closed_in_the_years_judged() -> None:
    """No year judged is exposed on its 1 July, nor after the steps that follow before the next, where none need be."""
    before, orders, after = closed("orderly_50000")
    assert orders.least.risk < 1e-6
    for number, day in enumerate(after.days):
        year = day.year if (day.month, day.day) >= (7, 1) else day.year - 1
        if year in orders.asked.given.judged.years:
            assert after.lost[number].max() < 1e-4, day
    assert before.lost.max() > 0.01


@pytest.mark.parametrize("name", DRAWDOWNS)
def test_closing_orders_last_as_long_as_the_plan_s(name: str) -> None:
    """Where the shift looks further than the plan: nothing that was delivered is forgotten."""
    before, orders, after = closed(name, 2036)
    assert (after.exposed <= before.exposed).all()
    given = handed(until=2036).field
    home = given.instead(orders.asked, orders.fielded).home
    assert (home >= given.home * (1 - 1e-4) - 1e-4).all()


def test_the_plan_s_orders_count_as_signed() -> None:
    rows = signed(made())
    shared = made().shared
    units = sum(row.units for row in rows)
    assert units == pytest.approx((shared.ordered * shared.given.lot[shared.given.order_pair]).sum(), rel=1e-6)
    assert {row.state for row in rows} == {"contracted"}
    assert all(row.day is not None and (row.day.month, row.day.day) == (7, 1) for row in rows)
    _, orders, _ = closed("orderly_50000")
    given = handed().field
    begun = orders.asked.given.begun[:, :, -1].sum(axis=0)
    np.testing.assert_allclose(begun, made().fielded[:, :, -1].sum(axis=0), rtol=1e-3, atol=1e-2)
    assert (given.instead(orders.asked, orders.fielded).home >= given.home * (1 - 1e-4) - 1e-4).all()


def test_the_plan_s_own_orders_in_the_plan_s_place_change_nothing() -> None:
    given = handed().field
    fielded = np.zeros((*made().fielded.shape[:2], len(given.years)))
    fielded[:, :, [given.years.index(year) for year in made().years]] = made().fielded
    same = given.instead(made().asked, fielded)
    for name in ("home", "planned", "gain"):
        np.testing.assert_allclose(getattr(same, name), getattr(given, name), atol=1e-6)
    none = given.instead(made().asked, np.zeros_like(fielded))
    np.testing.assert_allclose(none.home, given.home - given.planned, atol=1e-6)
    twice = given.instead(made().asked, 2 * fielded)
    np.testing.assert_allclose(twice.home - none.home, 2 * (given.home - none.home), atol=1e-6)


def test_a_drawdown_that_uncovers_nothing_costs_nothing_to_close() -> None:
    given = handed()
    orders = closing(
        made(), given.field, given.kept, path(written({"date": "2028-10-01", "element": "mbt", "units": 87}))
    )
    assert orders.cost == pytest.approx(0.0, abs=1.0)
    assert orders.least.risk < 1e-6


def test_the_table_of_closing_orders_adds_up() -> None:
    before, orders, after = closed("orderly_50000")
    rows = closing_table([(handed(), before, orders, after.exposed)], "x").table.to_dicts()
    total = rows[0]
    assert total["element"] == "total"
    assert (total["exposure_days"], total["exposure_before"]) == (after.exposed.sum(), before.exposed.sum())
    assert total["cost_usd2021_m"] == pytest.approx(orders.cost)
    assert len(rows) > 1
    for row in rows[1:]:
        assert row["units"] > 0
        assert row["first_order"] + "-07-01" <= row["first_delivery"] <= row["last_delivery"]


def test_floors_are_what_a_plan_is_made_for_again() -> None:
    """Requirement x floor, an offer that falls as fast as it may, and a plan that frees more."""
    given = handed()
    wanted = aim(given.field, given.kept, soonest(given.field, given.schedule, shift()))
    form = given.field.form
    place = form.need_contingency, form.need_window, form.need_capability
    np.testing.assert_allclose(wanted.needs[place], given.field.values.needs[place] * given.kept.coverage)
    mbt = given.field.axes.of("element", "mbt")
    assert [round(wanted.offers[year][mbt] / 600, 2) for year in (2026, 2027, 2028, 2029, 2030)] == [1, 1, 0.32, 0, 0]
    again = hand_over(aimed_plan(made(), given.field, given.kept, given.schedule, shift()), shift(), "aimed")
    weights = model().fastest.weights
    np.testing.assert_allclose(again.kept.coverage, given.kept.coverage, atol=1e-6)
    assert spent(again.field, again.schedule, weights) < spent(given.field, given.schedule, weights) - 1
    assert again.schedule.certificate is not None
    assert again.schedule.certificate.holds
