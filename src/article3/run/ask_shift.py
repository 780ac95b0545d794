"""Questions about the shift: how soon US forces can leave, what a drawdown uncovers, what closes it, half by 2030."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.compute import Progress, Step
from article3.errors import InputError, unknown_name_fault
from article3.evidence.findings import Finding
from article3.run.answers import Answer, cite, from_findings
from article3.run.ask_plan import Hooks, stopped
from article3.run.shift_files import Files
from article3.run.shift_wishes import ShiftWishes
from article3.run.shifting import shifted, table
from article3.scenario.resolve import Inputs
from article3.shift.described import TABLES

if TYPE_CHECKING:
    from article3.shift.analysis import Shifted

DEFAULT: Final = ("exposure", "exposure_step", "handover", "half_by_2030", "closing")
"""Tables shown where none is named: what drawdowns uncover, who takes over, what closes them, half by 2030."""
FASTEST: Final = ("handover", "fastest", "shift_solve")
"""Tables shown of the fastest safe drawdown where none is named."""
WITHOUT_DRAWDOWNS: Final = (*FASTEST, "leaving", "shift_frontier")
"""Tables of the fastest safe drawdown: no given one is judged for them."""
SCHEDULES: Final = ("fastest", "aimed")
"""Schedules of table ``handover`` that are the fastest safe ones."""
LEADING: Final = ("exposure", "exposure_step", "closing", "half_by_2030")
"""Tables whose sentences answer what a drawdown does."""
SOONEST: Final = ("handover", "fastest")
"""Tables whose sentences answer how soon all can leave."""
PLANNING: Final = ("offers", "troops", "basing", "upkeep", "leaving")
"""Planning tables that every answer rests on."""


def ask_shift(
    scenario: str = "baseline",
    tables: Sequence[str] = (),
    as_of: date | None = None,
    overrides: Mapping[str, str] | None = None,
    wishes: ShiftWishes | None = None,
    files: Files | None = None,
    hooks: Hooks | None = None,
) -> Answer:
    """Answer how soon forces of the United States can leave, and what a given drawdown uncovers.

    Parameters
    ----------
    scenario
        Name of a shipped scenario or path of a file.
    tables
        Tables of the answer; :data:`DEFAULT`, or :data:`FASTEST` where that is wished, where none is named.
    as_of
        Nothing published later is used for money; the planning tables are one compilation.
    overrides
        Further values of the scenario by dotted key, as YAML text.
    wishes
        What is asked, and what is changed in the settings of the shift.
    files
        Files to write beside the answer.
    hooks
        What is called on the way.

    Raises
    ------
    ScenarioError, UnknownNameError, InputError, NotKnownError
        The scenario, a name, a wish or a file cannot be used.
    ImpossiblePlanError
        No plan keeps all limits.
    Cancelled
        It was stopped before there was any plan.
    """
    wishes, files, hooks = wishes or ShiftWishes(), files or Files(), hooks or Hooks()
    wanted = _wanted(tables, (*FASTEST, *(DEFAULT if wishes.drawdowns else ())) if wishes.fastest else DEFAULT)
    files.check()
    inputs = wishes.inputs(scenario, overrides, as_of)
    alone = wishes.fastest and not wishes.drawdowns and set(wanted) <= set(WITHOUT_DRAWDOWNS) and not files.calendar
    told = _Told(hooks.progress, len(wanted))
    made = shifted(inputs, again=wishes.again, drawdowns=not alone, progress=told.step, stop=hooks.stop)
    findings, ended = [], stopped(made.plan)
    for name in wanted:
        found, cut = table(made, name)
        ended = ended or cut
        findings.append(_fastest_only(found) if alone and name == "handover" else found)
        told.table(name)
    ended = ended or _aimed_stopped(made)
    answer = _answer(made, inputs, findings, named=bool(tables), ended=ended)
    late = tuple(_nothing_late(made, wishes))
    written = files.write(made)
    more = {"written": written} if written else {}
    return replace(answer, warnings=(*answer.warnings, *late), meta={**answer.meta, **more})


def _wanted(tables: Sequence[str], default: Sequence[str]) -> tuple[str, ...]:
    faults = [unknown_name_fault("table", name, TABLES, "--table") for name in tables if name not in TABLES]
    if faults:
        raise InputError(faults)
    return tuple(dict.fromkeys(tables or default))


class _Told:
    """Tells progress: the steps of the plan first, then a step for every table."""

    def __init__(self, progress: Progress | None, tables: int) -> None:
        self.progress, self.tables, self.done, self.total = progress, tables, 0, tables

    def step(self, step: Step) -> None:
        """Pass a step of the plan on."""
        self.done, self.total = step.done, step.total + self.tables
        self._tell(step.name)

    def table(self, name: str) -> None:
        """Tell that a table is made."""
        self.done += 1
        self._tell(name.replace("_", " "))

    def _tell(self, name: str) -> None:
        if self.progress:
            self.progress(Step(self.done, self.total, name))


def _fastest_only(found: Finding) -> Finding:
    """Return the table of handovers with the fastest schedules alone."""
    return replace(found, table=found.table.filter(pl.col("schedule").is_in(SCHEDULES)))


def _aimed_stopped(made: Shifted) -> bool:
    """Return whether the plan made again is the best found when it was stopped."""
    from article3.plan.analysis import Plan  # noqa: PLC0415 - the solver, for those who ask

    return any(stopped(Plan(made.inputs, made.when, handed.made)) for handed in made.handed[1:])


def _nothing_late(made: Shifted, wishes: ShiftWishes) -> list[str]:
    """Return what to say of deliveries that are to come later although none was to come in that year."""
    if not wishes.late:
        return []
    from article3.shift.field import field  # noqa: PLC0415 - numpy, for those who ask

    as_planned = field(made.made, made.shift.model_copy(update={"late": ()}))
    found = []
    for item in made.shift.late:
        if item.year in as_planned.years:
            element, place = as_planned.axes.of("element", item.element), as_planned.years.index(item.year)
            due = place > 0 and as_planned.delivered[place, element] > 0
        else:
            due = False
        if not due:
            found.append(f"Nothing is late: no {item.element} is counted on to be delivered in {item.year}.")
    return found


def _answer(made: Shifted, inputs: Inputs, findings: Sequence[Finding], *, named: bool, ended: bool) -> Answer:
    answer = from_findings("shift", inputs.evidence, findings, scenario=inputs.name, when=made.when)
    sentences = {item.name: str(item.sentence) for item in findings if item.sentence.parts}
    leading = [name for name in (LEADING if "exposure" in sentences else SOONEST) if name in sentences]
    text = " ".join(sentences[name] for name in (sentences if named else leading))
    mark = ("Stopped: this is the best found by then, not the best there is.",) if ended else ()
    meta: dict[str, Any] = {
        **answer.meta,
        "sentences": sentences,
        "shift": made.shift.model_dump(mode="json"),
        "again": made.again,
        "stopped": ended,
    }
    warnings = (*mark, *answer.warnings, *inputs.warnings, *_own_figures(inputs))
    sources = dict.fromkeys(
        [
            *(source for finding in findings for source in finding.sources),
            *(item.source for item in made.inputs.drawdowns),
            *(source for name in PLANNING for source in inputs.planning.table(name)["source_id"].unique().sort()),
        ]
    )
    return replace(
        answer,
        sentence=text,
        sources=cite(inputs.evidence, sources),
        warnings=tuple(dict.fromkeys(warnings)),
        meta=meta,
    )


def _own_figures(inputs: Inputs) -> tuple[str, ...]:
    own = f"{len(inputs.planning.overlays)} planning figures of your own are used; their standing is 'yours'."
    return (own,) if inputs.planning.overlays else ()
