"""The part of a scenario that says how the burden shifts: drawdowns, every fault at once by line, the digest."""

from __future__ import annotations

import itertools
import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from article3.errors import Article3Error, Fault
from article3.evidence.planning import SEPARABLE_ELEMENTS, open_planning
from article3.evidence.store import SHIPPED
from article3.scenario import drawdown
from article3.scenario.drawdown import read_drawdown, shipped_drawdowns
from article3.scenario.resolve import Inputs, resolve
from article3.scenario.shift_schema import Drawdown, Shift

HEAD = "extends: tiny\ncontingencies: [ukraine_force]\n"
STEP = "date: 2027-10-01, element: tanker, units: 5"


def resolved(folder: Path, shift: str, head: str = HEAD) -> Inputs:
    (folder / "mine.yaml").write_text(f"{head}shift: {shift}\n", encoding="utf-8")
    return resolve(folder / "mine.yaml")


def refused(folder: Path, shift: str, head: str = HEAD) -> tuple[Fault, ...]:
    with pytest.raises(Article3Error) as caught:
        resolved(folder, shift, head)
    return caught.value.faults


def steps(*items: str) -> str:
    """Return a shift with one drawdown of the user's own, written out."""
    listed = ", ".join(f"{{{item}}}" for item in items)
    return f"{{drawdowns: [{{drawdown: own, title: My own, steps: [{listed}]}}]}}"


# Faults, one at a time: what stands under 'shift', and what is told


