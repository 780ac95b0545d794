"""A plan for people at a terminal: what is ordered, who leads, money by year, what changes; not every order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from article3.domain import capability
from article3.evidence.findings import Column

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]

LEADERS: Final = 8
"""Allies and fleets shown."""
CHANGED: Final = 0.005
"""Change of attainment from which a line is shown."""
_UNTIL: Final = 2035


def _decimals(**columns: int) -> tuple[Column, ...]:
    """Return descriptions of columns that are shown here only: their names and decimals."""
    return tuple(
        Column("", name, name.replace("_", " "), "number", decimals, key=False, formula="", inputs=())
        for name, decimals in columns.items()
    )


BILLIONS: Final = _decimals(**{"bn US$": 1, "envelope": 1, "spent": 1})
"""Columns of sums, with the decimals people see."""
CHANGES: Final = {
    "orders_changed": _decimals(first=1, second=1, change=1, cost_first=0, cost_second=0),
    "money_changed": _decimals(first=0, second=0, change=0, envelope_first=0, envelope_second=0),
    "attainment_changed": _decimals(first=2, second=2, change=2),
    "goals_changed": _decimals(share_first=2, share_second=2),
}
"""The same of the tables of a comparison of two plans."""


def overview(tables: Tables) -> dict[str, list[dict[str, Any]]]:
    """Return what people see of the tables of a plan where they ask for no table; money in billions.

    Sums over rows of the tables, rounded; the exact figures are in the tables.
    """
    found = {
        "what is ordered": _elements(tables.get("orders", ())),
        "who orders": _leaders(tables.get("orders", ())),
        "money, bn US$ of 2021": _money(tables.get("money", ())),
        "what can be met": _attainment(tables.get("attainment", ())),
        "goals": _goals(tables.get("plan_goal", ())),
        "before the summit": _soon(tables.get("down_payment", ())),
    }
    # Three questions, so three tables: their figures never stand in one column.
    replaced = tables.get("replacement", ())
    for name in dict.fromkeys(row["comparison"] for row in replaced):
        mine = [row for row in replaced if row["comparison"] == name]
        found[f"replacing the United States: {name}"] = _replaced(mine)
    return {name: rows for name, rows in found.items() if rows}


def _billions(million: float) -> float:
    return round(million / 1000, 1)


def _elements(orders: Sequence[Row]) -> list[dict[str, Any]]:
    mine: dict[str, list[Row]] = defaultdict(list)
    for row in orders:
        mine[row["element_title"]].append(row)
    lines = [
        {
            "force element": title,
            "units": _units(sum(row["units"] for row in rows)),
            "bn US$": _billions(sum(row["cost_usd2021_m"] for row in rows)),
            "buyers": len({row["ally"] for row in rows}),
            "ordered": _span(row["order_year"] for row in rows),
            "delivered": _span(int(row["delivery_date"][:4]) for row in rows),
        }
        for title, rows in mine.items()
    ]
    return sorted(lines, key=_cost, reverse=True)


def _cost(line: dict[str, Any]) -> float:
    return float(line["bn US$"])


def _units(number: float) -> int | float:
    return round(number) if number >= 100 else round(number, 1)


def _span(years: Any) -> str:
    listed = sorted(set(years))
    return str(listed[0]) if len(listed) == 1 else f"{listed[0]}-{listed[-1]}"


def _leaders(orders: Sequence[Row]) -> list[dict[str, Any]]:
    mine: dict[str, list[Row]] = defaultdict(list)
    for row in orders:
        mine[row["ally_name"]].append(row)
    whole = sum(row["cost_usd2021_m"] for row in orders)
    lines = []
    for name, rows in mine.items():
        cost: dict[str, float] = defaultdict(float)
        for row in rows:
            cost[row["element_title"]] += row["cost_usd2021_m"]
        total = sum(cost.values())
        most = sorted(cost, key=lambda title: -cost[title])[:3]
        lines.append(
            {
                "ally or fleet": name,
                "bn US$": _billions(total),
                "% of all": round(100 * total / whole) if whole else 0,
                "most of it": ", ".join(most),
                "split": "illustrative" if any(row["split"] for row in rows) else "",
            }
        )
    lines.sort(key=_cost, reverse=True)
    return lines[:LEADERS]


def _money(money: Sequence[Row]) -> list[dict[str, Any]]:
    lines = []
    for year in sorted({row["year"] for row in money}):
        rows = [row for row in money if row["year"] == year]
        spent, free = sum(row["spent"] for row in rows), [row["envelope"] for row in rows]
        limit = sum(free) if all(item is not None for item in free) else None
        step = max(rows, key=lambda row: row["step_pct"])
        lines.append(
            {
                "year": year,
                "envelope": None if limit is None else _billions(limit),
                "spent": _billions(spent),
                "%": round(100 * spent / limit) if limit else None,
                "largest step, points of GDP": f"{step['step_pct']:.2f} {step['ally']}" if step["step_pct"] > 0 else "",
            }
        )
    return lines


def _attainment(attainment: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the contingencies of which more or less is met with the plan in its last year to 2035."""
    last = max((row["year"] for row in attainment if row["year"] <= _UNTIL), default=None)
    lines = [
        {
            "contingency": row["situation"],
            "days": row["window_days"],
            "year": last,
            "without the plan": f"{row['before']:.2f}",
            "with the plan": f"{row['attainment']:.2f}" + _band(row),
            "held back by": _titles(row["binding_capability"]),
        }
        for row in attainment
        if row["year"] == last and abs(row["attainment"] - row["before"]) >= CHANGED
    ]
    return sorted(lines, key=lambda line: (line["contingency"], line["days"]))


def _band(row: Row) -> str:
    return f" ({row['low']:.2f}-{row['high']:.2f})" if row["low"] is not None else ""


def _titles(names: str | None) -> str:
    listed = [capability(name).title for name in (names or "").split(";") if name]
    return ", ".join(listed[:2]) + (f" and {len(listed) - 2} more" if len(listed) > 2 else "")


def _goals(goals: Sequence[Row]) -> list[dict[str, Any]]:
    words = {
        "held": "held without the plan",
        "reached": "reached with it",
        "missed": "within reach, not worth its price",
        "cannot": "no line can deliver it by then",
    }
    lines = []
    for goal in dict.fromkeys(row["goal"] for row in goals):
        for verdict, text in words.items():
            mine = [row for row in goals if row["goal"] == goal and row["verdict"] == verdict]
            if mine:
                named = "" if verdict == "held" else _titles(";".join(dict.fromkeys(row["capability"] for row in mine)))
                lines.append({"goal": goal, "verdict": text, "requirements": len(mine), "which": named})
    return lines


def _soon(payments: Sequence[Row]) -> list[dict[str, Any]]:
    """Return what can be signed before the summit, what takes away most risk first."""
    return [
        {
            "sign by": row["sign_by"],
            "what": row["title"],
            "owner": row["owner"],
            "units": _units(row["units"]),
            "m US$": round(row["cost_usd2021_m"]),
            "delivers": row["first_delivery"][:4],
        }
        for row in payments[:LEADERS]
    ]


def _replaced(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the bridge from one of our figures to one printed elsewhere."""
    return [
        {
            "step": row["title"],
            "kind": row["kind"],
            "bn US$": round(row["sign"] * row["amount_usd_bn"], 1),
            "verdict": row["verdict"],
        }
        for row in rows
    ]
