"""Tables of the user's own: every fault at once, by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from article3.errors import EvidenceError
from article3.evidence.longtable import read_csv, write_csv
from article3.evidence.releases import read_measures
from article3.evidence.store import SHIPPED, open_evidence

HEADER = "ally,measure,period,value,unit,price_base,vintage,status,standing,low,high,decimals,source_id,note"
GOOD = "POL,defence_pct_gdp,2026,4.5,percent of GDP,,2026-09-01,estimate,yours,4.4,4.6,2,mine,"


def _read(path: Path, *lines: str) -> EvidenceError | int:
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    try:
        return read_csv(path, read_measures(SHIPPED)).height
    except EvidenceError as error:
        return error


def test_a_good_table(tmp_path: Path) -> None:
    assert _read(tmp_path / "mine.csv", GOOD) == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (GOOD.replace("POL", "Holland"), r"line 2: unknown Ally 'Holland'. Did you mean NLD"),
        (
            GOOD.replace("defence_pct_gdp", "defense_pct_gdp"),
            r"unknown measure 'defense_pct_gdp'. Did you mean defence_",
        ),
        (GOOD.replace(",4.5,", ",450,"), r"above 20; found 450. Is 4.5 meant\?"),
        (GOOD.replace(",4.5,", ",four,"), r"column value: not a number; found 'four'"),
        (GOOD.replace(",4.5,", ",nan,"), r"not a number"),
        (GOOD.replace(",4.5,", ",,"), r"a number is missing"),
        (
            "POL,gdp_usd_current,2026,-5,million USD,current,2026-09-01,,yours,,,,mine,",
            r"below 0; found -5. Check the sign",
        ),
        (GOOD.replace("yours", "certain"), r"unknown standing 'certain'"),
        (GOOD.replace("estimate", "guess"), r"unknown status 'guess'"),
        (GOOD.replace("4.4,4.6", "4.6,4.4"), r"low is above high"),
        (GOOD + ",extra", r"another number of cells"),
    ],
)
def test_a_bad_line(tmp_path: Path, line: str, message: str) -> None:
    found = _read(tmp_path / "mine.csv", line)
    assert isinstance(found, EvidenceError)
    import re

    assert re.search(message, str(found)), str(found)


def test_all_faults_at_once(tmp_path: Path) -> None:
    found = _read(tmp_path / "mine.csv", GOOD.replace("POL", "XX"), GOOD, GOOD.replace(",4.5,", ",99,"))
    assert isinstance(found, EvidenceError)
    assert [fault.where for fault in found.faults][:2] == ["mine.csv, line 2", "mine.csv, line 4"]
    assert "two values for POL" in str(found)
    assert "lines" not in str(found)


def test_duplicate_rows(tmp_path: Path) -> None:
    same = _read(tmp_path / "mine.csv", GOOD, GOOD)
    assert "stands twice" in str(same)
    other = _read(tmp_path / "mine.csv", GOOD, GOOD.replace("4.5", "4.6"))
    assert "two values for POL" in str(other)
    assert "mine.csv, line 2 and mine.csv, line 3" in str(other)


def test_mixed_price_bases(tmp_path: Path) -> None:
    row = "POL,defence_exp_usd_constant,{},100,million USD,{},2026-09-01,,yours,,,,mine,"
    found = _read(tmp_path / "mine.csv", row.format(2025, 2015), row.format(2026, 2021))
    assert "mixes units or price bases" in str(found)
    assert "'2015'" in str(found)
    assert "'2021'" in str(found)


def test_columns_that_are_not_the_schema_s(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("ally,measure,year,value\nPOL,x,2024,1\n", encoding="utf-8")
    with pytest.raises(EvidenceError) as caught:
        read_csv(path, read_measures(SHIPPED))
    text = str(caught.value)
    assert "column 'period' is missing" in text
    assert "unknown column 'year'" in text


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes((HEADER + "\n" + GOOD + "Türkiye\n").encode("latin-1"))
    with pytest.raises(EvidenceError, match=r"mine.csv, line 2: the file is not UTF-8 text; found byte 0xfc"):
        read_csv(path, read_measures(SHIPPED))


def test_a_byte_order_mark_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(HEADER + "\n" + GOOD + "\n", encoding="utf-8-sig")
    assert read_csv(path, read_measures(SHIPPED)).height == 1


def test_writing_and_reading_is_a_round_trip(tmp_path: Path) -> None:
    table = open_evidence().table().filter(vintage="2024-06-17").sort("measure", "ally", "period")
    path = tmp_path / "again.csv"
    path.write_bytes(write_csv(table))
    assert read_csv(path, read_measures(SHIPPED)).equals(table)
