"""The command line: one envelope, exit code 2 and a sentence for every mistake, light to start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import ROOT, SHARED, Result

Call = Callable[..., Result]


def test_23_of_31_then_22_of_30_then_17_of_31(article3: Call) -> None:
    expected = {"2024-06-30": (23, 31), "2025-12-31": (22, 30), "2026-07-31": (17, 31)}
    for as_of, (met, reported) in expected.items():
        result = article3("pledge", "--pledge", "wales_2014", "--as-of", as_of, "--json")
        assert result.code == 0
        (row,) = [row for row in result.rows("count") if row["year"] == 2024]
        assert (row["met"], row["reported"]) == (met, reported)
        assert row["definition_differs"] is (as_of == "2026-07-31")
        assert result.rows("pledge")


def test_the_envelope(article3: Call) -> None:
    answer = article3("pledge", "DEU", "--as-of", "2020-12-31", "--json").envelope()
    assert list(answer) == ["ok", "verb", "rows", "sentence", "sources", "warnings", "meta"]
    assert answer["ok"] is True
    assert answer["meta"]["as_of"] == "2020-12-31"
    assert answer["meta"]["newest_release"] == "2019-06"
    assert all(row["vintage"] is None or row["vintage"] <= "2020-12-31" for row in answer["rows"])
    needed = {"ally", "pledge", "measure", "level_pct", "deadline", "year", "value_pct", "met"}
    needed |= {"vintage", "status", "standing", "address", "table"}
    assert all(needed <= set(row) for row in answer["rows"] if row["table"] == "pledge")
    assert all(source["citation"] for source in answer["sources"])


@pytest.mark.parametrize("ally", ["deu", "DEU", "Germany", "germany", "de"])
def test_allies_are_accepted_in_any_case(article3: Call, ally: str) -> None:
    rows = article3("pledge", ally, "--pledge", "WALES_2014", "--json").rows("pledge")
    assert {row["ally"] for row in rows} == {"DEU"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pledge", "Holland"], "unknown Ally 'Holland'. Did you mean NLD (Netherlands)?"),
        (["pledge", "--pledge", "wales_2015"], "unknown pledge 'wales_2015'. Did you mean wales_2014"),
        (["pledge", "--as-of", "2010-01-01"], "nothing had been published by 2010-01-01"),
        (["pledge", "--as-of", "2010-13-01"], "--as-of: not a date"),
        (["pledge", "--as-of", "2999-01-01"], "the day lies in the future"),
        (["pledge", "--pledge", "hague_2025", "--as-of", "2024-01-01"], "was agreed on 2025-06-25"),
        (["pledge", "ISL", "--pledge", "wales_2014"], "Iceland is not bound"),
        (["pledge", "--year", "3000"], "--year"),
        (["pledge", "--pledg", "x"], "--pledge"),
        (["plege"], "plege"),
        (["explain", "nonsense"], "is not an address"),
        (["explain", "count@2026-07-31/met#wales_2014/2024", "--run", "/nowhere"], "not a run folder"),
        (["quote", "nato/2024-06-17/defence_pct_gdp#POL/2024", "--picture", "x.pdf"], "a picture is .svg or .png"),
        (["evidence", "show", "nato/2024-06-18"], "unknown vintage of nato '2024-06-18'. Did you mean 2024-06-17"),
        (["evidence", "show", "nota"], "unknown dataset 'nota'. Known: nato, sipri, weo"),
        (["evidence", "import", "/nowhere.xlsx"], "/nowhere.xlsx"),
        (["run", "baselin"], "unknown scenario 'baselin'. Did you mean baseline?"),
        (["run", "--set", "horizon"], "an override is KEY=VALUE"),
        (["run", "--set", "horizn.end=2040"], "unknown key 'horizn'. Did you mean horizon?"),
        (["diff", "baseline", "nowhere"], "unknown scenario 'nowhere'"),
        (["check"], "nothing to check"),
        (["schema", "scenaro"], "unknown schema 'scenaro'. Did you mean scenario?"),
    ],
)
def test_a_mistake_is_a_sentence_and_code_2(article3: Call, arguments: list[str], message: str) -> None:
    result = article3(*arguments)
    assert result.code == 2
    assert message in result.err
    assert result.out == ""
    if arguments[0] not in ("schema", "plege"):
        answer = article3(*arguments, "--json").envelope()
        assert answer["ok"] is False
        assert answer["errors"]
        assert answer["error"]


def test_check_example(article3: Call) -> None:
    rows = {(row["id"], row["ally"]): row for row in article3("check", "--example", "--json").rows("claims")}
    denmark = rows["five-above", "DNK"]
    assert denmark["verdict_then"] == "cannot be checked"
    assert denmark["verdict_now"] == "not supported"
    assert denmark["value_now_pct"] == 3.27
    assert denmark["addresses_now"] == ["nato/2026-07/defence_pct_gdp#DNK/2025"]
    three = {ally: rows["oct-2020-miss", ally] for ally in ("DEU", "ITA", "ESP")}
    assert {row["verdict_then"] for row in three.values()} == {"cannot be checked"}
    assert [three[ally]["verdict_now"] for ally in ("DEU", "ITA", "ESP")] == ["not supported", "supported", "supported"]
    assert rows["us-enablers", "ALL"]["reason"] == "no machine form"
    assert rows["us-enablers", "ALL"]["verdict_now"] == "cannot be checked"
    assert rows["thirty-two", "ALL"]["verdict_now"] == "supported"


def test_check_knows_what_it_is_given(article3: Call, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: baseline\nseed: 9\n")
    assert "changed from baseline: seed" in article3("check", str(path)).out
    path.write_text(
        "- {id: a, said: 2024-07, text: T, measure: defence_pct_gdp, allies: [POL], op: '>=', level_pct: 4, period: 2024}\n"
    )
    assert article3("check", str(path), "--json").rows("claims")[0]["verdict_then"] == "supported"
    path.write_text(
        "- {id: a, said: 2024-07, text: T, measure: defense_pct_gdp, allies: [Holland], op: '=>', level_pct: 350, period: x}\n"
        "- {id: a, said: soon, text: T, unknown: 1}\n- 7\n"
    )
    result = article3("check", str(path))
    assert result.code == 2
    for message in (
        "line 1: unknown measure 'defense_pct_gdp'",
        "line 1: unknown Ally or group 'Holland'. Did you mean NLD (Netherlands)?",
        "line 1: unknown op '=>'",
        "line 1: 'period' is not a year",
        "line 2: unknown key 'unknown'",
        "line 2: not a day, month or year; found 'soon'",
        "line 3: a claim is a list",
    ):
        assert message in result.err, result.err


def test_a_level_of_350_for_3_5(article3: Call, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "- {id: a, said: 2024, text: T, measure: defence_pct_gdp, allies: [POL], op: '>=', level_pct: 350, period: 2024}\n"
    )
    assert "a level above 20 % cannot be meant; found 350. Did you mean 3.5?" in article3("check", str(path)).err


def test_csv_and_tables(article3: Call) -> None:
    import csv
    import io

    result = article3("pledge", "--pledge", "wales_2014", "--csv", "--table", "count")
    rows = list(csv.DictReader(io.StringIO(result.out)))
    assert rows[-1]["met"] == "30"
    assert article3("pledge", "--table", "counts").code == 2


def test_plain_text_when_piped(article3: Call) -> None:
    result = article3("pledge", "--pledge", "wales_2014", "--as-of", "2024-06-30")
    assert "\x1b" not in result.out
    assert "23 Allies at 2 % for 2024, of 31 reported" in result.out


def test_then_shows_who_left(article3: Call) -> None:
    result = article3("pledge", "--pledge", "wales_2014", "--as-of", "2026-07-31", "--then", "2024-06-30", "--json")
    left = {row["ally"]: row["cause"] for row in result.rows("then_now") if row["change"] == "left"}
    assert set(left) == {"ALB", "BGR", "CZE", "MKD", "MNE", "SVK"}


def test_doctor(article3: Call) -> None:
    answer = article3("doctor", "--json").envelope()
    assert all(row["ok"] for row in answer["rows"])


def test_schema_validates_the_shipped_scenarios(article3: Call) -> None:
    import jsonschema
    import yaml

    schema = json.loads(article3("schema", "scenario").out)
    for path in (ROOT / "src/article3/scenario/shipped").glob("*.yaml"):
        data = yaml.safe_load(path.read_text())
        jsonschema.validate(json.loads(json.dumps(data, default=str)), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"extends": "baseline", "sede": 1}, schema)


RAW_NATO = SHARED / "raw" / "nato-defence-expenditure-2024-06-17.xlsx"


@pytest.mark.raw
@pytest.mark.skipif(not RAW_NATO.exists(), reason=f"official workbook not at {RAW_NATO}")
def test_the_official_workbook_is_already_held(article3: Call, own_evidence: Path) -> None:
    result = article3("evidence", "import", str(RAW_NATO), "--json")
    (row,) = result.rows("import")
    assert (row["vintage"], row["held"], row["differences"], row["added"]) == ("2024-06-17", True, 0, 0)
    assert "already held" in result.envelope()["sentence"]
    assert not own_evidence.exists()


@pytest.mark.raw
@pytest.mark.skipif(not RAW_NATO.exists(), reason=f"official workbook not at {RAW_NATO}")
def test_one_changed_cell_is_named_and_nothing_imported(article3: Call, own_evidence: Path, tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(RAW_NATO)
    sheet = book["TABLE3"]
    row = next(row for row in range(11, 42) if "Poland" in str(sheet.cell(row, 3).value))
    sheet.cell(row, 14).value = 4.5
    path = tmp_path / "nato-2024-06-17.xlsx"
    book.save(path)
    result = article3("evidence", "import", str(path))
    assert result.code == 2
    assert f"TABLE3!N{row}" in result.err
    assert "found 4.5; expected 4.1202" in result.err
    assert not own_evidence.exists()


def test_a_table_of_one_s_own_is_imported_once(article3: Call, own_evidence: Path, tmp_path: Path) -> None:
    header = "ally,measure,period,value,unit,price_base,vintage,status,standing,low,high,decimals,source_id,note"
    path = tmp_path / "mine.csv"
    path.write_text(f"{header}\nPOL,defence_pct_gdp,2026,4.9,percent of GDP,,2026-08-15,estimate,yours,,,2,x,\n")
    dry = article3("evidence", "import", str(path), "--dry-run", "--json")
    assert dry.rows("import")[0]["added"] == 1
    assert not own_evidence.exists()
    assert article3("evidence", "import", str(path)).code == 0
    shown = article3("evidence", "show", "nato/2026-08-15/defence_pct_gdp#POL/2026", "--json").rows("evidence")
    assert shown[0]["value"] == 4.9
    assert shown[0]["standing"] == "yours"
    again = article3("evidence", "import", str(path), "--json")
    assert again.rows("import")[0]["held"] is True
    path.write_text(path.read_text().replace("4.9", "5.9"))
    changed = article3("evidence", "import", str(path))
    assert changed.code == 2
    assert "mine.csv, line 2" in changed.err


@pytest.mark.parametrize(
    "verb", [["pledge", "--json"], ["--help"], ["explain", "nato/2024-06-17/defence_pct_gdp#POL/2024"]]
)
def test_light_verbs_load_no_heavy_library(separate_process: Callable[..., object], verb: list[str]) -> None:
    program = (
        "import sys\nfrom article3.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, *verb], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split("LOADED")[1].split())
    assert not loaded & {"altair", "pandas", "vl_convert", "openpyxl", "xlsxwriter", "jinja2", "rich", "pyarrow"}


def test_import_article3_alone_loads_nothing() -> None:
    program = "import article3, sys; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"polars", "pydantic", "typer", "numpy", "yaml"}


def test_public_names() -> None:
    import article3

    assert sorted(article3.__all__) == article3.__all__
    assert all(getattr(article3, name) is not None for name in article3.__all__)
    with pytest.raises(AttributeError, match="no attribute 'opne_evidence'"):
        _ = article3.opne_evidence  # type: ignore[attr-defined]


def test_a_kill_while_running_leaves_nothing_or_everything(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for wait in (0.5, 1.0, 1.5, 2.0):
        process = subprocess.Popen(
            [sys.executable, "-m", "article3", "run", "tiny", "--out", str(out)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ},
        )
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if out.exists():
            from article3.run.folder import load

            load(out)


def test_a_full_disk_is_a_sentence(article3: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    result = article3("run", "tiny", "--out", str(tmp_path / "out"))
    assert result.code == 2
    assert "No space left on device" in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_closed_pipe_is_no_error() -> None:
    command = f"{sys.executable} -m article3 evidence show nato/2024-06-17 --json | head -c 10"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)
    assert done.stderr == ""
