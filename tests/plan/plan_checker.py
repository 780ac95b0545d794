"""An independent checker: every limit of a plan rebuilt from its JSON rows and the files on disk.

Nothing is imported from article3. :func:`check` takes the rows of ``article3 plan --json`` by table and returns the
largest residual of each limit. A residual is a breach over the size of what it is measured on: of a limit over the
limit, of a sum over the sum; money over at least a billion US$, so that nothing finer than a thousand dollars counts.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from plan_world import BASE, World

Rows = Mapping[str, list[dict[str, Any]]]
Year = tuple[str, int]
BILLION = 1000.0
TOLERANCE = 1e-6
CHECKS = 4
NAMES = {"plan_money": "money", "plan_attainment": "attainment", "plan_share": "european_share"}
"""Tables that the verb calls otherwise."""


@dataclass
class Residuals:
    """The largest residual of each limit, and where it is."""

    worst: dict[str, tuple[float, str]] = field(default_factory=dict)

    def above(self, limit: str, value: float, bound: float, where: object, scale: float = 0.0) -> None:
        """Note by how much a value lies above a bound."""
        excess = value - bound if math.isfinite(bound) else 0.0
        self._note(limit, max(excess, 0.0), max(abs(bound) if math.isfinite(bound) else 0.0, scale), where)

    def differs(self, limit: str, value: float, other: float, where: object, scale: float = 0.0) -> None:
        """Note by how much two figures of one thing differ."""
        self._note(limit, abs(value - other), max(abs(other), scale), where)

    def wrong(self, limit: str, bad: object, where: object) -> None:
        """Note something that is right or wrong."""
        self._note(limit, 1.0 if bad else 0.0, 1.0, where)

    def _note(self, limit: str, size: float, scale: float, where: object) -> None:
        relative = 0.0 if not size else size / scale if scale else math.inf
        if not relative <= self.worst.get(limit, (-1.0, ""))[0]:
            self.worst[limit] = (relative, str(where))

    def red(self, tolerance: float = TOLERANCE) -> dict[str, tuple[float, str]]:
        """Return the limits that do not hold."""
        return {limit: found for limit, found in self.worst.items() if not found[0] <= tolerance}


@dataclass(frozen=True)
class Answer:
    """A plan as its rows tell it, with what follows from its orders alone."""

    world: World
    rows: Rows

    def table(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a table under either of its names."""
        return self.rows.get(name) or self.rows.get(NAMES.get(name, name)) or []

    @cached_property
    def money(self) -> dict[Year, dict[str, Any]]:
        """Rows of money by Ally and year."""
        return {(row["ally"], row["year"]): row for row in self.table("plan_money")}

    @cached_property
    def judged(self) -> list[int]:
        """Years in which risk is weighed."""
        return [row["year"] for row in self.table("plan_risk") if row["weight"] is not None]

    def arrives(self, order: dict[str, Any]) -> int:
        """Return the year of delivery: order plus lead time."""
        return int(order["order_year"] + self.world.lines[order["line"]]["lead"])

    def serving(self, order: dict[str, Any], year: int) -> float:
        """Return units of an order in service: from delivery for as long as they live."""
        since = year - self.arrives(order)
        return float(order["units"]) if 0 <= since < self.world.elements[order["element"]]["life"] else 0.0

    def running_of(self, order: dict[str, Any]) -> float:
        """Return operation of a unit and pay of its people a year; the wage of a fleet is its members' mean by GDP."""
        item = self.world.elements[order["element"]]
        wage = sum(part * self.world.wage[code] for code, part in self.world.members(order["ally"]).items())
        return item["upkeep"] + item["people"] * wage

    @cached_property
    def outlays(self) -> dict[Year, float]:
        """Prices of orders in equal parts over the lead time, the first in the year of the order; by buyer."""
        found: dict[Year, float] = defaultdict(float)
        for order in self.table("orders"):
            parts = max(self.world.lines[order["line"]]["lead"], 1)
            for step in range(parts):
                found[order["ally"], order["order_year"] + step] += order["cost_usd2021_m"] / parts
        return found

    @cached_property
    def entering(self) -> dict[Year, float]:
        """What entering costs, in the year of the order; by buyer."""
        found: dict[Year, float] = defaultdict(float)
        for order in self.table("orders"):
            found[order["ally"], order["order_year"]] += order["entry_usd2021_m"]
        return found

    @cached_property
    def running(self) -> dict[Year, float]:
        """Operation and pay of what is in service; by buyer."""
        found: dict[Year, float] = defaultdict(float)
        for order in self.table("orders"):
            for year in self.world.years:
                found[order["ally"], year] += self.serving(order, year) * self.running_of(order)
        return found

    @cached_property
    def setting_up(self) -> dict[Year, float]:
        """Setting lines up: over the two years before they open, or what is left of them; by makers' GDP."""
        found: dict[Year, float] = defaultdict(float)
        for row in self.table("line"):
            if not row["set_up"]:
                continue
            line = self.world.lines[row["line"]]
            opens = min(year for year, capacity in line["capacity"].items() if capacity > 0)
            when = {max(self.world.years[0], opens - back) for back in (1, 2)}
            for code, part in self.world.makers_share(row["line"]).items():
                for year in when:
                    found[code, year] += row["set_up"] * line["setup"] * part / len(when)
        return found


