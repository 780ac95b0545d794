"""Flip numbers: at which requirement a sentence turns."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from article3.evidence.findings import Finding, sentence
from article3.gap.assess import Assessment
from article3.gap.forces import WINDOWS
from article3.gap.rows import capability_title, finding, posture_words
from article3.gap.shares import arriving_from

_HALF: Final = 0.5
_NEVER: Final = 1e-6


def flips(found: Assessment, when: str) -> Finding:
    """Return at which requirement each notional headline turns.

    Two kinds of sentence: *k holds contingency c back within w days* (in the posture without the United States, for
    each weakest link), and *Europe could give half of what c requires of k*.
    """
    rows = [*_binding(found, "without"), *_half(found)]
    first = next((row for row in rows if row["statement"] == "binding" and row["turns_at"] is not None), None)
    text = (
        f"{first['sentence']} This turns if the requirement is {first['turns']} {first['turns_at']:,.4g}; "
        f"{first['assumed']:,.4g} is assumed."
        if first
        else ""
    )
    return finding("flip", when, "Flip numbers", rows, sentence(text))


def _binding(found: Assessment, posture: str) -> list[dict[str, Any]]:
    model, margins = found.margin_model, found.margins[posture]
    form, axes = model.form, found.axes
    given = found.supplies[posture]
    rows: list[dict[str, Any]] = []
    for place, cell in enumerate(found.cells):
        mine = np.nonzero((form.need_cell == place) & margins.binding)[0]
        if len(cell.contingencies) > 1 or margins.attainment[place] >= 1 - 1e-6:
            continue
        for need in mine:
            without, most = model.relieved(given, int(need))
            if without < 1e-9:
                continue  # with a margin of zero elsewhere no requirement of this capability matters
            item = axes.contingencies[cell.contingencies[0]]
            name = axes.capabilities[form.need_capability[need]]
            assumed = float(found.values.needs[cell.contingencies[0], cell.window, form.need_capability[need]])
            turns = most * assumed / without
            held = f"{item.title} within {WINDOWS[cell.window]} days, {posture_words(found, posture)}"
            rows.append(
                {
                    "statement": "binding",
                    "contingency": item.id,
                    "capability": name,
                    "window_days": WINDOWS[cell.window],
                    "posture": posture,
                    "sentence": f"{held}: held back by {capability_title(name)}.",
                    "assumed": assumed,
                    "turns_at": turns if turns > _NEVER * assumed else None,
                    "factor": turns / assumed if turns > _NEVER * assumed else None,
                    "turns": "below" if turns > _NEVER * assumed else "never by this requirement alone",
                    "standing": "notional",
                }
            )
    return rows


def _half(found: Assessment) -> list[dict[str, Any]]:
    able = arriving_from(found, "with", "europe")
    rows: list[dict[str, Any]] = []
    for place, item in enumerate(found.axes.contingencies):
        for need in item.needs:
            k, w = found.axes.of("capability", need.capability), WINDOWS.index(need.window_days)
            turns = float(able[place, w, k]) / _HALF
            if turns <= 0 or need.central <= 0:
                continue
            holds = able[place, w, k] >= _HALF * need.central
            rows.append(
                {
                    "statement": "half",
                    "contingency": item.id,
                    "capability": need.capability,
                    "window_days": need.window_days,
                    "posture": "with",
                    "sentence": f"{item.title} within {need.window_days} days: European units could give "
                    f"{'half or more' if holds else 'less than half'} of {capability_title(need.capability)}.",
                    "assumed": need.central,
                    "turns_at": turns,
                    "factor": turns / need.central,
                    "turns": "above" if holds else "below",
                    "standing": "notional",
                }
            )
    return rows
