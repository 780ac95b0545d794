"""Tables of the gap: what can be met, what falls short, at which requirement that turns, what is claimed twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.domain import force_element
from article3.evidence.findings import Finding
from article3.report.gap_figures import covered, ladder_rows, short_rows, turning
from article3.report.gap_matrix import grouped
from article3.report.gap_words import (
    Names,
    amount,
    at_window,
    called,
    held_back,
    lower,
    percent,
    postures_of,
    span,
    status,
    units,
)
from article3.report.markup import Head, Table, csv_link, data
from article3.report.sources import address_of
from article3.report.words import unique
from article3.scenario.resolve import Inputs

if TYPE_CHECKING:
    from markupsafe import Markup

NOTHING: Final = "\N{EN DASH}"
_FULL: Final = 1 - 1e-6
_MARGINAL: Final = 0.05
"""Part of what is usable up to which a double claim is not worth a row."""

Row = Mapping[str, Any]


def grid(
    finding: Finding,
    name: str,
    caption: str,
    heads: Sequence[tuple[str, str, bool]],
    rows: Iterable[Sequence[Markup | str]],
    *,
    notes: Sequence[str] = (),
    how: Sequence[str] = (),
    drawn: pl.DataFrame | None = None,
) -> Table:
    """Return a table whose cells are made already.

    Parameters
    ----------
    finding
        Where the numbers stand.
    name, caption
        Anchor and caption.
    heads
        Title, unit, and whether figures stand below.
    rows
        Cells, the first of which heads its row.
    notes
        What stands under it; the standing is added.
    how
        Columns whose formula is told.
    drawn
        Rows behind the link to the data; without it there is no link.
    """
    from markupsafe import escape  # noqa: PLC0415 - loads with the page

    columns = [finding.column(item) for item in how]
    return Table(
        name,
        caption,
        tuple(Head(*head) for head in heads),
        tuple(tuple(escape(cell) for cell in row) for row in rows),
        (*notes, f"Standing: {finding.standing}."),
        tuple((column.title, column.formula) for column in columns if column.formula),
        address_of(finding, finding.table.row(0, named=True), how[0]) if how and finding.table.height else "",
        csv_link(drawn, name) if drawn is not None else ("", ""),
    )


def said(finding: Finding, row: Row, column: str, text: str, css: str = "n") -> Markup:
    """Return one number with its address, as the text says it; a dash where there is none."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    if row[column] is None:
        return Markup('<span class="unknown">{}</span>').format(NOTHING)
    return data(text, row[column], address_of(finding, row, column), css)


def counted(finding: Finding, row: Row, column: str) -> Markup:
    """Return a number of units with its address."""
    return said(finding, row, column, "" if row[column] is None else amount(row[column]))


def ratio(finding: Finding, row: Row, column: str) -> Markup:
    """Return a share with its address, to two decimals."""
    return said(finding, row, column, "" if row[column] is None else f"{row[column]:.2f}")


