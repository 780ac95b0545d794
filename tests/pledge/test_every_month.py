"""Odds can be asked at any date since the first release held: an answer without NaN, or a sentence."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from article3.errors import Article3Error
from article3.run.ask import ask_pledge

MONTHS = [date(year, month, 28) for year in range(2017, 2027) for month in (3, 6, 9, 12)]
MONTHS = [*(day for day in MONTHS if day <= date(2026, 7, 31)), date(2024, 4, 1), date(2024, 5, 1), date(2026, 3, 31)]


@pytest.mark.parametrize("day", MONTHS, ids=str)
def test_odds_at_any_date(day: date) -> None:
    answered, told = 0, list[str]()
    for name in ("wales_2014", "hague_2025", "deu_2031", "esp_2025"):
        try:
            answer = ask_pledge(name=name, as_of=day, odds=True)
        except Article3Error as error:
            told.append(str(error))
            continue
        answered += 1
        json.dumps(answer.envelope(), allow_nan=False)
        assert "None" not in answer.sentence
        assert not re.search(r"\bnan\b", answer.sentence)
    assert answered + len(told) == 4
    assert all(len(text) > 20 for text in told)
