"""Figures of the early warning: the odds of every Ally, and the fans of the largest economies."""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from article3.evidence.addresses import EvidenceAddress, parse_address
from article3.evidence.findings import Cited, Finding, sentence
from article3.evidence.store import Evidence
from article3.report.drawing import BLUE, HAIR, INK, PAPER, SOFT, VERMILLION, Canvas, Figure, Spec, marks, pixel
from article3.report.panels import PANEL, axis, layer, legend, panels
from article3.report.sources import source_line
from article3.report.words import FIXED, allies, capital, cardinal, cite, level, number, release

WORDS: Final = ("at the level", "likely", "open", "doubtful", "unlikely")
"""Warning words, from best to worst."""

_GROUPS: Final = {
    "at the level": "At the level now",
    "likely": "Likely: 0.8 or more",
    "open": "Open: 0.4 to 0.8",
    "doubtful": "Doubtful: 0.2 to 0.4",
    "unlikely": "Unlikely: below 0.2",
}
_SHOWN: Final = 6
"""Panels of the fan: fills both two and three columns."""

_BAND: Final = "#a9cfe6"
"""A light blue: the band of a forecast, which is no measurement."""

_ODDS: Final = (
    "ally",
    "ally_name",
    "value_pct",
    "deadline",
    "kind",
    "odds",
    "odds_random_walk",
    "odds_low",
    "odds_high",
    "warning",
    "standing",
)


def ordered(finding: Finding) -> pl.DataFrame:
    """Return the rows of a warning that have odds, by warning word and then from the best odds down."""
    rank = {word: place for place, word in enumerate(WORDS)}
    place = pl.col("warning").replace_strict(rank, default=len(WORDS), return_dtype=pl.Int32)
    return finding.table.filter(pl.col("odds").is_not_null()).sort(
        [place, pl.col("odds"), pl.col("ally")], descending=[False, True, False]
    )


def is_scenario(finding: Finding) -> bool:
    """Return whether the deadline lies so far ahead that the odds are scenarios."""
    return "scenario" in finding.table["kind"].to_list()


def odds(finding: Finding, evidence: Evidence) -> Figure | None:
    """Draw every Ally's odds, the random walk's, and the range over variants of the method.

    Returns
    -------
    Figure or None
        ``None`` where fewer than two Allies have odds.
    """
    rows = ordered(finding)
    if rows.height < 2:
        return None
    first = rows.row(0, named=True)
    bar, deadline = level(first["level_pct"]), first["deadline"]
    kind = "scenarios, not forecasts" if is_scenario(finding) else "forecasts"
    return Figure(
        f"odds_{finding.part}",
        sentence(*_odds_title(finding, rows, bar, deadline)),
        f"Odds of standing at {bar} of GDP in {deadline}: {kind}. Filled: the method; hollow: a random walk from the "
        "last value; line: from the lowest to the highest variant of the method.",
        source_line(finding, evidence),
        finding,
        rows.select(_ODDS),
        lambda canvas: _odds_chart(finding, rows, canvas),
    )


def _odds_title(finding: Finding, rows: pl.DataFrame, bar: str, deadline: int) -> list[str | Cited]:
    below = rows.filter(pl.col("warning") != "at the level").sort(["odds", "ally"], descending=[True, False])
    if below.height == 0:
        return [f"All {rows.height} Allies stand at {bar} now"]
    best, worst = below.row(0, named=True), below.row(-1, named=True)
    likely = below.filter(pl.col("warning") == "likely").height
    head = f"{capital(allies(likely))} below {bar}" if likely else f"No Ally below {bar}"
    verb = "are" if likely > 1 else "is"
    span: list[str | Cited] = [cite(finding, best, "odds"), f" ({best['ally_name']})"]
    if below.height > 1:
        span = [
            "from ", cite(finding, worst, "odds"), f" ({worst['ally_name']}) to ",
            cite(finding, best, "odds"), f" ({best['ally_name']})",
        ]  # fmt: skip
    return [f"{head} {verb} likely to be there in {deadline}: odds ", *span]


