"""The pilot: a stabilisation force for Ukraine under European command, its posts, conditions and American enablers.

What Europe alone lacks is what the gap's own model leaves uncovered of contingency ``ukraine_force``: by itself, and on
top of a large contingency where the scenario has such a situation. Method: ``docs/methods/shift-posts.md``.
"""

from __future__ import annotations

import itertools
from typing import Any, Final

import numpy as np
import polars as pl

from article3.domain import ally, capability
from article3.evidence.findings import Finding, sentence
from article3.gap.assess import Assessment, assess, postures_of, with_pools
from article3.gap.forces import GROUPS, WINDOWS, forces
from article3.gap.postures import Posture
from article3.gap.rows import capability_title, in_words, worst
from article3.scenario.contingency import CONTINGENCIES, Contingency, read_contingency
from article3.scenario.resolve import Inputs
from article3.shift.post_candidates import Candidates
from article3.shift.post_data import Post, PostTables, people_words
from article3.shift.post_line import Lines
from article3.shift.rows import finding

FORCE: Final = "ukraine_force"
_FULL: Final = 1.0 - 1e-6
_NAMED: Final = 3


def pilot(inputs: Inputs, when: str, tables: PostTables, who: Candidates, lines: Lines) -> Finding:
    """Return posts, conditions and missing enablers of the pilot; an empty table where the scenario wants none.

    Parameters
    ----------
    inputs, when
        The scenario and what its tables are dated with.
    tables, who, lines
        What is held of posts, candidates, and who leads each post over time.
    """
    title = "Pilot: a stabilisation force for Ukraine under European command"
    if not inputs.scenario.shift.posts.pilot or not any(item.pilot for item in tables.posts.values()):
        return finding("post_pilot", when, title, [], sentence("This scenario begins with no pilot."))
    mine = tuple(item for item in tables.posts.values() if item.pilot)
    open_to = {item.id: _open_to(tables, who, item) for item in mine}
    proposed = _apart(who, {item.id: open_to[item.id] for item in mine if not lines.get(item.id)})
    commands = [_post(tables, who, lines, item, open_to[item.id], proposed.get(item.id)) for item in mine]
    lacking = _lacking(inputs)
    rows = [*commands, *_conditions(inputs), *lacking]
    led = [f"{row['title']}: {row['ally_name'] or 'nobody'} ({row['status']})" for row in commands]
    alone = [row for row in lacking if row["coverage"] < _FULL]
    names = list(dict.fromkeys(capability_title(row["item"]) for row in alone))
    top = list(dict.fromkeys(capability_title(row["item"]) for row in lacking if (row["coverage_on_top"] or 1) < _FULL))
    extra = [name for name in top if name not in names]
    lack = f"Europe alone covers less than the force needs of {in_words(names)}"
    parts = [lack if names else "Europe alone covers all that the force needs"]
    if extra:
        parts.append(f"beside a large contingency it covers less than all of {in_words(extra)}")
    text = f"{'; '.join(led)}. {'; '.join(parts)}."
    return finding("post_pilot", when, title, rows, sentence(text), figure="post_pilot")


def _open_to(tables: PostTables, who: Candidates, item: Post) -> list[int]:
    """Return the Allies that could lead a post and would take part as it asks, best score first."""
    stance = {code: tables.stances.get((FORCE, code), ("unknown", "", ""))[0] for code in who.codes}
    p = who.posts.index(item)
    return [
        int(i)
        for i in np.argsort(-who.score[p], kind="stable")
        if stance[who.codes[i]] in item.accepts and who.score[p, i] > 0 and who.able[p, i]
    ]


def _apart(who: Candidates, open_to: dict[str, list[int]]) -> dict[str, int]:
    """Return the leaders of open posts with the highest sum of scores, each Ally with one of them at most."""
    places = {item.id: place for place, item in enumerate(who.posts)}
    names = list(open_to)
    best: tuple[float, dict[str, int]] = (-1.0, {})
    # Beyond as many Allies as there are posts nobody is needed for the best choice; None leaves a post open.
    for chosen in itertools.product(*([*open_to[name][: len(names)], None] for name in names)):
        taken = {name: i for name, i in zip(names, chosen, strict=True) if i is not None}
        if len(set(taken.values())) < len(taken):
            continue
        worth = sum(float(who.score[places[name], i]) for name, i in taken.items())
        if worth > best[0] + 1e-12:
            best = (worth, taken)
    return best[1]


