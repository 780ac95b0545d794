"""Trust: what each plan gives away in each future, on average, and in the worst part of them."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import Canvas, Figure, Spec
from article3.report.gap_words import lower
from article3.report.plan_heat import Strip, heat
from article3.report.plan_sheet import cut
from article3.report.shift_words import source
from article3.report.words import FIXED
from article3.scenario.resolve import Inputs

CRITERIA: Final = ("expected", "cvar", "regret")
"""Plans made with all futures in view; all other plans are made for one of them."""
NAMES: Final = {
    "expected": "Least risk on average",
    "cvar": "Least risk in the worst part",
    "regret": "Least regret at most",
}
_DARKEST: Final = 10.0
"""Per cent more risk from which on a tile is full."""
_UPRIGHT: Final = 210.0
"""Pixels of a heading in three lines."""
_SEEN: Final = 0.05
"""Per cent of which one decimal still shows something."""
_BESIDE: Final = "states and weights of the scenario; orders, holdings and requirements as in the plan"

Row = dict[str, Any]


def named(row: Row) -> str:
    """Return how a plan is called: the future it is made for, or what it keeps least."""
    return NAMES.get(row["choice"], lower_title(row["title"]))


def lower_title(title: str) -> str:
    """Return the title of a plan without the word that says that it is made for a future."""
    return title.removeprefix("For: ")


def more_words(share_pct: float) -> str:
    """Return how much more risk a plan leaves, in per cent: ``+2.1 %``, and what is the least as ``least``."""
    if share_pct < _SEEN:
        return "least"
    return f"+{share_pct:.1f}{FIXED}%" if share_pct < 9.95 else f"+{share_pct:.0f}{FIXED}%"


def columns_of(states: Finding, inputs: Inputs) -> dict[str, str]:
    """Return the columns of the matrix with their titles: every future, all of them by weight, the worst part."""
    found = {}
    for row in states.table.unique("state", maintain_order=True, keep="first").iter_rows(named=True):
        found[row["state"]] = f"{row['state_title']} ({100 * row['weight']:.0f}{FIXED}%)"
    tail = inputs.scenario.shift.trust.tail
    return {**found, "=expected": "On average, by weight", "=cvar": f"In the worst {100 * tail:.0f}{FIXED}%"}


def matrix(finding: Finding, states: Finding) -> dict[str, dict[str, float]]:
    """Return by plan and column how much more risk it leaves than the best of these plans there, in per cent."""
    found: dict[str, dict[str, float]] = {row["choice"]: {} for row in finding.table.iter_rows(named=True)}
    for row in states.table.iter_rows(named=True):
        if row["choice"] in found and row["regret_pct"] is not None:
            found[row["choice"]][row["state"]] = row["regret_pct"]
    for column, key in (("expected_risk", "=expected"), ("cvar", "=cvar")):
        least = float(finding.table[column].min() or 0.0)  # type: ignore[arg-type]
        for row in finding.table.iter_rows(named=True):
            if least > 0:
                found[row["choice"]][key] = 100 * (row[column] / least - 1)
    return found


def shift_trust(finding: Finding, states: Finding, inputs: Inputs) -> Figure | None:
    """Draw what every plan gives away in every future.

    Parameters
    ----------
    finding, states
        Tables ``trust`` and ``trust_state``.
    inputs
        The scenario, for the worst part.

    Returns
    -------
    Figure or None
        ``None`` where no plans are compared.
    """
    if finding.table.height == 0 or states.table.height == 0:
        return None
    return Figure(
        "shift_trust",
        _title(finding, states),
        "How much more risk each European plan leaves than the best one would, in per cent; all cost the same money. "
        "Columns: one future of the United States each, with its weight; all of them; the worst part of them. Rows "
        "above: plans made as if one future were certain; below: plans that have to suit all. Weights are the "
        "scenario's: nobody knows them.",
        source(finding, _BESIDE),
        finding,
        states.table.select("choice", "state", "weight", "risk_before", "risk", "regret_pct"),
        lambda canvas: _chart(finding, states, inputs, canvas),
    )


def _title(finding: Finding, states: Finding) -> Sentence:
    """Return the largest regret of the plan that is best on average, and of the plans made for one future."""
    known = states.table.filter(pl.col("regret_pct").is_not_null()).sort("regret_pct", descending=True)
    mine = known.filter(pl.col("choice") == "expected")
    single = known.filter(~pl.col("choice").is_in(CRITERIA))
    parts: list[str | Cited] = []
    if mine.height:
        row = mine.row(0, named=True)
        parts += ["The European plan of least risk on average leaves at most ", _more(states, row)]
        parts.append(" more risk than one made for what comes")
    if single.height and single["regret_pct"][0] >= _SEEN:
        row = single.row(0, named=True)
        made = finding.table.filter(pl.col("choice") == row["choice"]).row(0, named=True)
        parts.append(f"{'; ' if parts else ''}a plan for “{lower_title(made['title'])}” leaves ")
        parts += [_more(states, row), f" more if “{row['state_title']}”"]
    return sentence(*parts) if parts else sentence("No future makes another European plan better")


def _more(states: Finding, row: Row) -> Cited:
    words = "nothing" if row["regret_pct"] < _SEEN else more_words(row["regret_pct"]).lstrip("+")
    return Cited(words, states.address(row, "regret_pct"))


def _chart(finding: Finding, states: Finding, inputs: Inputs, canvas: Canvas) -> Spec:
    heads = columns_of(states, inputs)
    found = matrix(finding, states)
    strips: list[Strip] = []
    rows = finding.table.to_dicts()
    groups = (
        ("plans made for one future", [row for row in rows if row["choice"] not in CRITERIA]),
        ("plans that have to suit all", [row for row in rows if row["choice"] in CRITERIA]),
    )
    for title, some in groups:
        strips += [Strip(title)] if some else []
        for row in some:
            tiles = {key: (_full(value), more_words(value)) for key, value in found[row["choice"]].items()}
            strips.append(Strip(named(row), tiles))
    if canvas.narrow:
        heads = {key: _brief(title, canvas.size) for key, title in heads.items()}
    return heat(strips, heads, canvas, (96 if canvas.narrow else 220, 0), "")


def _brief(title: str, size: float) -> str:
    """Return the title of a column for a phone, where columns stand upright and hold three lines."""
    return cut(lower(title.replace("The United States", "US").partition(" (")[0]), _UPRIGHT, size)


def _full(value: float) -> float:
    return 0.0 if value < _SEEN else 0.15 + 0.85 * min(1.0, value / _DARKEST)
