"""Official files made up for the tests: the layout is the producers', the figures are invented.

The figures are smooth and obey the identities of the real ones: constant defence over constant GDP is the
share, the four categories sum to 100, the aggregates are sums.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

# Label in Table 1, footnote mark, currency word, code, ISO currency.
ALLIES = (
    ("Albania", "", "Leks", "ALB", "ALL"),
    ("Belgium", "", "Euros", "BEL", "EUR"),
    ("Bulgaria", "", "Leva", "BGR", "BGN"),
    ("Canada", "", "Canadian dollars", "CAN", "CAD"),
    ("Croatia", "", "Euros", "HRV", "EUR"),
    ("Czechia", "*", "Koruny", "CZE", "CZK"),
    ("Denmark", "", "Kroner", "DNK", "DKK"),
    ("Estonia", "*", "Euros", "EST", "EUR"),
    ("Finland", "", "Euros", "FIN", "EUR"),
    ("France", "", "Euros", "FRA", "EUR"),
    ("Germany", "", "Euros", "DEU", "EUR"),
    ("Greece", "", "Euros", "GRC", "EUR"),
    ("Hungary", "", "Forint", "HUN", "HUF"),
    ("Iceland", "", "", "ISL", ""),
    ("Italy", "", "Euros", "ITA", "EUR"),
    ("Latvia", "*", "Euros", "LVA", "EUR"),
    ("Lithuania", "*", "Euros", "LTU", "EUR"),
    ("Luxembourg", "", "Euros", "LUX", "EUR"),
    ("Montenegro", "", "Euros", "MNE", "EUR"),
    ("Netherlands", "", "Euros", "NLD", "EUR"),
    ("North Macedonia", "", "Denars", "MKD", "MKD"),
    ("Norway", "", "Kroner", "NOR", "NOK"),
    ("Poland", "*", "Zlotys", "POL", "PLN"),
    ("Portugal", "", "Euros", "PRT", "EUR"),
    ("Romania", "*", "New Lei", "ROU", "RON"),
    ("Slovak Republic", "", "Euros", "SVK", "EUR"),
    ("Slovenia", "", "Euros", "SVN", "EUR"),
    ("Spain", "", "Euros", "ESP", "EUR"),
    ("Sweden", "", "Kronor", "SWE", "SEK"),
    ("Türkiye", "", "Liras", "TUR", "TRY"),
    ("United Kingdom", "", "Pounds", "GBR", "GBP"),
    ("United States", "", "US dollars", "USA", "USD"),
)
SUMMED = (
    "gdp_usd_current",
    "gdp_usd_constant",
    "defence_exp_usd_current",
    "defence_exp_usd_constant",
    "military_personnel",
)
AGGREGATES = (("NATO Europe and Canada", "NATO_EUR_CAN"), ("NATO Total", "NATO_TOTAL"))
CODES = tuple(row[3] for row in ALLIES)
CURRENCY = {row[3]: row[4] for row in ALLIES}

Values = dict[tuple[str, str, int], float]


@dataclass
class NatoBook:
    """A made-up workbook, the values in it and the units they should be read in."""

    book: openpyxl.Workbook
    years: tuple[int, ...]
    values: Values
    units: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def save(self, folder: Path, name: str = "240617-def-exp-2024-TABLES-en.xlsx") -> Path:
        path = folder / name
        self.book.save(path)
        return path

    def find(self, sheet: str, text: str, nth: int = 1) -> tuple[int, int]:
        """Return row and column of the nth cell whose text begins so."""
        seen = 0
        for row in self.book[sheet].iter_rows():
            for cell in row:
                if str(cell.value or "").startswith(text):
                    seen += 1
                    if seen == nth:
                        return cell.row, cell.column
        raise LookupError(text)

    def at(self, sheet: str, label: str, year: int, nth: int = 1) -> tuple[int, int]:
        """Return row and column of a figure, by label (its nth block) and year."""
        row, _ = self.find(sheet, label, nth)
        _, column = self.find(sheet, str(year))
        return row, column

    def put(self, sheet: str, place: tuple[int, int], value: object) -> str:
        """Put a value into a cell and return its address."""
        cell = self.book[sheet].cell(*place)
        cell.value = value
        return f"{sheet}!{cell.coordinate}"


def nato_values(years: tuple[int, ...], base: int) -> Values:
    values: Values = {}
    for number, (_, _, _, code, _) in enumerate(ALLIES, start=1):
        before = 0.0
        for year in (years[0] - 1, *years):
            step = year - base
            gdp = 1000.0 * number * 1.02**step
            prices, rate, people = 1.03**step, 0.5 + number / 10, 3.0 * number * 1.001**step
            share = 0.0 if code == "ISL" else 1.0 + 0.05 * number + 0.02 * (year - 2014)
            defence = gdp * share / 100
            if year in years:
                values["gdp_usd_constant", code, year] = gdp
                values["gdp_usd_current", code, year] = gdp * prices
                values["gdp_per_capita_usd_constant", code, year] = gdp / people
            if year in years and code != "ISL":
                own: dict[str, float] = {
                    "defence_exp_nc_constant": defence * rate,
                    "defence_exp_nc_current": defence * rate * prices,
                    "defence_exp_usd_constant": defence,
                    "defence_exp_usd_current": defence * prices,
                    "defence_pct_gdp": share,
                    "defence_real_change_pct": 100 * (defence / before - 1),
                    "defence_per_capita_usd_constant": 1000 * defence / people,
                    "military_personnel": people,
                    "equipment_share_pct": 20 + number / 4,
                    "personnel_share_pct": 50 - number / 2,
                    "infrastructure_share_pct": 5.0,
                    "other_share_pct": 25 + number / 4,
                }
                values |= {(measure, code, year): value for measure, value in own.items()}
            before = defence
    values |= _aggregates(values, years)
    # The library writes 16 digits; fewer come back the same.
    return {key: float(f"{value:.12g}") for key, value in values.items()}


def _aggregates(values: Values, years: tuple[int, ...]) -> Values:
    sums: Values = {}
    for code, left_out in (("NATO_EUR_CAN", {"USA"}), ("NATO_TOTAL", set())):
        for year in years:
            for measure in SUMMED:
                sums[measure, code, year] = sum(
                    values.get((measure, ally, year), 0.0) for ally in CODES if ally not in left_out
                )
            gdp, people = sums["gdp_usd_constant", code, year], sums["military_personnel", code, year]
            defence = sums["defence_exp_usd_constant", code, year]
            sums["defence_pct_gdp", code, year] = 100 * defence / gdp
            sums["defence_real_change_pct", code, year] = 1.5
            sums["gdp_per_capita_usd_constant", code, year] = gdp / people
            sums["defence_per_capita_usd_constant", code, year] = 1000 * defence / people
    return sums


Blocks = list[tuple[str, str, tuple[str, str]]]
"""Heading, measure, unit and price base."""


def _money(base: int) -> dict[str, tuple[str, str, Blocks]]:
    """Return title, line of units and blocks of Tables 1 to 5."""
    exchange = " and exchange rates"
    constant, dollars = f"Constant {base} prices", ("million USD", "current")
    fixed = ("million USD", str(base))
    return {
        "1": (
            "Defence expenditure",
            "Million national currency units",
            [
                ("Current prices", "defence_exp_nc_current", ("nc", "current")),
                (f"{constant} ", "defence_exp_nc_constant", ("nc", str(base))),
            ],
        ),
        "2": (
            "Defence expenditure",
            "Million US dollars",
            [
                (f"Current prices{exchange}", "defence_exp_usd_current", dollars),
                (f"{constant}{exchange}", "defence_exp_usd_constant", fixed),
            ],
        ),
        "3": (
            "Defence expenditure as a share of GDP and annual real change",
            f"Based on {base} prices",
            [
                ("Share of real GDP (%)", "defence_pct_gdp", ("percent of GDP", "")),
                ("Annual real change (%)", "defence_real_change_pct", ("percent", "")),
            ],
        ),
        "4": ("Defence expenditure real change", "Million US dollars", []),
        "5": (
            "GDP",
            "Million US dollars",
            [
                (f"Current prices{exchange}", "gdp_usd_current", dollars),
                (f"{constant}{exchange}", "gdp_usd_constant", fixed),
            ],
        ),
    }


def _others(base: int) -> dict[str, tuple[str, str, Blocks]]:
    """Return the same of Tables 6 to 8b."""
    percent = ("percent of defence expenditure", "")
    return {
        "6": (
            "GDP per capita and defence expenditure per capita",
            f"{base} prices and exchange rates",
            [
                (
                    "GDP per capita (thousand US dollars)",
                    "gdp_per_capita_usd_constant",
                    ("thousand USD / person", str(base)),
                ),
                (
                    "Defence expenditure per capita (US dollars)",
                    "defence_per_capita_usd_constant",
                    ("USD / person", str(base)),
                ),
            ],
        ),
        "7": ("Military personnel", "Thousands", [("", "military_personnel", ("thousand persons", ""))]),
        "8a": (
            "Distribution of defence expenditure by main category",
            "Percentage of total defence expenditure",
            [
                ("Equipment (a)", "equipment_share_pct", percent),
                ("Personnel (b)", "personnel_share_pct", percent),
            ],
        ),
        "8b": (
            "Distribution of defence expenditure by main category",
            "Percentage of total defence expenditure",
            [
                ("Infrastructure (c)", "infrastructure_share_pct", percent),
                ("Other (d)", "other_share_pct", percent),
            ],
        ),
    }


def nato_book(
    years: tuple[int, ...] = (2020, 2021, 2022, 2023, 2024), base: int = 2015, down: int = 0, right: int = 0
) -> NatoBook:
    """Return a workbook in NATO's layout, its tables moved down and to the right if wanted."""
    made = NatoBook(openpyxl.Workbook(), years, nato_values(years, base))
    made.book.remove(made.book.active)
    for number, (title, unit, blocks) in (_money(base) | _others(base)).items():
        sheet = made.book.create_sheet(f"TABLE{number}")
        top, left = (16, 3) if number == "7" else (4, 2)
        _sheet(made, sheet, (top + down, left + right), f"Table {number} : {title}", unit, blocks)
    return made


