"""What a query of the API may do to SQLite: read tables and their shape, no more.

Here belongs the authorizer that every connection gets. Datasette itself lets selects through only;
this closes what a select could still do, such as asking for the files that are open.
"""

import sqlite3

from datasette import hookimpl

READS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}
SHAPES = {"table_info", "table_xinfo", "foreign_key_list", "index_list", "index_info"}
"""Pragmas that tell of columns, keys and indexes."""
OWN = {"schema_version", "database_list"}
"""Pragmas that Datasette itself asks; a reader's select can only reach the tables named pragma_."""


LONGEST = 100_000
"""Bytes of one value or row: with at most 1,000 rows an answer fits into memory."""


@hookimpl  # type: ignore[untyped-decorator]  # datasette ships no types
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    """Datasette calls this for every new connection; its own bookkeeping is in _internal."""
    if database != "_internal":
        conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        conn.set_authorizer(_authorize)


def _authorize(action: int, name: str | None, *_: str | None) -> int:
    if action == sqlite3.SQLITE_PRAGMA:
        is_allowed = name in SHAPES | OWN
    elif action == sqlite3.SQLITE_READ and (name or "").startswith("pragma_"):
        is_allowed = False
    else:
        is_allowed = action in READS
    return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY
