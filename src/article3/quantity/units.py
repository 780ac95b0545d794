"""Units of measurement, in which the price base is part of the money.

A unit is an exact scale times a product of powers of *bases*. A base is a person, a year, a day, SIPRI's
trend-indicator value, or **money of one currency at one price base**: ``USD@2015`` and ``USD@2021`` are as
different as dollars and persons. They never add, while a ratio of two amounts of the same money is
dimensionless. Percentages are dimensionless with scale 1/100; what a share is a share *of* is the business of
the measure, not of the unit.

A year and a day are separate bases: a calendar year has no fixed number of days, and a notice to move of 30
days is not a fraction of a budget year. An explicit rate (``days / year``) goes between them.

Source of the currency codes: ISO 4217, list one (current) without metals and test codes, and those of list
three (withdrawn) that Allies and their neighbours used since 1949.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Final

from article3.errors import Fault, UnitError, unknown_name_fault

INTERNATIONAL_DOLLAR: Final = "INT$"
"""Code of the international dollar (purchasing-power parity), which ISO 4217 does not list."""

_ISO_CODES: Final = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ
GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR
LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN
PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB
TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XDR XOF XPF YER ZAR
ZMW ZWG
ATS BEF BGL CSK DDM DEM EEK ESP FIM FRF GRD HRK ITL LTL LUF LVL NLG PLZ PTE ROL SIT SKK TRL XEU
"""

CURRENCIES: Final = frozenset(_ISO_CODES.split()) | {INTERNATIONAL_DOLLAR}
"""Codes of money: ISO 4217 and :data:`INTERNATIONAL_DOLLAR`."""

_PLURALS: Final = {"person": "persons", "year": "years", "day": "days", "SIPRI TIV": "SIPRI TIV"}
"""Bases that are not money, with the plural that is printed."""

_SPELLINGS: Final = (
    {plural: name for name, plural in _PLURALS.items()}
    | {name: name for name in _PLURALS}
    | dict.fromkeys(("international dollar", "international dollars"), INTERNATIONAL_DOLLAR)
)
_MAGNITUDES: Final = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_MAGNITUDE_NAMES: Final = {size: name for name, size in _MAGNITUDES.items()}
_PURE: Final = {
    "": Fraction(1),
    "index": Fraction(1),
    "ratio": Fraction(1),
    "percent": Fraction(1, 100),
    "percentage point": Fraction(1, 100),
    "percentage points": Fraction(1, 100),
}

_PRICE_BASE: Final = re.compile(r"current|\d{4}|own [\w.-]+(?: [\w.-]+)*")
_PRICES: Final = re.compile(r"^(?P<unit>.*?)\s*\((?P<base>[^()]+) prices\)$")
_OPERATOR: Final = re.compile(r"\s*([/*·×]|\bper\b)\s*")
_FACTOR: Final = re.compile(r"^(?P<name>[^@^]*?)\s*(?:@\s*(?P<base>[^^]+?))?\s*(?:\^\s*(?P<power>-?\d+))?$")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, order=True)
class Base:
    """Something counted, that no unit conversion turns into something else.

    Parameters
    ----------
    name
        ``person``, ``year``, ``day``, ``SIPRI TIV``, or the code of a currency in :data:`CURRENCIES`.
    price_base
        For money: ``current``; a year of constant prices, as ``2015``; ``own <release>`` where each Ally has
        a base year of its own within one release; or empty where the source does not say, which is a price
        base of its own and mixes with none of the others. Empty for everything else.

    Raises
    ------
    UnitError
        If the name or the price base is not one of these.
    """

    name: str
    price_base: str = ""

    def __post_init__(self) -> None:
        """Refuse names and price bases that do not exist."""
        if self.name not in CURRENCIES and self.name not in _PLURALS:
            raise UnitError(_unknown_unit(self.name, self.name))
        if not self.price_base:
            return
        if not self.is_money:
            raise UnitError(Fault(f"{self.name} has no price base", found=f"'{self.price_base}'"))
        if not _PRICE_BASE.fullmatch(self.price_base):
            raise UnitError(
                Fault(
                    "unknown price base",
                    found=f"'{self.price_base}'",
                    expected="'current', a year such as '2015', or 'own' and a release such as 'own 2024-10'",
                )
            )

    @property
    def is_money(self) -> bool:
        """Whether this is a currency, and so has a price base."""
        return self.name in CURRENCIES

    def __str__(self) -> str:
        """Return the base as it stands in a unit: ``USD@2015``."""
        return f"{self.name}@{self.price_base}" if self.price_base else self.name


