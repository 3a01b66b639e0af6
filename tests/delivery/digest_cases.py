"""A store, a clock and the job that queues digests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.delivery.digest_queue import DigestJob
from bot.model.outbox import Kind, OutboxRow
from bot.model.subscriptions import Deliver, Schedule
from bot.store import Store
from tests.database import lay_out
from tests.fakes.clock import Clock
from tests.store.store_cases import CHANNEL, days_of_digests, subscribe

MORNING = datetime(2026, 7, 20, 6, tzinfo=UTC)

NINE = Schedule(hour=9, zone="UTC")


@dataclass
class Desk:
    store: Store
    clock: Clock
    woken: list[bool] = field(default_factory=list)
    job: DigestJob = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.job = DigestJob(self.store, clock=self.clock, on_queued=lambda: self.woken.append(True))

    async def subscribe(self, channel: int = CHANNEL, schedule: Schedule | None = NINE) -> int:
        made = await subscribe(self.store, channel=channel, deliver=Deliver.DIGEST, keyword="TTS")
        destination = made.subscription.destination.id
        await self.store.destinations.schedule(destination, schedule, self.clock())
        return destination

    async def run_at(self, moment: datetime) -> float:
        self.clock.now = moment
        return await self.job.run()

    async def queued(self) -> list[OutboxRow]:
        """Return what waits at the head of each channel, and take it away."""
        return [
            row
            for row in await self.store.outbox.heads(self.clock() + timedelta(days=1), 100)
            if row.kind is Kind.DIGEST
        ]

    async def days(self, destination: int) -> list[date]:
        """Return the local days of all digests of a destination, the last first."""
        return await days_of_digests(self.store, destination)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    lay_out(tmp_path / "papers.db")
    async with await Store.open(f"sqlite:///{tmp_path}/papers.db") as store:
        yield Desk(store, Clock(MORNING))
