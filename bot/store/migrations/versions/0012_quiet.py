"""When a channel's messages arrive without a push notification."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("destinations", sa.Column("notify", sa.String(16), nullable=False, server_default="all"))
    op.add_column("destinations", sa.Column("quiet_from", sa.Integer()))
    op.add_column("destinations", sa.Column("quiet_until", sa.Integer()))
    op.add_column("destinations", sa.Column("quiet_zone", sa.String(64)))
