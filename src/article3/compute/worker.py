"""What crosses the border between processes, and what a worker process does.

Tasks and outcomes cross as bytes that this module packs and unpacks itself, because the pool answers a value
that cannot be unpickled by breaking, which would look like a dead worker. Errors of our own tree are taken
apart and put together again without calling their constructors: those take faults, not a sentence, so that
the default pickling of exceptions spoils them.

A worker process dies when the other end of its *leash*, a pipe, is closed: at once when the parent stops the
run, and also when the parent itself is killed. It does not die of it while it hands over an outcome, which
would leave half a message in the pool's pipe and the parent waiting for the rest.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import connection
from typing import Any, Final

from article3.errors import Article3Error


class TaskError(RuntimeError):
    """A task failed in a way that the program does not answer for: a fault in the code, not in the input.

    The exception of the task is the ``__cause__``; if that happened in a worker process, the text of its
    traceback there is the cause of the cause.

    Parameters
    ----------
    task
        Name of the task.
    reason
        Kind and text of the exception.
    """

    def __init__(self, task: str, reason: str) -> None:
        super().__init__(task, reason)
        self.task, self.reason = task, reason

    def __str__(self) -> str:
        """Return the sentence."""
        return f"the task '{self.task}' failed: {self.reason}"


class WorkerTraceback(Exception):  # noqa: N818 - never raised: it only shows the text of a traceback
    """The traceback of an exception as it stood in the worker process."""

    def __str__(self) -> str:
        """Return the text, on lines of its own."""
        return "\n" + "".join(self.args)


@dataclass(frozen=True, slots=True)
class Done:
    """The task returned a value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """The task raised an error of our tree, taken apart."""

    kind: type[Article3Error]
    args: tuple[Any, ...]
    state: dict[str, Any]
    trace: str

    def error(self) -> Article3Error:
        """Return the error as it was raised."""
        error = self.kind.__new__(self.kind, *self.args)
        error.__dict__.update(self.state)
        error.__cause__ = WorkerTraceback(self.trace)
        return error


@dataclass(frozen=True, slots=True)
class Failed:
    """The task raised anything else; the exception itself is missing where it cannot be pickled."""

    cause: Exception | None
    reason: str
    trace: str

    def error(self, task: str) -> TaskError:
        """Return the error to raise for a task of that name."""
        error = TaskError(task, self.reason)
        error.__cause__ = self.cause or WorkerTraceback(self.trace)
        if self.cause is not None:
            self.cause.__cause__ = WorkerTraceback(self.trace)
        return error


Outcome = Done | Refused | Failed


def reason_of(error: BaseException) -> str:
    """Return kind and text of an exception, for a sentence."""
    return "".join(traceback.format_exception_only(error)).strip()


def pack(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bytes:
    """Return a task as bytes.

    Raises
    ------
    Exception
        Whatever pickling raises, for a function or an argument that cannot go to another process.
    """
    return pickle.dumps((function, args, dict(kwargs)), protocol=pickle.HIGHEST_PROTOCOL)


def unpack(outcome: bytes) -> Outcome:
    """Return an outcome from the bytes a worker sent; if they cannot be read, that is the outcome."""
    try:
        found: Outcome = pickle.loads(outcome)  # noqa: S301 - written by our own worker process
    except Exception as error:  # a value's own unpickling may raise anything
        return Failed(error, reason_of(error), traceback.format_exc())
    return found


def _pack_outcome(outcome: Outcome) -> bytes:
    """Return an outcome as bytes that are known to be readable, unless it is a value."""
    try:
        packed = pickle.dumps(outcome, protocol=pickle.HIGHEST_PROTOCOL)
        if not isinstance(outcome, Done):  # reading a large value twice only to test it would cost too much
            pickle.loads(packed)  # noqa: S301
        return packed
    except Exception as error:
        if isinstance(outcome, Done):
            outcome = Failed(None, f"its result cannot leave the process: {reason_of(error)}", "")
        elif isinstance(outcome, Refused):
            outcome = Refused(Article3Error, tuple(map(str, outcome.args)), {}, outcome.trace)
        else:
            outcome = Failed(None, outcome.reason, outcome.trace)
        return pickle.dumps(outcome, protocol=pickle.HIGHEST_PROTOCOL)


class _Leash:
    """Lets the parent end this process while a task runs, and only then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = False
        self._stopped = False

    def watch(self, end: connection.Connection) -> None:
        """Wait for the other end to be closed, then end this process if it runs a task."""
        connection.wait([end])  # nothing is ever sent: ready means closed
        with self._lock:
            self._stopped = True
            if self._running:
                os._exit(1)

    def begin(self) -> bool:
        """Return whether a task may start, and count it as running if so."""
        with self._lock:
            self._running = not self._stopped
            return self._running

    def end(self) -> None:
        """Count the task as no longer running; from here the process may not be ended."""
        with self._lock:
            self._running = False


_LEASH: Final = _Leash()


def start(end: connection.Connection) -> None:
    """Prepare a worker process; runs once in each.

    Parameters
    ----------
    end
        This process's end of the leash.
    """
    # Ctrl-C reaches every process of the terminal. The parent decides what it means; a worker that dies
    # of it first would print a traceback and break the pool.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_LEASH.watch, args=(end,), name="leash", daemon=True).start()


def perform(task: bytes) -> bytes:
    """Run one packed task in a worker process and return its packed outcome.

    Parameters
    ----------
    task
        From :func:`pack`.

    Returns
    -------
    bytes
        For :func:`unpack`; empty if the run was stopped before the task began.
    """
    if not _LEASH.begin():
        return b""
    try:
        outcome: Outcome
        try:
            function, args, kwargs = pickle.loads(task)  # noqa: S301 - written by our own parent process
            outcome = Done(function(*args, **kwargs))
        except Article3Error as error:
            outcome = Refused(type(error), error.args, dict(error.__dict__), traceback.format_exc())
        except Exception as error:  # it goes to the parent, which raises it
            outcome = Failed(error, reason_of(error), traceback.format_exc())
        return _pack_outcome(outcome)
    finally:
        _LEASH.end()
