"""Figures: titles say findings, specifications are valid, drawing is the same every time."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from article3.errors import AddressError
from article3.evidence.store import open_evidence
from article3.report import figures
from article3.report.drawing import BLUE, INK, MUTED, RUST, SOFT, VERMILLION
from article3.report.figures import NARROW, WIDE, Figure
from article3.report.words import listed, number, verdict, wrapped
from article3.run.analysis import Run, run

PNG = b"\x89PNG\r\n\x1a\n"


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def on_white(colour: str) -> float:
    return 1.05 / (luminance(colour) + 0.05)


@pytest.fixture(scope="session")
def drawn(baseline: Run) -> dict[str, Figure]:
    evidence = baseline.inputs.evidence
    compared = baseline.find("then_now")
    releases = baseline.find("count_by_release", "wales_2014")
    found = {
        "then_now": figures.then_now(compared, evidence),
        "revision_split": figures.revision_split(compared, evidence),
        "count_by_release": figures.count_by_release(releases, evidence, 2.0),
        "shares": figures.shares(baseline),
        "pace": figures.pace(baseline.find("pledge", "wales_2014"), baseline),
        "step": figures.step(baseline.find("pledge", "hague_2025"), baseline),
        "equipment": figures.against_level(baseline.find("pledge", "wales_2014_equipment"), baseline),
        "series": figures.series("nato/2024-06-17/defence_pct_gdp#POL/2024", evidence),
        "odds": figures.odds(baseline.find("warning", "hague_2025"), evidence),
        "fan": figures.fan(baseline.find("fan", "hague_2025"), baseline.find("warning", "hague_2025"), evidence),
        "reliability": figures.reliability(baseline.find("reliability")),
        "pit": figures.pit(baseline.find("pit")),
        "count_band": figures.count_band(baseline.find("count_band")),
        "waterfall": figures.waterfall(baseline.find("additionality", "deu_2024")),
    }
    return {name: figure for name, figure in found.items() if figure is not None}


NAMES = ["then_now", "revision_split", "count_by_release", "shares", "pace", "step", "equipment", "series"]
NAMES += ["odds", "fan", "reliability", "pit", "count_band", "waterfall"]


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_a_valid_chart(drawn: dict[str, Figure], name: str) -> None:
    """Altair checks the whole specification against the schema of Vega-Lite."""
    figure = drawn[name]
    for canvas in (WIDE, NARROW):
        chart = figure.chart(canvas)
        assert chart.to_dict()["vconcat"]


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_is_drawn_alike_each_time(drawn: dict[str, Figure], name: str) -> None:
    first = figures.svg(drawn[name])
    assert figures.svg(drawn["revision_split"])
    assert figures.svg(drawn[name]) == first
    assert ET.fromstring(first).tag.endswith("svg")


def test_pictures_are_drawn_alike_each_time(drawn: dict[str, Figure]) -> None:
    first = figures.png(drawn["revision_split"])
    assert first.startswith(PNG)
    assert figures.png(drawn["revision_split"]) == first
    assert figures.png(drawn["revision_split"].chart()) == first


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_carries_its_words(drawn: dict[str, Figure], name: str) -> None:
    figure = drawn[name]
    text = " ".join(
        "".join(node.itertext()) for node in ET.fromstring(figures.svg(figure)).iter() if node.tag.endswith("text")
    )
    text = text.replace("\N{NO-BREAK SPACE}", " ")
    assert str(figure.title).replace("\N{NO-BREAK SPACE}", " ").split()[0] in text
    assert "Source: " in text
    assert figure.subtitle.split(",")[0].replace("\N{NO-BREAK SPACE}", " ")[:30] in text


@pytest.mark.parametrize("name", NAMES)
def test_identifiers_carry_the_prefix(drawn: dict[str, Figure], name: str) -> None:
    text = figures.svg(drawn[name].bare(), "one-")
    found = re.findall(r"\bid=\"([^\"]+)\"", text)
    assert all(item.startswith("one-") for item in found)
    assert all(item.startswith("one-") for item in re.findall(r"url\(#([^)]+)\)", text))


def test_titles_say_the_finding(drawn: dict[str, Figure]) -> None:
    titles = {name: str(figure.title).replace("\N{NO-BREAK SPACE}", " ") for name, figure in drawn.items()}
    assert titles["then_now"].startswith("Six Allies dropped out of the 2 % count for 2024")
    assert "GDP alone moved Czechia" in titles["revision_split"]
    assert "Slovakia moved by no more than 0.01" in titles["revision_split"]
    assert titles["count_by_release"] == (
        "The 2 % count for 2024 went from 23 in the release of 17 June 2024 to 17 in that of July 2026"
    )
    assert titles["shares"] == "By estimate, 30 of 31 Allies stand at 2 % of GDP for 2026, 5 of 31 Allies at 3.5 %"
    assert titles["equipment"].endswith("Belgium and Canada below")
    assert titles["series"] == "Poland: 4.12 % for 2024 in the release of 17 June 2024 (estimate)"


def test_numbers_in_titles_have_addresses(drawn: dict[str, Figure]) -> None:
    assert drawn["count_by_release"].title.addresses == (
        "count_by_release@2026-07-31/met#wales_2014/2024/2024-06-17",
        "count_by_release@2026-07-31/met#wales_2014/2024/2026-07",
    )
    assert len(drawn["shares"].title.addresses) == 4


def test_a_title_follows_the_finding(baseline: Run) -> None:
    """The same figure for another pair of dates says something else."""
    other = run("tiny", {"compare": "[{pledge: wales_2014, year: 2023, then: 2023-08-01, now: 2024-04-30}]"})
    assert str(figures.then_now(other.find("then_now"), other.inputs.evidence).title) != str(
        figures.then_now(baseline.find("then_now"), baseline.inputs.evidence).title
    )


def lines(spec: Any) -> list[dict[str, Any]]:
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == "line"]


def test_no_line_crosses_the_change_of_definition(baseline: Run, drawn: dict[str, Figure]) -> None:
    found = lines(drawn["count_by_release"].bare())
    assert len(found) == 3
    for line in found:
        assert len({value["vintage"] for value in line["data"]["values"]}) == 1
        assert len({value["shape"] for value in line["data"]["values"]}) == 1


def test_estimates_are_hollow_or_dashed(drawn: dict[str, Figure]) -> None:
    series = drawn["series"].bare()
    dashed = [line for line in lines(series) if "strokeDash" in line["mark"]]
    assert dashed
    assert all(line["data"]["values"][1]["estimate"] for line in dashed)
    points = next(layer for layer in drawn["shares"].bare()["layer"] if layer["encoding"].get("fill"))
    assert {value["fill"] for value in points["data"]["values"]} == {"#ffffff"}


def test_colours_can_be_told_apart() -> None:
    """Marks 3:1 and text 4.5:1 on white; blue and vermillion are of Okabe and Ito's palette."""
    assert all(on_white(colour) >= 3 for colour in (BLUE, VERMILLION, MUTED, INK))
    assert all(on_white(colour) >= 4.5 for colour in (INK, SOFT, RUST, BLUE))


