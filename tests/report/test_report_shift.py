"""The shift on the page: who leaves when, what a drawdown uncovers, half by 2030, posts, the bargain, the board."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import openpyxl
import polars as pl
import pytest
from report_html import Node, Page, row_at

from article3.evidence.findings import Finding
from article3.report import figures, page, workbook
from article3.report.figures import NARROW, WIDE, Canvas, Figure
from article3.report.markup import exact
from article3.report.shift_exposed import first_of, too_early
from article3.report.shift_half import READINGS, of_reading
from article3.report.shift_page import SHOWN
from article3.report.shift_posts import counts, shown_posts, tenures
from article3.report.shift_sheet import apart, hatch, stairs, thinned
from article3.report.shift_trust import more_words
from article3.report.shift_words import (
    fall,
    gates,
    half_free,
    inside,
    place,
    plain_days,
    several,
    title_of,
    when_words,
)
from article3.report.workbook import _MAIN
from article3.run.analysis import Run
from article3.scenario.resolve import resolve
from article3.shift.described import TABLES

NAMES = (
    "shift_leaving", "shift_exposed", "shift_early", "shift_pace", "shift_half", "shift_odds", "shift_posts",
    "shift_trust", "shift_board",
)  # fmt: skip
PARTS = (
    "shift-leaves", "shift-given", "shift-pace", "shift-half", "shift-posts", "shift-trust", "shift-deal", "shift-board",
    "shift-rests",
)  # fmt: skip


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def changed(finding: Finding, rows: pl.DataFrame) -> Finding:
    return replace(finding, table=rows)


def alone(run: Run, **instead: Finding | None) -> Run:
    """Return the run with the shift's findings only, some of them others or left out."""
    kept = [instead.get(item.name, item) for item in run.findings if item.name in SHOWN]
    return replace(run, findings=tuple(item for item in kept if item is not None))


def section(made: Page) -> Node:
    return next(node for node in made.all("section") if node.attributes.get("id") == "shift")


def anchored(node: Node, name: str) -> Node:
    return next(item for item in node.all() if item.attributes.get("id") == name)


def rows_of(node: Node) -> list[Node]:
    return node.all("tbody")[0].all("tr")


def texts(figure: Figure, canvas: Canvas = WIDE) -> list[str]:
    drawn = ET.fromstring(figures.svg(figure.bare(canvas)))
    return [plain("".join(node.itertext())) for node in drawn.iter() if node.tag.endswith("text")]


def drawn_from(run: Run) -> dict[str, Figure]:
    find, inputs = run.find, run.inputs
    found = {
        "shift_leaving": figures.shift_leaving(find("leaving"), find("fastest"), find("handover")),
        "shift_exposed": figures.shift_exposed(find("exposure"), find("exposure_step"), inputs),
        "shift_early": figures.shift_early(find("handover"), find("exposure"), find("exposure_step"), inputs),
        "shift_pace": figures.shift_pace(find("shift_frontier")),
        "shift_half": figures.shift_half(find("half_path"), find("half_by_2030")),
        "shift_odds": figures.shift_odds(find("half_by_2030")),
        "shift_posts": figures.shift_posts(find("post"), inputs),
        "shift_trust": figures.shift_trust(find("trust"), find("trust_state"), inputs),
        "shift_board": figures.shift_board(find("notice"), inputs),
    }
    return {name: figure for name, figure in found.items() if figure is not None}


@pytest.fixture(scope="module")
def run(baseline: Run) -> Run:
    return baseline


@pytest.fixture(scope="module")
def drawn(run: Run) -> dict[str, Figure]:
    return drawn_from(run)


@pytest.fixture(scope="module")
def made(run: Run, baseline_page: Page) -> Page:
    assert run
    return baseline_page


