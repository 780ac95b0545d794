"""Measure each scale in turn and tell it in tables."""

from __future__ import annotations

import csv
import json
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.processes import BenchmarkError, ask, environment, workplace
from benchmarks.results import stamp, table
from benchmarks.spread import Spread, interleave, ratio

SHIPPED = Path(__file__).resolve().parents[2] / "src" / "article3" / "evidence" / "data"
EVIDENCE = "evidence"
HEADER = ("evidence", "article3", "pandas", "article3 / pandas", "peak MB: article3", "peak MB: pandas")


class Job(NamedTuple):
    """An operation of one side; ``fresh`` gives it an empty cache."""

    side: str
    operation: str
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds of the first time, of the next ones, and from process start; peak memory; the answer's digest."""

    first: float
    again: float
    ready: float
    peak_mb: float
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """One comparison: what is timed on both sides, and which of the seconds count."""

    title: str
    ours: Job
    peer: Job
    seconds: str


FIRST_OPEN = Job("ours", "open", fresh=True)
OPEN, NEWEST, LOOKUP = Job("ours", "open"), Job("ours", "newest"), Job("ours", "lookup")
READ_C, READ_ARROW = Job("peer", "read_csv"), Job("peer", "read_csv_pyarrow")
READ, PEER_NEWEST, PEER_LOOKUP = Job("peer", "open"), Job("peer", "newest"), Job("peer", "lookup")

QUESTIONS = (
    Question(
        "First open: CSV to table (article3 also writes its Parquet copy); `pandas.read_csv`",
        FIRST_OPEN,
        READ_C,
        "first",
    ),
    Question('First open beside `pandas.read_csv(engine="pyarrow")`', FIRST_OPEN, READ_ARROW, "first"),
    Question("Warm open in a new process, after imports; `pandas.read_parquet` of the same copy", OPEN, READ, "first"),
    Question("Warm open, from process start with imports", OPEN, READ, "ready"),
    Question(
        "Newest value per Ally and year as known on 2024-06-30, first time for that day", NEWEST, PEER_NEWEST, "first"
    ),
    Question("The same day asked again", NEWEST, PEER_NEWEST, "again"),
    Question("One address, in opened evidence, asked again", LOOKUP, PEER_LOOKUP, "again"),
)
AGREE = ((FIRST_OPEN, READ_C, READ_ARROW, OPEN, READ), (NEWEST, PEER_NEWEST), (LOOKUP, PEER_LOOKUP))


def section(repeat: int, scales: Sequence[int]) -> str:
    """Measure and return the section."""
    measured: dict[int, Mapping[Job, list[Sample]]] = {}
    skipped: list[str] = []
    for scale in scales:
        with workplace() as folder:
            if reason := too_little_space(folder, scale):
                print(reason, file=sys.stderr)
                skipped.append(reason)
            else:
                measured[scale] = measure(folder, scale, repeat)
    return "\n".join(_lines(measured, skipped, repeat))


def too_little_space(folder: Path, scale: int) -> str:
    """Return why a scale is skipped; empty where the disk has room."""
    need = 1.5 * scale * sum(path.stat().st_size for path in SHIPPED.rglob("*.csv"))
    free = shutil.disk_usage(folder).free
    if free > need:
        return ""
    return f"{scale}× skipped: it needs {need / 1e9:.1f} GB of temporary space, {free / 1e9:.1f} GB are free."


def measure(folder: Path, scale: int, repeat: int) -> Mapping[Job, list[Sample]]:
    """Write the evidence, check that both sides agree on it, and time them in turn."""
    print(f"growth: writing {scale}× the shipped evidence", file=sys.stderr, flush=True)
    ask(["-m", "benchmarks.growth.data", str(folder / EVIDENCE), str(scale)], environment(folder))
    _child(OPEN, folder, "cache")  # writes the Parquet copy
    jobs: dict[Job, Callable[[], Sample]] = {
        job: partial(_sample, job, folder) for question in QUESTIONS for job in (question.ours, question.peer)
    }
    return interleave(jobs, repeat, f"growth {scale}×", _check)


def _sample(job: Job, folder: Path) -> Sample:
    if not job.fresh:
        return _child(job, folder, "cache")
    sample = _child(job, folder, "fresh")
    shutil.rmtree(folder / "fresh")
    return sample


def _child(job: Job, folder: Path, cache: str) -> Sample:
    began = str(time.monotonic())  # one clock for all processes of the machine
    arguments = ["-m", "benchmarks.growth.child", job.side, job.operation, str(folder / EVIDENCE), began]
    return Sample(**json.loads(ask(arguments, environment(folder, cache))))


def _check(warm: Mapping[Job, Sample]) -> None:
    for jobs in AGREE:
        if len({warm[job].answer for job in jobs}) > 1:
            raise BenchmarkError(f"article3 and pandas give different answers: {jobs[0].operation}.")


def _lines(measured: Mapping[int, Mapping[Job, list[Sample]]], skipped: list[str], repeat: int) -> list[str]:
    lines = ["## Growth", "", stamp("article3", "polars", "pandas", "pyarrow"), ""]
    lines += [
        (
            f"{repeat} interleaved rounds, each measurement in a process of its own, files in the page cache. Both "
            "sides gave equal answers before anything was timed. polars and pyarrow use all CPUs, the rest of pandas "
            "one. Peak memory is the resident set of the process, with its imports and loaded tables."
        ),
        "",
        (
            f"The shipped evidence (1×) has {_figures():,} figures; N× adds copies of all vintages "
            "under earlier names, each a CSV file."
        ),
        *(f"\n{reason}" for reason in skipped),
    ]
    for question in QUESTIONS:
        rows = [_row(scale, question, samples) for scale, samples in measured.items()]
        lines += ["", f"**{question.title}** (ms)", "", table(HEADER, rows)]
    if len(measured) > 1:
        lines += ["", "**How the medians grow** with the evidence", "", _growth(measured)]
    return lines


def _row(scale: int, question: Question, samples: Mapping[Job, list[Sample]]) -> list[str]:
    ours, peer = (_seconds(samples[job], question) for job in (question.ours, question.peer))
    peaks = [Spread.of([s.peak_mb for s in samples[job]]).median for job in (question.ours, question.peer)]
    return [
        f"{scale}×",
        Spread.of(ours).text(1e3),
        Spread.of(peer).text(1e3),
        ratio(ours, peer).text(),
        *(f"{peak:,.0f}" for peak in peaks),
    ]


def _seconds(samples: Sequence[Sample], question: Question) -> list[float]:
    return [getattr(sample, question.seconds) for sample in samples]


def _growth(measured: Mapping[int, Mapping[Job, list[Sample]]]) -> str:
    base, *others = measured
    header = ("question", *(f"{side} {scale}× / {base}×" for scale in others for side in ("article3", "pandas")))
    rows = []
    for question in QUESTIONS:
        medians = {
            (scale, job): Spread.of(_seconds(samples[job], question)).median
            for scale, samples in measured.items()
            for job in (question.ours, question.peer)
        }
        grown = [medians[scale, job] / medians[base, job] for scale in others for job in (question.ours, question.peer)]
        rows.append([question.title, *(f"{number:.1f}" for number in grown)])
    return table(header, rows)


def _figures() -> int:
    total = 0
    for path in (path for dataset in ("nato", "weo") for path in (SHIPPED / dataset).glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            total += sum(1 for _ in csv.reader(file)) - 1
    return total
