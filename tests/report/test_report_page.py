"""The page: whole in itself, every number with its address, every word in place."""

from __future__ import annotations

import base64
import csv
import io
import re
import subprocess
import sys
import time
from itertools import pairwise

import polars as pl
import pytest
from report_html import Page, row_at

from article3.evidence.addresses import EvidenceAddress, ResultAddress, parse_address
from article3.report import PAGES, page
from article3.report.markup import exact
from article3.run.analysis import Run, run

MISSING = re.compile(r"\b(?:NaN|nan|None(?! puts)|null|NULL|undefined|inf|True|False)\b")
CODES = re.compile(r"\b[a-z]+_(?:pct|pp|gdp|usd|constant)\w*\b")


def test_the_html_is_well_nested(any_page: Page) -> None:
    assert any_page.wrong == []
    assert any_page.html.startswith("<!doctype html>")


def test_nothing_missing_is_shown_as_a_code(any_page: Page) -> None:
    text = " ".join(node.text for node in any_page.all("main"))
    assert MISSING.findall(text) == []


def test_no_machine_name_is_shown(any_page: Page) -> None:
    for node in any_page.all("main"):
        shown = node.text
        for code in node.all("code"):
            shown = shown.replace(code.text, "")
        assert CODES.findall(shown) == []


def test_every_address_holds_the_value_shown(any_run: Run, any_page: Page) -> None:
    numbers = any_page.all("data")
    assert len(numbers) > 5
    for number in numbers:
        where = parse_address(number.attributes["data-address"])
        if isinstance(where, EvidenceAddress):
            # Sentences may quote a source's own figure.
            held = float(str(any_run.inputs.evidence.row(where)["value"]))
            assert abs(held - float(number.attributes["value"])) <= 0.005
            continue
        assert isinstance(where, ResultAddress)
        if where.table == "then_now" and where.when.startswith("2024-06-17.."):
            continue  # quoted by a case of additionality from a comparison that the run itself does not make
        column, row = row_at(any_run, number.attributes["data-address"])
        assert number.attributes["value"] == exact(row[column]), number.attributes


