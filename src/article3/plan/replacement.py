"""What replacing the United States would cost, beside what others have printed, like with like.

Three published numbers answer three questions. IISS (2025) prices an *inventory*, once and over 25 years; Bruegel and
Kiel (2025) ask for a *budget* a year. So each is set beside what answers the same question here: the package of US
forces at our prices; the same with operation and pay; the envelope of new money. None of them is the spending of a
plan, which fills shortfalls. From our figure steps with a cause lead to what it would be if counted as theirs; what is
then left over is the residual, shown as it comes out. Amounts inside are thousand million US$ of 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import polars as pl

from article3.domain import expand
from article3.errors import Fault, NotKnownError
from article3.evidence.findings import Cited, Finding, sentence
from article3.evidence.planning import Planning
from article3.evidence.store import Evidence
from article3.gap.analysis import deflators
from article3.gap.forces import Array
from article3.gap.rows import worst
from article3.plan.means import WAGE_USD_M, means
from article3.plan.rows import finding
from article3.scenario.plan_schema import Money

ONE_OFF: Final = "iiss_one_off"
LIFE: Final = "iiss_25_years"
BUDGET: Final = "bruegel_year"
LIMIT: Final = 0.15
"""A residual beyond this part of the published figure is not reconciled."""
YEARS: Final = 25
VERSION: Final = "before_2026"
"""The offer of the United States before the cuts of 2026: what there was to replace when IISS wrote."""
PRICED: Final = 2025
"""Year of the prices in which it is compared: that of IISS's report, as the press does not say which it uses."""

NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "fighters": ("fighter_5th", "fighter_4th"), "destroyers": ("destroyer",), "air_defence_long": ("sam_long",),
    "tanks": ("mbt",), "fighting_vehicles": ("ifv",), "carriers": ("carrier",), "submarines": ("ssn",),
    "maritime_patrol": ("mpa",), "attack_helicopters": ("attack_helicopter",), "drones": ("isr_uav",),
}  # fmt: skip
"""Lines of IISS (set b1 of the table 'published') and the force elements that answer to them."""
PRINTED: Final = {"fighters": 64.0, "destroyers": 50.0, "fighting_vehicles": 25.0, "carriers": 13.6}
"""What IISS's lines cost, thousand million US$, as the press prints it (source iiss-2025; fighters: at most)."""
BORROWED: Final = ("destroyers", "carriers")
"""Lines whose price in our own table is IISS's."""
THIRD: Final = "air_defence_long"
"""Printed as the third dearest line after fighters and destroyers, without a price."""
OTHERS: Final[Mapping[str, tuple[str, bool, tuple[str, ...]]]] = {
    "space": ("Satellites", True, ("satellite",)),
    "surveillance": ("Early-warning and crewed surveillance aircraft", True, ("aew", "isr_crewed")),
    "command": ("Headquarters and cyber teams", True, ("corps_hq", "division_hq", "cyber_team")),
    "refuelling": ("Tanker aircraft", False, ("tanker",)),
    "lift": ("Airlifters and heavy transport helicopters", False,
             ("airlift_strategic", "airlift_a400m", "airlift_tactical", "transport_helicopter")),
    "bombers": ("Bombers", False, ("bomber",)),
    "ships": ("Amphibious ships and other ships", False, ("amphibious", "mcm", "frigate", "ssk")),
    "land": ("Artillery, nearer air defence, engineers, hospitals, transporters, special forces", False,
             ("artillery", "rocket_artillery", "sam_short", "sam_medium", "engineer_unit", "medical_unit",
              "heavy_transporter", "sof")),
    "ammunition": ("Missiles and rounds", False, ("cruise_missile", "shells_155mm", "interceptor_long")),
}  # fmt: skip
"""What our package holds beyond IISS's lines: title, whether IISS leaves it out in so many words, force elements."""
INSIDE: Final = ("brigade_heavy", "brigade_medium", "brigade_light")
"""Never beside their own vehicles: IISS counts the vehicles, so the brigades are left out."""
CAUTIONS: Final = (
    (
        "Three published numbers answer three questions and never stand in one column: an inventory bought once, the "
        "same with 25 years of operation and people, and a gap of budgets a year. None is the spending of a plan, "
        "which fills shortfalls."
    ),
    (
        f"Of what is counted once as IISS counts, {sum(PRINTED.values()):.0f} thousand million US$ stand at IISS's own "
        "prices by construction, and our list takes destroyers, carriers and fourth-generation fighters from IISS: "
        "where they agree, nothing is proved."
    ),
    (
        "IISS's report was not at hand. The press gives four prices, no year of prices, and does not say whether they "
        "belong to the cheaper or the better equipment."
    ),
)

