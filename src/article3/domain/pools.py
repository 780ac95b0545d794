"""Pools: fleets that several Allies own or operate together and that hold force elements in their own name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from article3.domain.spellings import Entry, Spellings
from article3.domain.vocabulary import rows


@dataclass(frozen=True, slots=True)
class Pool:
    """A fleet that several Allies own or operate together.

    Parameters
    ----------
    code
        Three capital letters, as for an Ally.
    title
        Name.
    element
        Force element it holds.
    members
        Codes of the Allies in it.
    group
        Group with which its force elements are counted.
    located
        Code of the Ally where its main base is.
    note
        How sure the members are, and why it is counted so.
    """

    code: str
    title: str
    element: str
    members: tuple[str, ...]
    group: str
    located: str
    note: str


@cache
def pools() -> tuple[Pool, ...]:
    """Return all pools that hold force elements, in the order of the file.

    Raises
    ------
    InputError
        ``pools.csv`` breaks its rules.
    """
    return tuple(
        Pool(
            code=row.text("pool"),
            title=row.text("title"),
            element=row.text("element"),
            members=row.items("members"),
            group=row.text("group"),
            located=row.text("located"),
            note=row.text("note"),
        )
        for row in rows("pools")
    )


@cache
def pool_spellings() -> Spellings[Pool]:
    """Return every spelling of the pools.

    Raises
    ------
    InputError
        Two pools claim the same spelling.
    """
    return Spellings("pool", (Entry(item, f"{item.code} ({item.title})", (item.code, item.title)) for item in pools()))


def pool(code: str, where: str = "") -> Pool:
    """Return the pool with a code or name.

    Parameters
    ----------
    code
        Its code (``"MMF"``) or name; case, ``_``, ``-`` and blanks make no difference.
    where
        File and line or option, for the error message.

    Raises
    ------
    UnknownNameError
        There is no such pool; suggests those that may have been meant.

    Examples
    --------
    >>> pool("mmf").located
    'NLD'
    """
    return pool_spellings().get(code, where)
