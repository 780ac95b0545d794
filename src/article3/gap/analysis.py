"""All findings about the gap of one scenario."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from article3.compute import Progress
from article3.errors import Fault, NotKnownError
from article3.evidence.findings import Finding
from article3.evidence.store import Evidence
from article3.gap import attainment, cuts, flips, invest, multipliers, shares
from article3.gap.assess import Assessment, Ranges, assess, postures_of, ranges, situations_of
from article3.gap.described import TABLES
from article3.gap.forces import forces
from article3.scenario.resolve import Inputs, resolve, shipped_scenarios

BASE_YEAR: Final = 2021
"""Year of the prices in which money is computed."""
FIELDS: Final = ("seed", "contingencies", "situations", "us", "without", "caveats", "gap")
"""Settings on which the gap depends, beside planning tables and contingencies."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The gap of one scenario, assessed once; every table is made when it is asked for.

    Parameters
    ----------
    inputs
        The scenario.
    when
        Date and scenario for the addresses.
    found
        The assessment.
    progress
        Called after each draw.
    """

    inputs: Inputs
    when: str
    found: Assessment
    progress: Progress | None = None
    _drawn: dict[int, Ranges] = field(default_factory=dict, repr=False)

    def drawn(self) -> Ranges | None:
        """Return ranges over the scenario's draws, computed once; None where it asks for none."""
        draws = self.inputs.scenario.gap.draws
        if draws and draws not in self._drawn:
            self._drawn[draws] = ranges(self.found, draws, self.inputs.scenario.seed, self.progress)
        return self._drawn.get(draws)

    def table(self, name: str) -> tuple[Finding, ...]:
        """Return the findings of one table; some are made together."""
        return _MAKERS[name](self)

    def findings(self, names: Iterable[str] = TABLES) -> tuple[Finding, ...]:
        """Return the findings of some tables, in order, each once."""
        made: dict[str, Finding] = {}
        wanted = tuple(names)
        for name in wanted:
            if name not in made:
                made.update((item.name, item) for item in self.table(name))
        return tuple(made[name] for name in made if name in wanted)


def gap(inputs: Inputs, progress: Progress | None = None) -> Gap:
    """Assess the gap of a scenario.

    Parameters
    ----------
    inputs
        A resolved scenario with at least one contingency.
    progress
        Called after each draw.

    Raises
    ------
    NotKnownError
        The scenario names no contingency.
    """
    if not inputs.contingencies:
        mend = "Add 'contingencies', or let it extend 'baseline'."
        raise NotKnownError(
            Fault("the scenario names no contingency, so there is no gap to assess", inputs.name, mend=mend)
        )
    held = forces(inputs.planning, inputs.contingencies)
    found = assess(held, postures_of(inputs), situations_of(inputs))
    return Gap(inputs, when_of(inputs), found, progress)


def when_of(inputs: Inputs) -> str:
    """Return date and scenario for the addresses of a scenario's gap; nothing is added for the baseline's."""
    day, mine = inputs.evidence.day.isoformat(), _fields(inputs)
    for name in ("baseline", *shipped_scenarios()):
        if _fields(resolve(name)) == mine:
            return day if name == "baseline" else f"{day}~{name}"
    return f"{day}~own-{hashlib.sha256(mine.encode()).hexdigest()[:8]}"


def _fields(inputs: Inputs) -> str:
    """Return all that the gap depends on: settings, planning tables and contingencies as read, own figures included."""
    settings = inputs.scenario.model_dump(mode="json", include=set(FIELDS))
    return json.dumps({**settings, "planning": inputs.gap_digest()}, sort_keys=True)


def deflators(evidence: Evidence) -> dict[int, float]:
    """Return 2021 US$ per US$ of every year, by the US GDP deflator of the newest IMF edition.

    Raises
    ------
    NotKnownError
        No edition with the deflator of the base year is held.
    """
    rows = evidence.newest("gdp_deflator", "weo").filter(pl.col("ally") == "USA")
    index = {int(period): float(value) for period, value in rows.select("period", "value").iter_rows()}
    if BASE_YEAR not in index:
        raise NotKnownError(
            Fault(
                f"no edition of the IMF's outlook with US prices of {BASE_YEAR} is known", mend="Use a later --as-of."
            )
        )
    return {year: index[BASE_YEAR] / value for year, value in index.items()}


def _attainment(made: Gap) -> tuple[Finding, ...]:
    names = {item.id: item.title for item in made.inputs.contingencies}
    names |= {item.situation: item.title for item in made.inputs.situations}
    return (attainment.attainment(made.found, made.drawn(), made.when, names, made.inputs.scenario.us.focus),)


def _invest(made: Gap) -> tuple[Finding, ...]:
    settings = made.inputs.scenario.gap
    items = invest.catalogue(made.inputs.planning, deflators(made.inputs.evidence))
    return multipliers.multipliers(
        made.found,
        made.inputs.planning,
        items,
        (settings.ceiling_usd_m, settings.within_years),
        (settings.draws, made.inputs.scenario.seed),
        made.when,
    )


_MAKERS: Final[dict[str, Callable[[Gap], tuple[Finding, ...]]]] = {
    "attainment": _attainment,
    "coverage": lambda made: (attainment.coverage(made.found, made.when),),
    "twice": lambda made: (attainment.twice(made.found, made.when),),
    "european_share": lambda made: (shares.european_share(made.found, made.inputs.planning, made.when),),
    "preponderance": lambda made: (shares.preponderance(made.found, made.when),),
    **dict.fromkeys(
        ("us_cut", "us_cut_case", "cut_cost"),
        lambda made: cuts.us_cuts(made.found, made.inputs.planning, made.when),
    ),
    **dict.fromkeys(("multiplier", "package"), _invest),
    "flip": lambda made: (flips.flips(made.found, made.when),),
    "published_set": lambda made: (shares.published_sets(made.found, made.inputs.planning, made.when),),
    "holding": lambda made: (attainment.holdings(made.found, made.inputs.planning, made.when),),
    "requirement": lambda made: (attainment.requirements(made.found, made.when),),
}
