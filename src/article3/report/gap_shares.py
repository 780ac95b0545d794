"""The figure of Europe's share: of inventories and of requirements, which answer different questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from article3.evidence.findings import Finding, Sentence, sentence
from article3.report.drawing import BLUE, INK, PAPER, RUST, VERMILLION, Canvas, Figure, Spec
from article3.report.gap_lanes import TICK, Kind, Lane, Room, lanes
from article3.report.gap_words import called, source

OURS: Final = "our_holdings"
INVENTORY: Final = "inventory"
_REQUIREMENT: Final = "requirement"
_HALF: Final = 0.5
_GROUPS: Final = (
    "Less than half of the hardest requirement",
    "Half or more of every requirement, not all of the hardest",
    "All of every requirement, as an upper bound",
)

Row = dict[str, Any]


def by_capability(finding: Finding) -> list[tuple[str, dict[str, Row]]]:
    """Return by capability the row of our inventories, those printed by a source, and the hardest requirement.

    The hardest requirement is the one of which Europe could give least. Ordered by it.
    """
    table = finding.table
    hardest = (
        table.filter(pl.col("denominator") == _REQUIREMENT)
        .sort("share", "case", "window_days")
        .unique("capability", keep="first", maintain_order=True)
    )
    found: dict[str, dict[str, Row]] = {row["capability"]: {_REQUIREMENT: row} for row in hardest.to_dicts()}
    for row in table.filter(pl.col("denominator") == INVENTORY).to_dicts():
        found.setdefault(row["capability"], {})[row["case"]] = row
    return list(found.items())


def gap_shares(finding: Finding) -> Figure | None:
    """Draw Europe's share of inventories and of the hardest requirement, by capability, against one half.

    Parameters
    ----------
    finding
        Table ``european_share``.

    Returns
    -------
    Figure or None
        ``None`` where no capability has both shares.
    """
    found = [(name, rows) for name, rows in by_capability(finding) if _REQUIREMENT in rows]
    if not found:
        return None
    drawn = pl.concat([pl.DataFrame([row], finding.table.schema) for _, rows in found for row in rows.values()])
    return Figure(
        "gap_shares",
        _title(found),
        "Filled: what European units could give of the hardest requirement, if each did nothing else (an upper bound, "
        "alternates counted; at 1 where more). Hollow and upright: what Europe holds of the inventories of the United "
        "States and Europe together. The goal of half by 2030 is about requirements.",
        source(finding, "inventories as counted here and by the sources named"),
        finding,
        drawn,
        lambda canvas: _chart(finding, found, canvas),
    )


def _title(found: list[tuple[str, dict[str, Row]]]) -> Sentence:
    able = sum(bool(rows[_REQUIREMENT]["half"]) for _, rows in found)
    ours = [rows[OURS] for _, rows in found if OURS in rows]
    held = sum(bool(row["half"]) for row in ours)
    return sentence(
        f"In {able} of {len(found)} capabilities Europe could give half of even the hardest requirement; it holds half "
        f"of the inventories in {held} of {len(ours)}"
    )


def _group(row: Mapping[str, Any]) -> int:
    return 0 if not row["half"] else 1 if row["share"] < 1 else 2


def _chart(finding: Finding, found: list[tuple[str, dict[str, Row]]], canvas: Canvas) -> Spec:
    printed = [case for case in finding.table["case"].unique(maintain_order=True) if case != OURS]
    inventories = set(finding.table.filter(pl.col("denominator") == INVENTORY)["case"])
    printed = [case for case in printed if case in inventories]
    looks = ((TICK, INK, INK), ("diamond", PAPER, INK), ("square", PAPER, INK))
    words = "of the hardest requirement"
    kinds = [
        Kind(OURS, "circle", PAPER, BLUE, "of inventories, our count", 56),
        *(
            Kind(case, *looks[min(place, 2)], f"as counted by {case_words(case)}", 90 if not place else 46)
            for place, case in enumerate(printed)
        ),
        Kind(_REQUIREMENT, "circle", VERMILLION, RUST, words, 44),
    ]
    rows: list[Lane] = []
    for place, head in enumerate(_GROUPS):
        some = [(name, mine) for name, mine in found if _group(mine[_REQUIREMENT]) == place]
        if some:
            rows.append(Lane(head))
        if place == 2:
            some.sort(key=lambda item: item[1].get(OURS, {"share": 0.0})["share"])
        for name, mine in some:
            hardest = mine[_REQUIREMENT]
            values = {case: min(1.0, row["share"]) for case, row in mine.items()}
            label = f"{hardest['share']:.2f}" if hardest["share"] < 1 else "1 or more"
            rows.append(Lane(called(name), values, label))
    room = Room(132, 58) if canvas.narrow else Room(250, 110)
    titles = ("European share", "hardest" if canvas.narrow else "hardest requirement")
    return lanes(rows, kinds, canvas, room, [(_HALF, "half")], titles)


def case_words(case: str) -> str:
    """Return a source's identifier as people read it: ``CSIS 2023`` for ``csis-enablers-2023``."""
    head, *rest = case.split("-")
    year = rest[-1] if rest and rest[-1].isdigit() else ""
    return f"{head.upper() if len(head) <= 5 else head.capitalize()} {year}".strip()
