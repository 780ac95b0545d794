"""The section on the gap: what can be met with, with less of and without the United States, and what would help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from article3.evidence.findings import Finding
from article3.report import gap_choices, gap_inputs, gap_tables
from article3.report.blocks import Block, Book, Heading, Points, Section, Text
from article3.report.drawing import Figure
from article3.report.gap_figures import gap_coverage, gap_ladder
from article3.report.gap_matrix import gap_matrix
from article3.report.gap_returns import gap_returns
from article3.report.gap_shares import gap_shares
from article3.report.gap_words import Names
from article3.report.markup import Table, sentence_html

if TYPE_CHECKING:
    from markupsafe import Markup

SHOWN: Final = (
    "attainment", "coverage", "twice", "european_share", "preponderance", "us_cut", "us_cut_case", "cut_cost",
    "multiplier", "package", "flip", "published_set", "holding", "requirement",
)  # fmt: skip
"""Findings that this section shows."""

_EXPORT: Final = "article3 evidence export --workbook FILE.xlsx"


def gap(book: Book) -> Section | None:
    """Return the section on the gap; nothing for a run without contingencies."""
    found = _found(book, "attainment")
    if found is None or found.table.height == 0:
        return None
    names = Names.of(book.run.inputs)
    section = Section("gap", "The gap: what can be met")
    section.blocks += _matrix(book, found, names)
    for part in (_short, _ladder, _twice, _cuts, _investments, _shares, _published, _inputs):
        section.blocks += part(book, names)
    return section


def says(book: Book) -> Markup | None:
    """Return the headline of the gap for the top of the page, with a way to its section."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    found = _found(book, "attainment")
    if found is None or not found.sentence.parts:
        return None
    return Markup('<a href="#gap">The gap</a>, on reported and illustrative requirements. {}').format(
        sentence_html(found.sentence, book.findings)
    )


def _found(book: Book, name: str) -> Finding | None:
    return next(iter(book.named(name)), None)


def _drawn(book: Book, figure: Figure | None, table: Table) -> list[Block]:
    """Return a figure and the table that holds the same numbers, behind its title."""
    return [*([book.picture(figure, table.name)] if figure else []), _fold((f"Table: {table.caption}", table))]


def _fold(*items: tuple[str, Table]) -> Points:
    return Points(gap_inputs.folded(items), "gap-folds")


def _sentence(book: Book, finding: Finding, css: str = "finding") -> list[Block]:
    return [book.said(finding.sentence, css)] if finding.sentence.parts else []


def _matrix(book: Book, finding: Finding, names: Names) -> list[Block]:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    caution, *rest = finding.warnings or ("",)
    mine = Markup(
        "Requirements are reported or illustrative: NATO's own are classified. Replace them with yours: "
        "<code>{}</code>. {}"
    ).format(_EXPORT, caution)
    blocks: list[Block] = [*_sentence(book, finding), Text(mine, "warning")]
    blocks += [Text(text, "warning") for text in rest]
    if not (finding.table["us_only"] != "").any():
        blocks.append(Text("No capability required here is the United States' alone: something else gives at least a "
                           "part of each."))  # fmt: skip
    figure, table = gap_matrix(finding, book.run.inputs), gap_tables.attainment(finding, names)
    return [*blocks, *([book.picture(figure, table.name)] if figure else []), table]


def _short(book: Book, _names: Names) -> list[Block]:
    finding = _found(book, "coverage")
    figure = gap_coverage(finding, book.run.inputs) if finding else None
    if finding is None or figure is None:
        return []
    text = (
        "The share met above asks how far all essential requirements can be served together. Coverage spreads what is "
        "scarce so that risk is least, and so one of them may be covered less than that share."
    )
    blocks: list[Block] = [Heading("gap-short", "Where it falls short"), *_sentence(book, finding), Text(text, "note")]
    blocks += _drawn(book, figure, gap_tables.coverage(finding, book.run.inputs))
    return [*blocks, Text(_file("coverage", "Coverage of every requirement, in all situations and windows"), "note")]


def _ladder(book: Book, names: Names) -> list[Block]:
    finding, flip = _found(book, "coverage"), _found(book, "flip")
    figure = gap_ladder(finding, flip, book.run.inputs) if finding else None
    blocks: list[Block] = [Heading("gap-ladder", "What binds first, and at which number that turns")]
    if finding and figure:
        blocks += _drawn(book, figure, gap_tables.ladder(finding, flip, book.run.inputs))
    turns = gap_tables.flips(flip, names) if flip else None
    if turns and flip:
        blocks += [turns, Text(_file("flip", "Flip numbers of every requirement"), "note")]
    return blocks if len(blocks) > 1 else []


