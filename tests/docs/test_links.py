"""Links lead somewhere, and pages speak of the project alone."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from docs_pages import ROOT, blocks, pages, without_code

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
ANYWHERE = ("https://", "http://", "mailto:")


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found = set()
    for heading in HEADING.findall(text):
        bare = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "").lower()
        kept = "".join(
            sign for sign in bare if sign in " -_" or unicodedata.category(sign)[0] in "LN" or sign.isalnum()
        )
        found.add(kept.replace(" ", "-"))
    return found


def broken(page: Path, text: str) -> list[str]:
    """Return the links of a page's text that lead nowhere."""
    wrong = []
    for target in LINK.findall(without_code(text)):
        if target.startswith(ANYWHERE):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if Path(path).is_absolute() or not file.is_relative_to(ROOT) or not file.exists():
            wrong.append(f"{named(page)}: {target}")
        elif anchor and (file.suffix != ".md" or anchor not in anchors(file)):
            wrong.append(f"{named(page)}: {target} (no such heading)")
    return wrong


@pytest.mark.parametrize("page", pages(), ids=named)
def test_links_are_relative_and_lead_somewhere(page: Path) -> None:
    assert not broken(page, page.read_text(encoding="utf-8"))


def test_broken_links_are_found() -> None:
    page = ROOT / "docs/index.md"
    text = "[a](nowhere.md) [b](methods/units.md#nothing) [c](/etc/hosts) [d](../../x) [e](methods/units.md#the-rule)"
    assert len(broken(page, text)) == 4


def test_every_page_can_be_reached_from_the_first() -> None:
    """A page that nothing links to is not read."""
    todo, seen = [ROOT / "README.md"], {ROOT / "README.md"}
    while todo:
        page = todo.pop()
        for target in LINK.findall(without_code(page.read_text(encoding="utf-8"))):
            if not target.startswith(ANYWHERE) and target.partition("#")[0].endswith(".md"):
                file = (page.parent / target.partition("#")[0]).resolve()
                if file not in seen:
                    seen.add(file)
                    todo.append(file)
    assert [named(page) for page in pages() if page not in seen] == []


@pytest.mark.parametrize("page", pages(), ids=named)
def test_pages_name_no_machine(page: Path) -> None:
    """No path of somebody's machine, and no place where packages are fetched from."""
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w./:-])/(?:home|root|tmp|Users|mnt|opt|var|work)/", text)
    assert not re.search(r"pypi\.org|pythonhosted|anaconda\.org|/simple/", text)


@pytest.mark.parametrize("page", pages(), ids=named)
def test_pages_have_one_title(page: Path) -> None:
    text = without_code(page.read_text(encoding="utf-8"))
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1
    assert text.count("```") == 0, "a fence is not closed"
    assert all(block.kind for block in blocks(page)), "a fence names no language"
