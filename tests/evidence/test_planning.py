"""The planning tables: what they say, and every rule they keep, by file and line."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning_folder import PlanningFolder, write_table

from article3.domain import Column
from article3.domain.vocabulary import Row
from article3.errors import EvidenceError, UnknownNameError
from article3.evidence import planning_checks
from article3.evidence.planning import (
    OWN,
    SEPARABLE,
    SEPARABLE_ELEMENTS,
    Overlay,
    keep,
    laid_over,
    open_planning,
    plain,
    planning_columns,
    planning_tables,
    read_kept,
)
from article3.evidence.store import SHIPPED

Change = Callable[[PlanningFolder], object]


@pytest.fixture
def small(tmp_path: Path) -> PlanningFolder:
    return PlanningFolder(tmp_path / "evidence")


def faults(small: PlanningFolder, *overlays: Overlay) -> list[str]:
    with pytest.raises(EvidenceError) as caught:
        open_planning((small.write(),), overlays)
    return [str(fault) for fault in caught.value.faults]


def test_the_tables_have_the_columns_of_their_description_and_typed_cells(small: PlanningFolder) -> None:
    planning = open_planning((small.write(),))
    for name in planning_tables():
        assert planning.table(name).columns == [column.column for column in planning.columns(name)]
    holdings = planning.table("holdings")
    assert holdings.schema["central"] == pl.Float64
    assert holdings.schema["as_of"] == pl.String
    assert planning.table("availability").schema["window_days"] == pl.Int32
    assert planning.table("bands")["up_to_km"].to_list() == [750.0, 1750.0, None, None]
    assert holdings.row(0, named=True)["holder"] == "DEU"
    assert holdings["key"].to_list() == [""] * 9
    with pytest.raises(UnknownNameError, match="Did you mean holdings"):
        planning.table("holding")


def test_every_column_says_what_it_means() -> None:
    for name in planning_tables():
        assert any(column.key for column in planning_columns(name))
        for column in planning_columns(name):
            assert column.description.endswith("."), column
            known = planning_checks._Known(()).tables
            assert not column.refers_to or column.refers_to in known, column


def test_who_can_give_what(small: PlanningFolder) -> None:
    small.row("holdings", "DEU", "sam_long").update(low="0", central="0", high="0")
    small.row("effects", "mbt", "armour").update(low="0", central="0", high="0")
    givers = open_planning((small.write(),)).givers
    assert givers["heavy_manoeuvre"] == {"DEU", "POL", "USA"}
    assert givers["air_refuelling"] == {"MMF", "USA"}
    assert givers["strategic_strike"] == {"USA"}
    assert givers["long_range_air_defence"] == set()
    assert givers["cyber_defence"] == set()
    assert givers["armour"] == set()


def test_the_tables_are_read_once_and_again_when_a_file_changes(small: PlanningFolder) -> None:
    folder = small.write()
    first = open_planning((folder,))
    assert open_planning((folder,)) is first
    small.row("holdings", "DEU", "sam_long")["note"] = "Another remark."
    small.write()
    second = open_planning((folder,))
    assert second is not first
    assert second.digest() != first.digest()


def test_the_digest_tells_figures_apart_and_nothing_else(small: PlanningFolder, tmp_path: Path) -> None:
    first = open_planning((small.write(),)).digest()
    assert open_planning((PlanningFolder(tmp_path / "copy").write(),)).digest() == first
    need = Overlay("requirements", ("mine", "heavy_manoeuvre", "10"), 1, 1, 1, "brigade")
    assert open_planning((small.folder,), (need,)).digest() != first


BROKEN: list[tuple[str, Change, str, str]] = [
    (
        "unknown element",
        lambda t: t.row("holdings", "DEU", "sam_long").update(element="sam_log"),
        "forces/holdings.csv:3",
        "unknown force element 'sam_log'. Did you mean sam_long or sam_short?",
    ),
    (
        "unknown holder",
        lambda t: t.row("holdings", "DEU", "sam_long").update(holder="DEX"),
        "forces/holdings.csv:3",
        "unknown Ally or pool 'DEX'. Did you mean DEU",
    ),
    (
        "unknown capability",
        lambda t: t.row("effects", "tanker", "air_refuelling").update(capability="air_refueling"),
        "forces/effects.csv:6",
        "unknown capability 'air_refueling'. Did you mean air_refuelling?",
    ),
    (
        "unknown domain",
        lambda t: t.row("interoperability", "europe", "any").update(domain="lend"),
        "forces/interoperability.csv:2",
        "unknown domain 'lend'. Did you mean land?",
    ),
    (
        "unknown source",
        lambda t: t.row("costs", "tanker").update(source_id="study-2052"),
        "forces/costs.csv:4",
        "unknown source 'study-2052'. Did you mean study-2025?",
    ),
    (
        "negative",
        lambda t: t.row("holdings", "POL", "mbt").update(low="-500"),
        "forces/holdings.csv:6",
        "low is negative; found -500",
    ),
    (
        "low above central",
        lambda t: t.row("holdings", "POL", "mbt").update(low="900"),
        "forces/holdings.csv:6",
        "low is above central; found 900 and 600",
    ),
    (
        "central above high",
        lambda t: t.row("costs", "mbt").update(high="100"),
        "forces/costs.csv:7",
        "central is above high; found 100.5 and 100",
    ),
    (
        "availability above 1",
        lambda t: t.row("availability", "tanker", "180").update(high="90"),
        "forces/availability.csv:10",
        "high is a share above 1; found 90; expected at most 1. Is 0.9 meant?",
    ),
    (
        "retained above 1",
        lambda t: t.row("retained", "default", "any").update(high="1.2"),
        "forces/retained.csv:2",
        "high is a share above 1",
    ),
    (
        "availability falls",
        lambda t: t.row("availability", "tanker", "30").update(low="0.05", central="0.15"),
        "forces/availability.csv:9",
        "availability of tanker falls between 10 and 30 days (low, central); found 0.1 then 0.05, 0.2 then 0.15",
    ),
    (
        "reach falls",
        lambda t: t.row("reach", "far", "180").update(low="0.4"),
        "forces/reach.csv:10",
        "reach of far falls between 30 and 180 days (low)",
    ),
    (
        "substitution circle",
        lambda t: t.row("effects", "brigade_medium", "heavy_manoeuvre").update(central="1.25", high="2"),
        "forces/effects.csv:3 and forces/effects.csv:4",
        "a substitution circle",
    ),
    (
        "a unit worth more than itself",
        lambda t: t.row("effects", "tanker", "air_refuelling").update(central="1.2", high="2"),
        "forces/effects.csv:6",
        (
            "a substitution circle: by standing in for one another, units would be worth more than themselves; "
            "found tanker -> tanker with a product of 1.2"
        ),
    ),
    (
        "the same row twice",
        lambda t: t.tables["holdings"].append(dict(t.row("holdings", "POL", "mbt"))),
        "forces/holdings.csv:11",
        "the same holder and element twice; found POL, mbt; expected other than forces/holdings.csv:6",
    ),
    (
        "not a number",
        lambda t: t.row("holdings", "POL", "mbt").update(central="6e2"),
        "forces/holdings.csv:6",
        "central is not a number; found 6e2",
    ),
    (
        "unknown basis",
        lambda t: t.row("holdings", "POL", "mbt").update(basis="guess"),
        "forces/holdings.csv:6",
        "basis is not known; found guess",
    ),
    (
        "costs nothing",
        lambda t: t.row("costs", "mbt").update(low="0", central="0"),
        "forces/costs.csv:7",
        "central is zero. What costs nothing would be bought without end.",
    ),
    (
        "a window without availability",
        lambda t: t.tables["availability"].remove(t.row("availability", "sam_long", "30")),
        "forces/availability.csv",
        "no availability of sam_long at 30 days",
    ),
    (
        "a holder without a place",
        lambda t: t.tables["places"].remove(t.row("places", "MMF")),
        "forces/places.csv",
        "no place for MMF",
    ),
    (
        "an offer without a holding",
        lambda t: t.add(
            "offers",
            version="before_2026",
            element="sam_long",
            low="1",
            central="2",
            high="3",
            source_id="study-2025",
            standing="reported",
        ),
        "forces/offers.csv:5",
        "the United States offers sam_long but holds none",
    ),
    (
        "nothing retained",
        lambda t: t.tables["retained"].clear(),
        "forces/retained.csv",
        "no line 'default,any'",
    ),
    (
        "a distance without reach",
        lambda t: t.tables["reach"].remove(t.row("reach", "far", "10")),
        "forces/reach.csv",
        "no reach for the distance 'far' at 10 days",
    ),
    (
        "half a position",
        lambda t: t.row("places", "baltic").update(lon=""),
        "forces/places.csv:6",
        "a position has a latitude and a longitude",
    ),
    (
        "beyond the pole",
        lambda t: t.row("places", "baltic").update(lat="570"),
        "forces/places.csv:6",
        "lat is beyond 90 degrees",
    ),
    (
        "a place of nobody",
        lambda t: t.row("places", "MMF").update(place="MMX"),
        "forces/places.csv:5",
        "unknown Ally or pool 'MMX'",
    ),
    (
        "thresholds that fall",
        lambda t: t.row("bands", "near").update(up_to_km="700"),
        "forces/bands.csv:3",
        "distances do not rise from line to line",
    ),
    (
        "compared with nothing",
        lambda t: t.add(
            "published",
            set="a1",
            item="brigades",
            title="Brigades",
            basis="total",
            central="131",
            unit="brigade",
            compare="brigade_hevy*1;mbt*many",
            holders="alliance",
            difference="Another definition.",
            source_id="study-2025",
            standing="reported",
        ),
        "forces/published.csv:2",
        "unknown force element 'brigade_hevy'. Did you mean brigade_heavy",
    ),
]


@pytest.mark.parametrize(("change", "where", "said"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_rule_is_told_with_its_place(small: PlanningFolder, change: Change, where: str, said: str) -> None:
    change(small)
    found = faults(small)
    assert any(fault.startswith(f"{where}: ") and said in fault for fault in found), found


def test_all_faults_of_all_files_come_at_once(small: PlanningFolder) -> None:
    """A malformed cell hides neither the other lines of its file nor the other files."""
    small.row("holdings", "POL", "mbt").update(central="many")
    small.row("holdings", "DEU", "sam_long").update(element="sam_log")
    small.row("availability", "tanker", "30").update(central="0.1")
    small.row("costs", "tanker").update(low="-1")
    places = [fault.split(": ")[0] for fault in faults(small)]
    expected = {"forces/holdings.csv:6", "forces/holdings.csv:3", "forces/availability.csv:9", "forces/costs.csv:4"}
    assert expected <= set(places)


def test_a_source_that_is_not_held_is_told_once_a_file(small: PlanningFolder) -> None:
    for row in small.tables["costs"]:
        row["source_id"] = "nowhere"
    (fault,) = faults(small)
    assert fault == (
        "forces/costs.csv:2: unknown source 'nowhere', here and in 7 further lines. Sources stand in sources.csv."
    )


def test_missing_and_unreadable_tables(small: PlanningFolder) -> None:
    folder = small.write()
    (folder / "forces" / "costs.csv").unlink()
    (folder / "forces" / "reach.csv").write_bytes(b"distance,\xff\n")
    (folder / "forces" / "bands.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(EvidenceError) as caught:
        open_planning((folder,))
    text = str(caught.value)
    assert "forces/costs.csv: the table is missing" in text
    assert "reach.csv, line 1: the file is not UTF-8 text" in text
    assert "forces/bands.csv:1: wrong columns" in text


def test_the_separable_part_adds_and_never_replaces(small: PlanningFolder) -> None:
    more = [dict(small.row("holdings", "POL", "mbt")) for _ in range(2)]
    more[0].update(central="650", high="800")
    more[1].update(holder="DEU", low="100", central="300", high="320")
    folder = small.write()
    assert "forces_gfp" in open_planning((folder,)).missing
    assert "main battle tank" in open_planning((folder,)).missing
    write_table(folder / "forces_gfp" / "holdings.csv", more, "holdings")
    planning = open_planning((folder,))
    tanks = planning.table("holdings").filter(pl.col("element") == "mbt")
    assert dict(zip(tanks["holder"], tanks["central"], strict=True)) == {"POL": 600.0, "DEU": 300.0}
    assert planning.missing == ""
    more[1].update(holder="DEX")
    write_table(folder / "forces_gfp" / "holdings.csv", more, "holdings")
    with pytest.raises(EvidenceError, match="forces_gfp/holdings.csv:3: unknown Ally or pool 'DEX'"):
        open_planning((folder,))


def test_what_a_deleted_folder_leaves_out_is_known() -> None:
    path = SHIPPED / SEPARABLE / "holdings.csv"
    if not path.exists():
        pytest.skip("the separable folder is not there")
    with path.open(encoding="utf-8", newline="") as file:
        assert {row["element"] for row in csv.DictReader(file)} == set(SEPARABLE_ELEMENTS)


def test_the_shipped_tables_keep_every_rule() -> None:
    planning = open_planning((SHIPPED,))
    assert planning.table("holdings")["holder"].n_unique() > 30
    assert planning.overlays == ()


def test_own_figures_replace_and_add_rows(small: PlanningFolder) -> None:
    own = (
        Overlay("holdings", ("DEU", "sam_long"), 10, 11, 12, "battery", "a licensed table", "counted"),
        Overlay("holdings", ("POL", "sam_long"), 2, 2, 2, "battery"),
        Overlay("availability", ("tanker", "10"), 0.3, 0.3, 0.3, "share"),
        Overlay("costs", ("mbt",), 20, 25, 30, "million US$ of 2025 per vehicle"),
    )
    planning = open_planning((small.write(),), own)
    held = planning.table("holdings").filter(pl.col("element") == "sam_long").rows(named=True)
    assert [(row["holder"], row["central"], row["standing"], row["source_id"]) for row in held] == [
        ("DEU", 11.0, "yours", "a licensed table"),
        ("POL", 2.0, "yours", "yours"),
    ]
    assert held[0]["as_of"] == ""
    share = planning.table("availability").filter(pl.col("element") == "tanker", pl.col("window_days") == 10)
    assert share["central"].item() == 0.3
    cost = planning.table("costs").filter(pl.col("element") == "mbt").row(0, named=True)
    assert (cost["central"], cost["lot"], cost["basis"]) == (25.0, 1.0, "yours")
    assert "POL" in planning.givers["long_range_air_defence"]
    assert planning.digest() != open_planning((small.folder,)).digest()


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (Overlay("holdings", ("DEU", "sam_log"), 1, 1, 1, "battery", where="x"), "x: unknown force element 'sam_log'"),
        (Overlay("holdings", ("DEX", "sam_long"), 1, 1, 1, "battery", where="x"), "x: unknown Ally or pool 'DEX'"),
        (Overlay("holdings", ("DEU", "sam_long"), 1, 1, 1, "round", where="x"), "found round; expected battery"),
        (Overlay("holdings", ("DEU", "sam_long"), 2, 1, 3, "battery", where="x"), "x: low is above central"),
        (Overlay("holdings", ("DEU", "sam_long"), -1, 1, 3, "battery", where="x"), "x: low is negative"),
        (Overlay("availability", ("sof", "10"), 0, 0, 0, "share", where="x"), "have no row sof, 10 to replace"),
        (
            Overlay("availability", ("tanker", "30"), 0.1, 0.1, 0.1, "share", where="x"),
            "x: availability of tanker falls",
        ),
        (Overlay("availability", ("tanker", "180"), 9, 9, 9, "share", where="x"), "x: low is a share above 1"),
    ],
)
def test_an_own_figure_keeps_the_same_rules(small: PlanningFolder, own: Overlay, said: str) -> None:
    assert any(said in fault for fault in faults(small, own))


def test_own_figures_are_kept_and_laid_over_each_other(small: PlanningFolder, tmp_path: Path) -> None:
    first = Overlay("holdings", ("DEU", "sam_long"), 0.1, 1e-7, 1e21, "battery", 'a "licensed", table', "é")
    second = Overlay("requirements", ("mine", "heavy_manoeuvre", "30"), 1, 2, 3, "brigade")
    path = keep((first, second), tmp_path / "own")
    assert read_kept(tmp_path / "own") == (first, second)
    later = Overlay("holdings", ("DEU", "sam_long"), 1, 1, 1, "battery")
    assert laid_over((first, second), (later,)) == (later, second)
    path.write_text(path.read_text().replace("holdings", "holding").replace("requirements", "costs"))
    with pytest.raises(EvidenceError) as caught:
        read_kept(tmp_path / "own")
    assert [fault.where for fault in caught.value.faults] == [f"{OWN}:2", f"{OWN}:3"]
    keep((), tmp_path / "own")
    assert read_kept(tmp_path / "own") == ()


def test_kept_figures_hold_and_further_ones_lie_over_them(small: PlanningFolder, tmp_path: Path) -> None:
    folder, own = small.write(), tmp_path / "own"
    keep((Overlay("holdings", ("DEU", "sam_long"), 1, 1, 1, "battery"),), own)

    def held(*overlays: Overlay) -> float:
        table = open_planning((folder, own), overlays).table("holdings")
        return float(table.filter(pl.col("holder") == "DEU", pl.col("element") == "sam_long")["central"].item())

    assert held() == 1
    assert held(Overlay("holdings", ("DEU", "sam_long"), 2, 2, 2, "battery")) == 2
    keep((Overlay("holdings", ("DEU", "sam_long"), 3, 3, 3, "round"),), own)
    with pytest.raises(EvidenceError, match=r"planning/own\.csv:2: another unit"):
        held()


@given(st.floats(min_value=0, max_value=1e15, allow_nan=False))
def test_a_plain_number_reads_back_as_itself(number: float) -> None:
    text = plain(number)
    assert "e" not in text.lower()
    assert float(text) == number


NODES = ("brigade_heavy", "brigade_medium", "brigade_light", "mbt")
LIKE = {"brigade_heavy": "heavy_manoeuvre", "brigade_medium": "medium_manoeuvre",
        "brigade_light": "light_manoeuvre", "mbt": "armour"}  # fmt: skip
WORTH = st.sampled_from([0.0, 0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 3.0])


@given(st.dictionaries(st.sampled_from(list(itertools.product(NODES, NODES))), WORTH, max_size=10))
def test_circles_are_found_as_by_trying_them_all(effects: Mapping[tuple[str, str], float]) -> None:
    rows = [
        Row({"element": source, "capability": LIKE[target], "central": str(worth)}, f"effects.csv:{line}")
        for line, ((source, target), worth) in enumerate(effects.items(), start=2)
    ]
    best = 0.0
    for size in range(1, len(NODES) + 1):
        for nodes in itertools.permutations(NODES, size):
            edges = zip(nodes, (*nodes[1:], nodes[0]), strict=True)
            best = max(best, math.prod(effects.get(edge, 0.0) for edge in edges))
    found = list(planning_checks._circles(rows))
    assert bool(found) is (best > 1 + 1e-9)
    for fault in found:
        product = float(fault.found.rsplit(" ", 1)[1])
        assert product > 1


@given(st.lists(st.floats(min_value=0, max_value=1), min_size=3, max_size=3))
def test_a_share_may_rise_with_the_window_and_never_fall(shares: list[float]) -> None:
    columns = [Column("availability", name, "text", True, True, (), "", "", "") for name in ("element", "window_days")]
    rows = [
        Row({"element": "tanker", "window_days": window, **dict.fromkeys(("low", "central", "high"), plain(share))}, "")
        for window, share in zip(("180", "10", "30"), (shares[2], shares[0], shares[1]), strict=True)
    ]
    found = list(planning_checks._falling(rows, columns))
    assert len(found) == sum(later < earlier for earlier, later in itertools.pairwise(shares))
