"""What no longer counts for the interest of a channel, and where people wanted fewer of a paper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("destinations", sa.Column("interest_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("dislikes", sa.Column("channel_id", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_dislikes_channel_id"), "dislikes", ["channel_id"])
    op.create_table(
        "forgotten",
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(32), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destinations.id"],
            name=op.f("fk_forgotten_destination_id_destinations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_forgotten_paper_id_papers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("destination_id", "paper_id", name=op.f("pk_forgotten")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_forgotten_paper_id"), "forgotten", ["paper_id"])
