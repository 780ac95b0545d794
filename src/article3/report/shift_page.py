"""The section on the shift: how fast US forces can leave, what a drawdown uncovers, who carries and leads what."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import polars as pl

from article3.evidence.findings import Finding
from article3.report import shift_cards, shift_deal_tables, shift_share_tables, shift_tables
from article3.report.blocks import Block, Book, Points, Section, Text
from article3.report.gap_inputs import folded
from article3.report.gap_words import Names
from article3.report.markup import sentence_html
from article3.report.parts import Part
from article3.report.shift_board import shift_board, slipping
from article3.report.shift_exposed import first_of, shift_early, shift_exposed
from article3.report.shift_half import shift_half
from article3.report.shift_leaving import shift_leaving
from article3.report.shift_odds import shift_odds
from article3.report.shift_pace import shift_pace
from article3.report.shift_posts import shift_posts
from article3.report.shift_trust import shift_trust
from article3.report.shift_words import found, inside, shown_plan
from article3.report.words import listed

if TYPE_CHECKING:
    from markupsafe import Markup

SHOWN: Final = (
    "handover", "fastest", "leaving", "exposure", "exposure_step", "closing", "shift_frontier", "half_by_2030",
    "half_path", "force_used", "post", "post_candidate", "post_pilot", "trust", "trust_state", "trust_knowing",
    "bargain", "notice", "shift_solve", "shift_assumption",
)  # fmt: skip
"""Findings that this section shows."""

_RULE: Final = (
    "The rule: on no later day is any requirement, in any contingency and window, less covered than today because US "
    "forces leave. It asks what can be held up with European deliveries, not what anybody intends."
)
_FREE: Final = (
    "Held by no requirement, each taken alone: {}. Nothing here shows what would be lost with them. That does not mean "
    "that it is safe to let them go."
)


def shift(book: Book) -> Section | None:
    """Return the section on the shift; nothing for a run without one."""
    if not any(book.named(name) for name in SHOWN):
        return None
    section = Section("shift", "The shift: who leaves, who takes over, by when")
    section.blocks += _lead(book)
    for make in _PARTS:
        section.blocks += make(book)
    return section


def says(book: Book) -> Markup | None:
    """Return the headline of the shift for the top of the page, with a way to its section."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    finding = found(book, "handover")
    if finding is None or not finding.sentence.parts:
        return None
    return Markup('<a href="#shift">The shift</a>, computed and agreed by nobody. {}').format(
        sentence_html(finding.sentence, book.findings)
    )


def _lead(book: Book) -> list[Block]:
    """Return the headline, cards, cautions, and the assumptions that matter most."""
    blocks: list[Block] = []
    handover, assumed = found(book, "handover"), found(book, "shift_assumption")
    if handover is not None and handover.sentence.parts:
        blocks.append(book.said(handover.sentence, "finding"))
    cards = shift_cards.cards(book)
    blocks += [Points(cards, "plan-cards shift-cards")] if cards else []
    cautions = dict.fromkeys(text for name in SHOWN for item in book.named(name) for text in item.warnings[-1:])
    blocks += [Text(f"{_RULE} {next(iter(cautions), '')}".strip(), "warning")]
    if assumed is not None:
        blocks.append(Points(shift_deal_tables.boxed(assumed), "plan-box"))
    return blocks


def _leaves(book: Book) -> list[Block]:
    part = Part(book, "shift-leaves", "How fast forces can leave with no day less safe")
    fastest, handover, leaving = (found(book, name) for name in ("fastest", "handover", "leaving"))
    if fastest is None:
        return part.all()
    gating = shift_tables.gating(handover, fastest) if handover else None
    part.blocks += [gating] if gating else []
    if leaving and handover:
        part.draw(shift_leaving(leaving, fastest, handover), shift_tables.courses(leaving, fastest))
    part.blocks += _freed(fastest)
    staying = shift_tables.staying(fastest)
    part.blocks += [staying] if staying else [Text("Everything that is offered could leave by the last year.", "note")]
    table = shift_tables.kinds(fastest)
    part.fold((f"Table: {table.caption}, all {len(table.rows)}", table))
    if handover:
        part.file("handover", "Every step with what it frees, and what it waits for")
    return part.all()


def _freed(fastest: Finding) -> list[Block]:
    mine = fastest.table.filter(pl.col("plan") == shown_plan(fastest), pl.col("group") == "free")
    names = [inside(name) for name in mine["element"]]
    return [Text(_FREE.format(listed(names)))] if names else []


def _given(book: Book) -> list[Block]:
    part = Part(book, "shift-given", "What a given drawdown uncovers, and when it would be safe")
    if not book.named("exposure"):
        return part.all()
    exposure, steps, closing, handover = (
        found(book, name) for name in ("exposure", "exposure_step", "closing", "handover")
    )
    if exposure is None:
        part.blocks.append(
            Text("No drawdown is judged in this scenario: none is named under shift, drawdowns.", "note")
        )
        return part.all()
    inputs = book.run.inputs
    part.blocks.append(shift_tables.overview(exposure, steps, closing, inputs))
    figure = shift_exposed(exposure, steps, inputs) if steps else None
    cells = shift_tables.cells_exposed(exposure, inputs)
    if cells is None:
        part.blocks.append(
            Text("No drawdown leaves anything less covered than it would be with nobody leaving.", "note")
        )
    else:
        part.draw(figure, cells)
    early = shift_tables.before_ready(handover, first_of(exposure, inputs)) if handover else None
    if early and handover and steps:
        part.draw(shift_early(handover, exposure, steps, inputs), early)
    if steps:
        part.say(steps)
        table = shift_tables.dated_steps(steps)
        part.fold((f"Table: {table.caption}", table))
    if closing:
        part.say(closing)
        table = shift_tables.closes(closing, inputs)
        part.fold((f"Table: {table.caption}", table))
    return part.all()


