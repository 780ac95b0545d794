"""Ctrl-C while something is solved: the first keeps the best found so far, the second ends at once."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Yield what a solve asks now and then: whether the user has pressed Ctrl-C.

    Inside the block the first Ctrl-C is noted and told; the second raises KeyboardInterrupt as it does elsewhere.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False  # signals reach the main thread only
        return
    pressed = threading.Event()
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: object) -> None:  # noqa: ARG001 - as signals call it
        if pressed.is_set():
            raise KeyboardInterrupt
        pressed.set()
        print("Stopping: the best plan found so far is kept. Ctrl-C again ends at once.", file=sys.stderr)

    signal.signal(signal.SIGINT, note)
    try:
        yield pressed.is_set
    finally:
        signal.signal(signal.SIGINT, before)
