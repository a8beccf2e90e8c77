"""csv-metadata.json: the CSV files of a release described by the W3C's vocabulary (CSVW).

Here belongs the passage from sql.tables to that vocabulary; the same for Frictionless is in
descriptor.py.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from assets.publishing.candidates import ProductFacts
from assets.publishing.descriptor import OPEN_LICENCE
from assets.publishing.terms import terms
from assets.publishing.words import ESCAPED, Words
from sql.tables import key_of, table

DATATYPES: dict[type[Any], str] = {
    sa.Text: "string",
    sa.Float: "double",
    sa.Integer: "integer",
    sa.Boolean: "boolean",
}
REFERRING = ("indicator_values", "comparisons", "benchmarks")
"""Tables whose codes stand in a dimension of the same release."""
DIMENSIONS = {"indicator": "indicator_catalogue", "period": "periods", "area_code": "areas"}


def csv_metadata(product: ProductFacts, version: str, csvs: Mapping[str, str]) -> dict[str, Any]:
    """The table group of a release; csvs maps a path to its contract table."""
    paths = {name: path for path, name in csvs.items()}
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:title": _both(product.title),
        "dc:description": _both(product.description),
        "dc:identifier": f"{product.id} {version}",
        "dc:license": {"@id": OPEN_LICENCE["path"]},
        "rdfs:comment": _both(ESCAPED),
        "tables": [_table(path, name, paths) for path, name in csvs.items()],
    }


def _both(words: Words) -> list[dict[str, str]]:
    return [{"@value": words.en, "@language": "en"}, {"@value": words.cy, "@language": "cy"}]


def _table(path: str, name: str, paths: Mapping[str, str]) -> dict[str, Any]:
    contract = table(name)
    schema: dict[str, Any] = {"columns": [_column(item) for item in contract.columns]}
    # A blank owner_code is a value (a fixed group), which a key of CSVW cannot hold.
    if key_of(name) and "owner_code" not in key_of(name):
        schema["primaryKey"] = list(key_of(name))
    if name in REFERRING:
        schema["foreignKeys"] = [
            {
                "columnReference": column,
                "reference": {"resource": paths[target], "columnReference": column},
            }
            for column, target in DIMENSIONS.items()
            if column in contract.columns
        ]
    described: dict[str, Any] = {"url": path, "dc:description": contract.comment}
    if name in terms("tables"):
        described["dc:title"] = _both(terms("tables")[name])
    return described | {"tableSchema": schema}


def _column(column: sa.Column[Any]) -> dict[str, Any]:
    return {
        "name": column.name,
        "titles": column.name,
        "datatype": DATATYPES[type(column.type)],
        "dc:description": column.comment,
    }
