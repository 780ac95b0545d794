"""Findings about what the plan brings: attainment, European shares, goals, risk."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from article3.domain import capability
from article3.evidence.findings import Check, Finding, sentence
from article3.gap.attainment import CAUTION as LEVELS
from article3.gap.forces import GROUPS, WINDOWS, Array
from article3.gap.margin import essential
from article3.gap.rows import capability_title, in_words
from article3.plan import goals
from article3.plan.make import Made, drawn
from article3.plan.problem import by_class
from article3.plan.rows import finding
from article3.scenario.plan_schema import Goal

DRAWS: Final = 16
"""Draws behind low and high: every fourth of the gap's 64."""
_SHOWN: Final = 2035


def attainment(made: Made, when: str) -> Finding:
    """Return what can be met by year with the plan, and without it."""
    bands = _bands(made)
    titles = {item.id: item.title for item in made.seen.axes.contingencies}
    rows = [
        _attained(made, year, cell, bands)
        for cell in range(len(made.seen.form.cells))
        for year in range(len(made.years))
    ]
    return finding(
        "plan_attainment",
        when,
        "What can be met by year, with and without the plan",
        rows,
        sentence(_attained_sentence(rows, titles)),
        warnings=(LEVELS,),
        checks=tuple(_target_checks(made)),
        figure="plan_attainment",
    )


def _target_checks(made: Made) -> list[Check]:
    """Return whether every attainment to reach is reached, as the gap's own model judges it."""
    found = []
    for target in made.asked.settings.targets:
        cells = made.seen.form.cells
        place = next(
            number
            for number, cell in enumerate(cells)
            if cell.situation == target.contingency and WINDOWS[cell.window] == target.window_days
        )
        years = [y for y, year in enumerate(made.years) if year >= target.by]
        least = min(float(made.margins[0][y].attainment[place]) for y in years)
        found.append(
            Check(
                f"target: {target.contingency} within {target.window_days} days",
                least >= target.level - 0.005,
                f"{100 * least:.0f} % at least from {target.by} on, wanted {100 * target.level:.0f} %",
            )
        )
    return found


def _bands(made: Made) -> dict[int, tuple[Array, Array]]:
    """Return 10th and 90th percentile of attainment by cell, by place of the year; of years the plan weighs."""
    draws = min(DRAWS, made.asked.inputs.scenario.gap.draws)
    if not draws:
        return {}
    years = made.asked.given.judged.years
    found = drawn(made.asked, made.shared, years, draws, made.asked.inputs.scenario.seed)
    low, high = np.quantile(found, [0.1, 0.9], axis=0)
    return {made.years.index(year): (low[place], high[place]) for place, year in enumerate(years)}


def _attained(made: Made, year: int, place: int, bands: dict[int, tuple[Array, Array]]) -> dict[str, Any]:
    seen = made.seen
    cell, margins, risks = seen.form.cells[place], made.margins[0][year], made.risks[0][year]
    phi = float(margins.attainment[place])
    names = [seen.axes.contingencies[item].id for item in cell.contingencies]
    weakest = _weakest(made, year, place) if phi < 1 - 1e-6 else []
    mine = np.nonzero(seen.form.need_cell == place)[0]
    omega = np.where(essential(seen.axes)[seen.form.need_contingency[mine], seen.form.need_capability[mine]], 3.0, 1.0)
    band = bands.get(year)
    return {
        "situation": cell.situation,
        "window_days": WINDOWS[cell.window],
        "posture": _posture(made),
        "year": made.years[year],
        "contingency": ";".join(names),
        "attainment": phi,
        "before": float(made.margins[1][year].attainment[place]),
        "low": float(band[0][place]) if band else None,
        "high": float(band[1][place]) if band else None,
        "coverage": float((omega * risks.coverage[mine]).sum() / omega.sum()),
        "binding_element": ";".join(capability(name).element for name in weakest),
        "binding_capability": ";".join(weakest),
        "standing": "notional",
    }


def _posture(made: Made) -> str:
    focus = made.asked.inputs.scenario.us.focus
    return focus if made.asked.settings.posture == "focus" else made.asked.settings.posture


def _weakest(made: Made, year: int, place: int) -> list[str]:
    """Return the weakest links of a cell, from the essential needs in the order of the margin model."""
    seen, margins = made.seen, made.margins[0][year]
    wanted = essential(seen.axes)[seen.form.need_contingency, seen.form.need_capability]
    cells, names = seen.form.need_cell[wanted], seen.form.need_capability[wanted]
    return list(dict.fromkeys(seen.axes.capabilities[name] for name in names[(cells == place) & margins.binding]))


