"""Blocks a section is made of: paragraphs, lists, figures, tables; and the book they are taken from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from article3.domain import Pledge
from article3.errors import AddressError
from article3.evidence.findings import Finding, Sentence, sentence
from article3.evidence.store import Evidence
from article3.report.drawing import NARROW, WIDE, Canvas, Figure, svg
from article3.report.levels import binds_all
from article3.report.markup import Head, Table, csv_link, sentence_html
from article3.report.sources import Findings
from article3.report.words import capital
from article3.run.analysis import Run

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; ``css`` says which voice."""

    html: Markup | str
    css: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section."""

    name: str
    title: str
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Points:
    """A list."""

    items: tuple[Markup | str, ...]
    css: str = ""
    kind: str = "points"


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as the template sets it: once for wide pages and paper, once for phones."""

    name: str
    title: Markup
    subtitle: str
    source: str
    wide: Markup
    narrow: Markup
    csv: tuple[str, str]
    table: str
    kind: str = "figure"


Block = Text | Heading | Points | Picture | Table


@dataclass(slots=True)
class Section:
    """A section of the page."""

    name: str
    title: str
    blocks: list[Block] = field(default_factory=list)


class Book:
    """A run, opened for writing a page about it."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.findings: Findings = {
            (finding.name, finding.when): [
                other for other in run.findings if (other.name, other.when) == (finding.name, finding.when)
            ]
            for finding in run.findings
        }
        self.evidence: Evidence = run.inputs.evidence
        self.titles: Mapping[str, str] = {
            name: definition.title for name, definition in self.evidence.definitions.items()
        }
        self.pledges: Mapping[str, Pledge] = {pledge.id: pledge for pledge in run.inputs.pledges}
        self.drawn: list[str] = []

    def named(self, name: str) -> list[Finding]:
        """Return all findings of one table, in the run's order."""
        return [finding for finding in self.run.findings if finding.name == name]

    def find(self, name: str, part: str, when: str = "") -> Finding | None:
        """Return a finding, or nothing where the run has none."""
        try:
            return self.run.find(name, part, when)
        except AddressError:
            return None

    def ledger(self, part: str) -> Finding | None:
        """Return the ledger of a pledge."""
        return self.find("pledge", part)

    def count(self, ledger: Finding) -> Finding | None:
        """Return the count of a pledge as known on the date of its ledger, if it binds the whole Alliance."""
        return self.find("count", ledger.part, ledger.when) if binds_all(self.run, ledger) else None

    def said(self, text: Sentence, css: str = "") -> Text:
        """Return a sentence as a paragraph whose numbers keep their addresses."""
        return Text(sentence_html(text, self.findings), css)

    def picture(self, figure: Figure, table: str) -> Picture:
        """Draw a figure for the page.

        Parameters
        ----------
        figure
            The figure.
        table
            Anchor of the table that holds the same numbers.
        """
        name = figure.name.replace("_", "-")
        name = f"{name}-{self.drawn.count(name) + 1}" if name in self.drawn else name
        self.drawn.append(figure.name.replace("_", "-"))
        first, *rest = figure.title.parts
        title = sentence(capital(first) if isinstance(first, str) else first, *rest)
        return Picture(
            f"figure-{name}",
            sentence_html(title, self.findings),
            figure.subtitle,
            figure.source,
            _inline(figure, WIDE, f"{name}-w-", "wide"),
            _inline(figure, NARROW, f"{name}-n-", "narrow"),
            csv_link(figure.table, name),
            table,
        )


def _inline(figure: Figure, canvas: Canvas, prefix: str, css: str) -> Markup:
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    drawn = svg(figure.bare(canvas), prefix)
    head = f'<svg class="{css}" role="img" aria-label="{escape(figure.summary)}" '
    return Markup(drawn.replace("<svg ", head, 1))  # noqa: S704 - the renderer escapes text


def plain_table(name: str, caption: str, heads: Sequence[str], rows: Iterable[Sequence[Markup | str]]) -> Table:
    """Return a table of words, without numbers of findings."""
    from markupsafe import escape  # noqa: PLC0415 - loads with the page

    body = tuple(tuple(escape(item) for item in row) for row in rows)
    return Table(name, caption, tuple(Head(head, "", False) for head in heads), body, (), (), "", ("", ""))
