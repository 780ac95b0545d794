"""ARCHITECTURE.md says what is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from docs_pages import ROOT, blocks

import article3

PAGE = ROOT / "ARCHITECTURE.md"
TEXT = PAGE.read_text(encoding="utf-8")
PACKAGE = ROOT / "src/article3"
ROOM = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
NAMED = re.compile(r"`((?:src|tests|docs|tools|benchmarks)/[^`\s]*|[\w.-]+\.(?:py|csv|yaml|toml|md|txt))`")


def part(heading: str, text: str = TEXT) -> str:
    """Return what stands under a heading of the second level."""
    return re.split(r"^## ", text.split(f"\n## {heading}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def rooms_in(folder: Path) -> set[str]:
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    packages = {path.name for path in folder.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    return modules | packages


def layers() -> list[set[str]]:
    """Return the order of rooms in the contract, the highest first."""
    tool: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    contract = next(item for item in tool["importlinter"]["contracts"] if item["type"] == "layers")
    assert contract["exhaustive"], "a room outside the contract must be an error"
    return [set(re.split(r"\s*[|:]\s*", layer)) for layer in contract["layers"]]


def test_the_rooms_listed_are_those_there() -> None:
    listed = ROOM.findall(part("Rooms"))
    assert len(listed) == len(set(listed))
    assert set(listed) == rooms_in(PACKAGE)


def test_the_order_is_the_contract() -> None:
    shown = next(block for block in blocks(PAGE) if block.kind == "text")
    assert [set(re.split(r"\s*\|\s*", line)) for line in shown.text.splitlines()] == layers()


def test_the_table_of_rooms_follows_the_order() -> None:
    place = {room: position for position, layer in enumerate(layers()) for room in layer}
    listed = [place[room] for room in ROOM.findall(part("Rooms"))]
    assert listed == sorted(listed)


def test_every_file_named_exists() -> None:
    named = NAMED.findall(TEXT)
    assert len(named) > 30
    # A bare name such as 'vintages.csv' stands in a folder that is named before it.
    bare = {path.name for path in PACKAGE.rglob("*.*")}
    assert [name for name in named if not (ROOT / name).exists() and name not in bare] == []


def test_every_type_named_stands_in_its_file() -> None:
    for line in part("Key types").splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) != 3 or not cells[0].startswith("`"):
            continue
        sources = [(ROOT / name).read_text(encoding="utf-8") for name in re.findall(r"`(src/[^`]+)`", cells[1])]
        assert sources, line
        for name in re.findall(r"`(\w+)`", cells[0]):
            pattern = rf"^(?:class {name}\b|{name}\b\s*[:=])"
            assert any(re.search(pattern, text, re.MULTILINE) for text in sources), f"{name} is not in {cells[1]}"


def test_every_public_name_is_listed() -> None:
    sentence = part("The public names").split(". ", maxsplit=1)[0]
    listed = set(re.findall(r"`(\w+)`", sentence))
    assert listed == set(article3.__all__)


def test_a_room_that_is_not_listed_is_found(tmp_path: Path) -> None:
    (tmp_path / "attic").mkdir()
    (tmp_path / "attic/__init__.py").touch()
    (tmp_path / "single.py").touch()
    (tmp_path / "empty").mkdir()
    assert rooms_in(tmp_path) == {"attic", "single"}
