"""The shipped planning figures and contingencies keep their own rules, and say what the documentation says."""

from __future__ import annotations

import csv
import io
import math
import re
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
import yaml

from article3.domain import allies, capabilities, capability, force_element, force_elements, pools
from article3.domain.vocabulary import Column, Row, parse
from article3.evidence.planning import open_planning
from article3.evidence.store import SHIPPED
from article3.scenario.contingency import CONTINGENCIES, read_contingency, shipped_contingencies

FORCES = SHIPPED / "forces"
PAGE = Path(__file__).parents[2] / "docs/methods/contingencies.md"
TEXT = PAGE.read_text(encoding="utf-8")
WINDOWS = (10, 30, 180)
RANGE = ("low", "central", "high")
TABLES = (
    "availability", "retained", "offers", "effects", "interoperability", "improvements", "costs",
    "reach", "bands", "places", "published", "inventories",
)  # fmt: skip
VERSIONS = ("before_2026", "after_2026_a", "after_2026_b")
ELEMENTS = [item.id for item in force_elements()]
LIKE = {item.element: item.id for item in capabilities()}
# Alternates that the vocabulary does not list as roles: a conventional submarine gives the capability named after the
# nuclear one as its main role; missiles stand in for bombers, and frigates a little for destroyers.
ALTERNATES = {
    ("ssk", "submarine_warfare"),
    ("cruise_missile", "strategic_strike"),
    ("frigate", "fleet_air_defence"),
}


def columns_of(table: str) -> list[Column]:
    described = csv.DictReader(io.StringIO((FORCES / "columns.csv").read_text(encoding="utf-8")))
    return [
        Column(
            line["table"], line["column"], line["type"], line["key"] == "true", line["required"] == "true",
            tuple(line["allowed"].split(";")) if line["allowed"] else (), line["refers_to"], line["unit"],
            line["description"],
        )
        for line in described
        if line["table"] == table
    ]  # fmt: skip


def rows(table: str) -> tuple[Row, ...]:
    return parse((FORCES / f"{table}.csv").read_text(encoding="utf-8"), columns_of(table), f"{table}.csv")


