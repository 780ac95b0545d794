"""The plan inside a run: its tables, its files, what its numbers rest on, and what differs between two of them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from article3.errors import AddressError, Cancelled, InputError, NotKnownError, ScenarioError
from article3.evidence.addresses import parse_address
from article3.plan.described import SHORT, TABLES
from article3.run import ask_plan as asking
from article3.run.analysis import PLAN_PARTS, Run, digest_of, run
from article3.run.answers import Answer
from article3.run.ask_plan import Hooks, ask_plan
from article3.run.explain import explain
from article3.run.folder import load, save
from article3.run.plan_diff import plan_changes
from article3.run.plan_files import Files
from article3.run.plan_wishes import Wishes
from article3.run.tables import compute
from article3.run.verbs import compare_runs, explained
from article3.scenario.resolve import resolve

SMALL = """
extends: tiny
contingencies: [baltic_defence, air_missile_defence]
gap: {draws: 2}
plan: {last_year: 2029, until: 2034, evaluate: [2028, 2031, 2034]}
shift: {drawdowns: [], until: 2034, draws: 0}
"""
QUICK = tuple(name for name in asking.DEFAULT if name not in asking.SOLVED_AGAIN)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenarios") / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def small(scenario: Path) -> Run:
    return run(scenario)


@pytest.fixture(scope="module")
def folder(small: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(small, tmp_path_factory.mktemp("runs") / "small")


@pytest.fixture(scope="module")
def answer(scenario: Path) -> Answer:
    return ask_plan(str(scenario), tables=QUICK)


def test_the_plan_is_one_task_with_all_tables_but_those_on_request() -> None:
    assert len(PLAN_PARTS) == 1
    assert set(PLAN_PARTS[0][1]) == set(TABLES) - {"alternative"}


def test_a_run_without_contingencies_has_no_plan(tmp_path: Path) -> None:
    tiny = run("tiny")
    assert not set(tiny.tables()) & set(TABLES)
    assert not (save(tiny, tmp_path / "tiny") / "state.csv").exists()


def test_before_the_figures_of_all_were_out_a_run_has_a_gap_and_no_plan(scenario: Path, tmp_path: Path) -> None:
    early = run(scenario, {"as_of": "2020-12-31"})
    assert "attainment" in early.tables()
    assert not set(early.tables()) & set(TABLES)
    assert not (save(early, tmp_path / "early") / "road_map.ics").exists()
    with pytest.raises(NotKnownError, match="is not known by then for FIN"):
        ask_plan(str(scenario), overrides={"as_of": "2020-12-31"})


def test_the_folder_has_calendar_and_state_at_its_top(small: Run, folder: Path) -> None:
    events = (folder / "road_map.ics").read_bytes().count(b"BEGIN:VEVENT")
    assert events == small.find("milestones").table.height > 0
    rows = list(csv.DictReader(io.StringIO((folder / "state.csv").read_text(encoding="utf-8"))))
    orders = small.find("orders").table
    assert len(rows) == orders.filter(pl.col("units") >= 0.0005).height
    assert {row["state"] for row in rows} == {"not_started"}
    assert {"road_map.ics", "state.csv", "tables/orders.csv"} <= set(load(folder).manifest["files"])


def test_keys_identify_rows_and_make_addresses(small: Run) -> None:
    for finding in small.findings:
        if finding.name in TABLES:
            assert not finding.table.select(finding.keys).is_duplicated().any(), finding.name
            for row in finding.table.iter_rows(named=True):
                parse_address(finding.address(row, finding.columns[-1].column))


def test_numbers_of_a_scenario_of_one_s_own_can_be_explained(small: Run) -> None:
    """Some of every table; all columns are gone through with the baseline, in test_run."""
    lookup, inputs = small.lookup(), small.inputs
    for finding in small.findings:
        if finding.name not in TABLES:
            continue
        columns = [column.column for column in finding.columns if column.unit and not column.key]
        rows = finding.table.rows(named=True)
        cells = [(row, name) for name in columns for row in rows if row[name] is not None]
        for row, name in cells[:: max(1, len(cells) - 1)]:
            address = finding.address(row, name)
            found = explain(address, lookup, inputs.evidence, inputs)
            assert found.value == row[name]
            assert found.standing, address
            assert found.inputs or found.notes, address
            assert all(item.citation and item.release and item.standing for item in found.inputs), address


def test_an_order_rests_on_price_line_operation_and_holding(small: Run) -> None:
    finding = small.find("orders")
    row = finding.table.filter(pl.col("ally") == "DEU", pl.col("element") == "sam_medium").row(0, named=True)
    found = explain(finding.address(row, "units"), small.lookup(), small.inputs.evidence, small.inputs)
    given = {item.address: item for item in found.inputs}
    costs = small.inputs.planning.table("costs").filter(pl.col("element") == "sam_medium")
    assert given["costs: sam_medium"].value == costs["central"][0]
    names = [item.address for item in found.inputs]
    assert f"lines: {row['line']}" in names
    assert "upkeep: sam_medium" in names
    assert any(name.startswith("holding@") and name.endswith("#DEU/sam_medium") for name in names)
    assert {item.standing for item in found.inputs} <= {found.standing, "estimated", "reported", "official"}


def test_a_number_is_explained_from_its_run_folder(small: Run, folder: Path) -> None:
    finding = small.find("plan_money")
    row = finding.table.filter(pl.col("ally") == "DEU", pl.col("year") == 2028).row(0, named=True)
    told = explained(finding.address(row, "spent"), folder)
    assert told.rows[0]["value"] == pytest.approx(row["spent"])
    inputs = [item["address"] for item in told.rows if item["table"] == "input"]
    assert any(name.startswith("nato/") and "defence_pct_gdp#DEU" in name for name in inputs)
    assert any(name.startswith("weo/") and "gdp_usd_current#DEU/2021" in name for name in inputs)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("orders@2026-07-31~mine/units#DEU/sam_medium/nasams_nor/2027", "a scenario of your own"),
        ("alternative@2026-07-31/units#1/DEU/sam_medium", "on request only"),
        ("ordres@2026-07-31/units#DEU/sam_medium/nasams_nor/2027", "unknown table 'ordres'. Did you mean orders?"),
    ],
)
def test_a_wrong_address_is_told(address: str, message: str, small: Run) -> None:
    with pytest.raises(AddressError, match=message):
        compute(parse_address(address), small.inputs.evidence)  # type: ignore[arg-type]


def test_the_answer_has_the_tables_by_their_short_names(answer: Answer) -> None:
    tables = answer.tables()
    asked = {"orders", "money", "attainment", "european_share", "certificate", "milestones"}
    assert asked <= set(tables)
    assert not set(SHORT) & set(tables)
    assert answer.meta["tables"] == {short: name for name, short in SHORT.items()}
    assert not answer.meta["stopped"]
    assert all(row["holds"] for row in tables["certificate"])
    spent = sum(row["spent"] for row in tables["money"])
    assert spent >= sum(row["cost_usd2021_m"] for row in tables["orders"]) * 0.8
    assert any("mostly illustrative" in text for text in answer.warnings)
    assert answer.sources


def test_the_leading_sentences_are_joined(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "DEFAULT", QUICK)
    told = ask_plan(str(scenario))
    leading = [told.meta["sentences"][name] for name in ("money", "attainment", "down_payment")]
    assert told.sentence == " ".join(leading)
    assert "of an envelope of" in leading[0]
    assert "rises from" in leading[1]
    assert "can be signed before the summit" in leading[2]


def test_the_answer_says_what_binds() -> None:
    assert asking.LEADING[:4] == ("plan_money", "plan_attainment", "plan_limit", "down_payment")
    assert set(asking.LEADING[:4]) <= set(asking.DEFAULT)
    assert "plan_limit" in asking.SOLVED_AGAIN


def test_nearly_as_good_plans_are_on_request(scenario: Path) -> None:
    told = ask_plan(str(scenario), tables=("certificate",), wishes=Wishes(alternatives=1, within=0.05, by="element"))
    assert {row["alternative"] for row in told.tables()["alternative"]}
    assert told.meta["sentences"]["alternative"]


def test_one_ally_sees_its_own_and_its_fleets(scenario: Path, answer: Answer) -> None:
    told = ask_plan(str(scenario), "germany")
    tables, whole = told.tables(), answer.tables()
    fleets = {"MMF", "AEW", "AGS", "SAT", "ISF", "HTF"}
    assert {row["ally"] for row in tables["orders"]} <= {"DEU", *fleets}
    assert {row["ally"] for row in tables["money"]} == {"DEU"}
    mine = [row for row in whole["orders"] if row["ally"] == "DEU"]
    assert [row for row in tables["orders"] if row["ally"] == "DEU"] == mine
    assert all("DEU" in row["participants"].split(";") for row in tables["effort"])
    assert all("DEU" in row["participants"].split(";") for row in tables["milestones"])
    assert "plan_total" not in tables
    assert told.sentence.startswith(f"Germany orders {len({row['element'] for row in mine})} kinds of forces")
    assert "points of GDP" in told.sentence


@pytest.mark.parametrize(
    ("who", "message"),
    [("USA", "orders nothing for the United States"), ("ISL", "has no armed forces"), ("Holland", "NLD")],
)
def test_an_ally_without_a_plan_is_told(scenario: Path, who: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ask_plan(str(scenario), who)


def test_wishes_become_settings(scenario: Path) -> None:
    wishes = Wishes(9000, ("baltic_defence/30=90%@2032", "air_missile_defence/30=0.5@2031"), 1, ("people",), lots=True)
    plan = wishes.inputs(str(scenario), {"plan.without": "[commitment]"}, None).scenario.plan
    assert (plan.money.envelope, plan.money.fixed_usd_m) == ("fixed", 9000)
    assert [(item.contingency, item.window_days, item.level, item.by) for item in plan.targets] == [
        ("baltic_defence", 30, 0.9, 2032),
        ("air_missile_defence", 30, 0.5, 2031),
    ]
    assert (plan.delay_years, plan.lots) == (1, True)
    assert plan.without == ("commitment", "people")


@pytest.mark.parametrize(
    ("wishes", "messages"),
    [
        (Wishes(0), ["--money: an envelope of nothing"]),
        (Wishes(reach=("baltic_defence=1",)), ["--reach: not an attainment to reach", "baltic_defence/30=1.0@2032"]),
        (Wishes(reach=("baltic_defence/30=1.5@2032",)), ["--reach: a share above 0 and at most 1"]),
        (Wishes(reach=("baltic_defence/30=1..0@2032",)), ["--reach: a share above 0 and at most 1"]),
        (
            Wishes(reach=("baltic_defense/30=1@2032",)),
            ["--reach: unknown contingency 'baltic_defense'", "baltic_defence"],
        ),
        (Wishes(reach=("baltic_defence/31=1@2032",)), ["--reach"]),
        (Wishes(reach=("baltic_defence/30=1@2050",)), ["--reach: the year of the target"]),
        (Wishes(without=("mony",)), ["--without-limit: unknown family of limits 'mony'. Did you mean money?"]),
        (Wishes(within=0), ["--within: not a part of the cost"]),
        (Wishes(by="allies"), ["--by: unknown difference 'allies'. Did you mean ally?"]),
        (Wishes(state=Path("nowhere.csv")), ["--state: there is no such file"]),
        (Wishes(-1, ("x",), 0, ("y",)), ["--money", "--reach", "--without-limit"]),
    ],
)
def test_a_wish_that_cannot_be_is_told(scenario: Path, wishes: Wishes, messages: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        wishes.inputs(str(scenario), None, None)
    text = "\n".join(str(fault) for fault in caught.value.faults)
    for message in messages:
        assert message in text


def test_tables_that_are_not_there_are_told(scenario: Path) -> None:
    with pytest.raises(InputError, match="unknown table 'mony'. Did you mean money?"):
        ask_plan(str(scenario), tables=("mony",))
    with pytest.raises(InputError, match="no alternatives are asked for"):
        ask_plan(str(scenario), tables=("alternative",))
    with pytest.raises(NotKnownError, match="names no contingency"):
        ask_plan("tiny")


def test_files_are_checked_before_anything_is_solved(scenario: Path, tmp_path: Path) -> None:
    (tmp_path / "x.ics").mkdir()
    with pytest.raises(InputError) as caught:
        ask_plan(str(scenario), files=Files(tmp_path / "x.ics", tmp_path / "x.txt"))
    assert [fault.where for fault in caught.value.faults] == ["--calendar", "--write-state"]


def test_what_is_contracted_stays_in_the_next_plan(scenario: Path, tmp_path: Path) -> None:
    """A state file written by one plan, with one order marked as contracted, holds in the next."""
    path = tmp_path / "elsewhere" / "state.csv"
    ask_plan(str(scenario), tables=("orders",), files=Files(tmp_path / "plan.ics", path))
    assert (tmp_path / "plan.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    # Ordered in a year still to come it cannot be contracted: another order, of this year.
    row = {**rows[0], "order_year": "2026", "state": "contracted", "date": "2029-07-01"}
    with path.open("a", encoding="utf-8") as file:
        csv.DictWriter(file, list(rows[0]), lineterminator="\n").writerow(row)
    again = tmp_path / "again.csv"
    told = ask_plan(str(scenario), tables=("orders", "money"), wishes=Wishes(state=path), files=Files(None, again))
    assert sum(item["owed"] for item in told.tables()["money"]) > 0
    written = csv.DictReader(io.StringIO(again.read_text(encoding="utf-8")))
    kept = [item for item in written if item["state"] == "contracted"]
    assert [(item["ally"], item["units"]) for item in kept] == [(row["ally"], row["units"])]
    path.write_text(path.read_text(encoding="utf-8").replace("contracted", "contrated"), encoding="utf-8")
    with pytest.raises(InputError, match="unknown state 'contrated'. Did you mean contracted?"):
        ask_plan(str(scenario), wishes=Wishes(state=path))


def test_the_state_file_counts_in_the_digest_and_goes_with_the_run(scenario: Path, tmp_path: Path) -> None:
    header = "ally,element,line,order_year,units,state,date,note\n"
    (tmp_path / "state.csv").write_text(header, encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(SMALL.replace("plan: {", "plan: {state: state.csv, "), encoding="utf-8")
    inputs = resolve(path)
    before = digest_of(inputs)
    (tmp_path / "state.csv").write_text(f"{header}DEU,sam_medium,irist_slm_deu,2026,4,contracted,2029-07-01,\n")
    assert digest_of(inputs) != before
    made = Run(inputs.name, inputs, (), digest_of(inputs))
    folder = save(made, tmp_path / "out")
    assert (folder / "scenario" / "state.csv").read_bytes() == (tmp_path / "state.csv").read_bytes()
    assert digest_of(resolve(folder / "scenario" / "mine.yaml")) == made.digest


def test_stopped_before_there_is_a_plan(scenario: Path) -> None:
    with pytest.raises(Cancelled, match="before there was any plan"):
        ask_plan(str(scenario), hooks=Hooks(stop=lambda: True))


def test_a_plan_that_was_stopped_is_marked(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "stopped", lambda _made: True)
    told = ask_plan(str(scenario), tables=("orders", "plan_limit"))
    assert told.meta["stopped"] is True
    assert told.warnings[0].startswith("Stopped: this is the best plan found by then")
    assert set(told.tables()) == {"orders"}  # what solves again and again is left out


def test_progress_is_told_to_the_end(scenario: Path) -> None:
    seen: list[Any] = []
    ask_plan(str(scenario), tables=("orders", "certificate"), hooks=Hooks(seen.append))
    assert [(step.done, step.total) for step in seen] == [(place + 1, len(seen)) for place in range(len(seen))]
    assert [step.name for step in seen[-2:]] == ["orders", "certificate"]


def test_diff_of_plans_tells_inputs_then_sums(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "late.yaml"
    path.write_text(SMALL.replace("plan: {", "plan: {delay_years: 1, "), encoding="utf-8")
    told = compare_runs(str(folder), str(path))
    order = ["input", "orders_changed", "money_changed", "attainment_changed", "goals_changed", "result"]
    # What differs in the shift that rests on the plan is in test_run_shift.
    shifted = ("fastest_changed", "exposure_changed", "closing_changed", "half_changed", "posts_changed")
    names = [row["table"] for row in told.rows if row["table"] not in shifted]
    assert names == sorted(names, key=order.index)
    assert {"table": "input", "key": "plan.delay_years", "first": 0, "second": 1} in told.rows
    assert {"orders_changed", "money_changed", "attainment_changed"} <= set(names)
    assert not any(row["address"].partition("@")[0] in TABLES for row in told.rows if row["table"] == "result")
    assert "The plans differ in orders of" in told.sentence


def test_changes_are_the_differences_of_sums(small: Run) -> None:
    tables = small.tables()
    assert plan_changes(tables, tables) == []
    more = tables["orders"].with_columns(
        units=pl.when(pl.col("ally") == "DEU", pl.col("element") == "sam_medium")
        .then(pl.col("units") * 2)
        .otherwise("units")
    )
    (row,) = plan_changes(tables, tables | {"orders": more})
    mine = tables["orders"].filter(pl.col("ally") == "DEU", pl.col("element") == "sam_medium")["units"].sum()
    assert (row["table"], row["ally"], row["element"]) == ("orders_changed", "DEU", "sam_medium")
    assert row["change"] == pytest.approx(mine)
    none = tables["orders"].filter(pl.col("ally") != "DEU")
    gone = plan_changes(tables, tables | {"orders": none})
    assert {row["ally"] for row in gone} == {"DEU"}
    assert all(row["second"] == 0 for row in gone)


def test_the_scenario_given_by_file_is_read_once_without_additions(scenario: Path) -> None:
    """A fault of the scenario itself is told with its own place, not with that of an option."""
    with pytest.raises(ScenarioError, match="--set plan.peple"):
        Wishes(delay=1).inputs(str(scenario), {"plan.peple": "1"}, None)
