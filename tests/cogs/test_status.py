from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import discord
from discord import app_commands
from simcord.env import Env

from bot.model.outcomes import Fail
from bot.model.papers import Match
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Place
from bot.polling.api_source import ApiSource
from bot.polling.poller import Poller
from bot.rules.pace import Pace
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes import arxiv as faults
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper, make_papers
from tests.store.store_cases import record, subscribe


async def test_status_says_how_it_stands_here(world: World, store: Store, clock: Clock) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword="speech synthesis")
    await world.manager.slash(world.papers, "subscribe", keyword="TTS")
    await world.manager.slash(world.papers, "digest schedule", hour=9, zone="UTC")
    result = await world.member.slash(world.papers, "status")
    assert result.ephemeral
    text = text_of(result)
    assert "2 (channels: 1)" in text
    assert "Next digest" in text
    assert "Servers" not in text


async def test_members_see_only_the_paused_channels_that_they_see(
    world: World, store: Store, clock: Clock
) -> None:
    hidden = world.guild.create_text_channel(
        "hidden", overwrites={world.guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    )
    for channel in (world.papers, hidden):
        place = await store.destinations.ensure(Place(world.guild.id, channel.id), clock())
        await store.destinations.pause(place.id, Reason(ReasonCode.NOT_ALLOWED), clock())
    text = text_of(await world.member.slash(world.papers, "status"))
    assert f"<#{world.papers.id}>: I am not allowed to post here" in text
    assert str(hidden.id) not in text


async def test_a_channel_whose_history_it_may_not_read_is_named_with_the_reason(
    world: World, store: Store, clock: Clock
) -> None:
    unread = world.guild.create_text_channel(
        "unread",
        overwrites={world.guild.default_role: discord.PermissionOverwrite(read_message_history=False)},
    )
    for channel in (world.papers, unread):
        await store.destinations.ensure(Place(world.guild.id, channel.id), clock())
    text = text_of(await world.member.slash(world.papers, "status"))
    assert "Missing Read Message History\nAfter a crash I might post a paper twice" in text
    assert f"<#{unread.id}>" in text
    assert f"<#{world.papers.id}>" not in text


async def test_a_deleted_channel_is_shown_as_ended_to_managers_of_channels_and_threads(
    world: World, store: Store, clock: Clock
) -> None:
    rights = discord.Permissions(manage_channels=True, manage_threads=True)
    role = world.guild.create_role("Moderators", permissions=rights)
    moderator = world.guild.add_member(world.env.create_user("tom"), roles=[role])
    place = await store.destinations.ensure(Place(world.guild.id, 4711), clock())
    await store.destinations.end(place.id, Reason(ReasonCode.CHANNEL_DELETED), clock())
    shown = text_of(await moderator.slash(world.papers, "status"))
    assert "Ended\n<#4711>: The channel was deleted." in shown
    for other in (world.manager, world.member):
        assert "Ended" not in text_of(await other.slash(world.papers, "status"))


async def test_operators_see_the_whole_process(world: World, clock: Clock) -> None:
    world.bot.owner_id = world.manager.id
    await world.manager.slash(world.papers, "subscribe", keyword="speech synthesis")
    text = text_of(await world.manager.slash(world.papers, "status"))
    assert "Servers\n1 (shards: 1)" in text
    assert "active: 1, paused: 0, ended: 0" in text
    assert f"Last response from arXiv\n{discord.utils.format_dt(clock(), 'R')}" in text
    assert "Failing jobs\nnone" in text
    assert "Failing jobs" not in text_of(await world.member.slash(world.papers, "status"))


async def test_it_answers_in_direct_messages(env: Env) -> None:
    ann = env.create_user("ann")
    await ann.slash("subscribe", keyword="speech synthesis")
    assert "1 (channels: 1)" in text_of(await ann.slash("status"))


async def test_what_was_refused_is_shown_where_it_was_to_go_whatever_failed_elsewhere(
    world: World, store: Store, clock: Clock
) -> None:
    hidden = world.guild.create_text_channel(
        "hidden", overwrites={world.guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    )
    for query, channel, numbers in (("tts", world.papers, [1]), ("vocoder", hidden, range(2, 12))):
        await subscribe(store, query, channel=channel.id, guild=world.guild.id, known=[], now=clock())
        await record(store, *map(make_paper, numbers), queries=[query], now=clock())
        while rows := await store.outbox.heads(clock(), 1):
            await store.settle(rows[0], Fail(Reason(ReasonCode.DISCORD_ERROR, status=400)), clock())
    text = text_of(await world.member.slash(world.papers, "status"))
    assert "2607.00001" in text
    assert "2607.00011" not in text


async def test_what_waits_and_what_was_refused_is_shown_in_direct_messages_too(
    env: Env, store: Store, clock: Clock
) -> None:
    ann = env.create_user("ann")
    await ann.slash("subscribe", keyword="speech synthesis")
    [subscription] = await store.subscriptions.all()
    await record(store, make_paper(90_001), make_paper(90_002), queries=[subscription.query], now=clock())
    [row] = await store.outbox.heads(clock(), 1)
    await store.settle(row, Fail(Reason(ReasonCode.DISCORD_ERROR, status=400)), clock())
    await store.destinations.pause(row.destination.id, Reason(ReasonCode.NOT_ALLOWED), clock())
    text = text_of(await ann.slash("status"))
    assert "2607.90001v1: Discord responded with HTTP 400" in text
    assert "This conversation: I am not allowed to post here" in text, "Discord shows no mention of it"
    assert "Waiting to be posted\n1\n" in f"{text}\n"


async def test_buttons_decide_on_the_first_five_channels_with_held_papers_that_a_manager_manages(
    world: World, store: Store, clock: Clock
) -> None:
    of_others: dict[Any, discord.PermissionOverwrite] = {
        world.manager: discord.PermissionOverwrite(manage_channels=False)
    }
    for number in range(7):
        room = world.guild.create_text_channel(f"room{number}", overwrites=of_others if number == 1 else {})
        await subscribe(store, "tts", channel=room.id, guild=world.guild.id, known=[], now=clock())
    papers = make_papers(2)
    matches = [Match("tts", paper.id) for paper in papers]
    await store.record(papers, matches, clock(), pace=Pace(at_once=0))
    result = await world.manager.slash(world.papers, "status")
    rows = [[button["label"] for button in row["components"]] for row in result.response.components]
    decisions = ("post them", "list them", "drop them")
    assert rows == [[f"#room{number}: {each}" for each in decisions] for number in (0, 2, 3, 4, 5)]
    assert "#room" not in str(buttons_of(await world.member.slash(world.papers, "status")))


async def test_help_thanks_arxiv(world: World) -> None:
    result = await world.member.slash(world.papers, "help")
    assert result.ephemeral
    text = text_of(result)
    assert "Thank you to arXiv for use of its open access interoperability." in text
    for command in world.bot.tree.get_commands():
        typed = "" if isinstance(command, app_commands.ContextMenu) else "`/"
        assert f"{typed}{command.name}" in text or command.name == "help"


EXPECTED = {
    "subscribe": (
        ["keyword*", "channel", "deliver", "mention", "categories", "cross_lists", "revisions", "backfill"],
        16,
    ),
    "unsubscribe": (["subscription*"], 16),
    "follow author": (
        ["name*", "channel", "deliver", "mention", "categories", "with", "revisions"],
        16,
    ),
    "subscriptions": (["channel"], None),
    "channel": (
        ["cap", "crosspost", "style", "live", "best", "notify", "quiet_hours", "zone", "channel"],
        16,
    ),
    "search": (["query*", "sort", "category"], None),
    "paper": (["paper*"], None),
    "digest show": (["channel", "keyword"], None),
    "digest markdown": (["channel", "keyword", "table"], None),
    "digest schedule": (["hour*", "zone*", "days", "quiet", "file", "top", "channel"], None),
    "digest off": (["channel"], None),
    "why": (["paper*", "channel"], None),
    "library show": (["query"], None),
    "library export": (["format"], None),
    "library note": (["paper*", "text"], None),
    "library remove": (["paper*"], None),
    "top": (["period", "channel", "where"], None),
    "similar": (["paper*"], None),
    "library import": (["file*"], None),
    "interests show": (["channel", "mine"], None),
    "interests add": (["paper", "file", "channel", "mine"], None),
    "interests remove": (["paper*", "channel", "mine"], None),
    "interests reset": (["channel", "mine"], None),
    "privacy export": ([], None),
    "privacy saves": (["count*"], None),
    "privacy erase": ([], None),
    "status": ([], None),
    "help": ([], None),
    "Show arXiv papers": ("on a message", None),
    "Save arXiv papers": ("on a message", None),
    "Similar arXiv papers": ("on a message", None),
}


async def test_the_commands_are_those_of_the_contract(env: Env) -> None:
    found: dict[str, tuple[Any, Any]] = {}
    for command in env.backend.commands[None].values():
        if command.get("type", 1) == 3:
            found[command["name"]] = ("on a message", command["default_member_permissions"])
            continue
        nested = [option for option in command["options"] if option["type"] == 1]
        for leaf in nested or [command]:
            name = f"{command['name']} {leaf['name']}" if nested else command["name"]
            options = [
                option["name"] + "*" * bool(option.get("required")) for option in leaf.get("options", ())
            ]
            found[name] = (options, command["default_member_permissions"])
            assert 0 < len(leaf["description"]) <= 100
            assert all(0 < len(option["description"]) <= 100 for option in leaf.get("options", ()))
    assert found == EXPECTED


async def test_it_says_whether_the_day_is_complete_and_what_went_wrong(
    world: World, clock: Clock, make_bot: MakeBot, arxiv: FakeArxiv
) -> None:
    bot = make_bot()
    source = ApiSource(bot.arxiv, bot.store.papers.matched_between)
    bot.poller = Poller(bot.store, source, bot.settings, clock=clock, on_queued=bot.wake_delivery)
    await world.env.restart_bot(bot)
    assert "arXiv has not been polled yet" in text_of(await world.member.slash(world.papers, "status"))
    await world.manager.slash(world.papers, "subscribe", keyword="speech synthesis")
    clock.advance(timedelta(days=3))  # a Monday, with Sunday's announcement
    await bot.poller.run()
    assert "Up to date" in text_of(await world.member.slash(world.papers, "status"))
    bot.owner_id = world.manager.id
    operators = text_of(await world.manager.slash(world.papers, "status"))
    assert re.search(r"Last round\nrequests: \d+, papers: \d+, matches: \d+, unclaimed: 0", operators)
    arxiv.always = faults.status(503)
    clock.advance(timedelta(days=1))
    await bot.poller.run()
    text = text_of(await world.member.slash(world.papers, "status"))
    assert "The last poll failed" in text
    assert "Last error" in text
