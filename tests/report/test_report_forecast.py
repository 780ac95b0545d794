"""Early warning, the tests of the forecasts, and the parts of a rise, on the page and as figures."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from report_html import Page

from article3.evidence.findings import Finding
from article3.report import figures, page
from article3.report.figures import NARROW, WIDE
from article3.report.warned import SHOWN
from article3.run.analysis import Run, run


def section(made: Page, name: str) -> Any:
    return next((node for node in made.all("section") if node.attributes.get("id") == name), None)


def headings(node: Any) -> list[str]:
    return [item.text.replace("\N{NO-BREAK SPACE}", " ") for item in node.all("h3")]


def changed(finding: Finding, table: pl.DataFrame) -> Finding:

    return replace(finding, table=table)


def test_the_early_warning_says_scenario_where_it_is_one(baseline_page: Page) -> None:
    found = headings(section(baseline_page, "early-warning"))
    assert found[0] == "The Hague: 3.5 % of GDP on core defence: scenarios, not forecasts"
    assert any(title.startswith("Germany") and title.endswith(": a forecast") for title in found)


def test_every_ally_has_odds_with_the_random_walk_and_a_reason(baseline: Run, baseline_page: Page) -> None:
    node = next(item for item in baseline_page.all("div") if item.attributes.get("id") == "table-warning-hague-2025")
    heads = [item.text for item in node.all("thead")[0].all("th")]
    for word in ("Odds in words", "Odds", "Random walk", "Range", "Warning", "Step needed", "Last safe year", "Why"):
        assert any(head.startswith(word) for head in heads), word
    finding = baseline.find("warning", "hague_2025")
    rows = node.all("tbody")[0].all("tr")
    assert len(rows) == finding.table.height
    for row in rows:
        columns = {item.attributes["data-address"].split("/")[1].split("#")[0] for item in row.all("data")}
        assert {"odds", "odds_random_walk", "odds_low", "odds_high", "step_pct"} <= columns


def test_the_skill_section_shows_every_test(baseline_page: Page) -> None:
    ids = {node.attributes.get("id") for node in section(baseline_page, "skill").all()}
    assert {"table-backtest", "table-event", "table-reliability", "table-pit", "table-count-band"} <= ids
    assert {"table-call-wales-2014", "table-credibility"} <= ids
    assert {"figure-reliability", "figure-pit", "figure-count-band"} <= ids
    assert "no verdict yet" in section(baseline_page, "skill").text


def test_best_baselines_come_first(baseline: Run, baseline_page: Page) -> None:
    node = next(item for item in baseline_page.all("div") if item.attributes.get("id") == "table-backtest")
    rows = [row.children[0].text for row in node.all("tbody")[0].all("tr")]
    table = baseline.find("backtest").table
    best = table.filter(pl.col("best"))["window"].to_list()
    assert rows[: len(best)] == best
    assert len(rows) == table.height


def test_nothing_is_shown_twice(baseline_page: Page) -> None:
    ids = [node.attributes["id"] for node in baseline_page.all() if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    further = section(baseline_page, "further")
    assert further is not None
    assert not [name for name in ids if re.match(rf"further-(?:{'|'.join(SHOWN)})\b", name)]


def test_where_nothing_lies_ahead_nothing_is_warned_of(tiny: Run) -> None:
    made = Page(page(tiny))
    assert not [finding for finding in tiny.findings if finding.name == "warning"]
    assert section(made, "early-warning") is None
    silent = next(node for node in made.all("section") if node.attributes.get("aria-labelledby") == "silent")
    assert "No forecast is made." in silent.text


def test_the_box_says_that_far_odds_are_scenarios(baseline_page: Page) -> None:
    silent = next(node for node in baseline_page.all("section") if node.attributes.get("aria-labelledby") == "silent")
    assert "scenarios, not forecasts" in silent.text
    assert "No forecast is made" not in silent.text


def test_titles_follow_the_numbers(baseline: Run) -> None:
    evidence, finding = baseline.inputs.evidence, baseline.find("warning", "hague_2025")
    drawn = figures.odds(finding, evidence)
    assert drawn is not None
    assert str(drawn.title).startswith("No Ally below")
    assert len(drawn.title.addresses) == 2
    likely = finding.table.with_columns(
        pl.when(pl.col("ally") == "DEU").then(pl.lit("likely")).otherwise(pl.col("warning")).alias("warning")
    )
    other = figures.odds(changed(finding, likely), evidence)
    assert other is not None
    assert str(other.title).startswith("One Ally below")
    kept = figures.odds(changed(finding, finding.table.with_columns(pl.lit("at the level").alias("warning"))), evidence)
    assert kept is not None
    assert str(kept.title).startswith("All 31 Allies stand at")


def test_the_fan_stops_after_five_years_and_never_crosses(baseline: Run) -> None:
    warning = baseline.find("warning", "hague_2025")
    drawn = figures.fan(baseline.find("fan", "hague_2025"), warning, baseline.inputs.evidence)
    assert drawn is not None
    ahead = drawn.table.filter(pl.col("kind") == "forecast")
    assert ahead["year"].max() == warning.table["origin"].max() + 5  # type: ignore[operator]
    assert ahead.filter(~pl.col("q10_pct").le(pl.col("q50_pct")) | ~pl.col("q50_pct").le(pl.col("q90_pct"))).height == 0
    assert drawn.table["ally"].n_unique() == 6
    panels = [row["panel"] for row in drawn.bare()["vconcat"][1]["data"]["values"]]
    assert next(iter(dict.fromkeys(panels))) == "United States"


def test_without_an_ally_below_there_is_no_fan(baseline: Run) -> None:
    warning = baseline.find("warning", "deu_2031")
    assert figures.fan(baseline.find("fan", "deu_2031"), warning, baseline.inputs.evidence) is None
    assert figures.odds(warning, baseline.inputs.evidence) is None


@pytest.mark.parametrize("name", ["reliability", "pit", "count_band"])
def test_nothing_tested_is_not_drawn(baseline: Run, name: str) -> None:
    finding = baseline.find(name)
    assert getattr(figures, name)(changed(finding, finding.table.clear())) is None


@pytest.mark.parametrize("case", ["pol_2023", "deu_2024", "deu_2026"])
@pytest.mark.parametrize("canvas", [WIDE, NARROW])
def test_the_steps_of_a_rise_sum_to_the_whole(baseline: Run, case: str, canvas: figures.Canvas) -> None:
    drawn = figures.waterfall(baseline.find("additionality", case))
    assert drawn is not None
    layers = drawn.bare(canvas)["layer"]
    bars = next(item for item in layers if item["mark"]["type"] == "rect")["data"]["values"]
    *parts, whole = bars
    assert parts[0]["low"] == whole["low"] == 0
    assert all(before["high"] == after["low"] for before, after in pairwise(parts))
    assert parts[-1]["high"] == pytest.approx(whole["high"])
    unknown = drawn.table.filter(pl.col("amount_nc_m").is_null()).height
    said = [row for item in layers if item["mark"]["type"] == "text" for row in item["data"]["values"]]
    assert len([row for row in said if row["words"] == "not known"]) == unknown > 0


def test_a_case_of_many_allies_has_no_waterfall(baseline: Run) -> None:
    assert figures.waterfall(baseline.find("additionality", "core_2026_2024")) is None


def test_a_shock_stands_with_its_allies() -> None:
    made = Page(page(run("health_crisis")))
    assert made.wrong == []
    text = " ".join(node.text for node in made.all("main"))
    assert not re.findall(r"\b(?:NaN|nan|None(?! puts)|null)\b", text)
    assert "Surprise of 2020" in section(made, "further").text
