"""Queues the digests that are due, and the lists of what no digest takes; sending them is delivery's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.model.subscriptions import Destination, Schedule, State
from bot.rules.digest import due, issue, next_due
from bot.rules.pace import day_of, list_due
from bot.store import Store

_log = logging.getLogger(__name__)

_LONGEST_REST = timedelta(minutes=1)
"""A schedule may be set for the very next minute, and nobody wakes the job for it."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """When a destination is due next, for as long as its schedule stays what it is."""

    schedule: Schedule
    since: datetime
    made: datetime
    due: datetime


class DigestJob:
    """Asks once a minute which destinations have a digest due; `run` is the body of a job.

    A paused channel gets none: its papers wait, and stand in the first digest after it is resumed. What was
    too much for a channel without a digest is listed once a day; that day is UTC's.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime],
        on_queued: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._on_queued = on_queued
        self._plans: dict[int, _Plan] = {}

    async def run(self) -> float:
        """Queue what is due; return the seconds until the next digest may be.

        Raises:
            Exception: the first error that a destination met, when all others had their turn.
        """
        now = self._clock()
        failures: list[Exception] = []
        scheduled = await self._store.destinations.scheduled()
        for destination in scheduled:
            try:
                await self._look_at(destination, now)
            except Exception as error:  # noqa: BLE001 - one channel's trouble is not the others'
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
        rest = min((plan.due - now for plan in self._plans.values()), default=_LONGEST_REST)
        return max(0.0, min(rest, _LONGEST_REST).total_seconds())

    async def _look_at(self, destination: Destination, now: datetime) -> None:
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
            await self._queue(destination, schedule, day, now)
            last = day
        self._plans[destination.id] = _Plan(schedule, since, now, next_due(schedule, last, now))

    async def _queue(self, destination: Destination, schedule: Schedule, day: date, now: datetime) -> None:
        sections = await self._store.digests.pending(destination.id)
        whole = issue(day, sections, quiet=schedule.quiet)
        if await self._store.digests.run(destination.id, day, [whole] if whole else [], now) and whole:
            _log.info("channel %d: the digest of %s is queued", destination.channel_id, day)
            self._on_queued()

    async def _list_overflow(self, now: datetime) -> None:
        """Queue the lists of the channels that have no digest."""
        day = day_of(None, now)
        for waiting in await self._store.overflow.waiting(day):
            place = waiting.destination
            if place.schedule is not None or place.state is not State.ACTIVE or waiting.listed:
                continue
            if list_due(waiting.first, waiting.last, now):
                sections = await self._store.overflow.sections(place.id)
                whole = issue(day, sections)
                if whole and await self._store.overflow.run(place.id, whole, now):
                    _log.info("channel %d: a list of %d papers is queued", place.channel_id, whole.total)
                    self._on_queued()
