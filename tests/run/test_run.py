"""The main job, its folder, and what can be asked of its numbers."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.made_once import made_once

from article3.errors import AddressError, InputError
from article3.evidence.addresses import EvidenceAddress, ResultAddress, parse_address
from article3.gap.described import TABLES
from article3.plan.described import TABLES as PLAN_TABLES
from article3.run.analysis import Run, digest_of, run
from article3.run.described import columns
from article3.run.explain import explain, shown
from article3.run.folder import keys_of, load, save
from article3.run.verbs import compare_runs, explained, quote
from article3.scenario.resolve import resolve
from article3.shift.described import TABLES as SHIFT_TABLES

ELSEWHERE = {
    "shock": "only in the scenario of a health crisis",
    "alternative": "on request",
    "impossible": "only where there is no plan",
    "replacement": "only where the United States is absent",
    "caveat": "only where Allies are limited",
}


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return made_once(tmp_path_factory, "baseline_run", lambda: run("baseline"))


@pytest.fixture(scope="module")
def folder(baseline: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(baseline, tmp_path_factory.mktemp("runs") / "baseline")


def test_the_report_leads_with_then_and_now(baseline: Run) -> None:
    assert baseline.findings[0].name == "then_now"
    assert "23 of 31" in str(baseline.findings[0].sentence)
    assert "17 of 31" in str(baseline.findings[0].sentence)


def test_keys_identify_rows(baseline: Run) -> None:
    for name, table in baseline.tables().items():
        assert table.select(keys_of(name)).is_duplicated().sum() == 0, name


def test_every_column_is_described_and_used(baseline: Run) -> None:
    assert set(baseline.tables()) == set(columns()) - set(ELSEWHERE)
    for described in columns().values():
        for column in described:
            assert column.title
            if column.unit and not column.key and column.column != "level_pct":
                assert column.formula or column.inputs, (column.table, column.column)


def test_a_folder_reads_back_as_it_was(baseline: Run, folder: Path) -> None:
    saved = load(folder)
    assert saved.manifest["digest"] == baseline.digest
    for name, table in baseline.tables().items():
        assert saved.tables[name].equals(table)
        from_csv = pl.read_csv(folder / "tables" / f"{name}.csv", infer_schema=False)
        assert from_csv.height == table.height
    for name, digest in saved.manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_a_changed_file_is_noticed(folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    path = copy / "tables" / "count.csv"
    path.write_text(path.read_text().replace("17", "18", 1))
    with pytest.raises(InputError, match="changed after the run"):
        load(copy)
    with pytest.raises(InputError, match="not a run folder"):
        load(tmp_path)


def test_a_folder_that_is_not_ours_is_left_alone(baseline: Run, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="holds something else"):
        save(baseline, tmp_path / "letters")
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["mine.txt"]


def test_two_processes_give_the_same_bytes_and_digest(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom article3.run.analysis import run\nfrom article3.run.folder import save\n"
        "from article3.compute import executor_for\n"
        "if __name__ == '__main__':\n"
        "    fewer = {'gap.draws': '4', 'contingencies': '[baltic_defence, air_missile_defence, long_war]'}\n"
        "    fewer |= {'situations': '[]', 'plan.last_year': '2030', 'plan.until': '2036', 'plan.evaluate': '[2030, 2036]'}\n"
        "    save(run('baseline', fewer, executor=executor_for(int(sys.argv[2]))), Path(sys.argv[1]))\n"
    )
    (tmp_path / "job.py").write_text(program)
    for name, workers in (("one", "1"), ("two", "2")):
        command = [sys.executable, str(tmp_path / "job.py"), str(tmp_path / name), workers]
        subprocess.run(command, check=True)
    one, two = (load(tmp_path / name).manifest for name in ("one", "two"))
    assert one == two


def test_any_other_input_gives_another_digest(baseline: Run) -> None:
    digests = [baseline.digest]
    for changed in ({}, {"seed": "4"}, {"as_of": "2026-07-30"}):
        digests.append(run("tiny", changed).digest)
        assert digests[-1] == digest_of(resolve("tiny", changed))
    one = {"contingencies": "[baltic_defence]", "gap.draws": "0"}
    more = ({"without": "[CAN]"}, {"us.reduced": "after_2026_b"}, {"plan.people": "0.01"})
    digests += [digest_of(resolve("tiny", one | changed)) for changed in ({}, *more)]
    assert len(set(digests)) == len(digests)


def _cells(run_: Run) -> list[tuple[str, Any]]:
    found = []
    for finding in run_.findings:
        numeric = [column for column in finding.columns if column.unit and not column.key]
        for row in finding.table.iter_rows(named=True):
            found += [(finding.address(row, c.column), row[c.column]) for c in numeric if row[c.column] is not None]
    return found


def test_every_number_can_be_explained(baseline: Run) -> None:
    """All cells of the report's tables but the long ones: of revisions each fiftieth, of gap, plan and shift some of each."""
    lookup = baseline.lookup()
    everything = baseline.inputs.evidence
    cells = _cells(baseline)
    chosen = [
        cell for cell in cells if cell[0].partition("@")[0] not in ("revision", *TABLES, *PLAN_TABLES, *SHIFT_TABLES)
    ]
    chosen += [cell for cell in cells if cell[0].startswith("revision@")][::50]
    for name in (*TABLES, *PLAN_TABLES, *SHIFT_TABLES):
        mine = [cell for cell in cells if cell[0].startswith(f"{name}@")]
        chosen += mine[:: max(1, len(mine) // 20)]
    assert len(chosen) > 1500
    for address, value in chosen:
        found = explain(address, lookup, everything, baseline.inputs)
        assert found.value == value, address
        assert found.formula
        assert found.standing
        assert found.inputs or found.notes, address
        assert all(item.citation and item.release and item.standing for item in found.inputs)


def test_an_address_is_computed_again_without_a_run(baseline: Run) -> None:
    for name in (
        "pledge",
        "count",
        "count_by_release",
        "then_now",
        "revision",
        "decline",
        "attainment",
        "us_cut",
        "orders",
    ):
        finding = next(item for item in baseline.findings if item.name == name)
        row = finding.table.row(-1, named=True)
        column = next(c.column for c in finding.columns if c.unit and not c.key and row[c.column] is not None)
        address = finding.address(row, column)
        assert explain(address).value == row[column], address


def test_explain_says_what_a_count_hangs_on() -> None:
    found = explain("count@2026-07-31/met#wales_2014/2024")
    assert found.text == "17 Allies"
    assert len(found.inputs) == 31
    assert "DEU with 2.00, 0.00 points above" in found.turns
    assert "CZE with 1.99" in found.turns or "SVK with 1.99" in found.turns


def test_explain_from_a_run_folder(folder: Path) -> None:
    answer = explained("then_now@2024-06-30..2026-07-31/gdp_pp#wales_2014/2024/CZE", folder)
    assert answer.rows[0]["value"] == pytest.approx(-0.1156, abs=1e-4)
    assert len([row for row in answer.rows if row["table"] == "input"]) == 4


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("count@2026-07-31/met#wales_2014/1999", "has no row"),
        ("count@2026-07-31/mett#wales_2014/2024", "has no column 'mett'"),
        ("counts@2026-07-31/met#wales_2014/2024", "unknown table 'counts'"),
        ("pledge@2026-07-31/value_pct#wales_2014/POL", "names no year"),
        ("nato/2024-06-17/defence_pct_gdp#POL/2040", "nothing stands at"),
        ("nato/2024-06-18/defence_pct_gdp#POL/2024", "nothing stands at"),
        ("hello", "is not an address"),
        ("../../etc/passwd#POL/2024", "is not an address"),
    ],
)
def test_a_wrong_address_is_told(address: str, message: str) -> None:
    with pytest.raises(AddressError, match=message):
        explain(address)


