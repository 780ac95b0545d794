"""What this room says no to."""

from __future__ import annotations

from article3.errors import Article3Error


class ProgramError(Article3Error):
    """A program is put together wrongly: labels, shapes, bounds or coefficients."""


class SolveError(Article3Error):
    """A solver cannot be used as asked, or a value was asked of a solve that gave none."""
