"""What becomes known of a posted paper later edits its post in place, if it is no revision."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.model.outbox import PaperMark, Sending
from bot.model.papers import Match
from bot.model.subscriptions import Deliver, Notify
from bot.rules.choice import Choice
from bot.rules.pace import Pace
from tests.delivery.delivery_cases import LONG_AGO, POST, Desk, desk, fake
from tests.delivery.revision_cases import change, forum_with_a_post, posted, revise
from tests.fakes import discord_payloads as payloads
from tests.fakes.discord import MEMBER
from tests.fakes.papers import make_paper
from tests.store.store_cases import TTS, record

__all__ = ["desk", "fake"]

EDIT = ("PATCH", "/channels/{}/messages/{}")
JOURNAL: dict[str, Any] = {"journal_ref": "J. Speech 1 (2026) 1-9"}
SHOWN = "J. Speech 2026"


def facts(message: dict[str, Any]) -> str:
    """Return the line of the card with the venue."""
    return message["embeds"][0]["description"].splitlines()[-1].replace("\u00a0", " ")


def edits(desk: Desk) -> int:
    return len(desk.discord.sent("PATCH", "/channels/{channel_id}/messages/{message_id}"))


def sends(desk: Desk) -> int:
    return len(desk.discord.sent("POST", "/channels/{channel_id}/messages"))


async def test_a_journal_reference_is_added_to_the_post(desk: Desk) -> None:
    first = await posted(desk, role_id=77)
    await change(desk, **JOURNAL)
    assert SHOWN in facts(first)
    assert len(desk.discord.posts(desk.channel)) == 1
    assert first["content"] == "<@&77>"
    [request] = desk.discord.sent("PATCH", "/channels/{channel_id}/messages/{message_id}")
    assert request.body["allowed_mentions"] == {"parse": []}
    assert "content" not in request.body
    assert first["components"]
    await change(desk, **JOURNAL)
    assert edits(desk) == 1


@pytest.mark.parametrize(
    ("changes", "shown"),
    [({"doi": "10.1103/PhysRevD.1.2"}, "Phys. Rev. D"), ({"withdrawn": True}, "Withdrawn")],
    ids=["doi", "withdrawn"],
)
async def test_so_are_a_doi_and_a_withdrawal(desk: Desk, changes: dict[str, Any], shown: str) -> None:
    first = await posted(desk)
    assert shown not in str(first["embeds"][0]).replace("\\xa0", " ")
    await change(desk, **changes)
    assert edits(desk) == 1
    assert shown in str(first["embeds"][0]).replace("\\xa0", " ")


async def test_nothing_is_edited_where_nobody_asks_for_revisions(desk: Desk) -> None:
    await desk.queue(1001)
    await desk.run()
    await change(desk, **JOURNAL)
    assert edits(desk) == 0


async def test_other_changes_edit_nothing(desk: Desk) -> None:
    await posted(desk)
    await change(desk, comment="9 pages", title="Another title")
    assert edits(desk) == 0


async def test_two_changes_in_a_row_and_back_again_end_in_what_holds(desk: Desk) -> None:
    first = await posted(desk)
    other = {"journal_ref": "Elsewhere 2"}
    for changes in (JOURNAL, other, JOURNAL):
        await change(desk, **changes)
    assert SHOWN in facts(first)
    await desk.queue(1001, **other)
    await desk.queue(1001, **JOURNAL)
    await desk.run()
    assert SHOWN in facts(first)
    assert await desk.store.outbox.depth() == 0


async def test_a_post_that_still_waits_shows_the_change_itself(desk: Desk) -> None:
    await desk.subscribe(revisions=True)
    await desk.queue(1001)
    await change(desk, **JOURNAL)
    [message] = desk.discord.posts(desk.channel)
    assert SHOWN in facts(message)
    assert edits(desk) == 0


async def test_a_post_in_doubt_is_edited_after_it(desk: Desk) -> None:
    await desk.subscribe(revisions=True)
    await desk.queue(1001)
    desk.discord.fault(*POST, lost=True)
    await desk.run()
    await desk.queue(1001, **JOURNAL)
    desk.pass_time(LONG_AGO)
    await desk.run()
    [message] = desk.discord.posts(desk.channel)
    assert SHOWN in facts(message)


async def test_what_only_a_digest_held_is_not_edited(desk: Desk) -> None:
    await desk.subscribe(revisions=True, deliver=Deliver.DIGEST)
    await desk.queue(1001)
    await change(desk, **JOURNAL)
    assert await desk.store.outbox.depth() == 0
    assert edits(desk) == 0


async def test_an_edit_of_a_deleted_post_is_done_and_posts_nothing(desk: Desk) -> None:
    await posted(desk)
    desk.discord.messages[desk.channel].clear()
    await change(desk, **JOURNAL)
    assert edits(desk) == 1
    assert sends(desk) == 1
    assert await desk.store.outbox.depth() == 0
    assert await desk.failed() == []


async def test_a_revision_is_announced_although_an_edit_waits(desk: Desk) -> None:
    await posted(desk)
    await desk.queue(1001, **JOURNAL)
    await revise(desk, **JOURNAL)
    assert desk.posted() == ["2607.01001v2", "2607.01001v2"]
    assert edits(desk) == 1


async def test_a_plain_post_is_left_as_it_is(desk: Desk) -> None:
    desk.discord.fault(*POST, status=400, code=50035)
    await posted(desk)
    await change(desk, **JOURNAL)
    assert edits(desk) == 0


async def test_a_post_that_became_plain_after_the_edit_was_queued_is_left_as_it_is(desk: Desk) -> None:
    await desk.subscribe(revisions=True)
    await desk.queue(1001)
    desk.discord.fault(*POST, status=503)
    await desk.run()
    await desk.queue(1001, **JOURNAL)
    assert await desk.store.outbox.depth() == 2
    desk.discord.fault(*POST, status=400, code=50035)
    desk.pass_time(LONG_AGO)
    await desk.run()
    [message] = desk.discord.posts(desk.channel)
    assert message["embeds"] == []
    assert edits(desk) == 0
    assert await desk.store.outbox.depth() == 0


async def test_a_locked_post_of_a_forum_is_left_as_it_is_and_does_not_end_the_forum(desk: Desk) -> None:
    forum, post = await forum_with_a_post(desk)
    desk.discord.channels[post]["thread_metadata"]["locked"] = True
    await desk.discord.deny(forum, payloads.MANAGE_THREADS)
    await change(desk, **JOURNAL)
    [message] = desk.discord.posts(post)
    assert SHOWN not in facts(message)
    assert await desk.store.outbox.depth() == 0
    assert await desk.store.destinations.paused() == []


async def test_a_post_that_cannot_be_opened_for_an_edit_is_no_failure(desk: Desk) -> None:
    """A server has a thousand active threads at most."""
    _, post = await forum_with_a_post(desk)
    desk.discord.channels[post]["thread_metadata"]["archived"] = True
    desk.discord.fault("PATCH", f"/channels/{post}", status=400, code=160006)
    await change(desk, **JOURNAL)
    assert await desk.store.outbox.depth() == 0
    assert await desk.failed() == []


@pytest.mark.parametrize("locked", [False, True])
async def test_an_archived_post_of_a_forum_is_opened_for_the_edit_alone(desk: Desk, locked: bool) -> None:
    forum, post = await forum_with_a_post(desk)
    state = desk.discord.channels[post]["thread_metadata"]
    state |= {"archived": True, "locked": locked}
    await desk.discord.deny(forum, payloads.MANAGE_THREADS)
    await change(desk, **JOURNAL)
    [message] = desk.discord.posts(post)
    assert (SHOWN in facts(message)) is not locked
    assert state["archived"]
    assert await desk.store.outbox.depth() == 0


async def test_an_edit_that_fails_in_a_post_that_was_opened_for_it_is_made_later(desk: Desk) -> None:
    _, post = await forum_with_a_post(desk)
    state = desk.discord.channels[post]["thread_metadata"]
    state["archived"] = True
    desk.discord.fault(*EDIT, status=400, code=50083)
    desk.discord.fault(*EDIT, status=503)
    await change(desk, **JOURNAL)
    [message] = desk.discord.posts(post)
    assert SHOWN not in facts(message)
    assert state["archived"]
    assert await desk.store.outbox.depth() == 1
    desk.pass_time(timedelta(minutes=1))
    await desk.run()
    assert SHOWN in facts(message)
    assert await desk.store.outbox.depth() == 0


async def test_an_edit_in_a_deleted_post_of_a_forum_does_not_end_the_forum(desk: Desk) -> None:
    _, post = await forum_with_a_post(desk)
    del desk.discord.channels[post]
    await change(desk, **JOURNAL)
    assert await desk.store.outbox.depth() == 0
    assert await desk.store.destinations.paused() == []


async def test_an_edit_that_fails_holds_up_no_post(desk: Desk) -> None:
    first = await posted(desk)
    desk.discord.fault(*EDIT, status=503)
    await desk.queue(1001, **JOURNAL)
    await desk.run()
    await desk.queue(1002)
    await desk.run()
    assert desk.posted() == ["2607.01001v1", "2607.01002v1"]
    assert SHOWN not in facts(first)
    desk.pass_time(timedelta(minutes=5))
    await desk.run()
    assert SHOWN in facts(first)


async def test_an_edit_that_is_refused_is_given_up(desk: Desk) -> None:
    await posted(desk)
    desk.discord.fault(*EDIT, status=400, code=50035)
    await change(desk, **JOURNAL)
    [failed] = await desk.failed()
    assert failed.state is Sending.FAILED
    assert edits(desk) == 1


async def test_a_crash_between_an_edit_and_noting_it_repeats_it_and_posts_nothing(desk: Desk) -> None:
    first = await posted(desk)
    hanging = desk.discord.fault(*EDIT, hang=True, lost=True)
    await desk.queue(1001, **JOURNAL)
    run = asyncio.create_task(desk.delivery().run())
    await hanging.hit.wait()
    await desk.discord.until(lambda: SHOWN in facts(first))
    run.cancel()
    for made in desk.made:
        await made.stop(grace=0)
    assert await desk.store.outbox.depth() == 1
    hanging.release()
    await desk.run()
    assert edits(desk) == 2
    assert sends(desk) == 1
    assert await desk.store.outbox.depth() == 0


async def test_an_edit_waits_while_its_channel_is_paused(desk: Desk) -> None:
    first = await posted(desk)
    await desk.discord.deny(desk.channel, payloads.VIEW_CHANNEL)
    await change(desk, **JOURNAL)
    assert await desk.store.outbox.depth() == 1
    await desk.discord.deny(desk.channel, 0)
    await desk.delivery().resume()
    await desk.run()
    assert SHOWN in facts(first)


async def test_saving_a_paper_that_was_published_edits_its_post_too(desk: Desk) -> None:
    first = await posted(desk)
    await desk.store.library.save(MEMBER.id, [make_paper(1001, **JOURNAL)], desk.clock(), most=9)
    await desk.run()
    assert SHOWN in facts(first)


async def test_a_subscription_that_is_removed_takes_its_edit_along(desk: Desk) -> None:
    await posted(desk)
    await desk.queue(1001, **JOURNAL)
    for subscription in await desk.store.subscriptions.of_channel(desk.channel):
        await desk.store.subscriptions.remove(subscription.id, desk.clock())
    assert await desk.store.outbox.depth() == 0


# Marked posts, whose title stands above their card


async def marked(desk: Desk, **options: Any) -> dict[str, Any]:
    """Post a paper that is marked, where a role is mentioned; return its message."""
    await desk.subscribe(revisions=True, role_id=77, **options)
    place = await desk.store.destinations.by_channel(desk.channel)
    assert place is not None
    paper = make_paper(1001)
    choice = Choice({(place.id, paper.id): PaperMark(star=True, terms=("spin glass",))})
    matches = [Match(TTS, paper.id, ("speech",))]
    await desk.store.record([paper], matches, desk.clock(), pace=Pace(choice=choice))
    await desk.run()
    [message] = desk.discord.posts(desk.channel)
    assert message["content"].startswith("★ **[Speech synthesis with model 1001]")
    assert message["content"].endswith("\n<@&77>")
    return message


async def test_an_edit_of_a_marked_post_keeps_its_mention_and_pings_nobody(desk: Desk) -> None:
    message = await marked(desk)
    before = message["content"]
    await change(desk, doi="10.1103/PhysRevD.1.2")
    assert message["content"] == before
    [request] = desk.discord.sent("PATCH", "/channels/{channel_id}/messages/{message_id}")
    assert request.body["allowed_mentions"] == {"parse": []}


async def test_a_marked_paper_that_is_withdrawn_loses_its_star_and_shows_its_title_once(desk: Desk) -> None:
    message = await marked(desk)
    await change(desk, withdrawn=True)
    assert message["content"] == "<@&77>"
    assert "★" not in str(message["embeds"])
    assert message["embeds"][0]["title"] == make_paper(1001).title


@pytest.mark.parametrize(("changes", "content"), [(JOURNAL, "★ **["), ({"withdrawn": True}, "")])
async def test_an_edit_adds_no_mention_where_no_post_has_one(
    desk: Desk, changes: dict[str, Any], content: str
) -> None:
    message = await marked(desk)
    place = await desk.store.destinations.by_channel(desk.channel)
    assert place is not None
    await desk.store.destinations.change(place.place, desk.clock(), notify=Notify.NONE)
    await change(desk, **changes)
    assert (message["content"] or "").startswith(content)
    assert "<@&77>" not in (message["content"] or "")


# Text that was not the query API's


async def provisional(desk: Desk, **changes: Any) -> dict[str, Any]:
    """Post a paper from a feed, which has neither its comment nor its dates; nobody asks for revisions."""
    paper = make_paper(1001, title="Speech synthesis, $\\alpha$ provisional", **changes)
    await record(desk.store, paper, now=desk.clock(), provisional=[paper.id])
    await desk.run()
    [message] = desk.discord.posts(desk.channel)
    return message


async def test_a_post_with_provisional_text_is_edited_when_the_full_text_comes(desk: Desk) -> None:
    message = await provisional(desk)
    assert "provisional" in message["embeds"][0]["title"]
    await change(desk, comment="9 pages", **JOURNAL)
    assert (sends(desk), edits(desk)) == (1, 1)
    assert message["embeds"][0]["title"] == make_paper(1001).title
    assert SHOWN in facts(message)
    await change(desk, comment="9 pages", **JOURNAL)
    await change(desk, comment="10 pages", **JOURNAL)
    assert (sends(desk), edits(desk)) == (1, 1)  # from now on it is a paper like any other


async def test_provisional_text_that_was_right_edits_nothing(desk: Desk) -> None:
    paper = make_paper(1001)
    await record(desk.store, paper, now=desk.clock(), provisional=[paper.id])
    await desk.run()
    await change(desk)
    assert edits(desk) == 0


async def test_a_post_that_waits_is_sent_with_the_full_text(desk: Desk) -> None:
    paper = make_paper(1001, title="Provisional")
    await record(desk.store, paper, now=desk.clock(), provisional=[paper.id])
    await desk.queue(1001)
    await desk.run()
    [message] = desk.discord.posts(desk.channel)
    assert message["embeds"][0]["title"] == make_paper(1001).title
    assert edits(desk) == 0
