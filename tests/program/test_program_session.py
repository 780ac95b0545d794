from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from article3.program import Program, ProgramError, Rows, Session, SolveError, Status, Variables, certify
from article3.program.session import Method

Supply = tuple[Program, Variables, Rows, Rows]
METHODS: tuple[Method, ...] = ("simplex", "ipx", "choose")


def covering(seed: int = 0, height: int = 120, width: int = 200) -> tuple[Program, Variables, Rows]:
    """A random program that is feasible and bounded: cover needs at least cost."""
    rng = np.random.default_rng(seed)
    program = Program("covering")
    used = program.variables("used", {"source": range(width)}, cost=rng.random(width) + 0.1)
    needs = program.rows("needs", {"need": range(height)}, lower=rng.random(height) * 10 + 5)
    matrix = rng.random((height, width)) * (rng.random((height, width)) < 0.2)
    matrix[np.arange(height), np.arange(height)] += 0.5
    rows, columns = np.nonzero(matrix > 1e-6)
    program.add_terms(needs.index[rows], used.index[columns], matrix[rows, columns])
    return program, used, needs


def heavy(size: int = 150) -> Program:
    """A knapsack in many dimensions: branch and bound is busy with it for much longer than a test takes."""
    rng = np.random.default_rng(0)
    program = Program("heavy", sense="max")
    weights = rng.integers(1, 100, (20, size)).astype(float)
    taken = program.variables("taken", {"lot": range(size)}, upper=1, cost=rng.integers(1, 100, size), integer=True)
    room = program.rows("room", {"kind": range(20)}, upper=weights.sum(axis=1) / 3)
    program.add_terms(room.index[:, None], taken.index, weights)
    return program


@pytest.mark.parametrize("method", METHODS)
def test_a_program_solved_by_hand(supply: Supply, method: Method) -> None:
    program, sent, held, wanted = supply
    solution = Session(program, method).solve()
    assert solution.status is Status.OPTIMAL
    assert solution.objective == pytest.approx(35)
    np.testing.assert_allclose(solution.value(sent), [[4, 0, 4], [1, 7, 0]], atol=1e-7)
    np.testing.assert_allclose(solution.activity(held), [8, 8], atol=1e-7)
    np.testing.assert_allclose(solution.dual(held), [-2, 0], atol=1e-7)
    np.testing.assert_allclose(solution.dual(wanted), [4, 1, 6], atol=1e-7)
    np.testing.assert_allclose(solution.reduced_cost(sent), [[0, 4, 0], [0, 0, 1]], atol=1e-7)
    assert (solution.bound, solution.gap) == (pytest.approx(35), pytest.approx(0, abs=1e-12))
    assert solution.solver.startswith("HiGHS 1.")
    assert "supply: optimal, objective 35" in str(solution)


def test_values_are_shaped_and_labelled_like_their_block(supply: Supply) -> None:
    program, sent, held, wanted = supply
    solution = Session(program).solve()
    table = sent.frame(solution.value(sent), "brigades")
    assert table.filter(brigades=7.0).rows() == [("FRA", "LVA", 7.0)]
    assert [solution.dual(held).shape, solution.activity(wanted).shape, solution.reduced_cost(sent).shape] == [
        (2,),
        (3,),
        (2, 3),
    ]
    with pytest.raises(ValueError, match="read-only"):
        solution.value(sent)[0, 0] = 1


@pytest.mark.parametrize("sense", ["min", "max"])
@pytest.mark.parametrize("method", METHODS)
def test_duals_are_what_the_objective_gains_by_one_more(sense: Any, method: Method) -> None:
    rng = np.random.default_rng(3)
    program = Program("signs", sense=sense, constant=100.0)
    sign = 1.0 if sense == "min" else -1.0
    x = program.variables("x", {"i": range(6)}, lower=-50, upper=50, cost=sign * rng.uniform(1, 3, 6))
    low = program.rows("low", {"i": range(3)}, lower=rng.uniform(5, 9, 3))
    high = program.rows("high", {}, upper=0.0)
    equal = program.rows("equal", {}, lower=-4.0, upper=-4.0)
    program.add_terms(low.index[:, None], x, rng.uniform(0.5, 2, (3, 6)))
    program.add_terms(high, x, [0, 0, 0, 1, 0, 1])
    program.add_terms(equal, x, [1, -1, 1, -1, 0, 0])
    session = Session(program, method)
    base = session.solve()
    arrays, step = session.arrays, 1e-3
    for block in (low, high, equal):
        prices = base.dual(block).ravel()
        for place, number in enumerate(block.index.ravel()):
            lower, upper = arrays.row_lower[number], arrays.row_upper[number]
            session.set_row_bounds([number], lower=lower + step, upper=upper + step)
            assert (session.solve().objective - base.objective) / step == pytest.approx(prices[place], abs=1e-5)
            session.set_row_bounds([number], lower=lower, upper=upper)
    assert np.abs(base.dual(high)) + np.abs(base.dual(equal)) > 1e-6
    assert (sign * base.dual(low) >= -1e-9).all()
    for number, price in enumerate(base.reduced_cost(x)):
        session.set_bounds([number], lower=-50 + step, upper=50 + step)
        assert (session.solve().objective - base.objective) / step == pytest.approx(price, abs=1e-5)
        session.set_bounds([number], lower=-50, upper=50)
    assert np.count_nonzero(base.reduced_cost(x)) >= 1


