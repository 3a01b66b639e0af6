"""Read what arXiv announced today: all feeds of the day, each doubted where it cannot be true."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.arxiv.announcements import AnnouncedDay, Announcement, AnnouncementKind
from bot.arxiv.calendar import EASTERN, last_complete
from bot.arxiv.feeds_client import FeedForm, FeedsClient
from bot.model.errors import ArxivError
from bot.model.papers import PaperId
from bot.rules.announced_days import AnnouncedDays
from bot.rules.feed_groups import TRUNCATED, Group, count_papers, halves, plan_groups

_log = logging.getLogger(__name__)

DAYS_KEY = "feeds.days"
_MOST_FEEDS = 16  # of one reading, with the parts of those that are cut off


@dataclass(slots=True)
class ReadDay:
    """What the feeds list under *day*, each paper once, as the most important of its kinds.

    `unread` are the feeds that could not be read or believed; without any, the list is complete.
    """

    day: date
    announcements: dict[PaperId, Announcement] = field(default_factory=dict)
    unread: list[Group] = field(default_factory=list)

    @property
    def new(self) -> list[PaperId]:
        """The papers that are new today, by number."""
        kinds = self.announcements.items()
        return sorted(paper for paper, each in kinds if each.kind is AnnouncementKind.NEW)


_RANK = list(AnnouncementKind)


class DayReader:
    """Reads the day with *feeds*; *meta* returns what is known of the days before (see `AnnouncedDays`).

    What has been read of a day is not asked for again.
    """

    def __init__(self, feeds: FeedsClient, meta: Callable[[str], Awaitable[str | None]]) -> None:
        self._feeds = feeds
        self._meta = meta
        self._read: ReadDay | None = None

    async def read(self, day: date) -> tuple[ReadDay, AnnouncedDays]:
        """Return what is listed under *day*, and what is known of all days after it.

        Raises:
            ArxivError: no feed can be read.
        """
        before = AnnouncedDays.from_text(await self._meta(DAYS_KEY)).before(day)
        if self._read is None or self._read.day != day:
            self._read = ReadDay(day, unread=plan_groups(before.counts))
        read = self._read
        if read.unread:
            waiting, read.unread = read.unread, []
            await self._read_groups(waiting, read, before)
            if before.is_doubtful(day, len(read.new)) and not read.unread:
                _log.info("arXiv's feeds list only %d new papers; reading them again", len(read.new))
                await self._read_groups(plan_groups(before.counts), read, before, FeedForm.ATOM)
        papers = [each.paper.categories for each in read.announcements.values()]
        return read, before.after(day, read.new, count_papers(papers))

    async def _read_groups(
        self, groups: list[Group], read: ReadDay, before: AnnouncedDays, form: FeedForm = FeedForm.RSS
    ) -> None:
        """Read the feeds of *groups*, divide those that are cut off, and note what cannot be believed.

        Where the first cannot be read, no other is tried now, and it comes last the next time.

        Raises:
            ArxivError: it cannot be read.
        """
        waiting = list(groups)
        answered = False
        for _ in range(_MOST_FEEDS):
            if not waiting:
                break
            group = waiting.pop(0)
            try:
                feed = await self._believable(group, read.day, before, form)
            except ArxivError:
                if not answered:
                    read.unread += [*waiting, group]
                    raise
                read.unread.append(group)
                continue
            answered = True
            if feed is None:
                read.unread.append(group)
                continue
            for each in feed.announcements:
                _keep(read.announcements, each)
            if len(feed.announcements) + feed.skipped >= TRUNCATED:
                parts = halves(group)
                waiting += parts
                read.unread += [] if parts else [group]
        read.unread += waiting

    async def _believable(
        self, group: Group, day: date, before: AnnouncedDays, form: FeedForm
    ) -> AnnouncedDay | None:
        """Return the feed of *group*, in its other form if the first is not of today; None if neither is.

        Raises:
            ArxivError: it cannot be read.
        """
        other = FeedForm.ATOM if form is FeedForm.RSS else FeedForm.RSS
        for each in (form, other):
            feed = await self._feeds.announced(group, each)
            new = [one.paper.id for one in feed.announcements if one.kind is AnnouncementKind.NEW]
            if feed.day == day and not before.is_stale(new):
                return feed
        _log.info("arXiv's feed of %s is not that of today", "+".join(group[:5]))
        return None


def day_of(now: datetime) -> date:
    """Return the day under which the latest announcement that is complete is listed."""
    return last_complete(now).astimezone(EASTERN).date()


def _keep(found: dict[PaperId, Announcement], each: Announcement) -> None:
    known = found.get(each.paper.id)
    if known is None or _RANK.index(each.kind) < _RANK.index(known.kind):
        found[each.paper.id] = each
