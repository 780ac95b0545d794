"""Show an answer: JSON or CSV for programs, tables for people, plain text when piped."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from article3.cli import shift_view
from article3.cli.matrix import for_people
from article3.cli.plan_view import BILLIONS, CHANGES, overview
from article3.errors import Article3Error, Fault, NotKnownError, unknown_name_fault
from article3.evidence.findings import Column
from article3.plan.described import SHORT
from article3.run.answers import Answer, plain, refusal


@dataclass(frozen=True, slots=True)
class Style:
    """How the user wants the answer."""

    json: bool = False
    csv: bool = False
    table: str | None = None
    whole: bool = False
    """Tables whole, where there is an overview for people."""


PEOPLE: Final[dict[str, tuple[str, ...]]] = {
    "pledge": (
        "pledge",
        "ally_name",
        "year",
        "value_pct",
        "status",
        "met",
        "pace_needed_pct",
        "pace_realised_pct",
        "step_pct",
        "year_first_met",
        "equipment_share_pct",
        "decline_halted",
        "vintage",
        "reason",
    ),
    "warning": (
        "pledge",
        "ally_name",
        "value_pct",
        "odds",
        "odds_words",
        "odds_random_walk",
        "odds_low",
        "odds_high",
        "warning",
        "step_pct",
        "last_safe_year",
        "reason",
    ),
    "strain": (
        "ally_name",
        "value_pct",
        "step_pp",
        "gap_revenue_pct",
        "debt_pct",
        "net_lending_pct",
        "effort_ratio",
        "rank",
        "rank_easiest",
        "rank_hardest",
        "binding",
    ),
    "expected": ("pledge", "year", "variant", "kind", "mean", "low", "high", "of"),
    "fan": ("ally", "year", "q10_pct", "q50_pct", "q90_pct", "step_line_pct"),
    "backtest": (
        "window",
        "baseline",
        "n",
        "crps",
        "crps_baseline",
        "crps_skill",
        "skill_low",
        "skill_high",
        "coverage_80",
        "bar",
    ),
    "coverage": ("situation", "contingency", "capability", "window_days", "posture", "required", "able", "coverage"),
    "twice": ("situation", "element", "window_days", "posture", "usable", "claimed", "over"),
    "european_share": ("capability", "denominator", "definition", "required", "europe", "share", "published"),
    "preponderance": ("contingency", "window_days", "posture", "europe", "usa", "canada", "coverage"),
    "us_cut": ("variant", "element", "before", "after", "idle", "moved", "new", "uncovered", "verdict"),
    "us_cut_case": (
        "variant",
        "element",
        "contingency",
        "window_days",
        "coverage_before",
        "coverage_after",
        "european_more",
        "moved",
        "uncovered",
    ),
    "cut_cost": ("variant", "title", "window_days", "margin_before", "margin_after", "change", "risk_change"),
    "multiplier": (
        "rank",
        "title",
        "posture",
        "units",
        "cost_usd2021_m",
        "gain",
        "initial_slope",
        "p_top_five",
        "lead_years",
        "reason",
    ),
    "package": ("title", "posture", "units", "cost_usd2021_m", "loss_when_removed", "risk_before", "risk_after"),
    "flip": ("sentence", "assumed", "turns", "turns_at", "factor"),
    "published_set": (
        "set",
        "title",
        "basis",
        "published_central",
        "published_available",
        "ours",
        "unit",
        "why",
    ),
    "orders": (
        "ally_name",
        "element_title",
        "line_title",
        "order_year",
        "delivery_date",
        "units",
        "cost_usd2021_m",
        "split",
    ),
    "plan_money": (
        "ally",
        "year",
        "envelope",
        "spent",
        "outlay",
        "running",
        "paid_to_fleets",
        "gdp_share_pct",
        "step_pct",
    ),
    "plan_attainment": (
        "situation",
        "window_days",
        "year",
        "before",
        "attainment",
        "low",
        "high",
        "binding_capability",
    ),
    "plan_share": ("year", "denominator", "contingency", "capability", "window_days", "required", "europe", "share"),
    "plan_total": (
        "element_title",
        "units",
        "today",
        "cost_usd2021_m",
        "running_usd2021_m",
        "people",
        "european_part",
        "buyers",
        "first_delivery",
    ),
    "plan_pool": ("pool", "ally", "state", "element", "units", "paid_usd2021_m", "share"),
    "effort": ("title", "lead", "participants", "units", "cost_usd2021_m", "first_contract", "first_delivery", "full"),
    "milestones": ("date", "title", "owner", "participants", "units", "state", "slips"),
    "down_payment": ("sign_by", "title", "part", "owner", "participants", "units", "cost_usd2021_m", "first_delivery"),
    "fit": (
        "ally",
        "element",
        "fit",
        "holdings",
        "industry",
        "geography",
        "pools",
        "policy",
        "attitude",
        "eligible",
        "entry_share",
    ),
    "line": (
        "line_title",
        "element",
        "rate",
        "rate_last",
        "lead_years",
        "price_usd2021_m",
        "set_up",
        "ordered",
        "used",
    ),
    "holding": ("holder", "element", "low", "central", "high", "retained", "offered", "basis", "standing"),
    "requirement": ("contingency", "capability", "window_days", "low", "central", "high", "basis", "standing"),
    "count": (
        "year",
        "met",
        "undecidable",
        "reported",
        "members_met",
        "members_reported",
        "vintage",
        "definition",
    ),
    "then_now": (
        "ally_name",
        "value_then_pct",
        "value_now_pct",
        "change",
        "total_pp",
        "gdp_pp",
        "spending_pp",
        "unseparated_pp",
        "cause",
    ),
    "decline": (
        "ally_name",
        "base_year",
        "latest_year",
        "real_change_pct",
        "halted",
        "halted_since",
        "falls",
        "vintage",
    ),
    "claims": ("id", "ally", "verdict_then", "verdict_now", "reason"),
    "vintage": ("dataset", "vintage", "known_from", "figures", "allies", "first_year", "last_year", "title"),
    "evidence": ("ally", "measure", "period", "value", "unit", "price_base", "vintage", "status", "standing"),
    "import": ("dataset", "vintage", "known_from", "figures", "held", "added", "differences", "missing"),
    "revision": ("ally", "measure", "period", "held", "held_vintage", "found", "change"),
    "input": ("address", "value", "unit", "release", "standing"),
    "result": ("address", "column", "first", "second", "change"),
    "orders_changed": ("element", "ally", "first", "second", "change", "cost_first", "cost_second"),
    "attainment_changed": ("situation", "window_days", "year", "first", "second", "change"),
    "fastest_changed": ("plan", "element", "first", "second", "days", "stays_first", "stays_second"),
    **shift_view.PEOPLE,
}
"""Columns shown to people, by table; JSON, CSV and the workbook have them all."""

MAX_ROWS: Final = 60


def show(answer: Answer, style: Style, described: Mapping[str, Sequence[Column]]) -> None:
    """Print an answer in the style asked for."""
    if style.json:
        print(json.dumps(answer.envelope(), ensure_ascii=False, indent=1, allow_nan=False))
    elif style.csv:
        _print_csv(answer, style.table)
    else:
        _print_people(answer, style, described)


def fail(verb: str, error: Article3Error, style: Style) -> None:
    """Print a refusal: the envelope for programs, sentences on standard error for people."""
    if style.json:
        print(json.dumps(refusal(verb, error), ensure_ascii=False, indent=1))
        return
    for fault in error.faults:
        print(f"article3 {verb}: {fault}", file=sys.stderr)


def _pick(answer: Answer, table: str | None) -> dict[str, list[dict[str, Any]]]:
    tables = answer.tables()
    if table is None:
        return tables
    if table not in tables and not tables:
        raise NotKnownError(Fault(f"table '{table}' has no rows here", mend="Nothing in this scenario fills it."))
    if table not in tables:
        raise Article3Error(str(unknown_name_fault("table", table, tuple(tables))).rstrip("."))
    return {table: tables[table]}


def _print_csv(answer: Answer, table: str | None) -> None:
    tables = _pick(answer, table)
    if not tables:
        return
    rows = next(iter(tables.values()))
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {key: " ".join(value) if isinstance(value, list) else plain(value) for key, value in row.items()}
        )


def _print_people(answer: Answer, style: Style, described: Mapping[str, Sequence[Column]]) -> None:
    # A run's tables are in its folder: a person is told where to look.
    tables = {} if answer.verb == "run" else _pick(answer, style.table)
    if answer.verb == "plan" and not style.whole:
        tables = overview(tables)
        described = dict.fromkeys(tables, BILLIONS)
    # Of a shift the words come first: tables are many, and most people want the answer.
    words = answer.verb == "shift" and not style.whole
    if words:
        tables = shift_view.overview(tables)
        described = dict.fromkeys(tables, shift_view.DECIMALS)
        print(f"{answer.sentence}\n")
    # The verb 'plan' calls some tables by names that others have for tables of their own.
    full = {short: name for name, short in SHORT.items()} if answer.verb == "plan" else {}
    for name, rows in tables.items():
        kind = full.get(name, name)
        own = CHANGES.get(kind, shift_view.CHANGES.get(kind, ()))
        titles = {column.column: column for column in described.get(kind, own)}
        _print_table(name, PEOPLE.get(kind, ()), for_people(kind, rows), titles)
        print()
    if style.table is None:
        if not words:
            print(answer.sentence)
        for warning in answer.warnings:
            print(f"Note: {warning}")
        citations = [source["citation"] for source in answer.sources if "citation" in source]
        if citations:
            shown = citations[:4]
            more = f" and {len(citations) - 4} more (--json lists them)" if len(citations) > 4 else ""
            print("Sources: " + " ".join(dict.fromkeys(shown)) + more)


def _print_table(name: str, shown: Sequence[str], rows: list[dict[str, Any]], described: Mapping[str, Column]) -> None:
    wanted = [column for column in shown if column in rows[0]]
    names = [column for column in (wanted if len(wanted) > 1 else rows[0]) if column != "table"]
    names = [column for column in names if any(row.get(column) not in (None, "", []) for row in rows)]
    if len({row.get("pledge") for row in rows}) == 1:
        names = [column for column in names if column != "pledge"]
    heads = [described[column].title if column in described else column.replace("_", " ") for column in names]
    cells = [[_cell(row.get(column), described.get(column)) for column in names] for row in rows[:MAX_ROWS]]
    right = [all(isinstance(row.get(column), int | float | None) for row in rows) for column in names]
    if sys.stdout.isatty():
        _rich_table(name, heads, cells, right)
    else:
        _plain_table(name, heads, cells, right)
    if len(rows) > MAX_ROWS:
        print(f"... {len(rows) - MAX_ROWS} more rows: --csv or --json lists all.")


def _cell(value: Any, column: Column | None) -> str:
    if value is None or (isinstance(value, str | list) and not value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        decimals = column.decimals if column and column.decimals is not None else None
        if decimals is None:
            return f"{value:g}"
        text = f"{value:.{decimals}f}"
        return text.lstrip("-") if float(text) == 0 else text
    return " ".join(map(str, value)) if isinstance(value, list) else str(plain(value))


def _plain_table(name: str, heads: list[str], cells: list[list[str]], right: list[bool]) -> None:
    widths = [max(len(text) for text in (head, *(row[i] for row in cells))) for i, head in enumerate(heads)]
    print(f"# {name}")
    for row in [heads, *cells]:
        padded = [
            text.rjust(width) if numeric else text.ljust(width)
            for text, width, numeric in zip(row, widths, right, strict=True)
        ]
        print("  ".join(padded).rstrip())


def _rich_table(name: str, heads: list[str], cells: list[list[str]], right: list[bool]) -> None:
    from rich.console import Console  # noqa: PLC0415 - only for people at a terminal
    from rich.table import Table  # noqa: PLC0415

    table = Table(title=name, title_justify="left", header_style="bold", box=None, padding=(0, 1))
    for head, numeric in zip(heads, right, strict=True):
        table.add_column(head, justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        table.add_row(*row)
    Console().print(table)
