"""Drawdowns: dated schedules of United States forces leaving, shipped, from a file, or written out in a scenario."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from article3.domain import ally
from article3.errors import Article3Error, Fault, ScenarioError, unknown_name_fault
from article3.scenario.paths import inside
from article3.scenario.plan_checks import OWN_FILE, At
from article3.scenario.schema import Scenario
from article3.scenario.shift_schema import Drawdown
from article3.scenario.wording import value_faults
from article3.scenario.yamlfile import Document, Where, read_yaml

DRAWDOWNS: Final = Path(__file__).with_name("drawdowns")
ANY: Final = "any"
"""Host of what leaves all of Europe."""
_PLACE: Final[Where] = ("shift", "drawdowns")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A drawdown and where its parts stand.

    Parameters
    ----------
    drawdown
        The drawdown, as it was written.
    at
        Where a path of it stands, such as ``("steps", 0, "date")``.
    shipped
        Whether it is one of the shipped ones.
    """

    drawdown: Drawdown
    at: At = field(repr=False, compare=False)
    shipped: bool = False


def shipped_drawdowns() -> tuple[str, ...]:
    """Return the names of the shipped drawdowns."""
    return tuple(sorted(path.stem for path in DRAWDOWNS.glob("*.yaml")))


def read_drawdown(name: str | Path, folder: Path | None = None, where: str = "") -> Schedule:
    """Read a drawdown: a shipped one by its name, or one of the user's own from its file.

    Parameters
    ----------
    name
        Name of a shipped drawdown, or a .yaml file.
    folder
        Folder in which the file is looked for, and which it may not leave; None: the path stands for itself.
    where
        Place that names it, for messages.

    Raises
    ------
    ScenarioError
        Any fault, all of them at once, by file and line.
    """
    text = str(name)
    if not text.lower().endswith(OWN_FILE):
        if text not in shipped_drawdowns():
            fault = unknown_name_fault("drawdown", text, shipped_drawdowns(), where)
            raise ScenarioError(Fault(fault.what, where, mend=f"{fault.mend} A file of your own ends in .yaml."))
        return _shipped(text)
    path = Path(name) if folder is None else inside(folder, text, where)
    if folder is not None and not path.is_file():
        raise ScenarioError(Fault("there is no such file", where, f"'{text}'", mend=f"Looked in {folder}."))
    return _read(read_yaml(path), shipped=False)


def schedules(parsed: Scenario, folder: Path, at: At) -> tuple[tuple[Schedule, ...], tuple[Fault, ...]]:
    """Return the drawdowns of a scenario that can be read, and the faults of the others.

    Parameters
    ----------
    parsed, folder
        The scenario, and the folder in which its files are looked for.
    at
        Where a path of the scenario stands.
    """
    found: list[Schedule] = []
    faults: list[Fault] = []
    for place, item in enumerate(parsed.shift.drawdowns):
        path: Where = (*_PLACE, place)
        if isinstance(item, Drawdown):
            found.append(Schedule(item, functools.partial(_inside, at, path)))
            continue
        try:
            found.append(read_drawdown(item, folder, at(path)))
        except ScenarioError as error:
            faults += error.faults
    return tuple(found), tuple(faults)


def with_codes(found: Sequence[Schedule]) -> tuple[Drawdown, ...]:
    """Return drawdowns whose hosts are codes of Allies, however they were spelled; those of checked schedules."""
    done = []
    for item in found:
        steps = tuple(step.model_copy(update={"host": host_code(step.host)}) for step in item.drawdown.steps)
        done.append(item.drawdown.model_copy(update={"steps": steps}))
    return tuple(done)


def host_code(host: str) -> str:
    """Return ``any``, or the code of the Ally that a host names; the text itself where there is none."""
    if host.strip().lower() == ANY:
        return ANY
    try:
        return ally(host).code
    except Article3Error:
        return host


def _inside(at: At, under: Where, path: Where) -> str:
    return at((*under, *path))


@functools.cache
def _shipped(name: str) -> Schedule:
    return _read(read_yaml(DRAWDOWNS / f"{name}.yaml"), shipped=True)


def _read(document: Document, *, shipped: bool) -> Schedule:
    if not isinstance(document.data, dict):
        expected = "such as 'drawdown: mine'"
        raise ScenarioError(Fault("a drawdown is a list of 'key: value' lines", document.name, expected=expected))
    try:
        drawdown = Drawdown.model_validate(document.data)
    except ValidationError as error:
        raise ScenarioError(value_faults(error, document.where, (*_PLACE, 0))) from error
    return Schedule(drawdown, document.where, shipped)
