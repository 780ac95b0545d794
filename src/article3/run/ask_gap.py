"""Questions about the gap: what can be met, by whom, when, with and without the United States."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from article3.compute import Progress
from article3.domain import expand
from article3.errors import Fault, InputError, unknown_name_fault
from article3.gap.described import TABLES
from article3.run.answers import Answer, from_findings
from article3.scenario.resolve import Inputs, resolve

DEFAULT: Final = ("attainment", "european_share", "us_cut", "cut_cost")
"""Tables shown where none is named: what is met, Europe's share, the reported cuts."""


def ask_gap(
    scenario: str = "baseline",
    without: Sequence[str] = (),
    only: Sequence[str] = (),
    tables: Sequence[str] = (),
    as_of: date | None = None,
    overrides: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Answer what can be met, with, with less of, and without some Allies.

    Parameters
    ----------
    scenario
        Name of a shipped scenario or path of a file.
    without
        Allies or groups that are absent in the posture *without*; the United States by default.
    only
        Allies or groups that alone take part in it.
    tables
        Tables of the answer; :data:`DEFAULT` where none is named.
    as_of
        Nothing published later is used for money; the planning tables are one compilation.
    overrides
        Further values of the scenario by dotted key, as YAML text.
    progress
        Called after each draw.

    Raises
    ------
    ScenarioError, UnknownNameError, InputError, NotKnownError
        The scenario or a name cannot be used.
    """
    from article3.gap.analysis import gap  # noqa: PLC0415 - the solver, for those who ask

    wanted = tuple(tables) or DEFAULT
    faults = [unknown_name_fault("table", name, TABLES) for name in wanted if name not in TABLES]
    if faults:
        raise InputError(faults)
    inputs = resolve(scenario, dict(overrides or {}) | _changes(without, only, as_of))
    made = gap(inputs, progress)
    answer = from_findings("gap", inputs.evidence, made.findings(wanted), scenario=inputs.name, when=made.when)
    extra = (*inputs.warnings, *_own_figures(inputs))
    return replace(answer, warnings=(*answer.warnings, *extra))


def _changes(without: Sequence[str], only: Sequence[str], as_of: date | None) -> dict[str, str]:
    if without and only:
        raise InputError(Fault("'--without' and '--only' exclude one another", mend="Use one of them."))
    changes = {"as_of": as_of.isoformat()} if as_of else {}
    if without:
        changes["without"] = _listed(expand(without, where="--without"))
    if only:
        kept = set(expand(only, where="--only"))
        changes["without"] = _listed(code for code in expand(("alliance",)) if code not in kept)
    return changes


def _listed(codes: Iterable[str]) -> str:
    return f"[{', '.join(codes)}]"


def _own_figures(inputs: Inputs) -> tuple[str, ...]:
    planning = inputs.planning
    own = f"{len(planning.overlays)} planning figures of your own are used; their standing is 'yours'."
    return (own,) if planning.overlays else ()
