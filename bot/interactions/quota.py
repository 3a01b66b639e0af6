"""How often a person may do something that sends arXiv a request."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from bot.i18n import format_duration, format_number, join_sentences, ngettext
from bot.i18n import gettext as _
from bot.model.errors import UserError
from bot.rules.sliding_window import SlidingWindow

_PEOPLE_BEFORE_SWEEP = 1_000


class Quota:
    """At most *limit* uses per person in any *window*; kept in memory, so a restart resets it."""

    def __init__(self, limit: int, *, window: timedelta = timedelta(minutes=1)) -> None:
        self._limit = limit
        self._window = window
        self._uses: dict[int, SlidingWindow] = {}

    def take(self, person: int, now: datetime) -> None:
        """Count one use by *person*.

        Raises:
            UserError: the quota is used up; the error says when to try again.
        """
        self._sweep(now)
        uses = self._uses.setdefault(person, SlidingWindow(self._window))
        if wait := uses.wait(now, self._limit):
            raise UserError(self._sentence(math.ceil(wait.total_seconds())))
        uses.add(now)

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
