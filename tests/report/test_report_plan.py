"""The plan on the page: who buys what, for which money, with what effect; every number at its address."""

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
from hypothesis import given
from hypothesis import strategies as st
from report_html import Node, Page, row_at

from article3.evidence.findings import Finding, frame, sentence
from article3.gap.forces import forces
from article3.plan.described import TABLES, columns
from article3.plan.means import who_plans
from article3.plan.replacement import replacement
from article3.report import figures, page, plan_sheet, workbook
from article3.report.figures import NARROW, WIDE, Canvas, Figure
from article3.report.markup import exact
from article3.report.plan_bridge import COMPARISONS, steps
from article3.report.plan_limits import change_words
from article3.report.plan_page import SHOWN
from article3.report.plan_words import MET, billions, by_ally, by_year, money, per_cent, those
from article3.run.analysis import Run
from article3.run.analysis import run as run_scenario
from article3.scenario.resolve import resolve

SMALL = {
    "contingencies": "[baltic_defence, air_missile_defence, long_war]",
    "situations": "[]",
    "compare": "[]",
    "claims": "none",
    "pledges": "[hague_2025]",
    "plan.last_year": "2030",
    "plan.until": "2035",
    "plan.evaluate": "[2028, 2030, 2032, 2035]",
    "gap.draws": "4",
}
"""A plan of few contingencies and years."""

ALWAYS = (
    "plan_orders", "plan_domains", "plan_money", "plan_allies", "plan_attainment", "plan_shares", "plan_road",
    "plan_limits", "plan_frontier",
)  # fmt: skip


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def changed(finding: Finding, rows: pl.DataFrame) -> Finding:
    return replace(finding, table=rows)


def made_up(name: str, when: str, rows: list[dict[str, Any]]) -> Finding:
    """Return a finding with rows of our own."""
    described = columns()[name]
    return Finding(name, when, name, frame(described, rows), described, sentence(""), "notional")


@pytest.fixture(scope="module")
def run() -> Run:
    """Return a run with a plan; limits and frontier are put in, so that no other solve is needed."""
    found = run_scenario("baseline", SMALL)
    findings = [finding for finding in found.findings if finding.name not in SHOWN]
    mine = {finding.name: finding for finding in found.findings if finding.name in SHOWN}
    if not mine:
        from article3.plan.analysis import plan

        mine = {finding.name: finding for finding in plan(found.inputs).findings()}
    when = mine["orders"].when
    mine["plan_limit"] = made_up("plan_limit", when, [
        {"limit": "lines", "relaxed": "twice the lines", "risk": 0.015, "risk_change_pct": -23.4, "binds": True},
        {"limit": "lead_times", "relaxed": "lead times a third shorter", "risk": 0.02, "risk_change_pct": -4.04,
         "binds": True},
        {"limit": "money", "relaxed": "twice the money", "risk": 0.021, "risk_change_pct": 0.0, "binds": False},
        {"limit": "us_export", "relaxed": "no exports of the United States", "risk": 0.022, "risk_change_pct": 2.2,
         "binds": None},
        {"limit": "money_half", "relaxed": "half the money", "risk": None, "risk_change_pct": None, "binds": None},
    ])  # fmt: skip
    mine["plan_frontier"] = made_up("plan_frontier", when, [
        {"given_up_pct": part, "risk": 0.02 * (1 + part / 100), "cost_usd2021_m": cost, "discounted_usd2021_m": cost,
         "orders_usd2021_m": cost / 2, "saved_pct": 100 * (1 - cost / 90_000)}
        for part, cost in ((0.1, 90_000.0), (1.0, 80_000.0), (10.0, 50_000.0))
    ])  # fmt: skip
    mine["caveat"] = made_up("caveat", when, [
        {"ally": "ESP", "ally_name": "Spain", "elements": "sof;tanker", "risk": 0.021, "risk_without": 0.02,
         "risk_change_pct": 5.0, "standing": "notional"}
    ])  # fmt: skip
    # What no line can deliver in time is named, whatever the scenario.
    goal = mine["plan_goal"]
    first = pl.int_range(pl.len()) == 0
    mine["plan_goal"] = changed(
        goal, goal.table.with_columns(pl.when(first).then(pl.lit("cannot")).otherwise("verdict").alias("verdict"))
    )
    return replace(found, findings=(*findings, *(mine[name] for name in TABLES if name in mine)))


