"""Contingency files, and the part of a scenario that rests on the planning tables: every fault at once, by line."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.planning_folder import CONTINGENCY, PlanningFolder

from article3.errors import Article3Error, ScenarioError
from article3.evidence import planning
from article3.evidence.planbook import held_lines, write_workbook
from article3.evidence.planning import Overlay, Planning, keep, open_planning
from article3.scenario import contingency as module
from article3.scenario import planned
from article3.scenario.contingency import Contingency, read_contingency, with_own
from article3.scenario.planned import gap_digest, requirement_lines
from article3.scenario.resolve import resolve

OTHER = (
    CONTINGENCY.replace("contingency: mine", "contingency: other")
    .replace("intensity: high", "intensity: low")
    .replace("Own estimate", "study-2025")
)
SCENARIO = "extends: tiny\ncontingencies: [other]\n"


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a small alliance and one contingency in the place of the shipped ones."""
    folder = PlanningFolder(tmp_path / "evidence").write()
    shipped = tmp_path / "contingencies"
    shipped.mkdir()
    (shipped / "other.yaml").write_text(OTHER, encoding="utf-8")
    monkeypatch.setattr(planning, "SHIPPED", folder)
    monkeypatch.setattr(module, "CONTINGENCIES", shipped)
    monkeypatch.setattr(planned, "CONTINGENCIES", shipped)
    return folder


@pytest.fixture
def tables(small: Path) -> Planning:
    return open_planning()


def read(folder: Path, text: str, tables: Planning, name: str = "mine.yaml") -> Contingency:
    (folder / name).write_text(text, encoding="utf-8")
    return read_contingency(folder / name, tables)


def faults(folder: Path, text: str, tables: Planning) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read(folder, text, tables)
    return [str(fault) for fault in caught.value.faults]


def test_a_contingency_is_read(tmp_path: Path, tables: Planning) -> None:
    found = read(tmp_path, CONTINGENCY, tables)
    assert (found.id, found.theatre, found.conventional, found.intensity, found.weight) == (
        "mine", "baltic", True, "high", 1.0,
    )  # fmt: skip
    assert found.essential == ("heavy_manoeuvre",)
    first, second, tanker, shells, more = found.needs
    assert (first.window_days, first.low, first.central, first.high, first.basis, first.rate) == (
        10, 1, 2, 3, "total", None,
    )  # fmt: skip
    assert (first.source_id, first.standing, first.where) == ("study-2025", "reported", "mine.yaml, line 12")
    assert second.window_days == 30
    assert (tanker.source_id, tanker.standing, tanker.note) == ("Own estimate", "yours", "As good as any.")
    assert (shells.low, shells.central, shells.rate) == (500, 1000, 100)
    assert (more.window_days, more.central, more.rate) == (30, 3000, 100)


def line(text: str) -> Callable[[str], str]:
    """Return the contingency with another line in the place of one, or without it."""
    return lambda new: CONTINGENCY.replace(f"{text}\n", f"{new}\n" if new else "")


