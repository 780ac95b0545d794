"""Runs and pages that every test of the report looks at; made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_html import Page
from tests.made_once import made_once

from article3.report import page
from article3.run.analysis import Run, run

OWN = """\
extends: baseline
title: "<script>alert(1)</script> & mine"
description: "=1+1 <b>bold</b>"
pledges:
  - {pledge: some, title: "<script>alert(2)</script> 2.5 %", measure: defence_pct_gdp, level_pct: 2.5, base_year: 2024,
     deadline: 2030, allies: [DEU, FRA, POL]}
  - {pledge: growth, title: "Real growth, all", measure: defence_real_change_pct, level_pct: 3, base_year: 2014,
     deadline: 2024, allies: [alliance]}
  - {pledge: one, title: "=One Ally", measure: equipment_share_pct, level_pct: 25, base_year: 2018, deadline: 2024,
     allies: [PRT]}
compare: []
claims: claims.yaml
contingencies: []
situations: []
"""

CLAIMS = """\
- id: markup
  said: 2024-07
  text: "<img src=x onerror=alert(3)> Poland spends 4 % of GDP in 2024."
  measure: defence_pct_gdp
  allies: [POL]
  op: ">="
  level_pct: 4
  period: 2024
  reading: "<b>at least</b>"
- id: formless
  said: 2024-07
  text: "=cmd|' /C calc'!A0"
"""


@pytest.fixture(scope="session")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return made_once(tmp_path_factory, "baseline_run", lambda: run("baseline"))


@pytest.fixture(scope="session")
def tiny() -> Run:
    return run("tiny")


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of pledges and claims of a user's own, with markup and formulas in every text."""
    folder: Path = tmp_path_factory.mktemp("scenario")
    (folder / "own.yaml").write_text(OWN, encoding="utf-8")
    (folder / "claims.yaml").write_text(CLAIMS, encoding="utf-8")
    return run(folder / "own.yaml")


@pytest.fixture(scope="session")
def national() -> Run:
    """Return a run of one Ally's pledge: nothing is counted, nothing compared."""
    return run(
        "baseline",
        {"pledges": "[deu_2031]", "compare": "[]", "claims": "none", "contingencies": "[]", "situations": "[]"},
    )


@pytest.fixture(scope="session")
def baseline_page(baseline: Run) -> Page:
    return Page(page(baseline))


@pytest.fixture(scope="session", params=["baseline", "tiny", "own", "national"])
def any_run(request: pytest.FixtureRequest) -> Run:
    found: Run = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def any_page(any_run: Run) -> Page:
    return Page(page(any_run))
