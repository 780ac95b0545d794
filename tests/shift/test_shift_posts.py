"""Command posts: candidates, a schedule that keeps its limits, both chains, the pilot.

The limits are checked on the rows of table ``post`` and the files on disk, by arithmetic that owes the schedule nothing.
"""

from __future__ import annotations

import csv
import functools
import itertools
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.planning_folder import PlanningFolder

from article3.domain import ally, expand, force_element
from article3.evidence import planning
from article3.evidence.findings import Finding
from article3.evidence.store import SHIPPED
from article3.scenario.resolve import Inputs, resolve
from article3.scenario.schema import Caveat
from article3.scenario.shift_schema import Lead, Posts
from article3.shift.described import columns
from article3.shift.post_candidates import Candidates, scored
from article3.shift.post_data import Post, PostTables, Range, Tenure, after, first_day, last_day, read_posts
from article3.shift.post_line import Given, Span
from article3.shift.post_schedule import propose
from article3.shift.posts import Posting, decide, handover_rows, posts

TODAY = date(2026, 7, 31)
WHEN = "2026-07-31"
AGREED = {"jfc_norfolk": "GBR", "jfc_naples": "ITA", "jfc_brunssum": "POL", "marcom": "USA"}
Row = dict[str, Any]


@functools.cache
def inputs() -> Inputs:
    """Return the baseline with the contingencies that the pilot is about, and no draws."""
    return resolve(
        "baseline",
        {
            "contingencies": "[baltic_defence, ukraine_force]",
            "situations": "[{situation: both, title: Both, contingencies: [baltic_defence, ukraine_force]}]",
            "pledges": "[hague_2025]",
            "compare": "[]",
            "claims": "none",
            "shift.draws": "0",
        },
    )


def asked(**changed: Any) -> Inputs:
    """Return the inputs with other settings of posts; ``fixed`` maps posts to Allies, ``caveats`` lists Allies."""
    base, caveats, draws = inputs(), changed.pop("caveats", ()), changed.pop("draws", 0)
    fixed = tuple(Lead(post=post, ally=code) for post, code in changed.pop("fixed", {}).items())
    shift = base.scenario.shift.model_copy(update={"posts": Posts(fixed=fixed, **changed), "draws": draws})
    limited = tuple(Caveat(ally=code) for code in caveats)
    return replace(base, scenario=base.scenario.model_copy(update={"shift": shift, "caveats": limited}))


@functools.cache
def _made(key: tuple[tuple[str, Any], ...]) -> Posting:
    return decide(asked(**{name: dict(value) if name == "fixed" else value for name, value in key}))


def made(**changed: Any) -> Posting:
    """Return a schedule, made once for the same settings."""
    key = {name: tuple(value.items()) if name == "fixed" else value for name, value in changed.items()}
    return _made(tuple(sorted(key.items())))


def tables(**changed: Any) -> tuple[Finding, ...]:
    done = made(**changed)
    return posts(done.inputs, WHEN, done)


def rows(**changed: Any) -> list[Row]:
    return list(tables(**changed)[0].table.iter_rows(named=True))


