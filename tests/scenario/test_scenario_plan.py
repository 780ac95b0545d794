"""The part of a scenario that says how the plan is made: every fault at once, by line, with the mend."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.planning_folder import CONTINGENCY, PlanningFolder

from article3.errors import Article3Error, Fault
from article3.evidence import planning
from article3.scenario.plan_schema import Fit, Goal, Money, Plan, Sharing, Target
from article3.scenario.resolve import resolve
from article3.scenario.schema import json_schema

SHELLS = """contingency: shells
title: Shells only
theatre: baltic
conventional: true
intensity: high
essential: [artillery_ammunition]
needs:
  - {capability: artillery_ammunition, unit: round, basis: rate, windows: {30: [1, 2, 3]}, source: study-2025}
  - {capability: heavy_manoeuvre, unit: brigade, basis: total, windows: {180: [1, 2, 3]}, source: study-2025}
"""
HEAD = (
    "extends: tiny\ncontingencies: [mine.yaml, shells.yaml]\n"
    "situations: [{situation: both, title: Both, contingencies: [mine, shells]}]\n"
)
PLAN = Plan()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder for scenarios with two contingencies, over the planning tables of a small alliance."""
    monkeypatch.setattr(planning, "SHIPPED", PlanningFolder(tmp_path / "evidence").write())
    (tmp_path / "mine.yaml").write_text(CONTINGENCY, encoding="utf-8")
    (tmp_path / "shells.yaml").write_text(SHELLS, encoding="utf-8")
    return tmp_path


def refused(folder: Path, text: str) -> tuple[Fault, ...]:
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Article3Error) as caught:
        resolve(folder / "plan.yaml")
    return caught.value.faults


def accepted(folder: Path, text: str) -> Plan:
    (folder / "plan.yaml").write_text(HEAD + text, encoding="utf-8")
    return resolve(folder / "plan.yaml").scenario.plan


