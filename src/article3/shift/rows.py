"""What the shift's findings share: described columns, names for people, standing."""

from __future__ import annotations

from typing import Any, Final

from article3.evidence.findings import Finding, frame
from article3.gap.rows import worst
from article3.quantity import Standing
from article3.shift.described import columns

CAUTION: Final = (
    "What the United States offers, what its people in Europe bring with them and what is required are mostly "
    "illustrative: read the order in which forces can leave and what holds each of them, not the day."
)


def finding(name: str, when: str, title: str, rows: list[dict[str, Any]], sentence: Any, **more: Any) -> Finding:
    """Return a finding of the shift: described columns, standing as the worst of its rows."""
    table = frame(columns()[name], rows)
    standing = worst(table["standing"].drop_nulls().to_list()) if "standing" in table.columns else "notional"
    return Finding(name, when, title, table, columns()[name], sentence, Standing(standing), **more)
