"""Tables of the plan about itself: what binds, what it assumes, how well it is solved, published figures beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.evidence.findings import Finding
from article3.evidence.store import Evidence
from article3.report.gap_tables import NOTHING, counted, grid, said
from article3.report.gap_words import Names, amount
from article3.report.markup import Table
from article3.report.plan_bridge import COMPARISONS
from article3.report.plan_limits import change_words
from article3.report.plan_tables import Cells, summed
from article3.report.plan_words import element_title, per_cent
from article3.report.words import FIXED, MINUS, capital, listed

if TYPE_CHECKING:
    from markupsafe import Markup

STAGES: Final = {"risk": "Least risk", "cost": "Least cost within the tolerance", "apportionment": "Sharing out"}
_SUPPLIERS: Final = {"usa": "United States", "national": "raised at home"}
_OWN: Final = "article3-assumption"

Row = Mapping[str, Any]


def worded(row: Row, names: Names) -> str:
    """Return the value of an assumption; the posture planned for in words."""
    return names.inside(row["value"]) if row["assumption"] == "posture" else str(row["value"])


def assumptions(finding: Finding, names: Names) -> Table:
    """Return what the plan assumes."""
    rows: list[Cells] = [
        [row["title"], said(finding, row, "value", worded(row, names)), _ours(row["source"]), row["standing"]]
        for row in finding.table.iter_rows(named=True)
    ]
    heads = [("Assumption", "", False), ("Value", "", False), ("Source", "", False), ("Standing", "", False)]
    return grid(finding, "table-plan-assumptions", "What the plan assumes", heads, rows, drawn=finding.table)


def _ours(source: str) -> str:
    return "ours" if source == _OWN else source


def limits(finding: Finding) -> Table:
    """Return what became of risk when each limit was moved."""
    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        change = row["risk_change_pct"]
        cells: Cells = [capital(row["relaxed"])]
        cells.append(NOTHING if row["risk"] is None else said(finding, row, "risk", f"{row['risk']:.4f}"))
        cells.append("no plan" if change is None else said(finding, row, "risk_change_pct", change_words(change)))
        binds = {True: "binds", False: "does not bind", None: "made tighter"}[row["binds"]]
        cells.append(said(finding, row, "binds", binds) if row["binds"] is not None else binds)
        rows.append(cells)
    heads = [
        ("What was done", "", False),
        ("Least risk", "", True),
        ("Change", "of risk", True),
        ("Verdict", "", False),
    ]
    return grid(
        finding, "table-plan-limits", "Which limits bind", heads, rows, notes=finding.warnings, drawn=finding.table,
        how=("relaxed", "risk", "risk_change_pct", "binds"),
    )  # fmt: skip


def caveats(finding: Finding) -> Table:
    """Return what limits to taking part cost in risk."""
    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        change = row["risk_change_pct"]
        ordered = [element_title(name) for name in row["elements"].split(";") if name]
        cells: Cells = [row["ally_name"], ", ".join(ordered) or NOTHING]
        cells += [said(finding, row, name, "" if row[name] is None else f"{row[name]:.4f}")
                  for name in ("risk", "risk_without")]  # fmt: skip
        cells.append(said(finding, row, "risk_change_pct", "" if change is None else change_words(change)))
        rows.append(cells)
    heads = [("Ally", "", False), ("Orders", "", False), ("Least risk", "", True), ("Without", "the limits", True),
             ("Costs", "rise of risk", True)]  # fmt: skip
    return grid(
        finding, "table-plan-caveats", "What limits to taking part cost", heads, rows, drawn=finding.table,
        how=("risk", "risk_without", "risk_change_pct"),
    )  # fmt: skip


def frontier(finding: Finding) -> Table:
    """Return risk against money."""
    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        cells: Cells = [f"{row['given_up_pct']:g}{FIXED}%", said(finding, row, "risk", f"{row['risk']:.4f}")]
        cells += [summed(finding, row, name) for name in ("cost_usd2021_m", "discounted_usd2021_m", "orders_usd2021_m")]
        saved = row["saved_pct"]
        cells.append(NOTHING if saved is None else said(finding, row, "saved_pct", f"{saved:.0f}{FIXED}%"))
        rows.append(cells)
    heads = [
        ("Risk given up", "of the least", False), ("Risk", "", True), ("Spending", "million 2021 US$", True),
        ("Discounted", "", True), ("Orders", "", True), ("Saved", "of the first row, discounted", True),
    ]  # fmt: skip
    return grid(
        finding, "table-plan-frontier", "Risk against money", heads, rows, drawn=finding.table,
        how=("risk", "cost_usd2021_m", "discounted_usd2021_m", "saved_pct"),
    )  # fmt: skip


def certificate(finding: Finding) -> Table:
    """Return the certificate of every stage."""
    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        cells: Cells = [
            STAGES.get(row["stage"], row["stage"]),
            said(finding, row, "status", row["status"].replace("_", " ")),
        ]
        cells += [_number(finding, row, name, ".6g") for name in ("objective", "bound")]
        cells += [_number(finding, row, name, ".0e") for name in ("gap", "primal_residual", "dual_residual")]
        cells += [said(finding, row, name, f"{row[name]:,.0f}") for name in ("rows", "columns", "coefficients")]
        cells.append(said(finding, row, "holds", "holds" if row["holds"] else "does not hold", "n verdict"))
        rows.append(cells)
    heads = [
        ("Stage", "", False), ("Status", "", False), ("Objective", "", True), ("Bound", "", True), ("Gap", "", True),
        ("Primal residual", "", True), ("Dual residual", "", True), ("Rows", "", True), ("Columns", "", True),
        ("Coefficients", "", True), ("Certificate", "", False),
    ]  # fmt: skip
    return grid(
        finding, "table-plan-certificate", "How well the plan is solved", heads, rows, drawn=finding.table,
        how=("objective", "bound", "gap", "primal_residual", "dual_residual", "holds"),
    )  # fmt: skip


def _number(finding: Finding, row: Row, column: str, form: str) -> Markup:
    value = row[column]
    text = "" if value is None else "0" if value == 0 else f"{value:{form}}"
    return said(finding, row, column, text)


def lines(finding: Finding) -> Table | None:
    """Return the lines the plan orders from, those ordered fullest first."""
    used = finding.table.filter(pl.col("ordered") > 1e-6).sort("used", "line", descending=[True, False])
    if used.height == 0:
        return None
    rows: list[Cells] = []
    for row in used.iter_rows(named=True):
        supplier = _SUPPLIERS.get(row["supplier"], row["supplier"].capitalize())
        cells: Cells = [row["line_title"], element_title(row["element"]), supplier]
        cells += [
            counted(finding, row, name) for name in ("lead_years", "rate", "rate_last", "price_usd2021_m", "ordered")
        ]
        cells.append(said(finding, row, "used", per_cent(row["used"])))
        rows.append(cells)
    heads = [
        ("Line", "", False), ("Force element", "", False), ("Supplier", "", False), ("Lead", "years", True),
        ("Rate", "units a year", True), ("At the end", "units a year", True), ("Price", "million 2021 US$", True),
        ("Ordered", "units", True), ("Used", "of what it takes", True),
    ]  # fmt: skip
    return grid(
        finding, "table-plan-lines", "Lines ordered from, the fullest first", heads, rows, drawn=finding.table,
        how=("rate", "rate_last", "price_usd2021_m", "ordered", "used"),
    )  # fmt: skip


def catalogue(finding: Finding) -> Table:
    """Return what can be ordered, with prices and how they were brought to one basis."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        columns = ("cost_usd2021_m", "upkeep_usd2021_m", "people", "entry_usd2021_m", "lines", "lead_years", "rate")
        cells: Cells = [row["element_title"], *(counted(finding, row, name) for name in columns)]
        rows.append([*cells, Markup('<span class="gap-why">{}</span>').format(row["basis"]), row["standing"]])
    heads = [
        ("Force element", "", False), ("Price", "million 2021 US$", True), ("Operation", "a year", True),
        ("People", "", True),
        ("Entering", "", True), ("Lines", "", True), ("Lead", "years", True), ("Rate", "units a year", True),
        ("Basis of the price", "", False), ("Standing", "", False),
    ]  # fmt: skip
    return grid(
        finding, "table-plan-catalogue", "What can be ordered", heads, rows, drawn=finding.table,
        how=("cost_usd2021_m", "entry_usd2021_m", "rate"),
    )  # fmt: skip


