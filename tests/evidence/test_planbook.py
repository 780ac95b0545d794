"""The planning workbook: out, edited, in again; every fault by sheet and cell."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.planning_folder import PlanningFolder

from article3.errors import ImportFileError
from article3.evidence.planbook import DEFAULT, YOURS, Line, capability_line, held_lines, write_workbook
from article3.evidence.planbook_reading import Edits, is_planning_workbook, read_workbook
from article3.evidence.planning import Overlay, open_planning
from article3.evidence.releases import read_sources

Held = dict[str, list[Line]]
Write = Callable[[Mapping[str, object]], Path]
BRIGADES = Overlay("holdings", ("DEU", "brigade_heavy"), 5, 5.5, 6, "brigade", "a licensed table", "counted")
NEW = Overlay("holdings", ("POL", "tanker"), 2, 2, 2, "aircraft", "yours")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return PlanningFolder(tmp_path_factory.mktemp("planbook") / "evidence").write()


@pytest.fixture(scope="module")
def held(folder: Path) -> Held:
    needs = [
        capability_line(("mine", "heavy_manoeuvre", window), "A small defence", (low, low + 1, low + 2), origin)
        for window, low in (("10", 1.0), ("30", 2.0))
        for origin in [("reported", "study-2025", "One line.")]
    ]
    return held_lines(open_planning((folder,)), needs)


def written(held: Held, folder: Path, *kept: Overlay) -> bytes:
    return write_workbook(held, kept, read_sources(folder), "article3 test")


@pytest.fixture
def edit(held: Held, folder: Path, tmp_path: Path) -> Write:
    """Write the workbook with cells changed: ``{"holdings!F12": 3}``; a new row where the table ends."""
    data = written(held, folder)

    def write(cells: Mapping[str, object]) -> Path:
        book = openpyxl.load_workbook(io.BytesIO(data))
        for place, value in cells.items():
            sheet, cell = place.split("!")
            book[sheet][cell] = value
        path = tmp_path / "mine.xlsx"
        book.save(path)
        return path

    return write


def faults(held: Held, path: Path, *kept: Overlay) -> list[str]:
    with pytest.raises(ImportFileError) as caught:
        read_workbook(path, held, kept)
    return [str(fault) for fault in caught.value.faults]


def test_the_workbook_has_its_sheets_and_columns(held: Held, folder: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(held, folder)))
    assert book.sheetnames == ["Read me", "holdings", "availability", "costs", "requirements", "Sources"]
    heads = [cell.value for cell in book["holdings"][1]]
    assert heads == [
        "holder", "element", "holder name", "element title", *DEFAULT, "default standing", *YOURS, "unit", "source",
        "note",
    ]  # fmt: skip
    row = dict(zip(heads, (cell.value for cell in book["holdings"][2]), strict=True))
    assert row["holder name"] == "Germany"
    assert (row["default low"], row["default central"], row["default high"]) == (4, 5, 6)
    assert (row["default standing"], row["unit"], row["source"]) == ("notional", "brigade", "article3-assumption")
    assert row["yours central"] is None
    assert book["costs"]["J2"].value == "million US$ of 2025 per brigade"
    assert book["requirements"]["C3"].value == 30
    assert ("study-2025", "A study, 2025.") in {(row[0].value, row[1].value) for row in book["Sources"].rows}


def test_the_same_figures_give_the_same_bytes(held: Held, folder: Path) -> None:
    assert written(held, folder, BRIGADES) == written(held, folder, BRIGADES)
    assert written(held, folder, BRIGADES) != written(held, folder)
    with zipfile.ZipFile(io.BytesIO(written(held, folder))) as archive:
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_out_and_in_again_says_nothing(held: Held, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    path.write_bytes(written(held, folder))
    assert is_planning_workbook(path)
    assert read_workbook(path, held) == Edits((), (), ())


def test_own_figures_go_out_and_come_back_as_they_were(held: Held, folder: Path, tmp_path: Path) -> None:
    need = Overlay("requirements", ("mine", "heavy_manoeuvre", "30"), 3, 4, 5, "brigade", "yours", "a remark")
    kept = (BRIGADES, NEW, need)
    path = tmp_path / "out.xlsx"
    path.write_bytes(written(held, folder, *kept))
    edits = read_workbook(path, held, kept)
    assert edits.warnings == ()
    assert edits.over(kept) == kept
    # Where nothing is kept, the same workbook brings the same figures in.
    assert sorted(read_workbook(path, held).over(()), key=str) == sorted(kept, key=str)


def test_a_central_figure_alone_stands_for_all_three(held: Held, edit: Write) -> None:
    (item,) = read_workbook(edit({"holdings!J2": 7}), held).overlays
    assert item == Overlay("holdings", ("DEU", "brigade_heavy"), 7, 7, 7, "brigade")
    assert item.where == "mine.xlsx, holdings!J2"
    (item,) = read_workbook(edit({"holdings!J2": 7, "holdings!K2": 9.5, "holdings!M2": "My table"}), held).overlays
    assert (item.low, item.high, item.source, item.note) == (7, 9.5, "My table", "")


def test_a_new_row_takes_names_as_people_write_them(held: Held, edit: Write) -> None:
    new = {"A11": "Poland", "B11": "Tanker aircraft", "I11": 1, "J11": 2, "K11": 3, "L11": "aircraft"}
    edits = read_workbook(edit({f"holdings!{cell}": value for cell, value in new.items()}), held)
    assert edits.overlays == (Overlay("holdings", ("POL", "tanker"), 1, 2, 3, "aircraft"),)
    assert edits.warnings == ()


def test_the_word_default_gives_an_own_figure_up(held: Held, edit: Write) -> None:
    edits = read_workbook(edit({"holdings!J2": "Default"}), held, (BRIGADES, NEW))
    assert edits.overlays == ()
    assert edits.over((BRIGADES, NEW)) == (NEW,)


def test_a_workbook_of_another_edition_warns(held: Held, edit: Write) -> None:
    path = edit({"holdings!F2": 99, "holdings!F3": 99, "costs!D2": None, "holdings!J3": 10})
    edits = read_workbook(path, held)
    assert [item.central for item in edits.overlays] == [10]
    assert edits.warnings == (
        (
            "mine.xlsx, holdings!F2: 2 default figures are not what is held. The workbook is of another edition, or a "
            "figure was written into the wrong column: only what stands under 'yours' counts."
        ),
        (
            "mine.xlsx, costs!D2: 1 default figure is not what is held. The workbook is of another edition, or a figure "
            "was written into the wrong column: only what stands under 'yours' counts."
        ),
    )


FAULTY: list[tuple[str, dict[str, object], str]] = [
    (
        "unknown holder",
        {"A2": "Germoney", "J2": 1},
        "mine.xlsx, holdings!A2: unknown Ally or pool 'Germoney'. Did you mean DEU (Germany)",
    ),
    ("hinted holder", {"A2": "Holland", "J2": 1}, "holdings!A2: unknown Ally or pool 'Holland'. Did you mean NLD"),
    (
        "unknown element",
        {"B2": "tankers", "J2": 1},
        "holdings!B2: unknown force element 'tankers'. Did you mean tanker",
    ),
    ("no element", {"B2": None, "J2": 1}, "holdings!B2: 'element' is empty"),
    ("negative", {"J2": -1}, "holdings!J2: the number is negative or not finite; found -1. Check the sign."),
    ("low above central", {"I2": 3, "J2": 2}, "holdings!I2: low is above central; found 3 and 2"),
    ("central above high", {"J2": 3, "K2": 2}, "holdings!J2: central is above high; found 3 and 2"),
    ("no central figure", {"I2": 3, "K2": 4}, "holdings!J2: the central figure is missing"),
    ("text", {"J2": "1,5"}, "holdings!J2: text stands where a number should be; found '1,5'"),
    ("an error value", {"J2": "#REF!"}, "holdings!J2: an error value stands where a number should be"),
    ("a truth value", {"J2": True}, "holdings!J2: a date or a truth value stands where a number should be"),
    ("a formula", {"J2": "=E2*2"}, "holdings!J2: a formula stands where a value should be; found =E2*2"),
    ("another unit", {"J2": 1, "L2": "company"}, "holdings!L2: the unit is not that of the table; found 'company'"),
    ("no unit", {"J2": 1, "L2": None}, "holdings!L2: the unit is missing; expected 'brigade'"),
    (
        "twice",
        {"A3": "DEU", "B3": "brigade_heavy", "L3": "brigade", "J2": 1, "J3": 2},
        "holdings!A3: the row stands twice",
    ),
]
ELSEWHERE: list[tuple[str, dict[str, object], str]] = [
    (
        "availability above 1",
        {"availability!I2": 55},
        "availability!I2: yours central is a share above 1; found 55; expected at most 1. Is 0.55 meant?",
    ),
    (
        "availability falls",
        {"availability!I3": 0.1},
        "availability!I3: availability of brigade_heavy falls between 10 and 30 days (central, high)",
    ),
    (
        "availability rises too soon",
        {"availability!I2": 0.95},
        "availability!I2: availability of brigade_heavy falls between 10 and 30 days (low, central, high)",
    ),
    (
        "unknown window",
        {"availability!B2": 20, "availability!I2": 0.5},
        "availability!B2: unknown readiness window '20'",
    ),
    (
        "availability of nothing",
        {"availability!A2": "sof", "availability!I2": 0.5},
        "availability!A2: availability have no row sof, 10 to replace",
    ),
    ("costs nothing", {"costs!H2": 0}, "costs!H2: central is zero"),
    (
        "unknown capability",
        {"requirements!B2": "heavy_manouvre", "requirements!K2": 5},
        "requirements!B2: unknown capability 'heavy_manouvre'. Did you mean heavy_manoeuvre",
    ),
    (
        "unknown contingency",
        {"requirements!A2": "mein", "requirements!K2": 5},
        "requirements!A2: unknown contingency 'mein'. Did you mean mine?",
    ),
    (
        "no such requirement",
        {"requirements!B2": "air_refuelling", "requirements!K2": 5},
        "requirements!C2: mine requires no air_refuelling at 10 days",
    ),
    (
        "no such window",
        {"requirements!C2": 180, "requirements!K2": 5},
        "requirements!C2: mine requires no heavy_manoeuvre at 180 days",
    ),
    (
        "requirement falls",
        {"requirements!K3": 1},
        "requirements!K3: requirements of mine, heavy_manoeuvre falls between 10 and 30 days (central, high)",
    ),
    (
        "requirement without a unit",
        {"requirements!K3": 9, "requirements!M3": None},
        "requirements!M3: the unit is missing; expected 'brigade'",
    ),
]


@pytest.mark.parametrize(
    ("cells", "said"),
    [({f"holdings!{cell}": value for cell, value in row[1].items()}, row[2]) for row in FAULTY]
    + [row[1:] for row in ELSEWHERE],
    ids=[row[0] for row in (*FAULTY, *ELSEWHERE)],
)
def test_a_fault_is_told_with_its_cell(held: Held, edit: Write, cells: dict[str, object], said: str) -> None:
    found = faults(held, edit(cells))
    assert any(said in fault for fault in found), found


def test_all_faults_of_all_sheets_come_at_once(held: Held, edit: Write) -> None:
    found = faults(held, edit({"holdings!J2": -1, "holdings!J3": "x", "costs!H2": "y", "requirements!K2": -3}))
    assert [fault.split(": ")[0] for fault in found] == [
        "mine.xlsx, holdings!J2", "mine.xlsx, holdings!J3", "mine.xlsx, costs!H2", "mine.xlsx, requirements!K2",
    ]  # fmt: skip


def test_rows_without_a_figure_of_one_s_own_do_not_count(held: Held, edit: Write) -> None:
    edits = read_workbook(edit({"holdings!A2": "Atlantis", "holdings!L3": "furlong", "costs!A2": None}), held)
    assert edits.overlays == ()


def test_columns_may_move_and_others_may_be_added(held: Held, folder: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(held, folder)))
    sheet = book["holdings"]
    rows = [[cell.value for cell in row] for row in sheet.rows]
    sheet.delete_rows(1, sheet.max_row)
    for row in rows:
        sheet.append(["my column" if row is rows[0] else "=1+1", *row[::-1]])
    place = [cell.value for cell in sheet[1]].index("yours central") + 1
    sheet.cell(2, place, 8)
    path = tmp_path / "moved.xlsx"
    book.save(path)
    assert [(item.key, item.central) for item in read_workbook(path, held).overlays] == [(("DEU", "brigade_heavy"), 8)]


def test_a_missing_sheet_column_or_merged_cells(held: Held, folder: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(held, folder)))
    del book["costs"]
    book["availability"]["I1"] = "my central"
    book["holdings"].merge_cells("J2:J3")
    path = tmp_path / "broken.xlsx"
    book.save(path)
    found = faults(held, path)
    assert any("broken.xlsx: the sheet 'costs' is missing" in fault for fault in found)
    assert any("availability!1:1: the column 'yours central' is missing" in fault for fault in found)
    assert any("holdings!J2:J3: merged cells" in fault for fault in found)


def test_hostile_files(held: Held, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.xlsx"
    path.write_bytes(b"PK\x03\x04 and no more")
    assert "damaged" in faults(held, path)[0]
    path.write_text("holder,element\n")
    assert not is_planning_workbook(path)
    assert "not an Excel workbook" in faults(held, path)[0]
    assert not is_planning_workbook(tmp_path / "none.xlsx")
    data = written(held, folder)
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(path, "w") as copy:
        for name in source.namelist():
            text = source.read(name)
            copy.writestr(name, text[: len(text) // 2] if name == "xl/worksheets/sheet2.xml" else text)
    assert "the workbook is damaged" in faults(held, path)[0]
    with zipfile.ZipFile(path, "w") as copy, zipfile.ZipFile(io.BytesIO(data)) as source:
        for name in source.namelist():
            copy.writestr(name, source.read(name))
        copy.writestr("xl/vbaProject.bin", b"x")
    assert "the workbook carries macros" in faults(held, path)[0]


def test_a_sheet_longer_than_any_table(held: Held, edit: Write) -> None:
    assert "20,001 rows; expected at most 20,000" in faults(held, edit({"costs!A20001": "x"}))[0]


NUMBERS = st.floats(min_value=0, max_value=1e6, allow_nan=False).map(lambda value: float(f"{value:.15g}"))
ROWS = st.dictionaries(st.integers(min_value=0, max_value=8), st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=5)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, source=st.text(max_size=20))
def test_what_is_written_is_what_is_read(
    held: Held, folder: Path, edit: Write, rows: dict[int, tuple[float, ...]], source: str
) -> None:
    """Whatever is written under ``yours``, figures come back exactly, and out and in again they are the same."""
    source = "".join(sign for sign in source if sign.isprintable())
    cells: dict[str, Any] = {}
    for place, figure in rows.items():
        low, central, high = sorted(figure)
        cells |= {f"holdings!I{place + 2}": low, f"holdings!J{place + 2}": central, f"holdings!K{place + 2}": high}
        cells[f"holdings!M{place + 2}"] = f"x{source}"
    edits = read_workbook(edit(cells), held)
    assert len(edits.overlays) == len(rows)
    for item in edits.overlays:
        place = [line.key for line in held["holdings"]].index(item.key)
        assert (item.low, item.central, item.high) == tuple(sorted(rows[place]))
        assert item.source == " ".join(f"x{source}".split())
    kept = edits.over(())
    again = written(held, folder, *kept)
    path = edit({})
    path.write_bytes(again)
    back = read_workbook(path, held, kept).over(kept)
    for before, after in zip(kept, back, strict=True):
        assert math.isclose(before.central, after.central, rel_tol=1e-12)
        assert (before.key, before.source, before.note) == (after.key, after.source, after.note)
