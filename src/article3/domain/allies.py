"""The Allies: who they are, since when, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from article3.domain.spellings import Entry, Spellings
from article3.domain.vocabulary import rows


@dataclass(frozen=True, slots=True)
class Ally:
    """A member state of the Alliance.

    Parameters
    ----------
    code
        ISO 3166-1 alpha-3 code, upper case.
    name
        NATO's short name in English.
    region
        ``"usa"``, ``"canada"`` or ``"europe"``: the parts between which the burden shifts.
    joined
        First day as a party to the Treaty.
    has_forces
        False for Iceland, which reports no expenditure.
    landlocked
        True where there is no coast, so that no navy can be asked for.
    names
        Accepted spellings beside code and name.
    hints
        Spellings that only lead to a suggestion.
    note
        Remark.
    """

    code: str
    name: str
    region: str
    joined: date
    has_forces: bool
    landlocked: bool
    names: tuple[str, ...]
    hints: tuple[str, ...]
    note: str

    @property
    def label(self) -> str:
        """Code and name, as suggestions and tables show them: ``NLD (Netherlands)``."""
        return f"{self.code} ({self.name})"

    def is_member(self, on: date) -> bool:
        """Return whether the Ally was a party to the Treaty on a day. No Ally has left so far."""
        return self.joined <= on


@cache
def allies() -> tuple[Ally, ...]:
    """Return all present Allies, in the order of NATO's own tables (by English name).

    Raises
    ------
    InputError
        ``allies.csv`` breaks its rules.
    """
    return tuple(
        Ally(
            code=row.text("code"),
            name=row.text("name"),
            region=row.text("region"),
            joined=row.day("joined"),
            has_forces=row.flag("has_forces"),
            landlocked=row.flag("landlocked"),
            names=row.items("names"),
            hints=row.items("hints"),
            note=row.text("note"),
        )
        for row in rows("allies")
    )


@cache
def ally_spellings() -> Spellings[Ally]:
    """Return every spelling of the Allies, accepted or only suggested.

    Raises
    ------
    InputError
        Two Allies claim the same spelling.
    """
    return Spellings(
        "Ally",
        (Entry(item, item.label, (item.code, item.name, *item.names), item.hints) for item in allies()),
    )


def ally(name: str, where: str = "") -> Ally:
    """Return the Ally with a code or name.

    Parameters
    ----------
    name
        ISO code of two or three letters, NATO's name in either of its languages, the Ally's own name or a
        label of NATO's workbooks; case and accents make no difference.
    where
        File and line or option, for the error message.

    Raises
    ------
    UnknownNameError
        No Ally is called that; suggests those that may have been meant.

    Examples
    --------
    >>> ally("türkiye").code
    'TUR'
    >>> ally("Holland")
    Traceback (most recent call last):
        ...
    article3.errors.UnknownNameError: unknown Ally 'Holland'. Did you mean NLD (Netherlands)?
    """
    return ally_spellings().get(name, where)


def members(on: date) -> tuple[Ally, ...]:
    """Return the members of the Alliance on a day; none before 24 August 1949.

    Parameters
    ----------
    on
        The day.

    Examples
    --------
    >>> len(members(date(2024, 3, 7)))
    32
    """
    return tuple(item for item in allies() if item.is_member(on))


def reporting_members(on: date) -> tuple[Ally, ...]:
    """Return the members with armed forces on a day: those who report defence expenditure.

    Parameters
    ----------
    on
        The day.
    """
    return tuple(item for item in members(on) if item.has_forces)
