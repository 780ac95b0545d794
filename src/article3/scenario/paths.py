"""Files that a user's file names: they stay in its folder."""

from __future__ import annotations

from pathlib import Path

from article3.errors import Fault, ScenarioError


def inside(folder: Path, name: str, where: str) -> Path:
    """Return the path of a file that a user's file names, which must stay in its folder.

    Raises
    ------
    ScenarioError
        The path is absolute or climbs out of the folder.
    """
    path = folder / name
    if Path(name).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
        raise ScenarioError(
            Fault(
                "the path leaves the folder of the file that names it",
                where=where,
                found=f"'{name}'",
                mend="Put the file beside it, or in a folder below, and name it from there.",
            )
        )
    return path
