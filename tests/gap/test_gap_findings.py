"""Findings about the gap on the shipped evidence: published shares, cuts, flip numbers, investments."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest

from article3.errors import NotKnownError
from article3.gap.analysis import Gap, gap, when_of
from article3.gap.assess import with_pools
from article3.gap.described import TABLES, columns
from article3.gap.flips import flips
from article3.scenario.contingency import Contingency
from article3.scenario.resolve import resolve


@cache
def made(name: str = "baseline", draws: int = 4) -> Gap:
    return gap(resolve(name, {"gap.draws": str(draws)}))


def rows(table: str, name: str = "baseline") -> pl.DataFrame:
    return made(name).findings((table,))[0].table


@pytest.mark.parametrize(
    ("capability", "case", "share"),
    [
        ("air_refuelling", "csis-enablers-2023", 0.257),
        ("air_refuelling", "csis-defend-2025", 0.283),
        ("airborne_control", "csis-enablers-2023", 0.226),
        ("uav_surveillance", "csis-enablers-2023", 0.182),
        ("space_surveillance", "csis-defend-2025", 0.166),
    ],
)
def test_published_shares_of_inventories_come_out_on_their_own_denominator(
    capability: str, case: str, share: float
) -> None:
    found = rows("european_share").filter(
        pl.col("capability") == capability, pl.col("denominator") == "inventory", pl.col("case") == case
    )
    assert found.height == 1
    assert found["share"][0] == pytest.approx(share, abs=0.02)
    assert abs(found["difference"][0]) <= 0.02
    assert found["definition"][0]


def test_our_holdings_give_the_published_shares_where_they_hold_the_same_thing() -> None:
    """Airborne control, drones and satellites are counted in our holdings as in B5; tankers on a narrower definition."""
    found = {
        row["capability"]: row["share"]
        for row in rows("european_share").iter_rows(named=True)
        if row["case"] == "our_holdings"
    }
    assert found["airborne_control"] == pytest.approx(0.226, abs=0.02)
    assert found["uav_surveillance"] == pytest.approx(0.182, abs=0.02)
    assert found["space_surveillance"] == pytest.approx(0.166, abs=0.02)
    assert found["air_refuelling"] < 0.2


def test_less_of_the_united_states_is_never_better() -> None:
    table = rows("attainment").pivot("posture", index=["situation", "window_days"], values="margin")
    assert (table["with"] >= table["reduced"] - 1e-6).all()
    assert (table["reduced"] >= table["without"] - 1e-6).all()


def test_refuelling_and_air_defence_bind_without_the_united_states() -> None:
    """What the prototype found an analyst would believe: MODEL-NOTES' supportable statements."""
    table = rows("attainment").filter(pl.col("posture") == "without")
    by = {(row["situation"], row["window_days"]): row for row in table.iter_rows(named=True)}
    assert "air_refuelling" in by["baltic_defence", 30]["binding_capability"]
    assert by["baltic_defence", 30]["attainment"] == pytest.approx(0.56, abs=0.15)
    for window in (10, 30, 180):
        assert "range_air_defence" in by["air_missile_defence", window]["binding_capability"]
    assert by["air_missile_defence", 180]["attainment"] < by["air_missile_defence", 10]["attainment"]
    assert by["high_north_atlantic", 30]["attainment"] > 0.8


def test_no_european_bombers_and_both_versions_of_the_cut() -> None:
    table = rows("us_cut", "us_cuts_2026")
    variants = table["variant"].unique().to_list()
    assert sorted(variants) == ["reduced", "reduced_b"]
    bombers = table.filter(pl.col("element") == "bomber")
    assert set(bombers["verdict"]) == {"no European holder"}
    assert bombers["european_holders"].to_list() == [0, 0]
    tankers = {row["variant"]: row for row in table.iter_rows(named=True) if row["element"] == "tanker"}
    assert (tankers["reduced"]["before"], tankers["reduced"]["after"]) == (79, 63)
    assert tankers["reduced_b"]["after"] == 0
    assert tankers["reduced_b"]["uncovered"] > tankers["reduced"]["uncovered"]
    assert (table["new"] == 0).all()


def test_every_cut_is_accounted_for() -> None:
    """What the United States gave less of is given by Europe, or left uncovered, or was not needed, case by case."""
    table = rows("us_cut_case", "us_cuts_2026")
    assert (table["moved"] <= table["european_more"] + 1e-9).all()
    assert (table["lost"] > 0).any()
    one = rows("us_cut", "us_cuts_2026")
    parts = one["spare"] + one["idle"] + one["moved"] + one["uncovered"]
    assert np.allclose(parts, np.maximum(one["lost"], parts))
    assert (one["moved"] > 0).any()
    assert (one["uncovered"] > 0).any()
    assert (table["uncovered"] >= -1e-9).all()
    lost = table["required"] * (table["coverage_before"] - table["coverage_after"])
    assert np.allclose(table["uncovered"], np.maximum(lost, 0))


