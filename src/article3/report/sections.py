"""Sections about pledges: then and now, ledgers, counts by release, decline, and any other pledge."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import polars as pl

from article3.domain import Pledge
from article3.evidence.findings import Finding
from article3.report import compared, levels
from article3.report.blocks import Block, Book, Heading, Section, Text
from article3.report.drawing import Figure
from article3.report.markup import Cell, Head, Table, csv_link, data, table
from article3.report.releases import count_by_release
from article3.report.series import series
from article3.report.words import FIXED, capital, day, level, listed, number, release, unique

WALES: Final = "wales_2014"
EQUIPMENT: Final = "wales_2014_equipment"
HAGUE: Final = ("hague_2025", "hague_2025_related", "hague_2025_total")
PLACED: Final = (WALES, EQUIPMENT, *HAGUE)
"""Pledges with a section of their own; every other one stands under *other pledges*."""


def then_and_now(book: Book) -> Section | None:
    """Return the section on years compared, one part for each comparison."""
    found = book.named("then_now")
    if not found:
        return None
    section = Section("then-and-now", "Then and now")
    seen: list[tuple[str, int]] = []
    for position, finding in enumerate(found):
        first = finding.table.row(0, named=True)
        anchor = f"table-then-now-{position + 1}"
        if len(found) > 1:
            then, now = (release(first[name]) for name in ("vintage_then", "vintage_now"))
            section.blocks.append(Heading(f"compared-{position + 1}", f"{first['year']}: {then} and {now}"))
        if position:
            # The first sentence leads the page already.
            section.blocks.append(book.said(finding.sentence))
        section.blocks += [Text(warning, "warning") for warning in finding.warnings]
        if (first["pledge"], first["year"]) not in seen:
            section.blocks.append(book.picture(compared.then_now(finding, book.evidence), anchor))
        seen.append((first["pledge"], first["year"]))
        split = compared.revision_split(finding, book.evidence)
        section.blocks += [book.picture(split, anchor)] if split else []
        again = (first["pledge"], first["year"]) in seen[:-1]
        section.blocks.append(_then_now_table(book, finding, anchor, again))
    return section


def _then_now_table(book: Book, finding: Finding, anchor: str, again: bool) -> Table:
    """Return the table of a comparison: all Allies, or those who moved where the year was compared before."""
    first = finding.table.row(0, named=True)
    moved = pl.col("change").is_in(["left", "entered"])
    # Who moved comes first; below them everybody, by name.
    rows = finding.table.sort(moved.not_(), "change", "ally_name")
    some = rows.filter(moved)
    whole = not again or some.height == 0
    cells = (
        Cell("value_then_pct", release(first["vintage_then"])),
        Cell("value_now_pct", release(first["vintage_now"])),
        Cell("change", "Count"),
        Cell("total_pp", "Change"),
        Cell("gdp_pp", "by GDP"),
        Cell("spending_pp", "by spending"),
        Cell("unseparated_pp", "not separable"),
        Cell("cause"),
    )
    caption = f"{finding.title}: {'every Ally' if whole else 'those who left or entered the count'}"
    made = table(finding, rows if whole else some, cells, name=anchor, caption=caption, titles=book.titles)
    return replace(made, csv=csv_link(rows, anchor))


def ledger(book: Book) -> Section | None:
    """Return the section on the 2 % pledged at Wales."""
    pledge, finding = book.pledges.get(WALES), book.ledger(WALES)
    if pledge is None or finding is None:
        return None
    figures = [levels.pace(finding, book.run)]
    if book.ledger(HAGUE[0]) is None:
        figures.insert(0, levels.shares(book.run))
    return Section("ledger", "Pledge ledger: 2 % by 2024", leg(book, pledge, finding, figures, heading=False))


def hague(book: Book) -> Section | None:
    """Return the section on the pledge of The Hague: the core half, the related half, the sum."""
    legs = [(book.pledges[name], book.ledger(name)) for name in HAGUE if name in book.pledges]
    if not legs:
        return None
    section = Section("hague", "The Hague: 3.5 % and 1.5 % by 2035")
    for pledge, finding in legs:
        if finding is None:
            continue
        core = pledge.id == HAGUE[0]
        figures = [levels.shares(book.run), levels.step(finding, book.run)] if core else []
        section.blocks += leg(book, pledge, finding, figures)
        section.blocks += _exceptions(book, pledge, finding) if core else []
    return section


def _exceptions(book: Book, pledge: Pledge, finding: Finding) -> list[Block]:
    """Say who declared otherwise, and point to the pledge it made for itself."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    blocks: list[Block] = []
    for row in finding.table.filter(pl.col("ally").is_in(pledge.exceptions)).iter_rows(named=True):
        own = next((item for item in book.pledges.values() if item.national and row["ally"] in item.members), None)
        text = Markup("{} declared otherwise when the pledge was made; it stays a party to the text.").format(
            row["ally_name"]
        )
        if own and own.measure == pledge.measure:
            link = Markup(' See <a href="#pledge-{}">{}</a>.').format(own.id, own.title)
            text += link
        blocks.append(Text(text))
    return blocks


