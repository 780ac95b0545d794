"""One measurement in a process of its own: ``python -m benchmarks.growth.child SIDE OPERATION FOLDER BEGAN``.

Prints one JSON object: seconds of the first time, median of the next ones, seconds since the parent's clock BEGAN
until the first result was there, peak memory, and the answer's digest.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def measure(side: str, name: str, folder: Path, began: float) -> dict[str, Any]:
    """Return the measurement; imports and preparation are not timed."""
    operation = importlib.import_module(f"benchmarks.growth.{side}").OPERATIONS[name]
    given = operation.prepare(folder)
    first, result = _timed(operation.work, given)
    ready = time.monotonic() - began
    again = [_timed(operation.work, given)[0] for _ in range(operation.again)]
    peak = peak_mb()
    plain = _rounded(operation.plain(result))
    return {
        "first": first,
        "again": statistics.median(again) if again else first,
        "ready": ready,
        "peak_mb": peak,
        "answer": hashlib.sha256(json.dumps(plain).encode()).hexdigest(),
    }


def _timed(work: Callable[[Any], Any], given: Any) -> tuple[float, Any]:
    began = time.perf_counter()
    result = work(given)
    return time.perf_counter() - began, result


def _rounded(plain: Any) -> Any:
    """Round to 12 significant digits: pandas' own reader of CSV may miss the last bit."""
    if isinstance(plain, float):
        return float(f"{plain:.12g}")
    return [_rounded(item) for item in plain] if isinstance(plain, list) else plain


def peak_mb() -> float:
    """Return the largest resident set of this process in MB, without what it was forked from where Linux tells."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2], Path(sys.argv[3]), float(sys.argv[4]))))
