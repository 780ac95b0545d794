"""Tables of the shift about deciding: plans under doubt, the bargain, the notice board, assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.evidence.findings import Finding
from article3.evidence.store import Evidence
from article3.report.gap_tables import NOTHING, counted, said
from article3.report.gap_words import amount
from article3.report.markup import Table
from article3.report.plan_tables import Cells, summed
from article3.report.plan_words import at, per_cent
from article3.report.shift_board import FASTEST, MONTHS, SLIPS, upcoming
from article3.report.shift_grid import grid
from article3.report.shift_trust import columns_of, more_words, named
from article3.report.shift_words import drawdowns, plain_days, several, shown_plan, when_words
from article3.report.words import capital, listed
from article3.scenario.resolve import Inputs

if TYPE_CHECKING:
    from markupsafe import Markup

Row = Mapping[str, Any]

_OWN: Final = "article3-assumption"
_MOST: Final = 6
"""Rows shown of one kind of the bargain: totals and what weighs most; the file has all."""
_SIDES: Final = {"usa": "United States", "europe": "Europe and Canada"}
_KINDS: Final = {
    ("usa", "frees"): "gets back", ("usa", "sells"): "sells", ("usa", "gives"): "leaves in place",
    ("europe", "pays"): "pay", ("europe", "gets"): "get", ("europe", "leads"): "lead",
    ("usa", "gains"): "gains that have a price", ("europe", "gains"): "gain that has a price",
}  # fmt: skip
_BOX: Final = ("today", "plan", "notice", "pace", "margin", "until", "floor")


def trusted(finding: Finding, states: Finding, inputs: Inputs) -> Table:
    """Return every plan with what it gives away in every future, on average and in the worst part."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    heads_of = [(key, title) for key, title in columns_of(states, inputs).items() if not key.startswith("=")]
    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        cells: Cells = [
            named(row),
            *(said(finding, row, name, f"{row[name]:.4f}") for name in ("expected_risk", "cvar")),
        ]
        for key, _ in heads_of:
            mine = at(states.table, choice=row["choice"], state=key)
            text = NOTHING if mine is None else said(states, mine, "risk", f"{mine['risk']:.4f}")
            more = "" if mine is None or mine["regret_pct"] is None else Markup(" <small>{}</small>").format(
                said(states, mine, "regret_pct", more_words(mine["regret_pct"])))  # fmt: skip
            cells.append(Markup("{}{}").format(text, more))
        cells += [summed(finding, row, "discounted_usd2021_m"), _orders(row["orders"])]
        rows.append(cells)
    heads = [("Plan", "", False), ("On average", "risk", True), ("Worst part", "risk", True)]
    heads += [(title, "risk; more than the best", True) for _, title in heads_of]
    heads += [("Money", "million 2021 US$, discounted", True), ("Main orders", "units", False)]
    return grid(
        finding, "table-shift-trust", "Plans beside futures of the United States", heads, rows, drawn=states.table,
        how=("expected_risk", "cvar", "regret"),
    )  # fmt: skip


def _orders(text: str | None) -> str:
    return text or NOTHING


def knowing(finding: Finding) -> Table:
    """Return what it would be worth to know earlier which way the United States goes."""
    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        cells: Cells = [row["known"], said(finding, row, "expected_risk", f"{row['expected_risk']:.4f}")]
        worth = row["worth_pct"]
        cells.append(NOTHING if worth is None else said(finding, row, "worth_pct", per_cent(worth / 100)))
        cells += [summed(finding, row, "saved_usd2021_m"), _orders(row["orders"])]
        rows.append(cells)
    heads = [
        ("Known in", "", False), ("Least risk", "on average", True), ("Less risk", "than never knowing", True),
        ("Saved", "million 2021 US$, same safety", True), ("Ordered before", "units", False),
    ]  # fmt: skip
    return grid(
        finding, "table-shift-knowing", "What knowing earlier is worth", heads, rows, drawn=finding.table,
        how=("expected_risk", "worth_pct", "saved_usd2021_m"),
    )  # fmt: skip


def deal(finding: Finding) -> Table | None:
    """Return what each side gives and gets in all, under each plan."""
    plans = finding.table["plan"].unique(maintain_order=True).to_list()
    rows: list[Cells] = []
    for (side, kind), words in _KINDS.items():
        totals = {plan: at(finding.table, plan=plan, side=side, kind=kind, item="total") for plan in plans}
        if not any(totals.values()):
            continue
        cells: Cells = [f"{_SIDES[side]}: {words}"]
        for plan in plans:
            row = totals[plan]
            cells += [_money(finding, row, "a_year_usd2021_m"), _money(finding, row, "people")]
            cells.append(NOTHING if row is None or row["amount"] is None else counted(finding, row, "amount"))
        rows.append(cells)
    if not rows:
        return None
    heads = [("Side", "", False)]
    for plan in plans:
        words = {"plan": "under the plan", "aimed": "made again"}.get(plan, plan)
        heads += [("A year", f"million 2021 US$, {words}", True), ("People", words, True), ("Posts", words, True)]
    return grid(
        finding, "table-shift-deal", "The bargain in all", heads, rows, how=("a_year_usd2021_m", "people"),
    )  # fmt: skip


