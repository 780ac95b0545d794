from __future__ import annotations

import numpy as np
import pytest
from test_program_session import covering, heavy

from article3.program import Program, ProgramError, Session, SolveError, Status, certify


def test_a_search_starts_from_the_point_it_is_given() -> None:
    program = heavy()
    good = Session(program, gap=0.0).solve(time_limit=1.0)
    assert good.incumbent
    assert good.point
    session = Session(program, gap=0.0)
    session.start_from(good.point.columns)
    started = session.solve(time_limit=0.1)
    assert started.status is Status.TIME_LIMIT
    assert started.objective >= good.objective - 1e-9
    assert certify(program, started).holds
    plain = Session(program, gap=0.0).solve(time_limit=0.1)
    assert plain.point is None or plain.objective < good.objective


def test_what_is_not_known_of_a_start_is_found() -> None:
    program = Program("parts", sense="max")
    lots = program.variables("lots", {"i": range(2)}, upper=9, cost=1.0, integer=True)
    money = program.variables("money", {}, cost=-0.1)
    room = program.rows("room", {}, upper=7.0)
    program.add_terms(room, lots, 1.0)
    paid = program.rows("paid", {}, lower=0.0)
    program.add_terms(paid, money, 1.0)
    program.add_terms(paid.index, lots.index, -1.0)
    session = Session(program)
    session.start_from([3.0, 20.0, np.nan])  # beyond its bound: moved to 9, and then refused by the row
    assert session.solve().objective == pytest.approx(6.3)
    session.start_from([3.0, 4.0, np.nan])
    assert session.solve().objective == pytest.approx(6.3)


def test_a_start_that_cannot_be_one_is_refused() -> None:
    session = Session(heavy(5))
    with pytest.raises(ProgramError, match=r"has 5 variables; a start of shape \(4,\)"):
        session.start_from(np.zeros(4))
    linear = Session(covering()[0])
    with pytest.raises(SolveError, match="is linear and starts from its last basis"):
        linear.start_from(np.zeros(200))
