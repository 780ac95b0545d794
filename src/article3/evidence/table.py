"""The long table: one row per figure, and the vocabulary of its columns.

Every table of figures in the program, shipped or added by a user, has exactly these columns. A row says who
(``ally``: three-letter code, or an aggregate such as ``NATO_TOTAL``), what (``measure``), when (``period``:
calendar year), how much (``value`` in ``unit`` at ``price_base``), in which release (``vintage``), and how far
to trust it (``status``, ``standing``, ``low``/``high``, ``decimals``), with its source.
"""

from __future__ import annotations

from typing import Final

import polars as pl

SCHEMA: Final[dict[str, pl.DataType]] = {
    "ally": pl.String(),
    "measure": pl.String(),
    "period": pl.Int32(),
    "value": pl.Float64(),
    "unit": pl.String(),
    "price_base": pl.String(),
    "vintage": pl.String(),
    "status": pl.String(),
    "standing": pl.String(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "decimals": pl.Int8(),
    "source_id": pl.String(),
    "note": pl.String(),
}
"""Columns of the long table, in order.

``unit`` is the unit of ``value`` without its price base (``percent of GDP``, ``million USD``, ``billion EUR``);
``price_base`` is empty for dimensionless figures, ``current``, a year (``2015``, ``2021``) for constant prices of
that year, or ``own <vintage>`` where each Ally has a base year of its own within one release (IMF WEO).
``status`` is ``actual``, ``estimate`` or ``forecast``; empty where the producer does not say.
``decimals`` is the number of decimals printed by the source; empty where the figure is not rounded.
"""

KEY: Final = ("ally", "measure", "period", "vintage")
"""Columns that identify a row within one dataset; no two rows share them."""

STATUSES: Final = ("actual", "estimate", "forecast")


def empty() -> pl.DataFrame:
    """Return a long table without rows."""
    return pl.DataFrame(schema=SCHEMA)
