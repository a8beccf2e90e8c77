"""The warehouse: released tables, ledger and sources in one database, SQLite or PostgreSQL.

Here belongs opening the database and loading the current releases into it in one transaction.
Readers see the views of views.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from sql.arrow import to_arrow
from sql.bulk import insert_rows
from sql.migrate import migrate
from sql.readers import ROLE, let_read
from sql.serving import PRODUCT, VERSION, product_inputs, served_table, warehouse_metadata
from sql.tables import published_tables
from sql.transaction import transaction
from sql.views import refresh_views

BUSY_SECONDS = 30
CACHE_KIB = 65_536
"""What SQLite may keep of the database in memory: the keys of a large load."""
POSTGRESQL = "postgresql+psycopg"


@dataclass(frozen=True)
class Released:
    """A current release as it is to be loaded: frames by table name, inputs as in the manifest."""

    product: str
    version: str
    manifest_sha256: str
    frames: Mapping[str, pd.DataFrame]
    inputs: tuple[Mapping[str, object], ...] = ()


def engine_of(url: str) -> sa.Engine:
    """An engine for the URL: SQLite with real transactions, PostgreSQL through psycopg."""
    address = sa.make_url(url)
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername=POSTGRESQL)
    if address.get_backend_name() != "sqlite":
        return sa.create_engine(address)
    if address.database and not Path(address.database).exists():
        Path(address.database).touch(mode=0o600)  # answers lie in it that are not published
    engine = sa.create_engine(address, connect_args={"timeout": BUSY_SECONDS})
    sa.event.listen(engine, "connect", _leave_transactions_to_us)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def open_engine(url: str, reader_role: str | None = None) -> sa.Engine:
    """An engine whose database has the shape of this code; NewerDatabaseError if it is ahead.

    In PostgreSQL reader_role may read the views, and nothing else, after every load.
    """
    engine = engine_of(url).execution_options(**{ROLE: reader_role})
    migrate(engine)
    with engine.begin() as connection:
        let_read(connection, refresh_views(connection))
    return engine


def load_releases(
    bind: sa.Engine | sa.Connection,
    current: Iterable[Released],
    *,
    history: pd.DataFrame | None = None,
    sources: pd.DataFrame | None = None,
) -> dict[str, int]:
    """Make the database show exactly these current releases, in one transaction.

    history holds rows of `releases` (every version), sources of `sources`; None leaves either as it
    is. A product whose version and manifest are those of the last load is not loaded again, one
    that is not given is taken out. Returns the number of rows per table.
    """
    wanted = {item.product: item for item in current}
    with transaction(bind) as connection:
        loaded = _loaded(connection)
        for product in loaded.keys() - wanted.keys():
            _clear(connection, product)
        new = [
            item
            for product, item in wanted.items()
            if loaded.get(product) != (item.version, item.manifest_sha256)
        ]
        for item in new:
            _clear(connection, item.product)
        _load(connection, new)
        _remember(connection, wanted.values(), history)
        if sources is not None:
            _replace(connection, "sources", sources)
        let_read(connection, refresh_views(connection))
        return _counts(connection)


def _leave_transactions_to_us(connection: object, _record: object) -> None:
    """The driver would begin late and never for CREATE: SQLAlchemy's BEGIN takes its place."""
    connection.isolation_level = None  # type: ignore[attr-defined] # a sqlite3 connection
    connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")  # type: ignore[attr-defined] # as above


def _loaded(connection: sa.Connection) -> dict[str, tuple[str, str]]:
    """Product -> version and manifest hash of what its tables hold."""
    told = warehouse_metadata.tables["releases"]
    rows = connection.execute(
        sa.select(told.c.product, told.c.version, told.c.manifest_sha256).where(told.c.is_current)
    )
    return {row.product: (row.version, row.manifest_sha256) for row in rows}


def _clear(connection: sa.Connection, product: str) -> None:
    for name in published_tables():
        target = served_table(name)
        connection.execute(target.delete().where(target.c.product == product))
    connection.execute(product_inputs.delete().where(product_inputs.c.product == product))


def _load(connection: sa.Connection, items: Sequence[Released]) -> None:
    for name in published_tables():
        parts = [_served_rows(item, name) for item in items if name in item.frames]
        if parts:
            insert_rows(connection, served_table(name), pa.concat_tables(parts))
    for item in items:
        for given in item.inputs:
            connection.execute(product_inputs.insert().values(_input_row(item, given)))


def _served_rows(item: Released, name: str) -> pa.Table:
    """Rows of one table of a release, product and version before them."""
    rows = to_arrow(item.frames[name], name)
    for column, value in ((VERSION, item.version), (PRODUCT, item.product)):
        rows = rows.add_column(0, column, pa.repeat(value, rows.num_rows))
    return rows


def _input_row(item: Released, given: Mapping[str, object]) -> dict[str, object]:
    hashes = given.get("sha256s") or ()
    return {
        PRODUCT: item.product,
        VERSION: item.version,
        "dataset": given["dataset"],
        "sha256s": ";".join(map(str, hashes if isinstance(hashes, list | tuple) else ())),
        "source_published": given.get("source_published"),
    }


def _remember(
    connection: sa.Connection, current: Iterable[Released], history: pd.DataFrame | None
) -> None:
    """Keep which versions there are; without a history the current ones are all that is known."""
    if history is not None:
        _replace(connection, "releases", history)
        return
    target = warehouse_metadata.tables["releases"]
    connection.execute(target.update().values(is_current=False))
    for item in current:
        same = (target.c.product == item.product) & (target.c.version == item.version)
        connection.execute(target.delete().where(same))
        row = {"product": item.product, "version": item.version, "is_current": True}
        row["manifest_sha256"] = item.manifest_sha256
        connection.execute(target.insert().values(row))


def _replace(connection: sa.Connection, name: str, frame: pd.DataFrame) -> None:
    target = warehouse_metadata.tables[name]
    connection.execute(target.delete())
    insert_rows(connection, target, to_arrow(frame, name))


def _counts(connection: sa.Connection) -> dict[str, int]:
    return {
        name: connection.execute(sa.select(sa.func.count()).select_from(target)).scalar_one()
        for name, target in warehouse_metadata.tables.items()
    }
