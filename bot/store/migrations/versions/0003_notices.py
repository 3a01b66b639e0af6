"""Notices, and since when a channel has been paused or gone."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("destinations", sa.Column("state_since", sa.DateTime(timezone=True)))
    op.add_column("destinations", sa.Column("kicked_at", sa.DateTime(timezone=True)))
    # Earlier versions stored no time, so what is paused or gone counts from now on.
    destinations = sa.table(
        "destinations", sa.column("state", sa.String), sa.column("state_since", sa.DateTime(timezone=True))
    )
    stopped = destinations.update().where(destinations.c.state != "active")
    op.execute(stopped.values(state_since=datetime.now(UTC)))
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ambiguous", sa.Boolean(), nullable=False),
        sa.Column("first_tried", sa.DateTime(timezone=True)),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destinations.id"],
            name=op.f("fk_notices_destination_id_destinations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notices_destination_id"), "notices", ["destination_id"], unique=False)
    op.create_index(op.f("ix_notices_state_due"), "notices", ["state", "due"], unique=False)
