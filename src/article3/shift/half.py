"""Half by 2030: what Europe carries of every requirement and of inventories, year by year, with odds.

Two readings that answer differently (of a requirement, of what is held), on two bases (committed deliveries alone, the
plan on top). The share on time is that of the plan; odds are over draws of money, delays and ranges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from article3.domain import capability
from article3.evidence.findings import Check, Finding, sentence
from article3.gap.forces import WINDOWS, Array, Ints
from article3.gap.rows import capability_title, element_title, in_words, worst
from article3.plan.goals import reachable
from article3.plan.make import Made, seen_in
from article3.plan.means import BASE
from article3.plan.problem import Problem
from article3.scenario.plan_schema import Goal
from article3.scenario.shift_schema import Shift
from article3.shift.half_draws import BASES, GOAL_YEAR, KINDS, Shares, shares
from article3.shift.rows import finding
from article3.shift.used import force_used

HALF: Final = 0.5
EVERY: Final = "every"
OURS: Final = "our_holdings"
WIDER: Final = {
    ("csis-enablers-2023", "air_refuelling"): ("tanker", "airlift_a400m"),
    ("csis-defend-2025", "air_refuelling"): ("tanker", "airlift_a400m", "airlift_tactical"),
}
"""Elements that a published count includes, by its own words, beside the one that gives the capability like with like:
CSIS names the A400M in 2023, and every aircraft that can be fitted in 2025."""
BOUND: Final = (
    "Shares of requirements are upper bounds: every unit is counted again for every task. Where a share passes one "
    "half, Europe could carry half of that task if it did nothing else."
)
LATE: Final = (
    "Shares on time are the plan's; deliveries come rather late than early and money rather short than long, so the "
    "middle of the draws lies below them. Delays are mostly notional."
)
_SLACK: Final = 1e-9
_PRINTED: Final = 0.001
_NEVER: Final = 9999
_LIKELY: Final = 0.9


@dataclass(frozen=True, slots=True)
class Lines:
    """What shares are of, one in a line. Shapes: D draws (the first is the plan as it stands), Y years, N lines.

    Parameters
    ----------
    keys
        Reading, capability, case and window of each.
    words
        Its denominator in words.
    amount
        Its denominator in 2030, (N,).
    share
        European share, (D, Y, N).
    within
        Share within reach in 2030 whatever is ordered, and the elements that give it.
    standing
        How far to trust it.
    """

    keys: list[tuple[str, str, str, int]]
    words: list[str]
    amount: list[float]
    share: Array
    within: list[tuple[float, tuple[int, ...]]]
    standing: list[str]


def half(
    made: Made, shift: Shift, when: str, offers_by_year: Mapping[int, Array] | None = None
) -> tuple[Finding, Finding, Finding]:
    """Return Europe's share of every requirement and inventory over the years, with odds, and whose force is used.

    Parameters
    ----------
    made
        A plan.
    shift
        Last year, number of draws, deliveries that come later.
    when
        As-of date.
    offers_by_year
        Units the United States offers, (E,), by year, for the force used; today's offer where none is given.

    Returns
    -------
    tuple of Finding
        Tables ``half_by_2030``, ``half_path`` and ``force_used``.
    """
    found = shares(made, shift)
    lines = {
        name: lines_of(made, found, name) for name in (shift.plan, *(item for item in BASES if item != shift.plan))
    }
    alone = _alone_drawn(made, shift)
    rows = [row for name, item in lines.items() for row in _rows(made, found, name, item, alone[name])]
    # What people ask first stands first: every requirement and inventories, then requirements one by one.
    rows.sort(key=lambda row: row["case"] != EVERY and row["reading"] == "requirement")
    paths = [row for name, item in lines.items() for row in _path(found, name, item)]
    warnings = (BOUND, LATE, *((found.unpaid,) if found.unpaid else ()))
    sources = tuple(sorted(made.asked.inputs.planning.table("inventories")["source_id"].unique().to_list()))
    title = f"Half by {GOAL_YEAR}: what Europe carries, with odds"
    by_2030 = finding(
        "half_by_2030",
        when,
        title,
        rows,
        sentence(_said(rows, found)),
        sources=(*sources, *_late_sources(made)),
        checks=_checks(made, rows),
        warnings=warnings,
        figure="half_by_2030",
    )
    path = finding(
        "half_path", when, "What Europe carries, year by year", paths, sentence(_passed(paths)), figure="half_path"
    )
    return by_2030, path, force_used(made, shift, when, offers_by_year)


def _alone_drawn(made: Made, shift: Shift) -> dict[str, dict[str, Array]]:
    """Return odds in 2030 where one kind alone is drawn, by basis and kind, (N,): which of them lowers odds."""
    found: dict[str, dict[str, Array]] = {name: {} for name in BASES}
    for kind in KINDS if shift.draws else ():
        seen = shares(made, shift, (kind,))
        year = seen.years.index(GOAL_YEAR)
        for name in BASES:
            found[name][kind] = (lines_of(made, seen, name).share[1:, year] >= HALF - _SLACK).mean(axis=0)
    return found


def _late_sources(made: Made) -> tuple[str, ...]:
    return tuple(sorted(made.asked.inputs.planning.table("delays")["source_id"].unique().to_list()))


def lines_of(made: Made, found: Shares, basis: str) -> Lines:
    """Return all lines of a basis: every requirement of a capability, inventories, requirements one by one."""
    each = _each(made, found, basis)
    parts = [_every(each, made), _held(made, found, basis), _published(made, found, basis), each]
    return Lines(
        [key for part in parts for key in part.keys],
        [words for part in parts for words in part.words],
        [amount for part in parts for amount in part.amount],
        np.concatenate([part.share for part in parts], axis=2),
        [item for part in parts for item in part.within],
        [item for part in parts for item in part.standing],
    )


def _each(made: Made, found: Shares, basis: str) -> Lines:
    """Return requirements one by one."""
    axes, central = made.asked.forces.axes, made.asked.forces.central()
    case, window, name = found.need.T
    titles = [axes.contingencies[c].title for c in case]
    most = _needs_within(made, found)
    gives = {int(k): tuple(np.nonzero(central.effects[:, k] > 0)[0].tolist()) for k in np.unique(name)}
    return Lines(
        [
            ("requirement", axes.capabilities[k], axes.contingencies[c].id, WINDOWS[w])
            for c, w, k in found.need.tolist()
        ],
        [f"what {title} asks within {WINDOWS[w]} days" for title, w in zip(titles, window, strict=True)],
        central.needs[case, window, name].tolist(),
        found.given[basis],
        [(float(value), gives[int(k)]) for value, k in zip(most, name, strict=True)],
        ["notional"] * len(found.need),
    )


def _every(each: Lines, made: Made) -> Lines:
    """Return the hardest requirement of each capability: all of them are reached at once where it is."""
    year = GOAL_YEAR - BASE
    names = list(dict.fromkeys(made.asked.forces.axes.capabilities))
    of = np.array([names.index(key[1]) for key in each.keys], dtype=np.int64)
    kept = [k for k in range(len(names)) if (of == k).any()]
    if not kept:
        return replace(each, keys=[], words=[], amount=[], share=each.share[:, :, :0], within=[], standing=[])
    mine = [np.nonzero(of == k)[0] for k in kept]
    hardest = [int(places[np.argmin(each.share[0, year, places])]) for places in mine]
    return Lines(
        [("requirement", names[k], EVERY, 0) for k in kept],
        [f"the hardest of {len(places)}: {each.words[n]}" for places, n in zip(mine, hardest, strict=True)],
        [each.amount[n] for n in hardest],
        np.stack([each.share[:, :, places].min(axis=2) for places in mine], axis=2),
        [min((each.within[n] for n in places), key=lambda item: item[0]) for places in mine],
        ["notional"] * len(kept),
    )


def _held(made: Made, found: Shares, basis: str) -> Lines:
    """Return what Europe holds of what it and the United States hold, of the element like with like."""
    axes, year = made.asked.forces.axes, found.years.index(GOAL_YEAR)
    units = _deliverable(made)
    lines = Lines([], [], [], found.usa[:, :, :0], [], [])
    shown = []
    for name in axes.capabilities:
        e = axes.of("element", capability(name).element)
        ours, theirs = found.europe[basis][:, :, e], found.usa[:, :, e]
        if not (ours[0] + theirs[0]).min() > 0:
            continue
        before = found.europe["announced"][0, year, e]
        most = (before + units[e]) / (before + units[e] + theirs[0, year])
        lines.keys.append(("inventory", name, OURS, 0))
        lines.words.append(f"our holdings of {element_title(axes.elements[e])}, Europe and the United States")
        lines.amount.append(float(ours[0, year] + theirs[0, year]))
        lines.within.append((float(most), (e,)))
        lines.standing.append(_moving("estimated", ours, theirs))
        shown.append(ours / np.maximum(ours + theirs, _SLACK))
    return replace(lines, share=np.stack(shown, axis=2)) if shown else lines


def _published(made: Made, found: Shares, basis: str) -> Lines:
    """Return published inventories on their own denominator, changed by what our holdings change."""
    axes, year = made.asked.forces.axes, found.years.index(GOAL_YEAR)
    units = _deliverable(made)
    lines = Lines([], [], [], found.usa[:, :, :0], [], [])
    shown = []
    for row in made.asked.inputs.planning.table("inventories").iter_rows(named=True):
        name, case = row["capability"], row["source_id"]
        counted = WIDER.get((case, name), (capability(name).element,))
        places = [axes.of("element", item) for item in counted]
        ours, before, theirs = (
            np.maximum(start + (held - held[:, :1])[:, :, places].sum(axis=2), 0.0)
            for start, held in (
                (row["europe"], found.europe[basis]), (row["europe"], found.europe["announced"]),
                (row["usa"], found.usa),
            )
        )  # fmt: skip
        most = before[0, year] + units[places].sum()
        taken = [key[2] for key in lines.keys if key[1] == name]
        lines.keys.append(("inventory", name, case if case not in taken else f"{case}_{len(taken) + 1}", 0))
        lines.words.append(row["definition"])
        lines.amount.append(float(ours[0, year] + theirs[0, year]))
        lines.within.append((float(most / max(most + theirs[0, year], _SLACK)), tuple(places)))
        lines.standing.append(_moving(row["standing"], ours, theirs))
        shown.append(ours / np.maximum(ours + theirs, _SLACK))
    return replace(lines, share=np.stack(shown, axis=2)) if shown else lines


def _moving(standing: str, ours: Array, theirs: Array) -> str:
    """Return the standing of a share of counts: what comes and leaves is notional."""
    still = np.ptp(ours[0]) < _SLACK and np.ptp(theirs[0]) < _SLACK
    return standing if still else worst([standing, "notional"])


def _deliverable(made: Made) -> Array:
    """Return the most units of each element that lines can deliver by the goal's year, (E,)."""
    items, first = made.asked.given.items, made.asked.given.years[0]
    years = np.arange(items.capacity.shape[1])
    in_time = years[None, :] + items.lead[:, None] <= GOAL_YEAR - first
    return np.bincount(
        items.line_element, weights=(items.capacity * in_time).sum(axis=1), minlength=len(items.elements)
    ).astype(np.float64)


