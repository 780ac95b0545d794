"""The verb 'plan' at the command line: tables, files, an overview for people, mistakes, and Ctrl-C."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Result

from article3.cli.plan_view import overview
from article3.cli.stopping import stoppable
from article3.plan.described import SHORT, TABLES, columns
from article3.run import ask_plan as asking

Call = Callable[..., Result]

SMALL = """
extends: tiny
contingencies: [baltic_defence, air_missile_defence]
gap: {draws: 0}
plan: {last_year: 2029, until: 2034, evaluate: [2028, 2031, 2034]}
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("scenarios") / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return str(path)


@pytest.fixture(autouse=True)
def _without_what_solves_again(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = tuple(name for name in asking.DEFAULT if name not in asking.SOLVED_AGAIN)
    monkeypatch.setattr(asking, "DEFAULT", quick)


def test_the_envelope_of_a_plan(article3: Call, scenario: str) -> None:
    result = article3("plan", "--scenario", scenario, "--json")
    assert result.code == 0, result.err
    answer = result.envelope()
    assert list(answer) == ["ok", "verb", "rows", "sentence", "sources", "warnings", "meta"]
    assert (answer["ok"], answer["verb"]) == (True, "plan")
    full = {short: name for name, short in SHORT.items()}
    for name in ("orders", "money", "attainment", "european_share", "certificate", "milestones"):
        described = [column.column for column in columns()[full.get(name, name)]]
        rows = result.rows(name)
        assert rows, name
        assert [key for key in rows[0] if key != "table"] == described
    assert answer["meta"]["as_of"] == "2026-07-31"
    assert answer["meta"]["tables"] == full
    assert answer["meta"]["plan"]["last_year"] == 2029
    assert answer["meta"]["stopped"] is False
    assert all(source["citation"] for source in answer["sources"])
    assert 2 <= answer["sentence"].count(". ") + 1 <= 5


def test_people_see_an_overview(article3: Call, scenario: str) -> None:
    out = article3("plan", "--scenario", scenario).out
    heads = [line[2:] for line in out.splitlines() if line.startswith("# ")]
    assert heads == [
        "what is ordered",
        "who orders",
        "money, bn US$ of 2021",
        "what can be met",
        "goals",
        "before the summit",
    ]
    assert len(out.splitlines()) < 70
    assert "\x1b" not in out
    assert "Medium-range air defence battery" in out
    assert "Note: Prices, lines, lead times" in out
    assert "of an envelope of" in out


def test_a_table_whole_and_as_csv(article3: Call, scenario: str) -> None:
    out = article3("plan", "--scenario", scenario, "--table", "money").out
    assert out.startswith("# money\n")
    assert "Operation and pay" in out
    rows = list(
        csv.DictReader(io.StringIO(article3("plan", "--scenario", scenario, "--table", "plan_money", "--csv").out))
    )
    assert {row["year"] for row in rows} == {str(year) for year in range(2027, 2035)}
    assert float(rows[0]["envelope"]) >= 0
    both = article3("plan", "--scenario", scenario, "--table", "orders", "--table", "line")
    assert [line for line in both.out.splitlines() if line.startswith("# ")] == ["# orders", "# line"]
    assert "Rate" in both.out


def test_options_reach_the_plan(article3: Call, scenario: str, tmp_path: Path) -> None:
    answer = article3(
        "plan", "--scenario", scenario, "--json", "--table", "orders", "--money", "5000", "--delay", "1",
        "--without-limit", "people", "--without-limit", "fairness", "--reach", "baltic_defence/30=0.5@2033",
        "--set", "plan.ukraine=0.5", "--ally", "deu", "--calendar", str(tmp_path / "a.ics"),
        "--write-state", str(tmp_path / "s.csv"),
    ).envelope()  # fmt: skip
    assert answer["ok"], answer
    plan = answer["meta"]["plan"]
    assert plan["money"]["fixed_usd_m"] == 5000
    assert (plan["delay_years"], plan["without"], plan["ukraine"]) == (1, ["people", "fairness"], 0.5)
    assert plan["targets"] == [{"contingency": "baltic_defence", "window_days": 30, "level": 0.5, "by": 2033}]
    assert answer["meta"]["written"] == [str(tmp_path / "a.ics"), str(tmp_path / "s.csv")]
    assert (tmp_path / "a.ics").read_bytes().endswith(b"END:VCALENDAR\r\n")
    # The files are of the whole plan, whoever is asked for.
    allies = {row["ally"] for row in csv.DictReader(io.StringIO((tmp_path / "s.csv").read_text(encoding="utf-8")))}
    assert len(allies) > 3
    again = article3("plan", "--scenario", scenario, "--state", str(tmp_path / "s.csv"), "--table", "orders", "--json")
    assert again.code == 0, again.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scenario", "baselin"], "unknown scenario 'baselin'. Did you mean baseline?"),
        (["--scenario", "tiny"], "names no contingency"),
        (["--ally", "Holland"], "unknown Ally 'Holland'. Did you mean NLD (Netherlands)?"),
        (["--ally", "usa"], "the plan orders nothing for the United States"),
        (["--money", "0"], "--money: an envelope of nothing"),
        (["--money", "much"], "--money"),
        (["--reach", "baltic_defence"], "--reach: not an attainment to reach"),
        (["--reach", "baltic/30=1@2030"], "--reach: unknown contingency 'baltic'"),
        (["--delay", "11"], "--delay"),
        (["--without-limit", "mony"], "unknown family of limits 'mony'. Did you mean money?"),
        (["--within", "two"], "--within: not a part in per cent"),
        (["--by", "x", "--alternatives", "2"], "--by: unknown difference 'x'"),
        (["--state", "/nowhere.csv"], "--state: there is no such file"),
        (["--calendar", "x.csv"], "--calendar: the file ends in .ics"),
        (["--table", "ordres"], "unknown table 'ordres'. Did you mean orders?"),
        (["--csv", "--table", "orders", "--table", "line"], "'--csv' prints one table"),
        (["--as-of", "2999-01-01"], "the day lies in the future"),
        (["--set", "plan.last"], "an override is KEY=VALUE"),
        (["--set", "plan.last_yeer=2030"], "unknown key 'last_yeer'. Did you mean last_year"),
    ],
)
def test_a_mistake_is_a_sentence_and_code_2(article3: Call, scenario: str, arguments: list[str], message: str) -> None:
    given = arguments if "--scenario" in arguments else ["--scenario", scenario, *arguments]
    result = article3("plan", *given)
    assert result.code == 2
    assert message in result.err
    assert result.out == ""
    answer = article3("plan", *given, "--json").envelope()
    assert answer["ok"] is False
    assert answer["errors"]


