"""Deleted rows leave the database file: nothing of a withdrawn figure stays in its free pages.

Here belongs only this; which rows are deleted is decided by what is loaded (warehouse.py).
"""

import sqlalchemy as sa


def purge(engine: sa.Engine) -> None:
    """Rewrite the database without its deleted rows (VACUUM), SQLite or PostgreSQL."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        cursor = connection.connection.cursor()
        cursor.execute("VACUUM")
        cursor.close()
    finally:
        connection.close()
