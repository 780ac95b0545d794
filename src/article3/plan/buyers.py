"""Buyers: Allies and fleets they own together; what each may field, and how well it suits.

Fit never becomes money: it excludes (no sea, no ships), and it breaks ties between plans that cost the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.domain import ally, capabilities, force_elements
from article3.evidence.planning import Planning
from article3.gap.forces import BANDS, Array, Axes, Forces, Ints
from article3.plan.catalogue import Catalogue
from article3.plan.means import Means
from article3.scenario.plan_schema import Fit, Plan

TERMS: Final = ("holdings", "industry", "geography", "pools", "policy", "attitude")
"""Terms of fit, each from 0 (does not suit) over 0.5 (neutral, or not known) to 1 (suits well)."""
NEUTRAL: Final = 0.5
_AFFORDS: Final = 2.0
"""An Ally may enter what it does not hold if this many lots, with the cost of entry, fit into its envelope."""


@dataclass(frozen=True, slots=True)
class Buyers:
    """Who can order. Shapes: B buyers (Allies first, then fleets), N Allies, C contingencies, E elements.

    Parameters
    ----------
    codes
        Codes of buyers.
    allies
        How many of them are Allies.
    member
        Share of a buyer's cost and people that falls on each Ally by share of GDP; the unit matrix for Allies, (B, N).
    group, band
        Group, (B,), and how far its forces have to go, (B, C).
    limited
        Buyers that take part in contingencies of low intensity only, (B,).
    klass
        Class of each buyer: those of one class bring the same to every contingency, (B,).
    eligible
        Whether a buyer may field an element, (B, E).
    held
        Units held today, (B, E).
    terms
        Fit by term, (terms, B, E).
    own
        Terms and pairs that rest on the user's own judgement, (terms, B, E).
    entry
        Share of the cost of entry that a buyer pays, (B, E).
    titles
        Names for people.
    """

    codes: tuple[str, ...]
    allies: int
    member: Array
    group: Ints
    band: Ints
    limited: NDArray[np.bool_]
    klass: Ints
    eligible: NDArray[np.bool_]
    held: Array
    terms: Array
    own: NDArray[np.bool_]
    entry: Array
    titles: tuple[str, ...]

    @property
    def fit(self) -> Array:
        """Mean of the terms, (B, E)."""
        return np.asarray(self.terms.mean(axis=0))


def buyers(
    planning: Planning, forces: Forces, items: Catalogue, means: Means, settings: Plan, limited: frozenset[str]
) -> Buyers:
    """Return who can order.

    Parameters
    ----------
    planning
        Tables ``pooling``, ``fit`` and ``places``.
    forces
        Holdings and axes.
    items, means, settings
        Catalogue, means of Allies, settings.
    limited
        Allies that take part in contingencies of low intensity only.
    """
    axes = forces.axes
    fleets = _fleets(planning, means)
    codes = (*means.allies, *(row["pool"] for row in fleets))
    count, allies = len(codes), len(means.allies)
    weight = means.gdp[:, 0]
    member = np.zeros((count, allies))
    member[:allies] = np.eye(allies)
    for number, row in enumerate(fleets, start=allies):
        mine = np.isin(np.array(means.allies), _split(row["members"]))
        member[number] = np.where(mine, weight, 0.0) / weight[mine].sum()
    group, band = _where(axes, codes, fleets)
    few = np.array([code in limited for code in codes])
    marks = (band @ (len(BANDS) ** np.arange(band.shape[1]))) * 8 + group * 2 + few
    place = {code: number for number, code in enumerate(axes.holders)}
    held = np.array(
        [forces.holdings.central[place[code]] if code in place else np.zeros(len(axes.elements)) for code in codes]
    )
    terms, own, excluded = _terms(planning, items, means, codes, held, fleets, settings.fit)
    made = Buyers(
        codes,
        allies,
        member,
        group,
        band,
        few,
        np.unique(marks, return_inverse=True)[1].reshape(-1).astype(np.int64),
        np.zeros((count, len(axes.elements)), dtype=bool),
        held,
        terms,
        own,
        _entry(planning, items, codes, held),
        (*(ally(code).name for code in means.allies), *(row["title"] for row in fleets)),
    )
    made.eligible[:] = _eligible(axes, items, means, made, settings, excluded, fleets)
    return made


def _split(text: str) -> list[str]:
    return [part for part in (text or "").split(";") if part]


def _fleets(planning: Planning, means: Means) -> list[Mapping[str, str]]:
    """Return the pools that own units and of which at least two members plan."""
    return [
        row
        for row in planning.table("pooling").iter_rows(named=True)
        if row["kind"] == "fleet" and len(set(_split(row["members"])) & set(means.allies)) > 1
    ]


def _where(axes: Axes, codes: tuple[str, ...], fleets: list[Mapping[str, str]]) -> tuple[Ints, Ints]:
    """Return group and bands of every buyer: a fleet not yet held stands where its base would be."""
    known = {code: number for number, code in enumerate(axes.holders)}
    base = {row["pool"]: row["located"] for row in fleets}
    rows = [known[code] if code in known else known[base[code]] for code in codes]
    return axes.group[rows], axes.band[rows]


def _entry(planning: Planning, items: Catalogue, codes: tuple[str, ...], held: Array) -> Array:
    """Return the share of the cost of entry each buyer pays: none for what it holds, less for members of pools."""
    found = np.ones(held.shape)
    for row in planning.table("pooling").iter_rows(named=True):
        names = [row["pool"]] if row["kind"] == "fleet" else _split(row["members"])
        buyer = np.isin(np.array(codes), names)
        element = np.isin(np.array(items.elements), _split(row["elements"]))
        found[np.ix_(buyer, element)] = np.minimum(found[np.ix_(buyer, element)], row["entry"])
    return np.asarray(np.where(held > 0, 0.0, found))


def _eligible(
    axes: Axes,
    items: Catalogue,
    means: Means,
    made: Buyers,
    settings: Plan,
    excluded: NDArray[np.bool_],
    fleets: list[Mapping[str, str]],
) -> NDArray[np.bool_]:
    """Return what each buyer may field.

    What it holds, or what it could enter with two lots out of its envelope; nothing its geography rules out; for Allies
    limited to low intensity only what contingencies of low intensity require; for fleets their own element. A member of
    a fleet that exists, and that holds none of its element itself, orders through the fleet.
    """
    sold = np.zeros(len(items.elements), dtype=bool)
    sold[items.line_element[items.capacity.any(axis=1)]] = True
    total = means.envelope[:, : settings.last_year - settings.first_year + 1].sum(axis=1)
    purse = made.member @ np.where(np.isfinite(total), total, 1e12)
    purse[made.allies :] = np.array([total[row > 0].sum() for row in made.member[made.allies :]])
    price = _AFFORDS * items.cost * items.lot + made.entry * items.entry
    allowed = sold[None, :] & ((made.held > 0) | (price <= purse[:, None]))
    if "suitability" not in settings.without:
        allowed &= ~excluded
        allowed &= ~(made.limited[:, None] & ~_gentle(axes, items)[None, :])
    for number, row in enumerate(fleets, start=made.allies):
        element = np.array(items.elements) == _split(row["elements"])[0]
        allowed[number] &= element
        if row["state"] == "existing" and allowed[number].any():
            members = np.isin(np.array(made.codes), _split(row["members"]))
            allowed &= ~((members[:, None] & element[None, :]) & (made.held <= 0))
    return np.asarray(allowed)


def _gentle(axes: Axes, items: Catalogue) -> NDArray[np.bool_]:
    """Return the elements that give, like with like, what contingencies of low intensity require."""
    wanted = {need.capability for item in axes.contingencies if item.intensity == "low" for need in item.needs}
    like = {item.element for item in capabilities() if item.id in wanted}
    return np.isin(np.array(items.elements), sorted(like))


def _terms(
    planning: Planning,
    items: Catalogue,
    means: Means,
    codes: tuple[str, ...],
    held: Array,
    fleets: list[Mapping[str, str]],
    given: Iterable[Fit],
) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the terms of fit, which of them are the user's own, and what is excluded."""
    shape = (len(codes), len(items.elements))
    terms = np.full((len(TERMS), *shape), NEUTRAL)
    own, excluded = np.zeros(terms.shape, dtype=bool), np.zeros(shape, dtype=bool)
    allies = len(means.allies)
    terms[TERMS.index("holdings")] = _by_holdings(held, means, allies)
    for line, makers in zip(items.line_element, items.makers, strict=True):
        made = np.isin(np.array(codes), list(makers))
        terms[TERMS.index("industry"), made, line] = 1.0
    for row in planning.table("pooling").iter_rows(named=True):
        member = np.isin(np.array(codes), [row["pool"], *_split(row["members"])])
        element = np.isin(np.array(items.elements), _split(row["elements"]))
        place = np.ix_(np.array([TERMS.index("pools")]), np.nonzero(member)[0], np.nonzero(element)[0])
        terms[place] = np.maximum(terms[place], 1.0 if row["state"] == "existing" else 0.75)
    rows: list[tuple[str, str, str, float, bool, bool]] = [
        (row["ally"], row["term"], row["subject"], row["value"], row["excludes"] == "true", False)
        for row in planning.table("fit").iter_rows(named=True)
    ]
    rows += [(ally(item.ally).code, "policy", item.subject, item.value, item.excludes, True) for item in given]
    domain = {item.id: item.domain for item in force_elements()}
    # The more particular line is laid over the more general.
    for code, term, subject, value, excludes, mine in sorted(rows, key=lambda row: (row[5], _rank(row[2], domain))):
        if code not in codes:
            continue
        buyer = codes.index(code)
        reached = np.array([subject in ("any", name, domain[name]) for name in items.elements])
        terms[TERMS.index(term), buyer, reached] = value
        own[TERMS.index(term), buyer, reached] = mine
        # What geography rules out no other term lets in again; the user's own word does.
        excluded[buyer, reached] = excludes if mine else excluded[buyer, reached] | excludes
    # A fleet suits as its members do, by their shares.
    for number, fleet in enumerate(fleets, start=allies):
        members = np.isin(np.array(means.allies), _split(fleet["members"]))
        for term in ("geography", "policy", "attitude", "industry"):
            terms[TERMS.index(term), number] = terms[TERMS.index(term), :allies][members].mean(axis=0)
    return terms, own, excluded


def _rank(subject: str, domain: Mapping[str, str]) -> int:
    return 0 if subject == "any" else 2 if subject in domain else 1


def _by_holdings(held: Array, means: Means, allies: int) -> Array:
    """Return fit by holdings: 0.5 where an Ally holds its share of GDP of what all hold, 1 from twice that on."""
    total = held.sum(axis=0)
    weight = np.zeros(len(held))
    weight[:allies] = means.gdp[:, 0] / means.gdp[:, 0].sum()
    weight[allies:] = 1.0 / max(len(held), 1)
    share = np.divide(held, total, out=np.zeros_like(held), where=total > 0)
    found = np.clip(share / (2 * np.maximum(weight[:, None], 1e-9)), 0.0, 1.0)
    return np.where(total > 0, found, NEUTRAL)
