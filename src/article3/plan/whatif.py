"""What single rules of the plan do: the cost of entering, and limits to what an Ally takes part in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from article3.domain import ally, force_element
from article3.evidence.findings import Finding, sentence
from article3.gap.forces import Array
from article3.plan.apportion import Sharing, share_out
from article3.plan.decide import Decider
from article3.plan.make import Asked, Made, ask
from article3.plan.rows import finding

_SEEN = 1e-4


def entering(made: Made, when: str) -> Finding:
    """Return how many buyers each element has, and would have if entering cost nothing.

    The same needs are shared out again with the cost of entering at zero.
    """
    given = made.asked.given
    free = share_out(replace(given, items=replace(given.items, entry=np.zeros_like(given.items.entry))), made.needs)
    rows: list[dict[str, Any]] = []
    for place, name in enumerate(given.items.elements):
        now, then = _buyers(made.shared, place), _buyers(free, place)
        if now.any() or then.any():
            rows.append(
                {
                    "element": name,
                    "element_title": force_element(name).title,
                    "buyers": int((now > _SEEN).sum()),
                    "buyers_free": int((then > _SEEN).sum()),
                    "entrants": int(((now > _SEEN) & (given.buyers.held[:, place] <= 0)).sum()),
                    "entrants_free": int(((then > _SEEN) & (given.buyers.held[:, place] <= 0)).sum()),
                    "standing": "notional",
                }
            )
    rows.sort(key=lambda row: (row["entrants"] - row["entrants_free"], row["element"]))
    sums = [sum(row[name] for row in rows) for name in ("entrants", "entrants_free", "buyers", "buyers_free")]
    text = (
        f"If entering cost nothing, {sums[1]} instead of {sums[0]} pairs of an Ally and an element would be new, and "
        f"{sums[3]} instead of {sums[2]} would order at all: it is what holds specialisation together."
        if sums[1] > sums[0]
        else f"Entering keeps nobody out here: {sums[0]} pairs are new with its cost and {sums[1]} without it."
    )
    return finding("entry_effect", when, "What the cost of entering does", rows, sentence(text), figure="entry_effect")


def _buyers(shared: Sharing, element: int) -> Array:
    """Return lots of one element by buyer."""
    given = shared.given
    pairs = given.order_pair
    mine = given.pair_element[pairs] == element
    found = np.bincount(given.pair_buyer[pairs][mine], weights=shared.ordered[mine], minlength=len(given.buyers.codes))
    return found.astype(np.float64)


def caveats(asked: Asked, made: Made, when: str) -> Finding:
    """Return what each Ally that takes part in low intensity only orders, and the risk all these limits cost.

    The least risk is found again without the limits of the scenario.
    """
    limited = [item.ally for item in asked.inputs.scenario.caveats]
    scenario = asked.inputs.scenario.model_copy(update={"caveats": ()})
    free = ask(replace(asked.inputs, scenario=scenario), asked.settings)
    decider = Decider(free.coarse, free.held, free.wanted)
    least = decider.read(decider.least_risk()).risk
    given = made.shared.given
    rows: list[dict[str, Any]] = []
    for code in limited:
        if code not in given.buyers.codes:
            continue
        mine = given.pair_buyer[given.order_pair] == given.buyers.codes.index(code)
        lots = np.bincount(
            given.pair_element[given.order_pair][mine],
            weights=made.shared.ordered[mine],
            minlength=len(given.items.elements),
        )
        names = [given.items.elements[place] for place in np.nonzero(lots > _SEEN)[0]]
        rows.append(
            {
                "ally": code,
                "ally_name": ally(code).name,
                "elements": ";".join(names),
                "risk": made.first.risk,
                "risk_without": least,
                "risk_change_pct": 100 * (made.first.risk / least - 1) if least > 1e-12 else 0.0,
                "standing": "notional",
            }
        )
    who, one = ", ".join(row["ally_name"] for row in rows), len(rows) == 1
    text = (
        f"{who} {'takes' if one else 'take'} part in low intensity only and {'orders' if one else 'order'} what such "
        f"contingencies require; this costs {rows[0]['risk_change_pct']:.1f} % of the least risk that can be "
        "reached."
        if rows
        else ""
    )
    return finding("caveat", when, "What limits to taking part cost", rows, sentence(text))
