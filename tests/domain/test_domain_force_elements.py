from __future__ import annotations

import pytest

from article3.domain import force_element, force_elements
from article3.domain.vocabulary import columns
from article3.errors import UnknownNameError

ALL = force_elements()
BY_ID = {item.id: item for item in ALL}


def test_there_are_about_forty_and_every_domain_has_one() -> None:
    assert len(ALL) == 41
    domain = next(column for column in columns("force_elements") if column.column == "domain")
    assert {item.domain for item in ALL} == set(domain.allowed)


@pytest.mark.parametrize("item", ALL, ids=lambda item: item.id)
def test_a_definition_says_in_one_sentence_what_is_not_counted(item: object) -> None:
    definition = item.definition  # type: ignore[attr-defined]
    assert definition.endswith(".")
    assert definition.count(". ") == 0
    assert "not counted" in definition


@pytest.mark.parametrize("item", ALL, ids=lambda item: item.id)
def test_roles_and_parts_name_other_elements(item: object) -> None:
    for name in (*item.multi_role, *item.part_of):  # type: ignore[attr-defined]
        assert name in BY_ID
        assert name != item.id  # type: ignore[attr-defined]


def test_nothing_is_part_of_itself_by_way_of_others() -> None:
    for item in ALL:
        for whole in item.part_of:
            assert not BY_ID[whole].part_of, f"{item.id} in {whole}"


def test_brigades_hold_their_own_tanks_fighting_vehicles_and_guns() -> None:
    inside = {item.id for item in ALL if item.part_of}
    assert inside == {"mbt", "ifv", "artillery"}
    assert force_element("mbt").part_of == ("brigade_heavy",)


def test_a_tanker_lifts_and_an_airlifter_refuels() -> None:
    assert "airlift_strategic" in force_element("tanker").multi_role
    assert "tanker" in force_element("airlift_a400m").multi_role


def test_only_what_a_satellite_sees_serves_two_at_once() -> None:
    assert [item.id for item in ALL if not item.rival] == ["satellite"]


def test_stocks_are_the_elements_counted_in_rounds() -> None:
    assert {item.id for item in ALL if item.consumable} == {item.id for item in ALL if item.unit == "round"}


def test_what_the_notes_call_unpublished_has_no_inventory_category() -> None:
    for name in (
        "brigade_heavy",
        "sam_short",
        "shells_155mm",
        "interceptor_long",
        "corps_hq",
        "division_hq",
        "sof",
    ):
        assert force_element(name).inventory == ()


def test_an_element_is_found_by_name_or_heading_in_any_case() -> None:
    assert force_element("SAM_LONG") is force_element("long-range air defence battery")


def test_an_unknown_element_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown force element 'tankers'\. Did you mean tanker"):
        force_element("tankers")
