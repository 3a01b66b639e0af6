"""The buttons under what delivery posts: in every kind of place, and not under plain text or lists."""

from __future__ import annotations

from typing import Any

import pytest

from bot.model.subscriptions import Place, Style
from tests.delivery.delivery_cases import POST, Desk, desk, fake, forum_of, forum_posts
from tests.delivery.revision_cases import revise
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MEMBER
from tests.store.store_cases import subscribe

__all__ = ["desk", "fake"]

EVERYWHERE = ["Abstract", "Save", "Cite"]


def labels(message: dict[str, Any]) -> list[str]:
    return [button["label"] for row in message["components"] for button in row["components"]]


async def posted(desk: Desk, channel: int) -> list[str]:
    await desk.queue(1001)
    await desk.run()
    [message] = desk.discord.posts(channel)
    return labels(message)


@pytest.mark.parametrize("kind", [payloads.TEXT, payloads.NEWS])
async def test_in_a_channel_one_can_also_discuss(desk: Desk, kind: int) -> None:
    channel = desk.discord.add_channel(desk.guild, "more", kind)
    await desk.subscribe(channel)
    assert await posted(desk, channel) == ["Abstract", "Save", "Discuss", "Cite"]


async def test_a_button_names_its_paper(desk: Desk) -> None:
    await posted(desk, desk.channel)
    [message] = desk.discord.posts(desk.channel)
    buttons = message["components"][0]["components"]
    assert [button.get("custom_id") or button["url"] for button in buttons] == [
        "papers:abstract:2607.01001",
        "papers:save:2607.01001",
        "papers:discuss:2607.01001",
        "papers:bibtex:2607.01001",
    ]


async def test_in_a_thread_there_is_nothing_more_to_open(desk: Desk) -> None:
    thread = int(desk.discord.add_thread(desk.discord.channels[desk.channel], "talk")["id"])
    await desk.subscribe(thread)
    assert await posted(desk, thread) == EVERYWHERE


async def test_the_first_message_of_a_forums_post_has_buttons(desk: Desk) -> None:
    forum = forum_of(desk)
    await desk.subscribe(forum)
    await desk.queue(1001)
    await desk.run()
    [post] = forum_posts(desk, forum)
    [message] = desk.discord.posts(int(post["id"]))
    assert labels(message) == EVERYWHERE


async def test_in_direct_messages_there_is_no_thread(desk: Desk) -> None:
    channel = int(desk.discord.dm(MEMBER.id)["id"])
    await subscribe(desk.store, channel=channel, guild=0, user=MEMBER.id)
    assert await posted(desk, channel) == EVERYWHERE


async def test_the_second_try_is_plain_and_has_none(desk: Desk) -> None:
    desk.discord.fault(*POST, status=400, code=50035)
    assert await posted(desk, desk.channel) == []


async def test_where_posts_are_full_a_button_opens_the_pdf(desk: Desk) -> None:
    await desk.subscribe(desk.channel)
    await desk.store.destinations.change(Place(desk.guild, desk.channel), desk.clock(), style=Style.FULL)
    assert await posted(desk, desk.channel) == ["Abstract", "PDF", "Save", "Cite", "Discuss"]
    [message] = desk.discord.posts(desk.channel)
    assert [field["name"] for field in message["embeds"][0]["fields"]] == ["Categories", "Submitted"]


async def test_a_new_version_has_two(desk: Desk) -> None:
    await desk.subscribe(desk.channel, revisions=True)
    await posted(desk, desk.channel)
    await revise(desk)
    assert labels(desk.discord.posts(desk.channel)[-1]) == ["Abstract", "Save"]