def check(rows: Rows, world: World) -> Residuals:
    """Return the largest residual of every limit of a plan.

    Parameters
    ----------
    rows
        Rows by table: ``orders``, ``plan_money``, ``plan_total``, ``plan_pool``, ``line``, ``plan_risk``,
        ``certificate``, ``specialisation``; ``effort`` and ``effort_money`` where they are there.
    world
        The means rebuilt from the files.
    """
    answer, found = Answer(world, rows), Residuals()
    without = world.plan["without"]
    for family, function in LIMITS:
        if family not in without:
            function(answer, found)
    return found


def dates(answer: Answer, found: Residuals) -> None:
    """Delivery = order + lead time + delay, on 1 July; ordered inside the years of ordering, delivered in those judged."""
    for order in answer.table("orders"):
        where = (order["ally"], order["element"], order["line"], order["order_year"])
        line, year = answer.world.lines[order["line"]], answer.arrives(order)
        found.wrong("date of delivery", order["delivery_date"] != f"{year}-07-01", where)
        found.wrong("years of ordering", order["order_year"] not in answer.world.ordering, where)
        found.wrong("delivered by the last year judged", year not in answer.world.years, where)
        found.wrong("element of the line", line["element"] != order["element"], where)
        found.wrong("origin of the line", line["origin"] != order["supplier"], where)
        found.wrong("no units below nothing", not order["units"] > 0, where)


def prices(answer: Answer, found: Residuals) -> None:
    """Price = units x cost of one on the contract basis x price factor of the line, at prices of 2021."""
    for order in answer.table("orders"):
        where = (order["ally"], order["element"], order["line"], order["order_year"])
        found.differs(
            "price", order["cost_usd2021_m"], order["units"] * answer.world.lines[order["line"]]["price"], where, 1.0
        )
        share = answer.world.entry_share[order["ally"], order["element"]]
        due = share * answer.world.elements[order["element"]]["entry"]
        found.wrong("entering is paid by those who enter only", order["entry_usd2021_m"] > 1e-9 and not due, where)


def capacity(answer: Answer, found: Residuals) -> None:
    """Orders from a line in a year <= its capacity, x the part set up for a line under licence."""
    ordered: dict[Year, float] = defaultdict(float)
    for order in answer.table("orders"):
        ordered[order["line"], order["order_year"]] += order["units"]
    part = {row["line"]: row["set_up"] for row in answer.table("line")}
    for (name, year), units in ordered.items():
        line = answer.world.lines[name]
        limit = line["capacity"].get(year, 0.0) * ((part.get(name) or 0.0) if line["setup"] > 0 else 1.0)
        found.above("line capacity", units, limit, (name, year), answer.world.elements[line["element"]]["lot"])
    for name, value in part.items():
        found.above("a line is set up once", value or 0.0, 1.0, name)
        bad = value is not None and not answer.world.lines[name]["setup"] > 0
        found.wrong("only lines under licence are set up", bad, name)


