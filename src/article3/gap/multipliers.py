"""Findings about modest investments: gains by solving again, and the best package under a ceiling."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from article3.evidence.findings import Cited, Finding, sentence
from article3.evidence.planning import Planning
from article3.gap.assess import Assessment, same_shape
from article3.gap.forces import WINDOWS, Array
from article3.gap.invest import Catalogue, Investor, investor
from article3.gap.rows import finding, in_words, posture_words

CANDIDATES: Final = 10
"""Investments followed through the draws: the best at central values."""
TOP: Final = 5
SPARED: Final = 2
"""P(top five) is taken over every second draw: each candidate is solved again in each."""
_SEEN: Final = 1e-5
"""Gains of psi below this are none."""


def multipliers(
    found: Assessment,
    planning: Planning,
    items: Catalogue,
    settings: tuple[float, float],
    drawn: tuple[int, int],
    when: str,
) -> tuple[Finding, Finding]:
    """Return the gains of single investments and the best packages, for less of and without the United States.

    Parameters
    ----------
    found, planning, items
        The assessment, the planning tables and what can be bought.
    settings
        Ceiling in million 2021 US$, and years within which the first delivery must come.
    drawn
        Number of draws for P(top five), and their seed.
    when
        Date and scenario for the addresses.
    """
    singles: list[dict[str, Any]] = []
    packages: list[dict[str, Any]] = []
    for posture in ("reduced", "without"):
        if posture not in found.postures:
            continue
        made = investor(found.forces, found.values, found.postures, posture, planning, items)
        rows = _singles(made, posture, settings)
        best = [row["item"] for row in sorted(rows, key=lambda row: -(row["gain_per_1000m"] or 0.0))[:CANDIDATES]]
        chances = _top_five(found, planning, items, posture, best, settings[0], drawn) if drawn[0] else {}
        rows.sort(key=lambda row: (row.get("rank") or np.inf, row["gain"] is None))
        singles += [row | {"p_top_five": chances.get(row["item"])} for row in rows]
        packages += _package(made, posture, settings)
    first = finding(
        "multiplier",
        when,
        "What multiplies force",
        singles,
        _single_sentence(found, singles, settings),
        figure="multiplier",
    )
    second = finding("package", when, "Modest investments: the best package", packages, sentence(""), figure="package")
    caution = (
        "Costs, lead times and effects of most items are illustrative; the leaders are mostly the least documented "
        "holdings: read P(top five), not the rank alone."
    )
    text = _package_sentence(found, packages, settings, second)
    return first, replace(second, sentence=text, warnings=(caution,))


def _singles(made: Investor, posture: str, settings: tuple[float, float]) -> list[dict[str, Any]]:
    ceiling, years = settings
    items, units = made.items, made.lots(ceiling)
    rows: list[dict[str, Any]] = []
    for number, name in enumerate(items.names):
        cost = float(units[number] * items.cost[number])
        fits = units[number] > 0
        gain = max(0.0, made.gain(number, float(units[number]))) if fits else None
        gain = 0.0 if gain is not None and gain < _SEEN else gain
        slope = float(made.slopes[number]) / len(WINDOWS) / float(items.cost[number]) * 1000
        per = gain / cost * 1000 if gain is not None else None
        rows.append(
            {
                "item": name,
                "posture": posture,
                "kind": items.kinds[number],
                "title": items.titles[number],
                "units": float(units[number]) if fits else None,
                "cost_usd2021_m": cost if fits else None,
                "gain": gain,
                "gain_per_1000m": per,
                "initial_slope": max(0.0, slope),
                "overstated": per is not None and slope > _SEEN and per < 2 / 3 * slope,
                "lead_years": float(items.lead_years[number]),
                "in_time": bool(items.lead_years[number] <= years),
                "reason": ""
                if fits
                else f"one lot costs {items.cost[number] * items.lot[number]:,.0f} million, above the ceiling",
                "standing": "notional",
            }
        )
    ranked = sorted((row for row in rows if row["gain"]), key=lambda row: -row["gain_per_1000m"])
    for place, row in enumerate(ranked, start=1):
        row["rank"] = float(place)
    return rows


def _top_five(
    found: Assessment,
    planning: Planning,
    items: Catalogue,
    posture: str,
    names: list[str],
    ceiling: float,
    drawn: tuple[int, int],
) -> dict[str, float]:
    """Return the share of draws in which each candidate is among the five with the largest gain."""
    draws, seed = -(-drawn[0] // SPARED), drawn[1]
    numbers = [items.names.index(name) for name in names]
    hits = np.zeros(len(numbers))
    for draw in range(draws):
        rng = np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, draw * SPARED]))
        values = same_shape(found.forces.draw(rng), found.values)
        made = investor(found.forces, values, found.postures, posture, planning, items)
        units = made.lots(ceiling)
        gains = np.array([made.gain(number, float(units[number])) if units[number] else 0.0 for number in numbers])
        per = gains / np.maximum(units[numbers] * items.cost[numbers], 1e-9)
        best = np.argsort(-per, kind="stable")[:TOP]
        hits[best[gains[best] > _SEEN]] += 1
    return {name: float(hit / draws) for name, hit in zip(names, hits, strict=True)}


def _package(made: Investor, posture: str, settings: tuple[float, float]) -> list[dict[str, Any]]:
    ceiling, years = settings
    items = made.items
    allowed = (items.lead_years <= years).astype(float)
    exact, _ = made.model.choose(ceiling, allowed)
    amounts = _whole_lots(made, np.clip(exact, 0.0, None), ceiling, allowed)
    before, after = made.total(made.base), made.total(made.model.buy(amounts))
    rows = []
    for number in np.nonzero(amounts > 0)[0]:
        without = amounts.copy()
        without[number] = 0.0
        loss = made.total(made.model.buy(without)) - after
        if loss < _SEEN:
            continue  # rounded in, and of no use
        rows.append(
            {
                "item": items.names[number],
                "posture": posture,
                "title": items.titles[number],
                "units": float(amounts[number]),
                "units_lp": float(exact[number]),
                "cost_usd2021_m": float(amounts[number] * items.cost[number]),
                "loss_when_removed": loss,
                "lead_years": float(items.lead_years[number]),
                "risk_before": before,
                "risk_after": after,
                "standing": "notional",
            }
        )
    return sorted(rows, key=lambda row: -row["loss_when_removed"])


def _whole_lots(made: Investor, exact: Array, ceiling: float, allowed: Array) -> Array:
    """Round down to whole lots, then add the best lot per million that still fits and helps, until none does."""
    items = made.items
    lot_cost = items.lot * items.cost
    amounts = np.floor(exact / items.lot + 1e-6) * items.lot
    most = np.where(np.array(items.kinds) == "improvement", 1.0, np.inf)
    while True:
        left = ceiling - float((amounts * items.cost).sum())
        base = made.total(made.model.buy(amounts))
        fitting = [
            number
            for number in np.nonzero((lot_cost <= left + 1e-6) & (allowed > 0) & (amounts + items.lot <= most))[0]
            if exact[number] > 0 or made.slopes[number] > _SEEN
        ]
        best, best_gain = -1, 0.0
        for number in fitting:
            trial = amounts.copy()
            trial[number] += items.lot[number]
            gain = (base - made.total(made.model.buy(trial))) / lot_cost[number]
            if gain > best_gain * (1 + 1e-9) and gain * lot_cost[number] > _SEEN:
                best, best_gain = int(number), gain
        if best < 0:
            return np.asarray(amounts)
        amounts[best] += items.lot[best] * _bulk(made, amounts, best, base, best_gain * lot_cost[best], left, most)


def _bulk(made: Investor, amounts: Array, best: int, base: float, gain: float, left: float, most: Array) -> float:
    """Return how many lots of one item to add at once: as many as still gain nine tenths of what the first does."""
    items = made.items
    lots = max(1.0, np.floor(0.05 * left / (items.lot[best] * items.cost[best])))
    lots = min(lots, np.floor((most[best] - amounts[best]) / items.lot[best]))
    while lots > 1:
        trial = amounts.copy()
        trial[best] += items.lot[best] * lots
        if base - made.total(made.model.buy(trial)) >= 0.9 * gain * lots:
            break
        lots = np.floor(lots / 2)
    return float(max(lots, 1.0))


def _single_sentence(found: Assessment, rows: list[dict[str, Any]], settings: tuple[float, float]) -> Any:
    parts = []
    for posture in ("reduced", "without"):
        mine = [row for row in rows if row["posture"] == posture and row["gain"]]
        leading = sorted(mine, key=lambda row: -row["gain_per_1000m"])[:TOP]
        sure = [_called(row["title"]) for row in leading if row["p_top_five"] is None or row["p_top_five"] >= 0.5]
        if sure:
            parts.append(f"{posture_words(found, posture)}, {in_words(sure)}")
    if not parts:
        return sentence("")
    drawn = any(row["p_top_five"] is not None for row in rows)
    agreed = " (each among the five best in half of the draws or more)" if drawn else ""
    return sentence(f"What a sum of {settings[0]:,.0f} million multiplies most{agreed}: {'; '.join(parts)}.")


def _package_sentence(
    found: Assessment, rows: list[dict[str, Any]], settings: tuple[float, float], made: Finding
) -> Any:
    parts: list[Any] = []
    for posture in ("reduced", "without"):
        mine = [row for row in rows if row["posture"] == posture]
        if not mine:
            continue
        bought = in_words(f"{_called(row['title'])} ({row['units']:,.0f})" for row in mine)
        fall = 1 - mine[0]["risk_after"] / mine[0]["risk_before"]
        parts += [
            "; " if parts else "",
            f"{posture_words(found, posture)}: {bought}, for ",
            Cited(f"{100 * fall:.0f} %", made.address(mine[0], "risk_after")),
            " less risk",
        ]
    if not parts:
        return sentence("")
    return sentence(
        f"An illustrative package for {settings[0]:,.0f} million within {settings[1]:.0f} years, ", *parts, "."
    )


def _called(title: str) -> str:
    """Return a title inside a sentence: without what follows a comma, in lower case but for abbreviations."""
    short = title.split(",", maxsplit=1)[0]
    return short if short[:2].isupper() or not short[1:2].isalpha() else short[:1].lower() + short[1:]
