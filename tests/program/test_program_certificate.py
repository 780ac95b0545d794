from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from article3.program import Certificate, Program, Rows, Session, Solution, SolveError, Status, Variables, certify
from article3.program.session import Method
from article3.program.solution import Point, Prices

Supply = tuple[Program, Variables, Rows, Rows]


def nudged(solution: Solution, *, column: int = 0, row: int = 0, by: float = 0.0, price: float = 0.0) -> Solution:
    """The solution with one value or one dual moved, as a solver in error would report it."""
    assert solution.point is not None
    columns = solution.point.columns.copy()
    columns[column] += by
    prices = solution.prices
    if prices is not None and price:
        duals = prices.rows.copy()
        duals[row] += price
        prices = Prices(duals, prices.columns)
    objective = solution.arrays.constant + float(solution.arrays.cost @ columns)
    return replace(solution, point=Point(columns, solution.point.rows, objective), prices=prices)


def test_a_right_answer_is_certified(supply: Supply) -> None:
    program, *_ = supply
    found = certify(program, Session(program).solve())
    assert found.holds
    assert (found.status, found.faults, found.bound) == (Status.OPTIMAL, (), pytest.approx(35))
    assert max(found.primal_residual, found.dual_residual, found.complementarity, found.gap) < 1e-9  # type: ignore[type-var]


def test_a_value_that_breaks_a_row_turns_it_red(supply: Supply) -> None:
    program, *_ = supply
    found = certify(program, nudged(Session(program).solve(), column=0, by=-1e-3))
    assert not found.holds
    assert found.primal_residual == pytest.approx(1e-3 / 6)
    assert found.worst == "'wanted' at to EST"
    assert found.faults[0] == "primal residual 0.00017 at 'wanted' at to EST, allowed 1e-06"


def test_a_value_beyond_its_bound_turns_it_red(supply: Supply) -> None:
    program, *_ = supply
    found = certify(program, nudged(Session(program).solve(), column=1, by=-1e-4))
    assert found.worst == "'sent' at from DEU, to LVA"
    assert not found.holds


def test_a_feasible_value_that_is_not_the_best_turns_it_red(supply: Supply) -> None:
    program, *_ = supply
    found = certify(program, nudged(Session(program).solve(), column=4, by=0.5))
    assert found.primal_residual == 0
    assert [fault.split()[0] for fault in found.faults] == ["complementarity", "gap"]
    assert found.gap == pytest.approx(0.5 / 35.5)


def test_a_wrong_dual_turns_it_red(supply: Supply) -> None:
    program, *_ = supply
    solution = Session(program).solve()
    found = certify(program, nudged(solution, row=1, price=0.5))  # a positive price on a row without lower bound
    assert found.dual_residual is not None
    assert found.dual_residual >= 0.5 / 8
    assert not found.holds
    assert not certify(program, nudged(solution, row=2, price=-0.5)).holds


def test_a_price_of_a_bound_that_is_not_there_turns_it_red() -> None:
    program = Program("priced")
    x = program.variables("x", {}, cost=-1.0)
    program.add_terms(program.rows("cap", {}, upper=4.0), x, 1.0)
    solution = Session(program).solve()
    assert certify(program, solution).holds
    on_the_variable = certify(program, replace(solution, prices=Prices(np.array([0.0]), np.array([-1.0]))))
    assert on_the_variable.dual_residual == pytest.approx(0.5)
    assert not on_the_variable.holds
    session = Session(program)
    session.set_bounds(x, upper=10.0)
    on_the_row = certify(program, replace(session.solve(), prices=Prices(np.array([0.5]), np.array([-1.5]))))
    assert on_the_row.dual_residual == pytest.approx(0.5 / 2)


def test_reduced_costs_that_do_not_follow_from_the_duals_turn_it_red(supply: Supply) -> None:
    program, *_ = supply
    solution = Session(program).solve()
    assert solution.prices is not None
    told = replace(solution, prices=Prices(solution.prices.rows, solution.prices.columns + 0.1))
    assert certify(program, told).faults == ("dual residual 0.033, allowed 1e-06",)


def test_a_wrong_objective_turns_it_red(supply: Supply) -> None:
    program, *_ = supply
    solution = Session(program).solve()
    assert solution.point is not None
    told = replace(solution, point=replace(solution.point, objective=34.0))
    found = certify(program, told)
    assert found.objective_residual == pytest.approx(1 / 36)
    assert found.faults == ("objective residual 0.028, allowed 1e-06",)


