"""The command line: one of two faces. It asks :mod:`article3.run.verbs` and shows the answer."""

from article3.cli.main import main

__all__ = ["main"]
