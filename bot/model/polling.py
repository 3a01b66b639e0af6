"""How polling goes, in one word."""

from __future__ import annotations

import enum


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
