"""The bargain sheet: sums, what stays and what hangs on it, both gains in the same units."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
import shift_small as small

from article3.domain import force_element
from article3.evidence.findings import Finding
from article3.plan.found_money import money, payments
from article3.plan.states import StateRow
from article3.scenario.shift_schema import Drawdown, Step
from article3.shift.again import aimed_plan
from article3.shift.bargain import bargain
from article3.shift.bargain_europe import leads, people_added, posts_of
from article3.shift.bargain_sheet import SUMMED, TOTAL, Sheet, bare, sheet_of
from article3.shift.bargain_usa import below, falling, ordered_by_line, paid_by_line, sells
from article3.shift.described import columns
from article3.shift.exposure import Exposer, Exposure, path_of
from article3.shift.handed import Handed, hand_over
from article3.shift.rule import KeptModel

WHEN = "2026-07-31"
YEARS = tuple(range(2027, 2034))
SIDES = {"usa": ("frees", "sells", "gives", "gains"), "europe": ("pays", "gets", "leads", "gains")}


@pytest.fixture(scope="module")
def handed() -> Handed:
    return small.handed()


@pytest.fixture(scope="module")
def exposures(handed: Handed) -> list[tuple[Handed, Exposure]]:
    given = Drawdown(drawdown="soon", title="Soon", steps=(Step(date="2027-03-01", element="sam_long", units=20),))
    path = path_of(given, handed.made.asked.inputs.planning, handed.field.axes)
    return [(handed, Exposer(handed.field, handed.kept, small.settings()).judge(path))]


@pytest.fixture(scope="module")
def aimed(handed: Handed) -> Handed:
    shift = small.settings()
    return hand_over(aimed_plan(handed.made, handed.field, handed.kept, handed.schedule, shift), shift, "aimed")


@pytest.fixture(scope="module")
def found(handed: Handed, aimed: Handed, exposures: list[tuple[Handed, Exposure]]) -> Finding:
    return bargain((handed, aimed), exposures, WHEN)


@pytest.fixture(scope="module")
def sheet(handed: Handed) -> Sheet:
    return sheet_of(handed, WHEN)


def rows(found: Finding, **wanted: Any) -> list[dict[str, Any]]:
    return found.table.filter(**wanted).to_dicts()


def one(found: Finding, side: str, kind: str, item: str, plan: str = "plan") -> dict[str, Any]:
    (row,) = rows(found, plan=plan, side=side, kind=kind, item=item)
    return row


# Sums.


def test_totals_are_the_sum_of_what_counts(found: Finding) -> None:
    assert not found.table.select(list(found.keys)).is_duplicated().any()
    assert set(found.table.select("plan").to_series()) == {"plan", "aimed"}
    for plan in ("plan", "aimed"):
        for side, kinds in SIDES.items():
            assert set(found.table.filter(plan=plan, side=side)["kind"]) == set(kinds)
            for kind in kinds:
                if kind == "gets":
                    continue
                total = one(found, side, kind, TOTAL, plan)
                mine = found.table.filter(plan=plan, side=side, kind=kind, counts="yes")
                assert TOTAL not in mine["item"]
                for name in SUMMED:
                    if kind == "pays" and name in ("people", "person_years"):
                        continue
                    known = mine[name].drop_nulls()
                    if known.len():
                        assert total[name] == pytest.approx(known.sum()), (side, kind, name)
                    else:
                        assert total[name] is None


def test_money_a_year_is_the_sum_over_the_years_and_later_years_are_worth_less(found: Finding) -> None:
    priced = found.table.filter(pl.col("value_usd2021_m").is_not_null())
    assert priced.height > 20
    for row in priced.iter_rows(named=True):
        assert row["a_year_usd2021_m"] == pytest.approx(row["value_usd2021_m"] / len(YEARS))
        assert row["discounted_usd2021_m"] <= row["value_usd2021_m"] + 1e-9
        assert row["discounted_usd2021_m"] >= row["value_usd2021_m"] / 1.03 ** (len(YEARS) - 1) - 1e-9
    (same,) = rows(found, plan="plan", kind="gives", item="bomber") or rows(
        found, plan="plan", kind="gives", item="tanker"
    )
    factor = sum(1.03**-year for year in range(len(YEARS))) / len(YEARS)
    assert same["discounted_usd2021_m"] == pytest.approx(same["value_usd2021_m"] * factor)


# The United States.


def test_what_is_freed_is_what_has_left_on_every_first_of_july(handed: Handed, found: Finding) -> None:
    items, axes = handed.made.asked.given.items, handed.field.axes
    for place, element in enumerate(handed.schedule.elements):
        name = axes.elements[element]
        offer = float(handed.field.offer[element])
        gone = []
        for year in YEARS:
            days = [n for n, day in enumerate(handed.days) if day <= date(year, 7, 1)]
            gone.append(offer - handed.units[days[-1], place] if days else 0.0)
        mine = rows(found, plan="plan", side="usa", kind="frees", item=name)
        if offer - handed.units[-1, place] < 1e-5:
            assert not mine
            continue
        (row,) = mine
        assert row["amount"] == pytest.approx(offer - handed.units[-1, place])
        if force_element(name).part_of:
            assert (row["counts"], row["value_usd2021_m"], row["people"]) == ("no", None, None)
            continue
        upkeep, people = (float(values[items.elements.index(name)]) for values in (items.upkeep, items.people))
        assert row["value_usd2021_m"] == pytest.approx(sum(gone) * upkeep)
        assert row["people"] == pytest.approx(row["amount"] * people)
        assert row["person_years"] == pytest.approx(sum(gone) * people)
        first, _, last = row["period"].partition(" to ")
        assert first in {day.isoformat() for day in handed.days}
        assert (last or first) >= first
    total = one(found, "usa", "frees", TOTAL)
    assert total["people"] == pytest.approx(float(handed.field.offer @ handed.field.people - handed.people[-1]))


def test_what_lines_are_paid_is_what_buyers_pay_for_orders(handed: Handed) -> None:
    made = handed.made
    outlay, _ = payments(made)
    assert paid_by_line(made).sum(axis=0) == pytest.approx(outlay.sum(axis=0))
    units, years = ordered_by_line(made)
    assert units.sum() > 0
    assert [bool(listed) for listed in years] == [bool(amount) for amount in units]


def test_an_order_signed_before_is_paid_to_its_line(handed: Handed, sheet: Sheet) -> None:
    made = handed.made
    items = made.asked.given.items
    line = items.lines.index("patriot_usa")
    row = StateRow("POL", "sam_long", "patriot_usa", 2026, 4.0, "contracted", date(2031, 7, 1))
    signed = replace(
        made,
        asked=replace(made.asked, states=(row, replace(row, state="delivered"), replace(row, state="not_started"))),
    )
    more = paid_by_line(signed) - paid_by_line(made)
    # Five equal parts from 2026; that of 2026 is paid.
    price = 4.0 * float(items.price[line])
    assert more[line, :5].tolist() == pytest.approx([price / 5] * 4 + [0.0])
    assert np.delete(more, line, axis=0) == pytest.approx(0.0)
    sold = sells(replace(sheet, handed=replace(handed, made=signed)))
    (mine,) = [entry for entry in sold if entry["item"] == "patriot_usa"]
    assert mine["amount"] == pytest.approx(4.0 + ordered_by_line(made)[0][line])
    assert mine["value_usd2021_m"] == pytest.approx(price * 4 / 5 + paid_by_line(made)[line].sum())


def test_what_stays_is_priced_by_life_and_operation(handed: Handed, found: Finding) -> None:
    items = handed.made.asked.given.items
    stays = {
        handed.field.axes.elements[element]: float(handed.units[-1, place])
        for place, element in enumerate(handed.schedule.elements)
        if handed.units[-1, place] > 1e-5
    }
    assert stays
    for name, left in stays.items():
        row, n = one(found, "usa", "gives", name), items.elements.index(name)
        assert row["amount"] == pytest.approx(left)
        if force_element(name).part_of:
            assert row["a_year_usd2021_m"] is None
        else:
            assert row["a_year_usd2021_m"] == pytest.approx(left * (items.cost[n] / items.life[n] + items.upkeep[n]))
            assert row["people"] == pytest.approx(left * items.people[n])
    gain = one(found, "europe", "gains", "not_replaced")
    assert [gain[name] for name in SUMMED] == [one(found, "usa", "gives", TOTAL)[name] for name in SUMMED]
    assert (
        one(found, "usa", "gains", TOTAL)["a_year_usd2021_m"] == one(found, "usa", "frees", TOTAL)["a_year_usd2021_m"]
    )


def test_what_hangs_on_what_stays_is_missed_by_another_model_too(handed: Handed, found: Finding) -> None:
    """The model of exposure loses cover in the contingency named when the units are taken away."""
    field = handed.field
    offer = np.zeros(len(field.offer))
    offer[handed.schedule.elements] = handed.units[-1]
    place = field.place(handed.days[-1])
    model = KeptModel(field, handed.kept)
    whole = model.solve(field.units(place, offer)).share
    seen = 0
    for row in rows(found, plan="plan", kind="gives", counts="yes"):
        if not row["need"]:
            continue
        contingency, window, capability = row["need"].split("/")
        cell = next(
            n
            for n, item in enumerate(field.form.cells)
            if field.axes.contingencies[item.contingencies[0]].id == contingency
            and (10, 30, 180)[item.window] == int(window)
        )
        less = offer.copy()
        less[field.axes.of("element", row["item"])] = 0.0
        share = model.solve(field.units(place, less)).share[cell]
        assert share < whole[cell] - 1e-4, row["item"]
        assert row["covered_without"] < row["kept"]
        # No floor of the cell can be kept to a larger part than the one that falls.
        assert share <= 1.0
        needs = field.values.needs[
            [item.id for item in field.axes.contingencies].index(contingency), (10, 30, 180).index(int(window)),
            field.axes.capabilities.index(capability),
        ]  # fmt: skip
        assert row["short"] == pytest.approx(max(min(row["kept"], 1) - row["covered_without"], 0) * needs)
        seen += 1
    assert seen >= 3
    fall = falling(handed)
    assert fall(list(handed.schedule.elements).index(field.axes.of("element", "tanker"))).max() > 0.01


def test_the_schedule_keeps_the_rule_and_a_faster_one_does_not(handed: Handed) -> None:
    assert below(handed).max() <= 1e-5
    less = handed.units.copy()
    less[:, list(handed.schedule.elements).index(handed.field.axes.of("element", "tanker"))] = 0.0
    assert below(replace(handed, units=less)).max() > 0.01


def test_what_has_no_price_has_no_money(found: Finding) -> None:
    for side, kind, item in (
        ("usa", "gains", "sales"), ("usa", "gives", "intelligence"), ("europe", "gains", "safety"),
        ("europe", "gains", "command"),
    ):  # fmt: skip
        for plan in ("plan", "aimed"):
            row = one(found, side, kind, item, plan)
            assert (row["value_usd2021_m"], row["a_year_usd2021_m"], row["counts"]) == (None, None, "no")
            assert row["note"]
    assert (
        "no margin is held" in one(found, "usa", "sells", TOTAL)["note"]
        or "Nothing" in one(found, "usa", "sells", TOTAL)["note"]
    )


# Europe.


def test_europe_pays_what_the_plan_spends(handed: Handed, found: Finding) -> None:
    table = money(handed.made, WHEN).table
    total = one(found, "europe", "pays", TOTAL)
    assert total["value_usd2021_m"] == pytest.approx(table.filter(pl.col("year") <= 2033)["spent"].sum())
    people = people_added(handed.made)
    assert total["people"] == pytest.approx(people[-1])
    assert total["person_years"] == pytest.approx(people.sum())
    assert all(check.passed for check in found.checks), found.checks
    cost = one(found, "europe", "gains", "cost")
    assert (cost["value_usd2021_m"], cost["counts"]) == (total["value_usd2021_m"], "no")


def test_risk_lies_between_that_with_nobody_leaving_and_that_without_the_plan(found: Finding) -> None:
    for plan in ("plan", "aimed"):
        risk = {row["item"]: row["amount"] for row in rows(found, plan=plan, kind="gets") if row["unit"] == "psi"}
        assert risk["risk_all_stay"] < risk["risk"] < risk["risk_same_steps"]
        assert risk["risk_all_stay"] < risk["risk_no_deal"] < risk["risk_same_steps"]
        assert risk["risk"] <= risk["risk_today"] + 1e-6
        note = one(found, "europe", "gains", "safety", plan)["note"]
        assert all(f"{value:.3f}" in note for value in risk.values())


def test_the_plan_is_what_spares_days_of_exposure(found: Finding, exposures: list[tuple[Handed, Exposure]]) -> None:
    for plan in ("plan", "aimed"):
        assert one(found, "europe", "gets", "days_with_plan", plan)["amount"] == 0
        assert one(found, "europe", "gets", "days_without_plan", plan)["amount"] > 0
    assert one(found, "europe", "gets", "days_soon")["amount"] == pytest.approx(exposures[0][1].exposed.sum())
    assert exposures[0][1].exposed.sum() > 0
    assert not rows(found, plan="aimed", item="days_soon")


def test_without_the_plan_committed_deliveries_remain(handed: Handed) -> None:
    without, alone = bare(handed), hand_over(handed.made, small.settings(plan="announced")).field
    assert without.home == pytest.approx(alone.home)
    assert without.delivered == pytest.approx(handed.field.delivered)  # a count at the factory gate, not used there
    assert (without.home <= handed.field.home + 1e-9).all()
    assert without.home.sum() < handed.field.home.sum()


def test_posts_that_pass_to_the_united_states_are_taken_off(handed: Handed, sheet: Sheet, found: Finding) -> None:
    mine = [row for row in rows(found, plan="plan", kind="leads") if row["item"] != TOTAL]
    assert {row["amount"] for row in mine} == {1.0, -1.0}
    assert one(found, "europe", "leads", TOTAL)["amount"] == sum(row["amount"] for row in mine)
    by = {row["item"]: row for row in mine}
    assert by["jfc_norfolk"]["amount"] == 1.0
    assert by["marcom"]["amount"] == -1.0
    assert by["marcom"]["note"].startswith("One less: it passes to the United States. Agreed on 2026-02-06")
    assert all(row["from_ally"] for row in posts_of(handed.made.asked.inputs) if row["subject"] in by)
    none = leads(sheet, [])
    assert [(row["item"], row["amount"]) for row in none] == [(TOTAL, 0.0)]


# Words.


def test_the_sentence_says_the_figures_of_the_table(found: Finding) -> None:
    text = str(found.sentence)
    first, second = (
        text.index("Under the plan made again for the handover, 2027 to 2033"),
        text.index("Under the plan the "),
    )
    assert first < second
    for plan in ("plan", "aimed"):
        assert f"{one(found, 'usa', 'frees', TOTAL, plan)['people']:,.0f} people" in text
        assert f"add {one(found, 'europe', 'pays', TOTAL, plan)['people']:,.0f} people" in text
    days = one(found, "europe", "gets", "days_without_plan", "aimed")["amount"]
    assert f"{days:,.0f} days of exposure" in text
    assert len(found.warnings) == 4


def test_columns_are_described() -> None:
    described = columns()["bargain"]
    for column in described:
        assert column.formula or not column.unit, column
    names = [column.column for column in described]
    assert names[:4] == ["plan", "side", "kind", "item"]
    assert [column.column for column in described if column.key] == names[:4]
    assert names[-2:] == ["standing", "address"]
