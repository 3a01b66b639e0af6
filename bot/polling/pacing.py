"""How much a channel gets of what arXiv is asked for, be it by a poll or by a command."""

from __future__ import annotations

from datetime import datetime

from bot.arxiv.calendar import last_batch
from bot.config import Settings
from bot.rules.pace import Pace

_BEHIND = 3  # so many announcements at once are the backlog of an outage


def pace_at(now: datetime, settings: Settings) -> Pace:
    """Return what holds for an answer of arXiv at *now*; the answers of one poll share it."""
    return Pace(
        cap=settings.delivery.daily_cap,
        at_once=settings.poll.max_posts,
        behind=last_batch(now, _BEHIND),
    )
