"""Trust: plans made before the commitment is known, judged alike; the program of all states against one written anew."""

from __future__ import annotations

import functools
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import plan_scenarios as small
import pytest
from scipy.optimize import linprog
from scipy.sparse import block_diag, csr_array, vstack

from article3.domain import force_elements
from article3.errors import Cancelled, InputError
from article3.evidence.findings import Finding
from article3.plan.decide import build
from article3.plan.make import Made
from article3.program import Program, Session
from article3.scenario.shift_schema import Commitment, Trust
from article3.shift.trust import by_knowing, by_state, choices, trust
from article3.shift.trust_branch import Branch, priced
from article3.shift.trust_choices import HEDGES, Weighed, best_where, tail_mean, weigh
from article3.shift.trust_states import seen_in, states_of
from article3.shift.trust_tree import NEVER, Tree, columns_of
from article3.shift.trust_words import number

AHEAD = (0, 1, 2)
CLOSE = 1e-6
LAST = 2029
"""Last year of ordering of the small plan."""


def settings(**changed: Any) -> Trust:
    """Return settings of trust with some of them changed, validated as a scenario's are."""
    return Trust.model_validate(changed)


def made() -> Made:
    """Return the small plan with the United States."""
    return small.made("with")


@functools.cache
def _weighed(text: str) -> Weighed:
    return weigh(made(), Trust.model_validate_json(text), ahead=AHEAD)


def weighed(**changed: Any) -> Weighed:
    """Return the choices of the small plan, made once for the same settings."""
    return _weighed(settings(**changed).model_dump_json())


@functools.cache
def rationed() -> Weighed:
    """Return a choice in which lines of the United States matter: one state gets nothing of what they could make."""
    states = [
        {"state": "stays", "title": "Stays", "weight": 1},
        {"state": "closed", "title": "Gone", "weight": 1, "share": 0.0, "us_export": 0.0, "since": 2029},
        {"state": "less", "title": "Delivers less", "weight": 1, "share": 0.5, "us_export": 0.25},
    ]
    return weigh(made(), settings(states=states, tail=0.5), ahead=AHEAD)


def two(weight: float, **changed: Any) -> list[dict[str, Any]]:
    """Return two states: it stays, and it is gone with some weight."""
    gone: dict[str, Any] = {"state": "gone", "title": "Gone", "weight": weight, "share": 0.0, **changed}
    return [{"state": "stays", "title": "Stays", "weight": 1 - weight}, gone]


# ---- each plan is the best by its own measure ----


@pytest.mark.parametrize("given", [weighed, rationed])
@pytest.mark.parametrize("criterion", list(HEDGES))
def test_the_plan_of_a_criterion_is_the_best_by_it(given: Any, criterion: str) -> None:
    found = given()
    mine = found.measures(found.choice(criterion))[criterion]
    scale = float(found.weights @ found.before)
    for other in found.choices:
        assert mine <= found.measures(other)[criterion] + CLOSE * scale
    # Somewhere it is better, or the test shows nothing.
    assert max(found.measures(other)[criterion] for other in found.choices) > mine + 1e-4 * scale


@pytest.mark.parametrize("given", [weighed, rationed])
def test_nobody_does_better_in_a_state_than_the_plan_made_for_it(given: Any) -> None:
    found = given()
    for other in found.choices:
        assert (found.best <= other.risks + CLOSE * found.before).all()
        assert (other.risks <= found.before + CLOSE).all()


@pytest.mark.parametrize("given", [weighed, rationed])
def test_perfect_information_is_no_worse_than_deciding_first_and_that_no_worse_than_any(given: Any) -> None:
    found = given()
    informed = float(found.weights @ found.best)
    first = float(found.weights @ found.choice("expected").risks)
    assert informed < first
    assert all(first <= float(found.weights @ other.risks) * (1 + CLOSE) for other in found.choices)


