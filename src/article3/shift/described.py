"""Every column of the shift's tables, and which tables there are; light, so that every face can ask."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

from article3.evidence.findings import Column, read_columns

TABLES: Final = (
    "handover", "fastest", "leaving", "exposure", "exposure_step", "closing", "shift_frontier", "half_by_2030",
    "half_path", "force_used", "post", "post_candidate", "post_pilot", "trust", "trust_state", "trust_knowing",
    "bargain", "notice", "shift_solve", "shift_assumption",
)  # fmt: skip
"""The tables, in the order in which people read them."""


@functools.cache
def columns() -> dict[str, tuple[Column, ...]]:
    """Return the description of every column of the shift's tables."""
    found: dict[str, tuple[Column, ...]] = {}
    for path in sorted(Path(__file__).with_name("data").glob("columns*.csv")):
        found |= read_columns(path)
    return found
