"""article3: the open planning system for sharing and shifting the burden of NATO's collective defence.

The names below load on first use, so that ``import article3`` stays light. None of them is the name of a room:
``article3.run`` and ``article3.pledge`` are packages, whatever was imported before.

Examples
--------
>>> import article3 as a3
>>> evidence = a3.open_evidence(as_of="2024-06-30")
>>> print(evidence.value("nato/2024-06-17/defence_pct_gdp#POL/2024"))
4.1202 percent
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from article3.domain import ally, expand
    from article3.errors import Article3Error
    from article3.evidence.findings import Finding
    from article3.evidence.store import Evidence, open_evidence
    from article3.quantity import Quantity, Unit
    from article3.run.analysis import Run
    from article3.run.analysis import run as run_scenario
    from article3.run.ask import ask_pledge
    from article3.run.ask_gap import ask_gap
    from article3.run.ask_plan import ask_plan
    from article3.run.ask_shift import ask_shift
    from article3.run.explain import explain
    from article3.scenario.resolve import resolve

__version__ = "0.1.0"

_HOME = {
    "Article3Error": "article3.errors",
    "Evidence": "article3.evidence.store",
    "Finding": "article3.evidence.findings",
    "Quantity": "article3.quantity",
    "Run": "article3.run.analysis",
    "Unit": "article3.quantity",
    "ally": "article3.domain",
    "ask_gap": "article3.run.ask_gap",
    "ask_plan": "article3.run.ask_plan",
    "ask_pledge": "article3.run.ask",
    "ask_shift": "article3.run.ask_shift",
    "expand": "article3.domain",
    "explain": "article3.run.explain",
    "open_evidence": "article3.evidence.store",
    "resolve": "article3.scenario.resolve",
    "run_scenario": "article3.run.analysis:run",
}

__all__ = [
    "Article3Error",
    "Evidence",
    "Finding",
    "Quantity",
    "Run",
    "Unit",
    "ally",
    "ask_gap",
    "ask_plan",
    "ask_pledge",
    "ask_shift",
    "expand",
    "explain",
    "open_evidence",
    "resolve",
    "run_scenario",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        module, _, attribute = _HOME[name].partition(":")
        value = getattr(importlib.import_module(module), attribute or name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'article3' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
