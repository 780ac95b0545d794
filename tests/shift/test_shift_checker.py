"""The independent checker: green on schedules as they are made, red as soon as one more unit is out."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plan_world import overlaid, scenario
from shift_checker import Need, Theatre
from shift_small import by_need, handed, made, settings

from article3.gap.assess import assess, postures_of
from article3.plan.analysis import plan
from article3.plan.found_orders import order_table
from article3.scenario.resolve import resolve
from article3.scenario.shift_schema import Shift
from article3.shift.fastest import Schedule
from article3.shift.found_handover import handover
from article3.shift.handed import Handed, hand_over
from article3.shift.rule import assignments

TOLERANCE = 1e-6
VARIED: list[dict[str, Any]] = [
    {},
    {"margin": 0},
    {"margin": 1, "notice_days": 0, "pace": 1},
    {"plan": "announced", "until": 2036},
    {"until": 2040, "keep": ["tanker"], "priorities": ["sam_long"]},
]


def excused(given: Handed, number: int, name: str = "coverage") -> dict[Need, float]:
    """Return by how much needs are excused on a day of the schedule, by its place."""
    found = np.zeros(len(given.kept.coverage))
    for part, short in zip(assignments(given.field, given.kept), given.schedule.excused, strict=True):
        if part.name == name:
            found[part.need] = short[number]
    return by_need(given, found)


def theatre(given: Handed, data: dict[str, Any], **changed: Any) -> Theatre:
    """Return the scenario as the checker sees it: files, and the rows of the answer's tables."""
    rows = handover([given], [], "x").table.to_dicts()
    rows = [row for row in rows if row["schedule"] == "fastest"]
    ordered = order_table(given.made, "x").table.to_dicts()
    return Theatre(data, **({"orders": ordered, "handover": rows} | changed))


def exactly(given: Handed) -> list[dict[str, Any]]:
    """Return the schedule as rows of ``handover`` before it is rounded to whole steps."""
    before, rows = np.ones(len(given.schedule.elements)), []
    for day, left in zip(given.days, given.schedule.left, strict=True):
        for place, element in enumerate(given.schedule.elements):
            units = (before[place] - left[place]) * given.field.offer[element]
            rows.append({"element": given.field.axes.elements[element], "date": day.isoformat(), "units": units})
        before = left
    return rows


def broken(given: Handed, seen: Theatre, days: Iterable[date]) -> dict[tuple[date, str, int], float]:
    """Return the cells less covered than the rule allows, or attained less than today, with by how much."""
    floors, today = by_need(given, given.kept.coverage), seen.attained(given.field.today)
    found = {}
    for day in days:
        number = given.days.index(day)
        less, weakest = excused(given, number), excused(given, number, "attainment")
        attained = seen.attained(day)
        for cell, kept in seen.kept(floors, day, less).items():
            let = any(value > 0 for short in (less, weakest) for key, value in short.items() if key[:2] == cell)
            drop = 0.0 if let else today[cell] - attained[cell]
            if max(1.0 - kept, drop) > TOLERANCE:
                found[(day, *cell)] = max(1.0 - kept, drop)
    return found


@pytest.fixture(scope="module")
def small_data() -> dict[str, Any]:
    """The small scenario of the tests of the plan, as its file has it."""
    data = overlaid(scenario("baseline"), {})
    return data | {"contingencies": ["baltic_defence", "air_missile_defence"]}


@pytest.fixture(scope="module")
def baseline() -> Handed:
    """The handover of the shipped baseline."""
    return hand_over(plan(resolve("baseline")).made, Shift())


