"""Means: money, people and wages of every Ally by year.

New money is the path to the pledged share of GDP less the committed baseline::

    path(t)      = max(s0, s0 + (level - s0) (t - 2026) / (by - 2026)), the level from `by` on; an Ally above it stays
    committed(t) = s0 (1 - q r(t)),  r from 0 in 2026 evenly to `released` in `released_by`
    envelope(t)  = max(0, path - committed) x GDP(t) x investable x factor

with s0 the core share of 2026 and q the part of equipment in it. GDP is that of 2021 at the exchange rate of 2021,
carried on by real growth (IMF); beyond the IMF's horizon the mean growth of its last three years goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from article3.domain import allies
from article3.errors import Fault, NotKnownError
from article3.evidence.store import Evidence
from article3.gap.forces import Array
from article3.scenario.plan_schema import Money

BASE: Final = 2026
"""Year from which the plan counts: the last with figures."""
PRICES: Final = 2021
WAGE_USD_M: Final = 0.09
"""Pay and pensions of one uniformed person at mean GDP per head of the Allies that plan, million US$ (notional)."""
_TAIL: Final = 3


@dataclass(frozen=True, slots=True)
class Means:
    """Money and people. Shapes: N Allies, Y years.

    Parameters
    ----------
    allies
        Codes.
    years
        Years, from the first in which something can be ordered.
    gdp
        Million 2021 US$, (N, Y).
    share, path, committed
        Core share of 2026, path and committed baseline as fractions of GDP: (N,), (N, Y), (N, Y).
    envelope
        New money that may be spent on the plan, million 2021 US$, (N, Y); infinite where it is no limit.
    personnel
        Military personnel, persons, (N,).
    wage
        Million 2021 US$ for one person and year, (N,).
    sources
        Sources of these figures.
    """

    allies: tuple[str, ...]
    years: tuple[int, ...]
    gdp: Array
    share: Array
    path: Array
    committed: Array
    envelope: Array
    personnel: Array
    wage: Array
    sources: tuple[str, ...]


def means(evidence: Evidence, codes: tuple[str, ...], years: tuple[int, ...], money: Money) -> Means:
    """Return the means of some Allies.

    Parameters
    ----------
    evidence
        Everything known by the scenario's as-of date.
    codes
        Allies that plan.
    years
        Years, ascending.
    money
        How the envelope is made.

    Raises
    ------
    NotKnownError
        An Ally's spending, personnel or GDP is not known by then.
    """
    share = _newest(evidence, codes, "defence_pct_gdp", BASE) / 100
    equipment = _newest(evidence, codes, "equipment_share_pct", BASE) / 100
    personnel = _newest(evidence, codes, "military_personnel", BASE) * 1000
    edition, growth, level, population = _outlook(evidence, codes)
    gdp = np.stack([_carried(growth[i], level[i], years) for i in range(len(codes))])
    head = level / population
    wage = WAGE_USD_M * head / head.mean()
    time = np.array(years)
    up = np.clip((time - BASE) / (money.by - BASE), 0.0, 1.0) if money.by > BASE else np.ones(len(years))
    path = np.maximum(share[:, None], share[:, None] + (money.level_pct / 100 - share[:, None]) * up)
    loose = money.released * np.clip((time - BASE) / max(money.released_by - BASE, 1), 0.0, 1.0)
    committed = share[:, None] * (1 - equipment[:, None] * loose)
    if money.envelope == "pledge":
        envelope = np.maximum(0.0, path - committed) * gdp * money.investable * money.factor
    elif money.envelope == "fixed":
        envelope = (money.fixed_usd_m or 0.0) * money.factor * gdp / gdp.sum(axis=0)
    else:
        envelope = np.full(gdp.shape, np.inf)
    return Means(codes, years, gdp, share, path, committed, envelope, personnel, wage, _sources(evidence, edition))


def _newest(evidence: Evidence, codes: tuple[str, ...], measure: str, year: int) -> Array:
    """Return each Ally's newest figure of a measure up to a year."""
    rows = evidence.table("nato").filter(pl.col("measure") == measure, pl.col("period") <= year)
    newest = rows.sort("period", "vintage").group_by("ally", maintain_order=True).last()
    found = dict(newest.select("ally", "value").iter_rows())
    _complete(codes, found, f"{measure} of NATO")
    return np.array([found[code] for code in codes])


def _complete(codes: tuple[str, ...], found: dict[str, float], what: str) -> None:
    missing = [code for code in codes if code not in found]
    if missing:
        mend = "Use a later --as-of."
        raise NotKnownError(Fault(f"{what} is not known by then for {', '.join(missing)}", mend=mend))


def _outlook(evidence: Evidence, codes: tuple[str, ...]) -> tuple[str, list[dict[int, float]], Array, Array]:
    """Return the edition used, real growth by year, GDP of the base year of prices, and population, by Ally."""
    table = evidence.table("weo")
    editions = sorted(table["vintage"].unique().to_list())
    if not editions:
        raise NotKnownError(Fault("no edition of the IMF's outlook is known by then", mend="Use a later --as-of."))
    rows = table.filter(pl.col("vintage") == editions[-1], pl.col("ally").is_in(list(codes)))
    values: dict[tuple[str, str], dict[int, float]] = {}
    for ally, measure, period, value in rows.select("ally", "measure", "period", "value").iter_rows():
        values.setdefault((measure, ally), {})[int(period)] = float(value)
    growth = [values.get(("gdp_real_growth_pct", code), {}) for code in codes]
    level = {code: values.get(("gdp_usd_current", code), {}).get(PRICES) for code in codes}
    people = {code: values.get(("population", code), {}).get(PRICES) for code in codes}
    for what, found in ((f"GDP of {PRICES}", level), (f"population of {PRICES}", people)):
        _complete(codes, {code: value for code, value in found.items() if value}, what)
    for code, years in zip(codes, growth, strict=True):
        if not set(range(PRICES + 1, BASE + 1)) <= set(years):
            raise NotKnownError(Fault(f"the IMF's growth of {code} to {BASE} is not known by then"))
    return (
        editions[-1],
        growth,
        np.array([level[code] for code in codes], dtype=float) * 1000,  # the outlook is in billions
        np.array([people[code] for code in codes], dtype=float) * 1e6,
    )


def _carried(growth: dict[int, float], level: float, years: tuple[int, ...]) -> Array:
    """Return GDP of some years from that of the base year of prices and real growth in per cent."""
    last = max(growth)
    tail = float(np.mean([growth[year] for year in range(last - _TAIL + 1, last + 1)]))
    at, value = {PRICES: level}, level
    for year in range(PRICES + 1, max(years) + 1):
        value *= 1 + growth.get(year, tail) / 100
        at[year] = value
    return np.array([at[year] for year in years])


def _sources(evidence: Evidence, edition: str) -> tuple[str, ...]:
    nato = evidence.table("nato").filter(pl.col("measure").is_in(["defence_pct_gdp", "military_personnel"]))
    newest = nato.sort("period", "vintage").group_by("measure", maintain_order=True).last()
    return (*sorted(newest["source_id"].unique().to_list()), f"imf-weo-{edition}")


def who_plans(holders: tuple[str, ...], absent: frozenset[str]) -> tuple[str, ...]:
    """Return the Allies that can order: all with forces but the United States and those that are absent."""
    known = {item.code for item in allies()}
    return tuple(code for code in holders if code in known and code != "USA" and code not in absent)