def _twice(book: Book, names: Names) -> list[Block]:
    finding = _found(book, "twice")
    made = gap_tables.twice(finding, names) if finding and finding.table.height else None
    if finding is None or made is None:
        return []
    return [
        Heading("gap-twice", "What is claimed twice"), *_sentence(book, finding), _fold((made.caption, made)),
        Text(_file("twice", "All situations, windows and postures"), "note"),
    ]  # fmt: skip


def _cuts(book: Book, names: Names) -> list[Block]:
    finding, cost = _found(book, "us_cut"), _found(book, "cut_cost")
    if finding is None or finding.table.height == 0:
        return []
    blocks: list[Block] = [Heading("gap-cuts", finding.title), *_sentence(book, finding)]
    blocks += [Text(warning, "warning") for warning in finding.warnings]
    blocks += [gap_choices.cuts(finding, names), Text(_file("us_cut_case", "Contingency by contingency"), "note")]
    made = gap_choices.costs(cost, names) if cost else None
    return [*blocks, *_sentence(book, cost, ""), made] if cost and made else blocks


def _investments(book: Book, names: Names) -> list[Block]:
    finding, package = _found(book, "multiplier"), _found(book, "package")
    made = gap_choices.investments(finding, names) if finding and finding.table.height else None
    if finding is None or made is None:
        return []
    blocks: list[Block] = [Heading("gap-returns", "Where a modest investment buys most"), *_sentence(book, finding)]
    blocks += [Text(warning, "warning") for warning in (package.warnings if package else ())]
    blocks += _drawn(book, gap_returns(finding, package, book.run.inputs), made)
    if package:
        members = gap_choices.package(package, names)
        blocks += [*_sentence(book, package, ""), members] if members else []
    return blocks


def _shares(book: Book, names: Names) -> list[Block]:
    finding, used = _found(book, "european_share"), _found(book, "preponderance")
    blocks: list[Block] = [Heading("gap-shares", "Europe's share, and of what")]
    if finding and finding.table.height:
        blocks += _sentence(book, finding)
        blocks += [Text(warning, "warning") for warning in finding.warnings]
        blocks += _drawn(book, gap_shares(finding), gap_choices.shares(finding, names))
        blocks.append(Text(_file("european_share", "Europe's share of every requirement"), "note"))
    if used and used.table.height:
        blocks += [*_sentence(book, used, ""), gap_choices.preponderance(used, names)]
    return blocks if len(blocks) > 1 else []


def _published(book: Book, _names: Names) -> list[Block]:
    finding = _found(book, "published_set")
    if finding is None or finding.table.height == 0:
        return []
    blocks: list[Block] = [Heading("gap-published", "Beside published requirements"), *_sentence(book, finding)]
    beside, alone = (gap_inputs.published(finding, book.run.inputs, beside=side) for side in (True, False))
    blocks += [beside] if beside else []
    if alone:
        title = f"{len(alone.rows)} published lines beside which nothing of ours stands, and why"
        blocks.append(_fold((title, alone)))
    return blocks


def _inputs(book: Book, names: Names) -> list[Block]:
    required, held = _found(book, "requirement"), _found(book, "holding")
    blocks: list[Block] = [Heading("gap-inputs", "What goes in")]
    if required and required.table.height:
        blocks += [*_sentence(book, required, ""), _fold(*gap_inputs.requirements(required, names))]
        blocks.append(Text(_sources(required, book, "requirement"), "note"))
    if held and held.table.height:
        title = f"Holdings of {held.table['element'].n_unique()} force elements"
        blocks += [*_sentence(book, held, ""), _fold((title, gap_inputs.holdings(held)))]
        blocks.append(Text(_sources(held, book, "holding"), "note"))
    return blocks if len(blocks) > 1 else []


def _sources(finding: Finding, book: Book, table: str) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    words = gap_inputs.source_words(finding, book.evidence)
    return Markup("{} {}").format(_file(table, "With low, high and remarks"), f"Sources: {words}." if words else "")


def _file(table: str, words: str) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    return Markup('{0}: <a href="tables/{1}.csv">tables/{1}.csv</a> in the run folder beside this page.').format(
        words, table
    )