def read(table: str) -> list[dict[str, str]]:
    with (SHIPPED / "forces" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


POSTS = {line["post"]: line for line in read("posts")}


def days(row: Row) -> tuple[date, date]:
    """Return first day and the day after the last of a tenure; all days where one is not known."""
    begins = first_day(row["from"]) if row["from"] else date.min
    return begins, first_day(row["to"]) if row["to"] else date.max


def present_and_later(found: list[Row]) -> list[Row]:
    """Return tenures of today and to come: for each post those from the last past one on."""
    ahead = []
    for name in dict.fromkeys(row["post"] for row in found):
        mine = [row for row in found if row["post"] == name]
        start = next(place for place, row in enumerate(mine) if row["next_ally"] or place == len(mine) - 1)
        ahead += mine[start:]
    return ahead


def leads(ahead: list[Row], post: str, on: date) -> str:
    mine = [row for row in ahead if row["post"] == post and days(row)[0] <= on < days(row)[1]]
    return str(mine[-1]["ally"]) if mine else ""


# The schedule keeps its limits


def broken(found: list[Row], each: int, a_year: int) -> list[str]:
    """Return every limit that the rows of table ``post`` break."""
    ahead = present_and_later(found)
    proposed = [row for row in ahead if row["status"] == "proposed"]
    given_only = [row for row in ahead if row["status"] != "proposed"]
    said: list[str] = []
    # What is proposed ends what was there: without it the tenure before it goes on.
    ends = {(row["post"], row["from"]) for row in proposed}
    open_end = [{**row, "to": ""} if (row["post"], row["to"]) in ends else row for row in given_only]
    for day in sorted({days(row)[0] for row in ahead if row["from"] and days(row)[0] >= TODAY}):
        led = Counter(leads(ahead, name, day) for name, line in POSTS.items() if line["counts"] == "true")
        before = Counter(leads(open_end, name, day) for name, line in POSTS.items() if line["counts"] == "true")
        taking = {row["ally"] for row in proposed}
        said += [f"{code} leads {led[code]} on {day}" for code in taking if led[code] > max(each, before[code])]
    starts = Counter(
        row["from"][:4]
        for row in ahead
        if row["status"] != "held" and row["status"] != "stays" and row["note"] != "Its turn."
    )
    said += [f"{count} posts in {year}" for year, count in starts.items() if count > a_year]
    for row in proposed:
        above = POSTS[row["post"]]["superior"]
        if above:
            said += [
                f"{row['ally']} leads {row['post']} and {above}"
                for day in (days(row)[0], date(2040, 7, 1))
                if leads(ahead, above, day) == row["ally"]
            ]
            same = [item for item in ahead if item["post"] == above and item["status"] == "proposed"]
            said += [f"{row['post']} and {above} in one year" for item in same if item["from"][:4] == row["from"][:4]]
    return said


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 4), st.integers(1, 4), st.sampled_from(["nato", "berlin_plus"]))
def test_nobody_leads_too_much_and_no_year_is_too_full(each: int, a_year: int, chain: str) -> None:
    assert broken(rows(each=each, a_year=a_year, chain=chain), each, a_year) == []


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 4), st.integers(1, 4), st.sampled_from(["nato", "berlin_plus"]))
def test_agreed_handovers_stay_as_agreed(each: int, a_year: int, chain: str) -> None:
    found = made(each=each, a_year=a_year, chain=chain)
    agreed = {item.post: item.ally for item in found.given.handovers if item.status == "agreed" and item.post != "mnfu"}
    assert agreed == AGREED
    # They wait for nobody: what is proposed never moves them.
    alone = {item.post: item.day for item in found.given.handovers}
    assert {item.post: item.day for item in found.handovers if item.status == "agreed"} == alone


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, 3), st.integers(1, 3))
def test_who_is_proposed_has_forces_officers_and_a_deputy_in_time(each: int, a_year: int) -> None:
    found = made(each=each, a_year=a_year)
    holds = {(line["holder"], line["element"]) for name in ("forces", "forces_gfp") for line in held(name)}
    deputies = {line["post"]: line["ally"] for line in read("post_holders") if line["role"] == "deputy"}
    for item in found.proposal.handovers:
        domains = POSTS[item.post]["domains"].split(";")
        assert any(force_element(name).domain in domains for code, name in holds if code == item.ally)
        assert ally(item.ally).region == "europe"
        p, i = found.who.place(item.post, item.ally) or (-1, -1)
        assert found.who.needed[p] <= found.who.capacity[i]
        if deputies.get(item.post) != item.ally:
            assert item.deputy is not None
            assert item.deputy >= TODAY - timedelta(days=1)
            assert (item.day - item.deputy).days == pytest.approx(2 * 365.25, abs=2)


def held(folder: str) -> list[dict[str, str]]:
    with (SHIPPED / folder / "holdings.csv").open(encoding="utf-8", newline="") as file:
        return [line for line in csv.DictReader(file) if float(line["central"]) > 0]


