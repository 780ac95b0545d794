"""The same questions, answered by pandas on the same files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from benchmarks.growth.question import ADDRESS, DATASETS, DAY, MEASURE, Operation, same

TEXT = ("ally", "measure", "unit", "price_base", "vintage", "status", "standing", "source_id", "note")


def read_csv(folder: Path, engine: Literal["c", "pyarrow"]) -> dict[str, pd.DataFrame]:
    """Read all CSV files of both datasets."""
    types = dict.fromkeys(TEXT, "str")
    return {
        dataset: pd.concat(
            [pd.read_csv(path, dtype=types, engine=engine) for path in sorted((folder / dataset).glob("*.csv"))],
            ignore_index=True,
        )
        for dataset in DATASETS
    }


def read_parquet(_folder: Path) -> dict[str, pd.DataFrame]:
    """Read the Parquet copies that article3 wrote."""
    return {dataset: pd.read_parquet(_copy(dataset)) for dataset in DATASETS}


def _copy(dataset: str) -> Path:
    (path,) = Path(os.environ["ARTICLE3_CACHE"]).glob(f"{dataset}-*.parquet")
    return path


def describe(tables: dict[str, pd.DataFrame]) -> list[Any]:
    """Return number of figures and largest value for each vintage."""
    grouped = {name: table.groupby("vintage")["value"].agg(["size", "max"]) for name, table in tables.items()}
    return [
        [name, vintage, int(size), float(largest)]
        for name, table in grouped.items()
        for vintage, size, largest in table.itertuples()
    ]


@dataclass(frozen=True, slots=True)
class Held:
    """NATO's figures and the list of vintages, in memory."""

    figures: pd.DataFrame
    vintages: pd.DataFrame


def prepare(folder: Path) -> Held:
    """Load NATO's figures from the Parquet copy, and the list of vintages."""
    vintages = pd.read_csv(folder / "vintages.csv", dtype="str")
    return Held(pd.read_parquet(_copy("nato")), vintages[vintages["dataset"] == "nato"])


def newest(held: Held) -> pd.DataFrame:
    """Return the newest value for each Ally and year as known on the day."""
    known = held.vintages[held.vintages["known_from"] <= DAY].sort_values(["known_from", "vintage"])["vintage"]
    order = {name: position for position, name in enumerate(known)}
    rows = held.figures[(held.figures["measure"] == MEASURE) & held.figures["vintage"].isin(list(order))]
    return (
        rows.assign(_order=rows["vintage"].map(order))
        .sort_values("_order")
        .drop_duplicates(["ally", "period"], keep="last")
        .drop(columns="_order")
        .sort_values(["ally", "period"])
    )


def rows(found: pd.DataFrame) -> list[Any]:
    """Return the rows of the answer."""
    return [list(row) for row in found[["ally", "period", "value", "vintage"]].itertuples(index=False)]


def lookup(held: Held) -> float:
    """Return the value at the address."""
    place, _, key = ADDRESS.partition("#")
    _, vintage, measure = place.split("/")
    ally, period = key.split("/")
    table = held.figures
    found = table[
        (table["vintage"] == vintage)
        & (table["measure"] == measure)
        & (table["ally"] == ally)
        & (table["period"] == int(period))
    ]
    return float(found["value"].iloc[0])


OPERATIONS = {
    "read_csv": Operation(same, partial(read_csv, engine="c"), describe),
    "read_csv_pyarrow": Operation(same, partial(read_csv, engine="pyarrow"), describe),
    "open": Operation(same, read_parquet, describe),
    "newest": Operation(prepare, newest, rows, again=7),
    "lookup": Operation(prepare, lookup, same, again=7),
}
