"""Answers: what every verb gives back, in one envelope for all faces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from article3.errors import Article3Error
from article3.evidence.findings import Finding
from article3.evidence.store import Evidence


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    Parameters
    ----------
    verb
        The question's verb, as at the command line.
    rows
        Rows of all tables; each names its ``table``. Exact values, percentages only in columns named so.
    sentence
        The answer in a sentence.
    sources
        What it rests on: identifier, citation, address on the web, standing.
    warnings
        What a reader must know.
    meta
        As-of date, versions, digests.
    """

    verb: str
    rows: tuple[dict[str, Any], ...]
    sentence: str
    sources: tuple[dict[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    def envelope(self) -> dict[str, Any]:
        """Return the one JSON form of an answer."""
        return {
            "ok": True,
            "verb": self.verb,
            "rows": [{key: plain(value) for key, value in row.items()} for row in self.rows],
            "sentence": self.sentence,
            "sources": list(self.sources),
            "warnings": list(self.warnings),
            "meta": {key: plain(value) for key, value in self.meta.items()},
        }

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows by table, in order of first appearance."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows:
            found.setdefault(str(row["table"]), []).append(row)
        return found


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: dates as ISO text."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def refusal(verb: str, error: Article3Error) -> dict[str, Any]:
    """Return the one JSON form of an error: a sentence, and every fault found."""
    faults = error.faults
    return {
        "ok": False,
        "verb": verb,
        "error": str(faults[0]),
        "errors": [{key: value for key, value in asdict(fault).items() if value} for fault in faults],
    }


def from_findings(verb: str, evidence: Evidence, findings: Iterable[Finding], **meta: Any) -> Answer:
    """Join findings into one answer; the first finding's sentence leads."""
    findings = tuple(findings)
    used = dict.fromkeys(source for finding in findings for source in finding.sources)
    return Answer(
        verb,
        tuple(row for finding in findings for row in finding.rows()),
        " ".join(str(finding.sentence) for finding in findings if finding.sentence.parts),
        cite(evidence, used),
        tuple(dict.fromkeys(warning for finding in findings for warning in finding.warnings)),
        {**base_meta(evidence), **meta},
    )


def cite(evidence: Evidence, source_ids: Iterable[str]) -> tuple[dict[str, str], ...]:
    """Return the sources with these identifiers as rows; pledges' own sources included."""
    from article3.domain import pledge_sources  # noqa: PLC0415

    own = {source.id: source for source in pledge_sources()}
    rows = []
    for name in source_ids:
        source = evidence.sources.get(name) or own.get(name)
        if source:
            rows.append(
                {
                    "source_id": name,
                    "citation": source.citation,
                    "url": source.url,
                    "published": source.published,
                    "standing": str(source.standing),
                }
            )
    return tuple(rows)


def base_meta(evidence: Evidence) -> dict[str, Any]:
    """Return what every answer says of itself: version, as-of date, newest release, digest of the evidence."""
    from article3 import __version__  # noqa: PLC0415

    newest = [vintage for vintage in evidence.vintages if vintage.dataset == "nato"]
    return {
        "article3": __version__,
        "as_of": evidence.as_of,
        "newest_release": newest[-1].vintage if newest else None,
        "evidence": evidence.digest()[:16],
    }
