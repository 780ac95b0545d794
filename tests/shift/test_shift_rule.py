"""The rule of no surprises: what today covers, how much of it is kept, and what holds it down."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shift_small import handed

from article3.shift.rule import KeptModel, assignments, floors

MARGINS = (0.0, 0.1, 0.25, 0.5, 1.0)


@pytest.fixture(scope="module")
def model() -> KeptModel:
    """How much is kept under the small plan, built once."""
    return KeptModel(handed().field, handed().kept)


@pytest.mark.parametrize("margin", MARGINS)
def test_floors_lie_between_what_is_covered_today_and_the_margin(margin: float) -> None:
    given_ = handed().field
    kept = floors(given_, margin)
    today = given_.risk.solve_stock(given_.units(0, given_.offer)).coverage
    short = today < 1 - 1e-6
    assert short.any()
    assert not short.all()
    np.testing.assert_allclose(kept.coverage[short], today[short], atol=1e-9)
    assert (kept.coverage[~short] >= 1 - 1e-9).all()
    assert kept.coverage.max() <= 1 + margin + 1e-9
    if margin:
        assert kept.coverage.max() > 1 + margin - 1e-6, "something is there in plenty"
    assert KeptModel(given_, kept).solve(given_.units(0, given_.offer)).share.min() == 1.0, "today keeps its own rule"


def test_spare_capacity_is_used_up() -> None:
    """Nothing more is there to spare: a need cannot be held higher while all others stay where they are."""
    given_, kept = handed().field, handed().kept
    units = given_.units(0, given_.offer)
    room = np.nonzero((kept.coverage > 1 + 1e-6) & (kept.coverage < 1.25 - 1e-3))[0]
    assert len(room) > 3
    for need in room:
        higher = kept.coverage.copy()
        higher[need] += 0.01
        more = KeptModel(given_, replace(kept, coverage=higher, also=np.zeros_like(kept.also)))
        assert more.solve(units).share[given_.form.need_cell[need]] < 1.0, need


def test_attainment_is_kept_where_coverage_alone_would_not() -> None:
    """Least risk leaves the weakest link below what can be attained: an assignment of its own keeps that."""
    given_, kept = handed().field, handed().kept
    assert kept.also.any()
    parts = assignments(given_, kept)
    assert [part.name for part in parts] == ["coverage", "attainment"]
    assert set(parts[1].cell.tolist()) == set(np.nonzero(kept.also)[0].tolist())
    essential = np.isin(np.arange(len(kept.coverage)), parts[1].need)
    for cell in np.nonzero(kept.also)[0]:
        mine = essential & (given_.form.need_cell == cell)
        assert kept.coverage[mine].min() < kept.attainment[cell] - 1e-6
        assert set(parts[1].floor[parts[1].cell == cell].tolist()) == {kept.attainment[cell]}


def test_without_the_floor_for_attainment_more_is_called_kept() -> None:
    """The weakest link of the long-range batteries shows in attainment first."""
    given_, kept = handed().field, handed().kept
    looser = KeptModel(given_, replace(kept, also=np.zeros_like(kept.also)))
    strict = KeptModel(given_, kept)
    offer = given_.offer.copy()
    offer[given_.axes.of("element", "sam_long")] *= 0.5
    units = given_.units(0, offer)
    assert (strict.solve(units).share <= looser.solve(units).share + 1e-9).all()
    reached = given_.margin.solve_stock(units[_margin_rows()], names=False).attainment
    shares = strict.solve(units).share
    assert (shares[kept.also] <= (reached / kept.attainment)[kept.also] + 1e-6).all()


def _margin_rows() -> np.ndarray:
    from article3.shift.rule import rows_in

    given_ = handed().field
    rows = rows_in(given_.margin.form, given_.form)
    np.testing.assert_array_equal(given_.form.supply_element[rows], given_.margin.form.supply_element)
    np.testing.assert_array_equal(given_.form.supply_cell[rows], given_.margin.form.supply_cell)
    return rows


@given(part=st.floats(0.05, 1.0))
@settings(max_examples=12)
def test_a_part_of_everything_keeps_that_part_at_least(part: float, model: KeptModel) -> None:
    """Supply is linear: with a part of all units every floor is met to that part, and nothing is kept below it."""
    units = handed().field.units(0, handed().field.offer)
    kept = model.solve(units * part)
    assert (kept.share >= part - 1e-6).all()
    assert (kept.share <= 1.0).all()


@given(data=st.data())
@settings(max_examples=15)
def test_what_leaves_never_raises_what_is_kept(data: st.DataObject, model: KeptModel) -> None:
    given_ = handed().field
    places = st.sampled_from(given_.offered.tolist())
    parts = st.dictionaries(places, st.floats(0.0, 1.0), min_size=1, max_size=6)
    first, more = data.draw(parts), data.draw(parts)
    offer = given_.offer.copy()
    for element, part in first.items():
        offer[element] *= 1 - part
    less = offer.copy()
    for element, part in more.items():
        less[element] *= 1 - part
    year = data.draw(st.integers(0, len(given_.years) - 1))
    before, after = model.solve(given_.units(year, offer)), model.solve(given_.units(year, less))
    assert (after.share <= before.share + 1e-6).all()


def test_what_binds_is_what_holds_the_share_down() -> None:
    """Named where less is kept, and only there; without what is named, more would be kept."""
    given_, kept = handed().field, handed().kept
    offer = given_.offer.copy()
    for name in ("heavy_transporter", "sam_long", "engineer_unit"):
        offer[given_.axes.of("element", name)] = 0.0
    units = given_.units(0, offer)
    found = KeptModel(given_, kept).solve(units)
    cells = np.unique(given_.form.need_cell[found.binding])
    np.testing.assert_array_equal(cells, np.nonzero(found.share < 1)[0])
    names = {given_.axes.capabilities[k] for k in given_.form.need_capability[found.binding]}
    assert "long_range_air_defence" in names
    lowered = replace(kept, coverage=np.where(found.binding, 0.0, kept.coverage), also=np.zeros_like(kept.also))
    freed = KeptModel(given_, lowered).solve(units)
    assert (freed.share[cells] > found.share[cells] + 1e-6).all()
    whole = KeptModel(given_, kept).solve(given_.units(0, given_.offer))
    assert not whole.binding.any()


def test_a_cell_of_which_nothing_is_left_keeps_nothing() -> None:
    given_, kept = handed().field, handed().kept
    found = KeptModel(given_, kept).solve(np.zeros(len(given_.form.supply_cell)))
    assert found.share.max() == 0.0
    assert found.binding.any()


@pytest.mark.parametrize("missing", [2e-7, 5e-7, 9e-7])
def test_a_requirement_that_is_covered_but_for_rounding_ends_nothing(missing: float) -> None:
    """Transporters alone give surface movement: they cover each requirement of it but for less than a millionth."""
    given_ = handed().field
    form, element = given_.form, given_.axes.of("element", "heavy_transporter")
    home, offer = given_.home.copy(), given_.offer.copy()
    offer[element] = 0.0
    needs = np.nonzero(form.need_capability == given_.axes.of("capability", "surface_movement"))[0]
    for need in needs:
        row = (form.supply_element == element) & (form.supply_cell == form.need_cell[need])
        place = form.need_contingency[need], form.need_window[need], form.need_capability[need]
        home[:, row] = given_.values.needs[place] * (1 - missing)
    found = floors(replace(given_, home=home, offer=offer), 0.25)
    np.testing.assert_allclose(found.coverage[needs], 1.0, atol=1e-6)
