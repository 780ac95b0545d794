"""Groups of Allies, and the aggregates under which NATO's tables sum over them.

A *group* is a set of Allies and can stand wherever a list of Allies is asked for. An *aggregate* is a row of
NATO's tables that stands in the place of an Ally: a published sum, never recomputed silently.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from article3.domain.allies import allies, ally_spellings
from article3.domain.spellings import Entry, Spellings
from article3.domain.vocabulary import Row, rows
from article3.errors import Fault, InputError, UnknownNameError, unknown_name_fault


@dataclass(frozen=True, slots=True)
class Membership:
    """One Ally's time in a group.

    Parameters
    ----------
    ally
        Code of the Ally.
    start, end
        First and last day; None where there is no limit.
    """

    ally: str
    start: date | None
    end: date | None

    def holds(self, on: date | None) -> bool:
        """Return whether it holds on a day; with None, whether it has not ended."""
        if on is None:
            return self.end is None
        return (self.start is None or self.start <= on) and (self.end is None or on <= self.end)


@dataclass(frozen=True, slots=True)
class Group:
    """A set of Allies with a name.

    Parameters
    ----------
    id
        Name in lower case.
    title
        Heading.
    names, hints
        Other accepted spellings, and spellings that only lead to a suggestion.
    note
        What is in, what is out, and why.
    memberships
        Who belongs to it and when, in the order of :func:`article3.domain.allies.allies`.
    """

    id: str
    title: str
    names: tuple[str, ...]
    hints: tuple[str, ...]
    note: str
    memberships: tuple[Membership, ...]

    def codes(self, on: date | None = None) -> tuple[str, ...]:
        """Return the codes of its Allies, in the order of NATO's tables.

        Parameters
        ----------
        on
            Only those who belonged to the group and to the Alliance on this day; None for the present
            members: those whose time in the group has not ended.
        """
        inside = {item.ally for item in self.memberships if item.holds(on)}
        return tuple(item.code for item in allies() if item.code in inside and (on is None or item.is_member(on)))


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A row of NATO's tables that sums over a group.

    Parameters
    ----------
    code
        Code that stands in place of an Ally, upper case.
    title
        Label in NATO's tables.
    names
        Other accepted labels.
    group
        Group it sums over.
    source
        Where NATO states the rule.
    note
        How it is composed.
    """

    code: str
    title: str
    names: tuple[str, ...]
    group: str
    source: str
    note: str

    def codes(self, year: int) -> tuple[str, ...]:
        """Return the Allies that NATO's figure for a calendar year sums over.

        NATO counts whoever was an Ally at the end of the year, for the whole of it. The totals of two years
        are therefore over different members where somebody joined in between.

        Parameters
        ----------
        year
            Calendar year.
        """
        inside = set(group(self.group).codes(date(year, 12, 31)))
        return tuple(item.code for item in allies() if item.code in inside and item.has_forces)


@cache
def groups() -> tuple[Group, ...]:
    """Return all groups.

    Raises
    ------
    InputError
        ``groups.csv`` or ``group_members.csv`` breaks its rules.
    """
    lines: dict[str, list[Row]] = {row.text("group"): [] for row in rows("groups")}
    for line in rows("group_members"):
        if line.text("group") not in lines:
            raise InputError(unknown_name_fault("group", line.text("group"), tuple(lines), line.where))
        lines[line.text("group")].append(line)
    return tuple(
        Group(
            id=row.text("group"),
            title=row.text("title"),
            names=row.items("names"),
            hints=row.items("hints"),
            note=row.text("note"),
            memberships=_memberships(row.text("group"), lines, ()),
        )
        for row in rows("groups")
    )


def _memberships(name: str, lines: dict[str, list[Row]], trail: tuple[str, ...]) -> tuple[Membership, ...]:
    """Return the memberships of a group with the groups inside it resolved."""
    order = {item.code: place for place, item in enumerate(allies())}
    found: list[Membership] = []
    left_out: set[str] = set()
    for line in lines[name]:
        member, start, end = line.text("member"), line.day_or_none("start"), line.day_or_none("end")
        if member.removeprefix("-") in order:
            if member.startswith("-"):
                left_out.add(member[1:])
            else:
                found.append(Membership(member, start, end))
            continue
        # Dates on a group inside a group would have to be cut with its own. None is needed: none is allowed.
        if start or end:
            raise InputError(Fault("only an Ally can have dates in a group", line.where, member))
        if member.startswith("region:"):
            region = [item.code for item in allies() if f"region:{item.region}" == member]
            if not region:
                raise InputError(Fault("no Ally is in this region", line.where, member))
            found.extend(Membership(code, None, None) for code in region)
        elif member in lines and member not in (*trail, name):
            found.extend(_memberships(member, lines, (*trail, name)))
        else:
            raise InputError(unknown_name_fault("member of a group", member, [*order, *lines], line.where))
    return tuple(sorted((item for item in found if item.ally not in left_out), key=lambda item: order[item.ally]))