def test_a_state_that_is_as_good_as_certain_is_planned_for_alone() -> None:
    for place, weight in ((0, 1e-6), (1, 1 - 1e-6)):
        found = weighed(states=two(weight))
        expected = found.choice("expected").risks
        assert expected[place] == pytest.approx(found.best[place], rel=1e-5)
        assert expected[1 - place] > found.best[1 - place] * 1.005


def test_all_plans_keep_to_the_same_money_and_all_solves_are_proven() -> None:
    found = weighed()
    assert found.money == made().second.cost
    for choice in found.choices:
        for outcome in choice.outcomes:
            assert outcome.discounted <= found.money * 1000 * (1 + CLOSE)
            assert outcome.certificate.holds
    assert all(proof.holds for proof in found.certificates.values())


def test_more_money_does_no_harm() -> None:
    less, more = weighed(), weighed(money_usd_m=2 * made().second.cost * 1000)
    assert (more.best < less.best).all()
    assert more.decided < less.decided


def test_the_whole_future_as_its_own_tail_is_the_expected_value() -> None:
    found = weighed(tail=1.0)
    expected = found.measures(found.choice("expected"))["expected"]
    assert found.measures(found.choice("cvar"))["cvar"] == pytest.approx(expected, rel=1e-5)


# ---- knowing ----


@pytest.mark.parametrize("given", [weighed, rationed])
def test_knowing_later_is_worth_less_and_never_less_than_nothing(given: Any) -> None:
    found = given()
    risks = [item.risk for item in found.knowing]
    assert [item.year for item in found.knowing] == [2027, 2028, LAST, NEVER]
    assert all(earlier <= later * (1 + CLOSE) for earlier, later in pairwise(risks))
    assert risks[0] == pytest.approx(float(found.weights @ found.best))
    assert risks[-1] == pytest.approx(float(found.weights @ found.choice("expected").risks), rel=CLOSE)
    assert risks[0] < risks[-1]


def test_the_same_safety_costs_less_the_earlier_one_knows() -> None:
    found = weighed()
    money = [item.money for item in found.knowing if item.money is not None]
    assert [item.year for item in found.knowing if item.money is not None] == [2027, 2028, NEVER]
    assert money == sorted(money)
    assert money[0] < money[-1] - 1
    assert money[0] == pytest.approx(float(found.weights @ found.known_money))
    spent = np.array([item.discounted for item in found.choice("expected").outcomes])
    assert (found.known_money <= spent).all()


def test_had_it_been_known_that_money_and_no_less_would_have_done() -> None:
    found = weighed()
    every = np.ones(found.states.share.shape[1], dtype=bool)
    for given, risk, money in zip(found.states.given, found.choice("expected").risks, found.known_money, strict=True):
        enough, less = (Branch(given, part * money / 1000) for part in (1.0, 0.98))
        assert enough.read(enough.least_risk(every)).risk == pytest.approx(risk, rel=1e-5)
        assert less.read(less.least_risk(every)).risk > risk * (1 + 1e-4)


def test_before_it_is_known_orders_are_the_same_in_all_states() -> None:
    found = weighed()
    for item in found.knowing[:-1]:
        assert not item.placed[found.states.order_years >= item.year].any()
    tree = Tree(found.states, branches(found), 2028, np.ones_like(found.states.share, dtype=bool))
    orders = tree.orders(tree.expected())
    early = (found.states.order_years < 2028) & found.states.most.all(axis=0)
    assert (orders[:, early] == orders[0, early]).all()
    assert np.abs(orders[:, ~early] - orders[0, ~early]).max() > 0.1


def test_states_that_are_alike_leave_nothing_to_know() -> None:
    # What differs between them begins after the last year judged.
    found = weighed(states=two(0.5, since=2034))
    assert found.before[0] == pytest.approx(found.before[1], rel=1e-12)
    assert np.array([item.risks for item in found.choices]) == pytest.approx(found.best[0], rel=1e-5)
    assert found.knowing[-1].risk - found.knowing[0].risk == pytest.approx(0.0, abs=1e-7)


