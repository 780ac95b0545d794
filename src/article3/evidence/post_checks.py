"""The rules of the tables of command posts: chains, holders over time, agreed handovers, stances, assumptions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from article3.domain import allies, force_elements
from article3.domain.allies import ally_spellings
from article3.domain.vocabulary import Row
from article3.errors import Fault, unknown_name_fault

_YEAR: Final = len("2025")
Rows = Mapping[str, Sequence[Row]]

TERMS: Final = (
    "weight_forces", "weight_ready", "weight_money", "least", "officers", "lead", "officer_corps", "postable",
    "deputy_years", "later",
)  # fmt: skip
"""Assumptions that the handover of posts rests on: table ``post_terms`` has a line for each."""


def post_table_faults(rows: Rows) -> Iterator[Fault]:
    """Yield everything that is wrong with the tables of command posts; nothing where there are no posts.

    Parameters
    ----------
    rows
        Well-formed rows by table.
    """
    posts = {row.text("post"): row for row in rows["posts"]}
    yield from _chain_faults(posts)
    for table in ("post_staff", "post_holders", "post_moves"):
        for row in rows[table]:
            if row.text("post") not in posts:
                titles = {row.text("short"): name for name, row in posts.items()}
                yield unknown_name_fault("post", row.text("post"), titles | {name: name for name in posts}, row.where)
    yield from _list_faults(rows)
    yield from _holder_faults(rows["post_holders"])
    yield from _move_faults(rows["post_moves"])
    yield from _term_faults(rows)


def _chain_faults(posts: Mapping[str, Row]) -> Iterator[Fault]:
    """Yield superiors that do not exist, chains that end in themselves, pilot posts that nobody may lead."""
    for name, row in posts.items():
        above = row.text("superior")
        if above and above not in posts:
            yield unknown_name_fault("post", above, {item: item for item in posts}, row.where)
            continue
        seen = [name]
        while above and above in posts and above not in seen:
            seen.append(above)
            above = posts[above].text("superior")
        if above == name:
            yield Fault("the chain of command leads back to the post", row.where, " -> ".join([*seen, name]))
        if (row.text("kind") == "pilot") != bool(row.text("accepts")):
            mend = "Posts of the pilot, and only they, say which stances can lead them."
            yield Fault("'accepts' does not fit the kind of post", row.where, row.text("kind"), mend=mend)
        if row.text("eu_superior") and row.text("eu_role") in ("none", "operation"):
            found = f"eu_role {row.text('eu_role')}"
            yield Fault("a post without a part under an operation commander answers to one", row.where, found)


def _list_faults(rows: Rows) -> Iterator[Fault]:
    """Yield entries of lists that name no Ally or no domain."""
    domains = {item.domain: item.domain for item in force_elements()}
    codes = {item.code for item in allies()}
    for row in rows["posts"]:
        for name in row.items("domains"):
            if name not in domains:
                yield unknown_name_fault("domain", name, domains, row.where)
    for table, column in (("post_holders", "shared"), ("post_moves", "allies"), ("post_conditions", "allies")):
        for row in rows[table]:
            for name in row.items(column):
                if name not in codes:
                    yield unknown_name_fault("Ally", name, ally_spellings().known_for(name), row.where)


def _holder_faults(holders: Sequence[Row]) -> Iterator[Fault]:
    """Yield tenures that end before they begin or overlap, and present holders above one."""
    by_post: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in holders:
        begins, ends = row.text("from"), row.text("to")
        if begins and ends and not _ordered(begins, ends):
            yield Fault("the tenure ends before it begins", row.where, f"{begins} to {ends}")
        if row.text("basis") == "dated" and not begins:
            mend = "Give the day, or say 'attested'."
            yield Fault("a dated tenure has no first day", row.where, row.text("holder"), mend=mend)
        if row.items("shared") and row.text("ally") not in row.items("shared"):
            found = f"{row.text('ally')}, not among {row.text('shared')}"
            yield Fault("the holder's Ally does not share the post", row.where, found)
        by_post[row.text("post"), row.text("role")].append(row)
    if holders and not any(len(row.text("from")) > _YEAR and len(row.text("to")) > _YEAR for row in holders):
        mend = "Give one holder's first and last month."
        yield Fault(
            "no holder has a first and a last month: how long a tour lasts cannot be told",
            "forces/post_holders.csv",
            mend=mend,
        )
    for found_rows in by_post.values():
        dated = [row for row in found_rows if row.text("basis") == "dated"]
        for first, second in pairwise(dated):
            ends = first.text("to")
            if not ends or not _ordered(ends, second.text("from")):
                expected = "holders in order, each ending before the next begins"
                what = f"{first.text('holder')} to {ends or 'today'}, {second.text('holder')} from "
                found = f"{what}{second.text('from')}"
                yield Fault("two tenures of one post overlap", second.where, found, expected)


def _ordered(first: str, second: str) -> bool:
    """Return whether a day is not after another, as far as both are told: 2025 and 2025-03 are in order."""
    length = min(len(first), len(second))
    return first[:length] <= second[:length]


def _move_faults(moves: Sequence[Row]) -> Iterator[Fault]:
    seen: dict[str, Row] = {}
    for row in moves:
        status, named = row.text("status"), row.items("allies")
        if status != "proposed":
            if not named:
                mend = "Name who takes over or keeps the post."
                yield Fault(f"a line '{status}' names no Ally", row.where, row.text("post"), mend=mend)
            earlier = seen.setdefault(row.text("post"), row)
            if earlier is not row:
                found = f"{earlier.text('status')} at {earlier.where}, {status} here"
                yield Fault("a post is decided on twice", row.where, found, mend="Keep the later decision.")
        if row.text("date") and not _ordered(row.text("decided"), row.text("date")):
            found = f"{row.text('date')}, decided on {row.text('decided')}"
            yield Fault("a handover before its decision", row.where, found)


def _term_faults(rows: Rows) -> Iterator[Fault]:
    """Yield assumptions that lack, are not known, or are shares above 1."""
    given = {row.text("term"): row for row in rows["post_terms"]}
    for name, row in given.items():
        if name not in TERMS:
            yield unknown_name_fault("assumption on command posts", name, {item: item for item in TERMS}, row.where)
        if row.text("unit") == "share" and row.number("high") > 1:
            yield Fault("a share above 1", row.where, row.text("high"), "at most 1", "Shares are fractions.")
    if rows["posts"]:
        lacking = [name for name in TERMS if name not in given]
        if lacking:
            yield Fault(f"no line for {', '.join(lacking)}", "forces/post_terms.csv")
        if {"weight_forces", "weight_ready", "weight_money"} <= set(given) and not any(
            given[name].number("central") for name in ("weight_forces", "weight_ready", "weight_money")
        ):
            yield Fault("all weights of the score are zero", given["weight_forces"].where, mend="Raise one of them.")
