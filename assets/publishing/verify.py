"""The verifier: re-reads a release from disk and says what is wrong with it.

Here belongs every check that needs nothing but the folder. It trusts no memory of the writer:
hashes, files, rows, columns, types and keys are read from the bytes.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from assets.publishing.data_files import read_csv_table
from assets.publishing.files import files_below, sha256_of
from assets.publishing.package import CSV_TABLES, DATA_TABLES, LOGS, MANIFEST
from assets.publishing.released import load_manifest
from assets.publishing.words import UNSIGNED
from sql.arrow import arrow_schema, row_codes
from sql.tables import column_names, key_of

MANIFEST_FIELDS = ("product", "version", "released_at", "profile", "files", "signature", "inputs")


def verify(path: Path) -> list[str]:
    """Faults of the release in that folder, one sentence each; empty when it is whole.

    That it is unsigned is not a fault: see notes.
    """
    try:
        manifest = load_manifest(path)
        lacking = [field for field in MANIFEST_FIELDS if field not in manifest]
    except (OSError, ValueError) as error:
        return [f"{MANIFEST} cannot be read ({error}): restore it from a copy."]
    if lacking:
        return [f"{MANIFEST} lacks {', '.join(lacking)}: restore it from a copy."]
    faults = list(_file_faults(path, manifest))
    if faults:
        return faults
    return [*_table_faults(path, manifest), *_sqlite_faults(path, manifest)]


def notes(path: Path) -> list[str]:
    """What a reader must know of a whole release: that it is unsigned."""
    signature = load_manifest(path).get("signature", {})
    return [UNSIGNED.en] if signature.get("state") == "unsigned" else []


def _file_faults(path: Path, manifest: dict[str, Any]) -> Iterator[str]:
    listed = manifest["files"]
    present = set(files_below(path)) - {MANIFEST}
    required = {*CSV_TABLES, "datapackage.json", "dictionary.csv", "methods.json", "CHANGES.md"}
    for name in sorted(required - listed.keys()):
        yield f"{MANIFEST} does not list {name}: restore the release from a copy."
    for name in sorted(listed.keys() - present):
        yield f"{name} is missing: restore it from a copy."
    for name in sorted(present - listed.keys()):
        yield f"{name} is not in the manifest: it does not belong to this release."
    for name in sorted(listed.keys() & present):
        if sha256_of(path / name) != listed[name]["sha256"]:
            yield f"{name} is not the file that was published (its SHA-256 differs)."


def _table_faults(path: Path, manifest: dict[str, Any]) -> Iterator[str]:
    for file, name in CSV_TABLES.items():
        try:
            data = read_csv_table(path / file, name)
        except (pa.ArrowInvalid, KeyError) as error:
            yield f"{file} does not have the types of its table ({str(error)[:80]})."
            continue
        if data.column_names != column_names(name):
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
    if stored.schema != arrow_schema(name):
        yield f"{file}: columns or types are not those of {name}."
    elif stored.num_rows != data.num_rows:
        yield f"{file} has {stored.num_rows} rows, the CSV {data.num_rows}."


def _has_duplicates(data: pa.Table, key: tuple[str, ...]) -> bool:
    codes = row_codes([data], key)[0]
    return len(np.unique(codes)) != len(codes)


def _sqlite_faults(path: Path, manifest: dict[str, Any]) -> Iterator[str]:
    file = f"{manifest['product']}.sqlite"
    wanted = {**{n: f"data/{n}.csv" for n in DATA_TABLES}, **{n: f for f, n in LOGS.items()}}
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
