"""The role of those who read: dashboards see the dash_ views and nothing else.

Here belongs what a reading role may do in PostgreSQL; SQLite knows no roles, its file is opened
read-only instead.
"""

import re

import sqlalchemy as sa

ROLE = "reader_role"
"""Execution option of an engine: the role that its loads let read."""


class ReaderRoleError(Exception):
    """The reading role cannot be made or used; the sentence says why."""

    exit_status = 3


def let_read(connection: sa.Connection, views: list[str]) -> None:
    """Let the engine's reading role select from exactly these views; make it if there is none.

    Nothing without a role or outside PostgreSQL. ReaderRoleError for a name that is none, and where
    the role is missing and this connection may not make one.
    """
    role = connection.get_execution_options().get(ROLE)
    if not role or connection.dialect.name != "postgresql":
        return
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise ReaderRoleError(f'"{role[:40]}" is no name of a role: small letters, digits and _.')
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    _make(connection, role, quoted)
    schema = connection.execute(sa.text("SELECT current_schema()")).scalar_one()
    prefix = connection.dialect.identifier_preparer.quote_identifier(schema)
    listed = ", ".join(f"{prefix}.{name}" for name in views)
    for statement in (
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {prefix} FROM {quoted}",
        f"GRANT USAGE ON SCHEMA {prefix} TO {quoted}",
        f"GRANT SELECT ON {listed} TO {quoted}",
    ):
        connection.exec_driver_sql(statement)


def _make(connection: sa.Connection, role: str, quoted: str) -> None:
    known = connection.execute(
        sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}
    ).first()
    may_make = connection.execute(
        sa.text("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
    ).scalar_one()
    if known is None and not may_make:
        raise ReaderRoleError(
            f"The database has no role {role} and this user may not make one: CREATE ROLE {role};"
        )
    if known is None:
        connection.exec_driver_sql(f"CREATE ROLE {quoted} NOLOGIN")
