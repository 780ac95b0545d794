"""The same models written a second time in linopy: equal objectives."""

from __future__ import annotations

from typing import Any

import linopy
import numpy as np
import pytest
import xarray as xr

from article3.program import Program, Session, certify


def axis(name: str, size: int) -> Any:
    return xr.DataArray(np.arange(size), dims=name, coords={name: np.arange(size)}).indexes[name]


def labelled(values: np.ndarray, *dims: str) -> xr.DataArray:
    return xr.DataArray(
        values, dims=dims, coords={dim: np.arange(size) for dim, size in zip(dims, values.shape, strict=True)}
    )


def solved(model: linopy.Model, **options: Any) -> float:
    status, _ = model.solve(solver_name="highs", io_api="direct", output_flag=False, **options)
    assert status == "ok"
    return float(model.objective.value)


def ours(program: Program, gap: float = 0.0) -> float:
    solution = Session(program, gap=gap).solve()
    assert certify(program, solution).holds
    return solution.objective


@pytest.fixture(params=[1, 2])
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    return np.random.default_rng(request.param)


def test_transport(rng: np.random.Generator) -> None:
    depots, fronts = 12, 20
    cost, held, wanted = rng.uniform(1, 9, (depots, fronts)), rng.uniform(40, 60, depots), rng.uniform(5, 25, fronts)

    program = Program("transport")
    sent = program.variables("sent", {"depot": range(depots), "front": range(fronts)}, cost=cost)
    program.add_terms(program.rows("held", {"depot": range(depots)}, upper=held).index[:, None], sent, 1.0)
    program.add_terms(program.rows("wanted", {"front": range(fronts)}, lower=wanted), sent, 1.0)

    model = linopy.Model()
    x = model.add_variables(lower=0, coords=[axis("depot", depots), axis("front", fronts)], name="sent")
    model.add_constraints(x.sum("front") <= labelled(held, "depot"), name="held")
    model.add_constraints(x.sum("depot") >= labelled(wanted, "front"), name="wanted")
    model.add_objective((labelled(cost, "depot", "front") * x).sum())
    assert ours(program) == pytest.approx(solved(model), rel=1e-8)


def test_stocks_over_periods(rng: np.random.Generator) -> None:
    kinds, years = 5, 15
    need, line = rng.uniform(0, 30, (kinds, years)), rng.uniform(14, 25, kinds)
    make, keep, miss = rng.uniform(1, 4, (kinds, years)), rng.uniform(0.1, 0.5, kinds), 50.0
    lost = 0.9

    program = Program("stocks", constant=10.0)
    axes = {"kind": range(kinds), "year": range(years)}
    made = program.variables("made", axes, upper=line[:, None], cost=make)
    kept = program.variables("kept", axes, cost=keep[:, None])
    missed = program.variables("missed", axes, cost=miss)
    balance = program.rows("balance", axes, lower=need, upper=need)
    program.add_terms(balance, made, 1.0)
    program.add_terms(balance, missed, 1.0)
    program.add_terms(balance, kept, -1.0)
    program.add_terms(balance.index[:, 1:], kept.index[:, :-1], lost)

    model = linopy.Model()
    coords = [axis("kind", kinds), axis("year", years)]
    m = model.add_variables(
        lower=0, upper=labelled(np.tile(line[:, None], years), "kind", "year"), coords=coords, name="made"
    )
    k = model.add_variables(lower=0, coords=coords, name="kept")
    s = model.add_variables(lower=0, coords=coords, name="missed")
    needed = labelled(need, "kind", "year")
    earlier = k.isel(year=slice(None, -1)).assign_coords(year=np.arange(1, years))
    later = {"year": slice(1, None)}
    model.add_constraints((m + s - k).isel(year=0) == needed.isel(year=0), name="first")
    model.add_constraints((m + s - k).isel(later) + lost * earlier == needed.isel(later), name="balance")
    costs = (labelled(make, "kind", "year") * m).sum() + (labelled(keep, "kind") * k).sum() + miss * s.sum()
    model.add_objective(costs)
    assert ours(program) == pytest.approx(solved(model) + 10.0, rel=1e-8)


def test_whole_lots(rng: np.random.Generator) -> None:
    sites, towns = 6, 12
    build, reach, room = rng.uniform(30, 60, sites), rng.uniform(1, 20, (sites, towns)), 4.0

    program = Program("sites")
    opened = program.variables("opened", {"site": range(sites)}, upper=1, cost=build, integer=True)
    served = program.variables("served", {"site": range(sites), "town": range(towns)}, cost=reach)
    program.add_terms(program.rows("each", {"town": range(towns)}, lower=1, upper=1), served, 1.0)
    limit = program.rows("room", {"site": range(sites)}, upper=0)
    program.add_terms(limit.index[:, None], served, 1.0)
    program.add_terms(limit, opened, -room)

    model = linopy.Model()
    o = model.add_variables(binary=True, coords=[axis("site", sites)], name="opened")
    s = model.add_variables(lower=0, coords=[axis("site", sites), axis("town", towns)], name="served")
    model.add_constraints(s.sum("site") == 1, name="each")
    model.add_constraints(s.sum("town") - room * o <= 0, name="room")
    model.add_objective((labelled(build, "site") * o).sum() + (labelled(reach, "site", "town") * s).sum())
    assert ours(program) == pytest.approx(solved(model, mip_rel_gap=0.0), rel=1e-6)
