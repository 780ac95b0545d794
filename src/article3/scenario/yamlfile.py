"""YAML with line numbers: every value knows where it stands, and every mistake is told in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from article3.errors import EvidenceError, Fault, ScenarioError
from article3.evidence.longtable import decode

MAX_BYTES: Final = 1_000_000
Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain data, with the line of every key and item.

    Parameters
    ----------
    name
        File name for messages.
    data
        Mappings, lists and scalars.
    lines
        Line of each path, such as ``("horizon", "end")`` or ``("pledges", 0)``.
    """

    name: str
    data: Any
    lines: Mapping[Where, int] = field(repr=False)

    def where(self, path: Where) -> str:
        """Return ``file, line n`` for a path, or for its closest parent that stands in the file."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return f"{self.name}, line {self.lines[path[:end]]}"
        return self.name


class _Loader(yaml.SafeLoader):
    """Reads YAML without anchors: a scenario says what it means where it means it."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "an alias (*name) is not allowed", event.start_mark)
        return super().compose_node(parent, index)


def read_yaml(path: Path) -> Document:
    """Read a YAML file.

    Raises
    ------
    ScenarioError
        The file is missing, too large, not UTF-8, or not YAML; the fault names line and column.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ScenarioError(Fault("the file is too large for a scenario", str(path), mend="Is it the right file?"))
        return parse_yaml(decode(path), path.name)
    except EvidenceError as error:
        raise ScenarioError(error.faults) from error
    except (FileNotFoundError, IsADirectoryError) as error:
        raise ScenarioError(Fault("there is no such file", where=str(path))) from error
    except OSError as error:
        raise ScenarioError(Fault(f"cannot be read: {error.strerror}", where=str(path))) from error


def parse_yaml(text: str, name: str) -> Document:
    """Read YAML text; see :func:`read_yaml`."""
    loader = _Loader(text)
    lines: dict[Where, int] = {}
    faults: list[Fault] = []
    try:
        node = loader.get_single_node()
        data = None if node is None else _plain(loader, node, (), lines, faults, name)
    except yaml.YAMLError as error:
        raise ScenarioError(_yaml_fault(error, text, name)) from error
    except RecursionError as error:
        raise ScenarioError(Fault("lists or mappings stand too deep inside one another", where=name)) from error
    finally:
        loader.dispose()
    if faults:
        raise ScenarioError(faults)
    return Document(name, data, lines)


def _plain(
    loader: _Loader, node: yaml.Node, path: Where, lines: dict[Where, int], faults: list[Fault], name: str
) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        out: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if key in out:
                first = lines[*path, key]
                faults.append(Fault(f"key '{key}' stands twice", f"{name}, lines {first} and {line}", mend="Keep one."))
            lines[*path, key] = line
            out[key] = _plain(loader, value_node, (*path, key), lines, faults, name)
        return out
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*path, i), lines, faults, name) for i, item in enumerate(node.value)]
    try:
        return loader.construct_object(node, deep=True)
    except ValueError:
        # Written as a day or a number, and none: '2027-13-01'.
        where, found = f"{name}, line {node.start_mark.line + 1}", f"'{node.value}'"
        faults.append(Fault("no such day or number", where, found, mend="Days are year-month-day, such as 2027-10-01."))
        return None


def _yaml_fault(error: yaml.YAMLError, text: str, name: str) -> Fault:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return Fault(f"not valid YAML: {error}", where=name)
    where = f"{name}, line {mark.line + 1}, column {mark.column + 1}"
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: mark.column + 1]:
        return Fault("a tab indents this line", where=where, mend="YAML allows only spaces: replace the tab by two.")
    problem = getattr(error, "problem", None) or "cannot be read"
    return Fault(f"not valid YAML: {problem}", where=where, found=f"'{line.strip()[:60]}'" if line.strip() else "")