def _needs_within(made: Made, found: Shares) -> Array:
    """Return the share within reach by the goal's year of every requirement, (U,): that of the plan's goals."""
    given = made.asked.given
    year = min(GOAL_YEAR, given.years[-1])
    # By the scenario's own requirements, whatever the plan was made for.
    given = replace(given, judged=seen_in(made.asked, (year,)))
    most = reachable(given, Goal(goal="half_by_2030", title="Half by 2030", by=GOAL_YEAR), 0)
    places = _alone(given)
    return np.array([most[places[need]] for need in map(tuple, found.need.tolist())])


def _alone(given: Problem) -> dict[tuple[int, ...], int]:
    """Return the row of need of every contingency alone, by contingency, window and capability."""
    form = given.judged.form
    single = np.array([len(cell.contingencies) == 1 for cell in form.cells])[form.need_cell]
    keys: Ints = np.stack([form.need_contingency, form.need_window, form.need_capability], axis=1)
    return {tuple(keys[n].tolist()): int(n) for n in np.nonzero(single)[0]}


def crossed(reached: Any, years: tuple[int, ...]) -> Ints:
    """Return the first year in which something is reached; 9999 where it never is. From (..., Y, N) to (..., N)."""
    first = np.array(years)[np.argmax(reached, axis=-2)]
    return np.asarray(np.where(reached.any(axis=-2), first, _NEVER), dtype=np.int64)