NEED = "    windows: {10: [1, 2, 3], 30: [2, 3, 4]}"
FIRST = "  - capability: heavy_manoeuvre"
MISTAKES: list[tuple[str, str, str]] = [
    ("unknown key", line("description: For tests.")("titel: x"), "line 3: unknown key 'titel'. Did you mean title?"),
    ("a key in a need", line(NEED)(f"{NEED}\n    windoes: 3"), "line 13: unknown key 'windoes'. Did you mean windows?"),
    (
        "no basis",
        CONTINGENCY.replace("    basis: total\n", "", 1),
        "line 9: 'basis' is missing. Without it the number has no meaning",
    ),
    (
        "no unit",
        CONTINGENCY.replace("    unit: brigade\n", "", 1),
        "line 9: 'unit' is missing. A number without a unit cannot be checked",
    ),
    (
        "another unit",
        CONTINGENCY.replace("unit: brigade", "unit: round", 1),
        "line 10: another unit than that of heavy_manoeuvre",
    ),
    (
        "an increment",
        CONTINGENCY.replace("basis: total", "basis: increment", 1),
        (
            "line 11: the basis of a requirement is not 'increment'; expected total or rate. Increment and replacement are "
            "shown as published sets, never inside a contingency."
        ),
    ),
    ("unknown basis", CONTINGENCY.replace("total", "totl", 1), "line 11: unknown basis 'totl'. Did you mean total?"),
    (
        "unknown capability",
        line(FIRST)("  - capability: heavy_manouvre"),
        "line 9: unknown capability 'heavy_manouvre'. Did you mean heavy_manoeuvre",
    ),
    (
        "low above central",
        line(NEED)("    windows: {10: [3, 2, 4]}"),
        "line 12: low is above central at 10 days; found 3 and 2",
    ),
    ("central above high", line(NEED)("    windows: {10: [1, 5, 4]}"), "line 12: central is above high at 10 days"),
    ("negative", line(NEED)("    windows: {10: [-1, 2, 3]}"), "line 12: low at 10 days is negative; found -1"),
    ("text", line(NEED)("    windows: {10: [1, two, 3]}"), "line 12: central at 10 days is not a number; found two"),
    ("infinite", line(NEED)("    windows: {10: [1, 2, .inf]}"), "line 12: high at 10 days is not finite"),
    ("two figures", line(NEED)("    windows: {10: [1, 2]}"), "line 12: the window of 10 days has not three figures"),
    ("unknown window", line(NEED)("    windows: {20: [1, 2, 3]}"), "line 12: not a readiness window; found 20"),
    ("no window", line(NEED)("    windows: {}"), "line 12: 'windows' gives low, central and high by window"),
    (
        "falling",
        line(NEED)("    windows:\n      10: [1, 2, 3]\n      30: [1, 1, 4]"),
        "line 14: the requirement of heavy_manoeuvre falls between 10 and 30 days (central); found 2 then 1",
    ),
    ("no essential", line("essential: [heavy_manoeuvre]")(""), "line 1: 'essential' is missing"),
    ("none essential", line("essential: [heavy_manoeuvre]")("essential: []"), "line 7: no essential capability."),
    (
        "essential and not needed",
        line("essential: [heavy_manoeuvre]")("essential: [heavy_manoeuvre, cyber_defence]"),
        "line 7: 'cyber_defence' is essential but not among the needs",
    ),
    (
        "essential twice",
        line("essential: [heavy_manoeuvre]")("essential: [heavy_manoeuvre, heavy_manoeuvre]"),
        "line 7: 'heavy_manoeuvre' is named twice",
    ),
    (
        "essential and American only",
        (
            f"{line('essential: [heavy_manoeuvre]')('essential: [strategic_strike]')}"
            "  - {capability: strategic_strike, unit: aircraft, basis: total, windows: {10: [1, 1, 1]}, source: study-2025}\n"
        ),
        "line 26: 'strategic_strike' cannot be essential: nobody outside the United States can give it",
    ),
    (
        "given by nobody",
        f"{CONTINGENCY}  - {{capability: cyber_defence, unit: team, basis: total, windows: {{10: [1, 1, 1]}}, source: study-2025}}\n",
        "line 26: nobody holds anything that gives cyber_defence. Give somebody the element (cyber defence team)",
    ),
    (
        "a brigade beside its tanks",
        f"{CONTINGENCY}  - {{capability: armour, unit: vehicle, basis: total, windows: {{10: [1, 1, 1]}}, source: study-2025}}\n",
        "line 26: 'armour' stands beside brigades that contain it (heavy_manoeuvre)",
    ),
    (
        "required twice",
        f"{CONTINGENCY}  - {{capability: heavy_manoeuvre, unit: brigade, basis: total, windows: {{10: [9, 9, 9]}}, source: study-2025}}\n",
        "line 26: 'heavy_manoeuvre' is required twice",
    ),
    (
        "unknown theatre",
        line("theatre: baltic")("theatre: blatic"),
        "line 4: unknown theatre 'blatic'. Did you mean baltic?",
    ),
    ("a holder as theatre", line("theatre: baltic")("theatre: POL"), "line 4: unknown theatre 'POL'"),
    (
        "no source",
        CONTINGENCY.replace("    source: study-2025\n", "", 1),
        "line 9: 'source' is missing. No number without",
    ),
    (
        "a source of one's own",
        CONTINGENCY.replace("    standing: yours\n", ""),
        "line 18: a source of your own needs a standing beside it; found Own estimate",
    ),
    ("unknown standing", CONTINGENCY.replace("standing: yours", "standing: sure"), "line 19: unknown standing 'sure'"),
    ("intensity", line("intensity: high")("intensity: hihg"), "line 6: unknown intensity 'hihg'. Did you mean high?"),
    ("conventional", line("conventional: true")("conventional: perhaps"), "line 5: 'conventional' is true or false"),
    ("weight", line("description: For tests.")("weight: -1"), "line 3: the weight is negative"),
    ("no weight", line("description: For tests.")("weight: 0"), "line 3: a weight of zero"),
    ("a name", line("contingency: mine")("contingency: Mine 1"), "line 1: 'contingency' is not as it should be"),
    ("a list", "- a\n", "mine.yaml: a contingency is a list of 'key: value' lines"),
    ("needs", "contingency: mine\nneeds: []\n", "line 2: 'needs' lists what the contingency requires"),
    (
        "a need",
        line(FIRST)("  - heavy_manoeuvre\n  - capability: medium_manoeuvre"),
        "line 9: a requirement is a list of",
    ),
]


