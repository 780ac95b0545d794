"""The tables of command posts: rules, and what they say against the files they were compiled from."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from tests.conftest import SHARED
from tests.planning_folder import ESTIMATE, PlanningFolder

from article3.errors import EvidenceError
from article3.evidence.planning import open_planning
from article3.evidence.post_checks import TERMS
from article3.evidence.store import SHIPPED

Change = Callable[[PlanningFolder], object]
TABLES = ("posts", "post_staff", "post_holders", "post_moves", "post_stances", "post_conditions", "post_terms")
SHARED_NAMES = {
    "MARCOM (Northwood)": "marcom",
    "LANDCOM (Izmir)": "landcom",
    "AIRCOM (Ramstein)": "aircom",
    "Allied Maritime Command": "marcom",
    "Allied Land Command": "landcom",
    "Allied Air Command": "aircom",
}
CODES = {"United Kingdom": "GBR", "Italy": "ITA", "United States": "USA", "Germany and Poland (rotation)": "POL"}


def shipped(table: str) -> pl.DataFrame:
    return open_planning((SHIPPED,)).table(table)


@pytest.fixture
def small(tmp_path: Path) -> PlanningFolder:
    """Return planning tables with a chain of three posts."""
    made = PlanningFolder(tmp_path / "evidence")
    for name, above in (("top", ""), ("middle", "top"), ("low", "middle")):
        made.add(
            "posts", post=name, title=name.title(), short=name.upper(), seat="Somewhere", level="operational",
            kind="command", domains="land;air", rank="OF-9", superior=above, eu_role="none", counts="true", **ESTIMATE,
        )  # fmt: skip
    for holder, begins, ends in (("A", "2020-01", "2023-01-15"), ("B", "2023-01", "")):
        made.add(
            "post_holders", post="top", role="commander", ally="USA", holder=holder, basis="dated",
            **{"from": begins, "to": ends}, **ESTIMATE,
        )  # fmt: skip
    made.add("post_staff", post="top", low="100", central="200", high="300", **ESTIMATE)
    made.add("post_moves", post="top", allies="DEU;POL", status="agreed", decided="2026-02-06", **ESTIMATE)
    for term in TERMS:
        unit = "years" if term.endswith("years") else "share"
        made.add("post_terms", term=term, title=term, unit=unit, low="0.1", central="0.2", high="0.3", **ESTIMATE)
    return made


def faults(made: PlanningFolder) -> list[str]:
    with pytest.raises(EvidenceError) as caught:
        open_planning((made.write(),))
    return [str(fault) for fault in caught.value.faults]


def test_a_small_chain_is_accepted(small: PlanningFolder) -> None:
    assert open_planning((small.write(),)).table("posts").height == 3


def test_no_posts_at_all_are_accepted(tmp_path: Path) -> None:
    """The tables are an addition: without them the program runs."""
    assert open_planning((PlanningFolder(tmp_path / "evidence").write(),)).table("posts").height == 0


def row(t: PlanningFolder, table: str, *key: str, **cells: str) -> None:
    t.row(table, *key).update(cells)


HOLDER = ("post_holders", "top", "commander", "USA")
BROKEN: list[tuple[str, Change, str]] = [
    (
        "unknown superior",
        lambda t: row(t, "posts", "low", superior="midle"),
        "forces/posts.csv:4: unknown post 'midle'. Did you mean middle?",
    ),
    (
        "a circle",
        lambda t: row(t, "posts", "top", superior="low"),
        "the chain of command leads back to the post; found top -> low -> middle -> top",
    ),
    ("unknown domain", lambda t: row(t, "posts", "top", domains="lnd"), "unknown domain 'lnd'. Did you mean land"),
    (
        "stances of no pilot",
        lambda t: row(t, "posts", "top", accepts="leads"),
        "'accepts' does not fit the kind of post; found command. Posts of the pilot, and only they,",
    ),
    (
        "a superior without a part",
        lambda t: row(t, "posts", "low", eu_superior="operation"),
        "a post without a part under an operation commander answers to one; found eu_role none",
    ),
    ("unknown post", lambda t: row(t, "post_staff", "top", post="tpo"), "unknown post 'tpo'. Did you mean top?"),
    ("staff out of order", lambda t: row(t, "post_staff", "top", low="250"), "low is above central; found 250 and 200"),
    (
        "backwards",
        lambda t: row(t, *HOLDER, "A", to="2019"),
        "the tenure ends before it begins; found 2020-01 to 2019",
    ),
    ("no start", lambda t: row(t, *HOLDER, "B", **{"from": ""}), "a dated tenure has no first day; found B."),
    (
        "overlap",
        lambda t: row(t, *HOLDER, "A", to="2024-05"),
        "two tenures of one post overlap; found A to 2024-05, B from 2023-01",
    ),
    (
        "shared by others",
        lambda t: row(t, *HOLDER, "B", shared="DEU;NLD"),
        "the holder's Ally does not share the post; found USA, not among DEU;NLD",
    ),
    ("unknown Ally", lambda t: row(t, *HOLDER, "B", shared="USA;GER"), "unknown Ally 'GER'"),
    (
        "no tour",
        lambda t: t.tables["post_holders"].pop(0),
        "no holder has a first and a last month: how long a tour lasts cannot be told",
    ),
    (
        "nobody takes over",
        lambda t: row(t, "post_moves", "top", "agreed", allies=""),
        "a line 'agreed' names no Ally; found top. Name who takes over",
    ),
    (
        "two decisions",
        lambda t: t.add("post_moves", post="top", allies="USA", status="kept", decided="2026-02-06", **ESTIMATE),
        "a post is decided on twice; found agreed at forces/post_moves.csv:2, kept here",
    ),
    (
        "before its decision",
        lambda t: row(t, "post_moves", "top", "agreed", date="2025-12"),
        "a handover before its decision; found 2025-12, decided on 2026-02-06",
    ),
    (
        "unknown term",
        lambda t: row(t, "post_terms", "lead", term="leed"),
        "unknown assumption on command posts 'leed'. Did you mean lead?",
    ),
    ("a term lacks", lambda t: t.tables["post_terms"].pop(), "no line for later."),
    ("a share above 1", lambda t: row(t, "post_terms", "lead", high="1.5"), "a share above 1; found 1.5"),
    (
        "no weights",
        lambda t: [row(t, "post_terms", f"weight_{x}", low="0", central="0") for x in ("forces", "ready", "money")],
        "all weights of the score are zero",
    ),
]


@pytest.mark.parametrize(("change", "expected"), [item[1:] for item in BROKEN], ids=[item[0] for item in BROKEN])
def test_a_broken_table_is_refused_in_a_sentence(small: PlanningFolder, change: Change, expected: str) -> None:
    change(small)
    assert any(expected in text for text in faults(small)), faults(small)


def test_all_faults_are_told_at_once(small: PlanningFolder) -> None:
    for _, change, _ in BROKEN[:2]:
        change(small)
    small.row("post_staff", "top")["post"] = "tpo"
    assert len(faults(small)) >= 2


# What is shipped


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_source_and_a_standing(table: str) -> None:
    frame = shipped(table)
    assert frame.height
    assert frame["standing"].is_in(["official", "reported", "estimated", "notional"]).all()
    assert (frame.filter(pl.col("source_id") == "article3-assumption")["standing"] == "notional").all()


def test_posts_that_the_issue_names_are_there() -> None:
    named = {"SACEUR", "DSACEUR", "SACT", "JFC Brunssum", "JFC Naples", "JFC Norfolk", "AIRCOM", "MARCOM", "LANDCOM"}
    assert named <= set(shipped("posts")["short"])


def test_the_law_keeps_saceur_american() -> None:
    table = shipped("posts").filter(pl.col("post") == "saceur")
    assert table["kept"].to_list() == ["law"]


def _shared(name: str) -> list[dict[str, str]]:
    path = SHARED / "evidence" / name
    if not path.is_file():
        pytest.skip("the shared evidence is not at hand")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_holders_agree_with_the_compiled_list() -> None:
    """Every dated holder of the list at hand is here, with the same Ally and the same days as far as it has them."""
    ours = shipped("post_holders").filter(pl.col("role") == "commander")
    titles = {short: post for post, short in shipped("posts").select("post", "short").iter_rows()} | SHARED_NAMES
    seen = 0
    for line in _shared("forces/commands.csv"):
        name = line["holder"].split()[-1]
        mine = ours.filter(
            pl.col("post") == titles[line["post"]],
            pl.col("holder").str.replace_all("é", "e").str.replace_all("ö", "o").str.ends_with(name),
        )
        dated = line["from"][:4].isdigit() and "attested" not in line["from"] and not line["nation_iso3"].count("/")
        if not dated or line["holder"][:3] not in ("Gen", "Adm"):
            continue
        assert mine.height == 1, line
        found = mine.row(0, named=True)
        seen += 1
        assert found["ally"] == line["nation_iso3"]
        for ours_, theirs in ((found["from"], line["from"]), (found["to"], line["to"])):
            # Where both tell a day they tell the same; a holder who has left since the list is closed here.
            length = min(len(ours_), len(theirs))
            assert ours_[:length] == theirs[:length] or (not theirs and ours_ > "2025-07"), line
    assert seen >= 10


def test_the_agreed_handovers_are_those_published() -> None:
    moves = {row["post"]: row for row in shipped("post_moves").iter_rows(named=True) if row["status"] != "proposed"}
    titles = {short: post for post, short in shipped("posts").select("post", "short").iter_rows()} | SHARED_NAMES
    for line in _shared("published/A3_command_posts_2026.csv"):
        move = moves[titles[line["command"]]]
        after, kept = line["after"].split(" (kept")[0], "(kept" in line["after"]
        assert move["allies"].split(";")[0] == CODES[after], line
        assert move["status"] == ("kept" if kept else "agreed")
        assert move["decided"] == line["date_agreed"]
        assert move["date"] == "", "no day of a handover has been published"
