from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from article3.errors import UnitError
from article3.quantity import Base, Lineage, Quantity, Standing, Unit, worst

PRICE_BASES = ["", "current", "2015", "2021", "own 2024-10"]
BASES = [Base("USD", prices) for prices in PRICE_BASES] + [Base("EUR", "2015"), Base("person"), Base("year")]

values = st.floats(-1e9, 1e9).filter(lambda number: number == 0 or abs(number) > 1e-6)
positive = st.floats(1e-6, 1e9)
scales = st.sampled_from([Fraction(1), Fraction(1, 100), Fraction(1000), Fraction(10**6), Fraction(10**9)])
dimensions = st.lists(st.tuples(st.sampled_from(BASES), st.integers(-2, 2)), max_size=3).map(tuple)
standings = st.sampled_from(list(Standing))
lineages = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True).map(
    lambda names: Lineage("/".join(names), tuple(names))
)


@st.composite
def alike(draw: st.DrawFn, count: int, numbers: st.SearchStrategy[float] = values) -> tuple[Quantity, ...]:
    """Quantities of the same dimensions, in units of different scale."""
    dims = draw(dimensions)
    return tuple(
        Quantity(draw(numbers), Unit(draw(scales), dims), draw(standings), draw(lineages)) for _ in range(count)
    )


def quantity(
    value: float, unit: str, price_base: str = "", address: str = "a", standing: Standing = Standing.OFFICIAL
) -> Quantity:
    return Quantity(value, Unit.parse(unit, price_base), standing, Lineage.of(address))


def size(*items: Quantity) -> float:
    """The largest amount among some, in the bases themselves, as the measure for rounding."""
    return max(abs(item.value) * float(item.unit.scale) for item in items)


def same(a: Quantity, b: Quantity, among: float) -> bool:
    assert a.unit.dims == b.unit.dims
    left, right = a.value * float(a.unit.scale), b.value * float(b.unit.scale)
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9 * among)


# --- algebra


@given(alike(2))
def test_sums_commute(pair: tuple[Quantity, Quantity]) -> None:
    a, b = pair
    assert same(a + b, b + a, size(a, b))
    assert (a + b).unit == a.unit
    assert (b + a).unit == b.unit
    assert (a - b).unit == a.unit
    assert same(a - b, -(b - a), size(a, b))
    assert same(a - b, a + (-b), size(a, b))


@given(alike(3))
def test_sums_associate(three: tuple[Quantity, Quantity, Quantity]) -> None:
    a, b, c = three
    assert same((a + b) + c, a + (b + c), size(a, b, c))


@given(alike(2), alike(1))
def test_products_distribute(pair: tuple[Quantity, Quantity], one: tuple[Quantity]) -> None:
    (a, b), (c,) = pair, one
    assert same((a + b) * c, a * c + b * c, size(a * c, b * c))


@given(alike(1), alike(1), alike(1))
def test_products_commute_and_associate(a1: tuple[Quantity], b1: tuple[Quantity], c1: tuple[Quantity]) -> None:
    (a,), (b,), (c,) = a1, b1, c1
    assert (a * b).unit == (b * a).unit
    assert (a * b).value == (b * a).value
    assert ((a * b) * c).unit == (a * (b * c)).unit
    assert math.isclose(((a * b) * c).value, (a * (b * c)).value, rel_tol=1e-12)


@given(alike(1, positive), alike(1, positive), st.integers(-3, 3))
def test_the_unit_of_a_result_is_the_result_of_the_units(
    left: tuple[Quantity], right: tuple[Quantity], power: int
) -> None:
    (a,), (b,) = left, right
    assert (a * b).unit == a.unit * b.unit
    assert (a / b).unit == a.unit / b.unit
    assert (a**power).unit == a.unit**power
    assert (a * b).value == a.value * b.value
    assert (a / b).value == a.value / b.value
    assert (a**power).value == a.value**power
    assert same((a / b) * b, a, size(a))


@given(alike(1), scales)
def test_conversion_goes_round(one: tuple[Quantity], scale: Fraction) -> None:
    (a,) = one
    other = Unit(scale, a.unit.dims)
    there = a.to(other)
    assert there.unit == other
    assert there.to(a.unit).is_close(a, relative=1e-12)
    assert (there.standing, there.lineage) == (a.standing, a.lineage)
    assert same(a, there, 0)
    assert a.to(a.unit) is a


