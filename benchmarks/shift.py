"""The shift under a fixed plan: schedule, gates and dates; the frontier warm beside cold; all shipped drawdowns."""

from __future__ import annotations

import pickle
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from article3.plan.make import Made, ask, make
from article3.scenario.resolve import resolve
from article3.scenario.shift_schema import Drawdown, Shift
from article3.shift.alone import alone, gates
from article3.shift.exposure import Exposer, path_of
from article3.shift.fastest import Fastest
from article3.shift.field import field
from article3.shift.frontier import Frontier, Point
from article3.shift.handed import Handed, hand_over
from article3.shift.rule import floors
from benchmarks.processes import BenchmarkError, environment, workplace
from benchmarks.processes import ask as ask_python
from benchmarks.results import stamp, table, verdict
from benchmarks.spread import Spread, ratio

SCENARIO = "baseline"
BAR_SECONDS, BAR_FRONTIER = 5.0, 1 / 4
POINTS = 200
EQUAL = 1e-6
"""Relative difference of an objective, warm and cold, that is none."""
T = TypeVar("T")


def section(repeat: int) -> str:
    """Measure and return the section."""
    inputs = resolve(SCENARIO)
    made = make(ask(inputs))
    settings = inputs.scenario.shift
    parts = _parts(made, settings, repeat)
    handed = hand_over(made, settings)
    whole = statistics.median(parts["all of it"])
    frontier = _frontier(handed, settings, repeat)
    judged = _judged(handed, settings, inputs.drawdowns, repeat)
    half = _half(made, settings, repeat)
    rows = [[name, Spread.of(times).text(1000)] for name, times in {**parts, **judged, **half}.items()]
    rows_, columns = Fastest(handed.field, handed.kept, settings).model.program.shape
    memory = _memory(made)
    return "\n".join(
        [
            "## Shift",
            "",
            stamp("article3", "highspy", "numpy"),
            "",
            table((f"`{SCENARIO}`, plan given", "ms"), rows),
            "",
            (
                f"{repeat} rounds; {len(handed.days)} days, {len(handed.schedule.elements)} elements offered, "
                f"{len(handed.field.form.cells)} contingencies and windows; the joint program has {rows_:,} rows and "
                f"{columns:,} variables. The shift with a fixed plan, bar {BAR_SECONDS:g} s: "
                f"{verdict(whole, BAR_SECONDS)}. Peak memory of a process that reads a plan made before, hands over, "
                f"judges all drawdowns and solves the frontier {memory:.0f} MB."
            ),
            "",
            frontier,
        ]
    )