def test_addresses_round_trip() -> None:
    one = EvidenceAddress("nato", "2024-06-17", "defence_pct_gdp", "POL", 2024)
    two = ResultAddress("then_now", "2024-06-30..2026-07-31", "gdp_pp", ("wales_2014", "2024", "CZE"))
    assert parse_address(str(one)) == one
    assert parse_address(str(two)) == two


def test_numbers_are_rounded_for_people() -> None:
    column = next(item for item in columns()["then_now"] if item.column == "gdp_pp")
    assert shown(-0.115638, column) == "-0.12 percentage points"
    assert shown(-0.001, column) == "0.00 percentage points"
    assert shown(None, column) == "not known"


def test_diff_tells_inputs_before_results(folder: Path, tmp_path: Path) -> None:
    # Without gap and plan, which are compared in test_run_plan.
    other = save(
        run("baseline", {"as_of": "2026-03-31", "contingencies": "[]", "situations": "[]"}), tmp_path / "other"
    )
    answer = compare_runs(str(folder), str(other))
    tables = [row["table"] for row in answer.rows]
    assert tables == sorted(tables, key=["input", "result"].index)
    assert {"table": "input", "key": "as_of", "first": "2026-07-31", "second": "2026-03-31"} in answer.rows
    changed = [
        row for row in answer.rows if row["table"] == "result" and row["address"] == "pledge@now#wales_2014/ALB/2024"
    ]
    assert changed
    same = compare_runs(str(save(run("tiny"), tmp_path / "tiny")), "tiny")
    assert same.rows == ()
    assert "same digest" in same.sentence


def test_quote_has_sentence_footnote_and_vintage() -> None:
    row = quote("nato/2024-06-17/defence_pct_gdp#POL/2024").rows[0]
    assert row["sentence"].startswith("Defence expenditure as a share of GDP, POL 2024: 4.12")
    assert "NATO, Defence Expenditure of NATO Countries (2014-2024)" in row["footnote"]
    assert row["vintage"] == "17 June 2024"
    json.dumps(row)


def test_progress_and_cancel() -> None:
    from article3.compute import CancelToken, Step
    from article3.errors import Cancelled

    seen: list[Step] = []
    token = CancelToken()

    def watch(step: Step) -> None:
        seen.append(step)
        if step.done == 2:
            token.cancel()

    with pytest.raises(Cancelled):
        run("baseline", progress=watch, cancel=token)
    assert len(seen) == 2


def test_own_pledge_and_own_evidence_run_through(tmp_path: Path) -> None:
    header = "ally,measure,period,value,unit,price_base,vintage,status,standing,low,high,decimals,source_id,note"
    row = "POL,defence_pct_gdp,2026,4.9,percent of GDP,,2026-07-15,estimate,yours,,,2,x,"
    (tmp_path / "own.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(
        "extends: tiny\nevidence: [own.csv]\npledges:\n  - wales_2014\n"
        "  - {pledge: five, title: Five, measure: defence_pct_gdp, level_pct: 5, base_year: 2025, deadline: 2030,"
        " allies: [POL, LTU]}\n"
    )
    mine = run(tmp_path / "mine.yaml")
    table = mine.find("pledge", "five").table
    assert dict(table.select("ally", "met").iter_rows()) == {"LTU": True, "POL": False}
    folder = save(mine, tmp_path / "out")
    again = run(folder / "scenario" / "mine.yaml")
    assert again.digest == mine.digest
    assert load(folder).manifest["digest"] == mine.digest
