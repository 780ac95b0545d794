"""Who leads which post over time: holders of today, agreed handovers, those the scenario gives, and turns.

Agreed handovers come first and are fixed. Where no day is published it is the end of the holder's tour; more than the
most posts a year, or a post and its direct superior in one year, are put off by whole years, the later ones first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from article3.domain import ally
from article3.scenario.resolve import Inputs
from article3.shift.post_candidates import members_of_union
from article3.shift.post_data import PostTables, Tenure, after, last_day, region

_SIDES: Final = ("low", "central", "high")
FAR: Final = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Handover:
    """A post that changes hands.

    Parameters
    ----------
    post, ally
        What, to whom.
    day, low, high
        Central day, and that at low and high estimates of tour and deputy.
    status
        ``agreed``, ``given`` by the scenario, or ``proposed``.
    turns
        Allies that take turns from then on; empty where one keeps it.
    published
        Whether the day is published and not ours.
    waits
        Whether it comes later than tour and deputy allow.
    deputy
        Day on which its deputy comes from the Ally at the latest; None where it does today, or need not.
    """

    post: str
    ally: str
    day: date
    low: date
    high: date
    status: str
    turns: tuple[str, ...] = ()
    published: bool = False
    waits: bool = False
    deputy: date | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """One Ally leads a post from a day, or since before all days, to a day or for good."""

    ally: str
    start: date | None
    end: date | None
    handover: Handover | None = None
    tenure: Tenure | None = None

    def holds(self, on: date) -> bool:
        """Return whether it leads on a day; on the day of a handover the one who takes over does."""
        return (self.start or date.min) <= on < (self.end or FAR)


Lines = Mapping[str, tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Given:
    """What is fixed before anything is proposed.

    Parameters
    ----------
    tables
        What is held of posts.
    today, until
        First and last day looked at.
    each, a_year
        Most posts one Ally leads at once; most that change hands in a year.
    berlin_plus
        Whether the chain is that of an operation of the European Union.
    fixed
        Leaders the scenario gives, by post.
    handovers
        Agreed and given handovers, by day.
    overruled
        Posts whose agreed handover the scenario overrules.
    crowded
        Posts for whose agreed or given handover no year is free.
    lines
        Who leads each post over time.
    needed
        Officers that the leading Ally provides, by post.
    union
        Allies that are members of the European Union.
    """

    tables: PostTables
    today: date
    until: date
    each: int
    a_year: int
    berlin_plus: bool
    fixed: Mapping[str, str]
    handovers: tuple[Handover, ...]
    overruled: tuple[str, ...]
    crowded: tuple[str, ...]
    lines: Lines
    needed: Mapping[str, float] = field(repr=False)
    union: frozenset[str] = field(repr=False)

    def begins(self, post: str) -> date:
        """Return the day from which the tour counts that the next handover ends; today where it is not known."""
        spans = [item for item in self.lines.get(post, ()) if not item.end]
        start = spans[-1].start if spans else None
        return start or self.today

    def is_deputy(self, post: str, code: str) -> bool:
        """Return whether the deputy comes from an Ally today."""
        return self.tables.deputies.get(post) == code

    def may_lead(self, post: str, code: str) -> bool:
        """Return whether a post is open to an Ally: an operation of the European Union is led by one of its members."""
        asked = self.berlin_plus and self.tables.posts[post].eu_role == "operation"
        return not asked or code in self.union

    def changing(self, year: int) -> int:
        """Return how many posts of NATO change hands in a year by what is given."""
        return sum(item.day.year == year and not self.tables.posts[item.post].pilot for item in self.handovers)

    def load(self, code: str, day: date) -> tuple[int, float]:
        """Return the posts that count and that an Ally leads on a day by what is given, and its officers there."""
        mine = [name for name in self.lines if self.tables.posts[name].counts and led(self.lines, name, day) == code]
        return len(mine), sum(self.needed.get(name, 0.0) for name in mine)

    def named(self, post: str, code: str, status: str) -> Handover:
        """Return the handover of a post to an Ally on the first day that tour and deputy allow.

        What is agreed waits for no deputy, and the United States needs none to come back.
        """
        start, tour = self.begins(post), self.tables.tour
        served = self.tables.terms["deputy_years"]
        has = status == "agreed" or self.is_deputy(post, code) or code == "USA"
        days = [
            max(self.today, after(start, getattr(tour, side)), after(self.today, 0 if has else getattr(served, side)))
            for side in _SIDES
        ]
        return Handover(post, code, days[1], days[0], days[2], status)


def led(lines: Lines, post: str, on: date) -> str:
    """Return the Ally that leads a post on a day; empty where nobody does."""
    return next((span.ally for span in reversed(lines.get(post, ())) if span.holds(on)), "")


def changes(lines: Lines, post: str) -> frozenset[int]:
    """Return the years in which a post goes to another Ally by a handover; turns taken later are none."""
    return frozenset(span.start.year for span in lines.get(post, ()) if span.handover and span.start)


def operation_leader(given: Given, on: date) -> str:
    """Return the Ally of the commander of an operation of the European Union on a day.

    The first post that may command one and is held by a member of the Union: the deputy, else the vice chief of staff.
    """
    names = [name for name, item in given.tables.posts.items() if item.eu_role == "operation"]
    leaders = [led(given.lines, name, on) for name in names]
    return next((code for code in leaders if code in given.union), "")


def given_of(inputs: Inputs, tables: PostTables, needed: Mapping[str, float]) -> Given:
    """Return what is fixed: holders of today, agreed handovers with their days, and what the scenario gives.

    Parameters
    ----------
    inputs, tables
        The scenario, and what is held of posts.
    needed
        Officers that the leading Ally provides, by post.
    """
    settings, shift = inputs.scenario.shift.posts, inputs.scenario.shift
    today = max(tables.today, shift.today or tables.today)
    fixed = {item.post: ally(item.ally).code for item in settings.fixed}
    lines = {name: _spans(tables, name) for name in tables.posts}
    given = Given(
        tables, today, date(shift.until, 7, 1), settings.each, settings.a_year, settings.chain == "berlin_plus",
        fixed, (), (), (), lines, needed, members_of_union(),
    )  # fmt: skip
    agreed = [item for item in tables.decided.values() if item.status == "agreed"]
    overruled = tuple(item.post for item in agreed if fixed.get(item.post, item.allies[0]) != item.allies[0])
    wanted: list[Handover] = []
    for item in agreed:
        now = led(lines, item.post, today)
        if item.post in overruled or item.allies[0] == now:
            continue
        made = replace(given.named(item.post, item.allies[0], "agreed"), deputy=None)
        if item.date:
            day = max(today, last_day(item.date))
            made = replace(made, day=day, low=day, high=day, published=True)
        wanted.append(replace(made, turns=item.allies if len(item.allies) > 1 else ()))
    for post, code in fixed.items():
        decided = {item.post: item.allies[0] for item in agreed if item.post not in overruled}
        if post in tables.posts and code not in (led(lines, post, today), decided.get(post)):
            wanted.append(_with_deputy(given, given.named(post, code, "given")))
    placed = _spread(given, wanted)
    crowded = tuple(item.post for item in wanted if item.post not in {other.post for other in placed})
    lines = with_handovers(given, placed)
    return replace(given, handovers=placed, overruled=overruled, crowded=crowded, lines=lines)


def _with_deputy(given: Given, item: Handover) -> Handover:
    if given.is_deputy(item.post, item.ally) or item.ally == "USA":
        return item
    return replace(item, deputy=after(item.day, -given.tables.terms["deputy_years"].central))


def _spans(tables: PostTables, post: str) -> tuple[Span, ...]:
    """Return the holder of today as a span; its start is empty where it is not known."""
    now = tables.present.get(post)
    return (Span(now.ally, last_day(now.start) if now.start else None, None, tenure=now),) if now else ()


def _spread(given: Given, wanted: Iterable[Handover]) -> tuple[Handover, ...]:
    """Return handovers with their days: agreed ones first, at most so many a year, apart from their superiors."""
    placed: list[Handover] = []
    for item in sorted(wanted, key=lambda item: (item.status != "agreed", item.day, item.post)):
        counted = not given.tables.posts[item.post].pilot
        for year in range(item.day.year, given.until.year + 1):
            day = item.day if year == item.day.year else in_year(item.day, year)
            same = [other for other in placed if other.day.year == year and not given.tables.posts[other.post].pilot]
            related = any(
                other.post == given.tables.posts[item.post].superior
                or given.tables.posts[other.post].superior == item.post
                for other in same
            )
            if not counted or (len(same) < given.a_year and not related):
                put_off = year - item.day.year
                low, high = (in_year(found, found.year + put_off) for found in (item.low, item.high))
                moved = replace(item, day=day, low=low, high=high, waits=put_off > 0)
                placed.append(_with_deputy(given, moved) if item.status != "agreed" else moved)
                break
    return tuple(sorted(placed, key=lambda item: (item.day, item.post)))


def in_year(day: date, year: int) -> date:
    """Return the same day in another year; 28 February for the 29th."""
    return day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def with_handovers(given: Given, handovers: Iterable[Handover]) -> dict[str, tuple[Span, ...]]:
    """Return who leads each post over time with some handovers, and the turns that Allies take after them."""
    lines = dict(given.lines)
    for item in sorted(handovers, key=lambda item: item.day):
        before = lines.get(item.post, ())
        ended = (*before[:-1], replace(before[-1], end=item.day)) if before else ()
        added: list[Span] = []
        start, code, turn = item.day, item.ally, 0
        while len(item.turns) > 1 and start < given.until:
            ends = after(start, given.tables.tour.central)
            added.append(Span(code, start, ends, item if not added else None))
            turn = (turn + 1) % len(item.turns)
            start, code = ends, item.turns[turn]
        if added:
            added[-1] = replace(added[-1], end=None)
        lines[item.post] = (*ended, *(added or [Span(code, start, None, item)]))
    return lines


def european(lines: Lines, posts: Iterable[str], on: date) -> int:
    """Return how many of some posts Europeans lead on a day."""
    codes = [led(lines, name, on) for name in posts]
    return sum(bool(code) and region(code) == "europe" for code in codes)
