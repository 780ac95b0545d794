"""The main job, ``article3 run baseline``: wall clock and peak memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.processes import ARTICLE3, PYTHON, Cost, environment, launch, workplace
from benchmarks.results import stamp, table, verdict
from benchmarks.spread import Spread, interleave, ratio

PEER = "`import polars`"
COLD = "`article3 run baseline`, empty cache"
WARM = "`article3 run baseline`, warm cache"
BAR_SECONDS = 20.0
BAR_MB = 500.0
HEADER = ("process", "wall s", "× polars", "CPU s", "peak MB", "bar 20 s", "bar 500 MB")


def section(repeat: int) -> str:
    """Measure and return the section."""
    with workplace() as folder:
        samples = interleave(jobs(folder), repeat, "run")
    return "\n".join(
        [
            "## Run",
            "",
            stamp("article3", "polars", "altair", "vl-convert-python", "xlsxwriter"),
            "",
            table(HEADER, [_row(name, samples) for name in samples]),
            "",
            (
                f"{repeat} interleaved rounds; each run writes a new folder with report, workbook and tables, without "
                "workers (the default). Peak memory is the largest resident set. An empty cache is what a fresh clone "
                "has; byte code is warm. The bar for memory is judged on the largest value seen."
            ),
        ]
    )


def jobs(folder: Path) -> dict[str, Callable[[], Cost]]:
    """Return what is run in turn."""
    numbers = itertools.count()

    def baseline(*, warm: bool) -> Cost:
        number = next(numbers)
        out = folder / f"run-{number}"
        env = environment(folder, "warm" if warm else f"cache-{number}")
        return launch((ARTICLE3, "run", "baseline", "--out", str(out)), env)

    return {
        PEER: partial(launch, (PYTHON, "-c", "import polars"), environment(folder)),
        COLD: partial(baseline, warm=False),
        WARM: partial(baseline, warm=True),
    }


def _row(name: str, samples: dict[str, list[Cost]]) -> list[str]:
    wall, cpu, peak = ([getattr(cost, field) for cost in samples[name]] for field in ("wall", "cpu", "peak_mb"))
    cells = [Spread.of(cpu).text(), Spread.of(peak).text()]
    if name == PEER:
        return [name, Spread.of(wall).text(), "", *cells, "", ""]
    return [
        name,
        Spread.of(wall).text(),
        ratio(wall, [cost.wall for cost in samples[PEER]]).text(),
        *cells,
        verdict(Spread.of(wall).median, BAR_SECONDS),
        verdict(max(peak), BAR_MB),
    ]
