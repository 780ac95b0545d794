"""The tables of US forces in Europe: people by host, units based there, and how the two agree with the offer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from tests.planning_folder import ESTIMATE, PlanningFolder

from article3.domain import allies
from article3.errors import EvidenceError
from article3.evidence.planning import SEPARABLE_ELEMENTS, open_planning
from article3.evidence.store import SHIPPED

Change = Callable[[PlanningFolder], object]
RANGE = ("low", "central", "high")


@pytest.fixture
def small(tmp_path: Path) -> PlanningFolder:
    """Return a small alliance in which the United States has 79 tankers on offer, 10 of them in two hosts."""
    small = PlanningFolder(tmp_path / "evidence")
    people = {
        ("DEU", "assigned"): (900, 900, 900),
        ("POL", "assigned"): (10, 10, 10),
        ("EUR", "assigned"): (910, 910, 910),
        ("DEU", "presence"): (900, 1000, 1200),
        ("POL", "presence"): (400, 500, 600),
        ("EUR", "presence"): (1400, 1500, 1800),
    }
    for (host, measure), figure in people.items():
        small.add("troops", host=host, measure=measure, as_of="2025-12", **numbers(*figure))
    small.add("basing", element="tanker", host="DEU", **numbers(6, 8, 10))
    small.add("basing", element="tanker", host="POL", personnel="20", **numbers(1, 2, 3))
    return small


def numbers(low: float, central: float, high: float) -> dict[str, str]:
    return {"low": str(low), "central": str(central), "high": str(high), **ESTIMATE}


def faults(small: PlanningFolder) -> list[str]:
    with pytest.raises(EvidenceError) as caught:
        open_planning((small.write(),))
    return [str(fault) for fault in caught.value.faults]


def shipped(table: str) -> pl.DataFrame:
    return open_planning((SHIPPED,)).table(table)


# The rules


def row(t: PlanningFolder, table: str, *key: str, **cells: str) -> None:
    t.row(table, *key).update(cells)


def drop(t: PlanningFolder, table: str, *key: str) -> None:
    t.tables[table].remove(t.row(table, *key))


BROKEN: list[tuple[str, Change, str]] = [
    (
        "a host that is no Ally",
        lambda t: row(t, "troops", "POL", "presence", host="POR"),
        "forces/troops.csv:6: unknown Ally 'POR'. Did you mean PRT",
    ),
    (
        "a host across the ocean",
        lambda t: row(t, "troops", "POL", "presence", host="CAN"),
        (
            "forces/troops.csv:6: the host is not in Europe; found CAN; expected a European Ally. These tables hold US "
            "forces in Europe alone."
        ),
    ),
    (
        "units across the ocean",
        lambda t: row(t, "basing", "tanker", "POL", host="USA"),
        "forces/basing.csv:3: the host is not in Europe; found USA",
    ),
    (
        "an element that is none",
        lambda t: row(t, "basing", "tanker", "POL", element="tankers"),
        "forces/basing.csv:3: unknown force element 'tankers'. Did you mean tanker?",
    ),
    (
        "all of Europe missing",
        lambda t: drop(t, "troops", "EUR", "presence"),
        "forces/troops.csv:5: 'presence' has no figure for all of Europe.",
    ),
    (
        "hosts that do not add up",
        lambda t: row(t, "troops", "POL", "presence", central="50", low="40"),
        "forces/troops.csv:7: the hosts do not add up to 'presence' of all Europe; found 1050; expected 1400 to 1800.",
    ),
    (
        "those assigned that do not add up",
        lambda t: row(t, "troops", "EUR", "assigned", low="900", central="900", high="900"),
        "forces/troops.csv:4: the hosts do not add up to 'assigned' of all Europe; found 910; expected 900.",
    ),
    (
        "fewer present than assigned",
        lambda t: (
            row(t, "troops", "DEU", "presence", low="700", central="800", high="850")
            or row(t, "troops", "EUR", "presence", low="1200")
        ),
        (
            "forces/troops.csv:5: fewer are present in DEU than are assigned to it; found at most 850, and 900 assigned. "
            "Presence counts all who are there: those assigned and those on rotation."
        ),
    ),
    (
        "units where nobody is",
        lambda t: drop(t, "troops", "POL", "presence") or row(t, "troops", "EUR", "presence", low="900"),
        "forces/basing.csv:3: units are based in POL and nobody is present there. See troops.",
    ),
    (
        "more people in units than are there",
        lambda t: row(t, "basing", "tanker", "DEU", personnel="151"),
        (
            "forces/troops.csv:5: the units based in DEU take more people than are there; found 1208; "
            "expected at most 1200."
        ),
    ),
    (
        "more based than is offered",
        lambda t: row(t, "basing", "tanker", "DEU", high="77"),
        (
            "forces/basing.csv:2: more of tanker is based in Europe than the United States offers (high); found 80; "
            "expected at most 79, as in before_2026."
        ),
    ),
    (
        "based and not offered",
        lambda t: t.add("basing", element="sam_long", host="POL", **numbers(1, 1, 1)),
        "forces/basing.csv:4: sam_long is based in Europe and not offered.",
    ),
    (
        "a range out of order",
        lambda t: row(t, "basing", "tanker", "DEU", low="9"),
        "forces/basing.csv:2: low is above central; found 9 and 8.",
    ),
    (
        "a source that is not held",
        lambda t: row(t, "troops", "POL", "presence", source_id="hearsay"),
        "forces/troops.csv:6: unknown source 'hearsay'.",
    ),
]


@pytest.mark.parametrize(("change", "told"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_rule_is_told(small: PlanningFolder, change: Change, told: str) -> None:
    open_planning((small.write(),))
    change(small)
    (found,) = faults(small)
    assert found.startswith(told)


def test_all_faults_are_told_at_once(small: PlanningFolder) -> None:
    row(small, "basing", "tanker", "DEU", high="77", personnel="151")
    row(small, "troops", "POL", "presence", central="50", low="40")
    assert len(faults(small)) == 3


def test_tables_of_other_alliances_may_be_empty(tmp_path: Path) -> None:
    planning = open_planning((PlanningFolder(tmp_path / "evidence").write(),))
    assert planning.table("troops").height == planning.table("basing").height == 0


# What is shipped


def test_every_european_ally_has_both_measures() -> None:
    hosts = {item.code for item in allies() if item.region == "europe"} | {"EUR"}
    for measure in ("assigned", "presence"):
        held = shipped("troops").filter(pl.col("measure") == measure)["host"].to_list()
        assert len(held) == len(set(held)) == 31
        assert set(held) == hosts


def test_people_present_add_up_to_the_estimate_for_europe() -> None:
    for measure, total in (("assigned", 67928), ("presence", 80000)):
        rows = shipped("troops").filter(pl.col("measure") == measure)
        whole = rows.row(by_predicate=pl.col("host") == "EUR", named=True)
        assert rows.filter(pl.col("host") != "EUR")["central"].sum() == whole["central"] == total
    poland = shipped("troops").filter(pl.col("host") == "POL").sort("measure")
    assert poland["central"].to_list() == [369, 10000]  # never added: rotations are in the second alone


def test_what_is_based_in_europe_is_a_part_of_what_is_offered() -> None:
    offers = shipped("offers").filter(pl.col("version") == "before_2026")
    based = shipped("basing").group_by("element").agg(pl.col(name).sum() for name in RANGE)
    both = based.join(offers, on="element", suffix="_offered", how="left")
    assert both["central_offered"].null_count() == 0
    for name in RANGE:
        assert both.filter(pl.col(name) > pl.col(f"{name}_offered")).is_empty(), name


def test_reported_totals_hold() -> None:
    based = shipped("basing")

    def total(column: str, *elements: str) -> float:
        return float(based.filter(pl.col("element").is_in(elements))[column].sum())

    brigades = ("brigade_heavy", "brigade_medium", "brigade_light")
    # Five brigades early in 2025, four at its end, three announced in May 2026.
    assert [round(total(name, *brigades), 9) for name in RANGE] == [3, 4, 5]
    # The US air forces in Europe have 217 aircraft, those of other services aside; fighters in seven squadrons.
    assert total("high", "fighter_5th", "fighter_4th", "tanker", "airlift_tactical") <= 217
    assert total("central", "fighter_5th", "fighter_4th") == pytest.approx(7 * 24, abs=7 * 3)
    assert total("central", "mbt") == pytest.approx(87 * total("central", "brigade_heavy"), abs=1.5)


def test_what_is_ours_is_said_to_be_ours() -> None:
    for table in ("troops", "basing"):
        rows = shipped(table)
        ours = rows.filter(pl.col("source_id") == "article3-assumption")
        assert ours.height
        assert ours["standing"].unique().to_list() == ["notional"]
        assert rows.filter((pl.col("standing") == "notional") & (pl.col("note") == "")).is_empty()
    # Counts within brigades, ships and batteries bring no people of their own.
    inside = shipped("basing").filter(pl.col("personnel") == 0)["element"].unique()
    assert set(inside) == {"mbt", "ifv", "artillery", "cruise_missile", "shells_155mm", "interceptor_long"}


def test_without_the_separable_counts_nothing_uncounted_is_based(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    (folder / "forces").mkdir(parents=True)
    for path in (SHIPPED / "forces").glob("*.csv"):
        (folder / "forces" / path.name).write_bytes(path.read_bytes())
    (folder / "sources.csv").write_bytes((SHIPPED / "sources.csv").read_bytes())
    planning = open_planning((folder,))
    assert planning.missing
    offered = set(planning.table("offers")["element"])
    based = set(planning.table("basing")["element"])
    assert based <= offered
    gone = set(shipped("basing")["element"]) - based
    assert gone
    assert gone <= set(SEPARABLE_ELEMENTS)
