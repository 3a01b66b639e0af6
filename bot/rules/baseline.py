"""From which paper on a subscription gets papers, and when that moves (pure).

A baseline is the identifier `since`, above which papers are new, and the moment `margin_until`, until when a
number just below `since` may still be a late announcement (see `bot.rules.newness`). As long as nobody knows
which of those numbers were old already, `margin_until` is None; the next complete poll finds out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.papers import PaperId
from bot.rules.newness import margin_floor

MARGIN_LASTS = timedelta(days=90)
"""How long after the baseline a low number may still be a late announcement (74 days is the longest seen)."""
ACCIDENT = timedelta(days=1)
"""A server that invites the bot again within this time misses nothing."""
FIRST_IDENTIFIER = PaperId("0704.0000")
"""Sorts before every new-style identifier: the baseline where no paper at all is known."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Papers above `since` are new (None: not known yet); `margin_until` is None until a poll opens it."""

    since: PaperId | None
    margin_until: datetime | None = None


def margin_is_open(margin_until: datetime | None, now: datetime) -> bool:
    """Tell whether a number just below `since` may be new at *now*."""
    return margin_until is not None and now < margin_until


def began(margin_until: datetime | None) -> datetime | None:
    """Return the time of a baseline; None until a poll has completed it."""
    return margin_until - MARGIN_LASTS if margin_until else None


def at_subscription(
    known: Collection[PaperId],
    *,
    highest: PaperId | None,
    highest_by_month: Mapping[int, int],
    complete: bool,
    now: datetime,
) -> Baseline:
    """Return the baseline of a subscription for whose query arXiv just returned the papers *known*.

    *complete* says that arXiv has no others. *highest* is the highest identifier stored, *known* included.
    If arXiv could not be asked, the baseline is `Baseline(highest)`, and the first poll completes it.
    """
    since = highest or FIRST_IDENTIFIER  # arXiv has nothing on this query: whatever comes is new
    floor = margin_floor(since, highest_by_month)
    covered = complete or any(paper.serial <= floor for paper in known)
    return Baseline(since, now + MARGIN_LASTS if covered else None)


def after_poll(before: Baseline, highest: PaperId | None, now: datetime) -> Baseline:
    """Return the baseline after a complete poll of the query; only a baseline without a margin changes."""
    if before.margin_until is not None:
        return before
    return Baseline(before.since or highest or FIRST_IDENTIFIER, now + MARGIN_LASTS)


def after_pause(before: Baseline, highest: PaperId | None) -> Baseline:
    """Return the baseline of a subscription that is resumed: nothing that came meanwhile is posted."""
    return Baseline(highest or before.since)


def after_removal(
    before: Baseline, highest: PaperId | None, *, removed_at: datetime | None, now: datetime
) -> Baseline:
    """Return the baseline of a subscription whose server invited the bot again at *now*.

    After an accident of less than a day everything that came meanwhile is posted. Later the subscription
    starts afresh, so that nobody who invites the bot again is flooded with old papers.
    """
    if removed_at is None or now - removed_at < ACCIDENT:
        return before
    if highest is None or before.since is None or before.since.serial >= highest.serial:
        return before
    return after_pause(before, highest)
