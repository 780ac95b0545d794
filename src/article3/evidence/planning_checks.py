"""The rules of the planning tables beyond single cells: references, ranges, windows, circles, lines, gaps."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from article3.domain import Column, allies, capabilities, force_elements, pools
from article3.domain.allies import ally_spellings
from article3.domain.pools import pool_spellings
from article3.domain.vocabulary import Row
from article3.errors import Fault, unknown_name_fault
from article3.evidence.delay_checks import delay_faults
from article3.evidence.post_checks import post_table_faults
from article3.evidence.troops_checks import ALL_EUROPE, host_faults, people_faults

Rows = Mapping[str, Sequence[Row]]

WINDOWS: Final = ("10", "30", "180")
RANGE: Final = ("low", "central", "high")
_DEGREES: Final = {"lat": 90.0, "lon": 180.0}
_YOURS: Final = "yours"
_FIRST_YEAR: Final = 2026
_LAST_YEAR: Final = 2045
_PLACELESS: Final = ("other", "national")
"""Origins of lines that no Ally's industry makes."""


def faults_of(rows: Rows, described: Mapping[str, Sequence[Column]], sources: Iterable[str]) -> list[Fault]:
    """Return every fault of the planning tables, by file and line.

    Parameters
    ----------
    rows
        Well-formed rows by table.
    described
        What the columns mean.
    sources
        Identifiers of the sources that are held.
    """
    known = _Known(sources)
    faults: list[Fault] = []
    for name, columns in described.items():
        for row in rows[name]:
            faults += _references(row, columns, known)
            faults += _numbers(row, columns)
        faults += _unknown_sources(rows[name], known)
    for name in ("availability", "reach"):
        faults += _falling(rows[name], described[name])
    faults += _circles(rows["effects"])
    faults += _places(rows, known)
    faults += _bands(rows["bands"])
    faults += _compared(rows["published"], known)
    faults += _bounds(rows)
    faults += _lines(rows["lines"], known)
    faults += _changes(rows["changes"])
    faults += _pooling(rows["pooling"], known)
    faults += _fit(rows["fit"], known)
    faults += delay_faults(rows)
    faults += host_faults(rows, known.regions)
    faults += post_table_faults(rows)
    # Gaps in tables that broke their rules, or are not there, would only repeat what has been said.
    if not faults:
        faults += _incomplete(rows)
        faults += _retired(rows)
        faults += people_faults(rows)
    return faults


class _Known:
    """Names that may be referred to, by what ``columns.csv`` says of a column, with all their spellings."""

    def __init__(self, sources: Iterable[str]) -> None:
        elements = {item.id: item.id for item in force_elements()}
        domains = {item.domain: item.domain for item in force_elements()}
        codes = {item.code: item.label for item in allies()} | {
            item.code: f"{item.code} ({item.title})" for item in pools()
        }
        self.regions = {item.code: item.region for item in allies()}
        self.tables: dict[str, tuple[str, dict[str, str]]] = {
            "allies": ("Ally", {item.code: item.label for item in allies()}),
            "allies or pools": ("Ally or pool", codes),
            "allies or 'EUR'": ("Ally", {item.code: item.label for item in allies()} | {ALL_EUROPE: "all of Europe"}),
            "allies, pools or 'default'": ("Ally or pool", codes | {"default": "default"}),
            "force_elements": ("force element", elements),
            "force_elements or 'any'": ("force element", elements | {"any": "any"}),
            "domains of force_elements": ("domain", domains),
            "domains of force_elements or 'any'": ("domain", domains | {"any": "any"}),
            "capabilities": ("capability", {item.id: item.id for item in capabilities()}),
            "sources": ("source", {name: name for name in sources}),
        }

    def fault(self, refers_to: str, name: str, where: str) -> Fault | None:
        """Return the fault of a name that is not known; None for one that is."""
        kind, known = self.tables[refers_to]
        if name in known:
            return None
        # Names are understood well enough to suggest the code, which is what a table holds.
        if kind == "Ally":
            known = ally_spellings().known_for(name) | known
        elif kind == "Ally or pool":
            known = ally_spellings().known_for(name) | pool_spellings().known | known
        return unknown_name_fault(kind, name, known, where)


