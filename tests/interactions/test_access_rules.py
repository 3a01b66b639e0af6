"""What a person may do in a channel, by what Discord says of it and of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.interactions import access
from bot.model.subscriptions import Place

GUILD, HERE, THERE, PERSON = 1, 20, 30, 7
NONE = discord.Permissions.none()
VIEW = discord.Permissions(view_channel=True)
SEND = discord.Permissions(send_messages=True)
ADMIN = discord.Permissions(administrator=True)
TEXT, PRIVATE = discord.ChannelType.text, discord.ChannelType.private_thread


class Http:
    """Discord's answer to the question who is in a thread."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[int] = []
        self._error = error

    async def get_thread_member(self, channel_id: int, _person: int) -> None:
        self.asked.append(channel_id)
        if self._error is not None:
            raise self._error


def used(guild_id: int | None = GUILD, *, error: Exception | None = None, known: object = None) -> Any:
    """Return an interaction in the channel HERE."""
    client = SimpleNamespace(http=Http(error), get_channel=lambda _id: known)
    return SimpleNamespace(
        guild_id=guild_id, guild=None, channel_id=HERE, permissions=SEND, client=client, extras={},
        user=SimpleNamespace(id=PERSON),
    )  # fmt: skip


def chosen(rights: discord.Permissions, kind: discord.ChannelType = TEXT, number: int = THERE) -> Any:
    return SimpleNamespace(id=number, type=kind, permissions=rights)


@pytest.mark.parametrize(
    ("guild_id", "place", "here"),
    [
        (None, Place(0, HERE, PERSON), True),
        (None, Place(0, HERE, PERSON + 1), False),
        (None, Place(0, THERE, PERSON), True),
        (None, Place(GUILD, HERE), False),
        (GUILD, Place(GUILD, HERE), True),
        (GUILD, Place(GUILD + 1, HERE), False),
        (GUILD, Place(0, HERE, PERSON), False),
    ],
)
async def test_a_place_is_here_in_its_server_or_in_ones_own_direct_messages(
    guild_id: int | None, place: Place, here: bool
) -> None:
    assert access.is_here(used(guild_id), place) is here
    rights = await access.rights_in(used(guild_id), place)
    assert rights.view_channel is here
    assert rights.manage_channels is (here and guild_id is None)
    assert rights.send_messages is (here and guild_id is not None)


@pytest.mark.parametrize(
    ("rights", "kind", "number", "expected", "asks"),
    [
        (SEND, TEXT, THERE, NONE, False),
        (VIEW | SEND, TEXT, THERE, VIEW | SEND, False),
        (ADMIN, TEXT, THERE, ADMIN | VIEW, False),
        (ADMIN, PRIVATE, THERE, ADMIN | VIEW, False),
        (VIEW, PRIVATE, THERE, VIEW, True),
        (VIEW, PRIVATE, HERE, VIEW, False),
        (VIEW | discord.Permissions(manage_threads=True), PRIVATE, THERE, None, False),
    ],
)
async def test_what_discord_says_of_a_chosen_channel_counts(
    rights: discord.Permissions,
    kind: discord.ChannelType,
    number: int,
    expected: discord.Permissions | None,
    asks: bool,
) -> None:
    interaction = used()
    option = chosen(rights, kind, number)
    assert await access.rights_in(interaction, Place(GUILD, number), option) == (
        rights if expected is None else expected
    )
    assert interaction.client.http.asked == [number] * asks


async def test_a_chosen_channel_of_another_server_is_hidden() -> None:
    place, option = Place(GUILD, THERE), chosen(VIEW)
    channel: Any = object.__new__(discord.TextChannel)
    for guild_id, rights in ((GUILD, VIEW), (GUILD + 1, NONE)):
        channel.guild = SimpleNamespace(id=guild_id)
        assert await access.rights_in(used(known=channel), place, option) == rights


@pytest.mark.parametrize(
    "error", [aiohttp.ClientError(), OSError(), TimeoutError(), discord.ClientException()]
)
async def test_without_an_answer_a_private_thread_is_hidden(error: Exception) -> None:
    interaction = used(error=error)
    assert await access.rights_in(interaction, Place(GUILD, THERE), chosen(VIEW, PRIVATE)) == NONE


async def test_at_most_25_channels_are_asked_about_and_each_once() -> None:
    interaction = used()
    for _ in range(2):
        for number in range(100, 130):
            rights = await access.rights_in(interaction, Place(GUILD, number), chosen(VIEW, PRIVATE, number))
            assert rights == (VIEW if number < 125 else NONE)
    assert interaction.client.http.asked == list(range(100, 125))


async def test_a_channel_elsewhere_is_hidden_from_who_is_no_member() -> None:
    assert await access.rights_in(used(), Place(GUILD, THERE)) == NONE
    assert access.rights_here(used()) == VIEW | SEND
    assert access.rights_here(used(None)).manage_channels
