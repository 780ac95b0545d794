from __future__ import annotations

import pickle
import subprocess
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from article3.errors import UnitError
from article3.quantity import CURRENCIES, Base, Unit

PRICE_BASES = ["", "current", "2015", "2021", "own 2024-10"]
MONEY = [Base(code, prices) for code in ("USD", "EUR", "INT$") for prices in PRICE_BASES]
BASES = [*MONEY, Base("person"), Base("year"), Base("day"), Base("SIPRI TIV")]
SCALES = [Fraction(n) for n in (1, 7, 1000, 10**6, 10**9)] + [Fraction(1, n) for n in (3, 100, 1000, 10**6)]

units = st.builds(
    Unit,
    st.sampled_from(SCALES) | st.fractions(min_value=Fraction(1, 10**6), max_value=10**6).filter(bool),
    st.lists(st.tuples(st.sampled_from(BASES), st.integers(-3, 3)), max_size=4).map(tuple),
)


def dims(*pairs: tuple[str, str, int]) -> tuple[tuple[Base, int], ...]:
    return tuple(sorted((Base(name, prices), power) for name, prices, power in pairs))


USD = ("USD", "2015", 1)


@pytest.mark.parametrize(
    ("text", "scale", "expected"),
    [
        ("percent", Fraction(1, 100), ()),
        ("percent of GDP", Fraction(1, 100), ()),
        ("percent of defence expenditure", Fraction(1, 100), ()),
        ("percent of general government expenditure", Fraction(1, 100), ()),
        ("percentage points", Fraction(1, 100), ()),
        ("index", 1, ()),
        ("ratio", 1, ()),
        ("", 1, ()),
        ("  ", 1, ()),
        ("thousand", 1000, ()),
        ("USD", 1, dims(USD)),
        ("thousand USD", 1000, dims(USD)),
        ("million USD", 10**6, dims(USD)),
        ("  million   USD ", 10**6, dims(USD)),
        ("billion EUR", 10**9, dims(("EUR", "2015", 1))),
        ("trillion PLN", 10**12, dims(("PLN", "2015", 1))),
        ("HRK", 1, dims(("HRK", "2015", 1))),
        ("billion international dollars", 10**9, dims(("INT$", "2015", 1))),
        ("million persons", 10**6, dims(("person", "", 1))),
        ("thousand persons", 1000, dims(("person", "", 1))),
        ("person", 1, dims(("person", "", 1))),
        ("years", 1, dims(("year", "", 1))),
        ("days", 1, dims(("day", "", 1))),
        ("million SIPRI TIV", 10**6, dims(("SIPRI TIV", "", 1))),
        ("million USD / year", 10**6, dims(USD, ("year", "", -1))),
        ("USD / person", 1, dims(USD, ("person", "", -1))),
        ("USD per person per year", 1, dims(USD, ("person", "", -1), ("year", "", -1))),
        ("USD/person/year", 1, dims(USD, ("person", "", -1), ("year", "", -1))),
        ("USD / thousand persons", Fraction(1, 1000), dims(USD, ("person", "", -1))),
        ("percent of GDP / year", Fraction(1, 100), dims(("year", "", -1))),
        ("person * year", 1, dims(("person", "", 1), ("year", "", 1))),
        ("person · year × days", 1, dims(("person", "", 1), ("year", "", 1), ("day", "", 1))),
        ("million USD / billion USD", Fraction(1, 1000), ()),
        ("million USD^2", 10**6, dims(("USD", "2015", 2))),
        ("percent^2", Fraction(1, 10000), ()),
        ("year^-1", 1, dims(("year", "", -1))),
        ("2.5 persons", Fraction(5, 2), dims(("person", "", 1))),
        ("1 / year", 1, dims(("year", "", -1))),
    ],
)
def test_parse(text: str, scale: Fraction, expected: tuple[tuple[Base, int], ...]) -> None:
    unit = Unit.parse(text, "2015")
    assert unit.scale == scale
    assert unit.dims == expected


