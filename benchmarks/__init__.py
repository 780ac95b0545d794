"""Benchmarks of article3: medians and ratios against a named peer in the same run; never asserted in tests."""
