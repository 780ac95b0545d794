"""The rules the shipped evidence obeys, and that they would notice."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from article3.evidence import checks
from article3.evidence.store import SHIPPED, Evidence, open_evidence


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return open_evidence(folders=(SHIPPED,))


@pytest.mark.parametrize("name", list(checks.CHECKS))
def test_the_rule_holds_but_for_named_exceptions(evidence: Evidence, name: str) -> None:
    unlisted, stale = checks.run_checks(evidence, [name])
    assert unlisted == []
    assert stale == []


def test_every_exception_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in checks.exceptions().values())


def _spoiled(evidence: Evidence, dataset: str, change: pl.Expr) -> Evidence:
    table = evidence.table(dataset).with_columns(value=change)
    names = [*evidence.vintages]
    other = "weo" if dataset == "nato" else "nato"
    tables = {(dataset, None, None): table, (other, None, None): evidence.table(other)}
    return replace(evidence, vintages=tuple(names), _tables=tables)


def _at(measure: str, ally: str, period: int, vintage: str) -> pl.Expr:
    return (
        (pl.col("measure") == measure)
        & (pl.col("ally") == ally)
        & (pl.col("period") == period)
        & (pl.col("vintage") == vintage)
    )


@pytest.mark.parametrize(
    ("name", "dataset", "measure", "ally", "factor"),
    [
        ("bounds", "nato", "gdp_usd_constant", "POL", -1.0),
        ("share", "nato", "defence_pct_gdp", "POL", 1.01),
        ("categories", "nato", "other_share_pct", "POL", 1.1),
        ("real_change", "nato", "defence_real_change_pct", "POL", 1.05),
        ("per_head", "nato", "defence_per_capita_usd_constant", "POL", 1.02),
        ("aggregate", "nato", "defence_exp_usd_current", "NATO_TOTAL", 1.001),
        ("growth", "weo", "gdp_nc_constant", "POL", 1.001),
    ],
)
def test_the_rule_notices(evidence: Evidence, name: str, dataset: str, measure: str, ally: str, factor: float) -> None:
    vintage, period = ("2024-06-17", 2022) if dataset == "nato" else ("2024-04", 2022)
    change = pl.when(_at(measure, ally, period, vintage)).then(pl.col("value") * factor).otherwise(pl.col("value"))
    assert checks.run_checks(_spoiled(evidence, dataset, change), [name])[0]


def test_the_trap_in_the_copy_of_2023_stays_out(evidence: Evidence) -> None:
    """The copy of the July 2023 release has calendar years in the UK's equipment column."""
    rows = evidence.table().filter(pl.col("vintage") == "2023-07-07", pl.col("measure") == "equipment_share_pct")
    assert rows.height == 0
