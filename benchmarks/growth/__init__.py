"""How opening and asking grow with the evidence, beside pandas on the same files."""

from benchmarks.growth.section import section

__all__ = ["section"]
