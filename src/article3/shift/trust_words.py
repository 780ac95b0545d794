"""What plans order, in words."""

from __future__ import annotations

from typing import Final

import numpy as np

from article3.gap.forces import Array
from article3.gap.rows import in_words
from article3.plan.problem import BILLION, Problem
from article3.plan.rows import element_words
from article3.shift.trust_states import States

SHOWN: Final = 5
"""Force elements named."""
TOLD: Final = 3
"""Force elements named in a sentence."""
SEEN: Final = 0.01
"""Part of a plan's money from which a difference is told."""
_DIGITS: Final = 3
_PLURAL: Final = ("aircraft", "headquarters", "rounds", "missiles")
"""Ends of titles that are their own plural."""


def by_element(given: Problem, placed: Array) -> tuple[Array, Array]:
    """Return units placed and their price by force element.

    Parameters
    ----------
    given
        The problem.
    placed
        Lots placed, by possible order, (O,).

    Returns
    -------
    tuple
        Units, (E,), and million 2021 US$, (E,).
    """
    element = given.pair_element[given.order_pair]
    count = len(given.items.elements)
    units = np.bincount(element, weights=placed * given.lot[given.order_pair], minlength=count)
    money = np.bincount(element, weights=placed * given.order_price * BILLION, minlength=count)
    return units.astype(np.float64), money.astype(np.float64)


def main_orders(states: States, placed: Array) -> str:
    """Return the force elements that most money goes to, with units: ``medium-range air defence battery 132; ...``."""
    given = states.given[0]
    units, money = by_element(given, placed)
    chosen = [place for place in np.argsort(-money, kind="stable")[:SHOWN] if money[place] > 0]
    return "; ".join(f"{element_words(given.items.elements[place])} {number(units[place])}" for place in chosen)


def moved(states: States, placed: Array, other: Array) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """Return force elements that one plan orders more, and fewer, of than another, with units; most money first."""
    given = states.given[0]
    (units, money), (units_, money_) = by_element(given, placed), by_element(given, other)
    least = SEEN * max(float(money_.sum()), 1e-9)
    found = []
    for sign in (1.0, -1.0):
        rise = sign * (money - money_)
        chosen = [place for place in np.argsort(-rise, kind="stable") if rise[place] > least]
        found.append([(given.items.elements[place], sign * float(units[place] - units_[place])) for place in chosen])
    return found[0], found[1]


def instead(states: States, placed: Array, other: Array) -> str:
    """Return what most money is moved to and from: ``more: tanker aircraft 26; fewer: ...``."""
    parts = [
        f"{word}: {', '.join(f'{element_words(name)} {number(units)}' for name, units in listed[:SHOWN])}"
        for word, listed in zip(("more", "fewer"), moved(states, placed, other), strict=True)
        if listed
    ]
    return "; ".join(parts)


def told(listed: list[tuple[str, float]]) -> str:
    """Return some force elements as a sentence names them."""
    return in_words(_many(element_words(name)) for name, _ in listed[:TOLD])


def _many(title: str) -> str:
    """Return the plural of the title of a force element."""
    if title.endswith(_PLURAL):
        return title
    return f"{title[:-1]}ies" if title.endswith("y") else f"{title}s"


def number(units: float) -> str:
    """Return units as people read them: three digits that count, one decimal below ten."""
    if units < 10:
        return f"{units:.1f}"
    digits = _DIGITS - len(str(int(units)))
    return f"{round(units, min(digits, 0)):,.0f}"