def _sheet(
    made: NatoBook,
    sheet: Worksheet,
    corner: tuple[int, int],
    title: str,
    unit: str,
    blocks: Blocks,
) -> None:
    top, left = corner
    sheet.cell(top, left, title)
    sheet.cell(top + 2, left, unit)
    for offset, year in enumerate(made.years):
        # NATO writes some years as numbers, some as text, and estimates with an e.
        marks = {len(made.years) - 1: f"{year}e", len(made.years) - 2: f"{year}e", 1: str(year)}
        sheet.cell(top + 4, left + 2 + offset, marks.get(offset, year))
    row = top + 6
    national = sheet.title == "TABLE1"
    marked = sheet.title in ("TABLE1", "TABLE2", "TABLE3")
    for heading, measure, unit_and_base in blocks:
        sheet.cell(row, left, heading or None)
        row += 1
        for name, mark, word, code, iso in ALLIES:
            if (measure, code, made.years[0]) not in made.values:
                continue
            label = name + (mark if marked else "") + (f"   ({word})" if national else "")
            sheet.cell(row, left + 1, label)
            read_as = f"million {iso}" if national else unit_and_base[0]
            made.units[measure, code] = (read_as, unit_and_base[1])
            row = _figures(made, sheet, row, left + 2, measure, code)
        if (measure, "NATO_TOTAL", made.years[0]) in made.values:
            for name, code in AGGREGATES:
                sheet.cell(row, left, name)
                made.units[measure, code] = unit_and_base
                row = _figures(made, sheet, row, left + 2, measure, code)
        elif sheet.title in ("TABLE1", "TABLE8a"):
            sheet.cell(row, left + 2, "#REF!").data_type = "e"  # stale cells, as in NATO's own file
            row += 1
    sheet.cell(row + 2, left + 1, "Notes: Figures for 2023 and 2024 are estimates.")
    sheet.merge_cells(start_row=row + 3, end_row=row + 3, start_column=left + 1, end_column=left + 6)
    sheet.cell(row + 5, left, "-7-")