def envelope(answer: Answer, found: Residuals) -> None:
    """Spent <= envelope, by Ally and year: the envelope rebuilt from NATO's shares and the IMF's GDP."""
    world = answer.world
    for (code, year), row in answer.money.items():
        limit = world.envelope[code, year]
        found.above("envelope", row["spent"], limit, (code, year), BILLION)
        if row["envelope"] is None:
            found.wrong("envelope as printed", math.isfinite(limit), (code, year))
        else:
            found.differs("envelope as printed", row["envelope"], limit, (code, year), BILLION)


def spending(answer: Answer, found: Residuals) -> None:
    """Every part of spending follows from the orders, and the parts sum to what is spent."""
    world = answer.world
    found.wrong("Allies that plan", set(answer.money) != {(c, y) for c in world.allies for y in world.years}, "")
    parts = ("outlay", "entering", "setting_up", "running", "paid_to_fleets")
    before: dict[str, float] = defaultdict(float)
    for (code, year), row in sorted(answer.money.items(), key=lambda item: item[0][1]):
        where = (code, year)
        found.differs("outlays", row["outlay"], answer.outlays[where], where, BILLION)
        found.differs("entering", row["entering"], answer.entering[where], where, BILLION)
        found.differs("setting up", row["setting_up"], answer.setting_up[where], where, BILLION)
        found.differs("operation and pay", row["running"], answer.running[where], where, BILLION)
        found.differs("parts of spending", row["spent"], sum(row[part] for part in parts), where, BILLION)
        found.above("nothing is paid back", 0.0, min(row[part] for part in parts), where, BILLION)
        share = 100 * row["spent"] / world.gdp[code][year]
        found.differs("share of GDP", row["gdp_share_pct"], share, where, 1.0)
        found.differs("step", row["step_pct"], share - before[code], where, 1.0)
        before[code] = share


def fleets(answer: Answer, found: Residuals) -> None:
    """What members pay into fleets = what fleets spend, by year; only members pay, in shares that sum to 1."""
    world = answer.world
    for year in world.years:
        paid = sum(answer.money[code, year]["paid_to_fleets"] for code in world.allies)
        spent = sum(
            table[fleet, year] for fleet in world.fleets for table in (answer.outlays, answer.entering, answer.running)
        )
        found.differs("paid into fleets", paid, spent, year, BILLION)
    by_ally: dict[str, float] = defaultdict(float)
    by_fleet: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in answer.table("plan_pool"):
        by_ally[row["ally"]] += row["paid_usd2021_m"]
        by_fleet[row["pool"]].append(row)
        found.wrong("only members pay", row["ally"] not in world.fleets[row["pool"]], (row["pool"], row["ally"]))
    for code in world.allies:
        paid = sum(answer.money[code, year]["paid_to_fleets"] for year in world.years)
        found.differs("paid into fleets by member", by_ally[code], paid, code, BILLION)
    for fleet, mine in by_fleet.items():
        units = sum(order["units"] for order in answer.table("orders") if order["ally"] == fleet)
        found.differs("shares of a fleet", sum(row["share"] for row in mine), 1.0, fleet)
        for row in mine:
            found.differs("units of a fleet", row["units"], units, fleet, 1.0)


def people(answer: Answer, found: Residuals) -> None:
    """People of what is added, fleets' by members' GDP <= growth x personnel x (year - 2026)."""
    world = answer.world
    needed: dict[Year, float] = defaultdict(float)
    for order in answer.table("orders"):
        for code, part in world.members(order["ally"]).items():
            for year in world.years:
                crew = answer.serving(order, year) * world.elements[order["element"]]["people"]
                needed[code, year] += part * crew
    for (code, year), persons in needed.items():
        limit = world.plan["people"] * world.personnel[code] * (year - BASE)
        found.above("people", persons, limit, (code, year), 1000.0)


def commitment(answer: Answer, found: Residuals) -> None:
    """Ordered and not yet paid at the end of a year <= 3 x envelope, in the years of ordering; fleets by GDP."""
    world = answer.world
    unpaid: dict[Year, float] = defaultdict(float)
    for order in answer.table("orders"):
        parts = max(world.lines[order["line"]]["lead"], 1)
        for step in range(parts):
            for code, share in world.members(order["ally"]).items():
                left = 1 - (step + 1) / parts
                unpaid[code, order["order_year"] + step] += share * order["cost_usd2021_m"] * left
    for (code, year), value in unpaid.items():
        if year in world.ordering:
            limit = world.plan["commitment_years"] * world.envelope[code, year]
            found.above("commitment", value, limit, (code, year), BILLION)


