"""The answer when no plan exists: the clash in words, and ways out that are true."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from article3.errors import Article3Error, InputError
from article3.gap.forces import GROUPS
from article3.plan.bare import FAMILIES, bare, clash, possible
from article3.plan.clash_words import few, low, plural
from article3.plan.decide import build
from article3.plan.errors import ImpossiblePlanError
from article3.plan.impossible import Answer, answer, check, explained
from article3.plan.lacking import violations
from article3.plan.make import Asked, ask, make
from article3.plan.ways import Ways
from article3.program import Session
from article3.scenario.plan_schema import Plan
from article3.scenario.resolve import resolve


def goal(**settings: Any) -> dict[str, Any]:
    standard = {"goal": "limit", "title": "A limit", "capabilities": ["air_refuelling"], "hard": True}
    return {"goals": [standard | settings]}


TANKERS = goal(goal="tankers_2027", of="inventory", share=0.5, by=2027)
LATE = goal(of="inventory", share=0.2, by=2036)
REFUELLING = goal(of="requirement", share=0.8, by=2027)
POOR = goal(share=0.9, by=2036) | {"money": {"envelope": "fixed", "fixed_usd_m": 500.0}}
DELAYED = goal(share=0.9, by=2034) | {"delay_years": 3}
TARGET = {"goals": [], "targets": [{"contingency": "baltic_defence", "window_days": 30, "level": 1.0, "by": 2028}]}
BOMBERS = goal(capabilities=["strategic_strike"], of="inventory", share=0.1, by=2036)
BOTH = {
    "goals": [
        *goal(goal="fuel", share=0.75, by=2036)["goals"],
        *goal(goal="space", capabilities=["space_surveillance"], share=0.9, by=2036)["goals"],
    ],
    "money": {"envelope": "fixed", "fixed_usd_m": 540.0},
}
CLASHES = {
    "tankers": TANKERS, "late": LATE, "refuelling": REFUELLING, "poor": POOR, "delayed": DELAYED, "target": TARGET,
    "bombers": BOMBERS, "both": BOTH,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("impossible")


def asked(folder: Path, plan: dict[str, Any], name: str = "mine", extends: str = "without_us") -> Asked:
    """Ask as a user does: with a file."""
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump({"extends": extends, "title": name, "plan": plan}), encoding="utf-8")
    return ask(resolve(path))


class Answers(dict[str, Answer]):
    """Answers, each found when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> Answer:
        found = answer(asked(self.folder, CLASHES[name], name))
        assert found is not None, f"{name} has a plan"
        self[name] = found
        return found

    def all(self) -> list[Answer]:
        return [self[name] for name in CLASHES]


@pytest.fixture(scope="module")
def answers(folder: Path) -> Answers:
    return Answers(folder)


def feasible(question: Asked) -> bool:
    """Solve the whole program of least risk for any plan at all."""
    program = build(question.coarse, question.held, question.wanted)
    return Session(program.feasibility()).solve().optimal


def settings_of(item: Answer, kind: str) -> Plan:
    return next(way.change.settings for way in item.ways if way.change.kind == kind)


def test_the_sentence_names_lead_time_and_date_and_three_ways_out(answers: Answers) -> None:
    said = str(answers["tankers"].fault)
    assert "Europe cannot hold half of the tanker aircraft by 2027" in said
    assert "a tanker aircraft ordered on 1 July 2027 comes in 2031 (lead time 4 years)" in said
    assert re.search(r"Europe holds 9\.[0-9]+ %", said)
    assert [number for number in ("(1) ", "(2) ", "(3) ", "(4) ") if number in said] == ["(1) ", "(2) ", "(3) "]
    assert answers["tankers"].fault.where == "goal 'tankers_2027'"


def test_it_is_refused_as_bad_input_is(folder: Path) -> None:
    with pytest.raises(InputError, match="no line has capacity to make strategic bombers") as caught:  # exit code 2
        check(asked(folder, BOMBERS))
    assert isinstance(caught.value, ImpossiblePlanError)


def test_requirements_that_cannot_be_carried_are_told_with_place_and_share(answers: Answers) -> None:
    text = answers["refuelling"].text
    assert "Europe cannot carry 80 % of air-to-air refuelling by 2027" in text
    assert "(lead time 4 years)" in text
    assert "58.4 % in Baltic land defence within 180 days" in text


