"""How long it takes until something happens: imports and short commands beside ``import polars``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.processes import ARTICLE3, PYTHON, Cost, environment, launch, workplace
from benchmarks.results import stamp, table, verdict
from benchmarks.spread import Spread, interleave, ratio

BARE = "bare interpreter"
PEER = "`import polars`"
COMMANDS: dict[str, Sequence[str]] = {
    BARE: (PYTHON, "-c", ""),
    PEER: (PYTHON, "-c", "import polars"),
    "`import article3`": (PYTHON, "-c", "import article3"),
    "`article3.open_evidence` (first use)": (PYTHON, "-c", "import article3; article3.open_evidence"),
    "`article3 --help`": (ARTICLE3, "--help"),
    "`article3 pledge --json`": (ARTICLE3, "pledge", "--json"),
    "`article3 explain ADDRESS`": (ARTICLE3, "explain", "nato/2024-06-17/defence_pct_gdp#POL/2024"),
}
BARS = {"`import article3`": 1.3, "`article3 pledge --json`": 3.0}
HEADER = ("process", "wall ms", "× polars", "× polars, net", "CPU ms", "CPU × polars", "bar", "")


def section(repeat: int) -> str:
    """Measure and return the section."""
    with workplace() as folder:
        samples = measure(repeat, folder)
    rows = [_row(name, samples) for name in COMMANDS]
    return "\n".join(
        [
            "## Start",
            "",
            stamp("article3", "polars", "pydantic", "typer", "rich"),
            "",
            table(HEADER, rows),
            "",
            (
                f"{repeat} interleaved rounds, each process new; byte code and evidence cache warm, no evidence of the "
                "user's own. Wall clock from start to exit of the whole process. *Net* subtracts the bare interpreter "
                "of the same round from both sides. `import article3` loads names on first use; the row below it uses "
                "one. ADDRESS is `nato/2024-06-17/defence_pct_gdp#POL/2024`."
            ),
        ]
    )


def measure(repeat: int, folder: Path) -> dict[str, list[Cost]]:
    """Run every command in turn; the warm-up fills the evidence cache and compiles byte code."""
    env = environment(folder)
    return interleave({name: partial(launch, line, env) for name, line in COMMANDS.items()}, repeat, "start")


def _row(name: str, samples: dict[str, list[Cost]]) -> list[str]:
    wall = {key: [cost.wall for cost in costs] for key, costs in samples.items()}
    cpu = {key: [cost.cpu for cost in costs] for key, costs in samples.items()}
    cells = [name, Spread.of(wall[name]).text(1e3)]
    if name in (BARE, PEER):
        return [*cells, "", "", Spread.of(cpu[name]).text(1e3), "", "", ""]
    whole = ratio(wall[name], wall[PEER])
    net = ratio(_above(wall[name], wall[BARE]), _above(wall[PEER], wall[BARE]))
    bar = BARS.get(name)
    return [
        *cells,
        whole.text(),
        net.text(),
        Spread.of(cpu[name]).text(1e3),
        ratio(cpu[name], cpu[PEER]).text(),
        f"{bar}" if bar else "",
        verdict(whole.median, bar) if bar else "",
    ]


def _above(walls: Sequence[float], bare: Sequence[float]) -> list[float]:
    return [wall - base for wall, base in zip(walls, bare, strict=True)]
