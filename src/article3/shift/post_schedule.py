"""Which post changes hands when, and to whom: agreed handovers first, then a small program for the others.

::

    max  sum over posts p, Allies i, years t of  score(p, i) x years led from then to the last day looked at,
         each year worth (1 + later)^-(years from today)  x  x[p, i, t],   x 0 or 1
    s.t. sum over i, t of x[p, i, t] <= 1                                                        ("one")
         posts led by i on a day <= each                                                         ("each")
         officers i provides as leader on a day <= officers it could post                        ("officers")
         posts that change hands in a year <= a_year                                             ("a_year")
         no Ally leads a post and its direct superior                                            ("chain")
         a post and its direct superior do not change hands in one year                          ("apart")

A post changes hands when the tour of its holder ends, no sooner than its deputy has come from the Ally that follows for
the years of table ``post_terms``. Agreed handovers and those the scenario gives are fixed before; where they alone pass
a limit, nothing is added to them. Method: ``docs/methods/shift-posts.md``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.gap.forces import Array, Ints
from article3.program import Certificate, Program, Session, certify
from article3.shift.post_candidates import Candidates
from article3.shift.post_data import YEAR_DAYS, after
from article3.shift.post_line import Given, Handover, changes, in_year, led, operation_leader

_TAKEN: Final = 0.5
_TIE: Final = 1e-9
"""Advantage of the Ally and year named first, far below any difference of scores: one answer, always the same."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way a post could change hands.

    Parameters
    ----------
    post, ally
        Places among the candidates.
    day, low, high
        Central day, and that at low and high estimates of tour and deputy.
    worth
        Score times the years led, a later year worth less.
    waits
        Whether it comes later than tour and deputy allow.
    """

    post: int
    ally: int
    day: date
    low: date
    high: date
    worth: float
    waits: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed beside what is given.

    Parameters
    ----------
    handovers
        Proposed handovers, by day.
    unplaced
        Why a post finds no leader, by post.
    options
        Ways that were weighed.
    worth
        Value of the objective.
    certificate
        Arithmetic that proves the answer; None where nothing had to be solved.
    """

    handovers: tuple[Handover, ...]
    unplaced: dict[str, str]
    options: int
    worth: float
    certificate: Certificate | None


def propose(given: Given, who: Candidates, open_posts: tuple[str, ...]) -> Proposal:
    """Return who takes over the open posts, and when.

    Parameters
    ----------
    given
        Holders, handovers that are fixed, limits.
    who
        Candidates of at least the open posts.
    open_posts
        Posts to be handed over.
    """
    found = [item for name in open_posts for item in _options(given, who, name)]
    unplaced = {name: _nobody(given, who, name) for name in open_posts}
    if not found:
        return Proposal((), unplaced, 0, 0.0, None)
    chosen, worth, certificate = _solved(given, who, open_posts, found)
    handovers = tuple(sorted((_handover(given, who, item) for item in chosen), key=lambda item: (item.day, item.post)))
    placed = {item.post for item in handovers}
    rest = {name: text for name, text in unplaced.items() if name not in placed}
    return Proposal(handovers, rest, len(found), worth, certificate)


def _options(given: Given, who: Candidates, post: str) -> list[Option]:
    """Return every way in which an Ally that could lead a post can take it over."""
    p = [item.id for item in who.posts].index(post)
    superior = given.tables.posts[post].superior
    found: list[Option] = []
    for i, code in enumerate(who.codes):
        if not who.able[p, i] or not given.may_lead(post, code):
            continue
        first = given.named(post, code, "proposed")
        for year in range(first.day.year, given.until.year + 1):
            day = first.day if year == first.day.year else in_year(first.day, year)
            if day > given.until or year in changes(given.lines, superior):
                continue
            if _above(given, post, code, day):
                continue
            shift = year - first.day.year
            worth = float(who.score[p, i]) * _years_led(given, day)
            low, high = (in_year(item, item.year + shift) for item in (first.low, first.high))
            found.append(Option(p, i, day, low, high, worth, shift > 0))
    return found


def _years_led(given: Given, day: date) -> float:
    """Return the years from a day to the last one looked at, a later one worth less: an annuity without steps."""
    first, last = ((item - given.today).days / YEAR_DAYS for item in (day, given.until))
    rate = math.log1p(given.tables.terms["later"].central)
    return (math.exp(-rate * first) - math.exp(-rate * last)) / rate if rate > 0 else last - first


def _above(given: Given, post: str, code: str, day: date) -> bool:
    """Return whether an Ally leads the direct superior of a post on a day or later, by what is given."""
    item = given.tables.posts[post]
    days = [day, *(span.start for spans in given.lines.values() for span in spans if span.start and span.start > day)]
    superiors = {led(given.lines, item.superior, on) for on in days} if item.superior else set()
    if given.berlin_plus and item.eu_superior:
        superiors |= {operation_leader(given, on) for on in days}
    return code in superiors


