"""The picture that goes with a quoted number: the series it stands in, with the number pointed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

import polars as pl

from article3.domain import ally
from article3.errors import AddressError, Fault
from article3.evidence.addresses import EvidenceAddress, ResultAddress, parse_address
from article3.evidence.findings import Finding, sentence
from article3.evidence.releases import Measure
from article3.evidence.store import Evidence
from article3.pledge.rules import ally_name
from article3.report.drawing import (
    BLUE,
    CIRCLE,
    DIAMOND,
    INK,
    MUTED,
    PAPER,
    VERMILLION,
    Canvas,
    Figure,
    Spec,
    field,
    key_above,
    marks,
    pixel,
)
from article3.report.releases import count_by_release
from article3.report.rows import Plot, Row, dot_rows
from article3.report.sources import Findings, holder, measure_words, source_line
from article3.report.words import level, number, release, unique, unit_words
from article3.run.explain import shown
from article3.run.tables import compute

_HEIGHT: Final = 300
_COUNTS: Final = ("count", "count_by_release")


def series(address: str, evidence: Evidence, findings: Findings | None = None) -> Figure:
    """Return the picture that goes with a number.

    Parameters
    ----------
    address
        Address of evidence, or of a result.
    evidence
        Evidence; for a result, what was known on its date is taken from it.
    findings
        Findings of a run by table and date, to look results up in; without it they are computed again.

    Returns
    -------
    Figure
        The series of the same Ally and measure; for counts, the counts of each release; for claims about all
        Allies, the Allies in the release used.

    Raises
    ------
    AddressError
        The address is not well formed, names nothing, or names a value that is not known.
    """
    where = parse_address(address)
    if isinstance(where, EvidenceAddress):
        return _Series(evidence, (where,)).figure()
    finding = holder(findings or {}, where) or compute(where, evidence)
    row = finding.row(where.keys)
    then = evidence.known_on(date.fromisoformat(where.when.rsplit("..", 1)[-1]))
    if where.table in _COUNTS:
        return _counts(where, finding, row, then)
    inputs = finding.column(where.column).input_addresses(row) or finding.column(_main(finding)).input_addresses(row)
    whole = next((item for item in inputs if "#*/" in item), None)
    if whole:
        return _release(whole, then)
    places = [place for place in map(parse_address, inputs) if isinstance(place, EvidenceAddress)]
    if not places:
        raise AddressError(
            Fault(
                f"there is nothing to draw at {address}",
                found=str(row.get("reason") or "no figure stands behind it"),
                mend=f"'article3 explain {address}' says more.",
            )
        )
    # The last input is the value itself or the later of two; inputs of other kinds are GDP, money, other years.
    last = places[-1] if where.table != "then_now" else places[min(1, len(places) - 1)]
    alike = tuple(
        place
        for place in places
        if (place.dataset, place.measure, place.ally) == (last.dataset, last.measure, last.ally)
    )
    return _Series(then, alike, row.get("level_pct"), finding, _quoted(where, finding, row)).figure()


def _quoted(where: ResultAddress, finding: Finding, row: dict[str, Any]) -> str:
    """Return the number in words where it is not one of the figures drawn; else nothing."""
    if where.column.startswith(("value_", "met", "verdict")):
        return ""
    column = finding.column(where.column)
    who = row.get("ally_name") or (ally_name(str(row["ally"])) if "ally" in row else finding.title)
    spans = [str(row[name]) for name in ("year", "base_year", "deadline", "period") if row.get(name)][:1]
    # A change since a base year names both ends.
    spans += [str(row["latest_year"])] if row.get("latest_year") else []
    text = (
        f"{number(row[where.column], column)} {unit_words(column)}".strip()
        if column.unit
        else shown(row[where.column], column)
    )
    title = column.title.removeprefix("... ")
    return f"{who}, {' to '.join(spans)}: {title} {text}" if spans else f"{who}: {title} {text}"


def _main(finding: Finding) -> str:
    """Return the column that holds a table's main value."""
    found = [column.column for column in finding.columns if column.inputs and column.column.endswith("_pct")]
    return found[0] if found else finding.columns[-1].column


def _counts(where: ResultAddress, finding: Finding, row: dict[str, Any], evidence: Evidence) -> Figure:
    """Return the counts of every release, with the one quoted pointed out."""
    pledge, year = str(row["pledge"]), int(row["year"])
    counts = finding
    if where.table != "count_by_release":
        keys = (pledge, str(year), str(row["vintage"]))
        counts = compute(ResultAddress("count_by_release", where.when, "met", keys), evidence)
    bar = compute(ResultAddress("count", where.when, "met", (pledge, str(year))), evidence).table["level_pct"][0]
    figure = count_by_release(counts, evidence, bar, (year, row["vintage"]))
    if figure is None:
        raise AddressError(Fault(f"there is nothing to draw at {where}", found=str(row.get("reason") or "no count")))
    return figure


