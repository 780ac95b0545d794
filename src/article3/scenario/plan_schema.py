"""The part of a scenario that says how the plan is made.

The docstring under each field is its description in the published JSON Schema (``article3 schema scenario``).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

FAMILIES: Final = (
    "money", "commitment", "people", "lines", "lead_times", "goals", "targets", "fairness", "challenge", "one_ally",
    "suitability",
)  # fmt: skip
"""Families of constraints that can be left out, in the order in which the documentation speaks of them."""
Family = Literal[
    "money", "commitment", "people", "lines", "lead_times", "goals", "targets", "fairness", "challenge", "one_ally",
    "suitability",
]  # fmt: skip


def assumption(source: str, standing: str) -> dict[str, Any]:
    """Say in the JSON Schema where a default comes from and how far to trust it."""
    return {"x-source": source, "x-standing": standing}


Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Year = Annotated[int, Field(ge=2026, le=2060)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class Part(BaseModel):
    """A part of a scenario: frozen, unknown keys refused, docstrings as descriptions."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Money(Part):
    """The envelope of new money: where it comes from, and how much of it may be spent on the plan."""

    envelope: Annotated[
        Literal["pledge", "fixed", "none"],
        Field(json_schema_extra=assumption("docs/methods/plan-money.md", "notional")),
    ] = "pledge"
    """``pledge``: path to the pledged share less the committed baseline; ``fixed``: a sum for all Allies together, by
    share of GDP; ``none``: no limit, to see what a force costs."""
    level_pct: Annotated[
        float, Field(gt=0, le=20, json_schema_extra=assumption("The Hague, June 2025", "reported"))
    ] = 3.5
    """Share of GDP that the path reaches, in per cent; an Ally above it stays where it is."""
    by: Annotated[Year, Field(json_schema_extra=assumption("The Hague, June 2025", "reported"))] = 2035
    """Year in which it reaches it."""
    factor: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 1.0
    """Multiplies every envelope."""
    fixed_usd_m: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """With ``fixed``: million US$ of 2021 a year for all Allies but the United States."""
    investable: Annotated[Share, Field(json_schema_extra=assumption("three quarters of new money", "notional"))] = 0.75
    """Part of new money that may go into what the plan orders, its operation and its people."""
    released: Annotated[Share, Field(json_schema_extra=assumption("contracts run out", "notional"))] = 0.4
    """Part of today's equipment money that is no longer committed by the year ``released_by``."""
    released_by: Annotated[Year, Field(json_schema_extra=assumption("contracts run out", "notional"))] = 2034
    """Year by which it is; nothing is released in 2026, and the share rises evenly between."""


class Sharing(Part):
    """Limits to what one Ally is asked for."""

    ceiling: Annotated[
        float,
        Field(ge=1, allow_inf_nan=False, json_schema_extra=assumption("docs/methods/plan-sharing.md", "notional")),
    ] = 1.25
    """Most an Ally spends out of its envelope, in multiples of what all spend out of theirs, at the check years."""
    challenge: Annotated[
        float, Field(ge=1, allow_inf_nan=False, json_schema_extra=assumption("reasonable challenge", "notional"))
    ] = 2.0
    """Most an Ally takes of an addition, in multiples of the larger of its shares of GDP and of holdings."""
    floor: Annotated[Share, Field(json_schema_extra=assumption("reasonable challenge", "notional"))] = 0.02
    """Part of an addition that every Ally may take whatever its shares."""
    one_ally: Annotated[Share, Field(json_schema_extra=assumption("NATO's rule as reported", "reported"))] = 0.5
    """Most of the additions of a force element that one Ally provides."""


class Goal(Part):
    """A share of requirements that a group of Allies is to carry by a year."""

    goal: Identifier
    """Identifier: small letters, digits, underscores."""
    title: Annotated[str, Field(min_length=1, max_length=120)]
    """Title for people."""
    group: Literal["europe"] = "europe"
    """Group that is to carry it."""
    share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share to carry."""
    by: Year = 2030
    """Year by which, on 1 July."""
    of: Literal["requirement", "mean", "inventory"] = "requirement"
    """``requirement``: of each requirement; ``mean``: of their weighted mean; ``inventory``: of what Europe and the
    United States hold together of the element that gives the capability."""
    capabilities: tuple[str, ...] = ()
    """Capabilities it speaks of; all where none is named."""
    contingencies: tuple[str, ...] = ()
    """Contingencies it speaks of; all where none is named."""
    hard: bool = False
    """A limit instead of a goal: a plan that misses it is refused with reasons."""
    price: Annotated[
        float, Field(ge=0, allow_inf_nan=False, json_schema_extra=assumption("docs/methods/plan-goals.md", "notional"))
    ] = 0.1
    """Risk that a requirement missed wholly costs, beside the risk itself; nothing where it is a limit."""


class Target(Part):
    """Attainment to reach whatever it costs: fix the force and see the money."""

    contingency: str
    """Contingency."""
    window_days: Literal[10, 30, 180]
    """Readiness window."""
    level: Annotated[float, Field(gt=0, le=1)]
    """Attainment to reach, from 0 to 1: of every essential requirement."""
    by: Year
    """From which year on."""


class Fit(Part):
    """How well something suits an Ally, in the user's own judgement."""

    ally: str
    """Code or name of the Ally."""
    subject: str
    """Force element, domain of force elements, or ``any``."""
    value: Share
    """From 0 (does not suit) over 0.5 (neutral) to 1 (suits well)."""
    excludes: bool = False
    """The Ally cannot field it at all."""


