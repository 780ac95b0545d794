"""Who holds what: both files keep their rules, bind to the totals that bind, and hold nothing silly."""

from __future__ import annotations

import csv
import importlib.util
import re
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import ROOT, SHARED

from article3.domain import allies, force_element, force_elements, pools
from article3.domain.vocabulary import Row, parse
from article3.evidence.planning import planning_columns
from article3.evidence.store import SHIPPED

COLLECTED = SHARED / "evidence" / "forces"
FILES = ("forces", "forces_gfp")
PAGE = ROOT / "docs" / "methods" / "holdings.md"
POOLS = {pool.code: pool.element for pool in pools()}
EUROPE = {ally.code for ally in allies() if ally.region == "europe"} | set(POOLS)
STANDING = {"count": "reported", "sum": "estimated", "split": "estimated", "assumed": "notional"}
BRIGADES = ("brigade_heavy", "brigade_medium", "brigade_light")


def text_of(name: str) -> str:
    return (SHIPPED / name / "holdings.csv").read_bytes().decode()


@cache
def rows_of(name: str) -> tuple[Row, ...]:
    return parse(text_of(name), planning_columns("holdings"), f"{name}/holdings.csv")


ROWS = [row for name in FILES for row in rows_of(name)]
TABLE = {(row.text("holder"), row.text("element")): row for row in ROWS}


def central(element: str) -> dict[str, float]:
    return {holder: row.number("central") for (holder, name), row in TABLE.items() if name == element}


def europe(element: str, column: str = "central") -> float:
    return sum(row.number(column) for (holder, name), row in TABLE.items() if name == element and holder in EUROPE)


@cache
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compile_holdings", ROOT / "tools" / "compile_holdings.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def collected() -> Path:
    if not COLLECTED.is_dir():
        pytest.skip(f"needs {COLLECTED}; set ARTICLE3_SHARED")
    return COLLECTED


# The form of the files.


def test_elements_and_holders_exist() -> None:
    known = {ally.code for ally in allies() if ally.has_forces} | set(POOLS)
    assert {row.text("holder") for row in ROWS} == known
    assert {row.text("element") for row in ROWS} == {element.id for element in force_elements()}


def test_ranges_are_in_order() -> None:
    wrong = [row.where for row in ROWS if not 0 <= row.number("low") <= row.number("central") <= row.number("high")]
    assert wrong == []


def test_a_pair_stands_in_one_of_the_files() -> None:
    pairs = [{(row.text("holder"), row.text("element")) for row in rows_of(name)} for name in FILES]
    assert pairs[0] & pairs[1] == set()


@pytest.mark.parametrize("name", FILES)
def test_rows_follow_the_order_of_the_vocabulary(name: str) -> None:
    order = [element.id for element in force_elements()]
    found = [(order.index(row.text("element")), row.text("holder")) for row in rows_of(name)]
    assert found == sorted(found)
    assert "\r" not in text_of(name)


def test_globalfirepower_stands_in_the_folder_that_can_be_deleted() -> None:
    assert not [row.where for row in rows_of("forces") if "gfp" in row.text("source_id")]
    assert {row.text("source_id") for row in rows_of("forces_gfp")} == {"gfp-2025", "gfp-2022"}
    mentioned = re.compile("globalfirepower", re.IGNORECASE)
    keyed = [row.where for row in rows_of("forces") if mentioned.search(row.text("key"))]
    assert keyed == []


def test_standing_follows_from_the_basis_and_a_key_is_named() -> None:
    assert [row.where for row in ROWS if row.text("standing") != STANDING[row.text("basis")]] == []
    assert [row.where for row in ROWS if row.text("basis") == "split" and not row.text("key")] == []
    silent = [row.where for row in ROWS if row.text("basis") == "assumed" and not row.text("key") + row.text("note")]
    assert silent == []


def test_what_is_not_public_has_a_wide_range() -> None:
    """Brigades and the US inventory are recalled from much that is public."""
    for (holder, element), row in TABLE.items():
        closed = {"sam_short", "shells_155mm", "engineer_unit", "medical_unit", "heavy_transporter", "sof"}
        if element in closed or (element == "cyber_team" and holder != "USA"):
            low, middle, high = (row.number(column) for column in ("low", "central", "high"))
            assert row.text("standing") == "notional"
            assert low <= 0.55 * middle
            assert high >= 1.9 * middle


