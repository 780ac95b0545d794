"""Early warning: odds of keeping a pledge, since when a miss could be called, what it takes, when it is too late."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import polars as pl

from article3.domain import Pledge
from article3.errors import Fault, NotKnownError
from article3.evidence.addresses import EvidenceAddress
from article3.evidence.findings import Finding, sentence, worst_standing
from article3.evidence.releases import Vintage
from article3.evidence.store import Evidence, open_evidence
from article3.forecast.method import Array, Forecast, Panel, Parameters, Target, above, closing_rates, forecast
from article3.forecast.panel import COMMON_YEARS, long_history, nato_release
from article3.forecast.paths import NOWCAST_SD, draw, surprises
from article3.pledge.levels import rounded
from article3.pledge.plans import credibility, declared, learned_from, pooled_odds
from article3.pledge.rules import Rules, ally_name, columns, framed, releases_for

MEASURE: Final = "defence_pct_gdp"
FORECAST_YEARS: Final = 5
"""Horizons up to which the back-test earns the word forecast."""
RANDOM_WALK: Final = ("USA",)
"""Allies not dragged along by the drift of the others: the US share has fallen while Europe's rose."""
DRAWS: Final = 8_192
RISE_QUANTILE: Final = 0.9
BUNCHED_PCT: Final = 0.1
MIN_YEARS: Final = 8
WALES: Final = Target(2.0, 2014, 2024)
AT_LEVEL: Final = "at the level"
"""Warning of an Ally that stands at the level today, whatever its odds of still being there."""
STOPPED: Final = (0.47, 0.53)
LEVELS: Final = ((0.8, "likely"), (0.4, "open"), (0.2, "doubtful"), (0.0, "unlikely"))


@dataclass(frozen=True, slots=True)
class Basis:
    """The panel a warning rests on: one release, and the long history before it.

    Parameters
    ----------
    panel
        Shares by Ally and year.
    release
        The release.
    origin
        Latest year it reports for enough Allies.
    estimated
        Allies whose figure for that year is not final.
    warnings
        What a reader must know of the history.
    """

    panel: Panel
    release: Vintage
    origin: int
    estimated: tuple[str, ...]
    warnings: tuple[str, ...]


def basis(evidence: Evidence, rules: Rules | None = None) -> Basis:
    """Choose the release with the latest usable year, and splice the long history before it.

    Raises
    ------
    NotKnownError
        No release known by the evidence's date reports enough Allies, or the long history is not there at all.
    """
    usable = releases_for(evidence, MEASURE, rules or Rules())
    if not usable:
        raise NotKnownError(Fault(f"no release known on {evidence.day} reports enough Allies for a forecast"))
    release, years = max(usable, key=lambda item: (max(item[1]), item[0].known_from))
    warnings = []
    history = long_history(evidence)
    if history is None:
        history = long_history(open_evidence(folders=evidence.folders))
        if history is None:
            raise NotKnownError(
                Fault(
                    "the long history of spending is not there, and NATO's releases alone are too short to forecast",
                    mend="Import SIPRI's military expenditure workbook with 'article3 evidence import FILE'.",
                )
            )
        warnings.append(
            f"No edition of the long history was published by {evidence.day}: a later one is cut at {max(years)}. "
            "Its revisions of earlier years leak into this forecast; its later years do not."
        )
    before = history.cut(max(years))
    fuller = [vintage for vintage, known in usable if len(known) >= COMMON_YEARS and vintage != release]
    if len(years) < COMMON_YEARS and fuller:
        # A list of a single year stands on the last full release, which stands on the long history.
        before = nato_release(evidence, fuller[-1].vintage, before)
    panel = nato_release(evidence, release.vintage, before)
    rows = evidence.table("nato").filter(
        pl.col("measure") == MEASURE, pl.col("vintage") == release.vintage, pl.col("period") == max(years)
    )
    estimated = tuple(rows.filter(pl.col("status") != "actual")["ally"])
    return Basis(panel, release, max(years), estimated, tuple(warnings))


