"""The coarse problem: Allies whose forces reach everything alike act as one.

Risk does not mind which of them buys, so that the coarse problem differs from the full one only in what limits a single
Ally: its own envelope, people and wage. It answers questions that ask for many solves (which limits bind, the frontier,
ways out); the plan itself is made in full.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from article3.gap.forces import Array
from article3.plan.buyers import Buyers
from article3.plan.means import Means
from article3.plan.problem import Problem, problem


def coarse(given: Problem) -> Problem:
    """Return the problem with one buyer for each class of reach; money, people and holdings are summed.

    The wage is the mean by GDP. Fleets fall away: their elements can be ordered by the classes of their members.
    """
    allies = given.buyers.allies
    klass = given.buyers.klass[:allies]
    codes, first, place = np.unique(klass, return_index=True, return_inverse=True)
    member = np.zeros((len(codes), allies))
    member[place.reshape(-1), np.arange(allies)] = 1.0
    means = _means(given.means, member)
    names = means.allies
    buyers = Buyers(
        names,
        len(names),
        np.eye(len(names)),
        given.buyers.group[first],
        given.buyers.band[first],
        given.buyers.limited[first],
        codes,
        (member @ given.buyers.eligible[:allies].astype(float)) > 0,
        member @ given.buyers.held[:allies],
        np.full((len(given.buyers.terms), len(names), given.buyers.held.shape[1]), 0.5),
        np.zeros((len(given.buyers.terms), len(names), given.buyers.held.shape[1]), dtype=bool),
        np.zeros((len(names), given.buyers.held.shape[1])),
        names,
    )
    items = replace(given.items, makers=tuple(() for _ in given.items.lines))
    falls = member @ given.buyers.member.T
    earlier = np.einsum("kb,bey->key", falls, given.begun), falls @ given.owed
    return problem(given.settings, means, items, buyers, given.judged, earlier)


def _means(means: Means, member: Array) -> Means:
    weight = member * means.gdp[:, 0]
    weight = weight / weight.sum(axis=1, keepdims=True)
    names = tuple("+".join(np.array(means.allies)[row > 0]) for row in member)
    return Means(
        names,
        means.years,
        member @ means.gdp,
        weight @ means.share,
        weight @ means.path,
        weight @ means.committed,
        member @ means.envelope
        if np.isfinite(means.envelope).all()
        else np.full((len(names), len(means.years)), np.inf),
        member @ means.personnel,
        weight @ means.wage,
        means.sources,
    )
