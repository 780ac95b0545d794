"""Reading and checking tables in the long schema, row by row, all faults at once."""

from __future__ import annotations

import csv
import io
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from article3.domain import aggregates, ally
from article3.errors import EvidenceError, Fault, UnitError, UnknownNameError, unknown_name_fault
from article3.evidence.releases import Measure
from article3.evidence.table import KEY, SCHEMA, STATUSES
from article3.quantity import Standing, Unit

_MAX_FAULTS = 200


def decode(path: Path) -> str:
    """Return a text file as UTF-8; a byte-order mark is dropped.

    Raises
    ------
    EvidenceError
        The file is not UTF-8; the fault names line and byte.
    """
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise EvidenceError(
            Fault(
                "the file is not UTF-8 text",
                where=f"{path.name}, line {line}",
                found=f"byte 0x{data[error.start]:02x}",
                mend="Save it again as 'CSV UTF-8'.",
            )
        ) from error


def read_csv(path: Path, measures: Mapping[str, Measure]) -> pl.DataFrame:
    """Read a CSV file in the long schema and check every row.

    Parameters
    ----------
    path
        The file.
    measures
        The vocabulary of measures with their bounds.

    Returns
    -------
    polars.DataFrame
        Long table; one row per figure.

    Raises
    ------
    EvidenceError
        Any fault in the file, all of them at once, by line and column.
    """
    reader = csv.DictReader(io.StringIO(decode(path), newline=""))
    header = reader.fieldnames or []
    faults = [
        *(Fault(f"column '{name}' is missing", where=f"{path.name}, line 1") for name in SCHEMA if name not in header),
        *(
            unknown_name_fault("column", name, tuple(SCHEMA), f"{path.name}, line 1")
            for name in header
            if name not in SCHEMA
        ),
    ]
    if faults:
        raise EvidenceError(faults)
    rows = []
    for row in reader:
        where = f"{path.name}, line {reader.line_num}"
        if None in row or None in row.values():
            faults.append(Fault("the row has another number of cells than the header", where=where))
            continue
        parsed, problems = _parse_row(row, where, measures)
        faults += problems
        rows.append((where, parsed))
    faults += _duplicates(rows)
    faults += _mixed_price_bases(rows)
    if faults:
        raise EvidenceError(faults[:_MAX_FAULTS])
    return pl.DataFrame([row for _, row in rows], schema=SCHEMA)


def _parse_row(
    row: Mapping[str, str], where: str, measures: Mapping[str, Measure]
) -> tuple[dict[str, object], list[Fault]]:
    faults: list[Fault] = []
    out: dict[str, object] = {name: row[name].strip() for name in SCHEMA}
    try:
        if row["ally"] not in {item.code for item in aggregates()}:
            out["ally"] = ally(row["ally"]).code
    except UnknownNameError as error:
        faults += [Fault(fault.what, where=where, mend=fault.mend) for fault in error.faults]
    for name in ("value", "low", "high"):
        out[name] = _number(row[name], f"{where}, column {name}", faults, required=name == "value")
    for name in ("period", "decimals"):
        number = _number(row[name], f"{where}, column {name}", faults, required=name == "period")
        if number is not None and number != int(number):
            faults.append(Fault("not a whole number", where=f"{where}, column {name}", found=row[name]))
        out[name] = None if number is None else int(number)
    faults += _check_row(out, where, measures)
    return out, faults


def _number(text: str, where: str, faults: list[Fault], *, required: bool) -> float | None:
    if not text.strip():
        if required:
            faults.append(Fault("a number is missing", where=where))
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return number
    faults.append(Fault("not a number", where=where, found=f"'{text}'", expected="digits with a point, such as 2.05"))
    return None


def _check_row(row: Mapping[str, object], where: str, measures: Mapping[str, Measure]) -> Iterable[Fault]:
    name, value = str(row["measure"]), row["value"]
    measure = measures.get(name)
    if measure is None:
        yield unknown_name_fault("measure", name, tuple(measures), where)
    elif isinstance(value, float):
        if measure.floor is not None and value < measure.floor:
            yield Fault(
                f"{measure.title} below {measure.floor:g}",
                where=where,
                found=f"{value:g}",
                mend="Check the sign.",
            )
        if measure.ceiling is not None and value > measure.ceiling:
            hint = f"Is {value / 100:g} meant?" if value / 100 <= measure.ceiling else "Check unit and decimal point."
            yield Fault(f"{measure.title} above {measure.ceiling:g}", where=where, found=f"{value:g}", mend=hint)
    if measure is not None:
        yield from _check_unit(str(row["unit"]), str(row["price_base"]), measure, where)
    if row["status"] not in ("", *STATUSES):
        yield unknown_name_fault("status", str(row["status"]), STATUSES, where)
    if row["standing"] not in set(Standing):
        yield unknown_name_fault("standing", str(row["standing"]), [str(item) for item in Standing], where)
    low, high = row["low"], row["high"]
    if isinstance(low, float) and isinstance(high, float) and low > high:
        yield Fault("low is above high", where=where, found=f"{low:g} and {high:g}")


def _check_unit(unit: str, price_base: str, measure: Measure, where: str) -> Iterable[Fault]:
    """Find a unit that is not understood, or that is not of the measure's kind."""
    try:
        found = Unit.parse(unit, price_base)
    except UnitError as error:
        yield Fault(error.faults[0].what, where=f"{where}, column unit", mend=error.faults[0].mend)
        return
    wanted = measure.unit.replace("national currency", "USD")
    same = [base.name for base, _ in found.dims] == [base.name for base, _ in Unit.parse(wanted, price_base).dims]
    national = "national currency" in measure.unit and len(found.dims) == 1
    if not (same or national):
        yield Fault(
            f"another kind of unit than {measure.title.lower()} has",
            f"{where}, column unit",
            f"'{unit}'",
            f"'{measure.unit}'",
        )


def _duplicates(rows: Iterable[tuple[str, dict[str, object]]]) -> Iterable[Fault]:
    seen: dict[tuple[object, ...], tuple[str, object]] = {}
    for where, row in rows:
        key = tuple(row[name] for name in KEY)
        if key in seen and seen[key][1] != row["value"]:
            yield Fault(
                f"two values for {row['ally']}, {row['measure']}, {row['period']}",
                where=f"{seen[key][0]} and {where}",
                found=f"{seen[key][1]} and {row['value']}",
                mend="Keep one of them, or give the later one a vintage of its own.",
            )
        elif key in seen:
            yield Fault("the row stands twice", where=f"{seen[key][0]} and {where}", mend="Delete one.")
        seen.setdefault(key, (where, row["value"]))


def _mixed_price_bases(rows: Iterable[tuple[str, dict[str, object]]]) -> Iterable[Fault]:
    bases: dict[tuple[object, ...], dict[tuple[object, object], str]] = defaultdict(dict)
    for where, row in rows:
        bases[row["ally"], row["measure"], row["vintage"]].setdefault((row["unit"], row["price_base"]), where)
    for (name, measure, vintage), found in bases.items():
        if len(found) > 1:
            yield Fault(
                f"{measure} of {name} in {vintage} mixes units or price bases",
                where=" and ".join(found.values()),
                found=" and ".join(f"'{unit}' at '{base or 'no'}' prices" for unit, base in found),
                mend="Constant prices of different years never add: give each its own vintage or measure.",
            )


def write_csv(frame: pl.DataFrame) -> bytes:
    """Return a long table as CSV bytes in the canonical order: measure, Ally, period."""
    ordered = frame.select(list(SCHEMA)).sort("vintage", "measure", "ally", "period")
    return ordered.write_csv().encode()
