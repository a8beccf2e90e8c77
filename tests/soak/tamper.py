"""A signed release that somebody changed: every change is found, also without this code.

Here belongs one promise: whatever is done to a release, its signature, its keys or its pointer, the
verifier says so; what touches the files of a release, minisign and sha256sum find as well.
"""

import json
import random
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

from assets.publishing.candidates import CandidateStore
from assets.publishing.keyholding import replace_key
from assets.publishing.keys import RING
from assets.publishing.publish import publish_candidate
from assets.publishing.signed import MANIFEST, SIGNATURE, SUMS, trusted_comment
from assets.publishing.signing import SecretKey, sign
from assets.publishing.store import ReleaseStore
from assets.publishing.verify import verify
from tests.release.deeds import KEY, candidate_with
from tests.release.homes import a_home, scratch
from tests.release.sample import NOW, PRODUCT
from tests.soak.part import Part

SECOND = SecretKey(b"2ndofkey", bytes(range(1, 33)))
STRANGER = SecretKey(b"stranger", bytes(range(2, 34)))
VERSION = "1.0.2"
CHECK = (
    'minisign -VQm manifest.json -P "$KEY" | grep -q "^$PRODUCT $VERSION "'
    ' && grep -q "$(sha256sum SHA256SUMS | cut -d " " -f 1)" manifest.json'
    " && sha256sum --check --strict --quiet SHA256SUMS"
)
"""The command of docs/releasing.md: a release verified with minisign and sha256sum alone."""


@cache
def signed_home() -> Path:
    """Version 1.0.0 and 1.0.1 by a first key, which was replaced; 1.0.2 by a second."""
    home = scratch() / "signed"
    candidates = CandidateStore(home / "candidates")
    for number, key in enumerate((KEY, KEY, SECOND)):
        releases, now = ReleaseStore(home / "releases", signer=key), NOW + timedelta(days=number)
        if key is SECOND:
            replace_key(releases, now - timedelta(hours=1))
        candidates.save(candidate_with(500.0 + number))
        assert publish_candidate(candidates, releases, PRODUCT, now).is_published
    return home


def tamper(seed: int) -> str | None:
    """One change to a copy; verify must name it, and so must the command without our code."""
    chance = random.Random(seed)
    with a_home(signed_home()) as home:
        deed = DEEDS[seed % len(DEEDS)]
        folder = home / "releases" / PRODUCT / VERSION
        is_of_the_release = deed(folder, chance)
        told = f"{deed.__name__}, case {seed}"
        if not verify(folder):
            return f"{told} was not found"
        if is_of_the_release and check_without_us(folder):
            return f"{told} was not found by minisign and sha256sum"
        return None


def check_without_us(folder: Path, version: str = VERSION, key: SecretKey = SECOND) -> bool:
    """Whether minisign and sha256sum find the release good."""
    values = {"KEY": key.public.text, "PRODUCT": PRODUCT, "VERSION": version}
    path = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    done = subprocess.run(
        ["sh", "-c", CHECK], cwd=folder, env=values | path, capture_output=True, check=False
    )
    return done.returncode == 0


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def flip_a_bit(folder: Path, chance: random.Random) -> bool:
    """One bit of one file of the release, the manifest, its signature and the sums included."""
    return _flip(chance.choice(_files(folder)), chance)


def flip_in_what_vouches(folder: Path, chance: random.Random) -> bool:
    """One bit of the manifest, of its signature or of the list of sums."""
    return _flip(folder / chance.choice((MANIFEST, SIGNATURE, SUMS)), chance)


def flip_in_the_keys(folder: Path, chance: random.Random) -> bool:
    """One bit of the keys beside the products: they are signed themselves."""
    _flip(folder.parents[1] / RING, chance)
    return False


def flip_in_the_pointer(folder: Path, chance: random.Random) -> bool:
    """One bit of latest.json."""
    _flip(folder.parent / "latest.json", chance)
    return False


def _flip(path: Path, chance: random.Random) -> bool:
    content = bytearray(path.read_bytes())
    place = chance.randrange(len(content))
    content[place] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    # the first line of a signature is a comment that minisign does not look at
    return not (path.name == SIGNATURE and place < content.index(b"\n"))


