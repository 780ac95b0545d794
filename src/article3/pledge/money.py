"""Money, not only shares: what the forecast shares mean in national currency, with GDP as uncertain as it has been.

The numerator is share times GDP. GDP is the newest IMF edition's, times an error drawn from past ones: for every
edition held and each horizon, the log ratio of what came (newest edition) to what had been forecast, both counted from
the last year before the edition, so that changes of currency and of base year fall out.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl

from article3.domain import Pledge
from article3.errors import Fault, NotKnownError
from article3.evidence.addresses import EvidenceAddress
from article3.evidence.findings import Finding, sentence, worst_standing
from article3.evidence.store import Evidence
from article3.forecast.method import Array, Parameters
from article3.forecast.paths import draw, surprises
from article3.pledge.rules import Rules, ally_name, columns, framed
from article3.pledge.warning import DRAWS, FORECAST_YEARS, MEASURE, basis, odds, targets_of

GDP: Final = "gdp_nc_current"
CAUTION: Final = (
    "Errors of GDP and surprises in the share are drawn apart; in a slump they go against one another, so that bands "
    "of money are rather too wide than too narrow. The IMF's errors held are those of 2020 to 2025, years of inflation."
)


def gdp_errors(evidence: Evidence, horizons: int) -> list[Array]:
    """Return past log errors of the IMF's nominal GDP by horizon, pooled over Allies and editions.

    Parameters
    ----------
    evidence
        Evidence as known on the date of interest: editions and outcomes published later are not used.
    horizons
        Number of years ahead, counted from the last year before an edition.

    Returns
    -------
    list of numpy.ndarray
        One array of log errors (outcome ÷ forecast) for each horizon; empty where none can be judged.
    """
    rows = evidence.table("weo").filter(pl.col("measure") == GDP)
    books: dict[str, dict[tuple[str, int], float]] = {}
    for vintage, ally, period, value in rows.select("vintage", "ally", "period", "value").iter_rows():
        if value > 0:
            books.setdefault(vintage, {})[ally, period] = value
    found: list[list[float]] = [[] for _ in range(horizons)]
    if not books:
        return [np.array(item) for item in found]
    newest = max(books)
    outcome, last = books[newest], int(newest[:4]) - 1
    for vintage, book in books.items():
        base = int(vintage[:4]) - 1
        for ally in sorted({ally for ally, _ in book}):
            for step in range(1, min(horizons, last - base) + 1):
                keys = ((ally, base), (ally, base + step))
                if all(key in book and key in outcome for key in keys):
                    came, said = (values[keys[1]] / values[keys[0]] for values in (outcome, book))
                    found[step - 1].append(float(np.log(came / said)))
    return [np.array(item) for item in found]


def money(evidence: Evidence, item: Pledge, rules: Rules | None = None) -> Finding:
    """Turn the forecast shares of a pledge into money, for up to five years.

    Returns
    -------
    Finding
        Table ``money``: one row per Ally and year, in billion national currency at current prices.

    Raises
    ------
    NotKnownError
        No edition of the IMF's outlook with levels of GDP is known, or too few to judge its errors.
    """
    found = basis(evidence, rules)
    stated = odds(found, item)
    made = stated.made
    years = min(FORECAST_YEARS, item.deadline - found.origin)
    rows = evidence.table("weo").filter(pl.col("measure") == GDP)
    edition = max(rows["vintage"].to_list(), default="")
    # The first year ahead lies one or two years after the last before the edition.
    lead = found.origin - (int(edition[:4]) - 1) if edition else 0
    errors = gdp_errors(evidence, years + max(lead, 0))
    if not edition or lead < 0 or not errors[0].size:
        raise NotKnownError(Fault("the IMF's levels of GDP, or outcomes to judge them by, are not known by then"))
    central = {
        (ally, period): (value, unit)
        for ally, period, value, unit in rows.filter(pl.col("vintage") == edition)
        .select("ally", "period", "value", "unit")
        .iter_rows()
    }
    past = surprises(found.panel, found.origin, targets_of(item), Parameters())
    noisy = np.isin(np.array(made.allies), found.estimated)
    shares = np.concatenate(list(draw(made, past, DRAWS, seed=3, nowcast=noisy)))
    rng = np.random.Generator(np.random.Philox(5))
    out: list[dict[str, Any]] = []
    judged = [errors[min(step + lead, len(errors)) - 1] for step in range(1, years + 1)]
    longest = max(index for index, pool in enumerate(judged) if pool.size)
    pools = [pool if pool.size else judged[longest] for pool in judged]
    for step in range(1, years + 1):
        factor = np.exp(rng.choice(pools[step - 1], DRAWS))
        for index, code in enumerate(made.allies):
            year = found.origin + step
            if code in item.parties(evidence.as_of) and not np.isnan(made.last[index]) and (code, year) in central:
                gdp, unit = central[code, year]
                spent = shares[:, step - 1, index] / 100 * gdp * factor
                base = (found.release.vintage, found.origin, edition)
                out.append(_row(item, base, code, year, (gdp, unit), spent))
    table = framed("money", out)
    width = float(np.quantile(np.exp(pools[-1]), 0.9) / np.quantile(np.exp(pools[-1]), 0.1) - 1)
    text = (
        f"GDP alone widens the 80 % band of spending: {years} years ahead the IMF's errors of nominal GDP have spanned "
        f"{100 * width:.0f} % from the lowest to the highest tenth, by only {pools[-1].size} past errors: few editions "
        "are old enough to be judged."
    )
    return Finding(
        "money",
        evidence.day.isoformat(),
        f"{item.title}: the forecast in money",
        table,
        columns()["money"],
        sentence(text),
        worst_standing(["estimated"]),
        sources=(f"imf-weo-{edition}",),
        warnings=(CAUTION,),
        part=item.id,
    )


def _row(
    item: Pledge, base: tuple[str, int, str], code: str, year: int, gdp: tuple[float, str], spent: Any
) -> dict[str, Any]:
    vintage, origin, edition = base
    low, middle, high = (float(value) for value in np.quantile(spent, [0.1, 0.5, 0.9]))
    return {
        "pledge": item.id,
        "ally": code,
        "year": year,
        "ally_name": ally_name(code),
        "currency": gdp[1].removeprefix("billion "),
        "gdp_nc_bn": gdp[0],
        "q10_nc_bn": low,
        "q50_nc_bn": middle,
        "q90_nc_bn": high,
        "at_level_nc_bn": item.level_pct / 100 * gdp[0],
        "address": str(EvidenceAddress("nato", vintage, MEASURE, code, origin)),
        "gdp_address": str(EvidenceAddress("weo", edition, GDP, code, year)),
    }
