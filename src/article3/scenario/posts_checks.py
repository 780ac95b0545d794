"""What can be wrong in the part of a scenario that says who leads which command post."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from article3.domain import Ally, allies, ally, expand, force_element
from article3.errors import Article3Error, Fault, InputError, unknown_name_fault
from article3.evidence.planning import Planning
from article3.scenario.plan_checks import At
from article3.scenario.schema import Scenario
from article3.scenario.yamlfile import Where

AMERICAN: Final = "USA"
_FIXED: Final[Where] = ("shift", "posts", "fixed")

# To give SACEUR away is no fault: the law of the United States bars it without a certification, and what would follow
# is a question a user may ask. Table ``post`` says so in a warning.


def post_faults(parsed: Scenario, planning: Planning, at: At) -> Iterator[Fault]:
    """Yield everything that is wrong in who is to lead which post.

    Unknown posts and Allies, Allies without armed forces, a post given twice, an Ally given more than the most posts
    one may lead, and posts to be handed over that no European Ally could lead.

    Parameters
    ----------
    parsed, planning
        The scenario and the planning tables it rests on.
    at
        Where a path of the scenario stands.
    """
    posts = {row["post"]: row for row in planning.table("posts").iter_rows(named=True)}
    fixed: dict[str, str] = {}
    seen: dict[str, str] = {}
    for place, item in enumerate(parsed.shift.posts.fixed):
        path: Where = (*_FIXED, place)
        wrong = [*_unknown(item.post, posts, at((*path, "post")))]
        yield from wrong
        leader = _leader(item.ally)
        if isinstance(leader, Fault):
            yield Fault(leader.what, at((*path, "ally")), mend=leader.mend)
        elif not leader.has_forces:
            mend = "Name an Ally with armed forces."
            yield Fault("an Ally without armed forces leads no command post", at((*path, "ally")), item.ally, mend=mend)
        if not wrong and item.post in seen:
            found = f"{seen[item.post]} too"
            yield Fault(f"the post '{item.post}' is given twice", at(path), found, mend="Keep one.")
        elif not wrong:
            seen[item.post] = at(path)
            if isinstance(leader, Ally):
                fixed[item.post] = leader.code
    yield from _too_many(parsed, posts, fixed, at)
    yield from _without_candidates(parsed, planning, posts, fixed, at)


def _unknown(name: str, posts: dict[str, dict[str, Any]], where: str) -> Iterator[Fault]:
    known = {row[key]: post for post, row in posts.items() for key in ("short", "title", "post") if not _pilot(row)}
    if name not in posts:
        fault = unknown_name_fault("post", name, known, where)
        yield fault if posts else Fault(fault.what, where, mend="The planning tables hold no posts.")
    elif _pilot(posts[name]):
        mend = "Who leads it is reported or proposed: table post_pilot."
        yield Fault(f"'{name}' is a post of the pilot, outside NATO", where, mend=mend)


def _pilot(row: dict[str, Any]) -> bool:
    return bool(row["kind"] == "pilot")


def _leader(name: str) -> Ally | Fault:
    try:
        return ally(name)
    except Article3Error as error:
        return error.faults[0]


def _too_many(parsed: Scenario, posts: dict[str, dict[str, Any]], fixed: dict[str, str], at: At) -> Iterator[Fault]:
    """Yield Allies that are given more posts than the most one may lead; what stays American is not given."""
    given: dict[str, list[str]] = defaultdict(list)
    for name, code in fixed.items():
        if code != AMERICAN and posts[name]["counts"] == "true":
            given[code].append(posts[name]["short"])
    most = parsed.shift.posts.each
    for code, names in given.items():
        if len(names) > most:
            found = f"{len(names)}: {', '.join(names)}"
            mend = "Raise 'each', or give one of them to another Ally."
            yield Fault(
                f"{ally(code).name} is given more posts than one Ally leads", at(_FIXED), found, f"at most {most}", mend
            )


def _without_candidates(
    parsed: Scenario, planning: Planning, posts: dict[str, dict[str, Any]], fixed: dict[str, str], at: At
) -> Iterator[Fault]:
    """Yield posts to be handed over for which no European Ally that takes part has forces in their domains."""
    if not posts:
        return
    absent = _absent(parsed)
    europe = {item.code for item in allies() if item.region == "europe" and item.has_forces} - absent
    held = planning.table("holdings").filter(pl.col("central") > 0, pl.col("holder").is_in(sorted(europe)))
    domains = {force_element(name).domain for name in held["element"].unique().to_list()}
    for name, row in posts.items():
        if name in fixed or row["kept"] or _pilot(row) or _last(planning, name) != AMERICAN:
            continue
        if not domains & set(row["domains"].split(";")):
            what = f"the post '{name}' has no candidate: no European Ally that takes part has forces in its domains"
            mend = f"Give it to one in 'shift.posts.fixed', the United States included, or change {_reason(parsed)}."
            yield Fault(what, at(("shift", "posts")), row["domains"].replace(";", ", "), mend=mend)


def _absent(parsed: Scenario) -> set[str]:
    """Return the Allies that take no part, or in low intensity only; names that do not exist are told elsewhere."""
    found: set[str] = set()
    if parsed.us.focus == "without":
        with contextlib.suppress(InputError):
            found |= set(expand(parsed.without))
    for item in parsed.caveats:
        leader = _leader(item.ally)
        if isinstance(leader, Ally):
            found.add(leader.code)
    return found


def _reason(parsed: Scenario) -> str:
    reasons = ["'caveats'"] if parsed.caveats else []
    reasons += ["'without'"] if parsed.us.focus == "without" else []
    return " or ".join(reasons) or "the holdings"


def _last(planning: Planning, post: str) -> str:
    """Return the Ally that leads a post once all that is decided has happened."""
    moves = planning.table("post_moves").filter(pl.col("post") == post, pl.col("status") != "proposed")
    if moves.height:
        return str(moves["allies"][0].split(";")[0])
    holders = planning.table("post_holders").filter(
        pl.col("post") == post, pl.col("role") == "commander", pl.col("to") == ""
    )
    return str(holders["ally"][-1]) if holders.height else ""