@given(alike(2))
def test_comparison_agrees_with_the_difference(pair: tuple[Quantity, Quantity]) -> None:
    a, b = pair
    left, right = (Fraction(item.value) * item.unit.scale for item in pair)
    assume(left == right or abs(left - right) > Fraction(1, 10**9) * max(abs(left), abs(right)))
    assert (a < b) == (b > a) == (left < right)
    assert (a <= b) == (b >= a) == (left <= right)
    assert (a > b) == (b < a) == (left > right)
    assert (a >= b) == (b <= a) == (left >= right)


@given(alike(2))
def test_exactly_one_order_holds(pair: tuple[Quantity, Quantity]) -> None:
    a, b = pair
    assert [a < b, b < a, a <= b and b <= a].count(True) == 1


# --- what must not mix

OPERATIONS: list[Callable[[Quantity, Quantity], object]] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a < b,
    lambda a, b: a <= b,
    lambda a, b: a > b,
    lambda a, b: a >= b,
    lambda a, b: a.to(b.unit),
    lambda a, b: a.is_close(b),
]


@given(
    st.sampled_from(PRICE_BASES),
    st.sampled_from(PRICE_BASES),
    values,
    values,
    scales,
    st.sampled_from(OPERATIONS),
)
def test_price_bases_never_mix(
    first: str,
    second: str,
    a: float,
    b: float,
    scale: Fraction,
    operation: Callable[[Quantity, Quantity], object],
) -> None:
    assume(first != second)
    left = Quantity(a, Unit(scale, ((Base("USD", first), 1),)), Standing.OFFICIAL, Lineage.of("a"))
    right = Quantity(b, Unit(Fraction(10**6), ((Base("USD", second), 1),)), Standing.OFFICIAL, Lineage.of("b"))
    with pytest.raises(UnitError, match="amounts at different price bases"):
        operation(left, right)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(("left", "right"), [("USD", "EUR"), ("USD", "person"), ("percent", "USD"), ("day", "year")])
def test_kinds_never_mix(operation: Callable[[Quantity, Quantity], object], left: str, right: str) -> None:
    with pytest.raises(UnitError, match="cannot"):
        operation(quantity(1, left), quantity(1, right))


def test_adding_dollars_of_2015_and_of_2021_says_all_a_user_needs() -> None:
    old = quantity(54.0, "million USD", "2015", "nato/2018-07-10#POL/2017")
    new = quantity(60.0, "million USD", "2021", "nato/2024-06-17#POL/2017")
    with pytest.raises(UnitError) as raised:
        old + new
    (fault,) = raised.value.faults
    assert fault.what == "cannot add amounts at different price bases"
    assert fault.where == "nato/2018-07-10#POL/2017 and nato/2024-06-17#POL/2017"
    assert fault.found == "'million USD (2015 prices)' and 'million USD (2021 prices)'"
    assert fault.expected == "one price base"
    assert "Multiply 'USD@2021' by a rate first: a quantity in 'USD@2015 / USD@2021'" in fault.mend


def test_the_rate_that_the_message_asks_for_mends_it() -> None:
    old = quantity(54.0, "million USD", "2015", "a")
    new = quantity(60.0, "million USD", "2021", "b")
    rate = quantity(0.9, "USD@2015 / USD@2021", address="deflator", standing=Standing.ESTIMATED)
    total = old + new * rate
    assert total.value == pytest.approx(108.0)
    assert total.unit == old.unit
    assert total.standing is Standing.ESTIMATED
    assert total.lineage == Lineage("(a + (b * deflator))", ("a", "b", "deflator"))


def test_currencies_convert_by_a_rate() -> None:
    kuna = quantity(7534.5, "million HRK", "current")
    euros = kuna * quantity(1 / 7.5345, "EUR@current / HRK@current")
    assert euros.unit == Unit.parse("million EUR", "current")
    assert euros.to(Unit.parse("billion EUR", "current")).value == pytest.approx(1.0)


