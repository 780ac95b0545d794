"""Sections that close the page: revisions, claims, and where everything comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.evidence.findings import Finding
from article3.pledge.claims import UNCHECKABLE
from article3.pledge.rules import ally_name
from article3.report.blocks import Book, Heading, Points, Section, Text, plain_table
from article3.report.gap_page import SHOWN as GAP
from article3.report.markup import Cell, Head, Table, cell, csv_link, data, table
from article3.report.plan_page import SHOWN as PLAN
from article3.report.shift_page import SHOWN as SHIFT
from article3.report.sources import STANDINGS, used_sources
from article3.report.warned import SHOWN as FORECAST
from article3.report.waterfall import waterfall
from article3.report.words import FIXED, capital, day, release, unique

if TYPE_CHECKING:
    from markupsafe import Markup

_SHOWN: Final = (
    "then_now", "count", "count_by_release", "pledge", "decline", "revision", "claims", *FORECAST, *GAP, *PLAN,
    *SHIFT,
)  # fmt: skip
"""Findings that have a section of their own."""

_CHOSEN: Final = {
    "additionality": ("amount_nc_m", "currency", "amount_pp", "known", "reason"),
    "shock": ("value_pct", "surprise_pct", "value_after_pct", "change_pp", "met_before", "met_after"),
}
"""Columns shown of tables that have more than a page holds."""

_FIRST: Final = {"additionality": "title"}
"""Columns that head the rows, where it is not the Ally."""

_CHOSEN_LONGEST: Final = 40
_LONGEST: Final = 12
_WIDEST: Final = 10
"""Rows up to which a table with chosen columns is shown; rows and columns up to which any other one is."""

_LARGEST: Final = 20
"""Revisions shown; the run's folder holds them all."""


def revisions(book: Book) -> Section | None:
    """Return the section on the largest revisions."""
    section = Section("revisions", "Revisions")
    for finding in book.named("revision"):
        moved = finding.table.filter(pl.col("change_pp").is_not_null())
        if moved.height == 0:
            continue
        largest = moved.sort(
            pl.col("change_pp").abs(), "ally", "year", "vintage", descending=[True, False, False, False]
        )
        rows = largest.head(_LARGEST)
        cells = (
            Cell("year"),
            Cell("previous_address"),
            Cell("vintage", "Release"),
            Cell("value_pct"),
            Cell("change_pp"),
            Cell("change_from_first_pp"),
        )
        heads = {code: _name(code) for code in rows["ally"].unique()}
        caption = f"The {rows.height} largest changes from one release to the next: share of GDP, per cent"
        section.blocks.append(book.said(finding.sentence, "finding"))
        section.blocks.append(
            table(
                finding,
                rows,
                cells,
                name="table-revisions",
                caption=caption,
                titles=book.titles,
                first="ally",
                heads=heads,
            )
        )
        section.blocks.append(Text(_folder_link(), "note"))
    return section if section.blocks else None


def _name(code: str) -> Markup:
    from markupsafe import escape  # noqa: PLC0415 - loads with the page

    return escape(ally_name(code))


def _folder_link() -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    return Markup(
        'All revisions: <a href="tables/revision.csv">tables/revision.csv</a> in the run folder beside this page.'
    )


def further(book: Book) -> Section | None:
    """Return the section on findings that no other section shows: their sentences, and tables that fit a page."""
    section = Section("further", "Further analyses")
    for finding in book.run.findings:
        if finding.name in _SHOWN or finding.table.height == 0:
            continue
        anchor = f"table-{finding.name}-{finding.part}".strip("-").replace("_", "-")
        section.blocks.append(Heading(f"further-{finding.name}-{finding.part}".strip("-"), finding.title))
        section.blocks += [book.said(finding.sentence, "finding")] if finding.sentence.parts else []
        section.blocks += [Text(text, "warning") for text in finding.warnings]
        cells = _cells(finding)
        figure = waterfall(finding)
        section.blocks += [book.picture(figure, anchor)] if figure else []
        if (finding.name in _CHOSEN and finding.table.height <= _CHOSEN_LONGEST) or (
            finding.table.height <= _LONGEST and len(cells) <= _WIDEST
        ):
            first = _FIRST.get(finding.name) or (
                "ally_name" if "ally_name" in finding.table.columns else cells.pop(0).column
            )
            section.blocks.append(
                table(
                    finding, finding.table, cells, name=anchor, caption=finding.title, titles=book.titles, first=first
                )
            )
        else:
            section.blocks.append(Text(_rest(finding, anchor), "note"))
    return section if section.blocks else None


