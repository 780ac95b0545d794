"""Scenario files: extending, overriding, and every fault at once with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from article3.errors import Article3Error, NotKnownError, ScenarioError
from article3.scenario.contingency import shipped_contingencies
from article3.scenario.resolve import resolve, shipped_scenarios
from article3.scenario.schema import json_schema


def _faults(path: Path, text: str, name: str = "mine.yaml") -> list[str]:
    (path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Article3Error) as caught:
        resolve(path / name)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("name", ["baseline", "health_crisis", "tiny", "us_cuts_2026", "without_us"])
def test_shipped_scenarios_resolve(name: str) -> None:
    assert name in shipped_scenarios()
    inputs = resolve(name)
    assert inputs.evidence.as_of == inputs.scenario.as_of
    assert (inputs.changed == ()) is (name == "baseline")
    assert inputs.warnings == ()


def test_the_baseline_assesses_every_shipped_contingency_and_the_cuts_are_a_variant_of_it() -> None:
    baseline, cuts, alone = (resolve(name) for name in ("baseline", "us_cuts_2026", "without_us"))
    assert {item.id for item in baseline.contingencies} == set(shipped_contingencies())
    assert [item.situation for item in baseline.situations] == [
        "two_at_once", "three_at_once", "large_and_small", "baltic_and_ukraine", "standing_hybrid",
    ]  # fmt: skip
    assert (baseline.without, baseline.scenario.us.focus) == (("USA",), "with")
    assert (cuts.scenario.us.reduced, cuts.scenario.us.variants) == ("after_2026_a", ("after_2026_b",))
    assert (cuts.scenario.us.focus, alone.scenario.us.focus) == ("reduced", "without")
    assert cuts.gap_digest() == baseline.gap_digest() == alone.gap_digest()


def test_a_file_extends_and_overrides(tmp_path: Path) -> None:
    (tmp_path / "middle.yaml").write_text("extends: baseline\ntitle: Middle\nhorizon: {end: 2040}\n")
    (tmp_path / "mine.yaml").write_text("extends: middle.yaml\nas_of: 2025-12-31\nclaims: none\n")
    inputs = resolve(tmp_path / "mine.yaml", {"horizon.start": "2027"})
    assert inputs.scenario.title == "Middle"
    assert (inputs.scenario.horizon.start, inputs.scenario.horizon.end) == (2027, 2040)
    assert set(inputs.changed) == {"title", "as_of", "horizon", "claims", "compare"}
    assert "comparison of wales_2014 2024 as known on 2025-12-31" in inputs.warnings[0]


def test_a_pledge_of_one_s_own(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "extends: tiny\npledges:\n  - wales_2014\n"
        "  - {pledge: nordic_3, title: Nordic 3 %, measure: defence_pct_gdp, level_pct: 3, base_year: 2025,"
        " deadline: 2030, allies: [nordic]}\n"
    )
    mine = resolve(tmp_path / "mine.yaml").pledges[1]
    assert mine.level_pct == 3
    assert set(mine.parties()) == {"DNK", "FIN", "NOR", "SWE"}
    assert mine.standing == "yours"


def test_all_faults_at_once_with_lines(tmp_path: Path) -> None:
    faults = _faults(
        tmp_path,
        "extends: baseline\n"
        "titel: Mine\n"
        "horizon: {start: 2030, end: 2026}\n"
        "pledges:\n"
        "  - wales_2024\n"
        "ledger: {min_reporting: 99}\n",
    )
    assert "mine.yaml, line 2: unknown key 'titel'. Did you mean title?" in faults
    assert any(fault.startswith("mine.yaml, line 6: 'ledger.min_reporting'") for fault in faults)
    faults = _faults(tmp_path, "extends: baseline\nhorizon: {start: 2030, end: 2026}\npledges:\n  - wales_2024\n")
    assert any("line 2: the horizon ends before it starts" in fault for fault in faults)
    assert any("line 4: unknown pledge 'wales_2024'. Did you mean wales_2014" in fault for fault in faults)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends: baseline\n\ttitle: x\n", "line 2, column 1: a tab indents this line"),
        ("extends: mine.yaml\n", "line 1: the scenario extends itself"),
        ("extends: basline\n", "line 1: unknown scenario 'basline'. Did you mean baseline?"),
        ("extends: ../mine.yaml\n", "the path leaves the folder"),
        ("extends: baseline\nevidence: [/etc/passwd.csv]\n", "line 2: the path leaves the folder"),
        ("extends: baseline\nevidence: [../x.csv]\n", "the path leaves the folder"),
        ("extends: baseline\nevidence: [none.csv]\n", "there is no such file; found 'none.csv'"),
        ("extends: baseline\nseed: 1\nseed: 2\n", "lines 2 and 3: key 'seed' stands twice"),
        ("extends: baseline\nas_of: yesterday\n", "line 2: 'as_of'"),
        ("- a\n- b\n", "a scenario is a list of 'key: value' lines"),
        ("title: x\n", "'as_of' is missing"),
        ("extends: &a baseline\ntitle: *a\n", "an alias"),
        ("extends: [baseline]\n", "'extends' names one scenario"),
        ("a: [1, 2\n", "not valid YAML"),
        ("extends: baseline\npledges: []\n", "line 2: 'pledges'"),
        (
            "extends: tiny\ncompare:\n  - {pledge: wales_2014, year: 2024, then: 2026-07-31}\n",
            "line 3: 'then' must come before",
        ),
        (
            "extends: tiny\ncompare:\n  - {pledge: hague_2025, year: 2024, then: 2024-07-31}\n",
            "which the scenario does not judge",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    faults = _faults(folder, text)
    assert any(message in fault for fault in faults), faults


def test_a_level_of_350_for_3_5(tmp_path: Path) -> None:
    pledge = "{pledge: mine, title: T, measure: defence_pct_gdp, level_pct: 350, base_year: 2025, deadline: 2035}"
    faults = _faults(tmp_path, f"extends: tiny\npledges:\n  - {pledge}\ncompare: []\n")
    assert any(("'pledges.0" in fault and "350" in fault) or "Did you mean 3.5?" in fault for fault in faults), faults


def test_before_the_first_release(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("extends: tiny\nas_of: 2010-01-01\ncompare: []\n")
    with pytest.raises(NotKnownError, match="2017-02-28"):
        resolve(tmp_path / "mine.yaml")


def test_not_utf8_and_missing(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes("title: Türkiye\n".encode("latin-1"))
    with pytest.raises(ScenarioError, match="not UTF-8"):
        resolve(tmp_path / "mine.yaml")
    with pytest.raises(ScenarioError, match="no such file"):
        resolve(tmp_path / "none.yaml")
    with pytest.raises(ScenarioError, match="unknown scenario 'tinny'. Did you mean tiny"):
        resolve("tinny")


def test_the_schema_is_json_and_describes_every_field() -> None:
    schema = json.loads(json.dumps(json_schema()))
    assert schema["additionalProperties"] is False
    assert all("description" in field for field in schema["properties"].values())
    described = schema["$defs"]["Ledger"]["properties"]["min_reporting"]
    assert described["x-standing"] == "notional"


def test_the_user_s_own_table_is_laid_over_the_evidence(tmp_path: Path) -> None:
    header = "ally,measure,period,value,unit,price_base,vintage,status,standing,low,high,decimals,source_id,note"
    row = "POL,defence_pct_gdp,2026,4.9,percent of GDP,,2026-07-15,estimate,official,,,2,x,"
    (tmp_path / "own.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text("extends: tiny\nevidence: [own.csv]\ncompare: []\n")
    inputs = resolve(tmp_path / "mine.yaml")
    figure = inputs.evidence.value("nato/2026-07-15/defence_pct_gdp#POL/2026")
    assert figure.value == 4.9
    assert figure.standing == "yours"
    assert inputs.evidence.digest() != resolve("tiny").evidence.digest()
