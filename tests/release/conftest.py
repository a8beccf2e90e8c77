"""Stores in a folder of the test's own, and the publication of figures into them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from assets.publishing.candidates import CandidateStore
from assets.publishing.publish import Outcome, publish_candidate
from assets.publishing.store import ReleaseStore
from tests.release.sample import NOW, PRODUCT, make_candidate, night_of


@pytest.fixture
def candidates(tmp_path: Path) -> CandidateStore:
    return CandidateStore(tmp_path / "candidates")


@pytest.fixture
def releases(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "releases")


@pytest.fixture
def publish(candidates: CandidateStore, releases: ReleaseStore) -> Callable[..., Outcome]:
    def _publish(
        figures: pd.DataFrame, now: datetime = NOW, allow_major: bool = False, **given: object
    ) -> Outcome:
        candidates.save(make_candidate(night_of(figures), **given))
        return publish_candidate(candidates, releases, PRODUCT, now, allow_major=allow_major)

    return _publish
