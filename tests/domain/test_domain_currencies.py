from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from article3.domain import allies, changeovers, currencies, currency, group
from article3.errors import InputError, UnknownNameError


@pytest.mark.parametrize("code", [item.code for item in allies()])
def test_every_ally_has_exactly_one_currency_on_every_day_of_2010_to_2031(code: str) -> None:
    own = [item for item in currencies() if item.ally == code]
    assert own[0].start <= date(2010, 1, 1)
    assert own[-1].end is None
    for old, new in pairwise(own):
        assert old.end is not None
        assert new.start == old.end + timedelta(days=1)
    for day in (date(2010, 1, 1), date(2031, 12, 31)):
        assert sum(item.start <= day and (item.end is None or day <= item.end) for item in own) == 1


def test_a_rate_is_given_exactly_where_a_currency_was_replaced() -> None:
    for item in currencies():
        assert (item.rate_to_next is None) == (item.end is None), item


@pytest.mark.parametrize(
    ("code", "day", "old", "rate"),
    [
        ("GRC", date(2001, 1, 1), "GRD", 340.750),
        ("SVN", date(2007, 1, 1), "SIT", 239.640),
        ("SVK", date(2009, 1, 1), "SKK", 30.1260),
        ("EST", date(2011, 1, 1), "EEK", 15.6466),
        ("LVA", date(2014, 1, 1), "LVL", 0.702804),
        ("LTU", date(2015, 1, 1), "LTL", 3.45280),
        ("HRV", date(2023, 1, 1), "HRK", 7.53450),
        ("BGR", date(2026, 1, 1), "BGN", 1.95583),
    ],
)
def test_changeovers_to_the_euro(code: str, day: date, old: str, rate: float) -> None:
    found = [item for item in changeovers() if item.ally == code]
    assert [(item.from_currency, item.to_currency, item.on, item.rate) for item in found] == [(old, "EUR", day, rate)]
    assert currency(code, day - timedelta(days=1)).code == old
    assert currency(code, day).code == "EUR"
    assert "2866/98" in found[0].source


def test_there_are_no_other_changeovers() -> None:
    assert {item.ally for item in changeovers()} == {"BGR", "EST", "GRC", "HRV", "LTU", "LVA", "SVK", "SVN"}


@pytest.mark.parametrize(
    "on", [date(1999, 1, 1), date(2010, 6, 1), date(2014, 1, 1), date(2023, 1, 1), date(2026, 1, 1)]
)
def test_the_euro_area_uses_the_euro_and_only_montenegro_does_so_outside(on: date) -> None:
    inside = {item.ally for item in group("euro_area").memberships if item.holds(on)}
    paying = {
        item.ally
        for item in currencies()
        if item.code == "EUR" and item.start <= on and (not item.end or on <= item.end)
    }
    assert paying - {"MNE"} == inside


def test_a_day_before_the_table_is_refused() -> None:
    with pytest.raises(
        InputError, match="no currency recorded for TUR; found 2004-12-31; expected a day from 2005-01-01"
    ):
        currency("Turkey", date(2004, 12, 31))
    with pytest.raises(UnknownNameError):
        currency("Holland", date(2020, 1, 1))
