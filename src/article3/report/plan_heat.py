"""Tiles of the plan: what is ordered when, and who specialises in what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.drawing import INK, RULE, SOFT, Canvas, Figure, Spec
from article3.report.gap_words import amount
from article3.report.plan_sheet import Sheet
from article3.report.plan_words import (
    biggest,
    billions,
    domain_of,
    domain_words,
    element_title,
    money,
    per_cent,
    source,
    year_of,
)
from article3.report.words import capital, wrapped

_DARKEST: Final = (126, 182, 220)
"""Red, green and blue of the fullest tile: 8:1 under ink, so that every number can be read."""
_MOST: Final = 3.0
"""Quotient from which on a tile is full."""
_ONE: Final = 1.05
"""Quotient from which on an Ally does more in a domain than all do."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One row of tiles.

    Parameters
    ----------
    name
        At the left; heads a group where there are no tiles.
    tiles
        By column: how full, from 0 to 1, and the number in it.
    label
        At the right.
    """

    name: str
    tiles: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    label: str = ""


def heat(strips: Sequence[Strip], heads: Mapping[str, str], canvas: Canvas, room: tuple[int, int], words: str) -> Spec:
    """Draw tiles in rows and columns; the number in each says what its shade shows.

    Parameters
    ----------
    strips, heads
        The rows, and titles of the columns in order.
    canvas, room
        The room, and pixels of it for names and for labels.
    words
        Heading of the labels.
    """
    sheet = Sheet()
    names, labels = room
    wide = (canvas.width - names - labels) / len(heads)
    size = min(canvas.size, round(wide / 2.2, 1))
    top = _headings(sheet, heads, canvas, names, wide)
    if words:
        sheet.text(names + wide * len(heads) + 8, top - 9, words, color=SOFT)
    for strip in strips:
        if not strip.tiles:
            sheet.text(2, top + 16, capital(strip.name), fontWeight="bold")
            top += 26
            continue
        lines = wrapped(strip.name, names - 12, canvas.size)
        tall = max(22, len(lines) * (canvas.size + 1) + 5)
        middle = top + tall / 2
        sheet.text(names - 8, middle - (len(lines) - 1) * (canvas.size + 1) / 2, lines, align="right",
                   lineHeight=canvas.size + 1)  # fmt: skip
        for place, column in enumerate(heads):
            left = names + wide * place
            shade, number = strip.tiles.get(column, (0.0, ""))
            look = {"fill": _tint(shade), "stroke": RULE if number else "#f4f4f4", "strokeWidth": 1}
            sheet.rect(left + 1, top + 1, left + wide - 1, top + tall - 1, **look)
            if number:
                sheet.text(left + wide / 2, middle, number, align="center", fontSize=size, color=INK)
        if strip.label and labels:
            sheet.text(names + wide * len(heads) + 8, middle, strip.label, color=SOFT)
        top += tall
    return sheet.spec(canvas.width, top + 4)


def _headings(sheet: Sheet, heads: Mapping[str, str], canvas: Canvas, names: int, wide: float) -> float:
    """Write the titles of the columns, upright where a column is narrower than they are; return where tiles begin."""
    short = max(map(len, heads.values())) <= 4
    size = min(canvas.size, round(wide / 2.3, 1)) if short else canvas.size
    turned = not short and wide < 60
    lines = {name: wrapped(capital(title), 88 if turned else wide - 4, size) for name, title in heads.items()}
    count = max(map(len, lines.values()))
    top = 100.0 if turned else count * (size + 2) + 8
    for place, name in enumerate(heads):
        middle, mine = names + wide * (place + 0.5), lines[name]
        if turned:
            left = middle - (len(mine) - 1) * (size + 1) / 2
            sheet.text(left, top - 6, mine, angle=270, color=SOFT, lineHeight=size + 1)
        else:
            foot = top - 9 - (len(mine) - 1) * (size + 2)
            sheet.text(middle, foot, mine, align="center", color=SOFT, fontSize=size, lineHeight=size + 2)
    return top


def _tint(shade: float) -> str:
    part = max(0.0, min(1.0, shade))
    return "#" + "".join(f"{round(255 - (255 - full) * part):02x}" for full in _DARKEST)


def plan_orders(finding: Finding) -> Figure | None:
    """Draw what is ordered in which year, by force element, as sums of money.

    Parameters
    ----------
    finding
        Table ``orders``.

    Returns
    -------
    Figure or None
        ``None`` where nothing is ordered.
    """
    table = finding.table.filter(pl.col("cost_usd2021_m") > 0)
    if table.height == 0:
        return None
    drawn = order_sums(finding)
    return Figure(
        "plan_orders",
        _orders_title(table),
        "Tiles: prices of orders by the year in which they are placed, thousand million 2021 US$, on 1 July; not "
        "their operation, which lasts. Units, first deliveries, lines and Allies: in the tables below.",
        source(finding),
        finding,
        drawn,
        lambda canvas: _orders_chart(drawn, canvas),
    )


def order_sums(finding: Finding) -> pl.DataFrame:
    """Return orders by force element and year of order: units, price, first delivery; what costs most first."""
    table = finding.table.with_columns(
        pl.col("element").map_elements(domain_of, pl.String).alias("domain"),
    )
    table = table.with_columns(pl.col("cost_usd2021_m").sum().over("domain").alias("of_domain"))
    table = table.with_columns(pl.col("cost_usd2021_m").sum().over("element").alias("of_element"))
    sums = table.group_by("domain", "element", "element_title", "of_domain", "of_element", "order_year").agg(
        pl.col("units", "cost_usd2021_m").sum(), pl.col("delivery_date").min().alias("first_delivery")
    )
    order = ["of_domain", "domain", "of_element", "element", "order_year"]
    found = sums.sort(order, descending=[True, False, True, False, False])
    return found.select("domain", "element", "element_title", "order_year", "units", "cost_usd2021_m", "first_delivery")


def _orders_title(table: pl.DataFrame) -> Sentence:
    """Return which domain takes most of the money, and by when half of it is ordered."""
    sums = table.with_columns(pl.col("element").map_elements(domain_of, pl.String).alias("domain"))
    by_domain = (
        sums.group_by("domain")
        .agg(pl.col("cost_usd2021_m").sum())
        .sort("cost_usd2021_m", "domain", descending=[True, False])
    )
    first, total = by_domain.row(0, named=True), float(table["cost_usd2021_m"].sum())
    years = table.group_by("order_year").agg(pl.col("cost_usd2021_m").sum()).sort("order_year")
    half = years.filter(pl.col("cost_usd2021_m").cum_sum() >= total / 2)["order_year"][0]
    share = first["cost_usd2021_m"] / total
    what = f"All {money(total)} of orders go" if by_domain.height == 1 else (
        f"{per_cent(share)} of {money(total)} in orders goes"
    )  # fmt: skip
    return sentence(f"{what} into {domain_words(first['domain'])}; half of the money is ordered by {half}")


def _orders_chart(drawn: pl.DataFrame, canvas: Canvas) -> Spec:
    first, last = int(drawn["order_year"].min()), int(drawn["order_year"].max())  # type: ignore[arg-type]
    heads = {str(year): _year(year, canvas) for year in range(first, last + 1)}
    top = float(drawn["cost_usd2021_m"].max())  # type: ignore[arg-type]
    strips: list[Strip] = []
    for (domain,), some in drawn.group_by("domain", maintain_order=True):
        strips.append(Strip(domain_words(str(domain))))
        for (element,), mine in some.group_by("element", maintain_order=True):
            rows = {str(row["order_year"]): row for row in mine.to_dicts()}
            tiles = {
                year: ((row["cost_usd2021_m"] / top) ** 0.6, billions(row["cost_usd2021_m"]))
                for year, row in rows.items()
            }
            since = year_of(min(row["first_delivery"] for row in rows.values()))
            label = f"{amount(float(mine['units'].sum()))} from {since}"
            strips.append(Strip(element_title(str(element)), tiles, label))
    room = (108, 0) if canvas.narrow else (218, 118)
    return heat(strips, heads, canvas, room, "" if canvas.narrow else "units, from")


def _year(year: int, canvas: Canvas) -> str:
    return f"\N{RIGHT SINGLE QUOTATION MARK}{year % 100:02d}" if canvas.narrow else str(year)


def plan_domains(finding: Finding) -> Figure | None:
    """Draw who specialises in what: location quotients of Allies by domain.

    Parameters
    ----------
    finding
        Table ``specialisation``.

    Returns
    -------
    Figure or None
        ``None`` where nobody orders anything.
    """
    if finding.table.height == 0:
        return None
    return Figure(
        "plan_domains",
        _domains_title(finding),
        "Location quotient: the share of a domain in an Ally's own orders over its share in all orders; above 1 the "
        "Ally does more of it than all do together, and small buyers soon do. Allies that order most stand first; at "
        "the right their orders in thousand million 2021 US$, fleets by what members pay.",
        source(finding),
        finding,
        finding.table,
        lambda canvas: _domains_chart(finding.table, canvas),
    )


def _domains_title(finding: Finding) -> Sentence:
    """Return who orders the largest part of the two domains that cost most."""
    table = finding.table
    sums = table.group_by("domain").agg(pl.col("cost_usd2021_m").sum()).sort(
        "cost_usd2021_m", "domain", descending=[True, False]
    )  # fmt: skip
    parts: list[str | Cited] = []
    for place, name in enumerate(sums["domain"].head(2)):
        row = biggest(_only(finding, name), "share_of_all")
        share = Cited(per_cent(row["share_of_all"]), finding.address(row, "share_of_all"))
        parts += [" and " if place else "", f"{row['ally_name']} orders " if not place else f"{row['ally_name']} "]
        parts += [share, f" of {domain_words(name)}"]
    return sentence(*parts, ", the largest parts")


def _only(finding: Finding, domain: str) -> Finding:
    from dataclasses import replace  # noqa: PLC0415

    return replace(finding, table=finding.table.filter(pl.col("domain") == domain))


def _domains_chart(table: pl.DataFrame, canvas: Canvas) -> Spec:
    sums = table.group_by("domain").agg(pl.col("cost_usd2021_m").sum()).sort(
        "cost_usd2021_m", "domain", descending=[True, False]
    )  # fmt: skip
    heads = {name: domain_words(name) for name in sums["domain"]}
    allies = table.group_by("ally", "ally_name").agg(pl.col("cost_usd2021_m").sum()).sort(
        "cost_usd2021_m", "ally", descending=[True, False]
    )  # fmt: skip
    strips = []
    for row in allies.iter_rows(named=True):
        mine = table.filter(pl.col("ally") == row["ally"]).to_dicts()
        tiles = {item["domain"]: (_full(item["quotient"]), quotient_words(item["quotient"])) for item in mine}
        strips.append(Strip(row["ally_name"], tiles, billions(row["cost_usd2021_m"])))
    room = (104, 34) if canvas.narrow else (130, 60)
    return heat(strips, heads, canvas, room, "bn" if canvas.narrow else "orders")


def _full(quotient: float) -> float:
    return 0.0 if quotient < _ONE else 0.25 + 0.75 * min(1.0, (quotient - 1) / (_MOST - 1))


def quotient_words(value: float) -> str:
    """Return a location quotient as a tile has it."""
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"
