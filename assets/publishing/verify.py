"""The verifier: re-reads a release from disk and says what is wrong with it.

Here belongs every check that needs nothing but the folder. It trusts no memory of the writer:
signature, hashes, files, rows, columns, types and keys are read from the bytes. Where the release
stands among others, it must also be the one that its folder and the pointer beside it name.
"""

import errno
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from assets.publishing.data_files import read_csv_table
from assets.publishing.files import files_below, read_json, sha256_of
from assets.publishing.keys import KeyRing
from assets.publishing.package import CSV_TABLES, LOGS
from assets.publishing.pointer import POINTER, Pointer, read_standing
from assets.publishing.released import load_manifest
from assets.publishing.signed import BESIDE, MANIFEST, signature_faults, sums_faults
from assets.publishing.signing import PublicKey, SigningError
from assets.publishing.words import UNSIGNED
from sql.arrow import arrow_schema, row_codes
from sql.summary_tables import SUMMARY_TABLES
from sql.tables import column_names, key_of

MANIFEST_FIELDS = ("product", "version", "released_at", "profile", "files", "signature", "inputs")

PASSING = (errno.EMFILE, errno.ENFILE, errno.EIO, errno.ENOMEM)
"""Faults of the machine at the moment of reading: they make no release a broken one."""


def verify(
    path: Path,
    ring: KeyRing | None = None,
    pinned: PublicKey | None = None,
    *,
    alone: bool = False,
) -> list[str]:
    """Faults of the release in that folder, one sentence each; empty when it is whole.

    ring holds the keys to trust, by default those beside the products; pinned is one key to trust
    in their place. alone looks at the folder only, not at the pointer beside it. That a release is
    unsigned where none is signed is not a fault: see notes.
    """
    try:
        manifest = load_manifest(path)
        lacking = [field for field in MANIFEST_FIELDS if field not in manifest]
        trusted = KeyRing.load(path.resolve().parents[1]) if ring is None else ring
    except (OSError, ValueError) as error:
        _raise_if_passing(error)
        return [f"{MANIFEST} cannot be read ({error}): restore it from a copy."]
    except SigningError as error:
        return [str(error)]
    if lacking:
        return [f"{MANIFEST} lacks {', '.join(lacking)}: restore it from a copy."]
    faults = list(signature_faults(path, manifest, trusted, pinned))
    if not alone:
        faults += _place_faults(path, manifest)
    faults = faults or list(_file_faults(path, manifest))
    if faults:
        return faults
    return [*_table_faults(path, manifest), *_sqlite_faults(path, manifest)]


def _raise_if_passing(error: Exception) -> None:
    """Raise what says nothing about the release: the machine could not read it just now."""
    if isinstance(error, OSError) and error.errno in PASSING:
        raise error


def notes(path: Path) -> list[str]:
    """What a reader must know of a whole release: it is unsigned, it was withdrawn."""
    manifest = load_manifest(path)
    standing = read_standing(path.resolve().parent / POINTER)
    notice = standing.in_force().get(manifest["version"]) if standing else None
    said = [UNSIGNED.en] if manifest["signature"].get("state") == "unsigned" else []
    return [*said, *([notice.reason_en] if notice else [])]


