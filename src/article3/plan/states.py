"""The state file: how far earlier orders have come, in the user's own words, for the next plan.

A CSV file with one line for an order or a part of one. What is signed is no longer the plan's to decide: it comes, it
is paid for, and it takes its place on the line. What has come is held.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
import polars as pl

from article3.domain import allies, force_element
from article3.domain.spellings import fold
from article3.errors import Fault, InputError, UnknownNameError, unknown_name_fault
from article3.evidence.longtable import decode
from article3.evidence.planning import Planning, plain
from article3.gap.forces import Array
from article3.plan.catalogue import Catalogue

STATES: Final = ("not_started", "contracted", "delivered", "ready")
"""How far an order has come, in this order; ``ready`` is declared to the NATO Force Model."""
COLUMNS: Final = ("ally", "element", "line", "order_year", "units", "state", "date", "note")
_YEARS: Final = (2020, 2060)
K = TypeVar("K")
_MAX_FAULTS: Final = 200


@dataclass(frozen=True, slots=True)
class StateRow:
    """An order, or a part of one, and how far it has come.

    Parameters
    ----------
    ally
        Code of the Ally or fleet that ordered.
    element, line
        Force element and production line.
    order_year
        Year in which it was or is to be ordered.
    units
        Units of the element, above zero.
    state
        One of :data:`STATES`.
    day
        Day of delivery: planned, contracted or actual; for ``ready`` the day it was declared so. None where not said.
    note
        Remark.
    where
        File and line.
    """

    ally: str
    element: str
    line: str
    order_year: int
    units: float
    state: str
    day: date | None = None
    note: str = ""
    where: str = field(default="", compare=False)

    def arrives(self, items: Catalogue) -> date:
        """Return the day of delivery: that of the file, else 1 July after the lead time of the line."""
        lead = int(items.lead[items.lines.index(self.line)])
        return self.day or date(self.order_year + lead, 7, 1)


@dataclass(frozen=True, slots=True)
class Committed:
    """What earlier orders leave to the next plan: given, not decided.

    Parameters
    ----------
    arriving
        Units by holder, element and year on whose 1 July they first count: contracted, delivered and ready.
    owed
        Million 2021 US$ by buyer and year, for what is contracted and not yet paid.
    booked
        Units ordered by line and year of order: places on the line that are taken.
    """

    arriving: Mapping[tuple[str, str, int], float]
    owed: Mapping[tuple[str, int], float]
    booked: Mapping[tuple[str, int], float]

    def changes(self) -> pl.DataFrame:
        """Return the arrivals as rows of the planning table ``changes``: its columns, its types."""
        rows = [
            (holder, element, str(year), "delivery", units, "yours", "yours", "From the state file.")
            for (holder, element, year), units in self.arriving.items()
        ]
        names = ("holder", "element", "year", "kind", "units", "source_id", "standing", "note")
        kinds = {name: pl.Float64() if name == "units" else pl.String() for name in names}
        return pl.DataFrame(rows, schema=kinds, orient="row")

    def in_service(self, codes: Sequence[str], elements: Sequence[str], years: Sequence[int]) -> Array:
        """Return units that have arrived by 1 July of each year, (codes, elements, years)."""
        found = np.zeros((len(codes), len(elements), len(years)))
        for (holder, element, since), units in self.arriving.items():
            if holder in codes and element in elements:
                found[codes.index(holder), elements.index(element)] += np.where(np.array(years) >= since, units, 0.0)
        return found

    def to_pay(self, codes: Sequence[str], years: Sequence[int]) -> Array:
        """Return million 2021 US$ owed, (codes, years)."""
        return _laid_out(self.owed, codes, years)

    def taken(self, lines: Sequence[str], years: Sequence[int]) -> Array:
        """Return units already ordered of each line, (lines, years)."""
        return _laid_out(self.booked, lines, years)


def _laid_out(given: Mapping[tuple[str, int], float], names: Sequence[str], years: Sequence[int]) -> Array:
    found = np.zeros((len(names), len(years)))
    for (name, year), amount in given.items():
        if name in names and year in years:
            found[names.index(name), years.index(year)] += amount
    return found


def counted_from(day: date) -> int:
    """Return the year from which something that comes on a day counts: a year means its 1 July."""
    return day.year + (day > date(day.year, 7, 1))


def committed(states: Sequence[StateRow], items: Catalogue, first_year: int) -> Committed:
    """Return what earlier orders leave to a plan.

    Parameters
    ----------
    states
        Rows of a state file; those not started are free to be planned again and leave nothing.
    items
        Catalogue: lead times and prices.
    first_year
        First year of the plan. The price is paid in equal parts over the years from order to delivery, as the plan
        pays; parts of earlier years have been paid.
    """
    arriving: dict[tuple[str, str, int], float] = {}
    owed: dict[tuple[str, int], float] = {}
    booked: dict[tuple[str, int], float] = {}
    for row in states:
        if row.state == "not_started":
            continue
        year = counted_from(row.arrives(items))
        _add(arriving, (row.ally, row.element, year), row.units)
        _add(booked, (row.line, row.order_year), row.units)
        if row.state == "contracted":
            parts = max(year - row.order_year, 1)
            cost = row.units * float(items.price[items.lines.index(row.line)])
            for when in range(max(row.order_year, first_year), row.order_year + parts):
                _add(owed, (row.ally, when), cost / parts)
    return Committed(arriving, owed, booked)


def _add(sums: dict[K, float], key: K, amount: float) -> None:
    sums[key] = sums.get(key, 0.0) + amount


def write_states(orders: pl.DataFrame, states: Sequence[StateRow] = ()) -> bytes:
    """Return a state file to fill in: what the plan orders as not started, after what has begun already.

    Parameters
    ----------
    orders
        Table ``orders`` of a plan.
    states
        Rows of the state file it was made with; those not started have been planned again and are left out.
    """
    rows = [row for row in states if row.state != "not_started"]
    for item in orders.iter_rows(named=True):
        units = round(float(item["units"]), 3)
        if units > 0:
            comes = date.fromisoformat(item["delivery_date"])
            names = (item["ally"], item["element"], item["line"])
            rows.append(StateRow(*names, int(item["order_year"]), units, STATES[0], comes))
    rows.sort(
        key=lambda row: (
            row.ally, row.element, row.line, row.order_year, -STATES.index(row.state), row.day or date.min, row.note,
        )
    )  # fmt: skip
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        day = row.day.isoformat() if row.day else ""
        cells = (row.ally, row.element, row.line, row.order_year, plain(row.units), row.state, day, row.note)
        writer.writerow(cells)
    return buffer.getvalue().encode()


def read_states(path: Path, planning: Planning, as_of: date | None = None) -> tuple[StateRow, ...]:
    """Read a state file.

    Parameters
    ----------
    path
        CSV file in UTF-8 with the columns :data:`COLUMNS`, in any order; separated by commas or semicolons.
    planning
        Tables ``lines`` and ``pooling``.
    as_of
        Day on which the states hold; None where they are not to be held against a day.

    Raises
    ------
    InputError
        The file cannot be read or breaks a rule; carries all faults found, at most 200.
    """
    try:
        text = decode(path)
    except OSError as error:
        mend = "Name a file beside the scenario, or leave 'plan.state' empty."
        raise InputError(Fault("the state file cannot be read", str(path), error.strerror or "", mend=mend)) from error
    start = text.partition("\n")[0]
    separator = ";" if ";" in start and "," not in start else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        lines = [(f"{path.name}, line {reader.line_num}", cells) for cells in reader]
    except csv.Error as error:
        where = f"{path.name}, line {reader.line_num}"
        raise InputError(Fault("the line cannot be read", where, str(error), mend="Look for a stray quote.")) from error
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    faults = _header_faults(header, path.name)
    if faults:
        raise InputError(faults)
    check = _Check(planning, as_of)
    found: list[StateRow] = []
    for where, cells in lines[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            check.faults.append(Fault("wrong number of cells", where, str(len(cells)), str(len(header))))
            continue
        row = check.row({name: cell.strip() for name, cell in zip(header, cells, strict=True)}, where)
        if row:
            found.append(row)
    check.repeated(found)
    if check.faults:
        raise InputError(check.faults[:_MAX_FAULTS])
    return tuple(found)


def _header_faults(header: Sequence[str], file: str) -> list[Fault]:
    where = f"{file}, line 1"
    faults = [Fault(f"column '{name}' is missing", where) for name in COLUMNS if name not in header]
    faults += [unknown_name_fault("column", name, COLUMNS, where) for name in header if name not in COLUMNS]
    faults += [
        Fault(f"column '{name}' stands there twice", where)
        for name in dict.fromkeys(header)
        if name in COLUMNS and header.count(name) > 1
    ]
    return faults


class _Check:
    """Checks rows of a state file and gathers what is wrong with them."""

    def __init__(self, planning: Planning, as_of: date | None) -> None:
        self.faults: list[Fault] = []
        self.as_of = as_of
        self.lines = dict(planning.table("lines").select("line", "element").iter_rows())
        fleets = planning.table("pooling").filter(pl.col("kind") == "fleet")
        self.fleets = {row["pool"]: row["elements"] for row in fleets.iter_rows(named=True)}
        titles = dict(fleets.select("pool", "title").iter_rows())
        accepted = {name: item.code for item in allies() for name in (item.code, item.name, *item.names)}
        accepted |= {name: code for code, title in titles.items() for name in (code, title)}
        self.buyers = {fold(name): code for name, code in accepted.items()}
        # Both kinds of buyers in one list, so that a slip in the code of a fleet is not answered with Allies only.
        labels = {item.code: item.label for item in allies()}
        labels |= {code: f"{code} ({title})" for code, title in titles.items()}
        self.labels = {name: labels[code] for name, code in accepted.items()}
        self.labels |= {name: item.label for item in allies() for name in item.hints}

    def row(self, cells: Mapping[str, str], where: str) -> StateRow | None:
        """Return a row, or None where a cell cannot be read; what is wrong is added to the faults."""
        buyer = self._buyer(cells["ally"], where)
        element, line = self._made(cells["element"], cells["line"], where)
        year = self._year(cells["order_year"], where)
        units = self._units(cells["units"], where)
        state = cells["state"]
        if state not in STATES:
            self.faults.append(unknown_name_fault("state", state, STATES, where))
            state = ""
        day, well = self._day(cells["date"], where)
        if buyer in self.fleets and element and element != self.fleets[buyer]:
            what = f"the fleet {buyer} holds another force element"
            self.faults.append(Fault(what, where, element, self.fleets[buyer]))
        if year and state and well:
            self._in_time(year, state, day, where)
        if not (buyer and element and line and year and units and state and well):
            return None
        return StateRow(buyer, element, line, year, units, state, day, cells["note"], where)

    def repeated(self, rows: Sequence[StateRow]) -> None:
        """Add a fault for every row that says of the same order the same state and day again."""
        first: dict[tuple[object, ...], StateRow] = {}
        for row in rows:
            earlier = first.setdefault((row.ally, row.element, row.line, row.order_year, row.state, row.day), row)
            if earlier is not row:
                mend = "Add the units up in one line."
                named = f"{row.ally}, {row.line}, {row.order_year}, {row.state}"
                self.faults.append(Fault("the same order twice", row.where, named, f"once, in {earlier.where}", mend))

    def _buyer(self, text: str, where: str) -> str:
        code = self.buyers.get(fold(text), "")
        if not code:
            self.faults.append(unknown_name_fault("Ally or fleet", text, self.labels, where))
        return code

    def _made(self, element: str, line: str, where: str) -> tuple[str, str]:
        try:
            element = force_element(element).id
        except UnknownNameError as error:
            self.faults += [Fault(fault.what, where, mend=fault.mend) for fault in error.faults]
            element = ""
        if line not in self.lines:
            mine = tuple(name for name, made in self.lines.items() if made == element)
            self.faults.append(unknown_name_fault("production line", line, mine or tuple(self.lines), where))
            return element, ""
        if element and self.lines[line] != element:
            self.faults.append(Fault(f"the line {line} makes another force element", where, element, self.lines[line]))
        return element, line

    def _year(self, text: str, where: str) -> int:
        if text.isdecimal() and _YEARS[0] <= int(text) <= _YEARS[1]:
            return int(text)
        self.faults.append(Fault("order_year is no year of orders", where, text, f"{_YEARS[0]} to {_YEARS[1]}"))
        return 0

    def _units(self, text: str, where: str) -> float:
        try:
            units = float(text)
        except ValueError:
            units = math.nan
        if math.isfinite(units) and units > 0:
            return units
        mend = "Delete the line if nothing of the order is left." if units <= 0 else ""
        self.faults.append(Fault("units are no number above zero", where, text, "a number such as 4 or 2.5", mend))
        return 0.0

    def _day(self, text: str, where: str) -> tuple[date | None, bool]:
        """Return the day, and whether the cell can be read."""
        if not text:
            return None, True
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        # Python reads 20310701 and 2031-W01-1 too; one way of writing a day is enough.
        if day and day.isoformat() == text:
            return day, True
        mend = "Spreadsheets rewrite dates: format the column as text."
        self.faults.append(Fault("date is no date", where, text, "YYYY-MM-DD", mend))
        return None, False

    def _in_time(self, year: int, state: str, day: date | None, where: str) -> None:
        """Add what cannot be so in time."""
        came = state in STATES[2:]
        if came and day is None:
            self.faults.append(Fault(f"'{state}' has no date", where, mend="Write the day as YYYY-MM-DD."))
        if day and day.year < year:
            self.faults.append(Fault("delivered before it was contracted", where, str(day), f"{year} or later"))
        if self.as_of is None or state == STATES[0]:
            return
        if year > self.as_of.year:
            what = f"'{state}', but ordered in a year still to come"
            self.faults.append(Fault(what, where, str(year), f"{self.as_of.year} or earlier"))
        if came and day and day > self.as_of:
            self.faults.append(Fault(f"'{state}' on a day still to come", where, str(day), f"{self.as_of} or earlier"))
        if state == "contracted" and day and day <= self.as_of:
            mend = "Write 'delivered', or the day on which it is now to come."
            self.faults.append(Fault("still 'contracted' after its day of delivery", where, str(day), mend=mend))
