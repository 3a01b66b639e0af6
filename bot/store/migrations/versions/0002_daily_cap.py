"""The daily cap: what it counts, and the papers above it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("seen", sa.Column("overflow", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_seen_overflow",
        "seen",
        ["destination_id"],
        unique=False,
        sqlite_where=sa.text("overflow AND digested_on IS NULL"),
        postgresql_where=sa.text("overflow AND digested_on IS NULL"),
    )
    op.create_index(
        op.f("ix_outbox_destination_id_created_at"), "outbox", ["destination_id", "created_at"], unique=False
    )