def _cells(finding: Finding) -> list[Cell]:
    """Return the columns of a finding to show: those chosen, else all that people can read."""
    chosen = _CHOSEN.get(finding.name)
    if chosen and set(chosen) <= set(finding.table.columns):
        return [Cell(name) for name in chosen]
    hidden = {"pledge", "ally_name", *(["ally"] if "ally_name" in finding.table.columns else [])}
    return [
        Cell(column.column)
        for column in finding.columns
        if column.column not in hidden
        and not column.column.endswith(("address", "addresses"))
        and finding.table[column.column].drop_nulls().len()
    ]


def _rest(finding: Finding, anchor: str) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    uri, name = csv_link(finding.table, anchor)
    return Markup('<a href="{}" download="{}">Data (CSV)</a>, {} rows; also in the workbook.').format(
        uri, name, finding.table.height
    )


def claims(book: Book) -> Section | None:
    """Return the section on claims: verdicts then and now; those without a machine form as a list."""
    section = Section("claims", "Claims")
    for finding in book.named("claims"):
        whole = finding.table.filter(pl.col("ally") == "ALL")
        formless = whole.filter(pl.col("measure").is_null())
        tested = finding.table.filter(pl.col("measure").is_not_null())
        section.blocks.append(book.said(finding.sentence, "finding"))
        if tested.height:
            section.blocks.append(_claims_table(finding, tested))
        if formless.height:
            section.blocks.append(Text("Cannot be checked, because they have no machine form:"))
            section.blocks.append(Points(tuple(_formless(finding, row) for row in formless.iter_rows(named=True))))
    return section if section.blocks else None


def _claims_table(finding: Finding, rows: pl.DataFrame) -> Table:
    columns = [finding.column(name) for name in ("verdict_then", "value_then_pct", "verdict_now", "value_now_pct")]
    first = rows.filter(pl.col("verdict_now") != UNCHECKABLE)
    return Table(
        "table-claims",
        "Claims, as known when they were said and as known now",
        tuple(Head(title, "", False) for title in ("Claim", "As known then", "As known now", "Why", "Standing")),
        tuple(_claim(finding, row) for row in rows.iter_rows(named=True)),
        ("Claims are restated in our own words.",),
        tuple((column.title, column.formula) for column in columns if column.formula),
        finding.address(first.row(0, named=True), "verdict_now") if first.height else "",
        csv_link(finding.table, "claims"),
    )


def _claim(finding: Finding, row: dict[str, Any]) -> tuple[Markup, ...]:
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    if row["ally"] == "ALL":
        read = f" Read as: {row['reading']}" if row["reading"] else ""
        head = Markup("{} <small>Said by {}.{}</small>").format(row["text"], day(row["said"]), read)
    else:
        head = Markup('<span class="part">{}</span>').format(ally_name(row["ally"]))

    def verdict(side: str) -> Markup:
        words, value = row[f"verdict_{side}"], f"value_{side}_pct"
        css = "n verdict " + words.replace(" ", "-")
        text = data(words, words, finding.address(row, f"verdict_{side}"), css)
        figure = Markup(" <small>{}{}%</small>").format(cell(finding, row, value), FIXED)
        return text if row[value] is None else text + figure

    words = (escape(row[name] or "") for name in ("reason", "standing"))
    return (head, verdict("then"), verdict("now"), *words)


def _formless(finding: Finding, row: dict[str, Any]) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    verdict = data(row["verdict_now"], row["verdict_now"], finding.address(row, "verdict_now"), "n verdict")
    return Markup("{} <small>Said by {}: {}.</small>").format(row["text"], day(row["said"]), verdict)


