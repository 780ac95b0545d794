"""Europe's share: of every requirement, of inventories, of the force used; and published sets beside ours."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from article3.domain import capability
from article3.evidence.findings import Cited, Finding, sentence
from article3.evidence.planning import Planning
from article3.gap.assess import Assessment
from article3.gap.forces import GROUPS, WINDOWS, Array
from article3.gap.postures import europe
from article3.gap.rows import by_group, capability_title, element_title, finding, in_words, worst

HALF: Final = 0.5


def european_share(found: Assessment, planning: Planning, when: str) -> Finding:
    """Return Europe's share of every requirement and, apart, of inventories, the denominator always named."""
    rows = [*_of_inventories(planning), *_of_our_holdings(found), *_of_requirements(found)]
    made = finding("european_share", when, "Europe's share, the denominator named", rows, sentence(""), figure="shares")
    high = {item.id for item in found.axes.contingencies if item.intensity == "high"}
    of_need = [row for row in rows if row["denominator"] == "requirement" and row["case"] in high]
    half = sum(bool(row["half"]) for row in of_need)
    parts: list[Any] = [
        (
            f"European units could give half or more of {half} of {len(of_need)} requirements of the large "
            "contingencies (an upper bound: every unit counts again for every task). "
            "Of what the United States and Europe hold together, Europe has "
        ),
    ]
    printed = [row for row in rows if row["denominator"] == "inventory" and row["published"] is not None]
    for number, row in enumerate(printed):
        parts += [", " if number else "", Cited(f"{100 * row['share']:.0f} %", made.address(row, "share"))]
        parts.append(f" in {capability_title(row['capability'])} ({row['definition'].split(':')[0]})")
    caution = (
        "A share of inventories and a share of a requirement answer different questions; the goal of half by 2030 is "
        "about the second."
    )
    sources = tuple(sorted({row["source"] for row in rows if row["source"]}))
    return replace(made, sentence=sentence(*parts, "."), sources=sources, warnings=(caution,))


def _of_inventories(planning: Planning) -> list[dict[str, Any]]:
    return [
        {
            "capability": row["capability"],
            "denominator": "inventory",
            "case": row["source_id"],
            "window_days": 0,
            "definition": row["definition"],
            "required": row["usa"] + row["europe"],
            "europe": row["europe"],
            "share": row["europe"] / (row["usa"] + row["europe"]),
            "published": row["share"],
            "difference": row["europe"] / (row["usa"] + row["europe"]) - row["share"],
            "half": row["europe"] >= HALF * (row["usa"] + row["europe"]),
            "standing": row["standing"],
            "source": row["source_id"],
        }
        for row in planning.table("inventories").iter_rows(named=True)
    ]


def _of_our_holdings(found: Assessment) -> list[dict[str, Any]]:
    """Return shares of our own holdings of the element that gives each capability like with like."""
    held, ours = found.values.holdings, europe(found.axes)
    american = found.axes.group == GROUPS.index("usa")
    rows: list[dict[str, Any]] = []
    for name in found.axes.capabilities:
        e = found.axes.of("element", capability(name).element)
        here, there = float(held[ours, e].sum()), float(held[american, e].sum())
        if here + there > 0:
            rows.append(
                {
                    "capability": name,
                    "denominator": "inventory",
                    "case": "our_holdings",
                    "window_days": 0,
                    "definition": f"our holdings of {element_title(capability(name).element)}, like with like",
                    "required": here + there,
                    "europe": here,
                    "share": here / (here + there),
                    "published": None,
                    "difference": None,
                    "half": here >= HALF * (here + there),
                    "standing": "estimated",
                    "source": "",
                }
            )
    return rows


def arriving_from(found: Assessment, posture: str, group: str) -> Array:
    """Return what one group can send if every unit does nothing else, (C, windows, K)."""
    mask = found.supplies[posture].group == GROUPS.index(group)
    units = found.supplies[posture].arriving()[mask].sum(axis=0)
    return np.asarray(units @ found.values.effects)


def _of_requirements(found: Assessment) -> list[dict[str, Any]]:
    able = arriving_from(found, "with", "europe")
    rows: list[dict[str, Any]] = []
    for place, item in enumerate(found.axes.contingencies):
        for need in item.needs:
            k, w = found.axes.of("capability", need.capability), WINDOWS.index(need.window_days)
            here = float(able[place, w, k])
            if need.central <= 0:
                continue  # a figure of the user's own may take a requirement away
            rows.append(
                {
                    "capability": need.capability,
                    "denominator": "requirement",
                    "case": item.id,
                    "window_days": need.window_days,
                    "definition": f"what {item.title} asks within {need.window_days} days",
                    "required": need.central,
                    "europe": here,
                    "share": here / need.central,
                    "published": None,
                    "difference": None,
                    "half": here >= HALF * need.central,
                    "standing": worst([need.standing, "notional"]),
                    "source": need.source_id,
                }
            )
    return rows


