"""The means, lines and Allies of a plan, rebuilt from the CSV and YAML files on disk.

Nothing here is imported from article3: formulas are those of the documentation, written a second time, so that an error
in one of the two shows. Money is in million 2021 US$, years are calendar years.
"""

from __future__ import annotations

import calendar
import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import yaml

SOURCE = Path(__file__).parents[2] / "src" / "article3"
EVIDENCE = SOURCE / "evidence" / "data"
SHIPPED = SOURCE / "scenario" / "shipped"
CONTINGENCIES = SOURCE / "scenario" / "contingencies"
PRICES, BASE = 2021, 2026
WAGE = 0.09
Row = dict[str, str]

# Defaults as ``article3 schema scenario`` publishes them.
PLAN: dict[str, Any] = {
    "posture": "focus", "first_year": 2027, "last_year": 2036, "until": 2040, "people": 0.02, "commitment_years": 3.0,
    "delay_years": 0, "us_export": 1.0, "ukraine": 1.0, "entry": True, "without": [], "fit": [], "discount": 0.03,
    "money": {
        "envelope": "pledge", "level_pct": 3.5, "by": 2035, "factor": 1.0, "fixed_usd_m": None, "investable": 0.75,
        "released": 0.4, "released_by": 2034,
    },
    "sharing": {"ceiling": 1.25, "challenge": 2.0, "floor": 0.02, "one_ally": 0.5},
}  # fmt: skip


