"""What all tests share: a check that lacks a part of the machine is skipped aloud, or fails."""

import os
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.house import House

REQUIRE_ALL = os.environ.get("COUNCIL_BENCHMARKS_REQUIRE_ALL", "") not in ("", "0", "false")


@pytest.fixture
def require() -> Callable[[bool, str], None]:
    """Call with whether a part is present and how to get it."""
    return require_part


def require_part(present: bool, remedy: str) -> None:
    """Skip with the remedy where a part is missing; COUNCIL_BENCHMARKS_REQUIRE_ALL=1 fails it."""
    if not present:
        pytest.skip(remedy)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is required, a skipped test is a failed test."""
    report = yield
    if REQUIRE_ALL and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped where every part is required: {call.excinfo}"
    return report


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees settings of the machine it runs on."""
    for name in list(os.environ):
        if name.startswith("COUNCIL_BENCHMARKS_") or name == "DAGSTER_HOME":
            monkeypatch.delenv(name)
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "1")


def _after_a_night(root: Path, datasets: Iterable[str] | None) -> "House":
    from tests.house import new_house  # only tests of a night pay for importing Dagster

    house = new_house(root, datasets)
    result, _report = house.run()
    faults = [
        (event.step_key, event.step_failure_data.error)
        for event in result.all_events
        if event.is_step_failure
    ]
    assert faults == []
    return house


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> "House":
    """A house after its first night on the whole sample; tests copy it, never change it."""
    return _after_a_night(tmp_path_factory.mktemp("first") / "house", None)


@pytest.fixture(scope="session")
def small_night(tmp_path_factory: pytest.TempPathFactory) -> "House":
    """A house after its first night on one dataset of every connector."""
    from tests.house import FEW  # only tests of a night pay for importing Dagster

    return _after_a_night(tmp_path_factory.mktemp("small") / "house", FEW)


@pytest.fixture
def whole_house(first_night: "House", tmp_path: Path) -> "House":
    """A copy of the house after its first night on the whole sample."""
    from tests.house import copy_house  # only tests of a night pay for importing Dagster

    return copy_house(first_night, tmp_path / "house")


@pytest.fixture
def house(small_night: "House", tmp_path: Path) -> "House":
    """A copy of the house after its first night on a few datasets."""
    from tests.house import copy_house  # only tests of a night pay for importing Dagster

    return copy_house(small_night, tmp_path / "house")


@pytest.fixture
def empty_house(tmp_path: Path) -> "House":
    """A house of a few datasets before its first night, with its own copy of the sample."""
    from tests.house import FEW, new_house  # only tests of a night pay for importing Dagster

    return new_house(tmp_path / "house", FEW)