@dataclass(frozen=True, slots=True)
class Unit:
    """An exact scale times a product of powers of bases.

    Units are equal when their scale and dimensions are, however they were written: ``index``, ``ratio`` and
    the empty text are one unit, and so are ``percent of GDP`` and ``percent``.

    Parameters
    ----------
    scale
        How many of the product of bases one of this unit is: 1,000,000 for ``million USD``. Positive.
    dims
        Pairs of a base and its exponent, in any order; stored sorted, merged, and without zeros.

    Raises
    ------
    UnitError
        If the scale is not positive.
    """

    scale: Fraction = Fraction(1)
    dims: tuple[tuple[Base, int], ...] = ()

    def __post_init__(self) -> None:
        """Bring the dimensions into their one form."""
        if self.scale <= 0:
            raise UnitError(Fault("the scale of a unit must be positive", found=str(self.scale)))
        total: Counter[Base] = Counter()
        for base, power in self.dims:
            total[base] += power
        object.__setattr__(self, "scale", Fraction(self.scale))
        object.__setattr__(self, "dims", tuple(sorted((base, n) for base, n in total.items() if n)))

    @classmethod
    def parse(cls, text: str, price_base: str = "") -> Unit:
        """Read a unit as the evidence tables write it, or as ``str`` prints it.

        Parameters
        ----------
        text
            ``percent``, ``percent of`` anything, ``index``, ``ratio`` or nothing at all; an amount
            (``thousand`` ... ``trillion``, or a number) of ``persons``, ``years``, ``days``, ``SIPRI TIV``,
            ``international dollars`` or a currency; products and quotients of these with ``*``, ``/`` or
            ``per``, read from left to right, and powers with ``^``, which bind to the name and not to the
            amount. A price base may stand behind a currency, ``EUR@current / HRK@current``, or behind all,
            ``million USD (2015 prices)``.
        price_base
            Price base of all money in the text that has none behind an ``@``. It is not part of a unit
            without money: growth at constant prices is in plain percent.

        Raises
        ------
        UnitError
            If the text is not such a unit, or names a second price base beside ``price_base``.
        """
        return _parse(text, price_base)

    @property
    def is_dimensionless(self) -> bool:
        """Whether this is a pure number, such as a ratio, an index or percent."""
        return not self.dims

    def is_convertible_to(self, other: Unit) -> bool:
        """Return whether both units measure the same thing, differing at most in scale."""
        return self.dims == other.dims

    def factor_to(self, other: Unit) -> Fraction:
        """Return the exact number by which a value in this unit is multiplied to be in the other.

        Raises
        ------
        UnitError
            If the units measure different things, or money of different currencies or price bases.
        """
        if not self.is_convertible_to(other):
            raise UnitError(mismatch("convert", self, other))
        return self.scale / other.scale

    def __mul__(self, other: Unit) -> Unit:
        """Return the unit of a product."""
        return Unit(self.scale * other.scale, self.dims + other.dims)

    def __truediv__(self, other: Unit) -> Unit:
        """Return the unit of a quotient."""
        return self * other**-1

    def __pow__(self, power: int) -> Unit:
        """Return the unit of a whole power."""
        if not isinstance(power, int):
            # A root of a scale is not exact, and no quantity of ours has half a dimension.
            raise UnitError(Fault("the power of a unit must be a whole number", found=str(power)))
        return Unit(Fraction(self.scale**power), tuple((base, n * power) for base, n in self.dims))

    def __str__(self) -> str:
        """Return the canonical text, which :meth:`parse` reads back: ``million USD (2015 prices)``."""
        return _write(self)


def mismatch(verb: str, left: Unit, right: Unit) -> Fault:
    """Return the fault for two units that measure different things.

    Parameters
    ----------
    verb
        What was attempted: ``add``, ``subtract``, ``compare``, ``convert``.
    left, right
        The units, of different dimensions.
    """
    found = f"'{left}' and '{right}'"
    # What is to be changed is the unit converted from, or the operand that has to follow the left one.
    source, target = (left, right) if verb == "convert" else (right, left)
    of, to = (next((base for base, _ in unit.dims if base.is_money), None) for unit in (source, target))
    if of is None or to is None:
        same_kind = False
    elif _signature(left, codes=True) == _signature(right, codes=True):
        same_kind, what, expected = True, "amounts at different price bases", "one price base"
    else:
        same_kind = _signature(left, codes=False) == _signature(right, codes=False)
        what, expected = "amounts in different currencies", "one currency at one price base"
    if not same_kind:
        return Fault(f"cannot {verb} quantities of different kinds", found=found, expected="the same dimensions")
    mend = f"Multiply '{of}' by a rate first: a quantity in '{to} / {of}' with a source of its own."
    return Fault(f"cannot {verb} {what}", found=found, expected=expected, mend=mend)


def _signature(unit: Unit, *, codes: bool) -> Counter[str]:
    """Return the dimensions without price bases, and with or without the codes of currencies."""
    total: Counter[str] = Counter()
    for base, power in unit.dims:
        total[base.name if codes or not base.is_money else "money"] += power
    return total