@pytest.fixture(scope="module")
def shift(made: Page) -> Node:
    return section(made)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave pictures out: what matters is what the page is made of."""
    monkeypatch.setattr("article3.report.blocks.svg", lambda *_: "<svg ></svg>")


def test_all_tables_of_the_shift_are_shown() -> None:
    assert set(SHOWN) == set(TABLES)
    assert set(TABLES) <= set(_MAIN)


def test_it_follows_the_plan_and_the_parts_stand_in_order(made: Page, shift: Node) -> None:
    assert made.wrong == []
    found = [node.attributes["id"] for node in made.all("section") if "id" in node.attributes]
    assert found.index("shift") == found.index("plan") + 1
    assert tuple(node.attributes["id"] for node in shift.all("h3") if "id" in node.attributes) == PARTS


def test_no_table_of_it_is_shown_again_further_down(made: Page) -> None:
    ids = {node.attributes["id"] for node in made.all() if "id" in node.attributes}
    assert not {f"further-{name}" for name in SHOWN} & ids


def test_the_top_of_the_page_leads_to_it(run: Run, made: Page) -> None:
    says = next(node for node in made.all("section") if node.attributes.get("aria-labelledby") == "says")
    assert str(run.find("handover").sentence) in says.text
    assert "#shift" in [node.attributes["href"] for node in says.all("a")]
    silent = next(node for node in made.all("section") if node.attributes.get("aria-labelledby") == "silent")
    assert "Not when US forces will leave" in silent.text


def test_it_leads_with_a_sentence_cards_and_the_rule(run: Run, shift: Node) -> None:
    assert shift.all("p")[0].text == str(run.find("handover").sentence)
    lists = {css: node for node in shift.all("ul") for css in node.classes()}
    cards = lists["shift-cards"].all("li")
    assert [card.all("span")[0].text for card in cards] == [
        "What a drawdown uncovers", "Earliest safe date", "Half of the US people free", "Half by 2030", "Command posts",
        "Whom to trust",
    ]  # fmt: skip
    ids = {node.attributes["id"] for node in shift.all() if "id" in node.attributes}
    for card in cards:
        link = card.all("a")[-1]
        assert link.text.endswith("?"), "a card ends in a question"
        assert link.attributes["href"][1:] in ids
    caution = next(node for node in shift.all("p") if "warning" in node.classes()).text
    assert "less covered than today" in caution
    assert "illustrative" in caution
    assert "Notice: 365 days" in lists["plan-box"].text


def test_the_cards_agree_with_the_tables(run: Run, shift: Node) -> None:
    cards = [plain(card.text) for css in shift.all("ul") if "shift-cards" in css.classes() for card in css.all("li")]
    exposure = run.find("exposure").table
    sums = [
        f"{exposure.filter(pl.col('drawdown') == name)['exposure_days'].sum():,.0f}"
        for name in ("orderly_50000", "abrupt_50000")
    ]
    assert f"{sums[0]} or {sums[1]} days exposed" in cards[0]
    hit = exposure.filter(pl.col("drawdown") == "orderly_50000", pl.col("exposure_days") > 0)
    never = hit["earliest_safe_date"].null_count()
    safe = (
        f"Not by 2040 ({never} of {hit.height} cases)" if never else plain(when_words(hit["earliest_safe_date"].max()))
    )
    assert safe in cards[1]
    said = str(run.find("handover").sentence)
    for plan in ("plan", "aimed"):
        row, people = half_free(run.find("handover"), run.find("fastest"), plan, run.inputs)
        assert row is not None
        assert f"gone by {row['date'][:4]}" in said, "the card counts as the finding does"
        assert row["date"][:4] in cards[2]
        assert f"{people:,.0f} people" in cards[2]
    half = of_reading(run.find("half_by_2030").table, *READINGS[0][:2])
    assert f"{(half['share_2030'] < 0.5).sum()} of {half.height} capabilities under half" in cards[3]
    assert f"in {(half['odds'] < 0.9).sum()} the odds are below nine in ten" in cards[3]
    every, now, agreed, _ = counts(run.find("post").table, component=False)
    assert f"{now} of {every} posts European today, {agreed} after what is agreed" in cards[4]


def test_posts_are_counted_as_the_finding_counts_them(run: Run) -> None:
    said = str(run.find("post").sentence)
    every, now, agreed, proposed = counts(run.find("post").table, component=False)
    assert f"{now} of {every} today, {agreed} after what Allies have agreed and {proposed} after" in said
    every, now, agreed, proposed = counts(run.find("post").table, component=True)
    assert f"{now} of {every} today, {agreed} after what Allies have agreed and {proposed} after" in said


def test_every_number_of_the_section_has_its_value(run: Run, shift: Node) -> None:
    numbers = shift.all("data")
    assert len(numbers) > 1500
    tables = set()
    for number in numbers:
        column, row = row_at(run, number.attributes["data-address"])
        value, text = number.attributes["value"], number.text.replace("\N{MINUS SIGN}", "-")
        assert value == exact(row[column])
        if re.fullmatch(r"-?[\d.]+(?:e-?\d+)?", value) and re.fullmatch(r"[+-]?\d+(?:\.\d+)?", text):
            decimals = len(text.partition(".")[2])
            assert abs(float(text) - float(value)) <= 0.5 * 10**-decimals + 1e-9, "what is shown is the value, rounded"
        tables.add(number.attributes["data-address"].split("@")[0])
    assert set(SHOWN) - {"exposure_step", "closing", "leaving"} <= tables | {"exposure_step", "closing", "leaving"}
    assert tables <= set(SHOWN)
    assert {"handover", "fastest", "leaving", "exposure", "exposure_step", "closing", "half_by_2030", "post"} <= tables


def test_no_identifier_is_shown(shift: Node) -> None:
    text = shift.text
    for node in shift.all("code") + shift.all("a"):
        text = text.replace(node.text, "")
    assert re.findall(r"\b[a-z]+_[a-z_]+\b", text) == []
    assert not re.findall(r"\b(?:nan|None(?! of)|null)\b", text)


@pytest.mark.usefixtures("undrawn")
def test_without_a_shift_there_is_no_section(run: Run) -> None:
    kept = tuple(finding for finding in run.findings if finding.name in ("pledge", "count", "then_now"))
    old = Page(page(replace(run, findings=kept)))
    assert [node for node in old.all("section") if node.attributes.get("id") == "shift"] == []
    assert "#shift" not in {node.attributes["href"] for node in old.all("a")}
    assert "Not when US forces will leave" not in old.visible


@pytest.fixture(scope="module")
def short(run: Run) -> Run:
    """Return the run with few rows in the long tables of the shift, so that many pages can be made of it."""
    few = {
        "element": ["bomber", "tanker", "brigade_heavy", "sof", "aew"],
        "capability": ["strategic_strike", "heavy_manoeuvre", "armour"],
        "post": ["saceur", "jfc_brunssum", "jfc_naples", "aircom"],
        "drawdown": ["orderly_50000", "abrupt_50000"],
    }
    found = {}
    for finding in run.findings:
        table = finding.table
        for name, kept in few.items():
            if name in table.columns and finding.name != "closing":
                table = table.filter(pl.col(name).is_in(kept) | pl.col(name).is_null())
        found[finding.name] = changed(finding, table.head(60) if finding.name in ("notice", "force_used") else table)
    return alone(run, **{name: found[name] for name in SHOWN})


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("name", SHOWN)
def test_any_table_may_be_missing_or_empty(short: Run, name: str) -> None:
    for instead in (None, changed(short.find(name), short.find(name).table.clear())):
        made = Page(page(alone(short, **{name: instead})))
        assert made.wrong == []
        found = section(made)
        anchors = {node.attributes["id"] for node in made.all() if "id" in node.attributes}
        links = {node.attributes["href"][1:] for node in found.all("a") if node.attributes["href"][:1] == "#"}
        assert links <= anchors
        assert not re.findall(r"\b(?:nan|None(?! of)|null)\b", found.text)


@pytest.mark.usefixtures("undrawn")
def test_without_drawdowns_that_is_said(short: Run) -> None:
    names = ("exposure", "exposure_step", "closing")
    empty = {name: changed(short.find(name), short.find(name).table.clear()) for name in names}
    found = section(Page(page(alone(short, **empty))))
    assert "No drawdown is judged in this scenario" in found.text
    assert "days exposed" not in found.all("ul")[0].text
    assert "table-shift-drawdowns" not in {node.attributes.get("id") for node in found.all()}


@pytest.mark.usefixtures("undrawn")
def test_one_drawdown_alone_and_no_plan_made_again(run: Run) -> None:
    """As in ``orderly_50000`` with the scenario's plan alone: nothing speaks of a second drawdown or plan."""
    inputs = resolve("orderly_50000")
    first = {
        name: changed(run.find(name), run.find(name).table.filter(pl.col("plan") == "plan"))
        for name in ("fastest", "leaving", "bargain")
    }
    first |= {
        name: changed(run.find(name), run.find(name).table.filter(pl.col("drawdown") == "orderly_50000"))
        for name in ("exposure", "exposure_step", "closing")
    }
    safe = first["exposure"].table.with_columns(pl.col("earliest_safe_date").fill_null("2039-07-01"))
    first["exposure"] = changed(first["exposure"], safe)
    kept = pl.col("schedule").is_in(["fastest", "orderly_50000", "posts"])
    first["handover"] = changed(run.find("handover"), run.find("handover").table.filter(kept))
    small = alone(replace(run, inputs=inputs), **first)
    found = section(Page(page(small)))
    cards = [plain(card.text) for css in found.all("ul") if "shift-cards" in css.classes() for card in css.all("li")]
    assert " or " not in cards[0].split("days exposed")[0]
    last = safe.filter(pl.col("exposure_days") > 0)["earliest_safe_date"].max()
    assert f"Earliest safe date {plain(when_words(last))} " in cards[1]  # type: ignore[arg-type]
    assert "under the plan made again" not in cards[2]
    assert len(rows_of(anchored(found, "table-shift-drawdowns"))) == 1
    figure = figures.shift_exposed(first["exposure"], first["exposure_step"], inputs)
    assert figure is not None
    assert "; 50,000" not in str(figure.title)
    leaving = figures.shift_leaving(first["leaving"], first["fastest"], first["handover"])
    assert leaving is not None
    assert "left under the plan as it is" not in texts(leaving)
    assert "made again" not in leaving.subtitle


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_a_valid_chart_drawn_alike_each_time(drawn: dict[str, Figure], name: str) -> None:
    figure = drawn[name]
    # Altair checks every value against the schema, which takes long; both canvases have the same kinds of marks.
    assert figure.chart(WIDE).to_dict()["vconcat"]
    for canvas in (WIDE, NARROW):
        first = figures.svg(figure.bare(canvas))
        assert figures.svg(figure.bare(canvas)) == first
        assert float(ET.fromstring(first).attrib["width"]) <= canvas.width + 40, "it keeps to its room"
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', first)]
        assert min(sizes) >= 8.5


