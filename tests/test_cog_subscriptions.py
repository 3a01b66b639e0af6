from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest
from simcord.backend.errors import SetupError
from simcord.env import Env

from bot.papers import Deliver, Options, PaperId, Schedule, State
from bot.query import parse
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes import arxiv as faults
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper, make_papers
from tests.openapi import valid_request
from tests.shared import SHARED

KEYWORD = "speech synthesis"


async def only(store: Store) -> Any:
    (subscription,) = await store.subscriptions.all()
    return subscription


async def test_subscribe_saves_and_says_what_the_contract_promises(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=" Speech   synthesis")
    assert result.ephemeral
    text = text_of(result)
    assert "Subscribed to “Speech synthesis”" in text
    assert '```\nti:"speech synthesis" OR abs:"speech synthesis"\n```' in text
    assert "**30** older papers will not be posted" in text
    assert "a day" in text
    assert text.count("https://arxiv.org/abs/2607.") == 3
    assert buttons_of(result) == {"Undo": True, "Digest instead": True}

    subscription = await only(store)
    assert subscription.keyword == "Speech synthesis"
    assert subscription.query == parse(KEYWORD).canonical
    assert subscription.options == Options()
    assert subscription.since == PaperId("2607.00030")
    assert subscription.created_by == world.manager.id
    assert subscription.destination.guild_id == world.guild.id
    assert subscription.destination.channel_id == world.papers.id
    assert await store.outbox.depth() == 0


async def test_every_option_is_saved(world: World, store: Store) -> None:
    other = world.guild.create_text_channel("digests")
    role = world.guild.create_role("Readers", mentionable=True)
    result = await world.manager.slash(
        world.papers,
        "subscribe",
        keyword="ti:diffusion AND cat:cs.CV",
        channel=other,
        deliver="both",
        mention=role,
        categories="cs.cl, stat",
        cross_lists=False,
        revisions=True,
    )
    assert "Computation and Language" in text_of(result)
    subscription = await only(store)
    assert subscription.destination.channel_id == other.id
    assert subscription.options == Options(Deliver.BOTH, role.id, ("cs.CL", "stat"), False, True)


async def test_backfill_posts_the_newest_at_once_and_skips_the_rest(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, backfill=3)
    assert "The 3 newest are posted now. **27** older papers will not be posted." in text_of(result)
    assert await store.outbox.depth() + len(posts(world)) == 3


def posts(world: World) -> list[discord.Message]:
    return [message for message in world.papers.history() if not message.flags.ephemeral]


async def test_samples_and_pace_follow_the_chosen_categories(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish(make_papers(10, first=50, categories=("math.AG", "cs.CL"), primary_category="math.AG"))
    result = await world.manager.slash(
        world.papers, "subscribe", keyword=KEYWORD, categories="math", backfill=10
    )
    assert "40 older papers" not in text_of(result)
    assert "**30** older papers of all categories" in text_of(result)
    assert "2607.00059" in text_of(result)


async def test_repeating_a_keyword_edits_it_and_undo_restores_it(world: World, store: Store) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, categories="cs.CL,astro-ph.CO")
    first = await only(store)
    result = await world.manager.slash(
        world.papers, "subscribe", keyword="SPEECH synthesis", deliver="digest", revisions=True
    )
    assert "Changed the subscription to “SPEECH synthesis”" in text_of(result)
    assert "Until now" in text_of(result)
    changed = await only(store)
    assert (changed.id, changed.since) == (first.id, first.since)
    assert changed.options == Options(Deliver.DIGEST, revisions=True)

    await world.manager.click(result.response, label="Undo")
    assert (await only(store)).options == first.options
    assert "delivered as before" in text_of(result)


async def test_what_is_too_much_for_a_button_cannot_be_undone_and_is_told(world: World, store: Store) -> None:
    many = "astro-ph.CO,astro-ph.EP,astro-ph.GA,astro-ph.HE,astro-ph.IM,astro-ph.SR,cond-mat.quant-gas"
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, categories=many)
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    assert buttons_of(result) == {"Digest instead": True}
    assert "Until now" in text_of(result)