def preponderance(found: Assessment, when: str) -> Finding:
    """Return whose force is used in each conventional contingency, by posture."""
    model, axes = found.risk_model, found.axes
    form = model.form
    rows: list[dict[str, Any]] = []
    for posture, risks in found.risks.items():
        given = model.per_use * risks.used
        parts = {
            group: by_group(found, posture, np.arange(len(form.supply_cell), dtype=np.int64), group) for group in GROUPS
        }
        for place, cell in enumerate(found.cells):
            item = axes.contingencies[cell.contingencies[0]]
            if len(cell.contingencies) > 1 or not item.conventional:
                continue
            mine = np.nonzero(form.need_cell[form.var_need] == place)[0]
            by_need = np.bincount(form.var_need[mine], weights=given[mine], minlength=len(form.need_cell))
            # Supply beyond the requirement is not used: it is scaled back to what is covered.
            factor = risks.coverage / np.maximum(by_need, 1e-12)
            counted = given[mine] * np.minimum(factor[form.var_need[mine]], 1.0) * model.weights[form.var_need[mine]]
            total = counted.sum()
            shares = {group: float((counted * parts[group][form.var_supply[mine]]).sum() / total) for group in GROUPS}
            whole = form.need_cell == place
            rows.append(
                {
                    "contingency": item.id,
                    "window_days": WINDOWS[cell.window],
                    "posture": posture,
                    **shares,
                    "coverage": float(np.average(risks.coverage[whole], weights=model.weights[whole])),
                    "standing": "notional",
                }
            )
    full = [row for row in rows if row["posture"] == "with"]
    behind = sorted({row["contingency"] for row in full if row["europe"] < HALF})
    names = {item.id: item.title for item in axes.contingencies}
    most = sum(row["europe"] >= HALF for row in full)
    text = (
        f"With the United States bringing its offer and no more, and units of one kind used in proportion, European "
        f"forces are at least half of the force used in {most} of {len(full)} conventional contingencies and windows"
        + (f"; less than half in {in_words(names[name] for name in behind)}" if behind else "")
        + "."
    )
    return finding("preponderance", when, "Preponderance of force", rows, sentence(text), figure="preponderance")


def published_sets(found: Assessment, planning: Planning, when: str) -> Finding:
    """Return the published requirement sets as they stand, line by line, with ours beside."""
    table = planning.table("published")
    rows: list[dict[str, Any]] = []
    for row in table.iter_rows(named=True):
        ours = _ours(found, row["compare"], row["holders"])
        central = ours[1] if ours else None
        rows.append(
            {
                "set": row["set"],
                "item": row["item"],
                "window_days": int(row["window_days"] or 0),
                "title": row["title"],
                "basis": row["basis"],
                "published_low": row["low"],
                "published_central": row["central"],
                "published_high": row["high"],
                "published_available": row["available"],
                "ours_low": ours[0] if ours else None,
                "ours": central,
                "ours_high": ours[2] if ours else None,
                "difference": central - row["central"]
                if central is not None and row["available"] is not None
                else None,
                "difference_available": central - row["available"]
                if central is not None and row["available"] is not None
                else None,
                "unit": row["unit"],
                "holders": row["holders"],
                "why": row["difference"],
                "standing": row["standing"],
            }
        )
    beside = sum(row["ours"] is not None for row in rows)
    text = (
        f"{len(rows)} lines of {table['set'].n_unique()} published sets of requirements, ours beside {beside} of them, "
        "the difference explained in each."
    )
    sources = tuple(sorted(table["source_id"].unique().to_list()))
    return finding("published_set", when, "Published requirements, ours beside", rows, sentence(text), sources=sources)


def _ours(found: Assessment, compare: str, holders: str) -> tuple[float, float, float] | None:
    """Return low, central and high of our holdings that compare, or None where nothing does."""
    if not compare:
        return None
    axes = found.axes
    groups = {"europe": ("europe",), "eur_can": ("europe", "canada"), "alliance": GROUPS, "usa": ("usa",)}[holders]
    mask = np.isin(axes.group, [GROUPS.index(group) for group in groups])
    out = []
    for estimates in (found.forces.holdings.low, found.forces.holdings.central, found.forces.holdings.high):
        total = 0.0
        for part in compare.split(";"):
            element, _, factor = part.strip().partition("*")
            total += float(estimates[mask, axes.of("element", element)].sum()) * float(factor or 1)
        out.append(total)
    return out[0], out[1], out[2]
