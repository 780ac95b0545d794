"""Command posts as the planning tables have them: who held them, who holds them, what has been agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from article3.domain import ally
from article3.evidence.planning import Planning

YEAR_DAYS: Final = 365.25
_MONTH: Final = len("2025-06")
_DAY: Final = len("2025-06-30")
_DECEMBER: Final = 12
TOP: Final = ("strategic", "operational")
"""The two top levels of command."""


@dataclass(frozen=True, slots=True)
class Range:
    """Low, central and high estimate."""

    low: float
    central: float
    high: float


@dataclass(frozen=True, slots=True)
class Post:
    """A command post: a row of table ``posts`` with the people of its headquarters, where they are held."""

    id: str
    title: str
    short: str
    seat: str
    level: str
    kind: str
    domains: tuple[str, ...]
    rank: str
    superior: str
    eu_superior: str
    eu_role: str
    counts: bool
    kept: str
    accepts: tuple[str, ...]
    source: str
    standing: str
    note: str
    staff: Range | None
    staff_standing: str

    @property
    def pilot(self) -> bool:
        """Whether it belongs to the pilot, outside NATO."""
        return self.kind == "pilot"


@dataclass(frozen=True, slots=True)
class Tenure:
    """One holder of a post: a row of table ``post_holders``; days as they are written, empty where not known."""

    post: str
    ally: str
    holder: str
    start: str
    end: str
    basis: str
    shared: tuple[str, ...]
    source: str
    standing: str
    note: str


@dataclass(frozen=True, slots=True)
class Move:
    """What has been decided or proposed on a post: a row of table ``post_moves``."""

    post: str
    allies: tuple[str, ...]
    status: str
    decided: str
    date: str
    source: str
    standing: str
    note: str


@dataclass(frozen=True, slots=True)
class PostTables:
    """All that is held of command posts, as known on a day.

    Parameters
    ----------
    today
        The day.
    posts
        Posts by identifier, in the order of the table.
    past, present
        Earlier holders by post, in order; the holder of the day.
    deputies
        Ally of the deputy of the day, by post.
    decided, proposed
        What Allies have decided (agreed or kept), what a study proposes, by post.
    stances
        What Allies have said of taking part, by contingency and Ally, with source and standing.
    terms
        Assumptions by name.
    tour
        Years that a holder stays: 10th, 50th and 90th percentile of the complete tenures.
    tours
        Number of complete tenures behind it.
    """

    today: date
    posts: dict[str, Post]
    past: dict[str, tuple[Tenure, ...]]
    present: dict[str, Tenure]
    deputies: dict[str, str]
    decided: dict[str, Move]
    proposed: dict[str, Move]
    stances: dict[tuple[str, str], tuple[str, str, str]]
    terms: dict[str, Range]
    tour: Range
    tours: int


def read_posts(planning: Planning, today: date) -> PostTables:
    """Return what is held of command posts, as known on a day.

    Parameters
    ----------
    planning
        The planning tables.
    today
        Holders who begin later and decisions taken later are left out.
    """
    posts = _posts(planning)
    commanders: dict[str, list[Tenure]] = {name: [] for name in posts}
    deputies: dict[str, str] = {}
    complete: list[float] = []
    later: set[tuple[str, str]] = set()
    for row in planning.table("post_holders").iter_rows(named=True):
        item = _tenure(row)
        complete += _length(item)
        series = item.post, row["role"]
        if series in later or (item.start and first_day(item.start) > today):
            later.add(series)  # the table is in order: who follows is later still, dated or not
            continue
        if row["role"] == "deputy":
            deputies[item.post] = item.ally
        else:
            commanders[item.post].append(item)
    past: dict[str, tuple[Tenure, ...]] = {}
    present: dict[str, Tenure] = {}
    for name, found in commanders.items():
        # The last of those who have not ended holds the post; an earlier one of whom no last day is known has one.
        here = [place for place, item in enumerate(found) if not item.end or last_day(item.end) > today]
        if here:
            present[name] = found[here[-1]]
        past[name] = tuple(item for item in found if item is not present.get(name))
    moves = [_move(row) for row in planning.table("post_moves").iter_rows(named=True)]
    known = [item for item in moves if date.fromisoformat(item.decided) <= today]
    low, central, high = np.quantile(complete, [0.1, 0.5, 0.9]) if complete else (0.0, 0.0, 0.0)
    return PostTables(
        today,
        posts,
        past,
        present,
        deputies,
        {item.post: item for item in known if item.status != "proposed"},
        {item.post: item for item in known if item.status == "proposed"},
        {
            (row["contingency"], row["ally"]): (row["stance"], row["source_id"], row["standing"])
            for row in planning.table("post_stances").iter_rows(named=True)
        },
        {
            row["term"]: Range(row["low"], row["central"], row["high"])
            for row in planning.table("post_terms").iter_rows(named=True)
        },
        Range(float(low), float(central), float(high)),
        len(complete),
    )


def _posts(planning: Planning) -> dict[str, Post]:
    staff = {row["post"]: row for row in planning.table("post_staff").iter_rows(named=True)}
    found: dict[str, Post] = {}
    for row in planning.table("posts").iter_rows(named=True):
        people = staff.get(row["post"])
        found[row["post"]] = Post(
            row["post"],
            row["title"],
            row["short"],
            row["seat"],
            row["level"],
            row["kind"],
            _listed(row["domains"]),
            row["rank"],
            row["superior"],
            row["eu_superior"],
            row["eu_role"],
            row["counts"] == "true",
            row["kept"],
            _listed(row["accepts"]),
            row["source_id"],
            row["standing"],
            row["note"],
            Range(people["low"], people["central"], people["high"]) if people else None,
            people["standing"] if people else "",
        )
    return found


def _tenure(row: dict[str, Any]) -> Tenure:
    return Tenure(
        row["post"],
        row["ally"],
        row["holder"],
        row["from"],
        row["to"],
        row["basis"],
        _listed(row["shared"]),
        row["source_id"],
        row["standing"],
        row["note"],
    )


def _move(row: dict[str, Any]) -> Move:
    return Move(
        row["post"],
        _listed(row["allies"]),
        row["status"],
        row["decided"],
        row["date"],
        row["source_id"],
        row["standing"],
        row["note"],
    )


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(";")) if cell else ()


def _length(item: Tenure) -> list[float]:
    """Return the years of a tenure of which both ends are known to the month; nothing of any other."""
    known = item.basis == "dated" and len(item.start) >= _MONTH and len(item.end) >= _MONTH
    return [(last_day(item.end) - last_day(item.start)).days / YEAR_DAYS] if known else []


def last_day(text: str) -> date:
    """Return a day that may be written as a month or a year: then its last day, when it is sure to have come."""
    if len(text) == _DAY:
        return date.fromisoformat(text)
    year, month = int(text[:4]), int(text[5:7]) if len(text) == _MONTH else _DECEMBER
    return date(year + month // _DECEMBER, month % _DECEMBER + 1, 1) - timedelta(days=1)


def first_day(text: str) -> date:
    """Return the first day of what may be written as a day, a month or a year."""
    return date.fromisoformat(text + "-01-01"[len(text) - 4 :] if len(text) < _DAY else text)


def after(day: date, years: float) -> date:
    """Return the day some years later."""
    return day + timedelta(days=round(years * YEAR_DAYS))


def region(code: str) -> str:
    """Return the group of an Ally: usa, canada or europe."""
    return ally(code).region


def people_words(code: str) -> str:
    """Return an Ally as it stands inside a sentence."""
    return {"USA": "the United States", "GBR": "the United Kingdom", "NLD": "the Netherlands"}.get(
        code, ally(code).name
    )
