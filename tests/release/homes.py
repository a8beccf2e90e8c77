"""Homes to break: copied from a template, looked at cold, and tidied up by the next run.

Here belongs what must hold after any failure: readers see exactly the old or the new release, every
hash good; the next run succeeds unaided; nothing is left over; no number is lost or used twice. The
look from outside reads the disk by itself and uses none of the publishing code.
"""

import atexit
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assets.publishing.signing import check
from assets.publishing.verify import verify
from tests.release.children import nursery
from tests.release.deeds import KEY, put_candidate
from tests.release.sample import PRODUCT

MEMORY = Path("/dev/shm")
KEPT = {"claims", "fence.json", "publish.lock"}
"""What the private folder holds when nothing is under way."""
OLD, NEXT = "1.0.1", "1.0.2"


@dataclass(frozen=True)
class Seen:
    """What a reader sees who follows the pointer: its version (None: none stands) and notices."""

    version: str | None
    notices: tuple[tuple[str, str], ...] = ()


@cache
def scratch() -> Path:
    """A folder for homes, in memory where there is some: a kill loses nothing that was written."""
    made = Path(tempfile.mkdtemp(prefix="releases-", dir=MEMORY if MEMORY.is_dir() else None))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


@cache
def template() -> Path:
    """A home with the signed versions 1.0.0 and 1.0.1, and a candidate that corrects a figure."""
    home = scratch() / "template"
    for numerator in (500.0, 501.0):
        answer = nursery().do(deed="publish", home=str(home), numerator=numerator)
        assert answer["said"][0] == "publish", answer
    put_candidate(home, 502.0)
    return home


@contextmanager
def a_home(source: Path | None = None) -> Iterator[Path]:
    """A copy of the template (or of source), removed afterwards."""
    folder = Path(tempfile.mkdtemp(dir=scratch()))
    home = folder / "home"
    shutil.copytree(source or template(), home, symlinks=True)
    try:
        yield home
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def look(home: Path) -> Seen | str:
    """What a reader sees, or what is torn, in a sentence."""
    root = home / "releases" / PRODUCT
    try:
        told = json.loads((root / "latest.json").read_bytes())
    except (OSError, ValueError) as error:
        return f"the pointer cannot be read: {error}"
    notices = tuple((item["kind"], item["version"]) for item in told["notices"])
    if told["version"] is None:
        return Seen(None, notices)
    folder = root / told["path"]
    content = (folder / "manifest.json").read_bytes()
    if hashlib.sha256(content).hexdigest() != told["manifest_sha256"]:
        return "the pointer names another manifest"
    check(KEY.public, content, (folder / "manifest.json.minisig").read_bytes())
    manifest = json.loads(content)
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    if present != {*manifest["files"], "manifest.json", "manifest.json.minisig"}:
        return f"files of {told['version']} are missing or foreign"
    for name, facts in manifest["files"].items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != facts["sha256"]:
            return f"{told['version']}: {name} is torn"
    return Seen(told["version"], notices)


def settle(home: Path, seen: Seen) -> str | None:
    """The next run, unaided: the waiting correction is out, notices stand, nothing is left over."""
    answer = nursery().do(deed="publish", home=str(home))
    if answer["status"] != 0 or "said" not in answer:
        return f"the next run failed: {answer}"
    after = look(home)
    if not isinstance(after, Seen):
        return f"after the next run {after}"
    if after.version != NEXT or after.notices != seen.notices:
        return f"after the next run readers see {after}, before it {seen}"
    return _left_over(home, after)


def _left_over(home: Path, seen: Seen) -> str | None:
    root, private = home / "releases", home / "staging"
    foreign = {path.name for path in private.iterdir()} - KEPT
    if foreign:
        return f"left over in private: {sorted(foreign)}"
    if (home / "candidates" / PRODUCT).exists():
        return "the candidate of a published release was kept"
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        fault = _fault_of(root / PRODUCT / version, ("removed", version) in seen.notices)
        if fault:
            return fault
    latest = root / PRODUCT / "latest"
    for path in latest.rglob("*"):
        name = path.relative_to(latest)
        twin = root / PRODUCT / NEXT / name
        if path.is_file() and (not twin.exists() or path.read_bytes() != twin.read_bytes()):
            return f"latest/{name} is not that of {NEXT}"
    feed = json.loads((root / "feed.json").read_bytes())["items"]
    told = {item["id"] for item in feed}
    return None if f"urn:council-benchmarks:{PRODUCT}:{NEXT}" in told else "the feed lacks it"


def _fault_of(folder: Path, is_removed: bool) -> str | None:
    """A removed version is a tombstone and nothing else; any other is whole."""
    if is_removed:
        names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        wanted = {"withdrawn.json", "site/index.html"}
        return None if names == wanted else f"{folder.name} should be a tombstone, has {names}"
    faults = verify(folder)
    return f"{folder.name}: {faults[0]}" if faults else None