def read_yaml(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((CONTINGENCIES / f"{name}.yaml").read_text(encoding="utf-8"))
    return data


ALL = {name: read_yaml(name) for name in shipped_contingencies()}
SOURCES = {
    line["source_id"]: line
    for line in csv.DictReader(io.StringIO((SHIPPED / "sources.csv").read_text(encoding="utf-8")))
}


# What the page shows. A failing test prints the text that has to stand there.


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"


def _shown(figures: list[float] | None, basis: str) -> str:
    if figures is None:
        return "–"
    low, central, high = (_number(value) for value in figures)
    return f"{central}{' a day' if basis == 'rate' else ''} ({low}–{high})"


def requirement_table(data: dict[str, Any]) -> str:
    """Return a contingency's requirements as the page shows them; essential capabilities in bold."""
    lines = [
        "| Capability (unit) | 10 days | 30 days | 180 days | Standing | Source | Why |",
        "|---|---|---|---|---|---|---|",
    ]
    for need in data["needs"]:
        item = capability(need["capability"])
        title = f"**{item.title}**" if item.id in data["essential"] else item.title
        shown = [_shown(need["windows"].get(window), need["basis"]) for window in WINDOWS]
        cells = [f"{title} ({item.unit})", *shown, need["standing"], f"`{need['source']}`", need["note"]]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def facts(data: dict[str, Any]) -> str:
    """Return the line above a contingency's table."""
    kind = "conventional" if data["conventional"] else "not counted as conventional"
    return f"`{data['contingency']}` · theatre `{data['theatre']}` · {data['intensity']} intensity · {kind} · weight {data['weight']:g}"


def offer_table() -> str:
    """Return the versions of the US offer as the page shows them: elements that any report of 2026 names."""
    offers = {(row.text("version"), row.text("element")): row for row in rows("offers")}
    lines = ["| Element | `before_2026` | `after_2026_a` | `after_2026_b` | Reported |", "|---|---|---|---|---|"]
    for element in ELEMENTS:
        found = [offers[version, element] for version in VERSIONS]
        if len({row.number("central") for row in found}) == 1:
            continue
        shown = [f"{_number(row.number('central'))} {row.text('standing')}" for row in found]
        lines.append(f"| {force_element(element).title} | {' | '.join(shown)} | {found[1].text('reported_change')} |")
    return "\n".join(lines)


@pytest.mark.parametrize("table", TABLES)
class TestTables:
    def test_its_cells_keep_the_rules_of_columns_csv(self, table: str) -> None:
        assert rows(table)

    def test_what_it_refers_to_exists(self, table: str) -> None:
        holders = {*(item.code for item in (*allies(), *pools()))}
        domains = {item.domain for item in force_elements()}
        known = {
            "allies or pools": holders,
            "allies, pools or 'default'": holders | {"default"},
            "force_elements": set(ELEMENTS),
            "force_elements or 'any'": {*ELEMENTS, "any"},
            "domains of force_elements": domains,
            "domains of force_elements or 'any'": domains | {"any"},
            "capabilities": {item.id for item in capabilities()},
            "sources": set(SOURCES),
        }
        unknown = {
            (row.where, row.text(column.column))
            for row in rows(table)
            for column in columns_of(table)
            if column.refers_to and row.text(column.column) and row.text(column.column) not in known[column.refers_to]
        }
        assert unknown == set()

    def test_ranges_are_in_order_and_shares_within_one(self, table: str) -> None:
        described = [column.column for column in columns_of(table)]
        shares = [column.column for column in columns_of(table) if column.unit == "share"]
        for row in rows(table):
            if "central" in described:
                given = [row.number(name) for name in RANGE if row.text(name)]
                assert given == sorted(given), row.where
                assert given[0] >= 0, row.where
            assert all(0 <= row.number(name) <= 1 for name in shares), row.where

    def test_ours_is_notional_and_the_rest_is_not_official(self, table: str) -> None:
        """Nothing here comes from an official file, and what names no producer is an assumption."""
        if "standing" not in {column.column for column in columns_of(table)}:
            return
        for row in rows(table):
            assert row.text("standing") != "official", row.where
            if row.text("source_id") == "article3-assumption":
                assert row.text("standing") == "notional", row.where


def test_availability_of_every_element_is_there_and_never_falls_with_the_window() -> None:
    found = {(row.text("element"), int(row.text("window_days"))): row for row in rows("availability")}
    assert set(found) == set(product(ELEMENTS, WINDOWS))
    for element, (earlier, later), column in product(ELEMENTS, pairwise(WINDOWS), RANGE):
        assert found[element, earlier].number(column) <= found[element, later].number(column), (element, column)


def test_reach_never_falls_with_the_window_nor_rises_with_the_distance() -> None:
    found = {(row.text("distance"), int(row.text("window_days"))): row for row in rows("reach")}
    bands = [row.text("distance") for row in rows("bands")]
    assert set(found) == set(product(bands, WINDOWS))
    for band, (earlier, later), column in product(bands, pairwise(WINDOWS), RANGE):
        assert found[band, earlier].number(column) <= found[band, later].number(column)
    for (nearer, farther), window in product(pairwise(["home", "near", "far"]), WINDOWS):
        assert found[nearer, window].number("central") >= found[farther, window].number("central")


def test_every_element_has_a_cost_an_effect_and_an_offer_in_every_version() -> None:
    assert [row.text("element") for row in rows("costs")] == ELEMENTS
    assert {row.text("element") for row in rows("effects")} == set(ELEMENTS)
    offers = [(row.text("version"), row.text("element")) for row in rows("offers")]
    assert offers == list(product(VERSIONS, ELEMENTS))
    assert all(row.number("lot") > 0 and row.number("lead_years") > 0 for row in rows("costs"))


def test_every_ally_pool_and_theatre_has_a_place() -> None:
    places = {row.text("place") for row in rows("places")}
    wanted = {*(item.code for item in (*allies(), *pools())), *(data["theatre"] for data in ALL.values())}
    assert places >= wanted


def test_like_with_like_is_one() -> None:
    own = {
        row.text("element"): row for row in rows("effects") if LIKE.get(row.text("element")) == row.text("capability")
    }
    assert set(own) == set(LIKE)
    assert all(row.number(column) == 1 for row in own.values() for column in RANGE)


def test_roles_of_the_vocabulary_and_effects_agree() -> None:
    # Nothing is asked for in conventional submarines, so that their role is the capability named after nuclear ones.
    gives = LIKE | {"ssk": "submarine_warfare"}
    roles = {(item.id, gives[role]) for item in force_elements() for role in item.multi_role}
    effects = {(row.text("element"), row.text("capability")) for row in rows("effects")}
    assert roles <= effects
    assert effects - roles - set(LIKE.items()) <= ALTERNATES


@pytest.mark.parametrize("column", ["central", "high"])
def test_no_unit_is_worth_more_than_itself_by_standing_in_for_others(column: str) -> None:
    """Longest products over all ways, as Floyd and Warshall find shortest sums; no way back may exceed 1."""
    element_of = {item.id: item.element for item in capabilities()}
    best = dict.fromkeys(product(ELEMENTS, ELEMENTS), -math.inf)
    for row in rows("effects"):
        edge = (row.text("element"), element_of[row.text("capability")])
        best[edge] = max(best[edge], math.log(row.number(column))) if row.number(column) > 0 else best[edge]
    for middle, start, end in product(ELEMENTS, repeat=3):
        best[start, end] = max(best[start, end], best[start, middle] + best[middle, end])
    assert {element for element in ELEMENTS if best[element, element] > 1e-9} == set()


def test_measures_never_raise_interoperability_above_one() -> None:
    factors = {(row.text("group"), row.text("domain")): row.number("central") for row in rows("interoperability")}
    domains = {item.domain for item in force_elements()}
    assert set(factors) >= set(product(("europe", "canada", "usa"), domains))
    gains: dict[tuple[str, str], float] = {}
    for row in rows("improvements"):
        key = (row.text("group"), row.text("domain"))
        gains[key] = gains.get(key, 0.0) + row.number("gain")
        assert row.number("gain") > 0
        assert row.number("cost_usd_m") > 0
    assert all(factors[key] + gain <= 1 for key, gain in gains.items())


def test_the_published_shares_of_inventories_recompute() -> None:
    """Europe's share of both together: 156 of 606 tankers and so on, on the source's own denominator."""
    wanted = {
        ("air_refuelling", 2025): 0.283,
        ("air_refuelling", 2023): 0.257,
        ("airborne_control", 2023): 0.226,
        ("uav_surveillance", 2023): 0.182,
        ("space_surveillance", 2025): 0.166,
    }
    found = {}
    for row in rows("inventories"):
        share = row.number("europe") / (row.number("europe") + row.number("usa"))
        assert share == pytest.approx(row.number("share"), abs=5e-4), row.where
        found[row.text("capability"), row.year("year")] = round(share, 3)
    assert found == wanted


def test_the_reported_cuts_recompute() -> None:
    offers = {(row.text("version"), row.text("element")): row.number("central") for row in rows("offers")}
    reported = {
        "fighter_4th": -34,
        "tanker": -20,
        "isr_uav": -50,
        "mpa": -42,
        "destroyer": -47,
        "carrier": -50,
        "bomber": -50,
    }
    for element, percent in reported.items():
        before, after = offers["before_2026", element], offers["after_2026_a", element]
        assert round(100 * (after / before - 1)) == percent, element


def test_versions_of_the_offer_conflict_where_reports_do_and_only_fall() -> None:
    offers = {(row.text("version"), row.text("element")): row for row in rows("offers")}
    differ = {
        element
        for element in ELEMENTS
        if offers["after_2026_a", element].number("central") != offers["after_2026_b", element].number("central")
    }
    assert differ == {"tanker", "carrier", "ssn"}
    for element, (earlier, later), column in product(ELEMENTS, pairwise(VERSIONS), RANGE):
        assert offers[later, element].number(column) <= offers[earlier, element].number(column), (element, later)
    for element in differ:
        assert "CONFLICT" in offers["after_2026_a", element].text("note")
        assert offers["after_2026_b", element].number("central") == 0


def test_published_figures_are_held_against_elements_and_say_why_they_differ() -> None:
    sets = {row.text("set") for row in rows("published")}
    assert sets == {"a1", "b1", "b3", "b4", "csba", "rand", "nfm"}
    for row in rows("published"):
        for part in row.items("compare"):
            element, _, factor = part.partition("*")
            assert element in ELEMENTS, row.where
            assert float(factor) > 0, row.where
        assert row.text("difference").endswith("."), row.where
        assert len(row.text("difference")) > 30, row.where
        # What is added to a holding or replaces another's is no holding, and is never shown as if it were.
        if row.text("basis") in {"increment", "replacement"}:
            assert row.text("compare") == "", row.where


def test_units_that_mix_classes_of_air_defence_stand_beside_nothing() -> None:
    mixed = [row for row in rows("published") if row.text("central") in {"293", "1467"}]
    assert len(mixed) == 2
    assert all(row.text("compare") == "" and row.text("capability") == "" for row in mixed)


def test_the_anchors_of_requirements_stand_in_the_published_sets() -> None:
    figures = {(row.text("set"), row.text("item")): row.number("central") for row in rows("published")}
    windows = {(name, need["capability"]): need["windows"] for name, data in ALL.items() for need in data["needs"]}
    structure = [windows["force_structure", f"{kind}_manoeuvre"][180] for kind in ("heavy", "medium", "light")]
    assert sum(central for _, central, _ in structure) == figures["a1", "brigades"]
    assert windows["force_structure", "corps_command"][180][1] == figures["a1", "corps"]
    assert windows["force_structure", "division_command"][180][1] == figures["a1", "divisions"]
    assert windows["air_missile_defence", "long_range_air_defence"][180][1] == figures["b4", "air_defence_long"]
    assert windows["long_war", "artillery_ammunition"][180][1] == figures["b3", "shells_rate"]
    baltic = [windows["baltic_defence", f"{kind}_manoeuvre"][10][1] for kind in ("heavy", "medium", "light")]
    assert baltic[0] == figures["rand", "brigades_heavy"]
    assert sum(baltic) == figures["rand", "brigades"]


def test_the_tankers_of_one_study_are_shared_over_four_contingencies() -> None:
    shared = [
        need["windows"][180][1]
        for data in ALL.values()
        for need in data["needs"]
        if (need["capability"], need["source"]) == ("air_refuelling", "csba-2019")
    ]
    assert len(shared) == 4
    assert sum(shared) == 183


@pytest.mark.parametrize("name", ALL)
class TestContingencies:
    def test_its_needs_are_in_units_held_on_a_known_basis_and_never_fall(self, name: str) -> None:
        data = ALL[name]
        assert data["contingency"] == name
        names = [need["capability"] for need in data["needs"]]
        assert len(names) == len(set(names))
        for need in data["needs"]:
            assert need["capability"] in {item.id for item in capabilities()}
            assert need["basis"] in {"total", "rate"}
            assert need["source"] in SOURCES
            assert need["standing"] in {"reported", "notional"}
            assert (need["source"] == "article3-assumption") <= (need["standing"] == "notional")
            assert need["note"]
            assert set(need["windows"]) <= set(WINDOWS)
            for figures in need["windows"].values():
                assert 0 < figures[0] <= figures[1] <= figures[2]
            windows = sorted(need["windows"].items())
            for (_, earlier), (_, later) in pairwise(windows):
                assert all(less <= more for less, more in zip(earlier, later, strict=True))
            rate = force_element(capability(need["capability"]).element).unit == "round"
            assert rate or need["basis"] == "total", "only rounds are used up by the day"

    def test_brigades_never_stand_beside_their_parts(self, name: str) -> None:
        used = {capability(need["capability"]).element for need in ALL[name]["needs"]}
        parts = {item.id: set(item.part_of) for item in force_elements() if item.part_of}
        assert not {part for part in used & set(parts) if parts[part] & used}

    def test_bombers_are_never_essential(self, name: str) -> None:
        assert "strategic_strike" not in ALL[name]["essential"]

    def test_the_reader_takes_it(self, name: str) -> None:
        planning = open_planning(folders=(SHIPPED,))
        read = read_contingency(CONTINGENCIES / f"{name}.yaml", planning)
        for item in read.essential:
            assert planning.givers[item] - {"USA"}, f"only the United States gives {item}"

    def test_the_page_shows_it(self, name: str) -> None:
        assert f"### {ALL[name]['title']}\n" in TEXT
        assert facts(ALL[name]) in TEXT
        assert requirement_table(ALL[name]) in TEXT


def test_the_page_shows_no_other_contingency() -> None:
    shown = re.findall(r"^`(\w+)` · theatre", TEXT, re.MULTILINE)
    assert sorted(shown) == sorted(ALL)


def test_the_page_shows_the_versions_of_the_offer() -> None:
    assert offer_table() in TEXT


def test_the_example_of_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    example = re.search(r"```yaml[^\n]*\n(contingency: .*?)```", TEXT, re.DOTALL)
    assert example
    path = tmp_path / "mine.yaml"
    path.write_text(example[1], encoding="utf-8")
    read = read_contingency(path, open_planning(folders=(SHIPPED,)))
    assert {need.window_days for need in read.needs} == {10, 30}
