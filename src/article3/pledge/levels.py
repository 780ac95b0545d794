"""Has a level been reached? NATO's own rule, and what coarse printing leaves undecided."""

from __future__ import annotations

import math
from typing import Final

import polars as pl

OPS: Final = (">=", ">", "<", "<=")

_HALF_UP: Final = 0.5 + 1e-7
"""Half-up rounding; the small excess undoes binary noise such as 1.995 * 100 = 199.49999999999997."""


def _rounded(value: pl.Expr) -> pl.Expr:
    return (value * 100 + _HALF_UP).floor()


def reached(value: pl.Expr, decimals: pl.Expr, level_pct: float | pl.Expr, op: str = ">=") -> pl.Expr:
    """Return whether values reach a level: true, false, or null where the printing leaves it open.

    NATO counts an Ally when its figure rounded to two decimals is at or above the level. A figure printed with
    fewer decimals stands for an interval; where the level lies inside it, the answer is null.

    Parameters
    ----------
    value
        Figures in per cent.
    decimals
        Decimals printed; null means not rounded.
    level_pct
        The level in per cent.
    op
        How the figure is held against the level: one of :data:`OPS`.

    Returns
    -------
    polars.Expr
        Boolean, null where the value is missing or the level is straddled.
    """
    half = pl.when(decimals < 2).then(0.5 * 10.0 ** -decimals.cast(pl.Float64)).otherwise(0.0)
    level = (pl.lit(level_pct) if isinstance(level_pct, float | int) else level_pct) * 100
    low, high = _rounded(value - half), _rounded(value + half)
    strict = op in (">", "<=")
    bar = level + 1e-7 if strict else level - 1e-7
    above_low, above_high = low >= bar, high >= bar
    above = pl.when(above_low == above_high).then(above_low)
    return above.not_() if op in ("<", "<=") else above


def rounded(value_pct: float) -> float:
    """Return a figure as NATO prints it: two decimals, half up."""
    return math.floor(value_pct * 100 + _HALF_UP) / 100


def interval_text(value_pct: float, decimals: int) -> str:
    """Return what a coarsely printed figure may stand for: ``between 1.95 and 2.05``."""
    half = 0.5 * 10.0**-decimals
    return f"between {value_pct - half:.{decimals + 1}f} and {value_pct + half:.{decimals + 1}f}"
