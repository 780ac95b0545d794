"""Tables and stamps in Markdown, and the sections of RESULTS.md between their markers."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

from benchmarks.processes import BenchmarkError

RESULTS = Path(__file__).with_name("RESULTS.md")
BEGUN = date.today()  # noqa: DTZ011 - the calendar day on which the command began


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are aligned to the right."""
    lines = [header, [":--", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def stamp(*libraries: str) -> str:
    """Return the command that gave a section, the day it began, the machine's size and load, and versions."""
    command = " ".join(["python -m benchmarks", *sys.argv[1:]])
    load = f", load average {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    versions = ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in libraries)])
    return f"`{command}` · {BEGUN.isoformat()} · {os.cpu_count()} CPUs{load} · {versions}"


def verdict(value: float, bar: float) -> str:
    """Return whether a median keeps its bar."""
    return "kept" if value <= bar else "**missed**"


def write(name: str, text: str) -> None:
    """Replace a section of RESULTS.md.

    Raises
    ------
    BenchmarkError
        RESULTS.md has no markers for the section.
    """
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    old = RESULTS.read_text(encoding="utf-8")
    new, found = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: f"{begin}\n{text}\n{end}", old, flags=re.DOTALL
    )
    if not found:
        raise BenchmarkError(f"RESULTS.md lacks the markers '{begin}' and '{end}'.")
    RESULTS.write_text(new, encoding="utf-8")
