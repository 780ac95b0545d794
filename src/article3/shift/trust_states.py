"""The ways the United States may go, each as a problem of the plan.

Every state is the coarse problem of the plan (Allies of one class of reach as one) with another offer of the United
States from a year on, and with lines of the United States that deliver less from then on. Until that year all states
are alike. What can never fall short is left out: that changes no risk, and the program is a third of the size
(``docs/methods/shift-trust.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from article3.domain import force_elements
from article3.gap.assess import postures_of, with_pools
from article3.gap.forces import Array, Ints, Values
from article3.gap.layout import Layout
from article3.gap.postures import Posture
from article3.gap.risk import RiskModel
from article3.plan.judged import Judged, judged, widest
from article3.plan.make import Asked
from article3.plan.problem import Problem, narrowed
from article3.scenario.shift_schema import Commitment

YEARS: Final = 6
"""Years judged: of those of the plan the first, the last, and evenly between."""
_FULL: Final = 1 - 1e-7
"""Coverage from which a requirement is met."""


@dataclass(frozen=True, slots=True)
class States:
    """States of the commitment of the United States. Shapes: S states, O possible orders.

    Parameters
    ----------
    asked
        The plan's question.
    commitments
        The states as the scenario has them.
    weights
        How likely each is; they sum to 1, (S,).
    given
        The problem of each state; the same pairs, orders and years in all of them.
    share
        Part of what lines could make that each state gets, by possible order, (S, O).
    """

    asked: Asked
    commitments: tuple[Commitment, ...]
    weights: Array
    given: tuple[Problem, ...]
    share: Array

    @property
    def names(self) -> tuple[str, ...]:
        """Identifiers of the states."""
        return tuple(item.state for item in self.commitments)

    @property
    def years(self) -> tuple[int, ...]:
        """Years judged."""
        return self.given[0].judged.years

    @property
    def order_years(self) -> Ints:
        """Calendar year of each possible order, (O,)."""
        return np.asarray(self.given[0].order_year + self.given[0].years[0])

    @property
    def most(self) -> NDArray[np.bool_]:
        """Whether no state gets more of what can be made than this one, (S, O)."""
        return np.asarray(self.share == self.share.max(axis=0))


def states_of(asked: Asked, commitments: Sequence[Commitment], years: tuple[int, ...] | None = None) -> States:
    """Return the states of the commitment as problems.

    Parameters
    ----------
    asked
        The plan's question: limits, money, lines.
    commitments
        The states, with weights.
    years
        Years judged; six of the plan's own by default.
    """
    weights = np.array([item.weight for item in commitments])
    judged_ = [seen_in(asked, item, years or some(asked.coarse.judged.years)) for item in commitments]
    kept = ever_short(judged_)
    small = [restricted(item, kept) for item in judged_]
    mine = _useful(asked.coarse, small[0])
    # Goals and attainments to reach belong to the posture planned for; in a state without the United States most of
    # them have no plan at all.
    without = tuple(dict.fromkeys((*asked.settings.without, "goals", "targets")))
    settings = asked.settings.model_copy(update={"without": without})
    base = narrowed(replace(asked.coarse, settings=settings), mine)
    shares = np.array([_share(asked.coarse, item) for item in commitments])
    return States(
        asked,
        tuple(commitments),
        weights / weights.sum(),
        tuple(
            replace(base, judged=seen, items=replace(base.items, capacity=base.items.capacity * share))
            for seen, share in zip(small, shares, strict=True)
        ),
        shares[:, base.order_line, base.order_year],
    )


def some(years: tuple[int, ...]) -> tuple[int, ...]:
    """Return the years judged of those the plan judges."""
    places = np.round(np.linspace(0, len(years) - 1, min(YEARS, len(years)))).astype(int)
    return tuple(dict.fromkeys(years[place] for place in places))


def seen_in(asked: Asked, commitment: Commitment, years: tuple[int, ...]) -> Judged:
    """Return what is judged in a state: until its year what the United States offers today, from then on its own offer.

    Parameters
    ----------
    asked
        The plan's question.
    commitment
        The state.
    years
        Years judged.
    """
    posture, given = _posture(asked), asked.given
    central = asked.forces.central()
    today, then = central.offers[posture.version], _offer(commitment, central, posture)
    return judged(
        asked.inputs.planning,
        asked.forces,
        posture,
        list(asked.situations),
        given.buyers,
        years,
        asked.settings,
        begun=given.begun[:, :, given.place(years)],
        offers={year: then if year >= commitment.since else today for year in years},
    )


def _posture(asked: Asked) -> Posture:
    """Return the posture in which the United States takes part, with its offer of today; other Allies as planned."""
    given = asked.given.judged.posture
    absent = with_pools(set(asked.inputs.without) - {"USA"}) if given.absent else frozenset[str]()
    return replace(postures_of(asked.inputs)["with"], absent=absent, limited=given.limited)


def _offer(commitment: Commitment, central: Values, posture: Posture) -> Array:
    """Return units the United States offers in a state, by element."""
    offer = central.offers[commitment.offer or posture.version].copy()
    domains = np.array([item.domain for item in force_elements()])
    left = np.isin(domains, commitment.domains) if commitment.domains else np.ones(len(offer), dtype=bool)
    offer[left] *= commitment.share
    return offer


def _share(given: Problem, commitment: Commitment) -> Array:
    """Return the part of what each line could make that Allies get in a state, (L, T)."""
    american = np.array([origin == "usa" for origin in given.items.origin])
    years = np.arange(given.items.capacity.shape[1]) + given.years[0]
    less = american[:, None] & (years >= commitment.since)[None, :]
    return np.where(less, commitment.us_export, 1.0)


def ever_short(seen: Sequence[Judged]) -> NDArray[np.bool_]:
    """Return the needs that may fall short in some state and year, with all they share forces with, (U,).

    Needs that have rows of supply in common form a group; groups share nothing. A group that is met in full by what is
    there without the plan stays so with more, and adds nothing to any risk.
    """
    form, posture, axes = seen[0].form, seen[0].posture, seen[0].axes
    model = RiskModel(axes, seen[0].values, form.cells, widest(axes, seen[0].values, posture))
    short = np.zeros(len(form.need_cell), dtype=bool)
    for item in seen:
        for units in item.base:
            short |= model.solve_stock(units).coverage < _FULL
    group = _groups(form)
    found = np.isin(group, group[short])
    return found if found.any() else np.ones_like(found)


def _groups(form: Layout) -> Ints:
    """Return the group of every need: the least number of a need that it is joined with by rows of supply."""
    group = np.arange(len(form.need_cell))
    supply = np.full(len(form.supply_cell), len(group))
    while True:
        supply[:] = len(group)
        np.minimum.at(supply, form.var_supply, group[form.var_need])
        joined = group.copy()
        np.minimum.at(joined, form.var_need, supply[form.var_supply])
        if (joined == group).all():
            return group
        group = joined


def restricted(seen: Judged, needs: NDArray[np.bool_]) -> Judged:
    """Return what is judged with some of the needs only, and the rows of supply that serve them."""
    form = seen.form
    uses = needs[form.var_need]
    rows = np.zeros(len(seen.scale), dtype=bool)
    rows[form.var_supply[uses]] = True
    need_number, row_number = np.cumsum(needs) - 1, np.cumsum(rows) - 1
    more = rows[seen.add_row]
    return replace(
        seen,
        form=replace(
            form,
            var_supply=row_number[form.var_supply[uses]],
            var_need=need_number[form.var_need[uses]],
            var_element=form.var_element[uses],
            supply_cell=form.supply_cell[rows],
            supply_class=form.supply_class[rows],
            supply_element=form.supply_element[rows],
            need_cell=form.need_cell[needs],
            need_contingency=form.need_contingency[needs],
            need_capability=form.need_capability[needs],
            whole=form.whole[rows],
        ),
        scale=seen.scale[rows],
        per_use=seen.per_use[uses],
        weights=seen.weights[needs],
        base=seen.base[:, rows],
        european=seen.european[:, rows],
        add_row=row_number[seen.add_row[more]],
        add_class=seen.add_class[more],
        add_units=seen.add_units[more],
    )


def _useful(given: Problem, seen: Judged) -> NDArray[np.bool_]:
    """Return the possible orders that add to some row of supply judged; all where none does."""
    classes = max(int(given.buyers.klass.max()), int(seen.add_class.max(initial=0))) + 1
    brings = np.zeros((classes, len(given.items.elements)))
    brings[seen.add_class, seen.form.supply_element[seen.add_row]] = 1.0
    found = brings[given.buyers.klass[given.pair_buyer], given.pair_element][given.order_pair] > 0
    return found if found.any() else np.ones_like(found)