def _money(finding: Finding, row: Row | None, column: str) -> Markup | str:
    return NOTHING if row is None else summed(finding, row, column)


def items(finding: Finding) -> Table:
    """Return what the bargain is made of, under the plan that is shown: totals, and what weighs most of each kind."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    mine = finding.table.filter(pl.col("plan") == shown_plan(finding))
    rows: list[Cells] = []
    for (side, kind), words in _KINDS.items():
        some = mine.filter(pl.col("side") == side, pl.col("kind") == kind).to_dicts()
        weigh = [row for row in some if row["item"] != "total"]
        weigh = sorted(weigh, key=lambda row: -(row["value_usd2021_m"] or 0.0))[: max(_MOST, _unpriced(weigh))]
        for row in [row for row in some if row["item"] == "total"] + weigh:
            title = Markup("<strong>{}</strong>").format(row["title"]) if row["item"] == "total" else row["title"]
            cells: Cells = [Markup("{} <small>{} {}</small>").format(title, _SIDES[side], words), _size(finding, row)]
            cells += [summed(finding, row, "a_year_usd2021_m"), summed(finding, row, "people"), _span(row)]
            cells.append(Markup('<span class="gap-why">{}</span>').format(plain_days(row["note"]) or NOTHING))
            rows.append(cells)
    heads = [
        ("What", "side", False), ("Amount", "", True), ("A year", "million 2021 US$", True), ("People", "", True),
        ("When", "", False), ("Remark", "", False),
    ]  # fmt: skip
    return grid(
        finding, "table-shift-bargain", "What the bargain is made of, what weighs most of each kind", heads, rows,
        drawn=mine, how=("amount", "a_year_usd2021_m", "people"),
    )  # fmt: skip


def _unpriced(rows: list[dict[str, Any]]) -> int:
    """Return how many rows of a kind there are where none has a price: all of them are shown."""
    return len(rows) if not any(row["value_usd2021_m"] for row in rows) else 0


def _size(finding: Finding, row: Row) -> Markup | str:
    """Return an amount with its unit in the plural; risk without one."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    value, unit = row["amount"], row["unit"] or ""
    if value is None:
        return NOTHING
    if unit == "psi":
        return said(finding, row, "amount", f"{value:.3f}")
    same = abs(value) == 1 or unit.startswith("of ") or unit.endswith("s") or unit in ("aircraft", "")
    plural = unit if same else f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"
    return Markup("{} {}").format(counted(finding, row, "amount"), plural)


def _span(row: Row) -> str:
    """Return the days or years a row speaks of, as people write them."""
    text = row["period"]
    return " to ".join(when_words(part) for part in text.split(" to ")) if text else NOTHING


