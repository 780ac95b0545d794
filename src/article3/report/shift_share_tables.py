"""Tables of the shift about carrying: half by 2030 in two readings, the force used, command posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.evidence.findings import Finding
from article3.report.gap_tables import NOTHING, counted, said
from article3.report.gap_words import Names, called
from article3.report.markup import Table
from article3.report.plan_tables import Cells, summed
from article3.report.plan_words import per_cent, who
from article3.report.shift_grid import grid
from article3.report.shift_half import GOAL, READINGS, hardest, odds_words, of_reading
from article3.report.shift_posts import COMING, today_of
from article3.report.shift_words import dated, plain_days, when_words
from article3.report.words import capital, listed

if TYPE_CHECKING:
    from markupsafe import Markup

Row = Mapping[str, Any]

_YEARS: Final = (2026, 2028, 2030, 2032, 2035, 2040)
_FIRST: Final = 3
"""Candidates shown for each post that is proposed."""


def share(finding: Finding, row: Row | None, column: str) -> Markup | str:
    """Return a share in per cent with its address; a dash where there is no row."""
    return NOTHING if row is None else said(finding, row, column, "" if row[column] is None else per_cent(row[column]))


def odds(finding: Finding) -> Table:
    """Return every capability's share in 2026 and 2030, its odds of one half, and when it crosses, in both readings."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    found = {reading: of_reading(finding.table, reading, case) for reading, case, _ in READINGS}
    names: list[str] = []
    for table in found.values():
        names += table.sort(pl.coalesce("odds", "share_2030"), "share_2030", "capability")["capability"].to_list()
    rows: list[Cells] = []
    known = [{row["capability"]: row for row in table.iter_rows(named=True)} for table in found.values()]
    for name in dict.fromkeys(names):
        cells: Cells = [called(name)]
        for by_name in known:
            row = by_name.get(name)
            if row is None:
                cells += 4 * [NOTHING]
                continue
            ends = Markup("")
            if row["low_2030"] is not None:
                ends = Markup(" <small>{} to {}</small>").format(
                    share(finding, row, "low_2030"), share(finding, row, "high_2030")
                )
            cells += [share(finding, row, "share_2026"), Markup("{}{}").format(share(finding, row, "share_2030"), ends)]
            chance = "" if row["odds"] is None else odds_words(row["odds"])
            cells += [said(finding, row, "odds", chance), said(finding, row, "latest", row["latest"] or "", "n words")]
        rows.append(cells)
    heads = [("Capability", "", False)]
    for words in ("hardest requirement", "what is held"):
        heads += [("2026", words, True), (str(GOAL), "eight draws in ten", True), ("Odds", f"of half in {GOAL}", True),
                  ("Half crossed", words, False)]  # fmt: skip
    note = "With the plan; published counts and each requirement: in the file."
    return grid(
        finding, "table-shift-odds", f"Europe's share in {GOAL} and odds of one half, the least likely first",
        heads, rows,
        notes=(note,), how=("share_2030", "odds", "latest", "low_2030"), drawn=pl.concat(list(found.values())),
    )  # fmt: skip


