"""The data contract: every table, its key, its columns in order, their types and meaning.

Here belongs the look-up of a table by its name; the tables are written out in sql.figure_tables,
sql.summary_tables and sql.release_tables. A frame, a table, a published file and a Dagster asset of
the same name have these columns in this order. Renaming, removing or reordering a column is a MAJOR
version of the data.
"""

import sqlalchemy as sa

from sql import figure_tables, release_tables, summary_tables
from sql.schema import FIGURE_KEY, OBSERVATION_KEY, metadata

__all__ = [
    "FIGURE_KEY",
    "OBSERVATION_KEY",
    "column_names",
    "figure_tables",
    "key_of",
    "metadata",
    "published_tables",
    "release_tables",
    "summary_tables",
    "table",
]


def table(name: str) -> sa.Table:
    """The table of that name; KeyError names the tables there are."""
    if name not in metadata.tables:
        raise KeyError(f"no table {name!r} in the contract; there are {sorted(metadata.tables)}")
    return metadata.tables[name]


def column_names(name: str) -> list[str]:
    """Columns of a table in their contract order."""
    return [column.name for column in table(name).columns]


def key_of(name: str) -> tuple[str, ...]:
    """Columns that identify a row; empty where rows have no key (raw rows, findings)."""
    key: tuple[str, ...] = table(name).info["key"]
    return key


def published_tables() -> list[str]:
    """Names of the tables that a release may hold, in contract order."""
    return [name for name, item in metadata.tables.items() if item.info["published"]]
