"""Planning with the gates as requirements: the floors of the rule are what is asked for while US forces leave.

Two questions share it: which plan would let them leave soonest, and which orders cost least that close a given drawdown
in time. The requirement of a need becomes floor x requirement; the offer of the United States falls by year.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from article3.gap.forces import Array
from article3.plan.decide import Decider, Decision
from article3.plan.make import Aim, Asked, Made, ask, make
from article3.plan.problem import BILLION, by_class
from article3.plan.states import StateRow
from article3.program import Certificate, certify
from article3.scenario.shift_schema import Shift
from article3.shift.alone import paced
from article3.shift.exposure import Path
from article3.shift.fastest import Schedule
from article3.shift.field import DAY, MONTH, Field, over_years
from article3.shift.rule import Floors

TOLERANCE = 1e-5
"""Risk of not keeping the rule given up for less cost, as a part of the least: next to none, since any loss counts."""
ENOUGH = 1e-9
"""Risk of not keeping the rule that is none."""
CERTIFIED = 1e-5
"""What a certificate may miss here: the sums are small beside the prices of so narrow a limit on risk."""
_SEEN = 1e-4


def aim(given: Field, kept: Floors, offers: Mapping[int, Array]) -> Aim:
    """Return what is asked for: every floor, while the offer falls."""
    needs = np.zeros_like(given.values.needs)
    form = given.form
    place = (form.need_contingency, form.need_window, form.need_capability)
    needs[place] = given.values.needs[place] * kept.coverage
    return Aim(needs, offers)


def soonest(given: Field, schedule: Schedule, shift: Shift) -> dict[int, Array]:
    """Return units offered by year when everything leaves as fast as notice and pace allow, (E,)."""
    days = schedule.calendar
    keep = np.isin(schedule.elements, [given.axes.of("element", name) for name in shift.keep])
    left = paced(days, np.broadcast_to(np.where(keep, 1.0, 0.0), (len(days.days), len(keep))), shift.pace)
    found = {}
    for year in given.years:
        offer = given.offer.copy()
        done = [number for number, day in enumerate(days.days) if day <= date(year, MONTH, DAY)]
        if done:
            offer[schedule.elements] *= left[done[-1]]
        found[year] = offer
    return found


def aimed_plan(
    made: Made, given: Field, kept: Floors, schedule: Schedule, shift: Shift, stop: Callable[[], bool] | None = None
) -> Made:
    """Make the plan again with the gates as requirements, while everything leaves as fast as it may.

    Parameters
    ----------
    made
        The scenario's plan: its settings and limits hold again.
    given, kept, schedule, shift
        What arrives, what has to be kept, days and elements, and the settings.
    stop
        Asked now and then.
    """
    asked = ask(made.asked.inputs, made.asked.settings, aim(given, kept, soonest(given, schedule, shift)))
    return make(asked, None, stop)


@dataclass(frozen=True, slots=True)
class Closing:
    """Orders beyond the plan that keep the rule under a given drawdown.

    Parameters
    ----------
    asked
        The question: the plan's orders are signed.
    least, decided
        Least risk of not keeping it, and least cost at that.
    certificate
        Of the second.
    fielded
        Units in service by class of buyers, element and year looked at, the plan's among them, (classes, E, Y).
    cost
        Million 2021 US$ beyond the plan's, discounted: orders, entering, setting up, operation and pay.
    """

    asked: Asked
    least: Decision
    decided: Decision
    certificate: Certificate
    fielded: Array
    cost: float


def closing(made: Made, given: Field, kept: Floors, path: Path) -> Closing:
    """Return the cheapest orders beyond the plan's that keep the rule under a drawdown, as well as any orders can.

    The plan's orders count as signed: they come, are paid for, and take their places on the lines.

    Parameters
    ----------
    made
        The scenario's plan: its settings and limits hold, its goals and targets do not.
    given, kept
        What arrives, and what has to be kept.
    path
        The drawdown.
    """
    offers = {}
    for year in given.years:
        day = date(year + 1, MONTH, DAY) - timedelta(days=1)  # what comes in a year serves until the next deliveries
        offers[year] = np.maximum(given.offer - path.gone(day, away=False) - path.gone(day, away=True), 0.0)
    settings = made.asked.settings.model_copy(update={"goals": (), "targets": ()})
    wanted = aim(given, kept, offers)
    asked = ask(made.asked.inputs, settings, Aim(wanted.needs, wanted.offers, signed(made)))
    decider = Decider(asked.coarse)
    least = decider.read(decider.least_risk())
    solution = decider.least_cost(least.risk * (1 + TOLERANCE) + ENOUGH)
    decided = decider.read(solution)
    known = tuple(year for year in given.years if year in asked.given.years)
    found = by_class(asked.coarse, decided.added, known)
    np.add.at(found, asked.given.buyers.klass, asked.given.begun[:, :, asked.given.place(known)])
    fielded = over_years(found, known, given.years)
    before = float((asked.coarse.bound * asked.coarse.discount).sum())
    return Closing(
        asked, least, decided, certify(decider.program, solution, CERTIFIED), fielded, (decided.cost - before) * BILLION
    )


def signed(made: Made) -> tuple[StateRow, ...]:
    """Return the orders of a plan as signed ones."""
    shared, given = made.shared, made.shared.given
    rows = []
    for place in np.nonzero(shared.ordered > _SEEN)[0]:
        pair = given.order_pair[place]
        buyer, element = given.buyers.codes[given.pair_buyer[pair]], given.items.elements[given.pair_element[pair]]
        line, year = given.items.lines[given.order_line[place]], given.years[int(given.order_year[place])]
        comes = date(given.years[0] + int(given.delivered[place]), MONTH, DAY)
        units = float(shared.ordered[place] * given.lot[pair])
        rows.append(StateRow(buyer, element, line, year, units, "contracted", comes))
    return tuple(rows)
