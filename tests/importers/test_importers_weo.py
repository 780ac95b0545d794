"""IMF's World Economic Outlook in both layouts: what is read, and every refusal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from synthetic import (
    CODES,
    CURRENCY,
    MORE,
    WEO,
    WEO_YEARS,
    text,
    weo_by_subject,
    weo_classic,
    weo_values,
)

from article3.errors import Fault, ImportFileError
from article3.evidence.importers import Extract, imf_weo, read_official
from article3.evidence.table import SCHEMA

Lines = list[list[str]]
FOOTER = "International Monetary Fund, World Economic Outlook Database, April 2024"


def by_subject(folder: Path, lines: Lines | None = None, name: str = "imf-weo-2024-04.csv") -> Path:
    path = folder / name
    path.write_text(text(lines or weo_by_subject()), encoding="utf-8", newline="")
    return path


def classic(folder: Path, lines: Lines | None = None, name: str = "WEOApr2024all.xls") -> Path:
    path = folder / name
    path.write_bytes(text(lines or weo_classic(FOOTER), "\t").encode("utf-16-le"))
    return path


def values_of(extract: Extract) -> dict[tuple[str, str, int], float]:
    rows = extract.table.select("measure", "ally", "period", "value").iter_rows()
    return {(measure, ally, period): value for measure, ally, period, value in rows}


def expected() -> dict[tuple[str, str, int], float]:
    return {key: value for key, value in weo_values().items() if key[1] not in MORE}


def faults_of(path: Path, vintage: str | None = None) -> tuple[Fault, ...]:
    with pytest.raises(ImportFileError) as error:
        imf_weo.read(path, vintage)
    assert all(fault.mend or fault.expected for fault in error.value.faults)
    return error.value.faults


def only_fault(path: Path, vintage: str | None = None) -> Fault:
    (fault,) = faults_of(path, vintage)
    return fault


# Reading


@pytest.mark.parametrize("make", [by_subject, classic])
def test_every_figure_comes_back(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    extract = read_official(make(tmp_path))
    assert values_of(extract) == expected()
    assert dict(extract.table.schema) == {**SCHEMA, "cell": pl.String()}
    assert (extract.dataset, extract.edition, extract.suggested_vintage) == ("weo", "2022-2025", "2024-04")
    assert set(extract.table["vintage"]) == {""}
    assert set(extract.table["standing"]) == {"official"}


@pytest.mark.parametrize("make", [by_subject, classic])
def test_units_and_price_bases(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    table = read_official(make(tmp_path)).table
    units = {(m, a): (u, p) for m, a, u, p in table.select("measure", "ally", "unit", "price_base").iter_rows()}
    for _, measure, unit, base, *_ in WEO:
        for code in CODES:
            own = "ISK" if code == "ISL" else CURRENCY[code]
            assert units[measure, code] == (f"billion {own}" if unit == "nc" else unit, base)


def test_both_layouts_agree(tmp_path: Path) -> None:
    one, other = (read_official(make(tmp_path)).table for make in (by_subject, classic))
    assert one.drop("cell", "status").equals(other.drop("cell", "status"))


def test_status(tmp_path: Path) -> None:
    lines = weo_classic(FOOTER)
    lines[1][-1] = "n/a"
    table = read_official(classic(tmp_path, lines)).table
    told = table.filter(pl.col("measure") == "population").select("period", "status").unique()
    assert dict(told.iter_rows()) == {2022: "actual", 2023: "actual", 2024: "forecast", 2025: "forecast"}
    silent = table.filter(pl.col("ally") == "ALB", pl.col("measure") == "gdp_real_growth_pct")
    assert set(silent["status"]) == {""}
    assert set(read_official(by_subject(tmp_path)).table["status"]) == {""}


def test_every_figure_names_line_and_column(tmp_path: Path) -> None:
    for make, lines in ((by_subject, weo_by_subject()), (classic, weo_classic())):
        table = read_official(make(tmp_path)).table
        for ally, value, cell in table.select("ally", "value", "cell").iter_rows():
            line, column = cell.removeprefix("line ").split(", column ")
            record = lines[int(line) - 1]
            assert float(record[lines[0].index(column)].replace(",", "")) == value
            assert record[1] == ally


@pytest.mark.parametrize(
    ("vintage", "croatia", "bulgaria"),
    [
        ("2022-10", "HRK", "BGN"),
        ("2023-01", "EUR", "BGN"),
        ("2025-10-14", "EUR", "BGN"),
        ("2026-01", "EUR", "EUR"),
        ("2026-04", "EUR", "EUR"),
    ],
)
def test_the_release_decides_the_currency(tmp_path: Path, vintage: str, croatia: str, bulgaria: str) -> None:
    table = read_official(by_subject(tmp_path, name="weo.csv"), vintage).table
    units = dict(table.filter(pl.col("measure") == "gdp_nc_current").select("ally", "unit").unique().iter_rows())
    assert (units["HRV"], units["BGR"]) == (f"billion {croatia}", f"billion {bulgaria}")
    assert (units["DEU"], units["USA"], units["LTU"]) == ("billion EUR", "billion USD", "billion EUR")


def test_a_release_given_goes_before_the_name(tmp_path: Path) -> None:
    extract = read_official(by_subject(tmp_path), "2022-10")
    assert "billion HRK" in set(extract.table["unit"])
    assert any("tells 2024-04" in note for note in extract.notes)
    assert not any("tells" in note for note in read_official(by_subject(tmp_path), "2024-04-16").notes)


@pytest.mark.parametrize("missing", ["", "n/a", "--", " "])
def test_missing_figures_are_left_out(tmp_path: Path, missing: str) -> None:
    one, other = weo_by_subject(), weo_classic()
    one[1][4] = missing
    other[1][9] = missing
    for path in (by_subject(tmp_path, one), classic(tmp_path, other)):
        assert len(values_of(read_official(path))) == len(expected()) - 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "weo-2024-04.txt"
    for lines, delimiter in ((weo_by_subject(), ","), (weo_classic(FOOTER), "\t")):
        lines[5][3 if delimiter == "\t" else 0] = "Türkiye"
        path.write_bytes(text(lines, delimiter).encode(encoding))
        assert values_of(read_official(path)) == expected()


def test_older_classic_downloads_are_latin_1(tmp_path: Path) -> None:
    lines = weo_classic()
    lines[3][3] = "São Tomé and Príncipe"
    path = tmp_path / "WEOApr2019all.xls"
    path.write_bytes(text(lines, "\t").encode("latin-1"))
    extract = read_official(path)
    assert values_of(extract) == expected()
    assert extract.suggested_vintage == "2019-04"
    assert "Latin-1" in extract.notes[0]


def test_classic_saved_again_with_commas(tmp_path: Path) -> None:
    path = tmp_path / "weo-2024-04.csv"
    path.write_text(text(weo_classic(FOOTER)), encoding="utf-8", newline="")
    assert values_of(read_official(path)) == expected()


def test_upper_case_columns(tmp_path: Path) -> None:
    lines = weo_by_subject()
    lines[0] = [name.upper() for name in lines[0]]
    assert values_of(read_official(by_subject(tmp_path, lines))) == expected()


def test_the_footer_names_the_edition(tmp_path: Path) -> None:
    extract = read_official(classic(tmp_path, name="download.xls"), "2024-04")
    assert "April 2024" in extract.title
    assert extract.suggested_vintage is None


def test_a_trailing_tab_more_or_less(tmp_path: Path) -> None:
    lines = weo_classic(FOOTER)
    lines[1][-1:] = ["2023", ""]
    lines[2][-1:] = []
    extract = read_official(classic(tmp_path, lines))
    assert values_of(extract) == expected()
    assert any("Start After is empty" in note for note in extract.notes)


def test_missing_series_and_allies_are_noted(tmp_path: Path) -> None:
    lines = [line[:-2] + line[-1:] for line in weo_by_subject() if line[1] != "POL"]
    notes = read_official(by_subject(tmp_path, lines)).notes
    assert "Series missing in the file: LP." in notes
    assert "Allies without any figure in the file: POL." in notes


def test_a_line_repeated_word_for_word_is_skipped(tmp_path: Path) -> None:
    for make, lines in ((by_subject, weo_by_subject()), (classic, weo_classic())):
        lines.append(list(lines[1]))
        extract = read_official(make(tmp_path, lines))
        assert values_of(extract) == expected()
        assert f"Lines that repeat another were skipped: {len(lines)}." in extract.notes


# Refusals


def test_no_release(tmp_path: Path) -> None:
    fault = only_fault(by_subject(tmp_path, name="weo.csv"))
    assert "release is not known" in fault.what
    assert "--vintage 2026-04" in fault.mend


@pytest.mark.parametrize("vintage", ["2026", "April 2026", "2026-13", "2026-02-30", "26-04", ""])
def test_not_a_release(tmp_path: Path, vintage: str) -> None:
    fault = only_fault(by_subject(tmp_path), vintage)
    assert fault.where == "--vintage"
    assert fault.found == f"'{vintage}'"


def test_a_release_before_the_currencies_we_know(tmp_path: Path) -> None:
    faults = faults_of(by_subject(tmp_path), "1999-04")
    assert any("no currency recorded for TUR" in fault.what for fault in faults)


def test_the_file_says_another_release(tmp_path: Path) -> None:
    fault = only_fault(classic(tmp_path), "2023-10")
    assert "another release" in fault.what
    assert "--vintage 2024-04" in fault.mend


def test_not_utf_8(tmp_path: Path) -> None:
    lines = weo_by_subject()
    lines[2][0] = "Cote d'Ivoire"
    data = text(lines).encode().replace(b"Cote", b"C\xf4te")
    path = tmp_path / "weo-2024-04.csv"
    path.write_bytes(data)
    fault = only_fault(path)
    assert fault.where == "weo-2024-04.csv, line 3"
    assert fault.found == "byte 0xF4 at position 2 of the line"
    assert "UTF-8" in fault.mend


def test_utf_16_broken_off(tmp_path: Path) -> None:
    path = classic(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    assert "breaks off" in only_fault(path).what


def test_a_line_repeated_with_other_figures(tmp_path: Path) -> None:
    for make, lines, at in ((by_subject, weo_by_subject(), 4), (classic, weo_classic(), 9)):
        lines.append(list(lines[1]))
        lines[-1][at] = "77.5"
        fault = only_fault(make(tmp_path, lines))
        assert "stands twice" in fault.what
        assert fault.found == f"line 2 and line {len(lines)}"


def test_none_of_the_essential_series(tmp_path: Path) -> None:
    lines = weo_by_subject()
    lines[0] = [f"old_{name}" if name in ("ngdp", "ngdpd", "ngdp_rpch", "lp") else name for name in lines[0]]
    fault = only_fault(by_subject(tmp_path, lines))
    assert fault.found == "missing: NGDP_RPCH, NGDP, NGDPD, LP"
    other = [line for line in weo_classic() if line[2] not in ("NGDP", "NGDPD", "NGDP_RPCH")]
    assert "missing: NGDP_RPCH, NGDP, NGDPD" in only_fault(classic(tmp_path, other)).found


@pytest.mark.parametrize("subject", ["ngdp", "ngdp_r", "ngdpd", "pppgdp", "lp"])
def test_negative_amounts(tmp_path: Path, subject: str) -> None:
    one, other = weo_by_subject(), weo_classic()
    one[1][one[0].index(subject)] = "-1.5"
    row = next(line for line in other if line[1:3] == ["ALB", subject.upper()])
    row[9] = "-1,234.5"
    assert only_fault(by_subject(tmp_path, one)).where.endswith(f"line 2, column {subject}")
    fault = only_fault(classic(tmp_path, other))
    assert f"{subject.upper()} is impossible" in fault.what
    assert fault.where.endswith(f"line {other.index(row) + 1}, column 2022")


@pytest.mark.parametrize("value", ["about 3", "nan", "inf", "1_000", "1,5", "1.2.3", "12,34.5", "0x1F"])
def test_text_where_a_number_should_be(tmp_path: Path, value: str) -> None:
    one, other = weo_by_subject(), weo_classic()
    one[1][4] = other[1][9] = value
    for path, where in (
        (by_subject(tmp_path, one), "line 2, column ngdp_rpch"),
        (classic(tmp_path, other), "line 2, column 2022"),
    ):
        fault = only_fault(path)
        assert fault.where.endswith(where)
        assert value in fault.found


def test_thousands_commas_belong_to_the_classic_layout(tmp_path: Path) -> None:
    lines = weo_by_subject()
    lines[1][5] = "1,234.5"
    assert "text stands" in only_fault(by_subject(tmp_path, lines)).what


def test_a_number_too_large_for_a_number(tmp_path: Path) -> None:
    lines = weo_by_subject()
    lines[1][5] = "1e999"
    assert "impossible" in only_fault(by_subject(tmp_path, lines)).what


def test_lines_of_another_length(tmp_path: Path) -> None:
    lines = weo_by_subject()
    for at in range(1, 14):
        lines[at] = lines[at][:-3]
    fault = only_fault(by_subject(tmp_path, lines))
    assert "more or fewer fields" in fault.what
    assert fault.found == "lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 3 more"


def test_a_quote_never_closed(tmp_path: Path) -> None:
    path = by_subject(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + '"Aruba, the', encoding="utf-8")
    assert "more or fewer fields" in only_fault(path).what


def test_a_field_without_end(tmp_path: Path) -> None:
    path = by_subject(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + '"' + "x" * 200_000, encoding="utf-8")
    assert "damaged" in only_fault(path).what


def test_columns_twice(tmp_path: Path) -> None:
    lines = weo_by_subject()
    lines[0][-1] = "NGDP"
    assert only_fault(by_subject(tmp_path, lines)).found == "ngdp"


def test_years_of_the_classic_header(tmp_path: Path) -> None:
    lines = weo_classic()
    lines[0][10] = "2033"
    faults = faults_of(classic(tmp_path, lines))
    assert [fault.found for fault in faults] == ["2033 after 2022", "2024 after 2033"]
    for at in range(9, 9 + len(WEO_YEARS)):
        lines[0][at] = f"y{at}"
    assert any("no columns of years" in fault.what for fault in faults_of(classic(tmp_path, lines)))


def test_a_year_that_is_none(tmp_path: Path) -> None:
    lines = weo_by_subject()
    lines[1][2] = "2022/23"
    assert "not a year" in only_fault(by_subject(tmp_path, lines)).what
    other = weo_classic()
    other[1][-1] = "soon"
    assert "Start After is not a year" in only_fault(classic(tmp_path, other)).what


def test_another_scale(tmp_path: Path) -> None:
    lines = weo_classic()
    row = next(line for line in lines if line[1:3] == ["ALB", "NGDP"])
    row[7] = "Millions"
    fault = only_fault(classic(tmp_path, lines))
    assert (fault.found, fault.expected) == ("Millions", "Billions")


def test_no_ally_at_all(tmp_path: Path) -> None:
    lines = [line for line in weo_by_subject() if line[1] in ("iso", *MORE)]
    assert "no figure of any Ally" in only_fault(by_subject(tmp_path, lines)).what


def test_all_faults_at_once(tmp_path: Path) -> None:
    lines = weo_by_subject()
    lines[1][4], lines[2][5], lines[3][2] = "x", "-1", "last year"
    lines[4] = lines[4][:-1]
    told = "\n".join(str(fault) for fault in faults_of(by_subject(tmp_path, lines, "weo.csv")))
    for part in (
        "release is not known",
        "line 2, column",
        "line 3, column ngdp",
        "not a year",
        "fewer fields",
    ):
        assert part in told


def test_read_directly_on_something_else(tmp_path: Path) -> None:
    path = tmp_path / "weo-2024-04.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    fault = only_fault(path)
    assert "columns are not those" in fault.what
    assert fault.found == "a, b"
