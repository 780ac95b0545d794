"""The notice board as a calendar (iCalendar, RFC 5545): all-day events with stable identifiers.

The same board on the same as-of day gives the same bytes. An event stands on its new day where it slips, and keeps its
identifier, so that a calendar that took it in before moves it instead of showing it twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from article3.domain import allies
from article3.plan.calendar import escaped, folded

_HEADS: Final = {
    "us_step": "United States: ",
    "delivery": "Delivery: ",
    "notice_given": "Last day of notice: ",
    "post": "Command: ",
    "summit": "",
}
_STATES: Final = {"late": "LATE. ", "moved": "MOVED. ", "stays": "DOES NOT LEAVE. ", "early": "BEFORE IT IS SAFE. "}


def calendar_text(
    notices: pl.DataFrame, as_of: date, plan: str = "plan", schedules: Collection[str] | None = None
) -> bytes:
    """Return a notice board as an iCalendar file.

    Parameters
    ----------
    notices
        Table ``notice``.
    as_of
        As-of day of the scenario; stamped on every event.
    plan
        Name of the scenario: part of the identifiers, so that boards of two scenarios do not replace one another.
    schedules
        Schedules to show; all where None is given.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//article3//notice board//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(f'Notice board: {plan}')}",
    ]
    shown = notices if schedules is None else notices.filter(pl.col("schedule").is_in(list(schedules)))
    if shown.is_empty():
        # A calendar without a component is not well formed (RFC 5545, 3.6), and importers show an empty one as broken.
        lines += _event(f"nothing@{plan}.notice.article3", "Nothing is planned", "", as_of, as_of)
    names = {item.code: item.name for item in allies()}
    count: Counter[tuple[str, str, str]] = Counter()
    for row in shown.sort("date", "kind", "schedule", "subject").iter_rows(named=True):
        key = row["schedule"], row["kind"], row["subject"]
        count[key] += 1
        name = f"{'.'.join(key)}.{count[key]}@{plan}.notice.article3"
        moved = row["kind"] == "delivery" or row["state"] == "moved"
        day = date.fromisoformat(row["new_date"] if moved and row["new_date"] else row["date"])
        summary = f"{_STATES.get(row['state'], '')}{_HEADS[row['kind']]}{row['title']}"
        lines += _event(name, summary, _described(row, names), day, as_of)
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _event(name: str, summary: str, description: str, day: date, as_of: date) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(name)}"
    yield f"DTSTAMP:{as_of:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escaped(summary)}"
    if description:
        yield f"DESCRIPTION:{escaped(description)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _described(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    parts = [
        row["warning"],
        f"Was due: {row['date']}" if row["new_date"] else "",
        f"Schedule: {row['schedule']}",
        f"Owner: {names.get(row['owner'], row['owner'])}" if row["owner"] else "",
        f"State: {row['state'].replace('_', ' ')}" if row["state"] else "",
        f"Waits for: {row['gated_by']}" if row["gated_by"] else "",
        f"US steps that wait for it: {row['gates']}" if row["gates"] else "",
        f"To be signed by: {row['sign_by']}" if row["sign_by"] else "",
    ]
    return "\n".join(part for part in parts if part)
