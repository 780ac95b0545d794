"""Findings about pace against money and risk, about certificates, and what the answer rests on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from article3.evidence.findings import Check, Finding, sentence
from article3.plan.rows import money_words
from article3.program import Certificate, Solution
from article3.scenario.shift_schema import Shift
from article3.shift.alone import SEEN
from article3.shift.frontier import Frontier, Point
from article3.shift.handed import Handed
from article3.shift.people import assumption_rows
from article3.shift.rows import CAUTION, finding

_TENTH: Final = 10.0
TODAY: Final = "Safety is compared with this day."
MARGIN: Final = "Coverage above 1 is kept up to this margin where it is there today."
FLOOR: Final = "Below it the law asks for a certification: crossing it is said, not forbidden."
PLANS: Final = {"plan": "the scenario's plan", "announced": "committed deliveries alone"}


def frontier(found: Sequence[tuple[Handed, Frontier, Sequence[Point]]], when: str) -> Finding:
    """Return how soon forces can leave with a part of a plan delivered and a part of today's safety given up."""
    rows = [_point(handed, model, point) for handed, model, points in found for point in points]
    texts = []
    for handed, _, points in found:
        mine = [row for row in rows if row["plan"] == handed.name]
        whole = [row for row in mine if row["delivered_pct"] == 100]
        none = next((row for row in mine if row["delivered_pct"] == 0 and row["given_up_pct"] == 0), None)
        strict = next((row for row in whole if row["given_up_pct"] == 0), None)
        loose = next((row for row in whole if row["given_up_pct"] >= _TENTH - SEEN), None)
        if none and strict and loose and len(points) > 1:
            name = "The plan" if handed.name == "plan" else "The plan made again for the handover"
            texts.append(
                f"{name} ({money_words(strict['cost_usd2021_m'])}) shortens the stay of US people from "
                f"{none['us_years']:.1f} to {strict['us_years']:.1f} years; giving up {loose['given_up_pct']:.0f} % of "
                f"today's safety would shorten it to {loose['us_years']:.1f}."
            )
    return finding(
        "shift_frontier", when, "Pace of the drawdown against European money and risk", rows,
        sentence(" ".join(texts)), warnings=(CAUTION,), figure="shift_frontier",
    )  # fmt: skip


def _point(handed: Handed, model: Frontier, point: Point) -> dict[str, Any]:
    fastest, given = model.fastest, handed.field
    weight = fastest.weights
    years = fastest.calendar.years
    people = given.people[fastest.model.elements] * given.offer[fastest.model.elements]
    half = np.nonzero(point.left @ people <= people.sum() / 2 + SEEN)[0]
    return {
        "plan": handed.name,
        "delivered_pct": round(100 * point.money, 1),
        "given_up_pct": round(100 * point.risk, 1),
        "cost_usd2021_m": point.money * handed.made.second.cost * 1000.0,
        "us_years": fastest.calendar.before + float((point.left @ weight * years).sum() / weight.sum()),
        "half_date": fastest.calendar.days[int(half[0])].isoformat() if len(half) else None,
        "short": point.short,
        "iterations": float(point.iterations),
        "standing": "notional",
    }


def solves(found: Iterable[tuple[str, Certificate, Solution]], when: str) -> Finding:
    """Return the certificate of every solve of the shift that decides something."""
    rows, checks = [], []
    for name, certificate, solution in found:
        rows.append(
            {
                "solve": name,
                "status": certificate.status.value,
                "bound": certificate.bound,
                "gap": certificate.gap,
                "primal_residual": certificate.primal_residual,
                "dual_residual": certificate.dual_residual,
                "rows": float(len(solution.prices.rows)) if solution.prices else None,
                "columns": float(len(solution.prices.columns)) if solution.prices else None,
                "iterations": float(solution.iterations),
                "standing": "estimated",
            }
        )
        checks.append(Check(name, not certificate.faults, "; ".join(certificate.faults) or "holds"))
    worst = max((row["primal_residual"] or 0.0 for row in rows), default=0.0)
    many = f"{len(rows)} solves, each" if len(rows) != 1 else "One solve,"
    text = f"{many} checked by arithmetic of our own; no limit is broken by more than {worst:.0e}."
    return finding("shift_solve", when, "How the schedules were solved", rows, sentence(text), checks=tuple(checks))


def assumptions(handed: Handed, shift: Shift, when: str) -> Finding:
    """Return what the shift rests on, with where it comes from."""
    planning, inputs = handed.made.asked.inputs.planning, handed.made.asked.inputs
    ours = "article3-assumption"
    rows = [
        _assumed("today", "Today", handed.field.today.isoformat(), "", "the scenario", TODAY),
        _assumed("until", "Last year looked at", str(shift.until), "", ours, ""),
        _assumed("margin", "Margin kept above a requirement", f"{100 * shift.margin:.0f} %", "", ours, MARGIN),
        _assumed("notice", "Notice", f"{shift.notice_days}", "days", ours, "Nothing leaves before."),
        _assumed("pace", "Most that leaves in a calendar year", f"{100 * shift.pace:.0f} %", "of the offer", ours, ""),
        _assumed("floor", "Legal floor of US people", f"{shift.floor_personnel:,}", "persons", "ndaa-2026", FLOOR),
        _assumed("plan", "European deliveries counted on", PLANS[shift.plan], "", "the scenario", ""),
        _assumed("returns", "Units that left Europe", _returns(shift.returns_days), "", ours, ""),
    ]  # fmt: skip
    for number, row in enumerate(assumption_rows(planning, inputs.drawdowns)):
        rows.append(
            _assumed(
                f"evidence_{number + 1}",
                row["name"],
                row["value"],
                row["unit"],
                row["source"],
                row["note"],
                row["standing"],
            )
        )
    text = f"{sum(row['standing'] == 'notional' for row in rows)} of {len(rows)} assumptions are notional."
    return finding("shift_assumption", when, "What the shift rests on", rows, sentence(text))


def _returns(days: int) -> str:
    return f"come back within {days} days" if days else "leave the offer"


def _assumed(
    name: str, title: str, value: str, unit: str, source: str, note: str, standing: str = "notional"
) -> dict[str, Any]:
    return {
        "name": name, "title": title, "value": value, "unit": unit, "source": source, "note": note,
        "standing": standing,
    }  # fmt: skip