async def test_who_lost_the_right_cannot_undo(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    world.env.backend.get_guild(world.guild.id).members[world.manager.id].role_ids.clear()
    for label in ("Undo", "Digest instead"):
        refused = await world.manager.click(result.response, label=label)
        assert "You need the right Manage Channels in #papers" in text_of(refused)
    assert (await only(store)).options == Options()


async def test_an_empty_answer_of_arxiv_is_not_the_last_word(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword="quantum gravity")
    assert "arXiv has none yet" in text_of(result)
    assert (await only(store)).since == PaperId("2607.00030"), "the highest that arXiv has on any topic"


async def test_undo_ends_a_new_subscription_also_after_a_restart(
    world: World, store: Store, make_bot: MakeBot
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, backfill=5)
    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label="Undo")
    assert "Unsubscribed" in text_of(result)
    assert buttons_of(result) == {}
    assert await store.subscriptions.all() == []
    assert await store.outbox.depth() == 0


async def test_digest_instead_changes_the_delivery_and_can_still_be_undone(
    world: World, store: Store, make_bot: MakeBot, clock: Clock
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label="Digest instead")
    assert (await only(store)).options.deliver is Deliver.DIGEST
    assert "`/digest schedule`" in text_of(result)
    assert "**30** older papers will not be posted" in text_of(result)
    assert buttons_of(result) == {"Undo": True, "Digest instead": False}
    await world.manager.click(result.response, label="Undo")
    assert await store.subscriptions.all() == []


async def test_with_a_schedule_the_next_digest_is_named(world: World, store: Store, clock: Clock) -> None:
    place = await store.destinations.ensure(world.guild.id, world.papers.id, 0, clock())
    await store.destinations.schedule(place.id, Schedule(9, "Europe/Berlin"), clock())
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, deliver="digest")
    assert "The next one is due <t:" in text_of(result)


async def test_a_button_of_a_subscription_that_ended_says_so(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await store.subscriptions.remove((await only(store)).id)
    refused = await world.manager.click(result.response, label="Digest instead")
    assert "has ended already" in text_of(refused)


@pytest.mark.parametrize(
    "fault",
    [faults.status(503), faults.rate_exceeded(), faults.reset(), faults.web_page()],
    ids=["503", "429", "reset", "web page"],
)
async def test_without_arxiv_it_is_saved_and_the_first_poll_is_the_baseline(
    world: World, arxiv: FakeArxiv, store: Store, fault: faults.Fault
) -> None:
    arxiv.always = fault
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, backfill=1)
    assert "the first poll will take note of" in text_of(result)
    assert "None can be posted at once" in text_of(result)
    assert buttons_of(result) == {"Undo": True, "Digest instead": True}
    assert (await only(store)).since is None


async def test_a_query_that_arxiv_refuses_is_not_saved(world: World, arxiv: FakeArxiv, store: Store) -> None:
    arxiv.serve(faults.error_feed("Invalid query string: 'x'", anchor="x"), code=400)
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    assert "arXiv refuses this query" in text_of(result)
    assert await store.subscriptions.all() == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"keyword": "ti:(vision"}, "ti:(vision\n   ^"),
        ({"keyword": "the of"}, "leaves out of its index"),
        ({"keyword": "x" * 501}, "at most 500"),
        ({"keyword": KEYWORD, "categories": "cs.CL,cs.XX"}, "“cs.XX” is not a category of arXiv"),
    ],
)
async def test_what_cannot_be_subscribed_is_a_sentence_and_costs_nothing(
    world: World, arxiv: FakeArxiv, store: Store, options: dict[str, str], sentence: str
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", **options)
    assert result.ephemeral
    assert sentence in text_of(result)
    assert await store.subscriptions.all() == []
    assert not arxiv.requests


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
    assert "You need the right Manage Channels in #papers" in text_of(refused)
    assert (await only(store)).destination.channel_id == hers.id

    await world.manager.slash(world.papers, "subscribe", keyword="TTS")
    refused = await ann.slash(hers, "unsubscribe", subscription="TTS")
    assert "Manage Channels in #papers" in text_of(refused)
    assert len(await store.subscriptions.all()) == 2
    offered = await ann.autocomplete(hers, "unsubscribe", "subscription", "")
    assert [choice["name"] for choice in offered] == ["speech synthesis · #hers"]


async def test_whom_an_administrator_let_through_is_still_checked(world: World, store: Store) -> None:
    command = world.env.backend.find_command("subscribe", None)
    assert command is not None
    world.guild.set_command_permissions(int(command["id"]), {world.member: True})
    refused = await world.member.slash(world.papers, "subscribe", keyword=KEYWORD)
    assert "You need the right Manage Channels in #papers" in text_of(refused)
    assert await store.subscriptions.all() == []


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        ({"view_channel": False}, "I lack View Channel there (and need Send Messages and Embed Links)"),
        ({"send_messages": False}, "I lack Send Messages there (and need Embed Links)"),
        ({"embed_links": False}, "I lack Embed Links there."),
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
    assert "I may not mention @Readers" in text_of(result)
    everyone = await world.manager.slash(
        quiet, "subscribe", keyword=KEYWORD, mention=world.guild.default_role
    )
    assert "Everyone cannot be mentioned" in text_of(everyone)
    assert await store.subscriptions.all() == []
    assert "Subscribed" in text_of(
        await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, mention=role)
    )