def unfair(answer: Answer) -> dict[Year, float]:
    """Return million US$ by which an Ally's burden passes the ceiling, by Ally and check year.

    Burden to a year <= 1.25 x (its envelopes to then / all envelopes to then) x all burdens to then; GDP where nothing
    limits money. A plan may pass it at a price, so that this is an excess and no breach.
    """
    world = answer.world
    last = len(world.years) - 1
    weight = world.envelope if world.plan["money"]["envelope"] != "none" else {
        (code, year): world.gdp[code][year] for code in world.allies for year in world.years
    }  # fmt: skip
    found = {}
    for number in range(CHECKS):
        to = world.years[0] + round(last * (number + 1) / CHECKS)
        until = [year for year in world.years if year <= to]
        burden = {code: sum(answer.money[code, year]["spent"] for year in until) for code in world.allies}
        free = {code: sum(weight[code, year] for year in until) for code in world.allies}
        whole = sum(free.values())
        for code in world.allies:
            share = free[code] / whole if whole else 0.0
            fair = world.plan["sharing"]["ceiling"] * share * sum(burden.values())
            found[code, to] = max(0.0, burden[code] - fair)
    return found


def _shares(answer: Answer) -> dict[tuple[str, str], float]:
    """Return the part of an element's additions that each buyer orders."""
    units: dict[tuple[str, str], float] = defaultdict(float)
    whole: dict[str, float] = defaultdict(float)
    for order in answer.table("orders"):
        units[order["ally"], order["element"]] += order["units"]
        whole[order["element"]] += order["units"]
    return {key: value / whole[key[1]] for key, value in units.items()}


def challenge(answer: Answer, found: Residuals) -> None:
    """An Ally's part of an element's additions <= the reasonable challenge, which is never above one half."""
    for (buyer, element), share in _shares(answer).items():
        found.above("challenge", share, answer.world.caps.get((buyer, element), 0.0), (buyer, element), 1.0)


def one_ally(answer: Answer, found: Residuals) -> None:
    """No Ally provides more than one half of an element's additions where others together could take the other half."""
    world = answer.world
    for (buyer, element), share in _shares(answer).items():
        others = sum(cap for (other, name), cap in world.caps.items() if name == element and other != buyer)
        if buyer in world.allies and others >= 0.5:
            found.above("one Ally", share, world.plan["sharing"]["one_ally"], (buyer, element), 1.0)


def eligibility(answer: Answer, found: Residuals) -> None:
    """Buyers order what they may field: no ships without a sea, nothing they could not enter, fleets their own."""
    for order in answer.table("orders"):
        why = answer.world.ruled_out(order["ally"], order["element"])
        found.wrong("eligibility", why, (order["ally"], order["element"], why))


def shares_of_fleets(answer: Answer, found: Residuals) -> None:
    """A member pays at most one half of what a fleet costs, and at most twice its share of GDP among members.

    Two per cent are open to everybody; where caps could not pay for all of it with a fifth to spare, they rise.
    """
    rule = answer.world.plan["sharing"]
    for row in answer.table("plan_pool"):
        members = answer.world.fleets[row["pool"]]
        cap = {
            code: max(min(rule["one_ally"], rule["challenge"] * part), rule["floor"]) for code, part in members.items()
        }
        limit = min(1.0, cap[row["ally"]] * max(1.0, 1.0 / sum(cap.values())))
        found.above("share of a fleet", row["share"], limit, (row["pool"], row["ally"]), 1.0)


def purpose(answer: Answer, found: Residuals) -> None:
    """Nothing is ordered that serves no requirement of the scenario: there are ceilings and no floors."""
    useful = answer.world.useful
    for order in answer.table("orders"):
        found.wrong("serves a requirement", order["element"] not in useful, (order["ally"], order["element"]))


