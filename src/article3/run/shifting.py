"""The shift as runs and questions ask for it: with the addresses of its own scenario, and with what it need not do.

Addresses of the gap and of the plan do not know the settings of the shift, so its tables have a date and scenario of
their own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from article3.compute import Progress
from article3.errors import Article3Error, Cancelled
from article3.evidence.findings import Finding
from article3.scenario.resolve import Inputs, resolve, shipped_scenarios

if TYPE_CHECKING:
    from article3.plan.analysis import Plan
    from article3.shift.analysis import Shifted


def shift_when(inputs: Inputs) -> str:
    """Return date and scenario for the addresses of a scenario's shift; nothing is added for the baseline's.

    Parameters
    ----------
    inputs
        A resolved scenario.

    Returns
    -------
    str
        The date; ``~NAME`` after it for a shipped scenario with the same gap, plan and shift, ``~own-`` and a digest
        for any other.
    """
    from article3.plan.analysis import plan_when  # noqa: PLC0415 - the solver's arrays, for scenarios with a plan

    planned, mine = plan_when(inputs), _settings(inputs)
    day, _, tag = planned.partition("~")
    for name in dict.fromkeys((tag or "baseline", inputs.name, *shipped_scenarios())):
        other = None if tag.startswith("own-") else _shipped(name, day)
        if other and _settings(other) == mine and plan_when(other) == planned:
            return day if name == "baseline" else f"{day}~{name}"
    return f"{day}~own-{hashlib.sha256(f'{tag} {mine}'.encode()).hexdigest()[:8]}"


def _shipped(name: str, day: str) -> Inputs | None:
    """Return a shipped scenario as known on a day; None where it is not shipped or cannot be used on that day."""
    if name not in shipped_scenarios():
        return None
    try:
        return resolve(name, {"as_of": day})
    except Article3Error:  # one whose drawdown begins on an earlier day, say
        return None


def _settings(inputs: Inputs) -> str:
    """Return all that the shift depends on beside the plan: its settings, with drawdowns written out."""
    data = inputs.scenario.shift.model_dump(mode="json")
    data["drawdowns"] = [item.model_dump(mode="json") for item in inputs.drawdowns]
    return json.dumps(data, sort_keys=True)


def shifted(
    inputs: Inputs,
    made: Plan | None = None,
    *,
    again: bool = True,
    drawdowns: bool = True,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> Shifted:
    """Return the shift of a scenario, its tables on request, with addresses of its own.

    Parameters
    ----------
    inputs
        A resolved scenario with at least one contingency.
    made
        Its plan, where it is made already.
    again
        Whether the plan is made again with the gates as requirements.
    drawdowns
        Whether the scenario's drawdowns are judged; without them the fastest schedule is there seconds sooner.
    progress, stop
        Called after each step of the plan; asked now and then.

    Raises
    ------
    NotKnownError, ImpossiblePlanError, Cancelled
        As :func:`article3.shift.analysis.shift`.
    """
    from article3.shift.analysis import shift  # noqa: PLC0415 - the solver, for scenarios with a plan

    found = shift(inputs, made, again=again, progress=progress, stop=stop)
    found.when = shift_when(inputs)
    if not drawdowns:
        found.plan = replace(found.plan, inputs=replace(inputs, drawdowns=()))
    return found


def table(found: Shifted, name: str) -> tuple[Finding, bool]:
    """Return a table of a shift, and whether the work on the plan made again was stopped: it is left out then.

    Parameters
    ----------
    found, name
        The shift, and the table asked for.

    Raises
    ------
    Cancelled
        It was stopped, and nothing is left to show.
    """
    try:
        return addressed(found.table(name)), False
    except Cancelled:
        if not found.again:
            raise
        found.again = False
        return addressed(found.table(name)), True


def addressed(found: Finding) -> Finding:
    """Return a finding whose rows say where they stand: at their first number, or at their first word without one."""
    if "address" not in found.table.columns:
        return found
    plain = [column for column in found.columns if not column.key and column.column != "address"]
    numbers = [column.column for column in plain if column.unit]
    first = plain[0].column
    addresses = [
        found.address(row, next((name for name in numbers if row[name] is not None), first))
        for row in found.table.iter_rows(named=True)
    ]
    return replace(found, table=found.table.with_columns(address=pl.Series(addresses, dtype=pl.String)))


def of_address(inputs: Inputs, name: str, keys: tuple[str, ...], made: Plan | None = None) -> Finding:
    """Return the table an address stands in, with no more made than its row needs.

    Parameters
    ----------
    inputs
        The scenario.
    name, keys
        Table and keys of the address.
    made
        The scenario's plan, where it is made already.
    """
    again = any("aimed" in key or "again" in key for key in keys)
    fastest = name == "handover" and keys[:1] in (("fastest",), ("aimed",))
    return table(shifted(inputs, made, again=again, drawdowns=not fastest), name)[0]