def _figures(made: NatoBook, sheet: Worksheet, row: int, first: int, measure: str, code: str) -> int:
    for offset, year in enumerate(made.years):
        sheet.cell(row, first + offset, made.values[measure, code, year])
    return row + 1


# IMF's World Economic Outlook

# Subject, measure, unit, price base, scale, first figure, yearly step.
WEO = (
    ("NGDP_RPCH", "gdp_real_growth_pct", "percent", "", "", -1.5, 0.25),
    ("NGDP", "gdp_nc_current", "nc", "current", "Billions", 1234.5, 10.0),
    ("NGDP_R", "gdp_nc_constant", "nc", "own", "Billions", 1100.0, 8.0),
    ("NGDPD", "gdp_usd_current", "billion USD", "current", "Billions", 2345.678, 20.0),
    ("PPPGDP", "gdp_ppp", "billion international dollars", "current", "Billions", 3000.0, 30.0),
    ("NGDP_D", "gdp_deflator", "index", "", "", 112.0, 1.5),
    ("PCPIPCH", "inflation_cpi_avg_pct", "percent", "", "", 2.0, 0.125),
    ("GGXWDG_NGDP", "gov_gross_debt_pct_gdp", "percent of GDP", "", "", 60.0, 1.0),
    ("GGXCNL_NGDP", "gov_net_lending_pct_gdp", "percent of GDP", "", "", -3.0, 0.5),
    ("GGXONLB_NGDP", "gov_primary_balance_pct_gdp", "percent of GDP", "", "", -1.0, 0.5),
    ("GGR_NGDP", "gov_revenue_pct_gdp", "percent of GDP", "", "", 40.0, 0.25),
    ("GGX_NGDP", "gov_expenditure_pct_gdp", "percent of GDP", "", "", 43.0, 0.25),
    ("LP", "population", "million persons", "", "Millions", 10.0, 0.0625),
)
WEO_YEARS = (2022, 2023, 2024, 2025)
MORE = ("ABW", "AUT", "JPN")
"""Countries of the file that are no Allies."""


