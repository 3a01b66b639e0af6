"""The threads in which the papers of a digest are discussed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "discussions",
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(32), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destinations.id"],
            name=op.f("fk_discussions_destination_id_destinations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_discussions_paper_id_papers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("destination_id", "paper_id", name=op.f("pk_discussions")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_discussions_paper_id"), "discussions", ["paper_id"])
