"""How many papers a day to expect of a query, judged by a first look at what arXiv has (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from bot.model.papers import Paper

A_LOT = 10
"""How many papers a day one channel can well take one by one."""

_YEAR = timedelta(days=365)
_FOUR_WEEKS = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class NotAsked:
    """arXiv was not asked, or did not answer.

    `why` is a sentence for the person where the reason is theirs or other people's: they asked too often, or
    too many are waiting. It is "" where arXiv is the reason.
    """

    why: str = ""


@dataclass(frozen=True, slots=True)
class Partial:
    """The newest papers of a query, of *total*; there may be more.

    An empty answer is partial too: arXiv has been seen to give one for queries that have papers.
    """

    papers: tuple[Paper, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Complete:
    """All papers of a query, newest first; at least one."""

    papers: tuple[Paper, ...]

    @property
    def total(self) -> int:
        return len(self.papers)


FirstLook: TypeAlias = NotAsked | Partial | Complete


def first_look_of(papers: Sequence[Paper], total: int) -> Partial | Complete:
    """Return what arXiv's answer to a query amounts to: its newest *papers*, of *total*."""
    if 0 < total <= len(papers):
        return Complete(tuple(papers))
    return Partial(tuple(papers), total)


def daily(per_day: float) -> int:
    """Return a pace as the whole number of papers a day that people are told and limits are compared with."""
    return round(per_day)


def is_a_lot(per_day: float) -> bool:
    """Tell whether a pace is more than people want one by one, as they are told it."""
    return daily(per_day) > A_LOT


def papers_per_day(look: Partial | Complete, now: datetime) -> float:
    """Return how many papers a day to expect, judged by when the newest ones were submitted.

    The last four weeks decide, or the last year for a query with fewer than one paper a week. If the papers
    of a partial look do not reach back that far, the time between the oldest and the newest decides.
    """
    complete = isinstance(look, Complete)
    for span, enough in ((_FOUR_WEEKS, 4), (_YEAR, 0)):
        recent = [paper for paper in look.papers if now - paper.published <= span]
        if len(recent) >= enough and (complete or len(recent) < len(look.papers)):
            return len(recent) / span.days
    if len(look.papers) < 2:
        return 0.0
    submitted = [paper.published for paper in look.papers]
    spanned = max(max(submitted) - min(submitted), timedelta(hours=1))
    return (len(look.papers) - 1) / (spanned / timedelta(days=1))
