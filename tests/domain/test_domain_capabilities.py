from __future__ import annotations

import pytest

from article3.domain import allies, capabilities, capability, force_element, force_elements, groups, pool, pools
from article3.errors import UnknownNameError


@pytest.mark.parametrize("item", capabilities(), ids=lambda item: item.id)
def test_a_capability_has_the_unit_and_domain_of_the_element_that_gives_it_like_with_like(item: object) -> None:
    element = force_element(item.element)  # type: ignore[attr-defined]
    assert (item.unit, item.domain) == (element.unit, element.domain)  # type: ignore[attr-defined]
    assert item.definition.endswith(".")  # type: ignore[attr-defined]


def test_an_element_gives_at_most_one_capability_like_with_like() -> None:
    elements = [item.element for item in capabilities()]
    assert len(set(elements)) == len(elements)
    # These two only stand in for others.
    assert {item.id for item in force_elements()} - set(elements) == {"airlift_a400m", "ssk"}


def test_a_capability_is_found_by_name_or_heading_in_any_case() -> None:
    assert capability("AIR_REFUELLING") is capability("air-to-air refuelling")
    with pytest.raises(UnknownNameError, match=r"mine\.yaml, line 3: unknown capability 'armor'\. Did you mean armour"):
        capability("armor", "mine.yaml, line 3")


def test_a_pool_has_a_code_that_no_ally_has_and_is_counted_with_a_group() -> None:
    codes = {item.code for item in allies()}
    for item in pools():
        assert item.code not in codes
        assert set(item.members) <= codes
        assert item.group in {group.id for group in groups()}
        assert force_element(item.element).id == item.element


def test_what_one_ally_flies_alone_is_not_in_the_pool_of_tankers() -> None:
    assert not {"GBR", "FRA", "ITA"} & set(pool("MMF").members)


def test_a_pool_is_found_by_code_or_name_in_any_case() -> None:
    assert pool("sac") is pool("Strategic Airlift Capability")
    with pytest.raises(UnknownNameError, match=r"unknown pool 'MFF'\. Did you mean MMF"):
        pool("MFF")
