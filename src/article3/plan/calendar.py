"""Milestones as a calendar (iCalendar, RFC 5545): all-day events with stable identifiers.

The same milestones on the same as-of day give the same bytes; on a later day the events keep their identifiers, so
that a calendar that took them in before moves them instead of showing them twice.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from article3.domain import ally

FOLD: Final = 75
"""Octets in a line without its end (RFC 5545, 3.1)."""


def calendar(milestones: pl.DataFrame, as_of: date, plan: str = "plan") -> bytes:
    """Return a road map as an iCalendar file.

    Parameters
    ----------
    milestones
        Table ``milestones``.
    as_of
        As-of day of the scenario; stamped on every event.
    plan
        Name of the scenario: part of the identifiers, so that plans of two scenarios do not replace one another.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//article3//road map//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(f'Road map: {plan}')}",
    ]
    if milestones.is_empty():
        # A calendar without a component is not well formed (RFC 5545, 3.6), and importers show an empty one as broken.
        lines += _event("nothing", "The plan orders nothing", "It has no milestones.", as_of, as_of, plan)
    for row in milestones.iter_rows(named=True):
        lines += _event(
            f"{row['effort']}.{row['milestone']}",
            f"{row['title']} ({row['owner']})",
            _described(row),
            date.fromisoformat(row["date"]),
            as_of,
            plan,
        )
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _event(name: str, summary: str, description: str, day: date, as_of: date, plan: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(f'{name}@{plan}.article3')}"
    yield f"DTSTAMP:{as_of:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escaped(summary)}"
    yield f"DESCRIPTION:{escaped(description)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _described(row: Mapping[str, Any]) -> str:
    others = [ally(code).name for code in str(row["participants"]).split(";") if code and code != row["owner"]]
    parts = [
        f"Owner: {ally(row['owner']).name}",
        f"With: {', '.join(others)}" if others else "",
        f"State: {row['state'].replace('_', ' ')}",
        f"Evidence: {row['evidence']}",
        row["slips"],
    ]
    return "\n".join(part for part in parts if part)


def escaped(text: str) -> str:
    """Return a text as a value of type TEXT (RFC 5545, 3.3.11); control characters but line breaks are dropped."""
    text = "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) != "Cc")
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def folded(line: str) -> bytes:
    """Return a content line in pieces of at most 75 octets, no character cut in two, each ended by CRLF."""
    pieces: list[bytes] = []
    piece = b""
    for sign in line:
        octets = sign.encode()
        if len(piece) + len(octets) > FOLD:
            pieces.append(piece)
            piece = b" "  # a line that begins with a blank goes on where the one before ended
        piece += octets
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
