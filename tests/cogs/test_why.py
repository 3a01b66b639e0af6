from __future__ import annotations

from datetime import timedelta

import discord
import pytest
from simcord.env import Env

from bot.model.interests import Verdict
from bot.model.outbox import PaperMark
from bot.model.outcomes import Fail, Later, Pause, Sent
from bot.model.papers import Match
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Options, Place
from bot.query.query import parse
from bot.rules.choice import Choice
from bot.rules.pace import Pace
from bot.store import Store
from bot.store.queries import ensure
from tests.conftest import World, text_of
from tests.fakes import arxiv as faults
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper
from tests.looks import look_at
from tests.openapi import valid_request
from tests.shared import SHARED

SPEECH = 'ti:"speech synthesi" OR abs:"speech synthesi"'


async def poll(
    store: Store, clock: Clock, *numbers: int, query: str | None = None, **changes: object
) -> None:
    """Record papers as a poll of the only query that there is would, or of *query*, which others want."""
    if query is not None:
        async with store.database.write() as connection:
            await ensure(connection, [query])
    papers = [make_paper(number, **changes) for number in numbers]
    [known] = await store.queries.active() if query is None else [None]
    canonical = known.canonical if known else query
    matches = [Match(canonical, paper.id, ("speech synthesis",)) for paper in papers]
    await store.record(papers, matches, clock(), asked=[canonical])


async def settle_first(store: Store, clock: Clock, outcome: Sent | Later | Fail | Pause) -> None:
    [head] = await store.outbox.heads(clock(), 1)
    row = await store.outbox.claim(head, clock())
    assert row is not None
    await store.settle(row, outcome, clock())


async def why(world: World, paper: str = "2607.00100", **options: object) -> str:
    result = await world.member.slash(world.papers, "why", paper=paper, **options)
    assert result.ephemeral
    return text_of(result)


async def subscribed(world: World, keyword: str = "speech synthesis", **options: object) -> None:
    await world.manager.slash(world.papers, "subscribe", keyword=keyword, **options)


async def test_a_posted_paper_is_linked_with_the_words_that_matched(
    world: World, store: Store, clock: Clock, arxiv: FakeArxiv
) -> None:
    await subscribed(world)
    asked = len(arxiv.requests)
    await poll(store, clock, 100)
    await settle_first(store, clock, Sent(4711))
    text = await why(world)
    assert f"https://discord.com/channels/{world.guild.id}/{world.papers.id}/4711" in text
    assert "✓ **speech synthesis** matches." in text
    assert "> title: **Speech synthesis** with model 100" in text
    assert "> abstract: We study **speech synthesis** and present model number 100." in text
    assert "first fetched" in text
    assert len(arxiv.requests) == asked


@pytest.mark.parametrize("typed", ["https://arxiv.org/abs/hep-th/9901001v2", "hep-th/9901001"])
async def test_old_papers_are_explained_by_link_or_identifier(
    world: World, arxiv: FakeArxiv, typed: str
) -> None:
    await subscribed(world)
    arxiv.publish([make_paper(1, id="hep-th/9901001", title="Old speech synthesis")])
    text = await why(world, typed)
    assert "Old **speech synthesis**" in text
    assert "not found by any poll" in text
    assert "announced before" in text


async def test_what_is_still_queued_says_how_often_it_was_tried(
    world: World, store: Store, clock: Clock
) -> None:
    await subscribed(world)
    await poll(store, clock, 100)
    assert "Waiting in the channel's queue." in await why(world)
    await settle_first(
        store, clock, Later(timedelta(minutes=5), Reason(ReasonCode.DISCORD_ERROR, status=503))
    )
    text = await why(world)
    assert "Not posted yet after 1 attempt; the next is due" in text
    assert "Discord responded with HTTP 503" in text


async def test_a_refusal_and_a_pause_are_told_in_words(world: World, store: Store, clock: Clock) -> None:
    await subscribed(world)
    await poll(store, clock, 100, 101)
    await settle_first(store, clock, Fail(Reason(ReasonCode.DISCORD_ERROR, status=400)))
    await settle_first(store, clock, Pause(Reason(ReasonCode.THREAD_LOCKED)))
    assert "Refused by Discord" in await why(world)
    text = await why(world, "2607.00101")
    assert "Not posted yet" in text
    assert "This channel has been paused since" in text
    assert "The thread is locked." in text


async def test_what_was_announced_before_is_said_to_be(world: World) -> None:
    await subscribed(world)
    text = await why(world, "2607.00007")
    assert (
        "announced before the subscription was added: only papers numbered above 2607.00030 are new" in text
    )


async def test_a_keyword_made_later_matches_and_posts_nothing_again(
    world: World, store: Store, clock: Clock
) -> None:
    await subscribed(world)
    await poll(store, clock, 100)
    await settle_first(store, clock, Sent(4711))
    clock.advance(timedelta(hours=1))
    await subscribed(world, "model number")
    text = await why(world)
    assert "✓ **speech synthesis** matches." in text
    assert "✓ **model number** matches. But the subscription was added later" in text


