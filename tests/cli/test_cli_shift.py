"""The verb 'shift' at the command line: what programs may count on, an overview for people, mistakes, and Ctrl-C."""

from __future__ import annotations

import csv
import io
import signal
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Result
from tests.run import shift_plans

from article3.cli.shift_view import PEOPLE, overview
from article3.run import ask_shift as asking
from article3.shift.described import TABLES, columns

Call = Callable[..., Result]

CONTRACT = {
    "exposure": ("contingency", "window_days", "exposure_days", "worst_drop", "earliest_safe_date"),
    "handover": ("element", "post", "date", "gated_by"),
    "half_by_2030": ("capability", "share_2030", "odds", "year_crossed"),
}
"""Tables and columns that programs count on."""
SCENARIOS = ("orderly_50000", "abrupt_50000", "us_cuts_2026")
_KEPT: dict[str, Result] = {}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenarios that differ from the baseline in their shift only need no plan of their own."""
    monkeypatch.setattr("article3.shift.analysis.plan", shift_plans.instead)


@pytest.fixture(params=SCENARIOS)
def answered(request: pytest.FixtureRequest, article3: Call, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Return the answer as JSON for one scenario, asked once: 'us_cuts_2026' with a plan of its own."""
    return _asked(request.param, article3, monkeypatch)


def _asked(name: str, article3: Call, monkeypatch: pytest.MonkeyPatch) -> Result:
    if name not in _KEPT:
        if name != "us_cuts_2026":
            monkeypatch.setattr("article3.shift.analysis.plan", shift_plans.instead)
        _KEPT[name] = article3("shift", "--scenario", name, "--json")
    return _KEPT[name]


# What programs may count on


def test_the_envelope_has_what_programs_count_on(answered: Result) -> None:
    assert answered.code == 0, answered.err
    answer = answered.envelope()
    assert list(answer) == ["ok", "verb", "rows", "sentence", "sources", "warnings", "meta"]
    assert (answer["ok"], answer["verb"]) == (True, "shift")
    assert list(dict.fromkeys(row["table"] for row in answer["rows"])) == list(asking.DEFAULT)
    for name, wanted in CONTRACT.items():
        rows = answered.rows(name)
        assert rows, name
        assert [key for key in rows[0] if key != "table"] == [column.column for column in columns()[name]]
        assert set(wanted) <= rows[0].keys(), name
    assert answer["meta"]["as_of"] == "2026-07-31"
    assert answer["meta"]["stopped"] is False
    assert answer["meta"]["when"] == f"2026-07-31~{answer['meta']['scenario']}"
    assert set(answer["meta"]["sentences"]) == set(asking.DEFAULT)
    assert answer["sources"]
    assert all(source["citation"] for source in answer["sources"])
    assert any("illustrative" in text for text in answer["warnings"])


def test_rows_say_who_when_and_how_long(answered: Result) -> None:
    for row in answered.rows("exposure"):
        assert row["window_days"] in (10, 30, 180)
        assert 0 <= row["worst_drop"] <= 1
        assert (row["exposure_days"] > 0) == (row["worst_drop"] > 0) == (row["first_date"] is not None)
        assert row["earliest_safe_date"] is None or date.fromisoformat(row["earliest_safe_date"]) >= date(2026, 6, 1)
    for row in answered.rows("handover"):
        # Fields of a row are for an element or for a post, never both.
        assert (row["element"] is None) != (row["post"] is None), row
        assert row["subject"] == (row["element"] or row["post"])
        date.fromisoformat(row["date"])
    for row in answered.rows("half_by_2030"):
        assert row["odds"] is None or 0 <= row["odds"] <= 1
        assert row["share_2030"] >= 0
    assert {row["reading"] for row in answered.rows("half_by_2030")} == {"requirement", "inventory"}


def test_the_schedules_are_the_scenario_s(answered: Result) -> None:
    settings = answered.envelope()["meta"]["shift"]
    assert {row["drawdown"] for row in answered.rows("exposure")} == set(settings["drawdowns"])
    schedules = {row["schedule"] for row in answered.rows("handover")}
    assert schedules == {"fastest", "posts", *settings["drawdowns"]}
    steps = answered.rows("exposure_step")
    assert {row["drawdown"] for row in steps} == set(settings["drawdowns"])


