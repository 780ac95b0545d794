"""Medians with their quartiles, and rounds that take turns so that noise falls on both sides alike."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Job = TypeVar("Job")
Sample = TypeVar("Sample")


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles of some samples."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Spread:
        """Return the spread of at least two samples."""
        low, median, high = statistics.quantiles(samples, n=4, method="inclusive")
        return cls(median, low, high)

    def text(self, scale: float = 1.0, unit: str = "") -> str:
        """Return ``median unit (quartile–quartile)`` in three significant digits."""
        middle, low, high = (_digits(number * scale) for number in (self.median, self.low, self.high))
        return f"{middle}{unit} ({low}–{high})"


def _digits(number: float) -> str:
    size = abs(number)
    return f"{number:,.0f}" if size >= 100 else f"{number:.1f}" if size >= 10 else f"{number:.2f}"


def ratio(ours: Sequence[float], peer: Sequence[float]) -> Spread:
    """Return the spread of the ratios within the rounds: a slow moment of the machine slows both sides of one."""
    return Spread.of([mine / other for mine, other in zip(ours, peer, strict=True)])


def interleave(
    jobs: Mapping[Job, Callable[[], Sample]],
    repeat: int,
    label: str,
    check: Callable[[Mapping[Job, Sample]], None] | None = None,
) -> dict[Job, list[Sample]]:
    """Do every job once to warm up and check what it gives, then ``repeat`` rounds of all jobs in turn (A/B/A/B)."""
    warm = {name: job() for name, job in jobs.items()}
    if check:
        check(warm)
    samples: dict[Job, list[Sample]] = {name: [] for name in jobs}
    for number in range(repeat):
        print(f"{label}: round {number + 1} of {repeat}", file=sys.stderr, flush=True)
        for name, job in jobs.items():
            samples[name].append(job())
    return samples
