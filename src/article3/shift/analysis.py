"""All findings about the shift of one scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

from article3.compute import Progress, Step
from article3.evidence.findings import Finding
from article3.gap.forces import Array
from article3.plan.analysis import Plan, plan, plan_when
from article3.plan.make import Made
from article3.program import Certificate, Solution
from article3.scenario.resolve import Inputs
from article3.scenario.shift_schema import Drawdown, Shift
from article3.shift import found_exposure, found_frontier, found_handover
from article3.shift.again import Closing, aimed_plan, closing
from article3.shift.bargain import bargain
from article3.shift.described import TABLES
from article3.shift.exposure import Exposer, Exposure, path_of
from article3.shift.frontier import Frontier
from article3.shift.half import half
from article3.shift.handed import Handed, hand_over
from article3.shift.notice import notice
from article3.shift.posts import Posting, decide, handover_rows, posts
from article3.shift.trust import trust

T = TypeVar("T")


@dataclass(slots=True)
class Shifted:
    """The shift of one scenario; every table is made when it is asked for, what they share is made once.

    Parameters
    ----------
    plan
        The scenario's plan.
    shift
        Settings.
    when
        Date and scenario for the addresses.
    again
        Whether the plan is made again with the gates as requirements.
    stop
        Asked now and then while something is solved for long.
    """

    plan: Plan
    shift: Shift
    when: str
    again: bool = True
    stop: Callable[[], bool] | None = None
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def inputs(self) -> Inputs:
        """The scenario."""
        return self.plan.inputs

    @property
    def made(self) -> Made:
        """The scenario's plan as it was made."""
        return self.plan.made

    @property
    def given(self) -> Handed:
        """The handover under the scenario's plan."""
        return self._once("given", lambda: hand_over(self.made, self.shift))

    @property
    def aimed(self) -> Handed:
        """The handover under the plan made again with the gates as requirements."""

        def make() -> Handed:
            first = self.given
            made = aimed_plan(self.made, first.field, first.kept, first.schedule, self.shift, self.stop)
            return hand_over(made, self.shift, "aimed")

        return self._once("aimed", make)

    @property
    def handed(self) -> tuple[Handed, ...]:
        """The handovers: under the plan, and under the plan made again."""
        return (self.given, self.aimed) if self.again and self.shift.plan == "plan" else (self.given,)

    @property
    def posting(self) -> Posting:
        """Command posts: who leads, who could, and the schedule of handovers."""
        return self._once("posting", lambda: decide(self.inputs))

    @property
    def exposures(self) -> tuple[tuple[Handed, Exposure], ...]:
        """What every drawdown uncovers under the plan, each compared with its own today."""

        def make() -> tuple[tuple[Handed, Exposure], ...]:
            found = []
            for drawdown in self.inputs.drawdowns:
                handed, exposer = self._today(drawdown)
                path = path_of(drawdown, self.inputs.planning, handed.field.axes)
                found.append((handed, exposer.judge(path)))
            return tuple(found)

        return self._once("exposures", make)

    @property
    def closings(self) -> tuple[tuple[Handed, Exposure, Closing, Array], ...]:
        """The cheapest orders that close the drawdowns named in the settings, and the days exposed with them."""
        names = self.shift.close or tuple(item.drawdown for item in self.inputs.drawdowns[:CLOSED])

        def make() -> tuple[tuple[Handed, Exposure, Closing, Array], ...]:
            return tuple(
                (handed, item, orders, self._with(handed, item, orders))
                for handed, item in self.exposures
                if item.path.drawdown.drawdown in names and item.exposed.any()
                for orders in [closing(self.made, handed.field, handed.kept, item.path)]
            )

        return self._once("closings", make)

    def table(self, name: str) -> Finding:
        """Return the finding of one table, made once."""
        if name not in self._kept:
            for item in _MAKERS[name](self):
                self._kept[item.name] = item
        found: Finding = self._kept[name]
        return found

    def findings(self, names: Iterable[str] = TABLES) -> tuple[Finding, ...]:
        """Return the findings of some tables, in order."""
        return tuple(self.table(name) for name in names)

    def solves(self) -> list[tuple[str, Certificate, Solution]]:
        """Return the solves that decide something, with their certificates."""
        found = []
        for handed in self.handed:
            schedule = handed.schedule
            if schedule.certificate and schedule.solution:
                found.append((SOLVES[handed.name], schedule.certificate, schedule.solution))
        for _, item, orders, _ in self.closings:
            solution = orders.decided.solution
            found.append((f"closing {item.path.drawdown.drawdown}", orders.certificate, solution))
        return found

    def _today(self, drawdown: Drawdown) -> tuple[Handed, Exposer]:
        """Return the handover and the judge of drawdowns that begin on the same day."""
        today: date = drawdown.today or self.given.field.today

        def make() -> tuple[Handed, Exposer]:
            same = today == self.given.field.today
            shift = self.shift if same else self.shift.model_copy(update={"today": today})
            # A drawdown that began before this scenario's today, such as the cuts of 2026, leaves the offer of before.
            posture = "with" if today < self.given.field.today else ""
            handed = self.given if same else hand_over(self.made, shift, posture=posture)
            return handed, Exposer(handed.field, handed.kept, shift, handed.schedule.excused_by_year())

        return self._once(f"today {today}", make)

    def _with(self, handed: Handed, item: Exposure, orders: Closing) -> Array:
        """Return days exposed by cell, with closing orders in the place of the plan's."""
        given = handed.field.instead(orders.asked, orders.fielded)
        _, beside = self._today(item.path.drawdown)
        return Exposer(given, handed.kept, self.shift, beside.excused).judge(item.path, beside).exposed

    def _once(self, name: str, make: Callable[[], T]) -> T:
        if name not in self._kept:
            self._kept[name] = make()
        found: T = self._kept[name]
        return found


