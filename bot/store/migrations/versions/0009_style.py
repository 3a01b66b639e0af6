"""How a channel's posts look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("destinations", sa.Column("style", sa.String(16), nullable=False, server_default="compact"))
