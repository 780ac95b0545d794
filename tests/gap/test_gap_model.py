"""The gap model on small alliances: monotone, exclusive, and equal to a solver that tries everything."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from gap_alliances import ELEMENTS, HOLDERS, POSTURES, SITUATIONS, alliance, alliances
from hypothesis import given, settings
from hypothesis import strategies as st

from article3.gap.assess import Assessment, assess, everybody, ranges
from article3.gap.forces import Forces, Spread
from article3.gap.margin import MarginModel
from article3.gap.postures import Posture, supply

SOME = alliance(
    np.array([[50, 40, 20, 30], [2, 3, 0, 1], [8, 10, 6, 3], [6, 12, 4, 5], [0, 4, 3, 0]], dtype=float),
    np.array([12.0, 10, 9, 20]),
    np.array([6.0, 14, 5, 10]),
    np.array([20.0, 15, 8, 30]),
)


def assessed(forces: Forces) -> Assessment:
    return assess(forces, POSTURES, SITUATIONS)


@settings(max_examples=25, deadline=None)
@given(alliances(), st.integers(0, len(HOLDERS) - 1), st.integers(0, len(ELEMENTS) - 1))
def test_a_unit_more_never_hurts(forces: Forces, holder: int, element: int) -> None:
    more = forces.holdings.central.copy()
    more[holder, element] += 3
    richer = replace(forces, holdings=Spread(more, more, more))
    first, second = assessed(forces), assessed(richer)
    for name in POSTURES:
        assert (second.margins[name].margin >= first.margins[name].margin - 1e-6).all()
        assert (second.risks[name].risk <= first.risks[name].risk + 1e-5).all()


@settings(max_examples=25, deadline=None)
@given(alliances(), st.integers(1, len(HOLDERS) - 1))
def test_an_ally_less_never_helps(forces: Forces, holder: int) -> None:
    found = assessed(forces)
    gone = supply(forces.axes, found.values, Posture("gone", "before", frozenset({HOLDERS[holder]})))
    assert (found.margin_model.solve(gone).margin <= found.margins["with"].margin + 1e-6).all()
    assert (found.risk_model.solve(gone).risk >= found.risks["with"].risk - 1e-5).all()


@settings(max_examples=15, deadline=None)
@given(alliances())
def test_every_solve_is_certified(forces: Forces) -> None:
    """Weak duality above all: what the duals promise is never better than what is reached."""
    found = assessed(forces)
    assert len(found.certificates) == 2 * len(POSTURES)
    for name, certificate in found.certificates.items():
        assert certificate.holds, (name, certificate.faults)
        reached = found.margins[name.split(", ")[1]].margin.sum()
        if name.startswith("margin"):
            assert certificate.bound >= reached - 1e-6


def test_postures_are_ordered() -> None:
    found = assessed(SOME)
    for better, worse in (("with", "reduced"), ("reduced", "without")):
        assert (found.margins[better].margin >= found.margins[worse].margin - 1e-9).all()
    assert (found.margins["with"].margin > found.margins["without"].margin + 0.01).any()


@settings(max_examples=20, deadline=None)
@given(alliances())
def test_a_unit_is_used_once_in_a_situation(forces: Forces) -> None:
    """What all contingencies of a cell use of an element is no more than its holders have: counted per holder here."""
    found = assessed(forces)
    model, form = found.risk_model, found.risk_model.form
    for name, given_ in found.supplies.items():
        spent = found.risks[name].used * model.scale[form.var_supply]
        cells = form.supply_cell[form.var_supply]
        for place, cell in enumerate(found.cells):
            for element in np.nonzero(forces.axes.rival)[0]:
                mine = (cells == place) & (form.var_element == element)
                have = given_.inside(cell.contingencies, cell.window)[:, element].sum()
                assert spent[mine].sum() <= have + 1e-6 * max(1.0, have), (name, cell, element)


def test_the_same_task_twice_at_once_is_met_half_as_well() -> None:
    """Two contingencies with the same needs in the same places share every unit: the margin halves exactly."""
    twin = replace(SOME.axes.contingencies[0], id="south")
    band = SOME.axes.band.copy()
    band[:, 1] = band[:, 0]
    needs = SOME.needs.central.copy()
    needs[1] = needs[0]
    same = replace(
        SOME,
        axes=replace(SOME.axes, contingencies=(SOME.axes.contingencies[0], twin), band=band),
        needs=Spread(needs, needs, needs),
    )
    found = assessed(same)
    for name in POSTURES:
        margin = found.margins[name].margin
        for window in range(3):
            alone, both = (margin[found.cell(item, window)] for item in ("east", "both"))
            if alone < 2:
                assert both == pytest.approx(alone / 2, abs=1e-6)


def test_two_at_once_are_no_easier_than_each_alone() -> None:
    found = assessed(SOME)
    for name in POSTURES:
        margin = found.margins[name].margin
        for window in range(3):
            alone = [margin[found.cell(item, window)] for item in ("east", "south")]
            assert margin[found.cell("both", window)] <= min(alone) + 1e-6


def test_a_satellite_serves_both() -> None:
    """What is not used up serves both contingencies: its coverage in the joint situation is that of each alone."""
    found = assessed(SOME)
    form, coverage = found.risk_model.form, found.risks["without"].coverage
    sight = found.axes.of("capability", "sight")
    for window in range(3):
        for contingency in (0, 1):
            values = [
                coverage[(form.need_capability == sight) & (form.need_contingency == contingency)
                         & (form.need_cell == found.cell(situation, window))][0]
                for situation in (("east", "south")[contingency], "both")
            ]  # fmt: skip
            assert values[0] == pytest.approx(values[1], abs=1e-6)


def brute_force(
    forces: Forces, posture: Posture, contingencies: tuple[int, ...], window: int, essential: bool
) -> float:
    """Return the margin by trying a fine grid of common levels with linprog-free arithmetic.

    Batteries serve cover alone; tankers and lifters share fuel and lift. Whether a level can be served is decided by
    trying every split of tankers and lifters between the two tasks on a grid, holders one by one.
    """
    values = forces.central()
    given_ = supply(forces.axes, values, posture)
    (contingency,) = contingencies
    units = (given_.usable[:, window] * given_.reach[:, contingency, window][:, None]).sum(axis=0)
    need = values.needs[contingency, window]
    effect = values.effects
    best = 0.0
    for tanker in np.linspace(0, 1, 401):
        for lifter in (np.linspace(0, 1, 401),):
            fuel = effect[0, 0] * units[0] * tanker + effect[1, 0] * units[1] * lifter
            lift = effect[0, 1] * units[0] * (1 - tanker) + effect[1, 1] * units[1] * (1 - lifter)
            cover = effect[2, 2] * units[2]
            level = np.minimum(np.minimum(fuel / need[0], lift / need[1]), cover / need[2])
            best = max(best, float(level.max()))
    return min(best, 2.0)


@settings(max_examples=10, deadline=None)
@given(alliances(), st.sampled_from(sorted(POSTURES)), st.integers(0, 2), st.integers(0, 1))
def test_agrees_with_a_solver_that_tries_everything(forces: Forces, name: str, window: int, contingency: int) -> None:
    found = assessed(forces)
    place = found.cell(("east", "south")[contingency], window)
    tried = brute_force(forces, POSTURES[name], (contingency,), window, True)
    exact = found.margins[name].margin[place]
    assert tried <= exact + 1e-6
    assert exact <= tried + 0.02 * max(1.0, tried) + 1e-3


@settings(max_examples=15, deadline=None)
@given(alliances(), st.sampled_from(sorted(POSTURES)))
def test_weak_links_are_those_whose_relief_helps(forces: Forces, name: str) -> None:
    """With every weakest link relieved at once the margin rises; with one that is no weakest link, it does not."""
    found = assessed(forces)
    margins, form, model = found.margins[name], found.margin_model.form, found.margin_model
    for place in range(len(found.cells)):
        mine = np.nonzero(form.need_cell == place)[0]
        weak = mine[margins.binding[mine]]
        if margins.margin[place] >= 2 - 1e-6:
            assert len(weak) == 0
            continue
        assert len(weak) > 0
        for need in mine:
            without, _ = model.relieved(found.supplies[name], int(need))
            if need not in weak:
                assert without == pytest.approx(min(margins.margin[place], 1.0), abs=1e-4)


def test_the_order_of_postures_does_not_matter() -> None:
    """A model solved for other postures before gives the same as a fresh one."""
    found = assessed(SOME)
    again = found.margin_model.solve(found.supplies["with"])
    assert again.margin == pytest.approx(found.margins["with"].margin, abs=1e-7)
    assert (again.binding == found.margins["with"].binding).all()
    assert found.risk_model.solve(found.supplies["with"]).risk == pytest.approx(found.risks["with"].risk, abs=1e-7)


def test_draws_are_the_same_for_the_same_seed_and_around_the_central_value() -> None:
    found = assessed(SOME)
    first, second = (ranges(found, 16, 3) for _ in range(2))
    assert all(np.array_equal(first.attainment[name], second.attainment[name], equal_nan=True) for name in POSTURES)
    low, _, high = first.band("without")
    assert (low <= high).all()
    assert (low < high - 0.01).any()


def test_an_effect_of_next_to_nothing_is_nothing() -> None:
    """A draw may put an effect so low that the solver could not tell it from zero: the models still build."""
    found = assessed(SOME)
    effects = found.values.effects.copy()
    effects[1, 0] = 1e-13
    values = replace(found.values, effects=effects)
    model = MarginModel(found.axes, values, found.cells, everybody(SOME, values, POSTURES))
    without = replace(found.values, effects=np.where(effects < 1e-9, 0.0, effects))
    plain = MarginModel(found.axes, without, found.cells, everybody(SOME, without, POSTURES))
    for given_ in found.supplies.values():
        assert model.solve(given_).margin == pytest.approx(plain.solve(given_).margin, abs=1e-9)
