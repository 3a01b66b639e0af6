"""The store under every order of events, against a model that is too simple to be wrong.

The model is, for each channel, what was announced to it and what Discord has of it. Whatever happens in
between, crashes included: nothing that was announced is lost, and nothing is sent a second time.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.model.outbox import OutboxRow, Sending
from bot.model.outcomes import Fail, Later, Outcome, Pause, Plainly, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import State
from bot.store import Store
from bot.store.tables import destinations, outbox
from tests.database import lay_out
from tests.fakes.papers import make_paper
from tests.postgres import Databases
from tests.store.store_cases import (
    GRACE,
    GUILD,
    NOW,
    OLD,
    prune,
    record,
    subscribe,
    url_of,
)

T = TypeVar("T")

CHANNELS = (200, 201)
QUERIES = ("tts", "vocoder")
channels = st.sampled_from(CHANNELS)
queries = st.sampled_from(QUERIES)


@dataclass
class Channel:
    """What is true of a channel."""

    state: State = State.ACTIVE
    wanted: set[str] = field(default_factory=set)  # queries that are subscribed
    waiting: dict[str, set[str]] = field(default_factory=dict)  # paper → queries that brought it
    tried: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)  # sent, or given up, in order


class StoreMachine(RuleBasedStateMachine):
    """Drives a real database file; `self.model` is what must be true of it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder: Path | None = None
        self.loop = asyncio.new_event_loop()
        self.url = self.empty()
        self.store = self.run(Store.open(self.url))
        self.model = {channel: Channel() for channel in CHANNELS}
        self.matched: dict[str, set[str]] = {}
        self.number = 1000
        self.now = NOW

    def empty(self) -> str:
        """Return the URL of an empty database."""
        self.folder = Path(tempfile.mkdtemp())
        lay_out(self.folder / "papers.db")
        return url_of(self.folder)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.store.close())
        self.loop.close()
        if self.folder is not None:
            shutil.rmtree(self.folder)

    @initialize()
    def subscribe_all(self) -> None:
        for channel in CHANNELS:
            self.subscribe(channel, "tts")

    # --- what happens -------------------------------------------------------------------------------------

    @rule(channel=channels, query=queries)
    def subscribe(self, channel: int, query: str) -> None:
        model = self.model[channel]
        if model.state is State.GONE:
            return
        self.run(subscribe(self.store, query, channel=channel, known=(OLD,), now=self.now))
        model.wanted.add(query)

    @rule(channel=channels, query=queries)
    def remove(self, channel: int, query: str) -> None:
        """What waits for that keyword alone is taken back, but for what was tried."""
        for one in self.run(self.store.subscriptions.of_channel(channel)):
            if one.query == query:
                self.run(self.store.subscriptions.remove(one.id, NOW))
        model = self.model[channel]
        model.wanted.discard(query)
        for paper in list(model.waiting):
            alone = query in self.matched[paper] and not self.matched[paper] & model.wanted
            if alone and paper not in model.tried:
                del model.waiting[paper]

    @rule(found=st.sets(queries, min_size=1), repeat=st.booleans())
    def announce(self, found: set[str], repeat: bool) -> None:
        """A poll brings a new paper, perhaps twice."""
        self.number += 1
        paper = make_paper(self.number)
        self.matched[paper.versioned] = set(found)
        for _ in range(1 + repeat):
            self.run(record(self.store, paper, queries=sorted(found), now=self.now, asked=sorted(found)))
        for model in self.model.values():
            if model.state is not State.GONE and found & model.wanted:
                model.waiting[paper.versioned] = found & model.wanted

    def _claim(self, channel: int) -> OutboxRow | None:
        heads = self.run(self.store.outbox.heads(self.now, 10))
        head = next((row for row in heads if row.destination.channel_id == channel), None)
        model = self.model[channel]
        expected = model.state is State.ACTIVE and bool(model.waiting)
        assert (head is not None) == expected, (head, model)
        if head is None:
            return None
        oldest = min(model.waiting, key=lambda paper: (paper not in model.tried, paper))
        assert str(head.subject) == oldest, "the oldest first, but what was tried stays at the head"
        claimed = self.run(self.store.outbox.claim(head, self.now))
        assert claimed is not None
        assert claimed.attempts == head.attempts + 1
        model.tried.add(str(head.subject))
        return claimed

    @rule(channel=channels, outcome=st.sampled_from(["sent", "later", "plainly", "fail", "pause", "gone"]))
    def deliver(self, channel: int, outcome: str) -> None:
        row = self._claim(channel)
        if row is None:
            return
        model = self.model[channel]
        answers: dict[str, Outcome] = {
            "sent": Sent(row.id),
            "later": Later(timedelta(), Reason(ReasonCode.DISCORD_ERROR, status=503), ambiguous=True),
            "plainly": Plainly(Reason(ReasonCode.DISCORD_ERROR, status=400)),
            "fail": Fail(Reason(ReasonCode.DISCORD_ERROR, status=400)),
            "pause": Pause(Reason(ReasonCode.NOT_ALLOWED)),
            "gone": Pause(Reason(ReasonCode.CHANNEL_DELETED), gone=True),
        }
        self.run(self.store.settle(row, answers[outcome], self.now))
        if outcome in {"sent", "fail"}:
            del model.waiting[str(row.subject)]
            model.done.append(str(row.subject))
        elif outcome in {"pause", "gone"}:
            model.state = State.PAUSED if outcome == "pause" else State.GONE
        again = self.run(self.store.outbox.claim(row, self.now)) if outcome in {"sent", "fail"} else None
        assert again is None, "what is settled cannot be sent again"

    @rule(channel=channels)
    def crash_while_sending(self, channel: int) -> None:
        """Claimed, perhaps posted, never settled: after the crash it is at the head, and in doubt."""
        row = self._claim(channel)
        self.crash()
        if row is not None:
            heads = self.run(self.store.outbox.heads(self.now, 10))
            head = next(one for one in heads if one.destination.channel_id == channel)
            assert (head.id, head.ambiguous, head.first_tried) == (row.id, True, row.first_tried)

    @rule()
    def crash(self) -> None:
        """The file is opened again while nothing is closed, as after a kill."""
        crashed = self.store
        self.store = self.run(Store.open(self.url))
        self.run(crashed.close())

    @rule(channel=channels, earlier=st.sampled_from([State.PAUSED, State.GONE]))
    def resume(self, channel: int, earlier: State) -> None:
        """What became something else meanwhile is left as it is."""
        place = self.run(self.store.destinations.by_channel(channel))
        assert place is not None
        self.run(self.store.destinations.resume(place.id, self.now, earlier=earlier))
        if self.model[channel].state is earlier:
            self.model[channel].state = State.ACTIVE

    @rule(hours=st.integers(1, 100))
    def kicked_for_a_while(self, hours: int) -> None:
        """What waited is still there when the server is back, and nothing is collected meanwhile."""
        states = {channel: model.state for channel, model in self.model.items()}
        self.run(self.store.destinations.leave(GUILD, Reason(ReasonCode.BOT_REMOVED), self.now))
        self.now += timedelta(hours=hours)
        assert self.run(self.store.erase_gone(self.now - timedelta(days=60), GRACE)) == 0
        self.run(self.store.destinations.rejoin(GUILD, self.now))
        for channel, state in states.items():
            self.model[channel].state = state if state is State.GONE else State.ACTIVE

    @precondition(lambda self: len(self.matched) > 3)
    @rule()
    def forget(self) -> None:
        self.run(prune(self.store, self.now))

    # --- what holds ---------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_lost_and_nothing_twice(self) -> None:
        found = self.run(self._rows())
        for channel, model in self.model.items():
            rows = [row for row in found if row.channel_id == channel]
            waiting = [row.subject for row in rows if row.state == Sending.QUEUED]
            done = [row.subject for row in rows if row.state in {Sending.SENT, Sending.FAILED}]
            assert sorted(waiting) == sorted(model.waiting)
            assert sorted(done) == sorted(model.done)
            assert len(set(waiting + done)) == len(rows)

    @invariant()
    def every_paused_channel_has_a_reason_and_at_most_one_word_of_it(self) -> None:
        told = [notice.destination.channel_id for notice in self.run(self.store.notices.waiting())]
        assert len(told) == len(set(told))
        for channel, model in self.model.items():
            place = self.run(self.store.destinations.by_channel(channel))
            if place is not None:
                assert (place.state, bool(place.reason)) == (model.state, model.state is not State.ACTIVE)

    async def _rows(self) -> list[Any]:
        statement = outbox.select().join(destinations).add_columns(destinations.c.channel_id)
        async with self.store.database.read() as connection:
            return list(await connection.execute(statement))


class PostgresMachine(StoreMachine):
    """Drives a database on PostgreSQL."""

    databases: ClassVar[Databases]

    def empty(self) -> str:
        return self.run(self.databases.empty())


@pytest.fixture(scope="session")
def machine_on_postgres(databases: Databases) -> None:
    PostgresMachine.databases = databases


TestStoreMachine = StoreMachine.TestCase
TestStoreMachineOnPostgres = pytest.mark.usefixtures("machine_on_postgres")(PostgresMachine.TestCase)
TestStoreMachine.settings = TestStoreMachineOnPostgres.settings = settings(
    max_examples=14,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[phase for phase in Phase if phase is not Phase.explain],  # which traces every line that is run
)