def _attained_sentence(rows: list[dict[str, Any]], titles: dict[str, str]) -> str:
    alone = [row for row in rows if ";" not in row["contingency"]]
    last = max((row["year"] for row in alone if row["year"] <= _SHOWN), default=0)
    then = [row for row in alone if row["year"] == last]
    better = [row for row in then if row["attainment"] > row["before"] + 0.005]
    if not better:
        return f"In {last} the plan meets no contingency better than committed deliveries do."
    best = max(better, key=lambda row: row["attainment"] - row["before"])
    short = sorted({titles[row["contingency"]] for row in then if row["attainment"] < 1 - 1e-6})
    left = f"; still short: {', '.join(short)}" if short else "; every contingency judged is met"
    held = (
        f" (held back by {in_words(capability_title(name) for name in best['binding_capability'].split(';')[:2])})"
        if best["binding_capability"]
        else ""
    )
    return (
        f"By {last} {titles[best['contingency']]} within {best['window_days']} days rises from "
        f"{100 * best['before']:.0f} to {100 * best['attainment']:.0f} %{held}{left}."
    )


def shares(made: Made, when: str) -> Finding:
    """Return Europe's share of each requirement, of their weighted mean, and of inventories, in years judged."""
    given = made.shared.given
    seen, form = given.judged, given.judged.form
    fielded = by_class(given, made.shared.added)
    alone = np.nonzero(np.array([len(cell.contingencies) == 1 for cell in form.cells])[form.need_cell])[0]
    rows: list[dict[str, Any]] = []
    for place, year in enumerate(seen.years):
        found = goals.potential(given, fielded[:, :, place], place)
        for need in alone:
            contingency, name = form.need_contingency[need], form.need_capability[need]
            window = int(form.need_window[need])
            required = float(seen.values.needs[contingency, window, name])
            rows.append(
                _share(
                    (seen.axes.capabilities[name], seen.axes.contingencies[contingency].id, WINDOWS[window], year),
                    "requirement",
                    (required, float(found[need]) * required),
                )
            )
        weight = seen.weights[alone]
        mean = float((np.minimum(found[alone], 1.0) * weight).sum() / weight.sum())
        rows.append(_share(("all", "all", 0, year), "mean", (1.0, mean)))
        rows += _inventories(made, fielded[:, :, place], place, year)
    return finding(
        "plan_share",
        when,
        "What Europe carries, by year",
        rows,
        sentence(_share_sentence(rows)),
        figure="plan_share",
    )


def _share(key: tuple[str, str, int, int], denominator: str, values: tuple[float, float]) -> dict[str, Any]:
    share = values[1] / values[0] if values[0] > 0 else 0.0
    return {
        "capability": key[0],
        "contingency": key[1],
        "window_days": key[2],
        "year": key[3],
        "denominator": denominator,
        "required": values[0],
        "europe": values[1],
        "share": share,
        "half": share >= 0.5 - 1e-9,
        "standing": "notional",
    }


def _inventories(made: Made, fielded: Array, place: int, year: int) -> list[dict[str, Any]]:
    seen = made.shared.given.judged
    group = seen.axes.group
    ours = seen.holdings[place][group == GROUPS.index("europe")].sum(axis=0) + fielded[seen.european_class].sum(axis=0)
    theirs = seen.holdings[place][group == GROUPS.index("usa")].sum(axis=0)
    rows = []
    for name in seen.axes.capabilities:
        element = seen.axes.of("element", capability(name).element)
        total = float(ours[element] + theirs[element])
        if total > 0:
            rows.append(_share((name, "inventory", 0, year), "inventory", (total, float(ours[element]))))
    return rows


def _share_sentence(rows: list[dict[str, Any]]) -> str:
    by = 2030 if any(row["year"] == 2030 for row in rows) else rows[-1]["year"]
    each = [row for row in rows if row["year"] == by and row["denominator"] == "requirement"]
    mean = next(row for row in rows if row["year"] == by and row["denominator"] == "mean")
    held = [row for row in rows if row["year"] == by and row["denominator"] == "inventory"]
    return (
        f"In {by} Europe could carry half or more of {sum(row['half'] for row in each)} of {len(each)} requirements "
        f"one by one, {100 * mean['share']:.0f} % of them on the weighted mean; of what it and the United States hold "
        f"it has half or more in {sum(row['half'] for row in held)} of {len(held)} capabilities."
    )


def goal_table(made: Made, when: str) -> Finding:
    """Return what becomes of every goal: held, reached, missed, or out of reach whatever is ordered."""
    rows = [row for goal in made.asked.settings.goals for row in _goal(made, goal)]
    rows.sort(key=lambda row: (["cannot", "missed", "reached", "held"].index(row["verdict"]), row["capability"]))
    return finding(
        "plan_goal",
        when,
        "Goals, requirement by requirement",
        rows,
        sentence(_goal_sentence(made, rows)),
        figure="plan_goal",
    )


