"""What holds of every answer of the shift: notice and late deliveries make it slower, haste uncovers more."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from tests.run import shift_plans

from article3.run.shifting import table as made_table


def _left(made: Any) -> tuple[float, dict[str, float]]:
    """Return person-years of forces left from today on, in all, and unit-years by element, from table ``leaving``."""
    table, _ = made_table(made, "leaving")
    people = dict(zip(made.given.field.axes.elements, made.given.field.people.tolist(), strict=True))
    units: dict[str, float] = {}
    for (name,), rows in table.table.group_by("element", maintain_order=True):
        days = [date.fromisoformat(day) for day in rows["date"]]
        ends = [*days[1:], date(days[-1].year + 1, days[-1].month, days[-1].day)]
        years = [(after - day).days / 365.25 for day, after in zip(days, ends, strict=True)]
        units[str(name)] = sum(left * length for left, length in zip(rows["us"], years, strict=True))
    return sum(units[name] * people[name] for name in units), units


def _dates(made: Any, column: str) -> dict[str, str]:
    """Return a date by element; never is later than any."""
    table, _ = made_table(made, "fastest")
    return {row["element"]: row[column] or "never" for row in table.table.iter_rows(named=True)}


def _bound(made: Any) -> float:
    """Return the certified objective of the joint schedule: people left, summed over days."""
    table, _ = made_table(made, "shift_solve")
    assert table.table["status"].to_list() == ["optimal"]
    return float(table.table["bound"][0])


def test_it_is_never_faster_with_notice_than_without() -> None:
    with_notice, without = shift_plans.fastest(), shift_plans.fastest(notice=0)
    assert _left(with_notice)[0] > _left(without)[0]
    for column in ("first_date", "half_date", "gone_date", "alone_date"):
        late, soon = _dates(with_notice, column), _dates(without, column)
        assert all(late[name] >= soon[name] for name in late), column
        assert any(late[name] > soon[name] for name in late), column


def test_it_slows_when_a_gating_delivery_is_a_year_late() -> None:
    made = shift_plans.fastest()
    handover, _ = made_table(made, "handover")
    gated = handover.table.filter(pl.col("gated_by") != "", pl.col("units") > 0).sort("people", descending=True)
    for row in gated.head(2).iter_rows(named=True):
        element, year = row["gated_by"].split(" ")[:2]
        late = shift_plans.fastest(late=(f"{element}/{year}=1",))
        assert _bound(late) > _bound(made) * (1 + 1e-6), (element, year)
        before, after = _dates(made, "alone_date"), _dates(late, "alone_date")
        assert all(after[name] >= before[name] for name in before)


def test_late_deliveries_of_an_element_that_gates_put_its_own_date_off() -> None:
    made, late = shift_plans.fastest(), shift_plans.fastest(late=("heavy_transporter/2029=1",))
    before, after = _dates(made, "gone_date"), _dates(late, "gone_date")
    assert after["heavy_transporter"] > before["heavy_transporter"]


def test_abrupt_is_no_better_anywhere_and_worse_in_all() -> None:
    days = {}
    drops = {}
    for name in ("orderly_50000", "abrupt_50000"):
        table, _ = made_table(shift_plans.judged(name), "exposure")
        rows = table.table.iter_rows(named=True)
        days[name] = {(row["contingency"], row["window_days"]): row["exposure_days"] for row in rows}
        rows = table.table.iter_rows(named=True)
        drops[name] = {(row["contingency"], row["window_days"]): row["worst_drop"] for row in rows}
    orderly, abrupt = days["orderly_50000"], days["abrupt_50000"]
    assert orderly.keys() == abrupt.keys()
    assert all(abrupt[key] >= orderly[key] for key in orderly)
    assert any(abrupt[key] > orderly[key] for key in orderly)
    assert all(drops["abrupt_50000"][key] >= drops["orderly_50000"][key] - 1e-9 for key in orderly)
    assert sum(abrupt.values()) > sum(orderly.values()) > 0
    people = [sum(step.personnel or 0 for step in shift_plans.judged(name).inputs.drawdowns[0].steps) for name in days]
    assert people == [50000, 50000]
