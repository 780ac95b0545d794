"""Whole lots: plans small enough for paper, and one out of real evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import plan_scenarios
import pytest
from plan_alliances import Small

from article3.errors import Cancelled
from article3.plan import lots, sharing
from article3.plan.apportion import Needs, Sharing, share_out
from article3.plan.lots import Whole, in_whole, whole_lots
from article3.plan.problem import Problem
from article3.program import SolveError, Status, certify

EVERYONE = ("DEU", "FRA", "POL", "ITA")
FREE: dict[str, Any] = {"without": ("challenge", "one_ally", "fairness")}


def needs(given: Problem, units: float, *, worth: float = 50.0, firm: bool = False, year: int = 0) -> Needs:
    """Return needs for some units of every element, by one line, from a year judged on."""
    count = len(given.judged.scale)
    wanted = np.zeros((len(given.judged.years), count))
    wanted[year:] = units
    used = np.zeros(given.items.capacity.shape)
    used[:, :] = units / given.items.lot[given.items.line_element][:, None]
    return Needs(wanted, np.full(wanted.shape, worth), used, (), np.full(count, firm))


def both(given: Problem, asked: Needs, **options: Any) -> tuple[Sharing, Whole]:
    linear = share_out(given, asked)
    return linear, whole_lots(given, asked, linear, **options)


@pytest.fixture(scope="module")
def real() -> tuple[Any, Whole]:
    made = plan_scenarios.made("without", last_year=2028, until=2031, evaluate=(2029, 2031))
    return made, whole_lots(made.asked.given, made.needs, made.shared)


def test_orders_are_whole_where_the_linear_plan_has_parts() -> None:
    # 5 units in lots of 2 are two lots and a half. What falls short is worth 4 x 50 billion: a third lot is ordered.
    given = Small(lot=2.0, settings=FREE).problem()
    linear, whole = both(given, needs(given, 5.0))
    assert linear.ordered.sum() == pytest.approx(2.5)
    assert whole.ordered.sum() == 3
    assert whole.added[0, -1] == pytest.approx(3)


def test_what_is_worth_less_than_a_lot_is_left_short() -> None:
    # A lot of 2 costs 0.18 billion. A unit is a tenth of the scale, short in two years: 2 x 0.1 x 4 x 0.15 = 0.12.
    given = Small(lot=2.0, settings=FREE).problem()
    _, whole = both(given, needs(given, 5.0, worth=0.15))
    assert whole.ordered.sum() == 2


def test_a_line_of_less_than_a_lot_a_year_takes_one_in_some_years() -> None:
    # 0.7 + 0.7 + 0.7 units: by the nearest lot 1, 1, 2 in all, so that orders are 1, 0, 1.
    given = in_whole(Small(lines=({"element": 0, "capacity": 0.7},)).problem())
    assert given.items.capacity.tolist() == [[1, 0, 1]]
    # In lots of 2 the same line makes 0.35, 0.7, 1.05 lots in all: 0, 1, 1.
    given = in_whole(Small(lot=2.0, lines=({"element": 0, "capacity": 0.7},)).problem())
    assert given.items.capacity.tolist() == [[0, 2, 0]]


def test_entering_is_paid_once_and_wholly_with_the_first_order() -> None:
    # Four lots over two years, by an Ally that holds none: 30 million once, in the first year, whatever the lots.
    given = Small(entry=30.0, lines=({"element": 0, "capacity": 2.0, "lead": 1},), settings=FREE).problem()
    asked = needs(given, 4.0)
    _, whole = both(given, asked)
    by_year = np.bincount(whole.given.order_year, weights=whole.ordered)
    assert whole.ordered.sum() == 4
    assert (by_year > 0).sum() > 1
    assert whole.entry_paid == pytest.approx([0.030])
    assert whole.entry_due == pytest.approx([0.030])
    first = int(np.argmax(by_year > 0))
    paid = by_year * 0.090
    paid[first] += 0.030
    assert whole.spent[0, : len(by_year)] == pytest.approx(paid)


def test_nobody_pays_for_entering_what_it_does_not_order_or_holds() -> None:
    # Germany holds some already and is no dearer: France enters only if it orders.
    given = Small(allies=("DEU", "FRA"), entry=30.0, held=[[5.0], [0.0]], settings=FREE).problem()
    _, whole = both(given, needs(given, 4.0))
    assert whole.entry_paid.sum() == 0
    assert set(whole.given.pair_buyer[whole.given.order_pair[whole.ordered > 0]]) == {0}


def test_a_licensed_line_is_set_up_wholly_or_not_at_all() -> None:
    # 2 lots of 10 a year: a linear plan sets up a fifth of the line.
    line = {"element": 0, "capacity": [2.0, 0.0, 0.0], "setup": 300.0}
    given = Small(lines=({**line, "capacity": 10.0},), settings=FREE).problem()
    linear, whole = both(given, needs(given, 2.0))
    assert 0 < linear.set_up["line0"] < 0.5
    assert whole.set_up == {"line0": 1.0}


def test_one_lot_can_be_ordered_although_nobody_may_have_more_than_half() -> None:
    # Of one lot nobody could have half; the first lot is open to anybody, of two each takes one.
    allied = Small(allies=EVERYONE, settings={"without": ("fairness",)})
    _, one = both(allied.problem(), needs(allied.problem(), 1.0))
    assert one.ordered.sum() == 1
    _, two = both(allied.problem(), needs(allied.problem(), 2.0))
    by_pair = np.bincount(two.given.order_pair, weights=two.ordered)
    assert two.ordered.sum() == 2
    assert by_pair.max() == 1


def test_the_first_lot_is_open_to_anybody_and_the_cap_is_on_the_rest() -> None:
    # Four Allies of equal GDP: nobody has more than half. Germany could have the only lot, of three two.
    given = Small(allies=EVERYONE, settings={"without": ("fairness",)}).problem()
    assert sharing.caps(given) == pytest.approx([0.5] * 4)
    for lots_in_all, most in ((1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (6, 3)):
        program = lots.build(given, needs(given, float(lots_in_all)), "ordered")
        session = lots.session_of(program, given, 0.0)
        element = program.block("of_element").index.ravel()
        session.set_bounds(element, lower=lots_in_all, upper=lots_in_all)
        session.set_costs(program.block("of_pair").index[:1], -100.0)
        assert session.solve().value(program.block("of_pair"))[0] == most


def test_what_a_target_holds_firm_gives_way_by_less_than_a_lot_and_says_so() -> None:
    # 2.4 units are firm, and all the line makes: two lots. What is short is 0.4 of a scale of 10 units.
    given = Small(lines=({"element": 0, "capacity": [2.4, 0.0, 0.0]},), settings=FREE).problem()
    asked = needs(given, 2.4, firm=True)
    linear, whole = both(given, asked)
    assert linear.ordered.sum() == pytest.approx(2.4)
    assert whole.ordered.sum() == 2
    assert whole.eased == pytest.approx(0.04)
    _, met = both(given, replace(asked, units=asked.units / 1.2))
    assert met.eased == 0


def test_the_gap_is_that_of_the_bound_and_the_bound_is_below(real: tuple[Any, Whole]) -> None:
    _, whole = real
    solution = whole.solution
    assert solution.optimal
    assert solution.bound <= solution.objective
    assert solution.gap == pytest.approx((solution.objective - solution.bound) / solution.objective)
    assert solution.gap <= lots.GAP
    assert whole.linear <= solution.bound + 1e-9
    assert whole.linear_gap >= solution.gap
    assert whole.certificate.holds
    assert f"within {solution.gap:.1%}".replace("%", " %") in whole.said()


def test_no_plan_in_whole_lots_is_below_the_linear_one(real: tuple[Any, Whole]) -> None:
    made, whole = real
    assert whole.linear <= whole.least == whole.solution.objective
    small = Small(allies=EVERYONE, lot=2.0, entry=20.0, settings={"without": ("fairness",)}).problem()
    for units in (3.0, 5.0, 11.0):
        _, found = both(small, needs(small, units))
        assert found.linear <= found.solution.objective + 1e-9
    assert whole.ordered.sum() > 0
    assert made.shared.ordered.sum() > 0


def test_a_real_plan_keeps_lines_caps_and_entry_in_whole_lots(real: tuple[Any, Whole]) -> None:
    made, whole = real
    given = whole.given
    assert (whole.ordered == np.round(whole.ordered)).all()
    assert (made.shared.ordered != np.round(made.shared.ordered)).any()
    # Never more than half a lot ahead of what the line makes.
    lines = made.asked.given.items
    used = np.zeros(lines.capacity.shape)
    np.add.at(used, (given.order_line, given.order_year), whole.ordered)
    made_ = np.cumsum(lines.capacity / lines.lot[lines.line_element][:, None], axis=1)
    assert (np.cumsum(used, axis=1) <= made_ + 0.5 + 1e-9).all()
    # The first lot free, the cap on the rest.
    of_pair = np.bincount(given.order_pair, weights=whole.ordered, minlength=len(given.pair_buyer))
    of_element = np.bincount(given.pair_element, weights=of_pair, minlength=len(lines.elements))
    cap = sharing.caps(given)
    assert (of_pair <= 1 - cap + cap * of_element[given.pair_element] + 1e-6).all()
    np.testing.assert_allclose(whole.entry_paid, np.where(of_pair > 0, sharing.entering(given), 0.0), atol=1e-9)
    assert set(whole.set_up.values()) <= {0.0, 1.0}


def test_a_search_that_is_stopped_keeps_the_best_plan_and_marks_it(
    real: tuple[Any, Whole], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _ = real
    over = []
    start = lots._start

    def then_stop(*given: Any) -> Any:
        found = start(*given)
        over.append(True)
        return found

    monkeypatch.setattr(lots, "_start", then_stop)
    monkeypatch.setattr(lots, "GAP", 1e-6)
    whole = whole_lots(made.asked.given, made.needs, made.shared, time_limit=8.0, stop=lambda: bool(over))
    solution = whole.solution
    assert (solution.status, solution.incumbent, solution.optimal) == (Status.INTERRUPTED, True, False)
    assert (whole.ordered == np.round(whole.ordered)).all()
    assert whole.linear <= solution.bound <= solution.objective
    assert whole.certificate.holds
    assert "when it was stopped: the best plan found until then" in whole.said()


def test_a_search_that_is_stopped_at_once_has_no_plan(real: tuple[Any, Whole]) -> None:
    made, _ = real
    with pytest.raises(Cancelled, match="before there was a plan in whole lots; nothing was written"):
        whole_lots(made.asked.given, made.needs, made.shared, stop=lambda: True)


def test_a_time_limit_is_said() -> None:
    given = Small(settings=FREE).problem()
    _, whole = both(given, needs(given, 3.0))
    late = replace(
        whole, solution=replace(whole.solution, status=Status.TIME_LIMIT, bound=0.9 * whole.least), seconds=60.2
    )
    assert late.solution.incumbent
    share = late.solution.gap
    assert f"within {share:.1%}".replace("%", " %") in late.said()
    assert "after 60 s, when the time was up" in late.said()
    assert "at a distance not known" in replace(late, linear=-np.inf).said()


def test_no_plan_in_whole_lots_is_said() -> None:
    given = Small(settings=FREE).problem()
    linear, _ = both(given, needs(given, 3.0))
    with pytest.raises(SolveError, match="no plan in whole lots"):
        lots._nothing(replace(linear.solution, status=Status.INFEASIBLE, point=None), 60.0)
    with pytest.raises(SolveError, match="within 60 s"):
        lots._nothing(replace(linear.solution, status=Status.TIME_LIMIT, point=None), 60.0)


def test_what_the_linear_plan_struck_out_can_be_ordered() -> None:
    # The linear plan has nothing left of the second element; the linear program of the stage orders it.
    small = Small(allies=("DEU", "FRA"), elements=2, settings=FREE)
    given = small.problem()
    asked = needs(given, 3.0)
    linear = share_out(given, asked)
    second = linear.given.pair_element[linear.given.order_pair] == 1
    struck = replace(linear, ordered=np.where(second, 0.0, linear.ordered))
    whole = whole_lots(given, asked, struck)
    element = whole.given.pair_element[whole.given.order_pair]
    assert np.bincount(element, weights=whole.ordered).tolist() == [3, 3]


def test_the_certificate_is_that_of_the_program_solved(real: tuple[Any, Whole]) -> None:
    made, whole = real
    program = lots.build(whole.given, made.needs, "ordered")
    assert certify(program, whole.solution) == whole.certificate
    wrong = replace(whole.solution, point=replace(whole.solution.point, columns=whole.solution.point.columns + 0.4))
    assert not certify(program, wrong).holds