@pytest.mark.parametrize("name", NAMES)
def test_a_title_is_a_finding_and_the_source_says_illustrative(drawn: dict[str, Figure], name: str) -> None:
    figure = drawn[name]
    assert re.search(r"\d", plain(str(figure.title)))
    assert not re.search(r"\b(?:nan|None(?! of)|null)\b", str(figure.title))
    assert figure.source.startswith("Source: own model")
    assert "Standing: illustrative (notional)." in figure.source
    assert "As known on 31" in figure.source
    assert figure.table.height


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_has_its_table_and_its_data(shift: Node, name: str) -> None:
    figure = next(node for node in shift.all("figure") if node.attributes["id"] == f"figure-{name.replace('_', '-')}")
    table, data = figure.all("a")
    ids = {node.attributes["id"] for node in shift.all() if "id" in node.attributes}
    assert table.attributes["href"][1:] in ids
    assert data.attributes["href"].startswith("data:text/csv")


def test_numbers_in_titles_have_addresses(run: Run, drawn: dict[str, Figure]) -> None:
    for name in ("shift_leaving", "shift_exposed", "shift_early", "shift_pace", "shift_trust", "shift_board"):
        cited = drawn[name].title.addresses
        assert cited
        for address in cited:
            assert row_at(run, address)


def test_leaving_counts_the_kinds_and_draws_those_that_stay_longest(run: Run, drawn: dict[str, Figure]) -> None:
    table = run.find("fastest").table.filter(pl.col("plan") == "aimed")
    groups = table["group"].to_list()
    figure = drawn["shift_leaving"]
    assert plain(str(figure.title)).startswith(
        f"Of {len(groups)} kinds of US forces {groups.count('free')} are held by no requirement and "
        f"{groups.count('gated')} can leave"
    )
    held = table.filter(pl.col("group") != "free").with_columns((pl.col("unit_years") / pl.col("offer")).alias("years"))
    longest = held.sort("years", descending=True).head(12)["element"].to_list()
    assert set(figure.table["element"]) == set(longest)
    said = texts(figure)
    for element in longest:
        assert any(title_of(element).startswith(text) for text in said if text), element
    never = held.filter(pl.col("group") == "no_path").height
    assert sum("no European path" in text for text in said) == min(
        never, held.filter(pl.col("group") == "no_path", pl.col("element").is_in(longest)).height
    )