def test_published_sets_stand_beside_ours() -> None:
    table = rows("published_set")
    by = {(row["set"], row["item"]): row for row in table.iter_rows(named=True)}
    tanks = next(row for (name, _), row in by.items() if name == "b4" and "tank" in row["title"].lower())
    assert (tanks["published_low"], tanks["published_high"], tanks["published_available"]) == (2359, 2920, 1627)
    assert tanks["ours"] == pytest.approx(1627, rel=0.02)
    batteries = next(row for (name, _), row in by.items() if name == "b4" and row["published_central"] == 89)
    assert batteries["published_available"] == 35
    assert {"a1", "b3", "b4", "nfm"} <= set(table["set"])
    assert (table["why"].str.len_chars() > 10).all()
    mixed = table.filter(pl.col("published_central") == 1467)
    assert mixed.height == 1
    assert mixed["ours"][0] is None


def _changed(inputs: Contingency, capability: str, window: int, factor: float) -> Contingency:
    needs = tuple(
        replace(need, low=need.low * factor, central=need.central * factor, high=need.high * factor)
        if need.capability == capability and need.window_days == window
        else need
        for need in inputs.needs
    )
    return replace(inputs, needs=needs)


def _with_need(capability: str, contingency: str, window: int, factor: float) -> Gap:
    inputs = resolve("baseline", {"gap.draws": "0"})
    changed = tuple(
        _changed(item, capability, window, factor) for item in inputs.contingencies if item.id == contingency
    )
    return gap(replace(inputs, contingencies=changed, situations=()))


@pytest.mark.parametrize(
    ("contingency", "window"), [("baltic_defence", 10), ("baltic_defence", 30), ("air_missile_defence", 30)]
)
def test_a_binding_sentence_turns_at_its_flip_number_and_not_before(contingency: str, window: int) -> None:
    table = flips(made().found, "2026-07-31").table.filter(
        pl.col("statement") == "binding", pl.col("contingency") == contingency, pl.col("window_days") == window
    )
    assert table.height
    for row in table.iter_rows(named=True):
        for nudge, still in ((1.002, True), (0.998, False)):
            other = _with_need(row["capability"], contingency, window, row["factor"] * nudge)
            found = other.findings(("attainment",))[0].table.filter(
                pl.col("situation") == contingency, pl.col("window_days") == window, pl.col("posture") == "without"
            )
            assert (row["capability"] in found["binding_capability"][0].split(";")) is still, (row, nudge)


def test_a_half_sentence_turns_at_its_flip_number_and_not_before() -> None:
    table = flips(made().found, "2026-07-31").table.filter(
        pl.col("statement") == "half", pl.col("contingency") == "baltic_defence", pl.col("window_days") == 30
    )
    for row in table.iter_rows(named=True):
        for nudge, half in ((0.999, True), (1.001, False)):
            other = _with_need(row["capability"], "baltic_defence", 30, row["factor"] * nudge)
            share = other.findings(("european_share",))[0].table.filter(
                pl.col("case") == "baltic_defence",
                pl.col("capability") == row["capability"],
                pl.col("window_days") == 30,
            )
            assert share["half"][0] is half


def test_gains_are_solved_again_and_never_above_the_slope() -> None:
    """Risk is convex in what is bought: a slope at zero can only overstate."""
    table = rows("multiplier").filter(pl.col("gain").is_not_null())
    assert (table["gain_per_1000m"] <= table["initial_slope"] * (1 + 1e-6) + 2e-5).all()
    assert table.filter(pl.col("kind") == "improvement").height > 0
    assert (table.filter(pl.col("rank") == 1)["gain"] > 0).all()
    dear = rows("multiplier").filter(pl.col("gain").is_null())
    assert dear["reason"].str.contains("above the ceiling").all()


def test_the_package_keeps_to_money_time_and_whole_lots() -> None:
    table = rows("package")
    inputs = made().inputs
    lots = {row["element"]: row["lot"] for row in inputs.planning.table("costs").iter_rows(named=True)}
    for (posture,), mine in table.group_by("posture"):
        assert mine["cost_usd2021_m"].sum() <= 1000 + 1e-6, posture
        assert (mine["lead_years"] <= 3).all()
        assert (mine["risk_after"] < mine["risk_before"]).all()
        assert (mine["loss_when_removed"] >= 0).all()
    for row in table.iter_rows(named=True):
        lot = lots.get(row["item"], 1.0)
        assert row["units"] / lot == pytest.approx(round(row["units"] / lot))
    best_single = rows("multiplier").filter(pl.col("in_time"), pl.col("gain").is_not_null())
    for posture in ("reduced", "without"):
        package = table.filter(pl.col("posture") == posture)
        single = best_single.filter(pl.col("posture") == posture)["gain"].max()
        assert package["risk_before"][0] - package["risk_after"][0] >= single - 1e-6


