"""Seal the shipped evidence after a change: run the checks, then write datapackage.json and SHA256SUMS."""

from __future__ import annotations

import sys

from article3.evidence import checks, package
from article3.evidence.store import SHIPPED, open_evidence


def main() -> int:
    """Return 0 when sealed, 1 when a figure breaks a rule that no exception names."""
    package.seal(SHIPPED)
    unlisted, stale = checks.run_checks(open_evidence(folders=(SHIPPED,)))
    for violation in unlisted:
        print(f"{violation.check}: {violation.address}: found {violation.found:g}, expected {violation.expected:g}")
    for name, address in stale:
        print(f"exceptions.csv names {address} for {name}, which holds")
    return 1 if unlisted or stale else 0


if __name__ == "__main__":
    sys.exit(main())
