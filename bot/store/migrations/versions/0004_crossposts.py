"""Crossposts from announcement channels, and removed subscriptions, as long as that can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "destinations", sa.Column("crosspost", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.create_table(
        "crossposts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destinations.id"],
            name=op.f("fk_crossposts_destination_id_destinations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crossposts")),
        sa.UniqueConstraint(
            "destination_id", "message_id", name=op.f("uq_crossposts_destination_id_message_id")
        ),
    )
    op.create_index(op.f("ix_crossposts_state_due"), "crossposts", ["state", "due"], unique=False)
    op.create_index(
        op.f("ix_crossposts_destination_id_state_settled_at"),
        "crossposts",
        ["destination_id", "state", "settled_at"],
        unique=False,
    )
    op.create_table(
        "removed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("keyword", sa.Text(), nullable=False),
        sa.Column("deliver", sa.String(16), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("cross_lists", sa.Boolean(), nullable=False),
        sa.Column("revisions", sa.Boolean(), nullable=False),
        sa.Column("since", sa.String(32)),
        sa.Column("since_serial", sa.BigInteger()),
        sa.Column("margin_until", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destinations.id"],
            name=op.f("fk_removed_destination_id_destinations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removed")),
    )
    op.create_index(op.f("ix_removed_destination_id"), "removed", ["destination_id"], unique=False)
    op.create_index(op.f("ix_removed_removed_at"), "removed", ["removed_at"], unique=False)
