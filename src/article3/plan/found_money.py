"""Findings about money, certificates and assumptions."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from article3.domain import ally
from article3.evidence.findings import Check, Finding, sentence
from article3.gap.forces import Array
from article3.plan.decide import SCALE
from article3.plan.lots import Whole
from article3.plan.make import Made
from article3.plan.means import BASE, WAGE_USD_M
from article3.plan.problem import BILLION
from article3.plan.rows import finding, money_words


def money(made: Made, when: str) -> Finding:
    """Return envelope and spending by Ally and year; the parts sum to what is spent."""
    given = made.shared.given
    allies, years = given.buyers.allies, given.years
    outlay, entering = payments(made)
    running = _running(made)
    setting = setting_up(made)
    into = made.shared.paid.sum(axis=0) * BILLION
    owed = given.owed[:allies] * BILLION
    spent = outlay[:allies] + entering[:allies] + running[:allies] + setting + into + owed
    part = 100 * spent / given.means.gdp
    step = np.diff(part, axis=1, prepend=0.0)
    envelope = given.means.envelope
    rows = [
        {
            "ally": code,
            "year": year,
            "ally_name": ally(code).name,
            "envelope": float(envelope[i, y]) if np.isfinite(envelope[i, y]) else None,
            "spent": float(spent[i, y]),
            "outlay": float(outlay[i, y]),
            "entering": float(entering[i, y]),
            "setting_up": float(setting[i, y]),
            "running": float(running[i, y]),
            "owed": float(owed[i, y]),
            "paid_to_fleets": float(into[i, y]),
            "gdp_share_pct": float(part[i, y]),
            "step_pct": float(step[i, y]),
        }
        for i, code in enumerate(given.means.allies)
        for y, year in enumerate(years)
    ]
    return finding(
        "plan_money",
        when,
        "Envelope and spending",
        rows,
        sentence(_money_sentence(made, spent)),
        sources=given.means.sources,
        warnings=_unfair(made),
        figure="plan_money",
    )


def _money_sentence(made: Made, spent: Array) -> str:
    given = made.shared.given
    years = list(given.years)
    to = min(2035, years[-1])
    until = years.index(to) + 1
    total = float(spent[:, :until].sum())
    free = float(given.means.envelope[:, :until].sum())
    text = f"The plan spends {money_words(total)} to {to}"
    if not np.isfinite(free):
        return f"{text}; nothing limits money."
    if free <= 0:
        return f"{text}; the envelope is nought."
    most = max(range(len(given.means.allies)), key=lambda i: spent[i].sum() / max(given.means.envelope[i].sum(), 1e-9))
    share = spent[most].sum() / max(given.means.envelope[most].sum(), 1e-9)
    return (
        f"{text}, {100 * total / free:.0f} % of an envelope of {money_words(free)} of new money; no Ally spends more "
        f"of its own than {ally(given.means.allies[most]).name} ({100 * share:.0f} % over all years)."
    )


def _unfair(made: Made) -> tuple[str, ...]:
    """Return what goes beyond the ceiling of fairness, in a sentence; nothing where it holds."""
    beyond = made.shared.unfair
    if beyond.sum() < _TRIFLE:
        return ()
    names = [ally(made.shared.given.means.allies[i]).name for i in np.argsort(-beyond)[:3] if beyond[i] > _TRIFLE / 10]
    text = (
        f"The ceiling of fairness is passed by {money_words(beyond.sum() * BILLION)} in all ({', '.join(names)} most): "
        "under the caps for single Allies nobody else could field in time what is needed."
    )
    return (text,)


def payments(made: Made) -> tuple[Array, Array]:
    """Return outlays on own orders, and entering, million 2021 US$ by buyer and year, (B, Y)."""
    given, shared = made.shared.given, made.shared
    shape = (len(given.buyers.codes), len(given.years))
    outlay, entering = np.zeros(shape), np.zeros(shape)
    buyer = given.pair_buyer[given.order_pair]
    parts = np.maximum(given.lead, 1)
    price = shared.ordered * given.order_price * BILLION
    for step in range(int(parts.max(initial=0))):
        mine = (parts > step) & (given.order_year + step < shape[1])
        np.add.at(outlay, (buyer[mine], given.order_year[mine] + step), (price / parts)[mine])
    lots = np.bincount(given.order_pair, weights=shared.ordered, minlength=len(given.pair_buyer))
    charge = np.divide(shared.entry_paid, lots, out=np.zeros_like(lots), where=lots > 0)
    np.add.at(entering, (buyer, given.order_year), shared.ordered * charge[given.order_pair] * BILLION)
    return outlay, entering


def _running(made: Made) -> Array:
    given, shared = made.shared.given, made.shared
    found = np.zeros((len(given.buyers.codes), len(given.years)))
    np.add.at(found, given.pair_buyer, shared.added * given.running[:, None] * BILLION)
    return found + (given.bound - given.owed) * BILLION


def setting_up(made: Made) -> Array:
    """Return what Allies pay for setting up lines, million 2021 US$ by Ally and year, (N, Y)."""
    given = made.shared.given
    found = np.zeros((given.buyers.allies, len(given.years)))
    for name, part in made.shared.set_up.items():
        line = given.items.lines.index(name)
        opens = int(np.argmax(given.items.capacity[line] > 0))
        when = sorted({max(0, opens - 2), max(0, opens - 1)})
        found[:, when] += (part * given.items.setup[line] / len(when) * given.makers_share(line))[:, None]
    return found


_GAP: Final = 1e-6
_TRIFLE: Final = 0.1
"""Billions beyond the ceiling of fairness that are not worth a warning."""


def certificate(made: Made, when: str) -> Finding:
    """Return the certificate of every stage."""
    rows, checks = [], []
    for name, (item, solution) in made.certificates.items():
        arrays, scale = solution.arrays, SCALE if name == "risk" else 1.0
        rows.append(
            {
                "stage": name,
                "status": item.status.value,
                "objective": solution.objective / scale if solution.point else None,
                "bound": solution.bound / scale if np.isfinite(solution.bound) else None,
                "gap": item.gap if np.isfinite(item.gap) else None,
                "primal_residual": item.primal_residual,
                "dual_residual": item.dual_residual,
                "rows": float(arrays.row_lower.size),
                "columns": float(arrays.lower.size),
                "coefficients": float(arrays.values.size),
                "iterations": float(solution.iterations),
                "holds": item.holds,
            }
        )
        off = max(item.primal_residual or 0.0, item.dual_residual or 0.0)
        checks.append(Check(f"certificate: {name}", item.holds, f"{item.status.value}, residuals below {off:.0e}"))
    # Whole lots are searched for, not computed: how near the best they are known to be is said in their own sentence.
    lots = isinstance(made.shared, Whole)
    bad = [
        f"{row['stage']} ({_why(row)})"
        for row in rows
        if not row["holds"] and not (lots and row["stage"] == "apportionment")
    ]
    text = (
        f"The best plan found, not certified as the best there is: {', '.join(bad)}."
        if bad
        else f"Every {'linear ' if lots else ''}stage is solved to optimality, certified by arithmetic of our own."
    )
    if isinstance(made.shared, Whole):
        text = f"{text} {made.shared.said()}"
    return finding("certificate", when, "How well the plan is solved", rows, sentence(text), checks=tuple(checks))


def _why(row: dict[str, Any]) -> str:
    """Return why a stage is not certified: stopped, a gap left, or a residual above the limit."""
    if row["status"] != "optimal":
        return str(row["status"])
    off = max(row["primal_residual"] or 0.0, row["dual_residual"] or 0.0)
    return f"a residual of {off:.0e}" if (row["gap"] or 0.0) < _GAP else f"a gap of {100 * row['gap']:.1f} %"


def assumptions(made: Made, when: str) -> Finding:
    """Return what the plan assumes of money, people and time, with source and standing."""
    plan, posture = made.asked.settings, made.asked.given.judged.posture
    sharing, cash = plan.sharing, plan.money
    hague = ("The Hague, June 2025", "reported")
    ours = ("article3-assumption", "notional")
    listed: list[tuple[str, str, str, tuple[str, str]]] = [
        ("posture", "Planned for", posture.name, ours),
        (
            "path",
            "Core spending reaches",
            f"{cash.level_pct:g} % of GDP by {cash.by}; an Ally above it stays where it is",
            hague,
        ),
        (
            "released",
            "Equipment money no longer committed",
            f"0 in {BASE} to {cash.released:.0%} in {cash.released_by}",
            ours,
        ),
        ("investable", "New money that may go into the plan", f"{cash.investable:.0%}", ours),
        ("envelope", "Envelope", cash.envelope + (f" x {cash.factor:g}" if cash.factor != 1 else ""), ours),
        ("years", "Orders", f"{plan.first_year} to {plan.last_year}, judged to {plan.until}", ours),
        ("judged", "Years that risk is weighed in", ", ".join(map(str, made.asked.given.judged.years)), ours),
        ("tolerance", "Risk given up for less cost", f"{plan.tolerance:.1%} of the least", ours),
        ("discount", "Discount a year", f"{plan.discount:.1%}", ours),
        ("people", "Growth of forces a year at most", f"{plan.people:.1%} of military personnel", ours),
        (
            "wage",
            "One uniformed person a year",
            f"$ {WAGE_USD_M * 1e6:,.0f} at mean GDP per head, in proportion elsewhere",
            ours,
        ),
        ("commitment", "Ordered and not yet paid at most", f"{plan.commitment_years:g} years of the envelope", ours),
        ("ceiling", "Ceiling of fairness", f"{sharing.ceiling:g} x what all spend of their envelopes", ours),
        ("challenge", "Reasonable challenge", f"{sharing.challenge:g} x the larger share of GDP or holdings", ours),
        (
            "one_ally",
            "One Ally provides at most",
            f"{sharing.one_ally:.0%} of what is added",
            ("NATO's rule as reported", "reported"),
        ),
        ("us_export", "Lines of the United States sell", f"{plan.us_export:.0%} of what they could", ours),
        ("ukraine", "Deliveries to Ukraine go on at", f"{plan.ukraine:.0%} of today's part", ours),
        ("delay", "Every delivery comes later by", f"{plan.delay_years} years", ours),
        ("without", "Limits left out", ", ".join(plan.without) or "none", ours),
    ]
    rows: list[dict[str, Any]] = [
        {"assumption": name, "title": title, "value": value, "source": source, "standing": standing}
        for name, title, value, (source, standing) in listed
    ]
    return finding("assumption", when, "What the plan assumes", rows, sentence(""))
