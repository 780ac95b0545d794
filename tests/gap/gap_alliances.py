"""Small alliances made up for tests: three elements that can stand in for one another, two contingencies."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from article3.gap.forces import GROUPS, Axes, Forces, Spread
from article3.gap.postures import Posture
from article3.scenario.contingency import Contingency, Need

HOLDERS = ("USA", "CAN", "DEU", "FRA", "POL")
ELEMENTS = ("tanker", "lifter", "battery", "satellite")
CAPABILITIES = ("fuel", "lift", "cover", "sight")
RIVAL = np.array([True, True, True, False])
EFFECTS = np.array([[1.0, 0.4, 0, 0], [0.5, 1.0, 0, 0], [0, 0, 1.0, 0], [0, 0, 0, 1.0]])
POSTURES = {
    "with": Posture("with", "before"),
    "reduced": Posture("reduced", "after"),
    "without": Posture("without", ""),
}
SITUATIONS = [("east", ("east",)), ("south", ("south",)), ("both", ("east", "south"))]


def contingency(name: str, needs: dict[str, tuple[float, float, float]], weight: float = 1.0) -> Contingency:
    """Return a contingency that needs amounts by window of each capability; all but sight are essential."""
    listed = tuple(
        Need(k, window, amount * 0.7, amount, amount * 1.4, "total", None, "s", "notional", "", "")
        for k, amounts in needs.items()
        for window, amount in zip((10, 30, 180), amounts, strict=True)
        if amount > 0
    )
    essential = tuple(k for k in needs if k != "sight")
    return Contingency(name, name.title(), "", name, True, "high", weight, essential, listed, "")


def spread(central: np.ndarray, width: float = 0.3) -> Spread:
    central = np.asarray(central, dtype=float)
    return Spread(central * (1 - width), central, central * (1 + width))


def alliance(holdings: np.ndarray, needs_east: np.ndarray, needs_south: np.ndarray, offer: np.ndarray) -> Forces:
    """Return an alliance with holdings (holders, elements), needs (capabilities) at the first window, US offer."""
    made = []
    for name, amounts in (("east", needs_east), ("south", needs_south)):
        made.append(
            contingency(name, {k: (a, a * 1.5, a * 3) for k, a in zip(CAPABILITIES, amounts, strict=True) if a})
        )
    contingencies = tuple(made)
    needs = np.zeros((2, 3, len(CAPABILITIES)))
    for c, item in enumerate(contingencies):
        for need in item.needs:
            needs[c, (10, 30, 180).index(need.window_days), CAPABILITIES.index(need.capability)] = need.central
    axes = Axes(
        HOLDERS,
        np.array([GROUPS.index(g) for g in ("usa", "canada", "europe", "europe", "europe")]),
        ELEMENTS,
        CAPABILITIES,
        contingencies,
        ("before", "after"),
        np.array([[3, 3], [3, 3], [1, 1], [2, 0], [0, 2]]),
        RIVAL,
        {
            "holder": {n: i for i, n in enumerate(HOLDERS)},
            "element": {n: i for i, n in enumerate(ELEMENTS)},
            "capability": {n: i for i, n in enumerate(CAPABILITIES)},
            "contingency": {c.id: i for i, c in enumerate(contingencies)},
        },
    )
    availability = np.array([[0.4, 0.6, 0.8]] * 3 + [[1.0, 1.0, 1.0]])
    reach = np.array([[1, 1, 1], [0.6, 0.8, 1], [0.25, 0.6, 1], [0.6, 0.8, 1]])
    return Forces(
        axes,
        spread(holdings),
        spread(np.full((5, 4), 0.3), 0.2),
        {"before": spread(offer), "after": spread(offer * 0.5)},
        spread(availability, 0.1),
        spread(reach, 0.1),
        spread(np.full((3, 4), 0.9), 0.05),
        spread(EFFECTS, 0.1),
        Spread(needs * 0.7, needs, needs * 1.4),
    )


@st.composite
def alliances(draw: st.DrawFn) -> Forces:
    """Draw an alliance: holdings and needs from a few round numbers, zeros among them."""
    amounts = st.sampled_from([0.0, 1.0, 2.0, 5.0, 10.0, 24.0])
    held = np.array([[draw(amounts) for _ in ELEMENTS] for _ in HOLDERS])
    held[2] += 0.5  # one Ally has a little of everything: somebody always can
    asked = st.sampled_from([1.0, 3.0, 8.0, 20.0])
    east = np.array([draw(asked) for _ in CAPABILITIES])
    south = np.array([draw(asked) for _ in CAPABILITIES])
    offer = np.array([draw(amounts) for _ in ELEMENTS])
    return alliance(held, east, south, offer)
