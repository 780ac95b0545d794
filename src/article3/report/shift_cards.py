"""The cards that head the shift: what a drawdown uncovers, when it is safe, who is free, half by 2030, posts, trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.report.blocks import Book
from article3.report.markup import sentence_html
from article3.report.shift_exposed import first_of
from article3.report.shift_half import GOAL, READINGS, below, of_reading
from article3.report.shift_posts import COMING, counts
from article3.report.shift_trust import CRITERIA, lower_title, more_words
from article3.report.shift_words import UNDER, case, fall, found, half_free, last_date
from article3.report.words import capital, day

if TYPE_CHECKING:
    from markupsafe import Markup

Card = tuple[str, Sentence, Sentence, str, str]
"""Head, main line, what else, question, and the part that answers it."""


def cards(book: Book) -> tuple[Markup, ...]:
    """Return the cards, those left out whose table the run has not or where there is nothing to tell."""
    made = (_exposed(book), _safe(book), _free(book), _half(book), _posts(book), _trust(book))
    return tuple(_card(book, *card) for card in made if card is not None)


def _card(book: Book, head: str, main: Sentence, more: Sentence, question: str, part: str) -> Markup:
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    form = '<span class="plan-head">{}</span> <strong>{}</strong> <span>{}</span> <a href="#{}">{}</a>'
    words = (sentence_html(text, book.findings) for text in (main, more))
    return Markup(form).format(head, *words, part, question)  # noqa: S704 - the form is ours


def _exposed(book: Book) -> Card | None:
    finding = found(book, "exposure")
    if finding is None:
        return None
    names = first_of(finding, book.run.inputs)
    sums = {name: _of(finding, name)["exposure_days"].sum() for name in names}
    main = sentence(f"{' or '.join(f'{total:,.0f}' for total in sums.values())} days exposed")
    told = " or ".join(f"{title}" for title in names.values())
    worst = _of(finding, *names).sort("worst_drop", descending=True, maintain_order=True).head(1).to_dicts()
    more: list[str | Cited] = [f"{told}; summed over contingencies and windows. "]
    if worst:
        more += ["At worst ", Cited(fall(worst[0]["worst_drop"]), finding.address(worst[0], "worst_drop"))]
        more += [f" of today's safety lost, {case(worst[0])}."]
    return "What a drawdown uncovers", main, sentence(*more), "Which contingency, and for how long?", "shift-given"


def _of(finding: Finding, *names: str) -> pl.DataFrame:
    return finding.table.filter(pl.col("drawdown").is_in(list(names)), pl.col("exposure_days") > 0)


def _safe(book: Book) -> Card | None:
    finding = found(book, "exposure")
    if finding is None:
        return None
    until = book.run.inputs.scenario.shift.until
    parts: list[tuple[str, list[str | Cited]]] = []
    for name, title in first_of(finding, book.run.inputs).items():
        mine = _of(finding, name)
        safe, never = last_date(mine["earliest_safe_date"].to_list()), mine["earliest_safe_date"].null_count()
        if mine.height == 0:
            parts.append((title, ["on any day"]))
        elif safe is None:
            parts.append((title, [f"not by {until}"]))
        else:
            row = mine.filter(pl.col("earliest_safe_date") == safe).row(0, named=True)
            parts.append((title, [Cited(day(safe), finding.address(row, "earliest_safe_date"))]))
        if never:
            parts[-1][1].append(f" ({never} of {mine.height} cases)")
    first, *others = parts
    main = sentence(*(capital(item) if isinstance(item, str) else item for item in first[1]))
    more: list[str | Cited] = [f"{first[0]}, all steps taken."]
    for title, words in others:
        more += [f" {title}: ", *words, "."]
    return (
        "Earliest safe date",
        main,
        sentence(*more),
        "Which step comes too early, and what would close it?",
        "shift-given",
    )


def _free(book: Book) -> Card | None:
    handover, fastest = found(book, "handover"), found(book, "fastest")
    if handover is None or fastest is None:
        return None
    until = book.run.inputs.scenario.shift.until
    main: list[str | Cited] = []
    people = 0.0
    for plan in fastest.table["plan"].unique(maintain_order=True).to_list():
        row, people = half_free(handover, fastest, plan, book.run.inputs)
        when = Cited(row["date"][:4], handover.address(row, "earliest_safe_date")) if row else f"not by {until}"
        words = UNDER.get(plan, plan).replace(" for the handover", "")
        main += [", " if main else "", when, f" {words}"]
    text = (
        f"Of {people:,.0f} people behind the US offer, with no requirement less covered than today because they leave."
    )
    return (
        "Half of the US people free",
        sentence(*main),
        sentence(text),
        "Which deliveries let them leave?",
        "shift-leaves",
    )


def _half(book: Book) -> Card | None:
    finding = found(book, "half_by_2030")
    if finding is None:
        return None
    (reading, case_of, _), held = READINGS
    mine = of_reading(finding.table, reading, case_of)
    if mine.height == 0:
        return None
    short, unlikely = below(finding, reading, case_of)
    main = sentence(f"{short.height} of {mine.height} capabilities under half in {GOAL}")
    has = of_reading(finding.table, *held[:2])
    more = f"Of the hardest requirement, with the plan on time; in {unlikely.height} the odds are below nine in ten."
    if has.height:
        more += f" Of what is held, {below(finding, *held[:2])[0].height} of {has.height}."
    return f"Half by {GOAL}", main, sentence(more), "Which, and with what odds?", "shift-half"


def _posts(book: Book) -> Card | None:
    finding = found(book, "post")
    if finding is None:
        return None
    every, now, agreed, _ = counts(finding.table, component=False)
    main = sentence(f"{now} of {every} posts European today, {agreed} after what is agreed")
    coming = finding.table.filter(pl.col("status").is_in(COMING), pl.col("from") != "").sort(
        "from", maintain_order=True
    )
    more: list[str | Cited] = ["At the strategic and operational levels."]
    if coming.height:
        row = coming.row(0, named=True)
        post = row["post_title"].removeprefix("Commander, ")
        more += [f" Next: {post} to {row['ally_name']}, about "]
        more += [Cited(day(row["from"]), finding.address(row, "from")), f" ({row['status']})."]
    return "Command posts", main, sentence(*more), "Who takes over what, when?", "shift-posts"


def _trust(book: Book) -> Card | None:
    finding, states = found(book, "trust"), found(book, "trust_state")
    if finding is None or states is None:
        return None
    known = states.table.filter(pl.col("regret_pct").is_not_null()).sort(
        "regret_pct", descending=True, maintain_order=True
    )
    mine, single = known.filter(pl.col("choice") == "expected"), known.filter(~pl.col("choice").is_in(CRITERIA))
    if mine.height == 0 or single.height == 0:
        return None
    row, other = mine.row(0, named=True), single.row(0, named=True)
    words = more_words(row["regret_pct"]).lstrip("+").replace("least", "No")
    main = sentence(Cited(words, states.address(row, "regret_pct")), " more risk at most")
    made = finding.table.filter(pl.col("choice") == other["choice"])["title"][0]
    more: list[str | Cited] = ["With a plan that suits all futures of the United States. A plan for "]
    more += [
        f"“{lower_title(made)}”: ",
        Cited(more_words(other["regret_pct"]).lstrip("+"), states.address(other, "regret_pct")),
    ]
    more += [f", if “{other['state_title']}”."]
    return "Whom to trust", main, sentence(*more), "What is knowing earlier worth?", "shift-trust"