def _history_sources(evidence: Evidence) -> tuple[str, ...]:
    """Return the source of the long history used: the newest edition known, else the newest there is."""
    for known in (evidence, open_evidence(folders=evidence.folders)):
        editions = [vintage.vintage for vintage in known.vintages if vintage.dataset == "sipri"]
        if editions:
            return (f"sipri-{editions[-1]}",)
    return ()


def targets_of(item: Pledge) -> tuple[Target, ...]:
    """Return the levels that may pull: Wales, and the pledge itself if it is another level of the same measure."""
    own = Target(item.level_pct, item.agreed.year, item.deadline, capped=item.level_pct > WALES.level_pct)
    same = own.level_pct == WALES.level_pct and own.deadline == WALES.deadline
    return (WALES,) if same else (WALES, own)


@dataclass(frozen=True, slots=True)
class Odds:
    """Odds of reaching a level by a year, for every Ally of a panel, in the variants that stand beside one another."""

    method: Array
    random_walk: Array
    drift: Array
    wales_rate: Array
    rate: Array
    made: Forecast


def odds(found: Basis, item: Pledge, fixed: Parameters | None = None) -> Odds:
    """Return the odds that each Ally's rounded share is at or above the level in the deadline's year."""
    fixed = fixed or Parameters()
    ahead = item.deadline - found.origin
    made = forecast(found.panel, found.origin, ahead, targets_of(item), RANDOM_WALK, fixed)
    known = found.panel.cut(found.origin)
    rate = closing_rates(known, found.origin, WALES, fixed)
    gap = np.maximum(0.0, math.log(item.level_pct) - made.last)
    # A random walk for those kept on one; for the rest only the pull, at the rate that the earlier pledge had.
    pull = np.where(np.isin(made.allies, RANDOM_WALK), 0.0, np.minimum(rate, 1.0) * gap)
    room = np.maximum(math.log(item.level_pct) + fixed.overshoot - made.last, 0.0)
    drifted = np.minimum(made.drift[:, -1], room) if item.level_pct > WALES.level_pct else made.drift[:, -1]
    drifted = np.where(np.isin(made.allies, RANDOM_WALK), 0.0, drifted)
    noisy = np.isin(np.array(made.allies), found.estimated)

    def chance(centre: Array) -> Array:
        return _chance(made, centre, item.level_pct, noisy)

    zero = np.zeros(len(made.allies))
    return Odds(chance(made.centre[:, -1]), chance(zero), chance(drifted), chance(pull), rate, made)


