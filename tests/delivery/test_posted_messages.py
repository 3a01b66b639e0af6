"""Reading what is in Discord: pages of messages and threads, and JSON that lacks anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.delivery.posted_messages import (
    PostedEmbed,
    PostedFile,
    archived_threads,
    first_message,
    history,
    read_message,
)
from bot.delivery.unreadable import UnreadableAnswer
from tests.delivery.delivery_cases import NOW, Desk, desk, fake, forum_of
from tests.fakes import discord_payloads as payloads

__all__ = ["desk", "fake"]

HISTORY = "/channels/{channel_id}/messages"
ARCHIVE = "/channels/{channel_id}/threads/archived/public"


async def test_a_history_is_read_page_by_page_between_two_messages(desk: Desk) -> None:
    ids = [int(desk.discord.add_message(desk.channel, {"content": str(n)})["id"]) for n in range(230)]
    rows: list[tuple[dict[str, Any], list[int], int]] = [
        ({"limit": None, "oldest_first": True}, ids, 3),
        ({"limit": None, "oldest_first": False}, ids[::-1], 3),
        ({"limit": 120, "oldest_first": True}, ids[:120], 2),
        ({"limit": 120, "oldest_first": False}, ids[:109:-1], 2),
        ({"limit": 100, "oldest_first": True}, ids[:100], 1),
        ({"limit": None, "oldest_first": True, "after": ids[129]}, ids[130:], 2),
        ({"limit": None, "oldest_first": True, "after": ids[49], "before": ids[60]}, ids[50:60], 1),
        ({"limit": None, "oldest_first": True, "after": ids[49], "before": ids[149]}, ids[50:149], 1),
        ({"limit": None, "oldest_first": True, "after": ids[49], "before": ids[150]}, ids[50:150], 2),
        ({"limit": None, "oldest_first": False, "before": ids[150]}, ids[149::-1], 2),
        ({"limit": None, "oldest_first": False, "after": ids[199]}, ids[:199:-1], 1),
        ({"limit": None, "oldest_first": False, "after": ids[130]}, ids[:130:-1], 1),
        ({"limit": None, "oldest_first": False, "after": ids[129]}, ids[:129:-1], 2),
        ({"limit": 0, "oldest_first": True}, [], 0),
    ]
    for options, expected, requests in rows:
        before = len(desk.discord.sent("GET", HISTORY))
        found = [each.id async for each in history(desk.client, desk.channel, **options) if each]
        assert found == expected, options
        assert len(desk.discord.sent("GET", HISTORY)) - before == requests, options


async def test_an_archive_is_read_page_by_page_the_latest_first(desk: Desk) -> None:
    forum = forum_of(desk)
    for number in range(230):
        post = desk.discord.add_thread(desk.discord.channels[forum], str(number))
        at = (NOW + timedelta(minutes=number)).timestamp()
        post["thread_metadata"] |= {"archived": True, "archive_timestamp": payloads.stamp(at)}
    desk.discord.add_thread(desk.discord.channels[forum], "active")
    names = [str(number) for number in range(229, -1, -1)]
    for limit, expected, requests in (
        (None, names, 3),
        (100, names[:100], 1),
        (150, names[:150], 2),
        (0, [], 0),
    ):
        before = len(desk.discord.sent("GET", ARCHIVE))
        found = [each async for each in archived_threads(desk.client, forum, limit=limit)]
        assert [each.name for each in found] == expected
        assert len(desk.discord.sent("GET", ARCHIVE)) - before == requests
    assert found == []


class Odd:
    """A client whose every request is answered with the same JSON."""

    def __init__(self, answer: object) -> None:
        self.http = self
        self._answer = answer

    async def logs_from(self, *_arguments: object, **_options: object) -> object:
        return self._answer

    async def get_public_archived_threads(self, *_arguments: object, **_options: object) -> object:
        return self._answer


async def test_an_answer_that_is_no_list_is_unreadable_and_one_without_identifiers_is_the_end() -> None:
    answers: tuple[object, ...] = ({}, "text", None)
    for answer in answers:
        client: Any = Odd(answer)
        with pytest.raises(UnreadableAnswer):
            [each async for each in history(client, 1, limit=None, oldest_first=True)]
        with pytest.raises(UnreadableAnswer):
            [each async for each in archived_threads(client, 1, limit=None)]
    client = Odd([{}] * 100)
    assert [each async for each in history(client, 1, limit=None, oldest_first=True)] == [None] * 100
    client = Odd({"threads": [None, {"id": "7"}], "has_more": True})
    [thread] = [each async for each in archived_threads(client, 1, limit=None)]
    assert (thread.id, thread.owner_id, thread.name) == (7, 0, "")


async def test_a_first_message_that_is_gone_or_unreadable_is_none(desk: Desk) -> None:
    assert await first_message(desk.client, desk.channel) is None
    desk.discord.add_message(desk.channel, {"content": "first"}, message_id=desk.channel)
    found = await first_message(desk.client, desk.channel)
    assert found is not None
    assert found.content == "first"


WHOLE: dict[str, Any] = {"id": "7", "author": {"id": "8"}}


@pytest.mark.parametrize(
    ("data", "readable"),
    [
        (WHOLE, True),
        (WHOLE | {"id": 7}, True),
        (WHOLE | {"id": "9" * 20}, True),
        (WHOLE | {"id": "9" * 21}, False),
        (WHOLE | {"id": "0"}, False),
        (WHOLE | {"id": 0}, False),
        (WHOLE | {"id": -7}, False),
        (WHOLE | {"id": True}, False),
        (WHOLE | {"id": "\N{SUPERSCRIPT TWO}"}, False),
        (WHOLE | {"id": "\N{ARABIC-INDIC DIGIT TWO}"}, False),
        (WHOLE | {"author": None}, False),
        (WHOLE | {"author": {}}, False),
        ({"author": {"id": "8"}}, False),
        ([], False),
        (None, False),
    ],
)
def test_a_message_needs_an_identifier_and_an_author(data: object, readable: bool) -> None:
    assert (read_message(data) is not None) is readable


def test_what_a_message_lacks_is_empty() -> None:
    message = read_message(WHOLE)
    assert message is not None
    assert (message.id, message.author_id, message.content) == (7, 8, "")
    assert (message.embeds, message.files) == ((), ())
    assert {message.is_answer, message.crossposted, message.announced} == {False}


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"content": "text"}, "content", "text"),
        ({"content": 5}, "content", ""),
        ({"flags": 1}, "crossposted", True),
        ({"flags": 3}, "crossposted", True),
        ({"flags": 2}, "crossposted", False),
        ({"flags": "1"}, "crossposted", False),
        ({"interaction_metadata": {}}, "is_answer", True),
        ({"webhook_id": "5"}, "is_answer", True),
        ({"interaction_metadata": None, "webhook_id": None}, "is_answer", False),
        ({"embeds": [{"title": "t", "footer": {"text": "f"}}]}, "embeds", (PostedEmbed("t", footer="f"),)),
        ({"embeds": [5, {"description": "d", "footer": "f"}]}, "embeds", (PostedEmbed(description="d"),)),
        ({"embeds": {"title": "t"}}, "embeds", ()),
        ({"attachments": [{"filename": "a.md", "url": "u"}, None]}, "files", (PostedFile("a.md", "u"),)),
    ],
)
def test_whatever_has_another_type_counts_as_missing(
    change: dict[str, Any], field: str, value: object
) -> None:
    assert getattr(read_message(WHOLE | change), field) == value


async def test_a_thread_without_a_time_was_archived_long_ago(desk: Desk) -> None:
    post = desk.discord.add_thread(desk.discord.channels[forum_of(desk)], "post")
    long_ago = datetime.min.replace(tzinfo=UTC)
    stamps = (
        ("2026-07-21T08:00:00+00:00", NOW),
        ("2026-07-21T08:00:00", NOW),
        ("long ago", long_ago),
        (None, long_ago),
    )
    for stamp, archived_at in stamps:
        post["thread_metadata"] |= {"archived": True, "archive_timestamp": stamp}
        [found] = [each async for each in archived_threads(desk.client, int(post["parent_id"]), limit=None)]
        assert found.archived_at == archived_at
        assert (found.id, found.name, found.parent_id) == (int(post["id"]), "post", int(post["parent_id"]))
