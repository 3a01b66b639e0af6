"""Doubt a list of arXiv's that has far fewer new papers than arXiv announces on such a day.

OAI-PMH was seen to answer 12 papers instead of 334 with HTTP 200, and any interface may show yesterday's
list. What earlier feeds listed tells how many papers the weekday usually brings. Whether it was really fewer
this time, on a holiday for instance, the feeds of the day tell.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import date, datetime

from bot.arxiv.calendar import unchanged_until
from bot.model.papers import PaperId
from bot.polling.announced_day import DAYS_KEY, day_of
from bot.rules.announced_days import AnnouncedDays, is_far_below

CountAnnounced = Callable[[datetime], Awaitable[int | None]]
"""Returns how many papers the feeds list as new today; None where that cannot be known."""


class Doubt:
    """Judges lists by what *meta* keeps of earlier days (`AnnouncedDays`), and by the feeds of the day."""

    def __init__(
        self, meta: Callable[[str], Awaitable[str | None]], announced: CountAnnounced | None = None
    ) -> None:
        self._meta = meta
        self._announced = announced

    async def is_short(self, listed: Collection[PaperId], now: datetime, since: date) -> bool:
        """Tell whether *listed* cannot be all papers that arXiv has changed or announced since a day (UTC).

        Nothing is doubted while arXiv's index fills, or where the latest announcement was before *since*.
        """
        day = day_of(now)
        if since > day or unchanged_until(now) == now:
            return False
        before = AnnouncedDays.from_text(await self._meta(DAYS_KEY)).before(day)
        new = before.newer(listed)
        if not is_far_below(new, before.expected(day)):
            return False
        announced = await self._announced(now) if self._announced else None
        return announced is None or is_far_below(new, announced)