def test_a_target_beyond_all_lines_says_what_is_missing(answers: Answers) -> None:
    item = answers["target"]
    assert "Baltic land defence cannot be met to 100 % within 30 days from 2028 on" in item.text
    assert re.search(r"[0-9.]+ % of air-to-air refuelling is missing there, [0-9]+ aircraft too few", item.text)
    assert {way.change.kind for way in item.ways} == {"less", "later", "later and less"}


def test_what_no_line_makes_has_one_way_out_and_says_so(answers: Answers) -> None:
    item = answers["bombers"]
    assert "no line has capacity to make strategic bombers" in item.text
    assert [way.change.kind for way in item.ways] == ["priced"]
    assert "One way out was found" in item.fault.mend


def test_limits_that_clash_only_together_are_told_together(answers: Answers) -> None:
    item = answers["both"]
    assert item.kept == ("goal: fuel", "goal: space")
    assert item.families == ("money",)
    assert "these do not go together" in item.text
    assert "5,400 million US$" in item.text  # ten years at 540
    assert all("of 'fuel'" in way.change.key or "of 'space'" in way.change.key for way in item.ways)


@pytest.mark.parametrize("name", CLASHES)
def test_a_plan_exists_on_every_way_out_as_a_user_would_take_it(name: str, answers: Answers, folder: Path) -> None:
    for number, way in enumerate(answers[name].ways):
        change = way.change
        if change.factor == 1.0 and not change.sooner:
            question = asked(folder, change.settings.model_dump(mode="json", exclude_none=True), f"{name}_{number}")
        else:  # lines are changed in a planning table, not in a scenario
            question = way.asked
        assert feasible(question), change.text
        check(question)


@pytest.mark.parametrize("name", ["late"])
def test_plans_are_made_to_the_end_on_ways_out(name: str, answers: Answers) -> None:
    made = make(answers[name].ways[0].asked)
    assert all(solution.optimal for _, solution in made.certificates.values())


def test_ways_out_are_minimal(answers: Answers, folder: Path) -> None:
    late = {way.change.kind: way.change for way in answers["late"].ways}
    assert not feasible(asked(folder, goal(of="inventory", share=late["less"].amount + 0.001, by=2036)))
    assert not feasible(asked(folder, goal(of="inventory", share=0.2, by=2036 + int(late["later"].amount) - 1)))
    money = {way.change.kind: way.change for way in answers["poor"].ways}["money"]
    least = {"envelope": "fixed", "fixed_usd_m": 500.0}
    assert feasible(asked(folder, POOR | {"money": least | {"factor": money.amount}}))
    assert not feasible(asked(folder, POOR | {"money": least | {"factor": round(money.amount - 0.1, 1)}}))


def test_what_is_left_out_is_no_more_than_needed(answers: Answers, folder: Path) -> None:
    settings = settings_of(answers["refuelling"], "fewer")
    kept = settings.goals[0].contingencies
    cases = [item.id for item in resolve("without_us").contingencies]
    left = [name for name in cases if name not in kept]
    assert left == ["baltic_defence", "long_war"]
    for name in left:
        assert not feasible(asked(folder, goal(of="requirement", share=0.8, by=2027, contingencies=[*kept, name])))


def test_the_most_that_lines_can_deliver_is_the_share_offered(answers: Answers, folder: Path) -> None:
    question = asked(folder, LATE)
    items, seen = question.given.items, question.given.judged
    lines = [number for number, line in enumerate(items.lines) if line in ("mrtt", "mrtt_second", "kc46_usa")]
    units = sum(
        float(items.capacity[line, year - 2027])
        for line in lines
        for year in range(2027, 2037)
        if year + items.lead[line] <= 2036
    )
    place, year = seen.axes.of("element", "tanker"), seen.years.index(2036)
    held = [seen.holdings[year][seen.axes.group == GROUPS.index(name), place].sum() for name in ("europe", "usa")]
    most = (held[0] + units) / (sum(held) + units)
    less = {way.change.kind: way.change for way in answers["late"].ways}["less"]
    assert int(most * 1000) / 1000 == less.amount


def test_ways_out_come_smallest_first_and_are_told_apart(answers: Answers) -> None:
    for item in answers.all():
        sizes = [way.change.smallness for way in item.ways]
        assert all(first <= second for first, second in pairwise(sizes))
        assert len({way.change.key for way in item.ways}) == len(item.ways) <= 3


def test_no_pair_has_a_part_that_would_do_alone(folder: Path) -> None:
    # No later year is better here: a later date with the same smaller share would be a way out in name only.
    plan = goal(capabilities=["light_manoeuvre"], of="inventory", share=0.9, by=2036) | {"people": 0.0001}
    item = answer(asked(folder, plan, extends="baseline"))
    assert item is not None
    alone = {way.change.kind: way.change.smallness for way in item.ways}
    assert "less" in alone
    for way in item.ways:
        assert all(size < alone.get(kind, 9.0) for kind, size in way.change.parts)


