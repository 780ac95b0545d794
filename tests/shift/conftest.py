"""What tests of the shift share: the small plans and the files on disk as the tests of the plan read them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "plan"))
