"""What goes into the gap, folded away: published sets beside ours, requirements, holdings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.domain import force_element
from article3.evidence.findings import Finding
from article3.evidence.store import Evidence
from article3.report.gap_tables import NOTHING, counted, grid
from article3.report.gap_words import Names, called, units
from article3.report.markup import Table
from article3.report.words import unique
from article3.scenario.resolve import Inputs

if TYPE_CHECKING:
    from markupsafe import Markup

_WHOSE: Final = {"alliance": "Alliance", "europe": "Europe", "eur_can": "Europe and Canada", "usa": "United States"}
_OWN: Final = "article3-assumption"
_COUNTED: Final = ("official", "reported")

Row = Mapping[str, Any]


def published(finding: Finding, inputs: Inputs, *, beside: bool) -> Table | None:
    """Return lines of published sets of requirements, ours beside, with why they differ in full.

    Parameters
    ----------
    finding, inputs
        Table ``published_set``, and the scenario for the sets' sources.
    beside
        Lines that have a figure of ours beside them, or those that have none.
    """
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    table = finding.table.filter(pl.col("ours").is_not_null() == beside)
    if table.height == 0:
        return None
    sets = _sets(inputs)
    rows = []
    for row in table.iter_rows(named=True):
        days = f", {row['window_days']} days" if row["window_days"] else ""
        whose = _WHOSE.get(row["holders"], row["holders"])
        about = f"{sets.get(row['set'], row['set'])}; {row['unit']}, {whose}; {row['basis']}"
        cells = [Markup("{}{} <small>{}</small>").format(row["title"], days, about), _printed(finding, row)]
        if beside:
            cells += [counted(finding, row, "published_available"), _ours(finding, row)]
            cells += [counted(finding, row, name) for name in ("difference", "difference_available")]
        cells.append(Markup('<span class="gap-why">{}</span>').format(row["why"]))
        rows.append([escape(cell) for cell in cells])
    heads = [("Line", "source; unit, whose; basis", False), ("Published", "low to high", True)]
    if beside:
        heads += [("Their count", "available", True), ("Ours", "low to high", True), ("Ours less required", "", True),
                  ("Ours less their count", "", True)]  # fmt: skip
    heads += [("Why it differs", "", False)]
    what = "ours beside" if beside else "nothing of ours compares"
    name = "table-gap-published" if beside else "table-gap-published-alone"
    return grid(
        finding, name, f"Published requirements: {what}", heads, rows, how=("ours", "difference") if beside else (),
        drawn=finding.table if beside else None,
    )  # fmt: skip


def _sets(inputs: Inputs) -> dict[str, str]:
    """Return producer and year of every published set."""
    known = inputs.evidence.sources
    found = {}
    for row in inputs.planning.table("published").select("set", "source_id").unique(maintain_order=True).to_dicts():
        source = known.get(row["source_id"])
        found[row["set"]] = f"{source.producer}, {source.published[:4]}" if source else row["source_id"]
    return found


def _printed(finding: Finding, row: Row) -> Markup:
    return _range(finding, row, "published_low", "published_central", "published_high")


def _ours(finding: Finding, row: Row) -> Markup:
    return _range(finding, row, "ours_low", "ours", "ours_high")


def _range(finding: Finding, row: Row, low: str, central: str, high: str) -> Markup:
    """Return a figure with its range, where it has one."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    main = counted(finding, row, central)
    if row[low] is None or row[high] is None or row[low] == row[high]:
        return main
    return Markup("{} <small>{} to {}</small>").format(main, *(counted(finding, row, name) for name in (low, high)))


