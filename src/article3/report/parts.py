"""One part of a section: a heading that stands only where something follows, findings, figures, folded tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from article3.evidence.findings import Finding
from article3.report.blocks import Block, Book, Heading, Points, Text
from article3.report.drawing import Figure
from article3.report.gap_inputs import folded
from article3.report.markup import Table

if TYPE_CHECKING:
    from markupsafe import Markup


class Part:
    """One part of a section: its heading stands only where something follows."""

    def __init__(self, book: Book, name: str, title: str) -> None:
        self.book, self.heading, self.blocks = book, Heading(name, title), list[Block]()

    def all(self) -> list[Block]:
        """Return heading and blocks."""
        return [self.heading, *self.blocks] if self.blocks else []

    def find(self, name: str) -> Finding | None:
        """Return a finding; where its table is empty that is said, and nothing returned."""
        finding = next(iter(self.book.named(name)), None)
        if finding is not None and finding.table.height == 0:
            self.blocks.append(Text(f"{finding.title}: nothing in this run.", "note"))
            return None
        return finding

    def say(self, finding: Finding, css: str = "") -> None:
        """Add the sentence of a finding and its cautions."""
        self.blocks += [self.book.said(finding.sentence, css)] if finding.sentence.parts else []

    def draw(self, figure: Figure | None, table: Table) -> None:
        """Add a figure, with the table that holds the same numbers behind its title."""
        self.blocks += [self.book.picture(figure, table.name)] if figure else []
        self.fold((f"Table: {table.caption}", table))

    def fold(self, *items: tuple[str, Table]) -> None:
        """Add tables behind their titles."""
        self.blocks.append(Points(folded(items), "gap-folds"))

    def file(self, table: str, words: str) -> None:
        """Say where the whole table is."""
        self.blocks.append(Text(file_words(table, words), "note"))


def file_words(table: str, words: str) -> Markup:
    """Return where a whole table is, with a way to it."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    return Markup('{0}: <a href="tables/{1}.csv">tables/{1}.csv</a> in the run folder beside this page.').format(
        words, table
    )
