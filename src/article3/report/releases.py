"""Figures of what each release said: counts by release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from article3.evidence.findings import Cited, Finding, Sentence, sentence
from article3.evidence.releases import Definition
from article3.evidence.store import Evidence
from article3.report.drawing import (
    BLUE,
    CIRCLE,
    DIAMOND,
    INK,
    MUTED,
    PAPER,
    RULE,
    RUST,
    SOFT,
    VERMILLION,
    Canvas,
    Figure,
    Spec,
    field,
    key_above,
    marks,
    pixel,
)
from article3.report.sources import source_line
from article3.report.words import cite, level, number, release

_HEIGHT: Final = 300
_LINE: Final = 3
"""Years a release must cover to be drawn as a line; others are dots."""


def count_by_release(
    finding: Finding, evidence: Evidence, level_pct: float, marked: tuple[int, str | None] | None = None
) -> Figure | None:
    """Draw how many Allies each release had at the level, year by year.

    Years are joined within one release only, so that no line crosses a change of definition.

    Parameters
    ----------
    finding
        Table ``count_by_release``.
    evidence
        Evidence as known on its date.
    level_pct
        The level counted.
    marked
        Year, and release, to point out.

    Returns
    -------
    Figure or None
        ``None`` where nothing was counted.
    """
    if finding.table.height == 0:
        return None
    counts = _Counts(finding, evidence, level_pct, marked)
    breaks = [item.title for item in counts.definitions() if item.is_break]
    broken = f" Diamonds: another definition ({'; '.join(breaks)}), never joined to the rest." if breaks else ""
    return Figure(
        f"count_by_release_{finding.part}",
        counts.title(),
        f"Number of Allies at {level(level_pct)} by year, in every release held that reports enough Allies for the "
        f"year. Lines join years of one release; hollow: estimates when released.{broken}",
        source_line(finding, evidence),
        finding,
        finding.table.select(
            "year", "vintage", "known_from", "met", "undecidable", "reported", "definition", "standing"
        ),
        counts.body,
    )


@dataclass(frozen=True, slots=True)
class _Counts:
    finding: Finding
    evidence: Evidence
    level_pct: float
    marked: tuple[int, str | None] | None

    def definitions(self) -> list[Definition]:
        names = self.finding.table["definition"].unique(maintain_order=True)
        return [self.evidence.definitions[name] for name in names if name in self.evidence.definitions]

    def ends(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Return for each year the row of the first release held and that of the newest."""
        groups = self.finding.table.sort("year", "known_from").group_by("year", maintain_order=True)
        return [(rows.row(0, named=True), rows.row(-1, named=True)) for _, rows in groups]

    def title(self) -> Sentence:
        pairs = self.ends()
        if self.marked:
            pairs = [pair for pair in pairs if pair[0]["year"] == self.marked[0]] or pairs
        # The widest swing leads; where several are as wide, one that no undecided Ally blurs, and the latest.
        first, last = max(
            pairs, key=lambda pair: (abs(pair[1]["met"] - pair[0]["met"]), -pair[0]["undecidable"], pair[0]["year"])
        )
        year, bar = first["year"], level(self.level_pct)
        if first["vintage"] == last["vintage"]:
            return sentence(
                cite(self.finding, last, "met"),
                " of ",
                cite(self.finding, last, "reported"),
                f" Allies stood at {bar} for {year} in the release of {release(last['vintage'])}",
            )
        if first["met"] == last["met"]:
            same: tuple[str | Cited, ...] = (
                cite(self.finding, last, "met"),
                f" Allies stood at {bar} for {year} in the first release held and in the newest",
            )
            return sentence(*same)
        return sentence(
            f"The {bar} count for {year} went from ",
            cite(self.finding, first, "met"),
            f" in the release of {release(first['vintage'])} to ",
            cite(self.finding, last, "met"),
            f" in that of {release(last['vintage'])}",
        )

    def body(self, canvas: Canvas) -> Spec:
        years = self.finding.table["year"]
        low, high = int(years.min()), int(years.max())  # type: ignore[arg-type]
        top = int(self.finding.table["reported"].max())  # type: ignore[arg-type]
        width = canvas.width - canvas.names - 10
        short = "'’' + slice(toString(datum.value), 2)" if canvas.narrow else "toString(datum.value)"
        x: Spec = {
            "field": "year",
            "type": "quantitative",
            "scale": {"domain": [low - 0.5, high + 0.5], "nice": False, "zero": False},
            "axis": {
                "title": None,
                "grid": False,
                "values": list(range(low, high + 1)),
                "labelExpr": short,
                "labelColor": INK,
            },
        }
        room = canvas.names - 6
        axis = {"title": None, "grid": True, "tickCount": 6, "minExtent": room, "maxExtent": room}
        y: Spec = {
            "field": "met",
            "type": "quantitative",
            "scale": {"domain": [0, top + 1], "nice": False},
            "axis": axis,
        }
        rows = self._rows()
        layers = [*self._lines(rows, x, y), *self._dots(rows, x, y), *self._names(rows, x, y), *self._strip(x, canvas)]
        layers += self._key(canvas) + self._pointer(rows, x, y)
        return {"layer": layers, "width": width, "height": _HEIGHT}

    def _rows(self) -> list[dict[str, Any]]:
        figures = self.evidence.table("nato").filter(pl.col("ally").str.len_chars() == 3)
        measure = self.finding.table["evidence_measure"][0]
        states = {
            (vintage, period): found
            for vintage, period, found in figures.filter(pl.col("measure") == measure)
            .group_by("vintage", "period")
            .agg(pl.col("status").unique())
            .iter_rows()
        }
        broken = {item.definition for item in self.definitions() if item.is_break}
        rows = []
        for row in self.finding.table.iter_rows(named=True):
            other = row["definition"] in broken
            colour = VERMILLION if other else BLUE
            estimate = states.get((row["vintage"], row["year"])) == ["estimate"]
            rows.append(
                {
                    "year": row["year"],
                    "met": row["met"],
                    "high": row["met"] + row["undecidable"],
                    "undecidable": row["undecidable"],
                    "vintage": row["vintage"],
                    "colour": colour,
                    "fill": PAPER if estimate else colour,
                    "shape": "diamond" if other else "circle",
                    "size": DIAMOND if other else CIRCLE,
                }
            )
        return rows

    def _by_release(self, rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            found.setdefault(row["vintage"], []).append(row)
        return {name: years for name, years in found.items() if len(years) >= _LINE}

    def _lines(self, rows: list[dict[str, Any]], x: Spec, y: Spec) -> list[Spec]:
        lines = [
            marks("line", years, {"x": x, "y": y}, color=years[0]["colour"], strokeWidth=1.6)
            for years in self._by_release(rows).values()
        ]
        open_ = [row for row in rows if row["undecidable"]]
        if open_:
            lines.append(
                marks(
                    "rule",
                    open_,
                    {"x": x, "y": y, "y2": {"field": "high"}, "color": field("colour")},
                    strokeDash=[3, 2],
                    strokeWidth=2,
                )
            )
            words = [{**row, "words": [f"{row['undecidable']} un-", "decidable"]} for row in open_]
            places = {"x": x, "y": y, "text": {"field": "words"}}
            lines.append(marks("text", words, places, align="left", dx=6, dy=-24, lineHeight=12, color=SOFT))
        return lines

    def _dots(self, rows: list[dict[str, Any]], x: Spec, y: Spec) -> list[Spec]:
        places = {"x": x, "y": y, "stroke": field("colour"), "fill": field("fill")}
        places |= {"shape": field("shape"), "size": field("size")}
        return [marks("point", rows, places, strokeWidth=1.6, opacity=1)]

    def _names(self, rows: list[dict[str, Any]], x: Spec, y: Spec) -> list[Spec]:
        layers = []
        for vintage, years in self._by_release(rows).items():
            last = years[-1]
            colour = {VERMILLION: RUST}.get(last["colour"], last["colour"])
            value = {**last, "words": release(vintage)}
            places = {"x": x, "y": y, "text": {"field": "words"}}
            layers.append(marks("text", [value], places, align="right", dx=-8, dy=-8, fontWeight="bold", color=colour))
        return layers

    def _strip(self, x: Spec, canvas: Canvas) -> list[Spec]:
        """Write under the plot what the first release held said, and what the newest says."""
        layers: list[Spec] = [
            marks(
                "rule",
                [{}],
                {"x": pixel(6 - canvas.names), "x2": pixel(canvas.width - canvas.names - 10), "y": pixel(_HEIGHT + 26)},
                color=RULE,
            )
        ]
        labels = ("first held", "newest") if canvas.narrow else ("first release held", "newest release")
        met = self.finding.column("met")
        for position, words in enumerate(labels):
            top = pixel(_HEIGHT + 39 + 18 * position)
            values = [
                {
                    "year": pair[position]["year"],
                    "words": number(pair[position]["met"], met),
                    "changed": pair[0]["met"] != pair[1]["met"],
                }
                for pair in self.ends()
            ]
            head = {"x": pixel(-8), "y": top, "text": {"value": words}}
            layers.append(marks("text", [{}], head, align="right", color=INK))
            for changed in (False, True):
                some = [value for value in values if value["changed"] == changed]
                weight = "bold" if changed else "normal"
                if some:
                    layers.append(
                        marks("text", some, {"x": x, "y": top, "text": {"field": "words"}}, fontWeight=weight)
                    )
        return layers

    def _key(self, canvas: Canvas) -> list[Spec]:
        known = [item for item in self.definitions() if not item.is_break]
        broken = [item for item in self.definitions() if item.is_break]
        entries = [("circle", BLUE, BLUE, item.title) for item in known[:1]]
        entries += [("diamond", VERMILLION, VERMILLION, item.title) for item in broken[:1]]
        return key_above([*entries, ("circle", PAPER, MUTED, "hollow: estimate when released")], canvas)

    def _pointer(self, rows: list[dict[str, Any]], x: Spec, y: Spec) -> list[Spec]:
        if self.marked is None:
            return []
        year, vintage = self.marked
        some = [row for row in rows if row["year"] == year and row["vintage"] == (vintage or row["vintage"])][-1:]
        if not some:
            return []
        words = [{**some[0], "words": str(some[0]["met"])}]
        return [
            marks("point", some, {"x": x, "y": y}, size=220, stroke=INK, strokeWidth=2, fill=None, opacity=1),
            marks("text", words, {"x": x, "y": y, "text": {"field": "words"}}, dy=-19, fontWeight="bold", fontSize=14),
        ]
