"""The part of a scenario that says how the burden shifts: notice, pace, drawdowns, posts, trust.

The docstring under each field is its description in the published JSON Schema (``article3 schema scenario``).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from article3.scenario.plan_schema import Identifier, Part, Share, Year, assumption


class Step(Part):
    """One step of a drawdown: units of a force element, or people, that leave on a day."""

    date: date
    """Day on which they leave."""
    element: str = ""
    """Force element that leaves; empty where people are counted."""
    units: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Units that leave the offer of the United States."""
    personnel: Annotated[int, Field(gt=0)] | None = None
    """People that leave; which units they take with them follows the rule of docs/methods/shift-people.md."""
    host: str = "any"
    """Ally they leave, by code or name; ``any`` for all of Europe."""


class Drawdown(Part):
    """A dated schedule of United States forces leaving."""

    drawdown: Identifier
    """Identifier: small letters, digits, underscores."""
    title: Annotated[str, Field(min_length=1, max_length=120)]
    """Title for people."""
    today: date | None = None
    """Day before the first step, with which safety is compared; that of the scenario where none is named."""
    source: str = "yours"
    """Source of the schedule: an identifier of the sources held, or ``yours``."""
    standing: Literal["official", "reported", "estimated", "notional", "yours"] = "yours"
    """How far the schedule is to be trusted."""
    note: Annotated[str, Field(max_length=600)] = ""
    """Remark: where it comes from, what is assumed."""
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    """What leaves when."""


class Late(Part):
    """A European delivery that comes later than planned."""

    element: str
    """Force element."""
    year: Year
    """Year in which it was to come."""
    years: Annotated[int, Field(ge=1, le=20)] = 1
    """Years by which it is late."""


class Lead(Part):
    """Who leads a post, in the user's own judgement."""

    post: str
    """Post: an identifier of table ``posts``."""
    ally: str
    """Ally that is to lead it, by code or name; the United States where it stays."""


class Posts(Part):
    """How command posts change hands."""

    chain: Annotated[
        Literal["nato", "berlin_plus"], Field(json_schema_extra=assumption("agreed in February 2026", "reported"))
    ] = "nato"
    """``nato``: SACEUR stays American; ``berlin_plus``: the European deputy leads operations of the European Union,
    with NATO's planning and headquarters."""
    fixed: tuple[Lead, ...] = ()
    """Posts whose leader is given: nothing is proposed for them."""
    each: Annotated[
        int, Field(ge=1, le=20, json_schema_extra=assumption("docs/methods/shift-posts.md", "notional"))
    ] = 2
    """Most posts that one Ally leads at once."""
    a_year: Annotated[
        int, Field(ge=1, le=20, json_schema_extra=assumption("docs/methods/shift-posts.md", "notional"))
    ] = 2
    """Most posts that change hands in a year."""
    pilot: bool = True
    """Whether a stabilisation force for Ukraine under European command is the first step."""


class Commitment(Part):
    """One way the United States may go, and how likely the user holds it to be."""

    state: Identifier
    """Identifier: small letters, digits, underscores."""
    title: Annotated[str, Field(min_length=1, max_length=120)]
    """Title for people."""
    weight: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    """Weight; weights are divided by their sum."""
    offer: str = ""
    """Version of the offer of the United States; that of posture *with* where none is named."""
    share: Share = 1.0
    """Part of this offer that is left."""
    domains: tuple[str, ...] = ()
    """Domains of force elements to which the part applies; all where none is named."""
    us_export: Share = 1.0
    """Part of what lines of the United States could deliver that Allies get."""
    since: Year = 2028
    """Year from which it holds; until then the United States stays."""


_STAYS = Commitment(state="stays", title="The United States stays", weight=0.4)
_SHRINKS = Commitment(
    state="shrinks", title="It shrinks as in 2026, then by half", weight=0.3, offer="after_2026_a", share=0.5
)
_DIVERTED = Commitment(
    state="diverted",
    title="Enablers and production go to the Indo-Pacific",
    weight=0.2,
    share=0.25,
    domains=("air", "c4isr", "lift", "sea", "deep_strike", "air_and_missile_defence"),
    us_export=0.5,
)
_GONE = Commitment(state="gone", title="It is gone", weight=0.1, share=0.0)


