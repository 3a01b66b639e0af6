"""Which papers are the best of an announcement day in a channel, and which wait where a cap is short (pure).

A round takes the best of what it brings into the places that are still left, and never revises a choice: the
paper may be posted already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.model.outbox import PaperMark
from bot.model.papers import PaperId

BEST = 5
"""How many papers a day are the best where a channel does not say."""
MOST_BEST = 20
BACKLOG = 25
"""How many posts of a backlog are posted one by one."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Key = tuple[int, PaperId]
"""A destination, by its number, and a paper."""


@dataclass(frozen=True, slots=True)
class ScoredPaper:
    """A *paper* that a round may bring, and how close it is to the channel.

    It is `live` if it would be posted, and `behind` if every query that brings it catches up.
    """

    paper: PaperId
    score: float
    live: bool = True
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """How many papers can still be among the *best* of a day, and how many can be *posted* (None: all).

    After so many posts as *backlog*, those of a backlog are no longer posted.
    """

    best: int = 0
    posted: int | None = None
    backlog: int = BACKLOG


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen before a round is recorded.

    *marks* are the best papers, as long as their channel has places. Papers in *deferred* would be posted if
    the cap, or `BACKLOG`, were higher, but others are closer. The day began at *since*. *scores* say for each
    destination how close each paper is to it.
    """

    marks: Mapping[Key, PaperMark] = field(default_factory=dict)
    deferred: AbstractSet[Key] = frozenset()
    since: datetime = NEVER
    scores: Mapping[int, Mapping[PaperId, float]] = field(default_factory=dict)

    def score(self, destination: int, paper: PaperId) -> float | None:
        """Return how close *paper* is to *destination*; None if it was not compared with others."""
        return self.scores.get(destination, {}).get(paper)


NOTHING_CHOSEN = Choice()


def best_of_day(best: int | None, cap: int | None) -> int:
    """Return how many papers a day are the best in a channel with these settings."""
    places = BEST if best is None else best
    return places if cap is None else min(places, cap)


def places_left(best: int | None, cap: int | None, *, marked: int, posted: int) -> Places:
    """Return what is left of a day after *marked* best papers and *posted* posts."""
    left = max(best_of_day(best, cap) - marked, 0)
    return Places(left, None if cap is None else max(cap - posted, 0), max(BACKLOG - posted, 0))


def choose(destination: int, papers: Iterable[ScoredPaper], places: Places) -> Choice:
    """Return the best of *papers* for one channel, and those that wait under its cap.

    Equally close papers rank by number, the newest first. The marks have no reasons yet.
    """
    ranked = sorted(papers, key=lambda one: (one.score, one.paper), reverse=True)
    marks = {(destination, one.paper): PaperMark() for one in ranked[: places.best]}
    posted, deferred = 0, set()
    for one in ranked:
        if not one.live:
            continue
        if (places.posted is not None and posted >= places.posted) or (
            one.behind and posted >= places.backlog
        ):
            deferred.add((destination, one.paper))
        else:
            posted += 1
    scores = {one.paper: one.score for one in ranked}
    return Choice(marks, frozenset(deferred), scores={destination: scores})


def explained(choice: Choice, reasons: Mapping[PaperId, tuple[str, ...]]) -> Choice:
    """Return *choice* with a star and the *reasons* on each mark."""
    marks = {
        key: replace(mark, star=True, terms=reasons.get(key[1], ())) for key, mark in choice.marks.items()
    }
    return replace(choice, marks=marks)


def together(choices: Iterable[Choice], since: datetime) -> Choice:
    """Return the choices of several channels, of the day that began at *since*, as one."""
    marks: dict[Key, PaperMark] = {}
    deferred: set[Key] = set()
    scores: dict[int, Mapping[PaperId, float]] = {}
    for one in choices:
        marks |= one.marks
        deferred |= one.deferred
        scores |= one.scores
    return Choice(marks, deferred, since, scores)
