"""Seal an evidence folder: its Frictionless ``datapackage.json`` and its list of SHA-256 sums, and verify them."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any, Final

from article3.evidence import atomic
from article3.evidence.releases import read_sources, read_vintages
from article3.evidence.store import CHECKSUMS
from article3.evidence.table import SCHEMA

PACKAGE: Final = "datapackage.json"
_TYPES: Final = {"String": "string", "Int32": "integer", "Int8": "integer", "Float64": "number"}


def checksums(folder: Path) -> str:
    """Return the text of the list of SHA-256 sums of a folder's CSV files and its data package."""
    paths = [*sorted(folder.rglob("*.csv")), folder / PACKAGE]
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in paths
        if path.exists()
    )


def datapackage(folder: Path) -> dict[str, Any]:
    """Return the Frictionless description of an evidence folder (Data Package 1.0, table schema per resource)."""
    long = {
        "fields": [{"name": name, "type": _TYPES[str(kind)]} for name, kind in SCHEMA.items()],
        "primaryKey": ["ally", "measure", "period", "vintage"],
        "missingValues": [""],
    }
    titles = {f"{vintage.dataset}/{vintage.vintage}": vintage.title for vintage in read_vintages(folder)}
    resources = []
    for path in sorted(folder.rglob("*.csv")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        is_release = name in titles
        resources.append(
            {
                "name": name.replace("/", "-").lower(),
                "path": f"{name}.csv",
                "title": titles.get(name, name.capitalize()),
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "schema": long if is_release else _plain_schema(path),
            }
        )
    sources = [{"title": source.citation, "path": source.url} for source in read_sources(folder).values() if source.url]
    return {
        "profile": "tabular-data-package",
        "name": "article3-evidence",
        "title": "Evidence of article3: NATO defence expenditure and IMF World Economic Outlook, in vintages",
        "licenses": [{"name": "other", "title": "Figures with terms of their own: see DATA-LICENCES.md"}],
        "sources": list({source["title"]: source for source in sources}.values()),
        "resources": resources,
    }


def _plain_schema(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    return {"fields": [{"name": name, "type": "string"} for name in header], "missingValues": [""]}


def seal(folder: Path) -> None:
    """Write ``datapackage.json`` and the list of checksums of an evidence folder.

    Raises
    ------
    CannotWriteError
        The folder cannot be written.
    """
    text = json.dumps(datapackage(folder), indent=1, ensure_ascii=False) + "\n"
    atomic.write_file(folder / PACKAGE, text.encode())
    atomic.write_file(folder / CHECKSUMS, checksums(folder).encode())


def broken(folder: Path) -> list[str]:
    """Return the files whose content is not what the list of checksums says, missing and unlisted ones included."""
    path = folder / CHECKSUMS
    listed = set(path.read_text(encoding="utf-8").splitlines()) if path.exists() else set()
    return sorted({line.split("  ", 1)[1] for line in listed ^ set(checksums(folder).splitlines())})
