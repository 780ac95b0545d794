"""Every column of every table, whichever room it comes from: one vocabulary for folders, faces and *explain*."""

from __future__ import annotations

from article3.evidence.findings import Column
from article3.forecast import vocabulary
from article3.gap import described
from article3.plan import described as planned
from article3.pledge import rules
from article3.shift import described as shifting


def columns() -> dict[str, tuple[Column, ...]]:
    """Return the description of every column by table."""
    return {**rules.columns(), **vocabulary.columns(), **described.columns(), **planned.columns(), **shifting.columns()}