def _post(
    tables: PostTables, who: Candidates, lines: Lines, item: Post, open_to: list[int], proposed: int | None
) -> dict[str, Any]:
    """Return who leads a post of the pilot: as reported, else as proposed among those who would take part."""
    p = who.posts.index(item)
    named = ", ".join(f"{who.codes[i]} {who.score[p, i]:.2f}" for i in open_to[:_NAMED])
    spans = lines.get(item.id, ())
    last = next((span for span in reversed(spans) if span.handover), spans[-1] if spans else None)
    first = spans[0] if spans else None
    if first and last:
        handover = last.handover
        move = tables.decided.get(item.id)
        code, status = (last.ally, "agreed") if handover else (first.ally, "reported")
        source, standing = (move.source, move.standing) if handover and move else (item.source, item.standing)
        day = (move.date if move and move.date else handover.day.isoformat()) if handover else ""
        gated = f"after {people_words(first.ally)}, in turn" if handover else "the day on which the force goes in"
        note = move.note if handover and move else first.tenure.note if first.tenure else item.note
    else:
        code, status = (who.codes[proposed], "proposed") if proposed is not None else ("", "open")
        source, standing, day, note = item.source, "notional", "", item.note
        gated = "a ceasefire; the Allies that take part" if code else "no Ally that would take part could lead it"
    return {
        "kind": "post",
        "item": item.id,
        "window_days": 0,
        "title": item.title,
        "ally": code,
        "ally_name": ally(code).name if code else "",
        "candidates": named,
        "rank": item.rank,
        "seat": item.seat,
        "status": status,
        "date": day,
        "gated_by": gated,
        "note": note,
        "source": source,
        "standing": standing,
    }


def _conditions(inputs: Inputs) -> list[dict[str, Any]]:
    rows = inputs.planning.table("post_conditions").filter(pl.col("contingency") == FORCE)
    return [
        {
            "kind": "condition",
            "item": row["condition"],
            "window_days": 0,
            "title": row["title"],
            "ally": row["allies"].replace(";", ", "),
            "ally_name": in_words(ally(code).name for code in row["allies"].split(";") if code),
            "note": row["note"],
            "source": row["source_id"],
            "standing": row["standing"],
        }
        for row in rows.iter_rows(named=True)
    ]


def _lacking(inputs: Inputs) -> list[dict[str, Any]]:
    """Return the needs of the force that Europe alone covers less than wholly, alone or beside a large contingency."""
    found, joint = _assessed(inputs)
    alone, among = _coverage(found, FORCE), _coverage(found, joint) if joint else {}
    contingency = next(item for item in found.axes.contingencies if item.id == FORCE)
    offers = found.values.offers[inputs.scenario.us.with_us]
    rows: list[dict[str, Any]] = []
    for need in contingency.needs:
        k, place = found.axes.of("capability", need.capability), (need.window_days, need.capability)
        if need.central <= 0 or place not in alone["europe"]:
            continue
        here, there = alone["europe"][place], among.get("europe", {}).get(place)
        if min(here, 1.0 if there is None else there) >= _FULL:
            continue
        item = capability(need.capability)
        rows.append(
            {
                "kind": "enabler",
                "item": need.capability,
                "window_days": need.window_days,
                "title": item.title,
                "ally": "USA",
                "ally_name": ally("USA").name,
                "unit": item.unit,
                "required": need.central,
                "europe": here * need.central,
                "coverage": here,
                "coverage_on_top": there,
                "coverage_with_us": alone["with"][place],
                "on_top_with_us": among["with"][place] if joint else None,
                "us_offer": float(offers @ found.values.effects[:, k]),
                "gated_by": "the United States, or European deliveries of the like",
                "note": "",
                "source": need.source_id,
                "standing": worst([need.standing, "notional"]),
            }
        )
    return sorted(rows, key=lambda row: (row["coverage"], row["item"], row["window_days"]))


def _assessed(inputs: Inputs) -> tuple[Assessment, str]:
    """Return the force assessed with and without the United States and Canada, and the situation it stands in."""
    here = {item.id: item for item in inputs.contingencies}
    asked: tuple[Contingency, ...] = inputs.contingencies
    if FORCE not in here:
        asked = (*asked, read_contingency(CONTINGENCIES / f"{FORCE}.yaml", inputs.planning))
    joint = next((item for item in inputs.situations if FORCE in item.contingencies), None)
    situations: list[tuple[str, tuple[str, ...]]] = [(FORCE, (FORCE,))]
    if joint:
        situations.append((joint.situation, tuple(joint.contingencies)))
    held = forces(inputs.planning, asked)
    with_us = postures_of(inputs)["with"]
    others = {code for code, group in zip(held.axes.holders, held.axes.group, strict=True) if GROUPS[group] != "europe"}
    alone = Posture("europe", "", with_pools(others), with_us.limited)
    return assess(held, {"europe": alone, "with": with_us}, situations), joint.situation if joint else ""


def _coverage(found: Assessment, situation: str) -> dict[str, dict[tuple[int, str], float]]:
    """Return coverage of the force's needs in one situation: by posture, by window and capability."""
    form = found.risk_model.form
    force = found.axes.of("contingency", FORCE)
    out: dict[str, dict[tuple[int, str], float]] = {name: {} for name in found.risks}
    for row, (cell, contingency, k) in enumerate(
        zip(form.need_cell, form.need_contingency, form.need_capability, strict=True)
    ):
        if contingency == force and found.cells[cell].situation == situation:
            place = (WINDOWS[found.cells[cell].window], found.axes.capabilities[k])
            for name, risks in found.risks.items():
                out[name][place] = float(risks.coverage[row])
    return out