_IISS, _BRUEGEL, _OURS = "iiss-2025", "bruegel-kiel-2025", "article3-assumption"
_SAID, _UNSAID = "IISS leaves it out in so many words", "No line of IISS that the press names"
_BOUND: Final = f"{100 * LIMIT:.0f} %"
_TO, _FROM, _START = 0.035, 0.02, 2024
"""Shares of GDP that Bruegel and Kiel print, and the year whose shares they start from."""
_UNEXPLAINED: Final[Mapping[str, str]] = {
    ONE_OFF: "six of IISS's ten lines have no printed price, its list may hold more than the press names, and its own "
    "range by quality is wider than what is left over.",
    LIFE: "our operation is a notional few per cent of the price a year, IISS's rates and pay are not printed, and "
    "what wears out within 25 years is not bought again here.",
    BUDGET: "Austria, Cyprus, Ireland and Malta are in the European Union and not in the Alliance, and 250 and 1.5 % "
    "are round figures. Both sides are a share of GDP, so that they agree in the end is arithmetic.",
}


@dataclass(frozen=True, slots=True)
class _Kind:
    """One force element of the package: units; low, central and high of price and upkeep; people of one unit."""

    units: float
    price: Array
    upkeep: Array
    people: float
    standing: str


@dataclass(frozen=True, slots=True)
class _Step:
    """One step: signed amount, why, and where it comes from."""

    item: str
    title: str
    amount: float
    cause: str
    standing: str
    source: str
    kind: str = "bridge"
    low: float | None = None
    high: float | None = None


def replacement(
    planning: Planning, evidence: Evidence, money: Money, codes: tuple[str, ...], when: str = ""
) -> Finding:
    """Return three comparisons with published costs of replacing the United States, reconciled step by step.

    Parameters
    ----------
    planning
        Tables ``offers``, ``costs``, ``upkeep`` and ``published``.
    evidence
        Everything known by the scenario's as-of date.
    money
        How the envelope is made; that of the pledge is compared whatever is planned with.
    codes
        Allies that plan.
    when
        Date and scenario for the addresses.

    Raises
    ------
    NotKnownError
        A published figure, the offer, or spending and GDP of 2024 are not known.
    """
    index = deflators(evidence)
    package = _package(planning, index)
    once = _once(planning, package)
    parts = {
        ONE_OFF: (once, _published(planning, "b1", "cost_once")),
        LIFE: (_life(planning, package, once, index), _published(planning, "b1", "cost_25_years")),
        BUDGET: (_budget(evidence, money, codes, index), _euros(planning, evidence, index)),
    }
    source = _of(evidence, ("USA",), "weo", "gdp_deflator")[1]
    rows = [row for name, part in parts.items() for row in _rows(name, *part, (index[PRICED], source))]
    made = finding(
        "replacement",
        when,
        "What replacing the United States would cost, beside published figures",
        rows,
        sentence(""),
        sources=tuple(sorted({row["source"] for row in rows})),
        warnings=(*CAUTIONS, _fragile(rows), *((planning.missing,) if planning.missing else ())),
    )
    return replace(made, sentence=sentence(*_told(made, rows, _published(planning, "b3", "budget").amount)))


