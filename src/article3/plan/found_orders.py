"""Findings about orders: who orders what, totals, fleets, specialisation."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl

from article3.domain import ally, force_element
from article3.evidence.addresses import ResultAddress
from article3.evidence.findings import Finding, sentence
from article3.gap.forces import Array, Ints
from article3.gap.rows import worst
from article3.plan.make import Made
from article3.plan.problem import BILLION, Problem
from article3.plan.rows import CAUTION, domain_words, element_words, finding, money_words

SEEN: Final = 1e-4
"""Lots below this are none."""
ILLUSTRATIVE: Final = "illustrative split"


def order_table(made: Made, when: str) -> Finding:
    """Return every order, by buyer, element, line and year."""
    given = made.shared.given
    rows = [_order(made, place, when) for place in _ordered(made)]
    rows.sort(key=lambda row: (given.items.elements.index(row["element"]), row["order_year"], row["ally"], row["line"]))
    total = sum(row["cost_usd2021_m"] for row in rows)
    buyers = len({row["ally"] for row in rows})
    first, last = (
        min((row["order_year"] for row in rows), default=0),
        max((row["order_year"] for row in rows), default=0),
    )
    text = (
        f"{len(rows)} orders by {buyers} Allies and fleets from {first} to {last}, worth {money_words(total)} "
        "(prices of 2021)."
        if rows
        else "Nothing is ordered."
    )
    return finding(
        "orders", when, "Who orders what, when", rows, sentence(text), warnings=(CAUTION,), figure="plan_orders"
    )


def _ordered(made: Made) -> Ints:
    return np.nonzero(made.shared.ordered > SEEN)[0]


def _order(made: Made, place: int, when: str) -> dict[str, Any]:
    given, shared = made.shared.given, made.shared
    items, buyers = given.items, given.buyers
    pair, line, year = given.order_pair[place], given.order_line[place], int(given.order_year[place])
    buyer, element = given.pair_buyer[pair], given.pair_element[pair]
    lots = float(shared.ordered[place])
    whole = shared.ordered[given.order_pair == pair].sum()
    keys = (buyers.codes[buyer], items.elements[element], items.lines[line], str(given.years[year]))
    split, standing = _standing(made, buyers.codes[buyer], items.elements[element], int(line))
    return {
        "ally": keys[0],
        "element": keys[1],
        "line": keys[2],
        "order_year": given.years[year],
        "ally_name": buyers.titles[buyer],
        "element_title": force_element(keys[1]).title,
        "line_title": _line_titles(made)[keys[2]],
        "supplier": items.origin[line],
        "delivery_date": f"{given.years[year] + int(items.lead[line])}-07-01",
        "units": lots * items.lot[element],
        "cost_usd2021_m": lots * items.lot[element] * items.price[line],
        "entry_usd2021_m": float(shared.entry_paid[pair] * BILLION * lots / whole) if whole else 0.0,
        "fit": float(buyers.fit[buyer, element]),
        "split": split,
        "standing": standing,
        "address": str(ResultAddress("orders", when, "units", keys)),
    }


def _line_titles(made: Made) -> dict[str, str]:
    table = made.asked.inputs.planning.table("lines")
    return dict(table.select("line", "title").iter_rows())


def _standing(made: Made, code: str, element: str, line: int) -> tuple[str, str]:
    """Return whether the split is illustrative, and the worst standing of what an order rests on."""
    planning, items = made.asked.inputs.planning, made.asked.given.items
    row = planning.table("holdings").filter(pl.col("holder") == code, pl.col("element") == element)
    held = row["standing"][0] if row.height else "notional"
    place = items.elements.index(element)
    split = "" if held in ("official", "reported", "yours") else ILLUSTRATIVE
    return split, worst([held, *items.standing[place].split(), items.line_standing[line]])


def totals(made: Made, orders: pl.DataFrame, when: str) -> Finding:
    """Return what is ordered by element in all."""
    given = made.shared.given
    rows: list[dict[str, Any]] = []
    for element in given.items.elements:
        mine = orders.filter(pl.col("element") == element)
        if not mine.height:
            continue
        cost = float(mine["cost_usd2021_m"].sum())
        parts = {
            str(name): float(value)
            for name, value in mine.group_by("supplier").agg(pl.col("cost_usd2021_m").sum()).iter_rows()
        }
        place = given.items.elements.index(element)
        pairs = given.pair_element == place
        final = made.shared.added[pairs, -1]
        rows.append(
            {
                "element": element,
                "element_title": force_element(element).title,
                "units": float(mine["units"].sum()),
                "today": float(given.buyers.held[:, place].sum()),
                "cost_usd2021_m": cost,
                "running_usd2021_m": float((final * given.running[pairs]).sum()) * BILLION,
                "people": float((final * given.lot[pairs]).sum() * given.items.people[place]),
                "european_part": (parts.get("europe", 0.0) + parts.get("national", 0.0)) / cost if cost else 0.0,
                "us_part": parts.get("usa", 0.0) / cost if cost else 0.0,
                "buyers": mine["ally"].n_unique(),
                "first_delivery": str(mine["delivery_date"].min()),
                "standing": worst(mine["standing"].to_list()),
            }
        )
    rows.sort(key=lambda row: -row["cost_usd2021_m"])
    cost = sum(row["cost_usd2021_m"] for row in rows)
    named = [f"{element_words(row['element'])} ({money_words(row['cost_usd2021_m'])})" for row in rows[:3]]
    usa = sum(row["us_part"] * row["cost_usd2021_m"] for row in rows)
    text = (
        f"Most of the money goes into {', '.join(named[:-1])} and {named[-1]}; {100 * usa / cost:.0f} % of the prices "
        "go to lines of the United States."
        if len(named) > 1 and cost
        else ""
    )
    return finding("plan_total", when, "What is ordered in all", rows, sentence(text), figure="plan_total")


def pools(made: Made, when: str) -> Finding:
    """Return the fleets that order, with what each member pays."""
    given, shared = made.shared.given, made.shared
    listed = {row["pool"]: row for row in made.asked.inputs.planning.table("pooling").iter_rows(named=True)}
    rows: list[dict[str, Any]] = []
    for buyer in range(given.buyers.allies, len(given.buyers.codes)):
        pairs = given.pair_buyer == buyer
        units = float((shared.ordered * given.lot[given.order_pair])[pairs[given.order_pair]].sum())
        paid = shared.paid[buyer].sum(axis=1)
        code = given.buyers.codes[buyer]
        if units < SEEN:
            continue
        rows += [
            {
                "pool": code,
                "ally": given.means.allies[place],
                "title": listed[code]["title"],
                "state": listed[code]["state"],
                "element": listed[code]["elements"],
                "units": units,
                "paid_usd2021_m": float(paid[place]) * BILLION,
                "share": float(paid[place] / paid.sum()),
                "standing": worst([listed[code]["standing"], "notional"]),
            }
            for place in np.nonzero(paid > 1e-6)[0]
        ]
    names = list(
        dict.fromkeys(f"{row['title']} ({row['units']:.0f} {force_element(row['element']).unit})" for row in rows)
    )
    text = f"Ordered together: {', '.join(names)}." if names else "No fleet orders anything."
    return finding("plan_pool", when, "Fleets: who pays what", rows, sentence(text))


def specialisation(made: Made, when: str) -> Finding:
    """Return in what each Ally specialises, by domain of force elements: location quotients."""
    given, shared = made.shared.given, made.shared
    domains = list(dict.fromkeys(force_element(name).domain for name in given.items.elements))
    price = shared.ordered * given.order_price * BILLION
    share = _shares_of_buyers(given, shared.paid)
    worth = np.zeros((given.buyers.allies, len(domains)))
    for place in _ordered(made):
        pair = given.order_pair[place]
        domain = domains.index(force_element(given.items.elements[given.pair_element[pair]]).domain)
        worth[:, domain] += price[place] * share[given.pair_buyer[pair]]
    whole, own, all_ = worth.sum(), worth.sum(axis=1), worth.sum(axis=0)
    rows: list[dict[str, Any]] = [
        {
            "ally": code,
            "domain": domain,
            "ally_name": ally(code).name,
            "cost_usd2021_m": float(worth[i, d]),
            "share_of_own": float(worth[i, d] / own[i]),
            "share_of_all": float(worth[i, d] / all_[d]),
            "quotient": float(worth[i, d] / own[i] / (all_[d] / whole)),
        }
        for i, code in enumerate(given.means.allies)
        for d, domain in enumerate(domains)
        if worth[i, d] > 0.5
    ]
    leaders = {
        domain: max((row for row in rows if row["domain"] == domain), key=lambda row: row["share_of_all"])
        for domain in dict.fromkeys(row["domain"] for row in rows)
    }
    big = sorted(leaders, key=lambda name: -float(all_[domains.index(name)]))[:3]
    named = [
        f"{leaders[name]['ally_name']} in {domain_words(name)} ({100 * leaders[name]['share_of_all']:.0f} %)"
        for name in big
    ]
    text = f"Largest parts: {', '.join(named)}." if named else ""
    return finding("specialisation", when, "Who specialises in what", rows, sentence(text), figure="specialisation")


def _shares_of_buyers(given: Problem, paid: Array) -> Array:
    """Return on whom a buyer's orders fall, (B, N): itself, or a fleet's members by what they pay."""
    share = given.buyers.member.copy()
    for buyer in range(given.buyers.allies, len(given.buyers.codes)):
        total = paid[buyer].sum()
        if total > 1e-9:
            share[buyer] = paid[buyer].sum(axis=1) / total
    return share
