"""Who may subscribe, end and see what, and what the bot itself must be allowed where papers go."""

from __future__ import annotations

import discord
import pytest
from simcord.backend.errors import SetupError

from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Options, Place, State
from bot.store import Store
from tests.conftest import World, only, text_of
from tests.fakes.clock import Clock

KEYWORD = "speech synthesis"


@pytest.mark.parametrize("command", ["subscribe", "unsubscribe"])
async def test_without_manage_channels_discord_does_not_offer_it(world: World, command: str) -> None:
    option = {"keyword": KEYWORD} if command == "subscribe" else {"subscription": KEYWORD}
    with pytest.raises(SetupError, match="default-member-permissions"):
        await world.member.slash(world.papers, command, **option)


async def test_a_manager_of_another_channel_is_refused_here(world: World, store: Store) -> None:
    ann = world.guild.add_member(world.env.create_user("ann"))
    hers = world.guild.create_text_channel(
        "hers", overwrites={ann: discord.PermissionOverwrite(manage_channels=True)}
    )
    assert "Subscribed" in text_of(await ann.slash(hers, "subscribe", keyword=KEYWORD))
    refused = await ann.slash(hers, "subscribe", keyword=KEYWORD, channel=world.papers)
    assert "You need the Manage Channels permission in #papers" in text_of(refused)
    assert (await only(store)).destination.channel_id == hers.id

    await world.manager.slash(world.papers, "subscribe", keyword="TTS")
    refused = await ann.slash(hers, "unsubscribe", subscription="TTS")
    assert "Manage Channels permission in #papers" in text_of(refused)
    assert len(await store.subscriptions.all()) == 2
    offered = await ann.autocomplete(hers, "unsubscribe", "subscription", "")
    assert [choice["name"] for choice in offered] == ["speech synthesis · #hers"]


async def test_whom_an_administrator_let_through_is_still_checked(world: World, store: Store) -> None:
    command = world.env.backend.find_command("subscribe", None)
    assert command is not None
    world.guild.set_command_permissions(int(command["id"]), {world.member: True})
    refused = await world.member.slash(world.papers, "subscribe", keyword=KEYWORD)
    assert "You need the Manage Channels permission in #papers" in text_of(refused)
    assert await store.subscriptions.all() == []


async def test_who_lost_the_right_cannot_undo(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    world.env.backend.get_guild(world.guild.id).members[world.manager.id].role_ids.clear()
    for label in ("Undo", "Digest instead"):
        refused = await world.manager.click(result.response, label=label)
        assert "You need the Manage Channels permission in #papers" in text_of(refused)
    assert (await only(store)).options == Options()


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        (
            {"view_channel": False},
            "I do not have the View Channel permission there (I also need Send Messages and Embed Links)",
        ),
        (
            {"send_messages": False},
            "I do not have the Send Messages permission there (I also need Embed Links)",
        ),
        ({"embed_links": False}, "I do not have the Embed Links permission there."),
    ],
)
async def test_a_right_that_the_bot_lacks_is_named_and_nothing_saved(
    world: World, store: Store, denied: dict[str, bool], named: str
) -> None:
    closed = world.guild.create_text_channel(
        "closed", overwrites={world.env.bot.user: discord.PermissionOverwrite(**denied)}
    )
    for typed_in in (world.papers, closed):
        result = await world.manager.slash(typed_in, "subscribe", keyword=KEYWORD, channel=closed)
        assert f"I cannot post in #closed: {named}" in text_of(result)
    assert await store.subscriptions.all() == []


async def test_a_role_that_cannot_be_mentioned_is_refused(world: World, store: Store) -> None:
    quiet = world.guild.create_text_channel(
        "quiet", overwrites={world.env.bot.user: discord.PermissionOverwrite(mention_everyone=False)}
    )
    role = world.guild.create_role("Readers", mentionable=False)
    result = await world.manager.slash(quiet, "subscribe", keyword=KEYWORD, mention=role)
    assert "I am not allowed to mention @Readers" in text_of(result)
    everyone = await world.manager.slash(
        quiet, "subscribe", keyword=KEYWORD, mention=world.guild.default_role
    )
    assert "Papers cannot mention everyone" in text_of(everyone)
    assert await store.subscriptions.all() == []


MAY_MENTION = discord.Permissions(manage_channels=True, mention_everyone=True)


