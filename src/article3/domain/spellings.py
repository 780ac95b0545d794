"""Finds the thing a user means by a name, and says what was meant where the name is wrong.

Two kinds of spelling are kept apart. A *name* is accepted. A *hint* is never accepted, because it is old,
vague or means something else, but it is understood well enough to suggest the right name: ``Holland`` is
refused with ``Did you mean NLD (Netherlands)?``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from article3.errors import Fault, InputError, UnknownNameError

T = TypeVar("T")


def fold(name: str) -> str:
    """Return a name without what does not distinguish names.

    Case, accents, surrounding and repeated blanks, ``_`` and ``-`` against a blank, and the footnote mark
    ``*`` of NATO's tables make no difference: ``" Türkiye* "`` and ``"turkiye"`` fold to the same text.

    Parameters
    ----------
    name
        A name as somebody wrote it.
    """
    bare = _without_accents(_without_accents(name).casefold())
    return " ".join(bare.replace("_", " ").replace("-", " ").split()).strip(" *")


def _without_accents(text: str) -> str:
    # Compatibility forms too: they turn up in text that was copied from a PDF.
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One thing with its spellings.

    Parameters
    ----------
    thing
        What the names stand for.
    label
        How it is suggested: ``"NLD (Netherlands)"``.
    names
        Accepted spellings.
    hints
        Spellings that only lead to a suggestion.
    """

    thing: T
    label: str
    names: tuple[str, ...]
    hints: tuple[str, ...] = ()


class Spellings(Generic[T]):
    """All spellings of one kind of thing.

    Parameters
    ----------
    kind
        What sort of thing it is, for the sentence of an error: ``"Ally"``.
    entries
        The things and their spellings.

    Raises
    ------
    InputError
        Two things claim the same spelling; carries every clash.
    """

    __slots__ = ("_accepted", "_hinted", "kind", "known")

    def __init__(self, kind: str, entries: Iterable[Entry[T]]) -> None:
        self.kind = kind
        self.known: dict[str, str] = {}
        """Every spelling, accepted or not, and the label to suggest for it."""
        self._accepted: dict[str, T] = {}
        self._hinted: dict[str, str] = {}
        owner: dict[str, str] = {}
        faults: list[Fault] = []
        for entry in entries:
            for name in (*entry.names, *entry.hints):
                if owner.setdefault(fold(name), entry.label) != entry.label:
                    both = f"{owner[fold(name)]} and {entry.label}"
                    faults.append(Fault(f"'{name}' stands for two", found=both, expected=f"one {kind}"))
                self.known[name] = entry.label
            self._accepted |= {fold(name): entry.thing for name in entry.names}
            self._hinted |= {fold(hint): entry.label for hint in entry.hints}
        if faults:
            raise InputError(faults)

    def find(self, name: str) -> T | None:
        """Return the thing with an accepted spelling, None where there is none."""
        return self._accepted.get(fold(name))

    def get(self, name: str, where: str = "") -> T:
        """Return the thing with an accepted spelling.

        Parameters
        ----------
        name
            What the user wrote.
        where
            File and line or option, for the error message.

        Raises
        ------
        UnknownNameError
            No thing has this spelling; suggests those that may have been meant.
        """
        thing = self.find(name)
        if thing is None:
            raise UnknownNameError(self.kind, name, self.known_for(name), where)
        return thing

    def known_for(self, name: str) -> dict[str, str]:
        """Return the spellings among which to look for what was meant by a name that is not accepted.

        A hint names exactly one thing, so nothing else that happens to look alike is suggested beside it.
        """
        label = self._hinted.get(fold(name))
        return {name: label} if label is not None else self.known
