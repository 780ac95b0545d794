"""The plan: building beside solving, stage one beside linopy, growth with its size, and whole lots over time."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import linopy
import numpy as np
import xarray as xr

from article3.plan import apportion, lots
from article3.plan.apportion import Needs
from article3.plan.decide import Decider
from article3.plan.make import Asked, Made, ask, make
from article3.plan.problem import Problem, narrowed
from article3.program import Session, SolveError, certify
from article3.program.assembly import Arrays
from article3.scenario.resolve import resolve
from benchmarks.processes import BenchmarkError
from benchmarks.results import stamp, table, verdict
from benchmarks.spread import Spread, ratio

SCENARIOS = ("baseline", "without_us")
BAR_BUILD = 0.1
SIZES = ((4, 10, 6), (8, 20, 8), (16, 30, 11), (31, 41, 14))
LIMITS = (10.0, 30.0, 60.0)
PICTURE = Path(__file__).with_name("plan-growth.png")


@dataclass(frozen=True)
class Grown:
    """Stage one at a size: Allies, elements, years of money; what it takes to build and to solve it, in seconds."""

    allies: int
    elements: int
    years: int
    rows: int
    columns: int
    coefficients: int
    ours: float
    linopy: float
    solving: float

    @property
    def size(self) -> int:
        return self.allies * self.elements * self.years


def section(repeat: int) -> str:
    """Measure and return the section."""
    asked = {name: ask(resolve(name)) for name in SCENARIOS}
    whole, made = _whole(asked, repeat)
    peer, objective, size = _peer(asked["baseline"], repeat)
    grown = [_grown(asked["without_us"], *size) for size in SIZES]
    _draw(grown)
    return "\n".join(
        [
            "## Plan",
            "",
            stamp("article3", "highspy", "linopy", "numpy"),
            "",
            table(
                ("plan, from question to judged outcome", "total s", "of it building s", "building / total", ""), whole
            ),
            "",
            (
                f"{repeat} rounds of reading, deciding, sharing out and judging. Building is that of all its programs: "
                "one for least risk and least cost, and three passes of sharing out, each at the size of the first. "
                f"Bar: {BAR_BUILD:g} of the total."
            ),
            "",
            table(
                ("least risk of `baseline`", "ms", "× linopy"),
                [
                    ["linopy: terms to a loaded solver", Spread.of(peer["linopy"]).text(1000), "1"],
                    [
                        "`plan.decide`: problem to a loaded solver",
                        Spread.of(peer["ours"]).text(1000),
                        ratio(peer["ours"], peer["linopy"]).text(),
                    ],
                ],
            ),
            "",
            (
                f"{repeat} interleaved rounds; {size}. linopy is handed our coefficients, row family by row family, "
                "so that it computes none of them; it does check how the layer writes a program, not the formulas. "
                f"Each solved by its own call of HiGHS: {objective[0]:.9f} here, certified, and {objective[1]:.9f}."
            ),
            "",
            _growth(grown),
            "",
            _lots(made),
        ]
    )


def _whole(asked: dict[str, Asked], repeat: int) -> tuple[list[list[str]], dict[str, Made]]:
    rows, plans = [], {}
    for name, given in asked.items():
        total, building = [], []
        for _ in range(repeat):
            started = time.perf_counter()
            plans[name] = make(ask(given.inputs))
            total.append(time.perf_counter() - started)
            building.append(_building(given, plans[name].needs))
        share = statistics.median(building) / statistics.median(total)
        rows.append(
            [
                f"`{name}`",
                Spread.of(total).text(),
                Spread.of(building).text(),
                f"{share:.3f}",
                verdict(share, BAR_BUILD),
            ]
        )
    return rows, plans


def _building(asked: Asked, needs: Needs) -> float:
    """Return the seconds in which the programs of a plan are built: sharing out thrice at its first, largest size."""
    started = time.perf_counter()
    Decider(asked.coarse, asked.held, asked.wanted)
    near = _open(asked.given, needs)
    for _ in range(apportion.PASSES):
        Session(apportion.build(near, needs, np.zeros(len(near.pair_buyer))), "ipx")
    return time.perf_counter() - started


def _open(given: Problem, needs: Needs) -> Problem:
    used = needs.used > 1e-6
    near = used.copy()
    near[:, 1:] |= used[:, :-1]
    near[:, :-1] |= used[:, 1:]
    return narrowed(given, near[given.order_line, given.order_year])


def _peer(asked: Asked, repeat: int) -> tuple[dict[str, list[float]], tuple[float, float], str]:
    decider = Decider(asked.coarse, asked.held, asked.wanted)
    solution = decider.least_risk()
    if not (solution.optimal and certify(decider.program, solution).holds):
        raise BenchmarkError(f"stage one is not certified: {certify(decider.program, solution).faults}")
    arrays = solution.arrays
    model = build_linopy(arrays)
    # Costs of orders are 1e-6 in this stage: with the usual tolerance for duals, 1e-7, the peer ends 6e-6 above.
    options = {"output_flag": False, "solver": "ipx", "dual_feasibility_tolerance": 1e-9}
    model.solve(solver_name="highs", io_api="direct", **options)
    objective = solution.objective, float(model.objective.value)
    if abs(objective[0] - objective[1]) > 1e-7 * max(1.0, abs(objective[0])):
        raise BenchmarkError(f"objectives differ: {objective[0]} and {objective[1]} by linopy")
    times: dict[str, list[float]] = {"linopy": [], "ours": []}
    for _ in range(repeat):
        times["linopy"].append(_timed(lambda: build_linopy(arrays).to_highspy()))
        times["ours"].append(_timed(lambda: Decider(asked.coarse, asked.held, asked.wanted)))
    rows, columns = decider.program.shape
    return times, objective, f"{rows:,} rows, {columns:,} variables, {arrays.values.size:,} coefficients"


def build_linopy(arrays: Arrays) -> linopy.Model:
    """Return the same program as its peer holds it: one vector of variables, a constraint for each family of rows."""
    model = linopy.Model()
    column = np.arange(arrays.lower.size)
    bounds = [xr.DataArray(side, coords={"column": column}) for side in (arrays.lower, arrays.upper)]
    x = model.add_variables(*bounds, name="x")
    for name, block in arrays.rows.items():
        first, last = arrays.starts[block.first], arrays.starts[block.first + block.size]
        low, high = (side[block.first : block.first + block.size] for side in (arrays.row_lower, arrays.row_upper))
        if first == last or not (np.isfinite(low) | np.isfinite(high)).any():
            continue
        of = np.repeat(np.arange(block.size), np.diff(arrays.starts[block.first : block.first + block.size + 1]))
        values = xr.DataArray(arrays.values[first:last], dims="term")
        terms = x.isel(column=xr.DataArray(arrays.indices[first:last], dims="term")) * values
        summed = terms.groupby(xr.DataArray(of, dims="term", name="row")).sum()
        there = np.unique(of)
        sign, side = ("==", low) if (low == high).all() else (">=", low) if np.isfinite(low).all() else ("<=", high)
        model.add_constraints(summed, sign, xr.DataArray(side[there], coords={"row": there}), name=name)
    priced = np.nonzero(arrays.cost)[0]
    cost = xr.DataArray(arrays.cost[priced], coords={"column": priced})
    model.add_objective((x.sel(column=priced) * cost).sum())
    return model


def _timed(job: object) -> float:
    started = time.perf_counter()
    job()  # type: ignore[operator]
    return time.perf_counter() - started


def _cut(given: Problem, allies: int, elements: int, years: int) -> Problem:
    """Return the problem with the Allies that spend most, the first elements, and the first years only."""
    gdp = given.means.gdp[:, 0]
    buyers = np.argsort(-gdp)[:allies]
    kept = np.isin(given.pair_buyer, buyers) & (given.pair_element < elements)
    early = (given.delivered < years) & kept[given.order_pair]
    return narrowed(given, early)


def _grown(asked: Asked, allies: int, elements: int, years: int) -> Grown:
    judged = asked.given.judged.years
    last = asked.settings.first_year + years - 1
    settings = asked.settings.model_copy(
        update={
            "until": last,
            "last_year": min(asked.settings.last_year, last - 1),
            "evaluate": (*(year for year in judged if year < last), last),
            "goals": (),
        }
    )
    smaller = ask(asked.inputs, settings)
    given = _cut(smaller.given, allies, elements, years)
    built = min(_timed(lambda: Decider(given)) for _ in range(3))
    decider = Decider(given)
    solution = decider.least_risk()
    if not certify(decider.program, solution).holds:
        raise BenchmarkError(f"stage one at {allies} x {elements} x {years} is not certified")
    arrays = solution.arrays
    peer = min(_timed(lambda: build_linopy(arrays).to_highspy()) for _ in range(2))
    rows, columns = decider.program.shape
    return Grown(allies, elements, years, rows, columns, arrays.values.size, built, peer, solution.seconds)


def _growth(grown: list[Grown]) -> str:
    rows = [
        [
            f"{item.allies} × {item.elements} × {item.years}",
            f"{item.rows:,}",
            f"{item.columns:,}",
            f"{item.coefficients:,}",
            f"{item.ours * 1000:,.0f}",
            f"{item.linopy * 1000:,.0f}",
            f"{item.ours / item.linopy:.2f}",
            f"{item.solving:.2f}",
            f"{item.ours / (item.ours + item.solving):.3f}",
        ]
        for item in grown
    ]
    header = (
        "Allies × elements × years", "rows", "variables", "coefficients", "building ms", "linopy ms", "× linopy",
        "solving s", "building / both",
    )  # fmt: skip
    size = np.log([item.size for item in grown])
    slopes = {
        what: np.polyfit(size, np.log([getattr(item, what) for item in grown]), 1)[0]
        for what in ("ours", "linopy", "solving")
    }
    return "\n".join(
        [
            table(header, rows),
            "",
            (
                "Least risk of `without_us` by single Allies (not by class of reach), cut to the Allies of largest "
                "GDP, the first force elements and the first years; certified at every size. Best of 3 and 2 "
                "buildings. Time "
                f"grows with the size to the power of {slopes['ours']:.2f} (building), {slopes['linopy']:.2f} (linopy) "
                f"and {slopes['solving']:.2f} (solving): [on a log plot]({PICTURE.name})."
            ),
        ]
    )


def _draw(grown: list[Grown]) -> None:
    import altair as alt
    import polars as pl

    names = {"ours": "building, plan.decide", "linopy": "building, linopy", "solving": "solving, HiGHS"}
    rows = [
        {"size": item.size, "seconds": getattr(item, what), "what": title}
        for item in grown
        for what, title in names.items()
    ]
    chart = (
        alt.Chart(pl.DataFrame(rows), title="Least risk, by size", width=480, height=300)
        .mark_line(point=True)
        .encode(
            alt.X("size:Q", title="Allies × force elements × years").scale(type="log"),
            alt.Y("seconds:Q", title="seconds").scale(type="log"),
            alt.Color("what:N", title=None),
            alt.Shape("what:N", legend=None),
        )
    )
    chart.save(PICTURE, scale_factor=2)


def _lots(made: dict[str, Made]) -> str:
    rows = []
    for name, plan in made.items():
        for limit in LIMITS:
            try:
                found = lots.whole_lots(plan.asked.given, plan.needs, plan.shared, limit, gap=0.001)
            except SolveError:
                rows.append([f"`{name}`", f"{limit:g}", "none in time", "", "", "", ""])
                continue
            plain = _plain(found, plan.needs, limit)
            rows.append(
                [
                    f"`{name}`",
                    f"{limit:g}",
                    f"{found.solution.objective:.2f}",
                    f"{found.solution.gap:.2%}",
                    f"{found.linear_gap:.1%}",
                    *plain,
                ]
            )
    header = ("whole lots", "time limit s", "objective", "gap", "above linear", "objective without start", "gap")
    return "\n".join(
        [
            table(header, rows),
            "",
            (
                "One run each, told to go on to a gap of 0.1 %; `--lots` itself stops at 1 %. Objective in billion "
                "2021 US$, discounted: spending, and the price of what falls short or is unfair. *Gap* is to the best "
                "bound for the buyers and years chosen; *above linear* is to the linear program of the whole stage. "
                "Without a start the solver has all of the time for the last of the programs."
            ),
        ]
    )


def _plain(found: lots.Whole, needs: Needs, limit: float) -> tuple[str, str]:
    session = lots.session_of(lots.build(found.given, needs, "ordered"), found.given, 0.001)
    solution = session.solve(limit)
    return (f"{solution.objective:.2f}", f"{solution.gap:.2%}") if solution.point else ("none", "")