async def test_a_paper_that_no_poll_brought_is_looked_up_and_compared(world: World, arxiv: FakeArxiv) -> None:
    await subscribed(world, "cat:cs.CL AND ti:speech")
    arxiv.publish([make_paper(200, title="Parsing trees", abstract="Nothing else.")])
    text = await why(world, "2607.00200")
    assert "not found by any poll" in text
    assert "✗ **cat:cs.CL AND ti:speech** does not match. The paper matches `cat:cs.CL`." in text


async def test_what_only_another_server_has_found_is_looked_up_like_any_other_paper(
    world: World, store: Store, clock: Clock, arxiv: FakeArxiv
) -> None:
    await subscribed(world, "cat:math.GT")
    arxiv.publish([make_paper(200)])
    unknown = await why(world, "2607.00200")
    elsewhere = world.env.create_guild("Elsewhere")
    await store.subscriptions.subscribe(
        place=Place(elsewhere.id, elsewhere.create_text_channel("papers").id),
        keyword="speech synthesis",
        query=SPEECH,
        options=Options(),
        created_by=1,
        now=clock(),
        look=look_at([]),
    )
    await poll(store, clock, 200, query=SPEECH)
    clock.advance(timedelta(minutes=5))
    before = len(arxiv.requests)
    assert await why(world, "2607.00200") == unknown
    assert len(arxiv.requests) == before + 1
    clock.advance(timedelta(minutes=5))
    arxiv.always = faults.status(503)
    refusal = (await why(world, "2607.00200")).replace("2607.00200", "…")
    assert refusal == (await why(world, "2607.00201")).replace("2607.00201", "…")


async def test_who_subscribes_later_is_not_told_since_when_others_have_the_paper(
    world: World, store: Store, clock: Clock
) -> None:
    await poll(store, clock, 100, query=parse("speech synthesis").canonical)
    clock.advance(timedelta(days=3))
    await subscribed(world)
    later = discord.utils.format_dt(clock())
    assert f"first fetched {later}" in await why(world)


async def test_one_that_the_next_poll_will_bring_says_so(world: World, arxiv: FakeArxiv) -> None:
    await subscribed(world)
    arxiv.publish([make_paper(200)])
    assert "The paper is new: the next poll that finds it will post it." in await why(world, "2607.00200")


async def test_an_arxiv_that_is_down_is_admitted(world: World, arxiv: FakeArxiv) -> None:
    await subscribed(world)
    arxiv.always = faults.status(503)
    text = await why(world, "2607.00200")
    assert "No poll has found 2607.00200" in text
    assert "because arXiv is not responding" in text


async def test_what_arxiv_does_not_know_and_what_is_no_identifier(world: World, arxiv: FakeArxiv) -> None:
    assert "arXiv has no such paper" in await why(world, "2607.99999")
    asked = len(arxiv.requests)
    assert "is not an arXiv identifier" in await why(world, "cats")
    assert "there is no month 99." in await why(world, "9999.12345")
    assert len(arxiv.requests) == asked


async def test_asking_arxiv_is_counted(world: World, clock: Clock) -> None:
    for number in range(6):
        await why(world, f"2607.0000{number + 1}")
    assert "try again in 60 seconds" in await why(world, "2607.00008")
    clock.advance(timedelta(minutes=1))
    assert "There are no subscriptions in this server" in await why(world, "2607.00008")


