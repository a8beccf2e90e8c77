"""Pages of docs/ with examples: every one is recomputed."""

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("page", "at_least"), [("disclosure.md", 20), ("finder.md", 5)])
def test_every_example_of_the_page_is_true(page: str, at_least: int) -> None:
    outcome = doctest.testfile(str(DOCS / page), module_relative=False)
    assert outcome.attempted >= at_least
    assert outcome.failed == 0