# ---- the program of all states, written anew ----


def branches(found: Weighed) -> tuple[Branch, ...]:
    return tuple(Branch(given, found.money) for given in found.states.given)


def extensive(asked: Any, states: tuple[Commitment, ...], weights: Any, money: float, known: int) -> float:
    """Return least expected risk by the plain extensive form: a whole program for each state, tied by equations.

    Nothing is shared or left out: every need of every contingency, every possible order, four copies of everything.
    """
    blocks, lower, upper, costs, columns = [], [], [], [], []
    gap = asked.settings.model_copy(update={"without": ("goals", "targets")})
    american = np.array([origin == "usa" for origin in asked.coarse.items.origin])
    years = np.arange(asked.coarse.items.capacity.shape[1]) + asked.coarse.years[0]
    offset = 0
    for item, weight in zip(states, weights, strict=True):
        capacity = asked.coarse.items.capacity.copy()
        capacity[np.ix_(american, years >= item.since)] *= item.us_export
        given = replace(
            asked.coarse, settings=gap, judged=seen_in(asked, item, small.YEARS),
            items=replace(asked.coarse.items, capacity=capacity),
        )  # fmt: skip
        program = build(given, (), ())
        purse = program.rows("money", {}, upper=money)
        spent = program.column_block("spent")
        program.add_terms(
            np.broadcast_to(purse.index, spent.shape), spent, np.broadcast_to(given.discount, spent.shape)
        )
        arrays = program.assemble()
        blocks.append(csr_array((arrays.values, arrays.indices, arrays.starts), shape=program.shape))
        lower += [arrays.row_lower]
        upper += [arrays.row_upper]
        missing = program.column_block("missing").index
        cost = np.zeros(program.shape[1])
        cost[missing] = 1000 * weight * arrays.cost[missing]  # without the traces that keep idle units idle
        costs.append(cost)
        mine = (program.column_block("ordered").index, program.column_block("set_up").index)
        columns.append((arrays.lower, arrays.upper, offset + np.concatenate(mine)))
        offset += program.shape[1]
    # A line under licence is decided on when it is first paid for, two years before it opens.
    licensed = [asked.coarse.items.lines.index(str(name)) for name in program.column_block("set_up").axes["line"]]
    opens = [int(np.argmax(asked.coarse.items.capacity[line] > 0)) for line in licensed]
    decided = np.concatenate([asked.coarse.order_year, np.maximum(np.array(opens) - 2, 0)]) + asked.coarse.years[0]
    late = np.concatenate([american[asked.coarse.order_line], np.zeros(len(licensed), dtype=bool)])
    ties, bounds = [], []
    for item, (_, _, mine) in zip(states[1:], columns[1:], strict=True):
        early = np.nonzero(decided < known)[0]
        row = np.arange(len(early))
        first = columns[0][2]
        values = np.concatenate([np.ones(len(early)), -np.ones(len(early))])
        places = (np.concatenate([row, row]), np.concatenate([mine[early], first[early]]))
        ties.append(csr_array((values, places), shape=(len(early), offset)))
        less = late[early] & (decided[early] >= item.since) & (item.us_export < 1)
        bounds.append(np.where(less, -np.inf, 0.0))
    matrix = vstack([block_diag(blocks, format="csr"), *ties], format="csr")
    low = np.concatenate([*lower, *bounds])
    high = np.concatenate([*upper, *[np.zeros(len(item)) for item in bounds]])
    equal = low == high
    above, below = np.isfinite(low) & ~equal, np.isfinite(high) & ~equal
    result = linprog(
        np.concatenate(costs),
        A_eq=matrix[equal], b_eq=low[equal],
        A_ub=vstack([-matrix[above], matrix[below]]), b_ub=np.concatenate([-low[above], high[below]]),
        bounds=np.column_stack([np.concatenate([item[place] for item in columns]) for place in (0, 1)]),
        method="highs-ipm",
    )  # fmt: skip
    assert result.status == 0
    return float(result.fun) / 1000