def test_the_same_question_has_the_same_answer() -> None:
    first, second = decide(asked()), decide(asked())
    assert first.handovers == second.handovers
    for one, other in zip(posts(first.inputs, WHEN, first), posts(second.inputs, WHEN, second), strict=True):
        assert one.table.equals(other.table)
        assert str(one.sentence) == str(other.sentence)


def test_the_answer_is_certified() -> None:
    proof = made().proposal.certificate
    assert proof is not None
    assert proof.holds


def test_saceur_stays_american_and_so_does_what_is_tied_to_american_forces() -> None:
    last = {row["post"]: row for row in rows()}
    for name in ("saceur", "strikfornato", "flf_pol"):
        assert (last[name]["ally"], last[name]["status"]) == ("USA", "stays")
    assert "law of the United States" in last["saceur"]["gated_by"]


# A small world, where every schedule can be tried


def world(
    scores: np.ndarray, starts: list[int], each: int, a_year: int, deputies: dict[str, str]
) -> tuple[Given, Candidates]:
    """Return posts p0, p1 ... of the United States with holders since some years ago, and three Allies."""
    codes = ("DEU", "FRA", "ITA")
    names = [f"p{place}" for place in range(len(scores))]
    items = tuple(
        Post(name, name, name, "", "operational", "command", ("land",), "OF-9", "p0" if place == 1 else "", "", "none",
             True, "", (), "x", "notional", "", Range(100, 100, 100), "notional")
        for place, name in enumerate(names)
    )  # fmt: skip
    term = {"deputy_years": Range(1, 2, 3), "later": Range(0, 0.05, 0.1)}
    held_by = {
        name: Tenure(name, "USA", "A", f"{2026 - ago}-07-31", "", "dated", (), "x", "notional", "")
        for name, ago in zip(names, starts, strict=True)
    }
    told = PostTables(
        TODAY, {item.id: item for item in items}, dict.fromkeys(names, ()), held_by, deputies, {}, {}, {}, term,
        Range(2, 3, 4), 5,
    )  # fmt: skip
    lines = {name: (Span("USA", last_day(item.start), None, tenure=item),) for name, item in held_by.items()}
    given_ = Given(
        told, TODAY, date(2031, 7, 1), each, a_year, False, {}, (), (), (), lines, dict.fromkeys(names, 10.0),
        frozenset(codes),
    )  # fmt: skip
    shape = scores.shape
    able = scores > 0
    zero, one = np.zeros(shape), np.ones(shape, dtype=np.int64)
    who = Candidates(
        items, codes, scores, zero, np.ones(3) / 3, scores, one, one, one, zero, np.full(shape[0], 10.0),
        np.array([100.0, 100.0, 15.0]), zero, zero, able, np.where(able, "", "has no forces there").astype(object),
    )  # fmt: skip
    return given_, who


def worth(score: float, day: date, until: date) -> float:
    """Return the discounted years led, by adding up days."""
    rate = np.log(1.05)
    first, last = ((item - TODAY).days / 365.25 for item in (day, until))
    return float(score * (np.exp(-rate * first) - np.exp(-rate * last)) / rate)


def best_by_trying(scores: np.ndarray, starts: list[int], each: int, a_year: int, deputies: dict[str, str]) -> float:
    """Return the best value over every assignment of Allies and years."""
    until, best = date(2031, 7, 1), 0.0
    capacity = [100.0, 100.0, 15.0]
    ways: list[list[tuple[int, date] | None]] = []
    for p, ago in enumerate(starts):
        mine: list[tuple[int, date] | None] = [None]
        for i, code in enumerate(("DEU", "FRA", "ITA")):
            if scores[p, i] <= 0:
                continue
            served = 0.0 if deputies.get(f"p{p}") == code else 2.0
            first = max(TODAY, after(date(2026 - ago, 7, 31), 3.0), after(TODAY, served))
            mine += [(i, first.replace(year=year)) for year in range(first.year, 2032)]
        ways.append([way for way in mine if way is None or way[1] <= until])
    for chosen in itertools.product(*ways):
        taken = [(p, *way) for p, way in enumerate(chosen) if way]
        by_ally = Counter(i for _, i, _ in taken)
        by_year = Counter(day.year for _, _, day in taken)
        if any(by_ally[i] > each or 10.0 * by_ally[i] > capacity[i] for i in by_ally):
            continue
        if any(count > a_year for count in by_year.values()):
            continue
        pair = {p: (i, day) for p, i, day in taken if p in (0, 1)}  # p0 is the superior of p1
        if len(pair) == 2 and (pair[0][0] == pair[1][0] or pair[0][1].year == pair[1][1].year):
            continue
        best = max(best, sum(worth(float(scores[p, i]), day, until) for p, i, day in taken))
    return best