def test_what_waits_for_a_delivery_is_marked(run: Run, drawn: dict[str, Figure]) -> None:
    steps = run.find("handover").table.filter(
        pl.col("schedule") == "aimed", pl.col("waits_for") == "deliveries",
        pl.col("subject").is_in(drawn["shift_leaving"].table["element"].unique().to_list()),
    )  # fmt: skip
    layers = drawn["shift_leaving"].bare()["vconcat"][1]["layer"]
    points = [layer for layer in layers if layer["mark"]["type"] == "point"]
    marks = [value for layer in points for value in layer["data"]["values"] if value["shape"] == "diamond"]
    assert len(marks) == steps.height > 0


def test_exposed_days_in_the_title_are_those_of_the_table(run: Run, drawn: dict[str, Figure]) -> None:
    table, title = run.find("exposure").table, plain(str(drawn["shift_exposed"].title))
    names = first_of(run.find("exposure"), run.inputs)
    assert list(names) == ["orderly_50000", "abrupt_50000"]
    for name, words in names.items():
        mine = table.filter(pl.col("drawdown") == name, pl.col("exposure_days") > 0)
        assert f"{words}: {mine['exposure_days'].sum():,.0f}" in title
        assert f", in {mine.height}" in title
    worst = table.filter(pl.col("drawdown").is_in(list(names)))["worst_drop"].max()
    assert f"up to {plain(fall(worst))} of today's safety lost" in title  # type: ignore[arg-type]
    said = texts(drawn["shift_exposed"])
    for row in table.filter(pl.col("drawdown").is_in(list(names)), pl.col("exposure_days") > 0).iter_rows(named=True):
        assert any(
            text.startswith(f"{row['exposure_days']:,.0f} days, {plain(fall(row['worst_drop']))}") for text in said
        )