@pytest.mark.parametrize(("text", "said"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_told_with_its_line(tmp_path: Path, tables: Planning, text: str, said: str) -> None:
    found = faults(tmp_path, text, tables)
    assert any(fault.startswith("mine.yaml") and said in fault for fault in found), found


def test_all_faults_of_a_file_come_at_once(tmp_path: Path, tables: Planning) -> None:
    text = (
        CONTINGENCY.replace("theatre: baltic", "theatre: blatic")
        .replace("basis: rate", "basis: replacement")
        .replace("{10: [1, 2, 3]}", "{10: [-1, 2, 3]}")
        .replace("essential: [heavy_manoeuvre]", "essential: []")
    )
    found = faults(tmp_path, text, tables)
    assert [fault.split(":")[0].split("line ")[1] for fault in found] == ["4", "17", "23", "7"]


def test_what_only_the_united_states_has_may_be_needed(tmp_path: Path, tables: Planning) -> None:
    need = "  - {capability: strategic_strike, unit: aircraft, basis: total, windows: {10: [1, 1, 1]}, source: study-2025}\n"
    assert read(tmp_path, CONTINGENCY + need, tables).needs[-1].capability == "strategic_strike"


def test_a_shipped_file_has_sources_that_are_held_and_its_own_name(small: Path, tables: Planning) -> None:
    folder = module.CONTINGENCIES
    with pytest.raises(ScenarioError) as caught:
        read(folder, CONTINGENCY, tables, "elsewhere.yaml")
    text = str(caught.value)
    assert "line 1: the name is not that of the file; found mine" in text
    assert "line 18: unknown source 'Own estimate'. Known: article3-assumption, study-2025." in text


def test_own_requirements_take_the_place_of_those_of_the_file(tmp_path: Path, tables: Planning) -> None:
    found = read(tmp_path, CONTINGENCY, tables)
    own = [
        Overlay("requirements", ("mine", "artillery_ammunition", "30"), 2000, 6000, 9000, "round", "my table", "x"),
        Overlay("requirements", ("other", "heavy_manoeuvre", "10"), 9, 9, 9, "brigade"),
        Overlay("holdings", ("DEU", "sam_long"), 9, 9, 9, "battery"),
    ]
    changed = with_own(found, own)
    assert changed.needs[:-1] == found.needs[:-1]
    need = changed.needs[-1]
    assert (need.low, need.central, need.high, need.rate) == (2000, 6000, 9000, 200)
    assert (need.standing, need.source_id, need.note) == ("yours", "my table", "x")
    assert gap_digest(tables, [changed]) != gap_digest(tables, [found])
    with pytest.raises(ScenarioError, match="artillery_ammunition falls between 10 and 30 days"):
        with_own(found, [Overlay("requirements", ("mine", "artillery_ammunition", "10"), 1e6, 1e6, 1e6, "round")])


def scenario_faults(folder: Path, text: str) -> list[str]:
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Article3Error) as caught:
        resolve(folder / "plan.yaml")
    return [str(fault) for fault in caught.value.faults]


def test_a_scenario_without_contingencies_opens_no_planning_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "SHIPPED", tmp_path / "nowhere")
    for name in ("tiny", "health_crisis"):
        inputs = resolve(name)
        assert (inputs.contingencies, inputs.situations, inputs.gap_digest()) == ((), (), "")


