"""Rows of table ``post``: one for each tenure, past, present, agreed and proposed, so that a timeline can be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from article3.domain import ally
from article3.gap.rows import worst
from article3.shift.post_data import Post, PostTables, Tenure, people_words, region
from article3.shift.post_line import Given, Handover, Lines, Span, operation_leader

ASSUMED: Final = "article3-assumption"
CONSENT: Final = "consent of all Allies, the United States included; NATO may recall it"
_KEPT: Final = {
    "law": "stays American: law of the United States for fiscal year 2026",
    "hat": "stays American: tied to a command of US forces",
    "forces": "goes with the US forces there, not by rotation",
}
_ROLES: Final = {
    "operation": "may command the operation",
    "headquarters": "headquarters on request",
    "component": "component command on request",
    "support": "support on request",
    "force": "force headquarters on request",
    "none": "",
}


def post_rows(tables: PostTables, given: Given, lines: Lines, unplaced: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a row for every tenure of every post of NATO, in order.

    Parameters
    ----------
    tables, given
        What is held of posts, and what is fixed.
    lines
        Who leads each post over time, proposals included.
    unplaced
        Why a post finds no leader, by post.
    """
    rows: list[dict[str, Any]] = []
    for name, item in tables.posts.items():
        if item.pilot:
            continue
        mine = [_past(item, tenure) for tenure in tables.past[name]]
        spans = lines.get(name, ())
        mine += [_span(tables, given, item, spans, place, unplaced.get(name, "")) for place in range(len(spans))]
        rows += [{**_of_post(tables, given, item), "n": place + 1, **row} for place, row in enumerate(mine)]
    return rows


def _of_post(tables: PostTables, given: Given, item: Post) -> dict[str, Any]:
    """Return what is the same in every row of a post."""
    above = tables.posts.get(item.superior)
    people = item.staff
    return {
        "post": item.id,
        "post_title": item.title,
        "short": item.short,
        "level": item.level,
        "kind": item.kind,
        "domains": ", ".join(item.domains),
        "seat": item.seat,
        "rank": item.rank,
        "superior": above.short if above else "",
        "eu_superior": f"operation commander ({operation_leader(given, given.today) or 'nobody'} today)"
        if item.eu_superior
        else "",
        "eu_role": _ROLES[item.eu_role],
        "eu_consent": CONSENT if item.eu_role != "none" else "",
        "staff": people.central if people else None,
        "staff_low": people.low if people else None,
        "staff_high": people.high if people else None,
        "officers_lead": given.needed.get(item.id) if people else None,
        "deputy": tables.deputies.get(item.id, ""),
    }


def _past(item: Post, tenure: Tenure) -> dict[str, Any]:
    return {
        **_who(tenure.ally),
        "holder": tenure.holder,
        "shared": ", ".join(tenure.shared),
        "from": tenure.start,
        "to": tenure.end,
        "status": "held",
        "known": tenure.basis,
        "note": tenure.note,
        "source": tenure.source,
        "standing": worst([tenure.standing, item.standing]),
    }


def _span(
    tables: PostTables, given: Given, item: Post, spans: tuple[Span, ...], place: int, unplaced: str
) -> dict[str, Any]:
    """Return the row of a present or future span, with the handover that ends it."""
    span = spans[place]
    after = spans[place + 1] if place + 1 < len(spans) else None
    if span.tenure:
        row = _past(item, span.tenure)
    else:
        # A turn among Allies that share a post goes back to the handover that began them.
        began = next(found.handover for found in reversed(spans[: place + 1]) if found.handover)
        row = {
            **_who(span.ally),
            "holder": "",
            "shared": ", ".join(began.turns),
            "from": _iso(span.start),
            "to": "",
            "status": began.status,
            "known": "published" if began.published else "day notional",
            "note": _note(tables, began) if span.handover else "Its turn.",
            "source": source_of(tables, began),
            "standing": "notional",
        }
    if not after:
        stays = span.tenure is not None
        kept = _kept(tables, item, unplaced) if span.ally == "USA" else unplaced
        return row | {"status": "stays" if stays else row["status"], "gated_by": kept}
    next_ = after.handover
    return row | {
        "to": _iso(span.end),
        "next_ally": after.ally,
        "date": _iso(after.start),
        "date_low": _iso(next_.low) if next_ else "",
        "date_high": _iso(next_.high) if next_ else "",
        "deputy_from": _iso(next_.deputy) if next_ else "",
        "gated_by": gate(tables, given, next_)
        if next_
        else f"turn after a usual tour of {tables.tour.central:.1f} years",
    }


def _kept(tables: PostTables, item: Post, unplaced: str) -> str:
    if unplaced:
        return unplaced
    if item.kept:
        return _KEPT[item.kept]
    move = tables.decided.get(item.id)
    return f"kept by the agreement of {move.decided}" if move else ""


def _who(code: str) -> dict[str, Any]:
    return {"ally": code, "ally_name": ally(code).name, "group": region(code)}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _note(tables: PostTables, item: Handover) -> str:
    move = {"agreed": tables.decided, "proposed": tables.proposed}.get(item.status, {}).get(item.post)
    return move.note if move else ""


def source_of(tables: PostTables, item: Handover) -> str:
    """Return the source of a handover: the decision, the study that proposes it, the user, or an assumption of ours."""
    if item.status == "given":
        return "yours"
    move = (tables.decided if item.status == "agreed" else tables.proposed).get(item.post)
    return move.source if move else ASSUMED


def gate(tables: PostTables, given: Given, item: Handover) -> str:
    """Return what a handover waits for, in words."""
    post = tables.posts[item.post]
    decided = tables.decided.get(item.post)
    now = tables.present.get(item.post)
    tour = f"end of a usual tour of {tables.tour.central:.1f} years"
    if item.status == "agreed" and decided:
        day = f"published: {decided.date}" if item.published else f"{tour}; no day is published"
        parts = [f"agreed on {decided.decided}", day]
    elif item.status == "given":
        parts = ["given by this scenario", tour]
    else:
        beyond = f"beyond that of {decided.decided}" if decided else "of all Allies"
        parts = [f"a decision {beyond}", tour]
    if item.deputy:
        parts.append(f"deputy from {people_words(item.ally)} by {item.deputy.isoformat()}")
    elif item.status != "agreed" and given.is_deputy(item.post, item.ally):
        parts.append(f"its deputy comes from {people_words(item.ally)} today")
    if item.waits:
        parts.append(f"room: {given.a_year} posts a year, {given.each} for one Ally")
    if item.status != "agreed" and now and now.ally == "USA" and post.kind == "component" and item.ally != "USA":
        parts.append("an American deputy, because US forces stay under an American")
    return "; ".join(parts)
