"""Checks of the evidence when the package is built: keys, bounds, identities. Exceptions are listed by name.

Identities (units in :mod:`article3.quantity`; tolerance is the rounding of the printed figures, with a small
allowance for the deflators that NATO does not print):

* share: constant defence expenditure ÷ constant GDP = share of GDP;
* categories: equipment + personnel + infrastructure + other = 100 per cent of defence expenditure;
* real change: follows from constant expenditure of two years running;
* head: constant expenditure ÷ constant GDP = expenditure per head ÷ GDP per head;
* aggregate: NATO's totals are the sum over those who were Allies at the end of the year;
* growth: WEO real growth follows from WEO GDP at constant prices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from article3.domain import aggregates, group
from article3.evidence.releases import Measure, read_rows
from article3.evidence.store import SHIPPED, Evidence
from article3.evidence.table import KEY


@dataclass(frozen=True, slots=True)
class Violation:
    """A figure that breaks a rule.

    Parameters
    ----------
    check
        Name of the rule.
    address
        The figure, or the row the rule was applied to.
    found, expected
        What stands there and what the rule gives.
    """

    check: str
    address: str
    found: float
    expected: float


def _address(dataset: str, measure: str) -> pl.Expr:
    return pl.format("{}/{}/{}#{}/{}", pl.lit(dataset), "vintage", pl.lit(measure), "ally", "period")


def _wide(table: pl.DataFrame, *measures: str) -> pl.DataFrame:
    """Return one row per vintage, Ally and period that has all the measures, one column each."""
    rows = table.filter(pl.col("measure").is_in(measures))
    wide = rows.pivot("measure", index=["vintage", "ally", "period"], values="value")
    missing = [name for name in measures if name not in wide.columns]
    wide = wide.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in missing)
    return wide.drop_nulls(list(measures)).sort("vintage", "ally", "period")


def _collect(check: str, frame: pl.DataFrame, tolerance: pl.Expr) -> list[Violation]:
    bad = frame.filter((pl.col("found") - pl.col("expected")).abs() > tolerance)
    return [Violation(check, *row) for row in bad.select("address", "found", "expected").iter_rows()]


def keys(evidence: Evidence, dataset: str) -> list[Violation]:
    """No two rows of a dataset share Ally, measure, period and vintage."""
    table = evidence.table(dataset)
    double = table.filter(table.select(KEY).is_duplicated())
    rows = double.select(_address(dataset, "*").alias("address"), pl.col("value"))
    return [Violation("keys", address, value, value) for address, value in rows.iter_rows()]


def bounds(evidence: Evidence, dataset: str) -> list[Violation]:
    """Every figure lies within the bounds of its measure; every measure is known to the dataset."""
    found: list[Violation] = []
    table = evidence.table(dataset)
    for name in table["measure"].unique().sort():
        measure: Measure | None = evidence.measures.get(name)
        rows = table.filter(pl.col("measure") == name).with_columns(address=_address(dataset, name))
        if measure is None or dataset not in measure.datasets:
            found.append(Violation("bounds", f"{dataset}/*/{name}", float(rows.height), 0.0))
            continue
        floor = -float("inf") if measure.floor is None else measure.floor
        ceiling = float("inf") if measure.ceiling is None else measure.ceiling
        for address, value in (
            rows.select("address", "value").filter(~pl.col("value").is_between(floor, ceiling)).iter_rows()
        ):
            found.append(Violation("bounds", address, value, floor if value < floor else ceiling))
    return found


def share(evidence: Evidence) -> list[Violation]:
    """Constant defence expenditure ÷ constant GDP = share of GDP, in per cent."""
    wide = _wide(evidence.table(), "defence_exp_usd_constant", "gdp_usd_constant", "defence_pct_gdp")
    frame = wide.select(
        _address("nato", "defence_pct_gdp").alias("address"),
        pl.col("defence_pct_gdp").alias("found"),
        (100 * pl.col("defence_exp_usd_constant") / pl.col("gdp_usd_constant")).alias("expected"),
    )
    return _collect("share", frame, pl.lit(0.0051))


def categories(evidence: Evidence) -> list[Violation]:
    """The four categories of expenditure sum to 100 per cent."""
    names = ("equipment_share_pct", "personnel_share_pct", "infrastructure_share_pct", "other_share_pct")
    wide = _wide(evidence.table(), *names)
    frame = wide.select(
        _address("nato", "equipment_share_pct").alias("address"),
        pl.sum_horizontal(names).alias("found"),
        pl.lit(100.0).alias("expected"),
    )
    return _collect("categories", frame, pl.lit(0.03))


def real_change(evidence: Evidence) -> list[Violation]:
    """The printed real change follows from constant expenditure of two years running."""
    wide = _wide(evidence.table(), "defence_exp_usd_constant", "defence_real_change_pct")
    frame = (
        wide.with_columns(
            before=pl.col("defence_exp_usd_constant").shift(1).over("vintage", "ally"),
            gap=(pl.col("period") - pl.col("period").shift(1)).over("vintage", "ally"),
        )
        .filter(pl.col("gap") == 1)
        .select(
            _address("nato", "defence_real_change_pct").alias("address"),
            pl.col("defence_real_change_pct").alias("found"),
            (100 * (pl.col("defence_exp_usd_constant") / pl.col("before") - 1)).alias("expected"),
        )
    )
    return _collect("real_change", frame, 0.02 + 0.002 * pl.col("expected").abs())


def per_head(evidence: Evidence) -> list[Violation]:
    """Expenditure and GDP per head rest on one population: their ratio is the share of GDP."""
    wide = _wide(evidence.table(), "defence_per_capita_usd_constant", "gdp_per_capita_usd_constant", "defence_pct_gdp")
    frame = wide.select(
        _address("nato", "defence_per_capita_usd_constant").alias("address"),
        (pl.col("defence_per_capita_usd_constant") / pl.col("gdp_per_capita_usd_constant") / 10).alias("found"),
        pl.col("defence_pct_gdp").alias("expected"),
    )
    return _collect("per_head", frame, 0.01 + 0.005 * pl.col("expected"))


_SUMMED: Final = (
    "defence_exp_usd_current",
    "defence_exp_usd_constant",
    "gdp_usd_current",
    "gdp_usd_constant",
    "military_personnel",
)


def aggregate(evidence: Evidence) -> list[Violation]:
    """NATO's totals are the sum over those who were Allies at the end of the year."""
    table = evidence.table().filter(pl.col("measure").is_in(_SUMMED))
    found: list[Violation] = []
    for item in aggregates():
        totals = table.filter(pl.col("ally") == item.code)
        for vintage, measure, period, value in totals.select("vintage", "measure", "period", "value").iter_rows():
            # Iceland has no expenditure to add, but NATO's totals of GDP include it: the group, not item.codes().
            inside = group(item.group).codes(date(period, 12, 31))
            parts = table.filter(
                pl.col("vintage") == vintage,
                pl.col("measure") == measure,
                pl.col("period") == period,
                pl.col("ally").is_in(list(inside)),
            )
            expected = float(parts["value"].sum())
            if abs(value - expected) > 1e-4 * abs(expected):
                found.append(Violation("aggregate", f"nato/{vintage}/{measure}#{item.code}/{period}", value, expected))
    return found


