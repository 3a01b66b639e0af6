"""Space the requests to arXiv: every request passes through one gate.

arXiv asks for one connection at a time and at most one request every three seconds, counted over all its
legacy interfaces (https://info.arxiv.org/help/api/tou.html). The interval is measured from the end of one
request to the start of the next, so arXiv never receives them closer together, whatever the network does.

A person does not wait for a request of a poll that takes long: OAI-PMH is known to take three minutes. Since
arXiv allows one connection, that request is ended, and made again when the person has been answered.

A pause holds only the interface that asked for it: each has hosts and caches of its own, and where the query
API refuses a bot for hours, the others go on answering.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.i18n import ENGLISH, format_duration, format_number, in_language, ngettext
from bot.model.errors import ArxivBusy, UserError
from bot.rules.backoff import backoff

_FIRST_PAUSE = timedelta(seconds=60)
_LONGEST_PAUSE = timedelta(hours=1)
_LONGEST_ASKED = timedelta(days=1)
_LONGEST_WAIT = timedelta(seconds=10)  # a longer pause is not waited for here
_PATIENCE = 10.0  # seconds that a request of a poll may take while a person waits
_PEOPLE_IN_A_ROW = 20
_TYPICAL_SECONDS = 1.0


class GaveWay(Exception):
    """The request in the body of a turn was ended, because a person waits. It is to be made again."""


@dataclass(frozen=True, slots=True)
class _Interruptible:
    """The request of a poll that has its turn since *started*, by the gate's clock."""

    scope: asyncio.Timeout
    started: float


@dataclass(eq=False, slots=True)
class _Ticket:
    person: bool
    interface: str


@dataclass(slots=True)
class _Pause:
    until: float = -math.inf
    refusals: int = 0  # in a row