def attainment(finding: Finding, names: Names) -> Table:
    """Return what can be met, a row for each situation and window, with status in words and what holds it back."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    postures = postures_of(finding.table)
    rows = []
    for _, table in grouped(finding.table):
        for (_, window), some in table.group_by(["situation", "window_days"], maintain_order=True):
            mine = {row["posture"]: row for row in some.iter_rows(named=True)}
            first = next(iter(mine.values()))
            plain = first["small"]
            title = Markup("<em>{}</em>").format(first["title"]) if plain else escape(first["title"])
            if first["us_only"]:
                alone = lower(", ".join(called(name) for name in first["us_only"].split(";")))
                title += Markup(" <small>US only, beside: {}</small>").format(alone)
            cells = [title, escape(str(window))]
            cells += [_met(finding, mine[name], plain) if name in mine else escape(NOTHING) for name in postures]
            cells.append(_holds(finding, mine, names, plain))
            rows.append(cells)
    heads = [("Situation", "", False), ("Days", "", True)]
    heads += [(names.head(name), "share met; range; status", False) for name in postures]
    heads += [("Held back by", "where eight draws in ten agree", False)]
    notes = ["Met, not safely: at central values, but not in all draws. Far short: less than half."]
    notes += unique(finding.table["note"])
    caption = "What can be met, by situation and readiness window"
    return grid(
        finding, "table-gap-matrix", caption, heads, rows, notes=notes,
        how=("attainment", "low", "high", "binding_capability", "agreement"),
    )  # fmt: skip


def _met(finding: Finding, row: Row, plain: bool) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    kind = status(row)
    css = "n gap-state gap-small" if plain else f"n gap-state {kind.css}"
    number = said(finding, row, "attainment", percent(row["attainment"]), css)
    words = [span(row), "no test alone" if plain else kind.word]
    return Markup("{} <small>{}</small>").format(number, ", ".join(word for word in words if word))


def _holds(finding: Finding, mine: Mapping[str, Row], names: Names, plain: bool) -> Markup:
    """Return what holds a situation back, by posture where it is not the same in all."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - loads with the page

    groups: dict[str, list[Row]] = {}
    for row in mine.values():
        if row["attainment"] < _FULL:
            groups.setdefault(held_back(row), []).append(row)
    if plain or not groups:
        return escape(NOTHING)
    parts = []
    for what, rows in groups.items():
        if not what:
            where = ", ".join(names.brief(row["posture"]) for row in rows)
            parts.append(Markup("<small>{}: draws do not agree</small>").format(where))
            continue
        counts = [(row, said(finding, row, "agreement", str(row["agreement"]))) for row in rows]
        agree = Markup(", ").join(Markup("{} {}").format(names.brief(row["posture"]), count) for row, count in counts)
        if len(rows) == len(mine) and len({row["agreement"] for row in rows}) == 1:
            agree = counts[0][1]
        parts.append(Markup("{} <small>{} of {} draws</small>").format(what, agree, rows[0]["draws"]))
    return Markup(" ").join(parts)


def coverage(finding: Finding, inputs: Inputs) -> Table:
    """Return every requirement of a conventional contingency that falls short in some posture."""
    names = Names.of(inputs)
    table = covered(finding, names)
    short = short_rows(table)
    postures = postures_of(table)
    order = {name: place for place, name in enumerate(short["contingency"].unique(maintain_order=True))}
    rows = []
    for some in sorted(
        short.partition_by("contingency", "capability", maintain_order=True),
        key=lambda part: (order[part["contingency"][0]], part["coverage"][-1]),
    ):
        mine = {row["posture"]: row for row in some.iter_rows(named=True)}
        last = mine[postures[-1]]
        rows.append(
            [
                _need(last),
                _when(names.situation(last["contingency"]), last["window_days"]),
                _in_units(finding, last, "required"),
                *(ratio(finding, mine[name], "coverage") for name in postures),
                counted(finding, last, "shortfall"),
            ]
        )
    whole = table.filter(pl.col("posture") == postures[-1]).height - len(rows)
    heads = [("Capability", "", False), ("Contingency", "", False), ("Required", "", True)]
    heads += [(names.head(name), "covered", True) for name in postures]
    heads += [("Short", names.brief(postures[-1]), True)]
    caption = "Requirements that fall short in at least one posture"
    notes = [f"The other {whole} requirements of these contingencies and windows are covered in every posture."]
    return grid(
        finding, "table-gap-coverage", caption, heads, rows, notes=notes, how=("coverage", "required", "shortfall")
    )  # fmt: skip


