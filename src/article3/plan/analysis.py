"""All findings about the plan of one scenario."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from article3.compute import Progress
from article3.evidence.findings import Finding
from article3.gap.analysis import when_of
from article3.plan import found_effect, found_inputs, found_money, found_orders, whatif
from article3.plan.described import TABLES
from article3.plan.efforts import efforts
from article3.plan.frontier import frontier
from article3.plan.impossible import check
from article3.plan.limits import limits
from article3.plan.make import Made, ask, make
from article3.plan.replacement import replacement
from article3.plan.roadmap import roadmap
from article3.plan.slips import gained, lost
from article3.scenario.paths import inside
from article3.scenario.plan_schema import Plan as Settings
from article3.scenario.resolve import Inputs, resolve, shipped_scenarios


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of one scenario, made once; every table is made when it is asked for.

    Parameters
    ----------
    inputs
        The scenario.
    when
        Date and scenario for the addresses.
    made
        The plan.
    """

    inputs: Inputs
    when: str
    made: Made
    _kept: dict[str, Finding] = field(default_factory=dict, repr=False)

    def table(self, name: str) -> Finding:
        """Return the finding of one table, made once."""
        if name not in self._kept:
            for item in _MAKERS[name](self):
                self._kept[item.name] = item
        return self._kept[name]

    def findings(self, names: Iterable[str] = TABLES) -> tuple[Finding, ...]:
        """Return the findings of some tables, in order; tables that do not apply are left out."""
        return tuple(self.table(name) for name in names if self.applies(name))

    def applies(self, name: str) -> bool:
        """Return whether a table applies: the bill of replacing the United States only where it is absent."""
        if name == "replacement":
            return not self.made.asked.given.judged.posture.version
        if name == "caveat":
            return bool(self.inputs.scenario.caveats)
        return name in _MAKERS


def plan(
    inputs: Inputs,
    settings: Settings | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> Plan:
    """Make the plan of a scenario.

    Parameters
    ----------
    inputs
        A resolved scenario with at least one contingency.
    settings
        Settings in place of the scenario's.
    progress
        Called after each step.
    stop
        Asked now and then; when it returns true the best plan found so far stands, marked as such.

    Raises
    ------
    NotKnownError
        The scenario names no contingency, or money and people of an Ally are not known by then.
    ImpossiblePlanError
        Limits clash: which, and the smallest ways out.
    Cancelled
        It was stopped before there was any plan.
    """
    asked = ask(inputs, settings)
    check(asked)
    return Plan(inputs, plan_when(inputs), make(asked, progress, stop))


def plan_when(inputs: Inputs) -> str:
    """Return date and scenario for the addresses of a scenario's plan; nothing is added for the baseline's."""
    gap, mine = when_of(inputs), f"{inputs.scenario.plan.model_dump_json()}{state_digest(inputs)}"
    tag = gap.partition("~")[2]
    shipped = tag if tag in shipped_scenarios() else "baseline"
    if not tag.startswith("own-") and resolve(shipped).scenario.plan.model_dump_json() == mine:
        return gap
    day = gap.partition("~")[0]
    return f"{day}~own-{hashlib.sha256(f'{tag} {mine}'.encode()).hexdigest()[:8]}"


def state_digest(inputs: Inputs) -> str:
    """Return the SHA-256 of the file that says how far earlier orders have come; empty where there is none."""
    name = inputs.scenario.plan.state
    path = inside(inputs.folder, name, "plan.state") if name else None
    return hashlib.sha256(path.read_bytes()).hexdigest() if path and path.is_file() else ""


def _road_map(plan: Plan) -> tuple[Finding, ...]:
    made, planning = plan.made, plan.inputs.planning
    given = made.asked.given
    found = efforts(plan.table("orders").table, planning, given.items, made.asked.states, given.means.allies)
    settings, late = made.asked.settings, lost(made, found)
    payments = roadmap(found, given.items, settings, plan.when)[-1].table
    return roadmap(found, given.items, settings, plan.when, late, gained(made, found, payments))


def _replacement(plan: Plan) -> tuple[Finding, ...]:
    given = plan.made.asked.given
    settings = plan.made.asked.settings
    return (replacement(plan.inputs.planning, plan.inputs.evidence, settings.money, given.means.allies, plan.when),)


def _one(maker: Callable[[Made, str], Finding]) -> Callable[[Plan], tuple[Finding, ...]]:
    return lambda plan: (maker(plan.made, plan.when),)


_MAKERS: Final[dict[str, Callable[[Plan], tuple[Finding, ...]]]] = {
    "orders": _one(found_orders.order_table),
    "plan_money": _one(found_money.money),
    "plan_attainment": _one(found_effect.attainment),
    "plan_share": _one(found_effect.shares),
    "plan_goal": _one(found_effect.goal_table),
    "plan_risk": _one(found_effect.risk_table),
    "plan_total": lambda plan: (found_orders.totals(plan.made, plan.table("orders").table, plan.when),),
    "plan_pool": _one(found_orders.pools),
    "specialisation": _one(found_orders.specialisation),
    "fit": _one(found_inputs.fit),
    "certificate": _one(found_money.certificate),
    "catalogue": _one(found_inputs.catalogue),
    "line": _one(found_inputs.lines),
    "assumption": _one(found_money.assumptions),
    **dict.fromkeys(("effort", "effort_money", "milestones", "down_payment"), _road_map),
    "replacement": _replacement,
    "plan_limit": lambda plan: (limits(plan.made.asked, plan.made, plan.when),),
    "plan_frontier": lambda plan: (frontier(plan.made.asked, plan.made, plan.when),),
    "entry_effect": _one(whatif.entering),
    "caveat": lambda plan: (whatif.caveats(plan.made.asked, plan.made, plan.when),),
}
