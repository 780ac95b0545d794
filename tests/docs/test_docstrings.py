"""Examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import article3

MODULES = [
    "article3",
    *(
        item.name
        for item in pkgutil.walk_packages(article3.__path__, "article3.")
        if not item.name.endswith("__main__")  # these start the command line
    ),
]


def examples_of(module: str) -> list[doctest.DocTest]:
    found = doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(module), module)
    return [test for test in found if test.examples]


WITH_EXAMPLES = [module for module in MODULES if examples_of(module)]


def test_the_public_functions_have_examples() -> None:
    """The places a newcomer looks at first; the list may grow."""
    assert {"article3", "article3.evidence.store", "article3.run.analysis", "article3.domain.groups"} <= set(
        WITH_EXAMPLES
    )


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_the_examples_of_a_module(module: str) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    report: list[str] = []
    for test in examples_of(module):
        runner.run(test, out=report.append)
    assert not runner.failures, "".join(report)
    assert runner.tries


def test_a_wrong_example_is_found() -> None:
    test = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    assert doctest.DocTestRunner(verbose=False).run(test, out=lambda _: None).failed == 1