def _rows(name: str, steps: list[_Step], printed: _Step, level: tuple[float, str]) -> list[dict[str, Any]]:
    """Return the rows of a comparison: ours, steps, the published figure, and what is left over."""
    index, source = level
    left = printed.amount - sum(step.amount for step in steps)
    share = left / printed.amount
    far = abs(share) > LIMIT
    cause = f"{f'Not reconciled: more than {_BOUND}. ' if far else ''}No figure with a source explains it: "
    last = _Step("residual", "Left over", left, cause + _UNEXPLAINED[name], "estimated", printed.source, "residual")
    ours = [step for step in steps if step.kind == "ours"]
    why = f"The program computes in US$ of 2021; the comparison is in US$ of {PRICED}. US GDP deflator of the IMF."
    lift = sum(step.amount for step in ours) * (1 - index)
    prices = _Step("price_level", f"Prices of {PRICED} in place of 2021", lift, why, "reported", source)
    rows: list[dict[str, Any]] = []
    for step in (*ours, prices, *steps[len(ours) :], printed, last):
        # Our figures stand in the prices of the program, 2021; the step after them brings them to the year compared.
        now = index if step.kind == "ours" else 1.0
        rows.append(
            {
                "comparison": name,
                "item": step.item,
                "title": step.title,
                "kind": step.kind,
                "sign": -1.0 if step.amount < 0 else 1.0,
                "amount_usd_bn": abs(step.amount) * now,
                "amount_usd2021_bn": 0.0 if step is prices else abs(step.amount) * index,
                "low_usd_bn": None if step.low is None else step.low * now,
                "high_usd_bn": None if step.high is None else step.high * now,
                "share": share if step is last else None,
                "verdict": ("not reconciled" if far else "reconciled") if step is last else "",
                "cause": step.cause,
                "standing": step.standing,
                "source": step.source,
            }
        )
    return rows


def _package(planning: Planning, index: Mapping[int, float]) -> dict[str, _Kind]:
    """Return the package: what the United States offered before the cuts, with our prices."""
    offers = planning.table("offers").filter(pl.col("version") == VERSION)
    if offers.is_empty():
        raise NotKnownError(Fault(f"the offers of the United States have no version {VERSION}", "forces/offers.csv"))
    units = {row["element"]: row for row in offers.iter_rows(named=True)}
    runs = {row["element"]: row for row in planning.table("upkeep").iter_rows(named=True)}

    def bn(row: Mapping[str, Any]) -> Array:
        factor = index[int(row["price_year"])] / index[PRICED] / 1000
        return np.array([float(row[name]) * factor for name in ("low", "central", "high")])

    found: dict[str, _Kind] = {}
    for cost in planning.table("costs").filter(~pl.col("element").is_in(INSIDE)).iter_rows(named=True):
        run = runs[cost["element"]]
        offer = units.get(cost["element"])  # none where the deleted separable part alone counted it
        standing = worst([cost["standing"], *([offer["standing"]] if offer else [])])
        held = offer["central"] if offer else 0.0
        found[cost["element"]] = _Kind(held, bn(cost), bn(run), run["personnel"], standing)
    return found


def _published(planning: Planning, which: str, item: str) -> _Step:
    """Return a published figure as printed."""
    table = planning.table("published").filter(pl.col("set") == which, pl.col("item") == item)
    if table.is_empty():
        raise NotKnownError(Fault(f"the published set {which} has no line {item}", "forces/published.csv"))
    row = table.row(0, named=True)
    low, high = row["low"], row["high"]
    cause = "As printed."
    if low is not None and high is not None:
        cause = f"{low:.0f} to {high:.0f} as printed, by the quality of what is bought; the middle is ours."
    return _Step(
        "published", row["title"], row["central"], cause, row["standing"], row["source_id"], "published", low, high
    )


def _bought(package: Mapping[str, _Kind], names: Iterable[str], years: int = 0) -> Array:
    """Return low, central and high of buying some elements once, or of operating them for some years."""
    kinds = [package[name] for name in names]
    return np.asarray(sum(kind.units * (years * kind.upkeep if years else kind.price) for kind in kinds) + np.zeros(3))


def _ours(item: str, title: str, amount: Array, cause: str, standing: str) -> _Step:
    low, central, high = (float(value) for value in amount)
    return _Step(item, title, central, cause, standing, _OURS, "ours", low, high)


def _worst(package: Mapping[str, _Kind], names: Iterable[str]) -> str:
    return worst(package[name].standing for name in names)


