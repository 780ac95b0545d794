"""Pledges: what Allies promised one another, or announced for themselves, in a form that can be judged.

A pledge such as that of Wales has several *legs* (2 % of GDP; 20 % on equipment). Each leg is one
:class:`Pledge`; the legs of one promise share a *family*.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from article3.domain.allies import ally
from article3.domain.groups import expand
from article3.domain.spellings import Entry, Spellings
from article3.domain.vocabulary import rows


@dataclass(frozen=True, slots=True)
class Pledge:
    """One measurable leg of a pledge.

    Parameters
    ----------
    id
        Name in lower case.
    family
        Name of the promise it is a leg of.
    title
        Heading.
    measure
        Measure of the evidence table it is judged on.
    op
        How the value compares with the level: ``">="``.
    level_pct
        Level promised, in percent (of GDP, of defence expenditure, or a year, as the measure has it).
    applies
        ``"by_deadline"``: the level is to be reached by the deadline. ``"every_year"``: it is to be met in
        each year from :attr:`first_year` to the deadline.
    agreed
        Day it was agreed or announced.
    base_year
        Last year before it binds.
    deadline
        Year by which, or last year in which, it is judged.
    review
        Year of the agreed review; None where none was agreed.
    members
        Groups and codes of those it binds.
    exceptions
        Codes of Allies that declared otherwise when it was agreed. They stay parties to the text, of which
        NATO's Secretary General said that it has no exemptions.
    definition
        Definition of expenditure it is judged on: ``"nato_definition"`` or ``"core_defence_2026"``.
    text
        The promise in our own words.
    clauses
        Further promises that can be checked, such as ``"halt_decline"``.
    milestones
        Steps named on the way; empty where the promise names none.
    national
        Whether one Ally promised it for itself.
    source_ids
        Sources, the main one first.
    standing
        ``"official"``, ``"reported"``, ``"estimated"`` or ``"notional"``.
    note
        What a reader must know before quoting a verdict.
    """

    id: str
    family: str
    title: str
    measure: str
    op: str
    level_pct: float
    applies: str
    agreed: date
    base_year: int
    deadline: int
    review: int | None
    members: tuple[str, ...]
    exceptions: tuple[str, ...]
    definition: str
    text: str
    clauses: tuple[str, ...]
    milestones: tuple[str, ...]
    national: bool
    source_ids: tuple[str, ...]
    standing: str
    note: str

    @property
    def source_id(self) -> str:
        """The main source."""
        return self.source_ids[0]

    @property
    def first_year(self) -> int:
        """First year that can be judged: the one after the base year."""
        return self.base_year + 1

    def parties(self, on: date | None = None, *, with_exceptions: bool = True) -> tuple[str, ...]:
        """Return the codes of the Allies it binds, in the order of NATO's tables.

        Allies without armed forces are left out: nothing can be measured of them.

        Parameters
        ----------
        on
            Only those who were Allies on this day; None for the present members.
        with_exceptions
            Whether to keep the Allies that declared otherwise.
        """
        out = () if with_exceptions else self.exceptions
        return tuple(code for code in expand(self.members, on) if ally(code).has_forces and code not in out)


@dataclass(frozen=True, slots=True)
class PledgeSource:
    """Where the text of a pledge was read.

    Parameters
    ----------
    id
        Name in lower case.
    producer, title
        Who published it, and what.
    published
        Day, month or year of publication, as far as known: ``"2017-02"``.
    url, licence, citation
        Address, terms and full citation.
    standing
        Standing of what is read from it.
    """

    id: str
    producer: str
    title: str
    published: str
    url: str
    licence: str
    citation: str
    standing: str


@cache
def _all_pledges() -> tuple[Pledge, ...]:
    return tuple(
        Pledge(
            id=row.text("pledge"),
            family=row.text("family"),
            title=row.text("title"),
            measure=row.text("measure"),
            op=row.text("op"),
            level_pct=row.number("level_pct"),
            applies=row.text("applies"),
            agreed=row.day("agreed"),
            base_year=row.year("base_year"),
            deadline=row.year("deadline"),
            review=row.year_or_none("review"),
            members=row.items("members"),
            exceptions=row.items("exceptions"),
            definition=row.text("definition"),
            text=row.text("text"),
            clauses=row.items("clauses"),
            # "none" is written out in the file: it says that the text was read and names no step.
            milestones=tuple(item for item in row.items("milestones") if item != "none"),
            national=row.flag("national"),
            source_ids=row.items("source_ids"),
            standing=row.text("standing"),
            note=row.text("note"),
        )
        for row in rows("pledges")
    )


@cache
def _pledge_spellings() -> Spellings[Pledge]:
    return Spellings("pledge", (Entry(item, item.id, (item.id,)) for item in _all_pledges()))


def pledges(as_of: date | None = None) -> tuple[Pledge, ...]:
    """Return the legs of all pledges, oldest first.

    Parameters
    ----------
    as_of
        Only those agreed by this day; None for all.

    Raises
    ------
    InputError
        ``pledges.csv`` breaks its rules.
    """
    return tuple(item for item in _all_pledges() if as_of is None or item.agreed <= as_of)


def pledge(name: str, where: str = "") -> Pledge:
    """Return one leg of a pledge.

    Parameters
    ----------
    name
        Its name, such as ``"wales_2014"``; case, ``_``, ``-`` and blanks make no difference.
    where
        File and line or option, for the error message.

    Raises
    ------
    UnknownNameError
        There is no such pledge; suggests those that may have been meant.
    """
    return _pledge_spellings().get(name, where)


def families(as_of: date | None = None) -> dict[str, tuple[Pledge, ...]]:
    """Return the legs of every pledge by the name of its family, oldest first.

    Parameters
    ----------
    as_of
        Only those agreed by this day; None for all.
    """
    known = pledges(as_of)
    names = dict.fromkeys(item.family for item in known)
    return {name: tuple(item for item in known if item.family == name) for name in names}


@cache
def pledge_sources() -> tuple[PledgeSource, ...]:
    """Return the sources of all pledges.

    Raises
    ------
    InputError
        ``pledge_sources.csv`` breaks its rules.
    """
    return tuple(
        PledgeSource(
            id=row.text("source_id"),
            producer=row.text("producer"),
            title=row.text("title"),
            published=row.text("published"),
            url=row.text("url"),
            licence=row.text("licence"),
            citation=row.text("citation"),
            standing=row.text("standing"),
        )
        for row in rows("pledge_sources")
    )
