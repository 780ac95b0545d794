"""Standing: how far a number may be trusted, by where it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Standing(StrEnum):
    """How far a number may be trusted, from best to worst.

    The members order by trust, not by the alphabet as plain text would: ``Standing.OFFICIAL <
    Standing.NOTIONAL``, and ``max`` of several standings is the worst of them. The order means "no better
    than": a figure is never shown with a better standing than its worst input. A table's text column has to
    be turned into members (or sorted by :attr:`rank`) before it is ordered.
    """

    OFFICIAL = "official"
    """Read from an official file."""

    REPORTED = "reported"
    """A third party's copy, the press, or a published study."""

    ESTIMATED = "estimated"
    """Computed by us from evidence, with a stated method."""

    YOURS = "yours"
    """The user's own figure."""

    NOTIONAL = "notional"
    """An illustrative assumption."""

    @property
    def rank(self) -> int:
        """Place in the order: 0 for the best, 4 for the worst."""
        return _RANKS[self.value]

    def __lt__(self, other: str) -> bool:
        """Return whether this is better than the other."""
        return self.rank < Standing(other).rank

    def __le__(self, other: str) -> bool:
        """Return whether this is no worse than the other."""
        return self.rank <= Standing(other).rank

    def __gt__(self, other: str) -> bool:
        """Return whether this is worse than the other."""
        return self.rank > Standing(other).rank

    def __ge__(self, other: str) -> bool:
        """Return whether this is no better than the other."""
        return self.rank >= Standing(other).rank


_RANKS = {standing.value: rank for rank, standing in enumerate(Standing)}


def worst(standings: Iterable[Standing]) -> Standing:
    """Return the worst of some standings, which is the standing of anything computed from them.

    Parameters
    ----------
    standings
        At least one standing.

    Raises
    ------
    ValueError
        If there is none: a result without inputs has no standing to inherit.
    """
    found = tuple(standings)
    if not found:
        raise ValueError("the worst of no standings is not defined")
    return max(found, key=lambda standing: standing.rank)
