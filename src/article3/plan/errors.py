"""What this room says no to."""

from __future__ import annotations

from article3.errors import InputError


class ImpossiblePlanError(InputError):
    """No plan holds all that is asked; carries what clashes, and the smallest ways out."""