# Totals that bind.


@pytest.mark.parametrize(
    ("elements", "total"),
    [
        (("fighter_4th", "fighter_5th"), 2046),
        (("fighter_5th",), 158),
        (("airlift_strategic",), 11),
        (("airlift_a400m",), 107),
        (("airlift_tactical",), 125),
        (("aew",), 14 + 21),
        (("isr_uav",), 200),
        (("isr_crewed",), 36),
        (("satellite",), 49),
        (("mbt",), 1627),
        (BRIGADES, 159),
    ],
)
def test_a_published_total_binds(elements: tuple[str, ...], total: float) -> None:
    assert sum(europe(element) for element in elements) == total


def test_common_fleets_and_single_holders() -> None:
    assert {pool: central(element)[pool] for pool, element in POOLS.items()} == {
        "MMF": 8,
        "SAC": 3,
        "AEW": 14,
        "AGS": 5,
    }
    assert central("airlift_strategic")["GBR"] == 8
    assert central("satellite")["USA"] == 246
    assert central("tanker")["USA"] == 450
    assert sum(central(kind)["DEU"] for kind in BRIGADES) == 8


def test_cruise_missiles_of_2022_with_finland_on_top() -> None:
    held = central("cruise_missile")
    assert europe("cruise_missile") - held["FIN"] == 3000


def test_published_carriers_are_seven_and_no_ship_counts_twice() -> None:
    """Three of the seven are amphibious ships by our definition."""
    assert europe("carrier") == 4
    assert europe("carrier", "high") == 7
    assert {holder for holder, number in central("carrier").items() if number == 0} == {"ESP", "TUR"}
    assert {"ESP", "ITA", "TUR"} <= set(central("amphibious"))


def test_long_range_air_defence_surrounds_the_published_count() -> None:
    assert europe("sam_long", "low") <= 35 <= europe("sam_long", "high")
    # The S-400 is not integrated.
    assert "TUR" not in central("sam_long")


def test_zeros_are_findings() -> None:
    zeros = {pair for pair, row in TABLE.items() if row.number("central") == 0}
    assert zeros == {("GBR", "sam_long"), ("ESP", "carrier"), ("TUR", "carrier")}
    assert TABLE["GBR", "sam_long"].number("high") == 0


# Nothing silly.


def test_landlocked_allies_hold_no_ships() -> None:
    inland = {ally.code for ally in allies() if ally.landlocked}
    afloat = {(row.text("holder"), row.text("element")) for row in ROWS if row.text("holder") in inland}
    assert [pair for pair in afloat if force_element(pair[1]).unit in ("ship", "submarine")] == []


def test_pools_hold_their_element_alone() -> None:
    assert {(holder, element) for holder, element in TABLE if holder in POOLS} == set(POOLS.items())


def test_small_allies_hold_what_they_have() -> None:
    held = defaultdict(set)
    for holder, element in TABLE:
        held[holder].add(element)
    assert held["LUX"] == {"airlift_a400m", "satellite", "cyber_team"}
    assert held["MNE"] == {"artillery", "cyber_team"}
    assert "ISL" not in held


def test_canada_has_numbers_of_its_own() -> None:
    """Not those of a key, in which a scaling to Europe once left it with 2,414 batteries."""
    canada = {element: row.number("central") for (holder, element), row in TABLE.items() if holder == "CAN"}
    assert len(canada) >= 20
    assert [element for element, number in canada.items() if number > 0.5 * europe(element)] == []


def test_no_ally_holds_nearly_all_of_a_common_element() -> None:
    for element in force_elements():
        held = {holder: number for holder, number in central(element.id).items() if holder in EUROPE}
        if len(held) >= 6:
            assert max(held.values()) <= 0.55 * sum(held.values()), element.id


def test_every_element_but_bombers_has_a_european_holder() -> None:
    assert [element.id for element in force_elements() if europe(element.id) == 0] == ["bomber"]


def test_the_united_states_offers_no_more_than_it_holds() -> None:
    offers = list(csv.DictReader((SHIPPED / "forces" / "offers.csv").read_text(encoding="utf-8").splitlines()))
    assert offers
    for offer in offers:
        if float(offer["high"]):
            held = TABLE["USA", offer["element"]]
            assert float(offer["central"]) <= held.number("central"), offer["element"]
            assert float(offer["high"]) <= held.number("high"), offer["element"]


