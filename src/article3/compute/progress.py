"""How work reports how far it is, and how it is told to stop."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Protocol

from article3.errors import Cancelled


@dataclass(frozen=True, slots=True)
class Step:
    """One more task is finished.

    Parameters
    ----------
    done
        Tasks finished so far, this one included.
    total
        All tasks of the run.
    name
        Name of the task that has just finished.
    """

    done: int
    total: int
    name: str


class Progress(Protocol):
    """Anything that can be called with a :class:`Step`, in the thread that runs the executor."""

    def __call__(self, step: Step, /) -> object:
        """Take note of one finished task."""


class CancelToken:
    """A request to stop, made in one thread and seen in another.

    It stays in the process in which it was made. Executors look at it between tasks, and a task that runs in
    the same process may do so as often as it likes.
    """

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask for the work to stop; asking twice changes nothing."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked for the work to stop."""
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Stop here if somebody asked for it.

        Raises
        ------
        Cancelled
            If :meth:`cancel` was called.
        """
        if self.cancelled:
            raise Cancelled("The work was stopped; nothing was written.")
