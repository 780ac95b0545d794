"""Tables of the shift: as all tables made of cells, with what columns mean told without identifiers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from article3.report import gap_tables
from article3.report.markup import Table

_IDENTIFIER: Final = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def grid(*values: Any, **options: Any) -> Table:
    """Return a table whose cells are made already; see :func:`article3.report.gap_tables.grid`."""
    made = gap_tables.grid(*values, **options)
    how = ((title, _IDENTIFIER.sub(lambda found: found[0].replace("_", " "), words)) for title, words in made.how)
    return replace(made, how=tuple(how))
