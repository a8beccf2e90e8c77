"""Stores in a folder of the test's own."""

from pathlib import Path

import pytest

from assets.publishing.candidates import CandidateStore
from assets.publishing.store import ReleaseStore


@pytest.fixture
def candidates(tmp_path: Path) -> CandidateStore:
    return CandidateStore(tmp_path / "candidates")


@pytest.fixture
def releases(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "releases")
