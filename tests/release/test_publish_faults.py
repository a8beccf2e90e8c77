"""Publishing when something fails: power, another publisher, a damaged package, a flipped bit."""

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assets.publishing.fence import PublishingBusyError, PublishingError, ReleaseConflictError
from assets.publishing.publish import Outcome
from assets.publishing.store import ReleaseStore
from assets.publishing.verify import verify
from tests.release.power_cut import Disk
from tests.release.sample import PRODUCT, corrected, small_figures
from tests.soak import publish as soak

Publish = Callable[..., Outcome]


@pytest.mark.parametrize("seed", [0, 2, 6, 8, 10, 1])
def test_a_kill_at_any_point_leaves_the_old_or_the_new_release(seed: int) -> None:
    """Even seeds die at a counted call of a publication, withdrawal or roll-back, odd at a time."""
    assert soak.kill(seed) is None


@pytest.mark.parametrize("seed", [0, 7, 12, 17, 39])
def test_a_power_cut_leaves_the_old_or_the_new_release(seed: int) -> None:
    """What was not forced to the disk is lost; in 7 a publication and in 39 a withdrawal for
    disclosure had said that it was done.
    """
    assert soak.cut_power(seed) is None


def cut_after_two_files(home: Path, seed: int) -> dict[str, str]:
    """One file is forced to the disk, another replaces an old one unforced; what is left."""
    home.mkdir()
    (home / "old").write_text("old")
    disk = Disk(home)

    def call(name: str, *given: Any) -> Any:
        change = disk.before(name, given, {})
        done = getattr(os, name)(*given)
        disk.after(name, given, change)
        return done

    for name in ("forced", "unforced"):
        file = call("open", home / name, os.O_CREAT | os.O_WRONLY)
        os.write(file, b"all of it")
        if name == "forced":
            call("fsync", file)
            call("fsync", os.open(home, os.O_RDONLY))
    call("replace", home / "unforced", home / "old")
    disk.lose(random.Random(seed))
    return {path.name: path.read_text() for path in home.iterdir()}


def test_a_power_cut_takes_only_what_was_not_forced_to_the_disk(tmp_path: Path) -> None:
    """The new names may be lost, one or both, and of the bytes any part."""
    found = [cut_after_two_files(tmp_path / str(seed), seed) for seed in range(60)]
    assert {left.pop("forced") for left in found} == {"all of it"}
    assert {"old": "old"} in found, "both changes of names are lost"
    assert any("unforced" in left for left in found), "the second is lost"
    assert {"old": "all of it"} in found, "nothing is lost"
    parts = [left.get("unforced", left["old"]) for left in found]
    assert any(part not in ("old", "all of it") for part in parts), "bytes are lost"
    assert all(part == "old" or "all of it".startswith(part) for part in parts)


@pytest.mark.parametrize("seed", [1, 2, 4, 11, 13, 72, 146])
def test_a_failing_system_call_leaves_the_old_or_the_new_release(seed: int) -> None:
    """No space, I/O error, no right, read-only, short write, failed fsync: the cause is named."""
    assert soak.failing_call(seed) is None


def test_a_full_disk_leaves_the_old_or_the_new_release(
    require: Callable[[bool, str], None],
) -> None:
    require(soak.can_mount(), "a small file system cannot be mounted: run the tests as root")
    assert soak.full_disk(3) is None


def test_readers_during_publications_see_whole_releases() -> None:
    assert soak.read_meanwhile(0) is None


@pytest.mark.parametrize("seed", [0, 1, 3, 11])
def test_two_publishers_have_one_winner_for_a_number(seed: int) -> None:
    """The same figures, different ones, and one that comes back after losing its lock."""
    assert soak.race(seed) is None


def test_two_publishers_one_number(publish: Publish, releases: ReleaseStore) -> None:
    publish(small_figures())
    with releases.publishing() as fence:
        releases.claims.take(PRODUCT, "1.0.1", fence)
        with pytest.raises(ReleaseConflictError, match="taken"):
            releases.claims.take(PRODUCT, "1.0.1", fence)


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
