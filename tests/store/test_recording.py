"""What follows from a poll: papers, matches and what is new for whom, stored together or not at all."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.model.outbox import Kind
from bot.model.outcomes import Sent
from bot.model.papers import Match, PaperId
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Deliver, Options, State
from bot.rules.baseline import MARGIN_LASTS
from bot.rules.pace import Pace
from bot.store import Recorded, Store
from bot.store.tables import outbox
from tests.database import lay_out
from tests.fakes.papers import make_paper, make_papers
from tests.store.store_cases import (
    CHANNEL,
    GUILD,
    MORE,
    NEWS,
    NOW,
    OLD,
    OTHER_CHANNEL,
    TTS,
    VOCODER,
    queued,
    record,
    store,
    subscribe,
    url_of,
)

__all__ = ["store"]


async def test_a_server_that_comes_back_in_the_middle_of_a_poll_gets_its_papers_in_order(
    store: Store,
) -> None:
    """What the poll recorded before it was back comes with the next one, and so does the rest."""
    await subscribe(store)
    await store.destinations.leave(GUILD, Reason(ReasonCode.BOT_REMOVED), NOW)
    poll = Pace()
    await store.record([NEWS], [Match(TTS, NEWS.id)], NOW, pace=poll)
    await store.destinations.rejoin(GUILD, NOW)
    late = make_paper(999)  # below what was known at the subscription
    both = [Match(TTS, late.id), Match(TTS, MORE.id)]
    await store.record([late, MORE], both, NOW, asked=[TTS], pace=poll)
    assert await queued(store) == [late.versioned], "what no later poll would find is not put off"
    matches = [Match(TTS, NEWS.id), Match(TTS, MORE.id)]
    await store.record([NEWS, MORE], matches, NOW, asked=[TTS], pace=Pace())
    assert await queued(store) == [late.versioned, NEWS.versioned, MORE.versioned]


async def test_what_was_known_at_subscription_is_never_posted(store: Store) -> None:
    await subscribe(store, known=make_papers(50, first=951))
    assert await record(store, *make_papers(50, first=951), asked=[TTS]) == Recorded()


async def test_what_comes_after_is_queued_once_however_often_it_is_found(store: Store) -> None:
    await subscribe(store)
    assert await record(store, OLD, NEWS, asked=[TTS]) == Recorded(queued=1)
    assert await record(store, OLD, NEWS, asked=[TTS]) == Recorded()
    assert await queued(store) == ["2607.01001v1"]


async def test_the_queue_is_in_the_order_of_identifiers_whichever_poll_came_first(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, VOCODER)
    await record(store, make_paper(1005), make_paper(1002))
    await record(store, make_paper(1003), queries=[VOCODER])
    assert await queued(store) == ["2607.01002v1", "2607.01003v1", "2607.01005v1"]


async def test_two_keywords_of_a_channel_share_one_post_and_two_channels_have_one_each(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, VOCODER)
    await subscribe(store, channel=OTHER_CHANNEL)
    found = await record(store, NEWS, queries=[TTS, VOCODER])
    assert found.queued == 2
    assert await queued(store) == await queued(store, OTHER_CHANNEL) == ["2607.01001v1"]


async def test_what_another_keyword_brings_later_was_seen(store: Store) -> None:
    await subscribe(store, deliver=Deliver.DIGEST)
    await subscribe(store, VOCODER)
    assert await record(store, NEWS) == Recorded(for_digest=1)
    assert await record(store, NEWS, queries=[VOCODER]) == Recorded()


async def test_both_is_once_live_and_once_in_a_digest(store: Store) -> None:
    subscribed = await subscribe(store, deliver=Deliver.BOTH)
    assert await record(store, NEWS) == Recorded(queued=1, for_digest=1)
    [section] = await store.digests.pending(subscribed.subscription.destination.id)
    assert section.papers == (NEWS.id,)


async def test_a_late_announcement_with_a_low_number_is_new(store: Store) -> None:
    await subscribe(store, known=[make_paper(5000)])
    late, too_late = make_paper(2001), make_paper(2000)
    await record(store, late, too_late, asked=[TTS])
    assert await queued(store) == [late.versioned]


async def test_the_margin_reaches_into_the_month_before(store: Store) -> None:
    known = [make_paper(id="2601.28000"), make_paper(id="2602.00010")]
    subscribed = await subscribe(store, known=known)
    assert subscribed.subscription.since == PaperId("2602.00010")
    await record(store, *(make_paper(id=text) for text in ("2601.25010", "2601.25011", "2601.27999")))
    assert await queued(store) == ["2601.25011v1", "2601.27999v1"]


async def test_the_margin_ends_when_nothing_can_be_late_any_more(store: Store) -> None:
    await subscribe(store, known=[make_paper(5000)])
    await record(store, make_paper(4998), now=NOW + MARGIN_LASTS - timedelta(days=1))
    await record(store, make_paper(4999), now=NOW + MARGIN_LASTS)
    assert await queued(store) == [make_paper(4998).versioned]


async def test_an_old_keyword_is_not_robbed_by_a_new_one_of_the_same_channel(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, VOCODER, known=[NEWS, OLD])  # NEWS is old for VOCODER, and TTS has yet to find it
    await record(store, NEWS, queries=[TTS, VOCODER], asked=[TTS, VOCODER])
    assert await queued(store) == [NEWS.versioned]


async def test_a_late_paper_that_a_new_subscriber_brings_is_news_for_the_others(store: Store) -> None:
    late = make_paper(500)
    await subscribe(store)
    await subscribe(store, channel=OTHER_CHANNEL, known=[late])
    await record(store, late, asked=[TTS])
    assert (await queued(store), await queued(store, OTHER_CHANNEL)) == ([late.versioned], [])


async def test_the_first_poll_is_a_silent_baseline_where_arxiv_could_not_be_asked(store: Store) -> None:
    subscribed = await subscribe(store, known=None)
    assert subscribed.subscription.since is None
    assert (await record(store, OLD)).queued == 0  # one part of the poll
    assert (await record(store, NEWS, asked=[TTS])).queued == 0
    assert (await record(store, OLD, NEWS, MORE, make_paper(999), asked=[TTS])).queued == 2
    assert await queued(store) == [make_paper(999).versioned, MORE.versioned]


async def test_without_arxiv_the_first_poll_posts_only_what_is_above_the_highest_known(store: Store) -> None:
    await record(store, OLD, queries=[VOCODER])
    subscribed = await subscribe(store, known=None)
    assert subscribed.subscription.since == OLD.id
    await record(store, make_paper(998), NEWS, asked=[TTS])
    assert await queued(store) == [NEWS.versioned]
    await record(store, make_paper(997), asked=[TTS])
    assert await queued(store) == [make_paper(997).versioned, NEWS.versioned]


async def test_a_first_look_that_does_not_reach_below_the_margin_waits_for_the_first_poll(
    store: Store,
) -> None:
    await subscribe(store, known=make_papers(10, first=4991), complete=False)
    await record(store, *make_papers(500, first=4501), asked=[TTS])
    assert await queued(store) == []
    await record(store, make_paper(4000), asked=[TTS])
    assert await queued(store) == [make_paper(4000).versioned]


async def test_a_first_look_that_reaches_below_the_margin_is_enough(store: Store) -> None:
    await subscribe(store, known=[make_paper(5000), make_paper(2000)], complete=False)
    await record(store, make_paper(4000), asked=[TTS])
    assert await queued(store) == [make_paper(4000).versioned]


@pytest.mark.parametrize("reached", [True, False])
async def test_a_query_on_which_arxiv_has_nothing_posts_its_first_paper(store: Store, reached: bool) -> None:
    await subscribe(store, known=[] if reached else None)
    await record(store, asked=[TTS])
    await record(store, NEWS, asked=[TTS])
    assert await queued(store) == [NEWS.versioned]


async def test_what_was_recorded_silently_is_announced_at_its_next_match(store: Store) -> None:
    await subscribe(store)
    assert (await record(store, NEWS, announce=False)).queued == 0
    assert (await record(store, NEWS)).queued == 1


async def test_categories_are_respected(store: Store) -> None:
    await subscribe(store, categories=("cs.SD",), cross_lists=False)
    await subscribe(store, channel=OTHER_CHANNEL, categories=("cs.SD",))
    await record(store, NEWS)
    assert (await queued(store), await queued(store, OTHER_CHANNEL)) == ([], [NEWS.versioned])


@pytest.mark.parametrize(("state", "collects"), [(State.PAUSED, True), (State.GONE, False)])
async def test_a_paused_channel_collects_and_one_that_is_gone_does_not(
    store: Store, state: State, collects: bool
) -> None:
    subscribed = await subscribe(store)
    await store.destinations._update(subscribed.subscription.destination.id, {"state": state})
    assert (await record(store, NEWS)).queued == int(collects)


async def test_a_paused_subscription_collects_nothing_and_its_end_brings_nothing_back(store: Store) -> None:
    subscription = (await subscribe(store)).subscription
    await store.subscriptions.set_state(subscription.id, State.PAUSED, Reason(ReasonCode.NOT_ALLOWED))
    await record(store, NEWS, asked=[TTS])
    resumed = await store.subscriptions.set_state(subscription.id, State.ACTIVE)
    assert resumed is not None
    assert (resumed.state, resumed.reason, resumed.since) == (State.ACTIVE, None, NEWS.id)
    await record(store, make_paper(990), NEWS, MORE, asked=[TTS])
    assert await queued(store) == [MORE.versioned]


async def test_a_revision_is_queued_where_it_is_asked_for(store: Store) -> None:
    await subscribe(store)
    await subscribe(store, channel=OTHER_CHANNEL, revisions=True)
    second = replace(OLD, version=2, title="Better speech synthesis")
    assert (await record(store, second)).queued == 1
    assert (await record(store, second)).queued == 0
    assert await queued(store, OTHER_CHANNEL) == ["2607.01000v2"]
    [row] = await store.outbox.heads(NOW, 10)
    assert row.kind is Kind.REVISION
    assert await store.papers.get(OLD.id) == second


async def test_two_parts_of_a_poll_see_the_same_revision(store: Store) -> None:
    await subscribe(store, revisions=False)
    await subscribe(store, VOCODER, channel=OTHER_CHANNEL, revisions=True)
    second = replace(OLD, version=2)
    await record(store, second, queries=[TTS])
    await record(store, second, queries=[VOCODER])
    assert await queued(store, OTHER_CHANNEL) == ["2607.01000v2"]


async def test_a_revision_of_what_still_waits_is_shown_by_that_post(store: Store) -> None:
    await subscribe(store, revisions=True)
    await record(store, NEWS)
    second = replace(NEWS, version=2, title="Second thoughts")
    assert (await record(store, second)).queued == 0
    [row] = await store.outbox.heads(NOW, 10)
    prepared = await store.outbox.prepare(row)
    assert prepared is not None
    assert (row.kind, prepared.papers) == (Kind.PAPER, {NEWS.id: second})
    await store.settle(row, Sent(1), NOW)
    assert (await record(store, replace(NEWS, version=3))).queued == 1


async def test_a_revision_for_a_digest_stands_in_the_next_one_again(store: Store) -> None:
    destination = (await subscribe(store, deliver=Deliver.DIGEST, revisions=True)).subscription.destination.id
    assert (await record(store, replace(OLD, version=2))).for_digest == 1
    assert [section.papers for section in await store.digests.pending(destination)] == [(OLD.id,)]


async def test_versions_go_up_metadata_changes_and_nothing_goes_back(store: Store) -> None:
    second = replace(NEWS, version=2, title="Second")
    corrected = replace(second, journal_ref="J. Speech 1", doi="10.1/1", withdrawn=True, comment="Gone")
    await record(store, NEWS)
    await record(store, second)
    await record(store, corrected)
    await record(store, NEWS)
    assert await store.papers.get(NEWS.id) == corrected
    await record(store, NEWS, replace(NEWS, version=3, title="Third"), replace(NEWS, version=2))
    stored = await store.papers.get(NEWS.id)
    assert stored is not None
    assert (stored.version, stored.title) == (3, "Third")


async def test_the_words_that_matched_are_learnt_later_where_arxiv_alone_said_so(store: Store) -> None:
    await subscribe(store, known=[])
    await store.record([NEWS], [Match(TTS, NEWS.id)], NOW)
    await record(store, NEWS)
    [row] = await store.outbox.heads(NOW, 1)
    prepared = await store.outbox.prepare(row)
    assert prepared is not None
    assert prepared.posting is not None
    assert prepared.posting.words == ("speech",)


async def test_a_poll_ends_what_went_wrong_with_the_one_before(store: Store) -> None:
    await subscribe(store)
    await store.queries.mark_failed([TTS], "arXiv did not answer.", NOW)
    [failed] = await store.queries.active()
    assert (failed.last_polled, failed.last_error) == (None, "arXiv did not answer.")
    await record(store, asked=[TTS])
    [polled] = await store.queries.active()
    assert (polled.last_polled, polled.last_error) == (NOW, "")


async def test_a_match_of_an_unknown_paper_stores_nothing_of_the_round(store: Store) -> None:
    await subscribe(store)
    with pytest.raises(KeyError):
        await store.record([NEWS], [Match(TTS, NEWS.id), Match(TTS, PaperId("2607.09999"))], NOW)
    assert await store.papers.get(NEWS.id) is None
    assert await queued(store) == []


async def test_a_round_that_is_cancelled_leaves_nothing_and_the_store_usable(store: Store) -> None:
    await subscribe(store)
    papers = make_papers(2000, first=2000)
    round_ = asyncio.create_task(record(store, *papers))
    for _ in range(300):  # well into the transaction
        await asyncio.sleep(0)
    assert not round_.done()
    round_.cancel()
    with pytest.raises(asyncio.CancelledError):
        await round_
    assert (await store.papers.count(), await queued(store)) == (1, [])
    assert (await record(store, *papers)).queued == 2000


async def test_wherever_a_round_is_cancelled_the_database_is_not_left_locked(tmp_path: Path) -> None:
    """At each of its statements in turn, until it reaches its end."""
    lay_out(tmp_path / "papers.db")
    papers = make_papers(20, first=2000)
    async with await Store.open(url_of(tmp_path), busy_timeout=timedelta(0)) as store:
        await subscribe(store)
        for statement in itertools.count(1):
            round_ = asyncio.create_task(record(store, *papers))
            _cancel_at(statement, round_, store)
            await asyncio.wait([round_])
            async with store.database.write():  # raises StoreBusy if it is locked
                pass
            if not round_.cancelled():
                break
            assert await queued(store) == []
        assert statement > 10
        assert len(await queued(store)) == 20


def _cancel_at(number: int, task: asyncio.Task[Recorded], store: Store) -> None:
    """Cancel the task while its statement of this number is under way."""
    engine, loop, left = store.database._engines()[-1].sync_engine, asyncio.get_running_loop(), number

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            loop.call_soon(task.cancel)

    sa.event.listen(engine, "before_cursor_execute", count)
    task.add_done_callback(lambda _: sa.event.remove(engine, "before_cursor_execute", count))


async def test_two_thousand_papers_and_their_matches_fit_one_round(store: Store) -> None:
    papers = make_papers(2000, first=2000)
    for query in ("a", "b", "c"):
        await subscribe(store, query)
    found = await record(store, *papers, queries=["a", "b", "c"], asked=["a", "b", "c"])
    assert found == Recorded(queued=2000)
    assert len(await store.papers.get_many([paper.id for paper in papers])) == 2000
    assert await store.papers.newest("b", 3) == papers[:-4:-1]
    assert await store.papers.newest("b", 3, options=Options()) == papers[:-4:-1]
    async with store.database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(outbox)) == 2000
    assert (await store.outbox.heads(NOW, 1))[0].destination.channel_id == CHANNEL


async def test_the_newest_of_some_categories_are_found_below_any_number_of_others(store: Store) -> None:
    await subscribe(store, TTS)
    wanted = make_paper(1, categories=("hep-th",), primary_category="hep-th")
    await record(store, wanted, *make_papers(1200, first=2000))
    assert await store.papers.newest(TTS, 2, options=Options(categories=("hep-th",))) == [wanted]