DAY = "date: 2027-10-01"
MISTAKES: list[tuple[str, str, str]] = [
    # drawdowns by name
    ("unknown drawdown", "{drawdowns: [orderly_5000]}",
     "mine.yaml, line 3: unknown drawdown 'orderly_5000'. Did you mean orderly_50000 or orderly_20000"),
    ("nothing like it", "{drawdowns: [zzz]}",
     ("unknown drawdown 'zzz'. Known: abrupt_50000, floor_76000, germany_12000, nfm_2026_a, nfm_2026_b, orderly_20000, "
     "orderly_50000, romania_brigade. A file of your own ends in .yaml.")),
    ("no such file", "{drawdowns: [other.yaml]}", "line 3: there is no such file; found 'other.yaml'. Looked in "),
    ("out of the folder", "{drawdowns: [../x.yaml]}", "line 3: the path leaves the folder of the file that names it"),
    ("no list", "{drawdowns: orderly_50000}", "'shift.drawdowns' is a list; found 'orderly_50000'. Write it in square"),
    ("neither name nor schedule", "{drawdowns: [5]}", "'shift.drawdowns.0'"),
    ("named twice", "{drawdowns: [orderly_50000, orderly_50000]}",
     "line 3: two drawdowns are called 'orderly_50000'; found named twice. Name each once."),
    ("the name of a shipped one", f"{{drawdowns: [{{drawdown: floor_76000, title: T, steps: [{{{STEP}}}]}}]}}",
     "line 3: 'floor_76000' is the name of a shipped drawdown. Choose another name."),
    ("two of one name", f"{{drawdowns: [{{drawdown: a, title: T, steps: [{{{STEP}}}]}}, {{drawdown: a, title: U, steps: [{{{STEP}}}]}}]}}", "two drawdowns are called 'a'; found"),
    # what a step says
    ("units that come back", steps(STEP, f"{DAY}, element: tanker, units: -3"),
     "line 3: 'shift.drawdowns.0.steps.1.units': a drawdown only takes away; found '-3'. Give more than 0."),
    ("nobody leaves", steps(f"{DAY}, personnel: 0"),
     "'shift.drawdowns.0.steps.0.personnel': a drawdown only takes away; found '0'. Give more than 0."),
    ("people in parts", steps(f"{DAY}, personnel: 10.5"), "'shift.drawdowns.0.steps.0.personnel'"),
    ("no day", steps("personnel: 10"),
     "'shift.drawdowns.0.steps.0.date' is missing. Add it: Day on which they leave."),
    ("no such day", steps("date: 2027-13-01, personnel: 10"),
     "line 3: no such day or number; found '2027-13-01'. Days are year-month-day, such as 2027-10-01."),
    ("not a day", steps("date: soon, personnel: 10"), "'shift.drawdowns.0.steps.0.date'"),
    ("unknown key", steps(f"{DAY}, personel: 10"), "line 3: unknown key 'personel'. Did you mean personnel?"),
    ("no steps", "{drawdowns: [{drawdown: own, title: T, steps: []}]}",
     "'shift.drawdowns.0.steps' names too few; found 0. Name at least one."),
    ("no title", f"{{drawdowns: [{{drawdown: own, steps: [{{{STEP}}}]}}]}}", "'shift.drawdowns.0.title' is missing."),
    ("a standing that is none", f"{{drawdowns: [{{drawdown: own, title: T, standing: sure, steps: [{{{STEP}}}]}}]}}",
     "'shift.drawdowns.0.standing': input should be 'official', 'reported', 'estimated'"),
    ("neither", steps(DAY),
     ("line 3: a step says neither which units leave nor how many people; expected such as 'element: tanker, units: 16' "
     "or 'personnel: 4000'.")),
    ("both", steps(f"{STEP}, personnel: 100"), "line 3: a step has both units and people. Make two steps of it"),
    ("people with an element", steps(f"{DAY}, personnel: 100, element: tanker"),
     "line 3: people leave, and an element is named; found tanker. Leave the element out: people take units with them"),
    ("units of nothing", steps(f"{DAY}, units: 3"),
     "line 3: units leave, and no force element is named. Add 'element', such as 'element: tanker'."),
    ("an element that is none", steps(f"{DAY}, element: tankers, units: 3"),
     "line 3: unknown force element 'tankers'. Did you mean tanker"),
    ("a host that is none", steps(f"{STEP}, host: Germoney"), "unknown Ally 'Germoney'. Did you mean DEU (Germany)?"),
    ("a host across the ocean", steps(f"{DAY}, personnel: 10, host: Canada"),
     "line 3: Canada is not in Europe; found Canada; expected a European Ally, or 'any' for all of Europe."),
    ("on the day itself", steps("date: 2026-07-31, personnel: 10"),
     ("line 3: a step of 'own' is not after today; found 2026-07-31; expected after 2026-07-31. For a schedule of the "
     "past, name in the drawdown its 'today', the day before its first step.")),
    ("before today", "{today: 2028-01-01, drawdowns: [orderly_20000]}",
     ("mine.yaml, line 3: a step of 'orderly_20000' is not after today; found 2027-10-01; expected after "
      "2028-01-01. Leave the drawdown out, or give the shift an earlier 'today'.")),
    ("a source that is not held", f"{{drawdowns: [{{drawdown: own, title: T, source: ndaa, steps: [{{{STEP}}}]}}]}}",
     "line 3: unknown source 'ndaa'. Did you mean ndaa-2026? A source of your own: write 'source: yours', and name it"),
    # more than there is
    ("more units than are offered", steps(STEP, "date: 2028-10-01, element: tanker, units: 74.5"),
     ("line 3: more of tanker leaves than the United States offers; found 79.5 in all; expected at most 79, as in "
     "before_2026.")),
    ("what is not offered", steps(f"{DAY}, element: frigate, units: 1"),
     "more of frigate leaves than the United States offers; found 1 in all; expected at most 0, as in before_2026."),
    ("more units than are in the host", steps(f"{DAY}, element: tanker, units: 16, host: GBR"),
     "line 3: 16 of tanker leave GBR, where at most 15 are. Give fewer, or 'host: any': what is not in Europe leaves"),
    ("units of a host that has none", steps(f"{STEP}, host: ITA"), "5 of tanker leave ITA, where at most 0 are."),
    ("more people than are in the host", steps(f"{DAY}, personnel: 50000, host: Germany"),
     "line 3: 50,000 people leave DEU, where 36,436 are. All steps up to this day are added."),
    ("in steps", steps(f"{DAY}, personnel: 30000, host: DEU", "date: 2029-01-01, personnel: 6437, host: DEU"),
     "36,437 people leave DEU, where 36,436 are."),
    ("told once", steps(f"{DAY}, personnel: 40000, host: DEU", "date: 2029-01-01, personnel: 5, host: DEU"),
     "40,000 people leave DEU, where 36,436 are."),
    ("more people than are in Europe", steps(f"{DAY}, personnel: 80001"), "80,001 people leave Europe, where 80,000 are"),
    ("from a host and from all", steps(f"{DAY}, personnel: 36000, host: DEU", "date: 2029-01-01, personnel: 45000"),
     "81,000 people leave Europe, where 80,000 are."),
    # days
    ("today after the last day", "{today: 2035-01-01, until: 2034, drawdowns: []}",
     "line 3: today is not before the last day looked at; found 2035-01-01, until 2034-07-01. Change 'today'"),
    ("notice beyond the end", "{until: 2028, notice_days: 720, drawdowns: []}",
     ("line 3: notice runs beyond the last day looked at, 2028-07-01; found 720 days; expected fewer than 701 days. "
     "Nothing could leave. Give less, or a later 'until'.")),
    # elements
    ("keep", "{keep: [tankr]}", "line 3: unknown force element 'tankr'. Did you mean tanker?"),
    ("keep twice", "{keep: [tanker, tanker]}", "line 3: 'tanker' stands twice in 'keep'. Name it once."),
    ("priorities", "{priorities: [Heavy brigades]}", "unknown force element 'Heavy brigades'. Did you mean brigade_heavy"),
    ("kept and wanted", "{keep: [tanker], priorities: [tanker]}",
     "line 3: 'tanker' is wanted back first and does not leave whatever happens. Leave it out of 'keep' or of"),
    ("late", "{late: [{element: samlong, year: 2030}]}", "line 3: unknown force element 'samlong'. Did you mean sam_long"),
    ("late twice", "{late: [{element: tanker, year: 2030}, {element: tanker, year: 2030, years: 2}]}",
     "line 3: deliveries of tanker of 2030 are late twice"),
    ("late by nothing", "{late: [{element: tanker, year: 2030, years: 0}]}", "'shift.late.0.years'"),
    # values
    ("a pace in per cent", "{pace: 34}", "'shift.pace': input should be less than or equal to 1; found '34'. Did you "),
    ("a window that is none", "{returns_days: 90}", "'shift.returns_days'"),
    ("unknown key of the shift", "{margn: 0.1}", "line 3: unknown key 'margn'. Did you mean margin?"),
    # posts, whose own faults are told elsewhere
    ("a post that is none", "{posts: {fixed: [{post: sacuer, ally: DEU}]}}", "line 3: unknown post 'sacuer'. Did you mean saceur"),
    # trust
    ("an offer that is not held", "{{trust: {{states: [{}, {{state: b, title: B, weight: 1, offer: after_2027}}]}}}}".format("{state: a, title: A, weight: 1}"),
     "line 3: unknown version of the offer of the United States 'after_2027'. Did you mean after_2026"),
    ("a domain that is none", "{{trust: {{states: [{}, {{state: b, title: B, weight: 1, domains: [airs]}}]}}}}".format("{state: a, title: A, weight: 1}"), "line 3: unknown domain of force elements 'airs'. Did you mean air?"),
    ("two states of one name", "{trust: {states: [%s, %s]}}" % (("{state: a, title: A, weight: 1}",) * 2),
     "line 3: two states are called 'a'; found mine.yaml, line 3 too. Give one another name."),
    ("a state called as a plan", "{trust: {states: [{state: a, title: A, weight: 1}, {state: regret, title: B, weight: 1}]}}",
     "line 3: 'regret' is the name of a plan for all states. Give the state another name."),
    ("closing what is not judged", "{drawdowns: [orderly_20000], close: [orderly_2000]}",
     "line 3: unknown drawdown 'orderly_2000'. Did you mean orderly_20000?"),
    ("known too late", "{until: 2035, drawdowns: [], trust: {known: 2036}}",
     "line 3: which way it goes becomes known after the last year looked at; found 2036; expected 2035 or earlier."),
    ("begins too late", "{{trust: {{states: [{}, {{state: b, title: B, weight: 1, since: 2045}}]}}}}".format("{state: a, title: A, weight: 1}"), "'b' begins after the last year looked at; found 2045; expected 2040 or"),
]  # fmt: skip


