"""The clash of an impossible plan in words: what cannot be, and why, with dates, rates and money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from article3.domain import capability, force_element
from article3.gap.forces import Ints
from article3.plan.bare import Bare, elements_of
from article3.plan.lacking import Lack
from article3.plan.make import Asked
from article3.plan.problem import BILLION
from article3.scenario.plan_schema import Goal, Target

SHOWN: Final = 3
"""Names told before the rest is counted."""
PLURALS: Final = ("rounds", "missiles")
SMALLEST: Final = 0.5
"""Units too few that are told."""


def item_of(asked: Asked, name: str) -> Goal | Target:
    """Return the goal or target that stands behind a block of rows."""
    kind, _, rest = name.partition(": ")
    if kind == "goal":
        return next(goal for goal in asked.settings.goals if goal.goal == rest)
    case, _, window = rest.rpartition(" ")
    return next(item for item in asked.settings.targets if (item.contingency, item.window_days) == (case, int(window)))


def where(asked: Asked, kept: Sequence[str]) -> str:
    """Return where in the scenario the clash is."""
    items = [item_of(asked, name) for name in kept]
    return ", ".join(f"goal '{i.goal}'" if isinstance(i, Goal) else f"target '{i.contingency}'" for i in items)


def title(asked: Asked, name: str) -> str:
    """Return what is asked as a title."""
    item = item_of(asked, name)
    if isinstance(item, Goal):
        return item.title
    return f"{case(asked, item.contingency)} within {item.window_days} days, {percent(item.level)} from {item.by} on"


def clash_text(asked: Asked, small: Bare, families: Sequence[str], lacks: Sequence[Lack]) -> str:
    """Return the clash as a sentence without its full stop.

    Parameters
    ----------
    asked
        What is asked.
    small
        The part of it that clashes.
    families
        Families of limits it clashes with.
    lacks
        What lacks in this clash.
    """
    claims = [_claim(asked, small, name, [one for one in lacks if one.block == name]) for name in small.names]
    worst = max(lacks, key=lambda item: item.part)
    by = judged_in(small, worst.block)
    elements = worst.elements or tuple(small.given.items.elements[place] for place in elements_of(small))
    made = [name for name in elements if len(_lines(asked, (name,)))]
    if worst.elements:
        # Like with like where it can be ordered, else what else gives it.
        elements = tuple(made[:1]) or worst.elements[:1]
    if worst.amount is None:
        said = ["what Europe adds takes nothing away of what the United States holds"]
    else:
        said = [_WHY[name](asked, elements, by) for name in families] or [_no_line(asked, elements)]
    claim = claims[0] if len(claims) == 1 else f"these do not go together: {'; '.join(claims)}"
    return f"{claim}{':' if len(claims) == 1 else ', for'} {', and '.join([*said, *_today(asked, worst)])}"


def judged_in(small: Bare, name: str) -> int:
    """Return the year judged in which a limit has to hold first."""
    place = small.names.index(name)
    count = len(small.held)
    year = small.held[place].year if place < count else small.wanted[place - count][1]
    return small.given.judged.years[year]


def _claim(asked: Asked, small: Bare, name: str, lacks: Sequence[Lack]) -> str:
    """Return what cannot be; of several that clash, what is to be."""
    item, year = item_of(asked, name), judged_in(small, name)
    can = "cannot" if len(small.names) == 1 else "is to"
    by = f"{item.by}" if year == item.by else f"{item.by} (judged in {year})"
    if isinstance(item, Target):
        level = percent(item.level)
        return f"{case(asked, item.contingency)} {can} be met to {level} within {item.window_days} days from {by} on"
    share = part(item.share)
    if item.of == "mean":
        return f"Europe {can} carry {share} of the requirements on average by {by}"
    if item.of == "inventory":
        elements = [lack.elements[0] for lack in lacks] or [capability(one).element for one in item.capabilities]
        names = list(dict.fromkeys(f"the {plural(element)}" for element in elements))
        return f"Europe {can} hold {share} of {few(names) or 'inventories'} by {by}"
    wanted = [lack.capability for lack in lacks] or list(item.capabilities)
    names = list(dict.fromkeys(low(capability(one).title) for one in wanted))
    return f"Europe {can} carry {share} of {few(names) or 'each requirement'} by {by}"


def _today(asked: Asked, worst: Lack) -> list[str]:
    """Return what is there without the plan, and how much lacks."""
    item = item_of(asked, worst.block)
    amount = worst.amount or 0.0
    units = worst.unit if round(amount) == 1 else many(worst.unit)
    short = f", {amount:,.0f} {units} too few" if worst.unit != "share" and amount >= SMALLEST else ""
    place = f" in {case(asked, worst.contingency)} within {worst.window} days" if worst.contingency else ""
    if worst.there is not None:
        verb = "holds" if isinstance(item, Goal) and item.of == "inventory" else "could give"
        return [f"Europe {verb} {percent(worst.there)}{place} by then without the plan{short}"]
    return [f"{percent(worst.part)} of {low(capability(worst.capability).title)} is missing there{short}"]


def _lead(asked: Asked, elements: Sequence[str], by: int) -> str:
    items, start = asked.given.items, asked.settings.first_year
    lines = _lines(asked, elements)
    if not len(lines):
        return _no_line(asked, elements)
    if len(elements) > 1:
        longest = int(items.lead[lines].max())
        least = int(items.lead[lines].min())
        return f"what is to be there by {by} has to be ordered {least} to {longest} years before (lead times)"
    first = np.argmax(items.capacity[lines] > 0, axis=1)
    place = int(np.argmin(first + items.lead[lines]))
    lead, ordered = int(items.lead[lines[place]]), start + int(first[place])
    told = f"(lead time {lead} year{'' if lead == 1 else 's'})"
    name = low(force_element(elements[0]).title)
    # Some are counted by the round, and their titles are plurals.
    one, comes, is_, has = (
        (name, "come", "are", "have") if name.endswith(PLURALS) else (article(name), "comes", "is", "has")
    )
    if ordered + lead > by:
        return f"{one} ordered on 1 July {ordered} {comes} in {ordered + lead} {told}"
    return f"{one} that {is_} to be there by {by} {has} to be ordered by 1 July {by - lead} {told}"


def _rate(asked: Asked, elements: Sequence[str], by: int) -> str:
    items, lines = asked.given.items, _lines(asked, elements)
    years = asked.settings.first_year + np.arange(items.capacity.shape[1])
    in_time = years[None, :] + items.lead[lines][:, None] <= by
    units = float((items.capacity[lines] * in_time).sum())
    return f"all lines together can deliver {units:,.0f} {few([plural(name) for name in elements])} by {by}"


def _money(asked: Asked, _elements: Sequence[str], by: int) -> str:
    total = float(asked.given.envelope[:, np.array(asked.given.years) <= by].sum()) * BILLION
    return f"all envelopes together come to {total:,.0f} million US$ of 2021 by {by}"


def _commitment(asked: Asked, _elements: Sequence[str], _by: int) -> str:
    return f"what is ordered and not yet paid may come to {asked.settings.commitment_years:g} years of the envelope"


def _people(asked: Asked, _elements: Sequence[str], _by: int) -> str:
    return f"forces can grow by {percent(asked.settings.people)} a year"


def _no_line(asked: Asked, elements: Sequence[str]) -> str:
    names = few([plural(name) for name in elements])
    if not len(_lines(asked, elements)):
        return f"no line has capacity to make {names}"
    return f"nobody whose forces count here can field more {names}, however fast they are made"


_WHY: Final = {"people": _people, "commitment": _commitment, "money": _money, "lines": _rate, "lead_times": _lead}


def _lines(asked: Asked, elements: Sequence[str]) -> Ints:
    """Return the lines from which some elements can be ordered."""
    items = asked.given.items
    mine = np.isin(np.array(items.elements)[items.line_element], list(elements))
    return np.nonzero(mine & items.capacity.any(axis=1))[0]


def case(asked: Asked, name: str) -> str:
    """Return the title of a contingency."""
    return next(item.title for item in asked.given.judged.axes.contingencies if item.id == name)


def part(share: float) -> str:
    """Return a share as part of something."""
    return "half" if abs(share - 0.5) < 1e-9 else percent(share)


def percent(share: float) -> str:
    """Return a share in per cent."""
    return f"{100 * share:.3g} %"


def low(text: str) -> str:
    """Return a title within a sentence: no capital but that of an abbreviation."""
    return text if text[1:2].isupper() or text[1:2].isdigit() else text[:1].lower() + text[1:]


def article(text: str) -> str:
    """Return a noun with its indefinite article."""
    return f"{'an' if text[:1].lower() in 'aeiou' else 'a'} {text}"


def plural(element: str) -> str:
    """Return the title of a force element in the plural."""
    head, comma, rest = low(force_element(element).title).partition(",")
    return f"{many(head)}{comma}{rest}"


def many(noun: str) -> str:
    """Return a noun in the plural."""
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return noun if noun.endswith(("aircraft", "s")) else f"{noun}s"


def few(names: Sequence[str]) -> str:
    """Return some names as a list; many are counted."""
    shown = list(names) if len(names) <= SHOWN else [*names[: SHOWN - 1], f"{len(names) - SHOWN + 1} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""
