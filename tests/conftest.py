"""What all tests share: a check that lacks a part of the machine is skipped aloud, or fails."""

import os
from collections.abc import Callable, Generator

import pytest

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
