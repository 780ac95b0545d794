"""A session: one program in one instance of HiGHS, changed in place and solved again from where it stood.

Only this module speaks to highspy. What it guards against is listed in ``docs/methods/program.md``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, get_args

import highspy
import numpy as np
from highspy import HighsModelStatus as Ended
from highspy import HighsStatus
from numpy.typing import ArrayLike

from article3.program.assembly import Arrays, Index, Program, coordinates, frozen, unusable
from article3.program.blocks import Floats, Integers, Rows, Variables, check_bounds, check_costs
from article3.program.errors import ProgramError, SolveError
from article3.program.solution import Point, Prices, Solution, Status

Method = Literal["simplex", "ipx", "choose"]

SEED = 0
GAP = 1e-4
EFFORT = 0.05  # HiGHS' own default
POLL = 0.05  # seconds between two calls of `stop`
BY_ROW = 2  # HiGHS' number for a matrix given by rows

STATUSES = {
    Ended.kOptimal: Status.OPTIMAL,
    Ended.kInfeasible: Status.INFEASIBLE,
    Ended.kUnbounded: Status.UNBOUNDED,
    Ended.kUnboundedOrInfeasible: Status.INFEASIBLE_OR_UNBOUNDED,
    Ended.kTimeLimit: Status.TIME_LIMIT,
    Ended.kInterrupt: Status.INTERRUPTED,
    Ended.kNotset: Status.ERROR,
    Ended.kLoadError: Status.ERROR,
    Ended.kModelError: Status.ERROR,
    Ended.kPresolveError: Status.ERROR,
    Ended.kSolveError: Status.ERROR,
    Ended.kPostsolveError: Status.ERROR,
}  # any other: unknown
STOPPED = {Status.TIME_LIMIT, Status.INTERRUPTED}
INTERRUPTS = (
    highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt,
    highspy.cb.HighsCallbackType.kCallbackIpmInterrupt,
    highspy.cb.HighsCallbackType.kCallbackMipInterrupt,
)


class _Process:
    """What holds for the whole process: HiGHS fixes its number of threads at the first solve."""

    lock = threading.Lock()
    threads: int | None = None

    @classmethod
    def claim(cls, threads: int) -> None:
        """Fix the number of threads, or refuse another than the one fixed."""
        with cls.lock:
            if cls.threads is None:
                cls.threads = threads
            elif cls.threads != threads:
                raise SolveError(
                    f"The solver runs with {cls.threads} thread(s) in this process and cannot change to {threads}: "
                    f"start another process for that."
                )


class Session:
    """A program handed to the solver.

    Parameters
    ----------
    program
        Assembled if it is not yet; what is added to it later does not reach the session.
    method
        For linear programs: ``"simplex"``, ``"ipx"`` (interior point with crossover) or ``"choose"``.
    threads
        The same for all sessions of a process.
    gap
        Relative gap at which a mixed-integer solve may stop.
    effort
        Part of a mixed-integer solve, from 0 to 1, that goes into looking for better points rather than better bounds.

    Raises
    ------
    SolveError
        Method or threads cannot be used, or the solver refuses the program.
    """

    def __init__(
        self,
        program: Program,
        method: Method = "simplex",
        *,
        threads: int = 1,
        gap: float = GAP,
        effort: float = EFFORT,
    ) -> None:
        if threads < 1:
            raise SolveError(f"A session needs at least one thread, not {threads}.")
        if not gap >= 0:
            raise SolveError(f"A gap is zero or more, not {gap}.")
        if not 0 <= effort <= 1:
            raise SolveError(f"Effort lies between 0 and 1, not at {effort}.")
        self._arrays = program.assemble()
        _Process.claim(threads)
        self._gap = gap
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self._option("output_flag", value=False)
        self._option("threads", threads)
        self._option("random_seed", SEED)
        self._option("parallel", "off")
        self._option("mip_rel_gap", gap)
        self._option("mip_heuristic_effort", effort)
        self._method(method)
        self._pass()

    @property
    def arrays(self) -> Arrays:
        """The program as it stands, with all changes."""
        return self._arrays

    def solve(
        self,
        time_limit: float | None = None,
        stop: Callable[[], bool] | None = None,
        method: Method | None = None,
    ) -> Solution:
        """Solve from the last basis, or from nothing at first.

        Parameters
        ----------
        time_limit
            Seconds for this solve.
        stop
            Asked now and then; when it returns true the solve ends as interrupted. What it raises is raised here.
        method
            For this and later solves of a linear program: simplex goes on from the basis that interior point left.

        Raises
        ------
        SolveError
            The time limit is not above zero, or there is no such method.
        """
        if method is not None:
            self._method(method)
        if time_limit is not None and not time_limit > 0:
            raise SolveError(f"A time limit is above zero seconds, not {time_limit}.")
        # HiGHS counts from the first solve of an instance, not from the latest.
        limit = np.inf if time_limit is None else self._highs.getRunTime() + time_limit
        self._option("time_limit", limit)
        began = time.perf_counter()
        returned = self._highs.run() if stop is None else self._watched(stop)
        return self._solution(returned, time.perf_counter() - began)

    def set_bounds(self, which: Index, lower: ArrayLike | None = None, upper: ArrayLike | None = None) -> None:
        """Change bounds of variables; None leaves a side as it is.

        Parameters
        ----------
        which
            A block, or one axis of numbers taken from ``block.index``.
        lower, upper
            Numbers, or arrays that broadcast over the block or the numbers.

        Raises
        ------
        ProgramError
            The variables are not of this program, or shape or bounds cannot be used.
        """
        old = self._arrays
        numbers, low, high = self._bounds(which, Variables, (old.lower, old.upper), (lower, upper))
        self._done(self._highs.changeColsBounds(numbers.size, numbers, low, high))
        self._arrays = replace(old, lower=_set(old.lower, numbers, low), upper=_set(old.upper, numbers, high))

    def set_row_bounds(self, which: Index, lower: ArrayLike | None = None, upper: ArrayLike | None = None) -> None:
        """Change bounds of rows; None leaves a side as it is.

        Parameters
        ----------
        which, lower, upper
            As for :meth:`set_bounds`.

        Raises
        ------
        ProgramError
            The rows are not of this program, or shape or bounds cannot be used.
        """
        old = self._arrays
        numbers, low, high = self._bounds(which, Rows, (old.row_lower, old.row_upper), (lower, upper))
        # Bound in C++ and missing from highspy's type stubs.
        self._done(self._highs.changeRowsBounds(numbers.size, numbers, low, high))  # type: ignore[attr-defined]
        self._arrays = replace(
            old, row_lower=_set(old.row_lower, numbers, low), row_upper=_set(old.row_upper, numbers, high)
        )

    def set_costs(self, which: Index, cost: ArrayLike) -> None:
        """Change objective coefficients of variables.

        Parameters
        ----------
        which, cost
            As for :meth:`set_bounds`.

        Raises
        ------
        ProgramError
            The variables are not of this program, or shape or costs cannot be used.
        """
        block, numbers = self._arrays.chosen(which, Variables)
        costs = block.spread("cost", cost)
        check_costs(block, costs)
        self._done(self._highs.changeColsCost(numbers.size, numbers, costs))
        self._arrays = replace(self._arrays, cost=_set(self._arrays.cost, numbers, costs))

    def set_coefficients(self, rows: Index, columns: Index, values: ArrayLike) -> None:
        """Replace coefficients, broadcast as in :meth:`Program.add_terms`, but set and not added.

        Raises
        ------
        ProgramError
            Shapes or numbers cannot be used, or a place is named twice.
        """
        arrays = self._arrays
        shape = arrays.row_lower.size, arrays.lower.size
        row, column, value = coordinates(rows, columns, values, shape, arrays.name)
        if unusable(value).any():
            raise ProgramError(f"Program '{arrays.name}': a coefficient is too small, too large or not a number.")
        if np.unique(row * shape[1] + column).size < row.size:
            raise ProgramError(f"Program '{arrays.name}': a coefficient is set twice in one call.")
        change = self._highs.changeCoeff  # HiGHS has no call for many; 1 microsecond each
        for at_row, at_column, new in zip(row.tolist(), column.tolist(), value.tolist(), strict=True):
            self._done(change(at_row, at_column, new))
        self._arrays = arrays.with_coefficients(row, column, value)

    def forget_basis(self) -> None:
        """Make the next solve a cold one."""
        self._done(self._highs.clearSolver())

    def start_from(self, values: ArrayLike) -> None:
        """Hand the next solve a point to start from; the solver keeps it if it is feasible, and says nothing if not.

        Parameters
        ----------
        values
            One number for each variable, moved into its bounds; what is no number is left for the solver to find.

        Raises
        ------
        ProgramError
            There are more or fewer values than variables.
        SolveError
            The program has no whole variables (a linear one starts from its last basis), or the solver refuses.
        """
        given = np.asarray(values, dtype=np.float64)
        name, size = self._arrays.name, self._arrays.lower.size
        if given.shape != (size,):
            raise ProgramError(f"Program '{name}' has {size} variables; a start of shape {given.shape} is none of it.")
        if not self._arrays.whole:
            raise SolveError(f"Program '{name}' is linear and starts from its last basis, not from a point.")
        known = np.nonzero(np.isfinite(given))[0].astype(np.int32)
        inside = np.clip(given, self._arrays.lower, self._arrays.upper)[known]
        self._done(self._highs.setSolution(known.size, known, inside))

    def _pass(self) -> None:
        arrays = self._arrays
        sense = 1 if arrays.sense == "min" else -1
        returned = self._highs.passModel(
            arrays.lower.size, arrays.row_lower.size, arrays.values.size, BY_ROW, sense, arrays.constant,
            arrays.cost, arrays.lower, arrays.upper, arrays.row_lower, arrays.row_upper,
            arrays.starts, arrays.indices, arrays.values, arrays.integer.astype(np.int32),
        )  # fmt: skip
        # A warning means that the solver changed what it was given.
        if returned != HighsStatus.kOk:
            raise SolveError(f"The solver refuses program '{arrays.name}'.")

    def _method(self, method: Method) -> None:
        if method not in get_args(Method):
            raise SolveError(f"There is no method '{method}'; expected {', '.join(get_args(Method))}.")
        self._option("solver", "choose" if self._arrays.whole else method)

    def _option(self, name: str, value: float | str) -> None:
        if self._highs.setOptionValue(name, value) != HighsStatus.kOk:
            raise SolveError(f"The solver refuses its option {name} = {value}.")

    def _done(self, returned: HighsStatus) -> None:
        if returned == HighsStatus.kError:
            raise SolveError(f"The solver refuses a change of program '{self._arrays.name}'.")

    def _watched(self, stop: Callable[[], bool]) -> HighsStatus:
        watch = _Watch(stop)
        self._highs.setCallback(watch, None)
        for kind in INTERRUPTS:  # forgotten whenever the callback is set
            self._highs.startCallback(kind)
        returned = self._highs.run()
        self._highs.setCallback(None, None)
        if watch.raised is not None:
            raise watch.raised
        return returned

    def _bounds(
        self,
        which: Index,
        kind: type[Rows | Variables],
        old: tuple[Floats, Floats],
        new: tuple[ArrayLike | None, ArrayLike | None],
    ) -> tuple[Integers, Floats, Floats]:
        block, numbers = self._arrays.chosen(which, kind)
        low, high = (
            before[numbers] if given is None else block.spread(side, given)
            for side, before, given in zip(("lower", "upper"), old, new, strict=True)
        )
        check_bounds(block, low, high)
        return numbers, low, high

    def _solution(self, returned: HighsStatus, seconds: float) -> Solution:
        info = self._highs.getInfo()
        status = STATUSES.get(self._highs.getModelStatus(), Status.UNKNOWN)
        note = ""
        if returned == HighsStatus.kError:
            status = Status.ERROR
            note = "HiGHS says no more; perhaps another library of this process runs it with other threads"
        values = self._highs.getSolution()
        feasible = values.value_valid and info.primal_solution_status == highspy.kSolutionStatusFeasible
        if status is Status.OPTIMAL and not feasible:
            status = Status.UNKNOWN
        point = prices = None
        if status is Status.OPTIMAL or (status in STOPPED and feasible):
            point = Point(_read(values.col_value), _read(values.row_value), float(info.objective_function_value))
        if status is Status.OPTIMAL and values.dual_valid and not self._arrays.whole:
            prices = Prices(_read(values.row_dual), _read(values.col_dual))
        counts = (info.simplex_iteration_count, info.ipm_iteration_count, info.crossover_iteration_count)
        return Solution(
            arrays=self._arrays,
            status=status,
            bound=self._bound(status, point, info.mip_dual_bound),
            gap_allowed=self._gap if self._arrays.whole else 0.0,
            iterations=sum(max(0, count) for count in counts),  # -1 where a method took no part
            nodes=max(0, info.mip_node_count),
            seconds=seconds,
            solver=f"HiGHS {self._highs.version()}",
            note=note,
            point=point,
            prices=prices,
        )

    def _bound(self, status: Status, point: Point | None, claimed: float) -> float:
        if self._arrays.whole and point is not None:
            return float(claimed)
        if status is Status.OPTIMAL and point is not None:
            return point.objective
        return -np.inf if self._arrays.sense == "min" else np.inf


class _Watch:
    """Asks `stop` from within the solver, where nothing may be raised: HiGHS does not survive it."""

    def __init__(self, stop: Callable[[], bool]) -> None:
        self.stop = stop
        self.raised: BaseException | None = None
        self.next = 0.0
        self.over = False

    def __call__(
        self, _kind: object, _text: str, _told: object, answer: highspy.cb.HighsCallbackInput, _: object
    ) -> None:
        try:
            now = time.perf_counter()
            if not self.over and now >= self.next:
                self.next = now + POLL
                self.over = self.stop()
        except BaseException as error:  # raised again after the solve
            self.raised, self.over = error, True
        if self.over:
            answer.user_interrupt = True


def _read(values: list[float]) -> Floats:
    return frozen(np.asarray(values, dtype=np.float64) + 0.0)  # no negative zeros


def _set(old: Floats, numbers: Integers, new: Floats) -> Floats:
    """Return a copy with some values new: solutions hold on to the old."""
    made = old.copy()
    made[numbers] = new
    return frozen(made)
