"""How often a person may have arXiv asked, and how many of their requests may wait for it at once.

The quota is taken where a request really leaves, so an answer from memory costs nothing. It is looked at
before, so that nobody waits in vain.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.i18n import format_duration, format_number, join_sentences, ngettext
from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.rules.sliding_window import SlidingWindow

_PEOPLE_BEFORE_SWEEP = 1_000
_MOST_WAITING = 2  # requests of one person


class Quota:
    """At most *limit* requests per person in any *window*; kept in memory, so a restart resets it."""

    def __init__(self, limit: int, *, window: timedelta = timedelta(minutes=1)) -> None:
        self._limit = limit
        self._window = window
        self._uses: dict[int, SlidingWindow] = {}
        self._waiting: Counter[int] = Counter()
        self._unsent: Counter[int] = Counter()

    def take(self, person: int, now: datetime) -> None:
        """Count one request of *person*.

        Raises:
            UserError: the quota is used up; the error says when to try again.
        """
        self._sweep(now)
        uses = self._uses.setdefault(person, SlidingWindow(self._window))
        if wait := uses.wait(now, self._limit):
            raise UserError(self._sentence(math.ceil(wait.total_seconds())))
        uses.add(now)

    def require(self, person: int, now: datetime) -> None:
        """Check that *person* may have arXiv asked at *now*; count nothing.

        Raises:
            UserError: two of their requests are waiting already, or the quota is used up.
        """
        room = self._limit - self._unsent[person]
        if self._waiting[person] >= _MOST_WAITING or room <= 0:
            raise UserError(_("I am still asking arXiv for you. Please wait for that answer first."))
        uses = self._uses.get(person)
        if uses is not None and (wait := uses.wait(now, room)):
            raise UserError(self._sentence(math.ceil(wait.total_seconds())))

    @contextmanager
    def waiting(self, person: int, clock: Callable[[], datetime]) -> Iterator[Callable[[], None]]:
        """Let *person* wait for arXiv in the body of the `with`.

        Yield what is to be called whenever a request leaves for arXiv: the first counts. That arXiv has to be
        asked again is not the person's doing.

        Raises:
            UserError: as `require`.
        """
        self.require(person, clock())
        unsent = True

        def left() -> None:
            nonlocal unsent
            if unsent:
                unsent = False
                self._release(self._unsent, person)
                self.take(person, clock())

        self._waiting[person] += 1
        self._unsent[person] += 1
        try:
            yield left
        finally:
            self._release(self._waiting, person)
            if unsent:
                self._release(self._unsent, person)

    @staticmethod
    def _release(held: Counter[int], person: int) -> None:
        held[person] -= 1
        if not held[person]:
            del held[person]

    def _sentence(self, seconds: int) -> str:
        """Return the error for a person who has to wait *seconds*."""
        used = ngettext(
            "You have searched once in the last {time}, which is the limit per person.",
            "You have searched {count} times in the last {time}, which is the limit per person.",
            self._limit,
        ).format(count=format_number(self._limit), time=format_duration(self._window.total_seconds()))
        again = _("Please try again in {time}.").format(time=format_duration(seconds))
        return join_sentences(used, again)

    def _sweep(self, now: datetime) -> None:
        """Forget people without recent uses, so that memory grows with activity, not with history."""
        if len(self._uses) < _PEOPLE_BEFORE_SWEEP:
            return
        self._uses = {who: uses for who, uses in self._uses.items() if uses.count(now)}


@dataclass(frozen=True, slots=True)
class Asker:
    """A person for whom arXiv is asked."""

    quota: Quota
    person: int
    clock: Callable[[], datetime]

    def require(self) -> None:
        """See `Quota.require`."""
        self.quota.require(self.person, self.clock())

    def waiting(self) -> AbstractContextManager[Callable[[], None]]:
        """See `Quota.waiting`."""
        return self.quota.waiting(self.person, self.clock)
