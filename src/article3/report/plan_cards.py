"""The cards that head the plan: what it costs, brings, what holds it back, what to sign; each ends in a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.blocks import Book
from article3.report.gap_words import Names, lower
from article3.report.markup import sentence_html
from article3.report.plan_limits import change_words
from article3.report.plan_solved import worded
from article3.report.plan_words import by_year, horizon, met_words, money, per_cent, who
from article3.report.words import MINUS, capital, cardinal, day

if TYPE_CHECKING:
    from markupsafe import Markup

_BOX: Final = ("posture", "path", "investable", "years", "tolerance", "ceiling")
"""Assumptions that stand on the page; all others are in the table."""


def cards(book: Book, names: Names) -> tuple[Markup, ...]:
    """Return the cards, those left out whose table the run has not."""
    made = (_costs(book), _brings(book, names), _binds(book), _signs(book))
    return tuple(_card(book, *card) for card in made if card is not None)


Card = tuple[str, Sentence, Sentence, str, str]
"""Head, main line, what else, question, and the part that answers it."""


def _card(book: Book, head: str, main: Sentence, more: Sentence, question: str, part: str) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    form = '<span class="plan-head">{}</span> <strong>{}</strong> <span>{}</span> <a href="#{}">{}</a>'
    words = (sentence_html(text, book.findings) for text in (main, more))
    return Markup(form).format(head, *words, part, question)  # noqa: S704 - the form is ours


def _first(book: Book, name: str) -> Finding | None:
    found = next(iter(book.named(name)), None)
    return found if found is not None and found.table.height else None


def _costs(book: Book) -> Card | None:
    finding = _first(book, "plan_money")
    if finding is None:
        return None
    to = horizon(finding.table)
    until = by_year(finding.table).filter(pl.col("year") <= to)
    spent = float(until["spent"].sum())
    main = sentence(f"{money(spent)} to {to}")
    free = float(until["envelope"].sum()) if until["envelope"].null_count() == 0 else None
    if free is None:
        more = "Nothing limits money in this scenario."
    elif free <= 0:
        more = "The envelope of new money is nought."
    else:
        more = f"{per_cent(spent / free)} of an envelope of {money(free)} of new money."
    return "What it costs", main, sentence(more), "Which Ally would spend most of its own?", "plan-money"


def _brings(book: Book, names: Names) -> Card | None:
    finding, risk = _first(book, "plan_attainment"), _first(book, "plan_risk")
    if finding is None:
        return None
    last = finding.table.filter(pl.col("year") == horizon(finding.table))
    alone = last.filter(~pl.col("contingency").str.contains(";", literal=True))
    row = alone.sort(pl.col("attainment") - pl.col("before"), descending=True, maintain_order=True).row(0, named=True)
    if row["attainment"] - row["before"] <= 0.005:
        main = sentence(f"Nothing is met better in {row['year']}")
    else:
        ends = (Cited(met_words(row[name]), finding.address(row, name)) for name in ("before", "attainment"))
        before, after = ends
        where = f"{names.situation(row['situation'])}, {row['window_days']} days: "
        main = sentence(where, before, " without it, ", after, f" with it in {row['year']}")
    return (
        "What it brings",
        main,
        sentence(_fall(risk) if risk else ""),
        "What stays short, and until when?",
        "plan-meets",
    )


def _fall(risk: Finding) -> str:
    weighed = risk.table.filter(pl.col("weight").is_not_null())
    after, before = (float((weighed[name] * weighed["weight"]).sum()) for name in ("risk", "risk_before"))
    return (
        f"Mean risk falls by {per_cent(1 - after / before)} against committed deliveries alone."
        if before > 1e-9
        else ""
    )


def _binds(book: Book) -> Card | None:
    finding = _first(book, "plan_limit")
    if finding is None:
        return None
    rows = finding.table.filter(pl.col("risk_change_pct").is_not_null()).to_dicts()
    bound = sorted((row for row in rows if row["binds"]), key=lambda row: row["risk_change_pct"])
    told: list[str | Cited] = []
    for row in (bound or [row for row in rows if row["binds"] is False])[:2]:
        change = Cited(
            change_words(row["risk_change_pct"]).lstrip(f"+{MINUS}"), finding.address(row, "risk_change_pct")
        )
        told += [f"; {row['relaxed']} by " if told else f"{capital(row['relaxed'])} would lower risk by ", change]
    count = f"{capital(cardinal(len(bound)))} limit{'s' if len(bound) > 1 else ''} bind{'' if len(bound) > 1 else 's'}"
    main = sentence(count if bound else "No single limit binds")
    return "What holds it back", main, sentence(*told, "." if told else ""), "What would lift it?", "plan-binds"


def _signs(book: Book) -> Card | None:
    finding = _first(book, "down_payment")
    if finding is None:
        return None
    summit = book.run.inputs.scenario.plan.summit
    first = finding.table.row(0, named=True)
    total = money(float(finding.table["cost_usd2021_m"].sum()))
    number = finding.table.height
    main = sentence(f"{capital(cardinal(number))} down payment{'s' if number > 1 else ''}, {total} in all")
    what = lower(str(first["title"]).partition(": ")[0].split(",")[0])
    more: list[str | Cited] = [f"Before the summit of {day(summit)}. First of them: {what}, {who(first['owner'])}, "]
    more += [Cited(money(first["cost_usd2021_m"]), finding.address(first, "cost_usd2021_m")), "."]
    return "What can be signed first", main, sentence(*more), "Who signs, and what slips if nobody does?", "plan-road"


def assumed(finding: Finding, names: Names) -> tuple[Markup, ...]:
    """Return the assumptions that matter most, for the box."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    rows = {row["assumption"]: row for row in finding.table.iter_rows(named=True)}
    found = [rows[name] for name in _BOX if name in rows]
    return tuple(Markup("<strong>{}:</strong> {}").format(row["title"], worded(row, names)) for row in found)
