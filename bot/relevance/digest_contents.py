"""What a digest holds: its papers, the best first, and once a week what was saved most. Or a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.model.outbox import DigestPage, QuietNote, Section, WeeklyTop
from bot.model.subscriptions import Deliver, Destination, State
from bot.relevance.digest_order import in_order
from bot.relevance.interests import Interests
from bot.rules.digest import is_first_of_week, issue, week_before
from bot.store import Store

_MOST = 5  # beside 20 papers in a menu that holds 25
_NAMED = 3  # keywords in a note
_WEEK = timedelta(days=7)


async def digest_of(
    store: Store,
    interests: Interests | None,
    destination: Destination,
    sections: Sequence[Section],
    *,
    day: date,
    now: datetime,
) -> DigestPage | None:
    """Return the digest of a local *day* with the papers of *sections*; None if nothing is to be posted.

    Without *interests*, the papers keep their order.
    """
    schedule = destination.schedule
    if not sections:
        return (
            issue(day, [], note=await _note(store, destination, now)) if schedule and schedule.quiet else None
        )
    learnt = None
    if interests is not None:
        learnt = await interests.of_channel(destination.id)
        sections = await in_order(store, interests, learnt, destination.id, sections)
    top = await _weekly_top(store, destination, day, schedule.zone) if schedule and schedule.top else None
    whole = issue(day, sections, top=top, file=schedule is not None and schedule.file)
    return replace(whole, enough_saved=learnt.is_enough) if whole and learnt else whole


async def _note(store: Store, destination: Destination, now: datetime) -> QuietNote:
    """Return what a day without papers is told with: the digest's keywords, or else all of the channel."""
    subscriptions = await store.subscriptions.of_channel(destination.channel_id)
    active = [one for one in subscriptions if one.state is State.ACTIVE]
    collected = [one for one in active if one.options.deliver is not Deliver.LIVE]
    keywords = [one.keyword for one in collected or active]
    papers, saved = await store.feedback.lately(destination.id, since=now - _WEEK)
    return QuietNote(tuple(keywords[:_NAMED]), len(keywords[_NAMED:]), papers, saved)


async def _weekly_top(store: Store, destination: Destination, day: date, zone: str) -> WeeklyTop | None:
    """Return what was saved most in the seven days before *day*, if its digest is the one that shows it."""
    if not is_first_of_week(day, await store.digests.last_with_papers(destination.id, before=day)):
        return None
    since, until = week_before(day, zone)
    saved = await store.feedback.most_saved([destination.channel_id], since=since, until=until, most=_MOST)
    counts = tuple((paper.id, people) for paper, people in saved)
    return WeeklyTop(day - _WEEK, day - timedelta(days=1), counts) if counts else None