def evidence(book: Book) -> Section:
    """Return the section on data, method and limits: limits first, then definitions, releases, standings, sources."""
    section = Section("data", "Data, method, limits")
    section.blocks += [Heading("limits", "What is not known"), Points(tuple(_limits(book)))]
    used = [vintage for vintage in book.evidence.vintages if vintage.dataset == "nato"]
    definitions = [
        book.evidence.definitions[name] for name in unique(v.definition for v in used) if name in book.titles
    ]
    section.blocks += [
        Heading("definitions", "Definitions, and the break between them"),
        Text(
            "A change of definition is a break: counts and series on two definitions stand side by side here and are "
            "never joined."
        ),
        plain_table(
            "table-definitions",
            "Definitions of defence expenditure",
            ("Definition", "In force from", "Break", "What it says"),
            [(d.title, day(d.in_force_from), "break" if d.is_break else "no", d.note) for d in definitions],
        ),
        Heading("vintages", "Releases"),
        Text(
            "A release is never overwritten by a later one. A figure for one Ally comes from the newest release that "
            "has it; a count comes from one release. A release named by its month counts as known from the last day "
            "of that month."
        ),
        plain_table(
            "table-vintages",
            "Releases of NATO's figures used",
            ("Release", "Known from", "What", "Definition", "Constant prices of", "Note"),
            [
                (
                    v.label,
                    day(v.known_from),
                    v.title,
                    book.titles.get(v.definition, v.definition),
                    v.constant_prices or "none",
                    v.note,
                )
                for v in used
            ],
        ),
        *_editions(book),
        Heading("standings", "Standings"),
        Points(tuple(f"{name}: {text}" for name, text in STANDINGS), "standings"),
        Heading("sources", "Sources"),
        Points(tuple(_source(book, row) for row in used_sources(book.run)), "sources"),
    ]
    return section


def _limits(book: Book) -> list[str]:
    """Return what the run could not find out, in the ledger's own words, and the limits of the method."""
    found = []
    for finding in book.named("pledge"):
        title = book.pledges[finding.part].title
        unknown = finding.table.filter(pl.col("value_pct").is_null())
        reasons = unique(unknown["reason"].to_list())
        if unknown.height == finding.table.height:
            # One Ally's reason stands for all where they differ only in the years held.
            found.append(f"{title}: {reasons[0] if reasons else 'not known'}.")
        elif unknown.height:
            found.append(f"{title}: not known for {', '.join(unknown['ally_name'])}.")
    holes = [
        f"{v.label}: {v.note}" for v in book.evidence.vintages if v.dataset == "nato" and v.note.startswith("Partial")
    ]
    if holes:
        found.append(f"Partial releases, used for single Allies only. {' '.join(holes)}")
    return [
        *found,
        "NATO has revised most years after they were first published; a verdict on the newest year may yet turn.",
        "Shares say what is spent, not what it buys: "
        + (
            "what forces could meet stands apart, and rests on reported and illustrative requirements."
            if book.named("attainment")
            else "forces, readiness and stocks are not measured here."
        ),
    ]


def _editions(book: Book) -> list[Text]:
    labels = [release(v.vintage) for v in book.evidence.vintages if v.dataset == "weo"]
    if not labels:
        return []
    span = f"{labels[0]} to {labels[-1]}" if len(labels) > 1 else labels[0]
    return [Text(f"GDP that NATO does not print comes from the IMF's World Economic Outlook, editions of {span}.")]


def _source(book: Book, row: dict[str, str]) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    known = book.evidence.sources.get(row["source_id"])
    note = f" {known.note.rstrip('.')}." if known and known.note else ""
    url = row["url"]
    text = Markup("{} <small>{}.{}</small>").format(row["citation"], capital(row["standing"]), note)
    # A user's own table may name anything as its address; only the web is linked.
    if url.startswith(("https://", "http://")):
        text += Markup(' <a href="{0}" rel="noreferrer">{0}</a>').format(url)
    return text
