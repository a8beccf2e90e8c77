"""The views that dashboards read: one SELECT per file, dash_<name>.sql, the same in both databases.

Here belongs how the views come into the database. Their columns are stable: taking one away is a
MAJOR version of the software. Each product also has dash_<product>, its rows of dash_product.
"""

import re
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.schema import CreateView, DropView

from sql.serving import warehouse_metadata

FOLDER = Path(__file__).resolve().parent
ORDER = (
    "current_release",
    "dash_indicator_series",
    "dash_position",
    "dash_council_profile",
    "dash_changes",
    "dash_coverage",
    "dash_sources",
    "dash_vintages",
)
PRODUCT_SOURCE = "dash_indicator_series"
"""The view whose rows dash_<product> shows."""


def refresh_views(connection: sa.Connection) -> list[str]:
    """Drop the views there are and make them anew, those of the products included; their names."""
    for name in reversed(_existing(connection)):
        connection.execute(DropView(_view(name)))
    for name in ORDER:
        select = sa.text((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
        connection.execute(CreateView(select.columns(), name, metadata=sa.MetaData()))
    names = [_product_view(connection, product) for product in _products(connection)]
    return [*ORDER, *names]


def view_name(product: str) -> str:
    """dash_<product> with underscores; ValueError for what is no product id."""
    if not re.fullmatch(r"[a-z][a-z0-9-]*", product):
        raise ValueError(f'"{product[:40]}" is not a product id: small letters, digits, hyphens.')
    return f"dash_{product.replace('-', '_')}"


def _existing(connection: sa.Connection) -> list[str]:
    """Our views in the database: the products' last, so that they can be dropped first."""
    found = [
        name
        for name in sa.inspect(connection).get_view_names()
        if name in ORDER or name.startswith("dash_")
    ]
    return sorted(found, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


def _products(connection: sa.Connection) -> list[str]:
    told = warehouse_metadata.tables["releases"]
    query = sa.select(told.c.product).where(told.c.is_current).distinct().order_by(told.c.product)
    return list(connection.execute(query).scalars())


def _product_view(connection: sa.Connection, product: str) -> str:
    source = sa.Table(PRODUCT_SOURCE, sa.MetaData(), autoload_with=connection)
    rows = sa.select(*source.columns).where(source.c.product == product)
    name = view_name(product)
    connection.execute(CreateView(rows, name, metadata=sa.MetaData()))
    return name


def _view(name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData())