@pytest.mark.parametrize("known", [NEVER, 2028])
@pytest.mark.parametrize("given", [weighed, rationed])
def test_the_program_of_all_states_agrees_with_the_plain_extensive_form(given: Any, known: int) -> None:
    found = given()
    states = found.states.commitments
    again = extensive(made().asked, states, found.weights, found.money, known)
    mine = next(item.risk for item in found.knowing if item.year == known)
    # The program gives up a trace of risk for money not spent; the plain form does not.
    assert mine == pytest.approx(again, rel=1e-6)


def test_common_columns_stand_there_once() -> None:
    found = weighed()
    alone = branches(found)
    arrays = [branch.program.assemble() for branch in alone]
    width = arrays[0].lower.size
    counts = [int(columns_of(found.states, alone, arrays, known).max()) + 1 for known in (2027, 2028, LAST, NEVER)]
    # Nothing decided is common where all is known at once.
    common = columns_of(found.states, alone, arrays, 2027)
    decisions = alone[0].ordered.index
    assert len(np.unique(common[:, decisions])) == 4 * len(decisions)
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < 0.7 * counts[0]
    assert counts[0] <= 4 * width


def test_solving_with_few_orders_first_changes_no_answer() -> None:
    found = weighed()
    branch = branches(found)[3]
    none = np.zeros(len(branch.ordered.index), dtype=bool)
    from_none = branch.read(branch.least_risk(none))
    from_all = branch.read(branch.least_risk(~none))
    assert from_none.risk == pytest.approx(from_all.risk, rel=1e-7)
    assert from_none.certificate.holds


def test_orders_that_were_closed_at_first_are_open_in_the_proof() -> None:
    program = Program("three")
    orders = program.variables("orders", {"order": ["dear", "cheap", "dearest"]}, cost=[2.0, 1.0, 3.0])
    program.add_terms(program.rows("need", {"need": ["n"]}, lower=3.0).index, orders, 1.0)
    solution = priced(Session(program, "ipx"), orders.index, np.array([True, False, False]))
    assert solution.value(orders).tolist() == [0.0, 3.0, 0.0]
    assert np.isinf(solution.arrays.upper).all()


# ---- states ----


def test_what_is_left_of_the_offer_follows_domains_and_years() -> None:
    asked = made().asked
    central = asked.forces.central()
    today = central.offers["before_2026"]
    air = np.array([item.domain == "air" for item in force_elements()])
    item = Commitment(state="air", title="Air", weight=1, offer="after_2026_a", share=0.5, domains=("air",), since=2031)
    seen, all_stay = (
        seen_in(asked, given, small.YEARS) for given in (item, Commitment(state="stays", title="Stays", weight=1))
    )
    assert (seen.base[0] == all_stay.base[0]).all()
    element = seen.form.supply_element
    lower = (seen.base[1] < all_stay.base[1] - 1e-9) & (today[element] > 0)
    offer = np.where(air, 0.5, 1.0) * central.offers["after_2026_a"]
    assert set(element[lower]) <= set(np.nonzero(offer < today - 1e-9)[0])
    assert lower.any()
    assert (seen.base[1] <= all_stay.base[1] + 1e-9).all()


def test_needs_left_out_add_no_risk_in_any_state() -> None:
    asked, found = made().asked, weighed()
    whole = len(seen_in(asked, found.states.commitments[0], small.YEARS).form.need_cell)
    kept = found.states.given[0].judged
    assert len(kept.form.need_cell) < whole
    none = np.zeros(len(asked.coarse.order_pair))
    for place, item in enumerate(found.states.commitments):
        given = replace(asked.coarse, settings=found.states.given[0].settings, judged=seen_in(asked, item, small.YEARS))
        risk = Branch(given, found.money).judge(none, none == 0).risk
        assert risk == pytest.approx(found.before[place], rel=1e-9)


