"""`/digest`: what it shows, schedules and writes."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest
from simcord.env import Env

from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Options, Schedule, State
from bot.store import Store
from tests.cogs.digest_cases import KEYWORD, announced, subscribed, subscribed_twice
from tests.conftest import MakeBot, World, buttons_of, text_of
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper, make_papers
from tests.openapi import valid_request
from tests.shared import SHARED


async def test_show_holds_what_waits_for_the_digest(world: World, store: Store, clock: Clock) -> None:
    await subscribed(world, store, clock)
    await announced(store, clock, make_papers(3))
    result = await world.member.slash(world.papers, "digest show")
    assert result.ephemeral
    text = text_of(result)
    assert text.startswith("**3 new papers, 24 July**")
    assert "### speech synthesis" in text
    assert text.index("2607.00003") < text.index("2607.00001")
    assert "Save three papers and the closest come first" in text
    assert await store.outbox.depth() == 0
    assert result.response.attachments == []


@pytest.mark.parametrize("served", [True, False])
async def test_papers_can_be_discussed_where_the_channel_gets_them(
    world: World, store: Store, clock: Clock, served: bool
) -> None:
    await subscribed(world, store, clock)
    await announced(store, clock, make_papers(3))
    place = world.papers if served else world.guild.create_text_channel("elsewhere")
    result = await world.member.slash(place, "digest show", channel=world.papers)
    menu = result.response.components[0]["components"][0]
    assert ("discuss" in menu["placeholder"]) is served


async def test_show_has_the_file_that_the_digest_will_have(world: World, store: Store, clock: Clock) -> None:
    place = (await subscribed(world, store, clock)).destination
    await store.destinations.schedule(place.id, Schedule(9, "UTC", file=True), clock())
    await announced(store, clock, make_papers(3))
    result = await world.member.slash(world.papers, "digest show")
    (file,) = result.response.attachments
    assert file.filename == "digest-2026-07-24.md"
    markdown = (await file.read()).decode()
    assert markdown.startswith("## speech synthesis\n| **Title** |")
    assert all(f"2607.0000{number}v1" in markdown for number in (1, 2, 3))


async def test_show_names_the_other_keywords_of_a_paper_that_stands_once(
    world: World, store: Store, clock: Clock
) -> None:
    await subscribed_twice(world, store, clock)
    text = text_of(await world.member.slash(world.papers, "digest show"))
    assert "### speech synthesis · 3" in text
    assert "### TTS" not in text
    assert text.count("2607.00001") == 1
    assert text.count("also: TTS") == 1


async def test_show_turns_pages_also_after_a_restart(
    world: World, store: Store, clock: Clock, make_bot: MakeBot
) -> None:
    await subscribed(world, store, clock)
    await announced(store, clock, make_papers(45))
    result = await world.member.slash(world.papers, "digest show")
    assert "page 1 of 3" in text_of(result)
    await world.env.restart_bot(make_bot())
    await world.member.click(result.response, label="▶")
    assert "page 2 of 3" in text_of(result)
    assert "2607.00020" in text_of(result)
    await world.member.click(result.response, label="▶")
    assert "page 3 of 3" in text_of(result)


async def test_show_of_one_keyword(world: World, store: Store, clock: Clock) -> None:
    await subscribed(world, store, clock)
    await subscribed(world, store, clock, "graph transformers")
    await announced(store, clock, make_papers(2))
    await announced(store, clock, [make_paper(9, title="Graph transformers")], "graph transformers")
    offered = await world.member.autocomplete(world.papers, "digest show", "keyword", "graph")
    assert [choice["name"] for choice in offered] == ["graph transformers"]
    for keyword in (offered[0]["value"], "Graph  Transformers"):
        text = text_of(await world.member.slash(world.papers, "digest show", keyword=keyword))
        assert "2607.00009" in text
        assert "2607.00001" not in text


async def test_show_of_one_keyword_holds_also_what_another_one_names_first(
    world: World, store: Store, clock: Clock
) -> None:
    await subscribed_twice(world, store, clock)
    text = text_of(await world.member.slash(world.papers, "digest show", keyword="TTS"))
    assert "### TTS · 1" in text
    assert "2607.00001" in text
    assert "also: speech synthesis" in text
    assert "2607.00002" not in text


async def test_show_says_why_it_is_empty_and_what_comes(world: World, store: Store, clock: Clock) -> None:
    assert "There are no subscriptions in #papers yet" in text_of(
        await world.member.slash(world.papers, "digest show")
    )
    subscription = await subscribed(world, store, clock)
    assert "`/digest schedule`" in text_of(await world.member.slash(world.papers, "digest show"))
    await store.destinations.schedule(subscription.destination.id, Schedule(9, "UTC"), clock())
    assert "<t:" in text_of(await world.member.slash(world.papers, "digest show"))


async def test_markdown_is_a_file_of_the_newest_stored_papers(
    world: World, store: Store, clock: Clock
) -> None:
    await subscribed(world, store, clock, "TTS", Options())
    await subscribed(world, store, clock, options=Options(categories=("cs.CL",), cross_lists=False))
    await announced(store, clock, make_papers(3))
    foreign = make_paper(8, primary_category="math.AG", categories=("math.AG", "cs.CL"))
    await announced(store, clock, [foreign])
    result = await world.member.slash(world.papers, "digest markdown")
    assert not result.ephemeral
    (file,) = result.response.attachments
    assert file.filename == "papers-2026-07-24.md"
    text = (await file.read()).decode()
    assert text.startswith("# Daily Papers\n")
    assert "Last update: 2026-07-24\n" in text
    assert text.index("## TTS\n") < text.index("## speech synthesis\n")
    assert text.index("2607.00003v1") < text.index("2607.00001v1")
    assert "2607.00008" not in text


async def test_markdown_as_a_table_is_short_enough_for_an_issue(
    world: World, store: Store, clock: Clock
) -> None:
    await subscribed(world, store, clock)
    await announced(store, clock, make_papers(20))
    result = await world.member.slash(world.papers, "digest markdown", table=True)
    (file,) = result.response.attachments
    assert file.filename == "papers-2026-07-24-table.md"
    text = (await file.read()).decode()
    assert text.startswith("## speech synthesis\n| **Title** | **Date** | **Comment** |\n")
    assert len(text.splitlines()) == 3 + 15
    assert "<details>" not in text


async def test_markdown_of_one_keyword_of_another_channel(world: World, store: Store, clock: Clock) -> None:
    await subscribed(world, store, clock)
    await subscribed(world, store, clock, "TTS")
    await announced(store, clock, make_papers(1))
    other = world.guild.create_text_channel("other")
    offered = await world.member.autocomplete(other, "digest markdown", "keyword", "sp", channel=world.papers)
    assert [choice["name"] for choice in offered] == [KEYWORD]
    result = await world.member.slash(
        other, "digest markdown", channel=world.papers, keyword=offered[0]["value"]
    )
    text = (await result.response.attachments[0].read()).decode()
    assert "## speech synthesis" in text
    assert "## TTS" not in text
    assert result.ephemeral, "who reads here may not see the other channel"


@pytest.mark.parametrize("command", ["digest show", "digest markdown"])
async def test_without_subscriptions_the_way_to_one_is_told(world: World, command: str) -> None:
    result = await world.member.slash(world.papers, command)
    assert result.ephemeral
    assert "Use `/subscribe` with a keyword first" in text_of(result)


async def test_markdown_without_stored_papers_says_so(world: World, store: Store, clock: Clock) -> None:
    await subscribed(world, store, clock)
    result = await world.member.slash(world.papers, "digest markdown")
    assert "No paper on these keywords is stored yet" in text_of(result)


async def test_schedule_is_saved_and_names_the_next_digest(world: World, store: Store, clock: Clock) -> None:
    place = (await subscribed(world, store, clock)).destination
    await store.destinations.pause(place.id, Reason(ReasonCode.NOT_ALLOWED), clock())
    clock.advance(timedelta(minutes=1))
    result = await world.manager.slash(
        world.papers, "digest schedule", hour=9, zone="europe/berlin", days="mon,thu", quiet=True
    )
    assert result.ephemeral
    text = text_of(result)
    assert "on Monday and Thursday at 09:00, Europe/Berlin" in text
    assert "get a note" in text
    assert "<t:1785135600:F>" in text  # Monday 27 July 2026, 9:00 in Berlin
    assert "Nothing to collect yet" not in text
    destination = await store.destinations.by_channel(world.papers.id)
    assert destination is not None
    assert destination.schedule == Schedule(9, "Europe/Berlin", frozenset({0, 3}), quiet=True)
    assert destination.state is State.ACTIVE, "the bot may post there, as it has just checked"
    await world.env.settle()
    assert {world.bot.jobs[name].last_success for name in ("delivery", "digest")} == {clock()}


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ("mon", "The digest ends with what was saved most in the seven days before, as counts."),
        ("daily", "The first digest of each week ends with what was saved most in the seven days before"),
    ],
)
async def test_what_was_saved_most_comes_with_a_digest_where_asked(
    world: World, store: Store, clock: Clock, days: str, sentence: str
) -> None:
    await subscribed(world, store, clock)
    result = await world.manager.slash(
        world.papers, "digest schedule", hour=9, zone="UTC", days=days, top=True
    )
    assert sentence in text_of(result)
    assert sentence in text_of(await world.manager.slash(world.papers, "channel"))
    destination = await store.destinations.by_channel(world.papers.id)
    assert destination is not None
    assert destination.schedule is not None
    assert destination.schedule.top
    await announced(store, clock, make_papers(2))
    await store.library.save(101, make_papers(1), clock(), most=9, channel_id=world.papers.id)
    clock.advance(timedelta(days=2))
    shown = text_of(await world.member.slash(world.papers, "digest show"))
    assert "Saved most this week" in shown
    assert "★ 1" in shown


async def test_saves_are_counted_in_servers_only(env: Env, store: Store) -> None:
    ann = env.create_user("ann")
    refused = await ann.slash("digest schedule", hour=7, zone="UTC", top=True)
    assert "What was saved most is counted in servers only." in text_of(refused)
    assert await store.destinations.by_channel(ann.dm_channel.id) is None


async def test_schedule_without_anything_to_collect_says_what_to_do(world: World) -> None:
    result = await world.manager.slash(world.papers, "digest schedule", hour=0, zone="UTC")
    assert "every day at 00:00, UTC" in text_of(result)
    assert "Repeat `/subscribe` with `deliver: digest`" in text_of(result)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"zone": "Europe/Berln"}, "Did you mean `Europe/Berlin` (now "),
        ({"zone": "UTC", "days": "someday"}, "“someday” is not a day of the week"),
    ],
)
async def test_what_is_no_schedule_is_refused(
    world: World, store: Store, options: dict[str, str], sentence: str
) -> None:
    result = await world.manager.slash(world.papers, "digest schedule", hour=9, **options)
    assert result.ephemeral
    assert sentence in text_of(result)
    assert await store.destinations.by_channel(world.papers.id) is None


async def test_off_ends_it_and_keeps_what_waits(world: World, store: Store, clock: Clock) -> None:
    refused = await world.manager.slash(world.papers, "digest off")
    assert "No digest is scheduled in #papers" in text_of(refused)
    await subscribed(world, store, clock)
    await announced(store, clock, make_papers(2))
    await world.manager.slash(world.papers, "digest schedule", hour=9, zone="UTC")
    result = await world.manager.slash(world.papers, "digest off")
    assert "2 collected papers are kept until you schedule a digest again" in text_of(result)
    destination = await store.destinations.by_channel(world.papers.id)
    assert destination is not None
    assert destination.schedule is None


@pytest.mark.parametrize(("command", "options"), [("schedule", {"hour": 9, "zone": "UTC"}), ("off", {})])
async def test_members_may_look_but_not_schedule(
    world: World, store: Store, command: str, options: dict[str, object]
) -> None:
    refused = await world.member.slash(world.papers, f"digest {command}", **options)
    assert refused.ephemeral
    assert "You need the Manage Channels permission in #papers" in text_of(refused)
    assert await store.destinations.by_channel(world.papers.id) is None


async def test_a_channel_that_the_bot_cannot_post_in_gets_no_schedule(world: World, store: Store) -> None:
    closed = world.guild.create_text_channel(
        "closed", overwrites={world.env.bot.user: discord.PermissionOverwrite(embed_links=False)}
    )
    refused = await world.manager.slash(world.papers, "digest schedule", hour=9, zone="UTC", channel=closed)
    assert "I do not have the Embed Links permission" in text_of(refused)
    assert await store.destinations.by_channel(closed.id) is None


async def test_a_schedule_says_that_the_file_will_be_missing(world: World) -> None:
    sentence = "Each digest comes with a Markdown file of its papers."
    told = await world.manager.slash(world.papers, "digest schedule", hour=9, zone="UTC", file=True)
    assert sentence in text_of(told)
    assert "Attach Files" not in text_of(told)
    assert sentence in text_of(await world.manager.slash(world.papers, "channel"))
    bare = world.guild.create_text_channel(
        "bare", overwrites={world.env.bot.user: discord.PermissionOverwrite(attach_files=False)}
    )
    told = await world.manager.slash(world.papers, "digest schedule", hour=9, zone="UTC", channel=bare)
    assert "file" not in text_of(told)
    told = await world.manager.slash(
        world.papers, "digest schedule", hour=9, zone="UTC", file=True, channel=bare
    )
    assert "I need the Attach Files permission" in text_of(told)


async def test_a_digest_without_the_right_to_attach_files_is_shown_without_one(
    world: World, store: Store, clock: Clock
) -> None:
    bare = world.guild.create_text_channel(
        "bare", overwrites={world.env.bot.user: discord.PermissionOverwrite(attach_files=False)}
    )
    place = (await subscribed(world, store, clock)).destination
    await store.destinations.schedule(place.id, Schedule(9, "UTC", file=True), clock())
    await announced(store, clock, make_papers(1))
    result = await world.member.slash(bare, "digest show", channel=world.papers)
    assert "2607.00001" in text_of(result)
    assert result.response.attachments == []


async def test_zones_and_days_are_completed(world: World) -> None:
    zones = await world.manager.autocomplete(world.papers, "digest schedule", "zone", "germany", hour=9)
    words = "Europe/Berlin · Berlin, Germany · Central European Time, now 10:00"
    assert zones[0] == {"name": words, "value": "Europe/Berlin"}
    days = await world.manager.autocomplete(world.papers, "digest schedule", "days", "mon,", hour=9)
    assert days[0] == {"name": "every Monday and Tuesday", "value": "mon,tue"}


async def test_a_digest_in_direct_messages_is_ones_own(env: Env, store: Store) -> None:
    ann = env.create_user("ann")
    await ann.slash("subscribe", keyword=KEYWORD, deliver="digest")
    assert "In this conversation" in text_of(await ann.slash("digest schedule", hour=7, zone="Asia/Tokyo"))
    destination = await store.destinations.by_channel(ann.dm_channel.id)
    assert destination is not None
    assert (destination.user_id, destination.guild_id) == (ann.id, 0)
    assert "speech synthesis" in text_of(await ann.slash("subscriptions"))
    assert "turned off" in text_of(await ann.slash("digest off"))


async def test_a_scheduled_digest_is_posted(world: World, store: Store, clock: Clock) -> None:
    await subscribed(world, store, clock)
    await announced(store, clock, make_papers(2))
    await world.manager.slash(world.papers, "digest schedule", hour=9, zone="UTC")
    clock.advance(timedelta(hours=2))
    world.bot.jobs["digest"].wake()
    await world.env.settle()
    posts = [message for message in world.papers.history() if not message.flags.ephemeral]
    assert len(posts) == 1
    assert "2607.00002" in str(posts[0].embeds[0].description)
    assert "is empty" in text_of(await world.member.slash(world.papers, "digest show"))


async def test_on_a_quiet_day_a_button_shows_what_was_saved_to_whoever_clicks(
    world: World, store: Store, clock: Clock
) -> None:
    await subscribed(world, store, clock)
    await world.manager.slash(world.papers, "digest schedule", hour=9, zone="UTC", quiet=True)
    paper = make_paper(1)
    await store.library.save(101, [paper], clock(), most=9, channel_id=world.papers.id)
    clock.advance(timedelta(hours=2))
    world.bot.jobs["digest"].wake()
    await world.env.settle()
    [note] = world.papers.history()
    assert "**24 July: nothing new** on speech synthesis." in text_of(note)
    shown = await world.member.click(note, label="Saved this week")
    assert shown.ephemeral
    assert "Saved most this week" in text_of(shown)
    assert paper.versioned in text_of(shown)
    assert "is empty" in text_of(await world.member.slash(world.papers, "digest show"))


@pytest.mark.skipif(not SHARED.is_dir(), reason="Discord's own description is not here")
async def test_every_request_is_as_discord_describes_it(world: World, store: Store, clock: Clock) -> None:
    await subscribed(world, store, clock)
    await announced(store, clock, make_papers(45))
    await world.manager.slash(world.papers, "digest schedule", hour=9, zone="UTC")
    shown = await world.manager.slash(world.papers, "digest show")
    assert buttons_of(shown)
    await world.manager.click(shown.response, label="▶")
    await world.manager.autocomplete(world.papers, "digest schedule", "zone", "e", hour=9)
    await world.manager.slash(world.papers, "digest markdown")
    await world.manager.slash(world.papers, "digest off")
    for request in world.env.http_requests:
        valid_request(request.method, request.path, request.json)
