"""Where work runs: in this process, or in several on the same machine.

Every executor gives the same answer for the same tasks: results in the order of the tasks or, if tasks fail,
the error of the first of them *in that order*, not of whichever happened to fail first. A further executor,
for a cluster, needs only :meth:`Executor.run`.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from concurrent import futures
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from article3.compute import worker
from article3.compute.progress import CancelToken, Progress, Step
from article3.compute.worker import TaskError
from article3.errors import Article3Error, Cancelled, Fault, InputError

T = TypeVar("T")

POLL_SECONDS: Final = 0.05
"""How long an executor waits for worker processes before it looks at the cancel token again."""


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """One call to make.

    A task may be called again when a worker process dies, so it must not depend on being called once.
    To run in another process, its function has to stand at the top of a module, and its arguments and result
    have to be picklable.

    Parameters
    ----------
    name
        What to call it in progress and errors.
    function
        What to call.
    args, kwargs
        With what.
    """

    name: str
    function: Callable[..., T]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self) -> T:
        """Make the call, here and now."""
        return self.function(*self.args, **self.kwargs)


class Executor(Protocol):
    """Something that runs tasks."""

    def run(
        self, tasks: Iterable[Task[T]], progress: Progress | None = None, cancel: CancelToken | None = None
    ) -> list[T]:
        """Run tasks that do not depend on one another.

        Parameters
        ----------
        tasks
            The calls to make.
        progress
            Called once after each finished task, in the order in which they finish.
        cancel
            Stops the run when cancelled.

        Returns
        -------
        list
            What the tasks returned, in the order of the tasks.

        Raises
        ------
        Article3Error
            The error of the first task, in order, that raised one; or the sentence that a worker process died
            twice of the same task. Results of the other tasks are dropped.
        TaskError
            If what the first failing task raised is not an :class:`Article3Error`; that is its cause.
        Cancelled
            If the token was cancelled or the user pressed Ctrl-C.
        """


@dataclass(frozen=True, slots=True)
class InProcess:
    """Runs tasks one after the other in the calling process and thread."""

    def run(
        self, tasks: Iterable[Task[T]], progress: Progress | None = None, cancel: CancelToken | None = None
    ) -> list[T]:
        """Run tasks; see :meth:`Executor.run`. The token is looked at between tasks."""
        todo = tuple(tasks)
        cancel = cancel or CancelToken()
        results: list[T] = []
        try:
            for task in todo:
                cancel.raise_if_cancelled()
                results.append(_call(task))
                if progress is not None:
                    progress(Step(len(results), len(todo), task.name))
            cancel.raise_if_cancelled()
        except KeyboardInterrupt as interrupt:
            raise _interrupted() from interrupt
        return results


@dataclass(frozen=True, slots=True)
class Processes:
    """Runs tasks in worker processes on this machine.

    Workers are started afresh (``spawn``), on every platform alike: a copy of a process that has threads,
    such as those of numpy and polars, can hang. That costs about a second, so it pays for tasks of seconds.
    Cancelling ends the workers without waiting for the tasks they are at.

    If a worker dies, the tasks under way are run again, each alone; a task during which a worker dies then is
    run once more, and a second death is told by the name of the task.

    Parameters
    ----------
    workers
        Processes to run at the same time, at least 1.

    Raises
    ------
    InputError
        If ``workers`` is less than 1.
    """

    workers: int

    def __post_init__(self) -> None:
        """Refuse fewer than one worker."""
        _check_workers(self.workers)

    def run(
        self, tasks: Iterable[Task[T]], progress: Progress | None = None, cancel: CancelToken | None = None
    ) -> list[T]:
        """Run tasks; see :meth:`Executor.run`. The token is looked at every :data:`POLL_SECONDS`."""
        batch = _Batch(tuple(tasks), progress, cancel or CancelToken())
        try:
            return batch.complete(self.workers)
        except KeyboardInterrupt as interrupt:
            raise _interrupted() from interrupt


def executor_for(workers: int | None) -> Executor:
    """Return the executor for a number of workers.

    Parameters
    ----------
    workers
        1 or None for this process, more for worker processes.

    Raises
    ------
    InputError
        If ``workers`` is less than 1.
    """
    if workers is None:
        return InProcess()
    _check_workers(workers)
    return InProcess() if workers == 1 else Processes(workers)


class _Batch(Generic[T]):
    """Tasks on their way through worker processes."""

    def __init__(self, tasks: tuple[Task[T], ...], progress: Progress | None, cancel: CancelToken) -> None:
        self._tasks = tasks
        self._progress = progress
        self._cancel = cancel
        self._results: dict[int, T] = {}
        self._error: Exception | None = None
        # Place of the first task known to fail. Tasks behind it no longer matter; those before it do,
        # because one of them may fail as well, and then its error is the one to raise.
        self._limit = len(tasks)

    def complete(self, workers: int) -> list[T]:
        """Run every task and return the results in order, or raise the first error in order."""
        while remaining := [place for place in range(self._limit) if place not in self._results]:
            # When a worker dies, the pool cannot tell which task killed it: every task under way is suspect.
            # Each is run again, alone, so that a death has one possible cause; and of that, once more.
            for suspect in self._work(remaining, workers):
                if suspect < self._limit and self._work([suspect], 1) and self._work([suspect], 1):
                    self._fail(suspect, _death_of(self._tasks[suspect].name))
        self._cancel.raise_if_cancelled()
        if self._error is not None:
            raise self._error
        return [self._results[place] for place in range(len(self._tasks))]

    def _work(self, places: list[int], workers: int) -> list[int]:
        """Run tasks until all that matter are done, or a worker dies: then return those under way."""
        waiting = deque(places)
        with _Pool(min(workers, len(places))) as pool:
            while True:
                self._cancel.raise_if_cancelled()
                # No more are handed over than can run, so that few are suspect if a worker dies.
                while waiting and waiting[0] < self._limit and pool.has_room:
                    self._submit(pool, waiting.popleft())
                if not any(place < self._limit for place in pool.running.values()):
                    return []
                done, _ = futures.wait(pool.running, POLL_SECONDS, futures.FIRST_COMPLETED)
                for future in sorted(done, key=pool.running.__getitem__):
                    if isinstance(future.exception(), BrokenProcessPool):
                        pool.broken = True
                    else:
                        self._take(pool.running.pop(future), future)
                if pool.broken:
                    return sorted(pool.running.values())

    def _submit(self, pool: _Pool, place: int) -> None:
        """Hand one task over; if it cannot be packed, it has failed."""
        task = self._tasks[place]
        try:
            packed = worker.pack(task.function, task.args, task.kwargs)
        except Exception as error:  # pickling may raise anything
            failure = TaskError(task.name, worker.reason_of(error))
            failure.__cause__ = error
            self._fail(place, failure)
        else:
            pool.submit(place, packed)

    def _take(self, place: int, future: futures.Future[bytes]) -> None:
        """Note the outcome of a task."""
        task = self._tasks[place]
        match worker.unpack(future.result()):
            case worker.Done(value):
                self._results[place] = value
                if self._progress is not None:
                    self._progress(Step(len(self._results), len(self._tasks), task.name))
            case worker.Refused() as refused:
                self._fail(place, refused.error())
            case worker.Failed() as failed:
                self._fail(place, failed.error(task.name))

    def _fail(self, place: int, error: Exception) -> None:
        """Note that a task failed, if none before it has."""
        if place < self._limit:
            self._limit, self._error = place, error


class _Pool:
    """Worker processes on a leash; leaving the block ends those still at work."""

    def __init__(self, size: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._theirs, self._ours = context.Pipe(duplex=False)
        self._size = size
        self._executor = futures.ProcessPoolExecutor(size, context, worker.start, (self._theirs,))
        self.running: dict[futures.Future[bytes], int] = {}
        self.broken = False

    @property
    def has_room(self) -> bool:
        """Whether another task could start at once."""
        return not self.broken and len(self.running) < self._size

    def submit(self, place: int, packed: bytes) -> None:
        """Start a task; if the pool is found broken, the task counts as under way when it broke."""
        try:
            future = self._executor.submit(worker.perform, packed)
        except BrokenProcessPool as error:
            future = futures.Future()
            future.set_exception(error)
        self.running[future] = place

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(wait=not self.running, cancel_futures=True)
        self._ours.close()  # ends the workers that still run a task
        self._theirs.close()


def _call(task: Task[T]) -> T:
    """Call a task in this process, with its errors as they come from a worker process."""
    try:
        return task()
    except Article3Error:
        raise
    except Exception as error:
        raise TaskError(task.name, worker.reason_of(error)) from error


def _check_workers(workers: int) -> None:
    """Refuse fewer than one worker."""
    if workers < 1:
        raise InputError(Fault("the number of workers is too small", found=str(workers), expected="1 or more"))


def _interrupted() -> Cancelled:
    """Return the error for Ctrl-C."""
    return Cancelled("The work was interrupted; nothing was written.")


def _death_of(name: str) -> Article3Error:
    """Return the error for a task that ended its worker process twice."""
    return Article3Error(
        f"The task '{name}' could not be completed: the worker process that ran it died, twice. It may have "
        "run out of memory: use fewer workers. A Python script that starts workers must do so under "
        "if __name__ == '__main__'."
    )
