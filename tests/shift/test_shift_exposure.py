"""Given drawdowns: what they uncover, for how many days, and from when on each step is safe."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from plan_world import overlaid, scenario
from shift_checker import Theatre
from shift_small import END, by_need, exposer, handed, judged, path, settings, shipped, written

from article3.gap.forces import WINDOWS
from article3.plan.found_orders import order_table
from article3.scenario.drawdown import shipped_drawdowns
from article3.scenario.shift_schema import Shift
from article3.shift.exposure import LOST, Exposer, Exposure, Path
from article3.shift.field import Field
from article3.shift.found_exposure import element_rows, exposure, steps
from article3.shift.handed import Handed

SIXTY = written({"date": "2028-03-15", "element": "heavy_transporter", "units": 60})


def with_transporters(changes: dict[int, float]) -> Field:
    """Return what is at home today in all years, and transporters as usable as American ones that come or go."""
    given = handed().field
    rows = given.form.supply_element == given.axes.of("element", "heavy_transporter")
    home = np.repeat(given.home[:1], len(given.years), axis=0)
    for year, units in changes.items():
        home[given.years.index(year) :, rows] += (given.brings * units)[rows]
    return replace(given, home=home)


def test_abrupt_is_no_better_anywhere_and_worse_somewhere() -> None:
    abrupt, orderly = judged("abrupt_50000"), judged("orderly_50000")
    np.testing.assert_allclose(abrupt.path.units.sum(axis=0), orderly.path.units.sum(axis=0), atol=1e-9)
    assert abrupt.path.people.sum() == orderly.path.people.sum() == 50_000
    assert (abrupt.exposed >= orderly.exposed).all()
    assert (abrupt.exposed > orderly.exposed).any()
    assert abrupt.exposed.sum() > orderly.exposed.sum() > 0
    drop = [(item.lost * item.length[:, None]).sum(axis=0) for item in (abrupt, orderly)]
    assert (drop[0] >= drop[1] - 1e-6).all()
    assert (abrupt.attained.min(axis=0) <= orderly.attained.min(axis=0) + 1e-9).all()


def test_fewer_people_uncover_no_more() -> None:
    more, fewer = judged("orderly_50000"), judged("orderly_20000")
    assert (fewer.exposed <= more.exposed).all()
    assert (fewer.lost.max(axis=0) <= more.lost.max(axis=0) + 1e-6).all()


def test_days_and_drop_of_one_step_and_one_delivery_by_hand() -> None:
    """Sixty transporters leave on 15 March 2028 and their like arrive on 1 July 2029: 473 days.

    17 days of March, 30 of April, 31 of May, 30 of June and 31 of July to December make 292 - from 15 March to 1 January
    2029 - and 181 more to 1 July. Transporters alone give surface movement: where today covers just what is there, the
    part lost is what has left over what was there.
    """
    given, kept = handed().field, handed().kept
    form, element = given.form, given.axes.of("element", "heavy_transporter")
    capability = given.axes.of("capability", "surface_movement")
    rows = form.supply_element == element
    still = with_transporters({2029: 60.0})
    judge = Exposer(still, kept, settings())
    found = judge.judge(path(SIXTY))
    by_hand = np.zeros(len(form.cells))
    for place, cell in enumerate(form.cells):
        row = np.nonzero(rows & (form.supply_cell == place))[0]
        need = np.nonzero((form.need_cell == place) & (form.need_capability == capability))[0]
        if len(row) and len(need):
            where = form.need_contingency[need[0]], cell.window, capability
            there = given.home[0, row[0]] + given.brings[row[0]] * given.offer[element]
            asked = kept.coverage[need[0]] * given.values.needs[where]
            by_hand[place] = max(0.0, 1.0 - (there - 60 * given.brings[row[0]]) / asked)
    assert 0 < (by_hand > 1e-3).sum() < len(by_hand)
    np.testing.assert_array_equal(found.exposed, np.where(by_hand > 1e-3, 473.0, 0.0))
    np.testing.assert_allclose(found.lost.max(axis=0), by_hand, atol=1e-5)
    assert [day for day in found.days if found.lost[found.days.index(day)].any()] == [
        date(2028, 3, 15), date(2028, 7, 1)
    ]  # fmt: skip
    assert [found.days[place] for place in found.safe[0][by_hand > 1e-3]] == [date(2029, 7, 1)] * (by_hand > 1e-3).sum()
    assert [found.days[place] for place in found.safe[0][by_hand <= 1e-3]] == [given.today] * (by_hand <= 1e-3).sum()
    row = next(row for row in _cells_of(replace(handed(), field=still), found) if row["exposure_days"])
    assert (row["first_date"], row["earliest_safe_date"]) == ("2028-03-15", "2029-07-01")
    assert row["drop_days"] == pytest.approx(473 * row["worst_drop"])
    assert row["weakest"] == "surface_movement"
    step = steps([(replace(handed(), field=still), found)], settings(), "x").table.to_dicts()[0]
    assert (step["exposed_days"], step["early_days"], step["earliest_safe_date"]) == (473, 473, "2029-07-01")


def test_what_is_safe_for_a_time_is_not_safe() -> None:
    """The sixty that arrive in 2029 retire in 2031: two years without loss, and no day from which all later are safe."""
    judge = Exposer(with_transporters({2029: 60.0, 2031: -60.0}), handed().kept, settings())
    found = judge.judge(path(SIXTY))
    exposed = found.exposed > 0
    assert set(found.exposed[exposed]) == {473.0 + (END - date(2031, 7, 1)).days}
    assert (found.safe[0][exposed] == -1).all()
    assert (found.safe[0][~exposed] == 0).all()
    row = next(row for row in _cells_of(replace(handed(), field=judge.given), found) if row["exposure_days"])
    assert row["earliest_safe_date"] is None


def test_what_europe_retires_is_not_laid_at_the_door_of_who_leaves() -> None:
    """Sixty transporters of Europe's own go in 2029: attainment and what is kept fall, and nothing is exposed by that."""
    judge = Exposer(with_transporters({2029: -60.0}), handed().kept, settings())
    found = judge.judge(path(written({"date": "2027-01-01", "element": "mbt", "units": 87})))
    assert found.stayed.min() < 0.95
    assert found.exposed.sum() == 0
    both = judge.judge(path(SIXTY))
    assert (both.kept <= found.kept + 1e-9).all()
    assert both.exposed.max() == (END - date(2028, 3, 15)).days


