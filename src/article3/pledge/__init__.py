"""The pledge ledger: who keeps what was pledged, what was known when, and claims held against the figures."""