def test_red_has_a_second_cue(drawn: dict[str, Figure]) -> None:
    """The two drawdowns are told apart without colour: one hollow, one filled; open ends carry an arrow and words."""
    for name in ("shift_exposed", "shift_early"):
        layers = drawn[name].bare()["layer"]
        fills = {
            value["fill"] for layer in layers if layer["mark"]["type"] == "rect" for value in layer["data"]["values"]
        }
        assert fills == {"#ffffff", "#A84300"}
    assert "no safe day" in texts(drawn["shift_early"])


def test_a_drawdown_that_is_never_safe_says_so(run: Run) -> None:
    exposure = run.find("exposure")
    never = changed(exposure, exposure.table.with_columns(pl.lit(None, pl.String).alias("earliest_safe_date")))
    figure = figures.shift_exposed(never, run.find("exposure_step"), run.inputs)
    assert figure is not None
    assert any("not safe again by 2040" in text for text in texts(figure))
    nothing = changed(exposure, exposure.table.with_columns(pl.lit(0.0).alias("exposure_days")))
    assert figures.shift_exposed(nothing, run.find("exposure_step"), run.inputs) is None


def test_leaving_before_europe_is_ready_counts_days(run: Run, drawn: dict[str, Figure]) -> None:
    handover = run.find("handover")
    names = first_of(run.find("exposure"), run.inputs)
    rows = too_early(handover, names)
    assert rows
    for row in rows:
        assert row["earliest_safe_date"] is None or row["earliest_safe_date"] > row["date"]
        if row["early"] is not None:
            days = date.fromisoformat(row["earliest_safe_date"]) - date.fromisoformat(row["date"])
            assert row["early"] == days.days
    title = plain(str(drawn["shift_early"].title))
    for name, words in names.items():
        count = sum(row["schedule"] == name for row in rows)
        assert f"{words}: {count}" in title
    longest = max((row for row in rows if row["early"]), key=lambda row: row["early"])
    assert f"{inside(longest['subject'])}, {longest['early']:,} days" in title


