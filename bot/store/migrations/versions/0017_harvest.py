"""Which records of a harvest have been read, and which papers' text is not the query API's yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("papers", sa.Column("provisional", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        op.f("ix_papers_provisional"),
        "papers",
        ["serial"],
        sqlite_where=sa.text("provisional"),
        postgresql_where=sa.text("provisional"),
    )
    op.create_table(
        "harvested",
        sa.Column("paper_id", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("paper_id", name=op.f("pk_harvested")),
        sqlite_with_rowid=False,
    )
