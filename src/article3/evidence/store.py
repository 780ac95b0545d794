"""Open evidence as known on a date."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from article3.errors import AddressError, Article3Error, EvidenceError, Fault, NotKnownError, UnknownNameError
from article3.evidence import atomic, releases
from article3.evidence.addresses import EvidenceAddress, parse_address
from article3.evidence.longtable import read_csv
from article3.evidence.table import SCHEMA, empty
from article3.quantity import Lineage, Quantity, Standing, Unit

SHIPPED: Final = Path(__file__).with_name("data")
CHECKSUMS: Final = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything published by a date.

    Parameters
    ----------
    as_of
        Only vintages known on this day are visible; ``None`` shows all.
    vintages
        The visible vintages, oldest first within a dataset.
    sources, definitions, measures
        Metadata by identifier.
    folders
        Evidence folders in order of precedence: shipped first, then the user's own.
    only
        Name of the single vintage of ``nato`` to keep, if the user asked for one.
    overlays
        The user's own releases that one scenario lays over the rest.
    """

    as_of: date | None
    vintages: tuple[releases.Vintage, ...]
    sources: Mapping[str, releases.Source]
    definitions: Mapping[str, releases.Definition]
    measures: Mapping[str, releases.Measure]
    folders: tuple[Path, ...]
    only: str | None = None
    overlays: tuple[tuple[releases.Vintage, releases.Source, pl.DataFrame], ...] = ()
    _tables: dict[tuple[str, date | None, str | None], pl.DataFrame] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def day(self) -> date:
        """The as-of date; without one, the day on which the newest release held became known."""
        return self.as_of or max(vintage.known_from for vintage in self.vintages)

    def table(self, dataset: str = "nato") -> pl.DataFrame:
        """Return the long table of one dataset with the visible vintages only.

        Returns
        -------
        polars.DataFrame
            Columns of :data:`article3.evidence.table.SCHEMA`; no rows where the dataset is not there.
        """
        key = (dataset, self.as_of, self.only)
        if key not in self._tables:
            names = [vintage.vintage for vintage in self.vintages if vintage.dataset == dataset]
            own = [table for vintage, _, table in self.overlays if vintage.dataset == dataset]
            full = pl.concat([_read_dataset(self.folders, dataset, self._content()), *own])
            self._tables[key] = full.filter(pl.col("vintage").is_in(names))
        return self._tables[key]

    def _content(self) -> tuple[str, ...]:
        return tuple(_folder_key(folder) for folder in self.folders)

    def known_on(self, as_of: date) -> Evidence:
        """Return the same evidence as known on a day.

        Raises
        ------
        NotKnownError
            The day is before the first vintage of NATO's figures.
        """
        return _restrict(load(self.folders).overlaid(self.overlays), as_of, self.only)

    def overlaid(self, own: Sequence[tuple[releases.Vintage, releases.Source, pl.DataFrame]]) -> Evidence:
        """Return the same evidence with releases of the user's own laid over it (vintage, source, long table)."""
        if not own:
            return self
        vintages = [
            *self.vintages,
            *(v for v, _, _ in own if self.as_of is None or v.known_from <= self.as_of),
        ]
        return replace(
            self,
            vintages=tuple(sorted(vintages, key=lambda row: (row.dataset, row.known_from, row.vintage))),
            sources={**self.sources, **{s.source_id: s for _, s, _ in own}},
            overlays=(*self.overlays, *own),
            _tables={},
        )

    def find_vintage(self, dataset: str, name: str) -> releases.Vintage:
        """Return the metadata of a visible vintage.

        Raises
        ------
        UnknownNameError
            No visible vintage has that name.
        """
        for vintage in self.vintages:
            if (vintage.dataset, vintage.vintage) == (dataset, name):
                return vintage
        known = [vintage.vintage for vintage in self.vintages if vintage.dataset == dataset]
        raise UnknownNameError(f"vintage of {dataset}", name, known)

    def row(self, address: str | EvidenceAddress) -> dict[str, object]:
        """Return the row that an evidence address names.

        Raises
        ------
        AddressError
            The address is of another kind or names nothing visible.
        """
        where = parse_address(address) if isinstance(address, str) else address
        if not isinstance(where, EvidenceAddress):
            raise AddressError(Fault(f"'{where}' is not an address of evidence"))
        rows = self.table(where.dataset).filter(
            pl.col("vintage") == where.vintage,
            pl.col("measure") == where.measure,
            pl.col("ally") == where.ally,
            pl.col("period") == where.period,
        )
        if rows.height == 0:
            raise AddressError(
                Fault(
                    f"nothing stands at {where}",
                    mend=f"'article3 evidence show {where.dataset}/{where.vintage}' lists what does"
                    + (f"; the as-of date is {self.as_of}." if self.as_of else "."),
                )
            )
        return rows.row(0, named=True)

    def value(self, address: str | EvidenceAddress) -> Quantity:
        """Return a figure with unit, price base, standing and lineage.

        Raises
        ------
        AddressError
            The address names nothing visible.
        """
        row = self.row(address)
        return Quantity(
            float(str(row["value"])),
            Unit.parse(str(row["unit"]), str(row["price_base"] or "")),
            Standing(str(row["standing"])),
            Lineage(str(address), (str(address),)),
        )

    def newest(self, measure: str, dataset: str = "nato") -> pl.DataFrame:
        """Return, for each Ally and period, the row of the newest visible vintage that has it.

        This is the rule for figures of single Allies; counts use :meth:`release`.
        """
        order = {v.vintage: position for position, v in enumerate(self.vintages) if v.dataset == dataset}
        rows = self.table(dataset).filter(pl.col("measure") == measure)
        return (
            rows.with_columns(pl.col("vintage").replace_strict(order, return_dtype=pl.Int32).alias("_order"))
            .sort("_order")
            .unique(["ally", "period"], keep="last", maintain_order=True)
            .drop("_order")
            .sort("ally", "period")
        )

    def digest(self) -> str:
        """Return the SHA-256 that identifies all the evidence opened, whatever the as-of date."""
        total = hashlib.sha256()
        for folder in self.folders:
            total.update(_folder_key(folder).encode())
        for _, _, table in self.overlays:
            total.update(table.write_csv().encode())
        return total.hexdigest()


