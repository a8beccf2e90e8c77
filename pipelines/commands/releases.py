"""The commands `releases`, `show`, `diff`, `verify`: what was published, and is it whole."""

from pathlib import Path
from typing import Any

import click

from assets.publishing.diff import difference
from assets.publishing.files import read_json
from assets.publishing.released import in_contract, load_manifest, load_release_tables
from assets.publishing.store import ReleaseStore
from assets.publishing.verify import notes, verify
from pipelines.commands.display import show_rows
from pipelines.settings import settings
from sql.frames import records

ROWS_SHOWN = 200


class UnknownReleaseError(Exception):
    """There is no such product or version; the sentence lists those there are."""

    exit_status = 2


def open_store(home: Path | None) -> ReleaseStore:
    """The releases of this installation."""
    return ReleaseStore(settings(home=home).open_home().releases)


def folder_of(store: ReleaseStore, product: str, version: str | None) -> Path:
    """Folder of a version, the current one by default; UnknownReleaseError names what there is."""
    versions = store.versions(product)
    if not versions:
        known = ", ".join(store.products()) or "none"
        raise UnknownReleaseError(f'"{product}" has no release; products with one: {known}.')
    current = store.current(product)
    wanted = version or (current.version if current else versions[-1])
    if wanted not in versions:
        raise UnknownReleaseError(
            f"{product} has no version {wanted}; it has {', '.join(versions)}."
        )
    return store.root / product / wanted


def list_releases(product: str | None, *, home: Path | None, form: str) -> None:
    """Print every version of one product, or the versions of all."""
    store = open_store(home)
    products = [product] if product else store.products()
    rows = []
    for name in products:
        folder_of(store, name, None)
        current = store.current(name)
        for version in store.versions(name):
            manifest = load_manifest(store.root / name / version)
            rows.append(
                {
                    "product": name,
                    "version": version,
                    "current": "yes" if current and version == current.version else "",
                    "released": manifest["released_at"],
                    "why": manifest["reason"]["en"],
                }
            )
    show_rows(rows, form=form, title="Releases")


def show_release(product: str, version: str | None, *, home: Path | None, form: str) -> None:
    """Print the files of a version with rows, size and hash."""
    folder = folder_of(open_store(home), product, version)
    manifest = read_json(folder / "manifest.json")
    rows = [
        {
            "file": name,
            "rows": facts.get("rows"),
            "bytes": (folder / name).stat().st_size,
            "sha256": facts["sha256"][:16],
        }
        for name, facts in manifest["files"].items()
    ]
    show_rows(rows, form=form, title=f"{product} {manifest['version']}: {folder}")


def diff_releases(product: str, old: str, new: str, *, home: Path | None, form: str) -> None:
    """Print the changed figures and what moved because of them, between any two versions."""
    store = open_store(home)
    before, after = (load_release_tables(folder_of(store, product, v)) for v in (old, new))
    found = difference(before, in_contract(after))
    changes, moved = records(found.changes), records(found.knock_on)
    if form == "json":
        show_rows([{"changes": changes, "knock_on": moved}], form=form)
        return
    shown = [_changed(row) for row in changes[:ROWS_SHOWN]]
    show_rows(shown, title=f"Changed figures: {len(changes)}")
    shown = [_moved(row) for row in moved[:ROWS_SHOWN]]
    show_rows(shown, title=f"Moved because of them: {len(moved)}")
    if max(len(changes), len(moved)) > ROWS_SHOWN:
        click.echo(f"The first {ROWS_SHOWN} are shown; --format json gives all.")


def _changed(row: dict[str, Any]) -> dict[str, object]:
    return {
        "indicator": row["indicator"],
        "period": row["period"],
        "area": row["area_code"],
        "breakdown": row["breakdown"],
        "old": row["old_value"],
        "new": row["new_value"],
        "codes": f"{row['old_note_code'] or ''} > {row['new_note_code'] or ''}".strip(" >"),
        "reason": row["reason_en"],
        "return": row["return_ref"],
    }


def _moved(row: dict[str, Any]) -> dict[str, object]:
    return {
        "table": row["table"],
        "indicator": row["indicator"],
        "period": row["period"],
        "area": row["area_code"],
        "group": row["group_code"],
        "owner": row["owner_code"],
        "what": row["column"],
        "old": row["old"],
        "new": row["new"],
        "because of": row["because_of"],
    }


def verify_release(path: Path) -> int:
    """Print every fault of the release in that folder; 1 if there is one."""
    if not (path / "manifest.json").is_file():
        raise UnknownReleaseError(
            f"{path} is not a release: name the folder of a version, releases/PRODUCT/VERSION."
        )
    faults = verify(path)
    for fault in faults:
        click.echo(f"council-benchmarks: {fault}", err=True)
    if faults:
        return 1
    manifest = load_manifest(path)
    n_files = len(manifest["files"])
    click.echo(f"{manifest['product']} {manifest['version']} is whole: {n_files} files re-read.")
    for note in notes(path):
        click.echo(note)
    return 0
