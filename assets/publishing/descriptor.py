"""What describes a release to a program: datapackage.json (Frictionless) and dictionary.csv.

Here belongs the passage from sql.tables to these descriptions; nothing here reads figures.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from assets.publishing.candidates import ProductFacts
from assets.publishing.files import sha256_of
from assets.publishing.words import LICENCE
from sql.tables import key_of, table

TYPE_NAMES: dict[type[Any], str] = {
    sa.Text: "string",
    sa.Float: "number",
    sa.Integer: "integer",
    sa.Boolean: "boolean",
}
OPEN_LICENCE = {
    "name": "OGL-UK-3.0",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    "title": "Open Government Licence v3.0",
}


def table_schema(name: str) -> dict[str, Any]:
    """Frictionless table schema of a contract table: fields, descriptions, primary key."""
    contract = table(name)
    schema: dict[str, Any] = {
        "fields": [
            {"name": c.name, "type": TYPE_NAMES[type(c.type)], "description": c.comment}
            for c in contract.columns
        ],
        "missingValues": [""],
    }
    # A blank owner_code is a value (a fixed group), which a Frictionless key cannot hold.
    if key_of(name) and "owner_code" not in key_of(name):
        schema["primaryKey"] = list(key_of(name))
    return schema


def datapackage(
    folder: Path, product: ProductFacts, version: str, catalogue: pd.DataFrame, csvs: dict[str, str]
) -> dict[str, Any]:
    """The Frictionless descriptor of a staged release; csvs maps a path to its contract table."""
    return {
        "profile": "data-package",
        "name": product.id,
        "title": product.title.en,
        "title_cy": product.title.cy,
        "description": product.description.en,
        "description_cy": product.description.cy,
        "version": version,
        "licenses": [OPEN_LICENCE],
        "attribution": LICENCE.en,
        "sources": source_list(catalogue),
        "resources": [_resource(folder, path, name) for path, name in csvs.items()],
    }


def source_list(catalogue: pd.DataFrame) -> list[dict[str, str]]:
    """Sources of the product's indicators: title and address, each once, sorted."""
    wanted = catalogue[["publisher", "source_name", "source_url"]].fillna("").drop_duplicates()
    rows = wanted.sort_values(list(wanted.columns)).itertuples(index=False)
    return [{"title": f"{row[0]}: {row[1]}", "path": str(row[2])} for row in rows]


def _resource(folder: Path, path: str, name: str) -> dict[str, Any]:
    file = folder / path
    return {
        "profile": "tabular-data-resource",
        "name": name.replace("_", "-"),
        "title": table(name).comment,
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.stat().st_size,
        "hash": f"sha256:{sha256_of(file)}",
        "schema": table_schema(name),
    }


def dictionary(paths: Mapping[str, str]) -> pa.Table:
    """One row per column of every published table: file, table, column, type, key, meaning."""
    rows = [
        {
            "file": path,
            "table": name,
            "position": position,
            "column": column.name,
            "type": TYPE_NAMES[type(column.type)],
            "is_key": column.name in key_of(name),
            "description": column.comment,
        }
        for path, name in paths.items()
        for position, column in enumerate(table(name).columns, start=1)
    ]
    return pa.Table.from_pylist(rows)