class Gate:
    """Lets one request through at a time, *min_interval* seconds apart, and none to a paused interface.

    It owns the order and the pauses, and makes no request itself. People go before polls, but after twenty
    people in a row a waiting poll has its turn: a busy server must not keep everybody's papers away. At most
    *waiting* people queue. While one waits, a request of a poll may take *patience* seconds. *clock* returns
    seconds, and *sleep* waits for seconds. Interfaces have names; the query API's is empty.
    """

    def __init__(
        self,
        min_interval: float,
        *,
        waiting: int = 20,
        patience: float = _PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._interval = min_interval
        self._most_waiting = waiting
        self._patience = patience
        self._interruptible: _Interruptible | None = None
        self._clock = clock
        self._sleep = sleep
        self._people: list[_Ticket] = []
        self._polls: list[_Ticket] = []
        self._people_in_a_row = 0
        self._busy = False
        self._free_at = -math.inf
        self._pauses: defaultdict[str, _Pause] = defaultdict(_Pause)
        self._typical = _TYPICAL_SECONDS
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def turn(
        self, *, person: bool = False, interface: str = "", gives_way: bool = False
    ) -> AsyncIterator[None]:
        """Wait for a turn and keep it for the body of the `with`, which makes one request to *interface*.

        One that *gives_way* is ended when it takes long and a person waits.

        Raises:
            GaveWay: the request was ended, and a person is next.
            UserError: too many people are waiting already; the message says when to try again.
            ArxivBusy: arXiv asked for a pause that is too long to wait for here.
        """
        ticket = self._join(person=person, interface=interface)
        try:
            await self._reach_the_front(ticket)
            self._busy = True
        finally:
            self._leave(ticket)
        self._people_in_a_row = self._people_in_a_row + 1 if person else 0
        started = self._clock()
        try:
            async with asyncio.timeout(None) as scope:
                if gives_way:
                    self._interruptible = _Interruptible(scope, started)
                    self._interrupt()
                yield
        except TimeoutError:
            if scope.expired():
                raise GaveWay from None
            raise
        finally:
            self._interruptible = None
            self._free_at = self._clock() + self._interval
            self._typical += ((self._clock() - started) - self._typical) / 4
            self._busy = False
            self._wake()

    def wait_estimate(self, *, person: bool = False) -> timedelta:
        """Return about how long a new request to the query API would wait for its turn."""
        ahead = len(self._people) + (0 if person else len(self._polls)) + self._busy
        each = self._interval + self._typical
        pause = max(self._pauses[""].until, self._free_at) - self._clock()
        return timedelta(seconds=max(0.0, pause) + ahead * each)

    @property
    def held(self) -> timedelta:
        """How much is left of a pause of the query API; zero when there is none."""
        return self.held_for("")

    def held_for(self, interface: str) -> timedelta:
        """Return how much is left of a pause that *interface* asked for; zero when there is none."""
        left = self._pauses[interface].until - self._clock()
        return timedelta(seconds=left) if left > 0 else timedelta()

    def hold(self, pause: timedelta, interface: str = "") -> None:
        """Let nothing through to *interface* for *pause*; a longer pause that has begun already stays."""
        known = self._pauses[interface]
        known.until = max(known.until, self._clock() + pause.total_seconds())
        self._wake()

    def back_off(self, asked: timedelta | None = None, interface: str = "") -> timedelta:
        """Pause because *interface* is overloaded or blocks the bot, and return the length of the pause.

        It doubles with each refusal in a row, from a minute to an hour, since asking again sooner would
        prolong the block. The first pause is as long as arXiv *asked* for; from the second refusal on it is
        the longer of the two, because a short wait has then turned out to be too short.
        """
        known = self._pauses[interface]
        known.refusals += 1
        pause = backoff(known.refusals, first=_FIRST_PAUSE, ceiling=_LONGEST_PAUSE)
        if asked and asked > timedelta():
            asked = min(asked, _LONGEST_ASKED)
            pause = asked if known.refusals == 1 else max(asked, pause)
        self.hold(pause, interface)
        return pause

    def recovered(self, interface: str = "") -> None:
        """Forget earlier refusals of *interface*, since it has answered."""
        self._pauses[interface].refusals = 0

    async def rest(self, pause: timedelta) -> None:
        """Wait for *pause*, in which others may have their turns."""
        await self._sleep(pause.total_seconds())

    def _join(self, *, person: bool, interface: str) -> _Ticket:
        if person and len(self._people) >= self._most_waiting:
            wait = self.wait_estimate(person=True).total_seconds()
            raise UserError(
                ngettext(
                    "One person is already waiting for arXiv, which answers one request every few seconds. "
                    "Please try again in about {time}.",
                    "{count} people are already waiting for arXiv, which answers one request every few "
                    "seconds. Please try again in about {time}.",
                    len(self._people),
                ).format(count=format_number(len(self._people)), time=format_duration(wait))
            )
        ticket = _Ticket(person, interface)
        (self._people if person else self._polls).append(ticket)
        self._interrupt()
        return ticket

    def _interrupt(self) -> None:
        """End the request of a poll when its time is over, as long as a person waits."""
        current = self._interruptible
        if current is None or current.scope.expired():
            return
        left = current.started + self._patience - self._clock()
        at = asyncio.get_running_loop().time() + max(left, 0.0) if self._people else None
        current.scope.reschedule(at)

    def _leave(self, ticket: _Ticket) -> None:
        (self._people if ticket.person else self._polls).remove(ticket)
        self._interrupt()
        self._wake()

    def _front(self) -> _Ticket:
        if self._polls and (not self._people or self._people_in_a_row >= _PEOPLE_IN_A_ROW):
            return self._polls[0]
        return self._people[0]

    async def _reach_the_front(self, ticket: _Ticket) -> None:
        while True:
            if (held := self.held_for(ticket.interface)) > _LONGEST_WAIT:
                with in_language(ENGLISH):  # this one is for the log
                    left = format_duration(held.total_seconds())
                raise ArxivBusy(
                    f"arXiv asked for a pause; the next request can be made in {left}.",
                    status=429,
                    retry_after=held,
                )
            if self._busy or self._front() is not ticket:
                await self._changed.wait()
                continue
            pause = max(self._free_at, self._pauses[ticket.interface].until) - self._clock()
            if pause <= 0:
                return
            # A person may arrive and go first meanwhile, so the order is checked again afterwards.
            await self._sleep(pause)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
