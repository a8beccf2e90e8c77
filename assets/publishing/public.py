"""The public folder: the one object through which anything below releases/ is changed.

Here belongs every step that readers can see. Who rehearses is given the sealed folder in its place,
which refuses each of them, so that no rehearsal can publish by mistake.
"""

import shutil
from pathlib import Path

from assets.publishing.fence import PublishingError, ReleaseConflictError
from assets.publishing.files import json_bytes, swap_file, sync_folder
from assets.publishing.listings import write_listings
from assets.publishing.pages import withdrawn_page
from assets.publishing.pointer import POINTER, Notice, Standing
from assets.publishing.signed import MANIFEST

TOMBSTONE = "withdrawn.json"


class RehearsalError(PublishingError):
    """A rehearsal tried to change what readers see."""


class PublicFolder:
    """Changes below root, each in one step; private is a folder on the same file system."""

    def __init__(self, root: Path, private: Path) -> None:
        self.root, self.private = root, private

    def point(self, standing: Standing) -> None:
        """Replace the pointer of a product."""
        content = json_bytes(standing.content())
        swap_file(self.root / standing.product / POINTER, content, self.private)

    def move_in(self, stage: Path, product: str, version: str) -> None:
        """Move a finished folder to its place."""
        target = self.root / product / version
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            raise ReleaseConflictError(
                f"The folder {product}/{version} exists and no pointer ever named it: move it"
                " away, then run again."
            )
        stage.rename(target)
        sync_folder(target.parent)
        sync_folder(self.root)

    def move_out(self, product: str, version: str) -> None:
        """Take a version out of reach in one step, then destroy it."""
        target, trash = self.root / product / version, self.private / f"trash-{product}-{version}"
        if target.exists():
            target.rename(trash)
            sync_folder(target.parent)
            shutil.rmtree(trash)

    def bury(self, product: str, notice: Notice) -> None:
        """Put a tombstone where a version was: what was there, when, why it is gone."""
        folder = self.root / product / notice.version
        if (folder / MANIFEST).exists():
            self.move_out(product, notice.version)
        facts = {"product": product, **notice.__dict__}
        for name, content in (
            ("site/index.html", withdrawn_page(product, notice.version, notice.words).encode()),
            (TOMBSTONE, json_bytes(facts)),
        ):
            if not (folder / name).exists():
                swap_file(folder / name, content, self.private)

    def put(self, name: str, content: bytes) -> None:
        """Replace a file that stands beside the products."""
        if not (self.root / name).exists() or (self.root / name).read_bytes() != content:
            swap_file(self.root / name, content, self.private)

    def refresh(self) -> None:
        """Bring what follows the pointers up to date."""
        write_listings(self.root, self.private)


class SealedFolder(PublicFolder):
    """The public folder for who may only look: every step is refused."""

    def point(self, standing: Standing) -> None:
        """Refused."""
        raise _refusal(f"move the pointer of {standing.product}")

    def move_in(self, stage: Path, product: str, version: str) -> None:
        """Refused."""
        raise _refusal(f"publish {product} {version} from {stage.name}")

    def move_out(self, product: str, version: str) -> None:
        """Refused."""
        raise _refusal(f"take out {product} {version}")

    def bury(self, product: str, notice: Notice) -> None:
        """Refused."""
        raise _refusal(f"remove {product} {notice.version}")

    def put(self, name: str, content: bytes) -> None:
        """Refused."""
        raise _refusal(f"write {name} ({len(content)} bytes)")

    def refresh(self) -> None:
        """Refused."""
        raise _refusal("write the listings")


def _refusal(deed: str) -> RehearsalError:
    return RehearsalError(f"A rehearsal may not {deed}: nothing public was changed.")