async def test_channels_that_papers_cannot_go_to(world: World, store: Store) -> None:
    voice = world.guild.create_voice_channel("talk")
    refused = await world.manager.slash(voice, "subscribe", keyword=KEYWORD)
    assert "Papers cannot be posted in a channel of that kind" in text_of(refused)
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
        assert "Changed" in text_of(again)
    else:
        target = getattr(world.guild, f"create_{kind}_channel")("there")
        result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, channel=target)
    assert "Subscribed" in text_of(result)
    assert (await only(store)).destination.channel_id == target.id


async def test_a_paused_channel_is_resumed_when_the_right_is_back(
    world: World, store: Store, clock: Clock
) -> None:
    place = await store.destinations.ensure(world.guild.id, world.papers.id, 0, clock())
    await store.destinations.pause(place.id, "Missing Embed Links")
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    found = await store.destinations.get(place.id)
    assert found is not None
    assert found.state is State.ACTIVE


async def test_a_server_has_so_many_subscriptions(world: World, settings: Any, store: Store) -> None:
    object.__setattr__(settings.limits, "subscriptions_per_server", 2)
    await world.manager.slash(world.papers, "subscribe", keyword="one")
    await world.manager.slash(world.papers, "subscribe", keyword="two")
    refused = await world.manager.slash(world.papers, "subscribe", keyword="three")
    assert "This server has 2 subscriptions, and at most 2 are allowed" in text_of(refused)
    edited = await world.manager.slash(world.papers, "subscribe", keyword="two", deliver="both")
    assert "Changed" in text_of(edited)
    assert len(await store.subscriptions.all()) == 2


async def test_a_person_subscribes_in_direct_messages(env: Env, store: Store, settings: Any) -> None:
    object.__setattr__(settings.limits, "subscriptions_per_person", 1)
    ann = env.create_user("ann")
    result = await ann.slash("subscribe", keyword=KEYWORD)
    assert "In this conversation" in text_of(result)
    subscription = await only(store)
    assert subscription.destination.guild_id == 0
    assert subscription.destination.user_id == ann.id
    assert subscription.destination.channel_id == ann.dm_channel.id
    assert "You have 1 subscriptions" in text_of(await ann.slash("subscribe", keyword="TTS"))
    assert "speech synthesis" in text_of(await ann.slash("subscriptions"))
    assert [choice["value"] for choice in await ann.autocomplete("unsubscribe", "subscription", "sp")] == [
        str(subscription.id)
    ]
    assert "Unsubscribed" in text_of(await ann.slash("unsubscribe", subscription="speech synthesis"))
    assert await store.subscriptions.all() == []


