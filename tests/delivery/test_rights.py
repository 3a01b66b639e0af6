"""Which permissions posting needs, and what the bot may do as far as discord.py's cache knows."""

from __future__ import annotations

import discord
import pytest

from bot.delivery import rights
from bot.model.reasons import ChannelKind, Permission, Reason, ReasonCode
from bot.model.subscriptions import Destination
from bot.runtime.client import PaperBot
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import FakeDiscord
from tests.runtime.client_cases import Start, fake, start
from tests.store.store_cases import store

__all__ = ["fake", "start", "store"]

VIEW, EMBED = Permission.VIEW_CHANNEL, Permission.EMBED_LINKS
SEND, IN_THREADS = Permission.SEND_MESSAGES, Permission.SEND_MESSAGES_IN_THREADS
MANAGE_THREADS = 1 << 34


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        (ChannelKind.CHANNEL, (VIEW, SEND, EMBED)),
        (ChannelKind.FORUM, (VIEW, SEND, EMBED)),
        (ChannelKind.THREAD, (VIEW, IN_THREADS, EMBED)),
    ],
)
def test_the_first_missing_permission_is_named_with_those_needed_after_it(
    kind: ChannelKind, needed: tuple[Permission, ...]
) -> None:
    everything = discord.Permissions(**dict.fromkeys(needed, True))
    assert rights.missing_permissions(everything, kind) == ()
    for number, permission in enumerate(needed):
        held = discord.Permissions(**dict.fromkeys(needed, True) | {permission: False})
        assert rights.missing_permissions(held, kind) == needed[number:]
    assert rights.missing_permissions(discord.Permissions.none(), kind) == needed


@pytest.mark.parametrize(
    ("channel_type", "kind"),
    [
        (discord.ChannelType.text, ChannelKind.CHANNEL),
        (discord.ChannelType.news, ChannelKind.CHANNEL),
        (discord.ChannelType.voice, ChannelKind.CHANNEL),
        (discord.ChannelType.forum, ChannelKind.FORUM),
        (discord.ChannelType.public_thread, ChannelKind.THREAD),
        (discord.ChannelType.private_thread, ChannelKind.THREAD),
        (discord.ChannelType.news_thread, ChannelKind.THREAD),
    ],
)
def test_which_permissions_a_channel_asks_for(channel_type: discord.ChannelType, kind: ChannelKind) -> None:
    assert rights.kind_of(channel_type) is kind


@pytest.mark.parametrize("missing", [VIEW, SEND, EMBED])
async def test_a_channel_without_a_permission_refuses_posts(
    fake: FakeDiscord, start: Start, missing: Permission
) -> None:
    guild = fake.add_guild()
    channel = fake.add_channel(guild)
    await fake.deny(channel, discord.Permissions(**{missing: True}).value)
    async with start() as bot:
        await fake.until(bot.is_ready)
        place = Destination(1, guild, channel)
        assert rights.may_post(bot, place) is False
        found = rights.known_refusal(bot, place)
        assert found is not None
        assert (found.code, found.permissions[0]) == (ReasonCode.PERMISSION_MISSING, missing)


async def a_post(fake: FakeDiscord, *, manages_threads: bool, locked: bool) -> tuple[Destination, int]:
    """Make a forum with one post; return both."""
    denied = 0 if manages_threads else MANAGE_THREADS
    guild = fake.add_guild(permissions=payloads.EVERYTHING & ~(8 | denied))
    forum = fake.add_channel(guild, kind=payloads.FORUM)
    post = fake.add_thread(fake.channels[forum], "A paper")
    post["thread_metadata"]["locked"] = locked
    return Destination(1, guild, forum), int(post["id"])


async def thread_of(fake: FakeDiscord, bot: PaperBot, post: int) -> discord.Thread:
    await fake.until(bot.is_ready)
    found = await bot.fetch_channel(post)
    assert isinstance(found, discord.Thread)
    return found


@pytest.mark.parametrize("locked", [True, False])
@pytest.mark.parametrize("manages_threads", [True, False])
async def test_a_locked_thread_takes_posts_only_of_those_who_manage_threads(
    fake: FakeDiscord, start: Start, *, manages_threads: bool, locked: bool
) -> None:
    forum, post = await a_post(fake, manages_threads=manages_threads, locked=locked)
    async with start() as bot:
        thread = await thread_of(fake, bot, post)
        refused = locked and not manages_threads
        assert rights.may_answer(bot, forum, thread) is not refused
        found = rights.refusal(thread, thread.permissions_for(thread.guild.me))
        assert found == (Reason(ReasonCode.THREAD_LOCKED) if refused else None)


async def test_without_the_permission_for_threads_no_post_is_answered(
    fake: FakeDiscord, start: Start
) -> None:
    forum, post = await a_post(fake, manages_threads=True, locked=False)
    await fake.deny(forum.channel_id, 1 << 38)
    async with start() as bot:
        assert not rights.may_answer(bot, forum, await thread_of(fake, bot, post))


@pytest.mark.parametrize("locked", [True, False])
async def test_in_a_server_that_is_away_only_the_lock_of_a_post_is_known(
    fake: FakeDiscord, start: Start, *, locked: bool
) -> None:
    forum, post = await a_post(fake, manages_threads=True, locked=locked)
    async with start() as bot:
        thread = await thread_of(fake, bot, post)
        await fake.outage(forum.guild_id)
        await fake.until(lambda: thread.guild.unavailable)
        assert rights.may_answer(bot, forum, thread) is not locked


async def test_what_the_cache_does_not_know_is_neither_allowed_nor_refused(
    fake: FakeDiscord, start: Start
) -> None:
    guild = fake.add_guild()
    async with start() as bot:
        await fake.until(bot.is_ready)
        for place in (Destination(1, guild, 7), Destination(2, 8, 9), Destination(3, 0, 5, user_id=6)):
            assert rights.may_post(bot, place) is None
            assert rights.known_refusal(bot, place) is None
            assert rights.may_look_back(bot, place)
            assert rights.may_attach(bot, place)
            assert rights.upload_limit(bot, place) == 10 * 1024 * 1024
        found = bot.get_guild(guild)
        assert found is not None
        found.premium_tier = 2
        assert rights.upload_limit(bot, Destination(1, guild, 7)) == 50 * 1024 * 1024


@pytest.mark.parametrize(
    ("denied", "allowed"), [(payloads.READ_MESSAGE_HISTORY, (False, True)), (1 << 15, (True, False))]
)
async def test_reading_back_and_attaching_have_permissions_of_their_own(
    fake: FakeDiscord, start: Start, denied: int, allowed: tuple[bool, bool]
) -> None:
    guild = fake.add_guild()
    place = Destination(1, guild, fake.add_channel(guild))
    await fake.deny(place.channel_id, denied)
    async with start() as bot:
        await fake.until(bot.is_ready)
        assert (rights.may_look_back(bot, place), rights.may_attach(bot, place)) == allowed
        assert rights.may_post(bot, place)
