"""The section on the plan: who buys what when, with which money, what that brings, and what holds it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from article3.report import plan_cards, plan_roles, plan_solved, plan_tables
from article3.report.blocks import Block, Book, Points, Section, Text
from article3.report.gap_inputs import folded
from article3.report.gap_words import Names
from article3.report.markup import sentence_html
from article3.report.parts import Part
from article3.report.plan_bridge import plan_bridge
from article3.report.plan_heat import plan_domains, plan_orders
from article3.report.plan_limits import plan_frontier, plan_limits
from article3.report.plan_money_figures import plan_allies, plan_money
from article3.report.plan_road import plan_road
from article3.report.plan_trends import plan_attainment, plan_shares

if TYPE_CHECKING:
    from markupsafe import Markup

SHOWN: Final = (
    "orders", "plan_money", "plan_attainment", "plan_share", "plan_goal", "plan_risk", "plan_limit", "plan_frontier",
    "plan_total", "plan_pool", "effort", "effort_money", "milestones", "down_payment", "specialisation", "fit",
    "entry_effect", "caveat", "certificate", "replacement", "catalogue", "line", "assumption",
)  # fmt: skip
"""Findings that this section shows."""

_SPLIT: Final = (
    "The plan says what the Alliance would order. Who orders it within a class of Allies of like reach is shared "
    "out by a "
    "rule, and {} where nobody has published what an Ally holds: read it as a proposal to argue with."
)


def plan(book: Book) -> Section | None:
    """Return the section on the plan; nothing for a run without one."""
    if not any(book.named(name) for name in SHOWN):
        return None
    names = Names.of(book.run.inputs)
    section = Section("plan", "The plan: who buys what, by when")
    section.blocks += _lead(book, names)
    for make in _PARTS:
        section.blocks += make(book, names)
    return section


def says(book: Book) -> Markup | None:
    """Return the headline of the plan for the top of the page, with a way to its section."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    found = next(iter(book.named("plan_money")), None)
    if found is None or not found.sentence.parts:
        return None
    return Markup('<a href="#plan">The plan</a>, computed and agreed by nobody. {}').format(
        sentence_html(found.sentence, book.findings)
    )