@cache
def aggregates() -> tuple[Aggregate, ...]:
    """Return the aggregates of NATO's tables.

    Raises
    ------
    InputError
        ``aggregates.csv`` breaks its rules.
    """
    return tuple(
        Aggregate(
            code=row.text("aggregate"),
            title=row.text("title"),
            names=row.items("names"),
            group=row.text("group"),
            source=row.text("source"),
            note=row.text("note"),
        )
        for row in rows("aggregates")
    )


@cache
def _group_spellings() -> Spellings[Group]:
    return Spellings("group", (Entry(item, item.id, (item.id, *item.names), item.hints) for item in groups()))


@cache
def _aggregate_spellings() -> Spellings[Aggregate]:
    return Spellings(
        "aggregate", (Entry(item, item.code, (item.code, item.title, *item.names)) for item in aggregates())
    )


def group(name: str, where: str = "") -> Group:
    """Return the group with a name.

    Parameters
    ----------
    name
        Name or another accepted spelling (``"B9"``); case, ``_``, ``-`` and blanks make no difference.
    where
        File and line or option, for the error message.

    Raises
    ------
    UnknownNameError
        No group is called that; suggests those that may have been meant.

    Examples
    --------
    >>> group("Baltics").codes()
    ('EST', 'LVA', 'LTU')
    """
    return _group_spellings().get(name, where)


def aggregate(name: str, where: str = "") -> Aggregate:
    """Return the aggregate with a code or a label of NATO's tables.

    Parameters
    ----------
    name
        Code (``"NATO_TOTAL"``) or label (``"NATO Europe and Canada"``).
    where
        File and line or option, for the error message.

    Raises
    ------
    UnknownNameError
        No aggregate is called that.
    """
    return _aggregate_spellings().get(name, where)


def expand(names: Iterable[str], on: date | None = None, where: str = "") -> tuple[str, ...]:
    """Return the codes of the Allies that a list of codes, names and groups stands for.

    The result is upper case, without repetition, in the order of NATO's tables whatever the order of the
    names; expanding it again gives it back.

    Parameters
    ----------
    names
        Codes, names and groups, in any case. A single text counts as one name.
    on
        Only those who were Allies, and in the group, on this day. None for the present members.
    where
        File and line or option, for the error message.

    Raises
    ------
    UnknownNameError
        One name is neither an Ally nor a group; suggests those that may have been meant.
    InputError
        Several names are unknown; carries a fault for each. It is the parent of ``UnknownNameError``.

    Examples
    --------
    >>> expand(["nordic", "Poland"], on=date(2020, 1, 1))
    ('DNK', 'ISL', 'NOR', 'POL')
    """
    wanted: set[str] = set()
    unknown: list[str] = []
    for name in (names,) if isinstance(names, str) else names:
        known_ally = ally_spellings().find(name)
        known_group = _group_spellings().find(name)
        if known_ally is not None:
            wanted.add(known_ally.code)
        elif known_group is not None:
            wanted.update(known_group.codes(on))
        else:
            unknown.append(name)
    if unknown:
        raise _unknown(unknown, where)
    return tuple(item.code for item in allies() if item.code in wanted and (on is None or item.is_member(on)))


def _unknown(names: list[str], where: str) -> InputError:
    """Return the error for names that are neither Allies nor groups."""
    kind = "Ally or group"

    def known(name: str) -> dict[str, str]:
        # A hint has one entry and settles the matter; otherwise both kinds of name are candidates.
        found = [spellings.known_for(name) for spellings in (_group_spellings(), ally_spellings())]
        settled = [table for table in found if len(table) == 1]
        return settled[0] if settled else found[0] | found[1]

    if len(names) == 1:
        return UnknownNameError(kind, names[0], known(names[0]), where)
    return InputError(unknown_name_fault(kind, name, known(name), where) for name in names)
