"""From the outbox to Discord, every message once; `bot.delivery.sender` does the sending.

A row is claimed, durably, before it is sent, so that after a crash it is known which messages may have been
posted. Such a row is sent again with the same nonce, which Discord answers with the first message for as long
as it remembers it; later, after a restart, and always in forums, where no nonce exists, we look for our own
post first. How long ago a try was is never judged by the machine's clock, which may be set.

Within a channel the oldest row goes first, one at a time. A channel that does not answer holds up no other:
after a few seconds its request no longer counts towards those that may be in flight.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import discord

from bot import i18n
from bot.delivery import channels, rights
from bot.delivery.attempt import Attempts, judge
from bot.delivery.backup_gap import Bridge
from bot.delivery.messages import Outgoing, nonce, written
from bot.delivery.nonces import Nonces
from bot.delivery.refusals import Refusals
from bot.delivery.sender import PreparedMessage, Sender
from bot.model.outbox import Kind, OutboxRow
from bot.model.outcomes import Fail, Later, Outcome, Pause, Plainly, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.present import audience
from bot.present.reasons import reason_in_english
from bot.store import Store

_log = logging.getLogger(__name__)

_SLOW = 5.0  # seconds after which a request in flight makes room for another
_LOOK = 1.0  # seconds between two looks at the outbox while requests are in flight
_SLOW_FOR_EACH = 16  # how many slow requests there may be for each that is not
_HEADS = 32  # looked up at once
_IDLE = 3600.0
_CLEAN_UP = 1.0
_COUNTED = {Sent: "sent", Later: "retried", Plainly: "plain", Fail: "failed", Pause: "paused"}
_BACKLOG_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Flight:
    """A row being sent since *started* (the loop's time)."""

    task: asyncio.Task[None]
    started: float


class Delivery:
    """Works through the outbox of *store* with *bot*; `run` is the body of a job.

    *concurrency* is how many requests may be in flight that are not slow, *send_timeout* how many seconds an
    attempt may take. *on_token_refused* is called when
    Discord no longer accepts the token; nothing is sent after that. *on_paused* is called when a channel was
    paused, of which its managers are to be told. While *refusals* says so, nothing is sent.
    """

    def __init__(
        self,
        bot: discord.Client,
        store: Store,
        *,
        concurrency: int,
        send_timeout: float,
        clock: Callable[[], datetime],
        on_token_refused: Callable[[], None] = lambda: None,
        on_paused: Callable[[], None] = lambda: None,
        refusals: Refusals | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._bot = bot
        self._store = store
        self._sender = Sender(bot, Bridge(bot, store))
        self.attempts = Attempts(bot, on_token_refused=self._end, timeout=send_timeout)
        self._concurrency = concurrency
        self._clock = clock
        self._on_token_refused = on_token_refused
        self._on_paused = on_paused
        self._refusals = refusals or Refusals(clock)
        self._resting = False
        self._chance = chance
        self._flights: dict[int, _Flight] = {}
        self._nonces = Nonces(clock)
        self.outcomes: Counter[str] = Counter()
        self._backlogs_seen: datetime | None = None
        self._heads: list[OutboxRow] = []
        self._heads_at = 0.0  # the loop's time
        self._looks = 0  # how often `resume` has been called
        self._stopping = False

    @property
    def in_flight(self) -> int:
        return len(self._flights)

    async def run(self) -> float:
        """Send what is due; return the seconds until something is due again."""
        await self._take_back_backlogs()
        self._heads = []
        while not self._stopping:
            started = await self._start_due()
            if not self._flights:
                break
            tasks = [flight.task for flight in self._flights.values()]
            done, _ = await asyncio.wait(tasks, timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)
            self._land()
            if not (started or done or self._quick()):
                return _LOOK
        if self._stopping:
            return _IDLE
        if rest := self._rest():
            return rest
        now = self._clock()
        due = await self._store.outbox.next_due(now)
        return _IDLE if due is None else min(_IDLE, (due - now).total_seconds())

    async def stop(self, grace: float) -> None:
        """Take no new rows; give those in flight *grace* seconds. What is cut off stays claimed."""
        self._stopping = True
        tasks = {flight.task for flight in self._flights.values()}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            task.cancel()
        if late:
            _log.info(
                "%d messages are cut off; whether they were posted is looked up at the next start", len(late)
            )
            await asyncio.wait(late, timeout=_CLEAN_UP)
        for task in tasks:
            if task.done() and not task.cancelled() and (error := task.exception()):
                _log.debug("a message's outcome could not be stored: %s", error)

    # --- what goes when -----------------------------------------------------------------------------------

    async def _take_back_backlogs(self) -> None:
        """Before anything is sent, leave to a digest or list what an outage has piled up; once a minute."""
        now = self._clock()
        if self._backlogs_seen is None or abs(now - self._backlogs_seen) >= _BACKLOG_EVERY:
            self._backlogs_seen = now
            if listed := await self._store.overflow.defer_backlogs(now):
                _log.info("%d papers have waited so long that they will be listed", listed)

    def _quick(self) -> int:
        """Count the requests in flight that are not slow."""
        now = asyncio.get_running_loop().time()
        return sum(now - flight.started < _SLOW for flight in self._flights.values())

    def _rest(self) -> float:
        """Return the seconds to wait because Discord refuses too much, and say so once."""
        rest = self._refusals.rest().total_seconds()
        if rest and not self._resting:
            _log.error(
                "Discord refused %d requests in the last minutes; nothing is posted for %d s, lest it shuts "
                "the bot out altogether",
                self._refusals.recent,
                rest,
            )
        self._resting = rest > 0
        return rest

    async def _start_due(self) -> bool:
        if self._rest():
            return False
        room = self._concurrency - self._quick()
        room = min(room, self._concurrency * (1 + _SLOW_FOR_EACH) - len(self._flights))
        if room <= 0:
            return False
        free = await self._next_heads(room)
        if self._stopping:  # meanwhile
            return False
        for row in free:
            task = asyncio.create_task(self._deliver(row), name=f"deliver row {row.id}")
            self._flights[row.destination.id] = _Flight(task, asyncio.get_running_loop().time())
        return bool(free)

    async def _next_heads(self, room: int) -> list[OutboxRow]:
        """Return at most *room* rows to send now; more are looked up, which is dear, and kept a moment."""
        now = asyncio.get_running_loop().time()
        if not self._heads or now - self._heads_at > _LOOK:
            found = await self._store.outbox.heads(self._clock(), max(room, _HEADS) + len(self._flights))
            self._heads = [row for row in found if row.destination.id not in self._flights]
            self._heads_at = now
        free, self._heads = self._heads[:room], self._heads[room:]
        return free

    def _land(self) -> None:
        """Forget the flights that are over; a failure that is no answer of Discord's is the job's."""
        landed = {key: flight for key, flight in self._flights.items() if flight.task.done()}
        for key in landed:
            del self._flights[key]
        tasks = [flight.task for flight in landed.values() if not flight.task.cancelled()]
        for error in [found for task in tasks if (found := task.exception())]:
            raise error

    # --- one row ------------------------------------------------------------------------------------------

    async def _deliver(self, head: OutboxRow) -> None:
        looks = self._looks
        i18n.use_language(audience.of_server(self._bot, head.destination.guild_id))
        if reason := rights.known_refusal(self._bot, head.destination):
            # A request that is known to be refused would only count against us.
            await self._store.destinations.pause(head.destination.id, reason, self._clock())
            self.outcomes["paused"] += 1
            await self._after_pause(head, Pause(reason), looks)
            return
        row = await self._claim(head)
        if row is None:
            return
        nonce_known = self._nonces.know(row.id)
        # Forums know no nonces. What the attempt in doubt posted is looked for wherever no nonce can tell.
        look_back = head.ambiguous and not (nonce_known and channels.takes_nonces(self._bot, row.destination))
        prepared = await self._store.outbox.prepare(row, look_back=look_back)
        if prepared is None:
            # Every subscription that wanted it was removed after an earlier try.
            await self._store.settle(row, Fail(Reason(ReasonCode.NO_SUBSCRIPTION)), self._clock())
            return
        outgoing: Outgoing | None = None

        async def send() -> discord.abc.Snowflake:
            nonlocal outgoing
            outgoing = written(prepared)
            mark = nonce(self._store.installation, row)
            return await self._sender.send(
                PreparedMessage(prepared, outgoing, mark, in_doubt=head.ambiguous, nonce_known=nonce_known)
            )

        attempt = await self.attempts.make(send, release=partial(self._store.outbox.release, row))
        if attempt is None:
            self._stopping = True
            return
        plain = row.plain or row.kind is Kind.EDIT  # which has no plainer form
        outcome = judge(
            attempt, number=row.attempts, plain=plain, in_doubt=head.ambiguous, chance=self._chance
        )
        if isinstance(outcome, Pause):
            outcome = self._judged(row, outcome)
        edited = row.kind is Kind.EDIT and isinstance(outcome, Sent)
        await self._store.settle(row, outcome, self._clock())
        self.outcomes["edited" if edited else _COUNTED[type(outcome)]] += 1
        if isinstance(outcome, Pause):
            await self._after_pause(row, outcome, looks)
        else:
            self._tell(row, outgoing, outcome, attempt.answer)

    def _end(self) -> None:
        """Send nothing any more, since Discord refuses the token."""
        self._stopping = True
        self._on_token_refused()

    async def _claim(self, head: OutboxRow) -> OutboxRow | None:
        row = await self._store.outbox.claim(head, self._clock())
        if row is not None and not head.ambiguous:
            self._nonces.use(row.id)
        return row

    def _judged(self, row: OutboxRow, refusal: Pause) -> Pause:
        """Say which right is missing, which Discord does not.

        That a channel is gone is believed only where its server is there.
        """
        if refusal.gone:
            guild = self._bot.get_guild(row.destination.guild_id)
            return replace(refusal, gone=guild is not None and not guild.unavailable)
        return replace(refusal, reason=rights.known_refusal(self._bot, row.destination) or refusal.reason)

    async def _after_pause(self, row: OutboxRow, refusal: Pause, looks: int) -> None:
        """Let managers be told; resume where the right came back meanwhile, when nothing was paused yet."""
        how = "gone" if refusal.gone else "paused, its messages stay queued"
        why = reason_in_english(refusal.reason)
        _log.warning("channel %d is %s: %s", row.destination.channel_id, how, why)
        self._on_paused()
        if looks != self._looks:
            await self.resume(row.destination.guild_id)

    # --- what the operator is told ------------------------------------------------------------------------

    @staticmethod
    def _tell(
        row: OutboxRow,
        outgoing: Outgoing | None,
        outcome: Outcome,
        answer: discord.abc.Snowflake | Exception,
    ) -> None:
        where = f"channel {row.destination.channel_id}"
        match outcome:
            case Sent() if row.attempts > 1:
                _log.info("%s: %s %s is posted, at try %d", where, row.kind, row.subject, row.attempts)
            case Later(after, reason) if row.attempts == 1:
                why = reason_in_english(reason)
                _log.warning("%s: trying again for as long as it takes: %s", where, why)
            case Later(after, reason):
                why = reason_in_english(reason)
                _log.debug("%s: next try in %s, after %d: %s", where, after, row.attempts, why)
            case Plainly(reason) | Fail(reason):
                payload = outgoing.payload() if outgoing else "(it could not be written)"
                ours = answer if not isinstance(answer, discord.HTTPException) else None
                then = "tried once more as plain text" if isinstance(outcome, Plainly) else "given up"
                _log.error(
                    "%s: %s %s was refused and is %s: %s It was %s",
                    where,
                    row.kind,
                    row.subject,
                    then,
                    reason_in_english(reason),
                    payload,
                    exc_info=ours if isinstance(ours, Exception) else None,
                )
            case _:
                pass

    # --- channels that were paused ------------------------------------------------------------------------

    async def resume(self, guild_id: int | None = None) -> bool:
        """Send again to the paused channels (of one server) that can be written to; tell if there are any.

        Without *guild_id* those that cannot be judged from here, such as direct messages, are tried.
        """
        self._looks += 1
        resumed = False
        for destination in await self._store.destinations.paused(guild_id):
            allowed = rights.may_post(self._bot, destination)
            if allowed or (allowed is None and guild_id is None):
                await self._store.destinations.resume(destination.id, self._clock())
                _log.info("channel %d can be posted in again", destination.channel_id)
                resumed = True
        return resumed
