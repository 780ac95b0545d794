"""What the tests of programs share: programs small enough to solve by hand."""

from __future__ import annotations

import numpy as np
import pytest

from article3.program import Program, Rows, Session, Variables


@pytest.fixture(scope="session", autouse=True)
def _threads_first() -> None:
    """Let article3 fix the number of threads before linopy lets HiGHS choose."""
    program = Program("first")
    program.variables("x", {})
    Session(program).solve()


@pytest.fixture
def supply() -> tuple[Program, Variables, Rows, Rows]:
    """Two senders, three receivers; by hand: DEU sends 4 to EST and 4 to LTU, FRA 1 to EST and 7 to LVA, cost 35."""
    program = Program("supply")
    senders, receivers = ["DEU", "FRA"], ["EST", "LVA", "LTU"]
    sent = program.variables("sent", {"from": senders, "to": receivers}, cost=[[2, 3, 4], [4, 1, 7]])
    held = program.rows("held", {"from": senders}, upper=[8, 20])
    wanted = program.rows("wanted", {"to": receivers}, lower=[5, 7, 4])
    program.add_terms(held.index[:, None], sent, 1.0)
    program.add_terms(wanted, sent, 1.0)
    return program, sent, held, wanted


@pytest.fixture
def knapsack() -> tuple[Program, Variables, Rows]:
    """Ten lots of which some are taken: the relaxation is better than any whole answer."""
    program = Program("knapsack", sense="max")
    rng = np.random.default_rng(5)
    weights = rng.integers(5, 60, 10)
    taken = program.variables("taken", {"lot": range(10)}, upper=1.0, cost=weights + 3.0, integer=True)
    room = program.rows("room", {}, upper=float(weights.sum()) / 2 + 0.5)
    program.add_terms(room, taken, weights)
    return program, taken, room
