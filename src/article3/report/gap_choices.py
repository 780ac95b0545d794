"""Tables of the gap about what is given, taken and bought: cuts, investments, Europe's share, published sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.domain import force_element
from article3.evidence.findings import Finding
from article3.report.gap_shares import INVENTORY, OURS, by_capability, case_words
from article3.report.gap_tables import NOTHING, counted, grid, ratio, said
from article3.report.gap_words import Names, amount, called, postures_of
from article3.report.markup import Table
from article3.report.words import number, unique

if TYPE_CHECKING:
    from markupsafe import Markup

_MOVES: Final = 0.005
"""Change of a margin that two decimals show."""

Row = Mapping[str, Any]


def cuts(finding: Finding, names: Names) -> Table:
    """Return each reported cut: before and after, who fills in with what, what is left, and the verdict."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    several = finding.table["variant"].n_unique() > 1
    rows = []
    for row in finding.table.iter_rows(named=True):
        told = [text.rstrip(".") for text in (row["reported_change"], row["note"]) if text]
        told = [text.replace("CONFLICT", "Reports conflict") for text in told]
        element = force_element(row["element"]).title
        cells: list[Markup | str] = [Markup("{} <small>{}</small>").format(element, ". ".join(told))]
        cells += [names.brief(row["variant"])] if several else []
        cells += [counted(finding, row, name) for name in ("before", "after", "cut")]
        filled = ("european_holders", "lost", "spare", "idle", "moved", "new", "uncovered")
        cells += [counted(finding, row, name) for name in filled]
        verdict = said(finding, row, "verdict", row["verdict"], "n verdict")
        where = row["worst_case"]
        cells.append(Markup("{} <small>{}</small>").format(verdict, where) if where else verdict)
        rows.append(cells)
    heads = [("Force element", "as reported", False), *([("Version", "", False)] if several else [])]
    heads += [("Before", "", True), ("After", "", True), ("Cut", "", True), ("European holders", "", True)]
    heads += [("Lost", "arriving", True), ("Not needed", "there", True), ("Idle", "", True), ("Moved", "", True)]
    heads += [("New", "", True), ("Uncovered", "", True), ("Verdict", "where most", False)]
    caption = "Reported cuts of the United States' offer, and what fills in"
    note = (
        "Columns from Lost on: in the case named under the verdict. Not needed: it had more than it used. "
        "Idle: Europe fills in, and no contingency of the same planning "
        "situation claims the units. Moved: one does. New: delivered since; none is in evidence, so it is always 0."
    )
    return grid(
        finding, "table-gap-cuts", caption, heads, rows, notes=(note,),
        how=("uncovered", "idle", "moved", "new", "verdict"), drawn=finding.table,
    )  # fmt: skip


def costs(finding: Finding, names: Names) -> Table | None:
    """Return what the cuts cost: margins before and after of all situations at once, and of those alone that move."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    moving = (pl.col("change").abs() >= _MOVES).any().over("situation")
    table = finding.table.filter(pl.col("situation").is_in(list(names.joint)) | moving)
    if table.height == 0:
        return None
    windows = sorted(table["window_days"].unique())
    several = table["variant"].n_unique() > 1
    # Several at once first, then those alone, each in the scenario's order.
    order = list(names.situations)
    rows = []
    for (variant, situation), some in sorted(
        table.group_by(["variant", "situation"], maintain_order=True),
        key=lambda item: (item[0][1] not in names.joint, order.index(str(item[0][1])), str(item[0][0])),
    ):
        mine = {row["window_days"]: row for row in some.iter_rows(named=True)}
        cells: list[Markup | str] = [names.situation(str(situation))]
        cells += [names.brief(str(variant))] if several else []
        for window in windows:
            row = mine.get(window)
            if row is None:
                cells.append(escape(NOTHING))
            elif abs(row["change"]) < _MOVES:
                cells.append(Markup('<span class="unknown">{}</span>').format(ratio(finding, row, "margin_after")))
            else:
                ends = (ratio(finding, row, name) for name in ("margin_before", "margin_after"))
                cells.append(Markup("{} \N{RIGHTWARDS ARROW} {}").format(*ends))
        rows.append(cells)
    heads = [("Situation", "", False), *([("Version", "", False)] if several else [])]
    heads += [(f"Within {window} days", "margin before and after", True) for window in windows]
    note = (
        "Margin: the largest common multiple, up to 2, of all essential requirements that can be met at once; below 1 "
        "something is missing. Contingencies alone are shown where a margin moves. In italics: unchanged."
    )
    caption = "What the cuts cost when contingencies run at once"
    return grid(
        finding, "table-gap-cost", caption, heads, rows, notes=(note,), how=("margin_before", "change"),
        drawn=finding.table,
    )  # fmt: skip


def investments(finding: Finding, names: Names) -> Table | None:
    """Return every investment that helps in some posture, with what it costs, returns and promises."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    postures = postures_of(finding.table)
    last = postures[-1]
    helps = (pl.col("gain") > 0).any().over("item")
    table = finding.table.filter(helps)
    if table.height == 0:
        return None
    by_item: dict[str, dict[str, Row]] = {}
    for row in table.iter_rows(named=True):
        by_item.setdefault(row["item"], {})[row["posture"]] = row
    rows = []
    for mine in sorted(by_item.values(), key=lambda found: -found[last]["gain_per_1000m"] if last in found else 0.0):
        main = mine.get(last) or next(iter(mine.values()))
        cells: list[Markup | str] = [main["title"], counted(finding, main, "units")]
        cells += [said(finding, main, "cost_usd2021_m", amount(round(main["cost_usd2021_m"])))]
        cells += [said(finding, main, "lead_years", f"{main['lead_years']:.0f}")]
        for name in postures:
            one = mine.get(name)
            if one is None or not one["gain"]:
                cells += [escape("no gain"), escape(NOTHING)]
                continue
            slope, gain = (_risk(finding, one, name) for name in ("initial_slope", "gain_per_1000m"))
            over = Markup(" <small>promised {}{}</small>").format(slope, ", overstated" if one["overstated"] else "")
            cells += [gain + over, ratio(finding, one, "p_top_five")]
        rows.append(cells)
    heads = [("Investment", "", False), ("Units", "", True), ("Cost", "million 2021 US$", True),
             ("Lead time", "years", True)]  # fmt: skip
    for name in postures:
        heads += [(f"Return {names.brief(name)}", "fall of risk per 1,000 million", True),
                  ("Among five best", "odds", True)]  # fmt: skip
    dear = unique(row["title"] for row in finding.table.iter_rows(named=True) if row["gain"] is None)
    idle = finding.table.filter(~helps)["item"].n_unique() - len(dear)
    notes = [f"{idle} more investments have no gain that counts."] if idle > 0 else []
    notes += [f"One lot costs more than the ceiling: {', '.join(dear)}."] if dear else []
    return grid(
        finding, "table-gap-returns", "What multiplies force: investments that help", heads, rows, notes=notes,
        how=("gain_per_1000m", "gain", "initial_slope", "p_top_five", "units", "cost_usd2021_m"),
    )  # fmt: skip