def _references(row: Row, columns: Sequence[Column], known: _Known) -> Iterator[Fault]:
    for column in columns:
        cell = row.text(column.column)
        if not column.refers_to or not cell or column.refers_to == "sources":
            continue
        fault = known.fault(column.refers_to, cell, row.where)
        if fault:
            yield fault


def _unknown_sources(rows: Sequence[Row], known: _Known) -> Iterator[Fault]:
    """Yield sources that are not held, each once: a table often has one source in every line."""
    lines: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if "source_id" in row.cells and row.cells.get("standing") != _YOURS:
            lines[row.text("source_id")].append(row.where)
    for name, places in lines.items():
        fault = known.fault("sources", name, places[0])
        if fault:
            more = f", here and in {len(places) - 1} further lines" if len(places) > 1 else ""
            close = f"{fault.mend} " if fault.mend.startswith("Did you mean") else ""
            yield Fault(f"{fault.what}{more}", places[0], mend=f"{close}Sources stand in sources.csv.")


def _numbers(row: Row, columns: Sequence[Column]) -> Iterator[Fault]:
    """Yield numbers outside their bounds, and ranges that are not in order."""
    for column in columns:
        if column.type != "number" or not row.text(column.column):
            continue
        name, value = column.column, row.number(column.column)
        most = _DEGREES.get(name)
        if most is not None and abs(value) > most:
            yield Fault(f"{name} is beyond {most:g} degrees", row.where, f"{value:g}")
        elif most is None and value < 0:
            yield Fault(f"{name} is negative", row.where, f"{value:g}", mend="Check the sign.")
        elif column.unit == "share" and value > 1:
            yield share_fault(name, value, row.where)
        elif column.table == "costs" and name in ("central", "lot") and value == 0:
            yield Fault(f"{name} is zero", row.where, mend="What costs nothing would be bought without end.")
    given = [(name, row.number(name)) for name in RANGE if row.cells.get(name)]
    for (lower, less), (upper, more) in pairwise(given):
        if less > more:
            yield Fault(f"{lower} is above {upper}", row.where, f"{less:g} and {more:g}")


def share_fault(name: str, value: float, where: str) -> Fault:
    """Return the fault of a share above 1, with the number probably meant."""
    mend = f"Is {value / 100:g} meant?" if value <= 100 else "Shares are fractions of 1."
    return Fault(f"{name} is a share above 1", where, f"{value:g}", "at most 1", mend)


def _falling(rows: Sequence[Row], columns: Sequence[Column]) -> Iterator[Fault]:
    """Yield what falls with the window: windows are cumulative."""
    key = next(column.column for column in columns if column.key and column.column != "window_days")
    series: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        series[row.text(key)].append(row)
    for name, found in series.items():
        ordered = sorted(found, key=lambda row: int(row.text("window_days")))
        for earlier, later in pairwise(ordered):
            falls = [column for column in RANGE if later.number(column) < earlier.number(column)]
            if falls:
                yield falling_fault(
                    f"{columns[0].table} of {name}",
                    (earlier.text("window_days"), later.text("window_days")),
                    ", ".join(falls),
                    [(earlier.number(column), later.number(column)) for column in falls],
                    later.where,
                )


def falling_fault(
    what: str, windows: tuple[str, str], columns: str, values: Sequence[tuple[float, float]], where: str
) -> Fault:
    """Return the fault of a figure that falls from one readiness window to the next."""
    found = ", ".join(f"{before:g} then {after:g}" for before, after in values)
    return Fault(
        f"{what} falls between {windows[0]} and {windows[1]} days ({columns})",
        where,
        found,
        mend="Windows are cumulative: what is there after 10 days is there after 30.",
    )


