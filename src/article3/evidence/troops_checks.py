"""The rules of the tables of US forces in Europe: people by host, and the units that are based there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from article3.domain.vocabulary import Row
from article3.errors import Fault

ALL_EUROPE: Final = "EUR"
"""Host under which table ``troops`` gives the figures of all Europe."""
OFFERED: Final = "before_2026"
"""Version of the offer of which the units based in Europe are a part."""

_RANGE: Final = ("low", "central", "high")
_SLACK: Final = 1e-6


def host_faults(rows: Mapping[str, Sequence[Row]], regions: Mapping[str, str]) -> Iterator[Fault]:
    """Yield hosts of US forces that are Allies but do not lie in Europe.

    Parameters
    ----------
    rows
        Well-formed rows by table.
    regions
        Region of each Ally, by code.
    """
    for table in ("troops", "basing"):
        for row in rows[table]:
            host = row.text("host")
            if regions.get(host, "europe") != "europe":
                mend = "These tables hold US forces in Europe alone."
                yield Fault("the host is not in Europe", row.where, host, "a European Ally", mend)


def people_faults(rows: Mapping[str, Sequence[Row]]) -> Iterator[Fault]:
    """Yield sums that do not agree: hosts with Europe, those assigned with those there, units with people and offer.

    Parameters
    ----------
    rows
        Rows by table, each of which keeps the rules of its own table.
    """
    people = {(row.text("host"), row.text("measure")): row for row in rows["troops"]}
    for measure in ("assigned", "presence"):
        yield from _sum_faults([row for (_, kind), row in people.items() if kind == measure], measure)
    for (host, measure), row in people.items():
        assigned = people.get((host, "assigned"))
        if measure == "presence" and assigned and row.number("high") < assigned.number("low"):
            yield Fault(
                f"fewer are present in {host} than are assigned to it",
                row.where,
                f"at most {row.number('high'):g}, and {assigned.number('low'):g} assigned",
                mend="Presence counts all who are there: those assigned and those on rotation.",
            )
    yield from _crowded(rows, people)
    yield from _not_offered(rows)


def _sum_faults(rows: Sequence[Row], measure: str) -> Iterator[Fault]:
    whole = next((row for row in rows if row.text("host") == ALL_EUROPE), None)
    parts = [row for row in rows if row is not whole]
    if whole is None:
        if parts:
            mend = f"Add it: what leaves all of Europe is a share of it. Its host is {ALL_EUROPE}."
            yield Fault(f"'{measure}' has no figure for all of Europe", parts[0].where, mend=mend)
        return
    total = sum(row.number("central") for row in parts)
    low, high = whole.number("low"), whole.number("high")
    if parts and not low - _SLACK <= total <= high + _SLACK:
        expected = f"{low:g} to {high:g}" if low < high else f"{low:g}"
        yield Fault(f"the hosts do not add up to '{measure}' of all Europe", whole.where, f"{total:g}", expected)


def people_of_unit(row: Row, upkeep: Mapping[str, Row]) -> float:
    """Return the people one unit of a row of table ``basing`` has with it; those of upkeep where it names none."""
    own = row.number_or_none("personnel")
    return upkeep[row.text("element")].number("personnel") if own is None else own


def _crowded(rows: Mapping[str, Sequence[Row]], people: Mapping[tuple[str, str], Row]) -> Iterator[Fault]:
    """Yield hosts where units are based and nobody is counted, or fewer people than the units take."""
    upkeep = {row.text("element"): row for row in rows["upkeep"]}
    based: dict[str, list[Row]] = defaultdict(list)
    for row in rows["basing"]:
        if row.text("element") not in upkeep:
            mend = "Add it to upkeep, which says how many people a unit takes."
            yield Fault(f"{row.text('element')} is based in Europe and has no upkeep", row.where, mend=mend)
        else:
            based[row.text("host")].append(row)
    for host, found in based.items():
        present = people.get((host, "presence"))
        if present is None:
            yield Fault(f"units are based in {host} and nobody is present there", found[0].where, mend="See troops.")
            continue
        takes = sum(row.number("central") * people_of_unit(row, upkeep) for row in found)
        if takes > present.number("high") + _SLACK:
            what = f"the units based in {host} take more people than are there"
            yield Fault(what, present.where, f"{takes:g}", f"at most {present.number('high'):g}")


def _not_offered(rows: Mapping[str, Sequence[Row]]) -> Iterator[Fault]:
    """Yield elements of which more is based in Europe than the United States offers in all."""
    offered = {row.text("element"): row for row in rows["offers"] if row.text("version") == OFFERED}
    based: dict[str, list[Row]] = defaultdict(list)
    for row in rows["basing"]:
        based[row.text("element")].append(row)
    for element, found in based.items():
        offer = offered.get(element)
        if offer is None:
            mend = "What is based there is a part of what is offered: add the offer, or leave the unit out."
            yield Fault(f"{element} is based in Europe and not offered", found[0].where, mend=mend)
            continue
        for column in _RANGE:
            total, most = sum(row.number(column) for row in found), offer.number(column)
            if total > most + _SLACK:
                what = f"more of {element} is based in Europe than the United States offers ({column})"
                yield Fault(what, found[0].where, f"{total:g}", f"at most {most:g}, as in {OFFERED}")
