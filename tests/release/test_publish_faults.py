"""Publishing when something fails: power, another publisher, a damaged package, a flipped bit."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assets.publishing.fence import PublishingBusyError, PublishingError, ReleaseConflictError
from assets.publishing.publish import Outcome
from assets.publishing.store import ReleaseStore
from assets.publishing.verify import verify
from tests.release.sample import (
    PRODUCT,
    corrected,
    small_figures,
)

Publish = Callable[..., Outcome]


class PowerCutError(BaseException):
    """The machine stops here."""


def _counted(monkeypatch: pytest.MonkeyPatch, stop_at: int | None) -> list[str]:
    """Count what reaches the disk; at the given operation the machine stops, before doing it."""
    seen: list[str] = []

    def wrap(owner: object, name: str) -> None:
        original = getattr(owner, name)

        def counted(*args: object, **kwargs: object) -> object:
            seen.append(name)
            if stop_at is not None and len(seen) >= stop_at:
                raise PowerCutError(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, counted)

    wrap(Path, "rename")
    wrap(Path, "replace")
    wrap(Path, "unlink")
    wrap(Path, "mkdir")
    wrap(__import__("os"), "fsync")
    return seen


def test_power_may_fail_at_any_point(
    publish: Publish, releases: ReleaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old or new, whole, at each point; the next run goes on and leaves nothing behind."""
    publish(small_figures())
    with monkeypatch.context() as patch:
        total = len(_counted(patch, None))
        publish(small_figures())
        seen = _counted(patch, None)
        publish(corrected())
        total = len(seen)
    expected, figures = "1.0.1", [small_figures(), corrected()]
    for turn, stop_at in enumerate(_points(total)):
        with monkeypatch.context() as patch:
            _counted(patch, stop_at)
            with pytest.raises(PowerCutError):
                publish(figures[turn % 2])
        pointer = releases.current(PRODUCT)
        assert pointer is not None
        assert verify(releases.path(PRODUCT, pointer.version)) == []
        outcome = publish(figures[turn % 2])
        pointer = releases.current(PRODUCT)
        assert pointer is not None
        assert pointer.version == outcome.version != expected
        expected = pointer.version
        names = {p.name for p in releases.private.iterdir()}
        assert names <= {"claims", "fence.json", "publish.lock"}
    patches = [int(v.split(".")[2]) for v in releases.versions(PRODUCT)]
    assert patches == list(range(len(patches))), "no number lost, none used twice"


def _points(total: int) -> list[int]:
    """Points spread over a publish, and every one of its last steps, where the pointer moves."""
    return sorted({*range(1, total - 130, max(1, total // 6)), *range(total - 130, total, 13)})


def test_two_publishers_one_number(publish: Publish, releases: ReleaseStore) -> None:
    publish(small_figures())
    with releases.publishing() as fence:
        releases._claim(PRODUCT, "1.0.1", fence)
        with pytest.raises(ReleaseConflictError, match="taken"):
            releases._claim(PRODUCT, "1.0.1", fence)


def test_a_zombie_with_an_old_token_cannot_move_the_pointer(
    publish: Publish, releases: ReleaseStore
) -> None:
    publish(small_figures())
    with releases.publishing() as old:
        pass
    publish(corrected())
    with pytest.raises(ReleaseConflictError, match="took over"):
        releases._check(old, PRODUCT, "1.0.1")


def test_who_compared_with_an_older_release_does_not_publish(
    publish: Publish, releases: ReleaseStore
) -> None:
    publish(small_figures())
    with releases.publishing() as fence, pytest.raises(ReleaseConflictError, match="moved on"):
        releases._check(fence, PRODUCT, None)


def test_the_lock_is_waited_for_in_vain(publish: Publish, releases: ReleaseStore) -> None:
    publish(small_figures())
    with (
        releases.publishing(),
        pytest.raises(PublishingBusyError, match="wait"),
        ReleaseStore(releases.root).publishing(wait_seconds=0.1),
    ):
        pass


def test_a_package_that_does_not_verify_is_not_published(
    publish: Publish, releases: ReleaseStore
) -> None:
    publish(small_figures())

    def write_badly(folder: Path) -> None:
        (folder / "manifest.json").write_text("{}")

    with releases.publishing() as fence, pytest.raises(PublishingError, match="lacks"):
        releases.publish(fence, PRODUCT, "1.0.1", "1.0.0", write_badly)
    assert releases.versions(PRODUCT) == ["1.0.0"]


@pytest.mark.parametrize("seed", range(4))
def test_every_flipped_bit_is_found(publish: Publish, tmp_path: Path, seed: int) -> None:
    import random
    import shutil

    path = publish(small_figures()).path
    assert path is not None
    copy = tmp_path / "copy"
    shutil.copytree(path, copy)
    chance = random.Random(seed)
    files = sorted(p for p in copy.rglob("*") if p.is_file() and p.name != "manifest.json")
    for file in chance.sample(files, 8):
        content = bytearray(file.read_bytes())
        place = chance.randrange(len(content))
        content[place] ^= 1 << chance.randrange(8)
        original = file.read_bytes()
        file.write_bytes(content)
        faults = verify(copy)
        assert len(faults) == 1
        assert file.name in faults[0]
        file.write_bytes(original)
    assert verify(copy) == []


def test_missing_and_foreign_files_are_found(publish: Publish) -> None:
    path = publish(small_figures()).path
    assert path is not None
    (path / "dictionary.csv").unlink()
    (path / "data" / "extra.csv").write_text("x")
    faults = verify(path)
    assert len(faults) == 2
    assert "dictionary.csv is missing" in faults[0]
    assert "data/extra.csv is not in the manifest" in faults[1]
    assert "cannot be read" in verify(path.parent)[0]