def test_price_bases_can_stand_in_the_text() -> None:
    rate = Unit.parse("EUR@current / HRK@own 2024-10")
    assert rate.dims == dims(("EUR", "current", 1), ("HRK", "own 2024-10", -1))
    assert Unit.parse("million USD (2015 prices)") == Unit.parse("million USD", "2015")
    assert Unit.parse("million USD (2015 prices)", "2015") == Unit.parse("million USD@2015")
    assert Unit.parse("USD@2015 / EUR", "2015") == Unit.parse("USD / EUR (2015 prices)")
    assert Unit.parse("USD").dims == dims(("USD", "", 1))


def test_every_currency_is_understood() -> None:
    assert {"USD", "EUR", "GBP", "TRY", "HRK", "INT$"} <= CURRENCIES
    for code in CURRENCIES:
        assert Unit.parse(f"million {code}", "current") == Unit(Fraction(10**6), ((Base(code, "current"), 1),))


@pytest.mark.parametrize(
    ("text", "price_base", "match"),
    [
        ("USSD", "", r"unknown unit 'USSD'; found 'USSD'\. Did you mean USD"),
        ("million Euro", "", r"unknown unit 'Euro'; found 'million Euro'\. Did you mean EUR"),
        ("milion USD", "", r"Did you mean million"),
        ("peoples", "", r"unknown unit 'peoples'"),
        ("usd", "", r"Did you mean USD"),
        ("percent of", "", r"unknown unit 'percent of'"),
        ("percentile", "", r"Did you mean percent"),
        ("million national currency", "2015", r"ISO 4217 code of the Ally's currency, as in 'million PLN'"),
        ("USD, 2015 prices and exchange rates", "", r"Give the price base apart from the unit"),
        ("USD /", "", r"one side of an operator"),
        ("/ USD", "", r"one side of an operator"),
        ("USD ** 2", "", r"one side of an operator"),
        ("USD^x", "", r"unknown unit 'USD\^x'"),
        ("0 USD", "", r"scale of a unit must be positive"),
        ("USD", "last year", r"unknown price base; found 'last year'; expected 'current', a year"),
        ("USD@15", "", r"unknown price base"),
        ("persons@2015", "", r"person has no price base"),
        ("percent@2015", "", r"'percent' has no price base"),
        ("USD@2015", "2021", r"two price bases; found 'USD@2015' at '2021' and '2015'"),
        ("USD (2015 prices)", "2021", r"two price bases"),
    ],
)
def test_unknown_units_are_refused_with_a_way_out(text: str, price_base: str, match: str) -> None:
    with pytest.raises(UnitError, match=match):
        Unit.parse(text, price_base)