# --- shares


@given(positive, positive, st.sampled_from(PRICE_BASES))
def test_expenditure_over_gdp_is_a_share(expenditure: float, gdp: float, prices: str) -> None:
    share = quantity(expenditure, "million USD", prices) / quantity(gdp, "billion USD", prices)
    assert share.unit.is_dimensionless
    assert share.to(Unit.parse("percent of GDP")).value == pytest.approx(expenditure / gdp / 1000 * 100)


def test_expenditure_over_gdp_at_another_price_base_is_not_a_share() -> None:
    share = quantity(1, "million USD", "2015") / quantity(1, "million USD", "2021")
    assert not share.unit.is_dimensionless
    with pytest.raises(UnitError):
        share.to(Unit.parse("percent"))


def test_percent_works_with_fractions() -> None:
    percent, fraction = quantity(2.0, "percent of GDP"), quantity(0.035, "ratio")
    assert (percent + fraction).value == pytest.approx(5.5)
    assert (percent + fraction).unit == Unit.parse("percent")
    assert (fraction - percent).value == pytest.approx(0.015)
    assert (fraction - percent).unit == Unit.parse("ratio")
    assert percent < fraction
    gdp = quantity(800.0, "billion USD", "2021")
    assert (gdp * percent).to(Unit.parse("million USD", "2021")).value == pytest.approx(16_000)
    assert (percent / percent).to(Unit.parse("ratio")).value == 1
    assert (percent / fraction).to(Unit.parse("ratio")).value == pytest.approx(2 / 3.5)


@given(st.integers(0, 100_000))
def test_a_level_is_the_same_in_percent(steps: int) -> None:
    share, percent = quantity(steps / 100_000, "ratio"), quantity(steps / 1000, "percent")
    assert share >= percent
    assert percent >= share
    assert not share > percent
    assert share.is_close(percent, relative=0)
    assert percent.to(share.unit).value == share.value
    assert share.to(percent.unit).value == percent.value


@given(st.integers(1, 100_000))
def test_just_below_a_level_is_below_it_in_any_unit(steps: int) -> None:
    level = quantity(steps / 1000, "percent")
    below = quantity(math.nextafter(steps / 100_000, 0), "ratio")
    assert below < level
    assert level > below
    assert not below >= level


# --- standing and lineage


@given(alike(2, positive))
def test_standing_is_the_worst_and_never_improves(pair: tuple[Quantity, Quantity]) -> None:
    a, b = pair
    for result in (a + b, a - b, a * b, a / b):
        assert result.standing is worst((a.standing, b.standing))
        assert result.standing >= a.standing
        assert result.standing >= b.standing
    for result in (-a, a * 2, 2 * a, a / 2, 2 / a, a**2, a.named("x")):
        assert result.standing is a.standing


@given(alike(2, positive))
def test_lineage_names_each_input_once_in_order_of_use(pair: tuple[Quantity, Quantity]) -> None:
    a, b = pair
    expected = list(a.lineage.inputs)
    expected += [name for name in b.lineage.inputs if name not in expected]
    for sign, result in (("+", a + b), ("-", a - b), ("*", a * b), ("/", a / b)):
        assert list(result.lineage.inputs) == expected
        assert result.lineage.formula == f"({a.lineage.formula} {sign} {b.lineage.formula})"


@given(lineages, lineages, lineages)
def test_union_associates_and_repeats_nothing(a: Lineage, b: Lineage, c: Lineage) -> None:
    left = a.union(b, formula="x").union(c, formula="y")
    assert left == a.union(b.union(c, formula="z"), formula="y") == a.union(b, c, formula="y")
    assert len(set(left.inputs)) == len(left.inputs)
    assert a.union(a, formula="y").inputs == a.inputs


def test_formulas_read_well() -> None:
    a, b = quantity(1, "USD", address="a"), quantity(2, "USD", address="b")
    share = (a + b) / b
    assert share.lineage == Lineage("((a + b) / b)", ("a", "b"))
    assert (-a).lineage.formula == "(-a)"
    assert (a**2).lineage.formula == "(a ** 2)"
    assert (12 * a).lineage.formula == "(12 * a)"
    assert (a * 0.1234567).lineage.formula == "(a * 0.1234567)"
    assert (a / 12).lineage.formula == "(a / 12)"
    assert (1 / a).lineage.formula == "(1 / a)"
    assert share.named("share of b").lineage == Lineage("share of b", ("a", "b"))


