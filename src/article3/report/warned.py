"""Sections on what may come: the early warning for each pledge, and how good such forecasts were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.evidence.findings import Finding, Sentence, sentence
from article3.report import chances, tested
from article3.report.blocks import Block, Book, Heading, Section, Text
from article3.report.drawing import Figure
from article3.report.markup import Cell, Head, Table, csv_link, data, table
from article3.report.words import cite, day, level, listed, number, release

if TYPE_CHECKING:
    from markupsafe import Markup

SHOWN: Final = (
    "warning",
    "fan",
    "expected",
    "credibility",
    "call",
    "backtest",
    "event",
    "reliability",
    "pit",
    "count_band",
    "scoreboard",
)
"""Findings that these two sections show."""

_WARNING: Final = (
    Cell("value_pct", "Last value"),
    Cell("odds_words", "Odds in words"),
    Cell("odds"),
    Cell("odds_random_walk", "Random walk"),
    Cell("odds_low", "Lowest"),
    Cell("odds_high", "Highest"),
    Cell("warning"),
    Cell("step_pct", "Step needed"),
    Cell("last_safe_year"),
    Cell("reason"),
)
_BACKTEST: Final = (
    Cell("baseline"),
    Cell("horizons"),
    Cell("n"),
    Cell("crps"),
    Cell("crps_baseline"),
    Cell("crps_skill"),
    Cell("skill_low"),
    Cell("skill_high"),
    Cell("bar"),
    Cell("coverage_80"),
    Cell("coverage_95"),
)


def early(book: Book) -> Section | None:
    """Return the section on the early warning: whole for pledges of many Allies, a row for those of one."""
    section = Section("early-warning", "Early warning")
    found = [item for item in book.named("warning") if item.table["odds"].drop_nulls().len()]
    for finding in sorted(found, key=lambda item: item.table.height == 1):
        section.blocks += _warned(book, finding)
    return section if section.blocks else None


def _warned(book: Book, finding: Finding) -> list[Block]:
    pledge = book.pledges[finding.part]
    anchor = f"table-warning-{finding.part.replace('_', '-')}"
    scenario = chances.is_scenario(finding)
    kind = "scenarios, not forecasts" if finding.table.height > 1 else "a scenario, not a forecast"
    kind = kind if scenario else "forecasts" if finding.table.height > 1 else "a forecast"
    blocks: list[Block] = [Heading(f"warning-{finding.part}", f"{pledge.title}: {kind}")]
    blocks.append(book.said(finding.sentence, "finding"))
    blocks += [Text(warning, "warning") for warning in finding.warnings]
    fans = book.find("fan", finding.part, finding.when)
    if finding.table.height > 1:
        blocks += _pictures(book, chances.odds(finding, book.evidence), anchor)
        if fans is not None:
            blocks += _pictures(book, chances.fan(fans, finding, book.evidence), anchor)
    rows = chances.ordered(finding)
    first = rows.row(0, named=True)
    caption = f"{pledge.title}: odds of standing at {level(first['level_pct'])} in {first['deadline']}, {kind}"
    made = table(finding, rows, _WARNING, name=anchor, caption=caption, titles=book.titles)
    without = finding.table.filter(pl.col("odds").is_null())
    if without.height:
        made = replace(made, notes=(*made.notes, f"No odds: {listed(without['ally_name'].to_list())}."))
    blocks.append(_tight(made))
    blocks += [book.said(text, "note") for text in _planned(finding, rows)]
    count = book.find("expected", finding.part, finding.when)
    if count is not None and finding.table.height > 1 and count.table.height:
        name = f"table-expected-{finding.part.replace('_', '-')}"
        cells = (Cell("variant"), Cell("kind"), Cell("mean"), Cell("low"), Cell("high"), Cell("of"))
        caption = f"{pledge.title}: number of Allies expected at {level(first['level_pct'])}, with the 80 % band"
        blocks.append(table(count, count.table, cells, name=name, caption=caption, titles=book.titles, first="year"))
    return blocks


def _tight(made: Table) -> Table:
    """Return the table of a warning with lowest and highest odds in one column, and room for the reasons."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    titles = [head.title for head in made.heads]
    low, high = titles.index("Lowest"), titles.index("Highest")
    heads = [*made.heads[:low], Head("Range", made.heads[low].unit, True), *made.heads[high + 1 :]]
    why = Markup('<span class="why">{}</span>')
    rows = [
        (*row[:low], row[low] + Markup("–") + row[high], *row[high + 1 : -1], why.format(row[-1])) for row in made.rows
    ]
    return replace(made, heads=tuple(heads), rows=tuple(rows))


def _planned(finding: Finding, rows: pl.DataFrame) -> list[Sentence]:
    """Return what a declared plan does to the odds of those who have one."""
    return [
        sentence(
            f"{row['ally_name']} has a plan on record ({row['plan']}): with it the odds are ",
            cite(finding, row, "odds_with_plan"),
            ", without it ",
            cite(finding, row, "odds"),
            ".",
        )
        for row in rows.filter(pl.col("odds_with_plan").is_not_null()).iter_rows(named=True)
    ]


