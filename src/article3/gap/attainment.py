"""Findings about what can be met: attainment, coverage, what is claimed twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from article3.domain import capability
from article3.evidence.findings import Check, Cited, Finding, sentence
from article3.gap.assess import Assessment, Ranges
from article3.gap.forces import GROUPS, WINDOWS, Array
from article3.gap.layout import stock
from article3.gap.margin import CEILING, essential
from article3.gap.rows import capability_title, element_title, finding, in_words, posture_words, worst
from article3.program import Certificate

AGREEMENT: Final = 0.8
"""Share of draws that must agree before an element is put in a sentence."""
ABOVE: Final = (
    "The central value lies above the range: the weakest of many uncertain links falls more easily than it rises."
)
CAUTION: Final = (
    "Requirements, readiness, effects and what is kept back are illustrative: read directions and rankings between "
    "postures, not levels."
)


def attainment(
    found: Assessment, drawn: Ranges | None, when: str, situation_titles: dict[str, str], focus: str = "with"
) -> Finding:
    """Return what can be met, by situation, window and posture.

    Parameters
    ----------
    found, drawn
        The assessment, and its ranges where drawn.
    when
        Date and scenario for the addresses.
    situation_titles
        Titles of situations by name.
    focus
        The posture that the sentence is chosen for.
    """
    rows = [
        _row(found, drawn, place, posture, situation_titles)
        for place in range(len(found.cells))
        for posture in found.postures
    ]
    made = finding(
        "attainment",
        when,
        "What can be met, by contingency, readiness window and posture",
        rows,
        sentence(""),
        warnings=(CAUTION, *_missing(rows)),
        checks=tuple(_check(name, item) for name, item in found.certificates.items()),
        figure="gap_matrix",
    )
    return _with_sentence(made, found, focus)


def _check(name: str, certificate: Certificate) -> Check:
    """Return the certificate of a solve as a check."""
    off = max(certificate.primal_residual or 0.0, certificate.dual_residual or 0.0, certificate.gap)
    return Check(
        f"certificate: {name}", certificate.holds, f"{certificate.status.value}, residuals and gap below {off:.1e}"
    )


def _row(
    found: Assessment, drawn: Ranges | None, place: int, posture: str, situation_titles: dict[str, str]
) -> dict[str, Any]:
    cell, margins, risks = found.cells[place], found.margins[posture], found.risks[posture]
    names = [found.axes.contingencies[item].id for item in cell.contingencies]
    form = found.margin_model.form
    mine = np.nonzero(form.need_cell == place)[0]
    phi = float(margins.attainment[place])
    short = phi < 1 - 1e-6
    binding = [int(row) for row in mine if margins.binding[row]] if short else []
    capabilities = list(dict.fromkeys(found.axes.capabilities[form.need_capability[row]] for row in binding))
    coverage, tail = _summaries(found, posture, place)
    low = median = high = agreement = None
    small = len(cell.contingencies) == 1 and _small(found, cell.contingencies[0])
    if drawn:
        low, median, high = (float(band[place]) for band in drawn.band(posture))
        agreement = max((int(drawn.binding[posture][:, row].sum()) for row in binding), default=None)
        # The capability most draws agree on leads.
        order = {
            found.axes.capabilities[form.need_capability[row]]: -drawn.binding[posture][:, row].sum() for row in binding
        }
        capabilities.sort(key=lambda name: order[name])
    notes = (
        _reading(found, cell.contingencies, situation_titles) if small else "",
        ABOVE if high is not None and phi > high + 1e-9 else "",
    )
    return {
        "situation": cell.situation,
        "window_days": WINDOWS[cell.window],
        "posture": posture,
        "title": situation_titles[cell.situation],
        "contingency": ";".join(names),
        "attainment": phi,
        "low": low,
        "median": median,
        "high": high,
        "margin": float(margins.margin[place]),
        "coverage": coverage,
        "tail": tail,
        "risk": max(0.0, float(risks.risk[place])),
        "binding_capability": ";".join(capabilities),
        "binding_element": ";".join(dict.fromkeys(capability(name).element for name in capabilities)),
        "agreement": agreement,
        "draws": drawn.count(posture, place) if drawn else None,
        "small": small,
        "us_only": ";".join(us_only(found, cell.contingencies, cell.window)),
        "note": " ".join(filter(None, notes)),
        "standing": _standing(found, cell.contingencies),
    }


def _summaries(found: Assessment, posture: str, place: int) -> tuple[float, float]:
    """Return mean coverage with essential capabilities three times, and the mean of the worst quarter of these."""
    form, risks = found.risk_model.form, found.risks[posture]
    mine = form.need_cell == place
    core = essential(found.axes)[form.need_contingency[mine], form.need_capability[mine]]
    coverage, weight = risks.coverage[mine], np.where(core, 3.0, 1.0)
    worst_first = np.sort(coverage[core])
    count = max(1, int(np.ceil(len(worst_first) / 4)))
    return float(np.average(coverage, weights=weight)), float(worst_first[:count].mean())


def us_only(found: Assessment, contingencies: tuple[int, ...], window: int) -> list[str]:
    """Return the required capabilities that only the United States can give."""
    values, axes = found.values, found.axes
    others = values.holdings[axes.group != GROUPS.index("usa")].sum(axis=0) > 0
    needed = np.logical_or.reduce([values.needs[place, window] > 0 for place in contingencies])
    return [
        name
        for place, name in enumerate(axes.capabilities)
        if needed[place] and not (others & (values.effects[:, place] > 0)).any()
    ]


def _reading(found: Assessment, contingencies: tuple[int, ...], situation_titles: dict[str, str]) -> str:
    """Return how a small task alone is to be read: all of Europe against a few units says nothing."""
    joint = dict.fromkeys(
        situation_titles[cell.situation]
        for cell in found.cells
        if len(cell.contingencies) > 1 and contingencies[0] in cell.contingencies
    )
    return "A small task set against all forces: read it on top of a standing posture" + (
        f", in {' or '.join(joint)}." if joint else "."
    )


def _small(found: Assessment, contingency: int) -> bool:
    """Return whether a contingency alone tests nothing: of low intensity, or met twice over in every posture."""
    mine = [place for place, cell in enumerate(found.cells) if cell.contingencies == (contingency,)]
    over = all((item.margin[mine] >= CEILING - 1e-6).all() for item in found.margins.values())
    return found.axes.contingencies[contingency].intensity == "low" or over


def _standing(found: Assessment, contingencies: tuple[int, ...]) -> str:
    """Return the worst standing of the requirements; availability and reach are notional throughout."""
    needs = (need.standing for place in contingencies for need in found.axes.contingencies[place].needs)
    return worst([*needs, "notional"])


def _missing(rows: list[dict[str, Any]]) -> list[str]:
    only = sorted({name for row in rows for name in row["us_only"].split(";") if name})
    return [f"No holder but the United States can give {in_words(map(capability_title, only))}."] if only else []


def _with_sentence(made: Finding, found: Assessment, focus: str) -> Finding:
    rows = {(row["situation"], row["window_days"], row["posture"]): row for row in made.table.iter_rows(named=True)}
    headline = _headline(found, focus)
    if headline is None:
        return made
    situation, window = headline
    parts: list[Any] = []
    for posture in found.postures:
        row = rows[situation, window, posture]
        cited = Cited(f"{100 * row['attainment']:.0f} %", made.address(row, "attainment"))
        if not parts:
            parts += [f"{row['title']} within {window} days: ", cited, " of the weakest essential requirement is met "]
        else:
            parts += [", ", cited, " "]
        parts.append(posture_words(found, posture))
        if row["low"] is not None:
            parts.append(f" ({100 * row['low']:.0f} to {100 * row['high']:.0f})")
        parts.append(held_back(row))
    return replace(made, sentence=sentence(*parts, "."))


def _headline(found: Assessment, focus: str) -> tuple[str, int] | None:
    """Return the contingency and window the sentence speaks of: the first one at 30 days, or where a cut costs most."""
    alone = [(place, cell) for place, cell in enumerate(found.cells) if len(cell.contingencies) == 1]
    if not alone:
        return None
    if focus == "reduced":
        fewer = [found.margins[name].attainment for name in found.postures if name.startswith("reduced")]
        lost = found.margins["with"].attainment - np.min(fewer, axis=0)
        place, cell = max(alone, key=lambda item: lost[item[0]])
        if lost[place] > 0:
            return cell.situation, WINDOWS[cell.window]
    first = alone[0][1].situation
    windows = [WINDOWS[cell.window] for _, cell in alone if cell.situation == first]
    return first, 30 if 30 in windows else windows[0]


def held_back(row: dict[str, Any]) -> str:
    """Return what holds a row of attainment back; nothing where fewer than eight draws in ten agree."""
    if not row["binding_capability"] or row["agreement"] is None or row["agreement"] < AGREEMENT * row["draws"]:
        return ""
    leading = row["binding_capability"].split(";")[0]
    return f", held back by {capability_title(leading)} ({row['agreement']} of {row['draws']} draws agree)"


def coverage(found: Assessment, when: str) -> Finding:
    """Return coverage, shortfall and surplus of every capability in every cell and posture."""
    form, axes, values = found.risk_model.form, found.axes, found.values
    core = essential(axes)
    rows: list[dict[str, Any]] = []
    able = {name: arriving(found, name) for name in found.postures}
    for number in range(len(form.need_cell)):
        cell = found.cells[form.need_cell[number]]
        place, k, w = form.need_contingency[number], form.need_capability[number], cell.window
        required = float(values.needs[place, w, k])
        item = axes.contingencies[place]
        standing = next(n.standing for n in item.needs if n.capability == axes.capabilities[k])
        for posture in found.postures:
            covered = float(np.clip(found.risks[posture].coverage[number], 0.0, 1.0))
            covered = 1.0 if covered > 1 - 1e-7 else 0.0 if covered < 1e-7 else covered
            sendable = float(able[posture][place, w, k])
            rows.append(
                {
                    "situation": cell.situation,
                    "contingency": item.id,
                    "capability": axes.capabilities[k],
                    "window_days": WINDOWS[w],
                    "posture": posture,
                    "essential": bool(core[place, k]),
                    "required": required,
                    "able": sendable,
                    "assigned": covered * required,
                    "coverage": covered,
                    "shortfall": required * (1 - covered),
                    "surplus": max(0.0, sendable - required),
                    "claimed_twice": covered < 1 - 1e-6 and sendable >= required,
                    "standing": worst([standing, "notional"]),
                }
            )
    alone = [row for row in rows if row["posture"] == "without" and row["situation"] == row["contingency"]]
    short = sum(row["shortfall"] > 0 for row in alone)
    who = posture_words(found, "without")
    text = f"{short} of {len(alone)} requirements are not wholly covered {who}, in the assignment of least risk."
    return finding("coverage", when, "Coverage of every requirement", rows, sentence(text), figure="coverage")


def arriving(found: Assessment, posture: str) -> Array:
    """Return what arrives if every unit that can give a capability does nothing else, (C, windows, K)."""
    units = found.supplies[posture].total()
    return np.asarray(units @ found.values.effects)


def twice(found: Assessment, when: str) -> Finding:
    """Return what planning situations claim twice: what each contingency alone would use, summed, against what is."""
    axes = found.axes
    alone = {
        (cell.contingencies[0], cell.window): place
        for place, cell in enumerate(found.cells)
        if len(cell.contingencies) == 1
    }
    rows: list[dict[str, Any]] = []
    for cell in found.cells:
        if len(cell.contingencies) == 1 or any((item, cell.window) not in alone for item in cell.contingencies):
            continue
        for posture, given in found.supplies.items():
            used = _shares_used(found, posture)
            usable = given.inside(cell.contingencies, cell.window).sum(axis=0)
            for e, element in enumerate(axes.elements):
                shares = [used.get((alone[item, cell.window], e), 0.0) for item in cell.contingencies]
                if axes.rival[e] and sum(shares) > 0 and usable[e] > 0:
                    claimed = sum(shares) * float(usable[e])
                    rows.append(
                        {
                            "situation": cell.situation,
                            "element": element,
                            "window_days": WINDOWS[cell.window],
                            "posture": posture,
                            "usable": float(usable[e]),
                            "claimed": claimed,
                            "over": max(0.0, claimed - float(usable[e])),
                            "standing": "notional",
                        }
                    )
    over = [row for row in rows if row["posture"] == "with" and row["over"] > 0.05 * row["usable"]]
    names = list(
        dict.fromkeys(element_title(row["element"]) for row in sorted(over, key=lambda r: -r["over"] / r["usable"]))
    )
    kinds = in_words(names[:5])
    text = (
        f"Even with the United States, planning situations claim units twice, of these kinds: {kinds}." if names else ""
    )
    return finding("twice", when, "Claimed twice", rows, sentence(text), figure="")


def _shares_used(found: Assessment, posture: str) -> dict[tuple[int, int], float]:
    """Return the share of an element's stock that a cell uses, by (cell, element)."""
    model, risks = found.risk_model, found.risks[posture]
    form = model.form
    rows = np.bincount(form.var_supply, weights=risks.used, minlength=len(form.supply_cell)) * model.scale
    held = stock(form, found.supplies[posture])
    out: dict[tuple[int, int], float] = {}
    for row, (cell, element) in enumerate(zip(form.supply_cell, form.supply_element, strict=True)):
        if held[row] > 0:
            key = (int(cell), int(element))
            out[key] = max(out.get(key, 0.0), float(rows[row] / held[row]))
    return out


