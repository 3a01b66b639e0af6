"""How polling goes, in one word, and by which roads to arXiv."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class PollState(enum.StrEnum):
    """The state of polling; the values are labels of a metric."""

    FRESH = "fresh"
    """The latest announcement has been read."""
    WAITING = "waiting"
    """arXiv has announced papers, and its search index is still filling."""
    QUIET = "quiet"
    """arXiv announces nothing today."""
    STALLED = "stalled"
    """Not every query has been answered since the latest announcement."""
    FAILED = "failed"
    """The last round ended in an outage."""


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
