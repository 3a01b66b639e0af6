"""What a digest holds: its papers, the best first, and once a week what was saved most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot.model.outbox import DigestPage, Section, WeeklyTop
from bot.model.subscriptions import Destination
from bot.relevance.digest_order import in_order
from bot.relevance.interests import Interests
from bot.rules.digest import is_first_of_week, issue, week_before
from bot.store import Store

_MOST = 5  # beside 20 papers in a menu that holds 25


async def digest_of(
    store: Store,
    interests: Interests | None,
    destination: Destination,
    day: date,
    sections: Sequence[Section],
) -> DigestPage | None:
    """Return the digest of a local *day* with the papers of *sections*; None if nothing is to be posted.

    Without *interests*, the papers keep their order.
    """
    if interests is not None:
        sections = await in_order(store, interests, destination.id, sections)
    schedule = destination.schedule
    if schedule is None:
        return issue(day, sections)
    top = await _weekly_top(store, destination, day, schedule.zone) if schedule.top else None
    return issue(day, sections, quiet=schedule.quiet, top=top, file=schedule.file)


async def _weekly_top(store: Store, destination: Destination, day: date, zone: str) -> WeeklyTop | None:
    """Return what was saved most in the seven days before *day*, if its digest is the one that shows it."""
    if not is_first_of_week(day, await store.digests.last_with_papers(destination.id, before=day)):
        return None
    since, until = week_before(day, zone)
    saved = await store.feedback.most_saved([destination.channel_id], since=since, until=until, most=_MOST)
    counts = tuple((paper.id, people) for paper, people in saved)
    return WeeklyTop(day - timedelta(days=7), day - timedelta(days=1), counts) if counts else None