# The page.


def _written(value: float) -> str:
    return f"{value:,.0f}"


def _line(element: str) -> tuple[str, str]:
    """Return what the page has to say of Europe and of the United States."""
    ends = f"{_written(europe(element))} ({_written(europe(element, 'low'))}–{_written(europe(element, 'high'))})"
    america = TABLE.get(("USA", element))
    return ends, _written(america.number("central")) if america else "–"


def _told() -> dict[str, list[str]]:
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.read_text("utf-8").splitlines()]
    return {cells[0].strip("`"): cells[1:] for cells in lines if len(cells) == 6 and cells[0].startswith("`")}


def test_the_page_tells_the_numbers_of_the_files() -> None:
    told = {element: (cells[0], cells[1]) for element, cells in _told().items()}
    assert told == {element.id: _line(element.id) for element in force_elements()}


def test_the_page_tells_how_european_numbers_came_about() -> None:
    order = list(STANDING)
    for element, cells in _told().items():
        found = {row.text("basis") for (holder, name), row in TABLE.items() if name == element and holder in EUROPE}
        assert cells[2] == (", ".join(sorted(found, key=order.index)) or "–"), element


def test_the_page_tells_the_totals_that_bind() -> None:
    text = PAGE.read_text(encoding="utf-8")
    key = TABLE["FRA", "fighter_4th"].text("key")
    of_types = dict(re.findall(r"(F-16|Typhoon|Mirage|Gripen|F/A-18|other types)[^0-9,]* (\d+)", key))
    assert set(of_types) == {"F-16", "Typhoon", "Mirage", "Gripen", "F/A-18", "other types"}
    assert f"The other {of_types.pop('other types')} are not named" in text
    for kind, number in of_types.items():
        assert f"{kind} {number}" in text
    assert f"F-35 {_written(europe('fighter_5th'))}" in text


# The tool.


@pytest.mark.raw
def test_the_tool_reproduces_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["compile_holdings", str(collected()), "--out", str(tmp_path)])
    assert tool().main() == 0
    for name in FILES:
        assert (tmp_path / name / "holdings.csv").read_bytes().decode() == text_of(name)


@pytest.mark.raw
def test_brigades_sum_to_what_is_recalled_of_each_ally() -> None:
    recalled = {
        row["ally_iso3"]: float(row["value"])
        for row in csv.DictReader((collected() / "assumed_holdings.csv").read_text(encoding="utf-8").splitlines())
        if row["item"] == "manoeuvre brigades total"
    }
    held: dict[str, float] = defaultdict(float)
    for kind in BRIGADES:
        for holder, number in central(kind).items():
            held[holder] += number
    assert dict(held) == {code: number for code, number in recalled.items() if number} | {"DEU": 8}


@pytest.mark.raw
@pytest.mark.parametrize("counts", ["gfp:mbt:ISL", "types:mbt:FRA Leopard", "sipri:tanker:DEU", "said:aew:NOBODY:EUR"])
def test_a_rule_that_asks_for_what_is_not_there_fails(counts: str) -> None:
    with pytest.raises(LookupError, match="nothing found"):
        tool().Evidence(collected()).counts(counts)


@pytest.mark.raw
def test_the_hobbyists_list_is_not_used() -> None:
    evidence = tool().Evidence(collected())
    assert evidence.inventories
    assert not [row for row in evidence.inventories if "PLANE-ALERT" in row["source"]]


def test_a_pair_written_twice_is_refused() -> None:
    table = tool().Holdings(None)
    table.add("mbt", {"FRA": 5.0}, ("count", "kiel-2030", "sure"))
    with pytest.raises(ValueError, match="FRA mbt stands twice"):
        table.add("mbt", {"FRA": 6.0}, ("count", "kiel-2030", "sure"))


@given(st.integers(0, 5000), st.dictionaries(st.sampled_from(sorted(EUROPE)), st.integers(1, 900), min_size=1))
def test_a_total_shared_out_is_whole_and_fair(total: int, key: dict[str, int]) -> None:
    shared = tool().shared_out(total, key)
    assert sum(shared.values()) == total
    for code, number in shared.items():
        assert number == int(number)
        assert abs(number - total * key[code] / sum(key.values())) < 1 + 1e-9
