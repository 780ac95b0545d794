from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from article3.domain import aggregate, aggregates, allies, ally, expand, group, groups, members
from article3.domain import groups as groups_function
from article3.domain import vocabulary as vocabulary_module
from article3.errors import InputError, UnknownNameError

CODES = tuple(item.code for item in allies())
NAMES = (*CODES, *(item.name for item in allies()), *(item.id for item in groups()))
DAYS = st.none() | st.dates(date(1949, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("alliance", 32),
        ("usa", 1),
        ("canada", 1),
        ("europe", 30),
        ("europe_ex_tur", 29),
        ("eur_can", 31),
        ("eu", 23),
        ("euro_area", 17),
        ("bucharest_nine", 9),
        ("nordic", 5),
        ("baltic", 3),
        ("near_russia", 14),
        ("founding", 12),
    ],
)
def test_sizes_of_the_present_groups(name: str, count: int) -> None:
    assert len(group(name).codes()) == count


def test_no_group_is_untested() -> None:
    assert len(groups()) == 13


def test_europe_holds_turkey_britain_and_iceland_and_no_north_american() -> None:
    europe = set(group("europe").codes())
    assert {"TUR", "GBR", "ISL"} <= europe
    assert set(CODES) - europe == {"USA", "CAN"}
    assert europe - set(group("europe_ex_tur").codes()) == {"TUR"}


def test_allies_outside_the_european_union() -> None:
    assert set(CODES) - set(expand(["eu"])) == {"ALB", "CAN", "GBR", "ISL", "MKD", "MNE", "NOR", "TUR", "USA"}


def test_the_founders_are_those_who_were_members_on_the_first_day() -> None:
    assert group("founding").codes() == tuple(item.code for item in members(date(1949, 8, 24)))


@pytest.mark.parametrize(
    ("name", "on", "ally_code", "inside"),
    [
        ("eu", date(2020, 1, 31), "GBR", True),
        ("eu", date(2020, 2, 1), "GBR", False),
        ("eu", date(2013, 6, 30), "HRV", False),
        ("eu", date(2013, 7, 1), "HRV", True),
        ("eu", date(2023, 4, 3), "FIN", False),  # in the Union since 1995, an Ally only from the next day
        ("eu", date(2023, 4, 4), "FIN", True),
        ("euro_area", date(2025, 12, 31), "BGR", False),
        ("euro_area", date(2026, 1, 1), "BGR", True),
        ("near_russia", date(2020, 1, 1), "SWE", False),
    ],
)
def test_a_group_on_a_day_holds_those_who_were_in_it_and_in_the_alliance(
    name: str, on: date, ally_code: str, *, inside: bool
) -> None:
    assert (ally_code in group(name).codes(on)) is inside
    assert (ally_code in expand([name], on=on)) is inside


@pytest.mark.parametrize("written", ["Bucharest Nine", "bucharest-nine", "b9", "BUCHAREST_NINE"])
def test_groups_are_found_in_any_case(written: str) -> None:
    assert group(written).id == "bucharest_nine"