def _timed(job: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    done = job()
    return done, time.perf_counter() - started


def _parts(made: Made, settings: Shift, repeat: int) -> dict[str, list[float]]:
    names = ("what arrives", "what today keeps", "joint schedule", "each element alone", "what gates each step")
    found: dict[str, list[float]] = {name: [] for name in (*names, "all of it")}
    for _ in range(repeat):
        given, first = _timed(lambda: field(made, settings))
        kept, second = _timed(lambda: floors(given, settings.margin))  # noqa: B023 - called at once
        schedule, third = _timed(lambda: Fastest(given, kept, settings).solve())  # noqa: B023
        if schedule.certificate is None or not schedule.certificate.holds:
            raise BenchmarkError(f"the joint schedule is not certified: {schedule.certificate}")
        _, fourth = _timed(lambda: alone(given, kept, schedule, settings))  # noqa: B023
        _, fifth = _timed(lambda: gates(given, kept, schedule, settings))  # noqa: B023
        for name, seconds in zip(names, (first, second, third, fourth, fifth), strict=True):
            found[name].append(seconds)
        found["all of it"].append(_timed(lambda: hand_over(made, settings))[1])
    return found


def _judged(handed: Handed, settings: Shift, drawdowns: tuple[Drawdown, ...], repeat: int) -> dict[str, list[float]]:
    """Return times of judging all shipped drawdowns that start on the scenario's own day, models built anew."""
    mine = [item for item in drawdowns if not item.today]
    paths = [path_of(item, handed.made.asked.inputs.planning, handed.field.axes) for item in mine]
    found: list[float] = []
    for _ in range(repeat):
        started = time.perf_counter()
        judge = Exposer(handed.field, handed.kept, settings, handed.schedule.excused_by_year())
        for path in paths:
            judge.judge(path)
        found.append(time.perf_counter() - started)
    return {f"exposure of {len(paths)} shipped drawdowns, day by day": found}


def _half(made: Made, settings: Shift, repeat: int) -> dict[str, list[float]]:
    from article3.shift.half import half

    found = [_timed(lambda: half(made, settings, "2026-07-31"))[1] for _ in range(repeat)]
    return {f"half by 2030 with odds over {settings.draws} draws": found}


def _frontier(handed: Handed, settings: Shift, repeat: int) -> str:
    """Return what the points of the frontier take: warm, cold, and cold with a program built for each."""
    warm, cold, built = [], [], []
    iterations = {"warm": 0, "cold": 0}
    model = Frontier(handed.field, handed.kept, settings)
    worst = 0.0
    for number in range(repeat):
        fresh, building = _timed(lambda: Frontier(handed.field, handed.kept, settings))
        points, seconds = _timed(fresh.grid)
        warm.append(seconds)
        built.append(building)
        alone_, seconds = _timed(lambda: model.grid(cold=True))
        cold.append(seconds)
        if number == 0:
            iterations = {
                name: sum(p.iterations for p in found) for name, found in (("warm", points), ("cold", alone_))
            }
            worst = max(_differ(model, one, other) for one, other in zip(points, alone_, strict=True))
        if len(points) != POINTS:
            raise BenchmarkError(f"the frontier has {len(points)} points")
    if worst > EQUAL:
        raise BenchmarkError(f"warm and cold differ by {worst:.1e} in the objective of a point")
    solved, with_building = statistics.median(warm), statistics.median(cold) + POINTS * statistics.median(built)
    share = solved / statistics.median(cold)
    rows = [
        ["warm: from the basis of the neighbour", Spread.of(warm).text(), f"{iterations['warm']:,}", "", ""],
        [
            "cold: every point from nothing, program built once",
            Spread.of(cold).text(), f"{iterations['cold']:,}", ratio(warm, cold).text(), verdict(share, BAR_FRONTIER),
        ],
        [
            "cold, with a program built for every point",
            f"{with_building:.1f}", f"{iterations['cold']:,}", f"{solved / with_building:.3f}",
            verdict(solved / with_building, BAR_FRONTIER),
        ],
    ]  # fmt: skip
    return "\n".join(
        [
            table((f"frontier, {POINTS} points", "s", "iterations", "warm / this", f"bar {BAR_FRONTIER:g}"), rows),
            "",
            (
                f"{repeat} rounds in turn. Iterations, warm over cold: "
                f"{iterations['warm'] / iterations['cold']:.3f}. Largest relative difference of an objective between "
                f"warm and cold: {worst:.1e}. Building one program takes {1000 * statistics.median(built):.0f} ms; the "
                f"last line counts {POINTS} of them."
            ),
        ]
    )


def _differ(model: Frontier, one: Point, other: Point) -> float:
    """Return the relative difference of two points in what the program lowers: people left by years."""
    worth = model.fastest.weights[None, :] * model.fastest.calendar.years[:, None]
    first, second = float((one.left * worth).sum()), float((other.left * worth).sum())
    return abs(first - second) / max(abs(second), 1.0)


def _memory(made: Made) -> float:
    """Return the peak memory in MB of a process that shifts under a plan made before."""
    with workplace() as folder:
        place = folder / "made.pkl"
        place.write_bytes(pickle.dumps(made))
        code = f"from benchmarks.shift import shifted; shifted({str(place)!r})"
        return float(ask_python(["-c", code], environment(folder)))


def shifted(place: str) -> None:
    """Shift under a plan that was made before and print the peak memory of this process in MB."""
    made: Made = pickle.loads(Path(place).read_bytes())
    settings = made.asked.inputs.scenario.shift
    handed = hand_over(made, settings)
    judge = Exposer(handed.field, handed.kept, settings, handed.schedule.excused_by_year())
    for item in made.asked.inputs.drawdowns:
        if not item.today:
            judge.judge(path_of(item, made.asked.inputs.planning, handed.field.axes))
    points = Frontier(handed.field, handed.kept, settings).grid()
    if not np.isfinite([point.short for point in points]).all():
        raise BenchmarkError("a point of the frontier has no value")
    # The kernel's own high-water mark: ru_maxrss would count what the process was forked from.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    print(next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM")))
