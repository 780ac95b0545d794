"""What the pages show is what the program prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from docs_pages import EXECUTED, ROOT, Block, agrees, blocks, pages

PAGES = [page for page in pages() if any(block.kind in EXECUTED for block in blocks(page))]


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_the_tutorials_and_methods_are_executed() -> None:
    """A page of these folders that shows nothing to run would be untested prose."""
    found = {named(page) for page in PAGES}
    wanted = {named(page) for folder in ("tutorials", "methods") for page in (ROOT / "docs" / folder).glob("*.md")}
    assert wanted <= found
    assert "README.md" in found


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_a_page_shows_what_the_program_prints(page: Path, tmp_path: Path) -> None:
    """Blocks run in order in an empty folder, each in processes of its own; all that differ are told."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ARTICLE3_EVIDENCE": str(tmp_path / "evidence"),
        "PYTHONIOENCODING": "utf-8",
    }
    folder = tmp_path / "work"
    folder.mkdir()
    wrong: list[str] = []
    for block in blocks(page):
        if "file" in block.words:
            (folder / block.words["file"]).write_text(block.text, encoding="utf-8")
        elif block.kind == "console":
            wrong += run_console(block, folder, environment)
        elif block.kind == "python":
            wrong += run_python(block, folder, environment)
    assert not wrong, "\n\n".join(wrong)


def run_console(block: Block, folder: Path, environment: dict[str, str]) -> list[str]:
    wrong = []
    code = int(block.words.get("exit", 0))
    for command, shown in block.steps():
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != code:
            wrong.append(f"{block.where}: $ {command}\nexit code {done.returncode}, not {code}\n{done.stdout}")
        elif not agrees(shown, done.stdout):
            wrong.append(f"{block.where}: $ {command}\nshown:\n{chr(10).join(shown)}\n\nprinted:\n{done.stdout}")
    return wrong


def run_python(block: Block, folder: Path, environment: dict[str, str]) -> list[str]:
    """Run a block with ``>>>`` as a doctest, any other as a script."""
    examples = ">>> " in block.text
    script = folder / ("block.txt" if examples else "block.py")
    script.write_text(block.text, encoding="utf-8")
    words = ["-m", "doctest", "-o", "ELLIPSIS", script.name] if examples else [script.name]
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    script.unlink()
    return [f"{block.where}:\n{done.stdout}{done.stderr}"] if done.returncode or done.stdout else []


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        (["17 Allies"], "17 Allies\n", True),
        (["17 Allies"], "18 Allies\n", False),
        (["17 Allies"], "17 Allies\nand more\n", False),
        (["17 Allies", "..."], "17 Allies\nand more\n", True),
        (["...", "b"], "a\na\nb\n", True),
        (["...", "b"], "a\na\nc\n", False),
        (["a ... c"], "a b c\n", True),
        (["a ... c"], "a b\nc\n", False),
        (["a"], "a   \n", True),
        ([], "", True),
        ([], "a\n", False),
    ],
)
def test_output_is_compared_line_by_line(shown: list[str], printed: str, expected: bool) -> None:
    assert agrees(shown, printed) is expected


def test_a_wrong_page_is_found(tmp_path: Path) -> None:
    """The runner itself must be able to fail: wrong output, wrong exit code, wrong value."""
    environment = {**os.environ, "PATH": os.environ["PATH"]}
    page = ROOT / "docs/index.md"
    assert run_console(Block(page, 1, "console", {}, "$ echo 17\n18\n"), tmp_path, environment)
    assert run_console(Block(page, 1, "console", {}, "$ false\n"), tmp_path, environment)
    assert run_python(Block(page, 1, "python", {}, ">>> 1 + 1\n3\n"), tmp_path, environment)
    assert run_python(Block(page, 1, "python", {}, "raise SystemExit(3)\n"), tmp_path, environment)
    assert not run_console(Block(page, 1, "console", {}, "$ echo 17\n17\n"), tmp_path, environment)
    assert not run_python(Block(page, 1, "python", {}, ">>> 1 + 1\n2\n"), tmp_path, environment)