def board(finding: Finding, inputs: Inputs) -> Table | None:
    """Return the notice board of the next two years as a list: day, what happens, to whom, in which state."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    table = upcoming(finding, inputs)
    if table.height == 0:
        return None
    titles = {item.drawdown: item.title for item in inputs.drawdowns}
    rows: list[Cells] = []
    for (when, kind, schedule), some in table.group_by(["date", "kind", "schedule"], maintain_order=True):
        mine = some.to_dicts()
        each = [_item(finding, row, str(kind)) for row in mine]
        states = list(dict.fromkeys(row["state"] for row in mine if row["state"]))
        state = listed([word.replace("_", " ") for word in states])
        late = any(word in SLIPS for word in states)
        mark = Markup('<span class="shift-late">{}</span>').format(state) if late else state
        told = list(dict.fromkeys(row["warning"] for row in mine if row["warning"]))
        more = Markup(" <small>{}</small>").format(plain_days(" ".join(told))) if told else ""
        cells: Cells = [when_words(str(when)), _what(str(kind), str(schedule), titles), Markup(", ").join(each)]
        cells.append(Markup("{}{}").format(mark, more))
        rows.append(cells)
    heads = [("Day", "", False), ("What", "", False), ("Which", "units", False), ("State", "", False)]
    return grid(
        finding, "table-shift-board", f"The next {MONTHS} months, day by day", heads, rows, drawn=table,
        how=("date", "state", "new_date", "sign_by"),
    )  # fmt: skip


def _item(finding: Finding, row: Row, kind: str) -> Markup:
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    if kind in ("post", "summit"):
        return escape(row["title"])
    if row["units"] is None:
        return escape(plain_days(row["title"]).partition(": ")[0])
    text = Markup("{} {}").format(counted(finding, row, "units"), several(row["subject"], row["units"]))
    if row["sign_by"]:
        text += Markup(" (to be signed by {})").format(said(finding, row, "sign_by", when_words(row["sign_by"])))
    return text


def _what(kind: str, schedule: str, titles: Mapping[str, str]) -> str:
    words = {
        "us_step": "US forces leave", "notice_given": "Last day for notice",
        "delivery": "European deliveries waited for",
        "post": "A command changes hands", "summit": "Summit",
    }.get(kind, capital(kind.replace("_", " ")))  # fmt: skip
    if kind in ("us_step", "notice_given"):
        whose = "fastest drawdown" if schedule in FASTEST else titles.get(schedule, schedule)
        return f"{words}: {whose}"
    return words


def slips(finding: Finding, rows: pl.DataFrame, inputs: Inputs) -> Table:
    """Return what is late, what it moves, and to which day."""
    titles = drawdowns(inputs, finding.table.select(pl.col("schedule").alias("drawdown")))
    cells_of: list[Cells] = []
    for row in rows.iter_rows(named=True):
        cells: Cells = [when_words(row["date"]), plain_days(row["title"]), titles.get(row["schedule"], row["schedule"])]
        cells += [said(finding, row, "state", (row["state"] or "").replace("_", " "), "n words")]
        cells += [
            said(finding, row, "new_date", when_words(row["new_date"])) if row["new_date"] else NOTHING,
            plain_days(row["warning"]),
        ]
        cells_of.append(cells)
    heads = [
        ("Day", "", False), ("What", "", False), ("Schedule", "", False), ("State", "", False), ("New day", "", False),
        ("Warning", "", False),
    ]  # fmt: skip
    return grid(
        finding, "table-shift-slips", f"Warnings: {rows.height} entries", heads, cells_of, how=("state", "new_date"),
        drawn=rows,
    )  # fmt: skip


def assumptions(finding: Finding, evidence: Evidence) -> Table:
    """Return what the shift rests on, with its standing."""
    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        unit = f" {row['unit']}" if row["unit"] and row["unit"] not in str(row["value"]) else ""
        value = said(finding, row, "value", f"{row['value']}{unit}")
        rows.append([row["title"], value, _cited(row["source"], evidence), row["note"] or NOTHING, row["standing"]])
    heads = [
        ("Assumption", "", False),
        ("Value", "", False),
        ("Source", "", False),
        ("Remark", "", False),
        ("Standing", "", False),
    ]
    return grid(finding, "table-shift-assumptions", "What the shift rests on", heads, rows, drawn=finding.table)


def _cited(source: str | None, evidence: Evidence) -> str:
    """Return producer and year of sources; what names none stays as it is."""
    found = []
    for name in str(source or "").split(";"):
        known = evidence.sources.get(name.strip())
        words = "ours" if name == _OWN else f"{known.producer}, {known.published[:4]}" if known else name
        found += [words] if words else []
    return listed(list(dict.fromkeys(found))) or NOTHING


def boxed(finding: Finding) -> tuple[Markup, ...]:
    """Return the assumptions that matter most, for the box at the head of the section."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    rows = {row["name"]: row for row in finding.table.iter_rows(named=True)}
    form = "<strong>{}:</strong> {}{}"
    return tuple(
        Markup(form).format(  # noqa: S704 - the form is ours
            row["title"], when_words(row["value"]), f" {row['unit']}" if row["unit"] else ""
        )
        for row in (rows[name] for name in _BOX if name in rows)
    )


def solves(finding: Finding) -> Table:
    """Return the certificates of what was solved."""
    rows: list[Cells] = []
    for row in finding.table.iter_rows(named=True):
        cells: Cells = [
            capital(row["solve"].replace("_", " ")),
            said(finding, row, "status", str(row["status"]).replace("_", " ")),
        ]
        cells += [_small(finding, row, name) for name in ("gap", "primal_residual", "dual_residual")]
        cells += [_whole(finding, row, name) for name in ("rows", "columns", "iterations")]
        rows.append(cells)
    heads = [
        ("Solve", "", False), ("Status", "", False), ("Gap", "", True), ("Limits broken by", "at most", True),
        ("Signs broken by", "at most", True), ("Rows", "", True), ("Columns", "", True), ("Iterations", "", True),
    ]  # fmt: skip
    return grid(
        finding, "table-shift-solves", "How well it is solved", heads, rows, drawn=finding.table,
        how=("gap", "primal_residual", "dual_residual"),
    )  # fmt: skip


def _small(finding: Finding, row: Row, column: str) -> Markup:
    value = row[column]
    return said(finding, row, column, "" if value is None else "0" if value == 0 else f"{value:.0e}")


def _whole(finding: Finding, row: Row, column: str) -> Markup:
    value = row[column]
    return said(finding, row, column, "" if value is None else amount(value))