@pytest.mark.parametrize("name", CLASHES)
def test_the_clash_is_irreducible(name: str, answers: Answers, folder: Path) -> None:
    item = answers[name]
    small = bare(asked(folder, CLASHES[name])).only(item.kept)
    spared = frozenset(FAMILIES) - frozenset(item.families)
    assert not possible(small, spared)
    for family in item.families:
        assert possible(small, spared | {family})
    for left_out in item.kept:
        rest = tuple(other for other in item.kept if other != left_out)
        assert not rest or possible(small.only(rest), spared)


@pytest.mark.parametrize(
    "plan",
    [
        *CLASHES.values(),
        goal(of="inventory", share=0.17, by=2036),
        goal(share=0.5, by=2036, capabilities=[]),
        goal(of="mean", share=0.9, by=2034, capabilities=[]),
        TARGET | {"targets": [TARGET["targets"][0] | {"by": 2034}]},
        goal(share=0.72, by=2036) | {"money": {"envelope": "fixed", "fixed_usd_m": 700.0}},
    ],
)
def test_the_bare_program_has_a_solution_where_the_whole_one_has(plan: dict[str, Any], folder: Path) -> None:
    question = asked(folder, plan)
    assert possible(bare(question)) == feasible(question)


def test_the_least_violation_is_in_units(folder: Path) -> None:
    question = asked(folder, TANKERS)
    found = violations(bare(question))
    seen = question.given.judged
    place = seen.axes.of("element", "tanker")
    europe, usa = (
        seen.holdings[seen.years.index(2027)][seen.axes.group == GROUPS.index(name), place].sum()
        for name in ("europe", "usa")
    )
    assert [(item.what, item.unit) for item in found] == [("Tanker aircraft", "aircraft")]
    assert found[0].amount == pytest.approx(usa - europe, rel=1e-6)  # for half, as many as the United States


def test_without_money_nothing_can_be_ordered(folder: Path) -> None:
    with pytest.raises(ImpossiblePlanError, match="the envelope of every Ally is nought") as caught:
        check(asked(folder, {"money": {"level_pct": 1.0, "released": 0.0}}))
    assert "'envelope: none'" in caught.value.faults[0].mend
    check(asked(folder, {"money": {"level_pct": 1.0, "released": 0.0}, "without": ["money", "commitment"]}))


def test_deliveries_beyond_the_horizon_are_refused_with_mends_that_work(folder: Path) -> None:
    plan = {"delay_years": 10, "until": 2036, "goals": []}
    with pytest.raises(ImpossiblePlanError, match="1 July 2038 .lead time 11 years, 10 of them") as caught:
        check(asked(folder, plan))
    assert "'until: 2038' or 'delay_years: 8'" in caught.value.faults[0].mend
    for mended in ({"until": 2038}, {"delay_years": 8}):
        question = asked(folder, plan | mended)
        check(question)
        assert len(question.given.order_pair)
    with pytest.raises(ImpossiblePlanError):
        check(asked(folder, plan | {"until": 2037}))
    with pytest.raises(ImpossiblePlanError):
        check(asked(folder, plan | {"delay_years": 9}))


def test_less_delay_is_a_way_out(folder: Path) -> None:
    plan = goal(of="inventory", share=0.106, by=2032)
    assert feasible(asked(folder, plan))
    search = Ways(asked(folder, plan | {"delay_years": 1}), ("goal: limit",), ((), ()))
    found = {way.change.kind: way.change for way in search._singles()}
    assert (found["sooner"].key, found["sooner"].sooner) == ("'delay_years: 0'", 0)


def test_shorter_lead_times_are_a_way_out_that_a_planning_table_takes(folder: Path) -> None:
    search = Ways(asked(folder, goal(of="inventory", share=0.12, by=2031)), ("goal: limit",), ((), ()))
    way = next(way for way in search._singles() if way.change.kind == "sooner")
    assert "'lead_years' of tanker less" in way.change.key
    assert feasible(way.asked)
    before = replace(way.change, sooner=way.change.sooner - 1)
    assert not feasible(search.applied(before))


