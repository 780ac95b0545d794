"""Explain any number: value, unit, formula in words, inputs with source, date and standing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from article3.domain import pledge, pledge_sources
from article3.errors import AddressError, Fault, UnknownNameError
from article3.evidence.addresses import EvidenceAddress, ResultAddress, parse_address
from article3.evidence.findings import Column, Finding
from article3.evidence.releases import Source
from article3.evidence.store import Evidence, open_evidence
from article3.gap.described import TABLES
from article3.plan.described import TABLES as PLAN_TABLES
from article3.quantity import Standing, worst
from article3.run.gap_inputs import inputs_of
from article3.run.plan_inputs import plan_inputs_of
from article3.run.shift_inputs import shift_inputs_of
from article3.run.tables import compute
from article3.scenario.resolve import Inputs, resolve, shipped_scenarios
from article3.shift.described import TABLES as SHIFT_TABLES


@dataclass(frozen=True, slots=True)
class Input:
    """One figure that a number rests on."""

    address: str
    value: float
    unit: str
    status: str
    standing: str
    release: str
    known_from: str
    citation: str
    url: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a number is and where it comes from.

    Parameters
    ----------
    address
        The number's address.
    value
        Exact value.
    text
        The value as people see it, with unit.
    title, formula
        What it is and how it is computed, in words.
    standing
        Worst standing of the inputs.
    inputs
        The figures of the evidence it rests on, in order.
    notes
        Definition, exceptions, cautions.
    turns
        What would change it most; empty where nothing sensible can be said.
    """

    address: str
    value: Any
    text: str
    title: str
    formula: str
    standing: str
    inputs: tuple[Input, ...]
    notes: tuple[str, ...]
    turns: str


def shown(value: Any, column: Column) -> str:
    """Return a value as people see it: rounded, with its unit; a dash where it is not known."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int) and column.decimals is not None:
        text = f"{value:.{column.decimals}f}" if column.unit else f"{value}"
        # A negative number that rounds to zero is shown as zero.
        text = text.lstrip("-") if float(text) == 0 else text
        unit = "%" if column.unit.startswith("percent of") or column.unit == "percent" else column.unit
        unit = "" if unit in ("probability", "ratio") else unit
        return f"{text} {unit}".strip()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def explain(
    address: str,
    findings: Mapping[tuple[str, str], Finding] | None = None,
    evidence: Evidence | None = None,
    inputs: Inputs | None = None,
) -> Explanation:
    """Explain the number at an address.

    Parameters
    ----------
    address
        Address of evidence or of a result.
    findings
        Findings of a run by table and date, to look results up in; without it they are computed again.
    evidence
        Evidence without date limit; by default all that is held.
    inputs
        The scenario the findings are of; by default the shipped one that the address names.

    Raises
    ------
    AddressError
        The address is not well formed or names nothing.
    """
    everything = evidence or open_evidence()
    where = parse_address(address)
    if isinstance(where, EvidenceAddress):
        return _explain_evidence(where, everything)
    finding = (findings or {}).get((where.table, where.when)) or compute(where, everything)
    return _explain_result(where, finding, everything, inputs)


def _explain_evidence(where: EvidenceAddress, everything: Evidence) -> Explanation:
    row = everything.row(where)
    measure = everything.measures[where.measure]
    given = _input(str(where), row, everything)
    vintage = everything.find_vintage(where.dataset, where.vintage)
    definition = everything.definitions.get(vintage.definition)
    notes = [text for text in (str(row["note"] or ""), vintage.note, _source(row, everything).note) if text]
    if definition:
        notes.append(f"Definition: {definition.title}. {definition.note}")
    return Explanation(
        str(where),
        row["value"],
        f"{row['value']:g} {row['unit']}" + (f" ({row['price_base']} prices)" if row["price_base"] else ""),
        f"{measure.title}, {where.ally} {where.period}",
        f"Read from the source as printed. {measure.description}",
        given.standing,
        (given,),
        tuple(dict.fromkeys(notes)),
        "",
    )


def _explain_result(
    where: ResultAddress, finding: Finding, everything: Evidence, scenario: Inputs | None
) -> Explanation:
    column, row = finding.column(where.column), finding.row(where.keys)
    if finding.name in (*TABLES, *PLAN_TABLES, *SHIFT_TABLES):
        inputs = _planned(where, finding, row, everything, scenario)
    else:
        addresses = _expanded(column.input_addresses(row), everything)
        inputs = tuple(_input(str(item), everything.row(item), everything) for item in addresses)
    # What is computed by a method is no better than the method, however official its inputs.
    own = str(row["standing"] or "") if "standing" in row else str(finding.standing)
    found = [*(Standing(item.standing) for item in inputs), *([Standing(own)] if own else [])]
    standing = str(worst(found)) if found else ""
    origin = _pledge_source(row) if not inputs else None
    standing = standing or (origin[0] if origin else str(finding.standing))
    notes = [str(row[name]) for name in ("reason", "exception", "gdp_basis", "reading", "note") if row.get(name)]
    notes += [origin[1]] if origin else []
    if not inputs and not notes and finding.sentence.parts:
        notes.append(str(finding.sentence))  # a score over many forecasts has no single figure to point at
    if row.get("definition_differs"):
        definition = everything.definitions[row["definition"]]
        notes.append(f"On another definition than the pledge: {definition.title}.")
    return Explanation(
        str(where),
        row[where.column],
        shown(row[where.column], column),
        f"{column.title}: {finding.title}; {', '.join(where.keys)}; as known on {_when(where.when)}",
        column.formula or "Taken over as it is.",
        standing,
        inputs,
        tuple(dict.fromkeys((*notes, *finding.warnings))),
        _turns(row, inputs),
    )


def _planned(
    where: ResultAddress, finding: Finding, row: Mapping[str, Any], everything: Evidence, scenario: Inputs | None
) -> tuple[Input, ...]:
    """Return what stands behind a number about gap, plan or shift; nothing for a scenario not shipped."""
    day, _, name = where.when.partition("~")
    if scenario is None and name and name not in shipped_scenarios():
        return ()
    found_in = scenario or resolve(name or "baseline", {"as_of": day})
    if finding.name in SHIFT_TABLES:
        given = shift_inputs_of(finding, row, found_in)
    elif finding.name in PLAN_TABLES:
        given = plan_inputs_of(finding, row, where.column, found_in)
    else:
        given = inputs_of(finding, row, found_in)
    found = []
    for address, value, unit, standing, source_id, remark in given:
        source = everything.sources.get(source_id)
        citation = source.citation if source else source_id
        found.append(
            Input(
                address,
                value,
                unit,
                "",
                standing,
                source.published if source else "",
                source.published if source else "",
                f"{citation} {_stopped(remark)}".strip(),
                source.url if source else "",
            )
        )
    return tuple(found)


def _when(when: str) -> str:
    """Return the date of a result as people read it, with the scenario where it names one."""
    day, _, name = when.partition("~")
    return day.replace("..", " and on ") + (f", scenario {name}" if name else "")


def _stopped(remark: str) -> str:
    """Return a remark that ends with a stop, so that what follows it reads as another one."""
    return remark if not remark or remark.endswith(".") else f"{remark}."


def _pledge_source(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return standing and citation of the pledge a row is about: the source of its level and deadline."""
    try:
        found = pledge(str(row.get("pledge")))
    except UnknownNameError:
        return (str(Standing.YOURS), "A pledge of the user's own.") if row.get("pledge") else None
    cited = [source.citation for source in pledge_sources() if source.id in found.source_ids]
    return found.standing, " ".join(cited)


