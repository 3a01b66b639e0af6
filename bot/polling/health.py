"""Whether arXiv answers: what one round's failures mean, and how long to leave arXiv alone (pure).

A single query that fails is no outage: the others are asked for all the same. Many failures in a row are
arXiv's fault, not the queries', and so are failures in a round without any answer. The round then ends, and
nothing is asked for until a wait is over that grows from outage to outage.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.model.errors import ArxivBusy, ArxivError, ArxivRefused, ArxivUnreachable
from bot.polling.schedule import Wait, retry_wait

_MOST_IN_A_ROW = 8
_WEIGHT_OF_TIMEOUT = 4  # a request without any answer takes a minute, so two in a row are enough


@dataclass(frozen=True, slots=True)
class Outage:
    """Why arXiv did not answer, as a sentence, and how long it asked to be left alone."""

    error: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PollHealth:
    """How asking arXiv goes, over the rounds and within the present one. Each transition returns a new value.

    Over the rounds: `outages` counts the rounds in a row that ended in an outage, `wait` is the time in which
    nothing is asked for, and `failing_since` is when the first of the present failures began (None while
    every query is answered).

    Within a round: `answered` tells whether arXiv has answered anything, `in_a_row` weighs the failures since
    its last answer, `suspicion` is the latest failure that no earlier failure of its queries explains, and
    `outage` is what ended the round.
    """

    outages: int = 0
    wait: Wait | None = None
    failing_since: datetime | None = None
    answered: bool = False
    in_a_row: int = 0
    suspicion: Outage | None = None
    outage: Outage | None = None

    def is_waiting(self, now: datetime) -> bool:
        """Tell whether an outage keeps the poller from asking at *now*."""
        return self.wait is not None and now < self.wait.end(now)

    def round_started(self) -> PollHealth:
        return PollHealth(self.outages, self.wait, self.failing_since)

    def attempt_answered(self) -> PollHealth:
        return replace(self, answered=True, in_a_row=0)

    def attempt_failed(self, error: ArxivError, *, new: bool) -> PollHealth:
        """*new*: the attempt held a query that had not failed before. A refusal is an answer, too."""
        if isinstance(error, ArxivRefused):
            return self.attempt_answered()
        if isinstance(error, ArxivBusy):
            return replace(self, outage=Outage(str(error), error.retry_after))
        failure = Outage(str(error))
        in_a_row = self.in_a_row + (_WEIGHT_OF_TIMEOUT if isinstance(error, ArxivUnreachable) else 1)
        suspicious = new or self.outages > 0 or self.suspicion is not None
        return replace(
            self,
            in_a_row=in_a_row,
            suspicion=failure if suspicious else None,
            outage=failure if in_a_row >= _MOST_IN_A_ROW else None,
        )

    def round_ended(
        self, now: datetime, *, started: datetime, interval: timedelta | None, queries_failing: bool
    ) -> PollHealth:
        """*queries_failing*: at least one query, due or not, has failed and not been answered since."""
        outage = self.outage or (None if self.answered else self.suspicion)
        if outage is None:
            failing_since = (self.failing_since or started) if queries_failing else None
            return PollHealth(failing_since=failing_since)
        outages = self.outages + 1
        wait = retry_wait(outages, interval) if outage.retry_after is None else outage.retry_after
        return PollHealth(outages, Wait(now, now + wait), self.failing_since or started, outage=outage)

    def nothing_due(self, *, queries_failing: bool) -> PollHealth:
        """Forget a failure from before a restart whose query is not asked for any more."""
        return self if queries_failing or self.outages else replace(self, failing_since=None)
