"""What a channel's and a person's interest is learnt from, beside the reading lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("library", sa.Column("channel_id", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_library_channel_id"), "library", ["channel_id"])
    op.create_table(
        "feedback",
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(32), nullable=False),
        sa.Column("verdict", sa.Enum("more", "less", native_enum=False, length=16), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destinations.id"],
            name=op.f("fk_feedback_destination_id_destinations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_feedback_paper_id_papers")),
        sa.PrimaryKeyConstraint("destination_id", "paper_id", name=op.f("pk_feedback")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_feedback_paper_id"), "feedback", ["paper_id"])
    op.create_table(
        "dislikes",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("paper_id", sa.String(32), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_dislikes_paper_id_papers")),
        sa.PrimaryKeyConstraint("user_id", "paper_id", name=op.f("pk_dislikes")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_dislikes_paper_id"), "dislikes", ["paper_id"])
    op.create_table(
        "uncounted",
        sa.Column("user_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_uncounted")),
        sqlite_with_rowid=False,
    )