def _pictures(book: Book, figure: Figure | None, anchor: str) -> list[Block]:
    return [book.picture(figure, anchor)] if figure else []


def skill(book: Book) -> Section | None:
    """Return the section on how good the forecasts were: what was tested, against what, and where it fails."""
    section = Section("skill", "How good are the forecasts")
    late = [item for name in ("backtest", "event", "reliability") for item in book.named(name) if _later(item)]
    if late:
        section.blocks.append(
            Text(
                f"The tests below are judged by releases published after {day(late[0].when)}: they say how good the "
                "method is, not what was known then.",
                "warning",
            )
        )
    for name, make in _PARTS:
        for finding in book.named(name):
            if finding.table.height:
                section.blocks += make(book, finding)
    return section if len(section.blocks) > bool(late) else None


def _later(finding: Finding) -> bool:
    """Return whether a release that judges came out after the date of the finding; a month counts from its end."""
    names = [name.rsplit("/", 1)[-1] for name in finding.table["outcome_vintage"].drop_nulls()]
    return any(name > finding.when[: len(name)] for name in names)


def _backtest(book: Book, finding: Finding) -> list[Block]:
    rows = finding.table.sort("best", descending=True, maintain_order=True)
    caption = "Back-test: the method against each baseline; the best baseline of each test first"
    blocks = _opening(book, finding, "Back-test")
    blocks += [book.said(text) for text in _bands(finding)]
    blocks.append(
        table(finding, rows, _BACKTEST, name="table-backtest", caption=caption, titles=book.titles, first="window")
    )
    return blocks


def _opening(book: Book, finding: Finding, title: str) -> list[Block]:
    """Return heading, sentence and cautions of one test."""
    blocks: list[Block] = [Heading(f"skill-{finding.name}", title)]
    blocks += [book.said(finding.sentence, "finding")] if finding.sentence.parts else []
    return [*blocks, *(Text(text, "warning") for text in finding.warnings)]


def _bands(finding: Finding) -> list[Sentence]:
    """Return where the 80 % band held most and least, and tests in which the method may be no better."""
    best = finding.table.filter(pl.col("best"), pl.col("coverage_80").is_not_null())
    if best.height < 2:
        return []
    rows = best.sort("coverage_80", "window")
    low, high = rows.row(0, named=True), rows.row(-1, named=True)
    found = [
        sentence(
            "A band meant to hold 8 outcomes in 10 held a share of ",
            cite(finding, low, "coverage_80"),
            f" at the least ({low['window']}) and ",
            cite(finding, high, "coverage_80"),
            f" at the most ({high['window']}): too narrow in shocks, too wide in calm."
            if low["coverage_80"] < 0.8 < high["coverage_80"]
            else f" at the most ({high['window']}).",
        )
    ]
    unsure = best.filter(pl.col("skill_low") <= 0)
    if unsure.height:
        names = listed(unsure["window"].to_list())
        found.append(sentence(f"The interval of the skill includes nothing gained for: {names}."))
    return found


def _event(book: Book, finding: Finding) -> list[Block]:
    return [*_opening(book, finding, "Odds of an event"), _briers(finding)]


def _briers(finding: Finding) -> Table:
    """Return Brier scores with a row for each origin and outcome, and a column for each forecaster."""
    from markupsafe import Markup  # noqa: PLC0415 - loads with the page

    rows = finding.table.sort("origin_year", "outcome_vintage", descending=[False, True], maintain_order=True)
    names = rows["forecaster"].unique(maintain_order=True).to_list()
    # The method in its two forms first; sorting keeps the order of the rest.
    names = sorted(names, key=lambda name: not name.startswith("method"))
    column, bar, happened = (finding.column(name) for name in ("brier", "bar", "happened"))
    made = []
    for _, some in rows.group_by("origin_year", "outcome_vintage", maintain_order=True):
        by = {row["forecaster"]: row for row in some.iter_rows(named=True)}
        first = some.row(0, named=True)
        best = some["brier"].min()

        def score(row: dict[str, Any] | None, best: Any = best) -> Markup:
            if row is None or row["brier"] is None:
                return Markup('<span class="unknown">–</span>')
            text = data(number(row["brier"], column), row["brier"], finding.address(row, "brier"))
            text = Markup("<strong>{}</strong>").format(text) if row["brier"] == best else text
            if row["bar"] is None:
                return text
            held = data(number(row["bar"], bar), row["bar"], finding.address(row, "bar"))
            missed = "" if row["brier"] <= row["bar"] else ", missed"
            return text + Markup(" <small>bar {}{}</small>").format(held, missed)

        count = data(number(first["happened"], happened), first["happened"], finding.address(first, "happened"))
        head = Markup("{} <small>{}</small>").format(first["origin_year"], release(first["outcome_vintage"]))
        made.append((head, count, *(score(by.get(name)) for name in names)))
    events = listed(finding.table["event"].unique(maintain_order=True).to_list())
    return Table(
        "table-event",
        f"Brier score of the odds of {events}, by origin and the release that judges it; lower is better",
        (
            Head("Origin, judged by", "", False),
            Head("Came true", "", True),
            *(Head(name.capitalize(), "", True) for name in names),
        ),
        tuple(made),
        (
            "Bold: the best of its row. –: not tested.",
            "The outcome depends on the release that judges it, and so does the best forecaster.",
            f"Standing: {finding.standing}.",
        ),
        tuple((item.title, item.formula) for item in (column, bar, happened)),
        finding.address(finding.table.row(0, named=True), "brier"),
        csv_link(finding.table, "event"),
    )


