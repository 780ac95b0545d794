"""What the gap's findings share: described columns, names for people, standing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import polars as pl

from article3.domain import ally, capability, force_element, pools
from article3.evidence.findings import Finding, frame
from article3.gap.assess import Assessment
from article3.gap.described import columns
from article3.gap.forces import GROUPS, Array, Axes, Ints
from article3.quantity import Standing

_FEW: Final = 3


def posture_words(found: Assessment, name: str) -> str:
    """Return a posture in words: ``without the United States``, ``without Canada, Türkiye and 3 more Allies``."""
    posture = found.postures[name]
    if name == "with":
        return "with the United States"
    if name != "without":
        return f"with less of the United States{report_of(found, name)}"
    codes = {item.code for item in pools()}
    names = [_called(code) for code in sorted(posture.absent) if code not in codes and code in found.axes.holders]
    left = [_called(code) for code in found.axes.holders if code not in posture.absent and code not in codes]
    if len(left) <= 1 < len(names):
        return f"with {left[0]} alone" if left else "with nobody"
    if len(names) > _FEW:
        return f"without {', '.join(names[:_FEW])} and {len(names) - _FEW} more Allies"
    return f"without {in_words(names)}" if names else "with everybody"


def report_of(found: Assessment, name: str) -> str:
    """Return by which report a reduced posture is, `` (report a)``; nothing where there is one only."""
    several = any(item.startswith("reduced_") for item in found.postures)
    return f" (report {found.postures[name].version.rsplit('_', maxsplit=1)[-1]})" if several else ""


def _called(code: str) -> str:
    return "the United States" if code == "USA" else ally(code).name


def framed(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Return rows as a table with the described columns, in their order and with stable types."""
    return frame(columns()[table], rows)


def titles(axes: Axes) -> dict[str, str]:
    """Return the titles of the contingencies by name."""
    return {item.id: item.title for item in axes.contingencies}


def in_words(names: Iterable[str]) -> str:
    """Return capabilities or elements as people read them: ``a, b and c``."""
    listed = list(names)
    return listed[0] if len(listed) == 1 else " and ".join([", ".join(listed[:-1]), listed[-1]]) if listed else ""


def capability_title(name: str) -> str:
    """Return the title of a capability, in lower case but for abbreviations."""
    return _lower(capability(name).title)


def element_title(name: str) -> str:
    """Return the title of a force element, in lower case but for abbreviations."""
    return _lower(force_element(name).title.split(",")[0])


def _lower(title: str) -> str:
    return title if title[:2].isupper() or not title[1:2].isalpha() else title[:1].lower() + title[1:]


def worst(standings: Iterable[str]) -> str:
    """Return the worst of some standings, ``notional`` where there are none."""
    return str(max((Standing(item) for item in standings), key=lambda item: item.rank, default=Standing.NOTIONAL))


def by_group(found: Assessment, posture: str, form_rows: Ints, which: str) -> Array:
    """Return the part of each row of supply that a group of holders brings, from 0 to 1.

    Parameters
    ----------
    found, posture
        The assessment and the posture.
    form_rows
        Rows of supply of the risk model.
    which
        ``usa``, ``canada`` or ``europe``.
    """
    model, given = found.risk_model, found.supplies[posture]
    form = model.form
    rows = form_rows
    cells = form.supply_cell[rows]
    out = np.zeros(len(rows))
    group = given.group == GROUPS.index(which)
    for place in np.unique(cells):
        cell, here = found.cells[place], np.nonzero(cells == place)[0]
        arriving = given.inside(cell.contingencies, cell.window)
        for row in here:
            members = form.class_members[form.supply_class[rows[row]]]
            units = arriving[:, form.supply_element[rows[row]]] * members
            total = units.sum()
            out[row] = units[group].sum() / total if total > 0 else 0.0
    return out


def finding(name: str, when: str, title: str, rows: list[dict[str, Any]], sentence: Any, **more: Any) -> Finding:
    """Return a finding of the gap: described columns, standing as the worst of its rows."""
    table = framed(name, rows)
    standing = worst(table["standing"].drop_nulls().to_list()) if "standing" in table.columns else "notional"
    return Finding(name, when, title, table, columns()[name], sentence, Standing(standing), **more)
