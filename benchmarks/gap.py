"""The gap: a full assessment, building beside solving, a sweep of postures, and linopy at equal objective."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np

from article3.gap.analysis import gap
from article3.gap.assess import assess, everybody, postures_of, situations_of
from article3.gap.forces import Forces, forces
from article3.gap.layout import stock
from article3.gap.margin import CEILING, MarginModel
from article3.gap.postures import Posture, Supply, supply
from article3.gap.risk import RiskModel
from article3.scenario.resolve import Inputs, resolve
from benchmarks.processes import ask, environment, workplace
from benchmarks.results import stamp, table, verdict
from benchmarks.spread import Spread, ratio

POSTURES = 1000
BAR_SECONDS, BAR_MB, BAR_BUILD, BAR_SWEEP = 2.0, 300.0, 0.1, 1 / 3


def section(repeat: int) -> str:
    """Measure and return the section."""
    inputs = resolve("baseline")
    held = forces(inputs.planning, inputs.contingencies)
    whole, build, solve, made, cells = [], [], [], [], 0
    for _ in range(repeat):
        started = time.perf_counter()
        found = assess(forces(inputs.planning, inputs.contingencies), postures_of(inputs), situations_of(inputs))
        whole.append(time.perf_counter() - started)
        solve.append(sum(item.seconds for group in (found.margins, found.risks) for item in group.values()))
        build.append(whole[-1] - solve[-1])
        cells = len(found.cells)
        started = time.perf_counter()
        everyone = everybody(held, found.values, found.postures)
        MarginModel(held.axes, found.values, found.cells, everyone)
        RiskModel(held.axes, found.values, found.cells, everyone)
        made.append(time.perf_counter() - started)
    sweep = _sweep(inputs, held)
    peer = _linopy(inputs, held, repeat)
    rows = [
        ["full assessment: arrays, models, all solves", Spread.of(whole).text(1000)],
        ["of it solving", Spread.of(solve).text(1000)],
        ["of it all else: arrays, building, right-hand sides, reading back", Spread.of(build).text(1000)],
        ["laying out, building and loading both programmes", Spread.of(made).text(1000)],
        ["margin programme: building here", Spread.of(peer["ours"]).text(1000)],
        ["margin programme: building in linopy", Spread.of(peer["linopy"]).text(1000)],
    ]
    share = statistics.median(made) / statistics.median(solve)
    seconds, memory = statistics.median(whole), _memory()
    return "\n".join(
        [
            "## Gap",
            "",
            stamp("article3", "highspy", "linopy", "numpy"),
            "",
            table(("what", "ms"), rows),
            "",
            (
                f"{repeat} rounds; {cells} cells (contingencies alone and planning situations, by window) in "
                f"{len(found.postures)} postures, margin with every weakest link, and risk. Bar {BAR_SECONDS:g} s: "
                f"{verdict(seconds, BAR_SECONDS)}. Peak memory of a process that does nothing else {memory:.0f} MB, "
                f"bar {BAR_MB:g}: {verdict(memory, BAR_MB)}. Building both programmes takes {share:.2f} of all "
                f"solving, bar {BAR_BUILD:g}: {verdict(share, BAR_BUILD)}; linopy takes "
                f"{ratio(peer['linopy'], peer['ours']).text()} times as long to build the first of them, at equal "
                f"objective ({peer['objective'][0]:.6f} and {peer['objective'][1]:.6f})."
            ),
            "",
            _told(sweep),
        ]
    )


def _told(sweep: dict[str, tuple[float, float]]) -> str:
    warm, cold, built = sweep["warm"], sweep["cold"], sweep["built"]
    over_built, over_cold = warm[0] / built[0], warm[0] / cold[0]
    return (
        f"Sweep of {POSTURES:,} postures (each holder absent with probability one fifth) on the built margin model: "
        f"warm {warm[0]:.2f} s and {warm[1]:,.0f} iterations, cold {cold[0]:.2f} s and {cold[1]:,.0f} iterations, "
        f"cold with building {built[0]:.2f} s (from 50). Warm over cold with building {over_built:.2f}, bar "
        f"{BAR_SWEEP:.2f}: {verdict(over_built, BAR_SWEEP)}; over cold solves of the built model {over_cold:.2f}: "
        f"{verdict(over_cold, BAR_SWEEP)}. Largest difference of a margin {sweep['difference'][0]:.1e}."
    )


def _sweep(inputs: Inputs, held: Forces) -> dict[str, tuple[float, float]]:
    values, postures = held.central(), postures_of(inputs)
    rng = np.random.default_rng(3)
    given = []
    for _ in range(POSTURES):
        absent = frozenset(np.array(held.axes.holders)[rng.random(len(held.axes.holders)) < 0.2].tolist())
        given.append(supply(held.axes, values, Posture("swept", postures["with"].version, absent)))
    everyone = everybody(held, values, postures)
    found = assess(held, postures, situations_of(inputs))
    out: dict[str, tuple[float, float]] = {}
    margins = {}
    for name in ("warm", "cold"):
        model = MarginModel(held.axes, values, found.cells, everyone)
        started, iterations, kept = time.perf_counter(), 0, []
        for item in given:
            if name == "cold":
                model.forget()
            solved = model.solve(item, names=False)
            iterations += solved.iterations
            kept.append(solved.margin)
        out[name] = (time.perf_counter() - started, iterations)
        margins[name] = np.array(kept)
    started = time.perf_counter()
    for item in given[:50]:
        MarginModel(held.axes, values, found.cells, everyone).solve(item, names=False)
    out["built"] = ((time.perf_counter() - started) * POSTURES / 50, 0)
    out["difference"] = (float(np.abs(margins["warm"] - margins["cold"]).max()), 0)
    return out


def _linopy(inputs: Inputs, held: Forces, repeat: int) -> dict[str, list[float]]:
    import linopy
    import pandas as pd
    import xarray as xr

    values, postures = held.central(), postures_of(inputs)
    everyone = everybody(held, values, postures)
    found = assess(held, postures, situations_of(inputs))
    given: Supply = found.supplies["with"]
    ours, theirs, objectives = [], [], [0.0, 0.0]
    for number in range(repeat):
        started = time.perf_counter()
        model = MarginModel(held.axes, values, found.cells, everyone)
        ours.append(time.perf_counter() - started)
        form = model.form
        upper = stock(form, given) / model.scale
        started = time.perf_counter()
        peer = linopy.Model()
        uses = pd.RangeIndex(len(form.var_supply), name="use")
        use = peer.add_variables(lower=0, coords=[uses], name="use")
        cells = pd.RangeIndex(len(form.cells), name="cell")
        margin = peer.add_variables(lower=0, upper=CEILING, coords=[cells], name="margin")
        of_supply = xr.DataArray(form.var_supply, coords=[uses], name="supply")
        of_need = xr.DataArray(form.var_need, coords=[uses], name="need")
        spent = use.groupby(of_supply).sum()
        rows = np.unique(form.var_supply)
        peer.add_constraints(spent <= xr.DataArray(upper[rows], coords={"supply": rows}), name="supply")
        served = (xr.DataArray(model.per_use, coords=[uses]) * use).groupby(of_need).sum()
        needs = np.unique(form.var_need)
        level = margin.sel(cell=xr.DataArray(form.need_cell[needs], coords={"need": needs}))
        peer.add_constraints(served - level >= 0, name="need")
        missing = np.setdiff1d(np.arange(len(form.need_cell)), needs)
        if len(missing):
            nobody = np.unique(form.need_cell[missing])
            peer.add_constraints(margin.sel(cell=nobody) <= 0, name="nobody")
        peer.add_objective(margin.sum(), sense="max")
        theirs.append(time.perf_counter() - started)
        if number == 0:
            peer.solve(solver_name="highs", output_flag=False)
            objectives = [float(model.solve(given, names=False).margin.sum()), float(peer.objective.value)]
    return {"ours": ours, "linopy": theirs, "objective": objectives}


def _memory() -> float:
    """Return the peak memory in MB of a process that assesses the baseline."""
    with workplace() as folder:
        return float(ask(["-c", "from benchmarks.gap import alone; alone()"], environment(folder)))


def alone() -> None:
    """Assess the baseline and print the peak memory of this process in MB."""
    gap(resolve("baseline"))
    # The kernel's own high-water mark: ru_maxrss would count what the process was forked from.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    print(next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM")))
