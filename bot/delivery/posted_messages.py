"""Messages and threads that are in Discord, read from its JSON without discord.py.

discord.py ends a history at the first message that it cannot parse. Here, whatever is missing or has another
type counts as empty, and a message without an identifier or an author is skipped, so the others are read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import discord

from bot.delivery.unreadable import UnreadableAnswer, reading

_PAGE = 100  # the most messages or threads that Discord gives at once
_CROSSPOSTED = 1 << 0
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PostedEmbed:
    """What the bot reads of an embed; what the embed does not have is ""."""

    title: str = ""
    description: str = ""
    url: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True)
class PostedFile:
    """A file that is attached to a message."""

    filename: str
    url: str


@dataclass(slots=True)  # not frozen, or it would not be one of discord.py's snowflakes
class PostedMessage:
    """A message that is in Discord. `is_answer`: it answers a command, or a webhook wrote it.

    `announced` means that it is in an announcement channel and has not been crossposted yet.
    """

    id: int
    author_id: int
    content: str
    embeds: tuple[PostedEmbed, ...]
    files: tuple[PostedFile, ...]
    is_answer: bool
    crossposted: bool
    announced: bool = False


@dataclass(frozen=True, slots=True)
class PostedThread:
    """A thread; in a forum, a post, whose first message has the same identifier."""

    id: int
    parent_id: int
    owner_id: int
    name: str
    archived_at: datetime

    @property
    def created_at(self) -> datetime:
        return discord.utils.snowflake_time(self.id)


async def history(
    bot: discord.Client,
    channel_id: int,
    *,
    limit: int | None,
    oldest_first: bool,
    after: int = 0,
    before: int = 0,
) -> AsyncIterator[PostedMessage | None]:
    """Yield the messages of a channel between two identifiers, at most *limit*; None for an unreadable one.

    Raises:
        discord.HTTPException: the bot may not read the channel, it was deleted, or Discord cannot be reached.
        UnreadableAnswer: the answer is no list of messages.
    """
    left = limit
    while left is None or left > 0:
        count = _PAGE if left is None else min(_PAGE, left)
        with reading():
            page: Any = await (
                bot.http.logs_from(channel_id, count, after=after)
                if oldest_first
                else bot.http.logs_from(channel_id, count, before=before or None)
            )
        if not isinstance(page, list):
            raise UnreadableAnswer(type(page).__name__)
        numbers = [number for number in map(_identifier, page) if number]
        for number, data in sorted(
            ((_identifier(data), data) for data in page), key=lambda each: each[0], reverse=not oldest_first
        ):
            if not number or (after < number and (not before or number < before)):
                yield read_message(data)
        if len(page) < count or not numbers:
            return
        after, before = (max(numbers), before) if oldest_first else (after, min(numbers))
        if (oldest_first and before and after >= before) or (not oldest_first and before <= after):
            return
        left = None if left is None else left - len(page)


async def first_message(bot: discord.Client, thread_id: int) -> PostedMessage | None:
    """Return the first message of a forum post; None if it was deleted or is unreadable.

    Raises:
        discord.HTTPException: the bot may not read the post, or Discord cannot be reached.
    """
    try:
        with reading():
            return read_message(await bot.http.get_message(thread_id, thread_id))
    except (discord.NotFound, UnreadableAnswer):
        return None


async def active_threads(bot: discord.Client, guild_id: int, parent_id: int) -> list[PostedThread]:
    """Return the active threads of a forum or channel.

    Raises:
        discord.HTTPException: Discord cannot be reached.
        UnreadableAnswer: the answer is no list of threads.
    """
    with reading():
        threads = _threads(await bot.http.get_active_threads(guild_id))
    return [each for each in threads if each is not None and each.parent_id == parent_id]


async def archived_threads(
    bot: discord.Client, parent_id: int, *, limit: int | None
) -> AsyncIterator[PostedThread]:
    """Yield the public archived threads of a forum or channel, the latest archived first.

    Raises:
        discord.HTTPException: the bot may not list them, or Discord cannot be reached.
        UnreadableAnswer: the answer is no list of threads.
    """
    left, before = limit, ""
    while left is None or left > 0:
        count = _PAGE if left is None else min(_PAGE, left)
        with reading():
            # discord.py's annotation names a snowflake, but Discord takes the time of archiving.
            payload: Any = await bot.http.get_public_archived_threads(
                parent_id,
                before=before or None,
                limit=count,
            )
            page = _threads(payload)
        known = [each for each in page if each is not None]
        for thread in known:
            yield thread
        earliest = min((each.archived_at for each in known), default=_OLDEST)
        if not payload.get("has_more") or earliest == _OLDEST or earliest.isoformat() == before:
            return
        before = earliest.isoformat()
        left = None if left is None else left - len(page)


def read_message(data: object) -> PostedMessage | None:
    """Return the message in Discord's JSON *data*; None if it has no identifier or no author."""
    if not isinstance(data, dict):
        return None
    number, author = _identifier(data), _identifier(data.get("author"))
    if not number or not author:
        return None
    flags = data.get("flags")
    return PostedMessage(
        id=number,
        author_id=author,
        content=_text(data, "content"),
        embeds=tuple(_embed(each) for each in _list(data.get("embeds"))),
        files=tuple(
            PostedFile(_text(each, "filename"), _text(each, "url")) for each in _list(data.get("attachments"))
        ),
        is_answer=data.get("interaction_metadata") is not None or data.get("webhook_id") is not None,
        crossposted=isinstance(flags, int) and bool(flags & _CROSSPOSTED),
    )


def _embed(data: dict[str, Any]) -> PostedEmbed:
    footer = data.get("footer")
    return PostedEmbed(
        title=_text(data, "title"),
        description=_text(data, "description"),
        url=_text(data, "url"),
        footer=_text(footer, "text") if isinstance(footer, dict) else "",
    )


def _threads(payload: Any) -> list[PostedThread | None]:
    """Return the threads in an answer of Discord, None for each that is unreadable."""
    if not isinstance(payload, dict) or not isinstance(payload.get("threads"), list):
        raise UnreadableAnswer(type(payload).__name__)
    return [_thread(data) for data in payload["threads"]]


def _thread(data: object) -> PostedThread | None:
    number = _identifier(data)
    if not number or not isinstance(data, dict):
        return None
    metadata = data.get("thread_metadata")
    stamp = _text(metadata, "archive_timestamp") if isinstance(metadata, dict) else ""
    try:
        archived_at = datetime.fromisoformat(stamp)
    except ValueError:
        archived_at = _OLDEST
    return PostedThread(
        id=number,
        parent_id=_number(data.get("parent_id")),
        owner_id=_number(data.get("owner_id")),
        name=_text(data, "name"),
        archived_at=archived_at if archived_at.tzinfo else archived_at.replace(tzinfo=UTC),
    )


def _identifier(data: object) -> int:
    """Return the identifier of an object in Discord's JSON, 0 if it has none."""
    return _number(data.get("id")) if isinstance(data, dict) else 0


def _number(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