def _nobody(given: Given, who: Candidates, post: str) -> str:
    """Return why a post finds no leader, in a sentence."""
    p = [item.id for item in who.posts].index(post)
    short = given.tables.posts[post].short
    if not who.able[p].any():
        ranked = [i for i in np.argsort(-who.score[p], kind="stable") if who.score[p, i] > 0][:3]
        named = "; ".join(f"{who.codes[i]} {who.why[p, i]}" for i in ranked)
        return f"No European Ally could lead {short}{f': {named}' if named else ': none has forces there'}."
    limits = f"{given.each} posts for one Ally, {given.a_year} posts a year, officers, the chain of command"
    return f"No room for {short} by {given.until.year}: {limits}."


@dataclass(frozen=True, slots=True)
class _Limit:
    """Sum of weights over some options is at most so much."""

    kind: str
    options: Ints
    weights: Array
    most: float


def _solved(
    given: Given, who: Candidates, open_posts: tuple[str, ...], found: list[Option]
) -> tuple[list[Option], float, Certificate]:
    """Return the options chosen, the objective and its proof."""
    program = Program("posts", sense="max")
    worth = np.array([item.worth for item in found]) - _TIE * np.arange(len(found))
    chosen = program.variables("chosen", {"option": range(len(found))}, upper=1.0, cost=worth, integer=True)
    limits = _limits(given, who, open_posts, found)
    for kind in dict.fromkeys(item.kind for item in limits):
        mine = [item for item in limits if item.kind == kind]
        rows = program.rows(kind, {"limit": range(len(mine))}, upper=[item.most for item in mine])
        for place, item in enumerate(mine):
            program.add_terms(np.full(item.options.shape, rows.index[place]), chosen.index[item.options], item.weights)
    solution = Session(program, gap=0.0).solve()
    taken = solution.value(chosen) > _TAKEN
    picked = [item for item, yes in zip(found, taken, strict=True) if yes]
    return picked, float(sum(item.worth for item in picked)), certify(program, solution)


def _limits(given: Given, who: Candidates, open_posts: tuple[str, ...], found: list[Option]) -> list[_Limit]:
    posts, allies = np.array([item.post for item in found]), np.array([item.ally for item in found])
    years = np.array([item.day.year for item in found])
    limits = [_most("one", posts == p, 1.0) for p in np.unique(posts)]
    limits += [_most("a_year", years == t, max(given.a_year - given.changing(int(t)), 0)) for t in np.unique(years)]
    for i in np.unique(allies):
        limits += _by_day(given, who, found, int(i))
    names = [item.id for item in who.posts]
    for low in open_posts:
        for high in _superiors(given, low, open_posts):
            both = (posts == names.index(low)) | (posts == names.index(high))
            limits += [_most("chain", both & (allies == i), 1.0) for i in np.unique(allies[both])]
            limits += [_most("apart", both & (years == t), 1.0) for t in np.unique(years[both])]
    return limits


def _most(kind: str, which: NDArray[np.bool_], most: float) -> _Limit:
    options = np.nonzero(which)[0]
    return _Limit(kind, options, np.ones(len(options)), float(most))


def _superiors(given: Given, post: str, open_posts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the direct superiors of an open post that are open as well."""
    item = given.tables.posts[post]
    above = [item.superior]
    if given.berlin_plus and item.eu_superior:
        above += [name for name in open_posts if given.tables.posts[name].eu_role == "operation"]
    return tuple(dict.fromkeys(name for name in above if name in open_posts))


def _by_day(given: Given, who: Candidates, found: list[Option], i: int) -> list[_Limit]:
    """Return the limits on posts and officers of one Ally, on every day on which it may take something over."""
    code = who.codes[i]
    mine = [place for place, item in enumerate(found) if item.ally == i]
    starts = [span.start for spans in given.lines.values() for span in spans if span.ally == code]
    days = {found[place].day for place in mine} | {day for day in starts if day and day > given.today}
    limits: list[_Limit] = []
    for day in sorted(days):
        begun = np.array([place for place in mine if found[place].day <= day], dtype=np.int64)
        if not len(begun):
            continue
        places = [found[place].post for place in begun]
        counted = np.array([who.posts[p].counts for p in places], dtype=float)
        posts, busy = given.load(code, day)
        limits.append(_Limit("each", begun, counted, float(max(given.each - posts, 0))))
        limits.append(_Limit("officers", begun, who.needed[places], max(float(who.capacity[i]) - busy, 0.0)))
    return limits


def _handover(given: Given, who: Candidates, item: Option) -> Handover:
    post, code = who.posts[item.post].id, who.codes[item.ally]
    served = given.tables.terms["deputy_years"].central
    deputy = None if given.is_deputy(post, code) else after(item.day, -served)
    return Handover(post, code, item.day, item.low, item.high, "proposed", waits=item.waits, deputy=deputy)