def _reliability(book: Book, finding: Finding) -> list[Block]:
    cells = (Cell("high"), Cell("n"), Cell("stated"), Cell("observed"))
    return _drawn(book, finding, tested.reliability(finding), "Odds stated and come true", cells, "low")


def _pit(book: Book, finding: Finding) -> list[Block]:
    cells = (Cell("low"), Cell("n"), Cell("share"))
    return _drawn(book, finding, tested.pit(finding), "Where outcomes fell", cells, "window")


def _count_band(book: Book, finding: Finding) -> list[Block]:
    cells = (Cell("year"), Cell("low"), Cell("mean"), Cell("high"), Cell("happened"), Cell("held"))
    missed = finding.table.filter(pl.col("held") == "no")
    some = replace(finding, table=missed, title=f"{finding.title}: where it did not hold") if missed.height else None
    return _drawn(
        book, finding, tested.count_band(finding), "The number of Allies at 2 %", cells, "origin_year", some or finding
    )


def _drawn(
    book: Book,
    finding: Finding,
    figure: Figure | None,
    title: str,
    cells: Sequence[Cell],
    first: str,
    shown: Finding | None = None,
) -> list[Block]:
    """Return a test that is a figure with its table."""
    anchor = f"table-{finding.name.replace('_', '-')}"
    shown = shown or finding
    made = table(shown, shown.table, cells, name=anchor, caption=shown.title, titles=book.titles, first=first)
    made = replace(made, csv=csv_link(finding.table, anchor))
    return [*_opening(book, finding, title), *_pictures(book, figure, anchor), made]


def _calls(book: Book, finding: Finding) -> list[Block]:
    pledge = book.pledges.get(finding.part)
    title = f"Since when could one know? {pledge.title}" if pledge else finding.title
    rows = finding.table.sort("first_call", "ally_name", nulls_last=True)
    cells = (Cell("first_call"), Cell("odds_then"), Cell("met_june_2024"), Cell("met_july_2026"), Cell("right"))
    called, never = rows.filter(pl.col("first_call").is_not_null()), rows.filter(pl.col("first_call").is_null())
    blocks = _opening(book, finding, title)
    if called.height:
        made = table(
            finding,
            called,
            cells,
            name=f"table-call-{finding.part.replace('_', '-')}",
            caption="Misses that could have been called, earliest first",
            titles=book.titles,
        )
        blocks.append(replace(made, csv=csv_link(finding.table, f"call-{finding.part}")))
    if never.height:
        blocks.append(Text(_never(never)))
    return blocks


def _never(rows: pl.DataFrame) -> str:
    """Return for whom no miss could be called, and who of them missed all the same."""
    missed = rows.filter(pl.col("met_july_2026").not_())["ally_name"].to_list()
    text = f"No miss could be called for {listed(rows['ally_name'].to_list())}."
    return f"{text} Of these, missed all the same by the release of July 2026: {listed(missed)}." if missed else text


def _credibility(book: Book, finding: Finding) -> list[Block]:
    cells = (Cell("outcome_vintage", "Judged by"), Cell("came_true"), Cell("number"), Cell("counts_for"))
    made = table(
        finding,
        finding.table,
        cells,
        name="table-credibility",
        caption="What declared plans came true, and what a plan counts for",
        titles=book.titles,
        first="plan",
    )
    return [*_opening(book, finding, "What a declared plan is worth"), made]


def _scoreboard(book: Book, finding: Finding) -> list[Block]:
    blocks = _opening(book, finding, "Live test")
    scored = finding.table.filter(pl.col("crps").is_not_null())
    bar = finding.table.filter(pl.col("bar").is_not_null())
    if bar.height:
        row = bar.row(0, named=True)
        text = sentence(
            "The bar is a skill of ",
            cite(finding, row, "bar"),
            " over the random walk; it is published even if missed.",
        )
        blocks.append(book.said(text))
    if scored.height:
        cells = tuple(Cell(name) for name in ("year", "n", "crps", "crps_random_walk", "crps_skill", "coverage_80"))
        blocks.append(
            table(
                finding,
                scored,
                cells,
                name="table-scoreboard",
                caption="Scoreboard: forecasts made from the release of July 2026, scored by later releases",
                titles=book.titles,
                first="release",
            )
        )
    return blocks


_PARTS: Final = (
    ("backtest", _backtest),
    ("scoreboard", _scoreboard),
    ("event", _event),
    ("reliability", _reliability),
    ("pit", _pit),
    ("count_band", _count_band),
    ("call", _calls),
    ("credibility", _credibility),
)
"""Tests in the order in which they stand, with how each is shown."""
