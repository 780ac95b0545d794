"""The room that shows: every figure, the page and the workbook. It computes no number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from article3.report.page import page
from article3.report.workbook import workbook
from article3.run.analysis import Run

PAGES: Final[Mapping[str, Callable[[Run], bytes]]] = {"report.html": page, "workbook.xlsx": workbook}
"""Files a run folder carries beside its tables, with the function that makes each."""

__all__ = ["PAGES", "page", "workbook"]
