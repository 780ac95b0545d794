"""Tables of the plan about who does what: lines of effort, down payments, fit, fleets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.evidence.findings import Finding
from article3.report.gap_tables import NOTHING, counted, grid, ratio, said
from article3.report.markup import Table
from article3.report.plan_heat import quotient_words
from article3.report.plan_tables import Cells, plain, summed
from article3.report.plan_words import domain_words, element_title, per_cent, those, who
from article3.report.words import capital, day

if TYPE_CHECKING:
    pass

_PAIRS: Final = 15
"""Pairs of buyer and force element whose terms of fit are shown: those that cost most."""
_TERMS: Final = ("holdings", "industry", "geography", "pools", "policy", "attitude")

_GAINS: Final = {"psi": "fall of risk", "ratio": "of the plan's fall of risk"}
"""What the gain of a down payment is, by the unit its table gives."""

Row = Mapping[str, Any]


def efforts(finding: Finding) -> Table:
    """Return the lines of effort, the dearest first."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        cells: Cells = [row["title"], who(row["lead"]), those(row["participants"])]
        cells += [counted(finding, row, "units"), summed(finding, row, "cost_usd2021_m")]
        cells += [said(finding, row, name, day(row[name]) if name == "first_contract" else row[name][:4])
                  for name in ("first_contract", "first_delivery", "full")]  # fmt: skip
        late = row["slip_loss"]
        cells.append(NOTHING if late is None else said(finding, row, "slip_loss", per_cent(late)))
        cells.append(Markup("<small>illustrative</small>") if row["split"] else NOTHING)
        rows.append(cells)
    heads = [
        ("Line of effort", "", False), ("Owner", "proposed by a rule", False), ("Who", "", False), ("Units", "", True),
        ("Price", "million 2021 US$", True), ("Contract", "", False), ("First", "delivery", True),
        ("Last", "delivery", True),
        ("A year late", "share met lost, at most", True), ("Split", "", False),
    ]  # fmt: skip
    return grid(
        finding, "table-plan-efforts", "Lines of effort, the dearest first", heads, rows, drawn=finding.table,
        how=("lead", "participants", "cost_usd2021_m", "slip_loss"),
    )  # fmt: skip


def due(finding: Finding) -> Table | None:
    """Return the milestones that are due before the summit, with the evidence asked for and what slips."""
    table = finding.table.filter(pl.col("before_summit")).sort("date", maintain_order=True)
    if table.height == 0:
        return None
    rows: list[Cells] = [
        [
            row["title"],
            who(row["owner"]),
            said(finding, row, "date", day(row["date"])),
            counted(finding, row, "units"),
            row["evidence"],
            row["state"].replace("_", " "),
            row["slips"],
        ]
        for row in table.iter_rows(named=True)
    ]
    heads = [
        ("Milestone", "", False), ("Owner", "", False), ("By", "", False), ("Units", "", True), ("Evidence", "", False),
        ("State", "", False), ("If it is late", "", False),
    ]  # fmt: skip
    return grid(
        finding, "table-plan-due", "Due before the summit", heads, rows, how=("date", "owner", "evidence", "slips"),
        drawn=finding.table,
    )  # fmt: skip


def payments(finding: Finding) -> Table:
    """Return the down payments, those that lower risk most first."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    unit = finding.column("gain").unit
    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        cells: Cells = [Markup("{} <small>{}</small>").format(row["title"], row["part"])]
        cells += [who(row["owner"]), those(row["participants"])]
        cells += [said(finding, row, "sign_by", day(row["sign_by"])), counted(finding, row, "units")]
        cells += [
            summed(finding, row, "cost_usd2021_m"),
            said(finding, row, "first_delivery", row["first_delivery"][:4]),
        ]
        cells.append(said(finding, row, "gain", _gain(row["gain"], unit)))
        rows.append(cells)
    heads = [
        ("Down payment", "", False), ("Owner", "", False), ("Who signs", "", False), ("Sign by", "", False),
        ("Units", "", True),
        ("Cost", "million 2021 US$", True), ("First", "delivery", True), ("Gain", _GAINS.get(unit, unit), True),
    ]  # fmt: skip
    return grid(
        finding, "table-plan-down", "What can be signed before the summit for little", heads, rows, drawn=finding.table,
        how=("cost_usd2021_m", "participants", "sign_by", "gain"),
    )  # fmt: skip


def _gain(value: float | None, unit: str) -> str:
    return "" if value is None else per_cent(value) if unit == "ratio" else f"{value:.4f}"


def domains(finding: Finding) -> Table:
    """Return location quotients of Allies by domain, with the share of all orders in it."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    table = finding.table
    order = ["cost_usd2021_m", "domain"]
    names = table.group_by("domain").agg(pl.col("cost_usd2021_m").sum()).sort(order, descending=[True, False])["domain"]
    rows: list[Cells] = []
    sums = table.with_columns(pl.col("cost_usd2021_m").sum().over("ally").alias("own"))
    for (_, name), some in sums.sort("own", "ally", descending=[True, False], maintain_order=True).group_by(
        ["ally", "ally_name"], maintain_order=True
    ):
        mine = {row["domain"]: row for row in some.iter_rows(named=True)}
        cells: Cells = [str(name), plain(float(some["own"][0]))]
        for domain in names:
            row = mine.get(domain)
            cells.append(NOTHING if row is None else Markup("{} <small>{}</small>").format(
                said(finding, row, "quotient", quotient_words(row["quotient"])),
                said(finding, row, "share_of_all", per_cent(row["share_of_all"])),
            ))  # fmt: skip
        rows.append(cells)
    heads = [("Ally", "", False), ("Orders", "million 2021 US$", True)]
    heads += [(capital(domain_words(name)), "quotient; part of all", True) for name in names]
    return grid(
        finding, "table-plan-domains", "Who specialises in what", heads, rows, how=("quotient", "share_of_all"),
        drawn=finding.table,
    )  # fmt: skip


