"""The notice board: steps, the deliveries that gate them, what slips, the calendar."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import plan_scenarios
import polars as pl
import pytest
import shift_small as small

from article3.evidence.findings import Finding
from article3.plan.analysis import plan
from article3.plan.found_orders import order_table
from article3.plan.make import Made
from article3.plan.states import STATES, StateRow, write_states
from article3.scenario.resolve import resolve
from article3.scenario.shift_schema import Drawdown, Late, Step
from article3.shift.described import columns
from article3.shift.exposure import Exposer, Exposure, path_of
from article3.shift.field import field
from article3.shift.handed import Handed, hand_over
from article3.shift.notice import GIVEN, PEOPLE, many, notice, number
from article3.shift.notice_calendar import calendar_text
from article3.shift.notice_slips import Part, as_known, board, moved, on_time, parts_of, seen_from

WHEN = "2026-07-31"
AS_OF = date(2026, 7, 31)
GATING = "heavy_transporter"
"""What the small plan orders in 2027 and a US step waits for."""
DUE, SLIP = 2029, 2


@pytest.fixture(scope="module")
def handed() -> Handed:
    return small.handed()


@pytest.fixture(scope="module")
def exposures(handed: Handed) -> list[tuple[Handed, Exposure]]:
    given = (
        Drawdown(drawdown="units", title="Units", steps=(Step(date="2026-03-01", element="tanker", units=4),
                                                         Step(date="2028-03-01", element="sam_long", units=8))),
        Drawdown(drawdown="people", title="People", steps=(Step(date="2027-03-01", personnel=9000),)),
    )  # fmt: skip
    judge = Exposer(handed.field, handed.kept, small.settings())
    planning = handed.made.asked.inputs.planning
    return [(handed, judge.judge(path_of(item, planning, handed.field.axes))) for item in given]


@pytest.fixture(scope="module")
def plain(handed: Handed, exposures: list[tuple[Handed, Exposure]]) -> Finding:
    return notice(handed, exposures, WHEN, small.settings())


def with_state(folder: Path, later: int) -> Handed:
    """Return the handover under a plan made with a state file: orders of 2027 are signed, some come years late."""
    made = small.made()
    orders = order_table(made, WHEN).table.filter(pl.col("order_year") == 2027)
    text = write_states(orders).decode().replace(STATES[0], STATES[1])
    rows = text.splitlines()
    place = [n for n, row in enumerate(rows) if f",{GATING}," in row]
    assert place
    for n in place:
        assert f",{DUE}-07-01," in rows[n]
        rows[n] = rows[n].replace(f"{DUE}-07-01", f"{DUE + later}-07-01")
    folder.mkdir(exist_ok=True)
    (folder / "state.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "next.yaml").write_text(
        f"extends: baseline\ncontingencies: {plan_scenarios.CONTINGENCIES}\nsituations: []\nus: {{focus: with}}\n"
        "plan: {first_year: 2028, last_year: 2029, until: 2033, evaluate: [2029, 2031, 2033], state: state.csv}\n",
        encoding="utf-8",
    )
    return hand_over(plan(resolve(folder / "next.yaml")).made, small.settings())


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Handed:
    return with_state(tmp_path_factory.mktemp("late"), SLIP)


@pytest.fixture(scope="module")
def in_time(tmp_path_factory: pytest.TempPathFactory) -> Handed:
    return with_state(tmp_path_factory.mktemp("in_time"), 0)


def rows(found: Finding, **wanted: Any) -> list[dict[str, Any]]:
    return found.table.filter(**wanted).to_dicts()


# On time.


def test_every_whole_step_and_every_gating_delivery_stands_once(handed: Handed, plain: Finding) -> None:
    assert not plain.table.select(list(plain.keys)).is_duplicated().any()
    assert plain.table["date"].to_list() == sorted(plain.table["date"].to_list())
    axes, offer = handed.field.axes, handed.field.offer
    left = {axes.elements[e]: float(offer[e]) for e in handed.schedule.elements}
    for row in rows(plain, kind="us_step", schedule="fastest"):
        day = handed.days.index(date.fromisoformat(row["date"]))
        place = [axes.elements[e] for e in handed.schedule.elements].index(row["subject"])
        left[row["subject"]] -= row["units"]
        assert row["left"] == pytest.approx(left[row["subject"]]) == pytest.approx(handed.units[day, place])
        assert (row["state"], row["warning"], row["new_date"]) == ("on_time", "", None)
    assert list(left.values()) == pytest.approx(handed.units[-1].tolist())
    gates = {
        (axes.elements[gate.element], f"{handed.field.years[handed.schedule.calendar.place[gate.day]]}-07-01")
        for gate in handed.gates
        if gate.held.max() > 1e-3
    }
    shown = {(row["subject"], row["date"]) for row in rows(plain, kind="delivery", schedule="fastest")}
    assert shown == gates
    assert "Nothing is known to slip; no state file" in str(plain.sentence)


def test_a_delivery_is_the_sum_of_its_parts(handed: Handed, plain: Finding) -> None:
    for row in rows(plain, kind="delivery"):
        year = date.fromisoformat(row["date"]).year
        place, element = handed.field.years.index(year), handed.field.axes.of("element", row["subject"])
        # The field leaves out what retires on the same day.
        assert row["units"] >= handed.field.delivered[place, element] - 1e-2
        assert row["units"] == pytest.approx(handed.field.delivered[place, element], rel=0.02, abs=0.05)
        assert 0 < row["owner_units"] <= row["units"] + 1e-9
        assert row["state"] in ("planned", "contracted")
        assert (row["sign_by"] is not None) == (row["state"] == "planned")
        assert (row["warning"], row["late_units"]) == ("", None)
    orders = order_table(handed.made, WHEN).table.filter(pl.col("element") == GATING, pl.col("order_year") == 2027)
    (row,) = rows(plain, kind="delivery", subject=GATING, date=f"{DUE}-07-01")
    top = orders.sort("units").tail(1).to_dicts()[0]
    assert (row["owner"], row["owner_units"]) == (top["ally"], pytest.approx(top["units"]))
    assert row["sign_by"] == "2027-06-30"  # the eve of the summit
    assert f"{GATING} (" in row["gates"]


def test_notice_is_given_as_many_days_before_as_the_settings_say(handed: Handed, plain: Finding) -> None:
    shift = small.settings(notice_days=400)
    other = notice(hand_over(handed.made, shift), (), WHEN, shift)
    for found, days in ((plain, 365), (other, 400)):
        steps = {
            (row["subject"], row["schedule"], row["date"])
            for row in rows(found, kind="us_step")
            if date.fromisoformat(row["date"]) > AS_OF
        }
        given = rows(found, kind="notice_given")
        assert {
            (row["subject"], row["schedule"], (date.fromisoformat(row["date"]) + timedelta(days=days)).isoformat())
            for row in given
        } == steps
        assert all(row["state"] == ("past" if date.fromisoformat(row["date"]) < AS_OF else "due") for row in given)
    (short,) = rows(plain, kind="notice_given", schedule="people")
    assert short["date"] == "2026-03-01"
    assert short["warning"] == "365 days of notice for 2027-03-01 had to begin by then: 213 are left."


def test_given_drawdowns_posts_and_the_summit_are_on_the_board(
    plain: Finding, exposures: list[tuple[Handed, Exposure]]
) -> None:
    (summit,) = rows(plain, kind="summit")
    assert summit["date"] == "2027-07-01"
    assert {row["owner"] for row in rows(plain, kind="post", subject="jfc_norfolk")} == {"GBR"}
    gone, tanks = rows(plain, kind="us_step", schedule="units")
    assert (gone["subject"], gone["state"], gone["warning"]) == ("tanker", "gone", "")
    assert (tanks["subject"], tanks["units"]) == ("sam_long", 8.0)
    (people,) = rows(plain, kind="us_step", schedule="people")
    assert (people["subject"], people["units"]) == (PEOPLE, None)
    assert people["title"].startswith("9,000 people")
    for (_, item), row in zip(exposures, (tanks, people), strict=True):
        safe = item.safe[-1]
        first = item.days[int(safe.max())].isoformat() if (safe >= 0).all() else None
        early = first is None or first > row["date"]
        assert row["state"] == ("early" if early else "on_time")
        assert row["new_date"] == (first if early else None)
        assert bool(row["warning"]) is early
    assert people["state"] == "early"
    assert {row["schedule"] for row in rows(plain, kind="delivery")} <= {"fastest", GIVEN}
    assert any("people" in row["gates"].split("; ") for row in rows(plain, kind="delivery"))


# Late.


def test_a_gating_order_two_years_late_warns_and_moves_a_us_step(late: Handed) -> None:
    found = notice(late, (), WHEN, small.settings())
    (row,) = rows(found, kind="delivery", subject=GATING, date=f"{DUE}-07-01")
    assert (row["state"], row["new_date"]) == ("late", f"{DUE + SLIP}-07-01")
    assert 0 < row["late_units"] <= row["units"]
    pattern = (
        rf"Heavy equipment transporters due {DUE}-07-01: [\d,.]+ of [\d,.]+ slip to {DUE + SLIP}: ([\d,]+) of 300 US heavy "
        rf"equipment transporters must stay until ({DUE + SLIP}-07-01|\d{{4}}-07-01)\."
    )
    said = re.fullmatch(pattern, row["warning"])
    assert said, row["warning"]
    assert row["warning"] in str(found.sentence)
    assert row["warning"] in found.warnings
    steps = rows(found, kind="us_step", subject=GATING, schedule="fastest")
    later = [step for step in steps if step["state"] == "moved"]
    assert later
    for step in later:
        assert step["new_date"] > step["date"]
        assert "heavy equipment transporters due 2029" in step["warning"]
    # The new day is that of the schedule with the delivery late, which is the handover's own.
    place = [late.field.axes.elements[e] for e in late.schedule.elements].index(GATING)
    for step in later:
        number_ = late.days.index(date.fromisoformat(step["new_date"]))
        assert late.units[number_, place] <= step["left"] + 1e-6
        assert late.units[number_ - 1, place] > step["left"] + 1e-6
    # What has to stay is what the schedule on time would have let go.
    made = board(late, small.settings())
    stay = float((made.known.units - made.promised.units)[:, place].max())
    assert number(stay) == said.group(1)
    moves = {(step["subject"], step["new_date"]) for step in later}
    days = {
        (r["subject"], date.fromisoformat(r["date"]) + timedelta(days=365)) for r in rows(found, kind="notice_given")
    }
    assert {(name, date.fromisoformat(day)) for name, day in moves} <= days


def test_with_everything_on_time_nothing_is_warned_of(in_time: Handed) -> None:
    found = notice(in_time, (), WHEN, small.settings())
    assert board(in_time, small.settings()).promised is in_time
    mine = found.table.filter(pl.col("kind").is_in(["us_step", "delivery", "notice_given"]))
    assert mine["warning"].to_list() == [""] * mine.height
    assert set(mine.filter(kind="us_step")["state"]) == {"on_time"}
    (row,) = rows(found, kind="delivery", subject=GATING, date=f"{DUE}-07-01")
    assert (row["state"], row["sign_by"]) == ("contracted", None)
    assert str(found.sentence).endswith("Nothing is known to slip.")


def test_on_time_the_late_units_are_there_between_both_days_and_nothing_else_differs(late: Handed) -> None:
    shift = small.settings()
    parts = parts_of(late, shift)
    there = on_time(late, shift, parts)
    mine = [part for part in parts if part.late]
    assert {(part.element, part.due, part.comes) for part in mine} == {(GATING, DUE, DUE + SLIP)}
    more = there.held - late.field.held
    element = late.field.axes.of("element", GATING)
    for place, year in enumerate(late.field.years):
        expected = sum(part.units for part in mine) if DUE <= year < DUE + SLIP else 0.0
        assert more[place, element] == pytest.approx(expected)
        rows_ = there.home[place] - late.field.home[place]
        assert (rows_ >= -1e-9).all()
        assert bool(rows_[late.field.form.supply_element == element].sum() > 0) is (expected > 0)
        assert rows_[late.field.form.supply_element != element] == pytest.approx(0.0)
    assert np.delete(more, element, axis=1) == pytest.approx(0.0)
    # Moving them back is what the handover has.
    again = moved(there, late.made, mine, -1.0)
    assert again.home == pytest.approx(late.field.home)
    assert again.delivered == pytest.approx(late.field.delivered)
    assert again.gain == pytest.approx(late.field.gain)


def test_a_delivery_that_the_scenario_lets_come_later_is_late(handed: Handed) -> None:
    shift = small.settings(late=[Late(element=GATING, year=DUE, years=1).model_dump()])
    there = hand_over(handed.made, shift)
    assert on_time(there, shift, parts_of(there, shift)).home == pytest.approx(
        field(handed.made, small.settings()).home
    )
    found = notice(there, (), WHEN, shift)
    (row,) = rows(found, kind="delivery", subject=GATING, date=f"{DUE}-07-01")
    assert (row["state"], row["new_date"]) == ("late", f"{DUE + 1}-07-01")
    assert " slip to 2030, as the scenario assumes: " in row["warning"]
    assert "US heavy equipment transporters must stay until 20" in row["warning"]


def at_day(given: Handed, day: date, states: tuple[StateRow, ...] | None = None) -> Handed:
    """Return a handover as it is looked at on another day, or with other states; nothing is made again."""
    asked = given.made.asked
    scenario = asked.inputs.scenario.model_copy(update={"as_of": day})
    asked = replace(asked, inputs=replace(asked.inputs, scenario=scenario))
    if states is not None:
        asked = replace(asked, states=states)
    return replace(given, made=replace(given.made, asked=asked))


@pytest.mark.parametrize(
    ("day", "comes"),
    [(date(2027, 6, 30), 2029), (date(2027, 7, 1), 2029), (date(2027, 7, 2), 2030), (date(2028, 7, 1), 2030)],
)
def test_an_order_not_signed_in_time_is_late(handed: Handed, day: date, comes: int) -> None:
    """The order of 2027 has to be signed by the eve of the summit; signed on 1 July it still comes on that of 2029."""
    shift, then = small.settings(), at_day(handed, day)
    assert seen_from(then.made) == day
    mine = [part for part in parts_of(then, shift) if (part.element, part.due) == (GATING, DUE)]
    assert mine
    assert {part.comes for part in mine if part.state == "planned"} == {comes}
    found = notice(then, (), WHEN, shift)
    (row,) = rows(found, kind="delivery", subject=GATING, date=f"{DUE}-07-01")
    assert (row["state"] == "late") is (comes > DUE)
    if comes > DUE:
        assert f"slip to {comes}, not signed by 2027-06-30: " in row["warning"]
        assert any(step["state"] == "moved" for step in rows(found, kind="us_step", subject=GATING))
        assert found.table.filter(kind="us_step", state="moved")["new_date"].is_not_null().all()


def test_what_is_still_contracted_after_its_day_is_late(in_time: Handed) -> None:
    shift, day = small.settings(), date(DUE, 7, 2)
    then = at_day(in_time, day)
    mine = [part for part in parts_of(then, shift) if part.element == GATING and part.state == "contracted"]
    assert {part.comes for part in mine} == {DUE + 1}
    assert {part.expected for part in mine} == {DUE}
    less = then.field.home - as_known(then, parts_of(then, shift)).home
    place = then.field.years.index(DUE)
    element = then.field.form.supply_element == then.field.axes.of("element", GATING)
    assert less[place, element].sum() > 0
    came = tuple(replace(row, state="delivered", day=date(DUE, 7, 1)) for row in in_time.made.asked.states)
    there = at_day(in_time, AS_OF, came)
    assert seen_from(there.made) == date(DUE, 7, 1)
    assert not any(part.late for part in parts_of(there, shift) if part.state == "delivered")


def test_late_deliveries_are_told_apart(handed: Handed) -> None:
    """Each says what it holds back by itself; what has no effect by itself says so."""
    shift = small.settings(late=[{"element": GATING, "year": DUE}, {"element": "interceptor_long", "year": 2029}])
    found = notice(hand_over(handed.made, shift), (), WHEN, shift)
    said = {row["subject"]: row["warning"] for row in rows(found, kind="delivery", state="late")}
    assert "US heavy equipment transporters must stay until" in said[GATING]
    assert said["interceptor_long"].endswith("no US step waits for it by itself.")


def test_what_was_announced_can_be_late_too(handed: Handed) -> None:
    """Two announced deliveries late by the scenario: each holds back what the other does not."""
    shift = small.settings(late=[{"element": "sam_long", "year": 2029, "years": 2}, {"element": GATING, "year": DUE}])
    found = notice(hand_over(handed.made, shift), (), WHEN, shift)
    said = {row["subject"]: row["warning"] for row in rows(found, kind="delivery", state="late")}
    alone = small.settings(late=[{"element": "sam_long", "year": 2029, "years": 2}])
    stays = hand_over(handed.made, alone).units - handed.units
    names = [handed.field.axes.elements[e] for e in handed.schedule.elements]
    most = {name: float(stays[:, place].max()) for place, name in enumerate(names)}
    text = (
        r"([\d.,]+) of [\d.,]+ US (destroyers|short-range air defence batteries|long-range air defence batteries) must"
    )
    shown = {many_: amount for amount, many_ in re.findall(text, said["sam_long"])}
    assert shown
    for name, amount in most.items():
        if many(name) in shown:
            assert shown[many(name)] == number(amount)
    assert "transporters" not in said["sam_long"]
    assert "air defence" not in said[GATING]


# Words, columns, calendar.


@pytest.mark.parametrize(
    ("element", "words"),
    [("sam_long", "long-range air defence batteries"), ("tanker", "tanker aircraft"), ("shells_155mm", "155 mm artillery rounds"),
     ("isr_uav", "surveillance drones"), ("corps_hq", "warfighting corps headquarters"), ("brigade_heavy", "heavy brigades")],
)  # fmt: skip
def test_elements_in_the_plural(element: str, words: str) -> None:
    assert many(element) == words


@pytest.mark.parametrize(
    ("units", "words"), [(4.0, "4"), (4.97, "5"), (4.4, "4.4"), (0.04, "0.04"), (0.0, "0"), (512345.6, "512,346")]
)
def test_numbers_as_people_read_them(units: float, words: str) -> None:
    assert number(units) == words


def test_every_number_says_how_it_came_about() -> None:
    for column in columns()["notice"]:
        assert column.formula or not column.unit, column
    names = [column.column for column in columns()["notice"]]
    assert names[:4] == ["date", "kind", "subject", "schedule"]
    assert names[-2:] == ["standing", "address"]


def events(data: bytes) -> dict[str, dict[str, str]]:
    lines = data.decode().replace("\r\n ", "").split("\r\n")
    found: dict[str, dict[str, str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            event: dict[str, str] = {}
        elif line == "END:VEVENT":
            assert event["UID"] not in found
            found[event["UID"]] = event
        elif found or line.startswith(("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "TRANSP")):
            event[name] = value
    return found


def test_the_calendar_is_well_formed_and_moves_what_slips(late: Handed) -> None:
    shift = small.settings()
    found = notice(late, (), WHEN, shift).table
    made = board(late, shift)
    promised = notice(replace(made.promised, made=at_day(late, AS_OF, ()).made), (), WHEN, shift).table
    data = calendar_text(found, AS_OF, "tiny")
    assert data == calendar_text(found, AS_OF, "tiny")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert data.endswith(b"END:VCALENDAR\r\n")
    now = events(data)
    assert len(now) == found.height
    before = events(calendar_text(promised, AS_OF, "tiny"))
    step = next(row for row in found.iter_rows(named=True) if row["subject"] == GATING and row["state"] == "moved")
    name = next(
        uid for uid, event in now.items()
        if uid.startswith(f"fastest.us_step.{GATING}") and event["DTSTART;VALUE=DATE"] == step["new_date"].replace("-", "")
        and "MOVED" in event["SUMMARY"]
    )  # fmt: skip
    assert before[name]["DTSTART;VALUE=DATE"] < now[name]["DTSTART;VALUE=DATE"]
    some = events(calendar_text(found, AS_OF, "tiny", ("summit",)))
    assert [event["SUMMARY"] for event in some.values()] == ["Next summit"]
    empty = events(calendar_text(found.clear(), AS_OF, "tiny"))
    assert [event["SUMMARY"] for event in empty.values()] == ["Nothing is planned"]


def test_parts_know_when_they_are_late() -> None:
    part = Part("DEU", 0, GATING, 1.0, 2029, 2029, 2029, "planned")
    assert not part.late
    assert replace(part, comes=2030).late


def test_a_plan_that_is_not_counted_on_has_no_planned_parts(handed: Handed) -> None:
    made: Made = handed.made
    shift = small.settings(plan="announced")
    parts = parts_of(hand_over(made, shift), shift)
    assert parts
    assert {part.state for part in parts} == {"contracted"}