GOAL = "goal: g, title: T"
TARGET = "contingency: mine, window_days: 10, level: 0.8, by: 2032"
MISTAKES: list[tuple[str, str, str]] = [
    ("no mapping", "5", "line 4: 'plan' is a list of 'key: value' lines; found '5'. Known: posture, first_year"),
    ("nothing", "", "line 4: 'plan' is a list of 'key: value' lines; found nothing. Known: posture"),
    ("unknown key", "{tolerence: 1}", "line 4: unknown key 'tolerence'. Did you mean tolerance?"),
    ("a key that is no word", "{2030: 1}", "line 4: unknown key '2030'. Known: posture, first_year"),
    ("unknown key of money", "\n  money:\n    factr: 1", "line 6: unknown key 'factr'. Did you mean factor"),
    ("unknown key of sharing", "\n  sharing: {one_aly: 1}", "line 5: unknown key 'one_aly'. Did you mean one_ally?"),
    ("unknown key of a goal", f"{{goals: [{{{GOAL}, shar: 1}}]}}", "line 4: unknown key 'shar'. Did you mean share"),
    ("a key named str", f"{{goals: [{{{GOAL}, str: {{a: 1}}}}]}}", "line 4: unknown key 'str'. Known: goal, title"),
    ("a key of money named str", "{money: {str: {a: 1}}}", "line 4: unknown key 'str'. Known: envelope, level_pct, by"),
    ("unknown key of a target", f"{{targets: [{{{TARGET}, windw: 1}}]}}", "line 4: unknown key 'windw'. Did you mean"),
    (
        "unknown key of fit",
        "{fit: [{ally: HUN, subject: any, value: 1, valu: 1}]}",
        "unknown key 'valu'. Did you mean value?",
    ),
    (
        "missing",
        "{targets: [{contingency: mine, level: 1, by: 2030}]}",
        "'plan.targets.0.window_days' is missing. Add it: Readiness window.",
    ),
    ("no list", "{evaluate: 2030}", "'plan.evaluate' is a list; found '2030'. Write it in square brackets."),
    ("no list of goals", "{goals: {g: 1}}", "'plan.goals' is a list; found 'dict'. Write it in square brackets."),
    ("unknown family", "{without: [mony]}", "line 4: 'plan.without.0'"),
    ("a word that is none", "{money: {envelope: fixd}}", "found 'fixd'. Did you mean fixed?"),
    ("a level of 350", "{money: {level_pct: 350}}", "'plan.money.level_pct'"),
    ("a level of 350 for 3.5", "{money: {level_pct: 350}}", "found '350'. Did you mean 3.5?"),
    ("per cent for a share", "{sharing: {one_ally: 50}}", "found '50'. Did you mean 0.5?"),
    ("tolerance", "{tolerance: 0}", "found '0'. 0.01, which is 1 %, is the default: the least risk to the last digit"),
    ("a year of the past", "{first_year: 2025}", "found '2025'. Years of a plan lie between 2026, the last with"),
    ("a goal of the past", f"{{goals: [{{{GOAL}, by: 2020}}]}}", "found '2020'. Years of a plan lie between 2026"),
    ("a number that is none", "{money: {factor: .nan}}", "'plan.money.factor': input should be a finite number"),
    (
        "first after last",
        "{first_year: 2040}",
        "line 4: 'first_year' of the plan lies after 'last_year'; found first_year 2040, last_year 2036. Name both",
    ),
    (
        "last after until",
        "\n  first_year: 2028\n  until: 2035",
        "line 6: 'last_year' of the plan lies after 'until'; found last_year 2036, until 2035. Name both",
    ),
    (
        "judged too early",
        "\n  evaluate:\n    - 2030\n    - 2026",
        "line 7: a year judged lies outside the years of the plan; found 2026; expected 2027 to 2040. Change it",
    ),
    ("judged too late", "{evaluate: [2030, 2041]}", "a year judged lies outside the years of the plan; found 2041"),
    (
        "fixed without a sum",
        "{money: {envelope: fixed}}",
        "line 4: the envelope is 'fixed' and no sum is given. Add 'fixed_usd_m'",
    ),
    (
        "a sum without fixed",
        "{money: {fixed_usd_m: 9}}",
        "the envelope is not 'fixed'; found 'envelope: pledge'. Add 'envelope: fixed'",
    ),
    (
        "nothing by pledge",
        "{money: {factor: 0}}",
        "an envelope of nothing: nothing can be ordered; found 'factor: 0'; expected above 0. Give more than 0",
    ),
    ("nothing to invest", "{money: {investable: 0}}", "nothing can be ordered; found 'investable: 0'"),
    (
        "nothing fixed",
        "{money: {envelope: fixed, fixed_usd_m: 9, factor: 0}}",
        "an envelope of nothing: nothing can be",
    ),
    (
        "a path that is over",
        "{money: {by: 2026}}",
        "'by' is the year from which the path starts; found 2026; expected 2027 or later. Money changes step by step",
    ),
    ("a release that is over", "{money: {released_by: 2026}}", "'released_by' is the year from which the path starts"),
    (
        "a goal outside",
        f"\n  goals:\n    - {{{GOAL}, by: 2041}}",
        "line 6: the year of the goal 'g' lies outside the years of the plan; found 2041; expected 2027 to 2040. Change",
    ),
    (
        "the goal that stands there by default",
        "{first_year: 2031}",
        (
            "line 4: the year of the goal 'half_by_2030' lies outside the years of the plan; found 2030; expected 2031 "
            "to 2040. It stands there by default: 'goals: []' leaves it out."
        ),
    ),
    (
        "two goals of one name",
        f"\n  goals:\n    - {{{GOAL}}}\n    - {{{GOAL}}}",
        "line 7: two goals are called 'g'; found plan.yaml, line 6 too. Give one another name.",
    ),
    (
        "a goal for a contingency that is not assessed",
        f"{{goals: [{{{GOAL}, contingencies: [mien]}}]}}",
        "line 4: unknown contingency 'mien'. Did you mean mine?",
    ),
    (
        "unknown capability",
        f"{{goals: [{{{GOAL}, capabilities: [air_refueling]}}]}}",
        "line 4: unknown capability 'air_refueling'. Did you mean air_refuelling?",
    ),
    (
        "an element for a capability",
        f"{{goals: [{{{GOAL}, capabilities: [tankers]}}]}}",
        "line 4: unknown capability 'tankers'. Did you mean air_refuelling?",
    ),
    (
        "a capability that nothing requires",
        f"{{goals: [{{{GOAL}, capabilities: [armour]}}]}}",
        "no contingency requires 'armour'. Required there: air_refuelling, artillery_ammunition, heavy_manoeuvre.",
    ),
    (
        "a capability that its contingencies do not require",
        f"{{goals: [{{{GOAL}, contingencies: [shells], capabilities: [air_refuelling]}}]}}",
        "none of its contingencies requires 'air_refuelling'. Required there: artillery_ammunition, heavy_manoeuvre.",
    ),
    (
        "a target for a contingency that is not assessed",
        f"{{targets: [{{{TARGET.replace('mine', 'shels')}}}]}}",
        "line 4: unknown contingency 'shels'. Did you mean shells?",
    ),
    (
        "a target in a window without requirements",
        "\n  targets:\n    - contingency: mine\n      window_days: 180\n      level: 1\n      by: 2030",
        "line 7: nothing is required by 'mine' within 180 days; found 180; expected 10 or 30. Choose a window",
    ),
    (
        "a target in a window without what is essential",
        f"{{targets: [{{{TARGET.replace('mine', 'shells').replace('10', '180')}}}]}}",
        "nothing essential is required by 'shells' within 180 days; found 180; expected 30. Choose",
    ),
    (
        "a target outside",
        f"{{targets: [{{{TARGET.replace('2032', '2050')}}}]}}",
        "the year of the target 'mine' lies outside the years of the plan; found 2050; expected 2027 to 2040. Change",
    ),
    (
        "two targets of one window",
        f"\n  targets:\n    - {{{TARGET}}}\n    - {{{TARGET.replace('2032', '2035')}}}",
        "line 7: 'mine' has two targets within 10 days; found plan.yaml, line 6 too. Keep one.",
    ),
    ("unknown situation", "{situations: [bth]}", "line 4: unknown situation 'bth'. Did you mean both?"),
    (
        "a situation twice",
        "{situations: [both, both]}",
        "line 4: the plan names 'both' twice. A situation is judged once.",
    ),
    (
        "unknown Ally",
        "\n  fit:\n    - {ally: HUN, subject: any, value: 1}\n    - {ally: Hungry, subject: sea, value: 1}",
        "line 7: unknown Ally 'Hungry'. Did you mean HUN",
    ),
    (
        "unknown subject",
        "{fit: [{ally: HUN, subject: tankers, value: 1}]}",
        "line 4: unknown force element or domain 'tankers'. Did you mean tanker?",
    ),
    (
        "the United States",
        "{fit: [{ally: usa, subject: sea, value: 1}]}",
        "line 4: the plan orders nothing for the United States; found usa. Leave it out",
    ),
    (
        "judged twice",
        "\n  fit:\n    - {ally: HUN, subject: sea, value: 1}\n    - {ally: Hungary, subject: sea, value: 0}",
        "line 7: 'HUN' has two judgements of 'sea'; found plan.yaml, line 6 too. Keep one.",
    ),
    (
        "excluded and fitting",
        "{fit: [{ally: HUN, subject: sea, value: 0.5, excludes: true}]}",
        "an Ally that cannot field it fits nevertheless; found 0.5; expected 0. Give it a value of 0",
    ),
    ("no state", "{state: none.csv}", "line 4: there is no such file; found 'none.csv'. Looked in"),
    ("a state elsewhere", "{state: ../state.csv}", "line 4: the path leaves the folder"),
    ("a state that is no table", "{state: mine.yaml}", "line 4: the state of earlier orders is a table (.csv)"),
]