@settings(max_examples=25)
@example([[0.2, 0.2, 0.95], [0.2, 0.45, 0.2], [0.2, 0.2, 0.95]], [3, 3, 3], 2, 2, {})  # officers bind
@given(
    st.lists(st.lists(st.sampled_from([0.0, 0.2, 0.45, 0.7, 0.95]), min_size=3, max_size=3), min_size=2, max_size=3),
    st.lists(st.integers(0, 4), min_size=3, max_size=3),
    st.integers(1, 2),
    st.integers(1, 2),
    st.sampled_from([{}, {"p0": "FRA"}, {"p1": "DEU", "p2": "ITA"}]),
)
def test_no_other_schedule_is_better(
    table: list[list[float]], starts: list[int], each: int, a_year: int, deputies: dict[str, str]
) -> None:
    scores = np.array(table)
    ago = starts[: len(scores)]
    given_, who = world(scores, ago, each, a_year, deputies)
    found = propose(given_, who, tuple(item.id for item in who.posts))
    assert found.worth == pytest.approx(best_by_trying(scores, ago, each, a_year, deputies), abs=1e-6)
    for p, item in enumerate(who.posts):
        if not (scores[p] > 0).any():
            assert found.unplaced[item.id] == f"No European Ally could lead {item.id}: none has forces there."


# Candidates


def test_terms_are_what_the_page_says() -> None:
    """Forces, readiness and spending of one post, computed again from the files."""
    found = made().who
    p = [item.id for item in found.posts].index("marcom")
    europe = [line for name in ("forces", "forces_gfp") for line in held(name) if line["holder"] in found.codes]
    sea = {line["element"] for line in europe if force_element(line["element"]).domain == "sea"}
    kept = {(line["holder"], line["element"]): float(line["central"]) for line in read("retained")}
    usable = {line["element"]: float(line["central"]) for line in read("availability") if line["window_days"] == "30"}

    def back(code: str, element: str) -> float:
        tried = ((code, element), (code, "any"), ("default", element), ("default", "any"))
        return next(kept[key] for key in tried if key in kept)

    units: dict[tuple[str, str], float] = {}
    for line in europe:
        units.setdefault((line["holder"], line["element"]), float(line["central"]))
    offered = {key: (1 - back(*key)) * count for key, count in units.items()}
    for code in ("GBR", "FRA", "NLD", "CZE"):
        parts = [offered.get((code, e), 0.0) / sum(offered.get((other, e), 0.0) for other in found.codes) for e in sea]
        i = found.codes.index(code)
        assert found.forces[p, i] == pytest.approx(np.mean(parts))
        shares = {e: units.get((code, e), 0.0) / sum(units.get((other, e), 0.0) for other in found.codes) for e in sea}
        if sum(shares.values()):
            ready = sum(share * (1 - back(code, e)) * usable[e] for e, share in shares.items()) / sum(shares.values())
            assert found.ready[p, i] == pytest.approx(ready)
    assert found.money.sum() == pytest.approx(1)