def test_the_checker_shares_no_code_with_what_it_checks() -> None:
    here = Path(__file__).parent
    names = (
        f"import sys; sys.path.insert(0, {str(here.parent / 'plan')!r}); import shift_checker; "
        "print([name for name in sys.modules if name.startswith('article3')])"
    )
    found = subprocess.run([sys.executable, "-c", names], cwd=here, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_today_is_what_the_gap_shows(small_data: dict[str, Any]) -> None:
    given, seen = handed(), Theatre(small_data)
    today, kept = given.field.today, given.kept
    inputs = given.made.asked.inputs
    alone = [(item.id, (item.id,)) for item in inputs.contingencies]
    gap = assess(given.made.asked.forces, {"with": postures_of(inputs)["with"]}, alone)
    covered = by_need(given, np.minimum(kept.coverage, 1.0))
    np.testing.assert_allclose(kept.risk, gap.risks["with"].risk, atol=1e-9)
    np.testing.assert_allclose(kept.attainment, gap.margins["with"].attainment, atol=1e-9)
    np.testing.assert_allclose(list(seen.risks(today).values()), kept.risk, atol=1e-9)
    np.testing.assert_allclose(list(seen.risk_of(covered).values()), kept.risk, atol=1e-9)
    np.testing.assert_allclose(list(seen.attained(today).values()), kept.attainment, atol=1e-9)
    floors = by_need(given, kept.coverage)
    assert set(floors) == set(seen.needs)
    assert min(seen.kept(floors, today).values()) > 1 - TOLERANCE, "today covers what it is said to cover"
    assert max(floors.values()) <= 1.25 + TOLERANCE


@pytest.mark.parametrize("changed", VARIED, ids=lambda item: ",".join(item) or "as it is")
def test_small_schedules_obey_every_day(changed: dict[str, Any], small_data: dict[str, Any]) -> None:
    given = handed(**changed)
    own: dict[str, Any] = {"orders": []} if changed.get("plan") == "announced" else {}
    seen = theatre(given, small_data, **own)
    assert broken(given, seen, given.days) == {}
    if not changed:
        assert broken(given, replace(seen, handover=exactly(given)), given.days) == {}


def test_a_reduced_offer_leaves_by_the_same_rule(small_data: dict[str, Any]) -> None:
    """From the first version of the cuts of 2026: other floors, another schedule, obeyed on every day."""
    given = hand_over(made(), settings(), posture="reduced")
    seen = theatre(given, small_data | {"us": {"with_us": "after_2026_a"}})
    np.testing.assert_allclose(list(seen.risks(given.field.today).values()), given.kept.risk, atol=1e-9)
    assert given.field.offer.sum() < handed().field.offer.sum()
    assert broken(given, seen, given.days) == {}


def test_the_baseline_obeys_every_day(baseline: Handed) -> None:
    seen = theatre(baseline, scenario("baseline"))
    np.testing.assert_allclose(list(seen.risks(baseline.field.today).values()), baseline.kept.risk, atol=1e-9)
    assert broken(baseline, seen, baseline.days) == {}
    assert len(baseline.days) > 10
    assert len(seen.cells) > 15
    assert sum(row["units"] > 0 for row in seen.handover) > 50


def test_nothing_that_waits_for_deliveries_could_go_a_unit_further(small_data: dict[str, Any]) -> None:
    """Where neither pace nor notice holds it, one more unit out on a gated day is red on that day or a later one."""
    given, rows = handed(), exactly(handed())
    seen, floors = theatre(given, small_data, handover=rows), by_need(handed(), handed().kept.coverage)
    tried = 0
    for day, place in sorted({(gate.day, place) for gate in given.gates for place in np.nonzero(gate.held)[0]}):
        left = given.schedule.left
        name = given.field.axes.elements[given.schedule.elements[place]]
        share = 1.0 / given.field.offer[given.schedule.elements[place]]
        if left[day, place] < share or _at_pace(given.schedule, day, int(place), settings().pace):
            continue
        tried += 1
        more = {"element": name, "date": given.days[day].isoformat(), "units": 1.0}
        further = replace(seen, handover=[*rows, more])
        assert any(
            min(further.kept(floors, then, excused(given, number)).values()) < 1 - TOLERANCE
            for number, then in enumerate(given.days)
            if number >= day
        ), (name, given.days[day])
    assert tried > 5


def _at_pace(schedule: Schedule, day: int, place: int, pace: float) -> bool:
    """Return whether as much of an element leaves in the year of a day as may."""
    before = [
        number for number, other in enumerate(schedule.calendar.days) if other.year < schedule.calendar.days[day].year
    ]
    return bool((schedule.left[before[-1], place] if before else 1.0) - schedule.left[day, place] > pace - TOLERANCE)


def test_the_same_steps_a_year_earlier_are_red(small_data: dict[str, Any]) -> None:
    given = handed()
    seen = theatre(given, small_data)
    early = copy.deepcopy(list(seen.handover))
    for row in early:
        if row["waits_for"] == "deliveries":
            row["date"] = f"{int(row['date'][:4]) - 1}-07-01"
    assert {day for day, *_ in broken(given, replace(seen, handover=early), given.days[1:])} >= {
        date(2028, 7, 1), date(2029, 7, 1)
    }  # fmt: skip


def test_orders_that_do_not_come_are_red(small_data: dict[str, Any]) -> None:
    given = handed()
    assert broken(given, theatre(given, small_data, orders=[]), given.days)


def test_late_deliveries_are_waited_for(small_data: dict[str, Any]) -> None:
    """Announced and planned deliveries late by two years, beside a schedule made for that, and one that is not."""
    element, year, years = "brigade_medium", 2029, 2
    late = handed(late=[{"element": element, "year": year, "years": years}])
    moved = {(element, year): years}
    assert late.schedule.left.sum() > handed().schedule.left.sum()
    assert broken(late, theatre(late, small_data, late=moved), late.days) == {}
    red = broken(handed(), theatre(handed(), small_data, late=moved), handed().days)
    assert {day for day, *_ in red} >= {date(2029, 7, 1), date(2030, 7, 1)}
    assert date(2031, 7, 1) not in {day for day, *_ in red}
