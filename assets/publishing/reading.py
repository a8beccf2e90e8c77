"""What readers may ask for: aliases and files of versions, found from public facts only.

Here belongs the passage from an address below releases/ to one file of one immutable version. What
no pointer ever named, and what no manifest lists, cannot be reached: no path is built from a
reader's text. How a file is sent is the server's business.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.publishing.files import read_json
from assets.publishing.listings import LATEST, public_versions
from assets.publishing.pointer import POINTER, Standing, read_standing
from assets.publishing.signed import BESIDE, MANIFEST
from assets.publishing.version import parse_version

ROOT_FILES = (
    "index.html",
    "catalogue.json",
    "feed.json",
    "keys/keys.json",
    "keys/keys.json.minisig",
)
TOMBSTONE_FILES = ("withdrawn.json", "site/index.html")
PAGE = "site/index.html"
_PRODUCT = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_PUBLIC_KEY = re.compile(r"keys/[0-9A-F]{16}\.pub")
_ALIAS = re.compile(r"\d+(\.\d+)?")


@dataclass(frozen=True)
class Found:
    """A file to send: where it lies, its hash, and the address under which it never changes.

    address is None for what follows the pointers.
    """

    path: Path
    sha256: str
    address: str | None


class Readers:
    """The public folder as readers see it; every call looks at the pointers anew."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find(self, address: str) -> Found | None:
        """The file at that address below releases/; None if there is none for readers."""
        if address in ROOT_FILES or _PUBLIC_KEY.fullmatch(address):
            return _loose(self.root / address)
        product, _, rest = address.partition("/")
        standing = self.standing(product)
        if standing is None:
            return None
        if rest == POINTER:
            return _loose(self.root / product / POINTER)
        asked, _, name = rest.partition("/")
        version = resolve(asked, standing, self.versions(standing))
        if version is None:
            return self._buried(standing, asked, name)
        return self._in_version(product, version, name)

    def products(self) -> list[str]:
        """Products with a pointer, sorted."""
        return sorted(path.parent.name for path in self.root.glob(f"*/{POINTER}"))

    def standing(self, product: str) -> Standing | None:
        """The pointer of a product and the notices on its versions."""
        if not _PRODUCT.fullmatch(product):
            return None
        return read_standing(self.root / product / POINTER)

    def versions(self, standing: Standing) -> list[str]:
        """Published versions of a product whose files are there, oldest first."""
        found = public_versions(self.root / standing.product, standing)
        return sorted(found, key=parse_version)

    def databases(self) -> dict[str, Path]:
        """The SQLite file of the current version of every product."""
        made = {}
        for product in self.products():
            found = self.find(f"{product}/{LATEST}/{product}.sqlite")
            if found is not None:
                made[product] = found.path
        return made

    def _in_version(self, product: str, version: str, name: str) -> Found | None:
        folder = self.root / product / version
        try:
            files: dict[str, Any] = read_json(folder / MANIFEST)["files"]
        except (OSError, ValueError):
            return None
        if name in files:
            sha256 = str(files[name]["sha256"])
        elif name in BESIDE and (folder / name).is_file():
            sha256 = _sha256(folder / name)
        else:
            return None
        return Found(folder / name, sha256, f"{product}/{version}/{name}")

    def _buried(self, standing: Standing, version: str, name: str) -> Found | None:
        removed = {n.version for n in standing.notices if n.kind == "removed"}
        is_tombstone = version in removed and name in TOMBSTONE_FILES
        return _loose(self.root / standing.product / version / name) if is_tombstone else None


def resolve(asked: str, standing: Standing, versions: Sequence[str]) -> str | None:
    """The version an address means: latest, 1 and 1.2 follow the pointer, 1.2.3 is itself.

    An alias is the newest version of that beginning that is not above the pointer and that no
    notice speaks of.
    """
    if asked in versions:
        return asked
    if standing.pointer is None:
        return None
    current = standing.pointer.version
    if asked == LATEST:
        return current if current in versions else None
    if not _ALIAS.fullmatch(asked):
        return None
    spoken_of = standing.in_force()
    fitting = [
        version
        for version in versions
        if f"{version}.".startswith(f"{asked}.")
        and version not in spoken_of
        and parse_version(version) <= parse_version(current)
    ]
    return max(fitting, key=parse_version, default=None)


def _loose(path: Path) -> Found | None:
    return Found(path, _sha256(path), None) if path.is_file() else None


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
