"""The planning workbook at the command line: export, edit, check, import, export again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from tests.conftest import Result
from tests.planning_folder import CONTINGENCY, PlanningFolder

from article3.evidence import planning
from article3.evidence.planning import OWN, open_planning
from article3.evidence.store import open_evidence
from article3.scenario import contingency, planned

Article3 = Callable[..., Result]


@pytest.fixture
def alliance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_evidence: Path) -> Path:
    """Put a small alliance with one contingency in the place of the shipped one; return the folder to work in."""
    monkeypatch.setattr(planning, "SHIPPED", PlanningFolder(tmp_path / "evidence").write())
    shipped = tmp_path / "contingencies"
    shipped.mkdir()
    text = CONTINGENCY.replace("Own estimate", "study-2025")
    (shipped / "mine.yaml").write_text(text, encoding="utf-8")
    for module in (contingency, planned):
        monkeypatch.setattr(module, "CONTINGENCIES", shipped)
    return tmp_path


def edit(path: Path, cells: dict[str, object]) -> None:
    book = openpyxl.load_workbook(path)
    for place, value in cells.items():
        sheet, cell = place.split("!")
        book[sheet][cell] = value
    book.save(path)


def test_out_and_in_again_is_nothing_to_do(article3: Article3, alliance: Path, own_evidence: Path) -> None:
    path = alliance / "figures.xlsx"
    out = article3("evidence", "export", "--workbook", str(path), "--json")
    assert out.code == 0
    assert {row["sheet"]: row["rows"] for row in out.rows("workbook")} == {
        "holdings": 9, "availability": 24, "costs": 8, "requirements": 5,
    }  # fmt: skip
    again = article3("evidence", "import", str(path), "--json")
    assert again.code == 0
    assert again.envelope()["rows"] == []
    assert "Nothing to do" in again.envelope()["sentence"]
    assert not own_evidence.exists()


def test_figures_are_shown_then_kept_then_given_up(article3: Article3, alliance: Path, own_evidence: Path) -> None:
    path = alliance / "figures.xlsx"
    before = open_evidence().digest()
    article3("evidence", "export", "--workbook", str(path))
    edit(path, {"holdings!J2": 8, "holdings!M2": "my table", "costs!H3": 90, "requirements!K4": 2.5})
    edit(path, {"requirements!J4": 1, "requirements!L4": 3})
    shown = article3("evidence", "import", str(path), "--dry-run", "--json")
    rows = {row["key"]: row for row in shown.rows("own_figure")}
    assert {key: (row["sheet"], row["change"]) for key, row in rows.items()} == {
        "DEU/brigade_heavy": ("holdings", "added"),
        "brigade_medium": ("costs", "added"),
        "mine/air_refuelling/10": ("requirements", "added"),
    }
    assert (rows["DEU/brigade_heavy"]["default"], rows["DEU/brigade_heavy"]["central"]) == (5, 8)
    assert rows["DEU/brigade_heavy"]["source"] == "my table"
    assert shown.envelope()["sentence"] == "Would keep 3 figures of your own: 3 added. Nothing was kept."
    assert not own_evidence.exists()
    assert article3("check", str(path)).code == 0
    assert not own_evidence.exists()

    assert article3("evidence", "import", str(path)).code == 0
    assert open_planning().table("holdings").row(0, named=True)["central"] == 8
    assert open_planning().table("holdings").row(0, named=True)["source_id"] == "my table"
    assert open_evidence().digest() != before
    assert "Nothing to do" in article3("evidence", "import", str(path)).out

    second = alliance / "second.xlsx"
    article3("evidence", "export", "--workbook", str(second))
    assert "Nothing to do" in article3("evidence", "import", str(second)).out
    edit(second, {"holdings!J2": "default", "costs!H3": 95, "costs!G3": 95, "costs!I3": 95})
    changes = article3("evidence", "import", str(second), "--json").rows("own_figure")
    assert [(row["key"], row["change"], row["before"], row["central"]) for row in changes] == [
        ("brigade_medium", "changed", 90.0, 95.0),
        ("DEU/brigade_heavy", "given up", 8.0, None),
    ]
    assert open_planning().table("holdings").row(0, named=True)["central"] == 5
    kept = (own_evidence / OWN).read_text(encoding="utf-8").splitlines()
    assert kept[1:] == [
        "costs,brigade_medium,95,95,95,million US$ of 2025 per brigade,yours,",
        "requirements,mine/air_refuelling/10,1,2.5,3,aircraft,yours,",
    ]


def test_faults_keep_everything_as_it_was(article3: Article3, alliance: Path, own_evidence: Path) -> None:
    path = alliance / "figures.xlsx"
    article3("evidence", "export", "--workbook", str(path))
    edit(path, {"holdings!J2": -8, "costs!H3": 90, "availability!I2": 2})
    for verb in (("evidence", "import"), ("check",)):
        refused = article3(*verb, str(path), "--json")
        assert refused.code == 2
        assert [fault["where"] for fault in refused.envelope()["errors"]] == [
            "figures.xlsx, holdings!J2", "figures.xlsx, availability!I2",
        ]  # fmt: skip
    assert not own_evidence.exists()


def test_figures_that_leave_a_shipped_contingency_to_nobody_are_not_kept(
    article3: Article3, alliance: Path, own_evidence: Path
) -> None:
    path = alliance / "figures.xlsx"
    article3("evidence", "export", "--workbook", str(path))
    edit(path, {"holdings!J2": 0, "holdings!J5": 0, "holdings!J7": 0})
    refused = article3("evidence", "import", str(path))
    assert refused.code == 2
    assert "mine.yaml, line 12: nobody holds anything that gives heavy_manoeuvre" in refused.err
    assert not own_evidence.exists()


def test_a_workbook_is_never_written_over_another_file(article3: Article3, alliance: Path) -> None:
    path = alliance / "figures.xlsx"
    path.write_text("somebody's work")
    assert "the file exists already" in article3("evidence", "export", "--workbook", str(path)).err
    assert path.read_text() == "somebody's work"
    assert "ends in .xlsx" in article3("evidence", "export", "--workbook", str(alliance / "figures.csv")).err


def test_a_contingency_file_is_checked(article3: Article3, alliance: Path) -> None:
    path = alliance / "mine.yaml"
    path.write_text(CONTINGENCY, encoding="utf-8")
    good = article3("check", str(path), "--json")
    assert good.code == 0
    assert "requires 3 capabilities, 1 of them essential" in good.envelope()["sentence"]
    assert [row["central"] for row in good.rows("requirement")] == [2, 3, 2, 1000, 3000]
    path.write_text(
        CONTINGENCY.replace("total", "increment").replace("theatre: baltic", "theatre: x"), encoding="utf-8"
    )
    bad = article3("check", str(path))
    assert bad.code == 2
    assert len(bad.err.splitlines()) == 3


def test_a_scenario_can_bring_its_own_contingency(article3: Article3, alliance: Path) -> None:
    (alliance / "own.yaml").write_text(CONTINGENCY.replace("contingency: mine", "contingency: own"), encoding="utf-8")
    path = alliance / "plan.yaml"
    path.write_text("extends: tiny\ncontingencies: [mine, own.yaml]\n", encoding="utf-8")
    assert "changed from baseline" in article3("check", str(path)).out
    path.write_text("extends: tiny\ncontingencies: [mine, own.yaml]\nwithout: [nobody]\n", encoding="utf-8")
    assert "plan.yaml, line 3: unknown Ally or group 'nobody'" in article3("check", str(path)).err


def test_a_check_tells_what_to_mind(article3: Article3, alliance: Path) -> None:
    path = alliance / "plan.yaml"
    path.write_text("extends: tiny\ncontingencies: [mine]\n", encoding="utf-8")
    assert any("forces_gfp" in warning for warning in article3("check", str(path), "--json").envelope()["warnings"])
