"""Queues the due digests, and the lists of papers that no digest holds. Delivery sends them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.model.subscriptions import Destination, Schedule, State
from bot.relevance.digest_contents import digest_of
from bot.relevance.interests import Interests
from bot.rules.digest import due, issue, next_due
from bot.rules.pace import day_of, list_due
from bot.store import Store

_log = logging.getLogger(__name__)

_LONGEST_WAIT = timedelta(minutes=1)
"""A new schedule may be due within the next minute, and nothing wakes the job for it."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """When a destination's next digest is due, as long as its schedule does not change."""

    schedule: Schedule
    since: datetime
    made: datetime
    due: datetime


class DigestJob:
    """Checks once a minute which destinations have a digest due; `run` is the body of a job.

    A paused channel gets no digest. Its papers wait for the first digest after it is resumed. A channel
    without a digest gets a list of the papers beyond its daily cap, once a day (UTC).
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime],
        on_queued: Callable[[], None],
        interests: Interests | None = None,
    ) -> None:
        self._store = store
        self._interests = interests
        self._clock = clock
        self._on_queued = on_queued
        self._plans: dict[int, _Plan] = {}

    async def run(self) -> float:
        """Queue the due digests and lists; return the seconds until the next may be due.

        Raises:
            Exception: the first error of a destination, after all others have had their turn.
        """
        now = self._clock()
        failures: list[Exception] = []
        scheduled = await self._store.destinations.scheduled()
        for destination in scheduled:
            try:
                await self._check(destination, now)
            except Exception as error:  # noqa: BLE001 - a channel that fails must not stop the others
                failures.append(error)
                self._plans.pop(destination.id, None)
        known = {destination.id for destination in scheduled}
        self._plans = {key: plan for key, plan in self._plans.items() if key in known}
        try:
            await self._list_overflow(now)
        except Exception as error:  # noqa: BLE001 - see above
            failures.append(error)
        if failures:
            raise failures[0]
        wait = min((plan.due - now for plan in self._plans.values()), default=_LONGEST_WAIT)
        return max(0.0, min(wait, _LONGEST_WAIT).total_seconds())

    async def _check(self, destination: Destination, now: datetime) -> None:
        schedule = destination.schedule
        if schedule is None or destination.state is not State.ACTIVE:
            self._plans.pop(destination.id, None)
            return
        since = destination.scheduled_at or now
        plan = self._plans.get(destination.id)
        if (
            plan is not None
            and (plan.schedule, plan.since) == (schedule, since)
            and plan.made <= now < plan.due
        ):
            return
        last = await self._store.digests.last_run(destination.id)
        day = due(schedule, last, since, now)
        if day is not None:
            await self._queue(destination, day, now)
            last = day
        self._plans[destination.id] = _Plan(schedule, since, now, next_due(schedule, last, now))

    async def _queue(self, destination: Destination, day: date, now: datetime) -> None:
        sections = await self._store.digests.pending(destination.id)
        whole = await digest_of(self._store, self._interests, destination, sections, day=day, now=now)
        if await self._store.digests.run(destination.id, day, [whole] if whole else [], now) and whole:
            _log.info("channel %d: queued the digest of %s", destination.channel_id, day)
            self._on_queued()

    async def _list_overflow(self, now: datetime) -> None:
        """Queue the lists of the channels without a digest."""
        day = day_of(None, now)
        for waiting in await self._store.overflow.waiting(day):
            destination = waiting.destination
            if destination.schedule is not None or destination.state is not State.ACTIVE or waiting.listed:
                continue
            if list_due(waiting.first, waiting.last, now):
                sections = await self._store.overflow.sections(destination.id)
                whole = issue(day, sections, file=True)
                if whole and await self._store.overflow.run(destination.id, whole, now):
                    _log.info("channel %d: queued a list of %d papers", destination.channel_id, whole.total)
                    self._on_queued()
