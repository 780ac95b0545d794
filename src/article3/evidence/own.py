"""The user's own evidence: official files they import and tables of their own, kept apart from the shipped."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from article3.errors import EvidenceError, Fault, ImportFileError
from article3.evidence import atomic
from article3.evidence.longtable import read_csv, write_csv
from article3.evidence.releases import (
    SOURCE_COLUMNS,
    VINTAGE_COLUMNS,
    Source,
    Vintage,
    known_from,
    read_definitions,
    read_measures,
    read_sources,
    read_vintages,
    vintage_label,
)
from article3.evidence.store import SHIPPED, Evidence
from article3.evidence.table import SCHEMA
from article3.quantity import Standing

DATASETS: Final = {
    "nato": ("NATO", "https://www.nato.int", "NATO terms of use: credit NATO; keep the file to yourself"),
    "weo": (
        "International Monetary Fund",
        "https://www.imf.org/en/Publications/WEO",
        "IMF terms of use: attribution",
    ),
    "sipri": (
        "Stockholm International Peace Research Institute",
        "https://www.sipri.org/databases/milex",
        "SIPRI terms of use: non-commercial with credit; keep the file to yourself",
    ),
    "dmdc": (
        "United States Department of Defense, Defense Manpower Data Center",
        "https://dwp.dmdc.osd.mil/dwp/app/dod-data-reports/workforce-reports",
        "Work of the United States government: no copyright there",
    ),
}


@dataclass(frozen=True, slots=True)
class Release:
    """One release ready to be compared and added: its table, metadata, the cell of each row, and the reader's notes."""

    dataset: str
    vintage: Vintage
    source: Source
    table: pl.DataFrame
    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a release would add or change.

    Parameters
    ----------
    held
        Whether this vintage is held already.
    added
        Number of figures that are new.
    differences
        Rows of a held vintage whose value differs: ``address, cell, held, found``.
    missing
        Number of held figures of this vintage that the file does not have.
    revisions
        For a new vintage: what it says of Allies and years held in an earlier one, largest change first:
        ``ally, measure, period, held, held_vintage, found, change``.
    """

    held: bool
    added: int
    differences: pl.DataFrame
    missing: int
    revisions: pl.DataFrame


def read_release(path: Path, vintage: str | None, evidence: Evidence) -> list[Release]:
    """Read an official file, or a table in the long schema, as releases.

    Parameters
    ----------
    path
        The file; its kind is recognised by its content.
    vintage
        Day or month of release; needed where neither the file's name nor a held vintage tells it.
    evidence
        What is held, to recognise a release that is held already.

    Raises
    ------
    ImportFileError, EvidenceError
        The file cannot be used; every fault found, by sheet and cell or by line.
    """
    if is_long_table(path):
        return _own_releases(path)
    from article3.evidence.importers import read_official, recognise  # noqa: PLC0415 - openpyxl is slow to import
    from article3.evidence.importers.extract import vintage_in_name  # noqa: PLC0415

    if recognise(path) == "imf_weo" and vintage is None and vintage_in_name(path) is None:
        vintage = _held_edition(path, evidence)
    extract = read_official(path, vintage)
    name = vintage or extract.suggested_vintage or same_figures(extract.table, extract.dataset, evidence)
    if name is None:
        raise ImportFileError(
            Fault(
                "the file does not say when it was released",
                where=path.name,
                found=extract.title,
                mend="Add the day of release, for example --vintage 2024-06-17.",
            )
        )
    day = known_from(name)
    if vintage is not None and day > date.today():  # noqa: DTZ011 - a calendar day, not a moment
        raise ImportFileError(Fault("the release lies in the future", where="--vintage", found=name))
    return [_official_release(path, extract, name)]


def _held_edition(path: Path, evidence: Evidence) -> str | None:
    """Return the held edition that a WEO file without a date is, newest first, by its figures."""
    from article3.evidence.importers import read_official  # noqa: PLC0415

    for vintage in reversed([v.vintage for v in evidence.vintages if v.dataset == "weo"]):
        table = read_official(path, vintage).table
        if same_figures(table, "weo", evidence, (vintage,)):
            return vintage
    return None


def is_long_table(path: Path) -> bool:
    """Return whether a file is a CSV in the long schema."""
    try:
        with path.open("rb") as file:
            first = file.readline(4096).decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise ImportFileError(Fault(f"cannot be read: {error.strerror}", where=str(path))) from error
    return {"ally", "measure", "period", "value"} <= set(first.strip().split(","))


def _official_release(path: Path, extract: Any, name: str) -> Release:
    producer, url, licence = DATASETS[extract.dataset]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    source = Source(
        f"import-{extract.dataset}-{name}",
        producer,
        extract.title,
        name,
        url,
        licence,
        f"{producer}, {extract.title}, {vintage_label(name)}.",
        max((Standing(item) for item in extract.table["standing"].unique()), default=Standing.OFFICIAL),
        f"Imported from {path.name}, SHA-256 {digest}.",
    )
    table = extract.table.with_columns(
        vintage=pl.lit(name),
        source_id=pl.lit(source.source_id),
        price_base=pl.when(pl.col("price_base") == "own").then(pl.lit(f"own {name}")).otherwise(pl.col("price_base")),
    )
    bases = table.filter(pl.col("measure").str.ends_with("_constant"))["price_base"].unique().sort().to_list()
    definition = _nato_definition(known_from(name)) if extract.dataset == "nato" else extract.dataset
    vintage = Vintage(extract.dataset, name, known_from(name), extract.title, definition, " ".join(bases), "Imported.")
    return Release(
        extract.dataset, vintage, source, table.select(list(SCHEMA)), tuple(extract.table["cell"]), extract.notes
    )


def _nato_definition(day: date) -> str:
    """Return the definition that NATO's figures published on a day stand on."""
    known = [d for d in read_definitions(SHIPPED).values() if d.dataset == "nato" and d.in_force_from <= day]
    return max(known, key=lambda item: item.in_force_from).definition


