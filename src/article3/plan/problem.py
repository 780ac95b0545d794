"""The index lists of the plan: which buyer can order what, from which line, in which year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.gap.forces import Array, Ints
from article3.plan.buyers import Buyers
from article3.plan.catalogue import Catalogue
from article3.plan.judged import Judged
from article3.plan.means import BASE, Means
from article3.scenario.plan_schema import Plan

BILLION: Final = 1000.0
"""Money in the program is in billions, so that its numbers are of the size of the others."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A plan to be made. Shapes: P pairs of buyer and element, O possible orders, Y years of money, T of ordering.

    Parameters
    ----------
    settings, means, items, buyers, judged
        Settings, means, catalogue, buyers, and what is judged.
    pair_buyer, pair_element
        Pairs of a buyer and an element it may field, (P,).
    order_pair, order_line, order_year
        Possible orders: pair, line, and place among the years of ordering, (O,).
    years
        Years of money, from the first of ordering to the last judged, (Y,).
    begun
        Units in service out of orders signed before, by buyer, element and year of money, (B, E, Y).
    owed
        Billion 2021 US$ still to pay for them, (B, Y).
    """

    settings: Plan
    means: Means
    items: Catalogue
    buyers: Buyers
    judged: Judged
    pair_buyer: Ints
    pair_element: Ints
    order_pair: Ints
    order_line: Ints
    order_year: Ints
    years: tuple[int, ...]
    begun: Array
    owed: Array

    @property
    def lot(self) -> Array:
        """Units of one lot, by pair."""
        return np.asarray(self.items.lot[self.pair_element])

    @property
    def order_price(self) -> Array:
        """Billion 2021 US$ for one lot, by possible order."""
        return np.asarray(self.items.price[self.order_line] * self.lot[self.order_pair] / BILLION)

    @property
    def lead(self) -> Ints:
        """Years from order to delivery, by possible order."""
        return np.asarray(self.items.lead[self.order_line])

    @property
    def delivered(self) -> Ints:
        """Place among the years of money of the delivery, by possible order."""
        return np.asarray(self.order_year + self.lead)

    @property
    def running(self) -> Array:
        """Billion 2021 US$ a year for one lot in service, by pair: operation, and pay of its people."""
        wage = self.buyers.member @ self.means.wage
        unit = self.items.upkeep[self.pair_element] + self.items.people[self.pair_element] * wage[self.pair_buyer]
        return np.asarray(unit * self.lot / BILLION)

    @property
    def bound(self) -> Array:
        """Billion 2021 US$ that orders signed before take: payments, operation, pay, (B, Y)."""
        wage = self.buyers.member @ self.means.wage
        unit = self.items.upkeep[None, :] + self.items.people[None, :] * wage[:, None]
        return np.asarray(self.owed + np.einsum("bey,be->by", self.begun, unit) / BILLION)

    @property
    def envelope(self) -> Array:
        """Billion 2021 US$ by Ally and year of money, (N, Y); infinite where it is no limit."""
        return np.asarray(self.means.envelope / BILLION)

    @property
    def discount(self) -> Array:
        """Discount by year of money."""
        return np.asarray((1 + self.settings.discount) ** -np.arange(len(self.years), dtype=float))

    def makers_share(self, line: int) -> Array:
        """Return who pays for setting up a line, by Ally: its makers, by envelope; all where none of them has one.

        Where nothing limits money, or nobody has any, shares of GDP stand for shares of it.
        """
        total: Array = np.asarray(self.means.envelope.sum(axis=1))
        weight = total if np.isfinite(total).all() and total.any() else self.means.gdp[:, 0]
        makers: Array = weight * np.isin(np.array(self.means.allies), self.items.makers[line])
        weight = makers if makers.any() else weight
        return np.asarray(weight / weight.sum())

    def keeps(self, family: str) -> bool:
        """Return whether a family of constraints holds."""
        return family not in self.settings.without

    def place(self, years: tuple[int, ...]) -> Ints:
        """Return places of years among the years of money; -1 for those before the first."""
        return np.array([year - self.years[0] for year in years], dtype=np.int64)

    def growth_limit(self) -> Array:
        """Return persons by which each Ally may have grown for new orders, (N, Y); those of earlier orders are off."""
        since = np.array(self.years) - BASE
        taken = np.einsum("bey,e,bn->ny", self.begun, self.items.people, self.buyers.member)
        return np.asarray(np.maximum(self.settings.people * self.means.personnel[:, None] * since - taken, 0.0))


def problem(
    settings: Plan,
    means: Means,
    items: Catalogue,
    buyers: Buyers,
    judged: Judged,
    earlier: tuple[Array, Array] | None = None,
) -> Problem:
    """Return the index lists: an order must be open to the buyer, the line open for orders, and its delivery judged.

    Parameters
    ----------
    settings, means, items, buyers, judged
        As in :class:`Problem`.
    earlier
        Units in service and billions owed out of orders signed before, (B, E, Y) and (B, Y).
    """
    years = tuple(range(settings.first_year, settings.until + 1))
    pair_buyer, pair_element = np.nonzero(buyers.eligible)
    pair, line = np.nonzero(pair_element[:, None] == items.line_element[None, :])
    # A line whose makers all are absent from the Alliance's plan still sells; nothing more is assumed of it.
    order, year = np.nonzero(
        (items.capacity[line] > 0)
        & (np.arange(items.capacity.shape[1])[None, :] + items.lead[line][:, None] < len(years))
    )
    return Problem(
        settings,
        means,
        items,
        buyers,
        judged,
        pair_buyer.astype(np.int64),
        pair_element.astype(np.int64),
        pair[order].astype(np.int64),
        line[order].astype(np.int64),
        year.astype(np.int64),
        years,
        *(earlier or (np.zeros((*buyers.held.shape, len(years))), np.zeros((len(buyers.codes), len(years))))),
    )


def narrowed(given: Problem, orders: NDArray[np.bool_]) -> Problem:
    """Return the problem with some of the possible orders only, and the pairs they need."""
    pairs = np.unique(given.order_pair[orders])
    number = np.full(len(given.pair_buyer), -1, dtype=np.int64)
    number[pairs] = np.arange(len(pairs))
    return replace(
        given,
        pair_buyer=given.pair_buyer[pairs],
        pair_element=given.pair_element[pairs],
        order_pair=number[given.order_pair[orders]],
        order_line=given.order_line[orders],
        order_year=given.order_year[orders],
    )


def by_class(given: Problem, added: Array, years: tuple[int, ...] | None = None) -> Array:
    """Return units added by class of buyers, element and year, (classes, E, Q).

    Parameters
    ----------
    given
        The problem.
    added
        Lots in service by pair and year of money, (P, Y).
    years
        Years; those judged by default.
    """
    places = given.place(years or given.judged.years)
    units = added[:, places] * given.lot[:, None]
    classes = max(int(given.buyers.klass.max()), int(given.judged.add_class.max(initial=0))) + 1
    found = np.zeros((classes, len(given.items.elements), len(places)))
    np.add.at(found, (given.buyers.klass[given.pair_buyer], given.pair_element), units)
    return found
