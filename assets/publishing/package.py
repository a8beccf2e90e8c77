"""The package: every file of a release, written into a private folder.

Here belongs which files a release holds and what stands in its manifest. The release instant stands
in the manifest alone, so that the same tables give the same bytes everywhere else. Moving the
folder into public view is the store's work.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from assets.publishing.candidates import Candidate
from assets.publishing.changelog import changes_markdown
from assets.publishing.data_files import csv_bytes, write_sqlite, write_table_files
from assets.publishing.descriptor import datapackage, dictionary
from assets.publishing.diff import Difference
from assets.publishing.files import files_below, json_bytes, sha256_of, write_bytes
from assets.publishing.instants import utc_text
from assets.publishing.pages import Download, product_page
from assets.publishing.version import VersionStep
from assets.publishing.words import UNSIGNED
from sql.arrow import to_arrow

DATA_TABLES = (
    "indicator_catalogue",
    "areas",
    "periods",
    "comparison_groups",
    "indicator_values",
    "comparisons",
    "benchmarks",
)
LOGS = {
    "findings.csv": "validation_findings",
    "changes.csv": "changes",
    "knock_on.csv": "knock_on",
}
"""Tables that stand beside the data, as CSV only."""
CSV_TABLES = {**{f"data/{name}.csv": name for name in DATA_TABLES}, **LOGS}
MANIFEST = "manifest.json"
MANIFEST_FORMAT = 1


@dataclass(frozen=True)
class Package:
    """What a release is made of: the candidate, its difference, its number, its instant."""

    candidate: Candidate
    difference: Difference
    step: VersionStep
    previous: str | None
    released_at: datetime


def write_package(folder: Path, package: Package) -> dict[str, Any]:
    """Write every file of the release into an empty folder; returns the manifest."""
    tables = _arrow_tables(package)
    product = package.candidate.product
    for name in DATA_TABLES:
        write_table_files(folder, name, tables[name])
    for path, name in LOGS.items():
        write_bytes(folder / path, csv_bytes(tables[name]))
    write_sqlite(folder / f"{product.id}.sqlite", tables)
    write_bytes(folder / "dictionary.csv", csv_bytes(dictionary(CSV_TABLES)))
    catalogue = package.candidate.tables.indicator_catalogue
    described = datapackage(folder, product, package.step.version, catalogue, CSV_TABLES)
    write_bytes(folder / "datapackage.json", json_bytes(described))
    write_bytes(folder / "methods.json", json_bytes(package.candidate.origin.methods))
    text = changes_markdown(product, package.step, package.difference)
    write_bytes(folder / "CHANGES.md", text.encode())
    write_bytes(folder / "site" / "index.html", _page(folder, package, tables).encode())
    manifest = _manifest(folder, package, tables)
    write_bytes(folder / MANIFEST, json_bytes(manifest))
    return manifest


def _arrow_tables(package: Package) -> dict[str, pa.Table]:
    frames = dict(package.candidate.tables.items())
    frames["changes"] = package.difference.changes
    frames["knock_on"] = package.difference.knock_on
    return {name: to_arrow(frame, name) for name, frame in frames.items()}


def _page(folder: Path, package: Package, tables: dict[str, pa.Table]) -> str:
    shown = [
        Download(path, f"../{path}", _n_rows(path, tables))
        for path in [*files_below(folder), MANIFEST]
    ]
    candidate = package.candidate
    return product_page(
        candidate.product,
        candidate.tables,
        package.step,
        package.difference,
        shown,
        candidate.origin.profile,
    )


def _n_rows(path: str, tables: dict[str, pa.Table]) -> int | None:
    """Rows of a table file, of all tables in the SQLite file; None for what is no table."""
    if path.endswith(".sqlite"):
        return sum(int(item.num_rows) for item in tables.values())
    if path == "dictionary.csv":
        return int(dictionary(CSV_TABLES).num_rows)
    name = LOGS.get(path, Path(path).stem)
    is_table = path in LOGS or path.startswith("data/")
    return int(tables[name].num_rows) if is_table else None


def _manifest(folder: Path, package: Package, tables: dict[str, pa.Table]) -> dict[str, Any]:
    candidate, step = package.candidate, package.step
    product, origin = candidate.product, candidate.origin
    return {
        "format": MANIFEST_FORMAT,
        "product": product.id,
        "title": {"en": product.title.en, "cy": product.title.cy},
        "description": {"en": product.description.en, "cy": product.description.cy},
        "owner": product.owner,
        "cy_status": product.cy_status,
        "version": step.version,
        "level": step.level,
        "reason": {"en": step.reason_en, "cy": step.reason_cy},
        "previous_version": package.previous,
        "released_at": utc_text(package.released_at),
        "profile": origin.profile,
        "signature": {"state": "unsigned", "note_en": UNSIGNED.en, "note_cy": UNSIGNED.cy},
        "code_version": origin.code_version,
        "catalogue_sha256": origin.catalogue_sha256,
        "rules_sha256": origin.rules_sha256,
        "method_manifest": "methods.json",
        "inputs": list(origin.inputs),
        "n_changes": len(package.difference.changes),
        "n_knock_on": len(package.difference.knock_on),
        "files": {
            path: {
                "sha256": sha256_of(folder / path),
                "bytes": (folder / path).stat().st_size,
                "rows": _n_rows(path, tables),
            }
            for path in files_below(folder)
        },
    }
