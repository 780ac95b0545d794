"""The bargain: what the United States frees, sells and gives, what Europe pays, gets and leads, in the same units.

Nothing is decided here: a handover under a plan is told as a deal. Money is counted only where something held prices
it; the rest is said in words and its money stays empty. Method: ``docs/methods/shift-bargain.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from article3.evidence.findings import Check, Finding, sentence
from article3.gap.rows import in_words
from article3.plan.means import WAGE_USD_M
from article3.plan.rows import element_words, money_words
from article3.shift import bargain_europe, bargain_usa
from article3.shift.bargain_sheet import SUMMED, Row, Sheet, sheet_of, total_of
from article3.shift.exposure import Exposure
from article3.shift.handed import Handed
from article3.shift.rows import CAUTION, finding

PLANS: Final = {"plan": "the plan", "aimed": "the plan made again for the handover"}
NAMED: Final = 3
"""Elements that stay, named in the sentence."""
YARDSTICKS: Final = (
    "The two gains have the same units and different yardsticks: that of the United States is against going on as "
    "today, that of Europe against having to replace what stays. Neither is to be taken from the other."
)
UNPRICED: Final = (
    "Without money, because nothing held prices it: what the United States earns on a sale, fees for licences, "
    "intelligence that is shared, safety, and what a command is worth."
)
FREED: Final = (
    "Operation that is freed is saved only where units are disbanded; sent elsewhere they cost what they cost. It is "
    "at European prices, without pay."
)


def bargain(found: Sequence[Handed], exposures: Sequence[tuple[Handed, Exposure]], when: str) -> Finding:
    """Return the sheet of both sides, by plan.

    Parameters
    ----------
    found
        Handovers: under the scenario's plan, and under the plan made again for the handover.
    exposures
        What given drawdowns uncover under the scenario's plan.
    when
        Date and scenario.

    Raises
    ------
    NotKnownError
        What posts rest on is not known by the as-of date.
    """
    posts = bargain_europe.posts_of(found[0].made.asked.inputs)
    rows: list[Row] = []
    checks: list[Check] = []
    for handed in found:
        sheet = sheet_of(handed, when)
        usa = [*bargain_usa.frees(sheet), *bargain_usa.sells(sheet), *bargain_usa.gives(sheet)]
        pays, spent = bargain_europe.pays(sheet)
        gets, safe = bargain_europe.gets(sheet, exposures if handed.name == "plan" else ())
        europe = [*pays, *gets, *bargain_europe.leads(sheet, posts)]
        mine, theirs = _gains(sheet, [*usa, *europe])
        rows += [*usa, *mine, *europe, *theirs]
        checks += [spent, safe]
    text = " ".join(_told(rows, handed, whole=handed is found[-1]) for handed in reversed(found))
    warnings = (YARDSTICKS, UNPRICED, FREED, CAUTION)
    return finding(
        "bargain", when, "What each side gives and gets", rows, sentence(text), warnings=warnings, checks=tuple(checks),
        figure="bargain",
    )  # fmt: skip


def _gains(sheet: Sheet, rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Return each side's gain: money and people in the same units, and in words what has no price."""
    name = sheet.handed.name
    frees, sells, gives = (total_of(rows, name, "usa", kind) for kind in ("frees", "sells", "gives"))
    leads, pays = (total_of(rows, name, "europe", kind) for kind in ("leads", "pays"))
    risk = {row["item"]: row["amount"] for row in rows if row["kind"] == "gets"}
    sold = money_words(sells["a_year_usd2021_m"] or 0.0)
    words: Row = {"counts": "no", "period": sheet.span}

    def row(side: str, item: str, title: str, like: Row | None = None, **more: Any) -> Row:
        sums = {column: like[column] for column in SUMMED} if like else {}
        return sheet.row((side, "gains", item), title, None, **{"period": sheet.span, **more}) | sums

    usa = [
        row("usa", "freed", "Operation and people freed", frees, note=f"{FREED} {_pay(sheet, frees)}"),
        row("usa", "sales", "Profit on what is sold", **words,
            note=f"{sold} a year are paid to US lines; what of it is profit is not held."),
        row("usa", "burden", "What it goes on carrying", **words, note=gives["note"]),
    ]  # fmt: skip
    europe = [
        row("europe", "not_replaced", "What need not be replaced, because it stays", gives,
            note=f"{_pay(sheet, gives)} What it costs to field it for the first time is left out."),
        row("europe", "safety", "Safety", **words, note=_safety(risk)),
        row("europe", "command", "Command", **words, amount=leads["amount"], unit="post",
            note="Posts more that others than the United States lead. No price is held."),
        row("europe", "cost", "What it pays for all this", pays, **words, note="Not taken off the gain."),
    ]  # fmt: skip
    return (
        sheet.with_total(usa, "Gain of the United States that has a price", of=("usa", "gains"), period=sheet.span),
        sheet.with_total(europe, "Gain of Europe that has a price", of=("europe", "gains"), period=sheet.span),
    )


