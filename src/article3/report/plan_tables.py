"""Tables of the plan: what is ordered, by whom, for how much money, and what that brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.evidence.findings import Finding
from article3.report.gap_tables import NOTHING, counted, grid, said
from article3.report.gap_words import Names, amount, called, percent
from article3.report.markup import Table
from article3.report.plan_heat import order_sums
from article3.report.plan_trends import goal_year, share_rows
from article3.report.plan_words import (
    HORIZON,
    VERDICTS,
    at,
    by_ally,
    by_year,
    changing,
    element_title,
    met_words,
    per_cent,
    weakest,
    year_of,
)

if TYPE_CHECKING:
    from markupsafe import Markup

_LONGEST: Final = 40
"""Goals shown that are not carried without the plan."""

Row = Mapping[str, Any]
Cells = list["Markup | str"]


def plain(million: float | None) -> str:
    """Return a sum over rows, which has no address of its own, in million US$."""
    return NOTHING if million is None else amount(round(million))


def summed(finding: Finding, row: Row, column: str) -> Markup:
    """Return a sum of money in whole million US$ with its address."""
    return said(finding, row, column, "" if row[column] is None else amount(round(row[column])))


def totals(finding: Finding) -> Table:
    """Return what is ordered in all, a row for each force element."""
    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        cells: Cells = [row["element_title"], *(counted(finding, row, name) for name in ("today", "units"))]
        cells += [summed(finding, row, name) for name in ("cost_usd2021_m", "running_usd2021_m", "people")]
        cells += [_part(finding, row, name) for name in ("european_part", "us_part")]
        cells += [counted(finding, row, "buyers")]
        cells.append(
            said(finding, row, "first_delivery", str(year_of(row["first_delivery"])))
            if row["first_delivery"]
            else NOTHING
        )
        rows.append(cells)
    heads = [
        ("Force element", "", False), ("Held", "by those who plan", True), ("Ordered", "units", True),
        ("Price", "million 2021 US$", True), ("Operation and pay", "a year, at the end", True), ("People", "", True),
        ("From Europe", "of the price", True), ("From the US", "of the price", True), ("Buyers", "", True),
        ("First", "delivery", True),
    ]  # fmt: skip
    return grid(
        finding, "table-plan-total", "What is ordered in all", heads, rows, drawn=finding.table,
        how=("cost_usd2021_m", "units", "today", "running_usd2021_m", "people", "european_part", "buyers"),
    )  # fmt: skip


def _part(finding: Finding, row: Row, column: str) -> Markup:
    return said(finding, row, column, "" if row[column] is None else percent(row[column]))


def order_years(finding: Finding) -> Table:
    """Return prices of orders by force element and year of order: the numbers of the figure."""
    drawn = order_sums(finding)
    years = sorted(drawn["order_year"].unique())
    rows = []
    for (element,), some in drawn.group_by("element", maintain_order=True):
        mine = {row["order_year"]: row["cost_usd2021_m"] for row in some.iter_rows(named=True)}
        rows.append([element_title(str(element)), *(plain(mine.get(year)) for year in years)])
    heads = [("Force element", "", False), *((str(year), "", True) for year in years)]
    caption = "Prices of orders by year of order, million 2021 US$"
    return grid(finding, "table-plan-years", caption, heads, rows, drawn=drawn)


def orders(finding: Finding) -> Table:
    """Return who orders what: a row for each buyer and force element, with every order's year and units."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    table = finding.table.with_columns(pl.col("cost_usd2021_m").sum().over("ally", "element").alias("price"))
    table = table.sort(
        ["ally_name", "price", "element", "order_year", "line"], descending=[False, True, False, False, False]
    )
    rows: list[Cells] = []
    for (_, element), some in table.group_by(["ally", "element"], maintain_order=True):
        mine = some.to_dicts()
        years: dict[int, list[Markup]] = {}
        for row in mine:
            years.setdefault(row["order_year"], []).append(counted(finding, row, "units"))
        each = [Markup("{}: {}").format(year, Markup(" + ").join(found)) for year, found in years.items()]
        cells: Cells = [mine[0]["ally_name"], element_title(str(element)), Markup(" \N{MIDDLE DOT} ").join(each)]
        cells += [amount(float(some["units"].sum())), plain(float(some["cost_usd2021_m"].sum()))]
        cells += [
            str(year_of(min(row["delivery_date"] for row in mine))),
            "illustrative" if mine[0]["split"] else NOTHING,
        ]
        rows.append(cells)
    heads = [
        ("Buyer", "", False), ("Force element", "", False), ("Orders", "year: units from each line", False),
        ("Units", "in all", True), ("Price", "million 2021 US$", True), ("First", "delivery", True),
        ("Split", "", False),
    ]  # fmt: skip
    notes = ("Split illustrative: who orders it rests on holdings that nobody has published for this Ally.",)
    return grid(
        finding, "table-plan-orders", "Who orders what", heads, rows, notes=notes, drawn=finding.table,
        how=("units", "cost_usd2021_m", "fit", "split"),
    )  # fmt: skip


