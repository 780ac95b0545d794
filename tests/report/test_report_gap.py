"""The gap on the page: findings as titles, status in words and shapes, every number at its address."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from report_html import Node, Page, row_at

from article3.evidence.findings import Finding
from article3.gap.attainment import AGREEMENT
from article3.report import figures, page
from article3.report.figures import NARROW, WIDE, Canvas, Figure
from article3.report.gap_page import SHOWN
from article3.report.gap_words import FAR, MET, SHORT, STATUSES, UNSAFE, Names, amount, at_window, percent, status
from article3.report.markup import exact
from article3.report.words import cardinal
from article3.run.analysis import Run
from article3.scenario.resolve import resolve

DRAWN = ("gap_matrix", "gap_coverage", "gap_ladder", "gap_returns", "gap_shares")


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def section(made: Page, name: str = "gap") -> Node | None:
    return next((node for node in made.all("section") if node.attributes.get("id") == name), None)


def table(made: Page, name: str) -> Node:
    """Return what carries a table's anchor: the table, or where it is folded away."""
    return next(node for node in made.all() if node.attributes.get("id") == name)


def large(run: Run, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows without small tasks alone."""
    return rows.filter(~pl.col("small"))


def rows_of(node: Node) -> list[Node]:
    return node.all("tbody")[0].all("tr")


def changed(finding: Finding, rows: pl.DataFrame) -> Finding:
    return replace(finding, table=rows)


@pytest.fixture(scope="module")
def gap(baseline_page: Page) -> Node:
    found = section(baseline_page)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def drawn(baseline: Run) -> dict[str, Figure]:
    inputs, find = baseline.inputs, baseline.find
    found = {
        "gap_matrix": figures.gap_matrix(find("attainment"), inputs),
        "gap_coverage": figures.gap_coverage(find("coverage"), inputs),
        "gap_ladder": figures.gap_ladder(find("coverage"), find("flip"), inputs),
        "gap_returns": figures.gap_returns(find("multiplier"), find("package"), inputs),
        "gap_shares": figures.gap_shares(find("european_share")),
    }
    return {name: figure for name, figure in found.items() if figure is not None}


def test_the_gap_follows_the_pledges(baseline_page: Page) -> None:
    found = [node.attributes["id"] for node in baseline_page.all("section") if "id" in node.attributes]
    assert found.index("decline") < found.index("gap") < found.index("revisions")


def test_the_parts_stand_in_order(gap: Node) -> None:
    found = [node.attributes["id"] for node in gap.all("h3") if "id" in node.attributes]
    assert found == [
        "gap-short", "gap-ladder", "gap-twice", "gap-cuts", "gap-returns", "gap-shares", "gap-published", "gap-inputs",
    ]  # fmt: skip


def test_it_leads_with_its_sentence_and_a_caution(baseline: Run, gap: Node) -> None:
    first, caution = gap.all("p")[:2]
    sentence = baseline.find("attainment").sentence
    assert first.text == str(sentence)
    assert [number.attributes["data-address"] for number in first.all("data")] == list(sentence.addresses)
    assert "Requirements are reported or illustrative" in caution.text
    assert "Replace them with yours: article3 evidence export --workbook" in caution.text


def test_the_top_of_the_page_leads_to_it(baseline: Run, baseline_page: Page) -> None:
    says = next(node for node in baseline_page.all("section") if node.attributes.get("aria-labelledby") == "says")
    assert str(baseline.find("attainment").sentence) in says.text
    assert "#gap" in [node.attributes["href"] for node in says.all("a")]
    silent = next(node for node in baseline_page.all("section") if node.attributes.get("aria-labelledby") == "silent")
    assert "classified" in silent.text
    assert "not measured here" not in baseline_page.visible


def test_without_contingencies_there_is_none(tiny: Run, baseline: Run) -> None:
    assert section(Page(page(tiny))) is None
    # A run folder from before the gap was built.
    kept = tuple(finding for finding in baseline.findings if finding.name not in SHOWN)
    old = Page(page(replace(baseline, findings=kept)))
    assert section(old) is None
    empty = tuple(
        changed(finding, finding.table.clear()) if finding.name == "attainment" else finding
        for finding in baseline.findings
    )
    assert section(Page(page(replace(baseline, findings=empty)))) is None
    assert "#gap" not in {node.attributes["href"] for node in old.all("a")}
    assert "not measured here" in old.visible


@pytest.mark.parametrize("name", [name for name in SHOWN if name != "attainment"])
def test_any_table_may_be_missing_but_one(baseline: Run, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("article3.report.blocks.svg", lambda *_: "<svg ></svg>")
    kept = tuple(finding for finding in baseline.findings if finding.name != name)
    made = Page(page(replace(baseline, findings=kept)))
    assert made.wrong == []
    assert section(made) is not None
    anchors = {node.attributes["id"] for node in made.all() if "id" in node.attributes}
    assert {node.attributes["href"][1:] for node in made.all("a") if node.attributes["href"][:1] == "#"} <= anchors


def test_every_number_of_the_section_has_its_value(baseline: Run, gap: Node) -> None:
    numbers = gap.all("data")
    assert len(numbers) > 2000
    tables = set()
    for number in numbers:
        column, row = row_at(baseline, number.attributes["data-address"])
        assert number.attributes["value"] == exact(row[column])
        tables.add(number.attributes["data-address"].split("@")[0])
    assert tables == set(SHOWN) - {"us_cut_case", "package"} | (
        {"package"} if baseline.find("package").table.height else set()
    )


def test_no_identifier_is_shown(gap: Node) -> None:
    text = gap.text
    for node in gap.all("code") + gap.all("a"):
        text = text.replace(node.text, "")
    assert re.findall(r"\b[a-z]+_[a-z_]+\b", text) == []


def test_nothing_of_the_gap_stands_among_the_others(baseline_page: Page) -> None:
    further = section(baseline_page, "further")
    ids = [node.attributes.get("id", "") for node in further.all()] if further else []
    assert not [name for name in ids if re.match(rf"further-(?:{'|'.join(SHOWN)})\b", name)]


def test_files_named_are_tables_of_the_run(baseline: Run, gap: Node) -> None:
    used = {node.attributes["href"] for node in gap.all("a") if node.attributes["href"].startswith("tables/")}
    assert len(used) >= 5
    assert {name.removeprefix("tables/").removesuffix(".csv") for name in used} <= set(baseline.tables())


def test_the_matrix_holds_every_situation_and_window(baseline: Run, baseline_page: Page) -> None:
    found = baseline.find("attainment").table
    shown = rows_of(table(baseline_page, "table-gap-matrix"))
    assert len(shown) == found.select("situation", "window_days").unique().height
    marks = [node for row in shown for node in row.all("data") if "gap-state" in node.classes()]
    assert len(marks) == found.height
    words = {node.text.split(", ")[-1] for row in shown for node in row.all("small")}
    assert {kind.word.split(", ")[-1] for kind, _ in STATUSES} <= words
    assert "no test alone" in words


def test_a_weakest_link_is_named_only_where_draws_agree(baseline: Run, baseline_page: Page) -> None:
    seen = 0
    for number in table(baseline_page, "table-gap-matrix").all("data"):
        address = number.attributes["data-address"]
        if "/agreement#" in address:
            _, row = row_at(baseline, address)
            assert row["agreement"] >= AGREEMENT * row["draws"]
            seen += 1
    assert seen > 5
    # Where draws do not agree, that is said.
    assert "draws do not agree" in table(baseline_page, "table-gap-matrix").text


def test_status_is_told_by_word_and_shape() -> None:
    kinds = [kind for kind, _ in STATUSES]
    assert len({(kind.shape, kind.filled) for kind in kinds}) == len({kind.word for kind in kinds}) == len(kinds)
    cases = {(1.0, 1.0): MET, (1.0, None): MET, (1.0, 0.7): UNSAFE, (0.6, 0.4): SHORT, (0.49, 0.1): FAR}
    for (value, low), kind in cases.items():
        assert status({"attainment": value, "low": low}) == kind


def texts(figure: Figure, canvas: Canvas) -> list[str]:
    drawn = ET.fromstring(figures.svg(figure.bare(canvas)))
    return [plain("".join(node.itertext())) for node in drawn.iter() if node.tag.endswith("text")]


@pytest.mark.parametrize("canvas", [WIDE, NARROW])
def test_tiles_carry_number_bar_and_shape(drawn: dict[str, Figure], baseline: Run, canvas: Canvas) -> None:
    spec = drawn["gap_matrix"].bare(canvas)["vconcat"][1]
    layers = {(layer["mark"]["type"], "shape" in layer["encoding"]): layer for layer in reversed(spec["layer"])}
    judged = large(baseline, baseline.find("attainment").table).height
    assert len(layers["point", True]["data"]["values"]) == judged
    said = texts(drawn["gap_matrix"], canvas)
    assert {"met", "short", "far short: less than half"} <= set(said)
    slanted = [layer for layer in spec["layer"] if layer["mark"].get("fontStyle") == "italic"]
    assert slanted
    assert all(value["small"] for layer in slanted for value in layer["data"]["values"])


def test_tints_keep_text_readable(drawn: dict[str, Figure]) -> None:
    tiles = drawn["gap_matrix"].bare()["vconcat"][1]["layer"]
    tints = {value["tint"] for layer in tiles for value in layer["data"]["values"] if "tint" in value}

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert len(tints) == len(STATUSES)
    assert all((luminance(tint) + 0.05) / (luminance("#595959") + 0.05) >= 4.3 for tint in tints)


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_is_a_valid_chart_drawn_alike_each_time(drawn: dict[str, Figure], name: str) -> None:
    figure = drawn[name]
    for canvas in (WIDE, NARROW):
        assert figure.chart(canvas).to_dict()["vconcat"]
        first = figures.svg(figure.bare(canvas))
        assert figures.svg(figure.bare(canvas)) == first
        width = float(ET.fromstring(first).attrib["width"])
        assert width <= canvas.width + 30, "it keeps to its room, so that text keeps its size"


@pytest.mark.parametrize("name", DRAWN)
def test_a_title_is_a_finding_and_the_source_says_illustrative(drawn: dict[str, Figure], name: str) -> None:
    figure = drawn[name]
    title = plain(str(figure.title))
    assert re.search(r"\d|one|two|three|four|five|six|seven", title)
    assert re.search(r"\b(?:can|is|fall|could|returns?|short)\b", title)
    assert figure.source.startswith("Source: own model")
    assert "Standing: illustrative (notional)." in figure.source
    assert "As known on 31" in figure.source
    assert figure.table.height


def test_titles_follow_the_numbers(baseline: Run, drawn: dict[str, Figure]) -> None:
    finding = baseline.find("attainment")
    none = finding.table.with_columns(pl.lit(0.3).alias("attainment"), pl.lit(0.2).alias("low"))
    other = figures.gap_matrix(changed(finding, none), baseline.inputs)
    assert other is not None
    assert ", none can be met within every window with the United States" in str(other.title)
    # A contingency short in one window only is not met: the title counts the worst window of each.
    worst = large(baseline, finding.table).filter(~pl.col("contingency").str.contains(";"), pl.col("posture") == "with")
    worst = worst.group_by("situation").agg(pl.col("attainment").min())
    met = int((worst["attainment"] > 1 - 1e-9).sum())
    assert 0 < met < worst.height
    said = f"Of {cardinal(worst.height)} large contingencies, {cardinal(met)} can be met within every window with"
    assert str(drawn["gap_matrix"].title).startswith(said)
    assert str(other.title) != str(drawn["gap_matrix"].title)
    # Small tasks do not count.
    alone = large(baseline, finding.table).filter(~pl.col("contingency").str.contains(";"))
    count = cardinal(at_window(alone, "situation")["situation"].n_unique())
    assert str(drawn["gap_matrix"].title).startswith(f"Of {count} large contingencies")


def test_a_figure_has_its_numbers_in_the_table_below(baseline: Run, baseline_page: Page) -> None:
    rows = rows_of(table(baseline_page, "table-gap-coverage"))
    coverage = baseline.find("coverage").table
    names = Names.of(baseline.inputs)
    alone = coverage.filter(
        pl.col("situation") == pl.col("contingency"), pl.col("contingency").is_in(list(names.conventional))
    )
    short = at_window(alone, "contingency").filter(pl.col("coverage") < 1 - 1e-6)
    assert len(rows) == short.select("contingency", "capability").unique().height
    ladder = [row.children[0].text for row in rows_of(table(baseline_page, "table-gap-ladder"))]
    assert ladder[0].endswith("essential")


def test_nothing_short_is_not_drawn(baseline: Run) -> None:
    finding = baseline.find("coverage")
    whole = changed(finding, finding.table.with_columns(pl.lit(1.0).alias("coverage")))
    assert figures.gap_coverage(whole, baseline.inputs) is None
    assert figures.gap_ladder(whole, None, baseline.inputs) is None
    for name, draw in (("attainment", figures.gap_matrix), ("multiplier", _returns)):
        empty = changed(baseline.find(name), baseline.find(name).table.clear())
        assert draw(empty, baseline.inputs) is None
    assert (
        figures.gap_shares(changed(baseline.find("european_share"), baseline.find("european_share").table.clear()))
        is None
    )


def _returns(finding: Finding, inputs: Any) -> Figure | None:
    return figures.gap_returns(finding, None, inputs)


def test_promises_stand_beside_returns(baseline: Run, drawn: dict[str, Figure], baseline_page: Page) -> None:
    multiplier = baseline.find("multiplier").table
    overstated = multiplier.filter(pl.col("overstated"), pl.col("gain") > 0)
    said = table(baseline_page, "table-gap-returns").text.count("overstated")
    assert said == overstated.height > 0
    members = set(baseline.find("package").table.select("posture", "item").iter_rows())
    panels = drawn["gap_returns"].bare()["vconcat"][1:]
    filled = [
        value["item"]
        for panel in panels
        for layer in panel["layer"]
        if layer["mark"]["type"] == "point"
        for value in layer["data"]["values"]
        if value.get("member")
    ]
    assert sorted(filled) == sorted(item for _, item in members)


def test_published_lines_keep_their_reason_in_full(baseline: Run, gap: Node) -> None:
    for row in baseline.find("published_set").table.iter_rows(named=True):
        assert row["why"] in gap.text


def test_inputs_are_folded_and_whole(baseline: Run, gap: Node) -> None:
    folds = [node for node in gap.all("details") if "gap-fold" in node.classes()]
    assert all(node.all("summary")[0].text for node in folds)
    held = {number.attributes["data-address"] for node in folds for number in node.all("data")}
    for name in ("holding", "requirement"):
        finding = baseline.find(name)
        rows = finding.table.iter_rows(named=True)
        assert {finding.address(row, "central") for row in rows} <= held


def test_cuts_give_each_verdict_in_words(baseline: Run, baseline_page: Page) -> None:
    finding = baseline.find("us_cut")
    shown = [node.text for node in table(baseline_page, "table-gap-cuts").all("data") if "verdict" in node.classes()]
    assert shown == finding.table["verdict"].to_list()


def test_conflicting_reports_stand_side_by_side(baseline: Run) -> None:
    """A scenario with variants has one posture more: in headings, tiles and tables."""
    inputs = resolve("us_cuts_2026")
    names = Names.of(inputs)
    assert list(names.postures) == ["with", "reduced", "reduced_b", "without"]
    assert names.head("reduced") == "With less of the US, report a"
    finding = baseline.find("attainment")
    again = finding.table.filter(pl.col("posture") == "reduced").with_columns(pl.lit("reduced_b").alias("posture"))
    rank = {name: place for place, name in enumerate(names.postures)}
    both = pl.concat([finding.table, again]).sort(
        pl.col("posture").replace_strict(rank, return_dtype=pl.Int32), maintain_order=True
    )
    figure = figures.gap_matrix(changed(finding, both), inputs)
    assert figure is not None
    assert "with less of it, report b" in str(figure.title)
    for canvas in (WIDE, NARROW):
        assert {"less a", "less b"} <= set(texts(figure, canvas))


def test_other_absent_allies_are_named() -> None:
    names = Names.of(resolve("baseline", {"without": "[USA, CAN]"}))
    assert names.inside("without") == "without Canada and the United States"
    assert names.head("with") == "With the US"


def test_a_run_without_draws_has_no_ranges(baseline: Run) -> None:
    columns = [pl.lit(None).cast(kind).alias(name) for name, kind in
               (("low", pl.Float64), ("high", pl.Float64), ("agreement", pl.Int32), ("draws", pl.Int32))]  # fmt: skip
    found = []
    for finding in baseline.findings:
        if finding.name == "attainment":
            found.append(changed(finding, finding.table.with_columns(columns)))
        elif finding.name == "multiplier":
            found.append(
                changed(finding, finding.table.with_columns(pl.lit(None).cast(pl.Float64).alias("p_top_five")))
            )
        else:
            found.append(finding)
    made = Page(page(replace(baseline, findings=tuple(found))))
    gap = section(made)
    assert gap is not None
    matrix = table(made, "table-gap-matrix")
    assert "draws do not agree" in matrix.text
    assert "not safely" not in "".join(row.text for row in rows_of(matrix))
    assert "among the five best" not in "".join(node.text for node in gap.all("h4"))
    assert not re.findall(r"\b(?:nan|None(?! puts)|null)\b", gap.text)


@given(st.floats(min_value=-1e8, max_value=1e8, allow_nan=False).filter(lambda value: abs(value) > 1e-3))
def test_amounts_stay_near_the_number(value: float) -> None:
    text = amount(value).replace(",", "").replace("\N{MINUS SIGN}", "-")
    assert abs(float(text) - value) <= 0.055 * abs(value)


@given(st.floats(min_value=0, max_value=1))
@example(0.996)
@example(0.9999)
def test_only_what_is_whole_is_a_hundred_per_cent(value: float) -> None:
    said = plain(percent(value))
    assert (said == "100 %") == (value >= 1 - 1e-9)
    if not said.startswith("over"):
        assert abs(float(said.removesuffix(" %")) - 100 * value) <= 0.5 + 1e-9


@pytest.mark.parametrize(
    ("value", "words"),
    [(1627, "1,627"), (1999980.0, "2,000,000"), (857522.2, "857,500"), (1.0056, "1"), (0.2379, "0.24"), (30.55, "31"),
     (-1012.5, "\N{MINUS SIGN}1,012"), (0.0, "0")],
)  # fmt: skip
def test_amounts_in_words(value: float, words: str) -> None:
    assert amount(value) == words
