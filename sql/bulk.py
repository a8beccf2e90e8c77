"""Fast loading: many rows into one table, by COPY in PostgreSQL and executemany elsewhere.

Here belongs how rows reach the database; which rows is known elsewhere.
"""

import io
from typing import Any

import pyarrow as pa
import pyarrow.csv as pcsv
import sqlalchemy as sa


def insert_rows(connection: sa.Connection, target: sa.Table, rows: pa.Table) -> int:
    """Insert the Arrow rows (columns named as the table's) within the connection's transaction."""
    if rows.num_rows == 0:
        return 0
    if connection.dialect.name == "postgresql":
        _copy(connection, target, rows)
    else:
        statement = target.insert().values({name: sa.bindparam(name) for name in rows.column_names})
        text = str(statement.compile(dialect=_positional(connection)))
        order = [c.name for c in target.columns if c.name in rows.column_names]
        values = zip(*(rows[name].to_pylist() for name in order), strict=True)
        _driver(connection).executemany(text, list(values))
    return int(rows.num_rows)


def _copy(connection: sa.Connection, target: sa.Table, rows: pa.Table) -> None:
    """COPY FROM STDIN as CSV: an unquoted blank is null, a quoted one is an empty text."""
    from psycopg import sql  # noqa: PLC0415 (only where PostgreSQL is used)

    content = io.BytesIO()
    options = pcsv.WriteOptions(include_header=False, quoting_style="all_valid")
    pcsv.write_csv(rows, content, options)
    statement = sql.SQL("COPY {} ({}) FROM STDIN WITH (FORMAT csv)").format(
        sql.Identifier(target.name),
        sql.SQL(", ").join(map(sql.Identifier, rows.column_names)),
    )
    with _driver(connection).cursor().copy(statement) as copy:
        copy.write(content.getbuffer())


def _driver(connection: sa.Connection) -> Any:
    """The driver's own connection, inside the transaction that SQLAlchemy began."""
    return connection.connection.driver_connection


def _positional(connection: sa.Connection) -> sa.Dialect:
    made: Any = type(connection.dialect)
    dialect: sa.Dialect = made(paramstyle="qmark")
    return dialect
