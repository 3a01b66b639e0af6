"""`/subscribe`: what is saved, told, refused, and undone by its buttons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest

from bot.model.papers import PaperId
from bot.model.subscriptions import Deliver, Options, Place, Schedule
from bot.query.query import parse
from bot.store import Store
from tests.conftest import MakeBot, World, buttons_of, only, text_of
from tests.fakes import arxiv as faults
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_papers
from tests.store.store_cases import UNDO

KEYWORD = "speech synthesis"
CALM = {"Undo": True, "Digest instead": True, "Query": True}


async def test_subscribe_saves_and_says_what_the_contract_promises(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=" Speech   synthesis")
    assert result.ephemeral
    text = text_of(result)
    assert "Subscribed to “Speech synthesis”" in text
    assert "New papers with this phrase in the title or abstract arrive here as soon as" in text
    assert "**About one a day.** The 30 older ones are not posted." in text
    assert text.count("https://arxiv.org/abs/2607.") == 3
    assert 'ti:"speech synthesis" OR abs:"speech synthesis"' in text
    assert buttons_of(result) == CALM

    subscription = await only(store)
    assert subscription.keyword == "Speech synthesis"
    assert subscription.query == parse(KEYWORD).canonical
    assert subscription.options == Options()
    assert subscription.since == PaperId("2607.00030")
    assert subscription.created_by == world.manager.id
    assert subscription.destination.guild_id == world.guild.id
    assert subscription.destination.channel_id == world.papers.id
    assert await store.outbox.depth() == 0


async def test_the_query_is_shown_to_whoever_asks_also_after_a_restart(
    world: World, make_bot: MakeBot
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await world.env.restart_bot(make_bot())
    shown = await world.manager.click(result.response, label="Query")
    assert shown.ephemeral
    assert "“speech synthesis” as a phrase in the title or the abstract" in text_of(shown)
    assert '```\nti:"speech synthesis" OR abs:"speech synthesis"\n```' in text_of(shown)
    assert buttons_of(result) == CALM


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
    assert "The 3 newest papers are being posted now. The 27 older ones are not posted." in text_of(result)
    assert await store.outbox.depth() + len(posts(world)) == 3


def posts(world: World) -> list[discord.Message]:
    return [message for message in world.papers.history() if not message.flags.ephemeral]


async def test_samples_and_pace_follow_the_chosen_categories(world: World, arxiv: FakeArxiv) -> None:
    arxiv.publish(make_papers(10, first=50, categories=("math.AG", "cs.CL"), primary_category="math.AG"))
    result = await world.manager.slash(
        world.papers, "subscribe", keyword=KEYWORD, categories="math", backfill=10
    )
    assert "The 30 older ones, in all categories, are not posted" in text_of(result)
    assert "2607.00059" in text_of(result)


async def test_repeating_a_keyword_edits_it_and_undo_restores_it(world: World, store: Store) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, categories="cs.CL,astro-ph.CO")
    first = await only(store)
    result = await world.manager.slash(
        world.papers, "subscribe", keyword="SPEECH synthesis", deliver="digest", revisions=True
    )
    assert "Updated the subscription to “SPEECH synthesis”" in text_of(result)
    assert "Previously" in text_of(result)
    changed = await only(store)
    assert (changed.id, changed.since) == (first.id, first.since)
    assert changed.options == Options(Deliver.DIGEST, revisions=True)

    await world.manager.click(result.response, label="Undo")
    assert (await only(store)).options == first.options
    assert "has been restored" in text_of(result)


async def test_what_is_too_much_for_a_button_cannot_be_undone_and_is_told(world: World, store: Store) -> None:
    many = "astro-ph.CO,astro-ph.EP,astro-ph.GA,astro-ph.HE,astro-ph.IM,astro-ph.SR,cond-mat.quant-gas"
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, categories=many)
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    assert buttons_of(result) == {"Digest instead": True, "Query": True}
    assert "Previously" in text_of(result)


async def test_an_empty_answer_of_arxiv_is_not_the_last_word(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword="quantum gravity")
    assert "arXiv has no matching papers yet" in text_of(result)
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


async def test_what_a_button_undid_is_remembered_by_the_clock_of_the_bot(
    world: World, store: Store, clock: Clock
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    number = (await only(store)).id
    await world.manager.click(result.response, label="Undo")
    later = clock.advance(UNDO)
    assert await store.subscriptions.restore(number, later, UNDO) is None


async def test_digest_instead_changes_the_delivery_and_can_still_be_undone(
    world: World, store: Store, make_bot: MakeBot, clock: Clock
) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await world.env.restart_bot(make_bot())
    await world.manager.click(result.response, label="Digest instead")
    assert (await only(store)).options.deliver is Deliver.DIGEST
    assert "`/digest schedule`" in text_of(result)
    assert "The 30 older ones are not posted" in text_of(result)
    assert buttons_of(result) == CALM | {"Digest instead": False}
    await world.manager.click(result.response, label="Undo")
    assert await store.subscriptions.all() == []


async def test_with_a_schedule_the_next_digest_is_named(world: World, store: Store, clock: Clock) -> None:
    place = await store.destinations.ensure(Place(world.guild.id, world.papers.id), clock())
    await store.destinations.schedule(place.id, Schedule(9, "Europe/Berlin"), clock())
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, deliver="digest")
    assert "The next digest is due <t:" in text_of(result)


async def test_a_button_of_a_subscription_that_ended_says_so(world: World, store: Store) -> None:
    result = await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    await store.subscriptions.remove((await only(store)).id, world.bot.clock())
    refused = await world.manager.click(result.response, label="Digest instead")
    assert "has already ended" in text_of(refused)


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
    assert "the first poll only records" in text_of(result)
    assert "Existing papers cannot be posted right now" in text_of(result)
    assert buttons_of(result) == CALM
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
        ({"keyword": "the of"}, "does not index"),
        ({"keyword": "x" * 501}, "at most 500"),
        ({"keyword": KEYWORD, "categories": "cs.CL,cs.XX"}, "“cs.XX” is not an arXiv category"),
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


async def test_a_server_has_so_many_subscriptions(world: World, settings: Any, store: Store) -> None:
    object.__setattr__(settings.limits, "subscriptions_per_server", 2)
    await world.manager.slash(world.papers, "subscribe", keyword="one")
    await world.manager.slash(world.papers, "subscribe", keyword="two")
    refused = await world.manager.slash(world.papers, "subscribe", keyword="three")
    assert "This server has 2 subscriptions, and at most 2 are allowed" in text_of(refused)
    edited = await world.manager.slash(world.papers, "subscribe", keyword="two", deliver="both")
    assert "Updated" in text_of(edited)
    assert len(await store.subscriptions.all()) == 2


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


async def test_what_a_second_channels_subscription_brings_the_first_keeps_to_the_cap_of_a_day(
    world: World, store: Store, settings: Any, arxiv: FakeArxiv, clock: Clock
) -> None:
    new = make_papers(5, first=5000)
    object.__setattr__(settings.delivery, "daily_cap", 2)
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD)
    arxiv.publish(new)
    clock.advance(timedelta(days=3))  # the answers of arXiv's last list are remembered
    other = world.guild.create_text_channel("other")
    await world.manager.slash(world.papers, "subscribe", keyword=KEYWORD, channel=other)
    await world.env.settle()
    assert [len(channel.history()) for channel in (world.papers, other)] == [2, 0]
    first, _ = await store.subscriptions.all()
    listed = await store.overflow.overflowed(first.destination.id, [paper.id for paper in new])
    assert len(listed) == 3