def test_an_ally_set_to_low_intensity_takes_no_part_in_high() -> None:
    inputs = resolve("baseline", {"gap.draws": "0", "caveats": "[{ally: DEU, only: low_intensity}]"})
    limited = gap(inputs)
    h = limited.found.axes.of("holder", "DEU")
    reach = limited.found.supplies["with"].reach[h]
    for place, item in enumerate(inputs.contingencies):
        assert bool(reach[place].max() > 0) is (item.intensity == "low")
    first, second = made().found.margins["with"].margin, limited.found.margins["with"].margin
    assert (second <= first + 1e-6).all()
    assert (second < first - 1e-3).any()


def test_the_united_states_may_be_limited_too() -> None:
    """Nobody else holds bombers: what then never arrives must not stand in the models at all."""
    limited = gap(resolve("baseline", {"gap.draws": "0", "caveats": "[{ally: USA, only: low_intensity}]"}))
    assert (limited.found.margins["with"].margin <= made().found.margins["with"].margin + 1e-6).all()


def test_what_is_kept_at_home_counts_at_home_alone() -> None:
    """Units kept back serve contingencies at home; with none at home they are not there."""
    inputs = resolve("baseline", {"gap.draws": "0"})
    away = gap(replace(inputs, contingencies=tuple(replace(item, home=False) for item in inputs.contingencies)))
    for place, cell in enumerate(made().found.cells):
        before, after = (item.found.margins["without"].margin[place] for item in (made(), away))
        at_home = [inputs.contingencies[item].home for item in cell.contingencies]
        if not any(at_home):
            assert before == pytest.approx(after, abs=1e-6)
        assert before >= after - 1e-6
    places = [made().found.cell("air_missile_defence", window) for window in range(3)]
    assert (made().found.margins["without"].margin[places] > away.found.margins["without"].margin[places] + 0.05).all()


def test_own_figures_change_the_address() -> None:
    """One address never means two numbers: a changed contingency or figure gives another one."""
    inputs = resolve("baseline")
    changed = replace(inputs, contingencies=(_changed(inputs.contingencies[0], "air_refuelling", 10, 0.5),))
    assert when_of(changed).startswith("2026-07-31~own-")


def test_pools_leave_with_most_of_their_members() -> None:
    assert with_pools(["USA"]) == {"USA"}
    assert "MMF" in with_pools(["DEU", "NLD", "BEL", "CZE", "NOR"])
    assert "AEW" not in with_pools(["USA", "CAN"])


def test_addresses_name_the_scenario() -> None:
    assert when_of(resolve("baseline")) == "2026-07-31"
    assert when_of(resolve("us_cuts_2026")) == "2026-07-31~us_cuts_2026"
    assert when_of(resolve("baseline", {"without": "[USA, TUR]"})).startswith("2026-07-31~own-")


def test_a_scenario_without_contingencies_has_no_gap() -> None:
    with pytest.raises(NotKnownError, match="no contingency"):
        gap(resolve("tiny"))


def test_every_table_is_described_and_made() -> None:
    assert set(columns()) == set(TABLES)
    assert [item.name for item in made().findings()] == list(TABLES)
    for item in made().findings():
        assert item.table.height, item.name
        keys = item.table.select(item.keys)
        assert keys.n_unique() == keys.height, item.name


def test_same_scenario_same_bytes() -> None:
    first, second = (gap(resolve("baseline", {"gap.draws": "3"})).findings() for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert one.table.equals(other.table), one.name
        assert str(one.sentence) == str(other.sentence)


def test_what_is_no_test_alone_is_told_apart() -> None:
    """Of low intensity, or met twice over in every posture and window: read only on top of something larger."""
    small = {row["situation"] for row in rows("attainment").iter_rows(named=True) if row["small"]}
    assert small == {"ukraine_force", "crisis_response", "counter_terrorism", "hybrid_cyber"}
    notes = rows("attainment").filter(pl.col("situation") == "ukraine_force")["note"].unique().to_list()
    assert notes == [
        "A small task set against all forces: read it on top of a standing posture, in Baltic and a force in Ukraine."
    ]


def test_a_large_sum_buys_nothing_that_is_of_no_use() -> None:
    rich = gap(resolve("baseline", {"gap.draws": "0", "gap.ceiling_usd_m": "100000"}))
    table = rich.findings(("package",))[0].table
    assert (table["loss_when_removed"] >= 1e-5).all()
    assert table.group_by("posture").agg(pl.col("cost_usd2021_m").sum())["cost_usd2021_m"].max() <= 100000
    # Rounding to lots may add a few units to what the linear programme buys, not multiply it.
    bought = table.filter(pl.col("units_lp") > 5)
    assert (bought["units"] <= 1.2 * bought["units_lp"]).all()