def _expanded(addresses: tuple[str, ...], everything: Evidence) -> list[EvidenceAddress]:
    """Return addresses of single figures; ``#*/2024`` stands for all Allies of a release and year."""
    found: list[EvidenceAddress] = []
    for text in addresses:
        if "#*/" in text:
            dataset, vintage, rest = text.split("/", 2)
            measure, year = rest.split("#*/")
            rows = everything.table(dataset).filter(
                pl.col("vintage") == vintage,
                pl.col("measure") == measure,
                pl.col("period") == int(year),
                pl.col("ally").str.len_chars() == 3,
            )
            found += [EvidenceAddress(dataset, vintage, measure, ally, int(year)) for ally in rows["ally"].sort()]
        else:
            where = parse_address(text)
            if not isinstance(where, EvidenceAddress):
                raise AddressError(Fault(f"'{text}' is not an address of evidence"))
            found.append(where)
    return found


def _source(row: Mapping[str, Any], everything: Evidence) -> Source:
    return everything.sources[str(row["source_id"])]


def _input(address: str, row: Mapping[str, Any], everything: Evidence) -> Input:
    source = _source(row, everything)
    dataset = address.split("/", 1)[0]
    vintage = everything.find_vintage(dataset, str(row["vintage"]))
    unit = f"{row['unit']} ({row['price_base']} prices)" if row["price_base"] else str(row["unit"])
    return Input(
        address,
        float(row["value"]),
        unit,
        str(row["status"] or ""),
        str(row["standing"]),
        vintage.label,
        vintage.known_from.isoformat(),
        source.citation,
        source.url,
    )


def _turns(row: Mapping[str, Any], inputs: tuple[Input, ...]) -> str:
    """Say what would change a verdict or a count: the figures nearest to the level on either side."""
    level = row.get("level_pct")
    figures = [item for item in inputs if item.unit.startswith("percent")]
    if level is None or not figures:
        return ""
    above = min((item for item in figures if round(item.value, 2) >= level), key=lambda item: item.value, default=None)
    below = max((item for item in figures if round(item.value, 2) < level), key=lambda item: item.value, default=None)
    parts = []
    for item, word in ((above, "above"), (below, "below")):
        if item:
            who = item.address.split("#")[1].split("/")[0]
            parts.append(f"{who} with {item.value:.2f}, {abs(item.value - level):.2f} points {word}")
    return f"Nearest to the level of {level:g} %: {'; '.join(parts)}."