def _pace(book: Book) -> list[Block]:
    part = Part(book, "shift-pace", "Pace against European money and safety")
    finding = found(book, "shift_frontier")
    if finding:
        figure = shift_pace(finding)
        if figure is None:
            part.say(finding)
        part.draw(figure, shift_tables.pace(finding))
        part.file("shift_frontier", "All points")
    return part.all()


def _half(book: Book) -> list[Block]:
    part = Part(book, "shift-half", "Half by 2030, in two readings, with odds")
    chances, path, used = (found(book, name) for name in ("half_by_2030", "half_path", "force_used"))
    if chances:
        part.say(chances, "finding")
        part.blocks += [Text(warning, "warning") for warning in chances.warnings[:1]]
    if chances and path:
        part.draw(shift_half(path, chances), shift_share_tables.courses(path, chances))
    if chances:
        part.draw(shift_odds(chances), shift_share_tables.odds(chances))
        reach = shift_share_tables.out_of_reach(chances)
        part.blocks += [reach] if reach else []
        part.file("half_by_2030", "Every requirement, published counts, and odds by cause")
    if used:
        part.say(used)
        table = shift_share_tables.used(used, Names.of(book.run.inputs))
        if table:
            part.fold((f"Table: {table.caption}", table))
    return part.all()


def _posts(book: Book) -> list[Block]:
    part = Part(book, "shift-posts", "Command posts: who leads, and who takes over")
    post, candidate, pilot = (found(book, name) for name in ("post", "post_candidate", "post_pilot"))
    if post:
        part.blocks += [Text(warning, "warning") for warning in post.warnings[:1]]
        part.draw(shift_posts(post, book.run.inputs), shift_share_tables.posts(post))
        made = shift_share_tables.handovers(post)
        part.blocks += [made] if made else []
    if post and candidate:
        table = shift_share_tables.candidates(candidate, post)
        if table:
            part.fold((f"Table: {table.caption}", table))
        part.file("post_candidate", "Every Ally for every post")
    if pilot:
        part.say(pilot)
        table = shift_share_tables.pilot(pilot)
        part.fold((f"Table: {table.caption}", table))
    return part.all()


def _trust(book: Book) -> list[Block]:
    part = Part(book, "shift-trust", "What to plan before it is known whether the United States stays")
    finding, states, knowing = (found(book, name) for name in ("trust", "trust_state", "trust_knowing"))
    inputs = book.run.inputs
    if finding and states:
        part.blocks += [Text(warning, "warning") for warning in finding.warnings[:1]]
        part.draw(shift_trust(finding, states, inputs), shift_deal_tables.trusted(finding, states, inputs))
    if knowing:
        part.say(knowing)
        table = shift_deal_tables.knowing(knowing)
        part.fold((f"Table: {table.caption}", table))
    return part.all()


def _deal(book: Book) -> list[Block]:
    part = Part(book, "shift-deal", "The bargain: what each side gives and gets")
    finding = found(book, "bargain")
    if finding:
        part.say(finding, "finding")
        part.blocks += [Text(warning, "warning") for warning in finding.warnings[:1]]
        made = shift_deal_tables.deal(finding)
        part.blocks += [made] if made else []
        part.blocks += [Text(warning, "note") for warning in finding.warnings[1:-1]]
        table = shift_deal_tables.items(finding)
        part.fold((f"Table: {table.caption}", table))
        part.file("bargain", "Everything the bargain is made of, under every plan")
    return part.all()


def _board(book: Book) -> list[Block]:
    part = Part(book, "shift-board", "Notice board: what comes next, and what slips")
    finding = found(book, "notice")
    if finding:
        inputs = book.run.inputs
        part.say(finding, "finding")
        table = shift_deal_tables.board(finding, inputs)
        figure = shift_board(finding, inputs)
        if table:
            part.draw(figure, table)
        else:
            part.blocks.append(Text("Nothing falls into the next two years.", "note"))
        late = slipping(finding)
        if late.height:
            warned = shift_deal_tables.slips(finding, late, inputs)
            part.fold((warned.caption, warned))
        part.file("notice", "The whole calendar")
    return part.all()


def _rests(book: Book) -> list[Block]:
    part = Part(book, "shift-rests", "What the shift rests on")
    assumed, solves = found(book, "shift_assumption"), found(book, "shift_solve")
    items = []
    if assumed:
        part.say(assumed)
        table = shift_deal_tables.assumptions(assumed, book.evidence)
        items.append((f"Table: {table.caption}, all {len(table.rows)} lines with their standing", table))
    if solves:
        part.say(solves, "note")
        table = shift_deal_tables.solves(solves)
        items.append((f"Table: {table.caption}", table))
    part.blocks += [Points(folded(items), "gap-folds")] if items else []
    return part.all()


_PARTS: Final[tuple[Callable[[Book], list[Block]], ...]] = (
    _leaves, _given, _pace, _half, _posts, _trust, _deal, _board, _rests,
)  # fmt: skip
