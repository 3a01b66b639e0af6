"""Delivers the outbox to Discord, each message exactly once; `bot.delivery.sender` does the sending.

A row is claimed in the store before it is sent, so that after a crash the bot knows which messages may have
been posted. It sends such a row again with the same nonce. As long as Discord remembers the nonce, it answers
with the first message. Later, after a restart, and always in forums, which take no nonce, the bot first looks
for its own post. The machine's clock alone never says how long ago an attempt was, since people may set it.

Each channel gets its oldest row first, one row at a time. A channel that does not answer delays no other:
after a few seconds its request no longer counts towards the limit of concurrent requests.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import discord

from bot import i18n
from bot.delivery import channels, rights
from bot.delivery.attempt import Attempt, Attempts, judge
from bot.delivery.backup_gap import BackupGaps
from bot.delivery.invalid_requests import InvalidRequests
from bot.delivery.messages import Outgoing, compose, row_nonce
from bot.delivery.nonces import Nonces
from bot.delivery.refusals import consequence
from bot.delivery.sender import PreparedMessage, Sender
from bot.model.outbox import Kind, OutboxRow
from bot.model.outcomes import Fail, Later, Outcome, Pause, Plainly, Sent
from bot.model.reasons import Reason, ReasonCode
from bot.present import audience
from bot.present.reasons import reason_in_english
from bot.rules.quiet import is_silent, mentions_role
from bot.store import Store

_log = logging.getLogger(__name__)

_SLOW = 5.0  # seconds after which a request no longer counts towards the concurrent ones
_REFRESH = 1.0  # seconds after which the outbox is read again while requests are in flight
_SLOW_FOR_EACH = 16  # slow requests allowed for each concurrent one
_HEADS = 32  # rows read at once
_IDLE = 3600.0  # seconds
_CLEAN_UP = 1.0  # seconds for cancelled requests to end
_COUNTED = {Sent: "sent", Later: "retried", Plainly: "plain", Fail: "failed", Pause: "paused"}
_MENTIONING = frozenset({Kind.PAPER, Kind.EDIT})
_BACKLOG_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Request:
    """The task that sends a row; `started` is in seconds of the event loop's clock."""

    task: asyncio.Task[None]
    started: float


