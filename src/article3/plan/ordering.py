"""Constraint families of ordering: what orders become, what lines can make, what people there are.

Each function adds one family to a program. Units: lots of an element; billions of 2021 US$; persons in thousands.
"""

from __future__ import annotations

import numpy as np

from article3.gap.forces import Array, Ints
from article3.plan.problem import BILLION, Problem
from article3.program import Program


def orders(program: Program, given: Problem) -> None:
    """Add what is decided: lots ordered, lots in service, and the part of each licensed line that is set up.

    Blocks ``ordered`` (O), ``added`` (P x Y) and, where a line has to be set up, ``set_up`` (lines).
    """
    program.variables("ordered", {"order": range(len(given.order_pair))})
    program.variables("added", {"pair": range(len(given.pair_buyer)), "year": given.years})
    lines = np.nonzero((given.items.setup > 0) & np.isin(np.arange(len(given.items.lines)), given.order_line))[0]
    if len(lines):
        program.variables("set_up", {"line": [given.items.lines[line] for line in lines]}, upper=1.0)


def balance(program: Program, given: Problem) -> None:
    """Add the balance of additions.

    ::

        added(p, t) = added(p, t - 1) + sum of orders with delivery in t - sum of those whose life ends in t

    in lots; an order of year tau on line l is delivered in tau + lead(l), and lives ``life`` years from then. Rows
    ``balance`` (P x Y).
    """
    added, ordered = program.column_block("added").index, program.column_block("ordered").index
    rows = program.rows(
        "balance", {"pair": range(len(given.pair_buyer)), "year": given.years}, lower=0.0, upper=0.0
    ).index
    program.add_terms(rows, added, 1.0)
    program.add_terms(rows[:, 1:], added[:, :-1], -1.0)
    program.add_terms(rows[given.order_pair, given.delivered], ordered, -1.0)
    ends = given.delivered + given.items.life[given.pair_element[given.order_pair]]
    dies = ends < len(given.years)
    if dies.any():
        program.add_terms(rows[given.order_pair[dies], ends[dies]], ordered[dies], 1.0)


def lines(program: Program, given: Problem) -> None:
    """Add what lines can make.

    ::

        sum over buyers of orders(l, tau) <= capacity(l, tau),   and <= capacity x set_up(l) for a line under licence

    in lots. Rows ``line`` (those lines and years from which something can be ordered).
    """
    code = given.order_line * given.items.capacity.shape[1] + given.order_year
    pairs, row = np.unique(code, return_inverse=True)
    line, year = np.divmod(pairs, given.items.capacity.shape[1])
    capacity = given.items.capacity[line, year] / given.items.lot[given.items.line_element[line]]
    setup = given.items.setup[line] > 0
    names = [f"{given.items.lines[a]} {given.years[b]}" for a, b in zip(line, year, strict=True)]
    rows = program.rows("line", {"line": names}, upper=np.where(setup, 0.0, capacity)).index
    program.add_terms(rows[row.reshape(-1)], program.column_block("ordered").index, 1.0)
    if "set_up" in program.blocks:
        block = program.column_block("set_up")
        number = {name: place for place, name in enumerate(block.axes["line"])}
        mine = np.nonzero(setup)[0]
        column = block.index[[number[given.items.lines[item]] for item in line[mine]]]
        program.add_terms(rows[mine], column, -capacity[mine])


def spending(program: Program, given: Problem, charge: Array | None = None) -> None:
    """Add what buyers spend, and what members pay into fleets.

    ::

        spent(b, t) = outlays in t + sum over elements of (operation + pay) x added(b, e, t) + bound by earlier orders
        spent(fleet, t) = sum over members of paid(fleet, member, t)

    in billions of 2021 US$. The price of an order is paid in equal parts over its lead time, the first in the year it
    is placed; setting up a line is paid by the Allies that make it, over the two years before it opens, by envelope.
    Blocks ``spent`` (B x Y) and ``paid`` (fleets' members x Y).

    Parameters
    ----------
    program, given
        The program and the problem.
    charge
        Billion 2021 US$ for entering that falls on each lot, by pair; paid in the year of the order.
    """
    count, years = len(given.buyers.codes), len(given.years)
    program.variables("spent", {"buyer": given.buyers.codes, "year": given.years})
    spent = program.column_block("spent").index
    axes = {"buyer": given.buyers.codes, "year": given.years}
    rows = program.rows("spending", axes, lower=given.bound, upper=given.bound).index
    program.add_terms(rows, spent, 1.0)
    ordered, added = program.column_block("ordered").index, program.column_block("added").index
    buyer = given.pair_buyer[given.order_pair]
    parts = np.maximum(given.lead, 1)
    for step in range(int(parts.max(initial=0))):
        mine = (parts > step) & (given.order_year + step < years)
        program.add_terms(
            rows[buyer[mine], given.order_year[mine] + step], ordered[mine], -(given.order_price / parts)[mine]
        )
    program.add_terms(rows[given.pair_buyer], added, -given.running[:, None])
    if charge is not None:
        enters = charge[given.order_pair]
        mine = enters > 1e-9
        program.add_terms(rows[buyer[mine], given.order_year[mine]], ordered[mine], -enters[mine])
    if "set_up" in program.blocks:
        _setting_up(program, given, rows)
    fleets = [(b, i) for b in range(given.buyers.allies, count) for i in np.nonzero(given.buyers.member[b])[0]]
    if fleets:
        label = [f"{given.buyers.codes[b]} {given.means.allies[i]}" for b, i in fleets]
        paid = program.variables("paid", {"member": label, "year": given.years}).index
        sums = program.rows(
            "paid_for", {"fleet": given.buyers.codes[given.buyers.allies :], "year": given.years}, lower=0.0, upper=0.0
        ).index
        program.add_terms(sums, spent[given.buyers.allies :], 1.0)
        program.add_terms(sums[[b - given.buyers.allies for b, _ in fleets]], paid, -1.0)


