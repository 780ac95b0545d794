from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from article3.errors import Article3Error
from article3.program import Program, ProgramError, Rows, Variables

Supply = tuple[Program, Variables, Rows, Rows]


def dense(program: Program) -> np.ndarray:
    made = program.assemble()
    matrix = np.zeros(program.shape)
    matrix[made.row_of, made.indices] = made.values
    return matrix


def test_arrays_are_those_laid_down_in_the_golden_file(supply: Supply) -> None:
    program, _, _, wanted = supply
    bought = program.variables("bought", {}, upper=3, cost=9, integer=True)
    program.add_terms(wanted.index[2], bought, 1.5)
    program.add_terms(wanted.index[2], bought, 1.0)
    made = program.assemble()
    golden = json.loads(Path(__file__).with_name("supply.json").read_text(encoding="utf-8"))
    for name, expected in golden.items():
        kind = bool if name == "integer" else float
        np.testing.assert_array_equal(getattr(made, name), np.array(expected, dtype=kind), err_msg=name)
    assert (made.name, made.sense, made.constant, program.shape) == ("supply", "min", 0.0, (5, 7))


def test_arrays_are_made_once_and_cannot_be_written_to(supply: Supply) -> None:
    program, sent, held, _ = supply
    made = program.assemble()
    assert program.assemble() is made
    for name in ("lower", "cost", "integer", "row_upper", "starts", "indices", "values"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(made, name)[0] = 1
    program.add_terms(held.index[0], sent.index[0, 0], 1.0)
    assert program.assemble() is not made
    assert program.assemble().values[0] == 2.0
    late = program.variables("late", {}, cost=6)
    assert program.assemble().cost[late.index] == 6
    later = program.rows("later", {}, upper=5)
    assert program.assemble().row_upper[later.index] == 5


def test_blocks_know_their_numbers_and_labels() -> None:
    program = Program("p")
    first = program.variables("first", {"a": ["x", "y"], "b": (1, 2, 3)})
    second = program.variables("second", {"k": [("x", 1), ("y", 3)]})
    single = program.variables("single", {})
    assert first.index.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (second.index.tolist(), single.index.shape, int(single.index)) == ([6, 7], (), 8)
    assert (second.label(1), single.label(0), first.label(5)) == (
        "'second' at k y, 3",
        "'single'",
        "'first' at a y, b 3",
    )
    frame = first.frame(first.index, "number")
    assert frame.columns == ["a", "b", "number"]
    assert frame.row(5) == ("y", 3, 5)
    assert second.frame([0.5, 1.5]).rows() == [("x, 1", 0.5), ("y, 3", 1.5)]
    assert single.frame(2.0).equals(pl.DataFrame({"value": [2.0]}))
    assert program.block("second") is second


terms = st.integers(0, 30).flatmap(
    lambda count: st.tuples(
        arrays.arrays(np.int64, count, elements=st.integers(0, 5)),
        arrays.arrays(np.int64, count, elements=st.integers(0, 7)),
        arrays.arrays(np.float64, count, elements=st.integers(-4, 4)),
    )
)


@given(st.lists(terms, max_size=4))
def test_terms_add_up_whatever_their_order(given_terms: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> None:
    program, expected = Program("p"), np.zeros((6, 8))
    program.variables("x", {"i": range(3)})
    program.variables("y", {"i": range(5)})
    program.rows("r", {"i": range(2), "j": range(3)})
    for rows, columns, values in given_terms:
        program.add_terms(rows, columns, values)
        np.add.at(expected, (rows, columns), values)
    made = program.assemble()
    np.testing.assert_array_equal(dense(program), expected)
    assert made.values.size == np.count_nonzero(expected)
    point, prices = np.arange(8.0), np.arange(6.0)
    np.testing.assert_allclose(made.activity(point), expected @ point)
    np.testing.assert_allclose(made.priced(prices), expected.T @ prices)


def test_what_cancels_leaves_no_coefficient(supply: Supply) -> None:
    program, sent, held, _ = supply
    before = program.assemble().values.size
    for value in (0.1, 0.2, -0.3, -1.0):
        program.add_terms(held.index[0], sent.index[0, 0], value)
    assert program.assemble().values.size == before - 1


def test_blocks_and_arrays_survive_another_process(supply: Supply) -> None:
    program, sent, *_ = supply
    made, block = pickle.loads(pickle.dumps((program.assemble(), sent)))
    assert block == sent
    assert made.own(sent) == slice(0, 6)


def with_x(build: Callable[[Program], Any]) -> Callable[[], Any]:
    def run() -> Any:
        program = Program("plan")
        program.variables("x", {"ally": ["DEU", "FRA"], "year": [2027, 2028]})
        program.rows("r", {"year": [2027, 2028]})
        return build(program)

    return run


def nan(p: Program) -> Any:
    return p.variables("z", {"ally": ["DEU", "FRA"]}, cost=[1.0, np.nan])


other = Program("other")
foreign = other.variables("x", {"ally": ["DEU", "FRA"], "year": [2027, 2028]})

REFUSED: dict[str, tuple[Callable[[Program], Any], str]] = {
    "name twice": (lambda p: p.variables("x", {}), "Program 'plan' has a block 'x' already."),
    "rows' name twice": (lambda p: p.rows("x", {}), "has a block 'x' already"),
    "label twice": (
        lambda p: p.rows("s", {"ally": ["DEU", "DEU"]}),
        "Axis 'ally' of block 's' has the label DEU twice.",
    ),
    "no label": (lambda p: p.rows("s", {"ally": []}), "Axis 'ally' of block 's' has no labels."),
    "text": (lambda p: p.rows("s", {"ally": "DEU"}), "Axis 'ally' of block 's' is the text 'DEU'"),
    "shape": (
        lambda p: p.variables("z", {"ally": ["DEU"], "year": [1, 2]}, upper=[1, 2, 3]),
        "upper of block 'z' has shape (3,); the block has shape (1, 2) (ally 1, year 2).",
    ),
    "not a number": (nan, "Block 'z' at ally FRA: cost is not a number."),
    "infinite cost": (lambda p: p.variables("z", {}, cost=np.inf), "Block 'z': the cost must be finite"),
    "crossed": (
        lambda p: p.rows("s", {"year": [2027, 2028, 2029]}, lower=[1, 2, 3], upper=1),
        "Block 's' at year 2028: the lower bound is above the upper (2 places in all).",
    ),
    "wrong side": (lambda p: p.variables("z", {}, lower=np.inf), "infinite on the wrong side"),
    "huge bound": (lambda p: p.variables("z", {}, upper=1e20), "a bound of 1e+20 or more"),
    "tiny coefficient": (
        lambda p: p.add_terms(p.block("r"), p.block("x"), [1.0, 1e-12]),
        "the coefficient of variable 'x' at ally DEU, year 2028 in row 'r' at year 2028 is 1e-12; expected zero or",
    ),
    "infinite coefficient": (lambda p: p.add_terms([0], [0], np.inf), "is inf; expected zero or a size"),
    "coefficient not a number": (lambda p: p.add_terms([0], [0], np.nan), "is nan; expected zero or a size"),
    "terms' shapes": (lambda p: p.add_terms([0, 1], [0, 1, 2], 1.0), "rows of shape (2,), columns of shape (3,)"),
    "outside": (lambda p: p.add_terms([2], [0], 1.0), "Program 'plan' has 2 rows; a term names row 2"),
    "below": (lambda p: p.add_terms([0], [-1], 1.0), "Program 'plan' has 4 variables; a term names variable -1"),
    "fractions": (lambda p: p.add_terms([0.0], [1], 1.0), "are whole numbers, not float64"),
    "kinds": (lambda p: p.add_terms(p.block("x"), p.block("x"), 1.0), "Block 'x' of program 'plan' are no rows"),
    "another program": (lambda p: p.add_terms(p.block("r"), foreign, 1.0), "of program 'other' are no variables of"),
    "unknown block": (lambda p: p.block("y"), "Program 'plan' has no block 'y'; it has x, r."),
    "frame": (lambda p: p.block("x").frame([1.0]), "Block 'x' has 4 places; 1 values were given."),
    "frame's name": (lambda p: p.block("x").frame(np.ones(4), "ally"), "has an axis 'ally'"),
    "no variables": (lambda p: Program("empty").assemble(), "Program 'empty' has no variables."),
    "sense": (lambda p: Program("p", sense="most"), "has the sense 'most'; expected min or max"),  # type: ignore[arg-type]
    "constant": (lambda p: Program("p", constant=np.inf), "has the constant inf"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_meant_is_refused_in_a_sentence(case: str) -> None:
    build, sentence = REFUSED[case]
    with pytest.raises(ProgramError) as caught:
        with_x(build)()
    assert sentence in str(caught.value)
    assert isinstance(caught.value, Article3Error)