CLOSED: Final = 2
"""Drawdowns that are closed where the scenario names none."""
SOLVES: Final[Mapping[str, str]] = {"plan": "fastest", "aimed": "fastest aimed"}


def shift(
    inputs: Inputs,
    made: Plan | None = None,
    settings: Shift | None = None,
    *,
    again: bool = True,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> Shifted:
    """Return the shift of a scenario.

    Parameters
    ----------
    inputs
        A resolved scenario with at least one contingency.
    made
        Its plan, where it is made already.
    settings
        Settings in place of the scenario's.
    again
        Whether the plan is made again with the gates as requirements.
    progress
        Called after each step of making the plan.
    stop
        Asked now and then.

    Raises
    ------
    NotKnownError
        The scenario names no contingency, or money and people of an Ally are not known by then.
    ImpossiblePlanError
        Limits of the plan clash.
    Cancelled
        It was stopped before there was any plan.
    """

    def tell(step: Step) -> None:
        if progress:
            progress(step)

    made = made or plan(inputs, None, tell, stop)
    return Shifted(made, settings or inputs.scenario.shift, plan_when(inputs), again, stop)


def _handover(found: Shifted) -> tuple[Finding, ...]:
    more = [row for handed, item in found.exposures for row in found_exposure.element_rows(handed, item)]
    return (found_handover.handover(found.handed, [*more, *handover_rows(found.inputs, found.posting)], found.when),)


def _frontier(found: Shifted) -> tuple[Finding, ...]:
    points = []
    for handed in found.handed[-1:]:
        model = Frontier(handed.field, handed.kept, found.shift)
        points.append((handed, model, model.grid()))
    return (found_frontier.frontier(points, found.when),)


_MAKERS: Final[dict[str, Callable[[Shifted], tuple[Finding, ...]]]] = {
    "handover": _handover,
    "fastest": lambda found: (found_handover.fastest(found.handed, found.shift, found.when),),
    "leaving": lambda found: (found_handover.leaving(found.handed, found.when),),
    "exposure": lambda found: (found_exposure.exposure(found.exposures, found.when),),
    "exposure_step": lambda found: (found_exposure.steps(found.exposures, found.shift, found.when),),
    "closing": lambda found: (found_exposure.closing(found.closings, found.when),),
    "shift_frontier": _frontier,
    **dict.fromkeys(
        ("half_by_2030", "half_path", "force_used"), lambda found: half(found.made, found.shift, found.when)
    ),
    **dict.fromkeys(
        ("post", "post_candidate", "post_pilot"), lambda found: posts(found.inputs, found.when, found.posting)
    ),
    **dict.fromkeys(
        ("trust", "trust_state", "trust_knowing"),
        lambda found: trust(found.made, found.when, found.shift.trust, stop=found.stop),
    ),
    "bargain": lambda found: (bargain(found.handed, found.exposures, found.when),),
    "notice": lambda found: (notice(found.given, found.exposures, found.when, found.shift),),
    "shift_solve": lambda found: (found_frontier.solves(found.solves(), found.when),),
    "shift_assumption": lambda found: (found_frontier.assumptions(found.given, found.shift, found.when),),
}
