"""A shock to GDP like that of 2020: the share rises because GDP falls, not because spending rises.

Each Ally meets again the surprise of 2020: real growth as known two years later less what the IMF had forecast before.
Money is left as it is; the share is divided by one plus the surprise. It says nothing about budgets afterwards.
"""

from __future__ import annotations

from typing import Any, Final

import polars as pl

from article3.domain import Pledge
from article3.errors import Fault, NotKnownError
from article3.evidence.addresses import EvidenceAddress
from article3.evidence.findings import Finding, sentence, sources_in, worst_standing
from article3.evidence.store import Evidence
from article3.pledge.levels import rounded
from article3.pledge.rules import Rules, ally_name, columns, framed, judged_year, release_for

BEFORE: Final = "2019-10"
AFTER: Final = "2021-10"
YEAR: Final = 2020
GROWTH: Final = "gdp_real_growth_pct"


def health_crisis(evidence: Evidence, pledge: Pledge, rules: Rules | None = None) -> Finding:
    """Apply the surprise of 2020 to the latest shares, and say whose share would only look better.

    Parameters
    ----------
    evidence
        Evidence as known on the date of interest; it must reach to the IMF's edition of October 2021.
    pledge
        The pledge whose level divides.
    rules
        Settings of the ledger.

    Returns
    -------
    Finding
        Table ``shock``: one row per Ally; growth and shares in per cent.

    Raises
    ------
    NotKnownError
        The editions of the IMF before and after 2020 are not known, or no release reports the shares.
    """
    rules = rules or Rules()
    growth = {vintage: _growth(evidence, vintage) for vintage in (BEFORE, AFTER)}
    year = judged_year(evidence, pledge, rules)
    release = release_for(evidence, "defence_pct_gdp", year, rules)
    if release is None or not all(growth.values()):
        raise NotKnownError(
            Fault(
                f"the shock of {YEAR} needs the IMF's editions {BEFORE} and {AFTER} and a release of shares",
                mend="Choose a later as-of date.",
            )
        )
    rows = evidence.table().filter(
        pl.col("measure") == "defence_pct_gdp", pl.col("vintage") == release.vintage, pl.col("period") == year
    )
    shares = dict(rows.select("ally", "value").iter_rows())
    found = [
        _row(pledge, code, year, release.vintage, shares[code], growth[BEFORE][code], growth[AFTER][code])
        for code in pledge.parties(evidence.as_of)
        if code in shares and code in growth[BEFORE] and code in growth[AFTER]
    ]
    table = framed("shock", found)
    lifted = table.filter(~pl.col("met_before") & pl.col("met_after"))["ally_name"].to_list()
    rise = float(str(table["change_pp"].median()))
    number = f"{len(lifted)} {'Ally' if len(lifted) == 1 else 'Allies'}"
    text = (
        f"A fall of GDP like that of {YEAR} alone, with no euro more for defence, would lift {number} to "
        f"{pledge.level_pct:g} % of GDP{': ' + ', '.join(lifted) if lifted else ''}; the median share would rise by "
        f"{rise:.2f} points."
    )
    return Finding(
        "shock",
        evidence.day.isoformat(),
        f"{pledge.title}: a shock like that of {YEAR}",
        table,
        columns()["shock"],
        sentence(text),
        worst_standing(["estimated"]),
        sources=sources_in(rows),
        warnings=("What-if: money is held as it is. Budgets were cut or raised after 2020; this is not a forecast.",),
        part=pledge.id,
    )


def _growth(evidence: Evidence, vintage: str) -> dict[str, float]:
    rows = evidence.table("weo").filter(
        pl.col("measure") == GROWTH, pl.col("vintage") == vintage, pl.col("period") == YEAR
    )
    return dict(rows.select("ally", "value").iter_rows())


def _row(
    pledge: Pledge, code: str, year: int, vintage: str, share: float, expected: float, came: float
) -> dict[str, Any]:
    surprise = (1 + came / 100) / (1 + expected / 100) - 1
    after = share / (1 + surprise)
    return {
        "pledge": pledge.id,
        "ally": code,
        "ally_name": ally_name(code),
        "year": year,
        "value_pct": share,
        "surprise_pct": 100 * surprise,
        "value_after_pct": after,
        "change_pp": after - share,
        "met_before": rounded(share) >= pledge.level_pct,
        "met_after": rounded(after) >= pledge.level_pct,
        "address": str(EvidenceAddress("nato", vintage, "defence_pct_gdp", code, year)),
        "before_address": str(EvidenceAddress("weo", BEFORE, GROWTH, code, YEAR)),
        "after_address": str(EvidenceAddress("weo", AFTER, GROWTH, code, YEAR)),
    }
