"""Trust: the commitment of the United States is uncertain. What to order before one knows, and what knowing is worth.

Tables ``trust`` (plans compared), ``trust_state`` (each plan in each state) and ``trust_knowing`` (by year of knowing).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from article3.evidence.findings import Check, Cited, Finding, sentence
from article3.gap.rows import in_words
from article3.plan.make import Made
from article3.plan.problem import BILLION
from article3.plan.rows import money_words
from article3.scenario.shift_schema import Trust
from article3.shift.rows import finding
from article3.shift.trust_choices import (
    HEDGES,
    SAME,
    Choice,
    Knowing,
    Weighed,
    best_where,
    every_year,
    tail_mean,
    weigh,
)
from article3.shift.trust_tree import NEVER
from article3.shift.trust_words import by_element, instead, main_orders, moved, told

CRITERIA: Final = {"expected": "expected value", "cvar": "CVaR", "regret": "regret"}
NOTHING: Final = "Nothing falls short whichever way the United States goes."
_TINY: Final = 1e-9
_AGREE: Final = 1e-5
"""Relative difference within which the program of all states and each state's own agree."""


def trust(
    made: Made,
    when: str = "",
    settings: Trust | None = None,
    *,
    years: tuple[int, ...] | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[Finding, ...]:
    """Return what to choose while the commitment of the United States is uncertain, and what knowing is worth.

    Parameters
    ----------
    made
        The plan of the scenario.
    when
        Date and scenario for the addresses.
    settings
        States with weights, tail and year of knowing; those of the scenario by default.
    years
        Years judged; six of the plan's own by default.
    stop
        Asked now and then.

    Raises
    ------
    InputError
        The money named does not pay for what is owed already.
    Cancelled
        It was stopped.
    """
    weighed = weigh(made, settings or made.asked.inputs.scenario.shift.trust, years, stop=stop)
    return choices(weighed, when), by_state(weighed, when), by_knowing(weighed, when)


def choices(weighed: Weighed, when: str) -> Finding:
    """Return table ``trust``: the plans compared."""
    rows = _rows(weighed)
    found = finding(
        "trust",
        when,
        "Plans before it is known which way the United States goes",
        rows,
        sentence(""),
        checks=_checks(weighed),
        warnings=_warnings(weighed),
        figure="trust",
    )
    return replace(found, sentence=sentence(*_advice(found, weighed, rows)))


def by_state(weighed: Weighed, when: str) -> Finding:
    """Return table ``trust_state``: each plan in each state."""
    rows: list[dict[str, Any]] = []
    for item in weighed.choices:
        regret = weighed.regret(item)
        for place, state in enumerate(weighed.states.commitments):
            spent, known = item.outcomes[place].discounted, float(weighed.known_money[place])
            rows.append(
                {
                    "choice": item.choice,
                    "state": state.state,
                    "state_title": state.title,
                    "weight": float(weighed.weights[place]),
                    "risk_before": float(weighed.before[place]),
                    "risk": float(item.risks[place]),
                    "lowered_pct": _lowered(item.risks[place], weighed.before[place]),
                    "regret": float(regret[place]),
                    "regret_pct": _percent(regret[place], weighed.best[place]),
                    "discounted_usd2021_m": spent,
                    "known_usd2021_m": known if item.choice == "expected" else None,
                    "saved_usd2021_m": max(spent - known, 0.0) if item.choice == "expected" else None,
                    "standing": "notional",
                }
            )
    found = finding(
        "trust_state", when, "Each plan, if the United States ...", rows, sentence(""), figure="trust_state"
    )
    return replace(found, sentence=sentence(*_hedging(found, weighed, rows)))


def by_knowing(weighed: Weighed, when: str) -> Finding:
    """Return table ``trust_knowing``: what could be reached by the year in which it becomes known."""
    never = weighed.knowing[-1]
    rows = [_known(weighed, item, never) for item in weighed.knowing]
    found = finding(
        "trust_knowing", when, "What knowing earlier would be worth", rows, sentence(""), figure="trust_knowing"
    )
    return replace(found, sentence=sentence(*_worth(found, weighed, rows)))


def _rows(weighed: Weighed) -> list[dict[str, Any]]:
    states = weighed.states
    measures = [weighed.measures(item) for item in weighed.choices]
    least = {name: min(item[name] for item in measures) for name in CRITERIA}
    before = float(weighed.weights @ weighed.before)
    tail_before = tail_mean(weighed.before, weighed.weights, weighed.trust.tail)
    good = weighed.choices[int(weighed.before.argmin())]
    rows = []
    for item, mine, stretch in zip(weighed.choices, measures, best_where(weighed), strict=True):
        regret = weighed.regret(item)
        most = int(regret.argmax())
        full = max(item.outcomes, key=lambda outcome: outcome.discounted)
        rows.append(
            {
                "choice": item.choice,
                "title": item.title,
                "expected_risk": mine["expected"],
                "lowered_pct": _lowered(mine["expected"], before),
                "cvar": mine["cvar"],
                "cvar_lowered_pct": _lowered(mine["cvar"], tail_before),
                "regret": mine["regret"],
                "regret_pct": _percent(mine["regret"], before),
                "regret_state": states.names[most] if mine["regret"] > SAME * before else "",
                "discounted_usd2021_m": full.discounted,
                "cost_usd2021_m": full.spent,
                "orders_usd2021_m": float(by_element(states.given[0], item.placed)[1].sum()),
                "common": _common(weighed, item),
                "orders": main_orders(states, item.placed),
                "instead": instead(states, item.placed, good.placed) if item is not good else "",
                "best_from": stretch[0] if stretch else None,
                "best_to": stretch[1] if stretch else None,
                "chosen_by": "; ".join(
                    title for name, title in CRITERIA.items() if mine[name] <= least[name] * (1 + SAME) + SAME * before
                ),
                "standing": "notional",
            }
        )
    return rows


def _known(weighed: Weighed, item: Knowing, never: Knowing) -> dict[str, Any]:
    worth = max(never.risk - item.risk, 0.0)
    saved = None
    if item.money is not None and never.money is not None:
        saved = max(never.money - item.money, 0.0)
    return {
        "known": _year(item.year),
        "expected_risk": item.risk,
        "worth": worth,
        "worth_pct": _percent(worth, never.risk),
        "expected_usd2021_m": item.money,
        "saved_usd2021_m": saved,
        "orders": main_orders(weighed.states, item.placed),
        "standing": "notional",
    }


def _year(year: int) -> str:
    return "never" if year == NEVER else str(year)


def _common(weighed: Weighed, choice: Choice) -> float | None:
    """Return the part of a plan's orders that every state's own plan orders too, by money and force element."""
    given = weighed.states.given[0]
    mine = by_element(given, choice.placed)[1]
    others = [by_element(given, item.placed)[1] for item in weighed.choices[: len(weighed.before)]]
    total = float(mine.sum())
    return float(np.minimum.reduce([mine, *others]).sum()) / total if total > _TINY else None


def _lowered(risk: float, before: float) -> float | None:
    return 100 * (1 - float(risk) / float(before)) if before > _TINY else None


def _percent(part: float, whole: float) -> float | None:
    return 100 * float(part) / float(whole) if whole > _TINY else None


def _checks(weighed: Weighed) -> tuple[Check, ...]:
    proofs = weighed.certificates
    good = sum(item.holds for item in proofs.values())
    worst = max(
        max(item.primal_residual or 0.0, item.dual_residual or 0.0, item.complementarity or 0.0)
        for item in proofs.values()
    )
    expected = weighed.choice("expected")
    found = float(weighed.weights @ expected.risks)
    apart = abs(found - weighed.decided) / max(weighed.decided, _TINY)
    whole = every_year(weighed, expected)
    off = found / whole - 1 if whole > _TINY else 0.0
    return (
        Check(
            "certificates", good == len(proofs),
            f"{good} of {len(proofs)} solves proven best, largest residual {worst:.1g}",
        ),
        Check(
            "judged alone", apart <= _AGREE,
            f"expected risk of the plan chosen, each state judged alone, differs from the program of all states by "
            f"{apart:.1g} of it",
        ),
        Check(
            "years and pieces left out", None,
            f"expected risk of the plan chosen over {len(weighed.states.years)} years by pieces of a quarter "
            f"{found:.5f}, by the gap's own model over every year {whole:.5f}: {100 * abs(off):.1f} % too "
            f"{'high' if off > 0 else 'low'}",
        ),
    )  # fmt: skip


def _warnings(weighed: Weighed) -> tuple[str, ...]:
    settings = weighed.states.asked.settings
    named = weighed.trust.money_usd_m is not None
    source = "the money named" if named else "the money that the scenario's own plan spends"
    found = [
        (
            f"Every plan here has {source}: {money_words(weighed.money * BILLION)} over all years, discounted, before "
            "sharing out by Ally. Weights of the states are assumptions: there is no history to hold them against."
        )
    ]
    firm = [item.title for item in settings.goals if item.hard]
    held = [*firm, *(f"{item.contingency} within {item.window_days} days" for item in settings.targets)]
    if held:
        found.append(
            f"What the plan must reach is not held in these states, in some of which it cannot be: {in_words(held)}."
        )
    return tuple(found)


def _advice(found: Finding, weighed: Weighed, rows: list[dict[str, Any]]) -> list[str | Cited]:
    """Return which plan to choose by each criterion, and when another is better."""
    if weighed.before.max() <= _TINY:
        return [NOTHING]
    hedge, tail, regret = ({row["choice"]: row for row in rows}[name] for name in HEDGES)
    good, worst = int(weighed.before.argmin()), int(weighed.before.argmax())
    titles = [item.title for item in weighed.states.commitments]
    more, fewer = moved(weighed.states, weighed.choice("expected").placed, weighed.choices[good].placed)
    parts = [f"{word} {told(listed)}" for word, listed in (("more", more), ("fewer", fewer)) if listed]
    against = f', with {" and ".join(parts)} than a plan for "{titles[good]}"' if parts else ""
    singles = rows[: len(titles)]
    nearest = min(singles, key=lambda row: float(row["expected_risk"]))
    return [
        "Trust the weights: the best plan for the same money lowers expected risk by ",
        _cited(found, hedge, "lowered_pct"),
        f'{against}; the best of the plans made for one state ("{titles[singles.index(nearest)]}") by ',
        _cited(found, nearest, "lowered_pct"),
        f". Fear the worst {100 * weighed.trust.tail:.0f} % of futures: the plan of least CVaR lowers their risk by ",
        _cited(found, tail, "cvar_lowered_pct"),
        " instead of ",
        _cited(found, hedge, "cvar_lowered_pct"),
        ". Fear to have chosen wrongly: the plan of least regret brings what could have been spared at most from ",
        _cited(found, hedge, "regret_pct"),
        " to ",
        _cited(found, regret, "regret_pct"),
        " of the risk there is without a plan. ",
        *_flip(found, hedge, titles[worst], float(weighed.weights[worst])),
    ]


def _flip(found: Finding, hedge: dict[str, Any], title: str, now: float) -> list[str | Cited]:
    """Return between which weights of the state of most risk the plan of least expected risk stays the best."""
    if hedge["best_from"] is None:
        return []
    ends = (_cited(found, hedge, name, f"{100 * hedge[name]:.0f} %") for name in ("best_from", "best_to"))
    low, high = ends
    return [
        "Of these plans the first stays the best while the weight of ",
        f'"{title}" lies between ',
        low,
        " and ",
        high,
        f" (here {100 * now:.0f} %).",
    ]


def _hedging(found: Finding, weighed: Weighed, rows: list[dict[str, Any]]) -> list[str | Cited]:
    """Return what hedging costs in the good state, and what it spares in the worst."""
    if weighed.before.max() <= _TINY:
        return [NOTHING]
    good, worst = int(weighed.before.argmin()), int(weighed.before.argmax())
    names = weighed.states.names
    titles = [item.title for item in weighed.states.commitments]
    by_key = {(row["choice"], row["state"]): row for row in rows}
    here, there = by_key["expected", names[good]], by_key["expected", names[worst]]
    bare = by_key[names[good], names[worst]]
    return [
        f'"{titles[good]}": the plan of least expected risk leaves ',
        _cited(found, here, "regret_pct"),
        " more risk than a plan made for that, which would have reached the same risk with ",
        _cited(found, here, "saved_usd2021_m", money_words(here["saved_usd2021_m"])),
        f' less. "{titles[worst]}": it lowers risk by ',
        _cited(found, there, "lowered_pct"),
        ", a plan that counted on the first by ",
        _cited(found, bare, "lowered_pct"),
        ".",
    ]


def _worth(found: Finding, weighed: Weighed, rows: list[dict[str, Any]]) -> list[str | Cited]:
    """Return what knowing at once, and knowing when it is expected, is worth against never knowing in time."""
    if weighed.before.max() <= _TINY:
        return [NOTHING]
    first, never = rows[0], rows[-1]
    expected = {row["known"]: row for row in rows}.get(str(weighed.trust.known))
    parts: list[str | Cited] = [
        f"Knowing in {first['known']} which way it goes, rather than never in time, lowers expected risk by ",
        *_gain(found, first),
        f" of {money_words(never['expected_usd2021_m'])} for the same safety",
    ]
    if expected is None or expected is first or expected is never:
        return [*parts, "."]
    return [*parts, f"; knowing in {expected['known']} lowers it by ", *_gain(found, expected), "."]


def _gain(found: Finding, row: dict[str, Any]) -> list[str | Cited]:
    return [
        _cited(found, row, "worth_pct"),
        " or saves ",
        _cited(found, row, "saved_usd2021_m", money_words(row["saved_usd2021_m"])),
    ]


def _cited(found: Finding, row: dict[str, Any], column: str, text: str = "") -> Cited:
    """Return a number of a row with its address; in per cent to one decimal where no text is given."""
    return Cited(text or f"{row[column] or 0.0:.1f} %", found.address(row, column))