def _once(planning: Planning, package: Mapping[str, _Kind]) -> list[_Step]:
    """Return the steps from our package, bought once, to what IISS counts."""
    why = "What the United States offered before the cuts of 2026, at our prices; vehicles, not their brigades."
    parts = (
        ("priced", "Lines that IISS prices", [name for item in PRINTED for name in NAMED[item]]),
        ("unpriced", "Lines that IISS names without a price",
         [name for item in NAMED if item not in PRINTED for name in NAMED[item]]),
        ("others", "What IISS does not name", [name for _, _, names in OTHERS.values() for name in names]),
    )  # fmt: skip
    steps = [_ours(item, title, _bought(package, names), why, _worst(package, names)) for item, title, names in parts]
    for item, (title, said, names) in OTHERS.items():
        amount, cause = -float(_bought(package, names)[1]), f"{_SAID if said else _UNSAID}. At our price."
        steps.append(_Step(f"without_{item}", f"{title}: taken out", amount, cause, _worst(package, names), _IISS))
    for item in NAMED:
        steps += _line(item, _published(planning, "b1", item), package)
    total = _published(planning, "b1", "cost_once")
    people = "IISS's sum is procurement. Its more than 12 thousand million US$ to replace 128,000 people stands beside."
    range_ = "IISS's range is one of quality; its middle is compared, which moves nothing but may lie this far off."
    low, high = (None if end is None else end - total.amount for end in (total.low, total.high))
    return [
        *steps,
        _Step("people", "People: on neither side", 0.0, people, "reported", _IISS),
        _Step("quality", "Cheaper or better equipment", 0.0, range_, "reported", _IISS, low=low, high=high),
    ]


def _line(item: str, line: _Step, package: Mapping[str, _Kind]) -> list[_Step]:
    """Return how one line of IISS differs from ours, in number and in price."""
    kinds = [package[name] for name in NAMED[item]]
    units = sum(kind.units for kind in kinds)
    # Our price is that of the mix offered; where nothing is offered, of the elements alike.
    price = float(
        np.average([kind.price[1] for kind in kinds], weights=[kind.units for kind in kinds] if units else None)
    )
    standing, steps = _worst(package, NAMED[item]), []
    if line.amount != units:
        title = f"{line.title}: {line.amount:.0f} in place of {units:.0f}"
        cause = "IISS's number less that of our offer, at our price."
        steps.append(_Step(f"number_{item}", title, (line.amount - units) * price, cause, standing, _IISS))
    mine = line.amount * price
    if item in PRINTED:
        cause = f"{1000 * PRINTED[item] / line.amount:.1f} million US$ each as printed, ours {1000 * price:.1f}"
        cause += "; ours is taken from IISS, so this proves nothing." if item in BORROWED else "."
        steps.append(
            _Step(f"price_{item}", f"{line.title}: IISS's price", PRINTED[item] - mine, cause, standing, _IISS)
        )
    elif item == THIRD:
        least = max(value for name, value in PRINTED.items() if name not in ("fighters", "destroyers"))
        cause = (
            f"No price is printed, so ours stays ({mine:.1f} in all). It is called the third dearest line, so it may "
            f"cost IISS at least {least:.0f}, what the next one printed costs: an inference from two newspapers, shown "
            "as what may be missing and not counted."
        )
        title, low = f"{line.title}: price not printed, not counted", max(0.0, least - mine)
        steps.append(_Step(f"price_{item}", title, 0.0, cause, "estimated", _IISS, low=low))
    return steps