@pytest.mark.parametrize(("text", "said"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_told_once_with_its_line_and_mend(folder: Path, text: str, said: str) -> None:
    faults = refused(folder, f"{HEAD}plan: {text}\n")
    texts = [str(fault) for fault in faults]
    assert len(faults) == 1, texts
    assert texts[0].startswith("plan.yaml, line "), texts
    assert said in texts[0]
    assert faults[0].mend


def test_other_parts_of_a_scenario_are_told_in_the_same_words(tmp_path: Path) -> None:
    own = "{pledge: p, title: T, measure: defence_pct_gdp, level_pct: 3, base_year: 2025, deadlin: 2030}"
    text = (
        f"extends: tiny\npledges:\n  - wales_2014\n  - {own}\ngap: {{draws: many}}\nus: {{focus: wiht}}\nwithout: []\n"
    )
    assert [str(fault) for fault in refused(tmp_path, text)] == [
        "plan.yaml, line 4: 'pledges.1.deadline' is missing. Add it: Year by which the level is to be reached.",
        "plan.yaml, line 4: unknown key 'deadlin'. Did you mean deadline?",
        "plan.yaml, line 6: 'us.focus': input should be 'with', 'reduced' or 'without'; found 'wiht'. Did you mean with?",
        "plan.yaml, line 7: 'without' names too few; found 0. Name at least one.",
        (
            "plan.yaml, line 5: 'gap.draws': input should be a valid integer, unable to parse string as an integer; "
            "found 'many'. Draws over low, central and high that give ranges; 0 for none."
        ),
    ]


def test_all_faults_of_a_plan_come_at_once(folder: Path) -> None:
    """Values that cannot be read hide nothing, and nothing is held against what stands there by default."""
    text = (
        "seed: -1\nplan:\n  frist_year: 2039\n  evaluate: [2050]\n  money: {envelope: fixed, fixd_usd_m: 9}\n"
        f"  goals:\n    - {{{GOAL}, capabilities: [armour]}}\n  targets: [{{{TARGET}, levl: 1}}]\n"
        "  situations: [bth]\n  fit: [{ally: USA, subject: any, value: 1}]\n  state: none.csv\nwithout: [Atlantis]\n"
    )
    found = sorted(str(fault).removeprefix("plan.yaml, ").split(". ")[0] for fault in refused(folder, HEAD + text))
    assert found == sorted(
        [
            "line 4: 'seed': input should be greater than or equal to 0; found '-1'",
            "line 6: unknown key 'frist_year'",
            "line 8: unknown key 'fixd_usd_m'",
            "line 10: no contingency requires 'armour'",
            "line 11: unknown key 'levl'",
            "line 12: unknown situation 'bth'",
            "line 13: the plan orders nothing for the United States; found USA",
            "line 14: there is no such file; found 'none.csv'",
            "line 15: unknown Ally or group 'Atlantis'",
        ]
    )


def test_years_that_can_be_read_are_checked_beside_a_fault_elsewhere(folder: Path) -> None:
    texts = [
        str(fault)
        for fault in refused(folder, f"{HEAD}plan: {{last_year: 2030, until: 2030, evaluate: [2031], lots: 5}}\n")
    ]
    assert len(texts) == 2
    assert "'plan.lots'" in texts[0]
    assert "found 2031; expected 2027 to 2030" in texts[1]


NAMES = (
    f"plan: {{situations: [third], goals: [{{{GOAL}, contingencies: [other], capabilities: [armour]}}], "
    "targets: [{contingency: other, window_days: 180, level: 1, by: 2030}]}\n"
)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("contingencies: 5\nsituations: 7\n", {"'contingencies' is a list", "'situations' is a list"}),
        ("contingencis: []\nsituation: []\n", {"unknown key 'contingencis'", "unknown key 'situation'"}),
    ],
)
def test_nothing_is_held_against_names_that_cannot_be_read(tmp_path: Path, head: str, said: set[str]) -> None:
    assert {fault.what for fault in refused(tmp_path, f"extends: tiny\n{head}{NAMES}")} == said


