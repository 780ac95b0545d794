"""A cut of the United States' offer: what Europe can backfill, with what, and what that costs elsewhere.

New or moved? Units that Europe sends more of after a cut are *idle* where no contingency that may run at once claims
them in the same window, and *moved* where one does. Nothing delivered since is in evidence, so nothing is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from article3.domain import capability
from article3.evidence.findings import Finding, sentence
from article3.evidence.planning import SEPARABLE_ELEMENTS, Planning
from article3.gap.assess import Assessment
from article3.gap.forces import WINDOWS
from article3.gap.layout import stock
from article3.gap.postures import europe
from article3.gap.rows import by_group, element_title, finding, in_words, report_of, titles

ANONYMOUS: Final = (
    "The cuts are reported by anonymous sources; where they conflict, scenario us_cuts_2026 shows both versions."
)
_LITTLE: Final = 0.005
_SEEN: Final = 0.1
"""Parts below a tenth of what a cut took from a contingency are none."""


@dataclass(frozen=True, slots=True)
class _Use:
    """What Europe sends in one posture: by cell and element as a share, by cell and capability in units."""

    share: dict[tuple[int, int], float]
    given: dict[tuple[int, int], dict[int, float]]


def us_cuts(found: Assessment, planning: Planning, when: str) -> tuple[Finding, ...]:
    """Return what each reported cut costs: by element, by case, and for situations of several contingencies."""
    variants = [name for name in found.postures if name.startswith("reduced")]
    cases: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    base = found.postures["with"].version
    offers = {(row["version"], row["element"]): row for row in planning.table("offers").iter_rows(named=True)}
    for variant in variants:
        version = found.postures[variant].version
        before, after = _use(found, "with"), _use(found, variant)
        for e, element in enumerate(found.axes.elements):
            less = float(found.values.offers[base][e] - found.values.offers[version][e])
            if less > 1e-9:
                mine = _cases(found, variant, element, before, after)
                cases += mine
                unknown = bool(planning.missing) and element in SEPARABLE_ELEMENTS
                rows.append(_summary(found, variant, element, less, mine, offers, unknown=unknown))
    made = finding(
        "us_cut",
        when,
        "What the cuts of June 2026 cost, and who fills in",
        rows,
        _sentence(found, rows),
        figure="us_cut",
        warnings=(ANONYMOUS,),
    )
    by_case = finding("us_cut_case", when, "Reported cuts, case by case", cases, sentence(""))
    return (made, by_case, _cost(found, variants, when))


def _use(found: Assessment, posture: str) -> _Use:
    model, risks = found.risk_model, found.risks[posture]
    form = model.form
    rows = np.arange(len(form.supply_cell), dtype=np.int64)
    ours = by_group(found, posture, rows, "europe")
    held = stock(form, found.supplies[posture])
    spent = np.bincount(form.var_supply, weights=risks.used, minlength=len(rows)) * model.scale
    share: dict[tuple[int, int], float] = {}
    for row in rows:
        if held[row] > 0 and ours[row] > 0:
            share[int(form.supply_cell[row]), int(form.supply_element[row])] = float(spent[row] / held[row])
    required = found.values.needs[form.need_contingency, form.need_window, form.need_capability]
    units = model.per_use * risks.used * required[form.var_need] * ours[form.var_supply]
    given: dict[tuple[int, int], dict[int, float]] = {}
    for variable in np.nonzero(units > 0)[0]:
        need = int(form.var_need[variable])
        key = (int(form.need_cell[need]), int(form.need_capability[need]))
        by_element = given.setdefault(key, {})
        e = int(form.var_element[variable])
        by_element[e] = by_element.get(e, 0.0) + float(units[variable])
    return _Use(share, given)


def _cases(found: Assessment, variant: str, element: str, before: _Use, after: _Use) -> list[dict[str, Any]]:
    """Return one row for each contingency alone and window that requires what the element gives like with like."""
    axes, form = found.axes, found.risk_model.form
    e_own = axes.of("element", element)
    gone = found.supplies["with"].total() - found.supplies[variant].total()
    own = [name for name in axes.capabilities if capability(name).element == element]
    rows = []
    for place, cell in enumerate(found.cells):
        if len(cell.contingencies) > 1:
            continue
        for name in own:
            k = axes.of("capability", name)
            required = float(found.values.needs[cell.contingencies[0], cell.window, k])
            need = np.nonzero((form.need_cell == place) & (form.need_capability == k))[0]
            if not required or not len(need):
                continue
            was, now = (float(found.risks[posture].coverage[need[0]]) for posture in ("with", variant))
            gives = after.given.get((place, k), {})
            gave = before.given.get((place, k), {})
            more = {e: max(0.0, units - gave.get(e, 0.0)) for e, units in gives.items()}
            moved = sum(_moved(found, place, e, units, gives[e], after) for e, units in more.items())
            rows.append(
                {
                    "variant": variant,
                    "element": element,
                    "contingency": axes.contingencies[cell.contingencies[0]].id,
                    "window_days": WINDOWS[cell.window],
                    "required": required,
                    "coverage_before": was,
                    "coverage_after": now,
                    "european_more": sum(more.values()),
                    "moved": moved,
                    "uncovered": max(0.0, required * (was - now)),
                    "lost": float(gone[cell.contingencies[0], cell.window, e_own]),
                    "standing": "notional",
                }
            )
    return rows


def _moved(found: Assessment, place: int, e: int, more: float, gives: float, after: _Use) -> float:
    """Return the part of what Europe sends more of that a contingency of the same planning situation claims too."""
    if more < 1e-9 or not found.axes.rival[e]:
        return 0.0
    here = after.share.get((place, e), 0.0)
    window = found.cells[place].window
    at_once = {
        item
        for cell in found.cells
        if found.cells[place].contingencies[0] in cell.contingencies
        for item in cell.contingencies
    }
    others = [
        after.share.get((other, e), 0.0)
        for other, cell in enumerate(found.cells)
        if other != place
        and cell.window == window
        and len(cell.contingencies) == 1
        and cell.contingencies[0] in at_once
    ]
    excess = max(0.0, here + max(others, default=0.0) - 1.0)
    return min(more, gives * excess / here) if here > 0 else 0.0


def _summary(
    found: Assessment,
    variant: str,
    element: str,
    less: float,
    cases: list[dict[str, Any]],
    offers: dict[Any, Any],
    *,
    unknown: bool,
) -> dict[str, Any]:
    axes = found.axes
    e = axes.of("element", element)
    version = found.postures[variant].version
    held = found.values.holdings[europe(axes), e]
    # One case speaks for all: that in which most is left uncovered, else most is moved, else most is filled in.
    worst = max(
        cases,
        key=lambda row: (_share(row, "uncovered"), _share(row, "moved"), _share(row, "european_more")),
        default=None,
    )
    lost, uncovered, moved, more = (
        worst[name] if worst else 0.0 for name in ("lost", "uncovered", "moved", "european_more")
    )
    row = offers[version, element]
    return {
        "variant": variant,
        "element": element,
        "before": float(found.values.offers[found.postures["with"].version][e]),
        "after": float(found.values.offers[version][e]),
        "cut": less,
        "reported_change": row["reported_change"],
        "european_holders": float((held > 0).sum()),
        "lost": lost,
        "spare": max(0.0, lost - more - uncovered),
        "idle": more - moved,
        "moved": moved,
        "new": 0.0,
        "uncovered": uncovered,
        "worst_case": f"{titles(axes)[worst['contingency']]}, {worst['window_days']} days" if worst else "",
        "verdict": "not known: counts deleted" if unknown else _verdict(bool((held > 0).any()), worst),
        "standing": row["standing"],
        "note": row["note"],
    }


def _share(case: dict[str, Any], column: str) -> float:
    """Return a column of a case as a share of what the cut took from it; small parts are none."""
    share = case[column] / case["lost"] if case["lost"] > 0 else 0.0
    return share if share >= _SEEN else 0.0


def _verdict(holder: bool, case: dict[str, Any] | None) -> str:
    if not holder:
        return "no European holder"
    if case is None:
        return "nothing needed it"
    filled = _share(case, "european_more") > 0
    if _share(case, "uncovered") > 0:
        return "partly covered" if filled else "left uncovered"
    if _share(case, "moved") > 0:
        return "moved, not new"
    return "from idle units" if filled else "nothing needed it"


def _sentence(found: Assessment, rows: list[dict[str, Any]]) -> Any:
    parts = []
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    for variant in variants:
        told = []
        for verdict, words in (
            ("no European holder", "{} without any European holder"),
            ("left uncovered", "{} left uncovered"),
            ("partly covered", "{} covered in part"),
            ("moved, not new", "{} covered with units that another contingency claims at the same time"),
            ("from idle units", "{} covered from idle units"),
            ("nothing needed it", "{} not needed by any contingency we hold"),
            ("not known: counts deleted", "{} not known, because the counts were deleted"),
        ):
            names = [
                element_title(row["element"]) for row in rows if row["variant"] == variant and row["verdict"] == verdict
            ]
            told += [words.format(in_words(names))] if names else []
        which = report_of(found, variant)
        parts.append(f"Of what the United States is reported to withdraw{which}: {'; '.join(told)}.")
    return sentence(" ".join([*parts, "Nothing that fills in is new."]) if parts else "")


def _cost(found: Assessment, variants: list[str], when: str) -> Finding:
    rows: list[dict[str, Any]] = []
    for variant in variants:
        for place, cell in enumerate(found.cells):
            before, after = (float(found.margins[posture].margin[place]) for posture in ("with", variant))
            rows.append(
                {
                    "variant": variant,
                    "situation": cell.situation,
                    "window_days": WINDOWS[cell.window],
                    "title": " and ".join(found.axes.contingencies[item].title for item in cell.contingencies),
                    "margin_before": before,
                    "margin_after": after,
                    "lost": round(min(before, 1.0) - min(after, 1.0), 12),
                    "change": round(after - before, 12),
                    "risk_change": float(found.risks[variant].risk[place] - found.risks["with"].risk[place]),
                    "standing": "notional",
                }
            )
    rows.sort(key=lambda row: (variants.index(row["variant"]), -row["lost"], row["change"]))
    told = []
    for variant in variants:
        worst = next(row for row in rows if row["variant"] == variant)
        which = report_of(found, variant)
        told.append(
            f"The cut{which} costs most in {worst['title']} within {worst['window_days']} days: the share met falls "
            f"from {100 * min(worst['margin_before'], 1):.0f} to {100 * min(worst['margin_after'], 1):.0f} %."
            if worst["lost"] > _LITTLE
            else f"The cut{which} lowers the share met of no contingency or situation by half a point or more."
        )
    text = " ".join(told)
    return finding(
        "cut_cost", when, "What the cut costs, alone and when contingencies run at once", rows, sentence(text)
    )