def holdings(found: Assessment, planning: Any, when: str) -> Finding:
    """Return the holdings with what is kept back and offered in the posture ``with``."""
    axes, given = found.axes, found.supplies["with"]
    rows: list[dict[str, Any]] = []
    for row in planning.table("holdings").iter_rows(named=True):
        if row["holder"] not in axes.place["holder"]:
            continue
        h, e = axes.of("holder", row["holder"]), axes.of("element", row["element"])
        rows.append(
            {
                key: row[key]
                for key in ("holder", "element", "low", "central", "high", "as_of", "basis", "standing", "note")
            }
            | {"retained": float(found.values.retained[h, e]), "offered": float(given.offered[h, e])}
        )
    sources = tuple(sorted(planning.table("holdings")["source_id"].unique().to_list()))
    public = sum(row["standing"] in ("official", "reported") for row in rows)
    who = len({row["holder"] for row in rows})
    text = f"{len(rows)} holdings of {who} holders, {public} of them counted by a named source."
    return finding("holding", when, "Holdings", rows, sentence(text), sources=sources)


def requirements(found: Assessment, when: str) -> Finding:
    """Return the requirements of the contingencies as read."""
    rows = [
        {
            "contingency": item.id,
            "capability": need.capability,
            "window_days": need.window_days,
            "low": need.low,
            "central": need.central,
            "high": need.high,
            "basis": need.basis,
            "essential": need.capability in item.essential,
            "standing": need.standing,
            "note": need.note,
        }
        for item in found.axes.contingencies
        for need in item.needs
    ]
    reported = sum(row["standing"] in ("official", "reported") for row in rows)
    text = (
        f"{len(rows)} requirements in {len(found.axes.contingencies)} contingencies, {reported} of them reported; "
        "NATO's own are classified."
    )
    sources = tuple(sorted({need.source_id for item in found.axes.contingencies for need in item.needs}))
    return finding("requirement", when, "Requirements", rows, sentence(text), sources=sources)