def _odds_chart(finding: Finding, rows: pl.DataFrame, canvas: Canvas) -> Spec:
    domain: list[str] = []
    heads = []
    for word in dict.fromkeys(rows["warning"]):
        heads.append(_GROUPS.get(word, capital(word)))
        domain += [heads[-1], *rows.filter(pl.col("warning") == word)["ally_name"]]
    room, right = canvas.names - 6, 4 * canvas.size * 0.56 + 10
    width = round(canvas.width - canvas.names - right)
    y: Spec = {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": domain, "padding": 0},
        "axis": {
            "title": None,
            "labelColor": INK,
            "minExtent": room,
            "maxExtent": room,
            "labelExpr": f"indexof({heads!r}, datum.value) < 0 ? datum.label : ''",
        },
    }
    x = axis("odds", (0, 1), tickCount=5, format=".1f", title="Odds", titleAnchor="start", titleAlign="left")
    column = finding.column("odds")
    values = [
        {
            "name": row["ally_name"],
            "odds": row["odds"],
            "walk": row["odds_random_walk"],
            "low": row["odds_low"],
            "high": row["odds_high"],
            "words": number(row["odds"], column),
        }
        for row in rows.iter_rows(named=True)
    ]
    titles = [{"name": name} for name in heads]
    span = {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}}
    walk = {"y": y, "x": {**x, "field": "walk"}}
    text = {"y": y, "x": pixel(width + right - 2), "text": {"field": "words"}}
    group = {"y": y, "x": pixel(4 - room), "text": {"field": "name"}}
    layers = [
        marks("rule", values, {"y": y, "x": pixel(0), "x2": pixel(width)}, color=HAIR),
        marks("rule", values, span, color=BLUE, strokeWidth=1.4),
        marks("point", values, walk, size=46, stroke=INK, fill=PAPER, strokeWidth=1.5, opacity=1),
        marks("point", values, {"y": y, "x": x}, size=54, stroke=BLUE, fill=BLUE, opacity=1),
        marks("text", values, text, align="right"),
        marks("text", titles, group, align="left", fontWeight="bold", baseline="middle", dy=2),
    ]
    key = [
        ("circle", BLUE, BLUE, "method"),
        ("circle", PAPER, INK, "random walk"),
        ("line", "", BLUE, "lowest to highest variant"),
    ]
    body = {"layer": layers, "width": width, "height": canvas.row * len(domain)}
    return {"vconcat": [legend(key, canvas, width), body], "spacing": 8}


def fan(finding: Finding, warning: Finding, evidence: Evidence) -> Figure | None:
    """Draw what the largest economies below the level have done, may do in five years, and would have to do.

    Parameters
    ----------
    finding
        The fans.
    warning
        The early warning of the same pledge.
    evidence
        Evidence, for the past and for the size of economies.

    Returns
    -------
    Figure or None
        ``None`` where no Ally below the level has a fan.
    """
    drawn = set(finding.table["ally"])
    below = warning.table.filter(pl.col("ally").is_in(drawn), pl.col("warning") != "at the level")
    if below.height == 0:
        return None
    chosen, rule = _largest(below, evidence)
    rows = finding.table.filter(pl.col("ally").is_in(chosen["ally"]))
    last = int(rows["year"].max())  # type: ignore[arg-type]
    ends = rows.filter(pl.col("year") == last)
    first = chosen.row(0, named=True)
    bar = first["level_pct"]
    inside = ends.filter(pl.col("q90_pct") >= bar).height
    behind = ends.filter(pl.col("q50_pct") < pl.col("step_line_pct")).height
    who = f"{_group(chosen.height, rule)} below {level(bar)}"
    past = _past(chosen, evidence)
    return Figure(
        f"fan_{finding.part}",
        sentence(
            f"{who}: for {cardinal(behind)} the middle of the forecast for {last} lies below the step line, "
            f"for {cardinal(inside)} the level lies within the 80{FIXED}% band"
        ),
        f"Share of GDP in per cent, {rule}. Line: the release of {release(first['vintage'])}; band: eight outcomes "
        f"in ten, {last - 4} to {last}; beyond that no forecast. Dotted: standing still until the last safe year, "
        "then rising as fast as the best tenth of all past rises.",
        source_line(warning, evidence),
        finding,
        _fan_table(past, rows, chosen),
        lambda canvas: _fan_chart(chosen, past, rows, canvas),
    )


def _group(count: int, rule: str) -> str:
    if count > 1 and rule.startswith("largest economies"):
        return f"The {cardinal(count)} largest economies"
    return capital(allies(count))


def _largest(below: pl.DataFrame, evidence: Evidence) -> tuple[pl.DataFrame, str]:
    """Return the Allies to show and the rule: the largest economies, or the largest steps where GDP is not held."""
    editions = [item for item in evidence.vintages if item.dataset == "weo"]
    if editions:
        year = int(below["origin"].max())  # type: ignore[arg-type]
        gdp = (
            evidence.table("weo")
            .filter(
                pl.col("vintage") == editions[-1].vintage,
                pl.col("measure") == "gdp_usd_current",
                pl.col("period") == year,
            )
            .select("ally", pl.col("value").alias("gdp"))
        )
        sized = below.join(gdp, on="ally", how="inner").sort(["gdp", "ally"], descending=[True, False])
        if sized.height:
            edition = release(editions[-1].vintage)
            return sized.head(_SHOWN).drop("gdp"), f"largest economies first (IMF, {edition}, GDP of {year})"
    return below.sort(["step_pct", "ally"], descending=[True, False]).head(_SHOWN), "largest steps needed first"


def _past(chosen: pl.DataFrame, evidence: Evidence) -> dict[str, list[dict[str, Any]]]:
    """Return what the release of each Ally's last value reports of its past years: one definition, no break."""
    found = {}
    for row in chosen.iter_rows(named=True):
        place = parse_address(row["address"])
        if not isinstance(place, EvidenceAddress):
            continue
        found[row["ally"]] = (
            evidence.table(place.dataset)
            .filter(
                pl.col("vintage") == place.vintage,
                pl.col("measure") == place.measure,
                pl.col("ally") == place.ally,
                pl.col("period") <= row["origin"],
                pl.col("value").is_not_null(),
            )
            .sort("period")
            .select("period", "value", "status")
            .to_dicts()
        )
    return found


