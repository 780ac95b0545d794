"""The exception tree: every refusal the program utters.

::

    Article3Error            anything the program says no to; exit code 2 at the command line
    ├── InputError           what a user gave cannot be used; carries every fault found
    │   ├── ScenarioError    ... in a scenario file
    │   ├── ImportFileError  ... in an official file or workbook to import
    │   └── ClaimError       ... in a list of claims
    ├── UnknownNameError     an Ally, pledge, measure ... that does not exist, with suggestions
    ├── AddressError         an address that is not well formed or names nothing
    ├── NotKnownError        asked for something that nobody had published by the as-of date
    ├── UnitError            arithmetic that units or price bases forbid
    ├── EvidenceError        shipped or added evidence breaks its own rules
    ├── CannotWriteError     a file or folder cannot be written (evidence.atomic)
    ├── ProgramError         an optimisation program is put together wrongly (room program)
    ├── SolveError           a solver cannot be used as asked, or gave no value to read (room program)
    └── Cancelled            the user stopped the work; nothing was written

A :class:`Fault` is one problem: what, where, found, expected, how to mend. Errors that can have several
causes carry all of them, so that one run of the program is enough to mend a file.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem with an input.

    Parameters
    ----------
    what
        The problem in one clause.
    where
        File and line, sheet and cell, or option; empty when there is no such place.
    found, expected
        What stands there and what should; empty when it does not apply.
    mend
        What the user can do about it.
    """

    what: str
    where: str = ""
    found: str = ""
    expected: str = ""
    mend: str = ""

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.found:
            parts.append(f"found {self.found}")
        if self.expected:
            parts.append(f"expected {self.expected}")
        text = "; ".join(parts)
        return f"{text}. {self.mend}" if self.mend else f"{text}."


class Article3Error(Exception):
    """Anything the program says no to, in a sentence for the user."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All problems found, at least one."""
        return (Fault(str(self).rstrip(".")),)


class InputError(Article3Error):
    """What a user gave cannot be used.

    Parameters
    ----------
    faults
        One fault, or all that were found.
    """

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self._faults = (faults,) if isinstance(faults, Fault) else tuple(faults)
        if not self._faults:
            raise ValueError("an InputError needs at least one fault")
        super().__init__("\n".join(str(fault) for fault in self._faults))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All problems found, in the order of the input."""
        return self._faults


class ScenarioError(InputError):
    """A scenario file cannot be used."""


class ImportFileError(InputError):
    """An official file or a workbook cannot be imported; nothing of it was."""


class ClaimError(InputError):
    """A list of claims cannot be used."""


class AddressError(InputError):
    """An address is not well formed or names nothing."""


class EvidenceError(InputError):
    """Evidence breaks the rules of the long table."""


class NotKnownError(InputError):
    """Nobody had published what was asked for by the as-of date."""


class UnitError(InputError):
    """Arithmetic that units or price bases forbid."""


class UnknownNameError(InputError):
    """A name that does not exist.

    Parameters
    ----------
    kind
        What sort of name it is, for the sentence: ``"Ally"``, ``"pledge"``.
    name
        What the user wrote.
    known
        Names that exist, or a mapping from every accepted spelling to the name to suggest.
    where
        File and line or option, if known.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str] | dict[str, str], where: str = "") -> None:
        self.kind, self.name = kind, name
        self.suggestions = suggest(name, known)
        super().__init__(unknown_name_fault(kind, name, known, where))


class Cancelled(Article3Error):  # noqa: N818 - a state, not an error of anyone's
    """The user stopped the work; nothing was written."""


def suggest(name: str, known: Iterable[str] | dict[str, str], count: int = 3) -> tuple[str, ...]:
    """Return the names the user may have meant, best first.

    Parameters
    ----------
    name
        What was written.
    known
        Names that exist, or a mapping from every accepted spelling to the name to suggest.
    count
        How many suggestions at most.
    """
    table = known if isinstance(known, dict) else {item: item for item in known}
    folded = {spelling.casefold(): target for spelling, target in table.items()}
    close = difflib.get_close_matches(name.casefold(), folded, n=count * 2, cutoff=0.6)
    return tuple(dict.fromkeys(folded[spelling] for spelling in close))[:count]


def unknown_name_fault(kind: str, name: str, known: Iterable[str] | dict[str, str], where: str = "") -> Fault:
    """Return the fault for a name that does not exist, with a suggestion or the names there are."""
    close = suggest(name, known)
    if close:
        mend = f"Did you mean {' or '.join(close)}?"
    else:
        names = list(dict.fromkeys(known.values() if isinstance(known, dict) else known))
        shown = ", ".join(names[:40])
        mend = f"Known: {shown}{', ...' if len(names) > 40 else ''}."
    return Fault(f"unknown {kind} '{name}'", where=where, mend=mend)