def _rows(made: Made, found: Shares, basis: str, lines: Lines, alone: Mapping[str, Array]) -> list[dict[str, Any]]:
    year = found.years.index(GOAL_YEAR)
    central, drawn = lines.share[0], lines.share[1:]
    reached = lines.share >= HALF - _SLACK
    first = crossed(reached, found.years)
    many = len(drawn) > 0
    bands = np.quantile(drawn[:, year], [0.1, 0.5, 0.9], axis=0) if many else None
    ends = np.quantile(first[1:], [0.1, 0.5, 0.9], axis=0, method="inverted_cdf") if many else None
    odds = reached[1:, year].mean(axis=0) if many else None
    return [
        {
            "basis": basis,
            "reading": reading,
            "capability": name,
            "case": case,
            "window_days": window,
            "capability_title": capability(name).title,
            "denominator": lines.words[n],
            "required": lines.amount[n],
            "europe": float(central[year, n]) * lines.amount[n],
            "share_2026": float(central[0, n]),
            "share_2030": float(central[year, n]),
            **_band(("low_2030", "middle_2030", "high_2030"), bands, n),
            "odds": None if odds is None else float(odds[n]),
            **{f"odds_{kind}": float(alone[kind][n]) if kind in alone else None for kind in KINDS},
            "half": bool(reached[0, year, n]),
            "year_crossed": _year(first[0, n]),
            **_band(("year_early", "year_middle", "year_late"), ends, n, years=True),
            "latest": _latest(reached[0, :, n], found.years),
            "reachable_2030": lines.within[n][0],
            "why": _why(made, lines.within[n]),
            "standing": lines.standing[n],
        }
        for n, (reading, name, case, window) in enumerate(lines.keys)
    ]


