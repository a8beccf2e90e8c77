"""The release store: immutable versions, one pointer per product, complete or not at all.

Here belongs the protocol that moves a written package into public view:
write in private, force to disk, verify from disk, claim the number, rename into place, swap the
pointer, read back. Until the swap readers have the old version, after it the new one; what a crash
left behind is cleared by the next holder of the lock (recovery.py). What a package holds is in
package.py; pages and lists that follow the pointers are in listings.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from assets.publishing.claims import PUBLISHED, Claims
from assets.publishing.fence import (
    WAIT_SECONDS,
    Fence,
    PublishingError,
    ReleaseConflictError,
    publishing_right,
)
from assets.publishing.files import sha256_of, sync_tree
from assets.publishing.keys import KeyRing
from assets.publishing.pointer import POINTER, Notice, Pointer, Standing, read_standing
from assets.publishing.public import PublicFolder
from assets.publishing.recovery import follow_notices, rebuilt, recover
from assets.publishing.released import load_manifest
from assets.publishing.signed import MANIFEST
from assets.publishing.signing import SecretKey
from assets.publishing.verify import verify
from assets.publishing.version import parse_version
from sql.frames import conform, sort_by_key


class ReleaseStore:
    """Releases on disk below root (public); staging, claims and locks in a private folder.

    The private folder must be on the same file system; by default it is `staging` beside root.
    signer signs what is published; without one releases are unsigned.
    """

    is_rehearsal = False

    def __init__(
        self,
        root: Path,
        private: Path | None = None,
        *,
        signer: SecretKey | None = None,
        public: PublicFolder | None = None,
    ) -> None:
        self.root = Path(root)
        self.private = Path(private) if private else self.root.parent / "staging"
        self.public = public or PublicFolder(self.root, self.private)
        self.claims = Claims(self.private)
        self.signer = signer

    def products(self) -> list[str]:
        """Products with a current release, sorted."""
        named = {path.parent.parent.name for path in self.root.glob(f"*/*/{MANIFEST}")}
        return sorted(name for name in named if self.current(name) is not None)

    def current(self, product: str) -> Pointer | None:
        """The pointer of a product; None before its first release and where no version stands."""
        return self.standing(product).pointer

    def standing(self, product: str) -> Standing:
        """The pointer of a product and the notices on its versions.

        A lost or damaged pointer is that of the newest published version that is whole.
        """
        return read_standing(self.root / product / POINTER) or rebuilt(self, product)

    def pointer_to(self, product: str, version: str) -> Pointer:
        """The pointer that would name that version."""
        folder = self.root / product / version
        return Pointer(
            product=product,
            version=version,
            path=version,
            manifest_sha256=sha256_of(folder / MANIFEST),
            released_at=load_manifest(folder)["released_at"],
        )

    def versions(self, product: str) -> list[str]:
        """Published versions of a product whose files are there, oldest first."""
        found = [path.parent.name for path in (self.root / product).glob(f"*/{MANIFEST}")]
        unfinished = set(self.unfinished(product))
        numbers = [v for v in found if v != "latest" and v not in unfinished]
        return sorted(numbers, key=parse_version)

    def highest(self, product: str) -> str | None:
        """The highest number a product ever had, whatever became of it."""
        numbers = {*self.versions(product), *self.claims.versions(product, PUBLISHED)}
        numbers |= {notice.version for notice in self.standing(product).notices}
        return max(numbers, key=parse_version, default=None)

    def path(self, product: str, version: str | None = None) -> Path:
        """The folder of a version, by default the current one; PublishingError if there is none."""
        pointer = self.current(product)
        wanted = version or (pointer.version if pointer else None)
        if wanted is None or wanted not in self.versions(product):
            have = ", ".join(self.versions(product)) or "no version"
            raise PublishingError(f'There is no release "{product} {wanted or ""}": {have}.')
        return self.root / product / wanted

    def history(self) -> pd.DataFrame:
        """Every published version of every product: the rows of the contract table releases.

        The reason of a withdrawn version is its notice.
        """
        named = {path.parent.name for path in self.root.glob(f"*/{POINTER}")} | {*self.products()}
        rows = [row for product in sorted(named) for row in self._versions_told(product)]
        return sort_by_key(conform(pd.DataFrame(rows), "releases", fill=True), "releases")

    def _versions_told(self, product: str) -> Iterator[dict[str, object]]:
        standing, there = self.standing(product), self.versions(product)
        notices = standing.in_force()
        removed = {version for version in notices if version not in there}
        for version in sorted({*there, *removed}, key=parse_version):
            yield {
                "product": product,
                "version": version,
                **self._told(product, version, notices.get(version)),
                "is_current": bool(standing.pointer and standing.pointer.version == version),
            }

    def _told(self, product: str, version: str, notice: Notice | None) -> dict[str, object]:
        if notice:
            return {
                "released_at": notice.released_at,
                "reason_en": notice.reason_en,
                "reason_cy": notice.reason_cy,
                "manifest_sha256": notice.manifest_sha256,
            }
        folder = self.root / product / version
        manifest = load_manifest(folder)
        return {
            "released_at": manifest["released_at"],
            "reason_en": manifest["reason"]["en"],
            "reason_cy": manifest["reason"]["cy"],
            "manifest_sha256": sha256_of(folder / MANIFEST),
        }

    def withheld(self, product: str) -> dict[str, Notice]:
        """SHA-256 of figures that may not come back by night -> the notice that says why.

        Those of removed versions, and of withdrawn or set aside ones above the current version.
        """
        standing = self.standing(product)
        current = parse_version(standing.pointer.version) if standing.pointer else (-1, 0, 0)
        return {
            sha256: notice
            for version, notice in standing.in_force().items()
            if notice.kind == "removed" or parse_version(version) > current
            if (sha256 := self.claims.facts(product, version).get("figures_sha256"))
        }

    @contextmanager
    def publishing(self, wait_seconds: float = WAIT_SECONDS) -> Iterator[Fence]:
        """Hold the right to publish; what a crash left behind is cleared first."""
        with publishing_right(self.private, wait_seconds) as fence:
            recover(self)
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
        stage = self.stage(fence, product, version, write)
        self.claims.take(product, version, fence)
        self._check(fence, product, previous)
        self.public.move_in(stage, product, version)
        self._check(fence, product, previous)
        pointer = self.pointer_to(product, version)
        self._point(Standing(product, pointer, self.standing(product).notices))
        self.claims.settle(product, version)
        self.public.refresh()
        return self.root / product / version

    def stage(
        self, fence: Fence, product: str, version: str, write: Callable[[Path], object]
    ) -> Path:
        """A package written in private, forced to disk and verified from there; its folder."""
        stage = self.private / f"stage-{product}-{version}-{fence.token}"
        stage.mkdir(parents=True)
        write(stage)
        sync_tree(stage)
        faults = verify(stage, KeyRing.load(self.root), alone=True)
        if faults:
            raise PublishingError(f"{product} {version} was not published: {faults[0]}")
        return stage

    def change_standing(self, fence: Fence, standing: Standing, previous: str | None) -> None:
        """Replace pointer and notices in one step, then do what they say to the files."""
        self._check(fence, standing.product, previous)
        self._point(standing)
        follow_notices(self, standing.product)
        self.public.refresh()

    def _check(self, fence: Fence, product: str, previous: str | None) -> None:
        fence.check()
        pointer = self.current(product)
        if (pointer.version if pointer else None) != previous:
            raise ReleaseConflictError(
                f"{product} moved on from version {previous}: nothing was published; run again."
            )

    def _point(self, standing: Standing) -> None:
        """Swap the pointer in one step and read back what readers now see."""
        product, pointer = standing.product, standing.pointer
        self.public.point(standing)
        is_seen = self.standing(product) == standing
        if is_seen and pointer:
            is_seen = pointer == self.pointer_to(product, pointer.version)
        if not is_seen:
            raise PublishingError(f"The pointer of {product} reads back differently: run verify.")

    def unfinished(self, product: str) -> Iterator[str]:
        """Numbers that were taken and not published (yet)."""
        pointer = self.current(product)
        for version in self.claims.versions(product):
            is_current = pointer is not None and pointer.version == version
            if not is_current and self.claims.facts(product, version).get("state") != PUBLISHED:
                yield version
