"""Child processes and what they cost."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PYTHON = sys.executable
ARTICLE3 = str(Path(sys.executable).with_name("article3"))
ROOT = Path(__file__).resolve().parents[1]


class BenchmarkError(Exception):
    """A command that is to be measured fails, or two sides that should agree do not."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall clock and processor seconds of a process, and the memory of its largest moment in MB."""

    wall: float
    cpu: float
    peak_mb: float


@contextmanager
def workplace() -> Iterator[Path]:
    """Yield a temporary folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="article3-bench-") as folder:
        yield Path(folder)


def environment(folder: Path, cache: str = "cache") -> dict[str, str]:
    """Return an environment that keeps evidence cache and byte code in the folder, without evidence of the user's own.

    Settings of Python itself are dropped: one that forbids byte code would have every process compile what it imports.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {
        **kept,
        "ARTICLE3_CACHE": str(folder / cache),
        "ARTICLE3_EVIDENCE": str(folder / "no-evidence"),
        "PYTHONPYCACHEPREFIX": str(folder / "byte-code"),
    }


def launch(command: Sequence[str], env: Mapping[str, str]) -> Cost:
    """Run a command to its end and return its cost.

    This process stays small, for a child's peak memory counts what it was forked from.

    Raises
    ------
    BenchmarkError
        The command does not exit with 0.
    """
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=dict(env), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise BenchmarkError(_failed(command, process.returncode, errors.read().decode(errors="replace")))
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


def ask(arguments: Sequence[str], env: Mapping[str, str]) -> str:
    """Run Python with some arguments; return what it prints.

    Raises
    ------
    BenchmarkError
        The process does not exit with 0.
    """
    done = subprocess.run([PYTHON, *arguments], env=dict(env), cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchmarkError(_failed(arguments, done.returncode, done.stderr))
    return done.stdout


def _failed(command: Sequence[str], code: int, errors: str) -> str:
    tail = "\n".join(errors.strip().splitlines()[-3:])
    return f"'{' '.join(command)}' ended with code {code} and cannot be measured.\n{tail}"
