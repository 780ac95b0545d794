"""Figures of the user's own: the planning workbook out and in, and checks of contingency files."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from article3.errors import Fault, InputError, ScenarioError
from article3.evidence import atomic
from article3.evidence.planbook import Key, Line, held_lines, write_workbook
from article3.evidence.planbook_reading import read_workbook
from article3.evidence.planning import (
    Overlay,
    keep,
    open_planning,
    planning_folders,
    read_kept,
)
from article3.evidence.releases import read_sources
from article3.evidence.store import open_evidence, user_folder
from article3.run.answers import Answer, base_meta, cite
from article3.scenario.contingency import given_faults, read_contingency, with_own
from article3.scenario.planned import read_shipped, requirement_lines


def export_workbook(path: Path) -> Answer:
    """Write the planning workbook: what is held, and room for figures of the user's own.

    Raises
    ------
    InputError
        The name is not that of a workbook, or the file exists: it may hold somebody's work.
    CannotWriteError
        The disk is full or the folder cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise InputError(Fault("a workbook's name ends in .xlsx", "--workbook", str(path)))
    if path.exists():
        mend = "It may hold figures of yours: choose another name, or remove it first."
        raise InputError(Fault("the file exists already", "--workbook", str(path), mend=mend))
    from article3 import __version__  # noqa: PLC0415

    default = open_planning(planning_folders()[:1])
    held = held_lines(default, requirement_lines(read_shipped(default)))
    kept = _kept()
    edition = f"article3 {__version__}, planning tables {default.digest()[:12]}"
    atomic.write_file(path, write_workbook(held, kept, read_sources(planning_folders()[0]), edition))
    rows = tuple({"table": "workbook", "sheet": name, "rows": len(lines), "yours": _count(kept, name)}
                 for name, lines in held.items())  # fmt: skip
    text = (
        f"{path} holds {sum(len(lines) for lines in held.values()):,} figures on {len(held)} sheets, {len(kept)} of "
        "your own. Write yours under 'yours' and bring it back with 'article3 evidence import', or name it under "
        "'evidence' in a scenario."
    )
    return Answer("evidence export", rows, text, meta=base_meta(open_evidence()))


def import_workbook(path: Path, *, dry_run: bool = False, verb: str = "evidence import") -> Answer:
    """Read a planning workbook and, unless ``dry_run``, keep what stands under ``yours``. All of it or nothing.

    Raises
    ------
    InputError
        Any fault, all of them at once, by sheet and cell; nothing was kept.
    """
    default = open_planning(planning_folders()[:1])
    contingencies = read_shipped(default)
    held = held_lines(default, requirement_lines(contingencies))
    kept = _kept()
    edits = read_workbook(path, held, kept)
    after = edits.over(kept)
    planning = open_planning(planning_folders()[:1], after)
    # A figure that is kept holds for every later run: it must not break the shipped contingencies.
    faults = [fault for item in contingencies for fault in given_faults(with_own(item, after), planning)]
    if faults:
        raise ScenarioError(faults)
    rows = _changes(held, kept, after)
    if not dry_run and rows:
        keep(after, user_folder())
    sources = cite(open_evidence(), dict.fromkeys(item.source for item in after))
    meta = {**base_meta(open_evidence()), "kept": len(after)}
    return Answer(verb, tuple(rows), _sentence(rows, len(after), dry_run=dry_run), sources, edits.warnings, meta)


def check_contingency(path: Path) -> Answer:
    """Check a contingency file.

    Raises
    ------
    ScenarioError
        The file has faults; all of them are told.
    """
    found = read_contingency(path, open_planning())
    rows = tuple(
        {
            "table": "requirement",
            "contingency": found.id,
            "capability": need.capability,
            "window_days": need.window_days,
            "low": need.low,
            "central": need.central,
            "high": need.high,
            "basis": need.basis,
            "essential": need.capability in found.essential,
            "source_id": need.source_id,
            "standing": need.standing,
        }
        for need in found.needs
    )
    named = len({need.capability for need in found.needs})
    text = (
        f"The contingency '{found.id}' is well formed: it requires {named} capabilities, "
        f"{len(found.essential)} of them essential."
    )
    return Answer("check", rows, text, meta=base_meta(open_evidence()))


def _kept() -> tuple[Overlay, ...]:
    return tuple(item for folder in planning_folders() for item in read_kept(folder))


def _count(kept: Iterable[Overlay], table: str) -> int:
    return sum(item.table == table for item in kept)


def _changes(
    held: Mapping[str, Sequence[Line]], kept: Sequence[Overlay], after: Sequence[Overlay]
) -> list[dict[str, Any]]:
    """Return what is added, changed and given up, with the figure before: the kept one, or else the default."""
    defaults: dict[tuple[str, Key], Line] = {(name, line.key): line for name, lines in held.items() for line in lines}
    before = {(item.table, item.key): item for item in kept}
    now = {(item.table, item.key): item for item in after}
    rows = []
    for place, item in now.items():
        old = before.get(place)
        if old is None or not _same(old, item):
            change = "added" if old is None else "changed"
            rows.append(_row(change, item, defaults.get(place), old))
    rows += [_row("given up", old, defaults.get(place), old) for place, old in before.items() if place not in now]
    return rows


def _row(change: str, item: Overlay, default: Line | None, old: Overlay | None) -> dict[str, Any]:
    gone = change == "given up"
    return {
        "table": "own_figure",
        "sheet": item.table,
        "key": "/".join(item.key),
        "change": change,
        "default": default.figure[1] if default else None,
        "before": old.central if old else None,
        "low": None if gone else item.low,
        "central": None if gone else item.central,
        "high": None if gone else item.high,
        "unit": item.unit,
        "source": item.source,
        "note": item.note,
        "standing": "yours",
        "cell": "" if gone else item.where,
    }


def _same(first: Overlay, second: Overlay) -> bool:
    """Return whether two own figures say the same; a workbook holds 16 digits of 17."""
    pairs = zip((first.low, first.central, first.high), (second.low, second.central, second.high), strict=True)
    words = (first.unit, first.source, first.note) == (second.unit, second.source, second.note)
    return words and all(math.isclose(left, right, rel_tol=1e-12) for left, right in pairs)


def _sentence(rows: Sequence[Mapping[str, Any]], kept: int, *, dry_run: bool) -> str:
    if not rows:
        return f"Nothing to do: {kept} figures of your own are kept, and the workbook says nothing else."
    counts = {name: sum(row["change"] == name for row in rows) for name in ("added", "changed", "given up")}
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    if dry_run:
        return f"Would keep {kept} figures of your own: {said}. Nothing was kept."
    return (
        f"{kept} figures of your own are kept: {said}. They hold in every run from now on, with standing 'yours'; "
        "write the word default under 'yours central' and import again to give one up."
    )