def test_pace_says_what_money_and_safety_do(run: Run, drawn: dict[str, Figure]) -> None:
    table = run.find("shift_frontier").table
    title = plain(str(drawn["shift_pace"].title))
    strict = table.filter(pl.col("given_up_pct") == 0).sort("delivered_pct")
    assert f"stay {strict['us_years'][-1]:.1f} years on average, without it {strict['us_years'][0]:.1f}" in title
    loose = table.filter(pl.col("delivered_pct") == 100.0, pl.col("given_up_pct") >= 10.0).sort("given_up_pct")
    row = loose.row(0, named=True)
    assert f"giving up {row['given_up_pct']:g} % of today's safety would make it {row['us_years']:.1f}" in title
    said = texts(drawn["shift_pace"])
    assert sum("of safety given up" in text or "nothing given up" in text for text in said) == 5


def test_half_stands_in_both_readings_with_its_odds(run: Run, drawn: dict[str, Figure], shift: Node) -> None:
    finding = run.find("half_by_2030")
    title = plain(str(drawn["shift_half"].title))
    needed, held = (of_reading(finding.table, reading, case) for reading, case, _ in READINGS)
    short = needed.filter(pl.col("share_2030") < 0.5).height
    assert f"half of every requirement in {needed.height - short} of {needed.height}" in title
    assert f"of what is held it has half in {(held['share_2030'] >= 0.5).sum()} of {held.height}" in title
    said = texts(drawn["shift_half"])
    assert sum(text.startswith("needed, odds") for text in said) == 9
    assert sum(text.startswith("held, odds") for text in said) == 9
    table = anchored(shift, "table-shift-odds")
    shown = {number.attributes["data-address"] for number in table.all("data")}
    for rows in (needed, held):
        assert {finding.address(row, "odds") for row in rows.iter_rows(named=True)} <= shown
    odds = plain(str(drawn["shift_odds"].title))
    assert f"in {(needed['odds'] >= 0.9).sum()} of {needed.height}" in odds
    assert f"in {(held['odds'] >= 0.9).sum()} of {held.height}" in odds


def test_posts_stand_on_a_line_of_time(run: Run, drawn: dict[str, Figure]) -> None:
    finding = run.find("post")
    every, now, agreed, _ = counts(finding.table, component=False)
    assert str(drawn["shift_posts"].title).startswith(
        f"Europeans hold {now} of {every} posts at the strategic and operational levels today, {agreed} after what is agreed"
    )
    said = texts(drawn["shift_posts"])
    assert "today, 31 July 2026" in said
    for part in shown_posts(finding.table).partition_by("post"):
        rows = part.sort("n").to_dicts()
        found = tenures(rows, 2020.0)
        for before, after in pairwise(found):
            assert before.end is not None
            assert before.end <= after.start + 1e-9, "no two hold a post at once"
            assert (before.ally, before.status) != (after.ally, after.status) or after.status != "held"
        assert found[-1].end is None


