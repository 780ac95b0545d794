"""Capabilities: the effects contingencies require, each in the unit of the element that gives it like with like."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from article3.domain.spellings import Entry, Spellings
from article3.domain.vocabulary import rows


@dataclass(frozen=True, slots=True)
class Capability:
    """An effect that a contingency requires.

    Parameters
    ----------
    id
        Name in lower case.
    title
        Heading.
    domain
        Where the effect lies, as for force elements.
    unit
        What one unit of a requirement is: that of :attr:`element`.
    element
        Force element that gives it like with like; others may give it in part.
    definition
        What the effect is.
    """

    id: str
    title: str
    domain: str
    unit: str
    element: str
    definition: str


@cache
def capabilities() -> tuple[Capability, ...]:
    """Return all capabilities, in the order of the file.

    Raises
    ------
    InputError
        ``capabilities.csv`` breaks its rules.
    """
    return tuple(
        Capability(
            id=row.text("capability"),
            title=row.text("title"),
            domain=row.text("domain"),
            unit=row.text("unit"),
            element=row.text("element"),
            definition=row.text("definition"),
        )
        for row in rows("capabilities")
    )


@cache
def capability_spellings() -> Spellings[Capability]:
    """Return every spelling of the capabilities.

    Raises
    ------
    InputError
        Two capabilities claim the same spelling.
    """
    return Spellings("capability", (Entry(item, item.id, (item.id, item.title)) for item in capabilities()))


def capability(name: str, where: str = "") -> Capability:
    """Return the capability with a name.

    Parameters
    ----------
    name
        Its name (``"air_refuelling"``) or heading; case, ``_``, ``-`` and blanks make no difference.
    where
        File and line or option, for the error message.

    Raises
    ------
    UnknownNameError
        There is no such capability; suggests those that may have been meant.

    Examples
    --------
    >>> capability("Air-to-air refuelling").element
    'tanker'
    """
    return capability_spellings().get(name, where)