def user_folder() -> Path:
    """Return the folder that holds the user's own evidence (``ARTICLE3_EVIDENCE`` overrides it)."""
    chosen = os.environ.get("ARTICLE3_EVIDENCE")
    if chosen:
        return Path(chosen)
    import platformdirs  # noqa: PLC0415 - keeps 'import article3' light

    return Path(platformdirs.user_data_dir("article3", appauthor=False)) / "evidence"


def cache_folder() -> Path:
    """Return the folder that holds Parquet copies of the evidence (``ARTICLE3_CACHE`` overrides it)."""
    chosen = os.environ.get("ARTICLE3_CACHE")
    if chosen:
        return Path(chosen)
    import platformdirs  # noqa: PLC0415 - keeps 'import article3' light

    return Path(platformdirs.user_cache_dir("article3", appauthor=False))


def open_evidence(
    as_of: date | str | None = None, vintage: str | None = None, folders: Sequence[Path] | None = None
) -> Evidence:
    """Open the evidence, as known on a date.

    Parameters
    ----------
    as_of
        Day, or ISO text of it; nothing published later is visible. ``None`` shows every vintage held.
    vintage
        Keep only this vintage of NATO's figures, and of the other datasets what was known by then.
    folders
        Evidence folders; by default the shipped one and, where it exists, the user's own.

    Raises
    ------
    NotKnownError
        Nothing had been published by ``as_of``.
    UnknownNameError
        There is no such vintage.
    EvidenceError
        The user's own evidence breaks the rules of the long table.

    Examples
    --------
    >>> evidence = open_evidence(as_of="2020-12-31")
    >>> evidence.newest("defence_pct_gdp").filter(pl.col("ally") == "DEU")["period"].max()
    2019
    """
    if folders is None:
        own = user_folder()
        folders = (SHIPPED, own) if own.is_dir() else (SHIPPED,)
    day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    return _restrict(load(tuple(folders)), day, vintage)


def load(folders: tuple[Path, ...]) -> Evidence:
    """Return all vintages of some evidence folders, with no date limit.

    Raises
    ------
    EvidenceError
        Two folders hold the same vintage.
    """
    return _load(folders, tuple(_folder_key(folder) for folder in folders))