async def test_unsubscribe_takes_the_picked_one_or_what_was_typed(world: World, store: Store) -> None:
    for keyword in ("one", "two", "three words here"):
        await world.manager.slash(world.papers, "subscribe", keyword=keyword)
    offered = await world.manager.autocomplete(world.papers, "unsubscribe", "subscription", "TW")
    assert [choice["name"] for choice in offered] == ["two · #papers"]
    picked = await world.manager.slash(world.papers, "unsubscribe", subscription=offered[0]["value"])
    assert picked.ephemeral
    assert "No more papers on “two” in <#" in text_of(picked)
    await world.manager.slash(world.papers, "unsubscribe", subscription="Three words")
    assert (await only(store)).keyword == "one"
    refused = await world.manager.slash(world.papers, "unsubscribe", subscription="four")
    assert "no subscription to “four”" in text_of(refused)


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


async def test_categories_are_completed_one_after_the_other(world: World) -> None:
    offered = await world.manager.autocomplete(
        world.papers, "subscribe", "categories", "cs.CL, cs.S", keyword="x"
    )
    assert {"name": "cs.CL,cs.SD · Sound", "value": "cs.CL,cs.SD"} in offered
    assert all(len(choice["value"]) <= 100 and len(choice["name"]) <= 100 for choice in offered)


async def test_subscriptions_are_listed_by_channel_in_pages(world: World, make_bot: MakeBot) -> None:
    other = world.guild.create_text_channel("other")
    for number in range(12):
        await world.manager.slash(world.papers, "subscribe", keyword=f"keyword{number:02}")
    await world.manager.slash(world.papers, "subscribe", keyword="elsewhere", channel=other, deliver="both")
    result = await world.member.slash(world.papers, "subscriptions")
    assert result.ephemeral
    assert "13 subscriptions" in text_of(result)
    assert "keyword09" in text_of(result)
    assert "keyword10" not in text_of(result)
    await world.env.restart_bot(make_bot())
    await world.member.click(result.response, label="▶")
    text = text_of(result)
    assert "keyword11" in text
    assert f"**<#{other.id}>**\n• **elsewhere** – as soon as arXiv announces them, and once more" in text
    one = await world.member.slash(world.papers, "subscriptions", channel=other)
    assert "1 subscription\n" in text_of(one)
    assert buttons_of(one) == {}


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


@pytest.mark.skipif(not SHARED.is_dir(), reason="Discord's own description is not here")
async def test_every_request_is_as_discord_describes_it(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish([make_paper(90, title="**nasty** [$\\alpha$](x) @everyone" * 9)])
    result = await world.manager.slash(
        world.papers, "subscribe", keyword=KEYWORD, deliver="both", categories="cs.CL,cs.SD", backfill=2
    )
    await world.manager.click(result.response, label="Digest instead")
    for number in range(12):
        await world.manager.slash(world.papers, "subscribe", keyword=f"keyword{number}")
    listed = await world.manager.slash(world.papers, "subscriptions")
    await world.manager.click(listed.response, label="▶")
    await world.manager.autocomplete(world.papers, "unsubscribe", "subscription", "")
    await world.manager.slash(world.papers, "unsubscribe", subscription="keyword3")
    for request in world.env.http_requests:
        valid_request(request.method, request.path, request.json)


async def test_keywords_are_completed_from_what_is_subscribed_and_from_categories(world: World) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword="machine translation")
    offered = await world.manager.autocomplete(world.papers, "subscribe", "keyword", "machine")
    assert offered[0] == {"name": "machine translation", "value": "machine translation"}
    assert {"name": "cat:cs.LG · Machine Learning", "value": "cat:cs.LG"} in offered
    assert all(len(choice["value"]) <= 100 and len(choice["name"]) <= 100 for choice in offered)


async def test_the_digest_is_suggested_where_more_than_the_cap_is_expected(
    world: World, store: Store, arxiv: FakeArxiv, clock: Clock
) -> None:
    await world.manager.slash(world.papers, "channel", cap=1)
    many = make_papers(90, first=1000)
    arxiv.publish(
        [replace(paper, published=clock() - timedelta(hours=8 * n)) for n, paper in enumerate(many)]
    )
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    assert "That is more than the one paper a day" in text_of(result)
    await world.manager.click(result.response, label="Digest instead")
    assert "That is more than" not in text_of(result)
    assert (await only(store)).options.deliver is Deliver.DIGEST
