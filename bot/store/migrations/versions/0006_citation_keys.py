"""The citation key of each saved paper, kept once it was given out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("library", sa.Column("citation_key", sa.Text(), nullable=False, server_default=""))