def test_lines_of_the_united_states_deliver_what_the_state_leaves_of_them() -> None:
    found = rationed()
    states = found.states
    given = states.given[0]
    american = np.array([origin == "usa" for origin in given.items.origin])[given.order_line]
    some = 0.0
    for choice in found.choices:
        for place, outcome in enumerate(choice.outcomes):
            whole = states.most[place]
            assert outcome.placed[whole] == pytest.approx(choice.placed[whole], abs=1e-6)
            assert (outcome.placed <= choice.placed + 1e-6).all()
            lots = states.given[place].items.capacity / given.items.lot[given.items.line_element][:, None]
            made_ = np.zeros_like(lots)
            np.add.at(made_, (given.order_line, given.order_year), outcome.placed)
            assert (made_ <= lots + 1e-6).all()
        for outcome, since in zip(choice.outcomes[1:], (2029, 2028), strict=True):
            less = choice.placed - outcome.placed
            assert np.abs(less[~american | (states.order_years < since)]).max() < 1e-6
            some = max(some, float(less.sum()))
    assert some > 1
    tree = Tree(states, branches(found), NEVER, np.ones_like(states.share, dtype=bool))
    solution = tree.expected()
    assert (tree.placed(solution) >= tree.orders(solution).max(axis=0) - 1e-9).all()
    assert (tree.placed(solution) > tree.orders(solution)[2] + 1).any()


def test_weights_are_shares_of_their_sum() -> None:
    found = states_of(made().asked, [item.model_copy(update={"weight": 5 * item.weight}) for item in settings().states])
    assert found.weights == pytest.approx([0.4, 0.3, 0.2, 0.1])


# ---- measures ----


def test_the_tail_takes_the_worst_part_of_the_futures() -> None:
    # Worst first: 8 with weight 0.1, 4 with 0.3 of which 0.15 count: (0.8 + 0.6) / 0.25.
    risks, weights = np.array([1.0, 4.0, 8.0]), np.array([0.6, 0.3, 0.1])
    assert tail_mean(risks, weights, 0.25) == pytest.approx(5.6)
    assert tail_mean(risks, weights, 0.05) == pytest.approx(8.0)
    assert tail_mean(risks, weights, 1.0) == pytest.approx(float(risks @ weights))


def _lines(*ends: tuple[float, float]) -> Weighed:
    """Return choices whose risk is known without and with the worst state."""
    found = weighed(states=two(0.3))
    chosen = [
        replace(
            item, outcomes=tuple(replace(outcome, risk=risk) for outcome, risk in zip(item.outcomes, end, strict=True))
        )
        for item, end in zip(found.choices, ends, strict=False)
    ]
    return replace(found, choices=tuple(chosen))


def test_the_weight_at_which_a_choice_turns() -> None:
    # 1 + 4 w and 2 + 2 w meet at 1/2; 2 + 2 w and 3 + 0.5 w at 2/3. 4 + w lies above the second everywhere, 2.3 + 1.6 w
    # below each somewhere and below all nowhere: below the second from 3/4 on, below the third up to 7/11.
    found = best_where(_lines((1, 5), (2, 4), (3, 3.5), (4, 5), (2.3, 3.9)))
    assert found[0] == pytest.approx((0.0, 0.5))
    assert found[1] == pytest.approx((0.5, 2 / 3))
    assert found[2] == pytest.approx((2 / 3, 1.0))
    assert found[3:] == [None, None]


def test_a_plan_is_best_at_the_weights_it_was_made_for() -> None:
    found = weighed()
    stretch = best_where(found)[[item.choice for item in found.choices].index("expected")]
    assert stretch is not None
    assert stretch[0] - CLOSE <= found.weights[int(found.before.argmax())] <= stretch[1] + CLOSE


def test_numbers_keep_three_digits() -> None:
    assert [number(units) for units in (0.04, 9.94, 26.4, 1_191_511.0)] == ["0.0", "9.9", "26", "1,190,000"]


