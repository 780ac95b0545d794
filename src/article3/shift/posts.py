"""Command posts: who holds them, what is agreed, who could take over, and a handover schedule that keeps its limits.

:func:`decide` makes the schedule, :func:`posts` its tables, :func:`handover_rows` its rows of the common table
``handover``. Method: ``docs/methods/shift-posts.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from article3.domain import ally
from article3.evidence.findings import Finding, sentence
from article3.gap.forces import forces
from article3.gap.rows import in_words, worst
from article3.scenario.resolve import Inputs
from article3.shift.post_candidates import Candidates, candidates
from article3.shift.post_data import TOP, Post, PostTables, people_words, read_posts
from article3.shift.post_line import Given, Handover, Lines, european, given_of, led, with_handovers
from article3.shift.post_pilot import pilot
from article3.shift.post_rows import gate, post_rows, source_of
from article3.shift.post_schedule import Proposal, propose
from article3.shift.rows import finding

SACEUR: Final = "saceur"
CAUTION: Final = (
    "No day of an agreed handover is published: days are the end of a usual tour, with a range. Who could lead is a "
    "score of ours and a schedule that keeps limits of ours: an illustration, no forecast and no nomination."
)


@dataclass(frozen=True, slots=True)
class Posting:
    """Posts, candidates and schedule of one scenario.

    Parameters
    ----------
    inputs, tables
        The scenario, and what is held of posts.
    given
        What is fixed before anything is proposed.
    who
        Candidates of all posts.
    open_posts
        Posts for which a leader is proposed.
    proposal
        What is proposed.
    lines
        Who leads each post over time, proposals included.
    """

    inputs: Inputs
    tables: PostTables
    given: Given
    who: Candidates
    open_posts: tuple[str, ...]
    proposal: Proposal
    lines: Lines

    @property
    def handovers(self) -> tuple[Handover, ...]:
        """All handovers: agreed, given and proposed, by day."""
        return tuple(sorted((*self.given.handovers, *self.proposal.handovers), key=lambda item: (item.day, item.post)))


def decide(inputs: Inputs) -> Posting:
    """Return posts, candidates and the schedule of handovers of a scenario.

    Raises
    ------
    NotKnownError
        Spending, personnel or GDP of an Ally is not known by the as-of date.
    SolveError
        The solver gave no answer.
    """
    tables = read_posts(inputs.planning, inputs.scenario.as_of)
    held = forces(inputs.planning, inputs.contingencies)
    who = candidates(inputs, tables, tuple(tables.posts.values()), held)
    needed = {post.id: float(who.needed[place]) for place, post in enumerate(who.posts)}
    given = given_of(inputs, tables, needed)
    open_posts = tuple(name for name, item in tables.posts.items() if _open(given, item))
    proposal = propose(given, who, open_posts)
    return Posting(inputs, tables, given, who, open_posts, proposal, with_handovers(given, proposal.handovers))


def _open(given: Given, item: Post) -> bool:
    """Return whether a leader is proposed for a post: the United States would lead it in the end and nothing forbids.

    In the chain of an operation of the European Union the deputy, too, where no member of it holds the post.
    """
    if item.pilot or item.kept or item.id in given.fixed:
        return False
    leader = led(given.lines, item.id, given.until)
    commands = item.kind == "deputy" and item.eu_role == "operation"
    return leader == "USA" or (given.berlin_plus and commands and leader not in given.union)


def posts(inputs: Inputs, when: str, made: Posting | None = None) -> tuple[Finding, ...]:
    """Return the tables of command posts: ``post``, ``post_candidate`` and ``post_pilot``.

    Parameters
    ----------
    inputs, when
        The scenario and what its tables are dated with.
    made
        The schedule, where it has been made already.
    """
    made = made or decide(inputs)
    rows = post_rows(made.tables, made.given, made.lines, made.proposal.unplaced)
    parts = _counted(made)
    shown = finding("post", when, "Command posts and who holds them", rows, sentence(parts), figure="posts")
    sources = tuple(sorted({row["source"] for row in rows if row["source"] not in ("", "yours")}))
    shown = replace(shown, sources=sources, warnings=(CAUTION, *_warnings(made)))
    return shown, _candidates(made, when), pilot(inputs, when, made.tables, made.who, made.given.lines)


def _counted(made: Posting) -> str:
    """Return how many posts are European today, after the agreed handovers, and after the proposal."""
    given, tables = made.given, made.tables
    top = [name for name, item in tables.posts.items() if item.level in TOP and not item.pilot]
    below = [name for name, item in tables.posts.items() if item.kind == "component"]
    if not top:
        return "No command posts are held."
    agreed = [item for item in given.handovers if item.status == "agreed"]
    after_agreed = with_handovers(replace(given, lines=_today(made)), agreed)

    def count(names: list[str]) -> str:
        now = european(given.lines, names, given.today)
        then = european(after_agreed, names, given.until)
        last = european(made.lines, names, given.until)
        return f"{now} of {len(names)} today, {then} after what Allies have agreed and {last} after this proposal"

    chain = _chain_words(made)
    return (
        f"Of the posts at the strategic and operational levels Europeans hold {count(top)}; of the component commands "
        f"{count(below)}.{chain}"
    )


def _today(made: Posting) -> Lines:
    """Return the holders of today as if nobody followed them."""
    return {name: tuple(replace(span, end=None) for span in spans[:1]) for name, spans in made.given.lines.items()}


def _chain_words(made: Posting) -> str:
    given = made.given
    if not given.berlin_plus:
        return ""
    names = [name for name, item in made.tables.posts.items() if item.eu_role == "operation"]
    found = []
    for on in (given.today, given.until):
        leader = next((name for name in names if led(made.lines, name, on) in given.union), "")
        found.append(f"{made.tables.posts[leader].short} ({led(made.lines, leader, on)})" if leader else "nobody")
    ends = found[0] if found[0] == found[1] else f"{found[0]} today and {found[1]} in the end"
    return (
        f" An operation of the European Union under Berlin Plus would be commanded by {ends}; lending it "
        "NATO's headquarters takes the consent of all Allies, the United States included."
    )


def _warnings(made: Posting) -> tuple[str, ...]:
    """Return what a reader must know: law, agreements overruled, limits passed before, posts without a leader."""
    given, tables = made.given, made.tables
    found: list[str] = []
    if given.fixed.get(SACEUR, "USA") != "USA" and SACEUR in tables.posts:
        found.append(
            f"This scenario gives SACEUR to {people_words(given.fixed[SACEUR])}: the act of the United States for "
            "fiscal year 2026 bars giving up the post without a certification to Congress, and US forces would come "
            "under another's command. It is shown as a question, not as something that can be done."
        )
    for name in given.overruled:
        agreed = tables.decided[name]
        found.append(
            f"This scenario gives {tables.posts[name].short} to {people_words(given.fixed[name])}; Allies agreed on "
            f"{agreed.decided} that {in_words(people_words(code) for code in agreed.allies)} would lead it."
        )
    found += [f"No year before {given.until.year} is free for {tables.posts[name].short}." for name in given.crowded]
    found += _crowds(made)
    found += _both(made)
    found += [made.proposal.unplaced[name] for name in made.open_posts if name in made.proposal.unplaced]
    return tuple(found)


def _crowds(made: Posting) -> list[str]:
    """Return Allies that lead more posts than the most by what is given alone, with the first day on which they do."""
    given = made.given
    days = sorted({given.today, *(item.day for item in given.handovers)})
    over: dict[str, str] = {}
    for day in days:
        for code in {led(given.lines, name, day) for name in given.lines} - {"", "USA"}:
            posts_led, _ = given.load(code, day)
            if posts_led > given.each and code not in over:
                over[code] = (
                    f"{ally(code).name} leads {posts_led} posts from {day} by what is held, agreed or given, more than "
                    f"the {given.each} of this scenario; nothing is added to them."
                )
    return [over[code] for code in sorted(over)]


def _both(made: Posting) -> list[str]:
    """Return Allies that lead a post and its direct superior at once by what is held, agreed or given."""
    given, tables = made.given, made.tables
    days = sorted({given.today, *(span.start for spans in given.lines.values() for span in spans if span.start)})
    found: dict[tuple[str, str], str] = {}
    for name, item in tables.posts.items():
        above = tables.posts.get(item.superior)
        if not item.counts or above is None or not above.counts:
            continue
        for day in days:
            code = led(given.lines, name, day)
            if day >= given.today and code not in ("", "USA") and code == led(given.lines, above.id, day):
                words = f"{ally(code).name} leads {item.short} and its superior {above.short} at once from {day}."
                found.setdefault((name, code), words)
    return list(found.values())


def _candidates(made: Posting, when: str) -> Finding:
    """Return who could lead the posts that the United States holds or that are due to change."""
    given, who, tables = made.given, made.who, made.tables
    moving = {item.post for item in made.handovers}
    shown = [
        item
        for item in tables.posts.values()
        if not item.pilot
        and (item.id in moving or item.id in made.open_posts or led(given.lines, item.id, given.today) == "USA")
    ]
    taking = {(item.post, item.ally): item for item in made.handovers}
    rows: list[dict[str, Any]] = []
    for item in shown:
        order = np.argsort(-who.score[who.posts.index(item)], kind="stable")
        rows += [_candidate(made, item, int(i), taking) for i in order]
    firsts = [
        f"{item.short} {in_words([row['ally'] for row in rows if row['post'] == item.id and row['eligible']][:3])}"
        for item in shown
        if item.id in made.open_posts and any(row["eligible"] for row in rows if row["post"] == item.id)
    ]
    text = f"Who could lead, by score, the first three: {'; '.join(firsts)}." if firsts else "No post is open."
    return finding("post_candidate", when, "Who could lead a post", rows, sentence(text), figure="post_candidate")


def _candidate(made: Posting, item: Post, i: int, taking: dict[tuple[str, str], Handover]) -> dict[str, Any]:
    given, who = made.given, made.who
    p, code = who.posts.index(item), who.codes[i]
    against = str(who.why[p, i])
    if not against and not given.may_lead(item.id, code):
        against = "is no member of the European Union"
    able = not against
    made_of = taking.get((item.id, code))
    return {
        "post": item.id,
        "ally": code,
        "post_title": item.title,
        "ally_name": ally(code).name,
        "forces": float(who.forces[p, i]),
        "ready": float(who.ready[p, i]),
        "spending_share": float(who.money[i]),
        "score": float(who.score[p, i]),
        "rank": float(who.rank[p, i]),
        "best_rank": float(who.best[p, i]),
        "worst_rank": float(who.worst[p, i]),
        "first": None if np.isnan(who.first[p, i]) else float(who.first[p, i]),
        "attitude": None if np.isnan(who.attitude[p, i]) else float(who.attitude[p, i]),
        "officers_needed": float(who.needed[p]) if item.staff else None,
        "officers_quota": float(who.quota[p, i]) if item.staff else None,
        "officers_able": float(who.capacity[i]),
        "eligible": able,
        "against": against,
        "deputy": "today" if given.is_deputy(item.id, code) else "",
        "earliest": given.named(item.id, code, "proposed").day.isoformat()
        if able and item.id in made.open_posts
        else "",
        "takes_over": made_of.day.isoformat() if made_of else "",
        "status": made_of.status if made_of else "",
        "standing": "notional",
    }


def handover_rows(inputs: Inputs, made: Posting | None = None) -> list[dict[str, Any]]:
    """Return every handover of a post as a row of the common table ``handover``.

    Parameters
    ----------
    inputs
        The scenario.
    made
        The schedule, where it has been made already.
    """
    made = made or decide(inputs)
    rows: list[dict[str, Any]] = []
    for item in made.handovers:
        post = made.tables.posts[item.post]
        words = gate(made.tables, made.given, item)
        move = made.tables.decided.get(item.post)
        rows.append(
            {
                "schedule": "posts",
                "kind": "post",
                "subject": item.post,
                "post": item.post,
                "step": item.status,
                "subject_title": f"{post.title} to {people_words(item.ally)}",
                "date": item.day.isoformat(),
                "date_low": item.low.isoformat(),
                "date_high": item.high.isoformat(),
                "to_ally": item.ally,
                "gated_by": words,
                "units": None,
                "source": source_of(made.tables, item),
                "standing": worst([move.standing]) if item.published and move else "notional",
            }
        )
    return rows
