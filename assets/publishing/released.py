"""A release read back from disk: its manifest and its tables.

Here belongs reading of what package.py wrote; whether it is whole is verify.py's question.
"""

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from assets.publishing.data_files import csv_bytes, read_csv_table
from assets.publishing.files import read_json, sha256_of
from assets.publishing.package import DATA_TABLES, LOGS
from assets.publishing.revision_marks import unmark, unmark_rows
from assets.publishing.signed import MANIFEST
from assets.publishing.tables import ProductTables
from sql.arrow import to_arrow, to_pandas
from sql.frames import sort_by_key
from sql.tables import column_names, key_of
from sql.warehouse import Released


def load_manifest(path: Path) -> dict[str, Any]:
    """The manifest of the release in that folder."""
    content: dict[str, Any] = read_json(path / MANIFEST)
    return content


def load_release_tables(path: Path) -> ProductTables:
    """The tables of the release in that folder, as they were published.

    A table that there was not yet when the release was made is a frame without columns.
    """
    paths = {name: path / "data" / f"{name}.parquet" for name in DATA_TABLES}
    frames = {
        name: to_pandas(pq.read_table(file)) if file.exists() else pd.DataFrame()
        for name, file in paths.items()
    }
    return ProductTables(**frames, validation_findings=load_log(path, "findings.csv"))


def load_supplied_tables(path: Path) -> ProductTables:
    """The tables of the release as its sources gave them: without the marks it added itself."""
    return unmark(load_release_tables(path), load_log(path, "changes.csv"))


def load_supplied_figures(path: Path, indicators: Collection[str]) -> pd.DataFrame:
    """The release's figures of these indicators, without the marks it added itself."""
    file = path / "data" / "indicator_values.parquet"
    rows = pq.read_table(file, filters=[("indicator", "in", sorted(indicators))])
    return unmark_rows(to_pandas(rows), load_log(path, "changes.csv"))


def load_log(path: Path, file: str) -> pd.DataFrame:
    """changes.csv, knock_on.csv or findings.csv of the release, with the contract's types."""
    return to_pandas(read_csv_table(path / file, LOGS[file]))


def load_frames(path: Path) -> dict[str, pd.DataFrame]:
    """Every published table of the release by name, the logs included, in today's contract."""
    frames = dict(in_contract(load_release_tables(path)).items())
    return frames | {LOGS[f]: load_log(path, f) for f in ("changes.csv", "knock_on.csv")}


def in_contract(tables: ProductTables) -> ProductTables:
    """Tables of an older release in today's columns: null where it has none."""
    known = {name: set(column_names(name)) for name, _ in tables.items()}
    return ProductTables.of(
        **{
            name: frame[[column for column in frame.columns if column in known[name]]]
            for name, frame in tables.items()
        }
    )


def figures_sha256(figures: pd.DataFrame) -> str:
    """SHA-256 of the figures alone: keys, parts, values and note codes, whatever their order."""
    kept = [*key_of("indicator_values"), "numerator", "denominator", "value", "note_code"]
    data = to_arrow(sort_by_key(figures, "indicator_values"), "indicator_values")
    return hashlib.sha256(csv_bytes(data.select(kept))).hexdigest()


def load_methods(path: Path) -> dict[str, Any]:
    """The method manifest of the release."""
    content: dict[str, Any] = read_json(path / "methods.json")
    return content


def rows_to_load(path: Path) -> Released:
    """The release in that folder as sql.warehouse.load_releases takes it."""
    manifest = load_manifest(path)
    return Released(
        product=manifest["product"],
        version=manifest["version"],
        manifest_sha256=sha256_of(path / MANIFEST),
        frames=load_frames(path),
        inputs=tuple(manifest["inputs"]),
    )