def fit(finding: Finding, orders: Finding) -> Table | None:
    """Return the terms of fit behind the pairs of buyer and force element that cost most."""
    sums = orders.table.group_by("ally", "ally_name", "element").agg(pl.col("cost_usd2021_m").sum())
    chosen = sums.sort("cost_usd2021_m", "ally", "element", descending=[True, False, False]).head(_PAIRS)
    known = {(row["ally"], row["element"]): row for row in finding.table.iter_rows(named=True)}
    rows: list[Cells] = []
    for pair in chosen.iter_rows(named=True):
        row = known.get((pair["ally"], pair["element"]))
        if row is not None:
            cells: Cells = [pair["ally_name"], element_title(pair["element"]), plain(pair["cost_usd2021_m"])]
            cells += [*(ratio(finding, row, name) for name in _TERMS), ratio(finding, row, "fit")]
            rows.append([*cells, "yours" if row["own"] else NOTHING])
    if not rows:
        return None
    heads = [("Buyer", "", False), ("Force element", "", False), ("Orders", "million 2021 US$", True)]
    heads += [(finding.column(name).title, "", True) for name in (*_TERMS, "fit")] + [("Own figure", "", False)]
    note = "0 does not suit, 0.5 neutral or not known, 1 suits well. Fit settles ties only; it is no money."
    return grid(
        finding, "table-plan-fit", "Why they: terms of fit behind the largest orders", heads, rows, notes=(note,),
        how=("fit", *_TERMS),
    )  # fmt: skip


def entering(finding: Finding) -> Table:
    """Return how many would buy each force element, and how many enter, with the cost of entering and without."""
    columns = ("buyers", "buyers_free", "entrants", "entrants_free")
    rows: list[Cells] = [
        [row["element_title"], *(counted(finding, row, name) for name in columns)]
        for row in finding.table.iter_rows(named=True)
    ]
    heads = [
        ("Force element", "", False), ("Buyers", "", True), ("Buyers", "if entering were free", True),
        ("New to it", "", True), ("New to it", "if entering were free", True),
    ]  # fmt: skip
    caption = "What the cost of entering does"
    return grid(finding, "table-plan-entering", caption, heads, rows, how=("buyers_free", "entrants_free"))


def pools(finding: Finding) -> Table | None:
    """Return who pays for what fleets order."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    if finding.table.height == 0:
        return None
    rows: list[Cells] = []
    seen: set[str] = set()
    table = finding.table.sort("pool", pl.col("paid_usd2021_m"), descending=[False, True], maintain_order=True)
    for row in table.iter_rows(named=True):
        first = row["pool"] not in seen
        seen.add(row["pool"])
        about = Markup("{} <small>{}, {}</small>").format(row["title"], row["state"], element_title(row["element"]))
        cells: Cells = [about if first else Markup('<span class="part">{}</span>').format(row["title"])]
        cells += [who(row["ally"]), counted(finding, row, "units") if first else ""]
        cells += [summed(finding, row, "paid_usd2021_m"), said(finding, row, "share", per_cent(row["share"]))]
        rows.append(cells)
    heads = [
        ("Fleet", "state, force element", False), ("Member", "", False), ("Orders", "units", True),
        ("Pays", "million 2021 US$", True), ("Share", "", True),
    ]  # fmt: skip
    return grid(
        finding,
        "table-plan-pools",
        "Fleets: who pays",
        heads,
        rows,
        how=("paid_usd2021_m", "share"),
        drawn=finding.table,
    )
