"""Every column of the gap's tables, and which tables there are; light, so that every face can ask."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

from article3.evidence.findings import Column, read_columns

TABLES: Final = (
    "attainment", "coverage", "twice", "european_share", "preponderance", "us_cut", "us_cut_case", "cut_cost",
    "multiplier", "package", "flip", "published_set", "holding", "requirement",
)  # fmt: skip
"""The tables, in the order in which people read them."""


@functools.cache
def columns() -> dict[str, tuple[Column, ...]]:
    """Return the description of every column of the gap's tables."""
    found: dict[str, tuple[Column, ...]] = {}
    for path in sorted(Path(__file__).with_name("data").glob("columns*.csv")):
        found |= read_columns(path)
    return found
