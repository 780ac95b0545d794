"""SIPRI's workbook made up for the tests: the layout is SIPRI's, the figures are invented."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet
from synthetic import CODES

SHEET = "Share of GDP"
TITLE = "Military expenditure by country as percentage of gross domestic product"
SYMBOLS = '". ." = data unavailable. "xxx" = country did not exist or was not independent during the year in question.'

# Region, then the countries under it: name, note, code where it is an Ally's.
REGIONS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    ("Africa", ()),
    ("North Africa", (("Algeria", "§4", ""), ("Libya", "‡§¶16", ""))),
    ("North America", (("Canada", "", "CAN"), ("United States of America", "44", "USA"))),
    (
        "Central Europe",
        (
            ("Albania", "§¶3", "ALB"),
            ("Bulgaria", "†13", "BGR"),
            ("Croatia", "70", "HRV"),
            ("Czechia", "71", "CZE"),
            ("Czechoslovakia", "72", ""),
            ("Estonia", "‖73", "EST"),
            ("German Democratic Republic", "74", ""),
            ("Hungary", "", "HUN"),
            ("Latvia", "‖75", "LVA"),
            ("Lithuania", "‖", "LTU"),
            ("North Macedonia", "†77", "MKD"),
            ("Montenegro", "76", "MNE"),
            ("Poland", "78", "POL"),
            ("Romania", "¶‖", "ROU"),
            ("Slovakia", "‖", "SVK"),
            ("Slovenia", "‖", "SVN"),
        ),
    ),
    (
        "Western Europe",
        (
            ("Austria", "", ""),
            ("Belgium", "", "BEL"),
            ("Denmark", "", "DNK"),
            ("Finland", "85", "FIN"),
            ("France", "101", "FRA"),
            ("Germany", "", "DEU"),
            ("Greece", "", "GRC"),
            ("Iceland", "86", "ISL"),
            ("Ireland", "", ""),
            ("Italy", "87", "ITA"),
            ("Luxembourg", "88", "LUX"),
            ("Netherlands", "", "NLD"),
            ("Norway", "", "NOR"),
            ("Portugal", "", "PRT"),
            ("Spain", "89", "ESP"),
            ("Sweden", "", "SWE"),
            ("United Kingdom", "91", "GBR"),
            ("European Union", "†¶103", ""),
        ),
    ),
    ("Middle East", (("Kuwait", "95", ""), ("Türkiye", "‖", "TUR"), ("Yemen, North", "§100", ""))),
)
WITH_FORCES = tuple(code for code in CODES if code != "ISL")

Values = dict[tuple[str, int], float]


@dataclass
class SipriBook:
    """A made-up workbook and the fractions of GDP in it."""

    book: openpyxl.Workbook
    years: tuple[int, ...]
    values: Values

    @property
    def sheet(self) -> Worksheet:
        return self.book[SHEET]

    def save(self, folder: Path, name: str = "SIPRI-Milex-data-1949-2024_2.xlsx") -> Path:
        path = folder / name
        self.book.save(path)
        return path

    def find(self, value: object) -> tuple[int, int]:
        """Return row and column of the first cell with this value."""
        for row in self.sheet.iter_rows():
            for cell in row:
                if cell.value == value:
                    return cell.row, cell.column
        raise LookupError(value)

    def at(self, country: str, year: int) -> tuple[int, int]:
        """Return row and column of a figure."""
        return self.find(country)[0], self.find(year)[1]

    def put(self, place: tuple[int, int], value: object) -> str:
        """Put a value into a cell and return its address as messages show it."""
        cell = self.sheet.cell(*place)
        cell.value = value
        return f"'{SHEET}'!{cell.coordinate}"

    def percentages(self) -> Values:
        return {key: value * 100 for key, value in self.values.items()}


def sipri_book(years: tuple[int, ...] = tuple(range(1988, 2025)), down: int = 0, right: int = 0) -> SipriBook:
    """Return a workbook in SIPRI's layout, its table moved down and to the right if wanted."""
    made = SipriBook(openpyxl.Workbook(), years, {})
    made.book.active.title = "Front page"
    span = f"{years[0]}-{years[-1]}"
    for name, title in (
        ("Regional totals", "Military expenditure by region in constant US dollars"),
        ("Current US$", f"Military expenditure by country, in millions of US$ at current prices, {span}"),
        (SHEET, f"{TITLE}, {span}"),
        ("Per capita", f"Military expenditure per capita  by country, {span}"),
        ("Footnotes", "Footnotes and special notes"),
    ):
        copyright_ = "     © SIPRI 2024" if name != "Footnotes" else ""
        made.book.create_sheet(name).cell(1 + down, 1 + right, title + copyright_)
    _table(made, 1 + down, 1 + right)
    return made


def _table(made: SipriBook, top: int, left: int) -> None:
    sheet = made.sheet
    sheet.cell(top + 1, left, "Countries are grouped by region and subregion")
    sheet.cell(top + 2, left, "Figures in blue are SIPRI estimates. Figures in red indicate highly uncertain data.")
    sheet.cell(top + 3, left, SYMBOLS)
    header = top + 5
    sheet.cell(header, left, "Country")
    sheet.cell(header, left + 1, "Notes")
    for offset, year in enumerate(made.years):
        sheet.cell(header, left + 2 + offset, year)
    row = header + 2
    for region, countries in REGIONS:
        sheet.cell(row, left, region)
        row += 1
        for name, note, code in countries:
            sheet.cell(row, left, name)
            sheet.cell(row, left + 1, note)
            for offset, year in enumerate(made.years):
                cell = sheet.cell(row, left + 2 + offset, _written(name, code, year))
                if isinstance(cell.value, float):
                    cell.number_format = "0.00%"
                    cell.font = Font(color="FF0000FF") if year % 3 == 0 else Font()
                    if code:
                        made.values[code, year] = cell.value
            row += 1


def _written(name: str, code: str, year: int) -> float | str:
    if code == "ISL" or (code and year < 1988 + len(code + name) % 5):
        return "..." if year % 2 else ". . "
    if code:
        return float(f"{0.005 + 0.001 * CODES.index(code) + 0.0001 * (year - 1988):.12g}")
    if name in ("Czechoslovakia", "German Democratic Republic", "Yemen, North", "European Union"):
        return "xxx"
    # Kuwait in 1991: more than its GDP.
    return 1.173498232086904 if name == "Kuwait" and year == 1991 else 0.03
