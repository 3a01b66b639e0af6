"""How many papers of one answer of arXiv a channel gets at once: the same for a poll and for a command."""

from __future__ import annotations

from datetime import datetime

from bot.arxiv.calendar import last_complete, last_deadline
from bot.config import Settings
from bot.rules.pace import Pace

_BACKLOG = 3  # the papers of so many announcements in one poll are the backlog of an outage


def pace_at(now: datetime, settings: Settings) -> Pace:
    """Return a new `Pace` for an answer of arXiv at *now*; all answers of one poll share it."""
    return Pace(
        cap=settings.delivery.daily_cap,
        at_once=settings.poll.max_posts,
        surge_factor=settings.poll.surge_factor,
        behind=last_complete(now, _BACKLOG),
        deadline=last_deadline,
    )
