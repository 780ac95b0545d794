from __future__ import annotations

import itertools

import pytest

from article3.quantity import Standing, worst

ORDER = ["official", "reported", "estimated", "yours", "notional"]


def test_standings_are_listed_from_best_to_worst() -> None:
    assert list(Standing) == ORDER
    assert [standing.rank for standing in Standing] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("left", "right"), list(itertools.product(ORDER, repeat=2)))
def test_standings_order_by_trust_and_not_by_the_alphabet(left: str, right: str) -> None:
    a, b = Standing(left), Standing(right)
    assert (a < b) == (ORDER.index(left) < ORDER.index(right))
    assert (a <= b) == (ORDER.index(left) <= ORDER.index(right))
    assert (a > b) == (ORDER.index(left) > ORDER.index(right))
    assert (a >= b) == (ORDER.index(left) >= ORDER.index(right))
    assert (a == b) == (left == right)
    assert worst([a, b]) == max(a, b) == ORDER[max(ORDER.index(left), ORDER.index(right))]


def test_a_standing_does_not_order_with_any_text() -> None:
    with pytest.raises(ValueError, match="good"):
        assert Standing.OFFICIAL < "good"


def test_the_worst_of_many_and_of_none() -> None:
    assert worst(iter([Standing.REPORTED, Standing.YOURS, Standing.OFFICIAL])) is Standing.YOURS
    with pytest.raises(ValueError, match="no standings"):
        worst([])
