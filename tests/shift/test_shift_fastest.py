"""The fastest safe drawdown: notice, pace, whole steps, gates, what leaves alone, and what would slow it."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shift_small import handed, made, spent
from shift_small import settings as shift

from article3.gap.forces import Array
from article3.program import certify
from article3.scenario.shift_schema import Late
from article3.shift.alone import alone
from article3.shift.exposure import Exposer
from article3.shift.fastest import Fastest
from article3.shift.field import Field, field
from article3.shift.found_handover import classes, fastest, handover
from article3.shift.handed import Handed, hand_over
from article3.shift.rule import KeptModel, assignments, floors
from article3.shift.steps import step_units

TOLERANCE = 1e-6
VARIED: list[dict[str, Any]] = [
    {},
    {"pace": 1, "notice_days": 0},
    {"pace": 0.1, "notice_days": 800},
    {"until": 2040, "margin": 0.1, "notice_days": 200, "pace": 0.2},
    {"plan": "announced", "keep": ["sam_long", "mbt"], "priorities": ["fighter_5th"]},
    {"today": "2026-06-02", "notice_days": 120},
]
varied = pytest.mark.parametrize("changed", VARIED, ids=lambda item: ",".join(item) or "as it is")


@pytest.fixture(scope="module")
def model() -> Fastest:
    """The joint program of the small plan, built once."""
    return Fastest(handed().field, handed().kept, shift())


@functools.cache
def weights() -> Array:
    """Return what the whole offer of each element counts in the small plan."""
    return Fastest(handed().field, handed().kept, shift()).weights


def objective(**changed: Any) -> float:
    """Return what the joint schedule leaves behind, from today on, by weight; each element alone is not worked out."""
    asked = shift(**changed)
    given_ = field(made(), asked)
    return spent(given_, Fastest(given_, floors(given_, asked.margin), asked).solve(), weights())


def by_year(given_: Handed, left: Array) -> Array:
    """Return what is left at the end of each calendar year, today first."""
    last = {day.year: number for number, day in enumerate(given_.days)}
    return np.vstack([np.ones(left.shape[1]), *(left[last[year]] for year in sorted(last))])


def gone(given_: Handed, left: Array) -> list[date | None]:
    """Return from which day on nothing is left of each element."""
    return [
        next((day for day, share in zip(given_.days, left[:, place], strict=True) if share <= 1e-5), None)
        for place in range(left.shape[1])
    ]


def never(day: date | None) -> date:
    return day or date.max


@varied
def test_what_is_left_never_rises_and_keeps_notice_and_pace(changed: dict[str, Any]) -> None:
    given_, asked = handed(**changed), shift(**changed)
    notice = [day for day in given_.days if (day - given_.field.today).days < asked.notice_days]
    assert len(notice) == sum(given_.schedule.calendar.bound)
    for left in (given_.schedule.left, given_.alone.left):
        assert (np.diff(left, axis=0) <= TOLERANCE).all()
        np.testing.assert_allclose(left[: len(notice)], 1.0, atol=TOLERANCE)
        assert (np.diff(by_year(given_, left), axis=0) >= -asked.pace - TOLERANCE).all()
        assert ((left >= 0) & (left <= 1)).all()
        stays = np.isin(given_.schedule.elements, [given_.field.axes.of("element", name) for name in asked.keep])
        assert (left[:, stays] == 1.0).all()
    if len(given_.days) > len(notice):
        first = given_.schedule.left[len(notice)]
        assert first.min() < 1, "something leaves on the first day allowed"


@varied
def test_certificates_hold(changed: dict[str, Any]) -> None:
    given_ = handed(**changed)
    certificate = given_.schedule.certificate
    assert certificate is not None
    assert certificate.holds
    found = handover([given_], [], "x")
    assert [check.passed for check in found.checks] == [True]


@varied
def test_whole_steps_never_go_further_than_the_schedule(changed: dict[str, Any]) -> None:
    given_ = handed(**changed)
    offer = given_.field.offer[given_.schedule.elements]
    assert (given_.units >= given_.schedule.left * offer - 1e-4 * offer).all()
    assert (np.diff(given_.units, axis=0) <= 1e-9).all()
    step = step_units(given_.made.asked.inputs.planning, given_.field.axes)[given_.schedule.elements]
    steps = (offer - given_.units) / step
    whole = np.abs(steps - np.round(steps)) < 1e-6
    assert (whole | (given_.units == 0)).all(), "whole steps, or the rest of the offer"
    may = np.maximum(np.floor(shift(**changed).pace * offer / step + 1e-5), 1.0) * step
    ends = {day.year: units for day, units in zip(given_.days, given_.units, strict=True)}
    before = np.stack([ends.get(day.year - 1, offer) for day in given_.days])
    slow = given_.units - given_.schedule.left * offer > step + 1e-6
    assert (before - given_.units >= may - 1e-6)[slow].all(), "nothing stays for longer than steps and pace need"


@varied
def test_whole_steps_keep_the_pace(changed: dict[str, Any]) -> None:
    """Except for one step, where the pace is less than that."""
    given_, asked = handed(**changed), shift(**changed)
    offer = given_.field.offer[given_.schedule.elements]
    step = step_units(given_.made.asked.inputs.planning, given_.field.axes)[given_.schedule.elements]
    fallen = -np.diff(by_year(given_, given_.units / offer), axis=0) * offer
    assert (fallen <= np.maximum(asked.pace * offer, step) + 1e-6).all()


def test_whole_steps_keep_the_rule() -> None:
    given_ = handed()
    kept = KeptModel(given_.field, given_.kept)
    for number in range(len(given_.days)):
        offer = given_.field.offer.copy()
        offer[given_.schedule.elements] = given_.units[number]
        units = given_.field.units(given_.schedule.calendar.place[number], offer)
        assert kept.solve(units).share.min() >= 1 - TOLERANCE


def test_longer_notice_is_never_sooner() -> None:
    spans = [objective(notice_days=days) for days in (0, 200, 365, 500, 700, 1200)]
    assert all(later > sooner for sooner, later in pairwise(spans)), spans
    found = [handed(notice_days=days) for days in (0, 365, 900)]
    for sooner, later in pairwise(found):
        dates = zip(gone(sooner, sooner.alone.left), gone(later, later.alone.left), strict=True)
        assert all(never(first) <= never(second) for first, second in dates)


def test_a_faster_pace_is_never_later() -> None:
    spans = [objective(pace=pace) for pace in (1, 0.5, 0.34, 0.1)]
    assert all(later > sooner for sooner, later in pairwise(spans)), spans


def test_a_smaller_margin_is_never_later() -> None:
    """At these margins: floors are not nested, since what is to spare is shared anew for each margin."""
    spans = [objective(margin=margin) for margin in (0, 0.1, 0.25, 0.5, 1)]
    assert all(later > sooner for sooner, later in pairwise(spans)), spans


def test_announced_deliveries_alone_are_never_sooner() -> None:
    assert objective(plan="announced") > objective()


def test_nobody_leaves_sooner_with_the_others_than_alone() -> None:
    """Share by share: what must stay alone must stay in the joint schedule too."""
    for changed in VARIED:
        given_ = handed(**changed)
        assert (given_.schedule.left >= given_.alone.left - 1e-5).all()
        assert (given_.schedule.left >= given_.alone.needed - 1e-5).all()
        assert (given_.alone.left >= given_.alone.needed - 1e-5).all()


def test_alone_the_least_is_left_that_keeps_the_rule() -> None:
    """A hundredth less breaks it, on some day of which it is needed; as much as that keeps it."""
    given_, kept = handed(), KeptModel(handed().field, handed().kept)
    tried = 0
    for number, place in enumerate(given_.schedule.calendar.place):
        for item, element in enumerate(given_.schedule.elements):
            need = given_.alone.needed[number, item]
            if not 0.01 < need < 1 - 1e-6:
                continue
            tried += 1
            for share, safe in ((need + 1e-6, True), (need - 0.01, False)):
                offer = given_.field.offer.copy()
                offer[element] *= share
                found = kept.solve(given_.field.units(place, offer)).share.min()
                assert (found >= 1 - TOLERANCE) == safe, (given_.field.axes.elements[element], number)
    assert tried > 30


def test_what_no_requirement_asks_for_is_free(model: Fastest) -> None:
    """Elements without effect on any need judged, and those of which the rest is enough."""
    given_ = handed()
    form = given_.field.form
    useful = set(form.supply_element[form.var_supply[given_.field.risk.per_use > 0]].tolist())
    free = dict(zip(given_.schedule.elements.tolist(), given_.alone.free.tolist(), strict=True))
    useless = [element for element in given_.schedule.elements.tolist() if element not in useful]
    assert useless
    assert all(free[element] for element in useless)
    names = {given_.field.axes.elements[element] for element in useless}
    groups = {row["element"]: row["group"] for row in fastest([given_], shift(), "x").table.to_dicts()}
    assert {groups[name] for name in names} == {"free"}
    kept = KeptModel(given_.field, given_.kept)
    for element, alone_ in free.items():
        offer = given_.field.offer.copy()
        offer[element] = 0.0
        safe = kept.solve(given_.field.units(0, offer)).share.min() >= 1 - TOLERANCE
        assert safe == alone_, given_.field.axes.elements[element]


def test_kept_elements_stay_and_slow_others_never_less() -> None:
    """What does not leave makes room for what does: the others go at least as soon."""
    names = ["sam_long", "brigade_medium", "airlift_strategic"]
    given_ = handed(keep=names)
    places = np.isin(given_.schedule.elements, [given_.field.axes.of("element", name) for name in names])
    assert (given_.schedule.left[:, places] == 1.0).all()
    assert (given_.alone.left[:, places] == 1.0).all()
    assert {group for group, mine in zip(classes(given_), places, strict=True) if mine} == {"kept"}
    others = weights() * ~places
    assert spent(given_.field, given_.schedule, others) <= spent(handed().field, handed().schedule, others) + 1e-6


def test_priorities_come_first() -> None:
    """Fifth-generation fighters and brigades share nothing but the order in which they leave."""
    for name in ("fighter_5th", "brigade_light"):
        asked = shift(priorities=[name])
        schedule = Fastest(handed().field, handed().kept, asked).solve()
        mine = np.where(schedule.elements == handed().field.axes.of("element", name), 1.0, 0.0)
        assert spent(handed().field, schedule, mine) < spent(handed().field, handed().schedule, mine) - 0.01
        assert spent(handed().field, schedule, weights()) > objective()


@given(data=st.data())
@settings(max_examples=5)
def test_later_deliveries_never_let_anything_leave_sooner(data: st.DataObject, model: Fastest) -> None:
    given_ = handed().field
    known = sorted(
        {(given_.axes.elements[element], given_.years[place])
         for place in range(1, len(given_.years)) for element in np.nonzero(given_.delivered[place] > 0)[0]}
    )  # fmt: skip
    names = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=5, unique=True))
    late = [Late(element=name, year=year, years=data.draw(st.integers(1, 4))) for name, year in names]
    moved = given_.later(late)
    assert (moved.home <= given_.home + 1e-9).all()
    found = model.solve(moved)
    assert spent(given_, found, weights()) >= spent(given_, handed().schedule, weights()) - 1e-6
    assert found.certificate is not None
    assert found.certificate.holds
    by = alone(moved, handed().kept, found, shift())
    assert (by.left >= handed().alone.left - 1e-5).all()


def test_a_delivery_moves_by_as_many_years_as_it_is_late() -> None:
    given_ = handed().field
    element = given_.axes.of("element", "brigade_medium")
    rows = given_.form.supply_element == element
    moved = given_.later([Late(element="brigade_medium", year=2029, years=2)])
    at = given_.years.index(2029)
    np.testing.assert_allclose(moved.home[at : at + 2][:, rows], (given_.home - given_.gain[at])[at : at + 2][:, rows])
    np.testing.assert_array_equal(moved.home[at + 2 :], given_.home[at + 2 :])
    np.testing.assert_array_equal(moved.home[:at], given_.home[:at])
    np.testing.assert_array_equal(moved.home[:, ~rows], given_.home[:, ~rows])
    np.testing.assert_allclose(moved.gain.sum(axis=0), given_.gain.sum(axis=0))
    np.testing.assert_allclose(moved.delivered.sum(axis=0), given_.delivered.sum(axis=0))
    assert moved.delivered[at, element] == 0
    assert moved.held[at, element] == given_.held[at, element] - given_.delivered[at, element]
    gone_ = given_.later([Late(element="brigade_medium", year=2029, years=20)])
    assert (gone_.home[at:, rows] < given_.home[at:, rows]).all(), "beyond the last year it does not come"


def _late(given_: Handed, element: int, place: int) -> Late:
    """Return a delivery late until after the first step that can leave, or by one year where it comes later."""
    calendar = given_.schedule.calendar
    first = next(where for where, bound in zip(calendar.place, calendar.bound, strict=True) if not bound)
    years = given_.field.years
    return Late(element=given_.field.axes.elements[element], year=years[place], years=max(first - place, 0) + 1)


NOTICES = (365, 900)
"""Until the end of July 2027, after its deliveries; and to January 2029: those of two years count for the first step."""


@pytest.mark.parametrize("notice", NOTICES)
def test_a_gate_that_is_late_slows_what_it_gates(notice: int) -> None:
    """Every gate: a year late, all of it goes later; nearly always what it gates goes later on that day."""
    given_ = handed(notice_days=notice)
    model = Fastest(given_.field, given_.kept, shift(notice_days=notice))
    usual, on_the_day = spent(given_.field, given_.schedule, model.weights), 0
    assert len(given_.gates) > 20
    for gate in given_.gates:
        late = _late(given_, gate.element, given_.field.years.index(gate.year))
        found = model.solve(given_.field.later([late]))
        assert spent(given_.field, found, model.weights) > usual + 1e-5, late
        on_the_day += bool((found.left - given_.schedule.left)[gate.day][gate.held > 0].max() > 1e-4)
    assert on_the_day > 0.9 * len(given_.gates)


@pytest.mark.parametrize("notice", NOTICES)
def test_a_delivery_that_is_no_gate_slows_nothing(notice: int) -> None:
    """Taken alone: deliveries before the first step count as well.

    A delivery can also hold what left before it came, where it makes good what retires on its day: no step of that day
    waits for it, and it is no gate. With the longer notice there is one (sam_long of 2029), so that only years before
    its end are looked at there.
    """
    given_ = handed(notice_days=notice)
    model = Fastest(given_.field, given_.kept, shift(notice_days=notice))
    gates = {(gate.element, gate.year) for gate in given_.gates}
    usual, slows = spent(given_.field, given_.schedule, model.weights), []
    for place in range(1, len(given_.field.years) if notice == 365 else given_.field.years.index(2029)):
        for element in np.unique(given_.field.form.supply_element[given_.field.gain[place] > 0]):
            if (int(element), given_.field.years[place]) not in gates:
                late = _late(given_, int(element), place)
                more = spent(given_.field, model.solve(given_.field.later([late])), model.weights) - usual
                slows += [(late.element, late.year, round(more, 3))] if more > 1e-4 else []
    assert slows == []


def test_what_gates_a_step_is_named_with_its_year() -> None:
    rows = handover([handed()], [], "x").table.to_dicts()
    gated = [row for row in rows if row["waits_for"] == "deliveries"]
    assert len(gated) > 15
    for row in gated:
        assert row["gated_by"]
        assert all(part.split()[1] == row["date"][:4] for part in row["gated_by"].split("; "))
    long = handover([handed(notice_days=900)], [], "x").table.to_dicts()
    first = " ".join(row["gated_by"] for row in long if row["date"] == "2029-01-16")
    assert " 2027 (" in first
    assert " 2028 (" in first
    assert " 2029 (" not in first
    free = [row for row in rows if row["element"] == "mbt"]
    assert [row["waits_for"] for row in free][:2] == ["notice", "pace"]


def test_only_what_europe_retires_is_excused() -> None:
    """Early warning aircraft leave; every need excused is one that a retiring element serves, and only then."""
    given_ = handed(until=2040)
    assert all((short[: given_.days.index(date(2031, 7, 1))] == 0).all() for short in given_.schedule.excused)
    assert sum(short.sum() for short in given_.schedule.excused) > 0.01
    field_ = given_.field
    for part, short in zip(assignments(field_, given_.kept), given_.schedule.excused, strict=True):
        for number, need in zip(*np.nonzero(short), strict=True):
            servers = part.row[part.var_row[part.var_need == need]]
            place = given_.schedule.calendar.place[number]
            assert (field_.home[place, servers] < field_.home[0, servers] - 1e-9).any()
    never_less = replace(field_, home=np.maximum.accumulate(field_.home, axis=0))
    assert all((short == 0).all() for short in Fastest(never_less, given_.kept, shift(until=2040)).solve().excused)


def test_the_same_question_has_the_same_answer(model: Fastest) -> None:
    """From another basis, and after questions about late deliveries."""
    model.solve(handed().field.later([Late(element="sam_long", year=2028, years=3)]))
    again = model.solve()
    assert spent(handed().field, again, model.weights) == pytest.approx(objective(), abs=1e-5)
    assert again.certificate is not None
    assert certify(model.model.program, again.solution).holds  # type: ignore[arg-type]


def test_a_day_that_leaves_one_day_only_can_be_asked_about() -> None:
    """A drawdown may name a today of its own, near the end of the years looked at."""
    found = hand_over(made(), shift(today="2032-08-01"))
    assert (found.schedule.left == 1.0).all()
    assert Exposer(found.field, found.kept, shift(today="2032-08-01")).full


def test_without_the_plan_only_what_is_announced_counts() -> None:
    given_, announced = handed().field, field(made(), shift(plan="announced"))
    np.testing.assert_allclose(announced.home, given_.home - given_.planned, atol=1e-9)
    assert (announced.planned == 0).all()
    assert (given_.planned >= -1e-9).all()
    assert given_.planned.max() > 0


def test_what_stands_at_home_is_what_was_there_and_what_came(model: Fastest) -> None:
    """Between two years home changes by deliveries less retirements: never by more than deliveries."""
    given_: Field = handed().field
    rises = np.diff(given_.home, axis=0)
    assert (rises <= given_.gain[1:] + 1e-9).all()
    np.testing.assert_allclose(given_.held[0], given_.values.holdings[given_.axes.group != 0].sum(axis=0))
    assert (given_.offer <= given_.values.holdings[given_.axes.of("holder", "USA")] + 1e-9).all()