def money(finding: Finding) -> Table:
    """Return envelope and spending of all Allies by year."""
    rows = []
    for row in by_year(finding.table).iter_rows(named=True):
        share = per_cent(row["spent"] / row["envelope"]) if row["envelope"] else NOTHING
        parts = ("outlay", "running", "paid_to_fleets", "entering", "setting_up", "owed")
        rows.append(
            [
                str(row["year"]),
                plain(row["envelope"]),
                plain(row["spent"]),
                share,
                *(plain(row[name]) for name in parts),
            ]
        )
    heads = [("Year", "", False), ("Envelope", "", True), ("Spent", "", True), ("Of it", "", True),
             ("Prices", "of orders", True),
             ("Operation", "and pay", True), ("Fleets", "", True), ("Entering", "", True), ("Lines", "set up", True),
             ("Owed", "before", True)]  # fmt: skip
    return grid(
        finding, "table-plan-money", "All Allies by year, million 2021 US$", heads, rows,
        how=("envelope", "spent", "outlay", "running"),
    )  # fmt: skip


def allies(finding: Finding) -> Table:
    """Return by Ally what it spends of its envelope, its largest share of GDP and its steepest step."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    rows: list[Cells] = []
    for row in by_ally(finding.table).iter_rows(named=True):
        share = NOTHING if row["share"] is None else per_cent(row["share"])
        cells: Cells = [row["ally_name"], plain(row["envelope"]), plain(row["spent"]), share]
        for column, year in (("gdp_share_pct", row["year"]), ("step_pct", row["step_year"])):
            found = at(finding.table, ally=row["ally"], year=year)
            if found is None or not row["spent"]:
                cells.append(NOTHING)
                continue
            cells.append(
                Markup("{} <small>{}</small>").format(said(finding, found, column, f"{found[column]:.2f}"), year)
            )
        rows.append(cells)
    heads = [
        ("Ally", "", False), ("Envelope", "million 2021 US$, all years", True), ("Spent", "all years", True),
        ("Of its envelope", "", True), ("Most in a year", "% of GDP", True), ("Steepest step", "points of GDP", True),
    ]  # fmt: skip
    return grid(
        finding, "table-plan-allies", "Money by Ally, those that use most of their envelope first", heads, rows,
        how=("envelope", "spent", "gdp_share_pct", "step_pct"), drawn=finding.table,
    )  # fmt: skip


def attainment(finding: Finding, names: Names) -> Table:
    """Return what can be met in some years, with the plan and without, where it moves or something is short."""
    table = changing(finding.table)
    judged = sorted(table.filter(pl.col("low").is_not_null())["year"].unique())
    found = sorted(table["year"].unique())
    years = list(dict.fromkeys(_nearest(judged or found, year) for year in (found[0], 2030, HORIZON, found[-1])))
    rows: list[Cells] = []
    for _, some in table.group_by(["situation", "window_days"], maintain_order=True):
        mine = {row["year"]: row for row in some.iter_rows(named=True)}
        first, last = next(iter(mine.values())), mine[max(mine)]
        cells: Cells = [names.situation(first["situation"]), str(first["window_days"])]
        cells += [_met(finding, mine[year]) if year in mine else NOTHING for year in years]
        cells.append(weakest(last["binding_capability"]) if last["binding_capability"] else NOTHING)
        rows.append(cells)
    heads = [
        ("Contingency", "", False),
        ("Days", "", True),
        *((str(year), "with the plan; without; range", True) for year in years),
    ]
    heads += [("Held back by", f"in {found[-1]}", False)]
    return grid(
        finding, "table-plan-attainment", f"What can be met by year, {names.inside(table['posture'][0])}", heads, rows,
        how=("attainment", "before", "low", "binding_capability"), drawn=table,
    )  # fmt: skip


def _nearest(years: Sequence[int], wanted: int) -> int:
    return min(years, key=lambda year: (abs(year - wanted), year))


def _met(finding: Finding, row: Row) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    without = Markup("{} without").format(said(finding, row, "before", met_words(row["before"])))
    ends = () if row["low"] is None else (f"{100 * row['low']:.0f} to {100 * row['high']:.0f}",)
    words = Markup(", ").join((without, *ends))
    return Markup("{} <small>{}</small>").format(said(finding, row, "attainment", met_words(row["attainment"])), words)


def risk(finding: Finding) -> Table:
    """Return risk by year, with the plan and without."""
    rows = [
        [str(row["year"]), *(said(finding, row, name, "" if row[name] is None else f"{row[name]:.4f}")
                             for name in ("risk", "risk_before", "weight"))]
        for row in finding.table.iter_rows(named=True)
    ]  # fmt: skip
    heads = [
        ("Year", "", False),
        ("Risk", "with the plan", True),
        ("Risk", "without it", True),
        ("Weight", "in deciding", True),
    ]
    return grid(finding, "table-plan-risk", "Risk by year", heads, rows, how=("risk", "risk_before", "weight"))


def shares(finding: Finding) -> Table:
    """Return by year what Europe carries: the mean with its address, and the counts the figure draws."""
    counts = share_rows(finding)
    rows: list[Cells] = []
    for year in counts["year"].unique().sort():
        mean = at(finding.table, year=year, denominator="mean")
        cells: Cells = [str(year), _part(finding, mean, "share") if mean else NOTHING]
        for name in ("requirement", "inventory"):
            row = at(counts, year=year, denominator=name)
            cells.append(f"{row['half']} of {row['cases']}" if row else NOTHING)
        rows.append(cells)
    heads = [("Year", "", False), ("Weighted mean", "of shares of requirements", True),
             ("Could carry half", "requirements", True),
             ("Holds half", "inventories", True)]  # fmt: skip
    return grid(
        finding, "table-plan-shares", "What Europe carries, by year", heads, rows,
        how=("share", "europe", "denominator"), drawn=finding.table.filter(pl.col("denominator") != "requirement"),
    )  # fmt: skip


def inventories(finding: Finding) -> Table | None:
    """Return Europe's share of inventories by capability, in the first year and in that of the goal, smallest first."""
    held = finding.table.filter(pl.col("denominator") == "inventory")
    if held.height == 0:
        return None
    years = sorted(held["year"].unique())
    chosen = list(dict.fromkeys((goal_year(years), years[-1])))
    order = held.filter(pl.col("year") == chosen[0]).sort("share", "capability")["capability"]
    rows: list[Cells] = []
    for name in order:
        cells: Cells = [called(name)]
        for year in chosen:
            row = at(held, capability=name, year=year)
            cells += (
                [_part(finding, row, "share"), counted(finding, row, "europe"), counted(finding, row, "required")]
                if row
                else 3 * [NOTHING]
            )
        rows.append(cells)
    heads = [("Capability", "", False)]
    for year in chosen:
        heads += [(f"Share {year}", "", True), ("Europe", "units", True), ("With the US", "units", True)]
    caption = "Europe's share of what it and the United States hold, with the plan"
    return grid(finding, "table-plan-inventories", caption, heads, rows, how=("share", "required"))


