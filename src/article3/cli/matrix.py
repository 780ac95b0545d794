"""For people at a terminal: one line for each contingency and window, postures side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from article3.domain import force_element

Row = Mapping[str, Any]


def matrix(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return rows of ``attainment`` with a column for each posture: share met, and its range in brackets.

    What holds a contingency back is named for the last posture that falls short, with the draws that agree.
    """
    postures = list(dict.fromkeys(row["posture"] for row in rows))
    lines: dict[tuple[str, int], dict[str, Any]] = {}
    for row in rows:
        line = lines.setdefault(
            (row["situation"], row["window_days"]),
            {"table": "attainment", "title": row["title"], "window_days": row["window_days"]},
        )
        line[row["posture"]] = _share(row)
        if row["binding_element"]:
            agree = f" ({row['agreement']} of {row['draws']})" if row["agreement"] is not None else ""
            held = [force_element(name).title for name in row["binding_element"].split(";")]
            line["binding_element"] = f"{row['posture']}: {', '.join(held)}{agree}"
    names = ("table", "title", "window_days", *postures, "binding_element")
    return [{name: line.get(name) for name in names} for line in lines.values()]


def _share(row: Row) -> str:
    band = f" ({row['low']:.2f}-{row['high']:.2f})" if row["low"] is not None else ""
    return f"{row['attainment']:.2f}{band}"


def for_people(name: str, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of a table as people read them."""
    listed = list(rows)
    return matrix(listed) if name == "attainment" and listed else listed
