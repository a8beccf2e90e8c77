"""Run by Alembic: applies the steps over the connection that sql.migrate hands in."""

from alembic import context

from sql.serving import warehouse_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=warehouse_metadata,
    transactional_ddl=True,
)
context.run_migrations()
