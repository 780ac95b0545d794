"""Panels of shares from the evidence: what was known at an origin, with long history spliced by ratio."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from article3.domain import allies, expand
from article3.evidence.store import Evidence
from article3.forecast.method import Array, Panel

FIRST_YEAR: Final = 1949
LAST_YEAR: Final = 2026
COMMON_YEARS: Final = 3
"""Years of overlap on which the long history is scaled to NATO's definition."""


def empty_panel(last_year: int) -> Panel:
    """Return a panel without values: the Allies with forces, from 1949."""
    codes = tuple(item.code for item in allies() if item.has_forces)
    years = tuple(range(FIRST_YEAR, last_year + 1))
    near = np.isin(np.array(codes), expand(["near_russia"]))
    return Panel(codes, years, np.full((len(codes), len(years)), np.nan), near)


def long_history(evidence: Evidence, vintage: str | None = None, last_year: int = LAST_YEAR) -> Panel | None:
    """Return the long history of shares (SIPRI), or ``None`` where that part of the evidence is not there.

    Parameters
    ----------
    evidence
        Evidence with the vintages to use.
    vintage
        Edition; the newest visible one by default.
    last_year
        Last column of the panel.
    """
    rows = evidence.table("sipri").filter(pl.col("measure") == "milex_pct_gdp")
    names = [item.vintage for item in evidence.vintages if item.dataset == "sipri"]
    if rows.height == 0 or not names:
        return None
    return _filled(empty_panel(last_year), rows.filter(pl.col("vintage") == (vintage or names[-1])))


def nato_release(evidence: Evidence, vintage: str, history: Panel | None, last_year: int = LAST_YEAR) -> Panel:
    """Return NATO's shares as one release prints them, with earlier years from the long history.

    The history of each Ally is multiplied by the mean ratio on the first three common years: SIPRI counts otherwise
    than NATO. Without history the panel starts with the release.
    """
    rows = evidence.table("nato").filter(pl.col("measure") == "defence_pct_gdp", pl.col("vintage") == vintage)
    panel = _filled(empty_panel(last_year), rows)
    if history is None:
        return panel
    values = panel.log_share.copy()
    for index in range(len(panel.allies)):
        values[index] = _spliced(values[index], history.log_share[index][: values.shape[1]])
    return Panel(panel.allies, panel.years, values, panel.near)


def _spliced(own: Array, older: Array) -> Array:
    common = np.flatnonzero(~np.isnan(own) & ~np.isnan(older))[:COMMON_YEARS]
    if common.size == 0:
        # An Ally that the release does not print, such as Finland before it joined: its history as it stands. And
        # a list of one year after the history ends: the two are put end to end, there is nothing to scale by.
        first = int(np.flatnonzero(~np.isnan(own))[0]) if not np.isnan(own).all() else own.size
        return np.concatenate([older[:first], own[first:]])
    shift = float(np.mean(own[common] - older[common]))
    first = int(np.flatnonzero(~np.isnan(own))[0])
    out = own.copy()
    out[:first] = older[:first] + shift
    return out


def _filled(panel: Panel, rows: pl.DataFrame) -> Panel:
    index = {code: position for position, code in enumerate(panel.allies)}
    values = panel.log_share.copy()
    for code, year, value in rows.select("ally", "period", "value").iter_rows():
        if code in index and panel.years[0] <= year <= panel.years[-1] and value > 0:
            values[index[code], panel.column(year)] = np.log(value)
    return Panel(panel.allies, panel.years, values, panel.near)
