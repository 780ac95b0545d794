"""A shift for people at a terminal: when each kind of force can leave, what a drawdown uncovers, half by 2030."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from article3.domain import force_element
from article3.errors import UnknownNameError
from article3.evidence.findings import Column

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
Line = dict[str, Any]

PEOPLE: Final[dict[str, tuple[str, ...]]] = {
    "handover": (
        "schedule",
        "date",
        "subject_title",
        "units",
        "left",
        "waits_for",
        "gated_by",
        "earliest_safe_date",
    ),
    "fastest": (
        "plan",
        "element_title",
        "offer",
        "group",
        "first_date",
        "half_date",
        "gone_date",
        "alone_date",
        "stays",
        "gated_by",
    ),
    "leaving": ("plan", "element_title", "date", "us", "alone", "arrived", "held"),
    "exposure": (
        "drawdown",
        "contingency",
        "window_days",
        "exposure_days",
        "worst_drop",
        "first_date",
        "worst_date",
        "earliest_safe_date",
        "weakest",
    ),
    "exposure_step": (
        "drawdown",
        "step",
        "date",
        "people",
        "people_left",
        "below_floor",
        "exposed_days",
        "earliest_safe_date",
        "early_days",
    ),
    "closing": (
        "drawdown",
        "element_title",
        "units",
        "planned",
        "first_order",
        "first_delivery",
        "cost_usd2021_m",
        "exposure_days",
        "exposure_before",
    ),
    "shift_frontier": (
        "plan",
        "delivered_pct",
        "given_up_pct",
        "cost_usd2021_m",
        "us_years",
        "half_date",
        "short",
    ),
    "half_by_2030": (
        "basis",
        "reading",
        "capability_title",
        "case",
        "window_days",
        "share_2026",
        "share_2030",
        "low_2030",
        "high_2030",
        "odds",
        "latest",
    ),
    "half_path": ("basis", "reading", "capability", "case", "year", "share", "low", "high", "odds"),
    "force_used": ("basis", "contingency", "window_days", "year", "europe", "canada", "usa", "half", "coverage"),
    "post": ("short", "seat", "rank", "ally_name", "holder", "status", "date", "next_ally", "gated_by"),
    "post_candidate": (
        "post_title",
        "ally_name",
        "score",
        "rank",
        "forces",
        "ready",
        "spending_share",
        "officers_needed",
        "officers_able",
        "against",
    ),
    "post_pilot": ("kind", "title", "ally_name", "candidates", "status", "required", "coverage", "coverage_on_top"),
    "trust": (
        "title",
        "expected_risk",
        "lowered_pct",
        "cvar",
        "regret",
        "regret_state",
        "cost_usd2021_m",
        "orders",
    ),
    "trust_state": ("choice", "state_title", "weight", "risk", "regret", "regret_pct", "known_usd2021_m"),
    "bargain": ("plan", "side", "kind", "title", "amount", "value_usd2021_m", "people", "counts"),
    "notice": ("date", "kind", "title", "units", "state", "new_date", "gated_by", "warning"),
}
"""Columns shown to people, by table of the shift; JSON, CSV and the workbook have them all."""

SPELLED: Final = 2
"""Drawdowns that are told contingency by contingency; more are summed up in a line each."""
NAMED: Final = 2
"""Force elements named in a cell."""
LIKELY: Final = 0.9
"""Odds below which a capability is listed."""
_GROUPS: Final = {
    "free": "nothing held asks for it",
    "kept": "the scenario keeps it",
}
_NEVER: Final = "never"


def _decimals(**columns: int) -> tuple[Column, ...]:
    """Return descriptions of columns that are shown here only: their names and decimals."""
    return tuple(
        Column("", name, name.replace("_", " "), "number", decimals, key=False, formula="", inputs=())
        for name, decimals in columns.items()
    )


DECIMALS: Final = _decimals(**{"units": 1, "in the plan": 1, "bn US$": 1, "worst drop, %": 0, "2026": 2, "2030": 2})
"""Columns of the overview, with the decimals people see."""
CHANGES: Final = {
    "fastest_changed": _decimals(days=0, stays_first=1, stays_second=1),
    "exposure_changed": _decimals(first=0, second=0, change=0, worst_first=3, worst_second=3),
    "closing_changed": _decimals(first=0, second=0, change=0),
    "half_changed": _decimals(share_first=2, share_second=2, odds_first=2, odds_second=2),
}
"""The same of the tables of a comparison of two shifts."""


def overview(tables: Tables) -> dict[str, list[Line]]:
    """Return what people see of the tables of a shift where they ask for no table.

    Rows of the tables in fewer columns, rounded; the exact figures are in the tables.
    """
    found: dict[str, list[Line]] = {"when each kind of force can leave": _leave(tables.get("fastest", ()))}
    exposed = tables.get("exposure", ())
    drawdowns = list(dict.fromkeys(row["drawdown"] for row in exposed))
    if len(drawdowns) > SPELLED:
        found["what each drawdown uncovers"] = [_summed(exposed, name) for name in drawdowns]
    else:
        steps = tables.get("exposure_step", ())
        for name in drawdowns:
            found[f"{name}: what it uncovers"] = _uncovered([row for row in exposed if row["drawdown"] == name])
            found[f"{name}: steps"] = [_step(row) for row in steps if row["drawdown"] == name]
    for name in dict.fromkeys(row["drawdown"] for row in tables.get("closing", ())):
        found[f"{name}: orders that would close it"] = _orders(tables["closing"], name)
    found["half by 2030: below all, or unlikely"] = _halves(tables.get("half_by_2030", ()))
    found["command posts"] = _posts(tables.get("handover", ()))
    found["how it was solved"] = [_solve(row) for row in tables.get("shift_solve", ())]
    return {name: rows for name, rows in found.items() if rows}


def _title(name: str) -> str:
    try:
        return force_element(name).title
    except UnknownNameError:
        return name


def _leave(rows: Sequence[Row]) -> list[Line]:
    """Return a line for each element, the soonest gone first; beside it the plan made again, where it was."""
    again = {row["element"]: row for row in rows if row["plan"] == "aimed"}
    lines = []
    for row in sorted((item for item in rows if item["plan"] != "aimed"), key=_soonest):
        line = {
            "force element": row["element_title"],
            "offered": round(row["offer"]),
            "first leaves": row["first_date"] or _NEVER,
            "all gone": _gone(row),
        }
        if again:
            line["plan made again"] = _gone(again[row["element"]])
        line["alone"] = row["alone_date"] or _NEVER
        line["waits for"] = _waits(row)
        lines.append(line)
    return lines


def _soonest(row: Row) -> tuple[str, float, str]:
    return row["gone_date"] or "~", row["stays"] / row["offer"], row["element"]


def _gone(row: Row) -> str:
    return row["gone_date"] or f"{round(row['stays'], 1):g} stay"


def _waits(row: Row) -> str:
    names = [_title(name) for name in (row["gated_by"] or "").split(";") if name]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    held = f"{', '.join(names[:NAMED])}{more}"
    if held and row["group"] == "free":
        # What nothing asks for today is needed once others have left.
        return f"{held}, for which it stands in"
    return "; ".join(part for part in (held, _GROUPS.get(row["group"], ""), row["reason"] or "") if part)


def _summed(rows: Sequence[Row], name: str) -> Line:
    mine = [row for row in rows if row["drawdown"] == name]
    exposed = [row for row in mine if row["exposure_days"] > 0]
    worst = max(mine, key=lambda row: row["worst_drop"])
    return {
        "drawdown": name,
        "exposed": f"{len(exposed)} of {len(mine)}",
        "days in all": round(sum(row["exposure_days"] for row in mine)),
        "worst drop, %": 100 * worst["worst_drop"],
        "in": f"{worst['title']}, {worst['window_days']} days" if exposed else "",
        "safe from": _latest(exposed),
    }


def _latest(exposed: Sequence[Row]) -> str:
    """Return the last of the earliest safe dates; never where one has none."""
    dates = [row["earliest_safe_date"] for row in exposed]
    return _NEVER if None in dates else max(dates, default="")


def _uncovered(rows: Sequence[Row]) -> list[Line]:
    lines = [
        {
            "contingency": row["title"],
            "window": row["window_days"],
            "days exposed": round(row["exposure_days"]),
            "worst drop, %": 100 * row["worst_drop"],
            "from": row["first_date"],
            "safe from": row["earliest_safe_date"] or _NEVER,
        }
        for row in rows
        if row["exposure_days"] > 0
    ]
    return sorted(lines, key=_days, reverse=True)


def _days(line: Line) -> int:
    return int(line["days exposed"])


def _step(row: Row) -> Line:
    return {
        "leaves on": row["date"],
        "people": round(row["people"]),
        "US people left in Europe": round(row["people_left"]),
        "safe from": row["earliest_safe_date"] or _NEVER,
        "days exposed": round(row["exposed_days"]),
    }


def _orders(rows: Sequence[Row], name: str) -> list[Line]:
    return [
        {
            "order": row["element_title"],
            "units": row["units"],
            "in the plan": row["planned"],
            "ordered from": row["first_order"],
            "delivered": _span(row["first_delivery"], row["last_delivery"]),
            "bn US$": row["cost_usd2021_m"] / 1000,
        }
        for row in rows
        if row["drawdown"] == name
    ]


def _span(first: str | None, last: str | None) -> str:
    return "" if not first or not last else first[:4] if first[:4] == last[:4] else f"{first[:4]}-{last[:4]}"


def _halves(rows: Sequence[Row]) -> list[Line]:
    """Return the capabilities of which Europe's share of every requirement is below one half in 2030, or may be."""
    mine = [
        row for row in rows
        if row["basis"] == "plan" and row["reading"] == "requirement" and row["case"] == "every"
        and (not row["half"] or (row["odds"] is not None and row["odds"] < LIKELY))
    ]  # fmt: skip
    return [
        {
            "capability": row["capability_title"],
            "2026": row["share_2026"],
            "2030": row["share_2030"],
            "odds": "" if row["odds"] is None else f"{100 * row['odds']:.0f} %",
            "crossed": row["latest"],
            "of": row["denominator"],
        }
        for row in sorted(mine, key=lambda row: row["share_2030"])
    ]


def _posts(rows: Sequence[Row]) -> list[Line]:
    return [
        {"day": row["date"], "post": row["subject_title"], "waits for": row["gated_by"] or ""}
        for row in rows
        if row["kind"] == "post"
    ]


def _solve(row: Row) -> Line:
    return {
        "solve": row["solve"],
        "status": row["status"],
        "largest breach": f"{max(row['primal_residual'] or 0.0, row['dual_residual'] or 0.0):.0e}",
    }
