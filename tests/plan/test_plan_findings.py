"""Findings of the plan: sums, shares, verdicts, sentences that agree with their tables, and planning from a state."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import plan_scenarios as small
import polars as pl
import pytest

from article3.domain import force_element
from article3.plan.analysis import Plan, plan, plan_when
from article3.plan.described import TABLES, columns
from article3.plan.efforts import efforts
from article3.plan.means import means
from article3.plan.slips import gained, lost
from article3.plan.states import write_states
from article3.scenario.plan_schema import Money
from article3.scenario.resolve import resolve

RUN_ELSEWHERE = {"alternative", "plan_limit", "plan_frontier"}


@pytest.fixture(scope="module")
def made() -> Plan:
    inputs = small.inputs()
    return plan(inputs, small.settings())


@pytest.fixture(scope="module")
def shown(made: Plan) -> dict[str, pl.DataFrame]:
    return {item.name: item.table for item in made.findings([name for name in TABLES if name not in RUN_ELSEWHERE])}


def test_every_table_is_described_and_every_described_table_is_listed(shown: dict[str, pl.DataFrame]) -> None:
    assert set(columns()) - {"impossible"} == set(TABLES)
    assert set(shown) == set(TABLES) - RUN_ELSEWHERE - {"caveat"}


def test_parts_of_spending_sum_to_it(shown: dict[str, pl.DataFrame]) -> None:
    parts = ["outlay", "entering", "setting_up", "running", "owed", "paid_to_fleets"]
    table = shown["plan_money"]
    assert np.abs(table.select(pl.sum_horizontal(parts) - pl.col("spent")).to_numpy()).max() < 1e-6
    assert (table["spent"] <= table["envelope"] * (1 + 1e-6) + 1e-6).all()


def test_steps_cumulate_to_the_share(shown: dict[str, pl.DataFrame]) -> None:
    table = shown["plan_money"].sort("ally", "year")
    again = table.select(pl.col("step_pct").cum_sum().over("ally") - pl.col("gdp_share_pct"))
    assert np.abs(again.to_numpy()).max() < 1e-9


def test_totals_are_the_sums_of_orders(shown: dict[str, pl.DataFrame]) -> None:
    orders, totals = shown["orders"], shown["plan_total"]
    summed = orders.group_by("element").agg(
        pl.col("units").sum().alias("again"), pl.col("cost_usd2021_m").sum().alias("price")
    )
    joined = totals.join(summed, on="element")
    assert joined.height == totals.height == orders["element"].n_unique()
    assert np.allclose(joined["units"], joined["again"])
    assert np.allclose(joined["cost_usd2021_m"], joined["price"])


def test_orders_are_delivered_after_the_lead_time_of_their_line(made: Plan, shown: dict[str, pl.DataFrame]) -> None:
    lead = dict(made.inputs.planning.table("lines").select("line", "lead_years").iter_rows())
    for row in shown["orders"].iter_rows(named=True):
        assert row["delivery_date"] == f"{row['order_year'] + int(lead[row['line']])}-07-01"


def test_the_plan_meets_no_less_than_committed_deliveries_do(shown: dict[str, pl.DataFrame]) -> None:
    table = shown["plan_attainment"]
    assert (table["attainment"] >= table["before"] - 1e-9).all()
    assert (table.filter(pl.col("attainment") < 1 - 1e-6)["binding_capability"] != "").all()
    judged = table.filter(pl.col("low").is_not_null())
    assert judged.height
    assert (judged["low"] <= judged["high"]).all()
    assert set(judged["year"].unique()) == set(small.YEARS)


def test_risk_falls_and_never_below_what_was_decided_by_more_than_the_pieces(
    made: Plan, shown: dict[str, pl.DataFrame]
) -> None:
    table = shown["plan_risk"]
    assert (table["risk"] <= table["risk_before"] + 1e-9).all()
    assert table["weight"].drop_nulls().sum() == pytest.approx(1.0)
    # Four pieces overstate the square, eight overstate it less.
    mean = float((table["risk"] * table["weight"]).drop_nulls().sum())
    assert mean <= made.made.second.risk * 1.05


def test_a_goal_is_held_reached_missed_or_out_of_reach(shown: dict[str, pl.DataFrame]) -> None:
    table = shown["plan_goal"]
    held = table["share_today"] >= table["level"] - 1e-9
    assert ((table["verdict"] == "held") == held).all()
    cannot = table.filter(pl.col("verdict") == "cannot")
    assert (cannot["reachable"] < cannot["level"]).all()
    reached = table.filter(pl.col("verdict") == "reached")
    assert (reached["share_with_plan"] >= reached["level"] - 0.0051).all()


def test_shares_are_europe_over_required(shown: dict[str, pl.DataFrame]) -> None:
    table = shown["plan_share"]
    assert np.allclose(table["share"] * table["required"], table["europe"])
    assert (table["half"] == (table["share"] >= 0.5 - 1e-9)).all()
    assert set(table["denominator"].unique()) == {"requirement", "mean", "inventory"}


def test_specialisation_shares_out_every_order(shown: dict[str, pl.DataFrame]) -> None:
    table = shown["specialisation"]
    own = table.group_by("ally").agg(pl.col("share_of_own").sum())
    of_all = table.group_by("domain").agg(pl.col("share_of_all").sum())
    assert np.allclose(own["share_of_own"], 1, atol=1e-3)
    assert np.allclose(of_all["share_of_all"], 1, atol=1e-3)
    assert table["cost_usd2021_m"].sum() == pytest.approx(shown["orders"]["cost_usd2021_m"].sum(), rel=1e-3)


def test_members_pay_for_what_their_fleet_orders(made: Plan, shown: dict[str, pl.DataFrame]) -> None:
    for pool in shown["plan_pool"]["pool"].unique():
        mine = shown["plan_pool"].filter(pl.col("pool") == pool)
        assert mine["share"].sum() == pytest.approx(1.0)
        assert set(mine["ally"]) <= set(made.made.asked.given.means.allies)


def test_sentences_quote_their_tables(shown: dict[str, pl.DataFrame], made: Plan) -> None:
    orders = shown["orders"]
    assert str(made.table("orders").sentence).startswith(
        f"{orders.height} orders by {orders['ally'].n_unique()} Allies"
    )
    top = shown["plan_total"]["element"][0]
    assert force_element(top).title[1:6] in str(made.table("plan_total").sentence)


def test_a_year_late_costs_attainment_and_leaving_it_out_costs_risk(made: Plan, shown: dict[str, pl.DataFrame]) -> None:
    found = efforts(shown["orders"], made.inputs.planning, made.made.asked.given.items)
    late = lost(made.made, found)
    payments = shown["down_payment"]
    gains = gained(made.made, found, payments)
    assert gains == pytest.approx(dict(payments.select("effort", "gain").iter_rows()), abs=1e-6)
    assert set(late) == {item.effort for item in found}
    assert max(late.values()) > 0
    assert all(value >= 0 for value in late.values())
    assert all(value >= -1e-9 for value in gains.values())
    assert max(gains.values()) <= 1 + 1e-9


def test_without_entry_costs_more_buyers_are_new(shown: dict[str, pl.DataFrame]) -> None:
    table = shown["entry_effect"]
    assert table["entrants_free"].sum() >= table["entrants"].sum()


def test_a_limited_ally_and_what_it_costs() -> None:
    inputs = resolve("baseline", {
        "contingencies": "[baltic_defence, crisis_response]", "situations": "[]", "us.focus": "without",
        "caveats": "[{ally: FRA}, {ally: DEU}, {ally: POL}]",
    })  # fmt: skip
    found = plan(inputs, small.settings())
    table = found.table("caveat").table
    assert table["ally"].to_list() == ["FRA", "DEU", "POL"]
    assert (table["risk"] >= table["risk_without"] - 1e-9).all()
    assert table["risk_change_pct"][0] > 0
    assert "%" in str(found.table("caveat").sentence)


def test_what_is_contracted_is_owed_and_comes_and_is_not_ordered_again(
    made: Plan, shown: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    orders = shown["orders"].filter(pl.col("order_year") == 2027)
    text = write_states(orders).decode().replace("not_started", "contracted")
    (tmp_path / "state.csv").write_text(text, encoding="utf-8")
    file = tmp_path / "next.yaml"
    file.write_text(
        f"extends: baseline\ncontingencies: {small.CONTINGENCIES}\nsituations: []\nus: {{focus: without}}\n"
        "plan: {first_year: 2028, last_year: 2029, until: 2033, evaluate: [2029, 2031, 2033], state: state.csv}\n",
        encoding="utf-8",
    )
    then = plan(resolve(file))
    again = then.table("orders").table
    assert again["order_year"].min() >= 2028
    money = then.table("plan_money").table
    assert money["owed"].sum() > 0
    # What the first plan ordered in 2027 stands among what is there without the new plan.
    before = then.table("plan_risk").table.filter(pl.col("year") == 2033)["risk_before"][0]
    nothing = shown["plan_risk"].filter(pl.col("year") == 2033)["risk_before"][0]
    assert before < nothing - 1e-4
    kept = then.made.asked.given.begun.sum()
    assert kept > 0


def test_addresses_tell_scenarios_apart() -> None:
    base = resolve("baseline")
    assert plan_when(base) == base.evidence.day.isoformat()
    assert plan_when(resolve("without_us")).endswith("~without_us")
    other = plan_when(resolve("without_us", {"plan.delay_years": "1"}))
    assert "~own-" in other
    assert other != plan_when(resolve("baseline", {"plan.delay_years": "1"}))


def test_the_envelope_is_path_less_committed_baseline() -> None:
    evidence = resolve("baseline").evidence
    years = tuple(range(2027, 2041))
    found = means(evidence, ("DEU", "POL"), years, Money())
    at = years.index(2030)
    # 2.69 % in 2026 to 3.5 % in 2035; a fifth of the way of 40 % of equipment money (28.7 % in 2024) is released by 2030.
    path = 0.0269 + (0.035 - 0.0269) * 4 / 9
    equipment = 0.287469
    committed = 0.0269 * (1 - equipment * 0.4 * 4 / 8)
    assert found.path[0, at] == pytest.approx(path, rel=1e-6)
    assert found.committed[0, at] == pytest.approx(committed, rel=1e-4)
    assert found.envelope[0, at] == pytest.approx((path - committed) * found.gdp[0, at] * 0.75, rel=1e-3)
    # Poland stands above the level and stays there.
    assert np.allclose(found.path[1], found.share[1])
    assert (found.envelope[1] > 0).all()


def test_a_fixed_envelope_is_shared_by_gdp() -> None:
    evidence = resolve("baseline").evidence
    found = means(evidence, ("DEU", "POL"), (2027, 2028), Money(envelope="fixed", fixed_usd_m=1000.0))
    assert np.allclose(found.envelope.sum(axis=0), 1000.0)
    assert np.allclose(found.envelope[0] / found.envelope[1], found.gdp[0] / found.gdp[1])
