"""Nothing or complete: full disks, kills, folders in the way."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from article3.evidence import atomic


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file.txt"
    atomic.write_file(path, b"one")
    atomic.write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert [item.name for item in path.parent.iterdir()] == ["file.txt"]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.txt"
    atomic.write_file(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(atomic.CannotWriteError, match="No space left on device. Nothing was changed"):
        atomic.write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_appears_only_when_complete(tmp_path: Path) -> None:
    path = tmp_path / "run"
    with atomic.folder(path) as part:
        (part / "a").write_text("1")
        assert not path.exists()
    assert (path / "a").read_text() == "1"
    with pytest.raises(RuntimeError, match="midway"), atomic.folder(path) as part:
        (part / "a").write_text("2")
        raise RuntimeError("midway")
    assert (path / "a").read_text() == "1"
    assert [item.name for item in tmp_path.iterdir()] == ["run"]


def test_a_kill_midway_leaves_nothing(tmp_path: Path) -> None:
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom article3.evidence import atomic\n"
        "with atomic.folder(Path(sys.argv[1])) as part:\n"
        "    (part / 'a').write_text('1')\n    print('ready', flush=True)\n    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "run")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "ready"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    time.sleep(0.05)
    assert not (tmp_path / "run").exists()


def test_a_place_that_refuses(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(atomic.CannotWriteError, match="cannot write"):
        atomic.write_file(tmp_path / "file" / "below", b"x")
