"""The schema as SQLAlchemy Core sees it. `migrations/` creates it, and a test compares the two.

It is Core rather than an ORM because the values of `bot.model` are frozen and travel far from any session,
and because the statements that matter here work on sets. A missing server or user is 0, never NULL, since a
unique key takes all NULLs for different values. The ids of destinations, subscriptions and outbox rows are
never reused (AUTOINCREMENT): nonces are made from outbox ids, and buttons on old messages carry the others.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.model.interests import Verdict
from bot.model.outbox import Kind, Sending
from bot.model.subscriptions import Deliver, Live, Notify, State, Style
from bot.store.types import PaperIdText, ReasonText, UtcDateTime, choice

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

papers = sa.Table(
    "papers",
    metadata,
    sa.Column("id", PaperIdText, primary_key=True),
    sa.Column("serial", sa.BigInteger, nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("abstract", sa.Text, nullable=False),
    sa.Column("authors", sa.JSON, nullable=False),
    sa.Column("categories", sa.JSON, nullable=False),
    sa.Column("primary_category", sa.String(32), nullable=False),
    sa.Column("published", UtcDateTime, nullable=False),
    sa.Column("updated", UtcDateTime, nullable=False),
    sa.Column("comment", sa.Text),
    sa.Column("journal_ref", sa.Text),
    sa.Column("doi", sa.Text),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.Column("first_seen", UtcDateTime, nullable=False),
    # The text is not the query API's, which did not answer when the paper was stored.
    sa.Column("provisional", sa.Boolean, nullable=False, server_default=sa.false()),
)
_PROVISIONAL = sa.text("provisional")
sa.Index("ix_papers_provisional", papers.c.serial, sqlite_where=_PROVISIONAL)

# The versions that harvests have read lately, of papers that match and of all others.
harvested = sa.Table(
    "harvested",
    metadata,
    sa.Column("paper_id", PaperIdText, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("read_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

# Made after a paper is stored; see `bot.store.signatures`.
signatures = sa.Table(
    "signatures",
    metadata,
    sa.Column("paper_id", sa.ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

queries = sa.Table(
    "queries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("canonical", sa.Text, nullable=False, unique=True),
    sa.Column("last_polled", UtcDateTime),
    sa.Column("last_failed", UtcDateTime),
    sa.Column("last_error", sa.Text, nullable=False),
    sa.Column("backfilled", UtcDateTime),  # when arXiv's newest papers were last stored for a subscriber
)

matches = sa.Table(
    "matches",
    metadata,
    sa.Column("query_id", sa.ForeignKey("queries.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("paper_id", sa.ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("version", sa.Integer, nullable=False),  # of the paper when it last matched
    sa.Column("words", sa.JSON, nullable=False),
    sqlite_with_rowid=False,
)

destinations = sa.Table(
    "destinations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("guild_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("channel_id", sa.BigInteger, nullable=False, unique=True),
    sa.Column("user_id", sa.BigInteger, nullable=False, index=True),
    sa.Column("hour", sa.Integer),
    sa.Column("zone", sa.String(64)),
    sa.Column("days", sa.JSON, nullable=False),
    sa.Column("quiet", sa.Boolean, nullable=False),
    sa.Column("scheduled_at", UtcDateTime),
    sa.Column("cap", sa.Integer),
    sa.Column("state", choice(State), nullable=False),
    sa.Column("reason", ReasonText, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("state_since", UtcDateTime),  # NULL while the channel is active
    sa.Column("kicked_at", UtcDateTime),  # when the server removed the bot
    sa.Column("crosspost", sa.Boolean, nullable=False, server_default=sa.true()),  # in announcement channels
    sa.Column("style", choice(Style), nullable=False, server_default=Style.COMPACT.value),
    sa.Column("live", choice(Live), nullable=False, server_default=Live.ALL.value),
    sa.Column("best", sa.Integer),  # papers a day that can be the best; NULL for the default
    sa.Column("notify", choice(Notify), nullable=False, server_default=Notify.ALL.value),
    sa.Column("quiet_from", sa.Integer),
    sa.Column("quiet_until", sa.Integer),
    sa.Column("quiet_zone", sa.String(64)),
    sa.Column("top", sa.Boolean, nullable=False, server_default=sa.false()),  # in the digest
    sa.Column("file", sa.Boolean, nullable=False, server_default=sa.false()),  # with the digest
    # What was said of papers until then does not count for the interest, which was reset; NULL: all counts.
    sa.Column("interest_since", UtcDateTime),
    sqlite_autoincrement=True,
)

subscriptions = sa.Table(
    "subscriptions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("destination_id", sa.ForeignKey("destinations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("query_id", sa.ForeignKey("queries.id"), nullable=False, index=True),
    sa.Column("keyword", sa.Text, nullable=False),
    sa.Column("deliver", choice(Deliver), nullable=False),
    sa.Column("role_id", sa.BigInteger, nullable=False),
    sa.Column("categories", sa.JSON, nullable=False),
    sa.Column("cross_lists", sa.Boolean, nullable=False),
    sa.Column("revisions", sa.Boolean, nullable=False),
    sa.Column("since", PaperIdText),
    sa.Column("since_serial", sa.BigInteger),
    # Until when a paper with a number just below `since` may be new; NULL until a poll has shown which of
    # these papers are old.
    sa.Column("margin_until", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.BigInteger, nullable=False),
    sa.Column("state", choice(State), nullable=False),
    sa.Column("reason", ReasonText, nullable=False),
    sa.UniqueConstraint("destination_id", "query_id"),
    sqlite_autoincrement=True,
)

# Removed subscriptions, as long as that can be undone. The query is kept as text, since its row may be gone.
removed = sa.Table(
    "removed",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),  # the subscription's
    sa.Column(
        "destination_id", sa.ForeignKey("destinations.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("canonical", sa.Text, nullable=False),
    sa.Column("keyword", sa.Text, nullable=False),
    sa.Column("deliver", choice(Deliver), nullable=False),
    sa.Column("role_id", sa.BigInteger, nullable=False),
    sa.Column("categories", sa.JSON, nullable=False),
    sa.Column("cross_lists", sa.Boolean, nullable=False),
    sa.Column("revisions", sa.Boolean, nullable=False),
    sa.Column("since", PaperIdText),
    sa.Column("since_serial", sa.BigInteger),
    sa.Column("margin_until", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.BigInteger, nullable=False),
    sa.Column("state", choice(State), nullable=False),
    sa.Column("reason", ReasonText, nullable=False),
    sa.Column("removed_at", UtcDateTime, nullable=False, index=True),
)

seen = sa.Table(
    "seen",
    metadata,
    sa.Column("destination_id", sa.ForeignKey("destinations.id", ondelete="CASCADE"), primary_key=True),
    # Not a foreign key: `seen` outlives the paper's row.
    sa.Column("paper_id", PaperIdText, primary_key=True),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("in_digest", sa.Boolean, nullable=False),
    sa.Column("digested_on", sa.Date),
    # The paper was meant to be posted, but there were too many; a channel without a digest gets a list.
    sa.Column("overflow", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("mark", sa.JSON(none_as_null=True)),  # that it is one of the best of its day, and why
    # That it was not posted because it is not one of so many best of its day; 0 if there is another reason.
    sa.Column("beyond_best", sa.Integer, nullable=False, server_default="0"),
    sa.Column("score", sa.Float),  # how close it was to the channel; NULL if it was not compared with others
    sqlite_with_rowid=False,
)
# Holds only the papers that wait for a list, so that looking for them costs nothing.
_LISTLESS = sa.text("overflow AND digested_on IS NULL")
sa.Index("ix_seen_overflow", seen.c.destination_id, sqlite_where=_LISTLESS)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("destination_id", sa.ForeignKey("destinations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", choice(Kind), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False),
    sa.Column("paper_id", PaperIdText),  # NULL for digests and lists
    sa.Column(
        "place", sa.BigInteger, nullable=False
    ),  # the position in the destination's queue; see store/outbox.py
    sa.Column("state", choice(Sending), nullable=False),
    sa.Column("due", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("ambiguous", sa.Boolean, nullable=False),  # an earlier attempt may have succeeded
    sa.Column("first_tried", UtcDateTime),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("error", ReasonText, nullable=False),
    sa.Column("page", sa.JSON(none_as_null=True)),
    sa.Column("plain", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("settled_at", UtcDateTime),
    sa.UniqueConstraint("destination_id", "kind", "subject"),
    # Finds the head of a destination's queue in one lookup, however many rows there are.
    sa.Index(None, "destination_id", "state", "place", "id"),
    # Counts the posts of one day.
    sa.Index(None, "destination_id", "created_at"),
    sqlite_autoincrement=True,
)

# A queue beside the outbox: Discord allows about ten an hour in a channel, and posts do not wait for that.
crossposts = sa.Table(
    "crossposts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("destination_id", sa.ForeignKey("destinations.id", ondelete="CASCADE"), nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("state", choice(Sending), nullable=False),
    sa.Column("due", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error", ReasonText, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("settled_at", UtcDateTime),
    sa.UniqueConstraint("destination_id", "message_id"),
    sa.Index(None, "state", "due"),
    # Counts the crossposts of the last hour.
    sa.Index(None, "destination_id", "state", "settled_at"),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "destination_id", sa.ForeignKey("destinations.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    sa.Column("reason", ReasonText, nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("state", choice(Sending), nullable=False),
    sa.Column("due", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("ambiguous", sa.Boolean, nullable=False),
    sa.Column("first_tried", UtcDateTime),
    sa.Column(
        "batch", sa.Integer, nullable=False
    ),  # the notice whose message includes this one; 0 before an attempt
    sa.Column("channel_id", sa.BigInteger, nullable=False),
    sa.Column("user_id", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.JSON, nullable=False),
    sa.Column("error", ReasonText, nullable=False),
    sa.Column("settled_at", UtcDateTime),
    sa.Index(None, "state", "due"),
    sqlite_autoincrement=True,
)

# The threads in which a channel's papers are discussed that have no message of their own to hold one.
discussions = sa.Table(
    "discussions",
    metadata,
    sa.Column("destination_id", sa.ForeignKey("destinations.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("paper_id", sa.ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("thread_id", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

digest_runs = sa.Table(
    "digest_runs",
    metadata,
    sa.Column("destination_id", sa.ForeignKey("destinations.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("papers", sa.Integer, nullable=False),
    sa.Column("ran_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

library = sa.Table(
    "library",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True),
    sa.Column("paper_id", sa.ForeignKey("papers.id"), primary_key=True, index=True),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("saved_at", UtcDateTime, nullable=False),
    # Where the paper was saved, if that is a channel that gets papers; else 0. The interest of that channel
    # learns from it.
    sa.Column("channel_id", sa.BigInteger, nullable=False, server_default="0", index=True),
    sqlite_with_rowid=False,
)

# Papers that were given to a channel's interest; who did so is not stored.
feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("destination_id", sa.ForeignKey("destinations.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("paper_id", sa.ForeignKey("papers.id"), primary_key=True, index=True),
    sa.Column("verdict", choice(Verdict), nullable=False),
    sa.Column("given_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

# Papers that were taken from a channel's interest: what people said of them until then does not count for it.
forgotten = sa.Table(
    "forgotten",
    metadata,
    sa.Column("destination_id", sa.ForeignKey("destinations.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("paper_id", sa.ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("forgotten_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)

dislikes = sa.Table(
    "dislikes",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True),
    sa.Column("paper_id", sa.ForeignKey("papers.id"), primary_key=True, index=True),
    sa.Column("given_at", UtcDateTime, nullable=False),
    # Where the person last said so, if that is a channel that gets papers; else 0.
    sa.Column("channel_id", sa.BigInteger, nullable=False, server_default="0", index=True),
    sqlite_with_rowid=False,
)

# People whose saves count for no channel's interest, and not among what was saved most.
uncounted = sa.Table(
    "uncounted",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

citation_keys = sa.Table(
    "citation_keys",
    metadata,
    sa.Column("user_id", sa.BigInteger, primary_key=True),
    sa.Column("paper_id", PaperIdText, primary_key=True),  # also of papers that are forgotten
    sa.Column("key", sa.Text, nullable=False),
    sa.UniqueConstraint("user_id", "key"),
    sqlite_with_rowid=False,
)

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

# Which process runs on the database, on PostgreSQL; see `bot.store.leases`.
leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("owner", sa.String(32), nullable=False),
    sa.Column("holder", sa.String(128), nullable=False),
    sa.Column("until", UtcDateTime, nullable=False),
)

# The number of each process's last write, on PostgreSQL; see `bot.store.postgres`.
writers = sa.Table(
    "writers",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)
