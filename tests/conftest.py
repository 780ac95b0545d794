"""What all tests share: evidence and cache folders of their own, so that a user's are neither read nor touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Machines are shared and noisy: no example fails for being slow. The same examples on every run of CI.
settings.register_profile("article3", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("article3")

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("ARTICLE3_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the session a cache, and an evidence folder that holds nothing."""
    patch = pytest.MonkeyPatch()
    patch.setenv("ARTICLE3_CACHE", str(tmp_path_factory.mktemp("cache")))
    patch.setenv("ARTICLE3_EVIDENCE", str(tmp_path_factory.mktemp("own") / "none"))
    yield
    patch.undo()


@dataclass(frozen=True)
class Result:
    """What one call of the command line gave."""

    code: int
    out: str
    err: str

    def envelope(self) -> dict[str, Any]:
        """Return the JSON answer, which must hold no NaN."""

        def refuse(constant: str) -> float:
            raise AssertionError(f"{constant} in the JSON answer")

        found: dict[str, Any] = json.loads(self.out, parse_constant=refuse)
        return found

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of one table of the JSON answer."""
        return [row for row in self.envelope()["rows"] if row["table"] == table]


@pytest.fixture
def article3(capfd: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Call the command line in this process, as ``main`` is called by the installed script."""
    from article3.cli.main import main

    def call(*arguments: str) -> Result:
        capfd.readouterr()
        try:
            main(list(arguments))
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Result(code, out, err)

    return call


@pytest.fixture
def own_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give one test an evidence folder of its own to import into."""
    folder = tmp_path / "own"
    monkeypatch.setenv("ARTICLE3_EVIDENCE", str(folder))
    return folder


@pytest.fixture(scope="session")
def separate_process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Call the command line in a process of its own."""

    def call(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "article3", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, **options)

    return call
