"""Who is to lead which post: every fault in a sentence, with the mend, all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.planning_folder import PlanningFolder

from article3.evidence.planning import Planning, open_planning
from article3.scenario.posts_checks import post_faults
from article3.scenario.resolve import resolve
from article3.scenario.schema import Caveat, Scenario
from article3.scenario.shift_schema import Lead, Posts
from article3.scenario.yamlfile import Where


@pytest.fixture(scope="module")
def planning() -> Planning:
    return open_planning()


@pytest.fixture(scope="module")
def parsed() -> Scenario:
    return resolve("tiny").scenario


def at(path: Where) -> str:
    return ".".join(str(part) for part in path)


def scenario(parsed: Scenario, *fixed: tuple[str, str], **more: Any) -> Scenario:
    """Return the scenario with some posts given; ``each`` and ``a_year`` are settings of posts."""
    own = {name: more.pop(name) for name in ("each", "a_year") if name in more}
    leads = tuple(Lead(post=post, ally=ally) for post, ally in fixed)
    changed = parsed.shift.model_copy(update={"posts": Posts(fixed=leads, **own)})
    return parsed.model_copy(update={"shift": changed, **more})


def told(parsed: Scenario, planning: Planning) -> list[str]:
    return [str(fault) for fault in post_faults(parsed, planning, at)]


GOOD: list[tuple[tuple[str, str], ...]] = [
    (),
    (("jfc_naples", "ESP"),),
    (("aircom", "Netherlands"), ("landcom", "Türkiye")),
    (("jfc_naples", "USA"), ("jfc_norfolk", "United States"), ("aircom", "USA"), ("landcom", "USA")),
    (("saceur", "DEU"),),  # the law forbids it; what would follow is a question one may ask
]


@pytest.mark.parametrize("fixed", GOOD)
def test_what_can_be_asked_is_accepted(
    parsed: Scenario, planning: Planning, fixed: tuple[tuple[str, str], ...]
) -> None:
    assert told(scenario(parsed, *fixed), planning) == []


WRONG: list[tuple[str, tuple[tuple[str, str], ...], str]] = [
    ("unknown post", (("saceurr", "DEU"),), "shift.posts.fixed.0.post: unknown post 'saceurr'. Did you mean saceur"),
    ("a title", (("JFC Naples", "ITA"),), "unknown post 'JFC Naples'. Did you mean jfc_naples"),
    ("a post of the pilot", (("mnfu_land", "FRA"),), "'mnfu_land' is a post of the pilot, outside NATO. Who leads it"),
    ("unknown Ally", (("aircom", "Franc"),), "shift.posts.fixed.0.ally: unknown Ally 'Franc'. Did you mean FRA"),
    (
        "no forces",
        (("aircom", "Iceland"),),
        "shift.posts.fixed.0.ally: an Ally without armed forces leads no command post; found Iceland. Name an Ally",
    ),
    (
        "twice",
        (("aircom", "FRA"), ("aircom", "ITA")),
        "shift.posts.fixed.1: the post 'aircom' is given twice; found shift.posts.fixed.0 too. Keep one.",
    ),
    (
        "too many",
        (("aircom", "DEU"), ("landcom", "Germany"), ("marcom", "DEU")),
        "found 3: AIRCOM, LANDCOM, MARCOM; expected at most 2. Raise 'each', or give one of them to another Ally.",
    ),
]


@pytest.mark.parametrize(("fixed", "expected"), [item[1:] for item in WRONG], ids=[item[0] for item in WRONG])
def test_a_fault_is_told_in_a_sentence(
    parsed: Scenario, planning: Planning, fixed: tuple[tuple[str, str], ...], expected: str
) -> None:
    found = told(scenario(parsed, *fixed), planning)
    assert len(found) == 1
    assert expected in found[0]


def test_more_posts_are_allowed_where_the_scenario_says_so(parsed: Scenario, planning: Planning) -> None:
    given = (("aircom", "DEU"), ("landcom", "DEU"), ("marcom", "DEU"))
    assert told(scenario(parsed, *given, each=3), planning) == []
    # Deputies and staff lead nothing.
    assert told(scenario(parsed, ("aircom", "DEU"), ("landcom", "DEU"), ("dsaceur", "DEU")), planning) == []


def test_all_faults_are_told_at_once(parsed: Scenario, planning: Planning) -> None:
    found = told(scenario(parsed, ("airco", "DEU"), ("landcom", "Narnia"), ("marcom", "ISL")), planning)
    assert len(found) == 3


def limited(planning: Planning, *elements: str) -> tuple[Caveat, ...]:
    """Return a caveat for every holder of some elements."""
    table = planning.table("holdings")
    holders = {row["holder"] for row in table.iter_rows(named=True) if row["element"] in elements and row["central"]}
    known = {"ALB", "BEL", "BGR", "CAN", "HRV", "CZE", "DNK", "EST", "FIN", "FRA", "DEU", "GRC", "HUN", "ITA", "LVA"}
    known |= {"LTU", "LUX", "MNE", "NLD", "MKD", "NOR", "POL", "PRT", "ROU", "SVK", "SVN", "ESP", "SWE", "TUR", "GBR"}
    return tuple(Caveat(ally=code) for code in sorted(holders & known))


def test_a_post_without_a_candidate_is_a_sentence(parsed: Scenario, planning: Planning) -> None:
    caveats = limited(planning, "sof")
    found = told(scenario(parsed, caveats=caveats), planning)
    assert any(
        text.startswith(
            "shift.posts: the post 'sofcom' has no candidate: no European Ally that takes part has forces in its "
            "domains; found special_operations. Give it to one in 'shift.posts.fixed', the United States included, or "
            "change 'caveats'."
        )
        for text in found
    ), found
    # Where it is given, or stays American, nobody is looked for.
    kept = told(scenario(parsed, ("sofcom", "USA"), caveats=caveats), planning)
    assert not any("sofcom" in text for text in kept)


def test_without_europe_no_post_has_a_candidate(parsed: Scenario, planning: Planning) -> None:
    us = parsed.us.model_copy(update={"focus": "without"})
    found = told(scenario(parsed, us=us, without=("europe",)), planning)
    assert {text.split("'")[1] for text in found} == {"aircom", "landcom", "marcom", "sofcom", "nsatu"}
    assert all("or change 'without'" in text for text in found)


def test_tables_without_posts_ask_for_none(parsed: Scenario, tmp_path: Path) -> None:
    empty = open_planning((PlanningFolder(tmp_path / "evidence").write(),))
    assert told(scenario(parsed), empty) == []
    assert told(scenario(parsed, ("saceur", "USA")), empty) == [
        "shift.posts.fixed.0.post: unknown post 'saceur'. The planning tables hold no posts."
    ]