def test_orders_signed_before_that_take_more_than_there_is_are_told(folder: Path) -> None:
    question = asked(folder, {})
    owed = question.given.owed.copy()
    ally = question.given.means.allies.index("DEU")
    owed[ally, 3] = 2 * question.given.envelope[ally, 3]
    with pytest.raises(ImpossiblePlanError, match="from DEU in 2030") as caught:
        check(replace(question, given=replace(question.given, owed=owed)))
    assert "'money: {factor: 2}'" in caught.value.faults[0].mend


@pytest.mark.parametrize(
    "plan",
    [
        {},
        {"goals": []},
        goal(of="inventory", share=0.17, by=2036),
        goal(of="inventory", share=0.5, by=2027, hard=False),
        TANKERS | {"without": ["goals"]},
        TARGET | {"without": ["targets"]},
    ],
)
def test_a_plan_that_exists_is_not_refused(plan: dict[str, Any], folder: Path) -> None:
    question = asked(folder, plan)
    check(question)
    found = explained(question)
    assert found.table.is_empty()
    assert str(found.sentence) == "A plan exists."


def test_the_year_judged_is_told_where_it_is_another(folder: Path) -> None:
    item = answer(asked(folder, goal(share=0.9, by=2034) | {"evaluate": [2030, 2035]}))
    assert item is not None
    assert "by 2034 (judged in 2030)" in item.text
    assert "'by: 2035', 'evaluate: [2030, 2035]'" in item.fault.mend


def test_all_of_an_inventory_has_no_number_of_units(folder: Path) -> None:
    found = explained(asked(folder, goal(of="inventory", share=1.0, by=2036)))
    assert "takes nothing away of what the United States holds" in str(found.sentence)
    rows = [row for row in found.rows() if row["kind"] == "violation"]
    assert [row["amount"] for row in rows] == [None]


def test_the_table_has_clash_violation_and_ways_out(folder: Path) -> None:
    question = asked(folder, TANKERS)
    found = explained(question, "2026-07-31~mine")
    rows = found.rows()
    assert [row["kind"] for row in rows] == ["clash", "clash", "violation", "way_out", "way_out", "way_out"]
    assert [row["what"] for row in rows[:2]] == ["A limit", "lead times"]
    assert all(row["proven"].startswith("solved: a plan exists") for row in rows[3:])
    assert found.address(rows[3], "amount") == "impossible@2026-07-31~mine/amount#way_out/1"
    assert found.standing == "notional"


def test_an_empty_envelope_is_a_row_too(folder: Path) -> None:
    found = explained(asked(folder, {"money": {"level_pct": 1.0, "released": 0.0}}))
    assert found.table["kind"].to_list() == ["clash"]
    assert "nought" in str(found.sentence)


def test_reading_a_question_never_ends_in_another_error(folder: Path) -> None:
    for plan in (
        goal(of="mean", share=1.0, by=2028, capabilities=["strategic_strike", "corps_command"]),
        LATE | {"people": 0.0001, "us_export": 0.0},
        LATE | {"without": ["lines"], "people": 0.0},
    ):
        try:
            check(asked(folder, plan))
        except Article3Error as error:
            assert isinstance(error, ImpossiblePlanError)  # noqa: PT017 - some have a plan


def test_words() -> None:
    assert plural("tanker") == "tanker aircraft"
    assert plural("sam_long") == "long-range air defence batteries"
    assert plural("isr_uav") == "surveillance drones, long endurance"
    assert plural("airlift_a400m") == "A400M airlifters"
    assert low("155 mm artillery rounds") == "155 mm artillery rounds"
    assert few([]) == ""
    assert few(["one", "two"]) == "one and two"
    assert few(["one", "two", "three", "four"]) == "one, two and 2 more"


def test_the_deletion_filter_spares_what_is_not_needed(folder: Path) -> None:
    kept, families = clash(bare(asked(folder, LATE)))
    assert (kept, set(families)) == (("goal: limit",), {"lines", "lead_times"})
    assert np.isfinite(asked(folder, LATE).given.envelope).all()


def test_a_limit_that_can_be_held_is_no_part_of_the_clash(folder: Path) -> None:
    easy = goal(goal="easy", share=0.1, by=2036)["goals"]
    kept, families = clash(bare(asked(folder, {"goals": [*easy, *TANKERS["goals"]]})))
    assert kept == ("goal: tankers_2027",)
    assert families == ("lead_times",)


def test_the_same_question_has_the_same_answer(answers: Answers, folder: Path) -> None:
    again = answer(asked(folder, POOR))
    assert again is not None
    assert again.fault == answers["poor"].fault
    assert [way.change.amount for way in again.ways] == [way.change.amount for way in answers["poor"].ways]