_HALF = Goal(goal="half_by_2030", title="Europe carries half of each requirement by 2030")


class Plan(Part):
    """What is planned for, when, with which money, and what is weighed or left out."""

    posture: Literal["focus", "with", "reduced", "without"] = "focus"
    """The posture planned for; ``focus`` is that of ``us.focus``."""
    first_year: Annotated[Year, Field(json_schema_extra=assumption("the next budget year", "notional"))] = 2027
    """First year in which something can be ordered."""
    last_year: Annotated[Year, Field(json_schema_extra=assumption("docs/methods/plan.md", "notional"))] = 2036
    """Last year in which something can be ordered."""
    until: Annotated[Year, Field(json_schema_extra=assumption("docs/methods/plan.md", "notional"))] = 2040
    """Last year judged: what is ordered last still counts for years."""
    evaluate: tuple[Year, ...] = ()
    """Years in which risk is judged; eight between the first delivery and ``until`` where none is named."""
    situations: tuple[str, ...] = ()
    """Situations of several contingencies judged beside the contingencies alone."""
    money: Money = Money()
    """The envelope of new money."""
    sharing: Sharing = Sharing()
    """How the burden is shared out."""
    goals: tuple[Goal, ...] = (_HALF,)
    """Shares of requirements to carry by a year."""
    targets: tuple[Target, ...] = ()
    """Attainments to reach whatever they cost."""
    tolerance: Annotated[
        float, Field(gt=0, le=10, json_schema_extra=assumption("docs/methods/plan.md", "notional"))
    ] = 0.01
    """Risk given up for less cost, as a part of the least risk that can be reached."""
    discount: Annotated[Share, Field(json_schema_extra=assumption("social discount rate", "notional"))] = 0.03
    """Discount a year, of risk and of money."""
    people: Annotated[Share, Field(json_schema_extra=assumption("docs/methods/plan-money.md", "notional"))] = 0.02
    """Part of its military personnel by which an Ally can grow in a year."""
    commitment_years: Annotated[
        float, Field(gt=0, allow_inf_nan=False, json_schema_extra=assumption("docs/methods/plan-money.md", "notional"))
    ] = 3.0
    """Most that is ordered and not yet paid, in years of the envelope."""
    delay_years: Annotated[int, Field(ge=0, le=10)] = 0
    """Years by which every delivery of an order comes later."""
    us_export: Annotated[Share, Field(json_schema_extra=assumption("docs/methods/plan-lines.md", "notional"))] = 1.0
    """Part of what lines of the United States could deliver that Allies get; less in a crisis in the Indo-Pacific."""
    ukraine: Annotated[Share, Field(json_schema_extra=assumption("docs/methods/plan-lines.md", "notional"))] = 1.0
    """Part of what lines now deliver to Ukraine that they go on delivering to it."""
    entry: bool = True
    """Whether an Ally that fields a kind of element for the first time pays for entering."""
    lots: bool = False
    """Whether orders are whole lots, and entering is wholly paid or not at all."""
    without: tuple[Family, ...] = ()
    """Families of constraints that are left out."""
    summit: Annotated[date, Field(json_schema_extra=assumption("day not yet set", "notional"))] = date(2027, 7, 1)
    """Day of the next summit."""
    down_payment_usd_m: Annotated[
        float, Field(gt=0, allow_inf_nan=False, json_schema_extra=assumption("modest for a coalition", "notional"))
    ] = 1000.0
    """Most that a line of effort costs in all to count as one that can be signed before the summit."""
    fit: tuple[Fit, ...] = ()
    """How well things suit Allies, in place of the shipped judgement."""
    state: str = ""
    """A file beside the scenario that says how far earlier orders have come (.csv)."""
