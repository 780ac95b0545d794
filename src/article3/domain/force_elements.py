"""Force elements: the countable things that give a capability, and what counts as one of each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from article3.domain.spellings import Entry, Spellings
from article3.domain.vocabulary import rows


@dataclass(frozen=True, slots=True)
class ForceElement:
    """A countable thing that gives a capability.

    Parameters
    ----------
    id
        Name in lower case.
    title
        Heading.
    domain
        Where its main effect lies: ``"land"``, ``"air"``, ``"lift"`` ...
    unit
        What one of it is: ``"aircraft"``, ``"battery"``, ``"round"`` ...
    definition
        What is counted, and what is not.
    multi_role
        Other capabilities it can serve, each named by the element that gives it like with like. A unit serves
        one at a time.
    part_of
        Larger elements that contain it: the two are never counted in one contingency.
    rival
        Whether a unit used in one contingency is missing in another that runs at once.
    consumable
        Whether it is a stock that is used up.
    inventory
        Categories of the inventories table that count it, often more widely; empty where nothing is public.
    note
        Remark.
    """

    id: str
    title: str
    domain: str
    unit: str
    definition: str
    multi_role: tuple[str, ...]
    part_of: tuple[str, ...]
    rival: bool
    consumable: bool
    inventory: tuple[str, ...]
    note: str


@cache
def force_elements() -> tuple[ForceElement, ...]:
    """Return all force elements, in the order of the file.

    Raises
    ------
    InputError
        ``force_elements.csv`` breaks its rules.
    """
    return tuple(
        ForceElement(
            id=row.text("element"),
            title=row.text("title"),
            domain=row.text("domain"),
            unit=row.text("unit"),
            definition=row.text("definition"),
            multi_role=row.items("multi_role"),
            part_of=row.items("part_of"),
            rival=row.flag("rival"),
            consumable=row.flag("consumable"),
            inventory=row.items("inventory"),
            note=row.text("note"),
        )
        for row in rows("force_elements")
    )


@cache
def _element_spellings() -> Spellings[ForceElement]:
    return Spellings("force element", (Entry(item, item.id, (item.id, item.title)) for item in force_elements()))


def force_element(name: str, where: str = "") -> ForceElement:
    """Return the force element with a name.

    Parameters
    ----------
    name
        Its name (``"sam_long"``) or heading; case, ``_``, ``-`` and blanks make no difference.
    where
        File and line or option, for the error message.

    Raises
    ------
    UnknownNameError
        There is no such force element; suggests those that may have been meant.
    """
    return _element_spellings().get(name, where)
