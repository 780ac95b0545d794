"""Programs: building a plan-sized one beside linopy, and solving a small one a thousand times."""

from __future__ import annotations

import functools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import linopy
import numpy as np
import xarray as xr

from article3.program import Program, Session, certify
from benchmarks.processes import BenchmarkError
from benchmarks.results import stamp, table
from benchmarks.spread import Spread, interleave, ratio

ALLIES, ELEMENTS, TASKS, YEARS, LEAD = 31, 30, 5, 11, 2
OURS = "`article3.program`: blocks to a loaded solver"
PEER = "linopy: model to a loaded solver"
RESOLVES = 1000
WARM, COLD, NEW = "warm: rows changed in place", "cold: the same, basis forgotten", "new: program built again"


@dataclass(frozen=True)
class Figures:
    """Random figures of a plan: what is held, wanted, made and paid, with its five axes."""

    held: np.ndarray
    wanted: np.ndarray
    line: np.ndarray
    budget: np.ndarray
    lift: np.ndarray
    price: np.ndarray
    worth: np.ndarray
    load: np.ndarray


def figures(seed: int = 1) -> Figures:
    rng = np.random.default_rng(seed)
    return Figures(
        held=rng.uniform(2, 20, (ALLIES, ELEMENTS)),
        wanted=rng.uniform(50, 900, (ELEMENTS, TASKS, YEARS)),
        line=rng.uniform(3, 12, (ELEMENTS, YEARS)),
        budget=rng.uniform(20, 90, (ALLIES, YEARS)),
        lift=rng.uniform(60, 400, (ALLIES, TASKS, YEARS)),
        price=rng.uniform(0.5, 9, ELEMENTS),
        worth=rng.uniform(0.5, 1.5, (ALLIES, ELEMENTS, TASKS)),
        load=rng.uniform(0.2, 2, (ELEMENTS,)),
    )


def section(repeat: int) -> str:
    """Measure and return the section."""
    given = figures()
    size, objective = _same_objective(given)
    builds: dict[str, Callable[[], float]] = {
        PEER: lambda: _timed(lambda: build_linopy(given).to_highspy()),
        OURS: lambda: _timed(lambda: Session(build(given), "ipx")),
    }
    built = interleave(builds, repeat, "program: build")
    resolves: dict[str, Callable[[], tuple[float, float, float]]] = {COLD: _cold, WARM: _warm, NEW: _new}
    solved = interleave(resolves, repeat, "program: solve again", _same_sums)
    seconds = {name: [sample[0] for sample in samples] for name, samples in solved.items()}
    return "\n".join(
        [
            "## Program",
            "",
            stamp("article3", "highspy", "linopy", "numpy"),
            "",
            table(("building", "ms", "× linopy"), _rows(built, PEER, 1000)),
            "",
            (
                f"{repeat} interleaved rounds; {size}. Both sides hand over the same program: solved once by each, the "
                f"objectives agree to seven digits ({objective:,.1f}), and ours is certified."
            ),
            "",
            table(
                ("solving again", "µs a solve", "× cold", "iterations a solve"),
                [
                    [*row, f"{statistics.median(sample[1] for sample in solved[row[0]]) / RESOLVES:.1f}"]
                    for row in _rows(seconds, COLD, 1e6 / RESOLVES)
                ],
            ),
            "",
            (
                f"{repeat} interleaved rounds of {RESOLVES:,} right-hand sides of one program of 40 rows and 150 "
                "variables, changing the rows and reading the answer included. All three give the same sum of "
                "objectives."
            ),
        ]
    )


def _rows(samples: dict[str, list[float]], peer: str, scale: float) -> list[list[str]]:
    return [
        [name, Spread.of(times).text(scale), "1" if name == peer else ratio(times, samples[peer]).text()]
        for name, times in samples.items()
    ]


def _timed(job: Callable[[], object]) -> float:
    started = time.perf_counter()
    job()
    return time.perf_counter() - started


def _same_objective(given: Figures) -> tuple[str, float]:
    program = build(given)
    solution = Session(program, "ipx").solve()
    if not certify(program, solution).holds:
        raise BenchmarkError(f"the program is not certified: {certify(program, solution).faults}")
    model = build_linopy(given)
    model.solve(solver_name="highs", io_api="direct", output_flag=False, solver="ipx")
    if abs(model.objective.value - solution.objective) > 1e-7 * abs(solution.objective):
        raise BenchmarkError(f"objectives differ: {solution.objective} and {model.objective.value} by linopy")
    height, width = program.shape
    return f"{height:,} rows, {width:,} variables, {solution.arrays.values.size:,} coefficients", solution.objective