def _release(address: str, evidence: Evidence) -> Figure:
    """Return all Allies in one release and year; the address has ``*`` for the Ally."""
    dataset, vintage, rest = address.split("/", 2)
    name, year = rest.split("#*/")
    rows = (
        evidence.table(dataset)
        .filter(
            pl.col("vintage") == vintage,
            pl.col("measure") == name,
            pl.col("period") == int(year),
            pl.col("ally").str.len_chars() == 3,
        )
        .sort(["value", "ally"], descending=[True, False])
    )
    words = measure_words(evidence.measures[name])

    def body(canvas: Canvas) -> Spec:
        drawn = [
            Row(
                ally_name(row["ally"]),
                row["value"],
                figure_words(row["value"], evidence.measures[name]),
                hollow=row["status"] == "estimate",
                colour=BLUE,
            )
            for row in rows.iter_rows(named=True)
        ]
        return dot_rows(Plot(drawn, "Per cent" if canvas.narrow else words), canvas)

    return Figure(
        f"release_{vintage}_{name}_{year}",
        sentence(f"{rows.height} Allies have a figure for {year} in the release of {release(vintage)}"),
        f"{words}, {year}; hollow: estimates.",
        f"Source: {evidence.find_vintage(dataset, vintage).title}.",
        None,
        rows.select("ally", "value", "unit", "status", "standing"),
        body,
    )


def figure_words(value: float, measure: Measure) -> str:
    """Return a figure of the evidence as people see it: shares with two decimals, sums without."""
    if measure.unit.startswith("percent"):
        return f"{value:.2f}"
    return f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}") if abs(value) >= 1000 else f"{value:g}"


