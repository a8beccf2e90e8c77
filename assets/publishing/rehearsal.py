"""Rehearsals: everything a publication does, but nothing that readers could see.

Here belongs the store of who may not publish: it reads the real releases, writes into a folder of
its own, holds no signing key, and its public folder is sealed.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from assets.publishing.fence import WAIT_SECONDS, Fence, publishing_right
from assets.publishing.public import SealedFolder
from assets.publishing.store import ReleaseStore


class RehearsalStore(ReleaseStore):
    """The releases below root, to look at; what is rehearsed lies below scratch, in private."""

    is_rehearsal = True

    def __init__(self, root: Path, scratch: Path) -> None:
        super().__init__(root, scratch, public=SealedFolder(root, scratch))

    @contextmanager
    def publishing(self, wait_seconds: float = WAIT_SECONDS) -> Iterator[Fence]:
        """Rehearse alone; the right to publish is not touched, and nothing public is recovered."""
        with publishing_right(self.private, wait_seconds) as fence:
            for earlier in self.private.glob("stage-*"):
                shutil.rmtree(earlier)
            yield fence

    def publish(
        self,
        fence: Fence,
        product: str,
        version: str,
        previous: str | None,
        write: Callable[[Path], object],
    ) -> Path:
        """Write and verify the package; it stays in private, and the pointer where it is."""
        self._check(fence, product, previous)
        return self.stage(fence, product, version, write)