def _place_faults(path: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """An older release in the place of a newer one is whole, but not what its place says."""
    folder = path.resolve()
    if re.fullmatch(r"\d+\.\d+\.\d+", folder.name) and folder.name != manifest["version"]:
        yield f"The folder {folder.name} holds version {manifest['version']}: restore it."
    beside = folder.parent / POINTER
    if not beside.exists():
        return
    standing = read_standing(beside)
    if standing is None:
        yield f"{POINTER} beside the release is damaged: the next publication writes it anew."
    elif standing.product != manifest["product"]:
        yield f"The release of {manifest['product']} stands among those of {standing.product}."
    elif standing.pointer:
        yield from _pointer_faults(folder.parent, standing.pointer)
        is_latest = folder.name == "latest" and folder.parent.name == standing.product
        if is_latest and sha256_of(folder / MANIFEST) != standing.pointer.manifest_sha256:
            yield f"latest/ does not hold version {standing.pointer.version} (yet): look again."


def _pointer_faults(products: Path, pointer: Pointer) -> Iterator[str]:
    """The pointer must name a version that is there, by its own manifest."""
    named = products / pointer.path / MANIFEST
    try:
        told = load_manifest(named.parent)
        is_it = sha256_of(named) == pointer.manifest_sha256
    except (OSError, ValueError) as error:
        _raise_if_passing(error)
        told, is_it = {}, False
    is_it = is_it and pointer.path == pointer.version == told.get("version")
    if not (is_it and pointer.released_at == told.get("released_at")):
        yield f"{POINTER} does not name the manifest it points to: restore both from a copy."


def _file_faults(path: Path, manifest: dict[str, Any]) -> Iterator[str]:
    listed = manifest["files"]
    present = set(files_below(path)) - BESIDE
    of_all = {file for file, name in CSV_TABLES.items() if name not in SUMMARY_TABLES}
    required = {*of_all, "datapackage.json", "dictionary.csv", "methods.json", "CHANGES.md"}
    for name in sorted(required - listed.keys()):
        yield f"{MANIFEST} does not list {name}: restore the release from a copy."
    for name in sorted(listed.keys() - present):
        yield f"{name} is missing: restore it from a copy."
    for name in sorted(present - listed.keys()):
        yield f"{name} is not in the manifest: it does not belong to this release."
    for name in sorted(listed.keys() & present):
        if sha256_of(path / name) != listed[name]["sha256"]:
            yield f"{name} is not the file that was published (its SHA-256 differs)."
    if not listed.keys() - present:
        yield from sums_faults(path, listed)


def _described(path: Path) -> dict[str, list[str]]:
    """Table file -> its columns, as the release itself describes them.

    An older release may lack tables and columns that came later: both are only ever added at the
    end (M17), so its columns are the first ones of today's.
    """
    resources = read_json(path / "datapackage.json")["resources"]
    return {
        item["path"]: [field["name"] for field in item["schema"]["fields"]]
        for item in resources
        if item["path"] in CSV_TABLES
    }


def _table_faults(path: Path, manifest: dict[str, Any]) -> Iterator[str]:
    for file, columns in _described(path).items():
        name = CSV_TABLES[file]
        try:
            data = read_csv_table(path / file, name)
        except (pa.ArrowInvalid, KeyError, OSError) as error:
            _raise_if_passing(error)
            yield f"{file} does not have the types of its table ({str(error)[:80]})."
            continue
        if data.column_names != columns or columns != column_names(name)[: len(columns)]:
            yield f"{file}: the columns are not those of {name} in their order."
            continue
        if data.num_rows != manifest["files"][file]["rows"]:
            yield f"{file} has {data.num_rows} rows, the manifest says otherwise."
        if key_of(name) and _has_duplicates(data, key_of(name)):
            yield f"{file}: the same key ({', '.join(key_of(name))}) stands twice."
        if file not in LOGS:
            yield from _parquet_faults(path, name, data)


def _parquet_faults(path: Path, name: str, data: pa.Table) -> Iterator[str]:
    file = f"data/{name}.parquet"
    stored = pq.read_table(path / file)
    if stored.schema != pa.schema(list(arrow_schema(name))[: data.num_columns]):
        yield f"{file}: columns or types are not those of {name}."
    elif stored.num_rows != data.num_rows:
        yield f"{file} has {stored.num_rows} rows, the CSV {data.num_rows}."


def _has_duplicates(data: pa.Table, key: tuple[str, ...]) -> bool:
    codes = row_codes([data], key)[0]
    return len(np.unique(codes)) != len(codes)


def _sqlite_faults(path: Path, manifest: dict[str, Any]) -> Iterator[str]:
    file = f"{manifest['product']}.sqlite"
    wanted = {CSV_TABLES[csv]: csv for csv in _described(path)}
    address = f"{(path / file).resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True)
    try:
        for name, csv in wanted.items():
            counted = connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 (names of the contract)
            if counted != manifest["files"][csv]["rows"]:
                yield f"{file}: table {name} has {counted} rows, the CSV has not."
    except sqlite3.DatabaseError as error:
        yield f"{file} cannot be read ({error}): restore it from a copy."
    finally:
        connection.close()