def _fan_table(past: dict[str, list[dict[str, Any]]], rows: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """Return past and forecast in one table, told apart by their kind."""
    before = pl.DataFrame(
        [
            {"ally": ally, "year": year["period"], "kind": "past", "value_pct": year["value"]}
            for ally, years in past.items()
            for year in years
        ],
        schema={"ally": pl.String, "year": rows.schema["year"], "kind": pl.String, "value_pct": pl.Float64},
    )
    ahead = rows.select(
        "ally", "year", pl.lit("forecast").alias("kind"), "q10_pct", "q50_pct", "q90_pct", "step_line_pct"
    )
    names = chosen.select("ally", "ally_name", "last_safe_year")
    return pl.concat([before, ahead], how="diagonal").join(names, on="ally", how="left").sort("ally", "year")


def _fan_chart(chosen: pl.DataFrame, past: dict[str, list[dict[str, Any]]], rows: pl.DataFrame, canvas: Canvas) -> Spec:
    values: list[dict[str, Any]] = []
    for row in chosen.iter_rows(named=True):
        name = {PANEL: row["ally_name"]}
        start = {**name, "year": row["origin"], "value": row["value_pct"]}
        goal = {**name, "year": row["deadline"], "value": row["level_pct"]}
        own = rows.filter(pl.col("ally") == row["ally"]).sort("year").to_dicts()
        values += [{**name, "kind": "level", "value": row["level_pct"], "words": level(row["level_pct"])}]
        values += [
            {**name, "kind": "band", "year": one["year"], "low": one["q10_pct"], "high": one["q90_pct"]} for one in own
        ]
        values += [
            {**name, "kind": "past", "year": one["period"], "value": one["value"]} for one in past.get(row["ally"], [])
        ]
        values += [{**start, "kind": "middle"}]
        values += [{**name, "kind": "middle", "year": one["year"], "value": one["q50_pct"]} for one in own]
        values += [{**start, "kind": "step"}, {**goal, "kind": "step"}]
        safe = row["last_safe_year"]
        if safe is not None and row["origin"] <= safe <= row["deadline"]:
            turn = {**start, "year": safe}
            values += [{**start, "kind": "safe"}, {**turn, "kind": "safe"}, {**goal, "kind": "safe"}]
            values += [{**turn, "kind": "turn", "words": str(safe)}]
        dot = "estimate" if row["status"] in ("estimate", "forecast") else "last"
        values += [{**start, "kind": dot, "words": f"{row['value_pct']:.2f}"}]
    heights = [row[key] for row in values for key in ("value", "low", "high") if row.get(key) is not None]
    years = [row["year"] for row in values if "year" in row]
    ticks = [year for year in range(min(years), max(years) + 1) if year % (10 if canvas.narrow else 5) == 0]
    x = axis("year", (min(years) - 0.5, max(years) + 0.5), format="d", values=ticks, grid=False)
    y = axis("value", (min(heights) - 0.25, max(heights) + 0.2), tickCount=5)
    both = {"x": x, "y": y}
    text = {**both, "text": {"field": "words", "type": "nominal"}}
    layers = [
        layer("band", "area", {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}, color=_BAND, opacity=0.75),
        layer("level", "rule", {"y": y}, color=INK, strokeWidth=1.2),
        layer("level", "text", {"y": y, "x": pixel(3), "text": text["text"]}, align="left", dy=-7, fontWeight="bold"),
        layer("safe", "line", both, color=SOFT, strokeWidth=1.3, strokeDash=[2, 2]),
        layer("step", "line", both, color=VERMILLION, strokeWidth=1.6),
        layer("middle", "line", both, color=BLUE, strokeWidth=1.8, strokeDash=[5, 3]),
        layer("past", "line", both, color=INK, strokeWidth=2),
        *(
            layer("level", "text", {"y": y, "x": pixel(3), "text": text["text"]}, align="left", dy=-7, **style)
            for style in ({"stroke": PAPER, "strokeWidth": 4}, {"fontWeight": "bold"})
        ),
        layer("turn", "point", both, shape="diamond", size=44, stroke=SOFT, fill=SOFT, opacity=1),
        layer("turn", "text", text, dy=13, color=SOFT),
        layer("estimate", "point", both, size=46, stroke=INK, fill=PAPER, strokeWidth=1.6, opacity=1),
        layer("last", "point", both, size=46, stroke=INK, fill=INK, opacity=1),
    ]
    kinds = {row["kind"] for row in values}
    key = [
        ("line", "", INK, "past"),
        *([("circle", PAPER, INK, "estimate")] if "estimate" in kinds else []),
        ("band", "", _BAND, "80 % band"),
        ("dashes", "", BLUE, "middle"),
        ("line", "", VERMILLION, "step line"),
        *([("diamond", SOFT, SOFT, "last safe year")] if "turn" in kinds else []),
    ]
    used = [item for item in layers if item["transform"][0]["filter"].split("'")[1] in kinds]
    return panels(values, used, legend(key, canvas), canvas, (3, 2, 150 if canvas.narrow else 190))