def test_a_degenerate_program_is_solved_and_certified() -> None:
    program = Program("degenerate", sense="max")
    x = program.variables("x", {"i": range(2)}, cost=1.0)
    rows = program.rows("rows", {"i": range(4)}, upper=[2, 2, 2, 4])
    program.add_terms(rows.index[:, None], x, [[1, 1], [1, 1], [2, 1], [2, 2]])
    solution = Session(program).solve()
    assert solution.objective == pytest.approx(2)
    assert certify(program, solution).holds


def infeasible() -> Program:
    program = Program("plan")
    x = program.variables("x", {"i": range(2)}, upper=1.0, cost=1.0)
    program.add_terms(program.rows("need", {}, lower=5.0), x, 1.0)
    return program


def unbounded() -> Program:
    program = Program("plan", sense="max")
    x = program.variables("x", {"i": range(2)}, cost=1.0)
    program.add_terms(program.rows("need", {}, lower=5.0), x, 1.0)
    return program


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("build", "status"), [(infeasible, Status.INFEASIBLE), (unbounded, Status.UNBOUNDED)])
def test_nothing_is_readable_of_a_solve_that_gave_nothing(
    build: Callable[[], Program], status: Status, method: Method
) -> None:
    program = build()
    solution = Session(program, method).solve()
    x, need = program.block("x"), program.block("need")
    assert (solution.status, solution.optimal, solution.incumbent) == (status, False, False)
    reads = {
        "objective": lambda: solution.objective,
        "value of 'x'": lambda: solution.value(x),
        "activity of 'need'": lambda: solution.activity(need),
        "dual of 'need'": lambda: solution.dual(need),
        "reduced cost of 'x'": lambda: solution.reduced_cost(x),
    }
    for what, read in reads.items():
        with pytest.raises(SolveError) as caught:
            read()
        assert str(caught.value) == f"Program 'plan' has no {what}: the solve ended as {status.value}."
    assert (solution.point, solution.prices, solution.gap) == (None, None, np.inf)
    assert np.isinf(solution.bound)


def test_a_whole_program_without_end_is_one_or_the_other() -> None:
    program = unbounded()
    program.variables("y", {}, integer=True, upper=3)
    assert Session(program).solve().status in {Status.INFEASIBLE_OR_UNBOUNDED, Status.UNBOUNDED}


def test_a_violated_row_without_terms_is_infeasible() -> None:
    program = Program("empty row")
    program.variables("x", {}, upper=1)
    program.rows("never", {}, lower=1)
    assert Session(program).solve().status is Status.INFEASIBLE


def test_changes_in_place_give_what_a_new_program_gives() -> None:
    rng = np.random.default_rng(1)
    program, used, needs = covering()
    session = Session(program)
    before = session.solve()
    lower, caps, costs = rng.random(120) * 12 + 4, rng.random(200) * 3 + 8, rng.random(200) + 0.2
    session.set_row_bounds(needs, lower=lower)
    session.set_bounds(used, upper=caps)
    session.set_costs(used, costs)
    session.set_coefficients([0, 1, 2], used.index[:3], [0.0, 2.5, 3.5])
    session.set_coefficients(needs.index[5], used.index[[7, 9, 11]], 0.25)
    changed = session.solve()

    fresh = Program("covering")
    used_2 = fresh.variables("used", {"source": range(200)}, upper=caps, cost=costs)
    needs_2 = fresh.rows("needs", {"need": range(120)}, lower=lower)
    made = program.assemble()
    matrix = np.zeros((120, 200))
    matrix[made.row_of, made.indices] = made.values
    matrix[[0, 1, 2], [0, 1, 2]], matrix[5, [7, 9, 11]] = [0.0, 2.5, 3.5], 0.25
    fresh.add_terms(needs_2.index[:, None], used_2, matrix)
    again = Session(fresh).solve()
    assert changed.objective == pytest.approx(again.objective, rel=1e-9)
    assert changed.objective != pytest.approx(before.objective, rel=1e-3)
    for name in ("lower", "upper", "cost", "row_lower", "row_upper", "starts", "indices", "values"):
        np.testing.assert_array_equal(getattr(changed.arrays, name), getattr(again.arrays, name), err_msg=name)
    assert certify(program, before).holds
    assert certify(program, changed).holds