def build(given: Figures) -> Program:
    """Return a plan: stocks, orders and their use by task, with shortfall and money to be kept low."""
    program = Program("plan")
    allies, elements, tasks, years = range(ALLIES), range(ELEMENTS), range(TASKS), range(YEARS)
    each = {"ally": allies, "element": elements, "year": years}
    used = program.variables("used", {"ally": allies, "element": elements, "task": tasks, "year": years})
    stock = program.variables("stock", each)
    order = program.variables("order", each, cost=given.price[:, None] / 100)
    short = program.variables("short", {"element": elements, "task": tasks, "year": years}, cost=1.0)

    start = np.zeros((ALLIES, ELEMENTS, YEARS))
    start[:, :, 0] = given.held
    balance = program.rows("balance", each, lower=start, upper=start)
    program.add_terms(balance, stock, 1.0)
    program.add_terms(balance.index[..., 1:], stock.index[..., :-1], -0.97)
    program.add_terms(balance.index[..., LEAD:], order.index[..., :-LEAD], -1.0)
    pool = program.rows("pool", each, upper=0.0)
    program.add_terms(pool.index[:, :, None, :], used, 1.0)
    program.add_terms(pool, stock, -1.0)
    home = program.rows("home", each, lower=0.0)
    program.add_terms(home.index[:, :, None, :], used, given.worth[..., None] * -0.8)
    program.add_terms(home, stock, 1.0)
    need = program.rows("need", {"element": elements, "task": tasks, "year": years}, lower=given.wanted)
    program.add_terms(need, used, given.worth[..., None])
    program.add_terms(need, short, 1.0)
    lift = program.rows("lift", {"ally": allies, "task": tasks, "year": years}, upper=given.lift)
    program.add_terms(lift.index[:, None], used, given.load[:, None, None])
    money = program.rows("money", {"ally": allies, "year": years}, upper=given.budget)
    program.add_terms(money.index[:, None], order, given.price[:, None])
    line = program.rows("line", {"element": elements, "year": years}, upper=given.line)
    program.add_terms(line, order, 1.0)
    return program


def build_linopy(given: Figures) -> linopy.Model:
    """Return the same plan as its peer writes it."""
    sizes = {"ally": ALLIES, "element": ELEMENTS, "task": TASKS, "year": YEARS}
    labels = {axis: np.arange(size) for axis, size in sizes.items()}

    def array(values: np.ndarray, *axes: str) -> xr.DataArray:
        return xr.DataArray(values, dims=axes, coords={axis: labels[axis] for axis in axes})

    model = linopy.Model()

    def variables(name: str, *axes: str) -> Any:
        return model.add_variables(lower=0, coords={axis: labels[axis] for axis in axes}, dims=axes, name=name)

    used = variables("used", "ally", "element", "task", "year")
    stock, order = variables("stock", "ally", "element", "year"), variables("order", "ally", "element", "year")
    short = variables("short", "element", "task", "year")
    worth, load = array(given.worth, "ally", "element", "task"), array(given.load, "element")
    price = array(given.price, "element")

    def shifted(variable: Any, by: int) -> Any:
        return variable.isel(year=slice(None, -by)).assign_coords(year=labels["year"][by:])

    def span(start: int, stop: int | None) -> dict[str, slice]:
        return {"year": slice(start, stop)}

    model.add_constraints(stock.isel(span(0, 1)) == array(given.held, "ally", "element"), name="first")
    middle = stock.isel(span(1, LEAD)) - 0.97 * shifted(stock, 1).isel(span(0, LEAD - 1))
    model.add_constraints(middle == 0, name="before the first delivery")
    later = stock.isel(span(LEAD, None)) - 0.97 * shifted(stock, 1).isel(span(LEAD - 1, None)) - shifted(order, LEAD)
    model.add_constraints(later == 0, name="balance")
    model.add_constraints(used.sum("task") - stock <= 0, name="pool")
    model.add_constraints(stock - (0.8 * worth * used).sum("task") >= 0, name="home")
    model.add_constraints(
        (worth * used).sum("ally") + short >= array(given.wanted, "element", "task", "year"), name="need"
    )
    model.add_constraints((load * used).sum("element") <= array(given.lift, "ally", "task", "year"), name="lift")
    model.add_constraints((price * order).sum("element") <= array(given.budget, "ally", "year"), name="money")
    model.add_constraints(order.sum("ally") <= array(given.line, "element", "year"), name="line")
    model.add_objective((price / 100 * order).sum() + short.sum())
    return model


@functools.cache
def _small() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return matrix, right-hand sides, costs and their shifts: of the size of one posture of the gap."""
    rng = np.random.default_rng(2)
    matrix = rng.uniform(0.2, 2, (40, 150)) * (rng.random((40, 150)) < 0.2)
    matrix[np.arange(40), np.arange(40)] = 1.0
    shifts = rng.lognormal(0, 0.1, (RESOLVES, 40))
    return matrix, rng.uniform(5, 15, 40), rng.uniform(1, 3, 150), shifts


def _small_program(lower: np.ndarray) -> tuple[Program, Any]:
    matrix, _, cost, _ = _small()
    program = Program("small")
    used = program.variables("used", {"source": range(cost.size)}, cost=cost)
    need = program.rows("need", {"need": range(lower.size)}, lower=lower)
    rows, columns = np.nonzero(matrix)
    program.add_terms(need.index[rows], used.index[columns], matrix[rows, columns])
    return program, need


def _again(*, forget: bool) -> tuple[float, float, float]:
    _, base, _, shifts = _small()
    program, need = _small_program(base)
    session = Session(program)
    session.solve()
    iterations, total, started = 0, 0.0, time.perf_counter()
    for shift in shifts:
        if forget:
            session.forget_basis()
        session.set_row_bounds(need, lower=base * shift)
        solution = session.solve()
        iterations, total = iterations + solution.iterations, total + solution.objective
    return time.perf_counter() - started, iterations, total


def _warm() -> tuple[float, float, float]:
    return _again(forget=False)


def _cold() -> tuple[float, float, float]:
    return _again(forget=True)


def _new() -> tuple[float, float, float]:
    _, base, _, shifts = _small()
    iterations, total, started = 0, 0.0, time.perf_counter()
    for shift in shifts:
        solution = Session(_small_program(base * shift)[0]).solve()
        iterations, total = iterations + solution.iterations, total + solution.objective
    return time.perf_counter() - started, iterations, total


def _same_sums(found: Any) -> None:
    sums = [sample[2] for sample in found.values()]
    if max(sums) - min(sums) > 1e-9 * max(sums):
        raise BenchmarkError(f"sums of objectives differ: {sums}")