def _lead(book: Book, names: Names) -> list[Block]:
    """Return the headline, cards, cautions and what is assumed."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    blocks: list[Block] = []
    orders, assumed = (next(iter(book.named(name)), None) for name in ("orders", "assumption"))
    if orders is not None and orders.sentence.parts:
        posture = next((found.table["posture"][0] for found in book.named("plan_attainment") if found.table.height), "")
        planned = f"Planned for the Alliance {names.inside(posture)}. " if posture else ""
        blocks.append(Text(Markup("{}{}").format(planned, sentence_html(orders.sentence, book.findings)), "finding"))
    cards = plan_cards.cards(book, names)
    blocks += [Points(cards, "plan-cards")] if cards else []
    if orders is not None:
        count = sum(1 for split in orders.table["split"] if split)
        part = f"illustrative in {count} of {orders.table.height} orders" if count else "illustrative"
        blocks.append(Text(" ".join((_SPLIT.format(part), *orders.warnings)), "warning"))
    if assumed is not None and assumed.table.height:
        table = plan_solved.assumptions(assumed, names)
        blocks.append(Points(plan_cards.assumed(assumed, names), "plan-box"))
        blocks.append(Points(folded(((f"Table: {table.caption}, all {len(table.rows)} lines", table),)), "gap-folds"))
    return blocks


def _buys(book: Book, _names: Names) -> list[Block]:
    part = Part(book, "plan-buys", "Who buys what, by year")
    orders, total = part.find("orders"), part.find("plan_total")
    if orders:
        part.draw(plan_orders(orders), plan_tables.order_years(orders))
    if total:
        part.say(total)
        part.blocks.append(plan_tables.totals(total))
    if orders:
        table = plan_tables.orders(orders)
        part.fold((f"Table: {table.caption}, Ally by Ally", table))
        part.file("orders", "Every order with its line, price, delivery and fit")
    return part.all()


def _europe(book: Book, names: Names) -> list[Block]:
    part = Part(book, "plan-europe", "What Europe carries, and which goals cannot be reached in time")
    share, goal = part.find("plan_share"), part.find("plan_goal")
    if share:
        part.draw(plan_shares(share, goal), plan_tables.shares(share))
        held = plan_tables.inventories(share)
        if held:
            part.fold((f"Table: {held.caption}", held))
        part.file("plan_share", "Europe's share of every requirement, by year")
    if goal:
        part.say(goal)
        made = plan_tables.goals(goal, names)
        part.blocks += [made] if made else []
        part.file("plan_goal", "Every requirement of the goals")
    return part.all()


def _money(book: Book, _names: Names) -> list[Block]:
    part = Part(book, "plan-money", "Money against the envelope")
    finding = part.find("plan_money")
    if finding:
        part.draw(plan_money(finding), plan_tables.money(finding))
        part.draw(plan_allies(finding), plan_tables.allies(finding))
        part.file("plan_money", "Every Ally and year, by what is paid for")
    return part.all()


def _meets(book: Book, names: Names) -> list[Block]:
    part = Part(book, "plan-meets", "What can be met, with the plan and without")
    finding, risk = part.find("plan_attainment"), part.find("plan_risk")
    if finding:
        part.say(finding, "finding")
        part.blocks += [Text(warning, "warning") for warning in finding.warnings]
        figure = plan_attainment(finding, book.run.inputs)
        if figure is None:
            part.blocks.append(Text("Everything planned for is met in every year without the plan.", "note"))
        else:
            part.draw(figure, plan_tables.attainment(finding, names))
        part.file("plan_attainment", "All contingencies, windows and years")
    if risk:
        part.say(risk)
        table = plan_tables.risk(risk)
        part.fold((f"Table: {table.caption}", table))
    return part.all()


def _road(book: Book, _names: Names) -> list[Block]:
    part = Part(book, "plan-road", "The road map: owners, dates, and what to sign first")
    effort, dates, down = part.find("effort"), part.find("milestones"), part.find("down_payment")
    if effort:
        part.blocks += [Text(warning, "warning") for warning in effort.warnings]
        figure = plan_road(effort, dates, book.run.inputs) if dates else None
        part.draw(figure, plan_roles.efforts(effort))
    if dates:
        table = plan_roles.due(dates)
        if table:
            part.fold((f"Table: {table.caption}, with evidence and what slips", table))
        part.file("milestones", "Every milestone")
    if next(iter(book.named("effort_money")), None):
        part.file("effort_money", "Money of each line of effort by year")
    if down:
        part.say(down, "finding")
        part.blocks.append(plan_roles.payments(down))
    return part.all()


def _roles(book: Book, _names: Names) -> list[Block]:
    part = Part(book, "plan-roles", "Who specialises in what, and who pays for fleets")
    special, fit, pool = (part.find(name) for name in ("specialisation", "fit", "plan_pool"))
    orders = next(iter(book.named("orders")), None)
    if special:
        part.draw(plan_domains(special), plan_roles.domains(special))
    if fit and orders:
        made = plan_roles.fit(fit, orders)
        part.say(fit)
        part.blocks += [made] if made else []
        part.file("fit", "Every buyer and force element")
    entry = part.find("entry_effect")
    if entry:
        part.say(entry)
        table = plan_roles.entering(entry)
        part.fold((f"Table: {table.caption}", table))
    if pool:
        part.say(pool)
        made = plan_roles.pools(pool)
        part.blocks += [made] if made else []
    return part.all()


def _binds(book: Book, _names: Names) -> list[Block]:
    part = Part(book, "plan-binds", "What holds it back, and what risk costs")
    limit, frontier, line = (part.find(name) for name in ("plan_limit", "plan_frontier", "line"))
    if limit:
        figure = plan_limits(limit)
        if figure is None:
            part.say(limit, "finding")
        part.draw(figure, plan_solved.limits(limit))
    caveat = part.find("caveat")
    if caveat:
        part.say(caveat)
        part.blocks += [Text(warning, "warning") for warning in caveat.warnings]
        part.blocks.append(plan_solved.caveats(caveat))
    if line:
        part.say(line)
        made = plan_solved.lines(line)
        if made:
            part.fold((f"Table: {made.caption}", made))
    if frontier:
        part.say(frontier, "finding")
        part.draw(plan_frontier(frontier, book.run.inputs), plan_solved.frontier(frontier))
    return part.all()


def _bridge(book: Book, _names: Names) -> list[Block]:
    part = Part(book, "plan-bridge", "Beside published figures of what replacing the United States costs")
    finding = part.find("replacement")
    if finding:
        part.say(finding, "finding")
        part.blocks += [Text(warning, "warning") for warning in finding.warnings]
        tables = plan_solved.replacement(finding, book.evidence)
        figure = plan_bridge(finding)
        part.blocks += [book.picture(figure, tables[0].name)] if figure else []
        part.fold(*((f"Table: {table.caption}", table) for table in tables))
    return part.all()


def _solved(book: Book, _names: Names) -> list[Block]:
    part = Part(book, "plan-solved", "How well it is solved, and what can be ordered")
    finding, listed = part.find("certificate"), part.find("catalogue")
    if finding:
        part.say(finding)
        part.blocks.append(plan_solved.certificate(finding))
    if listed:
        part.say(listed)
        table = plan_solved.catalogue(listed)
        part.fold((f"Table: {table.caption}: {len(table.rows)} force elements", table))
    return part.all()


_PARTS: Final[tuple[Callable[[Book, Names], list[Block]], ...]] = (
    _buys, _europe, _money, _meets, _road, _roles, _binds, _bridge, _solved,
)  # fmt: skip