def test_a_contingency_that_cannot_be_read_is_not_held_against_the_plan(folder: Path) -> None:
    (folder / "mine.yaml").write_text(CONTINGENCY.replace("total", "totl", 1), encoding="utf-8")
    found = refused(folder, HEAD + NAMES)
    assert {fault.what for fault in found} == {"unknown basis 'totl'", "unknown situation 'third'"}


def test_without_contingencies_nothing_can_be_named(folder: Path) -> None:
    text = f"plan: {{situations: [both], goals: [{{{GOAL}, capabilities: [armour]}}], targets: [{{{TARGET}}}]}}\n"
    found = refused(folder, f"extends: tiny\n{text}")
    assert sorted(fault.mend for fault in found) == [
        "The scenario names no contingencies.",
        "The scenario names no contingencies.",
        "The scenario names no situations.",
    ]
    (folder / "plan.yaml").write_text("extends: tiny\nplan: {state: mine.csv}\n", encoding="utf-8")
    (folder / "mine.csv").touch()
    assert resolve(folder / "plan.yaml").scenario.plan.state == "mine.csv"


def test_tables_that_break_their_rules_hide_no_fault_of_the_plan(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(folder / "evidence" / "forces")
    texts = [str(fault) for fault in refused(folder, f"{HEAD}plan: {{money: {{factor: 0}}}}\n")]
    assert any("an envelope of nothing" in text for text in texts)
    assert len(texts) > 1


def test_what_is_right_is_taken_and_allies_get_their_codes(folder: Path) -> None:
    (folder / "mine.csv").touch()
    text = (
        f"plan:\n  money: {{envelope: fixed, fixed_usd_m: 9000, investable: 0}}\n  situations: [both]\n  state: mine.csv\n"
        f"  goals: [{{{GOAL}, by: 2027, contingencies: [mine], capabilities: [air_refuelling], hard: true}}]\n"
        f"  targets: [{{{TARGET}}}, {{{TARGET.replace('10', '30')}}}]\n  evaluate: [2027, 2040]\n"
        "  fit:\n    - {ally: hungary, subject: tanker, value: 0.9}\n    - {ally: Türkiye, subject: sea, value: 0, "
        "excludes: true}\n    - {ally: HUN, subject: any, value: 0.1}\n"
    )
    found = accepted(folder, text)
    assert [item.ally for item in found.fit] == ["HUN", "TUR", "HUN"]
    assert found.fit[1] == Fit(ally="TUR", subject="sea", value=0, excludes=True)
    assert (found.goals[0].hard, found.targets[1].window_days, found.situations) == (True, 30, ("both",))
    assert accepted(folder, "plan: {money: {envelope: none, factor: 0}}\n").money.factor == 0
    assert accepted(folder, "plan: {first_year: 2031, last_year: 2031, until: 2031, goals: []}\n").goals == ()


def test_shipped_scenarios_plan_as_the_schema_says() -> None:
    assert resolve("baseline").scenario.plan == PLAN
    assert resolve("without_us").scenario.plan == PLAN


def test_a_value_set_at_the_command_line_is_checked_too(folder: Path) -> None:
    with pytest.raises(Article3Error) as caught:
        resolve("tiny", {"plan.money.factor": "0"})
    assert str(caught.value).startswith("--set plan.money.factor=0, line 1: an envelope of nothing")


def test_the_schema_describes_every_field_of_the_plan_and_where_defaults_come_from() -> None:
    parts = json.loads(json.dumps(json_schema()))["$defs"]
    for model in (Plan, Money, Sharing, Goal, Target, Fit):
        fields = parts[model.__name__]["properties"]
        assert set(fields) == set(model.model_fields)
        assert [name for name, field in fields.items() if not field.get("description")] == []
        for field in fields.values():
            assert ("x-source" in field) == ("x-standing" in field)
    for part, names in (
        ("Plan", ("first_year", "last_year", "until", "tolerance", "discount", "people", "summit")),
        ("Money", ("envelope", "level_pct", "by", "investable", "released", "released_by")),
        ("Sharing", ("ceiling", "challenge", "floor", "one_ally")),
    ):
        for name in names:
            assert parts[part]["properties"][name]["x-standing"] in {"reported", "notional"}, name


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 3), st.integers(2024, 2062), st.floats(-0.5, 1.5),
    st.sampled_from(
        ["", "x", "mine", "shells", "both", "fixed", "none", "air_refuelling", "armour", "tanker", "any", "sea", "USA",
         "Hungary", "mean", "money", "../x.csv", "x.csv", "mine.yaml", 10, 180, "2028-07-01", [], {}, [2030], ["mine"]]
    ),
)  # fmt: skip