def test_more_forces_never_lower_a_score() -> None:
    brought, ready = np.array([[0.4, 0.2, 0.1]]), np.array([[0.3, 0.4, 0.2]])
    money, weights = np.array([0.5, 0.3, 0.2]), np.array([0.5, 0.2, 0.3])
    before = scored(brought, ready, money, weights)
    brought[0, 1] = 0.35
    after_ = scored(brought, ready, money, weights)
    assert after_[0, 1] > before[0, 1]
    assert (after_ <= 1 + 1e-12).all()
    assert scored(np.zeros((1, 3)), ready, money, weights).max() == 0


def test_attitude_is_beside_the_score_and_not_in_it() -> None:
    table = list(tables()[1].table.iter_rows(named=True))
    weights = {line["term"]: float(line["central"]) for line in read("post_terms")}
    own = [weights[f"weight_{name}"] for name in ("forces", "ready", "money")]
    for post in ("aircom", "landcom"):
        mine = [row for row in table if row["post"] == post]
        most = [max(row[name] for row in mine) for name in ("forces", "ready", "spending_share")]
        for row in mine:
            parts = [row[name] / top for name, top in zip(("forces", "ready", "spending_share"), most, strict=True)]
            expected = sum(w * part for w, part in zip(own, parts, strict=True)) / sum(own) if row["forces"] else 0.0
            assert row["score"] == pytest.approx(expected)
    assert any(row["attitude"] is not None for row in table if row["post"] == "landcom")
    assert all(row["attitude"] is None for row in table if row["post"] == "marcom")


def test_an_ally_with_a_caveat_leads_nothing() -> None:
    done = made(caveats=("FRA", "DEU"))
    assert not {item.ally for item in done.proposal.handovers} & {"FRA", "DEU"}
    row = next(r for r in tables(caveats=("FRA", "DEU"))[1].rows() if (r["post"], r["ally"]) == ("aircom", "FRA"))
    assert (row["eligible"], row["against"]) == (False, "takes part in low intensity only")


def test_a_post_without_a_candidate_is_a_clear_sentence() -> None:
    everyone = tuple(item for item in expand(("europe",)) if item not in ("ISL", "EST"))
    shown = tables(caveats=everyone)[0]
    told = [text for text in shown.warnings if text.startswith("No European Ally could lead")]
    assert len(told) == len(made(caveats=everyone).open_posts)
    assert any("AIRCOM" in text and "takes part in low intensity only" in text for text in told)
    last = {row["post"]: row for row in shown.rows()}
    assert last["aircom"]["status"] == "stays"
    assert last["aircom"]["gated_by"] in told


def test_draws_say_how_sure_the_first_place_is() -> None:
    shown = tables(draws=8)[1]
    for name in ("aircom", "landcom"):
        mine = [row["first"] for row in shown.rows() if row["post"] == name]
        assert sum(mine) == pytest.approx(1)
        assert sum(value > 0 for value in mine) >= 1
    assert all(row["first"] is None for row in tables()[1].rows())


def test_places_lie_between_the_best_and_the_worst() -> None:
    for row in tables()[1].rows():
        assert row["best_rank"] <= row["rank"] <= row["worst_rank"]


# Tables, chains, warnings


def test_tenures_of_a_post_follow_one_another() -> None:
    for name, found in itertools.groupby(rows(), key=lambda row: row["post"]):
        mine = list(found)
        assert [row["n"] for row in mine] == list(range(1, len(mine) + 1)), name
        for first, second in itertools.pairwise(mine):
            if first["to"] and second["from"]:
                length = min(len(first["to"]), len(second["from"]))
                assert first["to"][:length] <= second["from"][:length], (name, first, second)
        # No day is invented: only what is to come has one of ours, and it says so.
        assert all(row["standing"] == "notional" for row in mine if row["known"] == "day notional")
        past = {(line["holder"], line["from"]) for line in read("post_holders") if line["post"] == name}
        assert all((row["holder"], row["from"]) in past for row in mine if row["holder"])


