"""The release store: immutable versions, one pointer per product, complete or not at all.

Here belongs the protocol that moves a written package into public view:
write in private, force to disk, verify from disk, claim the number, rename into place, swap the
pointer, read back. Until the swap readers have the old version, after it the new one; what a crash
left behind is cleared by the next holder of the lock. What a package holds is in package.py; pages
and lists that follow the pointers are in listings.py.
"""

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from assets.publishing.fence import (
    WAIT_SECONDS,
    Fence,
    PublishingError,
    ReleaseConflictError,
    publishing_right,
)
from assets.publishing.files import (
    json_bytes,
    read_json,
    sha256_of,
    swap_file,
    sync_folder,
    sync_tree,
    write_bytes,
)
from assets.publishing.listings import write_listings
from assets.publishing.package import MANIFEST
from assets.publishing.released import load_manifest
from assets.publishing.verify import verify
from assets.publishing.version import parse_version
from sql.frames import conform, sort_by_key

POINTER = "latest.json"
_log = logging.getLogger(__name__)
CLAIMED, PUBLISHED = "claimed", "published"


@dataclass(frozen=True)
class Pointer:
    """What latest.json says: the current version, its folder beside it, its manifest's hash."""

    product: str
    version: str
    path: str
    manifest_sha256: str
    released_at: str


def _read_pointer(path: Path) -> Pointer | None:
    """The pointer in that file; None if it is absent or damaged."""
    try:
        return Pointer(**read_json(path))
    except (OSError, ValueError, TypeError):
        return None