def test_a_scenario_with_shipped_and_own_contingencies(tmp_path: Path, small: Path) -> None:
    (tmp_path / "mine.yaml").write_text(CONTINGENCY, encoding="utf-8")
    (tmp_path / "plan.yaml").write_text(
        "extends: tiny\ncontingencies: [other, mine.yaml]\n"
        "situations:\n  - {situation: both, title: Both at once, contingencies: [other, mine]}\n"
        "without: [usa, turkey]\ncaveats:\n  - {ally: Hungary}\n"
        "us: {variants: [after_2026_b], focus: reduced}\ngap: {draws: 0, ceiling_usd_m: 500, within_years: 2}\n",
        encoding="utf-8",
    )
    inputs = resolve(tmp_path / "plan.yaml")
    assert [item.id for item in inputs.contingencies] == ["other", "mine"]
    assert inputs.situations[0].contingencies == ("other", "mine")
    assert inputs.without == ("TUR", "USA")
    assert inputs.scenario.caveats[0].ally == "HUN"
    assert inputs.scenario.us.with_us == "before_2026"
    assert inputs.planning is open_planning()
    assert any("forces_gfp" in warning for warning in inputs.warnings)
    assert len(inputs.gap_digest()) == 64
    assert {"contingencies", "situations", "without", "us", "gap", "caveats"} <= set(inputs.changed)


PLANS: list[tuple[str, str, str]] = [
    (
        "unknown contingency",
        "contingencies: [othr]",
        "line 2: unknown contingency 'othr'. Did you mean other? A file of your",
    ),
    ("no such file", "contingencies: [none.yaml]", "line 2: there is no such file; found 'none.yaml'"),
    ("outside", "contingencies: [../x.yaml]", "line 2: the path leaves the folder"),
    ("twice", "contingencies: [other, other]", "line 2: the contingency 'other' is named twice"),
    (
        "a member that is not assessed",
        "contingencies: [other]\nsituations:\n  - {situation: two, title: T, contingencies: [other, mine]}",
        "line 4: 'two': unknown contingency 'mine'",
    ),
    (
        "a situation without contingencies",
        "situations:\n  - {situation: two, title: T, contingencies: [other, mine]}",
        "line 3: 'two': unknown contingency 'other'. The scenario names no contingencies.",
    ),
    (
        "a member twice",
        "contingencies: [other]\nsituations:\n  - {situation: two, title: T, contingencies: [other, other]}",
        "line 4: 'two' names 'other' twice",
    ),
    (
        "a situation of one",
        "contingencies: [other]\nsituations:\n  - {situation: two, title: T, contingencies: [other]}",
        "line 4: 'situations.0.contingencies'",
    ),
    (
        "a situation twice",
        (
            "contingencies: [other, mine.yaml]\nsituations:\n"
            "  - {situation: two, title: T, contingencies: [other, mine]}\n"
            "  - {situation: two, title: T, contingencies: [mine, other]}"
        ),
        "line 5: the situation 'two' stands twice",
    ),
    (
        "a situation with the name of a contingency",
        "contingencies: [other, mine.yaml]\nsituations:\n  - {situation: mine, title: T, contingencies: [other, mine]}",
        "line 4: 'mine' is the name of a contingency",
    ),
    (
        "unknown version",
        "contingencies: [other]\nus: {reduced: after_2026_c}",
        "line 3: unknown version of the offer of the",
    ),
    ("unknown variant", "contingencies: [other]\nus: {variants: [x]}", "line 3: unknown version of the offer"),
    ("a variant twice", "contingencies: [other]\nus: {variants: [after_2026_a]}", "line 3: a version is named twice"),
    ("unknown focus", "us: {focus: with_us}", "line 2: 'us.focus'"),
    ("unknown key", "us: {with: before_2026}", "line 2: unknown key 'with'. Did you mean with_us?"),
    ("unknown absentee", "without: [Atlantis]", "line 2: unknown Ally or group 'Atlantis'"),
    ("nobody left", "without: [alliance]", "line 2: without all Allies nobody is left"),
    ("unknown caveat", "caveats: [{ally: Hungry}]", "line 2: unknown Ally 'Hungry'. Did you mean HUN"),
    ("two caveats", "caveats: [{ally: HUN}, {ally: Hungary}]", "line 2: 'HUN' has two caveats"),
    ("another caveat", "caveats: [{ally: HUN, only: at_home}]", "line 2: 'caveats.0.only'"),
    ("draws", "gap: {draws: 1001}", "line 2: 'gap.draws'"),
    ("ceiling", "gap: {ceiling_usd_m: 0}", "line 2: 'gap.ceiling_usd_m'"),
    ("years", "gap: {within_years: -1}", "line 2: 'gap.within_years'"),
    ("no workbook", "evidence: [none.xlsx]", "line 2: there is no such file; found 'none.xlsx'"),
    ("not a workbook", "evidence: [mine.yaml]", "line 2: evidence is a table (.csv) or a planning workbook (.xlsx)"),
    ("damaged", "evidence: [bad.xlsx]", "bad.xlsx: not an Excel workbook"),
]