def test_a_side_not_named_stays_as_it_is() -> None:
    program = Program("sides", sense="max")
    x = program.variables("x", {"i": range(3)}, lower=1, upper=4, cost=1)
    session = Session(program)
    session.set_bounds(x, lower=[0, 1, 2])
    session.set_bounds(x.index[1], upper=2)
    session.set_bounds(x.index[[2, 0]], upper=[3, 1])
    np.testing.assert_array_equal(session.solve().value(x), [1, 2, 3])
    np.testing.assert_array_equal(session.arrays.lower, [0, 1, 2])


def test_warm_takes_fewer_iterations_than_cold_to_the_same_objective() -> None:
    program, _, needs = covering()
    session = Session(program)
    first = session.solve()
    session.set_row_bounds(needs, lower=first.arrays.row_lower * np.linspace(0.98, 1.02, 120))
    warm = session.solve()
    session.forget_basis()
    cold = session.solve()
    assert 0 < warm.iterations < cold.iterations / 2
    assert warm.objective == pytest.approx(cold.objective, rel=1e-9)


def test_the_same_program_gives_the_same_bytes() -> None:
    (one, used, needs), (two, *_) = covering(), covering()
    a, b = Session(one).solve(), Session(two).solve()
    for read in (lambda s: s.value(used), lambda s: s.dual(needs), lambda s: s.reduced_cost(used)):
        assert read(a).tobytes() == read(b).tobytes()


def test_there_are_no_negative_zeros() -> None:
    program = Program("zeros", sense="max")
    x = program.variables("x", {"i": range(3)}, upper=[2, 0, 5], cost=[-1, -1, 0])
    rows = program.rows("rows", {"i": range(2)}, upper=[4, 6])
    program.add_terms(rows.index[:, None], x, [[1, 1, -1], [-1, 2, 1]])
    solution = Session(program).solve()
    for values in (solution.value(x), solution.activity(rows), solution.dual(rows), solution.reduced_cost(x)):
        assert not np.signbit(values[values == 0]).any()


def test_whole_variables_come_out_whole_with_a_bound_and_no_duals(knapsack: tuple[Program, Variables, Rows]) -> None:
    program, taken, room = knapsack
    solution = Session(program, gap=0.0).solve()
    values = solution.value(taken)
    np.testing.assert_allclose(values, np.round(values), atol=1e-6)
    assert solution.bound == pytest.approx(solution.objective)
    with pytest.raises(SolveError, match="no dual of 'room': some variables are whole numbers"):
        solution.dual(room)
    assert certify(program, solution).holds


def test_a_gap_allowed_is_a_gap_reported() -> None:
    program = heavy()
    solution = Session(program, gap=0.3).solve()
    assert solution.status is Status.OPTIMAL
    assert 0 < solution.gap <= solution.gap_allowed == 0.3
    assert solution.bound > solution.objective
    assert certify(program, solution).holds


def test_a_time_limit_leaves_an_incumbent_marked_as_such() -> None:
    program = heavy()
    taken = program.block("taken")
    solution = Session(program, gap=0.0).solve(time_limit=0.3)
    assert (solution.status, solution.incumbent, solution.optimal) == (Status.TIME_LIMIT, True, False)
    assert solution.value(taken).sum() > 0
    assert solution.bound > solution.objective
    assert solution.gap > 0
    assert certify(program, solution).holds


def test_a_time_limit_before_any_point_leaves_nothing() -> None:
    program, used, _ = covering(height=400, width=900)
    session = Session(program)
    solution = session.solve(time_limit=1e-6)
    assert (solution.status, solution.point) == (Status.TIME_LIMIT, None)
    with pytest.raises(SolveError, match="ended as time limit"):
        solution.value(used)


def test_the_time_limit_is_one_of_each_solve() -> None:
    program, _, _ = covering(height=200, width=400)
    session, spent = Session(program), 0.0
    for _ in range(20):
        session.forget_basis()
        spent += session.solve().seconds
    session.forget_basis()
    assert session.solve(time_limit=spent / 2).optimal  # ten times what one solve takes, half of what all took
    session.forget_basis()
    assert session.solve(time_limit=1e-6).status is Status.TIME_LIMIT
    assert session.solve().optimal