def _cells_of(given: Handed, found: Exposure) -> list[dict[str, Any]]:
    return exposure([(given, found)], "x").table.to_dicts()


def test_nobody_leaving_uncovers_nothing() -> None:
    """A step of what no requirement asks for, one on the last day, and one after it."""
    for when, name in (("2027-01-01", "mbt"), ("2033-07-01", "tanker"), ("2036-01-01", "tanker")):
        found = exposer().judge(path(written({"date": when, "element": name, "units": 79})))
        assert found.exposed.sum() == 0
        for row in _cells_of(handed(), found):
            assert (row["exposure_days"], row["worst_drop"], row["first_date"]) == (0, 0, None)


def test_days_add_up_to_the_last_day() -> None:
    for name in shipped_drawdowns():
        if shipped(name).today:
            continue
        found = judged(name)
        assert found.length.sum() == (END - handed().field.today).days
        assert (found.exposed <= found.length.sum()).all()
        assert list(found.days) == sorted(set(found.days))
        assert {day for day in found.path.days if day < END} <= set(found.days)


@pytest.mark.parametrize("name", ["orderly_50000", "abrupt_50000", "germany_12000"])
def test_the_earliest_safe_day_of_every_step_by_trying_all_days(name: str) -> None:
    """All units of the steps so far, taken on one day as a drawdown of their own, uncover nothing from then on."""
    found, judge = judged(name), exposer()
    for step in range(len(found.path.days)):
        units = found.path.units[: step + 1].sum(axis=0, keepdims=True)
        safe = np.full(found.kept.shape[1], -1)
        for number, day in enumerate(found.days):
            once = Path(found.path.drawdown, (day,), units, np.array([True]), np.zeros(1), np.zeros(1))
            tried = judge.judge(once)
            less = (tried.kept < tried.stayed * (1 - LOST))[[other >= day for other in tried.days]]
            safe[(safe < 0) & ~less.any(axis=0)] = number
        np.testing.assert_array_equal(found.safe[step], safe, err_msg=f"{name}, step {step}")


