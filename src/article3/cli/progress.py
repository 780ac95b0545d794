"""A progress bar for work longer than a second, for people at a terminal only."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator

from article3.compute import Progress, Step

PATIENCE_SECONDS = 1.0


@contextlib.contextmanager
def bar() -> Iterator[Progress]:
    """Yield what to call after each step; a bar appears on standard error once a second has passed."""
    if not sys.stderr.isatty():
        yield _silent
        return
    from rich.progress import Progress as Bar  # noqa: PLC0415 - only for people at a terminal

    started, shown = time.monotonic(), Bar(transient=True)
    task = shown.add_task("working", total=None)

    def step(done: Step) -> None:
        if time.monotonic() - started > PATIENCE_SECONDS:
            shown.start()
        shown.update(task, description=done.name, completed=done.done, total=done.total)

    try:
        yield step
    finally:
        shown.stop()


def _silent(_step: Step) -> None:
    """Say nothing: the output is read by a program."""
