"""The same inputs are the same bytes."""

import pytest

from tests.soak.rebuilds import rebuilt_elsewhere


@pytest.mark.parametrize("seed", range(2))
def test_a_release_rebuilt_elsewhere_is_the_same_to_the_byte(seed: int) -> None:
    assert rebuilt_elsewhere(seed) is None