def _goal(made: Made, goal: Goal) -> list[dict[str, Any]]:
    given = made.shared.given
    seen, form = given.judged, given.judged.form
    at = goals.year_of(given, goal)
    chosen = goals.rows_of(given, goal)
    before, within = goals.carried(given, goal, at), goals.reachable(given, goal, at)
    found = _carried_by_year(made, goal)
    rows = []
    for row in chosen:
        path = found[:, row]
        reached = [
            year for year, share in zip(seen.years, path, strict=True) if share >= goal.share - goals_slack(goal)
        ]
        if goal.of == "inventory":
            name = next(n for n in seen.axes.capabilities if seen.axes.of("element", capability(n).element) == row)
            case, window = "inventory", 0
        else:
            name = seen.axes.capabilities[form.need_capability[row]]
            case = seen.axes.contingencies[form.need_contingency[row]].id
            window = WINDOWS[int(form.need_window[row])]
        rows.append(
            {
                "goal": goal.goal,
                "contingency": case,
                "capability": name,
                "window_days": window,
                "by": goal.by,
                "level": goal.share,
                "share_today": float(before[row]),
                "share_with_plan": float(path[at]),
                "reachable": float(within[row]),
                "year_reached": reached[0] if reached else None,
                "latest_order_year": _latest(made, name, goal.by),
                "verdict": _verdict(goal, float(before[row]), float(path[at]), float(within[row])),
            }
        )
    return rows


def goals_slack(goal: Goal) -> float:
    """Return by how much a share may stay below a goal and still count as reached: half a point, a limit nothing."""
    return 1e-9 if goal.hard else 0.005


def _carried_by_year(made: Made, goal: Goal) -> Array:
    """Return what Europe carries with the plan, (years judged, needs or elements)."""
    given = made.shared.given
    fielded = by_class(given, made.shared.added)
    if goal.of != "inventory":
        return np.stack([goals.potential(given, fielded[:, :, q], q) for q in range(len(given.judged.years))])
    seen, group = given.judged, given.judged.axes.group
    found = []
    for q in range(len(seen.years)):
        ours = seen.holdings[q][group == GROUPS.index("europe")].sum(axis=0)
        ours = ours + fielded[seen.european_class, :, q].sum(axis=0)
        theirs = seen.holdings[q][group == GROUPS.index("usa")].sum(axis=0)
        found.append(np.divide(ours, ours + theirs, out=np.ones_like(ours), where=ours + theirs > 0))
    return np.stack(found)


def _latest(made: Made, name: str, by: int) -> int | None:
    items = made.asked.given.items
    element = items.elements.index(capability(name).element)
    mine = (items.line_element == element) & items.capacity.any(axis=1)
    return by - int(items.lead[mine].min()) if mine.any() else None


def _verdict(goal: Goal, before: float, share: float, within: float) -> str:
    if before >= goal.share - 1e-9:
        return "held"
    if share >= goal.share - goals_slack(goal):
        return "reached"
    return "cannot" if within < goal.share - 1e-9 else "missed"


def _goal_sentence(made: Made, rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    goal = made.asked.settings.goals[0]
    mine = [row for row in rows if row["goal"] == goal.goal]
    count = {
        verdict: sum(row["verdict"] == verdict for row in mine) for verdict in ("held", "reached", "missed", "cannot")
    }
    names = in_words(dict.fromkeys(capability_title(row["capability"]) for row in mine if row["verdict"] == "cannot"))
    text = (
        f"{goal.title}: of {len(mine)} requirements {count['held']} are carried without the plan, {count['reached']} "
        f"with it, {count['missed']} are within reach and not worth their price"
    )
    return f"{text}, {count['cannot']} no line can deliver by {goal.by} ({names})." if count["cannot"] else f"{text}."


def risk_table(made: Made, when: str) -> Finding:
    """Return risk by year with and without the plan, and how far judging some years only misleads."""
    judged = made.asked.given.judged
    weight = dict(zip(judged.years, judged.year_weights.tolist(), strict=True))
    with_plan, before = made.risk(), made.risk(plan=False)
    rows = [
        {"year": year, "risk": float(with_plan[y]), "risk_before": float(before[y]), "weight": weight.get(year)}
        for y, year in enumerate(made.years)
    ]
    mean, all_years = thinning(made)
    off = mean / all_years - 1 if all_years > 1e-9 else 0.0
    first, last = made.years[0], made.years[-1]
    text = (
        f"Mean risk falls by {100 * (1 - mean / _mean(made, before)):.0f} % against committed deliveries alone; judged "
        f"in {len(judged.years)} years instead of all from {judged.years[0]} to {last}, it reads "
        f"{100 * abs(off):.1f} % too {'high' if off > 0 else 'low'}."
        if _mean(made, before) > 1e-9
        else f"Nothing falls short from {first} to {last}."
    )
    check = Check("years left out", None, f"mean risk over years weighed {mean:.5f}, over every year {all_years:.5f}")
    return finding("plan_risk", when, "Risk by year", rows, sentence(text), checks=(check,), figure="plan_risk")


def _mean(made: Made, risk: Array) -> float:
    judged = made.asked.given.judged
    return float((judged.year_weights * risk[made.asked.given.place(judged.years)]).sum())


def thinning(made: Made) -> tuple[float, float]:
    """Return mean discounted risk over the years weighed, and over every year from the first of them to the last."""
    judged, risk = made.asked.given.judged, made.risk()
    places = np.arange(made.years.index(judged.years[0]), made.years.index(judged.years[-1]) + 1)
    discount = (1 + made.asked.settings.discount) ** -places.astype(float)
    discount[[0, -1]] /= 2 if len(places) > 1 else 1
    return _mean(made, risk), float((discount * risk[places]).sum() / discount.sum())
