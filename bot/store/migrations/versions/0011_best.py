"""Which papers are the best of their day in a channel, and what a channel wants live."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("destinations", sa.Column("live", sa.String(16), nullable=False, server_default="all"))
    op.add_column("destinations", sa.Column("best", sa.Integer()))
    op.add_column("seen", sa.Column("mark", sa.JSON()))
