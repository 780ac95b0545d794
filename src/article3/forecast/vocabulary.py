"""Columns of the track record's tables, apart from the code that fills them so that reading them stays light."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from article3.evidence.findings import Column, read_columns


@cache
def columns() -> dict[str, tuple[Column, ...]]:
    """Return the description of every column of the track record's tables."""
    return read_columns(Path(__file__).with_name("data") / "columns.csv")