@pytest.mark.parametrize(
    ("written", "meant"), [("baltik", "baltic"), ("eastern flank", "bucharest_nine"), ("EU27", "eu")]
)
def test_a_wrong_group_is_refused_with_a_suggestion(written: str, meant: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        group(written)
    assert caught.value.suggestions[0] == meant


def test_expand_mixes_codes_names_and_groups_in_any_case() -> None:
    assert expand(["usa", "Baltic", "türkiye", "pol", "POL"]) == ("EST", "LVA", "LTU", "POL", "TUR", "USA")


def test_expand_takes_one_name_for_one_name() -> None:
    assert expand("POL") == ("POL",)


def test_expand_of_nothing_is_nothing() -> None:
    assert expand([]) == ()


def test_expand_leaves_out_who_was_no_ally_on_the_day() -> None:
    assert expand(["FIN", "SWE", "NOR"], on=date(2023, 12, 31)) == ("FIN", "NOR")


def test_expand_says_what_was_meant() -> None:
    with pytest.raises(UnknownNameError) as caught:
        expand(["POL", "Holland"], where="--allies")
    assert str(caught.value) == "--allies: unknown Ally or group 'Holland'. Did you mean NLD (Netherlands)?"


def test_expand_reports_every_unknown_name_at_once() -> None:
    with pytest.raises(InputError) as caught:
        expand(["Holland", "POL", "Polnad", "eastern flank"])
    said = [str(fault) for fault in caught.value.faults]
    assert len(said) == 3
    assert "NLD (Netherlands)" in said[0]
    assert "POL (Poland)" in said[1]
    assert "bucharest_nine" in said[2]


def test_a_name_of_both_an_ally_and_a_group_means_the_same() -> None:
    shared = 0
    for item in groups():
        for name in (item.id, item.title, *item.names):
            try:
                same = ally(name)
            except UnknownNameError:
                continue
            shared += 1
            assert item.codes() == (same.code,)
    assert shared == 4  # usa and canada, by name and by title


@given(st.lists(st.sampled_from(NAMES), max_size=8), DAYS)
def test_expand_is_idempotent(names: list[str], on: date | None) -> None:
    once = expand(names, on)
    assert expand(once, on) == once


@given(st.lists(st.sampled_from(NAMES), max_size=8), st.randoms(use_true_random=False), DAYS)
def test_expand_does_not_depend_on_order_case_or_repetition(names: list[str], dice: object, on: date | None) -> None:
    mixed = [*names, *names]
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert expand([name.swapcase() for name in mixed], on) == expand(names, on)


@given(st.lists(st.sampled_from(NAMES), max_size=4), st.lists(st.sampled_from(NAMES), max_size=4), DAYS)
def test_expand_of_both_is_the_union(left: list[str], right: list[str], on: date | None) -> None:
    assert set(expand(left + right, on)) == set(expand(left, on)) | set(expand(right, on))


@given(st.sampled_from(groups()), DAYS)
def test_a_group_lists_allies_once_and_in_the_order_of_natos_tables(item: object, on: date | None) -> None:
    codes = item.codes(on)  # type: ignore[attr-defined]
    assert list(codes) == sorted(set(codes), key=CODES.index)
    if on is not None:
        assert set(codes) <= {member.code for member in members(on)}


@pytest.mark.parametrize(("year", "count"), [(2014, 27), (2016, 27), (2017, 28), (2020, 29), (2023, 30), (2024, 31)])
def test_aggregates_count_whoever_joined_within_the_year(year: int, count: int) -> None:
    assert len(aggregate("NATO_TOTAL").codes(year)) == count
    assert set(aggregate("NATO_TOTAL").codes(year)) - set(aggregate("NATO Europe and Canada").codes(year)) == {"USA"}
    assert "ISL" not in aggregate("NATO_TOTAL").codes(year)


def test_a_newcomer_counts_for_the_whole_year_of_its_accession() -> None:
    # Checked by hand against table 2 of the release of 17 June 2024: the sum over these Allies is NATO's
    # total to five digits in every year from 2014 to 2024.
    total = aggregate("NATO_TOTAL")
    joined = {year: set(total.codes(year)) - set(total.codes(year - 1)) for year in range(2015, 2026)}
    assert {year: codes for year, codes in joined.items() if codes} == {
        2017: {"MNE"},
        2020: {"MKD"},
        2023: {"FIN"},
        2024: {"SWE"},
    }


def test_an_aggregate_is_found_by_its_label_and_refused_with_a_suggestion() -> None:
    assert {item.code for item in aggregates()} == {"NATO_EUR_CAN", "NATO_TOTAL"}
    assert aggregate("nato total").code == "NATO_TOTAL"
    with pytest.raises(UnknownNameError, match="Did you mean NATO_TOTAL"):
        aggregate("NATO_TOTALS")


def test_an_aggregate_is_not_an_ally() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean alliance"):
        expand(["NATO_TOTAL"])


@pytest.fixture
def member_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Replace group_members.csv by lines of the test's own."""
    lines: list[str] = []
    read = vocabulary_module._read

    def replaced(table: str) -> str:
        return "group,member,start,end\n" + "".join(lines) if table == "group_members" else read(table)

    monkeypatch.setattr(vocabulary_module, "_read", replaced)
    for cached in (vocabulary_module.rows, groups_function):
        cached.cache_clear()
    yield lines
    monkeypatch.undo()
    for cached in (vocabulary_module.rows, groups_function):
        cached.cache_clear()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ["europe,baltic,,\n", "baltic,europe,,\n"],
            "group_members.csv:3: unknown member of a group 'europe'",
        ),
        (["europe,POX,,\n"], "group_members.csv:2: unknown member of a group 'POX'"),
        (["europe,region:asia,,\n"], "no Ally is in this region; found region:asia"),
        (["europe,baltic,2004-03-29,\n"], "only an Ally can have dates in a group; found baltic"),
        (["euorpe,POL,,\n"], "unknown group 'euorpe'. Did you mean europe"),
    ],
)
def test_a_broken_group_is_refused_with_its_line(member_lines: list[str], lines: list[str], said: str) -> None:
    member_lines.extend(lines)
    with pytest.raises(InputError) as caught:
        groups_function()
    assert said in str(caught.value)