def _band(names: tuple[str, ...], values: Array | None, n: int, *, years: bool = False) -> dict[str, Any]:
    if values is None:
        return dict.fromkeys(names)
    read = _year if years else float
    return {name: read(values[place, n]) for place, name in enumerate(names)}


def _year(value: float) -> int | None:
    return None if value >= _NEVER else int(value)


def _latest(reached: Any, years: tuple[int, ...]) -> str:
    """Return when a share crosses one half, in words, and from when on it lies below again to the end."""
    if not reached.any():
        return "never"
    first = int(np.argmax(reached))
    words = "crossed already" if first == 0 else str(years[first])
    last = int(np.nonzero(reached)[0][-1])
    return words if last == len(years) - 1 else f"{words}, below again from {years[last + 1]}"


def _why(made: Made, within: tuple[float, tuple[int, ...]]) -> str:
    """Return what keeps one half out of reach by the goal's year; nothing where it is within reach."""
    most, elements = within
    if most >= HALF - _SLACK:
        return ""
    items, first = made.asked.given.items, made.asked.given.years[0]
    mine = np.isin(items.line_element, elements) & items.capacity.any(axis=1)
    names = in_words(element_title(items.elements[e]) for e in elements)
    if not mine.any():
        return f"no line: nobody makes or sells any {names}"
    earliest = first + int((np.argmax(items.capacity[mine] > 0, axis=1) + items.lead[mine]).min())
    if earliest > GOAL_YEAR:
        return f"lead time: the first {names} ordered in {first} would come in {earliest}"
    return f"lines: all they can deliver by then would bring it to {100 * most:.0f} %"