def equipment(book: Book) -> Section | None:
    """Return the section on the 20 % for major equipment."""
    pledge, finding = book.pledges.get(EQUIPMENT), book.ledger(EQUIPMENT)
    if pledge is None or finding is None:
        return None
    figures = [levels.against_level(finding, book.run)]
    return Section("equipment", "Equipment: 20 % by 2024", leg(book, pledge, finding, figures, heading=False))


def others(book: Book) -> Section | None:
    """Return the section on every pledge that has none of its own: national ones, old ones, the user's own."""
    section = Section("others", "Other pledges" if any(name in book.pledges for name in PLACED) else "Pledges")
    for pledge in book.pledges.values():
        finding = book.ledger(pledge.id)
        if pledge.id not in PLACED and finding is not None:
            section.blocks += leg(book, pledge, finding, _figures(book, finding))
    return section if section.blocks else None


def _figures(book: Book, finding: Finding) -> list[Figure | None]:
    """Choose the figures of a pledge that is not known by name."""
    if finding.table.height > 1:
        return [levels.against_level(finding, book.run), levels.step(finding, book.run)]
    row = finding.table.row(0, named=True)
    if row["value_pct"] is None:
        return []
    return [series(finding.address(row, "value_pct"), book.evidence, {(finding.name, finding.when): [finding]})]


def leg(
    book: Book, pledge: Pledge, finding: Finding, figures: list[Figure | None], *, heading: bool = True
) -> list[Block]:
    """Return what the page says of one pledge: its text, the finding, figures, the table, cautions.

    Parameters
    ----------
    book
        The run.
    pledge
        The pledge.
    finding
        Its ledger.
    figures
        Figures to show, those that have nothing to show left out.
    heading
        Whether it needs a heading of its own.
    """
    anchor = f"table-{pledge.id.replace('_', '-')}"
    blocks: list[Block] = [Heading(f"pledge-{pledge.id}", pledge.title)] if heading else []
    blocks.append(Text(_promise(pledge), "promise"))
    count = book.count(finding)
    counted = count is not None and count.table["met"].drop_nulls().len() > 0
    blocks.append(book.said(count.sentence if count and counted else finding.sentence, "finding"))
    blocks += [Text(warning, "warning") for warning in finding.warnings]
    blocks += [book.picture(figure, anchor) for figure in figures if figure]
    if finding.table["value_pct"].drop_nulls().len():
        blocks.append(_ledger_table(book, pledge, finding, anchor))
    blocks += [Text(pledge.note, "note")] if pledge.note else []
    return blocks


def _promise(pledge: Pledge) -> str:
    """Return what was promised, when, and until when."""
    ends = f"last judged for {pledge.deadline}" if pledge.applies == "every_year" else f"due {pledge.deadline}"
    review = f", review {pledge.review}" if pledge.review else ""
    agreed = (
        "Yours"
        if pledge.standing == "yours"
        else f"{'Announced' if pledge.national else 'Agreed'} {day(pledge.agreed)}"
    )
    return f"{pledge.text} {agreed}; {ends}{review}. Standing of the text: {pledge.standing}."


def _ledger_table(book: Book, pledge: Pledge, finding: Finding, anchor: str) -> Table:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    years = unique(str(year) for year in finding.table["year"])
    value = f"Value {years[0]}" if len(years) == 1 else "Value"
    base = f"Value {pledge.base_year}"
    # While the deadline lies ahead, the step needed now says more than the pace once needed.
    ahead = finding.table["step_pct"].drop_nulls().len() > 0
    pace = ["step_pct"] if ahead else ["pace_needed_pct", "pace_realised_pct"]
    # A yearly growth is no level to walk towards.
    pace = [] if pledge.measure == "defence_real_change_pct" else pace
    more = ["equipment_share_pct", "decline_halted"] if pledge.id == WALES else []
    cells = [Cell("value_pct", value), Cell("met"), Cell("base_value_pct", base)]
    cells += [Cell(name) for name in (*pace, "year_first_met", *more)]
    rows = finding.table.sort("ally_name", "year")
    heads = {
        row["ally_name"]: Markup("{} <small>{}</small>").format(row["ally_name"], row["exception"])
        for row in rows.iter_rows(named=True)
        if row["exception"]
    }
    caption = f"{pledge.title}, judged for {' and '.join(years)} against {level(pledge.level_pct)}"
    made = table(finding, rows, cells, name=anchor, caption=caption, titles=book.titles, heads=heads)
    return replace(made, notes=(*made.notes, *_reasons(rows)))


