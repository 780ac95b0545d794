"""Addresses: one name for every number.

Two kinds, told apart by ``@``:

* evidence: ``dataset/vintage/measure#ALLY/PERIOD``, for example ``nato/2024-06-17/defence_pct_gdp#POL/2024``;
* results: ``table@as_of/column#KEY/...``, for example ``pledge@2026-07-31/value_pct#wales_2014/POL/2024``;
  a comparison of two dates has ``then..now`` for the date, and what rests on another scenario than the baseline
  names it after the date: ``attainment@2026-07-31~us_cuts_2026/margin#baltic_defence/30/reduced``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from article3.errors import AddressError, Fault

_NAME = r"[a-z][a-z0-9_]*"
_EVIDENCE = re.compile(rf"^({_NAME})/([0-9][0-9a-z.-]*)/({_NAME})#([A-Za-z_]+)/(\d{{4}})$")
_WHEN = r"\d{4}-\d\d-\d\d(?:\.\.\d{4}-\d\d-\d\d)?(?:~[a-z0-9_-]+)?"
_RESULT = re.compile(rf"^({_NAME})@({_WHEN})/({_NAME})#([\w.-]+(?:/[\w.-]+)*)$")


@dataclass(frozen=True, slots=True)
class EvidenceAddress:
    """Names one row of the long table."""

    dataset: str
    vintage: str
    measure: str
    ally: str
    period: int

    def __str__(self) -> str:
        return f"{self.dataset}/{self.vintage}/{self.measure}#{self.ally}/{self.period}"


@dataclass(frozen=True, slots=True)
class ResultAddress:
    """Names one cell of a table of results.

    Parameters
    ----------
    table, column
        The table and the column that holds the number.
    when
        The as-of date, or ``then..now`` for a comparison; ``~scenario`` follows where it is not the baseline's.
    keys
        Values of the table's key columns, in their order.
    """

    table: str
    when: str
    column: str
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.table}@{self.when}/{self.column}#{'/'.join(self.keys)}"


Address = EvidenceAddress | ResultAddress


def parse_address(text: str) -> Address:
    """Read an address.

    Raises
    ------
    AddressError
        The text is not an address of either kind.
    """
    if match := _EVIDENCE.match(text):
        dataset, vintage, measure, ally, period = match.groups()
        return EvidenceAddress(dataset, vintage, measure, ally.upper(), int(period))
    if match := _RESULT.match(text):
        table, when, column, keys = match.groups()
        return ResultAddress(table, when, column, tuple(keys.split("/")))
    raise AddressError(
        Fault(
            f"'{text[:120]}' is not an address",
            expected="dataset/vintage/measure#ALLY/YEAR, such as nato/2024-06-17/defence_pct_gdp#POL/2024, or "
            "table@date/column#KEY/..., such as pledge@2026-07-31/value_pct#wales_2014/POL/2024",
            mend="Copy it from a row's 'address', from the report or from the workbook.",
        )
    )
