"""Constraint families of sharing out: what must still arrive, ceilings on burden, reasonable challenge, entry.

Only ceilings: a floor makes Allies buy what nobody needs.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.gap.forces import Array, Ints
from article3.plan.coverage import class_groups, place_of
from article3.plan.problem import BILLION, Problem
from article3.program import Program

CHECKS: Final = 4
"""Years in which fairness is checked, spread evenly over the horizon."""
FIRM: Final = 50.0
"""Times dearer it is to fall short where an attainment to reach rests on it."""


def arrivals(program: Program, given: Problem, wanted: Array, price: Array, firm: NDArray[np.bool_]) -> None:
    """Add what must still arrive, whoever orders it.

    ::

        sum over classes of units x fielded + short >= what the least-cost plan adds,   by year and row of supply

    in shares of the row's scale. ``short`` costs ``price``, billion US$ for a whole scale; many times that where
    ``firm``, because an attainment to reach rests on it.
    Rows ``arrival``, block ``short``.
    """
    seen = given.judged
    year, row = np.nonzero(wanted > 1e-7)
    rows = program.rows("arrival", {"arrival": range(len(year))}, lower=wanted[year, row]).index
    number = np.full(wanted.shape, -1, dtype=np.int64)
    number[year, row] = rows
    klass, _ = class_groups(given)
    element = seen.form.supply_element[seen.add_row]
    group = place_of(klass, seen.add_class * len(given.items.elements) + element)
    units = seen.add_units * given.items.lot[element] / seen.scale[seen.add_row]
    fielded = program.column_block("fielded").index
    for place in range(len(seen.years)):
        at = number[place, seen.add_row]
        good = (at >= 0) & (group >= 0) & (units > 1e-9)
        program.add_terms(at[good], fielded[group[good], place], units[good])
    short = program.variables(
        "short",
        {"arrival": range(len(year))},
        upper=wanted[year, row],
        cost=price[year, row] * np.where(firm[row], FIRM, 1.0),
    )
    program.add_terms(rows, short.index, 1.0)


def totals(program: Program, given: Problem) -> None:
    """Add lots ordered by pair and by element over all years. Blocks ``of_pair`` (P), ``of_element`` (E)."""
    of_pair = program.variables("of_pair", {"pair": range(len(given.pair_buyer))}).index
    of_element = program.variables("of_element", {"element": given.items.elements}).index
    sums = program.rows("pair_sum", {"pair": range(len(given.pair_buyer))}, lower=0.0, upper=0.0).index
    program.add_terms(sums, of_pair, 1.0)
    program.add_terms(sums[given.order_pair], program.column_block("ordered").index, -1.0)
    whole = program.rows("element_sum", {"element": given.items.elements}, lower=0.0, upper=0.0).index
    program.add_terms(whole, of_element, 1.0)
    program.add_terms(whole[given.pair_element], of_pair, -1.0)


def challenge(program: Program, given: Problem) -> None:
    """Add the reasonable challenge, and the most that one Ally provides.

    ::

        of_pair(i, e) <= cap(i, e) x of_element(e)
        cap = min(one_ally, challenge x max(share of GDP, share of holdings, floor / challenge))

    Fleets are not capped: their members share. Rows ``challenge``.
    """
    cap = caps(given)
    pairs = np.nonzero(given.pair_buyer < given.buyers.allies)[0]
    pairs = pairs[cap[pairs] < 1.0]
    if not len(pairs):
        return
    rows = program.rows("challenge", {"pair": pairs.tolist()}, upper=0.0).index
    program.add_terms(rows, program.column_block("of_pair").index[pairs], 1.0)
    program.add_terms(rows, program.column_block("of_element").index[given.pair_element[pairs]], -cap[pairs])


def fleets(program: Program, given: Problem) -> None:
    """Add that members of a fleet share what it costs.

    ::

        sum over years of paid(fleet, i) <= cap x sum over years of spent(fleet)
        cap = max(floor, min(one_ally, challenge x share of GDP among members)), raised where caps could not pay for all

    Rows ``fleet_share``.
    """
    if "paid" not in program.blocks:
        return
    sharing, block = given.settings.sharing, program.column_block("paid")
    pairs = [str(label).split() for label in block.axes["member"]]
    fleet = np.array([given.buyers.codes.index(code) for code, _ in pairs])
    ally = np.array([given.means.allies.index(code) for _, code in pairs])
    cap = np.maximum(np.minimum(sharing.one_ally, sharing.challenge * given.buyers.member[fleet, ally]), sharing.floor)
    room = np.bincount(fleet, weights=cap, minlength=len(given.buyers.codes))
    cap = np.minimum(1.0, cap * np.maximum(1.0, 1.0 / np.maximum(room[fleet], 1e-9)))
    rows = program.rows("fleet_share", {"member": block.axes["member"]}, upper=0.0).index
    program.add_terms(rows[:, None], block.index, 1.0)
    program.add_terms(rows[:, None], program.column_block("spent").index[fleet], -cap[:, None])


def caps(given: Problem) -> Array:
    """Return the most of an element's additions that a pair may take, as a fraction, (P,); 1 for fleets.

    Caps are those of all that may field the element, whichever pairs are left of the problem.
    """
    sharing, allies = given.settings.sharing, given.buyers.allies
    gdp = given.means.gdp[:, 0] / given.means.gdp[:, 0].sum()
    held, total = given.buyers.held[:allies], given.buyers.held.sum(axis=0)
    share = np.divide(held, total, out=np.zeros_like(held), where=total > 0)
    cap = np.ones(given.buyers.held.shape)
    if given.keeps("challenge"):
        cap[:allies] = np.maximum(sharing.challenge * np.maximum(gdp[:, None], share), sharing.floor)
    if given.keeps("one_ally"):
        cap[:allies] = np.minimum(cap[:allies], sharing.one_ally)
    room = np.where(given.buyers.eligible, cap, 0.0).sum(axis=0)
    cap[:allies] = np.minimum(cap[:allies] * np.maximum(1.0, 1.0 / np.maximum(room, 1e-9)), 1.0)
    return np.asarray(cap[given.pair_buyer, given.pair_element])


def check_years(given: Problem) -> Ints:
    """Return the places among the years of money at which fairness is checked."""
    last = len(given.years) - 1
    return np.unique(np.round(last * (np.arange(CHECKS) + 1) / CHECKS).astype(np.int64))


def fairness(program: Program, given: Problem, price: float) -> None:
    """Add the ceiling on burdens.

    ::

        spent by i to year c <= ceiling x (envelope of i to c / envelope of all to c) x spent by all to c + unfair

    in billions of 2021 US$; without an envelope, shares of GDP stand for shares of it. ``unfair`` costs ``price`` for
    each billion, so that a plan exists where only one Ally can field what is needed. Blocks ``burden``, ``all_burden``,
    ``unfair``; rows ``burden_sum``, ``all_sum``, ``fair``.
    """
    checks = check_years(given)
    names = [given.years[place] for place in checks]
    axes = {"ally": given.means.allies, "year": names}
    burden = program.variables("burden", axes).index
    everyone = program.variables("all_burden", {"year": names}).index
    unfair = program.variables("unfair", axes, cost=price).index
    sums = program.rows("burden_sum", axes, lower=0.0, upper=0.0).index
    program.add_terms(sums, burden, 1.0)
    spent = program.column_block("spent").index[: given.buyers.allies]
    paid = program.column_block("paid") if "paid" in program.blocks else None
    before = 0
    for column, place in enumerate(checks):
        # Each check adds the years since the last one: cumulated sums would fill the rows.
        if column:
            program.add_terms(sums[:, column], burden[:, column - 1], -1.0)
        for year in range(before, place + 1):
            program.add_terms(sums[:, column], spent[:, year], -1.0)
            if paid is not None:
                member = [given.means.allies.index(str(label).split()[1]) for label in paid.axes["member"]]
                program.add_terms(sums[member, column], paid.index[:, year], -1.0)
        before = int(place) + 1
    whole = program.rows("all_sum", {"year": names}, lower=0.0, upper=0.0).index
    program.add_terms(whole, everyone, 1.0)
    program.add_terms(np.broadcast_to(whole, burden.shape), burden, -1.0)
    share = fair_share(given)[:, checks]
    rows = program.rows("fair", axes, upper=0.0).index
    program.add_terms(rows, burden, 1.0)
    program.add_terms(rows, np.broadcast_to(everyone, burden.shape), -given.settings.sharing.ceiling * share)
    program.add_terms(rows, unfair, -1.0)


def fair_share(given: Problem) -> Array:
    """Return each Ally's part of all envelopes to the end of a year, (N, Y); of GDP where nothing limits money."""
    weight = given.envelope if np.isfinite(given.envelope).all() else given.means.gdp / BILLION
    total = np.cumsum(weight, axis=1)
    return np.asarray(total / np.maximum(total.sum(axis=0), 1e-12))


def entering(given: Problem) -> Array:
    """Return what each pair pays to enter, billion 2021 US$, (P,): 0 for what the buyer holds."""
    entry = given.items.entry[given.pair_element] * given.buyers.entry[given.pair_buyer, given.pair_element]
    return np.asarray(entry / BILLION)
