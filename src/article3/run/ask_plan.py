"""Questions about the plan: who orders what, when, with which money; what it brings; what can be signed soon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from article3.compute import Progress, Step
from article3.domain import Ally, ally
from article3.errors import Fault, InputError, unknown_name_fault
from article3.evidence.findings import Finding
from article3.plan.described import SHORT, TABLES
from article3.run.answers import Answer, from_findings
from article3.run.plan_files import Files
from article3.run.plan_wishes import Wishes
from article3.scenario.resolve import Inputs

if TYPE_CHECKING:
    from article3.plan.analysis import Plan

DEFAULT: Final = (
    "orders", "plan_money", "plan_attainment", "plan_share", "certificate", "milestones",
    "plan_total", "plan_goal", "plan_limit", "down_payment", "caveat", "replacement",
)  # fmt: skip
"""Tables shown where none is named; the last two only where Allies are limited or the United States is absent."""
OF_ONE: Final = (
    "orders", "plan_money", "plan_attainment", "plan_share", "certificate", "effort", "milestones", "down_payment",
)  # fmt: skip
"""Tables shown of one Ally where none is named."""
LEADING: Final = ("plan_money", "plan_attainment", "plan_limit", "down_payment", "caveat", "alternative")
"""Tables whose sentences answer: what it costs, what it brings, what binds, what can be signed before the summit."""
SOLVED_AGAIN: Final = ("plan_limit", "plan_frontier", "entry_effect", "caveat", "alternative")
"""Tables that solve again and again: not made for a plan that was stopped."""
FULL: Final = {short: name for name, short in SHORT.items()}
"""Full names of tables by the shorter ones of this verb."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What is called while a plan is made.

    Parameters
    ----------
    progress
        Called after each step.
    stop
        Asked now and then; when it returns true the best plan found so far stands, marked as such.
    """

    progress: Progress | None = None
    stop: Callable[[], bool] | None = None


def ask_plan(
    scenario: str = "baseline",
    who: str | None = None,
    tables: Sequence[str] = (),
    as_of: date | None = None,
    overrides: Mapping[str, str] | None = None,
    wishes: Wishes | None = None,
    files: Files | None = None,
    hooks: Hooks | None = None,
) -> Answer:
    """Answer who orders what, when, with which money, and what it brings.

    Parameters
    ----------
    scenario
        Name of a shipped scenario or path of a file.
    who
        One Ally: its orders, money and lines of effort, those of fleets it belongs to included.
    tables
        Tables of the answer, by full or shorter name; :data:`DEFAULT` or :data:`OF_ONE` where none is named.
    as_of
        Nothing published later is used for money; the planning tables are one compilation.
    overrides
        Further values of the scenario by dotted key, as YAML text.
    wishes
        What is changed in the plan's settings.
    files
        Files to write beside the answer.
    hooks
        What is called on the way.

    Returns
    -------
    Answer
        Tables ``plan_money``, ``plan_attainment`` and ``plan_share`` are called ``money``, ``attainment`` and
        ``european_share``; addresses keep their full names (``meta.tables``).

    Raises
    ------
    ScenarioError, UnknownNameError, InputError, NotKnownError
        The scenario, a name, a wish or a file cannot be used; no plan keeps all limits.
    Cancelled
        It was stopped before there was any plan.
    """
    from article3.plan.analysis import plan  # noqa: PLC0415 - the solver, for those who ask

    wishes, files, hooks = wishes or Wishes(), files or Files(), hooks or Hooks()
    wanted = _wanted(tables, wishes, OF_ONE if who else DEFAULT)
    one = _planning(who) if who else None
    files.check()
    inputs = wishes.inputs(scenario, overrides, as_of)
    told = _Told(hooks.progress, len(wanted))
    made = plan(inputs, None, told.step, hooks.stop)
    if one and one.code not in made.made.asked.given.means.allies:
        raise InputError(Fault(f"{one.name} is absent in the posture planned for: it orders nothing", "--ally"))
    ended = stopped(made)
    names = [name for name in wanted if not (ended and name in SOLVED_AGAIN)]
    findings = [item for name in names for item in told.table(name, _table(made, name, wishes))]
    answer = _answer(made, findings, wanted=tuple(tables), ended=ended, ally=one)
    written = files.write(made)
    return replace(answer, meta={**answer.meta, **({"written": written} if written else {})})


def _wanted(tables: Sequence[str], wishes: Wishes, default: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(FULL.get(name, name) for name in tables)
    known = tuple(SHORT.get(name, name) for name in TABLES)
    faults = [
        unknown_name_fault("table", given, known, "--table")
        for given, name in zip(tables, names, strict=True)
        if name not in TABLES
    ]
    if "alternative" in names and not wishes.alternatives:
        faults.append(Fault("no alternatives are asked for", "--table", mend="Say how many with --alternatives 3."))
    if faults:
        raise InputError(faults)
    more = ("alternative",) if wishes.alternatives and "alternative" not in names else ()
    return (*dict.fromkeys(names or default), *more)


def _planning(who: str) -> Ally:
    """Return an Ally for which something can be planned."""
    found = ally(who)
    if found.code == "USA":
        raise InputError(Fault("the plan orders nothing for the United States", "--ally", mend="Name another Ally."))
    if not found.has_forces:
        raise InputError(Fault(f"{found.name} has no armed forces: the plan orders nothing for it", "--ally"))
    return found


def _table(made: Plan, name: str, wishes: Wishes) -> Callable[[], Sequence[Finding]]:
    """Return what makes a table; none where it does not apply."""
    if name == "alternative":
        return lambda: wishes.alternatives_of(made)
    return lambda: made.findings((name,))


class _Told:
    """Tells progress: the steps of the plan first, then a step for every table."""

    def __init__(self, progress: Progress | None, tables: int) -> None:
        self.progress, self.tables, self.done, self.total = progress, tables, 0, 0

    def step(self, step: Step) -> None:
        """Pass a step of the plan on."""
        self.done, self.total = step.done, step.total + self.tables
        self._tell(step.name)

    def table(self, name: str, make: Callable[[], Sequence[Finding]]) -> Sequence[Finding]:
        """Make a table and tell it."""
        found = make()
        self.done += 1
        self._tell(name.replace("_", " "))
        return found

    def _tell(self, name: str) -> None:
        if self.progress:
            self.progress(Step(self.done, self.total, name))


def stopped(made: Plan) -> bool:
    """Return whether a plan is the best found when its solve was stopped, by the user or by its time limit."""
    from article3.program import Status  # noqa: PLC0415

    ends = (Status.INTERRUPTED.value, Status.TIME_LIMIT.value)
    return any(status in ends for status in made.table("certificate").table["status"])


def _answer(
    made: Plan, findings: Sequence[Finding], *, wanted: tuple[str, ...], ended: bool, ally: Ally | None
) -> Answer:
    inputs = made.inputs
    answer = from_findings("plan", inputs.evidence, findings, scenario=inputs.name, when=made.when)
    sentences = {item.name: str(item.sentence) for item in findings if item.sentence.parts}
    rows = answer.rows
    if ally:
        rows = tuple(_of(rows, ally.code, _fleets(inputs, ally.code)))
        text = _ally_sentence(rows, ally)
    else:
        leading = [name for name in LEADING if name in sentences] if not wanted else list(sentences)
        text = " ".join(sentences[name] for name in leading)
    mark = ("Stopped: this is the best plan found by then, not the best there is; see table certificate.",)
    warnings = (*(mark if ended else ()), *answer.warnings, *inputs.warnings, *_own_figures(inputs))
    meta = {
        **answer.meta,
        "tables": {short: name for short, name in FULL.items() if any(row["table"] == name for row in rows)},
        "sentences": {SHORT.get(name, name): text for name, text in sentences.items()},
        "plan": inputs.scenario.plan.model_dump(mode="json"),
        "stopped": ended,
    }
    renamed = tuple({**row, "table": SHORT.get(row["table"], row["table"])} for row in rows)
    return replace(answer, rows=renamed, sentence=text, warnings=warnings, meta=meta)


def _own_figures(inputs: Inputs) -> tuple[str, ...]:
    own = f"{len(inputs.planning.overlays)} planning figures of your own are used; their standing is 'yours'."
    return (own,) if inputs.planning.overlays else ()


def _fleets(inputs: Inputs, code: str) -> frozenset[str]:
    """Return the fleets an Ally belongs to."""
    table = inputs.planning.table("pooling").filter(pl.col("kind") == "fleet")
    return frozenset(
        pool for pool, members in table.select("pool", "members").iter_rows() if code in members.split(";")
    )


def _of(rows: Sequence[Mapping[str, Any]], code: str, fleets: frozenset[str]) -> list[dict[str, Any]]:
    """Return the rows about one Ally and the fleets it belongs to; tables about all are left as they are."""
    efforts = {row["effort"] for row in rows if "participants" in row and code in row["participants"].split(";")}
    found = []
    for row in rows:
        if row["table"] == "plan_total":
            continue  # sums over all Allies, which would be read as its own
        if "participants" in row:
            mine = code in row["participants"].split(";")
        elif "effort" in row:
            mine = row["effort"] in efforts
        elif "pool" in row:
            mine = row["ally"] == code
        else:
            mine = row.get("ally", code) in (code, *fleets)
        if mine:
            found.append(dict(row))
    return found


def _ally_sentence(rows: Sequence[Mapping[str, Any]], one: Ally) -> str:
    """Say what one Ally orders, spends and owns; only of the tables that are there."""
    from article3.plan.rows import money_words  # noqa: PLC0415

    tables = {row["table"] for row in rows}
    text = []
    orders = [row for row in rows if row["table"] == "orders"]
    if "orders" in tables:
        own = [row for row in orders if row["ally"] == one.code]
        shared = len({row["ally"] for row in orders} - {one.code})
        worth = money_words(sum(row["cost_usd2021_m"] for row in own))
        elements = len({row["element"] for row in own})
        fleets = f", and takes part in {shared} fleet{'s' if shared > 1 else ''} that order" if shared else ""
        text.append(f"{one.name} orders {elements} kinds of forces for {worth} (prices of 2021){fleets}.")
    elif tables:
        text.append(f"{one.name} orders nothing.")
    money = [row for row in rows if row["table"] == "plan_money"]
    if money:
        to = min(2035, max(row["year"] for row in money))
        until = [row for row in money if row["year"] <= to]
        spent = sum(row["spent"] for row in until)
        free = [row["envelope"] for row in until]
        limit = f" of {money_words(sum(free))} of new money" if all(item is not None for item in free) else ""
        step = max(money, key=lambda row: row["step_pct"])
        text.append(
            f"It spends {money_words(spent)}{limit} to {to}; its largest step is {step['step_pct']:.2f} points of GDP "
            f"in {step['year']}."
        )
    signed = [row for row in rows if row["table"] == "down_payment"]
    if signed:
        own = sum(row["owner"] == one.code for row in signed)
        text.append(
            f"It takes part in {len(signed)} down payments that can be signed before the summit and owns {own}."
        )
    return " ".join(text)