@pytest.mark.parametrize(("text", "said"), [row[1:] for row in PLANS], ids=[row[0] for row in PLANS])
def test_a_mistake_in_a_scenario_is_told_with_its_line(tmp_path: Path, small: Path, text: str, said: str) -> None:
    (tmp_path / "mine.yaml").write_text(CONTINGENCY, encoding="utf-8")
    (tmp_path / "bad.xlsx").write_text("nothing", encoding="utf-8")
    found = scenario_faults(tmp_path, f"extends: tiny\n{text}\n")
    assert len(found) == len(set(found))
    assert any(said in fault for fault in found), found


def test_faults_of_scenario_contingency_and_tables_come_at_once(tmp_path: Path, small: Path) -> None:
    (tmp_path / "mine.yaml").write_text(CONTINGENCY.replace("total", "totl", 1), encoding="utf-8")
    text = "extends: tiny\nseed: -1\ncontingencies: [othr, mine.yaml]\nwithout: [Atlantis]\n"
    found = scenario_faults(tmp_path, text)
    assert any("plan.yaml, line 2: 'seed'" in fault for fault in found)
    assert any("plan.yaml, line 3: unknown contingency 'othr'" in fault for fault in found)
    assert any("mine.yaml, line 11: unknown basis 'totl'" in fault for fault in found)
    assert any("plan.yaml, line 4: unknown Ally or group 'Atlantis'" in fault for fault in found)


def test_an_early_scenario_is_told_that_holdings_are_later(tmp_path: Path, small: Path) -> None:
    (tmp_path / "plan.yaml").write_text(f"{SCENARIO}as_of: 2024-12-31\n", encoding="utf-8")
    warnings = resolve(tmp_path / "plan.yaml").warnings
    assert any("as known on 2024-12-31, uses figures published up to 2026-07" in warning for warning in warnings)
    (tmp_path / "plan.yaml").write_text(SCENARIO, encoding="utf-8")
    assert not any("published up to" in warning for warning in resolve(tmp_path / "plan.yaml").warnings)


def workbook(folder: Path, tables: Planning, cells: dict[str, object], name: str = "mine.xlsx") -> None:
    """Write a planning workbook of the small alliance with cells changed."""
    shipped = planned.read_shipped(tables)
    book = openpyxl.load_workbook(
        io.BytesIO(write_workbook(held_lines(tables, requirement_lines(shipped)), (), {}, ""))
    )
    for place, value in cells.items():
        sheet, cell = place.split("!")
        book[sheet][cell] = value
    book.save(folder / name)


def test_a_workbook_beside_the_scenario_holds_for_it_alone(tmp_path: Path, tables: Planning) -> None:
    cells: dict[str, object] = {"holdings!J2": 7, "requirements!J2": 1, "requirements!K2": 2.5}
    cells |= {"requirements!L2": 3, "requirements!N2": "my table"}
    workbook(tmp_path, tables, cells)
    (tmp_path / "plan.yaml").write_text(f"{SCENARIO}evidence: [mine.xlsx]\n", encoding="utf-8")
    inputs = resolve(tmp_path / "plan.yaml")
    held = inputs.planning.table("holdings").row(0, named=True)
    assert (held["holder"], held["element"], held["central"], held["standing"]) == (
        "DEU",
        "brigade_heavy",
        7.0,
        "yours",
    )
    need = inputs.contingencies[0].needs[0]
    assert (need.central, need.standing, need.source_id) == (2.5, "yours", "my table")
    (tmp_path / "plan.yaml").write_text(SCENARIO, encoding="utf-8")
    without = resolve(tmp_path / "plan.yaml")
    assert without.planning.table("holdings").row(0, named=True)["central"] == 5.0
    assert without.gap_digest() != inputs.gap_digest()
    assert without.evidence.digest() == inputs.evidence.digest()


