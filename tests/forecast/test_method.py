"""The method's parts, by hand and by property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from article3.evidence.store import SHIPPED, open_evidence
from article3.forecast import scores
from article3.forecast.backtest import WALES, Data
from article3.forecast.method import (
    PROBABILITIES,
    Panel,
    Parameters,
    Target,
    above,
    closing_rates,
    drift,
    forecast,
    volatility,
    weighted_quantiles,
)
from article3.forecast.panel import nato_release
from article3.forecast.paths import CHUNK, draw, surprises

FIXED = Parameters()


def _panel(rows: list[list[float]], first: int = 2000, near: list[bool] | None = None) -> Panel:
    values = np.log(np.array(rows))
    years = tuple(range(first, first + values.shape[1]))
    return Panel(tuple(f"A{i}" for i in range(len(rows))), years, values, np.array(near or [False] * len(rows)))


def test_drift_is_the_average_since_the_break_shrunk_and_damped() -> None:
    panel = _panel([[2.0 * 1.1 ** max(0, year - 2014) for year in range(2000, 2020)]])
    found = drift(panel, 2018, 3, FIXED)[0]
    yearly = np.log(1.1) * 4 / 7
    assert found == pytest.approx(yearly * np.cumsum([0.95, 0.95**2, 0.95**3]))
    assert drift(panel, 2014, 3, FIXED).tolist() == [[0.0, 0.0, 0.0]]


def test_the_closing_rate_is_realised_over_needed_with_its_prior() -> None:
    rows = [[1.0] * 15 + [1.05, 1.10, 1.16, 1.22, 1.30]]
    panel = _panel(rows)
    top, bottom = 0.3 * 0.1, 0.1
    for year in range(2014, 2019):
        now, later = rows[0][year - 2000], rows[0][year - 1999]
        need = min(np.log(2 / now) / (2024 - year), 0.25)
        top, bottom = top + np.log(later / now) * need, bottom + need**2
    assert closing_rates(panel, 2019, WALES, FIXED)[0] == pytest.approx(top / bottom)


def test_who_is_at_the_level_is_not_pulled() -> None:
    panel = _panel([[2.5] * 20, [1.0] * 20])
    made = forecast(panel, 2019, 3, (WALES,))
    assert made.closing[0].tolist() == [0.0, 0.0, 0.0]
    assert (made.closing[1] > 0).all()


def test_volatility_is_shrunk_to_the_panel() -> None:
    rng = np.random.default_rng(1)
    rows = np.exp(np.cumsum(rng.normal(0, [[0.01], [0.2], [0.05]], (3, 30)), axis=1))
    found = volatility(_panel(rows.tolist()), 2029, FIXED)
    assert found[0] < found[2] < found[1]
    assert found[0] > 0.01


def test_a_level_far_above_caps_the_centre() -> None:
    panel = _panel([[2.0 * 1.25 ** max(0, year - 2022) for year in range(2000, 2027)]])
    made = forecast(panel, 2026, 9, (Target(3.5, 2025, 2035, capped=True),))
    assert np.exp(made.last[0] + made.centre[0]).max() <= max(3.5 * np.exp(0.05), np.exp(made.last[0])) + 1e-9


def test_the_united_states_stays_a_random_walk() -> None:
    data = Data(open_evidence(folders=(SHIPPED,)))
    panel = data.releases["2026-07"]
    made = forecast(panel, 2026, 5, (WALES,), ("USA",))
    assert not made.centre[made.allies.index("USA")].any()
    assert made.centre[made.allies.index("DEU")].all()


@given(st.integers(2006, 2023))
def test_quantiles_never_cross(origin: int) -> None:
    data = DATA
    assert data.history is not None
    found = forecast(data.history, origin, 5, (WALES,)).quantiles_pct()
    known = found[~np.isnan(found).any(axis=(1, 2))]
    assert (np.diff(known, axis=-1) > 0).all()
    assert (known > 0).all()


DATA = Data(open_evidence(folders=(SHIPPED,)))


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=60), st.integers(0, 1000))
def test_error_quantiles_are_symmetric_and_ordered(values: list[float], seed: int) -> None:
    weights = np.random.default_rng(seed).uniform(0.1, 1, len(values))
    found = weighted_quantiles(np.array(values), weights)
    assert found + found[::-1] == pytest.approx(np.zeros(99), abs=1e-12)
    assert (np.diff(found) >= -1e-12).all()


def test_odds_from_quantiles() -> None:
    quantiles = np.linspace(1.01, 1.99, 99)
    assert above(quantiles, 1.5) == pytest.approx(0.5)
    assert above(quantiles, 3.0) == pytest.approx(0.005)
    assert above(quantiles, 0.5) == pytest.approx(0.995)


def test_crps_of_a_normal_is_the_closed_form() -> None:
    from statistics import NormalDist

    quantiles = np.array([NormalDist().inv_cdf(p) for p in PROBABILITIES])
    for x in (0.0, 1.0, -0.5):
        closed = x * (2 * NormalDist().cdf(x) - 1) + 2 * NormalDist().pdf(x) - 1 / np.sqrt(np.pi)
        assert float(scores.crps(quantiles, np.array(x))) == pytest.approx(closed, abs=0.01)


@given(st.floats(0.1, 5), st.floats(0.2, 0.9))
def test_crps_is_proper(spread: float, shift: float) -> None:
    """The true distribution scores no worse on average than a shifted one."""
    rng = np.random.default_rng(3)
    outcomes = rng.normal(0, spread, 4000)
    true = np.quantile(rng.normal(0, spread, 20_000), PROBABILITIES)
    assert scores.crps(true, outcomes).mean() <= scores.crps(true + shift * spread, outcomes).mean()


def test_brier_and_reliability() -> None:
    odds, came = np.array([0.1, 0.1, 0.9, 0.9]), np.array([False, False, True, False])
    assert scores.brier(odds, came) == pytest.approx((0.01 + 0.01 + 0.01 + 0.81) / 4)
    bins = scores.reliability(odds, came, (0.0, 0.5, 1.0))
    assert [(b.number, b.observed) for b in bins] == [(2, 0.0), (2, 0.5)]


def test_joint_draws_are_reproducible_and_share_shocks() -> None:
    panel = DATA.releases["2026-07"]
    made = forecast(panel, 2026, 5, (WALES,), ("USA",))
    past = surprises(panel, 2026, (WALES,), FIXED)
    one = np.concatenate(list(draw(made, past, CHUNK + 100, 7)))
    two = np.concatenate(list(draw(made, past, CHUNK + 100, 7)))
    assert np.array_equal(one, two)
    assert one.shape == (CHUNK + 100, 5, 31)
    assert one.dtype == np.float32
    assert not np.array_equal(one[:100], np.concatenate(list(draw(made, past, 100, 8))))
    final = np.log(one[:, -1])
    spread = np.corrcoef(final.T)
    assert spread[np.triu_indices(31, 1)].mean() > 0.05


def test_draws_have_the_forecast_s_spread() -> None:
    panel = DATA.releases["2026-07"]
    made = forecast(panel, 2026, 5, (WALES,))
    past = surprises(panel, 2026, (WALES,), FIXED)
    calm = np.zeros(31, dtype=bool)
    paths = np.concatenate(list(draw(made, past, 40_000, 3, nowcast=calm)))
    stated = made.quantiles_pct()
    for step in (0, 2, 4):
        low, middle, high = np.quantile(np.log(paths[:, step]), [0.1, 0.5, 0.9], axis=0)
        wanted = np.log(stated[:, step])
        assert middle == pytest.approx(wanted[:, 49], abs=0.03)
        assert np.median((high - low) / (wanted[:, 89] - wanted[:, 9])) == pytest.approx(1.0, abs=0.03)


def test_history_is_spliced_by_ratio_and_kept_where_nato_prints_nothing() -> None:
    evidence = open_evidence(folders=(SHIPPED,))
    assert DATA.history is not None
    panel = nato_release(evidence, "2019-06", DATA.history)
    poland, finland = panel.allies.index("POL"), panel.allies.index("FIN")
    shift = panel.log_share[poland] - DATA.history.log_share[poland]
    early = shift[panel.column(1995) : panel.column(2012)]
    assert early == pytest.approx(np.full(early.size, early[0]))
    both = ~np.isnan(panel.log_share[finland])
    assert panel.log_share[finland][both] == pytest.approx(DATA.history.log_share[finland][both])
