"""Stores in a folder of the test's own, and the publication of figures into them."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from assets.publishing.candidates import CandidateStore
from assets.publishing.publish import Outcome, publish_candidate
from assets.publishing.store import ReleaseStore
from sql.frames import conform
from tests.release.sample import NOW, PRODUCT, corrected, make_candidate, night_of, small_figures
from tests.release.served import Site, serving


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


@pytest.fixture(scope="session")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> ReleaseStore:
    """Two versions of a product, with a change, a finding and a text like a formula: to be read."""
    root = tmp_path_factory.mktemp("two")
    candidates, releases = CandidateStore(root / "candidates"), ReleaseStore(root / "releases")
    finding = {"dataset": "waste", "indicator": "recycling", "seen": "=1+1", "severity": "note"}
    findings = conform(pd.DataFrame([finding]), "validation_findings", fill=True)
    for figures in (small_figures(), corrected()):
        candidates.save(make_candidate(night_of(figures, findings)))
        publish_candidate(candidates, releases, PRODUCT, NOW)
    return releases


@pytest.fixture
def own_versions(two_versions: ReleaseStore, tmp_path: Path) -> ReleaseStore:
    """A copy of the two versions, to be changed."""
    shutil.copytree(two_versions.root.parent, tmp_path / "home")
    return ReleaseStore(tmp_path / "home" / "releases")


@pytest.fixture(scope="session")
def site(two_versions: ReleaseStore) -> Iterator[Site]:
    """A server over the two versions, to be read."""
    with serving(two_versions.root.parent) as running:
        yield running
