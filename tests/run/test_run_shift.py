"""The shift inside a run: its tables, addresses and files, what its numbers rest on, and what differs between two."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.run import shift_plans

from article3.errors import AddressError, Cancelled, InputError, NotKnownError
from article3.evidence.addresses import parse_address
from article3.plan.described import TABLES as PLAN_TABLES
from article3.run import ask_shift as asking
from article3.run.analysis import Run, digest_of, run
from article3.run.ask_plan import Hooks
from article3.run.ask_shift import ask_shift
from article3.run.described import columns
from article3.run.explain import explain
from article3.run.folder import load, save
from article3.run.shift_diff import shift_changes, shift_sentence
from article3.run.shift_files import Files, own_drawdowns
from article3.run.shift_wishes import ShiftWishes
from article3.run.shifting import of_address, shift_when, shifted
from article3.run.shifting import table as made_table
from article3.run.tables import compute
from article3.run.verbs import compare_runs, explained
from article3.scenario.resolve import resolve
from article3.shift.analysis import SOLVES
from article3.shift.described import TABLES

SMALL = """
extends: tiny
contingencies: [baltic_defence, air_missile_defence]
gap: {draws: 2}
plan: {last_year: 2029, until: 2034, evaluate: [2028, 2031, 2034]}
shift: {drawdowns: [mine.yaml], until: 2034, draws: 2}
"""
MINE = """
drawdown: mine
title: Tankers and people leave
steps:
  - {date: 2027-10-01, element: tanker, units: 16}
  - {date: 2028-10-01, personnel: 10000, host: Germany}
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "mine.yaml").write_text(MINE, encoding="utf-8")
    path = folder / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small(scenario: Path) -> Run:
    return run(scenario)


