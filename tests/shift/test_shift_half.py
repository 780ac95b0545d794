"""Half by 2030: shares, odds, years of crossing, and whose force is used."""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "plan"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from plan_scenarios import made as small

from article3.domain import pledge
from article3.domain.vocabulary import Row
from article3.evidence.delay_checks import STAGES, delay_faults
from article3.evidence.findings import Finding
from article3.evidence.planning import open_planning
from article3.forecast.method import above
from article3.gap.assess import assess, postures_of
from article3.gap.forces import GROUPS, WINDOWS, Spread, Values
from article3.gap.shares import european_share as gap_share
from article3.gap.shares import preponderance
from article3.plan import found_effect
from article3.plan.goals import potential
from article3.plan.judged import judged
from article3.plan.make import Made
from article3.plan.problem import by_class
from article3.plan.states import StateRow, committed
from article3.pledge.warning import basis as panel_of
from article3.pledge.warning import odds
from article3.scenario.shift_schema import Late, Shift
from article3.shift.described import columns
from article3.shift.half import EVERY, OURS, crossed, half, lines_of, never
from article3.shift.half_draws import BASES, KINDS, World, _covered, as_planned, draws, money_there, shares
from article3.shift.half_flows import Drawn, Flows, changes, ranges
from article3.shift.used import _form, _parts, force_used, posture_of

WHEN = "2026-07-31"
DRAWS = 12


def plan() -> Made:
    return small("with")


@functools.cache
def found(draws_: int = DRAWS) -> tuple[Finding, Finding, Finding]:
    return half(plan(), Shift(draws=draws_, until=2034), WHEN)


@functools.cache
def drawn(draws_: int = DRAWS, kinds: tuple[str, ...] = KINDS) -> Any:
    return shares(plan(), Shift(draws=draws_, until=2034), kinds)


def table(place: int = 0) -> pl.DataFrame:
    return found()[place].table