def test_steps_say_when_and_how_much_too_early() -> None:
    given, found = handed(), judged("orderly_50000")
    rows = steps([(given, found)], settings(), "x").table.to_dicts()
    assert len(rows) == len(found.path.days)
    for row, safe in zip(rows, found.safe, strict=True):
        when = found.days[safe.max()] if (safe >= 0).all() else None
        assert row["earliest_safe_date"] == (when.isoformat() if when else None)
        early = ((when or END) - date.fromisoformat(row["date"])).days
        assert row["exposed_days"] == max(early, 0)
        assert bool(row["contingencies"]) == (row["exposed_days"] > 0)
    assert sum(row["people"] for row in rows) == 50_000
    left = [row["people_left"] for row in rows]
    assert left == sorted(left, reverse=True)
    assert all((row["below_floor"] == "yes") == (row["people_left"] < 76_000) for row in rows)


def test_no_more_leaves_than_is_there() -> None:
    """Ten times the offer uncovers what the whole offer does; what is left is never below nothing."""
    given = handed().field
    everything = Path(
        shipped("abrupt_50000"), (date(2027, 1, 1),), given.offer[None, :], np.array([False]), np.zeros(1), np.zeros(1)
    )
    tenfold = replace(everything, units=10 * everything.units)
    twice = replace(
        everything, days=(date(2027, 1, 1),) * 2, units=np.tile(everything.units, (2, 1)),
        away=np.array([False, True]), people=np.zeros(2), europe=np.zeros(2),
    )  # fmt: skip
    first, second, third = (exposer().judge(item) for item in (everything, tenfold, twice))
    np.testing.assert_allclose(first.kept, second.kept, atol=1e-12)
    np.testing.assert_allclose(first.kept, third.kept, atol=1e-12)
    none = exposer().model(1).solve(given.home[1]).share
    np.testing.assert_allclose(first.kept[first.days.index(date(2027, 7, 1))], none, atol=1e-6)


def test_units_that_come_back_uncover_less() -> None:
    """Only in the windows in which they are back, and units that leave the offer do not come back."""
    windows = np.array([WINDOWS[cell.window] for cell in handed().field.form.cells])
    for name in ("orderly_50000", "abrupt_50000"):
        gone, half, whole = (judged(name, days) for days in (0, 180, 30))
        assert (gone.exposed >= half.exposed).all()
        assert (half.exposed >= whole.exposed).all()
        assert gone.exposed.sum() > half.exposed.sum() > whole.exposed.sum()
        np.testing.assert_array_equal(gone.exposed[windows < 180], half.exposed[windows < 180])
        np.testing.assert_array_equal(gone.exposed[windows < 30], whole.exposed[windows < 30])
        assert whole.exposed[windows >= 30].sum() == half.exposed[windows >= 180].sum() == 0
    counted = path(written({"date": "2027-10-01", "element": "tanker", "units": 79}))
    assert not counted.away.any()
    same = exposer().judge(counted).kept, exposer(returns=30).judge(counted).kept
    np.testing.assert_allclose(*same, atol=1e-12)


def test_a_drawdown_with_a_today_of_its_own_is_compared_with_that() -> None:
    item = shipped("nfm_2026_b")
    assert item.today == date(2026, 6, 2)
    judge = exposer(item.today.isoformat())
    found = judge.judge(path(item, judge.given))
    assert judge.given.years[0] == 2025
    assert found.days[:3] == (date(2026, 6, 2), date(2026, 6, 3), date(2026, 7, 1))
    assert found.length[0] == 1
    assert found.lost[0].sum() == 0, "the day before its first step"
    assert found.exposed.max() == (END - date(2026, 6, 3)).days
    milder = judge.judge(path("nfm_2026_a", judge.given))
    assert (found.exposed >= milder.exposed).all()
    assert found.exposed.sum() > milder.exposed.sum() > 0


def test_what_is_kept_is_what_the_independent_checker_finds() -> None:
    """Every day of a drawdown: coverage and attainment, rebuilt holder by holder from the files."""
    given, found = handed(), judged("orderly_50000")
    data = overlaid(scenario("baseline"), {}) | {"contingencies": ["baltic_defence", "air_missile_defence"]}
    rows = [
        {"element": given.field.axes.elements[element], "date": day.isoformat(), "units": units[element]}
        for day, units in zip(found.path.days, found.path.units, strict=True)
        for element in np.nonzero(units)[0]
    ]
    seen = Theatre(data, order_table(given.made, "x").table.to_dicts(), rows)
    floors, today = by_need(given, given.kept.coverage), seen.attained(given.field.today)
    for number, day in enumerate(found.days):
        if day.month == 7 and day.year % 3:
            continue
        covered, attained = seen.kept(floors, day), seen.attained(day)
        np.testing.assert_allclose(list(attained.values()), found.attained[number], atol=1e-6)
        both = [min(covered[cell], attained[cell] / today[cell] if also else 1.0)
                for cell, also in zip(seen.cells, given.kept.also, strict=True)]  # fmt: skip
        np.testing.assert_allclose(found.kept[number], both, atol=2e-6)