def _need(row: Row) -> Markup | str:
    """Return a capability, with a word where the contingency cannot do without it."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    name = called(row["capability"])
    return Markup("{} <small>essential</small>").format(name) if row["essential"] else name


def _when(title: str, days: int) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    return Markup("{} <small>{} days</small>").format(title, days)


def _in_units(finding: Finding, row: Row, column: str) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    return Markup("{} <small>{}</small>").format(counted(finding, row, column), units(row["capability"], row[column]))


def ladder(finding: Finding, flip: Finding | None, inputs: Inputs) -> Table:
    """Return what binds first in the first contingency without the United States, in units, with flip numbers."""
    names = Names.of(inputs)
    table = ladder_rows(finding, inputs)
    rows = []
    for row in table.iter_rows(named=True):
        binds, half = turning(flip, row), _half(flip, row)
        rows.append(
            [
                _need(row),
                _in_units(finding, row, "required"),
                counted(finding, row, "able"),
                counted(finding, row, "assigned"),
                ratio(finding, row, "coverage"),
                counted(finding, row, "shortfall"),
                _turns(flip, binds),
                _turns(flip, half),
            ]
        )
    first = table.row(0, named=True)
    heads = [
        ("Capability", "", False), ("Required", "", True), ("Could be sent", "doing nothing else", True),
        ("Assigned", "", True), ("Covered", "", True), ("Short", "", True),
        ("Holds it back", "not if required", True), ("Europe's half", "turns if required", True),
    ]  # fmt: skip
    caption = (
        f"{names.situation(first['contingency'])} within {first['window_days']} days, "
        f"{names.inside('without')}: what falls short"
    )
    return grid(
        finding, "table-gap-ladder", caption, heads, rows, how=("coverage", "required", "able", "assigned",
                                                                "shortfall"),
    )  # fmt: skip


def _half(flip: Finding | None, row: Row) -> dict[str, Any] | None:
    if flip is None:
        return None
    keys = (pl.col(name) == row[name] for name in ("contingency", "capability", "window_days"))
    found = flip.table.filter(pl.col("statement") == "half", *keys)
    return found.row(0, named=True) if found.height else None


def _turns(flip: Finding | None, row: dict[str, Any] | None) -> Markup | str:
    """Return at which requirement a sentence turns, and on which side."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    if flip is None or row is None:
        return NOTHING
    if row["turns_at"] is None:
        return str(row["turns"])
    text = amount(row["turns_at"])
    return Markup("{} {}").format(row["turns"], said(flip, row, "turns_at", text))


def flips(flip: Finding, names: Names) -> Table | None:
    """Return at which requirement each sentence on what holds a contingency back turns."""
    table = flip.table.filter(pl.col("statement") == "binding")
    if table.height == 0:
        return None
    rows = [
        [
            names.situation(row["contingency"]),
            str(row["window_days"]),
            called(row["capability"]),
            _in_units(flip, row, "assumed"),
            _turns(flip, row),
        ]
        for row in table.iter_rows(named=True)
    ]
    heads = [
        ("Contingency", "", False), ("Days", "", True), ("Held back by", "", False), ("Assumed", "required", True),
        ("Turns", "if required", True),
    ]  # fmt: skip
    caption = f"At which requirement a weakest link would no longer be it, {names.inside('without')}"
    return grid(flip, "table-gap-flip", caption, heads, rows, how=("turns_at", "assumed"))


def twice(finding: Finding, names: Names) -> Table | None:
    """Return what situations claim twice with the United States, at the window headlines speak of."""
    table = at_window(finding.table.filter(pl.col("posture") == "with"), "situation")
    table = table.filter(pl.col("over") > _MARGINAL * pl.col("usable"))
    if table.height == 0:
        return None
    rows = [
        [
            force_element(row["element"]).title,
            names.situation(row["situation"]),
            str(row["window_days"]),
            counted(finding, row, "usable"),
            counted(finding, row, "claimed"),
            counted(finding, row, "over"),
        ]
        for row in table.iter_rows(named=True)
    ]
    heads = [
        ("Force element", "", False), ("Situation", "", False), ("Days", "", True), ("Usable", "units", True),
        ("Claimed", "by all, each alone", True), ("Claimed twice", "units", True),
    ]  # fmt: skip
    caption = "What contingencies that run at once claim twice, with the United States"
    return grid(finding, "table-gap-twice", caption, heads, rows, how=("over", "usable", "claimed"))
