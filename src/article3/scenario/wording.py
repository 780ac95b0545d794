"""What is wrong with a single value of a scenario, in a sentence: its key, what was found, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from article3.errors import Fault, suggest, unknown_name_fault
from article3.scenario.schema import Scenario
from article3.scenario.yamlfile import Where

_SPAN: Final = "Years of a plan lie between 2026, the last with figures, and 2060."
_MENDS: Final = {
    "plan.tolerance": "0.01, which is 1 %, is the default: the least risk to the last digit costs a third more.",
    "plan.first_year": _SPAN,
    "plan.last_year": _SPAN,
    "plan.until": _SPAN,
    "plan.evaluate": _SPAN,
    "plan.goals.by": _SPAN,
    "plan.targets.by": _SPAN,
    "plan.money.by": _SPAN,
    "plan.money.released_by": _SPAN,
    "plan.money.factor": "1 leaves every envelope as it is, 0.5 halves it.",
    "plan.money.fixed_usd_m": "Give million US$ of 2021 a year for all together, or no limit with 'envelope: none'.",
    "plan.targets.level": "1 is every essential requirement in full.",
    "plan.goals.share": "0.5 is half of each requirement.",
}
"""How to mend a single value, by its key, where its description is not enough."""


_FORMS: Final[dict[Where, str]] = {("pledges",): "OwnPledge", ("shift", "drawdowns"): "Drawdown"}
"""Lists whose entries are a name or a mapping, with the schema of the mapping."""


def value_faults(error: ValidationError, at: Callable[[Where], str], under: Where = ()) -> list[Fault]:
    """Return the faults of single values, missing keys and unknown keys.

    Parameters
    ----------
    error
        What the schema says of a scenario, or of a part of one that stands in a file of its own.
    at
        Where a path of the scenario, or of the part, stands.
    under
        Place of the part in a scenario; empty for a whole one.
    """
    return [_fault(item, at, under) for item in error.errors(include_url=False) if _relevant(item)]


def meant(path: Where) -> tuple[Where, ...]:
    """Return the path, or where its key is unknown those that may have been meant."""
    known = tuple(_model_at(path[:-1]).model_fields)
    names = (path[-1],) if path[-1] in known else suggest(str(path[-1]), known)
    return tuple((*path[:-1], name) for name in names)


def _form(path: Where) -> int:
    """Return the place in a path at which pydantic names the form of an entry; 0 where it names none."""
    return next((len(start) + 1 for start in _FORMS if path[: len(start)] == start), 0)


def _relevant(error: Any) -> bool:
    """Return whether an error is of the form that was written: a pledge is a name or a mapping, not both."""
    if error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]:
        return False  # only what could be read was counted, and what could not is told
    path = error["loc"]
    form = _form(path)
    if not form:
        return True
    other = "str" if isinstance(error["input"], dict) else _FORMS[path[: form - 1]]
    return bool(path[form:] != (other,))


def _fault(error: Any, at: Callable[[Where], str], under: Where) -> Fault:
    kind, found, path = error["type"], error["input"], error["loc"]
    form = _form(path)
    if form:
        path = path[:form] + path[form + 1 :]  # without the form of the entry
    where, key = at(path), ".".join(str(part) for part in path)
    path = (*under, *path)
    if kind in ("extra_forbidden", "invalid_key"):
        model = _model_at(path[:-1])
        known = (*model.model_fields, *(("extends",) if model is Scenario else ()))
        return unknown_name_fault("key", str(path[-1] if kind == "extra_forbidden" else found), known, where)
    if kind == "missing":
        # A list takes the place of the list of the scenario that is extended: nothing in it is filled in from there.
        mend = f"Add it: {_help(path)}" if len(path) > 1 else "Add it, or start the file with 'extends: baseline'."
        return Fault(f"'{key}' is missing", where, mend=mend)
    if kind == "too_short":
        needed = error["ctx"]["min_length"]
        mend = "Name at least one." if needed == 1 else f"Name at least {needed}."
        return Fault(f"'{key}' names too few", where, f"{error['ctx']['actual_length']}", mend=mend)
    shown = found if isinstance(found, str | int | float | bool | date) else type(found).__name__
    what, mend = _wording(error, path)
    return Fault(f"'{key}'{what}", where, "nothing" if found is None else f"'{shown}'", mend=mend)


def _wording(error: Any, path: Where) -> tuple[str, str]:
    """Return what is wrong with a value, to be read after its key, and how to mend it."""
    kind, found, limits = error["type"], error["input"], error.get("ctx", {})
    what, mend = f": {error['msg'][:1].lower()}{error['msg'][1:]}", _help(path)
    if kind == "tuple_type":
        return " is a list", f"Write it in square brackets. {mend}"
    if kind == "model_type":
        return " is a list of 'key: value' lines", f"Known: {', '.join(_model_at(path).model_fields)}."
    if kind == "greater_than" and path[:2] == ("shift", "drawdowns"):
        return ": a drawdown only takes away", "Give more than 0. What comes back has no place in it: end it earlier."
    if kind == "literal_error":
        close = suggest(str(found), re.findall(r"'([^']+)'", limits["expected"]))
        return what, f"Did you mean {close[0]}?" if close else mend
    if kind == "less_than_equal" and (limits["le"] == 1 or str(path[-1]).endswith("_pct")):
        # A share in per cent, or a slip of the decimal point.
        share = float(found) / 100
        return what, f"Did you mean {share:g}? {mend}" if share <= limits["le"] else mend
    return what, mend


def _help(path: Where) -> str:
    """Return what helps to mend a value: a sentence of its own, or the description of its key."""
    names = [part for part in path if isinstance(part, str)]
    field = _model_at(tuple(names[:-1])).model_fields.get(names[-1]) if names else None
    text = _MENDS.get(".".join(names)) or (field.description if field else None) or ""
    return " ".join(text.replace("``", "'").split())


def _model_at(path: Where) -> type[BaseModel]:
    """Return the model that describes what stands at a path; that of what is around it where nothing does."""
    model: type[BaseModel] = Scenario
    for name in path:
        field = model.model_fields.get(str(name))
        model = next(_models(field.annotation), model) if field else model
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models of a type, also of those inside lists and alternatives."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
