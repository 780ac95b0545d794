"""What is missing where no plan exists: the least total violation, in natural units.

An elastic relaxation: every limit may give way at a price of one over its own size, so that a tenth of a requirement
weighs as much as a tenth of an envelope. What gives way is told in units, million US$ and persons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from article3.domain import capability, force_element
from article3.gap.forces import GROUPS, WINDOWS, Array
from article3.plan import coverage
from article3.plan.bare import Bare, build
from article3.plan.goals import Held, carried
from article3.plan.problem import BILLION
from article3.program import Program, Rows, least_violation
from article3.scenario.plan_schema import Target

SMALL: Final = 1e-6
"""A violation below this part of a limit is none."""
_MEANS: Final[Mapping[str, tuple[str, str, float]]] = {
    "line": ("beyond what lines can make", "lots", 1.0),
    "envelope": ("beyond the envelopes, all years", "million US$ of 2021", BILLION),
    "commitment": ("ordered and not yet paid beyond its limit, all years", "million US$ of 2021", BILLION),
    "people": ("beyond the growth of forces, all years judged", "thousand persons", 1.0),
}


@dataclass(frozen=True, slots=True)
class Lack:
    """What one limit lacks.

    Parameters
    ----------
    block
        Name of its rows.
    what
        What lacks, in words.
    amount, unit
        How much, in its natural unit; none where no number of units is enough.
    part
        The same as a part of what is asked.
    there
        Share carried without the plan; none where it is not of a share.
    elements
        Force elements that give it, that which is like it first.
    capability, contingency, window
        What it is about; empty or 0 where that is no matter.
    """

    block: str
    what: str
    amount: float | None
    unit: str
    part: float
    there: float | None = None
    elements: tuple[str, ...] = ()
    capability: str = ""
    contingency: str = ""
    window: int = 0


def lacking(asked: Bare, off: frozenset[str] = frozenset()) -> tuple[Lack, ...]:
    """Return what lacks if only what is asked gives way, the largest part first.

    Parameters
    ----------
    asked
        What is asked.
    off
        Families of limits that are left out.
    """
    program = build(asked, off)
    return () if program is None else _found(asked, program, means=False)


def violations(asked: Bare) -> tuple[Lack, ...]:
    """Return what lacks if everything may give way, at the least sum of parts; the largest part first."""
    program = build(asked)
    return () if program is None else _found(asked, program, means=True)


def _found(asked: Bare, program: Program, *, means: bool) -> tuple[Lack, ...]:
    weights: dict[Rows, Any] = {}
    for name in asked.names:
        block = program.blocks.get(name)
        if isinstance(block, Rows):
            weights[block] = 1.0 / _level(asked, name)
    upper = program.assemble().row_upper
    for name in _MEANS if means else ():
        block = program.blocks.get(name)
        if isinstance(block, Rows):
            size = np.abs(upper[block.index])
            weights[block] = 1.0 / np.maximum(size, max(float(size.mean()), 1e-3))
    gives = least_violation(program, weights).by_row
    found: list[Lack] = []
    for rows in weights:
        amounts = np.abs(gives[rows.name])
        if rows.name in _MEANS:
            what, unit, scale = _MEANS[rows.name]
            total, limit = float(amounts.sum()), float(np.abs(upper[rows.index]).sum())
            if total > SMALL * max(limit, 1.0):
                found.append(Lack(rows.name, what, total * scale, unit, total / max(limit, 1e-9)))
        else:
            found += _of_limit(asked, rows, amounts)
    return tuple(sorted(found, key=lambda item: -item.part))


def _level(asked: Bare, name: str) -> float:
    item = _limit(asked, name)
    return item.level if isinstance(item, Target) else item.goal.share


def _limit(asked: Bare, name: str) -> Held | Target:
    place = asked.names.index(name)
    return asked.held[place] if place < len(asked.held) else asked.wanted[place - len(asked.held)][0]


def _of_limit(asked: Bare, rows: Rows, amounts: Array) -> list[Lack]:
    """Return what a goal or target lacks, by its rows."""
    item = _limit(asked, rows.name)
    if isinstance(item, Target):
        needs = np.unique(coverage.target_needs(asked.given, item))
        worst = amounts.max(axis=0)
        return [
            _of_need(asked, rows.name, int(need), float(value), item.level, None)
            for need, value in zip(needs, worst, strict=True)
            if value > SMALL
        ]
    there = carried(asked.given, item.goal, item.year)
    if item.goal.of == "mean":
        weight, lack = asked.given.judged.weights[item.rows], float(amounts.sum())
        mean = float((np.minimum(there[item.rows], 1.0) * weight).sum() / weight.sum())
        return [Lack(rows.name, "the mean of requirements", lack, "share", lack / item.goal.share, mean)]
    found = []
    for place, value in zip(rows.axes["row"], amounts, strict=True):
        number = int(str(place))
        if value <= SMALL:
            continue
        if item.goal.of == "inventory":
            found.append(_of_inventory(asked, item, number, float(value), float(there[number])))
        else:
            found.append(_of_need(asked, rows.name, number, float(value), item.goal.share, float(there[number])))
    return found


def _of_inventory(asked: Bare, item: Held, place: int, value: float, there: float) -> Lack:
    """Return what an inventory lacks: a unit more also raises what it is a share of."""
    seen = asked.given.judged
    both = np.isin(seen.axes.group, [GROUPS.index("europe"), GROUPS.index("usa")])
    total = float(seen.holdings[item.year][both, place].sum())
    share = item.goal.share
    # Of all there is no number: what Europe adds does not take away what the United States holds.
    units = value * max(total, 1e-9) / (1 - share) if share < 1 else None
    element = force_element(seen.axes.elements[place])
    return Lack(item.name, element.title, units, element.unit, value / share, there, (element.id,))


def _of_need(asked: Bare, block: str, need: int, value: float, level: float, there: float | None) -> Lack:
    seen, form = asked.given.judged, asked.given.judged.form
    window = int(form.need_window[need])
    case, place = int(form.need_contingency[need]), int(form.need_capability[need])
    named, contingency = capability(seen.axes.capabilities[place]), seen.axes.contingencies[case]
    giving = [seen.axes.elements[number] for number in np.unique(form.var_element[form.var_need == need])]
    others = [name for name in giving if name != named.element]
    return Lack(
        block,
        f"{named.title}, {contingency.title}, {WINDOWS[window]} days",
        value * float(seen.values.needs[case, window, place]),
        named.unit,
        value / level,
        there,
        (named.element, *others),
        capability=named.id,
        contingency=contingency.id,
        window=WINDOWS[window],
    )
