"""The answer when no plan exists: what clashes in words, by how much, and the smallest ways out.

Without limits to be held a plan always exists: ordering nothing. Only goals that are ``hard`` and targets can be
impossible; an envelope of nought and deliveries beyond the horizon are refused too, because no order is no plan.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from article3.errors import Fault
from article3.evidence.findings import Finding, frame, sentence, worst_standing
from article3.plan.bare import bare, clash, possible
from article3.plan.clash_words import clash_text, title, where
from article3.plan.described import columns
from article3.plan.errors import ImpossiblePlanError
from article3.plan.lacking import Lack, lacking, violations
from article3.plan.make import Asked
from article3.plan.problem import BILLION
from article3.plan.ways import FACTORS, Way, Ways

FAMILY: Final = {
    "people": "growth of forces", "commitment": "what may be ordered and not yet paid", "money": "envelopes",
    "lines": "what lines can make", "lead_times": "lead times",
}  # fmt: skip

LONGEST: Final = 200
"""Characters of what to write into the scenario that are told in a message."""

SAME: Final = 1e-6
"""Billions of US$ that are no difference."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Why there is no plan.

    Parameters
    ----------
    where
        What of the scenario it is about.
    text
        The clash in one sentence, without a full stop.
    kept, families
        What is asked that clashes, by name of its rows, and with which families of limits.
    lacks
        Least violations with which everything fits, the largest part of a limit first.
    ways
        Ways out, the smallest first.
    """

    where: str
    text: str
    kept: tuple[str, ...]
    families: tuple[str, ...]
    lacks: tuple[Lack, ...]
    ways: tuple[Way, ...]

    @property
    def fault(self) -> Fault:
        """The clash as a fault, with the ways out as its mend."""
        told = [f"({number}) {_told(way)}" for number, way in enumerate(self.ways, start=1)]
        head = {0: "No way out was found", 1: "One way out was found", 2: "Two ways out were found, the smaller first"}
        start = head.get(len(told), "Ways out, the smallest first")
        return Fault(self.text, self.where, mend=f"{start}{': ' if told else ''}{'; '.join(told)}.")


def check(asked: Asked) -> None:
    """Refuse a question that has no plan.

    Parameters
    ----------
    asked
        What is asked.

    Raises
    ------
    ImpossiblePlanError
        There is no plan; carries what clashes, and the smallest ways out, each proven by solving.
    """
    faults = tuple(nothing(asked))
    if faults:
        raise ImpossiblePlanError(faults)
    found = answer(asked)
    if found is not None:
        raise ImpossiblePlanError(found.fault)


def explained(asked: Asked, when: str = "") -> Finding:
    """Return why there is no plan as a table: the clash, the least violation and the ways out; empty if there is one.

    Parameters
    ----------
    asked
        What is asked.
    when
        Date and scenario for the addresses; the as-of date where nothing is given.
    """
    faults = tuple(nothing(asked))
    found = None if faults else answer(asked)
    rows: list[dict[str, Any]] = [_row("clash", place, str(fault)) for place, fault in enumerate(faults, start=1)]
    said = " ".join(str(fault) for fault in faults)
    if found is not None:
        said = f"{found.text}."
        names = [*(title(asked, name) for name in found.kept), *(FAMILY[name] for name in found.families)]
        rows += [_row("clash", place, name) for place, name in enumerate(names, start=1)]
        rows += [_row("violation", n, item.what, item.amount, item.unit) for n, item in enumerate(found.lacks, start=1)]
        for place, way in enumerate(found.ways, start=1):
            new = way.change
            more = {"smallness": new.smallness, "change": new.key, "proven": way.proven}
            rows.append(_row("way_out", place, new.text, new.amount if new.unit else None, new.unit) | more)
    described = columns()["impossible"]
    return Finding(
        name="impossible",
        when=when or asked.inputs.evidence.day.isoformat(),
        title="Why there is no plan, and the smallest ways out",
        table=frame(described, rows),
        columns=described,
        sentence=sentence(said or "A plan exists."),
        standing=worst_standing(asked.given.items.line_standing),
        sources=asked.given.means.sources,
    )


def _row(kind: str, place: int, what: str, amount: float | None = None, unit: str = "") -> dict[str, Any]:
    return {"kind": kind, "place": str(place), "what": what, "amount": amount, "unit": unit, "change": "", "proven": ""}


def answer(asked: Asked) -> Answer | None:
    """Return why there is no plan, or none where there is one."""
    small = bare(asked)
    if possible(small):
        return None
    kept, families = clash(small)
    spared = frozenset(FAMILY) - frozenset(families)
    lacks = lacking(small.only(kept), spared)
    text = clash_text(asked, small.only(kept), families[::-1], lacks)
    whole = lacking(small)
    left = (
        tuple({item.capability for item in whole if item.block in kept}),
        tuple({item.contingency for item in whole if item.block in kept}),
    )
    ways = Ways(asked, kept, left).smallest()
    return Answer(where(asked, kept), text, kept, families, violations(small), ways)


def nothing(asked: Asked) -> Iterator[Fault]:
    """Yield why nothing at all can be ordered: no money, no money left, no delivery within the years of the plan."""
    given, settings = asked.given, asked.settings
    span = given.items.capacity.shape[1]
    if given.keeps("money") and not (given.envelope[:, :span] > 0).any():
        what = "nothing can be ordered: the envelope of every Ally is nought"
        mend = "Raise 'level_pct', 'released' or 'factor' of the money, or see what a force costs: 'envelope: none'."
        yield Fault(what, "plan.money", mend=mend)
    yield from _signed(asked)
    items = given.items
    opened = items.capacity.any(axis=1)
    if not opened.any():
        yield Fault("nothing can be ordered: no line has capacity", "plan", mend="Give a line a rate in table 'lines'.")
        return
    first = np.argmax(items.capacity > 0, axis=1)
    late = int((first + items.lead)[opened].min()) - (len(given.years) - 1)
    if late > 0:
        soonest = settings.first_year + int((first + items.lead)[opened].min())
        delay = f", {settings.delay_years} of them the scenario's delay" if settings.delay_years else ""
        what = (
            f"nothing that is ordered comes within the years of the plan: the soonest delivery is on 1 July {soonest} "
            f"(lead time {int(items.lead[opened].min())} years{delay}), and the plan ends in {settings.until}"
        )
        ways = [f"'until: {soonest}'"]
        if settings.delay_years >= late:
            ways.append(f"'delay_years: {settings.delay_years - late}'")
        yield Fault(what, "plan", mend=f"Set {' or '.join(ways)}.")
    elif not len(given.order_pair):
        mend = "Look at what 'fit' excludes, and at who is absent."
        yield Fault("nothing can be ordered: no Ally can field what lines make", "plan", mend=mend)


def _signed(asked: Asked) -> Iterator[Fault]:
    """Yield where orders signed before take more than there is, by Ally; else by class of reach, as stages see it."""
    for given in (asked.given, asked.coarse):
        taken = given.bound[: given.buyers.allies]
        over = np.where(np.isfinite(given.envelope), taken - given.envelope, -1.0)
        if not given.keeps("money") or over.max() <= SAME:
            continue
        ally, year = np.unravel_index(int(over.argmax()), over.shape)
        what = (
            f"orders signed before take {taken[ally, year] * BILLION:,.0f} million US$ of 2021 from "
            f"{given.means.allies[ally]} in {given.years[year]}, and its envelope is "
            f"{given.envelope[ally, year] * BILLION:,.0f}"
        )
        short = over > SAME
        need = np.divide(taken, given.envelope, out=np.full(taken.shape, np.inf), where=given.envelope > 0)[short].max()
        more = math.ceil(need * asked.settings.money.factor * 100) / 100 if need < FACTORS[-1] else 0.0
        mend = "Correct the state of these orders, or leave money out: 'without: [money]'."
        yield Fault(what, "plan.state", mend=f"Set 'money: {{factor: {more:g}}}'. {mend}" if more else mend)
        return


def _told(way: Way) -> str:
    key = way.change.key
    if len(key) > LONGEST:  # the table has it whole
        key = f"{key.split('[')[0]}...]', all others named"
    return f"{way.change.text} ({key})" if key else way.change.text
