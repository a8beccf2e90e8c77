"""Bringing a database to the shape this code knows, and refusing one that is ahead of it.

Here belongs the running of migrations; the steps are in migrations/versions.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.schema import SetColumnComment, SetTableComment

from sql.serving import warehouse_metadata

MIGRATIONS = Path(__file__).resolve().parent / "migrations"


class NewerDatabaseError(Exception):
    """The database was written by a newer version of this program."""

    exit_status = 3


def migrate(engine: sa.Engine) -> str:
    """Apply the missing steps in one transaction; returns the revision the database now has.

    NewerDatabaseError if it has a revision that this code does not know: nothing is touched.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    with engine.begin() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in scripts.walk_revisions()}
        if found is not None and found not in known:
            raise NewerDatabaseError(
                f'The database has the revision "{found[:40]}", which this version does not know:'
                " install the newer version of council-benchmarks, or use another database."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if found != scripts.get_current_head() and connection.dialect.supports_comments:
            _explain(connection)
    return str(scripts.get_current_head())


def _explain(connection: sa.Connection) -> None:
    """The contract's words on every table and column, where a database keeps such."""
    for item in warehouse_metadata.tables.values():
        connection.execute(SetTableComment(item))
        for column in item.columns:
            connection.execute(SetColumnComment(column))