def _setting_up(program: Program, given: Problem, rows: Ints) -> None:
    block = program.column_block("set_up")
    for place, name in enumerate(block.axes["line"]):
        line = given.items.lines.index(str(name))
        shares = given.makers_share(line)
        opens = int(np.argmax(given.items.capacity[line] > 0))
        when = sorted({max(0, opens - 2), max(0, opens - 1)})
        cost = given.items.setup[line] / BILLION / len(when)
        payers = np.nonzero(shares)[0]
        program.add_terms(
            rows[payers[:, None], np.array(when)],
            block.index[place],
            np.broadcast_to(-cost * shares[payers][:, None], (len(payers), len(when))),
        )


def envelope(program: Program, given: Problem) -> None:
    """Add the envelope of new money.

    ::

        spent(i, t) + sum over fleets of paid(fleet, i, t) <= envelope(i, t)

    in billions of 2021 US$. Rows ``envelope`` (N x Y).
    """
    finite = np.isfinite(given.envelope)
    if not finite.any():
        return
    rows = program.rows("envelope", {"ally": given.means.allies, "year": given.years}, upper=given.envelope).index
    program.add_terms(rows, program.column_block("spent").index[: given.buyers.allies], 1.0)
    if "paid" in program.blocks:
        paid = program.column_block("paid")
        member = [given.means.allies.index(str(label).split()[1]) for label in paid.axes["member"]]
        program.add_terms(rows[member], paid.index, 1.0)


def commitment(program: Program, given: Problem) -> None:
    """Add the limit of what is ordered and not yet paid.

    ::

        sum of price x (part not paid by the end of t) <= commitment_years x envelope(i, t)

    in billions of 2021 US$; orders of fleets fall on members by share of GDP. Rows ``commitment`` (N x T).
    """
    if not np.isfinite(given.envelope).any():
        return
    span = given.items.capacity.shape[1]
    limit = given.settings.commitment_years * given.envelope[:, :span]
    rows = program.rows("commitment", {"ally": given.means.allies, "year": given.years[:span]}, upper=limit).index
    ordered = program.column_block("ordered").index
    parts = np.maximum(given.lead, 1)
    buyer = given.pair_buyer[given.order_pair]
    for step in range(int(parts.max(initial=1)) - 1):
        open_part = 1 - (step + 1) / parts
        mine = np.nonzero((open_part > 1e-9) & (given.order_year + step < span))[0]
        share = given.buyers.member[buyer[mine]]
        order, ally = np.nonzero(share)
        program.add_terms(
            rows[ally, given.order_year[mine[order]] + step],
            ordered[mine[order]],
            share[order, ally] * (given.order_price * open_part)[mine[order]],
        )


def people(program: Program, given: Problem) -> None:
    """Add the people there are.

    ::

        sum of people x added(i, t) + share of fleets' people <= growth a year x personnel(i) x (t - 2026)

    in thousand persons. Rows ``people`` (N x Y).
    """
    limit = given.growth_limit() / 1000
    rows = program.rows("people", {"ally": given.means.allies, "year": given.years}, upper=limit).index
    needed = given.items.people[given.pair_element] * given.lot / 1000
    share = given.buyers.member[given.pair_buyer] * needed[:, None]
    pair, ally = np.nonzero(share > 1e-8)
    program.add_terms(rows[ally], program.column_block("added").index[pair], share[pair, ally][:, None])