class Trust(Part):
    """How uncertain the commitment of the United States is, and how shy of the worst the decision."""

    states: Annotated[
        tuple[Commitment, ...],
        Field(min_length=2, json_schema_extra=assumption("docs/methods/shift-trust.md", "notional")),
    ] = (_STAYS, _SHRINKS, _DIVERTED, _GONE)
    """Ways the United States may go, with weights."""
    tail: Annotated[
        float, Field(gt=0, le=1, json_schema_extra=assumption("docs/methods/shift-trust.md", "notional"))
    ] = 0.25
    """Worst part of the futures over which risk is averaged (CVaR)."""
    known: Year = 2028
    """Year in which it becomes known which way it goes, where nobody learns it earlier."""
    money_usd_m: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Million US$ of 2021 that each plan compared may spend over all years, discounted; what the scenario's own plan
    spends where none is named."""


class Shift(Part):
    """How fast United States forces leave, what that uncovers, and who takes over."""

    today: date | None = None
    """Day with which safety is compared: no later day may be less safe. The as-of date where none is named."""
    until: Annotated[Year, Field(json_schema_extra=assumption("last year judged by the plan", "notional"))] = 2040
    """Last year looked at, to its 1 July."""
    margin: Annotated[float, Field(ge=0, le=1, json_schema_extra=assumption("docs/methods/shift.md", "notional"))] = (
        0.25
    )
    """Coverage above 1 that is kept where it is there today: part of the requirement."""
    notice_days: Annotated[int, Field(ge=0, le=3650, json_schema_extra=assumption("twelve months", "notional"))] = 365
    """Days from today before anything leaves."""
    pace: Annotated[float, Field(gt=0, le=1, json_schema_extra=assumption("docs/methods/shift.md", "notional"))] = 0.34
    """Most of an element's offer that leaves in a calendar year."""
    floor_personnel: Annotated[
        int, Field(ge=0, json_schema_extra=assumption("section 1249 of the FY2026 defence act", "reported"))
    ] = 76000
    """People of the United States in Europe below which its law asks for a certification: said where crossed."""
    plan: Literal["plan", "announced"] = "plan"
    """European deliveries counted on: the scenario's plan, or committed deliveries alone."""
    drawdowns: tuple[str | Drawdown, ...] = (
        "orderly_50000",
        "abrupt_50000",
        "orderly_20000",
        "germany_12000",
        "romania_brigade",
        "nfm_2026_a",
        "nfm_2026_b",
        "floor_76000",
    )
    """Drawdowns judged: names of shipped ones, .yaml files beside the scenario, or schedules written out."""
    close: tuple[str, ...] = ()
    """Drawdowns for which the cheapest European orders that would close them in time are worked out; the first two of
    those judged where none is named."""
    returns_days: Annotated[
        Literal[0, 30, 180], Field(json_schema_extra=assumption("docs/methods/shift-people.md", "notional"))
    ] = 0
    """Window from which units that left Europe are still offered, coming back by sea and air; 0: they leave the offer
    wholly."""
    late: tuple[Late, ...] = ()
    """European deliveries that come later than planned."""
    priorities: tuple[str, ...] = ()
    """Force elements that the United States wants back first."""
    keep: tuple[str, ...] = ()
    """Force elements that do not leave whatever happens."""
    draws: Annotated[
        int, Field(ge=0, le=1000, json_schema_extra=assumption("tells 80 % agreement from chance", "notional"))
    ] = 64
    """Draws of money, delays and ranges behind odds; 0 for none."""
    posts: Posts = Posts()
    """How command posts change hands."""
    trust: Trust = Trust()
    """How uncertain the commitment of the United States is."""
