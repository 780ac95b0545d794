"""Every column of the plan's tables, and which tables there are; light, so that every face can ask."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final

from article3.evidence.findings import Column, read_columns

TABLES: Final = (
    "orders", "plan_money", "plan_attainment", "plan_share", "plan_goal", "plan_risk", "plan_limit", "plan_frontier",
    "plan_total", "plan_pool", "effort", "effort_money", "milestones", "down_payment", "specialisation", "fit",
    "entry_effect", "caveat", "certificate", "alternative", "replacement", "catalogue", "line", "assumption",
)  # fmt: skip
"""The tables, in the order in which people read them."""
SHORT: Final = {"plan_money": "money", "plan_attainment": "attainment", "plan_share": "european_share"}
"""Tables that the verb ``plan`` calls by a shorter name, which other verbs have for tables of their own."""


@functools.cache
def columns() -> dict[str, tuple[Column, ...]]:
    """Return the description of every column of the plan's tables."""
    found: dict[str, tuple[Column, ...]] = {}
    for path in sorted(Path(__file__).with_name("data").glob("columns*.csv")):
        found |= read_columns(path)
    return found