def courses(path: Finding, chances: Finding) -> Table:
    """Return shares over time with their bands, for the capabilities that are drawn."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    years = [year for year in _YEARS if year in path.table["year"].to_list()]
    rows: list[Cells] = []
    names = hardest(chances)
    for name in names:
        for reading, case, words in READINGS:
            mine = of_reading(path.table, reading, case).filter(pl.col("capability") == name)
            if mine.height == 0:
                continue
            cells: Cells = [Markup("{} <small>{}</small>").format(called(name), words)]
            by_year = {row["year"]: row for row in mine.iter_rows(named=True)}
            for year in years:
                row = by_year.get(year)
                ends = Markup("")
                if row and row["low"] is not None:
                    ends = Markup(" <small>{} to {}</small>").format(share(path, row, "low"), share(path, row, "high"))
                cells.append(Markup("{}{}").format(share(path, row, "share"), ends))
            rows.append(cells)
    heads = [("Capability", "share of", False), *((str(year), "eight draws in ten", True) for year in years)]
    drawn = path.table.filter(pl.col("capability").is_in(names), pl.col("basis") == "plan")
    return grid(
        path, "table-shift-half", "Europe's share over time, the least likely capabilities", heads, rows,
        how=("share", "low", "odds"), drawn=drawn,
    )  # fmt: skip


def out_of_reach(finding: Finding) -> Table | None:
    """Return the requirements of which half is out of reach by 2030 whatever is ordered, and why."""
    reading, case, _ = READINGS[0]
    mine = of_reading(finding.table, reading, case).filter(pl.col("why").fill_null("") != "")
    if mine.height == 0:
        return None
    rows: list[Cells] = [
        [
            called(row["capability"]),
            share(finding, row, "share_2030"),
            share(finding, row, "reachable_2030"),
            capital(row["why"]),
        ]
        for row in mine.sort("reachable_2030", "capability").iter_rows(named=True)
    ]
    heads = [
        ("Capability", "", False), (f"Share {GOAL}", "with the plan", True),
        ("Within reach", "all lines for this alone", True),
        ("Why", "", False),
    ]  # fmt: skip
    return grid(
        finding, "table-shift-reach", f"Half of the requirement is out of reach by {GOAL}, whatever is ordered",
        heads, rows,
        how=("reachable_2030", "why"),
    )  # fmt: skip


def used(finding: Finding, names: Names) -> Table | None:
    """Return Europe's part of the force used in every conventional contingency, in some years, with the plan."""
    mine = finding.table.filter(pl.col("basis") == "plan")
    years = [year for year in (2026, 2030, 2035, 2040) if year in mine["year"].to_list()]
    if not years:
        return None
    rows: list[Cells] = []
    for (contingency, window), some in mine.group_by(["contingency", "window_days"], maintain_order=True):
        cells: Cells = [names.situation(str(contingency)), str(window)]
        by_year = {row["year"]: row for row in some.iter_rows(named=True)}
        rows.append([*cells, *(share(finding, by_year.get(year), "europe") for year in years)])
    heads = [
        ("Contingency", "", False),
        ("Within", "days", True),
        *((str(year), "European part", True) for year in years),
    ]
    return grid(
        finding, "table-shift-used", "Europe's part of the force used in conventional contingencies", heads, rows,
        how=("europe", "half"), drawn=mine,
    )  # fmt: skip


