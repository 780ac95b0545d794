"""Units, price bases, standing, lineage, and quantities that carry all four through arithmetic."""

from article3.quantity.quantities import Lineage, Quantity
from article3.quantity.standing import Standing, worst
from article3.quantity.units import CURRENCIES, INTERNATIONAL_DOLLAR, Base, Unit

__all__ = [
    "CURRENCIES",
    "INTERNATIONAL_DOLLAR",
    "Base",
    "Lineage",
    "Quantity",
    "Standing",
    "Unit",
    "worst",
]