def test_the_sentence_counts_what_the_table_holds() -> None:
    shown = tables()[0]
    ahead = present_and_later([dict(row) for row in shown.table.iter_rows(named=True)])

    def count(on: date, levels: tuple[str, ...], kinds: tuple[str, ...] = ()) -> tuple[int, int]:
        mine = [
            n
            for n, line in POSTS.items()
            if line["kind"] != "pilot" and (line["level"] in levels or line["kind"] in kinds)
        ]
        europe = [n for n in mine if leads(ahead, n, on) and ally(leads(ahead, n, on)).region == "europe"]
        return len(europe), len(mine)

    top = ("strategic", "operational")
    (now, whole), (last, _) = count(TODAY, top), count(date(2040, 6, 30), top)
    (low, parts), (high, _) = count(TODAY, (), ("component",)), count(date(2040, 6, 30), (), ("component",))
    assert str(shown.sentence) == (
        f"Of the posts at the strategic and operational levels Europeans hold {now} of {whole} today, 9 after what "
        f"Allies have agreed and {last} after this proposal; of the component commands {low} of {parts} today, 0 after "
        f"what Allies have agreed and {high} after this proposal."
    )
    assert (now, whole, last, low, parts, high) == (7, 10, 9, 1, 4, 4)


def test_agreed_days_are_ours_with_a_range() -> None:
    first = {(row["post"], row["next_ally"]): row for row in reversed(rows())}  # later ones are turns
    for name, code in AGREED.items():
        row = first[name, code]
        assert row["date_low"] <= row["date"] <= row["date_high"]
        assert "no day is published" in row["gated_by"]
        begins = last_day(row["from"])
        tour = made().tables.tour
        years = (date.fromisoformat(row["date"]) - begins).days / 365.25
        assert years == pytest.approx(tour.central, abs=0.01) or years == pytest.approx(tour.central + 1, abs=0.01)


def test_a_tour_is_the_median_of_the_complete_ones() -> None:
    lengths = [
        (last_day(line["to"]) - last_day(line["from"])).days / 365.25
        for line in read("post_holders")
        if line["basis"] == "dated" and len(line["from"]) > 4 and len(line["to"]) > 4
    ]
    tour = made().tables.tour
    assert tour.central == pytest.approx(float(np.median(lengths)))
    assert tour.low < tour.central < tour.high
    assert made().tables.tours == len(lengths) >= 20


def test_the_scenario_decides_where_it_gives_a_post() -> None:
    fixed = {"jfc_naples": "ESP", "aircom": "USA", "landcom": "POL"}
    done, shown = made(fixed=fixed), tables(fixed=fixed)[0]
    last = {row["post"]: row for row in shown.rows()}
    assert (last["jfc_naples"]["ally"], last["jfc_naples"]["status"]) == ("ESP", "given")
    assert (last["aircom"]["ally"], last["aircom"]["status"]) == ("USA", "stays")
    assert (last["landcom"]["ally"], last["landcom"]["source"]) == ("POL", "yours")
    assert not {item.post for item in done.proposal.handovers} & set(fixed)
    assert any("JFC Naples to Spain; Allies agreed on 2026-02-06 that Italy would" in text for text in shown.warnings)
    assert broken([dict(row) for row in shown.rows()], 2, 2) == []


def test_saceur_given_away_is_a_warning_that_names_the_law() -> None:
    shown = tables(fixed={"saceur": "DEU"})[0]
    assert any("gives SACEUR to Germany" in text and "fiscal year 2026" in text for text in shown.warnings)
    assert any(text.startswith("Germany leads JSEC and its superior SACEUR at once from") for text in shown.warnings)
    assert "DEU" not in {row["ally"] for row in shown.rows() if row["status"] == "proposed"}
    assert not any("SACEUR" in text for text in tables()[0].warnings)


def test_nobody_takes_a_post_under_one_it_is_given() -> None:
    """Türkiye is among those proposed; under a Turkish SACEUR it is not."""
    assert "TUR" in {item.ally for item in made().proposal.handovers}
    fixed = {"saceur": "TUR"}
    assert "TUR" not in {item.ally for item in made(fixed=fixed).proposal.handovers}
    assert broken(rows(fixed=fixed), 2, 2) == []


