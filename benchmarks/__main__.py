"""Command: ``python -m benchmarks [SECTION|all] [--repeat N] [--scales 1,10,100] [--write]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks import forecast, gap, growth, plan, program, results, run, shift, start
from benchmarks.processes import BenchmarkError

SECTIONS: dict[str, Callable[[argparse.Namespace], str]] = {
    "start": lambda options: start.section(options.repeat or 21),
    "run": lambda options: run.section(options.repeat or 7),
    "growth": lambda options: growth.section(options.repeat or 5, options.scales),
    "forecast": lambda options: forecast.section(options.repeat or 7),
    "program": lambda options: program.section(options.repeat or 7),
    "gap": lambda options: gap.section(options.repeat or 7),
    "plan": lambda options: plan.section(options.repeat or 5),
    "shift": lambda options: shift.section(options.repeat or 5),
}


def _scales(text: str) -> tuple[int, ...]:
    scales = tuple(int(part) for part in text.split(","))
    if not all(1 <= scale <= 150 for scale in scales):
        raise argparse.ArgumentTypeError("scales lie between 1 and 150")
    return scales


def _count(text: str) -> int:
    number = int(text)
    if number < 2:
        raise argparse.ArgumentTypeError("a spread needs at least 2 rounds")
    return number


def main() -> int:
    """Measure the sections asked for, print them, and with ``--write`` keep them in RESULTS.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("section", nargs="?", default="all", choices=[*SECTIONS, "all"])
    parser.add_argument("--repeat", type=_count, metavar="N", help="interleaved rounds (default: 21, 7, 5)")
    parser.add_argument("--scales", type=_scales, default=(1, 10, 100), metavar="N,N", help="for 'growth'")
    parser.add_argument("--write", action="store_true", help="rewrite the sections in benchmarks/RESULTS.md")
    options = parser.parse_args()
    for name in SECTIONS if options.section == "all" else (options.section,):
        text = SECTIONS[name](options)
        print(text, flush=True)
        if options.write:
            results.write(name, text)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchmarkError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