class ReleaseStore:
    """Releases on disk below root (public); staging, claims and locks in a private folder.

    The private folder must be on the same file system; by default it is `staging` beside root.
    """

    def __init__(self, root: Path, private: Path | None = None) -> None:
        self.root = Path(root)
        self.private = Path(private) if private else self.root.parent / "staging"

    def products(self) -> list[str]:
        """Products with a current release, sorted."""
        named = {path.parent.parent.name for path in self.root.glob(f"*/*/{MANIFEST}")}
        return sorted(name for name in named if self.current(name) is not None)

    def current(self, product: str) -> Pointer | None:
        """The pointer of a product; None before its first release.

        A lost or damaged pointer is that of the newest published version that is whole.
        """
        return _read_pointer(self.root / product / POINTER) or self._rebuilt(product)

    def _rebuilt(self, product: str) -> Pointer | None:
        claims = (self.private / "claims" / product).glob("*.json")
        published = [path.stem for path in claims if read_json(path)["state"] == PUBLISHED]
        for version in sorted(published, key=parse_version, reverse=True):
            folder = self.root / product / version
            if (folder / MANIFEST).exists() and not verify(folder):
                return self._pointer_to(product, version)
        return None

    def _pointer_to(self, product: str, version: str) -> Pointer:
        folder = self.root / product / version
        return Pointer(
            product=product,
            version=version,
            path=version,
            manifest_sha256=sha256_of(folder / MANIFEST),
            released_at=load_manifest(folder)["released_at"],
        )

    def versions(self, product: str) -> list[str]:
        """Published versions of a product, oldest first."""
        found = [path.parent.name for path in (self.root / product).glob(f"*/{MANIFEST}")]
        open_claims = {path.stem for path in self._claims(product)}
        numbers = [v for v in found if v != "latest" and v not in open_claims]
        return sorted(numbers, key=parse_version)

    def path(self, product: str, version: str | None = None) -> Path:
        """The folder of a version, by default the current one; PublishingError if there is none."""
        pointer = self.current(product)
        wanted = version or (pointer.version if pointer else None)
        if wanted is None or wanted not in self.versions(product):
            have = ", ".join(self.versions(product)) or "no version"
            raise PublishingError(f'There is no release "{product} {wanted or ""}": {have}.')
        return self.root / product / wanted

    def history(self) -> pd.DataFrame:
        """Every published version of every product: the rows of the contract table releases."""
        rows = []
        for product in self.products():
            pointer = self.current(product)
            for version in self.versions(product):
                folder = self.root / product / version
                manifest = load_manifest(folder)
                rows.append(
                    {
                        "product": product,
                        "version": version,
                        "released_at": manifest["released_at"],
                        "reason_en": manifest["reason"]["en"],
                        "reason_cy": manifest["reason"]["cy"],
                        "manifest_sha256": sha256_of(folder / MANIFEST),
                        "is_current": bool(pointer and pointer.version == version),
                    }
                )
        return sort_by_key(conform(pd.DataFrame(rows), "releases", fill=True), "releases")

    @contextmanager
    def publishing(self, wait_seconds: float = WAIT_SECONDS) -> Iterator[Fence]:
        """Hold the right to publish; what a crash left behind is cleared first."""
        with publishing_right(self.private, wait_seconds) as fence:
            self._recover()
            yield fence

    def publish(
        self,
        fence: Fence,
        product: str,
        version: str,
        previous: str | None,
        write: Callable[[Path], object],
    ) -> Path:
        """Publish one version: write fills a private folder, the pointer moves last.

        ReleaseConflictError if the number is taken, the pointer no longer names previous, or the
        fence is out of date; PublishingError if the written package does not verify. The old
        release stands in every such case.
        """
        stage = self.private / f"stage-{product}-{version}-{fence.token}"
        stage.mkdir(parents=True)
        write(stage)
        sync_tree(stage)
        faults = verify(stage)
        if faults:
            raise PublishingError(f"{product} {version} was not published: {faults[0]}")
        claim = self._claim(product, version, fence)
        target = self.root / product / version
        self._check(fence, product, previous)
        self._move(stage, target)
        self._check(fence, product, previous)
        self._point(product, version)
        swap_file(claim, json_bytes({"token": fence.token, "state": PUBLISHED}), self.private)
        write_listings(self.root, self.private)
        return target

    def _claim(self, product: str, version: str, fence: Fence) -> Path:
        claim = self.private / "claims" / product / f"{version}.json"
        try:
            write_bytes(claim, json_bytes({"token": fence.token, "state": CLAIMED}))
        except FileExistsError as error:
            raise ReleaseConflictError(
                f"{product} {version} is taken: nothing was published; run again."
            ) from error
        sync_folder(claim.parent)
        return claim

    def _check(self, fence: Fence, product: str, previous: str | None) -> None:
        fence.check()
        pointer = self.current(product)
        if (pointer.version if pointer else None) != previous:
            raise ReleaseConflictError(
                f"{product} moved on from version {previous}: nothing was published; run again."
            )

    @staticmethod
    def _move(stage: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            raise ReleaseConflictError(
                f"The folder {target.parent.name}/{target.name} exists and no pointer ever named"
                " it: move it away, then run again."
            )
        stage.rename(target)
        sync_folder(target.parent)
        sync_folder(target.parent.parent)

    def _point(self, product: str, version: str) -> None:
        """Swap the pointer in one step and read back what readers now see."""
        folder, pointer = self.root / product / version, self._pointer_to(product, version)
        swap_file(self.root / product / POINTER, json_bytes(pointer), self.private)
        seen = self.current(product)
        if seen != pointer or sha256_of(folder / MANIFEST) != pointer.manifest_sha256:
            raise PublishingError(f"{product} {version} reads back differently: run verify on it.")

    def _claims(self, product: str) -> Iterator[Path]:
        """Claims of numbers that were not published (yet)."""
        for path in sorted((self.private / "claims" / product).glob("*.json")):
            pointer = self.current(product)
            is_current = pointer is not None and pointer.version == path.stem
            if not is_current and read_json(path)["state"] == CLAIMED:
                yield path

    def _recover(self) -> None:
        """Clear what a crash left: half-written packages, numbers that were never pointed to."""
        for leftover in [*self.private.glob("stage-*"), *self.private.glob("trash-*")]:
            shutil.rmtree(leftover)
        for leftover in self.private.glob("swap-*"):
            leftover.unlink()
        for folder in sorted(self.private.glob("claims/*")):
            for claim in list(self._claims(folder.name)):
                self._withdraw_claim(folder.name, claim)
            self._settle(folder.name)
            self._repair_pointer(folder.name)
        if self.products():
            write_listings(self.root, self.private)

    def _repair_pointer(self, product: str) -> None:
        """Write a lost or damaged pointer anew."""
        path = self.root / product / POINTER
        pointer = self.current(product)
        if pointer is not None and _read_pointer(path) is None:
            _log.warning("the pointer of %s was lost: %s is current", product, pointer.version)
            swap_file(path, json_bytes(pointer), self.private)

    def _withdraw_claim(self, product: str, claim: Path) -> None:
        orphan = self.root / product / claim.stem
        if orphan.exists():
            trash = self.private / f"trash-{product}-{claim.stem}"
            orphan.rename(trash)
            sync_folder(orphan.parent)
            shutil.rmtree(trash)
        claim.unlink()

    def _settle(self, product: str) -> None:
        """The current version was published, whatever its claim had time to say."""
        pointer = self.current(product)
        claim = self.private / "claims" / product / f"{pointer.version if pointer else ''}.json"
        if claim.exists() and read_json(claim)["state"] == CLAIMED:
            swap_file(claim, json_bytes({"token": 0, "state": PUBLISHED}), self.private)
