"""The series of IMF's World Economic Outlook that the program keeps, and their units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Subject:
    """One WEO series.

    Parameters
    ----------
    code
        IMF's subject code.
    measure, unit, price_base
        As in the long table; ``{currency}`` in the unit is the Ally's own at the release. Price base ``own``:
        each Ally has a base year of its own within one release; the caller adds the release.
    scale
        What the column *Scale* of the classic download must say, if the series has one.
    negative
        The series can be below zero.
    """

    code: str
    measure: str
    unit: str
    price_base: str = ""
    scale: str = ""
    negative: bool = False


SUBJECTS: Final[tuple[Subject, ...]] = (
    Subject("NGDP_RPCH", "gdp_real_growth_pct", "percent", negative=True),
    Subject("NGDP", "gdp_nc_current", "billion {currency}", "current", "Billions"),
    Subject("NGDP_R", "gdp_nc_constant", "billion {currency}", "own", "Billions"),
    Subject("NGDPD", "gdp_usd_current", "billion USD", "current", "Billions"),
    Subject("PPPGDP", "gdp_ppp", "billion international dollars", "current", "Billions"),
    Subject("NGDP_D", "gdp_deflator", "index"),
    Subject("PCPIPCH", "inflation_cpi_avg_pct", "percent", negative=True),
    Subject("GGXWDG_NGDP", "gov_gross_debt_pct_gdp", "percent of GDP"),
    Subject("GGXCNL_NGDP", "gov_net_lending_pct_gdp", "percent of GDP", negative=True),
    Subject("GGXONLB_NGDP", "gov_primary_balance_pct_gdp", "percent of GDP", negative=True),
    Subject("GGR_NGDP", "gov_revenue_pct_gdp", "percent of GDP"),
    Subject("GGX_NGDP", "gov_expenditure_pct_gdp", "percent of GDP"),
    Subject("LP", "population", "million persons", "", "Millions"),
)

BY_CODE: Final[dict[str, Subject]] = {subject.code: subject for subject in SUBJECTS}

ESSENTIAL: Final = ("NGDP", "NGDPD", "NGDP_RPCH")
"""A file that has none of these is refused; any other missing series is a note."""
