"""Alembic's entry: runs the revisions on the connection, and in the transaction, that it is given."""

from __future__ import annotations

from alembic import context

from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite has it, as long as the driver leaves transactions alone
)
with context.begin_transaction():
    context.run_migrations()
