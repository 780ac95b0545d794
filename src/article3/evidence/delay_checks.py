"""The rules of table ``delays``: what is late must be known by name, and something must be said of everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from article3.domain import force_elements
from article3.domain.vocabulary import Row
from article3.errors import Fault, unknown_name_fault

STAGES: Final = ("committed", "ordered", "opening")
"""How far a delivery has come: ordered before; by the plan, from a line that stands; from one that opens later."""
ANY: Final = "any"
MOST_YEARS: Final = 20.0
"""A delay beyond this is taken for a slip of the decimal point, or for months."""


def delay_faults(rows: Mapping[str, Sequence[Row]]) -> Iterator[Fault]:
    """Yield subjects of delays that do not exist, delays that are too long, and stages of which nothing is said.

    Without any line deliveries are never late; with lines, each stage needs one for ``any``, because an element without
    a delay would otherwise be on time in every draw.

    Parameters
    ----------
    rows
        Well-formed rows by table.
    """
    found = rows["delays"]
    names = {name for item in force_elements() for name in (item.id, item.domain)} | {ANY}
    for row in found:
        subject = row.text("subject")
        if subject not in names:
            yield unknown_name_fault("force element or domain", subject, {name: name for name in names}, row.where)
        if row.number("high") > MOST_YEARS:
            years = row.number("high")
            yield Fault(
                "a delivery is later than anything is planned for", row.where, f"{years:g} years",
                f"at most {MOST_YEARS:g}", f"Delays are in years: is {years / 12:.3g} meant?",
            )  # fmt: skip
    said = {row.text("stage") for row in found if row.text("subject") == ANY}
    for stage in STAGES if found else ():
        if stage not in said:
            yield Fault(
                f"no line '{stage},{ANY}', without which some deliveries would never be late", "forces/delays.csv"
            )