def test_a_lineage_says_something_and_nothing_twice() -> None:
    with pytest.raises(ValueError, match="needs a formula"):
        Lineage("")
    with pytest.raises(ValueError, match="twice"):
        Lineage("(a + a)", ("a", "a"))


# --- plain numbers, and what is not a number


def test_plain_numbers_scale_and_nothing_else() -> None:
    a = quantity(3.0, "million USD", "2015")
    assert [(a * 2).value, (2 * a).value, (a / 2).value, (6 / a).value] == [6, 6, 1.5, 2]
    assert [(2 * a).unit, (a / 2).unit, (6 / a).unit] == [a.unit, a.unit, a.unit**-1]


@pytest.mark.parametrize(
    "operation",
    [
        lambda a: a + 1,
        lambda a: 1 + a,
        lambda a: a - 1,
        lambda a: 1 - a,
        lambda a: a < 1,
        lambda a: a >= 1,
        lambda a: a * "2",
        lambda a: "2" / a,
    ],
)
def test_other_operands_are_refused(operation: Callable[[Quantity], object]) -> None:
    with pytest.raises(TypeError):
        operation(quantity(3.0, "ratio"))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_refused(value: float) -> None:
    with pytest.raises(UnitError, match=r"a: a quantity must be a finite number; found .*(nan|inf)"):
        quantity(value, "USD")
    with pytest.raises(UnitError, match=r"\(a \* "):
        quantity(1, "USD") * value


LARGE = quantity(1e300, "trillion USD")


@pytest.mark.parametrize(
    "operation",
    [
        lambda: LARGE * LARGE,
        lambda: quantity(1.7e308, "USD") + quantity(1.7e308, "USD"),
        lambda: LARGE**3,
        lambda: LARGE.to(Unit.parse("USD")),
        lambda: LARGE / quantity(1e-300, "USD"),
    ],
)
def test_results_too_large_are_refused(operation: Callable[[], object]) -> None:
    with pytest.raises(UnitError, match="finite number"):
        operation()


ZERO = quantity(0, "USD", address="z")


@pytest.mark.parametrize(
    ("operation", "formula"),
    [
        (lambda: LARGE / ZERO, r"\(a / z\)"),
        (lambda: LARGE / 0, r"\(a / 0\)"),
        (lambda: 1 / ZERO, r"\(1 / z\)"),
        (lambda: ZERO**-1, r"\(z \*\* -1\)"),
    ],
)
def test_division_by_zero_is_refused(operation: Callable[[], object], formula: str) -> None:
    with pytest.raises(UnitError, match=f"{formula}: division by zero"):
        operation()


def test_zero_to_the_power_of_zero_is_one() -> None:
    assert (ZERO**0).value == 1
    assert (ZERO**0).unit == Unit()


def test_powers_are_whole() -> None:
    with pytest.raises(UnitError, match="whole number"):
        quantity(4, "USD") ** 0.5  # type: ignore[operator]


# --- records


def test_a_quantity_is_a_record() -> None:
    a = quantity(50, "percent")
    assert a == quantity(50.0, "percent of GDP")
    assert hash(a) == hash(quantity(50.0, "percent of GDP"))
    assert a != quantity(0.5, "ratio")  # the same amount, but another record: is_close compares amounts
    assert a != quantity(50, "percent", standing=Standing.NOTIONAL)
    assert a.is_close(quantity(0.5, "ratio"))
    assert not a.is_close(quantity(0.50001, "ratio"))
    assert type(a.value) is float
    assert pickle.loads(pickle.dumps(a)) == a
    with pytest.raises(AttributeError):
        a.value = 1.0  # type: ignore[misc]


def test_a_quantity_prints_with_its_unit() -> None:
    assert str(quantity(12345.678, "million USD", "2015")) == "12,345.7 million USD (2015 prices)"
    assert str(quantity(2.1, "percent of GDP")) == "2.1 percent"
