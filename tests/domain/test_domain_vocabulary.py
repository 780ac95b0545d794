from __future__ import annotations

import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import article3.domain
from article3.domain.vocabulary import Column, columns, parse, rows, tables
from article3.errors import InputError, UnknownNameError

DATA = Path(article3.domain.__file__).parent / "data"
MODULES = ("allies", "currencies", "force_elements", "groups", "pledges", "spellings", "vocabulary")


def test_every_file_is_described_and_every_description_has_its_file() -> None:
    assert {path.stem for path in DATA.glob("*.csv")} == set(tables())
    assert {path.suffix for path in DATA.iterdir()} == {".csv"}


@pytest.mark.parametrize("table", tables())
def test_a_table_keeps_its_rules_and_is_not_empty(table: str) -> None:
    assert rows(table)


@pytest.mark.parametrize("table", tables())
def test_a_table_has_a_key_and_says_what_each_column_means(table: str) -> None:
    assert any(column.key for column in columns(table))
    for column in columns(table):
        assert column.description.endswith("."), column


@pytest.mark.parametrize("path", sorted(DATA.glob("*.csv")), ids=lambda path: path.name)
def test_files_are_plain_text_that_reviews_well(path: Path) -> None:
    raw = path.read_bytes()
    raw.decode("utf-8")
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    assert raw.endswith(b"\n")
    assert not raw.endswith(b"\n\n")


@pytest.mark.parametrize("table", tables())
def test_what_refers_to_another_table_exists_there(table: str) -> None:
    for column in columns(table):
        if not column.refers_to:
            continue
        key = next(other.column for other in columns(column.refers_to) if other.key)
        known = {row.text(key) for row in rows(column.refers_to)}
        for row in rows(table):
            cell = row.text(column.column)
            values = row.items(column.column) if column.type == "list" else (cell,) if cell else ()
            assert set(values) <= known, row.where


def test_an_unknown_table_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean allies"):
        rows("alies")


def _column(
    name: str, kind: str, *, key: bool = False, required: bool = False, allowed: tuple[str, ...] = ()
) -> Column:
    return Column("t", name, kind, key, required, allowed, refers_to="", unit="", description="d")


SCHEMA = (
    _column("code", "code", key=True, required=True),
    _column("since", "day"),
    _column("kind", "id", allowed=("land", "sea")),
)


def test_a_good_text_is_read_with_the_place_of_each_row() -> None:
    read = parse("code,since,kind\nPOL,1999-03-12,land\nEST,,\n", SCHEMA, "t.csv")
    assert [row.where for row in read] == ["t.csv:2", "t.csv:3"]
    assert read[0].day("since").year == 1999
    assert read[1].day_or_none("since") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "t.csv:1: wrong columns"),
        ("code,kind,since\n", "found code,kind,since; expected code,since,kind"),
        ("code,since,kind\nPOL,1999-03-12\n", "t.csv:2: wrong number of cells"),
        ("code,since,kind\nPl,,\n", "code is not a code; found Pl"),
        ("code,since,kind\n,,land\n", "code is empty"),
        ("code,since,kind\nPOL,1999-02-30,\n", "since is not a day"),
        ("code,since,kind\nPOL,19990312,\n", "since is not a day"),
        ("code,since,kind\nPOL,,air\n", "kind is not known; found air; expected land or sea"),
        ("code,since,kind\nPOL,, land\n", "kind is not a id"),
        (
            "code,since,kind\nPOL,,\nEST,,\nPOL,,\n",
            "t.csv:4: the same code twice; found POL; expected other than t.csv:2",
        ),
    ],
)
def test_a_broken_text_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, SCHEMA, "t.csv")
    assert said in str(caught.value)


def test_all_faults_come_in_one_report() -> None:
    with pytest.raises(InputError) as caught:
        parse("code,since,kind\nPl,x,air\nPOL,,\nPOL,,\n", SCHEMA, "t.csv")
    assert len(caught.value.faults) == 4


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("partial_day", ["2017", "2017-02", "2017-02-28"], ["2017-13", "2017-02-30", "17", "2017-2"]),
        ("list", ["a", "a;b c"], ["a;;b", "a; b", "a;a", ";"]),
        ("number", ["2", "-1.5", "0.702804"], ["1e3", "1,5", ".5", "nan"]),
        ("flag", ["true", "false"], ["TRUE", "yes", "1"]),
        ("year", ["1984", "2035"], ["84", "2135", "1849"]),
    ],
)
def test_how_cells_are_written(kind: str, good: list[str], bad: list[str]) -> None:
    schema = (_column("cell", kind, required=True),)
    for cell in good:
        assert parse(f'cell\n"{cell}"\n', schema, "t.csv")[0].text("cell") == cell
    for cell in bad:
        with pytest.raises(InputError):
            parse(f'cell\n"{cell}"\n', schema, "t.csv")


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(f"article3.domain.{name}"))
    assert failed == 0


def test_the_public_names_are_pinned() -> None:
    public = {name for name in vars(article3.domain) if not name.startswith("_")}
    modules = {*MODULES, "annotations"} - set(article3.domain.__all__)
    assert public - modules == set(article3.domain.__all__)
    assert list(article3.domain.__all__) == sorted(article3.domain.__all__)


def test_the_import_reads_no_table_and_pulls_in_nothing_heavy() -> None:
    probe = (
        "import sys, article3.domain as d\n"
        "from article3.domain.vocabulary import _all_columns, rows\n"
        "print(rows.cache_info().currsize + _all_columns.cache_info().currsize)\n"
        "print(sorted({'numpy', 'polars', 'pydantic', 'yaml'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout
    assert out.split("\n")[:2] == ["0", "[]"]


def test_only_the_standard_library_and_the_errors_are_imported() -> None:
    for path in DATA.parent.glob("*.py"):
        for module in re.findall(r"^(?:from|import) ([\w.]+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            root = module.split(".")[0]
            inside = module == "article3.errors" or module.startswith("article3.domain.")
            assert inside or root in sys.stdlib_module_names, f"{path.name}: {module}"
