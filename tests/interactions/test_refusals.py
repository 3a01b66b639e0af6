"""What a command refuses before it does anything, by where it was typed and what the bot may do there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.delivery import rights
from bot.interactions import access, error_answers, permissions, place
from bot.model.errors import UserError
from bot.model.subscriptions import Destination, Place

GUILD, HERE, THERE, PERSON = 1, 20, 30, 7
TEXT, VOICE, CATEGORY = discord.ChannelType.text, discord.ChannelType.voice, discord.ChannelType.category
THREAD = discord.ChannelType.public_thread
ALL = discord.Permissions.all()


def typed(guild_id: int | None = GUILD, *, kind: discord.ChannelType = TEXT, **changes: Any) -> Any:
    """Return an interaction in the channel HERE."""
    fields: dict[str, Any] = {
        "guild_id": guild_id,
        "guild": None,
        "channel_id": HERE,
        "channel": SimpleNamespace(id=HERE, type=kind),
        "permissions": ALL,
        "app_permissions": ALL,
        "user": SimpleNamespace(id=PERSON),
        "context": SimpleNamespace(private_channel=False),
        "client": SimpleNamespace(get_guild={GUILD: object()}.get),
    }
    return SimpleNamespace(**(fields | changes))


def orphan() -> Any:
    """Return a thread whose parent the cache does not know."""
    thread: Any = object.__new__(discord.Thread)
    thread.guild = SimpleNamespace(get_channel=lambda _id: None, me=None)
    thread.parent_id, thread.id, thread.locked = 5, THERE, False
    return thread


def test_a_command_concerns_the_chosen_channel_the_one_it_was_typed_in_or_direct_messages() -> None:
    assert place.place_of(typed(), None) == Place(GUILD, HERE)
    assert place.place_of(typed(kind=THREAD), None) == Place(GUILD, HERE)
    chosen: Any = SimpleNamespace(id=THERE, type=TEXT)
    assert place.place_of(typed(kind=CATEGORY), chosen) == Place(GUILD, THERE)
    assert place.place_of(typed(None), chosen) == Place(0, HERE, PERSON)


@pytest.mark.parametrize(
    ("interaction", "chosen", "said"),
    [
        (typed(kind=CATEGORY), None, "in this kind of channel"),
        (typed(kind=VOICE), None, "in this kind of channel"),
        (typed(channel=None), None, "in this kind of channel"),
        (typed(), SimpleNamespace(id=THERE, type=CATEGORY), "in this kind of channel"),
        (typed(None, channel_id=None), None, "did not say where you typed this"),
    ],
)
def test_where_papers_cannot_be_posted_is_refused(interaction: Any, chosen: Any, said: str) -> None:
    with pytest.raises(UserError, match=said):
        place.place_of(interaction, chosen)


async def test_what_is_no_channel_cannot_be_chosen() -> None:
    with pytest.raises(UserError):
        await place._ChannelOption().transform(typed(), "papers")


@pytest.mark.parametrize(
    ("interaction", "may"),
    [
        (typed(), True),
        (typed(None), True),
        (typed(permissions=discord.Permissions(view_channel=True)), False),
        (typed(kind=CATEGORY), False),
        (typed(GUILD + 1), False),  # a server without the bot
        (typed(None, context=SimpleNamespace(private_channel=True)), False),
    ],
)
def test_where_a_person_may_subscribe(interaction: Any, may: bool) -> None:
    assert permissions.may_subscribe_here(interaction) is may


async def test_no_role_is_mentioned_in_direct_messages() -> None:
    private = Place(0, HERE, PERSON)
    await permissions.require_bot_can_post(typed(None), private)
    with pytest.raises(UserError, match="only be mentioned in a server"):
        await permissions.require_bot_can_post(typed(None), private, object.__new__(discord.Role))
    assert await permissions.bot_can_attach(typed(None), private)


async def test_the_bot_needs_its_permissions_in_the_channel_itself() -> None:
    await permissions.require_bot_can_post(typed(), Place(GUILD, HERE))
    sees = typed(app_permissions=discord.Permissions(view_channel=True))
    with pytest.raises(UserError, match="Send Messages"):
        await permissions.require_bot_can_post(sees, Place(GUILD, HERE))
    for guild in (None, SimpleNamespace(me=None)):
        with pytest.raises(UserError, match="I am not a member of this server"):
            await permissions.require_bot_can_post(typed(guild=guild), Place(GUILD, THERE))


@pytest.mark.parametrize("refusal", [discord.Forbidden, discord.NotFound])
async def test_a_channel_that_the_bot_cannot_fetch_is_one_it_cannot_see(refusal: Any) -> None:
    async def fetch_channel(_id: int) -> None:
        raise refusal(SimpleNamespace(status=403, reason="no"), "no")

    guild = SimpleNamespace(me=object(), get_channel_or_thread=lambda _id: None, fetch_channel=fetch_channel)
    with pytest.raises(UserError, match="View Channel"):
        await permissions.require_bot_can_post(typed(guild=guild), Place(GUILD, THERE))
    assert not await permissions.bot_can_attach(typed(guild=guild), Place(GUILD, THERE))


def test_in_a_thread_without_a_known_parent_nothing_is_known() -> None:
    assert access.in_channel(orphan(), object.__new__(discord.Member)) == discord.Permissions.none()
    assert rights.refusal_now(orphan()) is None
    guild = SimpleNamespace(unavailable=False, get_channel_or_thread=lambda _id: orphan(), me=None)
    bot: Any = SimpleNamespace(get_guild=lambda _id: guild)
    assert rights.may_post(bot, Destination(1, GUILD, THERE)) is None
    assert rights.known_refusal(bot, Destination(1, GUILD, THERE)) is None


def test_the_cause_of_an_error_is_what_the_option_or_command_raised() -> None:
    cause = UserError("Choose another channel.")
    option = app_commands.TransformerError("x", discord.AppCommandOptionType.channel, place._ChannelOption())
    assert error_answers._cause(option) is option
    option.__cause__ = cause
    assert error_answers._cause(option) is cause
    assert error_answers._cause(cause) is cause


async def test_suggestions_that_fail_are_not_answered() -> None:
    asked = typed(type=discord.InteractionType.autocomplete, command=None, data={"name": "subscribe"})
    await error_answers.answer_error(asked, UserError("no"))  # it has no `response` to answer with