def _circles(effects: Sequence[Row]) -> Iterator[Fault]:
    """Yield circles of substitution by which a unit would be worth more than itself.

    An edge leads from an element to the element that gives a capability like with like; its weight is the effect.
    The search is Bellman and Ford's for a negative circle of logarithms; edges of a circle found are left out and the
    search begins again, so that every separate circle is told.
    """
    like = {item.id: item.element for item in capabilities()}
    edges = {
        (row.text("element"), like[row.text("capability")]): row
        for row in effects
        if row.text("capability") in like and row.number("central") > 0
    }
    while circle := _circle({edge: -math.log(row.number("central")) for edge, row in edges.items()}):
        first = min(range(len(circle)), key=lambda place: list(edges).index(circle[place]))
        circle = [*circle[first:], *circle[:first]]
        used = [edges.pop(edge) for edge in circle]
        product = math.prod(row.number("central") for row in used)
        names = " -> ".join([circle[0][0], *(target for _, target in circle)])
        yield Fault(
            "a substitution circle: by standing in for one another, units would be worth more than themselves",
            " and ".join(row.where for row in used),
            f"{names} with a product of {product:.4g}",
            "a product of at most 1",
        )


def _circle(lengths: Mapping[tuple[str, str], float]) -> list[tuple[str, str]]:
    """Return the edges of a circle of negative length; none where there is none."""
    nodes = sorted({node for edge in lengths for node in edge})
    distance = dict.fromkeys(nodes, 0.0)
    before: dict[str, str] = {}
    last = ""
    for _ in nodes:
        last = ""
        for (source, target), length in lengths.items():
            if distance[source] + length < distance[target] - 1e-9:
                distance[target] = distance[source] + length
                before[target] = source
                last = target
        if not last:
            break
    if not last:
        return []
    for _ in nodes:  # walk back until inside the circle
        last = before[last]
    circle = [(before[last], last)]
    while circle[-1][0] != last:
        circle.append((before[circle[-1][0]], circle[-1][0]))
    return circle[::-1]


def _places(rows: Rows, known: _Known) -> Iterator[Fault]:
    """Yield places that are neither a holder nor a theatre, or that have half a position."""
    for row in rows["places"]:
        name = row.text("place")
        if not name.islower():
            fault = known.fault("allies or pools", name, row.where)
            if fault:
                yield fault
        if bool(row.text("lat")) != bool(row.text("lon")) or (not name.islower() and not row.text("lat")):
            yield Fault("a position has a latitude and a longitude", row.where, f"{name} with one of them, or none")


def _bands(rows: Sequence[Row]) -> Iterator[Fault]:
    """Yield thresholds of distance that do not rise."""
    limits = [(row, row.number_or_none("up_to_km")) for row in rows]
    for (_, lower), (row, upper) in pairwise(limits):
        if lower is None and upper is None:
            continue
        if lower is None or (upper is not None and upper <= lower):
            yield Fault("distances do not rise from line to line", row.where, row.text("up_to_km"))


def _compared(published: Sequence[Row], known: _Known) -> Iterator[Fault]:
    """Yield elements that a published figure is held against and that do not exist."""
    for row in published:
        for part in row.items("compare"):
            name, star, factor = part.partition("*")
            fault = known.fault("force_elements", name, row.where)
            if fault:
                yield fault
            if star and not _is_number(factor):
                yield Fault("compare is element*factor", row.where, part, "such as medium_transport*0.5")


def _bounds(rows: Rows) -> Iterator[Fault]:
    """Yield numbers of the plan's tables outside bounds of their own."""
    for table, column, mend in (
        ("upkeep", "life_years", "What lives no year would be bought again for ever."),
        ("lines", "cost_factor", "What costs nothing would be bought without end."),
        ("changes", "units", "Leave the line out where nothing comes or leaves."),
    ):
        for row in rows[table]:
            if row.number(column) == 0:
                yield Fault(f"{column} is zero", row.where, mend=mend)
    for row in rows["fit"]:
        if row.number("value") > 1:
            yield share_fault("value", row.number("value"), row.where)