@pytest.fixture(scope="module")
def bridge(run: Run) -> Finding:
    inputs = run.inputs
    held = forces(inputs.planning, inputs.contingencies).axes.holders
    codes = who_plans(held, frozenset({"USA"}))
    return replacement(inputs.planning, inputs.evidence, inputs.scenario.plan.money, codes, run.find("orders").when)


@pytest.fixture(scope="module")
def drawn(run: Run, bridge: Finding) -> dict[str, Figure]:
    find, inputs = run.find, run.inputs
    found = {
        "plan_orders": figures.plan_orders(find("orders")),
        "plan_domains": figures.plan_domains(find("specialisation")),
        "plan_money": figures.plan_money(find("plan_money")),
        "plan_allies": figures.plan_allies(find("plan_money")),
        "plan_attainment": figures.plan_attainment(find("plan_attainment"), inputs),
        "plan_shares": figures.plan_shares(find("plan_share"), find("plan_goal")),
        "plan_road": figures.plan_road(find("effort"), find("milestones"), inputs),
        "plan_limits": figures.plan_limits(find("plan_limit")),
        "plan_frontier": figures.plan_frontier(find("plan_frontier"), inputs),
        "plan_bridge": figures.plan_bridge(bridge),
    }
    return {name: figure for name, figure in found.items() if figure is not None}


@pytest.fixture(scope="module")
def made(run: Run, bridge: Finding) -> Page:
    return Page(page(replace(run, findings=(*run.findings, bridge))))


@pytest.fixture(scope="module")
def plan(made: Page) -> Node:
    found = section(made)
    assert found is not None
    return found


def section(made: Page, name: str = "plan") -> Node | None:
    return next((node for node in made.all("section") if node.attributes.get("id") == name), None)


def anchored(made: Page, name: str) -> Node:
    return next(node for node in made.all() if node.attributes.get("id") == name)


def rows_of(node: Node) -> list[Node]:
    return node.all("tbody")[0].all("tr")


def texts(figure: Figure, canvas: Canvas) -> list[str]:
    drawn = ET.fromstring(figures.svg(figure.bare(canvas)))
    return [plain("".join(node.itertext())) for node in drawn.iter() if node.tag.endswith("text")]


def test_it_follows_the_gap_and_the_parts_stand_in_order(made: Page, plan: Node) -> None:
    assert made.wrong == []
    found = [node.attributes["id"] for node in made.all("section") if "id" in node.attributes]
    assert found.index("plan") == found.index("gap") + 1
    parts = [node.attributes["id"] for node in plan.all("h3") if "id" in node.attributes]
    assert parts == [
        "plan-buys", "plan-europe", "plan-money", "plan-meets", "plan-road", "plan-roles", "plan-binds", "plan-bridge",
        "plan-solved",
    ]  # fmt: skip


def test_the_top_of_the_page_leads_to_it(run: Run, made: Page) -> None:
    says = next(node for node in made.all("section") if node.attributes.get("aria-labelledby") == "says")
    assert plain(str(run.find("plan_money").sentence)) in plain(says.text)
    assert "computed and agreed by nobody" in says.text
    assert "#plan" in [node.attributes["href"] for node in says.all("a")]
    silent = next(node for node in made.all("section") if node.attributes.get("aria-labelledby") == "silent")
    assert "Not what any Ally has agreed to" in silent.text


def test_it_leads_with_a_sentence_cards_a_caution_and_what_is_assumed(run: Run, plan: Node) -> None:
    first = plan.all("p")[0].text
    assert first.startswith("Planned for the Alliance with the United States. ")
    assert str(run.find("orders").sentence) in first
    lists = {css: node for node in plan.all("ul") for css in node.classes()}
    cards = lists["plan-cards"].all("li")
    heads = [card.all("span")[0].text for card in cards]
    assert heads == ["What it costs", "What it brings", "What holds it back", "What can be signed first"]
    ids = {node.attributes["id"] for node in plan.all() if "id" in node.attributes}
    for card in cards:
        link = card.all("a")[-1]
        assert link.text.endswith("?"), "a card ends in a question"
        assert link.attributes["href"][1:] in ids
    caution = next(node for node in plan.all("p") if "warning" in node.classes()).text
    orders = run.find("orders").table
    marked = orders.filter(pl.col("split") != "").height
    assert 0 < marked < orders.height or marked == orders.height
    assert f"illustrative in {marked} of {orders.height} orders" in caution
    assert run.find("orders").warnings[0] in caution
    assert "Planned for: with the United States" in lists["plan-box"].text
    assert len(rows_of(anchored_in(plan, "table-plan-assumptions"))) == run.find("assumption").table.height


