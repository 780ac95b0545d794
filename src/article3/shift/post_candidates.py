"""Who could lead a command post: what each European Ally brings in its domains, how ready it is, what it pays.

::

    forces(p, i)  = mean over elements e of the domains of p of  offered(i, e) / sum over European Allies of offered(e)
    ready(p, i)   = mean over e, by held share(i, e), of  (1 - retained(i, e)) x availability(e, 30 days)
    money(i)      = spending of i / spending of all European Allies
    score(p, i)   = sum over the three of weight x value / largest value among European Allies

Weights are those of table ``post_terms``, divided by their sum. Attitude to the use of force stands beside the score
and is no part of it. Method: ``docs/methods/shift-posts.md``.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from article3.domain import expand, force_element
from article3.gap.assess import postures_of
from article3.gap.forces import WINDOWS, Array, Forces, Values, forces
from article3.plan.means import BASE, means, who_plans
from article3.scenario.resolve import Inputs
from article3.shift.post_data import Post, PostTables, region

DRAWS: Final = 64
"""Draws over holdings, what is kept back, availability and weights, where the scenario asks for any."""
_PARTS: Final = ("weight_forces", "weight_ready", "weight_money")
_TEN_PERCENT: Final = 1.2815515655446004
_MONTH: Final = WINDOWS.index(30)


@dataclass(frozen=True, slots=True)
class Candidates:
    """European Allies as leaders of posts. Shapes: P posts, N Allies.

    Parameters
    ----------
    posts, codes
        Posts and Allies along the axes.
    forces, ready, money
        The three terms: (P, N), (P, N), (N,).
    score
        0 to 1, (P, N).
    rank, best, worst
        Place by score; best and worst place over low, central and high weights, (P, N).
    first
        Part of the draws in which it has the highest score of those who could lead, (P, N); not a number without draws.
    needed
        Officers the leading Ally provides, (P,).
    capacity
        Officers it could have in headquarters of NATO at once, (N,).
    quota
        Officers that fall on it by its spending whoever leads, (P, N).
    attitude
        To the use of force, 0 to 1; not a number where nothing is known, (P, N).
    able
        Whether it could lead the post, (P, N).
    why
        What stands against it; empty where nothing does, (P, N).
    """

    posts: tuple[Post, ...]
    codes: tuple[str, ...]
    forces: Array
    ready: Array
    money: Array
    score: Array
    rank: NDArray[np.int64]
    best: NDArray[np.int64]
    worst: NDArray[np.int64]
    first: Array
    needed: Array
    capacity: Array
    quota: Array
    attitude: Array
    able: NDArray[np.bool_]
    why: NDArray[np.object_]

    def place(self, post: str, code: str) -> tuple[int, int] | None:
        """Return the place of a post and an Ally; None where one of them is not among these."""
        posts = [item.id for item in self.posts]
        return (posts.index(post), self.codes.index(code)) if post in posts and code in self.codes else None


def candidates(inputs: Inputs, tables: PostTables, posts: tuple[Post, ...], held: Forces | None = None) -> Candidates:
    """Return what speaks for and against each European Ally as leader of some posts.

    Parameters
    ----------
    inputs, tables
        The scenario, and what is held of posts.
    posts
        The posts asked about.
    held
        Estimates of forces; read from the planning tables where none are given.

    Raises
    ------
    NotKnownError
        Spending, personnel or GDP of an Ally is not known by the as-of date.
    """
    if not posts:
        return _none()
    held = held or forces(inputs.planning, inputs.contingencies)
    posture = postures_of(inputs)[inputs.scenario.us.focus]
    everyone = who_plans(held.axes.holders, frozenset())
    codes = tuple(code for code in everyone if region(code) == "europe")
    figures = means(inputs.evidence, everyone, (BASE,), inputs.scenario.plan.money)
    mine = np.array([everyone.index(code) for code in codes], dtype=np.int64)
    spending = (figures.share * figures.gdp[:, 0])[mine]
    money = spending / spending.sum()
    rows = np.array([held.axes.of("holder", code) for code in codes], dtype=np.int64)
    belongs = _belongs(held, posts)
    brought, ready = terms_of(held.central(), rows, belongs)
    weights = np.array([[getattr(tables.terms[name], side) for side in ("low", "central", "high")] for name in _PARTS])
    score = scored(brought, ready, money, weights[:, 1])
    rank = _places(score)
    ranks = np.stack(
        [_places(scored(brought, ready, money, np.array(mix))) for mix in itertools.product(*weights) if sum(mix) > 0]
    )
    term = tables.terms
    people = np.array([post.staff.central if post.staff else 0.0 for post in posts]) * term["officers"].central
    capacity = figures.personnel[mine] * term["officer_corps"].central * term["postable"].central
    needed = people * term["lead"].central
    barred = {
        "is absent in this scenario": np.array([code in posture.absent for code in codes]),
        "takes part in low intensity only": np.array([code in posture.limited for code in codes]),
    }
    why = _against(tables, brought, needed, capacity, barred)
    able = np.asarray(why == "", dtype=bool)
    first = _first(inputs, held, rows, belongs, money, weights, able)
    attitude = _attitude(inputs, posts, codes)
    quota = people[:, None] * money[None, :]
    return Candidates(
        posts, codes, brought, ready, money, score, rank, ranks.min(axis=0), ranks.max(axis=0), first, needed,
        capacity, quota, attitude, able, why,
    )  # fmt: skip


def _none() -> Candidates:
    """Return the candidates where no posts are held."""
    table, numbers = np.zeros((0, 0)), np.zeros((0, 0), dtype=np.int64)
    line = np.zeros(0)
    return Candidates(
        (), (), table, table, line, table, numbers, numbers, numbers, table, line, line, table, table,
        np.zeros((0, 0), dtype=bool), np.zeros((0, 0), dtype=object),
    )  # fmt: skip


def _belongs(held: Forces, posts: tuple[Post, ...]) -> NDArray[np.bool_]:
    """Return which elements lie in the domains of which post, (P, E)."""
    domains = [force_element(name).domain for name in held.axes.elements]
    return np.array([[domain in post.domains for domain in domains] for post in posts], dtype=bool).reshape(
        len(posts), len(domains)
    )


def terms_of(values: Values, rows: NDArray[np.int64], belongs: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return what Allies bring to posts and how ready they are, (P, N) each.

    Parameters
    ----------
    values
        One realisation of the estimates.
    rows
        Rows of the Allies among the holders.
    belongs
        Elements of each post, (P, E).
    """
    held = values.holdings[rows]
    offered = (1.0 - values.retained[rows]) * held
    of_offered, of_held = _shares(offered), _shares(held)
    counted = belongs & (offered.sum(axis=0) > 0)[None, :]
    number = np.maximum(counted.sum(axis=1), 1)
    brought = counted @ of_offered.T / number[:, None]
    usable = (1.0 - values.retained[rows]) * values.availability[:, _MONTH][None, :]
    weight = belongs.astype(float) @ of_held.T
    ready = np.divide(belongs.astype(float) @ (of_held * usable).T, weight, out=np.zeros_like(weight), where=weight > 0)
    return np.asarray(brought), np.asarray(ready)