def same_figures(
    table: pl.DataFrame, dataset: str, evidence: Evidence, names: Sequence[str] | None = None
) -> str | None:
    """Return the held vintage that this table is: nearly all held figures are in it, and nearly all agree."""
    for vintage in names or [v.vintage for v in evidence.vintages if v.dataset == dataset]:
        held = evidence.table(dataset).filter(pl.col("vintage") == vintage).height
        joined = _join(table.with_columns(vintage=pl.lit(vintage)), evidence, dataset)
        if joined.height > 0.9 * held and joined.filter(~pl.col("same")).height < 0.02 * joined.height:
            return vintage
    return None


def _own_releases(path: Path) -> list[Release]:
    table = read_csv(path, read_measures(SHIPPED)).with_row_index("_line", offset=2)
    measures = read_measures(SHIPPED)
    source = Source(
        f"own-{path.stem}",
        "yours",
        path.name,
        "",
        "",
        "yours",
        f"Own table {path.name}.",
        Standing.YOURS,
        f"SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}.",
    )
    releases = []
    table = table.with_columns(
        dataset=pl.col("measure").replace_strict({name: m.datasets[0] for name, m in measures.items()}),
        standing=pl.lit(str(Standing.YOURS)),
        source_id=pl.lit(source.source_id),
    )
    for (dataset, name), rows in table.group_by("dataset", "vintage", maintain_order=True):
        day = known_from(str(name))
        definition = _nato_definition(day) if dataset == "nato" else str(dataset)
        vintage = Vintage(str(dataset), str(name), day, f"Own table {path.name}", definition, "", "Yours.")
        cells = tuple(f"{path.name}, line {line}" for line in rows["_line"])
        releases.append(Release(str(dataset), vintage, source, rows.select(list(SCHEMA)), cells))
    return releases


def _join(table: pl.DataFrame, evidence: Evidence, dataset: str) -> pl.DataFrame:
    """Join a release to the held rows of the same vintage; ``same`` holds at the held row's printed precision."""
    held = evidence.table(dataset).select("ally", "measure", "period", "vintage", "value", "decimals")
    joined = table.with_row_index("_row").join(held, on=["ally", "measure", "period", "vintage"], suffix="_held")
    half = 0.5 * 10.0 ** -pl.col("decimals_held").cast(pl.Float64)
    tolerance = pl.coalesce(half, pl.lit(0.0)) + 1e-9 * pl.col("value_held").abs() + 1e-12
    return joined.with_columns(same=(pl.col("value") - pl.col("value_held")).abs() <= tolerance)


