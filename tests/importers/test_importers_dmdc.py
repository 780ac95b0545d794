"""The compiled DMDC reports: what is read, every refusal, and the file as users download it."""

from __future__ import annotations

import csv
import io
import os
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from article3.domain import allies
from article3.errors import Fault, ImportFileError
from article3.evidence import own
from article3.evidence.importers import Extract, read_official, recognise
from article3.evidence.planning import open_planning
from article3.evidence.store import SHIPPED, open_evidence

SHARED = Path(__file__).parents[3] / "shared"
RAW = Path(os.environ.get("ARTICLE3_RAW", SHARED / "raw")) / "dmdc-troops-reports.csv"
QUARTERLY = SHARED / "evidence/forces/us_troops_europe_quarterly.csv"

HEADER = ("countryname", "year", "month", "source", "Location", "iso3c", "troops_ad", "Army Active Duty",
          "Navy Active Duty", "Total Active Duty")  # fmt: skip
LINES: list[tuple[str, ...]] = [
    ("Germany", "1990", "September", "September 1990", "Germany*", "DEU", "227586", "NA", "NA", "NA"),
    ("Germany", "2025", "September", "September 2025", "GERMANY", "DEU", "36000", "30000", "6000", "36000"),
    ("Germany", "2025", "December", "December 2025", "GERMANY", "DEU", "36436", "30000", "6436", "36436"),
    ("Turkey", "2025", "December", "December 2025", "TURKEY", "TUR", "1661", "1600", "60", "1661"),
    ("Poland", "2025", "December", "December 2025", "POLAND", "POL", "369", "NA", "NA", "369"),
    ("Norway", "2025", "December", "December 2025", "NORWAY", "NOR", "NA", "NA", "NA", "NA"),
    ("Japan", "2025", "December", "December 2025", "JAPAN", "JPN", "54288", "NA", "NA", "54288"),
    ("United States", "2025", "December", "December 2025", "United States", "USA", "1137935", "NA", "NA", "1137935"),
    ("Kosovo", "2025", "December", "December 2025", "KOSOVO", "NA", "11", "NA", "NA", "11"),
]


def written(folder: Path, lines: list[tuple[str, ...]], header: tuple[str, ...] = HEADER) -> Path:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([header, *lines])
    path = folder / "reports.csv"
    path.write_text(buffer.getvalue(), encoding="utf-8")
    return path


def changed(place: int, **cells: str) -> list[tuple[str, ...]]:
    """Return the lines with some cells of one changed; names of columns without blanks."""
    names = [name.replace(" ", "_") for name in HEADER]
    lines = [list(line) for line in LINES]
    for name, text in cells.items():
        lines[place][names.index(name)] = text
    return [tuple(line) for line in lines]


def faults_of(path: Path) -> list[Fault]:
    with pytest.raises(ImportFileError) as caught:
        read_official(path)
    for fault in caught.value.faults:
        assert fault.where.startswith("reports.csv")
        assert fault.mend
    return list(caught.value.faults)


def test_what_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, LINES)
    assert recognise(path) == "dmdc_reports"
    extract = read_official(path)
    rows = extract.table.select("ally", "measure", "period", "value", "unit", "standing", "cell").rows()
    assert rows == [
        ("DEU", "us_personnel_december", 2025, 36436.0, "persons", "reported", "line 4, column troops_ad"),
        ("POL", "us_personnel_december", 2025, 369.0, "persons", "reported", "line 6, column troops_ad"),
        ("TUR", "us_personnel_december", 2025, 1661.0, "persons", "reported", "line 5, column troops_ad"),
        ("DEU", "us_personnel_september", 1990, 227586.0, "persons", "reported", "line 2, column troops_ad"),
        ("DEU", "us_personnel_september", 2025, 36000.0, "persons", "reported", "line 3, column troops_ad"),
    ]
    assert (extract.dataset, extract.edition, extract.suggested_vintage) == ("dmdc", "1990-2025", "2025-12")
    told = " ".join(extract.notes)
    assert "2 lines of the United States and of countries that are no Allies not read" in told
    assert "1 line without a code not read: KOSOVO ..." in told
    assert "1 line of Allies without a figure" in told
    assert "1 line whose services do not add up to the total, which was read: 5." in told


def test_a_line_that_stands_twice_is_read_once(tmp_path: Path) -> None:
    extract = read_official(written(tmp_path, [*LINES, LINES[2]]))
    assert extract.table.height == 5
    assert "1 line that stood there before with the same figure" in " ".join(extract.notes)


