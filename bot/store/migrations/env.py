"""Alembic's entry point: runs the migrations on the given connection, in its transaction."""

from __future__ import annotations

from alembic import context

from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # works with SQLite as long as the driver does not begin transactions
)
with context.begin_transaction():
    context.run_migrations()