def growth(evidence: Evidence) -> list[Violation]:
    """WEO real growth follows from WEO GDP at constant prices of the same edition."""
    wide = _wide(evidence.table("weo"), "gdp_nc_constant", "gdp_real_growth_pct")
    frame = (
        wide.with_columns(before=pl.col("gdp_nc_constant").shift(1).over("vintage", "ally"))
        .drop_nulls("before")
        .select(
            _address("weo", "gdp_real_growth_pct").alias("address"),
            pl.col("gdp_real_growth_pct").alias("found"),
            (100 * (pl.col("gdp_nc_constant") / pl.col("before") - 1)).alias("expected"),
            pl.col("before"),
        )
    )
    # Billions printed with three decimals: for a small economy the last digit is worth some hundredths of growth.
    return _collect("growth", frame, 0.006 + 0.15 / pl.col("before"))


CHECKS: Final[dict[str, Callable[[Evidence], list[Violation]]]] = {
    "keys": lambda evidence: [*keys(evidence, "nato"), *keys(evidence, "weo")],
    "bounds": lambda evidence: [*bounds(evidence, "nato"), *bounds(evidence, "weo")],
    "share": share,
    "categories": categories,
    "real_change": real_change,
    "per_head": per_head,
    "aggregate": aggregate,
    "growth": growth,
}


def exceptions(folder: Path = SHIPPED) -> dict[tuple[str, str], str]:
    """Return the known exceptions: rule and address, with the reason."""
    return {(row["check"], row["address"]): row["reason"] for row in read_rows(folder / "exceptions.csv")}


def run_checks(
    evidence: Evidence, names: Iterable[str] = tuple(CHECKS)
) -> tuple[list[Violation], list[tuple[str, str]]]:
    """Check the evidence.

    Returns
    -------
    tuple
        The violations that no exception names, and the exceptions that name nothing any more.
    """
    known = exceptions()
    found = [violation for name in names for violation in CHECKS[name](evidence)]
    seen = {(violation.check, violation.address) for violation in found}
    unlisted = [violation for violation in found if (violation.check, violation.address) not in known]
    return unlisted, sorted(key for key in known if key not in seen and key[0] in names)