@pytest.mark.parametrize(
    ("text", "price_base", "expected"),
    [
        ("million USD", "2015", "million USD (2015 prices)"),
        ("billion EUR", "current", "billion EUR (current prices)"),
        ("million HRK", "own 2024-10", "million HRK (own 2024-10 prices)"),
        ("million USD", "", "million USD"),
        ("billion international dollars", "current", "billion INT$ (current prices)"),
        ("million USD / year", "2021", "million USD / year (2021 prices)"),
        ("EUR@current / HRK@current", "", "EUR / HRK (current prices)"),
        ("USD@2021 / USD@2015", "", "USD@2021 / USD@2015"),
        ("percent of GDP", "", "percent"),
        ("percent of GDP / year", "", "percent / year"),
        ("percent USD", "2015", None),
        ("index", "", "ratio"),
        ("thousand persons", "", "thousand persons"),
        ("person", "", "persons"),
        ("USD / person / year", "2015", "USD / person / year (2015 prices)"),
        ("USD / million persons", "2015", "USD / million persons (2015 prices)"),
        ("year * year", "", "years^2"),
        ("1 / years", "", "1 / year"),
        ("250 USD", "2015", "250 USD (2015 prices)"),
        ("USD / 3", "2015", "USD / 3 (2015 prices)"),
        ("thousand", "", "thousand"),
        ("1 / thousand", "", "1 / thousand"),
    ],
)
def test_canonical_text(text: str, price_base: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(UnitError):
            Unit.parse(text, price_base)
    else:
        assert str(Unit.parse(text, price_base)) == expected


@given(units)
def test_the_text_reads_back_to_the_unit(unit: Unit) -> None:
    assert Unit.parse(str(unit)) == unit


@given(units, units, units)
def test_units_form_a_commutative_group(a: Unit, b: Unit, c: Unit) -> None:
    one = Unit()
    assert a * b == b * a
    assert (a * b) * c == a * (b * c)
    assert a * one == a
    assert a / a == one
    assert a / b == a * b**-1
    assert (a / b) * b == a


@given(units, st.integers(-3, 3), st.integers(-3, 3))
def test_powers_add_and_multiply(unit: Unit, m: int, n: int) -> None:
    assert unit**m * unit**n == unit ** (m + n)
    assert (unit**m) ** n == unit ** (m * n)


@given(units, units)
def test_equal_units_have_equal_hashes_however_they_were_built(a: Unit, b: Unit) -> None:
    left, right = a * b, b * a
    assert hash(left) == hash(right)
    assert len({left, right}) == 1
    assert pickle.loads(pickle.dumps(left)) == left
    shuffled = Unit(a.scale, (*reversed(a.dims), (Base("year"), 1), (Base("year"), -1)))
    assert (shuffled, hash(shuffled)) == (a, hash(a))


@given(units, st.sampled_from(SCALES))
def test_units_of_one_dimension_convert_exactly(unit: Unit, scale: Fraction) -> None:
    other = Unit(scale, unit.dims)
    assert unit.is_convertible_to(other)
    assert unit.factor_to(other) * other.scale == unit.scale
    assert unit.factor_to(other) * other.factor_to(unit) == 1


@given(units, units)
def test_units_of_different_dimensions_never_convert(a: Unit, b: Unit) -> None:
    if a.dims == b.dims:
        a = a * Unit.parse("year")
    assert not a.is_convertible_to(b)
    with pytest.raises(UnitError, match="cannot convert"):
        a.factor_to(b)


@given(st.sampled_from(MONEY), st.sampled_from(MONEY))
def test_money_of_one_kind_only_is_a_ratio(a: Base, b: Base) -> None:
    ratio = Unit(Fraction(10**6), ((a, 1),)) / Unit(Fraction(10**9), ((b, 1),))
    assert ratio.is_dimensionless == (a == b)


@pytest.mark.parametrize(
    ("left", "right", "what", "mend"),
    [
        ("USD@2015", "USD@2021", "amounts at different price bases", "a quantity in 'USD@2021 / USD@2015'"),
        ("USD@2015", "EUR@2015", "amounts in different currencies", "a quantity in 'EUR@2015 / USD@2015'"),
        ("USD / year", "EUR / year", "amounts in different currencies", "a quantity in 'EUR / USD'"),
        ("USD", "person", "quantities of different kinds", ""),
        ("USD", "USD^2", "quantities of different kinds", ""),
        ("USD@2015 / USD@2021", "ratio", "quantities of different kinds", ""),
        ("USD / year", "USD / day", "quantities of different kinds", ""),
    ],
)
def test_a_mismatch_says_what_it_is_and_how_to_mend_it(left: str, right: str, what: str, mend: str) -> None:
    with pytest.raises(UnitError) as raised:
        Unit.parse(left).factor_to(Unit.parse(right))
    (fault,) = raised.value.faults
    assert fault.what == f"cannot convert {what}"
    assert str(Unit.parse(left)) in fault.found
    assert str(Unit.parse(right)) in fault.found
    assert fault.expected
    assert mend in fault.mend
    assert bool(fault.mend) == bool(mend)


def test_units_have_whole_powers_and_positive_scales() -> None:
    with pytest.raises(UnitError, match="whole number"):
        Unit.parse("USD") ** 0.5  # type: ignore[operator]
    with pytest.raises(UnitError, match="must be positive"):
        Unit(Fraction(-1))
    with pytest.raises(UnitError, match="unknown unit 'parsec'"):
        Base("parsec")


def test_the_room_imports_light() -> None:
    code = "import sys, article3.quantity, article3.compute; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"numpy", "polars", "pydantic", "yaml"} & set(loaded.split())
