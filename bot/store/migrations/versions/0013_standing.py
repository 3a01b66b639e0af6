"""How close papers were to a channel when they came, and which were not among the best for that reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("seen", sa.Column("beyond_best", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("seen", sa.Column("score", sa.Float()))
