"""A night with every kind of broken file at once, for all who look at what came of it."""

import pytest

from tests.house import House, copy_house


@pytest.fixture(scope="session")
def broken(small_night: House, tmp_path_factory: pytest.TempPathFactory) -> tuple[House, str]:
    """A house after the night with all broken files, and the id of that night's run."""
    from tests.flow.test_broken_input import break_everything  # the kinds stand with their tests

    house = copy_house(small_night, tmp_path_factory.mktemp("broken") / "house")
    break_everything(house)
    _result, report = house.run()
    assert report is not None
    return house, report.run_id
