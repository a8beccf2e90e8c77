"""Fast loading: many rows into one table, in the transaction that the caller began.

PostgreSQL takes them by COPY. SQLite takes a few by executemany; many are written by ADBC into a
database of their own beside it and copied over from there, which needs no Python object per cell.
Here belongs how rows reach the database; which rows is known elsewhere.
"""

import io
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pcsv
import sqlalchemy as sa

MANY = 10_000
"""Rows from which a database of their own pays."""
MOST_ATTACHED = 8
"""SQLite attaches ten databases at most."""


def insert_rows(connection: sa.Connection, target: sa.Table, rows: pa.Table) -> int:
    """Insert the Arrow rows (columns named as the table's) within the connection's transaction."""
    if rows.num_rows == 0:
        return 0
    filled = [c for c in rows.column_names if rows[c].null_count < rows.num_rows]
    rows = rows.select(filled)  # a column that is not named is null
    if connection.dialect.name == "postgresql":
        _copy(connection, target, rows)
    elif rows.num_rows < MANY or not _copy_staged(connection, target, rows):
        _execute_many(connection, target, rows)
    return int(rows.num_rows)


def _execute_many(connection: sa.Connection, target: sa.Table, rows: pa.Table) -> None:
    statement = target.insert().values({name: sa.bindparam(name) for name in rows.column_names})
    text = str(statement.compile(dialect=_positional(connection)))
    order = [c.name for c in target.columns if c.name in rows.column_names]
    values = zip(*(rows[name].to_pylist() for name in order), strict=True)
    _driver(connection).executemany(text, list(values))


def _copy_staged(connection: sa.Connection, target: sa.Table, rows: pa.Table) -> bool:
    """Through a database of its own; False where no more can be attached in this transaction.

    It stays attached, its file gone, until a later transaction: SQLite lets go of it only then.
    """
    name = _free_name(connection)
    if name is None:
        return False
    with tempfile.TemporaryDirectory(dir=_folder_of(connection)) as folder:
        file = Path(folder) / "staged.sqlite"
        _ingest(file, rows)
        connection.exec_driver_sql(f"ATTACH ? AS {name}", (str(file),))
        staged = sa.table("rows", *map(sa.column, rows.column_names), schema=name)
        connection.execute(target.insert().from_select(rows.column_names, sa.select(staged)))
    return True


def _folder_of(connection: sa.Connection) -> Path | None:
    """Where the database's own file lies, as private as it; None for one in memory."""
    database = connection.engine.url.database
    return Path(database).parent if database and database != ":memory:" else None


def _ingest(file: Path, rows: pa.Table) -> None:
    from adbc_driver_sqlite import dbapi  # noqa: PLC0415 (only where SQLite takes many rows)

    with dbapi.connect(str(file)) as staging, staging.cursor() as cursor:
        cursor.adbc_ingest("rows", rows, mode="create")
        staging.commit()


def _free_name(connection: sa.Connection) -> str | None:
    """A name for one more database; those of earlier transactions are let go first."""
    listed = connection.exec_driver_sql("PRAGMA database_list").all()
    in_use = set()
    for name in (row[1] for row in listed if row[1].startswith("staged_")):
        try:
            connection.exec_driver_sql(f"DETACH {name}")
        except sa.exc.OperationalError:
            in_use.add(name)
    if len(in_use) >= MOST_ATTACHED:
        return None
    return next(name for n in range(MOST_ATTACHED) if (name := f"staged_{n}") not in in_use)


def _copy(connection: sa.Connection, target: sa.Table, rows: pa.Table) -> None:
    """COPY FROM STDIN as CSV: an unquoted blank is null, a quoted one is an empty text."""
    from psycopg import sql  # noqa: PLC0415 (only where PostgreSQL is used)

    content = io.BytesIO()
    options = pcsv.WriteOptions(include_header=False, quoting_style="all_valid")
    whole = rows.combine_chunks()  # for a chunk without rows it would write what lay in memory
    pcsv.write_csv(whole, content, options)
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