def test_a_value_that_is_not_a_number_turns_it_red(supply: Supply) -> None:
    program, *_ = supply
    found = certify(program, nudged(Session(program).solve(), by=np.nan))
    assert not found.holds
    assert "primal residual inf at 'held' at from DEU" in found.faults[0]


def test_a_fraction_turns_a_whole_program_red(knapsack: tuple[Program, Variables, Rows]) -> None:
    program, taken, _ = knapsack
    solution = Session(program, gap=0.0).solve()
    column = int(np.argmax(solution.value(taken)))
    found = certify(program, nudged(solution, column=column, by=-1e-3))
    assert found.primal_residual == pytest.approx(1e-3)
    assert found.worst == f"'taken' at lot {column}"
    assert (found.dual_residual, found.complementarity) == (None, None)


def test_a_bound_too_far_off_turns_a_whole_program_red(knapsack: tuple[Program, Variables, Rows]) -> None:
    program, *_ = knapsack
    solution = Session(program).solve()
    assert certify(program, solution).holds
    found = certify(program, replace(solution, bound=solution.bound * 1.01))
    assert [fault.split()[0] for fault in found.faults] == ["gap"]


def test_a_linear_optimum_without_duals_is_not_certified(supply: Supply) -> None:
    program, *_ = supply
    found = certify(program, replace(Session(program).solve(), prices=None))
    assert found.faults == ("a linear program called optimal came without duals",)


def test_a_solve_without_values_is_not_certified() -> None:
    program = Program("plan")
    x = program.variables("x", {}, upper=1)
    program.add_terms(program.rows("need", {}, lower=2), x, 1)
    found = certify(program, Session(program).solve())
    assert not found.holds
    assert found == Certificate(
        Status.INFEASIBLE, -np.inf, np.inf, faults=("the solve ended as infeasible: there are no values to check",)
    )


def test_a_solution_of_another_program_is_refused(supply: Supply) -> None:
    program, *_ = supply
    solution = Session(program).solve()
    program.variables("late", {})
    with pytest.raises(SolveError, match="not one of program 'supply' as it stands"):
        certify(program, solution)


def test_a_solution_can_be_certified_in_another_process(supply: Supply) -> None:
    program, *_ = supply
    assert certify(program, pickle.loads(pickle.dumps(Session(program).solve()))).holds


numbers = st.integers(-5, 5).map(float)


@st.composite
def feasible(draw: st.DrawFn) -> tuple[Program, np.ndarray]:
    """A small program, and a point that satisfies it; all variables bounded, so that there is an optimum."""
    height, width = draw(st.integers(0, 5)), draw(st.integers(1, 6))
    vector = lambda size, items=numbers: np.array(draw(st.lists(items, min_size=size, max_size=size)))  # noqa: E731
    matrix = vector(height * width).reshape(height, width)
    point = vector(width)
    margin = st.sampled_from([0.0, 1.0, 2.5])
    program = Program("random", sense=draw(st.sampled_from(["min", "max"])), constant=draw(numbers))
    lower, upper = point - vector(width, margin), point + vector(width, margin)
    x = program.variables("x", {"i": range(width)}, lower=lower, upper=upper, cost=vector(width))
    if height:
        at = matrix @ point
        open_side = st.sampled_from([0.0, 1.0, np.inf])
        rows = program.rows(
            "r", {"i": range(height)}, lower=at - vector(height, open_side), upper=at + vector(height, open_side)
        )
        program.add_terms(rows.index[:, None], x, matrix)
    return program, point


@given(feasible(), st.sampled_from(["simplex", "ipx"]))
def test_every_feasible_program_is_solved_and_certified(made: tuple[Program, np.ndarray], method: Method) -> None:
    program, point = made
    solution = Session(program, method).solve()
    found = certify(program, solution)
    assert solution.status is Status.OPTIMAL
    assert found.holds, found
    arrays = program.assemble()
    anywhere = arrays.constant + float(arrays.cost @ point)
    sign = 1 if program.sense == "min" else -1
    assert sign * (anywhere - found.bound) >= -1e-6  # weak duality
    assert sign * (solution.objective - found.bound) >= -1e-6


@given(feasible(), st.data())
def test_moving_the_optimum_off_its_rows_is_always_seen(made: tuple[Program, np.ndarray], data: st.DataObject) -> None:
    program, _ = made
    solution = Session(program).solve()
    column = data.draw(st.integers(0, program.shape[1] - 1))
    wrong = nudged(solution, column=column, by=data.draw(st.sampled_from([-20.0, 20.0])))
    assert not certify(program, wrong).holds
