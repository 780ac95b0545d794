"""The road map: lines of effort, milestones, down payments, the state file and the calendar."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from article3.errors import InputError
from article3.evidence.planning import Planning, open_planning
from article3.evidence.store import SHIPPED
from article3.plan.calendar import calendar, escaped, folded
from article3.plan.catalogue import Catalogue, catalogue
from article3.plan.efforts import efforts, fleets
from article3.plan.roadmap import contract_day, roadmap
from article3.plan.states import StateRow, committed, counted_from, read_states, write_states
from article3.scenario.plan_schema import Plan

AS_OF = date(2028, 3, 1)
IRIS = "sam_medium.irist_slm_deu"
HEAD = "ally,element,line,order_year,units,state,date,note\n"


@pytest.fixture(scope="module")
def planning() -> Planning:
    return open_planning((SHIPPED,))


@pytest.fixture(scope="module")
def items(planning: Planning) -> Catalogue:
    return catalogue(planning, dict.fromkeys(range(2000, 2040), 1.0), Plan())


def order(ally: str, line: str, year: int, units: float, cost: float, items: Catalogue, **more: Any) -> dict[str, Any]:
    number = items.lines.index(line)
    return {
        "ally": ally, "element": items.elements[items.line_element[number]], "line": line, "order_year": year,
        "delivery_date": f"{year + items.lead[number]}-07-01", "units": units, "cost_usd2021_m": cost, "split": "",
        "standing": "estimated",
    } | more  # fmt: skip


@pytest.fixture(scope="module")
def orders(items: Catalogue) -> pl.DataFrame:
    return pl.DataFrame(
        [
            order("LVA", "irist_slm_deu", 2027, 1, 200.0, items, split="illustrative split", standing="notional"),
            order("EST", "irist_slm_deu", 2027, 2, 400.0, items),
            order("POL", "irist_slm_deu", 2027, 3, 600.0, items),
            order("DEU", "irist_slm_deu", 2028, 2, 400.0, items),
            order("POL", "irist_slm_deu", 2029, 4, 800.0, items),
            order("MMF", "mrtt", 2027, 2, 800.0, items),
            order("MMF", "mrtt_second", 2028, 1, 400.0, items),
            order("GBR", "mrtt", 2028, 1, 300.0, items),
            order("ITA", "raise_division_hq", 2027, 1, 90.0, items),
            order("NOR", "nasams_nor", 2027, 0.4, 80.0, items),
        ]
    )


def tables(
    orders: pl.DataFrame, planning: Planning, items: Catalogue, states: tuple[StateRow, ...] = (), **more: Any
) -> dict[str, pl.DataFrame]:
    settings = more.pop("settings", Plan())
    found = roadmap(efforts(orders, planning, items, states), items, settings, "2026-07-31", **more)
    return {item.name: item.table for item in found}


def one(table: pl.DataFrame, **keys: str) -> dict[str, Any]:
    (row,) = table.filter(**keys).iter_rows(named=True)
    return row


# Lines of effort


def test_allies_that_order_from_one_line_are_one_effort(orders, planning, items) -> None:
    row = one(tables(orders, planning, items)["effort"], effort=IRIS)
    assert row["participants"] == "POL;DEU;EST;LVA"
    assert (row["units"], row["cost_usd2021_m"]) == (12, 2400)
    assert (row["first_contract"], row["first_delivery"], row["full"]) == ("2027-06-30", "2030-07-01", "2032-07-01")
    assert (row["capability"], row["split"], row["standing"]) == (
        "medium_range_air_defence", "illustrative split", "notional",
    )  # fmt: skip


def test_a_maker_owns_before_a_larger_buyer_and_the_largest_where_no_maker_orders(orders, planning, items) -> None:
    assert one(tables(orders, planning, items)["effort"], effort=IRIS)["lead"] == "DEU"
    others = orders.filter(pl.col("ally") != "DEU")
    assert one(tables(others, planning, items)["effort"], effort=IRIS)["lead"] == "POL"


def test_a_fleet_is_one_effort_of_its_members_led_where_it_is(orders, planning, items) -> None:
    table = tables(orders, planning, items)["effort"]
    row = one(table, effort="tanker.MMF")
    assert row["lead"] == "NLD"
    assert set(row["participants"].split(";")) == set(fleets(planning)["MMF"].members)
    assert row["units"] == 3
    assert one(table, effort="tanker.mrtt")["participants"] == "GBR"
    assert table.height == 5


def test_members_of_a_fleet_that_do_not_plan_are_left_out(orders, planning, items) -> None:
    (found,) = (item for item in efforts(orders, planning, items, (), {"DEU", "BEL"}) if item.fleet)
    assert found.participants == ("BEL", "DEU")
    assert found.lead == "BEL"


def test_an_element_that_gives_nothing_like_with_like_is_for_what_it_gives_most(planning, items) -> None:
    frame = pl.DataFrame([order("ESP", "a400m", 2027, 1, 100.0, items)])
    (found,) = efforts(frame, planning, items)
    assert found.capability in set(planning.table("effects").filter(element="airlift_a400m")["capability"])
    assert found.capability == "tactical_airlift" or "airlift" in found.capability


def test_money_is_paid_in_equal_parts_from_the_order_to_the_delivery(orders, planning, items) -> None:
    table = tables(orders, planning, items)["effort_money"]
    paid = dict(table.filter(effort=IRIS).select("year", "usd2021_m").iter_rows())
    assert paid == pytest.approx(
        {2027: 400, 2028: 400 + 400 / 3, 2029: 400 + 400 / 3 + 800 / 3, 2030: 1200 / 3, 2031: 800 / 3}
    )
    assert table["usd2021_m"].sum() == pytest.approx(orders["cost_usd2021_m"].sum())


def test_a_plan_without_orders_says_so(orders, planning, items) -> None:
    found = roadmap(efforts(orders.clear(), planning, items), items, Plan(), "2026-07-31")
    assert all(item.table.is_empty() for item in found)
    assert "orders nothing" in str(found[0].sentence)
    assert "No line of effort has orders of 2027" in str(found[3].sentence)


def test_numbers_of_sentences_have_addresses_that_are_found_again(orders, planning, items) -> None:
    found = roadmap(efforts(orders, planning, items), items, Plan(), "2026-07-31")
    assert str(found[0].sentence) == (
        "The plan has 5 lines of effort; the dearest is Medium-range air defence battery: IRIS-T SLM, Diehl, Germany: "
        "12 batteries for 2,400 million US$ of 2021, led by Germany, complete in 2032."
    )
    assert found[0].sentence.addresses[0] == f"effort@2026-07-31/units#{IRIS}"
    assert found[0].row((IRIS,))["units"] == 12
    assert str(found[2].sentence) == "First contracts and decisions before the summit of 1 July 2027: 4 of 5."
    assert str(found[3].sentence) == (
        "3 down payments of at most 1,000 million US$ of 2021 each can be signed before the summit of 1 July 2027, "
        "1,490 million in all; the first delivers in 2030."
    )


# Milestones


def test_milestones_stand_at_first_at_a_third_and_at_the_last_unit(orders, planning, items) -> None:
    table = tables(orders, planning, items)["milestones"]
    found = {row["milestone"]: (row["date"], row["units"]) for row in table.filter(effort=IRIS).iter_rows(named=True)}
    assert found == {
        "contract": ("2027-06-30", 6),
        "first_delivery": ("2030-07-01", 6),
        "initial": ("2030-07-01", 6),
        "full": ("2032-07-01", 12),
    }
    table = tables(orders.filter(pl.col("order_year") > 2027), planning, items)["milestones"]
    assert one(table, effort=IRIS, milestone="initial")["date"] == "2031-07-01", "exactly a third is a third"
    later = orders.filter(order_year=2029, element="sam_medium").with_columns(units=pl.lit(4.1))
    table = tables(pl.concat([orders.filter(order_year=2028), later]), planning, items)["milestones"]
    assert one(table, effort=IRIS, milestone="initial")["date"] == "2032-07-01"


@pytest.mark.parametrize(
    ("year", "summit", "day"),
    [
        (2027, "2027-07-01", "2027-06-30"),
        (2027, "2027-09-15", "2027-07-01"),
        (2027, "2027-01-01", "2027-07-01"),
        (2028, "2027-07-01", "2028-07-01"),
        (2027, "2029-06-01", "2027-07-01"),
    ],
)
def test_a_contract_of_the_year_of_the_summit_is_signed_before_it(year: int, summit: str, day: str) -> None:
    assert str(contract_day(year, date.fromisoformat(summit))) == day


def test_what_lies_before_the_summit_is_told_apart(orders, planning, items) -> None:
    table = tables(orders, planning, items)["milestones"]
    before = table.filter(pl.col("before_summit").cast(pl.String) == "true")
    assert set(before["milestone"]) == {"contract"}
    assert set(before["effort"]) == {IRIS, "tanker.MMF", "division_hq.raise_division_hq", "sam_medium.nasams_nor"}


def test_what_slips_is_said_in_a_sentence(orders, planning, items) -> None:
    table = tables(orders, planning, items, slip_loss={IRIS: 0.043})["milestones"]

    def slips(effort: str, milestone: str) -> str:
        return str(one(table, effort=effort, milestone=milestone)["slips"])

    assert slips(IRIS, "contract") == (
        "Signed a year late, 6 batteries for medium-range air defence arrive in 2031 instead of 2030; until then there "
        "is none of it. If all of it comes a year late, the share met is up to 4 points lower."
    )
    assert slips(IRIS, "full") == (
        "A year late, all 12 batteries for medium-range air defence are there in 2033 instead of 2032; until then "
        "there are 8."
    )
    assert slips("tanker.mrtt", "first_delivery").startswith(
        "A year late, 1 aircraft for air-to-air refuelling arrives"
    )
    assert slips("tanker.MMF", "initial").startswith("A year late, 2 of 3 aircraft for")
    assert slips("division_hq.raise_division_hq", "contract").startswith("Decided a year late, 1 headquarters for")


def test_evidence_is_asked_for_by_kind(orders, planning, items) -> None:
    shells = pl.DataFrame([order("POL", "shells_nordic", 2027, 1000, 5.0, items)])
    table = tables(pl.concat([orders, shells], how="vertical_relaxed"), planning, items)["milestones"]
    assert "NATO Force Model" in one(table, effort=IRIS, milestone="full")["evidence"]
    assert "Signed contract" in one(table, effort=IRIS, milestone="contract")["evidence"]
    assert "decision" in one(table, effort="division_hq.raise_division_hq", milestone="contract")["evidence"]
    assert "depots" in one(table, effort="shells_155mm.shells_nordic", milestone="full")["evidence"]


# Down payments


def test_down_payments_take_as_many_allies_as_stay_under_the_ceiling(orders, planning, items) -> None:
    table = tables(orders, planning, items)["down_payment"]
    row = one(table, effort=IRIS)
    assert (row["participants"], row["cost_usd2021_m"], row["units"]) == ("EST;LVA", 600, 3)
    assert (row["owner"], row["sign_by"], row["first_delivery"]) == ("EST", "2027-06-30", "2030-07-01")
    assert row["part"] == "orders of the first year by some of its Allies"
    assert one(table, effort="tanker.MMF")["part"] == "orders of the first year"
    assert one(table, effort="division_hq.raise_division_hq")["part"] == "whole effort"
    assert one(table, effort="tanker.MMF")["owner"] == "NLD"


def test_less_than_a_lot_and_later_orders_are_no_down_payment(orders, planning, items) -> None:
    found = set(tables(orders, planning, items)["down_payment"]["effort"])
    assert found == {IRIS, "tanker.MMF", "division_hq.raise_division_hq"}


def test_the_ceiling_itself_is_allowed_and_nothing_above_it(orders, planning, items) -> None:
    table = tables(orders, planning, items, settings=Plan(down_payment_usd_m=600.0))["down_payment"]
    assert one(table, effort=IRIS)["cost_usd2021_m"] == 600
    table = tables(orders, planning, items, settings=Plan(down_payment_usd_m=599.0))["down_payment"]
    assert one(table, effort=IRIS)["cost_usd2021_m"] == 200


def test_no_down_payment_where_the_summit_is_before_the_plan(orders, planning, items) -> None:
    found = roadmap(efforts(orders, planning, items), items, Plan(summit=date(2027, 1, 1)), "2026-07-31")
    assert found[3].table.is_empty()
    assert "can be signed before the summit of 1 January 2027" in str(found[3].sentence)


def test_gains_order_the_down_payments(orders, planning, items) -> None:
    table = tables(orders, planning, items, gains={"tanker.MMF": 0.2, IRIS: 0.3})["down_payment"]
    assert table["effort"].to_list() == [IRIS, "tanker.MMF", "division_hq.raise_division_hq"]


# States


ROWS = (
    StateRow("EST", "sam_medium", "irist_slm_deu", 2027, 2, "delivered", date(2027, 12, 5), "Early."),
    StateRow("MMF", "tanker", "mrtt", 2027, 2, "contracted"),
    StateRow("POL", "sam_medium", "irist_slm_deu", 2027, 3, "contracted", date(2030, 9, 1)),
    StateRow("POL", "sam_medium", "irist_slm_deu", 2028, 3, "not_started", date(2031, 7, 1)),
)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "state.csv"
    path.write_text(text, encoding="utf-8")
    return path


def faults(tmp_path: Path, planning: Planning, *lines: str, as_of: date | None = AS_OF) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_states(written(tmp_path, HEAD + "\n".join(lines) + "\n"), planning, as_of)
    return [str(fault) for fault in caught.value.faults]


def test_the_state_file_is_read_back_as_written(tmp_path, planning, orders) -> None:
    data = write_states(orders, ROWS)
    path = tmp_path / "state.csv"
    path.write_bytes(data)
    found = read_states(path, planning, AS_OF)
    assert set(ROWS[:3]) <= set(found)
    assert ROWS[3] not in found, "what was not started has been planned again"
    assert len(found) == 3 + orders.height
    assert write_states(orders.clear(), found) == write_states(orders.clear(), ROWS)
    parts = (replace(ROWS[0], state="contracted", day=None), replace(ROWS[0], state="ready"))
    assert write_states(orders.reverse(), (*ROWS[::-1], *parts)) == write_states(orders, (*parts[::-1], *ROWS))
    lines = write_states(orders.clear(), (*parts, *ROWS)).decode().splitlines()
    assert [line.split(",")[5] for line in lines[1:4]] == ["ready", "delivered", "contracted"]


def test_a_file_of_a_spreadsheet_is_read(tmp_path, planning) -> None:
    text = "\ufeffnote;date;state;units;order_year;line;element;ally\r\nwell;;contracted;2;2027;mrtt; tanker ;Multinational MRTT fleet\r\n;;;;;;;\r\n"
    (found,) = read_states(written(tmp_path, text), planning)
    assert found == StateRow("MMF", "tanker", "mrtt", 2027, 2, "contracted", None, "well")


def test_all_faults_are_told_at_once(tmp_path, planning) -> None:
    found = faults(
        tmp_path,
        planning,
        "DUE,sam_medium,irist_slm_deu,2027,1,contracted,,",
        "MFM,tanker,mrtt,2027,1,contracted,,",
        "POL,sam_medum,irist_slm_deu,2027,1,contracted,,",
        "POL,sam_medium,iris_slm_deu,2027,1,contracted,,",
        "POL,sam_medium,irist_slm_deu,2027,1,contratced,,",
        "POL,sam_medium,irist_slm_deu,2027,-1,contracted,,",
        "POL,sam_medium,irist_slm_deu,2027,many,contracted,,",
        "POL,sam_medium,irist_slm_deu,soon,1,contracted,,",
        "POL,sam_medium,irist_slm_deu,2027,1,contracted,01/07/2030,",
        "POL,sam_medium,irist_slm_deu,2027,1,delivered,2026-07-01,",
        "POL,sam_medium,irist_slm_deu,2027,1,ready,,",
        "POL,tanker,irist_slm_deu,2027,1,contracted,,",
        "MMF,sam_medium,irist_slm_deu,2027,1,contracted,,",
        "POL,sam_medium",
        "POL,sam_medium,irist_slm_deu,2027,1,contracted,20300701,",
    )
    for words, line in (
        ("unknown Ally or fleet 'DUE'. Did you mean DEU (Germany)", 2),
        ("unknown Ally or fleet 'MFM'. Did you mean MMF (Multinational MRTT Fleet)", 3),
        ("unknown force element 'sam_medum'. Did you mean sam_medium", 4),
        ("unknown production line 'iris_slm_deu'. Did you mean irist_slm_deu", 5),
        ("unknown state 'contratced'. Did you mean contracted?", 6),
        ("units are no number above zero; found -1", 7),
        ("units are no number above zero; found many", 8),
        ("order_year is no year of orders; found soon", 9),
        ("date is no date; found 01/07/2030; expected YYYY-MM-DD", 10),
        ("delivered before it was contracted; found 2026-07-01; expected 2027 or later", 11),
        ("'ready' has no date", 12),
        ("the line irist_slm_deu makes another force element; found tanker; expected sam_medium", 13),
        ("the fleet MMF holds another force element; found sam_medium; expected tanker", 14),
        ("wrong number of cells; found 2; expected 8", 15),
        ("date is no date; found 20300701", 16),
    ):
        assert any(fault.startswith(f"state.csv, line {line}: {words}") for fault in found), (words, found)
    assert len(found) == 15


def test_states_are_held_against_the_day(tmp_path, planning) -> None:
    found = faults(
        tmp_path,
        planning,
        "POL,sam_medium,irist_slm_deu,2029,1,contracted,,",
        "POL,sam_medium,irist_slm_deu,2027,1,delivered,2028-03-02,",
        "POL,sam_medium,irist_slm_deu,2027,1,contracted,2028-02-01,",
        "POL,sam_medium,irist_slm_deu,2029,1,not_started,2032-07-01,",
    )
    assert [re.sub(r".*line (\d): |[;.].*", r"\1 ", fault).strip() for fault in found] == [
        "2 'contracted', but ordered in a year still to come",
        "3 'delivered' on a day still to come",
        "4 still 'contracted' after its day of delivery",
    ]


def test_the_same_order_twice_and_wrong_columns_are_refused(tmp_path, planning) -> None:
    line = "POL,sam_medium,irist_slm_deu,2027,1,contracted,2030-07-01,"
    (found,) = faults(tmp_path, planning, line, line)
    assert found.startswith("state.csv, line 3: the same order twice")
    with pytest.raises(InputError) as caught:
        read_states(written(tmp_path, "ally,element,line,order_year,unit,state,date,note\n"), planning)
    assert [fault.what for fault in caught.value.faults] == ["column 'units' is missing", "unknown column 'unit'"]
    with pytest.raises(InputError, match="cannot be read"):
        read_states(tmp_path / "none.csv", planning)
    with pytest.raises(InputError, match="stray quote"):
        read_states(written(tmp_path, HEAD + '"' + "POL,\n" * 40000), planning)


def test_the_example_of_the_documentation_is_read(tmp_path, planning) -> None:
    page = (Path(__file__).parents[2] / "docs/methods/road-map.md").read_text(encoding="utf-8")
    example = page.split("```csv\n")[1].split("```")[0]
    assert [row.state for row in read_states(written(tmp_path, example), planning)] == [
        "contracted", "not_started", "delivered", "contracted",
    ]  # fmt: skip


def test_what_is_contracted_comes_is_paid_and_takes_its_place(items) -> None:
    found = committed(ROWS, items, 2028)
    assert found.arriving == {
        ("EST", "sam_medium", 2028): 2,
        ("MMF", "tanker", 2031): 2,
        ("POL", "sam_medium", 2031): 3,
    }
    price = float(items.price[items.lines.index("irist_slm_deu")]) * 3 / 4
    tanker = float(items.price[items.lines.index("mrtt")]) * 2 / 4
    assert found.owed == pytest.approx(
        {("POL", year): price for year in (2028, 2029, 2030)} | {("MMF", year): tanker for year in (2028, 2029, 2030)}
    ), "the part of 2027 has been paid"
    assert not any(buyer == "EST" for buyer, _ in committed(ROWS, items, 2027).owed), "what has come has been paid"
    assert found.booked == {("irist_slm_deu", 2027): 5, ("mrtt", 2027): 2}
    assert found.to_pay(("POL", "EST"), (2027, 2028))[0].tolist() == pytest.approx([0, price])
    assert found.in_service(("POL",), ("sam_medium",), (2030, 2031, 2032))[0, 0].tolist() == [0, 3, 3]
    assert found.taken(("mrtt", "irist_slm_deu"), (2027, 2028)).tolist() == [[2, 0], [5, 0]]


def test_arrivals_have_the_columns_of_changes(items, planning) -> None:
    frame = committed(ROWS, items, 2028).changes()
    both = pl.concat([planning.table("changes"), frame])
    assert both.height == planning.table("changes").height + 3
    assert both.filter(holder="POL", element="sam_medium", source_id="yours").select("year", "kind", "units").row(0) == (
        "2031", "delivery", 3,
    )  # fmt: skip
    assert committed((), items, 2028).changes().schema == frame.schema


def test_a_day_counts_from_the_next_first_of_july() -> None:
    assert [counted_from(date(2030, month, day)) for month, day in ((6, 30), (7, 1), (7, 2))] == [2030, 2030, 2031]


def test_the_road_map_shows_how_far_things_have_come(orders, planning, items) -> None:
    left = orders.filter(~((pl.col("order_year") == 2027) & pl.col("ally").is_in(["POL", "EST", "MMF"])))
    found = tables(left, planning, items, ROWS)
    states = {row["milestone"]: row["state"] for row in found["milestones"].filter(effort=IRIS).iter_rows(named=True)}
    assert states == {
        "contract": "contracted",
        "first_delivery": "delivered",
        "initial": "contracted",
        "full": "not_started",
    }
    assert one(found["milestones"], effort=IRIS, milestone="first_delivery")["slips"] == "Reached: nothing slips."
    assert one(found["milestones"], effort=IRIS, milestone="first_delivery")["date"] == "2027-12-05"
    tanker = found["milestones"].filter(effort="tanker.MMF")
    assert tanker["state"].to_list() == ["contracted", "contracted", "contracted", "not_started"]
    alone = tables(orders.clear(), planning, items, ROWS[1:2])["milestones"]
    assert alone["state"].to_list() == ["contracted"] * 4
    assert one(found["effort"], effort=IRIS)["units"] == 12
    assert "tanker.MMF" not in set(found["down_payment"]["effort"]), "what is contracted is no longer to be signed"


# The calendar


def unfolded(data: bytes) -> list[str]:
    """Return content lines: a parser of our own, so that writer and reader cannot share a mistake."""
    assert data.endswith(b"\r\n")
    physical = data.split(b"\r\n")[:-1]
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in physical)
    logical: list[bytes] = []
    for line in physical:
        line.decode()  # no character is cut in two
        if line.startswith(b" "):
            logical[-1] += line[1:]
        else:
            logical.append(line)
    return [line.decode() for line in logical]


def unescaped(text: str) -> str:
    signs = iter(text)
    out = ""
    for sign in signs:
        assert sign not in ";,", f"bare {sign} in {text}"
        following = next(signs) if sign == "\\" else sign
        out += "\n" if sign == "\\" and following == "n" else following
    return out


def events(data: bytes) -> list[dict[str, str]]:
    lines = unfolded(data)
    assert (lines[0], lines[1], lines[-1]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    found: list[dict[str, str]] = []
    for line in lines:
        name, value = line.split(":", 1)
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found:
            found[-1][name] = value
    return found


def test_every_milestone_is_an_all_day_event(orders, planning, items) -> None:
    table = tables(orders, planning, items)["milestones"]
    found = events(calendar(table, date(2026, 7, 31), "without_us"))
    assert len(found) == table.height
    event = next(item for item in found if item["UID"].startswith(f"{IRIS}.contract@"))
    assert event["UID"] == f"{IRIS}.contract@without_us.article3"
    assert event["DTSTART;VALUE=DATE"] == "20270630"
    assert event["DTEND;VALUE=DATE"] == "20270701"
    assert event["DTSTAMP"] == "20260731T000000Z"
    row = one(table, effort=IRIS, milestone="contract")
    assert unescaped(event["SUMMARY"]) == f"{row['title']} (DEU)"
    told = unescaped(event["DESCRIPTION"]).split("\n")
    assert told[:3] == ["Owner: Germany", "With: Poland, Estonia, Latvia", "State: not started"]
    assert told[-1] == row["slips"]
    assert len({item["UID"] for item in found}) == len(found)


def test_the_same_road_map_gives_the_same_bytes(orders, planning, items) -> None:
    first, second = (tables(frame, planning, items)["milestones"] for frame in (orders, orders.reverse()))
    assert calendar(first, AS_OF) == calendar(second, AS_OF)


def test_a_calendar_without_milestones_is_well_formed(orders, planning, items) -> None:
    table = tables(orders.clear(), planning, items)["milestones"]
    (found,) = events(calendar(table, AS_OF))
    assert found["SUMMARY"] == "The plan orders nothing"


@pytest.mark.parametrize("text", ["a,b;c\\d", "two\nlines\r\nthree", "\\n is no line break", "Türkiye", ""])
def test_text_is_escaped(text: str) -> None:
    assert unescaped(escaped(text)) == text.replace("\r\n", "\n")
    assert "\n" not in escaped(text)
    assert escaped("bell\x07 end") == "bell end"


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("length", [0, 1, 24, 74, 75, 76, 149, 150, 300])
def test_lines_are_folded_between_characters(width: int, length: int) -> None:
    line = f"X:{'aü€😀'[width - 1] * length}"
    assert unfolded(folded(line)) == [line]
    if width == 1 and length == 73:
        assert folded(line).count(b"\r\n") == 1
