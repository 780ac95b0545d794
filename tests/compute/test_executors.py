from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import compute_jobs as jobs  # type: ignore[import-not-found,unused-ignore]
import psutil  # type: ignore[import-untyped]
import pytest

from article3.compute import (
    CancelToken,
    Executor,
    InProcess,
    Processes,
    Step,
    Task,
    TaskError,
    executor_for,
)
from article3.compute.executors import _Batch
from article3.errors import Article3Error, Cancelled, Fault, InputError, UnknownNameError

FAR = 60.0
"""Seconds that a task would take which must never be waited for."""

ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
"""Lets a program of its own import the tasks."""

BOTH = pytest.mark.parametrize("executor", [InProcess(), Processes(2)], ids=["in process", "processes"])


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def squares(count: int) -> list[Task[float]]:
    return [Task(f"square {n}", jobs.square, (n,), {"plus": 0.5}) for n in range(count)]


@BOTH
def test_results_stand_in_the_order_of_the_tasks(executor: Executor) -> None:
    # The first takes longest, so with two workers it finishes after the second.
    tasks = [Task(str(n), jobs.slow_square, (n, 0.3 if n == 0 else 0.0)) for n in range(5)]
    assert executor.run(tasks) == [0, 1, 4, 9, 16]


def test_both_executors_give_the_same() -> None:
    tasks = squares(20)
    expected = [n * n + 0.5 for n in range(20)]
    assert InProcess().run(tasks) == Processes(2).run(tasks) == Processes(3).run(iter(tasks)) == expected


@BOTH
def test_no_tasks_give_no_results(executor: Executor) -> None:
    assert executor.run([]) == []


def test_processes_are_other_processes() -> None:
    found = set(Processes(2).run([Task(str(n), jobs.process_id, (n,)) for n in range(6)]))
    assert os.getpid() not in found
    assert len(found) == 2
    assert InProcess().run([Task("here", jobs.process_id, (0,))]) == [os.getpid()]


@BOTH
def test_large_results_arrive(executor: Executor) -> None:
    tasks = [Task(str(n), jobs.large, (3_000_000 + n,)) for n in range(4)]
    assert [len(item) for item in executor.run(tasks)] == [3_000_000 + n for n in range(4)]


@BOTH
def test_progress_counts_every_task_once(executor: Executor) -> None:
    steps: list[Step] = []
    executor.run(squares(7), progress=steps.append)
    assert [step.done for step in steps] == [1, 2, 3, 4, 5, 6, 7]
    assert {step.total for step in steps} == {7}
    assert sorted(step.name for step in steps) == [f"square {n}" for n in range(7)]


@BOTH
def test_cancel_midway_starts_nothing_more(executor: Executor, tmp_path: Path) -> None:
    cancel = CancelToken()
    tasks = [Task(str(n), jobs.mark, (str(tmp_path / str(n)), 0.1)) for n in range(40)]
    steps: list[Step] = []

    def stop_after_three(step: Step) -> None:
        steps.append(step)
        if step.done == 3:
            cancel.cancel()

    with pytest.raises(Cancelled, match="nothing was written"):
        executor.run(tasks, progress=stop_after_three, cancel=cancel)
    assert 3 <= len(steps) <= 4  # the second worker's outcome may have come at the same time
    assert 3 <= len(list(tmp_path.iterdir())) <= 8