@functools.lru_cache(maxsize=8)
def _load(folders: tuple[Path, ...], _keys: tuple[str, ...]) -> Evidence:
    vintages: list[releases.Vintage] = []
    sources: dict[str, releases.Source] = {}
    held: set[tuple[str, str]] = set()
    for folder in folders:
        for found in releases.read_vintages(folder):
            if (found.dataset, found.vintage) in held:
                raise EvidenceError(
                    Fault(
                        f"vintage {found.vintage} of {found.dataset} is held twice",
                        where=str(folder),
                        mend="A vintage is never overwritten: remove it from your own evidence folder.",
                    )
                )
            held.add((found.dataset, found.vintage))
            vintages.append(found)
        sources |= releases.read_sources(folder)
    vintages = [v for v in vintages if any((f / v.dataset / f"{v.vintage}.csv").exists() for f in folders)]
    vintages.sort(key=lambda row: (row.dataset, row.known_from, row.vintage))
    return Evidence(
        None,
        tuple(vintages),
        sources,
        releases.read_definitions(SHIPPED),
        releases.read_measures(SHIPPED),
        folders,
    )


def _restrict(everything: Evidence, as_of: date | None, only: str | None) -> Evidence:
    if only is not None:
        chosen = everything.find_vintage("nato", only)
        as_of = min(as_of, chosen.known_from) if as_of else chosen.known_from
    if as_of is None:
        return everything
    kept = tuple(
        v
        for v in everything.vintages
        if v.known_from <= as_of and (only is None or v.dataset != "nato" or v.vintage == only)
    )
    first = min((v.known_from for v in everything.vintages if v.dataset == "nato"), default=None)
    if first is None or not any(v.dataset == "nato" for v in kept):
        raise NotKnownError(
            Fault(
                f"nothing had been published by {as_of.isoformat()}",
                expected=f"a date from {first.isoformat()} on, the first vintage held" if first else "",
                mend="Choose a later --as-of, or import an earlier release with 'article3 evidence import FILE'.",
            )
        )
    # Tables of its own: what one day shows is let go with the evidence of that day.
    return replace(everything, as_of=as_of, vintages=kept, only=only, _tables={})


def _folder_key(folder: Path) -> str:
    """Identify a folder's content: by its list of checksums where it has one, else by hashing its files."""
    checksums = folder / CHECKSUMS
    if checksums.exists():
        return hashlib.sha256(checksums.read_bytes()).hexdigest()
    files = [(path, path.stat()) for path in sorted(folder.rglob("*.csv"))]
    return _hashed(folder, tuple((path, stat.st_size, stat.st_mtime_ns) for path, stat in files))


@functools.lru_cache(maxsize=8)
def _hashed(folder: Path, files: tuple[tuple[Path, int, int], ...]) -> str:
    """Hash files, again only when one of them has another size or time."""
    total = hashlib.sha256()
    for path, _, _ in files:
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


@functools.lru_cache(maxsize=8)
def _read_dataset(folders: tuple[Path, ...], dataset: str, _content: tuple[str, ...]) -> pl.DataFrame:
    """Return a dataset with all its vintages, read once for as long as the folders' content is the same."""
    frames = [frame for folder in folders if (frame := _read_folder(folder, dataset)).height]
    return pl.concat(frames) if frames else empty()


def _read_folder(folder: Path, dataset: str) -> pl.DataFrame:
    paths = sorted((folder / dataset).glob("*.csv"))
    if not paths:
        return empty()
    cached = cache_folder() / f"{dataset}-{_folder_key(folder)[:24]}.parquet"
    if cached.exists():
        try:
            return pl.read_parquet(cached)
        except (pl.exceptions.PolarsError, OSError):
            cached.unlink(missing_ok=True)  # a damaged copy: the CSV text is the truth
    if (folder / CHECKSUMS).exists():
        frame = pl.concat([pl.read_csv(path, schema=SCHEMA) for path in paths])
    else:
        measures = releases.read_measures(SHIPPED)
        frame = pl.concat([read_csv(path, measures) for path in paths])
    frame = frame.with_columns(pl.col(pl.String).fill_null(""))  # an empty cell is an empty text everywhere
    with contextlib.suppress(Article3Error):  # a cache that cannot be written costs time, not correctness
        atomic.write_file(cached, _parquet(frame))
    return frame


def _parquet(frame: pl.DataFrame) -> bytes:
    import io  # noqa: PLC0415

    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()