def _life(
    planning: Planning, package: Mapping[str, _Kind], once: Sequence[_Step], index: Mapping[int, float]
) -> list[_Step]:
    """Return the steps from our package over 25 years to what IISS counts."""
    wage = WAGE_USD_M / index[PRICED] / 1000
    theirs = _published(planning, "b1", "personnel").amount
    people = sum(kind.units * kind.people for kind in package.values())
    paid = (
        f"{people:,.0f} people in crews and direct support, each {1000 * WAGE_USD_M:.0f} thousand US$ of 2021 a year."
    )
    runs = "Fuel, spares, training and upkeep, by our table."
    steps = [
        _ours("bought", "Package bought once", _bought(package, package), "As when bought once.", "notional"),
        _ours("operated", f"Operation for {YEARS} years", _bought(package, package, YEARS), runs, "notional"),
        _ours("paid", f"Pay for {YEARS} years", np.full(3, people * wage * YEARS), paid, "notional"),
    ]
    for said, item, title in (
        (True, "excluded", "Space, surveillance, command"),
        (False, "unnamed", "All else unnamed"),
    ):
        names = [name for _, is_said, held in OTHERS.values() if is_said is said for name in held]
        cause = f"{_SAID if said else _UNSAID}. Its people stay, as IISS counts all that the United States would send."
        for years, what in ((0, "bought"), (YEARS, "operated")):
            amount = -float(_bought(package, names, years)[1])
            steps.append(_Step(f"without_{item}_{what}", f"{title}: not {what}", amount, cause, "notional", _IISS))
    for item, title in (("number_", "Other numbers, bought"), ("price_", "Other prices")):
        same = [step for step in once if step.item.startswith(item)]
        amount, standing = sum(step.amount for step in same), worst(step.standing for step in same)
        steps.append(_Step(f"{item}once", title, amount, "Sum of these steps when bought once.", standing, _IISS))
    more = 0.0
    for item, elements in NAMED.items():
        fewer = _published(planning, "b1", item).amount - sum(package[name].units for name in elements)
        more += fewer * float(np.mean([package[name].upkeep[1] for name in elements])) * YEARS
    count = (
        "IISS's count less ours, at our pay. Its more than 12 thousand million US$ would be 94 thousand each; by the "
        "year or by the operation is not said."
    )
    title = f"{theirs:,.0f} people in place of {people:,.0f}"
    return [
        *steps,
        _Step("number_operated", "Other numbers, operated", more, "At our upkeep.", "notional", _IISS),
        _Step("people", title, (theirs - people) * wage * YEARS, count, "notional", _IISS),
    ]


def _budget(evidence: Evidence, money: Money, codes: tuple[str, ...], index: Mapping[int, float]) -> list[_Step]:
    """Return the steps from our envelope of the year the path ends to the gap of budgets that Bruegel counts."""
    held = means(evidence, codes, (_START, money.by), money.model_copy(update={"envelope": "pledge"}))
    then, gdp, path, used = held.gdp[:, 0], held.gdp[:, 1], held.path[:, 1], held.committed[:, 1]
    start, release = _of(evidence, codes, "nato", "defence_pct_gdp")
    now, outlook = _of(evidence, codes, "weo", "gdp_usd_current")
    start, now = start / 100, now * 1000 * index[_START]
    union = np.isin(codes, expand(("eu",)))
    chain: tuple[tuple[str, str, Array, str, str], ...] = (
        ("whole", "All new money, not the investable part", np.maximum(0.0, path - used) * gdp,
         f"Only {100 * money.investable:.0f} % of new money may go into what the plan orders.", _OURS),
        ("committed", "From the shares of 2026, nothing released", (path - held.share) * gdp,
         "The envelope also holds equipment money of today that is no longer committed; a budget gap does not.", _OURS),
        ("shares", f"From the shares of {_START}", (path - start) * gdp,
         "Bruegel and Kiel start before the rises of 2025 and 2026; the envelope after them.", release),
        ("union", "Allies in the European Union only", (path - start) * gdp * union,
         "The envelope holds Canada, Norway, Türkiye, the United Kingdom and the western Balkans.", _BRUEGEL),
        ("year", f"GDP of {_START} in place of {money.by}", (path - start) * then * union,
         "A share of a smaller GDP: theirs is a gap of the short term.", outlook),
        ("level", "All at 3.5 %, in one sum", (_TO - start) * then * union,
         "Allies above 3.5 % stay there in our path; in one sum their excess counts against the gap.", _BRUEGEL),
        ("start", "From 2 % in place of the shares NATO shows", (_TO - _FROM) * then * union,
         f"Bruegel and Kiel print about 2 % for {_START}.", _BRUEGEL),
        ("basis", f"GDP and exchange rates of {_START}", (_TO - _FROM) * now * union,
         "Our GDP is that of 2021 at the rates of 2021 carried on by real growth; theirs is current.", outlook),
    )  # fmt: skip
    scale = 1 / index[PRICED] / 1000
    base = float(held.envelope[:, 1].sum()) * scale
    cause = "New money for the plan in the year in which the path reaches the pledge; not what a plan spends."
    steps = [_Step("envelope", f"Envelope of {money.by}", base, cause, "notional", _OURS, "ours")]
    for item, title, amounts, why, source in chain:
        total = float(amounts.sum()) * scale
        standing = "notional" if source == _OURS else "estimated"
        steps.append(_Step(item, title, total - base, why, standing, source))
        base = total
    return steps