@pytest.fixture(scope="module")
def folder(small: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(small, tmp_path_factory.mktemp("runs") / "small")


@pytest.fixture
def _with_the_baseline_s_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenarios that differ from the baseline in their shift only need no plan of their own."""
    monkeypatch.setattr("article3.shift.analysis.plan", shift_plans.instead)


# In a run


def test_a_run_has_every_table_of_the_shift(small: Run) -> None:
    assert set(TABLES) <= set(small.tables())
    names = [finding.name for finding in small.findings if finding.name in (*PLAN_TABLES, *TABLES)]
    assert names[-len(TABLES) :] == list(TABLES)  # the shift follows the plan it rests on


def test_plan_and_shift_are_one_task_so_that_the_plan_is_made_once(
    scenario: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from article3.plan import analysis as planning

    made: list[str] = []
    once = planning.make

    def counted(asked: Any, *rest: Any) -> Any:
        made.append(asked.inputs.name)
        return once(asked, *rest)

    monkeypatch.setattr(planning, "make", counted)
    monkeypatch.setattr("article3.run.analysis.SHIFT_TABLES", ("exposure",))
    from article3.run.analysis import make_plan

    found = make_plan(resolve(scenario), ("orders",))
    assert [item.name for item in found] == ["orders", "exposure"]
    assert made == ["small"]


def test_a_run_without_contingencies_has_no_shift() -> None:
    assert not set(run("tiny").tables()) & set(TABLES)


def test_before_the_figures_of_all_were_out_there_is_no_shift(scenario: Path) -> None:
    with pytest.raises(NotKnownError, match="is not known by then for FIN"):
        ask_shift(str(scenario), overrides={"as_of": "2020-12-31"})


def test_every_table_is_described_and_its_rows_have_addresses(small: Run) -> None:
    for finding in small.findings:
        if finding.name not in TABLES:
            continue
        assert [column.column for column in columns()[finding.name]] == finding.table.columns
        assert not finding.table.select(finding.keys).is_duplicated().any(), finding.name
        assert "address" in finding.table.columns, finding.name
        for row in finding.table.iter_rows(named=True):
            where = parse_address(row["address"])
            assert (where.table, where.when) == (finding.name, finding.when)  # type: ignore[union-attr]
            assert finding.row(where.keys) == row  # type: ignore[union-attr]


def test_numbers_of_a_scenario_of_one_s_own_can_be_explained(small: Run) -> None:
    lookup, inputs = small.lookup(), small.inputs
    for finding in small.findings:
        if finding.name not in TABLES:
            continue
        names = [column.column for column in finding.columns if column.unit and not column.key]
        rows = finding.table.rows(named=True)
        cells = [(row, name) for name in names for row in rows if row[name] is not None]
        for row, name in cells[:: max(1, len(cells) // 3)]:
            address = finding.address(row, name)
            found = explain(address, lookup, inputs.evidence, inputs)
            assert found.value == row[name]
            assert found.formula
            assert found.standing, address
            assert found.inputs or found.notes, address
            assert all(item.citation and item.standing for item in found.inputs), address


def test_what_leaves_rests_on_offer_people_requirement_and_holdings(small: Run) -> None:
    finding = small.find("fastest")
    row = finding.table.filter(pl.col("plan") == "plan", pl.col("element") == "tanker").row(0, named=True)
    found = explain(finding.address(row, "offer"), small.lookup(), small.inputs.evidence, small.inputs)
    given = {item.address: item for item in found.inputs}
    offers = small.inputs.planning.table("offers")
    version = small.inputs.scenario.us.with_us
    mine = offers.filter(pl.col("version") == version, pl.col("element") == "tanker")
    assert given[f"offers: {version}/tanker"].value == mine["central"][0] == row["offer"]
    assert "upkeep: tanker" in given
    assert any(name.startswith("requirement@") and "/air_refuelling/" in name for name in given)
    held = [name for name in given if name.startswith("holding@") and name.endswith("/tanker")]
    assert held
    assert not any("#USA/" in name for name in held)
    # Holdings and requirements stand in the gap, which does not know the settings of the shift.
    from article3.gap.analysis import when_of

    assert all(parse_address(name).when == when_of(small.inputs) for name in held)  # type: ignore[union-attr]


def test_what_a_drawdown_uncovers_rests_on_its_schedule_and_on_who_is_there(small: Run) -> None:
    finding = small.find("exposure")
    row = finding.table.sort("exposure_days", descending=True).row(0, named=True)
    found = explain(finding.address(row, "exposure_days"), small.lookup(), small.inputs.evidence, small.inputs)
    given = {item.address: item for item in found.inputs}
    assert given["drawdown: mine"].value == 10000
    assert given["drawdown: mine"].standing == "yours"
    assert given["troops: EUR"].unit.startswith("people present")
    assert any(name.startswith(f"requirement@{finding.when.partition('~')[0]}") for name in given)


def test_a_number_is_explained_from_its_run_folder(small: Run, folder: Path) -> None:
    finding = small.find("fastest")
    row = finding.table.filter(pl.col("plan") == "plan", pl.col("element") == "fighter_5th").row(0, named=True)
    told = explained(finding.address(row, "unit_years"), folder)
    assert told.rows[0]["value"] == pytest.approx(row["unit_years"], rel=1e-6)


def test_the_folder_has_the_notice_board_and_the_user_s_drawdowns(small: Run, folder: Path) -> None:
    assert (folder / "scenario" / "mine.yaml").read_text(encoding="utf-8") == MINE
    assert {"notice_board.ics", "scenario/mine.yaml", "tables/exposure.csv"} <= set(load(folder).manifest["files"])
    events = (folder / "notice_board.ics").read_bytes().count(b"BEGIN:VEVENT")
    assert events == small.find("notice").table.height > 0
    again = resolve(folder / "scenario" / "small.yaml")
    assert digest_of(again) == small.digest


def test_another_drawdown_is_another_digest(scenario: Path, tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(MINE.replace("units: 16", "units: 15"), encoding="utf-8")
    inputs, other = resolve(scenario), resolve(tmp_path / "small.yaml")
    assert inputs.scenario == other.scenario  # the name of the file is the same, what it says is not
    assert digest_of(inputs) != digest_of(other)
    assert shift_when(inputs) != shift_when(other)
    assert own_drawdowns(inputs) == ("mine.yaml",)


# Addresses


@pytest.mark.parametrize(
    ("name", "when"),
    [
        ("baseline", "2026-07-31"),
        ("orderly_50000", "2026-07-31~orderly_50000"),
        ("abrupt_50000", "2026-07-31~abrupt_50000"),
        ("us_cuts_2026", "2026-07-31~us_cuts_2026"),
    ],
)
def test_each_shipped_scenario_has_addresses_of_its_own(name: str, when: str) -> None:
    assert shift_when(resolve(name)) == when


def test_changed_settings_have_addresses_of_their_own() -> None:
    found = {
        shift_when(resolve("baseline", changed))
        for changed in (
            {"shift.notice_days": "100"},
            {"shift.margin": "0.2"},
            {"shift.drawdowns": "[]"},
            {"plan.delay_years": "1"},
            {"plan.delay_years": "1", "shift.notice_days": "100"},
            {"gap.draws": "3"},
        )
    }
    assert len(found) == 6
    assert all("~own-" in item for item in found)
    same = {"shift.drawdowns": "[orderly_50000]"}
    assert shift_when(resolve("baseline", same)) == "2026-07-31~orderly_50000"
    early = resolve("baseline", {"as_of": "2026-06-30"})
    assert shift_when(early) == early.evidence.day.isoformat()


@pytest.mark.usefixtures("_with_the_baseline_s_plan")
def test_an_address_is_computed_again_without_a_run() -> None:
    made = shift_plans.judged("orderly_50000")
    finding, _ = made_table(made, "exposure")
    row = finding.table.sort("exposure_days", descending=True).row(0, named=True)
    address = finding.address(row, "exposure_days")
    assert "~orderly_50000" in address
    found = compute(parse_address(address), made.inputs.evidence)  # type: ignore[arg-type]
    assert found.row(parse_address(address).keys)["exposure_days"] == row["exposure_days"]  # type: ignore[union-attr]


def test_an_address_makes_no_more_than_its_row_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[bool, bool]] = []

    def noted(inputs: Any, made: Any, *, again: bool, drawdowns: bool) -> Any:
        asked.append((again, drawdowns))
        raise Cancelled("noted")

    monkeypatch.setattr("article3.run.shifting.shifted", noted)
    inputs = resolve("baseline")
    for name, keys in (
        ("fastest", ("plan", "tanker")),
        ("fastest", ("aimed", "tanker")),
        ("handover", ("fastest", "element", "tanker", "2030-07-01")),
        ("handover", ("aimed", "element", "tanker", "2030-07-01")),
        ("handover", ("orderly_50000", "element", "tanker", "2030-07-01")),
        ("shift_solve", (SOLVES["aimed"].replace(" ", "_"),)),
        ("shift_frontier", ("plan", "0.0", "0.0")),
        ("bargain", ("aimed", "usa", "frees", "tanker")),
    ):
        with pytest.raises(Cancelled):
            of_address(inputs, name, keys)
    assert asked == [
        (False, True), (True, True), (False, False), (True, False), (False, True), (True, True), (False, True),
        (True, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("fastest@2026-07-31~mine/offer#plan/tanker", "a scenario of your own"),
        ("fastesd@2026-07-31/offer#plan/tanker", "unknown table 'fastesd'. Did you mean fastest?"),
    ],
)
def test_a_wrong_address_is_told(address: str, message: str) -> None:
    with pytest.raises(AddressError, match=message):
        compute(parse_address(address), resolve("baseline").evidence)  # type: ignore[arg-type]


# The question


@pytest.mark.usefixtures("_with_the_baseline_s_plan")
def test_the_answer_has_words_tables_and_sources() -> None:
    told = ask_shift("orderly_50000", tables=("exposure", "exposure_step"))
    assert set(told.tables()) == {"exposure", "exposure_step"}
    assert told.meta["when"] == "2026-07-31~orderly_50000"
    assert told.meta["shift"]["drawdowns"] == ["orderly_50000"]
    assert (told.meta["again"], told.meta["stopped"]) == (False, False)
    assert told.sentence == " ".join(told.meta["sentences"][name] for name in ("exposure", "exposure_step"))
    assert "50,000 people out in eight yearly steps" in told.sentence
    assert any("illustrative" in text for text in told.warnings)
    assert {"press-us-talk-2025", "dmdc-2025-12"} <= {row["source_id"] for row in told.sources}


@pytest.mark.usefixtures("_with_the_baseline_s_plan")
def test_the_fastest_safe_drawdown_is_quick_and_makes_no_second_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("the plan is made again")

    monkeypatch.setattr("article3.shift.analysis.aimed_plan", never)
    monkeypatch.setattr("article3.shift.analysis.closing", never)
    monkeypatch.setattr("article3.shift.analysis.Exposer", never)
    shift_plans.baseline()
    started = time.process_time()
    told = ask_shift(wishes=ShiftWishes(fastest=True))
    assert time.process_time() - started < 10  # 4 s on a quiet machine
    tables = told.tables()
    assert set(tables) == set(asking.FASTEST)
    assert {row["schedule"] for row in tables["handover"]} == {"fastest"}
    assert {row["plan"] for row in tables["fastest"]} == {"plan"}
    assert told.sentence == " ".join(told.meta["sentences"][name] for name in ("handover", "fastest"))
    assert told.meta["when"] == "2026-07-31"  # drawdowns that are not judged are still the scenario's
    assert told.meta["shift"]["drawdowns"]


def test_given_drawdowns_are_judged_beside_the_fastest_where_they_are_named() -> None:
    wanted = asking._wanted((), (*asking.FASTEST, *asking.DEFAULT))
    assert wanted[:3] == asking.FASTEST
    assert set(asking.DEFAULT) <= set(wanted)
    assert len(wanted) == len(set(wanted))


def test_tables_that_are_not_there_are_told(scenario: Path) -> None:
    with pytest.raises(InputError, match="--table: unknown table 'exposur'. Did you mean exposure?"):
        ask_shift(str(scenario), tables=("exposur",))
    with pytest.raises(NotKnownError, match="names no contingency"):
        ask_shift("tiny")


def test_files_are_checked_before_anything_is_solved(scenario: Path, tmp_path: Path) -> None:
    (tmp_path / "x.ics").mkdir()
    with pytest.raises(InputError, match="--calendar: a folder has that name"):
        ask_shift(str(scenario), files=Files(tmp_path / "x.ics"))
    with pytest.raises(InputError, match="--calendar: the file ends in .ics"):
        ask_shift(str(scenario), files=Files(tmp_path / "x.csv"))


def test_progress_is_told_to_the_end(scenario: Path) -> None:
    seen: list[Any] = []
    ask_shift(str(scenario), tables=("exposure", "fastest"), hooks=Hooks(seen.append))
    assert [step.done for step in seen] == [place + 1 for place in range(len(seen))]
    assert [step.name for step in seen[-2:]] == ["exposure", "fastest"]
    assert seen[-1].done == seen[-1].total


def test_stopped_before_there_is_a_plan(scenario: Path) -> None:
    with pytest.raises(Cancelled, match="before there was any plan"):
        ask_shift(str(scenario), hooks=Hooks(stop=lambda: True))


@pytest.mark.usefixtures("_with_the_baseline_s_plan")
def test_stopped_while_the_plan_is_made_again_what_was_found_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cut(*_: Any) -> Any:
        raise Cancelled("stopped before there was any plan")

    monkeypatch.setattr("article3.shift.analysis.aimed_plan", cut)
    told = ask_shift(wishes=ShiftWishes(fastest=True, again=True))
    assert (told.meta["stopped"], told.meta["again"]) == (True, False)
    assert told.warnings[0].startswith("Stopped: this is the best found by then")
    assert {row["plan"] for row in told.tables()["fastest"]} == {"plan"}
    monkeypatch.setattr("article3.shift.analysis.hand_over", cut)
    with pytest.raises(Cancelled):
        ask_shift(wishes=ShiftWishes(fastest=True))


@pytest.mark.usefixtures("_with_the_baseline_s_plan")
def test_a_delivery_that_is_none_changes_nothing_and_says_so() -> None:
    told = ask_shift(tables=("shift_assumption",), wishes=ShiftWishes(late=("bomber/2030=1", "tanker/2030=1")))
    late = [text for text in told.warnings if text.startswith("Nothing is late")]
    assert late == ["Nothing is late: no bomber is counted on to be delivered in 2030."]


# Two of them


def test_diff_of_shifts_tells_inputs_then_what_changed(folder: Path, scenario: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MINE.replace("2027-10-01", "2026-10-01"), encoding="utf-8")
    other = tmp_path / "hasty.yaml"
    other.write_text(SMALL.replace("shift: {", "shift: {notice_days: 0, "), encoding="utf-8")
    told = compare_runs(str(folder), str(other))
    assert {"table": "input", "key": "shift.notice_days", "first": 365, "second": 0} in told.rows
    order = [
        "input",
        "fastest_changed",
        "exposure_changed",
        "closing_changed",
        "half_changed",
        "posts_changed",
        "result",
    ]
    names = [row["table"] for row in told.rows]
    assert names == sorted(names, key=order.index)  # the plan is the same, so that nothing of it is told
    assert {"fastest_changed", "exposure_changed"} <= set(names)
    assert not any(row["address"].partition("@")[0] in TABLES for row in told.rows if row["table"] == "result")
    gone = [row for row in told.rows if row["table"] == "fastest_changed" and row["plan"] == "plan"]
    assert all(row["days"] is None or row["days"] < 0 for row in gone)  # without notice nothing leaves later
    (exposed,) = [row for row in told.rows if row["table"] == "exposure_changed"]
    assert exposed["change"] == exposed["second"] - exposed["first"] > 0
    assert "The shifts differ in when" in told.sentence


def test_changes_are_told_once_and_not_where_nothing_changed(small: Run) -> None:
    tables = small.tables()
    assert shift_changes(tables, tables) == []
    assert shift_sentence([]) == ""
    assert shift_changes({}, tables) == []
    later = tables["fastest"].with_columns(
        gone_date=pl.when(pl.col("plan") == "plan", pl.col("element") == "mbt")
        .then(pl.lit("2033-07-01"))
        .otherwise("gone_date")
    )
    (row,) = shift_changes(tables, tables | {"fastest": later})
    assert (row["table"], row["plan"], row["element"]) == ("fastest_changed", "plan", "mbt")
    assert (date.fromisoformat(row["second"]) - date.fromisoformat(row["first"])).days == row["days"] > 0
    assert "1 kinds of forces can leave (1 of 1 dates later" in shift_sentence([row])
    none = tables["exposure"].clear()
    (row,) = shift_changes(tables, tables | {"exposure": none})
    assert (row["drawdown"], row["second"], row["change"]) == ("mine", None, None)
    more = tables["half_by_2030"].with_columns(share_2030=pl.col("share_2030") + 1)
    changed = shift_changes(tables, tables | {"half_by_2030": more})
    assert {row["table"] for row in changed} == {"half_changed"}
    assert all(row["case"] == "every" or row["reading"] == "inventory" for row in changed)


def test_the_scenario_s_own_stays_as_it_is() -> None:
    """What is asked does not change the settings for the next question."""
    inputs = resolve("orderly_50000")
    found = shifted(inputs, shift_plans.reused(inputs), again=False, drawdowns=False)
    assert found.inputs.drawdowns == ()
    assert inputs.drawdowns
    assert found.when == shift_when(inputs)