@BOTH
def test_cancelled_before_the_start_runs_nothing(executor: Executor, tmp_path: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        executor.run([Task("mark", jobs.mark, (str(tmp_path / "ran"),))], cancel=cancel)
    assert not (tmp_path / "ran").exists()
    with pytest.raises(Cancelled):
        executor.run([], cancel=cancel)


@BOTH
def test_cancelled_in_the_last_step_is_cancelled(executor: Executor) -> None:
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        executor.run(squares(1), progress=lambda _: cancel.cancel(), cancel=cancel)


def test_cancel_ends_workers_that_are_at_work(tmp_path: Path) -> None:
    cancel = CancelToken()
    markers = [tmp_path / "one", tmp_path / "two"]
    tasks = [Task(path.name, jobs.spin_for_ever, (str(path),)) for path in markers]

    def cancel_when_both_run() -> None:
        wait_until(lambda: all(path.exists() and path.read_text() for path in markers))
        cancel.cancel()

    thread = threading.Thread(target=cancel_when_both_run)
    thread.start()
    with pytest.raises(Cancelled):
        Processes(2).run(tasks, cancel=cancel)
    thread.join()
    assert wait_until(lambda: not any(psutil.pid_exists(int(path.read_text())) for path in markers))


@BOTH
def test_a_failure_in_the_middle_is_raised_and_stops_the_rest(executor: Executor, tmp_path: Path) -> None:
    tasks: list[Task[object]] = [Task("ok", jobs.square, (1,)), Task("bad", jobs.fail_input, ("a.yaml",))]
    tasks += [Task(str(n), jobs.mark, (str(tmp_path / str(n)), 0.2)) for n in range(20)]
    with pytest.raises(InputError) as raised:
        executor.run(tasks)
    assert raised.value.faults == (
        Fault("first", where="a.yaml", mend="Mend it."),
        Fault("second", where="a.yaml"),
    )
    assert len(list(tmp_path.iterdir())) <= 4


@BOTH
def test_errors_of_the_tree_come_unchanged(executor: Executor) -> None:
    with pytest.raises(UnknownNameError) as here:
        jobs.fail_unknown("Polland")
    with pytest.raises(UnknownNameError) as raised:
        executor.run([Task("unknown", jobs.fail_unknown, ("Polland",))])
    assert type(raised.value) is UnknownNameError
    assert str(raised.value) == str(here.value)
    assert raised.value.args == here.value.args
    assert (raised.value.kind, raised.value.name) == ("Ally", "Polland")
    assert raised.value.suggestions == here.value.suggestions == ("Poland",)
    assert raised.value.faults == here.value.faults


def test_the_worker_s_traceback_is_shown() -> None:
    with pytest.raises(InputError) as raised:
        Processes(2).run([Task("bad", jobs.fail_input, ("a.yaml",))])
    assert "in fail_input" in str(raised.value.__cause__)


def test_an_error_of_the_tree_that_cannot_be_pickled_keeps_its_sentence() -> None:
    with pytest.raises(Article3Error, match="no way out"):
        Processes(2).run([Task("locked", jobs.fail_locked, ("no way out",))])


@BOTH
def test_other_exceptions_are_chained(executor: Executor) -> None:
    with pytest.raises(TaskError, match="the task 'values' failed: ValueError: seven") as raised:
        executor.run([Task("values", jobs.fail_value, ("seven",))])
    assert not isinstance(raised.value, Article3Error)
    assert raised.value.task == "values"
    assert type(raised.value.__cause__) is ValueError
    assert raised.value.__cause__.args == ("seven",)


@BOTH
def test_exceptions_that_cannot_be_pickled_are_told(executor: Executor) -> None:
    with pytest.raises(TaskError, match=r"the task 'picky' failed: .*PickyError: a b"):
        executor.run([Task("picky", jobs.fail_picky)])


@BOTH
def test_the_first_failure_in_order_is_raised_not_the_first_in_time(executor: Executor) -> None:
    tasks: list[Task[object]] = [
        Task("late", jobs.fail_value_late, ("late", 0.5)),
        Task("early", jobs.fail_value, ("early",)),
    ]
    with pytest.raises(TaskError, match="'late'"):
        executor.run(tasks)


def test_a_failure_starts_nothing_behind_it_while_it_waits_for_those_before(tmp_path: Path) -> None:
    tasks: list[Task[object]] = [
        Task("slow", jobs.slow_square, (1, 1.0)),
        Task("bad", jobs.fail_value, ("bad",)),
    ]
    tasks += [Task(str(n), jobs.mark, (str(tmp_path / str(n)),)) for n in range(5)]
    with pytest.raises(TaskError, match="'bad'"):
        Processes(2).run(tasks)
    assert list(tmp_path.iterdir()) == []


def test_of_failures_at_the_same_time_the_first_in_order_is_raised() -> None:
    batch = _Batch((Task("one", jobs.square, (1,)), Task("two", jobs.square, (2,))), None, CancelToken())
    batch._fail(0, ValueError("one"))
    batch._fail(1, ValueError("two"))
    with pytest.raises(ValueError, match="one"):
        batch.complete(2)


def test_a_failure_does_not_wait_for_the_tasks_behind_it() -> None:
    tasks: list[Task[object]] = [
        Task("bad", jobs.fail_value_late, ("bad", 0.2)),
        Task("far", jobs.slow_square, (1, FAR)),
    ]
    start = time.monotonic()
    with pytest.raises(TaskError, match="'bad'"):
        Processes(2).run(tasks)
    assert time.monotonic() - start < FAR / 2


@pytest.mark.parametrize(
    ("task", "match"),
    [
        (Task("here", lambda: 1), "the task 'here' failed: .*pickle"),
        (Task("result", jobs.unpicklable), "the task 'result' failed: its result cannot leave the process"),
        (Task("value", jobs.unreadable), "the task 'value' failed: ValueError: cannot be read back"),
        (Task("argument", jobs.square, (jobs.Unreadable(),)), "the task 'argument' failed: ValueError"),
    ],
)
def test_what_cannot_cross_between_processes_is_told(task: Task[object], match: str) -> None:
    tasks: list[Task[object]] = [Task("ok", jobs.square, (2,)), task]
    with pytest.raises(TaskError, match=match) as raised:
        Processes(2).run(tasks)
    assert raised.value.__cause__ is not None


def test_a_task_whose_worker_died_is_run_once_more(tmp_path: Path) -> None:
    tasks = [Task(str(n), jobs.slow_square, (n, 0.05)) for n in range(6)]
    tasks.insert(2, Task("fragile", jobs.die_once, (str(tmp_path / "died"), 77)))
    steps: list[Step] = []
    assert Processes(2).run(tasks, progress=steps.append) == [0, 1, 77, 4, 9, 16, 25]
    assert (tmp_path / "died").exists()
    assert [step.done for step in steps] == list(range(1, 8))


def test_several_deaths_are_survived(tmp_path: Path) -> None:
    tasks = [Task(str(n), jobs.die_once, (str(tmp_path / str(n)), n)) for n in range(4)]
    assert Processes(2).run(tasks) == [0, 1, 2, 3]


def test_a_worker_that_dies_twice_is_told_by_the_name_of_its_task(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    tasks: list[Task[object]] = [Task(f"good {n}", jobs.slow_square, (n, 0.05)) for n in range(6)]
    tasks.insert(3, Task("deadly", jobs.die_always, (str(runs),)))
    with pytest.raises(Article3Error, match=r"The task 'deadly' could not be completed: .* died, twice"):
        Processes(2).run(tasks)
    assert runs.read_text() == "xxx"  # among others, then twice alone


@BOTH
def test_ctrl_c_in_the_parent_is_cancelled(executor: Executor, tmp_path: Path) -> None:
    def press(step: Step) -> None:
        raise KeyboardInterrupt

    tasks = [Task(str(n), jobs.mark, (str(tmp_path / str(n)), 0.1)) for n in range(20)]
    with pytest.raises(Cancelled, match="interrupted; nothing was written"):
        executor.run(tasks, progress=press)
    assert len(list(tmp_path.iterdir())) <= 4


def test_ctrl_c_within_a_task_in_process_is_cancelled() -> None:
    with pytest.raises(Cancelled):
        InProcess().run([Task("interrupted", jobs.interrupt)])


SCRIPT = """
    import compute_jobs as jobs
    from article3.compute import Processes, Task
    from article3.errors import Cancelled

    if __name__ == "__main__":
        try:
            Processes(2).run([Task("one", jobs.spin_for_ever, ({one!r},)), Task("two", jobs.{two}, ({two_path!r},))])
        except Cancelled as error:
            print("cancelled:", error)
"""


def script_with_two_workers(folder: Path, second: str = "spin_for_ever") -> tuple[subprocess.Popen[str], list[int]]:
    """Start a program of its own whose first worker never ends; return it and its workers' process ids."""
    markers = [folder / "one", folder / "two"]
    path = folder / "script.py"
    source = textwrap.dedent(SCRIPT).format(one=str(markers[0]), two=second, two_path=str(markers[1]))
    path.write_text(source)
    program = subprocess.Popen(
        [sys.executable, str(path)],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert wait_until(lambda: all(marker.exists() and marker.read_text() for marker in markers))
    return program, [int(marker.read_text()) for marker in markers]


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.parametrize("second", ["spin_for_ever", "report"], ids=["both at work", "one idle"])
def test_a_real_ctrl_c_ends_the_program_at_once_and_quietly(tmp_path: Path, second: str) -> None:
    program, workers = script_with_two_workers(tmp_path, second)
    time.sleep(0.3)  # the second worker may have to become idle
    for worker in workers:
        os.kill(worker, signal.SIGINT)
    time.sleep(0.5)
    assert all(map(_alive, workers))  # what Ctrl-C means is for the parent to say
    os.killpg(program.pid, signal.SIGINT)  # as a terminal does: parent and workers alike
    out, err = program.communicate(timeout=20)
    assert out == "cancelled: The work was interrupted; nothing was written.\n"
    assert err == ""
    assert program.returncode == 0
    assert wait_until(lambda: not any(map(psutil.pid_exists, workers)))


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_workers_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    program, workers = script_with_two_workers(tmp_path)
    program.kill()
    program.communicate(timeout=20)
    assert wait_until(lambda: not any(map(_alive, workers)))


def _alive(process: int) -> bool:
    """Whether a process runs; an orphan may stay a zombie where nobody reaps it."""
    try:
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_script_without_a_main_guard_is_told(tmp_path: Path) -> None:
    script = """
        import compute_jobs as jobs
        from article3.compute import Processes, Task

        Processes(2).run([Task("unguarded", jobs.square, (2,))])
    """
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(script))
    program = subprocess.run(
        [sys.executable, str(path)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "under if __name__ == '__main__'" in program.stderr.splitlines()[-1]


def test_executor_for_a_number_of_workers() -> None:
    assert executor_for(None) == InProcess()
    assert executor_for(1) == InProcess()
    assert executor_for(3) == Processes(3)


@pytest.mark.parametrize("make", [executor_for, Processes])
@pytest.mark.parametrize("workers", [0, -1])
def test_fewer_than_one_worker_is_refused(make: Callable[[int], Executor], workers: int) -> None:
    with pytest.raises(InputError, match="number of workers") as raised:
        make(workers)
    assert raised.value.faults[0].found == str(workers)


def test_a_task_can_be_called() -> None:
    assert Task("square", jobs.square, (3,), {"plus": 1})() == 10
