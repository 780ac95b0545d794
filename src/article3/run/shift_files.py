"""Files of a shift beside its tables: the notice board as a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from article3.errors import Fault, InputError
from article3.evidence import atomic
from article3.scenario.plan_checks import OWN_FILE
from article3.scenario.resolve import Inputs

if TYPE_CHECKING:
    from article3.shift.analysis import Shifted

CALENDAR: Final = "notice_board.ics"


@dataclass(frozen=True, slots=True)
class Files:
    """Files to write.

    Parameters
    ----------
    calendar
        Notice board as a calendar (.ics).
    """

    calendar: Path | None = None

    def check(self) -> None:
        """Refuse what cannot be written before anything is solved.

        Raises
        ------
        InputError
            The ending is another one, or a folder of that name exists.
        """
        path, option = self.calendar, "--calendar"
        if path and path.suffix.lower() != ".ics":
            raise InputError(Fault("the file ends in .ics", option, str(path), "such as shift.ics"))
        if path and path.is_dir():
            raise InputError(Fault("a folder has that name", option, str(path)))

    def write(self, made: Shifted) -> list[str]:
        """Write the files of a shift and return their paths.

        Raises
        ------
        CannotWriteError
            The disk is full or the place is not writable.
        """
        if not self.calendar:
            return []
        atomic.write_file(self.calendar, contents(made.inputs, {"notice": made.table("notice").table})[CALENDAR])
        return [str(self.calendar)]


def contents(inputs: Inputs, tables: Mapping[str, pl.DataFrame]) -> dict[str, bytes]:
    """Return the files of a shift by name, from its table ``notice``; none where it has none."""
    if "notice" not in tables:
        return {}
    from article3.shift.notice_calendar import calendar_text  # noqa: PLC0415 - numpy, for scenarios with a shift

    return {CALENDAR: calendar_text(tables["notice"], inputs.evidence.day, inputs.name)}


def own_drawdowns(inputs: Inputs) -> tuple[str, ...]:
    """Return the files of drawdowns that a scenario names, beside it."""
    named = inputs.scenario.shift.drawdowns
    return tuple(item for item in named if isinstance(item, str) and item.lower().endswith(OWN_FILE))
