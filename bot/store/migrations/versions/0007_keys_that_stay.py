"""Citation keys get a table of their own: they stay when a paper leaves its list, or was never on one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "citation_keys",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("paper_id", sa.String(32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "paper_id", name=op.f("pk_citation_keys")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_citation_keys_user_id_key")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO citation_keys (user_id, paper_id, key) "
        "SELECT user_id, paper_id, citation_key FROM library WHERE citation_key != '' ON CONFLICT DO NOTHING"
    )
    op.drop_column("library", "citation_key")
