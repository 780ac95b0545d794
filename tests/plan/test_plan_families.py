"""Every family of constraints alone, on a plan small enough to be solved on paper: the arithmetic stands beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from plan_alliances import Small, best, fixed

from article3.plan import coverage, goals, ordering, sharing
from article3.plan.decide import Decider
from article3.plan.problem import Problem
from article3.program import Program, Session, Status
from article3.scenario.plan_schema import Goal, Target

TWO = Small(allies=("DEU", "FRA"), gdp=[3e6, 1e6])
THREE = Small(allies=("DEU", "FRA", "POL"))
MILLION = 1e-3
"""Money in the program is in billions."""


def program(given: Problem, *families: Any) -> Program:
    """Return a program of orders, their balance, and some families."""
    made = Program("small")
    ordering.orders(made, given)
    ordering.balance(made, given)
    for family in families:
        family(made, given)
    return made


def test_orders_arrive_after_their_lead_and_leave_after_their_life() -> None:
    # Lead 2, life 2. Three lots ordered in 2027, one in 2028, two in 2029: they arrive in 2029, 2030 and 2031.
    # In service: 0, 0, 3, 3 + 1, and in 2031 the first three are gone: 4 + 2 - 3.
    made = program(Small(life=2).problem())
    added = fixed(made, [3, 1, 2]).solve().value(made.column_block("added"))
    assert added[0] == pytest.approx([0, 0, 3, 4, 3])


def test_an_order_that_would_come_after_the_last_year_is_not_offered() -> None:
    # Lead 3 and money to 2031: the order of 2029 would come in 2032.
    assert Small(lines=({"element": 0, "lead": 3},)).problem().order_year.tolist() == [0, 1]


def test_a_line_takes_what_it_can_make_from_all_together() -> None:
    # 10 units in 2027, none in 2028, 12 in 2029, in lots of 2: 5 + 6 lots, whichever of two Allies orders them.
    given = TWO.but(lot=2.0, lines=({"element": 0, "capacity": [10, 0, 12]},)).problem()
    assert set(given.order_year) == {0, 2}
    made = program(given, ordering.lines)
    ordered = best(made, "ordered").value(made.column_block("ordered"))
    assert np.bincount(given.order_year, weights=ordered) == pytest.approx([5, 0, 6])


def test_a_licensed_line_gives_as_much_as_is_set_up() -> None:
    # 10 units a year in lots of 2 are 5 lots; for 2 lots two fifths of it have to be set up.
    given = Small(lot=2.0, lines=({"element": 0, "capacity": 10, "setup": 300.0},)).problem()
    made = program(given, ordering.lines)
    session = fixed(made, [2, 0, 1])
    session.set_costs(made.block("set_up"), 1.0)
    assert session.solve().objective == pytest.approx(0.4)
    session.set_bounds(made.block("ordered"), lower=[6, 0, 0], upper=[6, 0, 0])
    assert session.solve().status is Status.INFEASIBLE


LEAD_THREE = {"element": 0, "lead": 3}


def test_what_is_spent_is_outlay_and_operation_and_pay() -> None:
    # A lot of 2 at 90 costs 180: 60 in the year of the order and the two after it, delivered in the third.
    # A unit takes 4 for operation and 50 people at 0.1: (4 + 5) x 2 = 18 a lot and year.
    # One lot in 2027 and one in 2028: 60, 60 + 60, 60 + 60, 60 + 18, 18 + 18.
    given = Small(lot=2.0, upkeep=4.0, people=50.0, wage=0.1, lines=(LEAD_THREE,)).problem()
    made = program(given, ordering.spending)
    spent = fixed(made, [1, 1]).solve().value(made.column_block("spent"))
    assert spent[0] == pytest.approx(np.array([60, 120, 120, 78, 36]) * MILLION)


def test_entering_is_paid_with_the_order() -> None:
    # As above without operation; 30 a lot for entering in the years of the orders: 60 + 30, 120 + 30, 120, 60, 0.
    given = Small(lot=2.0, lines=(LEAD_THREE,)).problem()
    made = program(given, lambda made, given: ordering.spending(made, given, np.array([30 * MILLION])))
    spent = fixed(made, [1, 1]).solve().value(made.column_block("spent"))
    assert spent[0] == pytest.approx(np.array([90, 150, 120, 60, 0]) * MILLION)


@pytest.mark.parametrize(
    ("capacity", "expected"),
    [
        # Opens in 2029: 300 over 2027 and 2028, half each by DEU and FRA, whose envelopes are alike: GDP does not count.
        ([0, 0, 5], [[75, 75, 0], [75, 75, 0]]),
        # Opens in 2028: the year before is all there is.
        ([0, 5, 5], [[150, 0, 0], [150, 0, 0]]),
        # Opens in 2027: no year is left before, so it is paid in that one.
        ([5, 5, 5], [[150, 0, 0], [150, 0, 0]]),
    ],
)
def test_makers_pay_for_setting_up_before_a_line_opens(capacity: list[float], expected: list[list[float]]) -> None:
    given = THREE.but(
        gdp=[3e6, 1e6, 9e6], lines=({"element": 0, "capacity": capacity, "setup": 300.0, "makers": ("DEU", "FRA")},)
    ).problem()
    made = program(given, ordering.lines, ordering.spending)
    session = Session(made)
    session.set_bounds(made.block("ordered"), upper=0.0)
    session.set_bounds(made.block("set_up"), lower=1.0)
    spent = session.solve().value(made.column_block("spent"))
    assert spent[:, :3] == pytest.approx(np.array([*expected, [0, 0, 0]]) * MILLION)


def test_the_envelope_holds_in_every_year_and_not_on_the_whole() -> None:
    # Orders in 2027 only, at 90 over three years: 30 a unit and year to 2029, then 40 a unit for operation.
    # 30 u <= 100 would allow 3.33; 40 u <= 100 allows 2.5.
    line = {"element": 0, "lead": 3, "capacity": [100, 0, 0]}
    made = program(Small(envelope=100.0, upkeep=40.0, lines=(line,)).problem(), ordering.spending, ordering.envelope)
    assert -best(made, "ordered").objective == pytest.approx(2.5)


def test_members_pay_for_what_their_fleet_orders() -> None:
    # The fleet alone may order: 30 a unit and year for three years. Members have 60 and 20: 30 u <= 80.
    line = {"element": 0, "lead": 3, "capacity": [100, 0, 0]}
    given = TWO.but(fleets={"MMF": ("DEU", "FRA")}, envelope=[60.0, 20.0], lines=(line,)).problem()
    made = program(given, ordering.spending, ordering.envelope)
    session = Session(made)
    own = given.pair_buyer[given.order_pair] < 2
    session.set_bounds(made.block("ordered"), upper=np.where(own, 0.0, np.inf))
    session.set_costs(made.block("ordered"), -1.0)
    solved = session.solve()
    assert -solved.objective == pytest.approx(80 / 30)
    assert solved.value(made.column_block("paid"))[:, 0] == pytest.approx([60 * MILLION, 20 * MILLION])


def test_what_is_ordered_and_not_paid_is_limited() -> None:
    # Price 90 over three years: two thirds are unpaid at the end of the year of the order, one third a year later.
    # Three years of an envelope of 10 are 30: 60 a <= 30, 30 a + 60 b <= 30, 30 b + 60 c <= 30.
    # Most orders in all: a = 1/2, b = 1/4, c = 3/8. (Prices 3/8, 1/4, 1/2 of the three rows prove it.)
    given = Small(envelope=10.0, until=2032, lines=(LEAD_THREE,)).problem()
    made = program(given, ordering.commitment)
    assert best(made, "ordered").value(made.column_block("ordered")) == pytest.approx([0.5, 0.25, 0.375])


def test_a_fleets_debts_fall_on_members_by_gdp() -> None:
    # Three quarters of 60 u fall on DEU, whose limit is 30: u <= 2/3.
    given = TWO.but(
        envelope=10.0, fleets={"MMF": ("DEU", "FRA")}, lines=({"element": 0, "lead": 3, "capacity": [100, 0, 0]},)
    ).problem()
    made = program(given, ordering.commitment)
    own = given.pair_buyer[given.order_pair] < 2
    assert -best(made, "ordered", np.where(own, 1.0, -1.0)).objective == pytest.approx(2 / 3)


def test_people_grow_by_so_much_a_year() -> None:
    # 2 % of 100,000 a year from 2026: 6,000 in 2029, 10,000 in 2031. A lot of 2 takes 3,000: 2 lots, then 3 1/3.
    given = Small(people=1500.0, lot=2.0).problem()
    made = program(given, ordering.people)
    added = best(made, "added", [[0, 0, -10, 0, -1]]).value(made.column_block("added"))
    assert added[0, [2, 4]] == pytest.approx([2, 10 / 3])


def test_a_fleets_people_come_from_members_by_gdp() -> None:
    # A quarter of 3,000 a lot from FRA, which can grow by 2 % of 10,000 a year: 750 u <= 600 in 2029, 1,000 in 2031.
    given = TWO.but(people=1500.0, lot=2.0, personnel=[100_000.0, 10_000.0], fleets={"MMF": ("DEU", "FRA")}).problem()
    made = program(given, ordering.people)
    fleet = (given.pair_buyer == 2)[:, None] * np.array([0, 0, -10.0, 0, -1])
    added = best(made, "added", np.where(fleet, fleet, 1.0)).value(made.column_block("added"))
    assert added[2, [2, 4]] == pytest.approx([0.8, 4 / 3])


NEVER = {"discount": 0.0}  # two years judged weigh one half each


@pytest.mark.parametrize(
    ("ordered", "missing", "risk"),
    [
        # 4 of 10 are there. Missing 0.6 in quarters whose slopes are 1/4, 3/4, 5/4, 7/4:
        # 0.25 x 0.25 + 0.25 x 0.75 + 0.1 x 1.25 = 0.375; over three windows 0.125.
        ([0, 0, 0], [0.6, 0.6], 0.125),
        # 5 more from 2029: missing 0.1 x 1/4 = 0.025, over three windows 1/120.
        ([5, 0, 0], [0.1, 0.1], 1 / 120),
        # The same 5 ordered in 2029 come in 2031: half of the one, half of the other.
        ([0, 0, 5], [0.6, 0.1], (0.125 + 1 / 120) / 2),
        # More than is needed does not help.
        ([9, 0, 0], [0.0, 0.0], 0.0),
    ],
)
def test_risk_is_the_square_of_what_is_missing_by_pieces(
    ordered: list[float], missing: list[float], risk: float
) -> None:
    given = Small(base=4.0, settings=NEVER).problem()
    made = program(given, coverage.fielded, coverage.coverage)
    solved = fixed(made, ordered).solve()
    assert solved.value(made.column_block("missing")).sum(axis=2)[:, 0] == pytest.approx(missing, abs=1e-9)
    assert solved.objective == pytest.approx(risk, abs=1e-6)  # a trace of cost lies on use


def test_one_unit_serves_one_need() -> None:
    # Batteries could stand in for tankers: 10 units, two needs of 10. The loss is least with 5 to each:
    # missing 1/2 and 1/2, each 0.25 x 0.25 + 0.25 x 0.75 = 0.25; weights one half, three windows: 0.25 / 3.
    given = Small(elements=2, base=[0.0, 10.0]).problem()
    form = given.judged.form
    object.__setattr__(form, "var_supply", np.array([0, 1, 1]))
    object.__setattr__(form, "var_need", np.array([0, 1, 0]))
    object.__setattr__(form, "var_element", np.array([0, 1, 1]))
    object.__setattr__(given.judged, "per_use", np.ones(3))
    made = program(given, coverage.fielded, coverage.coverage)
    solved = fixed(made, [0] * len(given.order_pair)).solve()
    assert solved.value(made.column_block("missing")).sum(axis=2) == pytest.approx(np.full((2, 2), 0.5))
    assert solved.objective == pytest.approx(0.25 / 3, abs=1e-6)


@pytest.mark.parametrize(("year", "ordered"), [(0, [4, 0, 0]), (1, [0, 0, 4])])
def test_a_target_is_reached_from_its_year_on(year: int, ordered: list[float]) -> None:
    # 0.8 of 10 are 8, of which 4 are there: 4 more. From 2029 on they must be ordered in 2027; from 2031 on
    # discounting has them ordered as late as possible.
    given = Small(base=4.0).problem()
    target = Target(contingency="east", window_days=10, level=0.8, by=given.judged.years[year])
    decider = Decider(given, (), ((target, year),))
    found = decider.read(decider.least_cost(risk=10.0))
    assert found.ordered == pytest.approx(ordered, abs=1e-6)


def goal(**fields: Any) -> Goal:
    return Goal(**{"goal": "mine", "title": "Mine", "by": 2029, "share": 0.6} | fields)


def held(given: Problem, item: Goal) -> goals.Held:
    return goals.hold(given, item)[0]


def test_a_goal_for_each_requirement_has_its_price() -> None:
    # 4 of 10 are there and 1 is ordered: 0.1 short of 0.6. A requirement missed wholly costs 0.1 over three windows.
    given = Small(base=4.0).problem()
    item = held(given, goal())
    made = program(given, coverage.fielded, lambda made, given: goals.goals(made, given, (item,)))
    session = fixed(made, [1, 0, 0])
    assert session.solve().value(made.column_block(item.short)) == pytest.approx([0.1])
    assert goals.prices(given, item) == pytest.approx([0.1 / 3])


@pytest.mark.parametrize(
    ("small", "fields", "least"),
    [
        # Of each requirement: 6 of 10, 4 are there.
        (Small(base=4.0), {}, 2.0),
        # Of inventories: (3 + u) / (3 + u + 9) >= 1/2, whatever is required.
        (Small(held=3.0, american=9.0), {"of": "inventory", "share": 0.5, "capabilities": ("air_refuelling",)}, 6.0),
        # Of the mean: 4 of 10 tankers and 30 of 20 batteries count 0.4 and 1, not 1.5: mean 0.7. To 0.8 the tankers
        # lack 0.2 of 10.
        (Small(elements=2, need=[10.0, 20.0], base=[4.0, 30.0]), {"of": "mean", "share": 0.8}, 2.0),
    ],
)
def test_a_limit_is_reached_in_three_readings(small: Small, fields: dict[str, Any], least: float) -> None:
    given = small.problem()
    item = held(given, goal(hard=True, **fields))
    made = program(given, coverage.fielded, lambda made, given: goals.goals(made, given, (item,)))
    assert item.short not in made.blocks
    assert best(made, "ordered", 1.0).objective == pytest.approx(least)


def test_canada_does_not_carry_for_europe() -> None:
    given = Small(allies=("DEU", "CAN"), groups=("europe", "canada"), base=4.0).problem()
    item = held(given, goal(hard=True))
    made = program(given, coverage.fielded, lambda made, given: goals.goals(made, given, (item,)))
    german = given.pair_buyer[given.order_pair] == 0
    solved = best(made, "ordered", np.where(german, 5.0, 1.0))
    assert solved.value(made.column_block("ordered"))[german].sum() == pytest.approx(2.0)


def test_what_no_line_can_deliver_is_left_out_and_named() -> None:
    # One unit can be ordered in time: 4 + 1 of 10 is less than 0.6. A limit is held as it stands.
    small = Small(base=4.0, lines=({"element": 0, "capacity": [1, 100, 100]},))
    kept, hopeless = goals.hold(small.problem(), goal())
    assert (kept.rows.size, hopeless.tolist()) == (0, [True])
    kept, hopeless = goals.hold(small.problem(), goal(hard=True))
    assert (kept.rows.size, hopeless.tolist()) == (1, [True])


def test_what_must_arrive_arrives_or_is_short_at_its_price() -> None:
    # 0.6 of 10 in both years. Six at 90 cost 0.54 bn, and save 0.6 of a scale in two years: they are ordered where a
    # whole scale costs more than 0.54 / 1.2 = 0.45 bn. Firm counts many times.
    given = Small().problem()
    wanted = np.full((2, 1), 0.6)
    for price, firm, ordered, short in ((0.46, False, 6, 0), (0.44, False, 0, 0.6), (0.46 / sharing.FIRM, True, 6, 0)):

        def arrivals(made: Program, given: Problem, price: float = price, firm: bool = firm) -> None:
            sharing.arrivals(made, given, wanted, np.full((2, 1), price), np.array([firm]))

        made = program(given, ordering.spending, coverage.fielded, arrivals)
        session = Session(made)
        session.set_costs(made.block("spent"), 1.0)
        solved = session.solve()
        assert solved.value(made.column_block("ordered")).sum() == pytest.approx(ordered, abs=1e-9)
        assert solved.value(made.column_block("short")) == pytest.approx([short, short], abs=1e-9)


@pytest.mark.parametrize(
    ("gdp", "have", "expected"),
    [
        # Twice the shares of GDP are 1, 0.6 and 0.4; one Ally provides one half at most: together 1.4.
        ([5e6, 3e6, 2e6], [0, 0, 0], [0.5, 0.5, 0.4]),
        # POL holds all there is: twice its share is 2, so one half. Together 0.5 + 0.2 + 0.5.
        ([8e6, 1e6, 1e6], [0, 0, 4], [0.5, 0.2, 0.5]),
        # 2 % are open to everybody, whose share of GDP is 0.1 %.
        ([500e6, 499e6, 1e6], [0, 0, 0], [0.5, 0.5, 0.02]),
    ],
)
def test_the_challenge_is_reasonable(gdp: list[float], have: list[float], expected: list[float]) -> None:
    given = THREE.but(gdp=gdp, held=np.array(have, dtype=float)[:, None]).problem()
    assert sharing.caps(given) == pytest.approx(expected)


def test_no_ally_orders_more_than_its_cap_of_all_orders() -> None:
    # 10 lots in all, DEU would take them: its cap of one half makes 5, the others share the rest.
    given = THREE.but(gdp=[5e6, 3e6, 2e6]).problem()
    made = program(given, sharing.totals, sharing.challenge)
    session = Session(made)
    session.set_bounds(made.block("of_element"), lower=10.0, upper=10.0)
    session.set_costs(made.block("of_pair"), [-1.0, 0.0, 0.0])
    of_pair = session.solve().value(made.column_block("of_pair"))
    assert of_pair[0] == pytest.approx(5.0)
    assert of_pair.sum() == pytest.approx(10.0)


def test_members_share_what_their_fleet_costs() -> None:
    # GDP 5, 3, 2: caps 0.5 (one Ally), 0.5, 0.4 (twice the share of GDP). DEU would pay all of 90: it pays half.
    given = THREE.but(gdp=[5e6, 3e6, 2e6], fleets={"MMF": ("DEU", "FRA", "POL")}).problem()
    made = program(given, ordering.spending, sharing.fleets)
    session = fixed(made, [float(order == 9) for order in range(len(given.order_pair))])
    assert given.pair_buyer[given.order_pair[9]] == 3, "the fleet's order of 2027"
    session.set_costs(made.block("paid"), [[-1.0], [0.0], [0.0]])
    paid = session.solve().value(made.column_block("paid")).sum(axis=1)
    assert paid[0] == pytest.approx(45 * MILLION)
    assert paid.sum() == pytest.approx(90 * MILLION)


@pytest.mark.parametrize(
    ("french", "unfair"),
    [
        # DEU has a quarter of all envelopes: 1.25 x 1/4 = 0.3125 of what all spend. It spends 90.
        (0, 90 * (1 - 0.3125)),  # alone
        (1, 90 - 0.3125 * 180),  # beside as much by FRA
        (3, 0.0),  # 0.3125 x 360 = 112.5 is more than 90
    ],
)
def test_burdens_stay_under_the_ceiling_or_pay_for_it(french: float, unfair: float) -> None:
    given = TWO.but(envelope=[100.0, 300.0]).problem()
    made = program(given, ordering.spending, lambda made, given: sharing.fairness(made, given, 2.0))
    orders = np.where(given.order_year == 0, np.where(given.pair_buyer[given.order_pair] == 0, 1.0, french), 0.0)
    solved = fixed(made, orders.tolist()).solve()
    # All is paid by 2028, the first of four checks.
    assert solved.value(made.column_block("unfair"))[0] == pytest.approx(np.full(4, unfair * MILLION), abs=1e-9)
    assert solved.objective == pytest.approx(2.0 * 4 * unfair * MILLION, abs=1e-9)


def test_without_an_envelope_shares_of_gdp_stand_for_it() -> None:
    given = TWO.but(envelope=np.inf).problem()
    assert sharing.fair_share(given) == pytest.approx(np.array([[0.75] * 5, [0.25] * 5]))


def test_who_holds_an_element_does_not_pay_to_enter() -> None:
    given = TWO.but(entry=20.0, held=np.array([[3.0], [0.0]])).problem()
    assert sharing.entering(given) == pytest.approx([0.0, 20 * MILLION])


def test_the_least_cost_within_the_tolerance() -> None:
    # 4 of 10 are there, the line takes 3 in 2027 only: 0.3 missing, 0.25 x 0.25 + 0.05 x 0.75 = 0.1; risk 0.1 / 3.
    # With 1 % more risk 0.101 = 0.0625 + (m - 0.25) x 0.75, m = 0.301333: 10 x (1 - m) - 4 = 2.98667 units.
    # Half of 90 each is paid in 2027 and half a year later, discounted by 3 %.
    given = Small(base=4.0, envelope=1000.0, lines=({"element": 0, "capacity": [3, 0, 0]},)).problem()
    decider = Decider(given)
    first = decider.read(decider.least_risk())
    second = decider.read(decider.least_cost(first.risk * 1.01))
    assert first.risk == pytest.approx(0.1 / 3)
    assert first.ordered == pytest.approx([3.0])
    assert second.ordered == pytest.approx([10 * (1 - 0.25 - 0.0385 / 0.75) - 4])
    assert second.cost == pytest.approx(45 * MILLION * second.ordered[0] * (1 + 1 / 1.03))
    assert decider.certificate(second.solution).holds
