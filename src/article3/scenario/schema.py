"""The scenario: what a user assumes, in one file.

The docstring under each field is its description in the published JSON Schema (``article3 schema scenario``).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from article3.scenario.plan_schema import Plan
from article3.scenario.plan_schema import assumption as _assumption
from article3.scenario.shift_schema import Shift


def _listed(value: Any) -> Any:
    """Take one name for a list of one."""
    return (value,) if isinstance(value, str) else value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Horizon(_Part):
    """Years a scenario looks at."""

    start: Annotated[int, Field(ge=1949, le=2100, json_schema_extra=_assumption("first planning year", "notional"))] = (
        2026
    )
    """First year."""
    end: Annotated[int, Field(ge=1949, le=2100, json_schema_extra=_assumption("deadline of The Hague", "reported"))] = (
        2035
    )
    """Last year."""


class Ledger(_Part):
    """How the pledge ledger counts."""

    min_reporting: Annotated[
        int, Field(ge=1, le=32, json_schema_extra=_assumption("docs/methods/pledge-ledger.md", "notional"))
    ] = 28
    """Fewest Allies a release must report for a year to be used for a count of that year."""
    mixed: bool = False
    """Count the newest figure of each Ally instead of one release. Never a headline."""


class OwnPledge(_Part):
    """A pledge of the user's own, to be judged like the shipped ones."""

    pledge: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    """Identifier: small letters, digits, underscores."""
    title: Annotated[str, Field(max_length=120)]
    """Title for people."""
    measure: Literal["defence_pct_gdp", "equipment_share_pct", "defence_real_change_pct"]
    """What is measured."""
    level_pct: Annotated[float, Field(gt=0)]
    """Level to reach, in per cent."""
    base_year: Annotated[int, Field(ge=1949, le=2100)]
    """Year from which progress counts."""
    deadline: Annotated[int, Field(ge=1949, le=2100)]
    """Year by which the level is to be reached."""
    allies: Annotated[tuple[str, ...], Field(min_length=1)] = ("alliance",)
    """Allies or groups that are bound."""


class Comparison(_Part):
    """One year as known on two dates."""

    pledge: str
    """Pledge whose level divides."""
    year: Annotated[int, Field(ge=1949, le=2100)]
    """The year compared."""
    then: date
    """Earlier as-of date."""
    now: date | None = None
    """Later as-of date; the scenario's own if left out."""


class Situation(_Part):
    """A planning situation: contingencies that run at once and share the same forces."""

    situation: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    """Identifier: small letters, digits, underscores."""
    title: Annotated[str, Field(min_length=1, max_length=120)]
    """Title for people."""
    contingencies: Annotated[tuple[str, ...], Field(min_length=2)]
    """Identifiers of the contingencies that run at once, at least two of those the scenario names."""


class UnitedStates(_Part):
    """What the United States offers in each posture: versions of table ``offers``."""

    with_us: Annotated[str, Field(json_schema_extra=_assumption("offer before the cuts of 2026", "reported"))] = (
        "before_2026"
    )
    """Version of its offer in the posture *with*."""
    reduced: Annotated[str, Field(json_schema_extra=_assumption("first report of the cuts of 2026", "reported"))] = (
        "after_2026_a"
    )
    """Version of its offer in the posture *reduced*."""
    variants: tuple[str, ...] = ()
    """Further versions of the reduced offer, where reports conflict; each is shown beside it."""
    focus: Literal["with", "reduced", "without"] = "with"
    """The posture that headlines speak of."""


class Caveat(_Part):
    """A limit to what an Ally takes part in."""

    ally: str
    """Code or name of the Ally."""
    only: Literal["low_intensity"] = "low_intensity"
    """What it takes part in: contingencies of low intensity only."""


class Gap(_Part):
    """How the gap is assessed."""

    draws: Annotated[
        int,
        Field(ge=0, le=1000, json_schema_extra=_assumption("tells 80 % agreement from chance", "notional")),
    ] = 64
    """Draws over low, central and high that give ranges; 0 for none."""
    ceiling_usd_m: Annotated[
        float,
        Field(gt=0, allow_inf_nan=False, json_schema_extra=_assumption("modest for a few Allies", "notional")),
    ] = 1000.0
    """Ceiling of the modest investment, in million US$ at prices of 2021."""
    within_years: Annotated[
        float, Field(gt=0, le=50, allow_inf_nan=False, json_schema_extra=_assumption("the near term", "notional"))
    ] = 3.0
    """Years within which it has to arrive."""


class Scenario(_Part):
    """What a user assumes. Every field has a default with a source; a file needs to name only what differs."""

    title: Annotated[str, Field(min_length=1, max_length=120)]
    """Title for people."""
    description: Annotated[str, Field(max_length=2000)] = ""
    """What the scenario is for."""
    as_of: Annotated[date, Field(json_schema_extra=_assumption("last release held", "reported"))]
    """Only what had been published by this day is used."""
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 3
    """Seed of every random draw."""
    horizon: Horizon = Horizon()
    """Years looked at."""
    pledges: Annotated[tuple[str | OwnPledge, ...], Field(min_length=1)]
    """Pledges to judge: identifiers of shipped ones, or the user's own."""
    compare: tuple[Comparison, ...] = ()
    """Years to compare as known then and now."""
    claims: str = "example"
    """Claims to check: ``example`` for the shipped list, ``none``, or a file beside the scenario."""
    shock: Annotated[
        Literal["none", "health_crisis"],
        Field(json_schema_extra=_assumption("IMF WEO October 2019 against October 2021, year 2020", "estimated")),
    ] = "none"
    """A shock to apply: ``health_crisis`` is the surprise in GDP of 2020, met again by each Ally."""
    ledger: Ledger = Ledger()
    """How the ledger counts."""
    evidence: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    """The user's own figures beside the scenario: tables in the long schema (.csv), planning workbooks (.xlsx)."""
    contingencies: tuple[str, ...] = ()
    """Contingencies to assess: names of shipped ones, or .yaml files beside the scenario. None: no gap is assessed."""
    situations: tuple[Situation, ...] = ()
    """Contingencies that run at once."""
    us: UnitedStates = UnitedStates()
    """What the United States offers."""
    without: Annotated[tuple[str, ...], Field(min_length=1)] = ("USA",)
    """Allies or groups that are absent in the posture *without*."""
    caveats: tuple[Caveat, ...] = ()
    """Allies that take part in some contingencies only."""
    gap: Gap = Gap()
    """Draws, and what counts as a modest investment."""
    plan: Plan = Plan()
    """How the plan is made."""
    shift: Shift = Shift()
    """How fast the burden shifts, and who takes over."""


LEVEL_CEILING_PCT: Final = {"defence_pct_gdp": 20.0}
"""A level above this share of GDP is taken for a slip of the decimal point."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file (draft 2020-12).

    ``extends`` is part of the file, not of the resolved scenario, and no field is required in a file that
    extends another.
    """
    schema = Scenario.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["properties"] = {
        "extends": {
            "type": "string",
            "description": "A shipped scenario, or a file beside this one, whose values this file overrides.",
        },
        **schema["properties"],
    }
    schema["required"] = []
    schema["anyOf"] = [{"required": ["extends"]}, {"required": ["title", "as_of", "pledges"]}]
    return schema