def parts(model: Any, **sure: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Return mappings with some keys of a model, now and then one that it does not know."""
    names = st.sampled_from([*model.model_fields, "unknwn"])
    return st.dictionaries(names, VALUES, max_size=4).map(lambda some: {**sure, **some})


PLANS = st.builds(
    lambda plain, nested: {**plain, **nested},
    parts(Plan),
    st.fixed_dictionaries(
        {},
        optional={
            "money": parts(Money),
            "sharing": parts(Sharing),
            "goals": st.lists(parts(Goal, goal="g", title="T"), max_size=2),
            "targets": st.lists(parts(Target, contingency="mine", window_days=30, level=0.5, by=2031), max_size=2),
            "fit": st.lists(parts(Fit, ally="HUN", subject="sea", value=0.5), max_size=2),
            "without": st.lists(VALUES, max_size=2),
            "evaluate": st.lists(st.integers(2025, 2062), max_size=2),
        },
    ),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=PLANS)
def test_any_plan_is_taken_or_every_fault_has_a_place_and_a_mend(folder: Path, found: dict[str, Any]) -> None:
    (folder / "plan.yaml").write_text(HEAD + f"plan: {json.dumps(found)}\n", encoding="utf-8")
    faults: tuple[Fault, ...] = ()
    try:
        plan = resolve(folder / "plan.yaml").scenario.plan
    except Article3Error as error:
        faults = error.faults
        plan = PLAN
    assert [fault for fault in faults if not (fault.where.startswith("plan.yaml, line ") and fault.what)] == []
    assert [fault for fault in faults if not fault.mend or "\n" in str(fault)] == []
    assert len(set(faults)) == len(faults)
    assert plan.first_year <= plan.last_year <= plan.until
    for year in (*plan.evaluate, *(goal.by for goal in plan.goals), *(target.by for target in plan.targets)):
        assert plan.first_year <= year <= plan.until
    assert set(plan.situations) <= {"both"}


@pytest.mark.parametrize("table", ["upkeep", "lines", "changes", "pooling", "fit"])
def test_the_digest_sees_the_tables_of_the_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    (tmp_path / "mine.yaml").write_text(CONTINGENCY, encoding="utf-8")
    (tmp_path / "plan.yaml").write_text("extends: tiny\ncontingencies: [mine.yaml]\n", encoding="utf-8")
    found = set()
    for note in ("", "Looked at again."):
        tables = PlanningFolder(tmp_path / f"evidence{len(note)}")
        tables.tables[table][0]["note"] = note
        monkeypatch.setattr(planning, "SHIPPED", tables.write())
        found.add(resolve(tmp_path / "plan.yaml").gap_digest())
    assert len(found) == 2