def requirements(finding: Finding, names: Names) -> list[tuple[str, Table]]:
    """Return one table for each contingency, with what it is called: capabilities by window, range and remark."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    found = []
    for place, ((contingency,), table) in enumerate(finding.table.group_by("contingency", maintain_order=True)):
        windows = sorted(table["window_days"].unique())
        rows = []
        for _, some in table.group_by("capability", maintain_order=True):
            mine = {row["window_days"]: row for row in some.iter_rows(named=True)}
            first = next(iter(mine.values()))
            about = units(first["capability"]) + ("; essential" if first["essential"] else "")
            cells: list[Markup | str] = [Markup("{} <small>{}</small>").format(called(first["capability"]), about)]
            cells += [
                _range(finding, mine[window], "low", "central", "high") if window in mine else NOTHING
                for window in windows
            ]
            cells += [first["standing"], first["note"]]
            rows.append([escape(cell) for cell in cells])
        heads = [("Capability", "unit", False)]
        heads += [(f"Within {window} days", "low to high", True) for window in windows]
        heads += [("Standing", "", False), ("Remark", "", False)]
        title = names.situation(str(contingency))
        made = grid(finding, f"table-gap-required-{place + 1}", f"{title}: what is required", heads, rows)
        found.append((f"Requirements of {title} ({len(rows)} capabilities)", made))
    return found


def holdings(finding: Finding) -> Table:
    """Return who holds what: one row for each force element, the largest holders first."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    rows = []
    for (element,), table in finding.table.group_by("element", maintain_order=True):
        parts = []
        for row in table.sort(["central", "holder"], descending=[True, False]).iter_rows(named=True):
            text = Markup("{}{}{}").format(row["holder"], "\N{NO-BREAK SPACE}", counted(finding, row, "central"))
            parts.append(text if row["standing"] in _COUNTED else Markup("<em>{}</em>").format(text))
        what = force_element(str(element))
        rows.append([what.title, what.unit, Markup(" \N{MIDDLE DOT} ").join(parts)])
    heads = [("Force element", "", False), ("Unit", "", False), ("Held on paper, central estimate", "", False)]
    made = grid(finding, "table-gap-holdings", "Holdings by force element, the largest first", heads, rows)
    notes = ("In italics: estimated or assumed by us; upright: counted by a named source.", *made.notes)
    return replace(made, notes=notes)


def folded(items: Sequence[tuple[str, Table]]) -> tuple[Markup, ...]:
    """Return tables behind their titles, each to be opened; without a script, and in the reading order.

    The anchor of a table stands where it is folded away, so that a link to it leads somewhere while it is closed.
    """
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    return tuple(
        Markup('<details class="gap-fold" id="{}"><summary>{}</summary>{}</details>').format(
            table.name, title, _html(table)
        )
        for title, table in items
    )


def _html(table: Table) -> Markup:
    """Return a table as the page's template sets it."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    numeric = [head.numeric for head in table.heads]
    heads = Markup("").join(
        Markup('<th scope="col"{}>{}{}</th>').format(
            Markup(' class="num"') if head.numeric else "",
            head.title,
            Markup(" <small>{}</small>").format(head.unit) if head.unit else "",
        )
        for head in table.heads
    )
    body = Markup("\n").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            row[0],
            Markup("").join(
                Markup("<td{}>{}</td>").format(Markup(' class="num"') if number else "", value)
                for value, number in zip(row[1:], numeric[1:], strict=True)
            ),
        )
        for row in table.rows
    )
    return Markup(
        '<div class="table" id="{}-rows"><div class="scroll" tabindex="0" role="region" aria-label="{}">'
        '<table class="full"><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
        '<p class="under">{}</p>{}</div>'
    ).format(table.name, table.caption, table.caption, heads, body, " ".join(table.notes), _how(table))


def _how(table: Table) -> Markup:
    """Return how the numbers of a table came about."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    if not table.how:
        return Markup()
    terms = Markup("").join(Markup("<dt>{}</dt><dd>{}</dd>").format(title, words) for title, words in table.how)
    asked = Markup("<p>Sources and inputs of a number, for example: <code>article3 explain '{}'</code></p>")
    return Markup('<details class="how"><summary>How these numbers came about</summary><dl>{}</dl>{}</details>').format(
        terms, asked.format(table.example) if table.example else ""
    )


def source_words(finding: Finding, evidence: Evidence) -> str:
    """Return the studies a finding rests on, by producer and year."""
    known = [evidence.sources[name] for name in finding.sources if name in evidence.sources and name != _OWN]
    words = [f"{item.producer}, {item.published[:4]}" for item in known]
    return "; ".join(unique([*words, *(["assumptions of our own"] if _OWN in finding.sources else [])]))
