"""What a user wishes of the shift: options become settings of the scenario, and what cannot be is told in sentences."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from article3.errors import InputError
from article3.run.shift_wishes import ShiftWishes
from article3.run.verbs import check
from article3.scenario.resolve import resolve


def test_wishes_become_settings(tmp_path: Path) -> None:
    mine = "drawdown: mine\ntitle: Mine\nsteps:\n  - {date: 2027-10-01, personnel: 500, host: Germany}\n"
    (tmp_path / "mine.yaml").write_text(mine, encoding="utf-8")
    wishes = ShiftWishes(
        drawdowns=("orderly_20000", str(tmp_path / "mine.yaml")),
        notice=180,
        pace=0.5,
        margin=0.1,
        late=("tanker/2031=2",),
        keep=("sam_long",),
        first=("fighter_5th", "tanker"),
        today=date(2027, 1, 1),
        plan="announced",
        chain="berlin_plus",
    )
    given = {"shift.keep": "[ssn]", "shift.late": "[{element: ssn, year: 2030, years: 1}]"}
    inputs = wishes.inputs("baseline", given, None)
    shift = inputs.scenario.shift
    assert [item.drawdown for item in inputs.drawdowns] == ["orderly_20000", "mine"]
    assert inputs.drawdowns[1].steps[0].host == "DEU"
    assert (shift.notice_days, shift.pace, shift.margin, shift.today) == (180, 0.5, 0.1, date(2027, 1, 1))
    assert [(item.element, item.year, item.years) for item in shift.late] == [("ssn", 2030, 1), ("tanker", 2031, 2)]
    assert (shift.keep, shift.priorities) == (("ssn", "sam_long"), ("fighter_5th", "tanker"))
    assert (shift.plan, shift.posts.chain) == ("announced", "berlin_plus")
    assert ShiftWishes().inputs("baseline", None, None).canonical() == resolve("baseline").canonical()


GROWS = "  - {date: 2028-10-01, element: tanker, units: -2}\n"
BAD = {
    "grows.yaml": GROWS,
    "early.yaml": "  - {date: 2020-10-01, element: tanker, units: 4}\n  - {date: 2027-01-01, element: tankr, units: 1}\n",
    "many.yaml": "  - {date: 2027-10-01, personnel: 70000}\n  - {date: 2028-10-01, personnel: 20000}\n",
    "units.yaml": "  - {date: 2027-10-01, element: tanker, units: 800}\n",
    "germany.yaml": "  - {date: 2027-10-01, personnel: 50000, host: Germany}\n",
}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    for name, text in BAD.items():
        head = f"drawdown: {name.partition('.')[0]}\ntitle: Bad\nsteps:\n"
        (folder / name).write_text(head + text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("wishes", "messages"),
    [
        ({"drawdowns": ("grows.yaml",)}, ["grows.yaml, line 4", "a drawdown only takes away", "found '-2'"]),
        ({"drawdowns": ("early.yaml",)}, ["line 4: a step of 'early' is not after today", "line 5: unknown force element 'tankr'. Did you mean tanker?"]),
        ({"drawdowns": ("many.yaml",)}, ["many.yaml, line 5: 90,000 people leave Europe, where 80,000 are"]),
        ({"drawdowns": ("units.yaml",)}, ["units.yaml, line 4: more of tanker leaves than the United States offers"]),
        ({"drawdowns": ("germany.yaml",)}, ["germany.yaml, line 4: 50,000 people leave DEU"]),
        ({"drawdowns": ("many.yaml", "orderly_5000", "none.yaml")}, ["many.yaml, line 5", "--drawdown: unknown drawdown 'orderly_5000'. Did you mean orderly_50000", "there is no such file"]),
        ({"drawdowns": ("orderly_20000", "orderly_20000")}, ["--drawdown: two drawdowns are called 'orderly_20000'"]),
        ({"late": ("tanker=1",)}, ["--late: not a delivery that comes later", "tanker/2031=1"]),
        ({"late": ("tankr/2031=1",)}, ["--late: unknown force element 'tankr'. Did you mean tanker?"]),
        ({"late": ("tanker/2099=1",)}, ["--late", "2060"]),
        ({"late": ("tanker/2031=1", "tanker/2031=2")}, ["--late: deliveries of tanker of 2031 are late twice"]),
        ({"keep": ("tankr",)}, ["--keep: unknown force element 'tankr'. Did you mean tanker?"]),
        ({"first": ("tankr",)}, ["--first: unknown force element 'tankr'. Did you mean tanker?"]),
        ({"keep": ("tanker",), "first": ("tanker",)}, ["--first: 'tanker' is wanted back first and does not leave"]),
        ({"pace": 0.0}, ["--pace: not a part of the offer; found 0%"]),
        ({"margin": 1.5}, ["--margin: not a part of the requirement; found 150%"]),
        ({"pace": 2.0, "margin": -1.0, "late": ("x",)}, ["--pace", "--margin", "--late"]),
        ({"today": date(2045, 1, 1)}, ["--today: today is not before the last day looked at"]),
        ({"notice": 3650, "today": date(2035, 1, 1)}, ["--notice: notice runs beyond the last day looked at"]),
        ({"drawdowns": ("orderly_50000",), "today": date(2030, 1, 1)}, ["a step of 'orderly_50000' is not after today"]),
        ({"plan": "anounced"}, ["--plan", "Did you mean announced?"]),
        ({"chain": "berlin"}, ["--chain", "Did you mean berlin_plus?"]),
        ({"state": Path("nowhere.csv")}, ["--state: there is no such file", "--write-state"]),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_is_told(bad: Path, wishes: dict[str, Any], messages: list[str]) -> None:
    given = dict(wishes)
    if "drawdowns" in given:
        given["drawdowns"] = tuple(str(bad / n) if n.endswith(".yaml") else n for n in given["drawdowns"])
    with pytest.raises(InputError) as caught:
        ShiftWishes(**given).inputs("baseline", None, None)
    text = "\n".join(str(fault) for fault in caught.value.faults)
    for message in messages:
        assert message in text, text
    assert "--set" not in text


def test_a_drawdown_can_be_checked_alone(bad: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="early.yaml, line 5: unknown force element 'tankr'"):
        check(bad / "early.yaml")
    good = "drawdown: mine\ntitle: Mine\nsteps:\n  - {date: 2028-10-01, personnel: 500}\n  - {date: 2027-10-01, personnel: 9}\n"
    (tmp_path / "mine.yaml").write_text(good, encoding="utf-8")
    told = check(tmp_path / "mine.yaml")
    assert told.sentence == "The drawdown 'mine' is well formed: 2 steps from 2027-10-01 to 2028-10-01."
    assert [row["personnel"] for row in told.rows] == [500, 9]
