"""Discord's JSON error codes that the bot acts on, under the names of Discord's documentation.

https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
"""

from __future__ import annotations

UNKNOWN_CHANNEL = 10003
UNKNOWN_GUILD = 10004
UNKNOWN_MESSAGE = 10008
UNKNOWN_WEBHOOK = 10015
UNKNOWN_INTERACTION = 10062
UNAUTHORIZED = 40001
REQUEST_TOO_LARGE = 40005
MESSAGE_ALREADY_CROSSPOSTED = 40033
INTERACTION_ALREADY_ACKNOWLEDGED = 40060
MISSING_ACCESS = 50001
NOT_AUTHOR_OF_MESSAGE = 50005
CANNOT_MESSAGE_USER = 50007
MISSING_PERMISSIONS = 50013
INVALID_WEBHOOK_TOKEN = 50027
THREAD_ARCHIVED = 50083
THREAD_ALREADY_CREATED = 160004
THREAD_LOCKED = 160005
TOO_MANY_THREADS = 160006
TOO_MANY_ANNOUNCEMENT_THREADS = 160007

CLOSED_THREAD = frozenset({THREAD_ARCHIVED, THREAD_LOCKED})
"""Answered with status 400, although the thread refuses every message and not this one."""
TOO_MANY_ACTIVE_THREADS = frozenset({TOO_MANY_THREADS, TOO_MANY_ANNOUNCEMENT_THREADS})
"""In a server, and in an announcement channel."""
INTERACTION_EXPIRED = frozenset(
    {UNKNOWN_INTERACTION, INTERACTION_ALREADY_ACKNOWLEDGED, UNKNOWN_WEBHOOK, INVALID_WEBHOOK_TOKEN}
)
"""The interaction is unknown or answered, or its fifteen minutes are over and its answer is final."""