def _shares(units: Array) -> Array:
    """Return each Ally's part of every element, (N, E); nothing of what nobody has."""
    whole = units.sum(axis=0)
    return np.asarray(np.divide(units, whole, out=np.zeros_like(units), where=whole > 0))


def scored(brought: Array, ready: Array, money: Array, weights: Array) -> Array:
    """Return the score, (P, N): each term over its largest value, weighed; 0 for who brings nothing."""
    parts = (_over_largest(brought), _over_largest(ready), _over_largest(np.broadcast_to(money, brought.shape)))
    total = sum(weight * part for weight, part in zip(weights / weights.sum(), parts, strict=True))
    return np.where(brought > 0, np.asarray(total), 0.0)


def _over_largest(values: Array) -> Array:
    most = values.max(axis=1, keepdims=True) if values.size else np.ones((len(values), 1))
    return np.asarray(np.divide(values, most, out=np.zeros(values.shape), where=most > 0))


def _places(score: Array) -> NDArray[np.int64]:
    """Return places by falling score, the first is 1; equal scores share the better place."""
    return np.asarray(1 + (score[:, None, :] > score[:, :, None] + 1e-12).sum(axis=2), dtype=np.int64)


def _against(
    tables: PostTables,
    brought: Array,
    needed: Array,
    capacity: Array,
    barred: dict[str, NDArray[np.bool_]],
) -> NDArray[np.object_]:
    """Return the first thing that stands against each Ally at each post."""
    least = tables.terms["least"].central
    why = np.full(brought.shape, "", dtype=object)
    for p in range(len(needed)):
        for i in range(len(capacity)):
            words = next((text for text, mask in barred.items() if mask[i]), "")
            if brought[p, i] <= 0:
                words = "has no forces there"
            elif not words and brought[p, i] < least:
                words = f"brings {brought[p, i]:.1%} of European forces there, least {least:.0%}".replace("%", " %")
            elif not words and needed[p] > capacity[i]:
                words = f"could post {capacity[i]:.0f} officers, {needed[p]:.0f} needed"
            why[p, i] = words
    return why


def _first(
    inputs: Inputs,
    held: Forces,
    rows: NDArray[np.int64],
    belongs: NDArray[np.bool_],
    money: Array,
    weights: Array,
    able: NDArray[np.bool_],
) -> Array:
    """Return how often each Ally comes first among those who could lead, over draws, (P, N)."""
    draws = DRAWS if inputs.scenario.shift.draws else 0
    count = np.zeros(able.shape)
    for number in range(draws):
        # A counter of its own keeps these draws apart from those of the gap.
        rng = np.random.Generator(np.random.Philox(key=inputs.scenario.seed, counter=[0, 0, 1, number]))
        values = held.draw(rng)
        steps = np.clip(rng.standard_normal(len(weights)), -2.5, 2.5) / _TEN_PERCENT
        low, central, high = weights.T
        mix = np.maximum(central + np.where(steps < 0, (central - low) * steps, (high - central) * steps), 1e-6)
        found = np.where(able, scored(*terms_of(values, rows, belongs), money, mix), -1.0)
        best = found.argmax(axis=1)
        some = able.any(axis=1)
        count[np.arange(len(best))[some], best[some]] += 1
    return count / draws if draws else np.full(able.shape, np.nan)


def _attitude(inputs: Inputs, posts: tuple[Post, ...], codes: tuple[str, ...]) -> Array:
    """Return the attitude to the use of force, (P, N): the mean of what is held for the domains of a post."""
    rows = inputs.planning.table("fit").filter(pl.col("term") == "attitude")
    held = {(row["ally"], row["subject"]): float(row["value"]) for row in rows.iter_rows(named=True)}
    found = np.full((len(posts), len(codes)), np.nan)
    for p, post in enumerate(posts):
        for i, code in enumerate(codes):
            values = [held[code, name] for name in (*post.domains, "any") if (code, name) in held]
            if values:
                found[p, i] = float(np.mean(values))
    return found


def members_of_union() -> frozenset[str]:
    """Return the Allies that are members of the European Union."""
    return frozenset(expand(("eu",)))