class Delivery:
    """Sends the outbox of *store* as *bot*; `run` is the body of a job.

    At most *concurrency* requests are in flight that are not slow, and an attempt may take *send_timeout*
    seconds. *on_token_refused* is called when Discord no longer accepts the bot's token; sending ends then.
    *on_paused* is called when a channel has been paused, so that its managers can be notified. Nothing is
    sent while *refusals* asks to wait.
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
        refusals: InvalidRequests | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._bot = bot
        self._store = store
        self._sender = Sender(bot, BackupGaps(bot, store))
        self.attempts = Attempts(bot, on_token_refused=self._end, timeout=send_timeout)
        self._concurrency = concurrency
        self._clock = clock
        self._on_token_refused = on_token_refused
        self._on_paused = on_paused
        self._refusals = refusals or InvalidRequests(clock)
        self._waiting = False
        self._chance = chance
        self._requests: dict[int, _Request] = {}  # by destination
        self._nonces = Nonces(clock)
        self.outcomes: Counter[str] = Counter()
        self._backlogs_checked: datetime | None = None
        self._heads: list[OutboxRow] = []
        self._heads_read = 0.0  # seconds of the event loop's clock
        self._resumes = 0  # calls of `resume`
        self._stopping = False

    @property
    def in_flight(self) -> int:
        """The number of rows that are being sent."""
        return len(self._requests)

    async def run(self) -> float:
        """Send the due rows; return the seconds until the next row is due."""
        await self._defer_backlogs()
        self._heads = []
        while not self._stopping:
            started = await self._start_due()
            if not self._requests:
                break
            tasks = [request.task for request in self._requests.values()]
            done, _ = await asyncio.wait(tasks, timeout=_REFRESH, return_when=asyncio.FIRST_COMPLETED)
            self._remove_finished()
            if not (started or done or self._fast()):
                return _REFRESH
        if self._stopping:
            return _IDLE
        if wait := self._wait():
            return wait
        now = self._clock()
        due = await self._store.outbox.next_due(now)
        return _IDLE if due is None else min(_IDLE, (due - now).total_seconds())

    async def stop(self, grace: float) -> None:
        """Start no new row, and give those in flight *grace* seconds. A row that is cut off stays claimed."""
        self._stopping = True
        tasks = {request.task for request in self._requests.values()}
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            task.cancel()
        if late:
            _log.info("cut off %d messages; the next start checks whether they were posted", len(late))
            await asyncio.wait(late, timeout=_CLEAN_UP)
        for task in tasks:
            if task.done() and not task.cancelled() and (error := task.exception()):
                _log.debug("could not store the outcome of a message: %s", error)

    # --- which rows are sent when -------------------------------------------------------------------------

    async def _defer_backlogs(self) -> None:
        """Once a minute, move the papers that piled up during an outage to a digest or list."""
        now = self._clock()
        if self._backlogs_checked is None or abs(now - self._backlogs_checked) >= _BACKLOG_EVERY:
            self._backlogs_checked = now
            if deferred := await self._store.overflow.defer_backlogs(now):
                _log.info("%d papers have waited too long for their own posts; they go on a list", deferred)

    def _fast(self) -> int:
        """Count the requests in flight that are not slow."""
        now = asyncio.get_running_loop().time()
        return sum(now - request.started < _SLOW for request in self._requests.values())

    def _wait(self) -> float:
        """Return the seconds to wait because Discord refused too many requests; log it once."""
        wait = self._refusals.wait().total_seconds()
        if wait and not self._waiting:
            _log.error(
                "Discord refused %d requests in the last minutes; nothing is posted for %d s, or Discord "
                "might block the bot",
                self._refusals.recent,
                wait,
            )
        self._waiting = wait > 0
        return wait

    async def _start_due(self) -> bool:
        """Start to send as many due rows as there is room for; tell whether there were any."""
        if self._wait():
            return False
        room = self._concurrency - self._fast()
        room = min(room, self._concurrency * (1 + _SLOW_FOR_EACH) - len(self._requests))
        if room <= 0:
            return False
        rows = await self._next_heads(room)
        if self._stopping:  # since the check in `run`
            return False
        for row in rows:
            task = asyncio.create_task(self._deliver(row), name=f"deliver row {row.id}")
            self._requests[row.destination.id] = _Request(task, asyncio.get_running_loop().time())
        return bool(rows)

    async def _next_heads(self, room: int) -> list[OutboxRow]:
        """Return at most *room* rows to send now.

        Reading them is expensive, so more are read than needed, and kept for a moment.
        """
        now = asyncio.get_running_loop().time()
        if not self._heads or now - self._heads_read > _REFRESH:
            heads = await self._store.outbox.heads(self._clock(), max(room, _HEADS) + len(self._requests))
            self._heads = [row for row in heads if row.destination.id not in self._requests]
            self._heads_read = now
        rows, self._heads = self._heads[:room], self._heads[room:]
        return rows

    def _remove_finished(self) -> None:
        """Forget the requests that have ended.

        Raises:
            Exception: one of them failed for another reason than Discord's answer; the job handles it.
        """
        finished = {key: request for key, request in self._requests.items() if request.task.done()}
        for key in finished:
            del self._requests[key]
        tasks = [request.task for request in finished.values() if not request.task.cancelled()]
        for error in [raised for task in tasks if (raised := task.exception())]:
            raise error

    # --- one row ------------------------------------------------------------------------------------------

    async def _deliver(self, head: OutboxRow) -> None:
        resumes = self._resumes
        i18n.use_language(audience.of_server(self._bot, head.destination.guild_id))
        if reason := rights.known_refusal(self._bot, head.destination):
            # Discord would refuse the request, and count it towards those that it takes from a process.
            await self._store.destinations.pause(head.destination.id, reason, self._clock())
            self.outcomes["paused"] += 1
            await self._after_pause(head, Pause(reason), resumes)
            return
        row = await self._claim(head)
        if row is None:
            return
        # What Discord answered to the last attempt could not be read, so the message is probably there.
        unread = head.error is not None and head.error.code is ReasonCode.ANSWER_UNREADABLE
        nonce_known = self._nonces.know(row.id) and not unread
        # A message in doubt is looked for where no nonce can tell whether it was posted, such as in forums.
        look_back = head.ambiguous and not (nonce_known and channels.takes_nonces(self._bot, row.destination))
        prepared = await self._store.outbox.prepare(row, look_back=look_back)
        if prepared is None:
            # Every subscription that wanted it was removed after an earlier attempt.
            await self._store.settle(row, Fail(Reason(ReasonCode.NO_SUBSCRIPTION)), self._clock())
            return
        outgoing: Outgoing | None = None

        async def send() -> discord.abc.Snowflake:
            nonlocal outgoing
            outgoing = await asyncio.to_thread(compose, prepared)  # a page may hold long titles
            best = prepared.posting is not None and prepared.posting.best
            if row.kind in _MENTIONING and not mentions_role(row.destination, best=best):
                outgoing = outgoing.without_mentions()
            message = PreparedMessage(
                prepared,
                outgoing,
                row_nonce(self._store.installation, row),
                in_doubt=head.ambiguous,
                nonce_known=nonce_known,
                silent=is_silent(row.destination, row.kind, self._clock(), best=best),
            )
            return await self._sender.send(message)

        attempt = await self.attempts.make(send, release=partial(self._store.outbox.release, row))
        if attempt is None:
            self._stopping = True
            return
        outcome = await self._judge(row, attempt, in_doubt=head.ambiguous, unread=unread)
        if outcome is None:
            self._stopping = True
            return
        edited = row.kind is Kind.EDIT and isinstance(outcome, Sent)
        await self._store.settle(row, outcome, self._clock())
        self.outcomes["edited" if edited else _COUNTED[type(outcome)]] += 1
        if isinstance(outcome, Pause):
            await self._after_pause(row, outcome, resumes)
        else:
            self._log_outcome(row, outgoing, outcome, attempt.answer)

    def _end(self) -> None:
        """Stop sending, because Discord refuses the token."""
        self._stopping = True
        self._on_token_refused()

    async def _claim(self, head: OutboxRow) -> OutboxRow | None:
        row = await self._store.outbox.claim(head, self._clock())
        if row is not None and not head.ambiguous:
            self._nonces.use(row.id)
        return row

    async def _judge(
        self, row: OutboxRow, attempt: Attempt, *, in_doubt: bool, unread: bool
    ) -> Outcome | None:
        """Return what becomes of *row* after an *attempt*; None if nothing can be sent any more.

        *in_doubt*: an earlier attempt may have posted it. *unread*: Discord's last answer was unreadable too.
        """
        plain = row.plain or row.kind is Kind.EDIT  # an edit has no plainer form
        replying = row.kind is Kind.REVISION and not row.plain
        outcome = judge(
            attempt,
            number=row.attempts,
            plain=plain,
            in_doubt=in_doubt,
            chance=self._chance,
            nonce_only=not replying and channels.takes_nonces(self._bot, row.destination),
            identifier_needed=not unread,
        )
        if not isinstance(outcome, Pause):
            return outcome
        look = partial(consequence, self._bot, row, outcome, plain=plain, replying=replying)
        return await self.attempts.decide(look, otherwise=outcome)

    async def _after_pause(self, row: OutboxRow, refusal: Pause, resumes: int) -> None:
        """Have the managers notified.

        The permission may have come back during the attempt, when the channel was not paused yet. *resumes*
        is the number of resumes before the attempt; if there was one since, it is made up for.
        """
        how = "gone" if refusal.gone else "paused, its messages stay queued"
        why = reason_in_english(refusal.reason)
        _log.warning("channel %d is %s: %s", row.destination.channel_id, how, why)
        self._on_paused()
        if resumes != self._resumes:
            await self.resume(row.destination.guild_id)

    # --- what the operator reads --------------------------------------------------------------------------

    @staticmethod
    def _log_outcome(
        row: OutboxRow,
        outgoing: Outgoing | None,
        outcome: Outcome,
        answer: discord.abc.Snowflake | Exception,
    ) -> None:
        where = f"channel {row.destination.channel_id}"
        match outcome:
            case Sent() if row.attempts > 1:
                _log.info("%s: posted %s %s at attempt %d", where, row.kind, row.subject, row.attempts)
            case Later(after, reason) if row.attempts == 1:
                why = reason_in_english(reason)
                _log.warning("%s: the bot tries again for as long as it takes: %s", where, why)
            case Later(after, reason):
                why = reason_in_english(reason)
                _log.debug("%s: attempt %d failed, the next is in %s: %s", where, row.attempts, after, why)
            case Plainly(reason) | Fail(reason):
                payload = outgoing.payload() if outgoing else "(it could not be composed)"
                ours = answer if not isinstance(answer, discord.HTTPException) else None
                then = "tried once more as plain text" if isinstance(outcome, Plainly) else "given up"
                _log.error(
                    "%s: %s %s was refused and is %s: %s The message: %s",
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

    # --- paused channels ----------------------------------------------------------------------------------

    async def resume(self, guild_id: int | None = None) -> bool:
        """Resume the paused channels that the bot may post in; tell whether there were any.

        With *guild_id* only those of one server. Without it also the channels that the cache does not know,
        such as direct messages: there the next attempt will tell.
        """
        self._resumes += 1
        resumed = False
        for destination in await self._store.destinations.paused(guild_id):
            allowed = rights.may_post(self._bot, destination)
            if allowed or (allowed is None and guild_id is None):
                await self._store.destinations.resume(destination.id, self._clock())
                _log.info("channel %d: the bot may post again", destination.channel_id)
                resumed = True
        return resumed
