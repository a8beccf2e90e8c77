"""A rehearsal does everything but what readers would see, and cannot do that by any way."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from assets.publishing.candidates import CandidateStore
from assets.publishing.fence import PublishingError
from assets.publishing.keyholding import enrol, replace_key
from assets.publishing.keys import KeyRing
from assets.publishing.pointer import Notice, Standing
from assets.publishing.public import PublicFolder, RehearsalError, SealedFolder
from assets.publishing.publish import publish_candidate
from assets.publishing.rehearsal import RehearsalStore
from assets.publishing.signing import SigningError, make_key
from assets.publishing.store import ReleaseStore
from assets.publishing.verify import verify
from assets.publishing.withdraw import reason_words, roll_back, withdraw
from pipelines.settings import settings
from pipelines.stores import open_releases
from sql.home import Home
from tests.release.deeds import candidate_with
from tests.release.sample import NOW, PRODUCT
from tests.release.test_publish import bytes_below

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def rehearsal(candidates: CandidateStore, releases: ReleaseStore, tmp_path: Path) -> RehearsalStore:
    """The rehearsal's view of a home with version 1.0.0 and a candidate for 1.0.1."""
    for numerator in (500.0, 501.0):
        candidates.save(candidate_with(numerator))
        if numerator == 500.0:
            publish_candidate(candidates, releases, PRODUCT, NOW)
    return RehearsalStore(releases.root, tmp_path / "rehearsal")


def test_a_rehearsal_says_what_would_happen_and_keeps_it_private(
    rehearsal: RehearsalStore, candidates: CandidateStore
) -> None:
    before = bytes_below(rehearsal.root)
    outcome = publish_candidate(candidates, rehearsal, PRODUCT, NOW)
    assert outcome.decision.action == "nothing"
    assert outcome.decision.reason_en.startswith("Rehearsed: version 1.0.1 would be published")
    assert outcome.path is not None
    assert rehearsal.private in outcome.path.parents
    assert verify(outcome.path, KeyRing()) == []
    assert bytes_below(rehearsal.root) == before
    assert candidates.products() == [PRODUCT], "the candidate is still there for the real one"


def test_every_way_to_change_what_readers_see_is_refused(
    rehearsal: RehearsalStore, candidates: CandidateStore, tmp_path: Path
) -> None:
    before, words = bytes_below(rehearsal.root), reason_words("x")
    notice = Notice("removed", "1.0.0", "t", "t", "0" * 64, "x", "x")
    public = rehearsal.public
    with rehearsal.publishing() as fence:
        ways = [
            lambda: withdraw(rehearsal, PRODUCT, ["1.0.0"], words, NOW),
            lambda: withdraw(rehearsal, PRODUCT, ["1.0.0"], words, NOW, disclosure=True),
            lambda: rehearsal.change_standing(fence, Standing(PRODUCT, None), "1.0.0"),
            lambda: ReleaseStore.publish(
                rehearsal, fence, PRODUCT, "1.0.1", "1.0.0", lambda folder: None
            ),
            lambda: public.point(Standing(PRODUCT, None)),
            lambda: public.move_in(tmp_path, PRODUCT, "1.0.1"),
            lambda: public.move_out(PRODUCT, "1.0.0"),
            lambda: public.bury(PRODUCT, notice),
            lambda: public.put("feed.json", b""),
            public.refresh,
            lambda: roll_back(rehearsal, PRODUCT, "1.0.0", words, NOW),
            lambda: replace_key(rehearsal, NOW),
        ]
    for way in ways:
        with pytest.raises((PublishingError, SigningError)):
            way()
        assert bytes_below(rehearsal.root) == before
    rehearsal.signer = make_key()
    with pytest.raises(RehearsalError):
        enrol(rehearsal, NOW)
    assert bytes_below(rehearsal.root) == before


def test_the_sealed_folder_refuses_whatever_the_public_folder_can_do() -> None:
    able = {name for name in vars(PublicFolder) if not name.startswith("_")}
    assert able <= set(vars(SealedFolder))


def test_not_one_system_call_of_a_rehearsal_writes_below_releases(
    rehearsal: RehearsalStore, candidates: CandidateStore, tmp_path: Path
) -> None:
    """A child process that reports every call with which Python opens, moves or removes."""
    code = f"""
import os, sys
from pathlib import Path
from assets.publishing.candidates import CandidateStore
from assets.publishing.publish import publish_candidate
from assets.publishing.rehearsal import RehearsalStore
from tests.release.sample import NOW, PRODUCT
root = {str(rehearsal.root)!r}
writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
def watch(event, given):
    paths = [os.fspath(g) for g in given if isinstance(g, (str, os.PathLike))]
    if not any(str(p).startswith(root) for p in paths):
        return
    if event == "open" and not (given[2] or 0) & writing:
        return
    if event in ("os.listdir", "os.scandir", "glob.glob", "pathlib.Path.glob", "os.walk",
                 "pathlib.Path.rglob", "sqlite3.connect"):
        return
    print("TOUCHED", event, paths)
sys.addaudithook(watch)
store = RehearsalStore(Path(root), Path({str(rehearsal.private)!r}))
candidates = CandidateStore(Path({str(candidates.root)!r}))
print(publish_candidate(candidates, store, PRODUCT, NOW).decision)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert "Rehearsed" in done.stdout
    assert "TOUCHED" not in done.stdout


def test_an_installation_that_rehearses_never_reads_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNCIL_BENCHMARKS_REHEARSAL", "1")
    monkeypatch.setenv("COUNCIL_BENCHMARKS_SIGNING_KEY", "not a key at all")
    home = Home(tmp_path / "home", "sample").open()
    assert open_releases(settings(), home).is_rehearsal
    monkeypatch.delenv("COUNCIL_BENCHMARKS_REHEARSAL")
    with pytest.raises(SigningError):
        open_releases(settings(), home)
    assert open_releases(settings(), home, rehearse=True).signer is None


def test_a_rehearsal_works_where_releases_cannot_be_written(
    rehearsal: RehearsalStore, candidates: CandidateStore
) -> None:
    for folder, _, _ in os.walk(rehearsal.root):
        Path(folder).chmod(0o555)
    try:
        later = NOW + timedelta(days=1)
        outcome = publish_candidate(candidates, rehearsal, PRODUCT, later)
        assert "Rehearsed" in outcome.decision.reason_en
    finally:
        for folder, _, _ in os.walk(rehearsal.root):
            Path(folder).chmod(0o755)