def laid(monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Lay a changed planning table over the one that is read."""
    planning = open_planning()
    other = replace(planning, _tables={**planning._tables, name: change(planning.table(name))})
    monkeypatch.setattr("article3.scenario.resolve.planning_of", lambda *_: other)


# What is published and what other tables say.


def test_published_shares_are_where_it_starts() -> None:
    """B5 on its own denominators: 156/606, 336/1186, 35/155, 200/1100, 49/295."""
    printed = {
        ("air_refuelling", "csis-enablers-2023"): 0.257,
        ("air_refuelling", "csis-defend-2025"): 0.283,
        ("airborne_control", "csis-enablers-2023"): 0.226,
        ("uav_surveillance", "csis-enablers-2023"): 0.182,
        ("space_surveillance", "csis-defend-2025"): 0.166,
    }
    for basis in BASES:
        rows = table().filter(pl.col("basis") == basis, pl.col("case").str.starts_with("csis"))
        ours = {(row["capability"], row["case"]): row["share_2026"] for row in rows.iter_rows(named=True)}
        assert ours.keys() == printed.keys()
        assert all(abs(ours[key] - printed[key]) <= 0.001 for key in printed)
    assert found()[0].checks[0].passed is True


def test_a_published_share_that_is_not_met_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    laid(monkeypatch, "inventories", lambda rows: rows.with_columns(pl.col("share") + 0.01))
    assert half(plan(), Shift(draws=0), WHEN)[0].checks[0].passed is False


def test_published_counts_move_by_what_our_holdings_of_the_same_elements_move() -> None:
    """CSIS 2023 counts tankers and A400M: 156 + what Europe gets of them to 2030, over that + 450."""
    made, seen = plan(), drawn()
    axes, year = made.asked.forces.axes, seen.years.index(2030)
    places = [axes.of("element", name) for name in ("tanker", "airlift_a400m")]
    more = (seen.europe["announced"][0, year] - seen.europe["announced"][0, 0])[places].sum()
    assert more > 5
    rows = table().filter(pl.col("case") == "csis-enablers-2023", pl.col("capability") == "air_refuelling")
    share = rows.filter(pl.col("basis") == "announced")["share_2030"].item()
    assert share == pytest.approx((156 + more) / (156 + more + 450))


def test_shares_on_time_are_those_of_the_plans_own_table() -> None:
    made = plan()
    theirs = {
        (row["denominator"], row["capability"], row["contingency"], row["window_days"], row["year"]): row["share"]
        for row in found_effect.shares(made, WHEN).table.iter_rows(named=True)
    }
    seen, axes = drawn(), made.asked.forces.axes
    compared = 0
    for year in (2029, 2031, 2033):
        y = seen.years.index(year)
        for n, (c, w, k) in enumerate(seen.need.tolist()):
            key = ("requirement", axes.capabilities[k], axes.contingencies[c].id, WINDOWS[w], year)
            assert seen.given["plan"][0, y, n] == pytest.approx(theirs[key])
            compared += 1
        lines = lines_of(made, seen, "plan")
        for n, (reading, name, case, _) in enumerate(lines.keys):
            if reading == "inventory" and case == OURS:
                assert lines.share[0, y, n] == pytest.approx(theirs["inventory", name, "inventory", 0, year])
                compared += 1
    assert compared > 200


def test_shares_of_2026_are_those_of_the_gap() -> None:
    inputs, forces = plan().asked.inputs, plan().asked.forces
    gap = gap_share(
        assess(forces, {"with": postures_of(inputs)["with"]}, plan().asked.situations), inputs.planning, WHEN
    )
    theirs = {
        (row["denominator"], row["capability"], row["case"], row["window_days"]): row["share"]
        for row in gap.table.iter_rows(named=True)
    }
    ours = table().filter(pl.col("basis") == "announced", pl.col("case") != EVERY)
    assert ours.height > 80
    for row in ours.iter_rows(named=True):
        key = (row["reading"], row["capability"], row["case"], row["window_days"])
        assert row["share_2026"] == pytest.approx(theirs[key])


# Small cases by hand.


def flow(**changed: Any) -> Flows:
    one = np.zeros(1, dtype=np.int64)
    base: dict[str, Any] = {
        "place": one, "element": one, "due": np.array([2028.0]), "life": np.array([math.inf]),
        "units": np.array([10.0]), "score": one, "fixed": np.zeros(1), "buyer": one - 1, "ordered": one - 1,
        "delay": Spread(np.array([0.0]), np.array([1.0]), np.array([3.0])),
    }  # fmt: skip
    return Flows(**(base | changed))


def one_draw(score: float = 0.0, *, on_time: bool = False, money: float = 1.0) -> Drawn:
    return Drawn(None, np.array([[score]]), np.array([on_time]), np.array([[[money]]]))  # type: ignore[arg-type]


YEARS = (2027, 2028, 2029, 2030, 2031, 2032)


@pytest.mark.parametrize(
    ("changed", "given_", "expected"),
    [
        ({}, one_draw(on_time=True), [0, 10, 10, 10, 10, 10]),
        ({}, one_draw(0.0), [0, 0, 10, 10, 10, 10]),  # the median is a year late
        ({}, one_draw(-1.2815515655446004), [0, 10, 10, 10, 10, 10]),  # the lowest tenth is on time
        ({}, one_draw(1.2815515655446004), [0, 0, 0, 0, 10, 10]),  # the highest three years late
        ({}, one_draw(-1.2815515655446004 / 2), [0, 5, 10, 10, 10, 10]),  # half a year: half of it
        ({"life": np.array([2.0])}, one_draw(on_time=True), [0, 10, 10, 0, 0, 0]),
        ({"life": np.array([2.0])}, one_draw(0.0), [0, 0, 10, 10, 0, 0]),
        ({"fixed": np.array([2.0])}, one_draw(on_time=True), [0, 0, 0, 10, 10, 10]),
        ({"units": np.array([-4.0])}, one_draw(on_time=True), [0, -4, -4, -4, -4, -4]),
        (
            {"buyer": np.zeros(1, np.int64), "ordered": np.zeros(1, np.int64)},
            one_draw(on_time=True, money=0.4),
            [0, 4, 4, 4, 4, 4],
        ),
        ({}, one_draw(on_time=True, money=0.4), [0, 10, 10, 10, 10, 10]),  # committed: paid for
    ],
)
def test_what_is_there_year_by_year(changed: dict[str, Any], given_: Drawn, expected: list[float]) -> None:
    assert flow(**changed).there(YEARS, given_)[0, 0].tolist() == pytest.approx(expected)


def test_a_requirement_by_hand() -> None:
    """One class far away: 12 offered and 8 kept back, availability 1/2, interoperability 0.8, reach 1/4, effect 2, need 10.

    Abroad 12 x 0.5 x 0.8 x 0.25 x 2 / 10 = 0.24; at home the 8 count too: 0.4. Satellites do not travel: 4 times as much.
    """
    for home, rival, expected in ((False, True, 0.24), (True, True, 0.4), (False, False, 0.96)):
        axes = SimpleNamespace(
            contingencies=(SimpleNamespace(home=home),), rival=np.array([rival]), elements=("one",), holders=()
        )
        values = Values(
            np.zeros((1, 0, 1)), np.zeros((1, 0, 1)), {}, np.full((1, 1, 1), 0.5), np.full((1, 1, 1), 0.25),
            np.full((1, len(GROUPS), 1), 0.8), np.full((1, 1, 1), 2.0), np.full((1, 1, 1, 1), 10.0),
        )  # fmt: skip
        there = World(
            axes, (2030,), np.zeros((1, 3), np.int64), np.zeros(0, np.int64), np.zeros((1, 1), np.int64),
            np.ones((1, 1), bool), flow(), flow(), flow(),
        )  # type: ignore[arg-type] # fmt: skip
        share = _covered(
            there, replace(one_draw(), values=values), np.full((1, 1, 1, 1), 12.0), np.full((1, 1, 1, 1), 8.0)
        )
        assert share.shape == (1, 1, 1)
        assert share.item() == pytest.approx(expected)


def test_the_year_of_crossing_is_the_first() -> None:
    reached = np.array([[0, 0, 1], [1, 0, 1], [0, 0, 1]], dtype=bool)
    assert crossed(reached, (2026, 2027, 2028)).tolist() == [2027, 9999, 2026]
    rows = table().filter(pl.col("basis") == "announced")
    paths = table(1)
    for row in rows.filter((pl.col("case") == EVERY) | (pl.col("reading") == "inventory")).iter_rows(named=True):
        keys = ("basis", "reading", "capability", "case")
        mine = paths.filter([pl.col(key) == row[key] for key in keys]).sort("year")
        over = [year for year, share in mine.select("year", "share").iter_rows() if share >= 0.5 - 1e-9]
        assert row["year_crossed"] is None if not over else int(row["year_crossed"]) == over[0]
        if not over:
            assert row["latest"] == "never"
        else:
            words = "crossed already" if over[0] == 2026 else str(over[0])
            assert row["latest"] == (words if over[-1] == 2034 else f"{words}, below again from {over[-1] + 1}")


def test_below_again_is_said() -> None:
    """Combat aircraft of the fourth generation leave: of what is held Europe has half in 2026 and not in 2030."""
    row = table().row(
        by_predicate=(pl.col("basis") == "announced")
        & (pl.col("capability") == "combat_air")
        & (pl.col("case") == OURS),
        named=True,
    )
    assert row["share_2026"] >= 0.5 > row["share_2030"]
    assert row["latest"].startswith("crossed already, below again from")
    assert row["half"] is False


# Draws.


def test_every_requirement_is_the_hardest_and_all_at_once() -> None:
    for basis in BASES:
        lines = lines_of(plan(), drawn(), basis)
        for n, (_, name, case, _) in enumerate(lines.keys):
            if case == EVERY:
                mine = [m for m, key in enumerate(lines.keys) if key[0] == "requirement" and key[1] == name and m != n]
                assert np.array_equal(lines.share[:, :, n], lines.share[:, :, mine].min(axis=2))
    every = table().filter(pl.col("case") == EVERY).select("basis", "capability", pl.col("odds").alias("all"))
    each = table().filter(pl.col("reading") == "requirement", pl.col("case") != EVERY)
    both = each.join(every, on=["basis", "capability"])
    assert both.height == each.height
    assert (both["all"] <= both["odds"] + 1e-9).all()


def test_the_first_draw_is_the_plan_and_no_draw_when_none_is_asked_for() -> None:
    zero = half(plan(), Shift(draws=0, until=2034), WHEN)
    assert zero[0].table["share_2030"].to_list() == table()["share_2030"].to_list()
    for name in ("odds", "low_2030", "middle_2030", "high_2030", "odds_money", "year_early", "year_late"):
        assert zero[0].table[name].null_count() == zero[0].table.height
    assert zero[1].table["odds"].null_count() == zero[1].table.height


def test_the_same_draws_whatever_their_number_and_the_gaps_own() -> None:
    few, many = drawn(4), drawn(DRAWS)
    for basis in BASES:
        assert np.array_equal(few.given[basis], many.given[basis][:5])
        assert np.array_equal(few.europe[basis], many.europe[basis][:5])
    asked = plan().asked
    money, _ = money_there(plan(), 2)
    chunk = next(draws(plan(), 2, money))
    rng = np.random.Generator(np.random.Philox(key=asked.inputs.scenario.seed, counter=[0, 0, 0, 1]))
    assert np.array_equal(chunk.values.holdings[2], asked.forces.draw(rng).holdings)
    again = shares(plan(), Shift(draws=4, until=2034))
    assert np.array_equal(again.given["plan"], few.given["plan"])


def test_what_the_plan_does_not_touch_is_alike_with_and_without_it() -> None:
    seen, made = drawn(), plan()
    given_ = made.shared.given
    bought = np.unique(given_.pair_element[given_.order_pair[made.shared.ordered > 1e-9]])
    others = np.setdiff1d(np.arange(len(made.asked.forces.axes.elements)), bought)
    assert len(others) > 5
    assert np.array_equal(seen.europe["plan"][..., others], seen.europe["announced"][..., others])
    assert (seen.given["plan"] >= seen.given["announced"] - 1e-12).all()
    assert (seen.europe["plan"][0, -1, bought] > seen.europe["announced"][0, -1, bought]).any()


@pytest.mark.parametrize("element", ["sam_medium", "fighter_5th", "tanker"])
def test_a_later_delivery_never_raises_a_share_nor_odds(element: str) -> None:
    made = plan()
    due = sorted({int(row[0]) for row in _due(made, element)})
    assert due
    late = Shift(draws=DRAWS, until=2034, late=tuple(Late(element=element, year=year, years=2) for year in due))
    before, after = drawn(), shares(made, late)
    lowered = False
    for basis in BASES:
        assert (after.given[basis] <= before.given[basis] + 1e-12).all()
        assert (after.europe[basis] <= before.europe[basis] + 1e-9).all()
        lowered |= bool((after.given[basis] < before.given[basis] - 1e-6).any())
        assert ((after.given[basis][1:] >= 0.5).mean(axis=0) <= (before.given[basis][1:] >= 0.5).mean(axis=0)).all()
    assert lowered


def _due(made: Made, element: str) -> list[tuple[str]]:
    rows = made.asked.inputs.planning.table("changes").filter(
        pl.col("element") == element, pl.col("kind") == "delivery", pl.col("holder") != "CAN"
    )
    return rows.select("year").rows()


@settings(max_examples=20)
@given(st.integers(0, 40), st.floats(0.1, 50))
def test_more_holdings_never_lower_a_share(place: int, more: float) -> None:
    made = plan()
    forces, before = made.asked.forces, drawn(3)
    element = place % len(forces.axes.elements)
    holder = int(np.nonzero(forces.axes.group == GROUPS.index("europe"))[0][place % 20])
    parts = []
    for array in (forces.holdings.low, forces.holdings.central, forces.holdings.high):
        richer = array.copy()
        richer[holder, element] += more
        parts.append(richer)
    asked = replace(made.asked, forces=replace(forces, holdings=Spread(*parts)))
    after = shares(replace(made, asked=asked), Shift(draws=3, until=2034))
    for basis in BASES:
        assert (after.given[basis] >= before.given[basis] - 1e-9).all()
        was, now = (item.europe[basis] / np.maximum(item.europe[basis] + item.usa, 1e-9) for item in (before, after))
        assert (now >= was - 1e-9).all()
        assert (after.europe[basis][..., element] > before.europe[basis][..., element]).all()


def test_longer_delays_and_less_money_never_raise_odds(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers, found_ = pl.col("low", "central", "high"), {"usual": drawn()}
    for name, times in (("none", 0.0), ("long", 2.0)):
        with monkeypatch.context() as patched:
            laid(patched, "delays", lambda rows, times=times: rows.with_columns(numbers * times))  # type: ignore[misc]
            found_[name] = shares(plan(), Shift(draws=DRAWS, until=2034))
    # Retirements wait with what replaces them, so that delays can keep more in service for a time: judge what is added.
    added = {name: item.given["plan"] - item.given["announced"] for name, item in found_.items()}
    assert (added["long"] <= added["usual"] + 1e-12).all()
    assert (added["usual"] <= added["none"] + 1e-12).all()
    assert (added["long"] < added["none"] - 1e-3).any()
    unpaid = drawn(DRAWS, ("delays", "ranges"))
    assert (drawn().given["plan"] <= unpaid.given["plan"] + 1e-12).all()
    assert np.array_equal(drawn().given["announced"], unpaid.given["announced"])


def test_kinds_are_drawn_one_by_one() -> None:
    fixed = drawn(DRAWS, ())
    assert all(
        np.array_equal(fixed.given[basis][n], fixed.given[basis][0]) for basis in BASES for n in range(DRAWS + 1)
    )
    money = drawn(DRAWS, ("money",))
    assert all(np.array_equal(money.given["announced"][n], money.given["announced"][0]) for n in range(DRAWS + 1))
    assert (money.given["plan"][1:] <= money.given["plan"][:1] + 1e-12).all()
    assert (money.given["plan"][1:] < money.given["plan"][:1] - 1e-3).any()
    row = table().row(
        by_predicate=(pl.col("basis") == "announced")
        & (pl.col("capability") == "air_refuelling")
        & (pl.col("case") == EVERY),
        named=True,
    )
    assert row["odds_money"] in (0.0, 1.0)  # announced deliveries are paid for


def test_a_retirement_waits_for_what_replaces_it_and_no_other() -> None:
    made = plan()
    flows, axes = changes(made, Shift()), made.asked.forces.axes
    late = flows.delay.high > 0
    belgian = (flows.place == axes.of("holder", "BEL")) & (flows.units < 0)
    awacs = (flows.place == axes.of("holder", "AEW")) & (flows.units < 0)
    assert belgian.any()
    assert awacs.any()
    assert late[belgian].all()
    assert not late[awacs].any()
    chunk = as_planned(made)
    scored = replace(chunk, on_time=np.array([False]), scores=np.full_like(chunk.scores, 1.2815515655446004))
    there = flows.there((2027, 2028, 2029, 2030), scored)
    assert there[awacs].sum() == flows.there((2027, 2028, 2029, 2030), chunk)[awacs].sum()
    assert (there[belgian & (flows.due == 2027)][:, 0].ravel().tolist()) == [0.0, 0.0, -13.0, -13.0]


def test_nobody_has_less_than_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand French submarines retire: France has none left, and the others have what they had."""
    before = drawn(3)
    axes = plan().asked.forces.axes
    element, holder = axes.of("element", "ssn"), axes.of("holder", "FRA")
    mine = (pl.col("holder") == "FRA") & (pl.col("element") == "ssn") & (pl.col("kind") == "retirement")
    many = pl.when(mine).then(1e4).otherwise(pl.col("units")).alias("units")
    laid(monkeypatch, "changes", lambda rows: rows.with_columns(many))
    after = shares(plan(), Shift(draws=3, until=2034))
    held = next(draws(plan(), 3, money_there(plan(), 3)[0])).values.holdings[:, holder, element]
    fell = (before.europe["announced"] - after.europe["announced"])[:, -1, element]
    mine_ = plan().asked.inputs.planning.table("changes").filter(pl.col("element") == "ssn", pl.col("holder") == "FRA")
    comes = mine_.filter(pl.col("kind") == "delivery")["units"].sum()
    assert comes > 0
    assert fell == pytest.approx(held + comes - 2)  # two leave in any case


# Money.


def test_the_part_of_the_money_is_a_share_and_that_of_a_fleet_its_members() -> None:
    money, why = money_there(plan(), 200)
    given_ = plan().shared.given
    assert why == ""
    assert money.shape == (201, len(given_.buyers.codes), given_.items.capacity.shape[1])
    assert np.allclose(money[0], 1, atol=1e-12)
    assert money.min() >= 0
    assert money.max() <= 1
    assert 0.3 < money[1:].mean() < 0.9
    fleet = given_.buyers.codes.index("MMF")
    share = given_.buyers.member[fleet]
    assert np.allclose(money[:, fleet], np.einsum("n,dnt->dt", share, money[:, : len(share)]))
    assert np.array_equal(money_there(plan(), 20)[0], money[:21])


def test_all_the_money_is_there_as_often_as_the_forecast_says() -> None:
    """Odds that the share reaches the path, by the forecast's own quantiles; its draws add noise to today's estimate."""
    made = plan()
    means, money = made.shared.given.means, money_there(made, 1000)[0][1:]
    known = panel_of(made.asked.inputs.evidence)
    stated = odds(known, pledge("hague_2025")).made
    for code, year in (("DEU", 2028), ("GBR", 2029), ("POL", 2027), ("ITA", 2029)):
        ally, t = means.allies.index(code), year - means.years[0]
        quantiles = stated.quantiles_pct()[stated.allies.index(code), year - known.origin - 1]
        chance = above(quantiles, 100 * means.path[ally, t])
        assert (money[:, ally, t] >= 1 - 1e-9).mean() == pytest.approx(chance, abs=0.06)
        nothing = 1 - above(quantiles, 100 * means.committed[ally, t])
        assert (money[:, ally, t] <= 1e-9).mean() == pytest.approx(nothing, abs=0.08)


def test_money_that_the_scenario_gives_is_all_there() -> None:
    made = plan()
    settings = made.asked.settings
    given_ = replace(made, asked=replace(made.asked, settings=settings.model_copy(update={
        "money": settings.money.model_copy(update={"envelope": "none"})
    })))  # fmt: skip
    money, why = money_there(given_, 5)
    assert np.allclose(money, 1, atol=1e-12)
    assert "no draw lacks any" in why
    assert any(why in warning for warning in half(given_, Shift(draws=2), WHEN)[0].warnings)


def test_without_a_history_to_forecast_from_money_is_not_drawn_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from article3.errors import Fault, NotKnownError
    from article3.shift import half_draws

    def unknown(*_: Any) -> Any:
        raise NotKnownError(Fault("the long history of spending is not there"))

    monkeypatch.setattr(half_draws, "basis", unknown)
    money, why = money_there(plan(), 3)
    assert np.allclose(money, 1, atol=1e-12)
    assert why == "Money is not drawn, because it cannot be forecast: the long history of spending is not there."


# Orders signed before.


def test_signed_orders_count_as_announced() -> None:
    made = plan()
    rows = (StateRow("DEU", "sam_medium", "irist_slm_deu", 2026, 4.0, "contracted", date(2029, 5, 1)),)
    asked = replace(made.asked, states=rows)
    with_state = shares(replace(made, asked=asked), Shift(draws=0, until=2034))
    given_ = asked.given
    begun = committed(rows, given_.items, asked.settings.first_year)
    seen = judged(
        asked.inputs.planning, asked.forces, given_.judged.posture, list(asked.situations), given_.buyers, (2028, 2029),
        asked.settings, begun=begun.in_service(given_.buyers.codes, given_.items.elements, (2028, 2029)),
    )  # fmt: skip
    element = asked.forces.axes.of("element", "sam_medium")
    before = drawn(0)
    more = (with_state.europe["announced"] - before.europe["announced"])[0, :, element]
    assert more[: 2029 - 2026].tolist() == [0, 0, 0]
    assert more[2029 - 2026 :].tolist() == pytest.approx([4.0] * len(more[3:]))
    places = {tuple(key): n for n, key in enumerate(with_state.need.tolist())}
    for year, place in ((2028, 0), (2029, 1)):
        parts = seen.per_use * (seen.european[place] / seen.scale)[seen.form.var_supply]
        theirs = np.bincount(seen.form.var_need, weights=parts, minlength=len(seen.form.need_cell))
        for need, share in enumerate(theirs):
            key = (
                int(seen.form.need_contingency[need]),
                int(seen.form.need_window[need]),
                int(seen.form.need_capability[need]),
            )
            assert with_state.given["announced"][0, year - 2026, places[key]] == pytest.approx(share)


# What cannot be by 2030.


def test_what_is_out_of_reach_is_named_with_the_reason() -> None:
    rows = {
        (row["reading"], row["capability"]): row
        for row in table().filter(pl.col("basis") == "plan").iter_rows(named=True)
        if row["case"] in (EVERY, OURS)
    }
    bomber = rows["inventory", "strategic_strike"]
    assert bomber["share_2030"] == bomber["odds"] == bomber["reachable_2030"] == 0
    assert bomber["latest"] == "never"
    assert bomber["why"] == "no line: nobody makes or sells any strategic bomber"
    assert rows["inventory", "air_refuelling"]["why"].startswith("lead time: the first tanker")
    assert rows["inventory", "uav_surveillance"]["why"].startswith("lines: all they can deliver by then")
    assert rows["inventory", "escort"]["why"] == ""
    for row in table().iter_rows(named=True):
        assert (row["why"] == "") == (row["reachable_2030"] >= 0.5 - 1e-9)
        if row["basis"] == "plan":
            assert row["share_2030"] <= row["reachable_2030"] + 1e-6
    checks = {check.name: check.text for check in found()[0].checks}
    assert "strategic strike: no line" in checks["cannot be half of what is held by 2030"]
    names = never(table().to_dicts(), case=OURS)
    assert "strategic_strike" in names
    assert "escort" not in names
    assert "strategic strike" in checks["never half of what is held by announced deliveries"]


# Tables.


def test_rows_stand_in_the_order_people_ask_and_keys_are_unique() -> None:
    rows = table()
    first = [row["case"] == EVERY or row["reading"] == "inventory" for row in rows.iter_rows(named=True)]
    assert first == sorted(first, reverse=True)
    assert rows["basis"][0] == "plan"
    other = half(plan(), Shift(draws=0, until=2034, plan="announced"), WHEN)[0].table
    assert other["basis"][0] == "announced"
    for item in found():
        assert item.table.select(list(item.keys)).is_duplicated().sum() == 0
        assert str(item.sentence)
    assert {"plan", "announced"} == set(rows["basis"])


def test_bands_hold_the_middle_and_figures_are_described() -> None:
    rows = table()
    assert (rows["low_2030"] <= rows["middle_2030"]).all()
    assert (rows["middle_2030"] <= rows["high_2030"]).all()
    assert ((rows["odds"] >= 0) & (rows["odds"] <= 1)).all()
    for name in ("half_by_2030", "half_path", "force_used"):
        for column in columns()[name]:
            assert column.formula or not column.unit or column.key, column


def test_the_years_looked_at_hold_2030_however_few_are_asked_for() -> None:
    assert shares(plan(), Shift(draws=0, until=2028)).years == (2026, 2027, 2028, 2029, 2030)


# Delays.


def test_the_more_particular_delay_wins() -> None:
    planning, axes = plan().asked.inputs.planning, plan().asked.forces.axes
    late = ranges(planning, axes)
    assert set(late) == set(STAGES)
    ship, tank, round_ = (axes.of("element", name) for name in ("frigate", "mbt", "shells_155mm"))
    assert late["ordered"].high[ship] > late["ordered"].high[tank] > late["ordered"].high[round_]
    assert (late["opening"].central >= late["ordered"].central).all()
    assert (late["ordered"].central >= late["committed"].central).all()
    own = planning.table("delays").row(0, named=True) | {"stage": "committed", "subject": "mbt", "high": 9.0}
    more = pl.concat([planning.table("delays"), pl.DataFrame([own], schema=planning.table("delays").schema)])
    changed = replace(planning, _tables={**planning._tables, "delays": more})
    assert ranges(changed, axes)["committed"].high[tank] == 9.0
    empty = replace(planning, _tables={**planning._tables, "delays": more.clear()})
    assert not ranges(empty, axes)["ordered"].high.any()


def _delay(stage: str, subject: str, high: str = "2") -> Row:
    return Row(
        {"stage": stage, "subject": subject, "low": "0", "central": "1", "high": high}, f"forces/delays.csv:{subject}"
    )


def test_faults_of_delays_are_said_all_at_once() -> None:
    good = [_delay(stage, "any") for stage in STAGES]
    assert not list(delay_faults({"delays": good}))
    assert not list(delay_faults({"delays": []}))
    faults = [
        str(fault) for fault in delay_faults({"delays": [_delay("ordered", "tankr"), _delay("opening", "any", "52")]})
    ]
    assert len(faults) == 4
    assert any("unknown force element or domain 'tankr'. Did you mean tanker" in fault for fault in faults)
    assert any("later than anything is planned for" in fault and "is 4.33 meant?" in fault for fault in faults)
    assert sum("without which some deliveries would never be late" in fault for fault in faults) == 2


# Whose force is used.


def test_the_force_used_today_is_that_of_the_gap() -> None:
    inputs, forces = plan().asked.inputs, plan().asked.forces
    gap = preponderance(assess(forces, {"with": postures_of(inputs)["with"]}, plan().asked.situations), WHEN).table
    theirs = {(row["contingency"], row["window_days"]): row for row in gap.iter_rows(named=True)}
    today = table(2).filter(pl.col("year") == 2026)
    assert today.height == 2 * len(theirs)
    for row in today.iter_rows(named=True):
        gap_row = theirs[row["contingency"], row["window_days"]]
        assert row["coverage"] == pytest.approx(gap_row["coverage"], abs=1e-6)
        for name in ("europe", "canada", "usa"):  # several assignments have the least risk
            assert row[name] == pytest.approx(gap_row[name], abs=0.01)


def test_parts_of_the_force_used_sum_to_one_and_the_plan_moves_them() -> None:
    rows = table(2)
    assert set(rows["year"]) == set(range(2026, 2036))
    assert np.allclose(rows["europe"] + rows["canada"] + rows["usa"], 1.0)
    assert (rows["half"] == (rows["europe"] >= 0.5 - 1e-9)).all()
    keys = ["contingency", "window_days", "year"]
    both = rows.filter(pl.col("basis") == "plan").join(rows.filter(pl.col("basis") == "announced"), on=keys)
    assert (both["coverage"] >= both["coverage_right"] - 1e-6).all()
    assert (both["coverage"] > both["coverage_right"] + 1e-3).any()
    assert (
        both.filter(pl.col("year") == 2026).select((pl.col("europe") - pl.col("europe_right")).abs().max()).item()
        < 1e-9
    )


def test_units_of_all_groups_are_those_the_plan_is_judged_by() -> None:
    """Its stock in every year, and what Europe could give of every requirement out of its part."""
    made = plan()
    posture = posture_of(made)
    seen, years = _form(made, posture), tuple(made.years)
    parts = _parts(made, Shift(), seen, posture, (years, {})).units
    assert np.allclose(parts["plan"].sum(axis=0), made.stock)
    assert np.allclose(parts["announced"].sum(axis=0), made.seen.base)
    given_ = made.shared.given
    fielded = by_class(given_, made.shared.added)
    for q, year in enumerate(given_.judged.years):
        europe = parts["plan"][GROUPS.index("europe"), years.index(year)]
        able = seen.per_use * (europe / seen.scale)[seen.form.var_supply]
        share = np.bincount(seen.form.var_need, weights=able, minlength=len(seen.form.need_cell))
        assert np.allclose(share, potential(given_, fielded[:, :, q], q))
    canada = parts["plan"][GROUPS.index("canada")] - parts["announced"][GROUPS.index("canada")]
    assert (canada >= -1e-9).all()


def test_the_offer_by_year_is_the_one_that_counts() -> None:
    elements = len(plan().asked.forces.axes.elements)
    gone = force_used(plan(), Shift(until=2034), WHEN, {2030: np.zeros(elements), 2099: np.zeros(elements)}).table
    then = gone.filter(pl.col("year") == 2030)
    assert (then["usa"] < 1e-9).all()
    keys = ["basis", "contingency", "window_days", "year"]
    other = gone.filter(pl.col("year") != 2030).join(table(2), on=keys)
    assert np.allclose(other["usa"], other["usa_right"])
    assert (then.join(table(2), on=keys).select(pl.col("europe") > pl.col("europe_right"))).to_series().all()


def test_without_the_united_states_in_the_plan_its_offer_still_counts() -> None:
    rows = force_used(small("without"), Shift(until=2030), WHEN).table.filter(pl.col("year") == 2026)
    ours = table(2).filter(pl.col("year") == 2026)
    keys = ["basis", "contingency", "window_days"]
    both = rows.join(ours, on=keys)
    assert both.height == rows.height
    assert np.allclose(both["usa"], both["usa_right"], atol=1e-6)


def test_a_late_delivery_changes_the_force_used() -> None:
    due = sorted({int(row[0]) for row in _due(plan(), "sam_long")})
    late = Shift(until=2034, late=tuple(Late(element="sam_long", year=year, years=9) for year in due))
    keys = ["basis", "contingency", "window_days", "year"]
    both = force_used(plan(), late, WHEN).table.join(table(2), on=keys)
    assert (both["coverage"] <= both["coverage_right"] + 1e-6).all()
    assert (both["coverage"] < both["coverage_right"] - 1e-3).any()