@pytest.mark.parametrize("method", ["simplex", "ipx"])
def test_stopping_a_linear_program_leaves_nothing(method: Method) -> None:
    program, used, _ = covering(height=300, width=600)
    session = Session(program, method)
    stopped = session.solve(stop=lambda: True)
    assert stopped.status is Status.INTERRUPTED
    with pytest.raises(SolveError, match="ended as interrupted"):
        stopped.value(used)
    assert session.solve(stop=lambda: False).optimal


def test_stopping_a_whole_program_keeps_the_best_so_far() -> None:
    program = heavy()
    began = time.perf_counter()
    solution = Session(program, gap=0.0).solve(stop=lambda: time.perf_counter() - began > 0.3, time_limit=20)
    assert (solution.status, solution.incumbent) == (Status.INTERRUPTED, True)
    assert solution.seconds < 10
    assert certify(program, solution).holds


def test_what_stop_raises_is_raised_after_the_solver_has_ended() -> None:
    program, _, _ = covering(height=300, width=600)
    session = Session(program)

    def stop() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.solve(stop=stop)
    assert session.solve().optimal


def test_another_number_of_threads_is_refused(supply: Supply) -> None:
    with pytest.raises(SolveError, match=r"runs with 1 thread\(s\) in this process and cannot change to 2"):
        Session(supply[0], threads=2)


def test_threads_fixed_by_another_library_end_as_an_error_without_values() -> None:
    code = """
import highspy, numpy as np
from article3.program import Program, Session, Status
other = highspy.Highs()
other.setOptionValue("output_flag", False)
other.setOptionValue("threads", 2)
other.addVar(0.0, 1.0)
other.run()
program = Program("plan")
x = program.variables("x", {}, lower=2)
solution = Session(program).solve()
assert solution.status is Status.ERROR, solution
try:
    solution.value(x)
except Exception as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "the solve ended as error (HiGHS says no more; perhaps another library" in done.stdout


REFUSED: dict[str, tuple[Callable[[Session, Supply], Any], type[Exception], str]] = {
    "method": (
        lambda s, p: Session(p[0], "ipm"),
        SolveError,
        "There is no method 'ipm'; expected simplex, ipx, choose.",
    ),  # type: ignore[arg-type]
    "threads": (lambda s, p: Session(p[0], threads=0), SolveError, "at least one thread"),
    "gap": (lambda s, p: Session(p[0], gap=-1), SolveError, "A gap is zero or more"),
    "time": (lambda s, p: s.solve(time_limit=0), SolveError, "above zero seconds"),
    "kind": (
        lambda s, p: s.set_bounds(p[2], upper=1),
        ProgramError,
        "Block 'held' of program 'supply' are no variables",
    ),
    "block": (
        lambda s, p: s.solve().value(Program("o").variables("sent", {})),
        ProgramError,
        "Program 'supply' has no variables 'sent' as given (of program 'o'); it has sent.",
    ),
    "rows": (lambda s, p: s.solve().dual(Program("o").rows("r", {})), ProgramError, "has no rows 'r'"),
    "twice": (
        lambda s, p: s.set_bounds([1, 1], upper=2),
        ProgramError,
        "Axis 'number' of block 'variables' has the label 1 twice",
    ),
    "outside": (lambda s, p: s.set_row_bounds([9], lower=1), ProgramError, "has 5 rows; give a block, or one axis"),
    "two axes": (lambda s, p: s.set_costs(p[1].index, 1), ProgramError, "give a block, or one axis of their numbers"),
    "nan": (
        lambda s, p: s.set_row_bounds(p[3], lower=[1, np.nan, 2]),
        ProgramError,
        "Block 'wanted' at to LVA: lower is not a",
    ),
    "crossed": (
        lambda s, p: s.set_row_bounds(p[2], lower=10),
        ProgramError,
        "Block 'held' at from DEU: the lower bound is above",
    ),
    "cost": (
        lambda s, p: s.set_costs(p[1], np.inf),
        ProgramError,
        "Block 'sent' at from DEU, to EST: the cost must be finite",
    ),
    "tiny": (lambda s, p: s.set_coefficients([0], [0], 1e-11), ProgramError, "a coefficient is too small"),
    "coefficient twice": (
        lambda s, p: s.set_coefficients([0, 0], [1, 1], [2, 3]),
        ProgramError,
        "set twice in one call",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_asked_is_refused_and_changes_nothing(case: str, supply: Supply) -> None:
    ask, kind, sentence = REFUSED[case]
    session = Session(supply[0])
    with pytest.raises(kind) as caught:
        ask(session, supply)
    assert sentence in str(caught.value)
    assert session.solve().objective == pytest.approx(35)
