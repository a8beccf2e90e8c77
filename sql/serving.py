"""The tables of the warehouse: the contract's, with product and product_version where they serve.

Here belongs which tables the database has; how they come to be is in migrations/, how they are
filled in warehouse.py and ledger.py.
"""

import sqlalchemy as sa

from sql.schema import TEXT
from sql.tables import column_names, key_of, published_tables, table

PRODUCT, VERSION = "product", "product_version"
KEPT = ("returns_ledger", "sources", "releases", "figure_vintages", "vintage_steps")
"""Tables of the contract that the warehouse keeps as they are."""

warehouse_metadata = sa.MetaData()


def served_table(name: str) -> sa.Table:
    """The warehouse's table of a published table: its columns after product and version."""
    return warehouse_metadata.tables[name]


def _define_served(name: str) -> sa.Table:
    contract = table(name)
    keys = key_of(name)
    return sa.Table(
        name,
        warehouse_metadata,
        sa.Column(PRODUCT, TEXT, comment="Product id", primary_key=bool(keys), nullable=False),
        sa.Column(VERSION, TEXT, comment="Version of the product", nullable=False),
        *(
            sa.Column(c.name, c.type, comment=c.comment, primary_key=c.name in keys)
            for c in contract.columns
        ),
        comment=contract.comment,
        info={"columns": column_names(name)},
    )


for _name in published_tables():
    _define_served(_name)
for _name in KEPT:
    table(_name).to_metadata(warehouse_metadata)

product_inputs = sa.Table(
    "product_inputs",
    warehouse_metadata,
    sa.Column(PRODUCT, TEXT, comment="Product id", primary_key=True),
    sa.Column(VERSION, TEXT, comment="Version of the product", nullable=False),
    sa.Column("dataset", TEXT, comment="Dataset that went in", primary_key=True),
    sa.Column("sha256s", TEXT, comment="SHA-256 of its raw bytes, joined by ;"),
    sa.Column("source_published", TEXT, comment="Day its source published it"),
    comment="One row per product and dataset: what the current release was made from",
)