@dataclass(frozen=True, slots=True)
class _Series:
    """One Ally's series of one measure, with some of its figures pointed out."""

    evidence: Evidence
    marked: tuple[EvidenceAddress, ...]
    level_pct: float | None = None
    finding: Finding | None = None
    quoted: str = ""

    @property
    def place(self) -> EvidenceAddress:
        return self.marked[-1]

    def rows(self) -> pl.DataFrame:
        """Return all figures of the measure and Ally that can stand on one axis: same unit, same prices."""
        given = self.evidence.row(self.place)
        definitions = {v.vintage: v.definition for v in self.evidence.vintages if v.dataset == self.place.dataset}
        order = {name: position for position, name in enumerate(definitions)}
        return (
            self.evidence.table(self.place.dataset)
            .filter(
                pl.col("measure") == self.place.measure,
                pl.col("ally") == self.place.ally,
                pl.col("unit") == given["unit"],
                pl.col("price_base").fill_null("") == str(given["price_base"] or ""),
            )
            .with_columns(
                pl.col("vintage").replace_strict(definitions, return_dtype=pl.String).alias("definition"),
                pl.col("vintage").replace_strict(order, return_dtype=pl.Int32).alias("order"),
            )
            .sort("period", "order")
        )

    def figure(self) -> Figure:
        given = self.evidence.row(self.place)
        measure = self.evidence.measures[self.place.measure]
        who = ally(self.place.ally).name if len(self.place.ally) == 3 else ally_name(self.place.ally)
        value = figure_words(float(str(given["value"])), measure)
        unit = "\N{NO-BREAK SPACE}%" if measure.unit.startswith("percent") else f" {given['unit']}"
        estimate = f" ({given['status']})" if given["status"] in ("estimate", "forecast") else ""
        prices = f" at prices of {given['price_base']}" if given["price_base"] else ""
        said = f"{value}{unit} for {self.place.period} in the release of {release(self.place.vintage)}{estimate}"
        return Figure(
            f"series_{self.place.measure}_{self.place.ally}_{self.place.period}",
            sentence(self.quoted or f"{who}: {said}"),
            f"{measure_words(measure)}{prices}, newest release for each year{self._breaks()}. "
            f"Hollow and dashed: estimates. Small dots: what each release said of {self.place.period}.",
            self._source(given),
            self.finding,
            self.rows().select(
                "ally", "period", "vintage", "value", "unit", "price_base", "status", "definition", "standing"
            ),
            self._body,
        )

    def _breaks(self) -> str:
        return ", one line for each definition" if self.rows()["definition"].n_unique() > 1 else ""

    def _source(self, given: dict[str, object]) -> str:
        if self.finding is not None:
            return source_line(self.finding, self.evidence, ("vintage", "address", "address_now", "address_then"))
        source = self.evidence.sources[str(given["source_id"])]
        return f"Source: {source.citation} Standing: {given['standing']}. {self.place}"

    def _body(self, canvas: Canvas) -> Spec:
        rows = self.rows()
        low, high = int(rows["period"].min()), int(rows["period"].max())  # type: ignore[arg-type]
        every = 1 if high - low < (7 if canvas.narrow else 16) else 2 if high - low < 16 else 5
        x: Spec = {
            "field": "period",
            "type": "quantitative",
            "scale": {"domain": [low - 0.4, high + 0.4], "nice": False, "zero": False},
            "axis": {"title": None, "grid": False, "format": "d", "values": list(range(low, high + 1, every))},
        }
        bars = [] if self.level_pct is None or self.place.measure.startswith("defence_exp") else [self.level_pct]
        found = [*rows["value"], *bars]
        room = (max(found) - min(found) or 1.0) * 0.12
        domain = [min(found) - (room if min(found) - room > 0 or min(found) < 0 else min(found)), max(found) + room]
        y: Spec = {
            "field": "value",
            "type": "quantitative",
            "scale": {"domain": domain, "nice": False, "zero": False},
            "axis": {"title": None, "tickCount": 6, "labelExpr": "replace(datum.label, /,/g, '\u202f')"},
        }
        layers = []
        for bar in bars:
            layers.append(marks("rule", [{"value": bar}], {"y": y}, color=INK, strokeWidth=1.2))
            words = {"y": y, "x": pixel(4), "text": {"field": "words"}}
            layers.append(
                marks("text", [{"value": bar, "words": level(bar)}], words, align="left", dy=-8, fontWeight="bold")
            )
        layers += self._lines(rows, x, y) + self._dots(rows, x, y) + self._labels(rows, x, y) + self._key(rows, canvas)
        return {"layer": layers, "width": canvas.width - 60, "height": _HEIGHT}

    def _newest(self, rows: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
        """Return the newest figure of each year, by definition."""
        newest = rows.sort("order").unique(["definition", "period"], keep="last", maintain_order=True).sort("period")
        return {
            name: [
                {"period": row["period"], "value": row["value"], "estimate": row["status"] in ("estimate", "forecast")}
                for row in newest.filter(pl.col("definition") == name).iter_rows(named=True)
            ]
            for name in unique(rows.sort("order")["definition"].to_list())
        }

    def _colour(self, definition: str) -> str:
        found = self.evidence.definitions.get(definition)
        return VERMILLION if found and found.is_break else BLUE

    def _lines(self, rows: pl.DataFrame, x: Spec, y: Spec) -> list[Spec]:
        layers = []
        for name, years in self._newest(rows).items():
            colour = self._colour(name)
            for left, right in pairwise(years):
                # Years that are missing are not bridged.
                if right["period"] - left["period"] == 1:
                    layers.append((colour, right["estimate"], [left, right]))
        return [
            marks(
                "line",
                pair,
                {"x": x, "y": y},
                color=colour,
                strokeWidth=1.8,
                **({"strokeDash": [4, 3]} if dashed else {}),
            )
            for colour, dashed, pair in layers
        ]

    def _dots(self, rows: pl.DataFrame, x: Spec, y: Spec) -> list[Spec]:
        places = {"x": x, "y": y, "stroke": field("colour"), "fill": field("fill")}
        places |= {"shape": field("shape"), "size": field("size")}
        values = [
            {
                **row,
                "colour": self._colour(name),
                "fill": PAPER if row["estimate"] else self._colour(name),
                "shape": "diamond" if self._colour(name) == VERMILLION else "circle",
                "size": DIAMOND if self._colour(name) == VERMILLION else CIRCLE,
            }
            for name, years in self._newest(rows).items()
            for row in years
        ]
        said = [
            {"period": self.place.period, "value": value}
            for value in rows.filter(pl.col("period") == self.place.period)["value"]
        ]
        return [
            marks("point", values, places, strokeWidth=1.6, opacity=1),
            marks("point", said, {"x": x, "y": y}, size=12, stroke=None, fill=MUTED, opacity=1),
        ]

    def _key(self, rows: pl.DataFrame, canvas: Canvas) -> list[Spec]:
        entries = []
        for name in self._newest(rows):
            found = self.evidence.definitions.get(name)
            colour = self._colour(name)
            if found and len(self._newest(rows)) > 1:
                entries.append(("diamond" if found.is_break else "circle", colour, colour, found.title))
        return key_above(entries, canvas)

    def _labels(self, rows: pl.DataFrame, x: Spec, y: Spec) -> list[Spec]:
        """Ring the figures pointed out and write them on the side where the plot has room."""
        layers = []
        middle = (int(rows["period"].min()) + int(rows["period"].max())) / 2  # type: ignore[arg-type]
        measure = self.evidence.measures[self.place.measure]
        found = [(place.period, float(str(self.evidence.row(place)["value"]))) for place in dict.fromkeys(self.marked)]
        for period, figure in found:
            value = [{"period": period, "value": figure, "words": figure_words(figure, measure)}]
            layers.append(
                marks("point", value, {"x": x, "y": y}, size=190, stroke=INK, strokeWidth=2, fill=None, opacity=1)
            )
            beside = {other for year, other in found if year == period} - {figure}
            # A figure alone stands above its ring; one of two beside it, the higher a little up, the lower down.
            down = -19 if not beside else -9 if figure > max(beside) else 9
            side: Spec = {"align": "right", "dx": -15} if period > middle else {"align": "left", "dx": 15}
            side = side if beside else {**side, "dx": 8 if period > middle else -8}
            for style in ({"stroke": PAPER, "strokeWidth": 4}, {"color": INK}):
                places = {"x": x, "y": y, "text": {"field": "words"}}
                layers.append(marks("text", value, places, dy=down, fontWeight="bold", fontSize=14, **side, **style))
        return layers
