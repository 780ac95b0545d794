"""Evidence folders of N times the shipped figures: copies of every vintage under earlier names.

Run as a module with a folder and a number, so that the process that measures stays small.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import polars as pl

from article3.evidence.releases import known_from
from article3.evidence.store import CHECKSUMS, SHIPPED
from article3.evidence.table import SCHEMA

DATASETS = ("nato", "weo")
YEARS_BACK = 10  # the shipped vintages span fewer, so that no two copies share a name


def earlier(vintage: str, copy: int) -> str:
    """Return the name of a vintage in the numbered copy: ``2024-06-17`` is ``2014-06-17`` in copy 1."""
    year, rest = vintage.split("-", maxsplit=1)
    return f"{int(year) - YEARS_BACK * copy:04d}-{rest}"


def build(folder: Path, scale: int) -> None:
    """Write an evidence folder in the shipped layout; copy 0 is the shipped files themselves."""
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.json", CHECKSUMS))
    for dataset in DATASETS:
        for path in sorted((SHIPPED / dataset).glob("*.csv")):
            release = pl.read_csv(path, schema=SCHEMA)
            for copy in range(1, scale):
                name = earlier(path.stem, copy)
                _renamed(release, path.stem, name, copy).write_csv(folder / dataset / f"{name}.csv")
    _write_lists(folder, scale)
    _write_checksums(folder)


def _renamed(release: pl.DataFrame, old: str, new: str, copy: int) -> pl.DataFrame:
    return release.with_columns(
        pl.lit(new).alias("vintage"),
        pl.col("price_base").str.replace(old, new, literal=True),
        pl.col("source_id") + f"-copy-{copy}",
    )


def _write_lists(folder: Path, scale: int) -> None:
    vintages = pl.read_csv(SHIPPED / "vintages.csv", infer_schema=False)
    sources = pl.read_csv(SHIPPED / "sources.csv", infer_schema=False)
    copies = range(1, scale)
    pl.concat([vintages, *(_earlier_vintages(vintages, copy) for copy in copies)]).write_csv(folder / "vintages.csv")
    more = (sources.with_columns(pl.col("source_id") + f"-copy-{copy}") for copy in copies)
    pl.concat([sources, *more]).write_csv(folder / "sources.csv")


def _earlier_vintages(vintages: pl.DataFrame, copy: int) -> pl.DataFrame:
    names = [earlier(name, copy) for name in vintages["vintage"]]
    days = [known_from(name).isoformat() for name in names]
    return vintages.with_columns(pl.Series("vintage", names), pl.Series("known_from", days))


def _write_checksums(folder: Path) -> None:
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*.csv"))
    )
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    build(Path(sys.argv[1]), int(sys.argv[2]))