@lru_cache(maxsize=4096)
def _parse(text: str, price_base: str) -> Unit:
    """Read a unit; see :meth:`Unit.parse`."""
    stripped = text.strip()
    behind = _PRICES.match(stripped)
    if behind is not None:
        stripped = behind["unit"]
        if price_base and price_base != behind["base"]:
            raise UnitError(_two_price_bases(text, price_base, behind["base"]))
        price_base = behind["base"]
    parts = _OPERATOR.split(stripped)
    unit = _parse_factor(parts[0], price_base, text)
    for operator, part in zip(parts[1::2], parts[2::2], strict=True):
        factor = _parse_factor(part, price_base, text)
        unit = unit / factor if operator in {"/", "per"} else unit * factor
    if len(parts) > 1 and not all(parts[0::2]):
        raise UnitError(Fault("nothing stands on one side of an operator", found=f"'{text}'", expected="a unit"))
    return unit


def _parse_factor(part: str, price_base: str, text: str) -> Unit:
    """Read one factor of a product: an amount, a name, a price base and a power, each of them optional."""
    match = _FACTOR.match(part)
    if match is None:
        raise UnitError(_unknown_unit(part, text))
    scale, name = _parse_amount(match["name"])
    power = int(match["power"] or 1)
    share = re.match(r"percent of \S", name)
    if share is not None or name in _PURE:
        if match["base"]:
            raise UnitError(Fault(f"'{name}' has no price base", found=f"'{text}'"))
        return Unit(scale) * Unit(Fraction(1, 100) if share else _PURE[name]) ** power
    name = _SPELLINGS.get(name, name)
    if name not in CURRENCIES and name not in _PLURALS:
        raise UnitError(_unknown_unit(name, text))
    own = match["base"] or ""
    if own and price_base and own != price_base:
        raise UnitError(_two_price_bases(text, price_base, own))
    money = name in CURRENCIES
    return Unit(scale) * Unit(dims=((Base(name, own or (price_base if money else "")), power),))


def _parse_amount(words: str) -> tuple[Fraction, str]:
    """Split the leading numbers and words such as ``million`` from the name behind them."""
    scale = Fraction(1)
    rest = words.split()
    while rest and (rest[0] in _MAGNITUDES or _NUMBER.fullmatch(rest[0])):
        word = rest.pop(0)
        scale *= _MAGNITUDES.get(word) or Fraction(word)
    return scale, " ".join(rest)


def _unknown_unit(name: str, text: str) -> Fault:
    """Return the fault for a name that is no unit, saying how to mend it where the slip is a known one."""
    known = ["percent", *_MAGNITUDES, *_SPELLINGS, "index", "ratio", *sorted(CURRENCIES)]
    fault = replace(unknown_name_fault("unit", name, known), found=f"'{text}'")
    if "national currency" in name or "local currency" in name:
        mend = "Write the ISO 4217 code of the Ally's currency, as in 'million PLN'."
        return replace(fault, mend=mend)
    if "price" in name:
        mend = "Give the price base apart from the unit, or write 'million USD (2015 prices)'."
        return replace(fault, mend=mend)
    return fault


def _two_price_bases(text: str, first: str, second: str) -> Fault:
    """Return the fault for a text that says one price base and a caller who says another."""
    return Fault("a unit with two price bases", found=f"'{text}' at '{first}' and '{second}'", expected="one")


def _write(unit: Unit) -> str:
    """Return the canonical text of a unit, which :meth:`Unit.parse` reads back to the same unit."""
    if not unit.dims and unit.scale in {Fraction(1), Fraction(1, 100)}:
        return "ratio" if unit.scale == 1 else "percent"
    prices = {base.price_base for base, _ in unit.dims if base.is_money}
    # One price base is said once behind the unit; several are said behind each currency.
    common = next(iter(prices)) if len(prices) == 1 else ""
    amount, divisor = unit.scale.numerator, unit.scale.denominator
    top = [_write_power(base, n, common, plural=True) for base, n in unit.dims if n > 0]
    below = [(base, -n) for base, n in unit.dims if n < 0]
    if not top and unit.scale == Fraction(1, 100):
        amount_text, divisor = "percent", 1
    else:
        amount_text = _write_product(amount, top, " * ") or "1"
    # "USD / person", but "USD / million persons".
    bottom = [
        _write_power(base, n, common, plural=divisor != 1 and place == 0) for place, (base, n) in enumerate(below)
    ]
    text = " / ".join(_nonempty(amount_text, _write_product(divisor, bottom, " / ")))
    return f"{text} ({common} prices)" if common else text


def _write_product(amount: int, names: list[str], sign: str) -> str:
    """Return an amount in words and the names behind it."""
    words = "" if amount == 1 else _MAGNITUDE_NAMES.get(amount, str(amount))
    return " ".join(_nonempty(words, sign.join(names)))


def _write_power(base: Base, power: int, common: str, *, plural: bool) -> str:
    """Return a base with its price base, unless that is the common one, and its exponent."""
    name = _PLURALS[base.name] if plural and not base.is_money else base.name
    behind = f"@{base.price_base}" if base.price_base not in {"", common} else ""
    return f"{name}{behind}^{power}" if power != 1 else f"{name}{behind}"


def _nonempty(*texts: str) -> Iterable[str]:
    """Return the texts that say something."""
    return [text for text in texts if text]