def replacement(finding: Finding, evidence: Evidence) -> list[Table]:
    """Return one table for each published figure: never one column for three questions."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    found = []
    for place, ((name,), some) in enumerate(finding.table.group_by("comparison", maintain_order=True)):
        rows: list[Cells] = []
        for row in some.iter_rows(named=True):
            strong = row["kind"] in ("published", "residual")
            title = Markup("<strong>{}</strong>").format(row["title"]) if strong else row["title"]
            verdict = Markup(" <small>{}</small>").format(row["verdict"]) if row["verdict"] else ""
            cells: Cells = [Markup("{}{}").format(title, verdict), _signed(finding, row), _ends(finding, row)]
            cells += [Markup('<span class="gap-why">{}</span>').format(row["cause"]), _cited(row["source"], evidence)]
            rows.append(cells)
        heads = [
            ("Step", "", False), ("Amount", "thousand million US$", True), ("Low to high", "", True),
            ("Cause", "", False),
            ("Source", "", False),
        ]  # fmt: skip
        title = COMPARISONS.get(str(name), str(name))
        how = ("amount_usd_bn", "kind", "verdict") if not place else ()
        found.append(grid(finding, f"table-plan-bridge-{place + 1}", title, heads, rows, how=how, drawn=some))
    return found


def _signed(finding: Finding, row: Row) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    size = amount(row["amount_usd_bn"]) if row["amount_usd_bn"] >= 0.05 else "0"
    sign = "" if row["kind"] in ("ours", "published") or size == "0" else "+" if row["sign"] > 0 else MINUS
    # The sign is a column of its own, so that the number keeps its value.
    return Markup("{}{}").format(sign, said(finding, row, "amount_usd_bn", size))


def _ends(finding: Finding, row: Row) -> Markup | str:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    ends = [
        said(finding, row, name, amount(row[name])) for name in ("low_usd_bn", "high_usd_bn") if row[name] is not None
    ]
    return Markup(" to ").join(ends) if ends else NOTHING


def _cited(source: str, evidence: Evidence) -> str:
    """Return producer and year of sources; ours where they are our own assumption."""
    names = []
    for name in source.replace(";", " ").split():
        known = evidence.sources.get(name)
        names.append("ours" if name == _OWN else f"{known.producer}, {known.published[:4]}" if known else name)
    return listed(names) if names else NOTHING