async def test_nobody_gets_the_bot_to_mention_a_role_that_they_may_not_mention(
    world: World, store: Store
) -> None:
    role = world.guild.create_role("Readers", mentionable=False)
    boss_role = world.guild.create_role("Boss", permissions=MAY_MENTION)
    boss = world.guild.add_member(world.env.create_user("boss"), roles=[boss_role])
    roles_of_manager = world.env.backend.get_guild(world.guild.id).members[world.manager.id].role_ids
    elsewhere = world.guild.create_text_channel("elsewhere")
    for typed_in, named in ((world.papers, {}), (elsewhere, {"channel": world.papers})):
        refused = await world.manager.slash(typed_in, "subscribe", keyword=KEYWORD, mention=role, **named)
        assert "You are not allowed to mention @Readers in #papers yourself" in text_of(refused)
        assert await store.subscriptions.all() == []
    assert "Subscribed" in text_of(await boss.slash(world.papers, "subscribe", keyword=KEYWORD, mention=role))
    assert (await only(store)).options.role_id == role.id

    # Without the role is always possible, but the way back is not.
    less = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    refused = await world.manager.click(less.response, label="Undo")
    assert "You are not allowed to mention @Readers" in text_of(refused)
    assert (await only(store)).options.role_id == 0
    roles_of_manager.append(boss_role.id)
    await world.manager.click(less.response, label="Undo")
    assert (await only(store)).options.role_id == role.id

    roles_of_manager.remove(boss_role.id)
    ended = await world.manager.slash(world.papers, "unsubscribe", subscription=KEYWORD)
    refused = await world.manager.click(ended.response, label="Undo")
    assert "You are not allowed to mention @Readers" in text_of(refused)
    assert await store.subscriptions.all() == []
    roles_of_manager.append(boss_role.id)
    await world.manager.click(ended.response, label="Undo")
    assert (await only(store)).options.role_id == role.id


@pytest.mark.parametrize("may", ["the role is mentionable", "the server lets them", "the channel lets them"])
async def test_a_role_that_the_person_may_mention_is_accepted(world: World, store: Store, may: str) -> None:
    role = world.guild.create_role("Readers", mentionable=may.startswith("the role"))
    permissions = MAY_MENTION if may.startswith("the server") else discord.Permissions(manage_channels=True)
    ann = world.guild.add_member(
        world.env.create_user("ann"), roles=[world.guild.create_role("Staff", permissions=permissions)]
    )
    allowed = discord.PermissionOverwrite(mention_everyone=True if may.startswith("the channel") else None)
    there = world.guild.create_text_channel("there", overwrites={ann: allowed})
    assert "Subscribed" in text_of(
        await ann.slash(world.papers, "subscribe", keyword=KEYWORD, mention=role, channel=there)
    )
    assert (await only(store)).options.role_id == role.id


async def test_channels_that_papers_cannot_go_to(world: World, store: Store) -> None:
    voice = world.guild.create_voice_channel("talk")
    refused = await world.manager.slash(voice, "subscribe", keyword=KEYWORD)
    assert "Papers cannot be posted in this kind of channel" in text_of(refused)
    with pytest.raises(SetupError, match="channel types"):
        await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, channel=voice)
    assert await store.subscriptions.all() == []


@pytest.mark.parametrize("kind", ["news", "forum", "thread"])
async def test_channels_that_they_can_go_to(world: World, store: Store, kind: str) -> None:
    if kind == "thread":
        channel = world.env.bot.get_channel(world.papers.id)
        assert isinstance(channel, discord.TextChannel)
        with world.env._bot_scope():
            await channel.create_thread(name="talk", type=discord.ChannelType.public_thread)
        await world.env.settle()
        target = world.papers.threads[0]
        result = await world.manager.slash(target, "subscribe", keyword=KEYWORD)
        again = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, channel=target)
        assert "You already have this subscription" in text_of(again)
    else:
        target = getattr(world.guild, f"create_{kind}_channel")("there")
        result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, channel=target)
    assert "Subscribed" in text_of(result)
    assert (await only(store)).destination.channel_id == target.id


async def test_a_paused_channel_is_resumed_when_the_right_is_back(
    world: World, store: Store, clock: Clock
) -> None:
    place = await store.destinations.ensure(Place(world.guild.id, world.papers.id), clock())
    await store.destinations.pause(place.id, Reason(ReasonCode.NOT_ALLOWED), clock())
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    found = await store.destinations.get(place.id)
    assert found is not None
    assert found.state is State.ACTIVE


async def test_another_servers_subscription_cannot_be_ended(world: World, store: Store) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    elsewhere = world.env.create_guild("Elsewhere")
    channel = elsewhere.create_text_channel("papers")
    boss = elsewhere.add_member(
        world.env.create_user("boss"),
        roles=[elsewhere.create_role("Boss", permissions=discord.Permissions(manage_channels=True))],
    )
    mine = await only(store)
    await boss.slash(channel, "subscribe", keyword="TTS")
    refused = await boss.slash(channel, "unsubscribe", subscription=str(mine.id))
    assert "no subscription to" in text_of(refused)
    assert await store.subscriptions.get(mine.id) is not None


async def test_a_list_does_not_tell_of_channels_that_one_cannot_see(world: World) -> None:
    hidden = world.guild.create_text_channel(
        "hidden",
        overwrites={
            world.guild.default_role: discord.PermissionOverwrite(view_channel=False),
            world.env.bot.user: discord.PermissionOverwrite(view_channel=True),
        },
    )
    owner = world.guild.create_role("Admin", permissions=discord.Permissions(administrator=True))
    admin = world.guild.add_member(world.env.create_user("admin"), roles=[owner])
    await admin.slash(world.papers, "subscribe", keyword="secret plans", channel=hidden)
    assert "secret plans" in text_of(await admin.slash(world.papers, "subscriptions"))
    assert "No subscriptions yet" in text_of(await world.member.slash(world.papers, "subscriptions"))
