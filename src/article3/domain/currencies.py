"""The currencies of the Allies since 1999 and the rates at which they changed into the euro.

A published series in national currency is expressed in the currency of its release, so that the series of an
Ally jumps between two releases where the currency changed in between (HRV in 2023 by 7.53450, BGR in 2026 by
1.95583).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise

from article3.domain.allies import ally
from article3.domain.vocabulary import rows
from article3.errors import Fault, InputError


@dataclass(frozen=True, slots=True)
class Currency:
    """The currency of an Ally over a stretch of days.

    Parameters
    ----------
    ally
        Code of the Ally.
    code
        ISO 4217 code.
    name
        Name in English.
    start, end
        First and last day covered; ``end`` is None for the currency in use.
    rate_to_next
        Units of this currency per unit of the next, fixed by law; None for the currency in use.
    source
        Legal act or standard.
    note
        Remark.
    """

    ally: str
    code: str
    name: str
    start: date
    end: date | None
    rate_to_next: float | None
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Changeover:
    """The replacement of one currency by another.

    Parameters
    ----------
    ally
        Code of the Ally.
    from_currency, to_currency
        ISO 4217 codes.
    on
        First day of the new currency.
    rate
        Units of the old currency per unit of the new one.
    source
        Legal act.
    """

    ally: str
    from_currency: str
    to_currency: str
    on: date
    rate: float
    source: str


@cache
def currencies() -> tuple[Currency, ...]:
    """Return the currencies of all Allies, each Ally's in the order of time.

    Raises
    ------
    InputError
        ``currencies.csv`` breaks its rules.
    """
    return tuple(
        Currency(
            ally=row.text("ally"),
            code=row.text("currency"),
            name=row.text("name"),
            start=row.day("start"),
            end=row.day_or_none("end"),
            rate_to_next=row.number_or_none("rate_to_next"),
            source=row.text("source"),
            note=row.text("note"),
        )
        for row in rows("currencies")
    )


def currency(name: str, on: date) -> Currency:
    """Return the currency of an Ally on a day.

    Parameters
    ----------
    name
        Code or name of the Ally.
    on
        The day, on or after 1 January 1999 (later for BGR, MNE, ROU and TUR: first day of the present unit).

    Raises
    ------
    UnknownNameError
        There is no such Ally.
    InputError
        The table does not reach back to that day.

    Examples
    --------
    >>> currency("HRV", date(2022, 12, 31)).code, currency("HRV", date(2023, 1, 1)).code
    ('HRK', 'EUR')
    """
    code = ally(name).code
    own = [item for item in currencies() if item.ally == code]
    for item in own:
        if item.start <= on and (item.end is None or on <= item.end):
            return item
    known = f"a day from {own[0].start.isoformat()} on"
    raise InputError(Fault(f"no currency recorded for {code}", found=on.isoformat(), expected=known))


def changeovers() -> tuple[Changeover, ...]:
    """Return all changes of currency since 1999, by Ally.

    Examples
    --------
    >>> [(item.ally, item.rate) for item in changeovers() if item.on.year >= 2020]
    [('BGR', 1.95583), ('HRV', 7.5345)]
    """
    return tuple(
        Changeover(old.ally, old.code, new.code, new.start, old.rate_to_next, old.source)
        for old, new in pairwise(currencies())
        if old.ally == new.ally and old.rate_to_next is not None
    )
