"""How polling goes, in one word, and by which roads to arXiv."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime


class PollState(enum.StrEnum):
    """The state of polling; the values are labels of a metric."""

    FRESH = "fresh"
    """The latest announcement has been read, and compared with what arXiv's feeds list."""
    WAITING = "waiting"
    """arXiv has announced papers, and its search index is still filling."""
    QUIET = "quiet"
    """arXiv announces nothing today."""
    INCOMPLETE = "incomplete"
    """Every query has been answered, but not everything that was announced is known to have been read."""
    STALLED = "stalled"
    """Not every query has been answered since the latest announcement."""
    FAILED = "failed"
    """The last round ended in an outage."""


@dataclass(frozen=True, slots=True)
class CheckedDay:
    """How what was read compares with what arXiv's feeds list as new under `day` (Eastern time).

    `read` of the `listed` papers have been read. `complete` tells that all feeds of the day were seen; else
    there may be more. A day on which arXiv announced nothing has none listed.
    """

    day: date
    listed: int
    read: int
    complete: bool

    @property
    def proven(self) -> bool:
        """Whether everything has been read that was announced."""
        return self.complete and self.read >= self.listed


class Road(enum.StrEnum):
    """A way to get papers from arXiv; the values are labels of a metric."""

    API = "api"
    """The query API: searches, and papers by their identifiers."""
    OAI = "oai"
    """OAI-PMH: everything that changed."""
    FEEDS = "feeds"
    """The feeds of what was announced on a day."""


@dataclass(frozen=True, slots=True)
class RoadStatus:
    """Whether *road* is open, and when it last served a poll.

    It is closed while `closed_since` is set: it failed for the reason `error`, and is asked again later.
    `requests` have been made to it since the process started, of which `refusals` were answered with 429.
    """

    road: Road
    served: datetime | None = None
    closed_since: datetime | None = None
    error: str = ""
    requests: int = 0
    refusals: int = 0
