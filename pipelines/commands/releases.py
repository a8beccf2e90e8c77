"""The commands `releases`, `show`, `diff`, `verify`: what was published, and is it whole."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from assets.publishing.diff import difference
from assets.publishing.files import read_json
from assets.publishing.instants import parse_day_or_instant
from assets.publishing.public import TOMBSTONE
from assets.publishing.released import in_contract, load_manifest, load_supplied_tables
from assets.publishing.signing import PublicKey
from assets.publishing.store import ReleaseStore
from assets.publishing.verify import notes, verify
from assets.publishing.vintages import step_at
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
    versions, standing = store.versions(product), store.standing(product)
    wanted = version or (standing.pointer.version if standing.pointer else None)
    notice = standing.in_force().get(wanted or "")
    if notice and notice.kind == "removed":
        raise UnknownReleaseError(f"{product}: {notice.reason_en}.")
    if not versions and not standing.notices:
        known = ", ".join(store.products()) or "none"
        raise UnknownReleaseError(f'"{product}" has no release; products with one: {known}.')
    if wanted is None:
        told = "; ".join(item.reason_en for item in standing.in_force().values())
        raise UnknownReleaseError(f"{product} has no current version: {told}.")
    if wanted not in versions:
        raise UnknownReleaseError(
            f"{product} has no version {wanted}; it has {', '.join(versions)}."
        )
    return store.root / product / wanted


def list_releases(product: str | None, *, home: Path | None, form: str) -> None:
    """Print every version of one product, or the versions of all."""
    store = open_store(home)
    history = store.history()
    known = list(dict.fromkeys(history["product"]))
    if product and product not in known:
        folder_of(store, product, None)
    rows = []
    for row in records(history if product is None else history[history["product"] == product]):
        notice = store.standing(row["product"]).in_force().get(row["version"])
        state = "current" if row["is_current"] else notice.kind if notice else ""
        rows.append(
            {
                "product": row["product"],
                "version": row["version"],
                "state": state,
                "released": row["released_at"],
                "why": row["reason_en"],
            }
        )
    show_rows(rows, form=form, title="Releases")


def show_release(
    product: str, version: str | None, *, home: Path | None, form: str, as_at: str | None = None
) -> None:
    """Print the files of a version, or of the one that stood at a time, with rows, size, hash."""
    store = open_store(home)
    if as_at is not None:
        folder_of(store, product, None)
        version = step_at(store, product, _instant(as_at)).version
    folder = folder_of(store, product, version)
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
    for note in notes(folder):
        click.echo(note, err=form == "json")


def _instant(text: str) -> datetime:
    try:
        return parse_day_or_instant(text)
    except ValueError as error:
        raise click.UsageError(f"--as-at {error}") from error


def diff_releases(product: str, old: str, new: str, *, home: Path | None, form: str) -> None:
    """Print the changed figures and what moved because of them, between any two versions."""
    store = open_store(home)
    before, after = (load_supplied_tables(folder_of(store, product, v)) for v in (old, new))
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


def verify_release(path: Path, *, public_key: str | None = None) -> int:
    """Print every fault of the release in that folder; 1 if there is one."""
    if (path / TOMBSTONE).is_file():
        raise UnknownReleaseError(read_json(path / TOMBSTONE)["reason_en"] + ".")
    if not (path / "manifest.json").is_file():
        raise UnknownReleaseError(
            f"{path} is not a release: name the folder of a version, releases/PRODUCT/VERSION."
        )
    faults = verify(path, pinned=PublicKey.parse(public_key) if public_key else None)
    for fault in faults:
        click.echo(f"council-benchmarks: {fault}", err=True)
    if faults:
        return 1
    manifest = load_manifest(path)
    n_files = len(manifest["files"])
    click.echo(f"{manifest['product']} {manifest['version']} is whole: {n_files} files re-read.")
    if manifest["signature"]["state"] == "signed":
        click.echo(f"It is signed by the key {manifest['signature']['key']}.")
    for note in notes(path):
        click.echo(note)
    return 0
