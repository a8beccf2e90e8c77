"""What follows the pointers: latest/ folders, catalogue.json, feed.json, releases/index.html.

Here belongs everything that can be made anew from the pointers and manifests alone; each file is
replaced in one step, and nothing is touched that already says the right thing.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assets.publishing.files import files_below, json_bytes, read_json, swap_file
from assets.publishing.package import MANIFEST
from assets.publishing.pages import Listed, releases_page
from assets.publishing.released import load_manifest
from assets.publishing.version import parse_version
from assets.publishing.words import Words

LATEST = "latest"
LICENCE_PAGE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


def write_listings(root: Path, private: Path) -> None:
    """Bring everything that follows the pointers up to date; root is public, private is not."""
    pointers = {p.parent.name: read_json(p) for p in sorted(root.glob("*/latest.json"))}
    manifests = {product: _manifests(root / product, at) for product, at in pointers.items()}
    for product, pointer in pointers.items():
        _follow(root / product / pointer["path"], root / product / LATEST, private)
    _put(root / "catalogue.json", json_bytes(_catalogue(manifests)), private)
    _put(root / "feed.json", json_bytes(_feed(manifests)), private)
    page = releases_page([_listed(versions) for versions in manifests.values()])
    _put(root / "index.html", page.encode(), private)


def _put(path: Path, content: bytes, private: Path) -> None:
    if not path.exists() or path.read_bytes() != content:
        swap_file(path, content, private)


def _manifests(folder: Path, pointer: dict[str, Any]) -> list[dict[str, Any]]:
    """Manifests up to the current version, newest first."""
    names = [p.parent.name for p in folder.glob(f"*/{MANIFEST}") if p.parent.name != LATEST]
    current = parse_version(pointer["version"])
    numbers = sorted((parse_version(name) for name in names), reverse=True)
    known = [n for n in numbers if n <= current]
    return [load_manifest(folder / ".".join(map(str, number))) for number in known]


def _follow(version: Path, latest: Path, private: Path) -> None:
    """Make latest/ hold the files of the version, each whole at any time, the manifest last."""
    stamp = latest / MANIFEST
    if stamp.exists() and stamp.read_bytes() == (version / MANIFEST).read_bytes():
        return
    files = [name for name in files_below(version) if name != MANIFEST]
    for name in [*files, MANIFEST]:
        swap_file(latest / name, (version / name).read_bytes(), private)
    for name in set(files_below(latest)) - {*files, MANIFEST}:
        (latest / name).unlink()
    for folder in sorted((p for p in latest.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            shutil.rmtree(folder)


def _listed(versions: list[dict[str, Any]]) -> Listed:
    newest = versions[0]
    return Listed(
        id=newest["product"],
        title=Words(**newest["title"]),
        description=Words(**newest["description"]),
        version=newest["version"],
        reason=Words(**newest["reason"]),
        cy_status=newest["cy_status"],
        profile=newest["profile"],
        versions=tuple(item["version"] for item in versions),
    )


def _feed(manifests: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """JSON Feed 1.1 of every version, newest first."""
    items = [_feed_item(manifest) for versions in manifests.values() for manifest in versions]
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Council benchmarks / Meincnodau cynghorau",
        "home_page_url": "index.html",
        "feed_url": "feed.json",
        "items": sorted(items, key=lambda i: (i["date_published"], i["id"]), reverse=True),
    }


def _feed_item(manifest: dict[str, Any]) -> dict[str, Any]:
    product, version = manifest["product"], manifest["version"]
    return {
        "id": f"urn:council-benchmarks:{product}:{version}",
        "url": f"{product}/{version}/site/index.html",
        "title": f"{manifest['title']['en']} / {manifest['title']['cy']} {version}",
        "content_text": f"{manifest['reason']['en']} / {manifest['reason']['cy']}",
        "date_published": manifest["released_at"],
        "_council_benchmarks": {
            "product": product,
            "version": version,
            "level": manifest["level"],
            "reason": manifest["reason"],
            "changes": f"{product}/{version}/changes.csv",
            "n_changes": manifest["n_changes"],
            "n_knock_on": manifest["n_knock_on"],
        },
    }


def _catalogue(manifests: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The products as a DCAT catalogue (JSON-LD)."""
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
        },
        "@type": "dcat:Catalog",
        "dct:title": [
            {"@language": "en", "@value": "Council benchmarks"},
            {"@language": "cy", "@value": "Meincnodau cynghorau"},
        ],
        "dcat:dataset": [_dataset(versions) for versions in manifests.values()],
    }


def _dataset(versions: list[dict[str, Any]]) -> dict[str, Any]:
    newest, oldest = versions[0], versions[-1]
    product = newest["product"]
    return {
        "@type": "dcat:Dataset",
        "dct:identifier": product,
        "dct:title": _both(newest["title"]),
        "dct:description": _both(newest["description"]),
        "dct:issued": oldest["released_at"],
        "dct:modified": newest["released_at"],
        "dct:license": LICENCE_PAGE,
        "dcat:version": newest["version"],
        "dcat:landingPage": f"{product}/{newest['version']}/site/index.html",
        "dcat:distribution": list(_distributions(product, newest)),
    }


def _both(text: dict[str, str]) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text[language]} for language in ("en", "cy")]


def _distributions(product: str, manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    media = {
        ".csv": "text/csv",
        ".parquet": "application/vnd.apache.parquet",
        ".sqlite": "application/vnd.sqlite3",
    }
    for path, facts in manifest["files"].items():
        kind = media.get(Path(path).suffix)
        if kind and not path.startswith("data/excel/"):
            yield {
                "@type": "dcat:Distribution",
                "dct:title": path,
                "dcat:downloadURL": f"{product}/{manifest['version']}/{path}",
                "dcat:mediaType": kind,
                "dcat:byteSize": facts["bytes"],
            }
