"""Where work runs: in this process or in several, with progress, cancelling and retry."""

from article3.compute.executors import Executor, InProcess, Processes, Task, executor_for
from article3.compute.progress import CancelToken, Progress, Step
from article3.compute.worker import TaskError

__all__ = [
    "CancelToken",
    "Executor",
    "InProcess",
    "Processes",
    "Progress",
    "Step",
    "Task",
    "TaskError",
    "executor_for",
]
