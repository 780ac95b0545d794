"""Contingencies: what one planning situation requires, from a file of its own, with every fault at once by line."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

from article3.domain import Capability, capability, force_element, force_elements
from article3.domain.capabilities import capability_spellings
from article3.errors import Fault, ScenarioError, suggest, unknown_name_fault
from article3.evidence.planning import SEPARABLE_ELEMENTS, Overlay, Planning
from article3.evidence.planning_checks import RANGE, falling_fault
from article3.quantity import Standing
from article3.scenario.yamlfile import Document, Where, read_yaml

CONTINGENCIES: Final = Path(__file__).with_name("contingencies")
WINDOWS: Final = (10, 30, 180)
"""Readiness windows in days, cumulative."""

_REQUIRED: Final = ("contingency", "title", "theatre", "conventional", "intensity", "essential", "needs")
_KEYS: Final = (*_REQUIRED, "description", "weight", "home")
_NEED_REQUIRED: Final = ("capability", "unit", "basis", "windows", "source")
_NEED_KEYS: Final = (*_NEED_REQUIRED, "standing", "note")
_BASES: Final = ("total", "rate")
_ELSEWHERE: Final = ("increment", "replacement", "level")


@dataclass(frozen=True, slots=True)
class Need:
    """What a contingency requires of one capability inside one readiness window.

    Parameters
    ----------
    capability
        The capability.
    window_days
        Window; requirements are cumulative by window.
    low, central, high
        Units of the capability; a rate is multiplied by the days of the window already.
    basis
        ``total``: units needed at once; ``rate``: units used a day.
    rate
        The central daily figure; None where the basis is ``total``.
    source_id, standing, note
        Where it is from, how far to trust it, and a remark.
    where
        File and line.
    """

    capability: str
    window_days: int
    low: float
    central: float
    high: float
    basis: Literal["total", "rate"]
    rate: float | None
    source_id: str
    standing: str
    note: str
    where: str


@dataclass(frozen=True, slots=True)
class Contingency:
    """A planning situation from which requirements follow.

    Parameters
    ----------
    id, title, description
        Name, heading, and one or two sentences.
    theatre
        Where it takes place: a place of the planning tables.
    conventional
        Whether it counts for the preponderance of conventional forces.
    intensity
        ``high`` or ``low``; an Ally may be set to take part in low intensity only.
    weight
        Weight of its risk beside that of others.
    essential
        Capabilities without which it cannot be met at all.
    needs
        What it requires.
    where
        File it was read from.
    home
        Whether it is met where Allies live, so that what they keep back at home counts.
    """

    id: str
    title: str
    description: str
    theatre: str
    conventional: bool
    intensity: Literal["high", "low"]
    weight: float
    essential: tuple[str, ...]
    needs: tuple[Need, ...]
    where: str
    home: bool = False

    def line(self, name: str) -> str:
        """Return the place of the first requirement of a capability."""
        return next((need.where for need in self.needs if need.capability == name), self.where)


def shipped_contingencies() -> tuple[str, ...]:
    """Return the names of the shipped contingencies."""
    return tuple(sorted(path.stem for path in CONTINGENCIES.glob("*.yaml")))


def read_contingency(path: Path, planning: Planning) -> Contingency:
    """Read a contingency from its file.

    Parameters
    ----------
    path
        The YAML file.
    planning
        The planning tables: theatres, sources, and who can give which capability.

    Raises
    ------
    ScenarioError
        Any fault, all of them at once, by file and line.
    """
    shipped = path.parent.resolve() == CONTINGENCIES.resolve()
    # A file of the user's own is read every time: it may have been changed a moment ago.
    document = _shipped_document(path) if shipped else read_yaml(path)
    if not isinstance(document.data, dict):
        expected = "such as 'contingency: baltic_defence'"
        raise ScenarioError(Fault("a contingency is a list of 'key: value' lines", document.name, expected=expected))
    reader = _Reader(document, planning, shipped=shipped)
    found = reader.contingency()
    if found and planning.missing and not reader.faults:
        found = _without_separable(found, planning)
    faults = [*reader.faults, *(given_faults(found, planning) if found else ())]
    if faults or found is None:
        raise ScenarioError(faults)
    return found


@functools.cache
def _shipped_document(path: Path) -> Document:
    """Read a shipped file, once."""
    return read_yaml(path)


def _without_separable(contingency: Contingency, planning: Planning) -> Contingency:
    """Return what of a contingency can still be asked where the separable counts were deleted.

    What nobody is known to give any more is left out; what only the United States is known to give is not essential.
    """

    def counted(name: str) -> bool:
        return capability(name).element in SEPARABLE_ELEMENTS

    given = {need.capability: planning.givers[need.capability] for need in contingency.needs}
    needs = tuple(need for need in contingency.needs if given[need.capability] or not counted(need.capability))
    essential = tuple(name for name in contingency.essential if given[name] - {"USA"} or not counted(name))
    return replace(contingency, needs=needs, essential=essential or contingency.essential)


def given_faults(contingency: Contingency, planning: Planning) -> Iterator[Fault]:
    """Yield what a contingency requires and nobody has, and what is essential and only the United States has.

    Parameters
    ----------
    contingency
        The contingency.
    planning
        The planning tables, with the user's own figures.
    """
    for name in dict.fromkeys(need.capability for need in contingency.needs):
        givers = planning.givers[name]
        element = force_element(capability(name).element).title.lower()
        if not givers:
            yield Fault(
                f"nobody holds anything that gives {name}",
                contingency.line(name),
                mend=f"Give somebody the element ({element}) or another that has an effect on it, or leave it out.",
            )
        elif givers == {"USA"} and name in contingency.essential:
            yield Fault(
                f"'{name}' cannot be essential: nobody outside the United States can give it",
                contingency.line(name),
                mend="Leave it among the needs: it is shown as 'US only'. An essential capability that one Ally alone "
                "has would make every answer without that Ally zero.",
            )


def with_own(contingency: Contingency, own: Iterable[Overlay]) -> Contingency:
    """Return a contingency with requirements of the user's own in the place of its own.

    What is laid over must be there: :mod:`article3.evidence.planbook` has checked that.

    Parameters
    ----------
    contingency
        The contingency.
    own
        Own figures of table ``requirements``; those for other contingencies are passed over.

    Raises
    ------
    ScenarioError
        A figure falls with the window once the others are laid over.
    """
    mine = {item.key[1:]: item for item in own if item.table == "requirements" and item.key[0] == contingency.id}
    if not mine:
        return contingency
    needs = []
    for need in contingency.needs:
        item = mine.get((need.capability, str(need.window_days)))
        needs.append(need if item is None else _with_figure(need, item))
    faults = list(_falling(needs))
    if faults:
        raise ScenarioError(faults)
    return replace(contingency, needs=tuple(needs))


def _with_figure(need: Need, item: Overlay) -> Need:
    return replace(
        need,
        low=item.low,
        central=item.central,
        high=item.high,
        rate=None if need.rate is None else item.central / need.window_days,
        source_id=item.source,
        standing=str(Standing.YOURS),
        note=item.note,
        where=item.where or need.where,
    )


def _falling(needs: Sequence[Need]) -> Iterator[Fault]:
    """Yield requirements that fall with the window: what is needed after 10 days is still needed after 30."""
    for name in dict.fromkeys(need.capability for need in needs):
        series = sorted((need for need in needs if need.capability == name), key=lambda need: need.window_days)
        for earlier, later in pairwise(series):
            falls = [column for column in RANGE if getattr(later, column) < getattr(earlier, column)]
            if falls:
                yield falling_fault(
                    f"the requirement of {name}",
                    (str(earlier.window_days), str(later.window_days)),
                    ", ".join(falls),
                    [(getattr(earlier, column), getattr(later, column)) for column in falls],
                    later.where,
                )


class _Reader:
    """Reads one document; every problem becomes a fault and reading goes on."""

    def __init__(self, document: Document, planning: Planning, *, shipped: bool) -> None:
        self.document, self.planning, self.shipped = document, planning, shipped
        self.data: dict[Any, Any] = document.data
        self.faults: list[Fault] = []

    def fault(self, what: str, path: Where, found: object = "", expected: str = "", mend: str = "") -> None:
        """Note a problem at a path of the document."""
        self.faults.append(Fault(what, self.document.where(path), _shown(found), expected, mend))

    def contingency(self) -> Contingency | None:
        """Return the contingency as far as it can be read; None where something it needs is missing."""
        self.keys(self.data, (), _KEYS, _REQUIRED)
        name = self.text(("contingency",), pattern=r"[a-z][a-z0-9_]{0,39}", expected="small letters, digits and _")
        if self.shipped and name and f"{name}.yaml" != self.document.name:
            self.fault("the name is not that of the file", ("contingency",), name)
        title = self.text(("title",))
        description = self.text(("description",)) if "description" in self.data else ""
        theatre = self.theatre()
        conventional = self.data.get("conventional")
        if "conventional" in self.data and not isinstance(conventional, bool):
            self.fault("'conventional' is true or false", ("conventional",), conventional)
        home = self.data.get("home", False)
        if not isinstance(home, bool):
            self.fault("'home' is true or false", ("home",), home)
        intensity = self.choice(("intensity",), ("high", "low"))
        weight = self.number(self.data.get("weight", 1.0), ("weight",), "the weight")
        if weight == 0:
            self.fault("a weight of zero would hide the contingency's risk", ("weight",), mend="Leave it out instead.")
        needs = self.needs()
        essential = self.essential({need.capability for need in needs})
        self.parts(needs)
        if self.faults and not needs:
            return None
        high: Literal["high", "low"] = "low" if intensity == "low" else "high"
        return Contingency(
            name, title, description, theatre, conventional is True, high, weight or 1.0, essential, needs,
            self.document.name, home is True,
        )  # fmt: skip

    def keys(self, data: Mapping[Any, Any], path: Where, known: Sequence[str], required: Sequence[str]) -> None:
        """Note keys that mean nothing, and keys that are missing."""
        for key in data:
            if key not in known:
                self.faults.append(unknown_name_fault("key", str(key), known, self.document.where((*path, key))))
        for key in required:
            if key not in data:
                self.fault(f"'{key}' is missing", path, mend=_MISSING.get(key, ""))

    def text(self, path: Where, pattern: str = r"\S.*", expected: str = "some text", data: Any = None) -> str:
        """Return a text; note one that is not as it should be, and pass over one that is missing."""
        data = self.data if data is None else data
        value = data.get(path[-1])
        if path[-1] not in data:
            return ""
        if not isinstance(value, str) or not re.fullmatch(pattern, " ".join(value.split())):
            self.fault(f"'{path[-1]}' is not as it should be", path, value, expected)
            return ""
        return " ".join(value.split())

    def choice(self, path: Where, known: Sequence[str], data: Any = None) -> str:
        """Return one of a few words."""
        word = self.text(path, data=data)
        if word and word not in known:
            self.faults.append(unknown_name_fault(str(path[-1]), word, known, self.document.where(path)))
            return ""
        return word

    def theatre(self) -> str:
        """Return the theatre, which must be a place that is not a holder."""
        name = self.text(("theatre",))
        known = [place for place in self.planning.table("places")["place"].to_list() if place.islower()]
        if name and name not in known:
            self.faults.append(unknown_name_fault("theatre", name, known, self.document.where(("theatre",))))
        return name

    def number(self, value: Any, path: Where, what: str) -> float | None:
        """Return a number that is finite and not negative; None where it is not."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(f"{what} is not a number", path, value)
        elif not math.isfinite(value):
            self.fault(f"{what} is not finite", path, value)
        elif value < 0:
            self.fault(f"{what} is negative", path, value, mend="Check the sign.")
        else:
            return float(value)
        return None

    def essential(self, needed: set[str]) -> tuple[str, ...]:
        """Return the essential capabilities, of which there must be one, each of them among the needs."""
        listed = self.data.get("essential")
        if "essential" not in self.data:
            return ()
        if not isinstance(listed, list) or not listed:
            mend = "Name at least one capability without which the contingency cannot be met."
            self.fault("no essential capability", ("essential",), listed if listed != [] else "", mend=mend)
            return ()
        found: list[str] = []
        for place, name in enumerate(listed):
            item = self.known(name, ("essential", place))
            if item is None:
                continue
            if item.id not in needed and self.data.get("needs"):
                mend = "Add it to the needs."
                self.fault(f"'{item.id}' is essential but not among the needs", ("essential", place), mend=mend)
            if item.id in found:
                self.fault(f"'{item.id}' is named twice", ("essential", place))
            found.append(item.id)
        return tuple(found)

    def known(self, name: Any, path: Where) -> Capability | None:
        """Return a capability by its name."""
        found = capability_spellings().find(name) if isinstance(name, str) else None
        if found is None:
            known = capability_spellings().known
            self.faults.append(unknown_name_fault("capability", str(name), known, self.document.where(path)))
        return found

    def needs(self) -> tuple[Need, ...]:
        """Return the requirements."""
        listed = self.data.get("needs")
        if "needs" not in self.data:
            return ()
        if not isinstance(listed, list) or not listed:
            self.fault("'needs' lists what the contingency requires", ("needs",), listed if listed != [] else "")
            return ()
        found: list[Need] = []
        first: dict[str, str] = {}
        for place, entry in enumerate(listed):
            path = ("needs", place)
            if not isinstance(entry, dict):
                self.fault("a requirement is a list of 'key: value' lines", path, entry)
                continue
            read = self.need(entry, path)
            where = self.document.where(path)
            if read and first.setdefault(read[0].capability, where) != where:
                mend = f"It stands in {first[read[0].capability]} too."
                self.fault(f"'{read[0].capability}' is required twice", path, mend=mend)
                continue
            found += read
        self.faults += _falling(found)
        return tuple(found)

    def need(self, entry: dict[Any, Any], path: Where) -> list[Need]:
        """Return one capability's requirements by window."""
        self.keys(entry, path, _NEED_KEYS, _NEED_REQUIRED)
        item = self.known(entry["capability"], (*path, "capability")) if "capability" in entry else None
        if item and "unit" in entry and entry["unit"] != item.unit:
            self.fault(f"another unit than that of {item.id}", (*path, "unit"), entry["unit"], item.unit)
        basis = self.text((*path, "basis"), data=entry)
        if basis in _ELSEWHERE:
            mend = "Increment and replacement are shown as published sets, never inside a contingency."
            self.fault(f"the basis of a requirement is not '{basis}'", (*path, "basis"), "", "total or rate", mend)
        elif basis and basis not in _BASES:
            self.faults.append(unknown_name_fault("basis", basis, _BASES, self.document.where((*path, "basis"))))
        source, standing = self.origin(entry, path)
        note = self.text((*path, "note"), data=entry) if "note" in entry else ""
        found: list[Need] = []
        for days, figures, place in self.windows(entry, path):
            times = days if basis == "rate" else 1
            low, central, high = (figure * times for figure in figures)
            rate = figures[1] if basis == "rate" else None
            kind: Literal["total", "rate"] = "rate" if basis == "rate" else "total"
            name = item.id if item else ""
            found.append(Need(name, days, low, central, high, kind, rate, source, standing, note, place))
        return found if item else []

    def windows(self, entry: dict[Any, Any], path: Where) -> Iterator[tuple[int, list[float], str]]:
        """Yield days, figures and line of each window."""
        windows = entry.get("windows")
        if "windows" not in entry:
            return
        if not isinstance(windows, dict) or not windows:
            expected = "such as {10: [1, 2, 3], 30: [3, 4, 6]}"
            self.fault("'windows' gives low, central and high by window", (*path, "windows"), windows, expected)
            return
        for days, figures in windows.items():
            place = (*path, "windows", days)
            if days not in WINDOWS or isinstance(days, bool):
                self.fault("not a readiness window", place, days, "10, 30 or 180 days")
                continue
            if not isinstance(figures, list) or len(figures) != 3:
                self.fault(f"the window of {days} days has not three figures", place, figures, "[low, central, high]")
                continue
            read = [self.number(value, (*place, i), f"{RANGE[i]} at {days} days") for i, value in enumerate(figures)]
            known = [value for value in read if value is not None]
            if len(known) == 3:
                if known[1] == 0:
                    mend = "Leave the window out, or say how much."
                    self.fault(f"nothing is required at {days} days", place, "0", mend=mend)
                for (lower, less), (upper, more) in pairwise(zip(RANGE, known, strict=True)):
                    if less > more:
                        self.fault(f"{lower} is above {upper} at {days} days", place, f"{less:g} and {more:g}")
                yield days, known, self.document.where(place)

    def origin(self, entry: dict[Any, Any], path: Where) -> tuple[str, str]:
        """Return source and standing: a source that is held says its standing, any other needs one."""
        source = self.text((*path, "source"), data=entry)
        standing = self.choice((*path, "standing"), [str(item) for item in Standing], data=entry)
        held = self.planning.sources
        if source and source not in held:
            if self.shipped:
                where = self.document.where((*path, "source"))
                self.faults.append(unknown_name_fault("source", source, tuple(held), where))
            elif "standing" not in entry:
                where = self.document.where((*path, "source"))
                close = suggest(source, tuple(held))
                mend = f"Did you mean {' or '.join(close)}? " if close else ""
                mend += "Add one, such as 'standing: yours'."
                self.faults.append(Fault("a source of your own needs a standing beside it", where, source, mend=mend))
        return source, standing or held.get(source, "")

    def parts(self, needs: Sequence[Need]) -> None:
        """Note brigades beside what is part of them: the same tanks would be counted twice."""
        wholes = {name for item in force_elements() for name in item.part_of}
        used = {need.capability: force_element(capability(need.capability).element) for need in needs}
        brigades = [name for name, element in used.items() if element.id in wholes]
        for name, element in used.items():
            if element.part_of and brigades:
                where = next(need.where for need in needs if need.capability == name)
                mend = "Require one or the other: the two are never counted in one contingency."
                what = f"'{name}' stands beside brigades that contain it ({', '.join(brigades)})"
                self.faults.append(Fault(what, where, mend=mend))


_MISSING: Final = {
    "basis": "Without it the number has no meaning: 'total' is units needed at once, 'rate' is units used a day.",
    "capability": "Name what is required.",
    "unit": "A number without a unit cannot be checked: give that of the capability, such as brigade.",
    "essential": "Name at least one capability without which the contingency cannot be met.",
    "source": "No number without a source: name one that is held, or your own with a standing.",
    "intensity": "It is high or low.",
    "conventional": "It is true or false.",
}


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text[:60]