REFUSED: list[tuple[str, list[tuple[str, ...]], str]] = [
    ("two figures", [*LINES, changed(2, troops_ad="36437")[2]],
     ("reports.csv, line 11: DEU of December 2025 stands twice, with different figures; found 36436 in line 4 and "
     "36437 in line 11; expected one line. Delete the line that is not the producer's.")),
    ("text", changed(2, troops_ad="many"),
     ("reports.csv, line 4, column troops_ad: not a number of people; found 'many'; "
     "expected a whole number from 0 to 3,000,000. Download the file again and do not change it.")),
    ("negative", changed(2, troops_ad="-5"), "reports.csv, line 4, column troops_ad: not a number of people; found"),
    ("too many", changed(2, troops_ad="3643600"), "found '3643600'; expected a whole number from 0 to 3,000,000"),
    ("a fraction", changed(2, troops_ad="364.5"), "found '364.5'; expected a whole number"),
    ("a year", changed(2, year="25"), "reports.csv, line 4: not a year; found '25'; expected a year such as 2025."),
    ("a month", changed(2, month="April"), "line 4: not a month of these reports; found 'april'; expected one of March"),
    ("another code", changed(2, iso3c="POL"), "line 4: the code is not that of 'GERMANY'; found 'POL'; expected 'DEU'."),
    ("no code", changed(2, iso3c="NA"), "line 4: 'GERMANY' is an Ally, and its code is not; found 'NA'"),
    ("a short line", [*LINES, ("Spain", "2025")],
     "reports.csv, line 11: lines have more or fewer fields than the header; found lines 11; expected 10 fields."),
    ("no Ally", LINES[6:], "reports.csv: no figure of any Ally was found; expected lines of Allies with a number"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "told"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refusals(tmp_path: Path, lines: list[tuple[str, ...]], told: str) -> None:
    (fault,) = faults_of(written(tmp_path, lines))
    assert told in str(fault)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    lines = changed(0, year="MCM")
    lines[2] = changed(2, month="May")[2]
    lines[3] = changed(3, troops_ad="x")[3]
    assert len(faults_of(written(tmp_path, lines))) == 3


@pytest.mark.parametrize("gone", ["year", "month", "Location", "iso3c"])
def test_a_column_that_is_missing_or_stands_twice(tmp_path: Path, gone: str) -> None:
    without = tuple(f"{name}_" if name == gone else name for name in HEADER)
    (fault,) = faults_of(written(tmp_path, LINES, without))
    assert f"the column '{gone.lower()}' is missing" in str(fault)
    assert f"Is it '{gone.lower()}_'?" in str(fault)
    twice = tuple(gone if name == "countryname" else name for name in HEADER)
    (fault,) = faults_of(written(tmp_path, LINES, twice))
    assert f"the column '{gone.lower()}' stands twice" in str(fault)


def test_a_file_without_totals_says_what_is_missing(tmp_path: Path) -> None:
    header = tuple("troops" if name == "troops_ad" else name for name in HEADER)
    (fault,) = faults_of(written(tmp_path, LINES, header))
    assert "the column 'troops_ad' is missing" in str(fault)


def test_another_table_is_told_which_files_there_are(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="the compiled DMDC reports of US people by country"):
        recognise(written(tmp_path, [("POL", "2025", "1")], ("host", "year", "troops")))


def test_the_release_added_is_a_copy_and_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, LINES)
    evidence = open_evidence()
    (release,) = own.read_release(path, None, evidence)
    assert (release.dataset, release.vintage.vintage) == ("dmdc", "2025-12")
    assert str(release.source.standing) == "reported"
    own.add(release, tmp_path / "mine")
    again = open_evidence(folders=(SHIPPED, tmp_path / "mine"))
    row = again.row("dmdc/2025-12/us_personnel_december#POL/2025")
    assert (row["value"], row["unit"]) == (369.0, "persons")
    assert own.compare(release, again).held


# The file as downloaded


@pytest.fixture(scope="module")
def raw() -> Extract:
    if not RAW.is_file():
        pytest.skip(f"needs {RAW.name} in {RAW.parent}; set ARTICLE3_RAW")
    return read_official(RAW)


def assigned(raw: Extract, **equal: Any) -> pl.DataFrame:
    table = raw.table.with_columns(month=pl.col("measure").str.strip_prefix("us_personnel_"))
    for name, value in equal.items():
        table = table.filter(pl.col(name) == value)
    return table


@pytest.mark.raw
def test_the_raw_file_equals_the_compiled_quarters(raw: Extract) -> None:
    if not QUARTERLY.is_file():
        pytest.skip(f"needs {QUARTERLY}")
    codes = [item.code for item in allies() if item.code != "USA"]
    theirs = pl.read_csv(QUARTERLY).filter(pl.col("iso3").is_in(codes)).unique(["iso3", "year", "month"])
    theirs = theirs.select(
        ally="iso3",
        period=pl.col("year").cast(pl.Int32),
        month=pl.col("month").str.to_lowercase(),
        theirs="active_duty",
    )
    ours = assigned(raw).filter(pl.col("period") >= 2008)
    both = ours.join(theirs, on=["ally", "period", "month"], how="full", coalesce=True)
    assert both.height == ours.height == theirs.height == 1596  # one of 1,597 lines stands twice, with nobody in it
    assert both.filter(pl.col("value") != pl.col("theirs")).is_empty()
    assert both["value"].null_count() == both["theirs"].null_count() == 0
    assert (raw.edition, raw.suggested_vintage) == ("1950-2025", "2025-12")


@pytest.mark.raw
def test_the_shipped_hosts_equal_the_raw_file(raw: Extract) -> None:
    ours = assigned(raw, period=2025, month="december").select(host="ally", raw="value")
    troops = open_planning((SHIPPED,)).table("troops").filter(pl.col("measure") == "assigned")
    both = troops.filter(pl.col("host") != "EUR").join(ours, on="host", how="left")
    assert both.height == 30
    assert both.filter(pl.col("central").ne_missing(pl.col("raw"))).is_empty()
    assert assigned(raw, ally="DEU", period=2025, month="december")["value"].to_list() == [36436.0]


@pytest.mark.raw
def test_reading_the_raw_file_is_quick(raw: Extract) -> None:
    # About 0.2 s; the bound leaves room for a busy machine.
    start = time.perf_counter()
    assert recognise(RAW) == "dmdc_reports"
    assert read_official(RAW).table.height == raw.table.height == 2851
    assert time.perf_counter() - start < 3
