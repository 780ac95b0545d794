"""The ledger: counts by release, pace, decline, and nothing from the future."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from article3.domain import pledge, pledges
from article3.evidence.releases import Source, Vintage
from article3.evidence.store import Evidence, open_evidence
from article3.evidence.table import SCHEMA
from article3.pledge import counts, decline, ledger, revisions
from article3.pledge.levels import interval_text, reached
from article3.pledge.rules import Rules
from article3.quantity import Standing

WALES = pledge("wales_2014")


def _count(as_of: str, year: int, name: str = "wales_2014", rules: Rules | None = None) -> dict[str, object]:
    table = counts.count(open_evidence(as_of), pledge(name), rules).table
    return table.filter(pl.col("year") == year).row(0, named=True)


@pytest.mark.parametrize(
    ("as_of", "met", "reported", "vintage", "differs"),
    [
        ("2024-06-30", 23, 31, "2024-06-17", False),
        ("2025-12-31", 22, 30, "2025-04", False),
        ("2026-07-31", 17, 31, "2026-07", True),
    ],
)
def test_the_count_of_2024(as_of: str, met: int, reported: int, vintage: str, differs: bool) -> None:
    row = _count(as_of, 2024)
    assert (row["met"], row["undecidable"], row["reported"]) == (met, 0, reported)
    assert row["vintage"] == vintage
    assert row["definition_differs"] is differs
    assert row["address"] == f"count@{as_of}/met#wales_2014/2024"


def test_a_mixed_count_is_another_number_and_says_so() -> None:
    finding = counts.count(open_evidence("2025-12-31"), WALES, Rules(mixed=True))
    row = finding.table.filter(pl.col("year") == 2024).row(0, named=True)
    assert row["met"] == 21
    assert row["vintage"] == "mixed"
    assert "nobody published" in finding.warnings[0]


def test_in_2017_all_27_allies_with_forces_suffice() -> None:
    row = _count("2017-03-31", 2016)
    assert (row["met"], row["reported"]) == (5, 27)


def test_a_partial_list_is_never_counted() -> None:
    table = counts.count(open_evidence("2021-12-31"), WALES).table
    assert table["year"].max() == 2019


def test_members_of_the_time_are_counted_apart() -> None:
    row = _count("2024-06-30", 2014)
    assert (row["reported"], row["members_reported"]) == (31, 27)


def _planted(evidence: Evidence, vintage: str, known: date, value: float) -> Evidence:
    row = {
        "ally": "DEU",
        "measure": "defence_pct_gdp",
        "period": 2019,
        "value": value,
        "unit": "percent of GDP",
        "price_base": "",
        "vintage": vintage,
        "status": "actual",
        "standing": "reported",
        "low": None,
        "high": None,
        "decimals": 2,
        "source_id": "planted",
        "note": "",
    }
    source = Source("planted", "test", "t", "", "", "", "c", Standing.REPORTED)
    release = Vintage("nato", vintage, known, "planted", "nato_definition", "")
    return evidence.overlaid([(release, source, pl.DataFrame([row], schema=SCHEMA))])


def test_nothing_published_later_is_used() -> None:
    """A value planted in a later release changes what is known then, and nothing before."""
    day = "2020-12-31"
    plain = ledger.status(open_evidence(day), WALES).table
    row = plain.filter(pl.col("ally") == "DEU").row(0, named=True)
    assert (row["year"], row["value_pct"], row["vintage"]) == (2019, 1.3596, "2019-06")
    later = _planted(open_evidence(), "2021-01-01", date(2021, 1, 1), 9.99)
    assert ledger.status(later.known_on(date(2020, 12, 31)), WALES).table.equals(plain)
    seen = ledger.status(later.known_on(date(2021, 1, 1)), WALES).table
    assert seen.filter(pl.col("ally") == "DEU")["value_pct"].item() == 9.99
    leak = _planted(open_evidence(), "2020-12-31", date(2020, 12, 31), 9.99)
    assert not ledger.status(leak.known_on(date(2020, 12, 31)), WALES).table.equals(plain)


def _reached(value: float, decimals: int | None, level: float, op: str = ">=") -> bool | None:
    frame = pl.DataFrame({"v": [value], "d": [decimals]}, schema={"v": pl.Float64, "d": pl.Int8})
    return frame.select(reached(pl.col("v"), pl.col("d"), level, op)).item()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (2.0, 2, True),
        (1.995, None, True),
        (1.994999, None, False),
        (1.9950, 4, True),
        (1.99, 2, False),
        (2.0, 1, None),
        (2.1, 1, True),
        (1.9, 1, False),
        (2.0, 0, None),
    ],
)
def test_nato_s_own_rule(value: float, decimals: int | None, expected: bool | None) -> None:
    assert _reached(value, decimals, 2.0) is expected
    assert _reached(value, decimals, 2.0, "<") is (None if expected is None else not expected)


def test_strictly_above_is_not_at_the_level() -> None:
    assert _reached(3.5, 2, 3.5, ">") is False
    assert _reached(3.51, 2, 3.5, ">") is True
    assert _reached(3.5, 2, 3.5, "<=") is True


@given(st.integers(0, 2000), st.sampled_from([0, 1, 2, 4]), st.integers(1, 2000))
def test_a_coarse_figure_is_decided_only_where_its_whole_interval_is(
    cents: int, decimals: int, level_cents: int
) -> None:
    value, level = round(cents / 100, decimals), level_cents / 100
    found = _reached(value, decimals, level)
    half = 0.5 * 10.0**-decimals if decimals < 2 else 0.0
    ends = {_reached(max(0.0, value - half), None, level), _reached(value + half, None, level)}
    assert found is (ends.pop() if len(ends) == 1 else None)


def test_an_undecidable_figure_says_why() -> None:
    table = ledger.status(open_evidence("2026-03-31"), WALES, years=(2025,)).table
    row = table.filter(pl.col("ally") == "SVN").row(0, named=True)
    assert row["met"] is None
    assert row["reason"] == "undecidable: printed 2.0, which may be between 1.95 and 2.05"
    assert interval_text(2.0, 0) == "between 1.5 and 2.5"


def test_pace_needed_realised_and_step() -> None:
    """Belgium: 0.97 % in 2014, 2 % by 2024, as printed in June 2024."""
    table = ledger.status(open_evidence("2024-06-30"), WALES).table
    row = table.filter(pl.col("ally") == "BEL").row(0, named=True)
    evidence = open_evidence("2024-06-30")
    base = evidence.value("nato/2024-06-17/defence_pct_gdp#BEL/2014").value
    last = evidence.value("nato/2024-06-17/defence_pct_gdp#BEL/2024").value
    assert row["pace_needed_pct"] == pytest.approx((2 - base) / 10)
    assert row["pace_realised_pct"] == pytest.approx((last - base) / 10)
    assert row["step_pct"] is None
    row = ledger.status(open_evidence("2026-07-31"), pledge("hague_2025")).table.filter(pl.col("ally") == "BEL")
    assert row["step_pct"].item() == pytest.approx((3.5 - 2.0) / 9)


def test_who_is_at_the_level_needs_no_step() -> None:
    row = ledger.status(open_evidence("2026-07-31"), pledge("hague_2025")).table.filter(pl.col("ally") == "POL")
    assert row["met"].item() is True
    assert row["step_pct"].item() == 0.0


@pytest.mark.parametrize("name", ["hague_2025_related", "hague_2025_total"])
@pytest.mark.parametrize("as_of", ["2025-12-31", "2026-07-31"])
def test_five_per_cent_is_never_called_met(name: str, as_of: str) -> None:
    table = ledger.status(open_evidence(as_of), pledge(name)).table
    assert table["met"].null_count() == table.height
    assert table["value_pct"].null_count() == table.height
    assert all("nobody publishes figures" in reason for reason in table["reason"])
    assert counts.count(open_evidence(as_of), pledge(name)).table["met"].to_list() == [None]


def test_the_pledge_of_1978_is_not_known_and_says_so() -> None:
    finding = ledger.status(open_evidence("2026-07-31"), pledge("dpc_1978"))
    assert finding.table["met"].null_count() == finding.table.height
    assert "no release held" in str(finding.sentence)


@pytest.mark.parametrize("item", pledges(), ids=lambda item: str(item.id))
@pytest.mark.parametrize("as_of", ["2017-03-01", "2020-06-30", "2025-09-01", "2026-07-31"])
def test_every_pledge_can_be_asked_at_any_date(item: object, as_of: str) -> None:
    evidence = open_evidence(as_of)
    finding = ledger.status(evidence, item)  # type: ignore[arg-type]
    open_rows = finding.table.filter(pl.col("met").is_null())
    assert open_rows["reason"].null_count() == 0
    assert "None" not in str(finding.sentence)
    assert "None" not in str(counts.count(evidence, item).sentence)  # type: ignore[arg-type]


def test_decline_is_judged_on_money_at_constant_prices_within_one_release() -> None:
    table = decline.decline(open_evidence("2019-12-31"), WALES).table
    row = table.filter(pl.col("ally") == "USA").row(0, named=True)
    evidence = open_evidence("2019-12-31")
    first = evidence.value("nato/2019-06/defence_exp_usd_constant#USA/2014").value
    last = evidence.value("nato/2019-06/defence_exp_usd_constant#USA/2019").value
    assert row["real_change_pct"] == pytest.approx(100 * (last / first - 1))
    assert row["halted"] is (last >= first)
    share = evidence.newest("defence_pct_gdp").filter(ally="USA").sort("period")["value"].to_list()
    assert share[-1] < share[2]


def test_decline_is_not_known_without_prices() -> None:
    table = decline.decline(open_evidence("2018-12-31"), WALES).table
    assert table["halted"].null_count() == table.height
    assert all("constant prices" in reason for reason in table["reason"])


def test_norway_s_prices_are_flagged() -> None:
    finding = decline.decline(open_evidence("2024-06-30"), WALES)
    assert "Norway" in finding.warnings[0]
    assert "Türkiye" in finding.warnings[0]
    assert "Spain" not in finding.warnings[0]


def test_series_in_dollars_grow_as_those_in_national_currency() -> None:
    """The ground for judging decline in constant US dollars where national currency is not printed."""
    table = open_evidence("2024-06-30").table().filter(vintage="2024-06-17")
    one = table.filter(measure="defence_exp_nc_constant").select("ally", "period", nc="value")
    two = table.filter(measure="defence_exp_usd_constant").select("ally", "period", usd="value")
    ratio = one.join(two, on=["ally", "period"]).with_columns(ratio=pl.col("nc") / pl.col("usd"))
    spread = ratio.group_by("ally").agg((pl.col("ratio").max() / pl.col("ratio").min() - 1).alias("spread"))
    assert spread["spread"].max() < 1e-4  # type: ignore[operator]


def test_rules_do_not_depend_on_the_order_of_evidence() -> None:
    evidence = open_evidence("2025-12-31")
    shuffled = replace(
        evidence,
        _tables={("nato", evidence.as_of, None): evidence.table().sample(fraction=1, shuffle=True, seed=7)},
    )
    for name in ("wales_2014", "wales_2014_equipment"):
        assert ledger.status(shuffled, pledge(name)).table.equals(ledger.status(evidence, pledge(name)).table)
        assert counts.count(shuffled, pledge(name)).table.equals(counts.count(evidence, pledge(name)).table)


def test_revisions_list_each_release_in_order() -> None:
    table = revisions.revisions(open_evidence("2026-07-31")).table
    rows = table.filter(pl.col("ally") == "POL", pl.col("year") == 2023)
    assert rows["vintage"].to_list() == ["2023-07-07", "2024-03", "2024-06-17", "2026-07"] or rows.height >= 4
    assert rows["value_pct"].to_list()[0] == pytest.approx(3.90, abs=0.005)
    assert rows["value_pct"].to_list()[-1] == 3.26
    assert rows["change_from_first_pp"].to_list()[-1] == pytest.approx(3.26 - rows["value_pct"][0])