def totals(answer: Answer, found: Residuals) -> None:
    """Totals by element = sums of orders: units, price, people, operation in the last year, parts by origin."""
    orders, world = answer.table("orders"), answer.world
    table = {row["element"]: row for row in answer.table("plan_total")}
    found.wrong("elements of the totals", set(table) != {order["element"] for order in orders}, "")
    last = world.years[-1]
    for element, row in table.items():
        mine = [order for order in orders if order["element"] == element]
        units, cost = (sum(order[name] for order in mine) for name in ("units", "cost_usd2021_m"))
        running = sum(answer.serving(order, last) * answer.running_of(order) for order in mine)
        persons = sum(answer.serving(order, last) for order in mine) * world.elements[element]["people"]
        home = sum(order["cost_usd2021_m"] for order in mine if order["supplier"] in ("europe", "national"))
        usa = sum(order["cost_usd2021_m"] for order in mine if order["supplier"] == "usa")
        held = sum(world.held.get((buyer, element), 0.0) for buyer in (*world.allies, *world.fleets))
        for name, value, scale in (
            ("units", units, 1.0), ("cost_usd2021_m", cost, BILLION), ("running_usd2021_m", running, BILLION),
            ("people", persons, 1000.0), ("european_part", home / cost, 1.0), ("us_part", usa / cost, 1.0),
            ("today", held, 1.0), ("buyers", len({order["ally"] for order in mine}), 1.0),
        ):  # fmt: skip
            found.differs(f"totals: {name}", row[name], value, element, scale)
        found.wrong("totals: first delivery", row["first_delivery"] != min(o["delivery_date"] for o in mine), element)
    for row in answer.table("line"):
        mine = [order for order in orders if order["line"] == row["line"]]
        found.differs("ordered by line", row["ordered"], sum(order["units"] for order in mine), row["line"], 1.0)
    domains = sum(row["cost_usd2021_m"] for row in answer.table("specialisation"))
    left_out = len(world.allies) * 0.5 * 10  # parts under half a million are not listed
    whole = sum(order["cost_usd2021_m"] for order in orders)
    found.above("specialisation sums to the orders", abs(domains - whole), left_out, "", BILLION)


def efforts(answer: Answer, found: Residuals) -> None:
    """Lines of effort hold every order once: units, price, and money by year = outlays by year."""
    table = answer.table("effort")
    if not table:
        return
    orders = answer.table("orders")
    for element in {order["element"] for order in orders}:
        for name in ("units", "cost_usd2021_m"):
            ours = sum(row[name] for row in table if row["element"] == element)
            theirs = sum(order[name] for order in orders if order["element"] == element)
            found.differs(f"efforts: {name}", ours, theirs, element, BILLION if "cost" in name else 1.0)
    by_year: dict[int, float] = defaultdict(float)
    for row in answer.table("effort_money"):
        by_year[row["year"]] += row["usd2021_m"]
    for year in answer.world.years:
        outlay = sum(value for (_, when), value in answer.outlays.items() if when == year)
        found.differs("efforts: money by year", by_year[year], outlay, year, BILLION)


def outcome(answer: Answer, found: Residuals) -> None:
    """A plan only adds: no year has more risk with it than without it, nothing is met less; every stage is certified."""
    for row in answer.table("plan_risk"):
        found.above("risk with the plan", row["risk"], row["risk_before"], row["year"], 1.0)
    for row in answer.table("plan_attainment"):
        where = (row["situation"], row["window_days"], row["year"])
        found.above("met with the plan", row["before"], row["attainment"], where, 1.0)
    for row in answer.table("certificate"):
        found.wrong("certificate", not (row["holds"] and row["status"] == "optimal"), row["stage"])
        for name in ("primal_residual", "dual_residual"):
            found.above(f"certificate: {name}", row[name], 0.0, row["stage"], 1.0)


LIMITS: Iterable[tuple[str, Any]] = (
    ("", dates), ("", prices), ("lines", capacity), ("money", envelope), ("", spending), ("", fleets),
    ("people", people), ("commitment", commitment), ("challenge", challenge), ("one_ally", one_ally),
    ("challenge", shares_of_fleets), ("", eligibility), ("", purpose), ("", totals), ("", efforts), ("", outcome),
)  # fmt: skip
"""Each limit with the family of constraints it belongs to; those of families left out are not checked."""
