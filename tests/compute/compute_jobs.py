"""Tasks for the tests, in a module of their own so that worker processes need not import pytest."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, NoReturn

from article3.errors import Article3Error, Fault, InputError, UnknownNameError


class PickyError(ValueError):
    """An exception that cannot be unpickled: its constructor wants two arguments and keeps none."""

    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} {two}")


class LockedError(Article3Error):
    """An error of our tree that carries something unpicklable."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.lock = lambda: None


class Unreadable:
    """A value that pickles and then cannot be unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (_refuse, ())


def _refuse() -> NoReturn:
    raise ValueError("cannot be read back")


def square(number: float, plus: float = 0.0) -> float:
    return number * number + plus


def slow_square(number: int, seconds: float) -> int:
    time.sleep(seconds)
    return number * number


def process_id(_: int) -> int:
    time.sleep(0.1)
    return os.getpid()


def mark(path: str, seconds: float = 0.0) -> str:
    """Leave a file as a trace of having run, after a pause."""
    time.sleep(seconds)
    Path(path).touch()
    return path


def spin_for_ever(path: str) -> NoReturn:
    """Say that it runs, and never end."""
    Path(path).write_text(str(os.getpid()))
    while True:
        time.sleep(0.01)


def report(path: str) -> None:
    """Say that it runs, and end."""
    Path(path).write_text(str(os.getpid()))


def large(size: int) -> bytes:
    return bytes(size)


def fail_input(name: str) -> NoReturn:
    raise InputError([Fault("first", where=name, mend="Mend it."), Fault("second", where=name)])


def fail_unknown(name: str) -> NoReturn:
    raise UnknownNameError("Ally", name, ["Poland", "Portugal"], where="here")


def fail_locked(sentence: str) -> NoReturn:
    raise LockedError(sentence)


def fail_value(text: str) -> NoReturn:
    raise ValueError(text)


def fail_value_late(text: str, seconds: float) -> NoReturn:
    time.sleep(seconds)
    raise ValueError(text)


def fail_picky() -> NoReturn:
    raise PickyError("a", "b")


def unreadable() -> Unreadable:
    return Unreadable()


def unpicklable() -> object:
    return lambda: None


def die_once(marker: str, value: int) -> int:
    """End the process the first time; return a value the second."""
    path = Path(marker)
    if not path.exists():
        path.touch()
        os._exit(3)
    return value


def die_always(runs: str) -> NoReturn:
    """End the process every time, and keep count."""
    with Path(runs).open("a") as file:
        file.write("x")
    os._exit(3)


def interrupt() -> NoReturn:
    raise KeyboardInterrupt