def _chance(made: Forecast, centre: Array, level_pct: float, noisy: Any) -> Array:
    """Return the probability at or above a level at the last horizon, with noise on estimated last values.

    The noise is integrated by Gauss-Hermite quadrature over its log-normal density.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(9)
    out = np.full(len(made.allies), np.nan)
    for index in range(len(made.allies)):
        if np.isnan(made.last[index]):
            continue
        row = np.exp(made.last[index] + centre[index] + made.volatility[index] * made.errors[-1])
        sd = NOWCAST_SD if noisy[index] else 0.0
        parts = [above(row * math.exp(sd * node), level_pct - 0.005) for node in nodes]
        out[index] = float(np.dot(parts, weights) / weights.sum())
    return out


def in_words(chance: float) -> str:
    """Return odds in words: ``about 7 in 10``; ``under 1 in 20`` and ``over 19 in 20`` at the ends."""
    if chance < 0.05:
        return "under 1 in 20"
    if chance > 0.95:
        return "over 19 in 20"
    return f"about {min(9, max(1, round(chance * 10)))} in 10"


def early_warning(evidence: Evidence, item: Pledge, rules: Rules | None = None) -> tuple[Finding, ...]:
    """Give odds and a warning for each Ally bound by a pledge on shares of GDP, as known on the evidence's date.

    Parameters
    ----------
    evidence
        Evidence as known on the date of interest.
    item
        A pledge to reach a share of GDP by a deadline.
    rules
        Settings of the ledger.

    Returns
    -------
    tuple of Finding
        Tables ``warning``, ``fan`` and ``expected`` (number of Allies by year), and ``credibility`` of plans.

    Raises
    ------
    NotKnownError
        The pledge is on another measure, its deadline has passed, or there is too little to forecast from.
    """
    if item.measure != MEASURE or item.applies != "by_deadline":
        raise NotKnownError(
            Fault(f"no odds for '{item.id}': only pledges of a share of GDP by a deadline are forecast")
        )
    found = basis(evidence, rules)
    if item.deadline <= found.origin:
        raise NotKnownError(
            Fault(
                f"the deadline of '{item.id}', {item.deadline}, lies in the past: the release of "
                f"{found.release.label} reports {found.origin}",
                mend="Ask without --odds for what came of it, or choose an earlier --as-of.",
            )
        )
    stated = odds(found, item)
    trust = credibility(evidence)
    rows = _warning_rows(found, item, stated, trust, evidence)
    fan, expected = _fan(found, item, stated, evidence)
    table = framed("warning", rows)
    return (
        Finding(
            "warning",
            evidence.day.isoformat(),
            f"{item.title}: early warning",
            table,
            columns()["warning"],
            _sentence(table, item, found, expected),
            worst_standing(["estimated"]),
            sources=_history_sources(evidence),
            warnings=(*found.warnings, *_cautions(table, item, found)),
            figure="fan",
            part=item.id,
        ),
        fan,
        expected,
        trust,
    )


def _warning_rows(found: Basis, item: Pledge, stated: Odds, trust: Finding, evidence: Evidence) -> list[dict[str, Any]]:
    made, ahead = stated.made, item.deadline - found.origin
    rises = _rises(found)
    pooled = float(np.quantile(np.concatenate(list(rises.values())), RISE_QUANTILE))
    plans, learned = declared(item.id, evidence.day), learned_from(trust)
    rows = []
    for code in item.parties(evidence.as_of):
        index = made.allies.index(code)
        out: dict[str, Any] = {
            "pledge": item.id,
            "ally": code,
            "ally_name": ally_name(code),
            "level_pct": item.level_pct,
            "deadline": item.deadline,
            "origin": found.origin,
            "vintage": found.release.vintage,
            "standing": "estimated",
        }
        why = _too_little(found, made, index)
        if why:
            rows.append(out | {"warning": "not known", "reason": why})
            continue
        value = float(np.exp(made.last[index]))
        long_run = ahead > FORECAST_YEARS
        chance = float((stated.wales_rate if long_run else stated.method)[index])
        variants = [float(v[index]) for v in (stated.method, stated.random_walk, stated.drift, stated.wales_rate)]
        own = float(np.quantile(rises[code], RISE_QUANTILE)) if rises[code].size else None
        gap = max(0.0, item.level_pct - value) if rounded(value) < item.level_pct else 0.0
        plan = plans.get(code)
        out |= {
            "value_pct": value,
            "status": "estimate" if code in found.estimated else "actual",
            "odds": chance,
            "odds_words": in_words(chance),
            "kind": "scenario" if long_run else "forecast",
            "odds_random_walk": variants[1],
            "odds_low": min(variants),
            "odds_high": max(variants),
            "odds_with_plan": None if plan is None or not learned else pooled_odds(chance, plan, learned),
            "plan": None if plan is None else "declared" if plan else "declared otherwise",
            "step_pct": gap / ahead,
            "best_rise_pct": pooled,
            "own_rise_pct": own,
            "last_safe_year": _last_safe(item.deadline, gap, pooled),
            "last_safe_year_own": _last_safe(item.deadline, gap, own),
            "drift_pct": 100 * math.expm1(made.drift[index, -1]),
            "closing_pct": 100 * math.expm1(made.closing[index, -1]),
            "closing_rate": float(made.rate[index]),
            "volatility_pct": 100 * float(made.volatility[index]),
            "address": str(EvidenceAddress("nato", found.release.vintage, MEASURE, code, found.origin)),
        }
        rows.append(out | _verdict(out, gap))
    return rows


def _too_little(found: Basis, made: Forecast, index: int) -> str:
    """Return why an Ally cannot be forecast; empty where it can."""
    if np.isnan(made.last[index]):
        return f"not known: the release of {found.release.label} does not report this Ally for {found.origin}"
    years = int(np.isfinite(found.panel.cut(found.origin).log_share[index]).sum())
    return f"not known: only {years} years of figures" if years < MIN_YEARS else ""


def _rises(found: Basis) -> dict[str, Array]:
    """Return each Ally's yearly rises of the share in percentage points since 2014, within the release."""
    shares = np.exp(found.panel.log_share)
    start, end = found.panel.column(max(2014, found.panel.years[0])), found.panel.column(found.origin)
    moves = np.diff(shares[:, start : end + 1], axis=1)
    return {code: row[row > 0] for code, row in zip(found.panel.allies, moves, strict=True)}


