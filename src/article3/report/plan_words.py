"""What figures and tables of the plan share: sums, dates and names in words, and findings read by year and Ally."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from article3.domain import ally, capability, force_element
from article3.errors import Article3Error
from article3.evidence.findings import Finding
from article3.report.gap_words import amount, lower, percent
from article3.report.gap_words import source as gap_source
from article3.report.words import FIXED, listed

Row = Mapping[str, Any]

BILLION: Final = 1000.0
"""Million US$ in one thousand million, which people call a billion."""
HORIZON: Final = 2035
"""Year to which sums are told, as the pledge of The Hague ends then; the last year where a plan ends before."""
MET: Final = 1 - 1e-6
_FEW: Final = 4
_BESIDE: Final = "prices, lines, lead times and people as listed under What the plan assumes"

VERDICTS: Final = {
    "held": "carried without the plan",
    "reached": "reached with the plan",
    "missed": "within reach, not worth its price",
    "cannot": "out of reach",
}
"""What becomes of a goal, in words."""


def money(million: float) -> str:
    """Return a sum of 2021 US$ as the plan's sentences have it, unbroken over lines: ``$ 26 bn``."""
    from article3.plan.rows import money_words  # noqa: PLC0415 - the one place where the words stand

    return money_words(million).replace(" ", FIXED)


def domain_words(name: str) -> str:
    """Return a domain of force elements inside a sentence."""
    from article3.plan.rows import domain_words as words  # noqa: PLC0415 - the one place where the words stand

    return words(name)


def domain_of(element: str) -> str:
    """Return the domain of a force element."""
    return force_element(element).domain


def element_title(name: str) -> str:
    """Return a force element as a heading."""
    return force_element(name).title


def billions(million: float) -> str:
    """Return a sum in thousand million US$ as a tile has it."""
    value = million / BILLION
    return f"{value:,.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.05 else "<0.1"


def per_cent(share: float) -> str:
    """Return a share in whole per cent; small ones to one decimal."""
    size = 100 * share
    return f"{size:.1f}{FIXED}%" if 0 < abs(size) < 0.95 else f"{size:.0f}{FIXED}%"


def who(code: str) -> str:
    """Return who a code stands for: an Ally; a fleet's code stays as it is."""
    try:
        return ally(code).name
    except Article3Error:
        return code


def met_words(share: float) -> str:
    """Return a share met in per cent; what misses all by less than the solver's tolerance counts as all."""
    return percent(1.0 if share >= MET else share)


def those(codes: str, few: int = _FEW) -> str:
    """Return Allies by name, in a sentence; beyond a few, how many more there are."""
    names = [who(code) for code in codes.split(";") if code]
    if len(names) <= few + 1:
        return listed(names)
    return f"{', '.join(names[:few])} and {len(names) - few} more"


def weakest(codes: str, few: int = 2) -> str:
    """Return the first capabilities of a list of weakest links, in a sentence."""
    return listed([lower(capability(name).title) for name in codes.split(";")[:few] if name])


def year_of(day: str) -> int:
    """Return the year of an ISO date."""
    return int(day[:4])


def horizon(table: pl.DataFrame) -> int:
    """Return the year to which sums are told."""
    return min(HORIZON, int(table["year"].max()))  # type: ignore[arg-type]


def source(finding: Finding, beside: str = _BESIDE) -> str:
    """Return the source line of a figure of the plan."""
    return gap_source(finding, beside)


def by_year(table: pl.DataFrame) -> pl.DataFrame:
    """Return envelope and spending of all Allies together by year; no envelope where nothing limits money."""
    parts = ("outlay", "running", "paid_to_fleets", "entering", "setting_up", "owed", "spent")
    limited = table["envelope"].null_count() == 0
    total = pl.col("envelope").sum() if limited else pl.lit(None, pl.Float64).first()
    return table.group_by("year", maintain_order=True).agg(
        total.alias("envelope"), *(pl.col(name).sum() for name in parts)
    )


def by_ally(table: pl.DataFrame) -> pl.DataFrame:
    """Return by Ally what it spends and may spend, and its largest step with its year; who spends most first."""
    limited = table["envelope"].null_count() == 0
    steepest = pl.col("step_pct").arg_max()
    found = table.group_by("ally", maintain_order=True).agg(
        pl.col("ally_name").first(),
        pl.col("spent").sum(),
        (pl.col("envelope").sum() if limited else pl.lit(None, pl.Float64).first()).alias("envelope"),
        pl.col("step_pct").get(steepest).alias("step_pct"),
        pl.col("year").get(steepest).alias("step_year"),
        pl.col("gdp_share_pct").max(),
        pl.col("year").get(pl.col("gdp_share_pct").arg_max()).alias("year"),
    )
    share = pl.when(pl.col("envelope") > 0).then(pl.col("spent") / pl.col("envelope"))
    order = ["share", "spent", "ally"] if limited else ["spent", "ally"]
    return found.with_columns(share.alias("share")).sort(
        order, descending=[*[True] * (len(order) - 1), False], nulls_last=True
    )


def biggest(finding: Finding, column: str) -> dict[str, Any]:
    """Return the row with the largest value of a column."""
    return finding.table.sort(column, descending=True, nulls_last=True).row(0, named=True)


def changing(table: pl.DataFrame) -> pl.DataFrame:
    """Return attainment of the contingencies alone that the plan changes or that fall short in some year."""
    alone = table.filter(~pl.col("contingency").str.contains(";", literal=True))
    moves = ((pl.col("attainment") - pl.col("before") > 0.005) | (pl.col("attainment") < MET)).any()
    return alone.filter(moves.over("situation", "window_days"))


def units_words(element: str, count: float) -> str:
    """Return a number of a force element with its unit: ``36 batteries``."""
    unit = force_element(element).unit
    same = unit in ("aircraft", "headquarters") or count == 1
    plural = unit if same else f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"
    return f"{amount(count)} {plural}"


def at(table: pl.DataFrame, **keys: Any) -> dict[str, Any] | None:
    """Return the row with these values, where there is one."""
    found = table.filter(*(pl.col(name) == value for name, value in keys.items()))
    return found.row(0, named=True) if found.height else None


def names_in(values: Sequence[str]) -> str:
    """Return names as a sentence has them, each once."""
    return listed(list(dict.fromkeys(values)))