def goals(finding: Finding, names: Names) -> Table | None:
    """Return the goals that are not carried without the plan: what becomes of each, and the latest order that helps."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    open_ = finding.table.filter(pl.col("verdict") != "held")
    if open_.height == 0:
        return None
    rows: list[Cells] = []
    for row in open_.head(_LONGEST).iter_rows(named=True):
        where = names.situation(row["contingency"]) if row["contingency"] != "inventory" else "inventory"
        days = f", {row['window_days']} days" if row["window_days"] else ""
        cells: Cells = [Markup("{} <small>{}{}</small>").format(called(row["capability"]), where, days)]
        cells += [_part(finding, row, name) for name in ("level", "share_today", "share_with_plan", "reachable")]
        cells += [said(finding, row, name, str(row[name])) for name in ("year_reached", "latest_order_year")]
        words = VERDICTS.get(row["verdict"], row["verdict"])
        cells.append(
            said(
                finding, row, "verdict", f"cannot by {row['by']}" if row["verdict"] == "cannot" else words, "n verdict"
            )
        )
        rows.append(cells)
    by = open_["by"][0]
    heads = [
        ("Requirement", "", False), ("Wanted", "", True), ("Without", f"the plan, {by}", True),
        ("With", f"the plan, {by}", True),
        ("Within reach", f"by {by}", True), ("Reached", "year", True), ("Latest order", "year", True),
        ("Verdict", "", False),
    ]  # fmt: skip
    left = open_.height - len(rows)
    notes = [f"{finding.table.height - open_.height} of {finding.table.height} are carried without the plan."]
    notes += [f"{left} more: in the file."] if left > 0 else []
    return grid(
        finding, "table-plan-goals", "Goals that need the plan, and those that cannot be reached in time", heads, rows,
        notes=notes, how=("share_with_plan", "reachable", "latest_order_year", "verdict"), drawn=open_,
    )  # fmt: skip
