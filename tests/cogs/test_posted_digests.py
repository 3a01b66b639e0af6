"""What people do with a digest that was posted: turn its pages, open and save its papers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.model.outbox import DigestPage, Kind
from bot.model.papers import Match
from bot.model.subscriptions import Options
from bot.present.paging import issue_prefix, under_page
from bot.query.query import parse
from bot.rules.pace import Pace
from bot.store import Store
from tests.cogs.digest_cases import KEYWORD, announced, subscribed
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes.clock import Clock
from tests.fakes.papers import make_papers
from tests.store.store_cases import prune


async def posted(world: World, store: Store, clock: Clock, count: int) -> Any:
    """Let a digest of so many papers be posted, and return its message."""
    await subscribed(world, store, clock)
    await announced(store, clock, make_papers(count))
    await world.manager.slash(world.papers, "digest schedule", hour=9, zone="UTC", file=True)
    clock.advance(timedelta(hours=2))
    world.bot.jobs["digest"].wake()
    await world.env.settle()
    [post] = [message for message in world.papers.history() if not message.flags.ephemeral]
    return post


async def test_a_posted_digest_is_turned_for_whoever_clicks_also_after_a_restart(
    world: World, store: Store, clock: Clock, make_bot: MakeBot
) -> None:
    post = await posted(world, store, clock, 45)
    assert "page 1 of 3" in text_of(post)
    *menus, row = post.components
    assert len(menus) == 2
    assert [button.disabled for button in row.children] == [True, True, False]
    [file] = post.attachments
    assert (await file.read()).decode().count("| **[") == 45
    await world.env.restart_bot(make_bot())
    turned = await world.member.click(post, label="▶")
    assert turned.ephemeral
    assert "page 2 of 3" in text_of(turned)
    assert "2607.00020" in text_of(turned)
    await world.member.click(turned.response, label="▶")
    assert "page 3 of 3" in text_of(turned)
    assert buttons_of(turned) == {"◀": True, "3 of 3": False, "▶": False}
    [post] = [message for message in world.papers.history() if not message.flags.ephemeral]
    assert "page 1 of 3" in text_of(post), "what others read has changed"


async def test_pages_that_have_been_forgotten_are_missed_in_a_sentence(
    world: World, store: Store, clock: Clock
) -> None:
    post = await posted(world, store, clock, 45)
    clock.advance(timedelta(days=366))
    await prune(store, clock())
    refused = await world.member.click(post, label="▶")
    assert refused.ephemeral
    assert "The pages of that digest are no longer stored" in text_of(refused)


async def test_the_pages_of_another_channel_are_not_shown(world: World, store: Store, clock: Clock) -> None:
    """Discord takes no click on a button that is not there; should it ever, the button tells nothing."""
    post = await posted(world, store, clock, 45)
    other = world.guild.create_text_channel("other")
    day = clock().date()
    prefix = issue_prefix(world.papers.id, Kind.DIGEST, day)
    view = under_page(prefix, Kind.DIGEST, DigestPage(day, 1, 3, 0, ()), {})
    message = await world.env.bot.get_channel(other.id).send("not ours", view=view)
    refused = await world.member.click(message, label="▶")
    assert "belongs to a channel that you cannot see" in text_of(refused)
    assert "page 2 of 3" in text_of(await world.member.click(post, label="▶"))


async def test_a_list_of_what_was_too_much_is_turned_too(world: World, store: Store, clock: Clock) -> None:
    subscription = await subscribed(world, store, clock, options=Options())
    papers = make_papers(40)
    canonical = parse(KEYWORD).canonical
    await store.record(papers, [Match(canonical, paper.id) for paper in papers], clock(), pace=Pace(cap=0))
    clock.advance(timedelta(hours=2))
    await store.destinations.resume(subscription.destination.id, clock())
    world.bot.jobs["digest"].wake()
    await world.env.settle()
    [post] = world.papers.history()
    assert "40 more papers" in text_of(post)
    assert "page 1 of 2" in text_of(post)
    turned = await world.member.click(post, label="▶")
    assert turned.ephemeral
    assert "40 more papers" in text_of(turned)
    assert "page 2 of 2" in text_of(turned)


async def test_the_papers_of_a_digest_are_opened_and_saved_from_its_menus(
    world: World, store: Store, clock: Clock, make_bot: MakeBot
) -> None:
    post = await posted(world, store, clock, 3)
    assert post.content == "**3 new papers, 24 July**"
    await world.env.restart_bot(make_bot())
    opened = await world.member.select(post, ["2607.00002"], custom_id="papers:open-here:0")
    assert opened.ephemeral
    assert "present model number 2" in text_of(opened)
    assert list(buttons_of(opened)) == ["Save", "Discuss", "Cite", "More like this", "Less like this"]
    saved = await world.member.select(post, ["2607.00001", "2607.00003"], custom_id="papers:save-some:0")
    assert saved.ephemeral
    assert "Saved to your reading list" in text_of(saved)
    assert await store.library.count(world.member.id) == 2
    alone = await world.member.select(post, ["2607.00002"], custom_id="papers:save-some:0")
    assert "★ Saved: **[Speech synthesis with model 2]" in text_of(alone)
    await world.member.click(alone.response, label="Take back")
    assert await store.library.count(world.member.id) == 2
