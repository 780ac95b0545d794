"""Writing so that a run killed at any moment leaves either nothing or a complete file or folder."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from article3.errors import Article3Error


class CannotWriteError(Article3Error):
    """The place to write to refused: full disk, no permission, a file where a folder should be."""


def _refusal(path: Path, error: OSError) -> CannotWriteError:
    return CannotWriteError(
        f"cannot write {path}: {error.strerror or error}. Nothing was changed there. "
        "Free some space, or choose another folder."
    )


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    The bytes go to a neighbour first, reach the disk, and then take the name in one step.

    Raises
    ------
    CannotWriteError
        The disk is full, the folder is missing or not writable.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise _refusal(path, error) from error


@contextlib.contextmanager
def folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder to fill; it takes the name ``path`` only if the block ends well.

    A complete older folder of that name stays until the new one is complete.

    Raises
    ------
    CannotWriteError
        The disk is full or the place is not writable.
    """
    token = secrets.token_hex(4)
    part = path.with_name(f".{path.name}.{token}.part")
    old = path.with_name(f".{path.name}.{token}.old")
    try:
        part.mkdir(parents=True)
        yield part
        if path.exists():
            path.rename(old)
        part.rename(path)
    except OSError as error:
        raise _refusal(path, error) from error
    finally:
        if old.exists() and not path.exists():
            old.rename(path)
        for leftover in (part, old):
            shutil.rmtree(leftover, ignore_errors=True)
