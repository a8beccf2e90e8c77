"""The same inputs are the same bytes, whatever the clock, language, hash seed, place and cores."""

import hashlib
import os
import random
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from tests.soak.part import Part

ROOT = Path(__file__).resolve().parents[2]
ZONES = ("UTC", "Europe/London", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati")
LANGUAGES = ("C", "C.UTF-8", "POSIX")
PROGRAM = """
import sys
from pathlib import Path
from tests.soak.rebuilds import build
print(build(Path(sys.argv[1])))
"""


def build(folder: Path) -> str:
    """Write a second release in the folder and return one hash over all its files and names."""
    from assets.publishing.candidates import CandidateStore
    from assets.publishing.publish import publish_candidate
    from assets.publishing.store import ReleaseStore
    from tests.release.sample import NOW, PRODUCT, corrected, make_candidate, night_of
    from tests.release.sample import small_figures as first

    releases, candidates = ReleaseStore(folder / "releases"), CandidateStore(folder / "candidates")
    for figures in (first(), corrected()):
        candidates.save(make_candidate(night_of(figures.sample(frac=1))))
        publish_candidate(candidates, releases, PRODUCT, NOW)
    files = sorted(path for path in releases.root.rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(releases.root)}\\0".encode() + path.read_bytes())
    return digest.hexdigest()


@cache
def here() -> str:
    """The hash of a build in this process."""
    with tempfile.TemporaryDirectory() as folder:
        return build(Path(folder))


def rebuilt_elsewhere(seed: int) -> str | None:
    """A build in another zone, language, hash seed, folder and number of cores."""
    chance = random.Random(seed)
    around = {
        "TZ": chance.choice(ZONES),
        "LC_ALL": chance.choice(LANGUAGES),
        "PYTHONHASHSEED": str(chance.randint(0, 2**32 - 1)),
        "OMP_NUM_THREADS": chance.choice("12"),
    }
    with tempfile.TemporaryDirectory(prefix=f"rebuild {seed} ") as folder:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, folder],
            cwd=ROOT,
            env={**os.environ, **around, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
    return None if done.stdout.strip() == here() else f"other bytes with {around}"


PARTS = (
    Part(
        "rebuilds",
        "a release rebuilt in another time zone, language, hash seed, folder and number of cores is"
        " the same to the byte",
        20,
        rebuilt_elsewhere,
    ),
)