def _reasons(rows: pl.DataFrame) -> list[str]:
    """Return why some Allies have no verdict, those with one reason together."""
    groups = rows.filter(pl.col("reason").is_not_null()).group_by("reason", maintain_order=True)
    return [f"{listed(some['ally_name'].to_list())}: {reason[0]}." for reason, some in groups]


def releases(book: Book) -> Section | None:
    """Return the section on what each release said: a figure for the first pledge counted, a table for each."""
    section = Section("releases", "What each release said")
    for finding in book.named("count_by_release"):
        pledge = book.pledges[finding.part]
        if finding.table.height < 2 or "alliance" not in pledge.members:
            continue
        anchor = f"table-releases-{finding.part.replace('_', '-')}"
        first = not section.blocks
        section.blocks.append(Heading(f"releases-{finding.part}", pledge.title))
        section.blocks.append(book.said(finding.sentence, "finding"))
        figure = count_by_release(finding, book.evidence, pledge.level_pct) if first else None
        section.blocks += [book.picture(figure, anchor)] if figure else []
        section.blocks.append(_pivot(book, finding, pledge, anchor))
    return section if section.blocks else None


def _pivot(book: Book, finding: Finding, pledge: Pledge, anchor: str) -> Table:
    """Return counts with a row for each year and a column for each release."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    names = finding.table.sort("known_from")["vintage"].unique(maintain_order=True).to_list()
    kinds = dict(finding.table.select("vintage", "definition").iter_rows())
    usual = pledge.definition if pledge.definition in kinds.values() else kinds[names[0]]
    cells = {(row["year"], row["vintage"]): row for row in finding.table.iter_rows(named=True)}
    met, undecidable = finding.column("met"), finding.column("undecidable")

    def one(year: int, name: str) -> Markup:
        row = cells.get((year, name))
        if row is None:
            return Markup('<span class="unknown">–</span>')
        text = data(number(row["met"], met), row["met"], finding.address(row, "met"))
        if row["undecidable"]:
            open_ = data(
                number(row["undecidable"], undecidable), row["undecidable"], finding.address(row, "undecidable")
            )
            text += Markup(" <small>and {} undecidable</small>").format(open_)
        return text

    years = finding.table["year"].unique().sort().to_list()
    heads = [
        Head(
            release(name).replace(FIXED, " "),
            "" if kinds[name] == usual else book.titles.get(kinds[name], kinds[name]),
            True,
        )
        for name in names
    ]
    return Table(
        anchor,
        f"{pledge.title}: Allies at {level(pledge.level_pct)} by year (rows) and release (columns)",
        (Head("Year", "", False), *heads),
        tuple((escape(str(year)), *(one(year, name) for name in names)) for year in years),
        ("–: the release does not report enough Allies for the year.", f"Standing: {finding.standing} or better."),
        ((met.title, met.formula), (undecidable.title, undecidable.formula)),
        finding.address(finding.table.row(-1, named=True), "met"),
        csv_link(finding.table, anchor),
    )


def decline(book: Book) -> Section | None:
    """Return the section on whether spending has stopped falling."""
    found = book.named("decline")
    if not found:
        return None
    section = Section("decline", "Decline halted")
    cells = (
        Cell("real_change_pct"),
        Cell("halted"),
        Cell("halted_since"),
        Cell("falls"),
        Cell("latest_year"),
        Cell("deflator_swing_pct"),
        Cell("reason"),
    )
    for finding in found:
        name = finding.part.replace("_", "-")
        section.blocks += (
            [Heading(f"decline-{finding.part}", book.pledges[finding.part].title)] if len(found) > 1 else []
        )
        section.blocks.append(book.said(finding.sentence, "finding"))
        section.blocks += [Text(warning, "warning") for warning in finding.warnings]
        rows, caption = (
            finding.table.sort("ally_name"),
            f"Defence expenditure at constant prices: {capital(finding.title)}",
        )
        section.blocks.append(
            table(finding, rows, cells, name=f"table-decline-{name}", caption=caption, titles=book.titles)
        )
    return section
