"""Quantities: a value with its unit, its standing and where it came from, and the arithmetic of them.

Arithmetic follows algebra. The unit of a product is the product of the units; a sum is in the unit of its
left operand; a result's standing is the worst of its inputs'; its lineage names every input once.

**Nothing converts money behind the caller's back.** To change currency or price base, multiply by a rate: a
quantity with a unit such as ``EUR@current / HRK@current`` or ``USD@2021 / USD@2015``, with a source and a
standing of its own, which the result then inherits::

    in_euros = in_kuna * rate          # rate.unit == Unit.parse("EUR@current / HRK@current")
    in_euros.to(Unit.parse("billion EUR", "current"))
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from article3.errors import Fault, UnitError
from article3.quantity.standing import Standing, worst
from article3.quantity.units import Unit, mismatch


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a number came from.

    Parameters
    ----------
    formula
        How it was computed, over addresses: ``(a / b)``. For a number read from evidence, its address.
    inputs
        Addresses of the evidence it rests on, each once, in the order of first use.

    Raises
    ------
    ValueError
        If the formula is empty or an input stands twice.
    """

    formula: str
    inputs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a lineage that says nothing, or one thing twice."""
        if not self.formula:
            raise ValueError("a lineage needs a formula; for a number read from evidence, its address")
        if len(set(self.inputs)) != len(self.inputs):
            raise ValueError(f"an input stands twice in {self.inputs}")

    @classmethod
    def of(cls, address: str) -> Lineage:
        """Return the lineage of a number read from evidence at an address."""
        return cls(address, (address,))

    def union(self, *others: Lineage, formula: str) -> Lineage:
        """Return the lineage of something computed from this and others.

        Parameters
        ----------
        others
            Further lineages, in the order in which they are used.
        formula
            Formula of the result.
        """
        inputs = (address for lineage in (self, *others) for address in lineage.inputs)
        return Lineage(formula, tuple(dict.fromkeys(inputs)))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that can be explained.

    ``==`` compares the whole record: value, unit, standing and lineage. ``<``, ``<=``, ``>``, ``>=`` and
    :meth:`is_close` compare the amounts, in whatever convertible units they are.

    A plain number may multiply or divide a quantity, and only that. It is for constants that nobody doubts
    (2, 12 months); an assumption is a quantity with a standing of its own.

    Parameters
    ----------
    value
        The number, finite, in ``unit``.
    unit
        Its unit, with currency and price base.
    standing
        How far to trust it.
    lineage
        Where it came from.

    Raises
    ------
    UnitError
        If the value is not finite; and from every operator that units, price bases or a zero forbid.
    """

    value: float
    unit: Unit
    standing: Standing
    lineage: Lineage

    def __post_init__(self) -> None:
        """Refuse what is not a finite number."""
        object.__setattr__(self, "value", float(self.value))
        if not math.isfinite(self.value):
            raise UnitError(_not_finite(str(self.value), self.lineage.formula))

    def to(self, unit: Unit) -> Quantity:
        """Return the same amount in another unit of the same dimensions.

        Parameters
        ----------
        unit
            The unit wanted. Another currency or price base needs a rate instead: see the module.

        Raises
        ------
        UnitError
            If the units measure different things, or money of different currencies or price bases.
        """
        if unit == self.unit:
            return self
        exact = _printed(self.value) * self.unit.factor_to(unit)
        try:
            return replace(self, value=float(exact), unit=unit)
        except OverflowError:
            raise UnitError(_not_finite("a number too large", self.lineage.formula)) from None

    def named(self, formula: str) -> Quantity:
        """Return the same quantity with a shorter formula to show; its inputs stay."""
        return replace(self, lineage=replace(self.lineage, formula=formula))

    def is_close(self, other: Quantity, *, relative: float = 1e-9) -> bool:
        """Return whether two amounts agree but for rounding.

        Parameters
        ----------
        other
            The other amount, in a convertible unit.
        relative
            Largest difference allowed, as a fraction of the larger amount.

        Raises
        ------
        UnitError
            If the units are not convertible.
        """
        left, right = self._amounts("compare", other)
        return abs(left - right) <= Fraction(relative) * max(abs(left), abs(right))

    def __add__(self, other: Quantity) -> Quantity:
        """Return the sum, in the unit of the left operand."""
        if not isinstance(other, Quantity):
            return NotImplemented
        return self._joined(other, self.value + self._value_of("add", other), self.unit, "+")

    def __sub__(self, other: Quantity) -> Quantity:
        """Return the difference, in the unit of the left operand."""
        if not isinstance(other, Quantity):
            return NotImplemented
        return self._joined(other, self.value - self._value_of("subtract", other), self.unit, "-")

    def __mul__(self, other: Quantity | float) -> Quantity:
        """Return the product, in the product of the units."""
        if isinstance(other, int | float):
            return self._scaled(self.value * other, f"({self.lineage.formula} * {other})")
        if not isinstance(other, Quantity):
            return NotImplemented
        return self._joined(other, self.value * other.value, self.unit * other.unit, "*")

    def __rmul__(self, other: float) -> Quantity:
        """Return the product with a plain number."""
        if not isinstance(other, int | float):
            return NotImplemented
        return self._scaled(self.value * other, f"({other} * {self.lineage.formula})")

    def __truediv__(self, other: Quantity | float) -> Quantity:
        """Return the ratio, in the ratio of the units."""
        if isinstance(other, int | float):
            formula = f"({self.lineage.formula} / {other})"
            return self._scaled(_divide(self.value, other, formula), formula)
        if not isinstance(other, Quantity):
            return NotImplemented
        ratio = _divide(self.value, other.value, f"({self.lineage.formula} / {other.lineage.formula})")
        return self._joined(other, ratio, self.unit / other.unit, "/")

    def __rtruediv__(self, other: float) -> Quantity:
        """Return a plain number divided by this."""
        if not isinstance(other, int | float):
            return NotImplemented
        formula = f"({other} / {self.lineage.formula})"
        return replace(self._scaled(_divide(other, self.value, formula), formula), unit=self.unit**-1)

    def __pow__(self, power: int) -> Quantity:
        """Return a whole power."""
        unit = self.unit**power
        formula = f"({self.lineage.formula} ** {power})"
        if self.value == 0 and power < 0:
            raise UnitError(_by_zero(formula))
        try:
            value = self.value**power
        except OverflowError:
            raise UnitError(_not_finite("a number too large", formula)) from None
        return replace(self._scaled(value, formula), unit=unit)

    def __neg__(self) -> Quantity:
        """Return the amount with its sign turned."""
        return self._scaled(-self.value, f"(-{self.lineage.formula})")

    def __lt__(self, other: Quantity) -> bool:
        """Return whether the amount is less than the other."""
        return self._compared(other, operator.lt)

    def __le__(self, other: Quantity) -> bool:
        """Return whether the amount is at most the other."""
        return self._compared(other, operator.le)

    def __gt__(self, other: Quantity) -> bool:
        """Return whether the amount is more than the other."""
        return self._compared(other, operator.gt)

    def __ge__(self, other: Quantity) -> bool:
        """Return whether the amount is at least the other."""
        return self._compared(other, operator.ge)

    def __str__(self) -> str:
        """Return the value to six digits, and the unit."""
        return f"{self.value:,.6g} {self.unit}"

    def _value_of(self, verb: str, other: Quantity) -> float:
        """Return another quantity's value in this one's unit, or say what the verb may not do."""
        self._amounts(verb, other)
        return other.to(self.unit).value

    def _compared(self, other: object, relation: Callable[[Fraction, Fraction], bool]) -> bool:
        """Return whether a relation holds between the two amounts."""
        if not isinstance(other, Quantity):
            raise TypeError(f"a quantity compares with a quantity, not with {type(other).__name__}")
        return relation(*self._amounts("compare", other))

    def _amounts(self, verb: str, other: Quantity) -> tuple[Fraction, Fraction]:
        """Return both amounts, exact, in their common bases, or say what the verb may not do."""
        if not self.unit.is_convertible_to(other.unit):
            fault = mismatch(verb, self.unit, other.unit)
            raise UnitError(replace(fault, where=f"{self.lineage.formula} and {other.lineage.formula}"))
        return _printed(self.value) * self.unit.scale, _printed(other.value) * other.unit.scale

    def _joined(self, other: Quantity, value: float, unit: Unit, sign: str) -> Quantity:
        """Return a result of two quantities."""
        formula = f"({self.lineage.formula} {sign} {other.lineage.formula})"
        lineage = self.lineage.union(other.lineage, formula=formula)
        return Quantity(value, unit, worst((self.standing, other.standing)), lineage)

    def _scaled(self, value: float, formula: str) -> Quantity:
        """Return a result of this quantity alone, in the same unit."""
        return replace(self, value=value, lineage=replace(self.lineage, formula=formula))


def _printed(value: float) -> Fraction:
    """Return the number that is printed, exactly: 35/1000 for 0.035, whose nearest float is a little more.

    Values come from printed figures. With the float itself, 0.035 would be more than 3.5 percent, and an Ally
    that stands exactly at a level would be on either side of it, depending on the unit.
    """
    return Fraction(repr(value))


def _divide(numerator: float, denominator: float, formula: str) -> float:
    """Divide, or name the formula that would divide by zero."""
    if denominator == 0:
        raise UnitError(_by_zero(formula))
    return numerator / denominator


def _by_zero(formula: str) -> Fault:
    """Return the fault for a division by zero."""
    return Fault("division by zero", where=formula, expected="a denominator other than zero")


def _not_finite(found: str, formula: str) -> Fault:
    """Return the fault for a value that is not a finite number."""
    return Fault(
        "a quantity must be a finite number",
        where=formula,
        found=found,
        mend="Leave out what is missing instead of carrying it as a number.",
    )