def compare(release: Release, evidence: Evidence) -> Comparison:
    """Hold a release against what is held."""
    names = [v.vintage for v in evidence.vintages if v.dataset == release.dataset]
    held = release.vintage.vintage in names
    joined = _join(release.table, evidence, release.dataset)
    cells = pl.Series("cell", release.cells, dtype=pl.String)
    differences = joined.filter(~pl.col("same")).select(
        pl.format("{}/{}/{}#{}/{}", pl.lit(release.dataset), "vintage", "measure", "ally", "period").alias("address"),
        pl.col("_row").map_elements(lambda row: cells[row], return_dtype=pl.String).alias("cell"),
        pl.col("value_held").alias("held"),
        pl.col("value").alias("found"),
    )
    held_rows = evidence.table(release.dataset).filter(pl.col("vintage") == release.vintage.vintage).height
    return Comparison(
        held,
        release.table.height - joined.height,
        differences,
        max(0, held_rows - joined.height),
        _revisions(release, evidence) if not held else pl.DataFrame(),
    )


def _revisions(release: Release, evidence: Evidence) -> pl.DataFrame:
    main = ("defence_pct_gdp", "gdp_real_growth_pct")
    frames = [
        evidence.newest(measure, release.dataset).select("ally", "measure", "period", "value", "vintage")
        for measure in main
        if release.table.filter(pl.col("measure") == measure).height
    ]
    if not frames:
        return pl.DataFrame()
    joined = release.table.join(pl.concat(frames), on=["ally", "measure", "period"], suffix="_held")
    return (
        joined.select(
            "ally",
            "measure",
            "period",
            pl.col("value_held").alias("held"),
            pl.col("vintage_held").alias("held_vintage"),
            pl.col("value").alias("found"),
            (pl.col("value") - pl.col("value_held")).alias("change"),
        )
        .filter(pl.col("change").abs() >= 0.005)
        .sort(pl.col("change").abs(), "ally", "period", descending=[True, False, False])
    )


def add(release: Release, folder: Path) -> Path:
    """Add a release to the user's own evidence folder.

    The list of vintages is written last: a release that is not in it is not there, so a kill in between leaves
    the evidence as it was.

    Raises
    ------
    EvidenceError
        The vintage is held already: a vintage is never overwritten.
    CannotWriteError
        The disk is full or the folder cannot be written.
    """
    vintages = read_vintages(folder) + read_vintages(SHIPPED)
    if any((v.dataset, v.vintage) == (release.dataset, release.vintage.vintage) for v in vintages):
        raise EvidenceError(
            Fault(
                f"vintage {release.vintage.vintage} of {release.dataset} is held already and is never overwritten",
                mend="If this is another release, name its day with --vintage.",
            )
        )
    path = folder / release.dataset / f"{release.vintage.vintage}.csv"
    atomic.write_file(path, write_csv(release.table))
    sources = {**read_sources(folder), release.source.source_id: release.source}
    atomic.write_file(folder / "sources.csv", _csv(SOURCE_COLUMNS, (asdict(source) for source in sources.values())))
    rows = [asdict(vintage) for vintage in [*read_vintages(folder), release.vintage]]
    atomic.write_file(folder / "vintages.csv", _csv(VINTAGE_COLUMNS, rows))
    return path


def with_tables(evidence: Evidence, paths: Sequence[Path]) -> Evidence:
    """Return evidence with the user's own tables laid over it, for one scenario only.

    Raises
    ------
    EvidenceError
        A table breaks the rules of the long schema, or names a vintage that is held.
    """
    releases = [release for path in paths for release in _own_releases(path)]
    faults = [
        Fault(
            f"vintage {r.vintage.vintage} of {r.dataset} is held already",
            where=r.source.title,
            mend="Name another.",
        )
        for r in releases
        if any((v.dataset, v.vintage) == (r.dataset, r.vintage.vintage) for v in evidence.vintages)
    ]
    if faults:
        raise EvidenceError(faults)
    return evidence.overlaid([(r.vintage, r.source, r.table) for r in releases])


def _csv(columns: Iterable[str], rows: Iterable[dict[str, Any]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, tuple(columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()
