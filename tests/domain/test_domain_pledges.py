from __future__ import annotations

from datetime import date

import pytest

from article3.domain import ally, expand, families, pledge, pledge_sources, pledges
from article3.errors import UnknownNameError

ALL = pledges()


def test_the_pledges_there_are() -> None:
    assert [item.id for item in ALL] == [
        "dpc_1978",
        "wales_2014",
        "wales_2014_equipment",
        "deu_2031",
        "esp_2025",
        "hague_2025",
        "hague_2025_related",
        "hague_2025_total",
    ]


def test_pledges_stand_in_the_order_of_agreement() -> None:
    assert [item.agreed for item in ALL] == sorted(item.agreed for item in ALL)


@pytest.mark.parametrize(
    ("name", "measure", "level_pct", "agreed", "base_year", "deadline", "review"),
    [
        ("dpc_1978", "defence_real_change_pct", 3, date(1978, 5, 31), 1978, 1984, None),
        ("wales_2014", "defence_pct_gdp", 2, date(2014, 9, 5), 2014, 2024, None),
        ("wales_2014_equipment", "equipment_share_pct", 20, date(2014, 9, 5), 2014, 2024, None),
        ("deu_2031", "defence_pct_gdp", 2, date(2019, 11, 7), 2019, 2031, None),
        ("esp_2025", "defence_pct_gdp", 2.1, date(2025, 6, 22), 2025, 2035, 2029),
        ("hague_2025", "defence_pct_gdp", 3.5, date(2025, 6, 25), 2025, 2035, 2029),
        ("hague_2025_related", "related_pct_gdp", 1.5, date(2025, 6, 25), 2025, 2035, 2029),
        ("hague_2025_total", "core_plus_related_pct_gdp", 5, date(2025, 6, 25), 2025, 2035, 2029),
    ],
)
def test_levels_and_dates(
    name: str, measure: str, level_pct: float, agreed: date, base_year: int, deadline: int, review: int | None
) -> None:
    found = pledge(name)
    assert (found.measure, found.op, found.level_pct) == (measure, ">=", level_pct)
    assert (found.agreed, found.base_year, found.deadline, found.review) == (
        agreed,
        base_year,
        deadline,
        review,
    )


@pytest.mark.parametrize("item", ALL, ids=lambda item: item.id)
def test_a_pledge_is_whole(item: object) -> None:
    found = pledge(item.id)  # type: ignore[attr-defined]
    assert found is item
    assert found.agreed.year <= found.first_year <= found.deadline
    assert found.review is None or found.first_year <= found.review < found.deadline
    assert set(found.exceptions) <= set(found.parties())
    assert found.national == (len(found.members) == 1 and found.parties() == found.members)
    assert found.text.endswith(".")


@pytest.mark.parametrize("item", ALL, ids=lambda item: item.id)
def test_every_source_exists_and_was_published_by_then(item: object) -> None:
    known = {source.id: source for source in pledge_sources()}
    cited = [known[name] for name in item.source_ids]  # type: ignore[attr-defined]
    assert item.source_id == cited[0].id  # type: ignore[attr-defined]
    assert all(source.url.startswith("https://") and source.citation and source.licence for source in cited)


def test_no_source_is_left_over() -> None:
    assert {source.id for source in pledge_sources()} == {name for item in ALL for name in item.source_ids}


def test_a_pledge_read_at_second_hand_is_never_official() -> None:
    by_id = {source.id: source.standing for source in pledge_sources()}
    for item in ALL:
        assert item.standing == "reported"
        assert {by_id[name] for name in item.source_ids} == {"reported"}


def test_wales_and_the_hague_bind_all_with_forces_whoever_joined_later_from_accession() -> None:
    for name in ("wales_2014", "wales_2014_equipment", "hague_2025"):
        assert len(pledge(name).parties()) == 31
        assert "ISL" not in pledge(name).parties()
    assert len(pledge("wales_2014").parties(date(2014, 9, 5))) == 27
    assert len(pledge("wales_2014").parties(date(2024, 6, 17))) == 31


def test_wales_asks_to_halt_the_decline_and_names_no_steps() -> None:
    assert "halt_decline" in pledge("wales_2014").clauses
    assert pledge("wales_2014").milestones == ()
    assert pledge("deu_2031").milestones == ("2024: 1.5 % of GDP",)


def test_spain_declared_otherwise_but_stays_a_party() -> None:
    found = pledge("hague_2025")
    assert found.exceptions == ("ESP",)
    assert "ESP" in found.parties()
    assert set(found.parties()) - set(found.parties(with_exceptions=False)) == {"ESP"}
    assert pledge("esp_2025").parties() == ("ESP",)


def test_the_hague_is_judged_on_another_definition_than_wales() -> None:
    assert pledge("wales_2014").definition == "nato_definition"
    assert {leg.definition for leg in families()["hague_2025"]} == {"core_defence_2026"}


def test_the_halves_of_the_hague_add_up() -> None:
    core, related, total = families()["hague_2025"]
    assert core.level_pct + related.level_pct == total.level_pct
    assert "always not known" in related.note
    assert "never called met" in total.note


def test_the_growth_pledge_of_1978_bound_ten_allies_in_each_year() -> None:
    found = pledge("dpc_1978")
    expected = expand(["BEL", "DNK", "DEU", "ITA", "LUX", "NLD", "NOR", "TUR", "GBR", "USA"])
    assert found.parties(date(1978, 5, 31)) == expected
    assert (found.applies, found.first_year) == ("every_year", 1979)
    assert {item.id for item in ALL if item.applies == "every_year"} == {"dpc_1978"}


def test_all_parties_were_members_when_they_agreed() -> None:
    for item in ALL:
        for code in item.parties(item.agreed):
            assert ally(code).is_member(item.agreed)


@pytest.mark.parametrize(
    ("as_of", "count"),
    [
        (date(1978, 5, 30), 0),
        (date(1978, 5, 31), 1),
        (date(2014, 9, 5), 3),
        (date(2020, 10, 31), 4),
        (date(2025, 6, 24), 5),
        (date(2025, 6, 25), 8),
    ],
)
def test_pledges_as_known_on_a_day(as_of: date, count: int) -> None:
    assert len(pledges(as_of)) == count
    assert sum(len(legs) for legs in families(as_of).values()) == count


def test_families_gather_the_legs_of_one_promise() -> None:
    assert {name: len(legs) for name, legs in families().items()} == {
        "dpc_1978": 1,
        "wales_2014": 2,
        "deu_2031": 1,
        "esp_2025": 1,
        "hague_2025": 3,
    }


@pytest.mark.parametrize(
    ("written", "meant"), [("wales", "wales_2014"), ("hague", "hague_2025"), ("wales_2041", "wales_2014")]
)
def test_an_unknown_pledge_is_refused_with_a_suggestion(written: str, meant: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        pledge(written, where="--pledge")
    assert str(caught.value).startswith(f"--pledge: unknown pledge '{written}'. Did you mean {meant}")
