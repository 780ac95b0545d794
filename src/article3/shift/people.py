"""From people to units: what leaves the offer of the United States when people leave Europe.

The rule: a cut of N people from a host, or from all of Europe, takes with it the same share of every unit based there,
share = N / people present there. Nobody has said which units would go with so many people; that fighting units, staffs
and support go in proportion favours none of them. Present are all who are there, on rotation too: those assigned are
too few (Poland 369 of about 10,000), and would make every share too large. Units are fractions: the shift rounds.
Standing of the rule: notional. Nothing is drawn here; the range of people present gives a range of the share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from article3.domain import ally, force_element
from article3.errors import UnknownNameError
from article3.evidence.planning import Planning
from article3.evidence.troops_checks import ALL_EUROPE
from article3.scenario.shift_schema import Drawdown, Step

ANY: Final = "any"
"""Host of what leaves all of Europe, from every host in proportion to what is there."""
RULE_STANDING: Final = "notional"
"""How far the rule from people to units is to be trusted."""
RULE_REASON: Final = (
    "Nobody has said which units would leave with so many people: the same share of each is assumed, so that support "
    "and staffs leave in proportion."
)
Estimate = Literal["low", "central", "high"]
"""Which estimate of the people present is taken: the fewer are present, the larger the share that leaves."""
_ESTIMATES: Final[tuple[Estimate, ...]] = ("low", "central", "high")


@dataclass(frozen=True, slots=True)
class People:
    """US military people present in a host, or in all of Europe (persons), with the origin of the figure."""

    host: str
    low: float
    central: float
    high: float
    as_of: str
    source_id: str
    standing: str
    note: str

    def share(self, personnel: float) -> tuple[float, float, float]:
        """Return the share that a cut of so many people is: low, central, high; at most 1."""
        return tuple(_ratio(personnel, most) for most in (self.high, self.central, self.low))  # type: ignore[return-value]


def host_code(host: str) -> str:
    """Return ``any``, or the code of the Ally that a host names by code or name.

    Raises
    ------
    UnknownNameError
        There is no such Ally.
    """
    return ANY if host.strip().lower() in (ANY, ALL_EUROPE.lower()) else ally(host).code


def people_of(planning: Planning, host: str = ANY) -> People:
    """Return how many people of the United States are present in a host; ``any`` is all of Europe.

    Raises
    ------
    UnknownNameError
        The host is no European Ally with a figure.
    """
    code = host_code(host)
    rows = {row["host"]: row for row in planning.table("troops").iter_rows(named=True) if row["measure"] == "presence"}
    row = rows.get(ALL_EUROPE if code == ANY else code)
    if row is None:
        raise UnknownNameError("host of US forces", host, [ANY, *(name for name in rows if name != ALL_EUROPE)])
    return People(code, *(row[name] for name in (*_ESTIMATES, "as_of", "source_id", "standing", "note")))


def personnel_per_unit(planning: Planning) -> dict[str, float]:
    """Return the people one unit of each element takes (persons), as upkeep has them."""
    table = planning.table("upkeep")
    return dict(zip(table["element"].to_list(), table["personnel"].to_list(), strict=True))


def based(planning: Planning) -> dict[str, float]:
    """Return the units of each element that are based in Europe, central estimates; elements with none are left out."""
    found: dict[str, float] = {}
    for row in planning.table("basing").iter_rows(named=True):
        found[row["element"]] = found.get(row["element"], 0.0) + row["central"]
    return {element: units for element, units in found.items() if units > 0}


def units_of(
    planning: Planning, host: str, personnel: float, already: Sequence[Step] = (), present: Estimate = "central"
) -> dict[str, float]:
    """Return the units that leave with people, by element; none of an element that is not based there.

    Parameters
    ----------
    planning
        The planning tables: ``troops``, ``basing`` and ``upkeep``.
    host
        Ally they leave, by code or name; ``any`` for all of Europe.
    personnel
        People that leave (persons). More than are left take all that is left.
    already
        Steps taken before, in order: neither people nor units leave twice.
    present
        Which estimate of the people present is taken.

    Raises
    ------
    UnknownNameError
        There is no such host.
    """
    there = _There(planning, present)
    for step in already:
        there.leave(step)
    return there.people_leave(host_code(host), personnel)


def taken(planning: Planning, steps: Sequence[Step], present: Estimate = "central") -> tuple[dict[str, float], ...]:
    """Return the units each step takes out of the offer, by element, in the order of the steps.

    A step of units takes what it says, from wherever it stands; a step of people takes units by the rule. Steps act in
    the order of their days.

    Parameters
    ----------
    planning, present
        As for :func:`units_of`.
    steps
        Steps of one drawdown.

    Raises
    ------
    UnknownNameError
        There is no such host.
    """
    there = _There(planning, present)
    order = sorted(range(len(steps)), key=lambda place: steps[place].date)
    found = {place: there.leave(steps[place]) for place in order}
    return tuple(found[place] for place in range(len(steps)))


def freed(planning: Planning, units: Mapping[str, float]) -> float:
    """Return the people that units of the United States take with them when they leave (persons), the inverse.

    Tanks, fighting vehicles and guns are not counted: their people are those of the brigades that contain them.
    """
    each = personnel_per_unit(planning)
    return float(sum(amount * each.get(name, 0.0) for name, amount in units.items() if not force_element(name).part_of))


class _There:
    """What of the United States is still in Europe while the steps of a drawdown are taken, one after the other."""

    def __init__(self, planning: Planning, present: Estimate) -> None:
        rows = planning.table("troops").iter_rows(named=True)
        self.people: dict[str, float] = {row["host"]: row[present] for row in rows if row["measure"] == "presence"}
        self.all = self.people.pop(ALL_EUROPE, 0.0)
        upkeep = personnel_per_unit(planning)
        self.units: dict[tuple[str, str], float] = {}
        self.each: dict[tuple[str, str], float] = {}
        for row in planning.table("basing").iter_rows(named=True):
            key = row["element"], row["host"]
            self.units[key] = row["central"]
            self.each[key] = upkeep.get(row["element"], 0.0) if row["personnel"] is None else row["personnel"]

    def leave(self, step: Step) -> dict[str, float]:
        """Take one step; return the units that leave the offer, by element."""
        host = host_code(step.host)
        if step.personnel is not None:
            return self.people_leave(host, step.personnel)
        units = step.units or 0.0
        self._units_leave(host, step.element, units)
        return {step.element: units}

    def people_leave(self, host: str, personnel: float) -> dict[str, float]:
        """Take people out of a host, or of all; return the units that leave with them, by element."""
        if host != ANY and host not in self.people:
            raise UnknownNameError("host of US forces", host, [ANY, *self.people])
        share = _ratio(personnel, self.all if host == ANY else self.people[host])
        for name in self.people if host == ANY else (host,):
            self.people[name] *= 1.0 - share
        self.all = max(0.0, self.all - personnel)
        found: dict[str, float] = {}
        for key, there in self.units.items():
            if host in (ANY, key[1]) and there > 0:
                found[key[0]] = found.get(key[0], 0.0) + share * there
                self.units[key] = (1.0 - share) * there
        return {element: units for element, units in found.items() if units > 0}

    def _units_leave(self, host: str, element: str, units: float) -> None:
        """Take units out of a host, or of all in proportion, with their people; the rest was never in Europe."""
        keys = [key for key in self.units if key[0] == element and host in (ANY, key[1])]
        share = _ratio(units, sum(self.units[key] for key in keys))
        for key in keys:
            gone = share * self.units[key]
            self.units[key] -= gone
            people = min(self.people.get(key[1], 0.0), gone * self.each[key])
            if key[1] in self.people:
                self.people[key[1]] -= people
            self.all = max(0.0, self.all - people)


def _ratio(part: float, whole: float) -> float:
    """Return a share of what is there, at most all of it; all of it where nothing is there."""
    return 1.0 if whole <= part else part / whole


def assumption_rows(planning: Planning, drawdowns: Iterable[Drawdown]) -> list[dict[str, Any]]:
    """Return what the drawdowns rest on, as rows of name, value, unit, standing, source and note.

    Parameters
    ----------
    planning
        The planning tables.
    drawdowns
        The drawdowns judged, resolved.
    """
    chosen = tuple(drawdowns)
    rows = [
        _row(
            "Units that leave with people", "same share of each", "", RULE_STANDING, "article3-assumption", RULE_REASON
        )
    ]
    hosts = {host_code(step.host) for item in chosen for step in item.steps if step.personnel is not None} - {ANY}
    for host in (ANY, *sorted(hosts)):
        people = people_of(planning, host)
        name = "Europe" if host == ANY else ally(host).name
        rows.append(
            _row(
                f"US people present, {name}",
                _range(people.low, people.central, people.high),
                "persons",
                people.standing,
                people.source_id,
                f"As of {people.as_of}. {people.note}",
            )
        )
    rows += [_based_row(planning, element) for element in based(planning)]
    rows += [
        _row(f"Drawdown: {item.title}", _steps_text(item), "", item.standing, item.source, item.note) for item in chosen
    ]
    return rows


def _based_row(planning: Planning, element: str) -> dict[str, Any]:
    """Return what is assumed of the units of one element in Europe: the sum over hosts, with the worst standing."""
    found = [row for row in planning.table("basing").iter_rows(named=True) if row["element"] == element]
    low, central, high = (sum(row[name] for row in found) for name in _ESTIMATES)
    hosts = ", ".join(f"{row['host']} {row['central']:g}" for row in found if row["central"] > 0)
    worst = max(found, key=lambda row: ("official", "reported", "estimated", "notional").index(row["standing"]))
    item = force_element(element)
    sources = ";".join(dict.fromkeys(row["source_id"] for row in found))
    note = f"{hosts}. {worst['note']}"
    return _row(f"{item.title}, US, in Europe", _range(low, central, high), item.unit, worst["standing"], sources, note)


def _steps_text(item: Drawdown) -> str:
    """Return the totals of a drawdown and its days."""
    people = sum(step.personnel or 0 for step in item.steps)
    elements = {step.element: 0.0 for step in item.steps if step.element}
    for step in item.steps:
        if step.element:
            elements[step.element] += step.units or 0.0
    parts = [f"{people:,} people"] if people else []
    parts += [f"{units:,.10g} {force_element(name).title.lower()}" for name, units in elements.items()]
    days = sorted({step.date for step in item.steps})
    when = f"on {days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}, {len(days)} days"
    return f"{', '.join(parts)}; {when}"


def _row(name: str, value: str, unit: str, standing: str, source: str, note: str) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "standing": standing, "source": source, "note": note}


def _range(low: float, central: float, high: float) -> str:
    return f"{central:,.10g} ({low:,.10g} to {high:,.10g})" if low < high else f"{central:,.10g}"
