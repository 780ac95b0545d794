"""From people to units: the share rule, what is already gone, its range, the inverse, and the shipped drawdowns."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from article3.errors import UnknownNameError
from article3.evidence.planning import Planning, open_planning
from article3.evidence.store import SHIPPED
from article3.scenario.drawdown import read_drawdown, shipped_drawdowns
from article3.scenario.shift_schema import Drawdown, Step
from article3.shift import people

EXACT = 1e-9


@pytest.fixture(scope="module")
def planning() -> Planning:
    return open_planning((SHIPPED,))


def step(day: str = "2027-10-01", **fields: Any) -> Step:
    return Step.model_validate({"date": day, **fields})


def there(planning: Planning, host: str = "") -> dict[str, float]:
    """Return the units based in a host, or in all of Europe, straight from the table."""
    rows = planning.table("basing")
    rows = rows.filter(pl.col("host") == host) if host else rows
    found = rows.group_by("element").agg(pl.col("central").sum()).filter(pl.col("central") > 0)
    return dict(found.iter_rows())


def close(found: dict[str, float], expected: dict[str, float]) -> bool:
    return found.keys() == expected.keys() and all(found[k] == pytest.approx(v, abs=EXACT) for k, v in expected.items())


def total(planning: Planning, drawdown: Drawdown) -> dict[str, float]:
    found: dict[str, float] = {}
    for units in people.taken(planning, drawdown.steps):
        for element, amount in units.items():
            found[element] = found.get(element, 0.0) + amount
    return found


def test_the_same_share_of_every_unit_leaves_with_people(planning: Planning) -> None:
    for host, code, present in (("any", "", 80000), ("Germany", "DEU", 36436), ("POL", "POL", 10000)):
        expected = {element: units * 5000 / present for element, units in there(planning, code).items()}
        assert close(people.units_of(planning, host, 5000), expected)


def test_all_people_take_all_units_and_more_take_no_more(planning: Planning) -> None:
    assert close(people.units_of(planning, "any", 80000), there(planning))
    assert close(people.units_of(planning, "any", 500000), there(planning))
    assert close(people.units_of(planning, "DEU", 36436), there(planning, "DEU"))
    assert people.based(planning) == pytest.approx(there(planning))


def test_a_host_without_units_takes_none(planning: Planning) -> None:
    assert people.units_of(planning, "NOR", 50) == {}


def test_presence_counts_and_not_those_assigned(planning: Planning) -> None:
    # 369 are assigned to Poland and about 10,000 are there: a cut of 1,000 is a tenth, not all of it.
    assert people.units_of(planning, "POL", 1000)["brigade_heavy"] == pytest.approx(0.16)
    found = people.people_of(planning, "Poland")
    assert (found.host, found.low, found.central, found.high, found.standing) == ("POL", 9000, 10000, 10500, "reported")


def test_the_range_of_people_present_is_a_range_of_the_share(planning: Planning) -> None:
    europe = people.people_of(planning)
    assert (europe.low, europe.central, europe.high) == (75000, 80000, 100000)
    assert europe.share(20000) == pytest.approx((0.2, 0.25, 20 / 75))
    assert europe.share(90000) == pytest.approx((0.9, 1.0, 1.0))
    units = [people.units_of(planning, "any", 20000, present=name)["tanker"] for name in ("high", "central", "low")]
    assert units == pytest.approx([15 * share for share in europe.share(20000)])


def test_steps_add_up_whatever_their_number(planning: Planning) -> None:
    at_once = people.units_of(planning, "any", 50000)
    before: list[Step] = []
    found: dict[str, float] = {}
    for _ in range(8):
        for element, units in people.units_of(planning, "any", 6250, before).items():
            found[element] = found.get(element, 0.0) + units
        before.append(step(personnel=6250))
    assert close(found, at_once)


def test_nothing_leaves_twice(planning: Planning) -> None:
    whole = there(planning)
    # All who are in Germany leave, then everybody else.
    found = people.taken(planning, [step(personnel=36436, host="DEU"), step("2028-10-01", personnel=80000)])
    assert close(found[0], there(planning, "DEU"))
    left = {name: whole[name] - found[0].get(name, 0.0) for name in whole}
    assert close(found[1], {name: units for name, units in left.items() if units > EXACT})


def test_a_cut_from_all_hosts_then_from_one_takes_the_share_of_what_is_left(planning: Planning) -> None:
    # A quarter of everything leaves first, so that 36,436 x 3/4 are left in Germany: half of these are 3/8 of its units.
    found = people.units_of(planning, "DEU", 36436 * 3 / 8, [step(personnel=20000)])
    assert close(found, {name: units * 3 / 8 for name, units in there(planning, "DEU").items()})


def test_units_that_leave_take_their_people_along(planning: Planning) -> None:
    # The medium brigade leaves Germany with its 4,500: what stays are 31,936 people, and no medium brigade.
    after = people.units_of(planning, "DEU", 31936 / 2, [step(element="brigade_medium", units=1, host="DEU")])
    assert "brigade_medium" not in after
    assert after["sam_long"] == pytest.approx(2)
    # The corps's forward command post has 300 people there, not the 3,000 of a whole corps headquarters.
    gone = step(element="corps_hq", units=1, host="POL")
    assert people.units_of(planning, "POL", 9700 / 2, [gone])["brigade_heavy"] == pytest.approx(0.8)
    # What is offered and not based in Europe leaves nobody fewer there.
    same = people.units_of(planning, "any", 20000, [step(element="carrier", units=2)])
    assert close(same, people.units_of(planning, "any", 20000))


def test_units_from_all_hosts_leave_in_proportion(planning: Planning) -> None:
    # 57 of 114 fighters: half of those of each host are left, and 57 x 60 people fewer are in Europe.
    gone = step(element="fighter_4th", units=57)
    after = people.units_of(planning, "ITA", 12662 - 21 * 60, [gone])
    assert after["fighter_4th"] == pytest.approx(21)
    share = 1000 / (80000 - 57 * 60)
    assert people.units_of(planning, "any", 1000, [gone])["fighter_4th"] == pytest.approx(57 * share)


def test_steps_act_by_day_and_answer_in_their_order(planning: Planning) -> None:
    late, early = step("2030-01-01", personnel=60000), step("2027-01-01", element="tanker", units=15)
    found = people.taken(planning, [late, early])
    assert found[1] == {"tanker": 15.0}
    assert "tanker" not in found[0]
    assert "tanker" in people.taken(planning, [late])[0]


def test_hosts_that_do_not_exist_are_refused(planning: Planning) -> None:
    with pytest.raises(UnknownNameError, match="unknown Ally 'Germoney'. Did you mean DEU"):
        people.units_of(planning, "Germoney", 10)
    for ask in (lambda: people.people_of(planning, "CAN"), lambda: people.units_of(planning, "Canada", 10)):
        with pytest.raises(UnknownNameError, match="unknown host of US forces"):
            ask()


def test_people_freed_are_those_of_upkeep_and_not_counted_twice(planning: Planning) -> None:
    each = people.personnel_per_unit(planning)
    assert each["destroyer"] == 250
    assert people.freed(planning, {"destroyer": 2, "tanker": 10}) == 2 * 250 + 10 * 40
    assert people.freed(planning, {"brigade_heavy": 2, "mbt": 174}) == 2 * each["brigade_heavy"]
    # Units of those present take fewer people than are there: the rest are staffs, bases, hospitals, schools.
    assert 30000 < people.freed(planning, people.based(planning)) < 60000


# The shipped drawdowns


def test_orderly_and_abrupt_remove_the_same(planning: Planning) -> None:
    orderly, abrupt = (read_drawdown(name).drawdown for name in ("orderly_50000", "abrupt_50000"))
    assert close(total(planning, orderly), total(planning, abrupt))
    assert total(planning, abrupt)["brigade_heavy"] == pytest.approx(2 * 50 / 80)


def test_no_shipped_drawdown_takes_more_than_is_offered(planning: Planning) -> None:
    offers = planning.table("offers").filter(pl.col("version") == "before_2026")
    offered = dict(offers.select("element", "central").iter_rows())
    for name in shipped_drawdowns():
        for element, units in total(planning, read_drawdown(name).drawdown).items():
            assert 0 < units <= offered[element] + EXACT, (name, element)


def test_the_plan_for_germany_takes_its_brigade_and_a_share_of_the_rest(planning: Planning) -> None:
    found = total(planning, read_drawdown("germany_12000").drawdown)
    assert found["brigade_medium"] == 1
    share = 1900 / (36436 - 4500)
    assert found["sam_long"] == pytest.approx(4 * share)
    assert "tanker" not in found  # none are in Germany


def test_assumptions_are_told_with_source_and_standing(planning: Planning) -> None:
    drawdowns = [read_drawdown(name).drawdown for name in ("orderly_50000", "germany_12000", "nfm_2026_a")]
    rows = people.assumption_rows(planning, drawdowns)
    named = {row["name"]: row for row in rows}
    assert len(named) == len(rows)
    assert all(row["value"] and row["source"] and row["note"] for row in rows)
    assert {row["standing"] for row in rows} <= {"official", "reported", "estimated", "notional"}
    assert named["Units that leave with people"]["standing"] == people.RULE_STANDING == "notional"
    assert named["US people present, Europe"]["value"] == "80,000 (75,000 to 100,000)"
    assert named["US people present, Germany"]["value"] == "36,436 (35,000 to 42,000)"
    assert "US people present, Poland" not in named  # no drawdown speaks of it
    assert named["Heavy brigade, US, in Europe"]["value"] == "2 (1 to 2)"
    assert named["Heavy brigade, US, in Europe"]["standing"] == "notional"
    told = [row["value"] for row in rows if row["name"].startswith("Drawdown: ")]
    assert told[0] == "50,000 people; 2027-10-01 to 2034-10-01, 8 days"
    assert told[1] == "1,900 people, 1 medium brigade; 2027-10-01 to 2028-10-01, 2 days"
    assert told[2].startswith("50 fourth-generation fighter, 12 strategic bomber, 16 tanker aircraft")
    assert told[2].endswith("; on 2026-06-03")
