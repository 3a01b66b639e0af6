"""Why a channel receives nothing, or why a message did not arrive: a code and its facts (pure).

A reason is stored when something goes wrong and read much later, by people of several languages and by the
operator in the log. So it is stored as facts; `bot.present.reasons` turns it into a sentence.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, fields
from typing import Any, Self

DETAIL_LENGTH = 300
"""How many characters of somebody else's error message are kept."""


class Permission(enum.StrEnum):
    """A permission that posting needs, as Discord's API names it."""

    VIEW_CHANNEL = "view_channel"
    SEND_MESSAGES = "send_messages"
    SEND_MESSAGES_IN_THREADS = "send_messages_in_threads"
    EMBED_LINKS = "embed_links"


class ChannelKind(enum.StrEnum):
    """Which permissions posting needs, what they are called, and where they are granted depends on this."""

    CHANNEL = "channel"
    THREAD = "thread"
    FORUM = "forum"


class ReasonCode(enum.StrEnum):
    """What happened. The values are stored: one that was released is never renamed or given a new meaning."""

    # Why a channel is paused or gone.
    CHANNEL_DELETED = "channel_deleted"
    SERVER_UNKNOWN = "server_unknown"  # the server was deleted, or the bot is no member of it
    BOT_REMOVED = "bot_removed"
    THREAD_LOCKED = "thread_locked"
    THREAD_ARCHIVED = "thread_archived"
    CHANNEL_HIDDEN = "channel_hidden"
    PERMISSION_MISSING = "permission_missing"  # facts: `permissions`, `kind`
    NOT_ALLOWED = "not_allowed"  # a permission is missing, and Discord does not say which
    DIRECT_MESSAGES_CLOSED = "direct_messages_closed"
    POSTING_REFUSED = "posting_refused"  # for another reason of Discord's; facts: `status`, `error`, `detail`

    # Why one message did not arrive, or not yet.
    DISCORD_ERROR = "discord_error"  # facts: `status`, `error`, `detail`
    RATE_LIMITED = "rate_limited"
    NO_RESPONSE = "no_response"
    CONNECTION_FAILED = "connection_failed"  # fact: `detail`
    ANSWER_UNREADABLE = "answer_unreadable"  # Discord's answer cannot be parsed; fact: `detail`
    NOT_WRITTEN = "not_written"  # the bot itself could not write the message; fact: `detail`
    NO_SUBSCRIPTION = "no_subscription"  # every subscription that wanted it was removed

    # Why a notice to a channel's managers was not sent.
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a code
    NO_RECIPIENT = "no_recipient"
    WITHDRAWN = "withdrawn"  # the channel receives papers again

    OTHER = "other"  # a sentence that an earlier version stored; fact: `detail`


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and the facts that its sentence needs; the others keep their defaults.

    `permissions` are those that posting needs, in Discord's order, from the first that is missing on: without
    that one, Discord does not say which of the others the bot has. `status` is that of Discord's HTTP answer
    and `error` the error code in it. `detail` is somebody else's error message, in whatever language.
    """

    code: ReasonCode
    permissions: tuple[Permission, ...] = ()
    kind: ChannelKind = ChannelKind.CHANNEL
    status: int = 0
    error: int = 0
    detail: str = ""

    def to_json(self) -> str:
        """Return the reason as a JSON object, without the facts that it does not have."""
        facts = {each.name: getattr(self, each.name) for each in fields(self)}
        defaults = {each.name: each.default for each in fields(self)}
        kept = {name: value for name, value in facts.items() if value != defaults[name]}
        return json.dumps(kept, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the reason that `to_json` wrote; any other *text* is itself the reason."""
        try:
            kept: dict[str, Any] = json.loads(text)
            kept["code"] = ReasonCode(kept["code"])
            if "permissions" in kept:
                kept["permissions"] = tuple(Permission(each) for each in kept["permissions"])
            if "kind" in kept:
                kept["kind"] = ChannelKind(kept["kind"])
            return cls(**kept)
        except (ValueError, TypeError, LookupError):
            return cls(ReasonCode.OTHER, detail=text)
