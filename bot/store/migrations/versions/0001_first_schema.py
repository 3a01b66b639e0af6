"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _papers_and_matches()
    _destinations_and_subscriptions()
    _what_was_seen_and_is_to_be_sent()
    _library_and_meta()


def _papers_and_matches() -> None:
    op.create_table(
        "papers",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("primary_category", sa.String(32), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment", sa.Text()),
        sa.Column("journal_ref", sa.Text()),
        sa.Column("doi", sa.Text()),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
    )
    op.create_index(op.f("ix_papers_serial"), "papers", ["serial"], unique=False)
    op.create_table(
        "queries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("last_polled", sa.DateTime(timezone=True)),
        sa.Column("last_failed", sa.DateTime(timezone=True)),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("backfilled", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queries")),
        sa.UniqueConstraint("canonical", name=op.f("uq_queries_canonical")),
    )
    op.create_table(
        "matches",
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_matches_paper_id_papers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["query_id"], ["queries.id"], name=op.f("fk_matches_query_id_queries"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("query_id", "paper_id", name=op.f("pk_matches")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_matches_paper_id"), "matches", ["paper_id"], unique=False)


def _destinations_and_subscriptions() -> None:
    op.create_table(
        "destinations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("hour", sa.Integer()),
        sa.Column("zone", sa.String(64)),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("quiet", sa.Boolean(), nullable=False),
        sa.Column("scheduled_at", sa.DateTime(timezone=True)),
        sa.Column("cap", sa.Integer()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destinations")),
        sa.UniqueConstraint("channel_id", name=op.f("uq_destinations_channel_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_destinations_guild_id"), "destinations", ["guild_id"], unique=False)
    op.create_index(op.f("ix_destinations_user_id"), "destinations", ["user_id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("query_id", sa.Integer(), nullable=False),
        sa.Column("keyword", sa.Text(), nullable=False),
        sa.Column("deliver", sa.String(16), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("cross_lists", sa.Boolean(), nullable=False),
        sa.Column("revisions", sa.Boolean(), nullable=False),
        sa.Column("since", sa.String(32)),
        sa.Column("since_serial", sa.BigInteger()),
        sa.Column("margin_until", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destinations.id"],
            name=op.f("fk_subscriptions_destination_id_destinations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["query_id"], ["queries.id"], name=op.f("fk_subscriptions_query_id_queries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint(
            "destination_id", "query_id", name=op.f("uq_subscriptions_destination_id_query_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_subscriptions_query_id"), "subscriptions", ["query_id"], unique=False)


def _what_was_seen_and_is_to_be_sent() -> None:
    op.create_table(
        "seen",
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(32), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_digest", sa.Boolean(), nullable=False),
        sa.Column("digested_on", sa.Date()),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destinations.id"],
            name=op.f("fk_seen_destination_id_destinations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("destination_id", "paper_id", name=op.f("pk_seen")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("paper_id", sa.String(32)),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ambiguous", sa.Boolean(), nullable=False),
        sa.Column("first_tried", sa.DateTime(timezone=True)),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("page", sa.JSON()),
        sa.Column("plain", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destinations.id"],
            name=op.f("fk_outbox_destination_id_destinations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint(
            "destination_id", "kind", "subject", name=op.f("uq_outbox_destination_id_kind_subject")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_outbox_destination_id_state_place_id"),
        "outbox",
        ["destination_id", "state", "place", "id"],
        unique=False,
    )
    op.create_table(
        "digest_runs",
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destinations.id"],
            name=op.f("fk_digest_runs_destination_id_destinations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("destination_id", "day", name=op.f("pk_digest_runs")),
        sqlite_with_rowid=False,
    )


def _library_and_meta() -> None:
    op.create_table(
        "library",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("paper_id", sa.String(32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name=op.f("fk_library_paper_id_papers")),
        sa.PrimaryKeyConstraint("user_id", "paper_id", name=op.f("pk_library")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_library_paper_id"), "library", ["paper_id"], unique=False)
    op.create_table(
        "meta",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
