"""The pages of the documentation: where they are, what stands in their fences, and how output is compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
REFERENCE: Final = ROOT / "docs/reference"
EXECUTED: Final = ("console", "python")

_FENCE: Final = re.compile(r"^```(?P<kind>\w*)(?P<words>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    kind: str
    words: dict[str, str]
    text: str

    @property
    def where(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    def steps(self) -> list[tuple[str, list[str]]]:
        """Return the commands of a console block, each with the lines shown below it."""
        steps: list[tuple[str, list[str]]] = []
        for line in self.text.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            elif not steps:
                raise AssertionError(f"{self.where}: a console block starts with '$ '")
            else:
                steps[-1][1].append(line)
        return steps


def pages() -> list[Path]:
    """Return every page of the documentation."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        words = dict(word.split("=", 1) for word in match["words"].split() if "=" in word)
        line = text[: match.start()].count("\n") + 1
        found.append(Block(page, line, match["kind"], words, match["text"]))
    return found


def without_code(text: str) -> str:
    """Return the text of a page without its fences and its inline code."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))


def agrees(shown: list[str], printed: str) -> bool:
    """Return whether output is what a page shows.

    A line ``...`` stands for any lines, also none; ``...`` within a line for any text of that line. Blanks at the
    end of a line and empty lines at the end make no difference.
    """
    pattern = ""
    for line in "\n".join(shown).rstrip().splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.rstrip().split("...")) + r"\n"
    lines = "".join(f"{line.rstrip()}\n" for line in printed.rstrip().splitlines())
    return re.fullmatch(pattern, lines) is not None
