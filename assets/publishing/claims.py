"""Version numbers that were taken: each once, for good, with what became of it.

Here belongs the private folder claims/PRODUCT/VERSION.json: created exclusively, so that two
publishers never have the same number, and kept when a version is withdrawn, so that it never
returns. A lost pointer is made anew from here.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from assets.publishing.fence import Fence, ReleaseConflictError
from assets.publishing.files import json_bytes, read_json, swap_file, sync_folder, write_bytes
from assets.publishing.pointer import Notice
from assets.publishing.version import parse_version

CLAIMED, PUBLISHED = "claimed", "published"


class Claims:
    """The numbers taken below a private folder."""

    def __init__(self, private: Path) -> None:
        self.private = private
        self.root = private / "claims"

    def take(self, product: str, version: str, fence: Fence) -> None:
        """Take a number; ReleaseConflictError if it is taken."""
        path = self.path(product, version)
        try:
            write_bytes(path, json_bytes({"token": fence.token, "state": CLAIMED}))
        except FileExistsError as error:
            raise ReleaseConflictError(
                f"{product} {version} is taken: nothing was published; run again."
            ) from error
        sync_folder(path.parent)

    def settle(self, product: str, version: str, **facts: object) -> None:
        """The number is that of a published version; facts are kept besides."""
        told = {"token": 0, **self.facts(product, version), "state": PUBLISHED, **facts}
        content = json_bytes(told)
        path = self.path(product, version)
        if not path.exists() or path.read_bytes() != content:
            swap_file(path, content, self.private)

    def remark(self, product: str, notice: Notice, figures_sha256: str | None) -> None:
        """Keep a notice on a version, and the hash of its figures while they can be read."""
        facts: dict[str, object] = {"notice": asdict(notice)}
        if figures_sha256 is not None:
            facts["figures_sha256"] = figures_sha256
        self.settle(product, notice.version, **facts)

    def facts(self, product: str, version: str) -> dict[str, Any]:
        """What is known of a number; empty for one never taken, or whose taking was cut short.

        A disk that fails to read raises: what is published must not be taken for unfinished.
        """
        try:
            told: dict[str, Any] = read_json(self.path(product, version))
        except (FileNotFoundError, ValueError):
            return {}
        return told

    def notices(self, product: str) -> tuple[Notice, ...]:
        """The last notice of every version that has one, oldest first."""
        told = [self.facts(product, version).get("notice") for version in self.versions(product)]
        found = [Notice(**item) for item in told if item]
        return tuple(sorted(found, key=lambda notice: notice.at))

    def versions(self, product: str, state: str | None = None) -> list[str]:
        """Numbers taken, those in that state or all, lowest first."""
        names = [path.stem for path in (self.root / product).glob("*.json")]
        wanted = [n for n in names if state in (None, self.facts(product, n).get("state"))]
        return sorted(wanted, key=parse_version)

    def products(self) -> list[str]:
        """Products with a number taken."""
        return sorted(path.name for path in self.root.glob("*"))

    def forget(self, product: str, version: str) -> None:
        """Give a number back that was never published."""
        self.path(product, version).unlink()

    def path(self, product: str, version: str) -> Path:
        """The file of a number."""
        return self.root / product / f"{version}.json"