# ---- what people read ----


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding]:
    found = weighed()
    return {item.name: item for item in (choices(found, ""), by_state(found, ""), by_knowing(found, ""))}


def test_every_cited_number_stands_in_its_table(findings: dict[str, Finding]) -> None:
    for found in findings.values():
        assert found.sentence.addresses
        for part in found.sentence.parts:
            if isinstance(part, str):
                continue
            name, _, rest = part.address.partition("#")
            column, _, keys = rest.partition("@")
            assert found.name in name, part
            row = next(
                row for row in found.rows() if found.address(row, _column(found, row, part.address)) == part.address
            )
            value = row[_column(found, row, part.address)]
            assert value is not None
            digits = part.text.replace("$ ", "").split(" ")[0]
            scale = 1e-3 if "bn" in part.text else 100 if "best_" in part.address else 1
            assert float(digits) == pytest.approx(scale * value, abs=0.5 if "." not in digits else 0.051), (
                column,
                keys,
            )


def _column(found: Finding, row: dict[str, Any], address: str) -> str:
    return next((item.column for item in found.columns if found.address(row, item.column) == address), "standing")


def test_tables_agree_with_each_other(findings: dict[str, Finding]) -> None:
    found = weighed()
    first, each, known = (findings[name] for name in ("trust", "trust_state", "trust_knowing"))
    assert first.table["choice"].to_list() == [*found.states.names, *HEDGES]
    assert each.table.height == len(found.choices) * len(found.weights)
    for row in first.rows():
        mine = [item for item in each.rows() if item["choice"] == row["choice"]]
        assert row["expected_risk"] == pytest.approx(sum(item["weight"] * item["risk"] for item in mine))
        assert row["regret"] == pytest.approx(max(item["regret"] for item in mine))
        assert row["regret_state"] == max(mine, key=lambda item: item["regret"])["state"]
        assert 0 <= row["common"] <= 1 + CLOSE
    chosen = {row["choice"]: row["chosen_by"] for row in first.rows()}
    assert [chosen[name] for name in HEDGES] == ["expected value", "CVaR", "regret"]
    assert known.table["known"].to_list() == ["2027", "2028", "2029", "never"]
    assert known.table["saved_usd2021_m"].to_list()[-1] == 0
    for row in known.rows():
        if row["saved_usd2021_m"] is not None:
            never = known.rows()[-1]["expected_usd2021_m"]
            assert row["expected_usd2021_m"] + row["saved_usd2021_m"] == pytest.approx(never)
    assert known.table["worth"].to_list() == sorted(known.table["worth"].to_list(), reverse=True)
    assert all(check.passed is not False for item in findings.values() for check in item.checks)


def test_nothing_short_says_so() -> None:
    found = weighed()
    nothing = replace(found, before=np.zeros_like(found.before))
    assert "Nothing falls short" in str(by_state(nothing, "").sentence)
    assert "Nothing falls short" in str(by_knowing(nothing, "").sentence)


def test_hard_goals_and_targets_are_named_as_left_out() -> None:
    asked = made().asked
    target = {"contingency": "baltic_defence", "window_days": 30, "level": 0.5, "by": 2033}
    held = replace(weighed().states.asked, settings=small.settings(targets=[target]))
    found = replace(weighed(), states=replace(weighed().states, asked=held))
    assert "baltic_defence within 30 days" in " ".join(choices(found, "").warnings)
    assert asked.settings.targets == ()


# ---- refusals ----


def test_money_below_what_is_owed_is_refused() -> None:
    given = weighed().states.given[0]
    owing = replace(given, owed=np.full_like(given.owed, 1.0))
    with pytest.raises(InputError, match="do not pay for the .* owed already"):
        Branch(owing, 1.0)


def test_stopping_writes_nothing() -> None:
    with pytest.raises(Cancelled):
        trust(made(), stop=lambda: True)
