"""The package: every file of a release, written into a private folder.

Here belongs which files a release holds and what stands in its manifest. The release instant stands
in the manifest alone, so that the same tables give the same bytes everywhere else. Moving the
folder into public view is the store's work.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from assets.publishing.candidates import Candidate
from assets.publishing.changelog import changes_markdown, class_counts
from assets.publishing.citation import citation
from assets.publishing.csvw import csv_metadata
from assets.publishing.data_files import csv_bytes, write_sqlite, write_table_files
from assets.publishing.descriptor import datapackage, dictionary
from assets.publishing.diff import Difference
from assets.publishing.files import files_below, json_bytes, sha256_of, write_staged
from assets.publishing.instants import utc_text
from assets.publishing.pages import Download, is_draft, product_page
from assets.publishing.policy import release_facts
from assets.publishing.signed import MANIFEST, SUMS, sign_manifest, signature_facts, write_sums
from assets.publishing.signing import SecretKey
from assets.publishing.statswales import write_statswales
from assets.publishing.tables import TABLE_NAMES
from assets.publishing.version import VersionStep
from assets.publishing.words import Words
from assets.publishing.workbook import About, workbooks
from sql.arrow import to_arrow

LOGS = {
    "findings.csv": "validation_findings",
    "changes.csv": "changes",
    "knock_on.csv": "knock_on",
}
"""Tables that stand beside the data, as CSV only."""
DATA_TABLES = tuple(name for name in TABLE_NAMES if name not in LOGS.values())
"""Tables of every product as CSV, Parquet and in the SQLite file."""
CSV_TABLES = {**{f"data/{name}.csv": name for name in DATA_TABLES}, **LOGS}
MANIFEST_FORMAT = 1


@dataclass(frozen=True)
class Package:
    """What a release is made of: the candidate, its difference, its number, its instant.

    previous is the version it follows and previous_sha256 that version's manifest; signer is the
    key that signs it, None for an unsigned one.
    """

    candidate: Candidate
    difference: Difference
    step: VersionStep
    previous: str | None
    released_at: datetime
    previous_sha256: str | None = None
    signer: SecretKey | None = None


def write_package(folder: Path, package: Package) -> dict[str, Any]:
    """Write every file of the release into an empty folder; returns the manifest."""
    tables = _arrow_tables(package)
    rows = _write_data(folder, package, tables)
    _write_descriptions(folder, package, rows)
    about = About(
        package.candidate.product,
        package.step.version,
        Words(package.step.reason_en, package.step.reason_cy),
        package.candidate.origin.profile,
        is_draft(package.candidate.product, package.candidate.tables),
    )
    books, left_out = workbooks(about, tables)
    for name, content in books.items():
        write_staged(folder / name, content)
    write_staged(folder / "site" / "index.html", _page(folder, package, rows).encode())
    write_sums(folder)
    manifest = _manifest(folder, package, rows)
    manifest["left_out"] = {name: {"en": why.en, "cy": why.cy} for name, why in left_out.items()}
    write_staged(folder / MANIFEST, json_bytes(manifest))
    sign_manifest(folder, manifest, package.signer)
    return manifest


def _arrow_tables(package: Package) -> dict[str, pa.Table]:
    frames = dict(package.candidate.tables.items())
    frames["changes"] = package.difference.changes
    frames["knock_on"] = package.difference.knock_on
    return {name: to_arrow(frame, name) for name, frame in frames.items()}


def _write_data(folder: Path, package: Package, tables: Mapping[str, pa.Table]) -> dict[str, int]:
    """Tables in every form for programs; returns rows by path."""
    rows: dict[str, int] = {}
    for name in DATA_TABLES:
        written = write_table_files(folder, name, tables[name])
        rows |= dict.fromkeys(written, tables[name].num_rows)
    for path, name in LOGS.items():
        write_staged(folder / path, csv_bytes(tables[name]))
        rows[path] = tables[name].num_rows
    candidate = package.candidate
    database = f"{candidate.product.id}.sqlite"
    write_sqlite(folder / database, tables)
    rows[database] = sum(item.num_rows for item in tables.values())
    rows |= write_statswales(folder, candidate.product, candidate.tables, package.difference)
    return rows


def _write_descriptions(folder: Path, package: Package, rows: dict[str, int]) -> None:
    """What describes the data: dictionary, two descriptors, methods, changes, how to cite."""
    candidate, version = package.candidate, package.step.version
    product, catalogue = candidate.product, candidate.tables.indicator_catalogue
    explained = dictionary(CSV_TABLES)
    rows["dictionary.csv"] = explained.num_rows
    described = datapackage(folder, product, version, catalogue, CSV_TABLES)
    text = changes_markdown(product, package.step, package.difference, candidate.tables)
    contents = {
        "dictionary.csv": csv_bytes(explained),
        "datapackage.json": json_bytes(described),
        "csv-metadata.json": json_bytes(csv_metadata(product, version, CSV_TABLES)),
        "methods.json": json_bytes(candidate.origin.methods),
        "CHANGES.md": text.encode(),
        "CITATION.cff": citation(product, version),
    }
    for name, content in contents.items():
        write_staged(folder / name, content)


def _page(folder: Path, package: Package, rows: Mapping[str, int]) -> str:
    shown = [
        Download(path, f"../{path}", rows.get(path), (folder / path).stat().st_size)
        for path in files_below(folder)
    ]
    candidate = package.candidate
    return product_page(
        candidate.product,
        candidate.tables,
        package.step,
        package.difference,
        [*shown, *(Download(name, f"../{name}", None, None) for name in (SUMS, MANIFEST))],
        candidate.origin.profile,
    )


def _manifest(folder: Path, package: Package, rows: Mapping[str, int]) -> dict[str, Any]:
    candidate, step = package.candidate, package.step
    product, origin = candidate.product, candidate.origin
    return {
        "format": MANIFEST_FORMAT,
        "product": product.id,
        "title": {"en": product.title.en, "cy": product.title.cy},
        "description": {"en": product.description.en, "cy": product.description.cy},
        "owner": product.owner,
        "publishers": sorted(set(candidate.tables.indicator_catalogue["publisher"].dropna())),
        "cy_status": product.cy_status,
        "version": step.version,
        "level": step.level,
        "reason": {"en": step.reason_en, "cy": step.reason_cy},
        "previous_version": package.previous,
        "previous_manifest_sha256": package.previous_sha256,
        "released_at": utc_text(package.released_at),
        "release": release_facts(candidate.policy, candidate.approval, package.released_at),
        "profile": origin.profile,
        "signature": signature_facts(package.signer),
        "code_version": origin.code_version,
        "catalogue_sha256": origin.catalogue_sha256,
        "rules_sha256": origin.rules_sha256,
        "method_manifest": "methods.json",
        "inputs": list(origin.inputs),
        "n_changes": len(package.difference.changes),
        "changes_by_class": class_counts(package.difference),
        "n_knock_on": len(package.difference.knock_on),
        "files": {
            path: {
                "sha256": sha256_of(folder / path),
                "bytes": (folder / path).stat().st_size,
                "rows": rows.get(path),
            }
            for path in files_below(folder)
        },
    }
