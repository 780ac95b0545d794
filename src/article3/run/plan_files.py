"""Files of a plan beside its tables: the road map as a calendar, and the state of orders to fill in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from article3.errors import Fault, InputError
from article3.evidence import atomic
from article3.scenario.paths import inside
from article3.scenario.resolve import Inputs

if TYPE_CHECKING:
    from article3.plan.analysis import Plan

CALENDAR: Final = "road_map.ics"
STATE: Final = "state.csv"


@dataclass(frozen=True, slots=True)
class Files:
    """Files to write.

    Parameters
    ----------
    calendar
        Road map as a calendar (.ics).
    state
        State of orders, to fill in (.csv).
    """

    calendar: Path | None = None
    state: Path | None = None

    def check(self) -> None:
        """Refuse what cannot be written before anything is solved.

        Raises
        ------
        InputError
            The ending is another one, or a folder of that name exists.
        """
        faults = []
        for path, ending, option in ((self.calendar, ".ics", "--calendar"), (self.state, ".csv", "--write-state")):
            if path and path.suffix.lower() != ending:
                faults.append(Fault(f"the file ends in {ending}", option, str(path), f"such as plan{ending}"))
            elif path and path.is_dir():
                faults.append(Fault("a folder has that name", option, str(path)))
        if faults:
            raise InputError(faults)

    def write(self, made: Plan) -> list[str]:
        """Write the files of a plan and return their paths.

        Raises
        ------
        CannotWriteError
            The disk is full or the place is not writable.
        """
        tables = {name: made.table(name).table for name in ("milestones", "orders") if self.calendar or self.state}
        written = []
        for path, name in ((self.calendar, CALENDAR), (self.state, STATE)):
            if path:
                atomic.write_file(path, contents(made.inputs, tables)[name])
                written.append(str(path))
        return written


def contents(inputs: Inputs, tables: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """Return the files of a plan by name, from its tables ``milestones`` and ``orders``; none where it has none."""
    if not {"milestones", "orders"} <= tables.keys():
        return {}
    from article3.plan.calendar import calendar  # noqa: PLC0415 - numpy, for scenarios with a plan
    from article3.plan.states import read_states, write_states  # noqa: PLC0415

    path = state_file(inputs)
    states = read_states(path, inputs.planning, inputs.evidence.day) if path else ()
    return {
        CALENDAR: calendar(tables["milestones"], inputs.evidence.day, inputs.name),
        STATE: write_states(tables["orders"], states),
    }


def state_file(inputs: Inputs) -> Path | None:
    """Return the state file of a scenario with a plan, or None."""
    name = inputs.scenario.plan.state
    return inside(inputs.folder, name, "plan.state") if name and inputs.contingencies else None


def state_digest(inputs: Inputs) -> str | None:
    """Return the SHA-256 of the state file of a scenario, or None where it has none."""
    path = state_file(inputs)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path else None
