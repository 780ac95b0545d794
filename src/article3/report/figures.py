"""Every figure, by name: one function each, from a finding or a run to a :class:`~article3.report.drawing.Figure`.

A figure knows its title (the finding), subtitle, source line and data; :func:`svg` and :func:`png` draw it, and
``figure.chart()`` gives it as an Altair chart.

Examples
--------
>>> from article3.evidence.store import open_evidence
>>> picture = series("nato/2024-06-17/defence_pct_gdp#POL/2024", open_evidence())
>>> svg(picture).startswith("<svg")
True
"""

from __future__ import annotations

from article3.report.chances import fan, odds
from article3.report.compared import revision_split, then_now
from article3.report.drawing import NARROW, WIDE, Canvas, Figure, png, svg
from article3.report.gap_figures import gap_coverage, gap_ladder
from article3.report.gap_matrix import gap_matrix
from article3.report.gap_returns import gap_returns
from article3.report.gap_shares import gap_shares
from article3.report.levels import against_level, pace, shares, step
from article3.report.plan_bridge import plan_bridge
from article3.report.plan_heat import plan_domains, plan_orders
from article3.report.plan_limits import plan_frontier, plan_limits
from article3.report.plan_money_figures import plan_allies, plan_money
from article3.report.plan_road import plan_road
from article3.report.plan_trends import plan_attainment, plan_shares
from article3.report.releases import count_by_release
from article3.report.series import series
from article3.report.shift_board import shift_board
from article3.report.shift_exposed import shift_early, shift_exposed
from article3.report.shift_half import shift_half
from article3.report.shift_leaving import shift_leaving
from article3.report.shift_odds import shift_odds
from article3.report.shift_pace import shift_pace
from article3.report.shift_posts import shift_posts
from article3.report.shift_trust import shift_trust
from article3.report.tested import count_band, pit, reliability
from article3.report.waterfall import waterfall

__all__ = [
    "NARROW",
    "WIDE",
    "Canvas",
    "Figure",
    "against_level",
    "count_band",
    "count_by_release",
    "fan",
    "gap_coverage",
    "gap_ladder",
    "gap_matrix",
    "gap_returns",
    "gap_shares",
    "odds",
    "pace",
    "pit",
    "plan_allies",
    "plan_attainment",
    "plan_bridge",
    "plan_domains",
    "plan_frontier",
    "plan_limits",
    "plan_money",
    "plan_orders",
    "plan_road",
    "plan_shares",
    "png",
    "reliability",
    "revision_split",
    "series",
    "shares",
    "shift_board",
    "shift_early",
    "shift_exposed",
    "shift_half",
    "shift_leaving",
    "shift_odds",
    "shift_pace",
    "shift_posts",
    "shift_trust",
    "step",
    "svg",
    "then_now",
    "waterfall",
]