def _path(found: Shares, basis: str, lines: Lines) -> list[dict[str, Any]]:
    shown = [n for n, key in enumerate(lines.keys) if key[2] == EVERY or key[0] == "inventory"]
    share = lines.share[:, :, shown]
    many = len(share) > 1
    low, high = np.quantile(share[1:], [0.1, 0.9], axis=0) if many else (None, None)
    odds = (share[1:] >= HALF - _SLACK).mean(axis=0) if many else None
    return [
        {
            "basis": basis,
            "reading": lines.keys[n][0],
            "capability": lines.keys[n][1],
            "case": lines.keys[n][2],
            "year": year,
            "share": float(share[0, y, place]),
            "low": None if low is None else float(low[y, place]),
            "high": None if high is None else float(high[y, place]),
            "odds": None if odds is None else float(odds[y, place]),
            "standing": lines.standing[n],
        }
        for place, n in enumerate(shown)
        for y, year in enumerate(found.years)
    ]


def _of(rows: list[dict[str, Any]], basis: str, case: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["basis"] == basis and row["case"] == case]


def never(rows: list[dict[str, Any]], basis: str = "announced", case: str = EVERY) -> list[str]:
    """Return the capabilities that never cross one half, on time, in the years looked at."""
    return [row["capability"] for row in _of(rows, basis, case) if row["latest"] == "never"]


def _said(rows: list[dict[str, Any]], found: Shares) -> str:
    plan, announced = _of(rows, "plan", EVERY), _of(rows, "announced", EVERY)
    held = _of(rows, "plan", OURS)
    if not plan:
        return "Nothing is required, so there is nothing to carry half of."
    odds = [row["odds"] for row in plan]
    likely = (
        f", and in {sum(value >= _LIKELY for value in odds)} with odds of nine in ten or better"
        if None not in odds
        else ""
    )
    text = (
        f"On 1 July {GOAL_YEAR} Europe could carry half of every requirement in {sum(row['half'] for row in plan)} of "
        f"{len(plan)} capabilities with the plan on time ({sum(row['half'] for row in announced)} by announced "
        f"deliveries alone){likely}; of what it and the United States hold it has half in "
        f"{sum(row['half'] for row in held)} of {len(held)}."
    )
    names = in_words(capability_title(name) for name in never(rows))
    if names:
        text += f" By announced deliveries {names} do not reach half of every requirement by {found.years[-1]}"
        text += f", and {len(never(rows, case=OURS))} of {len(held)} not half of what is held." if held else "."
    return text


def _passed(paths: list[dict[str, Any]]) -> str:
    """Return how many capabilities have half of every requirement, at the ends and in the goal's year."""
    years = sorted({row["year"] for row in paths})
    if not years:
        return ""
    parts = []
    for year in dict.fromkeys((years[0], GOAL_YEAR, years[-1])):
        mine = [row for row in _of(paths, "plan", EVERY) if row["year"] == year]
        parts.append(f"{sum(row['share'] >= HALF - _SLACK for row in mine)} of {len(mine)} in {year}")
    return (
        f"Capabilities of which Europe could carry half of every requirement, with the plan on time: {in_words(parts)}."
    )


def _checks(made: Made, rows: list[dict[str, Any]]) -> tuple[Check, ...]:
    """Return whether published counts are met, what never crosses, and what cannot by 2030 and why."""
    printed = list(made.asked.inputs.planning.table("inventories").iter_rows(named=True))
    ours = [row for row in rows if row["reading"] == "inventory" and row["case"] != OURS and row["basis"] == "plan"]
    off = [abs(row["share_2026"] - line["share"]) for row, line in zip(ours, printed, strict=True)]
    found = [
        Check(
            "published shares to start from",
            max(off, default=0.0) <= _PRINTED,
            "; ".join(f"{row['capability']} ({row['case']}) {row['share_2026']:.3f}" for row in ours) or "none held",
        )
    ]
    for case, words in ((EVERY, "of every requirement"), (OURS, "of what is held")):
        names = in_words(capability_title(name) for name in never(rows, case=case))
        found.append(Check(f"never half {words} by announced deliveries", None, names or "none"))
        short = [row for row in _of(rows, "plan", case) if row["why"]]
        text = "; ".join(f"{capability_title(row['capability'])}: {row['why']}" for row in short)
        found.append(Check(f"cannot be half {words} by {GOAL_YEAR}", None, text or "none"))
    return tuple(found)