def test_every_release_that_said_something_is_a_dot(drawn: dict[str, Figure], baseline: Run) -> None:
    said = next(
        layer
        for layer in drawn["series"].bare()["layer"]
        if layer["mark"]["type"] == "point" and layer["mark"].get("size") == 12
    )
    revisions = baseline.find("revision").table
    values = revisions.filter((revisions["ally"] == "POL") & (revisions["year"] == 2024))["value_pct"].to_list()
    assert sorted(value["value"] for value in said["data"]["values"]) == sorted(values)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("weo/2026-04/gdp_real_growth_pct#DEU/2025", "Germany: 0.24"),
        ("nato/2024-06-17/defence_exp_nc_current#POL/2024", "Poland: "),
        ("pledge@2026-07-31/value_pct#wales_2014/CZE/2024", "Czechia: 1.99"),
        ("pledge@2026-07-31/pace_needed_pct#wales_2014/CZE/2024", "Czechia, 2024: pace needed 0.106 points a year"),
        ("pledge@2026-07-31/equipment_share_pct#wales_2014/BEL/2024", "Belgium, 2024: equipment share 15.2"),
        ("then_now@2024-06-30..2026-07-31/gdp_pp#wales_2014/2024/CZE", "Czechia, 2024: by GDP"),
        ("decline@2026-07-31/real_change_pct#wales_2014/DEU", "Germany, 2014 to 2024: real change 88.7"),
        ("warning@2026-07-31/odds#hague_2025/DEU", "Germany, 2035: odds 0."),
        ("revision@2026-07-31/change_pp#defence_pct_gdp/BGR/2019/2024-06-17", "Bulgaria, 2019: "),
        ("count@2026-07-31/met#wales_2014/2024", "The 2 % count for 2024 went from 23"),
        ("count@2024-06-30/met#wales_2014/2024", "23 of 31 Allies stood at 2 % for 2024"),
        ("count_by_release@2026-07-31/met#wales_2014/2023/2023-07-07", "The 2 % count for 2023 went from 11"),
        ("claims@2026-07-31/verdict_now#few-at-two/ALL", "31 Allies have a figure for 2016"),
        ("claims@2026-07-31/value_now_pct#five-above/DNK", "Denmark: 3.27"),
    ],
)
def test_any_number_has_a_picture(address: str, words: str) -> None:
    figure = figures.series(address, open_evidence())
    assert str(figure.title).replace("\N{NO-BREAK SPACE}", " ").lower().startswith(words.lower())
    assert figures.svg(figure).startswith("<svg")


@pytest.mark.parametrize(
    "address",
    [
        "pledge@2026-07-31/value_pct#hague_2025_related/POL/2035",
        "claims@2026-07-31/verdict_now#struggle/ALL",
        "nato/2024-06-17/defence_pct_gdp#POL/1950",
        "nonsense",
    ],
)
def test_what_is_not_known_is_not_drawn(address: str) -> None:
    with pytest.raises(AddressError):
        figures.series(address, open_evidence())


def test_a_picture_uses_nothing_published_later() -> None:
    figure = figures.series("pledge@2020-12-31/value_pct#wales_2014/DEU/2019", open_evidence())
    assert figure.table["vintage"].max() <= "2020-12"


def test_markup_in_a_title_is_escaped(own: Run) -> None:
    figure = figures.against_level(own.find("pledge", "some"), own)
    assert figure is not None
    text = figures.svg(
        figures.Figure("x", figure.title, "<script>alert(1)</script>", "", None, figure.table, figure.body)
    )
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_words() -> None:
    assert listed(["A"]) == "A"
    assert listed(["A", "B", "C"]) == "A, B and C"
    assert [verdict(met, 2.0) for met in (True, False, None)] == ["met", "not met", "undecidable"]
    assert verdict(None, None) == "not known"
    assert all(len(line) <= 40 for line in wrapped("a word and " * 30, 40 * 12 * 0.51, 12))


def test_small_numbers_are_not_minus_zero(baseline: Run) -> None:
    column = baseline.find("then_now").column("gdp_pp")
    assert number(-0.001, column, signed=True) == "0.00"
    assert number(-0.25, column, signed=True) == "\N{MINUS SIGN}0.25"
    assert number(0.25, column, signed=True) == "+0.25"
