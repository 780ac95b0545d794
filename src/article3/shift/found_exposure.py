"""Findings about given drawdowns: what they uncover, when each step would be safe, what closes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from article3.domain import force_element
from article3.evidence.findings import Finding, sentence
from article3.gap.forces import WINDOWS, Array
from article3.gap.rows import in_words
from article3.plan.make import Made
from article3.plan.rows import element_words, money_words
from article3.scenario.shift_schema import Shift
from article3.shift.again import Closing
from article3.shift.exposure import Exposure
from article3.shift.found_handover import upkeep_of
from article3.shift.handed import Handed
from article3.shift.people import people_of
from article3.shift.rows import CAUTION, finding

SEEN: Final = 1e-4
_NOTHING: Final = 1e-9
SAID: Final = 2
"""Drawdowns that are spoken of one by one."""


def exposure(found: Sequence[tuple[Handed, Exposure]], when: str) -> Finding:
    """Return, by drawdown, contingency and window, the days exposed, the worst drop, and when it would be safe."""
    rows = [row for handed, item in found for row in _cells(handed, item)]
    text = " ".join(_sentence(handed, item) for handed, item in found[:SAID]) or "No drawdown is judged."
    others = [f"{item.path.drawdown.title} ({item.exposed.sum():,.0f})" for _, item in found[SAID:]]
    if others:
        text += f" Days exposed in all under the others: {'; '.join(others)}."
    return finding(
        "exposure", when, "What each drawdown uncovers, and for how long", rows, sentence(text), warnings=(CAUTION,),
        figure="exposure",
    )  # fmt: skip


def _cells(handed: Handed, item: Exposure) -> list[dict[str, Any]]:
    form, axes = handed.field.form, handed.field.axes
    lost = item.lost
    rows = []
    for place, cell in enumerate(form.cells):
        contingency = axes.contingencies[cell.contingencies[0]]
        days = np.nonzero(lost[:, place] > 0)[0]
        worst = int(lost[:, place].argmax())
        weakest = np.nonzero(item.binding[worst] & (form.need_cell == place) & (len(days) > 0))[0]
        safe = int(item.safe[-1, place]) if len(item.path.days) else 0
        low = int(item.attained[:, place].argmin())
        rows.append(
            {
                "drawdown": item.path.drawdown.drawdown,
                "contingency": contingency.id,
                "window_days": WINDOWS[cell.window],
                "title": contingency.title,
                "exposure_days": float(item.exposed[place]),
                "worst_drop": float(lost[worst, place]),
                "drop_days": float((lost[:, place] * item.length).sum()),
                "first_date": item.days[int(days[0])].isoformat() if len(days) else None,
                "worst_date": item.days[worst].isoformat() if len(days) else None,
                "earliest_safe_date": item.days[safe].isoformat() if safe >= 0 else None,
                "attainment_today": float(item.could[0, place]),
                "attainment_worst": float(item.attained[low, place]),
                "attainment_stayed": float(item.could[low, place]),
                "risk_times": _times(item.risk[:, place], item.risk_stayed[:, place]),
                "weakest": ";".join(dict.fromkeys(axes.capabilities[form.need_capability[need]] for need in weakest)),
                "standing": "notional",
            }
        )
    return rows


def _times(with_it: Array, stayed: Array) -> float | None:
    """Return the largest ratio of risk with the drawdown to risk with nobody leaving; None where that is nothing."""
    there = stayed > SEEN
    return float((with_it[there] / stayed[there]).max()) if there.any() else None


def _sentence(handed: Handed, item: Exposure) -> str:
    title = item.path.drawdown.title
    exposed, lost = item.exposed, item.lost
    if not exposed.any():
        return f"{title}: no requirement is less covered than it would be with nobody leaving."
    form, axes = handed.field.form, handed.field.axes
    place = int(np.argmax((lost * item.length[:, None]).sum(axis=0)))
    cell = form.cells[place]
    worst = axes.contingencies[cell.contingencies[0]].title
    never = int((item.safe[-1][exposed > 0] < 0).sum())
    return (
        f"{title}: {int((exposed > 0).sum())} of {len(exposed)} contingencies and windows are exposed, "
        f"{exposed.sum():,.0f} days in all, most in {worst} within {WINDOWS[cell.window]} days "
        f"({exposed[place]:,.0f} days, up to {100 * lost[:, place].max():.0f} % of today's safety lost)"
        + (f"; {never} of them are not safe again by {handed.field.years[-1]}." if never else ".")
    )


def steps(found: Sequence[tuple[Handed, Exposure]], shift: Shift, when: str) -> Finding:
    """Return every step of every drawdown, with its earliest safe date and what it exposes."""
    rows = [row for handed, item in found for row in _steps(handed, item, shift)]
    early = [row for row in rows if row["exposed_days"] > 0]
    text = (
        f"{len(early)} of {len(rows)} steps come before it is safe; "
        f"{sum(row['earliest_safe_date'] is None for row in early)} of these are safe on no day looked at."
        if early
        else "No step comes before it is safe."
    )
    below = sorted({row["drawdown_title"] for row in rows if row["below_floor"] == "yes"})
    if below:
        text += (
            f" Fewer people than the {shift.floor_personnel:,} of the FY2026 defence act would be left under: "
            f"{'; '.join(below)}."
        )
    return finding(
        "exposure_step", when, "Steps, and when each would be safe", rows, sentence(text), warnings=(CAUTION,)
    )


def _steps(handed: Handed, item: Exposure, shift: Shift) -> list[dict[str, Any]]:
    planning = handed.made.asked.inputs.planning
    present = people_of(planning).central
    form, axes, path = handed.field.form, handed.field.axes, item.path
    end = item.days[-1].toordinal() + int(item.length[-1])
    rows = []
    for number, day in enumerate(path.days):
        safe = item.safe[number]
        last = int(safe.max()) if (safe >= 0).all() else -1
        when = item.days[last] if last >= 0 else None
        exposed = [
            f"{axes.contingencies[form.cells[cell].contingencies[0]].id}/{WINDOWS[form.cells[cell].window]}"
            for cell in np.nonzero((safe < 0) | (safe > _place(item, day)))[0]
        ]
        left = present - float(path.europe[: number + 1].sum())
        until = end if when is None else when.toordinal()
        rows.append(
            {
                "drawdown": path.drawdown.drawdown,
                "step": str(number + 1),
                "drawdown_title": path.drawdown.title,
                "date": day.isoformat(),
                "people": float(path.people[number]),
                "people_left": left,
                "below_floor": "yes" if left < shift.floor_personnel else "no",
                "elements": ";".join(
                    f"{axes.elements[element]} {path.units[number, element]:.3g}"
                    for element in np.nonzero(path.units[number] > _NOTHING)[0]
                ),
                "exposed_days": float(max(until - day.toordinal(), 0)),
                "earliest_safe_date": when.isoformat() if when else None,
                "early_days": float(max(until - day.toordinal(), 0)) if when else None,
                "contingencies": ";".join(exposed) if day.toordinal() < end else "",
                "standing": "notional",
            }
        )
    return rows


def _place(item: Exposure, day: Any) -> int:
    """Return the place of the last day of change that is not after a day."""
    return max(number for number, other in enumerate(item.days) if other <= day)


def element_rows(handed: Handed, item: Exposure) -> list[dict[str, Any]]:
    """Return the rows of table ``handover`` of a given drawdown: every element of every step."""
    axes, path = handed.field.axes, item.path
    rows = []
    place = {int(element): number for number, element in enumerate(handed.schedule.elements)}
    for number, day in enumerate(path.days):
        for element in np.nonzero(path.units[number] > _NOTHING)[0]:
            offer = float(handed.field.offer[element])
            left = max(offer - float(path.units[: number + 1, element].sum()), 0.0)
            safe, gated = _alone(handed, place.get(int(element)), left / offer if offer else 0.0)
            units = float(path.units[number, element])
            rows.append(
                {
                    "schedule": path.drawdown.drawdown,
                    "kind": "element",
                    "subject": axes.elements[element],
                    "date": day.isoformat(),
                    "element": axes.elements[element],
                    "subject_title": force_element(axes.elements[element]).title,
                    "units": units,
                    "left": left,
                    "people": units * float(handed.field.people[element]),
                    "saved_usd2021_m": units * upkeep_of(handed, int(element)),
                    "waits_for": _waits(handed, safe),
                    "gated_by": gated,
                    "earliest_safe_date": safe,
                    "standing": "notional",
                }
            )
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (str(row["subject"]), str(row["date"]))
        if key in merged:
            for name in ("units", "people", "saved_usd2021_m"):
                merged[key][name] += row[name]
            merged[key] |= {name: row[name] for name in ("left", "waits_for", "gated_by", "earliest_safe_date")}
        else:
            merged[key] = row
    return list(merged.values())


def _waits(handed: Handed, safe: str | None) -> str:
    """Return what an element of a given drawdown waits for, by the day from which it could leave alone."""
    if safe is None:
        return "no day looked at"
    return "nothing" if safe == handed.field.today.isoformat() else "deliveries"


def _alone(handed: Handed, place: int | None, share: float) -> tuple[str | None, str]:
    """Return from which day on an element alone could be down to a share of its offer, and what that waits for."""
    if place is None:
        return None, ""
    if handed.alone.today[place] <= share + SEEN and handed.alone.needed[:, place].max() <= share + SEEN:
        return handed.field.today.isoformat(), ""
    needed = np.maximum.accumulate(handed.alone.needed[::-1, place])[::-1]
    there = np.nonzero(needed <= share + SEEN)[0]
    if not len(there):
        return None, ""
    number = int(there[0])
    year = handed.field.years[handed.schedule.calendar.place[number]]
    names = handed.alone.gates.get((number, place), ()) if number or handed.alone.today[place] > share else ()
    gated = "; ".join(f"{handed.field.axes.elements[element]} {year}" for element in names)
    return handed.days[number].isoformat(), gated


def closing(found: Sequence[tuple[Handed, Exposure, Closing, Array]], when: str) -> Finding:
    """Return the cheapest European orders that close drawdowns in time.

    Parameters
    ----------
    found
        Handover, exposure under the plan, orders, and days exposed by cell with these orders in its place.
    when
        Date and scenario.
    """
    rows = [row for handed, item, orders, after in found for row in _closed(handed, item, orders, after)]
    texts = []
    for row in rows:
        if row["element"] == "total":
            title = next(
                item.path.drawdown.title for _, item, _, _ in found if item.path.drawdown.drawdown == row["drawdown"]
            )
            parts = sorted(
                (other for other in rows if other["drawdown"] == row["drawdown"] and other["element"] != "total"),
                key=lambda other: -other["cost_usd2021_m"],
            )
            texts.append(
                f"{title}: {money_words(row['cost_usd2021_m'])} beyond the plan would leave "
                f"{row['exposure_days']:,.0f} days exposed instead of {row['exposure_before']:,.0f}"
                + (f", first {in_words(element_words(part['element']) for part in parts[:3])}." if parts else ".")
            )
    text = " ".join(texts) or "No drawdown is to be closed."
    return finding(
        "closing", when, "The cheapest orders that close a drawdown", rows, sentence(text), warnings=(CAUTION,)
    )


def _closed(handed: Handed, item: Exposure, orders: Closing, after: Array) -> list[dict[str, Any]]:
    small, decided = orders.asked.coarse, orders.decided
    elements = np.array(small.pair_element)[small.order_pair]
    lots = np.where(decided.ordered > SEEN, decided.ordered, 0.0)
    price = small.order_price * 1000.0
    names = small.items.elements
    planned = _planned(handed.made)
    rows: list[dict[str, Any]] = []
    for element in np.unique(elements[lots > 0]):
        mine = (elements == element) & (lots > 0)
        units = float((lots * small.lot[small.order_pair])[mine].sum())
        ordered, delivered = small.order_year[mine], small.delivered[mine]
        rows.append(
            {
                "drawdown": item.path.drawdown.drawdown,
                "element": names[element],
                "element_title": force_element(names[element]).title,
                "units": units,
                "planned": planned.get(names[element], 0.0),
                "first_order": str(small.years[int(ordered.min())]),
                "first_delivery": f"{small.years[0] + int(delivered.min())}-07-01",
                "last_delivery": f"{small.years[0] + int(delivered.max())}-07-01",
                "cost_usd2021_m": float((lots * price)[mine].sum()),
                "standing": "notional",
            }
        )
    rows.sort(key=lambda row: -row["cost_usd2021_m"])
    total = {
        "drawdown": item.path.drawdown.drawdown,
        "element": "total",
        "element_title": "All orders",
        "cost_usd2021_m": orders.cost,
        "exposure_days": float(after.sum()),
        "exposure_before": float(item.exposed.sum()),
        "standing": "notional",
    }
    return [total, *rows]


def _planned(made: Made) -> dict[str, float]:
    given, shared = made.shared.given, made.shared
    units = shared.ordered * given.lot[given.order_pair]
    total = np.bincount(given.pair_element[given.order_pair], weights=units, minlength=len(given.items.elements))
    return {name: float(total[place]) for place, name in enumerate(given.items.elements) if total[place] > SEEN}
