"""What interests are learnt from: counted once a person, bounded, and forgotten on request."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.model.interests import Verdict
from bot.model.papers import Addition, PaperId
from bot.model.reasons import Reason, ReasonCode
from bot.store import Store, feedback
from tests.fakes.papers import make_paper, make_papers
from tests.store.store_cases import (
    CHANNEL,
    GRACE,
    MORE,
    NEWS,
    NOW,
    OLD,
    OTHER_CHANNEL,
    PERSON,
    prune,
    record,
    store,
    subscribe,
)

__all__ = ["store"]

SOMEBODY = 301
YEARS = timedelta(days=900)


async def channel_with(store: Store, *papers: int, channel: int = CHANNEL) -> int:
    """Let a channel get papers; return its number."""
    subscribed = await subscribe(store, channel=channel)
    await record(store, *(make_paper(number) for number in papers))
    return subscribed.subscription.destination.id


async def save(store: Store, person: int, *papers: int, channel: int = CHANNEL) -> None:
    wanted = [make_paper(number) for number in papers]
    await store.library.save(person, wanted, NOW, most=50, channel_id=channel)


def ids(*numbers: int) -> tuple[PaperId, ...]:
    return tuple(make_paper(number).id for number in numbers)


async def test_a_save_counts_once_a_person_and_what_was_left_is_the_rest(store: Store) -> None:
    here = await channel_with(store, 1001, 1002, 1003)
    await save(store, PERSON, 1001, 1002)
    await save(store, PERSON, 1001)
    await save(store, SOMEBODY, 1001)
    evidence = await store.feedback.of_channel(here)
    assert dict(evidence.saved) == {NEWS.id: 2, MORE.id: 1}
    assert (evidence.saves, evidence.savers) == (3, 2)
    assert evidence.left == ids(1003)
    assert evidence.given == {NEWS.id: 2, MORE.id: 1}


@pytest.mark.parametrize("channel", [0, OTHER_CHANNEL])
async def test_a_save_elsewhere_does_not_count(store: Store, channel: int) -> None:
    here = await channel_with(store, 1001)
    await save(store, PERSON, 1001, channel=channel)
    assert (await store.feedback.of_channel(here)).saved == ()


async def test_in_direct_messages_it_is_the_persons_own_list_that_counts(store: Store) -> None:
    subscribed = await subscribe(store, channel=CHANNEL, guild=0, user=PERSON)
    await record(store, NEWS, MORE)
    here = subscribed.subscription.destination.id
    await save(store, PERSON, 1001, channel=0)
    await save(store, PERSON, 1005, channel=OTHER_CHANNEL)
    await save(store, SOMEBODY, 1002, channel=0)
    await store.feedback.count_saves(PERSON, count=False)  # that is about channels
    evidence = await store.feedback.of_channel(here)
    assert evidence.given == {NEWS.id: 1, make_paper(1005).id: 1}
    assert evidence.left == (MORE.id,)
    assert await store.feedback.lately(here, since=NOW) == (2, 1)


async def test_a_paper_that_the_channel_never_got_does_not_count(store: Store) -> None:
    here = await channel_with(store, 1001)
    await save(store, PERSON, 77)
    assert (await store.feedback.of_channel(here)).saved == ()


async def test_a_paper_saved_elsewhere_first_counts_where_it_is_saved_again(store: Store) -> None:
    here = await channel_with(store, 1001)
    await save(store, PERSON, 1001, channel=0)
    await save(store, PERSON, 1001)
    assert (await store.feedback.of_channel(here)).saves == 1
    await save(store, PERSON, 1001, channel=OTHER_CHANNEL)
    assert (await store.feedback.of_channel(here)).saves == 1, "the first channel keeps it"


async def test_what_a_person_takes_back_or_hides_no_longer_counts(store: Store) -> None:
    here = await channel_with(store, 1001, 1002)
    await save(store, PERSON, 1001, 1002)
    await store.library.remove(PERSON, NEWS.id)
    assert dict((await store.feedback.of_channel(here)).saved) == {MORE.id: 1}
    await store.feedback.count_saves(PERSON, count=False)
    await store.feedback.count_saves(PERSON, count=False)
    assert not await store.feedback.saves_count(PERSON)
    hidden = await store.feedback.of_channel(here)
    assert (hidden.saved, hidden.savers) == ((), 0)
    await store.feedback.count_saves(PERSON, count=True)
    assert await store.feedback.saves_count(PERSON)
    assert (await store.feedback.of_channel(here)).saves == 1
    await store.people.erase(PERSON)
    assert (await store.feedback.of_channel(here)).saved == ()


async def test_papers_are_given_once_and_change_sides(store: Store) -> None:
    here = await channel_with(store, 1001)
    two = [make_paper(1), make_paper(2)]
    assert await store.feedback.give(here, two, Verdict.MORE, NOW) == Addition(added=ids(1, 2))
    assert await store.feedback.give(here, two[:1], Verdict.MORE, NOW) == Addition(known=ids(1))
    assert await store.feedback.give(here, two[:1], Verdict.LESS, NOW) == Addition(added=ids(1))
    evidence = await store.feedback.of_channel(here)
    assert (evidence.added, evidence.less) == (ids(2), ids(1))
    assert evidence.left == ids(1001)


async def test_a_channel_keeps_a_bounded_number_with_each_verdict(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "MOST_GIVEN", 3)
    here = await channel_with(store)
    first = await store.feedback.give(here, make_papers(4), Verdict.MORE, NOW)
    assert first == Addition(added=ids(1, 2, 3), left=ids(4))
    more = await store.feedback.give(here, [make_paper(3), make_paper(9)], Verdict.MORE, NOW)
    assert more == Addition(known=ids(3), left=ids(9))
    less = await store.feedback.give(here, make_papers(4, first=3), Verdict.LESS, NOW)
    assert less == Addition(added=ids(3, 4, 5), left=ids(6)), "its own limit, also for what changes sides"
    again = await store.feedback.give(here, [make_paper(9)], Verdict.MORE, NOW)
    assert again == Addition(added=ids(9))


async def test_a_person_wants_fewer_of_a_bounded_number(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "MOST_GIVEN", 3)
    for number in range(1, 5):
        assert await store.feedback.dislike(PERSON, make_paper(number), NOW) == (number < 4)
    assert await store.feedback.dislike(PERSON, make_paper(1), NOW), "what is there needs no room"
    assert await store.feedback.dislike(SOMEBODY, make_paper(4), NOW)


async def test_less_like_this_counts_in_the_channel_for_each_person_and_is_theirs(store: Store) -> None:
    here = await channel_with(store, 1001)

    async def less() -> tuple[PaperId, ...]:
        return (await store.feedback.of_channel(here)).less

    await store.feedback.dislike(PERSON, make_paper(1), NOW, channel_id=CHANNEL)
    await store.feedback.dislike(PERSON, make_paper(2), NOW, channel_id=CHANNEL)
    await store.feedback.dislike(SOMEBODY, make_paper(2), NOW, channel_id=CHANNEL)
    await store.feedback.dislike(SOMEBODY, make_paper(3), NOW)
    assert await less() == ids(2, 1), "first what most people said; what was said elsewhere does not count"
    assert set((await store.feedback.of_person(SOMEBODY)).less) == set(ids(2, 3))
    await store.feedback.dislike(SOMEBODY, make_paper(3), NOW, channel_id=CHANNEL)
    await store.feedback.dislike(SOMEBODY, make_paper(3), NOW)
    assert set(await less()) == set(ids(1, 2, 3)), "it counts where it was said last, and stays there"
    await store.feedback.count_saves(SOMEBODY, count=False)
    assert set(await less()) == set(ids(1, 2))
    await store.feedback.undislike(PERSON, make_paper(1).id)
    assert await less() == ids(2)
    await store.people.erase(PERSON)
    assert await less() == ()


async def test_less_like_this_does_not_outweigh_what_a_manager_added(store: Store) -> None:
    here = await channel_with(store, 1001)
    await store.feedback.give(here, [OLD], Verdict.MORE, NOW)
    for person in (PERSON, SOMEBODY):
        await store.feedback.dislike(person, OLD, NOW, channel_id=CHANNEL)
    evidence = await store.feedback.of_channel(here)
    assert (evidence.added, evidence.less) == ((OLD.id,), ())
    await store.feedback.take_back(here, OLD.id, NOW)
    evidence = await store.feedback.of_channel(here)
    assert (evidence.added, evidence.less) == ((), ()), "taken back whatever was said of it"


async def test_a_channel_forgets_a_paper_and_then_everything(store: Store) -> None:
    here = await channel_with(store, 1001, 1002)
    await save(store, PERSON, 1001, 1002)
    await store.feedback.give(here, [OLD], Verdict.MORE, NOW)
    assert await store.feedback.take_back(here, OLD.id, NOW)
    assert await store.feedback.take_back(here, NEWS.id, NOW)
    assert not await store.feedback.take_back(here, NEWS.id, NOW)
    assert (await store.feedback.of_channel(here)).given == {MORE.id: 1}
    await store.feedback.reset(here, NOW)
    assert (await store.feedback.of_channel(here)).given == {}
    assert await store.library.count(PERSON) == 2, "the reading list stays"


async def test_what_a_channel_forgot_still_counts_among_what_was_saved_most(store: Store) -> None:
    here = await channel_with(store, 1001, 1002)
    await save(store, PERSON, 1001, 1002)
    await save(store, SOMEBODY, 1001)
    await store.feedback.take_back(here, NEWS.id, NOW)
    await store.feedback.reset(here, NOW)
    saved = await store.feedback.most_saved([CHANNEL], since=NOW, most=5)
    assert [(paper.id, people) for paper, people in saved] == [(NEWS.id, 2), (MORE.id, 1)]
    assert await store.library.savers(CHANNEL, NEWS.id) == 2
    assert await store.feedback.lately(here, since=NOW) == (2, 2)


async def test_what_is_said_after_a_channel_forgot_counts_again(store: Store) -> None:
    here = await channel_with(store, 1001, 1002)
    await save(store, PERSON, 1001, 1002)
    await store.feedback.dislike(PERSON, OLD, NOW, channel_id=CHANNEL)
    assert await store.feedback.take_back(here, NEWS.id, NOW)
    assert await store.feedback.take_back(here, OLD.id, NOW)
    assert not await store.feedback.take_back(here, OLD.id, NOW)
    for later in (NOW + timedelta(hours=1), NOW + timedelta(hours=3)):
        await store.library.remove(SOMEBODY, NEWS.id)
        await store.library.save(SOMEBODY, [NEWS], later, most=5, channel_id=CHANNEL)
        await store.feedback.dislike(PERSON, OLD, later, channel_id=CHANNEL)
        evidence = await store.feedback.of_channel(here)
        assert (evidence.given[NEWS.id], evidence.less) == (1, (OLD.id,))
        await store.feedback.reset(here, later)
        evidence = await store.feedback.of_channel(here)
        assert (evidence.given, evidence.less, evidence.savers) == ({}, (), 0)


async def test_a_persons_own_interest_is_learnt_from_all_that_they_saved(store: Store) -> None:
    await channel_with(store, 1001)
    await save(store, PERSON, 1001, 7, channel=0)
    await store.feedback.dislike(PERSON, make_paper(8), NOW)
    await store.feedback.dislike(PERSON, make_paper(9), NOW)
    evidence = await store.feedback.of_person(PERSON)
    assert set(dict(evidence.saved)) == {NEWS.id, *ids(7)}
    assert (evidence.savers, len(evidence.less)) == (1, 2)
    assert await store.feedback.undislike(PERSON, make_paper(8).id) == 1
    assert await store.feedback.undislike(PERSON) == 1
    assert (await store.feedback.of_person(PERSON)).less == ()


async def test_papers_behind_an_interest_are_kept(store: Store) -> None:
    here = await channel_with(store, 1001)
    await store.feedback.give(here, [make_paper(1)], Verdict.MORE, NOW)
    await store.feedback.dislike(PERSON, make_paper(2), NOW)
    await prune(store, NOW + YEARS)
    assert len(await store.papers.get_many(ids(1, 2))) == 2


async def test_a_channels_own_goes_with_the_channel(store: Store) -> None:
    here = await channel_with(store)
    await store.feedback.give(here, [make_paper(1)], Verdict.MORE, NOW)
    await store.destinations.end(here, Reason(ReasonCode.CHANNEL_DELETED), NOW)
    await store.erase_gone(NOW + GRACE, GRACE)
    assert (await store.feedback.of_channel(here)).added == ()


async def test_the_newest_papers_are_the_sample(store: Store) -> None:
    await channel_with(store, 1001, 1002)
    assert (await store.feedback.sample())[:2] == [MORE.id, NEWS.id]


async def test_the_most_saved_papers_are_counted_by_person_and_not_named(store: Store) -> None:
    await channel_with(store, 1001, 1002, 1003)
    await save(store, PERSON, 1001, 1002)
    await save(store, SOMEBODY, 1002)
    await save(store, SOMEBODY, 1003, channel=OTHER_CHANNEL)
    await save(store, 7, 1001, 1002, 1003)
    await store.feedback.count_saves(7, count=False)

    async def top(
        *channels: int, since: datetime = NOW, until: datetime | None = None, most: int = 10
    ) -> list[tuple[PaperId, int]]:
        saved = await store.feedback.most_saved(channels, since=since, until=until, most=most)
        return [(paper.id, people) for paper, people in saved]

    first, second, third = ids(1001, 1002, 1003)
    assert await top(CHANNEL) == [(second, 2), (first, 1)]
    assert await top(CHANNEL, OTHER_CHANNEL) == [(second, 2), (third, 1), (first, 1)]
    assert await top(CHANNEL, most=1) == [(second, 2)]
    assert await top(CHANNEL, since=NOW + timedelta(seconds=1)) == []
    assert await top(CHANNEL, until=NOW) == []
    assert await top(CHANNEL, until=NOW + timedelta(seconds=1)) == await top(CHANNEL)
    assert await top() == []