def test_abrupt_is_no_better_in_any_contingency_and_worse_in_one(
    article3: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = {}
    for name in ("orderly_50000", "abrupt_50000"):
        days[name] = {
            (row["contingency"], row["window_days"]): row["exposure_days"]
            for row in _asked(name, article3, monkeypatch).rows("exposure")
        }
        people = sum(row["people"] for row in _asked(name, article3, monkeypatch).rows("exposure_step"))
        assert people == 50000
    orderly, abrupt = days["orderly_50000"], days["abrupt_50000"]
    assert orderly.keys() == abrupt.keys()
    assert all(abrupt[key] >= orderly[key] for key in orderly)
    assert any(abrupt[key] > orderly[key] for key in orderly)
    assert sum(abrupt.values()) > sum(orderly.values()) > 0


@pytest.mark.usefixtures("quick")
def test_the_fastest_slows_when_a_delivery_it_waits_for_is_late(article3: Call) -> None:
    soon = article3("shift", "--fastest", "--json")
    assert {row["table"] for row in soon.envelope()["rows"]} == set(asking.FASTEST)
    assert soon.envelope()["meta"]["again"] is False
    gated = [row for row in soon.rows("handover") if row["gated_by"]]
    first = max(gated, key=lambda row: row["people"])
    element, year = first["gated_by"].split(" ")[:2]
    late = article3("shift", "--fastest", "--json", "--late", f"{element}/{year}=1")
    assert late.envelope()["meta"]["shift"]["late"] == [{"element": element, "year": int(year), "years": 1}]
    assert late.rows("shift_solve")[0]["bound"] > soon.rows("shift_solve")[0]["bound"]
    alone = [{row["element"]: row["alone_date"] or "never" for row in one.rows("fastest")} for one in (soon, late)]
    assert all(alone[1][name] >= alone[0][name] for name in alone[0])


@pytest.mark.usefixtures("quick")
def test_the_fastest_is_never_faster_with_notice(article3: Call) -> None:
    dates = []
    for days in ("0", "365"):
        rows = article3("shift", "--fastest", "--json", "--notice", days).rows("fastest")
        dates.append({row["element"]: row["gone_date"] or "never" for row in rows})
    assert all(dates[1][name] >= dates[0][name] for name in dates[0])
    assert dates[1] != dates[0]


# Tables, options, files


@pytest.mark.usefixtures("quick")
def test_options_reach_the_shift(article3: Call, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "drawdown: mine\ntitle: Mine\nsteps:\n  - {date: 2028-10-01, element: tanker, units: 8}\n", encoding="utf-8"
    )
    result = article3(
        "shift", "--json", "--table", "exposure", "--table", "notice", "--drawdown", str(tmp_path / "mine.yaml"),
        "--drawdown", "orderly_20000", "--notice", "200", "--pace", "50%", "--margin", "10%",
        "--late", "fighter_5th/2029=2", "--keep", "ssn", "--first", "sam_long", "--today", "2026-09-30",
        "--plan", "announced", "--chain", "berlin_plus", "--set", "shift.draws=0", "--no-again",
        "--calendar", str(tmp_path / "board.ics"),
    )  # fmt: skip
    answer = result.envelope()
    assert result.code == 0, result.err
    shift = answer["meta"]["shift"]
    assert [item if isinstance(item, str) else item["drawdown"] for item in shift["drawdowns"]] == [
        "mine",
        "orderly_20000",
    ]
    assert (shift["notice_days"], shift["pace"], shift["margin"], shift["draws"]) == (200, 0.5, 0.1, 0)
    assert (shift["keep"], shift["priorities"], shift["today"]) == (["ssn"], ["sam_long"], "2026-09-30")
    assert (shift["plan"], shift["posts"]["chain"]) == ("announced", "berlin_plus")
    assert shift["late"] == [{"element": "fighter_5th", "year": 2029, "years": 2}]
    assert {row["drawdown"] for row in result.rows("exposure")} == {"mine", "orderly_20000"}
    assert answer["meta"]["written"] == [str(tmp_path / "board.ics")]
    board = (tmp_path / "board.ics").read_bytes()
    assert board.startswith(b"BEGIN:VCALENDAR\r\n")
    assert board.count(b"BEGIN:VEVENT") == len(result.rows("notice"))


@pytest.mark.usefixtures("quick")
def test_a_table_whole_and_as_csv(article3: Call) -> None:
    out = article3("shift", "--fastest", "--table", "fastest", "--table", "shift_solve").out
    assert [line for line in out.splitlines() if line.startswith("# ")] == ["# fastest", "# shift_solve"]
    assert "All gone alone" in out
    rows = list(csv.DictReader(io.StringIO(article3("shift", "--fastest", "--table", "fastest", "--csv").out)))
    assert {row["plan"] for row in rows} == {"plan"}
    assert [column.column for column in columns()["fastest"]] == [name for name in rows[0] if name != "table"]


@pytest.mark.usefixtures("quick")
def test_people_read_the_answer_before_the_tables(article3: Call) -> None:
    out = article3("shift", "--fastest").out
    lines = out.splitlines()
    assert lines[0].startswith("Under the plan, half of the people behind the US offer could be gone by ")
    heads = [line[2:] for line in lines if line.startswith("# ")]
    assert heads == ["when each kind of force can leave", "how it was solved"]
    assert out.count(lines[0]) == 1
    assert "\x1b" not in out
    assert len(lines) < 60
    (tanker,) = [line for line in lines if line.startswith("Tanker aircraft")]
    assert "never" in tanker


def test_people_see_what_a_drawdown_uncovers(article3: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = _asked("orderly_50000", article3, monkeypatch)
    tables: dict[str, list[dict[str, Any]]] = {name: answer.rows(name) for name in asking.DEFAULT}
    found = overview(tables)
    assert list(found)[:3] == [
        "orderly_50000: what it uncovers",
        "orderly_50000: steps",
        "orderly_50000: orders that would close it",
    ]
    assert "half by 2030: below all, or unlikely" in found
    assert "command posts" in found
    uncovered = found["orderly_50000: what it uncovers"]
    exposed = [row for row in tables["exposure"] if row["exposure_days"] > 0]
    assert len(uncovered) == len(exposed)
    assert sum(line["days exposed"] for line in uncovered) == round(sum(row["exposure_days"] for row in exposed))
    assert [line["days exposed"] for line in uncovered] == sorted((r["days exposed"] for r in uncovered), reverse=True)
    assert [line["leaves on"] for line in found["orderly_50000: steps"]] == [f"{y}-10-01" for y in range(2027, 2035)]
    below = {row["capability_title"] for row in tables["half_by_2030"] if row["basis"] == "plan"
             and row["reading"] == "requirement" and row["case"] == "every" and not row["half"]}  # fmt: skip
    assert below <= {line["capability"] for line in found["half by 2030: below all, or unlikely"]}


def test_many_drawdowns_are_a_line_each() -> None:
    rows = [
        {"drawdown": name, "title": "A", "contingency": "a", "window_days": 30, "exposure_days": days,
         "worst_drop": days / 1000, "first_date": None, "earliest_safe_date": safe}
        for name, days, safe in (("one", 0.0, "2026-07-31"), ("two", 90.0, "2029-07-01"), ("three", 30.0, None))
    ]  # fmt: skip
    found = overview({"exposure": rows})
    assert list(found) == ["what each drawdown uncovers"]
    lines = {line["drawdown"]: line for line in found["what each drawdown uncovers"]}
    assert (lines["one"]["exposed"], lines["one"]["safe from"], lines["one"]["in"]) == ("0 of 1", "", "")
    assert (lines["two"]["days in all"], lines["two"]["safe from"]) == (90, "2029-07-01")
    assert lines["three"]["safe from"] == "never"


def test_what_stands_in_for_others_is_said() -> None:
    def row(
        plan: str, element: str, group: str, gone: str | None, alone: str | None, gates: str = ""
    ) -> dict[str, Any]:
        return {
            "plan": plan, "element": element, "element_title": element, "offer": 10.0, "stays": 0.0 if gone else 4.0,
            "first_date": "2027-07-31", "gone_date": gone, "alone_date": alone, "group": group, "reason": None,
            "gated_by": gates,
        }  # fmt: skip

    rows = [
        row("plan", "fighter_4th", "free", "2033-07-01", "2029-07-01", "fighter_5th"),
        row("plan", "mbt", "free", "2029-07-01", "2029-07-01"),
        row("plan", "tanker", "partly", None, None, "airlift_a400m;tanker;frigate"),
        row("aimed", "fighter_4th", "free", "2031-07-01", "2029-07-01"),
        row("aimed", "mbt", "free", "2029-07-01", "2029-07-01"),
        row("aimed", "tanker", "gated", "2035-07-01", None, "tanker"),
    ]
    lines = overview({"fastest": rows})["when each kind of force can leave"]
    assert [line["force element"] for line in lines] == ["mbt", "fighter_4th", "tanker"]
    assert lines[0]["waits for"] == "nothing held asks for it"
    assert lines[1]["waits for"] == "Fifth-generation fighter, for which it stands in"
    assert (lines[2]["all gone"], lines[2]["plan made again"]) == ("4 stay", "2035-07-01")
    assert lines[2]["waits for"] == "A400M airlifter, Tanker aircraft and 1 more"
    alone = overview({"fastest": rows[:3]})["when each kind of force can leave"]
    assert all("plan made again" not in line for line in alone)


def test_columns_for_people_are_columns_of_the_tables() -> None:
    for name, shown in PEOPLE.items():
        assert set(shown) <= {column.column for column in columns()[name]}, name
    assert set(TABLES) - set(PEOPLE) <= {"shift_solve", "shift_assumption", "trust_knowing"}


# Mistakes


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    steps = {
        "grows": "{date: 2028-10-01, element: tanker, units: -2}",
        "early": "{date: 2020-10-01, element: tanker, units: 2}",
        "many": "{date: 2028-10-01, personnel: 100000}",
        "which": "{date: 2028-10-01, element: tankr, units: 2}",
    }
    for name, step in steps.items():
        text = f"drawdown: {name}\ntitle: Bad\nsteps:\n  - {step}\n"
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scenario", "baselin"], "unknown scenario 'baselin'. Did you mean baseline?"),
        (["--scenario", "tiny"], "names no contingency"),
        (["--drawdown", "orderly_5000"], "--drawdown: unknown drawdown 'orderly_5000'. Did you mean orderly_50000"),
        (["--drawdown", "BAD/grows.yaml"], "grows.yaml, line 4: 'steps.0.units': a drawdown only takes away"),
        (["--drawdown", "BAD/early.yaml"], "early.yaml, line 4: a step of 'early' is not after today"),
        (["--drawdown", "BAD/many.yaml"], "many.yaml, line 4: 100,000 people leave Europe, where 80,000 are"),
        (["--drawdown", "BAD/which.yaml"], "which.yaml, line 4: unknown force element 'tankr'. Did you mean tanker?"),
        (["--drawdown", "BAD/none.yaml"], "there is no such file"),
        (["--late", "tankr/2031=1"], "--late: unknown force element 'tankr'. Did you mean tanker?"),
        (["--late", "tanker"], "--late: not a delivery that comes later"),
        (["--keep", "tankr"], "--keep: unknown force element 'tankr'. Did you mean tanker?"),
        (["--first", "tankr"], "--first: unknown force element 'tankr'. Did you mean tanker?"),
        (["--notice", "-1"], "--notice"),
        (["--notice", "5000"], "--notice"),
        (["--pace", "much"], "--pace: not a part in per cent"),
        (["--pace", "0%"], "--pace: not a part of the offer"),
        (["--margin", "200%"], "--margin: not a part of the requirement"),
        (["--today", "soon"], "--today: not a date"),
        (["--today", "2050-01-01"], "--today: today is not before the last day looked at"),
        (["--plan", "planned"], "--plan"),
        (["--chain", "eu"], "--chain"),
        (["--state", "/nowhere.csv"], "--state: there is no such file"),
        (["--calendar", "x.csv"], "--calendar: the file ends in .ics"),
        (["--table", "exposur"], "unknown table 'exposur'. Did you mean exposure"),
        (["--csv", "--table", "exposure", "--table", "closing"], "'--csv' prints one table"),
        (["--as-of", "2999-01-01"], "the day lies in the future"),
        (["--set", "shift.notice"], "an override is KEY=VALUE"),
        (["--set", "shift.notice_day=3"], "unknown key 'notice_day'. Did you mean notice_days"),
    ],
)
@pytest.mark.usefixtures("quick")
def test_a_mistake_is_a_sentence_and_code_2(
    article3: Call, bad: Path, arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if arguments != ["--scenario", "tiny"]:
        monkeypatch.setattr("article3.shift.analysis.plan", _never)
    else:
        monkeypatch.undo()
    given = [item.replace("BAD", str(bad)) for item in arguments]
    result = article3("shift", *given)
    assert result.code == 2
    assert message in result.err
    assert result.out == ""
    answer = article3("shift", *given, "--json").envelope()
    assert answer["ok"] is False
    assert answer["errors"]


def _never(*_: Any) -> Any:
    raise AssertionError("something is solved before the mistake is told")


@pytest.mark.usefixtures("quick")
def test_ctrl_c_shows_what_was_found_and_leaves_with_130(article3: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes when the plan is there; it is taken for one that was stopped."""

    def pressed(_made: object) -> bool:
        signal.raise_signal(signal.SIGINT)
        return True

    monkeypatch.setattr(asking, "stopped", pressed)
    result = article3("shift", "--fastest", "--json", "--table", "fastest")
    assert result.code == 130
    assert result.envelope()["warnings"][0].startswith("Stopped: this is the best found by then")
    assert result.rows("fastest")