def _lines(lines: Sequence[Row], known: _Known) -> Iterator[Fault]:
    """Yield what is wrong with production lines: their years, rates, makers and licences."""
    gives = {row.text("line"): row.text("element") for row in lines}
    for row in lines:
        if row.year("opens") < _FIRST_YEAR:
            yield Fault(
                "the line opens before the plan begins", row.where, row.text("opens"), f"{_FIRST_YEAR} or later"
            )
        if row.number("times") < 1:
            yield Fault("times is below 1", row.where, row.text("times"), mend="A line that never grows has times 1.")
        if not row.number("lead_years").is_integer():
            yield Fault("lead_years is not whole", row.where, row.text("lead_years"), mend="Round it up.")
        yield from _makers(row, known)
        parent = row.text("licence_of")
        if parent and parent not in gives:
            yield unknown_name_fault("line", parent, {name: name for name in gives}, row.where)
        elif parent == row.text("line"):
            yield Fault("a line is made under licence of itself", row.where, parent, "another line")
        elif parent and gives[parent] != row.text("element"):
            found = f"{parent}, which gives {gives[parent]}"
            yield Fault("a licence is for another force element", row.where, found, f"a line of {row.text('element')}")


def _makers(row: Row, known: _Known) -> Iterator[Fault]:
    """Yield what is wrong with the Allies in which a line stands."""
    makers, origin = row.items("makers"), row.text("origin")
    unknown = [fault for code in makers if (fault := known.fault("allies", code, row.where))]
    yield from unknown
    if origin in _PLACELESS:
        if makers:
            yield Fault(f"a line of origin '{origin}' has makers", row.where, ";".join(makers), "an empty cell")
    elif not makers:
        yield Fault(
            f"a line of origin '{origin}' has no makers", row.where, mend="Name the Allies in which it is made."
        )
    elif not unknown and origin not in {known.regions[code] for code in makers}:
        yield Fault(f"a line of origin '{origin}' has no maker there", row.where, ";".join(makers))


def _changes(changes: Sequence[Row]) -> Iterator[Fault]:
    """Yield changes of holdings outside the years of a plan."""
    for row in changes:
        if not _FIRST_YEAR <= row.year("year") <= _LAST_YEAR:
            expected = f"{_FIRST_YEAR} to {_LAST_YEAR}"
            yield Fault("the year lies outside those of a plan", row.where, row.text("year"), expected)


def _retired(rows: Rows) -> Iterator[Fault]:
    """Yield retirements of more than can be there; figures of the user's own are not held against shipped ones."""
    there: dict[tuple[str, str], float] = defaultdict(float)
    own: set[tuple[str, str]] = set()
    for row in rows["holdings"]:
        name = row.text("holder"), row.text("element")
        there[name] = row.number("high")
        if row.text("standing") == _YOURS:
            own.add(name)
    leaving: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows["changes"]:
        name = row.text("holder"), row.text("element")
        if row.text("kind") == "delivery":
            there[name] += row.number("units")
        elif name not in own:
            leaving[name].append(row)
    for (holder, element), found in leaving.items():
        total, most = sum(row.number("units") for row in found), there[holder, element]
        if total > most + 1e-9:
            yield Fault(
                f"{holder} retires more of {element} than it can hold",
                found[0].where,
                f"{total:g} in all",
                f"at most {most:g}",
                "Its high holding and all deliveries are the most that can leave.",
            )


