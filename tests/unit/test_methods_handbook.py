"""docs/methods.md: every example is recomputed."""

import doctest
from pathlib import Path

HANDBOOK = Path(__file__).parents[2] / "docs" / "methods.md"


def test_every_example_of_the_handbook_is_true() -> None:
    outcome = doctest.testfile(str(HANDBOOK), module_relative=False)
    assert outcome.attempted > 25
    assert outcome.failed == 0