async def test_only_channels_that_one_sees_are_told_of(world: World, store: Store, clock: Clock) -> None:
    hidden = world.guild.create_text_channel(
        "hidden", overwrites={world.guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    )
    for channel, keyword in ((world.papers, "speech synthesis"), (hidden, "speech synthesis")):
        await store.subscriptions.subscribe(
            place=Place(world.guild.id, channel.id),
            keyword=keyword,
            query=SPEECH,
            options=Options(),
            created_by=1,
            now=clock(),
            look=look_at([make_paper(1)]),
        )
    await poll(store, clock, 100, query=SPEECH)
    text = await why(world)
    assert f"<#{world.papers.id}>" in text
    assert str(hidden.id) not in text


async def test_a_channel_can_be_named(world: World, store: Store, clock: Clock, arxiv: FakeArxiv) -> None:
    other = world.guild.create_text_channel("other")
    arxiv.publish([make_paper(100)])
    await subscribed(world)
    await poll(store, clock, 100)
    assert f"There are no subscriptions in <#{other.id}>" in await why(world, channel=other)
    assert f"<#{world.papers.id}>" in await why(world, channel=world.papers)


async def test_the_post_in_a_forum_is_linked_as_the_thread_that_it_is(
    world: World, store: Store, clock: Clock
) -> None:
    forum = world.guild.create_forum_channel("papers-forum")
    await world.manager.slash(world.papers, "subscribe", keyword="speech synthesis", channel=forum)
    await poll(store, clock, 100)
    await settle_first(store, clock, Sent(4711))
    assert f"(https://discord.com/channels/{world.guild.id}/4711)" in await why(world)


async def test_the_digest_that_it_waits_for_is_named(world: World, store: Store, clock: Clock) -> None:
    await subscribed(world, deliver="digest")
    await poll(store, clock, 100)
    assert "Collected for a digest, but no digest is scheduled here." in await why(world)
    await world.manager.slash(world.papers, "digest schedule", hour=9, zone="UTC")
    assert "Waiting for the digest that is due <t:" in await why(world)


@pytest.mark.parametrize("digest", [True, False])
async def test_a_paper_that_is_not_among_the_best_says_so_and_where_it_is(
    world: World, store: Store, clock: Clock, digest: bool
) -> None:
    """One that is closer, but came when the places were taken, says that, too."""
    await subscribed(world)
    await world.manager.slash(world.papers, "channel", live="best", best=2)
    if digest:
        await world.manager.slash(world.papers, "digest schedule", hour=9, zone="UTC")
    [place] = await store.destinations.of_guild(world.guild.id)
    [known] = await store.queries.active()
    papers = [make_paper(number) for number in (100, 101, 102, 103)]
    for piece in (papers[:3], papers[3:]):
        scores = {place.id: {one.id: one.id.number / 200 for one in piece}}
        marks = {(place.id, one.id): PaperMark() for one in piece[-2:]}
        matches = [Match(known.canonical, one.id, ("speech",)) for one in piece]
        choice = Choice(marks, since=clock() - timedelta(hours=1), scores=scores)
        await store.record(piece, matches, clock(), pace=Pace(choice=choice))
    where = "Waiting for the digest that is due <t:" if digest else "Waiting for the list of the day."
    text = await why(world)
    assert f"It was not among the day's 2 best papers here. {where}" in text
    assert "number 4 of the day's 4 papers here." in text
    assert "too many" not in text
    late = await why(world, "2607.00103")
    assert f"It was not among the day's 2 best papers here. {where}" in late
    assert (
        "number 1 of the day's 4 papers here. When it came, the day's best had already been chosen." in late
    )
    posted = await why(world, "2607.00102")
    assert "not among" not in posted
    assert "already been chosen" not in posted


async def test_in_direct_messages_it_is_about_oneself(
    env: Env, store: Store, clock: Clock, arxiv: FakeArxiv
) -> None:
    ann, bob = env.create_user("ann"), env.create_user("bob")
    await ann.slash("subscribe", keyword="speech synthesis")
    await poll(store, clock, 100)
    await settle_first(store, clock, Sent(4711))
    text = text_of(await ann.slash("why", paper="2607.00100"))
    assert "This conversation" in text
    assert "https://discord.com/channels/@me/" in text
    arxiv.publish([make_paper(100)])
    assert "There are no subscriptions in this conversation" in text_of(
        await bob.slash("why", paper="2607.00100")
    )


async def test_it_is_for_servers_and_direct_messages(env: Env) -> None:
    command = env.backend.find_command("why", None)
    assert command is not None
    assert (command["integration_types"], command["contexts"]) == ([0], [0, 1])
    assert command["default_member_permissions"] is None


@pytest.mark.skipif(not SHARED.is_dir(), reason="Discord's own description is not here")
async def test_every_request_is_as_discord_describes_it(
    world: World, store: Store, clock: Clock, arxiv: FakeArxiv
) -> None:
    for keyword in ["abs:everyone", *(f"ti:model OR all:{'x' * 300}{n}" for n in range(12))]:
        await subscribed(world, keyword)
    nasty = {"title": "**model** [$\\alpha$](x) " * 30, "abstract": "@everyone _x_ " * 300}
    paper = make_paper(100, **nasty)
    queries = await store.queries.active()
    matches = [Match(query.canonical, paper.id, ("model",)) for query in queries]
    await store.record([paper], matches, clock())
    text = await why(world)
    assert "@everyone" not in text
    for request in world.env.http_requests:
        valid_request(request.method, request.path, request.json)


async def test_it_says_how_close_the_paper_is_to_what_is_saved(
    world: World, store: Store, clock: Clock, arxiv: FakeArxiv
) -> None:
    await subscribed(world)
    [place] = await store.destinations.of_guild(world.guild.id)
    liked = [make_paper(number) for number in (1, 2, 3)]
    await store.feedback.give(place.id, liked, Verdict.MORE, clock())
    paper = make_paper(100)
    [known] = await store.queries.active()
    further = make_paper(101)
    mark = PaperMark(star=True, terms=("speech synthesis",))
    scores = {place.id: {paper.id: 0.5, further.id: 0.4}}
    pace = Pace(choice=Choice({(place.id, paper.id): mark}, scores=scores))
    matches = [Match(known.canonical, one.id, ("speech",)) for one in (paper, further)]
    await store.record([paper, further], matches, clock(), pace=pace)
    text = await why(world)
    assert "★ By closeness, number 1 of the day's 2 papers here." in text
    assert "It shares with what is saved here: speech synthesis." in text
    assert "Nearest saved paper: " in text
    assert "https://arxiv.org/abs/2607.0000" in text
