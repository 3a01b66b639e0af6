"""Whether a channel's digest comes with a Markdown file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("destinations", sa.Column("file", sa.Boolean(), nullable=False, server_default=sa.false()))