def weo_values() -> Values:
    return {
        (measure, code, year): first + number / 8 + step * offset
        for number, code in enumerate((*CODES, *MORE))
        for _, measure, _, _, _, first, step in WEO
        for offset, year in enumerate(WEO_YEARS)
    }


def weo_by_subject() -> list[list[str]]:
    """Return the header and the lines of the layout with a column per subject."""
    values = weo_values()
    lines = [["country", "iso", "year", "aggregate", *(row[0].lower() for row in WEO), "tx_rpch"]]
    lines += [
        [
            f'Country of "{code}", the',
            code,
            str(year),
            "0",
            *(repr(values[row[1], code, year]) for row in WEO),
            "",
        ]
        for code in (*CODES, *MORE)
        for year in WEO_YEARS
    ]
    return lines


def weo_classic(footer: str = "") -> list[list[str]]:
    """Return the header and the lines of IMF's classic layout."""
    values = weo_values()
    before = "WEO Country Code,ISO,WEO Subject Code,Country,Subject Descriptor,Subject Notes,Units,Scale"
    header = [
        *before.split(","),
        "Country/Series-specific Notes",
        *map(str, WEO_YEARS),
        "Estimates Start After",
    ]
    lines = [header]
    for code in (*CODES, *MORE):
        for subject, measure, _, _, scale, _, _ in WEO:
            figures = [f"{values[measure, code, year]:,.4f}" for year in WEO_YEARS]
            notes = 'Source: the "Office", see notes'
            lines.append(["111", code, subject, code, subject, "n", "u", scale, notes, *figures, "2023"])
        lines.append(["111", code, "LUR", code, "Unemployment", "", "", "", "", *["5.0"] * len(WEO_YEARS), "2023"])
    if footer:
        lines += [[], [footer]]
    return lines


def text(lines: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(lines)
    return out.getvalue()
