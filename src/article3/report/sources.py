"""Where figures come from, in the words that stand under a figure or a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from article3.errors import AddressError
from article3.evidence.addresses import EvidenceAddress, ResultAddress, parse_address
from article3.evidence.findings import Finding
from article3.evidence.releases import Measure
from article3.evidence.store import Evidence
from article3.report.words import day, listed, release, unique
from article3.run.analysis import Run
from article3.run.answers import cite

STANDINGS: Final = (
    ("official", "read from an official file"),
    ("reported", "a third party's copy of official figures, the press, or a published study"),
    ("estimated", "computed by us from evidence, with a stated method"),
    ("yours", "the user's own figure"),
    ("notional", "an illustrative assumption"),
)
"""What each standing means, from best to worst."""

_PRODUCERS: Final = {"nato": "NATO", "weo": "IMF World Economic Outlook"}


def source_line(finding: Finding, evidence: Evidence, columns: Iterable[str] = ("vintage",)) -> str:
    """Return the source line of a finding.

    Parameters
    ----------
    finding
        The finding.
    evidence
        Evidence that was opened for it.
    columns
        Columns of its table that name releases or addresses.
    """
    used: dict[str, list[str]] = {}
    for name in columns:
        if name not in finding.table.columns:
            continue
        for value in finding.table[name].drop_nulls().unique().to_list():
            dataset, vintage = _place(str(value))
            used.setdefault(dataset, []).append(vintage)
    order = {(vintage.dataset, vintage.vintage): position for position, vintage in enumerate(evidence.vintages)}
    parts = []
    for dataset, names in sorted(used.items()):
        labels = unique(release(name) for name in sorted(set(names), key=lambda item: order.get((dataset, item), -1)))
        noun = "editions" if dataset == "weo" else "releases"
        parts.append(
            f"{_PRODUCERS.get(dataset, dataset)}, {noun if len(labels) > 1 else noun[:-1]} of {listed(labels)}"
        )
    text = f"Source: {'; '.join(parts)}. " if parts else ""
    own = " With tables of the user's own." if evidence.overlays else ""
    return f"{text}Standing: {finding.standing}. As known on {day(finding.when)}.{own}"


def _place(value: str) -> tuple[str, str]:
    """Return dataset and vintage of an address; what is none names a release of NATO."""
    if "#" not in value:
        return "nato", value
    dataset, vintage, _ = value.split("/", 2)
    return dataset, vintage


def used_sources(run: Run) -> tuple[dict[str, str], ...]:
    """Return the sources a run rests on, as rows; those of GDP taken from other data sets included."""
    names = [name for finding in run.findings for name in finding.sources]
    places = {
        _place(address)
        for finding in run.findings
        if finding.name == "then_now"
        for column in ("gdp_then_address", "gdp_now_address")
        for address in finding.table[column].drop_nulls()
    }
    for dataset, vintage in sorted(places):
        rows = run.inputs.evidence.table(dataset).filter(pl.col("vintage") == vintage)
        names += rows["source_id"].unique().sort().to_list() if dataset != "nato" else []
    return cite(run.inputs.evidence, unique(names))


Findings = Mapping[tuple[str, str], Sequence[Finding]]
"""Findings by table and date; the tables of several pledges stand under one key."""


def holder(findings: Findings, where: ResultAddress) -> Finding | None:
    """Return the finding that has the row an address names, if there is one.

    Parameters
    ----------
    findings
        Findings to look in.
    where
        The address.
    """
    for finding in findings.get((where.table, where.when), ()):
        try:
            finding.row(where.keys)
        except AddressError:
            continue
        return finding
    return None


def address_of(finding: Finding, row: Mapping[str, Any], column: str) -> str:
    """Return the address of one cell; nothing where a key of its row cannot stand in an address.

    Parameters
    ----------
    finding, row, column
        The finding, one of its rows, and the column.
    """
    address = finding.address(row, column)
    try:
        parse_address(address)
    except AddressError:
        return ""
    return address


def measure_at(address: str | None, evidence: Evidence) -> Measure | None:
    """Return the measure that an address of evidence names; ``None`` where there is none."""
    try:
        where = parse_address(address or "")
    except AddressError:
        return None
    return evidence.measures.get(where.measure) if isinstance(where, EvidenceAddress) else None


def measure_words(measure: Measure | None) -> str:
    """Return a measure and its unit as an axis has them."""
    if measure is None:
        return "per cent"
    unit = measure.unit.replace("percent", "per cent")
    return f"{measure.title}, {'per cent' if unit.startswith('per cent') else unit}"