def _pooling(pooling: Sequence[Row], known: _Known) -> Iterator[Fault]:
    """Yield what is wrong with pools: their codes, members, places and force elements."""
    today = {item.code: item.element for item in pools()}
    for row in pooling:
        code, elements = row.text("pool"), row.text("elements").split(";")
        if code in known.regions:
            yield Fault("the code of a pool is that of an Ally", row.where, code, "a code of its own")
        if code in today and elements != [today[code]]:
            yield Fault(
                f"the pool {code} holds another force element today", row.where, ";".join(elements), today[code]
            )
        for name in elements:
            fault = known.fault("force_elements", name, row.where)
            if fault:
                yield fault
        members = row.items("members")
        for name in (*members, *filter(None, [row.text("located")])):
            fault = known.fault("allies", name, row.where)
            if fault:
                yield fault
        if len(members) < 2:
            mend = "Add a member or let the Ally order alone."
            yield Fault("a pool with one member is no pool", row.where, ";".join(members), "two members or more", mend)
        if row.text("kind") == "fleet":
            if not row.text("located"):
                yield Fault("a fleet has no place", row.where, mend="Name in 'located' the Ally of its main base.")
            if len(elements) != 1:
                yield Fault("a fleet holds one force element", row.where, ";".join(elements), "one")


def _fit(fit: Sequence[Row], known: _Known) -> Iterator[Fault]:
    """Yield subjects of fit that do not exist, and exclusions that are none."""
    for row in fit:
        subject = row.text("subject")
        names = known.tables["force_elements"][1] | known.tables["domains of force_elements or 'any'"][1]
        if subject not in names:
            yield unknown_name_fault("force element or domain", subject, names, row.where)
        if row.flag("excludes") and row.number("value") > 0:
            yield Fault("an Ally that cannot field it fits nevertheless", row.where, row.text("value"), "a value of 0")


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text)) and float(text) > 0
    except ValueError:
        return False


def _incomplete(rows: Rows) -> Iterator[Fault]:
    """Yield what is not there and would silently read as nothing."""
    held = dict.fromkeys(row.text("element") for row in (*rows["holdings"], *rows["offers"]))
    usable = {(row.text("element"), row.text("window_days")) for row in rows["availability"]}
    for element in held:
        lacking = [window for window in WINDOWS if (element, window) not in usable]
        if lacking:
            yield Fault(f"no availability of {element} at {', '.join(lacking)} days", "forces/availability.csv")
    placed = {row.text("place") for row in rows["places"]}
    for holder in dict.fromkeys(row.text("holder") for row in rows["holdings"]):
        if holder not in placed:
            yield Fault(f"no place for {holder}, which holds force elements", "forces/places.csv")
    american = {row.text("element") for row in rows["holdings"] if row.text("holder") == "USA"}
    for row in rows["offers"]:
        if row.number("high") > 0 and row.text("element") not in american:
            yield Fault(f"the United States offers {row.text('element')} but holds none", row.where)
    distances = {(row.text("distance"), row.text("window_days")) for row in rows["reach"]}
    for name in (row.text("distance") for row in rows["bands"]):
        lacking = [window for window in WINDOWS if (name, window) not in distances]
        if lacking:
            yield Fault(f"no reach for the distance '{name}' at {', '.join(lacking)} days", "forces/reach.csv")
    for table, what in (("upkeep", "no upkeep of {}"), ("lines", "no production line of {}, nor a way of raising it")):
        given = {row.text("element") for row in rows[table]}
        for element in (row.text("element") for row in rows["costs"]):
            if element not in given:
                yield Fault(what.format(element), f"forces/{table}.csv")
    if not any((row.text("holder"), row.text("element")) == ("default", "any") for row in rows["retained"]):
        yield Fault("no line 'default,any', without which nothing would be retained", "forces/retained.csv")


def given_by(rows: Rows) -> dict[str, frozenset[str]]:
    """Return who can give each capability: the holders of an element with an effect on it."""
    holders: dict[str, set[str]] = defaultdict(set)
    for row in rows["holdings"]:
        if row.number("central") > 0:
            holders[row.text("element")].add(row.text("holder"))
    givers: dict[str, set[str]] = {item.id: set() for item in capabilities()}
    for row in rows["effects"]:
        if row.number("central") > 0:
            givers[row.text("capability")] |= holders[row.text("element")]
    return {name: frozenset(found) for name, found in givers.items()}
