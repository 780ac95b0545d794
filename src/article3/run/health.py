"""What works here: versions, evidence, folders."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from pathlib import Path
from typing import Any

from article3.evidence import checks, package
from article3.evidence.store import SHIPPED, cache_folder, open_evidence, user_folder
from article3.run.answers import Answer, base_meta

PARTS = ("polars", "numpy", "pydantic", "altair", "vl-convert-python", "xlsxwriter", "openpyxl", "typer")


def doctor() -> Answer:
    """Check versions, the integrity and the rules of the evidence, and the folders the program writes to."""
    everything = open_evidence()
    rows: list[dict[str, Any]] = [_row("python", platform.python_version(), ok=True)]
    rows += [_row(name, importlib.metadata.version(name), ok=True) for name in PARTS]
    changed = package.broken(SHIPPED)
    rows.append(_row("evidence files", ", ".join(changed) or "as shipped", ok=not changed))
    unlisted, stale = checks.run_checks(open_evidence(folders=(SHIPPED,)))
    known = len(checks.exceptions())
    text = (
        ", ".join(f"{item.check} {item.address}" for item in unlisted[:5])
        or f"all rules hold, {known} exceptions named"
    )
    rows.append(_row("evidence rules", text, ok=not unlisted and not stale))
    shipped = {(vintage.dataset, vintage.vintage) for vintage in open_evidence(folders=(SHIPPED,)).vintages}
    own = [f"{v.dataset}/{v.vintage}" for v in everything.vintages if (v.dataset, v.vintage) not in shipped]
    rows.append(_row("own evidence", f"{user_folder()}: {', '.join(own) or 'none'}", ok=True))
    rows.append(_row("cache", str(cache_folder()), ok=_writable(cache_folder())))
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    rows.append(_row("browser", browser or "none found: only the tests of the report need one", ok=True))
    bad = [row["part"] for row in rows if not row["ok"]]
    sentence = f"Not well: {', '.join(bad)}." if bad else "All is well."
    return Answer("doctor", tuple(rows), sentence, meta=base_meta(everything))


def _row(part: str, found: str, *, ok: bool) -> dict[str, Any]:
    return {"table": "doctor", "part": part, "ok": ok, "found": found}


def _writable(folder: Path) -> bool:
    """Return whether a file could be written there, without leaving one."""
    import os  # noqa: PLC0415

    while not folder.exists():
        folder = folder.parent
    return os.access(folder, os.W_OK)