def _risk(finding: Finding, row: Row, column: str) -> Markup:
    return said(finding, row, column, "" if row[column] is None else number(row[column], finding.column(column)))


def package(finding: Finding, names: Names) -> Table | None:
    """Return the members of the packages."""
    if finding.table.height == 0:
        return None
    rows = [
        [
            row["title"],
            names.head(row["posture"]),
            counted(finding, row, "units"),
            said(finding, row, "cost_usd2021_m", amount(round(row["cost_usd2021_m"]))),
            said(finding, row, "lead_years", f"{row['lead_years']:.0f}"),
            _risk(finding, row, "loss_when_removed"),
        ]
        for row in finding.table.iter_rows(named=True)
    ]
    heads = [
        ("Member", "", False), ("Posture", "", False), ("Units", "", True), ("Cost", "million 2021 US$", True),
        ("Lead time", "years", True), ("Loss when removed", "risk", True),
    ]  # fmt: skip
    return grid(
        finding, "table-gap-package", "An illustrative package under the ceiling", heads, rows,
        how=("units", "loss_when_removed"), drawn=finding.table,
    )  # fmt: skip


def shares(finding: Finding, names: Names) -> Table:
    """Return Europe's share of inventories and of the hardest requirement, by capability."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    rows = []
    for name, found in by_capability(finding):
        hardest, ours = found.get("requirement"), found.get(OURS)
        printed = [row for case, row in found.items() if case not in ("requirement", OURS)]
        cells: list[Markup | str] = [called(name)]
        cells.append(_of(finding, hardest) if hardest else escape(NOTHING))
        where = f"{names.situation(hardest['case'])}, {hardest['window_days']} days" if hardest else NOTHING
        cells.append(escape(where))
        cells.append(_of(finding, ours) if ours else escape(NOTHING))
        lines = [Markup("{}: {}").format(case_words(row["case"]), _of(finding, row)) for row in printed]
        cells.append(Markup(" ").join(lines) if lines else escape(NOTHING))
        rows.append(cells)
    definitions = [
        row["definition"]
        for row in finding.table.filter(pl.col("denominator") == INVENTORY, pl.col("case") != OURS).to_dicts()
    ]
    heads = [
        ("Capability", "", False), ("Of the hardest requirement", "European units of those required", True),
        ("Which", "", False), ("Of inventories, our count", "European of US and European", True),
        ("Of inventories, as printed", "European of US and European", True),
    ]  # fmt: skip
    notes = [f"{'. '.join(definitions)}.", "Our count: of the element that gives the capability like with like."]
    return grid(
        finding, "table-gap-shares", "Europe's share, with the denominator named", heads, rows,
        notes=notes if definitions else notes[1:], how=("share", "europe", "required"),
    )  # fmt: skip


def _of(finding: Finding, row: Row) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    share = ratio(finding, row, "share")
    ends = (counted(finding, row, name) for name in ("europe", "required"))
    return Markup("{} <small>{} of {}</small>").format(share, *ends)


def preponderance(finding: Finding, names: Names) -> Table:
    """Return whose force is used in each conventional contingency, by posture."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    postures = [name for name in postures_of(finding.table) if name != "without"]
    rows = []
    for (case, window), some in finding.table.group_by(["contingency", "window_days"], maintain_order=True):
        mine = {row["posture"]: row for row in some.iter_rows(named=True)}
        cells: list[Markup | str] = [names.situation(str(case)), str(window)]
        for posture in postures:
            row = mine.get(posture)
            if row is None:
                cells.append(escape(NOTHING))
                continue
            numbers = [ratio(finding, row, name) for name in ("europe", "usa", "canada")]
            cells.append(Markup("<strong>{}</strong> / {} / {}").format(*numbers))
        rows.append(cells)
    heads = [("Contingency", "", False), ("Days", "", True)]
    heads += [(names.head(name), "Europe / US / Canada", True) for name in postures]
    caption = "Whose force is used in the conventional contingencies: shares of it"
    return grid(
        finding, "table-gap-preponderance", caption, heads, rows,
        how=("europe", "coverage"), drawn=finding.table,
    )  # fmt: skip