def anchored_in(node: Node, name: str) -> Node:
    return next(item for item in node.all() if item.attributes.get("id") == name)


def test_the_cards_agree_with_the_tables(run: Run, plan: Node) -> None:
    cards = [plain(card.text) for css in plan.all("ul") if "plan-cards" in css.classes() for card in css.all("li")]
    years = by_year(run.find("plan_money").table).filter(pl.col("year") <= 2035)
    spent, free = float(years["spent"].sum()), float(years["envelope"].sum())
    assert plain(money(spent)) in cards[0]
    assert f"{plain(per_cent(spent / free))} of an envelope of {plain(money(free))}" in cards[0]
    risk = run.find("plan_risk").table.filter(pl.col("weight").is_not_null())
    fall = 1 - float((risk["risk"] * risk["weight"]).sum()) / float((risk["risk_before"] * risk["weight"]).sum())
    assert f"Mean risk falls by {plain(per_cent(fall))}" in cards[1]
    assert "Two limits bind" in cards[2]
    assert "Twice the lines would lower risk by 23 %; lead times a third shorter by 4.0 %." in cards[2]
    total = float(run.find("down_payment").table["cost_usd2021_m"].sum())
    assert f"{plain(money(total))} in all" in cards[3]


def test_without_a_plan_there_is_no_section(run: Run) -> None:
    kept = tuple(finding for finding in run.findings if finding.name not in SHOWN)
    old = Page(page(replace(run, findings=kept)))
    assert section(old) is None
    assert "#plan" not in {node.attributes["href"] for node in old.all("a")}
    assert "Not what any Ally has agreed to" not in old.visible


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave pictures out: what matters is what the page is made of."""
    monkeypatch.setattr("article3.report.blocks.svg", lambda *_: "<svg ></svg>")


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("name", [name for name in SHOWN if name != "replacement"])
def test_any_table_may_be_missing_or_empty(run: Run, name: str) -> None:
    mine = [finding for finding in run.findings if finding.name in SHOWN]
    for findings in (
        [finding for finding in mine if finding.name != name],
        [changed(item, item.table.clear()) if item.name == name else item for item in mine],
    ):
        made = Page(page(replace(run, findings=tuple(findings))))
        assert made.wrong == []
        found = section(made)
        assert found is not None
        anchors = {node.attributes["id"] for node in made.all() if "id" in node.attributes}
        links = {node.attributes["href"][1:] for node in found.all("a") if node.attributes["href"][:1] == "#"}
        assert links <= anchors
        assert not re.findall(r"\b(?:nan|None(?! of)|null)\b", found.text)


@pytest.mark.usefixtures("undrawn")
def test_an_empty_table_is_said_and_a_missing_one_is_not(run: Run) -> None:
    empty = [changed(item, item.table.clear()) if item.name == "plan_pool" else item for item in run.findings]
    said = section(Page(page(replace(run, findings=tuple(empty)))))
    assert said is not None
    assert "Fleets: who pays what: nothing in this run." in said.text
    missing = tuple(item for item in run.findings if item.name != "plan_pool")
    silent = section(Page(page(replace(run, findings=missing))))
    assert silent is not None
    assert "nothing in this run" not in silent.text


def test_every_number_of_the_section_has_its_value(run: Run, bridge: Finding, plan: Node) -> None:
    whole = replace(run, findings=(*run.findings, bridge))
    numbers = plan.all("data")
    assert len(numbers) > 700
    tables = set()
    for number in numbers:
        column, row = row_at(whole, number.attributes["data-address"])
        value, text = number.attributes["value"], number.text.replace("\N{MINUS SIGN}", "-")
        assert value == exact(row[column])
        if re.fullmatch(r"-?[\d.]+(?:e-?\d+)?", value) and re.fullmatch(r"[+-]?\d+(?:\.\d+)?", text):
            decimals = len(text.partition(".")[2])
            assert abs(float(text) - float(value)) <= 0.5 * 10**-decimals + 1e-9, "what is shown is the value, rounded"
        tables.add(number.attributes["data-address"].split("@")[0])
    # Money of efforts by year is in the file; fleets only where one orders.
    assert set(SHOWN) - {"effort_money", "plan_pool"} <= tables <= set(SHOWN)


def test_no_identifier_is_shown(plan: Node) -> None:
    text = plan.text
    for node in plan.all("code") + plan.all("a"):
        text = text.replace(node.text, "")
    assert re.findall(r"\b[a-z]+_[a-z_]+\b", text) == []


def test_every_table_but_alternatives_is_shown() -> None:
    assert set(TABLES) - set(SHOWN) == {"alternative"}


def test_nothing_of_the_plan_stands_among_the_others(made: Page) -> None:
    further = section(made, "further")
    ids = [node.attributes.get("id", "") for node in further.all()] if further else []
    assert not [name for name in ids if re.match(rf"further-(?:{'|'.join(SHOWN)})(?:-|$)", name)]


def test_files_named_are_tables_of_the_run(run: Run, plan: Node) -> None:
    used = {node.attributes["href"] for node in plan.all("a") if node.attributes["href"].startswith("tables/")}
    assert {name.removeprefix("tables/").removesuffix(".csv") for name in used} <= set(run.tables())
    assert len(used) >= 7


@pytest.mark.parametrize("name", [*ALWAYS, "plan_bridge"])
def test_a_figure_is_a_valid_chart_drawn_alike_each_time(drawn: dict[str, Figure], name: str) -> None:
    figure = drawn[name]
    for canvas in (WIDE, NARROW):
        assert figure.chart(canvas).to_dict()["vconcat"]
        first = figures.svg(figure.bare(canvas))
        assert figures.svg(figure.bare(canvas)) == first
        width = float(ET.fromstring(first).attrib["width"])
        assert width <= canvas.width + 40, "it keeps to its room, so that text keeps its size"
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', first)]
        assert min(sizes) >= 8.5


@pytest.mark.parametrize("name", [*ALWAYS, "plan_bridge"])
def test_a_title_is_a_finding_and_the_source_says_illustrative(drawn: dict[str, Figure], name: str) -> None:
    figure = drawn[name]
    assert re.search(r"\d|One|None", plain(str(figure.title)))
    assert not re.search(r"\b(?:nan|None(?! of)|null)\b", str(figure.title))
    assert figure.source.startswith("Source: own model")
    assert "Standing: illustrative (notional)." in figure.source
    assert "As known on 31" in figure.source
    assert figure.table.height


@pytest.mark.parametrize("name", [*ALWAYS, "plan_bridge"])
def test_every_figure_has_its_table_and_its_data(plan: Node, name: str) -> None:
    figure = next(node for node in plan.all("figure") if node.attributes["id"] == f"figure-{name.replace('_', '-')}")
    table, data = figure.all("a")
    ids = {node.attributes["id"] for node in plan.all() if "id" in node.attributes}
    assert table.attributes["href"][1:] in ids
    assert data.attributes["href"].startswith("data:text/csv")


def test_orders_title_names_the_largest_domain(run: Run, drawn: dict[str, Figure]) -> None:
    from article3.domain import force_element

    orders = run.find("orders").table
    sums: dict[str, float] = {}
    for row in orders.iter_rows(named=True):
        name = force_element(row["element"]).domain
        sums[name] = sums.get(name, 0.0) + row["cost_usd2021_m"]
    best, total = max(sums, key=lambda name: sums[name]), sum(sums.values())
    title = plain(str(drawn["plan_orders"].title))
    assert best.replace("_", " ") in title
    assert plain(money(total)) in title
    year = int(title.rsplit(" ", 1)[1])
    until = orders.filter(pl.col("order_year") <= year)["cost_usd2021_m"].sum()
    before = orders.filter(pl.col("order_year") < year)["cost_usd2021_m"].sum()
    assert before < total / 2 <= until
    # With other orders the title is another.
    one = changed(run.find("orders"), orders.filter(pl.col("element") == orders["element"][0]))
    other = figures.plan_orders(one)
    assert other is not None
    assert str(other.title).startswith("All ")


def test_tiles_hold_the_sums_of_the_orders(run: Run, drawn: dict[str, Figure]) -> None:
    orders = run.find("orders").table
    table = drawn["plan_orders"].table
    assert table["cost_usd2021_m"].sum() == pytest.approx(orders["cost_usd2021_m"].sum())
    for canvas in (WIDE, NARROW):
        said = texts(drawn["plan_orders"], canvas)
        assert {billions(value) for value in table["cost_usd2021_m"]} <= set(said)
    years = {row["order_year"] for row in table.iter_rows(named=True)}
    assert {str(year) for year in years} <= set(texts(drawn["plan_orders"], WIDE))


def test_money_titles_follow_the_numbers(run: Run, drawn: dict[str, Figure]) -> None:
    finding = run.find("plan_money")
    title = plain(str(drawn["plan_money"].title))
    years = by_year(finding.table)
    best = years.sort("spent", descending=True).row(0, named=True)
    assert f"most in {best['year']}, {plain(money(best['spent']))}" in title
    mine = by_ally(finding.table).row(0, named=True)
    assert f"than {mine['ally_name']}, {plain(per_cent(mine['share']))}" in plain(str(drawn["plan_allies"].title))
    steep = finding.table.sort("step_pct", descending=True).row(0, named=True)
    assert f"{steep['step_pct']:.2f} points of GDP, {steep['ally_name']} in {steep['year']}" in plain(
        str(drawn["plan_allies"].title)
    )
    assert list(drawn["plan_allies"].title.addresses) == [finding.address(steep, "step_pct")]


def test_without_a_limit_of_money_there_is_no_envelope(run: Run) -> None:
    finding = run.find("plan_money")
    free = changed(finding, finding.table.with_columns(pl.lit(None, pl.Float64).alias("envelope")))
    figure = figures.plan_money(free)
    assert figure is not None
    assert "of new money" not in str(figure.title)
    assert not [text for text in texts(figure, WIDE) if text.endswith("%")]
    assert figures.plan_allies(free) is None
    with_free = tuple(free if item.name == "plan_money" else item for item in run.findings)
    made = section(Page(page(replace(run, findings=with_free))))
    assert made is not None
    assert "Nothing limits money in this scenario." in made.text


def test_a_near_envelope_is_drawn(run: Run) -> None:
    finding = run.find("plan_money")
    near = changed(finding, finding.table.with_columns((pl.col("spent") * 1.1 + 1).alias("envelope")))
    figure = figures.plan_money(near)
    assert figure is not None
    assert "envelope" in texts(figure, WIDE)


def test_attainment_is_drawn_where_the_plan_moves_it(run: Run, drawn: dict[str, Figure]) -> None:
    finding = run.find("plan_attainment")
    table = drawn["plan_attainment"].table
    assert ((table["attainment"] - table["before"] > 0.005) | (table["attainment"] < MET)).any()
    year = finding.table["year"].max()
    last = finding.table.filter(pl.col("year") == year)
    met, before = (last.filter(pl.col(name) >= MET).height for name in ("attainment", "before"))
    assert str(drawn["plan_attainment"].title).startswith(
        f"Of {last.height} contingencies and windows {met} can be met in {year} with the plan, {before} without it"
    )
    assert {"with the plan", "without it", "range with the plan"} <= set(texts(drawn["plan_attainment"], WIDE))
    whole = changed(finding, finding.table.with_columns(pl.lit(1.0).alias("attainment"), pl.lit(1.0).alias("before")))
    assert figures.plan_attainment(whole, run.inputs) is None
    none = [pl.lit(None, pl.Float64).alias(name) for name in ("low", "high")]
    undrawn = figures.plan_attainment(changed(finding, finding.table.with_columns(none)), run.inputs)
    assert undrawn is not None
    assert "range" not in " ".join(texts(undrawn, WIDE))


def test_what_cannot_be_reached_is_named(run: Run, drawn: dict[str, Figure], plan: Node) -> None:
    goal = run.find("plan_goal").table
    out = goal.filter(pl.col("verdict") == "cannot")
    title = plain(str(drawn["plan_shares"].title))
    assert f"cannot reach 50 % by {out['by'][0]}: " in title
    each = run.find("plan_share").table.filter(pl.col("denominator") == "requirement", pl.col("year") == 2030)
    assert f"half of {each['half'].sum()} of {each.height} requirements" in title
    shown = anchored_in(plan, "table-plan-goals")
    verdicts = [node.text for node in shown.all("data") if "verdict" in node.classes()]
    assert verdicts.count(f"cannot by {out['by'][0]}") == out.height
    assert len(rows_of(shown)) == min(40, goal.filter(pl.col("verdict") != "held").height)
    nothing = figures.plan_shares(run.find("plan_share"), None)
    assert nothing is not None
    assert "cannot" not in str(nothing.title)
    assert "half" in texts(nothing, WIDE)


def test_the_road_map_names_owners_and_puts_what_is_due_first(run: Run, drawn: dict[str, Figure]) -> None:
    efforts, milestones = run.find("effort").table, run.find("milestones").table
    due = milestones.filter(pl.col("milestone") == "contract", pl.col("before_summit")).height
    count = milestones.filter(pl.col("milestone") == "contract").height
    title = plain(str(drawn["plan_road"].title))
    assert title.startswith(f"{due} of {count} first contracts are due before the summit of 1 July 2027")
    said = texts(drawn["plan_road"], WIDE)
    assert (
        said.index("Contract due before the summit") < said.index("Contract later")
        if "Contract later" in said
        else True
    )
    dearest = efforts.sort("cost_usd2021_m", descending=True).head(24)
    owners = {those(code) for code in dearest["lead"]}
    assert all(any(text.startswith(f"{owner}: ") for text in said) for owner in owners)
    later = replace(
        run.inputs, scenario=run.inputs.scenario.model_copy(
            update={"plan": run.inputs.scenario.plan.model_copy(update={"summit": date(2028, 6, 20)})}
        )
    )  # fmt: skip
    other = figures.plan_road(run.find("effort"), run.find("milestones"), later)
    assert other is not None
    assert "20 June 2028" in plain(str(other.title))


def test_limits_and_frontier_speak_with_numbers(run: Run, drawn: dict[str, Figure]) -> None:
    title = plain(str(drawn["plan_limits"].title))
    assert (
        title == "Twice the lines would lower risk by 23 %, lead times a third shorter by 4.0 %, twice the money by 0 %"
    )
    assert drawn["plan_limits"].table.height == 4, "what has no plan at all is in the table only"
    finding = run.find("plan_limit")
    loose = changed(
        finding, finding.table.with_columns(pl.lit(False).alias("binds"), pl.lit(-0.1).alias("risk_change_pct"))
    )
    other = figures.plan_limits(loose)
    assert other is not None
    assert plain(str(other.title)).startswith("No single limit binds")
    front = plain(str(drawn["plan_frontier"].title))
    assert front == "A plan with 9 % more risk would cost $ 50 bn in place of $ 80 bn"
    assert {"10 %", "1 %, the plan", "0.1 %"} <= set(texts(drawn["plan_frontier"], WIDE))


def test_a_bridge_ends_where_it_should_and_never_mixes_questions(bridge: Finding, made: Page) -> None:
    tables = [node for node in made.all() if re.match(r"table-plan-bridge-\d$", node.attributes.get("id", ""))]
    names = bridge.table["comparison"].unique(maintain_order=True).to_list()
    assert len(tables) == len(names) == len(COMPARISONS) == 3
    for name, node in zip(names, tables, strict=True):
        some = bridge.table.filter(pl.col("comparison") == name)
        assert len(rows_of(node)) == some.height
        used = {number.attributes["data-address"].split("#")[1].split("/")[0] for number in node.all("data")}
        assert used == {name}, "one table, one question"
        bars = steps(some.to_dicts())
        residual = some.filter(pl.col("kind") == "residual").row(0, named=True)
        assert bars[-1].end - bars[-1].start == pytest.approx(residual["sign"] * residual["amount_usd_bn"], abs=0.2)
        for before, after in pairwise(bars):
            if after.kind == "step":
                assert after.start == pytest.approx(before.end)


def test_specialisation_keeps_its_quotients(run: Run, drawn: dict[str, Figure], plan: Node) -> None:
    finding = run.find("specialisation")
    held = {number.attributes["data-address"] for number in anchored_in(plan, "table-plan-domains").all("data")}
    rows = finding.table.iter_rows(named=True)
    assert {finding.address(row, "quotient") for row in rows} <= held
    for address in drawn["plan_domains"].title.addresses:
        column, row = row_at(run, address)
        best = finding.table.filter(pl.col("domain") == row["domain"])[column].max()
        assert row[column] == best


def test_folds_hold_the_other_tables_whole(run: Run, plan: Node) -> None:
    held = {number.attributes["data-address"] for node in plan.all("details") for number in node.all("data")}
    for name, column in (("effort", "cost_usd2021_m"), ("plan_risk", "risk"), ("catalogue", "cost_usd2021_m")):
        finding = run.find(name)
        wanted = {
            finding.address(row, column) for row in finding.table.iter_rows(named=True) if row[column] is not None
        }
        assert wanted <= held
    orders = run.find("orders")
    assert {orders.address(row, "units") for row in orders.table.iter_rows(named=True)} <= held
    assert len(rows_of(anchored_in(plan, "table-plan-down"))) == run.find("down_payment").table.height


def test_the_workbook_has_a_sheet_for_each_table_in_order(run: Run, bridge: Finding) -> None:
    findings = [item for item in run.findings if item.name in SHOWN] + [bridge]
    findings.sort(key=lambda item: TABLES.index(item.name))
    book = openpyxl.load_workbook(io.BytesIO(workbook(replace(run, findings=tuple(findings)))))
    assert book.sheetnames[1:-2] == [name for name in TABLES if name in SHOWN]
    assert "alternative" not in book.sheetnames
    for finding in findings:
        sheet = book[finding.name]
        assert sheet.max_row == finding.table.height + 2
        assert sheet.cell(1, sheet.max_column).value == "Address of main value"
        main = sheet.cell(2, sheet.max_column).value
        for line, row in enumerate(finding.table.head(1).iter_rows(named=True), start=3):
            assert sheet.cell(line, sheet.max_column).value == finding.address(row, main)


def test_marks_of_one_kind_are_one_layer_and_words_lie_above() -> None:
    sheet = plan_sheet.Sheet()
    sheet.text(1, 1, "above")
    sheet.rect(0, 0, 5, 5, fill="#fff")
    sheet.rect(5, 5, 9, 9, fill="#eee")
    sheet.line([(0, 0), (1, 1)], color="#000")
    sheet.line([(0, 1), (1, 0)], color="#000")
    sheet.guide(0, 0, 9, 0)
    layers = sheet.spec(10, 10)["layer"]
    assert [layer["mark"]["type"] for layer in layers] == ["rule", "rect", "line", "text"]
    assert [value["fill"] for value in layers[1]["data"]["values"]] == ["#fff", "#eee"]
    assert {value["line"] for value in layers[2]["data"]["values"]} == {1, 2}


@given(st.floats(min_value=1e-4, max_value=1e8))
def test_a_scale_has_few_round_values_and_holds_all(value: float) -> None:
    end, ticks = plan_sheet.scale_top(value)
    assert end >= value * (1 - 1e-12)
    assert ticks[0] == 0
    assert ticks[-1] == pytest.approx(end)
    assert 2 <= len(ticks) <= 6


@pytest.mark.parametrize(
    ("value", "words"), [(-23.1, "\N{MINUS SIGN}23 %"), (3.32, "+3.3 %"), (0.0, "0 %"), (-0.02, "0 %"), (-0.08, "\N{MINUS SIGN}0.1 %")]
)  # fmt: skip
def test_changes_in_words(value: float, words: str) -> None:
    assert plain(change_words(value)) == words


def test_many_names_are_counted() -> None:
    assert those("FRA;DEU;CAN") == "France, Germany and Canada"
    assert those("FRA;DEU;CAN;ITA;ESP;POL;GBR") == "France, Germany, Canada, Italy and 3 more"
    assert those("AEW") == "AEW"


def test_a_posture_without_the_united_states_is_said(run: Run) -> None:
    inputs = resolve("without_us")
    table = run.find("plan_attainment").table.with_columns(pl.lit("without").alias("posture"))
    figure = figures.plan_attainment(changed(run.find("plan_attainment"), table), inputs)
    assert figure is not None
    assert "without the United States" in figure.subtitle