@cache
def table(*path: str) -> tuple[Row, ...]:
    """Return the rows of a CSV file of the evidence."""
    with EVIDENCE.joinpath(*path).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def domain(name: str) -> tuple[Row, ...]:
    """Return the rows of a CSV file of the vocabulary."""
    with (SOURCE / "domain" / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def split(text: str) -> list[str]:
    """Return the parts of a list that semicolons separate."""
    return [part for part in text.split(";") if part]


def overlaid(base: Any, top: Any) -> Any:
    """Return a mapping with the values of another over it; lists and scalars replace."""
    if not (isinstance(base, Mapping) and isinstance(top, Mapping)):
        return top
    return {**base, **{key: overlaid(base.get(key), value) for key, value in top.items()}}


def scenario(path: str | Path) -> dict[str, Any]:
    """Return a scenario file over those it extends; a bare name is a shipped one."""
    file = SHIPPED / f"{path}.yaml" if isinstance(path, str) and "." not in path else Path(path)
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    parent = data.pop("extends", None)
    if parent is None:
        return dict(data)
    beside = file.parent / str(parent)
    return dict(overlaid(scenario(beside if beside.is_file() else parent), data))


def known_from(vintage: str) -> str:
    """Return the day from which a release counts as known: the last of its month where only that is named."""
    parts = vintage.split("-")
    return vintage if len(parts) == 3 else f"{vintage}-{calendar.monthrange(int(parts[0]), int(parts[1]))[1]}"


@cache
def releases(dataset: str, as_of: str) -> tuple[str, ...]:
    """Return the releases of a data set known by a day, the oldest first."""
    names = sorted(file.stem for file in (EVIDENCE / dataset).glob("*.csv"))
    return tuple(name for name in names if known_from(name) <= as_of)


@cache
def newest(measure: str, as_of: str) -> dict[str, float]:
    """Return each Ally's newest figure of NATO up to the base year: the latest period, then the latest release."""
    found: dict[str, tuple[int, str, float]] = {}
    for name in releases("nato", as_of):
        for row in table("nato", f"{name}.csv"):
            if row["measure"] == measure and int(row["period"]) <= BASE:
                this = (int(row["period"]), name, float(row["value"]))
                found[row["ally"]] = max(found.get(row["ally"], this), this)
    return {code: figure[2] for code, figure in found.items()}


@cache
def outlook(measure: str, as_of: str) -> dict[str, dict[int, float]]:
    """Return figures by Ally and year of the IMF's newest edition."""
    found: dict[str, dict[int, float]] = {}
    for row in table("weo", f"{releases('weo', as_of)[-1]}.csv"):
        if row["measure"] == measure:
            found.setdefault(row["ally"], {})[int(row["period"])] = float(row["value"])
    return found


@dataclass(frozen=True)
class World:
    """What a scenario rests on, from the files alone.

    Parameters
    ----------
    data
        The scenario, overlaid.
    """

    data: dict[str, Any] = field(repr=False)

    @cached_property
    def plan(self) -> dict[str, Any]:
        """Settings of the plan with their defaults."""
        return dict(overlaid(PLAN, self.data.get("plan", {})))

    @cached_property
    def as_of(self) -> str:
        """The day by which things are known."""
        return str(self.data["as_of"])

    @cached_property
    def years(self) -> range:
        """Years of money."""
        return range(self.plan["first_year"], self.plan["until"] + 1)

    @cached_property
    def ordering(self) -> range:
        """Years in which something can be ordered."""
        return range(self.plan["first_year"], self.plan["last_year"] + 1)

    @cached_property
    def allies(self) -> tuple[str, ...]:
        """Allies that plan: all with forces but the United States, and but those absent."""
        posture = self.plan["posture"]
        posture = self.data.get("us", {}).get("focus", "with") if posture == "focus" else posture
        absent = {"USA"} | set(self.data.get("without", ["USA"]) if posture == "without" else ())
        held = {row["holder"] for row in table("forces", "holdings.csv")}
        return tuple(row["code"] for row in domain("allies") if row["code"] in held - absent)

    @cached_property
    def gdp(self) -> dict[str, dict[int, float]]:
        """GDP: that of 2021 carried on by real growth; after the IMF's horizon by the mean of its last three years."""
        level, growth = outlook("gdp_usd_current", self.as_of), outlook("gdp_real_growth_pct", self.as_of)
        found = {}
        for code in self.allies:
            rates, value = growth[code], level[code][PRICES] * 1000
            last = max(rates)
            tail = sum(rates[last - back] for back in range(3)) / 3
            found[code] = {PRICES: value}
            for year in range(PRICES + 1, self.years.stop):
                value *= 1 + rates.get(year, tail) / 100
                found[code][year] = value
        return found

    @cached_property
    def wage(self) -> dict[str, float]:
        """Pay of one person: 0.09 at the mean GDP per head of the Allies that plan, in proportion elsewhere."""
        people = outlook("population", self.as_of)
        head = {code: self.gdp[code][PRICES] / people[code][PRICES] for code in self.allies}
        mean = sum(head.values()) / len(head)
        return {code: WAGE * value / mean for code, value in head.items()}

    @cached_property
    def envelope(self) -> dict[tuple[str, int], float]:
        """New money by Ally and year."""
        money = self.plan["money"]
        share, equipment = newest("defence_pct_gdp", self.as_of), newest("equipment_share_pct", self.as_of)
        found = {}
        for year in self.years:
            total = sum(self.gdp[code][year] for code in self.allies)
            up = min(max((year - BASE) / (money["by"] - BASE), 0.0), 1.0) if money["by"] > BASE else 1.0
            loose = money["released"] * min(max((year - BASE) / max(money["released_by"] - BASE, 1), 0.0), 1.0)
            for code in self.allies:
                now = share[code] / 100
                path = max(now, now + (money["level_pct"] / 100 - now) * up)
                new = max(0.0, path - now * (1 - equipment[code] / 100 * loose)) * self.gdp[code][year]
                kinds = {
                    "pledge": new * money["investable"] * money["factor"],
                    "fixed": (money["fixed_usd_m"] or 0.0) * money["factor"] * self.gdp[code][year] / total,
                    "none": math.inf,
                }
                found[code, year] = kinds[money["envelope"]]
        return found

    @cached_property
    def personnel(self) -> dict[str, float]:
        """Military personnel, persons."""
        return {code: value * 1000 for code, value in newest("military_personnel", self.as_of).items()}

    def prices_of(self, year: str | float) -> float:
        """Return 2021 US$ for a US$ of a year."""
        index = outlook("gdp_deflator", self.as_of)["USA"]
        return index[PRICES] / index[int(float(year))]

    @cached_property
    def elements(self) -> dict[str, dict[str, float]]:
        """Cost, upkeep, entry (money), lot, people and life of each force element."""
        runs = {row["element"]: row for row in table("forces", "upkeep.csv")}
        found = {}
        for row in table("forces", "costs.csv"):
            run = runs[row["element"]]
            found[row["element"]] = {
                "lot": float(row["lot"]),
                "cost": float(row["central"]) * self.prices_of(row["price_year"]),
                "upkeep": float(run["central"]) * self.prices_of(run["price_year"]),
                "entry": float(run["entry_usd_m"]) * self.prices_of(run["price_year"]) * bool(self.plan["entry"]),
                "people": float(run["personnel"]),
                "life": int(run["life_years"]),
            }
        return found

    @cached_property
    def lines(self) -> dict[str, dict[str, Any]]:
        """Element, origin, makers, lead, price, setup and capacity by year of each line."""
        found = {}
        for row in table("forces", "lines.csv"):
            opens, usa = int(row["opens"]), row["origin"] == "usa"
            rate = float(row["central"]) * (1 - float(row["ukraine"]) * self.plan["ukraine"])
            rate *= self.plan["us_export"] if usa else 1.0
            began = max(opens, self.plan["first_year"])
            grown = {
                year: min((1 + float(row["growth"])) ** max(year - began, 0), float(row["times"]))
                for year in self.ordering
            }
            lead = min(int(row["lead_years"]), 1) if "lead_times" in self.plan["without"] else int(row["lead_years"])
            found[row["line"]] = {
                "element": row["element"],
                "origin": row["origin"],
                "makers": split(row["makers"]),
                "lead": lead + self.plan["delay_years"],
                "price": self.elements[row["element"]]["cost"] * float(row["cost_factor"]),
                "setup": float(row["setup_usd_m"]) * self.prices_of(row["price_year"]),
                "capacity": {year: rate * grown[year] if year >= opens else 0.0 for year in self.ordering},
            }
        return found

    @cached_property
    def fleets(self) -> dict[str, dict[str, float]]:
        """Members of each fleet that plan, by share of GDP in the first year; of fleets with two such at least."""
        found = {}
        for row in table("forces", "pooling.csv"):
            mine = [code for code in self.allies if code in split(row["members"])]
            if row["kind"] == "fleet" and len(mine) > 1:
                total = sum(self.gdp[code][self.years[0]] for code in mine)
                found[row["pool"]] = {code: self.gdp[code][self.years[0]] / total for code in mine}
        return found

    def members(self, buyer: str) -> dict[str, float]:
        """Return on whom a buyer's orders fall: itself, or the members of a fleet by GDP."""
        return self.fleets.get(buyer, {buyer: 1.0})

    @cached_property
    def held(self) -> dict[tuple[str, str], float]:
        """Units held by holder and element."""
        rows = [*table("forces", "holdings.csv"), *table("forces_gfp", "holdings.csv")]
        return {(row["holder"], row["element"]): float(row["central"]) for row in rows}

    @cached_property
    def entry_share(self) -> dict[tuple[str, str], float]:
        """Part of the cost of entering that a buyer pays: none for what it holds, less in pools."""
        found = {}
        for buyer in (*self.allies, *self.fleets):
            for element in self.elements:
                shares = [1.0]
                for row in table("forces", "pooling.csv"):
                    names = [row["pool"]] if row["kind"] == "fleet" else split(row["members"])
                    if buyer in names and element in split(row["elements"]):
                        shares.append(float(row["entry"]))
                found[buyer, element] = 0.0 if self.held.get((buyer, element), 0.0) > 0 else min(shares)
        return found

    def ruled_out(self, buyer: str, element: str) -> str:
        """Return why a buyer cannot field an element; empty where it can.

        A member of a fleet that exists, and that holds none of its element itself, orders through the fleet.
        """
        why = self._unable(buyer, element)
        for row in table("forces", "pooling.csv"):
            through = row["pool"] in self.fleets and row["state"] == "existing" and buyer in split(row["members"])
            own = split(row["elements"])[0] == element and not self.held.get((buyer, element), 0.0) > 0
            if not why and through and own and not self._unable(row["pool"], element):
                why = "its fleet orders it"
        return why

    def _unable(self, buyer: str, element: str) -> str:
        item = self.elements[element]
        own = {
            row["pool"]: split(row["elements"])[0]
            for row in table("forces", "pooling.csv")
            if row["pool"] in self.fleets
        }
        if buyer in own and own[buyer] != element:
            return "a fleet fields its own element only"
        if not any(line["element"] == element and any(line["capacity"].values()) for line in self.lines.values()):
            return "no line makes it"
        purse = sum(self.envelope[code, year] for code in self.members(buyer) for year in self.ordering)
        entry = self.entry_share[buyer, element] * item["entry"]
        if not self.held.get((buyer, element), 0.0) > 0 and 2 * item["cost"] * item["lot"] + entry > purse:
            return "two lots and entering cost more than its envelope"
        return "" if "suitability" in self.plan["without"] else self._unsuited(buyer, element)

    def _unsuited(self, buyer: str, element: str) -> str:
        names = {"any", element, *(row["domain"] for row in domain("force_elements") if row["element"] == element)}
        own = [item for item in self.plan["fit"] if item["ally"] == buyer and item["subject"] in names]
        shipped = [row for row in table("forces", "fit.csv") if row["ally"] == buyer and row["subject"] in names]
        if own and any(item.get("excludes") for item in own):
            return "the user's own word"
        if not own and any(row["excludes"] == "true" for row in shipped):
            return "its geography"
        if buyer in {item["ally"] for item in self.data.get("caveats", ())} and element not in self.gentle:
            return "no contingency of low intensity requires it"
        return ""

    @cached_property
    def useful(self) -> frozenset[str]:
        """Elements that have an effect on a capability that a contingency of the scenario requires."""
        files = (CONTINGENCIES / f"{name}.yaml" for name in self.data.get("contingencies", ()))
        needs = {
            need["capability"] for file in files for need in yaml.safe_load(file.read_text(encoding="utf-8"))["needs"]
        }
        effects = table("forces", "effects.csv")
        return frozenset(row["element"] for row in effects if row["capability"] in needs and float(row["central"]) > 0)

    @cached_property
    def gentle(self) -> frozenset[str]:
        """Elements that give, like with like, what contingencies of low intensity require."""
        like = {row["capability"]: row["element"] for row in domain("capabilities")}
        found = set()
        for name in self.data.get("contingencies", ()):
            item = yaml.safe_load((CONTINGENCIES / f"{name}.yaml").read_text(encoding="utf-8"))
            if item["intensity"] == "low":
                found |= {like[need["capability"]] for need in item["needs"]}
        return frozenset(found)

    @cached_property
    def caps(self) -> dict[tuple[str, str], float]:
        """Most of the additions of an element that an Ally takes.

        The smaller of one half (one Ally) and the reasonable challenge: twice the larger of its shares of GDP and of
        holdings, two per cent at least. Where all who can field it could not take all of it together, caps rise.
        """
        rule, without = self.plan["sharing"], self.plan["without"]
        total = sum(self.gdp[code][self.years[0]] for code in self.allies)
        found: dict[tuple[str, str], float] = {}
        for element in self.elements:
            able = [buyer for buyer in (*self.allies, *self.fleets) if not self.ruled_out(buyer, element)]
            held = {buyer: self.held.get((buyer, element), 0.0) for buyer in (*self.allies, *self.fleets)}
            everything = sum(held.values())
            cap = dict.fromkeys(able, 1.0)
            for code in set(able) & set(self.allies):
                share = held[code] / everything if everything else 0.0
                if "challenge" not in without:
                    cap[code] = max(
                        rule["challenge"] * max(self.gdp[code][self.years[0]] / total, share), rule["floor"]
                    )
                if "one_ally" not in without:
                    cap[code] = min(cap[code], rule["one_ally"])
            lift = max(1.0, 1.0 / sum(cap.values())) if able else 1.0
            found |= {(code, element): min(cap[code] * lift, 1.0) if code in self.allies else 1.0 for code in able}
        return found

    def makers_share(self, line: str) -> dict[str, float]:
        """Return who pays for setting up a line: the Allies that make it and plan, by envelope; all where none can.

        Where nothing limits money, or nobody has any, shares of GDP stand for shares of it.
        """
        purse = {code: sum(self.envelope[code, year] for year in self.years) for code in self.allies}
        if not all(map(math.isfinite, purse.values())) or not any(purse.values()):
            purse = {code: self.gdp[code][self.years[0]] for code in self.allies}
        mine = [code for code in self.allies if code in self.lines[line]["makers"] and purse[code] > 0]
        total = sum(purse[code] for code in mine or self.allies)
        return {code: purse[code] / total for code in mine or self.allies}
