"""What is made once for all workers is made once, and read back the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made_once import made_once


class Folder:
    """Stands for pytest's factory of temporary folders."""

    def __init__(self, base: Path) -> None:
        self.base = base

    def getbasetemp(self) -> Path:
        return self.base / "worker"


def test_the_second_worker_reads_what_the_first_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")
    made: list[int] = []

    def make() -> list[int]:
        made.append(1)
        return [len(made)]

    first, second = (made_once(Folder(tmp_path), "thing", make) for _ in range(2))  # type: ignore[arg-type]
    assert first == second == [1]
    assert made == [1]


def test_one_process_makes_it_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    assert made_once(Folder(tmp_path), "thing", lambda: 7) == 7  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