def _of(evidence: Evidence, codes: tuple[str, ...], dataset: str, measure: str) -> tuple[Array, str]:
    """Return each Ally's newest figure of a measure for the year Bruegel and Kiel start from, and the main source."""
    rows = evidence.newest(measure, dataset).filter(pl.col("period") == _START, pl.col("ally").is_in(codes))
    found = dict(rows.select("ally", "value").iter_rows())
    missing = [code for code in codes if code not in found]
    if missing:
        what = f"{measure} of {_START} is not known by then for {', '.join(missing)}"
        raise NotKnownError(Fault(what, mend="Use a later --as-of."))
    return np.array([found[code] for code in codes], dtype=float), str(rows["source_id"].mode().sort()[0])


def _euros(planning: Planning, evidence: Evidence, index: Mapping[int, float]) -> _Step:
    """Return the budget gap that Bruegel and Kiel print, in US$ of the year compared in."""
    printed = _published(planning, "b3", "budget")
    germany = (_of(evidence, ("DEU",), "weo", name)[0] for name in ("gdp_usd_current", "gdp_nc_current"))
    dollars, euros = (float(value[0]) for value in germany)
    cause = (
        f"{printed.amount:.0f} thousand million euros as printed, at {dollars / euros:.4f} US$ ({_START}, implied by "
        f"Germany's GDP in both), carried to {PRICED} by US prices. From about 2 to 3.5 % of GDP, or 4."
    )
    return replace(printed, amount=printed.amount * dollars / euros * index[_START] / index[PRICED], cause=cause)


def _fragile(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say how much would be left over of what is bought once if the price that is only inferred were counted."""
    mine = {row["item"]: row for row in rows if row["comparison"] == ONE_OFF}
    printed, left = mine["published"]["amount_usd_bn"], mine["residual"]
    over = left["sign"] * left["amount_usd_bn"] - mine[f"price_{THIRD}"]["low_usd_bn"]
    return (
        f"Long-range air defence is called IISS's third dearest line, without a price. Were it counted at no less than "
        f"the next line printed, {abs(over):.0f} ({100 * abs(over) / printed:.1f} %) would be left over of what is "
        f"bought once; beyond {_BOUND} is not reconciled, so the verdict is as good as the press's list and no better."
    )


_SENTENCES: Final[Mapping[str, str]] = {
    ONE_OFF: "Bought once, the package of US forces is {ours} thousand million US$ of 2025 at our prices, and "
    "{counted} counted as IISS counts, beside its printed {low:.0f} to {high:.0f}, the middle {printed}: ",
    LIFE: " Over 25 years with operation and pay it is {ours}, and {counted} counted as IISS counts, beside about "
    "{printed}: ",
    BUDGET: " A gap of budgets is another thing: our envelope of the last year of the path is {ours} a year, and "
    "{counted} counted as Bruegel and Kiel count, beside their {euros:.0f} thousand million euros, {printed} in US$ of "
    "2025: ",
}


def _told(made: Finding, rows: list[dict[str, Any]], euros: float) -> list[str | Cited]:
    """Return the sentence: for each comparison ours, ours counted as theirs, theirs, and what is left over."""
    said: list[str | Cited] = []
    for name, text in _SENTENCES.items():
        mine = [row for row in rows if row["comparison"] == name]
        printed, left = mine[-2], mine[-1]
        start = sum(row["amount_usd_bn"] for row in mine if row["kind"] == "ours" or row["item"] == "price_level")
        over = left["sign"] * left["amount_usd_bn"]
        numbers = {key: f"{value:,.0f}" for key, value in (
            ("ours", start), ("counted", printed["amount_usd_bn"] - over), ("printed", printed["amount_usd_bn"])
        )}  # fmt: skip
        said.append(
            text.format(**numbers, low=printed["low_usd_bn"] or 0, high=printed["high_usd_bn"] or 0, euros=euros)
        )
        size = f"{abs(over):,.0f} ({100 * abs(left['share']):.1f} %)"
        said += [Cited(size, made.address(left, "amount_usd_bn")), " is missing" if over > 0 else " is too much"]
        said.append(", not reconciled." if left["verdict"] == "not reconciled" else f", reconciled within {_BOUND}.")
    return said