def _last_safe(deadline: int, gap: float, rise: float | None) -> int | None:
    """Return the latest year up to which the share may stay as it is; null where no rise is known."""
    if rise is None or rise <= 0:
        return None
    return deadline - math.ceil(gap / rise - 1e-9)


def _verdict(row: Mapping[str, Any], gap: float) -> dict[str, str]:
    level, chance = row["level_pct"], row["odds"]
    near = abs(row["value_pct"] - level) < BUNCHED_PCT
    if gap == 0.0:
        reason = f"at the level now; odds of still being there in {row['deadline']} {in_words(chance)}"
        return {"warning": AT_LEVEL, "reason": reason + (", thin: within 0.1 of the level" if near else "")}
    word = next(name for bound, name in LEVELS if chance >= bound)
    if row["last_safe_year"] < row["origin"]:
        why = f"needs {row['step_pct']:.2f} points a year; nine in ten past rises were smaller"
    elif row["own_rise_pct"] is not None and row["step_pct"] > row["own_rise_pct"]:
        why = f"needs {row['step_pct']:.2f} points a year; its own best years brought {row['own_rise_pct']:.2f}"
    else:
        why = f"needs {row['step_pct']:.2f} points a year, within what it has done before"
    tail = "; within 0.1 of the level, where odds are not to be trusted" if near else ""
    if row["kind"] == "scenario" and STOPPED[0] <= chance <= STOPPED[1]:
        # The centre closes in on the level and stops there, so that half of the draws lie above it.
        tail += "; near one half only because its group's rate would bring it just to the level"
    return {"warning": word, "reason": why + tail}


def _fan(found: Basis, item: Pledge, stated: Odds, evidence: Evidence) -> tuple[Finding, Finding]:
    """Return the fan of each Ally and the expected number at the level, by year, from one set of joint draws."""
    made = stated.made
    years = min(FORECAST_YEARS, item.deadline - found.origin)
    past = surprises(found.panel, found.origin, targets_of(item), Parameters())
    noisy = np.isin(np.array(made.allies), found.estimated)
    paths = np.concatenate(list(draw(made, past, DRAWS, seed=3, nowcast=noisy)))
    bound = [index for index, code in enumerate(made.allies) if code in item.parties(evidence.as_of)]
    bound = [index for index in bound if not np.isnan(made.last[index])]
    low, middle, high = np.quantile(paths[:, :years], [0.1, 0.5, 0.9], axis=0)
    ahead = item.deadline - found.origin
    fans = [
        _fan_row(
            found,
            item,
            made.allies[index],
            step,
            (low[step - 1, index], middle[step - 1, index], high[step - 1, index]),
        )
        for index in bound
        for step in range(1, years + 1)
    ]
    rows = [
        _expected_row(found, item, paths[:, step - 1, bound], found.origin + step, "method", "forecast")
        for step in range(1, years + 1)
    ]
    if ahead > FORECAST_YEARS:
        for variant, middle_way in _variants(stated, item).items():
            level = replace(made, centre=middle_way)
            last = np.concatenate([chunk[:, -1] for chunk in draw(level, past, DRAWS, seed=3, nowcast=noisy)])
            rows.append(_expected_row(found, item, last[:, bound], item.deadline, variant, "scenario"))
    day = evidence.day.isoformat()
    fan_table, count_table = framed("fan", fans), framed("expected", rows)
    last_row = rows[years - 1]
    text = (
        f"{last_row['low']} to {last_row['high']} of {last_row['of']} Allies at {item.level_pct:g} % in "
        f"{last_row['year']} (80 % band)."
    )
    return (
        Finding(
            "fan",
            day,
            f"{item.title}: fans",
            fan_table,
            columns()["fan"],
            sentence(""),
            worst_standing(["estimated"]),
            part=item.id,
        ),
        Finding(
            "expected",
            day,
            f"{item.title}: expected number",
            count_table,
            columns()["expected"],
            sentence(text),
            worst_standing(["estimated"]),
            part=item.id,
        ),
    )