def test_every_number_rounds_to_what_is_shown(any_page: Page) -> None:
    checked = 0
    for number in any_page.all("data"):
        value, text = number.attributes["value"], number.text.replace("\N{MINUS SIGN}", "-")
        if re.fullmatch(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", value) and re.fullmatch(r"[+-]?\d+(?:\.\d+)?", text):
            decimals = len(text.partition(".")[2])
            assert abs(float(text) - float(value)) <= 0.5 * 10**-decimals + 1e-9
            checked += 1
    assert checked > 5


def test_sentences_keep_their_addresses(any_run: Run, any_page: Page) -> None:
    cited = {address for finding in any_run.findings[:1] for address in finding.sentence.addresses}
    assert cited <= {number.attributes["data-address"] for number in any_page.all("data")}


def test_the_page_leads_with_then_and_now(baseline: Run, baseline_page: Page) -> None:
    title = baseline_page.all("h1")[0].text.replace("\N{NO-BREAK SPACE}", " ")
    assert (
        title == "Six Allies dropped out of the 2 % count for 2024 between the releases of 17 June 2024 and July 2026"
    )
    lead = next(node for node in baseline_page.all("p") if "lead" in node.classes())
    assert lead.text == str(baseline.find("then_now").sentence)
    assert [number.text for number in lead.all("data")] == ["23", "31", "17", "31"]


def test_without_a_comparison_it_leads_with_a_count() -> None:
    one = Page(page(run("tiny", {"compare": "[]"})))
    assert one.all("h1")[0].text.replace("\N{NO-BREAK SPACE}", " ") == "17 of 31 Allies stand at 2 % of GDP for 2024"
    assert "then-and-now" not in {node.attributes.get("id") for node in one.all("section")}


def test_the_sections_stand_in_order(baseline_page: Page) -> None:
    found = [node.attributes["id"] for node in baseline_page.all("section") if "id" in node.attributes]
    assert found == [
        "then-and-now", "ledger", "releases", "hague", "early-warning", "skill", "equipment", "decline", "gap",
        "plan", "shift", "revisions", "claims", "further", "others", "data",
    ]  # fmt: skip


def test_no_section_is_empty(any_page: Page) -> None:
    for section in any_page.all("section"):
        blocks = [child for child in section.children if child.tag not in ("h2", "h3")]
        assert blocks, section.attributes
        assert all(node.text.strip() for node in section.all("li") + section.all("h3") + section.all("h4"))


def test_a_small_scenario_has_no_more_than_it_can_say(tiny: Run) -> None:
    found = {node.attributes.get("id") for node in Page(page(tiny)).all("section")}
    assert not {"hague", "equipment", "claims", "others"} & found


def test_every_pledge_of_the_run_appears(any_run: Run, any_page: Page) -> None:
    text = any_page.root.text
    for pledge in any_run.inputs.pledges:
        assert pledge.title in text or pledge.text in text


def test_figures_have_title_source_table_and_data(any_page: Page) -> None:
    anchors = {node.attributes["id"] for node in any_page.all() if "id" in node.attributes}
    figures = any_page.all("figure")
    assert figures
    for figure in figures:
        heading = next(node for node in figure.children if node.tag in ("h3", "h4"))
        pictures = figure.all("svg")
        assert len(heading.text) > 15
        assert len(pictures) == 2
        assert {tuple(node.classes()) for node in pictures} == {("wide",), ("narrow",)}
        for node in pictures:
            assert node.attributes["role"] == "img"
            assert heading.text[:20] in node.attributes["aria-label"]
        caption = figure.all("figcaption")[0]
        assert "Source: " in caption.text
        assert "Standing: " in caption.text
        assert "As known on " in caption.text
        table, data = caption.all("a")
        assert table.attributes["href"].removeprefix("#") in anchors
        assert len(read_csv(data.attributes["href"])) > 1
        assert data.attributes["download"].endswith(".csv")


def read_csv(uri: str) -> list[dict[str, str]]:
    head, _, body = uri.partition(",")
    assert head == "data:text/csv;base64"
    return list(csv.DictReader(io.StringIO(base64.b64decode(body).decode())))


def test_the_data_behind_the_first_figure_are_exact(baseline: Run, baseline_page: Page) -> None:
    rows = read_csv(baseline_page.all("figcaption")[0].all("a")[1].attributes["href"])
    table = baseline.find("then_now").table
    exact_values = dict(table.select("ally", "value_now_pct").iter_rows())
    assert {row["ally"]: float(row["value_now_pct"]) for row in rows} == exact_values


def test_identifiers_are_not_used_twice(any_page: Page) -> None:
    found = [node.attributes["id"] for node in any_page.all() if "id" in node.attributes]
    assert sorted(found) == sorted(set(found))


def test_links_within_the_page_lead_somewhere(any_page: Page) -> None:
    anchors = {node.attributes["id"] for node in any_page.all() if "id" in node.attributes}
    used = [node.attributes["href"] for node in any_page.all("a")]
    assert {href.removeprefix("#") for href in used if href.startswith("#")} <= anchors


def test_nothing_is_loaded_from_anywhere(any_page: Page) -> None:
    for node in any_page.all():
        assert node.tag not in ("link", "iframe", "object", "embed", "base", "img", "image", "video", "audio", "form")
        for name, value in node.attributes.items():
            if node.tag == "a" and name == "href":
                assert re.match(r"#|https?://|data:text/csv|tables/", value), value
            elif name not in ("xmlns", "xmlns:xlink", "aria-label", "title", "content", "d"):
                assert "//" not in value, (node.tag, name, value)
    style = any_page.all("style")[0].text
    assert "url(" not in style
    assert "@import" not in style
    policy = next(node for node in any_page.all("meta") if node.attributes.get("http-equiv"))
    assert policy.attributes["content"].startswith("default-src 'none'")


def test_a_users_text_stays_text(own: Run) -> None:
    made = Page(page(own))
    assert len(made.all("script")) == 1
    assert "alert(" not in made.all("script")[0].text
    assert made.all("img") == []
    assert not made.all("b")
    text = made.root.text
    assert "<script>alert(1)</script> & mine" in text
    assert "<script>alert(2)</script> 2.5 %" in text
    assert "<img src=x onerror=alert(3)>" in text
    assert not [name for node in made.all() for name in node.attributes if name.startswith("on")]


def test_a_pledge_of_some_allies_is_not_given_the_count_of_all(own: Run) -> None:
    made = Page(page(own))
    ids = [node.attributes.get("id", "") for node in made.all()]
    assert "table-releases-some" not in ids
    assert "2 of 3 Allies stand at 2.5" in made.all("figure")[0].text + "".join(n.text for n in made.all("h4"))


def test_verdicts_are_words(baseline_page: Page) -> None:
    found = {node.text for node in baseline_page.all() if "status" in node.classes()}
    assert {"met", "not met"} <= found <= {"met", "not met", "undecidable", "not known"}


def test_estimates_are_marked_and_the_five_per_cent_are_never_met(baseline_page: Page) -> None:
    tables = {node.attributes["id"]: node for node in baseline_page.all("div") if "table" in node.classes()}
    hague = tables["table-hague-2025"]
    assert hague.text.count("e: estimate.") == 1
    assert len(hague.all("abbr")) == 31
    assert "table-hague-2025-total" not in tables
    assert "table-hague-2025-related" not in tables
    assert "never called met" in baseline_page.root.text


def test_headings_go_down_one_step_at_a_time(any_page: Page) -> None:
    levels = [int(node.tag[1]) for node in any_page.all() if re.fullmatch(r"h[1-6]", node.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_tables_can_be_read_aloud(any_page: Page) -> None:
    for table in any_page.all("table"):
        assert table.all("caption")
        heads = table.all("thead")[0].all("th")
        assert all(head.attributes["scope"] == "col" and head.text.strip() for head in heads)
        for row in table.all("tbody")[0].all("tr"):
            assert len(row.children) == len(heads)
            assert row.children[0].attributes["scope"] == "row"
        region = table.parent
        assert region is not None
        assert region.attributes["tabindex"] == "0"
        assert region.attributes["role"] == "region"
        assert region.attributes["aria-label"]


def test_every_column_with_a_formula_says_how_it_came_about(baseline: Run, baseline_page: Page) -> None:
    how = next(node for node in baseline_page.all("details") if "logarithmic mean" in node.text)
    assert "article3 explain 'then_now@" in how.text
    address = how.all("code")[0].text.removeprefix("article3 explain ").strip("'")
    assert row_at(baseline, address)


def test_the_foot_names_digest_version_and_date(baseline: Run, baseline_page: Page) -> None:
    foot = baseline_page.all("footer")[0].text
    assert baseline.digest in foot
    assert "article3 0." in foot
    assert "31\N{NO-BREAK SPACE}July\N{NO-BREAK SPACE}2026" in foot


def test_sources_are_named(baseline: Run, baseline_page: Page) -> None:
    listed = next(node for node in baseline_page.all("ul") if "sources" in node.classes()).text
    for finding in baseline.findings:
        for name in finding.sources:
            source = baseline.inputs.evidence.sources.get(name)
            assert source is None or source.citation in listed
    assert "World Economic Outlook database, April 2024" in listed


def test_the_same_run_gives_the_same_bytes(any_run: Run, any_page: Page) -> None:
    assert page(any_run) == any_page.data


def test_two_processes_give_the_same_bytes() -> None:
    code = (
        "import hashlib; from article3.run.analysis import run; from article3.report import PAGES; r = run('tiny');"
        "print([hashlib.sha256(make(r)).hexdigest() for make in PAGES.values()])"
    )
    given = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert given[0] == given[1]
    assert len(given[0]) > 100


def test_importing_the_room_draws_nothing() -> None:
    code = (
        "import sys, article3.report, article3.report.figures;"
        "print(sorted({'altair', 'vl_convert', 'jinja2', 'markupsafe', 'xlsxwriter'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


def test_the_page_is_made_quickly(baseline: Run) -> None:
    page(baseline)
    start = time.process_time()
    page(baseline)
    assert time.process_time() - start < 20  # an upper bound against blunders, far above what it takes


def test_pages_are_named_as_files() -> None:
    assert list(PAGES) == ["report.html", "workbook.xlsx"]


@pytest.mark.filterwarnings("ignore:All-NaN slice:RuntimeWarning")  # of the early warning, not of the page
@pytest.mark.parametrize("as_of", ["2019-12-31", "2020-12-31", "2024-06-30", "2026-03-31"])
def test_earlier_dates_render(as_of: str) -> None:
    """What was known earlier is less: fewer releases, fewer years, nothing of later pledges' figures."""
    made = Page(
        page(
            run(
                "baseline",
                {"as_of": as_of, "compare": "[]", "claims": "none", "contingencies": "[]", "situations": "[]"},
            )
        )
    )
    assert made.wrong == []
    assert MISSING.findall(" ".join(node.text for node in made.all("main"))) == []
    # Column titles of the tests of the method name the release that judges; nothing else may.
    skill = next((node for node in made.all("section") if node.attributes.get("id") == "skill"), None)
    later = "July\N{NO-BREAK SPACE}2026"
    assert made.root.text.count(later) == (skill.text.count(later) if skill else 0)


def test_a_mixed_count_renders() -> None:
    made = Page(page(run("tiny", {"ledger.mixed": "true", "compare": "[]"})))
    assert MISSING.findall(" ".join(node.text for node in made.all("main"))) == []
    assert "whatever its release" in made.root.text


def test_the_page_shows_what_the_tables_hold(baseline: Run, baseline_page: Page) -> None:
    """Every Ally's value of the ledger stands on the page once, with the exact value of the table."""
    table = baseline.find("pledge", "wales_2014").table
    found = {
        number.attributes["data-address"].split("/")[-2]: float(number.attributes["value"])
        for number in baseline_page.all("data")
        if number.attributes["data-address"].startswith("pledge@2026-07-31/value_pct#wales_2014/")
    }
    expected = dict(table.filter(pl.col("value_pct").is_not_null()).select("ally", "value_pct").iter_rows())
    assert found == expected
