"""Whether a channel's digest shows, once a week, what was saved most."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("destinations", sa.Column("top", sa.Boolean(), nullable=False, server_default=sa.false()))
