"""What the plan's findings share: described columns, names for people, standing."""

from __future__ import annotations

from typing import Any

import polars as pl

from article3.domain import force_element
from article3.evidence.findings import Finding, frame
from article3.gap.rows import worst
from article3.plan.described import columns
from article3.quantity import Standing

CAUTION = (
    "Prices, lines, lead times, people and holdings are mostly illustrative: read which limits bind and who suits "
    "what, not the number of any one Ally's batteries."
)


def framed(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return rows as a table with the described columns, in their order and with stable types."""
    return frame(columns()[table], rows)


def finding(name: str, when: str, title: str, rows: list[dict[str, Any]], sentence: Any, **more: Any) -> Finding:
    """Return a finding of the plan: described columns, standing as the worst of its rows."""
    table = framed(name, rows)
    standing = worst(table["standing"].drop_nulls().to_list()) if "standing" in table.columns else "notional"
    return Finding(name, when, title, table, columns()[name], sentence, Standing(standing), **more)


def element_words(name: str) -> str:
    """Return a force element as people read it inside a sentence."""
    title = force_element(name).title
    return title if title[:2].isupper() or title[:1].isdigit() or "400M" in title else title[:1].lower() + title[1:]


def domain_words(name: str) -> str:
    """Return a domain of force elements as people read it."""
    return {"c4isr": "command and surveillance", "air_and_missile_defence": "air and missile defence"}.get(
        name, name.replace("_", " ")
    )


def money_words(million: float) -> str:
    """Return a sum as people read it: ``$ 26 bn``, ``$ 480 m`` (2021 US$)."""
    return (
        f"$ {million / 1000:,.0f} bn"
        if million >= 9_500
        else f"$ {million / 1000:.1f} bn"
        if million >= 950
        else f"$ {million:.0f} m"
    )