def test_what_a_scenario_gives_waits_for_what_is_agreed() -> None:
    alone = {item.post: item.day for item in made(a_year=1).given.handovers if item.status == "agreed"}
    fixed = {"landcom": "POL", "aircom": "FRA", "nsatu": "DEU"}
    beside = made(a_year=1, fixed=fixed).given.handovers
    assert {item.post: item.day for item in beside if item.status == "agreed"} == alone
    years = [item.day.year for item in beside if item.post != "mnfu"]
    assert len(set(years)) == len(years) == len(AGREED) + len(fixed)


def test_too_much_given_is_said_and_nothing_is_added() -> None:
    shown = tables(each=1)[0]
    assert any(
        text.startswith("Germany leads 2 posts from 2026-07-31 by what is held, agreed") for text in shown.warnings
    )
    assert not {"DEU", "GBR", "FRA"} & {row["ally"] for row in shown.rows() if row["status"] == "proposed"}


def test_both_chains_stand_side_by_side() -> None:
    last = {row["post"]: row for row in rows()}
    assert last["jfc_naples"]["superior"] == "SACEUR"
    assert last["jfc_naples"]["eu_superior"] == "operation commander (FRA today)"
    assert last["saceur"]["eu_role"] == "" == last["saceur"]["eu_consent"]
    assert last["dsaceur"]["eu_role"] == "may command the operation"
    used = [row for row in last.values() if row["eu_role"]]
    assert used
    assert all(row["eu_consent"].startswith("consent of all Allies, the United States included") for row in used)


def test_an_operation_of_the_union_is_led_by_a_member_of_it() -> None:
    done, shown = made(chain="berlin_plus"), tables(chain="berlin_plus")
    deputy = next(item for item in done.proposal.handovers if item.post == "dsaceur")
    assert deputy.ally in expand(("eu",))
    under = {item.post: item.ally for item in done.proposal.handovers if POSTS[item.post]["eu_superior"]}
    assert deputy.ally not in under.values()
    assert "VCOS SHAPE (FRA) today and DSACEUR" in str(shown[0].sentence)
    assert "the consent of all Allies, the United States included" in str(shown[0].sentence)
    refused = next(row for row in shown[1].rows() if (row["post"], row["ally"]) == ("dsaceur", "GBR"))
    assert refused["against"] == "is no member of the European Union"
    # In NATO's own chain nobody asks for the post.
    assert "dsaceur" not in {item.post for item in made().handovers}
    kept = made(chain="berlin_plus", fixed={"dsaceur": "GBR"})
    assert "dsaceur" not in {item.post for item in kept.handovers}


def test_what_was_not_yet_known_is_not_used() -> None:
    early = read_posts(inputs().planning, date(2020, 10, 31))
    assert early.decided == {}
    assert early.present["jfc_naples"].holder == "Adm. Robert P. Burke"
    assert early.present["aircom"].holder == "Gen. Jeffrey L. Harrigian"
    assert early.present["landcom"].holder == "Lt. Gen. Roger L. Cloutier"
    assert "nsatu" not in early.present


def test_rows_of_the_common_table_name_every_handover() -> None:
    done = made()
    found = handover_rows(done.inputs, done)
    assert [(row["subject"], row["date"]) for row in found] == [
        (item.post, item.day.isoformat()) for item in done.handovers
    ]
    for row in found:
        assert row["schedule"] == "posts"
        assert row["kind"] == "post"
        assert row["units"] is None
        assert row["gated_by"]
        assert row["source"]
        assert row["standing"] in ("official", "reported", "notional")
    own = handover_rows(asked(fixed={"landcom": "POL"}))
    assert next(row["source"] for row in own if row["subject"] == "landcom") == "yours"


# The pilot


