"""Replacing the United States beside published costs: bridges that add up, move with their figures, and own up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import polars as pl
import pytest

from article3.domain import allies, force_elements
from article3.errors import NotKnownError
from article3.evidence.findings import Finding
from article3.evidence.planning import Planning
from article3.gap.analysis import deflators
from article3.plan.means import means
from article3.plan.replacement import BUDGET, INSIDE, LIFE, LIMIT, NAMED, ONE_OFF, OTHERS, replacement
from article3.scenario.plan_schema import Money
from article3.scenario.resolve import Inputs, resolve

CODES = tuple(item.code for item in allies() if item.code not in ("USA", "ISL"))
COMPARISONS = (ONE_OFF, LIFE, BUDGET)


@cache
def inputs() -> Inputs:
    return resolve("without_us")


def made(planning: Planning | None = None, money: Money | None = None) -> Finding:
    given = inputs()
    return replacement(planning or given.planning, given.evidence, money or given.scenario.plan.money, CODES, "day")


@cache
def shipped() -> Finding:
    return made()


def rows(found: Finding, comparison: str) -> dict[str, dict[str, Any]]:
    mine = found.table.filter(pl.col("comparison") == comparison)
    return {row["item"]: row for row in mine.iter_rows(named=True)}


def spoiled(table: str, key: Mapping[str, str], column: str, value: float) -> Planning:
    """Return the planning tables with one figure changed."""
    planning = inputs().planning
    hit = pl.all_horizontal(*(pl.col(name) == word for name, word in key.items()))
    frame = planning.table(table)
    assert frame.filter(hit).height == 1
    changed = frame.with_columns(pl.when(hit).then(pl.lit(value)).otherwise(pl.col(column)).alias(column))
    return replace(planning, _tables={**planning._tables, table: changed})


def residual(found: Finding, comparison: str) -> float:
    row = rows(found, comparison)["residual"]
    return float(row["sign"] * row["amount_usd_bn"])


@pytest.mark.parametrize("comparison", COMPARISONS)
@pytest.mark.parametrize("column", ["amount_usd_bn", "amount_usd2021_bn"])
def test_the_bridge_adds_up_to_what_is_left_over(comparison: str, column: str) -> None:
    found = rows(shipped(), comparison)
    counted = sum(row["sign"] * row[column] for row in found.values() if row["kind"] in ("ours", "bridge"))
    left = found["residual"]
    assert found["published"][column] - counted == pytest.approx(left["sign"] * left[column], abs=1e-9)
    assert abs(left["share"]) == pytest.approx(left[column] / found["published"][column])


@pytest.mark.parametrize("comparison", COMPARISONS)
def test_every_comparison_is_bridged_by_six_items_or_more_with_cause_and_source(comparison: str) -> None:
    found = rows(shipped(), comparison)
    steps = [row for row in found.values() if row["kind"] == "bridge" and row["amount_usd_bn"] > 0]
    assert len(steps) >= 6
    known = inputs().evidence.sources
    for row in found.values():
        assert row["cause"]
        assert row["source"] in known
        assert row["sign"] in (-1, 1)
        assert row["amount_usd_bn"] >= 0
    assert list(found)[-1] == "residual"
    assert [row["item"] for row in found.values() if row["verdict"]] == ["residual"]


def test_the_steps_are_the_figures_they_say() -> None:
    """By hand: 4 - 2 carriers at 3.4; fighting vehicles 25 less 2,400 at our price; prices of 2021 and 2025."""
    index = deflators(inputs().evidence)
    once = rows(shipped(), ONE_OFF)
    assert once["number_carriers"]["amount_usd_bn"] == pytest.approx(2 * 3.4)
    ours = 2400 * 0.0171 * index[2023] / index[2025]
    step = once["price_fighting_vehicles"]
    assert step["sign"] * step["amount_usd_bn"] == pytest.approx(25 - ours)
    assert once["published"]["amount_usd_bn"] == 285
    assert once["published"]["amount_usd2021_bn"] == pytest.approx(285 * index[2025])
    start = sum(row["amount_usd_bn"] for row in once.values() if row["kind"] == "ours")
    assert once["price_level"]["amount_usd_bn"] == pytest.approx(start * (1 / index[2025] - 1))
    life = rows(shipped(), LIFE)
    assert life["bought"]["amount_usd_bn"] == pytest.approx(start)


def test_a_price_moves_what_it_prices_and_nothing_else() -> None:
    found = made(spoiled("costs", {"element": "ssn"}, "central", 4500.0))
    assert residual(found, ONE_OFF) == pytest.approx(residual(shipped(), ONE_OFF) - 10 * 1.0)
    assert residual(found, LIFE) == pytest.approx(residual(shipped(), LIFE) - 10 * 1.0)
    assert residual(found, BUDGET) == pytest.approx(residual(shipped(), BUDGET))


def test_a_price_of_what_iiss_prices_moves_the_bridge_and_not_what_is_left_over() -> None:
    """In the end its lines stand at its own prices: our own price of a destroyer cannot make us agree."""
    found = made(spoiled("costs", {"element": "destroyer"}, "central", 1200.0))
    assert rows(found, ONE_OFF)["price_destroyers"]["amount_usd_bn"] == pytest.approx(20 * 1.3)
    assert residual(found, ONE_OFF) == pytest.approx(residual(shipped(), ONE_OFF))


def test_what_iiss_leaves_out_does_not_count_and_brigades_never_stand_beside_their_vehicles() -> None:
    for element in ("tanker", "satellite", "brigade_heavy"):
        found = made(spoiled("costs", {"element": element}, "central", 9000.0))
        assert residual(found, ONE_OFF) == pytest.approx(residual(shipped(), ONE_OFF))
    named = [name for names in NAMED.values() for name in names]
    others = [name for _, _, names in OTHERS.values() for name in names]
    assert sorted([*named, *others, *INSIDE]) == sorted(item.id for item in force_elements())


@pytest.mark.parametrize(
    ("comparison", "key"),
    [
        (ONE_OFF, {"set": "b1", "item": "cost_once"}),
        (LIFE, {"set": "b1", "item": "cost_25_years"}),
        (BUDGET, {"set": "b3", "item": "budget"}),
    ],
)
def test_not_reconciled_is_said_when_a_figure_is_spoiled_and_only_then(comparison: str, key: dict[str, str]) -> None:
    before = rows(shipped(), comparison)
    printed, left = before["published"], before["residual"]
    # The published figure that would be met to the last digit, in its own unit.
    unit = 250 / printed["amount_usd_bn"] if comparison == BUDGET else 1.0
    met = (printed["amount_usd_bn"] - left["sign"] * left["amount_usd_bn"]) * unit
    good = made(spoiled("published", key, "central", met))
    bad = made(spoiled("published", key, "central", met * 1.3))
    assert rows(good, comparison)["residual"]["verdict"] == "reconciled"
    assert rows(bad, comparison)["residual"]["verdict"] == "not reconciled"
    assert rows(bad, comparison)["residual"]["cause"].startswith("Not reconciled")
    assert str(bad.sentence).count("not reconciled") == str(good.sentence).count("not reconciled") + 1


def test_the_verdict_is_that_of_the_bound() -> None:
    for comparison in COMPARISONS:
        left = rows(shipped(), comparison)["residual"]
        assert (left["verdict"] == "not reconciled") == (abs(left["share"]) > LIMIT)


def test_a_price_that_is_only_inferred_is_shown_and_not_counted() -> None:
    step = rows(shipped(), ONE_OFF)["price_air_defence_long"]
    assert step["amount_usd_bn"] == 0
    assert step["low_usd_bn"] == pytest.approx(25 - 24 * 0.61)
    assert any("third dearest" in text for text in shipped().warnings)


def test_the_budget_gap_stands_beside_the_envelope_of_the_pledge_whatever_is_planned_with() -> None:
    money = Money()
    held = means(inputs().evidence, CODES, (2024, 2035), money)
    envelope = rows(shipped(), BUDGET)["envelope"]
    assert envelope["amount_usd_bn"] == pytest.approx(held.envelope[:, 1].sum() / 1000)
    fixed = made(money=Money(envelope="fixed", fixed_usd_m=1.0))
    assert rows(fixed, BUDGET)["envelope"]["amount_usd_bn"] == pytest.approx(envelope["amount_usd_bn"])
    less = made(money=Money(investable=0.5))
    assert rows(less, BUDGET)["envelope"]["amount_usd_bn"] < envelope["amount_usd_bn"]
    assert residual(less, BUDGET) == pytest.approx(residual(shipped(), BUDGET))


def test_the_three_numbers_are_never_one() -> None:
    assert "never stand in one column" in shipped().warnings[0]
    assert len(shipped().sentence.addresses) == 3
    for address, comparison in zip(shipped().sentence.addresses, COMPARISONS, strict=True):
        assert shipped().row(address.split("#")[1].split("/"))["comparison"] == comparison


def test_without_the_offer_before_the_cuts_nothing_is_priced() -> None:
    planning = inputs().planning
    gone = planning.table("offers").filter(pl.col("version") != "before_2026")
    with pytest.raises(NotKnownError, match="before_2026"):
        made(replace(planning, _tables={**planning._tables, "offers": gone}))
