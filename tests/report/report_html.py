"""A page, read back, and the rows its numbers stand in."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from article3.errors import AddressError
from article3.evidence.addresses import ResultAddress, parse_address
from article3.run.analysis import Run


def row_at(run: Run, address: str) -> tuple[str, dict[str, Any]]:
    """Return the column an address of a result names, and the row it stands in."""
    where = parse_address(address)
    assert isinstance(where, ResultAddress)
    for finding in run.findings:
        if (finding.name, finding.when) == (where.table, where.when):
            try:
                return where.column, finding.row(where.keys)
            except AddressError:
                continue
    raise AssertionError(f"the run has nothing at {address}")


VOID = {"meta", "link", "br", "img", "input", "hr"}


@dataclass
class Node:
    """One element: tag, attributes, children, and the text inside it."""

    tag: str
    attributes: dict[str, str]
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    def all(self, tag: str = "") -> list[Node]:
        """Return the elements below with a tag, in order."""
        found = []
        for child in self.children:
            found += [child] if tag in ("", child.tag) else []
            found += child.all(tag)
        return found

    @property
    def text(self) -> str:
        """All text inside."""
        return "".join(self.pieces)

    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


class Page(HTMLParser):
    """Reads HTML into elements and keeps the bytes."""

    def __init__(self, data: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.data, self.html = data, data.decode()
        self.root = self.here = Node("", {})
        self.wrong: list[str] = []
        self.feed(self.html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(node)
        if tag not in VOID:
            self.here = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        if self.here.tag != tag:
            self.wrong.append(f"</{tag}> closes <{self.here.tag}>")
        if self.here.parent is not None:
            self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        node: Node | None = self.here
        while node is not None:
            node.pieces.append(data)
            node = node.parent

    def all(self, tag: str = "") -> list[Node]:
        return self.root.all(tag)

    @property
    def visible(self) -> str:
        """The text a reader meets: without style, script and addresses."""
        hidden = "".join(node.text for tag in ("style", "script", "title") for node in self.all(tag))
        return self.root.text.replace(hidden, "") if hidden else self.root.text