def test_the_first_interrupt_is_noted_and_the_second_ends(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    with stoppable() as stop:
        assert not stop()
        signal.raise_signal(signal.SIGINT)
        assert stop()
        assert "the best plan found so far is kept" in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_outside_the_main_thread_nothing_is_caught() -> None:
    seen: list[bool] = []

    def work() -> None:
        with stoppable() as stop:
            seen.append(stop())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]


def test_a_stopped_plan_is_shown_and_leaves_with_130(
    article3: Call, scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The solve is over when Ctrl-C comes; the plan is taken for one that was stopped."""

    def pressed(_made: object) -> bool:
        signal.raise_signal(signal.SIGINT)
        return True

    monkeypatch.setattr(asking, "stopped", pressed)
    result = article3("plan", "--scenario", scenario, "--json", "--table", "orders")
    assert result.code == 130
    assert result.envelope()["warnings"][0].startswith("Stopped: this is the best plan found by then")
    assert result.rows("orders")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_ends_in_a_sentence_and_130() -> None:
    """Whether it comes while reading or while solving: a plan that is marked, or a sentence; never a traceback."""
    for wait in (3.0, 6.0):
        process = subprocess.Popen(
            [sys.executable, "-m", "article3", "plan", "--json", "--table", "orders"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
        assert "Traceback" not in err
        assert process.returncode == 130 or json.loads(out)["ok"]  # on a quick machine it was done before
        if out:
            answer = json.loads(out)
            assert answer["ok"] is False or answer["meta"]["stopped"] is (process.returncode == 130)
        else:
            assert "Stopped. Nothing was written." in err


def test_every_table_people_may_ask_for_is_described() -> None:
    assert set(TABLES) <= set(columns())


def test_the_overview_sums_the_rows() -> None:
    def order(ally: str, year: int, units: float, cost: float) -> dict[str, Any]:
        return {
            "ally": ally, "ally_name": ally.title(), "element_title": "Tanker", "order_year": year, "units": units,
            "cost_usd2021_m": cost, "delivery_date": f"{year + 4}-07-01", "split": "illustrative split",
        }  # fmt: skip

    tables = {
        "orders": [order("DEU", 2027, 2.0, 500.0), order("DEU", 2029, 1.0, 250.0), order("FRA", 2027, 1.0, 250.0)],
        "money": [
            {"ally": "DEU", "year": 2027, "envelope": 2000.0, "spent": 500.0, "step_pct": 0.01},
            {"ally": "FRA", "year": 2027, "envelope": None, "spent": 500.0, "step_pct": 0.02},
        ],
        "attainment": [
            {"situation": "a", "window_days": 30, "year": 2035, "before": 0.5, "attainment": 0.7, "low": 0.6,
             "high": 0.8, "binding_capability": "air_refuelling"},
            {"situation": "b", "window_days": 30, "year": 2035, "before": 0.5, "attainment": 0.5, "low": None,
             "high": None, "binding_capability": ""},
        ],
    }  # fmt: skip
    found = overview(tables)
    assert list(found) == ["what is ordered", "who orders", "money, bn US$ of 2021", "what can be met"]
    (line,) = found["what is ordered"]
    assert (line["units"], line["bn US$"], line["buyers"]) == (4.0, 1.0, 2)
    assert (line["ordered"], line["delivered"]) == ("2027-2029", "2031-2033")
    assert [(row["ally or fleet"], row["% of all"]) for row in found["who orders"]] == [("Deu", 75), ("Fra", 25)]
    (year,) = found["money, bn US$ of 2021"]
    assert (year["envelope"], year["spent"], year["%"]) == (None, 1.0, None)  # nothing limits one of them
    assert year["largest step, points of GDP"] == "0.02 FRA"
    (met,) = found["what can be met"]
    assert (met["contingency"], met["with the plan"]) == ("a", "0.70 (0.60-0.80)")


def test_three_comparisons_stand_in_three_tables() -> None:
    rows = [
        {"comparison": name, "title": "Left over", "kind": "residual", "sign": -1.0, "amount_usd_bn": 4.0, "verdict": v}
        for name, v in (("iiss_one_off", "not reconciled"), ("bruegel_year", "reconciled"))
    ]
    found = overview({"replacement": rows})
    assert list(found) == [f"replacing the United States: {name}" for name in ("iiss_one_off", "bruegel_year")]
    assert [lines[0]["bn US$"] for lines in found.values()] == [-4.0, -4.0]
    assert [lines[0]["verdict"] for lines in found.values()] == ["not reconciled", "reconciled"]