def drop_a_file(folder: Path, chance: random.Random) -> bool:
    chance.choice(_files(folder)).unlink()
    return True


def cut_a_file(folder: Path, chance: random.Random) -> bool:
    path = chance.choice([path for path in _files(folder) if path.stat().st_size > 1])
    path.write_bytes(path.read_bytes()[: chance.randrange(path.stat().st_size)])
    return True


def swap_two_files(folder: Path, chance: random.Random) -> bool:
    files = [path for path in _files(folder) if path.name not in (MANIFEST, SIGNATURE)]
    contents = {path.read_bytes(): path for path in files}
    one, two = chance.sample(sorted(contents.values()), 2)
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    return True


def add_a_file(folder: Path, chance: random.Random) -> bool:
    """A foreign file: the command without our code looks only at what is listed."""
    (folder / f"extra{chance.randrange(100)}.csv").write_text("x\n")
    return False


def file_of_an_older_version(folder: Path, chance: random.Random) -> bool:
    older = folder.parent / chance.choice(("1.0.0", "1.0.1"))
    differing = [
        path
        for path in _files(folder)
        if (older / path.relative_to(folder)).exists()
        and (older / path.relative_to(folder)).read_bytes() != path.read_bytes()
    ]
    path = chance.choice(differing)
    shutil.copyfile(older / path.relative_to(folder), path)
    return True


def older_manifest(folder: Path, chance: random.Random) -> bool:
    """The whole of an older release, well signed, in the place of the newer."""
    older = folder.parent / chance.choice(("1.0.0", "1.0.1"))
    for name in (MANIFEST, SIGNATURE, *((SUMS,) if chance.random() < 0.5 else ())):
        shutil.copyfile(older / name, folder / name)
    return True


def older_release(folder: Path, chance: random.Random) -> bool:
    older = folder.parent / chance.choice(("1.0.0", "1.0.1"))
    shutil.rmtree(folder)
    shutil.copytree(older, folder)
    return True


def signed_by_another(folder: Path, chance: random.Random) -> bool:
    """A changed manifest, signed by a stranger or by the key that was replaced."""
    _changed_manifest(folder, chance.choice((STRANGER, KEY)), chance)
    return True


def stranger_among_the_keys(folder: Path, chance: random.Random) -> bool:
    """A stranger signs the release, and puts its key beside the products."""
    _changed_manifest(folder, STRANGER, chance)
    path = folder.parents[1] / RING
    told = json.loads(path.read_bytes())
    public = STRANGER.public
    told["keys"][-1] |= {"id": public.id, "public_key": public.text}
    path.write_text(json.dumps(told))
    return True


def unsigned_instead(folder: Path, chance: random.Random) -> bool:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["signature"] = {"state": "unsigned"}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    if chance.random() < 0.5:
        (folder / SIGNATURE).unlink()
    return True


def _changed_manifest(folder: Path, key: SecretKey, chance: random.Random) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["n_changes"] = chance.randrange(10, 99)
    manifest["signature"]["key"] = key.public.id
    content = json.dumps(manifest).encode()
    (folder / MANIFEST).write_bytes(content)
    (folder / SIGNATURE).write_bytes(sign(key, content, trusted_comment(manifest)))


DEEDS: tuple[Callable[[Path, random.Random], bool], ...] = (
    flip_a_bit,
    flip_a_bit,
    flip_a_bit,
    flip_a_bit,
    flip_in_what_vouches,
    flip_in_the_keys,
    flip_in_the_pointer,
    drop_a_file,
    cut_a_file,
    swap_two_files,
    add_a_file,
    file_of_an_older_version,
    older_manifest,
    older_release,
    signed_by_another,
    stranger_among_the_keys,
    unsigned_instead,
)
"""Each says whether it touched what minisign and sha256sum look at."""

PARTS = (
    Part(
        "tamper",
        "A changed release is found by verify (flipped bits; dropped, cut, swapped, foreign files;"
        " an older manifest or release, another's signature, changed keys, a changed pointer), and"
        " by minisign and sha256sum alone where files, manifest or signature were touched",
        1_000,
        tamper,
    ),
)
