"""What follows the pointers: latest/ folders, catalogue.json, feed.json, releases/index.html.

Here belongs everything that can be made anew from the pointers and manifests alone; each file is
replaced in one step, and nothing is touched that already says the right thing.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.publishing.dcat import catalogue
from assets.publishing.feed import feed, notice_item, version_item
from assets.publishing.files import files_below, json_bytes, read_json, swap_file
from assets.publishing.pages import Listed, ListedNotice, releases_page
from assets.publishing.pointer import POINTER, Standing, read_standing
from assets.publishing.signed import BESIDE, MANIFEST
from assets.publishing.version import parse_version
from assets.publishing.words import Words

LATEST = "latest"


@dataclass(frozen=True)
class Told:
    """What readers may know of a product: its standing and its manifests, newest first."""

    standing: Standing
    manifests: tuple[dict[str, Any], ...]

    @property
    def title(self) -> Words:
        """The title its newest version has; its id where no version is left."""
        product = self.standing.product
        return Words(**self.manifests[0]["title"]) if self.manifests else Words(product, product)

    @property
    def current(self) -> tuple[dict[str, Any], ...]:
        """Manifests of the current version and those before it that no notice speaks of."""
        pointer, spoken_of = self.standing.pointer, self.standing.in_force()
        if pointer is None:
            return ()
        return tuple(
            item
            for item in self.manifests
            if item["version"] not in spoken_of
            and parse_version(item["version"]) <= parse_version(pointer.version)
        )


def write_listings(root: Path, private: Path) -> None:
    """Bring everything that follows the pointers up to date; root is public, private is not."""
    products = [_told(root, path) for path in sorted(root.glob(f"*/{POINTER}"))]
    told = [item for item in products if item is not None]
    for item in told:
        folder, pointer = root / item.standing.product, item.standing.pointer
        if pointer is None:
            shutil.rmtree(folder / LATEST, ignore_errors=True)
        else:
            _follow(folder / pointer.path, folder / LATEST, private)
    _put(root / "catalogue.json", json_bytes(catalogue(t.current for t in told)), private)
    _put(root / "feed.json", json_bytes(feed(_items(told))), private)
    page = releases_page([_listed(item) for item in told])
    _put(root / "index.html", page.encode(), private)


def _put(path: Path, content: bytes, private: Path) -> None:
    if not path.exists() or path.read_bytes() != content:
        swap_file(path, content, private)


def _told(root: Path, path: Path) -> Told | None:
    standing = read_standing(path)
    if standing is None:
        return None
    found = sorted(public_versions(path.parent, standing), key=parse_version, reverse=True)
    manifests = tuple(read_json(root / standing.product / name / MANIFEST) for name in found)
    return Told(standing, manifests)


def public_versions(folder: Path, standing: Standing) -> list[str]:
    """Versions below a product's folder that readers may see: those a pointer once named.

    A version above the pointer that no notice speaks of is not published yet.
    """
    spoken_of, pointer = {notice.version for notice in standing.notices}, standing.pointer
    found = [path.parent.name for path in folder.glob(f"*/{MANIFEST}")]
    return [
        name
        for name in found
        if name != LATEST
        and (
            name in spoken_of
            or (pointer is not None and parse_version(name) <= parse_version(pointer.version))
        )
    ]


def _follow(version: Path, latest: Path, private: Path) -> None:
    """Make latest/ hold the files of the version, each whole at any time, the manifest last.

    A file that both manifests list with the same hash is the same file, and stays.
    """
    stamp = latest / MANIFEST
    if stamp.exists() and stamp.read_bytes() == (version / MANIFEST).read_bytes():
        return
    before, now = _hashes(stamp), _hashes(version / MANIFEST)
    names = files_below(version)
    last = [name for name in (*sorted(BESIDE - {MANIFEST}), MANIFEST) if name in names]
    for name in [*(name for name in names if name not in BESIDE), *last]:
        is_same = name in now and now[name] == before.get(name) and (latest / name).exists()
        if not is_same:
            swap_file(latest / name, (version / name).read_bytes(), private)
    for name in set(files_below(latest)) - set(names):
        (latest / name).unlink()
    for folder in sorted((p for p in latest.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            shutil.rmtree(folder)


def _hashes(manifest: Path) -> dict[str, str]:
    """SHA-256 by path; none where there is no manifest yet."""
    if not manifest.exists():
        return {}
    return {name: facts["sha256"] for name, facts in read_json(manifest)["files"].items()}


def _items(products: list[Told]) -> Iterator[dict[str, Any]]:
    for item in products:
        yield from map(version_item, item.manifests)
        for notice in item.standing.notices:
            yield notice_item(item.standing.product, item.title, notice)


def _listed(told: Told) -> Listed:
    newest = (*told.current, *told.manifests, None)[0]
    product = told.standing.product
    described = newest or {}
    return Listed(
        id=product,
        title=told.title,
        description=Words(**described.get("description", {"en": "", "cy": ""})),
        version=told.standing.pointer.version if told.standing.pointer else None,
        reason=Words(**described.get("reason", {"en": "", "cy": ""})),
        cy_status=described.get("cy_status", "draft"),
        profile=described.get("profile", ""),
        is_signed=described.get("signature", {}).get("state") == "signed",
        versions=tuple(item["version"] for item in told.manifests),
        notices=tuple(
            ListedNotice(notice.kind, notice.version, notice.at[:10], notice.words)
            for notice in reversed(told.standing.notices)
        ),
    )