def _fan_row(found: Basis, item: Pledge, code: str, step: int, band: tuple[Any, Any, Any]) -> dict[str, Any]:
    value = float(np.exp(found.panel.log_share[found.panel.allies.index(code), found.panel.column(found.origin)]))
    gap = max(0.0, item.level_pct - value)
    return {
        "pledge": item.id,
        "ally": code,
        "year": found.origin + step,
        "q10_pct": float(band[0]),
        "q50_pct": float(band[1]),
        "q90_pct": float(band[2]),
        "step_line_pct": value + gap * step / (item.deadline - found.origin),
        "address": str(EvidenceAddress("nato", found.release.vintage, MEASURE, code, found.origin)),
    }


def _variants(stated: Odds, item: Pledge) -> dict[str, Array]:
    """Return the centres that stand beside one another beyond five years, as paths to the deadline."""
    made = stated.made
    walk = np.zeros_like(made.centre)
    gap = np.maximum(0.0, math.log(item.level_pct) - made.last)
    pull = np.where(np.isin(made.allies, RANDOM_WALK), 0.0, np.minimum(stated.rate, 1.0) * gap)
    steps = np.arange(1, made.centre.shape[1] + 1) / made.centre.shape[1]
    return {"random walk": walk, "closing at the Wales rate": pull[:, None] * steps[None, :], "method": made.centre}


def _expected_row(found: Basis, item: Pledge, shares: Any, year: int, variant: str, kind: str) -> dict[str, Any]:
    counts = (shares >= item.level_pct - 0.005).sum(axis=1)
    return {
        "pledge": item.id,
        "year": year,
        "variant": variant,
        "kind": kind,
        "mean": float(counts.mean()),
        "low": int(np.quantile(counts, 0.1)),
        "high": int(np.quantile(counts, 0.9)),
        "of": shares.shape[1],
        "addresses": [f"nato/{found.release.vintage}/{MEASURE}#*/{found.origin}"],
    }


def _sentence(table: pl.DataFrame, item: Pledge, found: Basis, expected: Finding) -> Any:
    tally = {
        word: table.filter(pl.col("warning") == word).height
        for word in (AT_LEVEL, "likely", "open", "doubtful", "unlikely")
    }
    parts = ", ".join(f"{number} {word}" for word, number in tally.items() if number)
    final = expected.table.filter(pl.col("year") == expected.table["year"].max())
    means = final["mean"].to_list()
    head = f"{item.title}, deadline {item.deadline}, from the release of {found.release.label}: "
    if item.national:
        row = table.row(0, named=True)
        return sentence(f"{head}{row['ally_name']} {row['warning']}, odds {row['odds_words']} ({row['kind']}).")
    ends = sorted({f"{mean:.0f}" for mean in means}, key=float)
    kind = "scenarios, not a forecast" if final["kind"][0] == "scenario" else "a forecast"
    return sentence(
        f"{head}{parts}. Expected at the level in {final['year'][0]}: "
        f"{' to '.join((ends[0], ends[-1])[: len(ends)])} of {final['of'][0]} Allies ({kind}); "
        f"the number itself may be anything from {min(final['low'].to_list())} to {max(final['high'].to_list())}."
    )


def _cautions(table: pl.DataFrame, item: Pledge, found: Basis) -> tuple[str, ...]:
    notes = []
    if item.deadline - found.origin > FORECAST_YEARS:
        notes.append(
            f"{item.deadline} is {item.deadline - found.origin} years ahead: these odds are scenarios, not forecasts. "
            "Ten years ahead the method has no gain over a random walk in the back-test."
        )
    near = table.filter((pl.col("value_pct") - pl.col("level_pct")).abs() < BUNCHED_PCT)["ally_name"].to_list()
    if near:
        notes.append(
            f"Within 0.1 points of the level, where Allies bunch and odds are not to be trusted: {', '.join(near)}."
        )
    return tuple(notes)
