"""Compare two runs: first the inputs that differ, then the results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from article3.run import shift_diff
from article3.run.answers import Answer
from article3.run.folder import describe, keys_of
from article3.run.plan_diff import compared_here, plan_changes, plan_sentence

RESULT_TOLERANCE = 1e-12
"""Relative difference below which two numbers are the same number."""


def diff(
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    tables: tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]],
) -> Answer:
    """Compare two runs.

    Parameters
    ----------
    first, second
        Their manifests.
    tables
        Their tables by name.

    Returns
    -------
    Answer
        Table ``input``: ``key, first, second``; the tables of :func:`article3.run.plan_diff.plan_changes` and
        :func:`article3.run.shift_diff.shift_changes` where both have a plan; table ``result``: ``address, column,
        first, second, change``, of everything but plan and shift.
    """
    inputs = [
        {"table": "input", "key": key, "first": one, "second": two}
        for key, one, two in _inputs(first, second)
        if one != two
    ]
    results: list[dict[str, Any]] = []
    for name in sorted(tables[0].keys() | tables[1].keys()):
        if name in tables[0] and name in tables[1]:
            if compared_here(name) or shift_diff.compared_here(name):
                continue
            results += _rows(name, tables[0][name], tables[1][name], (str(first["as_of"]), str(second["as_of"])))
        else:
            side = "second" if name in tables[1] else "first"
            results.append(
                {
                    "table": "result",
                    "address": name,
                    "column": "",
                    "first": None,
                    "second": None,
                    "change": f"only in the {side}",
                }
            )
    plans, shifts = plan_changes(*tables), shift_diff.shift_changes(*tables)
    if first["digest"] == second["digest"]:
        text = "The two runs have the same digest: same scenario, same evidence, same version, same tables."
    else:
        said = (f"{len(inputs)} inputs and {len(results)} results differ.", plan_sentence(plans))
        text = " ".join(part for part in (*said, shift_diff.shift_sentence(shifts)) if part)
    method = first["article3"] != second["article3"]
    warnings = (f"The versions differ ({first['article3']}, {second['article3']}): methods may too.",) if method else ()
    return Answer(
        "diff",
        (*inputs, *plans, *shifts, *results),
        text,
        warnings=warnings,
        meta={"first": first["digest"], "second": second["digest"]},
    )


def _inputs(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    found = [(key, first.get(key), second.get(key)) for key in ("article3", "evidence", "planning", "state")]
    flat = [_flat(side["scenario"]) for side in (first, second)]
    return found + [(key, flat[0].get(key), flat[1].get(key)) for key in sorted(flat[0].keys() | flat[1].keys())]


def _flat(value: Any, prefix: str = "") -> dict[str, Any]:
    if isinstance(value, dict) and value:
        return {key: item for name in value for key, item in _flat(value[name], f"{prefix}.{name}".lstrip(".")).items()}
    return {prefix: value}


def _rows(name: str, first: pl.DataFrame, second: pl.DataFrame, days: tuple[str, str]) -> list[dict[str, Any]]:
    """Return the cells that differ between two tables of one name."""
    # What a row is about does not change with the as-of date of the run: that date is matched as 'now', while the
    # earlier dates of comparisons stay what they are; the scenario named after the date is what is compared.
    keys = list(keys_of(name))
    first, second = (
        frame.with_columns(pl.col("when").str.replace(day, "now", literal=True).str.replace("~.*$", ""))
        for frame, day in zip((first, second), days, strict=True)
    )
    first, second = first.with_columns(_one=True), second.with_columns(_two=True)
    joined = first.join(second, on=keys, how="full", suffix="_second", coalesce=True)
    shown = [column.column for column in describe(name) if not column.key and "address" not in column.column]
    rows: list[dict[str, Any]] = []
    for row in joined.iter_rows(named=True):
        address = f"{name}@{row['when']}#{'/'.join(str(row[key]) for key in keys[1:])}"
        if not (row["_one"] and row["_two"]):
            side = f"only in the {'first' if row['_one'] else 'second'}"
            rows.append(
                {"table": "result", "address": address, "column": "", "first": None, "second": None, "change": side}
            )
            continue
        for column in shown:
            one, two = row[column], row[f"{column}_second"]
            if not _same(one, two):
                change = two - one if isinstance(one, int | float) and isinstance(two, int | float) else None
                rows.append(
                    {
                        "table": "result",
                        "address": address,
                        "column": column,
                        "first": one,
                        "second": two,
                        "change": change,
                    }
                )
    return rows


def _same(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, float):
        return abs(one - two) <= RESULT_TOLERANCE * max(abs(one), abs(two), 1.0)
    return bool(one == two)
