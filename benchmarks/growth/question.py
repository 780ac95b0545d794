"""What both sides are asked, and the form in which they answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

DAY = "2024-06-30"
MEASURE = "defence_pct_gdp"
ADDRESS = "nato/2024-06-17/defence_pct_gdp#POL/2024"
DATASETS = ("nato", "weo")


class Operation(NamedTuple):
    """Something to time.

    Parameters
    ----------
    prepare
        Takes the evidence folder and returns what the work needs; not timed.
    work
        What is timed.
    plain
        Turns the work's result into lists of plain values, to compare the two sides.
    again
        How often to repeat the work in the same process after the first time.
    """

    prepare: Callable[..., Any]
    work: Callable[..., Any]
    plain: Callable[..., Any]
    again: int = 0


def same(given: Any) -> Any:
    """Return what is given."""
    return given
