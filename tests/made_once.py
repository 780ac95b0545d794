"""Things that take long to make, made once for all worker processes of a test session."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")
_PATIENCE = 900.0
_POLL = 0.2


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[], T]) -> T:
    """Return what ``make`` returns, made by the first worker that asks and read from its pickle by the others.

    A worker that waits in vain (the first one died) makes it itself.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return make()
    folder = factory.getbasetemp().parent
    file, mark = folder / f"{name}.pickle", folder / f"{name}.begun"
    if _first(mark):
        found = make()
        unfinished = file.with_suffix(".part")
        unfinished.write_bytes(pickle.dumps(found))
        unfinished.replace(file)
        return found
    until = time.monotonic() + _PATIENCE
    while not file.exists() and time.monotonic() < until:
        time.sleep(_POLL)
    return pickle.loads(file.read_bytes()) if file.exists() else make()


def _first(mark: Path) -> bool:
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