def _pay(sheet: Sheet, row: Row) -> str:
    """Return what the pay of the people of a row would be, at the plan's mean wage, beside the money."""
    worth = (row["person_years"] or 0.0) * WAGE_USD_M / len(sheet.years)
    wage = f"{1000 * WAGE_USD_M:,.0f} thousand US$ a person, the plan's mean"
    return f"Pay at {wage}, would be {money_words(worth)} a year more."


def _safety(risk: Mapping[str, float]) -> str:
    """Return what the deal does to risk, in words: beside today, no plan, and nobody leaving."""
    return (
        f"Mean risk {risk['risk']:.3f} with the plan while US forces leave; {risk['risk_today']:.3f} today, "
        f"{risk['risk_same_steps']:.3f} if they left so without the plan, {risk['risk_no_deal']:.3f} if nobody left "
        f"and no plan were made, {risk['risk_all_stay']:.3f} if nobody left with the plan. What is added beyond "
        "today's cover is what lets US forces leave. No price of risk is held."
    )


def _told(rows: Sequence[Row], handed: Handed, *, whole: bool) -> str:
    """Return the deal in words that each side would sign; only its sums where it is not told whole."""
    mine = [row for row in rows if row["plan"] == handed.name]
    frees, sells, gives = (total_of(mine, handed.name, "usa", kind) for kind in ("frees", "sells", "gives"))
    pays, leads = (total_of(mine, handed.name, "europe", kind) for kind in ("pays", "leads"))
    gets = {row["item"]: row for row in mine if row["kind"] == "gets"}
    stay = [element_words(row["item"]) for row in mine if row["kind"] == "gives" and row["counts"] == "yes"]

    def bn(row: Row, column: str = "a_year_usd2021_m") -> str:
        return money_words(row[column] or 0.0)

    freed = f"{frees['people'] or 0.0:,.0f} people and forces that take {bn(frees)} a year to operate"
    added = f"Europe and Canada pay {bn(pays)} a year and add {pays['people'] or 0.0:,.0f} people"
    sold = f"sells equipment for {bn(sells, 'value_usd2021_m')}" if sells["value_usd2021_m"] else "sells nothing"
    if not whole:
        return (
            f"Under {PLANS[handed.name]} the United States gets back {freed}, {sold} and leaves what would "
            f"cost {bn(gives)} a year to replace; {added}."
        )
    named = [*stay[:NAMED], *([f"{len(stay) - NAMED} more"] if len(stay) > NAMED else [])]
    stays = f"leaves in place what would cost Europe {bn(gives)} a year to replace ({in_words(named)})"
    half = next(row for item, row in gets.items() if item.startswith("half_"))
    days = f"{gets['days_without_plan']['amount']:,.0f} days of exposure, added up over contingencies and windows"
    return (
        f"Under {PLANS[handed.name]}, {pays['period']}: the United States gets back {freed}, {sold} "
        f"and {stays if stay else 'need leave nothing in place'}. {added}; in return no requirement falls below "
        f"today's cover because US forces leave (the same steps without the plan: {days}), Europe could carry half of "
        f"{half['amount']:.0f} {half['unit']} in {half['period']}, and others than the United States lead "
        f"{leads['amount']:.0f} posts more."
    )
