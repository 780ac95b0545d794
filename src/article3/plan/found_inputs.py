"""Findings about what the plan rests on: catalogue, lines, fit."""

from __future__ import annotations

import numpy as np

from article3.domain import force_element
from article3.evidence.findings import Finding, sentence
from article3.gap.rows import worst
from article3.plan.buyers import TERMS
from article3.plan.make import Made
from article3.plan.rows import finding


def catalogue(made: Made, when: str) -> Finding:
    """Return what can be ordered, on one basis of prices."""
    items, planning = made.asked.given.items, made.asked.inputs.planning
    basis = dict(planning.table("costs").select("element", "basis").iter_rows())
    rows = []
    for place, name in enumerate(items.elements):
        mine = (items.line_element == place) & items.capacity.any(axis=1)
        rows.append(
            {
                "element": name,
                "element_title": force_element(name).title,
                "lot": float(items.lot[place]),
                "cost_usd2021_m": float(items.cost[place]),
                "upkeep_usd2021_m": float(items.upkeep[place]),
                "people": float(items.people[place]),
                "life_years": float(items.life[place]),
                "entry_usd2021_m": float(items.entry[place]),
                "lines": float(mine.sum()),
                "lead_years": float(items.lead[mine].min()) if mine.any() else None,
                "rate": float(items.capacity[mine, 0].sum()),
                "rate_last": float(items.capacity[mine, -1].sum()),
                "basis": basis[name],
                "standing": worst(items.standing[place].split()),
            }
        )
    none = [row["element_title"].lower() for row in rows if not row["lines"]]
    text = f"Nobody sells: {', '.join(none)}." if none else ""
    return finding("catalogue", when, "What can be ordered", rows, sentence(text))


def lines(made: Made, when: str) -> Finding:
    """Return every line with its rate and what the plan orders from it."""
    given, shared = made.shared.given, made.shared
    items = given.items
    titles = dict(made.asked.inputs.planning.table("lines").select("line", "title").iter_rows())
    units = np.bincount(
        given.order_line, weights=shared.ordered * given.lot[given.order_pair], minlength=len(items.lines)
    )
    rows = []
    for place, name in enumerate(items.lines):
        whole = float(items.capacity[place].sum())
        rows.append(
            {
                "line": name,
                "line_title": titles[name],
                "element": items.elements[items.line_element[place]],
                "supplier": items.origin[place],
                "rate": float(items.capacity[place, 0]),
                "rate_last": float(items.capacity[place, -1]),
                "lead_years": float(items.lead[place]),
                "price_usd2021_m": float(items.price[place]),
                "setup_usd2021_m": float(items.setup[place]),
                "set_up": shared.set_up.get(name) if items.setup[place] else None,
                "ordered": float(units[place]),
                "used": float(units[place] / whole) if whole else 0.0,
                "standing": items.line_standing[place],
            }
        )
    full = sorted((row for row in rows if row["used"] > 0.95), key=lambda row: -row["ordered"] * row["price_usd2021_m"])
    named = ", ".join(row["line_title"].split(",")[0] for row in full[:5])
    count = f"{len(full)} lines are" if len(full) > 1 else "One line is"
    text = f"{count} ordered full over all years: {named}." if full else "No line is ordered full over all years."
    return finding("line", when, "Lines", rows, sentence(text), figure="line")


def fit(made: Made, when: str) -> Finding:
    """Return how well every element suits every buyer, term by term."""
    buyers, items = made.asked.given.buyers, made.asked.given.items
    rows = [
        {
            "ally": code,
            "element": name,
            **{term: float(buyers.terms[t, b, e]) for t, term in enumerate(TERMS)},
            "fit": float(buyers.fit[b, e]),
            "eligible": bool(buyers.eligible[b, e]),
            "entry_share": float(buyers.entry[b, e]),
            "own": bool(buyers.own[:, b, e].any()),
        }
        for b, code in enumerate(buyers.codes)
        for e, name in enumerate(items.elements)
        if b < buyers.allies or buyers.eligible[b, e]
    ]
    known = int((buyers.terms[TERMS.index("attitude"), : buyers.allies] != 0.5).any(axis=1).sum())
    text = (
        f"Attitude to the use of force is known, second-hand and from 2014, of {known} of {buyers.allies} Allies; the "
        "others stand as neutral."
    )
    return finding("fit", when, "What suits whom", rows, sentence(text), figure="fit")