def test_a_faulty_workbook_is_told_with_the_faults_of_the_scenario(tmp_path: Path, tables: Planning) -> None:
    workbook(tmp_path, tables, {"holdings!J2": -7, "requirements!K2": "two"})
    found = scenario_faults(tmp_path, f"{SCENARIO}evidence: [mine.xlsx]\nus: {{reduced: x}}\n")
    assert any("mine.xlsx, holdings!J2: the number is negative" in fault for fault in found)
    assert any("mine.xlsx, requirements!K2: text stands" in fault for fault in found)
    assert any("line 4: unknown version" in fault for fault in found)


def test_a_workbook_that_leaves_a_requirement_to_nobody(tmp_path: Path, tables: Planning) -> None:
    workbook(tmp_path, tables, {"holdings!J2": 0, "holdings!J5": 0, "holdings!J7": 0})
    found = scenario_faults(tmp_path, f"{SCENARIO}evidence: [mine.xlsx]\n")
    assert found == [
        (
            "other.yaml, line 12: nobody holds anything that gives heavy_manoeuvre. Give somebody the element (heavy "
            "brigade) or another that has an effect on it, or leave it out."
        )
    ]


def test_kept_figures_hold_in_every_scenario_and_a_workbook_can_give_them_up(
    tmp_path: Path, tables: Planning, own_evidence: Path
) -> None:
    kept = (
        Overlay("holdings", ("DEU", "brigade_heavy"), 8, 8, 8, "brigade"),
        Overlay("requirements", ("other", "heavy_manoeuvre", "10"), 1, 1, 1, "brigade"),
        Overlay("requirements", ("other", "heavy_manoeuvre", "180"), 9, 9, 9, "brigade"),
        Overlay("requirements", ("elsewhere", "heavy_manoeuvre", "10"), 9, 9, 9, "brigade"),
    )
    keep(kept, own_evidence)
    (tmp_path / "plan.yaml").write_text(SCENARIO, encoding="utf-8")
    inputs = resolve(tmp_path / "plan.yaml")
    assert inputs.planning.table("holdings")["central"][0] == 8.0
    assert inputs.contingencies[0].needs[0].central == 1
    passed = [warning for warning in inputs.warnings if "passed over" in warning]
    assert passed == [
        "Your own requirement other, heavy_manoeuvre, 180 (planning/own.csv:4) has no place here and was passed over."
    ]
    workbook(tmp_path, tables, {"holdings!J2": "default"})
    (tmp_path / "plan.yaml").write_text(f"{SCENARIO}evidence: [mine.xlsx]\n", encoding="utf-8")
    given_up = resolve(tmp_path / "plan.yaml")
    assert given_up.planning.table("holdings")["central"][0] == 5.0
    assert given_up.contingencies[0].needs[0].central == 1


FIGURES = st.lists(st.floats(min_value=0, max_value=1e6).map(lambda x: round(x, 3)), min_size=9, max_size=9)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(figures=FIGURES)
def test_any_figures_in_order_are_read_and_any_others_refused(
    tmp_path: Path, tables: Planning, figures: list[float]
) -> None:
    windows = {10: figures[:3], 30: figures[3:6], 180: figures[6:]}
    data = yaml.safe_load(CONTINGENCY)
    data["needs"][0]["windows"] = windows
    rows = list(windows.values())
    ordered = all(row == sorted(row) for row in rows)
    rising = all(list(column) == sorted(column) for column in zip(*rows, strict=True))
    something = all(central > 0 for _, central, _ in rows)
    text = yaml.safe_dump(data)
    if ordered and rising and something:
        found = read(tmp_path, text, tables)
        assert [[need.low, need.central, need.high] for need in found.needs[:3]] == rows
    else:
        with pytest.raises(ScenarioError):
            read(tmp_path, text, tables)