def test_the_pilot_names_posts_conditions_and_enablers() -> None:
    found = [row for row in tables()[2].rows() if row["table"] == "post_pilot"]
    kinds = Counter(row["kind"] for row in found)
    assert kinds["post"] == sum(line["kind"] == "pilot" for line in POSTS.values())
    assert kinds["condition"] == len(read("post_conditions"))
    led = {row["item"]: row for row in found if row["kind"] == "post"}
    assert (led["mnfu"]["ally"], led["mnfu"]["status"], led["mnfu"]["date"]) == ("GBR", "agreed", "2026-07")
    assert (led["mnfu_kyiv"]["ally"], led["mnfu_kyiv"]["status"]) == ("GBR", "reported")
    stance = {line["ally"]: line["stance"] for line in read("post_stances")}
    components = [led[name] for name in ("mnfu_land", "mnfu_air", "mnfu_sea")]
    assert len({row["ally"] for row in components}) == len(components)
    for row in components:
        assert stance.get(row["ally"], "unknown") in POSTS[row["item"]]["accepts"].split(";")
        assert row["date"] == ""


def test_enablers_are_what_europe_alone_leaves_uncovered() -> None:
    found = [row for row in tables()[2].rows() if row["kind"] == "enabler"]
    assert found
    for row in found:
        assert row["europe"] == pytest.approx(row["coverage"] * row["required"])
        assert min(row["coverage"], row["coverage_on_top"]) < 1
        assert row["coverage_on_top"] <= row["coverage"] + 1e-6
        assert row["coverage_with_us"] >= row["coverage"] - 1e-6
        assert row["on_top_with_us"] >= row["coverage_on_top"] - 1e-6
    assert "air_refuelling" in {row["item"] for row in found}


def test_fewer_europeans_leave_the_force_short_by_itself() -> None:
    some = ("FRA", "GBR", "DEU", "ITA", "ESP", "POL", "NLD", "SWE", "TUR", "GRC", "ROU", "NOR", "FIN")
    shown = tables(caveats=some)[2]
    short = [row for row in shown.rows() if row["kind"] == "enabler" and row["coverage"] < 1]
    assert short
    assert all(row["europe"] == pytest.approx(row["coverage"] * row["required"]) for row in short)
    assert "Europe alone covers less than the force needs of" in str(shown.sentence)
    assert [row["status"] for row in shown.rows() if row["item"] == "mnfu_land"] == ["open"]


def test_without_a_pilot_the_table_is_empty() -> None:
    shown = tables(pilot=False)[2]
    assert shown.table.height == 0
    assert str(shown.sentence) == "This scenario begins with no pilot."


def test_a_scenario_without_the_contingency_is_judged_by_the_shipped_one() -> None:
    base = asked()
    bare = replace(base, contingencies=base.contingencies[:1], situations=())
    done = decide(bare)
    found = [row for row in posts(bare, WHEN, done)[2].rows() if row["kind"] == "enabler"]
    assert all(row["coverage_on_top"] is None for row in found)


# What every table needs


def test_every_column_is_described_and_every_number_has_a_formula() -> None:
    for shown in tables(draws=8):
        described = columns()[shown.name]
        assert shown.table.columns == [column.column for column in described]
        for column in described:
            if column.unit and not column.key:
                assert column.formula, (shown.name, column.column)
        keys = shown.table.select(shown.keys)
        assert keys.is_unique().all()
        assert shown.table["standing"].null_count() == 0


def test_without_posts_the_tables_are_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small alliance of other tests holds no posts: the program runs and says so."""
    monkeypatch.setattr(planning, "SHIPPED", PlanningFolder(tmp_path / "evidence").write())
    bare = replace(asked(), contingencies=(), situations=())
    shown = posts(bare, WHEN)
    assert [item.table.height for item in shown] == [0, 0, 0]
    assert str(shown[0].sentence) == "No command posts are held."
    assert handover_rows(bare) == []


def test_every_source_is_held() -> None:
    with (SHIPPED / "sources.csv").open(encoding="utf-8", newline="") as file:
        known = {line["source_id"] for line in csv.DictReader(file)}
    for shown in tables(fixed={"landcom": "POL"}):
        if "source" in shown.table.columns:
            assert set(shown.table["source"]) <= known | {"yours"}
        assert set(shown.sources) <= known
    assert Path(SHIPPED / "forces" / "posts.csv").is_file()
