"""The run folder: tables, scenario, manifest and the pages other rooms add; complete or not there."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl
import yaml

from article3.errors import Fault, InputError
from article3.evidence import atomic
from article3.evidence.findings import Column
from article3.run import shift_files
from article3.run.analysis import Run
from article3.run.described import columns
from article3.run.plan_files import contents, state_digest

MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A run read back from its folder.

    Parameters
    ----------
    folder
        Where it stands.
    manifest
        Version, digest, scenario, vintages, and the SHA-256 of every file.
    tables
        The tables by name; column ``when`` is the as-of date.
    """

    folder: Path
    manifest: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]


def save(run: Run, folder: Path, pages: Mapping[str, Callable[[Run], bytes]] | None = None) -> Path:
    """Write a run folder, whole or not at all.

    Parameters
    ----------
    run
        The run.
    folder
        The folder; a complete older run there is replaced only when the new one is complete.
    pages
        Further files by name with the function that makes them, such as the report's.

    Raises
    ------
    CannotWriteError
        The disk is full or the place is not writable; nothing was changed.
    InputError
        The folder exists and is not a run folder: it is left alone.
    """
    if folder.exists() and not (folder / MANIFEST).exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
        raise InputError(
            Fault(
                "the folder exists and holds something else",
                where=str(folder),
                mend="Choose another with --out.",
            )
        )
    files = scenario_files(run)
    tables = run.tables()
    files |= contents(run.inputs, tables) | shift_files.contents(run.inputs, tables)
    for name, table in tables.items():
        files[f"tables/{name}.csv"] = table_csv(table)
        files[f"tables/{name}.parquet"] = _parquet(table)
    for name, make in (pages or {}).items():
        files[name] = make(run)
    files[MANIFEST] = _json(manifest(run, files))
    with atomic.folder(folder) as part:
        for name, data in files.items():
            atomic.write_file(part / name, data)
    return folder


def scenario_files(run: Run) -> dict[str, bytes]:
    """Return the resolved scenario and the user's files it names: enough to run it again from the run folder."""
    scenario = run.inputs.scenario
    text = yaml.safe_dump(scenario.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    own = [name for name in scenario.contingencies if name.lower().endswith((".yaml", ".yml"))]
    named = [*scenario.evidence, *own, *([scenario.claims] if scenario.claims not in ("example", "none") else [])]
    named += [scenario.plan.state] if scenario.plan.state else []
    named += shift_files.own_drawdowns(run.inputs)
    return {
        f"scenario/{run.name}.yaml": text.encode(),
        **{f"scenario/{name}": (run.inputs.folder / name).read_bytes() for name in named},
    }


def manifest(run: Run, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what the run is made of, and the SHA-256 of its files."""
    from article3 import __version__  # noqa: PLC0415

    evidence = run.inputs.evidence
    return {
        "article3": __version__,
        "name": run.name,
        "digest": run.digest,
        "as_of": evidence.as_of.isoformat() if evidence.as_of else None,
        "scenario": run.inputs.scenario.model_dump(mode="json"),
        "changed_from_baseline": list(run.inputs.changed),
        "evidence": evidence.digest(),
        "planning": run.inputs.gap_digest(),
        "state": state_digest(run.inputs),
        "vintages": [f"{vintage.dataset}/{vintage.vintage}" for vintage in evidence.vintages],
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }


def load(folder: Path) -> SavedRun:
    """Read a run folder back.

    Raises
    ------
    InputError
        It is not a run folder, or a file of it was changed.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(Fault("not a run folder: it has no manifest.json", where=str(folder)))
    found = json.loads(path.read_text(encoding="utf-8"))
    faults = [
        Fault("the file is missing or was changed after the run", where=str(folder / name), mend="Run it again.")
        for name, digest in found["files"].items()
        if not (folder / name).is_file() or hashlib.sha256((folder / name).read_bytes()).hexdigest() != digest
    ]
    if faults:
        raise InputError(faults)
    names = [Path(name).stem for name in found["files"] if name.endswith(".parquet")]
    return SavedRun(folder, found, {name: pl.read_parquet(folder / "tables" / f"{name}.parquet") for name in names})


def keys_of(table: str) -> tuple[str, ...]:
    """Return the columns that identify a row of a saved table."""
    return ("when", *(column.column for column in describe(table) if column.key))


def describe(table: str) -> tuple[Column, ...]:
    """Return the descriptions of a table's columns."""
    return columns()[table]


def table_csv(table: pl.DataFrame) -> bytes:
    """Return a table as CSV bytes: exact values, lists of addresses joined by spaces."""
    lists = [name for name, kind in table.schema.items() if kind == pl.List(pl.String)]
    return table.with_columns(pl.col(lists).list.join(" ")).write_csv().encode()


def _parquet(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
