"""One plan's part of the bargain sheet: the years summed, and how a row and a total are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from article3.gap.forces import Array
from article3.gap.rows import worst
from article3.plan.make import Made
from article3.plan.problem import by_class
from article3.shift.field import Field
from article3.shift.handed import Handed

UNTIL: Final = 2035
"""Last year summed: that to which plans are shown."""
TOTAL: Final = "total"
MONEY: Final = ("value_usd2021_m", "discounted_usd2021_m", "a_year_usd2021_m")
SUMMED: Final = (*MONEY, "people", "person_years")
"""Columns that totals sum."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One plan's part of the sheet, and what its rows share.

    Parameters
    ----------
    handed
        The handover.
    when
        Date and scenario.
    years
        Years summed.
    bare
        The field with committed and signed deliveries alone.
    """

    handed: Handed
    when: str
    years: tuple[int, ...]
    bare: Field

    @property
    def span(self) -> str:
        """The years summed, as people read them."""
        return from_to(self.years)

    @property
    def last(self) -> date:
        """The last day looked at."""
        return self.handed.days[-1]

    def sums(self, by_year: Array | None) -> dict[str, float | None]:
        """Return the columns of money of a sum by year (million 2021 US$); empty where there is none."""
        if by_year is None:
            return dict.fromkeys(MONEY)
        rate = 1 + self.handed.made.asked.settings.discount
        total = float(by_year.sum())
        return {
            "value_usd2021_m": total,
            "discounted_usd2021_m": float((by_year / rate ** np.arange(len(self.years))).sum()),
            "a_year_usd2021_m": total / len(self.years),
        }

    def row(self, keys: tuple[str, str, str], title: str, by_year: Array | None = None, **more: Any) -> Row:
        """Return a row: side, kind and item, its title, money by year where there is any, and further columns."""
        side, kind, item = keys
        row: Row = {"plan": self.handed.name, "side": side, "kind": kind, "item": item, "title": title}
        return row | self.sums(by_year) | {"counts": "yes", "standing": "notional"} | more

    def every_year(self, amount: float) -> Array:
        """Return the same sum in every year summed."""
        return np.full(len(self.years), amount)

    def with_total(self, rows: Sequence[Row], title: str, **more: Any) -> list[Row]:
        """Return rows of one side and kind with their total at the end: what counts among them.

        A column of which nothing is known stays empty.
        """
        sums: Row = {}
        for name in SUMMED:
            known = [row[name] for row in rows if row["counts"] == "yes" and row.get(name) is not None]
            sums[name] = float(sum(known)) if known else None
        side, kind = more.pop("of")
        standing = worst(row["standing"] for row in rows)
        total = self.row((side, kind, TOTAL), title, counts="no", standing=standing)
        return [*rows, total | sums | more]


def sheet_of(handed: Handed, when: str) -> Sheet:
    """Return one plan's sheet, empty: its years and what comes without it.

    Parameters
    ----------
    handed
        The handover under the plan.
    when
        Date and scenario.
    """
    given = handed.made.asked.given
    last = min(UNTIL, given.years[-1], handed.field.years[-1])
    years = tuple(year for year in given.years if year <= last) or given.years[:1]
    return Sheet(handed, when, years, bare(handed))


def bare(handed: Handed) -> Field:
    """Return the field without what the plan orders: committed deliveries and orders signed before stay."""
    made, field = handed.made, handed.field
    given = made.asked.given
    known = tuple(min(max(year, given.years[0]), given.years[-1]) for year in field.years)
    empty = by_class(made.shared.given, np.zeros_like(made.shared.added), given.years[:1])
    fielded = np.zeros((*empty.shape[:2], len(known)))
    there = np.array([year >= given.years[0] for year in field.years], dtype=float)
    np.add.at(fielded, given.buyers.klass, given.begun[:, :, given.place(known)] * there)
    return field.instead(made.asked, fielded)


def total_of(rows: Sequence[Row], plan: str, side: str, kind: str) -> Row:
    """Return the total of a side and kind under a plan."""
    wanted = plan, side, kind, TOTAL
    return next(row for row in rows if (row["plan"], row["side"], row["kind"], row["item"]) == wanted)


def lines_of(made: Made, column: str) -> Mapping[str, Any]:
    """Return a column of table ``lines``, by line."""
    return dict(made.asked.inputs.planning.table("lines").select("line", column).iter_rows())


def from_to(years: Sequence[int]) -> str:
    """Return the first and the last of some years, as people read them."""
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first} to {last}"