def test_trust_gives_the_regret_of_every_plan(run: Run, drawn: dict[str, Figure]) -> None:
    states = run.find("trust_state").table
    said = texts(drawn["shift_trust"])
    title = plain(str(drawn["shift_trust"].title))
    mine = states.filter(pl.col("choice") == "expected")["regret_pct"].max()
    assert f"leaves at most {mine:.1f} % more risk than one made for what comes" in title
    tiles = [text for text in said if re.fullmatch(r"least|\+[\d.]+ %", text)]
    plans = run.find("trust").table
    wanted = [more_words(value) for value in states["regret_pct"]]
    for column in ("expected_risk", "cvar"):
        wanted += [more_words(100 * (value / plans[column].min() - 1)) for value in plans[column]]  # type: ignore[operator]
    assert sorted(tiles) == sorted(map(plain, wanted))


def test_the_board_shows_two_years_and_what_slips(run: Run, drawn: dict[str, Figure], shift: Node) -> None:
    finding = run.find("notice")
    table = drawn["shift_board"].table
    assert table["date"].min() >= "2026-07-31"  # type: ignore[operator]
    assert table["date"].max() <= "2028-07-31"  # type: ignore[operator]
    steps = table.filter(pl.col("kind") == "us_step", pl.col("schedule") == "fastest").height
    assert str(drawn["shift_board"].title).startswith(f"{steps} US steps of the fastest drawdown")
    listed = rows_of(anchored(shift, "table-shift-board"))
    assert len(listed) == table.select("date", "kind", "schedule").unique().height
    late = finding.table.filter(pl.col("warning") != "")
    assert len(rows_of(anchored(shift, "table-shift-slips"))) == late.height
    delay = finding.table.with_columns(
        pl.when(pl.col("kind") == "delivery").then(pl.lit("late")).otherwise("state").alias("state")
    )
    figure = figures.shift_board(changed(finding, delay), run.inputs)
    assert figure is not None
    assert re.search(r"\d+ deliveries are late", str(figure.title))
    assert "late, too early, or past" in texts(figure)


def test_the_gates_are_those_of_the_steps(run: Run, shift: Node) -> None:
    steps = run.find("handover").table.filter(pl.col("schedule") == "aimed", pl.col("waits_for") == "deliveries")
    known = {(title_of(gate.element), str(gate.year)) for text in steps["gated_by"] for gate in gates(text)}
    rows = rows_of(anchored(shift, "table-shift-gates"))
    people = []
    for row in rows:
        head, (year, _, sums) = row.all("th")[0].text, [cell.text for cell in row.all("td")]
        assert (head, year) in known
        people.append(0 if sums == "\N{EN DASH}" else int(sums.replace(",", "")))
    assert people == sorted(people, reverse=True)
    assert people[0] > 0


def test_what_stays_says_why_and_what_is_free_is_not_called_safe(run: Run, shift: Node) -> None:
    table = run.find("fastest").table.filter(pl.col("plan") == "aimed")
    stays = table.filter(~pl.col("group").is_in(["free", "gated"]))
    assert len(rows_of(anchored(shift, "table-shift-stays"))) == stays.height
    free = table.filter(pl.col("group") == "free")["element"].to_list()
    text = next(node.text for node in shift.all("p") if node.text.startswith("Held by no requirement"))
    assert all(inside(name) in text for name in free)
    assert "does not mean that it is safe" in text


