"""Forecasts: joint draws beside the bare generator and a memory copy, and the full back-test."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from article3.evidence.store import SHIPPED, open_evidence
from article3.forecast.backtest import WALES, Data
from article3.forecast.method import Parameters, Target, forecast
from article3.forecast.paths import CHUNK, draw, surprises
from article3.forecast.track import track_record
from benchmarks.results import stamp, table, verdict
from benchmarks.spread import Spread, interleave, ratio

DRAWS, YEARS, ALLIES = 100_000, 15, 32
GENERATOR = "generator alone: normals of the same number, single precision"
COPY = "memory copy of the same number"
OURS = "`forecast.paths.draw`"
BAR_RATIO, BAR_MB = 3.0, 100.0


def section(repeat: int) -> str:
    """Measure and return the section."""
    evidence = open_evidence(folders=(SHIPPED,))
    paths = _paths(Data(evidence))
    jobs: dict[str, Callable[[], float]] = {GENERATOR: _normals, COPY: _copies, OURS: lambda: _timed(paths)}
    samples = interleave(jobs, repeat, "forecast")
    tracemalloc.start()
    paths()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    started = time.perf_counter()
    track_record(evidence, extra=False)
    record = time.perf_counter() - started
    against = ratio(samples[OURS], samples[GENERATOR])
    rows = [
        [
            name,
            Spread.of(samples[name]).text(1000),
            "1" if name == GENERATOR else ratio(samples[name], samples[GENERATOR]).text(),
        ]
        for name in jobs
    ]
    return "\n".join(
        [
            "## Forecast",
            "",
            stamp("article3", "numpy"),
            "",
            table(("what", "ms", "× generator"), rows),
            "",
            (
                f"{repeat} interleaved rounds of {DRAWS:,} draws × {YEARS} years × 31 Allies (the generator draws "
                f"{ALLIES}), in chunks of {CHUNK:,}. Bar {BAR_RATIO:g}× the generator: "
                f"{verdict(against.median, BAR_RATIO)}. "
                f"Largest memory held at a time {peak:.0f} MB, bar {BAR_MB:g}: {verdict(peak, BAR_MB)}. "
                f"The full back-test without the extra baselines took {record:.1f} s, bar 300 s: "
                f"{verdict(record, 300)}."
            ),
        ]
    )


def _paths(data: Data) -> Callable[[], None]:
    targets = (WALES, Target(3.5, 2025, 2035, capped=True))
    panel = data.releases["2026-07"]
    made = forecast(panel, 2026, YEARS, targets, ("USA",))
    past = surprises(panel, 2026, targets, Parameters())

    def run() -> None:
        for _ in draw(made, past, DRAWS, seed=3):
            pass

    return run


def _timed(job: Callable[[], None]) -> float:
    started = time.perf_counter()
    job()
    return time.perf_counter() - started


def _normals() -> float:
    def run() -> None:
        for start in range(0, DRAWS, CHUNK):
            rng = np.random.Generator(np.random.Philox(start))
            rng.standard_normal((min(CHUNK, DRAWS - start), YEARS, ALLIES), dtype=np.float32)

    return _timed(run)


def _copies() -> float:
    block = np.ones((CHUNK, YEARS, ALLIES), dtype=np.float32)

    def run() -> None:
        for _ in range(0, DRAWS, CHUNK):
            block.copy()

    return _timed(run)
