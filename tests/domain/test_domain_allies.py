from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from article3.domain import allies, ally, members, reporting_members
from article3.domain.spellings import Entry, Spellings, fold
from article3.errors import InputError, UnknownNameError


@pytest.mark.parametrize(
    ("on", "count"),
    [
        (date(1949, 8, 23), 0),
        (date(1949, 8, 24), 12),
        (date(1952, 2, 17), 12),
        (date(1952, 2, 18), 14),
        (date(1955, 5, 5), 14),
        (date(1955, 5, 6), 15),
        (date(1982, 12, 31), 16),
        (date(1999, 12, 31), 19),
        (date(2004, 12, 31), 26),
        (date(2009, 12, 31), 28),
        (date(2017, 12, 31), 29),
        (date(2020, 12, 31), 30),
        (date(2023, 12, 31), 31),
        (date(2024, 12, 31), 32),
    ],
)
def test_the_alliance_grew_from_twelve_to_thirty_two(on: date, count: int) -> None:
    assert len(members(on)) == count


@pytest.mark.parametrize(
    ("code", "joined"),
    [
        ("GRC", date(1952, 2, 18)),
        ("DEU", date(1955, 5, 6)),
        ("ESP", date(1982, 5, 30)),
        ("POL", date(1999, 3, 12)),
        ("SVN", date(2004, 3, 29)),
        ("HRV", date(2009, 4, 1)),
        ("MNE", date(2017, 6, 5)),
        ("MKD", date(2020, 3, 27)),
        ("FIN", date(2023, 4, 4)),
        ("SWE", date(2024, 3, 7)),
    ],
)
def test_an_ally_is_a_member_from_its_first_day(code: str, joined: date) -> None:
    assert ally(code).joined == joined
    assert not ally(code).is_member(joined - timedelta(days=1))
    assert ally(code).is_member(joined)


def test_only_iceland_has_no_forces_and_reports_nothing() -> None:
    on = date(2025, 1, 1)
    assert {item.code for item in members(on)} - {item.code for item in reporting_members(on)} == {"ISL"}
    assert len(reporting_members(on)) == 31


def test_five_allies_have_no_coast() -> None:
    assert [item.code for item in allies() if item.landlocked] == ["CZE", "HUN", "LUX", "MKD", "SVK"]


def test_allies_stand_in_the_order_of_natos_tables() -> None:
    names = [fold(item.name) for item in allies()]
    assert names == sorted(names)


def test_an_ally_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        ally("POL").name = "Polska"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("pol", "POL"),
        (" Poland ", "POL"),
        ("Polska", "POL"),
        ("Estonia*", "EST"),
        ("Czech Republic", "CZE"),
        ("Czechia*", "CZE"),
        ("Slovak Republic", "SVK"),
        ("SLOVAKIA", "SVK"),
        ("Türkiye", "TUR"),
        ("TÜRKİYE", "TUR"),
        ("turkiye", "TUR"),
        ("Turkey *", "TUR"),
        ("North Macedonia", "MKD"),
        ("north_macedonia", "MKD"),
        ("The Netherlands", "NLD"),
        ("Netherlands, The", "NLD"),
        ("Pays-Bas", "NLD"),
        ("UK", "GBR"),
        ("gb", "GBR"),
        ("EL", "GRC"),
        ("GR", "GRC"),
        ("NO", "NOR"),
        ("United States of America", "USA"),
        ("États-Unis", "USA"),
        ("Deutschland", "DEU"),
        ("Espana", "ESP"),
        ("ΕΛΛΆΔΑ", "GRC"),
    ],
)
def test_accepted_spellings(written: str, code: str) -> None:
    assert ally(written).code == code


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Holland", "NLD (Netherlands)"),
        ("Britain", "GBR (United Kingdom)"),
        ("england", "GBR (United Kingdom)"),
        ("America", "USA (United States)"),
        ("Macedonia", "MKD (North Macedonia)"),
        ("FYROM", "MKD (North Macedonia)"),
        ("GER", "DEU (Germany)"),
    ],
)
def test_a_hint_is_refused_and_suggests_one_ally_only(written: str, meant: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        ally(written, where="scenario.yaml:4")
    assert str(caught.value) == f"scenario.yaml:4: unknown Ally '{written}'. Did you mean {meant}?"


@pytest.mark.parametrize(("written", "meant"), [("Polnad", "POL (Poland)"), ("Germny", "DEU (Germany)")])
def test_a_misspelt_name_suggests_the_nearest_first(written: str, meant: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        ally(written)
    assert caught.value.suggestions[0] == meant


def test_a_name_like_no_other_lists_the_allies() -> None:
    with pytest.raises(UnknownNameError, match=r"Known: ALB \(Albania\), .*USA \(United States\)\."):
        ally("qqqq")


def test_no_spelling_stands_for_two_allies() -> None:
    seen: dict[str, str] = {}
    for item in allies():
        for name in (item.code, item.name, *item.names, *item.hints):
            assert seen.setdefault(fold(name), item.code) == item.code, name


def test_two_things_cannot_claim_one_spelling() -> None:
    with pytest.raises(InputError, match="'a b' stands for two; found one and two"):
        Spellings("thing", [Entry(1, "one", ("A_B",)), Entry(2, "two", ("x",), ("a b",))])


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@given(st.sampled_from(allies()), st.sampled_from([str.upper, str.lower, str.title, str.swapcase]))
def test_every_accepted_spelling_resolves_in_any_case(item: object, case: object) -> None:
    assert callable(case)
    for name in (item.code, item.name, *item.names):  # type: ignore[attr-defined]
        assert ally(case(name)) is item