def test_rows_of_handover_of_a_drawdown_hold_every_unit_once() -> None:
    given, found = handed(), judged("abrupt_50000")
    rows = element_rows(given, found)
    for element in np.nonzero(found.path.units.sum(axis=0))[0]:
        name = given.field.axes.elements[element]
        mine = [row for row in rows if row["element"] == name]
        assert sum(row["units"] for row in mine) == pytest.approx(found.path.units[:, element].sum())
        left = max(given.field.offer[element] - found.path.units[:, element].sum(), 0.0)
        assert mine[-1]["left"] == pytest.approx(left)
    assert len({(row["element"], row["date"]) for row in rows}) == len(rows)


@pytest.mark.parametrize("name", ["orderly_50000", "germany_12000", "abrupt_50000"])
def test_what_waits_for_nothing_could_go_today(name: str) -> None:
    """And what could not go on any day, or on a later one only, does not wait for nothing."""
    given, rows = handed(), element_rows(handed(), judged(name))
    today = given.field.today.isoformat()
    assert {row["waits_for"] == "nothing" for row in rows} == {True, False}
    for row in rows:
        assert (row["waits_for"] == "nothing") == (row["earliest_safe_date"] == today), row["element"]
        assert bool(row["gated_by"]) <= (row["waits_for"] == "deliveries")
    assert any(row["earliest_safe_date"] is None for row in rows)


def test_people_and_units_on_one_day_are_one_step_each() -> None:
    item = written(
        {"date": "2027-10-01", "personnel": 8000}, {"date": "2027-10-01", "element": "tanker", "units": 8},
        {"date": "2027-10-01", "element": "tanker", "units": 8}, {"date": "2026-12-01", "element": "mbt", "units": 87},
    )  # fmt: skip
    found = path(item)
    assert found.days == (date(2026, 12, 1), date(2027, 10, 1), date(2027, 10, 1))
    assert found.away.tolist() == [False, False, True]
    tanker = handed().field.axes.of("element", "tanker")
    assert found.units[1, tanker] == 16
    assert found.people[2] == 8000
    assert found.gone(date(2027, 10, 1), away=False)[tanker] == 16
    judged_ = exposer().judge(found)
    assert judged_.length.sum() == (END - handed().field.today).days
    assert (judged_.lost >= 0).all()
    assert judged_.lost[judged_.lost > 0].min() > LOST


@pytest.mark.parametrize("until", [2033, 2040])
def test_the_exposure_of_a_schedule_that_is_safe_is_nothing(until: int) -> None:
    """The fastest schedule, taken as a given drawdown, uncovers nothing; a year sooner it does."""
    given, judge = handed(until=until), exposer(until=until)
    before = np.vstack([given.field.offer[given.schedule.elements], given.units[:-1]])
    units = np.zeros((len(given.days), len(given.field.axes.elements)))
    units[:, given.schedule.elements] = before - given.units
    count = len(given.days)
    item = Path(
        shipped("abrupt_50000"), given.days, units, np.zeros(count, dtype=bool), np.zeros(count), np.zeros(count)
    )
    assert judge.judge(item).exposed.sum() == 0
    sooner = replace(item, days=tuple(day.replace(year=day.year - 1) if day.year > 2028 else day for day in item.days))
    order = np.argsort([day.toordinal() for day in sooner.days], kind="stable")
    sooner = replace(sooner, days=tuple(sooner.days[place] for place in order), units=units[order])
    assert judge.judge(sooner).exposed.sum() > 300


def test_what_is_excused_hides_nothing_that_leaves() -> None:
    """Early warning that Europe retires is taken off the floor: nobody leaving keeps all, and leaving still shows."""
    given, judge = handed(until=2040), exposer(until=2040)
    blind = Exposer(given.field, given.kept, settings(until=2040))
    assert blind.judge(path("abrupt_50000")).stayed.min() < 0.99
    found, hidden = judge.judge(path("abrupt_50000")), blind.judge(path("abrupt_50000"))
    assert found.stayed.min() == 1.0
    assert (found.exposed >= hidden.exposed).all()
    assert (found.exposed > hidden.exposed).any()


def test_settings_of_the_shift_are_the_schema_s() -> None:
    assert Shift().returns_days == 0
    assert exposer()._back.sum() == 0
