"""A made-up NATO workbook for every test that asks for one."""

from __future__ import annotations

import pytest
from synthetic import NatoBook, nato_book


@pytest.fixture
def nato() -> NatoBook:
    return nato_book()