@pytest.mark.parametrize(("shift", "told"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_a_mistake_is_told_once_in_a_sentence(tmp_path: Path, shift: str, told: str) -> None:
    (fault,) = refused(tmp_path, shift)
    assert told in str(fault)
    assert "line" in fault.where


def test_faults_of_every_kind_are_told_at_once(tmp_path: Path) -> None:
    shift = """
  pace: 34
  notice_days: 9000
  keep: [tankr]
  drawdowns:
    - nowhere
    - drawdown: own
      title: My own
      steps:
        - {date: 2027-10-01, personnel: 50000, host: DEU}
        - {date: 2020-10-01, element: tanker, units: 100}
        - {date: 2027-10-01}
  late: [{element: mbts, year: 2030}]
"""
    found = [str(fault) for fault in refused(tmp_path, shift)]
    assert len(found) == len(set(found))
    for told in (
        "mine.yaml, line 4: 'shift.pace'",
        "mine.yaml, line 5: 'shift.notice_days'",
        "mine.yaml, line 6: unknown force element 'tankr'",
        "mine.yaml, line 8: unknown drawdown 'nowhere'",
        "mine.yaml, line 12: 50,000 people leave DEU",
        "mine.yaml, line 13: a step of 'own' is not after today",
        "mine.yaml, line 13: more of tanker leaves",
        "mine.yaml, line 14: a step says neither",
        "mine.yaml, line 15: unknown force element 'mbts'",
    ):
        assert sum(text.startswith(told) for text in found) == 1, told
    assert len(found) == 9


def test_a_shape_that_is_wrong_does_not_hide_the_rest(tmp_path: Path) -> None:
    shift = f"{{keep: [tankr], drawdowns: [{{drawdown: own, title: T, steps: [{{{STEP}}}, {{{DAY}, units: -1}}]}}]}}"
    found = [str(fault) for fault in refused(tmp_path, shift)]
    assert len(found) == 2
    assert any("a drawdown only takes away" in text for text in found)
    assert any("unknown force element 'tankr'" in text for text in found)


# Files of the user's own


FILE = """drawdown: mine
title: All tankers
source: yours
steps:
  - {date: 2027-10-01, element: tanker, units: 40}
  - {date: 2028-10-01, element: tanker, units: 39, host: United Kingdom}
"""


def test_a_file_of_ones_own_is_read_and_its_faults_have_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "leave.yaml"
    path.write_text(FILE.replace(", host: United Kingdom", ""), encoding="utf-8")
    (found,) = resolved(tmp_path, "{drawdowns: [leave.yaml]}").drawdowns
    assert (found.drawdown, found.standing, [step.units for step in found.steps]) == ("mine", "yours", [40, 39])
    assert read_drawdown(path).drawdown == found

    path.write_text(FILE, encoding="utf-8")
    (fault,) = refused(tmp_path, "{drawdowns: [leave.yaml]}")
    assert str(fault).startswith("leave.yaml, line 6: 39 of tanker leave GBR, where at most 15 are.")

    path.write_text(FILE.replace("units: 40", "units: -40").replace("title: All tankers\n", "titel: x\n"))
    found_all = [str(fault) for fault in refused(tmp_path, "{drawdowns: [leave.yaml]}")]
    assert len(found_all) == 3
    assert any(text.startswith("leave.yaml, line 5: 'steps.0.units': a drawdown only takes away") for text in found_all)
    assert any("leave.yaml, line 2: unknown key 'titel'. Did you mean title?" in text for text in found_all)
    assert any("'title' is missing. Add it: Title for people." in text for text in found_all)


@pytest.mark.parametrize(("text", "told"), [("- a\n", "a drawdown is a list of 'key: value' lines"), ("a: [", "YAML")])
def test_a_file_that_is_no_drawdown(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "leave.yaml").write_text(text, encoding="utf-8")
    (fault,) = refused(tmp_path, "{drawdowns: [leave.yaml]}")
    assert told in str(fault)
    assert fault.where.startswith("leave.yaml")


def test_hosts_are_codes_once_resolved(tmp_path: Path) -> None:
    own = steps(f"{DAY}, personnel: 10, host: Germany", f"{DAY}, personnel: 10, host: pol", f"{DAY}, personnel: 10")
    (found,) = resolved(tmp_path, own).drawdowns
    assert [step.host for step in found.steps] == ["DEU", "POL", "any"]


def test_leaders_of_posts_are_codes_once_resolved(tmp_path: Path) -> None:
    inputs = resolved(tmp_path, "{posts: {fixed: [{post: dsaceur, ally: Germany}]}}")
    assert [item.ally for item in inputs.scenario.shift.posts.fixed] == ["DEU"]


# What stands there by default


def test_a_shipped_scenario_has_its_drawdowns() -> None:
    names = {name: [item.drawdown for item in resolve(name).drawdowns] for name in
             ("orderly_20000", "orderly_50000", "abrupt_50000", "us_cuts_2026", "baseline", "tiny")}  # fmt: skip
    assert names["us_cuts_2026"] == ["nfm_2026_a", "nfm_2026_b"]
    assert set(names["baseline"]) == set(names["tiny"]) == set(shipped_drawdowns())
    for name in ("orderly_20000", "orderly_50000", "abrupt_50000"):
        assert names[name] == [name]
        assert resolve(name).scenario.pledges == ("hague_2025",)


def test_a_drawdown_by_default_that_does_not_fit_is_left_out_with_a_warning(tmp_path: Path) -> None:
    inputs = resolved(tmp_path, "{today: 2026-10-15}")
    assert "abrupt_50000" not in {item.drawdown for item in inputs.drawdowns}
    assert len(inputs.drawdowns) == len(shipped_drawdowns()) - 1
    told = "Left out: drawdown abrupt_50000, a step of 'abrupt_50000' is not after today."
    assert [text for text in inputs.warnings if "drawdown" in text] == [told]
    # One that the user named is a fault.
    assert refused(tmp_path, "{today: 2026-10-15, drawdowns: [abrupt_50000]}")


def test_an_offer_already_cut_cannot_be_cut_again(tmp_path: Path) -> None:
    inputs = resolved(tmp_path, "{}", HEAD + "us: {with_us: after_2026_b}\n")
    assert not {item.drawdown for item in inputs.drawdowns} & {"nfm_2026_a", "nfm_2026_b"}


def test_steps_after_the_last_day_are_a_warning(tmp_path: Path) -> None:
    inputs = resolved(tmp_path, "{until: 2029, drawdowns: [orderly_20000, floor_76000]}")
    told = "Not counted of drawdown orderly_20000: 3 of its 5 steps, after 2029-07-01, the last day looked at."
    assert [text for text in inputs.warnings if "drawdown" in text] == [told]
    (told,) = (
        text for text in resolved(tmp_path, steps("date: 2050-01-01, personnel: 1")).warnings if "drawdown" in text
    )
    assert told == "Not counted of drawdown own: its step, after 2040-07-01, the last day looked at."


def test_without_the_separable_counts_shipped_drawdowns_still_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "evidence"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("forces_gfp"))
    monkeypatch.setattr("article3.evidence.planning.SHIPPED", folder)
    inputs = resolve("us_cuts_2026")
    assert inputs.planning.missing
    assert {step.element for item in inputs.drawdowns for step in item.steps} & set(SEPARABLE_ELEMENTS)


# The digest


def test_what_leaves_belongs_to_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = resolved(tmp_path, "{drawdowns: [floor_76000]}")
    data = json.loads(named.canonical())
    assert data["shift"]["drawdowns"][0]["steps"][0]["personnel"] == 4000

    # The same name with another number inside is another scenario.
    (tmp_path / "leave.yaml").write_text(FILE.replace(", host: United Kingdom", ""), encoding="utf-8")
    first = resolved(tmp_path, "{drawdowns: [leave.yaml]}").canonical()
    (tmp_path / "leave.yaml").write_text(FILE.replace("39, host: United Kingdom", "38"), encoding="utf-8")
    assert resolved(tmp_path, "{drawdowns: [leave.yaml]}").canonical() != first


def test_the_gap_does_not_depend_on_what_leaves() -> None:
    assert resolve("orderly_50000").gap_digest() == resolve("abrupt_50000").gap_digest()
    assert resolve("orderly_50000").canonical() != resolve("abrupt_50000").canonical()


# The shipped drawdowns


def shipped() -> dict[str, Drawdown]:
    return {name: read_drawdown(name).drawdown for name in shipped_drawdowns()}


def people(item: Drawdown) -> int:
    return sum(step.personnel or 0 for step in item.steps)


def test_shipped_drawdowns_are_called_as_their_files_and_say_where_they_are_from() -> None:
    held = open_planning((SHIPPED,)).sources
    for name, item in shipped().items():
        assert item.drawdown == name
        assert item.source in held
        assert item.standing in ("reported", "notional")
        assert len(item.note) > 100
    assert set(Shift().drawdowns) == set(shipped())


@pytest.mark.parametrize("version", ["a", "b"])
def test_cuts_of_2026_are_the_difference_between_versions_of_the_offer(version: str) -> None:
    offers = open_planning((SHIPPED,)).table("offers").select("version", "element", "central")
    wide = offers.pivot(on="version", index="element", values="central")
    cut = wide.with_columns(gone=pl.col("before_2026") - pl.col(f"after_2026_{version}")).filter(pl.col("gone") != 0)
    item = shipped()[f"nfm_2026_{version}"]
    assert {step.element: step.units for step in item.steps} == dict(cut.select("element", "gone").iter_rows())
    assert {step.date for step in item.steps} == {date(2026, 6, 3)}
    assert item.today == date(2026, 6, 2)


def test_orderly_and_abrupt_remove_the_same_people_at_another_pace() -> None:
    found = shipped()
    assert people(found["orderly_50000"]) == people(found["abrupt_50000"]) == 50000
    assert people(found["orderly_20000"]) == 20000
    for name in ("orderly_20000", "orderly_50000"):
        days = [step.date for step in found[name].steps]
        assert len({step.personnel for step in found[name].steps}) == 1
        assert {later.year - earlier.year for earlier, later in itertools.pairwise(days)} == {1}
        assert days[0] >= date(2026, 7, 31) + timedelta(days=365)
    days = [step.date for step in found["abrupt_50000"].steps]
    assert max(days) - min(days) == timedelta(days=90)


def test_the_floor_is_what_is_present_less_the_law() -> None:
    troops = open_planning((SHIPPED,)).table("troops")
    europe = troops.row(by_predicate=(pl.col("host") == "EUR") & (pl.col("measure") == "presence"), named=True)
    assert people(shipped()["floor_76000"]) == europe["central"] - Shift().floor_personnel == 4000


def test_a_move_inside_europe_is_no_loss() -> None:
    item = shipped()["germany_12000"]
    brigade = open_planning((SHIPPED,)).table("basing")
    (taken,) = brigade.filter((pl.col("element") == "brigade_medium") & (pl.col("host") == "DEU"))["personnel"]
    # 6,400 went home, the regiment among them; about 5,600 stayed in Europe.
    assert people(item) + taken == 6400
    assert {step.host for step in item.steps} == {"DEU"}


def test_a_schedule_of_the_past_has_a_today_of_its_own() -> None:
    as_of = resolve("tiny").scenario.as_of
    for item in shipped().values():
        first = min(step.date for step in item.steps)
        assert first > (item.today or as_of)
        assert (item.today is not None) == (first <= as_of)


def test_a_shipped_file_with_a_fault_is_told_by_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (drawdown.DRAWDOWNS / "floor_76000.yaml").read_text(encoding="utf-8")
    (tmp_path / "floor_76000.yaml").write_text(text.replace("4000}", "-4000}"), encoding="utf-8")
    monkeypatch.setattr(drawdown, "DRAWDOWNS", tmp_path)
    drawdown._shipped.cache_clear()
    try:
        with pytest.raises(Article3Error) as caught:
            read_drawdown("floor_76000")
    finally:
        drawdown._shipped.cache_clear()
    (fault,) = caught.value.faults
    assert "floor_76000.yaml, line 10: 'steps.0.personnel': a drawdown only takes away; found '-4000'" in str(fault)


def test_keys_of_a_drawdown_are_in_the_schema() -> None:
    from article3.scenario.schema import json_schema

    found: dict[str, Any] = json_schema()["$defs"]["Drawdown"]["properties"]
    assert set(found) == set(Drawdown.model_fields)
    assert all("description" in value for value in found.values())
