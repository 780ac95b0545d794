from __future__ import annotations

import numpy as np
import pytest

from article3.program import Program, Rows, Session, SolveError, Status, Variables, least_violation

Supply = tuple[Program, Variables, Rows, Rows]


def test_a_feasible_program_lacks_nothing(supply: Supply) -> None:
    program, _, held, wanted = supply
    found = least_violation(program, {wanted: 1.0, held: 1.0})
    assert found.total == pytest.approx(0, abs=1e-9)
    assert Session(program).solve().objective == pytest.approx(35)


def test_what_is_missing_is_told_by_label(supply: Supply) -> None:
    program, _, held, wanted = supply
    session = Session(program)
    session.set_row_bounds(wanted, lower=[50, 7, 4])
    assert session.solve().status is Status.INFEASIBLE
    harder = Program("harder")
    sent = harder.variables("sent", {"from": ["DEU", "FRA"], "to": ["EST", "LVA", "LTU"]})
    held = harder.rows("held", {"from": ["DEU", "FRA"]}, upper=[8, 20])
    wanted = harder.rows("wanted", {"to": ["EST", "LVA", "LTU"]}, lower=[50, 7, 4])
    harder.add_terms(held.index[:, None], sent, 1.0)
    harder.add_terms(wanted, sent, 1.0)
    found = least_violation(harder, {wanted: [10.0, 1.0, 1.0]})
    assert found.total == pytest.approx(10 * 22 + 7 + 4)
    np.testing.assert_allclose(found.by_row["wanted"], [22, 7, 4], atol=1e-9)
    np.testing.assert_allclose(least_violation(harder, {held: 1.0}).by_row["held"].sum(), -33, atol=1e-9)


def test_a_conflict_that_exists_only_because_variables_are_whole_is_found() -> None:
    program = Program("whole")
    x = program.variables("x", {}, upper=9, integer=True)
    rows = program.rows("between", {}, lower=0.25, upper=0.75)
    program.add_terms(rows, x, 1.0)
    assert Session(program).solve().status is Status.INFEASIBLE
    found = least_violation(program, {rows: 1.0})
    assert found.total == pytest.approx(0.25)
    assert abs(float(found.by_row["between"])) == pytest.approx(0.25)


def test_rows_that_may_not_give_way_must_have_a_solution(supply: Supply) -> None:
    program, sent, held, _ = supply
    program.add_terms(program.rows("never", {}, upper=-1.0), sent, 1.0)
    with pytest.raises(SolveError, match="ended as infeasible"):
        least_violation(program, {held: 1.0})