def test_the_bargain_gives_both_sides(run: Run, shift: Node) -> None:
    rows = rows_of(anchored(shift, "table-shift-deal"))
    heads = [row.all("th")[0].text for row in rows]
    assert "United States: gets back" in heads
    assert "Europe and Canada: pay" in heads
    finding = run.find("bargain")
    for warning in finding.warnings[:1]:
        assert warning in shift.text


def test_assumptions_stand_with_their_standings(run: Run, shift: Node) -> None:
    finding = run.find("shift_assumption")
    rows = rows_of(anchored(shift, "table-shift-assumptions"))
    assert [row.all("td")[-1].text for row in rows] == finding.table["standing"].to_list()


def test_links_to_files_name_tables_of_the_run(run: Run, shift: Node) -> None:
    used = {node.attributes["href"] for node in shift.all("a") if node.attributes["href"].startswith("tables/")}
    names = {finding.name for finding in run.findings}
    assert {name.removeprefix("tables/").removesuffix(".csv") for name in used} <= names
    assert len(used) >= 5


def test_the_workbook_has_a_sheet_for_each_table(run: Run) -> None:
    mine = alone(run)
    book = openpyxl.load_workbook(io.BytesIO(workbook(mine)))
    assert set(book.sheetnames[1:-2]) == set(SHOWN)
    assert all(len(name) <= 31 for name in book.sheetnames)
    for finding in mine.findings:
        sheet = book[finding.name]
        assert sheet.max_row == finding.table.height + 2
        main = sheet.cell(2, sheet.max_column).value
        assert main == _MAIN[finding.name]
        for line, row in enumerate(finding.table.head(1).iter_rows(named=True), start=3):
            assert sheet.cell(line, sheet.max_column).value == finding.address(row, main)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("airlift_a400m 2028 (2.36 would stay); tanker 2028 (1.7e+05 would stay)",
         [("airlift_a400m", 2028, 2.36), ("tanker", 2028, 170_000.0)]),
        ("brigade_medium 2030", [("brigade_medium", 2030, None)]),
        ("", []),
        (None, []),
    ],
)  # fmt: skip
def test_gates_are_read_from_their_words(text: str | None, found: list[Any]) -> None:
    assert [(gate.element, gate.year, gate.units) for gate in gates(text)] == found


def test_words_and_places() -> None:
    assert several("brigade_heavy") == "heavy brigades"
    assert several("brigade_heavy", 1) == "heavy brigade"
    assert several("sam_long") == "long-range air defence batteries"
    assert several("tanker") == "tanker aircraft"
    assert several("isr_uav") == "surveillance drones, long endurance"
    assert place("2030") == pytest.approx(2030.5, abs=0.01)
    assert place("2030-01-01") == 2030.0
    assert 2030.0 < place("2030-01") < 2030.1
    assert plain(plain_days("agreed on 2026-02-06; room")) == "agreed on 6 February 2026; room"
    assert plain(fall(0.0428)) == "4.3 %"
    assert plain(fall(0.97)) == "97 %"


def test_stairs_hatching_and_numbers_apart() -> None:
    assert stairs([(0, 5), (2, 3), (4, 3)], 6) == [(0, 5), (2, 5), (2, 3), (6, 3)]
    assert stairs([], 6) == []
    assert thinned([(0, 1), (1, 1), (2, 1), (3, 2)]) == [(0, 1), (2, 1), (3, 2)]
    assert thinned([(0, 1)]) == [(0, 1)]
    assert apart([10, 12, 40], 13) == [10, 23, 40]
    assert apart([12, 10], 13) == [23, 10]

    class Lines:
        def __init__(self) -> None:
            self.found: list[tuple[float, ...]] = []

        def rule(self, *ends: float, **_: Any) -> None:
            self.found.append(ends)

    lines = Lines()
    hatch(lines, (10, 20, 60, 40), 7)  # type: ignore[arg-type]
    assert len(lines.found) > 5
    for x, y, x2, y2 in lines.found:
        assert 10 <= x < x2 <= 60
        assert 20 - 1e-9 <= y2 < y <= 40 + 1e-9, "lines rise to the right and stay in the box"
