"""From an address to the finding it stands in: every published number can be computed again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from article3.domain import pledge
from article3.errors import AddressError, Fault, unknown_name_fault
from article3.evidence.addresses import ResultAddress
from article3.evidence.findings import Finding
from article3.evidence.store import Evidence
from article3.gap.described import TABLES
from article3.plan.described import TABLES as PLAN_TABLES
from article3.pledge import additionality, claims, counts, decline, ledger, revisions, shock, strain
from article3.pledge.rules import Rules
from article3.scenario.resolve import Inputs, resolve, shipped_scenarios
from article3.shift.described import TABLES as SHIFT_TABLES

if TYPE_CHECKING:
    from article3.gap.analysis import Gap
    from article3.plan.analysis import Plan


def _year(keys: tuple[str, ...], position: int) -> int:
    try:
        return int(keys[position])
    except (IndexError, ValueError):
        raise AddressError(Fault(f"'{'/'.join(keys)}' names no year")) from None


def _status(evidence: Evidence, keys: tuple[str, ...], rules: Rules) -> Finding:
    return ledger.status(evidence, pledge(keys[0]), rules, (_year(keys, 2),))


def _claims(evidence: Evidence, keys: tuple[str, ...], rules: Rules) -> Finding:  # noqa: ARG001
    return claims.check_claims(evidence, claims.read_claims(claims.EXAMPLE, evidence.measures), rules)


_ONE_DATE: Final[dict[str, Callable[[Evidence, tuple[str, ...], Rules], Finding]]] = {
    "pledge": _status,
    "count": lambda evidence, keys, rules: counts.count(evidence, pledge(keys[0]), rules),
    "count_by_release": lambda evidence, keys, rules: counts.count_by_release(evidence, pledge(keys[0]), rules),
    "decline": lambda evidence, keys, _rules: decline.decline(evidence, pledge(keys[0])),
    "revision": lambda evidence, keys, _rules: revisions.revisions(evidence, keys[0]),
    "claims": _claims,
    "shock": lambda evidence, keys, rules: shock.health_crisis(evidence, pledge(keys[0]), rules),
}


def compute(address: ResultAddress, everything: Evidence, rules: Rules | None = None) -> Finding:
    """Compute the finding that a result address stands in.

    Parameters
    ----------
    address
        The address.
    everything
        Evidence without date limit; the address says what was known.
    rules
        Settings of the ledger.

    Raises
    ------
    AddressError
        No table has that name, or its keys name nothing.
    """
    rules = rules or Rules()
    first, _, second = address.when.partition("~")[0].partition("..")
    if max(first, second) > date.today().isoformat():  # noqa: DTZ011 - a calendar day, not a moment
        raise AddressError(Fault(f"the date of {address} lies in the future"))
    if address.table == "then_now" and second:
        sides = [everything.known_on(date.fromisoformat(day)) for day in (first, second)]
        return revisions.then_now(sides[0], sides[1], pledge(address.keys[0]), _year(address.keys, 1), rules)
    if address.table in TABLES and not second:
        return gap_of(address, everything).findings((address.table,))[0]
    if address.table in PLAN_TABLES and not second:
        return _of_plan(address, everything)
    if address.table in SHIFT_TABLES and not second:
        return _of_shift(address, everything)
    known = (*_ONE_DATE, *_CASES, *_WARNED, *_TRACKED, *TABLES, *PLAN_TABLES, *SHIFT_TABLES, "then_now")
    if address.table not in known or second:
        raise AddressError(unknown_name_fault("table", address.table, known))
    evidence = everything.known_on(date.fromisoformat(first))
    if address.table in _ONE_DATE:
        return _ONE_DATE[address.table](evidence, address.keys, rules)
    if address.table in _CASES:
        return _case(evidence, address, rules)
    made = _warned(evidence, address, rules) if address.table in _WARNED else _tracked(everything)
    return made[address.table]


_CASES: Final = ("additionality", "backfill", "strain", "share_split", "money")


def _case(evidence: Evidence, address: ResultAddress, rules: Rules) -> Finding:
    """Return the finding about a case, about strain, or about a share split between two years."""
    keys = address.keys
    if address.table == "money":
        from article3.pledge import money  # noqa: PLC0415 - numpy, for those who ask

        return money.money(evidence, pledge(keys[0]), rules)
    if address.table == "strain":
        return strain.strain(evidence, pledge(keys[0]), rules=rules)
    if address.table == "share_split":
        return strain.share_split(evidence, None, _year(keys, 2), _year(keys, 3), keys[0])
    shipped = {case.id: case for case in additionality.read_cases()}
    # A shipped case may hold one entry for each Ally: core_2026_2024.CZE belongs to core_2026_2024.
    name = keys[0] if keys[0] in shipped else keys[0].split(".", maxsplit=1)[0]
    if name in shipped:
        case = shipped[name]
        return (additionality.backfill if address.table == "backfill" else additionality.additionality)(evidence, case)
    ally, years, release = keys[0].split(".", maxsplit=2)
    first, _, last = years.partition("-")
    return additionality.additionality(evidence, (ally, int(first), int(last), release))


_WARNED: Final = ("warning", "fan", "expected", "credibility", "call")
_TRACKED: Final = ("backtest", "event", "reliability", "pit", "count_band", "scoreboard")


def scenario_of(when: str) -> str:
    """Return the shipped scenario that an address names after its date; the baseline where it names none.

    Raises
    ------
    AddressError
        The scenario is not shipped.
    """
    name = when.partition("~")[2] or "baseline"
    if name not in shipped_scenarios():
        raise AddressError(
            Fault(
                "the number belongs to a scenario of your own",
                found=f"~{name}",
                mend="Explain it from its run folder: article3 explain ADDRESS --run FOLDER.",
            )
        )
    return name


def gap_of(address: ResultAddress, everything: Evidence) -> Gap:
    """Return the gap that an address speaks of, assessed again."""
    from article3.gap.analysis import gap  # noqa: PLC0415 - the solver, for those who ask

    return gap(_inputs_of(address, everything))


def plan_of(address: ResultAddress, everything: Evidence) -> Plan:
    """Return the plan that an address speaks of, made again."""
    from article3.plan.analysis import plan  # noqa: PLC0415 - the solver, for those who ask

    return plan(_inputs_of(address, everything))


def _of_plan(address: ResultAddress, everything: Evidence) -> Finding:
    if address.table == "alternative":
        mend = "Ask for them again: article3 plan --alternatives 3 --json."
        raise AddressError(Fault("nearly-as-good plans are made on request only", found=str(address), mend=mend))
    made = plan_of(address, everything)
    if not made.applies(address.table):
        raise AddressError(Fault(f"the plan has no table '{address.table}'", found=str(address)))
    return made.table(address.table)


def _of_shift(address: ResultAddress, everything: Evidence) -> Finding:
    from article3.run.shifting import of_address  # noqa: PLC0415 - the solver, for those who ask

    return of_address(_inputs_of(address, everything), address.table, address.keys)


def _inputs_of(address: ResultAddress, everything: Evidence) -> Inputs:
    day = address.when.partition("~")[0]
    inputs = resolve(scenario_of(address.when), {"as_of": day})
    return replace(inputs, evidence=everything.known_on(date.fromisoformat(day)))


def _warned(evidence: Evidence, address: ResultAddress, rules: Rules) -> dict[str, Finding]:
    """Return the findings of early warning by table, as the address asks for them."""
    from article3.pledge import calls, plans, warning  # noqa: PLC0415 - numpy, for those who ask

    if address.table == "credibility":
        return {"credibility": plans.credibility(evidence)}
    if address.table == "call":
        return {"call": calls.first_calls(evidence, pledge(address.keys[0]))}
    return {finding.name: finding for finding in warning.early_warning(evidence, pledge(address.keys[0]), rules)}


def _tracked(everything: Evidence) -> dict[str, Finding]:
    """Return the track record by table; it knows no as-of date but that of the evidence."""
    from article3.forecast import scoreboard, track  # noqa: PLC0415 - numpy, for those who ask

    record = track.track_record(everything, extra=False)
    return {finding.name: finding for finding in (*record, scoreboard.scoreboard(everything))}