def handovers(finding: Finding) -> Table | None:
    """Return the posts that change hands: from whom, to whom, when, and what that waits for."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    rows: list[tuple[str, Cells]] = []
    for part in finding.table.partition_by("post", maintain_order=True):
        each = part.sort("n").to_dicts()
        turns = 0
        for before, row in pairwise(each):
            if row["status"] not in COMING:
                continue
            turns += bool(row["shared"])
            if turns > 1:
                continue  # Allies that take turns: the first turn says it
            span = ""
            if dated(before["date_low"]) and dated(before["date_high"]):
                span = Markup(" <small>{} to {}</small>").format(
                    said(finding, before, "date_low", when_words(before["date_low"])),
                    said(finding, before, "date_high", when_words(before["date_high"])),
                )
            whose = f"{row['ally_name']}, in turn with {_others(row)}" if row["shared"] else row["ally_name"]
            cells: Cells = [row["post_title"], before["ally_name"], said(finding, row, "ally", whose, "n words")]
            cells += [Markup("{}{}").format(said(finding, row, "from", when_words(row["from"])), span)]
            cells += [said(finding, row, "status", row["status"], "n words"), plain_days(before["gated_by"]) or NOTHING]
            rows.append((row["from"] or "", cells))
    if not rows:
        return None
    heads = [
        ("Post", "", False), ("From", "", False), ("To", "", False), ("When", "earliest to latest", False),
        ("State", "", False), ("Waits for", "", False),
    ]  # fmt: skip
    ordered = [cells for _, cells in sorted(rows, key=lambda item: item[0])]
    return grid(
        finding, "table-shift-handovers", "Posts that change hands", heads, ordered, how=("date", "status", "gated_by"),
    )  # fmt: skip


def _others(row: Row) -> str:
    codes = [code.strip() for code in str(row["shared"]).split(",")]
    return listed([who(code) for code in codes if code != row["ally"]])


def posts(finding: Finding) -> Table:
    """Return every post with who holds it today, to whom it answers, and its staff."""
    rows: list[Cells] = []
    for part in finding.table.partition_by("post", maintain_order=True):
        row = today_of(part.sort("n").to_dicts())
        since = said(finding, row, "from", when_words(row["from"])) if row["from"] else NOTHING
        holder = row["holder"] if row["holder"] and row["kind"] != "framework" else NOTHING
        cells: Cells = [
            row["post_title"],
            row["level"],
            said(finding, row, "ally", row["ally_name"], "n words"),
            holder,
            since,
        ]
        cells += [
            row["superior"] or NOTHING,
            summed(finding, row, "staff"),
            (row["next_ally"] and who(row["next_ally"])) or NOTHING,
        ]
        rows.append(cells)
    heads = [
        ("Post", "", False), ("Level", "", False), ("Held by", "", False), ("Holder", "", False), ("Since", "", False),
        ("Answers to", "", False), ("Staff", "persons", True), ("Next", "", False),
    ]  # fmt: skip
    return grid(
        finding, "table-shift-posts", "Every post and who holds it today", heads, rows, drawn=finding.table,
        how=("staff", "date", "status", "superior"),
    )  # fmt: skip


def candidates(finding: Finding, post: Finding) -> Table | None:
    """Return the first candidates for each post that is proposed to change hands."""
    open_ = (
        post.table.filter(pl.col("status").is_in(["proposed", "given"]))["post"].unique(maintain_order=True).to_list()
    )
    rows: list[Cells] = []
    for name in open_:
        mine = finding.table.filter(pl.col("post") == name, pl.col("eligible")).sort("rank", "ally").head(_FIRST)
        for row in mine.iter_rows(named=True):
            cells: Cells = [row["post_title"], row["ally_name"], counted(finding, row, "rank")]
            cells += [said(finding, row, "score", f"{row['score']:.2f}"), share(finding, row, "first")]
            cells += [share(finding, row, column) for column in ("forces", "ready", "spending_share")]
            cells += [row["status"] or NOTHING]
            rows.append(cells)
    if not rows:
        return None
    heads = [
        ("Post", "", False), ("Ally", "", False), ("Place", "", True), ("Score", "0 to 1", True),
        ("First", "of the draws", True),
        ("Forces", "of Europe's", True), ("Ready", "of its own", True), ("Spending", "of Europe's", True),
        ("Takes over", "", False),
    ]  # fmt: skip
    note = (
        "A score is no nomination. What an Ally and a year can bear may lead to a later place; all Allies: in the file."
    )
    return grid(
        finding, "table-shift-candidates", "Who could lead, by score, the first three of each post", heads, rows,
        notes=(note,), how=("score", "forces", "ready", "first"), drawn=finding.table,
    )  # fmt: skip


def pilot(finding: Finding) -> Table:
    """Return the posts, conditions and enablers of the pilot."""
    kinds = {"post": "post", "condition": "has to be there", "enabler": "Europe alone covers"}
    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        what: Sequence[Markup | str] = [row["title"], kinds.get(row["kind"], row["kind"]), row["ally_name"] or NOTHING]
        cells: Cells = [*what]
        cells += [said(finding, row, "status", row["status"], "n words") if row["status"] else NOTHING]
        cells += [
            str(row["window_days"] or NOTHING),
            share(finding, row, "coverage"),
            share(finding, row, "coverage_on_top"),
        ]
        cells.append(plain_days(row["gated_by"]) or row["note"] or NOTHING)
        rows.append(cells)
    heads = [
        ("What", "", False), ("Kind", "", False), ("Ally", "", False), ("State", "", False), ("Within", "days", True),
        ("Covered", "by Europe alone", True), ("Covered", "beside a large contingency", True),
        ("Waits for, or remark", "", False),
    ]  # fmt: skip
    return grid(
        finding, "table-shift-pilot", "A stabilisation force for Ukraine as the pilot", heads, rows,
        drawn=finding.table, how=("coverage", "coverage_on_top", "status"),
    )  # fmt: skip
